"""Lesson 01: the search finds an event by any of its names, and ties say what they are."""

import pandas as pd
import pytest

from course import l01
from helpers import data
from silkroad import dates


@pytest.fixture(scope="module")
def events():
    table = data.load("timeline")
    return table.assign(year=dates.middle(table["date"]))


def found(events, words):
    return set(l01.events_found(events, "all", (1970, 2030), words)["id"])


@pytest.mark.parametrize("names", l01.NAMES)
def test_all_names_of_a_thing_find_the_same_events(events, names):
    longest = found(events, names[0])
    assert longest, f"no event names {names[0]}"
    for name in names[1:]:
        assert longest <= found(events, name), name


def test_the_search_takes_chinese_abbreviations_and_tones(events):
    beidou = found(events, "beidou")
    assert len(beidou) > 15
    for words in ("北斗", "BDS", "Běidǒu", "BeiDou"):
        assert found(events, words) == beidou
    assert found(events, "北斗 tunis") == found(events, "beidou tunis") != set()
    assert found(events, "no such word") == set()


def test_a_short_name_is_not_found_inside_another_word():
    event = pd.DataFrame(
        {"title": ["BRICS meeting"], "description": [None], "track": ["policy"], "year": [2019.5]}
    )
    assert l01.events_found(event, "all", (1970, 2030), "一带一路").empty


@pytest.mark.parametrize("body", data.load("organisations")["id"])
@pytest.mark.parametrize("steps", [1, 2])
def test_every_tie_that_is_drawn_has_its_words_and_its_row(body, steps):
    bodies, relations = data.load("organisations"), data.load("relations")
    _, ties = l01.places_of(bodies, relations, body, steps)
    said = l01.ties_said(bodies, relations, ties)
    assert set(said) == set(ties) and all(said.values())
    chart = l01.chart_of_ties(bodies, relations, body, steps)
    short = l01.body_names(bodies)
    for (one, other), words in said.items():
        assert f"{short[one]} {words} {short[other]}" in chart.summary
    assert len(chart.table) >= len(set(ties))
