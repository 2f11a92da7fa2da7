"""The page of a map in Chromium: keyboard, fingers, wheel, sizes, cards. No server and no kernel.

A live map is asked here as the notebook asks it, by messages; test_browser.py has the notebook.
"""

import json
import re

import folium
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from playwright.sync_api import expect

from course import looking
from helpers import data, maps
from tests.test_browser import VIEW, violations
from tools.browser import LAPTOP, chromium

pytestmark = pytest.mark.usefixtures("needs_chromium")

PHONE = {"viewport": {"width": 375, "height": 700}, "has_touch": True, "is_mobile": True}
ABOVE, UNDER = (
    "<button>before</button>",
    '<button id="after">after</button><p style="height:3000px">',
)


@pytest.fixture(scope="module")
def context(needs_chromium):
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(context):
    return context.browser


def places(count=60):
    where = {"lat": [(i * 7) % 120 - 60 for i in range(count)]}
    where["lon"] = [(i * 13) % 356 - 178 for i in range(count)]
    return pd.DataFrame({"name": [f"place {i}" for i in range(count)], **where})


def layers():
    track = {"track": [np.array([[0, -60], [20, 0], [0, 60]])]}
    members = pd.Series({"CHN": "yes", "PAK": "yes"})
    cards = {iso3: {"joined": 2015} for iso3 in members.index}
    return [
        maps.countries(members, "Members", styles={"yes": "green"}, popup=cards),
        maps.lines(track, "Track", popup={"track": {"by": "an example"}}),
        maps.points(places(), "Places", popup=("lat",)),
    ]


def opened(context, page_html, width="100%", height=420, updates=True):
    """Open a page that holds the page of a map in a frame; return (page, frame).

    In the window of the test before, where there is one: half of what a new one costs is its start.
    """
    page = context.pages[0] if context.pages else context.new_page()
    page.goto("about:blank")  # all of the test before is gone, and its pointer beside the map
    page.mouse.move(0, LAPTOP["height"] - 1)
    frame = (
        f'<iframe sandbox="allow-scripts" allowfullscreen style="width:{width};height:{height}px;'
        f'border:0;display:block"></iframe>'
    )
    page.set_content(f'<body style="margin:0">{ABOVE}{frame}{UNDER}</body>')
    page.evaluate("html => { document.querySelector('iframe').srcdoc = html; }", page_html)
    page.wait_for_timeout(100)
    inner = page.frames[1]
    drawn = (
        "document.body?.dataset.updates > 0"
        if updates
        else "document.querySelector('.leaflet-pane')"
    )
    inner.wait_for_function(f"() => {drawn}", polling=50)
    return page, inner


@pytest.fixture
def still(context):
    return opened(context, maps.world(layers(), title="Where 北斗 is").page())


def whole_page():
    """Return the page of a live map with what all of them share."""
    whole = maps.live_page("Moving")
    for name, text in maps.assets().items():
        whole = whole.replace(maps.MARK.format(name), text)
    return whole


@pytest.fixture
def live(context):
    return opened(context, whole_page())


def send(page, *given):
    updates = "Number(document.body.dataset.updates)"
    before = page.frames[1].evaluate(updates)
    specs = [maps.with_base64(layer.spec) for layer in given]
    page.evaluate(
        "specs => document.querySelector('iframe').contentWindow"
        ".postMessage({silkroad: {set: specs}}, '*')",
        specs,
    )
    page.frames[1].wait_for_function(f"before => {updates} > before", arg=before)


def active(frame):
    """Return (role, name) of what has the focus in the map."""
    return frame.evaluate(
        "() => { const a = document.activeElement;"
        " return [a.getAttribute('role'), a.getAttribute('aria-label')]; }"
    )


# Keyboard and ears


def test_a_map_is_one_stop_and_the_next_is_soon(still):
    page, frame = still
    page.locator("button").first.focus()
    stops = []
    while not page.evaluate("() => document.activeElement.id === 'after'"):
        page.keyboard.press("Tab")
        stops.append(frame.evaluate("() => document.activeElement.outerHTML.slice(0, 60)"))
        assert len(stops) < 15, "a way past the map"
    assert not [stop for stop in stops if stop.startswith("<path")]
    assert sum("folium-map" in stop for stop in stops) == 1


def test_arrows_walk_between_marks_enter_opens_a_card_escape_leaves(still):
    page, frame = still
    frame.locator(".folium-map").focus()
    assert active(frame) == ["application", "Map: Where 北斗 is"]
    marks = []
    for _ in range(60):
        page.keyboard.press("ArrowRight")
        marks.append(tuple(active(frame)))
    assert {role for role, _ in marks} == {"button"}
    assert {name for _, name in marks} == set(places()["name"])
    page.keyboard.press("ArrowDown")
    assert active(frame) == ["button", "track"]
    page.keyboard.press("ArrowDown")
    assert active(frame)[1] in ("China", "Pakistan")
    page.keyboard.press("ArrowLeft")
    country = active(frame)[1]
    page.keyboard.press("Enter")
    assert active(frame) == ["dialog", country]
    assert "joined" in frame.locator(".leaflet-popup").inner_text()
    for rest in (["button", country], ["application", "Map: Where 北斗 is"], [None, None]):
        page.keyboard.press("Escape")
        assert active(frame) == rest
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.activeElement.id === 'after'", timeout=5000)


def test_every_mark_has_a_role_and_a_name(still):
    _, frame = still
    marks = frame.locator(".leaflet-overlay-pane path")
    assert marks.count() == 60 + 1 + 2
    for attribute in ("role", "aria-label"):
        assert all(marks.evaluate_all(f"a => a.map(e => e.getAttribute('{attribute}'))"))


def test_the_map_moves_and_zooms_by_keyboard(still):
    page, frame = still
    frame.locator(".folium-map").focus()
    seen = "document.querySelector('.leaflet-map-pane').style.transform"
    scale = "document.querySelector('.leaflet-control-scale-line').textContent"
    before = frame.evaluate(scale)
    for _ in range(2):
        page.keyboard.press("+")
        frame.evaluate(VIEW)
    frame.wait_for_function(f"before => {scale} !== before", arg=before)
    there = frame.evaluate(seen)
    page.keyboard.press("Shift+ArrowRight")
    frame.wait_for_function(f"there => {seen} !== there", arg=there)


def test_a_mark_that_is_drawn_anew_keeps_the_focus(live):
    page, frame = live
    track = {"one": [np.array([[0, -60], [0, 60]])], "two": [np.array([[20, -60], [20, 60]])]}
    send(page, maps.lines(track, "Tracks"))
    frame.locator(".folium-map").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    role, name = active(frame)
    assert role == "img" and name in track  # it has no card
    send(page, maps.lines({k: [np.array([[5, -60], [5, 60]])] for k in track}, "Tracks"))
    assert active(frame) == ["img", name]


def test_chinese_is_marked_as_chinese(still):
    page, frame = still
    frame.evaluate("() => markChinese(document.body)")  # twice marks nothing twice
    layer = maps.points(places(3).assign(name=["北斗 BeiDou", "天通", "GPS"]), "导航 Navigation")
    inner = maps.world([layer], title="t").page()
    page, marked = opened(page.context, inner)
    assert marked.locator("#legend [lang=zh]").all_inner_texts() == ["导航"]
    marked.locator(".folium-map").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        if "北斗" in active(marked)[1]:
            break
    page.keyboard.press("Enter")
    assert marked.locator(".leaflet-popup [lang=zh]").all_inner_texts() == ["北斗"]


def test_a_legend_is_whole_or_lacks_more_than_its_button_takes(context):
    page, frame = opened(context, whole_page(), width="343px", height=371)
    asked = "[legend.scrollHeight - legend.clientHeight, document.getElementById('more').hidden]"
    seen = set()
    for count in range(3, 12):
        rows = places(count).assign(kind=[f"a kind of place, {i}" for i in range(count)])
        send(page, maps.points(rows, f"Places {count}", category="kind"))
        lacks, hidden = frame.evaluate(f"() => {asked}")
        assert (lacks <= 2) == hidden and not 2 < lacks <= 28, count
        seen.add(hidden)
    assert seen == {True, False}


def test_a_label_that_the_edge_would_cut_stands_left_of_its_mark(context):
    rows = {"name": ["Kahramanmaras earthquake", "Lima"], "lat": [37, -12], "lon": [100, -77]}
    layer = maps.points(pd.DataFrame(rows), "Places", labels=True)
    page, frame = opened(context, maps.world([layer], title="t").page(), width="358px")
    boxes = """() => [...document.querySelectorAll('.place-label')].map(label => {
        const { left, right } = label.getBoundingClientRect();
        return [label.textContent, label.classList.contains('leaflet-tooltip-left'), left >= 0
            && right <= innerWidth]; })"""
    assert frame.evaluate(boxes) == [
        ["Kahramanmaras earthquake", True, True],
        ["Lima", False, True],
    ]
    page.evaluate("() => { document.querySelector('iframe').style.width = '1000px'; }")
    frame.wait_for_function(f"() => ({boxes})().every(([, left]) => !left)")
    assert [left for _, left, _ in frame.evaluate(boxes)] == [False, False]


def test_labels_of_marks_that_lie_close_cover_neither_each_other_nor_another_mark(context):
    near = [(0, 0), (0.4, 0.6), (-0.5, 0.3), (0.9, -0.2), (40, 100), (40.2, 100.4)]
    rows = [
        {"name": f"A place of no size {i}", "lat": a, "lon": b} for i, (a, b) in enumerate(near)
    ]
    layer = maps.points(pd.DataFrame(rows), "Places", labels=True)
    page, frame = opened(context, maps.world([layer], title="t").page(), width="900px")
    seen = """() => {
        const labels = [...document.querySelectorAll('.place-label')]
            .filter(e => e.checkVisibility({ visibilityProperty: true }))
            .map(e => e.getBoundingClientRect());
        const meet = (a, b) => a.left < b.right && b.left < a.right
            && a.top < b.bottom && b.top < a.bottom;
        const pairs = labels.flatMap((a, i) => labels.slice(i + 1).filter(b => meet(a, b)));
        return [labels.length, pairs.length]; }"""
    count, overlaps = frame.evaluate(seen)
    assert overlaps == 0 and 4 <= count <= 6
    frame.locator(".leaflet-container").focus()
    for _ in range(8):
        page.keyboard.press("+")
        page.wait_for_timeout(150)
    frame.evaluate(VIEW)
    frame.wait_for_function(f"() => ({seen})()[1] === 0")


def test_a_label_covers_no_mark_of_a_layer_without_labels_where_it_has_another_side(context):
    """Lesson 10's label of Nairobi lay over the station that flew past, east of the town."""
    town = pd.DataFrame({"name": ["Nairobi"], "lat": [-1.3], "lon": [36.8]})
    near = pd.DataFrame({"name": ["Station"], "lat": [-1.3], "lon": [42.0]})
    layers = [maps.points(town, "You", labels=True), maps.points(near, "Station", size=9)]
    _, frame = opened(context, maps.world(layers, title="t").page(), width="900px")
    frame.wait_for_selector(".place-label.leaflet-tooltip-left")
    label = frame.locator(".place-label").bounding_box()
    mark = frame.locator("[aria-label=Station]").bounding_box()
    assert label["x"] + label["width"] <= mark["x"]


def test_a_label_left_out_shows_where_its_mark_is_pointed_at_or_has_the_focus(context):
    rows = [{"name": f"A long name {i}", "lat": i % 3, "lon": i / 3} for i in range(9)]
    layer = maps.points(pd.DataFrame(rows), "Places", labels=True)
    _, frame = opened(context, maps.world([layer], title="t").page(), width="700px")
    frame.wait_for_selector(".place-label.crowded", state="attached")
    name = frame.evaluate("() => document.querySelector('.place-label.crowded').textContent")
    label, mark = frame.locator(".place-label", has_text=name), f"[aria-label='{name}']"
    assert label.count() == 1 and not label.is_visible()
    frame.locator(mark).focus()
    expect(label).to_be_visible()
    frame.locator(mark).blur()
    expect(label).not_to_be_visible()
    frame.locator(mark).dispatch_event("mouseover")
    expect(label).to_be_visible()


LOOK = """() => { const map = window[Object.keys(window).find(k => k.startsWith('map_'))];
    return [map.getCenter().lat, map.getCenter().lng, map.getZoom()].map(Math.round); }"""


HIDDEN = """spec => { const all = document.documentElement.style;
    all.display = 'none';
    window.dispatchEvent(new MessageEvent('message', {
        source: window.parent, data: { silkroad: { set: [spec] } } }));
    all.display = ''; }"""


def test_a_map_hidden_for_a_moment_shows_the_same_afterwards(context):
    """A notebook hides what is out of sight: the map of the ships opened on the Caspian Sea."""
    page, frame = opened(context, whole_page())
    place = maps.points(pd.DataFrame({"name": ["x"], "lat": [0], "lon": [0]}), "Place")
    send(page, place)  # and the legend has its height
    page.wait_for_timeout(300)
    before = frame.evaluate(LOOK)
    frame.evaluate(HIDDEN, maps.with_base64(place.spec | {"look": [[14, 95], [50, 140]]}))
    page.wait_for_timeout(500)
    assert frame.evaluate(LOOK) == before


def test_a_map_opens_where_a_layer_says_and_moves_there_anew(context):
    def place(lat, lon):
        return maps.points(pd.DataFrame({"name": ["x"], "lat": [lat], "lon": [lon]}), "Place")

    page, frame = opened(context, whole_page())
    world = frame.evaluate(LOOK)

    def shown(layer):
        send(page, layer)
        frame.evaluate(VIEW)
        return frame.evaluate(LOOK)

    def near_to(*where):
        return shown(looking.around(place(*where), 20))

    near = near_to(37, 37)
    assert near[:2] == [37, 37] and near[2] > world[2]
    frame.locator(".leaflet-container").focus()
    for _ in range(2):
        before = scale(frame)
        page.keyboard.press("+")
        zooms(frame, before)
    closer = frame.evaluate(LOOK)
    assert near_to(37, 37) == closer, "the same place leaves the reader's view alone"
    lima = near_to(-12, -77)
    assert lima[:2] == [-12, -77], "another one is looked at"
    smaller = shown(looking.around(place(-10, -75), 15))
    assert smaller == lima, "what is well seen already makes no map jump"
    assert shown(looking.around(place(-10, -75), 2))[2] > lima[2], "what is small in it does"
    near_to(-12, -77)
    beside = near_to(-2, -67)
    assert beside != lima and near_to(-12, -77) == beside, "there and back: both are shown"
    high = near_to(75, 37)
    for height in (300, 460, 420):  # Leaflet pans what lies beyond the Pole away: not the reader
        page.evaluate(f"() => {{ document.querySelector('iframe').style.height = '{height}px'; }}")
        frame.wait_for_function(f"() => innerHeight === {height}")
        frame.evaluate(VIEW)
    assert frame.evaluate(LOOK) == high
    assert shown(place(0, 0)) == world, "none: as it was opened"


def test_axe_finds_nothing_in_a_map_with_a_card_open(still, axe):
    page, frame = still
    frame.locator(".folium-map").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    frame.wait_for_function(  # the card has come
        "() => getComputedStyle(document.querySelector('.leaflet-popup')).opacity === '1'"
    )
    assert violations(frame, axe, None) == []


def test_who_asks_for_less_motion_gets_none(browser):
    calm = browser.new_context(reduced_motion="reduce")
    page = calm.new_page()
    page.set_content(maps.world(layers(), title="calm").page())
    assert page.locator(".folium-map.leaflet-container").count() == 1
    assert page.locator(".leaflet-fade-anim, .leaflet-zoom-anim").count() == 0
    calm.close()


# Fingers and wheel


SCALE = "document.querySelector('.leaflet-control-scale-line').style.width"


def scale(frame):
    return frame.evaluate(SCALE)


def zooms(frame, before):
    """Wait until the scale is another, and the map rests."""
    frame.wait_for_function(f"before => {SCALE} !== before", arg=before)
    frame.evaluate(VIEW)


def scrolls(page, pixels):
    """Wait until the page has scrolled so far, and see that it stays there."""
    page.wait_for_function("pixels => scrollY === pixels", arg=pixels)
    page.wait_for_timeout(200)
    assert page.evaluate("() => scrollY") == pixels


def test_the_wheel_scrolls_the_page_until_the_map_is_meant(still):
    page, frame = still
    page.mouse.move(300, 200)
    page.mouse.move(310, 210)
    before = scale(frame)
    page.mouse.wheel(0, 100)
    scrolls(page, 100)
    assert scale(frame) == before
    assert "Ctrl" in frame.locator(".silkroad-word.said").inner_text()
    page.evaluate("() => scrollTo(0, 0)")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    zooms(frame, before)
    assert page.evaluate("() => scrollY") == 0
    zoomed = scale(frame)
    page.mouse.click(300, 40)
    page.mouse.wheel(0, -200)
    zooms(frame, zoomed)
    assert page.evaluate("() => scrollY") == 0
    page.mouse.move(300, 600)  # out of the map, and over it again
    page.wait_for_timeout(3100)
    page.mouse.move(300, 200)
    page.mouse.wheel(0, 50)
    scrolls(page, 50)


def touch(client, kind, *fingers):
    points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(fingers)]
    client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_one_finger_scrolls_the_page_and_two_move_the_map(browser):
    phone = browser.new_context(**PHONE)
    page, frame = opened(phone, maps.world(layers(), title="phone").page())
    client = phone.new_cdp_session(page)
    place = "() => document.querySelector('.leaflet-map-pane').style.transform"
    before, size = frame.evaluate(place), scale(frame)
    touch(client, "touchStart", (150, 250))
    for y in range(240, 90, -10):
        touch(client, "touchMove", (150, y))
    assert "Two fingers" in frame.locator(".silkroad-word.said").inner_text()
    touch(client, "touchEnd")
    page.wait_for_function("() => scrollY > 50")
    frame.evaluate(VIEW)
    assert (frame.evaluate(place), scale(frame)) == (before, size)
    page.evaluate("() => scrollTo(0, 0)")
    touch(client, "touchStart", (150, 200), (200, 200))
    for step in range(1, 12):
        touch(client, "touchMove", (150 - 5 * step, 200), (200 + 5 * step, 200))
        page.wait_for_timeout(20)
    touch(client, "touchEnd")
    zooms(frame, size)
    assert page.evaluate("() => scrollY") == 0
    phone.close()


def test_a_plain_folium_map_leaves_the_wheel_to_the_page_too(context):
    plain = maps.offline(folium.Map(tiles=None, zoom_start=2), title="plain").get_root().render()
    page, _ = opened(context, plain, updates=False)
    page.mouse.move(300, 200)
    page.mouse.wheel(0, 100)
    scrolls(page, 100)


def test_what_is_small_is_hit_beside_it(context):
    one = pd.DataFrame({"name": ["pad"], "lat": [0.0], "lon": [0.0]})
    pad = maps.points(one, "Pads", popup=("lat",), size=3)
    page, frame = opened(context, maps.world([pad], title="small").page())
    mark = frame.locator(".leaflet-overlay-pane path")
    box = mark.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x + 15, y)
    assert frame.locator(".leaflet-popup").count() == 0
    page.mouse.click(x + 8, y + 8)
    assert "pad" in frame.locator(".leaflet-popup").inner_text()


def test_targets_for_a_finger_are_24_pixels(browser):
    phone = browser.new_context(**PHONE)
    _, frame = opened(phone, maps.world(layers(), title="phone").page())
    for part in ("button:visible", ".leaflet-bar a", "#legend label", "#borders summary"):
        for found in frame.locator(part).all():
            box = found.bounding_box()
            assert min(box["width"], box["height"]) >= 24, (part, box)
    phone.close()


# Sizes


@pytest.mark.parametrize("start", [0, 40])
def test_a_frame_that_gets_its_width_late_keeps_no_empty_legend(context, start):
    page, frame = opened(context, maps.world(layers(), title="late").page(), width=f"{start}px")
    page.wait_for_timeout(200)
    page.evaluate("() => { document.querySelector('iframe').style.width = '900px'; }")
    legend = "() => document.getElementById('legend').offsetHeight"
    frame.wait_for_function(f"() => innerWidth === 900 && ({legend})() < 40")
    frame.evaluate(VIEW)
    kept = frame.evaluate(legend)
    frame.evaluate("() => { document.getElementById('legend').style.minHeight = ''; }")
    assert kept == frame.evaluate(legend) < 40
    south, north = maps.WORLD[0][0], maps.WORLD[1][0]
    assert shown(frame)["south"] <= south and shown(frame)["north"] >= north


@pytest.mark.parametrize("small", [(836, 260), (300, 420), (700, 220)])
def test_a_map_that_had_little_room_is_fitted_to_more_as_one_that_begins_with_it(context, small):
    """As after slides. In little room the world is smaller than the least zoom of more room."""
    page_html, large = maps.world(layers(), title="grows").page(), (1098, 520)
    views = []
    for width, height in (large, small):
        page, frame = opened(context, page_html, f"{width}px", height)
        frame.evaluate(VIEW)
        sizes = [f"{n}px" for n in large]
        page.evaluate(
            """([width, height]) => { const { style } = document.querySelector('iframe');
                style.width = width; style.height = height; }""",
            sizes,
        )
        frame.wait_for_function(f"() => innerWidth === {large[0]}")
        views.append(frame.evaluate(VIEW))
    fresh, grown = ([float(number) for number in view[:3]] for view in views)
    assert grown[2] == fresh[2] > 0
    assert grown == pytest.approx(fresh, abs=0.4)  # a pixel


def shown(frame):
    """Return the degrees at the edges of the map."""
    return frame.evaluate(
        """() => { const map = window[document.querySelector('.folium-map').id];
                   const b = map.getBounds();
                   return {south: b.getSouth(), north: b.getNorth(),
                           west: b.getWest(), east: b.getEast()}; }"""
    )


@pytest.mark.parametrize("width", [320, 358, 900])
def test_the_whole_world_fits_and_marks_at_its_edge_are_whole(context, width):
    edge = pd.DataFrame({"name": ["west", "east"], "lat": [0.0, 0.0], "lon": [-180.0, 180.0]})
    _, frame = opened(
        context, maps.world([maps.points(edge, "Edge")], title="world").page(), width=f"{width}px"
    )
    assert shown(frame)["west"] <= -180 and shown(frame)["east"] >= 180
    for mark in frame.locator(".leaflet-overlay-pane path").all():
        box = mark.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
    frame.locator(".leaflet-control-zoom-in").click()
    frame.locator(".leaflet-control-zoom-in").click()
    frame.evaluate(VIEW)
    assert shown(frame)["east"] < 180
    frame.locator("[title='The whole world']").click()
    bounds = shown(frame)
    assert bounds["west"] <= -180 and bounds["east"] >= 180
    assert bounds["south"] <= -90 and bounds["north"] >= 90


def test_a_long_legend_says_that_it_goes_on_and_opens(context):
    count = 56
    many = places(count).assign(kind=[f"a kind of place, number {i}" for i in range(count)])
    layer = maps.points(many, "Many", category="kind")
    _, frame = opened(context, maps.world([layer], title="long").page(), width="358px")
    more = frame.locator("#more")
    last = frame.locator("#legend span").last
    assert more.inner_text() == "The whole legend" and more.is_visible()
    more.click()
    last.scroll_into_view_if_needed()
    assert more.get_attribute("aria-expanded") == "true"
    legend = frame.evaluate(
        "() => [...document.querySelectorAll('#legend')].map(e => e.scrollHeight - e.clientHeight)"
    )
    assert legend[0] <= 1
    more.click()
    assert frame.evaluate("() => document.getElementById('legend').offsetHeight") <= 132
    _, frame = opened(context, maps.world(layers(), title="short").page())
    assert frame.locator("#more").is_hidden()


def test_the_note_on_borders_is_one_line_and_opens(still):
    _, frame = still
    note = frame.locator("#borders summary")
    assert data.BORDER_POLICY in note.inner_text()
    closed = note.bounding_box()["height"]
    assert closed < 24
    frame.evaluate("() => { document.querySelector('#borders').style.maxWidth = '300px'; }")
    note.click()
    assert note.bounding_box()["height"] > 1.8 * closed


def test_a_map_fills_the_screen(still):
    page, frame = still
    frame.locator("[title='The whole screen']").click()
    page.wait_for_function("() => document.fullscreenElement?.tagName === 'IFRAME'")
    frame.locator("[title='The whole screen']").click()
    page.wait_for_function("() => !document.fullscreenElement")


# Cards


def test_a_card_stays_inside_the_map_and_follows_its_mark(live):
    page, frame = live
    frame_box = page.locator("iframe").bounding_box()
    corners = [(84.0, 179.0), (84.0, -179.0), (-59.0, 179.0), (-59.0, -179.0), (0.0, 179.0)]
    for lat, lon in corners:
        one = pd.DataFrame({"name": ["C01", "C02"], "lat": [lat, 0], "lon": [lon, 0], "km": 1})
        send(page, maps.points(one, "Satellites", popup=("lat", "lon", "km")))
        frame.evaluate(
            "() => document.querySelector('[aria-label=C01]').dispatchEvent("
            "new MouseEvent('click', {bubbles: true, clientX: 0, clientY: 0}))"
        )
        expect(frame.locator(".leaflet-popup-content-wrapper")).to_contain_text("C01")
        # The order of the rows changes, and the place with it: the card stays that of C01.
        moved = one.iloc[::-1].assign(lat=[0, lat - 1 if lat > 0 else lat + 1])
        send(page, maps.points(moved, "Satellites", popup=("lat", "lon", "km")))
        card = frame.locator(".leaflet-popup-content-wrapper")
        frame.evaluate(VIEW)
        assert "C01" in card.inner_text() and f"{moved.iloc[1]['lat']:g}" in card.inner_text()
        box, below = card.bounding_box(), frame.locator("#panel").bounding_box()["y"]
        for buttons in frame.locator(".leaflet-top .leaflet-bar").all():
            bar = buttons.bounding_box()
            assert bar["x"] + bar["width"] <= box["x"] or box["x"] + box["width"] <= bar["x"]
        assert box["x"] >= frame_box["x"]
        assert box["x"] + box["width"] <= frame_box["x"] + frame_box["width"]
        assert box["y"] >= frame_box["y"] and box["y"] + box["height"] <= below
        frame.locator(".leaflet-popup-close-button").click()
        expect(card).to_have_count(0)


@pytest.mark.parametrize("width", [450, 660])
def test_a_card_leaves_most_of_a_small_map_to_be_seen(context, width):
    """Beside a sky a map is half as wide as alone."""
    page, frame = opened(context, whole_page(), width=f"{width}px", height=430)
    row = {"name": ["BEIDOU-3 IGSO-1"], "lat": [20.0], "lon": [60.0], "orbit_class": ["IGSO"]}
    row |= {"height_km": [35_912.0], "confidence": ["high"]}
    row["source_ids"] = ["S049;S053;S054;S058"]
    card = ("orbit_class", "height_km")
    send(page, maps.points(pd.DataFrame(row), "Seen", popup=card))
    mark = frame.get_by_role("button", name="BEIDOU-3 IGSO-1")
    mark.dispatch_event("click")
    box, whole = (
        frame.locator(part).bounding_box()
        for part in (".leaflet-popup-content-wrapper", ".folium-map")
    )
    assert box["width"] * box["height"] < 0.17 * whole["width"] * whole["height"]
    words = frame.locator(".leaflet-popup-content").evaluate(
        "e => [parseFloat(getComputedStyle(e).fontSize), e.scrollHeight - e.clientHeight]"
    )
    assert words[0] >= 11 and words[1] <= 1, "small, but to be read as a whole"
    title, button = (
        frame.locator(part).bounding_box()
        for part in (".leaflet-popup-content", ".leaflet-popup-close-button")
    )
    assert title["x"] + title["width"] <= button["x"] + 3


@pytest.mark.parametrize("width", [320, 470, 940])
def test_the_words_of_the_scale_stand_inside_its_line(context, width):
    _, frame = opened(context, maps.world(layers(), title="scale").page(), width=f"{width}px")
    seen = frame.evaluate(
        """() => { const map = window[Object.keys(window).find(k => k.startsWith('map_'))];
             const line = document.querySelector('.leaflet-control-scale-line'), seen = {};
             map.eachLayer(one => one.remove());  // to draw them costs most, and tells nothing
             for (let zoom = map.getMinZoom(); zoom < 9; zoom += 0.1) {
               map.setView([20, 60], zoom, {animate: false});
               const words = line.textContent, over = line.scrollWidth - line.clientWidth;
               seen[words] = Math.max(seen[words] ?? -99, over);
             } return seen; }"""
    )
    assert len(seen) > 8 and max(seen.values()) <= 0, seen


# What is drawn


def colors(frame, selector):
    """Return the colours at the middle of elements, as the screen shows them."""
    from io import BytesIO

    from PIL import Image

    found = []
    for element in frame.locator(selector).all():
        picture = Image.open(BytesIO(element.screenshot())).convert("RGB")
        found.append(picture)
    return found


def test_swatches_have_the_colour_of_the_map_and_coasts_are_seen_on_the_darkest(context):
    lat, lon = np.arange(-88, 89, 2.0), np.arange(-180, 180, 2.0)
    field = xr.DataArray(
        np.full((len(lat), len(lon)), 9.0), coords={"lat": lat, "lon": lon}, dims=("lat", "lon")
    )
    layer = maps.grid(field, "Dark", levels=[2, 4, 8])
    _, frame = opened(context, maps.world([layer], title="dark").page())
    frame.evaluate(VIEW)
    swatch = colors(frame, "#legend svg")[-1]
    sea, land = swatch.getpixel((3, 7)), swatch.getpixel((10, 7))
    picture = colors(frame, ".folium-map")[0]
    seen = picture.getcolors(1 << 24)
    common = [color for _, color in sorted(seen, reverse=True) if max(color) < 200][:2]
    for shown_, told in zip(common, (sea, land), strict=True):
        assert max(abs(a - b) for a, b in zip(shown_, told, strict=True)) <= 3
    dark = np.array(sea, float) @ [0.2126, 0.7152, 0.0722]
    light = np.asarray(picture, float) @ [0.2126, 0.7152, 0.0722] > dark + 40
    assert light.sum() > 3000, "the coasts"


def test_classes_that_touch_are_parted_by_a_line(context):
    lat, lon = np.arange(-88, 89, 2.0), np.arange(-180, 180, 2.0)
    halves = np.where(lon < 0, 9.0, 12.0)[None, :].repeat(len(lat), axis=0)
    field = xr.DataArray(halves, coords={"lat": lat, "lon": lon}, dims=("lat", "lon"))
    layer = maps.grid(field, "Halves", levels=[2, 4, 6, 8, 10, 20])
    _, frame = opened(context, maps.world([layer], title="halves").page())
    darkest = frame.evaluate(
        """() => { const c = document.querySelector('.leaflet-grid-pane canvas');
                   const d = c.getContext('2d').getImageData(340, 100, 40, 1).data;
                   return Array.from({length: 40}, (_, i) => d[4*i] + d[4*i+1] + d[4*i+2]); }"""
    )
    assert min(darkest) < 0.7 * min(darkest[0], darkest[-1])
    assert sum(value == min(darkest) for value in darkest) == 1


def test_a_track_says_where_it_begins_and_which_way_it_goes(context):
    path = [np.array([[0, -60], [0, 60]])]
    for dash, parts in (("6 4", 1), ("6 4→", 4)):  # a ring and at least two arrows
        line = maps.lines({"track": path}, "Track", dash=dash)
        _, frame = opened(context, maps.world([line], title="track").page())
        drawn = frame.locator(".leaflet-overlay-pane path")
        assert drawn.get_attribute("stroke-dasharray") == "6 4"
        shape = drawn.get_attribute("d")
        assert shape.count("M") >= parts if parts > 1 else shape.count("M") == 1
        if parts > 1:  # the tip of each arrow lies east of its two ends
            arrows = re.findall(r"M([\d.]+),[\d.]+L([\d.]+),[\d.]+L([\d.]+),", shape)
            assert len(arrows) >= 2 and all(
                float(tip) > float(a) == float(b) for a, tip, b in arrows
            )


def test_the_page_of_a_map_asks_for_nothing(context):
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(maps.world(layers(), title="quiet").page())
    page.wait_for_function("() => document.body.dataset.updates > 0")
    assert [url for url in asked if not re.match("data:|blob:|about:", url)] == []
    assert json.loads(page.evaluate("() => document.body.dataset.layers"))["Places"] == 60
    page.close()
