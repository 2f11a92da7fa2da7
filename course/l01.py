"""The computed claims of lesson 01, the idea.

The exercises of lesson 01, the idea.
"""

from course.scenes import ideas
from helpers import data
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise

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


@exercise(
    "01-1",
    Number(),
    wrong=[
        (2013, "2013 is the year of the Belt and Road. Look at the track partners."),
        (1970, "1970 is the first event of all. Keep only the track partners first."),
        (1992, "That is the first that is known to the month from a document. One is older."),
    ],
    hint="Keep the rows of the track partners, then take the least year, as a whole number.",
)
def first_cooperation():
    """In which year is the first event of the track partners?"""
    events = ideas.dated(data.load("timeline"))
    return int(events.loc[events["track"] == "partners", "year"].min())


@exercise(
    "01-2",
    Number(unit="rows"),
    wrong=[
        (2, "Two are the English names in the article. The body itself has a row, too."),
        (1, "Compare the column name_zh, not the English one."),
    ],
    hint="Take name_zh of the row with the id cissa, and count the rows that equal it.",
)
def names_of_the_alliance():
    """How many rows share the Chinese name of CISSA?"""
    bodies = data.load("organisations")
    name = bodies.set_index("id").loc["cissa", "name_zh"]
    return int((bodies["name_zh"] == name).sum())


@exercise(
    "01-3",
    Text(),
    wrong=[
        ("casc", "casc owns CGWIC: that is one step. Who owns casc?"),
        ("cgwic", "That is where you start."),
        ("statecouncil", "That is one step too far: it stands above the owner's owner."),
    ],
    hint="In relations, owns leads from from_id to to_id. Go backwards, twice.",
)
def owner_of_the_owner():
    """Which body owns the owner of CGWIC?"""
    relations = data.load("relations")
    owner = relations[relations["relation"] == "owns"].set_index("to_id")["from_id"]
    return owner[owner["cgwic"]]


@exercise(
    "01-4",
    Number(),
    wrong=[
        (2015, "The document of 2015 speaks of an Information Silk Road, another term."),
        (2014, "That is the alliance's year. Keep the primary sources with this very term."),
        (2019, "That is a report about it. Keep the kind primary."),
    ],
    hint="Keep kind primary, then term_zh, then take the least year as a whole number.",
)
def the_states_word():
    """When does a primary source first name the corridor?"""
    documents = ideas.dated(data.load("documents"))
    primary = documents[documents["kind"] == "primary"]
    return int(primary.loc[primary["term_zh"] == "空间信息走廊", "year"].min())
