"""What every model checks first: numbers, times, places and positions, refused in one sentence.

One checker for each kind of mistake, so that each is refused alike wherever it is made: text or
nothing for a number, a list where one is meant, lists that do not pair, a day that might be a
month, a key that comes twice, steps that are missing, kilometres that are metres, dimensions in
another order. And the one product of matrices that the rooms share.
"""

import re

import numpy as np
import pandas as pd

from helpers.inputs import InputError

LARGEST = 1e30  # no quantity of ours comes near it, and powers of it still fit a number
LOWEST_KM, FARTHEST_KM = 6350, 1e6  # from the middle of the Earth: below its ground, past the Moon
MANY = 1000  # numbers: from here on it is quicker to look at the least and the most of them first

# Of multiplications in one product. From here on OpenBLAS has threads of its own, which on a busy
# machine, as where a class shares one, wait for each other many times as long as they compute.
SMALL_PRODUCT = 262_144

# The C library of Linux gives memory back to the system as soon as more of it is free than twice
# the largest array that was ever freed, and to get it again costs as much as what is computed in
# it: a day of PDOP took 2.5 times as long. Here 4 MB are freed, so that 8 MB stay at hand.
np.empty(4_000_000, np.uint8)

_ZONE_REMEDY = "write UTC, as '2026-06-14T12:00Z', or attach it, as datetime(..., tzinfo=UTC)"
_YEAR_FIRST = re.compile(r"\s*(\d{4}([-/])\d{1,2}\2\d{1,2}|\d{8})(?!\d)")


class AgeWarning(UserWarning):
    """Orbital elements are used far from the instant at which they hold."""


# Times


def utc(times):
    """Return `times` as numpy datetime64[ns] in UTC: an array, or 0-d for a single time.

    Taken: datetimes and pandas times that carry UTC, ISO strings that end in Z or +00:00, and
    numpy datetime64, which knows no zone and means UTC in this project. InputError: a time
    without a zone, in another zone, missing, unreadable, without the year first (06/07 is a day
    in June to some and in July to others), or outside the years 1900 to 2200.
    """
    values = times.values if hasattr(times, "dims") else times  # an xarray coordinate
    if isinstance(values, pd.Series | pd.Index):
        in_utc = isinstance(values.dtype, pd.DatetimeTZDtype) and str(values.dtype.tz) == "UTC"
        values = pd.DatetimeIndex(values).tz_convert(None).to_numpy() if in_utc else list(values)
    if isinstance(values, np.datetime64 | np.ndarray) and values.dtype.kind == "M":
        stamps = np.asarray(values)
    elif isinstance(values, list | tuple) or (isinstance(values, np.ndarray) and values.ndim):
        stamps = np.array([_stamp(value) for value in values], dtype="datetime64[us]")
    else:
        stamps = np.asarray(_stamp(values))
    if np.isnat(stamps).any():
        raise InputError("A time is missing (NaT): drop it or fill it in.")
    years = stamps.astype("datetime64[Y]").astype(int) + 1970
    wrong = (years < 1900) | (years > 2200)
    if wrong.any():
        raise InputError(f"The year {years[wrong].flat[0]} is outside 1900 to 2200: correct it.")
    return stamps.astype("datetime64[ns]")


def instant(time, name="time"):
    """Return one time as a numpy datetime64[ns] in UTC; a list of one counts as one.

    InputError: as for `utc`, or several times.
    """
    stamps = utc(time)
    if stamps.size != 1:
        raise InputError(f"The {name} is {stamps.size} times: give a single one.")
    return stamps.reshape(())[()]


def even_steps(times, what="track"):
    """Refuse times, array (n,), that do not rise by even steps; a thousandth of one is forgiven.

    What is counted or joined from step to step is wrong where some are missing or come twice.
    """
    steps = np.diff(np.asarray(times))
    steps = steps.astype("m8[ns]").astype(float) / 1e9 if steps.dtype.kind == "m" else steps
    if not (steps > 0).all():
        raise InputError(
            f"The times of the {what} do not rise, or one comes twice: sort it, as with "
            "sortby('time').drop_duplicates('time')."
        )
    if steps.size and np.ptp(steps) > 2e-3 * np.min(steps):
        raise InputError(
            f"The steps of the {what} are uneven, {steps.min():g} to {steps.max():g}: some are "
            "missing, so compute it anew at even steps."
        )


def _stamp(value):
    """Return one time as datetime64 in UTC, or refuse it."""
    if isinstance(value, np.datetime64):
        return value
    if isinstance(value, str) and re.search(r"\d", value) and not _YEAR_FIRST.match(value):
        raise InputError(f"The time {value!r} has no year, month, day at first: {_ZONE_REMEDY}.")
    try:
        stamp = pd.Timestamp(value)
    except (ValueError, TypeError, OverflowError):
        raise InputError(f"The time {shown(value)} cannot be read: {_ZONE_REMEDY}.") from None
    if stamp is pd.NaT:
        return np.datetime64("NaT")
    if isinstance(value, int | float | np.number):
        raise InputError(f"The time {value!r} is a bare number: {_ZONE_REMEDY}.")
    if stamp.tzinfo is None:
        raise InputError(f"The time {value} has no time zone: {_ZONE_REMEDY}.")
    if stamp.utcoffset().total_seconds():
        raise InputError(
            f"The time {value} is local ({stamp.tzinfo}), not UTC: convert it, "
            "as with pandas.Timestamp(...).tz_convert('UTC')."
        )
    return stamp.tz_convert(None).to_datetime64()


# Numbers


def numbers(values, name, low=None, high=None, *, above=None, below=None, missing=False):
    """Return `values` as float array; InputError: one that is no number or not within the bounds.

    `low` and `high` are allowed themselves, `above` and `below` are not. Nothing missing, nothing
    infinite, nothing beyond LARGEST is a number here; `missing` lets NaN through.
    """
    found = _floats(values)
    if found is None:
        raise InputError(f"{name} is {shown(values)}: give {_bounds(low, high, above, below)}.")
    bounds = low, high, above, below
    if found.size > MANY and np.all(_within_bounds(np.array([found.min(), found.max()]), *bounds)):
        return found  # so it is, nearly always
    good = _within_bounds(found, *bounds)
    if missing and not np.all(good):
        good = good | np.isnan(found)
    if not np.all(good):
        bad = shown(values) if np.ndim(values) == 0 else f"{found[~good].flat[0]:g}"
        raise InputError(f"{name} is {bad}: give {_bounds(low, high, above, below)}.")
    return found


def number(value, name, low=None, high=None, *, above=None, below=None):
    """Return one value as float, a list of one counts as one; bounds and refusals of `numbers`."""
    found = numbers(value, name, low, high, above=above, below=below)
    if found.size != 1:
        raise InputError(f"{name} is a list of {found.size}: give a single number.")
    return float(found.reshape(()))


def whole(value, name, low=None, high=None):
    """Return one value as int; InputError as for `number`, or a fraction."""
    found = number(value, name, low, high)
    if found != round(found):
        raise InputError(f"{name} is {found:g}: give a whole number.")
    return round(found)


def positive(value, name):
    """Return `value` as float; InputError if it is not a finite number above zero."""
    return number(value, name, above=0)


def flags(values, name):
    """Return True and False, or 1 and 0, as bool array; InputError: anything else, or missing."""
    found = _floats(values)
    if found is None or not np.isin(found, (0, 1)).all():
        raise InputError(f"{name} is {shown(values)}: give True and False.")
    return found.astype(bool)


def paired(**values):
    """Return arrays broadcast against each other, in the order given; InputError: they do not fit.

    The names of the arguments are those in the sentence: paired(lat=lat, lon=lon).
    """
    try:
        return np.broadcast_arrays(*values.values())
    except ValueError:
        *first, last = values
        sizes = ", ".join(str(np.size(value)) for value in values.values())
        raise InputError(
            f"{', '.join(first)} and {last} do not pair ({sizes} values): give equally many."
        ) from None


def shown(value):
    """Return a value as it stands in a sentence: on one line, cut where it is long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _floats(values):
    """Return anything as float array, NaN where it is missing, or None if it holds no numbers."""
    try:
        if isinstance(values, pd.Series | pd.Index):
            values = values.to_numpy(na_value=np.nan) if values.hasnans else values.to_numpy()
        array = np.asarray(values)
        return None if array.dtype.kind in "mMc" else array.astype(float, copy=False)
    except (TypeError, ValueError, OverflowError):
        return None


def _within_bounds(found, low, high, above, below):
    """Return which numbers are allowed; NaN is not."""
    good = np.abs(found) <= LARGEST
    for bound, within in (
        (low, np.greater_equal),
        (high, np.less_equal),
        (above, np.greater),
        (below, np.less),
    ):
        if bound is not None:
            good = good & within(found, bound)
    return good


def _bounds(low, high, above, below):
    """Return in words what is allowed."""
    if above is not None and below is None and high is None:
        return "a number above zero" if above == 0 else f"a number above {above:g}"
    least = f"above {above:g}" if above is not None else None if low is None else f"{low:g}"
    most = f"below {below:g}" if below is not None else None if high is None else f"{high:g}"
    if least and most:
        return f"{least} to {most}"
    return (
        f"{least} or more"
        if least
        else f"{most} or less"
        if most
        else f"a number up to {LARGEST:g}"
    )


# Places


def latitude(degrees):
    """Return latitudes as float array; InputError: NaN, or outside -90 to 90 (north positive)."""
    return _within(degrees, 90, "latitude", "; latitude comes before longitude")


def longitude(degrees):
    """Return longitudes as float array wrapped into [-180, 180), east positive.

    InputError: NaN, or outside -360 to 360.
    """
    values = _within(degrees, 360, "longitude")
    turned = (values + 180) % 360 - 180  # rounds a value just under -180 to 180
    turned = np.where(turned >= 180, -180.0, turned)
    return np.where((values >= -180) & (values < 180), values, turned)


def _within(degrees, limit, name, hint=""):
    values = _floats(degrees)
    if values is None:
        raise InputError(f"The {name} {shown(degrees)} is not a number: give degrees.")
    bad = ~(np.abs(values) <= limit)
    if bad.any():
        value = values[bad].flat[0]
        if np.isnan(value):
            raise InputError(f"A {name} is missing: correct or drop that place.")
        raise InputError(
            f"A {name} {value:g} is not in -{limit} to {limit} degrees: "
            f"correct or drop that place{hint}."
        )
    return values


def fixed_km(xyz_km, whose="A position"):
    """Return Earth-fixed positions (..., 3) in km as float array.

    InputError: one that is missing (NaN, or (0, 0, 0), its mark in orbit files), that lies inside
    the Earth, or so far out that it is in metres.
    """
    xyz = _floats(xyz_km)
    if xyz is None or xyz.shape[-1:] != (3,):
        raise InputError(f"{whose} is no x, y, z: give three numbers in km.")
    far = np.sqrt(np.einsum("...i,...i->...", xyz, xyz))
    bad = ~((far >= LOWEST_KM) & (far <= FARTHEST_KM))
    if bad.any():
        km = far[bad].flat[0]
        if np.isnan(km):
            raise InputError(f"{whose} is missing (NaN): drop that satellite or that time.")
        if km == 0:
            raise InputError(
                f"{whose} is (0, 0, 0), the mark of one that is unknown: drop that satellite or "
                "that time."
            )
        why = (
            "is in metres: divide it by 1000" if km > FARTHEST_KM else "lies inside it: correct it"
        )
        raise InputError(f"{whose}, {km:.6g} km from the middle of the Earth, {why}.")
    return xyz


def xyz_last(positions):
    """Return a DataArray of Earth-fixed positions with its dimension axis last, as x, y, z in km.

    Whatever the order of the axes was; other dimensions stay as they are. InputError: no such
    array, or as for `fixed_km`.
    """
    if "axis" not in getattr(positions, "dims", ()) or not hasattr(positions, "values"):
        raise InputError("These are no positions: give what orbits.positions returns.")
    ahead = list(positions["axis"].values)
    if ahead not in (["x", "y", "z"], [0, 1, 2]):
        if set(ahead) != {"x", "y", "z"}:
            raise InputError("The axis of the positions is not x, y, z: give all three.")
        positions = positions.sel(axis=["x", "y", "z"])
    if positions.dims[-1] != "axis":
        positions = positions.transpose(..., "axis")
    if positions.size:
        found = fixed_km(positions.values)
        positions = positions if found is positions.values else positions.copy(data=found)
    return positions


# Tables and labelled arrays


def table_with(table, columns, what, *, numeric=(), empty=False):
    """Return `table`; InputError: no DataFrame, a column is missing, or (unless `empty`) no row.

    What stands in the columns `numeric` are numbers, or missing; those read as text become floats.
    """
    columns = [*columns, *(name for name in numeric if name not in columns)]
    missing = [name for name in columns if name not in getattr(table, "columns", ())]
    if missing or not (empty or len(table)):
        why = f"have no column {missing[0]}" if missing else "are empty"
        raise InputError(f"The {what} {why}: give a table with {', '.join(columns)}.")
    for name in numeric:
        found = numbers(table[name], f"A {name} of the {what}", missing=True)
        if not pd.api.types.is_numeric_dtype(table[name]):
            table = table.assign(**{name: found})
    return table


def distinct(keys, what, remedy):
    """Refuse keys of which one is missing or comes twice: it would be counted twice.

    keys: a Series, list or, for keys of several parts, a DataFrame. `what` names one of them.
    """
    if not isinstance(keys, pd.DataFrame):
        keys = list(keys)
        if len(set(keys)) == len(keys) and not pd.isna(np.array(keys, object)).any():
            return  # so it is, nearly always
        keys = pd.DataFrame({what: pd.Series(keys, dtype=object)})
    for bad, why in ((keys.isna().any(axis=1), "is missing"), (keys.duplicated(), "comes twice")):
        if bad.any():
            key = ", ".join(str(part) for part in keys[bad.to_numpy()].iloc[0])
            name = f"A {what}" if why == "is missing" else f"The {what} {key}"
            raise InputError(f"{name} {why}: {remedy}.")


def with_dims(array, dims, what):
    """Return an xarray object with its dimensions in this order, whatever theirs was.

    One that was selected away, as by .isel(time=0), comes back with the length one; others of
    length one go. InputError: no such object, a dimension is missing or left over, or one is empty.
    """
    held = getattr(array, "sizes", {})
    if not hasattr(array, "transpose") or not all(
        dim in held or dim in getattr(array, "coords", ()) for dim in dims
    ):
        raise InputError(f"These are no {what}.")
    if alone := [dim for dim in held if dim not in dims and held[dim] == 1]:
        array = array.squeeze(alone, drop=True)
    for dim in dims:
        if dim not in array.sizes:
            array = array.expand_dims(dim)
    if set(array.sizes) != set(dims):
        left = sorted(set(array.sizes) - set(dims))[0]
        raise InputError(f"There is a dimension {left} too many: select one, as .isel({left}=0).")
    if not all(array.sizes.values()):
        raise InputError(f"There is no {' or no '.join(dims)}: select at least one of each.")
    parts = array.variables.values() if hasattr(array, "variables") else [array]
    in_place = all(part.dims == tuple(d for d in dims if d in part.dims) for part in parts)
    return array if in_place else array.transpose(*dims)


# Products


def product(left, right):
    """Return left @ right of two matrices, right in pieces of at most SMALL_PRODUCT."""
    result = np.empty((len(left), right.shape[1]), np.result_type(left, right))
    width = max(1, SMALL_PRODUCT // max(1, left.size))
    for first in range(0, right.shape[1], width):
        piece = np.s_[:, first : first + width]
        np.matmul(left, right[piece], out=result[piece])
    return result
