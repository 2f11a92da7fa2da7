"""My place: found by name and by hand, kept, forgotten, told when it is broken, sent nowhere.

test_place_map.py has it in a browser.
"""

import json
import os
import socket
import stat
import subprocess
import sys
import zoneinfo
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_repository import NOTEBOOKS, ROOT

from course import place as my
from helpers import data, maps
from helpers.inputs import InputError
from tools import lessons

NOW = pd.Timestamp("2026-06-14T15:40Z")
WITH_PLACE = [p for p in NOTEBOOKS if p.name[:2] in ("03", "04", "05", "06", "07", "10", "13")]


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """Return where this test keeps its place, in folders that are not there yet."""
    path = tmp_path / "settings" / "silk road" / "place.json"
    monkeypatch.setenv(my.VARIABLE, str(path))
    monkeypatch.setattr(my, "_unkept", {})
    return path


@pytest.fixture
def lahore():
    my.keep(my.place_of("Lahore"))
    return my.mine()


# --- finding it


@pytest.mark.parametrize(
    ("text", "city", "zone"),
    [
        ("Lahore, Pakistan", "Lahore", "Asia/Karachi"),
        ("  lahore ", "Lahore", "Asia/Karachi"),
        ("Lahor", "Lahore", "Asia/Karachi"),
        ("São Paulo", "Sao Paulo", "America/Sao_Paulo"),
        ("xian", "Xi'an", "Asia/Shanghai"),
        ("San Jose, Costa Rica", "San Jose", "America/Costa_Rica"),
        ("6th of October City", "6th of October City", "Africa/Cairo"),
        ("Apia", "Apia", "Pacific/Apia"),
        ("北京", "Beijing", "Asia/Shanghai"),
        ("北京市", "Beijing", "Asia/Shanghai"),
        ("上海", "Shanghai", "Asia/Shanghai"),
        ("拉合尔", "Lahore", "Asia/Karachi"),
        (" 拉合爾 ", "Lahore", "Asia/Karachi"),
        ("卡拉奇", "Karachi", "Asia/Karachi"),
        ("伊斯兰堡", "Islamabad", "Asia/Karachi"),
        ("内罗毕", "Nairobi", "Africa/Nairobi"),
        ("內羅畢", "Nairobi", "Africa/Nairobi"),
        ("曼谷", "Bangkok", "Asia/Bangkok"),
        ("万象", "Vientiane", "Asia/Vientiane"),
        ("阿拉木图", "Almaty", "Asia/Almaty"),
        ("开罗", "Cairo", "Africa/Cairo"),
    ],
)
def test_a_city_is_found_as_people_write_it(text, city, zone):
    found = my.place_of(text)
    assert list(found.index) == list(my.FIELDS)
    assert (found["name"], found["zone"]) == (city, zone)
    assert my.about(found).startswith(f"{city}, {found['country']}, ")


def test_every_city_is_found_by_what_the_menu_says_and_has_a_zone_that_python_knows():
    labels = my.all_labels()
    assert len(labels) == len(data.load("cities")), "each label leads to one city"
    for label, row in labels.items():
        found = my.place_of(label)
        assert (found["lat"], found["lon"], found["zone"]) == (row.lat, row.lon, row.zone), label
    for zone in data.load("cities")["zone"].unique():
        assert zoneinfo.ZoneInfo(zone).key == zone


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("31.55 74.34", 31.55, 74.34),
        ("31.55, 74.34", 31.55, 74.34),
        ("31.55,74.34", 31.55, 74.34),
        ("31,55 74,34", 31.55, 74.34),
        ("31,55; 74,34", 31.55, 74.34),
        ("31 55", 31, 55),
        ("33.9 S 151.2 E", -33.9, 151.2),
        ("33.9°S, 151.2°E", -33.9, 151.2),
        ("−33.9 −70.6", -33.9, -70.6),
        ("40.7 n 74 w", 40.7, -74),
        ("90 0", 90, 0),
        ("-90 180", -90, 180),
        ("0 -180", 0, -180),
        ("0 180", 0, 180),
        ("16.5 S, 179.99 W", -16.5, -179.99),
    ],
)
def test_latitude_and_longitude_are_read_as_people_write_them(text, lat, lon):
    found = my.place_of(text)
    assert (found["lat"], found["lon"]) == (lat, lon)
    again = my.place_of(found["name"])  # what stands in the box can be entered again
    assert abs(again["lat"] - lat) < 0.006 and abs(again["lon"] - lon) < 0.006
    assert "Clocks as in the nearest city, " in my.about(found), "it says where the zone is from"


@pytest.mark.parametrize(
    ("text", "says", "remedies"),
    [
        ("London", "Several cities fit", ["London, United Kingdom", "London, Canada"]),
        ("Sa", "Several cities fit", ["Sao Paulo, Brazil"]),
        ("Lahoore", "There is no 'Lahoore'", ["Lahore, Pakistan", "31.55 74.34"]),
        ("拉", "Several cities fit", ["Lahore, Pakistan", "La Paz, Bolivia"]),
        ("伦敦", "Several cities fit", ["London, United Kingdom", "London, Canada"]),
        ("拉哈尔", "write its name in Latin letters, give a larger city", ["Lahore, Pakistan"]),
        ("某某城", "among our 2,074 cities: write its name in Latin letters, ", ["31.55 74.34"]),
        ("xyzzy", "There is no 'xyzzy'", ["31.55 74.34", "33.9 S 151.2 E"]),
        ("", "Nothing was written", ["31.55 74.34"]),
        ("!?", "Nothing was written", ["31.55 74.34"]),
        ("31.55", "is no place", ["31.55 74.34"]),
        ("31.55 E 74.34 N", "is no place", ["31.55 74.34"]),
        ("1e5 3", "is no place", ["31.55 74.34"]),
        ("95 20", "Latitude 95 is not on the Earth", ["20 95"]),
        ("20 190", "Longitude 190 goes beyond 180", ["20 -170"]),
        ("20 -540.5", "Longitude -540.5 goes beyond 180", ["20 179.5"]),
        ("100 100", "Latitude 100 is not on the Earth", ["-90 to 90"]),
    ],
)
def test_wrong_input_gets_one_sentence_whose_remedy_works(text, says, remedies):
    with pytest.raises(InputError) as refused:
        my.place_of(text)
    words = str(refused.value)
    assert says in words and words.endswith(".") and "\n" not in words
    for remedy in remedies:
        assert remedy in words
        if remedy != "-90 to 90":
            my.place_of(remedy)


def test_a_sign_and_a_letter_together_are_refused():
    with pytest.raises(InputError, match="leave one of them away"):
        my.place_of("-33.9S 151")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 90.001])
def test_a_latitude_that_is_none_is_refused(value):
    with pytest.raises(InputError, match=r"Latitude .* is not on the Earth"):
        my.at(value, 0)


@pytest.mark.parametrize("value", [np.nan, np.inf, 180.001])
def test_a_longitude_that_is_none_is_refused(value):
    with pytest.raises(InputError, match=r"Longitude .* goes beyond 180"):
        my.at(0, value)


def test_the_nearest_city_is_that_of_an_independent_count():
    cities = data.load("cities")
    there = np.radians(cities[["lat", "lon"]].to_numpy())
    axes = np.c_[
        np.cos(there[:, 0]) * np.cos(there[:, 1]), np.cos(there[:, 0]) * np.sin(there[:, 1])
    ]
    axes = np.c_[axes, np.sin(there[:, 0])]
    for lat, lon in [(0, 0), (-90, 0), (90, 123), (-17, 180), (-17, -180), (31.5, 74.3), (64, -22)]:
        a, b = np.radians([lat, lon])
        one = np.array([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])
        best = cities.iloc[np.argmax(axes @ one)]
        zone, city, _, _, km = my.nearest(lat, lon)
        assert (zone, city) == (best["zone"], best["city"])
        assert km == pytest.approx(6371 * np.arccos(np.clip((axes @ one).max(), -1, 1)), rel=2e-3)
    assert my.nearest(-17, 180) == my.nearest(-17, -180), "one place, told in two ways"


# --- its clocks


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("Nairobi", "18:40 in Nairobi (UTC+3)"),
        ("Kathmandu", "21:25 in Kathmandu (UTC+5:45)"),
        ("Auckland", "03:40 on 15 June in Auckland (UTC+12)"),
        ("Caracas", "11:40 in Caracas (UTC-4)"),
        ("Accra", "15:40 in Accra (UTC)"),
        ("31.55 74.34", "20:40 at 31.55° N, 74.34° E (UTC+5)"),
    ],
)
def test_an_hour_is_told_by_the_clocks_of_a_place(place, said):
    assert my.local(NOW, my.place_of(place)) == said
    assert my.local(NOW.tz_convert("Asia/Tokyo"), my.place_of(place)) == said
    assert my.local(NOW.tz_localize(None), my.place_of(place)) == said, "a bare hour is UTC"
    assert said.startswith(my.hour_there(NOW, my.place_of(place)))


def test_summer_time_and_the_day_before_are_told():
    berlin = my.place_of("Berlin")
    assert my.local("2026-01-14T12:00Z", berlin) == "13:00 in Berlin (UTC+1)"
    assert my.local("2026-07-14T12:00Z", berlin) == "14:00 in Berlin (UTC+2)"
    early = my.local("2026-06-14T02:00Z", my.place_of("Santiago, Chile"))
    assert early == "22:00 on 13 June in Santiago (UTC-4)"


def test_rows_of_other_tables_have_clocks_too():
    capitals = data.load("capitals")
    assert my.local(NOW, capitals.query("iso3 == 'KEN'")) == "18:40 in Nairobi (UTC+3)"
    for row in my.towns().sample(20, random_state=3).itertuples():
        told = my.local(NOW, pd.Series({"name": row.name, "lat": row.lat, "lon": row.lon}))
        assert told == my.local(NOW, pd.Series(row._asdict())), "a capital is its own nearest city"
        ahead = NOW.tz_convert(row.zone).utcoffset()
        assert timedelta(hours=-12) <= ahead <= timedelta(hours=14)


# --- keeping it


def test_a_place_is_kept_and_another_session_reads_it(file):
    assert my.mine() is None and not file.parent.exists()
    said = my.keep(my.place_of("Lahore"))
    assert said == f"Kept where the lessons run, in {file}, and sent nowhere else."
    assert my._unkept == {}, "what counts is the file"
    assert json.loads(file.read_text("utf-8"))["zone"] == "Asia/Karachi"
    assert [path.name for path in file.parent.iterdir()] == ["place.json"], "nothing lies beside it"
    code = (
        "from course import place as my; print(my.mine()['name'], *my.towns().index[:2], sep='|')"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == "Lahore|My place: Lahore|Abu Dhabi"
    my.keep(my.place_of("Sao Paulo"))
    assert my.mine()["name"] == "Sao Paulo"
    assert [path.name for path in file.parent.iterdir()] == ["place.json"], "our own is replaced"


def test_every_city_and_the_edges_of_the_earth_come_back_from_the_file():
    for text in [*list(my.all_labels())[::150], "90 0", "-90 -180", "0 180", "-0.001 -0.001"]:
        place = my.place_of(text)
        my.keep(place)
        assert dict(my.mine()) == dict(place), text


def test_it_is_forgotten(file, lahore):
    assert my.forget() == f"Forgotten: {file} is removed."
    assert my.mine() is None and not file.exists()
    assert my.forget() == "No place is kept."


GOOD = {"name": "Lahore", "country": "Pakistan", "iso3": "PAK", "lat": 31.5, "lon": 74.3}
GOOD["zone"] = "Asia/Karachi"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b"{}",
        b"null",
        json.dumps(GOOD | {"lat": 91}).encode(),
        json.dumps(GOOD | {"lat": "31"}).encode(),
        json.dumps(GOOD | {"lon": True}).encode(),
        json.dumps(GOOD | {"lon": float("nan")}).encode(),
        json.dumps(GOOD | {"zone": "Nowhere/Town"}).encode(),
        json.dumps(GOOD | {"zone": ["Asia/Karachi"]}).encode(),
        json.dumps(GOOD | {"name": " "}).encode(),
        json.dumps(GOOD | {"name": "a\nb"}).encode(),
        json.dumps(GOOD | {"more": 1}).encode(),
        json.dumps(GOOD | {"name": "x" * 5000}).encode(),
        b"[" * 3000,
    ],
)
def test_a_file_that_is_none_of_ours_is_told_and_kept(file, content):
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert my.mine() is None and my.towns().index[0] == "Abu Dhabi"
    control = my.choose()
    said = control.problem
    assert str(file) in said and said.count("until you choose a place") == 1
    assert file.read_bytes() == content, "not overwritten"
    assert "stays" in my.forget() and file.read_bytes() == content
    control.box.value = "Lahore, Pakistan"
    assert my.mine()["name"] == "Lahore" and "kept as place.kept.json" in control.problem
    assert (file.parent / "place.kept.json").read_bytes() == content


def test_a_good_file_is_good(file):
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(GOOD), "utf-8")
    assert my.mine()["name"] == "Lahore"


def test_a_folder_in_its_place_is_told_and_the_choice_holds_meanwhile(file):
    file.mkdir(parents=True)
    assert "cannot be read" in my.choose().problem
    said = my.keep(my.place_of("Lahore"))
    assert said.startswith("It holds until the kernel of this lesson ends") and "move" not in said
    assert my.mine()["name"] == "Lahore" and file.is_dir()
    my.forget()
    assert my.mine() is None and file.is_dir()


def test_where_nothing_can_be_written_the_choice_holds_meanwhile(file, monkeypatch):
    def full(*_):
        raise InputError("place.json in silk road/ cannot be replaced (disk full).")

    monkeypatch.setattr(my.files, "replace", full)
    control = my.choose()
    control.box.value = "Nairobi, Kenya"
    assert "could not be kept: place.json" in control.problem
    assert my.mine()["name"] == "Nairobi" and not file.exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_is_closed_to_writing(file):
    file.parent.mkdir(parents=True)
    file.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert "could not be kept" in my.keep(my.place_of("Lahore"))
        assert my.mine()["name"] == "Lahore"
    finally:
        file.parent.chmod(0o700)


def test_none_keeps_no_file_and_reads_none(file, lahore, monkeypatch):
    monkeypatch.setenv(my.VARIABLE, "none")
    assert my.kept_in() is None and my.mine() is None
    assert my.keep(my.place_of("Nairobi")) == "It holds until the kernel of this lesson ends."
    assert my.mine()["name"] == "Nairobi"
    monkeypatch.setenv(my.VARIABLE, str(file))
    monkeypatch.setattr(my, "_unkept", {})
    assert my.mine()["name"] == "Lahore", "the file is as it was"


def test_without_the_variable_it_stands_in_jupyter_s_own_folder(tmp_path, monkeypatch):
    monkeypatch.delenv(my.VARIABLE)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert my.kept_in() == tmp_path / "space-silk-road" / "place.json"
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert my._short(my.kept_in()) == "~/space-silk-road/place.json", "no name of the home folder"


def test_whatever_tools_start_reads_no_place(tmp_path, monkeypatch):
    env = {key: value for key, value in os.environ.items() if key != my.VARIABLE}
    folder = tmp_path / "space-silk-road"
    folder.mkdir()
    (folder / "place.json").write_text(json.dumps(GOOD), "utf-8")
    env["JUPYTER_CONFIG_DIR"] = str(tmp_path)
    look = "from course import place as my; print(my.mine() is None)"
    alone = "import runpy; runpy.run_path('conftest.py'); "  # as `pytest notebooks/…` begins
    for first, none in (("", "False"), ("import tools; ", "True"), (alone, "True")):
        told = [sys.executable, "-c", first + look]
        run = subprocess.run(told, capture_output=True, text=True, check=True, env=env, cwd=ROOT)
        assert run.stdout.strip() == none


def test_nothing_is_sent(monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    control = my.choose()
    for text in ("Lahore", "Lahore, Pakistan", "31.55 74.34", "nowhere"):
        control.box.value = text
    control.button.click()
    assert my.mine() is None


# --- the control, the menus, the maps


def test_the_control_takes_says_and_forgets():
    control = my.choose()
    assert control.button.disabled and "No place is chosen" in control.problem
    control.box.value = "Lahor"
    assert control.box.value == "Lahore, Pakistan" and not control.button.disabled
    assert "UTC+5" in control.problem and "run the cells below" in control.problem
    control.box.value = "<b>Lahore</b>"
    assert my.mine()["name"] == "Lahore", "what is not understood changes nothing"
    assert "<b>" not in control.said.value and "&lt;b&gt;" in control.said.value
    control.box.value = ""
    assert my.mine()["name"] == "Lahore"
    assert my.choose().box.value == "Lahore, Pakistan", "the next lesson has it"
    control.button.click()
    assert my.mine() is None and control.box.value == "" and "Forgotten" in control.problem


def test_a_control_says_in_words_what_it_holds(lahore):
    shown = my.choose()._repr_mimebundle_()
    assert shown["text/plain"].startswith("Lahore, Pakistan, 31.56° N, 74.35° E.")
    assert shown["text/html"].endswith("Run this cell to choose one.</p>"), "on the next day"
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_menus_are_as_ever_without_a_place():
    towns = my.towns()
    capitals = data.load("capitals").sort_values("capital")
    assert list(towns.index) == list(towns["name"]) == list(capitals["capital"])
    assert (towns["lat"].to_numpy() == capitals["lat"].to_numpy()).all()
    menu = my.menu(towns, "Nairobi")
    assert menu.value == "Nairobi" and list(menu.options) == [(t, t) for t in towns.index]
    assert my.menu({"a": 1, "b": 2}, "b", "iso3").value == 2
    assert my.mark() == [] and my.also(NOW) == "" and my.here(None, str) == ""
    table = data.load("events")
    assert my.with_mine(table) is table


def test_my_place_stands_first_in_menus_and_partners_stay(lahore):
    towns = my.towns()
    assert towns.index[0] == "My place: Lahore" and len(towns) == len(data.load("capitals")) + 1
    assert towns.dtypes["lat"].kind == "f" and towns["zone"].notna().all()
    menu = my.menu(towns, "Nairobi")
    assert menu.value == "My place: Lahore" and menu.options[1][0] == "Abu Dhabi"
    places = {"Islamabad": (33.7, 73.1), "Nairobi": (-1.3, 36.8)}
    menu = my.menu(places, "Nairobi", "lat", "lon")
    assert menu.label == "My place: Lahore" and [words for words, _ in menu.options][1:] == [
        *places
    ]
    assert menu.value == (lahore["lat"], lahore["lon"])
    menu = my.menu({"Kenya": "KEN", "Pakistan": "PAK"}, "Kenya", "iso3")
    assert menu.value == "PAK" and [words for words, _ in menu.options][1:] == ["Kenya", "Pakistan"]
    assert my.menu({"Kenya": "KEN"}, "Kenya", "iso3").value == "KEN", "no brief, no choice"


def test_a_menu_of_towns_from_before_the_choice_starts_as_before():
    towns = my.towns()
    my.keep(my.place_of("Lahore"))
    assert my.menu(towns, "Nairobi").value == "Nairobi"


@pytest.mark.parametrize("text", ["Lahore", "90 0", "-90 180", "0 -180", "Nuku'alofa"])
def test_a_mark_and_a_number_for_maps(text):
    import xarray as xr

    my.keep(my.place_of(text))
    [layer] = my.mark()
    assert "My place" in maps.world([layer], title="Mine").page()
    lat, lon = np.arange(-89, 90, 2), np.arange(-179, 180, 2)
    field = xr.DataArray(np.ones((90, 180)), {"lat": lat, "lon": lon}, ("lat", "lon"))
    name = my.mine()["name"]
    words = my.here(field, "{:.0f} satellites".format)
    assert words == f" {'At' if name[0].isdigit() else 'In'} {name}: 1 satellites."
    assert my.also(NOW) == f", {my.local(NOW, my.mine())}"


def test_every_city_that_the_control_proposes_is_taken(monkeypatch):
    monkeypatch.setenv(my.VARIABLE, "none")  # that each comes back from its file, see above
    control = my.choose()
    assert len(control.box.options) == len(data.load("cities"))
    for label in control.box.options:
        control.box.value = label
        assert control.box.value == label and control.problem.startswith(f"{label}, "), label


# --- the lessons

# Views with a menu of places, and with words on my place: {lesson: {view: (label, words)}}.
SHOWN = {
    "03": {"brought": ("place", "over Lahore: "), "sky": (None, "05:00 in Lahore (UTC+5)")},
    "04": {"my_sky": ("place", "Lahore"), "sky_now": (None, " In Lahore: PDOP ")},
    "05": {"cloud": ("place", "")},
    "06": {"one_satellite": (None, " In Lahore: it stands 43° high.")},
    "07": {"visited": (None, " In Lahore: a largest gap of ")},
    "10": {"tonight": ("city", "in Lahore (UTC+5)"), "one_day": ("city", "in Lahore (UTC+5)")},
    "13": {"on_the_map": ("country", "Pakistan"), "from_field_to_street": ("country", "Islamabad")},
}


def run(path):
    """Run the code of a lesson up to the last of its views of SHOWN; return {name: view}."""
    room, wanted = {"__name__": "__main__"}, set(SHOWN[path.name[:2]])
    for cell in lessons.read(path).cells:
        if cell.cell_type == "code" and wanted - {*room}:
            exec(compile(cell.source, f"{path.name} {cell.id}", "exec"), room)
    return room


@pytest.mark.parametrize("path", WITH_PLACE, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
def test_a_lesson_runs_with_a_place_and_shows_it(path, lahore):
    room = run(path)
    for name, (control, words) in SHOWN[path.name[:2]].items():
        view = room[name]
        assert view.error is None and words in view.map.headline, view.map.headline
        if control:
            assert view.controls[control].label.startswith("My place: ")
        elif name != "cloud":
            assert "My place" in [layer.name for layer in view.layers]


@pytest.mark.parametrize("path", WITH_PLACE, ids=lambda path: path.stem)
def test_a_lesson_begins_with_the_choice(path):
    cells = lessons.read(path).cells
    ids = [cell.id for cell in cells]
    at = ids.index("my-place")
    assert cells[at].source == "my.choose()" and ids[at - 1] == "my-place-md"
    assert at == ids.index("claims-show") + 2, "before the lesson's first section"
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert "from course import place as my" in code
