"""The exercises of lesson 02, the partners."""

from helpers import data
from helpers.exercises import Names, Number, Text, exercise


def signed_by(year):
    """Return how many countries had signed by the end of `year`, whatever came later."""
    return int((data.load("bri_countries")["signed_year"] <= year).sum())


@exercise(
    "02-1",
    Number(unit="countries"),
    wrong=[
        (lambda: signed_by(2019), "That is the end of 2019. The question stops a year earlier."),
        (
            lambda: signed_by(2018) - signed_by(2017),
            "Those signed in 2018 alone. Count the earlier years too: use <=, not ==.",
        ),
        (
            lambda: signed_by(2017),
            "That is the end of 2017. With < the year 2018 itself falls out: use <=.",
        ),
        (125, "125 is the published number of April 2019. Count the rows of our table."),
    ],
    hint='Keep the rows whose "signed_year" is 2018 or less, then count them with len().',
)
def signed_by_the_end_of_2018():
    """How many countries had signed by the end of 2018?"""
    return signed_by(2018)


@exercise(
    "02-2",
    Names(),
    wrong=[
        (["Italy"], "Italy is one. Move the year of the first map to its end: is there another?"),
        (["Panama"], "Panama is one. Stop the first map at the end of 2023: who left before?"),
        (
            lambda: list(data.load("bri_countries").query("status == 'unconfirmed'")["country"]),
            "Those are the unconfirmed ones. Nobody says that they left.",
        ),
    ],
    hint='Keep the rows whose "status" is "withdrawn" and take the column "country".',
)
def who_withdrew():
    """Which countries withdrew?"""
    table = data.load("bri_countries")
    return list(table.loc[table["status"] == "withdrawn", "country"])


def apsco(*statuses):
    """Return how many rows of APSCO membership have one of these statuses, or any."""
    rows = data.load("cooperation").query("kind == 'apsco_member'")
    return len(rows[rows["status"].isin(statuses)] if statuses else rows)


@exercise(
    "02-3",
    Number(unit="members"),
    wrong=[
        (apsco, "Those are all rows: a signatory, an associate and an observer are among them."),
        (
            lambda: apsco("active", "signatory"),
            "One of them signed the convention but never became a full member.",
        ),
        (lambda: apsco("active") - 1, "The article names so many. Who is missing? The host."),
    ],
    hint='Keep the rows of the kind "apsco_member" whose status is "active", then count.',
)
def full_members_of_apsco():
    """How many full members does APSCO have, China included?"""
    return apsco("active")


def exports_lost(statuses, never=("not_realised",)):
    """Return the share, in %, of exports with these statuses, leaving out those in `never`."""
    rows = data.load("cooperation").query("kind == 'satellite_export'")
    rows = rows[~rows["status"].isin(never)]
    return 100 * float(rows["status"].isin(statuses).mean())


@exercise(
    "02-4",
    Number(unit="%", tolerance=0.1),
    wrong=[
        (
            lambda: exports_lost(["failed_in_orbit"], never=()),
            "You divided by all rows. Leave out the contracts that were never realised.",
        ),
        (
            lambda: exports_lost(["failed_in_orbit", "failed"]),
            "One of these was lost with its rocket. It never reached an orbit to fail in.",
        ),
        (
            lambda: exports_lost(["failed_in_orbit"]) / 100,
            "That is the share as a fraction. The question asks for per cent.",
        ),
        (2, "That is the number of satellites. Divide by the number launched, times 100."),
    ],
    hint="Divide the rows with status failed_in_orbit by the rows that were launched, times 100.",
)
def share_failed_in_orbit():
    """Which share of the exported satellites that were launched failed in orbit?"""
    return exports_lost(["failed_in_orbit"])


@exercise(
    "02-5",
    Text(options=("agreement", "project", "use")),
    wrong=[
        ("project", "Look at every row of Brunei: is there a station, a satellite, a test?"),
        ("use", "A signature does not show that anybody uses it. What do the rows say?"),
    ],
    hint='Keep the rows whose "iso3" is "BRN" and read their kinds.',
)
def how_far_brunei_got():
    """How far does the evidence for Brunei reach?"""
    kinds = set(data.load("cooperation").query("iso3 == 'BRN'")["kind"])
    return "agreement" if kinds == {"beidou_agreement"} else "project"
