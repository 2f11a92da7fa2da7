"""Maps and what lies on them: offline, small, escaped, titled, readable without the picture."""

import base64
import html
import json
import re
import warnings
from functools import partial

import folium
import folium.plugins
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from branca.colormap import LinearColormap
from folium.raster_layers import ImageOverlay
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from course import stills
from helpers import data, maps, style
from helpers.inputs import InputError
from silkroad import geometry, visibility
from tools import live_page, printing
from tools.browser import chromium
from tools.site.build import without_assets

NASTY = "<!--<script></script><img src=x onerror=\"alert('1')\"> & co"
FRAME = pd.DataFrame({"name": [NASTY], "lat": [1.0], "lon": [2.0], "why": [f"<b>{NASTY}</b>"]})


@pytest.fixture(scope="module")
def places():
    return maps.points(data.load("places"), "Places", category="kind", popup=["why"])


def config_of(page):
    """Return what the page's last script hands to the renderer."""
    text = page.rsplit("silkroad(map_", 1)[1].split(", ", 1)[1]
    return json.JSONDecoder().raw_decode(text)[0]


def test_the_page_carries_land_and_layers(places):
    page = maps.world([places], title="Places").page()
    config = config_of(page)
    assert config["layers"][0]["label"] == data.load("places")["name"].tolist()
    land = re.search(r'<script type="application/json" id="land">(.*?)</script>', page, re.S)[1]
    assert json.loads(land) == data.shapes()
    assert data.BORDER_POLICY in html.unescape(page)
    assert '<html lang="en">' in page and "user-scalable" not in page


def loaded(page):
    """Return the addresses a browser would ask for, without those a reader may click."""
    tags = re.findall(r"<(?:script|link|img|iframe|source|object|embed)\b[^>]*>", page)
    found = [u for tag in tags for u in re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)""", tag)]
    found += re.findall(r"""url\(\s*["']?([^"')]+)""", page) + re.findall(r"@import[^;]+", page)
    return [u for u in found if not u.startswith(("data:", "#"))]


def test_the_page_asks_nobody_for_anything(places):
    page = maps.world([places], title="Places").page()
    hosts = set(re.findall(r"https?://([\w.-]+)", page))
    # Named, never loaded: name spaces, licences, the link in Leaflet's corner and its control.
    scripts = re.sub(r"/\*.*?\*/", "", page, flags=re.S)
    assert not [u for u in loaded(scripts) if u.startswith(("http", "//"))]
    assert not {h for h in hosts if re.search(r"cdn|tile|unpkg|jsdelivr|googleapis|cloudflare", h)}
    for word in ("XMLHttpRequest.open", "importScripts", "navigator.sendBeacon", "new WebSocket"):
        assert word not in page


def test_the_check_for_addresses_can_fail():
    assert loaded('<script src="https://a.example/x.js"></script>') == ["https://a.example/x.js"]
    assert loaded('<style>a {background: url("https://a.example/x.png")}</style>')
    assert not loaded('<a href="https://a.example">x</a><img src="data:image/png;base64,AA">')


def test_online_tiles_are_the_readers_choice_and_change_the_projection(places):
    offline = maps.world([places], title="Places").page()
    assert "EPSG4326" in offline and "openstreetmap" not in offline.lower()
    online = maps.world([places], title="Places", online_tiles=True).page()
    assert "crs: L.CRS.EPSG3857" in online and "tile.openstreetmap.org" in online
    assert "© OpenStreetMap contributors" in online or "\\u00a9 OpenStreetMap" in online
    own = maps.world(title="x", online_tiles="https://tiles.example/{z}/{x}/{y}.png").page()
    assert "tiles.example" in own and "openstreetmap.org" not in own


def test_no_value_becomes_code():
    layer = maps.points(FRAME, NASTY, popup=["why"])
    shown = maps.world([layer], title=NASTY)
    page = shown.page()
    assert "<img" not in re.sub(r"<script>.*?</script>", "", page, flags=re.S)
    assert "<img" not in page.rsplit("<script>", 1)[1] and "<!--" not in page
    assert config_of(page)["layers"][0]["label"] == [NASTY]
    assert config_of(page)["layers"][0]["popup"] == [[f"<b>{NASTY}</b>"]]
    cell = shown._repr_html_()
    assert "<img" not in cell
    frame = re.search(r'<iframe srcdoc="([^"]*)" title="([^"]*)"', cell)
    assert html.unescape(frame[1]) == page and html.unescape(frame[2]) == NASTY


def test_the_frame_has_a_title_a_sandbox_and_a_size(places):
    cell = maps.world([places], title="Where", height=333)._repr_html_()
    assert 'title="Where"' in cell and "height:333px" in cell
    assert 'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"' in cell


def test_a_live_page_keeps_marks_and_stands_still_as_a_whole_page(places):
    page = maps.live_page("Places")
    assert without_assets(page) == page and len(page) < 4000
    whole = printing.still(page, [places])
    assert without_assets(whole) != whole and config_of(whole)["live"] is False
    assert config_of(whole)["layers"] == [maps.with_base64(places.spec)]
    assert all(text in whole for text in maps.assets().values())


def test_the_stored_page_of_live_maps_is_what_folium_draws():
    again = "python -m tools.live_page writes it anew"
    assert live_page.FILE.read_text(encoding="utf-8") == live_page.drawn() + "\n", again


@pytest.mark.parametrize("bounds", [maps.WORLD, ((55.4935, 8.456), (55.4937, 8.457))])
def test_a_live_page_is_that_of_a_map_that_stands_still(bounds):
    """The same page, but for what all live pages share, for white space and for random names."""
    still = maps.world(title=NASTY, bounds=bounds)
    page = without_assets(still.page()).replace(still.get_name(), "map_live")
    page = page.replace('"live":false', '"live":true')
    assert re.sub(r"\s*\n\s*", "\n", page) == maps.live_page(NASTY, bounds).strip()


def test_a_static_map_stays_small(places):
    cell = maps.world([places], title="Places")._repr_html_()
    assert len(cell.encode()) <= 700_000


def test_the_twins_say_what_the_picture_says(places):
    more = maps.points(FRAME.assign(name="b"), "More")
    shown = maps.world([places, more], title="Places")
    assert shown.summary.startswith("Map: Places. Places: ")
    assert shown.summary.endswith("More: 1 point.")
    assert list(shown.tables) == ["Places", "More"]
    assert len(shown.tables["Places"]) == len(data.load("places"))
    cell = shown._repr_html_()
    twin = cell[cell.index("<details") :]
    assert "<summary>The map as text and tables</summary>" in twin
    assert twin.count("<table") == 2 and html.escape(shown.summary) in twin


def test_a_long_table_is_cut_on_the_page_and_says_so():
    frame = pd.DataFrame({"name": [str(i) for i in range(250)], "lat": 0.0, "lon": 0.0})
    shown = maps.world([maps.points(frame, "Many")], title="Many")
    assert "The first 200 of 250 rows." in shown._repr_html_()
    assert len(shown.tables["Many"]) == 250


def test_a_map_without_layers_is_a_map():
    bare = maps.world(title="Bare")
    assert bare.page() and bare.tables == {} and bare.summary == "Map: Bare."


def test_folium_layers_without_files_work_on_it(places):
    shown = maps.world([places], title="Places")
    folium.CircleMarker([10, 20], radius=4).add_to(shown)
    page = shown.page()
    assert "L.circleMarker" in page
    assert not [u for u in loaded(page) if u.startswith(("http", "//"))]


# A plain folium map, which our page takes over


def plain(**more):
    """Return a folium map of one's own: countries coloured, a mark with a card, a line."""
    made = folium.Map([0, 20], zoom_start=2, tiles=None, **more)
    blue = {"color": "#0072B2", "fillColor": "#0072B2"}
    folium.GeoJson(
        data.shapes(),
        style_function=lambda feature: blue if feature["properties"]["iso3"] == "KEN" else {},
        tooltip=folium.GeoJsonTooltip(["name"]),
    ).add_to(made)
    mark = folium.CircleMarker([-1.29, 36.82], radius=6, popup="Nairobi", tooltip="a capital")
    mark.add_to(made)
    folium.PolyLine([[-1.29, 36.82], [39.9, 116.4]], tooltip=folium.Tooltip("far")).add_to(made)
    return made


def test_a_plain_map_asks_nobody_for_anything():
    made = plain()
    assert maps.offline(made, title=NASTY, height=333) is made
    cell = made._repr_html_()
    frame = re.search(r'<iframe srcdoc="([^"]*)" title="([^"]*)"', cell)
    assert html.unescape(frame[2]) == NASTY and "height:333px" in cell
    page = html.unescape(frame[1])
    assert not [u for u in loaded(page) if u.startswith(("http", "//"))]
    assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=", page.rsplit("</head>")[0])
    assert '<html lang="en">' in page and "user-scalable" not in page
    for drawn in ("L.circleMarker", "L.polyline", "L.geoJson", "Nairobi", "a capital", "#0072B2"):
        assert drawn in page
    assert 'id="land"' not in page and len(page) < 900_000


def test_a_plain_map_takes_more_later_and_can_be_saved(tmp_path):
    made = maps.offline(maps.offline(plain(), title="First"), title="Second")
    folium.Circle([10, 10], radius=1e6).add_to(made)
    made.save(tmp_path / "map.html")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "L.circle(" in page and "<title>First</title>" in page
    assert not [u for u in loaded(page) if u.startswith(("http", "//"))]


POINT = {"type": "Point", "coordinates": [1, 2]}
FEATURE = {"type": "Feature", "properties": {"name": "x"}, "geometry": POINT}
LOADS = {
    "TileLayer": (lambda: folium.TileLayer(), "folium.Map(tiles=None)"),
    "Marker": (lambda: folium.Marker([1, 2]), "use folium.CircleMarker"),
    "GeoJson": (lambda: folium.GeoJson(FEATURE), "use folium.CircleMarker"),
    "LayerControl": (lambda: folium.LayerControl(), "leave it out"),
    "MarkerCluster": (lambda: folium.plugins.MarkerCluster(), "leave it out"),
    "LinearColormap": (lambda: LinearColormap(["red", "blue"]), "leave it out"),
    "ImageOverlay": (
        lambda: ImageOverlay("https://a.example/x.png", [[0, 0], [1, 1]]),
        "leave it out",
    ),
}


@pytest.mark.parametrize("what", LOADS)
def test_what_loads_a_file_is_named_with_the_remedy(what):
    make, remedy = LOADS[what]
    made, says = folium.Map(tiles=None), rf"^folium's {what} loads a file, .*; .*\.$"
    group = folium.FeatureGroup().add_to(made)
    group.add_child(make())
    with pytest.raises(InputError, match=says) as told:
        maps.offline(made, title="Mine")
    assert remedy in str(told.value)
    ours = maps.world(title="Ours")
    make().add_to(ours)
    with pytest.raises(InputError, match=says):
        ours._repr_html_()


def test_what_loads_no_file_is_let_through():
    made = maps.offline(folium.Map(tiles=None), title="Mine")
    folium.Marker([1, 2], icon=folium.DivIcon(html="here")).add_to(made)
    folium.GeoJson(FEATURE, marker=folium.CircleMarker(radius=3)).add_to(made)
    folium.Rectangle([[0, 0], [10, 10]]).add_to(made)
    assert "L.rectangle" in made._repr_html_()


def test_a_map_with_online_tiles_or_none_at_all_is_told():
    with pytest.raises(InputError, match=r"make the map with folium\.Map\(tiles=None\)\.$"):
        maps.offline(folium.Map(), title="Mine")
    with pytest.raises(InputError, match=r"takes a folium\.Map, not a str"):
        maps.offline("a map", title="Mine")


def test_a_plain_map_draws_with_the_network_off(needs_chromium):
    made = maps.offline(plain(), title="Mine")
    with chromium() as context:
        page, said, asked = context.new_page(), [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(made._repr_html_())
        frame = page.frame_locator("iframe")
        frame.locator("path.leaflet-interactive").nth(5).wait_for()
        assert frame.locator('path[fill="#0072B2"]').count() == 1
        frame.locator("path.leaflet-interactive").nth(-2).dispatch_event("click")
        frame.get_by_text("Nairobi").wait_for()
    assert not said
    assert not [url for url in asked if not url.startswith(("about:", "data:", "blob:"))]


# What can lie on a map: what the page is told to draw, the twins in words, and refusals

NASTY_NAME = "</script><img src=x onerror=\"alert('1')\"> & co"
SOME = pd.DataFrame(
    {
        "name": ["Beijing", NASTY_NAME, "Quito"],
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
    layer = maps.points(SOME, "Some places", category="kind", popup=["since", "share"])
    spec = layer.spec
    assert (layer.name, spec["kind"], spec["visible"]) == ("Some places", "points", True)
    assert spec["lat"] == [39.904, 0.0, -0.18] and spec["lon"] == [116.407, 180.0, -78.47]
    assert spec["label"] == SOME["name"].tolist()
    assert spec["class"] == [0, 1, 0] and [e["text"] for e in spec["legend"]] == ["b", "a"]
    assert spec["fields"] == ["since", "share", "sources", "confidence"]
    assert spec["popup"][0] == ["2018-11-19", "0.123457", data.publishers("S001"), "high"]
    assert spec["popup"][1] == ["not known", "not known", data.publishers("S002;S003"), "low"]
    assert spec["popup"][2][:2] == ["2020-06-23 01:43 UTC", "3"]
    assert layer.summary == "Some places: 3 points (2 b, 1 a)."
    assert layer.table.columns.tolist() == [
        *("name", "kind", "lat", "lon", "since", "share", "source_ids", "confidence")
    ]
    assert len(layer.table) == 3
    assert json.loads(json.dumps(spec)) == spec, "only what JSON can hold"


def test_two_classes_differ_in_colour_and_in_shape():
    legend = maps.points(SOME, "x", category="kind").spec["legend"]
    assert len({e["color"] for e in legend}) == len({e["shape"] for e in legend}) == 2
    many = [style.category_style(i) for i in range(56)]
    assert len(set(many)) == 56


def test_the_authors_styles_decide_look_and_order():
    styles = {"a": ("orange", "star"), "z": ("blue", "circle"), "b": ("#123456", "square")}
    spec = maps.points(SOME, "x", category="kind", styles=styles).spec
    assert [(e["text"], e["color"], e["shape"]) for e in spec["legend"]] == [
        ("a", style.COLORS["orange"], "star"),
        ("b", "#123456", "square"),
    ]
    assert spec["class"] == [1, 0, 1]


@pytest.mark.parametrize("columns", [["name"], ["name", "kind"]])
def test_an_empty_selection_is_an_empty_layer(columns):
    empty = SOME.iloc[:0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer = maps.points(empty, "None", category="kind", popup=columns)
    assert layer.spec["lat"] == [] and layer.spec["legend"] == []
    assert layer.summary == "None: 0 points." and layer.table.empty
    assert maps.points(empty, "None").summary == "None: 0 points."
    assert maps.lines({}, "None").summary == "None: 0 lines."
    assert maps.lines({}, "None", fill=0.2).summary == "None: 0 areas."
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
        maps.points(SOME, "Places", **change)
    with pytest.raises(InputError, match="layer 'Places' needs the column 'lat'"):
        maps.points(SOME.drop(columns="lat"), "Places")


@pytest.mark.parametrize("value", [np.nan, np.inf, None])
def test_a_point_without_a_position_is_named(value):
    frame = SOME.assign(lon=[value, 0.0, 0.0])
    with pytest.raises(InputError, match="'Beijing' has no position; drop it or fill lat and lon"):
        maps.points(frame, "Places")


@pytest.mark.parametrize(
    ("lat", "lon", "sentence"),
    [
        (116.4, 39.9, "latitude 116.4, longitude 39.9 is no place: are the two swapped?"),
        (39.9, 190.0, "latitude 39.9, longitude 190 is no place: give it from -180 to 180"),
        (-90.5, 0.0, "latitude -90.5, longitude 0 is no place"),
    ],
)
def test_a_place_off_the_map_is_refused_with_its_value(lat, lon, sentence):
    frame = pd.DataFrame({"name": ["here", "there"], "lat": [0.0, lat], "lon": [0.0, lon]})
    with pytest.raises(InputError, match=f"layer 'L': {re.escape(sentence)}"):
        maps.points(frame, "L")
    for more in ({}, {"fill": 0.3}):
        with pytest.raises(InputError, match=f"layer 'L': {re.escape(sentence)}"):
            maps.lines({"a": [[[0, 0], [lat, lon]]]}, "L", **more)
    edge = pd.DataFrame({"name": ["pole"], "lat": [90.0], "lon": [-180.0]})
    assert maps.points(edge, "L").spec["lon"] == [-180]


def test_a_line_over_180_degrees_is_refused_and_its_remedy_works():
    lat, lon = [10.0, 12.0, 14.0], [170.0, -170.0, -160.0]
    both = {"a": [[[0, 0], [0, 9]], np.column_stack([lat, lon])]}
    said = "from longitude 170 to -170 it goes over ±180°: cut it with geometry."
    with pytest.raises(InputError, match=re.escape(said) + r"split_antimeridian\(lat, lon\)"):
        maps.lines(both, "L")
    cut = maps.lines({"a": geometry.split_antimeridian(lat, lon)}, "L").spec["paths"]
    assert cut == [[[[10, 170], [11, 180]], [[11, -180], [12, -170], [14, -160]]]]
    ring = [10.0, 10.0, 20.0], [170.0, 175.0, -170.0]  # also where it closes
    with pytest.raises(InputError, match="split_ring"):
        maps.lines({"a": [np.column_stack(ring)]}, "L", fill=0.3)
    assert len(maps.lines({"a": geometry.split_ring(*ring)}, "L", fill=0.3).spec["paths"][0]) == 2
    equator = [[0, -180], [0, 180]]  # from edge to edge, along the map
    assert maps.lines({"a": [equator], "b": []}, "L").spec["paths"] == [[equator], []]
    pole = [[-60, -180], [-60, 180], [-90, 180], [-90, -180]]
    assert maps.lines({"a": [pole]}, "L", fill=0.3).spec["paths"] == [[pole]]


def test_a_country_is_counted_as_often_as_it_is_drawn():
    styles = {"in": "blue", "out": "grey"}
    some = maps.countries({"KEN": "in", "REU": "in", "ITA": "out"}, "C", styles=styles)
    assert some.spec["class"] == {"KEN": 0, "ITA": 1}
    assert some.summary == "C: 1 in, 1 out; no shape for REU."
    assert some.table["iso3"].tolist() == ["KEN", "ITA"]
    twice = pd.Series(["in", "out"], index=["KEN", "KEN"])
    with pytest.raises(InputError, match="layer 'C': 'KEN' comes twice; drop one"):
        maps.countries(twice, "C", styles=styles)
    with pytest.raises(InputError, match="layer 'C': 'KEN' comes twice"):
        maps.countries({"KEN": "in"}, "C", styles=styles, popup=twice.to_frame("state"))
    for wrong in ("ken", "Kenya", np.nan):
        with pytest.raises(InputError, match=r"country on the map \(layer 'C'\) with the code"):
            maps.countries({wrong: "in"}, "C", styles=styles)
    yes = maps.countries({"KEN": True}, "C", styles={True: "blue", False: "grey"})
    assert yes.summary == "C: 1 True, 0 False."


def test_two_layers_of_one_name_are_refused_and_signs_tell_names_apart(places):
    with pytest.raises(InputError, match="map 'M': 'Places' comes twice; drop one, or give it an"):
        maps.world([places, places], title="M")
    names = ["A+B", "a-b", "→", "“"]
    shown = maps.world([maps.points(SOME, name) for name in names], title="M")
    assert list(shown.tables) == names
    assert [layer["name"] for layer in config_of(shown.page())["layers"]] == names


def test_what_is_no_number_says_so_in_card_and_twin():
    frame = SOME.assign(share=[np.nan, np.inf, 0.123456789])
    layer = maps.points(frame, "P", popup=["share"])
    assert [row[0] for row in layer.spec["popup"]] == ["not known", "infinite", "0.123457"]
    cells = re.findall(r"<td>(.*?)</td>", maps.twin(layer))
    assert {"not known", "infinite", "0.123457"} <= set(cells) and "inf" not in cells


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
@pytest.mark.parametrize("draw", [maps.lines, partial(maps.lines, fill=0.2)])
def test_a_line_that_is_none_is_refused(draw, piece):
    with pytest.raises(InputError, match=r"layer 'L': give lists of lines, \[\[\(lat, lon\)"):
        draw({"a": [piece]}, "L")


def test_areas_are_filled_lines():
    layer = maps.lines({"a": [np.zeros((4, 2))]}, "Beam", fill=0.4)
    assert (layer.spec["kind"], layer.spec["opacity"]) == ("areas", 0.4)
    assert layer.summary == "Beam: 1 area."


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


@pytest.mark.parametrize("levels", [[2, 1], [1, 1], [0, np.nan], []])
def test_levels_that_do_not_rise_are_refused(levels):
    zero = field(lambda lat, lon: np.zeros((len(lat), len(lon))))
    with pytest.raises(InputError, match=r"layer 'G': the levels \[.*\] do not rise: sort them"):
        maps.grid(zero, "G", levels=levels)


@pytest.mark.parametrize(
    ("lat", "lon", "side"),
    [
        ([-90.0, -35, 0, 90], np.arange(-180, 180, 90), "lat"),
        ([0.0], np.arange(-180, 180, 90), "lat"),
        ([0.0, 0], np.arange(-180, 180, 90), "lat"),
        ([0.0, 100], np.arange(-180, 180, 90), "lat"),
        ([0.0, 10], [-180.0, 0, 10], "lon"),
        ([0.0, 10], [10.0, 0, -10], "lon"),
        ([0.0, 10], np.arange(-180, 360, 10), "lon"),
        ([0.0, 10], [0.0, np.nan], "lon"),
    ],
)
def test_a_grid_of_uneven_axes_is_refused(lat, lon, side):
    values = xr.DataArray(np.zeros((len(lat), len(lon))), {"lat": lat, "lon": lon}, ("lat", "lon"))
    with pytest.raises(InputError, match=f"layer 'G': {side} has no even, rising steps on the map"):
        maps.grid(values, "G", levels=[1])


def test_the_shares_of_a_part_of_the_earth_are_said_to_be_of_the_grid():
    lat, lon = np.arange(0.0, 41, 10), np.arange(40.0, 81, 10)
    part = xr.DataArray(np.eye(5), {"lat": lat, "lon": lon}, ("lat", "lon"))
    layer = maps.grid(part, "Part", levels=[0.5], labels=["no", "yes"])
    assert layer.summary == "Part, share of the grid: no: 80.0 %, yes: 20.0 %."
    assert layer.table["latitudes"].tolist() == ["30°N to 60°N", "0° to 30°N", "whole grid"]


def test_a_class_of_one_cell_is_not_said_to_be_none():
    lat, lon = np.arange(-89, 90, 2.0), np.arange(-179, 180, 2.0)
    field = xr.DataArray(np.zeros((90, 180)), dims=("lat", "lon"), coords={"lat": lat, "lon": lon})
    field[0, 0] = 1  # at the pole: 0.0001 % of the Earth
    layer = maps.grid(field, "G", levels=[0.5, 2], labels=["no", "yes", "more"])
    assert layer.summary == "G, share of the Earth: no: 99.9 %, yes: under 0.1 %, more: 0 %."


def test_a_grid_lies_where_it_is_and_nowhere_else(needs_chromium):
    lat, lon = np.arange(0.0, 41, 10), np.arange(340.0, 381, 10)  # 20°W to 20°E
    part = xr.DataArray(np.ones((5, 5)), {"lat": lat, "lon": lon}, ("lat", "lon"))
    layer = maps.grid(part, "Part", levels=[0.5], labels=["no", "yes"], opacity=1)
    with chromium() as context:
        page = context.new_page()
        page.set_content(maps.world([layer], title="Part").page())
        page.wait_for_function("() => document.body.dataset.updates > 0")
        seen = page.evaluate(
            """() => { const c = document.querySelector('.leaflet-grid-pane canvas');
                       const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                       const at = (lat, lon) => d[4 * (Math.floor((90 - lat) * 2) * c.width +
                         Math.floor((lon + 180) * 2)) + 3] > 0;
                       return [[20, 0], [20, -24], [20, 24], [44, 0], [20, -26], [20, 26], [46, 0],
                               [-6, 0], [20, 170], [20, -90]].map(([a, o]) => at(a, o)); }"""
        )
    assert seen == [True] * 4 + [False] * 6


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
    figure = Figure()
    figure.add_subplot().plot([1, 2])
    layer = maps.chart(
        stills.held(figure), "Line", alt="A line that rises.", table=pd.DataFrame({"x": [1]})
    )
    assert layer.spec["src"].startswith("data:image/png;base64,")
    assert layer.spec["alt"] == layer.summary == "A line that rises."


@given(st.text(min_size=1, max_size=30), st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_any_text_is_a_name(name, labels):
    frame = pd.DataFrame({"name": labels, "lat": 0.0, "lon": 0.0})
    layer = maps.points(frame, name, category="name")
    assert layer.spec["label"] == labels and layer.name == name
    json.dumps(layer.spec)


def test_lines_and_countries_take_a_twin_of_the_author_s():
    twin = pd.DataFrame({"name": ["a"], "length_km": [12.0]})
    assert maps.lines({"a": [[[0, 0], [1, 1]]]}, "T", table=twin).table is twin
    assert maps.countries({"PAK": "x"}, "T", styles={"x": "blue"}, table=twin).table is twin


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


def test_a_twin_has_no_heading_without_words():
    table = pd.DataFrame({"x": ["a", "b"], "y": [1, 2], "n": [3, 4]}).pivot(
        index="x", columns="y", values="n"
    )
    layer = maps.Layer("Pivoted", {}, "", table.reset_index())
    assert "<th></th>" not in maps.twin(layer) and "<th>x</th>" in maps.twin(layer)
