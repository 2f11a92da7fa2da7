"""The page of a country's brief and its files.

The page is one HTML text that asks nobody for anything, for a screen, a telephone and A4 paper, by
day and by night; its looks are page.css.
"""

import base64
import re
from html import escape
from pathlib import Path

from course.brief import pictures
from course.files import csv
from helpers import data

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
# What the page is made of stands in it. Whatever else a table might bring, nothing is fetched.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
POLICY += "; base-uri 'none'; form-action 'none'"
FIRST = "In five minutes"
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
    ]
    links = "".join(
        f'<li><a href="#{key}">{escape(title)}</a></li>'
        for key, title in [*listed, ("sources", "Sources")]
    )
    now, name = f"{brief.now:%Y-%m-%d %H:%M} UTC", escape(brief.country)
    sources = brief.bibliography._repr_html_()
    sources = re.sub(r"<li>\[(S\d+)\]", r'<li id="\1">[\1]', sources)
    # A source opens beside the brief, also where the brief stands in a frame of a lesson.
    sources = sources.replace('<a href="https:', '<a target="_blank" rel="noopener" href="https:')
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{name}: country brief</title><style>{STYLE}</style></head><body>"
        f"<header><h1>{name} and the Space Silk Road</h1>"
        f'<p class="lead">{escape(brief.headline())}</p>'
        f'<p class="soft">Orbits as of {now}; the tables are newer in part. '
        "What is computed is marked as a model. Each row names its sources, which stand at the "
        "end. What our tables lack may exist.</p></header>"
        f'<nav aria-label="Sections"><ul>{links}</ul></nav><main>{_first(brief)}'
        '<section id="map"><h2>Map</h2>'
        f'<div class="screen">{pictures.country_map(brief)._repr_html_()}</div>'
        f'<div class="paper">{figures["map"]}</div></section>'
        f'{parts}<section id="sources"><h2>Sources</h2>{sources}</section></main></body></html>\n'
    )


def _first(brief):
    """Return the first page: who it is, what was signed, figures, questions, what is not known."""
    figures = "".join(
        f"<tr><td>{escape(what)}</td><td>{escape(value)}</td><td>{escape(meaning)}</td></tr>"
        for what, value, meaning in brief.figures()
    )
    asked = brief["questions"].tables.get("Open")
    rows = [] if asked is None else asked[asked["about"] != "Empty sections"].to_dict("records")
    asked = "".join(
        f"<li>{escape(row['about'])}: {escape(row['question'])}</li>" for row in rows[:3]
    )
    empty = [part.title for part in brief.sections if not part.tables and part.key != "questions"]
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


def _figure(chart, also):
    return f'<figure><img src="{chart["src"]}" alt="{escape(chart["alt"] + also)}"></figure>'


def files(brief):
    """Yield (name, bytes) of all files of a brief: charts, tables, and last the page."""
    charts = pictures.charts_of(brief)
    for name, chart in charts.items():
        yield f"{name}.png", base64.b64decode(chart.spec["src"].split(",")[1])
    for name, frame in brief.tables.items():
        yield f"{name}.csv", csv(frame)
    yield "index.html", html(brief, charts).encode()
