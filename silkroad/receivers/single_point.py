"""From pseudoranges of many epochs to as many fixes, all at once, and what is left of each range.

Single point positioning as in RTKLIB's manual (version 2.4.2, appendix E.6): broadcast satellites
and clocks, corrections, weighted least squares for the place and one receiver clock per system.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.inputs import InputError
from silkroad.orbits import geodetic
from silkroad.receivers import air
from silkroad.receivers.messages import BDT_S
from silkroad.receivers.satellites import LIGHT_M_S
from silkroad.receivers.signals import POSITIONED, choice
from silkroad.receivers.sky import sky_of

HEIGHTS_M = (-20_000.0, 100_000.0)  # a fix outside is none: it is the mirror solution, or nothing
_TURN_RAD_S = 7.2921151467e-5
_ROUGH_STEPS, _FINE_STEPS, _STILL_M, _FAR_M = 12, 8, 1e-4, 3.0
_WORST_PDOP = 100.0
CORRECTIONS = ("clock", "group_delay", "earth_turn", "relativity", "ionosphere", "troposphere")


def fixes(observations, ephemerides, systems=POSITIONED, signals=None, **settings):
    """Return a fix for each epoch of the observations, each by itself: DataFrame.

    observations and ephemerides as from `observations` and `ephemerides`; systems among BDS, GPS,
    GAL, each with a clock of its own; signals {system: signal}, the usual ones (B1I, L1 C/A, E1)
    where not given. Settings, all optional:

    mask_deg (10), the lowest elevation; clock, group_delay, earth_turn, relativity, troposphere
    (True), each correction, to be switched off alone; ionosphere, parameters as from `klobuchar`,
    or None for no correction; at (3,) m, Earth-fixed, the known place.

    Columns: time, x_m, y_m, z_m, lat, lon, height_m, satellites (used), pdop, sigma_m (of the
    residuals), clock_m_BDS, clock_m_GPS, clock_m_GAL; with `at` also east_m, north_m, up_m, the
    error. NaN where there is no fix: too few satellites, standing badly, or a solution that is not
    near the Earth's surface. InputError: nothing to use, an unknown system, signal or setting.
    """
    sky, solved = _solved(observations, ephemerides, systems, signals, settings)
    place, lat, lon, height = solved.place, solved.lat, solved.lon, solved.height_m
    table = {"time": sky.times, "x_m": place[:, 0], "y_m": place[:, 1], "z_m": place[:, 2]}
    table |= {"lat": lat, "lon": lon, "height_m": height}
    table |= {"satellites": solved.used.sum(axis=1), "pdop": solved.pdop}
    table["sigma_m"] = solved.sigma_m
    for i, system in enumerate(sky.systems):
        table[f"clock_m_{system}"] = solved.clocks[:, i]
    if (at := _place(settings.get("at"))) is not None:
        lat, lon, _ = geodetic(at / 1000)
        table |= dict(zip(("east_m", "north_m", "up_m"), _enu(place - at, lat, lon), strict=True))
    return pd.DataFrame(table)


def residuals(observations, ephemerides, systems=POSITIONED, signals=None, **settings):
    """Return what is left of each pseudorange, and what each correction is worth: DataFrame.

    As `fixes`; a row for each range of the chosen signals that has a healthy satellite. With `at`
    the place is that one, and only the clocks are fitted; else it is each epoch's own fix.

    Columns: time, system, satellite, signal; elevation_deg, azimuth_deg; used (above the mask);
    residual_m, measured less computed; sigma_m, by which it was weighted; and the corrections in
    metres as added to the pseudorange: clock_m, relativity_m, group_delay_m, earth_turn_m,
    ionosphere_m, troposphere_m (those switched off too).
    """
    sky, solved = _solved(observations, ephemerides, systems, signals, settings)
    at = _place(settings.get("at"))
    if at is not None:
        solved = _at(sky, np.broadcast_to(at, (len(sky.times), 3)), solved)
    there = sky.row >= 0
    rows = sky.row[there]
    kept = sky.table.iloc[rows]
    table = {name: kept[name].to_numpy() for name in ("time", "system", "satellite", "signal")}
    for name in ("elevation_deg", "azimuth_deg", "used", "residual_m"):
        table[name] = getattr(solved, name)[there]
    table["sigma_m"] = solved.range_sigma_m[there]
    for name in CORRECTIONS:
        table[f"{name}_m"] = solved.worth[name][there]
    return pd.DataFrame(table)


# The fixes of all epochs


@dataclass
class _Solved:
    place: np.ndarray
    clocks: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    height_m: np.ndarray
    elevation_deg: np.ndarray
    azimuth_deg: np.ndarray
    used: np.ndarray
    residual_m: np.ndarray
    range_sigma_m: np.ndarray
    worth: dict
    pdop: np.ndarray
    sigma_m: np.ndarray


_SETTINGS = {
    **{"mask_deg": 10.0, "clock": True, "group_delay": True, "earth_turn": True},
    **{"relativity": True, "ionosphere": None, "troposphere": True, "at": None},
}


def _solved(observations, ephemerides, systems, signals, settings):
    if odd := sorted(set(settings) - set(_SETTINGS)):
        raise InputError(f"There is no setting {odd[0]!r}: name some of {', '.join(_SETTINGS)}.")
    sky = sky_of(observations, ephemerides, choice(systems, signals), _SETTINGS | settings)
    return sky, _least_squares(sky)


def _place(at):
    if at is None:
        return None
    place = np.asarray(at, float)
    if place.shape != (3,) or not 6.3e6 < np.linalg.norm(place) < 6.5e6:
        raise InputError(
            f"The place {at} is not near the Earth's surface: give X, Y, Z in metres from its "
            "centre."
        )
    return place


# Least squares


def _least_squares(sky):
    """Return the _Solved of all epochs, each by itself."""
    count = len(sky.times)
    there = sky.row >= 0
    place, clocks = np.zeros((count, 3)), np.zeros((count, len(sky.systems)))
    flat = {name: np.zeros(sky.range_m.shape) for name in ("ionosphere", "troposphere")}
    weight = there.astype(float)
    with np.errstate(all="ignore"):
        for _ in range(_ROUGH_STEPS):
            step, clocks = _step(sky, place, weight, flat)
            place = place + step
            if not np.nanmax(np.abs(step), initial=0) > 10:
                break
        size = np.inf
        for _ in range(_FINE_STEPS):
            if size > _FAR_M:  # the sky of a place does not change within some metres
                seen = _seen(sky, place)
                weight = np.where(seen.used, 1 / seen.range_sigma_m**2, 0.0)
            step, clocks = _step(sky, place, weight, seen.worth)
            place = place + step
            size = np.nanmax(np.abs(step), initial=0)
            if not size > _STILL_M:
                break
        return _judged(sky, place, clocks, seen)


def _step(sky, place, weight, worth):
    """Return (step of the places (epochs, 3), clocks (epochs, systems)), all in metres."""
    toward = place[:, None] - sky.place
    distance = np.sqrt(np.einsum("esi,esi->es", toward, toward))
    design = np.empty((*distance.shape, 3 + len(sky.systems)))
    design[..., :3] = toward / distance[..., None]
    for i in range(len(sky.systems)):
        design[..., 3 + i] = sky.system == i
    left = _corrected(sky, place, worth) - distance
    weighted = design * weight[..., None]
    normal = weighted.swapaxes(1, 2) @ design
    right = np.einsum("esi,es->ei", weighted, left)
    unused = np.einsum("eii->ei", normal) == 0
    found = _inverse(normal, unused) @ right[..., None]
    return found[:, :3, 0], np.where(unused[:, 3:], np.nan, found[:, 3:, 0])


def _inverse(normal, unused):
    """Return the inverses of the normal equations; NaN where there is none.

    An unknown in no equation (the clock of a system that is not heard) is held at zero.
    """
    size = normal.shape[1]
    filled = normal + np.eye(size) * unused[:, :, None]
    scale = 1 / np.sqrt(np.einsum("eii->ei", filled))
    scaled = filled * scale[:, :, None] * scale[:, None, :]
    singular = ~np.isfinite(scaled).all(axis=(1, 2)) | unused[:, :3].any(axis=1)
    scaled[singular] = np.eye(size)
    singular |= np.abs(np.linalg.det(scaled)) < 1e-12
    scaled[singular] = np.eye(size)
    inverse = np.linalg.inv(scaled) * scale[:, :, None] * scale[:, None, :]
    inverse[singular] = np.nan
    return inverse


def _corrected(sky, place, worth):
    """Return the ranges with all corrections that are switched on."""
    corrected = sky.range_m.copy()
    if sky.settings["earth_turn"]:
        corrected += _earth_turn(sky, place)
    for name, metres in worth.items():
        if sky.settings[name] is not None and sky.settings[name] is not False:
            corrected += metres
    return corrected


def _earth_turn(sky, place):
    """Return what the Earth's turning while the signal travels adds, in metres (Sagnac's term)."""
    x, y = sky.place[..., 0], sky.place[..., 1]
    return -_TURN_RAD_S / LIGHT_M_S * (x * place[:, None, 1] - y * place[:, None, 0])


@dataclass
class _Seen:
    elevation_deg: np.ndarray
    azimuth_deg: np.ndarray
    used: np.ndarray
    range_sigma_m: np.ndarray
    worth: dict
    lat: np.ndarray
    lon: np.ndarray
    height_m: np.ndarray


def _seen(sky, place):
    """Return how the satellites stand over the places, and what the air and the mask do."""
    settings = sky.settings
    lat, lon, height_km = _where(place)
    east, north, up = _enu((sky.place - place[:, None]).transpose(1, 0, 2), lat, lon)
    east, north, up = east.T, north.T, up.T
    elevation = np.degrees(np.arctan2(up, np.hypot(east, north)))
    azimuth = np.degrees(np.arctan2(east, north)) % 360
    there = sky.row >= 0
    used = there & (elevation >= settings["mask_deg"])
    high = np.clip(np.nan_to_num(elevation, nan=90.0), 2, 90)
    slow = air.saastamoinen_m(high, lat[:, None], height_km[:, None])
    worth = {"ionosphere": -_ionosphere(sky, lat, lon, azimuth, high), "troposphere": -slow}
    # The weights, as RTKLIB has them: the message's own accuracy, half of the ionosphere's model,
    # what the model of the troposphere leaves, and the code's noise and bias.
    sine = np.sin(np.radians(high))
    square = sky.accuracy_m**2 + 0.3**2 * (1 + 1 / sine) + 0.3**2
    square = square + (0.5 * worth["ionosphere"]) ** 2 + (0.3 / (sine + 0.1)) ** 2
    sigma = np.sqrt(square)
    return _Seen(elevation, azimuth, used, sigma, worth, lat, lon, height_km * 1000)


def _where(place):
    """Return (lat, lon, height_km), those of a place where there is none at 0, 0, 0."""
    good = np.isfinite(place).all(axis=1)
    return geodetic(np.where(good[:, None], place, [6.378137e6, 0.0, 0.0]) / 1000)


def _enu(away, lat, lon):
    """Return (east, north, up) of vectors (..., n, 3) at places (n,) or at one."""
    phi, lam = np.radians(lat), np.radians(lon)
    x, y, z = np.moveaxis(away, -1, 0)
    level = x * np.cos(lam) + y * np.sin(lam)
    east = y * np.cos(lam) - x * np.sin(lam)
    north = z * np.cos(phi) - level * np.sin(phi)
    return east, north, z * np.sin(phi) + level * np.cos(phi)


def _ionosphere(sky, lat, lon, azimuth, elevation):
    parameters = sky.settings["ionosphere"]
    if not parameters:
        return np.zeros(sky.range_m.shape)
    day_s = (sky.times.astype(np.int64) % (86_400 * 10**9))[:, None] * 1e-9
    where = (lat[:, None], lon[:, None], azimuth, elevation)
    own = [i for i, system in enumerate(sky.systems) if system == "BDS" and "BDS" in parameters]
    delay = np.zeros(sky.range_m.shape)
    if others := [system for i, system in enumerate(sky.systems) if i not in own]:
        if "GPS" not in parameters:
            raise InputError(
                f"The ionosphere's parameters are of {', '.join(parameters)} alone, and "
                f"{others[0]} needs GPS's: switch the ionosphere off, or leave the system out."
            )
        delay = air.klobuchar_m(parameters["GPS"], *where, day_s, sky.frequency_mhz)
    for i in own:
        second = (day_s - BDT_S) % 86_400
        mine = air.klobuchar_beidou_m(parameters["BDS"], *where, second, sky.frequency_mhz)
        delay = np.where(sky.system == i, mine, delay)
    return delay


def _judged(sky, place, clocks, seen):
    """Return the _Solved: fixes that are none are NaN."""
    toward = place[:, None] - sky.place
    distance = np.sqrt(np.einsum("esi,esi->es", toward, toward))
    lat, lon, height = _where(place)
    mine = [(sky.system == i) & seen.used for i in range(len(sky.systems))]
    design = np.concatenate(
        [toward / distance[..., None], np.stack(mine, axis=-1).astype(float)], axis=-1
    ) * seen.used[..., None]  # fmt: skip
    normal = design.swapaxes(1, 2) @ design
    unused = np.einsum("eii->ei", normal) == 0
    pdop = np.sqrt(np.einsum("eii->ei", _inverse(normal, unused))[:, :3].sum(axis=1))
    count = seen.used.sum(axis=1)
    spare = count - 3 - (~unused[:, 3:]).sum(axis=1)
    good = (spare >= 0) & (pdop < _WORST_PDOP) & np.isfinite(place).all(axis=1)
    good &= (height * 1000 > HEIGHTS_M[0]) & (height * 1000 < HEIGHTS_M[1])
    own = np.take_along_axis(np.nan_to_num(clocks), np.maximum(sky.system, 0), axis=1)
    residual = _corrected(sky, place, seen.worth) - distance - own
    sigma = np.sqrt((seen.used * residual**2).sum(axis=1) / np.where(spare > 0, spare, np.nan))

    def only(values):
        return np.where(good.reshape(-1, *[1] * (values.ndim - 1)), values, np.nan)

    return _Solved(
        *(only(place), only(clocks), only(lat), only(lon), only(height * 1000)),
        *(only(seen.elevation_deg), only(seen.azimuth_deg), seen.used & good[:, None]),
        *(only(residual), only(seen.range_sigma_m), _worth(sky, place, seen)),
        *(only(pdop), only(sigma)),
    )


def _worth(sky, place, seen):
    return sky.worth | seen.worth | {"earth_turn": _earth_turn(sky, place)}


def _at(sky, place, solved):
    """Return the _Solved at a known place: only the clocks are fitted, weighted as for a fix."""
    seen = _seen(sky, place)
    toward = place[:, None] - sky.place
    distance = np.sqrt(np.einsum("esi,esi->es", toward, toward))
    residual = _corrected(sky, place, seen.worth) - distance
    weight = np.where(seen.used, 1 / seen.range_sigma_m**2, 0.0)
    clocks = np.full((len(sky.times), len(sky.systems)), np.nan)
    for i in range(len(sky.systems)):
        mine = weight * (sky.system == i)
        with np.errstate(invalid="ignore"):
            clocks[:, i] = (mine * residual).sum(axis=1) / mine.sum(axis=1)
        residual = np.where(sky.system == i, residual - clocks[:, i, None], residual)
    return _Solved(
        *(place, clocks, seen.lat, seen.lon, seen.height_m),
        *(seen.elevation_deg, seen.azimuth_deg, seen.used, residual, seen.range_sigma_m),
        *(_worth(sky, place, seen), solved.pdop, solved.sigma_m),
    )
