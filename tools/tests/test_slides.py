"""The lessons presented: every slide at 1280×720, nothing cut off, no network; of two lessons, all
controls moved.

Started as README.md says, by one key. test_editions.py looks at the slides of all lessons as files.
"""

import contextlib
import re

import pytest

from tests.test_browser import come, drawn, move_by_keyboard
from tools import editions
from tools.browser import ARTEFACTS, NOTEBOOKS, POLLING_MS, ROOT, chromium, desk, lab

MOVED = ["04-beidou", "06-satellite-phone"]
PROJECTOR = {"width": 1280, "height": 720}
BACK_ROW_PX = 24  # of prose
LOW_PX = 150  # a picture lower than this shows nothing to anybody
MOST = 120  # slides of a lesson: a deck that never ends is a failure
NOTEBOOK = "window.jupyterapp.shell.currentWidget.content"
BUSY = f"""() => document.body.dataset.jpDeckMode === 'presenting'
    && window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'
    && {NOTEBOOK}.widgets.filter(c => c.model.type === 'code')
        .every(c => c.model.executionCount || !c.model.sharedModel.source.trim())"""
# Of a slide: what is wider or higher than its place, or beyond the window, among all that is shown;
# the smallest type of its prose; its live views, and how high the picture of the first is.
SLIDE = """() => {
    const shown = [...document.querySelectorAll('.jp-Deck .jp-deck-mod-visible')];
    const cut = [];
    for (const e of shown.flatMap(cell => [cell, ...cell.querySelectorAll('*')])) {
        const box = e.getBoundingClientRect();
        const beyond = box.bottom > innerHeight + 1 || box.top < -1 || box.right > innerWidth + 1;
        const more = e.scrollHeight > e.clientHeight + 2 && e.clientHeight > 20;
        // Whether it is seen costs most to ask, so it is asked of few.
        if (!(beyond || more) || !box.width || !box.height
            || !e.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        const name = `${e.tagName} ${e.className}`.slice(0, 70);
        if (more && /auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowY))
            cut.push(`${name}: ${e.scrollHeight} in ${e.clientHeight}`);
        if (beyond)
            cut.push(`${name}: reaches ${Math.round(box.right)}, ${Math.round(box.bottom)}`);
    }
    const deck = document.querySelector('.jp-Deck .jp-WindowedPanel-outer');
    if (deck.scrollHeight > deck.clientHeight + 1)
        cut.push(`the slide scrolls: ${deck.scrollHeight} in ${deck.clientHeight}`);
    const prose = shown.flatMap(cell => [...cell.querySelectorAll('.jp-RenderedMarkdown p')]);
    const views = shown.flatMap(cell => [...cell.querySelectorAll('.silkroad-view')]);
    const picture = views[0]?.querySelector('iframe, .silkroad-picture');
    return {cut, views: views.length, high: picture?.getBoundingClientRect().height ?? 0,
        type: Math.min(...prose.map(p =>
            parseFloat(getComputedStyle(p).fontSize) * (p.currentCSSZoom || 1)), 999)}; }"""
# Comes back once nothing of the slide has moved or grown for a tenth of a second.
STILL = """() => new Promise(done => {
    let last = '', since = 0;
    const begun = performance.now();
    const look = time => {
        const shown = [...document.querySelectorAll('.jp-Deck .jp-deck-mod-visible')];
        const now = JSON.stringify(shown.map(cell => [cell.getBoundingClientRect(),
            cell.scrollHeight, cell.querySelectorAll('*').length]));
        if (now !== last || !shown.length) { last = now; since = time; }
        if (time - since > 100 || time - begun > 3000) done();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look); })"""
# Comes back once another cell is active, which a busy machine may take long for: a key that came
# late would count for the next. Only at an end of the deck a key goes nowhere: at its first slide,
# and where no cell that follows begins another (the last cells of a lesson are not shown).
GONE_ON = f"""([before, back]) => new Promise(done => {{
    const begun = performance.now();
    const begins = c => /slide|fragment/.test(c.model.getMetadata('slideshow')?.slide_type);
    const end = back ? before === 0 : !{NOTEBOOK}.widgets.slice(before + 1).some(begins);
    const look = () => {{
        const waited = performance.now() - begun > (end ? 1000 : 30000);
        if ({NOTEBOOK}.activeCellIndex !== before || waited) done();
        else requestAnimationFrame(look);
    }};
    look(); }})"""


@pytest.fixture(scope="module")
def slides(tmp_path_factory):
    folder = tmp_path_factory.mktemp("editions")
    editions.write(folder, ["slides"])
    return folder / "slides"


@pytest.fixture(scope="module")
def server(slides, needs_chromium):
    with lab(sorted(slides.glob("*.ipynb"))) as running:
        yield running


@pytest.fixture(scope="module")
def context(needs_chromium):
    with chromium(PROJECTOR) as opened:
        yield opened


@pytest.fixture(scope="module")
def opened(context, server):
    with desk(context, server) as opened:
        yield opened


@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_every_slide_fits_and_answers(opened, name):
    with opened(f"{name}.ipynb") as lesson, presented(lesson):
        views = look_through(lesson.page, name)
        if name in MOVED:
            to_a_slider(lesson.page, views[-1])
        else:
            lesson.page.evaluate(f"() => {NOTEBOOK}.activeCell.node.focus()")
        escape(lesson.page)
        loud = [line for line in lesson.console if line[0] in ("error", "pageerror")]
        assert loud == [] and lesson.away() == []


@contextlib.contextmanager
def presented(lesson):
    """End the deck of a lesson after all, else the server would remember it for the next lesson."""
    try:
        yield
    finally:
        if lesson.page.evaluate("() => document.body.dataset.jpDeckMode === 'presenting'"):
            escape(lesson.page)


def look_through(page, name):
    """Go through a deck: each slide fits, each live view has one and answers. Return theirs."""
    page.locator(".jp-Notebook").first.focus()
    page.keyboard.press("Control+Alt+p")
    page.wait_for_function(BUSY, timeout=240_000, polling=POLLING_MS)
    assert active(page) == 0, "the deck begins with its first slide"
    code = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
    # The kernel is idle before the page has drawn all it asked for.
    come(page.locator(".silkroad-view .silkroad-headline"), code.count("@live("))
    seen, pictures, problems = [], [], []
    while active(page) not in seen:
        seen.append(active(page))
        slide, wrong = at_rest(page)
        problems += [f"slide {seen[-1]}: {what}" for what in wrong]
        assert slide["views"] <= 1, "one live view on a slide"
        if slide["views"]:
            pictures.append(seen[-1])
            view = page.locator(".jp-deck-mod-visible .silkroad-view")
            for frame in view.locator("iframe.silkroad-frame").all():
                drawn(frame.element_handle().content_frame())
            page.screenshot(path=ARTEFACTS / f"slide-{name}-{seen[-1]}.png")
            if name in MOVED:
                move_by_keyboard(page, view)
                problems += [f"slide {seen[-1]}, moved: {what}" for what in at_rest(page)[1]]
        assert len(seen) < MOST
        on(page)
    assert len(pictures) == code.count("@live("), "every live view of the lesson has its slide"
    assert not problems, "\n".join(problems)
    return pictures


def at_rest(page):
    """Return (what SLIDE says, what is wrong with it) once the slide has come to rest."""
    for _ in range(50):
        slide = page.evaluate(SLIDE)
        wrong = list(slide["cut"])
        if slide["type"] < BACK_ROW_PX:
            wrong.append(f"type of {slide['type']:.1f} px")
        if slide["views"] and slide["high"] < LOW_PX:
            wrong.append(f"a picture of {slide['high']:.0f} px")
        if not wrong:
            break
        page.wait_for_timeout(200)
    return slide, wrong


def to_a_slider(page, slide):
    """Go one slide back, then to the slide with a view, and give its slider the focus."""
    last = active(page)
    on(page, "Shift+Space")
    assert active(page) < last
    page.evaluate(f"at => {{ {NOTEBOOK}.activeCellIndex = at; }}", slide)
    page.locator(".jp-deck-mod-visible .silkroad-view .noUi-handle").first.focus()


def escape(page):
    """End the slides from where the focus is."""
    kept = re.compile("/api/settings/jupyterlab-slideshow")  # that no deck is shown
    with page.expect_request_finished(lambda request: kept.search(request.url)):
        page.keyboard.press("Escape")
        page.wait_for_function("() => document.body.dataset.jpDeckMode !== 'presenting'")


def active(page):
    return page.evaluate(f"() => {NOTEBOOK}.activeCellIndex")


def on(page, key="Space"):
    """Go on as Space does: deeper where there is more, else to the next idea; or back."""
    before = page.evaluate(
        f"() => {{ {NOTEBOOK}.activeCell.node.focus(); return {NOTEBOOK}.activeCellIndex; }}"
    )
    page.keyboard.press(key)
    page.evaluate(GONE_ON, [before, key != "Space"])
    page.evaluate(STILL)
