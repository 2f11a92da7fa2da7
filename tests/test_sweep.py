"""Every control of every lesson through its range and beside all others; and proof of it."""

from itertools import combinations, product

import ipywidgets as widgets
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient.exceptions import CellExecutionError

from tools import running
from tools.browser import NOTEBOOKS
from tools.sweep import (
    MET,
    STATES,
    TEXTS,
    _badly_said,
    _miscounted,
    _stops,
    code,
    pairs,
    sweep,
    warned,
)


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


SAID = """@live("Said", map=False, x=[-1.0, -0.001])
def said(x):
    return {}"""
PLAIN = {
    "observe": "box = widgets.Dropdown(options=[1, 0], description='Divisor')\n"
    "box.observe(lambda change: 1 / change['new'], 'value')\nbox",
    "interact": "widgets.interact(lambda Divisor: 1 / Divisor, Divisor=[1, 0]);",
    "output": "out, box = widgets.Output(), widgets.Dropdown(options=[1, 0], description='Divisor')"
    "\n@out.capture()\ndef moved(change):\n    1 / change['new']\nbox.observe(moved, 'value')",
}
ODD = """box = widgets.ColorPicker(description="Colour")
box.observe(print, "value")"""
FORGET = """from tools.moving import views
for view in views().values():
    view.close()
widgets.Widget.close_all()"""
ALONE = {  # {name: a cell to sweep}
    "91-bad": f"{GOOD}\n\n{BAD_VALUE}",
    "92-pair": BAD_PAIR,
    "93-fine": BAD_FINE,
    "96-odd": ODD,
    "97-sign": SAID.format("f'turns {x:.2f}°'"),
    "98-code": SAID.format("'prediction_met'"),
    "89-many": SAID.format("f'{round(x) ** 0} flights'"),
    "88-none": SAID.format("f'{-x / 1e5:.1f} % of the Earth'"),
    **{f"94-{name}": source for name, source in PLAIN.items()},
}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """What the sweep says of each cell of ALONE, one after the other in a kernel that forgets."""
    steps = [
        nbformat.v4.new_code_cell(source)
        for name, cell in ALONE.items()
        for source in (cell, code(name, states=0), FORGET)
    ]
    path = notebook(tmp_path_factory.mktemp("alone") / "90-alone.ipynb")
    ran = running.run(nbformat.read(path, as_version=4), path.parent, steps)
    given = [output.data for cell in ran.cells for output in cell.outputs if "data" in output]
    reports = [data["application/json"] for data in given if "application/json" in data]
    return dict(zip(ALONE, reports, strict=True))


def test_a_kernel_forgets_one_cell_before_the_next(swept):
    found = {name: len(report["views"]) + len(report["plain"]) for name, report in swept.items()}
    assert found == {**dict.fromkeys(ALONE, 1), "91-bad": 2}


def test_a_good_notebook_passes(tmp_path):
    report = sweep(notebook(tmp_path / "90-good.ipynb", GOOD), states=20)
    assert report["failures"] == []
    assert report["views"] == {"__main__.good": ["hour", "mask_deg", "kind"]}
    assert report["states"] == 20
    assert report["pairs"] == MET * MET, "two sliders of six and seven stops, a choice of two"


def test_a_warning_beneath_a_cell_is_found(tmp_path):
    cell = "import warnings\nwarnings.warn('soon gone', stacklevel=1)"
    (failure,) = sweep(notebook(tmp_path / "94-warns.ipynb", GOOD, cell), states=0)["failures"]
    assert failure.startswith("94-warns: cell ") and "soon gone" in failure


def test_a_callback_broken_at_one_value_is_found(swept):
    failures = swept["91-bad"]["failures"]
    assert failures, "the broken callback was not found"
    for failure in failures:
        assert failure.startswith("91-bad: bad(): hour = 17")
        assert failure.endswith("ZeroDivisionError: division by zero")


def test_a_callback_broken_at_one_combination_is_found(swept, tmp_path):
    failures = swept["92-pair"]["failures"]
    assert failures
    assert all("pair(): hour = 2" in f and "kind = b" in f for f in failures)
    path = notebook(tmp_path / "92-pair.ipynb", BAD_PAIR)
    longer, again = (sweep(path, states=100) for _ in range(2))
    assert len(longer["failures"]) > len(failures)
    assert again == longer, "the random states are the same every time"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("97-sign", "it says -0.00"),
        ("98-code", "it says prediction_met"),
        ("89-many", "it says 1 flights"),
        ("88-none", "it says 0.0 %"),
    ],
)
def test_what_no_reader_should_see_is_found(swept, name, why):
    failures = swept[name]["failures"]
    assert failures and all(why in failure for failure in failures)


@pytest.mark.parametrize("text", ["-0.5 m", "1-0", "2026-06-01", "10-0.0", "-0.05", "-03", "C-0"])
def test_a_minus_before_something_is_none_before_nothing(text):
    assert _badly_said(text) is None
    assert _badly_said(f"{text} -0.0 m"), "and the other is found beside it"


@pytest.mark.parametrize(
    "text", ["2001: 1 attempts by China", "With at least 1 flights", "<p>1 countries."]
)
def test_one_of_many_is_found(text):
    assert "counted" in str(_miscounted(text))


@pytest.mark.parametrize(
    "text",
    ["1 attempt", "2,001 points", "0.1 points", "1 pass", "1 has", "1 ms", "Tiantong-1 satellites"],
)
def test_one_by_its_own_word_is_none_of_many(text):
    assert _miscounted(text) is None


def test_a_slow_result_that_breaks_is_found(swept):
    failures = swept["93-fine"]["failures"]
    assert failures
    assert all("slow(): hour = 3, at rest: Zero" in failure for failure in failures)


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_control_is_swept_too(swept, name):
    report = swept[f"94-{name}"]
    assert report["plain"] == ["Divisor"]
    assert report["failures"] == [f"94-{name}: Divisor = 0: ZeroDivisionError: division by zero"]


def test_a_callback_broken_at_first_call_fails_where_it_stands(tmp_path):
    path = notebook(tmp_path / "95-first.ipynb", BAD_VALUE.replace("17", "11"))
    with pytest.raises(CellExecutionError, match=r"bad\(hour=11, kind='a'\) failed"):
        sweep(path)


def test_the_sweep_says_what_it_cannot_move(swept):
    said = swept["96-odd"]["failures"]
    assert said == ["96-odd: Colour: the sweep cannot move a ColorPicker"]


@pytest.mark.parametrize(
    ("many", "stops"), [(0, 0), (1, 1), (2, 2), (40, 40), (41, 40), (2000, 40)]
)
def test_a_list_of_proposals_has_both_ends_and_at_most_so_many_stops(many, stops):
    options = [f"city {i}" for i in range(many)]
    moved = [words for words, _ in _stops(widgets.Combobox(options=options))]
    proposed, rest = moved[:stops], moved[stops:]
    assert rest == [repr(text) for text in TEXTS]
    assert len(set(proposed)) == stops and set(proposed) <= {repr(one) for one in options}
    assert proposed[:1] + proposed[-1:] == [repr(one) for one in options[:1] + options[-1:]]


def test_a_slider_whose_ends_are_one_has_one_stop():
    alone = widgets.BoundedIntText(value=3, min=3, max=3)
    assert [words for words, _ in _stops(alone)] == ["3"]
    assert [words for words, _ in _stops(widgets.BoundedIntText(min=0, max=2))] == ["0", "1", "2"]
