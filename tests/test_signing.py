"""When a country signed, in words: nothing about a year is left out where sources differ."""

import pytest

from course import l00, l02, signing
from helpers import data

SIGNED = data.load("bri_countries").set_index("iso3", drop=False)


@pytest.mark.parametrize(
    ("iso3", "words"),
    [
        ("LVA", "2016-11-04"),
        ("TJK", "2014"),
        ("KOR", "2015 (year as its source has it)"),
        ("HND", "2023-06-12 (as its source has it)"),
        ("UKR", "2015 (sources disagree: others have 2017)"),
        ("MDV", "2017-12-07 (sources disagree: others have 2014)"),
    ],
)
def test_a_date_stands_with_what_it_rests_on(iso3, words):
    assert signing.when(SIGNED.loc[iso3]) == words


def test_the_first_map_says_the_same_and_bears_a_year_without_rows():
    rows = l00.partners()
    said = l00.papers(rows, 2026)["signed"]
    assert (said == [signing.when(row) for _, row in SIGNED.loc[said.index].iterrows()]).all()
    assert l00.papers(rows.head(0), 2013).empty


@pytest.mark.parametrize(
    ("asked", "iso3"),
    [
        ("Türkiye", "TUR"),
        ("Turkey", "TUR"),
        ("Ivory Coast", "CIV"),
        ("UK", "GBR"),
        ("Burma", "MMR"),
        ("巴基斯坦", "PAK"),
        ("the Czech Republic", "CZE"),
        ("LAO", "LAO"),
    ],
)
def test_lesson_02_finds_a_country_by_any_usual_name(asked, iso3):
    events = data.load("cooperation")
    some, lines = l02.of_countries(events, [asked])
    assert len(some) == (events["iso3"] == iso3).sum()
    assert bool(lines) == some.empty
    assert not lines or lines[0].endswith("no row in the table.")


def test_lesson_02_says_what_it_did_not_find_and_what_is_near():
    events = data.load("cooperation")
    some, lines = l02.of_countries(events, ["Türkiye", "Pakstan", "Qqqq", "Tonga", "Congo"])
    assert set(some["iso3"]) == {"TUR"} and len(some) == 5
    near, nothing, no_row, two = lines
    assert "'Pakstan'" in near and "Pakistan" in near
    assert nothing == "There is no country 'Qqqq': give its English or Chinese name."
    assert no_row == "Tonga: no row in the table."
    assert "a name of 2 countries" in two
    assert all(len(line) < 120 for line in lines), "never the alphabet"
    assert l02.of_countries(events, [])[0].empty
