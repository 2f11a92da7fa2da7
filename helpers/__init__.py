"""The plumbing of the Space Silk Road notebooks: data, models and views, imported room by room."""

SHOW_SOURCE = []  # functions that return {file: code} of what draws a view; course adds its own
NEW_VIEW = []  # functions that are told of each live view; course adds its own
