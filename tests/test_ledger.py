"""What lesson 12 draws: the hand, the counts, the chain, the promises, and pictures for checks."""

import math
import re

import numpy as np
import pandas as pd
import pytest

from course.scenes import ledger
from helpers import claims, data
from helpers.inputs import InputError

TABLE = ledger.with_speaker(data.load("claims"))
DOCUMENTS, SOURCES = data.load("documents"), data.load("sources")
PROMISES = ledger.promises(TABLE)
BY_ID = TABLE.set_index("id", drop=False)


# The hand


def test_a_hand_is_the_same_for_the_same_seed_and_of_its_topic():
    one, two = ledger.deal(TABLE, "all", 8, 12), ledger.deal(TABLE, "all", 8, 12)
    assert one["id"].tolist() == two["id"].tolist() and one["id"].is_unique and len(one) == 8
    assert ledger.deal(TABLE, "all", 8, 13)["id"].tolist() != one["id"].tolist()
    launch = ledger.deal(TABLE, "launch", 12, 12)
    assert set(launch["topic"]) == {"launch"} and len(launch) == 2
    with pytest.raises(InputError, match="topic"):
        ledger.deal(TABLE, "lunch", 8, 12)


def test_two_rulings_agree_in_sense_and_opinions_are_not_scored():
    right = {"C119": "inaccurate", "C092": "disputed", "C001": "prediction_met"}
    table, words = ledger.compare(right)
    assert table["result"].tolist() == ["the same"] * 3
    assert words == "Of 3 statements of fact you and the ledger see 3 alike."
    table, words = ledger.compare({"C018": "confirmed", "C034": "opinion", "C012": "confirmed"})
    assert table["result"].tolist() == ["opinion", "opinion", "different"]
    assert "C012: you say confirmed, the ledger outdated." in words
    assert "C018 is an opinion, though you say confirmed" in words
    assert "C034 is an opinion, as you saw" in words


@pytest.mark.parametrize(
    ("rulings", "words"),
    [
        ({}, "You have ruled on none."),
        ({"C001": "confirmed"}, "On the statement that can be checked you and the ledger agree."),
        ({"C001": "disputed"}, "you and the ledger differ. C001: you say disputed"),
        ({"C018": "opinion"}, "C018 is an opinion, as you saw"),
    ],
)
def test_none_and_one_ruling_make_sentences(rulings, words):
    assert words in ledger.compare(rulings)[1]


def test_no_opinion_of_the_ledger_is_ever_shown_with_a_verdict():
    signs = [f"{sign} {words}" for key, (sign, words, _) in claims.VERDICTS.items()]
    signs.remove("❝ opinion")
    for id in TABLE.loc[TABLE["kind"] == "opinion", "id"]:
        page = ledger.evidence([id])
        assert "❝ opinion" in page and not any(sign in page for sign in signs), id


def test_evidence_is_computed_where_a_check_exists_and_else_one_table():
    page = ledger.evidence(["C001", "C092", "C016"])
    assert page.count("<caption") == 1 and page.count("Rule:") == 1
    assert page.index("C092") < page.index("C001") < page.index("C016")
    assert "<b>C001</b>: a document settles it. Compare with a mission table" in page
    assert "the reader weighs sources" in ledger.evidence(["C018"])
    assert ledger.evidence([]) == ""


def test_the_hand_keeps_the_evidence_back_until_it_is_asked_for():
    hand = ledger.Hand(TABLE, seed=12)
    first = hand.ids[0]
    assert len(hand.rows.children) == 8 and "8 of 8 claims wait" in hand.result.value
    hand.rule(first, "confirmed")
    secret = BY_ID.loc[first, "explanation"][:20]
    assert "7 of 8" in hand.result.value and secret not in hand.result.value
    hand.reveal.value = True
    assert first in hand.result.value and len(hand.result.value) > 400
    hand.rule(first, ledger.OPEN)
    assert hand.rulings == {} and "ruled on none" in hand.result.value
    with pytest.raises(InputError, match="ruling"):
        hand.rule(first, "true")


def test_a_ruling_stays_while_other_hands_are_dealt():
    hand = ledger.Hand(TABLE, seed=12)
    hand.topic.value = "beidou"
    id = hand.ids[0]
    hand.rule(id, "disputed")
    hand.topic.value = "launch"
    assert id not in hand.ids and len(hand.ids) == 2
    assert "2 of 2" in hand.result.value
    hand.topic.value = "beidou"
    assert "7 of 8" in hand.result.value and hand.rulings == {id: "disputed"}


# Counts


@pytest.mark.parametrize(
    ("who", "voice"),
    [
        ("Article (USCC)", "Article"),
        ("SCMP via article", "SCMP"),
        ("Todd Harrison (article: Mr. Harrison)", "Todd Harrison"),
        ("Wang Zhongguo (ASAS)", "Wang Zhongguo"),
        ("NDRC/MFA/MOFCOM", "NDRC/MFA/MOFCOM"),
    ],
)
def test_a_voice_is_a_speaker_without_office_or_carrier(who, voice):
    assert ledger.speaker(who) == voice


@pytest.mark.parametrize("by", ledger.GROUPS)
def test_the_overview_counts_every_claim_once(by):
    table = ledger.overview(TABLE, by).table
    assert table.drop(columns=by).to_numpy().sum() == len(TABLE)
    assert table["opinion"].sum() == (TABLE["kind"] == "opinion").sum()


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


@pytest.mark.parametrize("rule", ledger.RULES)
@pytest.mark.parametrize("by", ["speaker", "topic", "kind"])
def test_rates_agree_with_a_loop_over_rows_and_with_wilson_solved_by_halving_to_1e_9(by, rule):
    right, wrong = ledger.RULES[rule]
    shares = ledger.rates(TABLE, by, rule, at_least=1)
    counted = {}
    for row in TABLE.to_dict("records"):
        if row["kind"] != "opinion" and row["verdict_hint"] in (*right, *wrong):
            good, of = counted.get(row[by], (0, 0))
            counted[row[by]] = good + (row["verdict_hint"] in right), of + 1
    assert {r.group: (r.right, r.of) for r in shares.itertuples()} == counted
    for row in shares.itertuples():
        low, high = _wilson_solved(row.right, row.of)
        assert row.low == pytest.approx(low, abs=1e-9)
        assert row.high == pytest.approx(high, abs=1e-9)
    assert not set(right) & set(wrong) and "opinion" not in (*right, *wrong)


def test_rates_in_words_are_true_of_none_one_many_and_equal():
    assert ledger.rates_in_words(ledger.rates(TABLE, "speaker", "confirmed or met", 99)).startswith(
        "No group has"
    )
    assert ledger.rates_in_words(ledger.rates(TABLE, "speaker", "confirmed or met", 50)).startswith(
        "1 group has"
    )
    ledger.rate_chart(ledger.rates(TABLE, "speaker", "confirmed or met", 99))
    even = pd.DataFrame(
        {"group": ["a", "b"], "right": 2, "of": 4, "share": 0.5, "low": 0.2, "high": 0.8}
    )
    assert "the same share, 50 %" in ledger.rates_in_words(even)
    apart = even.assign(share=[0.9, 0.1], low=[0.8, 0], high=[1, 0.2])
    assert "do not overlap" in ledger.rates_in_words(apart)
    close = even.assign(share=[0.6, 0.5])
    assert "cannot tell" in ledger.rates_in_words(close)


def test_the_histogram_counts_every_year():
    table = ledger.histogram(TABLE["year"], 2020).table
    assert table["claims"].sum() == len(TABLE)
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
    stops = ledger.carriers(BY_ID.loc["C012"], DOCUMENTS, SOURCES)
    assert stops["date"].tolist() == ["2015-04-01", "2015-04-23", "2020-08-29", "2022-09-29"]
    days = (pd.to_datetime(stops["date"]) - pd.Timestamp("2015-04-01")).dt.days / 365.25
    assert stops["age_years"].to_numpy() == pytest.approx(days, abs=0.06)


def test_every_traveller_is_older_than_the_print_and_ends_in_the_article():
    old = ledger.travellers(TABLE, DOCUMENTS, 2020)
    assert "C012" in old.values() and len(old) > 10
    for id in old.values():
        stops = ledger.carriers(BY_ID.loc[id], DOCUMENTS, SOURCES)
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
    stops = ledger.carriers(BY_ID.loc["C012"], DOCUMENTS, SOURCES)
    assert words in ledger.journey_in_words(stops, year)
    assert len(ledger.journey(stops, year).table) == (stops["year"] < year + 1).sum()


# Promises


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ({"unit": "year", "value": 2021.0}, 2022),
        ({"value_text": "2017-02"}, 2017 + 2 / 12),
        ({"value_text": "2026-2029"}, 2030),
        ({"claim": "By 2020 with 35 satellites."}, 2021),
        ({"value_text": "dozens", "claim": "Dozens by 2025."}, 2026),
        ({"value_text": "dozens"}, None),
        ({"claim": "It was so in 2010."}, None),
        ({"value": 4.3, "unit": "billion"}, None),
    ],
)
def test_a_prediction_comes_due_at_the_end_of_the_date_it_names(given, end):
    row = {"claim": "It comes.", "claim_date": "2016", "value": np.nan, "value_text": np.nan}
    (found,) = ledger.due(pd.DataFrame([{**row, "unit": np.nan, **given}]))
    assert np.isnan(found) if end is None else found == pytest.approx(end)


def test_every_dated_promise_names_its_date_and_comes_due_after_it_was_made():
    dated = PROMISES[PROMISES["due"].notna()]
    assert len(PROMISES) == (TABLE["kind"] == "prediction").sum() and len(dated) == 9
    assert (dated["due"] > dated["made"]).all()
    undated = PROMISES[PROMISES["due"].isna()]
    assert not undated["ruling"].eq("prediction_missed").any(), "the lesson says so"
    assert not undated["claim"].str.contains(r"\b20\d\d\b").any()


@pytest.mark.parametrize("year", range(2014, 2031))
def test_promises_in_words_agree_with_the_table_under_the_chart(year):
    words = ledger.predictions_in_words(PROMISES, year)
    shown = ledger.predictions(PROMISES, year).table
    made = re.search(r"(\d+) predictions? made", words)
    assert int(made[1]) == len(shown)
    came = int(re.search(r"(\d+) came due", words)[1])
    waiting = shown["state"].str.startswith("no date") | shown["state"].eq("not due yet")
    assert came == (~waiting).sum()


# The map and the still pictures


def test_named_countries_are_found_by_whole_words():
    names = {"OMN": "Oman", "PAK": "Pakistan", "SDN": "Sudan"}
    table = pd.DataFrame(
        {
            "id": ["C1", "C2"],
            "claim": ["Pakistan and a Romanian.", "Sudan's satellite."],
            "claim_date": ["2013", "2019-11"],
        }
    )
    rows = ledger.mentions(table, names)
    assert rows[["id", "year", "iso3"]].to_numpy().tolist() == [
        ["C1", 2013, "PAK"],
        ["C2", 2019, "SDN"],
    ]
    layer = ledger.named_layer(rows.head(1), ["PAK", "KEN"])
    assert dict(layer.table.to_numpy()) == {"PAK": "named by a claim", "KEN": "signed, never named"}
    none = ledger.mentions(table, {"OMN": "Oman"})
    assert none.empty and ledger.named_layer(none, []).table.empty


def test_mentions_agree_with_a_search_word_by_word():
    names = {f["properties"]["iso3"]: f["properties"]["name"] for f in data.countries()["features"]}
    found = set(ledger.mentions(TABLE, names)[["id", "iso3"]].itertuples(index=False, name=None))
    for iso3, name in names.items():
        for row in TABLE.itertuples():
            words = [" "] + [c if c.isalnum() or c == "_" else " " for c in row.claim] + [" "]
            plain = "".join(c if c.isalnum() or c == "_" else " " for c in name)
            if f" {plain} " in "".join(words):
                assert (row.id, iso3) in found, (row.id, name)
                found.discard((row.id, iso3))
    assert not found
