"""What one lesson has, one room each: its exercises, its computed claims, its longer views.

A lesson imports its own room (`from course import l04`), and by that its exercises and claims are
declared. `rooms()` imports all of them, for whoever looks at the whole course.
"""

import importlib

from helpers import claims

LESSONS = tuple(f"l{number:02d}" for number in range(14))


def rooms():
    """Import the rooms of all lessons and return them, in order."""
    return [importlib.import_module(f"course.{name}") for name in LESSONS]


def computed():
    """Return the ids of all claims that `claims.settle` can compute, in order."""
    rooms()
    return sorted(claims.COMPUTED)
