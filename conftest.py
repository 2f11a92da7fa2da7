"""For `pytest notebooks/…` alone, too: `tools` keeps a place that the developer chose out of it."""

import gc

import tools  # noqa: F401

# Among the objects of seven thousand tests, to look for garbage took a quarter of the time of many.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish():
    """Leave what is there for the whole run out of every such look."""
    gc.freeze()
