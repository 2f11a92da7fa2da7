"""The computed claims of lesson 07, Earth observation."""

import numpy as np
import pandas as pd

from helpers import data, imaging, orbits
from helpers.claims import computes
from helpers.scenes import imagery

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
    gap_hours = _gap_hours(imagery.cameras())
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
    below = orbits.subpoints(imagery.fleet(wide), pd.date_range(start, periods=7200, freq="60s"))
    reach = imaging.half_swath_angle(wide["height_km"].to_numpy(), wide["swath_km"].to_numpy())
    result = imaging.visits(below, reach, **REGION, usable=imagery.lit(below))
    return float(result["largest_gap_hours"].median())
