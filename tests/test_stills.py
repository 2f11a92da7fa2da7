"""The still picture of a map, by its pixels."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image

from course import stills
from helpers import data, maps, style
from helpers.inputs import InputError


@pytest.fixture(scope="module")
def places():
    return maps.points(data.load("places"), "Places", category="kind", popup=["why"])


def pixels(picture):
    """Return the picture as an array (rows, columns, 3) of 0 to 255."""

    image = base64.b64decode(picture.spec["src"].split(",")[1])
    assert image[:8] == b"\x89PNG\r\n\x1a\n" and len(image) < 200_000
    return np.asarray(Image.open(io.BytesIO(image)).convert("RGB"), float)


def middle(shown, color):
    """Return (x, y), the middle of the pixels of one colour on the map, not in the legend."""
    wanted = [int(style.color(color)[i : i + 2], 16) for i in (1, 3, 5)]
    rows, columns = np.nonzero(np.abs(shown - wanted).max(axis=2) < 3)
    on_map = rows < len(shown) * 0.7
    assert on_map.any(), f"nothing is {color}"
    return columns[on_map].mean(), rows[on_map].mean()


def one_point(lat, lon, color="orange", **more):
    frame = pd.DataFrame({"name": ["here"], "lat": [lat], "lon": [lon]})
    return maps.points(frame, f"{color} point", styles={"": (color, "square")}, **more)


def test_a_picture_has_points_where_they_are():
    layers = [one_point(0, 0), one_point(30, 60, "purple"), one_point(30, -60, "blue")]
    shown = pixels(stills.picture(layers, title="Test", bounds=((-45, -90), (45, 90))))
    (x0, y0), (x1, y1), (x2, y2) = (middle(shown, c) for c in ("orange", "purple", "blue"))
    assert y1 == pytest.approx(y2, abs=1) and x1 - x0 == pytest.approx(x0 - x2, abs=1)
    assert (x1 - x0) / (y0 - y1) == pytest.approx(2, abs=0.02)
    north = [one_point(60, 0), one_point(62, 4, "purple")]  # true shapes in the middle
    shown = pixels(stills.picture(north, title="Test", bounds=((55, -10), (65, 10))))
    (x0, y0), (x1, y1) = (middle(shown, c) for c in ("orange", "purple"))
    assert (x1 - x0) / (y0 - y1) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("turned", [False, True])
def test_cells_and_countries_of_a_picture_lie_beneath_their_points(turned):
    lat, lon = np.arange(-80, 81, 10.0), np.arange(-180, 180, 10.0)
    field = xr.DataArray(np.zeros((17, 36)), {"lat": lat, "lon": lon}, ("lat", "lon"))
    field.loc[20, -40] = field.loc[20, -180] = 1
    field = field.sortby("lat", ascending=not turned)
    cell = maps.grid(field, "G", levels=[0.5], colors=["#ffffff", "#ff0000"], opacity=1)
    shown = pixels(stills.picture([cell], title="Test", bounds=((0, -80), (40, 0))))
    spot = pixels(stills.picture([cell, one_point(20, -40)], title="T", bounds=((0, -80), (40, 0))))
    red, point = middle(shown, "#ff0000"), middle(spot, "orange")
    assert red == pytest.approx(point, abs=1.5)
    for bounds in (((0, 176), (40, 180)), ((0, -180), (40, -176))):
        middle(pixels(stills.picture([cell], title="At the edge", bounds=bounds)), "#ff0000")
    kenya = maps.countries({"KEN": "yes"}, "Kenya", styles={"yes": "#00ff00"})
    africa = {"title": "Test", "bounds": ((-20, 0), (20, 60))}
    x, y = middle(pixels(stills.picture([kenya], **africa)), "#00ff00")
    at = middle(pixels(stills.picture([kenya, one_point(0.5, 37.9)], **africa)), "orange")
    assert (x, y) == pytest.approx(at, abs=6)


def test_a_picture_has_its_words_table_and_no_layer_that_is_switched_off(places):
    line = maps.lines({"a": [np.array([[0, 0], [10, 50]])]}, "Line", dash="6 4")
    area = maps.lines({"b": [np.array([[0, 0], [10, 50], [-30, 9]])]}, "Area", fill=0.18)
    off = one_point(0, 0, visible=False)
    chart = stills.picture([places], title="Chart")
    drawn = stills.picture([places, line, area, off, chart], title="All kinds")
    assert drawn.spec["kind"] == "chart" and drawn.name == "All kinds"
    assert drawn.summary == f"All kinds. {places.summary} {line.summary} {area.summary}"
    assert drawn.table["layer"].unique().tolist() == ["Places", "Line", "Area"]
    alone = stills.picture([places], title="One")
    assert alone.name == "Places" and alone.table.equals(places.table)
    assert stills.picture([], title="Land").summary == "Land."
    pixels(drawn)


def test_a_picture_of_a_tall_country_is_no_higher_than_wide():
    for bounds in (((-56, -76), (-17, -66)), ((-60, -180), (84, -175)), ((-1, 0), (1, 60))):
        high, wide, _ = pixels(
            stills.picture([one_point(-33, -70)], title="T", bounds=bounds)
        ).shape
        assert 0.1 * wide < high < 1.2 * wide


def test_a_picture_of_a_grid_has_a_twin_by_latitude_and_labels_that_fit():
    lat, lon = np.arange(-85, 90, 10.0), np.arange(-175, 180, 10.0)
    field = np.where(lat > 0, 100.0, 0.0)[:, None] * np.ones(len(lon))
    field = xr.DataArray(field, {"lat": lat, "lon": lon})
    north = maps.grid(field, "North", levels=[50], labels=["no", "yes"])
    picture = stills.picture([north], title="Test")
    assert picture.summary == "Test. North, share of the Earth: no: 50.0 %, yes: 50.0 %."
    assert picture.spec["kind"] == "chart" and picture.table.equals(north.table)
    with pytest.raises(InputError, match="2 classes need 2 labels"):
        maps.grid(field, "North", levels=[50], labels=["no"])


def test_a_line_with_arrows_is_a_line_in_a_still():
    for dash in ("→", "6 4 →"):
        line = maps.lines({"a": [[[0, 0], [5, 50]]]}, "Track", dash=dash)
        assert stills.picture([line], title="Track").spec["src"].startswith("data:image/png")
