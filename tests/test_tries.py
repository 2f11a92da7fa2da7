"""Each "Try this" of each lesson: what it names is a place of its view, and the view says the same.

Beside each view its cell's `try` lists the states that the lesson names (the site records them).
Here each is set in the running view; a menu's words in a "Try this" must be among them; and rows
as in `test_try` hold what lessons 01, 02, 05, 08, 11 and 12 say against the headline there.
"""

import contextlib
import io
import re
import warnings
from functools import cache
from urllib.parse import parse_qsl

import numpy as np
import pytest
from test_repository import NOTEBOOKS
from test_try import Said

from helpers import charts, data
from silkroad import measured
from tools import lessons, recording

LIVE = re.compile(r"@live\(.*?\ndef (\w+)", re.S)
OF_EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
ALL_YEARS, PARTNERS = {"years": (1970, 2030)}, {"track": "partners"}
CGWIC = {"body": "China Great Wall Industry Corporation"}
FREE = {"without": "the model: two frequencies instead"}
STREET, ALL_FOUR = {"sky": "street, north-south"}, {"systems": "all four"}
SAID = [
    Said("01", "timeline-try", "Pull the years", "timeline-live", ALL_YEARS, "from 1970 to 2030"),
    Said("01", "timeline-try", "is of 1988", "timeline-live", ALL_YEARS | PARTNERS, "(1988-07-06)"),
    Said("01", "timeline-try", "for `silk`", "timeline-live", ALL_YEARS | {"words": "silk"}, "ev"),
    Said(
        "01", "timeline-try", "for 北斗", "timeline-live", ALL_YEARS | {"words": "北斗"}, "events"
    ),
    Said("01", "walk-try", "Take two steps", "walk", CGWIC | {"steps": "2"}, "is owned by CASC"),
    Said("01", "walk-try", "the China Manned", "walk", {"body": "China Manned"}, "中国载人"),
    Said("01", "roads-try", "back to 2015", "roads", {"until": "2015"}, "space-based", "Corridor"),
    Said("01", "roads-try", "only the primary", "roads", {"only_primary": True}, "3 documents"),
    Said("02", "joined-try", "Stop at 2022", "joined", {"year": "2022"}, "withdrawn: 0"),
    Said("02", "joined-try", "step to 2023", "joined", {"year": "2023"}, "withdrawn: 1"),
    Said("02", "joined-try", "go on to 2025", "joined", {"year": "2025"}, "withdrawn: 2"),
    Said(
        "02",
        "cooperation-try",
        "Whose satellites flew in the 1990s",
        "cooperation",
        {"kind": "launches for others", "year": "1999"},
        "carried out",
    ),
    Said(
        "02",
        "cooperation-try",
        "How many diamonds",
        "cooperation",
        {"kind": "ground stations and centres"},
        "not verified",
    ),
    Said(
        "02",
        "cooperation-try",
        "Pakistan, then Brunei",
        "cooperation",
        {"country": "Brunei"},
        "rows in the table: 1 (agreement or membership 1)",
    ),
    Said("05", "hand-try", "Move the step", "hand-map", {"step": 3}, "32 m from"),
    Said("05", "hand-try", "Start elsewhere", "hand-map", {"start": "the North Pole"}, "7,497 km"),
    Said(
        "05", "day-try", "hardly a fix", "day-map", {"without": "clock of"}, "No fix at 242 of 288"
    ),
    Said("05", "day-try", "25 m to the east", "day-map", {"without": "turning"}, "+25.6 m in the"),
    Said("05", "day-try", "less than two", "day-map", {"without": "ionosphere"}, "+0.6 m in the"),
    Said("05", "day-try", "by fifteen and", "day-map", {"without": "troposphere"}, "+15.0 m in h"),
    Said("05", "day-try", "help Galileo", "day-map", FREE | {"system": "Galileo"}, "-0.2 m in h"),
    Said("05", "day-try", "nobody else's", "day-map", FREE | {"system": "GPS"}, "m in h", " -"),
    Said("05", "day-try", "all three systems", "day-map", {"system": "all three"}, "met"),
    Said("05", "left-try", "the troposphere", "left", {"without": "troposphere"}, "5.3 m, above 2"),
    Said(
        "05", "cloud-try", "ionosphere 2 m", "cloud", {"ionosphere": 2}, "l 10.2 m (limit 10 m: m"
    ),
    Said("05", "cloud-try", "then 5 m", "cloud", {"ionosphere": 5}, "limit 9 m: missed"),
    Said("05", "cloud-try", "with BeiDou alone", "cloud", STREET, "limit 10 m: missed"),
    Said("05", "cloud-try", "all four", "cloud", STREET | ALL_FOUR, "limit 10 m: met", "missed"),
    Said("05", "short-try", "to the 0.9 m", "short-map", {"uere_m": 0.9}, "100 % of the Earth"),
    Said("05", "short-try", "At 25° BeiDou", "short-map", {"mask_deg": 25}, "on 0.8 % of"),
    Said("05", "short-try", "now choose all", "short-map", ALL_FOUR | {"mask_deg": 25}, "99.2 %"),
    Said("05", "bad-predict", "too long by 50 m", "bad", {"bias_m": 50}, "With 50 m", "All ranges"),
    Said(
        "05", "bad-try", "cannot say whose", "bad", {"bias_m": 100, "satellites": 5}, "nobody can"
    ),
    Said(
        "05", "bad-try", "it sees nothing", "bad", {"bias_m": 100, "satellites": 4}, "nothing can"
    ),
    Said("05", "own-try", "Of 33 satellites", "own", {}, "33 satellites heard, 8 of BeiDou"),
    Said("05", "own-try", "in Esbjerg", "own", {"shown": "the station in Esbjerg"}, "B1I and B3I"),
    Said("08", "journey-try", "four routes", "journey", {"routes": 4}, "4 routes share no piece"),
    Said(
        "08",
        "journey-try",
        "goes by land",
        "journey",
        {"start": "Hong Kong", "end": "Frankfurt"},
        "(Trans-Eurasia terrestrial route)",
    ),
    Said("08", "explain", "Accra and Lagos", "detour", {}, "192 ms over London"),
    Said(
        "08", "detour-try", "Moscow and W", "detour", {"start": "Moscow", "end": "Warsaw"}, "Frankf"
    ),
    Said(
        "08",
        "red-sea-try",
        "The detour gets shorter",
        "red-sea",
        {"use": "with land routes across Asia"},
        "(+101 ms",
    ),
    Said(
        "08",
        "red-sea-try",
        "The delay hardly changes",
        "red-sea",
        {"close": "nothing", "fault": "2024-02-24"},
        "99 ms, as before",
    ),
    Said(
        "08",
        "red-sea-try",
        "Move the map to Tonga",
        "red-sea",
        {"close": "nothing", "fault": "2022-01-15"},
        "Without any route in our tables: Tonga.",
    ),
    Said("08", "harm-try", "the Maldives", "harm", {"country": "Maldives"}, "+39.5 ms"),
    Said(
        "08",
        "harm-try",
        "one cable in one place",
        "harm",
        {"country": "Maldives", "cut": "one cable in one place"},
        "no cable after",
    ),
    Said("11", "five-try", 'says "exactly"', "five-view", {"date": "May 2018"}, "exactly what was"),
    Said("11", "five-try", "say 58", "five-view", {"year": "2020", "date": "2020"}, "are 58.4"),
    Said("11", "five-try", "and 62", "five-view", {"year": "2020", "date": "2021"}, "are 62."),
    Said("11", "growth-try", "2011 to 2016", "growth", {"years": (2011, 2016)}, "is 26.0 %"),
    Said("11", "growth-try", "2021 to 2024", "growth", {"years": (2021, 2024)}, "is 7.1 %"),
    Said("11", "forecast-try", "400 billion yuan", "forecast", {"year": "2021"}, "403.3 came"),
    Said("11", "real-md", "of the 17.6 %", "real", {}, "17.6 % a year as printed"),
    Said("11", "real-try", "Set 6 %", "real", {"percent": 6}, "10.9 % in constant"),
    Said("11", "real-try", "Then set -2 %", "real", {"percent": -2}, "20.0 % in constant"),
    Said(
        "11",
        "sizes-try",
        "of which only the year differs",
        "sizes",
        {"first": "whole industry 2019", "second": "whole industry 2020"},
        "Only the year differs",
    ),
    Said("12", "rates-try", "who disappears", "rates", {"at_least": 5}, "last Article", "SCMP"),
    Said(
        "12", "journey-try", "three papers", "journey", {"claim": "C016", "year": "2019"}, "3 stops"
    ),
    Said(
        "12", "journey-try", "five years", "journey", {"claim": "C016", "year": "2020"}, "5.4 years"
    ),
    Said(
        "12",
        "predictions-try",
        "none is called missed",
        "predictions",
        {"kind": "without a date", "year": "2026"},
        "0 came due",
        "missed",
    ),
    Said("12", "predictions-try", "in the year 2020", "predictions", {"year": "2020"}, "came due"),
]


@cache
def ran(path):
    """Return {cell id: (its view, the states that its lesson names)} of a lesson, run in full."""
    found, room = {}, {}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # the lesson says why, and the sweep refuses them
        for cell in lessons.read(path).cells:
            if cell.cell_type != "code" or lessons.is_solution(cell) or lessons.asked(cell):
                continue
            exec(compile(cell.source, f"{path.stem} {cell.id}", "exec"), room)
            if name := LIVE.search(cell.source):
                found[cell.id] = room[name[1]], cell.metadata.get("try", [])
    return found


def words_of(control):
    """Return {words of an option: its value} of a menu or a play slider."""
    labels = getattr(control, "_options_labels", ())
    return dict(zip(labels, getattr(control, "_options_values", ()), strict=True))


def put(control, value):
    """Put a control where a reader would: at an option by its words or their begin."""
    if options := words_of(control):
        found = [words for words in options if words == value] or [
            words for words in options if words.startswith(str(value))
        ]
        assert found, f"no option begins with {value!r}: {list(options)}"
        value = options[found[0]]
    control.value = value
    assert control.value == value


def trial(source):
    """Return the paragraph and the list that tell the reader what to try, or ""."""
    told = source.partition("**Try this.**")[2]
    return re.split(r"\n\n(?!- )", told.lstrip("\n"))[0]


def undeclared(text, view, states):
    """Return words of the view's menus that a text names and no state of the lesson holds."""
    named = {words for state in states for words in dict(parse_qsl(state)).values()}
    starts = {str(getattr(control, "label", "")) for control in view.controls.values()}
    menus = {words for control in view.controls.values() for words in words_of(control)}
    return sorted(
        words
        for words in map(str, menus - starts)
        if not words.isdigit()
        and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text)
        and not any(words.startswith(state) for state in named)
    )


@OF_EACH
def test_every_state_that_a_lesson_names_is_a_place_of_its_view(path):
    for view, states in ran(path).values():
        recording.Recording(view, states)  # refuses a control or a place that is not there
        assert view.error is None


@OF_EACH
def test_a_menu_s_words_in_try_this_are_among_the_states_named(path):
    views, last = ran(path), None
    for cell in lessons.read(path).cells:
        last = cell.id if cell.id in views else last
        if last and "**Try this.**" in cell.source:
            assert not undeclared(trial(cell.source), *views[last]), cell.id


def test_a_word_that_no_state_holds_is_found():
    view, states = ran(NOTEBOOKS[2])["cooperation"]
    assert undeclared("Choose Pakistan, then Brunei.", view, states) == []
    assert undeclared("Choose Pakistan, then Chile.", view, states) == ["Chile"]
    assert trial("x\n\n**Try this.**\n\n- one\n\n- two\n\nmore") == "- one\n\n- two"


@pytest.mark.parametrize("said", SAID, ids=lambda said: f"{said.lesson} {said.cell} {said.words}")
def test_the_view_says_what_the_text_says(said):
    path = next(path for path in NOTEBOOKS if path.stem.startswith(said.lesson))
    texts = {cell.id: cell.source for cell in lessons.read(path).cells}
    assert said.words in texts[said.cell]
    view, _ = ran(path)[said.view]
    before = view.values()
    try:
        for name, value in said.settings.items():
            put(view.controls[name], value)
        view.update()  # also of a view that answers later
        assert view.error is None
        assert said.shows in view.map.headline, view.map.headline
        assert not said.not_shown or said.not_shown not in view.map.headline
    finally:
        for name, value in before.items():
            view.controls[name].value = value


def test_without_the_turning_of_the_earth_the_fixes_of_lesson_05_move_east():
    moved = measured.errors(("BDS",), 10, "earth_turn") - measured.errors(("BDS",), 10)
    east, north = np.nanmedian(moved, axis=0)[:2]
    assert east == pytest.approx(25, abs=1) and abs(north) < 1


def test_lesson_11_gives_the_shares_that_its_figures_have():
    market = data.load("gnss_market").set_index(["metric", "year"])["value"]
    whole = market["china_satnav_lbs_output"][2020]
    services = market["forecast_bds_services_market"][2020]
    assert 4.5 < services / whole < 5.5, "one is five times the other"
    devices = data.load("gnss_market").query("series == 'devices in the world' and not forecast")
    counts = devices.set_index("year")["value"]
    assert counts[2023] < counts[2021]
    assert 1.06**13 > 2, "6 % a year take away more than half in thirteen years"


def test_axes_stay_and_hold_the_fix_while_a_bias_moves_it(monkeypatch):
    """One bad satellite of lesson 05: fixes are compared from move to move."""
    drawn, draw = [], charts.draw

    def keep(*panels, **looks):
        drawn.append((panels, looks))
        return draw(*panels, **looks)

    path = next(path for path in NOTEBOOKS if path.stem.startswith("05"))
    view, _ = ran(path)["bad"]
    monkeypatch.setattr(charts, "draw", keep)
    for satellites in range(4, 11):
        for bad in view.controls["bad"].options:
            drawn.clear()
            for bias_m in (0, 30, 50, 100):
                view.function(bias_m, bad, satellites)
            assert len({str(looks["xlim"] + looks["ylim"]) for _, looks in drawn}) == 1
            for panels, looks in drawn:
                (low, high), _ = looks["ylim"]
                for mark in panels[0]:
                    place = mark.frame[["east, m", "north, m"]]
                    assert place.min(axis=None) >= low and place.max(axis=None) <= high
                (bars, _), (_, top) = panels[1], looks["ylim"][1]
                assert bars.frame["size"].max() < top


def test_bars_that_are_compared_from_mask_to_mask_keep_their_axes(monkeypatch):
    """Four systems side by side of lesson 04."""
    drawn, draw = [], charts.draw

    def keep(*panels, **looks):
        drawn.append((panels, looks["xlim"]))
        return draw(*panels, **looks)

    path = next(path for path in NOTEBOOKS if path.stem.startswith("04"))
    view, _ = ran(path)["compare-chart"]
    monkeypatch.setattr(charts, "draw", keep)
    for mask_deg in range(0, 46, 5):
        view.function(mask_deg)
    assert len(drawn) == 10 and len({str(ends) for _, ends in drawn}) == 1
    for panels, ends in drawn:
        for (bars,), (_, high) in zip(panels, ends, strict=True):
            assert bars.data["x"].max() <= high
