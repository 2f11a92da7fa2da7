"""What every model checks first: times and coordinates, refused with one clear sentence."""

import numpy as np
import pandas as pd

from helpers.inputs import InputError

_ZONE_REMEDY = "write UTC, as '2026-06-14T12:00Z', or attach it, as datetime(..., tzinfo=UTC)"


class AgeWarning(UserWarning):
    """Orbital elements are used far from the instant at which they hold."""


def utc(times):
    """Return `times` as numpy datetime64[ns] in UTC: an array, or 0-d for a single time.

    Taken: datetimes and pandas times that carry UTC, ISO strings that end in Z or +00:00, and
    numpy datetime64, which knows no zone and means UTC in this project. InputError: a time
    without a zone, in another zone, missing, unreadable, or outside the years 1900 to 2200.
    """
    values = times.values if hasattr(times, "dims") else times  # an xarray coordinate
    if isinstance(values, pd.Series | pd.Index):
        in_utc = isinstance(values.dtype, pd.DatetimeTZDtype) and str(values.dtype.tz) == "UTC"
        values = pd.DatetimeIndex(values).tz_convert(None).to_numpy() if in_utc else list(values)
    if isinstance(values, np.datetime64 | np.ndarray) and values.dtype.kind == "M":
        stamps = np.asarray(values)
    elif isinstance(values, list | tuple | np.ndarray):
        stamps = np.array([_stamp(value) for value in values], dtype="datetime64[us]")
    else:
        stamps = np.asarray(_stamp(values))
    if np.isnat(stamps).any():
        raise InputError("A time is missing (NaT): drop it or fill it in.")
    years = stamps.astype("datetime64[Y]").astype(int) + 1970
    if ((years < 1900) | (years > 2200)).any():
        raise InputError(f"The year {years.flat[0]} is outside 1900 to 2200: correct the time.")
    return stamps.astype("datetime64[ns]")


def _stamp(value):
    """Return one time as datetime64 in UTC, or refuse it."""
    if isinstance(value, np.datetime64):
        return value
    try:
        stamp = pd.Timestamp(value)
    except (ValueError, TypeError):
        raise InputError(f"The time {value!r} cannot be read: {_ZONE_REMEDY}.") from None
    if stamp is pd.NaT:
        return np.datetime64("NaT")
    if isinstance(value, int | float):
        raise InputError(f"The time {value!r} is a bare number: {_ZONE_REMEDY}.")
    if stamp.tzinfo is None:
        raise InputError(f"The time {value} has no time zone: {_ZONE_REMEDY}.")
    if stamp.utcoffset().total_seconds():
        raise InputError(
            f"The time {value} is local ({stamp.tzinfo}), not UTC: convert it, "
            "as with pandas.Timestamp(...).tz_convert('UTC')."
        )
    return stamp.tz_convert(None).to_datetime64()


def latitude(degrees):
    """Return latitudes as float array; InputError: NaN, or outside -90 to 90 (north positive)."""
    return _within(degrees, 90, "latitude")


def longitude(degrees):
    """Return longitudes as float array wrapped into [-180, 180), east positive.

    InputError: NaN, or outside -360 to 360.
    """
    values = _within(degrees, 360, "longitude")
    turned = (values + 180) % 360 - 180  # rounds a value just under -180 to 180
    turned = np.where(turned >= 180, -180.0, turned)
    return np.where((values >= -180) & (values < 180), values, turned)


def positive(value, name):
    """Return `value` as float; InputError if it is not a finite number above zero."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not (np.isfinite(number) and number > 0):
        raise InputError(f"{name} is {value!r}: give a number above zero.")
    return number


def _within(degrees, limit, name):
    try:
        values = np.asarray(degrees, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"The {name} {degrees!r} is not a number: give degrees.") from None
    bad = ~(np.abs(values) <= limit)
    if bad.any():
        value = values[bad].flat[0]
        why = (
            "is missing" if np.isnan(value) else f"{value:g} is not in -{limit} to {limit} degrees"
        )
        raise InputError(f"A {name} {why}: correct or drop that place.")
    return values
