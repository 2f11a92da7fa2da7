"""A hand-out of a lesson: one page of A4 to write on, for a room where not everybody has a screen.

`page(lesson, picture)` is HTML for a browser to print: the question, the claims with room to rule,
the terms, one picture, the exercises with room for an answer, the sources. No verdict and no
answer is on it. The page makes its own type smaller until all fits; `make handouts` prints it.
"""

import re
from html import escape

from helpers import claims, data
from helpers.lessons import asked

TERMS = 8  # more would leave no room to write
SMALLEST_PT = 6.5
RULINGS = "true · partly · false · open"
STYLE = """
@page { size: A4 portrait; margin: 0; }
html { font: 10pt/1.3 "DejaVu Sans", "Noto Sans CJK SC", "WenQuanYi Zen Hei", sans-serif; }
body { margin: 0; color: #000; background: #fff; }
main { box-sizing: border-box; width: 210mm; height: 296mm; padding: 11mm 13mm 9mm; }
main { overflow: hidden; }
h1 { font-size: 1.5em; margin: 0 0 .1em; } h2 { font-size: 1.05em; margin: .7em 0 .2em; }
p { margin: .15em 0; } header { border-bottom: 1.5pt solid #000; padding-bottom: .3em; }
table { border-collapse: collapse; width: 100%; }
td, th { border: .5pt solid #777; padding: .15em .4em; text-align: left; vertical-align: top; }
.ruling { width: 34mm; color: #555; font-size: .85em; }
.pair { display: flex; gap: 5mm; align-items: flex-start; margin-top: .8em; }
figure { margin: 0; flex: 1.4; }
figure img { width: 100%; filter: grayscale(1); border: .5pt solid #777; }
figcaption { font-size: .85em; } dl { margin: 0; flex: 1; font-size: .92em; }
dt { font-weight: bold; } dd { margin: 0 0 .25em; }
li { margin-bottom: .15em; } ol { padding-left: 0; list-style: none; margin: 0; }
.answer { display: block; border-bottom: .5pt dotted #000; height: 1.7em; }
footer { font-size: .72em; margin-top: .6em; line-height: 1.25; }
"""
# Smaller type until the page is full and not more; the picture shrinks with it.
FIT = """
const main = document.querySelector("main"), picture = document.querySelector("figure");
let points = 10.5;
do {
  points -= 0.1;
  document.documentElement.style.fontSize = points + "pt";
  if (picture) picture.style.maxWidth = 62 + 4 * points + "mm";
} while (main.scrollHeight > main.clientHeight && points > 4);
document.body.dataset.points = points.toFixed(1);
"""


def page(lesson, picture=None):
    """Return the hand-out of a lesson, as `lessons.read` returned it, as one HTML text.

    `picture` is (address of an image, its text), such as a data URI of the lesson's map.
    """
    title = re.search(r"^# (.+)$", lesson.cells[0].source, re.M)[1]
    question = re.search(r"\*\*Question\.\*\* (.+)", lesson.cells[0].source)[1]
    prose = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")
    parts = [
        f"<header><h1>{escape(title)}</h1><p><b>{_inline(question)}</b></p>"
        "<p>Name: ______________________________ Date: ______________</p></header>",
        _claims(lesson),
        f'<div class="pair">{_figure(picture)}{_terms(prose)}</div>',
        _exercises(lesson),
        _sources(prose),
    ]
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><main>{''.join(parts)}</main>"
        f"<script>{FIT}</script></body></html>\n"
    )


def _claims(lesson):
    """Return the lesson's claims as a table in which to rule."""
    calls = [c.source for c in lesson.cells if c.source.startswith("claims.show(")]
    table = claims.show(*re.findall(r"C\d{3}", calls[0])).table
    rows = "".join(
        f"<tr><td>{escape(row['id'])}</td><td>{escape(row['claim'])}</td>"
        f'<td>{escape(row["said"])}</td><td class="ruling">{RULINGS}</td></tr>'
        for row in table.to_dict("records")
    )
    return (
        "<h2>The claims: rule first, then compute</h2><table><tr><th>id</th><th>claim</th>"
        f"<th>said by</th><th>my ruling</th></tr>{rows}</table>"
    )


def _figure(picture):
    if not picture:
        return ""
    source, words = picture
    return (
        f'<figure><img src="{escape(source)}" alt="{escape(words)}">'
        f"<figcaption>{escape(words)}</figcaption></figure>"
    )


def _terms(prose):
    """Return the terms of the glossary that the lesson gives in Chinese, in its order."""
    table = data.load("glossary").dropna(subset=["term_zh"])
    table = table.assign(at=[prose.find(term) for term in table["term_zh"]])
    table = table[table["at"] >= 0].sort_values("at").head(TERMS)
    terms = "".join(
        f"<dt>{escape(row['term_en'])} {escape(row['term_zh'])} <i>{escape(row['pinyin'])}</i></dt>"
        f"<dd>{escape(row['definition'])}</dd>"
        for row in table.to_dict("records")
    )
    return f"<dl>{terms}</dl>" if terms else ""


def _exercises(lesson):
    """Return the questions of the exercises, each with a line for the answer."""
    items = []
    for before, cell in zip(lesson.cells, lesson.cells[1:], strict=False):
        if asked(cell):
            heading, _, text = before.source.rpartition("### ")[2].partition("\n")
            items.append(
                f'<li><b>{_inline(heading)}</b> {_inline(text)}<span class="answer"></span></li>'
            )
    return f"<h2>Exercises</h2><ol>{''.join(items)}</ol>"


def _sources(prose):
    """Return the sources that the lesson's prose cites."""
    table = data.load("sources").set_index("source_id").fillna("")
    keys = dict.fromkeys(re.findall(r"\bS\d{3}\b", prose))
    entries = []
    for key in keys:
        row = table.loc[key]
        words = ", ".join(filter(None, (f"{row['publisher']}: {row['title']}", str(row["date"]))))
        entries.append(f"[{key}] {escape(words)}")
    more = "All sources stand at the end of the lesson."
    return f"<footer><b>Sources.</b> {'; '.join(entries)}{'. ' if entries else ''}{more}</footer>"


def _inline(text):
    """Return a lesson's prose as HTML of one paragraph: bold, code, links as words."""
    text = escape(" ".join(text.split()))
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"(?<!\w)\*(.+?)\*(?!\w)", r"<i>\1</i>", text)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", text)
