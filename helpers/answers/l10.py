"""The exercises of lesson 10, station and Moon."""

import pandas as pd

from helpers import data, station
from helpers.exercises import Number, exercise
from helpers.scenes import station as scenes


def _partners():
    capitals = data.load("capitals")
    return capitals[capitals["iso3"].isin(data.load("bri_countries")["iso3"])]


def _below(limit_deg, tilt_deg=28.5):
    return int((station.highest_elevation_deg(_partners()["lat"], tilt_deg, 390) < limit_deg).sum())


@exercise(
    "10-1",
    Number(unit="capitals"),
    wrong=[
        (
            lambda: int((_partners()["lat"].abs() > 28.5).sum()),
            "Those lie beyond the path, but "
            "many still see the station low in the sky. Ask for the highest elevation.",
        ),
        (lambda: _below(0), "0° is the horizon. The question asks for 10°."),
        (lambda: _below(10, 41.5), "That is for a tilt of 41.5°. Take 28.5°."),
        (lambda: len(_partners()) - _below(10), "Those are the ones that do see it."),
    ],
    hint="Count where highest_elevation_deg(partners['lat'], 28.5, 390) is below 10.",
)
def never_above_ten():
    """In how many partner capitals would a station at 28.5° never rise above 10°?"""
    return _below(10)


def _turns():
    elements = data.load("elements").set_index("norad_id")
    return float(elements.loc[48274, "mean_motion_rev_per_day"])


@exercise(
    "10-2",
    Number(unit="minutes", tolerance=0.5),
    wrong=[
        (lambda: 24 / _turns(), "That is in hours. A day has 24 × 60 minutes."),
        (lambda: _turns() * 60 / 24, "You divided turns by the day. Divide the day by the turns."),
    ],
    hint="The minutes of a day, divided by the turns in a day.",
)
def minutes_of_a_turn():
    """How many minutes does one turn of the station take?"""
    return 24 * 60 / _turns()


@exercise(
    "10-3",
    Number(unit="days", tolerance=0.06),
    wrong=[
        (33, "33 counts each day of the calendar that was touched. Take the times as well."),
        (30, "30 days is the time docked to Tiangong-2. The question asks for the flight."),
        (31, "October has 31 days: mind the month, and take the hours as well."),
    ],
    hint="Subtract two pd.Timestamp, then divide by pd.Timedelta(days=1).",
)
def days_of_shenzhou_11():
    """How many days was the crew of Shenzhou-11 in flight?"""
    flight = pd.Timestamp("2016-11-18T05:59Z") - pd.Timestamp("2016-10-16T23:30Z")
    return flight / pd.Timedelta(days=1)


@exercise(
    "10-4",
    Number(unit="countries"),
    wrong=[
        (
            lambda: int((_payloads("done"))["name"].nunique()),
            "Those are payloads. One country can have several: count iso3 once.",
        ),
        (
            lambda: int(
                scenes.flights(data.load("cooperation"))
                .query("kind == 'lunar_payload'")["iso3"]
                .nunique()
            ),
            "That counts the planned ones as well. Keep the standing done.",
        ),
    ],
    hint="Keep kind lunar_payload and standing done, then take iso3.nunique().",
)
def countries_with_payloads():
    """From how many countries do the lunar payloads come that flew?"""
    return _payloads("done")["iso3"].nunique()


def _payloads(standing):
    rows = scenes.flights(data.load("cooperation"))
    return rows[(rows["kind"] == "lunar_payload") & (rows["standing"] == standing)]
