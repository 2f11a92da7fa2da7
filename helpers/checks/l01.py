"""The computed claims of lesson 01, the idea."""

from helpers import data
from helpers.claims import computes

PRINTED = 2020  # the year of the article


@computes("C015")
def one_body_two_names():
    """Inaccurate when the rows of both names carry one and the same Chinese name.

    Confirmed when their Chinese names differ.
    """
    bodies = data.load("organisations").set_index("id")
    names = bodies.loc[["cissa", "asas"], "name_zh"]
    english = bodies.loc[bodies["name_zh"] == names["cissa"], "name_en"]
    verdict = "inaccurate" if names.nunique() == 1 else "confirmed"
    return (
        verdict,
        f"CISSA and ASAS stand for: {' and '.join(names.unique())}.",
        {"Chinese names": int(names.nunique()), "English names in the table": len(english)},
    )


@computes("C023")
def interviews_of_2015():
    """Inaccurate when every dated statement of the speaker is older than 2019.

    Confirmed when all are from 2019 or 2020, disputed when some are.
    """
    ledger = data.load("claims")
    said = ledger[ledger["who_said"].str.contains("Wang Zhongguo")]
    years = said["claim_date"].astype(str).str[:4].astype(int)
    recent = int((years >= PRINTED - 1).sum())
    verdict = "inaccurate" if recent == 0 else "confirmed" if recent == len(years) else "disputed"
    return (
        verdict,
        f"Of {len(years)} statements of Wang Zhongguo in the ledger the latest is of "
        f"{years.max()}; the article is of {PRINTED}.",
        {
            "statements": len(years),
            "of them from 2019 or 2020": recent,
            "latest year": int(years.max()),
            "years before the article": PRINTED - int(years.max()),
        },
    )
