"""Lesson 12: the counts, the chain, the promises, and whom the claims name."""

import json
import math
import re
from pathlib import Path

import pandas as pd
import pytest

from course import l12
from helpers import claims, data, style

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "12-claims.ipynb"
CELLS = {cell["id"]: cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]}
LESSON = {}  # what the lesson's own cells have made
for id in ("imports", "table", "looks", "groups", "names"):
    exec("".join(CELLS[id]["source"]), LESSON)
TABLE = LESSON["table"]
DOCUMENTS, SOURCES = data.load("documents"), data.load("sources")
PROMISES = l12.promises_of(TABLE)
BY_ID = TABLE.set_index("id", drop=False)


# Counts


def test_the_lesson_has_the_verdicts_and_colours_of_the_ledger():
    ruled = TABLE["verdict_hint"].mask(TABLE["kind"] == "opinion", "opinion").map(claims.VERDICTS)
    assert [f"{sign} {words}" for sign, words, _ in ruled] == TABLE["ruling"].tolist()
    looks = {f"{sign} {words}": color for sign, words, color in claims.VERDICTS.values()}
    assert {ruling: style.color(color) for ruling, (color, _) in LESSON["looks"].items()} == looks


@pytest.mark.parametrize("by", LESSON["groups"])
def test_the_overview_counts_every_claim_once(by):
    counts = LESSON["counted_by"](by)
    assert counts.to_numpy().sum() == len(TABLE)
    assert counts["❝ opinion"].sum() == (TABLE["kind"] == "opinion").sum()


def _wilson_solved(right, of, z=1.959963984540054):
    """Return both p with |right/of - p| = z sqrt(p (1 - p) / of), found by halving."""
    share, ends = right / of, []
    for outer in (0.0, 1.0):
        inner = share
        for _ in range(200):
            middle = (inner + outer) / 2
            inside = abs(share - middle) <= z * math.sqrt(middle * (1 - middle) / of)
            inner, outer = (middle, outer) if inside else (inner, middle)
        ends.append(inner)
    return ends


@pytest.mark.parametrize("rule", l12.RULES)
@pytest.mark.parametrize("by", ["speaker", "topic", "kind"])
def test_rates_agree_with_a_loop_over_rows_and_with_wilson_solved_by_halving_to_1e_9(by, rule):
    right, wrong = l12.RULES[rule]
    shares = l12.rates(TABLE, by, rule, at_least=1)
    counted = {}
    for row in TABLE.to_dict("records"):
        sign = claims.VERDICTS[row["verdict_hint"]][0]
        if row["kind"] != "opinion" and sign in (*right, *wrong):
            good, of = counted.get(row[by], (0, 0))
            counted[row[by]] = good + (sign in right), of + 1
    assert {r.group: (r.right, r.of) for r in shares.itertuples()} == counted
    for row in shares.itertuples():
        low, high = _wilson_solved(row.right, row.of)
        assert row.low == pytest.approx(low, abs=1e-9)
        assert row.high == pytest.approx(high, abs=1e-9)
    assert not set(right) & set(wrong) and not {"❝", "○"} & {*right, *wrong}


def test_rates_in_words_are_true_of_none_one_many_and_equal():
    for least, start in ((99, "No group has 99 claims"), (50, "1 group has 50 claims")):
        shares = l12.rates(TABLE, "speaker", "confirmed or met", least)
        assert l12.rates_words(shares, least).startswith(start)
    even = pd.DataFrame(
        {"group": ["a", "b"], "right": 2, "of": 4, "share": 0.5, "low": 0.2, "high": 0.8}
    )
    assert "the same share, 50 %" in l12.rates_words(even, 3)
    near = even.assign(right=[30, 40], of=50, share=[0.6, 0.8])
    assert "as far in up to 4 of 100 cases" in l12.rates_words(near, 3), (
        "although both lines overlap"
    )
    apart = even.assign(right=[20, 1], of=20, share=[1, 0.05])
    assert "in fewer than 1 of 100 cases" in l12.rates_words(apart, 3)


def test_the_histogram_counts_every_year():
    (chart,) = claims.settle("C125").layers
    table = chart.table
    assert table["claims"].sum() == len(TABLE) - 1, "all but C125 itself"
    assert table["year"].tolist() == list(range(2008, 2021))


def test_the_verdict_on_c125_follows_the_years(monkeypatch):
    load = data.load
    for years, verdict in ((["2019", "2020-08"], "confirmed"), (["2015", "2020"], "inaccurate")):
        changed = load("claims")
        changed["claim_date"] = [years[i % 2] for i in range(len(changed))]
        monkeypatch.setattr(data, "load", lambda name, table=changed: table.copy())
        assert claims.settle("C125").verdict == verdict


# The chain


def test_the_sentence_of_2015_is_five_years_old_in_print():
    stops = l12.stops_of(BY_ID.loc["C012"], DOCUMENTS, SOURCES)
    assert stops["date"].tolist() == ["2015-04-01", "2015-04-23", "2020-08-29", "2022-09-29"]
    days = (pd.to_datetime(stops["date"]) - pd.Timestamp("2015-04-01")).dt.days / 365.25
    assert stops["age_years"].to_numpy() == pytest.approx(days, abs=0.06)


def test_every_traveller_is_older_than_the_print_and_ends_in_the_article():
    old = l12.travellers(TABLE, DOCUMENTS, 2020)
    assert "C012" in old.values() and len(old) > 10
    for id in old.values():
        stops = l12.stops_of(BY_ID.loc[id], DOCUMENTS, SOURCES)
        assert stops["who"].tolist()[-2:] == ["the article", "the article again"]
        assert stops["year"].is_monotonic_increasing and stops["year"].iloc[0] < 2018
        assert (stops["age_years"] >= 0).all()


@pytest.mark.parametrize(
    ("year", "words"),
    [
        (2014, "nobody had said it yet"),
        (2015, "2 stops, the last ECNS on 2015-04-23, 0.1 years after the first."),
        (2019, "2 stops"),
        (2022, "4 stops, the last the article again on 2022-09-29, 7.5 years after the first."),
    ],
)
def test_the_chain_in_words_is_true_at_every_year(year, words):
    stops = l12.stops_of(BY_ID.loc["C012"], DOCUMENTS, SOURCES)
    assert words in l12.stops_words(stops, year)


# Promises


def test_every_dated_promise_names_its_date_and_comes_due_after_it_was_made():
    dated = PROMISES[PROMISES["due"].notna()]
    assert len(PROMISES) == (TABLE["kind"] == "prediction").sum() and len(dated) == 9
    assert (dated["due"] > dated["made"]).all()
    undated = PROMISES[PROMISES["due"].isna()]
    assert not undated["ruling"].eq("prediction_missed").any(), "the lesson says so"
    assert not undated["claim"].str.contains(r"\b20\d\d\b").any()


@pytest.mark.parametrize("year", range(2014, 2031))
def test_promises_in_words_agree_with_the_table_under_the_chart(year):
    words = l12.promises_words(PROMISES, year)
    shown = l12.promises_table(l12.promises_by(PROMISES, year))
    made = re.search(r"(\d+) predictions? made", words)
    assert int(made[1]) == len(shown)
    came = int(re.search(r"(\d+) came due", words)[1])
    assert came == (~shown["state"].str.startswith("…")).sum()
    assert len(shown) == l12.promises_listed(l12.promises_by(PROMISES, year)).count(" made ")


# The map


def test_named_countries_are_found_by_whole_words():
    names = {"OMN": "Oman", "PAK": "Pakistan", "SDN": "Sudan"}
    table = pd.DataFrame(
        {
            "id": ["C1", "C2"],
            "claim": ["Pakistan and a Romanian.", "Sudan's satellite."],
            "claim_date": ["2013", "2019-11"],
        }
    )
    rows = l12.mentions(table, names)
    assert rows[["id", "year", "iso3"]].to_numpy().tolist() == [
        ["C1", 2013, "PAK"],
        ["C2", 2019, "SDN"],
    ]
    assert l12.mentions(table, {"OMN": "Oman"}).empty


@pytest.mark.parametrize("year", [2014, 2015, 2020])
def test_a_country_that_a_claim_names_is_not_among_those_never_named(year):
    cell = "".join(CELLS["names-map"]["source"])
    scope = LESSON | {"keep": lambda *_, **__: lambda function: function}
    exec(cell.replace("@live(", "@keep("), scope)
    layer, words = scope["named"](year)
    state = layer.table.set_index("iso3")["category"]
    rows = l12.mentions(TABLE[TABLE["year"] <= year], LESSON["names"])
    assert set(state[state == "named by a claim"].index) == set(rows["iso3"])
    partners = data.load("bri_countries")
    signed = set(partners.loc[partners["signed_year"] <= year, "iso3"])
    assert set(state[state == "signed, never named"].index) == signed - set(rows["iso3"])
    assert f"of {len(signed)} signatories {len(signed - set(rows['iso3']))} are not" in words


def test_mentions_agree_with_a_search_word_by_word():
    names = {f["properties"]["iso3"]: f["properties"]["name"] for f in data.shapes()["features"]}
    found = set(l12.mentions(TABLE, names)[["id", "iso3"]].itertuples(index=False, name=None))
    for iso3, name in names.items():
        for row in TABLE.itertuples():
            words = [" "] + [c if c.isalnum() or c == "_" else " " for c in row.claim] + [" "]
            plain = "".join(c if c.isalnum() or c == "_" else " " for c in name)
            if f" {plain} " in "".join(words):
                assert (row.id, iso3) in found, (row.id, name)
                found.discard((row.id, iso3))
    assert not found
