"""Every control of every lesson through its range and beside all others; and proof of it."""

from itertools import combinations, product

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient.exceptions import CellExecutionError

from tools.browser import NOTEBOOKS
from tools.sweep import MET, STATES, _badly_said, pairs, sweep, warned


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_control_of_the_lesson(ran, path):
    lesson = ran(path)
    report = lesson.gave("sweep")
    failures = report["failures"] + warned(lesson.notebook, path.stem)
    assert not failures, "\n".join(failures[:20])
    assert report["views"], "a lesson has something to move"
    assert report["states"] == STATES
    some = any(len(controls) > 1 for controls in report["views"].values())
    assert report["pairs"] >= 4 or not some
    assert report["moves"] > report["pairs"] + STATES + len(report["views"])


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 50), max_size=5))
def test_any_two_stops_of_two_controls_meet(counts):
    states = pairs(counts)
    for one, other in combinations(counts, 2):
        met = {(state[one], state[other]) for state in states}
        stops = [{i for i, _ in met}, {i for _, i in met}]
        for name, some in zip((one, other), stops, strict=True):
            assert {0, counts[name] - 1} <= some <= set(range(counts[name]))
            assert len(some) == min(counts[name], MET)
        assert met == set(product(*stops))
    assert len(counts) > 1 or states == []


def notebook(path, *sources):
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cells = [nbformat.v4.new_code_cell(source) for source in (IMPORTS, *sources)]
    nbformat.write(nbformat.v4.new_notebook(metadata=metadata, cells=cells), path)
    return path


IMPORTS = "from helpers.live import live, play\nimport ipywidgets as widgets"
GOOD = """@live("Good", map=False, hour=play(range(6), "hour"), mask_deg=(0, 90), kind=["a", "b"])
def good(hour, mask_deg, kind):
    return f"{hour} {mask_deg} {kind}" """
BAD_VALUE = """@live("Bad", map=False, hour=(0, 23), kind=["a", "b", "c"])
def bad(hour, kind):
    return f"{1 / (hour - 17)}" """
BAD_PAIR = """@live("Pair", map=False, hour=play(range(4), "hour"), kind=["a", "b", "c"])
def pair(hour, kind):
    return {"a": "x", "b": "y", "c": "z"}[kind if hour != 2 or kind != "b" else "nothing"]"""
BAD_FINE = """@live("Fine", map=False, hour=(0, 3))
def slow(hour, fine=True):
    return str(1 / (hour - 3) if fine else hour)"""


def test_a_good_notebook_passes(tmp_path):
    report = sweep(notebook(tmp_path / "90-good.ipynb", GOOD), states=20)
    assert report["failures"] == []
    assert report["views"] == {"__main__.good": ["hour", "mask_deg", "kind"]}
    assert report["states"] == 20
    assert report["pairs"] == 6 * 6, "two sliders of six and seven stops, a choice of two"


def test_a_warning_beneath_a_cell_is_found(tmp_path):
    cell = "import warnings\nwarnings.warn('soon gone', stacklevel=1)"
    (failure,) = sweep(notebook(tmp_path / "94-warns.ipynb", GOOD, cell), states=0)["failures"]
    assert failure.startswith("94-warns: cell ") and "soon gone" in failure


def test_a_callback_broken_at_one_value_is_found(tmp_path):
    report = sweep(notebook(tmp_path / "91-bad.ipynb", GOOD, BAD_VALUE), states=0)
    assert report["failures"], "the broken callback was not found"
    for failure in report["failures"]:
        assert failure.startswith("91-bad: bad(): hour = 17")
        assert failure.endswith("ZeroDivisionError: division by zero")


def test_a_callback_broken_at_one_combination_is_found(tmp_path):
    report = sweep(notebook(tmp_path / "92-pair.ipynb", BAD_PAIR), states=0)
    assert report["failures"]
    assert all("pair(): hour = 2" in f and "kind = b" in f for f in report["failures"])
    longer = sweep(tmp_path / "92-pair.ipynb", states=100)
    assert len(longer["failures"]) > len(report["failures"])
    again = sweep(tmp_path / "92-pair.ipynb", states=100)
    assert again == longer, "the random states are the same every time"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("f'turns {x:.2f}°'", "it says -0.00"),
        ("'prediction_met'", "it says prediction_met"),
    ],
)
def test_what_no_reader_should_see_is_found(tmp_path, said, why):
    cell = f"""@live("Said", map=False, x=[-1.0, -0.001])
def said(x):
    return {said}"""
    failures = sweep(notebook(tmp_path / "97-said.ipynb", cell), states=0)["failures"]
    assert failures and all(why in failure for failure in failures)


@pytest.mark.parametrize("text", ["-0.5 m", "1-0", "2026-06-01", "10-0.0", "-0.05", "-03", "C-0"])
def test_a_minus_before_something_is_none_before_nothing(text):
    assert _badly_said(text) is None
    assert _badly_said(f"{text} -0.0 m"), "and the other is found beside it"


def test_a_slow_result_that_breaks_is_found(tmp_path):
    report = sweep(notebook(tmp_path / "93-fine.ipynb", BAD_FINE), states=0)
    assert report["failures"]
    assert all("slow(): hour = 3, at rest: Zero" in failure for failure in report["failures"])


@pytest.mark.parametrize(
    "source",
    [
        "box = widgets.Dropdown(options=[1, 0], description='Divisor')\n"
        "box.observe(lambda change: 1 / change['new'], 'value')\nbox",
        "widgets.interact(lambda Divisor: 1 / Divisor, Divisor=[1, 0]);",
        "out, box = widgets.Output(), widgets.Dropdown(options=[1, 0], description='Divisor')\n"
        "@out.capture()\ndef moved(change):\n    1 / change['new']\n"
        "box.observe(moved, 'value')",
    ],
    ids=["observe", "interact", "output"],
)
def test_a_plain_control_is_swept_too(tmp_path, source):
    report = sweep(notebook(tmp_path / "94-plain.ipynb", source), states=0)
    assert report["plain"] == ["Divisor"]
    assert report["failures"] == ["94-plain: Divisor = 0: ZeroDivisionError: division by zero"]


def test_a_callback_broken_at_first_call_fails_where_it_stands(tmp_path):
    path = notebook(tmp_path / "95-first.ipynb", BAD_VALUE.replace("17", "11"))
    with pytest.raises(CellExecutionError, match=r"bad\(hour=11, kind='a'\) failed"):
        sweep(path)


def test_the_sweep_says_what_it_cannot_move(tmp_path):
    source = """box = widgets.ColorPicker(description="Colour")
box.observe(print, "value")"""
    report = sweep(notebook(tmp_path / "96-odd.ipynb", source), states=0)
    assert report["failures"] == ["96-odd: Colour: the sweep cannot move a ColorPicker"]
