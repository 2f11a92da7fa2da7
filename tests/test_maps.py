"""The map that stands still: offline, small, escaped, titled, and readable without its picture."""

import html
import json
import re

import folium
import folium.plugins
import pandas as pd
import pytest
from branca.colormap import LinearColormap
from folium.raster_layers import ImageOverlay

from helpers import data, maps
from helpers.inputs import InputError
from tools.browser import chromium

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
    assert json.loads(land) == data.countries()
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
    assert 'sandbox="allow-scripts allow-popups"' in cell


def test_a_static_map_stays_small(places):
    cell = maps.world([places], title="Places")._repr_html_()
    assert len(cell.encode()) <= 700_000


def test_the_twins_say_what_the_picture_says(places):
    more = maps.points(FRAME.assign(name="b"), "More")
    shown = maps.world([places, more], title="Places")
    assert shown.summary.startswith("Map: Places. Places: ")
    assert shown.summary.endswith("More: 1 points.")
    assert list(shown.tables) == ["Places", "More"]
    assert len(shown.table) == len(data.load("places"))
    cell = shown._repr_html_()
    twin = cell[cell.index("<details>") :]
    assert "<summary>The map as text and tables</summary>" in twin
    assert twin.count("<table") == 2 and html.escape(shown.summary) in twin


def test_a_long_table_is_cut_on_the_page_and_says_so():
    frame = pd.DataFrame({"name": [str(i) for i in range(250)], "lat": 0.0, "lon": 0.0})
    shown = maps.world([maps.points(frame, "Many")], title="Many")
    assert "The first 200 of 250 rows." in shown._repr_html_()
    assert len(shown.table) == 250


def test_a_map_without_layers_has_no_table():
    with pytest.raises(InputError, match="map 'Bare' has no layer, so it has no table"):
        _ = maps.world(title="Bare").table
    assert maps.world(title="Bare").page()


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
        data.countries(),
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
