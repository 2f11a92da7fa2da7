"""Still pictures by matplotlib: layers of a map in the look of `maps.world`, and charts as PNG.

For paper, for files, and where a picture is evidence. A chart is drawn from its own SVG, so that
the file and the page show the same.
"""

import base64
import io
import re
import unicodedata
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from helpers import data, figures, maps, style

SEA, BORDER, SOFT = "#dfeaf2", "#4a5560", "#52606d"
TALLEST = 0.62  # of the width; a country that is taller gets more of what lies beside it
POINTS = 0.75  # in a pixel of the page
# matplotlib's code for each shape, so that a still map's points look like a map's.
MARKERS = dict(zip(style.SHAPES, "os^D*Xhv", strict=True))
DPI, MILS = 110, 1000  # of a picture; lengths of a chart's SVG in an inch
CHINESE_FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Zen Hei", "PingFang SC")
CHINESE_FONTS += ("Microsoft YaHei", "SimHei")


def png(layer):
    """Return the picture of a chart as PNG: its wide drawing, or the picture that it is."""
    if "src" in layer.spec:
        return base64.b64decode(layer.spec["src"].split(",")[1])
    out = io.BytesIO()
    chart_figure(layer).savefig(out, format="png", dpi=DPI)
    return out.getvalue()


def held(figure):
    """Return what `maps.chart` takes of a matplotlib figure: {"src": the picture itself}."""
    figure.savefig(out := io.BytesIO(), format="png", dpi=DPI)
    return {"src": "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()}


def chart_figure(layer, drawing="wide"):
    """Return a drawing of a chart, the "wide" or the "narrow" one, as a matplotlib figure."""
    from matplotlib.figure import Figure

    elements = tree(layer.spec[drawing])
    size = [float(side) / MILS for side in elements.get("viewBox").split()[2:]]
    page = Figure(figsize=size)
    _draw_svg(page, elements)
    return page


def tree(svg):
    """Return an SVG text as elements, without characters that XML has no place for."""
    return ElementTree.fromstring(re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", "", svg))


@cache
def fonts():
    """Return the fonts: the usual one, then one with Chinese characters if the machine has it."""
    from matplotlib import font_manager

    have = {font.name for font in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *[name for name in CHINESE_FONTS if name in have][:1]]


def _drawable(text):
    """Return a text without the Chinese that no font of this machine has; the table keeps it."""
    if len(fonts()) > 1:
        return text
    kept = "".join(c for c in text if unicodedata.east_asian_width(c) not in "WF")
    return kept if kept.strip(" ()\n") or not text else "(see the table)"


def _draw_svg(page, drawing, within=None, above=0.0):
    """Draw the elements that `helpers.figures` writes; `above`: inches left free at the top."""
    from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

    top = page.get_figheight() - above
    hatch_color = None
    inches = Affine2D().scale(1 / MILS, -1 / MILS).translate(0, top) + page.dpi_scale_trans
    for element in drawing:
        tag = element.tag.rpartition("}")[2]
        if tag == "svg":  # a window on the same page
            x, y, wide, tall = map(float, element.get("viewBox").split())
            box = TransformedBbox(Bbox([[x, y], [x + wide, y + tall]]), inches)
            _draw_svg(page, element, box, above)
            continue
        if tag == "style":
            continue
        if tag == "pattern":  # of the hatch of the path that follows
            hatch_color = _look(element[0], "stroke")
            continue
        drawn = _svg_text(element) if tag == "text" else _svg_path(element, hatch_color)
        drawn.set(transform=inches, clip_box=within)
        page.add_artist(drawn)


def _look(element, name):
    """Return a colour of an element as matplotlib has it."""
    page = {"currentColor": "black", "var(--silkroad-paper,#fff)": "white"}
    given = element.get(name, "none")
    return page.get(given, given)


def _svg_path(element, hatch_color):
    """Return a path of `helpers/static/chart.svg` as a patch."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    points, codes, start = [], [], None
    for command, text in re.findall("([MmlhHVz])([^MmlhHVz]*)", element.get("d")):
        numbers = np.array(re.findall(r"-?[\d.]+", text), float)
        here = points[-1] if points else (0, 0)
        if command in "Mm":
            if command == "m":  # from the middle of a dot to its first corner
                numbers[:2] += points.pop()
                codes.pop()
            more = [numbers[:2]]
        elif command == "l":
            more = list(here + np.cumsum(numbers.reshape(-1, 2), axis=0))
        elif command == "z":
            more = [start]
        else:
            x = here[0] + max(numbers[0], 2) if command == "h" else numbers[0]
            more = [(here[0], numbers[0]) if command == "V" else (x, here[1])]
        start = more[0] if command in "Mm" else start
        code = {"M": Path.MOVETO, "m": Path.MOVETO, "z": Path.CLOSEPOLY}.get(command, Path.LINETO)
        codes += [code] * len(more)
        points += more
    path = Path(points, codes)
    path.should_simplify = False  # a dot, a line without length, would vanish
    width = float(element.get("stroke-width", 0)) / MILS * 72
    looks = {"facecolor": _look(element, "fill"), "edgecolor": _look(element, "stroke")}
    looks |= {"alpha": float(element.get("opacity", 1)), "linewidth": width}
    cap = element.get("stroke-linecap", "butt").replace("square", "projecting")
    looks |= {"capstyle": cap, "joinstyle": "round"}
    if dash := element.get("stroke-dasharray", "").split():
        looks["linestyle"] = (0, [float(n) / MILS * 72 / width for n in dash])
    if sign := element.get("data-hatch"):
        looks |= {
            "facecolor": "none",
            "edgecolor": hatch_color,
            "hatch": sign[0] * (6 if sign == "/" else 4),
        }
    return PathPatch(path, snap=False, **looks)


def _svg_text(element):
    """Return a line of words as a matplotlib text."""
    from matplotlib.patheffects import withStroke
    from matplotlib.text import Text

    align = {"middle": "center", "end": "right"}.get(element.get("text-anchor"), "left")
    looks = {"family": fonts(), "color": _look(element, "fill"), "parse_math": False}
    looks["fontsize"] = float(element.get("font-size", figures.SMALL / 72 * MILS)) / MILS * 72
    looks |= {"alpha": float(element.get("opacity", 1)), "va": "baseline", "ha": align}
    looks |= {"weight": element.get("font-weight", "normal"), "rotation_mode": "anchor"}
    looks["color"] = "black" if element.get("fill") is None else looks["color"]
    looks["rotation"] = 90 * ("transform" in element.attrib)
    if "stroke" in element.attrib:
        halo = withStroke(linewidth=4.5, foreground=_look(element, "stroke"))
        looks["path_effects"] = [halo]
    place = float(element.get("x")), float(element.get("y"))
    return Text(*place, _drawable(element.text or ""), **looks)


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
    drawn = {"src": _packed(_figure(shown, bounds, width))}
    return maps.chart(drawn, name, alt=words, table=table)


def _packed(figure):
    """Return a figure as a data URI in 256 colours: half the bytes, and a map has few colours."""
    from PIL import Image

    plain = {"compress_level": 0}  # it is read again at once
    figure.savefig(drawn := io.BytesIO(), format="png", dpi=DPI, pil_kwargs=plain)
    image = Image.open(drawn).quantize(256, dither=Image.Dither.NONE)
    image.save(out := io.BytesIO(), "png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def _figure(layers, bounds, width):
    """Return layers over the land as a matplotlib figure; arguments as for `picture`."""
    from matplotlib.figure import Figure

    (south, west), (north, east) = bounds
    stretch = max(np.cos(np.radians((south + north) / 2)), 0.2)  # true shapes in the middle
    more = max((north - south) / TALLEST / stretch - (east - west), 0) / 2
    west, east = max(west - more, -180), min(east + more, 180)
    wide, policy = width - 0.1, figures.wrapped(data.BORDER_POLICY, width - 0.3)
    high = min((north - south) / (east - west) / stretch, 1) * wide
    placed, rows = figures.flow([key for layer in layers for key in _keys(layer)], width - 0.2)
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
    keys = figures.svg(entries=placed, left=0.1)
    _draw_svg(page, tree(f"<svg>{keys}</svg>"), above=tall - foot + 0.07)
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
        mark = {"marker": MARKERS[look["shape"]], "ms": 2 * POINTS * spec["size"]}
        mark |= {"color": look["color"], "mec": "white", "mew": 0.8, "ls": "none"}
        axes.plot(lon[kinds == kind], lat[kinds == kind], zorder=order, **mark)
    look = {"va": "center", "family": fonts(), "fontsize": figures.SMALL}
    look |= {"textcoords": "offset points", "zorder": order + 0.5, "parse_math": False}
    east = axes.get_xlim()[1] - np.ptp(axes.get_xlim()) / 4
    for y, x, text in zip(lat, lon, spec["label"] if spec["labels"] else [], strict=False):
        away, side = (POINTS * (spec["size"] + 4), "left") if x < east else (-6, "right")
        axes.annotate(text, (x, y), (away, 0), ha=side, **look)


def _lines(axes, spec, order):
    from matplotlib.collections import LineCollection, PolyCollection

    fill = spec["kind"] == "areas"
    for pieces, color, dash in zip(spec["paths"], spec["color"], spec["dash"], strict=True):
        look = {"edgecolors": color, "linestyles": _dashes(dash), "zorder": order}
        look |= {"facecolors": [(color, spec["opacity"])]} if fill else {}
        pieces = [np.array(piece)[:, ::-1] for piece in pieces]
        kind = PolyCollection if fill else LineCollection
        axes.add_collection(kind(pieces, linewidths=POINTS * spec["weight"], **look))


def _dashes(dash):
    """Return a dash as on maps ("6 4") in matplotlib's form."""
    parts = tuple(float(part) / 2 for part in dash.replace("→", "").split())
    return (0, parts) if parts else "-"


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
    keys = [(key["text"], _key_look(key)) for key in layer.spec["legend"]]
    return keys if [text for text, _ in keys] == [layer.name] else [(f"{layer.name}:", None), *keys]


def _key_look(key):
    kind = {"area": "bars", "line": "lines"}.get(key["shape"], "dots")
    dash = key.get("dash", "").replace("→", "").strip()  # a still has no arrows
    return kind, key["color"], dash if kind != "dots" else key["shape"], False


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
