"""Exercises of lesson 00, start here."""

from helpers import data
from helpers.exercises import Names, Number, exercise
from silkroad import constellations


@exercise(
    "00-1",
    Number(),
    wrong=[
        (
            lambda: len(constellations.flying("BDS")),
            "That is the number of satellites. Count the kinds of orbits: the marks in the legend.",
        ),
        (2, "Look again at the legend of the map: one kind of mark is still missing."),
        (1, "All belong to one system, but they differ in mark and colour: see the legend."),
    ],
    hint="Count the different marks in the legend beside the map.",
)
def kinds_of_orbits():
    """How many kinds of orbits do the BeiDou satellites use?"""
    return constellations.flying("BDS")["orbit_class"].nunique()


@exercise(
    "00-2",
    Number(unit="countries"),
    wrong=[
        (
            lambda: len(data.load("bri_countries")),
            "That is the last step of the slider, June 2026. Move it back to 2018.",
        ),
        (
            lambda: int((data.load("bri_countries")["signed_year"] < 2018).sum()),
            "That is the end of 2017. One step further.",
        ),
        (
            lambda: int((data.load("bri_countries")["signed_year"] == 2018).sum()),
            "Those signed in 2018 itself. The question asks for all who had signed by then.",
        ),
        (2018, "That is the year. The headline above the map gives the number for it."),
    ],
    hint="Set the year of the big map to 2018 and read the first number of the headline.",
)
def signatories_by_2018():
    """How many countries had signed a Belt and Road document by the end of 2018?"""
    return int((data.load("bri_countries")["signed_year"] <= 2018).sum())


@exercise(
    "00-3",
    Names(),
    wrong=[
        (
            ["communications", "earth_observation", "navigation"],
            "Those are the three of the claim. The table holds more: print them all.",
        ),
        (
            lambda: _partner_roles(),
            "Those are the roles of the satellites with a partner. Use the whole table.",
        ),
    ],
    hint='Load the table "satellites" and take `.unique()` of its column "role".',
)
def roles():
    """Which roles stand in the table of satellites?"""
    return sorted(data.load("satellites")["role"].unique())


@exercise(
    "00-4",
    Number(unit="claims"),
    wrong=[
        (
            lambda: int((data.load("claims")["verdict_hint"] == "confirmed").sum()),
            'That counts opinions with good support as well. Use the column "verdict".',
        ),
        (
            lambda: len(data.load("claims")),
            'Those are all claims. Keep the rows whose "verdict" is "confirmed".',
        ),
        (
            lambda: int(_verdicts().isin(["confirmed", "prediction_met"]).sum()),
            'That includes the predictions that were met. Count "confirmed" alone.',
        ),
    ],
    hint='`(ledger["verdict"] == "confirmed").sum()` counts the rows where that is so.',
)
def confirmed_claims():
    """How many of the 125 claims are marked confirmed, opinions left out?"""
    return int((_verdicts() == "confirmed").sum())


def _verdicts():
    ledger = data.load("claims")
    return ledger["verdict_hint"].mask(ledger["kind"] == "opinion", "opinion")


def _partner_roles():
    table = data.load("satellites")
    return sorted(table.loc[table["partner_iso3"].notna(), "role"].unique())
