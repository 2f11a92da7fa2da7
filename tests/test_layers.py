"""Layers: what the page is told to draw, the twins in words, and refusals in one sentence."""

import base64
import json
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from helpers import maps, style
from helpers.inputs import InputError
from silkroad import visibility

NASTY = "</script><img src=x onerror=\"alert('1')\"> & co"
FRAME = pd.DataFrame(
    {
        "name": ["Beijing", NASTY, "Quito"],
        "lat": [39.90421, 0.0, -0.18],
        "lon": [116.4074, 180.0, -78.47],
        "kind": ["b", "a", "b"],
        "since": [pd.Timestamp("2018-11-19", tz="UTC"), pd.NaT, pd.Timestamp("2020-06-23 01:43")],
        "share": [0.123456789, np.nan, 3.0],
        "source_ids": ["S001", "S002;S003", "S004"],
        "confidence": ["high", "low", "medium"],
    }
)


def test_points_travel_with_their_class_label_and_popup():
    layer = maps.points(FRAME, "Some places", category="kind", popup=["since", "share"])
    spec = layer.spec
    assert (layer.id, spec["kind"], spec["visible"]) == ("some_places", "points", True)
    assert spec["lat"] == [39.904, 0.0, -0.18] and spec["lon"] == [116.407, 180.0, -78.47]
    assert spec["label"] == FRAME["name"].tolist()
    assert spec["class"] == [0, 1, 0] and [e["text"] for e in spec["legend"]] == ["b", "a"]
    assert spec["fields"] == ["since", "share", "sources", "confidence"]
    assert spec["popup"][0] == ["2018-11-19", "0.123457", "S001", "high"]
    assert spec["popup"][1] == ["not known", "not known", "S002;S003", "low"]
    assert spec["popup"][2][:2] == ["2020-06-23 01:43 UTC", "3"]
    assert layer.summary == "Some places: 3 points (2 b, 1 a)."
    assert layer.table.columns.tolist() == [
        *("name", "kind", "lat", "lon", "since", "share", "source_ids", "confidence")
    ]
    assert len(layer.table) == 3
    assert json.loads(json.dumps(spec)) == spec, "only what JSON can hold"


def test_two_classes_differ_in_colour_and_in_shape():
    legend = maps.points(FRAME, "x", category="kind").spec["legend"]
    assert len({e["color"] for e in legend}) == len({e["shape"] for e in legend}) == 2
    many = [style.category_style(i) for i in range(56)]
    assert len(set(many)) == 56


def test_the_authors_styles_decide_look_and_order():
    styles = {"a": ("orange", "star"), "z": ("blue", "circle"), "b": ("#123456", "square")}
    spec = maps.points(FRAME, "x", category="kind", styles=styles).spec
    assert [(e["text"], e["color"], e["shape"]) for e in spec["legend"]] == [
        ("a", style.COLORS["orange"], "star"),
        ("b", "#123456", "square"),
    ]
    assert spec["class"] == [1, 0, 1]


@pytest.mark.parametrize("columns", [["name"], ["name", "kind"]])
def test_an_empty_selection_is_an_empty_layer(columns):
    empty = FRAME.iloc[:0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer = maps.points(empty, "None", category="kind", popup=columns)
    assert layer.spec["lat"] == [] and layer.spec["legend"] == []
    assert layer.summary == "None: 0 points." and layer.table.empty
    assert maps.points(empty, "None").summary == "None: 0 points."
    assert maps.lines({}, "None").summary == "None: 0 lines."
    assert maps.areas({}, "None").summary == "None: 0 areas."
    kinds = maps.countries({}, "None", styles={"signed": "blue"})
    assert kinds.summary == "None: 0 signed." and kinds.spec["class"] == {}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"label": "title"}, "needs the column 'title'; the table has: name, lat"),
        ({"category": "sort"}, "needs the column 'sort'"),
        ({"popup": ["why"]}, "needs the column 'why'"),
    ],
)
def test_a_missing_column_is_named(change, sentence):
    with pytest.raises(InputError, match=sentence):
        maps.points(FRAME, "Places", **change)
    with pytest.raises(InputError, match="layer 'Places' needs the column 'lat'"):
        maps.points(FRAME.drop(columns="lat"), "Places")


@pytest.mark.parametrize("value", [np.nan, np.inf, None])
def test_a_point_without_a_position_is_named(value):
    frame = FRAME.assign(lon=[value, 0.0, 0.0])
    with pytest.raises(InputError, match="'Beijing' has no position; drop it or fill lat and lon"):
        maps.points(frame, "Places")


def test_lines_come_in_pieces_with_dash_and_popup():
    pieces = [np.array([[0.123, 179.0], [1, 180]]), np.array([[1, -180], [2.0, -179]])]
    layer = maps.lines({"a": pieces}, "Track", color="green", dash="6 4", popup={"a": {"km": 1}})
    assert layer.spec["paths"] == [[[[0.12, 179], [1, 180]], [[1, -180], [2, -179]]]]
    assert layer.spec["popup"] == [[["km", "1"]]]
    assert layer.spec["legend"] == [
        {"text": "Track", "color": style.COLORS["green"], "dash": "6 4", "shape": "line"}
    ]
    assert layer.table.to_dict("list") == {"name": ["a"], "points": [4]}
    assert layer.summary == "Track: a."
    styled = maps.lines({"a": pieces, "b": []}, "T", styles={"a": ("blue", ""), "b": ("sky", "1")})
    assert [(e["text"], e["dash"]) for e in styled.spec["legend"]] == [("a", ""), ("b", "1")]


@pytest.mark.parametrize("piece", [[[0, np.nan]], [1, 2], [[1, 2, 3]], [[np.inf, 0]]])
@pytest.mark.parametrize("draw", [maps.lines, maps.areas])
def test_a_line_that_is_none_is_refused(draw, piece):
    with pytest.raises(InputError, match=r"layer 'L': a line is an array of finite \(lat, lon\)"):
        draw({"a": [piece]}, "L")


def test_areas_are_filled_lines():
    layer = maps.areas({"a": [np.zeros((4, 2))]}, "Beam", opacity=0.4)
    assert (layer.spec["kind"], layer.spec["opacity"]) == ("areas", 0.4)
    assert layer.summary == "Beam: 1 areas."


def test_countries_send_categories_not_shapes():
    values = pd.Series({"PAK": "signed", "ITA": "withdrawn", "LAO": "signed"})
    styles = {"signed": "blue", "withdrawn": "orange", "unclear": "grey"}
    layer = maps.countries(values, "Partners", styles=styles, popup={"PAK": {"when": pd.NaT}})
    assert layer.spec["class"] == {"PAK": 0, "ITA": 1, "LAO": 0}
    assert layer.spec["popup"] == {"PAK": [["when", "not known"]]}
    assert layer.summary == "Partners: 2 signed, 1 withdrawn, 0 unclear."
    assert layer.table.to_dict("list") == {
        "iso3": ["PAK", "ITA", "LAO"],
        "category": ["signed", "withdrawn", "signed"],
    }
    with pytest.raises(InputError, match="no colour for 'maybe'; add it to styles"):
        maps.countries({"PAK": "maybe"}, "Partners", styles=styles)


def field(values, step=10):
    lat, lon = visibility.world_grid(step)
    return xr.DataArray(values(lat, lon), coords={"lat": lat, "lon": lon}, dims=("lat", "lon"))


def test_a_grid_is_drawn_in_classes():
    north = field(lambda lat, lon: np.repeat(lat[:, None], len(lon), 1))
    north[0, 0], north[1, 1] = np.nan, np.inf
    layer = maps.grid(north, "Latitude", levels=[-30, 0, 30], unit="°")
    cells = np.frombuffer(layer.spec["cells"], np.uint8).reshape(north.shape)
    expected = np.array([[sum(v >= b for b in (-30, 0, 30)) for v in row] for row in north.values])
    expected[0, 0], expected[1, 1] = maps.NONE, 3
    assert (cells == expected).all()
    assert [e["text"] for e in layer.spec["legend"]] == [
        *("below -30 °", "-30–0 °", "0–30 °", "30 ° or more")
    ]
    assert layer.spec["lat"][2] * layer.spec["lon"][2] == len(layer.spec["cells"])
    colors = [e["color"] for e in layer.spec["legend"]]
    dark_first = maps.grid(north, "Latitude", levels=[-30, 0, 30], colors="reversed")
    assert [e["color"] for e in dark_first.spec["legend"]] == colors[::-1]
    turned = maps.grid(north.transpose("lon", "lat"), "Latitude", levels=[-30, 0, 30])
    assert turned.spec["cells"] == layer.spec["cells"]
    plain = maps.with_base64(layer.spec)
    assert base64.b64decode(plain["cells"]) == layer.spec["cells"]
    json.dumps(plain)


def test_the_grids_table_is_weighted_by_area():
    half = field(lambda lat, lon: np.repeat((np.abs(lat) < 30)[:, None], len(lon), 1) * 1.0, 0.5)
    layer = maps.grid(half, "Low", levels=[0.5], labels=["far", "near"])
    table = layer.table.set_index("latitudes")
    assert table.loc["whole Earth", "near"] == pytest.approx(49.62, abs=0.01)  # sin 29.75°
    assert table.loc["60°N to 90°N", "far"] == 100
    assert table.loc["0° to 30°N", "near"] > 98
    assert layer.summary.startswith("Low, share of the Earth: far: ")


def test_labels_must_be_one_more_than_levels():
    zero = field(lambda lat, lon: np.zeros((len(lat), len(lon))))
    for wrong in ({"labels": ["a", "b"]}, {"colors": ["blue"]}):
        with pytest.raises(InputError, match="layer 'G': 3 classes need 3 labels and colours"):
            maps.grid(zero, "G", levels=[1, 2], **wrong)


def test_the_message_of_a_two_degree_grid_is_small():
    sky = field(lambda lat, lon: np.random.default_rng(1).random((len(lat), len(lon))), 2)
    spec = maps.grid(sky, "PDOP", levels=[0.2, 0.4, 0.6, 0.8]).spec
    rest = {k: v for k, v in spec.items() if k != "cells"}
    assert len(spec["cells"]) + len(json.dumps(rest)) <= 60_000


def test_a_chart_has_alt_text_and_a_table():
    figure, axes = style.chart()
    axes.plot([1, 2])
    layer = maps.chart(figure, "Line", alt="A line that rises.", table=pd.DataFrame({"x": [1]}))
    assert layer.spec["src"].startswith("data:image/png;base64,")
    assert layer.spec["alt"] == layer.summary == "A line that rises."


@given(st.text(min_size=1, max_size=30), st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_any_text_is_a_name(name, labels):
    frame = pd.DataFrame({"name": labels, "lat": 0.0, "lon": 0.0})
    layer = maps.points(frame, name, category="name")
    assert layer.spec["label"] == labels and layer.name == name
    json.dumps(layer.spec)


def test_a_table_makes_the_cards_of_countries_and_lines():
    cards = pd.DataFrame(
        {"signed_year": [2017, 2018], "note": [None, "left"], "source_ids": ["S1", "S2"]},
        index=["KEN", "ITA"],
    )
    said = {"ITA": [["signed year", "2018"], ["note", "left"], ["sources", "S2"]]}
    said["KEN"] = [["signed year", "2017"], ["sources", "S1"]]
    states = pd.Series({"KEN": "in", "ITA": "out"})
    drawn = maps.countries(states, "Papers", styles={"in": "blue", "out": "grey"}, popup=cards)
    assert drawn.spec["popup"] == said
    as_dict = {"KEN": {"signed year": 2017, "sources": "S1"}}
    same = maps.countries(states, "Papers", styles={"in": "blue", "out": "grey"}, popup=as_dict)
    assert same.spec["popup"] == {"KEN": said["KEN"]}
    path = {name: [np.array([[0, 0], [1, 1]])] for name in ("ITA", "XXX")}
    assert maps.lines(path, "Lines", popup=cards).spec["popup"] == [said["ITA"], []]
