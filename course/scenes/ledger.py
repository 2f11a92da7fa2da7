"""What lesson 12 draws: a hand of claims to rule on, verdicts counted, sentences on their way."""

import html
import re
from functools import cache

import ipywidgets as widgets
import numpy as np
import pandas as pd

import course
from course.scenes import ideas
from helpers import claims, data, maps, style
from helpers.inputs import one_of
from silkroad import stats

OPEN = "not ruled yet"
# Two words for the same finding: a prediction met is confirmed, one missed is inaccurate.
SENSE = {"prediction_met": "confirmed", "prediction_missed": "inaccurate"}
GROUPS = {
    "topic": "topic",
    "kind": "kind",
    "speaker": "speaker",
    "lesson": "notebook",
    "what settles it": "check",
}
# What counts as right, and which verdicts count at all; an opinion never does.
RULES = {
    "confirmed or met": (
        ["confirmed", "prediction_met"],
        ["disputed", "outdated", "inaccurate", "prediction_missed"],
    ),
    "outdated counts as right when said": (
        ["confirmed", "prediction_met", "outdated"],
        ["disputed", "inaccurate", "prediction_missed"],
    ),
    "only clear cases: right or wrong": (
        ["confirmed", "prediction_met"],
        ["inaccurate", "prediction_missed"],
    ),
}


def speaker(who):
    """Return whose voice a claim has, without office or carrier: "SCMP via article" is SCMP."""
    return re.sub(r"\s*(\(.*\)|via article)\s*", "", who)


def with_speaker(table):
    """Return the table `claims` with the columns `speaker`, `ruling` and `year` (of the claim)."""
    return table.assign(
        speaker=table["who_said"].map(speaker),
        ruling=claims.rulings(table),
        year=table["claim_date"].str[:4].astype(int),
    )


def deal(table, topic, number, seed):
    """Return up to `number` claims of a topic ("all": any), the same for the same seed."""
    if topic != "all":
        table = table[table["topic"] == one_of(topic, sorted(table["topic"].unique()), "topic")]
    return table.sample(min(number, len(table)), random_state=seed)


def compare(rulings):
    """Compare a reader's rulings, {id: key of VERDICTS}, with the ledger: (table, sentence).

    Two rulings agree when they say the same of the statement, so "confirmed" agrees with
    "prediction met". Opinions are set apart: there is nothing to agree on.
    """
    if not rulings:
        return pd.DataFrame(columns=["id", "you", "ledger", "result"]), "You have ruled on none."
    rows = claims.verdicts(*rulings).rows
    table = pd.DataFrame(
        {"id": rows["id"], "you": [rulings[id] for id in rows["id"]], "ledger": rulings_of(rows)}
    )
    one_sense = [SENSE.get(a, a) == SENSE.get(b, b) for a, b in table[["you", "ledger"]].to_numpy()]
    table["result"] = np.where(
        table["ledger"] == "opinion", "opinion", np.where(one_sense, "the same", "different")
    )
    return table.replace({key: words for key, (_, words, _) in claims.VERDICTS.items()}), _score(
        table
    )


def rulings_of(rows):
    """Return the ledger's ruling of each row, as a list."""
    return claims.rulings(rows).tolist()


def _score(table):
    words = {key: text for key, (_, text, _) in claims.VERDICTS.items()}
    ruled = table[table["ledger"] != "opinion"]
    same = int((ruled["result"] == "the same").sum())
    parts = []
    if len(ruled):
        who = "the statement that can be checked" if len(ruled) == 1 else "statements of fact"
        parts.append(
            f"Of {len(ruled)} {who} you and the ledger see {same} alike."
            if len(ruled) > 1
            else f"On {who} you and the ledger {'agree' if same else 'differ'}."
        )
    for row in ruled[ruled["result"] == "different"].itertuples():
        parts.append(f"{row.id}: you say {words[row.you]}, the ledger {words[row.ledger]}.")
    for row in table[table["ledger"] == "opinion"].itertuples():
        seen = "as you saw" if row.you == "opinion" else f"though you say {words[row.you]}"
        parts.append(f"{row.id} is an opinion, {seen}: neither true nor false, not counted.")
    return " ".join(parts)


class Hand(widgets.VBox):
    """A hand of claims, each with a list of rulings; the evidence only when the reader asks.

    `rulings` holds what the reader chose, {id: key of VERDICTS}, also of claims no longer shown.
    """

    def __init__(self, table, seed):
        """Take the table `claims` and the seed of the draw."""
        self.claims, self.seed, self.rulings = table, seed, {}
        self._row, self._computed = cache(self._row), cache(claims.settle)
        self.topic = widgets.Dropdown(
            options=["all", *sorted(table["topic"].unique())], description="topic"
        )
        self.number = widgets.Dropdown(options=[4, 8, 12], value=8, description="how many claims")
        self.reveal = widgets.Checkbox(description="show the evidence and compare", indent=False)
        for control in (self.topic, self.number):
            control.style.description_width = "initial"
            control.observe(self._dealt, "value")
        self.reveal.observe(self._compared, "value")
        self.rows, self.result = widgets.VBox(), widgets.HTML()
        self.rows.add_class("silkroad-hand")  # two columns on slides
        controls = widgets.HBox([self.topic, self.number])
        super().__init__([controls, self.rows, self.reveal, self.result])
        self._dealt()

    def rule(self, id, ruling):
        """Rule on a claim, as with its list: `ruling` is a key of claims.VERDICTS, or OPEN."""
        one_of(ruling, [OPEN, *claims.VERDICTS], "ruling")
        self._row(id).children[1].value = ruling

    def _dealt(self, change=None):
        dealt = deal(self.claims, self.topic.value, self.number.value, self.seed)
        self.ids = dealt["id"].tolist()
        self.rows.children = [self._row(id) for id in self.ids]
        self._compared()

    def _row(self, id):
        claim = claims.show(id).table.iloc[0]
        text = widgets.HTML(
            f'<div style="line-height:1.45"><b>{id}</b> {html.escape(claim["claim"])}<br>'
            f"<small>{html.escape(claim['said'])}</small></div>"
        )
        words = [(text, key) for key, (_, text, _) in claims.VERDICTS.items()]
        choice = widgets.Dropdown(options=[(OPEN, OPEN), *words], description=f"{id}: your ruling")
        choice.style.description_width = "initial"
        choice.observe(lambda change: self._ruled(id, change["new"]), "value")
        row = widgets.VBox([text, choice])
        row.layout.margin = "0 0 .6em 0"
        return row

    def _ruled(self, id, ruling):
        self.rulings.pop(id, None)
        if ruling != OPEN:
            self.rulings[id] = ruling
        self._compared()

    def _compared(self, change=None):
        ruled = {id: self.rulings[id] for id in self.ids if id in self.rulings}
        left = len(self.ids) - len(ruled)
        waits = f"{left} of {len(self.ids)} claims wait for your ruling."
        if not self.reveal.value:
            self.result.value = f'<p role="status">{waits if left else "All are ruled on."}</p>'
            return
        _, words = compare(ruled)
        self.result.value = (
            f'<div style="line-height:1.45"><p role="status"><b>{html.escape(words)}</b> '
            f"{waits if left else ''}</p>{evidence(ruled, self._computed)}</div>"
        )


def evidence(ids, check=claims.settle):
    """Return what speaks on claims as HTML: what was computed, then the rows of the others.

    Of those it says what settles them instead, and how the reader can look.
    """
    settled = [id for id in ids if id in course.computed()]
    others = [id for id in ids if id not in settled]
    pages = [check(id)._repr_html_() for id in settled]
    if others:
        table = claims.verdicts(*others)
        ways = "".join(
            f"<li><b>{row.id}</b>: {claims.SETTLES.get(row.check, 'not computed yet')}. "
            f"{html.escape(row.how_to_check)}</li>"
            for row in table.rows.itertuples()
        )
        pages += [table._repr_html_(), f"<p>What settles them:</p><ul>{ways}</ul>"]
    return "".join(pages)


def overview(table, by):
    """Return the verdicts counted by a key of GROUPS as a chart of bars."""
    column = GROUPS[one_of(by, GROUPS, "group")]
    counts = pd.crosstab(table[column], table["ruling"])
    counts = counts.reindex(columns=[key for key in claims.VERDICTS if key in counts])
    if by == "speaker":  # one bar for all who are heard once
        once = counts.sum(axis=1) < 2
        counts = pd.concat([counts[~once], counts[once].sum().to_frame("heard once, together").T])
    if by != "lesson":
        counts = counts.loc[counts.sum(axis=1).sort_values(ascending=False).index]
    figure, axes = style.chart(9.2, 5.0, left=0.21, right=0.8, top=0.99, bottom=0.06)
    start = np.zeros(len(counts))
    for key, values in counts.items():
        sign, words, color = claims.VERDICTS[key]
        hatch = "//" if key.startswith("prediction") else ""
        some = values.to_numpy() > 0
        axes.barh(
            np.flatnonzero(some),
            values[some],
            left=start[some],
            color=color,
            hatch=hatch,
            edgecolor="white",
            label=f"{sign} {words}",
        )
        for lane, (value, left) in enumerate(zip(values, start, strict=True)):
            if value > counts.sum(axis=1).max() / 40:
                # Black stands out on the light colours only, and hatching needs a plate.
                dark = key in ("not_checkable", "opinion")
                plate = {"facecolor": color, "edgecolor": "none", "pad": 1} if hatch else None
                axes.text(
                    left + value / 2,
                    lane,
                    value,
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="white" if dark else "black",
                    bbox=plate,
                )
        start += values.to_numpy()
    names = [str(name).replace("_", " ") for name in counts.index]
    axes.set_yticks(range(len(counts)), names, fontsize=9)
    axes.invert_yaxis()
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), fontsize=8, frameon=False)
    counts.columns = [claims.VERDICTS[key][1] for key in counts.columns]
    shown = counts.rename_axis(by).reset_index()
    first = counts.sum(axis=1)
    alt = f"Claims by {by}, stacked by verdict: " + "; ".join(
        f"{name} {total}" for name, total in zip(names, first, strict=True)
    )
    return maps.chart(figure, "Verdicts", alt=alt + ".", table=shown)


def rates(table, by, rule, at_least=3):
    """Return, by a key of GROUPS, how often claims were right by a rule of RULES.

    Columns: group, right, of, share, low, high: shares 0 to 1, the last two Wilson's interval at
    95 %. Groups with fewer than `at_least` claims that count are left out. May be empty.
    """
    right, wrong = RULES[one_of(rule, RULES, "rule")]
    column = GROUPS[one_of(by, GROUPS, "group")]
    counted = table[table["ruling"].isin(right + wrong)]
    good = counted["ruling"].isin(right).groupby(counted[column])
    shares = pd.DataFrame({"right": good.sum(), "of": good.size()})
    shares = shares[shares["of"] >= at_least].rename_axis("group").reset_index()
    low, high = stats.wilson(shares["right"], shares["of"]) if len(shares) else ([], [])
    shares = shares.assign(share=shares["right"] / shares["of"], low=low, high=high)
    return shares.sort_values(["share", "of"], ascending=False, ignore_index=True)


def rate_chart(shares):
    """Return the result of `rates` as a chart: the share, and how little it says."""
    figure, axes = style.chart(9.2, 4.4, left=0.21, right=0.9, top=0.98, bottom=0.12)
    lanes, share = np.arange(len(shares)), 100 * shares["share"]
    axes.hlines(
        lanes, 100 * shares["low"], 100 * shares["high"], color=style.color("blue"), linewidth=3
    )
    axes.plot(
        share,
        lanes,
        style.MARKERS["diamond"],
        color=style.color("orange"),
        markersize=8,
        clip_on=False,
    )
    names = [str(name).replace("_", " ") for name in shares["group"]]
    axes.set_yticks(lanes, names, fontsize=9)
    for lane, row in enumerate(shares.itertuples()):
        axes.text(102, lane, f"{row.right} of {row.of}", va="center", fontsize=9)
    axes.set_ylim(max(len(shares), 1) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel("right, % (diamond), and Wilson's interval at 95 % (line)")
    table = shares.round(2)
    alt = "; ".join(
        f"{name} {row.right} of {row.of}, {100 * row.low:.0f} to {100 * row.high:.0f} %"
        for name, row in zip(names, shares.itertuples(), strict=True)
    )
    alt = f"Share of claims that were right: {alt}." if alt else "No group has enough claims."
    return maps.chart(figure, "Right how often", alt=alt, table=table)


def rates_in_words(shares):
    """Return first and last of `rates`, and whether their intervals tell them apart."""
    if len(shares) < 2:
        have = "1 group has" if len(shares) else "No group has"
        return f"{have} claims enough: nothing to compare."
    first, last = shares.iloc[0], shares.iloc[-1]
    if first["share"] == last["share"]:
        return f"All {len(shares)} groups have the same share, {100 * first['share']:.0f} %."
    apart = first["low"] > last["high"]
    ending = "do not overlap" if apart else "overlap: these numbers cannot tell the two apart"
    return (
        f"First {_name(first['group'])} with {first['right']} of {first['of']}, last "
        f"{_name(last['group'])} with {last['right']} of {last['of']}. Their intervals {ending}."
    )


def histogram(years, printed):
    """Return how many claims are of which year, as a chart; `printed` is the article's year."""
    counts = years.value_counts().sort_index()
    span = range(counts.index.min(), max(counts.index.max(), printed) + 1)
    counts = counts.reindex(span, fill_value=0)
    figure, axes = style.chart(7.2, 2.6, left=0.08, right=0.98, top=0.9, bottom=0.1)
    colors = [style.color("orange" if year == printed - 1 else "blue") for year in counts.index]
    axes.bar(counts.index, counts, color=colors)
    for year, count in counts[counts > 0].items():
        axes.text(year, count, count, ha="center", va="bottom", fontsize=9)
    axes.set_title(f"claims by their year; orange: {printed - 1}", fontsize=9, loc="left")
    axes.xaxis.get_major_locator().set_params(integer=True)
    table = counts.rename_axis("year").rename("claims").reset_index()
    alt = "; ".join(f"{year}: {count}" for year, count in counts[counts > 0].items())
    return maps.chart(figure, "Years of the claims", alt=f"Claims by year: {alt}.", table=table)


def carriers(claim, documents, sources):
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
    stops = ideas.dated(stops).reset_index(drop=True)
    return stops.assign(age_years=(stops["year"] - stops["year"].iloc[0]).round(1))


def travellers(table, documents, printed):
    """Return {"C012 statement": id} of claims older than the print that a document carries."""
    keys = {key for cited in documents["source_ids"] for key in cited.split(";")} - {"S417", "S267"}
    carried = table["source_ids"].map(lambda cited: bool(keys & set(cited.split(";"))))
    old = table[carried & (table["claim_date"].str[:4].astype(int) <= printed - 3)]
    return {f"{row.id} {_cut(row.claim, 70)}": row.id for row in old.itertuples()}


def journey(stops, year):
    """Return the stops of `carriers` up to the end of a year as a chart: a chain down the lanes."""
    seen = stops[stops["year"] < year + 1]
    figure, axes = style.chart(9.2, 3.4, left=0.3, right=0.88, top=0.97, bottom=0.09)
    axes.plot(seen["year"], range(len(seen)), color=style.color("grey"), zorder=1)
    if len(seen):  # the sentence waits, unchanged, for whoever takes it up next
        last = len(seen) - 1
        axes.plot([seen["year"].iloc[-1], year + 1], [last, last], ":", color=style.color("grey"))
    for lane, stop in enumerate(seen.to_dict("records")):
        article = stop["who"].startswith("the article")
        shape, color = ("star", "orange") if article else ("circle", "blue")
        mark = style.MARKERS[shape]
        axes.plot(
            stop["year"], lane, mark, color=style.color(color), markersize=14 if article else 9
        )
        age = f"{stop['age_years']:.1f} years old" if lane else "new"
        axes.text(1.02, lane, age, transform=axes.get_yaxis_transform(), fontsize=9, va="center")
    names = [f"{date}  {who}" for date, who in seen[["date", "who"]].to_numpy()]
    axes.set_yticks(range(len(seen)), names, fontsize=9)
    axes.set_ylim(len(stops) - 0.5, -0.5)
    axes.set_xlim(int(stops["year"].iloc[0]), int(stops["year"].iloc[-1]) + 1.1)
    axes.xaxis.get_major_locator().set_params(integer=True)
    table = seen[["date", "who", "age_years", "source_ids"]].reset_index(drop=True)
    parts = [f"{s['date']} {s['who']}, {s['age_years']} years old" for s in seen.to_dict("records")]
    alt = f"The sentence on its way: {'; '.join(parts) or 'not yet'}."
    return maps.chart(figure, "Stops", alt=alt, table=table)


def journey_in_words(stops, year):
    """Return where the sentence has come by the end of a year."""
    seen = stops[stops["year"] < year + 1]
    if seen.empty:
        return f"Up to {year} nobody had said it yet."
    last = seen.iloc[-1]
    more = f", {last['age_years']:.1f} years after the first" if len(seen) > 1 else ""
    stand = "1 stop" if len(seen) == 1 else f"{len(seen)} stops"
    return f"Up to {year}: {stand}, the last {last['who']} on {last['date']}{more}."


def due(predictions):
    """Return when each prediction comes due: the end of its last year or month, as a year; or NaN.

    predictions: rows of `claims`. The date is the value claimed where that is a date, else the
    last year that the statement names, if that is not before the statement itself.
    """
    found = []
    for row in predictions.itertuples():
        given = "" if pd.isna(row.value_text) else str(row.value_text)
        if row.unit == "year" and not pd.isna(row.value):
            given = f"{row.value:.0f}"
        month = re.fullmatch(r"(\d{4})-(\d{2})", given)
        years = [int(y) for y in re.findall(r"\b(?:19|20)\d\d\b", given or row.claim)]
        years = years or [int(y) for y in re.findall(r"\b20\d\d\b", row.claim)]
        if month and 1 <= int(month[2]) <= 12:
            found.append(int(month[1]) + int(month[2]) / 12)
        elif years and max(years) >= int(row.claim_date[:4]):
            found.append(max(years) + 1.0)
        else:
            found.append(np.nan)
    return pd.Series(found, index=predictions.index, dtype=float)


def promises(table):
    """Return the predictions with `made` and `due` as years (due NaN: no date), oldest first.

    A statement of which only the year is known stands at its beginning, before it could come due.
    """
    rows = table[table["kind"] == "prediction"]
    made = ideas.dated(rows.assign(date=rows["claim_date"]))["year"]
    made = made.where(rows["claim_date"].str.len() > 4, np.floor(made))
    return rows.assign(made=made, due=due(rows)).sort_values(["made", "id"])


def predictions(rows, year):
    """Return the rows of `promises` as a chart, as known at the end of a year."""
    rows, now = rows[rows["made"] < year + 1], year + 1
    figure, axes = style.chart(9.2, 5.2, left=0.44, right=0.78, top=0.985, bottom=0.06)
    state = pd.Series("not due yet", index=rows.index)
    verdict = rows["ruling"].map(lambda key: claims.VERDICTS[key][1])
    today = rows["due"].isna() & (year >= data.snapshot().year)  # the ledger rules as of then
    state[rows["due"].isna()] = "no date"
    state[today] = "no date; by now " + verdict
    state[rows["due"] <= now] = rows["ruling"]
    for lane, (row, word) in enumerate(zip(rows.itertuples(), state, strict=True)):
        open_end = pd.isna(row.due) or row.due > now
        dash = {"linestyle": ":"} if open_end else {}
        end = now if open_end else row.due
        axes.plot([row.made, end], [lane, lane], color=style.color("grey"), **dash)
        axes.plot(row.made, lane, style.MARKERS["circle"], color=style.color("blue"))
        sign, words, color = claims.VERDICTS.get(word, ("…", word, style.color("grey")))
        if not open_end:
            axes.plot(row.due, lane, style.MARKERS["diamond"], color=color, markersize=9)
        axes.text(
            1.02,
            lane,
            f"{sign} {words}",
            transform=axes.get_yaxis_transform(),
            fontsize=8,
            va="center",
        )
    names = [f"{row.id} {_cut(row.claim, 56)}" for row in rows.itertuples()]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.set_xlim(2014.5, 2030.5)
    axes.xaxis.get_major_locator().set_params(integer=True)
    shown = pd.DataFrame(
        {
            "id": rows["id"],
            "claim": rows["claim"],
            "made": rows["claim_date"],
            "due by the end of": rows["due"].map(_when),
            "state": state.str.replace("_", " "),
        }
    ).reset_index(drop=True)
    parts = "; ".join(
        f"{r['id']} made {r['made']}, due {r['due by the end of']}, {r['state']}"
        for r in shown.to_dict("records")
    )
    alt = f"Predictions (circle: made, diamond: due): {parts or 'none yet'}."
    return maps.chart(figure, "Predictions", alt=alt, table=shown)


def predictions_in_words(rows, year):
    """Return how many predictions were made, came due, and what came of them by a year's end."""
    made = rows[rows["made"] < year + 1]
    over = made[made["due"] <= year + 1]
    undated = int(made["due"].isna().sum())
    words = f"Up to {year}: {_count(len(made), 'prediction')} made"
    words += f", {undated} of them without a date" if undated else ""
    words += f"; {len(over)} came due"
    return f"{words}: {claims.in_words(over)}." if len(over) else f"{words}."


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


def named_layer(rows, signed):
    """Return countries that `mentions` has, and signatories (iso3) that it has not, as a layer."""
    found = rows.groupby("iso3")["id"].agg("; ".join)
    values = dict.fromkeys(signed, "signed, never named")
    values |= dict.fromkeys(found.index, "named by a claim")
    popup = {iso3: {"claims": ids} for iso3, ids in found.items()}
    styles = {"named by a claim": "orange", "signed, never named": "sky"}
    return maps.countries(values, "Named and not named", styles=styles, popup=popup)


def world_picture(field, name, *, levels, labels, what):
    """Return a grid as a still picture; `maps.picture` itself says more."""
    return maps.picture([maps.grid(field, name, levels=levels, labels=labels)], title=what)


def _count(number, noun):
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _cut(text, most):
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _name(group):
    return str(group).replace("_", " ")


def _when(year):
    if pd.isna(year):
        return "no date"
    whole, part = divmod(round(year * 12), 12)
    return f"{whole}-{part:02d}" if part else str(whole - 1)
