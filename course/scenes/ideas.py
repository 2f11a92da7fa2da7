"""What lesson 01 draws: events on lanes, a body among its neighbours, terms through documents."""

import numpy as np
import pandas as pd

from helpers import maps, style
from helpers.inputs import one_of

LABELLED = 18  # so many events still have room for a key with their titles
# How a relation reads from either end.
WORDS = {
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


def dated(table):
    """Return the table with a column `year`: the date as a fraction of years, for an axis.

    A date without a day or month stands at the middle of what is known of it.
    """
    parts = (
        table["date"]
        .astype(str)
        .str.slice(0, 10)
        .str.split("-", expand=True)
        .reindex(columns=range(3))
    )
    year, month, day = (pd.to_numeric(parts[i]) for i in range(3))
    within = (month - 1 + (day - 0.5).fillna(15) / 30.5) / 12
    return table.assign(year=year + within.fillna(0.5)).sort_values("year", kind="stable")


def find(events, track, years, words):
    """Return the events of a track ("all": any) in a span of years with all words in their text."""
    first, last = years
    kept = events[(events["year"] >= first) & (events["year"] < last + 1)]
    if track != "all":
        kept = kept[kept["track"] == one_of(track, sorted(events["track"].unique()), "track")]
    text = (kept["title"] + " " + kept["description"].fillna("")).str.lower()
    found = [all(word in line for word in words.lower().split()) for line in text]
    return kept[np.array(found, dtype=bool)]


def in_words(found, years):
    """Return how many events were found, and the first and last of them, as a sentence."""
    span = f"{years[0]} to {years[1]}"
    if found.empty:
        return f"No event from {span} fits. Widen the years or take a word away."
    first, last = found.iloc[0], found.iloc[-1]
    if len(found) == 1:
        return f"One event from {span}: {first['title']} ({_day(first)})."
    return (
        f"{len(found)} events from {span}: the first is {first['title']} ({_day(first)}), "
        f"the last {last['title']} ({_day(last)})."
    )


def timeline(found, tracks, track, years):
    """Return events as a chart with a lane for each track, or for one; few get a key of titles."""
    lanes = tracks if track == "all" else [track]
    figure, axes = style.chart(
        9.2,
        4.4,
        left=0.165,
        right=0.64 if len(found) <= LABELLED else 0.985,
        top=0.985,
        bottom=0.07,
    )
    for lane, name in enumerate(lanes):
        here = found[found["track"] == name]
        color, shape = style.category_style(tracks.index(name))
        planned = here["date_basis"] == "planned"
        for some, face in ((here[~planned], style.color(color)), (here[planned], "white")):
            axes.scatter(
                some["year"],
                [lane] * len(some),
                marker=style.MARKERS[shape],
                s=52,
                facecolor=face,
                edgecolor=style.color(color),
                zorder=3,
            )
    if len(found) <= LABELLED:  # numbers beside the marks and a key: titles never overlap
        key = []
        for number, event in enumerate(found.to_dict("records"), 1):
            at = (event["year"], lanes.index(event["track"]))
            up = 8 if number % 2 else -16
            axes.annotate(str(number), at, (0, up), textcoords="offset points", ha="center")
            key.append(f"{number}  {_day(event)}  {_cut(event['title'])}")
        figure.text(0.66, 0.97, "\n".join(key), va="top", fontsize=8, linespacing=1.7)
    axes.set_yticks(range(len(lanes)), [name.replace("_", " ") for name in lanes])
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.set_xlim(years[0] - 0.3, years[1] + 1.3)
    axes.xaxis.get_major_locator().set_params(integer=True)
    table = found[["date", "track", "title", "description", "source_ids", "confidence"]]
    titles = "; ".join(f"{_day(e)} {e['title']}" for e in found.head(20).to_dict("records"))
    more = f"; and {len(found) - 20} more" if len(found) > 20 else ""
    alt = f"{len(found)} events on lanes by track: {titles}{more}." if len(found) else "No events."
    return maps.chart(figure, "Events", alt=alt, table=table.reset_index(drop=True))


def neighbours(bodies, relations, body):
    """Return the relations of one body, read from its side: words, other, since, sources."""
    one_of(body, bodies["id"].tolist(), "body")
    out = relations[relations["from_id"] == body].assign(other_id=lambda t: t["to_id"], side=0)
    back = relations[relations["to_id"] == body].assign(other_id=lambda t: t["from_id"], side=1)
    both = pd.concat([out, back], ignore_index=True)
    names = bodies.set_index("id")
    return pd.DataFrame(
        {
            "relation": [WORDS[r][s] for r, s in zip(both["relation"], both["side"], strict=True)],
            "other_id": both["other_id"],
            "other": both["other_id"].map(names["name_en"]),
            "chinese": both["other_id"].map(names["name_zh"]).fillna(""),
            "pinyin": both["other_id"].map(names["name_pinyin"]).fillna(""),
            "since": both["since"].astype("Int64").astype(str).replace("<NA>", "not known"),
            "note": both["note"].fillna(""),
            "source_ids": both["source_ids"],
            "confidence": both["confidence"],
        }
    )


def who(bodies, relations, body):
    """Return a body in words: its names, kind, founding year, and what ties it to others."""
    row = bodies.set_index("id").loc[body]
    chinese = "" if pd.isna(row["name_zh"]) else f" ({row['name_zh']}, {row['name_pinyin']})"
    since = "" if pd.isna(row["founded_year"]) else f", since {row['founded_year']:.0f}"
    tied = neighbours(bodies, relations, body)
    groups = tied.groupby("relation", sort=False)["other_id"].agg(list)
    short = dict(zip(bodies["id"], _short(bodies), strict=True))
    ties = "; ".join(f"{words} {_and([short[i] for i in ids])}" for words, ids in groups.items())
    ending = f" It {ties}." if ties else " The table holds no tie of it to another body."
    return f"{row['name_en']}{chinese}: {row['type']}{since}.{ending}"


def star(bodies, relations, body, steps=1):
    """Return a body and what it is tied to, up to `steps` (1 or 2) ties away, as a chart."""
    short = dict(zip(bodies["id"], _short(bodies), strict=True))
    places = {body: (0.0, 0.0)}
    drawn = []
    first = neighbours(bodies, relations, body)
    ring = list(dict.fromkeys(first["other_id"]))
    angles = np.linspace(0.5 * np.pi, -1.5 * np.pi, len(ring), endpoint=False)
    for other, angle in zip(ring, angles, strict=True):
        places[other] = (np.cos(angle), np.sin(angle))
        words = " / ".join(dict.fromkeys(first.loc[first["other_id"] == other, "relation"]))
        drawn.append((body, other, words))
    if steps > 1:
        for other, angle in zip(ring, angles, strict=True):
            tied = neighbours(bodies, relations, other)
            outer = [i for i in dict.fromkeys(tied["other_id"]) if i not in places]
            width = min(2 * np.pi / max(len(ring), 1), 1.2)
            for number, beyond in enumerate(outer):
                turn = angle + width * ((number + 0.5) / len(outer) - 0.5)
                places[beyond] = (2 * np.cos(turn), 2 * np.sin(turn))
            drawn += [(other, i, "") for i in dict.fromkeys(tied["other_id"]) if i != body]
    size = (9.2, 5.6 if steps > 1 else 4.2)
    figure, axes = style.chart(*size, left=0.01, right=0.99, top=0.99, bottom=0.01)
    axes.axis("off")
    for start, end, words in drawn:
        (x0, y0), (x1, y1) = places[start], places[end]
        axes.plot([x0, x1], [y0, y1], color=style.color("grey"), linewidth=1, zorder=1)
        if words:
            axes.text(
                x0 + 0.6 * (x1 - x0),
                y0 + 0.6 * (y1 - y0),
                words,
                ha="center",
                va="center",
                fontsize=8,
                color=style.color("black"),
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                zorder=2,
            )
    for place, (x, y) in places.items():
        face = style.color("yellow") if place == body else style.LAND
        axes.text(
            x,
            y,
            short[place],
            ha="center",
            va="center",
            fontsize=10 if place == body else 9,
            bbox={"boxstyle": "round,pad=0.35", "facecolor": face, "edgecolor": "#6B7280"},
            zorder=3,
        )
    reach = 1.15 * (steps if len(places) > len(ring) + 1 else 1)
    axes.set_xlim(-reach * 1.25, reach * 1.25)
    axes.set_ylim(-reach, reach)
    table = first.drop(columns="other_id")
    alt = f"{short[body]} in the middle, tied to {len(ring)} others. " + "; ".join(
        f"{short[a]} {words} {short[b]}" for a, b, words in drawn if words
    )
    return maps.chart(figure, "Who is tied to whom", alt=alt.rstrip() + ".", table=table)


def roads(documents):
    """Return the dated documents as a chart: which term, in which line, on which date."""
    figure, axes = style.chart(9.2, 3.9, left=0.17, right=0.985, top=0.985, bottom=0.07)
    lines = {"alliance": 0, "both": 1, "government": 2}
    kinds = ("primary", "press", "report")
    for number, kind in enumerate(kinds):
        here = documents[documents["kind"] == kind]
        if here.empty:
            continue
        color, shape = style.category_style(number)
        axes.scatter(
            here["year"],
            here["line"].map(lines),
            marker=style.MARKERS[shape],
            s=70,
            color=style.color(color),
            label=kind,
            zorder=3,
        )
    for line in lines:
        here = documents[documents["line"] == line]
        for number, row in enumerate(here.to_dict("records")):
            up = number % 2 == 0
            axes.annotate(
                row["term_en"],
                (row["year"], lines[line]),
                xytext=(0, (11 + 11 * (number // 2 % 2)) * (1 if up else -1)),
                textcoords="offset points",
                ha="center",
                va="bottom" if up else "top",
                fontsize=8,
            )
    axes.set_yticks(
        list(lines.values()), ["the alliance's road", "both, as one", "the state's road"]
    )
    axes.set_ylim(2.75, -0.75)
    axes.set_xlim(2014.5, documents["year"].max() + 0.8)
    axes.legend(loc="upper right", fontsize=8, ncols=4, frameon=False)
    table = documents[["date", "publisher", "title", "kind", "term_zh", "term_en", "source_ids"]]
    alt = "; ".join(
        f"{row['date']} {row['publisher']}: {row['term_en']} ({row['line']})"
        for row in documents.assign(date=documents["date"].astype(str).str[:10]).to_dict("records")
    )
    return maps.chart(figure, "Terms in documents", alt=alt + ".", table=table)


def seats(bodies, kind):
    """Return the countries where bodies of a kind ("all": any) have their seat, as a layer."""
    kept = bodies if kind == "all" else bodies[bodies["type"] == kind]
    counted = kept["iso3"].value_counts()
    words = counted.map(lambda n: "1 body" if n == 1 else "2 to 4" if n < 5 else "5 or more")
    styles = dict(zip(["1 body", "2 to 4", "5 or more"], style.sequential(3), strict=True))
    popup = {
        iso3: {"bodies": "; ".join(kept.loc[kept["iso3"] == iso3, "name_en"])}
        for iso3 in counted.index
    }
    return maps.countries(words, "Seats of the bodies", styles=styles, popup=popup)


def _cut(title, most=40):
    return title if len(title) <= most else title[: most - 1] + "…"


def _day(event):
    return str(event["date"])[:10]


def _short(bodies):
    return bodies["abbreviation"].where(bodies["abbreviation"].notna(), bodies["name_en"])


def _and(words):
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
