"""Claims of the reader's own: what is taken, what is refused in one sentence, what is written."""

import os
import stat

import pandas as pd
import pytest

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
        ({"id": "C012"}, ("C012 is taken", FREE)),
        ({"id": "mine"}, ("column id", FREE)),
        ({"id": ""}, ("column id", "missing", FREE)),
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
        ({"notebook": "4"}, ("column notebook",)),
        ({"confidence": "certain"}, ("column confidence", "high, medium, low")),
        ({"source_ids": "S417", "confidence": "high"}, ("column confidence", "medium")),
    ],
)
def test_a_bad_value_is_one_sentence_with_row_column_and_remedy(change, words):
    refused(sheet({}, {"id": NEXT, "claim": "Another.", **change}), "Row 2", *words)


def test_two_rows_with_one_id_are_refused():
    refused(sheet({}, {"claim": "Another."}), f"Row 2 ({FREE})", "stands twice", FREE)


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
        ("id;topic;claim\nC126;launch;x\n", ("id;topic;claim",)),
        ("id,topic\nC126,launch,moon\n", ("row 1 has 3 values for 2 columns", "quotes")),
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


def test_a_folder_that_is_missing_or_closed_is_one_sentence(tmp_path, monkeypatch):
    good = proposals.read(sheet())
    with pytest.raises(InputError, match=r"no folder 'away'.*make it"):
        proposals.save(good, tmp_path / "away" / "mine.csv")
    with pytest.raises(InputError, match="cannot be replaced"):
        proposals.save(good, tmp_path)
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.access(closed, os.W_OK):  # root may write anywhere: let the system call say no
        monkeypatch.setattr("tempfile.NamedTemporaryFile", lambda **_: _denied())
    with pytest.raises(InputError, match=r"mine.csv in closed/ cannot be replaced .*denied.*\.$"):
        proposals.save(good, closed / "mine.csv")
    assert os.listdir(closed) == []


def _denied():
    raise PermissionError(13, "Permission denied")
