"""Small words for headlines: shares that do not exaggerate, lists, and how many of what."""

import math

__all__ = ["counted", "listed", "percent"]


def percent(share, digits=1):
    """Return a share (0 to 1) as text, cut, not rounded: "99.9 %" for 0.9999.

    "100 %" is said of all only, "0 %" of none only; what is above none but would be cut to zero
    is "under 0.1 %". Shares within 1e-12 of 0 or 1 are taken for these.
    """
    share, unit = float(share), 10**digits
    if math.isnan(share):
        return "not known"
    if abs(share) <= 1e-12:
        return "0 %"
    if abs(share - 1) <= 1e-12:
        return "100 %"
    cut = math.floor(100 * unit * share + 1e-9) / unit
    if 0 < share < 1:  # the tolerance of the cut must not say all
        cut = min(cut, 100 - 1 / unit)
    return f"{cut:.{digits}f} %" if cut > 0 or share < 0 else f"under {1 / unit:g} %"


def listed(things, last="and"):
    """Return things as one text: "a", "a and b", "a, b and c"; nothing is ""."""
    *first, end = list(map(str, things)) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def counted(number, one, many=None):
    """Return how many of what: "1 satellite", "3 satellites", "0 countries" (many="countries")."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
