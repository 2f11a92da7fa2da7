"""Lesson 07, Earth observation: its computed claims, its exercises, the words of its views."""

import numpy as np
import pandas as pd

from course.drawn_answers import Drawing
from helpers import charts, data, maps
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from helpers.words import counted, listed, percent
from silkroad import geometry, imaging, orbits, visibility

AS_PUBLISHED = "as published"  # the width of a strip: what its sensor has, none imagined
ROLL_DEG = 30  # how far a narrow camera is aimed aside: our assumption
SAID = 2020  # C006 is of January 2020
KM_PER_DEGREE = np.pi / 180 * imaging.EARTH_KM
DAILY_HOURS = 30  # from one morning to the next afternoon
FIELDS = {
    "land": "GAOFEN|ZIYUAN|ZY-|CBERS",
    "ocean": "HAIYANG|CFOSAT",
    "air": "FENGYUN",
    "environment": "HJ-|GAOFEN-5",
}
REGION = {"lat": np.arange(-10, 56, 2.5), "lon": np.arange(20, 141, 5.0)}  # along the roads


# --- views: the words above them, and the race


def drift_words(height_km, inclination_deg):
    """Return how fast an orbit turns, and what that makes of the hour of its passes."""
    sun_deg = 360 / imaging.TROPICAL_YEAR_DAYS
    rate_deg = float(imaging.node_rate(height_km, inclination_deg))
    minutes = (rate_deg - sun_deg) * 4 * 30  # a degree is 4 minutes of the day
    wanted_deg = float(imaging.sun_synchronous_inclination(height_km))
    return (
        f"At {height_km} km and {inclination_deg}° the orbit turns {rate_deg:+z.2f}° a day; the "
        f"Sun moves {sun_deg:+.2f}°. After 30 days the satellite passes {abs(minutes):.0f} min "
        f"{'later' if minutes > 0 else 'earlier'} by the Sun. "
        f"To keep its hour it needs {wanted_deg:.2f}°."
    )


def strip_layers(turn, edges_deg, radar):
    """Return two layers of a strip: by night, too dark for a camera, and by day. Radar: one."""
    parts = imaging.strips(turn, *edges_deg, imaging.lit(turn)[0] | radar)
    by_day, by_night = ({"strip": parts[lit]} if parts.get(lit) else {} for lit in (True, False))
    return (
        maps.lines(by_night, "Strip by night, too dark", color="black", fill=0.5),
        maps.lines(by_day, "Strip within sight", color="orange", fill=0.35),
    )


def strip_words(time, camera, edges_deg, roll_deg, turn):
    """Return how wide a strip is, where its middle lies, and when the satellite comes by day."""
    left, right = (edge * KM_PER_DEGREE for edge in edges_deg)
    words = f"{time:%d %B, %H:%M} UTC: a strip {right - left:,.0f} km wide"
    if roll_deg and camera["rolls"]:
        side = "right" if roll_deg > 0 else "left"
        words += f", its middle {abs(left + right) / 2:,.0f} km to the {side}"
    elif roll_deg:
        words += " (a wide camera is not rolled: it looks straight down)"
    if camera["radar"]:
        words += "; a radar needs no light"
    else:
        words += "; there is light now" if imaging.lit(turn)[0, -1] else "; it is too dark now"
    crossing = imaging.crossing_by_day(turn)
    if crossing is None:
        return f"{words}. On this way it crosses the equator by night only."
    hour, heading = crossing
    clock = f"{int(hour):02d}:{int(hour % 1 * 60):02d}"
    words += f". By day it crosses the equator going {heading}, at {clock} by the mean Sun there."
    return words


def widest(cameras):
    """Return a row for each satellite, by name: the sensor that reaches farthest from its track.

    The widest sensor that looks straight down counts. A satellite without one is rolled by
    ROLL_DEG. Added: half_deg, how far it reaches to a side, in degrees on the ground.
    """
    first = cameras.sort_values(["rolls", "swath_km"], ascending=[True, False])
    first = first.drop_duplicates("satellite").set_index("satellite")
    aside_deg = imaging.farthest_look_deg(first, ROLL_DEG)
    return first.assign(half_deg=imaging.ground_angle(first["height_km"].to_numpy(), aside_deg))


def width_words(carried, width_km, by_day_only):
    """Return what is counted: the strips of some rows of `widest`, how wide, in what light."""
    own = listed(f"{km:,.0f}" for km in carried["swath_km"].drop_duplicates())
    own += " km" if carried["swath_known"].all() else " km, which is our assumption"
    if width_km != AS_PUBLISHED:
        words = f"Imagined strips of {width_km:,} km (the table: {own})"
    else:
        words = f"Strips of {own}"
        if carried["rolls"].any():
            words += f", aimed up to {ROLL_DEG}° aside"
    if carried["radar"].all():
        return f"{words}, radar, by day and night. "
    return f"{words}, {'by day only' if by_day_only else 'by day and night'}. "


def visit_words(result):
    """Return what share of the Earth is reached, and the gap at the equator."""
    share = float(visibility.world_mean(result["visits"] > 0))
    near = result.sel(lat=slice(-10, 10))
    return (
        f"Reached in five days: {'all' if share >= 1 else percent(share)} of the Earth. Near the "
        f"equator (10°S to 10°N) the middle number of visits is "
        f"{near['visits'].median().item():.0f}, the middle largest gap "
        f"{near['largest_gap_hours'].median().item():.0f} hours."
    )


here_words = {  # of one place of the map of visits, by what the map shows
    "visits": lambda number: counted(round(number), "visit"),
    "largest gap": "a largest gap of {:.0f} hours".format,
}


def latitude_words(result):
    """Return the middle largest gap near the equator, as `visit_words`, and further north."""
    gaps = result["largest_gap_hours"]
    rows = [gaps.sel(lat=slice(-10, 10))]
    rows += [gaps.sel(lat=lat, method="nearest") for lat in (45, 75)]
    hours = [f"{row.median().item():.0f} hours" for row in rows]
    return (
        f"The middle largest gap is {hours[0]} near the equator (10°S to 10°N), {hours[1]} at 45°N "
        f"and {hours[2]} at 75°N."
    )


def replayed(event, start, later_hours=0):
    """Return (begin, shift): the event's hour on the first day of the window, and the Sun's shift.

    event is a row of `events`. begin is the first time at or after `start` with the hour of the
    event, plus `later_hours`; begin + shift is the real time, for the Sun of the real season.
    """
    real = event["start"]
    begin = start.floor("D") + (real - real.floor("D"))
    if begin < start:
        begin += pd.Timedelta(days=1)
    return begin + pd.Timedelta(hours=later_hours), real - begin


def approach(first, below, cameras, minutes=14, shown=5):
    """Return the first satellites as marks (DataFrame), and {kind: {name: their way there}}.

    first: rows from `imaging.first_image`. below: points below all satellites each minute. The
    marks stand on the ways, each a little nearer than the one before, so that names stay apart.
    """
    marks, ways = [], {"radar": {}, "camera, by day": {}}
    times = pd.DatetimeIndex(below["time"].values, tz="UTC")
    about = cameras.drop_duplicates("satellite").set_index("satellite")
    about = about[["operator", "source_ids", "confidence"]]
    for rank, row in first.head(shown).reset_index(drop=True).iterrows():
        end = times.searchsorted(row["time"])
        part = slice(max(end - minutes, 0), end + 1)
        way = below.sel(satellite=row["satellite"]).isel(time=part)
        lat, lon = way["lat"].values, way["lon"].values
        kind = "radar" if row["radar"] else "camera, by day"
        name, at = f"{rank + 1}. {row['satellite']}", min(2 * rank, len(lat) - 1)
        ways[kind][name] = geometry.split_antimeridian(lat, lon)
        marks.append({"name": name, "kind": kind, "lat": lat[at], "lon": lon[at], **row})
        marks[-1] |= about.loc[row["satellite"]].to_dict()
    columns = ["name", "kind", "lat", "lon", *first.columns, *about.columns]
    marks = pd.DataFrame(marks, columns=list(dict.fromkeys(columns)))
    hours, sun_deg = marks["hours"].astype(float).round(1), marks["sun_deg"].astype(float).round()
    aside_deg = marks["look_deg"].astype(float).round(1)
    return marks.assign(hours=hours, sun_deg=sun_deg, looks_aside_deg=aside_deg), ways


def _means(roll_deg, radar):
    return f"{'cameras and radar' if radar else 'cameras only'}, roll up to {roll_deg}°"


def race_words(event, first, begin, roll_deg, radar):
    """Return who is first and who follows, numbered and in hours as the marks of `approach`."""
    start = f"{event['name']} at {begin:%H:%M} UTC, {_means(roll_deg, radar)}. "
    if first.empty:
        return start + "None of these satellites comes by in the time we compute."
    row = first.iloc[0]
    kind = "radar" if row["radar"] else f"camera, Sun {row['sun_deg']:.0f}° high"
    words = f"{start}First chance: 1. {row['satellite']} ({kind}) after {row['hours']:.1f} hours"
    others = enumerate(first.iloc[1:4].itertuples(), start=2)
    then = ", ".join(f"{rank}. {r.satellite} {r.hours:.1f} h" for rank, r in others)
    return words + (f"; then {then}." if then else "; no other follows.")


def wait_words(hours, whose, start, roll_deg, radar):
    """Return how many capitals are served, and how long they wait."""
    served = hours[np.isfinite(hours)]
    words = f"Each country with {whose}, {_means(roll_deg, radar)}: a chance of a picture within "
    words += f"three days, on the {start} start, for {len(served)} of {len(hours)} capitals"
    if served.empty:
        return words + "."
    if len(served) == 1:
        return f"{words}, after {served.iloc[0]:.1f} hours."
    words += f", after {served.min():.1f} to {served.max():.1f} hours"
    return f"{words} ({served.median():.1f} in the middle one of these)."


# --- claims


@computes("C006")
def a_system_is_being_built():
    """Count the Gaofen satellites of the snapshot by the year of their launch.

    Confirmed when at least ten of them had been launched by the end of 2019, in five years or
    more, and others followed; else inaccurate. The year is that of the international designator.
    """
    elements = data.load("elements")
    years = _launch_year(elements[elements["name"].str.startswith("GAOFEN")])
    before = years[years < SAID]
    built = len(before) >= 10 and before.nunique() >= 5 and (years >= SAID).any()
    return (
        "confirmed" if built else "inaccurate",
        f"Of the {len(years)} Gaofen satellites of the snapshot {len(before)} were launched by the "
        f"end of {SAID - 1}, in {before.nunique()} different years, and {len(years) - len(before)} "
        "since.",
        {
            "Gaofen satellites in the snapshot": len(years),
            f"launched by the end of {SAID - 1}": len(before),
            "years with a launch until then": int(before.nunique()),
            "first year": int(years.min()),
            "last year": int(years.max()),
        },
    )


@computes("C066")
def land_ocean_air_and_environment():
    """The prediction is met when three things hold, else missed.

    Each of the four fields (land, ocean, air, environment) has two or more Chinese satellites in
    the snapshot, with five years or more between the first launch and the last. And the cameras
    that see 100 m or finer, not turned aside, in daylight, leave the middle cell between 10°S and
    55°N, 20°E and 140°E no longer than 30 hours without a chance, in the five days from the
    snapshot: a chance each day, in the morning or the afternoon. The rule is ours; it says nothing
    of who may use the pictures.
    """
    elements = data.load("elements").query("group in ['earth_observation', 'weather']")
    numbers, lasting = {}, True
    for field, pattern in FIELDS.items():
        years = _launch_year(elements[elements["name"].str.contains(pattern)])
        span = int(years.max() - years.min()) if len(years) else 0
        numbers[f"satellites for {field}"] = len(years)
        lasting &= len(years) >= 2 and span >= 5
    twice = sum(numbers.values()) - len(elements)
    gap_hours = _gap_hours(imaging.cameras())
    numbers["median of the largest gaps over the region, hours"] = gap_hours
    return (
        "prediction_met" if lasting and gap_hours <= DAILY_HOURS else "prediction_missed",
        f"{len(elements)} Chinese satellites watch land, sea, air and environment ({twice} of them "
        f"two of these), and the known cameras leave the middle cell of the region "
        f"{gap_hours:.0f} hours at most without a chance by day.",
        numbers,
    )


def _launch_year(elements):
    return elements["cospar_id"].str[:4].astype(int)


def _gap_hours(cameras):
    wide = cameras[~cameras["radar"] & ~cameras["rolls"] & cameras["owner"].isin(["CHN", "BRA"])]
    start = data.snapshot().floor("h")
    below = orbits.subpoints(imaging.carriers(wide), pd.date_range(start, periods=7200, freq="60s"))
    reach = imaging.half_swath_angle(wide["height_km"].to_numpy(), wide["swath_km"].to_numpy())
    result = imaging.visits(below, reach, **REGION, usable=imaging.lit(below))
    return float(result["largest_gap_hours"].median())


# --- exercises


@exercise(
    "07-1",
    Number(unit="degrees", tolerance=0.06),
    wrong=[
        (
            lambda: imaging.sun_synchronous_inclination(645),
            "That is for 645 km, the height of Gaofen-1. The question asks for 800 km.",
        ),
        (
            lambda: 180 - imaging.sun_synchronous_inclination(800),
            "That orbit turns the other way. The inclination must be above 90°.",
        ),
        (90, "At 90° the orbit goes over the poles and does not turn at all."),
    ],
    hint="imaging.sun_synchronous_inclination takes the height in km.",
)
def inclination_at_800_km():
    """Which inclination makes an orbit of 800 km sun-synchronous?"""
    return float(imaging.sun_synchronous_inclination(800))


@exercise(
    "07-2",
    Number(unit="km", tolerance=6),
    wrong=[
        (
            lambda: 640 * np.tan(np.radians(30)),
            "That is a flat Earth, and the middle of the picture. Use imaging.half_swath_angle.",
        ),
        (
            lambda: float(imaging.half_swath_angle(640, 60, 30)),
            "That is the angle at the Earth's centre. One degree is 111.2 km on the ground.",
        ),
        (
            lambda: 2 * KM_PER_DEGREE * imaging.half_swath_angle(640, 60, 30),
            "That is the width between the reaches to both sides. One side is asked for.",
        ),
        (30, "That is half the swath, without the roll."),
    ],
    hint="imaging.half_swath_angle(height, swath, roll) gives degrees; one degree is 111.2 km.",
)
def reach_of_a_rolled_camera():
    """How far from the track sees a 60 km camera at 640 km, rolled by 30°?"""
    return float(KM_PER_DEGREE * imaging.half_swath_angle(640, 60, 30))


@exercise(
    "07-3",
    Text(options=("the equator", "45 degrees north", "75 degrees north")),
    wrong=[
        ("the equator", "There the tracks lie furthest apart. Look at the map of visits again."),
        ("45 degrees north", "More than at the equator. But do the tracks meet there?"),
    ],
    hint="All the tracks come close to the poles on every turn.",
)
def most_visited():
    """Where does Gaofen-1 come by most often?"""
    gaofen = data.load("elements").query("name == 'GAOFEN-1'")
    times = pd.date_range(data.snapshot(), periods=7200, freq="60s")
    reach = imaging.half_swath_angle(645, 800)
    result = imaging.visits(
        orbits.subpoints(gaofen, times), reach, [0, 45, 75], np.arange(-180, 180, 5)
    )
    count = result["visits"].sum("lon").values
    return ("the equator", "45 degrees north", "75 degrees north")[int(count.argmax())]


def _first_hours(radar):
    """Hours to the first chance after the earthquake of 2023, all Chinese satellites, roll 30°."""
    start = data.snapshot().floor("h")
    table = imaging.cameras()
    times = pd.date_range(start, periods=2880, freq="60s")
    below = orbits.subpoints(imaging.carriers(table), times)
    events = data.load("events").query("id == 'E10'")
    begin, season = replayed(events.iloc[0], start)
    looks = imaging.looks(below, events, 9, season)
    seen = imaging.in_reach(looks, table, imaging.WHOSE[2], 30, radar, "TUR")
    return float(imaging.first_image(imaging.by_light(seen), begin)["hours"].iloc[0])


@exercise(
    "07-4",
    Number(unit="hours", tolerance=0.15),
    wrong=[
        (lambda: _first_hours(True), "That is the wait with radar. How much longer is it without?"),
        (lambda: _first_hours(False), "That is the wait without radar. Subtract the one with it."),
    ],
    hint="Read the first hours with the box for radar ticked and not, and subtract.",
)
def what_radar_saves():
    """How many hours does radar save after the earthquake of 2023?"""
    return _first_hours(False) - _first_hours(True)


def _swaths():
    """Return the cameras with a swath and a resolution that somebody published."""
    return imaging.cameras().query("swath_known").dropna(subset="resolution_m")


def _sharp_and_wide(drawn):
    """Dots of swath against resolution, of all published ones and no others, radars apart."""
    dots = drawn[drawn["kind"] == "dots"].reindex(columns=["x", "y", "group"])
    dots = dots.dropna(subset=["x", "y"])
    if dots.empty:
        return "There are no dots yet: charts.draw(charts.dots(...), name=...)."
    known, pairs = _swaths(), set(zip(dots["x"], dots["y"], strict=True))
    wanted = set(zip(known["swath_km"], known["resolution_m"], strict=True))
    if not wanted <= pairs:
        return "A published camera is missing, or x is not swath_km and y not resolution_m."
    if pairs - wanted:
        return "Some swaths are our assumption of 20 km: keep the rows with swath_known."
    radars = known[known["radar"]]
    shown = dots[dots["x"].isin(radars["swath_km"]) & dots["y"].isin(radars["resolution_m"])]
    others = dots.drop(shown.index)
    return not set(shown["group"]) & set(others["group"]) or "Radars look like cameras."


def _dots(cameras, kind=charts.dots, color="radar"):
    marks = kind(cameras, x="swath_km", y="resolution_m", color=color)
    return charts.draw(marks, name="Sharp or wide", log="xy" if kind == charts.dots else "")


@exercise(
    "07-5",
    Drawing(_sharp_and_wide),
    wrong=[
        (lambda: _dots(_swaths(), charts.bars), "Bars hide the rows: take charts.dots."),
        (
            lambda: _dots(imaging.cameras()),
            "Some of your swaths nobody published: we took 20 km. Keep the rows with swath_known.",
        ),
        (
            lambda: _dots(_swaths(), color="blue"),
            'Radars and cameras look alike: color="kind" tells them apart.',
        ),
    ],
    hint='charts.dots(published, x="swath_km", y="resolution_m", color="kind")',
)
def sharp_or_wide():
    """Swath against resolution, radars and cameras apart, both axes by powers of ten."""
    return _dots(_swaths())
