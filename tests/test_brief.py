"""The country briefs: every one of them, their pages, their files, and what may go wrong."""

import errno
import io
import os
import re
import shutil
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pypdf
import pytest
from matplotlib.path import Path as Shape
from skyfield.api import EarthSatellite, load, wgs84

from course import brief, files, l13, names
from course.brief import computed, facts, page, pictures, tables, world
from helpers import data, style
from helpers.inputs import InputError
from silkroad import geometry, imaging, visibility
from tools import lessons
from tools.browser import chromium

CODES = sorted(brief.choices().values())
KEYS = "where signed satellites ground people besides beidou passes image phone cables indicators"
KEYS += " questions"
VOID = {"base", "meta", "img", "br", "hr", "link", "input", "wbr", "col"}
LOADS = {"src", "data", "poster", "background", "action", "srcset"}


class Page(HTMLParser):
    """Reads a page strictly: elements closed in order, ids, headings, visible text, requests."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.headings, self.words = [], [], [], []
        self.loads, self.links, self.frames, self.images, self.attributes = [], [], [], [], {}
        self.feed(text)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.attributes.setdefault(tag, []).append(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(attributes["href"])
        if tag in ("script", "link", "style"):
            self.loads += [attributes[k] for k in ("src", "href") if k in attributes]
        if tag == "iframe":
            self.frames.append(attributes)
        if tag == "img":
            self.images.append(attributes)
        self.loads += [attributes[k] for k in LOADS & set(attributes)]

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            assert "svg" in self.open, "only drawings close an element where it begins"
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, text):
        if not {"style", "script"} & set(self.open):
            self.words.append(text)


@pytest.mark.parametrize("iso3", CODES)
def test_every_brief_is_whole(iso3):
    made = brief.of(iso3)
    assert [part.key for part in made.sections] == KEYS.split()
    for part in made.sections:
        assert part.sentence.endswith((".", ")")) and len(part.sentence) > 30
        for caption, table in part.tables.items():
            assert len(table), f"{caption} is empty and should be left out"
            for keys in table["source_ids"]:
                silent = pd.isna(keys) and part.key == "questions"  # what is missing has no source
                assert silent or re.fullmatch(r"S\d+(;S\d+)*", keys), (caption, keys)
            assert table["confidence"].notna().all()
    cited = {
        k for t in made.tables.values() for row in t["source_ids"].dropna() for k in row.split(";")
    }
    assert set(made.bibliography.rows["source_id"]) == cited

    text = page.html(made, pictures.charts_of(made))
    assert len(text.encode()) < 1_500_000
    shown = Page(text)
    assert len(set(shown.ids)) == len(shown.ids)
    assert set(KEYS.split()) | {"map", "dates", "sources"} | cited <= set(shown.ids)
    assert shown.headings[0] == 1 and shown.headings.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(shown.headings, shown.headings[1:], strict=False))
    assert [link[1:] for link in shown.links if link[0] == "#" and link[1:] not in shown.ids] == []
    assert all(link.startswith(("#", "https://")) for link in shown.links)
    assert all(load.startswith("data:image/png;base64,") for load in shown.loads)
    assert all(len(image["alt"]) > 20 for image in shown.images) and shown.images
    assert shown.attributes["html"] == [{"lang": "en"}]
    unmarked = re.sub(r'<span lang="zh">[^<]+</span>|<(?:"[^"]*"|[^>"])+>', " ", text)
    assert not re.search("[\u4e00-\u9fff]", unmarked)
    assert ('<span lang="zh">' in text) == (iso3 in set(data.load("bri_countries")["iso3"]))
    words = re.sub(r"https?://\S+", "", " ".join(shown.words))  # an address may hold "nan"
    odd = r"\b(?:nan|NaN|NaT|None|<NA>|inf|Infinity|null|undefined|not a number)\b"
    assert not re.search(odd, words), re.search(".{60}" + odd + ".{20}", words)
    assert made.country in words
    charts = [svg["aria-label"] for svg in shown.attributes["svg"]]  # the map is a picture
    assert len(charts) >= 2 and all(len(label) > 20 for label in charts)
    assert [data.BORDER_POLICY in text for text in (shown.images[0]["alt"], *charts[:1])] == [1, 0]

    inner = Page(shown.frames[0]["srcdoc"])
    assert len(shown.frames) == 1 and inner.loads == [] and len(set(inner.ids)) == len(inner.ids)
    assert shown.frames[0]["title"]


def test_the_first_page_says_who_what_five_figures_questions_and_what_is_not_known():
    made = brief.of("TUN")
    text = page.html(made, pictures.charts_of(made))
    first = text[text.index('<section id="first">') : text.index('<section id="map">')]
    assert first.count('<tr><td data-head="figure">') == len(made.figures()) == 5
    assert escape(made["where"].sentence) in first and first.count("<li>") == 2
    assert page._first(brief.of("PAK")).count("<li>") == 3
    for words in ("27.0 % of the day; all four systems 100 %", "Bab el-Mandeb", "not known"):
        assert words in first
    assert text.index('id="first"') < text.index('id="map"')
    assert "#first{break-after:page}" in page.STYLE and "counter(page)" in page.STYLE


def test_the_rooms_of_the_brief_go_one_way():
    order = ["tables", "world", "computed", "facts", "pictures", "page", "__init__", "__main__"]
    folder = Path(brief.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} == set(order)
    for number, name in enumerate(order):
        code = (folder / f"{name}.py").read_text(encoding="utf-8")
        for used in re.findall(r"^from course\.brief(?:\.(\w+))? import (.+)", code, re.M):
            rooms = {used[0] or room.strip() for room in used[1].split(",")} - {"main"}
            assert rooms <= set(order[:number]), f"{name} goes back to {rooms}"


def test_briefs_are_of_every_signatory_of_partners_without_one_and_of_some_to_compare():
    signed, groups = set(data.load("bri_countries")["iso3"]), data.load("country_indicators")
    aside = {name: iso3 for name, iso3 in brief.choices().items() if brief.unmarked(name) != name}
    assert signed | set(aside.values()) == set(CODES) and signed.isdisjoint(aside.values())
    partners = groups.loc[groups["group"] == "partner", "iso3"]
    assert len(partners) == 10 and {"ESP", "AUS", "MEX"} <= set(partners)
    for iso3 in partners:
        made = brief.of(iso3)
        says = "has signed no Belt and Road document that our tables know"
        assert says in made.headline() and says in made["signed"].sentence
        assert f"{made.country} (signed none)" in aside and brief.of(
            f"{made.country} (signed none)"
        )
        tables_ = [table for table in made.tables.values() if "form" in table]
        rows = data.load("cooperation").query("iso3 == @iso3")
        assert sorted(pd.concat(tables_)["name"]) == sorted(rows["name"]) and len(rows)
        assert "has no values for" in made["indicators"].sentence


@pytest.mark.parametrize("iso3", ["PAK", "CHN", "EGY", "NAM"])
def test_every_row_of_cooperation_stands_in_the_brief_once(iso3):
    rows = data.load("cooperation").query("iso3 == @iso3")
    tables = [t for t in brief.of(iso3).tables.values() if "form" in t]
    forum = data.load("cooperation")["name"].str.contains(facts.ARAB_FORUM)
    joint = set(data.load("cooperation")[lambda t: t["iso3"].eq("ARB") | forum]["name"])
    shown = pd.concat(tables)
    shown = shown[~shown["name"].isin(joint - set(rows["name"]))]
    assert sorted(shown["name"]) == sorted(rows["name"])


def test_members_of_the_arab_league_show_what_it_signed():
    for iso3, own in (("EGY", "Fourth"), ("TUN", "Second"), ("MAR", "none")):
        names_ = brief.of(iso3)["signed"].tables[facts.ARAB]["name"]
        forums = names_[names_.str.contains("BDS")].str.split().str[0]
        wanted = ["First", "Second", "Third", "Fourth", "Fifth"]  # in order, its own among its rows
        assert forums.tolist() == [number for number in wanted if number != own]
    assert facts.ARAB not in brief.of("PAK")["signed"].tables


def test_points_inside_countries_agree_with_matplotlib():
    points = world.points_inside(data.shapes())
    shapes = {f["properties"]["iso3"]: f for f in data.shapes()["features"]}
    lat, lon = visibility.world_grid(world.GRID_DEG)
    grid = np.array([(x, y) for y in lat for x in lon])
    for iso3 in ("KAZ", "PAK", "ZAF", "LSO", "FJI", "ITA", "CHL"):
        count = sum(
            Shape(r).contains_points(grid).astype(int) for r in geometry.rings(shapes[iso3])
        )
        wanted = {(x, y) for x, y in grid[count % 2 == 1]}
        mine = points[points["iso3"] == iso3]
        assert set(zip(mine["lon"], mine["lat"], strict=True)) == wanted, iso3


def test_availability_of_the_capital_agrees_with_skyfield_to_one_step_of_the_day():
    made = brief.of("NPL")
    fleet = made.case.world.fleets["BeiDou alone"]
    scale, zone = load.timescale(builtin=True), made.case.capital
    times = pd.date_range(made.now.floor("D"), periods=96, freq="15min")
    at = scale.from_datetimes(times.to_pydatetime())
    place, good = wgs84.latlon(zone["lat"], zone["lon"]), []
    fields = {
        "NORAD_CAT_ID": "norad_id", "INCLINATION": "inclination_deg",
        "RA_OF_ASC_NODE": "raan_deg", "ECCENTRICITY": "eccentricity",
        "ARG_OF_PERICENTER": "arg_perigee_deg", "MEAN_ANOMALY": "mean_anomaly_deg",
        "MEAN_MOTION": "mean_motion_rev_per_day", "BSTAR": "bstar",
        "MEAN_MOTION_DOT": "mean_motion_dot", "MEAN_MOTION_DDOT": "mean_motion_ddot",
    }  # fmt: skip
    looks = []
    for _, row in fleet.iterrows():
        message = {key: row[name] for key, name in fields.items()}
        message |= {"EPOCH": f"{row['epoch']:%Y-%m-%dT%H:%M:%S.%f}", "OBJECT_NAME": row["name"]}
        message |= {"OBJECT_ID": "2020-001A", "CLASSIFICATION_TYPE": "U", "EPHEMERIS_TYPE": 0}
        message |= {"ELEMENT_SET_NO": 1, "REV_AT_EPOCH": 1}
        high, turn, _ = (EarthSatellite.from_omm(scale, message) - place).at(at).altaz()
        looks.append((high.radians, turn.radians))
    high, turn = np.moveaxis(np.array(looks), 1, 0)
    for step in range(len(times)):
        up = high[:, step] >= np.radians(30)
        h, a = high[up, step], turn[up, step]
        matrix = np.c_[np.cos(h) * np.sin(a), np.cos(h) * np.cos(a), np.sin(h), np.ones(up.sum())]
        rank = np.linalg.matrix_rank(matrix) == 4
        good.append(rank and np.sqrt(np.trace(np.linalg.inv(matrix.T @ matrix)[:3, :3])) <= 6)
    mine = zone[world.column("BeiDou alone", 30)]
    assert abs(100 * np.mean(good) - mine) <= 100 / 96 + 1e-9


def test_the_worst_point_is_the_lowest_and_no_better_than_the_capital():
    for iso3 in ("KAZ", "MDV", "RUS", "PAK"):
        case = brief.of(iso3).case
        name = world.column("BeiDou alone", 30)
        assert case.worst[name] == case.points[name].min() <= case.capital[name]


def test_waits_with_own_satellites_are_told_only_where_our_tables_hold_some():
    world_ = world.computed(data.snapshot())
    built = data.load("satellites").query("role == 'earth_observation'")["partner_iso3"].dropna()
    assert world_.owners <= set(built) | {"CHN"} and {"PAK", "DZA", "CHN"} <= world_.owners
    measure = "hours to a picture, its own only"
    values = world.measures(data.snapshot())[measure]
    assert set(values.dropna().index) == world_.owners & set(values.index)
    for iso3 in ("USA", "FRA", "TON"):
        made = brief.of(iso3)
        assert measure not in made.numbers and "its own that our tables hold" not in str(
            made["image"].sentence
        )
        assert not made["image"].tables["Waits"]["satellites"].str.startswith("its own").any()
        assert "what the country has of its own could shorten" in made["image"].sentence
    assert "its own that our tables hold 8.1 hours" in brief.of("PAK")["image"].sentence


CUTS = ("worst chokepoint, ms", "worst single cut, ms")


def test_cables_that_are_in_service_are_counted_and_the_others_named():
    table = data.load("cables")
    for iso3 in ("PAK", "SAU", "TUN", "TON", "BLR", "USA"):
        mine = table[table["landing_iso3"].fillna("").str.split(";").map(lambda c, i=iso3: i in c)]
        part, kinds = brief.of(iso3)["cables"], mine["status"].value_counts().to_dict()
        assert part.numbers["cables in service that land"] == kinds.pop("active", 0)
        for kind, number in kinds.items():
            assert f"{kind} {number}" in part.sentence


def test_what_we_assumed_is_no_finding():
    routes = data.load("cables").query("status == 'assumed'")["name"]
    for iso3 in ("PAK", "TUN", "EGY", "ITA", "SGP", "DJI", "RUS", "BLR", "POL", "FRA"):
        for caption, table in brief.of(iso3)["cables"].tables.items():
            if caption.startswith("The "):
                assert not table["cut"].str.startswith(("Assumed", *routes)).any(), (iso3, caption)
    for iso3 in ("BLR", "POL"):  # nothing that lands is known to be in service
        assert not set(CUTS) & set(brief.of(iso3).numbers)
        assert "only over routes that we assumed" in brief.of(iso3)["cables"].sentence


def test_the_headline_takes_the_worst_cut_and_a_side_never_reached_is_not_lost():
    pakistan = brief.of("PAK")
    assert pakistan.headline().endswith("worst cut of cables (Bab el-Mandeb): 32.9 ms more.")
    assert pakistan.numbers[CUTS[0]] == pytest.approx(32.9, abs=0.05)
    assert pakistan.numbers[CUTS[0]] > pakistan.numbers[CUTS[1]]
    assert "(Red Sea, all of it): no way at all in our network" in brief.of("SAU").headline()
    assert "no way at all" in brief.of("TON").headline(), "its only cable leaves nothing"
    row = pd.Series({"west_before": 90.0, "west_after": np.inf, "east_before": np.inf})
    left = computed._left(pd.concat([row, pd.Series({"east_after": np.inf})]))
    assert left == "no way at all"
    both = pd.Series({"west_before": 9.0, "west_after": np.inf, "east_before": 9, "east_after": 9})
    assert computed._left(both) == "no way west"
    assert computed._left(both.replace(np.inf, 99.0)) == "a longer way"


def test_no_cut_is_told_where_the_network_is_known_to_be_partial():
    cables, landings = data.load("cables"), data.load("cable_landings")
    active = cables.query("status == 'active'").dropna(subset="landing_iso3")
    named = active.assign(iso3=active["landing_iso3"].str.split(";")).explode("iso3")
    keys = set(zip(landings["cable_id"], landings["iso3"], strict=True))
    drawn = [pair in keys for pair in zip(named["id"], named["iso3"], strict=True)]
    share = pd.Series(drawn, named["iso3"]).groupby(level=0).mean()
    about = data.load("country_indicators").set_index("iso3")
    partial = set(about.index[about["cables_partial"]])
    assert {"JPN", "GBR", "PHL", "TUR", "QAT"} <= partial
    few = set(share[share < 0.5].index) & set(about.index)
    assert few <= partial and {"PAK", "TON", "TUN"}.isdisjoint(partial)
    assert about.loc[sorted(partial - few), "source_note"].str.contains("S417: cables_par").all()
    for iso3 in CODES:
        made = brief.of(iso3)
        asked = set(made["questions"].tables["Open"]["about"])
        told = bool(set(CUTS) & set(made.numbers))
        assert not (told and iso3 in partial), iso3
        assert "worst cut" not in made.headline() or told
        noted = "(general knowledge, S417), so no cut" in made["cables"].sentence
        rests = "S417: cables_partial" in str(about.loc[iso3, "source_note"])
        assert noted == (rests and "known to lack" in made["cables"].sentence), iso3
        assert ("Data cables" in asked) == (told or iso3 in partial), iso3


def test_the_headline_never_gives_beidou_alone_without_all_four():
    assert "BeiDou alone 27.0 % of the day, all four 100 %;" in brief.of("TUN").headline()
    for iso3 in ("PAK", "TON", "PER", "USA"):
        assert ("BeiDou alone" in brief.of(iso3).headline()) == (
            "all four" in brief.of(iso3).headline()
        )


def test_each_indicator_cites_its_own_sources_and_what_is_missing_none():
    table = data.load("country_indicators").set_index("iso3")["source_ids"]
    for iso3 in ("PAK", "BRA", "ETH"):
        made = brief.of(iso3)
        rows = made["indicators"].tables["Indicators"].set_index("indicator")["source_ids"]
        assert rows["Internet users"] == "S050" and rows["Population"] == "S067"
        assert set(";".join(rows).split(";")) <= set(table[iso3].split(";"))
        asked = made["questions"].tables["Open"].set_index("about")["source_ids"]
        assert pd.isna(asked.get("Empty sections"))


def test_what_was_planned_for_a_day_that_has_passed_is_asked():
    left = {"planned": "Planned; not known to be done."}
    row = {"name": "A", "status": "planned", "source_ids": "S001", "confidence": "high"}
    now = pd.Timestamp("2026-06-14T04:13Z")

    def asked(date):
        return next(facts._doubts({**row, "date": date}, "", left, now))[1]

    for date in ("2023-04", "2025", "2026-06-13", "2026-05"):
        assert asked(date).endswith(f"The date of the row, {date}, has passed."), date
    for date in ("2026", "2026-06", "2026-06-14", "2027-01", None):
        assert asked(date) == left["planned"], date
    for said, passed in {
        "planned for Oct-Nov 2026": "2026-12", "planned for the fourth quarter of 2026": "2027-01",
        "a memorandum was planned for 2025, not": "2026-01", "planned for May 2026": "2026-06",
    }.items():  # fmt: skip
        hour = pd.Timestamp(f"{passed}-01T00:00Z")
        assert len(list(facts._passed(said, hour))) == 1, said
        assert not list(facts._passed(said, hour - pd.Timedelta(hours=1))), said
    kazakhstan = brief.of("KAZ")["questions"].tables["Open"]["question"]
    assert kazakhstan.str.contains("“planned for 2025”, which has passed").any()
    row = {**row, "status": "selected", "date": "2023"}  # the day of the choice, not of the deed
    assert next(facts._doubts(row, "", {"selected": "Open."}, now))[1] == "Open."
    brazil = brief.of("BRA")["questions"].tables["Open"].set_index("about")["question"]
    assert "2023-04, has passed" in brazil["CBERS-6 protocol"]


HOUR = pd.Timestamp("2026-06-14T06:00Z")  # two hours after the snapshot


def test_passes_are_listed_from_this_hour_and_not_from_months_past():
    fresh, now = facts.collect("PAK", data.snapshot(), HOUR)["passes"], data.snapshot()
    table = fresh.tables["Passes"]
    rises = pd.to_datetime(table["date"] + "T" + table["rise_utc"] + "Z")
    assert (rises >= HOUR).all() and (rises < HOUR + pd.Timedelta(days=3)).all()
    there = f"{rises.iloc[0].tz_convert('Asia/Karachi'):%H:%M} in Islamabad (UTC+5)"
    said = f"Next overhead: {rises.iloc[0]:%Y-%m-%d %H:%M} UTC, {there}, up to 24°"
    assert said in fresh.sentence
    assert "elements of 2026-06-13" in fresh.sentence
    for days, listed in ((3, True), (4, False), (8, False), (167, False)):
        later = facts.collect("PAK", now, HOUR + pd.Timedelta(days=days))["passes"]
        assert bool(later.tables) == listed
        assert ("cannot be said: the elements are of 2026-06-13" in later.sentence) != listed
    assert "2026-06-13, 167 days old" in later.sentence
    assert "rises above 10° at Islamabad 17 times" in later.sentence, "how often, as an example"
    assert "nothing on: The Chinese" not in page._first(facts.collect("PAK", now, world.hour()))
    estonia = facts.collect("EST", now, HOUR)["passes"].sentence
    assert estonia.startswith("No pass: the orbit of the station is tilted by 41.5°")


def test_what_is_asked_besides_has_its_dates_and_names_what_is_lacking():
    def answers(iso3):
        return brief.of(iso3)["besides"].tables["What else is asked"].set_index("about")

    thai = answers("THA")
    assert thai["date"]["Low orbits: GalaxySpace"] == "2025-02-10"
    assert thai["answer"]["Low orbits: Starlink"].startswith("refused")
    assert thai["date"]["Artemis Accords of the United States"] == "2024-12-16"
    assert thai["date"]["Lunar station of China and Russia (ILRS)"] == "2024-04"
    assert answers("PHL")["date"]["Artemis Accords of the United States"] == "by 2026-07-30"
    pakistan = answers("PAK")
    assert pakistan["answer"]["Newest satellite with China"] == "PRSC-EO3"
    assert len(pakistan.loc[["Augmentation of BeiDou"]]) == 2
    assert answers("ITA")["date"]["Withdrawn"] == "2023-12"
    assert "Use of Dongara station" in answers("AUS")["answer"]["Ended"]
    tonga = brief.of("TON")["besides"]
    assert not tonga.tables and "nothing on: internet from low orbits; the papers" in tonga.sentence
    china = brief.of("CHN")
    assert not china["besides"].tables and "partners' briefs" in china["besides"].sentence
    assert china.headline().startswith(
        "China: is the other side of each Belt and Road document; sat"
    )
    assert "launches" not in china.headline() and "of its own in our table" in china.headline()
    for iso3 in sorted(set(CODES) - {"CHN"}):
        assert "do not follow sanctions" in brief.of(iso3)["besides"].sentence


def test_satellites_and_launches_are_two_counts_that_do_not_contradict():
    for iso3, satellites, deeds in (("PHL", 0, 1), ("PAK", 9, 10), ("ARG", 0, 1), ("TON", 0, 0)):
        made = brief.of(iso3)
        said = f"satellites with China: {satellites}; launches, sales and joint projects: {deeds};"
        assert said in made.headline() and str(deeds) in made.figures()[0][2]
    assert "our elements hold 7. Launches" in brief.of("PAK")["satellites"].sentence


def test_names_that_take_an_article_have_it():
    said = [part.sentence for part in brief.of("PHL").sections]
    assert said[0].startswith("The Philippines lies") and "come to the Philippines" in " ".join(
        said
    )
    for iso3, name in {
        "USA": "the United States",
        "PAK": "Pakistan",
        "CAF": "the Central ",
    }.items():
        assert brief.of(iso3).case.the.startswith(name)


def test_an_open_point_of_many_rows_is_asked_once():
    for iso3 in ("USA", "PAK", "ARG"):
        asked = brief.of(iso3)["questions"].tables["Open"]
        assert not asked[["about", "question"]].duplicated().any()
    question = brief.of("ARG")["questions"].tables["Open"].set_index("about")["question"]
    assert "More than one source" in question["CLTC-CONAE agreement for Neuquen"]
    assert "No second source" in brief.of("PAK")["questions"].tables["Open"]["question"].iloc[0]


def test_a_page_says_when_it_was_made_of_which_version_and_how_old_its_tables_are():
    made = brief.of("PAK")
    text, root = page.html(made, pictures.charts_of(made)), Path(brief.__file__).parents[2]
    for name in ("pyproject.toml", "CITATION.cff"):
        written = re.search(r"^version(?: =|:) \"?([\d.]+)", (root / name).read_text(), re.M)
        assert written[1] == page.VERSION, name
    today = f"{made.case.hour:%Y-%m-%d}"
    assert f"Made on {today} with version {page.VERSION}." in text
    assert f'@bottom-left{{content:"Pakistan, {today}, version {page.VERSION}"}}' in text
    assert "orbits of 2026-06-14 04:13 UTC" in text
    package = data.package()
    for name in page.TABLES:
        assert re.fullmatch(r"2026-\d\d-\d\d", package[name]["checked"]), name
        assert package[name]["title"] in text
    assert page._checked()["newest source"].str.fullmatch(r"\d{4}(-\d\d){0,2}").all()


def test_without_scripts_a_still_map_stands_and_a_word_says_so():
    text = page.html(brief.of("MDV"), pictures.charts_of(brief.of("MDV")))
    still = text[text.index('<div class="still">') :]
    assert still.startswith(f'<div class="still"><p class="soft">{page.STILL}</p><figure><')
    assert text.index('<div class="screen">') < text.index('<div class="still">')
    rules = page.STYLE.replace("\n", "")
    assert ".screen,.live .still{display:none}.live .screen{display:block}" in rules
    assert 'document.documentElement.className = "live"' in text


WIDER = """() => [...document.querySelectorAll('h1,h2,p,li,caption,td,.silkroad-brief')]
    .filter(e => !e.closest('details') && e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 200))"""


def test_a_saved_brief_on_a_telephone_without_scripts_and_on_paper(needs_chromium, tmp_path):
    place = (brief.save("PAK", tmp_path) / "index.html").as_uri()
    with chromium() as context:
        phone = context.browser.new_context(viewport={"width": 375, "height": 740})
        shown = phone.new_page()
        shown.goto(place)
        assert shown.evaluate("() => document.documentElement.scrollWidth") == 375
        assert shown.evaluate(WIDER) == [], "nothing is cut off"
        assert not shown.locator(".still").is_visible() and shown.locator(".screen").is_visible()
        silent = context.browser.new_context(java_script_enabled=False).new_page()
        silent.goto(place)
        assert silent.locator(".still figure").is_visible()
        assert page.STILL in silent.locator(".still p").inner_text()
        assert not silent.locator(".screen").is_visible()
        paper = context.new_page()
        paper.goto(place)
        pages = pypdf.PdfReader(io.BytesIO(paper.pdf(prefer_css_page_size=True))).pages
        texts = [" ".join(sheet.extract_text().split()) for sheet in pages]
        for number, text in enumerate(texts, 1):
            assert f"{number} / {len(texts)}" in text
            assert f"Pakistan, {world.hour():%Y-%m-%d}, version {page.VERSION}" in text
        assert "Printed on" in texts[0] and texts[0].endswith("they stand before the sources.")
        assert "Where it is" in texts[1]


def test_numbers_compared_are_those_of_the_briefs():
    table = brief.side_by_side("PAK", "Kazakhstan")
    assert list(table) == ["Pakistan", "Kazakhstan"]
    shared = world.measures(data.snapshot())
    for measure in set(shared) & set(table.index):
        wanted = shared.loc[["PAK", "KAZ"], measure].to_numpy()
        assert table.loc[measure].to_numpy() == pytest.approx(wanted, abs=0.1, nan_ok=True), measure


def test_the_country_of_the_map_is_framed_with_its_capital():
    for iso3 in CODES:
        case = brief.of(iso3).case
        (south, west), (north, east) = pictures.bounds(case)
        assert -90 <= south < case.capital["lat"] < north <= 90, iso3
        assert -180 <= west < case.capital["lon"] < east <= 180, iso3


def test_a_withdrawal_stands_in_the_first_line():
    assert "signed in 2019 and withdrew;" in brief.of("ITA").headline()
    assert "signed in 2015, as China says;" in brief.of("RUS").headline()
    assert "no Belt and Road document" in brief.of("USA").headline()


@pytest.mark.parametrize("iso3", ["KAZ", "THA", "BRA", "PAK"])
def test_a_plan_that_two_tables_tell_from_one_source_is_asked_once(iso3):
    asked = brief.of(iso3)["questions"].tables["Open"]
    plans = asked[asked["question"].str.startswith("The row says")]
    for _, same in plans.groupby("question"):
        keys = ";".join(same["source_ids"]).split(";")
        assert len(set(keys)) == len(keys), same
    assert iso3 != "KAZ" or len(plans) == 1, "its memorandum with Spacesail, of 2025"


def test_dates_numbers_and_gaps_are_put_into_words():
    said = [tables.text(v) for v in (np.nan, None, pd.NaT, pd.NA, 251269164, 3.14159, True, np.inf)]
    assert said == ["not known"] * 4 + ["251,269,164", "3.142", "yes", "none within 72 h"]
    assert tables.text(2017, "signed_year") == "2017"
    assert tables.text(pd.Timestamp("2020-06-23", tz="UTC")) == "2020-06-23"


# Files


def test_saved_files_are_the_page_tables_and_charts(tmp_path):
    place = brief.save("Pakistan", tmp_path / "new" / "folder")
    assert place == tmp_path / "new" / "folder" / "PAK"
    written = {file.name for file in place.iterdir()}
    made = brief.of("PAK")
    assert {f"{name}.csv" for name in made.tables} | {"index.html"} <= written
    assert {"map.png", "availability.png", "waits.png"} <= written
    for file in place.glob("*.png"):
        assert file.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and file.stat().st_size < 200_000
    for name, table in made.tables.items():
        read = pd.read_csv(place / f"{name}.csv")
        assert list(read) == list(table) and len(read) == len(table)
    assert [f.name for f in place.parent.iterdir()] == ["PAK"], "nothing is left beside it"


def one_page(monkeypatch, text, name="index.html"):
    """Let a brief be one file with this text, so that writing is all that takes time."""
    monkeypatch.setattr(page, "files", lambda made: [(name, text.encode())])


def test_an_older_brief_is_replaced_as_a_whole(tmp_path, monkeypatch):
    one_page(monkeypatch, "old", "stale.csv")
    brief.save("MDV", tmp_path)
    one_page(monkeypatch, "new")
    brief.save("MDV", tmp_path)
    assert {file.name for file in (tmp_path / "MDV").iterdir()} == {"index.html", files.SUMS}


def test_what_the_reader_put_into_a_brief_stays(tmp_path, capsys):
    """The case that lost data: notes, a folder and an annotated page in own/MDV."""
    own = tmp_path / "own"
    assert brief.main(["MDV", "--out", str(own)]) == 0
    (own / "MDV" / "notes.txt").write_text("mine")
    (own / "MDV" / "talk").mkdir()
    (own / "MDV" / "talk" / "slides.txt").write_text("mine")
    page_ = own / "MDV" / "index.html"
    written = page_.read_bytes()
    page_.write_bytes(written + b"<!-- annotated -->")
    capsys.readouterr()
    assert brief.main(["MDV", "--out", str(own)]) == 0
    assert (own / "MDV" / "notes.txt").read_text() == "mine"
    assert (own / "MDV" / "talk" / "slides.txt").read_text() == "mine"
    assert page_.read_bytes().endswith(b"</html>\n")
    assert (own / "MDV" / "index.kept.html").read_bytes() == written + b"<!-- annotated -->"
    said = capsys.readouterr().err
    assert "index.html in " in said and "yours is kept as index.kept.html.\n" in said
    assert os.listdir(own) == ["MDV"]


def test_a_plain_file_named_like_a_country_stays(tmp_path, capsys):
    (tmp_path / "MDV").write_text("mine")
    assert brief.main(["MDV", "--out", str(tmp_path)]) == 1
    assert "MDV is a file, and a folder is meant: move it" in capsys.readouterr().err
    assert (tmp_path / "MDV").read_text() == "mine" and os.listdir(tmp_path) == ["MDV"]


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    one_page(monkeypatch, "new")
    assert brief.main(["MDV", "--out", "~/briefs"]) == 0
    assert os.listdir(tmp_path) == ["home"] and os.listdir(tmp_path / "home/briefs") == ["MDV"]


@pytest.mark.parametrize(
    "stop", [KeyboardInterrupt, OSError(errno.ENOSPC, "No space left on device")]
)
def test_a_brief_interrupted_half_way_leaves_what_was_there(tmp_path, monkeypatch, stop):
    one_page(monkeypatch, "old")
    brief.save("MDV", tmp_path)

    def half(made):
        yield "map.png", b"half"
        raise stop

    monkeypatch.setattr(page, "files", half)
    with pytest.raises((KeyboardInterrupt, InputError)) as caught:
        brief.save("MDV", tmp_path)
    if caught.type is InputError:
        says = "brief of Maldives cannot be written to .*MDV .No space.*choose a folder"
        assert re.search(says, str(caught.value))
    assert (tmp_path / "MDV" / "index.html").read_text() == "old"
    assert [f.name for f in tmp_path.iterdir()] == ["MDV"]
    assert len(list((tmp_path / "MDV").iterdir())) == 2


def test_a_rename_that_fails_leaves_the_old_brief(tmp_path, monkeypatch):
    one_page(monkeypatch, "old")
    brief.save("MDV", tmp_path)
    one_page(monkeypatch, "new")
    real = Path.rename

    def rename(self, target):
        if self.name == "ready":
            raise OSError(errno.EIO, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(InputError, match="Input/output error"):
        brief.save("MDV", tmp_path)
    assert (tmp_path / "MDV" / "index.html").read_text() == "old"
    monkeypatch.setattr(Path, "rename", real)
    brief.save("MDV", tmp_path)
    assert (tmp_path / "MDV" / "index.html").read_text() == "new"
    assert [f.name for f in tmp_path.iterdir()] == ["MDV"]


def test_an_unwritable_folder_gets_a_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match=r"cannot be written to .*file.*choose a folder"):
        brief.save("PAK", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "not a folder"


def test_no_table_of_a_brief_holds_what_a_spreadsheet_would_compute(monkeypatch):
    made = brief.of("MDV")
    name, table = next(iter(made.tables.items()))
    text = table.columns[0]
    monkeypatch.setattr(type(made), "tables", {name: table.assign(**{text: "=1+1"})})
    written = dict(page.files(made))[f"{name}.csv"].decode()
    assert "'=1+1" in written and "\n=1+1" not in written


# Bad input


def test_an_unknown_country_gets_the_nearest_names():
    with pytest.raises(InputError, match="no country 'Pakistn': try Pakistan"):
        brief.of("Pakistn")
    with pytest.raises(
        InputError, match="Antarctica has signed nothing that our tables know; they"
    ):
        brief.save("ATA", "nowhere")
    with pytest.raises(
        InputError, match=r"Iceland has signed .*know but the Artemis Accords; .*else"
    ):
        brief.of("ISL")
    with pytest.raises(InputError, match="no section 'beido': try beidou"):
        brief.of("PAK")["beido"]


@pytest.mark.parametrize("asked", ["pak", "Pakistan", " PAK ", "pakistan"])
def test_a_country_is_found_by_code_or_name(asked):
    assert brief.of(asked).iso3 == "PAK"


USUAL = {
    "CIV": "Ivory Coast|Côte d'Ivoire|cote divoire|科特迪瓦", "GBR": "UK|Great Britain|英国",
    "ARE": "UAE|阿联酋|The United Arab Emirates", "CZE": "Czechia|Czech Republic|捷克",
    "TLS": "East Timor|Timor-Leste", "HKG": "Hong Kong|香港", "MMR": "Burma|Myanmar|缅甸",
    "PAK": "巴基斯坦|Islamic Republic of Pakistan", "TUR": "Turkey|Türkiye|Turkiye|土耳其",
    "USA": "US|U.S.A.|the United States|美国", "CPV": "Cape Verde|Cabo Verde", "LAO": "Laos",
    "RUS": "Russia|俄罗斯", "SWZ": "Swaziland|Eswatini", "COD": "Zaire|DR Congo|刚果民主共和国",
}  # fmt: skip


@pytest.mark.parametrize("iso3", USUAL)
def test_a_country_is_found_by_any_usual_name(iso3):
    for name in USUAL[iso3].split("|"):
        assert names.iso3_of(name) == iso3, name


def test_every_name_of_our_tables_finds_its_country():
    for table in ("country_indicators", "bri_countries", "capitals", "cooperation"):
        rows = data.load(table)[["iso3", "country"]].drop_duplicates()
        for row in rows[rows["iso3"].isin(set(data.load("country_names")["iso3"]))].itertuples():
            assert names.iso3_of(row.country) == row.iso3
    chinese = data.load("bri_countries")
    assert [names.iso3_of(name) for name in chinese["country_zh"]] == chinese["iso3"].tolist()
    for iso3 in CODES:
        assert names.iso3_of(iso3.lower()) == iso3


def test_a_name_of_two_countries_is_asked_about_and_an_unknown_one_says_what_is_near():
    for name, two in {"Congo": "COD COG", "korea": "KOR PRK", "刚果": "COD COG"}.items():
        with pytest.raises(InputError, match="is a name of 2 countries: say") as caught:
            names.iso3_of(name)
        said = str(caught.value).split("say ")[1].removesuffix(".").split(" or ")
        assert sorted(map(names.iso3_of, said)) == two.split(), "the remedy works"
    with pytest.raises(InputError, match="try Papua New Guinea"):
        names.iso3_of("Papua")
    with pytest.raises(InputError) as caught:
        names.iso3_of("Xyzzy")
    assert "Afghanistan" not in str(caught.value) and "English or Chinese name" in str(caught.value)


def test_a_country_without_a_capital_has_a_brief_that_says_so(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    shutil.copytree(data.FOLDER, folder, ignore=shutil.ignore_patterns("build"))
    lines = (folder / "capitals.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("MDV,", "KAZ,"))]
    (folder / "capitals.csv").write_text("".join(kept), encoding="utf-8")
    caches = world.computed, world.measures, facts.collect
    for cached in caches:
        cached.cache_clear()
    monkeypatch.setattr(data, "FOLDER", folder)
    try:
        for iso3 in ("MDV", "KAZ"):  # no point of the grid; many points
            made = brief.of(iso3)
            assert made.case.capital is None and "capital" in made["where"].sentence
            for key in ("passes", "image", "phone"):
                assert not made[key].tables and "table of capitals has no row" in made[key].sentence
            asked = made["questions"].tables["Open"]
            assert "Capital" in set(asked["about"])
            text = page.html(made, pictures.charts_of(made))
            words = " ".join(Page(text).words)
            assert not re.search(r"\b(nan|None|inf)\b", words)
            assert (brief.save(iso3, tmp_path / "out") / "index.html").exists()
        assert not brief.of("MDV")["beidou"].tables and brief.of("KAZ")["beidou"].tables
    finally:
        for cached in caches:
            cached.cache_clear()


# The command line


def test_the_command_writes_briefs_with_a_bar(tmp_path, capsys):
    assert brief.main(["PAK", "Maldives", "--out", str(tmp_path)]) == 0
    assert sorted(f.name for f in tmp_path.iterdir()) == ["MDV", "PAK"]
    said = capsys.readouterr()
    assert "[###############...............] 1/2" in said.err and "2/2" in said.err
    assert "2 in" in said.out


def test_the_command_says_what_is_wrong_in_one_sentence(tmp_path, capsys):
    assert brief.main(["Atlantis", "--out", str(tmp_path)]) == 1
    assert re.fullmatch(r"There is no country 'Atlantis': .*\.\n", capsys.readouterr().err)
    (tmp_path / "file").write_text("")
    assert brief.main(["PAK", "--out", str(tmp_path / "file")]) == 1
    assert "cannot be written" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        brief.main([])


def test_the_command_checks_all_names_before_it_writes(tmp_path, capsys):
    assert brief.main(["PAK", "Atlantis", "--out", str(tmp_path)]) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_command_stopped_half_way_keeps_whole_briefs(tmp_path, monkeypatch, capsys):
    real, seen = brief.save, []

    def save(country, folder, **more):
        if seen:
            raise KeyboardInterrupt
        seen.append(country)
        return real(country, folder, **more)

    monkeypatch.setattr(brief, "save", save)
    assert brief.main(["PAK", "MDV", "--out", str(tmp_path)]) == 1
    assert "Stopped after 1 of 2" in capsys.readouterr().err
    assert [f.name for f in tmp_path.iterdir()] == ["PAK"]


def test_all_means_all(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(brief, "save", lambda country, folder, **_: written.append(country))
    assert brief.main(["--all", "--out", str(tmp_path)]) == 0
    assert sorted(written) == CODES


# Views of the lesson

# Named here, as to compute them takes a second of every process that only collects the tests.
MEASURES = [f"{system} at {world.STREET_DEG}°, % of the day" for system in world.SYSTEMS]
MEASURES += [f"hours to a picture, {whose}" for whose in imaging.WHOSE]
MEASURES += ["best Tiantong, degrees high", "Internet users, % of people"]


@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_can_be_mapped_and_ranked(measure):
    assert list(world.measures(data.snapshot())) == MEASURES
    values = world.measures(data.snapshot())[measure]
    countries = {"Pakistan": "PAK", "Niue": "NIU", "Atlantis": "ATL"}
    classes, colors = pictures.five_classes(values)
    assert len(classes) == values.notna().sum() and set(classes) <= set(colors)
    assert (classes == pictures.NONE).sum() == np.isinf(values).sum()
    best = values.idxmin() if measure.startswith("hours") else values.idxmax()
    lightest = style.sequential(len(set(colors) - {pictures.NONE}))[0]
    assert colors[classes[best]] == lightest, "light is good, as on every map"
    order = l13.in_order(values, countries)
    assert order[measure].is_monotonic_increasing and len(order) == np.isfinite(values).sum()
    finite = values[np.isfinite(values)]
    for iso3, place in order.set_index("iso3")["place"].items():
        assert (finite < values[iso3]).sum() < place <= (finite <= values[iso3]).sum()
    printed = finite.round(1)
    for iso3, rank in order.set_index("iso3")["rank"].items():
        better = printed < printed[iso3] if measure.startswith("hours") else printed > printed[iso3]
        assert rank == 1 + better.sum(), "place 1 is the best, and ties share theirs"
    said = l13.places_in_words(values, countries)
    assert said.startswith("Pakistan: ") and "Atlantis: no value" in said and "nan" not in said
    words, ends = l13.range_in_words(values), (f"{finite.min():,.1f}", f"{finite.max():,.1f}")
    if ends[0] == ends[1]:
        assert f": {ends[0]} in all {len(finite)} countries." in words and "from" not in words
    else:
        assert f"from {ends[0]} (" in words and f"to {ends[1]} (" in words


def test_what_lesson_13_says_beside_its_views_is_what_they_give():
    [path] = (Path(brief.__file__).parents[2] / "notebooks").glob("13-*.ipynb")
    cells = {cell.id: cell.source for cell in lessons.read(path).cells}
    groups = data.load("country_indicators")["group"].value_counts()
    signed = groups[groups.index.str.startswith("bri_")].sum()
    assert (signed, groups["partner"], len(CODES) - signed - groups["partner"]) == (155, 10, 8)
    for words in ("All 155 countries", "so have ten that", "and eight more to compare"):
        assert words in cells["claims-after"]
    own = world.measures(data.snapshot())["hours to a picture, its own only"]
    assert own.notna().sum() == 9
    assert "only nine countries have a value" in cells["live-measures-try"]
    assert len(brief.of("PAK").headline().split("; ")) == 6
    assert "One line, six statements." in cells["pakistan-md"]
    for name in ("Namibia", "Laos", "Estonia", "Cook Islands"):
        assert name in cells["live-country-try"] and name in brief.choices()
    namibia, laos = brief.of("Namibia"), brief.of("Laos")
    assert namibia.numbers["ground stations and centres"] and laos.numbers["satellites with China"]
    assert not namibia.numbers["satellites with China"]
    assert not laos.numbers["ground stations and centres"]
    drawn = {layer.name for layer in pictures.layers(brief.of("Estonia"))}
    assert "Highest pass of the station" not in drawn and "Country" in drawn
    assert "Highest pass of the station" in {layer.name for layer in pictures.layers(namibia)}


def test_the_classes_of_a_measure_hold_what_their_names_say():
    values = world.measures(data.snapshot())["Internet users, % of people"].dropna()
    classes, _ = pictures.five_classes(values)
    for name, rows in values.groupby(classes):
        low, high = re.match(r"(?:below )?([\d.]+)(?: to ([\d.]+))?", name).groups()
        if name.startswith("below"):
            assert (rows < float(low)).all()
        else:
            assert (rows >= float(low)).all() and (not high or (rows < float(high)).all())
    assert classes.value_counts().between(25, 40).all()


def test_two_countries_side_by_side_have_a_bar_for_every_measure():
    table = brief.side_by_side("PAK", "ETH")  # Ethiopia's own satellite does not come in time
    rows = l13.scaled(table)
    assert rows["country"].value_counts().to_dict() == {n: len(rows) // 2 for n in table}
    assert len(rows) > 20 and rows["share"].abs().max() == 1 and rows["share"].notna().all()
    none = table.isin([np.inf]).sum().sum()
    assert none and (rows["says"] == pictures.NONE).sum() == none
    assert "nan" not in l13.larger_in_words(table)
    assert tables.NO_IMAGE == "none within 72 h"


def test_the_words_of_the_map_are_true_of_countries_with_and_without_a_capital():
    said = l13.in_words(brief.of("PAK"), "BeiDou alone", 30)
    assert said.endswith("BeiDou alone above 30°: 93.7 % of the day at Islamabad.")


def test_the_button_saves_the_brief(tmp_path):
    button = l13.save_button("MDV", str(tmp_path))
    button.click()
    assert (tmp_path / "MDV" / "index.html").exists()


def test_round_trips_are_told_where_a_server_stands_and_nowhere_else():
    measure = "round trips to exchange points in July 2020, times light in glass"
    kenya, pakistan, germany = (brief.of(country)["cables"] for country in ("KEN", "PAK", "DEU"))
    # By hand, measured over light: Frankfurt 178.6 / 61.8 = 2.89, Lisbon 204.6 / 63.3 = 3.23,
    # Sydney 431.1 / 119.0 = 3.62, Tokyo 407.3 / 110.3 = 3.69, Hong Kong 454.5 / 85.8 = 5.30,
    # Singapore 396.1 / 72.9 = 5.43; the median lies between the two in the middle.
    assert kenya.numbers[measure] == pytest.approx((3.62 + 3.69) / 2, abs=0.01)
    assert "In July 2020 round trips from Nairobi to 6 exchange points" in kenya.sentence
    trips = kenya.tables["Round trips to exchange points, 19 and 20 July 2020"]
    assert len(trips) == 6 and (trips["from"] == "Nairobi").all()
    assert measure not in pakistan.numbers and "July 2020" not in pakistan.sentence
    assert "to 5 exchange points" in germany.sentence, "Frankfurt is no way to itself"
    served = set(data.load("ping_servers")["iso3"])
    assert {"KEN", "DEU"} <= served and "PAK" not in served
