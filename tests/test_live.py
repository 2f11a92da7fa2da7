"""The live map without a browser: what is sent, what is said, and what is refused."""

import asyncio
import gc
import gzip
import importlib.util
import json
import os
import signal
import sys
import threading
import time
import weakref

import ipywidgets as widgets
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from course import drawing  # as in a lesson that has a room
from helpers import charts, maps
from helpers import live as room
from helpers.inputs import InputError
from helpers.live import LiveError, live, play, progress
from tools import moving

FRAME = pd.DataFrame({"name": ["a", "b"], "lat": [0.0, 1.0], "lon": [0.0, 1.0]})


def points(name, shift=0.0):
    return maps.points(FRAME.assign(lat=FRAME["lat"] + shift), name)


def field(value):
    lat, lon = np.arange(-90.0, 91, 30), np.arange(-180.0, 180, 30)
    values = np.full((len(lat), len(lon)), float(value))
    return xr.DataArray(values, coords={"lat": lat, "lon": lon}, dims=("lat", "lon"))


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Show nothing: there is no notebook here."""
    monkeypatch.setattr(room, "display", lambda *shown, **how: None)
    monkeypatch.setattr(room, "NEW_VIEW", [])  # what is computed ahead: tests/test_ahead.py


@pytest.fixture
def sent(monkeypatch):
    """Collect the names of what each message to the page carries."""
    messages = []
    send = room.LiveMap.send_state

    def note(self, key=None):
        messages.append({key} if isinstance(key, str) else set(self.keys if key is None else key))
        send(self, key)

    monkeypatch.setattr(room.LiveMap, "send_state", note)
    return messages


def test_the_function_stays_a_function():
    @live("Sky", step=(0, 9))
    def sky(step=2):
        """Where they are."""
        return points("P", step), f"step {step}"

    assert sky(5)[1] == sky(step=5)[1] == "step 5"
    assert (sky.__name__, sky.__doc__) == ("sky", "Where they are.")
    assert sky.values() == {"step": 2} and sky.map.headline == "step 2"
    assert sky.map.layer_0["lat"] == [2.0, 3.0] and sky.map.layer_1 is None
    assert sky.summary == "Sky. step 2 P: 2 points."
    assert [layer.name for layer in sky.layers] == ["P"]
    sky.controls["step"].value = 4
    assert sky.map.headline == "step 4" and sky.map.layer_0["lat"] == [4.0, 5.0]
    assert "Sky" in sky.map.page and sky.map.title == "Sky"
    assert sky._repr_mimebundle_()["text/plain"] == "Sky. step 4"


def test_a_title_that_asks_ends_with_its_own_sign():
    @live("Where is it?", step=(0, 9))
    def sky(step=2):
        return points("P", step), f"step {step}"

    assert sky.summary == "Where is it? step 2 P: 2 points."


def test_the_shorthands_of_controls():
    @live("S", map=False, a=(0, 9), b=(0.0, 1.0, 0.25), c=["x", "y"], d=True, e={"one": 1}, f="t")
    def shorts(a, b, c, d, e, f):
        return f"{a} {b} {c} {d} {e} {f}"

    kinds = [type(control).__name__ for control in shorts.controls.values()]
    assert kinds == ["IntSlider", "FloatSlider", "Dropdown", "Checkbox", "Dropdown", "Text"]
    assert shorts.map.page == ""

    @live("S", map=False, mask_deg=(0, 9), of_day=widgets.IntText(description="The hour"))
    def named(mask_deg, of_day):
        return ""

    assert [c.description for c in named.controls.values()] == ["mask (°)", "The hour"]


def test_only_changed_layers_are_sent(sent):
    @live("Sky", step=(0, 9))
    def sky(step=0):
        return points("Still"), points("Moves", step), maps.grid(field(step), "G", levels=[5])

    sent.clear()
    sky.controls["step"].value = 3
    moved = set().union(*sent)
    assert "layer_1" in moved and not moved & {"layer_0", "layer_2", "page", "twin"}
    sent.clear()
    sky.controls["step"].value = 7
    assert {"layer_1", "layer_2"} <= set().union(*sent)
    assert len([keys for keys in sent if any(k.startswith("layer_") for k in keys)]) == 1


def test_a_chart_for_a_telephone_comes_at_rest_or_where_a_page_is_one(asked, sent, monkeypatch):
    monkeypatch.setattr(room, "STORE_AFTER_S", 0.01)

    async def move():
        @live("Chart", map=False, step=(1, 9), words=False)
        def chart(step=1, words=False):
            rows = FRAME.assign(lat=FRAME["lat"] * step)
            still = charts.draw(charts.dots(FRAME, x="lon", y="lat"), name="Still")
            return charts.draw(charts.dots(rows, x="lon", y="lat"), name="Moves"), still, f"{words}"

        def narrow():
            return ["narrow" in layer for layer in (chart.map.layer_0, chart.map.layer_1)]

        assert narrow() == [True, True], "what a cell draws is saved with it"
        asked("", 2, "comm_msg")
        sent.clear()
        chart.controls["step"].value = 4
        assert narrow() == [False, True] and "layer_1" not in set().union(*sent)
        while not all(narrow()):
            await asyncio.sleep(0.01)
        sent.clear()
        chart.controls["words"].value = True
        await asyncio.sleep(0.05)
        assert chart.map.headline == "True" and not set().union(*sent) & {"layer_0", "layer_1"}
        chart.map.narrow = True
        chart.controls["step"].value = 5
        assert narrow() == [True, True]

    asyncio.run(asyncio.wait_for(move(), 30))


def test_a_layer_that_is_missing_is_taken_away(sent):
    @live("Sky", both=True)
    def sky(both=True):
        return [points("A"), points("B")] if both else [points("A")]

    sent.clear()
    sky.controls["both"].value = False
    assert sky.map.layer_1 is None and "layer_1" in set().union(*sent)
    assert [layer.name for layer in sky.layers] == ["A"]


def test_before_its_first_layers_a_map_has_none():
    # A page that is ready early asks for the layers: an empty dict would be drawn, None is not.
    state = room.LiveMap(page="x").get_state()
    assert {state[key] for key in state["layer_keys"]} == {None}


def test_an_error_is_one_sentence_and_goes_with_the_next_good_value():
    @live("Sky", step=(0, 9))
    def sky(step=0):
        return points("P", step), f"{1 / (step - 5):.1f}"

    before = sky.map.layer_0
    sky.controls["step"].value = 5
    assert sky.map.error == "sky(step=5) failed: ZeroDivisionError: division by zero"
    assert isinstance(sky.error, ZeroDivisionError)
    assert sky.map.layer_0 == before, "the last good picture stays"
    sky.controls["step"].value = 6
    assert (sky.map.error, sky.error, sky.map.headline) == ("", None, "1.0")


def test_bad_input_shows_its_own_sentence():
    @live("Sky", step=(0, 9))
    def sky(step=0):
        if step:
            raise InputError("There is no step 1: try 0.")
        return points("P")

    sky.controls["step"].value = 1
    assert sky.map.error == "There is no step 1: try 0."


def test_a_view_broken_at_its_first_call_fails_its_cell():
    with pytest.raises(LiveError, match=r"^sky\(step=4\) failed: KeyError: 'no'$") as caught:

        @live("Sky", step=(0, 9))
        def sky(step):
            return {}["no"]

    assert caught.value._render_traceback_() == [str(caught.value)]
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("result", [None, 3, [1, 2], {"a": 1}])
def test_what_is_no_layer_is_refused(result):
    with pytest.raises(LiveError, match=r"sky\(\) returned a \w+; return layers and at most a tex"):

        @live("Sky", step=(0, 9))
        def sky(step):
            return result


def test_too_many_layers_are_refused():
    with pytest.raises(LiveError, match="'Sky' has 13 layers; a live map takes up to 12"):

        @live("Sky", step=(0, 9))
        def sky(step):
            return [points(str(i)) for i in range(room.SLOTS + 1)]


@pytest.mark.parametrize("controls", [{}, {"hour": (0, 9), "day": (0, 9)}, {"day": (0, 9)}])
def test_controls_and_parameters_must_match(controls):
    with pytest.raises(InputError, match=r"sky\(\) and its controls do not match: '(hour|day)'"):

        @live("Sky", **controls)
        def sky(hour):
            return ""


def test_what_makes_no_control_is_refused():
    with pytest.raises(InputError, match=r"control 'hour': .* makes no control; give a widget"):

        @live("Sky", hour=object())
        def sky(hour):
            return ""


def test_a_cell_run_again_replaces_its_view():
    def cell(word):
        @live("Sky", map=False, step=(0, 9))
        def sky(step=0):
            calls.append(word)
            return word

        return sky

    calls = []
    old = cell("old")
    new = cell("new")
    assert old.map.comm is None and old.controls["step"].comm is None, "the old view is closed"
    assert [v for n, v in moving.views().items() if n.endswith(".cell.<locals>.sky")] == [new]
    calls.clear()
    new.controls["step"].value = 3
    assert calls == ["new"]


def test_nothing_of_a_replaced_view_stays_but_what_another_uses():
    from ipywidgets.widgets.widget import _instances

    shared, hour = widgets.IntSlider(max=9), play(range(5), "hour")

    @live("Other", map=False, step=shared)
    def other(step):
        return f"{step}"

    def cell(hour):
        @live("Sky", step=shared, hour=hour, mask=(0, 9), both=True)
        def sky(step, hour, mask, both):
            return points("P", step), f"{step}"

        return sky

    before = {*_instances}
    view = cell(hour)
    count = len(_instances)
    again = cell(hour)  # its cell run again: the same two controls, made in another cell
    assert len(_instances) == count and again.controls["hour"].comm is hour.comm is not None
    shared.value = 4
    assert (view.map.headline, again.map.headline, other.map.headline) == ("0", "4", "4")
    last = cell(play(range(5), "hour"))
    assert hour.comm is None and hour.link.comm is None, "no view has it any more"
    assert len(_instances) == count
    last.close()
    assert shared.comm is not None and {*_instances} <= before | {last.map.parts.model_id}


def test_a_hundred_runs_of_a_cell_leave_one_view_and_its_widgets():
    from ipywidgets.widgets.widget import _instances

    def cell(run):
        @live("Sky", step=(0, 9), hour=play(range(5), "hour"))
        def sky(step, hour, fine=True):
            return points(f"P{run}", step), f"{step}"

        sky.controls["step"].value = 3
        return weakref.ref(sky), weakref.ref(sky.map)

    before = {*_instances}
    cell(0)
    count, alive = len(_instances), []
    for run in range(1, 100):
        alive += cell(run)
    gc.collect()
    assert len(_instances) == count
    assert sum(ref() is not None for ref in alive) == 2, "the last view and its map"
    for view in moving.views().values():
        view.close()
    assert len({*_instances} - before) <= 1, "what all maps share stays"


@pytest.fixture
def asked(monkeypatch):
    """Let a test say what the kernel answers: which cell, which run of it."""
    message = {}
    monkeypatch.setattr(room, "_asked", lambda: message)

    def ask(cell, run, kind="execute_request"):
        message.update(metadata={"cellId": cell}, msg_id=run, msg_type=kind)

    return ask


def named_view(name, word=""):
    def sky(step=0):
        return f"{word}{step}"

    sky.__name__ = sky.__qualname__ = name
    return live(name, map=False, step=(0, 9))(sky)


def test_a_view_is_known_by_its_cell_and_not_by_its_name(asked):
    asked("one", 1)
    first, beside = named_view("sky"), named_view("other")
    asked("copy of one", 2)
    copied = named_view("sky")
    assert first.map.comm and copied.map.comm, "a copied cell leaves the first map alone"
    first.controls["step"].value = 3
    assert (first.map.headline, copied.map.headline) == ("3", "0")
    assert [view for view in moving.views().values() if view in (first, copied)] == [first, copied]
    asked("one", 3)
    again = named_view("renamed")
    assert first.map.comm is None and beside.map.comm is None, "its cell ran again"
    assert copied.map.comm and again.map.comm
    more = [named_view("sky", word) for word in "ab"]
    assert all(view.map.comm for view in (again, *more)), "one cell may make several"


def test_two_views_of_one_name_are_both_found(asked):
    found = []
    for cell in "ab":
        asked(f"twice {cell}", cell)
        found.append(named_view("twice"))
    names = {id(view): name for name, view in moving.views().items()}
    ours = [names[id(view)].rpartition(".")[2] for view in found]
    assert ours[0] == "twice" and ours[1].startswith("twice ") and len(names) == len(moving.views())


def stops_at(*bad):
    @live("Long", step=(0, 9), mask=(0, 9))
    def long(step=0, mask=0):
        if step in bad:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)
        return points("P", step), f"step {step}, mask {mask}"

    return long


def test_stop_in_the_middle_of_a_move_leaves_control_picture_and_headline_in_agreement(asked):
    asked("c", 1)
    view = stops_at(5)
    view.controls["step"].value = 2
    view.controls["mask"].value = 4
    picture = view.map.layer_0
    asked("", 2, "comm_msg")  # the reader moves a control, then presses Stop
    view.controls["step"].value = 5
    assert view.values() == {"step": 2, "mask": 4}
    assert view.map.layer_0 == picture and view.map.headline == "step 2, mask 4"
    assert view.map.error.startswith("Stopped: controls and picture are as they were before.")
    assert room._running == [] and view.bar.layout.display == "none"
    view.controls["step"].value = 6
    assert (view.map.error, view.map.headline) == ("", "step 6, mask 4")


def test_stop_in_a_cell_stops_the_cell(asked):
    asked("c", 1)
    view = stops_at(5)
    with pytest.raises(KeyboardInterrupt):
        for step in (3, 5, 7):
            view.controls["step"].value = step
    assert view.values()["step"] == 3 and view.map.headline == "step 3, mask 0"
    with pytest.raises(KeyboardInterrupt):
        stops_at(0)  # before anything is drawn
    *_, last = moving.views().values()
    assert last.map.error.startswith("Stopped") and last.map.layer_0 is None
    last.controls["step"].value = 1
    assert (last.map.error, last.map.headline) == ("", "step 1, mask 0")


@pytest.fixture
def waits(monkeypatch):
    """As a kernel that waits for messages: it takes no notice of Stop; fine results come soon."""
    monkeypatch.setattr(room, "FINE_AFTER_S", 0.01)
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, heard)


def test_stop_reaches_a_fine_result_between_messages_and_keeps_its_preview(asked, waits):
    async def move():
        @live("Slow", map=False, step=(0, 9))
        def slow(step=0, fine=True):
            if fine and step:
                os.kill(os.getpid(), signal.SIGINT)
                for _ in range(1000):  # in a thread of its own, where Stop comes between two steps
                    time.sleep(0.01)
            return f"{step} {'fine' if fine else 'coarse'}"

        asked("", 2, "comm_msg")
        slow.controls["step"].value = 4
        while not slow.map.error:
            await asyncio.sleep(0.01)
        assert (slow.values(), slow.map.headline) == ({"step": 4}, "4 coarse")
        assert slow.map.error == room.STOPPED

    asyncio.run(asyncio.wait_for(move(), 30))
    os.kill(os.getpid(), signal.SIGINT)  # nothing is computed: nothing is stopped


def test_stop_in_a_preview_asks_for_no_fine_result_and_its_sentence_stays(asked, waits):
    async def move():
        @live("Preview", map=False, step=(0, 9))
        def preview(step=0, fine=True):
            if step == 6:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(10)
            return f"{step} {'fine' if fine else 'coarse'}"

        asked("", 2, "comm_msg")
        preview.controls["step"].value = 6
        for _ in range(2):
            assert (preview.values(), preview.map.headline) == ({"step": 0}, "0 fine")
            assert preview.map.error == room.STOPPED
            await asyncio.sleep(0.3)  # long after a fine result would have come
        preview.controls["step"].value = 7
        await until(lambda: preview.map.headline == "7 fine")
        assert preview.map.error == ""

    asyncio.run(asyncio.wait_for(move(), 30))


def test_stop_reaches_a_view_that_another_thread_computes(asked):
    begun = threading.Event()

    @live("Thread", map=False, step=(0, 9))
    def view(step=0):
        begun.set()
        end = time.monotonic() + 30
        while step == 5 and time.monotonic() < end:
            time.sleep(0.01)
        return f"step {step}"

    asked("", 2, "comm_msg")
    begun.clear()
    mover = threading.Thread(target=setattr, args=(view.controls["step"], "value", 5))
    heard = signal.signal(signal.SIGINT, room._stop)
    try:
        mover.start()
        assert begun.wait(30)
        os.kill(os.getpid(), signal.SIGINT)
        mover.join(30)
    finally:
        signal.signal(signal.SIGINT, heard)
    assert not mover.is_alive()
    assert (view.values(), view.map.headline) == ({"step": 0}, "step 0")
    assert view.map.error == room.STOPPED and room._running == []


def test_a_cell_s_end_leaves_alone_what_another_thread_will_do():
    calls = []
    view = slow(calls)
    view._later, view.thread = object(), -1
    room._settle()
    assert calls == [(0, True)]
    view._later = None


def test_a_view_in_plain_text_is_the_same_in_every_run():
    words = set()
    for _ in range(2):

        @live("Sky", step=(0, 9))
        def sky(step=4):
            return points("P", step), f"step {step}"

        bundle = sky.map._repr_mimebundle_()
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        words |= {repr(sky.map), bundle["text/plain"], sky._repr_mimebundle_()["text/plain"]}
    assert words == {"Sky. step 4"}


def test_layers_are_known_by_their_whole_names():
    @live("Signs", step=(0, 9))
    def signs(step=0):
        return points("A + B"), points("a - b", step), points("—")

    assert [layer.name for layer in signs.layers] == ["A + B", "a - b", "—"]
    with pytest.raises(LiveError, match="the layers of 'Twice': 'P' comes twice; drop one, or giv"):

        @live("Twice", step=(0, 9))
        def twice(step=0):
            return points("P"), points("P", step)


def slow(calls):
    @live("Slow", map=False, step=(0, 9))
    def view(step=0, fine=True):
        calls.append((step, fine))
        return f"{step} {'fine' if fine else 'coarse'}"

    return view


def test_while_a_control_moves_the_preview_is_shown_and_the_fine_map_once_at_rest(monkeypatch):
    monkeypatch.setattr(room, "FINE_AFTER_S", 0.05)

    async def drag():
        calls = []
        view = slow(calls)
        assert calls == [(0, True)]
        calls.clear()
        for step in (1, 2, 3):
            view.controls["step"].value = step
            assert view.map.headline == f"{step} coarse"
        while view.map.headline != "3 fine":
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert calls == [(1, False), (2, False), (3, False), (3, True)]
        view.controls["step"].value = 4
        view.close()
        await asyncio.sleep(0.1)
        assert calls[-1] == (4, False), "a closed view computes nothing more"

    asyncio.run(asyncio.wait_for(drag(), 30))


def test_without_an_event_loop_both_results_come_at_once():
    calls = []
    view = slow(calls)
    view.controls["step"].value = 2
    assert calls == [(0, True), (2, False), (2, True)]
    assert view.controls.keys() == {"step"}, "`fine` is no control"


STOP = "KeyboardInterrupt"  # what ends a fine result that is no longer wanted


def in_steps(seen, problems=(), name="Steps"):
    """A view whose fine result takes 200 steps of 10 ms; `seen` gets what it did, in order."""

    @live(name, map=False, step=(0, 9))
    def view(step=0, fine=True):
        if not fine or not step:
            seen.append((name, step, "coarse"))
            return f"{step} coarse"
        assert (seen or [()])[-1][-1] != "begins", "one function at a time"
        seen.append((name, step, "begins"))
        try:
            for _ in progress(range(200)):
                time.sleep(0.01)
                if step in problems:
                    raise ValueError("a fault of its own")
        except BaseException as raised:
            seen.append((name, step, type(raised).__name__))
            raise
        seen.append((name, step, "fine"))
        return f"{step} fine"

    return view


async def until(true, seconds=20):
    """Wait as a kernel does, hearing what comes; return how long its loop ever kept it waiting."""
    end, longest = time.monotonic() + seconds, 0
    while not true():
        assert time.monotonic() < end, "waited in vain"
        begin = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - begin)
    return longest


def test_a_control_that_moves_drops_the_fine_result_and_the_last_move_wins(monkeypatch):
    monkeypatch.setattr(room, "FINE_AFTER_S", 0.01)

    async def drag():
        seen = []
        view = in_steps(seen)
        seen.clear()
        for step in (1, 2, 3):
            view.controls["step"].value = step
            assert (view.map.headline, view.map.computing) == (f"{step} coarse", True)
            await until(lambda step=step: seen[-1] == ("Steps", step, "begins"))
            begin = time.monotonic()
        view.controls["step"].value = 4
        assert time.monotonic() - begin < 1, "dropped, not waited for"
        assert await until(lambda: view.map.headline == "4 fine") < 1, (
            "controls are heard meanwhile"
        )
        assert not view.map.computing and view.bar.layout.display == "none"
        kinds = [(step, what) for _, step, what in seen]
        dropped = [(n, what) for n in (1, 2, 3) for what in ("coarse", "begins", STOP)]
        assert kinds == [*dropped, (4, "coarse"), (4, "begins"), (4, "fine")]
        assert room._running == [] and view.error is None

    asyncio.run(asyncio.wait_for(drag(), 60))


def test_a_fault_of_a_fine_result_is_said_and_that_of_a_dropped_one_is_logged(monkeypatch, caplog):
    monkeypatch.setattr(room, "FINE_AFTER_S", 0.01)

    async def drag():
        view = in_steps([], problems=(5,))
        view.controls["step"].value = 5
        await until(lambda: view.map.error)
        assert "a fault of its own" in view.map.error and not view.map.computing
        assert isinstance(view.error, ValueError) and view.map.headline == "5 coarse"
        assert not caplog.records
        view.controls["step"].value = 4
        assert (view.map.error, view.map.computing) == ("", True)
        view.controls["step"].value = 5
        while not view.slow:
            await asyncio.sleep(0.001)
        time.sleep(0.1)  # it fails; before its loop hears of it, the reader has moved on
        view.controls["step"].value = 0
        (said,) = caplog.records
        assert "view(step=5) failed: ValueError: a fault of its own" in said.getMessage()
        assert said.exc_info[0] is ValueError and view.map.headline == "0 coarse"
        view.close()

    asyncio.run(asyncio.wait_for(drag(), 60))


def test_a_cell_s_end_and_a_view_that_closes_wait_for_no_fine_result(monkeypatch):
    monkeypatch.setattr(room, "FINE_AFTER_S", 0.01)

    async def drag():
        seen = []
        view = in_steps(seen)

        @live("Other", map=False, step=(0, 9))
        def other(step=0):
            return f"{step}"

        view.controls["step"].value = 2
        await until(lambda: seen[-1][-1] == "begins")
        other.controls["step"].value = 3
        assert other.map.headline == "3" and seen[-1][-1] == "begins", "each view has its own"
        room._settle()
        assert (view.map.headline, view.map.computing) == ("2 fine", False)
        assert [what for *_, what in seen[-4:]] == ["begins", STOP, "begins", "fine"]
        view.controls["step"].value = 3
        await until(lambda: seen[-1][-1] == "begins")
        view.close()
        assert seen[-1][-1] == STOP

    asyncio.run(asyncio.wait_for(drag(), 60))


def test_without_threads_the_fine_result_comes_all_the_same(monkeypatch):
    monkeypatch.setattr(room, "FINE_AFTER_S", 0.01)
    monkeypatch.setattr(room, "_aside", None)  # as in a browser

    async def move():
        view = slow([])
        view.controls["step"].value = 2
        assert view.map.headline == "2 coarse"
        await until(lambda: view.map.headline == "2 fine")

    asyncio.run(asyncio.wait_for(move(), 60))


class Clock:
    """A clock that a test turns on."""

    now = 0.0

    def monotonic(self):
        return self.now


@pytest.mark.parametrize(("seconds_a_step", "shown"), [(0.1, False), (0.4, True)])
def test_a_bar_is_shown_after_a_second_and_goes_at_the_end(monkeypatch, seconds_a_step, shown):
    clock, seen = Clock(), []
    monkeypatch.setattr(room, "time", clock)

    @live("Long", map=False, step=(0, 9))
    def long(step=0):
        for _ in progress(range(5)):
            clock.now += seconds_a_step
            view = room._running[-1]
            seen.append((view.bar.layout.display, view.bar.value))
        return ""

    assert any(display == "" for display, _ in seen) == shown
    assert seen[0][0] == "none"
    assert long.bar.layout.display == "none"
    if shown:
        assert seen[-1][1] == pytest.approx(0.8)


def test_progress_outside_a_view_passes_its_steps_through():
    assert list(progress(range(3))) == [0, 1, 2]
    assert list(progress(iter("ab"), total=2)) == ["a", "b"]


def test_play_is_a_slider_over_choices_with_a_button():
    slider = play([10, 20, 30], "hour", value=20, form="{:02d}:00".format, every_ms=250)
    (button,) = slider.extras
    assert slider.options == (("10:00", 10), ("20:00", 20), ("30:00", 30))
    assert (slider.value, slider.index, slider.description) == (20, 1, "hour")
    assert (button.min, button.max, button.value, button.interval) == (0, 2, 1, 250)
    assert play("ab").value == "a"

    @live("Played", map=False, hour=slider)
    def played(hour):
        return f"at {hour}"

    assert button in played.box.children[0].children
    slider.set_state({"index": 2})  # what the page's link does while it plays
    assert played.map.headline == "at 30"


def test_an_answer_begins_with_the_first_of_the_two_messages_of_a_slider_with_a_button(monkeypatch):
    slider, ran, told = play([10, 20, 30], "hour"), [], []

    @live("Played", map=False, hour=slider)
    def played(hour):
        ran.append(hour)
        return f"at {hour}"

    # A hand at the slider: the page's link tells the place of the button, then the slider its own.
    monkeypatch.setattr(type(slider), "send_state", lambda self, key=None: told.append(key))
    slider.extras[0].set_state({"value": 2})
    assert (played.map.headline, slider.index) == ("at 30", 2)
    assert "index" not in {key for keys in told for key in keys}, "it would pull the slider back"
    slider.set_state({"index": 2})
    assert ran == [10, 30], "computed once"


def test_the_twin_is_written_only_while_it_is_open():
    @live("Sky", step=(0, 9))
    def sky(step=0):
        return points("P", step), "<b>bold</b>"

    assert sky.map.twin == ""
    sky.map.twin_open = True
    assert "&lt;b&gt;bold&lt;/b&gt;" in sky.map.twin and "<td>1</td>" in sky.map.twin
    sky.controls["step"].value = 7
    assert "<td>8</td>" in sky.map.twin
    sky.map.twin_open = False
    sky.controls["step"].value = 2
    assert "<td>8</td>" in sky.map.twin


def test_what_all_maps_share_is_sent_once():
    @live("One", step=(0, 9))
    def one(step):
        return points("P")

    @live("Two", step=(0, 9))
    def two(step):
        return points("P")

    @live("Chart", map=False, step=(0, 9))
    def chart(step):
        return ""

    assert one.map.parts is two.map.parts is chart.map.parts
    assert one.map.get_state()["parts"] == f"IPY_MODEL_{one.map.parts.model_id}"
    shared = json.loads(gzip.decompress(one.map.parts.packed))
    assert {name: shared.pop(name) for name in maps.assets()} == maps.assets()
    assert set(shared) == {"widget", "style"} and "export default { render }" in shared["widget"]
    assert len(one.map._esm) < 2000, "each view carries no more of it"
    assert len(one.map.page.encode()) < 4000
    assert all(maps.MARK.format(name) in one.map.page for name in maps.assets())
    one.close()
    assert two.map.parts.comm is not None, "a closed view takes nothing from the others"
    two.map.parts.close()
    assert room.MapParts.of_this_kernel().comm is not None, "and all closed, there is a new one"


ROOM = """from functools import cache

from helpers import maps

FAR = 9


def sizes(frame):
    \"\"\"Draw the sizes.\"\"\"
    return maps.points(frame, _name("sizes"))


def _name(word):
    return word.title()


@cache
def kept():
    return 3


def never():
    return LONG


class Chart:
    def base(self):
        return []
"""


@pytest.fixture
def drawer(tmp_path, monkeypatch):
    """A lesson's room of its own, in a file."""
    path = tmp_path / "l99.py"
    path.write_text(ROOM.replace("LONG", f"{' ' * 5000}'{'x' * 5000}'"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("course.l99", path)
    made = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "course.l99", made)
    spec.loader.exec_module(made)
    monkeypatch.setitem(globals(), "l99", made)
    monkeypatch.setitem(globals(), "drawn", made.Chart())
    return made


def test_how_a_view_is_drawn_is_found_and_sent_once(drawer, sent):
    @live("Sizes", step=(0, 9))
    def view(step):
        times = list(l99.kept() for _ in range(step))  # noqa: F821
        return *drawn.base(), l99.sizes(FRAME), f"{len(times)} of {l99.FAR}"  # noqa: F821

    assert list(view.map.source) == ["course/l99.py"]
    (code,) = view.map.source.values()
    parts = code.split("\n\n\n")
    assert [part.splitlines()[0] for part in parts] == [
        *("def base(self):", "def sizes(frame):", "@cache", "def _name(word):")
    ]
    assert '"""Draw the sizes."""' in code and "never" not in code
    sent.clear()
    view.controls["step"].value = 3
    assert "source" not in set().union(*sent)


def test_of_a_long_source_the_rest_is_named(drawer):
    @live("Long", map=False, step=(0, 9))
    def view(step):
        return f"{l99.kept()}{l99.never()[:2]}"  # noqa: F821

    (code,) = view.map.source.values()
    assert len(code) < drawing.SOURCE_MOST
    assert code == "@cache\ndef kept():\n    return 3\n\n\n# And in this file: never.\n"


def test_a_view_drawn_in_its_own_cell_needs_no_source(drawer):
    @live("Own", step=(0, 9))
    def view(step):
        sizes = FRAME.shape  # the name of a function of the room, but not of it
        return points("P", step), f"{sizes} {play(['l99'])}"

    assert view.map.source == {}


def test_a_bar_moves_in_ten_steps_at_most_however_slow_the_machine(monkeypatch):
    clock, moved = Clock(), []
    monkeypatch.setattr(room, "time", clock)

    @live("Many", map=False, step=(0, 9))
    def many(step=0):
        if not moved:
            room._running[-1].bar.observe(lambda change: moved.append(change["new"]), "value")
            moved.append(0)
        for _ in progress(range(288)):
            clock.now += 0.5
        return ""

    assert 9 <= len(moved) <= 11 and moved == sorted(moved) and moved[-1] > 0.9
    moved.append(0)
    many.update()
    assert moved[-1] > 0.9 and len(moved) < 23, "a second time from the beginning"
