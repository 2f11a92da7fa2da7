"""The computed claims of lesson 07, Earth observation.

The exercises of lesson 07, Earth observation.
"""

import numpy as np
import pandas as pd

from course.scenes import imagery
from helpers import data
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from silkroad import imaging, orbits

SAID = 2020  # C006 is of January 2020
DAILY_HOURS = 30  # from one morning to the next afternoon
FIELDS = {
    "land": "GAOFEN|ZIYUAN|ZY-|CBERS",
    "ocean": "HAIYANG|CFOSAT",
    "air": "FENGYUN",
    "environment": "HJ-|GAOFEN-5",
}
REGION = {"lat": np.arange(-10, 56, 2.5), "lon": np.arange(20, 141, 5.0)}  # along the roads


@computes("C006")
def a_system_is_being_built():
    """Count the Gaofen satellites of the snapshot by the year of their launch.

    Confirmed when at least ten of them had been launched by the end of 2019, in five years or
    more, and others followed; else inaccurate. The year is that of the international designator.
    """
    elements = data.load("elements")
    years = _launch_year(elements[elements["name"].str.startswith("GAOFEN")])
    before = years[years < SAID]
    built = len(before) >= 10 and before.nunique() >= 5 and (years >= SAID).any()
    return (
        "confirmed" if built else "inaccurate",
        f"Of the {len(years)} Gaofen satellites of the snapshot {len(before)} were launched by the "
        f"end of {SAID - 1}, in {before.nunique()} different years, and {len(years) - len(before)} "
        "since.",
        {
            "Gaofen satellites in the snapshot": len(years),
            f"launched by the end of {SAID - 1}": len(before),
            "years with a launch until then": int(before.nunique()),
            "first year": int(years.min()),
            "last year": int(years.max()),
        },
    )


@computes("C066")
def land_ocean_air_and_environment():
    """The prediction is met when three things hold, else missed.

    Each of the four fields (land, ocean, air, environment) has two or more Chinese satellites in
    the snapshot, with five years or more between the first launch and the last. And the cameras
    that see 100 m or finer, not turned aside, in daylight, leave the middle cell between 10°S and
    55°N, 20°E and 140°E no longer than 30 hours without a chance, in the five days from the
    snapshot: a chance each day, in the morning or the afternoon. The rule is ours; it says nothing
    of who may use the pictures.
    """
    elements = data.load("elements").query("group in ['earth_observation', 'weather']")
    numbers, lasting = {}, True
    for field, pattern in FIELDS.items():
        years = _launch_year(elements[elements["name"].str.contains(pattern)])
        span = int(years.max() - years.min()) if len(years) else 0
        numbers[f"satellites for {field}"] = len(years)
        lasting &= len(years) >= 2 and span >= 5
    gap_hours = _gap_hours(imaging.cameras())
    numbers["median of the largest gaps over the region, hours"] = gap_hours
    return (
        "prediction_met" if lasting and gap_hours <= DAILY_HOURS else "prediction_missed",
        f"{len(elements)} Chinese satellites watch land, sea, air and environment, and the known "
        f"cameras leave the middle cell of the region {gap_hours:.0f} hours at most without a "
        "chance by day.",
        numbers,
    )


def _launch_year(elements):
    return elements["cospar_id"].str[:4].astype(int)


def _gap_hours(cameras):
    wide = cameras[~cameras["radar"] & ~cameras["rolls"] & cameras["owner"].isin(["CHN", "BRA"])]
    start = data.snapshot().floor("h")
    below = orbits.subpoints(imaging.carriers(wide), pd.date_range(start, periods=7200, freq="60s"))
    reach = imaging.half_swath_angle(wide["height_km"].to_numpy(), wide["swath_km"].to_numpy())
    result = imaging.visits(below, reach, **REGION, usable=imaging.lit(below))
    return float(result["largest_gap_hours"].median())


KM_PER_DEGREE = np.pi / 180 * imaging.EARTH_KM


@exercise(
    "07-1",
    Number(unit="degrees", tolerance=0.06),
    wrong=[
        (
            lambda: imaging.sun_synchronous_inclination(645),
            "That is for 645 km, the height of Gaofen-1. The question asks for 800 km.",
        ),
        (
            lambda: 180 - imaging.sun_synchronous_inclination(800),
            "That orbit turns the other way. The inclination must be above 90°.",
        ),
        (90, "At 90° the orbit goes over the poles and does not turn at all."),
    ],
    hint="imaging.sun_synchronous_inclination takes the height in km.",
)
def inclination_at_800_km():
    """Which inclination makes an orbit of 800 km sun-synchronous?"""
    return float(imaging.sun_synchronous_inclination(800))


@exercise(
    "07-2",
    Number(unit="km", tolerance=6),
    wrong=[
        (
            lambda: 640 * np.tan(np.radians(30)),
            "That is a flat Earth, and the middle of the picture. Use imaging.half_swath_angle.",
        ),
        (
            lambda: float(imaging.half_swath_angle(640, 60, 30)),
            "That is the angle at the Earth's centre. One degree is 111.2 km on the ground.",
        ),
        (
            lambda: 2 * KM_PER_DEGREE * imaging.half_swath_angle(640, 60, 30),
            "That is the width between the reaches to both sides. One side is asked for.",
        ),
        (30, "That is half the swath, without the roll."),
    ],
    hint="imaging.half_swath_angle(height, swath, roll) gives degrees; one degree is 111.2 km.",
)
def reach_of_a_rolled_camera():
    """How far from the track sees a 60 km camera at 640 km, rolled by 30°?"""
    return float(KM_PER_DEGREE * imaging.half_swath_angle(640, 60, 30))


@exercise(
    "07-3",
    Text(options=("the equator", "45 degrees north", "75 degrees north")),
    wrong=[
        ("the equator", "There the tracks lie furthest apart. Look at the map of visits again."),
        ("45 degrees north", "More than at the equator. But do the tracks meet there?"),
    ],
    hint="All the tracks come close to the poles on every turn.",
)
def most_visited():
    """Where does Gaofen-1 come by most often?"""
    gaofen = data.load("elements").query("name == 'GAOFEN-1'")
    times = pd.date_range(data.snapshot(), periods=7200, freq="60s")
    reach = imaging.half_swath_angle(645, 800)
    result = imaging.visits(
        orbits.subpoints(gaofen, times), reach, [0, 45, 75], np.arange(-180, 180, 5)
    )
    count = result["visits"].sum("lon").values
    return ("the equator", "45 degrees north", "75 degrees north")[int(count.argmax())]


def _first_hours(radar):
    """Hours to the first chance after the earthquake of 2023, all Chinese satellites, roll 30°."""
    start = data.snapshot().floor("h")
    table = imaging.cameras()
    times = pd.date_range(start, periods=2880, freq="60s")
    below = orbits.subpoints(imaging.carriers(table), times)
    events = data.load("events").query("id == 'E10'")
    begin, season = imagery.moved(events.iloc[0], start)
    looks = imaging.looks(below, events, 9, season)
    seen = imaging.in_reach(looks, table, imaging.WHOSE[2], 30, radar, "TUR")
    return float(imaging.first_image(imaging.by_light(seen), begin)["hours"].iloc[0])


@exercise(
    "07-4",
    Number(unit="hours", tolerance=0.15),
    wrong=[
        (lambda: _first_hours(True), "That is the wait with radar. How much longer is it without?"),
        (lambda: _first_hours(False), "That is the wait without radar. Subtract the one with it."),
    ],
    hint="Read the first hours with the box for radar ticked and not, and subtract.",
)
def what_radar_saves():
    """How many hours does radar save after the earthquake of 2023?"""
    return _first_hours(False) - _first_hours(True)
