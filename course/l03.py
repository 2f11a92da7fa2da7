"""Lesson 03, Orbits: groups of satellites, elements that the reader brings, claim, exercises."""

import ipywidgets as widgets
import numpy as np
import pandas as pd

from course import place as my
from course.drawn_answers import Drawing
from helpers import data, maps
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from helpers.inputs import InputError
from silkroad import geometry, orbits
from silkroad.elements import read_elements

SAID_KM = 35000
GROUPS = {  # the column `group` of the table elements, in the words of the menus
    "beidou": "BeiDou",
    "space_station": "Chinese space station",
    "earth_observation": "Earth observation",
    "communications": "communications",
    "partner": "satellites of partners",
    "weather": "weather",
    "science": "science",
    "gps": "GPS",
    "glonass": "GLONASS",
    "galileo": "Galileo",
    "qzss": "QZSS (Japan)",
    "navic": "NavIC (India)",
}

MOST_BYTES = 200_000  # of a file that is brought: it goes into a box in the page
ELEVATION_DEG = 10
STEPS_A_TURN = 240  # of a ground track: no corner is seen, however low it flies
STILL = "now, and all day"


def track(satellite, start, hours):
    """Return the ground track {name: pieces} of one satellite in steps of 1.5° of its turn."""
    step_minutes = 24 * 60 / satellite["mean_motion_rev_per_day"].item() / STEPS_A_TURN
    return orbits.ground_track(satellite, start, hours, step_minutes)


def ends(path, hours):
    """Return where a track begins and ends, by `when`; one place if it comes back or stands."""
    (pieces,) = path.values()
    marks = pd.DataFrame([pieces[0][0], pieces[-1][-1]], columns=["lat", "lon"]).round(3)
    if np.ptp(np.vstack(pieces), axis=0).max() < 1:
        return marks.head(1).assign(when=STILL)
    if np.ptp(marks, axis=0).max() < 2:
        return marks.head(1).assign(when=f"now, and after {hours:.0f} hours")
    return marks.assign(when=["now", f"after {hours:.0f} hours"])


def highest_deg(satellite):
    """Return the highest latitude that a satellite passes over, in degrees.

    Its plane is as steep as its inclination: geocentric there, geodetic on the map.
    """
    tilt = np.radians(satellite["inclination_deg"].item())
    axis_km = orbits.semi_major_axis_km(satellite["mean_motion_rev_per_day"].item())
    return float(orbits.geodetic(axis_km * np.array([abs(np.cos(tilt)), 0, np.sin(tilt)]))[0])


def heights_words(satellite):
    """Return between which heights one satellite flies, in words; none for a circle."""
    off = satellite["eccentricity"].item()
    axis_km = float(orbits.semi_major_axis_km(satellite["mean_motion_rev_per_day"].item()))
    low, high = (axis_km * (1 + sign * off) - orbits.EQUATOR_KM for sign in (-1, 1))
    return f" It flies {low:,.0f} to {high:,.0f} km high." if off else ""


def box_of_elements(text):
    """Return a box that holds `text`, elements or a path, and a button that loads a file into it.

    What stands in it is read when it is left, not at every key.
    """
    rows = max(len(text.strip().splitlines()), 5)
    box = widgets.Textarea(text.strip(), description="elements", continuous_update=False, rows=rows)
    box.layout.width = "360px"
    button = widgets.FileUpload(description="file", tooltip="Load a file", multiple=False)
    button.layout.width = "100px"
    button.observe(lambda change: _load(box, change["new"]), "value")
    box.extras = (button,)  # a live view puts it beside the box
    return box


def _load(box, files):
    """Put the first of the files that a button was given into the box, or a word on why not."""
    for file in files[:1]:
        content = bytes(file["content"])
        if len(content) > MOST_BYTES:
            box.value = (
                f"{file['name']} holds {len(content) / 1000:,.0f} kB.\n"
                f"Load up to {MOST_BYTES / 1000:.0f} kB, or write its path here."
            )
        else:
            box.value = content.decode("utf-8-sig", "replace")


def flown(text, place):
    """Return what the first satellite of a text does in the day after its epoch, over one place.

    text: elements, or a path to them. place: a table of one row, with name, lat, lon. A tuple: its
    track {name: pieces}, those parts of it in which it stands above ELEVATION_DEG there {time:
    pieces}, and words. Where the text is of no use, no tracks, and the words say why.
    """
    try:
        mine = read_elements(text).head(1)
        start = mine["epoch"].item()
        path = track(mine, start, 24)
        passes = orbits.passes(mine, place, start, start + pd.Timedelta(days=1), ELEVATION_DEG)
    except InputError as problem:
        return {}, {}, str(problem)
    seen = {}
    for row in passes.itertuples():
        hours = max((row.set - row.rise).total_seconds(), 1) / 3600
        when = f"{row.rise:%d %B %H:%M} to {row.set:%H:%M} UTC, {my.local(row.rise, place)}"
        [seen[when]] = orbits.ground_track(mine, row.rise, hours, step_minutes=0.5).values()
    return path, seen, _told(passes, mine.iloc[0], place.iloc[0])


def _told(passes, satellite, place):
    """Return in words who flies, since when its elements hold, and its passes of one day.

    In brackets stand the hours of the rises by the clocks of the place, a row with name, lat, lon.
    """
    words = (
        f"{satellite['name']}, 24 hours from {satellite['epoch']:%d %B %Y %H:%M} UTC, above "
        f"{ELEVATION_DEG}° over {place['name']}: "
    )
    if passes.empty:
        return f"{words}never."
    if (passes["rise_clipped"] & passes["set_clipped"]).any():
        return f"{words}all the time, up to {passes['max_elevation_deg'].item():.0f}°."
    each = [
        f"{row.rise:%H:%M} to {row.set:%H:%M} UTC ({my.hour_there(row.rise, place)} there), up to "
        f"{row.max_elevation_deg:.0f}°"
        for row in passes.itertuples()
    ]
    return words + "; ".join(each) + "."


@computes("C129")
def two_in_a_medium_orbit():
    """Confirmed when the satellites of BeiDou launched on 18 November 2018 are two, and each flies
    between 2,000 km and the geostationary height by its mean motion; inaccurate otherwise.
    """
    fleet, elements = data.load("beidou_satellites"), data.load("elements")
    new = fleet[fleet["launch_date"] == pd.Timestamp("2018-11-18", tz="UTC")]
    motion = elements[elements["norad_id"].isin(new["norad_id"])]["mean_motion_rev_per_day"]
    heights = orbits.semi_major_axis_km(motion) - orbits.EQUATOR_KM
    medium = (heights > 2000) & (heights < orbits.geostationary_height_km())
    right = len(new) == len(heights) == 2 and medium.all()
    return (
        "confirmed" if right else "inaccurate",
        f"{len(new)} satellites were launched that day; today they fly at {heights.min():,.0f} to "
        f"{heights.max():,.0f} km.",
        {
            "satellites launched on 18 November 2018": len(new),
            "lowest of their mean heights, km": round(float(heights.min())),
            "highest of their mean heights, km": round(float(heights.max())),
        },
    )


@computes("C116")
def about_35000_km():
    """Confirmed when the height that Kepler's third law gives for one turn in a sidereal day, and
    the mean height of each Tiantong-1 satellite from its elements, lie within 5 % of 35,000 km.

    We read "about" as 5 %. Disputed when only one of the two does, inaccurate when neither does.
    """
    model = orbits.geostationary_height_km()
    elements = data.load("elements")
    flown = elements[elements["name"].str.contains("TIANTONG")]
    axis = orbits.semi_major_axis_km(flown["mean_motion_rev_per_day"])
    heights = axis - orbits.EQUATOR_KM
    fits = [abs(height / SAID_KM - 1) <= 0.05 for height in (model, heights.min(), heights.max())]
    parts = int(fits[0]) + int(fits[1] and fits[2])
    return (
        ("inaccurate", "disputed", "confirmed")[parts],
        f"Kepler's third law gives {model:,.0f} km, {100 * abs(model / SAID_KM - 1):.1f} % from "
        f"35,000 km; {len(flown)} Tiantong-1 satellites fly at {heights.min():,.0f} to "
        f"{heights.max():,.0f} km.",
        {
            "height from Kepler's third law, km": round(float(model)),
            "difference from 35,000 km, %": round(100 * (float(model) / SAID_KM - 1), 1),
            "Tiantong-1 satellites in the elements": len(flown),
            "lowest of their mean heights, km": round(float(heights.min())),
            "highest of their mean heights, km": round(float(heights.max())),
        },
    )


@exercise(
    "03-1",
    Number(unit="km", tolerance=30),
    wrong=[
        (42_164, "That is the distance from the Earth's centre. Subtract the Earth's radius."),
        (35_000, "That is the article's round figure. Compute it."),
        (
            42_241 - 6_378.137,
            "You took 24 hours. The Earth turns against the stars in 23 h 56 min.",
        ),
    ],
    hint="a = (mu * (T / 2 pi)²)^(1/3) with T = 86164 s, then subtract 6378 km.",
)
def geostationary_height():
    """How high above the equator is the geostationary orbit?"""
    return orbits.geostationary_height_km()


@exercise(
    "03-2",
    Number(unit="degrees", tolerance=0.5),
    wrong=[
        (90, "Only a polar orbit, of inclination 90°, reaches the pole."),
        (48.5, "You subtracted from 90°. The inclination itself is the answer."),
    ],
    hint="Move the inclination slider of your own satellite and read the headline.",
)
def highest_latitude():
    """Which latitude does a satellite of inclination 41.5° reach at most?"""
    return 41.5


@exercise(
    "03-3",
    Number(unit="revolutions", tolerance=0.1),
    wrong=[
        (14, "That is two a day. A BeiDou MEO is a little slower."),
        (lambda: 7, "That is one a day, as in geosynchronous orbit."),
    ],
    hint="Seven sidereal days are 7 × 23.934 hours. Divide by the period.",
)
def turns_in_seven_days():
    """How many turns does a BeiDou-3 MEO satellite make in seven sidereal days?"""
    elements = data.load("elements")
    meo = elements[elements["name"].str.contains("BEIDOU-3 M") & (elements["group"] == "beidou")]
    turns = np.median(meo["mean_motion_rev_per_day"]) * 7 * orbits.SIDEREAL_DAY_S / 86_400
    return round(float(turns))


@exercise(
    "03-4",
    Text(options=("LEO", "SSO", "MEO", "IGSO", "GEO")),
    wrong=[
        ("GEO", "A GEO satellite would stand at one point. This one draws a figure of eight."),
        ("MEO", "A MEO satellite runs round the Earth. This one stays near one longitude."),
    ],
    hint="One turn a day, and a large inclination.",
)
def figure_of_eight():
    """Which kind of orbit draws a figure of eight over one longitude?"""
    return "IGSO"


def _my_satellite(inclination_deg, place="KEN", hours=24):
    """Return the ground track of a satellite and a capital, as layers."""
    own = orbits.synthetic_elements(data.snapshot(), 500, inclination_deg)
    track = orbits.ground_track(own, data.snapshot(), hours)
    capital = data.load("capitals").query("iso3 == @place")
    return maps.lines(track, "Satellite"), maps.points(capital, "Capital", label="capital")


NO_TRACK = "There is no track yet: maps.lines(orbits.ground_track(own, now, hours=24), ...)."
NO_CAPITAL = (
    "There is no capital yet: maps.points(capital, ...) with its row of the table capitals."
)
TOO_SHORT = "The track is shorter than that of a day: draw 24 hours."
TOO_FLAT = "The track turns back before it reaches the capital: give a larger inclination."


DAY_KM = 500_000  # a little less than a day's track of a satellite 500 km high


def _reaches_a_capital(drawn):
    """Tell whether a track is a day long and comes as far from the equator as a point drawn."""
    track = [np.array(piece) for pieces in drawn["paths"].dropna() for piece in pieces]
    capital = drawn["lat"].dropna().abs()
    if not track:
        return NO_TRACK
    if capital.empty:
        return NO_CAPITAL
    if sum(geometry.great_circle_km(*p[:-1].T, *p[1:].T).sum() for p in track) < DAY_KM:
        return TOO_SHORT
    highest = max(np.abs(piece[:, 0]).max() for piece in track)
    return bool(highest >= capital.max()) or TOO_FLAT


@exercise(
    "03-5",
    Drawing(_reaches_a_capital),
    wrong=[
        (lambda: _my_satellite(42)[1], NO_TRACK),
        (lambda: _my_satellite(42)[0], NO_CAPITAL),
        (lambda: _my_satellite(42, hours=3), TOO_SHORT),
        (lambda: _my_satellite(42, place="KAZ"), TOO_FLAT),
    ],
    hint="synthetic_elements takes the inclination as its third number, ground_track the length as "
    "hours=24. Then two layers in brackets: (maps.lines(...), maps.points(...)).",
)
def over_your_capital():
    """Draw a day of a satellite that passes over the latitude of your capital."""
    return _my_satellite(42)
