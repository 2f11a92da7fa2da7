"""The site without a kernel: every page opened from the disk, with the network off.

It is built once here, as `make site` builds it.
"""

import html
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from course import files
from helpers.inputs import InputError
from tests.test_browser import open_source, violations
from tests.test_texts import VIOLATION
from tools.browser import ARTEFACTS, LAPTOP, NOTEBOOKS, ROOT, chromium
from tools.site import build

EVERY = pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
PHONE = {"width": 390, "height": 800}
# The page grows while views open, so each is waited for before the next is scrolled to.
OPEN = """async () => { for (const place of document.querySelectorAll('.silkroad-recorded')) {
    for (let n = 0; n < 400 && place.dataset.state !== 'ready'; n++) {
      place.scrollIntoView(); await new Promise(done => setTimeout(done, 25)); } } }"""
READY = """() => [...document.querySelectorAll('.silkroad-recorded')]
    .every(place => place.dataset.state === 'ready')"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("build") / "site"
    build.build(folder)
    return folder


@pytest.fixture(scope="module")
def context(needs_chromium):
    with chromium(LAPTOP) as found:
        yield found


class Page:
    """A page of the site in Chromium, with what it said and asked for."""

    def __init__(self, context, path):
        self.page = context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda m: self.said.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(path.as_uri())

    def close(self):
        """Close it; it must have kept silent and asked for nothing but files and itself."""
        self.page.close()
        assert self.said == []
        away = [url for url in self.asked if not url.startswith(("file:", "data:", "about:"))]
        assert away == []


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


@EVERY
def test_page_and_its_frames_keep_to_their_size(site, name):
    page = site / "notebooks" / f"{name}.html"
    frames = [site / build.PLAYER / f"{key}.js" for key in recordings(text(site, name))]
    assert sum(frame.stat().st_size for frame in frames) <= 1_500_000
    assert build._weight(site, page) <= build.PAGE_MAX
    assert build._weight(site, page) > 600_000, "the map's script and the countries are counted"


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
            if target.startswith(("https://", "mailto:")):
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
    solutions = (
        (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8").count("solution(")
    )
    assert 0 < page.count("tag_hide-input") <= solutions


# In the browser


@EVERY
def test_controls_answer_without_a_network(site, context, axe, name):
    shown = Page(context, site / "notebooks" / f"{name}.html")
    page = shown.page
    page.evaluate(OPEN)
    page.wait_for_function(READY, timeout=60_000)
    for place in page.locator(".silkroad-recorded").all():
        place.scroll_into_view_if_needed()
        before = place.get_attribute("data-shown")
        assert place.locator(".silkroad-summary").inner_text()
        if place.locator("iframe").count():
            frame = place.locator("iframe").element_handle().content_frame()
            frame.wait_for_function("() => document.body.dataset.updates > 1")
            updates = frame.evaluate("() => +document.body.dataset.updates")
            assert violations(frame, axe, None) == []
        moved = move_each(place)
        assert moved, "no control of this view can be moved"
        if place.locator("iframe").count():
            frame.wait_for_function(f"() => +document.body.dataset.updates > {updates}")
        if place.locator(".silkroad-back").count():
            place.locator(".silkroad-back").click()
        assert place.get_attribute("data-shown") == before
        assert place.locator(".silkroad-error").is_hidden()
        place.locator(".silkroad-twin summary").click()
        assert len(place.locator(".silkroad-twin-body").inner_text()) > 20
        place.locator(".silkroad-twin summary").click()
        open_source(page, place)
    page.evaluate("() => scrollTo(0, 0)")
    page.screenshot(path=ARTEFACTS / f"site-{name}.png")
    shown.close()


def move_each(place):
    """Move each control that is not greyed, with the keyboard; return those that moved."""
    moved = []
    controls = place.locator(".silkroad-controls :is(input, select)")
    for number in range(controls.count()):
        control = controls.nth(number)
        if control.is_disabled():
            continue
        before = place.get_attribute("data-shown")
        control.focus()
        if control.get_attribute("type") == "checkbox":
            control.press("Space")
        elif control.evaluate("e => e.tagName") == "SELECT":
            other = control.evaluate(
                "e => [...e.options].findIndex((o, i) => !o.disabled && i !== e.selectedIndex)"
            )
            control.select_option(index=other)
        else:
            # A step may change nothing, as in a quarter without a launch; the way to the end does.
            at_start = control.evaluate("e => e.value === e.min")
            control.press("End" if at_start else "Home")
        assert place.get_attribute("data-shown") != before, number
        assert place.locator(".silkroad-error").is_hidden()
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


def test_what_was_not_recorded_is_greyed_with_a_sentence_and_a_link(site, context):
    shown = Page(context, site / "notebooks" / "04-beidou.html")
    shown.page.evaluate(OPEN)
    shown.page.wait_for_function(READY, timeout=60_000)
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
              link: place.querySelector('.silkroad-note a').href }; } return null; }"""
    )
    assert greyed, "no view of lesson 04 has an unrecorded setting"
    assert "Greyed, because not recorded with this setting" in greyed["note"]
    assert greyed["link"].endswith("04-beidou.ipynb")
    shown.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", *[f"notebooks/{path.stem}" for path in NOTEBOOKS]])
def test_axe_finds_nothing_serious(site, context, axe, name, theme):
    shown = Page(context, site / f"{name}.html")
    shown.page.evaluate(f"() => {{ document.body.dataset.theme = '{theme}'; }}")
    shown.page.evaluate(OPEN)
    shown.page.wait_for_function(READY, timeout=60_000)
    assert violations(shown.page, axe, None) == []
    if name in ("index", "notebooks/04-beidou", "notebooks/12-claims"):
        shown.page.screenshot(path=ARTEFACTS / f"site-{Path(name).name}-{theme}.png")
    shown.close()


@pytest.mark.parametrize("name", ["index", *[f"notebooks/{path.stem}" for path in NOTEBOOKS]])
def test_fits_a_phone(site, context, name):
    phone = context.browser.new_context(viewport=PHONE)
    shown = Page(phone, site / f"{name}.html")
    shown.page.evaluate(OPEN)
    shown.page.wait_for_function(READY, timeout=60_000)
    assert shown.page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    shown.page.evaluate("() => scrollTo(0, 0)")
    shown.page.screenshot(path=ARTEFACTS / f"site-{Path(name).name}-phone.png")
    shown.close()
    phone.close()


def test_search_finds_a_term_without_a_server(site, context):
    shown = Page(context, site / "search.html")
    shown.page.goto((site / "search.html").as_uri() + "?q=PDOP")
    shown.page.wait_for_selector("#search-results li", timeout=20_000)
    assert "BeiDou" in shown.page.inner_text("#search-results")
    shown.close()


def test_print_shows_words_and_tables_and_no_controls(site, context):
    shown = Page(context, site / "notebooks" / "02-partners.html")
    shown.page.evaluate(OPEN)
    shown.page.wait_for_function(READY, timeout=60_000)
    shown.page.emulate_media(media="print")
    place = shown.page.locator(".silkroad-recorded").first
    assert place.locator(".silkroad-controls").is_hidden()
    assert place.locator(".silkroad-summary").is_visible()
    assert place.locator(".silkroad-twin-body table").first.is_visible()
    assert shown.page.locator(".sidebar-drawer").is_hidden()
    assert len(shown.page.pdf()) > 50_000
    shown.close()


def test_page_reads_without_scripts(site, context):
    plain = context.browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto((site / "notebooks" / "02-partners.html").as_uri())
    assert page.locator(".silkroad-summary").first.is_visible()
    assert page.locator(".silkroad-recorded table").count() > 0
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
