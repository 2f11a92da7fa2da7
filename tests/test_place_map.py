"""My place by a click on a map: what a click means, what is refused. And both ways in a browser."""

import json

import numpy as np
import pytest
from test_browser import drawn, map_in, notebook, violations

from course import place as my
from helpers import data, live
from helpers.inputs import InputError
from tools.browser import NOTEBOOKS, POLLING_MS, bring, chromium, desk, lab

KARACHI, LAHORE = (24.86, 67.01), (31.56, 74.35)


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """Return where this test keeps its place."""
    path = tmp_path / "place.json"
    monkeypatch.setenv(my.VARIABLE, str(path))
    monkeypatch.setattr(my, "_unkept", {})
    return path


# --- what a click means


@pytest.mark.parametrize(
    ("click", "name", "km"),
    [
        ([31.56, 74.35, 0.2], "Lahore", 0),
        ([32.0, 74.2, 5], "Gujranwala", 18),
        ([30.2, 70.0, 0.1], "30.20° N, 70.00° E", 0),
        ([-0.2, -160, 4.8], "0.20° S, 160.00° W", 0),
        ([-17.5, -179.5, 4.4], "Suva", 231),
        ([-20, 80, 15], "20.00° S, 80.00° E", 0),
        ([30.2, 70.0, 15], "Dera Ghazi Khan", 63),
        ([90, 0, 1], "90.00° N, 0.00° E", 0),
        ([0, 180, 0], "0.00° N, 180.00° E", 0),
        ([0, 0, 0], "0.00° N, 0.00° E", 0),
    ],
)
def test_a_click_means_the_nearest_city_within_reach_or_the_point(click, name, km):
    place, away_km = my.clicked({"click": click})
    assert list(place.index) == list(my.FIELDS) and place["name"] == name
    assert away_km == pytest.approx(km, abs=1)
    my.keep(place)
    assert dict(my.mine()) == dict(place), "what was chosen comes back from the file"


def test_each_city_is_chosen_by_a_click_on_it_and_by_none_beyond_reach():
    cities = data.load("cities").iloc[::40]
    for row in cities.itertuples():
        place, km = my.clicked({"click": [row.lat, row.lon, 0.001]})
        assert (place["lat"], place["lon"], km) == (row.lat, row.lon, 0), row.city
    lat, lon = np.random.default_rng(5).uniform([-80, -180], [80, 180], (50, 2)).T
    every = data.load("cities")
    for one in zip(lat.tolist(), lon.tolist(), strict=True):
        place, _ = my.clicked({"click": [*one, 4.0]})
        across = np.abs(every["lon"] - one[1])
        nearest = np.hypot(every["lat"] - one[0], np.minimum(across, 360 - across)).min()
        assert place["name"][0].isdigit() == (nearest > 4)


@pytest.mark.parametrize(
    "message",
    [
        None,
        {},
        [],
        "click",
        {"click": None},
        {"click": "31.5 74.3 1"},
        {"click": [31.5, 74.3]},
        {"click": [31.5, 74.3, 1, 1]},
        {"click": ["31.5", 74.3, 1]},
        {"click": [True, 74.3, 1]},
        {"click": [31.5, None, 1]},
        {"click": [float("nan"), 74.3, 1]},
        {"click": [31.5, 74.3, float("inf")]},
    ],
)
def test_a_message_without_a_place_is_refused_and_changes_nothing(message, file):
    control = opened()
    send(control, {"click": [*LAHORE, 0.1]})
    kept = file.read_bytes()
    send(control, message)
    assert control.problem == "This click came without a place: click the map once more."
    assert control.problem in control.said.value and control.box.value == "Lahore, Pakistan"
    assert file.read_bytes() == kept
    send(control, {"click": [*KARACHI, 0.1]})  # the remedy
    assert my.mine()["name"] == "Karachi"


@pytest.mark.parametrize("click", [[90.5, 10, 1], [-91, 10, 1], [10, 180.5, 1], [10, -400, 1]])
def test_a_click_beside_the_earth_is_refused(click):
    with pytest.raises(InputError, match="beside the Earth: click within the frame"):
        my.clicked({"click": click})


# --- the control


def opened():
    control = my.choose()
    control.opener.click()
    return control


def send(control, message):
    """Give the control what the page would send."""
    control.map._handle_custom_msg(message, [])


def layers(control):
    specs = [getattr(control.map, key) for key in control.map.layer_keys]
    return {spec["name"]: spec for spec in specs if spec}


def test_nothing_of_the_map_is_made_before_it_is_asked_for(monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError("a map was made")

    monkeypatch.setattr(live, "LiveMap", refused)
    control = my.choose()
    control.box.value = "Lahore"
    control.button.click()
    assert control.map is None and len(control.children) == 2
    with pytest.raises(AssertionError, match="a map was made"):
        control.open_or_close(None)


def test_a_click_chooses_moves_the_mark_and_leaves_the_map_open(file):
    control = opened()
    assert control.children[-1] is control.map and control.opener.description == my.CLOSE
    assert control.said.layout.min_height == "64px", "room for its words: the map stays put"
    assert list(layers(control)) == ["Other cities", "Capitals"]
    names = [name for spec in layers(control).values() for name in spec["label"]]
    assert sorted(names) == sorted(data.load("cities")["city"]), "each once"
    send(control, {"click": [31.7, 74.5, 4.8]})
    assert control.box.value == "Lahore, Pakistan" and not control.button.disabled
    assert "It lies 21 km from your click: to be exact, zoom in. Kept" in control.problem
    assert json.loads(file.read_text("utf-8"))["name"] == "Lahore"
    mark = layers(control)["My place"]
    assert (mark["lat"], mark["lon"]) == ([31.56], [74.35]) and mark["labels"]
    assert mark["legend"][0]["shape"] == "diamond", "as my.mark() on every map"
    send(control, {"click": [*KARACHI, 0.1]})
    assert layers(control)["My place"]["label"] == ["Karachi"] and "km from" not in control.problem
    assert control.children[-1] is control.map, "open for one more"
    control.opener.click()
    assert control.map not in control.children and control.opener.description == my.ON_A_MAP
    assert control.said.layout.min_height is None and control._dom_classes == ("silkroad-place",)
    control.box.value = "Nairobi"
    control.opener.click()
    assert layers(control)["My place"]["label"] == ["Nairobi"], "search and click are one choice"
    control.button.click()
    assert list(layers(control)) == ["Other cities", "Capitals"] and my.mine() is None


def test_each_layer_of_the_map_asks_and_no_other_map_s_does():
    my.keep(my.place_of("Lahore"))
    control = opened()
    assert {spec["asks"] for spec in layers(control).values()} == {my.ASKS}
    assert not any("asks" in layer.spec for layer in my.mark())


def test_the_map_has_its_twins_in_words():
    control = opened()
    assert control.map.twin == "", "closed, they cost nothing"
    control.map.twin_open = True
    assert "Nairobi" in control.map.twin and "My place" not in control.map.twin
    send(control, {"click": [*LAHORE, 0.1]})
    assert "My place: 1 point" in control.map.twin


def test_what_is_stored_of_the_control_says_the_same_with_an_open_map():
    closed, open_ = my.choose()._repr_mimebundle_(), opened()._repr_mimebundle_()
    for kind in ("text/plain", "text/html"):
        assert closed[kind] == open_[kind] and "No place is chosen" in open_[kind]


# --- in a browser

BEIDOU = next(path for path in NOTEBOOKS if path.name.startswith("04"))
FIRST_OF_MENU = """() => [...document.querySelectorAll('.silkroad-view select')]
    .map(menu => menu.selectedOptions[0]?.textContent.replaceAll('\\u00a0', ' '))"""

RUN_BELOW = """() => {
    const { content } = window.jupyterapp.shell.currentWidget;
    const at = content.widgets.findIndex(cell => cell.model.id === 'my-place');
    content.activeCellIndex = at + 1;
    return window.jupyterapp.commands.execute('notebook:run-all-below');
}"""

# Where a place lies in the window, by the map's own projection.
PIXEL = """([lat, lon]) => {
    const map = window[Object.keys(window).find(name => name.startsWith('map_'))];
    const { x, y } = map.latLngToContainerPoint([lat, lon]);
    const box = map.getContainer().getBoundingClientRect();
    return [box.left + x, box.top + y]; }"""
OTHER = """
from helpers import maps
from helpers.live import live

@live("Another map", height=300, step=(0, 3))
def other(step=0):
    return *my.mark(), f"step {step}"
"""


def click_at(page, element, lat, lon):
    """Click on a map where a place lies."""
    x, y = map_in(element).evaluate(PIXEL, [lat, lon])
    box = element.bounding_box()
    page.mouse.click(box["x"] + 1 + x, box["y"] + 1 + y)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return where the kernels of the browser's server keep a place, in folders yet to be made."""
    return tmp_path_factory.mktemp("settings") / "silk road" / "place.json"


@pytest.fixture(scope="module")
def server(place):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(my.VARIABLE, str(place))
        with lab([BEIDOU]) as address:
            yield address


@pytest.fixture(scope="module")
def at_the_desk(needs_chromium, server):
    with chromium() as context, desk(context, server) as opened:
        yield opened


@pytest.fixture
def kept(place):
    """Return where a lesson in the browser keeps its place, with none there yet."""
    place.unlink(missing_ok=True)
    return place


def test_a_click_on_the_map_chooses_a_city_a_point_and_by_keyboard_a_capital(
    kept, tmp_path, server, at_the_desk, axe
):
    path = notebook(tmp_path / "mine.ipynb", "from course import place as my", "my.choose()", OTHER)
    bring(server, path)
    with at_the_desk(path.name) as lesson:
        assert lesson.run_all() == []
        page, before = lesson.page, lesson.received
        opener, frames = page.locator(".silkroad-place button").first, page.locator("iframe")
        assert opener.inner_text() == "On a map" and frames.count() == 1, "only the other map's"
        opener.press("Enter")
        frame = page.locator(".silkroad-place iframe")
        frame.content_frame.locator("body[data-updates]").wait_for()  # its page has come and drawn
        capitals = len(data.load("capitals"))
        assert drawn(map_in(frame))["layers"] == {"Other cities": 0, "Capitals": capitals}
        assert lesson.received - before < 120_000, "what maps share came with the other map"
        assert map_in(frame).locator("#readout").inner_text() == my.ASKS

        def told(words):
            page.get_by_role("status").filter(has_text=words).wait_for(timeout=10_000)

        click_at(page, frame, -1.2, 36.9)
        told("Nairobi, Kenya, 1.28° S, 36.82° E.")
        assert page.get_by_label("My place", exact=True).input_value() == "Nairobi, Kenya"
        assert json.loads(kept.read_text("utf-8"))["name"] == "Nairobi"
        map_in(frame).wait_for_function("() => document.body.dataset.layers.includes('My place')")
        switch = map_in(frame).get_by_label("Other cities")
        switch.check()
        every = drawn(map_in(frame))["layers"]["Other cities"] + capitals
        assert every == len(data.load("cities"))
        top = map_in(frame).locator("path[aria-label]").last.get_attribute("aria-label")
        assert top == "Nairobi", "my place lies above the cities that were switched on after it"
        switch.uncheck()
        assert map_in(frame).locator(".leaflet-popup").count() == 0, "an answer, and no card"
        click_at(page, frame, -20, -125)
        told("Clocks as in the nearest city, ")
        place = json.loads(kept.read_text("utf-8"))
        assert place["lat"] == pytest.approx(-20, abs=1) and place["name"].endswith("W")

        # By keyboard: into the map, to a capital, and out again.
        map_in(frame).locator(".leaflet-container").focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowRight")
        name = map_in(frame).evaluate("() => document.activeElement.getAttribute('aria-label')")
        assert name in set(data.load("capitals")["capital"])
        page.keyboard.press("Enter")
        told(f"{name}, ")
        assert json.loads(kept.read_text("utf-8"))["name"] == name
        chosen = kept.read_bytes()
        assert violations(page, axe, ".silkroad-place") == []
        assert violations(map_in(frame), axe, None) == []

        # A click on a map that asks for none is none.
        other = page.locator(".silkroad-view:not(.silkroad-place) iframe")
        click_at(page, other, 20, 20)
        page.wait_for_timeout(500)
        assert kept.read_bytes() == chosen

        assert opener.inner_text() == "Close the map"
        opener.click()
        frame.wait_for(state="detached")
        assert lesson.away() == []
        assert [line for line in lesson.console if line[0] in ("error", "pageerror")] == []


def test_a_city_is_chosen_by_keyboard_and_stands_in_the_menu_of_the_cells_below(
    kept, at_the_desk, axe
):
    with at_the_desk(BEIDOU.name) as lesson:
        assert lesson.run_all() == []
        page = lesson.page
        box = page.get_by_label("My place", exact=True)
        box.scroll_into_view_if_needed()
        assert "Islamabad" in page.evaluate(FIRST_OF_MENU) and not kept.exists()
        box.focus()
        page.keyboard.type("Lahore", delay=50)
        page.wait_for_timeout(500)  # the browser's own list opens
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        told = page.get_by_role("status").filter(has_text="Lahore, Pakistan, 31.56° N, 74.35° E.")
        told.wait_for(timeout=10_000)
        assert box.input_value() == "Lahore, Pakistan"
        assert json.loads(kept.read_text("utf-8"))["name"] == "Lahore"
        for button in ("On a map", "Forget it"):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.textContent") == button
        page.evaluate(axe)
        found = page.evaluate("() => axe.run('.silkroad-place')")
        assert [rule["id"] for rule in found["violations"]] == [] and found["passes"]
        page.evaluate(RUN_BELOW)
        page.wait_for_function(
            f"() => ({FIRST_OF_MENU})().includes('My place: Lahore')",
            timeout=90_000,
            polling=POLLING_MS,
        )
        view = page.locator(".silkroad-headline", has_text="in Lahore (UTC+5)").first
        view.wait_for(timeout=60_000)
        assert lesson.away() == []
        loud = [line for line in lesson.console if line[0] in ("error", "pageerror")]
        assert loud == []
