"""Claims of the reader's own: what is taken, what is refused in one sentence, what is written."""

import csv
import os
import re
import stat
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course import proposals
from helpers import claims, data
from helpers.inputs import InputError

# The ids that come next, so that a new claim of the ledger needs no hand here.
LAST = data.load("claims")["id"].max()
FREE, NEXT = (f"C{int(LAST[1:]) + more:03d}" for more in (1, 2))
GOOD = {
    "id": FREE,
    "topic": "launch",
    "claim": "The sheet of this test holds one claim.",
    "who_said": "This test",
    "claim_date": "2020-05",
    "kind": "count",
    "value": 1.0,
    "unit": "claims",
    "how_to_check": "Count the rows.",
    "verdict_hint": "confirmed",
    "explanation": "There is one.",
    "check": "judged",
    "notebook": "12",
    "source_ids": "S267;S005",
    "confidence": "medium",
}
SOURCE = {
    "source_id": "S999",
    "publisher": "A test",
    "title": "A sheet",
    "kind": "own",
    "licence_or_terms": "CC BY 4.0",
}


def sheet(*changes):
    return pd.DataFrame([{**GOOD, **change} for change in changes or [{}]])


def refused(sheet, *words, **more):
    with pytest.raises(InputError) as caught:
        proposals.read(sheet, **more)
    text = str(caught.value)
    assert text.endswith(".") and text.count(". ") == 0 and "\n" not in text, text
    for word in words:
        assert word in text, text


def test_a_good_claim_is_shown_like_ours():
    shown = proposals.read(sheet())
    ours = claims.verdicts("C001")
    assert list(shown.table) == list(ours.table)
    assert shown.table["verdict"][0] == "✔ confirmed" and "[S267] [S005]" in repr(shown)
    assert list(shown.rows) == list(data.load("claims"))
    assert list(data.sources(shown.rows)["source_id"]) == ["S267", "S005"]


def test_every_row_of_our_own_ledger_keeps_the_rules_under_a_free_id():
    ledger = data.load("claims")
    mine = ledger.assign(id=[f"C{500 + n}" for n in range(len(ledger))])
    mine["claim"] += " (again)"
    mine["check"] = mine["check"].replace("computed", "judged")
    mine.loc[mine["kind"] == "opinion", "verdict_hint"] = ""
    shown = proposals.read(mine)
    assert len(shown.rows) == len(ledger)
    plain = ledger["kind"] != "opinion"
    same = shown.rows["verdict_hint"].to_numpy() == ledger["verdict_hint"].to_numpy()
    assert same[plain].all()


def test_an_opinion_needs_no_verdict_and_gets_none():
    shown = proposals.read(sheet({"kind": "opinion", "verdict_hint": None}))
    assert shown.table["verdict"][0] == "❝ opinion"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"source_ids": ""}, ("column source_ids", "missing", "name a source", "S267")),
        ({"source_ids": None}, ("column source_ids", "missing")),
        ({"source_ids": "S998"}, ("no source S998", "sources=")),
        ({"source_ids": "S267, S005"}, ("column source_ids", "S267, S005")),
        ({"id": "C012"}, ("C012 is taken", NEXT)),
        ({"id": "mine"}, ("column id", NEXT)),
        ({"id": ""}, ("column id", "missing", NEXT)),
        ({"claim": "   "}, ("column claim", "missing")),
        ({"claim": "china has more than 110 satellites in ORBIT."}, ("C012 says the same",)),
        ({"who_said": float("nan")}, ("column who_said", "missing")),
        ({"claim_date": "May 2020"}, ("column claim_date", "YYYY-MM")),
        ({"claim_date": "2020-02-30"}, ("column claim_date", "calendar")),
        ({"claim_date": "2199"}, ("column claim_date", "not come yet")),
        ({"kind": "rumour"}, ("column kind", "opinion")),
        ({"kind": "opinion"}, ("column verdict_hint", "leave the verdict empty")),
        ({"verdict_hint": "true"}, ("column verdict_hint", "confirmed")),
        ({"verdict_hint": ""}, ("column verdict_hint", "choose one")),
        ({"check": "computed"}, ("column check", "@claims.computes")),
        ({"value": "many"}, ("column value", "number")),
        ({"notebook": "99"}, ("column notebook", "no lesson 99")),
        ({"notebook": "four"}, ("column notebook", "such as 04")),
        ({"confidence": "certain"}, ("column confidence", "high, medium, low")),
        (
            {"source_ids": "S417", "confidence": "high", "verdict_hint": "disputed"},
            ("column confidence", "medium"),
        ),
        ({"source_ids": "S417", "confidence": "low"}, ("column source_ids", "confirms nothing")),
    ],
)
def test_a_bad_value_is_one_sentence_with_row_column_and_remedy(change, words):
    refused(sheet({}, {"id": NEXT, "claim": "Another.", **change}), "Row 2", *words)


def test_two_rows_with_one_id_are_refused():
    refused(sheet({}, {"claim": "Another."}), f"Row 2 ({FREE})", "stands twice", NEXT)


def test_columns_are_named_when_missing_unknown_or_double():
    refused(sheet().drop(columns="source_ids"), "no column 'source_ids'", "name a source")
    refused(sheet().rename(columns={"who_said": "who_sayd"}), "'who_sayd'", "'who_said'")
    double = pd.concat([sheet(), sheet()[["claim"]]], axis=1)
    refused(double, "two columns 'claim'")
    refused(sheet().head(0), "no row")
    proposals.read(sheet().drop(columns=["value", "unit"]))


@pytest.mark.parametrize("odd", [None, 7, [GOOD], GOOD])
def test_what_is_no_sheet_says_what_to_give(odd):
    refused(odd, "not a sheet", "DataFrame")


def test_a_new_source_comes_as_a_full_row_of_its_own():
    mine = sheet({"source_ids": "S999;S267"})
    refused(mine, "no source S999")
    shown = proposals.read(mine, sources=pd.DataFrame([SOURCE]))
    assert shown.sources["source_id"].tolist() == ["S999"]
    taken = pd.DataFrame([{**SOURCE, "source_id": "S267"}])
    refused(mine, "S267", "taken", sources=taken)
    half = pd.DataFrame([{k: v for k, v in SOURCE.items() if k != "licence_or_terms"}])
    refused(mine, "no column 'licence_or_terms'", sources=half)
    empty = pd.DataFrame([{**SOURCE, "publisher": ""}])
    refused(mine, "Row 1 (S999)", "publisher", sources=empty)


def test_the_guide_names_every_column_and_what_it_may_hold():
    guide = proposals.guide().set_index("column")
    assert list(guide.index) == list(data.load("claims"))
    assert guide.loc["source_ids", "needed"] == "yes" and guide.loc["value", "needed"] == "no"
    assert "opinion" in guide.loc["kind", "choices"]


# Sheets as people bring them, and the advice of each sentence, followed to the letter


def test_a_number_is_free_of_the_sheet_too():
    """What stands twice is not told to take the number that stands twice."""
    three = [{}, {"claim": "Another."}, {"id": NEXT, "claim": "A third."}]
    with pytest.raises(InputError) as told:
        proposals.read(sheet(*three))
    advised = re.search(r"the next free id is (C\d{3})", str(told.value))[1]
    three[1]["id"] = advised
    assert len(proposals.read(sheet(*three)).rows) == 3


FORMS = {
    "as it is": {},
    "semicolons": {"sep": ";"},
    "tabs": {"sep": "\t"},
    "a spreadsheet's mark": {"encoding": "utf-8-sig"},
    "what Excel calls Unicode": {"sep": "\t", "encoding": "utf-16"},
    "lines of Windows": {"lineterminator": "\r\n"},
    "lines of old": {"lineterminator": "\r"},
    "all in quotes": {"quoting": csv.QUOTE_ALL},
}


def two_claims(claim):
    return sheet({"claim": claim}, {"id": NEXT, "claim": "Another."}).astype(object)


@cache
def plain_rows(claim, notebook):
    """The rows that every form of this sheet must give."""
    return proposals.read(two_claims(claim).assign(notebook=notebook)).rows


@pytest.mark.parametrize("form", FORMS)
@given(
    blank=st.lists(st.integers(0, 2), max_size=3),
    column=st.integers(0, len(GOOD)),
    lesson=st.sampled_from(["04", "4", "4.0", 4, 12]),
    claim=st.sampled_from(
        ["A claim, with a comma", "one; two", '"So", they say', "=1+1", "北斗\u2028x"]
    ),
    head=st.sampled_from([str, str.upper, lambda name: f" {name} ", lambda n: n.replace("_", " ")]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_sheet_is_read_in_any_of_its_forms(form, blank, column, lesson, claim, head):
    mine = two_claims(claim)
    wanted = plain_rows(claim, f"{float(lesson):02.0f}")
    mine["notebook"] = lesson
    mine.insert(column, "", "")
    for place in blank:
        mine = pd.concat([mine[:place], pd.DataFrame([dict.fromkeys(mine, "")]), mine[place:]])
    mine.columns = [head(name) for name in mine]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mine.csv")
        mine.to_csv(path, index=False, **{"lineterminator": "\n", **FORMS[form]})
        proposed = proposals.read(path)
        pd.testing.assert_frame_equal(proposed.rows, wanted)
        saved = proposals.save(proposed, Path(folder, "again.csv"))
        pd.testing.assert_frame_equal(proposals.read(saved).rows, wanted)
    pd.testing.assert_frame_equal(proposals.read(mine).rows, wanted)


def test_rows_are_counted_as_the_reader_sees_them():
    blank = dict.fromkeys(GOOD)
    refused(sheet({}, blank, {"id": NEXT, "claim": "", "topic": "moon"}), f"Row 3 ({NEXT})")


def test_a_sheet_with_all_columns_in_one_is_told_to_give_its_path(tmp_path):
    path = tmp_path / "mine.csv"
    sheet().to_csv(path, index=False, sep=";")
    refused(pd.read_csv(path), "all its columns in one", "give the path of the file")
    assert len(proposals.read(path).rows) == 1


def test_a_spreadsheet_s_own_file_is_told_to_be_saved_as_csv(tmp_path):
    path = tmp_path / "mine.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", "x" * 999)
    refused(path, "mine.xlsx", "spreadsheet's own file", "save it as CSV in UTF-8")


FREE_ID, FIRST = re.compile(r"next free id is (C\d{3})"), re.compile(r"is none of (\w+)")


@pytest.mark.parametrize(
    ("change", "advice"),  # the advice: what to look for in the sentence, or what it says
    [
        ({"id": "x"}, {"id": FREE_ID}),
        ({"id": "C012"}, {"id": FREE_ID}),
        ({"source_ids": ""}, {"source_ids": re.compile(r"such as (S\d{3})")}),
        ({"source_ids": "S267, S005"}, {"source_ids": re.compile(r"several as (S\d+;S\d+)")}),
        ({"value": "1,5"}, {"value": re.compile(r"such as ([\d.]+)")}),
        ({"value": "many"}, {"value": ""}),
        ({"notebook": "lesson 4"}, {"notebook": re.compile(r"such as (\d\d)")}),
        ({"notebook": "99"}, {"notebook": re.compile(r"from (\d\d) on")}),
        ({"due_date": "soon"}, {"due_date": ""}),
        ({"claim_date": "05/2020"}, {"claim_date": "2020-05"}),
        ({"kind": "rumour"}, {"kind": FIRST}),
        ({"confidence": "sure"}, {"confidence": FIRST}),
        ({"verdict_hint": "true"}, {"verdict_hint": FIRST}),
        ({"kind": "opinion"}, {"verdict_hint": ""}),
        ({"check": "computed"}, {"check": "looked_up"}),
        (
            {"source_ids": "S417", "confidence": "high", "verdict_hint": "disputed"},
            {"confidence": "medium"},
        ),
        (
            {"source_ids": "S417", "confidence": "low"},
            {"verdict_hint": re.compile(r"choose (\w+) as")},
        ),
    ],
)
def test_advice_followed_to_the_letter_works(change, advice):
    with pytest.raises(InputError) as told:
        proposals.read(sheet(change))
    said = str(told.value)
    assert not re.search(r"[\\^*+]|\[.+-.+\]", said), "a pattern is nothing for beginners"
    for column, what in advice.items():
        advice = {column: what if isinstance(what, str) else what.search(said)[1]}
    assert len(proposals.read(sheet({**change, **advice})).rows) == 1


# Files


def test_a_saved_claim_comes_back_the_same(tmp_path):
    first = proposals.read(sheet({"claim": 'Says "so", they say; 北斗 = 1'}))
    path = proposals.save(first, tmp_path / "mine.csv")
    again = proposals.read(path)
    pd.testing.assert_frame_equal(again.rows, first.rows)
    assert os.listdir(tmp_path) == ["mine.csv"]


def test_new_sources_are_saved_beside_the_claims(tmp_path):
    mine = sheet({"source_ids": "S999"})
    path = proposals.save(proposals.read(mine, pd.DataFrame([SOURCE])), tmp_path / "mine.csv")
    beside = tmp_path / "mine-sources.csv"
    assert proposals.read(str(path), str(beside)).sources["title"][0] == "A sheet"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("no column 'id'",)),
        ("id;topic;claim\nC126;launch;x\n", ("no column 'who_said'",)),
        ("id,topic\nC126,launch,moon\n", ("row 1 has 3 values for 2 columns", "a comma")),
        ("id;topic\n\nC126;launch;moon\n", ("row 2 has 3 values for 2", "a semicolon")),
        ("id,,topic\nC126,x,launch\n", ("Column 2", "no name")),
        ("id,topic,id\nC126,launch,C126\n", ("two columns 'id'",)),
        ('id,topic\n"C126,launch\n', ("quotes",)),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path, text, words):
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    refused(path, *words)


def test_a_file_that_is_not_there_or_not_text_is_one_sentence(tmp_path):
    refused(tmp_path / "none.csv", "none.csv", "cannot be read", "path")
    (tmp_path / "odd.csv").write_bytes(b"\xff\xfe\x00")
    refused(tmp_path / "odd.csv", "UTF-8")


def test_a_file_of_a_spreadsheet_with_its_mark_is_read(tmp_path):
    path = tmp_path / "mine.csv"
    sheet().to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    assert proposals.read(path).rows["id"].tolist() == [FREE]


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "mine.csv"
    path.write_text("old")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match=r"mine.csv .*No space left.*\.$"):
        proposals.save(proposals.read(sheet()), path)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["mine.csv"]


def test_what_a_file_held_before_is_kept_and_said(tmp_path):
    path, told = tmp_path / "mine.csv", []
    path.write_text("notes of the reader's")
    mine = proposals.read(sheet({"source_ids": "S999"}), pd.DataFrame([SOURCE]))
    for _ in range(2):
        proposals.save(mine, path, told.append)
    assert (tmp_path / "mine.kept.csv").read_text() == "notes of the reader's"
    assert told == ["mine.csv held something else, which is kept as mine.kept.csv."]
    assert sorted(os.listdir(tmp_path)) == ["mine-sources.csv", "mine.csv", "mine.kept.csv"]


def test_the_button_saves_where_the_reader_works_and_says_where(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = []
    monkeypatch.setattr(proposals, "display", shown.append)
    button = proposals.save_with_button(proposals.read(sheet()))
    assert os.listdir(tmp_path) == [], "nothing is written before it is pressed"
    line, said = shown[0].children
    where = line.children[0]
    button.click()
    assert os.listdir(tmp_path) == ["my-claims.csv"]
    assert said.value == f"Saved: {tmp_path / 'my-claims.csv'}."
    where.value = "away/mine.csv"
    button.click()
    assert "There is no folder &#x27;away&#x27;: make it" in said.value


def test_a_folder_that_is_missing_or_closed_is_one_sentence(tmp_path, monkeypatch):
    good = proposals.read(sheet())
    with pytest.raises(InputError, match=r"no folder 'away'.*make it"):
        proposals.save(good, tmp_path / "away" / "mine.csv")
    with pytest.raises(InputError, match="is not a file: add the name of one"):
        proposals.save(good, tmp_path)
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.access(closed, os.W_OK):  # root may write anywhere: let the system call say no
        monkeypatch.setattr(os, "mkdir", lambda *_: _denied())
    with pytest.raises(InputError, match=r"mine.csv in closed/ cannot be replaced .*denied.*\.$"):
        proposals.save(good, closed / "mine.csv")
    assert os.listdir(closed) == []


def _denied():
    raise PermissionError(13, "Permission denied")
