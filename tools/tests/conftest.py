"""The fixtures of tests/ serve here too; its hooks run for the whole session."""

from tests.conftest import axe, needs_chromium, ran

__all__ = ["axe", "needs_chromium", "ran"]
