"""An exercise whose answer is drawn: a map, a layer, a chart, whoever drew it, read as a table."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from helpers import maps
from helpers.exercises import Unusable, what

__all__ = ["Drawing"]

_THING = ["kind", "layer", "label", "group", "color", "shape", "dash"]  # see Drawing
_THING += ["lat", "lon", "paths", "popup", "x", "y", "low", "high", "offline"]


@dataclass(frozen=True)
class Drawing:
    """Something drawn. `wants(drawn)` returns True, or a sentence that says what is missing.

    A wrong drawing that is declared stands for all of which `wants` says the same.
    """

    wants: Callable

    def read(self, answer):
        """Return what is drawn as a table: a row for each thing, its kind and look, see _THING."""
        drawn = pd.DataFrame(_things(answer)).astype(object)
        return drawn.reindex(columns=list(dict.fromkeys([*_THING, *drawn.columns])))

    def judged(self, drawn):
        """Return True, or what is missing in words; False where `wants` has no words for it."""
        said = self.wants(drawn)
        return said if isinstance(said, str) else bool(said)

    def same(self, answer, right):
        """Tell whether the same is said of both."""
        return self.judged(answer) == self.judged(right)

    def near(self, answer, right):
        """Return what is missing, in words, if `wants` has any."""
        return self.judged(answer) or ""


def _things(answer):
    """Return a dict for each thing that a layer, a chart, a map or several of them show."""
    if isinstance(answer, maps.Layer):
        return list(_of_layer(answer))
    if isinstance(answer, list | tuple) and answer:
        return [thing for part in answer if not isinstance(part, str) for thing in _things(part)]
    layers = getattr(answer, "layers", None)  # of a live view, and of maps.world
    folium = sys.modules.get("folium")  # where it is not loaded, nobody made a map of it
    own = folium and isinstance(answer, folium.Map)
    if not (own or isinstance(layers, list)):
        raise Unusable(f"Give what you drew, a map, a layer or a chart; {what(answer)} is none.")
    drawn = [thing for layer in layers or () for thing in _of_layer(layer)]
    return [*drawn, *_of_folium(answer)] if own else drawn


def _of_layer(layer):
    spec, same = layer.drawn, {"kind": layer.drawn["kind"], "layer": layer.name}
    looks = [same | entry | {"group": entry["text"]} for entry in spec["legend"]]
    if spec["kind"] == "countries":
        for iso3, number in spec["class"].items():
            yield looks[number] | {"label": iso3, "popup": spec["popup"].get(iso3)}
    elif spec["kind"] == "grid":
        yield from (look | {"label": look["group"]} for look in looks)
    elif "label" in spec:  # points, lines, areas
        columns = [c for c in ("class", *_THING) if isinstance(spec.get(c), list)]
        for row in zip(*map(spec.get, columns), strict=True):
            thing = dict(zip(columns, row, strict=True))
            yield (looks[thing["class"]] if "class" in thing else same) | thing
    for mark in layer.marks:
        for group, rows, color, sign in mark.groups:
            look = {"kind": mark.kind, "group": group, "color": color}
            look["shape" if mark.kind == "dots" else "dash"] = sign
            for row in mark.frame.iloc[rows].to_dict("records"):
                thing = {role: row[c] for role, c in mark.columns.items() if role != "color"}
                yield same | look | {"label": thing.get(mark.place, thing.get("text"))} | thing


def _of_folium(parent):
    """Yield what stands on a folium map, and what stands in that: popups, tooltips, groups."""
    import folium

    for one in parent._children.values():
        if type(one).__name__ == "MacroElement":  # ours, which draws the layers
            continue
        said, look = _words(one), getattr(one, "options", {}).get
        lat, lon = getattr(one, "location", None) or (None, None)
        thing = {"kind": type(one).__name__, "label": said, "popup": said, "lat": lat, "lon": lon}
        thing |= {"color": look("fillColor" if look("fill") else "color"), "size": look("radius")}
        thing |= {"dash": look("dashArray"), "offline": not getattr(one.get_root(), "online", True)}
        line = getattr(one, "locations", None)  # of one piece, or of several
        pieces = line if line and isinstance(line[0][0], list | tuple) else [line]
        things = [thing | {"paths": pieces if line else None}]
        if isinstance(one, folium.GeoJson):
            things = []
            for feature in one.data.get("features", [one.data]):
                facts = feature.get("properties") or {}
                style = one.style_function(feature) if one.style else {}
                label = {"label": facts.get("iso3", facts.get("name"))}
                things += [thing | label | {"color": style.get("fillColor", style.get("color"))}]
        yield from [*things, *_of_folium(one)]


def _words(element):
    """Return the words on a folium element: its own, and those of its popup and its tooltip."""
    import folium

    own = [getattr(element, "text", ""), *getattr(element, "fields", [])]
    own += [element.html.render()] if isinstance(element, folium.Popup) else []
    own += [str(element.options.get("html"))] if isinstance(element, folium.DivIcon) else []
    inside = [_words(child) for child in element._children.values()]
    return " ".join(re.sub(r"<[^>]*>", " ", " ".join([*own, *inside])).split())
