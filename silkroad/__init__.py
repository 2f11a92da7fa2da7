"""What the world does: orbits, visibility, positioning, links, networks, launches, money. Models.

Frames in, frames out: a room takes numbers, arrays and DataFrames and returns them. It knows no
screen and no lesson, and of `helpers` only the tables (`data`) and the checks of input (`inputs`).

xarray and networkx take as long to load as pandas without them, and many lessons need neither: a
function that makes a Dataset or a graph imports them itself.
"""
