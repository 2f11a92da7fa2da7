"""Layers of a map as a still picture, drawn by matplotlib in the look of `maps.world`.

For paper, and where a picture is evidence.
"""

import base64
import io
from functools import cache

import numpy as np
import pandas as pd

from helpers import data, figures, maps, style

SEA, BORDER, SOFT = "#dfeaf2", "#4a5560", "#52606d"
TALLEST = 0.62  # of the width; a country that is taller gets more of what lies beside it
POINTS = 0.75  # in a pixel of the page


def picture(layers, *, title, bounds=maps.WORLD, width=7.2):
    """Return layers as a still picture (PNG) with the look of a map: a layer, as of `charts.draw`.

    Arguments as for `maps.world`; width in inches. Layers that are switched off, and charts, are
    left out. The legend stands beneath, and the line on borders. Its table is that of the layers.
    """
    shown = [layer for layer in layers if layer.spec["kind"] != "chart" and layer.spec["visible"]]
    maps.once([layer.name for layer in shown], f"picture {title!r}")
    words = " ".join([f"{title}.", *(layer.summary for layer in shown)])
    tables = {layer.name: layer.table for layer in shown} or {title: pd.DataFrame()}
    if len(tables) > 1:
        tables = {title: pd.concat(tables, names=["layer"]).reset_index(level=0)}
    [(name, table)] = tables.items()
    layer = maps.chart(_figure(shown, bounds, width), name, alt=words, table=table)
    layer.spec["src"] = _packed(layer.spec["src"])
    return layer


def _packed(source):
    """Return a picture (data URI) in 256 colours: half the bytes, and a map has few colours."""
    from PIL import Image

    start, comma, text = source.partition(",")
    out = io.BytesIO()
    image = Image.open(io.BytesIO(base64.b64decode(text)))
    image.quantize(256, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return start + comma + base64.b64encode(out.getvalue()).decode()


def _figure(layers, bounds, width):
    """Return layers over the land as a matplotlib figure; arguments as for `picture`."""
    from matplotlib.figure import Figure

    (south, west), (north, east) = bounds
    stretch = max(np.cos(np.radians((south + north) / 2)), 0.2)  # true shapes in the middle
    more = max((north - south) / TALLEST / stretch - (east - west), 0) / 2
    west, east = max(west - more, -180), min(east + more, 180)
    wide, policy = width - 0.1, figures.wrapped(data.BORDER_POLICY, width - 0.3)
    high = min((north - south) / (east - west) / stretch, 1) * wide
    keys, rows = figures.flow([key for layer in layers for key in _keys(layer)], width - 0.2)
    foot = rows + figures.high(policy) + 0.15
    tall = foot + high + 0.05
    page = Figure(figsize=(width, tall))
    box = [0.05 / width, foot / tall, wide / width, high / tall]
    axes = page.add_axes(box, facecolor=SEA, xlim=(west, east), ylim=(south, north))
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(color=SOFT, linewidth=0.5)
    specs = [layer.spec for layer in layers]
    _ground(axes, specs)
    for order, spec in enumerate(specs, 4):
        PAINTERS[spec["kind"]](axes, spec, order)
    figures.draw_legend(page, keys, 0.1, foot - 0.07)
    page.text(0.1 / width, 0.04 / tall, policy, size=7, color=SOFT, va="bottom")
    return page


def _ground(axes, specs):
    """Draw land in the colours of layers of countries, then borders and graticule."""
    from matplotlib.collections import PathCollection

    fills = [(s, s["class"]) for s in specs if s["kind"] == "countries"]
    fills = {k: s["legend"][n]["color"] for s, kinds in fills for k, n in kinds.items()}
    fill = {"facecolors": [fills.get(k, style.LAND) for k in _land()], "edgecolors": "none"}
    edge = {"facecolors": "none", "edgecolors": BORDER, "linewidths": 0.45, "alpha": 0.8}
    for look, order in ((fill, 1), (edge, 3)):
        axes.add_collection(PathCollection(list(_land().values()), zorder=order, **look))
    lines = [axes.axvline(lon) for lon in range(-150, 180, 30)]
    for line in (*lines, *map(axes.axhline, range(-60, 90, 30))):
        line.set(color=SOFT, linewidth=0.3, alpha=0.5, zorder=3)


def _points(axes, spec, order):
    lat, lon, kinds = (np.array(spec[key]) for key in ("lat", "lon", "class"))
    for kind, look in enumerate(spec["legend"]):
        mark = {"marker": style.MARKERS[look["shape"]], "ms": 2 * POINTS * spec["size"]}
        mark |= {"color": look["color"], "mec": "white", "mew": 0.8, "ls": "none"}
        axes.plot(lon[kinds == kind], lat[kinds == kind], zorder=order, **mark)
    look = {"va": "center", "family": figures.fonts(), "fontsize": figures.SMALL}
    look |= {"textcoords": "offset points", "zorder": order + 0.5, "parse_math": False}
    east = axes.get_xlim()[1] - np.ptp(axes.get_xlim()) / 4
    for y, x, text in zip(lat, lon, spec["label"] if spec["labels"] else [], strict=False):
        away, side = (POINTS * (spec["size"] + 4), "left") if x < east else (-6, "right")
        axes.annotate(text, (x, y), (away, 0), ha=side, **look)


def _lines(axes, spec, order):
    from matplotlib.collections import LineCollection, PolyCollection

    fill = spec["kind"] == "areas"
    for pieces, color, dash in zip(spec["paths"], spec["color"], spec["dash"], strict=True):
        look = {"edgecolors": color, "linestyles": figures.dashes(dash), "zorder": order}
        look |= {"facecolors": [(color, spec["opacity"])]} if fill else {}
        pieces = [np.array(piece)[:, ::-1] for piece in pieces]
        kind = PolyCollection if fill else LineCollection
        axes.add_collection(kind(pieces, linewidths=POINTS * spec["weight"], **look))


def _grid(axes, spec, order):
    from matplotlib.colors import to_rgba_array

    (lat0, lat1, rows), (lon0, step, columns) = spec["lat"], spec["lon"]
    colors = np.zeros((256, 4))  # what has no class is not seen
    legend = [key["color"] for key in spec["legend"]]
    colors[: len(legend)] = to_rgba_array(legend, spec["opacity"])
    cells = colors[np.frombuffer(spec["cells"], np.uint8).reshape(rows, columns)]
    high, west = (lat1 - lat0) / (rows - 1) / 2, lon0 - step / 2
    look = {"origin": "lower", "interpolation": "nearest", "aspect": "auto", "zorder": 2}
    for turn in (-360, 0, 360):  # the cells at 180 degrees lie on both sides of it
        sides = (west + turn, west + turn + step * columns)
        axes.imshow(cells, extent=(*sides, lat0 - high, lat1 + high), **look)


PAINTERS = {"points": _points, "lines": _lines, "areas": _lines, "grid": _grid}
PAINTERS["countries"] = lambda axes, spec, order: None  # the land has their colours


def _keys(layer):
    """Return (text, look) of the legend of a layer; its name comes first where it says more."""
    keys = [(key["text"], _look(key)) for key in layer.spec["legend"]]
    return keys if [text for text, _ in keys] == [layer.name] else [(f"{layer.name}:", None), *keys]


def _look(key):
    kind = {"area": "bars", "line": "lines"}.get(key["shape"], "dots")
    return kind, key["color"], key.get("dash", "") if kind != "dots" else key["shape"], False


@cache
def _land():
    """Return {iso3: matplotlib path} of all countries, holes included."""
    from matplotlib.path import Path

    found = {}
    for feature in data.shapes()["features"]:
        shape = feature["geometry"]
        parts = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        rings = [Path(ring, closed=True) for part in parts for ring in part]
        found[feature["properties"]["iso3"] or len(found)] = Path.make_compound_path(*rings)
    return found
