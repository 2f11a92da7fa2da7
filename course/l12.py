"""The computed claim of lesson 12: of which years the article's claims are.

The exercises of lesson 12, claims.
"""

import pandas as pd

from course import proposals
from course.scenes import ledger
from helpers import data
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from helpers.inputs import InputError
from silkroad import stats

PRINTED = 2020  # the year of the article's first edition


@computes("C125")
def the_year_before():
    """Confirmed when nine in ten of the other claims of the ledger are of the year before the
    article's, 2019, or of its own; inaccurate when none is of 2019.

    Outdated between: what is older was right in its year, and is printed as if it were of that one.
    """
    others = data.load("claims").query("id != 'C125'")
    years = others["claim_date"].str[:4].astype(int)
    before = int((years == PRINTED - 1).sum())
    recent = int((years >= PRINTED - 1).sum())
    fresh = recent >= 0.9 * len(years)
    verdict = "inaccurate" if not before else "confirmed" if fresh else "outdated"
    return (
        verdict,
        f"Of {len(years)} claims {recent} are of {PRINTED - 1} or {PRINTED}; the others go back to "
        f"{years.min()}.",
        {
            "claims": len(years),
            f"of them of {PRINTED - 1}": before,
            f"of them of {PRINTED}": recent - before,
            "older": len(years) - recent,
            "oldest year": int(years.min()),
        },
        ledger.histogram(years, PRINTED),
    )


def _age(stop):
    """Return the age in years of the sentence C012 at a stop of its way."""
    table = data.load("claims").set_index("id", drop=False)
    stops = ledger.carriers(table.loc["C012"], data.load("documents"), data.load("sources"))
    days = pd.to_datetime(stops["date"])
    return (days.iloc[stop] - days.iloc[0]).days / 365.25


@exercise(
    "12-1",
    Number(unit="years", tolerance=0.1),
    wrong=[
        (5, "2020 less 2015 is five. But it was spring then, and summer in 2020: use the days."),
        (lambda: _age(-1), "That is the edition of 2022. The first one came two years earlier."),
        (lambda: _age(-2) * 365.25, "Those are days. Divide by 365.25."),
    ],
    hint="Subtract the first date from that of the article of 2020, and divide the days by 365.25.",
)
def age_in_print():
    """How old was the sentence on 110 satellites when the article first printed it?"""
    return _age(-2)


@exercise(
    "12-2",
    Number(unit="%", tolerance=1),
    wrong=[
        (100, "That is the share itself. The question is how far down the truth may lie."),
        (lambda: float(stats.wilson(3, 3)[0]), "That is a share of 1. Times 100 for per cent."),
        (lambda: 100 * float(stats.wilson(10, 10)[0]), "That is for 10 of 10. Take 3 of 3."),
    ],
    hint="stats.wilson(3, 3) returns the lower and the upper end as shares; take the lower.",
)
def three_of_three():
    """What is the lower end of Wilson's interval for 3 right of 3?"""
    return 100 * float(stats.wilson(3, 3)[0])


def _promises():
    return ledger.promises(ledger.with_speaker(data.load("claims")))


@exercise(
    "12-3",
    Number(unit="predictions"),
    wrong=[
        (lambda: len(_promises()), "Those are all predictions. Keep the rows where due is NaN."),
        (lambda: int(_promises()["due"].notna().sum()), "Those do name a date. Turn it round."),
    ],
    hint="The column due is NaN where no date is named: promises['due'].isna().sum() counts them.",
)
def without_a_date():
    """How many predictions of the ledger name no date?"""
    return int(_promises()["due"].isna().sum())


SHEET = {
    "id": "C126",
    "topic": "launch",
    "claim": "China tried more than 60 launches in 2023.",
    "who_said": "A student of this course",
    "claim_date": "2026",
    "kind": "count",
    "how_to_check": "Read china_attempts of 2023 in launches_by_year.",
    "verdict_hint": "confirmed",
    "explanation": "The table has the number.",
    "check": "looked_up",
    "notebook": "12",
    "source_ids": "S054",
    "confidence": "high",
}


@exercise(
    "12-4",
    Text(),
    wrong=[
        ("kind", "The kind is one of those allowed. Which other column does it contradict?"),
        ("claim", "The text may stay. An opinion is neither true nor false: which column is?"),
    ],
    hint='Run proposals.read(sheet.assign(kind="opinion")): the sentence names a column.',
)
def opinion_with_a_verdict():
    """Which column is refused when the kind becomes opinion and all else stays?"""
    try:
        proposals.read(pd.DataFrame([{**SHEET, "kind": "opinion"}]))
    except InputError as refused:
        return str(refused).partition("column ")[2].partition(":")[0]
    return "none"
