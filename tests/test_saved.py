"""A view that has no kernel any more: what it says, and what a saved lesson shows the next day."""

import json
import re
import subprocess
import sys
import time

import nbformat
import pytest
from playwright.sync_api import expect

from helpers import maps
from tools import running
from tools.browser import ARTEFACTS, NOTEBOOKS, POLLING_MS, bring, chromium, desk, lab

SAVED_BYTES = 2_000_000  # of a lesson with all that it stores
IMPORTS = (
    "import os\nimport pandas as pd\nfrom helpers import maps\nfrom helpers.live import live, play"
)
VIEW = """@live("Places", step=play(range(9), "step"))
def places(step=0):
    lat = [(7 * i + step) % 120 - 60 for i in range(300)]
    frame = pd.DataFrame({"name": [f"p{i}" for i in range(300)], "lat": lat, "lon": 0})
    return maps.points(frame, "Points"), f"step {step}" """
FINE = """@live("Rates", map=False, step=(0, 9))
def rates(step=0, fine=True):
    return f"{'fine' if fine else 'coarse'} {step}" """
MOVES = """for step in (3, 5, 7):
    places.controls['step'].value = rates.controls['step'].value = step"""
METADATA = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}


def notebook(*codes):
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    return nbformat.v4.new_notebook(cells=cells, metadata=METADATA)


def stored(cell):
    """Return the texts that the views of a cell left in it, as HTML."""
    found = [output.data.get("text/html", "") for output in cell.outputs if "data" in output]
    return [html for html in found if "data-silkroad=" in html]


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    made = notebook(IMPORTS, VIEW + "\n\n" + FINE, MOVES)
    return running.run(made, tmp_path_factory.mktemp("moved"))


def test_a_view_leaves_its_last_state_as_text_and_as_one_output(moved):
    assert len(moved.cells[1].outputs) == 4, "two widgets, two texts"
    assert moved.cells[2].outputs == []
    points, rates = stored(moved.cells[1])
    assert "step 7" in points and "<td>p14</td>" in points and "<td>p15</td>" not in points
    assert "The first 15 of 300 rows." in points
    assert "fine 7" in rates and "coarse" not in rates
    assert all("Run this cell to move it." in html for html in (points, rates))
    plain = [output.data["text/plain"] for output in moved.cells[1].outputs]
    assert plain == ["Places.", "Rates.", "Places. step 7 Points: 300 points.", "Rates. fine 7"]


def test_what_is_stored_is_no_markup_of_a_table(moved):
    layer = maps.points(ran_frame("<b data-mark>x</b>"), "<i data-mark>")
    html = maps.stored([layer], "<u data-mark>", "k")["text/html"]
    assert not re.search(r"<[biu] data-mark", html) and html.count("data-mark") == 3


def ran_frame(name):
    import pandas as pd

    return pd.DataFrame({"name": [name], "lat": [0.0], "lon": [0.0]})


def test_a_page_without_scripts_has_the_text_once(moved, tmp_path):
    bare = nbformat.from_dict(json.loads(json.dumps(moved)))
    bare.metadata.pop("widgets", None)  # as JupyterLab saves it
    path = tmp_path / "saved.ipynb"
    nbformat.write(bare, path)
    command = [sys.executable, "-m", "nbconvert", "--to", "html", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    assert "Loading widget" not in page and "model not found" not in page
    shown = re.sub(r"<style.*?</style>|<script.*?</script>", "", page, flags=re.S)
    for words in ("Run this cell to move it.", "<td>p3</td>", "step 7 Points: 300 points."):
        assert shown.count(words) == (2 if words.startswith("Run") else 1)


@pytest.mark.parametrize("path", [NOTEBOOKS[5], NOTEBOOKS[8]], ids=lambda path: path.stem)
def test_a_lesson_with_all_that_it_stores_is_a_small_file(ran, path, tmp_path):
    """After every move of its controls, too: the last states are what is stored."""
    made = ran(path).notebook
    made.metadata.pop("widgets", None)
    nbformat.write(made, tmp_path / path.name)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    views = sum("@live(" in cell.source for cell in code)
    assert sum(len(stored(cell)) for cell in code) >= views > 0
    assert (tmp_path / path.name).stat().st_size <= SAVED_BYTES


# ---- in a browser ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def context(needs_chromium):
    ARTEFACTS.mkdir(exist_ok=True)
    with chromium({"width": 1280, "height": 720}) as opened:
        yield opened


@pytest.fixture(scope="module")
def server():
    with lab([]) as address:
        yield address


@pytest.fixture(scope="module")
def at_the_desk(context, server):
    with desk(context, server) as opened:
        yield opened


@pytest.fixture
def lesson(tmp_path, at_the_desk, server):
    path = tmp_path / f"{tmp_path.name}.ipynb"  # a name of its own for each test
    nbformat.write(notebook(IMPORTS, VIEW, FINE), path)
    bring(server, path)
    with at_the_desk(path.name) as opened:
        assert opened.run_all() == []
        expect(opened.page.locator(".silkroad-headline")).to_have_text(["step 0", "fine 0"])
        yield opened


SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
# What is stored for the first view, and whether the reader sees it.
STORED = """() => [...document.querySelectorAll('[data-silkroad]')]
    .map(e => [e.checkVisibility(), /(step|fine|coarse) \\d+/.exec(e.textContent)?.[0]])"""
HIDDEN = f"() => ({STORED})().every(([visible]) => !visible)"
# Presses a key four times, five in a second, and returns what was stored meanwhile for the first
# view: at this pace, however busy the machine is that presses it.
MOVES_ON = f"""async () => {{
    const handle = document.querySelector('.noUi-handle'), seen = new Set();
    for (let n = 0; n < 4; n++) {{
        handle.dispatchEvent(new KeyboardEvent('keydown', {{key: 'ArrowRight', bubbles: true}}));
        await new Promise(done => setTimeout(done, 200));
        seen.add(({STORED})()[0][1]);
    }}
    return [...seen]; }}"""
HAS = "words => document.querySelector('[data-silkroad]').innerHTML.includes(words)"
SAYS = "words => document.querySelector('.silkroad-headline').innerText === words"


def said(page):
    return page.locator(".silkroad-gone").all_inner_texts()


def save(page):
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")


def press(page, key):
    page.locator(".noUi-handle").first.focus()
    page.keyboard.press(key)


def test_text_is_stored_at_rest_hidden_from_who_has_the_view(lesson):
    page = lesson.page
    expect(page.locator("[data-silkroad]")).to_have_count(2)
    page.wait_for_function(HIDDEN, polling=POLLING_MS)
    received = lesson.received
    assert page.evaluate(MOVES_ON) == ["step 0"], "not while it is moved"
    page.wait_for_function(SAYS, arg="step 4")  # a busy machine answers the last move late
    moving = lesson.received - received
    page.wait_for_function(HAS, arg="step 4")
    assert page.evaluate(STORED)[0] == [False, "step 4"]
    assert lesson.received - received - moving < 6000, "once, and cut"
    # A second look at the cell has it once, too.
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:create-output-view')")
    expect(page.locator(".silkroad-headline")).to_have_count(3)
    page.wait_for_function(HIDDEN, polling=POLLING_MS)


ALL_GONE = "() => [...document.querySelectorAll('.silkroad-gone')].every(e => e.textContent)"
IDLE = f"""() => window.jupyterapp?.shell.currentWidget
    && {SESSION}?.session?.kernel?.status === 'idle'"""
ENDS = {
    "restarted": f"async () => {{ await {SESSION}.session.kernel.restart(); }}",
    "killed": f"""() => {{
        {SESSION}.session.kernel.requestExecute({{code: 'os.kill(os.getpid(), 9)'}}); }}""",
    "shut down": f"async () => {{ await {SESSION}.shutdown(); }}",
}


def test_a_view_whose_kernel_ended_says_so_and_the_next_day_has_its_text(lesson):
    page = lesson.page
    for end, how in ENDS.items():
        expect(page.locator(".silkroad-headline")).to_have_text(["step 0", "fine 0"])
        press(page, "ArrowRight")
        page.wait_for_function(HAS, arg="step 1", polling=POLLING_MS)
        save(page)
        assert said(page) == ["", ""]
        began = time.monotonic()
        page.evaluate(how)
        page.wait_for_function(ALL_GONE, timeout=15_000, polling=POLLING_MS)
        assert set(said(page)) == {
            "The kernel of this view has ended: run this cell again to move it."
        }
        assert time.monotonic() - began < 15
        rows = page.locator(".silkroad-controls")
        assert rows.evaluate_all("a => a.map(e => e.inert)") == [True, True]
        assert rows.first.evaluate("e => getComputedStyle(e).opacity") < "0.6"
        page.screenshot(path=ARTEFACTS / f"kernel-{end.replace(' ', '-')}.png")
        if end != "restarted":  # there is no kernel, or JupyterLab asks the reader about it
            the_next_day(page, end)
        # Run again it moves again, and says nothing.
        lesson.run_all()
        expect(page.locator(".silkroad-gone")).to_have_text(["", ""])
        page.wait_for_function(HIDDEN, polling=POLLING_MS)


def the_next_day(page, end):
    """Open the page again: text stands there instead of widgets that are not there any more."""
    page.reload()
    page.wait_for_function(IDLE, timeout=60_000, polling=POLLING_MS)
    page.wait_for_selector("[data-silkroad]")
    expect(page.locator("[data-silkroad]")).to_have_count(2)
    page.wait_for_timeout(3500)  # so long a widget is looked for
    assert page.evaluate(STORED) == [[True, "step 1"], [True, "fine 0"]]
    seen = page.locator(".jp-OutputArea").all_inner_texts()
    assert not [text for text in seen if re.search("widget|not found", text)]
    page.screenshot(path=ARTEFACTS / f"next-day-{end.replace(' ', '-')}.png")


def test_a_network_that_drops_leaves_a_view_as_it_was(lesson):
    page = lesson.page
    page.evaluate(f"async () => {{ await {SESSION}.session.kernel.reconnect(); }}")
    page.wait_for_timeout(1500)
    assert said(page) == ["", ""]
    press(page, "ArrowRight")
    page.wait_for_function(SAYS, arg="step 1")
    # A longer one is told, and forgotten when it is over.
    change = f"what => {SESSION}.session.kernel.connectionStatusChanged.emit(what)"
    page.evaluate(change, "connecting")
    page.wait_for_function(
        "() => /cannot be reached/.test(document.querySelector('.silkroad-gone').textContent)"
    )
    assert page.locator(".silkroad-controls").first.evaluate("e => e.inert")
    page.evaluate(change, "connected")
    page.wait_for_function("() => !document.querySelector('.silkroad-gone').textContent")
    press(page, "ArrowRight")
    page.wait_for_function(SAYS, arg="step 2")
