"""Lesson 01, the idea: a search, the walk from body to body, computed claims, exercises."""

import re
import unicodedata

import numpy as np
import pandas as pd

from course.drawn_answers import Drawing
from helpers import charts, data
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from helpers.inputs import one_of
from helpers.words import counted, listed
from silkroad import dates

PRINTED = 2020  # the year of the article

# --- the timeline


# What one thing is called: whoever searches for one name finds all events that use another.
NAMES = (
    ("BeiDou", "BDS", "北斗"),
    ("Belt and Road", "BRI", "一带一路"),
    ("Silk Road", "丝绸之路", "丝路"),
    ("Space Information Corridor", "空间信息走廊"),
    ("Long March", "长征"),
    ("Shenzhou", "神舟"),
    ("Tiangong", "天宫"),
    ("Tiantong", "天通"),
    ("Tianwen", "天问"),
    ("Chang'e", "嫦娥"),
    ("Yutu", "玉兔"),
    ("Fengyun", "风云"),
    ("Gaofen", "高分"),
    ("Dongfanghong", "DFH", "东方红"),
    ("Guowang", "国网"),
    ("Qianfan", "Thousand Sails", "千帆"),
    ("APSCO", "亚太空间合作组织"),
    ("CNSA", "国家航天局"),
)


def _plain(text):
    """Return a text in small letters without accents, so that Běidǒu and beidou are one."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).lower()


def _with_all_names(text):
    """Return a text in small letters, followed by the other names of what it names."""
    text = _plain(text)
    named = (map(_plain, names) for names in NAMES)
    # A name stands at the beginning of a word: BRI is not in "Britain", but BDS is in "BDS-3".
    also = [
        names
        for names in map(tuple, named)
        if any(re.search(rf"\b{re.escape(name)}(?![a-z])", text) for name in names)
    ]
    return " ".join([text, *(name for names in also for name in names)])


def events_found(events, track, years, words):
    """Return the events of a track ("all": any) in a span of years with all words in their text.

    An event is found by any of its `NAMES`, English or Chinese, with or without tones.
    """
    first, last = years
    kept = events[(events["year"] >= first) & (events["year"] < last + 1)]
    if track != "all":
        kept = kept[kept["track"] == one_of(track, sorted(events["track"].unique()), "track")]
    text = (kept["title"] + " " + kept["description"].fillna("")).map(_with_all_names)
    found = [all(word in line for word in _plain(words).split()) for line in text]
    return kept[np.array(found, dtype=bool)]


def events_words(found, years):
    """Return how many events were found, and the first and last of them, as a sentence."""
    span = f"{years[0]} to {years[1]}"
    if found.empty:
        return f"No event from {span} fits. Widen the years or take a word away."
    first, last = (
        f"{row['title']} ({row['date'][:10]})" for _, row in found.iloc[[0, -1]].iterrows()
    )
    if len(found) == 1:
        return f"One event from {span}: {first}."
    return f"{len(found)} events from {span}: the first is {first}, the last {last}."


def events_listed(found, most=20):
    """Return the first of the events found, by date and title, and how many more there are."""
    if found.empty:
        return "No events"
    titles = "; ".join(found["date"].str[:10].head(most) + " " + found["title"].head(most))
    more = f"; and {len(found) - most} more" if len(found) > most else ""
    return f"{counted(len(found), 'event')}: {titles}{more}"


# --- who is who

# How a relation reads from either end.
READS = {
    "part of": ("is part of", "holds"),
    "owns": ("owns", "is owned by"),
    "became": ("became", "was before"),
    "another name of": ("is another name of", "is also printed as"),
    "signed with": ("signed with", "signed with"),
    "runs": ("runs", "is run by"),
    "runs together with": ("runs together with", "runs together with"),
    "builds": ("builds", "is built by"),
    "sold to": ("sold a satellite to", "bought a satellite from"),
    "proposed": ("proposed", "was proposed by"),
}


def ties_of(bodies, relations, body):
    """Return the relations of one body, read from its side: words, other, since, sources."""
    one_of(body, bodies["id"].tolist(), "body")
    out = relations[relations["from_id"] == body].assign(other_id=lambda t: t["to_id"], side=0)
    back = relations[relations["to_id"] == body].assign(other_id=lambda t: t["from_id"], side=1)
    ties = pd.concat([out, back], ignore_index=True)
    names = bodies.set_index("id").loc[ties["other_id"]].reset_index()
    return pd.DataFrame(
        {
            "relation": [READS[r][s] for r, s in zip(ties["relation"], ties["side"], strict=True)],
            "other_id": ties["other_id"],
            "other": names["name_en"],
            "chinese": names["name_zh"].fillna(""),
            "pinyin": names["name_pinyin"].fillna(""),
            "since": ties["since"].astype("Int64").astype(str).replace("<NA>", "not known"),
            "note": ties["note"].fillna(""),
            "source_ids": ties["source_ids"],
            "confidence": ties["confidence"],
        }
    )


def body_names(bodies):
    """Return the abbreviation of each body, or its English name, by its id."""
    return bodies["abbreviation"].fillna(bodies["name_en"]).set_axis(bodies["id"])


def body_words(bodies, relations, body):
    """Return a body in words: its names, kind, founding year, and what ties it to others."""
    row, short = bodies.set_index("id").loc[body], body_names(bodies)
    chinese = "" if pd.isna(row["name_zh"]) else f" ({row['name_zh']}, {row['name_pinyin']})"
    since = "" if pd.isna(row["founded_year"]) else f", since {row['founded_year']:.0f}"
    groups = ties_of(bodies, relations, body).groupby("relation", sort=False)["other_id"]
    ties = "; ".join(f"{words} {listed(short[ids])}" for words, ids in groups)
    ending = f" It {ties}." if ties else " The table holds no tie of it to another body."
    return f"{row['name_en']}{chinese}: {row['type']}{since}.{ending}"


def places_of(bodies, relations, body, steps):
    """Return where a body and those around it are drawn, {id: (x, y)}, and the ties, id to id.

    The first ring has the radius 1; the second, for `steps` of 2, stands fanned out behind it.
    """
    places, ties = {body: (0.0, 0.0)}, []
    ring = ties_of(bodies, relations, body)["other_id"].unique()
    angles = np.linspace(0.5 * np.pi, -1.5 * np.pi, len(ring), endpoint=False)
    for other, angle in zip(ring, angles, strict=True):
        places[other] = (np.cos(angle), np.sin(angle))
        ties.append((body, other))
    fan = min(2 * np.pi / max(len(ring), 1), 1.2)
    for other, angle in zip(ring, angles, strict=True) if steps > 1 else ():
        beyond = ties_of(bodies, relations, other)["other_id"].unique()
        outer = [id for id in beyond if id not in places]
        for number, id in enumerate(outer):
            turn = angle + fan * ((number + 0.5) / len(outer) - 0.5)
            places[id] = (2 * np.cos(turn), 2 * np.sin(turn))
        ties += [(other, id) for id in beyond if id != body]
    return places, ties


def ties_said(bodies, relations, ties):
    """Return the words of each tie, as its first body says it, by (body, other)."""
    said = {}
    for body in {body for body, _ in ties}:
        words = ties_of(bodies, relations, body).groupby("other_id")["relation"]
        said |= {(body, id): " / ".join(some.unique()) for id, some in words}
    return {tie: said[tie] for tie in ties}


def chart_of_ties(bodies, relations, body, steps=1):
    """Return a body and what it is tied to, up to `steps` (1 or 2) ties away, as a chart."""
    short = body_names(bodies)
    places, ties = places_of(bodies, relations, body, steps)
    ends = [(number, *places[id]) for number, tie in enumerate(ties) for id in tie]
    ends = pd.DataFrame(ends, columns=["tie", "x", "y"])
    spots = pd.DataFrame.from_dict(places, orient="index", columns=["x", "y"])
    spots["name"] = short[spots.index]
    spots["who"] = np.where(spots.index == body, "here", "there")
    said = ties_said(bodies, relations, ties)
    # The words of a tie stand on its line, nearer to the outer end, where lines lie apart.
    middle = pd.DataFrame(
        [
            (*(0.4 * np.array(places[a]) + 0.6 * np.array(places[b])), words)
            for (a, b), words in said.items()
        ],
        columns=["x", "y", "words"],
    )
    place, looks = {"x": "x", "y": "y"}, {"here": ("yellow", "circle"), "there": ("blue", "circle")}
    reach = 2 if steps > 1 and any(body not in tie for tie in ties) else 1  # a second ring?
    tied = sum(body in tie for tie in said)
    alt = "; ".join(f"{short[a]} {words} {short[b]}" for (a, b), words in said.items())
    return charts.draw(
        charts.lines(
            ends,
            **place,
            color="tie",
            styles=dict.fromkeys(map(str, range(len(ties))), ("grey", "")),
            show=None,
        ),
        charts.dots(middle, **place, size=0, text="words", show=None),
        charts.dots(spots, **place, color="who", styles=looks, text="name", size=9, show=None),
        name="Who is tied to whom",
        x="",
        y="",
        xticks=(),
        yticks=(),
        xlim=(-1.45 * reach, 1.45 * reach),
        ylim=(-1.15 * reach, 1.15 * reach),
        height=5.4 if steps > 1 else 3.8,
        legend="",
        words=f"{short[body]} in the middle, tied to {counted(tied, 'other')}. {alt}",
        table=_table_of_ties(bodies, relations, ties),
    )


def _table_of_ties(bodies, relations, ties):
    """Return the rows of the ties drawn, each with the body from whose side it is read."""
    short, around = body_names(bodies), dict.fromkeys(body for body, _ in ties)
    tables = [ties_of(bodies, relations, id).assign(id=id, body=short[id]) for id in around]
    if not tables:
        return pd.DataFrame({"body": []})
    table = pd.concat(tables, ignore_index=True)
    drawn = [tie in ties for tie in zip(table["id"], table["other_id"], strict=True)]
    table = table[drawn].drop(columns=["id", "other_id"])
    return table[["body", *table.columns.drop("body")]]


# --- computed claims


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


# --- exercises


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
    events = data.load("timeline").query("track == 'partners'")
    return int(dates.middle(events["date"]).min())


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


def _bodies_by_name():
    """Return {English name, abbreviation or Chinese name: id} of the bodies."""
    bodies = data.load("organisations")
    return {
        name: id
        for column in ("name_en", "abbreviation", "name_zh")
        for name, id in bodies[[column, "id"]].dropna().itertuples(index=False)
    }


@exercise(
    "01-3",
    Text(also=_bodies_by_name),
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
    documents = data.load("documents").query("kind == 'primary'")
    corridor = documents[documents["term_zh"] == "空间信息走廊"]
    return int(dates.middle(corridor["date"]).min())


def _timeline(track, rule=2013):
    """Return the events of a track as dots over the years, and a line, as a chart."""
    events = data.load("timeline")
    some = events.assign(year=dates.middle(events["date"])).query("track in @track")
    line = charts.rules(x=rule, text="Belt and Road")
    return charts.draw(charts.dots(some, x="year", y="title"), line, name="My track")


NO_DOTS = "There are no dots yet: charts.dots(some, x='year', y='title')."
NO_LINE = "No line stands at 2013 yet: add charts.rules(x=2013) behind the dots."
NO_TRACK = "The dots are not those of one track: keep its rows first, all of them."


def _is_one_track(drawn):
    """Tell whether the dots are the events of one track, and a line stands at 2013."""
    years = pd.to_numeric(drawn["x"], errors="coerce")
    dots = sorted(years[drawn["kind"] == "dots"].dropna().round(2))
    if not dots:
        return NO_DOTS
    if not years[drawn["kind"] == "rules"].eq(2013).any():
        return NO_LINE
    events = data.load("timeline")
    tracks = dates.middle(events["date"]).round(2).groupby(events["track"]).agg(sorted)
    return dots in tracks.to_list() or NO_TRACK


@exercise(
    "01-5",
    Drawing(_is_one_track),
    wrong=[
        (lambda: charts.draw(charts.rules(x=2013), name="My track"), NO_DOTS),
        (lambda: _timeline(["moon_and_planets"], rule=2014), NO_LINE),
        (lambda: _timeline(["moon_and_planets", "launch"]), NO_TRACK),
    ],
    hint="Two marks in one charts.draw(...): charts.dots of the rows you kept, and charts.rules.",
)
def track_of_your_own():
    """Draw the events of one track over the years, with a line at 2013 (one of nine)."""
    return _timeline(["moon_and_planets"])
