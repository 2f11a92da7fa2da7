"""The page of a country's brief and its files.

The page is one HTML text that asks nobody for anything, for a screen, a telephone and A4 paper, by
day and by night; its looks are page.css.
"""

import re
from html import escape
from pathlib import Path

import pandas as pd

from course import stills
from course.brief import facts, pictures
from course.brief.tables import table
from course.files import csv
from helpers import data
from helpers.figures import markup

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
# What the page is made of stands in it. Whatever else a table might bring, nothing is fetched.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
POLICY += "; base-uri 'none'; form-action 'none'"
FIRST = "In five minutes"
VERSION = "0.1.0"  # of the project, as in pyproject.toml
TABLES = (  # what a brief is made from, to say how old it is
    "bri_countries", "cooperation", "satellites", "places", "artemis_accords", "leo_presence",
    "cables", "cable_landings", "country_indicators", "elements",
)  # fmt: skip
# Without scripts, as in a viewer that trusts no page, the still map stays and a word says so.
SCRIPT = """document.documentElement.className = "live";
addEventListener("beforeprint", () => { document.getElementById("printed").textContent =
"Printed on " + new Date().toISOString().slice(0, 10) + "." });"""
STILL = "A still picture: scripts are off here. The map that moves comes where they are on: in a "
STILL += "browser, or in JupyterLab after “Trust HTML”."
NO_NAME = re.compile(r"[^\w ,.()'-]")  # signs that no name has, and that a style could read
SHOWN_IN = {"availability": "beidou", "waits": "image"}  # which section shows which chart


def html(brief, charts):
    """Return the brief as one HTML text; `charts` come from `pictures.charts_of`."""
    also = {"map": f" {data.BORDER_POLICY}"}  # on paper it stands in the picture
    figures = {name: _figure(chart.spec, also.get(name, "")) for name, chart in charts.items()}
    shown = {SHOWN_IN[name]: figure for name, figure in figures.items() if name in SHOWN_IN}
    parts = "".join(part.html(shown.get(part.key, "")) for part in brief.sections)
    listed = [
        ("first", FIRST),
        ("map", "Map"),
        *((part.key, part.title) for part in brief.sections),
        ("dates", "How old the tables are"),
    ]
    links = "".join(
        f'<li><a href="#{key}">{escape(title)}</a></li>'
        for key, title in [*listed, ("sources", "Sources")]
    )
    name, checked = escape(brief.country), _checked()
    made = f"{brief.country}, {brief.case.hour:%Y-%m-%d}, version {VERSION}"
    foot = '@page{@bottom-left{content:"' + NO_NAME.sub(" ", made) + '"}}'
    sources = brief.bibliography._repr_html_()
    sources = re.sub(r"<li>\[(S\d+)\]", r'<li id="\1">[\1]', sources)
    # A source opens beside the brief, also where the brief stands in a frame of a lesson.
    sources = sources.replace('<a href="https:', '<a target="_blank" rel="noopener" href="https:')
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{name}: country brief</title><style>{STYLE}{foot}</style>"
        f"<script>{SCRIPT}</script></head><body>"
        f"<header><h1>{name} and the Space Silk Road</h1>"
        f'<p class="lead">{escape(brief.headline())}</p>'
        f'<p class="soft">Made on {brief.case.hour:%Y-%m-%d} with version {VERSION}. '
        f'<span id="printed"></span> {_ages(brief, checked)} '
        "What is computed is marked as a model. Each row names its sources, which stand at the "
        "end. What our tables lack may exist.</p></header>"
        f'<nav aria-label="Sections"><ul>{links}</ul></nav><main>{_first(brief)}'
        '<section id="map"><h2>Map</h2>'
        f'<div class="screen">{pictures.country_map(brief)._repr_html_()}</div>'
        f'<div class="still"><p class="soft">{STILL}</p>{figures["map"]}</div></section>'
        f'{parts}{_dates(checked)}<section id="sources"><h2>Sources</h2>{sources}</section>'
        "</main></body></html>\n"
    )


def _first(brief):
    """Return the first page: who it is, what was signed, figures, questions, what is not known."""
    figures = "".join(
        f'<tr><td data-head="figure">{escape(what)}</td><td data-head="value">{escape(value)}</td>'
        f'<td data-head="meaning">{escape(meaning)}</td></tr>'
        for what, value, meaning in brief.figures()
    )
    asked = brief["questions"].tables.get("Open")
    rows = [] if asked is None else asked[asked["about"] != "Empty sections"].to_dict("records")
    asked = "".join(
        f"<li>{escape(row['about'])}: {escape(row['question'])}</li>" for row in rows[:3]
    )
    empty = facts.empty_of(brief.sections)
    lack = f"Our tables have nothing on: {'; '.join(empty)}. " if empty else ""
    lack += f"Open questions in all: {len(rows)}; they stand before the sources."
    return (
        f'<section id="first"><h2>{FIRST}</h2>'
        f"<p>{escape(brief['where'].sentence)} {escape(brief['signed'].sentence)}</p>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Figures"><table>'
        "<caption>Figures, and what they mean</caption><thead><tr>"
        '<th scope="col">figure</th><th scope="col">value</th><th scope="col">meaning</th></tr>'
        f"</thead><tbody>{figures}</tbody></table></div>"
        f"{'<h3>Questions</h3><ol>' + asked + '</ol>' if asked else ''}"
        f"<h3>What is not known</h3><p>{escape(lack)}</p></section>"
    )


def _checked():
    """Return the tables of a brief with the day of their last check, and their newest source."""
    package, days = data.package(), data.load("sources").set_index("source_id")["date"].dropna()
    rows = []
    for name in TABLES:
        cited = ";".join(data.load(name)["source_ids"].dropna().unique()).split(";")
        newest = max(days.reindex(cited).dropna())
        rows.append({"table": package[name]["title"], "last checked": package[name]["checked"]})
        rows[-1]["newest source"] = newest
    return pd.DataFrame(rows)


def _ages(brief, checked):
    """Return in a sentence when the tables were last checked, and of when the orbits are."""
    days = checked["last checked"]
    when = f"on {days.max()}" if days.nunique() == 1 else f"from {days.min()} to {days.max()}"
    return f"Tables last checked {when}; orbits of {brief.now:%Y-%m-%d %H:%M} UTC."


def _dates(checked):
    words = "A table is checked when it changes or when nothing was found to change. What is newer "
    words += "than its newest source is not in it."
    rows = table(checked, "Tables of this brief")
    return f'<section id="dates"><h2>How old the tables are</h2><p>{words}</p>{rows}</section>'


def _figure(chart, also):
    return f"<figure>{markup(chart, also)}</figure>"


def files(brief):
    """Yield (name, bytes) of all files of a brief: charts, tables, and last the page."""
    charts = pictures.charts_of(brief)
    for name, chart in charts.items():
        yield f"{name}.png", stills.png(chart)
    for name, frame in brief.tables.items():
        yield f"{name}.csv", csv(frame)
    yield "index.html", html(brief, charts).encode()
