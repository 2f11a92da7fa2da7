"""What a view remembers, until something else may have changed it, and what it computes ahead."""

import asyncio
import time

import ipywidgets as widgets
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course import ahead
from helpers import live as room
from helpers import maps
from helpers.live import live, play


@pytest.fixture
def heard(monkeypatch):
    """Let a test be the reader: a message to a widget, as a kernel takes it, then what it does."""
    monkeypatch.setattr(room, "display", lambda *shown, **how: None)
    monkeypatch.setattr(ahead, "REST_S", 0.001)
    message = {}
    monkeypatch.setattr(room, "_asked", lambda: message)

    def hear(to, **state):
        message.clear()
        message.update(msg_type="comm_msg", content={"comm_id": to.comm.comm_id})
        room._forget()  # as IPython's event does; a test below asks for that
        to.set_state(state)

    def cell():
        message.clear()
        message.update(msg_type="execute_request", content={})
        room._forget()

    hear.cell = cell
    return hear


def counted_view(ran, title="Counted", **controls):
    def counted(step=0):
        ran.append(step)
        return f"{title} {step}"

    counted.__qualname__ = title  # two of them are two cells
    view = live(title, map=False, **(controls or {"step": (0, 40)}))(counted)
    ran.clear()
    return view


def test_a_view_that_was_there_is_not_computed_again(heard):
    view = counted_view(ran := [])
    slider = view.controls["step"]
    for step in (3, 9, 3, 9, 3):
        heard(slider, value=step)
        assert view.map.headline == f"Counted {step}"
    assert ran == [3, 9]


def test_what_may_have_changed_what_a_view_reads_makes_it_forget(heard):
    clock = play(range(20), "hour")
    beside = widgets.Button()  # as `course.looking` puts one beside a clock
    clock.extras = (*clock.extras, beside)
    view, other = counted_view(ran := [], step=clock), counted_view([], "Other")
    alone = widgets.IntSlider()  # whose observer may do anything
    slider = view.controls["step"]

    def there_and_back():
        ran.clear()
        for step in (9, 3, 9, 3):
            heard(slider, index=step)
        return list(ran)

    assert there_and_back() == [9, 3] and there_and_back() == []
    heard(view.map, twin_open=True)  # its own table
    heard(slider.extras[0], value=4)  # its Play button
    heard(slider, index=3)
    assert there_and_back() == []
    for something in (
        heard.cell,
        lambda: heard(alone, value=1),
        lambda: heard(beside),
        lambda: heard(other.controls["step"], value=5),
    ):
        something()
        assert there_and_back() == [9, 3]


def test_a_cell_gets_what_the_function_says_now(heard):
    view = counted_view(ran := [])
    slider = view.controls["step"]
    heard(slider, value=3)
    heard(slider, value=9)
    heard.cell()
    slider.value = 3
    slider.value = 9
    slider.value = 3
    view.update()
    assert ran == [3, 9, 3, 9, 3, 3]


def test_a_view_keeps_so_many_answers(heard):
    view = counted_view(ran := [])
    slider = view.controls["step"]
    for step in (*range(1, room.REMEMBERED + 2), 1):
        heard(slider, value=step)
    assert ran[-1] == 1 and len(view._known) == room.REMEMBERED


def test_lists_to_choose_from_are_told_apart(heard):
    @live("Lists", map=False, names={name: [name] * 500 for name in "xyz"})
    def of(names):
        return names[0]

    menu = of.controls["names"]
    for at in (1, 2, 1, 0, 2):
        heard(menu, index=at)
        assert of.map.headline == "xyz"[at]


def test_lists_that_a_reader_makes_are_not_taken_for_older_ones(heard):
    """A list has no hash, and its address may be that of one that is gone."""
    tags = widgets.TagsInput(value=["start"])
    several = widgets.SelectMultiple(options={name: [name] for name in "abc"}, index=(0,))

    @live("Lists", map=False, tags=tags, several=several)
    def of(tags, several):
        return f"{' '.join(tags)}: {several}"

    for number in range(60):
        heard(tags, value=[f"t{number % 7}", "x"])
        assert of.map.headline == f"t{number % 7} x: {(['a'],)}"
    heard(several, index=[1, 2])
    assert of.map.headline.endswith(": (['b'], ['c'])") and of.error is None


def test_an_exact_result_is_there_at_once_the_second_time(heard, monkeypatch):
    monkeypatch.setattr(room, "FINE_AFTER_S", 0.01)

    async def move():
        seen = []

        @live("Fine", map=False, step=(0, 9))
        def fine_view(step=0, fine=True):
            seen.append((step, fine))
            return f"{step} {'fine' if fine else 'coarse'}"

        seen.clear()
        slider = fine_view.controls["step"]
        for step in (4, 7):
            heard(slider, value=step)
            assert fine_view.map.headline == f"{step} coarse" and fine_view.map.computing
            while fine_view.map.computing:
                await asyncio.sleep(0.005)
        heard(slider, value=4)
        assert fine_view.map.headline == "4 fine" and not fine_view.map.computing
        await asyncio.sleep(0.05)
        assert seen == [(4, False), (4, True), (7, False), (7, True)]

    asyncio.run(move())


def test_a_result_that_began_before_a_cell_is_not_kept(heard):
    view = counted_view(ran := [])
    values = {"step": 5}
    count = view.function

    def slowly(step):
        heard.cell()  # it ran meanwhile
        return count(step)

    view.function = slowly
    view.answer(values)
    view.function = count
    heard(view.controls["step"], value=5)
    assert ran == [5, 5]


async def steps(heard, slider, places, name="value", rest=0.05):
    for place in places:
        heard(slider, **{name: place})
        await asyncio.sleep(rest)


@pytest.mark.parametrize(
    ("places", "computed"),
    [
        ([1, 2, 3], [1, 2, 3, 4]),  # the third was there before it was asked for; so is the next
        ([1], [1]),
        ([1, 2], [1, 2, 3]),
        ([5, 1, 9], [5, 1, 9]),  # jumps
        ([3, 6, 9], [3, 6, 9, 12]),
        ([9, 8, 7], [9, 8, 7, 6]),
        ([36, 38, 40], [36, 38, 40]),  # its end
        ([38, 39, 40], [38, 39, 40]),
    ],
)
def test_who_goes_on_finds_the_next_answer_there(heard, places, computed):
    view = counted_view(ran := [])

    async def walk():
        await steps(heard, view.controls["step"], places)

    asyncio.run(walk())
    assert ran == computed and view.map.headline == f"Counted {places[-1]}"


def test_play_finds_each_next_hour_there(heard):
    async def walk():
        view = counted_view(ran := [], step=play(range(10, 34), "hour"))
        (button,) = view.controls["step"].extras
        await steps(heard, button, range(1, 6), "value")
        assert ran == [11, 12, 13, 14, 15, 16] and view.map.headline == "Counted 15"

    asyncio.run(walk())


def test_tenths_are_steps(heard):
    async def walk():
        view = counted_view(ran := [], step=(0.0, 2.0, 0.1))
        await steps(heard, view.controls["step"], (0.1, 0.2, 0.3, 0.4, 0.5))
        assert ran == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]

    asyncio.run(walk())


def test_what_has_no_steps_and_who_has_no_loop_are_left_alone(heard):
    @live("Kinds", map=False, text="a", tick=False, ends=widgets.IntRangeSlider(value=(2, 4)))
    def kinds(text, tick, ends):
        return f"{text} {tick} {ends}"

    async def walk():
        await steps(heard, kinds.controls["text"], ("b", "c", "d"))
        await steps(heard, kinds.controls["tick"], (True, False, True))
        await steps(heard, kinds.controls["ends"], ([2, 5], [2, 6], [2, 7]))

    asyncio.run(walk())
    assert kinds.map.headline == "d True (2, 7)"
    view = counted_view(ran := [])
    for step in (1, 2, 3):
        heard(view.controls["step"], value=step)
    assert ran == [1, 2, 3]


def test_a_view_that_is_slow_is_computed_ahead_once(heard, monkeypatch):
    monkeypatch.setattr(ahead, "MOST_S", 0.01)
    ran = []

    @live("Slow", map=False, step=(0, 40))
    def slow(step=0):
        time.sleep(0.02)
        ran.append(step)
        return str(step)

    ran.clear()
    asyncio.run(steps(heard, slow.controls["step"], (1, 2, 3, 4, 5)))
    assert ran == [1, 2, 3, 4, 5], "the third was computed ahead, the sixth is not"


def test_what_fails_ahead_is_said_when_it_is_reached(heard):
    @live("Fails", map=False, step=(0, 9))
    def fails(step=0):
        return str(1 / (step - 3))

    slider = fails.controls["step"]
    asyncio.run(steps(heard, slider, (1, 2)))
    assert fails.map.error == "" and fails.error is None
    heard(slider, value=3)
    assert "ZeroDivisionError" in fails.map.error
    heard(slider, value=4)
    assert (fails.map.error, fails.map.headline) == ("", "1.0")


def test_a_closed_view_computes_nothing_for_a_control_that_lives_on(heard):
    async def walk():
        shared = widgets.IntSlider(max=40)
        one, two = [], []
        first = counted_view(one, "First", step=shared)
        second = counted_view(two, "Second", step=shared)
        await steps(heard, shared, (1,))
        first.close()
        one.clear()
        two.clear()
        await steps(heard, shared, (2, 3))
        assert one == [] and two[:2] == [2, 3]
        assert second.map.headline == "Second 3"

    asyncio.run(walk())


def test_a_kernel_tells_of_each_message_before_it_is_answered(monkeypatch):
    """`_forget` relies on it: IPython's event, which a widget's message triggers too."""
    from comm.base_comm import BaseComm

    order = []
    shell = InteractiveShell.instance()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)

    def told():
        order.append("told")

    class Quiet(BaseComm):
        def publish_msg(self, *given, **named):
            pass

    shell.events.register("pre_execute", told)
    try:
        comm = Quiet(target_name="t", comm_id="c")
        comm.on_msg(lambda message: order.append("answered"))
        comm.handle_msg({})
    finally:
        shell.events.unregister("pre_execute", told)
        InteractiveShell.clear_instance()
    assert order == ["told", "answered"]


def test_a_layer_from_memory_is_the_picture_it_was(heard):
    frame = pd.DataFrame({"name": ["a"], "lat": [0.0], "lon": [0.0]})

    @live("Places", step=(0, 9))
    def places(step=0):
        return maps.points(frame.assign(lat=float(step)), "P"), f"step {step}"

    slider, seen = places.controls["step"], {}
    for step in (2, 5, 2, 5):
        heard(slider, value=step)
        told = places.map.layer_0, places.map.headline, places.summary
        assert seen.setdefault(step, told) == told
        assert places.map.layer_0["lat"] == [float(step)]
