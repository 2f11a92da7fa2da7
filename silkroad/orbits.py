"""From orbital elements to places: positions, sub-satellite points, ground tracks and passes.

Elements are mean elements (OMM fields, as in the table `elements`); SGP4 turns them into
positions in its frame TEME. A rotation by Greenwich mean sidereal time (IAU 1982, from UT1) makes
them Earth-fixed. Polar motion is left out: it moves a satellite in geostationary orbit by at most
0.1 km and one in low orbit by 0.02 km, far less than elements are good for, and it would need
data that age. UT1 comes from the tables inside Skyfield, without a network.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from sgp4.api import SGP4_ERRORS, WGS72, Satrec, SatrecArray

from helpers.inputs import InputError
from silkroad.elements import checked_elements
from silkroad.geometry import split_antimeridian
from silkroad.values import (
    AgeWarning,
    distinct,
    instant,
    latitude,
    longitude,
    number,
    numbers,
    paired,
    positive,
    product,
    table_with,
    utc,
    with_dims,
    xyz_last,
)

MU_KM3_S2 = 398600.4418  # WGS 84, for Kepler's third law; SGP4 keeps its own of WGS 72
EQUATOR_KM = 6378.137  # WGS 84
FLATTENING = 1 / 298.257223563  # WGS 84
SIDEREAL_DAY_S = 86164.0905
EARTH_RATE_RAD_S = 7.292115e-5

_ELEMENTS = [
    *("epoch", "inclination_deg", "raan_deg", "eccentricity", "arg_perigee_deg"),
    *("mean_anomaly_deg", "mean_motion_rev_per_day", "bstar"),
    *("mean_motion_dot", "mean_motion_ddot"),
]
_LOW_REV_PER_DAY = 11.25  # the usual bound of low orbits: a period of 128 minutes
_STEPS_PER_ORBIT, _LONGEST_STEP_S = 90, 1000  # in which the Earth turns by four degrees
_LARGEST_NUMBER = 339999  # that SGP4 writes in its five signs; it computes nothing from it
_NS_PER_DAY = 86_400_000_000_000


def positions(elements, times):
    """Return Earth-fixed positions in km as a DataArray (satellite, time, axis).

    `elements` is a DataFrame with columns as in the table `elements`; `times` are UTC. InputError:
    nothing selected, a missing or absurd element, a satellite that comes twice (it would count
    twice), one that SGP4 cannot carry to that time. AgeWarning: a time further from the epoch than
    the elements are good for (see `age_days`).
    """
    import xarray as xr

    times = np.atleast_1d(utc(times))
    if times.ndim > 1:
        raise InputError("The times are a table: give one list of them.")
    elements = _checked(elements, times)
    place, _ = _propagated(elements, times)
    return xr.DataArray(
        place,
        dims=("satellite", "time", "axis"),
        coords={
            "satellite": elements["name"].to_numpy(object),
            "norad_id": ("satellite", elements["norad_id"].to_numpy(int)),
            "time": times,
            "axis": ["x", "y", "z"],
        },
        attrs={"units": "km", "frame": "Earth-fixed: TEME turned by GMST, no polar motion"},
    )


def subpoints(elements, times):
    """Return the points below the satellites: Dataset lat, lon, height_km (satellite, time)."""
    return subpoints_of(positions(elements, times))


def subpoints_of(positions):
    """Return lat, lon in degrees (geodetic, WGS 84) and height_km of `positions`.

    A DataArray with the dimension axis (x, y, z) and any others, which the result keeps.
    """
    import xarray as xr

    positions = xyz_last(positions)
    lat, lon, height_km = geodetic(positions.values)
    dims = positions.dims[:-1]
    fields = {
        "lat": (dims, lat, {"units": "degrees_north"}),
        "lon": (dims, lon, {"units": "degrees_east"}),
        "height_km": (dims, height_km, {"units": "km"}),
    }
    return xr.Dataset(fields, positions.drop_vars("axis", errors="ignore").coords)


def below(elements, time):
    """Return the elements with lat, lon and height_km of the points below them at one time.

    What `with_subpoints` makes of `positions`, and refused alike, without loading xarray.
    """
    times = np.atleast_1d(utc(time))
    if times.shape != (1,):
        raise InputError(f"{times.size} times are given: give one, or take orbits.positions.")
    place, _ = _propagated(_checked(elements, times), times)
    lat, lon, height_km = geodetic(place[:, 0])
    return elements.assign(lat=lat, lon=lon, height_km=height_km)


def with_subpoints(elements, positions):
    """Return the elements with lat, lon and height_km of the points below them at one time.

    `positions` are theirs at that time, as from `positions(elements, time)`.
    """
    table_with(elements, ("name", "norad_id"), "elements", empty=True)
    what = "positions of satellites at one time: give what orbits.positions returns"
    positions = with_dims(positions, ("satellite", "axis"), what)
    if positions.sizes["satellite"] != len(elements):
        raise InputError(
            f"{positions.sizes['satellite']} positions for {len(elements)} satellites: give those "
            "of the same satellites at one time."
        )
    for key, column in (("norad_id", "norad_id"), ("satellite", "name")):
        held = np.atleast_1d(positions.coords.get(key, elements[column]))
        if list(held) != list(elements[column]):
            raise InputError(
                "The positions are of other satellites than the elements, or in another order: "
                "give orbits.positions of the same rows."
            )
    lat, lon, height_km = geodetic(xyz_last(positions).values)
    return elements.assign(lat=lat, lon=lon, height_km=height_km)


def geodetic(xyz_km):
    """Return (lat, lon, height_km) on WGS 84 of Earth-fixed positions (..., 3) in km.

    Bowring's formula applied twice: exact to a millimetre from the ground to beyond the Moon.
    """
    xyz_km = numbers(xyz_km, "A position")
    if xyz_km.shape[-1:] != (3,):
        raise InputError("A position is no x, y, z: give three numbers in km.")
    x, y, z = np.moveaxis(xyz_km, -1, 0)
    across = np.hypot(x, y)
    squash = 1 - FLATTENING
    e2 = 1 - squash**2
    reduced = np.arctan2(z, across * squash)
    for _ in range(2):
        lat = np.arctan2(
            z + e2 / squash * EQUATOR_KM * np.sin(reduced) ** 3,
            across - e2 * EQUATOR_KM * np.cos(reduced) ** 3,
        )
        reduced = np.arctan2(squash * np.sin(lat), np.cos(lat))
    height_km = across * np.cos(lat) + z * np.sin(lat)
    height_km -= EQUATOR_KM * np.sqrt(1 - e2 * np.sin(lat) ** 2)
    return np.degrees(lat), longitude(np.degrees(np.arctan2(y, x))), height_km


def earth_fixed(lat, lon, height_km=0.0):
    """Return Earth-fixed positions (..., 3) in km of geodetic WGS 84 coordinates in degrees."""
    lat, lon, height_km = paired(
        lat=latitude(lat), lon=longitude(lon), height_km=numbers(height_km, "height_km")
    )
    up = zenith(lat, lon)
    e2 = FLATTENING * (2 - FLATTENING)
    bend_km = EQUATOR_KM / np.sqrt(1 - e2 * up[..., 2] ** 2)
    return up * np.stack(
        [bend_km + height_km, bend_km + height_km, bend_km * (1 - e2) + height_km], axis=-1
    )


def zenith(lat, lon):
    """Return the unit vectors (..., 3) that point straight up from geodetic coordinates."""
    lat, lon = latitude(lat), longitude(lon)
    paired(lat=lat, lon=lon)
    phi, lam = np.radians(lat), np.radians(lon)  # of a grid's axes, before they are broadcast
    flat = np.cos(phi)
    axes = np.broadcast_arrays(flat * np.cos(lam), flat * np.sin(lam), np.sin(phi))
    return np.stack(axes, axis=-1)


def ground_track(elements, start, hours, step_minutes=1):
    """Return {satellite name: [array (n, 2) of lat, lon, ...]}, split at the antimeridian.

    The track runs from `start` over `hours`, both ends included, in steps no longer than
    `step_minutes`. Satellites of one name have their catalogue number behind it.
    """
    start = instant(start, "start")
    hours = number(hours, "hours", above=0, high=1e6)
    steps = np.ceil(hours * 60 / positive(step_minutes, "step_minutes"))
    if steps >= 1e6:
        raise InputError(
            f"{steps + 1:g} points per track are too many: take a longer step_minutes."
        )
    times = start + np.linspace(0, hours * 3.6e12, int(steps) + 1).astype("timedelta64[ns]")
    elements = _checked(elements, times)
    lat, lon, _ = geodetic(_propagated(elements, times)[0])
    names = elements["name"].astype(str).reset_index(drop=True)
    numbered = names + " (" + elements["norad_id"].astype(str).to_numpy() + ")"
    names = names.where(~names.duplicated(keep=False), numbered)
    tracks = zip(names, lat, lon, strict=True)
    return {name: split_antimeridian(lat, lon) for name, lat, lon in tracks}


def passes(elements, places, start, end, min_elevation_deg=10):
    """Return each time a satellite stands above `min_elevation_deg` at a place, as a DataFrame.

    `places` is a DataFrame with name, lat, lon and, if you like, height_km. Columns: satellite,
    norad_id, place, rise, culmination, set (UTC), max_elevation_deg, rise_clipped, set_clipped. A
    pass under way at `start` rises there with `rise_clipped`, one not over at `end` sets there
    with `set_clipped`; a satellite that never sets has both, one that never rises has no row.
    Elevation is geometric: no refraction. It may be below zero, as from a mountain, down to -90;
    that the Earth then may stand between is not asked. The culmination is the highest point
    between rise and set.

    Each satellite is propagated once, on a grid of 90 steps per orbit that all places share. In
    between, cubic Hermite curves through positions and velocities follow SGP4 to some metres,
    hence rise and set to well within a second, and no pass is too short to be seen: all maxima
    of the elevation are found, by the sign of its rate.
    """
    start, end = instant(start, "start"), instant(end, "end")
    if end <= start:
        raise InputError(f"The end {end} is not after the start {start}: swap them.")
    table_with(places, ("name", "lat", "lon"), "places")
    distinct(places["name"], "place", "give each a name of its own")
    height_km = numbers(places.get("height_km", 0), "height_km", -1, 20)
    lowest = np.radians(number(min_elevation_deg, "min_elevation_deg", -90, below=90))
    elements = _checked(elements, np.array([start, end]))
    site = earth_fixed(places["lat"], places["lon"], height_km)
    up = zenith(places["lat"], places["lon"])

    found = []
    for row in range(len(elements)):
        satellite = elements.iloc[[row]]
        arc = _Arc(*_nodes(satellite, start, end), site, up)
        table = _passes_of(arc, lowest)
        table.insert(0, "satellite", satellite["name"].item())
        table.insert(1, "norad_id", satellite["norad_id"].item())
        found.append(table)
    found = pd.concat(found, ignore_index=True)
    found["place"] = places["name"].to_numpy()[found["place"]]
    for column in ("rise", "culmination", "set"):
        stamps = start + np.rint(found[column].to_numpy(float) * 1e9).astype("timedelta64[ns]")
        found[column] = pd.DatetimeIndex(stamps, tz="UTC")
    return found.sort_values("rise", ignore_index=True)


def age_days(elements, time):
    """Return how many days `time` lies after the epoch of each satellite (before it: negative).

    Elements age: the orbit drifts from them as air drag and manoeuvres go unmodelled. A space
    station is 73 km off after 6 days, BeiDou 4 km. So the models warn beyond 7 days in low orbits
    (period below 128 minutes), where 100 km or 13 seconds along the track are then usual, and
    beyond 30 days in higher ones, which feel no air drag, move at half the speed, and where 100 km
    is a fifth of a degree in the sky.
    """
    epochs = table_with(elements, ("epoch",), "elements", empty=True)["epoch"]
    return pd.Series(_days_after(epochs, instant(time)), epochs.index, name="age_days")


def _days_after(epochs, times):
    return (times - utc(epochs)) / np.timedelta64(1, "D")


def semi_major_axis_km(mean_motion_rev_per_day):
    """Return the semi-major axis in km by Kepler's third law: a³ = mu / n²."""
    turns = numbers(mean_motion_rev_per_day, "mean_motion_rev_per_day", above=0)
    rate_rad_s = turns * 2 * np.pi / 86400
    return (MU_KM3_S2 / rate_rad_s**2) ** (1 / 3)


def period_hours(semi_major_axis_km):
    """Return the orbital period in hours by Kepler's third law: T² = 4 pi² a³ / mu."""
    axis_km = numbers(semi_major_axis_km, "semi_major_axis_km", above=0)
    return 2 * np.pi * np.sqrt(axis_km**3 / MU_KM3_S2) / 3600


def geostationary_height_km():
    """Return the height above the equator where an orbit takes one sidereal day."""
    return float(semi_major_axis_km(86400 / SIDEREAL_DAY_S) - EQUATOR_KM)


def with_orbit_class(elements):
    """Return the elements with semi_major_axis_km, mean_height_km, period_hours and orbit_class.

    The height is that over the equator's radius. One turn in a sidereal day, to half an hour, is
    GEO below 10 degrees of inclination, else IGSO; of the others those of eccentricity 0.25 or
    more are HEO, MEO lie above 10,000 km, SSO are inclined by 96 to 100 degrees, LEO is what
    remains.
    """
    columns = ("mean_motion_rev_per_day", "inclination_deg", "eccentricity")
    table_with(elements, columns, "elements", empty=True)
    turns, tilt, oval = (numbers(elements[column], column) for column in columns)
    axis_km, hours = semi_major_axis_km(turns), 24 / turns
    daily = np.abs(hours - SIDEREAL_DAY_S / 3600) < 0.5
    far, sunny = axis_km > EQUATOR_KM + 10_000, (tilt >= 96) & (tilt <= 100)
    kinds = [daily & (tilt < 10), daily, oval >= 0.25, far, sunny]
    return elements.assign(
        semi_major_axis_km=axis_km,
        mean_height_km=axis_km - EQUATOR_KM,
        period_hours=hours,
        orbit_class=np.select(kinds, ["GEO", "IGSO", "HEO", "MEO", "SSO"], "LEO"),
    )


def synthetic_elements(
    epoch, height_km, inclination_deg, eccentricity=0.0, lon=100.0, name="your satellite"
):
    """Return elements of one satellite that does not exist, at its perigee over the equator.

    It crosses the equator northwards at `lon` at the time `epoch`. `height_km` is the mean height
    over the equator's radius; Kepler's third law gives the mean motion. It has no air drag.
    """
    axis_km = positive(height_km, "height_km") + EQUATOR_KM
    epoch = instant(epoch, "epoch")
    node = np.degrees(gmst_rad(epoch)) + number(longitude(lon), "lon")
    return pd.DataFrame(
        {
            "name": [name],
            "norad_id": 0,
            "epoch": pd.Timestamp(epoch.item(), tz="UTC"),
            "inclination_deg": number(inclination_deg, "inclination_deg", 0, 180),
            "raan_deg": float(node) % 360,
            "eccentricity": number(eccentricity, "eccentricity", 0, 0.99),
            "arg_perigee_deg": 0.0,
            "mean_anomaly_deg": 0.0,
            "mean_motion_rev_per_day": 24 / period_hours(axis_km),
            "bstar": 0.0,
            "mean_motion_dot": 0.0,
            "mean_motion_ddot": 0.0,
        }
    )


def gmst_rad(times):
    """Return Greenwich mean sidereal time in radians (IAU 1982, as TEME needs it) at UTC times."""
    times = utc(times)
    day, nanoseconds = np.divmod(times.astype(np.int64), _NS_PER_DAY)
    # As a calendar day, so that the leap seconds of that day are applied.
    ut1 = _timescale().utc(1970, 1, 1 + day, 0, 0, nanoseconds / 1e9)
    days, part = ut1.whole - 2451545.0, ut1.ut1_fraction
    century = (days + part) / 36525
    seconds = 67310.54841 + century * (8640184.812866 + century * (0.093104 - 6.2e-6 * century))
    # A century holds 876600 hours of 3600 s; whole days of them are turns and fall away.
    return 2 * np.pi * ((seconds / 86400 + days + part) % 1)


@lru_cache(maxsize=1)
def _timescale():
    from skyfield.api import load  # heavy, and only needed once something is propagated

    return load.timescale(builtin=True)


def _checked(elements, times):
    """Return usable elements; refuse others, or no times; warn if they are old at any of these."""
    elements = checked_elements(elements)
    if not times.size:
        raise InputError("No time is given: choose at least one.")
    _warn_of_age(elements, times)
    return elements


def _warn_of_age(elements, times):
    ends = utc(np.array([times.min(), times.max()]))
    ages = _days_after(elements["epoch"], ends[:, None])
    low = elements["mean_motion_rev_per_day"].to_numpy(float) > _LOW_REV_PER_DAY
    limit = np.where(low, 7, 30)
    end, worst = np.unravel_index(np.argmax(np.abs(ages) / limit), ages.shape)
    age = ages[end, worst]
    if abs(age) > limit[worst]:
        when = np.datetime_as_string(times.max() if end else times.min(), unit="D")
        warnings.warn(
            f"The elements of {elements['name'].iloc[worst]} are {abs(age):.0f} days "
            f"{'old' if age > 0 else 'too young'} on {when}, and good for {limit[worst]}: take "
            "the result as a model, choose a time nearer their epoch, or newer elements.",
            AgeWarning,
            stacklevel=4,  # who called what called _checked
        )


def _propagated(elements, times, velocities=False):
    """Return Earth-fixed positions in km and velocities in km/s (or None), each (S, T, 3)."""
    days, part = np.divmod(times.astype(np.int64), _NS_PER_DAY)
    satellites = SatrecArray(_satrecs(elements))
    error, place, velocity = satellites.sgp4(days + 2440587.5, part / _NS_PER_DAY)
    if error.any():
        lost = np.flatnonzero(error.any(axis=1))
        first = np.argmax(error[lost[0]] > 0)
        names = ", ".join(elements["name"].iloc[lost[:3]]) + (
            " and others" if lost.size > 3 else ""
        )
        raise InputError(
            f"SGP4 cannot carry {names} to {np.datetime_as_string(times[first], unit='D')} "
            f"({SGP4_ERRORS[error[lost[0], first]]}): choose a time nearer the epoch "
            f"{elements['epoch'].iloc[lost[0]]:%Y-%m-%d} or leave it out."
        )
    angle = gmst_rad(times)
    cos, sin = np.cos(angle), np.sin(angle)

    def turned(vectors):
        x, y, z = np.moveaxis(vectors, -1, 0)
        return np.stack([cos * x + sin * y, cos * y - sin * x, z], axis=-1)

    place = turned(place)
    if not velocities:
        return place, None
    velocity = turned(velocity)
    velocity[..., 0] += EARTH_RATE_RAD_S * place[..., 1]
    velocity[..., 1] -= EARTH_RATE_RAD_S * place[..., 0]
    return place, velocity


def _satrecs(elements):
    """Return the elements as the propagator's objects, in its units: radians and minutes."""
    values = {name: elements[name].to_numpy(float) for name in _ELEMENTS if name != "epoch"}
    epochs = utc(elements["epoch"]) - np.datetime64("1949-12-31")
    found = []
    for row, norad_id in enumerate(elements["norad_id"]):
        one = {name: column[row] for name, column in values.items()}
        satellite = Satrec()
        satellite.sgp4init(
            WGS72,
            "i",
            int(norad_id) if norad_id <= _LARGEST_NUMBER else 0,
            epochs[row].astype(int) / _NS_PER_DAY,
            one["bstar"],
            # per day squared and cubed -> radians per minute squared and cubed
            one["mean_motion_dot"] * 2 * np.pi / 1440**2,
            one["mean_motion_ddot"] * 2 * np.pi / 1440**3,
            one["eccentricity"],
            np.radians(one["arg_perigee_deg"]),
            np.radians(one["inclination_deg"]),
            np.radians(one["mean_anomaly_deg"]),
            one["mean_motion_rev_per_day"] * 2 * np.pi / 1440,
            np.radians(one["raan_deg"]),
        )
        found.append(satellite)
    return found


def _nodes(satellite, start, end):
    """Return positions and velocities at even steps from `start` to `end`, and the step in s."""
    span_s = (end - start) / np.timedelta64(1, "s")
    step_s = 86400 / satellite["mean_motion_rev_per_day"].item() / _STEPS_PER_ORBIT
    step_s = min(step_s, _LONGEST_STEP_S)
    step_s *= (1 - satellite["eccentricity"].item()) ** 1.5  # as fine at perigee, where it hurries
    offsets_s = np.linspace(0, span_s, int(np.ceil(span_s / step_s)) + 1)
    times = start + np.rint(offsets_s * 1e9).astype("timedelta64[ns]")
    place, velocity = _propagated(satellite, times, velocities=True)
    return place[0], velocity[0], offsets_s[1]


@dataclass(frozen=True)
class _Arc:
    """The way of one satellite between its nodes, and the sites that look up at it.

    place (km) and velocity (km/s) are Earth-fixed, (nodes, 3), `step_s` apart; site and up (sites,
    3). A time is given in steps from the first node.
    """

    place: np.ndarray
    velocity: np.ndarray
    step_s: float
    site: np.ndarray
    up: np.ndarray

    def near(self, limit):
        """Return (sites, nodes) where the satellite may stand above `limit` radians, or soon."""
        radius = np.linalg.norm(self.place, axis=1)
        # No satellite stands above `limit` further than this from the zenith line. Ten degrees
        # more hold the way between two nodes (4 degrees of orbit, as much of rotation) and the
        # flattening.
        reach = np.arccos(np.cos(limit) * 6357 / radius.max()) - limit + np.radians(10)
        towards = product(self.up, (self.place / radius[:, None]).T)
        return np.divmod(np.flatnonzero(towards >= np.cos(min(reach, np.pi))), len(radius))

    def elevation(self, where, time):
        """Return the sine of the elevation at sites and times, and a measure of its rate."""
        node = np.minimum(time.astype(int), len(self.place) - 2)
        t = (time - node)[:, None]
        r0, r1 = self.place[node], self.place[node + 1]
        v0, v1 = self.velocity[node] * self.step_s, self.velocity[node + 1] * self.step_s
        across = r1 - r0
        bend, twist = 3 * across - 2 * v0 - v1, v0 + v1 - 2 * across
        place = r0 + t * (v0 + t * (bend + t * twist))
        return self._elevation(where, place, v0 + t * (2 * bend + t * 3 * twist))

    def elevation_at(self, where, node):
        """Return the same at the nodes themselves, where nothing lies between."""
        return self._elevation(where, self.place[node], self.velocity[node] * self.step_s)

    def _elevation(self, where, place, speed):
        away = place - self.site[where]
        height = np.einsum("ij,ij->i", away, self.up[where])
        square = np.einsum("ij,ij->i", away, away)
        climb = np.einsum("ij,ij->i", speed, self.up[where]) * square
        return height / np.sqrt(square), climb - height * np.einsum("ij,ij->i", away, speed)


def _passes_of(arc, limit):
    """Return the passes above `limit` radians, times in seconds after the first node of the arc."""
    where, time, sine = _samples(arc, limit)
    above = sine >= np.sin(limit)
    near = (np.diff(where) == 0) & (np.diff(time) <= 1)
    first = np.flatnonzero(above & ~np.append(False, near & above[:-1]))
    last = np.flatnonzero(above & ~np.append(near & above[1:], False))
    opened = np.append(False, near)[first]  # something below the limit comes just before
    closed = np.append(near, False)[last]

    def over(*at):
        return arc.elevation(*at)[0] - np.sin(limit)

    rise, fall = time[first], time[last]
    early, late = first[opened], last[closed]
    rise[opened] = _root(over, where[early], time[early - 1], time[early])
    fall[closed] = _root(over, where[late], time[late], time[late + 1])
    top = _highest(sine, first, last)
    return pd.DataFrame(
        {
            "place": where[first],
            "rise": rise * arc.step_s,
            "culmination": time[top] * arc.step_s,
            "set": fall * arc.step_s,
            "max_elevation_deg": np.degrees(np.arcsin(sine[top])),
            "rise_clipped": ~opened,
            "set_clipped": ~closed,
        }
    )


def _samples(arc, limit):
    """Return sites, times and sines of the elevation, by site and time.

    These are the nodes near a pass and the turning points between them: from one to the next the
    elevation only climbs or only falls.
    """
    where, node = arc.near(limit)
    time = node.astype(float)
    sine, rate = arc.elevation_at(where, node)
    near = (np.diff(where) == 0) & (np.diff(node) == 1)
    turn = np.flatnonzero(near & ((rate[:-1] < 0) != (rate[1:] < 0)))
    turns = _root(lambda *at: arc.elevation(*at)[1], where[turn], time[turn], time[turn + 1])
    extremes = where[turn], turns, arc.elevation(where[turn], turns)[0]
    nodes = where, time, sine
    return tuple(np.insert(*pair) for pair in zip(nodes, [turn + 1] * 3, extremes, strict=True))


def _highest(sine, first, last):
    """Return where the first of the highest values stands of each stretch from `first` to `last`.

    Both ends belong to it; stretches follow each other and share nothing.
    """
    length = last - first + 1
    stretch = np.repeat(np.arange(len(first)), length)
    at = np.arange(length.sum()) + np.repeat(first - np.cumsum(length) + length, length)
    order = np.lexsort((-sine[at], stretch))  # which keeps the order of what is alike
    return at[order[np.cumsum(length) - length]]


def _root(value, where, low, high):
    """Return where `value(where, time)` changes sign between `low` and `high`, to 1e-6 steps.

    By the rule of false position; an end that stays counts half each time (Illinois), so that
    both ends come near. What is found takes no part in the next round.
    """
    found, left = high.copy(), np.arange(len(high))
    ends = low, high, value(where, low), value(where, high)
    for _ in range(60):
        if not left.size:
            break
        a, b, at_a, at_b = ends
        slope = np.where(at_a == at_b, np.inf, (at_b - at_a) / np.where(a == b, 1, b - a))
        c = np.clip(b - at_b / slope, np.minimum(a, b), np.maximum(a, b))
        at_c = value(where[left], c)
        same = (at_c < 0) == (at_b < 0)
        ends = np.where(same, a, b), c, np.where(same, at_a / 2, at_b), at_c
        found[left], more = c, np.abs(c - b) > 1e-7
        left, ends = left[more], tuple(end[more] for end in ends)
    return found
