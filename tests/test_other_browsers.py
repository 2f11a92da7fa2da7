"""Two lessons and a page of the site in Firefox, and in the engine of Safari.

test_browser.py and test_site.py look at everything in Chromium; here is looked for what another
engine does differently: sizes that come late, keys, messages between frames.
"""

import contextlib
import json
import time

import pytest

from tests.conftest import IN_CI
from tests.test_browser import notebook
from tools.browser import LATE, NOTEBOOKS, OPEN, PUT_AWAY, bring, lab
from tools.other_browsers import BROWSERS, MISSING, Firefox, opened
from tools.site import build

LESSONS = ["00-start-here", "04-beidou"]
RIGHT, LEFT = "\ue014", "\ue012"
NOTEBOOK = "window.jupyterapp.shell.currentWidget"
IDLE = """const open = window.jupyterapp?.shell.currentWidget;
const kernel = open?.sessionContext?.session?.kernel;
return open?.context?.path === '{name}' && kernel?.status === 'idle'
  && open.content.widgets.length > 1"""
# A JupyterLab in which no notebook is open: to start it costs more than a lesson does.
FREE = """return Boolean(window.jupyterapp
  && ![...jupyterapp.shell.widgets('main')].some((one) => one.sessionContext))"""
DONE = f"""const code = {NOTEBOOK}.content.widgets.filter((cell) => cell.model.type === 'code');
return {NOTEBOOK}.sessionContext.session.kernel.status === 'idle' && code.every((cell) =>
  cell.model.executionCount || !cell.model.sharedModel.source.trim())"""
ERRORS = f"""return {NOTEBOOK}.content.widgets.filter((cell) => cell.model.type === 'code')
  .flatMap((cell) => cell.model.outputs.toJSON().filter((out) => out.output_type === 'error')
  .map((out) => out.ename + ': ' + out.evalue))"""
# Of a map: its land, its messages, and the pixels that its legend keeps without need.
MAP = """const legend = document.getElementById('legend'), kept = legend.offsetHeight;
const least = legend.style.minHeight;
legend.style.minHeight = '';
const need = legend.offsetHeight;
legend.style.minHeight = least;
const canvas = document.querySelector('.leaflet-land-pane canvas');
const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
return {land: pixels.some((value) => value), updates: Number(document.body.dataset.updates),
  empty: kept - need, bottom: document.getElementById('panel').getBoundingClientRect().bottom,
  height: innerHeight}"""


@pytest.fixture(scope="module")
def server():
    with lab([path for path in NOTEBOOKS if path.stem in LESSONS]) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory, ran):
    folder = tmp_path_factory.mktemp("build") / "site"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "run", lambda path, frames: ran(path).recorded(frames))
        build.build(folder, [path for path in NOTEBOOKS if path.stem == LESSONS[0]])
    return folder


@pytest.fixture(scope="module", params=sorted(BROWSERS))
def browser(request):
    if not BROWSERS[request.param][1]():
        (pytest.fail if IN_CI else pytest.skip)(MISSING[request.param])
    with opened(request.param) as found:
        yield found


def moved(browser, view, handle):
    """Move a slider by key, and say whether the headline, the map or a chart answered."""
    shown = f"""const view = {view}, chart = view.querySelector('.silkroad-charts');
      return [view.querySelector('.silkroad-headline').innerText, chart.innerHTML.length,
              [...chart.querySelectorAll('img')].map((one) => one.src.length)]"""
    frame = f"{view}.querySelector('iframe')"
    updates = "return Number(document.body.dataset.updates)"
    has_map = browser.js(f"return Boolean({frame})")
    before = browser.js(shown), has_map and browser.within(frame, updates)
    value = f"return Number({handle}.value ?? {handle}.getAttribute('aria-valuenow'))"
    most = f"return Number({handle}.max ?? {handle}.getAttribute('aria-valuemax'))"
    where = browser.js(value)
    browser.js(f"{handle}.focus()")
    browser.press(LEFT if where == browser.js(most) else RIGHT)
    end = time.monotonic() + 60  # a busy machine answers late
    while time.monotonic() < end:
        now = browser.js(shown), has_map and browser.within(frame, updates)
        if browser.js(value) != where and now != before:
            return True
        time.sleep(0.1)
    return False


def look(browser, views, handle):
    """Look at each view in turn; return (maps, sliders that answered, what is wrong).

    views: for each an expression that finds it, once the statement before has brought it near.
    """
    maps, answered, wrong = 0, 0, []
    for number, (come_near, view) in enumerate(views):
        browser.js(come_near)
        browser.until(f"return Boolean({view}?.querySelector('.silkroad-headline')?.innerText)")
        browser.js(f"{view}.scrollIntoView({{block: 'center'}})")
        if browser.js(f"return Boolean({view}.querySelector('iframe'))"):
            maps += 1
            seen = settled(browser, f"{view}.querySelector('iframe')")
            if not fits(seen):
                wrong.append(f"view {number}: {seen}")
        slider = f"{view}.querySelector('{handle}')"
        if comes(browser, slider):
            if moved(browser, view, slider):
                answered += 1
            else:
                wrong.append(f"view {number}: the slider did not answer")
    wrong += browser.js(
        "return [...document.querySelectorAll('.silkroad-error:not([hidden])')]"
        ".map((one) => one.innerText)"
    )
    return maps, answered, wrong


def comes(browser, slider):
    """Tell whether a view has a slider: its controls may come after its map."""
    for _ in range(25):
        if browser.js(f"return Boolean({slider})"):
            return True
        time.sleep(0.2)
    return False


def settled(browser, frame):
    """Return what a map says of itself, once it fits its frame or half a minute is over."""
    seen = {}
    for _ in range(150):
        if browser.within(frame, "return Number(document.body?.dataset.updates) > 0"):
            seen = browser.within(frame, MAP)
            if fits(seen):
                break
        time.sleep(0.2)
    return seen


def fits(seen):
    """Tell whether a map has land, no empty rows in its legend, and all of it in its frame."""
    return seen and seen["land"] and seen["empty"] <= 12 and seen["bottom"] <= seen["height"] + 1


def quiet(browser):
    """Check that the pages said nothing wrong and asked this machine alone."""
    browser.hear()
    faults, away = list(browser.faults), browser.away()
    browser.faults.clear()  # the next test has a page of its own
    browser.asked.clear()
    assert faults == []
    assert away == []


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson(browser, server, name):
    path = next(path for path in NOTEBOOKS if path.stem == name)
    run_and_look(browser, server, path)
    put_away(browser)
    quiet(browser)


# Every view comes later than anywidget waits for it.
SLOW = """const whole = AbortSignal.timeout;
AbortSignal.timeout = (ms) => {
  const over = new AbortController();
  queueMicrotask(() => over.abort());
  return ms === 2000 ? over.signal : whole.call(AbortSignal, ms);
};"""
# Two maps and a chart, as lessons have them; to compute takes its time there, too: what the kernel
# says meanwhile would hear a view refuse, and no notice would tell of it.
IMPORTS = """import time
import pandas as pd
from helpers import charts, maps
from helpers.live import live, play

def places(count, step):
    lat = [(7 * i + step) % 120 - 60 for i in range(count)]
    return pd.DataFrame({"name": [f"p{i}" for i in range(count)], "lat": lat, "lon": 0})"""
MOVED = """@live("Moved", step=(0, 9))
def moved(step=0, fine=True):
    return maps.points(places(60, step), "Points"), f"step {step}" """
PLAYED = """@live("Played", step=play(range(9), "step"))
def played(step):
    kinds = places(9, step).assign(kind=[f"kind {i}" for i in range(9)])
    return maps.points(kinds, "Kinds", category="kind"), f"played {step}" """
CHART = """@live("Chart", map=False, step=(1, 9))
def chart(step=1):
    time.sleep(5 if step == 1 else 0)
    bars = charts.bars(places(step, step), x="lat", y="name")
    return charts.draw(bars, name="Bars"), f"{step} bars" """


def test_views_whose_code_came_late_answer(browser, server, tmp_path):
    path = notebook(tmp_path / "late.ipynb", IMPORTS, MOVED, PLAYED, CHART)
    bring(server, path)
    browser.notices.clear()
    run_and_look(browser, server, path, SLOW)
    browser.hear()
    assert any(LATE in said for said in browser.notices), "no view was late"
    quiet(browser)


def open_notebook(browser, server, name):
    """Open a notebook where none is open in JupyterLab, or else in a JupyterLab begun anew."""
    address, token = server
    if browser.js(FREE):
        browser.js(f"({OPEN})({json.dumps(name)})")
    else:
        browser.goto(f"{address}/lab/tree/{name}?token={token}&reset")
    browser.until(IDLE.replace("{name}", name))


def put_away(browser):
    """End the kernel and close the notebook, and leave the page for the next one."""
    browser.js(f"({PUT_AWAY})()")
    browser.until(FREE)


def run_and_look(browser, server, path, before="return"):
    """Run a notebook and look at its views, having done something in its page before."""
    open_notebook(browser, server, path.name)
    browser.js(before)
    browser.js("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    browser.until(DONE, 240)
    assert browser.js(ERRORS) == []
    code = ["".join(c["source"]) for c in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    drawing = [number for number, source in enumerate(code) if "@live(" in source]
    # What is far from the window may not be in the page, so each is brought near.
    views = [
        (
            f"void {NOTEBOOK}.content.scrollToItem({number}, 'center')",
            f"{NOTEBOOK}.content.widgets[{number}].node.querySelector('.silkroad-view')",
        )
        for number in drawing
    ]
    maps, answered, wrong = look(browser, views, ".noUi-handle")
    assert wrong == []
    assert maps == sum("map=False" not in code[number] for number in drawing)
    assert answered >= 2


def test_a_page_of_the_site(browser, site):
    browser.goto((site / "notebooks" / f"{LESSONS[0]}.html").as_uri())
    count = browser.js("return document.querySelectorAll('.silkroad-recorded').length")
    places = [f"document.querySelectorAll('.silkroad-recorded')[{n}]" for n in range(count)]
    views = [(f"{place}.scrollIntoView()", place) for place in places]
    maps, answered, wrong = look(browser, views, "input[type=range]:enabled")
    assert wrong == []
    assert maps == count >= 2 and answered >= 2
    quiet(browser)


@pytest.mark.parametrize(("said", "times"), [("NS_BINDING_ABORTED", 2), ("no such frame", 1)])
def test_an_address_is_asked_again_only_where_a_page_went_elsewhere(said, times, monkeypatch):
    asked = []

    def send(self, method, **_):
        asked.append(method)
        if len(asked) == 1:
            raise RuntimeError(f"Error: {said}")

    monkeypatch.setattr(Firefox, "send", send)
    monkeypatch.setattr(Firefox, "until", lambda *_: True)
    firefox = Firefox.__new__(Firefox)
    firefox.page = "a page"
    with contextlib.nullcontext() if times == 2 else pytest.raises(RuntimeError, match=said):
        firefox.goto("http://127.0.0.1/")
    assert asked == ["browsingContext.navigate"] * times


def test_a_fault_and_a_request_are_heard(browser, server):
    browser.goto(f"{server[0]}/login")
    browser.js("console.error('a fault'); fetch('http://192.0.2.1/away.png').catch(() => {})")
    for _ in range(150):
        browser.hear()
        if browser.faults and browser.away():
            break
        time.sleep(0.2)
    assert any("a fault" in said for said in browser.faults)
    assert any("192.0.2.1" in url for url in browser.away())
    browser.faults.clear()
    browser.asked.clear()
