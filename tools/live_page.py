"""Writes helpers/static/live.html: the page of a live map, drawn by folium once for all of them.

    python -m tools.live_page

A kernel fills in title, bounds and projection, see `maps.live_page`. A test holds the file against
what the locked folium draws.
"""

import re

from helpers import maps
from helpers.page import OfflineMap

FILE = maps.STATIC / "live.html"


def drawn():
    """Return the page as folium draws it, with marks for what differs and what all share."""
    shown = OfflineMap(title="TITLE")
    page = shown.page().replace(shown.get_name(), "map_live")
    for name, markup in maps.assets().items():
        page = page.replace(markup, maps.MARK.format(name))
    page = page.replace(maps.embedded(maps.config(maps.WORLD)), "CONFIG")
    return re.sub(r"\s*\n\s*", "\n", page)


if __name__ == "__main__":
    FILE.write_text(drawn() + "\n", encoding="utf-8")
