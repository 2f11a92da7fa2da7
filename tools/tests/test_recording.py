"""Recordings: what a page without a kernel shows is what the view shows."""

import base64
import gzip
import io
import itertools
import json
import math
import re

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from course import stills
from helpers import live, maps
from helpers.inputs import InputError
from tools import moving, packing, recording
from tools.site.build import without_assets


def view(**changes):
    """A small live view with a slider, a menu, a check box and a text that cannot be recorded."""

    @live.live("Small", **{"map": True, **changes}, step=(0, 10), kind=["a", "b"], big=False)
    def small(step=3, kind="a", big=False):
        row = pd.DataFrame({"name": [kind], "lat": [step * 2.0 + 10 * big], "lon": [1.0]})
        return maps.points(row, "Point"), f"At {step}, {kind}."

    return small


def opened(text):
    """Return the document in a recording's script, read as the page reads it."""
    packed = re.fullmatch(r'silkroad\.arrived\("[\w-]+", "([A-Za-z0-9+/=]+)"\);\n', text)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def values(shapes):
    """Return the values of a pool, put together from their shapes as the page does it."""
    found = []
    for shape, *columns in shapes:
        numbers = [itertools.accumulate(c.split(","), lambda b, n: n or b) for c in columns]
        for row in zip(*numbers, strict=True) if columns else [()]:
            first, *words = shape.split("0")
            text = first + "".join(n + word for n, word in zip(row, words, strict=True))
            found.append(json.loads(text))
    return found


def cells(runs):
    """Return the cells of a grid, put together from its runs as the page does it."""
    each, lengths = ([ord(letter) - 58 for letter in text] for text in runs)
    return np.repeat(np.array(each).astype(np.uint8), lengths).tobytes()


def tracks(packed):
    """Return the paths of a layer, put together as the page does it."""
    digits, paths = packed
    return [[track(piece, digits) for piece in path] for path in paths]


def track(text, digits):
    letters = [ord(letter) - 63 for letter in text]
    ends = [i + 1 for i, part in enumerate(letters) if part < 32]
    parts = [letters[a:b] for a, b in itertools.pairwise([0, *ends])]
    numbers = [sum(part % 32 << 5 * i for i, part in enumerate(one)) for one in parts]
    steps = np.array([n >> 1 if n % 2 == 0 else ~(n >> 1) for n in numbers]).reshape(2, -1)
    return (steps.cumsum(1).cumsum(1).T / 10**digits).tolist()


def shown(document, frame):
    """Return (headline, summary, layers, twins) of a frame, with values instead of numbers."""
    pool = values(document["pool"])
    headline, summary, parts, twins = frame
    specs = [{key: pool[number] for key, number in part.items()} for part in parts]
    return pool[headline], pool[summary], specs, [pool[number] for number in twins]


def test_every_frame_is_what_the_view_shows_there():
    small = view()
    made = recording.Recording(small)
    made.extend(10**6)
    assert made.complete
    document = opened(made.file("small"))
    assert len(document["states"]) == 11 * 2 * 2, "few, so all of them"
    for key, frame in document["states"].items():
        step, kind, big = map(int, key.split(","))
        layer, headline = small(step, "ab"[kind], bool(big))
        text, summary, specs, twins = shown(document, frame)
        assert text == headline and headline in summary and layer.summary in summary
        assert specs == [json.loads(json.dumps(layer.spec))]
        assert twins == [maps.twin(layer)]


def test_controls_stand_afterwards_where_they_stood():
    small = view()
    small.controls["kind"].value = "b"
    recording.Recording(small).extend(10**6)
    assert small.values() == {"step": 3, "kind": "b", "big": False}
    assert small.map.headline == "At 3, b."


def test_a_choice_whose_value_is_none_is_a_stop_like_others():
    menu = widgets.Dropdown(options=[("open", None), ("street", 90)])

    @live.live("Around", map=False, around=menu)
    def around(around=None):
        return f"around {around}"

    made = recording.Recording(around)
    made.extend(10**6)
    assert made.starts == (0,) and len(made.states) == 2
    assert around.map.headline == "around None"
    again = recording.Recording(around)
    assert again.starts == (0,), "ipywidgets then says that nothing is chosen"


def test_document_describes_the_controls():
    small = view()
    small.controls["word"] = widgets.Text(description="word")
    small.function = lambda step, kind, big, word: f"{step}"
    made = recording.Recording(small)
    made.extend(10**6)
    found = made.document()["controls"]
    assert [c["kind"] for c in found] == ["slider", "menu", "check", "none"]
    assert [c["label"] for c in found] == ["step", "kind", "big", "word"]
    assert found[0]["stops"] == [str(n) for n in range(11)] and found[0]["start"] == 3
    assert found[3]["stops"] == [] and found[2]["stops"] == ["no", "yes"]
    small.map.source = {"course/l99.py": "def draw():\n    ...\n"}
    document = made.document()
    assert document["source"] == small.map.source
    assert document["page"] == small.map.page == without_assets(small.map.page)


def test_a_small_limit_keeps_the_start_and_the_ends():
    made = recording.Recording(view())
    made.extend(1)
    assert list(made.states) == [(3, 0, 0)] and not made.complete
    whole = recording.Recording(view())
    whole.extend(10**6)
    limit = made.size + (whole.size - made.size) * 2 // 3
    made.extend(limit)
    assert {(0, 0, 0), (10, 0, 0)} <= set(made.states)
    assert 3 < len(made.states) < len(whole.states) and made.size <= limit
    document = opened(made.file("small"))
    used = {n for frame in document["states"].values() for n in numbers(frame)}
    pool = values(document["pool"])
    assert used == set(range(len(pool))), "what was not kept leaves nothing behind"
    made.extend(10**6)
    assert made.states == whole.states or set(made.states) == set(whole.states)


def numbers(frame):
    headline, summary, parts, twins = frame
    return [headline, summary, *twins, *(n for part in parts for n in part.values())]


def test_the_size_is_that_of_the_file():
    made = recording.Recording(view())
    made.extend(10**6)
    assert 0 < made.size - len(made.keyed("99-lesson-small")[1]) < 60


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True))
def test_texts_of_a_shape_come_back_as_they_were(texts):
    texts = [packing.as_json(text) for text in texts]
    shapes, order = packing.by_shape(texts)
    assert values(json.loads(json.dumps(shapes))) == [json.loads(texts[place]) for place in order]
    assert sorted(order) == list(range(len(texts)))


def test_what_differs_in_its_numbers_has_one_shape():
    texts = ['"at 3 of 2.50"', '"no number"', '"at -4 of 2.50"', '"at 05 of 7"']
    shapes, order = packing.by_shape(texts)
    assert shapes == [['"at 0 of 0"', "3,-4,05", "2.50,,7"], ['"no number"']]
    assert order == [0, 2, 3, 1]


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(1, 99_000)), min_size=1, max_size=9))
def test_a_grid_comes_back_cell_by_cell(each):
    field = b"".join(bytes([value]) * length for value, length in each)
    runs = json.loads(packing.as_json(packing.runs(field)))
    assert cells(runs) == field
    assert len(runs[0]) == len(runs[1]) <= len(field)
    assert not any(letter.isascii() and letter.isdigit() for text in runs for letter in text)


ROW = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(st.lists(st.lists(st.lists(ROW, min_size=1), max_size=3), max_size=3), st.integers(0, 8))
def test_tracks_come_back_row_by_row(paths, digits):
    rounded = [[np.round(piece, digits).tolist() for piece in path] for path in paths]
    packed = json.loads(packing.as_json(packing.tracks(rounded)))
    assert tracks(packed) == rounded and packed[0] <= digits
    assert not re.search("[0-9]", "".join(text for path in packed[1] for text in path))


def test_a_track_is_what_its_format_says():
    """The example of the format's description: 38.5, -120.2 as the first row."""
    assert packing._polyline(3850000) + packing._polyline(-12020000) == "_p~iF~ps|U"


def test_a_grid_of_a_view_is_recorded_as_runs():
    field = xr.DataArray(
        np.arange(24.0).reshape(4, 6) // 5,
        coords={"lat": np.linspace(-60, 60, 4), "lon": np.arange(-180.0, 180, 60)},
        dims=("lat", "lon"),
    )

    @live.live("Grid", top=(1, 3))
    def grid(top=2):
        return maps.grid(field, "Field", levels=[1, top + 0.5])

    made = recording.Recording(grid)
    made.extend(10**6)
    document = opened(made.file("grid"))
    for key, frame in document["states"].items():
        _, _, (spec,), _ = shown(document, frame)
        assert cells(spec["cells"]) == grid(int(key) + 1).spec["cells"]


def test_a_view_that_fails_stops_the_recording():
    small = view()
    small.function = lambda step, kind, big: str(1 / (step - 10))
    with pytest.raises(live.LiveError, match=r"step=10.+division by zero"):
        recording.Recording(small).extend(10**6)
    assert "update" not in vars(small), "the view answers again"


def test_write_shares_the_room_between_the_views(tmp_path):
    for old in moving.views().values():
        old.close()
    live._views.clear()
    first = view()

    @live.live("Noise", map=False, seed=(0, 30))
    def noise(seed=0):
        figure, axes = plt.subplots(figsize=(2, 2))
        axes.imshow(np.random.default_rng(seed).random((24, 24)))
        plt.close(figure)
        return maps.chart(
            stills.held(figure), "Noise", alt="noise", table=pd.DataFrame({"seed": [seed]})
        )

    limit = 60_000
    entries = recording.write(tmp_path, "99-x", limit)
    assert set(entries) == {first.box.model_id, noise.box.model_id}
    small, loud = entries[first.box.model_id], entries[noise.box.model_id]
    assert small["states"] == small["all"] == 44 and small["height"] == 520
    assert 3 < loud["states"] < 31 and not loud["height"]
    assert loud["summary"] == noise.summary and "<table" in loud["tables"]
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob("*.js")}
    assert set(sizes) == {f"{entry['key']}.js" for entry in entries.values()}
    assert limit / 2 < sizes[f"{loud['key']}.js"] < sum(sizes.values()) < 1.05 * limit
    for (file, words), *rest in (small["stills"], loud["stills"]):
        assert (tmp_path / file).stat().st_size > 500 and words and not rest
    assert (small["id"], loud["id"]) == ("view-small", "view-noise")
    assert loud["charts_px"] > 100 > small["charts_px"] == 0


def test_what_the_lesson_names_is_recorded_first_with_the_ways_there():
    tried = ["step=10&kind=b", "big=yes"]
    made = recording.Recording(view(), tried)
    made.extend(1)
    assert list(made.states) == [(3, 0, 0)]
    order = made._todo
    assert order[:4] == [(10, 1, 0), (3, 0, 1), (10, 0, 0), (3, 1, 0)]
    assert made.named == [(10, 1, 0), (3, 0, 1)]


def test_what_the_lesson_names_is_recorded_however_few_states_are(monkeypatch):
    monkeypatch.setattr(recording, "STATES", 2)
    made = recording.Recording(view(), ["step=10&kind=b", "big=yes"])
    made.extend(10**6)
    assert list(made.states) == [(3, 0, 0), (10, 1, 0), (3, 0, 1), (10, 0, 0), (3, 1, 0)]


def test_a_place_that_is_named_becomes_a_stop():
    control = widgets.FloatSlider(min=0, max=100, step=0.1, value=40)
    assert "28.5" not in [word for word, _, _ in recording.stops(control)[0]]
    found, at = recording.stops(control, ["28.5"])
    assert [value for word, _, value in found if word == "28.5"] == [28.5]
    assert found[at][2] == 40
    span = widgets.IntRangeSlider(min=2000, max=2025, value=(2000, 2025))
    assert (2020, 2020) in [value for _, _, value in recording.stops(span, ["2020 to 2020"])[0]]
    menu = widgets.Dropdown(options=["C012 a", "C016 b", "C016 c"])
    assert recording.place_of(menu, "C012") == 0
    assert recording.place_of(widgets.Checkbox(), "yes") is True


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("stepp=3", "has no control 'stepp'"),
        ("step=11", "goes from 0 to 10, not to 11"),
        ("kind=c", "has no 'c': name one of a, b"),
    ],
)
def test_what_is_named_and_not_there_gets_a_sentence(state, said):
    with pytest.raises(InputError, match=re.escape(said)):
        recording.Recording(view(), [state])


def test_write_refuses_states_of_a_view_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no view 'other'"):
        recording.write(tmp_path, "99-x", tried={"other": ["a=b"]})


def test_the_key_is_made_of_the_content():
    small = view()
    one, same, other = (recording.Recording(small) for _ in range(3))
    for made in (one, same):
        made.extend(10**6)
    other.extend(1)
    keys = [made.keyed("small")[0] for made in (one, same, other)]
    assert keys[0] == keys[1] != keys[2]
    assert re.fullmatch(r"small-[0-9a-f]{8}", keys[0])


def test_a_chart_keeps_every_pixel():
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([1, 3, 2])
    plt.close(figure)
    chart = maps.chart(stills.held(figure), "Line", alt="a line", table=pd.DataFrame({"y": [1]}))
    small = recording._picture(chart.spec["src"])
    assert small.startswith("data:image/webp;base64,") and len(small) < len(chart.spec["src"])
    before, after = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(src.partition(",")[2]))).convert("RGB"))
        for src in (chart.spec["src"], small)
    )
    assert (before == after).all()
    assert recording._picture("data:text/plain,x") == "data:text/plain,x"


# The stops of a control


@pytest.mark.parametrize(
    ("control", "readouts", "start"),
    [
        (widgets.IntSlider(min=1, max=4, value=3), ["1", "2", "3", "4"], 2),
        (widgets.FloatSlider(min=0, max=1, step=0.5, value=0.5), ["0", "0.5", "1"], 1),
        (widgets.FloatLogSlider(base=10, min=0, max=2, step=1), ["1", "10", "100"], 0),
        (widgets.Dropdown(options=[("one", 1), ("two", 2)], value=2), ["one", "two"], 1),
        (widgets.SelectionSlider(options=["x", "y"]), ["x", "y"], 0),
        (widgets.RadioButtons(options=["x", "y"], value="y"), ["x", "y"], 1),
        (widgets.Checkbox(value=True), ["no", "yes"], 1),
        (
            widgets.SelectMultiple(options=["x", "y", "z"], value=["x", "z"]),
            ["none", "x", "y", "z", "x, y, z", "x, z"],
            5,
        ),
        (
            widgets.SelectionRangeSlider(options=[1, 2, 3, 4], index=(0, 3)),
            ["1 to 4", "1 to 2", "2 to 4"],
            0,
        ),
        (
            widgets.IntRangeSlider(min=1, max=3, value=(1, 3)),
            ["1 to 1", "1 to 2", "1 to 3", "2 to 3", "3 to 3"],
            2,
        ),
        (widgets.Text(), [], 0),
        (widgets.Button(), [], 0),
    ],
)
def test_stops_of_a_control(control, readouts, start):
    found, at = recording.stops(control)
    assert [readout for readout, _, _ in found] == readouts and at == start
    for _, trait, value in found:
        setattr(control, trait, value)
        assert getattr(control, trait) == pytest.approx(value)


@given(st.integers(-50, 50), st.integers(0, 300), st.sampled_from([1, 2, 7]), st.data())
def test_a_slider_of_numbers_keeps_its_ends_and_its_place(low, width, step, data):
    value = data.draw(st.integers(low, low + width))
    control = widgets.IntSlider(min=low, max=low + width, step=step, value=value)
    found, at = recording.stops(control)
    values = [stop[2] for stop in found]
    assert values == sorted(set(values)) and len(values) <= recording.STOPS + 1
    assert values[0] == low and values[at] == value
    assert low + width - values[-1] < step


# The order


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.data())
def test_order_begins_at_the_start_and_leaves_nothing_out(counts, data):
    starts = tuple(data.draw(st.integers(0, max(n - 1, 0))) for n in counts)
    found = recording.order(counts, starts)
    assert found[0] == starts and len(set(found)) == len(found)
    moved = [[i for i, place in enumerate(state) if place != starts[i]] for state in found]
    alone = {state for state, which in zip(found, moved, strict=True) if len(which) == 1}
    assert len(alone) == sum(max(n - 1, 0) for n in counts)
    moving = [i for i, n in enumerate(counts) if n > 1]
    every = math.prod(max(1, n) for n in counts)
    if every <= recording.STATES:
        assert len(found) == every
        found = [state for state, which in zip(found, moved, strict=True) if len(which) <= 2]
        moved = [which for which in moved if len(which) <= 2]
    assert max(map(len, moved)) <= 2
    for one, other in itertools.combinations(moving, 2):
        pairs = set(itertools.product(range(counts[one]), range(counts[other])))
        others = [i for i in range(len(counts)) if i not in (one, other)]
        assert pairs == {
            (state[one], state[other])
            for state in found
            if all(state[i] == starts[i] for i in others)
        }
    if len(moving) > 1:
        first = [set(which) <= set(moving[:2]) for which in moved if len(which) == 2]
        assert first == sorted(first, reverse=True), "the first two, then the other pairs"
    last_alone = max((i for i, which in enumerate(moved) if len(which) <= 1), default=0)
    assert all(len(which) <= 1 for which in moved[: last_alone + 1]), "each alone, then pairs"


def test_coarse_begins_with_the_ends_and_the_middle():
    assert recording._coarse(9) == [0, 8, 4, 2, 6, 1, 3, 5, 7]
    assert [recording._coarse(n) for n in (0, 1, 2)] == [[], [0], [0, 1]]
    assert sorted(recording._coarse(40)) == list(range(40))
