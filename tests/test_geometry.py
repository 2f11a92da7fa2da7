"""Lines and areas on the globe, against matplotlib's polygons, vectors, rotations and geodesics."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path
from scipy.spatial.transform import Rotation

from helpers import data
from helpers.inputs import InputError
from silkroad import geometry

RANDOM = np.random.default_rng(8)
LAT, LON = RANDOM.uniform(-89, 89, (2, 200)), RANDOM.uniform(-180, 180, (2, 200))
DEGREE_KM = np.pi / 180 * geometry.EARTH_KM


def vectors(lat, lon):
    """Return unit vectors (3, n)."""
    f, m = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(f) * np.cos(m), np.cos(f) * np.sin(m), np.sin(f)])


def angle_deg(a, b):
    """Return the angle between vectors (3, n), from sine and cosine together."""
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b, axis=0), axis=0), (a * b).sum(0)))


# Great circles


def test_distances_agree_with_the_angle_between_vectors_to_a_metre():
    ours = geometry.great_circle_km(LAT[0], LON[0], LAT[1], LON[1])
    angle = angle_deg(vectors(LAT[0], LON[0]), vectors(LAT[1], LON[1]))
    np.testing.assert_allclose(ours, angle * DEGREE_KM, atol=1e-3)
    assert geometry.great_circle_km(90, 0, -90, 123) == pytest.approx(180 * DEGREE_KM)
    assert geometry.great_circle_km(-18, 179, -18, -179) < 2.001 * DEGREE_KM  # the short way round


@pytest.mark.parametrize("pair", range(20))
def test_a_great_circle_is_a_rotation_in_equal_steps(pair):
    (lat1, lat2), (lon1, lon2) = LAT[:, pair], LON[:, pair]
    lat, lon = geometry.great_circle(lat1, lon1, lat2, lon2, points=9)
    start, end = vectors(lat1, lon1), vectors(lat2, lon2)
    axis = np.cross(start, end) / np.linalg.norm(np.cross(start, end))
    whole = np.radians(angle_deg(start, end))
    turned = [Rotation.from_rotvec(axis * whole * k / 8).apply(start) for k in range(9)]
    assert np.abs(vectors(lat, lon).T - turned).max() < 1e-12


def test_without_a_single_shortest_way_there_are_the_two_ends():
    for ends in ((10, 20, 10, 20), (10, 20, -10, -160), (90, 0, -90, 50)):
        lat, lon = geometry.great_circle(*ends)
        assert lat == pytest.approx([ends[0], ends[2]]) and len(lon) == 2


@pytest.mark.parametrize("triple", range(60))
def test_the_way_off_a_great_circle_is_that_to_the_nearest_of_many_points(triple):
    lat, lon = RANDOM.uniform(-80, 80), RANDOM.uniform(-180, 180)
    ends = LAT[0, triple], LON[0, triple], LAT[1, triple], LON[1, triple]
    line = geometry.great_circle(*ends, points=20_001)
    nearest = geometry.great_circle_km(lat, lon, *line).min()
    assert geometry.off_great_circle_km(lat, lon, *ends) == pytest.approx(nearest, abs=0.5)


def test_off_a_line_without_length_is_the_distance_to_its_place():
    assert geometry.off_great_circle_km(1, 0, 0, 0, 0, 0) == pytest.approx(DEGREE_KM)


def test_the_bearing_leads_to_where_the_distance_ends():
    bearing = geometry.bearing_deg(LAT[0], LON[0], LAT[1], LON[1])
    arc = geometry.great_circle_km(LAT[0], LON[0], LAT[1], LON[1]) / DEGREE_KM
    lat, lon = geometry.destination(LAT[0], LON[0], bearing, arc)
    assert angle_deg(vectors(lat, lon), vectors(LAT[1], LON[1])).max() < 1e-9
    assert ((bearing >= 0) & (bearing < 360)).all() and ((lon >= -180) & (lon < 180)).all()


def test_the_bearing_is_the_angle_to_north_in_the_plane_of_the_horizon():
    up = vectors(LAT[0], LON[0])
    east = np.cross([0, 0, 1], up.T).T
    east /= np.linalg.norm(east, axis=0)
    north, toward = np.cross(up, east, axis=0), vectors(LAT[1], LON[1])
    expected = np.degrees(np.arctan2((toward * east).sum(0), (toward * north).sum(0))) % 360
    ours = geometry.bearing_deg(LAT[0], LON[0], LAT[1], LON[1])
    assert np.abs((ours - expected + 180) % 360 - 180).max() < 1e-9


def test_known_bearings_and_their_winds():
    assert geometry.bearing_deg(0, 0, 10, 0) == pytest.approx(0)
    assert geometry.bearing_deg(0, 179, 0, -179) == pytest.approx(90)
    assert geometry.bearing_deg(50, 0, 40, 0) == pytest.approx(180)
    # Baghdad to Osaka, the example of many handbooks.
    assert geometry.bearing_deg(35, 45, 35, 135) == pytest.approx(60, abs=0.2)
    winds = ["north", "north-east", "east", "south", "north-west", "north"]
    assert [geometry.compass(x) for x in (0, 47, 80, 190, 315, 350)] == winds


# Cuts at 180 degrees


def test_a_split_line_reaches_180_on_both_sides():
    first, second = geometry.split_antimeridian([0, 10, 20], [170, 178, -178])
    assert first.tolist() == [[0, 170], [10, 178], [15, 180]]
    assert second.tolist() == [[15, -180], [20, -178]]
    west, east = geometry.split_antimeridian([0, 4], [-179, 178])
    assert west.tolist() == [[0, -179], [pytest.approx(4 / 3), -180]]
    assert east.tolist() == [[pytest.approx(4 / 3), 180], [4, 178]]
    with pytest.raises(InputError, match="two equal lists"):
        geometry.split_antimeridian([0, 1], [0])


lines = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(-90, 90), min_size=n, max_size=n),
        st.lists(st.floats(-180, 180, exclude_max=True), min_size=n, max_size=n),
    )
)


@given(lines)
def test_pieces_hold_all_points_and_never_jump(line):
    lat, lon = line
    pieces = geometry.split_antimeridian(lat, lon)
    for piece in pieces:
        assert np.abs(np.diff(piece[:, 1])).max(initial=0) <= 180
        assert np.isfinite(piece).all() and np.abs(piece[:, 0]).max() <= 90
    points = [tuple(p) for piece in pieces for p in piece if abs(p[1]) != 180]
    assert points == [p for p in zip(lat, lon, strict=True) if abs(p[1]) != 180]
    for before, after in pairwise(pieces):
        assert before[-1, 0] == after[0, 0] and before[-1, 1] == -after[0, 1]
        assert abs(before[-1, 1]) == 180


def area(ring):
    """Return the area of a ring of lat, lon in square degrees (shoelace)."""
    y, x = ring.T
    return abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2


@pytest.mark.parametrize("middle", [0, 100, 175, -175, 180, -179.999])
def test_a_split_ring_keeps_its_area_and_stays_on_the_map(middle):
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    lat, lon = 30 + 10 * np.sin(turn), middle + 15 * np.cos(turn)
    found = geometry.split_ring(lat, (lon + 180) % 360 - 180)
    assert len(found) == (1 if abs(middle) < 165 else 2)
    assert all((np.abs(ring[:, 1]) <= 180).all() for ring in found)
    assert sum(map(area, found)) == pytest.approx(area(np.column_stack([lat, lon])), rel=1e-9)


# Countries


def test_countries_agree_with_matplotlibs_polygons_on_a_world_grid():
    shapes = data.shapes()
    lat, lon = (a.ravel() for a in np.meshgrid(np.arange(-87.5, 88, 5.3), np.arange(-179, 180, 7)))
    found = geometry.country_at(lat, lon, geometry.borders(shapes, "name"))
    expected = np.full(len(lat), "", dtype=object)
    for feature in shapes["features"]:
        parts = feature["geometry"]["coordinates"]
        for polygon in parts if feature["geometry"]["type"] == "MultiPolygon" else [parts]:
            inside = Path(np.asarray(polygon[0])).contains_points(np.c_[lon, lat])
            for hole in polygon[1:]:
                inside &= ~Path(np.asarray(hole)).contains_points(np.c_[lon, lat])
            expected[inside & (expected == "")] = feature["properties"]["name"]
    assert found.tolist() == expected.tolist()
    assert {"China", "Brazil", "Antarctica", ""} <= set(found)


def test_a_hole_a_polygon_and_two_features_of_one_key():
    box = [[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]
    hole = [[3, 3], [6, 3], [6, 6], [3, 6], [3, 3]]
    far = [[[x + 20, y] for x, y in box]]

    def feature(key, kind, coordinates):
        return {
            "properties": {"iso3": key},
            "geometry": {"type": kind, "coordinates": coordinates},
        }

    shapes = {
        "features": [
            feature("AAA", "Polygon", [box, hole]),
            feature(None, "Polygon", [hole]),
            feature("AAA", "MultiPolygon", [far]),
        ]
    }
    border = geometry.borders(shapes)
    assert list(border) == ["AAA"] and len(border["AAA"].edges) == 12
    assert border["AAA"].box == (0, 0, 29, 9)
    assert geometry.country_at([1, 4, 4], [1, 4, 24], border).tolist() == ["AAA", "", "AAA"]
    assert geometry.country_at(1, 1, border).tolist() == ["AAA"]
    first = shapes["features"][0]
    assert len(geometry.rings(first)) == 2 and len(geometry.rings(first, holes=False)) == 1
    assert geometry.rings(first)[1].tolist() == hole


@pytest.mark.parametrize(
    "lat, lon, match", [(91, 0, "91"), (0, 400, "400"), (np.nan, 0, "missing")]
)
def test_places_that_are_none_are_refused(lat, lon, match):
    with pytest.raises(InputError, match=match):
        geometry.great_circle_km(lat, lon, 0, 0)
    with pytest.raises(InputError, match=match):
        geometry.country_at(lat, lon, {})


def test_the_loose_ends_of_a_line_in_pieces():
    one, other = [(0, 10), (5, 20)], [(5, 20), (9, 30), (0, 40)]
    assert geometry.loose_ends([one, other]) == {(0, 10), (0, 40)}
    assert geometry.loose_ends([one, other[::-1]]) == {(0, 10), (0, 40)}
    cut = geometry.split_antimeridian([0, 0], [170, -170])
    assert geometry.loose_ends(cut) == {(0.0, 170.0), (0.0, 190.0)}
    ring = [(0, 0), (0, 10), (10, 0), (0, 0)]
    assert geometry.loose_ends([ring]) == set() == geometry.loose_ends([])
