"""The plumbing of the Space Silk Road notebooks: data, models and views, imported room by room."""
