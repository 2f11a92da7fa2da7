"""The reader's own place, on pages that have no kernel: its box, the cities it searches, its map.

`place.js` reads what a reader writes as `course.place` does, and says what it says.
"""

from functools import cache
from html import escape

from course import place
from helpers import data
from tools import packing

FILE, MAP = "cities", "chooser"  # their names, before the version

BOX = """<div class="silkroad-place" data-cities="{cities}" data-chooser="{map}" data-at="{at}" \
data-day="{day:%d %B %Y}">
<noscript><p>Without scripts no place can be chosen on this page.</p></noscript>
</div>
<p class="silkroad-note">On these pages your browser keeps the place, and it is sent nowhere. A \
view that was recorded for many towns starts at the nearest of them; maps of the world mark yours.\
</p>"""


def is_asked(cell):
    """Tell whether a cell of a lesson has the reader choose a place."""
    return cell.cell_type == "code" and cell.source.strip() == "my.choose()"


def box():
    """Return the HTML in which the page builds the control; it names the files that it loads."""
    now, keys = data.snapshot(), {name: packing.versioned(name, value) for name, value in parts()}
    at = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    return BOX.format(cities=escape(keys[FILE]), map=escape(keys[MAP]), at=at, day=now)


@cache
def parts():
    """Return [(name, value)] of what the control loads when it is used, the same at every call."""
    return [(FILE, cities()), (MAP, chooser())]


def chooser():
    """Return the map on which a click chooses, as the control of the lessons has it, for JSON."""
    control = place.Choice()
    control.open_or_close()
    shown = control.map
    shown.twin_open = True  # or it has no twin
    return {
        "page": shown.page,
        "title": shown.title,
        "height": shown.height,
        "twin": shown.twin,
        "layers": [layer for key in shown.layer_keys if (layer := getattr(shown, key))],
        "reach_deg": place.FARTHEST_DEG,
    }


def cities():
    """Return the cities, the largest first, as columns fit for JSON.

    Countries and zones are numbers in lists of their own; `also` has what a city may be called
    besides its name and "name, country".
    """
    labels, also = place.all_labels(), {}
    for name, named in place.all_names().items():
        for label in named:
            if name not in (place.unaccented(label), place.unaccented(labels[label].city)):
                also.setdefault(label, []).append(name)
    rows = list(labels.values())
    states = [[row.iso3 if isinstance(row.iso3, str) else "", row.country] for row in rows]
    every = sorted({tuple(state) for state in states})
    zones = sorted({row.zone for row in rows})
    return {
        "countries": every,
        "zones": zones,
        "name": [row.city for row in rows],
        "country": [every.index(tuple(state)) for state in states],
        "lat": [row.lat for row in rows],
        "lon": [row.lon for row in rows],
        "zone": [zones.index(row.zone) for row in rows],
        "also": [also.get(label, []) for label in labels],
    }
