"""What all tests share: how they are dealt out, and one rule for a machine without Chromium."""

import os

import pytest
from browser import chromium_path

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
MISSING = (
    "No Chromium or Chrome was found, so the lessons were NOT opened in a browser. "
    "Install one, or name it: CHROMIUM=/path/to/chrome make test"
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep a file on one process, as lessons and browsers are expensive to start.

    A lesson's sweep and its browser test take minutes each: they are dealt out one by one.
    """
    for item in items:
        file, _, rest = item.nodeid.partition("::")
        alone = item.path.name in ("test_sweep.py", "test_browser.py") and "[" in rest
        item.add_marker(pytest.mark.xdist_group(item.nodeid if alone else file))


@pytest.fixture(scope="session")
def needs_chromium():
    """Skip on a laptop without Chromium; fail in CI, where nobody reads skips."""
    if not chromium_path():
        (pytest.fail if IN_CI else pytest.skip)(MISSING)


def pytest_terminal_summary(terminalreporter):
    """Say loudly, above the summary line, that the browser was left out."""
    if not chromium_path():
        terminalreporter.section("NOT TESTED: the browser", red=True, bold=True)
        terminalreporter.line(MISSING)
