"""What one lesson has, one room each: its exercises, its computed claims, its longer views.

A lesson imports its own room (`from course import l04`), and by that its exercises and claims are
declared. `rooms()` imports all of them, for whoever looks at the whole course.
"""

import builtins
import gc
import importlib
from contextlib import suppress
from pathlib import Path

import helpers
from course import ahead, drawing, errors, usual

# What is loaded by now, pandas above all, stays: Python need not look through it for garbage again
# and again while the other rooms and their data come, which is a tenth of what a lesson costs.
gc.freeze()
# Another helpers.py may hide ours: `environment.report` says so.
with suppress(AttributeError, ImportError):
    from helpers import style

    style.USUAL.update(usual.LOOKS)
    helpers.SHOW_SOURCE.append(drawing.source)  # so that a live view says how its room draws it
    helpers.NEW_VIEW.append(ahead.watch)
if "get_ipython" in vars(builtins):  # a notebook: elsewhere IPython would be loaded for nothing
    errors.install(builtins.get_ipython())

__all__ = ["LESSONS", "computed_claims", "drawing", "rooms"]

LESSONS = tuple(sorted(path.stem for path in Path(__file__).parent.glob("l[0-9][0-9].py")))


def rooms():
    """Import the rooms of all lessons and return them, in order."""
    return [importlib.import_module(f"course.{name}") for name in LESSONS]


def computed_claims():
    """Return the ids of all claims that `claims.settle` can compute, in order."""
    from helpers import claims  # not at the top: `course.files` needs only Python

    rooms()
    return sorted(claims.COMPUTED)
