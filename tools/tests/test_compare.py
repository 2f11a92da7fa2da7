"""Comparing two states of the lessons: what it notices, and what it lets pass."""

import copy
import json

import pandas as pd

from helpers import maps
from tools import compare

STATE = '{"year": "2016"}'
BEFORE = {
    "the views": {"order": {"": "Partners, Money"}},
    "Money": {
        "controls": {"": "year"},
        "control 'year'": {"readouts": ["2015", "2016"], "start": "2015"},
        "headline": {"{}": "211.8 billion", STATE: "255 billion"},
        "error": {"{}": "", STATE: ""},
        "layers": {"{}": "Prices (points); Growth (chart)", STATE: "Prices (points)"},
        "layer Prices: table": {"{}": "name,price\na,1\nb,2\n", STATE: "name,price\na,1\n"},
        "layer Prices: popup": {"{}": "aa", STATE: "bb"},
        "numbers": {"{}": ["17.6", "2016"], STATE: []},
        "in texts": {"{}": ["3"], STATE: []},
    },
    "C100": {"verdict": {"": "inaccurate"}, "number 'rate'": {"": "6.37"}},
    "the lesson": {"failure": {"": ""}, "printed lines": {"": ["one", "two"]}},
    "checked outputs": {"rates": {"": "2016  6.64\n"}},
}


def changed(*place, value=None):
    """Return what differs after one value was changed, or taken away."""
    after = copy.deepcopy(BEFORE)
    part = after
    for key in place[:-1]:
        part = part[key]
    if value is None:
        del part[place[-1]]
    else:
        part[place[-1]] = value
    return compare.differences(BEFORE, after)


def test_equal_records_do_not_differ():
    assert compare.differences(BEFORE, copy.deepcopy(BEFORE)) == {}


def test_a_lost_or_new_view_is_said_once():
    assert changed("Money") == {("Money", "lost"): [""]}
    assert changed("Cables", value={}) == {("Cables", "new"): [""]}
    order = changed("the views", "order", "", value="Money, Partners")
    assert list(order) == [("the views", "order")]


def test_a_changed_headline_is_shown_with_both_texts():
    found = changed("Money", "headline", STATE, value="256 billion")
    assert found == {("Money", "headline"): [f"{STATE}\n- 255 billion\n+ 256 billion"]}


def test_a_lost_readout_differs_and_a_new_one_does_not():
    place = ("Money", "control 'year'", "readouts")
    assert changed(*place, value=["2014", "2015", "2016"]) == {}
    assert list(changed(*place, value=["2016"]).values()) == [["readouts\n- 2015"]]


def test_a_state_that_is_not_reached_is_said_by_its_headline():
    after = copy.deepcopy(BEFORE)
    for values in after["Money"].values():
        values.pop(STATE, None)
    assert list(compare.differences(BEFORE, after)) == [("Money", "headline")]


def test_a_lost_layer_is_said_by_the_list_of_layers():
    after = copy.deepcopy(BEFORE)
    del after["Money"]["layer Prices: table"], after["Money"]["layer Prices: popup"]
    after["Money"]["layers"]["{}"] = "Growth (chart)"
    assert list(compare.differences(BEFORE, after)) == [("Money", "layers")]


def test_a_table_shows_the_rows_that_differ():
    place = ("Money", "layer Prices: table", "{}")
    assert list(changed(*place, value="name,price\na,1\nb,3\n").values()) == [["{}\n- b,2\n+ b,3"]]
    [[other]] = changed(*place, value="name,price\nb,2\na,1\n").values()
    assert "another order" in other


def test_numbers_may_be_finer_or_in_words_but_not_gone():
    place = ("Money", "numbers", "{}")
    assert changed(*place, value=["17.58", "2015", "2016"]) == {}
    assert changed(*place, value=["17.6"]) == {("Money", "numbers"): ["{}\n- 2016"]}
    assert changed(*place, value=["18", "2016"]) == {("Money", "numbers"): ["{}\n- 17.6"]}
    after = copy.deepcopy(BEFORE)
    after["Money"]["numbers"]["{}"], after["Money"]["in texts"]["{}"] = ["17.6"], ["2016"]
    assert compare.differences(BEFORE, after) == {}


def test_claims_and_checked_and_printed_texts_are_compared():
    assert list(changed("C100", "verdict", "", value="confirmed")) == [("C100", "verdict")]
    assert list(changed("C100", "number 'rate'")) == [("C100", "number 'rate'")]
    assert list(changed("checked outputs", "rates")) == [("checked outputs", "rates")]
    lines = changed("the lesson", "printed lines", "", value=["two", "three"])
    assert lines == {("the lesson", "printed lines"): ["\n- one"]}


def test_a_lesson_that_fails_says_only_that():
    after = {"the lesson": {"failure": {"": "NameError: money"}}}
    assert compare.differences(BEFORE, after) == {("the lesson", "failure"): ["NameError: money"]}


def test_states_are_the_same_every_time_and_hardly_change_with_the_controls():
    ranges = {"year": [str(year) for year in range(2000, 2030)], "kind": list("abc"), "go": []}
    found = compare.states(ranges)
    assert found == compare.states(ranges) and found[0] == {}
    assert {"year": "2000"} in found and {"year": "2029"} in found and {"kind": "b"} in found
    both = [state for state in found if len(state) == 2]
    assert len(both) > 30
    more = compare.states({**ranges, "kind": list("abcd"), "size": ["s", "m"]})
    kept = [{k: v for k, v in state.items() if k != "size"} for state in more]
    assert sum(state in kept for state in both) > len(both) / 2
    assert len(compare.states(ranges, few=4)) < len(found) / 2


def test_layers_are_kept_without_their_colours():
    frame = pd.DataFrame({"name": ["a"], "lat": [1.0], "lon": [2.0], "price": [1 / 3]})

    def kept(color, size=6):
        look = {"Prices": (color, "circle")}
        return compare._layers([maps.points(frame, "Prices", styles=look, size=size)])

    assert kept("blue") == kept("orange")
    assert kept("blue") != kept("blue", size=9)
    assert kept("blue")["layers"] == "Prices (points)"


def test_diff_exits_with_1_where_something_differs(tmp_path, monkeypatch, capsys):
    after = copy.deepcopy(BEFORE)
    for folder in ("before", "after"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "11-money.json").write_text(json.dumps(BEFORE), encoding="utf-8")
    command = ["compare.py", "diff", str(tmp_path / "before"), str(tmp_path / "after")]
    monkeypatch.setattr("sys.argv", command)
    assert compare.main() == 0
    assert "11-money: nothing differs; 0 numbers are new" in capsys.readouterr().out
    after["Money"]["headline"]["{}"] = "212 billion"
    after["Money"]["numbers"]["{}"].append("5")
    (tmp_path / "after" / "11-money.json").write_text(json.dumps(after), encoding="utf-8")
    assert compare.main() == 1
    said = capsys.readouterr().out
    assert "1 differs; 1 numbers are new" in said and "+ 212 billion" in said
    monkeypatch.setattr("sys.argv", [*command, "04"])
    assert compare.main() == 0, "another lesson was asked for"
