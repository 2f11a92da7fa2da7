"""The ledger as lessons show it: complete, neutral about opinions, and safe to display."""

import re

import pandas as pd
import pytest
from test_repository import ROOT, calls

from helpers import claims, data
from helpers.inputs import InputError
from tools import readme
from tools.site import references

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


def test_a_verdict_means_the_same_in_the_table_and_in_both_lessons():
    fields = data.package()["claims"]["schema"]["fields"]
    said = next(f["description"] for f in fields if f["name"] == "verdict_hint")
    pairs = [part.split(": ") for part in said.removeprefix("Verdict. ").rstrip(".").split("; ")]
    means = {claims.VERDICTS[key][1]: meaning for key, meaning in pairs}
    assert set(means) == {words for key, (_, words, _) in claims.VERDICTS.items()} - {"opinion"}
    first = (ROOT / "notebooks" / "00-start-here.ipynb").read_text(encoding="utf-8")
    last = (ROOT / "notebooks" / "12-claims.ipynb").read_text(encoding="utf-8")
    for word, meaning in means.items():
        assert f" {word} | {meaning[0].upper()}{meaning[1:]}. |" in first, word
        assert f"*{word}* ({meaning})" in last, word


def test_nothing_is_confirmed_on_general_knowledge_alone():
    held = LEDGER[LEDGER["verdict_hint"].isin(["confirmed", "prediction_met"])]
    for id, keys in held.set_index("id")["source_ids"].str.split(";").items():
        # The article does not prove itself, and a calculation needs a number from somewhere.
        others = set(keys) - {"S267", "S417", "S418", "S422"}
        assert others and not ({"S417", "S418"} & set(keys) and others == {"S420"}), id


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


def test_verdicts_keep_opinions_apart_and_count_in_words():
    ruled = claims.verdicts(*LEDGER["id"])
    assert (ruled.table["verdict"] == "❝ opinion").sum() == len(OPINIONS)
    assert f"{len(OPINIONS)} opinions" in ruled.in_words()
    three = claims.verdicts("C119", "C120", "C018")
    assert three.in_words() == "2 predictions missed, 1 opinion"
    none = claims.ruled(claims.texts(LEDGER.head(0)), "None")
    assert none.in_words() == ""


# Every lesson and its claims: nothing shown twice, nothing forgotten

NOTEBOOKS = sorted(ROOT.glob("notebooks/[0-9][0-9]-*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_shows_the_claims_that_the_ledger_gives_it_and_no_other(path):
    shown = [id for ids in calls(path, "claims.show") for id in ids]
    assert sorted(shown) == sorted(LEDGER.loc[LEDGER["notebook"] == path.name[:2], "id"])


def test_every_claim_has_a_lesson_and_a_check_in_a_lesson_uses_its_own():
    lessons = {path.name[:2]: path for path in NOTEBOOKS}
    assert set(LEDGER["notebook"]) <= set(lessons)
    home = LEDGER.set_index("id")["notebook"]
    # A lesson may show the computation of another's claim again: 12 speaks of all of them.
    for number, path in lessons.items():
        for (id,) in calls(path, "claims.settle"):
            assert home[id] == number or number == "12", f"{path.name} checks {id} of {home[id]}"


def test_lesson_00_says_how_many_claims_there_are():
    text = (ROOT / "notebooks" / "00-start-here.ipynb").read_text(encoding="utf-8")
    assert f"We took some {round(len(LEDGER), -1)} claims" in text


def test_the_readme_has_the_verdicts_of_the_ledger():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.updated(text, LEDGER) == text, "run `make readme`"


def test_contributing_lists_and_counts_what_rests_on_general_knowledge_alone():
    text = readme.CONTRIBUTING.read_text(encoding="utf-8")
    assert readme.listed(text) == text, "run `make readme`"
    block = text.partition(readme.KNOWLEDGE[0])[2].partition(readme.KNOWLEDGE[1])[0]
    counts = {name: int(n) for name, n in re.findall(r"^\| (\w+) \| (\d+) \|", block, re.M)}
    total = 0
    for path in sorted((ROOT / "data").glob("*.csv")):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        alone = rows.get("source_ids", pd.Series(dtype=str)).isin(["S417", "S418", "S417;S418"])
        assert counts.get(path.stem, 0) == alone.sum(), path.name
        total += alone.sum()
    assert counts["all"] == total > 0
    assert readme.knowledge() in block and readme.knowledge() in references.sources_page()
    with pytest.raises(SystemExit, match="marks"):
        readme.listed(text.replace(readme.KNOWLEDGE[1], ""))


def test_the_readme_follows_a_changed_ledger_and_leaves_links_alone():
    text = readme.README.read_text(encoding="utf-8")
    changed = LEDGER.assign(verdict_hint="disputed", kind="count")
    new = readme.updated(text, changed)
    assert "| 03 | [Orbits](notebooks/03-orbits.ipynb) |" in new and "| 11 disputed |" in new
    assert "confirmed" not in new.partition(readme.BEGIN)[2].partition(readme.END)[0]
    assert readme.updated(new, LEDGER) == text
    with pytest.raises(SystemExit, match="marks"):
        readme.updated(text.replace(readme.END, ""), LEDGER)


def test_the_teaching_notes_have_the_minutes_of_the_lessons():
    text = readme.TEACHING.read_text(encoding="utf-8")
    assert readme.timed(text) == text, "run `make readme`"
    assert readme.timed(text.replace("(03-orbits.md) | 4", "(03-orbits.md) | 9")) == text


def test_a_new_lesson_gets_its_rows(monkeypatch):
    new = {"number": "99", "stem": "99-new", "name": "New", "question": "What?"}
    new |= {"minutes": "35", "needs": "03"}
    known = readme.lessons()
    monkeypatch.setattr(readme, "lessons", lambda: [*known, new])
    text = readme.updated(readme.README.read_text(encoding="utf-8"), LEDGER)
    assert "\n| 99 | [New](notebooks/99-new.ipynb) | What? | no claim |\n" in text
    text = readme.timed(readme.TEACHING.read_text(encoding="utf-8"))
    assert "\n| [99 New](99-new.md) | 35 | 03 |\n" in text


def test_an_explanation_tells_of_the_claim_and_not_of_the_ledger_s_own_past():
    told = LEDGER["explanation"].fillna("")
    own = told.str.contains(r"worded anew|the verdict (?:here )?(?:was|rested)|the verdict,")
    assert not own.any(), "what changed stands in docs/teaching/README.md"
