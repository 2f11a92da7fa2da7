"""What a receiver sees: elevation, satellites in view, dilution of precision, availability.

Directions are geometric (no refraction), "up" is the normal of the WGS 84 ellipsoid. DOP is for
one receiver clock, or for one for each system, as its argument `clocks` says.

How a whole grid becomes matrix products. With e the unit vector from a receiver p to
a satellite s and r their distance, the normal matrix needs the sums over the satellites in view of
1, e and e e'. As e = (s - p) / r, these are

    sum e    =  sum(s / r) - p sum(1 / r)
    sum e e' =  sum(s s' / r²) - p sum(s / r²)' - sum(s / r²) p' + p p' sum(1 / r²)

so every sum over satellites is one of the masked 1/r or 1/r² (satellites × points) times one of
1, s, s s', which depend on the satellite alone: matrix products, exact, with nothing per pair to
store. Each clock is eliminated, n of its satellites and b the sum of their e: what is left is

    C = sum e e' - sum over the clocks of b b' / n

a 3×3 matrix, inverted in closed form. The variance of a clock is then 1 / n + b' C⁻¹ b / n².

The points are taken by tiles of neighbours, each with those satellites alone that may stand above
its horizon, about half of them; the others add nothing, so the sums are the same. The processor's
cores share the tiles.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.inputs import InputError, one_of
from silkroad.orbits import earth_fixed, zenith
from silkroad.values import (
    SMALL_PRODUCT,
    distinct,
    even_steps,
    latitude,
    longitude,
    number,
    numbers,
    paired,
    positive,
    with_dims,
    xyz_last,
)

QUANTITIES = ("in_view", "gdop", "pdop", "hdop", "vdop", "tdop")
_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
_SINGULAR = 1e-7
_PLACE_KM = -1, 20  # how low and high a place may lie: from the Dead Sea to an aeroplane
# Work is done in pieces, so that what is held per pair stays in the processor's cache.
# A tile with few points costs as much as one with many: the fewer points in all, the wider.
_TILE_POINTS, _TILE_DEG = 600, {1500: 90, 6000: 60, np.inf: 45}
_TOGETHER = 12  # epochs at a time: with fewer, threads wait for each other
_FEW = 100_000  # points times epochs at a time; beyond it two threads save a fifth of the time
_PRODUCT = SMALL_PRODUCT // 10  # points times satellites, for ten sums
# NumPy computes without the interpreter's lock, so threads gain. There are none in a browser.
_each = map if sys.platform == "emscripten" else ThreadPoolExecutor(min(os.cpu_count() or 1, 4)).map
_NEAREST_KM = 6356  # of the ground to the middle of the Earth
_TILTED = np.radians(0.5)  # more than the zenith is turned away from the middle of the Earth


def world_grid(step_deg):
    """Return (lat, lon), the axes of a grid with both poles and -180, in degrees.

    Longitudes end one step before 180, where they would meet -180 again.
    """
    step = positive(step_deg, "step_deg")
    rows = 180 / step
    if step < 0.25 or abs(rows - round(rows)) > 1e-9:
        raise InputError(f"step_deg is {step_deg}: give at least 0.25 and a divisor of 180.")
    return np.linspace(-90, 90, round(rows) + 1), np.linspace(-180, 180, 2 * round(rows) + 1)[:-1]


def look_angles(positions, lat, lon, height_km=0.0):
    """Return elevation_deg, azimuth_deg and range_km as a Dataset (satellite, time[, place]).

    `positions` come from `orbits.positions`, dimensions in any order; a satellite or a time that
    was selected alone counts as one. lat, lon in degrees and height_km, -1 to 20 above the
    ellipsoid, are one place or equally many. Azimuth runs clockwise from north, 0 to 360; at a
    pole north follows `lon`. InputError: positions that are missing or not in km, places that are
    none or do not pair.
    """
    import xarray as xr

    positions = _checked(positions)
    lat, lon, height_km = _paired(lat, lon, height_km)
    up = zenith(lat, lon)
    lam = np.radians(lon)
    east = np.stack([-np.sin(lam), np.cos(lam), np.zeros_like(lam)], axis=-1)
    north = np.cross(up, east)
    away = positions.values[..., None, :] if lat.ndim else positions.values
    # Axis by axis: sums over a last axis of three take several times as long.
    x, y, z = np.moveaxis(away - earth_fixed(lat, lon, height_km), -1, 0)
    turned = (np.moveaxis(axis, -1, 0) for axis in (up, east, north))
    rise, right, ahead = (x * a + y * b + z * c for a, b, c in turned)
    dims = ("satellite", "time", "place") if lat.ndim else ("satellite", "time")
    fields = {
        "elevation_deg": np.degrees(np.arctan2(rise, np.hypot(right, ahead))),
        "azimuth_deg": np.degrees(np.arctan2(right, ahead)) % 360,
        "range_km": np.sqrt(x * x + y * y + z * z),
    }
    units = {"elevation_deg": "degrees", "azimuth_deg": "degrees", "range_km": "km"}
    return xr.Dataset(
        {name: (dims, values, {"units": units[name]}) for name, values in fields.items()},
        coords=dict(positions.drop_vars("axis", errors="ignore").coords)
        | _place_coords(lat, lon, dims[2:]),
    )


def dop(positions, lat, lon, mask_deg=5, grid=True, want=QUANTITIES, progress=iter, *, clocks=None):
    """Return satellites in view and dilution of precision as a Dataset.

    `positions` come from `orbits.positions`, dimensions in any order. With `grid`, `lat` and `lon`
    are axes and the dims (time, lat, lon); without, they are the paired coordinates of places and
    the dims (time, place). A satellite is in view at `mask_deg` of elevation or more. `want` names
    the quantities; tiles of a few epochs are computed, so memory is that of the result. `progress`
    wraps the iterable of epochs, as tqdm does. `clocks` names for each satellite the receiver's
    clock that it is measured against, usually its system; one clock for all if not given. The
    unknowns at a place are three and the clocks that have a satellite in view.

    in_view counts satellites. gdop, pdop, hdop, vdop, tdop are square roots of sums of the
    diagonal of the inverse normal matrix: all, position, horizontal, vertical, all clocks. They
    are `inf` for fewer satellites than unknowns and for a singular geometry: where, with the
    clocks eliminated, a pivot of the 3×3 matrix is below 1e-7. PDOP is then over 3,000 (the square
    of it is at least one over the pivot), and not all of six digits of it would be right.

    InputError: as for `look_angles`; a satellite that comes twice, by its number, or by its name
    on one path, as it would count twice; another number of clocks than of satellites.
    """
    import xarray as xr

    positions = _checked(positions)
    _each_once(positions)
    which = _clocks(clocks, positions.sizes["satellite"])
    want = [one_of(name, QUANTITIES, "quantity") for name in _listed(want, "want")]
    if not want:
        raise InputError(f"want is empty: name some of {', '.join(QUANTITIES)}.")
    mask_deg = number(mask_deg, "mask_deg", -90, 90)
    if grid:
        lat, lon = np.atleast_1d(latitude(lat)), np.atleast_1d(longitude(lon))
        if lat.ndim > 1 or lon.ndim > 1 or not (lat.size and lon.size):
            raise InputError("A grid needs two axes: give lists of lat and lon, or grid=False.")
        dims, coords = ("lat", "lon"), {"lat": lat, "lon": lon}
        at = [axis.ravel() for axis in np.meshgrid(lat, lon, indexing="ij")]
    else:
        at = [np.atleast_1d(axis) for axis in _paired(lat, lon)[:2]]
        dims, coords = ("place",), _place_coords(*at, ("place",))
    shape = (positions.sizes["time"], *([lat.size, lon.size] if grid else [at[0].size]))

    points, most = at[0].size, max(1, min(_TILE_POINTS, _PRODUCT // positions.sizes["satellite"]))
    tiles = _tiles(*(axis.tobytes() for axis in at), most)
    each = _each if points * min(shape[0], _TOGETHER) > _FEW and _processors_are_free() else map
    fields = {
        name: np.empty((shape[0], points), np.int16 if name == "in_view" else float)
        for name in want
    }
    sky, mask_rad = np.moveaxis(positions.values, 1, 0), np.radians(mask_deg)
    for epoch in progress(range(len(sky))):
        if epoch % _TOGETHER == 0:  # the others of its group are computed with it
            these = slice(epoch, epoch + _TOGETHER)
            satellites = _satellites(sky[these], mask_rad)
            found = each(partial(_found_in, satellites, mask_rad, which, want), tiles)
            for tile, quantities in zip(tiles, found, strict=True):
                for name in want:
                    fields[name][these, tile.points] = quantities[name]
    return xr.Dataset(
        {name: (("time", *dims), field.reshape(shape)) for name, field in fields.items()},
        coords={"time": positions["time"].values, **coords},
        attrs={"mask_deg": mask_deg, "satellites": positions.sizes["satellite"]},
    ).pipe(_with_units)


def availability(pdop, limit=6):
    """Return the share of time, 0 to 1, in which `pdop` is at most `limit`, along its `time`.

    InputError: no time, times at uneven steps, whose share is not that of the time, or NaN.
    """
    limit = positive(limit, "limit")
    if "time" not in getattr(pdop, "dims", ()) or not pdop.sizes["time"]:
        raise InputError("Availability needs PDOP over time: give dop(...)['pdop'].")
    if "time" in pdop.coords:
        even_steps(np.sort(pdop["time"].values), "PDOP")
    if pdop.isnull().any():
        raise InputError("A PDOP is missing (NaN): compute it anew, or drop that time or place.")
    share = (pdop <= limit).mean("time")
    share.attrs = {"units": "1", "long_name": f"share of time with PDOP at most {limit:g}"}
    return share.rename("availability")


def area_weights(lat):
    """Return each row's share of the surface the axis `lat` covers; the shares sum to 1.

    A row reaches halfway to its neighbours, the outermost as far outwards, but not past a pole:
    an axis from pole to pole covers the Earth, a part of it a zone. The Earth is a sphere.
    """
    import xarray as xr

    axis = np.atleast_1d(latitude(lat))
    if axis.ndim > 1:
        raise InputError("lat is a table: give one list of latitudes that rise or fall steadily.")
    steps = np.diff(axis)
    if not axis.size or not ((steps > 0).all() or (steps < 0).all()):
        raise InputError("lat is not an axis: give latitudes that rise or fall steadily.")
    if axis.size == 1:
        return xr.DataArray(np.ones(1), dims="lat", coords={"lat": axis})
    between = axis[:-1] + steps / 2
    outer = np.array([axis[0] - steps[0] / 2, axis[-1] + steps[-1] / 2])
    edges = np.concatenate([outer[:1], between, outer[1:]]).clip(-90, 90)
    area = np.abs(np.diff(np.sin(np.radians(edges))))
    return xr.DataArray(area / area.sum(), dims="lat", coords={"lat": axis})


def world_mean(field):
    """Return the mean of `field` over its lat and lon, by area; `inf` anywhere gives `inf`.

    InputError: longitudes that are not evenly spaced, or of which two are one (-180 and 180); NaN.
    """
    if not {"lat", "lon"} <= set(getattr(field, "dims", ())) or not field.size:
        raise InputError("A world mean needs a field over lat and lon: compute it with grid=True.")
    if "lon" in field.coords:
        _even_around(longitude(field["lon"].values))
    values = field.transpose(..., "lat", "lon").values
    if np.isnan(values).any():
        raise InputError("A value of the field is missing (NaN): fill it in, as with fillna(0).")
    mean = values.mean(axis=-1) @ area_weights(field["lat"].values).values
    return field.isel(lat=0, lon=0, drop=True).copy(data=mean)


def _processors_are_free():
    """Tell whether threads are worth it: they take half as much again of what a class shares."""
    try:
        load = os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows, a browser
        load = 0
    return load < 0.75 * (os.cpu_count() or 1)


class _Tile(NamedTuple):
    """Points that lie together: their numbers, sites and zeniths (3, 1, n), and their circle.

    `middle` is a unit vector and `spread` the angle to the farthest point. Against (s², s, 1) of a
    satellite `squared` gives the squared distance, against (s, 1) `height` the height above the
    horizontal plane.
    """

    points: np.ndarray
    site: np.ndarray
    up: np.ndarray
    middle: np.ndarray
    spread: float
    squared: np.ndarray
    height: np.ndarray


@lru_cache(maxsize=4)  # a map's grid is asked for again with each move of a control
def _tiles(lat, lon, most):
    """Return points, bytes of floats, in tiles about as wide as high, of at most so many points."""
    lat, lon = np.frombuffer(lat), np.frombuffer(lon)
    wide = next(wide for most_points, wide in _TILE_DEG.items() if len(lat) <= most_points)
    row = np.minimum(lat + 90, 179) // wide
    around = np.ceil(360 / wide * np.cos(np.radians((row + 0.5) * wide - 90)))
    key = 1000 * row + (lon + 180) // (360 / around)
    order = np.argsort(key, kind="stable")
    edges = np.flatnonzero(np.diff(key[order])) + 1
    parts = [
        part
        for tile in np.split(order, edges)
        for part in np.array_split(tile, -(-len(tile) // most))
    ]
    site, up = earth_fixed(lat, lon).T, zenith(lat, lon).T
    return [_tile(part, site[:, part], up[:, part]) for part in parts]


def _tile(points, site, up):
    far = np.linalg.norm(site, axis=0)
    middle = site.sum(axis=1)
    middle /= np.linalg.norm(middle)
    spread = np.arccos(np.clip(middle @ site / far, -1, 1)).max()
    squared = np.vstack([np.ones(len(points)), -2 * site, far**2])
    height = np.vstack([up, -(up * site).sum(axis=0)])
    return _Tile(points, site[:, None], up[:, None], middle, spread, squared, height)


def _satellites(sky, mask_rad):
    """Return what is summed over the satellites (epochs, n, 3), and where each may be in view.

    Factors (epochs, n, 11) are s², s, 1 and six products of s; directions (epochs, n, 3); reach
    (epochs, n) the angle at the middle of the Earth within which a satellite may be in view.
    """
    square = (sky**2).sum(axis=-1)
    far = np.sqrt(square)
    pairs = [sky[..., i] * sky[..., j] for i, j in _PAIRS]
    factors = np.stack([square, *np.moveaxis(sky, -1, 0), np.ones_like(far), *pairs], axis=-1)
    reach = np.arccos(np.minimum(np.cos(mask_rad) * _NEAREST_KM / far, 1)) - mask_rad + _TILTED
    return factors, sky / far[..., None], reach


def _found_in(satellites, mask_rad, which, want, tile):
    """Return the wanted quantities in a tile, each (epochs, points)."""
    sums = _sum_over_satellites(*satellites, tile, mask_rad, which)
    return _dilution(*sums, tile.site, tile.up, want)


def _sum_over_satellites(factors, towards, reach, tile, mask_rad, which):
    """Return, for each epoch and point, the sums over what `_satellites` returned.

    count (clocks, epochs, points) of 1, once (clocks, 4, epochs, points) of (s, 1) / r, for each
    clock, whose satellites `which` tells; over all, twice (10, epochs, points) of (s, 1, six
    products of s) / r².
    """
    # As many of each epoch as may be in view in the epoch with the most of them, so that the
    # epochs are one array; what is filled up so is looked at like all others.
    away = np.arccos(np.clip(towards @ tile.middle, -1, 1)) - reach
    most = max((away <= tile.spread).sum(axis=1).max(), 1)
    number = np.argpartition(away, most - 1, axis=1)[:, :most]
    factors = factors[np.arange(len(number))[:, None], number]
    sums = factors.transpose(0, 2, 1)[:, 1:]  # of (s, 1, six products of s)
    distance = np.matmul(factors[..., :5], tile.squared)
    np.sqrt(distance, out=distance)
    seen = np.matmul(factors[..., 1:5], tile.height) >= distance * np.sin(mask_rad)
    inverse = np.divide(seen, distance, out=distance)  # 0 where not in view
    if which is None:
        count, once = [seen.sum(axis=1, dtype=np.int16)], [_products(sums[:, :4], inverse)]
    else:
        own = [which[number] == clock for clock in range(which.max() + 1)]
        count = [(seen & one[..., None]).sum(axis=1, dtype=np.int16) for one in own]
        once = [_products(sums[:, :4] * one[:, None], inverse) for one in own]
    inverse *= inverse
    return count, once, _products(sums, inverse)


def _products(left, right):
    """Return the matrix products of each epoch as (rows, epochs, points), each row in one piece."""
    rows = np.empty((left.shape[1], len(left), right.shape[2]))
    np.matmul(left, right, out=rows.transpose(1, 0, 2))
    return rows


def _dilution(count, once, twice, site, up, want):
    """Return the wanted quantities from the sums over satellites, each (epochs, points).

    The sums are used up.
    """
    # A third less time than with one site for all epochs: NumPy is quick with what is in one piece.
    site = np.broadcast_to(site, (3, *count[0].shape)).copy()
    # Of each clock: its satellites, and the sum and the mean of the directions to them.
    clocks = []
    for n, sums in zip(count, once, strict=True):
        n, b = n.astype(float), sums[:3] - site * sums[3]
        clocks.append((n, b, b * (1 / np.maximum(n, 1))))
    enough = sum(n for n, *_ in clocks) >= 3 + sum(n > 0 for n, *_ in clocks)
    moment = twice[:3] - site * twice[3]
    matrix = twice[4:]
    for entry, (i, j) in zip(matrix, _PAIRS, strict=True):
        entry -= site[i] * twice[j]
        entry -= site[j] * moment[i]
        for _, b, mean in clocks:
            entry -= b[i] * mean[j]
    c00, c11, c22, c01, c02, c12 = matrix
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # The clocks are eliminated; what is left is L D L', whose inverse acts through L⁻¹.
        l1, l2 = c01 / c00, c02 / c00
        d1 = c11 - l1 * c01
        rest = c12 - l1 * c02
        l3 = rest / d1
        d2 = c22 - l2 * c02 - l3 * rest
        solvable = np.minimum(np.minimum(c00, d1), d2) >= _SINGULAR
        solvable &= enough

        def quadratic(x):
            """Return x' C⁻¹ x."""
            y1 = x[1] - l1 * x[0]
            y2 = x[2] - l2 * x[0] - l3 * y1
            return x[0] ** 2 / c00 + y1**2 / d1 + y2**2 / d2

        variances = {}
        if {"pdop", "gdop", "hdop"} & set(want):
            corner = l1 * l3 - l2
            variances["pdop"] = 1 / c00 + (1 + l1**2) / d1 + (1 + l3**2 + corner**2) / d2
        if {"vdop", "hdop"} & set(want):
            variances["vdop"] = quadratic(up)
        if {"tdop", "gdop"} & set(want):
            # A clock without a satellite in view is no unknown.
            variances["tdop"] = sum(
                np.where(n > 0, (1 + quadratic(b) / n) / n, 0) for n, b, _ in clocks
            )
        if "gdop" in want:
            variances["gdop"] = variances["pdop"] + variances["tdop"]
        if "hdop" in want:
            variances["hdop"] = variances["pdop"] - variances["vdop"]
        found = {
            name: np.where(solvable, np.sqrt(variances[name]), np.inf)
            for name in want
            if name != "in_view"
        }
    return found | {"in_view": sum(count[1:], start=count[0])}


def _checked(positions):
    """Return positions as (satellite, time, axis), whatever their order was, each a place in km."""
    what = "positions: give what orbits.positions returns"
    return xyz_last(with_dims(positions, ("satellite", "time", "axis"), what))


def _clocks(clocks, count):
    """Return the number of each satellite's clock, or None where all have one."""
    if clocks is None:
        return None
    names = np.array(_listed(clocks, "clocks"), str)
    if len(names) != count:
        raise InputError(f"{len(names)} clocks for {count} satellites: give one for each.")
    return np.unique(names, return_inverse=True)[1]


def _each_once(positions):
    """Refuse a satellite that comes twice, by its number, or by its name on one path.

    Docked modules stand in one place under several names and numbers: they are several.
    """
    if "norad_id" in positions.coords:
        numbered = np.atleast_1d(positions["norad_id"].values)
        distinct(
            numbered[numbered > 0],  # 0 is a satellite of a design
            "satellite with the number",
            "give each once, as elements.drop_duplicates('norad_id')",
        )
    if "satellite" in positions.coords:
        named = pd.Series(positions["satellite"].values, dtype=object)
        for name in named[named.duplicated()].unique():
            paths = positions.values[named == name]
            if len(np.unique(paths.reshape(len(paths), -1), axis=0)) < len(paths):
                raise InputError(
                    f"The satellite {name} comes twice, on one path: give each once, as "
                    "positions.drop_duplicates('satellite')."
                )


def _listed(names, what):
    """Return names as a list; one alone is a list of one."""
    if isinstance(names, str):
        return [names]
    if not hasattr(names, "__iter__"):
        raise InputError(f"{what} is {names!r}: give a list of names.")
    return list(names)


def _even_around(lon):
    """Refuse longitudes that a plain mean would weigh wrongly: uneven ones, or one twice."""
    around = np.sort(lon)
    gaps = np.sort(np.append(np.diff(around), 360 - np.ptp(around)))
    gaps = gaps[:-1]  # the widest may be the part of the globe that the field leaves out
    if len(gaps) and (gaps[0] <= 1e-9 or np.ptp(gaps) > 1e-3 * gaps[0]):
        raise InputError(
            "The longitudes of the field are uneven, or one comes twice (-180 and 180 are one): "
            "take evenly spaced ones, as world_grid returns."
        )


def _paired(lat, lon, height_km=0.0):
    lat, lon, height_km = paired(
        lat=latitude(lat), lon=longitude(lon), height_km=numbers(height_km, "height_km", *_PLACE_KM)
    )
    if lat.ndim > 1 or not lat.size:
        raise InputError("No place is given, or a table of them: give one list of lat and of lon.")
    return lat, lon, height_km


def _place_coords(lat, lon, dims):
    units = {"lat": "degrees_north", "lon": "degrees_east"}
    return {
        name: (dims, axis, {"units": units[name]}) for name, axis in (("lat", lat), ("lon", lon))
    }


def _with_units(field):
    field["lat"].attrs["units"] = "degrees_north"
    field["lon"].attrs["units"] = "degrees_east"
    for name in field.data_vars:
        field[name].attrs["units"] = "1"
    return field
