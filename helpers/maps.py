"""What can lie on a map; `helpers.page` makes the folium map that shows it without a network.

Points, lines, areas, countries, grids: a layer is a plain value, what the page draws (`spec`) and
its twins for readers who do not use the picture (`summary`, one sentence; `table`, a DataFrame).
Angles are degrees, latitudes north-positive, longitudes east-positive.

`world(layers)` is a `folium.Map`: whatever folium can add that loads no files works on it too.
The default projection is plate carrée (EPSG:4326): the whole Earth, both poles, and no Greenland
the size of Africa. Online tiles, which need a network and Web Mercator, are the reader's choice.
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from html import escape
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import data, style
from helpers.inputs import InputError, one_of
from helpers.words import counted, percent

__all__ = ["countries", "grid", "lines", "offline", "points", "world"]

STATIC = Path(__file__).parent / "static"
WORLD = ((-60, -180), (84, 180))  # south-west and north-east corners, degrees
TWIN_ROWS, STORED_ROWS = 200, 15  # a longer table is cut on the page, never in `.table`
MARK = "<!-- silkroad {} -->"  # widget.js and the site's player put what is meant in its place
HINT = "Point at the map for place and country; click a mark, or press Enter on it, for its card."
NONE = 255  # the class number of a grid cell without a value


@dataclass(frozen=True)
class Layer:
    """One layer: its `name`, what a page draws, `summary` and `table` twins.

    A chart also has its `marks`, and draws for a telephone (`more`) once its `spec` is asked for.
    """

    name: str
    drawn: dict
    summary: str
    table: pd.DataFrame
    marks: tuple = ()
    more: Callable = dict

    @cached_property
    def spec(self):
        """All that a page draws, on every screen: `drawn` with what is drawn when needed."""
        return self.drawn | self.more()


def points(
    frame,
    name,
    *,
    label="name",
    category=None,
    styles=None,
    popup=(),
    size=6,
    labels=False,
    visible=True,
):
    """Points from a DataFrame with `lat` and `lon` columns.

    `label` is the column shown on hover; `category` a column that decides colour and shape, by
    `styles` {value: (colour, shape)}, by the house's usual looks (`style.USUAL`) or in order of
    appearance; `popup` the columns shown on click.
    `source_ids` and `confidence` are added to the popup where the frame has them.
    `labels=True` prints the label beside each point. Rows without a position are refused.
    """
    wanted = ["lat", "lon", label, *([category] if category else []), *popup]
    if missing := [column for column in wanted if column not in frame]:
        have = ", ".join(map(str, frame.columns))
        raise InputError(f"layer {name!r} needs the column {missing[0]!r}; the table has: {have}.")
    lat, lon = frame["lat"].to_numpy(float), frame["lon"].to_numpy(float)
    if not (np.isfinite(lat).all() and np.isfinite(lon).all()):
        bad = frame.loc[~(np.isfinite(lat) & np.isfinite(lon)), label].iloc[0]
        raise InputError(f"layer {name!r}: {bad!r} has no position; drop it or fill lat and lon.")
    _on_earth(lat, lon, name)
    groups = frame[category].astype(str).tolist() if category else [name] * len(frame)
    kinds = list(dict.fromkeys(groups)) if category else [name]
    styles = styles or style.USUAL.get(category)
    if category and styles:  # the order of the legend is the author's, not the data's
        kinds = [k for k in styles if k in kinds] + [k for k in kinds if k not in styles]
    looks = [(styles or {}).get(kind) or style.category_style(i) for i, kind in enumerate(kinds)]
    if not category and styles:
        looks = [next(iter(styles.values()))]
    cited = [c for c in ("source_ids", "confidence") if c in frame and c not in popup]
    column = [*popup, *cited]
    numbers = [kinds.index(group) for group in groups]
    spec = {
        "kind": "points",
        "lat": np.round(lat, 3 if len(lat) > 1 and np.ptp(lat) > 0.1 else 8).tolist(),
        "lon": np.round(lon, 3 if len(lon) > 1 and np.ptp(lon) > 0.1 else 8).tolist(),
        "class": numbers,
        "label": frame[label].astype(str).tolist(),
        "fields": [heading(c) for c in column],
        "popup": [[_text(value) for value in row] for row in frame[column].to_numpy(object)],
        "size": size,
        "labels": labels,
    }
    legend = [_entry(kind, *look) for kind, look in zip(kinds, looks, strict=True)]
    parts = ", ".join(f"{numbers.count(i)} {kind}" for i, kind in enumerate(kinds))
    counts = f" ({parts})." if category and len(frame) else "."
    summary = f"{name}: {counted(len(frame), 'point')}{counts}"
    keep = [label, *([category] if category else []), "lat", "lon", *column]
    table = frame[list(dict.fromkeys(keep))].reset_index(drop=True)
    return _layer(name, spec, legend, summary, table, visible)


def lines(
    paths,
    name,
    *,
    color="blue",
    dash="",
    weight=1.6,
    styles=None,
    popup=None,
    table=None,
    fill=None,
    visible=True,
):
    """Lines from {label: [array (n, 2) of lat, lon, ...]}; several pieces make one line.

    Lines that cross ±180° come in pieces (`geometry.split_antimeridian`), areas in rings
    (`geometry.split_ring`); others are refused. `styles` maps labels to (colour, dash) and gives
    each its own entry in the legend. "→" in a dash: a ring at the start, arrows along it. `popup`:
    shown on click, a frame with the labels as its index, or {label: {field: value}}. `table` is a
    twin instead of the count of points. With `fill`, an opacity, the lines are the rings of areas.
    """
    labels = list(paths)
    looks = [(styles or {}).get(label, (color, dash)) for label in labels]
    cards = _cards(popup, name)
    spec = {
        "kind": "lines" if fill is None else "areas",
        "label": labels,
        "paths": _pieces(paths.values(), name, closed=fill is not None),
        "color": [style.color(c) for c, _ in looks],
        "dash": [d for _, d in looks],
        "weight": weight,
        "opacity": fill,
        "popup": [cards.get(label, []) for label in labels],
    }
    entries = zip(labels, looks, strict=True) if styles else [(name, (color, dash))]
    shape = "line" if fill is None else "area"
    legend = [_entry(text, c, shape, dash=d) for text, (c, d) in entries]
    if table is None:
        counts = [sum(len(piece) for piece in paths[label]) for label in labels]
        table = pd.DataFrame({"name": labels, "points": counts})
    one = labels[0] if len(labels) == 1 and fill is None else ""
    summary = f"{name}: {one or counted(len(labels), shape)}."
    return _layer(name, spec, legend, summary, table, visible)


def countries(values, name, *, styles, popup=None, table=None, visible=True):
    """Colour countries: `values` is a Series {iso3: category}, `styles` {category: colour}.

    The shapes are already in the page; only the categories travel. Countries not named keep the
    colour of land. A code without a shape is left out with a word; what comes twice, or is no
    code, is refused. `popup` holds what is shown on click: a DataFrame with iso3 as its index,
    whose empty fields are left out, or {iso3: {field: value}}. `table` is a twin instead of the
    values.
    """
    values, styles = pd.Series(values, dtype=object), {str(k): c for k, c in styles.items()}
    once(values.index, f"layer {name!r}")
    bare = sorted(set(values.index) - _codes(), key=str)
    for iso3 in bare:
        if not re.fullmatch("[A-Z]{3}", str(iso3)):
            one_of(iso3, sorted(_codes()), f"country on the map (layer {name!r}) with the code")
    values = values.drop(bare) if bare else values
    left = f"; no shape for {', '.join(bare)}" if bare else ""
    unknown = sorted(set(values.astype(str)) - set(styles))
    if unknown:
        raise InputError(f"layer {name!r}: no colour for {unknown[0]!r}; add it to styles.")
    kinds = list(styles)
    spec = {
        "kind": "countries",
        "class": {iso3: kinds.index(str(v)) for iso3, v in values.items()},
        "popup": _cards(popup, name),
    }
    counts = values.astype(str).value_counts()
    legend = [_entry(kind, c, "area") for kind, c in styles.items()]
    parts = ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in kinds)
    if table is None:
        table = pd.DataFrame({"iso3": values.index, "category": values.astype(str).to_numpy()})
    return _layer(name, spec, legend, f"{name}: {parts}{left}.", table, visible)


def grid(field, name, *, levels, labels=None, colors=None, unit="", opacity=0.75, visible=True):
    """A raster from an xarray DataArray with dims (lat, lon), drawn in classes.

    `levels` are the inner class bounds, rising: n bounds make n + 1 classes (value < first,
    …, value ≥ last; infinity belongs to the last). NaN is drawn as nothing. `labels` and `colors`
    have n + 1 entries; without colours the last class is the darkest, with "reversed" the first.
    The twin has shares by latitude and area. InputError: falling levels, uneven lat or lon.
    """
    lat, lon = (_even(field[side].to_numpy(), side, name) for side in ("lat", "lon"))
    if not len(levels) or not (np.diff([-np.inf, *levels, np.inf]) > 0).all():
        raise InputError(f"layer {name!r}: the levels {list(levels)} do not rise: sort them.")
    values = field.transpose("lat", "lon").to_numpy()
    classes = np.digitize(values, levels).astype(np.uint8)
    classes[np.isnan(values)] = NONE
    count = len(levels) + 1
    labels = list(labels or _level_labels(levels, unit))
    if not colors or colors == "reversed":
        colors = style.sequential(count, reverse=bool(colors))
    if len(labels) != count or len(colors) != count:
        raise InputError(f"layer {name!r}: {count} classes need {count} labels and colours.")
    spec = {
        "kind": "grid",
        "lat": [float(lat[0]), float(lat[-1]), len(lat)],
        "lon": [float(lon[0]), float(lon[1] - lon[0]), len(lon)],
        "cells": classes.tobytes(),
        "opacity": opacity,
    }
    legend = [_entry(t, c, "area") for t, c in zip(labels, colors, strict=True)]
    wide = [len(axis) * abs(axis[1] - axis[0]) for axis in (lat, lon)]  # with half a cell around
    area = "Earth" if wide[0] > 179 and wide[1] > 359 else "grid"
    table = _class_shares(classes, lat, labels, f"whole {area}")
    shares = ", ".join(f"{label}: {percent(table[label].iloc[-1] / 100)}" for label in labels)
    summary = f"{name}, share of the {area}: {shares}."
    return _layer(name, spec, legend, summary, table.round(2), visible)


def chart(drawn, name, *, alt, table, marks=(), more=dict):
    """What is shown under the map: drawings of `charts.draw`, or {"src": address of a picture}."""
    spec = {"kind": "chart", "alt": alt, **drawn}
    return replace(_layer(name, spec, [], alt, table, True), marks=tuple(marks), more=more)


def with_base64(spec):
    """Return the spec with its bytes as base64 text, for a page where only JSON can travel."""
    return {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in spec.items()}


def once(keys, where):
    """Refuse a key that comes twice: both would be counted, and one drawn."""
    keys = pd.Index(keys)
    if keys.has_duplicates:
        twice = keys[keys.duplicated()][0]
        raise InputError(f"{where}: {twice!r} comes twice; drop one, or give it another name.")


def _layer(name, spec, legend, summary, table, visible):
    spec = {"name": name, "legend": legend, "visible": visible, **spec}
    return Layer(name, spec, summary, table)


def _entry(text, color, shape, **more):
    return {"text": text, "color": style.color(color), "shape": shape, **more}


def _cards(popup, name):
    """Return {key: [[field, text], ...]} of a frame with the keys as its index, or of a dict."""
    if isinstance(popup, pd.DataFrame):
        once(popup.index, f"layer {name!r}")
        rows = popup.astype(object).to_dict("index").items()
        popup = {k: {heading(f): v for f, v in row.items() if not pd.isna(v)} for k, row in rows}
    return {k: [[str(f), _text(v)] for f, v in card.items()] for k, card in (popup or {}).items()}


def _pieces(paths, name, closed):
    """Return the pieces of each path as lists of rounded rows; refuse what cannot be drawn."""
    paths = [[np.asarray(piece, float) for piece in path if len(piece)] for path in paths]
    every = [piece for path in paths for piece in path]
    fit = all(piece.ndim == 2 and piece.shape[1] == 2 for piece in every)
    rows = [np.concatenate([piece, piece[:1]]) if closed else piece for piece in every if fit]
    all_rows = np.concatenate([*rows, np.empty((0, 2))])
    if not fit or not np.isfinite(all_rows).all():
        raise InputError(f"layer {name!r}: give lists of lines, [[(lat, lon), ...]], all finite.")
    _on_earth(*all_rows.T, name)
    jumps = np.abs(np.diff(all_rows[:, 1]))
    jumps[np.cumsum([len(piece) for piece in rows], dtype=int)[:-1] - 1] = 0  # to the next piece
    for row in np.flatnonzero((jumps > 180) & (jumps < 359.99)):  # along the map it may go on
        cut = "split_ring" if closed else "split_antimeridian"
        where = "from longitude {:g} to {:g} it goes over ±180°".format(*all_rows[row : row + 2, 1])
        raise InputError(f"layer {name!r}: {where}: cut it with geometry.{cut}(lat, lon).")
    digits = 8 if len(rows) and np.ptp(all_rows, axis=0).max() < 0.1 else 2  # a map of metres
    return [[np.round(piece, digits).tolist() for piece in path] for path in paths]


def _on_earth(lat, lon, name):
    """Refuse places that no map has; what models compute may be off by their rounding."""
    for row in np.flatnonzero((np.abs(lat) > 90.001) | (np.abs(lon) > 180.001)):
        where = f"latitude {lat[row]:g}, longitude {lon[row]:g} is no place"
        remedy = "are the two swapped?" if abs(lat[row]) > 90 else "give it from -180 to 180."
        raise InputError(f"layer {name!r}: {where}: {remedy}")


def _even(values, side, name):
    """Return the coordinates of a grid, which are two or more, in even steps and on the map."""
    steps, most = np.diff(values), 90.001 if side == "lat" else 540
    even = len(steps) and np.ptp(steps) < 1e-3 * abs(steps[0]) and np.ptp(values) < 360.001
    if not even or np.abs(values).max() > most or (side == "lon" and steps[0] < 0):
        remedy = f"use field.sortby({side!r}), or interpolate"
        raise InputError(f"layer {name!r}: {side} has no even, rising steps on the map; {remedy}.")
    return values


def _level_labels(levels, unit):
    unit = f" {unit}" if unit else ""
    inner = [f"{a:g}–{b:g}{unit}" for a, b in pairwise(levels)]
    return [f"below {levels[0]:g}{unit}", *inner, f"{levels[-1]:g}{unit} or more"]


def _class_shares(classes, lat, labels, whole):
    """Return a table of the share of each class, by band of latitude and of all, in per cent."""
    weights, low = np.cos(np.radians(lat)), np.clip(np.floor(lat / 30) * 30, -90, 60).astype(int)
    parts = np.array([(classes == i).mean(axis=1) for i in range(len(labels))]) * weights
    bands = {f"{_lat(a)} to {_lat(a + 30)}": low == a for a in sorted(set(low), reverse=True)}
    bands[whole] = low == low
    shares = [parts[:, band].sum(1) / max(weights[band].sum(), 1e-12) for band in bands.values()]
    table = pd.DataFrame(100 * np.array(shares), columns=labels)
    table.insert(0, "latitudes", list(bands))
    return table


def _lat(value):
    return f"{abs(value)}°{'N' if value > 0 else 'S' if value < 0 else ''}"


def heading(column):
    """Return the name of a column in words."""
    return "sources" if column == "source_ids" else str(column).replace("_", " ")


def _text(value):
    if value is None or value is pd.NA or value != value:
        return "not known"
    if isinstance(value, float | np.floating):
        return f"{value:z.6g}" if np.isfinite(value) else "infinite"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d" if value == value.normalize() else "%Y-%m-%d %H:%M UTC")
    return data.publishers(s) if re.fullmatch(r"S\d{3}(;S\d{3})*", s := str(value)) else s


def world(layers=(), *, title, bounds=WORLD, height=520, online_tiles=False):
    """Return a map of the world that stands still.

    layers: `helpers.maps.Layer`s, drawn from the first (below) to the last (above).
    title: what the map shows; screen readers say it. bounds: ((south, west), (north, east)) in
    degrees. height: pixels, legend included. online_tiles: True for OpenStreetMap or an address
    with {z}/{x}/{y}; needs a network and changes the projection to Web Mercator (EPSG:3857).
    """
    from helpers.page import OfflineMap

    return OfflineMap(layers, title=title, bounds=bounds, height=height, online_tiles=online_tiles)


def offline(map, *, title, height=400):
    """Return the same plain `folium.Map`; from now on it shows itself without a network.

    title: what the map shows; screen readers say it. height: pixels. What is added to the map
    later is shown too. InputError: it has online tiles, or something on it that loads a file.
    """
    from helpers.page import taken_offline

    return taken_offline(map, title, height)


def live_page(title, bounds=WORLD):
    """Return the page of a live map: folium drew it for all, less what they share (see MARK)."""
    page = (STATIC / "live.html").read_text("utf-8").replace("EPSG4326", crs(bounds))
    page = page.replace("CONFIG", embedded(config(bounds, live=True)))
    return page.replace("TITLE", escape(title))


def crs(bounds):
    """Return the projection of a map: what is less than a degree high keeps its shape."""
    return "EPSG3857" if bounds[1][0] - bounds[0][0] < 1 else "EPSG4326"


def config(bounds, layers=(), land=style.LAND, *, live=False):
    """Return what our script is told of a map."""
    drawn = [with_base64(layer.spec) for layer in layers]
    return {"bounds": bounds, "land": land, "hint": HINT, "live": live, "layers": drawn}


def twins(layers, summary, rows=TWIN_ROWS):
    """Return summary and tables of the layers as HTML; every value is escaped."""
    tables = "".join(twin(layer, rows) for layer in layers)
    return f'<div class="mathjax_ignore"><p>{escape(summary)}</p>{tables}</div>'


def stored(layers, summary, key):
    """Return what a live map leaves in a saved notebook; the widget of this key hides it."""
    html = (STATIC / "stored.html").read_text("utf-8").replace("KEY", key)
    html = html.replace("TWINS", twins(layers, summary, STORED_ROWS))
    return {"text/html": html, "text/plain": summary}


def twin(layer, rows=TWIN_ROWS):
    """Return the name and the table of a layer as HTML, cut after so many rows."""
    shown = layer.table.head(rows).rename_axis(columns=None)  # which would head no column
    table = shown.to_html(index=False, border=0, na_rep="not known", float_format=_text)
    more = f"<p>The first {rows} of {len(layer.table)} rows.</p>" * (len(layer.table) > rows)
    return f"<p><strong>{escape(layer.name)}</strong></p>{table}{more}"


@cache
def _codes():
    return {shape["properties"]["iso3"] for shape in data.shapes()["features"]} - {None}


def origins():
    """Return the files of which `assets` and what else a live map needs are made."""
    ours = [Path(__file__), *sorted(STATIC.iterdir()), data.FOLDER / "countries.geojson"]
    return [*ours, _leaflet("js"), _leaflet("css")]


def _leaflet(kind):
    return resources.files("xstatic.pkg.leaflet") / "data" / f"leaflet.{kind}"


@cache
def assets():
    """Return what every page carries in its head, as {name: markup}; read once."""
    css = [_leaflet("css").read_text("utf-8"), (STATIC / "map.css").read_text("utf-8")]
    script = _leaflet("js").read_text("utf-8")
    script = script.replace("//# sourceMappingURL=leaflet.js.map", "")
    scripts = [script, *((STATIC / name).read_text("utf-8") for name in ("chinese.js", "map.js"))]
    markup = {"css": "".join(f"<style>{text}</style>" for text in css)}
    markup["js"] = "".join(f"<script>{text}</script>" for text in scripts)
    markup["land"] = f'<script type="application/json" id="land">{embedded(data.shapes())}</script>'
    return markup


def embedded(value):
    """JSON that may stand inside a script element: no text in it can open or end an element."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
