"""My place: one town for the whole course, chosen once and kept on the reader's own computer.

    from course import place as my

    my.choose()                       # the control: a search, numbers by hand, a click on a map
    towns = my.towns()                # the capitals, and my place before them
    city = my.menu(towns, "Nairobi")  # a menu of them; it starts at my place, where there is one
    my.local(time, towns.loc[city])   # "05:16 in Nairobi (UTC+3)"

A place is a row with name, country, iso3, lat, lon (degrees, north and east positive) and zone (a
time zone of the IANA database). It is kept in the file `kept_in()` and sent nowhere. The variable
SILKROAD_PLACE of the environment names another file; `none` has none read or written, as for tests
and for whatever is made of the lessons, which so do not depend on who makes it.
"""

import difflib
import json
import math
import os
import re
import sys
import unicodedata
from dataclasses import replace
from functools import lru_cache
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

import ipywidgets as widgets
import numpy as np
import pandas as pd

from course import files
from helpers import data, live, maps
from helpers.inputs import InputError
from helpers.kept import kept
from helpers.words import listed
from silkroad import geometry

VARIABLE = "SILKROAD_PLACE"
MINE = "My place: "  # before its name, in menus
MOST_BYTES = 4000  # of the file: what is longer was not written here
FIELDS = ("name", "country", "iso3", "lat", "lon", "zone")
BY_HAND = "latitude and longitude in degrees, as 31.55 74.34 or 33.9 S 151.2 E"
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
ON_A_MAP, CLOSE = "On a map", "Close the map"
WITH_MAP = "Your place on a map; the box above takes any place by its name or by numbers, too"
ASKS = "Click your place; zoom in to be exact."
FARTHEST_DEG = 4.5  # that a click reaches on any screen, 500 km: 12 pixels of the world on a laptop
_unkept = {}  # {"place": row} where no file keeps it: it ends with the kernel


# --- the place


def mine():
    """Return the chosen place, a Series with FIELDS; None where none was chosen.

    Also None where the file is of no use: `choose` then says so.
    """
    return _unkept["place"] if "place" in _unkept else _read()[0]


def towns():
    """Return the capitals, A to Z, and my place before them: a DataFrame by the words of a menu.

    Its columns are those of the table `capitals`, with name for capital, and zone.
    """
    capitals = data.load("capitals").rename(columns={"capital": "name"}).sort_values("name")
    zones = data.load("cities").set_index("geonames_id")["zone"]
    capitals = capitals.assign(zone=zones.loc[capitals["geonames_id"]].to_numpy())
    capitals = capitals.drop(columns="geonames_id").set_index("name", drop=False)
    return with_mine(capitals)


def with_mine(table, **more):
    """Return a table with name, lat, lon and, where a place was chosen, it as the first row.

    more: what other columns have in that row; else they are missing.
    """
    here = mine()
    if here is None:
        return table
    row = {**here, "source_ids": "S051", "confidence": "medium", **more}
    first = pd.DataFrame([row], [MINE + here["name"]], table.columns)
    known = {name: kind for name, kind in table.dtypes.items() if kind.kind not in "iu"}
    return pd.concat([first.astype(known), table])  # a whole number that is missing makes floats


def menu(choices, start, *columns):
    """Return a menu that starts at my place or, where none was chosen, at the choice `start`.

    choices: `towns()`, whose words are the values, or {words: value}. columns of my place are its
    value there, as "lat", "lon"; one column must be among the values, else my place is left out.
    Its `where` is {words: [lat, lon], or the one column}: for a page that has no kernel.
    """
    frame = isinstance(choices, pd.DataFrame)
    options, here = {word: word for word in choices.index} if frame else dict(choices), mine()
    if here is not None and frame:
        start = MINE + here["name"] if MINE + here["name"] in options else start
    elif here is not None:
        value = here[columns[0]] if len(columns) == 1 else tuple(here[name] for name in columns)
        if len(columns) > 1 or value in options.values():
            start = MINE + (here["country"] if len(columns) == 1 else here["name"])
            options = {start: value, **options}
    control = widgets.Dropdown(options=list(options.items()), index=list(options).index(start))
    at = choices[["lat", "lon"]].to_numpy().tolist() if frame else choices.values()
    control.where = dict(zip(choices.index if frame else choices, at, strict=True))
    return control


def mark():
    """Return [my place as a layer for a map], or [] where none was chosen."""
    here = mine()
    looks = {"styles": {"": ("purple", "diamond")}, "size": 7, "labels": True}
    return [] if here is None else [maps.points(pd.DataFrame([here]), "My place", **looks)]


def here(field, form):
    """Return what a field over lat and lon has nearest to my place, as " In Lahore: PDOP 2.1."

    form: a function from the number to its words. "" where no place was chosen.
    """
    place = mine()
    if place is None:
        return ""
    value = field.sel(lat=place["lat"], lon=place["lon"], method="nearest").item()
    said = _in(place)
    return f" {said[0].upper()}{said[1:]}: {form(value)}."


# --- its clocks


def local(time, place):
    """Return an hour by the clocks of a place: "18:40 in Nairobi (UTC+3)".

    time: a moment, UTC where it has no zone of its own. place: a row (or a frame of one) with name
    or capital, lat, lon and, where it is known, zone; else the zone is that of the nearest city.
    The day is said where it is not that of UTC.
    """
    moment, row = _utc(time), _row(place)
    there = moment.tz_convert(zone(row))
    day = f" on {there.day} {there:%B}" if there.date() != moment.date() else ""
    return f"{there:%H:%M}{day} {_in(row)} ({_ahead(there)})"


def hour_there(time, place):
    """Return only the hour of `local`, as "18:40"."""
    return f"{_utc(time).tz_convert(zone(_row(place))):%H:%M}"


def also(time):
    """Return an hour by the clocks of my place, as ", 18:40 in Lahore (UTC+5)"; "" without one."""
    place = mine()
    return "" if place is None else f", {local(time, place)}"


def zone(place):
    """Return the time zone of a row with lat and lon: its own, or that of the nearest city."""
    known = place.get("zone")
    return ZoneInfo(known if isinstance(known, str) else nearest(place["lat"], place["lon"])[0])


@lru_cache(1000)
def nearest(lat, lon):
    """Return (zone, city, country, iso3, km) of the city of the table nearest to a place."""
    cities = data.load("cities")
    away_km = geometry.great_circle_km(lat, lon, cities["lat"], cities["lon"])
    row = cities.iloc[away_km.argmin()]
    iso3 = row["iso3"] if isinstance(row["iso3"], str) else ""
    return row["zone"], row["city"], row["country"], iso3, float(away_km.min())


def _utc(time):
    moment = pd.Timestamp(time)
    return moment.tz_localize("UTC") if moment.tz is None else moment.tz_convert("UTC")


def _row(place):
    row = place.iloc[0] if isinstance(place, pd.DataFrame) else place
    return row if "name" in row else {**row, "name": row["capital"]}


def _in(place):
    return f"{'at' if place['name'][0].isdigit() else 'in'} {place['name']}"


def _ahead(time):
    """Return how far clocks are ahead of UTC: "UTC+5:30", "UTC-3", "UTC"."""
    minutes = round(time.utcoffset().total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}{f':{rest:02d}' if rest else ''}"


# --- finding a place by what a reader writes


def place_of(text):
    """Return the place that a text names: a city of the table, or latitude and longitude.

    A city is found by its name in plain letters or in Chinese, with 市 behind it or without.
    InputError, one sentence: a name that is not there or that several have, numbers that are no
    place on the Earth.
    """
    text = " ".join(str(text).split())
    names = all_names()
    if not (wanted := unaccented(text)):
        raise InputError(f"Nothing was written: give a city, or {BY_HAND}.")
    if wanted not in names:
        wanted = wanted.removesuffix("市") or wanted
    if wanted in names and len(names[wanted]) == 1:
        return _city(names[wanted][0])
    if re.match(r"[-+−]?[\d.]", text) and wanted not in names:
        return _by_hand(text)
    found = names.get(wanted) or [
        label for name, labels in names.items() if name.startswith(wanted) for label in labels
    ]
    found = list(dict.fromkeys(found))
    if len(found) == 1:
        return _city(found[0])
    if found:
        more = f" or another of {len(found)}" if len(found) > 4 else ""
        raise InputError(f"Several cities fit: write {listed(found[:4], 'or')}{more}.")
    chinese = HAN.search(wanted)
    alike = 0.6 if chinese else 0.7  # two of three signs are enough
    near = [names[name][0] for name in difflib.get_close_matches(wanted, names, 3, alike)]
    known = f"try {listed(dict.fromkeys(near), 'or')}, or " if near else ""
    known += "write its name in Latin letters, " if chinese else ""
    raise InputError(
        f"There is no {text[:60]!r} among our {len(all_labels()):,} cities: {known}give a larger "
        f"city near it, or {BY_HAND}."
    )


@lru_cache(1)
def all_labels():
    """Return {"Lahore, Pakistan": row of the table cities}, the largest first."""
    cities = data.load("cities").sort_values("population", ascending=False)
    return {f"{row.city}, {row.country}": row for row in cities.itertuples()}


def _offered():
    return json.dumps(list(all_labels())).encode()


@lru_cache(1)
def all_names():
    """Return {what may be written: labels}: a city with its country, or alone, or in Chinese."""
    names = {}
    for label, row in all_labels().items():
        chinese = row.names_zh.split(";") if isinstance(row.names_zh, str) else []
        for name in dict.fromkeys(map(unaccented, (label, row.city, *chinese))):
            names.setdefault(name, []).append(label)
    return names


def unaccented(text):
    """Return a text without accents, signs and capitals."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    letters = (part for part in parts if not unicodedata.combining(part) and part not in "'’‘ʻ`")
    return " ".join("".join(part if part.isalnum() else " " for part in letters).split())


def _city(label):
    row = all_labels()[label]
    iso3 = row.iso3 if isinstance(row.iso3, str) else ""
    found = row.city, row.country, iso3, float(row.lat), float(row.lon), row.zone
    return pd.Series(dict(zip(FIELDS, found, strict=True)))


def _by_hand(text):
    """Return the place of two numbers, with the zone and the country of the nearest city."""
    number = r"([-+]?\d+(?:[.,]\d+)?|[-+]?\.\d+)\s*°?\s*([{}]?)"
    both = rf"{number.format('NSns')}(?:\s*[,;]\s+|\s*;\s*|\s+|,){number.format('EWew')}"
    text = text.replace("−", "-").replace("º", "°")
    # 31.55,74.34: a comma between numbers that have a point parts them.
    parted = re.sub(r"(?<=\d),(?=[-+]?\d+\.)", " ", text) if "." in text else text
    if not (found := re.fullmatch(both, parted)):
        raise InputError(f"{text[:60]!r} is no place: give {BY_HAND}.")
    lat, lon = (float(part.replace(",", ".")) for part in (found[1], found[3]))
    for value, side in ((lat, found[2]), (lon, found[4])):
        if side and value < 0:
            raise InputError(f"{text[:60]!r} has a sign and a letter: leave one of them away.")
    lat *= -1 if found[2] in ("S", "s") else 1
    lon *= -1 if found[4] in ("W", "w") else 1
    return at(lat, lon)


def at(lat, lon):
    """Return a place by latitude and longitude in degrees, north and east positive.

    Zone and country are those of the nearest city. InputError: not on the Earth.
    """
    if not abs(lat) <= 90:
        turned_round = abs(lat) <= 180 and abs(lon) <= 90
        remedy = f"write {lon:g} {lat:g}" if turned_round else "give -90 to 90"
        raise InputError(f"Latitude {lat:g} is not on the Earth: it comes first, so {remedy}.")
    if not abs(lon) <= 180:
        turned = (lon + 180) % 360 - 180 if math.isfinite(lon) else 0
        raise InputError(f"Longitude {lon:g} goes beyond 180: write {lat:g} {turned:g}.")
    clocks, _, country, iso3, _ = nearest(lat, lon)
    found = _written(lat, lon), country, iso3, float(lat), float(lon), clocks
    return pd.Series(dict(zip(FIELDS, found, strict=True)))


def clicked(message):
    """Return (place, km): what a click on the map chose, and how far from the click it lies.

    message: {"click": [lat, lon, reach_deg]}, as helpers/static/map.js sends it. The place is the
    city of the table that on the map is nearest to the click, where it is within reach: 12 pixels,
    what a mouse or a finger can hit, as for all marks of our maps; at most FARTHEST_DEG, where the
    whole world is shown, and ever less as the reader zooms in. Else it is the point itself, to a
    thousandth of a degree. InputError: no three numbers, or a point beside the Earth.
    """
    found = message.get("click") if isinstance(message, dict) else None
    if not (isinstance(found, list) and len(found) == 3 and all(map(_finite, found))):
        raise InputError("This click came without a place: click the map once more.")
    lat, lon, reach_deg = found
    if abs(lat) > 90 or abs(lon) > 180:
        raise InputError("You clicked beside the Earth: click within the frame of the map.")
    cities = data.load("cities")
    across = (cities["lon"] - lon + 180) % 360 - 180
    away_deg = np.hypot(cities["lat"] - lat, across)
    if away_deg.min() > min(reach_deg, FARTHEST_DEG):
        return at(round(lat, 3), round(lon, 3)), 0.0
    row = cities.loc[away_deg.idxmin()]
    km = geometry.great_circle_km(lat, lon, row["lat"], row["lon"])
    return _city(f"{row['city']}, {row['country']}"), float(km)


def _finite(value):
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)


def _written(lat, lon):
    """Return latitude and longitude in words that `place_of` reads: "31.55° N, 74.34° E"."""
    return f"{abs(lat):.2f}° {'N' if lat >= 0 else 'S'}, {abs(lon):.2f}° {'E' if lon >= 0 else 'W'}"


# --- keeping it


def kept_in():
    """Return the path of the file that keeps the place; None where none is read or written."""
    said = os.environ.get(VARIABLE, "").strip()
    if said:
        return None if said.lower() == "none" else files.home(said)
    if sys.platform == "emscripten":  # Python in the browser, which keeps the lessons' own folder
        return Path.cwd() / "my-place.json"
    settings = os.environ.get("JUPYTER_CONFIG_DIR") or Path.home() / ".jupyter"
    return Path(settings) / "space-silk-road" / "place.json"


def keep(place):
    """Keep a place, in one step, for all lessons and sessions; return a sentence on where.

    A file that the course did not write is kept beside it, under another name. Where the file
    cannot be written, the place holds until the kernel ends, and the sentence says so.
    """
    path = kept_in()
    _unkept["place"] = place
    if path is None:
        return "It holds until the kernel of this lesson ends."
    content = json.dumps(dict(place), ensure_ascii=False, indent=1).encode() + b"\n"
    told = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if _read()[1]:
            files.save(path, content, told.append)
        else:
            files.replace(path, content)
    except (OSError, InputError) as problem:
        return f"It holds until the kernel of this lesson ends, as it could not be kept: {problem}"
    _unkept.clear()
    said = f"Kept where the lessons run, in {_short(path)}, and sent nowhere else."
    return " ".join([said, *told])


def forget():
    """Forget the place, and remove its file where the course wrote it; return a sentence on it."""
    _unkept.clear()
    path = kept_in()
    place, problem = _read()
    if problem:
        return f"{_short(path)} was not written here, and stays."
    if place is None:
        return "No place is kept."
    try:
        files.remove(path)
    except OSError as error:
        return f"{_short(path)} cannot be removed ({error.strerror}): remove it yourself."
    return f"Forgotten: {_short(path)} is removed."


def _read():
    """Return (the place of the file or None, what is wrong with the file or "")."""
    path = kept_in()
    if path is None:
        return None, ""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None, ""
    except OSError as error:
        return None, f"{_short(path)} cannot be read ({error.strerror}); {_REMEDY}"
    except UnicodeDecodeError:
        return None, f"{_short(path)} holds no text; {_REMEDY}"
    try:
        return _checked(json.loads(text)), ""
    except (ValueError, RecursionError) as problem:
        why = problem if isinstance(problem, InputError) else "it is no JSON"
        return None, f"{_short(path)} does not hold a place of this course: {why}; {_REMEDY}"


_REMEDY = "it stays as it is until you choose a place, and is then kept beside the new one."


def _checked(found):
    """Return what a file held as a place, or InputError."""
    if not isinstance(found, dict) or set(found) != set(FIELDS):
        raise InputError(f"it has other fields than {', '.join(FIELDS)}")
    texts = [found[field] for field in ("name", "country", "iso3", "zone")]
    if not all(isinstance(text, str) and len(text) < 80 and text.isprintable() for text in texts):
        raise InputError("a name in it is none")
    if not found["name"].strip() or found["zone"] not in set(data.load("cities")["zone"]):
        raise InputError("its name or its time zone is none")
    for field, most in (("lat", 90), ("lon", 180)):
        value = found[field]
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
            raise InputError(f"its {field} is none")
    return pd.Series({field: found[field] for field in FIELDS})


def _short(path):
    """Return a path for a sentence, with ~ for the home folder, whose name is nobody's business."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return str(path)


# --- the control


@lru_cache(1)
def _cities_to_click():
    """Return the other cities, which a reader who has zoomed in may show, and the capitals."""
    capitals, cities = data.load("capitals"), data.load("cities").drop(columns="names_zh")
    others = cities[~cities["geonames_id"].isin(capitals["geonames_id"])]
    look = {"size": 3, "styles": {"": ("grey", "circle")}}
    return (
        _asking(maps.points(others, "Other cities", label="city", visible=False, **look)),
        _asking(maps.points(capitals, "Capitals", label="capital", **look)),
    )


def _asking(layer):
    """Return a layer that asks for clicks, and so has no cards."""
    bare = {"asks": ASKS, "fields": [], "popup": []}
    return replace(layer, drawn={**layer.drawn, **bare})


class Choice(widgets.VBox):
    """The control of my place: a box that searches, two buttons, a sentence, and a map on demand.

    `map` is None until the reader opens it, so until then nothing of it is sent.
    """

    def __init__(self):
        """Show what is kept; a file that is of no use is told."""
        self.box = widgets.Combobox(
            description="My place",
            placeholder="Lahore, 拉合尔, or 31.55 74.34",
            # Nine of ten readers never write here: the table itself is read for who does.
            options=json.loads(kept("cities", _offered, [data.FOLDER / "cities.csv"])),
            continuous_update=False,  # read when it is left or Enter is pressed, not at every key
            layout={"width": "380px", "max_width": "100%"},
        )
        self.button = widgets.Button(description="Forget it", layout={"width": "auto"})
        alike = {"layout": self.button.layout, "style": self.button.style}
        self.opener = widgets.Button(description=ON_A_MAP, **alike)
        self.said, self.map = widgets.HTML(), None
        self.problem = ""
        look = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "2px 14px"}
        self.row = widgets.HBox([self.box, self.opener, self.button], layout=look)
        super().__init__([self.row, self.said])
        self.add_class("silkroad-place")
        self.box.observe(self._wrote, "value")
        self.button.on_click(lambda _: self._show(forget() + RUN))
        self.opener.on_click(self.open_or_close)
        self._show(_read()[1])

    def _wrote(self, change):
        here = mine()
        if not change["new"].strip() or (here is not None and change["new"] == _label(here)):
            return
        try:
            place = place_of(change["new"])
        except InputError as problem:
            self._tell(str(problem))
        else:
            self._show(keep(place) + RUN)

    def open_or_close(self, _=None):
        """Open the map, or close it; the first time it is made."""
        if self.map is None:
            look = {"title": WITH_MAP, "height": 420}
            page = maps.live_page(WITH_MAP)
            parts = live.MapParts.of_this_kernel()
            self.map = live.LiveMap(key=self.model_id, page=page, parts=parts, **look)
            self.map.on_msg(self._clicked)
            self.map.observe(self._draw, "twin_open")
            self._draw()
        opens = self.opener.description == ON_A_MAP
        self.opener.description = CLOSE if opens else ON_A_MAP
        # So the map takes the height that row and sentence leave of the window, and all of them
        # say when the kernel has ended.
        for part, name in ((self, "silkroad-view"), (self.row, "silkroad-controls")):
            (part.add_class if opens else part.remove_class)(name)
        self.said.layout.min_height = "64px" if opens else None  # three lines: the map stays put
        self.children = [self.row, self.said, *([self.map] if opens else [])]

    def _clicked(self, _, message, buffers):
        try:
            place, km = clicked(message)
        except InputError as problem:
            self._tell(str(problem))
        else:
            far = f"It lies {km:,.0f} km from your click: to be exact, zoom in. " if km >= 1 else ""
            self._show(far + keep(place) + RUN)

    def _draw(self, _=None):
        """Draw the cities and my place on the map, where there is one."""
        if self.map is None:
            return
        layers = [*_cities_to_click(), *map(_asking, mark())]
        self.map.show(layers)
        if self.map.twin_open:  # closed, the tables cost nothing
            self.map.twin = maps.twins(layers, " ".join(layer.summary for layer in layers))

    def _show(self, more):
        """Show the place that holds now, and a sentence more."""
        here = mine()
        self._draw()
        self.box.value = "" if here is None else _label(here)
        self.button.disabled = here is None
        self._tell(" ".join(filter(None, [about(here), more])))

    def _tell(self, words):
        self.problem = words
        look = "margin: 4px 0; line-height: 1.4"
        self.said.value = f'<p role="status" style="{look}">{escape(words)}</p>'

    def _repr_mimebundle_(self, **kwargs):
        # In words the same in every run; a widget's own would name its parts.
        stored = f"<p>{escape(self.problem)} Run this cell to choose one.</p>"
        words = {"text/plain": self.problem, "text/html": stored}  # for a page without this kernel
        return {**super()._repr_mimebundle_(**kwargs), **words}


RUN = " Now run the cells below, so that their menus have it."


def choose():
    """Return the control of my place; what is chosen holds for all lessons, from the next cell on.

    A city is found by its name, in plain letters or in Chinese; latitude and longitude can be
    written; and a map opens, on which a click chooses.
    """
    return Choice()


def about(place):
    """Return a place in a sentence, with its zone and from where that is; or that there is none."""
    if place is None:
        return "No place is chosen: the menus start at a capital."
    ahead = _ahead(data.snapshot().tz_convert(zone(place)))
    words = f"{_label(place)}"
    if place["name"] == _written(place["lat"], place["lon"]):
        _, city, country, _, km = nearest(place["lat"], place["lon"])
        words += f". Clocks as in the nearest city, {city}, {country}, {km:,.0f} km away"
    else:
        words += f", {_written(place['lat'], place['lon'])}. Clocks there"
    return f"{words}, on {data.snapshot():%d %B %Y}: {ahead}."


def _label(place):
    by_hand = place["name"] == _written(place["lat"], place["lon"])
    return place["name"] if by_hand else f"{place['name']}, {place['country']}"
