"""From key to pixels on every live map and chart of every lesson, in JupyterLab and Chromium.

The first slider of each live view, or its first menu where it has no slider, is moved with the
arrow keys to where it has not been yet, as a view remembers where it has. Both ends are taken by
the page's own clock: the key going down, and the frame in which the map or the chart shows the new
layer. Several views that stand in one page slow nothing but what is in sight, so each is scrolled
to. Before and after each of them, a slider that changes one word is moved in the same page: what a
slider costs there and then, without a picture. A machine that is slow for a minute is slow for
both. `python -m tools.bench.lessons [notebook ...]` prints the rows.
"""

import sys
import tempfile
from itertools import islice
from pathlib import Path
from statistics import median

import nbformat

from helpers.words import counted
from tools.bench import pages
from tools.browser import NOTEBOOKS, Lesson, chromium, lab

MOVES, MOST_MOVES = 14, 60  # to new places, and in all
WARM = 2
FLOOR_MOVES = 8
MOST = {"map": 4, "chart": 2}  # times the bare slider, which takes 30 ms on a quiet machine
REST_MS = (700, 3000)  # between moves; a view with a fine result computes it meanwhile
SEEN_MS = 200  # after a move to a place whose answer the view remembers
WINDOW = {"width": 1280, "height": 1000}
IMPORTS = "import ipywidgets as widgets\nfrom IPython.display import display\n"
# Resolves with the time of the change, or null where a move changes nothing on the map.
NEXT = """() => Promise.race([window.next, new Promise(done => setTimeout(done, 2000, null))])"""
PLACE = "e => e.getAttribute('aria-valuenow') ?? e.selectedIndex"
# A chart comes as a drawing; a picture, as an older tree has them, is there once it is decoded.
WATCH_CHART = """e => { window.next = new Promise(done => {
    const o = new MutationObserver(async () => { o.disconnect();
      await Promise.all([...e.querySelectorAll('img')].map(i => i.decode().catch(() => null)));
      painted(done); });
    const what = {subtree: true, childList: true, attributes: true, attributeFilter: ['src']};
    o.observe(e, what); }); }"""
VIEWS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .map((cell, index) => [index, cell.model.sharedModel.source.match(/@live\\(\\s*"([^"]*)"/)])
    .filter(([, found]) => found)
    .map(([index, found]) => [index, found[1], /\\bfine\\b/.test(found.input)])"""


def run(notebooks=NOTEBOOKS):
    """Return [(lesson, title, kind, milliseconds, of the bare slider, moves)] of all live views.

    A kind is "map" or "chart"; of a view with both, each is timed alone.
    Both are medians; the bare slider's is taken from its moves before and after the map's.
    """
    found = []
    for path in notebooks:
        with tempfile.TemporaryDirectory() as folder:
            found += _lesson(path, Path(folder, path.name))
    return found


def _lesson(path, copy):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(IMPORTS + pages.CELLS["word"]))
    nbformat.write(notebook, copy)
    with lab([copy]) as server, chromium(WINDOW) as context:
        lesson = Lesson(context, server, copy.name)
        if errors := lesson.run_all():
            raise RuntimeError(f"{path.name}: {errors[0]}")
        page, last = lesson.page, len(notebook.cells) - 1
        page.evaluate(pages.CLOCK)
        before = []
        for index, title, fine in page.evaluate(VIEWS):
            for kind in MOST:
                before = before or _floor(page, last)
                if took := _measure(page, index, kind, REST_MS[fine]):
                    after = _floor(page, last)
                    yield path.stem, title, kind, median(took), median(before + after), len(took)
                    before = after


def _seen(page, index):
    """Scroll to a cell and return it, with its view in the window: out of it no map is drawn."""
    page.evaluate(f"k => {pages.NOTEBOOK}.scrollToItem(k, 'start')", index)
    page.wait_for_timeout(1200)  # what stands above may grow meanwhile
    cell = page.evaluate_handle(f"k => {pages.NOTEBOOK}.widgets[k].node", index).as_element()
    cell.evaluate("e => (e.querySelector('.silkroad-view') ?? e).scrollIntoView({block: 'end'})")
    page.wait_for_timeout(300)
    return cell


def _measure(page, index, kind, rest_ms):
    """Return the milliseconds of each move of a cell's first slider, or of its first menu where it
    has no slider; none without a picture of that kind or a control.
    """
    spots = (spot_of(page, index, control, kind) for control in (".noUi-handle", "select"))
    spot = next(filter(None, spots), None)
    return list(islice(walk(page, *spot, rest_ms), MOVES)) if spot else []


def spot_of(page, index, control=".noUi-handle, select", kind=None):
    """Return the first control of a cell's view, the page of its picture, and how to watch that.

    kind: "map", "chart", or None for the map if there is one. None where there is no such control,
    or nothing of that kind.
    """
    cell = _seen(page, index)
    handle, frame = cell.query_selector(control), cell.query_selector("iframe")
    chart = cell.query_selector(".silkroad-charts:has(svg, img)")
    if not (handle and {"map": frame, "chart": chart, None: frame or chart}[kind]):
        return None
    if kind == "chart" or not frame:
        return handle, page, WATCH_CHART, chart
    frame = frame.content_frame()
    frame.wait_for_function("() => document.body.dataset.updates > 0")
    frame.evaluate(pages.CLOCK)
    return handle, frame, pages.WATCH_MAP, None


def _floor(page, index):
    """Return the milliseconds of each move of the slider that changes one word."""
    cell = _seen(page, index)
    word, handle = cell.query_selector(".widget-html-content"), cell.query_selector(".noUi-handle")
    times = walk(page, handle, page, pages.WATCH_WORD, word, REST_MS[0])
    return list(islice(times, FLOOR_MOVES))


def walk(page, handle, shown_in, watch, watched, rest_ms):
    """Yield the milliseconds from key to result of each move to a place not seen before."""
    places, forth, turns = [handle.evaluate(PLACE)], True, 0
    while turns < 2 and len(places) < MOST_MOVES:  # after both ends there is no place left
        shown = move(page, handle, shown_in, watch, watched, forth)
        now = handle.evaluate(PLACE)
        new, onwards = now not in places, float(now) > float(places[-1])
        turns, forth = turns + (onwards != forth), onwards  # at an end it turned round
        places.append(now)
        page.wait_for_timeout(rest_ms if new else SEEN_MS)
        if shown and new and len(places) > WARM:
            yield shown


def move(page, handle, shown_in, watch, watched, forth):
    """Move a control by one key; return the milliseconds to the picture, None if none changed."""
    before, menu = handle.evaluate(PLACE), handle.evaluate("e => e.tagName === 'SELECT'")
    for key in (("ArrowDown", "ArrowUp") if menu else ("ArrowRight", "ArrowLeft"))[
        :: 1 if forth else -1
    ]:
        shown_in.evaluate(watch, watched)
        page.evaluate(pages.WATCH_KEY)
        handle.focus()
        page.keyboard.press(key)
        if handle.evaluate(PLACE) != before:  # else: at the end of its range
            break
    shown = shown_in.evaluate(NEXT)
    return shown and shown - page.evaluate("() => window.pressed")


def rows(notebooks=NOTEBOOKS):
    """Return the results as dicts, as `pages.rows` does."""
    return [
        {
            "what": f"{lesson}, {kind}: {title}",
            "ours_ms": took,
            "theirs_ms": floor,
            "ratio": took / floor,
            "target": f"≤ {MOST[kind]}",
            "met": took <= MOST[kind] * floor,
            "note": f"a slider changing one word; {counted(moves, 'move')}",
        }
        for lesson, title, kind, took, floor, moves in run(notebooks)
    ]


if __name__ == "__main__":
    chosen = [Path(name) for name in sys.argv[1:]] or NOTEBOOKS
    for row in rows(chosen):
        print(row)
