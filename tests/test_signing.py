"""When a country signed, in words: nothing about a year is left out where sources differ."""

import pytest

from course import l00, signing
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
