"""A verdict beside a claim, in a lesson or a teaching note, is the one that the ledger has."""

import json
import re
from pathlib import Path

import pytest

from helpers import data

ROOT = Path(__file__).parents[1]
LEDGER = data.load("claims").set_index("id")["verdict_hint"].str.replace("_", " ")
WORDS = "|".join(sorted(set(LEDGER), key=len, reverse=True))
SETTLED = re.compile(r'claims\.settle\("(C\d{3})"\)')


def said(text, before=""):
    """Yield (claim, verdict, sentence) of each verdict that a text gives to one claim.

    A sentence with one claim and a verdict word gives it; so does a verdict word in italics or
    bold in the text behind a cell, `before`, that settles one claim.
    """
    settled = SETTLED.findall(before)
    for sentence in re.split(r"(?<=[.!?:])\s+|\n+", text):
        claims = re.findall(r"\bC\d{3}\b", sentence)
        pattern = rf"\b({WORDS})\b"
        if not claims and len(settled) == 1:
            claims, pattern = settled, rf"\*({WORDS})\*"
        if len(set(claims)) == 1:
            for verdict in re.findall(pattern, sentence, re.IGNORECASE):
                yield claims[0], verdict.lower(), sentence


def texts():
    for path in sorted((ROOT / "docs/teaching").glob("*.md")):
        yield pytest.param(path.read_text(encoding="utf-8"), "", id=path.name)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        before = ""
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                yield pytest.param(text, before, id=f"{path.stem}-{cell['id']}")
            before = text


TEXTS = [text for text in texts() if list(said(*text.values))]


def test_verdicts_beside_claims_are_found():
    assert next(said("Claim C023 is outdated."))[:2] == ("C023", "outdated")
    assert next(said("The check calls it *outdated*.", 'claims.settle("C023")'))[0] == "C023"
    assert not list(said("C023 and C012 are not both outdated.")), "whose verdict is it?"
    assert len(TEXTS) >= 5


@pytest.mark.parametrize(("text", "before"), TEXTS)
def test_a_verdict_beside_a_claim_is_the_ledger_s(text, before):
    for claim, verdict, sentence in said(text, before):
        assert verdict == LEDGER[claim], sentence
