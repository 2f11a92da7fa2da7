"""A text is a text: what a table says reaches every page as it stands, and is never code there.

The markers are harmless: an element with the attribute `data-mark` that must not come to be, sums
that must not be computed, formulas that must not be set, signs that must not vanish.
"""

import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import folium
import nbformat
import pandas as pd
import pytest

from course import brief, environment, globe, l13, stills
from course.brief import facts, page, pictures, tables
from helpers import charts, claims, data, exercises, maps
from helpers import live as room
from silkroad import orbits
from tools import handouts, printing, recording, slides
from tools.browser import LAPTOP, Lesson, chromium, lab
from tools.site import build

MARKERS = (
    *("{{ 7 * 7 }}", "{% raw %}", "{# gone #}"),  # templates
    *("${7 * 7}", "`7`", r"\u0041", "</script><i data-mark>a</i>", "]]>"),  # JavaScript
    *("$x_1$ and $y$", r"\(z\)", r"$\nothing$"),  # formulas
    *("<i data-mark>b</i>", "<!-- c -->", "<!-- silkroad css -->", "</style>"),  # HTML
    *('"><i data-mark>d</i>', "' data-mark='e", "&lt;", "&amp;amp;"),
    *("%s %(x)s {0} {x!r}", "|*f*|", "[g](h)", "../i"),  # Python, Markdown, file names
)
WORDS = " ".join(MARKERS)
FRAME = pd.DataFrame({"name": [WORDS], "lat": [1.0], "lon": [2.0], "why": [f"why {WORDS}"]})
FRAME = FRAME.assign(source_ids="S001", confidence="high")
KIND = f"kind {WORDS}"


def layers():
    return [
        maps.points(FRAME.assign(kind=KIND), f"points {WORDS}", category="kind", popup=["why"]),
        maps.lines({WORDS: [[[0, 0], [9, 9]]]}, f"lines {WORDS}", popup={WORDS: {WORDS: WORDS}}),
        maps.countries({"KEN": WORDS}, f"countries {WORDS}", styles={WORDS: "blue"}),
    ]


class Parsed(HTMLParser):
    """The texts of a page, those in attributes too, and its elements that a marker made."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.marked, self.frames = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.marked += [tag for name, _ in attrs if name == "data-mark"]
        self.texts += [value for name, value in attrs if name in ("alt", "title", "aria-label")]
        self.frames += [value for name, value in attrs if name == "srcdoc"]

    def handle_data(self, text):
        self.texts.append(text)


def finding(title=WORDS):
    chart = charts.draw(charts.bars(FRAME, x="lat", y="name"), name=title, words=title)
    return claims.Finding("C001", title, "confirmed", title, {title: title}, title, (chart,))


def ledger():
    row = dict.fromkeys(("id", "claim", "said", "right", "why"), WORDS)
    table = pd.DataFrame([{**row, "verdict": "✔ confirmed"}])
    return claims.Ledger(WORDS, table, table)


def section(keys=WORDS):
    return tables.Section("x", WORDS, WORDS, {WORDS: FRAME.assign(source_ids=keys)})


@pytest.fixture(scope="module")
def made():
    found = brief.of("PAK")
    about = {**found.case.about, "country": WORDS}
    capital = {**found.case.capital, "capital": WORDS}
    case = replace(found.case, about=pd.Series(about), capital=pd.Series(capital))
    return facts.Brief(found.now, case, (*found.sections, section("S001")))


def plain():
    made = folium.Map([0, 0], tiles=None)
    folium.CircleMarker([1, 2], popup="{{ 7 * 7 }} {% raw %}", tooltip="{# gone #}").add_to(made)
    return maps.offline(made, title=WORDS)


def round_globe():
    own = orbits.synthetic_elements("2026-06-14T00:00Z", 500, 50, name=WORDS)
    return globe.show(own, "2026-06-14T00:00Z", follow=WORDS, title=WORDS)


def hand_out():
    first = f"# 99 {WORDS}\n\n**Question.** {WORDS}\n\n**You will** do."
    shown = nbformat.v4.new_code_cell('claims.show("C001")')
    lesson = SimpleNamespace(cells=[nbformat.v4.new_markdown_cell(first), shown])
    return handouts.page(lesson, ("data:image/png;base64,AA", WORDS))


def site_view():
    entry = {"key": "k", "height": 300, "summary": WORDS, "tables": maps.twin(layers()[0])}
    entry |= {"id": WORDS, "stills": [("k.png", WORDS)], "charts_px": 0}
    output = nbformat.v4.new_output("display_data", {build.WIDGET: {"model_id": "m"}})
    return build._output(output, {"m": entry}, "https://b.example")["data"]["text/html"]


PAGES = {
    "a still map": lambda made: maps.world(layers(), title=WORDS)._repr_html_(),
    "the twins of a map": lambda made: maps.twins(layers(), WORDS),
    "a globe": lambda made: round_globe()._repr_html_(),
    "the page of a globe": lambda made: round_globe().page(),
    "claims": lambda made: ledger()._repr_html_(),
    "a computed claim": lambda made: finding()._repr_html_(),
    "an exercise": lambda made: exercises.Result("99-1", "wrong", WORDS)._repr_html_(),
    "sources": lambda made: data.Bibliography(
        data.load("sources").head(1).assign(title=WORDS, source_id=WORDS, credit=WORDS)
    )._repr_html_(),
    "a section of a brief": lambda made: section()._repr_html_(),
    "a brief": lambda made: page.html(made, pictures.charts_of(made)),
    "the preview of a brief": lambda made: l13.Preview(made)._repr_html_(),
    "the environment": lambda made: environment.Report([WORDS], [WORDS])._repr_html_(),
    "a view on the site": lambda made: site_view(),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_text_reaches_a_page_as_it_stands_and_makes_no_element(name, made):
    left, shown = [PAGES[name](made)], []
    for text in left:  # with the pages in its frames
        parsed = Parsed(text)
        assert parsed.marked == []
        shown += parsed.texts
        left += parsed.frames
    assert any(WORDS in text for text in shown)


def test_a_hand_out_shows_what_a_lesson_says(monkeypatch):
    monkeypatch.setattr(claims, "show", lambda *ids: ledger())
    parsed = Parsed(hand_out())
    assert parsed.marked == [] and WORDS in parsed.texts


def test_slides_name_the_lesson_as_it_is_called():
    lesson = [nbformat.v4.new_markdown_cell(f"# 99 {WORDS}\n\ntext")]
    start, *rest = slides.cells(lesson)
    assert WORDS in start.source and any(WORDS in cell.source for cell in rest)


def test_no_text_of_a_layer_is_a_template():
    shown = maps.world(layers(), title=WORDS)
    for text in (
        shown.page(),
        printing.still(maps.live_page(WORDS), layers()),
    ):
        for marker in ("{{ 7 * 7 }}", "{% raw %}", "{# gone #}"):
            assert text.count(marker) >= 8, marker
    page = plain().get_root().render()
    assert all(text in page for text in ("{{ 7 * 7 }}", "{% raw %}", "{# gone #}"))


def test_no_text_on_a_picture_is_a_formula():
    for layer in (finding().layers[0], stills.picture(layers(), title=WORDS)):
        assert stills.png(layer)[:4] == b"\x89PNG"
    labelled = maps.points(FRAME, WORDS, labels=True)
    assert stills.picture([labelled], title=WORDS, bounds=((-9, -9), (9, 9))).spec["src"]


def test_no_text_leaves_its_folder():
    assert re.fullmatch(r"[a-z0-9-]+", facts._slug(WORDS))


@pytest.fixture(scope="module")
def browser(needs_chromium):
    with chromium() as context:
        yield context.browser


def view():
    @room.live(f"title {WORDS}", step={f"choice {WORDS}": 0, "fails": 1}, description=[WORDS])
    def sky(step, description):
        if step:
            raise ValueError(WORDS)
        return *layers(), f"headline {WORDS}"

    return sky


# What stands in an element as a whole; the name of a layer is one of several texts in its.
SEEN = """words => { const all = [...document.querySelectorAll('*')].map(e => e.textContent);
    return words.filter(text => !all.some(found => found.includes(text))); }"""


def nowhere_marked(page):
    for frame in page.frames:
        assert frame.evaluate("() => document.querySelectorAll('[data-mark]').length") == 0


def cards_and_legend(frame):
    """Open the card of the point, and see that card and legend say what the layers say."""
    frame.wait_for_function("() => +document.body.dataset.updates > 0")
    names = [layer.name for layer in layers()]
    assert frame.evaluate(SEEN, [*names, KIND]) == []
    frame.evaluate(
        "() => [...document.querySelectorAll('path.leaflet-interactive')].forEach("
        "e => e.dispatchEvent(new MouseEvent('click', {bubbles: true})))"
    )
    frame.wait_for_selector(".leaflet-popup h4", state="attached")
    assert frame.locator(".leaflet-popup h4").first.text_content() == WORDS


def test_a_text_is_a_text_in_a_browser(browser, made, monkeypatch, tmp_path):
    monkeypatch.setattr(claims, "show", lambda *ids: ledger())
    with browser.new_context(viewport=LAPTOP) as context:
        page = context.new_page()
        for name, write in PAGES.items():
            text = write(made)
            page.set_content(f"<!doctype html><meta charset=utf-8>{text}")
            page.wait_for_timeout(300)
            nowhere_marked(page)
            if name == "a still map":
                page.frames[-1].wait_for_selector("path.leaflet-interactive", state="attached")
                cards_and_legend(page.frames[-1])
        page.set_content(hand_out())
        nowhere_marked(page)
        # The site: the same widget, played from a file.
        monkeypatch.setattr(room, "display", lambda *shown, **how: None)
        sky, frames = view(), tmp_path / build.PLAYER
        frames.mkdir(parents=True)
        build._share(frames)
        made = recording.Recording(sky)
        made._todo = made._todo[:1]
        made.extend(10**6)
        (frames / "sky.js").write_text(made.file("sky"), encoding="utf-8")
        place = '<div class="silkroad-recorded" data-key="sky" data-binder="#"></div>'
        script = f'<script src="{build.PLAYER}/player.js"></script>'
        text = f'<!doctype html><meta charset="utf-8">{script}{place}'
        (tmp_path / "page.html").write_text(text, encoding="utf-8")
        page.goto((tmp_path / "page.html").as_uri())
        page.wait_for_selector("[data-state=ready]")
        assert page.evaluate(SEEN, [f"headline {WORDS}", f"choice {WORDS}", WORDS]) == []
        cards_and_legend(page.frames[-1])
        nowhere_marked(page)


# Doors: what a click opens, and what a page may fetch


def test_a_source_clicked_in_a_frame_opens_beside_it(browser, made):
    shown = l13.Preview(made)._repr_html_() + plain()._repr_html_()
    answer = {"body": f"<!doctype html>{shown}", "content_type": "text/html; charset=utf-8"}
    with browser.new_context(viewport=LAPTOP) as context:
        context.route("**/*", lambda route: route.fulfill(**answer))
        page = context.new_page()
        page.goto("http://localhost/lab")  # no server: the browser is answered by this test
        page.wait_for_selector("iframe")
        assert page.locator("iframe[allowfullscreen]").count() == 2, "a map in a brief, too"
        brief_frame, map_frame = (
            frame.element_handle().content_frame() for frame in page.locator("iframe").all()
        )
        brief_frame.locator("td.keys a").first.click()
        brief_frame.wait_for_function("() => location.hash.startsWith('#S')")
        assert brief_frame.locator("h1").count() == 1, "its own links lead within it"
        for frame, link in (
            (brief_frame, "#sources a"),
            (map_frame, ".leaflet-control-attribution a"),
        ):
            before = frame.url
            with context.expect_page() as opened:
                frame.locator(link).first.click()
            assert opened.value.url.startswith("https://") and frame.url == before
            assert opened.value.evaluate("() => window.opener") is None


VIOLATION = """() => new Promise(done => {
    document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));
    setTimeout(() => done('nothing'), 5000);
    new Image().src = 'https://a.example/x.png'; })"""


def test_a_saved_brief_draws_all_and_fetches_nothing(browser, made, tmp_path):
    (tmp_path / "index.html").write_text(page.html(made, pictures.charts_of(made)), "utf-8")
    with browser.new_context(viewport=LAPTOP) as context:
        shown, said = context.new_page(), []
        shown.on("console", lambda message: said.append(message.text))
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.goto((tmp_path / "index.html").as_uri())
        frame = shown.locator("iframe").element_handle().content_frame()
        frame.wait_for_function("() => +document.body.dataset.updates > 0")
        assert shown.evaluate("() => [...document.images].every(i => i.naturalWidth > 100)")
        assert shown.evaluate("() => getComputedStyle(document.body).maxWidth") != "none"
        assert said == []
        for part in (shown, frame):  # the map in its frame is under the same rule
            assert part.evaluate(VIOLATION) == "img-src"


LESSON = """from tests import test_texts as texts
from helpers import maps
sky = texts.view()
"""
CELLS = [LESSON, "maps.world(texts.layers(), title=texts.WORDS)", "texts.ledger()"]
CELLS += ["texts.finding()", "texts.exercises.Result('99-1', 'wrong', texts.WORDS)"]
CELLS += ["texts.section()"]
FORMULA = "from IPython.display import HTML\nHTML('<p id=formula>$x$</p>')"  # is set as one


def test_a_text_is_a_text_in_jupyterlab(browser, tmp_path):
    cells = [nbformat.v4.new_code_cell(code) for code in [*CELLS, FORMULA]]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    path = tmp_path / "texts.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    new = browser.new_context(viewport=LAPTOP)
    with new as context, lab([path], tree=build.ROOT) as running:
        lesson = Lesson(context, running, path.name)
        page = lesson.page
        assert lesson.run_all() == []
        page.wait_for_selector("#formula mjx-container", state="attached")
        assert page.locator("mjx-container").count() == 1
        said = page.locator(".jp-OutputArea-output").all_text_contents()
        texts = len(CELLS) + 1  # a view is stored as text, too
        assert sum(WORDS in text for text in said) == texts
        box = page.locator(".silkroad-view")
        assert box.locator(".silkroad-headline").text_content() == f"headline {WORDS}"
        cards_and_legend(page.locator("iframe.silkroad-frame").element_handle().content_frame())
        box.locator(".silkroad-twin summary").click()
        page.wait_for_function(
            "words => document.querySelector('.silkroad-twin-body').innerText.includes(words)",
            arg=f"why {WORDS}",
        )
        box.locator("select").first.select_option(index=1)
        page.wait_for_function("() => document.querySelector('.silkroad-error').textContent")
        assert WORDS in box.locator(".silkroad-error").text_content()
        nowhere_marked(page)
        assert [line for line in lesson.console if line[0] in ("error", "pageerror")] == []
        page.close()


def test_a_marker_that_came_through_would_be_found():
    assert Parsed("<p><i data-mark>b</i></p>").marked == ["i"]
    assert WORDS in Parsed(f'<img alt="{html.escape(WORDS)}">').texts
