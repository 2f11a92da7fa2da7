"""For `pytest notebooks/…` alone, too: `tools` keeps a place that the developer chose out of it."""

import tools  # noqa: F401
