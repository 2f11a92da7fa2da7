"""The globe: what the page computes against the models, and its manners in Chromium."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from course import globe
from helpers import data
from helpers.inputs import InputError
from silkroad import constellations, orbits, sun
from tests.test_browser import violations
from tools.browser import chromium

START = pd.Timestamp("2026-06-14", tz="UTC")
FOLLOWED = "BEIDOU-3 IGSO-1"
# Of 24 hours, km: the largest error for a satellite of the class. A pixel of the whole globe is
# some 200 km, of the globe with low orbits 45 km.
WITHIN_KM = {"LEO": 2, "SSO": 2, "MEO": 3, "IGSO": 8, "GEO": 4}
COMPACT = 90_000  # bytes of a globe in a saved lesson, tables included


@pytest.fixture(scope="module")
def elements():
    return orbits.with_orbit_class(data.load("elements"))


@pytest.fixture(scope="module")
def shown(elements):
    return globe.show(elements, START, follow=FOLLOWED)


@pytest.fixture(scope="module")
def context(needs_chromium):
    with chromium() as opened:
        yield opened


class Opened:
    """A globe in a frame, as a notebook has it, and all that the browser said or asked for."""

    def __init__(self, context, shown, theme="light"):
        """Open it in the window of the one before, where there is one: to start it costs most."""
        self.said, self.asked = [], []
        page = self.page = context.pages[0] if context.pages else context.new_page()
        page.goto("about:blank")  # all of the one before is gone, and its pointer beside the globe
        page.mouse.move(0, page.viewport_size["height"] - 1)
        self.hears = {
            "console": lambda message: self.said.append(message.text),
            "pageerror": lambda problem: self.said.append(str(problem)),
            "request": lambda request: self.asked.append(request.url),
        }
        for event, hear in self.hears.items():
            page.on(event, hear)
        # The frame asks the page around it.
        page.emulate_media(media="null", color_scheme="no-preference", reduced_motion="null")
        body = f'<body data-jp-theme-light="{str(theme == "light").lower()}" style="margin:0">'
        head = '<!doctype html><meta name="viewport" content="width=device-width">'
        page.set_content(f"{head}{body}{shown._repr_html_()}")
        self.frame = page.frames[1]
        self.frame.wait_for_function("() => +document.body.dataset.frames > 0")
        page.wait_for_timeout(200)

    def look(self, script):
        return self.frame.evaluate(f"() => {script}")

    def frames(self):
        return self.look("+document.body.dataset.frames")

    def settled(self):
        """Wait for the frame that was asked for, and return how many were drawn so far."""
        self.look("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return self.frames()

    def close(self):
        # Chromium remarks on these tests, which look at pixels; the page itself never does.
        said = [one for one in self.said if not one.startswith("Canvas2D: Multiple readback")]
        for event, hear in self.hears.items():
            self.page.remove_listener(event, hear)
        assert said == [] and [one for one in self.asked if one.startswith("http")] == []


@pytest.fixture(scope="module")
def laptop(context):
    return context.browser.new_context(viewport={"width": 1280, "height": 720})


@pytest.fixture
def opened(laptop, shown):
    one = Opened(laptop, shown)
    yield one
    one.close()


# Numbers: the page's own, against the models


def test_the_page_s_places_are_those_of_the_models(opened, elements):
    minutes = list(range(-1440, 1441, 20))
    found = np.array(
        opened.frame.evaluate(
            """minutes => names.map((_, i) => minutes.map(m =>
               turned(inertial(orbits, i, m, []), -sidereal(config.gmst, m))))""",
            minutes,
        )
    )
    times = START + pd.to_timedelta(minutes, unit="min")
    true = orbits.positions(elements, times)
    error = np.linalg.norm(found - true.values, axis=2).max(axis=1)
    worst = pd.Series(error).groupby(elements["orbit_class"]).max()
    assert set(worst.index) == set(WITHIN_KM)
    assert all(worst[kind] < most for kind, most in WITHIN_KM.items()), worst.to_dict()
    assert (worst > 0.01).all(), "two ways to compute, not one"


def test_the_point_below_and_its_height_are_those_of_the_models(opened, elements):
    opened.look("setTime(600)")
    opened.settled()
    found = opened.look(
        """names.map((_, i) => { const [x, y, z] = places.subarray(3 * i, 3 * i + 3);
           const p = geodetic(turned([x, y, z], -angle())); return [p.lat, p.lon, p.height]; })"""
    )
    lat, lon, height = np.array(found).T
    true = orbits.below(elements, START + pd.Timedelta(hours=10))
    assert np.abs(lat - true["lat"]).max() < 0.05
    turn = (lon - true["lon"] + 180) % 360 - 180
    assert np.abs(turn * np.cos(np.radians(lat))).max() < 0.05
    assert np.abs(height - true["height_km"]).max() < max(WITHIN_KM.values())


def test_the_sun_and_the_turning_earth_are_those_of_the_models(opened):
    minutes = [0, 1, 600, 1440]
    times = START + pd.to_timedelta(minutes, unit="min")
    found = opened.frame.evaluate(
        "all => all.map(m => turned(sunward(config.sun, m), -sidereal(config.gmst, m)))", minutes
    )
    apart = np.arccos(np.clip((np.array(found) * sun.direction(times)).sum(axis=1), -1, 1))
    assert np.degrees(apart).max() < 0.01
    turned = opened.frame.evaluate("all => all.map(m => sidereal(config.gmst, m))", minutes)
    assert np.array(turned) % (2 * np.pi) == pytest.approx(orbits.gmst_rad(times), abs=1e-6)


def test_what_is_seen_on_the_screen_is_where_it_is(opened, elements):
    """In the frame that turns, seen from above a place, its east is right and its north up."""
    opened.look("(state.lon = 100, state.lat = 0, setTime(0))")
    opened.settled()
    x, y, z = np.array(opened.look("[...seen]")).reshape(-1, 3).T
    place = orbits.positions(elements, START).values[:, 0] / orbits.EQUATOR_KM
    lon = np.radians(100)
    east = place @ [-np.sin(lon), np.cos(lon), 0]
    near = place @ [np.cos(lon), np.sin(lon), 0]
    assert np.abs(x - east).max() < 1e-3 and np.abs(y - place[:, 2]).max() < 1e-3
    assert np.abs(z - near).max() < 1e-3


def test_land_is_where_it_is(opened):
    """The pixels of the globe, seen from above a place: its middle is land or sea."""
    for lon, lat, is_land in (
        (20, 0, True), (100, 35, True), (-60, -10, True), (0, -85, True), (180, -85, True),
        (-30, 0, False), (-150, 20, False), (80, -30, False), (180, 0, False), (0, 88, False),
    ):  # fmt: skip
        opened.look(f"(setFollow(null), state.lon = {lon}, state.lat = {lat}, setReach(1.55))")
        opened.look("(state.hidden = new Set(config.kinds.keys()), night = () => {}, changed())")
        opened.settled()
        near = opened.look(
            "[...pen.getImageData(canvas.width / 2 - 3, canvas.height / 2 + 9, 1, 1).data]"
        )
        land = opened.look("LIGHT.land").lstrip("#")
        wanted = [int(land[i : i + 2], 16) for i in (0, 2, 4)]
        same = np.abs(np.array(near[:3]) - wanted).max() < 40
        assert same == is_land, (lon, lat, near)


def test_no_side_of_the_globe_is_drowned(opened):
    """Coasts behind the limb never fill the disc, nor empty it: land changes little by little."""
    opened.look("(setFollow(null), state.hidden = new Set(config.kinds.keys()), setReach(1.1))")
    opened.look("(night = () => {}, grid = () => {}, 0)")
    shares = opened.look(
        """[-88, -70, 0, 35, 80, 88].map(lat => Array.from({length: 60}, (_, i) => {
             state.lon = 6 * i - 180; state.lat = lat; draw();
             const d = pen.getImageData(0, 0, canvas.width, canvas.height).data;
             let land = 0, sea = 0;
             for (let i = 0; i < d.length; i += 16) {
               land += d[i] === 0xb9 && d[i + 1] === 0xb0;
               sea += d[i] === 0xd3 && d[i + 1] === 0xe4; }
             return land / (land + sea); }))"""
    )
    shares = np.array(shares)
    assert shares.shape == (6, 60)
    assert np.abs(np.diff(shares, axis=1)).max() < 0.12
    assert shares.min() > 0.03 and shares.max() < 0.75


def test_coasts_are_the_countries_without_what_lies_between_them():
    rows = globe.land()
    assert 2_000 < len(rows) < 8_000
    coast = rows[rows[:, 0] != 16383] / globe.UNITS
    assert np.abs(coast[:, 0]).max() <= 180 and np.abs(coast[:, 1]).max() <= 90
    inland = coast[(np.abs(coast[:, 0] - 24) < 6) & (np.abs(coast[:, 1] - 4) < 8)]
    assert len(inland) == 0, "no border in the middle of Africa"


def test_a_coarse_coast_is_nowhere_far_from_the_coast():
    """Every point that is left out, against each edge that is kept."""
    rings = [np.array(ring, float) for ring in globe._coasts(data.shapes()["features"])]
    large = [ring for ring in rings if np.ptp(ring, axis=0).max() >= globe.ISLAND_DEG]
    kept = [globe._coarse(ring) for ring in large]
    for ring, coarse in zip(large[::5], kept[::5], strict=True):
        start, way = coarse[:-1], np.diff(coarse, axis=0)
        off = ring[:, None] - start
        part = (off * way).sum(-1) / np.maximum((way**2).sum(-1), 1e-12)
        apart = np.linalg.norm(off - np.clip(part, 0, 1)[..., None] * way, axis=-1)
        assert apart.min(axis=1).max() <= globe.COARSE_DEG + 1e-9
    assert sum(map(len, kept)) < 0.6 * sum(map(len, large)), "with points added on long edges"
    assert all(len(globe._coarse(ring)) == 0 for ring in rings if np.ptp(ring, axis=0).max() < 0.7)


# Words and refusals


def test_summary_and_tables_say_what_is_shown(shown, elements):
    assert list(shown.tables) == ["Orbit classes", "Satellites"]
    classes = shown.tables["Orbit classes"]
    assert classes["satellites"].sum() == len(shown.table) == len(elements) == 303
    assert classes["orbit_class"].tolist() == ["LEO", "SSO", "MEO", "IGSO", "GEO"]
    assert (classes["lowest_km"] <= classes["middle_km"]).all()
    one = shown.table.set_index("name").loc[FOLLOWED]
    for said in ("303 satellites", "69 GEO", "turning with the Earth", FOLLOWED):
        assert said in shown.summary
    assert f"{one['height_km']:,.0f} km high" in shown.summary
    assert repr(shown) == shown.summary
    page = shown._repr_html_()
    assert shown.summary in unescape(page) and FOLLOWED in page


def test_a_globe_is_small_and_asks_nobody(shown):
    page = shown._repr_html_()
    assert len(page.encode()) < COMPACT
    inside = shown.page()
    assert not re.findall(r"""(?:src|href)\s*=|url\(|https?://|@import|fetch\(|import\(""", inside)
    assert 'sandbox="allow-scripts"' in page and "allow-same-origin" not in page


def test_a_high_satellite_sees_more_and_a_mask_takes_some_away():
    low, high = globe.seen_share(400), globe.seen_share(35_786)
    assert low == pytest.approx(0.0295, abs=5e-4) and high == pytest.approx(0.4244, abs=5e-4)
    assert globe.seen_share(35_786, 20) < globe.seen_share(35_786, 10) < high


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"follow": "BEIDOU-3 IGSO-9"}, "There is no satellite 'BEIDOU-3 IGSO-9': try"),
        ({"frame": "moon"}, "There is no frame 'moon': try earth, stars"),
        ({"mask_deg": 90}, "mask_deg"),
        ({"hours": 0}, "hours"),
        ({"lat": 91}, "lat"),
    ],
)
def test_what_is_not_there_is_refused(elements, change, said):
    with pytest.raises(InputError, match=said):
        globe.show(elements, START, **change)


def test_an_orbit_that_runs_backwards_and_one_that_comes_twice_are_refused(elements):
    with pytest.raises(InputError, match="inclination of 180°: a globe takes orbits up to 170°"):
        globe.show(orbits.synthetic_elements(START, 900, 180), START)
    with pytest.raises(InputError):
        globe.show(pd.concat([elements.head(2), elements.head(1)]), START)


def test_patterns_stand_beside_satellites_that_fly(elements):
    low = globe.pattern(constellations.walker(24, 3, 1, 55, 508), START, "low")
    assert low["name"].tolist()[::23] == ["low 1", "low 24"]
    both = globe.show([elements.head(5), low], START, follow="low 3")
    assert len(both.table) == 29 and "24 LEO at 508 to" in both.summary
    place = orbits.positions(low, START).values[:, 0]
    place /= np.linalg.norm(place, axis=1, keepdims=True)
    apart = np.degrees(np.arccos(np.clip(place @ place.T, -1, 1)))
    assert np.sort(apart[0])[1:3] == pytest.approx([45, 45], abs=1), "eight in a plane"


def test_a_satellite_of_one_s_own_flies_and_one_far_out_too(context):
    own = [
        orbits.synthetic_elements(START, 20_000, 63, 0.7, name="own HEO").assign(norad_id=1),
        orbits.synthetic_elements(START, 500, 97, 0, name="own SSO").assign(norad_id=2),
        orbits.synthetic_elements(START, 35_786, 0, 0, name="own GEO").assign(norad_id=3),
    ]
    own = pd.concat(own, ignore_index=True)
    one = Opened(context, globe.show(own, START, follow="own HEO"))
    minutes = list(range(0, 1441, 10))
    found = np.array(
        one.frame.evaluate(
            """minutes => names.map((_, i) => minutes.map(m =>
               turned(inertial(orbits, i, m, []), -sidereal(config.gmst, m))))""",
            minutes,
        )
    )
    true = orbits.positions(own, START + pd.to_timedelta(minutes, unit="min")).values
    error = np.linalg.norm(found - true, axis=2).max(axis=1)
    assert error[0] < 60 and error[1] < 2 and error[2] < 4, error
    assert one.frame.locator("#card dd").first.inner_text() == "HEO"
    one.close()


# Manners


def test_one_drag_step_one_key_and_one_move_of_a_control_draw_one_frame_each(opened):
    before = opened.settled()
    page, box = opened.page, opened.frame.locator("#globe").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 250)
    page.mouse.down()
    page.mouse.move(box["x"] + 340, box["y"] + 250)
    assert opened.settled() == before + 1
    page.mouse.move(box["x"] + 380, box["y"] + 260)
    assert opened.settled() == before + 2
    page.mouse.up()
    opened.frame.locator("#globe").focus()
    page.keyboard.press("ArrowLeft")
    assert opened.settled() == before + 3
    opened.frame.locator("#time").focus()
    page.keyboard.press("ArrowRight")
    assert opened.settled() == before + 4
    opened.look("(turn(1, 0), turn(1, 0), setTime(30))")
    assert opened.settled() == before + 5, "all that changed, in one frame"
    assert opened.settled() == before + 5, "at rest nothing is drawn"


def test_a_drag_turns_the_ground_with_the_pointer_and_keys_turn_it(opened):
    view = "[state.lon, state.lat]"
    lon, lat = opened.look(view)
    box = opened.frame.locator("#globe").bounding_box()
    opened.page.mouse.move(box["x"] + 300, box["y"] + 200)
    opened.page.mouse.down()
    opened.page.mouse.move(box["x"] + 360, box["y"] + 220, steps=3)
    opened.page.mouse.up()
    assert opened.look(view)[0] < lon and opened.look(view)[1] > lat
    opened.frame.locator("#globe").focus()
    lon, lat = opened.look(view)
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowRight"):
        opened.page.keyboard.press(key)
    assert opened.look(view) == pytest.approx([lon + 12, lat + 10])
    reach = opened.look("state.reach")
    opened.page.keyboard.press("+")
    assert opened.look("state.reach") < reach
    opened.page.keyboard.press("Home")
    assert opened.look("state.reach") == reach and opened.look("state.minutes") == 0


def test_play_runs_and_stops_and_goes_no_further_than_the_end(opened):
    button = opened.frame.locator("#play")
    button.focus()
    opened.page.keyboard.press("Enter")
    opened.frame.wait_for_function("() => state.minutes > 5")
    assert button.get_attribute("aria-pressed") == "true" and "Pause" in button.inner_text()
    assert "00:00" not in opened.frame.locator("#when").inner_text()
    opened.page.keyboard.press("Enter")
    minutes = opened.look("state.minutes")
    frames = opened.settled()
    opened.page.wait_for_timeout(200)
    assert opened.look("state.minutes") == minutes and opened.frames() == frames
    opened.look("(setTime(config.minutes - 1), play(true))")
    opened.frame.wait_for_function("() => !state.playing")
    opened.settled()
    assert opened.look("state.minutes") == 1440
    assert opened.frame.locator("#when").inner_text() == "15 June 2026, 00:00 UTC"


def test_less_motion_plays_in_steps(context, shown):
    one = Opened(context, shown)
    one.page.emulate_media(color_scheme="no-preference", reduced_motion="reduce")
    one.frame.locator("#play").click()
    one.frame.wait_for_function("() => state.minutes > 0")
    assert one.look("state.minutes") == 10
    one.frame.locator("#play").click()
    one.close()


def test_the_eye_stays_where_it_is_when_the_frame_changes_and_the_earth_turns_beneath(opened):
    opened.look("setTime(300)")
    opened.settled()
    before = np.array(opened.look("[...seen]"))
    opened.frame.get_by_label("still against the stars").check()
    opened.settled()
    assert np.abs(np.array(opened.look("[...seen]")) - before).max() < 1e-6
    stars = opened.look("[camera()[2], view.ground[2]]")
    opened.look("setTime(480)")
    opened.settled()
    eye, ground = opened.look("[camera()[2], view.ground[2]]")
    assert eye == pytest.approx(stars[0], abs=1e-9), "the eye rests among the stars"
    turned = np.degrees(np.arctan2(ground[1], ground[0]) - np.arctan2(stars[1][1], stars[1][0]))
    assert (turned + 180) % 360 - 180 == pytest.approx(-3 * 15.041, abs=0.01), "the Earth went east"


def test_the_way_is_an_eight_with_the_earth_and_a_ring_against_the_stars(opened, elements):
    def way(frame):
        opened.look(f"setFrame('{frame}')")
        opened.settled()
        flat = opened.look("[...wayOf(state.follow, angle()).space]")
        return np.array(flat).reshape(-1, 3)

    eight, ring = way("earth"), way("stars")
    lon = np.degrees(np.unwrap(np.arctan2(eight[:, 1], eight[:, 0])))
    assert np.ptp(lon) < 40 and np.linalg.norm(eight[0] - eight[-1]) < 0.15
    around = np.degrees(np.unwrap(np.arctan2(ring[:, 1], ring[:, 0])))
    assert np.ptp(around) == pytest.approx(361, abs=3)
    tilt = np.degrees(np.arccos(np.abs(np.linalg.svd(ring)[2][2][2])))
    wanted = elements.set_index("name")["inclination_deg"][FOLLOWED]
    assert tilt == pytest.approx(wanted, abs=0.5), "a plane ring"
    # The station: three turns, each crossing the equator further west.
    opened.look("setFollow(names.indexOf('CSS (TIANHE)'))")
    below = np.array(opened.look("[...wayOf(state.follow, angle()).below]")).reshape(-1, 3)
    north = np.flatnonzero((below[:-1, 2] < 0) & (below[1:, 2] >= 0))
    at = np.degrees(np.unwrap(np.arctan2(below[north, 1], below[north, 0])))
    assert len(north) >= 2 and (np.diff(at) < -20).all() and (np.diff(at) > -26).all()


def test_a_click_names_a_satellite_and_a_menu_follows_it(opened, shown):
    x, y, name = opened.look(
        """(() => { const i = names.findIndex((_, i) => visible(i) && seen[3 * i + 2] > 0
             && config.kinds[config.kind[i]].name !== "LEO" && i !== state.follow
             && X(seen[3 * i]) > 300
             && names.every((_, j) => j === i || !visible(j) || Math.hypot(
               seen[3 * i] - seen[3 * j], seen[3 * i + 1] - seen[3 * j + 1]) * zoom > 16));
           return [X(seen[3 * i]), Y(seen[3 * i + 1]), names[i]]; })()"""
    )
    box = opened.frame.locator("#globe").bounding_box()
    opened.page.mouse.click(box["x"] + x + 2, box["y"] + y + 2)
    opened.settled()
    card = opened.frame.locator("#card")
    assert card.locator("h2").inner_text() == name
    one = shown.table.set_index("name").loc[name]
    assert one["orbit_class"] in card.inner_text()
    assert f"{one['height_km']:,.0f}"[:-2] in card.inner_text()
    assert opened.look("names[state.follow]") == FOLLOWED, "named, not yet followed"
    card.get_by_role("button", name="follow", exact=True).click()
    opened.settled()
    assert opened.look("names[state.follow]") == name
    assert opened.frame.locator("#follow").evaluate("e => e.selectedOptions[0].text") == name
    opened.frame.locator("#follow").select_option(label="CSS (TIANHE)")
    opened.settled()
    assert card.locator("h2").inner_text() == "CSS (TIANHE)" and "92 minutes" in card.inner_text()
    card.get_by_role("button", name="close").click()
    opened.settled()
    assert card.is_hidden()


def test_keys_go_from_one_to_the_next_and_a_voice_hears_what_is_shown(opened):
    canvas = opened.frame.locator("#globe")
    assert canvas.get_attribute("aria-label") == "Satellites round the Earth"
    canvas.focus()
    opened.page.keyboard.press("Escape")
    opened.settled()
    assert opened.look("state.follow") is None and opened.frame.locator("#card").is_hidden()
    opened.page.keyboard.press("n")
    opened.page.keyboard.press("n")
    second = opened.look("state.named")
    opened.page.keyboard.press("b")
    assert opened.look("state.named") < second
    opened.page.keyboard.press("Enter")
    assert opened.look("state.follow") == opened.look("state.named")
    name = opened.look("names[state.follow]")
    opened.frame.wait_for_function(
        "name => document.getElementById('said').textContent.includes(name)", arg=name
    )
    said = opened.frame.locator("#said").inner_text()
    assert "14 June 2026, 00:00 UTC" in said and opened.look("names[state.follow]") in said
    assert "height" in said and "km" in said
    opened.page.keyboard.press(" ")
    assert opened.look("state.playing")
    opened.page.keyboard.press(" ")
    assert opened.frame.locator("#time").get_attribute("aria-valuetext").endswith("UTC")


def test_a_class_can_be_taken_away(opened):
    count = "names.filter((_, i) => visible(i)).length"
    before = opened.look(count)
    opened.frame.get_by_label("MEO (126)").uncheck()
    opened.settled()
    assert opened.look(count) < before - 60
    opened.frame.locator("#globe").focus()
    for _ in range(20):
        opened.page.keyboard.press("n")
        assert opened.look("config.kinds[config.kind[state.named]].name") != "MEO"


def test_a_globe_that_was_taken_out_of_the_page_comes_back_as_it_was(opened):
    """JupyterLab takes cells that are far away out of the page: their frames begin anew."""
    opened.look("(setTime(600), setFrame('stars'), setReach(3), turn(40, 5), 0)")
    opened.frame.locator("#follow").select_option(label="CSS (TIANHE)")
    opened.frame.get_by_label("MEO (126)").uncheck()
    opened.settled()
    what = "[state.minutes, state.frame, state.reach, state.lon, state.lat, state.follow]"
    before = opened.look(what)
    opened.page.wait_for_function(
        "() => JSON.parse(document.querySelector('iframe').name || '{}').hidden?.length === 1"
    )
    opened.page.evaluate(
        """() => { const frame = document.querySelector('iframe'), after = frame.nextSibling;
             frame.remove(); after.before(frame); }"""
    )
    opened.page.wait_for_function("frames.length === 1")
    opened.frame = opened.page.frames[1]
    opened.frame.wait_for_function("() => +document.body.dataset.frames > 0")
    assert opened.look(what) == before
    chosen = "e => e.selectedOptions[0].text"
    assert opened.frame.locator("#follow").evaluate(chosen) == "CSS (TIANHE)"
    assert opened.frame.locator("#time").input_value() == "600"
    assert opened.frame.get_by_label("still against the stars").is_checked()
    assert not opened.frame.get_by_label("MEO (126)").is_checked()
    assert opened.frame.locator("#card h2").inner_text() == "CSS (TIANHE)"
    opened.frame.locator("#globe").focus()
    opened.page.keyboard.press("Home")  # puts all back, as ever
    opened.settled()
    now = opened.look("[state.minutes, names[state.follow], state.frame]")
    assert now == [0, FOLLOWED, "earth"]


def test_the_wheel_is_the_page_s_and_with_ctrl_the_globe_s(opened):
    box = opened.frame.locator("#globe").bounding_box()
    opened.page.mouse.move(box["x"] + 300, box["y"] + 200)
    reach = opened.look("state.reach")
    opened.page.mouse.wheel(0, -200)
    opened.page.wait_for_timeout(100)
    assert opened.look("state.reach") == reach
    opened.page.keyboard.down("Control")
    opened.page.mouse.wheel(0, -200)
    opened.page.keyboard.up("Control")
    opened.frame.wait_for_function(f"() => state.reach < {reach}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_that_of_the_page_around_and_axe_finds_nothing(context, shown, axe, theme):
    one = Opened(context, shown, theme)
    corner = one.look("[...pen.getImageData(2, 2, 1, 1).data]")
    assert (corner[0] > 200) == (theme == "light")
    assert violations(one.frame, axe, None) == []
    one.close()


def test_a_telephone_shows_it_whole_and_a_finger_turns_it(context, shown):
    size = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    one = Opened(context.browser.new_context(**size), shown)
    root = "document.documentElement"
    assert one.look(f"{root}.scrollWidth <= innerWidth && {root}.scrollHeight <= innerHeight")
    globe_box, card = (one.frame.locator(part).bounding_box() for part in ("#globe", "#card"))
    assert globe_box["height"] > 250 and card["y"] >= globe_box["y"] + globe_box["height"] - 1
    small = one.frame.locator("button:visible, select, input[type=range]").evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().height < 24).map(e => e.id)"
    )
    assert small == []
    lon = one.look("state.lon")
    client = one.page.context.new_cdp_session(one.page)
    x, y = globe_box["x"] + 120, globe_box["y"] + 120
    for kind, shift in (("Start", 0), ("Move", 20), ("Move", 60), ("Move", 90)):
        place = [{"x": x + shift, "y": y + shift / 20}]
        client.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": place})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    one.frame.wait_for_function(f"() => Math.abs(state.lon - {lon}) > 5")
    one.close()


def test_paper_is_white_and_has_the_globe(context, shown):
    one = Opened(context, shown, "dark")
    one.look("(dispatchEvent(new Event('beforeprint')), 0)")
    assert min(one.look("[...pen.getImageData(2, 2, 1, 1).data]")) > 250
    one.page.emulate_media(media="print", color_scheme="no-preference")
    assert one.frame.locator("#controls").is_hidden() and one.frame.locator("#globe").is_visible()
    assert one.look("new Set(pen.getImageData(0, 0, canvas.width, canvas.height).data).size") > 50
    one.page.emulate_media(media="screen", color_scheme="no-preference")
    one.look("(dispatchEvent(new Event('afterprint')), 0)")
    assert max(one.look("[...pen.getImageData(2, 2, 1, 1).data]")[:3]) < 60
    one.close()
