"""The computed claim of lesson 12: of which years the article's claims are."""

from helpers import data
from helpers.claims import computes
from helpers.scenes import ledger

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
