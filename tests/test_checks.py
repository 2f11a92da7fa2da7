"""Every computed claim: its check runs by its rule on real numbers, and the ledger agrees."""

import numbers

import pytest

from helpers import claims, data
from helpers.inputs import InputError

LEDGER = data.load("claims").set_index("id")
COMPUTED = claims.computed()


@pytest.mark.parametrize("id", COMPUTED)
def test_the_ledger_agrees_with_what_is_computed(id):
    found = claims.check(id)
    assert found.verdict == LEDGER.loc[id, "verdict_hint"], found
    assert found.rule.endswith(".") and found.evidence.endswith(".")
    assert found.numbers
    for what, value in found.numbers.items():
        assert not isinstance(value, numbers.Real) or value == value, f"{what} is NaN"


@pytest.mark.parametrize("id", COMPUTED)
def test_a_check_lives_in_the_file_of_its_lesson(id):
    lesson = int(LEDGER.loc[id, "notebook"])
    assert claims.COMPUTED[id].__module__ == f"helpers.checks.l{lesson:02d}"
    assert LEDGER.loc[id, "check"] == "computed"


def test_a_finding_shows_numbers_and_rule_safely():
    found = claims.Finding("C001", "<b>", "disputed", "Half.", {"share <": 0.5, "n": 12}, "A rule.")
    text, page = repr(found), found._repr_html_()
    for piece in ("C001", "disputed", "Half.", "0.5", "12", "A rule."):
        assert piece in text and piece in page
    assert "share &lt;" in page and "<b></b>" not in page


def test_a_claim_that_nothing_computes_says_what_settles_it():
    with pytest.raises(InputError, match="the reader weighs sources"):
        claims.check("C025")
    with pytest.raises(InputError, match="a document settles it"):
        claims.check("C001")
    with pytest.raises(InputError, match="no claim"):
        claims.check("C84")
