"""The scenes of the lessons, until each stands in its lesson or in its lesson's room."""
