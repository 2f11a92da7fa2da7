"""The facts: described, sourced, consistent with each other, and refused when damaged."""

import csv
import hashlib
import itertools
import json
import math
import re
import runpy
import shutil
import sys
from functools import cache

import numpy as np
import pandas as pd
import pycountry
import pytest
from frictionless import Package
from sgp4.api import WGS72, Satrec

from course import l08
from course.place import HAN
from helpers import data
from helpers.inputs import InputError
from silkroad.elements import check_elements, checked_elements


def read(path):
    return path.read_text(encoding="utf-8")


def write(path, text):
    path.write_bytes(text.encode("utf-8"))


def words(text):
    return set(re.findall(r"\w+", text))


TABLES = data.tables()
FACTS = [name for name in TABLES if name != "sources"]
ISO3 = {country.alpha_3 for country in pycountry.countries}
NO_COUNTRY = {"INT", "ARB", "AFR", "ASE", "EUR", "LAC"}
COMPARED = words("BRA CHN DEU FRA GBR IND JPN USA")
PARTNERS = words("AUS BEL CAN CHE DNK ESP MEX NLD NOR SWE")  # rows, and no document
UN_MEMBERS = words(
    """
    AFG AGO ALB AND ARE ARG ARM ATG AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BHS BIH BLR BLZ BOL
    BRA BRB BRN BTN BWA CAF CAN CHE CHL CHN CIV CMR COD COG COL COM CPV CRI CUB CYP CZE DEU DJI
    DMA DNK DOM DZA ECU EGY ERI ESP EST ETH FIN FJI FRA FSM GAB GBR GEO GHA GIN GMB GNB GNQ GRC
    GRD GTM GUY HND HRV HTI HUN IDN IND IRL IRN IRQ ISL ISR ITA JAM JOR JPN KAZ KEN KGZ KHM KIR
    KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAR MCO MDA MDG MDV MEX MHL MKD MLI
    MLT MMR MNE MNG MOZ MRT MUS MWI MYS NAM NER NGA NIC NLD NOR NPL NRU NZL OMN PAK PAN PER PHL
    PLW PNG POL PRK PRT PRY QAT ROU RUS RWA SAU SDN SEN SGP SLB SLE SLV SMR SOM SRB SSD STP SUR
    SVK SVN SWE SWZ SYC SYR TCD TGO THA TJK TKM TLS TON TTO TUN TUR TUV TZA UGA UKR URY USA UZB
    VCT VEN VNM VUT WSM YEM ZAF ZMB ZWE
    """
)


def fields(name):
    return {field["name"]: field for field in data.package()[name]["schema"]["fields"]}


def listed(column):
    """The entries of a column of ';'-separated lists."""
    return column.dropna().str.split(";").explode()


# --- the package


def copied(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(data.FOLDER, folder, ignore=shutil.ignore_patterns("build", ".last-fetch"))
    return folder


def errors(folder):
    report = Package(str(folder / "datapackage.json")).validate()
    groups = [("package", report.errors), *((task.name, task.errors) for task in report.tasks)]
    return [(name, error.type, error.message) for name, group in groups for error in group]


def test_the_package_is_valid():
    assert errors(data.FOLDER) == []


def test_the_validation_can_fail(tmp_path):
    folder = copied(tmp_path)
    path = folder / "bri_countries.csv"
    write(path, read(path).replace(",member,", ",friend,", 1).replace("KAZ", "XXX", 1))
    found = {(name, kind) for name, kind, _ in errors(folder)}
    assert ("bri_countries", "constraint-error") in found
    assert ("bri_countries", "foreign-key") in found
    assert ("bri_countries", "hash-count") in found


def test_the_snapshot_and_every_size_hash_and_count_are_recorded():
    whole = json.loads(read(data.FOLDER / "datapackage.json"))
    for resource in whole["resources"]:
        content = (data.FOLDER / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content), resource["name"]
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        assert b"\r" not in content
    assert {name: len(data.load(name)) for name in TABLES} == {
        r["name"]: r["rows"] for r in whole["resources"] if "schema" in r
    }
    assert pd.Timestamp(whole["snapshot"]) == data.snapshot()
    assert data.snapshot() >= pd.Timestamp("2026-06-14T04:13:23Z")


def test_every_file_is_described():
    found = {p.name for p in data.FOLDER.iterdir() if p.suffix in (".csv", ".geojson")}
    assert found == {resource["path"] for resource in data.package().values()}


def test_every_resource_has_licence_sources_and_described_fields():
    unitless = re.compile(r"_id$|^seq$|^element_set_no$|^ephemeris_type$|^value$")
    for name, resource in data.package().items():
        assert resource["title"] and resource["description"], name
        assert resource["licenses"] and resource["sources"], name
        for field in resource.get("schema", {}).get("fields", []):
            where = f"{name}.{field['name']}"
            assert len(field["description"]) > 4, where
            if field["type"] in ("number", "integer") and not unitless.search(field["name"]):
                assert field.get("unit"), f"{where} has no unit"


def test_elements_carry_the_fields_of_an_orbit_message():
    keywords = {f["omm"] for f in fields("elements").values() if "omm" in f}
    # What the readers of sgp4 and Skyfield ask of a message.
    assert keywords == words(
        """
        OBJECT_NAME OBJECT_ID NORAD_CAT_ID EPOCH MEAN_MOTION ECCENTRICITY INCLINATION
        RA_OF_ASC_NODE ARG_OF_PERICENTER MEAN_ANOMALY BSTAR MEAN_MOTION_DOT MEAN_MOTION_DDOT
        ELEMENT_SET_NO REV_AT_EPOCH CLASSIFICATION_TYPE EPHEMERIS_TYPE
        """
    )


# --- sources


def test_every_source_key_resolves_and_no_source_is_unused():
    tables = [data.load(name) for name in FACTS]
    # Some figures carry their own sources: china_active_source_ids of the launches by year.
    cited = set(listed(pd.concat(t[c] for t in tables for c in t if c.endswith("source_ids"))))
    cited |= {
        key for r in data.package().values() for key in listed(pd.Series(r.get("source_ids")))
    }
    assert cited == set(data.load("sources")["source_id"])


@pytest.mark.parametrize("name", FACTS)
def test_every_row_has_sources_and_confidence(name):
    table = data.load(name)
    assert table["source_ids"].str.fullmatch(r"S\d{3}(;S\d{3})*").all()
    assert table["confidence"].isin(["high", "medium", "low"]).all()
    for row in table.dropna(subset="source_note").itertuples():
        noted = re.findall(r"(?:^|; )(S\d{3}):", row.source_note)
        assert noted, f"{name}: note without a source: {row.source_note}"
        assert set(noted) <= set(row.source_ids.split(";")), f"{name}: {row.source_note}"
    # General knowledge alone is never high.
    alone = table["source_ids"].isin(["S417", "S418", "S417;S418"])
    assert (table.loc[alone, "confidence"] != "high").all()


def test_credits_that_must_be_shown():
    rows = data.load("sources").set_index("publisher")
    for publisher in ("CelesTrak", "J. McDowell, GCAT", "GeoNames", "Natural Earth"):
        assert rows.loc[[publisher], "credit"].notna().all(), publisher
    assert rows.loc[["Union of Concerned Scientists"], "credit"].notna().all()
    assert rows.loc[["International GNSS Service"], "credit"].notna().any()


def test_sources_of_some_rows_in_order_of_use():
    places = data.load("places").head(2)
    beidou = data.load("beidou_satellites").tail(1)
    keys = list(dict.fromkeys([*listed(places["source_ids"]), *listed(beidou["source_ids"])]))
    found = data.sources(places, beidou)
    assert list(found["source_id"]) == keys
    assert list(found.columns) == list(data.load("sources").columns)
    assert len(data.sources(places.head(0))) == 0
    with pytest.raises(InputError, match="keep its column source_ids"):
        data.sources(places[["name", "lat"]])
    with pytest.raises(InputError, match="no source 'S999'"):
        data.sources(places.assign(source_ids="S999"))


def test_bibliography_shows_sources_and_credits():
    shown = data.bibliography(data.load("elements"), data.load("capitals"))
    assert "[S049] CelesTrak" in str(shown) and "[S051] GeoNames" in str(shown)
    page = shown._repr_html_()
    assert page.count("<li>") == len(shown.rows)
    assert '<a href="https://celestrak.org">' in page
    assert len(shown.credits) == 3 and "single facts cited" in shown.credits[0]
    many = data.bibliography(data.load("claims"))
    usual = many.rows["licence_or_terms"] == data.TERMS
    others = many.rows["licence_or_terms"].str.contains(data.TERMS, regex=False) & ~usual
    assert usual.sum() > 50 and str(many).count(data.TERMS) == 1 + others.sum()
    assert all(line.split(":")[0] in page for line in shown.credits)
    nasty = shown.rows.assign(title="<script>alert(1)</script>")
    assert "<script>" not in data.Bibliography(nasty)._repr_html_()


# --- facts against facts


def test_country_codes():
    for name in (
        "bri_countries",
        "capitals",
        "country_indicators",
        "launch_sites",
        "regions",
        "hubs",
        "leo_presence",
    ):
        assert set(data.load(name)["iso3"]) <= ISO3, name
    for name in ("cable_landings", "corridors"):
        assert set(data.load(name)["iso3"].dropna()) <= ISO3, name
    links = data.load("assumed_links")
    assert set(links["from_iso3"]) | set(links["to_iso3"]) <= ISO3
    assert set(data.load("organisations")["iso3"]) <= ISO3 | {"INT"}
    assert set(data.load("groups")["iso3"]) <= ISO3
    assert set(data.load("cooperation")["iso3"]) <= ISO3 | NO_COUNTRY
    assert set(data.load("places")["iso3"]) <= ISO3 | {"INT"}
    assert set(data.load("satellites")["partner_iso3"].dropna()) <= ISO3
    assert set(listed(data.load("cables")["landing_iso3"])) <= ISO3


def test_one_spelling_per_country():
    tables = [data.load(name) for name in TABLES]
    names = pd.concat(t[["iso3", "country"]] for t in tables if {"iso3", "country"} <= set(t))
    names = names.dropna(subset="iso3").drop_duplicates()  # what ISO 3166 gives no code: cities
    assert names[names["iso3"].duplicated(keep=False)].empty
    shapes = {f["properties"]["iso3"]: f["properties"]["name"] for f in data.shapes()["features"]}
    shapes["GUF"] = "French Guiana"  # Natural Earth draws it as a part of France
    for row in names[~names["iso3"].isin(NO_COUNTRY)].itertuples():
        assert shapes[row.iso3] == row.country


def test_a_satellite_has_one_launch_date_and_one_designator_everywhere():
    known = pd.concat(
        data.load(name)[["norad_id", "cospar_id", "launch_date", "name"]]
        for name in ("beidou_satellites", "satellites")
    )
    everywhere = pd.concat([known, data.load("elements")[["norad_id", "cospar_id", "name"]]])
    assert (everywhere.groupby("norad_id")["cospar_id"].nunique() == 1).all()
    dated = known.dropna(subset="launch_date")
    assert (dated.groupby("norad_id")["launch_date"].nunique() == 1).all()
    # One launch has one date, and launches of a year are numbered in their order.
    dated = dated.assign(launch=dated["cospar_id"].str[:8])
    assert (dated.groupby("launch")["launch_date"].nunique() == 1).all()
    assert (dated["launch_date"].dt.year == dated["cospar_id"].str[:4].astype(int)).all()
    for _, year in dated.groupby(dated["launch_date"].dt.year):
        assert year.sort_values("launch")["launch_date"].is_monotonic_increasing
    assert dated["launch_date"].max() < data.snapshot()


def test_the_first_launches_of_the_constellations_are_those_of_their_satellites():
    beidou = data.load("beidou_satellites")
    first = beidou.groupby(["generation", "orbit"])["launch_date"].min()
    for row in data.load("constellations").itertuples():
        if row.system.startswith("BDS"):
            assert first[row.system, row.orbit_class] == row.first_launch_date


def test_the_satellites_of_the_snapshot_are_marked():
    elements = data.load("elements")
    for name in ("beidou_satellites", "satellites"):
        table = data.load(name)
        assert (table["norad_id"].isin(elements["norad_id"]) == table["in_gp_snapshot"]).all()
    beidou = data.load("beidou_satellites").merge(elements, on="norad_id", suffixes=("", "_now"))
    assert (beidou["prn"].fillna("") == beidou["prn_now"].fillna("")).all()
    prns = elements["prn"].dropna()
    assert prns.is_unique
    groups = {"C": "beidou", "E": "galileo", "G": "gps", "I": "navic", "J": "qzss", "R": "glonass"}
    assert (prns.str[0].map(groups) == elements.loc[prns.index, "group"]).all()


def test_beidou_in_service():
    beidou = data.load("beidou_satellites").query(
        "generation == 'BDS-3' and status == 'operational'"
    )
    assert beidou["orbit"].value_counts().to_dict() == {"MEO": 24, "GEO": 4, "IGSO": 3}


def test_cooperation_names_known_satellites_and_runs_forward():
    cooperation = data.load("cooperation")
    known = set(data.load("elements")["norad_id"]) | set(data.load("satellites")["norad_id"])
    assert set(listed(cooperation["norad_ids"]).astype(int)) <= known
    dated = cooperation.dropna(subset="date")
    assert (dated["date"].str[:4].astype(int) == dated["year"]).all()
    ended = dated.dropna(subset="end_date")
    assert (ended["date"] <= ended["end_date"]).all()


def test_the_form_of_cooperation_fits_its_kind():
    cooperation = data.load("cooperation")
    forms = cooperation.groupby("kind")["form"].agg(set)
    paper = {"agreement", "membership"}
    papers = "apsco_member beidou_agreement beidou_standard ilrs_institution ilrs_member"
    for kind in f"{papers} leo_agreement leo_licence".split():
        assert forms[kind] <= paper, kind
    for kind in ("beidou_forum", "forum", "launch_service", "css_experiment", "lunar_payload"):
        assert not forms[kind] & paper, kind
    # A row that is called a paper is one, whatever its kind.
    words = r"agreement|memorandum|contract|protocol|partnership|statement|MoU"
    called = cooperation["name"].str.contains(words, case=False)
    assert set(cooperation.loc[called, "form"]) <= paper


def test_a_contested_matter_has_its_five_rows():
    rows = data.load("contested")
    five = ["claim", "who_says", "evidence", "counter_claim", "confidence"]
    for _, matter in rows.groupby("id"):
        assert list(matter["row"]) == five and matter["matter"].nunique() == 1


def test_who_signed_the_artemis_accords_and_is_a_partner_of_the_lunar_station():
    accords = data.load("artemis_accords")
    assert len(accords) == 70 and set(accords["iso3"]) <= ISO3
    dated = accords.dropna(subset="signed_date")
    assert (dated["signed_date"] <= dated["listed_date"]).all()
    assert (accords["signed_date"] == "2020-10-13").sum() == 8
    # The counts that the lists themselves give.
    counts = {"2022-12-13": 23, "2024-04-19": 39, "2024-12-11": 50, "2025-07-24": 56}
    for day, count in counts.items():
        assert (accords["listed_date"] <= day).sum() == count, day
    partners = data.load("cooperation").query("kind == 'ilrs_member' and status == 'partner'")
    assert set(accords["iso3"]) & set(partners["iso3"]) == {"THA", "SEN", "SRB"}
    assert not set(accords["iso3"]) & {"CHN", "RUS"}


def test_groups_and_counts():
    groups = data.load("groups")
    assert not groups.duplicated(["group_id", "iso3"]).any()
    league = groups.query("group_id == 'las'")
    assert len(league) == 22 and set(league["group"]) == {"League of Arab States"}
    counts = data.load("agreement_counts")
    for _, office in counts.sort_values("date").groupby("counted_by"):
        assert office["countries"].is_monotonic_increasing
        assert office["organisations"].is_monotonic_increasing


@pytest.mark.parametrize("name", FACTS)
def test_dates_and_coordinates_are_in_range(name):
    table = data.load(name)
    for column, field in fields(name).items():
        values = table[column].dropna()
        partial = field["type"] == "string" and "pattern" in field.get("constraints", {})
        if partial and "date" in column:
            for value in values:
                month = (value + "-01-01")[:10]
                assert "1970" < str(pd.Timestamp(month).date()) < "2040", f"{name}: {value}"
        if field["type"] in ("date", "datetime"):
            first = pd.Timestamp("1957-10-04", tz="UTC")
            assert values.between(first, pd.Timestamp.now("UTC")).all()
    if "lat" in table:
        assert table["lat"].between(-90, 90).all() and table["lon"].between(-180, 180).all()
        assert not ((table["lat"] == 0) & (table["lon"] == 0)).any()


def test_signatories():
    signed = data.load("bri_countries")
    dated = signed.dropna(subset="signed_date")
    assert (dated["signed_date"].str[:4].astype(int) == dated["signed_year"]).all()
    assert ((signed["status"] == "withdrawn") == signed["withdrawn_date"].notna()).all()
    # A conflict keeps both years, and each of its sides a source; other rows have one year.
    conflict = signed["signed_basis"] == "conflict"
    assert (conflict == signed["other_year"].notna()).all()
    assert (signed["other_year"] != signed["signed_year"]).all()
    assert (signed.loc[conflict, "source_ids"].str.count(";") >= 1).all()
    assert set(signed.loc[conflict, "iso3"]) == {"UKR", "IRQ", "MDV", "COG"}
    # A year that only the study of S048 has was not checked.
    alone = signed["source_ids"].isin(["S048", "S048;S417"])
    assert set(signed.loc[alone, "signed_basis"]) == {"as_source"}
    assert (signed["signed_basis"] == "as_source").sum() == 29
    year = signed.set_index("iso3")["signed_year"]
    corrected = {"LVA": 2016, "SVK": 2015, "LBY": 2018, "SAU": 2016, "IDN": 2018, "TJK": 2014}
    assert year[list(corrected)].to_dict() == corrected


def great_circle_km(lat1, lon1, lat2, lon2):
    lat1, lon1, lat2, lon2 = map(math.radians, (lat1, lon1, lat2, lon2))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * 6371.0 * math.asin(math.sqrt(half))


def test_cable_paths_hang_together():
    cables = data.load("cables").set_index("id")
    points = data.load("cable_landings")
    assert set(points["cable_id"]) == set(cables.index[cables["core"]])
    for cable, path in points.groupby("cable_id"):
        at = path.drop_duplicates("place_key").set_index("place_key")
        segments = path.dropna(subset="from_key")
        for row in segments.itertuples():
            start = at.loc[row.from_key]
            found = great_circle_km(start.lat, start.lon, row.lat, row.lon)
            assert found == pytest.approx(row.segment_km, rel=0.005, abs=1), (cable, row.place)
        total = cables.loc[cable, "model_km"]
        assert segments["segment_km"].sum() == pytest.approx(total, rel=0.001, abs=2), cable
        named = set(listed(pd.Series([cables.loc[cable, "landing_iso3"]])))
        assert set(path.query("point_type == 'landing'")["iso3"].dropna()) <= named, cable


def test_later_landings_are_landings_that_were_ready_later():
    cables = data.load("cables").dropna(subset="later_landings")
    for row in cables.itertuples():
        for iso3, ready in (part.split(":") for part in row.later_landings.split(";")):
            assert iso3 in row.landing_iso3.split(";") and int(ready[:4]) > row.rfs_year
            assert ready[:4] in row.notes, "the notes tell of it"
    claim = data.load("claims").set_index("id").loc["C056"]
    *_, numbers = l08.finished_in_indonesia_and_the_philippines()
    assert sum(numbers.values()) == 5 and claim["explanation"].startswith("Five systems")


def test_what_carried_another_name_before_has_its_name_of_today():
    names = data.load("bri_countries").set_index("iso3")["country"]
    assert names[["TUR", "CZE", "CPV"]].tolist() == ["Türkiye", "Czechia", "Cabo Verde"]


def test_launch_sites_and_years_count_the_same_launches():
    years = data.load("launches_by_year").set_index("year")
    sites = data.load("launch_sites").set_index("id")
    columns = words("jiuquan taiyuan xichang wenchang hainan_commercial sea")
    by_site = years[sorted(columns)].sum()
    count = sites["attempts_2000_to_2025_11_30"].rename({"hainan_cls": "hainan_commercial"})
    assert by_site["sea"] == count[["yellow_sea", "yangjiang"]].sum()
    for column in columns - {"sea"}:
        assert by_site[column] == count[column], column
    whole = years[years["coverage"] == "full_year"]
    assert list(whole.index) == list(range(2000, 2025))
    assert (whole[sorted(columns)].sum(axis=1) == whole["china_attempts"]).all()
    assert (years["china_attempts"] < years["world_attempts"]).all()
    assert (years["china_failures_no_orbit"] <= years["china_failures"]).all()
    assert (years["china_failures"] <= years["world_failures"]).all()


def test_failed_launches_are_counted_and_dated_in_both_tables():
    years = data.load("launches_by_year")
    named = years["failed_launches"].str.split("; ")
    assert (named.str.len().fillna(0) == years["china_failures"]).all()
    for column in ("failed_launches", "degraded_launches"):
        for row in years.dropna(subset=column).itertuples():
            assert all(t.startswith(f"{row.year}-") for t in getattr(row, column).split("; "))
    failed = set(named.explode().dropna().str[:10])
    rockets = data.load("launch_vehicles")
    dates = rockets["failure_dates"].str.findall(r"\d{4}-\d{2}-\d{2}")
    assert (dates.str.len().fillna(0) == rockets["failures_to_2025_11_30"]).all()
    assert (rockets["first_flight"] <= rockets["last_flight_in_data"]).all()
    flown = rockets["failures_to_2025_11_30"] + rockets["degraded_to_2025_11_30"]
    assert (flown <= rockets["flights_to_2025_11_30"]).all()
    # One rule for both tables: the uncertain event of 1 March 2025 is told, and counted in neither.
    assert {day for day in dates.explode().dropna() if day >= "2000"} <= failed
    assert "2025-03-01" not in failed
    assert "1 March" in years.set_index("year").loc[2025, "notes"]
    assert "2025-03-01" in rockets.set_index("id").loc["kz1a", "note"]


def test_a_launch_site_stands_at_one_place_in_both_tables():
    sites, places = data.load("launch_sites"), data.load("places").query("kind == 'launch_site'")
    stands = {(row.lat, row.lon) for row in sites.itertuples()}
    for row in places[places["iso3"] == "CHN"].itertuples():
        near = (sites["lat"] - row.lat).abs() + (sites["lon"] - row.lon).abs() < 1
        assert not near.any() or (row.lat, row.lon) in stands, row.name
    xichang = sites.set_index("id").loc["xichang"]
    assert xichang["lat"] == xichang["min_inclination_direct_deg"] == 28.25


def test_azimuths_of_the_sites_follow_from_latitude_and_inclination():
    for row in data.load("launch_sites").itertuples():
        assert row.min_inclination_direct_deg == abs(row.lat), "one value for one latitude"
        for pair in row.inclination_azimuth_pairs_deg.split(";"):
            inclination, azimuth = (math.radians(float(number)) for number in pair.split(":"))
            # The plane through the site with that azimuth has this inclination.
            found = math.sin(azimuth) * math.cos(math.radians(row.lat))
            assert found == pytest.approx(math.cos(inclination), abs=0.004), (row.id, pair)


def test_counts_of_active_satellites_have_a_date_and_sources():
    years = data.load("launches_by_year")
    count = years["china_active_satellites"].notna()
    for column in ("as_of", "source_ids", "confidence"):
        assert (years[f"china_active_{column}"].notna() == count).all(), column
    for row in years[count].itertuples():
        assert row.china_active_as_of.startswith(str(row.year))
        assert set(re.findall(r"S\d{3}", str(row.china_active_note))) <= set(
            row.china_active_source_ids.split(";")
        )
    assert years.loc[count, "china_active_satellites"].is_monotonic_increasing


def test_figures_of_satellite_phones_agree_with_satellites_and_formulas():
    table = data.load("satcom_prices")
    assert (table["value"].notna() != table["value_text"].notna()).all()
    assert table["value_text"].notna().eq(table["unit"].isin(["date", "band", "text"])).all()
    assert (table["value_max"].isna() | (table["value_max"] > table["value"])).all()
    known = data.load("satellites").set_index("name")
    orbit = table[table["system"].isin(known.index)].set_index(["system", "unit"])
    for name, unit in orbit.index.unique():
        row, satellite = orbit.loc[(name, unit)], known.loc[name]
        if unit == "date":
            assert pd.Timestamp(row["value_text"], tz="UTC") == satellite["launch_date"]
        else:
            assert unit == "deg E" and row["value"] == satellite["geo_longitude_deg"]
    assert len(orbit) == 6
    losses = table.query("category == 'derived' and unit == 'dB'")
    for row in losses.itertuples():
        ghz, km = map(float, re.fullmatch(r"([\d.]+) GHz, (\d+) km", row.note).groups())
        loss = 20 * math.log10(4 * math.pi * km * 1000 * ghz * 1e9 / 299792458)
        assert row.value == pytest.approx(loss, abs=0.06), row.system
    assert len(losses) == 6


def test_market_figures_have_one_unit_and_their_growth_and_rates_recompute():
    table = data.load("gnss_market")
    assert (table.groupby("metric")["unit"].nunique() == 1).all()
    forecast = table["metric"].str.startswith("forecast") & table["published"].notna()
    assert (table.loc[forecast, "published"] < table.loc[forecast, "year"]).all()
    output = table.query("metric == 'china_satnav_lbs_output'").set_index("year")["value"]
    noted = table.query("metric == 'china_satnav_lbs_output'").set_index("year")["note"]
    growth = noted.str.extract(r"^\+([\d.]+)%")[0].astype(float).dropna()
    assert (((output.pct_change() * 100)[growth.index] - growth).abs() < 0.06).all()
    assert len(growth) == 11
    dollars = table.query("metric == 'china_satnav_lbs_output_usd_as_reported'")
    for row in dollars.itertuples():
        implied = float(re.search(r"implied rate ([\d.]+)", row.note)[1])
        assert output[row.year] / row.value == pytest.approx(implied, abs=0.006), row.year
    rates = table[table["unit"] == "CNY per USD"]["value"]
    assert rates.between(6, 7.5).all() and len(rates) == 18


def test_the_timeline_runs_forward_and_knows_its_satellites():
    table = data.load("timeline")
    assert table["date"].is_monotonic_increasing
    satellites = [data.load(name) for name in ("beidou_satellites", "satellites")]
    launched = pd.concat(satellites).drop_duplicates("norad_id").set_index("norad_id")
    known = set(launched.index) | set(data.load("elements")["norad_id"])
    for row in table.dropna(subset="norad_ids").itertuples():
        for number in map(int, row.norad_ids.split(";")):
            assert number in known, row.id
            if row.date_basis == "utc_launch" and number in launched.index:
                day = launched.loc[number, "launch_date"]
                assert pd.isna(day) or row.date == f"{day:%Y-%m-%d}", row.id
    assert (table.loc[table["date_basis"] == "utc_launch", "date"].str.len() == 10).all()


def test_organisations_belong_to_known_ones_and_never_to_themselves():
    table = data.load("organisations").set_index("id")
    for body in table.index:
        seen = set()
        while isinstance(body, str):
            assert body in table.index and body not in seen
            seen.add(body)
            body = table.loc[body, "parent_id"]
    assert table.loc[table["parent_id"].notna(), "parent"].notna().all()
    assert (table["founded_year"].notna() == table["founded_basis"].notna()).all()
    # One body under several English names has one Chinese name.
    same = table["name_zh"].duplicated(keep=False) & table["name_zh"].notna()
    assert set(table.index[same]) == {"alliance", "cissa", "asas"}


def test_indicators_cover_the_signatories_and_agree_with_each_other():
    table, signed = data.load("country_indicators"), data.load("bri_countries")
    assert set(table["iso3"]) == set(signed["iso3"]) | COMPARED | PARTNERS
    both = table.merge(signed, on="iso3", suffixes=("", "_signed"))
    assert (both["group"] == "bri_" + both["status"]).all()
    assert (both["region"] == both["region_signed"]).all()
    others = table[~table["iso3"].isin(signed["iso3"])].set_index("iso3")["group"]
    kinds = {"CHN": "china"} | dict.fromkeys(PARTNERS, "partner")
    assert (others == [kinds.get(iso3, "comparison") for iso3 in others.index]).all()
    rows = set(data.load("cooperation")["iso3"]) - {"INT", "ARB", "AFR", "EUR", "LAC", "ATA", "HKG"}
    assert rows <= set(table["iso3"]), "a country with rows has a brief"
    # Output per head times people is the output, but for people who came after its year.
    share = table["gdp_per_capita_usd"] * table["population"] / 1e9 / table["gdp_current_usd_bn"]
    assert share.dropna().between(0.9, 1.2).all()
    for year, *values in [
        ("population_year", "population"),
        ("internet_year", "internet_users_pct"),
        ("mobile_year", "mobile_subs_per_100"),
        ("broadband_year", "fixed_broadband_per_100"),
        ("gdp_year", "gdp_current_usd_bn", "gdp_per_capita_usd"),
    ]:
        for value in values:
            assert (table[year].notna() == table[value].notna()).all(), value


def test_cable_faults_name_known_cables_and_are_repaired_afterwards():
    table = data.load("cable_faults")
    assert set(listed(table["cable_ids"])) <= set(data.load("cables")["id"])
    assert table["date"].is_monotonic_increasing
    for row in table.dropna(subset="repaired_date").itertuples():
        assert f"{row.date:%Y-%m-%d}"[: len(row.repaired_date)] <= row.repaired_date, row.id


def test_assumed_links_join_known_points_and_measure_the_way():
    points = data.load("cable_landings").drop_duplicates("place_key").set_index("place_key")
    links = data.load("assumed_links")
    columns = ["key", "place", "iso3", "lat", "lon"]
    ends = [
        links[[f"{end}_{c}" for c in columns]].set_axis(columns, axis=1) for end in ("from", "to")
    ]
    ends = pd.concat(ends).drop_duplicates()
    assert ends["key"].is_unique
    for row in ends[ends["key"].isin(points.index)].itertuples():
        point = points.loc[row.key]
        assert (row.place, row.iso3, row.lat, row.lon) == tuple(point[columns[1:]]), row.key
    assert not (links["from_key"] == links["to_key"]).any()
    for row in links.itertuples():
        found = great_circle_km(row.from_lat, row.from_lon, row.to_lat, row.to_lon)
        assert found == pytest.approx(row.segment_km, abs=1), row.link_id


def test_corridors_are_followed_stop_by_stop():
    table = data.load("corridors")
    assert (table.groupby("corridor_id")["corridor"].nunique() == 1).all()
    assert (table["iso3"].isna() == (table["kind"] == "sea")).all()
    assert (table.groupby("place")[["lat", "lon"]].nunique() == 1).all(axis=None)
    for (corridor, branch), stops in table.groupby(["corridor_id", "branch"]):
        assert list(stops["seq"]) == list(range(1, len(stops) + 1)), (corridor, branch)
        pairs = itertools.pairwise(stops.itertuples())
        steps = [great_circle_km(a.lat, a.lon, b.lat, b.lon) for a, b in pairs]
        assert min(steps) > 0 and max(steps) < 3000, (corridor, branch)


def test_countries_have_their_names_of_today_in_every_table():
    old = re.compile(r"\b(Turkey|Czech Republic|Cape Verde|Swaziland|Burma)\b")
    for path in data.FOLDER.glob("*.csv"):
        if path.stem not in ("country_names", "sources"):  # names to look for, titles
            found = [line for line in path.read_text("utf-8").splitlines() if old.search(line)]
            assert not found, f"{path.name}: {found[0]}"


def test_claims():
    claims = data.load("claims")
    lessons = [path.name[:2] for path in (data.FOLDER.parent / "notebooks").glob("*.ipynb")]
    assert claims["notebook"].isin(lessons).all()
    assert set(claims["verdict_hint"]) == words(
        "confirmed disputed inaccurate outdated prediction_met prediction_missed "
        "not_checkable not_opened"
    )
    computed = claims["check"] == "computed"
    assert claims.loc[computed, "check_uses"].notna().all()
    old = re.compile(r"gp_elements|gnss_constellations|space_cooperation|satellites_services")
    assert not claims["check_uses"].dropna().str.contains(old).any()


def test_elements_are_plausible():
    elements = data.load("elements")
    rate_rad_s = elements["mean_motion_rev_per_day"] * 2 * np.pi / 86400
    elements["axis_km"] = (398600.4418 / rate_rad_s**2) ** (1 / 3)
    for group, axis_km in {"gps": 26560, "glonass": 25508, "space_station": 6770}.items():
        assert (
            elements.query("group == @group")["axis_km"].between(axis_km - 120, axis_km + 120).all()
        ), group
    assert (elements["axis_km"].between(6600, 43500)).all()
    assert (elements["epoch"] <= elements["fetched"]).all()
    assert (elements["fetched"] - elements["epoch"] < pd.Timedelta(days=60)).all()
    for row in elements.itertuples():
        satellite = Satrec()
        days = (row.epoch - pd.Timestamp("1949-12-31", tz="UTC")) / pd.Timedelta(days=1)
        angles = np.radians(
            [row.arg_perigee_deg, row.inclination_deg, row.mean_anomaly_deg, row.raan_deg]
        )
        perigee, inclination, anomaly, node = angles
        motion = row.mean_motion_rev_per_day * 2 * np.pi / 1440
        # fmt: off
        satellite.sgp4init(WGS72, "i", row.norad_id, days, row.bstar, 0, 0, row.eccentricity,
                           perigee, inclination, anomaly, motion, node)
        # fmt: on
        error, place, _ = satellite.sgp4(satellite.jdsatepoch, satellite.jdsatepochF)
        assert error == 0, row.name
        assert abs(np.linalg.norm(place) / row.axis_km - 1) < row.eccentricity + 0.01, row.name


# --- what code once read out of words


def test_regions():
    regions = data.load("regions")
    where = data.load("country_indicators").set_index("iso3")["region"]
    africa = set(regions.query("region_id == 'africa'")["iso3"])
    assert africa <= UN_MEMBERS and len(africa) == 54
    assert set(where.index[where == "Sub-Saharan Africa"]) <= africa
    north = words("DJI DZA EGY LBY MAR TUN")
    assert africa & set(where.index[where == "Middle East & North Africa"]) == north
    served = regions.query("region_id == 'tiantong'")
    assert (served["confidence"] == "low").all()
    area = served.groupby("region")["iso3"].agg(set)
    assert area["east coast of Africa"] <= africa
    near = area["Middle East"] - {"ISR", "TUR"}
    assert set(where.reindex(list(near)).dropna()) == {"Middle East & North Africa"}
    far = set(where.reindex(list(area["Asia-Pacific"])).dropna())
    assert far == {"East Asia & Pacific", "South Asia"}
    assert not set(served["iso3"]) & words("KAZ KGZ TJK TKM UZB")


def test_builders_and_owners_of_cables_follow_from_their_names():
    cables = data.load("cables")
    owners, assumed = cables["owners"].fillna(""), cables["status"] == "assumed"
    assert (cables["built"].str.startswith("HMN") == cables["hmn_built"]).all()
    assert (
        (cables["built"] == "builder not known") == (cables["suppliers"].isna() | assumed)
    ).all()
    unknown = assumed | owners.eq("")
    assert ((cables["owned"] == "not known") == unknown).all()
    assert ((cables["chinese"] == "owners not known") == unknown).all()
    named = owners.str.contains("China (?:Mobile|Telecom|Unicom)|Hengtong")
    assert (cables["chinese"].str.startswith("a Chinese") == named & ~unknown).all()
    several = cables["chinese"].str.contains("several")
    assert (cables.loc[several, "owned"] == "consortium, three owners or more").all()
    open_end = owners.str.contains(r"\.\.\.|incl\.")
    assert (cables.loc[open_end, "reading_confidence"] == "low").all()


def test_what_satellites_carry_and_give_away():
    satellites = data.load("satellites").set_index("norad_id")
    capacity = satellites["capacity_gbps"].dropna()
    for number, gbps in capacity.items():
        assert f"{gbps:g} Gbit/s" in satellites.loc[number, "notes"]
    assert set(satellites.index[satellites["notes"].fillna("").str.contains("Gbit/s")]) == set(
        capacity.index
    )
    given = satellites["open_1"] | satellites["open_2"]
    assert (given == satellites["open_source_ids"].notna()).all()
    assert (given == satellites["open_confidence"].notna()).all()
    for sensor in ("1", "2"):
        assert satellites.loc[satellites[f"open_{sensor}"], f"sensor_{sensor}"].notna().all()
    gaofen = satellites[given & satellites["name"].str.startswith("Gaofen")]
    assert (gaofen["resolution_2_m"] == 16).all() and not gaofen["open_1"].any()
    opened = data.load("cooperation").set_index("id").loc["X121"]
    assert "16" in opened["name"] + opened["description"] and opened["source_ids"] == "S151"
    assert set(gaofen["open_source_ids"]) == {"S151"}


def test_fleets_are_of_known_satellites_and_as_many_as_their_names_say():
    fleets = data.load("fleets")
    satellites = data.load("satellites").set_index("norad_id")
    assert (fleets["name"].to_numpy() == satellites.loc[fleets["norad_id"], "name"]).all()
    for name, fleet in fleets.groupby("fleet"):
        assert list(fleet["seq"]) == list(range(1, len(fleet) + 1)), name
        assert fleet["norad_id"].is_unique
    size = fleets.groupby("fleet").size()
    assert size["six wide cameras"] == 6 and size["three Gaofen-3 radars"] == 3


def test_plans_of_satellite_phones_agree_with_the_printed_prices():
    prices = data.load("satcom_prices").query("category == 'price'")
    for plan in data.load("satcom_plans").itertuples():
        mine = prices[prices["system"] == plan.system].set_index("item")
        row = mine.loc[plan.item]
        assert row["unit"].startswith(plan.currency) and row["year"] == plan.year
        printed = [float(x) for x in re.findall(r"\d+\.?\d*", f"{plan.item} {row['note']}")]
        assert plan.fee in [0, row["value"], *printed], plan.item
        assert plan.minutes in [0, *printed], plan.item
        assert np.isnan(plan.beyond) or plan.beyond in set(mine["value"]), plan.item
        assert set(row["source_ids"].split(";")) <= set(plan.source_ids.split(";"))
        if plan.fee and plan.minutes and row["unit"].endswith("/min"):
            assert plan.fee / plan.minutes == pytest.approx(row["value"])
    fees = data.load("satcom_plans").query("fee > 0 and minutes > 0")
    assert len(fees) == 6


def test_claims_have_a_speaker_and_a_due_date_that_stand_in_their_words():
    claims = data.load("claims")
    for row in claims.itertuples():
        assert row.who_said.startswith(row.speaker)
        assert "(" not in row.speaker and "via" not in row.speaker
    due = claims.dropna(subset="due_date")
    assert set(due["kind"]) == {"prediction"}
    for row in due.itertuples():
        given = f"{row.value_text} {row.claim}" + (
            f" {row.value:.0f}" if row.unit == "year" else ""
        )
        assert row.due_date in given, row.id
        assert row.claim_date[:7] <= (row.due_date + "-12")[:7], row.id
        assert not re.search(r"20\d\d", given) or row.due_date[:4] == max(
            re.findall(r"20\d\d", given)
        )
    undated = claims[(claims["kind"] == "prediction") & claims["due_date"].isna()]
    for row in undated.itertuples():
        years = [int(year) for year in re.findall(r"\b20\d\d\b", row.claim)]
        assert not [year for year in years if year >= int(row.claim_date[:4])], row.id


def test_a_series_of_market_figures_has_one_scope_one_unit_and_one_count():
    market = data.load("gnss_market")
    assert (market["forecast"] == market["metric"].str.startswith("forecast")).all()
    series = market.dropna(subset="series")
    for name, rows in series.groupby("series"):
        for column in ("scope", "unit", "counts"):
            assert rows[column].nunique() == 1 and rows[column].notna().all(), (name, column)
        assert rows.groupby("forecast")["metric"].nunique().tolist() == [1, 1], name
        assert rows.groupby("forecast")["counted_by"].nunique().tolist() == [1, 1], name
    assert series["series"].nunique() == 4
    told = market.dropna(subset="counted_by")
    glac = told["scope"].str.contains("GLAC def|chips") & ~told["forecast"]
    assert ((told["counted_by"] == "GLAC") == glac).all()
    assert (market["counts"].notna() == market["counted_by"].notna()).all()


def test_every_kind_and_status_has_its_words():
    kinds = data.load("kinds")
    assert not kinds.duplicated(["column", "value"]).any()
    for place, rows in kinds.groupby("column"):
        table, column = place.split(".")
        assert set(rows["value"]) == set(data.load(table)[column]), place
    assert kinds.loc[~kinds["column"].str.endswith("form"), "group"].notna().all()
    assert set(kinds.loc[kinds["on_paper"], "column"]) == {"cooperation.form"}
    assert kinds["leaves_open"].dropna().str.fullmatch(r"[A-Z].*\.").all()


def test_hubs_and_chokepoints_are_those_of_the_network():
    hubs, points = data.load("hubs"), data.load("cable_landings")
    known = points.query("point_type != 'waypoint'").drop_duplicates("place_key")
    known = known.set_index("place_key").loc[hubs["place_key"]]
    assert (known["place"].to_numpy() == hubs["place"]).all()
    assert (known["iso3"].to_numpy() == hubs["iso3"]).all()
    west = known["lon"].to_numpy() < 60
    assert (hubs["side"].to_numpy() == np.where(west, "west", "east")).all()
    tags = set(listed(points["chokepoints"])) | set(
        listed(data.load("assumed_links")["chokepoints"])
    )
    chokepoints = data.load("chokepoints")
    assert set(chokepoints["tag"]) == tags
    on_land = chokepoints["tag"].str.endswith("_LAND")
    assert (on_land == (chokepoints["medium"] == "land")).all()


def test_promised_availability_stands_in_the_standard():
    for row in data.load("constellations").itertuples():
        promised = (row.pdop_availability_mean_pct, row.pdop_availability_worst_pct)
        found = re.findall(r">=(\d+)%", str(row.pdop_availability_standard))
        assert [float(x) for x in found] == [x for x in promised if not np.isnan(x)], row.system


# --- countries and capitals


@cache
def shapes():
    """Polygons (lists of rings) by ISO code, or by name where there is none."""
    found = {}
    for feature in data.shapes()["features"]:
        geometry = feature["geometry"]
        multi = geometry["type"] == "MultiPolygon"
        polygons = geometry["coordinates"] if multi else [geometry["coordinates"]]
        properties = feature["properties"]
        found.setdefault(properties["iso3"] or properties["name"], []).extend(polygons)
    return found


def rings():
    for key, polygons in shapes().items():
        for polygon in polygons:
            for ring in polygon:
                yield key, np.array(ring)


def test_every_state_has_a_shape():
    assert len(UN_MEMBERS) == 193
    assert set(shapes()) >= UN_MEMBERS
    assert set(data.load("bri_countries")["iso3"]) <= set(shapes())
    assert set(data.load("cooperation")["iso3"]) - NO_COUNTRY <= set(shapes())
    assert {"SGP", "MDV", "TUV", "NRU", "MCO", "VAT", "PSE"} <= set(shapes())


def test_countries_have_one_code_and_a_name():
    properties = [feature["properties"] for feature in data.shapes()["features"]]
    assert all(set(p) == {"iso3", "name"} and p["name"] for p in properties)
    coded = [p["iso3"] for p in properties if p["iso3"]]
    assert len(set(coded)) == len(coded) and set(coded) <= ISO3
    assert {p["name"] for p in properties if not p["iso3"]} == {
        "Kosovo",
        "Northern Cyprus",
        "Siachen Glacier",
        "Somaliland",
        "Christmas and Cocos (Keeling) Islands",
    }
    assert not [p["name"] for p in properties if p["name"].endswith(".")]


def test_the_file_is_small():
    assert (data.FOLDER / "countries.geojson").stat().st_size <= 350_000


def test_no_ring_spans_the_map():
    for key, ring in rings():
        steps = np.abs(np.diff(ring[:, 0]))
        assert steps.max() <= 180, key
        assert (np.abs(ring[:, 0]) <= 180).all() and (np.abs(ring[:, 1]) <= 90).all(), key
        if key != "ATA":
            assert np.ptp(ring[:, 0]) < 180, f"{key} spans the map"
    for key in ("RUS", "FJI"):
        sides = [np.sign(np.array(polygon[0])[:, 0].mean()) for polygon in shapes()[key]]
        assert {-1, 1} == set(sides), f"{key} has no part beyond 180 degrees"


def crossing(ring):
    """Whether two edges of a ring cross."""
    start, end = ring[:-1], ring[1:]
    count = len(start)

    def side(a, b, c):
        return np.sign(
            (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1])
            - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
        )

    for i in range(count - 2):
        a, b = start[i], end[i]
        c, d = start[i + 2 :], end[i + 2 :]
        if i == 0:
            c, d = c[:-1], d[:-1]
        hit = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
        if hit.any():
            return True
    return False


def test_rings_are_closed_and_simple():
    count = 0
    for key, ring in rings():
        assert len(ring) >= 4 and (ring[0] == ring[-1]).all(), key
        assert len(np.unique(ring[:-1], axis=0)) == len(ring) - 1, f"{key} touches itself"
        area = (ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1]).sum() / 2
        assert abs(area) > 0, f"{key} has a ring without an area"
        assert not crossing(ring), f"{key} has a ring that crosses itself"
        assert (np.abs(ring * 100 - np.round(ring * 100)) < 1e-6).all(), "more than two decimals"
        count += 1
    assert count > 1000


def test_crossing_is_noticed():
    bow = np.array([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]])
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    assert crossing(bow) and not crossing(square)


def distance_deg(ring, lon, lat):
    """Degrees from a point to the nearest edge of a ring."""
    start, edge = ring[:-1], np.diff(ring, axis=0)
    away = [lon, lat] - start
    share = np.clip((away * edge).sum(axis=1) / (edge**2).sum(axis=1), 0, 1)
    return np.hypot(*(away - share[:, None] * edge).T).min()


def inside(ring, lon, lat):
    x, y = np.array(ring).T
    crossed = (y[:-1] > lat) != (y[1:] > lat)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x[:-1] + (lat - y[:-1]) / (y[1:] - y[:-1]) * (x[1:] - x[:-1])
    return (crossed & (lon < at)).sum() % 2 == 1


def test_capitals_lie_in_their_countries():
    capitals = data.load("capitals")
    assert set(capitals["iso3"]) == set(data.load("country_indicators")["iso3"])
    for row in capitals.itertuples():
        outer = [np.array(polygon[0]) for polygon in shapes()[row.iso3]]
        within = any(inside(ring, row.lon, row.lat) for ring in outer)
        near = min(distance_deg(ring, row.lon, row.lat) for ring in outer)
        assert within or near < 0.3, f"{row.capital} lies {near:.2f} degrees from {row.country}"


def test_cities_are_the_capitals_and_the_large_ones():
    cities, capitals = data.load("cities"), data.load("capitals").set_index("geonames_id")
    assert not cities[["city", "country"]].duplicated().any(), "a name leads to one city"
    home = cities.set_index("geonames_id").loc[capitals.index]
    for column, own in {"city": "capital", "iso3": "iso3", "lat": "lat", "lon": "lon"}.items():
        assert (home[column] == capitals[own]).all(), column
    small = cities[~cities["geonames_id"].isin(capitals.index) & (cities["population"] < 300_000)]
    assert small["iso3"].is_unique and not set(small["iso3"]) & set(capitals["iso3"])
    assert {"Reykjavik", "Thimphu", "Koror"} <= set(small["city"]), "the other capitals"
    assert set(cities["iso3"]) >= UN_MEMBERS
    assert set(cities["iso3"].dropna()) <= ISO3
    assert set(cities.loc[cities["iso3"].isna(), "country"]) == {"Kosovo"}
    assert cities["city"].str.replace("°", "").map(str.isascii).all()
    assert (data.FOLDER / "cities.csv").stat().st_size < 200_000  # a sixth are Chinese names
    assert "mixed vintage" in data.package()["cities"]["description"]


def test_chinese_names_are_in_chinese_signs_and_in_both_kinds_of_them():
    cities = data.load("cities")
    chinese = cities.set_index("city")["names_zh"].dropna().str.split(";")
    assert len(chinese) == 1538, "of those that GeoNames has, none is lost"
    for city, names in chinese.items():
        assert all(HAN.match(sign) for sign in "".join(names)), city
        assert len(set(names)) == len(names), city
    assert {"拉合尔", "拉合爾"} == set(chinese["Lahore"])
    assert {"内罗毕", "內羅畢"} < set(chinese["Nairobi"])
    assert {"阿拉木图", "阿拉木圖"} == set(chinese["Almaty"]), "GeoNames has the second alone"
    assert {"北京", "東京"} <= {name for names in chinese for name in names}


def test_the_border_policy_is_short_and_names_its_source():
    assert "Natural Earth" in data.BORDER_POLICY and "no opinion" in data.BORDER_POLICY
    assert len(data.BORDER_POLICY) < 250


# --- load


def test_columns_are_typed():
    elements = data.load("elements")
    assert elements["norad_id"].dtype == "int64"
    assert elements["eccentricity"].dtype == "float64"
    assert str(elements["epoch"].dtype) == "datetime64[ns, UTC]"
    beidou = data.load("beidou_satellites")
    assert str(beidou["launch_date"].dtype) == "datetime64[ns, UTC]"
    assert beidou["in_gp_snapshot"].dtype == bool
    assert beidou["geo_longitude_deg"].dtype == "float64"
    assert data.load("cables")["rfs_year"].dtype == "Int64"
    assert data.load("claims")["notebook"][0] == "10"
    assert data.load("cooperation")["date"].dropna().str.len().isin([4, 7, 10]).all()
    assert "NAM" in set(data.load("bri_countries")["iso3"]), "Namibia is no missing value"
    for name in TABLES:
        assert list(data.load(name).columns) == list(fields(name))


def test_a_loaded_table_is_your_own():
    first = data.load("places")
    first.loc[0, "name"] = "changed"
    first.attrs["table"] = "changed"
    again = data.load("places")
    assert again["name"][0] != "changed" and again.attrs["table"] == "places"
    shape = data.shapes()
    shape["features"].clear()
    assert data.shapes()["features"]


def test_a_file_that_changed_is_read_again(tmp_path):
    folder = copied(tmp_path)
    before = data.load("places", folder)
    path = folder / "places.csv"
    write(path, read(path).replace(before["name"][0], "A longer name", 1))
    assert data.load("places", folder)["name"][0] == "A longer name"


@pytest.mark.parametrize("name", ["beidou_satelites", "Elements", "sources.csv", 3, None])
def test_unknown_table(name):
    with pytest.raises(InputError) as failure:
        data.load(name)
    near = {"beidou_satelites": "beidou_satellites", "sources.csv": "sources"}
    assert near.get(name, "elements") in str(failure.value)


def cell(column, value):
    """A damage: another value in one column of the first row."""

    def damage(text):
        header, first, *rest = text.splitlines(keepends=True)
        row = dict(zip(header.strip().split(","), first.rstrip("\n").split(","), strict=True))
        row[column] = value(row[column]) if callable(value) else value
        return "".join([header, ",".join(row.values()) + "\n", *rest])

    return damage


def doubled(text):
    return text + text.splitlines(keepends=True)[1]


DAMAGE = {
    "letters": (cell("inclination_deg", "fast"), "line 2: .*inclination_deg: 'fast' is not of"),
    "no number": (cell("inclination_deg", "nan"), "line 2: .*inclination_deg: 'nan' is not of"),
    "out of range": (cell("inclination_deg", "191"), "191 is not in 0.* to 180"),
    "a missing value": (cell("raan_deg", ""), "raan_deg: the value is missing"),
    "eccentricity 1": (cell("eccentricity", "1.0"), "eccentricity: 1.0 is not in"),
    "backwards": (cell("mean_motion_rev_per_day", "-1.0"), "-1.0 is not in 0.05 to 17"),
    "underground": (cell("eccentricity", "0.95"), "eccentricity 0.95 .*ground"),
    "a local time": (cell("epoch", lambda t: t[:-1]), "epoch: .*UTC instant ending in Z"),
    "a future epoch": (cell("epoch", lambda t: "2099" + t[4:]), "after the fetch"),
    "an unknown group": (cell("group", "baidu"), "'baidu' is none of"),
    "a satellite twice": (doubled, r"line 305: column norad_id: '\d+' stands twice"),
    "a value too many": (cell("group", "beidou,"), "24 values instead of 23"),
    "half a file": (lambda t: t[: len(t) // 2], r"line \d+: "),
    "no rows": (lambda t: t.splitlines(keepends=True)[0], "it has no rows"),
    "nothing": (lambda t: "", "line 1: the column name is missing or not known"),
    "another column": (
        lambda t: t.replace("eccentricity", "ecc", 1),
        "line 1: the column eccentricity is missing or not known",
    ),
    "an open quote": (lambda t: t.replace("BEIDOU", '"BEIDOU', 1), "line "),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_elements_are_refused_in_one_sentence(tmp_path, kind):
    damage, match = DAMAGE[kind]
    folder = copied(tmp_path)
    path = folder / "elements.csv"
    write(path, damage(read(path)))
    with pytest.raises(InputError, match=match) as failure:
        data.load("elements", folder)
    text = str(failure.value)
    assert "\n" not in text
    if kind not in ("underground", "a future epoch"):  # these name the satellite, not the line
        assert text.startswith(f"{path}, line ")
    assert f"mend {path}, or leave out folder= to load ours" in text
    assert len(data.load("elements"))  # the advice works


FRESH = r"put data/\S+ of a fresh copy of the course in its place\.$"  # no git in a zip, on Binder


def test_other_damaged_files(tmp_path, monkeypatch):
    folder = copied(tmp_path)
    path = folder / "beidou_satellites.csv"
    text = read(path)
    write(path, text.replace("2000-10-30", "2000-30-10"))
    with pytest.raises(InputError, match=r"line 2: column launch_date: '2000-30-10' .*YYYY-MM-DD"):
        data.load("beidou_satellites", folder)
    write(path, text.replace(",false,", ",no,", 1))
    with pytest.raises(InputError, match=r"column in_gp_snapshot: 'no' .* true/false"):
        data.load("beidou_satellites", folder)
    write(path, text.replace(",26599,", ",26599.5,", 1))
    with pytest.raises(InputError, match=r"norad_id: '26599\.5' is not of the type integer"):
        data.load("beidou_satellites", folder)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8 text"):
        data.load("beidou_satellites", folder)
    path.unlink()
    with pytest.raises(InputError, match=r"cannot be read .*mend .*beidou_satellites.csv"):
        data.load("beidou_satellites", folder)
    monkeypatch.setattr(data, "FOLDER", folder)
    write((folder / "countries.geojson"), '{"type": "FeatureCollection", "features": [')
    with pytest.raises(InputError, match=rf"data/countries.geojson is damaged .*{FRESH}"):
        data.shapes()
    (folder / "countries.geojson").unlink()
    with pytest.raises(InputError, match=r"data/countries.geojson cannot be read"):
        data.shapes()
    write((folder / "datapackage.json"), "{}")
    with pytest.raises(InputError, match=rf"data/datapackage.json is damaged .*{FRESH}"):
        data.load("places")


def test_a_shipped_table_that_is_damaged_is_taken_anew_from_a_fresh_copy(tmp_path, monkeypatch):
    folder, fresh = copied(tmp_path), data.FOLDER
    monkeypatch.setattr(data, "FOLDER", folder)
    write(folder / "places.csv", read(folder / "places.csv").replace(",", ";", 1))
    with pytest.raises(InputError, match=rf"^data/places.csv, line 1: .*{FRESH}"):
        data.load("places")
    shutil.copy(fresh / "places.csv", folder)
    assert len(data.load("places"))


ODD = "a\u2028b\x0cc\x85d\x1ce\x0bf"  # what str.splitlines takes for the end of a line


@pytest.mark.parametrize("value", [ODD, f'"{ODD}, in quotes"', '"two\r\nlines"'])
def test_a_line_separator_in_a_value_does_not_damage_a_table(tmp_path, value):
    folder = copied(tmp_path)
    path = folder / "glossary.csv"
    header, first, rest = read(path).split("\n", 2)
    cells = [f'"{cell}"' for cell in next(csv.reader([first]))]
    cells[header.split(",").index("definition")] = value
    path.write_bytes(f"{header}\n{','.join(cells)}\n{rest}".encode())
    table, ours = data.load("glossary", folder), data.load("glossary")
    assert table["definition"][0] == value.strip('"') and len(table) == len(ours)
    pd.testing.assert_frame_equal(table[1:], ours[1:])


def test_a_table_of_a_spreadsheet_with_its_mark_is_read(tmp_path):
    folder = copied(tmp_path)
    (folder / "places.csv").write_bytes(b"\xef\xbb\xbf" + (folder / "places.csv").read_bytes())
    pd.testing.assert_frame_equal(data.load("places", folder), data.load("places"))


def test_own_tables_stand_in_the_home_folder(tmp_path, monkeypatch):
    copied(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert len(data.load("places", "~/data")) == len(data.load("places"))


def test_no_sentence_shows_a_pattern_to_a_beginner(tmp_path):
    folder = copied(tmp_path)
    path = folder / "places.csv"
    write(path, read(path).replace(",S", ",s", 1))
    with pytest.raises(InputError, match=r"'s\d+.*' is not of its form \(Keys of the sources"):
        data.load("places", folder)


@pytest.mark.parametrize(
    ("column", "value", "match"),
    [
        ("eccentricity", 1.0, "eccentricity 1.0 is not in 0 to 0.99"),
        ("eccentricity", -0.1, "eccentricity -0.1 is not in"),
        ("mean_motion_rev_per_day", -1.0, "mean_motion_rev_per_day -1.0 is not in 0.05 to 17"),
        ("mean_motion_rev_per_day", 0.0, "is not in 0.05 to 17 revolution per day"),
        ("inclination_deg", float("nan"), "inclination_deg is missing"),
        ("inclination_deg", 200.0, "200.0 is not in 0 to 180 degree"),
        ("epoch", pd.NaT, "epoch is missing"),
        ("bstar", float("inf"), "bstar inf is not in"),
    ],
)
def test_absurd_elements_are_refused(column, value, match):
    elements = data.load("elements").head(3)
    assert check_elements(elements) is elements
    elements.loc[1, column] = value
    with pytest.raises(InputError, match=match) as failure:
        checked_elements(elements)
    assert elements["name"][1] in str(failure.value) and "drop that row" in str(failure.value)


def test_elements_without_all_columns_are_checked_for_those_they_have():
    some = data.load("elements")[["name", "norad_id", "eccentricity", "mean_motion_rev_per_day"]]
    assert len(check_elements(some)) == len(some)
    some.loc[0, "eccentricity"] = 0.9
    with pytest.raises(InputError, match="perigee less than 80 km above the ground"):
        check_elements(some.assign(mean_motion_rev_per_day=10.0))


def test_the_table_of_elements_is_held_against_what_an_orbit_can_be(tmp_path):
    folder = copied(tmp_path)
    path = folder / "elements.csv"
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    rows[0][head.index("eccentricity")] = "0.9"  # possible, but not with its mean motion
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
    name = re.escape(rows[0][head.index("name")])
    with pytest.raises(InputError, match=rf"Elements of {name} .*above the ground"):
        data.load("elements", folder)


# --- the build


BUILD = data.FOLDER / "build" / "build.py"


def build():
    return runpy.run_path(str(BUILD))


def test_the_build_gives_the_recorded_capitals_cities_and_description(tmp_path, monkeypatch):
    folder = copied(tmp_path)
    monkeypatch.setattr(data, "FOLDER", folder)
    write((folder / "capitals.csv"), "")
    write((folder / "cities.csv"), "")
    path = folder / "datapackage.json"
    recorded = path.read_bytes()
    path.write_bytes(re.sub(rb'"(bytes|rows)": \d+', rb'"\1": 0', recorded))
    monkeypatch.setattr(sys, "argv", ["build.py", "--no-map"])
    build()["main"]()
    monkeypatch.undo()
    for name in ("capitals.csv", "cities.csv", "datapackage.json"):
        assert (folder / name).read_bytes() == (data.FOLDER / name).read_bytes(), name


def test_the_build_says_when_npm_is_missing(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"npm is missing: install Node\.js"):
        build()["countries"]()


def test_a_ring_is_followed_across_180_degrees():
    unwrapped = build()["unwrapped"]
    ring = [(179, 0), (-179, 0), (-179, 1), (179, 1), (179, 0)]
    assert unwrapped(ring) == [(179, 0), (181, 0), (181, 1), (179, 1), (179, 0)]
    polar = [(-120, -70), (0, -75), (120, -70), (-120, -70)]
    out = unwrapped(polar)
    assert out[0] == out[-1] and (240, -90.0) in out and (-120, -90.0) in out
    steps = [abs(b[0] - a[0]) for a, b in itertools.pairwise(out)]
    assert sorted(steps)[-2] <= 180
