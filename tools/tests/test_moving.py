"""Views that nobody looks at: nothing is sent, equal states are computed once, faults stay."""

import nbformat
import pandas as pd
import pytest

from helpers import charts, live
from tools import moving, running

MOVED = """from tools import moving
from helpers.live import live
@live("Step", map=False, step=(0, 9))
def stepped(step=0):
    return f"step {step}"
with moving.unheard():
    stepped.controls["step"].value = 4
here = stepped.map.headline"""


def test_unheard_moves_are_made_and_not_sent(tmp_path):
    cells = [nbformat.v4.new_code_cell(code) for code in (MOVED, "print(here)")]
    made = running.run(nbformat.v4.new_notebook(cells=cells), tmp_path)
    assert made.cells[1].outputs[0].text == "step 4\n", "moved in the kernel"
    kept = made.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    said = [part["state"]["headline"] for part in kept.values() if "headline" in part["state"]]
    assert said == ["step 0"], "and not in the page"


@pytest.mark.parametrize("state", [{"value": float("nan")}, {"value": object()}])
def test_what_is_no_json_is_found_though_nobody_hears_it(state):
    from ipykernel.comm.comm import BaseComm

    comm = BaseComm(target_name="test", primary=False)
    with moving.unheard():
        comm.send({"state": {"value": [1.5, "two", None, b"bytes"]}})
        with pytest.raises((TypeError, ValueError)):
            comm.send({"state": state})


@pytest.fixture
def counted(monkeypatch):
    """A view that counts what it computes, and remembers it."""
    monkeypatch.setattr(moving, "_kept", {})
    asked = []

    @live.live("Counted", map=False, step=(0, 9), kind=["a", 1, True])
    def counted(step=0, kind="a"):
        asked.append((step, kind))
        if step == 7:
            raise ZeroDivisionError
        return f"{step} {kind!r}"

    moving.remember(counted)
    moving.remember(counted)
    asked.clear()
    yield counted, asked
    counted.close()


def test_an_equal_state_is_computed_once(counted):
    view, asked = counted
    step = view.controls["step"]
    for value in (1, 2, 1, 0, 2):
        step.value = value
        assert view.map.headline == f"{value} 'a'" and view.error is None
    assert asked == [(1, "a"), (2, "a"), (0, "a")]
    assert view(1, kind="a") == "1 'a'" and view.function.__name__ == "counted"


def test_a_view_with_a_chart_is_remembered_and_whole(monkeypatch):
    monkeypatch.setattr(moving, "_kept", {})
    asked, frame = [], pd.DataFrame({"x": [1, 2, 3], "y": [1.0, 4.0, 9.0]})

    @live.live("Chart", map=False, step=(0, 9))
    def chart(step=0):
        asked.append(step)
        return charts.draw(charts.bars(frame * step, x="x", y="y"), name="Chart")

    moving.remember(chart)
    found = [chart(step).spec for step in (3, 4, 3)]
    assert asked == [0, 3, 4] and found[0] == found[2] != found[1]
    assert "silkroad-narrow" in found[2]["narrow"] and found[2]["narrow_boxes"]
    chart.close()


def test_one_and_true_are_two_states(counted):
    view, _ = counted
    assert [view.function(step=1, kind=kind) for kind in (1, True, 1)] == ["1 1", "1 True", "1 1"]


def test_what_cannot_be_kept_is_computed_again(counted, monkeypatch):
    view, asked = counted
    for _ in range(2):
        view.controls["step"].value = 7
        assert isinstance(view.error, ZeroDivisionError)
        view.controls["step"].value = 3
    assert asked == [(7, "a"), (3, "a"), (7, "a")]
    asked.clear()
    for _ in range(2):
        assert view.function(step=1, kind=["a list"]) == "1 ['a list']"
    monkeypatch.setattr(moving, "KEPT_BYTES", 0)
    for _ in range(2):
        assert view.function(step=8, kind="a") == "8 'a'"
    assert asked == [(1, ["a list"])] * 2 + [(8, "a")] * 2
