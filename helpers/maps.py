"""A folium map that needs no network, with a legend that switches layers and twins in words.

`world(layers)` is a `folium.Map`: whatever folium can add that loads no files works on it too.
Everything the page needs (Leaflet, jQuery, the countries, our script) stands inside the page.
The default projection is plate carrée (EPSG:4326): the whole Earth, both poles, and no Greenland
the size of Africa. Online tiles, which need a network and Web Mercator, are the reader's choice.
"""

import json
import re
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from helpers import data, style
from helpers.inputs import InputError
from helpers.layers import with_base64

STATIC = Path(__file__).parent / "static"
WORLD = ((-60, -180), (84, 180))  # south-west and north-east corners, degrees
TWIN_ROWS = 200  # a longer table is cut on the page, never in `.table`
ONLINE_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
MARK = "<!-- silkroad {} -->"  # `static/player.js` puts what is meant in its place
HINT = "Point at the map for position and country; click a mark for its sources."


class OfflineMap(folium.Map):
    """A folium map whose page asks nobody for anything.

    Parameters are those of `world`. Attributes: `layers` (as given), `summary` (text twin of all
    layers), `tables` {layer name: DataFrame}, `table` (the first layer's DataFrame).
    """

    default_js = ()
    default_css = ()

    def __init__(
        self, layers=(), *, title, bounds=WORLD, height=520, online_tiles=False, live=False
    ):
        """Build the page; see `world`."""
        super().__init__(
            tiles=None,
            crs="EPSG3857" if online_tiles else "EPSG4326",
            zoom_start=1,
            zoom_snap=0,
            zoom_delta=0.5,
            wheel_px_per_zoom_level=120,
            max_bounds=True,
            max_bounds_viscosity=0.8,
            prefer_canvas=False,
        )
        self.layers = list(layers)
        self.title = title
        Figure(height=f"{height}px", title=escape(title)).add_child(self)
        if online_tiles:
            url = ONLINE_TILES if online_tiles is True else online_tiles
            folium.TileLayer(url, attr="© OpenStreetMap contributors", no_wrap=True).add_to(self)
        config = {
            "bounds": bounds,
            "land": "transparent" if online_tiles else style.LAND,
            "hint": HINT,
            "live": live,
            "layers": [with_base64(layer.spec) for layer in self.layers],
        }
        page = self.get_root()
        for name, markup in assets().items():
            page.header.add_child(Element(markup), name=name)
        page.html.add_child(Element(_panel()), name="panel")
        self.add_child(_Draw(config))

    @property
    def summary(self):
        """The layers in words, one sentence each."""
        return " ".join([f"Map: {self.title}.", *(layer.summary for layer in self.layers)])

    @property
    def tables(self):
        """The layers as DataFrames, by name."""
        return {layer.name: layer.table for layer in self.layers}

    @property
    def table(self):
        """The table of the first layer."""
        if not self.layers:
            raise InputError(f"map {self.title!r} has no layer, so it has no table.")
        return self.layers[0].table

    def page(self):
        """Return the whole page as one HTML text: a file that opens anywhere, offline."""
        page = self.get_root().render()
        # What folium's template leaves out for readers with a screen reader or small type.
        page = page.replace("<html>", '<html lang="en">', 1)
        return re.sub(r"\s*maximum-scale=1.0, user-scalable=no", "", page, count=1)

    def _repr_html_(self, **kwargs):
        height = self.get_root().height
        frame = (
            f'<iframe srcdoc="{escape(self.page())}" title="{escape(self.title)}" '
            'sandbox="allow-scripts allow-popups" '
            f'style="width:100%;height:{height};border:1px solid #d5dbe1"></iframe>'
        )
        twin = twins(self.layers, self.summary)
        return f"{frame}<details><summary>The map as text and tables</summary>{twin}</details>"


def world(layers=(), *, title, bounds=WORLD, height=520, online_tiles=False):
    """Return a map of the world that stands still.

    layers: `helpers.layers.Layer`s, drawn from the first (below) to the last (above).
    title: what the map shows; screen readers say it. bounds: ((south, west), (north, east)) in
    degrees. height: pixels, legend included. online_tiles: True for OpenStreetMap or an address
    with {z}/{x}/{y}; needs a network and changes the projection to Web Mercator (EPSG:3857).
    """
    return OfflineMap(layers, title=title, bounds=bounds, height=height, online_tiles=online_tiles)


def twins(layers, summary):
    """Return summary and tables of the layers as HTML; every value is escaped."""
    return "".join([f"<p>{escape(summary)}</p>", *map(twin, layers)])


def twin(layer):
    """Return the name and the table of a layer as HTML, cut after TWIN_ROWS rows."""
    shown = layer.table.head(TWIN_ROWS)
    table = shown.to_html(index=False, border=0, na_rep="not known", float_format="{:.6g}".format)
    cut = len(layer.table) > len(shown)
    more = f"<p>The first {len(shown)} of {len(layer.table)} rows.</p>" if cut else ""
    return f"<p><strong>{escape(layer.name)}</strong></p>{table}{more}"


def without_assets(page):
    """Return a page with marks in the place of what all pages share; see `assets`.

    Also inside a page that holds the map in a frame of its own, where the markup stands escaped.
    """
    for name, markup in assets().items():
        page = page.replace(markup, MARK.format(name))
        page = page.replace(escape(markup), MARK.format(f"{name} escaped"))
    return page


def still(page, layers):
    """Return the page of a live map as one that stands still, with `layers` drawn."""
    drawn = _json([with_base64(layer.spec) for layer in layers if layer.spec["kind"] != "chart"])
    return page.replace('"live":true,"layers":[]', f'"live":false,"layers":{drawn}')


class _Draw(MacroElement):
    """Calls our renderer on the map, after folium has made it."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "silkroad({{ this._parent.get_name() }}, {{ this.config }});"
        "{% endmacro %}"
    )

    def __init__(self, config):
        super().__init__()
        self._name = "Silkroad"
        self.config = _json(config)


@cache
def assets():
    """Return what every page carries in its head, as {name: markup}; read once."""
    leaflet = resources.files("xstatic.pkg.leaflet") / "data"
    jquery = resources.files("xstatic.pkg.jquery") / "data"
    css = [(leaflet / "leaflet.css").read_text("utf-8"), (STATIC / "map.css").read_text("utf-8")]
    scripts = [
        (leaflet / "leaflet.js")
        .read_text("utf-8")
        .replace("//# sourceMappingURL=leaflet.js.map", ""),
        (jquery / "jquery.min.js").read_text("utf-8"),
        (STATIC / "map.js").read_text("utf-8"),
    ]
    markup = {"css": "".join(f"<style>{text}</style>" for text in css)}
    markup["js"] = "".join(f"<script>{text}</script>" for text in scripts)
    markup["land"] = f'<script type="application/json" id="land">{_json(data.countries())}</script>'
    return markup


def _panel():
    return (
        '<div id="panel"><ul id="legend" aria-label="Layers"></ul>'
        '<div id="caption"><span id="readout"></span>'
        f"<span>{escape(data.BORDER_POLICY)}</span></div></div>"
    )


def _json(value):
    """JSON that may stand inside a script element: no text in it can open or end an element."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
