"""The reader's own place on the site without a kernel: found, kept, told and drawn as in a lesson.

What the page reads and says is held to `course.place` on the same inputs. What it does with a
place is tried on a small site of two lessons: towns of which not all are recorded, a country, a
map of the world and one of a street.
"""

import json
import random
import re
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from playwright.sync_api import expect

from course import place as my
from helpers import data, maps
from helpers.inputs import InputError
from silkroad import geometry
from tests import test_place
from tests.test_browser import COLOURS, violations
from tests.test_place_map import click_at
from tools.browser import LAPTOP, chromium, served
from tools.site import build, towns
from tools.tests.test_site import OPEN, PHONE, READY, RESTS, THEME, Page, lesson_of, opened

START = """import random
from string import ascii_letters
from course import place as my
from helpers import maps
from helpers.live import live"""
TOWNS = """some = my.towns().loc[["Accra", "Islamabad", "Lima", "Nairobi", "New Delhi", "Oslo"]]
@live("Towns", place=my.menu(some, "Nairobi"), step=(0, 2))
def at_towns(place, step):
    heavy = "".join(random.Random(place).choices(ascii_letters, k=100_000))
    row = some.loc[[place]].assign(note=heavy)
    return maps.points(row, "Town", popup=["note"]), f"{place}, step {step}."
"""
LAND = """@live("Land", country=my.menu({"Kenya": "KEN", "Pakistan": "PAK"}, "Kenya", "iso3"))
def at_land(country):
    return maps.points(my.towns().query("iso3 == @country"), "Capital"), f"Code {country}."
"""
STREET = """@live("Street", bounds=((0, 0), (2, 3)), step=(0, 3))
def at_street(step):
    return maps.points(my.towns().head(1), "Town"), f"A street, step {step}."
"""
KEY, OFFER = "silkroad-place", ".silkroad-cities [role=option]"
REFUSES = """for (const way of ['getItem', 'setItem', 'removeItem']) {
    const usual = Storage.prototype[way];
    Storage.prototype[way] = function (key, ...more) {
        if (key === 'silkroad-place') throw new DOMException('not here', 'SecurityError');
        return usual.call(this, key, ...more); }; }"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("towns")
    other = lesson_of(folder, START, "my.choose()", STREET.replace("(2, 3)", "(60, 90)"))
    other = other.rename(folder / "98-y.ipynb")
    one = lesson_of(folder, START, "my.choose()", TOWNS, LAND, STREET)
    build.build(folder / "site", [other, one], jobs=1)
    return folder / "site"


@pytest.fixture(scope="module")
def context(needs_chromium):
    with chromium(LAPTOP) as found:
        yield found


@pytest.fixture(scope="module")
def script(context):
    """Return a page with nothing but the script, and `cities`, what it searches."""
    page = context.new_page()
    for name in (maps.STATIC / "chinese.js", build.HERE / "place.js"):
        page.add_script_tag(content=name.read_text(encoding="utf-8"))
    page.evaluate("table => { window.cities = new silkroadPlace.Cities(table); }", towns.cities())
    return page


def begin(context, site, place=None, name="99-x", init=""):
    """Return a lesson's page and all its views, in a context where this place is kept."""
    fresh = context.browser.new_context(viewport=LAPTOP)
    if init:
        fresh.add_init_script(init)
    shown = Page(fresh, site / "notebooks" / f"{name}.html")
    if place:
        choose(shown.page, place)
    ready(shown.page)
    return shown


def ready(page):
    page.evaluate(OPEN)
    page.wait_for_function(READY, timeout=60_000)


def choose(page, text):
    box = page.get_by_role("combobox", name="My place")
    box.fill(text)
    box.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('.silkroad-yours').textContent.length > 20"
    )


def end(shown):
    shown.close()
    for one in shown.page.context.pages:
        one.close()
    shown.page.context.close()


def view(shown, name):
    return shown.page.locator(f"#view-at_{name}")


def layers(place):
    frame = place.locator("iframe").element_handle().content_frame()
    frame.wait_for_function("() => +document.body.dataset.updates > 1")
    return frame, frame.evaluate("() => JSON.parse(document.body.dataset.layers)")


# --- it reads and says what the lessons read and say

LISTS = (
    test_place.test_a_city_is_found_as_people_write_it,
    test_place.test_latitude_and_longitude_are_read_as_people_write_them,
    test_place.test_wrong_input_gets_one_sentence_whose_remedy_works,
)
INPUTS = [case[0] for test in LISTS for case in test.pytestmark[0].args[1]]
INPUTS += ["-33.9S 151", "Ürümqi", "urumqi ", "Washington", "a 'b'", 'a "b"', "c:\\d", "3", "6th"]
INPUTS += ["31.5,74.25,1.5", "-1.5,-2.5", "1,2", "1,2.5", "12,5 3.5"]
INPUTS += ["拉合尔", "拉合尔市", "拉合", "合尔拉", "市", "北", "31.55;74.34", ".5 .5", "x" * 90]
ANSWERS = """texts => texts.map(text => {
    try { return cities.find(text); } catch (problem) { return problem.message; } })"""


def answer(text):
    """Return what `course.place` makes of a text: the place as a dict, or the sentence."""
    try:
        return my.place_of(text).to_dict()
    except InputError as problem:
        return str(problem)


def test_a_text_means_on_the_site_what_it_means_in_a_lesson(script):
    labels, some = list(my.all_labels()), random.Random(5)
    misspelt = [f"{name[:3]}{name[4:]}" for name in some.sample(labels, 60)]
    swapped = [
        f"{name[:2]}{name[3:1:-1]}{name[4:]}".split(",")[0] for name in some.sample(labels, 60)
    ]
    texts = [*INPUTS, *misspelt, *swapped, *my.all_names()]
    found = script.evaluate(ANSWERS, texts)
    wrong = {t: got for t, got in zip(texts, found, strict=True) if got != answer(t)}
    assert not wrong
    assert sum(isinstance(got, str) for got in found) > 60, "many were refused, in the same words"


def test_clocks_are_those_of_python_in_every_zone_and_season(script):
    zones = sorted(data.load("cities")["zone"].unique())
    for day in (
        data.snapshot(),
        pd.Timestamp("2026-01-14T12:00Z"),
        pd.Timestamp("2026-07-14T12:00Z"),
    ):
        said = script.evaluate(
            "([zones, at]) => zones.map(zone => silkroadPlace.ahead(zone, new Date(at)))",
            [zones, day.isoformat()],
        )
        assert said == [my._ahead(day.tz_convert(ZoneInfo(zone))) for zone in zones]
    assert script.evaluate("silkroadPlace.ahead('Nowhere/At_all', new Date())") == ""


@pytest.mark.parametrize("text", ["Lahore", "Kathmandu", "Pristina", "31.55 74.34", "-48.9 -123.4"])
def test_the_sentence_and_the_mark_are_those_of_a_lesson(script, monkeypatch, text):
    place, words = my.place_of(text), dict(re.findall(r'data-(\w+)="([^"]+)"', towns.box()))
    monkeypatch.setattr(my, "_unkept", {"place": place})  # the box was made without one, as always
    said = "([place, words]) => silkroadPlace.about(place, cities, words)"
    assert script.evaluate(said, [place.to_dict(), words]) == my.about(place)
    [layer] = my.mark()
    assert script.evaluate("place => silkroadPlace.mark(place)", place.to_dict()) == layer.spec


def test_the_nearest_city_and_its_distance_are_those_of_python(script):
    some = random.Random(8)
    for _ in range(25):
        lat, lon = some.uniform(-90, 90), some.uniform(-180, 180)
        found = script.evaluate("([lat, lon]) => cities.nearest(lat, lon)", [lat, lon])
        zone, city, country, iso3, km = my.nearest(lat, lon)
        assert [found["city"][key] for key in ("zone", "name", "country")] == [zone, city, country]
        assert found["city"]["iso3"] == iso3 and found["km"] == pytest.approx(km, rel=1e-9)


def test_a_click_means_what_it_means_in_a_lesson(script):
    some, clicks = (
        random.Random(3),
        [[31.4, 74.1, 5], [31.4, 74.1, 0.01], [-17, 179.9, 4], [91, 0, 1]],
    )
    clicks += [[0, -181, 1], [-20, -125, 5], [60, -179.9, 500]]
    clicks += [
        [some.uniform(-90, 90), some.uniform(-180, 180), some.uniform(0, 6)] for _ in range(30)
    ]
    asked = """([clicks, most]) => clicks.map(click => { try { return cities.clicked(click, most); }
        catch (problem) { return problem.message; } })"""
    for click, found in zip(clicks, script.evaluate(asked, [clicks, my.FARTHEST_DEG]), strict=True):
        try:
            place, km = my.clicked({"click": click})
        except InputError as problem:
            assert found == str(problem)
        else:
            assert found["place"] == place.to_dict() and found["km"] == pytest.approx(km, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("sao p", "Sao Paulo, Brazil"),
        ("LAHO", "Lahore, Pakistan"),
        ("delhi", "Delhi, India"),
        ("拉合", "Lahore, Pakistan"),
    ],
)
def test_the_list_offers_cities_by_their_first_letters(script, text, first):
    offered = script.evaluate("text => cities.offers(text, 8)", text)
    [[city, chinese], *_] = offered
    assert f"{city['name']}, {city['country']}" == first and len(offered) <= 8
    assert chinese.startswith(text if text == "拉合" else "") and bool(chinese) == (text == "拉合")
    for nothing in ("", "31.5", "qqq"):
        assert script.evaluate("text => cities.offers(text, 8)", nothing) == []


# --- what a page does with it


def recording_of(site, place):
    document = opened(site, place.get_attribute("data-key"))
    [(i, control)] = [(i, c) for i, c in enumerate(document["controls"]) if "where" in c]
    starts = [control["start"] for control in document["controls"]]
    known = {tuple(map(int, state.split(","))) for state in document["states"]}
    stops = [s for s in range(len(control["stops"])) if (*starts[:i], s, *starts[i + 1 :]) in known]
    return control, stops


def test_a_view_starts_at_the_recorded_town_that_is_nearest(site, context):
    shown = begin(context, site, "lahore")
    place = view(shown, "towns")
    control, stops = recording_of(site, place)
    recorded = [control["stops"][stop] for stop in stops]
    assert "New Delhi" in recorded and "Islamabad" not in recorded, "not all towns are recorded"
    assert "New Delhi, step" in place.locator(".silkroad-headline").inner_text()
    lahore, delhi = my.place_of("Lahore"), my.towns().loc["New Delhi"]
    km = geometry.great_circle_km(lahore["lat"], lahore["lon"], delhi["lat"], delhi["lon"])
    words = place.locator(".silkroad-yours").inner_text()
    assert (
        f"Your place, Lahore: the nearest town recorded here is New Delhi, {km:.0f} km away."
        in words
    )
    assert "To move “step”, choose Nairobi: there it was recorded." in words
    assert place.locator("input[type=range]").is_disabled()
    land = view(shown, "land")
    assert "PAK" in land.locator(".silkroad-headline").inner_text()
    assert "Your place, Lahore: Pakistan is recorded here." in land.inner_text()
    choose(shown.page, "Nairobi")
    assert "Nairobi, step" in place.locator(".silkroad-headline").inner_text()
    assert "Your place, Nairobi: it is a town recorded here." in place.inner_text()
    choose(shown.page, "Lima")
    assert "Your place, Lima: Peru is not recorded here." in land.inner_text()
    assert "KEN" in land.locator(".silkroad-headline").inner_text(), "nothing changes"
    end(shown)


def test_the_address_counts_more_and_what_was_moved_stays(site, context):
    shown = begin(context, site, "Lahore")
    place, address = view(shown, "towns"), shown.page.url.split("#")[0]
    headline = place.locator(".silkroad-headline")
    link = place.get_by_text("Link to this setting").get_attribute("href")
    assert dict(parse_qsl(link.split("?")[1])) == {"place": "New Delhi"}, "for others, too"
    place.locator("select").select_option("Oslo")
    assert "Oslo" in headline.inner_text()
    choose(shown.page, "Lima")
    assert "Oslo" in headline.inner_text(), "the reader went there"
    place.get_by_role("button", name="Back to the start").click()
    assert "Lima" in headline.inner_text()
    shown.page.wait_for_url("**#view-at_towns?place=Lima")
    shown.page.goto(f"{address}#view-at_towns?place=Accra")
    assert "Accra" in headline.inner_text()
    shown.page.reload()
    ready(shown.page)
    assert "Accra" in headline.inner_text()
    shown.page.goto(f"{address}#view-at_towns?step=1")
    assert "Nairobi, step 1" in headline.inner_text(), "what the address leaves out is as recorded"
    end(shown)


def test_the_place_is_a_mark_on_maps_of_the_world_until_it_is_forgotten(site, context):
    shown = begin(context, site)
    place, street = view(shown, "towns"), view(shown, "street")
    assert "My place" not in layers(place)[1] and place.locator(".silkroad-yours").is_hidden()
    choose(shown.page, "Lahore")
    frame, _ = layers(place)
    frame.wait_for_function("() => 'My place' in JSON.parse(document.body.dataset.layers)")
    assert frame.locator("#legend label", has_text="My place").count() == 1
    assert frame.get_by_role("button", name="Lahore").count() == 1
    frame.get_by_label("My place").uncheck()
    frame.wait_for_function("() => JSON.parse(document.body.dataset.layers)['My place'] === 0")
    assert "The purple diamond named Lahore on the map is your place." in place.inner_text()
    place.locator(".silkroad-twin summary").click()
    assert "Lahore" in place.locator(".silkroad-twin-body").inner_text()
    assert "My place" not in layers(street)[1] and street.locator(".silkroad-yours").is_hidden()
    shown.page.get_by_role("button", name="Forget it").click()
    frame.wait_for_function("() => !('My place' in JSON.parse(document.body.dataset.layers))")
    expect(shown.page.get_by_role("status").first).to_contain_text("Forgotten")
    assert place.locator(".silkroad-yours").is_hidden()
    assert "Nairobi" in place.locator(".silkroad-headline").inner_text()
    assert shown.page.evaluate(f"() => localStorage.getItem('{KEY}')") is None
    end(shown)


def test_a_city_is_chosen_by_keyboard_alone_from_what_the_list_offers(site, context):
    shown = begin(context, site)
    box = shown.page.get_by_role("combobox", name="My place")
    box.focus()
    shown.page.keyboard.type("laho")
    option = shown.page.get_by_role("option", name="Lahore, Pakistan")
    option.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    shown.page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    assert option.get_attribute("aria-selected") == "true"
    shown.page.keyboard.press("Enter")
    said = shown.page.get_by_role("status").first
    said.get_by_text("Kept by this browser").wait_for()
    assert my.about(my.place_of("Lahore")) in said.inner_text()
    assert box.input_value() == "Lahore, Pakistan" and option.is_hidden()
    page, here = shown.page.context.new_page(), my.about(my.place_of("Lahore"))
    page.goto((site / "notebooks" / "98-y.html").as_uri())
    page.get_by_text(here).wait_for()  # pages from a disk share it, too
    box.fill("Lahoore")
    shown.page.keyboard.press("Tab")
    said.get_by_text("There is no 'Lahoore'").wait_for()
    box.fill("karach")
    shown.page.get_by_role("option", name="Karachi, Pakistan").click()
    said.get_by_text("Karachi, Pakistan, ").wait_for()
    box.fill("laho")
    shown.page.locator(OFFER).first.wait_for()
    shown.page.keyboard.press("Escape")
    assert shown.page.locator(OFFER).count() == 0
    end(shown)


def test_a_place_is_chosen_by_a_click_on_a_map_that_is_made_when_asked_for(site, context):
    shown = begin(context, site)
    page, opener = shown.page, shown.page.get_by_role("button", name="On a map")
    assert page.locator(".silkroad-chooser").count() == 0
    opener.press("Enter")
    box = page.locator(".silkroad-chooser")
    frame, drawn = layers(box)
    every = towns.chooser()["layers"]
    assert drawn == {one["name"]: len(one["lat"]) * one["visible"] for one in every}
    assert drawn["Capitals"] == len(data.load("capitals"))
    assert frame.locator("#readout").inner_text() == my.ASKS
    box.locator("iframe").scroll_into_view_if_needed()
    page.evaluate(RESTS)  # the map takes its height when it has come
    click_at(page, box.locator("iframe"), -1.2, 36.9)
    said = page.get_by_role("status").first
    said.get_by_text("Nairobi, Kenya, 1.28° S, 36.82° E.").wait_for()
    assert "Kept by this browser" in said.inner_text()
    frame.wait_for_function("() => JSON.parse(document.body.dataset.layers)['My place'] === 1")
    assert "Nairobi" in view(shown, "towns").locator(".silkroad-yours").inner_text()
    click_at(page, box.locator("iframe"), 25.7, 67.7)  # between Karachi and Hyderabad
    said.get_by_text(
        re.compile(r"Pakistan, .+ It lies \d+ km from your click: to be exact")
    ).wait_for()
    click_at(page, box.locator("iframe"), -20, -125)
    said.get_by_text("Clocks as in the nearest city, ").wait_for()
    frame.locator(".leaflet-container").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    capital = frame.evaluate("() => document.activeElement.getAttribute('aria-label')")
    assert capital in set(data.load("capitals")["capital"])
    page.keyboard.press("Enter")
    said.get_by_text(f"{capital}, ").wait_for()
    page.get_by_role("button", name="Close the map").click()
    assert box.is_hidden()
    opener.click()
    assert box.is_visible() and page.locator(".silkroad-chooser").count() == 1
    end(shown)


def test_nothing_is_loaded_before_the_box_is_used(site, context):
    shown = begin(context, site)
    assert not any("/cities-" in url or "/chooser-" in url for url in shown.asked)
    shown.page.get_by_role("combobox", name="My place").focus()
    shown.page.wait_for_function("() => document.querySelector('script[src*=\"/cities-\"]')")
    size = next((site / build.PLAYER).glob("cities-*.js")).stat().st_size
    assert size < 90_000, f"{size:,} bytes for {len(data.load('cities')):,} cities"
    end(shown)


def test_one_choice_holds_for_all_pages_of_a_web_server_and_goes_nowhere(site, context):
    with served(site) as address:
        fresh = context.browser.new_context(viewport=LAPTOP)
        page, other = fresh.new_page(), fresh.new_page()
        asked, said = [], []
        for one in (page, other):
            one.on("request", lambda r: asked.append((r.method, r.url, r.post_data)))
            one.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
        other.goto(f"{address}/notebooks/98-y.html")
        page.goto(f"{address}/notebooks/99-x.html")
        choose(page, "Lahore")
        expect(page.get_by_role("status").first).to_contain_text("for all pages of this site")
        other.get_by_text("Lahore, Pakistan, ").wait_for()  # it was open, and hears of it
        other.goto(f"{address}/notebooks/98-y.html")
        ready(other)
        assert "diamond named Lahore" in other.locator(".silkroad-recorded").inner_text()
        fresh.close()
    away = [one for one in asked if one[0] != "GET" or one[2] or "ahore" in one[1]]
    assert said == [] and away == []
    assert all(url.startswith((address, "data:", "about:")) for _, url, _ in asked)


def test_where_nothing_can_be_kept_it_holds_for_the_page_and_says_so(site, context):
    shown = begin(context, site, "Lahore", init=REFUSES)
    status = shown.page.get_by_role("status").first
    expect(status).to_contain_text("It holds until you leave this page")
    assert "New Delhi" in view(shown, "towns").locator(".silkroad-headline").inner_text()
    shown.page.get_by_role("button", name="Forget it").click()
    assert "Nairobi" in view(shown, "towns").locator(".silkroad-headline").inner_text()
    end(shown)


@pytest.mark.parametrize(
    "kept",
    ["", "{", "null", "[]", '"Lahore"', '{"name": "x"}']
    + [
        f'{{"name":"x","country":"","iso3":"","lat":{lat},"lon":0,"zone":"UTC"}}'
        for lat in ("91", "null", '"1"')
    ],
)
def test_what_is_kept_and_is_no_place_is_none(site, context, kept):
    shown = Page(context, site / "notebooks" / "98-y.html")
    shown.page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, kept])
    shown.page.reload()
    shown.page.get_by_role("status").first.get_by_text("No place is chosen").wait_for()
    assert shown.page.get_by_role("button", name="Forget it").is_disabled()
    shown.page.evaluate("key => localStorage.removeItem(key)", KEY)
    shown.close()


def test_what_is_kept_is_shown_as_text(site, context):
    place = {**my.place_of("Lahore"), "name": "<b>x</b> & y"}
    keeps = f"if (window === top) localStorage.setItem('{KEY}', {json.dumps(json.dumps(place))})"
    shown = begin(context, site, init=keeps)
    towns_view = view(shown, "towns")
    assert "diamond named <b>x</b> & y on the map" in towns_view.inner_text()
    frame, _ = layers(towns_view)
    assert frame.get_by_role("button", name="<b>x</b> & y").count() == 1
    towns_view.locator(".silkroad-twin summary").click()
    assert "<b>x</b> & y" in towns_view.locator(".silkroad-twin-body").inner_text()
    assert shown.page.get_by_role("combobox").first.input_value() == "<b>x</b> & y, Pakistan"
    end(shown)


# --- for everybody


def test_axe_a_telephone_and_paper(site, context, axe):
    shown = begin(context, site, "Lahore")
    page = shown.page
    page.get_by_role("button", name="On a map").click()
    frame, _ = layers(page.locator(".silkroad-chooser"))
    assert violations(frame, axe, None) == []
    box = page.get_by_role("combobox", name="My place")
    box.fill("san")
    page.locator(OFFER).first.wait_for()
    for theme in ("light", "dark"):
        page.evaluate(THEME, theme)
        assert violations(page, axe, None, COLOURS if theme == "dark" else ()) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    for part in (
        box,
        page.get_by_role("button", name="Forget it"),
        page.locator(OFFER).first,
    ):
        assert part.bounding_box()["height"] >= 24
    page.keyboard.press("Escape")
    page.evaluate("() => silkroad.everything()")
    page.emulate_media(media="print")
    assert page.get_by_role("status").first.is_visible() and box.is_hidden()
    assert page.locator(".silkroad-chooser").is_hidden()
    place = view(shown, "towns")
    assert "New Delhi" in place.locator(".silkroad-yours").inner_text()
    place.locator(".silkroad-mark").wait_for(state="visible")  # no picture: the view has moved
    street = view(shown, "street")
    assert street.locator(".silkroad-onpaper").is_visible()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Forget it").click()
    page.emulate_media(media="print")
    assert page.get_by_role("status").first.is_hidden()
    end(shown)


def test_the_page_says_what_is_kept_and_reads_without_scripts(site, context):
    front = (site / "index.html").read_text(encoding="utf-8")
    assert "kept by your browser" in front and "Forget it" in front
    plain = context.browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto((site / "notebooks" / "99-x.html").as_uri())
    assert page.locator("noscript p", has_text="no place can be chosen").is_visible()
    plain.close()
