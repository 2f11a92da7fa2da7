"""The exercises of lesson 06, satellite phone."""

import numpy as np

from helpers import data, satcom
from helpers.exercises import Number, exercise
from helpers.scenes import phones

RANGE_KM = 39000


def _addis_and_third():
    capitals, fleet = data.load("capitals"), phones.tiantong(data.load("satellites"))
    return capitals[capitals["iso3"] == "ETH"], fleet[fleet["name"] == "Tiantong-1 03"]


def _angle_between():
    """Return the angle at the Earth's centre, which students take for the elevation."""
    addis, third = _addis_and_third()
    lat, lon = np.radians(
        [addis["lat"].item(), addis["lon"].item() - third["longitude_deg"].item()]
    )
    return float(np.degrees(np.arccos(np.cos(lat) * np.cos(lon))))


def _ratio(rate_year=2020, exchange=True):
    """Return the plan of 2020 against the prepaid Inmarsat minute at the rate of a year."""
    market, prices = data.load("gnss_market"), data.load("satcom_prices")
    rates = market[market["metric"] == "cny_per_usd_annual_average"].set_index("year")["value"]
    plan = prices[prices["item"].str.contains("720 voice minutes")]["value"].iloc[0] / 720
    card = prices[prices["item"].str.contains("25-minute card")]["value"].iloc[0]
    return float(plan / card / (rates[rate_year] if exchange else 1))


@exercise(
    "06-1",
    Number(unit="degrees", tolerance=0.5),
    wrong=[
        (_angle_between, "That is the angle at the Earth's centre. Apply the second formula too."),
        (
            lambda: 90 - _angle_between(),
            "90 minus the angle would be right for a star. The satellite is near: it stands lower.",
        ),
        (
            lambda: float(
                phones.elevations(
                    phones.tiantong(data.load("satellites")).iloc[[0]], _addis_and_third()[0]
                )[0, 0]
            ),
            "That is Tiantong-1 01. The question is about 03, at 81.5° E.",
        ),
    ],
    hint="phones.elevations(satellites, places) takes tables: keep the rows of both you need.",
)
def elevation_in_addis_ababa():
    """How high does Tiantong-1 03 stand in Addis Ababa?"""
    addis, third = _addis_and_third()
    return float(phones.elevations(third, addis)[0, 0])


@exercise(
    "06-2",
    Number(unit="ms", tolerance=5),
    wrong=[
        (lambda: float(satcom.delay_ms(RANGE_KM)), "That is one way. The answer has to come back."),
        (
            lambda: float(satcom.delay_ms(RANGE_KM)) / 2,
            "That is only the way up. There are four legs: up, down, up, down.",
        ),
        (0.52, "Right in seconds. Give milliseconds."),
    ],
    hint="Four legs of 39,000 km at 299,792 km/s; or satcom.delay_ms with there_and_back=True.",
)
def wait_for_an_answer():
    """How long is the wait between question and answer, with legs of 39,000 km?"""
    return float(satcom.delay_ms(RANGE_KM, there_and_back=True))


@exercise(
    "06-3",
    Number(unit="dB", tolerance=0.2),
    wrong=[
        (96, "96 is how many times more bits. Decibels are 10 times the logarithm of that."),
        (380, "You subtracted the rates. Decibels count ratios: divide."),
        (lambda: 20 * float(np.log10(384 / 4)), "20 is for distances. For power it is 10."),
    ],
    hint="10 * np.log10(384 / 4)",
)
def what_the_rate_costs():
    """By how many dB is the margin smaller at 384 kbit/s than at 4 kbit/s?"""
    slow, fast = satcom.margin_db(5, RANGE_KM, 1.995, 12, [4, 384], 3)
    return float(slow - fast)


@exercise(
    "06-4",
    Number(unit="", tolerance=0.003),
    wrong=[
        (0.1, "That is the claim. Compute it from the two tariffs."),
        (lambda: _ratio(exchange=False), "One price is in yuan, the other in dollars. Exchange."),
        (lambda: 1 / _ratio(), "Upside down: Tiantong's price goes on top."),
        (lambda: _ratio(2010), "That is at the rate of 2010. The question asks for 2020."),
    ],
    hint="(1000 / 720) / (0.8 * rates[2020])",
)
def plan_against_card():
    """Which part of the Inmarsat card's minute does the plan's minute cost, at the rate of 2020?"""
    return _ratio()
