"""The hand of lesson 12: the draw, the rulings, the evidence that waits."""

import pytest

from course import hand
from helpers import claims, data
from helpers.inputs import InputError

TABLE = data.load("claims")
BY_ID = TABLE.set_index("id", drop=False)


def test_the_rulings_are_those_of_the_ledger_with_its_signs():
    assert [(sign, words) for words, sign in hand.RULINGS.items()] == [
        (sign, words) for sign, words, _ in claims.VERDICTS.values()
    ]


def test_what_settles_a_claim_is_said_as_the_ledger_says_it():
    for how, words in hand.SETTLES.items():
        id = TABLE.loc[TABLE["check"] == how, "id"].iloc[0]
        with pytest.raises(InputError, match=f"{id} is not computed: {words}"):
            claims.settle(id)


def test_a_hand_is_the_same_for_the_same_seed_and_of_its_topic():
    one, two = hand.deal(TABLE, "all", 8, 12), hand.deal(TABLE, "all", 8, 12)
    assert one["id"].tolist() == two["id"].tolist() and one["id"].is_unique and len(one) == 8
    assert hand.deal(TABLE, "all", 8, 13)["id"].tolist() != one["id"].tolist()
    launch = hand.deal(TABLE, "launch", 12, 12)
    assert set(launch["topic"]) == {"launch"} and len(launch) == 2
    with pytest.raises(InputError, match="topic"):
        hand.deal(TABLE, "lunch", 8, 12)


def test_two_rulings_agree_in_sense_and_opinions_are_not_scored():
    right = {"C119": "inaccurate", "C092": "disputed", "C001": "prediction met"}
    table, words = hand.compare(right)
    assert table["result"].tolist() == ["the same"] * 3
    assert words == "Of 3 statements of fact you and the ledger see 3 alike."
    table, words = hand.compare({"C018": "confirmed", "C034": "opinion", "C012": "confirmed"})
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
    assert words in hand.compare(rulings)[1]


def test_no_opinion_of_the_ledger_is_ever_shown_with_a_verdict():
    signs = [f"{sign} {words}" for key, (sign, words, _) in claims.VERDICTS.items()]
    signs.remove("❝ opinion")
    for id in TABLE.loc[TABLE["kind"] == "opinion", "id"]:
        page = hand.evidence([id])
        assert "❝ opinion" in page and not any(sign in page for sign in signs), id


def test_evidence_is_computed_where_a_check_exists_and_else_one_table():
    page = hand.evidence(["C001", "C092", "C016"])
    assert page.count("<caption") == 1 and page.count("Rule:") == 1
    assert page.index("C092") < page.index("C001") < page.index("C016")
    assert "<b>C001</b>: a document settles it. Compare with a mission table" in page
    assert "the reader weighs sources" in hand.evidence(["C018"])
    assert hand.evidence([]) == ""


def test_the_hand_keeps_the_evidence_back_until_it_is_asked_for():
    dealt = hand.Hand(TABLE, seed=12)
    first = dealt.ids[0]
    assert len(dealt.rows.children) == 8 and "8 of 8 claims wait" in dealt.result.value
    dealt.rule(first, "confirmed")
    secret = BY_ID.loc[first, "explanation"][:20]
    assert "7 of 8" in dealt.result.value and secret not in dealt.result.value
    dealt.reveal.value = True
    assert first in dealt.result.value and len(dealt.result.value) > 400
    dealt.rule(first, hand.OPEN)
    assert dealt.rulings == {} and "ruled on none" in dealt.result.value
    with pytest.raises(InputError, match="ruling"):
        dealt.rule(first, "true")


def test_a_ruling_stays_while_other_hands_are_dealt():
    dealt = hand.Hand(TABLE, seed=12)
    dealt.topic.value = "beidou"
    id = dealt.ids[0]
    dealt.rule(id, "disputed")
    dealt.topic.value = "launch"
    assert id not in dealt.ids and len(dealt.ids) == 2
    assert "2 of 2" in dealt.result.value
    dealt.topic.value = "beidou"
    assert "7 of 8" in dealt.result.value and dealt.rulings == {id: "disputed"}
