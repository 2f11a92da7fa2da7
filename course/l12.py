"""Lesson 12, claims: right how often, sentences on their way, promises; claim and exercises."""

import re

import numpy as np
import pandas as pd

from course import proposals
from course.drawn_answers import Drawing
from helpers import charts, claims, data
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from helpers.inputs import InputError, one_of
from helpers.words import counted
from silkroad import dates, stats

PRINTED = 2020  # the year of the article's first edition
# The signs that count as right, and those that count as wrong; an opinion is neither.
RULES = {
    "confirmed or met": ("✔", "◑◷✘"),
    "outdated counts as right when said": ("✔◷", "◑✘"),
    "only clear cases: right or wrong": ("✔", "✘"),
}

# --- the ledger


def with_rulings(table):
    """Return the table `claims` with `ruling` ("✔ confirmed"), its `sign`, `year` of the claim."""
    ruling = claims.verdicts(*table["id"]).table["verdict"].set_axis(table.index)
    year = table["claim_date"].str[:4].astype(int)
    return table.assign(ruling=ruling, sign=ruling.str[0], year=year)


def rulings_words(table):
    """Return how many of the claims have which verdict: "6 confirmed, 3 inaccurate"."""
    return claims.verdicts(*table["id"]).in_words()


# --- right how often


def rates(table, by, rule, at_least=3):
    """Return, by a column of the table, how often claims were right by a rule of RULES.

    Columns: group, right, of, share, low, high: shares 0 to 1, the last two Wilson's interval at
    95 %. Groups with fewer than `at_least` claims that count are left out. May be empty.
    """
    right, wrong = RULES[one_of(rule, RULES, "rule")]
    ruled = table[table["sign"].isin([*right, *wrong])]
    good = ruled["sign"].isin([*right]).groupby(ruled[by])
    shares = pd.DataFrame({"right": good.sum(), "of": good.size()})
    shares = shares[shares["of"] >= at_least].rename_axis("group").reset_index()
    low, high = stats.wilson(shares["right"], shares["of"]) if len(shares) else ([], [])
    shares = shares.assign(share=shares["right"] / shares["of"], low=low, high=high)
    return shares.sort_values(["share", "of"], ascending=False, ignore_index=True)


def rates_words(shares, at_least):
    """Return first and last of `rates`, and how often one common rate would part them so far."""
    groups = f"groups with {at_least} claims or more"
    if len(shares) < 2:
        have = "1 group has" if len(shares) else "No group has"
        return f"{have} {at_least} claims or more: nothing to compare."
    first, last = shares.iloc[0], shares.iloc[-1]
    if first["share"] == last["share"]:
        return f"All {len(shares)} {groups} have the same share, {100 * first['share']:.0f} %."
    ends = [f"{row['group']} with {row['right']} of {row['of']}" for row in (first, last)]
    ends = [end.replace("_", " ") for end in ends]
    counts = zip(*((int(row["right"]), int(row["of"])) for row in (first, last)), strict=True)
    p = stats.same_rate(*map(list, counts))
    often = "in fewer than 1 of 100 cases" if p < 0.01 else f"in up to {100 * p:.0f} of 100 cases"
    return (
        f"First {ends[0]}, last {ends[1]}. If both were right equally often, chance would part two "
        f"such counts as far {often}. Of {len(shares)} {groups} these two lie furthest apart, "
        "which makes a small number come easily."
    )


# --- a sentence on its way


def stops_of(claim, documents, sources):
    """Return the dated stops of one claim on its way into the article, oldest first.

    claim: a row of `claims`; documents, sources: those tables. The stops are the documents that
    the claim's row cites, the statement itself where no document is of its month, and the two
    editions of the article. Columns: date, who, year, age_years since the first stop, source_ids.
    """
    cited = set(claim["source_ids"].split(";")) - {"S417", "S267"}
    carrying = documents["source_ids"].map(lambda keys: bool(cited & set(keys.split(";"))))
    stops = documents.loc[carrying, ["date", "publisher", "source_ids"]]
    stops = stops.rename(columns={"publisher": "who"})
    if not stops["date"].str.startswith(claim["claim_date"][:7]).any():
        said = {"who": claim["who_said"], "source_ids": claim["source_ids"]}
        stops.loc[len(documents)] = {"date": claim["claim_date"], **said}
    first = documents.loc[documents["source_ids"] == "S267", "date"].iloc[0]
    second = sources.set_index("source_id").loc["S267", "date"]
    for number, day in enumerate((first, second)):
        who = ("the article", "the article again")[number]
        stops.loc[len(documents) + 1 + number] = {"date": day, "who": who, "source_ids": "S267"}
    stops = stops.assign(year=dates.middle(stops["date"]))
    stops = stops.sort_values("year", kind="stable", ignore_index=True)
    return stops.assign(age_years=(stops["year"] - stops["year"].iloc[0]).round(1))


def travellers(table, documents, printed):
    """Return {"C012 statement": id} of claims older than the print that a document carries."""
    keys = {key for cited in documents["source_ids"] for key in cited.split(";")} - {"S417", "S267"}
    carried = table["source_ids"].map(lambda cited: bool(keys & set(cited.split(";"))))
    old = table[carried & (table["claim_date"].str[:4].astype(int) <= printed - 3)]
    return {f"{row.id} {_cut(row.claim, 70)}": row.id for row in old.itertuples()}


def stops_words(stops, year):
    """Return where the sentence has come by the end of a year."""
    seen = stops[stops["year"] < year + 1]
    if seen.empty:
        return f"Up to {year} nobody had said it yet."
    last = seen.iloc[-1]
    more = f", {last['age_years']:.1f} years after the first" if len(seen) > 1 else ""
    stops = counted(len(seen), "stop")
    return f"Up to {year}: {stops}, the last {last['who']} on {last['date']}{more}."


# --- predictions and their dates


def promises_of(table):
    """Return the predictions with `made` and `due` as years (due NaN: no date), oldest first.

    A statement of which only the year is known stands at its beginning, before it could come due.
    `lane` is the claim as the chart names it.
    """
    rows = table[table["kind"] == "prediction"]
    known, year = rows["claim_date"].str.len() > 4, rows["claim_date"].str[:4].astype(float)
    made, due = dates.middle(rows["claim_date"]).where(known, year), dates.end(rows["due_date"])
    lane = rows["id"] + " " + rows["claim"].map(lambda claim: _cut(claim, 80))
    return rows.assign(made=made, due=due, lane=lane).sort_values(["made", "id"])


def promises_by(promises, year):
    """Return the promises made by the end of a year, and their `state` then.

    `until`: the end of the bar, now or the day they came due; `came`: that day, NaN before.
    """
    rows, now = promises[promises["made"] < year + 1], year + 1
    over, undated = rows["due"] <= now, rows["due"].isna()
    state = rows["ruling"].where(over, "… not due yet").mask(undated, "… no date")
    if year >= data.snapshot().year:  # the ledger rules as of then
        state = state.mask(undated, "… no date; by now " + rows["ruling"].str[2:])
    due_by = rows["due_date"].fillna("no date")
    bar = {"until": rows["due"].where(over, now), "came": rows["due"].where(over)}
    return rows[["id", "claim", "claim_date", "lane", "made"]].assign(
        due_by=due_by, state=state, **bar, open=np.where(over, "its day has come", "open")
    )


def promises_table(known):
    """Return the promises of `known_in` as the table under the chart."""
    names = {"claim_date": "made", "due_by": "due by the end of"}
    shown = known[["id", "claim", "claim_date", "due_by", "state"]]
    return shown.rename(columns=names).reset_index(drop=True)


def promises_listed(known):
    """Return the promises of `known_in` one after the other: when made, when due, what came."""
    said = known["id"] + " made " + known["claim_date"] + ", due " + known["due_by"]
    return f"Predictions: {'; '.join(said + ', ' + known['state'].str[2:]) or 'none yet'}"


def promises_words(rows, year):
    """Return how many predictions were made, came due, and what came of them by a year's end."""
    made = rows[rows["made"] < year + 1]
    over = made[made["due"] <= year + 1]
    undated = int(made["due"].isna().sum())
    words = f"Up to {year}: {counted(len(made), 'prediction')} made"
    words += f", {undated} of them without a date" if undated else ""
    words += f"; {len(over)} came due"
    return f"{words}: {rulings_words(over)}." if len(over) else f"{words}."


# --- whom the claims name


def mentions(table, names):
    """Return which claims name which countries, {iso3: name}: id, year, iso3, a row for each.

    It is our wording of the claims that is searched, for whole words.
    """
    found = []
    for iso3, name in names.items():
        if (about := table["claim"].str.contains(name, regex=False)).any():
            about &= table["claim"].str.contains(rf"\b{re.escape(name)}\b")
            found.append(table.loc[about, ["id", "claim_date"]].assign(iso3=iso3))
    rows = pd.concat(found) if found else table.head(0)[["id", "claim_date"]].assign(iso3="")
    return rows.assign(year=rows.pop("claim_date").str[:4].astype(int)).reset_index(drop=True)


def _cut(text, most):
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


# --- the computed claim


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
        _histogram(years),
    )


def _histogram(years):
    """Return how many claims are of which year, as a chart, the year before the print in orange."""
    counts = years.value_counts().reindex(range(years.min(), PRINTED + 1), fill_value=0)
    counts = counts.rename_axis("year").rename("claims").reset_index()
    before = counts["year"] == PRINTED - 1
    rows = counts.assign(
        when=np.where(before, "before", "other"), says=counts["claims"].mask(counts["claims"] == 0)
    )
    look = {"color": "when", "styles": {"other": "blue", "before": "orange"}, "text": "says"}
    bars = charts.bars(rows, x="year", y="claims", **look, show=None)
    words = "; ".join(
        f"{row.year}: {row.claims}" for row in counts[counts["claims"] > 0].itertuples()
    )
    return charts.draw(
        bars,
        name="Years of the claims",
        title=f"claims by their year; orange: {PRINTED - 1}",
        **{"x": "", "y": "", "width": 7.2, "height": 1.9, "legend": ""},
        words=f"Claims by year: {words}",
        table=counts,
    )


# --- exercises


def _age(stop):
    """Return the age in years of the sentence C012 at a stop of its way."""
    table = data.load("claims").set_index("id", drop=False)
    stops = stops_of(table.loc["C012"], data.load("documents"), data.load("sources"))
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
    return promises_of(data.load("claims"))


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
    "id": "C900",
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


def _topic_drawn(*topics):
    """Return the rulings of topics, counted, as bars."""
    table = with_rulings(data.load("claims"))
    counts = table.loc[table["topic"].isin(topics or table["topic"]), "ruling"].value_counts()
    return charts.draw(charts.bars(counts.reset_index(), x="count", y="ruling"), name="My topic")


NO_BARS = "There are no bars yet: charts.bars(counts, x='count', y='ruling')."
ALL_TOPICS = "Those are all claims of the ledger: keep the rows of one topic first."
NO_TOPIC = "The bars are not the rulings of one topic: keep its rows, then use value_counts()."


def _is_one_topic(drawn):
    """Tell whether the bars are the rulings of one topic, counted."""
    bars = drawn[drawn["kind"] == "bars"]
    if bars.empty:
        return NO_BARS
    lying, standing = (pd.to_numeric(bars[side], errors="coerce") for side in "xy")
    seen = pd.Series(lying.fillna(standing).to_numpy(), bars["label"]).to_dict()
    table = with_rulings(data.load("claims"))
    if seen == table["ruling"].value_counts().to_dict():
        return ALL_TOPICS
    rulings = table.groupby("topic")["ruling"]
    return any(seen == some.value_counts().to_dict() for _, some in rulings) or NO_TOPIC


@exercise(
    "12-5",
    Drawing(_is_one_topic),
    wrong=[
        (lambda: charts.draw(charts.rules(x=3), name="My topic"), NO_BARS),
        (lambda: _topic_drawn(), ALL_TOPICS),
        (lambda: _topic_drawn("launch", "moon"), NO_TOPIC),
    ],
    hint="value_counts().reset_index() is a table with the columns ruling and count.",
)
def topic_of_your_own():
    """Draw the rulings of one topic, counted, as bars (one of twelve)."""
    return _topic_drawn("cables")
