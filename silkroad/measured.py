"""A measured day: what a station in Denmark heard of BeiDou, GPS and Galileo on 25 June 2020.

And ten minutes of a telephone near Paris. The tables receiver_day and receiver_ephemerides as the
room `receivers` takes them, the antenna's place, and what is left of each range when all
corrections are made or one is left out. Times are GPS time, lengths metres, places Earth-fixed in
ITRF2014 unless the header's own is asked for.
"""

from functools import cache

import numpy as np
import pandas as pd

from helpers import data
from helpers.inputs import one_of
from silkroad import orbits, positioning, receivers
from silkroad.receivers.signals import SIGNALS

MIDNIGHT = pd.Timestamp("2020-06-25")
LETTERS = {"C": "BDS", "G": "GPS", "E": "GAL"}
PAIRS = {"BDS": ("B1I", "B3I"), "GPS": ("L1 C/A", "L2 P(Y)"), "GAL": ("E1", "E5b")}
# What can be left out of a range. "free" leaves out the ionosphere's model and takes two
# frequencies instead.
WITHOUT = (
    *("", "clock", "relativity", "group_delay", "earth_turn", "ionosphere", "troposphere"),
    "free",
)
MASK_DEG = 10


def antenna_m(frame=""):
    """Return where the antenna stands, (3,) in m; with frame="header_" where its file says."""
    receiver = data.package()["receiver_day"]["receiver"]
    return np.array([receiver[f"{frame}{axis}_m"] for axis in "xyz"])


def frame_shift_m():
    """Return how far the antenna lies east, north and up of the header's place, (3,) in m.

    The header is in ETRS89, which moves with the European plate and agreed with the worldwide
    frame at the beginning of 1989; the height is told for the marker below the antenna.
    """
    here, there = antenna_m() / 1000, antenna_m("header_") / 1000
    lat, lon, _ = orbits.geodetic(there)
    return positioning.axes(lat, lon) @ (here - there) * 1000


def day_klobuchar():
    """Return the ionosphere's parameters of that day, as `receivers.klobuchar`."""
    return data.package()["receiver_day"]["klobuchar"]


def day_observations():
    """Return the table receiver_day as `receivers.observations` does; code is empty."""
    day = data.load("receiver_day")
    system = day["satellite"].str[0].map(LETTERS)
    time = MIDNIGHT + pd.to_timedelta(day["second_gps"], unit="s")
    plain = pd.DataFrame({"time": time, "system": system, "satellite": day["satellite"]})
    both = []
    for i in (0, 1):
        signal = system.map({name: pair[i] for name, pair in PAIRS.items()})
        snr = day["snr_dbhz"] if i == 0 else np.nan
        ranges = day[f"pseudorange_{i + 1}_m"]
        both.append(plain.assign(signal=signal, code="", pseudorange_m=ranges, snr_dbhz=snr))
    every = pd.concat(both).dropna(subset="pseudorange_m")
    return every.sort_values(["time", "satellite", "signal"], ignore_index=True)


def day_messages():
    """Return the table receiver_ephemerides as `receivers.ephemerides` does."""
    table = data.load("receiver_ephemerides")
    seconds = {name: table[f"{name}_second_gps"] for name in ("toc", "toe", "sent")}
    times = {name: MIDNIGHT + pd.to_timedelta(each, unit="s") for name, each in seconds.items()}
    return table.assign(**times)


@cache
def ranges():
    """Return a row for each range of the first signals: `receivers.residuals` at the antenna.

    With free_m besides: what is left of both frequencies combined, without the ionosphere's model;
    NaN where the second was not heard.
    """
    settings = {"mask_deg": MASK_DEG, "ionosphere": day_klobuchar(), "at": antenna_m()}
    told, keys, tables, mhz = day_messages(), ["time", "satellite"], [], []
    for i in (0, 1):
        signals = {name: pair[i] for name, pair in PAIRS.items()}
        found = receivers.residuals(day_observations(), told, signals=signals, **settings)
        tables.append(found.set_index(keys))
        mhz.append({name: SIGNALS[signal].frequency_mhz for name, signal in signals.items()})
    first, second = (table["residual_m"] - table["ionosphere_m"] for table in tables)
    system = tables[1]["system"].astype(str)  # where both were heard
    both = first.reindex(second.index), second
    free = positioning.ionosphere_free(*both, *(system.map(each) for each in mhz))
    return tables[0].assign(free_m=pd.Series(free, second.index)).reset_index()


def used(systems, mask_deg=MASK_DEG, without=""):
    """Return the ranges of systems as `positioning.measured_errors` takes them.

    systems among BDS, GPS, GAL; without is one of WITHOUT. Added are error_m and, in place of the
    weight of a range that is below the mask or not whole, an infinite sigma_m.
    """
    one_of(without, WITHOUT, "correction")
    for system in systems:
        one_of(system, PAIRS, "system")
    table = ranges()
    table = table[table["system"].isin(systems)]
    if without == "free":
        errors = table["free_m"]
    else:
        errors = table["residual_m"] - (table[f"{without}_m"] if without else 0)
    whole = (table["elevation_deg"] >= mask_deg) & errors.notna()
    return table.assign(error_m=errors.fillna(0), sigma_m=table["sigma_m"].where(whole, np.inf))


@cache
def errors(systems, mask_deg=MASK_DEG, without=""):
    """Return the errors east, north, up in m (288, 3) of the day's fixes, one every five minutes.

    systems is a tuple, otherwise as `used`. NaN where there is no fix: too few satellites, or
    farther from the Earth's surface than `positioning.SURFACE_KM`.
    """
    lat, lon, _ = orbits.geodetic(antenna_m() / 1000)
    found = positioning.measured_errors(used(systems, mask_deg, without), lat, lon)
    near = np.abs(found[:, 2]) <= 1000 * positioning.SURFACE_KM
    found = np.where(near[:, None], found, np.nan)
    found.setflags(write=False)
    return found


def day_places(errors_enu_m):
    """Return lat and lon in degrees of errors east, north, up in m (n, 3) about the antenna."""
    home = antenna_m() / 1000
    lat, lon, _ = orbits.geodetic(home)
    lats, lons, _ = orbits.geodetic(home + errors_enu_m @ positioning.axes(lat, lon) / 1000)
    return lats, lons


def left(systems, without=""):
    """Return the used ranges of systems with left_m: their errors less the receiver's clock."""
    table = used(systems, without=without)
    table = table[np.isfinite(table["sigma_m"])]
    return table.assign(left_m=positioning.less_clock(table))


def range_error(systems):
    """Return what the range error of the day was and what DOP makes of it: a dict, in metres.

    error, the root mean square of what is left; assumed, the same of `positioning.sigma`; shared,
    what the ranges of a moment had in common at the zenith; for horizontal and vertical: (factor
    of 95 % × DOP × error, what came). DOP is the root mean square of the day's.
    """
    lat, lon, _ = orbits.geodetic(antenna_m() / 1000)
    rows, every = left(systems), used(systems)
    error = _rms(rows["left_m"])
    dops = np.sqrt((positioning.measured_dops(every, lat, lon) ** 2).mean())
    out = {
        "ranges": len(rows),
        "error": error,
        "assumed": _rms(positioning.sigma(rows["elevation_deg"])),
        "shared": _rms(positioning.shared_delay_m(every)),
    }
    for (kind, came), dop in zip(positioning.SIZES_95.items(), dops, strict=True):
        out[kind] = positioning.FACTOR_95[kind] * dop * error, came(errors(systems))
    return out


@cache
def budget(systems):
    """Return (budget for `positioning.sigma`, zenith delay in m) as measured that day.

    The budget holds what was left of the ranges, by `positioning.measured_budget`; the delay is
    what they shared, which `positioning.simulate` takes apart.
    """
    rows = left(systems)
    fitted = positioning.measured_budget(rows["elevation_deg"], rows["left_m"])
    return fitted, _rms(positioning.shared_delay_m(used(systems)))


def telephone():
    """Return the table receiver_phone as `receivers.observations` does, without pseudoranges.

    What a telephone near Paris heard on 1 April 2024, with GLONASS (GLO) besides; the signal is
    the name where the room `receivers` has one.
    """
    table = data.load("receiver_phone")
    names = {("BDS", "2I"): "B1I", ("GPS", "1C"): "L1 C/A", ("GPS", "5Q"): "L5"}
    names |= {("GAL", "1C"): "E1", ("GAL", "1B"): "E1", ("GAL", "5Q"): "E5a", ("GLO", "1C"): "G1"}
    pairs = zip(table["system"], table["code"], strict=True)
    begin = pd.Timestamp("2024-04-01T08:31")
    return table.assign(
        time=begin + pd.to_timedelta(table["second_gps"], unit="s"),
        signal=[names[pair] for pair in pairs],
    )


def _rms(values):
    return float(np.sqrt(np.mean(np.asarray(values, float) ** 2)))
