"""A hand-out of a lesson: one page of A4 to write on, for a room where not everybody has a screen.

`page(lesson, picture)` is HTML for a browser to print: the question, the claims with room to rule,
the terms, one picture, the exercises with room for an answer, the sources. No verdict and no
answer is on it. The page makes its own type smaller until all fits; `make handouts` prints it.
"""

import re
from html import escape

from helpers import claims, data
from tools.lessons import asked

TERMS = 8  # more would leave no room to write
SMALLEST_PT = 7  # with DejaVu, which is wider, the longest lessons come near it
RULINGS = [words for _, words, _ in claims.VERDICTS.values()]
# A narrow typeface, so that the longest lessons keep a size that can be read. What must not get
# smaller with the type, room for handwriting and the sources, is in mm and pt.
STYLE = """
@page { size: A4 portrait; margin: 0; }
html { font: 10pt/1.27 "Liberation Sans", Arial, Helvetica, "Noto Sans CJK SC",
  "WenQuanYi Zen Hei", "PingFang SC", "Microsoft YaHei", sans-serif; }
body { display: flow-root; margin: 0; color: #000; background: #fff; }
main { width: 186mm; height: 278mm; margin: 10mm 12mm 8mm; }
main { display: flex; flex-direction: column; }
main > * { flex: none; }
h1 { font-size: 1.5em; margin: 0 0 .1em; } h2 { font-size: 1.1em; margin: .3em 0 .1em; }
p { margin: .15em 0; } header { border-bottom: 1.5pt solid #000; padding-bottom: .3em; }
.name { display: flex; gap: 6mm; margin-top: 1.5mm; }
.name span { flex: 1; border-bottom: .5pt solid #000; } .name .date { flex: .3; }
table { border-collapse: collapse; width: 100%; }
td, th { border: .5pt solid #777; padding: .1em .35em; text-align: left; vertical-align: top; }
.ruling { min-width: 20mm; } .words { font-size: .9em; } time, .word { white-space: nowrap; }
.pair { display: flex; gap: 5mm; align-items: flex-start; margin-top: .5em; }
figure { margin: 0; flex: 1.4; }
figure img { width: 100%; filter: grayscale(1); border: .5pt solid #777; }
figcaption { font-size: .9em; } dl { margin: 0; flex: 1; font-size: .95em; }
dt { font-weight: bold; } dt span { font-weight: normal; } dd { margin: 0 0 .25em; }
code { font-family: "Liberation Mono", "Courier New", monospace; font-size: .95em; }
ol { padding: 0; margin: 0; list-style: none; }
.answer span { display: block; height: 6mm; border-bottom: .5pt dotted #000; }
footer { margin-top: auto; padding-top: .4em; }
footer { font-size: max(6pt, .72em); line-height: 1.2; }
"""
# Smaller type until all is on the page; the picture shrinks with it. Then lines for the answers, as
# many as there is room for. Nothing is hidden: what did not fit would make a second page.
FIT = """
const main = document.querySelector("main"), picture = document.querySelector("figure");
await picture?.firstChild.decode().catch(() => {});  // its height is not known before
const full = () => main.scrollHeight > main.clientHeight;
let points = 10.6;
do {
  points -= 0.1;
  document.documentElement.style.fontSize = points + "pt";
  if (picture) picture.style.maxWidth = 62 + 4 * points + "mm";
} while (full() && points > 4);
for (let more = 0; more < 3 && !full(); more++) {
  const lines = [...document.querySelectorAll(".answer")].map((answer) =>
    answer.appendChild(document.createElement("span")));
  if (full()) { lines.forEach((line) => line.remove()); break; }
}
document.body.dataset.points = points.toFixed(1);
"""


def page(lesson, picture=None):
    """Return the hand-out of a lesson, as `lessons.read` returned it, as one HTML text.

    `picture` is (address of an image, its text), such as a data URI of the lesson's map.
    """
    title = re.search(r"^# (.+)$", lesson.cells[0].source, re.M)[1]
    question = re.search(r"\*\*Question\.\*\* (.+)", lesson.cells[0].source)[1]
    prose = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")
    table = _table(lesson)
    parts = [
        f"<header><h1>{escape(title)}</h1><p><b>{_inline(question)}</b></p>"
        '<p class="name">Name <span></span> Date <span class="date"></span></p></header>',
        _claims(table),
        f'<div class="pair">{_figure(picture)}{_terms(prose)}</div>',
        _exercises(lesson),
        _sources(prose, table),
    ]
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><main>{''.join(parts)}</main>"
        f'<script type="module">{FIT}</script>'
        "</body></html>\n"
    )


def _table(lesson):
    """Return the claims of a lesson as `claims.show` shows them, without verdicts."""
    calls = [c.source for c in lesson.cells if c.source.startswith("claims.show(")]
    return claims.show(*re.findall(r"C\d{3}", calls[0])).table


def _claims(table):
    """Return claims as a table in which to rule, with the words of the ledger's verdicts."""
    rows = "".join(
        f"<tr><td>{escape(row['id'])}</td><td>{escape(row['claim'])}</td>"
        f'<td>{_dates(escape(row["said"]))}</td><td class="ruling"></td></tr>'
        for row in table.to_dict("records")
    )
    words = " · ".join(f'<span class="word">{escape(ruling)}</span>' for ruling in RULINGS)
    return (
        "<h2>The claims: rule first, then compute</h2>"
        f'<p class="words">One word for each: {words}.</p>'
        "<table><tr><th>id</th><th>claim</th>"
        f"<th>said by</th><th>my ruling</th></tr>{rows}</table>"
    )


def _dates(text):
    """Return text whose dates do not break at their hyphens."""
    return re.sub(r"\b\d{4}(?:-\d\d)+\b", r"<time>\g<0></time>", text)


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
        f"<dt>{escape(row['term_en'])} <span><span lang='zh'>{escape(row['term_zh'])}</span> "
        f"<i>{escape(row['pinyin'])}</i></span></dt>"
        f"<dd>{escape(row['definition'])}</dd>"
        for row in table.to_dict("records")
    )
    return f"<dl>{terms}</dl>" if terms else ""


def _exercises(lesson):
    """Return the questions of the exercises, each with lines for the answer."""
    items = []
    for before, cell in zip(lesson.cells, lesson.cells[1:], strict=False):
        if asked(cell):
            heading, _, text = before.source.rpartition("### ")[2].partition("\n")
            items.append(
                f"<li><p><b>{_inline(heading)}</b> {_inline(text)}</p>"
                '<div class="answer"><span></span></div></li>'
            )
    return f"<h2>Exercises</h2><ol>{''.join(items)}</ol>"


def _sources(prose, table):
    """Return the sources that the lesson's prose cites; if it cites none, those of its claims."""
    known = data.load("sources").set_index("source_id").fillna("")
    keys = re.findall(r"\bS\d{3}\b", prose)
    if not keys:
        ledger = data.load("claims")
        keys = data.sources(ledger[ledger["id"].isin(table["id"])])["source_id"]
    entries = []
    for key in dict.fromkeys(keys):
        publisher, title, date = known.loc[key, ["publisher", "title", "date"]]
        work = title if title.startswith(publisher) else f"{publisher}: {title}"
        entries.append(f"[{key}] {_dates(escape(', '.join(filter(None, (work, str(date))))))}")
    more = "All sources stand at the end of the lesson."
    return f"<footer><b>Sources.</b> {'; '.join(entries)}. {more}</footer>"


def _inline(text):
    """Return a lesson's prose as HTML of one paragraph: bold, code, links as words."""
    text = escape(" ".join(text.split()))
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"(?<!\w)\*(.+?)\*(?!\w)", r"<i>\1</i>", text)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", text)
