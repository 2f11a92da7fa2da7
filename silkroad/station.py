"""A station in low orbit: who can ever see it, when it is seen by eye, how sure its passes are.

Directions are geometric, without refraction. A station is seen by eye where three things hold at
once: it is high enough, the Sun shines on it, and the sky of the observer is dark.
"""

import numpy as np
import pandas as pd

from helpers.inputs import InputError
from silkroad import orbits, sun, visibility
from silkroad.values import latitude, numbers, paired, shown, table_with

LOWEST_DEG = 10  # of elevation: lower down, houses and haze hide what is faint
REASONS = ("seen by eye", "in the Earth's shadow", "sky too bright")


def highest_elevation_deg(lat, inclination_deg, height_km):
    """Return the highest elevation in degrees that a circular orbit ever reaches at latitudes.

    Over weeks the orbit's plane turns, so in the end the station passes over every longitude at
    every latitude up to its inclination: there the answer is 90. Beyond, the best that can happen
    is its northernmost (southernmost) point on the observer's own meridian. Negative: it never
    rises. WGS 84 for the observer; the orbit is a circle at `height_km` above the equator's radius.
    Inclinations above 90 turn west and reach as far as 180 less themselves. Arrays broadcast.
    """
    lat, inclination_deg, height_km = paired(
        lat=np.abs(latitude(lat)),
        inclination_deg=numbers(inclination_deg, "inclination_deg", 0, 180),
        height_km=numbers(height_km, "height_km", above=0),
    )
    reach = np.radians(np.minimum(inclination_deg, 180 - inclination_deg))
    radius = orbits.EQUATOR_KM + height_km
    at = np.stack([radius * np.cos(reach), np.zeros_like(reach), radius * np.sin(reach)], axis=-1)
    up = orbits.zenith(lat, 0)
    away = at - orbits.earth_fixed(lat, 0)
    rise = np.sum(away * up, axis=-1)
    flat = np.linalg.norm(away - rise[..., None] * up, axis=-1)
    best = np.degrees(np.arctan2(rise, flat))
    return np.where(orbits.geodetic(at)[0] >= lat, 90.0, best)


def sky(elements, place, times):
    """Return what one place sees of one satellite: DataFrame indexed by time.

    `elements` has one row, `place` (a row of a table, or a dict) lat, lon and, if you like,
    height_km. Columns: elevation_deg, azimuth_deg, sun_deg (elevation of the Sun at the place),
    sunlit (the satellite), and reason, one of REASONS. What is below the horizon has a reason,
    too; ask for the elevation first.
    """
    where, place = orbits.positions(_one(elements), times), _place(place)
    look = visibility.look_angles(where, place["lat"], place["lon"], place["height_km"])
    lit = sun.sunlit(where).values[0]
    sun_deg = sun.elevation_deg(place["lat"], place["lon"], where["time"].values)
    dark = sun_deg < sun.CIVIL_DUSK_DEG
    return pd.DataFrame(
        {
            "elevation_deg": look["elevation_deg"].values[0],
            "azimuth_deg": look["azimuth_deg"].values[0],
            "sun_deg": sun_deg,
            "sunlit": lit,
            "reason": np.where(~dark, REASONS[2], np.where(lit, REASONS[0], REASONS[1])),
        },
        index=pd.DatetimeIndex(where["time"].values, tz="UTC", name="time"),
    )


def sightings(elements, place, start, end, lowest_deg=LOWEST_DEG):
    """Return the passes of one satellite over one place, with whether an eye would see it.

    As `orbits.passes`, and: seen_seconds, how long it stands above `lowest_deg`, lit, in a dark
    sky (in steps of 10 s), and reason: "seen by eye" where that is more than nothing, else what
    hinders it at the culmination.
    """
    elements, place = _one(elements), _place(place)
    found = orbits.passes(elements, pd.DataFrame([place]), start, end, lowest_deg)
    if found.empty:
        return found.assign(seen_seconds=np.array([], int), reason=np.array([], object))
    # One look at all passes together: ten times faster than one after the other.
    counts = ((found["set"] - found["rise"]) // pd.Timedelta("10s") + 1).to_numpy()
    number, first = np.repeat(np.arange(len(counts)), counts), counts.cumsum() - counts
    later = pd.to_timedelta(10 * (np.arange(len(number)) - np.repeat(first, counts)), unit="s")
    seen = sky(elements, place, pd.DatetimeIndex(found["rise"].take(number)) + later)
    reasons = seen["reason"].to_numpy()
    seconds = 10 * np.add.reduceat((reasons == REASONS[0]).astype(int), first)
    heights = np.split(seen["elevation_deg"].to_numpy(), first[1:])
    top = reasons[first + [height.argmax() for height in heights]]
    reason = np.where(seconds > 0, REASONS[0], top)
    return found.assign(seen_seconds=seconds, reason=reason)


def apart(newer, older, times):
    """Return how far two sets of elements of one object come apart: DataFrame by time.

    Columns: km (straight distance), ahead_km (along the track, positive where `newer` is ahead)
    and seconds (the time the object needs for `ahead_km`). An estimate of what the age of
    elements does, not a limit of it: both sets may err alike.
    """
    newer, older = _one(newer), _one(older)
    one, other = orbits.positions(newer, times), orbits.positions(older, times)
    later = one["time"].values + np.timedelta64(1, "s")
    ahead = orbits.positions(newer, later).values[0] - one.values[0]  # in one second
    speed = np.linalg.norm(ahead, axis=-1)
    off = one.values[0] - other.values[0]
    along = np.sum(off * ahead, axis=-1) / speed
    return pd.DataFrame(
        {"km": np.linalg.norm(off, axis=-1), "ahead_km": along, "seconds": along / speed},
        index=pd.DatetimeIndex(one["time"].values, tz="UTC", name="time"),
    )


def first_seconds(found, newer, older, place):
    """Return how the highest pass of `found` rises, and by how many seconds two sets differ there.

    found: `passes` of `newer` over `place`; older: a second set of elements of the same object, as
    in `apart`. Rows, over 50 s from the rise: seconds, elevation_deg, and earliest and latest, the
    seconds at which it is that high if the sets are all that is unsure. No pass: no rows, and 0 s.
    """
    columns = ["seconds", "elevation_deg", "earliest", "latest"]
    table_with(found, ["rise"], "passes", numeric=["max_elevation_deg"], empty=True)
    if found.empty:
        return pd.DataFrame(columns=columns, dtype=float), 0.0
    rise = found.loc[found["max_elevation_deg"].idxmax(), "rise"]
    # Over one pass the difference changes by little.
    band_s = abs(apart(newer, older, [rise])["seconds"].item())
    seconds = np.arange(0, 51, 5)
    high = sky(newer, place, rise + pd.to_timedelta(seconds, unit="s"))["elevation_deg"].to_numpy()
    values = (seconds, high, seconds - band_s, seconds + band_s)
    return pd.DataFrame(dict(zip(columns, values, strict=True))), band_s


def _one(elements):
    """Return elements of one satellite, or refuse them."""
    table_with(elements, ["name", "norad_id"], "elements", empty=True)
    if len(elements) != 1:
        raise InputError(f"{len(elements)} satellites were given: give one row of elements.")
    return elements


def _place(place):
    """Return name, lat, lon and height_km of one place, as a dict."""
    if isinstance(place, pd.DataFrame) and len(place) == 1:
        place = place.iloc[0]
    if not isinstance(place, dict | pd.Series) or not {"lat", "lon"} <= set(place.keys()):
        raise InputError(f"{shown(place)} is no place: give one row of a table with lat and lon.")
    lat, lon = (place[axis] for axis in ("lat", "lon"))
    if np.size(lat) != 1 or np.size(lon) != 1:
        raise InputError("The place has several lat or lon: give one of each.")
    return {
        "name": place.get("name", "the place"),
        "lat": np.ravel(lat)[0],
        "lon": np.ravel(lon)[0],
        "height_km": place.get("height_km", 0.0),
    }
