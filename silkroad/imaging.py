"""Pictures from orbit: sun-synchronous orbits, how far a camera reaches, revisit, first image.

The Earth is a sphere here: a distance on the ground is an angle at its centre, in degrees (1° is
111 km), between geodetic coordinates taken as they are. That is right to 0.6 %. Satellites come as
the points below them, from `orbits.subpoints`; the cameras they carry from `cameras`.

A cell or place counts as reached when it lies within an angle of the point below the satellite.
Geometry is all this holds: no clouds, no order to the satellite, no memory or downlink, and no
permission. Each reach is a chance of a picture, not a picture.
"""

import itertools
from collections.abc import Hashable

import numpy as np
import pandas as pd

from helpers import data
from helpers.inputs import InputError, one_of
from silkroad import orbits, sun
from silkroad.geometry import EARTH_KM, split_ring
from silkroad.orbits import EQUATOR_KM, MU_KM3_S2
from silkroad.values import (
    distinct,
    even_steps,
    flags,
    instant,
    latitude,
    longitude,
    number,
    numbers,
    paired,
    product,
    shown,
    table_with,
    utc,
    with_dims,
)

J2 = 1.08262668e-3  # how far the bulge of the equator outweighs a sphere (EGM 96)
TROPICAL_YEAR_DAYS = 365.24219  # the Sun's way round, seen from the Earth
LOWEST_SUN_DEG = 10  # lower, shadows are long and the light is weak: our rule, not an operator's
ASSUMED_SWATH_KM = 20  # where the table has none; with a roll of 30° it hardly matters
NARROW_KM = 150  # cameras up to this width are turned aside by rolling the satellite
SHARPEST_SHOWN_M = 100  # coarser sensors watch weather and oceans, not a flooded town
WHOSE = ["its own only", "its own and what China shares", "its own and all Chinese"]
LONGEST_WAIT_HOURS = 72  # whoever waits longer is said to get no picture

_PAIRS = 1_000_000  # cells touched at a time: sorting them stays in the cache, and memory small
_CELLS = 65_536  # per block: numbers of 16 bits are sorted digit by digit, several times faster


def node_rate(height_km, inclination_deg, eccentricity=0.0):
    """Return how fast the plane of an orbit turns eastward, in degrees a day.

    The bulge of the equator pulls the plane round: -3/2 J2 (R/p)² n cos i (Vallado, Fundamentals
    of Astrodynamics, 4th ed., eq. 9-37; the first order alone). Height above the equator's radius,
    of the semi-major axis; arrays are taken.
    """
    height_km, inclination_deg, eccentricity = paired(
        height_km=_height(height_km),
        inclination_deg=numbers(inclination_deg, "inclination_deg", 0, 180),
        eccentricity=numbers(eccentricity, "The eccentricity", 0, below=1),
    )
    axis_km = EQUATOR_KM + height_km
    share = EQUATOR_KM / (axis_km * (1 - np.square(eccentricity)))  # over the semi-parameter
    turns = np.sqrt(MU_KM3_S2 / axis_km**3)  # radians a second
    rate = -1.5 * J2 * share**2 * turns * np.cos(np.radians(inclination_deg))
    return np.degrees(rate) * 86400


def sun_synchronous_inclination(height_km, eccentricity=0.0):
    """Return the inclination in degrees at which the plane turns once a year, with the Sun.

    The inverse of `node_rate` for 360° in a tropical year. Height as there; arrays are taken.
    InputError: an orbit so high that no inclination turns it fast enough (from 5,975 km, circular).
    """
    cosine = 360 / TROPICAL_YEAR_DAYS / node_rate(height_km, 0.0, eccentricity)
    if (cosine < -1).any():
        high = np.broadcast_to(height_km, cosine.shape)[cosine < -1].flat[0]
        raise InputError(
            f"At {high:g} km the Earth's bulge turns no orbit once a year: "
            "choose a height below 5,970 km."
        )
    return np.degrees(np.arccos(cosine))[()]


def cameras(ocean=False):
    """Return one row per camera in low orbit, with its satellite's elements, as a DataFrame.

    From the tables `satellites` and `elements`. Columns beside theirs: satellite (short name),
    owner (ISO code: the partner's, else CHN), sensor, swath_km (ASSUMED_SWATH_KM where
    swath_known is False), resolution_m (NaN where not known), radar, rolls, shared (China or
    Brazil give its pictures away), height_km (mean, of the axis). Left out: geostationary
    satellites, sensors coarser than SHARPEST_SHOWN_M and, unless `ocean`, the radars of CFOSAT,
    which measure waves and wind. A partner's satellite without a known sensor counts as one
    narrow camera.
    """
    table = data.load("satellites").query("role == 'earth_observation' and orbit_class != 'GEO'")
    table = table[table["in_gp_snapshot"]]
    columns = {"sensor": "sensor_{}", "swath_km": "swath_{}_km", "resolution_m": "resolution_{}_m"}
    columns["shared"] = "open_{}"
    parts = []
    for which in (1, 2):
        part = table.rename(columns={old.format(which): new for new, old in columns.items()})
        unknown = part["partner_iso3"].notna() & (which == 1)
        parts.append(part[part["sensor"].notna() | unknown])
    found = pd.concat(parts, ignore_index=True)
    waves = found["name"] == "CFOSAT"
    found = found[~(found["resolution_m"] > SHARPEST_SHOWN_M) & (ocean | ~waves)]
    found = found.assign(
        satellite=found["name"].str.split(" (", regex=False).str[0],
        owner=found["partner_iso3"].fillna("CHN"),
        sensor=found["sensor"].fillna("camera (not in the table)"),
        swath_known=found["swath_km"].notna(),
        swath_km=found["swath_km"].fillna(ASSUMED_SWATH_KM),
        radar=found["sensor"].str.contains("SAR", na=False) | (found["name"] == "CFOSAT"),
    )
    found["rolls"] = found["swath_km"] <= NARROW_KM
    kept = ["satellite", "norad_id", "owner", "operator", "sensor", "swath_km", "swath_known"]
    kept += ["resolution_m", "radar", "rolls", "shared", "launch_date"]
    kept += ["source_ids", "confidence"]
    elements = data.load("elements")
    elements = elements.drop(columns=["name", "cospar_id", "source_ids", "source_note"])
    joined = found[kept].merge(elements.drop(columns="confidence"), on="norad_id")
    axis_km = orbits.semi_major_axis_km(joined["mean_motion_rev_per_day"])
    joined["height_km"] = axis_km - EQUATOR_KM
    return joined.sort_values(["satellite", "sensor"], ignore_index=True)


def carriers(cameras):
    """Return one row per satellite of `cameras`, as `orbits` takes them."""
    table_with(cameras, ["satellite", "norad_id"], "cameras")
    return cameras.drop_duplicates("norad_id").assign(name=lambda rows: rows["satellite"])


def half_swath_angle(height_km, swath_km=0.0, roll_deg=0.0):
    """Return how far from the point below a camera reaches to one side, in degrees.

    `swath_km` is the width on the ground looking straight down, `roll_deg` how far the satellite
    rolls aside. The outer edge of the picture counts. InputError: the edge looks past the Earth.
    """
    look, roll = paired(look=_half_look(height_km, swath_km), roll_deg=_roll(roll_deg))
    return ground_angle(height_km, look + roll)


def look_angle(height_km, angle_deg):
    """Return the angle at the satellite between straight down and a point `angle_deg` away.

    Degrees; arrays are taken. InputError: the point lies behind the horizon.
    """
    height_km, angle = paired(
        height_km=_height(height_km),
        angle_deg=np.radians(numbers(angle_deg, "angle_deg", -180, 180)),
    )
    horizon = np.arccos(EARTH_KM / (EARTH_KM + height_km))
    if not (np.abs(angle) <= horizon).all():
        raise InputError(
            f"{np.degrees(np.max(np.abs(angle))):.4g}° away is behind the horizon, which is "
            f"{np.degrees(np.min(horizon)):.1f}° off: choose a narrower swath or a higher orbit."
        )
    rise = EARTH_KM + height_km - EARTH_KM * np.cos(angle)
    return np.degrees(np.arctan2(EARTH_KM * np.sin(angle), rise))[()]


def ground_angle(height_km, look_deg):
    """Return how far away a satellite looks that tilts by `look_deg`: the inverse of `look_angle`.

    Degrees; arrays are taken, negative tilts to the other side. InputError: past the Earth.
    """
    height_km, look = paired(
        height_km=_height(height_km),
        look_deg=np.radians(numbers(look_deg, "look_deg", -180, 180)),
    )
    sine = (EARTH_KM + height_km) / EARTH_KM * np.sin(np.abs(look))
    if not ((sine <= 1) & (np.abs(look) < np.pi / 2)).all():
        limit = np.degrees(np.arcsin(EARTH_KM / (EARTH_KM + np.max(height_km))))
        raise InputError(
            f"A look {np.degrees(np.max(np.abs(look))):.4g}° aside goes past the Earth: from this "
            f"height the horizon is at {limit:.1f}°, so take a smaller roll or a narrower swath."
        )
    return np.degrees(np.sign(look) * (np.arcsin(sine) - np.abs(look)))[()]


def beside(below, angle_deg):
    """Return the points `angle_deg` to the right of each track (negative: left), as a Dataset.

    `below` has lat, lon (satellite, time) at two times or more; so has the result. InputError: a
    satellite that stands still, such as a geostationary one, has no right and left.
    """
    import xarray as xr

    below, dims = _track(below), ("satellite", "time")
    ((lat, lon),) = _beside(below["lat"].values, below["lon"].values, angle_deg)
    return xr.Dataset(
        {"lat": (dims, lat), "lon": (dims, lon)}, {name: below[name] for name in dims}
    )


def _beside(lat, lon, *angles_deg):
    """Return (lat, lon) beside tracks (satellite, time) for each of the angles."""
    if lat.shape[1] < 2:
        raise InputError("A direction needs two times or more: give a longer track.")
    here = _unit(lat, lon)
    left = np.cross(here, np.gradient(here, axis=1))
    length = np.linalg.norm(left, axis=-1, keepdims=True)
    if not (length > 1e-12).all():
        raise InputError("A satellite does not move: it has no right and left, so leave it out.")
    left /= length
    places = []
    for angle in np.radians([number(angle, "angle_deg", -180, 180) for angle in angles_deg]):
        x, y, z = np.moveaxis(np.cos(angle) * here - np.sin(angle) * left, -1, 0)
        lat = np.degrees(np.arcsin(z.clip(-1, 1)))
        places.append((lat, longitude(np.degrees(np.arctan2(y, x)))))
    return places


def last_turn(below, satellite, until, minutes=105):
    """Return the part of `below` of one satellite in the `minutes` up to a time, both in UTC.

    InputError: no such satellite, two of that name, or no point of the track at that time.
    """
    below, end = _in_steps(below), instant(until, "until")
    one_of(satellite, list(below["satellite"].values), "satellite in the track")
    begin = end - np.timedelta64(round(number(minutes, "minutes", above=0, high=1e7) * 6e10), "ns")
    turn = below.sel(satellite=[satellite], time=slice(begin, end))
    if not turn.sizes["time"]:
        first, last = (str(below["time"].values[at])[:16] for at in (0, -1))
        raise InputError(f"The track has no point then: choose a time from {first} to {last} UTC.")
    return _one_satellite(_track(turn))


def strip_edges(height_km, swath_km, roll_deg=0.0):
    """Return how far to the left (negative) and right of its track a strip reaches, in degrees."""
    half, roll = paired(half=_half_look(height_km, swath_km), roll_deg=_roll(roll_deg))
    return ground_angle(height_km, roll - half), ground_angle(height_km, roll + half)


def strip(below, left_deg, right_deg):
    """Return what one satellite has within sight, as rings: arrays (n, 2) of lat, lon.

    `below` are its points at two times or more; the edges lie so many degrees beside them, as
    `strip_edges` gives them. Rings end at 180 degrees. InputError: several satellites.
    """
    return strips(below, left_deg, right_deg, False)[False]


def strips(below, left_deg, right_deg, lit):
    """Return a strip cut by light, as {True: rings, False: rings}.

    As `strip`, with `lit`, whether there is light (or whatever else is asked) at each time, or one
    flag for all. A piece reaches to where the next begins. InputError: not one flag for each time.
    """
    below = _one_satellite(_track(below))
    lat, lon = below["lat"].values, below["lon"].values
    lit = flags(getattr(lit, "values", lit), "lit")
    if lit.shape not in {(), lon[0].shape}:
        times = f"{lon.shape[1]} times"
        raise InputError(f"lit has the shape {lit.shape} for {times}: give one for each time.")
    lit = np.broadcast_to(lit, lon[0].shape)
    left, right = (np.vstack(edge) for edge in _beside(lat, lon, left_deg, right_deg))
    rings = {True: [], False: []}
    ends = [0, *np.flatnonzero(lit[1:] != lit[:-1]) + 1, lit.size - 1]
    for start, end in itertools.pairwise(ends):
        for begin in range(start, end, 10):  # short pieces: few of them need cutting
            piece = slice(begin, min(begin + 10, end) + 1)
            one, two = left[:, piece], right[:, piece]
            rings[bool(lit[start])] += split_ring(*np.hstack([one, two[:, ::-1]]))
    return rings


def crossing_by_day(below):
    """Return (hour, heading) of the last time a track crosses the equator by day, or None.

    hour: local, by the mean Sun, between 6 and 18. heading: "north" or "south". `below` is one
    satellite over 100 minutes or more, long enough for one crossing on each side. InputError:
    several satellites, times that do not rise evenly.
    """
    below = _one_satellite(_track(below))
    lat, lon = below["lat"].values[0], below["lon"].values[0]
    times = pd.DatetimeIndex(below["time"].values)
    over = np.flatnonzero((lat[:-1] < 0) != (lat[1:] < 0))
    hours = (times[over].hour + times[over].minute / 60 + lon[over] / 15) % 24
    by_day = np.flatnonzero((hours >= 6) & (hours < 18))
    if not by_day.size:
        return None
    last = by_day[-1]
    return float(hours[last]), "north" if lat[over[last] + 1] > 0 else "south"


def visits(below, half_angle_deg, lat, lon, usable=None, progress=iter):
    """Return visits (count) and largest_gap_hours for each cell of a grid, as a Dataset (lat, lon).

    `below` has lat, lon (satellite, time); `half_angle_deg` is one number or one per satellite; a
    cell is reached at a step when its centre lies within that angle. `lat` and `lon` are rising
    axes in degrees. `usable` (satellite, time) of True and False, or of 1 and 0, leaves steps out,
    as those in the dark. `progress` wraps the iterable of blocks, as tqdm does. Dimensions may have
    any order, that of an array without names is (satellite, time).

    One visit is a run of neighbouring steps at which one satellite or another reaches the cell.
    The largest gap is the longest time between two steps that reach it with one in between that
    does not; the window's two ends count as reached, so a gap cut off by an end is what is seen of
    it, and a cell never visited has the whole window. The share of the Earth reached at all is
    `visibility.world_mean(result["visits"] > 0)`. InputError: steps that do not rise evenly, or so
    long that the circles of one satellite do not touch.
    """
    import xarray as xr

    below = _track(below)
    below_lat, below_lon = below["lat"].values, below["lon"].values
    times = utc(below["time"].values)
    reach = numbers(half_angle_deg, "half_angle_deg", above=0, below=90)
    if reach.size not in (1, len(below_lat)):
        raise InputError(
            f"half_angle_deg has {reach.size} values for {len(below_lat)} satellites: give one, or "
            "one for each."
        )
    reach = np.broadcast_to(reach.ravel(), len(below_lat))
    lat, lon = _axis(lat, latitude), _axis(lon, longitude)
    stride = _stride(below_lat, below_lon)
    if (stride > 2 * reach).any():
        worst = np.argmax(stride / reach)
        raise InputError(
            f"{below['satellite'].values[worst]} moves {stride[worst]:.2f}° in a step and reaches "
            f"{reach[worst]:.2f}° to a side: take steps of at most "
            f"{2 * reach[worst] / stride[worst]:.0%} of that length."
        )
    # Satellite after satellite at each step, so that what follows is in the order of time.
    step, satellite = np.divmod(np.arange(below_lat.size), len(below_lat))
    if usable is not None:
        kept = _usable(usable, below)[satellite, step]
        step, satellite = step[kept], satellite[kept]
    caps = below_lat[satellite, step], below_lon[satellite, step], reach[satellite]
    hours = (times - times[0]) / np.timedelta64(1, "h")

    count = np.zeros((lat.size, lon.size), int)
    gap = np.full((lat.size, lon.size), hours[-1])
    touched = len(step) * np.mean(1 - np.cos(np.radians(reach))) * lat.size * lon.size
    blocks = max(int(touched / _PAIRS), -(-lat.size * lon.size // _CELLS)) + 1
    for rows in progress(np.array_split(np.arange(lat.size), min(blocks, lat.size))):
        cell, when = _touched(caps, step.astype(np.int32), lat[rows], lon)
        part = np.s_[rows[0] : rows[-1] + 1]
        count[part], gap[part] = _runs(cell, when, hours, (len(rows), lon.size))
    units = {"visits": "1", "largest_gap_hours": "h"}
    return xr.Dataset(
        {
            name: (("lat", "lon"), values, {"units": units[name]})
            for name, values in zip(units, (count, gap), strict=True)
        },
        {"lat": lat, "lon": lon},
    )


def looks(below, places, within_deg, sun_shift=None):
    """Return each time a satellite comes within `within_deg` of a place, as a DataFrame by time.

    `below` has lat, lon, height_km (satellite, time) in even steps of at most about 75 s in low
    orbit; `places` name, lat, lon. Columns: satellite, norad_id, place, time of the closest
    approach (UTC), distance_deg, look_deg (how far aside the satellite must look), sun_deg
    (elevation of the Sun at the place then). A closest approach at either end of the window is
    left out.
    `sun_shift` (timedelta) is added to the time for the Sun alone: another season.

    Between steps the cosine of the distance is a parabola: times are right to a second, distances
    to 1 km. InputError: steps too long for that, or some missing; places or satellites of one
    name, which would be counted as one.
    """
    table_with(places, ["name", "lat", "lon"], "places")
    distinct(places["name"], "place", "give each a name of its own")
    within = np.radians(number(within_deg, "within_deg", above=0, high=180))
    below = _track(below, "height_km")
    distinct(below["satellite"].values, "satellite", "give each once, by a name of its own")
    lat, lon = below["lat"].values, below["lon"].values
    if (_stride(lat, lon) > 5).any():
        raise InputError("The steps are too long for exact times: take 60 seconds in low orbit.")
    times = utc(below["time"].values)
    step = (times[-1] - times[0]) / max(len(times) - 1, 1)
    site = _unit(latitude(places["lat"]), longitude(places["lon"]))
    numbered = np.atleast_1d(below["norad_id"] if "norad_id" in below.coords else [0] * len(lat))
    found = []
    for one, path in enumerate(_unit(lat, lon)):
        near = product(site, path.T).T.astype(np.float64)
        middle = near[1:-1]
        # A sample lies up to half a step, 2.5 degrees, from the closest approach.
        close = middle >= np.cos(min(within + np.radians(2.5), np.pi))
        when, where = np.nonzero(close & (middle > near[:-2]) & (middle >= near[2:]))
        before, at, after = near[when, where], near[when + 1, where], near[when + 2, where]
        bend, slope = (before + after) / 2 - at, (after - before) / 2
        part = -slope / (2 * bend)
        distance = np.arccos(np.clip(at - slope**2 / (4 * bend), -1, 1))
        keep = distance <= within
        height_km = below["height_km"].values[one, when + 1]
        found.append(
            pd.DataFrame(
                {
                    "satellite": below["satellite"].values[one],
                    "norad_id": int(numbered[one]),
                    "place": where,
                    "time": times[when + 1] + np.rint(part * step.astype(float)).astype("m8[ns]"),
                    "distance_deg": np.degrees(distance),
                    "look_deg": np.degrees(
                        np.arctan2(
                            EARTH_KM * np.sin(distance),
                            EARTH_KM + height_km - EARTH_KM * np.cos(distance),
                        )
                    ),
                }
            )[keep]
        )
    table = pd.concat(found).sort_values("time", ignore_index=True)
    here = places.iloc[table["place"]]
    light = table["time"].to_numpy() + _shift(sun_shift)
    table["sun_deg"] = sun.elevation_deg(here["lat"].to_numpy(), here["lon"].to_numpy(), light)
    table["place"] = here["name"].to_numpy()
    return table.assign(time=pd.DatetimeIndex(table["time"], tz="UTC"))


def farthest_look_deg(cameras, roll_deg):
    """Return how far aside each camera can look, in degrees: half its swath, and its roll."""
    table_with(cameras, ["swath_km", "height_km", "rolls"], "cameras", empty=True)
    rolls, roll = flags(cameras["rolls"], "rolls"), number(roll_deg, "roll_deg", 0, below=90)
    return _half_look(cameras["height_km"], cameras["swath_km"]) + np.where(rolls, roll, 0)


def in_reach(looks, cameras, whose, roll_deg, radar=True, home=None):
    """Return the rows of `looks` whose satellite has a camera that can see the place.

    whose is one of WHOSE, for the country with the ISO code `home`; if that is None, for the
    country that each row of looks names as its place. Without `radar` only cameras count. Added:
    the column radar (True or False). InputError: two satellites of one name among the cameras.
    """
    one_of(whose, WHOSE, "choice of satellites")
    looks = table_with(looks, ["satellite", "place"], "looks", numeric=["look_deg"], empty=True)
    table_with(cameras, ["satellite", "owner", "radar", "shared"], "cameras")
    if "norad_id" in cameras:
        each = cameras[["satellite", "norad_id"]].drop_duplicates()
        distinct(each["satellite"], "satellite", "give the other a name of its own")
    able = cameras.assign(
        radar=flags(cameras["radar"], "radar"),
        shared=flags(cameras["shared"], "shared"),
        reach=farthest_look_deg(cameras, roll_deg),
    )
    able = able if radar else able[~able["radar"]]
    best = able.groupby("satellite").agg(
        reach=("reach", "max"), owner=("owner", "first"), radar=("radar", "first")
    )
    best["shared"] = able[able["shared"]].groupby("satellite")["reach"].max()
    each = best.reindex(looks["satellite"])
    own = each["owner"].to_numpy() == (home or looks["place"].to_numpy())
    others = {
        WHOSE[0]: np.nan,
        WHOSE[1]: each["shared"],
        WHOSE[2]: each["reach"].where(each["owner"].isin(["CHN", "BRA"])),
    }
    reach = np.where(own, each["reach"], others[whose])
    kept = looks["look_deg"].to_numpy() <= reach
    return looks[kept].assign(radar=each["radar"].to_numpy()[kept].astype(bool))


def lit(below, lowest_sun_deg=LOWEST_SUN_DEG):
    """Return whether the Sun stands high enough below each satellite: array (satellite, time)."""
    below = _track(below)
    up = orbits.zenith(below["lat"].values, below["lon"].values)
    high = np.einsum("sta,ta->st", up, sun.direction(below["time"].values))
    return high >= np.sin(np.radians(number(lowest_sun_deg, "lowest_sun_deg", -90, 90)))


def by_light(looks, lowest_sun_deg=LOWEST_SUN_DEG):
    """Return the rows of `looks` that can give a picture: radar at any hour, cameras by day.

    `looks` has a column radar (True or False) beside sun_deg.
    """
    table_with(looks, ["radar", "sun_deg"], "looks", empty=True)
    lowest = number(lowest_sun_deg, "lowest_sun_deg", -90, 90)
    return looks[flags(looks["radar"], "radar") | (numbers(looks["sun_deg"], "sun_deg") >= lowest)]


def first_image(looks, when):
    """Return the first of `looks` by each satellite from `when` on, with `hours` since, by time.

    No rows means that no satellite came before the looks end.
    """
    looks, moment = _timed(looks, "satellite"), pd.Timestamp(instant(when, "when"), tz="UTC")
    later = looks[looks["time"] >= moment].sort_values("time").drop_duplicates("satellite")
    return later.assign(hours=(later["time"] - moment) / pd.Timedelta(hours=1))


def waiting_hours(looks, places, starts):
    """Return the hours from each start to the next of `looks` at each place: DataFrame by place.

    `places` are names, `starts` times in UTC (the columns). `inf` where none comes any more.
    InputError: a place comes twice.
    """
    named = [places] if isinstance(places, str) else places
    if not np.iterable(named) or not all(isinstance(name, Hashable) for name in named):
        raise InputError(f"places is {shown(places)}: give a list of names.")
    places = list(named)
    distinct(places, "place", "give each once")
    starts = np.atleast_1d(utc(starts))
    table = np.full((len(places), len(starts)), np.inf)
    ordered = _timed(looks, "place").sort_values("time")
    times = utc(ordered["time"])
    found = ordered.groupby("place").indices
    for row, name in enumerate(places):
        mine = times[found.get(name, [])]
        after = np.searchsorted(mine, starts)
        there = after < len(mine)
        table[row, there] = (mine[after[there]] - starts[there]) / np.timedelta64(1, "h")
    return pd.DataFrame(table, index=pd.Index(places, name="place"), columns=starts)


def median_and_worst(waiting):
    """Return the hours of each place over all starts: DataFrame with columns median and worst.

    `waiting` comes from `waiting_hours`. Above LONGEST_WAIT_HOURS it is inf.
    """
    if (
        not isinstance(waiting, pd.DataFrame)
        or waiting.empty
        or not (
            all(map(pd.api.types.is_numeric_dtype, waiting.dtypes))
            and waiting.notna().all(axis=None)
        )
    ):
        raise InputError("These are no hours of waiting: give what waiting_hours returns.")
    table = pd.DataFrame({"median": waiting.median(axis=1), "worst": waiting.max(axis=1)})
    return table.where(table <= LONGEST_WAIT_HOURS, np.inf)


def _height(height_km):
    return numbers(height_km, "height_km", above=0)


def _roll(roll_deg):
    return numbers(roll_deg, "roll_deg", above=-90, below=90)


def _half_look(height_km, swath_km):
    """Return the angle at the satellite from straight down to the edge of a swath, in degrees."""
    swath = numbers(swath_km, "swath_km", 0, 2 * np.pi * EARTH_KM)
    return look_angle(height_km, np.degrees(swath / 2 / EARTH_KM))


def _track(below, *fields):
    """Return the points below satellites as (satellite, time), whatever their order was.

    Places are checked, and that times rise by even steps: what is counted from step to step is
    wrong where some are missing.
    """
    below, read = _in_steps(below, *fields), {}
    for name, reading in (("lat", latitude), ("lon", longitude), ("height_km", _height)):
        if name in {"lat", "lon", *fields}:
            values = below[name].values
            found = reading(values)
            if found.dtype != values.dtype or not np.array_equal(found, values):
                read[name] = (("satellite", "time"), found)
    return below.assign(read) if read else below


def _in_steps(below, *fields):
    """Return points below satellites as (satellite, time) in even steps, places not yet checked."""
    wanted, what = {"lat", "lon", *fields}, "points below satellites: give what orbits.subpoints"
    if not wanted <= set(getattr(below, "data_vars", ())):
        raise InputError(f"These are no {what} returns.")
    below = with_dims(below, ("satellite", "time"), f"{what} returns")
    even_steps(utc(below["time"].values), "track")
    return below


def _one_satellite(below):
    if below.sizes["satellite"] != 1:
        raise InputError(
            f"{below.sizes['satellite']} satellites were given: select one, as isel(satellite=[0])."
        )
    return below


def _usable(usable, below):
    """Return which steps count, as bool array (satellite, time) of a track."""
    dims = ("satellite", "time")
    if hasattr(usable, "dims"):
        usable = with_dims(usable, dims, "steps: give True or False for each satellite and time")
    found = flags(getattr(usable, "values", usable), "usable")
    if found.shape != tuple(below.sizes[dim] for dim in dims):
        raise InputError(
            f"usable has the shape {found.shape}, the track {tuple(below.sizes.values())}: give "
            "True or False for each satellite and time."
        )
    return found


def _shift(sun_shift):
    """Return a shift of time as timedelta64."""
    if sun_shift is None:
        return np.timedelta64(0, "ns")
    try:
        shift = pd.Timedelta(sun_shift)
        if pd.isna(shift) or isinstance(sun_shift, int | float):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"sun_shift is {shown(sun_shift)}: give a time span, as pandas.Timedelta(days=180)."
        ) from None
    return shift.to_timedelta64()


def _timed(looks, column):
    """Return looks with their times in UTC."""
    table_with(looks, [column, "time"], "looks", empty=True)
    return looks.assign(time=pd.DatetimeIndex(utc(looks["time"]), tz="UTC"))


def _axis(values, read):
    axis = np.atleast_1d(read(values))
    if axis.ndim != 1 or not axis.size or not (np.diff(axis) > 0).all():
        raise InputError("A grid needs two rising axes: give lists of lat and lon without repeats.")
    return axis


def _unit(lat, lon):
    phi, lam = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def _stride(lat, lon):
    """Return the longest way of each satellite from step to step, in degrees."""
    here = _unit(lat, lon)
    chord = np.linalg.norm(np.diff(here, axis=1), axis=-1)
    return np.degrees(2 * np.arcsin(np.minimum(chord.max(axis=1, initial=0) / 2, 1)))


def _touched(caps, step, lat, lon):
    """Return (cell, step) of every cell that each circle touches, in the order of the circles.

    On each row a circle touches one stretch of longitudes, whose half-width has a closed form:
    sin²(dlon/2) = (sin²(reach/2) - sin²(dlat/2)) / (cos lat cos lat0).
    """
    lat0, lon0, reach = caps
    first = np.searchsorted(lat, lat0 - reach)
    rows = np.searchsorted(lat, lat0 + reach, "right") - first
    circle, row = _spread(first, rows)
    lat0, lon0, reach = lat0[circle], lon0[circle], reach[circle]
    phi, phi0 = np.radians(lat[row]), np.radians(lat0)
    with np.errstate(divide="ignore", invalid="ignore"):
        square = np.sin(np.radians(reach) / 2) ** 2 - np.sin((phi - phi0) / 2) ** 2
        square /= np.cos(phi) * np.cos(phi0)
    half = np.degrees(2 * np.arcsin(np.sqrt(square.clip(0, 1))))
    # Three turns of the axis, so that a stretch across 180 degrees is one stretch.
    turns = np.concatenate([lon - 360, lon, lon + 360])
    begin, end = np.searchsorted(turns, lon0 - half), np.searchsorted(turns, lon0 + half, "right")
    whole, none = square >= 1, ~(square >= 0)
    begin[whole], end[whole] = lon.size, 2 * lon.size
    end[none] = begin[none]
    pair, column = _spread(begin, end - begin)
    cell = row[pair] * lon.size + column % lon.size
    return cell.astype(np.uint16 if lat.size * lon.size <= _CELLS else np.int64), step[circle][pair]


def _spread(first, count):
    """Return (index, value) of the numbers first, first + 1, … of each index, `count` of them."""
    index = np.repeat(np.arange(len(first)), count)
    before = np.cumsum(count) - count
    return index, np.arange(len(index)) + np.repeat(first - before, count)


def _runs(cell, step, hours, shape):
    """Return visits and largest gap in hours of each cell, from (cell, step) in order of time."""
    order = np.argsort(cell, kind="stable")
    cell, step = cell[order], step[order]
    other = np.append(True, cell[1:] != cell[:-1]) if cell.size else np.zeros(0, bool)
    fresh = other | np.append(True, np.diff(step) > 1) if cell.size else other
    size = shape[0] * shape[1]
    count = np.bincount(cell[fresh], minlength=size)
    gap = np.full(size, hours[-1])
    start, end = np.flatnonzero(other), np.flatnonzero(np.append(other[1:], True))
    if cell.size:
        gap[cell[start]] = np.maximum(hours[step[start]], hours[-1] - hours[step[end]])
    between = np.flatnonzero(fresh & ~other)
    np.maximum.at(gap, cell[between], hours[step[between]] - hours[step[between - 1]])
    return count.reshape(shape), gap.reshape(shape)
