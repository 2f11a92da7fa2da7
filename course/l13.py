"""The exercises of lesson 13, country brief."""

from course import brief
from course.brief import dossier, everywhere
from course.brief.everywhere import MASKS_DEG, column
from helpers import data
from helpers.exercises import Number, exercise


def _rows():
    table = data.load("cooperation")
    return table[table["iso3"] == "PAK"]


@exercise(
    "13-1",
    Number(unit="rows"),
    wrong=[
        (
            lambda: len(_rows()),
            "That is every row of Pakistan. Keep the three forms that are paper.",
        ),
        (
            lambda: int((~_rows()["form"].isin(dossier.on_paper())).sum()),
            "Those are the deeds: projects, services, training and use. The question is the rest.",
        ),
        (
            lambda: int(_rows()["form"].eq("agreement").sum()),
            "Those are agreements alone. Memberships and meetings are paper, too.",
        ),
    ],
    hint="Keep the rows with iso3 PAK, then those whose form is one of the three, and count.",
)
def paper():
    """How many rows of Pakistan are an agreement, a membership or a meeting?"""
    return int(_rows()["form"].isin(dossier.on_paper()).sum())


def _islamabad(mask_deg):
    return brief.of("PAK").case.capital[column("BeiDou alone", mask_deg)]


@exercise(
    "13-2",
    Number(unit="minutes", tolerance=1),
    wrong=[
        (
            lambda: 14.4 * _islamabad(MASKS_DEG[-1]),
            "That is how long there is a fix. Ask for the rest of the day.",
        ),
        (
            lambda: 14.4 * (100 - _islamabad(MASKS_DEG[0])),
            "That is the open field, 5°. The street has 30°.",
        ),
        (
            lambda: 0.24 * (100 - _islamabad(MASKS_DEG[-1])),
            "Those are hours. The answer is asked in minutes.",
        ),
    ],
    hint="The share without a fix is 100 less the share with one, in per cent of 1,440 minutes.",
)
def without_a_fix():
    """How many minutes of the day has Islamabad no usable fix from BeiDou alone in a street?"""
    return 14.4 * (100 - _islamabad(MASKS_DEG[-1]))


def _wait(which):
    return brief.of("PAK").numbers[f"hours to a picture, {which}"]


@exercise(
    "13-3",
    Number(unit="hours", tolerance=0.06),
    wrong=[
        (
            lambda: _wait("its own only") - _wait("its own and all Chinese"),
            "That is with all Chinese satellites. Most of them are not shared.",
        ),
        (
            lambda: _wait("its own and what China shares"),
            "That is the wait. How much shorter is it than with its own satellites alone?",
        ),
        (
            lambda: _wait("its own and what China shares") - _wait("its own only"),
            "The size is right. A wait that gets shorter saves a positive number of hours.",
        ),
    ],
    hint="Take the wait with its own satellites, less the wait with its own and what China shares.",
)
def saved_by_sharing():
    """How many hours does what China shares save Pakistan, in the middle of the starts?"""
    return _wait("its own only") - _wait("its own and what China shares")


def _below_half(column, signed=True):
    table = data.load("country_indicators")
    if signed:
        table = table[table["group"].str.startswith("bri_")]
    return int((table[column] < 50).sum())


@exercise(
    "13-4",
    Number(unit="countries"),
    wrong=[
        (
            lambda: _below_half("internet_users_pct_2015"),
            "That is 2015, when the sentence was said. Take the latest column.",
        ),
        (
            lambda: int(
                (everywhere.measures(data.snapshot())["Internet users, % of people"] >= 50).sum()
            ),
            "That counts from half the people up, and countries that never signed, too.",
        ),
    ],
    hint="Keep the groups that begin with bri_, then the rows with internet_users_pct below 50.",
)
def poorly_connected_now():
    """In how many signatories do fewer than half of the people use the internet now?"""
    return _below_half("internet_users_pct")
