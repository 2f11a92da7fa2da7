"""Where the Sun stands: day or night at a place, and whether a satellite is lit.

Directions are geometric: the centre of the Sun, no refraction (which lifts it by half a degree at
the horizon). The Sun is taken infinitely far away; its parallax is below 0.003 degrees. Formula:
the low-precision Sun of the Astronomical Almanac, right to about 0.01 degrees from 1950 to 2050,
turned into the Earth-fixed frame by the same sidereal angle as the satellites.
"""

import numpy as np

from helpers.inputs import InputError
from silkroad.orbits import EQUATOR_KM, FLATTENING, gmst_rad, zenith
from silkroad.values import instant, latitude, longitude, paired, utc, xyz_last
from silkroad.visibility import world_grid

CIVIL_DUSK_DEG = -6  # below this the brightest stars and satellites show
_J2000 = np.datetime64("2000-01-01T12:00", "ns")


def direction(times):
    """Return unit vectors (..., 3) from the Earth to the Sun at `times` (UTC), Earth-fixed."""
    times = utc(times)
    days = (times - _J2000) / np.timedelta64(1, "D")
    anomaly = np.radians(357.528 + 0.9856003 * days)
    mean_longitude = 280.460 + 0.9856474 * days
    ecliptic = np.radians(mean_longitude + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439 - 0.0000004 * days)
    right_ascension = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    sine = np.sin(tilt) * np.sin(ecliptic)
    east = right_ascension - gmst_rad(times)
    flat = np.sqrt(1 - sine**2)
    return np.stack([flat * np.cos(east), flat * np.sin(east), sine], axis=-1)


def elevation_deg(lat, lon, times):
    """Return how high the Sun stands, in degrees, negative at night.

    lat, lon (degrees) and times (UTC) broadcast against each other: one place over many times,
    many places at one time, or pairs. InputError: places or times that are none, or do not fit.
    """
    lat, lon, times = latitude(lat), longitude(lon), utc(times)
    paired(lat=lat, lon=lon, times=times)
    # Each of them before it is broadcast: one time has one Sun, however many places look up at it.
    high = np.einsum("...k,...k->...", zenith(lat, lon), direction(times))
    return np.degrees(np.arcsin(np.clip(high, -1, 1)))


def elevation_grid(time, step_deg=2):
    """Return how high the Sun stands on a grid of the Earth at one time: DataArray (lat, lon)."""
    import xarray as xr

    lat, lon = world_grid(step_deg)
    return xr.DataArray(
        elevation_deg(lat[:, None], lon, instant(time)),
        coords={"lat": lat, "lon": lon},
        dims=("lat", "lon"),
        attrs={"units": "degrees"},
    )


def night_ring(time):
    """Return the border of the night, where the Sun is down, as an array (n, 2) of lat, lon.

    The ring runs along the edge of the light from -180 to 180 degrees, then round the dark pole.
    """
    lon = np.linspace(-180, 180, 73)
    x, y, z = direction(instant(time))
    # On each meridian the light ends where the zenith is at right angles to the Sun.
    across = x * np.cos(np.radians(lon)) + y * np.sin(np.radians(lon))
    border = np.degrees(np.arctan2(-across * np.copysign(1, z), abs(z)))
    pole = -np.copysign(90.0, z)
    return np.vstack([np.column_stack([border, lon]), [[pole, 180.0], [pole, -180.0]]])


def sunlit(positions):
    """Return which satellites the Sun shines on: bool DataArray, dims of `positions` less axis.

    `positions` come from `orbits.positions`, in any order. A satellite is dark where the line to
    the centre of the Sun meets the ellipsoid WGS 84. The half-shade beside it, some eight seconds
    of a low orbit, is not told apart.
    """
    if hasattr(positions, "coords") and "time" not in positions.coords:
        raise InputError("positions has no times: take it from orbits.positions.")
    place = xyz_last(positions)
    towards = direction(place["time"].values)
    if "time" in place.dims:
        place = place.transpose(..., "time", "axis")
    # Stretched along the axis, the ellipsoid is a sphere, and straight lines stay straight.
    stretch = np.array([1, 1, 1 / (1 - FLATTENING)])
    towards = towards * stretch
    towards = towards / np.linalg.norm(towards, axis=-1, keepdims=True)
    at = place.values * stretch
    along = np.sum(at * towards, axis=-1)
    aside = np.linalg.norm(at - along[..., None] * towards, axis=-1)
    lit = (along > 0) | (aside > EQUATOR_KM)
    return place.isel(axis=0, drop=True).copy(data=lit).assign_attrs(units="", frame="")
