"""The page of a country's brief: sections as HTML, its map, its charts, its files.

A brief is what `course.brief.of` returns; this room only reads it. The page is one HTML text that
asks nobody for anything, for a screen, a telephone and A4 paper, by day and by night.
"""

import base64
import io
import re
from dataclasses import replace
from functools import lru_cache
from html import escape

import ipywidgets as widgets
import numpy as np
import pandas as pd
import xarray as xr
from IPython.display import display
from matplotlib.collections import PolyCollection

from course.brief import everywhere
from course.brief.everywhere import MASKS_DEG, column
from course.scenes import navigation, overview
from helpers import data, maps, style
from helpers.inputs import InputError
from silkroad import geometry, imaging, orbits, visibility

REACH_DEG = 30  # parts of a country farther from its capital are left outside the first view
LEAST_DEG = (5, 8)  # half the height and width of the smallest view
YEARS = ("signed_year", "since", "year")
HEADINGS = {"source_ids": "sources", "mask_deg": "above", "rise_utc": "rise (UTC)"}
HEADINGS |= {"highest_utc": "highest (UTC)", "set_utc": "set (UTC)", "highest_deg": "highest (°)"}
HEADINGS |= {"available_pct": "share of the day (%)", "longitude_deg": "stands over (°E)"}
HEADINGS |= {"one_way_delay_ms": "one-way delay (ms)"}
HEADINGS |= {"added_round_trip_ms": "added round trip (ms)", "pdop_median": "PDOP, middle value"}
HEADINGS |= {"in_view_mean": "satellites in view, mean", "lat": "lat (°N)", "lon": "lon (°E)"}
LAND = "#A7CBE5"
NO_IMAGE = f"none within {imaging.LONGEST_WAIT_HOURS} h"
CHARTS = {"availability": "beidou", "waits": "image"}  # which section shows which chart

STYLE = """
:root{--ink:#1f2933;--soft:#52606d;--line:#c5ced6;--paper:#fff;--band:#f2f5f7;--link:#005a9c}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebef;--soft:#a9b5c0;--line:#46535f;
--paper:#161c22;--band:#202932;--link:#8cc4f5}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:66rem;padding:1rem 1.2rem 3rem;background:var(--paper);
color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.7rem;line-height:1.2;margin:.4em 0 .2em}
h2{font-size:1.2rem;margin:2rem 0 .3rem;padding-top:.6rem;border-top:1px solid var(--line)}
a{color:var(--link);overflow-wrap:anywhere}
.lead{font-size:1.1rem}.soft{color:var(--soft);font-size:.88rem}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;padding:0;list-style:none}
.scroll{overflow-x:auto;margin:.7rem 0}
table{border-collapse:collapse;font-size:.88rem;width:100%}
caption{text-align:left;font-weight:600;padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .7rem .25rem 0;
border-bottom:1px solid var(--line);min-width:3.5rem}
thead th{background:var(--band);color:var(--soft);font-weight:600}
td.long{min-width:14rem}td.keys{min-width:9rem}td.short{white-space:nowrap}
.screen,details{overflow-x:auto}
img,iframe{max-width:100%;background:#fff;border-radius:4px}
figure{margin:.8rem 0;overflow-x:auto}figure img{min-width:34rem}
summary{cursor:pointer}.paper{display:none}
li,p{overflow-wrap:anywhere}li:target{background:var(--band)}
@media (max-width:40rem){body{padding:.6rem .8rem 2rem}h1{font-size:1.4rem}}
@page{size:A4;margin:15mm}
@media print{:root{--ink:#000;--soft:#333;--line:#999;--paper:#fff;--band:#eee;--link:#000}
body{max-width:none;padding:0;font-size:10pt}table{font-size:7.5pt}
nav,.screen{display:none}.paper{display:block}h2{break-after:avoid}tr,figure{break-inside:avoid}
thead{display:table-header-group}.scroll{overflow:visible}
td,th,td.long,td.keys{min-width:0;overflow-wrap:break-word;padding-right:.35rem}
caption,thead{break-after:avoid}tbody tr:first-child{break-before:avoid}a{text-decoration:none}}
"""


def slug(text):
    """Return a text as a name for files and ids: lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def headline(brief, beidou=True):
    """Return the brief in a few words: only what it has a number for, BeiDou if wanted."""
    numbers, high = brief.numbers, MASKS_DEG[-1]
    document = brief["signed"].tables.get("Belt and Road document")
    parts = ["no Belt and Road document in our table"]
    for row in [] if document is None else document.fillna("").to_dict("records"):
        ends = {"unconfirmed": ", as China says", "withdrawn": " and withdrew"}
        parts = [f"signed in {row['signed_year']}{ends.get(row['status'], '')}"]
    parts.append(f"satellites with China: {numbers['satellites with China']}")
    share = numbers.get(f"BeiDou alone at {high}°, % of the day")
    if beidou and share is not None:
        parts.append(f"BeiDou alone in a street ({high}°): {share:.1f} % of the day")
    wait = numbers.get("hours to a picture, its own and what China shares")
    if wait is not None and np.isfinite(wait):
        parts.append(f"first image with what China shares: {wait:.1f} hours")
    cut = numbers.get("most harmful cut, ms")
    if cut:
        parts.append(f"worst cable cut: {cut:.1f} ms more")
    return f"{brief.country}: {'; '.join(parts)}."


# --- tables and sections


def heading(name):
    """Return the name of a column in words."""
    return HEADINGS.get(name, name.replace("_", " "))


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
    heads = "".join(f'<th scope="col">{escape(heading(name))}</th>' for name in frame)
    rows = []
    for row in frame.itertuples(index=False):
        cells = [_cell(value, name, linked) for value, name in zip(row, frame, strict=True)]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def section(part, extra=""):
    """Return a section of the page as HTML: heading, sentence, tables, and what follows them."""
    tables = "".join(table(frame, caption) for caption, frame in part.tables.items())
    return (
        f'<section id="{part.key}"><h2>{escape(part.title)}</h2><p>{escape(part.sentence)}</p>'
        f"{tables}{extra}</section>"
    )


def cell(part):
    """Return a section as HTML for a notebook, without ids and links inside the page."""
    tables = "".join(table(frame, caption, False) for caption, frame in part.tables.items())
    # JupyterLab would align the text of tables to the right.
    look = ".silkroad-brief :is(td,th,tr,caption){text-align:left!important;vertical-align:top}"
    look += ".silkroad-brief caption{font-weight:bold}.silkroad-brief .scroll{overflow-x:auto}"
    return (
        f'<div class="silkroad-brief"><style>{look}</style>'
        f"<p><strong>{escape(part.title)}.</strong> "
        f"{escape(part.sentence)}</p>{tables}</div>"
    )


def _cell(value, name, linked):
    words = text(value, name)
    if name == "source_ids":
        keys = words.split(";")
        links = (f'<a href="#{key}">{key}</a>' for key in keys)
        return f'<td class="keys">{" ".join(links if linked else keys)}</td>'
    kind = ' class="long"' if len(words) > 40 else ""
    if re.fullmatch(r"[-\d:.,]+", words):
        kind = ' class="short"'
    return f"<td{kind}>{escape(words)}</td>"


# --- the map


def drawn(brief, system="BeiDou alone", mask_deg=MASKS_DEG[-1]):
    """Return the layers of a brief: the country and all that has a place, from below to above."""
    case, name = brief.case, brief.country
    popup = {brief.iso3: {fact: text(number) for fact, number in brief.numbers.items()}}
    shown = [maps.countries({brief.iso3: name}, "Country", styles={name: LAND}, popup=popup)]
    inside = case.points[case.points["capital"].isna()]
    if len(inside):
        lat, lon = visibility.world_grid(everywhere.GRID_DEG)
        field = np.full((lat.size, lon.size), np.nan)
        row = np.rint((inside["lat"].to_numpy() + 90) / everywhere.GRID_DEG).astype(int)
        across = np.rint((inside["lon"].to_numpy() + 180) / everywhere.GRID_DEG).astype(int)
        field[row, across % lon.size] = inside[column(system, mask_deg)].to_numpy() / 100
        field = xr.DataArray(field, {"lat": lat, "lon": lon}, ("lat", "lon"))
        shown.append(_within(inside, field, system, mask_deg))
    routes = _routes()
    routes = routes[[brief.iso3 in codes.split(";") for codes in routes["landing_iso3"]]]
    if len(routes):
        paths = dict(zip(routes["name"], routes["route"], strict=True))
        cited = {row.name: {"sources": row.source_ids} for row in routes.itertuples(index=False)}
        shown.append(maps.lines(paths, "Cables that land here", color="grey", popup=cited))
    best = brief["passes"].tables.get("Passes")
    if best is not None:
        shown.append(_track(brief, best.loc[best["highest_deg"].idxmax()]))
    satellites = _satellites(brief.now)
    satellites = satellites[satellites["partner_iso3"] == brief.iso3]
    if len(satellites):
        shown.append(
            maps.points(
                satellites,
                "Its satellites with China",
                styles={"s": ("green", "triangle")},
                popup=["role", "orbit_class", "launch_date", "status"],
            )
        )
    stations = brief["ground"].tables.get("Stations and centres")
    if stations is not None:
        look = {"s": ("black", "square")}
        shown.append(maps.points(stations, "Ground stations", styles=look, popup=["why"]))
    spots = _spots(case)
    if len(spots):
        looks = {"capital": ("orange", "star"), "worst point for BeiDou": ("purple", "down")}
        shown.append(
            maps.points(
                spots, "Places", category="kind", styles=looks, popup=["kind"], size=8, labels=True
            )
        )
    return shown


def _within(inside, field, system, mask_deg):
    """Return the points inside a country as cells, with a table of these points alone."""
    name = f"{system[0].upper() + system[1:]} above {mask_deg}°, share of the day"
    colors = style.sequential(len(navigation.SHARE_WORDS), reverse=True)
    levels, words = navigation.SHARE_LEVELS, navigation.SHARE_WORDS
    layer = maps.grid(100 * field, name, levels=levels, labels=words, colors=colors, opacity=0.5)
    share = inside[column(system, mask_deg)]
    table = inside[["lat", "lon"]].assign(share_pct=everywhere.floor(share))
    said = f"{name}: {len(inside)} points, from {everywhere.floor(share.min()):.1f} to "
    said += f"{everywhere.floor(share.max()):.1f} %."
    return replace(layer, summary=said, table=table.reset_index(drop=True))


def bounds(case):
    """Return ((south, west), (north, east)) of the country's parts near its capital, in degrees."""
    home = _spots(case)
    at = home[["lon", "lat"]].to_numpy(float)[:1]
    parts = _rings(case.iso3)
    if not len(at):
        at = max(parts, key=len)[:1]
    near = [ring for ring in parts if np.abs(ring - at).max(axis=1).min() <= REACH_DEG]
    points = np.vstack([at, *near])
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * 1.15
    half = np.maximum(half, LEAST_DEG[::-1])
    (west, south), (east, north) = middle - half, middle + half
    return (max(south, -90), max(west, -180)), (min(north, 90), min(east, 180))


def country_map(brief, height=520):
    """Return the map of a brief, framed on the country."""
    title = f"{brief.country}: what our tables and models have on it"
    return maps.world(drawn(brief), title=title, bounds=bounds(brief.case), height=height)


def _spots(case):
    """Return the capital and the worst point, those that there are, as rows with a name."""
    rows = []
    if case.capital is not None:
        rows.append(case.capital.to_dict() | {"name": case.capital["capital"], "kind": "capital"})
    if case.worst is not None and pd.isna(case.worst["capital"]):
        share = everywhere.floor(case.worst[column("BeiDou alone", MASKS_DEG[-1])])
        name = {"name": f"worst: {share:.1f} %", "kind": "worst point for BeiDou"}
        rows.append(case.worst.to_dict() | name)
    return pd.DataFrame(rows, columns=["name", "kind", "lat", "lon"])


def _track(brief, best):
    """Return the path of the station in the quarter of an hour about its highest pass."""
    top = pd.Timestamp(f"{best['date']}T{best['highest_utc']}Z")
    if best["highest_utc"] < best["rise_utc"]:
        top += pd.Timedelta(days=1)
    elements = data.load("elements")
    elements = elements[elements["norad_id"] == everywhere.STATION]
    path = orbits.ground_track(elements, top - pd.Timedelta(minutes=7), 0.25)
    name = f"Station on {best['date']}, {best['highest_utc'][:5]} UTC"
    return maps.lines({name: next(iter(path.values()))}, "Highest pass of the station")


@lru_cache(maxsize=1)
def _routes():
    return overview.cables().dropna(subset=["landing_iso3", "route"])


@lru_cache(maxsize=2)
def _satellites(now):
    return overview.partner_satellites(now).dropna(subset=["lat"])


@lru_cache(maxsize=1)
def _shapes():
    return {f["properties"]["iso3"]: f for f in data.countries()["features"]}


def _rings(iso3):
    return geometry.rings(_shapes()[iso3])


# --- charts


def charts(brief):
    """Return {name: (PNG, alt text)}: a small map, and what its tables hold as bars."""
    found = {"map": _sketch(brief)}
    shares = brief["beidou"].tables
    waits = brief["image"].tables
    if shares:
        found["availability"] = _shares(next(iter(shares.values())), brief)
    if waits:
        found["waits"] = _waits(next(iter(waits.values())), brief)
    return found


def _sketch(brief):
    """Return the country with capital, worst point and stations, as a picture for paper."""
    (south, west), (north, east) = bounds(brief.case)
    figure, axes = style.chart(7.2, 4.4, left=0.02, right=0.98, top=0.98, bottom=0.02)
    for own in (False, True):
        pieces = [
            ring
            for iso3 in ([brief.iso3] if own else _shapes())
            for ring in _rings(iso3)
            if (ring.max(axis=0) >= (west, south)).all()
            and (ring.min(axis=0) <= (east, north)).all()
        ]
        fill = LAND if own else style.LAND
        axes.add_collection(PolyCollection(pieces, facecolor=fill, edgecolor="#4a5560", lw=0.6))
    looks = {"capital": ("orange", "*"), "worst point for BeiDou": ("purple", "v")}
    spots = _spots(brief.case)
    stations = brief["ground"].tables.get("Stations and centres")
    if stations is not None:
        axes.plot(
            stations["lon"], stations["lat"], "s", color=style.color("black"), label="station"
        )
    for row in spots.itertuples():
        color, marker = looks[row.kind]
        axes.plot(row.lon, row.lat, marker, ms=11, color=style.color(color), mec="white")
        axes.annotate(
            row.name,
            (row.lon, row.lat),
            (7, 4),
            textcoords="offset points",
            fontsize=9,
        )
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    axes.set_aspect(1 / max(np.cos(np.radians((south + north) / 2)), 0.2))
    axes.set_facecolor("#dfeaf2")
    marks = ", ".join(f"{row.name} ({row.kind})" for row in spots.itertuples()) or "no place"
    count = 0 if stations is None else len(stations)
    return _png(figure), f"Map of {brief.country} with {marks}; ground stations: {count}."


def _shares(rows, brief):
    """Return the share of the day with a usable fix as bars: by place, system and mask."""
    labels = [f"{r.place}, {r.system}, above {r.mask_deg}°" for r in rows.itertuples()]
    high = 0.8 + 0.27 * len(rows)
    edges = {"left": 0.42, "right": 0.98, "top": 0.97, "bottom": 0.55 / high}
    figure, axes = style.chart(7.2, high, **edges)
    colors = [
        style.color("orange" if r.system == "all four" else "blue") for r in rows.itertuples()
    ]
    hatches = ["" if r.mask_deg == MASKS_DEG[0] else "//" for r in rows.itertuples()]
    bars = axes.barh(
        range(len(rows)), rows["available_pct"], color=colors, hatch=hatches, edgecolor="white"
    )
    axes.bar_label(bars, [f"{v:.1f} %" for v in rows["available_pct"]], padding=3, fontsize=8)
    axes.set_yticks(range(len(rows)), labels, fontsize=8)
    axes.set(xlim=(0, 112), xlabel="share of the day with PDOP at most 6, %")
    axes.invert_yaxis()
    words = "; ".join(f"{k}: {v:.1f} %" for k, v in zip(labels, rows["available_pct"], strict=True))
    return _png(figure), f"Share of the day with a usable fix in {brief.country}. {words}."


def _waits(rows, brief):
    """Return the waits for a picture as bars: the middle one and the longest."""
    edges = {"left": 0.32, "right": 0.98, "top": 0.97, "bottom": 0.22}
    figure, axes = style.chart(7.2, 2.3, **edges)
    words = []
    for number, row in enumerate(rows.itertuples()):
        for shift, hours, color in (
            (-0.2, row.median_wait_hours, "blue"),
            (0.2, row.longest_wait_hours, "sky"),
        ):
            known = not isinstance(hours, str)
            axes.barh(number + shift, hours if known else 0, 0.36, color=style.color(color))
            label = f"{hours:.1f} h" if known else hours
            axes.text((hours if known else 0) + 0.6, number + shift, label, va="center", fontsize=8)
            words.append(f"{row.satellites}, {'middle' if shift < 0 else 'longest'}: {label}")
    axes.set_yticks(range(len(rows)), rows["satellites"], fontsize=8)
    axes.set(xlim=(0, 78), xlabel="hours: above the middle wait, below the longest")
    axes.invert_yaxis()
    place = brief.case.capital["capital"]
    return _png(figure), f"Wait for a picture of {place}. {'; '.join(words)}."


def _png(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()


# --- the page and its files


def page(brief, pictures):
    """Return the brief as one HTML text; `pictures` come from `charts`."""
    figures = {name: _figure(*picture) for name, picture in pictures.items()}
    parts = []
    for part in brief.sections:
        extra = [
            figures[name] for name, key in CHARTS.items() if key == part.key if name in figures
        ]
        parts.append(section(part, "".join(extra)))
    listed = [(part.key, part.title) for part in brief.sections]
    links = "".join(
        f'<li><a href="#{key}">{escape(title)}</a></li>'
        for key, title in [("map", "Map"), *listed, ("sources", "Sources")]
    )
    live = country_map(brief)._repr_html_()
    now, name = f"{brief.now:%Y-%m-%d %H:%M} UTC", escape(brief.country)
    sources = brief.bibliography._repr_html_()
    sources = re.sub(r"<li>\[(S\d+)\]", r'<li id="\1">[\1]', sources)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{name}: country brief</title><style>{STYLE}</style></head><body>"
        f"<header><h1>{name} and the Space Silk Road</h1>"
        f'<p class="lead">{escape(headline(brief))}</p>'
        f'<p class="soft">Orbits as of {now}; tables as of then. What is computed is marked as '
        "a model. Each row names its sources, which stand at the end. What our tables lack may "
        "exist.</p></header>"
        f'<nav aria-label="Sections"><ul>{links}</ul></nav><main>'
        f'<section id="map"><h2>Map</h2><div class="screen">{live}</div>'
        f'<div class="paper">{figures["map"]}<p class="soft">{escape(data.BORDER_POLICY)}</p></div>'
        "</section>"
        f'{"".join(parts)}<section id="sources"><h2>Sources</h2>{sources}</section></main>'
        "</body></html>\n"
    )


def _figure(image, alt):
    source = f"data:image/png;base64,{base64.b64encode(image).decode()}"
    return f'<figure><img src="{source}" alt="{escape(alt)}"></figure>'


def files(brief):
    """Yield (name, bytes) of all files of a brief: charts, tables, and last the page."""
    pictures = charts(brief)
    for name, (image, _) in pictures.items():
        yield f"{name}.png", image
    for name, frame in brief.tables.items():
        yield f"{name}.csv", frame.to_csv(index=False, lineterminator="\n").encode()
    yield "index.html", page(brief, pictures).encode()


# --- the lesson


class Preview:
    """The page of a brief in a frame, as it is saved; shows itself in a notebook."""

    def __init__(self, brief, height=620):
        """Take a brief, and the height of the frame in pixels."""
        self.brief, self.height = brief, height

    def _repr_html_(self):
        shown = escape(page(self.brief, charts(self.brief)))
        return (
            f'<iframe srcdoc="{shown}" title="The brief of {escape(self.brief.country)}" '
            'sandbox="allow-scripts allow-popups" '
            f'style="width:100%;height:{self.height}px;border:1px solid #d5dbe1"></iframe>'
        )


def save_button(names, save, start="PAK", folder="briefs"):
    """Show a choice of countries, a folder and a button that calls `save(country, folder)`."""
    country = widgets.Dropdown(options=names, value=start, description="country")
    where = widgets.Text(value=folder, description="folder")
    button = widgets.Button(description="Save the brief", icon="download")
    said = widgets.HTML()

    def pressed(_):
        said.value = "Writing …"
        try:
            place = save(country.value, where.value)
        except InputError as problem:
            said.value = escape(str(problem))
            return
        said.value = f"Saved: {escape(str(place))}/index.html, with tables (CSV) and charts (PNG)."

    button.on_click(pressed)
    display(widgets.VBox([widgets.HBox([country, where, button]), said]))
    return button


def world_words(brief, system, mask_deg):
    """Return the headline of a country on the live map, true for any of them."""
    words = headline(brief, beidou=False)
    spots = _spots(brief.case)
    if len(spots):
        row = brief.case.points.iloc[0]
        share = navigation.percent(row[column(system, mask_deg)] / 100)
        words += f" {system[0].upper() + system[1:]} above {mask_deg}°: {share} of the day at "
        words += f"{row['capital']}." if pd.notna(row["capital"]) else "one of its points."
    return words
