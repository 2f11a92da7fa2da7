"""The lessons presented: every slide at 1280×720, nothing cut off, no network; of two lessons, all
controls moved. Then, the slides ended, each as a notebook on a laptop, with all its controls.

Started as README.md says, by one key. test_editions.py looks at the slides of all lessons as files.
A lesson is run once for both; those that test_browser.py opens themselves are only presented here.
"""

import contextlib
import re

import nbformat
import pytest

from tests.test_browser import THEMSELVES, come, look_at_everything, move_by_keyboard, watched
from tools import editions, lessons
from tools.browser import ARTEFACTS, LAPTOP, NOTEBOOKS, POLLING_MS, ROOT, chromium, desk, lab

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
# Comes back once another cell is active, which a busy machine may take long for (a key that came
# late would count for the next), and nothing of its slide has moved or grown for a tenth of a
# second; says which cell it is. Only at an end of the deck a key goes nowhere: at its first slide,
# and where no cell that follows begins another (the last cells of a lesson are not shown).
# Looked at by the clock: who asks for each frame has each frame made.
ARRIVED = f"""async ([before, back]) => {{
    const begun = performance.now(), passed = () => performance.now() - begun;
    const wait = ms => new Promise(done => setTimeout(done, ms));
    const frame = () => new Promise(done => requestAnimationFrame(done));
    const begins = c => /slide|fragment/.test(c.model.getMetadata('slideshow')?.slide_type);
    const end = back ? before === 0 : !{NOTEBOOK}.widgets.slice(before + 1).some(begins);
    while ({NOTEBOOK}.activeCellIndex === before && passed() < (end ? 1000 : 30000)) await wait(5);
    await frame();
    for (let last = '', gone = passed(); passed() - gone < 3000; await wait(100)) {{
        await frame();
        const shown = [...document.querySelectorAll('.jp-Deck .jp-deck-mod-visible')];
        const now = JSON.stringify(shown.map(cell => [cell.getBoundingClientRect(),
            cell.scrollHeight, cell.querySelectorAll('*').length]));
        if (now === last && shown.length) break;
        last = now;
    }}
    return {NOTEBOOK}.activeCellIndex; }}"""

# What the code cells with these ids show, as text each.
SHOWN_BY = f"""ids => ids.map(id => JSON.stringify(
    {NOTEBOOK}.widgets.find(c => c.model.id === id).model.outputs.toJSON()))"""


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
def test_every_slide_fits_and_then_the_lesson_answers(opened, slides, name, axe):
    with opened(f"{name}.ipynb") as lesson:
        page = lesson.page
        assert page.locator(".jp-Dialog").count() == 0, "the lesson opens with a dialog"
        with presented(lesson):
            start(page, name)
            received = lesson.received
            views = look_through(page, name)
            assert lesson.errors() == []
            if name in MOVED:
                to_a_slider(page, views[-1])
            else:
                page.evaluate(f"() => {NOTEBOOK}.activeCell.node.focus()")
            escape(page)
        cells = nbformat.read(slides / f"{name}.ipynb", as_version=4).cells
        solved = [cell.id for cell in cells if lessons.is_solution(cell)]
        assert solved
        for shown in page.evaluate(SHOWN_BY, solved):
            assert "A solution stands here" in shown
        if name not in THEMSELVES:
            page.set_viewport_size(LAPTOP)
            look_at_everything(lesson, name, axe, received)
            page.set_viewport_size(PROJECTOR)
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


def start(page, name):
    """Run a lesson and show it from its first slide, and wait for all that it draws."""
    page.locator(".jp-Notebook").first.focus()
    page.keyboard.press("Control+Alt+p")
    page.wait_for_function(BUSY, timeout=240_000, polling=POLLING_MS)
    assert active(page) == 0, "the deck begins with its first slide"
    # The kernel is idle before the page has drawn all it asked for.
    come(page.locator(".silkroad-view .silkroad-headline"), live_views(name))
    page.wait_for_timeout(500)


def live_views(name):
    """Return how many live views a lesson has."""
    text = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
    return text.count("@live(")


def look_through(page, name):
    """Go through a deck: each slide fits, each live view has one and answers. Return theirs."""
    seen, pictures, problems, at = [], [], [], 0
    while at not in seen:
        seen.append(at)
        slide, wrong = at_rest(page)
        problems += [f"slide {seen[-1]}: {what}" for what in wrong]
        assert slide["views"] <= 1, "one live view on a slide"
        if slide["views"]:
            pictures.append(seen[-1])
            view = page.locator(".jp-deck-mod-visible .silkroad-view")
            _, shown = watched(view)
            shown()  # waits until its map is drawn
            page.screenshot(path=ARTEFACTS / f"slide-{name}-{seen[-1]}.png")
            if name in MOVED:
                move_by_keyboard(page, view)
                problems += [f"slide {seen[-1]}, moved: {what}" for what in at_rest(page)[1]]
        assert len(seen) < MOST
        at = on(page)
    assert len(pictures) == live_views(name), "every live view of the lesson has its slide"
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
    assert on(page, "Shift+Space") < last
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
    """Go on as Space does: deeper where there is more, else to the next idea; or back.

    Return the number of the cell that is active then.
    """
    before = page.evaluate(
        f"() => {{ {NOTEBOOK}.activeCell.node.focus(); return {NOTEBOOK}.activeCellIndex; }}"
    )
    page.keyboard.press(key)
    return page.evaluate(ARRIVED, [before, key != "Space"])
