"""Leaving the ground: azimuth and inclination, what the Earth's turning gives, the price of GEO.

The Earth turns evenly and is a sphere for directions (geodetic latitude stands for geocentric: at
most 0.2° apart), orbits are two-body orbits, burns are instantaneous. There is no atmosphere, no
gravity loss, no dog-leg: what comes out is the least that any rocket must do.

Azimuths are degrees clockwise from north, inclinations degrees from 0 to 180, speeds m/s. Every
function takes single numbers or arrays that broadcast, but one height; none returns NaN.
InputError: what is no number, or lists that do not pair.

Formulas: Vallado, *Fundamentals of Astrodynamics and Applications* (2013), chapters 2 and 6.
"""

import numpy as np
import pandas as pd

from helpers import inputs
from helpers.inputs import InputError
from silkroad import values
from silkroad.geometry import destination
from silkroad.orbits import EARTH_RATE_RAD_S, EQUATOR_KM, FLATTENING, MU_KM3_S2
from silkroad.stats import wilson
from silkroad.values import distinct, number, numbers, paired, table_with, whole

GEO_RADIUS_KM = (MU_KM3_S2 / EARTH_RATE_RAD_S**2) ** (1 / 3)
G0_M_S2 = 9.80665
PARKING_KM = 200.0  # height of the first orbit where none is given
DIRECTIONS = ("northbound", "southbound")
SITE_COLUMNS = {  # of `launches_by_year`
    "jiuquan": "Jiuquan",
    "taiyuan": "Taiyuan",
    "xichang": "Xichang",
    "wenchang": "Wenchang",
    "hainan_commercial": "Hainan commercial",
    "sea": "at sea",
}
_YEARS = ["year", "china_attempts", *SITE_COLUMNS, "china_failures", "china_failures_no_orbit"]
_YEARS += ["china_launches_with_foreign_payload"]
_FLOWN = [f"{what}_to_2025_11_30" for what in ("flights", "failures", "degraded")]


def eastward_speed_m_s(latitude_deg):
    """Return how fast the turning Earth carries a place at sea level to the east (WGS 84)."""
    lat = np.radians(values.latitude(latitude_deg))
    curvature_km = EQUATOR_KM / np.sqrt(1 - FLATTENING * (2 - FLATTENING) * np.sin(lat) ** 2)
    return 1000 * EARTH_RATE_RAD_S * curvature_km * np.cos(lat)


def orbital_speed_m_s(height_km=PARKING_KM):
    """Return the speed on a circular orbit at a height above the equatorial radius."""
    return 1000 * np.sqrt(MU_KM3_S2 / (EQUATOR_KM + _height(height_km)))


def minimum_inclination(latitude_deg):
    """Return the lowest inclination reached without a plane change: the latitude itself.

    The plane of an orbit contains the centre of the Earth and the place of launch, so the orbit
    comes at least as far north (or south) as the place. The highest is 180° less this one.
    """
    return np.abs(values.latitude(latitude_deg))


def reachable(inclination_deg, latitude_deg):
    """Return whether an orbit of this inclination passes over places at this latitude."""
    inclination, lowest = paired(
        inclination_deg=_inclination(inclination_deg),
        latitude_deg=minimum_inclination(latitude_deg),
    )
    return (inclination >= lowest) & (inclination <= 180 - lowest)


def azimuth(inclination_deg, latitude_deg, *, rotating=True, height_km=PARKING_KM):
    """Return the two launch azimuths (northbound, southbound), each in [0, 360).

    On an Earth at rest sin(azimuth) = cos(inclination) / cos(latitude). rotating=True is what a
    rocket on the pad must fly: the orbital velocity at `height_km` less the eastward velocity
    that the pad has already. At the lowest inclination both azimuths are the same.
    InputError: the inclination is out of reach (see `reachable`), or the place is a pole, where
    east has no meaning.
    """
    inclination, lat = _in_reach(inclination_deg, latitude_deg)
    sine = np.clip(np.cos(np.radians(inclination)) / np.cos(np.radians(lat)), -1, 1)
    east = orbital_speed_m_s(height_km) * sine
    north = orbital_speed_m_s(height_km) * np.sqrt(1 - sine**2)
    if rotating:
        east = east - eastward_speed_m_s(lat)
    # A tiny negative angle rounds to 360 in the remainder; the second one makes it 0.
    return tuple(np.degrees(np.arctan2(east, v)) % 360 % 360 for v in (north, -north))


def needed_speed_m_s(inclination_deg, latitude_deg, *, height_km=PARKING_KM):
    """Return the speed a rocket must add, seen from the pad: orbital less the Earth's gift.

    The length of the difference of the two velocities; losses come on top. InputError as for
    `azimuth`.
    """
    inclination, lat = _in_reach(inclination_deg, latitude_deg)
    speed, gift = orbital_speed_m_s(height_km), eastward_speed_m_s(lat)
    east = speed * np.cos(np.radians(inclination)) / np.cos(np.radians(lat))
    return np.sqrt(speed**2 + gift**2 - 2 * gift * east)


def launch_track(
    latitude_deg,
    longitude_deg,
    inclination_deg,
    direction="northbound",
    minutes=90,
    *,
    rotating=True,
    height_km=PARKING_KM,
):
    """Return (lat, lon) in degrees below the orbit, `minutes` after leaving the place.

    minutes: a number or array (n,). A model: the satellite has its circular orbit from the first
    moment, while a real rocket needs about ten minutes to reach it. rotating=False leaves out
    that the Earth turns on below. InputError: an unknown direction, or as for `azimuth`.
    """
    inputs.one_of(direction, DIRECTIONS, "direction")
    both = azimuth(inclination_deg, latitude_deg, rotating=False)
    heading = both[DIRECTIONS.index(direction)]
    seconds = 60 * numbers(minutes, "minutes", -1e5, 1e5)
    rate = orbital_speed_m_s(height_km) / 1000 / (EQUATOR_KM + _height(height_km))
    # The angle flown, along a great circle of the stars' frame.
    lat, lon = destination(latitude_deg, longitude_deg, heading, np.degrees(rate * seconds))
    drift = np.degrees(EARTH_RATE_RAD_S * seconds) if rotating else 0.0
    return lat, values.longitude((lon - drift) % 360)


def first_kilometres(track, total_km=2000, steps=100):
    """Return (lat, lon) of `steps` equal pieces of the first `total_km` above the ground.

    track: a function of minutes that gives (lat, lon), such as `launch_track` with all else filled
    in. The ends of the pieces are steps + 1 points. At most 10,000 km.
    """
    if not callable(track):
        raise InputError(f"track is {values.shown(track)}: give a function of minutes.")
    total_km = number(total_km, "total_km", above=0, high=10_000)
    steps = whole(steps, "steps", 1, 1e5)
    minutes = np.linspace(0, total_km / 400, 60)  # 6.7 km/s is slower than any first orbit
    lat, lon = np.radians(track(minutes))
    cosine = np.sin(lat[0]) * np.sin(lat) + np.cos(lat[0]) * np.cos(lat) * np.cos(lon - lon[0])
    far_km = EQUATOR_KM * np.arccos(np.clip(cosine, -1, 1))
    return track(np.interp(np.linspace(0, total_km, steps + 1), far_km, minutes))


def plane_change_m_s(speed_m_s, angle_deg):
    """Return the velocity it costs to turn an orbit's plane by an angle, keeping the speed."""
    speed, angle = paired(
        speed_m_s=numbers(speed_m_s, "speed_m_s", 0), angle_deg=_inclination(angle_deg)
    )
    return 2 * speed * np.sin(np.radians(angle) / 2)


def geostationary_cost_m_s(inclination_deg, *, perigee_km=PARKING_KM):
    """Return what it costs at apogee to go from the transfer orbit (GTO) to GEO, in one burn.

    The ellipse from `perigee_km` up to GEO has the given inclination; the burn makes it round
    and equatorial at once, which is cheaper than first the one, then the other.
    """
    (slow, _), (round_, _) = _transfer_speeds(perigee_km)
    return _burn(slow, round_, _inclination(inclination_deg))


def best_split(inclination_deg, *, perigee_km=PARKING_KM):
    """Return (total m/s, degrees turned at perigee) of the cheapest way from parking orbit to GEO.

    Two burns share the plane change; one inclination from 0 to 90. The cheapest share is sought
    in steps of inclination / 4000, which finds the total to well below 0.01 m/s.
    """
    inclination = number(_inclination(inclination_deg), "inclination_deg")
    if inclination > 90:
        raise InputError(f"The inclination {inclination:g} is above 90: give 0 to 90 degrees.")
    (slow, fast), (round_, parking) = _transfer_speeds(perigee_km)
    first = np.linspace(0, inclination, 4001)
    total = _burn(parking, fast, first) + _burn(slow, round_, inclination - first)
    return float(total.min()), float(first[total.argmin()])


def mass_ratio(delta_v_m_s, isp_s):
    """Return the share of the mass that is left after a burn (Tsiolkovsky's rocket equation).

    `delta_v_m_s` zero or more, m/s; `isp_s` is the specific impulse, one number in seconds.
    """
    delta_v = numbers(delta_v_m_s, "delta_v_m_s", 0)
    return np.exp(-delta_v / (values.positive(isp_s, "isp_s") * G0_M_S2))


def attempts_by(years, show):
    """Return attempts split in columns, one row a year: `show` is "site", "outcome" or "payload".

    years: rows of `launches_by_year`. What the table does not split stands in a column of its
    own, so that every row adds up to the attempts. "payload" ends with the last year counted.
    InputError: a column is missing, a year comes twice.
    """
    years = table_with(years, (), "launches by year", numeric=_YEARS)
    distinct(years["year"], "year", "keep one row of each year")
    attempts = years["china_attempts"]
    if inputs.one_of(show, ("site", "outcome", "payload"), "split") == "site":
        parts = years[list(SITE_COLUMNS)].rename(columns=SITE_COLUMNS)
        parts = parts.assign(**{"not yet split by site": attempts - parts.sum(axis=1)})
    elif show == "outcome":
        lost, failed = years["china_failures_no_orbit"], years["china_failures"]
        parts = pd.DataFrame({"orbit reached": attempts - failed})
        parts = parts.assign(**{"failure: wrong orbit": failed - lost, "failure: no orbit": lost})
    else:
        abroad = years["china_launches_with_foreign_payload"]
        parts = pd.DataFrame({"with a foreign payload": abroad})
        parts["without"] = attempts.where(abroad.notna()) - abroad
        parts["not counted"] = attempts.mask(abroad.notna())
    parts = parts.fillna(0).astype(int).set_axis(pd.Index(years["year"], name="year"))
    return parts.loc[:, parts.any()]


def success_rates(vehicles, level=0.95):
    """Return vehicles with flights, successes, rate and Wilson's interval in %, surest first.

    vehicles: rows of the table of that name. InputError: a column is missing, one comes twice.
    """
    vehicles = table_with(vehicles, ["name"], "vehicles", numeric=_FLOWN)
    distinct(vehicles["name"], "vehicle", "keep one row of each")
    flights = vehicles["flights_to_2025_11_30"].to_numpy()
    good = flights - vehicles["failures_to_2025_11_30"].to_numpy()
    low, high = wilson(good, flights, level)
    table = pd.DataFrame(
        {
            "vehicle": vehicles["name"].str.split(" (", regex=False).str[0],
            "flights": flights,
            "successes": good,
            "degraded": vehicles["degraded_to_2025_11_30"].to_numpy(),
            "rate, %": (100 * good / flights).round(1),
            "from, %": (100 * low).round(1),
            "to, %": (100 * high).round(1),
        }
    )
    return table.sort_values("from, %", ascending=False, kind="stable").reset_index(drop=True)


def _burn(before, after, angle_deg):
    """Return the length of the difference of two speeds at an angle (law of cosines)."""
    turn = np.cos(np.radians(angle_deg))
    return np.sqrt(np.maximum(before**2 + after**2 - 2 * before * after * turn, 0))


def _transfer_speeds(perigee_km):
    """Return ((at apogee, at perigee) of GTO, (in GEO, in the parking orbit)), m/s."""
    low, high = EQUATOR_KM + _height(perigee_km), GEO_RADIUS_KM
    speeds = [1000 * np.sqrt(MU_KM3_S2 * (2 / r - 2 / (low + high))) for r in (high, low)]
    return speeds, [1000 * np.sqrt(MU_KM3_S2 / r) for r in (high, low)]


def _height(height_km):
    height = values.positive(height_km, "height_km")
    if not 100 <= height <= 35_000:
        raise InputError(f"The height {height:g} km is no first orbit: give 100 to 35000 km.")
    return height


def _inclination(degrees):
    found = numbers(degrees, "The angle", missing=True)
    bad = ~((found >= 0) & (found <= 180))
    if bad.any():
        raise InputError(f"The angle {found[bad].flat[0]:g} is not in 0 to 180 degrees: mend it.")
    return found


def _in_reach(inclination_deg, latitude_deg):
    inclination, lat = paired(
        inclination_deg=_inclination(inclination_deg), latitude_deg=values.latitude(latitude_deg)
    )
    if (np.abs(lat) == 90).any():
        raise InputError(
            "At a pole there is no east, so no azimuth: give a latitude between the poles."
        )
    out = ~reachable(inclination, lat)
    if out.any():
        low = np.abs(lat[out].flat[0])
        raise InputError(
            f"An inclination of {inclination[out].flat[0]:g}° is out of reach from "
            f"{low:g}° {'N' if lat[out].flat[0] > 0 else 'S'}: "
            f"choose {low:g}° to {180 - low:g}°, or launch nearer to the equator."
        )
    return inclination, lat
