"""The exercises of lesson 09, launch."""

import numpy as np

from helpers import data, launch
from helpers.exercises import Names, Number, exercise


def _lat(site):
    return float(data.load("launch_sites").set_index("id").loc[site, "lat"])


@exercise(
    "09-1",
    Number(unit="degrees", tolerance=0.15),
    wrong=[
        (
            lambda: launch.azimuth(41.5, _lat("wenchang"))[0],
            "That is with the Earth's turning. The question asks for an Earth at rest.",
        ),
        (
            lambda: launch.azimuth(41.5, _lat("wenchang"), rotating=False)[1],
            "That is the way to the south-east. The question asks for the northbound one.",
        ),
        (
            lambda: np.radians(launch.azimuth(41.5, _lat("wenchang"), rotating=False)[0]),
            "That is in radians: turn it into degrees with np.degrees.",
        ),
        (
            lambda: 90 - launch.azimuth(41.5, _lat("wenchang"), rotating=False)[0],
            "That is counted from the east. An azimuth counts from north: take arcsin.",
        ),
        (90 - 41.5, "The latitude of the pad matters too: divide by its cosine."),
    ],
    hint="sin(azimuth) = cos(inclination) / cos(latitude), with angles in radians for numpy.",
)
def to_the_station():
    """Which inertial azimuth leads northbound from Wenchang to the station's 41.5°?"""
    return float(launch.azimuth(41.5, _lat("wenchang"), rotating=False)[0])


@exercise(
    "09-2",
    Names(),
    wrong=[
        (
            lambda: data.load("launch_sites").query("lat > 20")["id"].tolist(),
            "You took the sites further from the equator than 20°. Turn the comparison round.",
        ),
        (
            lambda: data.load("launch_sites").query("lat < 20 and iso3 == 'CHN'")["id"].tolist(),
            "Those are right, but not all: the table holds sites of other countries too.",
        ),
        (
            lambda: data.load("launch_sites").query("lat < 22")["id"].tolist(),
            "One site lies a little too far north. Compare each latitude with 20.",
        ),
    ],
    hint="Directly reached means: the inclination is at least the latitude.",
)
def reach_20():
    """From which sites is an inclination of 20° reached directly?"""
    sites = data.load("launch_sites")
    return sites.loc[launch.reachable(20, sites["lat"]), "id"].tolist()


def _arriving(site, mass_kg=5500, isp_s=315):
    return mass_kg * launch.mass_ratio(launch.geostationary_cost_m_s(_lat(site)), isp_s)


@exercise(
    "09-3",
    Number(unit="kg", relative=0.005),
    wrong=[
        (
            lambda: 5500 - _arriving("xichang"),
            "That is the propellant. What is left is the satellite.",
        ),
        (
            lambda: 5500 * launch.mass_ratio(launch.geostationary_cost_m_s(0), 315),
            "That is without a plane change, as from the equator. Put in Xichang's latitude.",
        ),
        (lambda: _arriving("wenchang"), "That is from Wenchang. Take the latitude of Xichang."),
    ],
    hint="mass_kg * launch.mass_ratio(launch.geostationary_cost_m_s(latitude), isp_s).",
)
def arriving_from_xichang():
    """How much of 5,500 kg in GTO from Xichang arrives in GEO with an Isp of 315 s?"""
    return float(_arriving("xichang"))


@exercise(
    "09-4",
    Number(unit="%", tolerance=0.4),
    wrong=[
        (100, "100 % is the share that was seen. How low may the chance be that lies behind it?"),
        (
            lambda: 100 * launch.wilson(5, 5, 0.99)[0],
            "That is the 99 % interval. The question asks for 95 %.",
        ),
        (
            lambda: launch.wilson(5, 5)[0],
            "The number is right as a share. Multiply by 100 for per cent.",
        ),
        (0, "Zero cannot be: a rocket that always fails would not have flown five times."),
    ],
    hint="launch.wilson(successes, trials) returns the low and the high end, as shares.",
)
def five_of_five():
    """What is the low end of the 95 % Wilson interval for 5 successes of 5, in %?"""
    return float(100 * launch.wilson(5, 5)[0])
