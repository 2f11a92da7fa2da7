"""Lessons in a real JupyterLab and Chromium, with nothing but this machine to talk to.

All but `THEMSELVES` are looked at by test_slides.py, in the editions for slides: notebooks of the
same cells (test_editions.py), which it has open and run.
"""

import contextlib
import json
import re

import nbformat
import playwright.sync_api as playwright
import pytest
from playwright.sync_api import expect

from tools.browser import ARTEFACTS, LAPTOP, POLLING_MS, ROOT, bring, chromium, desk, lab

pytestmark = pytest.mark.usefixtures("needs_chromium")

SERIOUS = ("serious", "critical")
# Bytes from the kernel when a lesson runs: what live maps share comes once, five of them or one;
# a map that stands still is a page of its own, and so is a globe.
LESSON_BYTES, STILL_BYTES, GLOBE_BYTES = 1_000_000, 700_000, 50_000


@pytest.fixture(scope="module")
def server(needs_chromium):
    with lab() as running:
        yield running


@pytest.fixture(scope="module")
def context(needs_chromium):
    ARTEFACTS.mkdir(exist_ok=True)
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def at_the_desk(context, server):
    with desk(context, server) as opened:
        yield opened


def drawn(frame, layers=None):
    """Return what the page of a map says it has drawn, once it has drawn, or drawn `layers`.

    layers: {name: how many}. A map is ready before its first layers, and then draws none.
    """
    if layers:
        wanted = "layers => document.body.dataset.layers === JSON.stringify(layers)"
        frame.wait_for_function(wanted, arg=layers)
    frame.wait_for_function("() => document.body.dataset.updates > 0")
    said = frame.evaluate("() => ({...document.body.dataset})")
    return {
        "land": int(said["land"]),
        "updates": int(said["updates"]),
        "layers": json.loads(said["layers"]),
    }


# The canvas of the land holds more than one kind of pixel. A map that is metres wide (its scale
# says so) shows land alone, or sea alone. The canvas reaches beyond the map; where that is higher
# than the world, what is seen of it counts.
LAND_IS_PAINTED = """() => { const c = document.querySelector('.leaflet-land-pane canvas');
    if (!c?.clientWidth || !c.height) return false;
    const map = document.querySelector('.leaflet-container').getBoundingClientRect();
    const at = c.getBoundingClientRect(), k = c.width / at.width;
    const painted = (...box) => {
      const d = c.getContext('2d').getImageData(...box.map(Math.round)).data;
      let some = 0; for (let i = 3; i < d.length; i += 4) some += d[i] > 0;
      return some / (d.length / 4); };
    const all = painted(0, 0, c.width, c.height);
    const seen = painted(k * (map.left - at.left), k * (map.top - at.top),
      k * map.width, k * map.height);
    const near = / m$/.test(document.querySelector('.leaflet-control-scale-line').textContent);
    return Math.max(all, seen) > 0.05 && (near || all < 0.9); }"""


def maps(page):
    """Return the frames of all maps as elements; `map_in` opens one."""
    return page.locator("iframe.silkroad-frame, .jp-OutputArea-output iframe[srcdoc]").all()


# Which of its window's frames an element is, and whether a page is in that one.
NUMBER = "e => e && [...Array(length).keys()].find(i => window[i] === e.contentWindow)"
IS_IT = "number => parent[number] === window"


def frame_of(page, number):
    """Return the frame of a page that has a number.

    To be asked for the frame of an element, Playwright lets Chromium tell all of it: the whole page
    of a map stands in an attribute, and takes a tenth of a second to be told.
    """
    for _ in range(300):
        for frame in page.main_frame.child_frames:
            with contextlib.suppress(playwright.Error):  # it goes, or comes, just now
                if frame.evaluate(IS_IT, number):
                    return frame
        page.wait_for_timeout(100)
    raise AssertionError(f"frame {number} has no page")


def map_in(element):
    """Scroll a frame into view, so that it is attached, and return the page of its map.

    A saved page that a lesson shows in a frame holds its map in a frame of its own.
    """
    element.evaluate("frame => frame.scrollIntoView({block: 'center'})")
    frame = frame_of(element.page, element.evaluate(NUMBER))
    frame.wait_for_load_state()
    frame.evaluate("() => document.querySelector('iframe')?.scrollIntoView()")
    return frame.child_frames[0] if frame.child_frames else frame


def come(found, count):
    """Wait until there are so many of a locator, however long, as long as more and more come."""
    while (there := found.count()) < count:
        expect(found).not_to_have_count(there)
    expect(found).to_have_count(count)


def boxes(page, count=None):
    """Yield the box of every live view: the controls, and the map they move.

    count: how many are waited for; the kernel is idle before the page has drawn all it asked for.
    """
    found = page.locator(".jp-OutputArea-output .widget-vbox:has(> .silkroad)")
    expect(found).not_to_have_count(0) if count is None else come(found, count)
    for index in range(found.count()):
        box = found.nth(index)
        box.scroll_into_view_if_needed()
        yield box


# Of a view: its headline, and a number for each chart, by which two charts are told apart.
SHOWN = """box => [box.querySelector('.silkroad-headline').innerText,
    ...[...box.querySelectorAll('.silkroad-picture')].map(one => { let sum = 0;
        for (const letter of one.innerHTML) sum = (31 * sum + letter.codePointAt()) % 2 ** 47;
        return sum; })]"""
UPDATES = "() => Number(document.body?.dataset.updates ?? 0)"


def watched(box):
    """Return a view's element and a function that tells what it shows now.

    That is how often its map was drawn, its headline and its charts.
    """
    view = box.element_handle()
    number = view.evaluate(f"view => ({NUMBER})(view.querySelector('iframe.silkroad-frame'))")
    frame = None if number is None else frame_of(box.page, number)

    def shown():
        updates = frame and (frame.evaluate(UPDATES) or drawn(frame)["updates"])
        return updates, *view.evaluate(SHOWN)

    return view, shown


def changes(page, shown, before, what):
    """Wait until a view shows something else than before."""
    for _ in range(1000):  # a busy machine answers late
        if shown() != before:
            return
        page.wait_for_timeout(30)
    raise AssertionError(f"{what} was moved by keyboard, but the view did not change")


PLAY = ":is(.jupyter-widgets.widget-play, .jupyter-widget-play)"
# Controls; what one of them is called, and whether it stands at its last place; the keys that move
# it back from there, and on from elsewhere.
KEYS = [
    (
        ".noUi-handle",
        """e => [`the slider '${e.getAttribute('aria-label')}'`,
            e.getAttribute('aria-valuenow') === e.getAttribute('aria-valuemax')]""",
        ("ArrowLeft", "ArrowRight"),
    ),
    (
        "select:has(option + option)",
        """e => [`the menu '${e.parentElement.innerText.split('\\n')[0]}'`,
            e.selectedIndex === e.options.length - 1]""",
        ("ArrowUp", "ArrowDown"),
    ),
    ("input[type=checkbox]", "() => ['a check box', false]", ("Space", "Space")),
    (PLAY, "() => ['the play button', false]", ("Enter", "Enter")),
]
COUNT = "(view, css) => view.querySelectorAll(css).length"
FOCUS = """(view, [css, number]) => { const e = view.querySelectorAll(css)[number];
    (e.querySelector('button') ?? e).focus(); return (TOLD)(e); }"""


def move_by_keyboard(page, box):
    """Move every control of a view with the keyboard and see that its view answers."""
    view, shown = watched(box)
    for css, told, keys in KEYS:
        for number in range(view.evaluate(COUNT, css)):
            before = shown()
            what, last = view.evaluate(FOCUS.replace("TOLD", told), [css, number])
            page.keyboard.press(keys[0] if last else keys[1])
            changes(page, shown, before, what)
            if css == PLAY:
                view.evaluate(FOCUS.replace("TOLD", told), [css, number])
                page.keyboard.press(keys[0])  # it stops


def open_source(page, box):
    """Open with the keyboard how a view is drawn, where functions of a lesson's room draw it."""
    for line in box.locator(".silkroad-source summary").all():
        assert line.inner_text() == "How is this drawn?"
        body = box.locator(".silkroad-source-body")
        assert body.is_hidden()
        line.focus()
        page.keyboard.press("Enter")
        expect(body).to_be_visible()
        assert re.search(r"course/\S+\.py\s+(@.+\s+)*(def|class) ", body.inner_text())


# Marks texts that have their colours, their size and all that is behind them in common with three
# before them, and a parent of the same kind and colour: their contrast is the same. What is out of
# the flow may lie on anything, so it is like nothing but what is inside of it.
ALIKE = """inside => {
    const behind = new Map(), seen = new Map();
    const back = e => {
        if (!e) return '';
        if (!behind.has(e)) {
            const s = getComputedStyle(e);
            const own = [s.backgroundColor, s.backgroundImage, s.opacity, s.filter].join();
            const clear = own === 'rgba(0, 0, 0, 0),none,1,none';
            const apart = /absolute|fixed|sticky/.test(s.position) ? `@${behind.size}` : '';
            behind.set(e, back(e.parentElement) + (clear ? '' : '|' + own) + apart);
        }
        return behind.get(e);
    };
    const kind = e => `${e.tagName} ${e.getAttribute('class')}`;
    document.querySelectorAll('[data-alike]').forEach(e => e.removeAttribute('data-alike'));
    for (const e of document.querySelectorAll(`${inside}, ${inside} *`)) {
        const says = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!says || !e.checkVisibility(
            {opacityProperty: true, visibilityProperty: true})) continue;
        const s = getComputedStyle(e);
        const around = getComputedStyle(e.parentElement).color;
        const key = [kind(e), kind(e.parentElement), around, s.color, s.textDecorationLine,
            s.fill, s.fontSize, s.fontWeight, s.textShadow, back(e)].join(' ; ');
        seen.set(key, (seen.get(key) || 0) + 1);
        if (seen.get(key) > 3) e.setAttribute('data-alike', '');
    } }"""


# Axe's rules on colours, and what they look at.
COLOURS = {"color-contrast": ["*"], "link-in-text-block": ["a[href]", "[role=link]"]}
# Of texts that are alike they look at three. As a part of the rules: what is excluded by the call,
# axe compares with each element of the page, which takes longer than all it looks for.
ASK_THREE = """colours => axe.configure({rules: Object.entries(colours).map(
    ([id, all]) => ({id, selector: all.map(one => `${one}:not([data-alike])`).join(', ')}))})"""


# Who speaks to a page says what stands on a button: its name must hold those words.
SPOKEN = "label-content-name-mismatch"


def violations(target, script, inside, only=()):
    """Return the serious findings of axe inside the elements that match `inside`, or in all.

    only: the names of rules, if only they are asked.
    """
    if not target.evaluate("() => 'axe' in window"):
        target.evaluate(script)
        target.evaluate(ASK_THREE, COLOURS)
    target.evaluate(ALIKE, inside or "body")
    # Without preloading: axe would fetch style sheets, which a page from the disk may not.
    rules = {"resultTypes": ["violations"], "iframes": False, "preload": False}
    if only:
        rules["runOnly"] = list(only)
    else:  # all that axe does not call experimental, and one that it does
        rules["rules"] = {SPOKEN: {"enabled": True}}
    context = {"include": [[inside or ":root"]]}
    found = target.evaluate("([context, rules]) => axe.run(context, rules)", [context, rules])
    return [  # one line each
        f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}"
        for v in found["violations"]
        if v["impact"] in SERIOUS
    ]


def test_axe_finds_what_is_wrong_among_texts_that_are_alike(context, axe):
    page = context.new_page()
    pale = "<p style='color:#ccc'>pale</p>"
    link = "<p>Some words and <a href='#x' style='color:#111;text-decoration:none'>a link</a></p>"
    page.set_content(
        f"<html lang=en><title>t</title><main><h1>A page</h1>{pale * 9}"
        f"<div id=good>{'<p>good</p>' * 9}</div><div id=bad>{pale}{link * 9}</div></main></html>"
    )
    rules = [
        [found.split(":")[0] for found in violations(page, axe, inside)]
        for inside in (None, "#good", "#bad")
    ]
    assert rules == [
        ["color-contrast", "link-in-text-block"],
        [],
        ["color-contrast", "link-in-text-block"],
    ]
    # Of the last question: of nine links and their paragraphs all but three.
    assert page.locator("[data-alike]").count() == 12
    lies = "style='position:absolute;left:0;top:300px;width:90px;height:30px'"
    dark = f"<div {lies}><div style='background:#222;height:30px'></div></div><p {lies}>black</p>"
    page.set_content(
        "<html lang=en><title>t</title><style>p {margin: 0; color: #000}</style>"
        f"<main><h1>A page</h1>{'<p>black</p>' * 9}{dark}</main></html>"
    )
    assert [found.split(":")[0] for found in violations(page, axe, None)] == ["color-contrast"]
    page.set_content(
        "<html lang=en><title>t</title><main><h1>A page</h1><details>"
        "<summary aria-label='Toggle'>Show the code</summary>code</details></main></html>"
    )
    assert [found.split(":")[0] for found in violations(page, axe, None)] == [SPOKEN]
    page.close()


SMALL = ((1280, 720), (1024, 700), (1280 * 2 // 3, 720 * 2 // 3))  # the last: 150 % zoom


# Keeps a view at the top of the notebook until it has stood still there for a quarter of a second
# and twelve frames: what stands above may change its height while it comes. Returns where its map
# stands in the notebook's window, or nothing if the view was taken out of the page meanwhile.
AT_TOP = """box => new Promise(done => {
    const room = document.querySelector('.jp-WindowedPanel-outer');
    const begun = performance.now();
    let last = '', since = begun, frames = 0;
    const look = now => {
        if (!box.isConnected) return done(null);
        box.scrollIntoView({block: 'start'});
        const seen = room.getBoundingClientRect(), map = box.querySelector('.silkroad-frame'),
              at = map.getBoundingClientRect(), top = box.getBoundingClientRect().top - seen.top,
              place = {top, height: at.height, below: at.bottom - seen.bottom, title: map.title};
        if (JSON.stringify(place) !== last) {
            last = JSON.stringify(place); since = now; frames = 0;
        }
        // The last view of a notebook may have no way to the top.
        const rest = now - since > (Math.abs(top) < 3 ? 250 : 1000) && frames++ > 12;
        if (rest || now - begun > 5000) done(place);
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look); })"""


def at_top(box):
    """Return what AT_TOP says of a view."""
    for _ in range(8):
        if place := box.evaluate(AT_TOP):
            return place
    raise AssertionError("a view was taken out of the page again and again")


# Of each view with a map, how high that is, and how far it reaches below the notebook's window once
# the view stands at its top; asked of all at once, once they have been alike for a quarter of a
# second. JupyterLab keeps what holds a frame in the page, so nobody needs to go there.
SIZES = """() => new Promise(done => {
    const room = document.querySelector('.jp-WindowedPanel-outer'), begun = performance.now();
    let last = '', since = begun;
    const look = () => {
        const high = room.getBoundingClientRect().height;
        const now = [...document.querySelectorAll('.jp-OutputArea-output .widget-vbox')]
            .filter(box => box.querySelector(':scope > .silkroad'))
            .map(box => [box, box.querySelector('iframe.silkroad-frame')])
            .filter(([, map]) => map)
            .map(([box, map]) => [map.getBoundingClientRect(), box.getBoundingClientRect(), map])
            .map(([at, box, map]) =>
                ({height: at.height, below: at.bottom - box.top - high, title: map.title}));
        const time = performance.now(), said = JSON.stringify(now);
        if (said !== last) { last = said; since = time; }
        if (time - since > 250 || time - begun > 5000) done(now);
        else setTimeout(look, 50);
    };
    // Only a frame tells those who watch their size.
    requestAnimationFrame(() => requestAnimationFrame(look)); })"""


def not_together(page, count):
    """Return the maps that do not fit a small screen together with their controls and headline.

    count: how many views of the page have a map.
    """
    found, usual = [], page.viewport_size
    wide = "document.querySelector('.jp-WindowedPanel-outer').clientWidth"
    before = page.evaluate(wide)
    for width, height in SMALL:
        page.set_viewport_size({"width": width, "height": height})
        sizes = page.evaluate(SIZES)
        assert len(sizes) == count
        found += [
            (width, height, map_) for map_ in sizes if map_["below"] > 0 or map_["height"] < 150
        ]
    page.set_viewport_size(usual)
    page.wait_for_function(f"before => {wide} === before", arg=before)
    return found


CUT_OFF = """() => { const pen = document.createElement('canvas').getContext('2d');
    return [...document.querySelectorAll('.silkroad-controls select')].flatMap(menu => {
        const look = getComputedStyle(menu), sides = [look.paddingLeft, look.paddingRight];
        const room = menu.clientWidth - sides.map(parseFloat).reduce((a, b) => a + b);
        pen.font = look.font;
        return [...menu.options].map(option => option.text)
            .filter(words => menu.clientWidth && pen.measureText(words).width > room); }); }"""


# The first that a reader opens, and the one with most on its maps.
THEMSELVES = ("00-start-here", "04-beidou")


@pytest.mark.parametrize("name", THEMSELVES)
def test_lesson_in_the_browser(name, at_the_desk, axe):
    with at_the_desk(f"{name}.ipynb") as lesson:
        assert lesson.page.locator(".jp-Dialog").count() == 0, "the lesson opens with a dialog"
        assert lesson.run_all() == []
        lesson.page.wait_for_timeout(500)
        look_at_everything(lesson, name, axe, lesson.received)


def look_at_everything(lesson, name, axe, received):
    """See that a lesson that ran was silent and brief, draws all, answers to all controls and fits.

    received: the bytes that came from the kernel when it ran, before any control was moved.
    """
    page = lesson.page
    cells = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    views = list(boxes(page, code.count("@live(")))
    assert page.evaluate(CUT_OFF) == [], "a menu cuts its words"
    live = code.count("@live(") - code.count("map=False")
    come(page.locator("iframe.silkroad-frame"), live)
    globes = code.count("globe.show(")
    come(page.locator("iframe.silkroad-globe"), globes)
    shown = maps(page)
    still = len(shown) - live - globes
    assert still >= code.count("maps.world(")  # helpers may show more that stand still
    most = LESSON_BYTES + STILL_BYTES * still + GLOBE_BYTES * globes
    assert received <= most or lesson.late
    for number, element in enumerate(shown):
        frame = map_in(element)
        if frame.query_selector("#land"):
            assert drawn(frame)["land"] > 200
            # What folium draws by itself on a map that stands still is in no layer of ours.
            answers = "silkroad-frame" in (element.get_attribute("class") or "")
            frame.wait_for_function(
                """answers => Object.values(JSON.parse(document.body.dataset.layers)).some(Boolean)
                    || (!answers && document.querySelector('.leaflet-overlay-pane path'))""",
                arg=answers,
            )
            frame.wait_for_function(LAND_IS_PAINTED)
        elif frame.query_selector("#globe"):
            frame.wait_for_function("() => +document.body.dataset.frames > 0")
        else:  # a plain folium map
            frame.wait_for_selector("path.leaflet-interactive:not([d='M0 0'])", state="attached")
        assert element.get_attribute("title")
        assert violations(frame, axe, None) == []
        page.screenshot(path=ARTEFACTS / f"{name}-map{number}.png")
    for box in views:
        box.scroll_into_view_if_needed()
        move_by_keyboard(page, box)
        expect(box.locator(".silkroad-error")).to_be_hidden()
        # Not before it was in sight: what JupyterLab leaves out far from the window has no size,
        # and is not named yet.
        expect(box.locator('.silkroad-controls [title="null"]:visible')).to_have_count(0)
        box.locator(".silkroad-twin summary").click()
        page.wait_for_function(
            "e => e.innerText.length > 20", arg=box.locator(".silkroad-twin-body").element_handle()
        )
        open_source(page, box)
    assert not_together(page, live) == []
    assert violations(page, axe, ".jp-OutputArea-output") == []
    loud = [line for line in lesson.console if line[0] in ("error", "pageerror")]
    assert loud == []
    assert lesson.away() == []


SAMPLE = [
    "from helpers import maps\nfrom helpers.live import live, play\nimport pandas as pd",
    "@live('Sample', step=(0, 1000))\n"
    "def sample(step=0):\n"
    "    if step == 13:\n"
    "        raise ValueError('thirteen')\n"
    "    frame = pd.DataFrame({'name': [f'p{i}' for i in range(60)],\n"
    "        'lat': [(i * 7 + step) % 120 - 60 for i in range(60)],\n"
    "        'lon': [(i * 13 + step) % 360 - 180 for i in range(60)]})\n"
    "    return maps.points(frame, 'Points'), f'step {step}'",
    "def go(steps):\n    for step in steps:\n        sample.controls['step'].value = step",
]


@pytest.fixture
def opened(at_the_desk, server):
    """Return a function of a notebook's path that opens it; it is closed after the test."""
    with contextlib.ExitStack() as after:

        def open_(path):
            bring(server, path)
            return after.enter_context(at_the_desk(path.name))

        yield open_


@pytest.fixture
def sample(tmp_path, opened):
    lesson = opened(notebook(tmp_path / "sample.ipynb", *SAMPLE))
    assert lesson.run_all() == []
    return lesson


def notebook(path, *sources):
    """Write a notebook of these cells, each the text of its code or a cell, and return its path."""
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    for source in sources:  # each a cell of its own, with an id of its own
        cell = nbformat.v4.new_code_cell(source) if isinstance(source, str) else {**source}
        made.cells.append(nbformat.from_dict({**cell, "id": f"cell-{len(made.cells)}"}))
    nbformat.write(made, path)
    return path


def run(lesson, code):
    """Run code in the lesson's kernel and wait until it is done."""
    lesson.page.evaluate(
        """async code => { const open = [...window.jupyterapp.shell.widgets('main')];
                           const { session } = open.find(w => w.sessionContext).sessionContext;
                           await session.kernel.requestExecute({code}).done; }""",
        code,
    )


CHART = """from helpers import charts
from helpers.live import live
import pandas as pd
@live("Chart", map=False, step=(1, 1000))
def chart(step=1):
    frame = pd.DataFrame({"year": range(9), "value": [step * n for n in range(9)]})
    return charts.draw(charts.bars(frame, x="year", y="value"), name="Bars"), f"step {step}" """
# Notes of which kind each drawing of a chart is from now on.
DRAWINGS = """e => { window.drawings = []; new MutationObserver(found => found.forEach(one =>
    one.addedNodes.forEach(svg => drawings.push(svg.getAttribute('class').slice(9)))))
    .observe(e, {childList: true}); }"""


def test_a_chart_on_a_narrow_page_stays_the_drawing_for_it_while_it_moves(opened, tmp_path):
    lesson = opened(notebook(tmp_path / "chart.ipynb", CHART, "1 + 1"))
    assert lesson.run_all() == []
    page, usual = lesson.page, lesson.page.viewport_size
    handle, picture = page.locator(".noUi-handle"), page.locator(".silkroad-picture")
    expect(picture.locator("svg.silkroad-wide")).to_have_count(1)
    picture.evaluate(DRAWINGS)
    handle.press("ArrowRight")
    says(page, "step 2")
    page.set_viewport_size({"width": 700, "height": 800})
    expect(picture.locator("svg.silkroad-narrow")).to_have_count(1)
    for step in (3, 4, 5):
        handle.press("ArrowRight")
        says(page, f"step {step}")
    page.set_viewport_size(usual)
    expect(picture.locator("svg.silkroad-wide")).to_have_count(1)
    # After the first move no drawing for a telephone was there at once; then always.
    assert page.evaluate("() => drawings") == ["wide", *["narrow"] * 4, "wide"]


def the_map(page):
    """Return the page of the only live map."""
    expect(page.locator("iframe.silkroad-frame")).to_have_count(1)
    return map_in(page.locator("iframe.silkroad-frame"))


def says(page, *words):
    """Wait until the headlines of the views are these."""
    expect(page.locator(".silkroad-headline")).to_have_text(list(words))


# Comes back with what a map shows of the world, once that has stood still for a quarter of a second
# and twelve frames: a map glides.
VIEW = """() => new Promise(done => {
    const map = window[Object.keys(window).find(k => k.startsWith('map_'))];
    let last = '', since = performance.now(), frames = 0;
    const look = now => {
        const place = document.querySelector('.leaflet-map-pane').style.transform;
        const view = [map.getCenter().lat, map.getCenter().lng, map.getZoom()];
        const seen = [...view.map(v => v.toFixed(3)), place, innerWidth];
        if (seen.join() !== last) { last = seen.join(); since = now; frames = 0; }
        if (now - since > 250 && frames++ > 12) done(seen);
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look); })"""


def test_a_live_map_keeps_its_view_its_memory_and_its_manners(sample):
    page = sample.page
    box = next(boxes(page))
    frame = the_map(page)
    drawn(frame, {"Points": 60})

    # The reader zooms; the next update leaves the view alone.
    first = frame.evaluate(VIEW)
    frame.locator(".leaflet-control-zoom-in").click()
    before = frame.evaluate(VIEW)
    assert float(before[2]) > float(first[2])
    updates = drawn(frame)["updates"]
    run(sample, "go([3])")
    says(page, "step 3")
    frame.wait_for_function("before => document.body.dataset.updates > before", arg=updates)
    assert frame.evaluate(VIEW) == before

    # An error is one sentence, and goes with the next good value.
    run(sample, "go([13])")
    error = box.locator(".silkroad-error")
    expect(error).to_have_text("sample(step=13) failed: ValueError: thirteen")
    assert error.get_attribute("role") == "alert"
    run(sample, "go([14])")
    expect(error).to_be_hidden()
    says(page, "step 14")

    # A message from anybody but the notebook draws nothing.
    frame.evaluate(VIEW)  # which takes its time: step 14 is drawn
    updates = drawn(frame)["updates"]
    frame.evaluate(
        """() => new Promise(done => {
             const f = document.createElement('iframe');
             f.srcdoc = '<script>parent.postMessage({silkroad: {remove: ["Points"]}}, "*")' +
                        '<' + '/script>';
             f.onload = () => setTimeout(done, 300);
             document.body.appendChild(f); })"""
    )
    assert drawn(frame)["updates"] == updates
    assert drawn(frame)["layers"] == {"Points": 60}

    # Five hundred updates leave no nodes and no heap behind.
    count = (
        "() => [document.querySelectorAll('*').length, document.querySelectorAll('path').length]"
    )
    # The frame is sandboxed, so the browser may give it a process and a heap of its own.
    clients = [page.context.new_cdp_session(page)]
    with contextlib.suppress(playwright.Error):
        clients.append(page.context.new_cdp_session(frame))

    def heap():
        for client in clients:
            client.send("HeapProfiler.collectGarbage")
        return sum(client.send("Runtime.getHeapUsage")["usedSize"] for client in clients)

    run(sample, "go(range(20, 40))")
    says(page, "step 39")
    frame.evaluate(VIEW)
    nodes, start = frame.evaluate(count), heap()
    run(sample, "go(range(40, 540))")
    says(page, "step 539")
    frame.wait_for_function(f"nodes => ({count})().join() === nodes.join()", arg=nodes)
    for _ in range(60):  # what is let go may be collected later
        if (end := heap()) < start * 1.1 + 2e6:
            break
        page.wait_for_timeout(500)
    assert end < start * 1.1 + 2e6


def test_what_a_slider_of_choices_says_cannot_be_typed(tmp_path, opened):
    choices = SAMPLE[1].replace("step=(0, 1000)", "step=play(range(0, 9), 'step'), other=(0, 5)")
    cells = [SAMPLE[0], choices.replace("sample(step=0)", "sample(step=0, other=0)")]
    lesson = opened(notebook(tmp_path / "choices.ipynb", *cells))
    assert lesson.run_all() == []
    run(lesson, "sample.controls['step'].value = 3")
    said = lesson.page.locator(".widget-readout")
    expect(said).to_have_text(["3", "0"])
    expect(said.first).to_have_js_property("isContentEditable", False)
    typed = said.evaluate_all("all => all.map(e => e.isContentEditable)")
    assert typed == [False, True], "a slider of numbers takes what is typed"


def test_a_cell_run_again_and_a_second_view_show_the_map(sample):
    page = sample.page
    frames = page.locator("iframe.silkroad-frame")
    the_map(page)
    frames.evaluate("e => { e.dataset.before = ''; }")
    page.evaluate(
        """async () => { const w = window.jupyterapp.shell.currentWidget;
             w.content.activeCellIndex = 1;
             await window.jupyterapp.commands.execute('notebook:run-cell'); }"""
    )
    expect(page.locator("iframe.silkroad-frame[data-before]")).to_have_count(0)
    drawn(the_map(page), {"Points": 60})
    run(sample, "go([5])")
    says(page, "step 5")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:create-output-view')")
    expect(frames).to_have_count(2)
    says(page, "step 5", "step 5")
    run(sample, "go([6])")
    says(page, "step 6", "step 6")
    for element in frames.all():
        drawn(map_in(element), {"Points": 60})


def test_a_notebook_opened_again_and_run_again_shows_its_map(sample):
    page = sample.page
    # Chromium forgets a reload that is asked for while a frame's own page is on its way.
    drawn(the_map(page), {"Points": 60})
    page.reload()
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status"
        " === 'idle'",
        timeout=90_000,
    )
    assert sample.run_all() == []
    drawn(the_map(page), {"Points": 60})
    run(sample, "go([7])")
    says(page, "step 7")


def test_five_maps_send_what_they_share_once(tmp_path, opened):
    five = [SAMPLE[1].replace("sample(", f"sample{n}(") for n in range(5)]
    lesson = opened(notebook(tmp_path / "five.ipynb", SAMPLE[0], *five))
    page = lesson.page

    def all_five_are_drawn():
        come(page.locator("iframe.silkroad-frame"), 5)
        assert len(maps(page)) == 5
        for element in maps(page):
            drawn(map_in(element), {"Points": 60})

    assert lesson.run_all() == []
    all_five_are_drawn()
    assert lesson.received <= 500_000 or lesson.late
    before = lesson.received
    assert lesson.run_all() == []
    all_five_are_drawn()
    once = "shared parts do not come again"
    assert lesson.received - before <= 300_000 or lesson.late, once

    # The page opened anew finds all in the kernel, and nothing needs to run.
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    page.wait_for_function(
        "() => document.querySelectorAll('iframe.silkroad-frame').length === 5",
        timeout=90_000,
        polling=POLLING_MS,
    )
    all_five_are_drawn()
    run(lesson, "sample3.controls['step'].value = 8")
    expect(page.locator(".silkroad-headline").nth(3)).to_have_text("step 8")

    restart(page)
    assert lesson.run_all() == []
    all_five_are_drawn()
    assert [line for line in lesson.console if line[0] in ("error", "pageerror")] == []


def restart(page):
    """Restart the kernel of the lesson, as the menu does, and wait for it."""
    page.evaluate(
        """async () => { const open = [...window.jupyterapp.shell.widgets('main')];
                         const { session } = open.find(w => w.sessionContext).sessionContext;
                         await session.kernel.restart(); }"""
    )


SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
SLOW = """@live("Slow", hour=play(range(24), "hour", form="{:02d}:00".format), size=(1, 9))
def slow(hour, size=3):
    if not hour:
        time.sleep(2)  # the page is ready long before its first layers
    frame = pd.DataFrame({"name": list("abc"), "lat": [0, 10, 20], "lon": [hour, 30, 60]})
    return maps.points(frame, "Points"), f"hour {hour}" """
STOPPED = """@live("Stop", map=False, step=(0, 9))
def stop(step, fine=True):
    if step == 6 or (step == 8 and fine):
        for _ in range(6000):
            time.sleep(0.01)
    return f"step {step} {'fine' if fine else 'coarse'}" """


def test_a_second_run_of_all_says_nothing_and_stop_leaves_a_view_in_agreement(tmp_path, opened):
    cells = ["import time\n" + SAMPLE[0], SLOW, STOPPED]
    lesson = opened(notebook(tmp_path / "stop.ipynb", *cells))
    page = lesson.page
    for _ in range(2):
        assert lesson.run_all() == []
        drawn(the_map(page), {"Points": 3})
    assert [line for line in lesson.console if line[0] in ("error", "pageerror")] == []

    box = list(boxes(page, 2))[1]
    slider, headline = box.locator(".noUi-handle"), box.locator(".silkroad-headline")
    error = box.locator(".silkroad-error")

    def stands_at(step):
        expect(slider).to_have_attribute("aria-valuetext", str(step))

    def move(key, step):
        slider.focus()
        page.keyboard.press(key)
        stands_at(step)

    def stop(computes):
        page.wait_for_function(computes)
        page.wait_for_timeout(700)  # it computes for a minute, and must have begun
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
        expect(error).to_have_text(re.compile("^Stopped: controls and picture are as they were"))
        page.wait_for_timeout(700)  # by when a fine result would have come
        expect(error).to_be_visible()

    expect(headline).to_have_text("step 4 fine")
    move("ArrowRight", 5)
    expect(headline).to_have_text("step 5 fine")
    move("ArrowRight", 6)  # it does not answer
    stop(f"() => {SESSION}.session.kernel.status === 'busy'")
    expect(headline).to_have_text("step 5 fine")
    stands_at(5)  # the slider went back
    move("End", 9)
    expect(error).to_be_hidden()
    expect(headline).to_have_text("step 9 fine")
    move("ArrowLeft", 8)
    # In the fine result, for which nobody asked the kernel.
    stop("() => document.querySelector('.silkroad[aria-busy=true]')")
    expect(headline).to_have_text("step 8 coarse")
    stands_at(8)
    move("ArrowLeft", 7)
    expect(error).to_be_hidden()
    expect(headline).to_have_text("step 7 fine")


def test_a_map_out_of_sight_comes_back_as_it_was(tmp_path, opened):
    words = nbformat.v4.new_markdown_cell("\n\n".join(["A line of text."] * 30))
    cells = ["import time\n" + SAMPLE[0], SLOW, *[words] * 25, "1 + 1"]
    lesson = opened(notebook(tmp_path / "long.ipynb", *cells))
    page = lesson.page
    assert lesson.run_all() == []

    def show(index):
        page.evaluate(
            "k => window.jupyterapp.shell.currentWidget.content.scrollToItem(k, 'start')", index
        )

    show(1)
    frame = the_map(page)
    drawn(frame, {"Points": 3})
    box = next(boxes(page))
    handles = box.locator(".noUi-handle")
    for handle, name, value in ((handles.nth(0), "hour", "00:00"), (handles.nth(1), "size", "3")):
        expect(handle).to_have_attribute("aria-label", name)
        expect(handle).to_have_attribute("aria-valuetext", value)
    buttons = box.locator(".jupyter-widget-play button, .widget-play button")
    expect(buttons).to_have_count(3)
    for number, name in enumerate(("Play hour", "Stop hour", "Repeat hour")):
        expect(buttons.nth(number)).to_have_attribute("aria-label", name)
    handles.first.focus()
    page.keyboard.press("ArrowRight")
    says(page, "hour 1")
    # The choice is read out, not its number.
    expect(handles.first).to_have_attribute("aria-valuetext", "01:00")

    frame.locator(".leaflet-container").focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    view = frame.evaluate(VIEW)
    show(len(cells) - 1)
    expect(page.locator("iframe.silkroad-frame")).not_to_be_in_viewport()
    page.wait_for_timeout(1000)  # JupyterLab may take it out of the page, or not
    run(lesson, "slow.controls['hour'].value = 7")
    show(1)
    frame = the_map(page)
    drawn(frame, {"Points": 3})
    assert frame.evaluate(VIEW)[:3] == view[:3], "the reader's view was lost"
    says(page, "hour 7")
    assert [line for line in lesson.console if line[0] in ("error", "pageerror")] == []


def test_chinese_in_prose_and_in_what_cells_print_is_marked(tmp_path, opened):
    words = nbformat.v4.new_markdown_cell("BeiDou (北斗) 宇宙の")
    cells = [words, *SAMPLE[:2], "print('天通'); '太空'", "pd.DataFrame({'word': ['丝绸之路']})"]
    lesson = opened(notebook(tmp_path / "chinese.ipynb", *cells))
    assert lesson.run_all() == []
    lesson.page.wait_for_function(
        "() => document.querySelectorAll('.jp-Notebook [lang=zh]').length === 3"
    )
    # A line with kana is Japanese.
    expect(lesson.page.locator(".jp-Notebook [lang=zh]")).to_have_text(["天通", "太空", "丝绸之路"])
    lesson.page.evaluate(
        """() => { const cell = window.jupyterapp.shell.currentWidget.content.widgets[0];
          cell.model.sharedModel.setSource('北斗 alone');
          cell.rendered = false; cell.rendered = true; }"""
    )
    lesson.page.locator(".jp-RenderedMarkdown [lang=zh]").wait_for()


# The last of this file, as they share a notebook: the others have the only JupyterLab that is open.


@pytest.fixture(scope="module")
def resting(tmp_path_factory, at_the_desk, server):
    """The sample for tests that leave it as it was."""
    path = notebook(tmp_path_factory.mktemp("resting") / "resting.ipynb", *SAMPLE)
    bring(server, path)
    with at_the_desk(path.name) as lesson:
        assert lesson.run_all() == []
        yield lesson


def test_a_small_window_shows_controls_headline_and_map_together(resting):
    page, box = resting.page, next(boxes(resting.page))
    for width, height in SMALL:
        page.set_viewport_size({"width": width, "height": height})
        place = at_top(box)
        (size,) = page.evaluate(SIZES)
        assert size["below"] == pytest.approx(place["below"] - place["top"], abs=0.1)
        assert size["height"] == place["height"]
        notebook = page.locator(".jp-WindowedPanel-outer").bounding_box()
        frame = box.locator("iframe").bounding_box()
        assert frame["height"] >= 220
        assert box.bounding_box()["y"] >= notebook["y"] - 2
        assert frame["y"] + frame["height"] <= notebook["y"] + notebook["height"], (width, height)
    page.set_viewport_size(LAPTOP)


def test_a_bar_of_progress_is_seen_and_moves_nothing(resting):
    box = next(boxes(resting.page))
    frame = box.locator("iframe")
    at_top(box)
    before = frame.bounding_box()
    run(resting, "sample.bar.value = 0.5; sample.bar.layout.display = ''")
    bar = resting.page.locator(".silkroad-view .progress")
    expect(bar).to_be_visible()
    assert bar.bounding_box()["height"] >= 6 and bar.bounding_box()["width"] > 200
    assert frame.bounding_box() == before
    run(resting, "sample.bar.layout.display = 'none'")


def test_a_map_is_walked_by_keyboard_filled_and_left_in_the_notebook(resting):
    page, box = resting.page, next(boxes(resting.page))
    frame = the_map(page)
    drawn(frame, {"Points": 60})
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    frame.locator(".folium-map").focus()
    role = "role => document.activeElement.getAttribute('role') === role"
    for key, reached in (
        ("ArrowRight", "button"),
        ("Enter", "dialog"),
        ("Escape", "button"),
        ("Escape", "application"),
    ):
        page.keyboard.press(key)
        frame.wait_for_function(role, arg=reached)
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.activeElement.className === 'silkroad-twin-title'")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells, "JupyterLab took no key"
    # The whole screen has the controls, too.
    frame.locator("[title='The whole screen']").click()
    page.wait_for_function("() => document.fullscreenElement?.matches('.silkroad-view')")
    expect(box.locator(".noUi-handle")).to_be_visible()
    frame.locator("[title='The whole screen']").click()
    page.wait_for_function("() => !document.fullscreenElement")
