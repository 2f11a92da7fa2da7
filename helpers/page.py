"""The page of a folium map with all it needs (Leaflet, jQuery, the countries, our script) inside.

Imported by functions that need it: folium is slow to load, and live maps alone do without.
"""

import re
from html import escape
from importlib import resources
from types import SimpleNamespace

import branca.element
import folium
from branca.colormap import ColorMap
from branca.element import Element, Figure, MacroElement
from branca.element import Template as Jinja
from folium.template import Template

from helpers import data, maps, style
from helpers.inputs import InputError
from helpers.maps import WORLD

ONLINE_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
CALL = "silkroad({{ this._parent.get_name() }}, {{ this.config }});"  # after folium's own script
DRAW = Template("{% macro script(this, kwargs) %}" + CALL + "{% endmacro %}")


class Written(Element):
    """Markup that stands in a page as it is: read as a template, that of a map takes 20 ms."""

    def __init__(self, markup):
        """Take the markup; nothing in it is a formula."""
        super().__init__()
        self._template = SimpleNamespace(render=lambda **kwargs: markup)


class Page(Figure):
    """The page of one folium map: what the map needs stands inside, so it asks nobody for anything.

    `parts` is the markup of its head, see `assets`. Rendering raises InputError where something on
    the map would load a file, unless the reader chose to be `online`.
    """

    def __init__(self, map, title, height, parts, *, online=False):
        """Take the map over from folium's own page, which asks five hosts for ten files."""
        super().__init__(height=f"{height}px", title=escape(title))
        map.default_js, map.default_css = (), ()
        self.add_child(map)
        self.online = online
        # A link on the map opens beside it, never in its frame.
        for name, markup in {**parts, "base": '<base target="_blank">'}.items():
            self.header.add_child(Written(markup), name=name)

    def render(self, **kwargs):
        """Return the whole page as one HTML text."""
        if not self.online:
            _refuse_files(self)
        # What folium wrote stays as it stands: read again as a template, a name might be a formula.
        branca.element.Template = lambda text: SimpleNamespace(render=lambda **kwargs: text)
        try:
            page = super().render(**kwargs)
        finally:
            branca.element.Template = Jinja
        if "$(" in self.script.render():  # as folium's popups; ours need no jQuery
            path = resources.files("xstatic.pkg.jquery") / "data" / "jquery.min.js"
            page = page.replace("</head>", f"<script>{path.read_text('utf-8')}</script></head>", 1)
        # What folium's template leaves out for readers with a screen reader or small type.
        page = page.replace("<html>", '<html lang="en">', 1)
        return re.sub(r",\s*maximum-scale=1.0, user-scalable=no", "", page, count=1)

    def _repr_html_(self, **kwargs):
        return (
            f'<iframe srcdoc="{escape(self.render())}" title="{self.title}" allowfullscreen '
            'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" style="width:100%;'
            f'height:{self.height};max-height:min(85vh,50vw + 9em);border:1px solid #ddd"></iframe>'
        )


def taken_offline(map, title, height):
    """Return the same plain `folium.Map`, see `maps.offline`."""
    if not isinstance(map, folium.Map):
        raise InputError(f"maps.offline takes a folium.Map, not a {type(map).__name__}.")
    _refuse_files(map)
    if not isinstance(map.get_root(), Page):
        Page(map, title, height, {name: maps.assets()[name] for name in ("css", "js")})
    return map


def _refuse_files(element):
    """Raise InputError for the first thing on a map that would ask the network for a file."""
    for child in element._children.values():
        if remedy := _loads_files(child):
            what = f"folium's {type(child).__name__} loads a file"
            raise InputError(f"{what}, and this map asks no network for any; {remedy}.")
        _refuse_files(child)


def _loads_files(element):
    """Return what to use instead of a folium element that loads a file; "" for all others."""
    if isinstance(element, folium.TileLayer | folium.WmsTileLayer):
        return "make the map with folium.Map(tiles=None)"
    pin = element
    if isinstance(element, folium.GeoJson):
        parts = element.data.get("features", [element.data])
        kinds = {(part.get("geometry") or part)["type"] for part in parts}
        pin = element.marker or (kinds & {"Point", "MultiPoint"} and folium.Marker())
    if isinstance(pin, folium.Marker) and not isinstance(pin, folium.Circle | folium.CircleMarker):
        return "" if isinstance(pin.icon, folium.DivIcon) else "use folium.CircleMarker"
    scripts = [*getattr(element, "default_js", ()), *getattr(element, "default_css", ())]
    linked = str(getattr(element, "url", "")).startswith(("http:", "https:"))
    asks = scripts or linked or isinstance(element, ColorMap | folium.LayerControl)
    return "leave it out" if asks else ""


class OfflineMap(folium.Map):
    """What `maps.world` makes, with `layers` as given, `summary` and `tables` {name: DataFrame}."""

    def __init__(self, layers=(), *, title, bounds=WORLD, height=520, online_tiles=False):
        """Build the page; see `maps.world`."""
        zoom = {"zoom_start": 1, "zoom_snap": 0, "zoom_delta": 0.5, "wheel_px_per_zoom_level": 120}
        limits = {"max_bounds": True, "max_bounds_viscosity": 0.8, "prefer_canvas": False}
        crs = "EPSG3857" if online_tiles else maps.crs(bounds)
        super().__init__(tiles=None, crs=crs, **zoom, **limits)
        self.layers, self.title = list(layers), title
        self.summary = " ".join([f"Map: {title}.", *(layer.summary for layer in self.layers)])
        self.tables = {layer.name: layer.table for layer in self.layers}
        maps.once([layer.name for layer in self.layers], f"map {title!r}")
        page = Page(self, title, height, maps.assets(), online=bool(online_tiles))
        if online_tiles:
            url = ONLINE_TILES if online_tiles is True else online_tiles
            folium.TileLayer(url, attr="© OpenStreetMap contributors", no_wrap=True).add_to(self)
        panel = (maps.STATIC / "panel.html").read_text("utf-8")
        page.html.add_child(Written(panel.replace("POLICY", data.BORDER_POLICY)), name="panel")
        draw = MacroElement()
        draw._template = DRAW
        land = "transparent" if online_tiles else style.LAND
        draw.config = maps.embedded(maps.config(bounds, self.layers, land))
        self.add_child(draw)

    def page(self):
        """Return the whole page as one HTML text: a file that opens anywhere, offline."""
        return self.get_root().render()

    def _repr_html_(self, **kwargs):
        frame = self.get_root()._repr_html_()
        twin = maps.twins(self.layers, self.summary)
        return f"{frame}<details><summary>The map as text and tables</summary>{twin}</details>"
