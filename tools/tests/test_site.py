"""The site without a kernel: every page opened from the disk, with the network off.

It is built once here, as `make site` builds it.
"""

import base64
import contextlib
import gzip
import html
import io
import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, unquote

import nbformat
import pypdf
import pytest
from playwright.sync_api import expect

from course import files
from helpers import data
from helpers.inputs import InputError
from tests.test_browser import COLOURS, NUMBER, frame_of, open_source, violations
from tests.test_texts import VIOLATION
from tests.test_try import SAID
from tools import recording
from tools.browser import ARTEFACTS, LAPTOP, NOTEBOOKS, ROOT, chromium
from tools.site import aloud, build
from tools.tests.test_recording import cells, tracks, values

EVERY = pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
BESIDE = ("index", "teachers", "data", "sources", "claims", "about", "search")
BESIDE += ("docs/accessibility", "docs/classroom/README", "docs/teaching/06-satellite-phone")
# Pytest opens a page once for all tests that have it at the same place of their lists: what some of
# them look at stands first.
PACKED = ("04-beidou", "03-orbits", "05-positioning", "06-satellite-phone")
LESSONS = [
    f"notebooks/{name}" for name in dict.fromkeys([*PACKED, *(path.stem for path in NOTEBOOKS)])
]
PAGES = [*LESSONS, *BESIDE]
PHONE = {"width": 390, "height": 800}
# The page grows while views open, so each is waited for before the next is scrolled to.
OPEN = """async () => { for (const place of document.querySelectorAll('.silkroad-recorded')) {
    for (let n = 0; n < 400 && place.dataset.state !== 'ready'; n++) {
      place.scrollIntoView(); await new Promise(done => setTimeout(done, 25)); } } }"""
# Changes the theme and waits until the colours are there.
THEME = """async theme => { document.body.dataset.theme = theme;
    await new Promise(requestAnimationFrame);
    await Promise.all(document.getAnimations().map(one => one.finished)); }"""
# Comes back once the page has neither scrolled nor grown for half a second and 24 frames.
RESTS = """() => new Promise(done => {
    const begun = performance.now();
    let last = '', since = 0, frames = 0;
    const look = now => {
        const place = `${scrollY} ${document.documentElement.scrollHeight}`;
        if (place !== last) { last = place; since = now; frames = 0; }
        if ((now - since > 500 && frames++ > 24) || now - begun > 20000) done();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look); })"""
READY = """() => [...document.querySelectorAll('.silkroad-recorded')]
    .every(place => place.dataset.state === 'ready')"""
# What the page makes of parts of states: the bytes of each grid, and the tracks.
DRAWN = """({ player }, parts) => {
    const bytes = all => btoa(Array.from(all, one => String.fromCharCode(one)).join(''));
    const drawn = JSON.parse(parts).map(part => player.spec(part));
    return JSON.stringify(drawn.map(one => [bytes(one.cells || []), one.paths])); }"""


@pytest.fixture(scope="module")
def site(tmp_path_factory, ran):
    """Return the site, made as `make site` makes it: into a folder named relative to this one.

    Only the running of lessons is shared with other tests, and how much is recorded, see `ran`.
    """
    folder = tmp_path_factory.mktemp("build")
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "run", lambda path, frames: ran(path).recorded(frames))
        assert build.main(["build/site"]) == 0
    return folder / "build" / "site"


def opened(site, key):
    """Return the recording of a view, as the page reads it."""
    text = (site / build.PLAYER / f"{key}.js").read_text(encoding="utf-8")
    return json.loads(gzip.decompress(base64.b64decode(text.split('", "')[1].split('"')[0])))


@pytest.fixture(scope="module")
def context(needs_chromium):
    with chromium(LAPTOP) as found:
        yield found


class Page:
    """A page of the site in Chromium, with what it said and asked for."""

    def __init__(self, context, path, place=""):
        self.page = context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda m: self.said.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(path.as_uri() + place)

    def close(self):
        """Close it; it must have kept silent and asked for nothing but files and itself."""
        self.page.close()
        assert self.said == []
        away = [url for url in self.asked if not url.startswith(("file:", "data:", "about:"))]
        assert away == []


@pytest.fixture(scope="module")
def shown(request, site, context):
    """Return a page, opened once for the tests of it that leave it as it was."""
    found = Page(context, site / f"{request.param}.html")
    found.name = Path(request.param).name
    found.page.evaluate(OPEN)
    found.page.wait_for_function(READY, timeout=60_000)
    yield found
    found.close()


def text(site, name):
    return (site / "notebooks" / f"{name}.html").read_text(encoding="utf-8")


def recordings(page):
    return re.findall(r'data-key="([^"]+)"', page)


# What was written


@EVERY
def test_page_has_every_view_of_its_lesson_with_summary_and_tables(site, name):
    lesson = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
    page = text(site, name)
    assert len(recordings(page)) == lesson.count("@live(") > 0
    summaries = re.findall(r'<p class="silkroad-summary">(.+?)</p>', page, re.S)
    assert len(summaries) == len(recordings(page)) and all(len(s) > 40 for s in summaries)
    for view in page.split('class="silkroad-recorded"')[1:]:
        assert "<table" in view.split("</details>")[0]
    assert "widget-view+json" not in page and "VBox(" not in page
    assert "silkroad-stored" not in page, "what a saved notebook has of a view"


@EVERY
def test_a_lesson_that_asks_for_a_place_has_the_box_and_says_where_its_choices_lie(site, name):
    page = text(site, name)
    code = "\n".join(cell.source for cell in lesson(name).cells if cell.cell_type == "code")
    assert page.count('class="silkroad-place"') == code.count("my.choose()") <= 1
    controls = [c for key in recordings(page) for c in opened(site, key)["controls"]]
    lie = [control for control in controls if "where" in control]
    assert len(lie) == code.count("my.menu(")
    capitals = data.load("capitals")
    known = {(round(row.lat, 2), round(row.lon, 2)) for row in capitals.itertuples()}
    known |= {(code,) for code in data.load("country_names")["iso3"]}
    for control in lie:
        assert len(control["where"]) == len(control["stops"]) > 5
        lies = {(at,) if isinstance(at, str) else tuple(at) for at in control["where"]}
        assert lies <= known


@EVERY
def test_page_and_its_frames_keep_to_their_size(site, name):
    page = site / "notebooks" / f"{name}.html"
    frames = [site / build.PLAYER / f"{key}.js" for key in recordings(text(site, name))]
    recorded = sum(frame.stat().st_size for frame in frames)
    assert recorded <= recording.PAGE_BYTES
    whole = build._weight(site, page) - recorded + recording.PAGE_BYTES
    assert whole <= build.PAGE_MAX, "where its recording is as large as `make site` lets it be"
    assert build._weight(site, page) > 600_000, "the map's script and the countries are counted"


@EVERY
def test_what_the_lesson_names_is_recorded(site, name):
    """Each state that a view's cell names can be set on the page, moving a control at a time."""
    keys = dict(re.findall(r'id="view-(\w+)" data-key="([^"]+)"', text(site, name)))
    for view, states in build.tried(lesson(name)).items():
        document = opened(site, keys[view])
        controls = {control["name"]: i for i, control in enumerate(document["controls"])}
        start = [control["start"] for control in document["controls"]]
        known = {tuple(map(int, state.split(","))) for state in document["states"]}
        for state in states:
            places = list(start)
            for control, word in parse_qsl(state, strict_parsing=True):
                stops = document["controls"][controls[control]]["stops"]
                found = [i for i, stop in enumerate(stops) if stop == word]
                found = found or [i for i, stop in enumerate(stops) if stop.startswith(word)]
                assert len(found) == 1, f"{view}: {control}={word}"
                places[controls[control]] = found[0]
                assert tuple(places) in known, f"{view}: {state}"


def lesson(name):
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


@pytest.mark.parametrize("said", SAID, ids=lambda said: f"{said.lesson} {said.cell} {said.shows}")
def test_what_the_text_is_tested_to_name_is_declared_beside_the_view(site, said):
    """The site records what `test_try` holds the text to: the cell's list has each such state."""
    (path,) = [path for path in NOTEBOOKS if path.name.startswith(said.lesson)]
    cell = next(cell for cell in lesson(path.stem).cells if cell.id == said.view)
    view = build.LIVE.search(cell.source)[1]
    key = re.search(rf'id="view-{view}" data-key="([^"]+)"', text(site, path.stem))[1]
    controls = opened(site, key)["controls"]
    starts = {c["name"]: c["stops"][c["start"]] for c in controls if c["stops"]}
    words = {True: "yes", False: "no"}
    wanted = {n: words[v] if isinstance(v, bool) else str(v) for n, v in said.settings.items()}
    moved = {name: value for name, value in wanted.items() if starts[name] != value}
    declared = [dict(parse_qsl(state)) for state in cell.metadata.get("try", [])]
    assert not moved or moved in declared


@EVERY
def test_each_view_has_a_place_a_still_picture_and_a_sentence_without_scripts(site, name):
    page = text(site, name)
    views = page.split('class="silkroad-recorded"')[1:]
    ids = re.findall(r'class="silkroad-recorded" id="(view-\w+)"', page)
    assert len(ids) == len(set(ids)) == len(views)
    for view in views:
        plain = re.search(r"<noscript>(.+?)</noscript>", view, re.S)[1]
        assert "Without scripts" in plain
        stills = re.findall(r'<img[^>]+src="([^"]+)" alt="([^"]+)"', plain)
        assert stills
        for file, words in stills:
            assert (site / "notebooks" / file).resolve().stat().st_size > 1000 and len(words) > 20


def test_scripts_and_recordings_have_a_version(site):
    shared = {path.name for path in (site / build.PLAYER).glob("*.js")}
    for name in shared - {"player.js", "search.js"}:
        assert re.search(r"-[0-9a-f]{8}\.js$", name), name
    for page in site.glob("**/*.html"):
        for own in re.findall(
            r'src="[^"]*silkroad/(?:player|search)\.js([^"]*)"', page.read_text()
        ):
            assert re.fullmatch(r"\?v=\w{8}", own), page.name


@EVERY
def test_page_can_be_taken_along(site, name):
    page = text(site, name)
    box = page.split('class="silkroad-tools"')[1].split("</div>")[0]
    files = [unquote(file) for file in re.findall(r'href="([^"]+)" download', box)]
    assert files[0].endswith(f"/{name}.ipynb") and len(files) > 2
    for file in files:
        assert (site / "notebooks" / file).resolve().is_file(), file
    taken = (site / "_static" / "notebooks" / f"{name}.ipynb").read_bytes()
    assert taken == (ROOT / "notebooks" / f"{name}.ipynb").read_bytes()
    assert "Hide code" in box and "Print this page" in box
    assert re.search(r"Version \S+, made on \d+ \w+ \d{4}. Data: snapshot of \d", box)
    assert "contributors (20" in box and "https://github.com/" in box


def test_teachers_find_everything(site):
    page = (site / "teachers.html").read_text(encoding="utf-8")
    for word in (
        "docs/teaching/README",
        "docs/classroom/README",
        "docs/accessibility",
        "data.html",
    ):
        assert word in page
    for path in NOTEBOOKS:
        for place in ("editions/student", "editions/instructor", "editions/slides", "notebooks"):
            file = f"{path.stem}.html" if place == "notebooks" else path.name
            assert f"{place}/{file}" in page
            assert (site / ("_static" if place != "notebooks" else "") / place / file).is_file()
        assert f"handouts/{path.stem}.html" in page and f"docs/teaching/{path.stem}.html" in page
    index = (site / "index.html").read_text(encoding="utf-8")
    assert "Begin with lesson 00" in index
    rows = re.findall(r"notebooks/(\d\d)-[\w-]+\.html.*?<td><p>(\d+)</p></td>", index, re.S)
    minutes = {path.name[:2]: build.minutes(path) for path in NOTEBOOKS}
    assert {number: took for number, took in rows if number in minutes} == minutes


def test_every_table_is_there_as_csv(site):
    page = (site / "data.html").read_text(encoding="utf-8")
    for resource in data.package().values():
        assert f'_static/tables/{resource["path"]}"' in page
        copy = site / "_static" / "tables" / resource["path"]
        assert copy.read_bytes() == (ROOT / "data" / resource["path"]).read_bytes()


def test_codes_of_sources_and_claims_lead_to_their_entries(site):
    entries = {
        name: set(re.findall(r'<dt id="(\w+)"', (site / f"{name}.html").read_text()))
        for name in ("sources", "claims")
    }
    assert entries["sources"] == set(data.load("sources")["source_id"])
    assert entries["claims"] == set(data.load("claims")["id"])
    for path in NOTEBOOKS:
        page = re.sub(r"(?s)<(pre|script|style)\b.*?</\1>", "", text(site, path.stem))
        bare = re.sub(r"(?s)<a\b.*?</a>|<[^>]+>", " ", page)
        known = entries["sources"] | entries["claims"]
        assert not known & set(re.findall(r"\b[SC]\d{3}\b", bare)), path.stem
        links = re.findall(r'<a class="silkroad-ref" href="([^"]+)" data-about="([^"]+)"', page)
        assert links and all(len(words) > 10 for _, words in links)


class Heard(HTMLParser):
    """What a voice meets on a page: its Chinese that is not marked, empty headings, landmarks."""

    MARKS = ("nav", "aside", "form")
    ROLES = ("navigation", "complementary", "search", "region")
    VOID = ("meta", "link", "input", "img", "br", "hr", "col", "source", "use", "path", "wbr")
    SILENT = ("script", "style", "svg", "textarea", "title", "option")

    def __init__(self, page):
        super().__init__()
        self.open, self.unmarked, self.empty, self.marks = [], [], 0, []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in self.MARKS or attrs.get("role") in self.ROLES:
            self.marks.append(attrs.get("aria-label"))
        if tag not in self.VOID:
            self.open.append([tag, attrs.get("lang"), ""])

    def handle_endtag(self, tag):
        while self.open and tag not in self.VOID:
            last, _, said = self.open.pop()
            self.empty += last == "th" and not said.strip()
            if self.open:
                self.open[-1][2] += said
            if last == tag:
                break

    def handle_data(self, text):
        if not self.open:
            return
        self.open[-1][2] += text
        chinese = re.search("[\u3400-\u9fff]", text) and not re.search("[\u3040-\u30ff]", text)
        if chinese and not any(tag in self.SILENT or lang == "zh" for tag, lang, _ in self.open):
            self.unmarked.append(text)


def test_a_voice_finds_chinese_marked_and_headings_and_landmarks_named(site):
    marked = 0
    for path in sorted(site.glob("**/*.html")):
        page = path.read_text(encoding="utf-8")
        heard = Heard(page)
        assert heard.unmarked == [], path.name
        assert heard.empty == 0, path.name
        marked += page.count('lang="zh"')
        if "_static" not in path.relative_to(site).parts:
            assert len(heard.marks) > 3 and all(heard.marks), path.name
    assert marked > 80


def test_what_is_marked_is_chinese_that_is_read_and_not_marked_yet():
    once = aloud.marked('<title>北斗</title><p title="北斗">A 北斗 <b>天通</b></p>')
    assert once == (
        '<title>北斗</title><p title="北斗">A <span lang="zh">北斗</span> '
        '<b><span lang="zh">天通</span></b></p>'
    )
    assert aloud.marked(once) == once
    for left in (
        "<script>if (a<b) f('北斗')</script>",
        "<p>宇宙の</p>",
        "<i lang='zh'>天<b>通</b></i>",
    ):
        assert aloud.marked(left) == left
    rows = "<thead><tr><th></th><th>year</th></tr>{}</thead><tr><th></th></tr>"
    one = aloud.page(rows.format(""))
    assert '<th><span class="silkroad-unseen">row</span></th>' in one
    two = aloud.page(rows.format("<tr><th>name</th><th> </th></tr>"))
    assert two.startswith("<thead><tr><td></td><th>year</th></tr><tr><th>name</th><td></td></tr>")


def test_chinese_that_comes_later_is_marked_too(site, context):
    shown = Page(context, site / "notebooks" / "01-the-idea.html")
    shown.page.evaluate(OPEN)
    shown.page.wait_for_function(READY, timeout=60_000)
    left = """() => { const count = () => document.querySelectorAll('[lang=zh]').length;
        const before = count(); markChinese(document.body); return count() - before; }"""
    assert shown.page.evaluate(left) == 0
    shown.page.goto((site / "search.html").as_uri() + "?q=BeiDou")
    shown.page.wait_for_selector(".silkroad-sections .silkroad-snippet mark", timeout=20_000)
    shown.page.wait_for_timeout(500)
    assert shown.page.evaluate(left) == 0
    shown.close()


def test_every_page_has_one_heading_a_language_a_title_and_its_landmarks(site):
    titles = {}
    for path in sorted(site.glob("**/*.html")):
        page = path.read_text(encoding="utf-8")
        bare = re.sub(r"(?s)<(script|style|noscript)\b.*?</\1>", "", page)
        assert len(re.findall(r"<h1\b", bare)) == 1, path.name
        assert re.search(r'<html[^>]* lang="en"', page), path.name
        assert len(re.findall(r'<main\b|role="main"', bare)) == 1, path.name
        assert re.search(r"<header\b", bare) and re.search(r"<footer\b", bare), path.name
        levels = [int(level) for level in re.findall(r"<h([1-6])\b", bare)]
        assert all(b <= a + 1 for a, b in itertools.pairwise(levels)), f"{path.name}: {levels}"
        title = re.search(r"<title>(.+?)</title>", page, re.S)[1].strip()
        titles.setdefault(title, []).append(path.relative_to(site).as_posix())
    assert [pages for pages in titles.values() if len(pages) > 1] == []


def test_every_link_leads_somewhere(site):
    known = {}

    def anchors(path):
        if path not in known:
            known[path] = set(re.findall(r'id="([^"]+)"', path.read_text(encoding="utf-8")))
        return known[path]

    pages = sorted(site.glob("**/*.html"))
    assert len(pages) > len(NOTEBOOKS)
    for page in pages:
        for target in re.findall(r'<a[^>]+href="([^"]*)"', page.read_text(encoding="utf-8")):
            if target.startswith(("https://", "http://", "mailto:")):  # some sources have no https
                continue
            file, _, anchor = unquote(html.unescape(target)).partition("#")
            path = (page.parent / file).resolve() if file else page
            assert path.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in anchors(path), f"{page.name}: {target}"


def test_nothing_is_asked_of_other_machines(site):
    for page in sorted(site.glob("**/*.html")):
        found = page.read_text(encoding="utf-8")
        loaded = re.findall(
            r'<(?:script|img|iframe|link)\b[^>]+(?:src|href)="(https?:[^"]+)"', found
        )
        assert loaded == [], page.name
        assert "@import" not in found


def test_every_page_has_a_policy_and_it_holds(site, context):
    for page in sorted(site.glob("**/*.html")):
        assert "Content-Security-Policy" in page.read_text(encoding="utf-8").split("<script")[0]
    shown = context.new_page()
    shown.goto((site / "index.html").as_uri())
    assert shown.evaluate(VIOLATION) == "img-src"
    shown.close()


@EVERY
def test_an_exercise_shows_no_solution_before_it_is_opened(site, name):
    page = text(site, name)
    source = "\n".join(cell.source for cell in lesson(name).cells if cell.cell_type == "code")
    solved = re.findall(r'(?m)^solution\("([^"]+)"', source)
    assert 0 < page.count("tag_hide-input") == len(solved) == len(set(solved))
    # Each button says whose solution it shows, to eyes, ears and who speaks to the page.
    buttons = re.findall(r"(?s)<summary>\s*<p class=\"collapsed[^>]*>(.+?)</p>", page)
    assert buttons == [f"Show the solution of {number}" for number in solved]
    assert page.count("Hide the solution of") == len(solved)


# In the browser


# Of a recorded view: how many controls it has; gives the focus to one of them, says what moves it
# (the option of a menu, or a key; nothing where it is greyed); what is shown, and whether a fault.
CONTROLS = "place => place.querySelectorAll('.silkroad-controls :is(input, select)').length"
FOCUS = """(place, number) => {
    const e = place.querySelectorAll('.silkroad-controls :is(input, select)')[number];
    if (e.disabled) return null;
    e.focus();
    if (e.tagName === 'SELECT')
        return [...e.options].findIndex((o, i) => !o.disabled && i !== e.selectedIndex);
    // A step may change nothing, as in a quarter without a launch; the way to the end does.
    return e.type === 'checkbox' ? 'Space' : e.value === e.min ? 'End' : 'Home'; }"""
STATE = """place =>
    [place.dataset.shown, place.querySelector('.silkroad-error').checkVisibility()]"""


def move_each(page, place):
    """Move each control that is not greyed, with the keyboard; return those that moved."""
    moved = []
    for number in range(place.evaluate(CONTROLS)):
        before, _ = place.evaluate(STATE)
        what = place.evaluate(FOCUS, number)
        if what is None:
            continue
        if isinstance(what, str):
            page.keyboard.press(what)
        else:
            control = place.query_selector_all(".silkroad-controls :is(input, select)")[number]
            control.select_option(index=what)
        shown, wrong = place.evaluate(STATE)
        assert shown != before and not wrong, number
        moved.append(number)
    return moved


def test_what_a_slider_shows_is_what_the_lesson_computes(site, context):
    """The frame in the page at a moved control, against the view's own function."""
    shown = Page(context, site / "notebooks" / "02-partners.html")
    place = shown.page.locator(".silkroad-recorded").first
    place.scroll_into_view_if_needed()
    shown.page.wait_for_function(
        "() => document.querySelector('.silkroad-recorded').dataset.state === 'ready'"
    )
    slider = place.locator("input[type=range]").first
    texts = set()
    for _ in range(4):
        slider.press("ArrowRight")
        headline = place.locator(".silkroad-headline").inner_text()
        year = place.locator(".silkroad-readout").first.inner_text()
        assert year in headline, (year, headline)
        texts.add(headline)
    assert len(texts) == 4
    shown.close()


@pytest.mark.parametrize("shown", LESSONS[: len(PACKED)], indirect=True, scope="module")
def test_the_page_puts_together_what_was_packed(site, shown):
    """Every value, grid and track of every view, by the page's script and by ours."""
    seen = {"cells": 0, "paths": 0}
    for place in shown.page.locator(".silkroad-recorded").all():
        document = opened(site, place.get_attribute("data-key"))
        pool = values(document["pool"])
        texts = place.evaluate("({ player }) => JSON.stringify(player.pool.map((one) => one()))")
        assert json.loads(texts) == pool
        states = place.evaluate("({ player }) => JSON.stringify(player.states)")
        assert list(json.loads(states).items()) == list(document["states"].items())
        # Equal parts of states are one to the page, see `spec` in player.js: asked for once.
        parts = {json.dumps(part) for state in document["states"].values() for part in state[2]}
        parts = list(map(json.loads, parts))
        drawn = place.evaluate(DRAWN, json.dumps(parts))
        for (grid, paths), part in zip(json.loads(drawn), parts, strict=True):
            assert "cells" not in part or base64.b64decode(grid) == cells(pool[part["cells"]])
            assert "paths" not in part or paths == tracks(pool[part["paths"]])
            seen = {key: count + (key in part) for key, count in seen.items()}
    assert any(seen.values())


@pytest.mark.parametrize("shown", LESSONS[:1], indirect=True, scope="module")
def test_what_was_not_recorded_is_greyed_with_a_sentence_and_a_link(shown):
    greyed = shown.page.evaluate(
        """() => { for (const place of document.querySelectorAll('.silkroad-recorded')) {
            const controls = () => [...place.querySelectorAll('input[type=range], select')];
            for (let k = 0; k < controls().length; k++) {
              const control = controls()[k];
              if (control.disabled) continue;
              const menu = control.tagName === 'SELECT', options = [...control.options || []];
              if (menu) control.selectedIndex = options.findLastIndex(o => !o.disabled);
              else control.value = +control.value > 0 ? 0 : control.max;
              control.dispatchEvent(new Event(menu ? 'change' : 'input', {bubbles: true}));
            }
            if (controls().some(c => c.disabled)) return {
              note: place.querySelector('.silkroad-note').innerText,
              link: [...place.querySelectorAll('.silkroad-note a')].at(-1).href
            }; } return null; }"""
    )
    assert greyed, "no view of lesson 04 has an unrecorded setting"
    assert "Greyed, because not recorded with this setting" in greyed["note"]
    assert greyed["link"].endswith("04-beidou.ipynb")
    back = "all => all.forEach(one => one.click())"
    shown.page.locator(".silkroad-back").evaluate_all(back)


@pytest.mark.parametrize("shown", LESSONS, indirect=True, scope="module")
def test_a_view_says_how_much_of_its_controls_is_recorded(site, shown):
    """A menu says how much of it, and a control recorded nowhere else that it is not."""
    once = "Recorded here at one setting only: “"
    notes = shown.page.locator(".silkroad-note").all_inner_texts()
    assert shown.name != "01-the-idea" or any(once in note for note in notes)
    for place in shown.page.locator(".silkroad-recorded").all():
        document = opened(site, place.get_attribute("data-key"))
        recorded = [
            len(set(stops))
            for stops in zip(*(state.split(",") for state in document["states"]), strict=True)
        ]
        for said in place.locator(".silkroad-some").all_inner_texts():
            some, every = re.match(r"(\d+) of (\d+) recorded here, all on Binder", said).groups()
            assert int(some) < int(every)
            assert int(every) in [control["all"] for control in document["controls"]]
        options = place.locator("select").evaluate_all("all => all.map(one => one.length)")
        menus = [control["kind"] not in ("slider", "check") for control in document["controls"]]
        assert options == [n for n, menu in zip(recorded, menus, strict=True) if menu]
        (note,) = place.locator(".silkroad-note").all_inner_texts()
        assert (once in note) == (min(recorded) < 2)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("shown", PAGES, indirect=True, scope="module")
def test_axe_finds_nothing_serious(shown, axe, theme):
    before = shown.page.evaluate("() => document.body.dataset.theme")
    shown.page.evaluate(THEME, theme)
    # What is no matter of colours is the same in both.
    assert violations(shown.page, axe, None, COLOURS if theme == "dark" else ()) == []
    if shown.name in ("index", "04-beidou", "12-claims"):
        shown.page.screenshot(path=ARTEFACTS / f"site-{shown.name}-{theme}.png")
    shown.page.evaluate(THEME, before)


@pytest.mark.parametrize("shown", LESSONS, indirect=True, scope="module")
def test_controls_answer_without_a_network(shown, axe):
    page = shown.page
    for found in page.locator(".silkroad-recorded").all():
        place = found.element_handle()
        place.scroll_into_view_if_needed()
        start = place.evaluate(STATE)
        assert start[1] is False and found.locator(".silkroad-summary").inner_text()
        number = place.evaluate(f"place => ({NUMBER})(place.querySelector('iframe'))")
        if number is not None:
            frame = frame_of(page, number)
            frame.wait_for_function("() => document.body.dataset.updates > 1")
            updates = frame.evaluate("() => +document.body.dataset.updates")
            assert violations(frame, axe, None) == []
        assert move_each(page, place), "no control of this view can be moved"
        if number is not None:
            frame.wait_for_function(f"() => +document.body.dataset.updates > {updates}")
        if found.locator(".silkroad-back").count():
            found.locator(".silkroad-back").click()
        assert place.evaluate(STATE) == start
        found.locator(".silkroad-twin summary").click()
        expect(found.locator(".silkroad-twin-body")).to_have_text(re.compile(r".{21}", re.DOTALL))
        found.locator(".silkroad-twin summary").click()
        open_source(page, found)
    page.evaluate("() => scrollTo(0, 0)")
    page.screenshot(path=ARTEFACTS / f"site-{shown.name}.png")


@pytest.mark.parametrize("shown", PAGES, indirect=True, scope="module")
def test_fits_a_phone(shown):
    """The same page made as narrow, which all that is drawn follows; others open it on a phone.

    The last of the tests that share a page, so that it need not grow again.
    """
    page = shown.page
    page.set_viewport_size(PHONE)
    page.evaluate("() => scrollTo(0, 0)")
    page.evaluate(RESTS)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    page.screenshot(path=ARTEFACTS / f"site-{shown.name}-phone.png")


@pytest.mark.parametrize("term", ["PDOP", "北斗", "satellites chokepoint"])
def test_search_shows_section_and_snippet_and_leads_there(site, context, term):
    shown = Page(context, site / "search.html")
    shown.page.goto((site / "search.html").as_uri() + f"?q={term}")
    shown.page.wait_for_selector(".silkroad-sections .silkroad-snippet mark", timeout=20_000)
    assert shown.page.locator(".silkroad-snippet mark").first.inner_text().lower() in term.lower()
    link = shown.page.locator(".silkroad-sections a").first
    anchor = link.get_attribute("href").split("#")[1]
    link.click()
    shown.page.wait_for_function(
        "id => Math.abs(document.getElementById(id)?.getBoundingClientRect().top) <= 100",
        arg=anchor,
    )
    shown.close()


def top_of(page, id):
    return page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", id)


def lands(page, id):
    """Wait until a place stands at the top of the window, and see that it stays there."""
    page.wait_for_function(
        "id => Math.abs(document.getElementById(id).getBoundingClientRect().top) <= 100", arg=id
    )
    page.evaluate(RESTS)
    assert abs(top_of(page, id)) <= 100, id


def headings(site, name):
    return re.findall(r'<section id="([^"]+)"', text(site, name))


@pytest.mark.parametrize("name", ["04-beidou", "06-satellite-phone", "08-digital-silk-road"])
def test_a_link_far_down_lands_there_and_stays_while_views_open(site, context, name):
    ids = [*headings(site, name)[-6:-2], re.findall(r'id="(view-\w+)"', text(site, name))[-1]]
    shown = Page(context, site / "notebooks" / f"{name}.html", f"#{ids[0]}")
    for id in ids:
        if id != ids[0]:  # there the link itself brought us
            shown.page.goto((site / "notebooks" / f"{name}.html").as_uri() + f"#{id}")
            shown.page.reload()
        lands(shown.page, id)
        shown.page.evaluate(
            "() => silkroad.everything().then(() => dispatchEvent(new Event('afterprint')))"
        )
        shown.page.evaluate(RESTS)
        assert abs(top_of(shown.page, id)) <= 100, f"{id}, after all views have opened"
        shown.page.mouse.wheel(0, -400)
        shown.page.wait_for_function(  # the reader moves on
            "id => document.getElementById(id).getBoundingClientRect().top > 200", arg=id
        )
    shown.close()


def test_the_contents_land_where_they_say(site, context):
    wide = context.browser.new_context(viewport={"width": 1600, "height": 900})
    shown = Page(wide, site / "notebooks" / "06-satellite-phone.html")
    for number in (-3, 4, -6):
        link = shown.page.locator(".toc-tree a").nth(number)
        link.click()
        shown.page.evaluate(RESTS)
        id = unquote(link.get_attribute("href")[1:])
        assert abs(top_of(shown.page, id)) <= 100
    shown.close()
    wide.close()


def test_where_the_controls_stand_is_in_the_address(site, context):
    address = (site / "notebooks" / "04-beidou.html").as_uri()
    shown = Page(context, site / "notebooks" / "04-beidou.html")
    # A slow machine, and a reload at once: the browser takes the page back to where it stood.
    slow = context.new_cdp_session(shown.page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    shown.page.goto(f"{address}#view-grown?date=2018-12-31&mask_deg=25")
    shown.page.reload()
    place = shown.page.locator("#view-grown[data-state=ready]")
    place.wait_for(timeout=60_000)
    lands(shown.page, "view-grown")
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    assert "2018" in place.locator(".silkroad-headline").inner_text()
    readouts = place.locator(".silkroad-readout").all_inner_texts()
    assert readouts == ["2018-12-31", "25"]
    link = place.get_by_text("Link to this setting").get_attribute("href")
    assert dict(parse_qsl(link.split("?")[1])) == {"date": "2018-12-31", "mask_deg": "25"}
    place.locator("input[type=range]").first.press("Home")
    date, start = place.locator(".silkroad-readout").first, "2012-12-31"
    first = date.inner_text()
    assert first != "2018-12-31"
    words = "" if first == start else f"date={first}&"  # the start needs none
    shown.page.wait_for_url(re.compile(rf"#view-grown\?{words}mask_deg=25$"))
    for wrong in ("date=1999-01-01", "colour=red", "%zz=%"):
        before = date.inner_text()
        place.locator("input[type=range]").first.press("End")
        expect(date).not_to_have_text(before)
        shown.page.wait_for_url(f"{address}#view-grown?date={date.inner_text()}*")
        place.get_by_text("The address asks for something else").wait_for(state="detached")
        shown.page.goto(f"{address}#view-grown?{wrong}")
        note = place.get_by_text("The address asks for something else")
        note.wait_for()
        assert "shown is the start" in note.inner_text()
        assert date.inner_text() == start
    shown.close()


def test_an_address_entered_while_a_move_is_to_be_told_holds(site, context):
    """The page hears of a new address later than the browser, and a timer may come between."""
    shown = Page(context, site / "notebooks" / "04-beidou.html")
    shown.page.goto(f"{shown.page.url}#view-grown?date=2018-12-31")
    place = shown.page.locator("#view-grown[data-state=ready]")
    place.wait_for(timeout=60_000)
    shown.page.evaluate("""() => {
        const slider = document.querySelector('#view-grown input[type=range]');
        const wait = ms => { const end = performance.now() + ms; while (performance.now() < end); };
        slider.value = slider.max;
        slider.dispatchEvent(new Event('input'));
        wait(280);
        setTimeout(() => { location.hash = '#view-grown?colour=red'; wait(100); }); }""")
    place.get_by_text("The address asks for something else").wait_for()
    assert shown.page.url.endswith("#view-grown?colour=red")
    shown.close()


def test_a_code_in_a_card_of_a_map_leads_to_its_source(site, context):
    shown = Page(context, site / "notebooks" / "02-partners.html")
    place = shown.page.locator(".silkroad-recorded").first
    place.scroll_into_view_if_needed()
    place.locator("iframe").wait_for()
    frame = place.locator("iframe").element_handle().content_frame()
    frame.wait_for_function("() => document.body.dataset.updates > 0")
    frame.evaluate(
        """() => { const box = document.createElement('div');
        box.className = 'leaflet-popup-content';
        box.innerHTML = '<table><tr><td>S048;S999</td></tr></table>';
        document.body.append(box); }"""
    )
    link = frame.locator(".leaflet-popup-content a")
    link.wait_for(timeout=5000)
    assert link.all_inner_texts() == ["S048"] and len(link.get_attribute("title")) > 10
    link.click()
    shown.page.wait_for_url("**/sources.html#S048")
    shown.close()


def test_code_can_be_hidden_and_copied(site, context):
    shown = Page(context, site / "notebooks" / "02-partners.html")
    code = shown.page.locator(".cell_input").first
    assert code.is_visible() and shown.page.locator(".cell_input .copybtn").count()
    shown.page.get_by_role("button", name="Hide code").click()
    assert code.is_hidden()
    shown.page.reload()
    assert code.is_hidden(), "the next page keeps it"
    shown.page.get_by_role("button", name="Show code").click()
    assert code.is_visible()
    shown.close()


def test_paper_has_every_view_and_no_controls(site, context):
    shown = Page(context, site / "notebooks" / "02-partners.html")
    shown.page.evaluate("() => silkroad.everything()")
    assert shown.page.evaluate(READY)
    shown.page.emulate_media(media="print")
    place = shown.page.locator(".silkroad-recorded").first
    assert place.locator(".silkroad-controls").is_hidden()
    assert place.locator(".silkroad-summary").is_visible()
    assert place.locator(".silkroad-onpaper").is_visible()
    said = place.locator(".silkroad-twin-title").evaluate(
        "one => getComputedStyle(one, '::after').content"
    )
    assert place.locator(".silkroad-twin-body").is_hidden()
    assert re.search(r"\(.*\d+.* rows, not printed\)", said)
    for hidden in (".sidebar-drawer", ".skip-to-content", ".silkroad-tools"):
        assert shown.page.locator(hidden).is_hidden()
    after = shown.page.locator("h2").first.evaluate("one => getComputedStyle(one).breakAfter")
    assert after in ("avoid-page", "avoid")
    shown.close()


@pytest.mark.parametrize("name", ["03-orbits", "04-beidou", "06-satellite-phone"])
def test_a_globe_turns_on_its_page_and_has_the_theme_of_the_site(site, context, name):
    shown = Page(context, site / "notebooks" / f"{name}.html")
    shown.page.emulate_media(color_scheme="no-preference")  # a frame asks the page around it
    place = shown.page.locator("iframe.silkroad-globe")
    place.scroll_into_view_if_needed()
    frame = place.element_handle().content_frame()
    frame.wait_for_function("() => +document.body.dataset.frames > 0")
    before = frame.evaluate("() => state.lon")
    frame.locator("#globe").press("ArrowRight")
    assert frame.evaluate("() => state.lon") != before
    for theme, dark in (("light", False), ("dark", True)):
        shown.page.evaluate(THEME, theme)
        asked = "matchMedia('(prefers-color-scheme: dark)').matches"
        frame.wait_for_function(f"() => {asked} === {str(dark).lower()}")
    shown.close()


def test_lesson_06_is_fifteen_pages_on_paper(site, context):
    shown = Page(context, site / "notebooks" / "06-satellite-phone.html")
    shown.page.evaluate("() => silkroad.everything()")
    pdf = shown.page.pdf(format="A4", prefer_css_page_size=True)
    (ARTEFACTS / "site-06-satellite-phone.pdf").write_bytes(pdf)
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) <= 15
    shown.close()


def test_no_page_of_paper_is_empty(site, context):
    for name in ("teachers", "index", "notebooks/11-money"):
        shown = Page(context, site / f"{name}.html")
        shown.page.evaluate("() => silkroad.everything()")
        pdf = shown.page.pdf(format="A4", prefer_css_page_size=True)
        lengths = [len(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
        assert min(lengths) > 40, (name, lengths)
        shown.close()


def test_the_way_of_printing_waits_for_the_views(site, context):
    shown = Page(context, site / "notebooks" / "02-partners.html")
    shown.page.evaluate(
        """() => { const all = [...document.querySelectorAll('.silkroad-recorded')];
          window.print = () => { window.printed = all.map(one => one.dataset.state); }; }"""
    )
    for act in (
        lambda: shown.page.get_by_role("button", name="Print this page").click(),
        lambda: shown.page.keyboard.press("Control+p"),
    ):
        shown.page.evaluate("() => { window.printed = null; }")
        act()
        shown.page.wait_for_function("() => window.printed", timeout=30_000)
        assert set(shown.page.evaluate("() => window.printed")) == {"ready"}
    shown.close()


def test_fingers_and_ledgers_on_a_telephone(site, context):
    phone = context.browser.new_context(viewport={"width": 375, "height": 800}, has_touch=True)
    shown = Page(phone, site / "notebooks" / "06-satellite-phone.html")
    shown.page.evaluate(OPEN)
    shown.page.wait_for_function(READY, timeout=60_000)
    small = shown.page.evaluate(
        """() => [...document.querySelectorAll('article :is(button, select, input, summary)')]
          .filter(one => one.offsetParent && !one.closest('.silkroad-frame'))
          .map(one => [one, one.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 23.5 || box.height < 23.5))
          .map(([one, box]) => `${one.className} ${one.tagName} ${box.width} x ${box.height}`)"""
    )
    assert small == []
    assert shown.page.locator(".back-to-top").is_hidden()
    ledger = shown.page.locator(".silkroad-cards").last
    assert ledger.bounding_box()["width"] <= 375
    assert ledger.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
    card = ledger.locator("td[data-label=verdict]").first
    assert "verdict" in card.evaluate("one => getComputedStyle(one, '::before').content")
    shown.page.screenshot(path=ARTEFACTS / "site-06-cards-phone.png")
    shown.close()
    phone.close()


@pytest.mark.parametrize("name", ["index", "teachers"])
def test_tables_of_lessons_fit_a_telephone_without_breaking_words(site, context, name):
    phone = context.browser.new_context(viewport={"width": 375, "height": 800})
    shown = Page(phone, site / f"{name}.html")
    table = shown.page.locator("table.docutils").first
    assert table.evaluate("one => one.scrollWidth - one.parentElement.clientWidth") <= 0
    assert table.evaluate("one => getComputedStyle(one.rows[1].cells[1]).overflowWrap") in (
        "normal",
        "break-word",  # breaks what has no room at all, and takes none away for it
    )
    shown.close()
    phone.close()


def test_page_reads_without_scripts(site, context):
    plain = context.browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto((site / "notebooks" / "02-partners.html").as_uri())
    assert page.locator(".silkroad-summary").first.is_visible()
    still = page.locator(".silkroad-still").first
    still.scroll_into_view_if_needed()
    assert still.evaluate("one => one.decode().then(() => one.naturalWidth)") > 300
    assert page.locator(".silkroad-recorded table").count() > 0
    page.goto((site / "notebooks" / "00-start-here.html").as_uri())
    assert page.locator("iframe").first.is_hidden()
    said = page.locator("noscript p", has_text="this picture cannot be drawn").first
    assert said.is_visible()  # a search by text alone leaves such elements out
    plain.close()


# Bad input


def lesson_of(tmp_path, *sources):
    import nbformat.v4 as v4

    cells = [v4.new_markdown_cell("# 99 A lesson"), *map(v4.new_code_cell, sources)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    path = tmp_path / "99-x.ipynb"
    path.write_text(json.dumps(v4.new_notebook(cells=cells, metadata=metadata)), encoding="utf-8")
    return path


def old_site(tmp_path):
    with files.folder(tmp_path / "site", by="site") as new:
        (new / "index.html").write_text("old")
    return tmp_path / "site"


def test_a_lesson_that_fails_leaves_the_old_site(tmp_path):
    old = old_site(tmp_path)
    with pytest.raises(InputError, match=r"^99-x.ipynb does not run: ZeroDivisionError: .+\.?$"):
        build.build(old, [lesson_of(tmp_path, "1 / 0")])
    assert (old / "index.html").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["99-x.ipynb", "site"]


def test_what_else_lies_in_a_site_stays(tmp_path, monkeypatch):
    """A checkout of the branch that a web host shows: its history and its name are not ours."""
    old = old_site(tmp_path)
    (old / ".git").mkdir()
    (old / ".git" / "HEAD").write_text("mine")
    (old / "CNAME").write_text("mine")
    page = "<title>new</title>"

    def sphinx(_, made):
        made.mkdir()
        (made / "index.html").write_text(page)

    monkeypatch.setattr(build, "_sphinx", sphinx)
    build.build(old, [lesson_of(tmp_path, "print(1)")])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["99-x.ipynb", "site"]
    assert (old / "index.html").read_text() == page
    assert (old / ".git" / "HEAD").read_text() == (old / "CNAME").read_text() == "mine"


@pytest.mark.parametrize("there", ["notes.txt", ".buildinfo", files.SUMS])
def test_what_is_no_site_is_not_overwritten(tmp_path, capsys, there):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / there).write_text("mine")
    assert build.main([str(tmp_path / "mine")]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "holds something else than a site" in said
    assert (tmp_path / "mine" / there).read_text() == "mine"


def test_a_link_to_nothing_stops_the_making(tmp_path):
    lesson = lesson_of(tmp_path, "print(1)")
    notebook = json.loads(lesson.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] += "\n\nSee [this](98-missing.ipynb)."
    lesson.write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(InputError, match=r"Sphinx says of the site: .+98-missing"):
        build.build(tmp_path / "site", [lesson])
    assert [path.name for path in tmp_path.iterdir()] == ["99-x.ipynb"], "nothing is left beside it"
