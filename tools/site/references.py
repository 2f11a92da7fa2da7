"""Codes of sources ([S222]) and of claims (C084): links to their entries, and the entries' pages.

What a code stands for is told on hover and focus (`data-about`, see site.css and player.js).
"""

import re
from functools import cache
from html import escape

from helpers import claims, data
from tools.readme import knowledge

# In prose: what stands in code, in a link or in markup is left alone.
_PROSE = re.compile(
    r"(```.*?```|`[^`\n]*`|!?\[[^\]\n]*\]\([^)\n]*\)|<[^>]+>)|\b([SC]\d{3})\b", re.S
)
_TAG = re.compile(r"(<(?:\"[^\"]*\"|'[^']*'|[^>\"'])+>)")
_LEFT_ALONE = ("a", "pre", "code", "script", "style", "svg", "option", "textarea", "title")


@cache
def about():
    """Return {code: what it stands for, in a line of plain text}: sources, then claims."""
    sources = {
        row["source_id"]: ": ".join(filter(None, [row["publisher"], row["title"]]))
        for row in _rows("sources")
    }
    return sources | {row["id"]: f"{row['claim']} ({row['who_said']})" for row in _rows("claims")}


def _rows(name):
    """Return the rows of a table as dicts of text; what is not known is ""."""
    return data.load(name).astype(object).fillna("").astype(str).to_dict("records")


def link(code, up):
    """Return a code as a link to its entry; `up` leads to the site's root, as "../"."""
    page = "sources" if code.startswith("S") else "claims"
    words = escape(about()[code])
    return (
        f'<a class="silkroad-ref" href="{up}{page}.html#{code}" data-about="{words}" '
        f'aria-description="{words}">{code}</a>'
    )


def in_prose(markdown, up):
    """Return Markdown in which the codes that we know are links."""

    def lead(found):
        return link(found[2], up) if found[2] in about() else found[0]

    return _PROSE.sub(lead, markdown)


def in_html(html, up):
    """Return HTML in whose text the codes that we know are links; code and links stay."""
    found, closed = [], []
    for part in _TAG.split(html):
        if part.startswith("<"):
            name = re.match(r"</?(\w*)", part)[1].lower()
            if name in _LEFT_ALONE and not part.endswith("/>"):
                if not part.startswith("</"):
                    closed.append(name)
                elif name in closed:
                    closed.remove(name)
        elif not closed:
            part = re.sub(
                r"\b[SC]\d{3}\b",
                lambda code: link(code[0], up) if code[0] in about() else code[0],
                part,
            )
        found.append(part)
    return "".join(found)


def sources_page():
    """Return the page of all sources, in Markdown."""
    entries = []
    for row in _rows("sources"):
        address = row["url_or_repository"]
        where = (
            f'<a href="{escape(address)}">{escape(address)}</a>' if "://" in address else address
        )
        rest = [row["date"], row["kind"], row["licence_or_terms"], row["note"], row["credit"]]
        entries.append(
            f'<dt id="{row["source_id"]}">{row["source_id"]}</dt>'
            f"<dd><b>{escape(row['publisher'])}</b>: {escape(row['title'])}. "
            f"{escape('. '.join(filter(None, rest)))}. {where}</dd>"
        )
    return (
        "# Sources\n\nWhat the rows of the tables and the sentences of the lessons rest on. "
        "Each code in a lesson, such as S222, leads here.\n\n"
        f'<dl class="silkroad-entries">{"".join(entries)}</dl>\n\n'
        "## What rests on general knowledge\n\nThese rows have no other source. To find one for "
        f"them would improve the tables most.\n\n{knowledge()}\n"
    )


def claims_page(lessons):
    """Return the page of all claims, in Markdown; lessons: {number: (name, address)}."""
    table = claims.texts(data.load("claims"))
    ruled = claims.ruled(table, "Verdicts").table
    entries = []
    for row, verdict in zip(table.to_dict("records"), ruled.to_dict("records"), strict=True):
        name, address = lessons.get(row["notebook"], ("", ""))
        where = f'Lesson <a href="{address}">{escape(name)}</a>. ' if name else ""
        parts = ["verdict", "what is right", "why", "sources", "confidence"]
        cells = "".join(
            f"<p>{escape(part.capitalize())}: {in_html(escape(verdict[part]), '')}</p>"
            for part in parts
            if verdict[part]
        )
        entries.append(
            f'<dt id="{row["id"]}">{row["id"]}</dt><dd>{escape(row["claim"])} '
            f"<i>{escape(verdict['said'])}</i>. {where}"
            f"<details><summary>What the ledger says</summary>{cells}</details></dd>"
        )
    return (
        "# Claims\n\nWhat the article says, sentence by sentence, and how it ended. Each code in a "
        "lesson, such as C084, leads here. Rule yourself before you open an entry.\n\n"
        f'<dl class="silkroad-entries">{"".join(entries)}</dl>\n'
    )
