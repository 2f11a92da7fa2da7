"""The page of what a receiver heard, its charts and its files.

One HTML text that asks nobody for anything; its looks are those of a country's brief.
"""

from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from course import stills
from course.files import csv
from course.hearing import LOOKS
from helpers import charts
from helpers.figures import markup

STYLE = (Path(__file__).parents[1] / "brief" / "page.css").read_text(encoding="utf-8")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
MOST_ROWS, FOLDED_FROM = 60, 12  # of a table in the page; the whole is in its CSV
TITLES = {
    "by_system": "What was heard",
    "over_time": "Satellites over time",
    "heard": "Signals and their strength",
    "sky": "Where they stood",
    "left_out": "Satellites that no fix could use",
    "accuracy": "How good the fixes are",
    "fixes": "The fixes",
}
_LOOKS = {"color": "system", "styles": LOOKS}


def hearing_charts(hearing):
    """Return {name: layer} of the charts that a hearing gives."""
    made = {}
    if len(hearing.over_time):
        rows = hearing.over_time
        minutes = (rows["time"] - rows["time"].min()).dt.total_seconds() / 60
        unit, size = ("hours", 60) if minutes.max() > 180 else ("minutes", 1)
        lines = charts.lines(
            rows.assign(**{unit: minutes / size}), x=unit, y="satellites", **_LOOKS
        )
        words = f"From {rows['time'].min():%Y-%m-%d %H:%M:%S}, as stamped."
        made["over_time"] = charts.draw(lines, name="Satellites over time", words=words)
    strong = hearing.heard.dropna(subset="snr_dbhz")
    if len(strong):
        rows = strong.assign(system=strong["system"].map(_full))
        rows["of"] = rows["system"] + " " + rows["signal"]
        look = {"x": "strength, dB-Hz", "y": "", "height": max(2.0, 0.3 * rows["of"].nunique())}
        dots = charts.dots(rows, x="snr_dbhz", y="of", **_LOOKS)
        made["heard"] = charts.draw(dots, name="Signal strength", **look)
    if len(hearing.sky):
        made["sky"] = _sky(hearing.sky)
    if len(hearing.fixes.dropna(subset="lat") if len(hearing.fixes) else ()):
        made["fixes"] = _cloud(hearing.fixes.dropna(subset="lat"))
    return made


def _full(system):
    from course.hearing import NAMES

    return NAMES.get(system, system)


def _sky(sky):
    """Return the sky from below: the zenith in the middle, the horizon around, north above."""
    away, turn = 90 - sky["elevation_deg"], np.radians(sky["azimuth_deg"])
    rows = sky.assign(east=away * np.sin(turn), north=away * np.cos(turn))
    around = np.linspace(0, 2 * np.pi, 91)
    rings = [charts.dots(rows, x="east", y="north", size=2, **_LOOKS)]
    for elevation in (0, 30, 60):
        ring = pd.DataFrame({"east": np.sin(around), "north": np.cos(around)}) * (90 - elevation)
        rings.append(charts.lines(ring, x="east", y="north", color="grey", show=None))
    look = {"xlim": (-95, 95), "ylim": (-95, 95), "equal": True, "height": 5, "width": 6.5}
    ticks = {-90: "W", 0: "", 90: "E"}, {-90: "S", 0: "", 90: "N"}
    words = "The sky from below: circles are 0, 30 and 60 degrees of elevation, north is above."
    return charts.draw(
        *rings, name="Sky plot", words=words, table=sky, x="", y="", xticks=ticks[0],
        yticks=ticks[1], **look,
    )  # fmt: skip


def _cloud(fixes):
    """Return the fixes about their middle, or about the known place, in metres."""
    if "east_m" not in fixes:
        middle = fixes[["lat", "lon"]].median()
        north = (fixes["lat"] - middle["lat"]) * 111_320
        east = (fixes["lon"] - middle["lon"]) * 111_320 * np.cos(np.radians(middle["lat"]))
        fixes, about = fixes.assign(east_m=east, north_m=north), "their middle"
    else:
        about = "the known place"
    every = max(1, len(fixes) // 1000)
    rows = fixes.iloc[::every]
    dots = charts.dots(rows, x="east_m", y="north_m", size=3)
    look = {"x": f"east of {about}, m", "y": "north, m", "equal": True, "height": 4, "width": 6}
    return charts.draw(dots, name="The fixes", table=rows, **look)


def hearing_html(hearing, made):
    """Return a hearing as one HTML text; `made` come from `hearing_charts`."""
    told = "".join(f"<p>{escape(sentence)}</p>" for sentence in hearing.sentences)
    notes = "".join(f"<li>{escape(note)}</li>" for note in hearing.notes)
    notes = f"<ul>{notes}</ul>" if notes else ""
    parts = "".join(
        f'<section id="{key}"><h2>{title}</h2>{_figure(made.get(key))}'
        f"{_table(hearing.tables[key], key)}</section>"
        for key, title in TITLES.items()
        if key in hearing.tables
    )
    by = f"<p class='soft'>Receiver: {escape(hearing.receiver)}</p>" if hearing.receiver else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(hearing.name)}: what a receiver heard</title><style>{STYLE}</style></head>"
        f"<body><header><h1>What a receiver heard</h1><p class='lead'>{escape(hearing.name)}</p>"
        f"{by}{told}{notes}</header><main>{parts}</main></body></html>\n"
    )


def _figure(layer):
    if layer is None:
        return ""
    return f"<figure>{markup(layer.spec)}</figure>"


def _table(frame, key):
    """Return a table: a short one open, of a long one the first rows, folded."""
    shown = frame.head(MOST_ROWS).astype(object)
    shown = shown.map(lambda v: f"{v:.10g}" if isinstance(v, float) else v)
    body = shown.fillna("").to_html(index=False, border=0, escape=True)
    body = f'<div class="scroll" tabindex="0">{body}</div>'
    if len(frame) <= FOLDED_FROM:
        return body
    first = f", the first {MOST_ROWS} here" if len(frame) > MOST_ROWS else ""
    words = f"Table: {len(frame)} rows{first}, whole in {key}.csv"
    return f"<details><summary>{words}</summary>{body}</details>"


def hearing_files(hearing):
    """Yield (name, bytes) of all files of a hearing: charts, tables, and last the page."""
    made = hearing_charts(hearing)
    for name, layer in made.items():
        yield f"{name}.png", stills.png(layer)
    for name, frame in hearing.tables.items():
        yield f"{name}.csv", csv(frame)
    yield "index.html", hearing_html(hearing, made).encode()
