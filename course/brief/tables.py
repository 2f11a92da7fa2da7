"""What a section of a brief holds, and how it looks: values in words, tables as HTML."""

import re
from dataclasses import dataclass, field
from html import escape

import numpy as np
import pandas as pd

from silkroad import imaging

HAN = re.compile("[\u3007\u3400-\u9fff\uf900-\ufaff]+")
NO_IMAGE = f"none within {imaging.LONGEST_WAIT_HOURS} h"
YEARS = ("signed_year", "other_year", "since", "year")
HEADINGS = {"source_ids": "sources", "mask_deg": "above", "rise_utc": "rise (UTC)"}
HEADINGS |= {"highest_utc": "highest (UTC)", "set_utc": "set (UTC)", "highest_deg": "highest (°)"}
HEADINGS |= {"available_pct": "share of the day (%)", "longitude_deg": "stands over (°E)"}
HEADINGS |= {"one_way_delay_ms": "one-way delay (ms)", "signed_basis": "the year rests on"}
HEADINGS |= {"first_after_the_snapshot": "first after the time of the orbits"}
HEADINGS |= {"added_round_trip_ms": "added round trip (ms)", "pdop_median": "PDOP, middle value"}
HEADINGS |= {"in_view_mean": "satellites in view, mean", "lat": "lat (°N)", "lon": "lon (°E)"}
# JupyterLab would align the text of tables to the right.
NOTEBOOK_STYLE = (
    ".silkroad-brief :is(td,th,tr,caption){text-align:left!important;vertical-align:top}"
    ".silkroad-brief caption{font-weight:bold}.silkroad-brief .scroll{overflow-x:auto}"
)


@dataclass(frozen=True)
class Section:
    """One part of a brief: `sentence` says what it shows, or why it has no tables.

    tables: {caption: DataFrame}, each row with source_ids and confidence. numbers: {measure with
    its unit: value}, for comparison; `inf` is a picture that never comes in 72 hours.
    """

    key: str
    title: str
    sentence: str
    tables: dict = field(default_factory=dict)
    numbers: dict = field(default_factory=dict)

    def html(self, extra=""):
        """Return the section of a page: heading, sentence, tables, and what follows them."""
        tables = "".join(table(frame, caption) for caption, frame in self.tables.items())
        return (
            f'<section id="{self.key}"><h2>{escape(self.title)}</h2>'
            f"<p>{escape(self.sentence)}</p>{tables}{extra}</section>"
        )

    def _repr_html_(self):
        """For a notebook: without ids and links inside the page."""
        tables = "".join(table(frame, caption, False) for caption, frame in self.tables.items())
        return (
            f'<div class="silkroad-brief mathjax_ignore"><style>{NOTEBOOK_STYLE}</style>'
            f"<p><strong>{escape(self.title)}.</strong> "
            f"{escape(self.sentence)}</p>{tables}</div>"
        )


def text(value, name=""):
    """Return a value of the column `name` in words; what is missing is "not known"."""
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return "not known"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return str(value) if name in YEARS else f"{value:,}"
    if isinstance(value, float) and np.isinf(value):
        return NO_IMAGE
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return str(value)


def table(frame, caption, linked=True):
    """Return a table with its caption as HTML; if `linked`, keys of sources lead to `#S123`."""
    heads = (_head(name) for name in frame)
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    rows = []
    for row in frame.itertuples(index=False):
        cells = [_cell(value, name, linked) for value, name in zip(row, frame, strict=True)]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _head(name):
    return HEADINGS.get(name, name.replace("_", " "))


def _cell(value, name, linked):
    """Return a cell; on a page it carries its heading, which stands beside it on a telephone."""
    words, head = text(value, name), f' data-head="{escape(_head(name))}"' if linked else ""
    if name == "source_ids":
        keys = [escape(key) for key in words.split(";")] if isinstance(value, str) else []
        links = (f'<a href="#{key}">{key}</a>' for key in keys)
        return f'<td class="keys"{head}>{" ".join(links if linked else keys)}</td>'
    kind = ' class="long"' if len(words) > 40 else ""
    if re.fullmatch(r"[-\d:.,]+", words):
        kind = ' class="short"'
    return f"<td{kind}{head}>{chinese(escape(words))}</td>"


def chinese(text):
    """Return escaped text with its Chinese marked: a voice then reads it, a font draws it so."""
    return HAN.sub(r'<span lang="zh">\g<0></span>', text)


def position(row):
    """Return the position of a row with lat and lon as text, to a tenth of a degree."""
    north, east = row["lat"], row["lon"]
    side = "N" if north >= 0 else "S", "E" if east >= 0 else "W"
    return f"{abs(north):.1f}°{side[0]} {abs(east):.1f}°{side[1]}"


def slim(table):
    """Return a table without the columns that hold nothing."""
    return table.dropna(axis=1, how="all").reset_index(drop=True)


def together(*keys):
    """Return lists of source keys as one list, each once."""
    known = ";".join(key for key in keys if isinstance(key, str))
    return ";".join(dict.fromkeys(known.split(";")))
