"""The plumbing of the Space Silk Road notebooks: data, models and views, imported room by room."""

import gc

SHOW_SOURCE = []  # functions that return {file: code} of what draws a view; course adds its own
NEW_VIEW = []  # functions that are told of each live view; course adds its own

# What a lesson imports stays. Looked through for garbage at every 700 new objects, as Python does,
# it costs each kernel's start a twentieth.
gc.set_threshold(50_000, 20, 20)
