"""From key to pixels on every live map of every lesson, in a real JupyterLab and Chromium.

The first slider of each live map is moved back and forth with the arrow keys. Both ends are taken
by the page's own clock: the key going down, and the frame in which the map shows the new layer.
Several views that stand in one page slow nothing but what is in sight, so each is scrolled to.
`python tests/bench/lessons.py [notebook ...]` prints the rows.
"""

import sys
from pathlib import Path
from statistics import median

import pages  # puts tests/ on the path
from browser import NOTEBOOKS, Lesson, chromium, lab

MOVES = 14
WARM = 2
MOST_MS = 120
REST_MS = (700, 3000)  # between moves; a view with a fine result computes it meanwhile
WINDOW = {"width": 1280, "height": 1000}
# Resolves with the time of the change, or null where a move changes nothing on the map.
NEXT = """() => Promise.race([window.next, new Promise(done => setTimeout(done, 2000, null))])"""
VIEWS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .map((cell, index) => [index, cell.model.sharedModel.source.match(/@live\\(\\s*"([^"]*)"/)])
    .filter(([, found]) => found)
    .map(([index, found]) => [index, found[1], /\\bfine\\b/.test(found.input)])"""


def run(notebooks=NOTEBOOKS):
    """Return [(lesson, title, median milliseconds, moves measured)] of all maps with a slider."""
    found = []
    for path in notebooks:
        with lab([path]) as server, chromium(WINDOW) as context:
            lesson = Lesson(context, server, path.name)
            if errors := lesson.run_all():
                raise RuntimeError(f"{path.name}: {errors[0]}")
            lesson.page.evaluate(pages.CLOCK)
            for index, title, fine in lesson.page.evaluate(VIEWS):
                if took := _measure(lesson.page, index, REST_MS[fine]):
                    found.append((path.stem, title, median(took), len(took)))
    return found


def _measure(page, index, rest_ms):
    """Return the milliseconds of each move of a cell's first slider; none without map or slider."""
    page.evaluate(f"k => {pages.NOTEBOOK}.scrollToItem(k, 'start')", index)
    page.wait_for_timeout(1200)
    cell = page.evaluate_handle(f"k => {pages.NOTEBOOK}.widgets[k].node", index).as_element()
    frame, handle = cell.query_selector("iframe"), cell.query_selector(".noUi-handle")
    if not (frame and handle):
        return []
    frame = frame.content_frame()
    frame.wait_for_function("() => document.body.dataset.updates > 0")
    frame.evaluate(pages.CLOCK)
    took = []
    for number in range(WARM + MOVES):
        before = handle.get_attribute("aria-valuenow")
        for key in ("ArrowRight", "ArrowLeft")[:: 1 if number % 2 else -1]:
            frame.evaluate(pages.WATCH_MAP)
            page.evaluate(pages.WATCH_KEY)
            handle.focus()
            page.keyboard.press(key)
            if handle.get_attribute("aria-valuenow") != before:  # else: at the end of its range
                break
        shown = frame.evaluate(NEXT)
        if shown and number >= WARM:
            took.append(shown - page.evaluate("() => window.pressed"))
        page.wait_for_timeout(rest_ms)
    return took


def rows(notebooks=NOTEBOOKS):
    """Return the results as dicts: what, ours_ms, met."""
    return [
        {"what": f"{lesson}: {title}", "ours_ms": took, "moves": moves, "met": took <= MOST_MS}
        for lesson, title, took, moves in run(notebooks)
    ]


if __name__ == "__main__":
    chosen = [Path(name) for name in sys.argv[1:]] or NOTEBOOKS
    for row in rows(chosen):
        print(row)
