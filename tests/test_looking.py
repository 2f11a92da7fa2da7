"""Where a map opens: round what is asked about; and the button that goes to the next pass."""

import ipywidgets as widgets
import numpy as np
import pandas as pd
import pytest

from course import looking
from helpers import data, maps
from helpers.live import play
from silkroad import orbits

TOWNS = pd.DataFrame(
    {"name": ["Nairobi", "Moscow"], "lat": [-1.28, 55.75], "lon": [36.82, 37.62]},
    index=["Nairobi", "Moscow"],
)


def points(town):
    return maps.points(TOWNS.loc[[town]], "You")


def test_a_layer_says_where_to_look_and_stays_as_it_was():
    layer = points("Moscow")
    near = looking.around(layer, 40)
    assert np.allclose(near.spec.pop("look"), [[15.75, -2.38], [90, 77.62]])
    assert (near.name, near.spec, near.summary) == (layer.name, layer.spec, layer.summary)
    assert near.table is layer.table  # Python 3.13 would ask whether all of it is equal
    both = looking.around(layer, 10, points("Nairobi")).spec["look"]
    assert np.allclose(both, [[-11.28, 26.82], [65.75, 47.62]])
    far = maps.points(pd.DataFrame({"name": ["Fiji"], "lat": [-18], "lon": [178]}), "You")
    assert looking.around(far, 40).spec["look"] == [[-58, 138], [22, 180]]


@pytest.fixture
def tonight():
    minutes = data.snapshot().floor("D") + pd.to_timedelta(np.arange(0, 1440, 4), unit="min")
    elements = data.load("elements").set_index("norad_id", drop=False).loc[[48274]]
    clock = play(range(len(minutes)), "time", form=lambda i: f"{minutes[i]:%H:%M}")
    menu = widgets.Dropdown(options=list(TOWNS.index))
    return looking.NextPass(clock, minutes, elements, menu, TOWNS), clock, menu, elements, minutes


def test_each_press_goes_to_the_top_of_the_next_pass(tonight):
    button, clock, _, elements, minutes = tonight
    assert button.button in clock.extras
    found = orbits.passes(elements, TOWNS.loc[["Nairobi"]], minutes[0], minutes[-1], 10)
    tops = []
    for _ in range(len(found) + 1):
        button.button.click()
        assert "look" in button.near(points("Nairobi"), clock.value).spec
        assert "look" not in button.near(points("Nairobi"), clock.value + 9).spec
        tops.append(minutes[clock.value])
    off = pd.DatetimeIndex(tops[:-1]) - pd.DatetimeIndex(found["culmination"])
    assert len(found) and abs(off).max() <= pd.Timedelta(minutes=2)
    assert tops[-1] == tops[0], "after the last, the first"


def test_a_place_without_a_pass_is_told_so_until_another_is_chosen(tonight):
    button, clock, menu, *_ = tonight
    menu.value = "Moscow"
    before = clock.value
    button.button.click()
    assert (clock.value, button.button.description) == (before, "No pass above 10°")
    menu.value = "Nairobi"
    assert button.button.description == "Next pass"
