"""The exercises of lesson 04, BeiDou."""

import pandas as pd

from helpers import constellations, data, orbits, visibility
from helpers.exercises import Number, Text, exercise

NEWS = "2018-11-19"  # the Chinese date of the report; the launch was on 18 November in UTC


@exercise(
    "04-1",
    Number(unit="satellites"),
    wrong=[
        (17, "17 were there already. The two that were added count too."),
        (
            lambda: int((data.load("beidou_satellites")["launch_date"] <= NEWS).sum()),
            "Those are all generations. Keep only the rows of BDS-3.",
        ),
        (30, "30 is the finished constellation of 2020. Stop at November 2018."),
    ],
    hint="Keep the rows of BDS-3, then those launched up to 2018-11-19, and count.",
)
def launched_by_the_news():
    """How many BDS-3 satellites had been launched by 19 November 2018?"""
    table = data.load("beidou_satellites")
    early = (table["generation"] == "BDS-3") & (table["launch_date"] <= NEWS)
    return int(early.sum())


@exercise(
    "04-2",
    Number(unit="m", tolerance=0.05),
    wrong=[
        (4.5, "4.5 m is for PDOP 3. Which PDOP does the question give?"),
        (0.75, "You divided. PDOP stretches the error of the range: multiply."),
        (3.5, "You added. PDOP is a factor: multiply."),
    ],
    hint="Position error = PDOP × range error.",
)
def error_from_pdop():
    """What position error follows from a range error of 1.5 m and PDOP 2?"""
    return 2 * 1.5


@exercise(
    "04-3",
    Text(options=("China only", "Asia and the Pacific", "the whole Earth")),
    wrong=[
        ("the whole Earth", "Set the map to BeiDou-2 and read the headline: is it near 98 %?"),
        ("China only", "That was BDS-1. With BeiDou-2 the light area is much larger."),
    ],
    hint="Set the availability map to BeiDou-2 as designed and look where it is light.",
)
def where_beidou_2_served():
    """Where does BeiDou-2 as designed give PDOP ≤ 6 for at least 90 % of the day on average?"""
    day = pd.date_range(data.snapshot().floor("D"), periods=24, freq="h")
    lat, lon = visibility.world_grid(10)
    where = orbits.positions(constellations.nominal("BDS-2"), day)
    share = visibility.availability(visibility.dop(where, lat, lon, 5, want=["pdop"])["pdop"])
    areas = {
        "the whole Earth": share,
        "Asia and the Pacific": share.sel(lat=slice(-55, 55), lon=slice(55, 180)),
        "China only": share.sel(lat=slice(18, 54), lon=slice(73, 135)),
    }
    return next(name for name, area in areas.items() if visibility.world_mean(area) >= 0.9)


@exercise(
    "04-4",
    Text(options=("GEO", "IGSO", "MEO")),
    wrong=[
        ("MEO", "A MEO satellite goes round in 13 hours: it rises and sets."),
        ("IGSO", "An IGSO satellite keeps its longitude but dips far to the south each day."),
    ],
    hint="Which one stands still over the equator?",
)
def always_in_view():
    """Which orbit lets one and the same satellite be seen from Beijing all day?"""
    day = pd.date_range(data.snapshot().floor("D"), periods=48, freq="30min")
    beijing = data.load("capitals").set_index("iso3").loc["CHN"]
    satellites = constellations.nominal("BDS-3")
    look = visibility.look_angles(orbits.positions(satellites, day), beijing.lat, beijing.lon)
    always = (look["elevation_deg"] > 5).all("time").to_numpy()
    return satellites.loc[always, "orbit_class"].mode().iloc[0]
