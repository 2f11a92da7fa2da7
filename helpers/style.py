"""One look for every map and chart: colours that colour-blind readers can tell apart, and shapes.

The qualitative colours are Okabe and Ito's (2008) set; the sequential ones are sampled from
matplotlib's viridis family. Colour never stands alone: points also differ in shape, lines in dash.
"""

from pathlib import Path

COLORS = {
    "blue": "#0072B2",
    "orange": "#D55E00",
    "green": "#009E73",
    "purple": "#AA4499",
    "yellow": "#E6A700",
    "sky": "#56B4E9",
    "grey": "#6B7280",
    "black": "#1F2933",
}
SHAPES = ("circle", "square", "triangle", "diamond", "star", "cross", "hexagon", "down")
DASHES = ("", "6 4", "2 4", "10 4 2 4", "1 5", "12 6")
LAND = "#E9E5DC"
USUAL = {}  # {column: {category: look}}: the same thing looks the same everywhere; see course.usual


def color(name):
    """Return the hex code of a palette colour; a hex code passes through unchanged."""
    return COLORS.get(name, name)


def category_style(index, signs=SHAPES):
    """Return the (colour, shape) of the index-th category, distinct for the first 56 of them."""
    names = list(COLORS)
    return names[index % len(names)], signs[(index + index // len(names)) % len(signs)]


def sequential(count, reverse=False):
    """Return `count` hex colours from light (little) to dark (much); `reverse` turns them round."""
    family = (Path(__file__).parent / "static" / "viridis.txt").read_text("utf-8").split()
    # viridis runs dark to light; leave out the two ends, where land borders would vanish.
    stops = [0.95 - 0.85 * i / max(count - 1, 1) for i in range(count)]
    shades = [family[int(stop * len(family))] for stop in stops]
    return shades[::-1] if reverse else shades
