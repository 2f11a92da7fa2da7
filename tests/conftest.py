"""What all tests share: one rule for a machine without Chromium."""

import os
from functools import partial

import pytest
import rtklib
from hypothesis import settings

from tools.browser import chromium_path
from tools.classroom.places import NO_CHART, NO_PROXY, chart_path, proxy_path
from tools.lite.place import NO_LITE, NO_PYODIDE, lite_python, pyodide_path
from tools.other_browsers import NO_FIREFOX, NO_WEBKIT, firefox_path, webkit_path
from tools.otter_place import MISSING as NO_OTTER
from tools.otter_place import otter_path

settings.register_profile("course", deadline=None)  # nothing asserts on the clock
settings.load_profile("course")

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
MISSING = (
    "No Chromium or Chrome was found, so the lessons were NOT opened in a browser. "
    "Install one, or name it: CHROMIUM=/path/to/chrome make test"
)


# These take half a minute or more, and a file stays on one process: begun last, they would be
# waited for. The lessons that the sweep has run are there when the site and the hand-outs ask.
SLOW = ["slides", "sweep", "browser", "site", "other_browsers", "editions_run", "classroom"]
SLOW += ["saved", "robust", "map_page", "handouts", "commands", "environment_check", "ready"]
SLOW += ["site_place", "brief", "place", "lite", "orbits", "data", "charts", "texts", "place_map"]
SLOW = [f"test_{name}.py" for name in SLOW]


def pytest_collection_modifyitems(items):
    """Put the slow files first; the others keep their order."""
    items.sort(key=lambda i: SLOW.index(i.path.name) if i.path.name in SLOW else len(SLOW))


@pytest.fixture(scope="session")
def needs_chromium():
    """Skip on a laptop without Chromium; fail in CI, where nobody reads skips."""
    if not chromium_path():
        (pytest.fail if IN_CI else pytest.skip)(MISSING)
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)  # as long as Playwright waits for anything else


@pytest.fixture(scope="session")
def needs_rtklib():
    """Skip on a laptop without RTKLIB; fail in CI, where nobody reads skips."""
    if not rtklib.path():
        (pytest.fail if IN_CI else pytest.skip)(rtklib.MISSING)


@pytest.fixture(scope="session")
def ran(request, tmp_path_factory):
    """Return a function of a lesson's path: what it showed, run once for all processes."""
    import ran as runs  # heavy, and most files of tests do without

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ and runs.fcntl:
        folder = folder.parent
    swept = any(item.path.name == "test_sweep.py" for item in request.session.items)
    steps = runs.STEPS if swept else runs.STEPS[:-1]  # nobody waits for what nobody asks
    return partial(runs.lesson, folder=folder / "lessons", steps=steps)


@pytest.fixture(scope="session")
def axe():
    """The script that looks for what readers with a disability cannot use."""
    from axe_playwright_python.base import AXE_FILE_PATH

    return AXE_FILE_PATH.read_text(encoding="utf-8")


# What may be absent: how to find it, what is then not tested, and what to do.
ABSENT = [
    (chromium_path, "the browser", MISSING),
    (firefox_path, "Firefox", NO_FIREFOX),
    (webkit_path, "the engine of Safari", NO_WEBKIT),
    (otter_path, "Otter-Grader", NO_OTTER),
    (lite_python, "JupyterLite", NO_LITE),
    (pyodide_path, "Python in the browser", NO_PYODIDE),
    (proxy_path, "a class on a hub", NO_PROXY),
    (chart_path, "the values against the chart", NO_CHART),
    (rtklib.path, "receivers against RTKLIB", rtklib.MISSING),
]


def pytest_terminal_summary(terminalreporter):
    """Say loudly, above the summary line, what was left out."""
    for found, what, remedy in ABSENT:
        if not found():
            loud = {"red": True, "bold": True} if found is chromium_path else {"yellow": True}
            terminalreporter.section(f"NOT TESTED: {what}", **loud)
            terminalreporter.line(remedy)
