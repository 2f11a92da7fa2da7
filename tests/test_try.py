"""The text says what the view shows: what a lesson names is set, and what it says is read there.

A row names a lesson, the cell with the words, the words, the view and its settings, and what the
headline then says, and does not. A lesson's cells run here as they stand, up to its last view.
"""

import itertools
import re
import warnings
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from test_repository import NOTEBOOKS

from course import l00, l03, l09, l10, moon
from course.brief import world
from helpers import data
from helpers.exercises import find
from silkroad import constellations, geometry, launch, orbits, satcom, visibility
from tools import lessons

NOW = data.snapshot()


class Said(NamedTuple):
    lesson: str
    cell: str  # where the words stand
    words: str
    view: str  # the cell of the view
    settings: dict
    shows: str  # part of the headline
    not_shown: str = ""


SEA = {"inclination_deg": 97, "way": "southbound"}
YELLOW, SOUTH = {"site": "Yellow Sea (ship)"}, {"site": "South China Sea (ship)"}
HIGH, LOW = {"height_km": "35,786 km"}, {"height_km": "800 km"}
SPOTLIGHT, PMS = "Gaofen-3 SAR spotlight", "Gaofen-1 PMS"
WAVES, RADARS = "CFOSAT, waves and wind", {"fleet": "three Gaofen-3 radars"}
TWO = {"fleet": "Gaofen-1 and Gaofen-6"}
ALL_SEA = "Below the first 2,000 km: sea 2,000 km."
SAID = [
    Said("00", "map-try", "year to 2012", "everything", {"year": 2012}, "BeiDou in orbit: 14."),
    Said("00", "sky-try", "Press the play", "sky", {}, "33 BeiDou satellites in service"),
    Said("03", "own-after", "35,786 km: where", "own", HIGH | {"inclination_deg": 0}, "reaches 0°"),
    Said(
        "03", "own-after", "55° at the same", "own", HIGH | {"inclination_deg": 55}, "reaches 55°"
    ),
    Said("03", "own-after", "98° at 800 km", "own", LOW | {"inclination_deg": 98}, "reaches 82°"),
    Said("03", "own-after", "inclination 20° never", "own", {"inclination_deg": 20}, "reaches 20°"),
    Said(
        "03",
        "own-after",
        "set 0.05: the one",
        "own",
        HIGH | {"inclination_deg": 0, "eccentricity": 0.05},
        "It flies 33,678 to 37,894 km high.",
    ),
    Said("03", "own-after", "how low it comes", "own", {"eccentricity": 0.05}, "flies 156 to"),
    Said("03", "map-after", "- Tiantong-1:", "map", {"track": "Tiantong-1 (GEO)"}, "TIANTONG-1 1"),
    Said(
        "04",
        "sky-try",
        "at 5°: nothing to see",
        "sky-map",
        {"mask_deg": 5},
        "5°: PDOP at most 6 on 100 %",
    ),
    Said("04", "sky-try", "Now 30°", "sky-map", {"mask_deg": 30}, "mask 30°", "100 %"),
    Said(
        "04", "compare-2-md", "GPS keeps a good", "compare-chart", {"mask_deg": 25}, "share: GPS."
    ),
    Said(
        "04", "asia-try", "At 5° the tick boxes", "asia", {"mask_deg": 5, "geo": False}, "mask 5°"
    ),
    Said("04", "sky-try", "to the middle of 2010", "growth", {"date": "2010-06-30"}, " 0 % of"),
    Said("04", "sky-try", "in September 2010", "growth", {"date": "2010-09-30"}, "%", " 0 % of"),
    Said("04", "sky-try", "at the end of 2012", "growth", {"date": "2012-12-31"}, "%", " 0 % of"),
    Said("04", "growth-md", "end of 2018", "growth", {"date": "2018-12-31"}, "100 %"),
    Said(
        "04",
        "growth-md",
        "at 5°? And at 25°",
        "growth",
        {"date": "2018-12-31", "mask_deg": 25},
        "%",
        "100 %",
    ),
    Said("06", "sky-try", "Set the tilt to 6°", "sky", {"tilt_deg": 6}, "Above the horizon"),
    Said("06", "sky-try", "longitude to -100", "sky", {"longitude": -100}, "Above the horizon"),
    Said("06", "place-try", "Take one satellite", "place", {"satellites": 1}, "at 101°E. Of"),
    Said("06", "reach-try", "Set 0° with all three", "reach", {"elevation_deg": 0}, "39 of 52"),
    Said("06", "reach-try", "then 20°", "reach", {"elevation_deg": 20}, "22 of 52"),
    Said(
        "06",
        "call-try",
        "under a tree",
        "call",
        {"where": "under a tree"},
        "gets 2.1 times what it needs, the phone 1 part in 3 of",
    ),
    Said("06", "call-try", "here the hand a half, a tree a tenth", "decibels", {}, "0.501 (3 dB)"),
    Said("06", "call-try", "3 + 10 = 13 dB less", "decibels", {}, "0.0501 of the power gets thro"),
    Said(
        "06",
        "terms-md",
        "to 10, 20 and 30 dB",
        "decibels",
        {"hand_dB": 0, "tree_dB": 30},
        "Multiplied, 0.001 of the power gets through; added, 30 dB",
    ),
    Said("06", "terms-md", "is it a quarter", "decibels", {"tree_dB": 3}, "0.251 of the power"),
    Said("06", "call-try", "the data", "call", {"what": "data, 384 kbit/s"}, "it fails"),
    Said("06", "six-md", "4.8 dB are missing", "call", {"where": "under a tree"}, "1 part in 3 of"),
    Said("06", "six-md", "voice works in the open", "call", {"where": "in the open"}, "it works"),
    Said(
        "06",
        "six-md",
        "Indoors both",
        "call",
        {"where": "indoors"},
        "gets 1 part in 4.8 of what it needs, the phone 1 part in 30 of",
        "times what",
    ),
    Said(
        "06",
        "link-try",
        "Put the rate to 384",
        "waterfall",
        {"kbps": "384 kbit/s, the maximum"},
        "fails",
        "works",
    ),
    Said(
        "06",
        "link-try",
        "10 dB of leaves: the way down fails, the way up works",
        "waterfall",
        {"tree": 10},
        "margin +3.2 dB, works; satellite to phone: margin -4.8 dB, fails",
    ),
    Said("06", "link-try", "20 dB of walls: both fail", "waterfall", {"wall": 20}, "", "works"),
    Said("06", "price-try", "Move to 60", "price", {"minutes_a_year": 60}, "At 60 minutes"),
    Said("06", "minutes-md", "5.45 below", "price", {"minutes_a_year": 720}, "cheapest way 5.45"),
    Said("06", "export-try", "Play from 2007", "export", {"year": "2007"}, "1 built for 1 country"),
    Said(
        "06", "export-try", "not counted", "export", {"year": "2026"}, "9 built for 7 countries, 7"
    ),
    Said("06", "low-try", "Both as flown", "low", {"show": "Both as flown"}, "469 satellites"),
    Said(
        "06",
        "low-try",
        "Guowang as filed in 2020",
        "low",
        {"show": "Guowang as filed in 2020"},
        "12,992 satellites",
    ),
    Said("09", "map-try", "Xichang at 29°", "map", {"site": "Xichang", **SEA}, "azimuth"),
    Said("09", "map-try", "Xichang at 29°", "map", {"inclination_deg": 29}, "to 29°"),
    Said(
        "09",
        "map-try",
        "Wenchang at 20°",
        "map",
        {"site": "Wenchang", "inclination_deg": 20},
        "20°",
    ),
    Said("09", "map-try", "from Taiyuan", "map", {"site": "Taiyuan", **SEA}, "China", "sea"),
    Said("09", "sea-2-md", "920 km of the first 2,000", "map", YELLOW | SEA, "China 920 km"),
    Said("09", "sea-2-md", "From the South China Sea", "map", SOUTH | SEA, ALL_SEA),
    Said("09", "found", "to 97° it crosses China", "map", YELLOW | SEA, "China 920 km"),
    Said(
        "09",
        "sea-2-md",
        "to 45°, has 2,000 km",
        "map",
        YELLOW | SEA | {"inclination_deg": 45},
        ALL_SEA,
    ),
    Said("09", "fuel-try", "here 72 %", "fuel", {"delta_v_m_s": 1000}, "of 100 kg and leaves 72."),
    Said("09", "fuel-try", "then 2,000", "fuel", {"delta_v_m_s": 2000}, "burns 48 of 100 kg and l"),
    Said("09", "fuel-try", "then 3,000", "fuel", {"delta_v_m_s": 3000}, "burns 62 of 100 kg and l"),
    Said("09", "map-year-md", "Drag the year", "map-year", {"year": "2025"}, "15 of December"),
    Said("09", "map-year-md", "its left end", "map-year", {"year": "2000"}, "2000", "December"),
    Said("10", "tonight-try", "first at 02:16", "tonight", {"time": "02:16"}, "10° high in the"),
    Said(
        "10", "tonight-try", "then at 02:20", "tonight", {"time": "02:20"}, "30° high in the east"
    ),
    Said("10", "tonight-try", "choose Moscow", "tonight", {"city": "Moscow"}, "below the horizon"),
    Said(
        "10",
        "tonight-try",
        "reach it at 08:52",
        "tonight",
        {"city": "Moscow", "time": "08:52"},
        "6° high",
    ),
    Said("10", "passes-try", "Look at Santiago", "passes", {"city": "Santiago"}, "Santiago"),
    Said("10", "passes-try", "Then Islamabad", "passes", {"city": "Islamabad"}, "Islamabad"),
    Said("10", "passes-try", "ten days ahead", "passes", {"days_ahead": 10}, "2026-06-24"),
    Said("10", "reach-try", "At 41.5° and 390 km", "reach", {"tilt_deg": 41.5}, "10°: 5 in all"),
    Said("10", "reach-try", "try 28.5°", "reach", {"tilt_deg": 28.5}, "10°: 29 in all"),
    Said("10", "reach-try", "and 51.6°", "reach", {"tilt_deg": 51.6}, "10°: 0 in all"),
    Said(
        "10",
        "who-try",
        "Nobody there is blue",
        "who",
        {"what": "crewed flight"},
        "2 trained but not flown",
        "done",
    ),
    Said(
        "07", "sso-try", "your star on 90°", "sso-chart", {"inclination_deg": 90}, " +0.00°", "-0"
    ),
    Said("07", "swath-try", "choose a radar", "swath", {"camera": SPOTLIGHT}, "needs no light"),
    Said("07", "swath-try", "Roll it to 30°", "swath", {"camera": PMS, "roll_deg": 30}, "right"),
    Said("07", "visits-try", "two, then six", "visits", {"fleet": "six wide cameras"}, "25 hours"),
    Said("07", "visits-try", "1,400 km, which", "visits", TWO | {"width_km": 1400}, "Imagined"),
    Said("07", "revisit-md", "one Gaofen leaves a gap of 80", "visits", {}, "gap 80 hours"),
    Said("07", "revisit-md", "of 1,400 km 69", "visits", {"width_km": 1400}, "gap 69 hours"),
    Said("07", "revisit-md", "two as they are 49", "visits", TWO, "gap 49 hours"),
    Said("07", "revisit-md", "24 hours with", "visits", TWO | {"width_km": 1400}, "gap 24 hours"),
    Said("07", "revisit-md", "25 for six", "visits", {"fleet": "six wide cameras"}, "gap 25 hours"),
    Said("07", "visits-try", "passes that in truth", "visits", {"by_day_only": False}, "72 hours"),
    Said("07", "visits-try", "nothing changes", "visits", RADARS, "by day and night", "day only"),
    Said("07", "visits-try", "1,000 km of sea", "visits", {"fleet": WAVES}, "Strips of 1,000 km"),
    Said(
        "07", "visits-try", "numbers by latitude", "revisit-chart", {}, "80 hours near the equator"
    ),
]


@cache
def ran(number):
    """Return {cell id: what it defined last} of the views of a lesson, and {cell id: its text}."""
    notebook = lessons.read(next(path for path in NOTEBOOKS if path.stem.startswith(number)))
    views, room = {}, {}
    wanted = {said.view for said in SAID if said.lesson == number}
    wanted |= {"availability"} if number == "04" else set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and wanted - set(views):
            exec(compile(cell.source, f"{number} {cell.id}", "exec"), room)
            if cell.id in wanted:
                views[cell.id] = [value for value in room.values() if hasattr(value, "controls")][
                    -1
                ]
    return views, {cell.id: cell.source for cell in notebook.cells}


def put(control, value):
    """Put a control where a reader would: at an option by its words, at a number by the number."""
    if hasattr(control, "options"):
        options = getattr(control.options, "items", lambda: control.options)()  # of a dict
        options = [one if isinstance(one, tuple) else (one, one) for one in options]
        value = {str(words): choice for words, choice in options}[str(value)]
    control.value = value
    assert control.value == value, f"the control goes from {control.min} to {control.max}"


def test_the_ring_of_lesson_10_holds_nairobi_at_every_time_named_and_not_before():
    """Its cell lists them for the site; "first at 02:16" is the first of the day."""
    tonight = next(cell for cell in lessons.read(NOTEBOOKS[10]).cells if cell.id == "tonight")
    named = [state[5:] for state in tonight.metadata["try"] if state.startswith("time=")]
    views, _ = ran("10")
    view = views["tonight"]
    options = {words: value for words, value in view.controls["time"].options}
    high = {}
    for words in [*itertools.takewhile(lambda words: words != "02:24", options), *named]:
        view.controls["time"].value = options[words]
        view.update()
        high[words] = "below the horizon" not in view.map.headline
    view.controls["time"].value = options["00:00"]
    assert [words for words, seen in high.items() if seen] == named and named[0] == "02:16"


@pytest.mark.parametrize("said", SAID, ids=lambda said: f"{said.lesson} {said.cell} {said.shows}")
def test_what_the_text_names_can_be_set_and_shows_what_it_says(said):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", orbits.AgeWarning)  # the lesson says why
        views, texts = ran(said.lesson)
        assert said.words in texts[said.cell]
        view = views[said.view]
        before = view.values()
        try:
            for name, value in said.settings.items():
                put(view.controls[name], value)
            view.update()  # also of a view that answers later, as on a busy machine
            assert view.error is None
            assert said.shows in view.map.headline, view.map.headline
            assert not said.not_shown or said.not_shown not in view.map.headline
        finally:
            for name, value in before.items():
                view.controls[name].value = value


def text(number, cell):
    return ran(number)[1][cell]


def layer(lesson, view, name):
    return next(each for each in ran(lesson)[0][view].layers if each.name == name)


def test_each_satellite_of_lesson_06_has_a_mark_that_can_be_counted():
    table = layer("06", "export", "Satellites").table
    where = table[["lat", "lon"]].to_numpy(float)
    apart = np.linalg.norm(where[:, None] - where, axis=-1)[~np.eye(len(where), dtype=bool)]
    assert apart.min() > 3 and (table["longitude_deg"] == table["lon"]).all()
    assert (table["state"] == "in orbit").sum() == 7 and len(table) == 10
    kept = table[table["state"].str.contains("Chinese operator")]
    assert kept["name"].str.startswith("ChinaSat-12").all() and len(kept) == 1


def test_a_satellite_keeps_its_colour_from_map_to_map_in_lesson_06():
    rings = [layer("06", view, "Rings").spec["legend"] for view in ("place", "reach")]
    first, second = ([(ring["color"], ring["dash"]) for ring in legend] for legend in rings)
    assert first == second and len(set(first)) == 3
    assert [ring["text"] for ring in rings[0]] == ["101°E", "125°E", "82°E"]
    assert [ring["text"] for ring in rings[1]] == [f"Tiantong-1 0{n}" for n in (1, 2, 3)]
    reach = ran("06")[0]["reach"]
    for name, look in zip(["Tiantong-1 01", "Tiantong-1 02", "Tiantong-1 03"], first, strict=True):
        alone = next(each for each in reach(name, 20) if getattr(each, "name", "") == "Rings")
        [ring] = alone.spec["legend"]
        assert (ring["color"], ring["dash"]) == look


def test_marks_of_lesson_06_answer_to_the_elevation_that_is_set():
    reach = ran("06")[0]["reach"]
    for elevation_deg in (0, 20, 40):
        found = {getattr(each, "name", ""): each for each in reach("all three", elevation_deg)}
        table = found["Best satellite at the capital"].table
        blue = table["view"] == "as high as chosen"
        assert (table.loc[blue, "elevation_deg"] >= elevation_deg - 0.05).all()
        assert (table.loc[~blue, "elevation_deg"] <= elevation_deg + 0.05).all()


def test_four_geostationary_satellites_go_round_the_equator_above_25_degrees():
    equator, worst = pd.DataFrame({"lat": 0.0, "lon": np.arange(360.0)}), {}
    for number in (3, 4):
        ring = satcom.over_equator(np.arange(number) * 360 / number - 120)
        worst[number] = satcom.elevations(ring, equator).max(axis=0).min()
    assert 20 < worst[3] < 25 < worst[4], worst
    assert "four go round it, or three if 20° is enough" in text("06", "low-md-2")


def test_the_way_from_the_yellow_sea_meets_the_coast_where_lesson_09_says():
    pad = l09.sites_by_short_name(data.load("launch_sites")).loc["Yellow Sea (ship)"]

    def track(minutes):
        return launch.launch_track(pad["lat"], pad["lon"], 97, "southbound", minutes)

    below = geometry.country_at(
        *launch.first_kilometres(track), geometry.borders(data.shapes(), "name")
    )
    first = next(step for step, name in enumerate(below) if name)
    assert abs(first * 2000 / (len(below) - 1) - 200) <= 40
    assert "some 200 km" in text("09", "sea-2-md")


def test_marks_and_launches_left_out_add_to_all_attempts_of_every_year():
    sites = data.load("launch_sites")
    for _, row in data.load("launches_by_year").set_index("year").iterrows():
        missing = row["china_attempts"] - l09.launched_from(row, sites)["launches"].sum()
        assert missing >= 0 and bool(missing) == bool(l09.not_at_a_mark(missing))


def test_lesson_09_says_when_the_figure_of_110_was_right():
    counts = data.load("launches_by_year").set_index("year")["china_active_satellites"]
    words = text("09", "count-2-md")
    assert f"there were {counts[2015]}" in words and f"there were {counts[2020]}" in words
    assert counts[2015] > 110 and 3 < counts[2020] / 110 < 4 and "three times" in words
    claim = data.load("claims").set_index("id").loc["C012"]
    assert f"*{claim['verdict_hint']}*" in words


def test_a_satellite_lost_at_launch_wins_no_partner():
    _, evidence, numbers = l09.leading_by_exports()
    assert "Egypt, Oman" in evidence and "Indonesia" not in evidence
    assert numbers["new partners since"] == 2
    assert "Two more partners received a satellite, Egypt and Oman" in text("09", "found")


def test_no_latitude_of_lesson_09_is_told_in_two_ways():
    pad = l09.sites_by_short_name(data.load("launch_sites")).loc["Xichang"]
    assert "28.25° of latitude" in l09.out_of_reach(pad, 10)
    assert 'round({"lowest": 2})' in text("09", "reach-rows")


def test_the_exercise_on_the_station_wants_what_its_view_says():
    assert find("10-1").solution() == 29


def test_training_is_no_flight():
    ties = moon.ties(data.load("cooperation"))
    crews = ties[ties["kind"] == "human_spaceflight"]
    assert set(crews.loc[crews["standing"] == moon.TRAINED, "iso3"]) == {"DEU", "ITA"}
    assert "done" not in set(crews["standing"])


def test_lesson_10_tells_who_signed_which_paper_on_the_moon_as_its_view_does():
    papers = moon.moon_papers()
    told = {
        year: l10.paper_words(papers[papers["year"] <= year], year) for year in (2020, 2024, 2026)
    }
    assert "Artemis Accords at least 8 states, ILRS 0 states; both: none." in told[2020]
    assert told[2024].endswith("both: Thailand.") and "seven other states" in text(
        "10", "papers-md"
    )
    assert told[2026].endswith(
        "Accords 70 states, ILRS 14 states; both: Senegal, Serbia, Thailand."
    )
    assert data.load("artemis_accords")["listed_date"].max().startswith(str(l10.LAST_LIST))
    assert "only Thailand is green" in text("10", "papers-try")
    assert "they were 70" in text("10", "papers-md") and "there are three" in text(
        "10", "papers-try"
    )
    accords, sides = data.load("artemis_accords"), moon.sides(papers)
    assert sides["ARE"] == "Artemis Accords" and sides["KEN"] == "ILRS, an institution"
    assert (papers["paper"] == "Artemis Accords").sum() == len(accords) == 70
    day = accords.set_index("iso3")["signed_date"]
    mine = papers[papers["paper"] == "Artemis Accords"].set_index("iso3")["said"]
    assert (mine[day.dropna().index] == day.dropna()).all() and mine["SRB"] == "by 2026-07-30"


def test_a_brief_gives_each_system_its_clock():
    names = world.SYSTEMS["all four"]
    fleet = pd.concat([constellations.flying(name) for name in names], ignore_index=True)
    nairobi = pd.DataFrame({"lat": [-1.29], "lon": [36.82]})
    found = world._available(nairobi.copy(), {"all four": fleet}, NOW)
    day = pd.date_range(NOW.floor("D"), periods=96, freq="15min")
    where = orbits.positions(fleet, day), nairobi["lat"], nairobi["lon"], world.STREET_DEG, False
    one, four = (visibility.dop(*where, clocks=each) for each in (None, fleet["system"]))
    pdop = found[world.column("all four", world.STREET_DEG, "pdop")]
    assert pdop[0] == pytest.approx(np.median(four["pdop"]))
    assert pdop[0] > np.median(one["pdop"]) * 1.02


def test_four_systems_leave_kenya_a_quarter_of_the_day_in_a_canyon_as_lesson_13_says():
    lesson = {c.id: c.source for c in lessons.read(NOTEBOOKS[13]).cells}
    assert "set 45° for Kenya" in lesson["live-street-try"]
    names = ("BDS-3", "GPS", "GLONASS", "Galileo")
    fleet = pd.concat([constellations.flying(name) for name in names], ignore_index=True)
    times = pd.date_range(NOW.floor("D"), periods=48, freq="30min")
    capitals = data.load("capitals").set_index("iso3").loc[["KEN"]]
    # The lesson's own function, with fleets as its own.
    room = {"visibility": visibility, "pd": pd, "capitals": capitals}
    room |= {"models": SimpleNamespace(fleets={"all four": fleet})}
    room["paths"] = {"all four": orbits.positions(fleet, times)}
    exec(lesson["usable"].split("\n\n\nevery")[0], room)
    assert room["usable"]("all four", 45)["KEN"] == pytest.approx(25, abs=0.1)


def test_map_and_latitudes_of_lesson_07_answer_the_same_question():
    views, _ = ran("07")
    on_map, by_latitude = views["visits"], views["revisit-chart"]
    assert on_map.values() | {"show": ""} == by_latitude.values() | {"show": ""}
    radars = data.load("fleets").query("name.str.contains('Gaofen-3|CFOSAT')")["fleet"]
    for fleet in on_map.controls["fleet"].options:
        said = []
        for view in (on_map, by_latitude):
            view.controls["fleet"].value = fleet
            view.update(fine=True)
            said.append(view.map.headline)
        (gap,) = re.findall(r"largest gap (\d+) hours", said[0])
        assert f"largest gap is {gap} hours near the equator" in said[1]
        assert ("radar" in said[0]) == (fleet in set(radars)) == ("day only" not in said[0])


def test_no_strip_of_a_radar_is_wider_than_the_radar_unless_the_view_says_so():
    views, _ = ran("07")
    view = views["visits"]
    view.controls["fleet"].value = RADARS["fleet"]
    assert "Strips of 10 km, aimed up to 30° aside" in view.map.headline
    view.controls["width_km"].value = 800
    assert view.map.headline.startswith("Imagined strips of 800 km (the table: 10 km)")
    view.controls["width_km"].value = "as published"


def test_night_ends_a_camera_s_strip_and_no_radar_s():
    views, _ = ran("07")
    view = views["swath"]
    for camera in (PMS, "Gaofen-1 WFV", SPOTLIGHT):
        put(view.controls["camera"], camera)
        names = {layer.name: len(layer.table) for layer in view.layers}
        radar = camera == SPOTLIGHT
        assert bool(names["Strip by night, too dark"]) != radar
        assert names["Strip within sight"]


def test_the_five_numbers_of_beidou_are_told_apart_in_lesson_00():
    counted = l00.how_many(NOW)
    assert list(counted.values()) == [30, 31, 33, 42, 56]
    then = l00.beidou_in_orbit(NOW)
    assert sum(then["since"] == 2026) == 42 and sum(then["since"] == 2012) == 14
    assert then["lat"].notna().all()


def test_the_big_map_counts_no_partner_s_satellite_after_its_end():
    rows = l00.partner_satellites(NOW).set_index("norad_id")
    ended = data.load("satellites").set_index("norad_id")["end_date"].dt.year.dropna()
    for number, year in ended[ended.index.isin(rows.index)].items():
        assert rows.loc[number, "until"] == year
    assert (rows.loc[rows["status"] == "not_listed", "until"] <= l00.LAST_YEAR).all()


def test_each_lesson_leads_to_the_next():
    for here, after in itertools.pairwise(NOTEBOOKS):
        last = lessons.read(here).cells[-1].source
        assert f"({after.name})" in last.partition("**Next:**")[2], here.name


def test_a_satellite_of_one_s_own_reaches_its_inclination_without_a_corner():
    views, _ = ran("03")
    view = views["own"]
    before = view.values()
    for height in dict(view.controls["height_km"].options):
        for tilt in (0, 30, 60, 89, 90, 98):
            put(view.controls["height_km"], height)
            view.controls["inclination_deg"].value = tilt
            reached = int(re.search(r"reaches (\d+)°", view.map.headline)[1])
            assert reached == min(tilt, 180 - tilt)
            line, ends = view.layers
            pieces = [np.radians(piece) for paths in line.spec["paths"] for piece in paths]
            for lat, lon in (np.transpose(piece) for piece in pieces if len(piece) > 1):
                up = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
                step = np.linalg.norm(np.diff(up, axis=1), axis=0)
                assert np.degrees(step.max()) <= 2.5, "a corner would be seen"
            stands = height == "35,786 km" and tilt == 0
            assert (ends.spec["label"] == [l03.STILL]) == stands
    for name, value in before.items():
        view.controls[name].value = value


@pytest.mark.parametrize(
    ("lesson", "view", "settings", "best"),
    [
        ("04", "sky-map", {"show": "PDOP"}, "below 2 (very good)"),
        ("04", "sky-map", {"show": "satellites in view"}, "18 or more"),
        ("04", "growth", {}, "below 2 (very good)"),
        ("04", "availability", {}, "always"),
        ("04", "asia", {}, "below 2 (very good)"),
        ("07", "visits", {"show": "visits"}, "20 or more"),
        ("07", "visits", {"show": "largest gap"}, "up to 12 h"),
    ],
)
def test_light_is_good_on_every_map(lesson, view, settings, best):
    shown = ran(lesson)[0][view]
    for name, value in settings.items():
        put(shown.controls[name], value)
    legend = shown.layers[0].spec["legend"]
    bright = {e["text"]: sum(bytes.fromhex(e["color"][1:])) for e in legend}
    assert best in (next(iter(bright)), list(bright)[-1])
    assert max(bright, key=bright.get) == best
    for name in settings:
        shown.controls[name].index = 0


def test_each_map_of_lesson_04_names_its_mask_and_its_hour():
    views, _ = ran("04")
    for name, hour in (("sky-map", "00:00 UTC"), ("growth", "04:13 UTC"), ("asia", "00:00 UTC")):
        words = views[name].map.headline
        assert "mask" in words and f"{views[name].controls['mask_deg'].value}°" in words
        assert hour in words
    assert "mask 5°, 24 hours" in views["availability"].map.headline
