"""What can lie on a map: points, lines, areas, countries, grids; and charts beside it.

A layer is a plain value: what the page draws (`spec`), and its twins for readers who do not use
the picture (`summary`, one sentence; `table`, a DataFrame). Layers know nothing of folium or
widgets: `maps` draws them once, `livemap` replaces them in place. Angles are degrees, latitudes
north-positive, longitudes east-positive.
"""

import base64
import io
import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from helpers import style
from helpers.inputs import InputError

NONE = 255  # the class number of a grid cell without a value


@dataclass(frozen=True)
class Layer:
    """One layer: its `id` and `name`, the `spec` the page draws, `summary` and `table` twins."""

    id: str
    name: str
    spec: dict
    summary: str
    table: pd.DataFrame


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
    `styles` {value: (colour, shape)} or in order of appearance; `popup` the columns shown on click.
    `source_ids` and `confidence` are added to the popup where the frame has them.
    `labels=True` prints the label beside each point. Rows without a position are refused.
    """
    _need(frame, ["lat", "lon", label, *([category] if category else []), *popup], name)
    lat, lon = frame["lat"].to_numpy(float), frame["lon"].to_numpy(float)
    if not (np.isfinite(lat).all() and np.isfinite(lon).all()):
        bad = frame.loc[~(np.isfinite(lat) & np.isfinite(lon)), label].iloc[0]
        raise InputError(f"layer {name!r}: {bad!r} has no position; drop it or fill lat and lon.")
    kinds = list(dict.fromkeys(frame[category].astype(str))) if category else [name]
    if category and styles:  # the order of the legend is the author's, not the data's
        kinds = [k for k in styles if k in kinds] + [k for k in kinds if k not in styles]
    looks = [(styles or {}).get(kind) or style.category_style(i) for i, kind in enumerate(kinds)]
    if not category and styles:
        looks = [next(iter(styles.values()))]
    column = list(popup) + [
        c for c in ("source_ids", "confidence") if c in frame and c not in popup
    ]
    numbers = (
        frame[category].astype(str).map(kinds.index).tolist() if category else [0] * len(frame)
    )
    spec = {
        "kind": "points",
        "lat": np.round(lat, 3).tolist(),
        "lon": np.round(lon, 3).tolist(),
        "class": numbers,
        "label": frame[label].astype(str).tolist(),
        "fields": [_heading(c) for c in column],
        "popup": [[_text(value) for value in row] for row in frame[column].to_numpy(object)],
        "size": size,
        "labels": labels,
    }
    legend = [
        {"text": k, "color": style.color(c), "shape": s}
        for k, (c, s) in zip(kinds, looks, strict=True)
    ]
    counts = pd.Series(numbers).value_counts()
    parts = ", ".join(f"{counts.get(i, 0)} {kind}" for i, kind in enumerate(kinds))
    summary = f"{name}: {len(frame)} points" + (f" ({parts})." if category and len(frame) else ".")
    keep = [label, *([category] if category else []), "lat", "lon", *column]
    table = frame[list(dict.fromkeys(keep))].reset_index(drop=True)
    return _layer(name, spec, legend, summary, table, visible)


def lines(paths, name, *, color="blue", dash="", weight=1.6, styles=None, popup=None, visible=True):
    """Lines from {label: [array (n, 2) of lat, lon, ...]}; several pieces make one line.

    Lines that cross ±180° come in pieces (see `orbits.split_antimeridian`). `styles` maps labels
    to (colour, dash) and then gives each its own entry in the legend; `popup` maps labels to a
    {field: value} dict shown on click.
    """
    labels = list(paths)
    looks = [(styles or {}).get(label, (color, dash)) for label in labels]
    spec = {
        "kind": "lines",
        "label": labels,
        "paths": [_pieces(paths[label], name) for label in labels],
        "color": [style.color(c) for c, _ in looks],
        "dash": [d for _, d in looks],
        "weight": weight,
        "popup": [
            [[str(k), _text(v)] for k, v in (popup or {}).get(label, {}).items()]
            for label in labels
        ],
    }
    if styles:
        legend = [
            {"text": label, "color": style.color(c), "dash": d, "shape": "line"}
            for label, (c, d) in zip(labels, looks, strict=True)
        ]
    else:
        legend = [{"text": name, "color": style.color(color), "dash": dash, "shape": "line"}]
    table = pd.DataFrame(
        {"name": labels, "points": [sum(len(p) for p in paths[label]) for label in labels]}
    )
    summary = f"{name}: {len(labels)} lines." if len(labels) != 1 else f"{name}: {labels[0]}."
    return _layer(name, spec, legend, summary, table, visible)


def areas(rings, name, *, color="blue", styles=None, opacity=0.18, visible=True):
    """Filled areas from {label: [array (n, 2) of lat, lon, ...]}, one ring or several each.

    `styles` maps labels to (colour, dash), as in `lines`.
    """
    layer = lines(rings, name, color=color, styles=styles, visible=visible)
    legend = [{**entry, "shape": "area"} for entry in layer.spec["legend"]]
    spec = {**layer.spec, "kind": "areas", "opacity": opacity, "legend": legend}
    return Layer(layer.id, name, spec, f"{name}: {len(rings)} areas.", layer.table)


def countries(values, name, *, styles, popup=None, visible=True):
    """Colour countries: `values` is a Series {iso3: category}, `styles` {category: colour}.

    The shapes are already in the page; only the categories travel. `popup` maps iso3 to a
    {field: value} dict shown on click. Countries not named keep the colour of land.
    """
    values = pd.Series(values, dtype=object)
    unknown = sorted(set(values.astype(str)) - set(styles))
    if unknown:
        raise InputError(f"layer {name!r}: no colour for {unknown[0]!r}; add it to styles.")
    kinds = list(styles)
    spec = {
        "kind": "countries",
        "class": {iso3: kinds.index(str(v)) for iso3, v in values.items()},
        "popup": {k: [[str(f), _text(v)] for f, v in d.items()] for k, d in (popup or {}).items()},
    }
    counts = values.astype(str).value_counts()
    legend = [{"text": k, "color": style.color(c), "shape": "area"} for k, c in styles.items()]
    parts = ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in kinds)
    table = pd.DataFrame({"iso3": values.index, "category": values.astype(str).to_numpy()})
    return _layer(name, spec, legend, f"{name}: {parts}.", table, visible)


def grid(field, name, *, levels, labels=None, colors=None, unit="", opacity=0.75, visible=True):
    """A raster from an xarray DataArray with dims (lat, lon), drawn in classes.

    `levels` are the inner class bounds, ascending: n bounds make n + 1 classes (value < first,
    …, value ≥ last; infinity belongs to the last). NaN is drawn as nothing. `labels` and `colors`
    have n + 1 entries. The twin table gives the share of each class by band of latitude,
    weighted by area.
    """
    lat, lon = field["lat"].to_numpy(), field["lon"].to_numpy()
    values = field.transpose("lat", "lon").to_numpy()
    classes = np.digitize(values, levels).astype(np.uint8)
    classes[np.isnan(values)] = NONE
    count = len(levels) + 1
    labels = list(labels or _level_labels(levels, unit))
    colors = [style.color(c) for c in (colors or style.sequential(count))]
    if len(labels) != count or len(colors) != count:
        raise InputError(f"layer {name!r}: {count} classes need {count} labels and colours.")
    spec = {
        "kind": "grid",
        "lat": [float(lat[0]), float(lat[-1]), len(lat)],
        "lon": [float(lon[0]), float(lon[1] - lon[0]), len(lon)],
        "cells": classes.tobytes(),
        "opacity": opacity,
    }
    legend = [{"text": t, "color": c, "shape": "area"} for t, c in zip(labels, colors, strict=True)]
    table = _class_shares(classes, lat, labels)
    shares = ", ".join(f"{label}: {table[label].iloc[-1]:.1f} %" for label in labels)
    return _layer(name, spec, legend, f"{name}, share of the Earth: {shares}.", table, visible)


def chart(figure, name, *, alt, table):
    """A matplotlib figure shown under the map, with its alt text and its table twin."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    source = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    return _layer(name, {"kind": "chart", "src": source, "alt": alt}, [], alt, table, True)


def with_base64(spec):
    """Return the spec with its bytes as base64 text, for a page where only JSON can travel."""
    return {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in spec.items()}


def _layer(name, spec, legend, summary, table, visible):
    slug = re.sub(r"\W+", "_", name.lower()).strip("_")
    return Layer(
        slug,
        name,
        {"id": slug, "name": name, "legend": legend, "visible": visible, **spec},
        summary,
        table,
    )


def _need(frame, columns, name):
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        have = ", ".join(map(str, frame.columns))
        raise InputError(f"layer {name!r} needs the column {missing[0]!r}; the table has: {have}.")


def _pieces(pieces, name):
    out = []
    for piece in pieces:
        piece = np.asarray(piece, float)
        if piece.ndim != 2 or piece.shape[1] != 2 or not np.isfinite(piece).all():
            raise InputError(f"layer {name!r}: a line is an array of finite (lat, lon) rows.")
        out.append(np.round(piece, 2).tolist())
    return out


def _level_labels(levels, unit):
    unit = f" {unit}" if unit else ""
    inner = [f"{a:g}–{b:g}{unit}" for a, b in pairwise(levels)]
    return [f"below {levels[0]:g}{unit}", *inner, f"{levels[-1]:g}{unit} or more"]


def _class_shares(classes, lat, labels):
    weights = np.repeat(np.cos(np.radians(lat))[:, None], classes.shape[1], 1)
    bands = [(a, a + 30) for a in range(60, -91, -30)]
    rows = [(lat >= a) & ((lat < b) | (b == 90)) for a, b in bands] + [np.full(len(lat), True)]
    names = [f"{_lat(a)} to {_lat(b)}" for a, b in bands] + ["whole Earth"]
    table = {"latitudes": [], **{label: [] for label in labels}}
    for name, row in zip(names, rows, strict=True):
        if not row.any():
            continue
        table["latitudes"].append(name)
        total = max(weights[row].sum(), 1e-12)
        for i, label in enumerate(labels):
            share = (weights[row] * (classes[row] == i)).sum() / total
            table[label].append(round(100 * share, 2))
    return pd.DataFrame(table)


def _lat(value):
    return f"{abs(value)}°{'N' if value > 0 else 'S' if value < 0 else ''}"


def _heading(column):
    return {"source_ids": "sources"}.get(column, column.replace("_", " "))


def _text(value):
    if (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or (isinstance(value, float) and np.isnan(value))
    ):
        return "not known"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d" if value == value.normalize() else "%Y-%m-%d %H:%M UTC")
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)
