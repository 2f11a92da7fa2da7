"""The ledger as lessons show it: complete, neutral about opinions, and safe to display."""

import re

import pandas as pd
import pytest

from helpers import claims, data
from helpers.inputs import InputError

LEDGER = data.load("claims")
ALL = list(LEDGER["id"])
OPINIONS = set(LEDGER.loc[LEDGER["kind"] == "opinion", "id"])


def test_every_claim_shows_its_verdict_and_its_sources():
    shown = claims.verdicts(*ALL)
    assert list(shown.table["id"]) == ALL
    assert len(shown._repr_html_().split("<tr>")) == len(ALL) + 2
    expected = LEDGER.set_index("id")
    for row in shown.table.to_dict("records"):
        if row["id"] not in OPINIONS:
            verdict = expected.loc[row["id"], "verdict_hint"].replace("_", " ")
            assert row["verdict"].endswith(f" {verdict}")
        assert row["why"] and row["confidence"] in ("high", "medium", "low")
        keys = re.findall(r"\[(S\d+)\]", row["sources"])
        assert ";".join(keys) == expected.loc[row["id"], "source_ids"]


def test_an_opinion_is_never_ruled_true_or_false():
    assert OPINIONS
    table = claims.verdicts(*OPINIONS).table
    assert all(verdict.endswith(" opinion") for verdict in table["verdict"])
    assert not table["what is right"].any()


def test_the_opening_names_the_claim_and_keeps_the_verdict():
    shown = claims.show("C084")
    text, page = repr(shown), shown._repr_html_()
    assert "C084" in text and "2018-11-19" in text
    row = LEDGER.set_index("id").loc["C084"]
    for secret in (row["verdict_hint"], row["explanation"], row["correct_value"]):
        assert secret not in text and secret not in page


def test_signs_and_words_tell_verdicts_apart_without_colour():
    looks = [f"{sign} {words}" for sign, words, _ in claims.VERDICTS.values()]
    assert len(set(looks)) == len(looks)
    assert set(LEDGER["verdict_hint"]) < set(claims.VERDICTS)


def test_rows_serve_the_bibliography():
    shown = claims.verdicts("C084", "C092")
    assert list(data.sources(shown.rows)["source_id"])[:2] == ["S393", "S054"]


def test_html_in_the_table_is_escaped(monkeypatch):
    hostile = LEDGER.copy()
    hostile.loc[0, ["claim", "explanation"]] = "<script>alert(1)</script>"
    monkeypatch.setattr(data, "load", lambda name: hostile.copy())
    for shown in (claims.show("C001"), claims.verdicts("C001")):
        page = shown._repr_html_()
        assert "<script>" not in page and "&lt;script&gt;" in page


def test_a_claim_named_twice_stands_once():
    assert list(claims.show("C085", "C084", "C085").table["id"]) == ["C085", "C084"]


@pytest.mark.parametrize("bad", ["C84", "c084", "C999", "", None, 84])
def test_an_unknown_claim_is_one_sentence_with_the_nearest(bad):
    with pytest.raises(InputError, match=r"^There is no claim .*C\d{3}.*\.$"):
        claims.verdicts("C001", bad)


def test_no_claim_at_all_says_what_to_give():
    with pytest.raises(InputError, match="C084"):
        claims.show()


def test_tables_are_text_without_gaps():
    table = claims.verdicts(*ALL).table
    assert isinstance(table, pd.DataFrame)
    assert table.map(lambda value: isinstance(value, str)).all(axis=None)
