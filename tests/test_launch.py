"""The launch model, against Skyfield, SciPy, matplotlib, a table of others, and textbooks."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import minimize_scalar
from scipy.spatial.transform import Rotation
from skyfield.api import load as skyfield_load
from skyfield.api import wgs84
from skyfield.framelib import itrs

from course import burns
from helpers import data
from helpers.inputs import InputError
from silkroad import geometry, launch, stats

SITES = [(5.24, -52.77), (19.61, 110.95), (-34.0, 179.9), (40.96, 100.29), (0.0, -180.0)]


def _frame(lat, lon):
    """Return (up, east, north) of a place on the sphere, as unit vectors."""
    a, o = np.radians(lat), np.radians(lon)
    up = np.array([np.cos(a) * np.cos(o), np.cos(a) * np.sin(o), np.sin(a)])
    return up, np.array([-np.sin(o), np.cos(o), 0]), np.cross(up, [-np.sin(o), np.cos(o), 0])


@pytest.mark.parametrize("lat", [-75.0, 0.0, 5.24, 28.25, 40.96, 60.0])
def test_eastward_speed_agrees_with_skyfield_to_1_cm_per_s(lat):
    time = skyfield_load.timescale(builtin=True).utc(2026, 6, 14)
    place = wgs84.latlon(lat, 100.0).at(time)
    velocity = itrs.rotation_at(time) @ place.velocity.m_per_s  # inertial, in axes of the Earth
    assert launch.eastward_speed_m_s(lat) == pytest.approx(np.hypot(*velocity[:2]), abs=0.01)


def test_eastward_speed_is_the_textbooks():
    assert launch.eastward_speed_m_s(5.24) == pytest.approx(463, abs=0.5)  # Kourou
    assert launch.eastward_speed_m_s(28.5) == pytest.approx(409, abs=1)  # Cape Canaveral
    assert launch.eastward_speed_m_s(90) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("lat", [-50.0, 0.0, 5.24, 28.25])
@pytest.mark.parametrize("inclination", [50.0, 63.4, 90.0, 97.5, 130.0])
def test_inertial_azimuth_agrees_with_scipy_rotations_to_1e_9_deg(lat, inclination):
    """A vector turned by SciPy to the azimuth must span an orbit of that inclination."""
    up, _, north = _frame(lat, 77.0)
    for azimuth, sign in zip(
        launch.azimuth(inclination, lat, rotating=False), (1, -1), strict=True
    ):
        heading = Rotation.from_rotvec(-np.radians(azimuth) * up).apply(north)  # clockwise
        normal = np.cross(up, heading)
        assert np.degrees(np.arccos(normal[2])) == pytest.approx(inclination, abs=1e-9)
        assert sign * heading[2] >= -1e-12


@pytest.mark.parametrize("lat", [-50.0, 0.0, 5.24, 28.25])
@pytest.mark.parametrize("inclination", [50.0, 63.4, 90.0, 97.5, 130.0])
def test_rotating_azimuth_and_speed_agree_with_skyfields_site_velocity_to_1e_3(lat, inclination):
    """Add the velocity that Skyfield gives the pad to the rocket's: the orbit must come out."""
    time = skyfield_load.timescale(builtin=True).utc(2026, 6, 14)
    pad = itrs.rotation_at(time) @ wgs84.latlon(lat, 0.0).at(time).velocity.m_per_s
    up, _, north = _frame(lat, 0.0)
    added = launch.needed_speed_m_s(inclination, lat)
    for azimuth in launch.azimuth(inclination, lat):
        own = added * Rotation.from_rotvec(-np.radians(azimuth) * up).apply(north)
        velocity = own + pad
        assert np.linalg.norm(velocity) == pytest.approx(launch.orbital_speed_m_s(), abs=0.1)
        normal = np.cross(up, velocity) / np.linalg.norm(velocity)
        assert np.degrees(np.arccos(normal[2])) == pytest.approx(inclination, abs=1e-3)


def test_inertial_azimuth_agrees_with_the_table_of_launch_sites_to_its_decimal():
    compared = 0
    for site in data.load("launch_sites").itertuples():
        for pair in site.inclination_azimuth_pairs_deg.split(";"):
            inclination, theirs = map(float, pair.split(":"))
            ours = launch.azimuth(inclination, site.lat, rotating=False)
            assert min(abs(a - theirs) for a in ours) <= 0.051, (site.id, pair, ours)
            compared += 1
    assert compared >= 30


def test_azimuths_of_the_textbook():
    """From Cape Canaveral the station's 51.6° is the well-known 45° (inertial), 42.8° turning."""
    north, south = launch.azimuth(51.6, 28.5, rotating=False)
    assert north == pytest.approx(44.98, abs=0.01) and north + south == pytest.approx(180)
    turned = launch.azimuth(51.6, 28.5)[0]
    assert turned == pytest.approx(42.8, abs=0.1)  # a little to the north, as the pad moves east
    assert launch.azimuth(28.5, 28.5) == pytest.approx((90, 90))
    assert launch.azimuth(90, 0, rotating=False)[0] in (0, pytest.approx(0), pytest.approx(360))


def test_azimuths_lie_in_0_to_360_for_arrays_and_mirror_across_the_equator():
    lat, inclination = np.meshgrid(np.linspace(-30, 30, 13), np.linspace(30, 150, 25))
    for rotating in (True, False):
        north, south = launch.azimuth(inclination, lat, rotating=rotating)
        assert north.shape == lat.shape
        assert ((north >= 0) & (north < 360) & (south >= 0) & (south < 360)).all()
        assert np.allclose(np.cos(np.radians(north + south)), -1)  # north + south = 180 mod 360
        assert np.allclose(north, launch.azimuth(inclination, -lat, rotating=rotating)[0])


@pytest.mark.parametrize("lat", [-40.96, 0.0, 19.6, 90.0])
def test_reachable_is_where_the_sine_exists(lat):
    inclinations = np.arange(0, 181)
    low = abs(lat)
    assert launch.minimum_inclination(lat) == low
    expected = [low <= i <= 180 - low for i in inclinations]
    assert launch.reachable(inclinations, lat).tolist() == expected


@pytest.mark.parametrize("function", [launch.azimuth, launch.needed_speed_m_s])
def test_what_is_out_of_reach_is_said_never_returned_as_a_number(function):
    with pytest.raises(InputError, match=r"10° is out of reach from 28.25° N: choose 28.25°"):
        function(10, 28.25)
    with pytest.raises(InputError, match=r"170° .* 28.25° S"):
        function([90, 170], -28.25)
    with pytest.raises(InputError, match="At a pole there is no east"):
        function(90, 90)
    with pytest.raises(InputError, match="not in 0 to 180"):
        function(np.nan, 10)
    with pytest.raises(InputError, match="latitude"):
        function(50, 91)


@pytest.mark.parametrize("lat, lon", SITES)
@pytest.mark.parametrize("inclination", [41.5, 97.5])
@pytest.mark.parametrize("direction", launch.DIRECTIONS)
def test_ground_track_agrees_with_scipys_two_body_integration_to_1e_5_deg(
    lat, lon, inclination, direction
):
    minutes = np.linspace(0, 95, 40)
    radius = launch.EQUATOR_KM + launch.PARKING_KM
    up, east, north = _frame(lat, lon)
    heading = np.radians(
        launch.azimuth(inclination, lat, rotating=False)[direction == "southbound"]
    )
    v = launch.orbital_speed_m_s() / 1000 * (np.sin(heading) * east + np.cos(heading) * north)

    def pull(t, y):
        return [*y[3:], *(-398600.4418 * y[:3] / np.linalg.norm(y[:3]) ** 3)]

    flown = solve_ivp(
        pull, (0, 60 * 95), [*radius * up, *v], t_eval=60 * minutes, rtol=1e-11, atol=1e-9
    ).y[:3]
    theirs_lat = np.degrees(np.arcsin(flown[2] / np.linalg.norm(flown, axis=0)))
    theirs_lon = np.degrees(np.arctan2(flown[1], flown[0]) - 7.2921159e-5 * 60 * minutes)
    ours_lat, ours_lon = launch.launch_track(lat, lon, inclination, direction, minutes)
    assert np.allclose(ours_lat, theirs_lat, atol=1e-5)
    apart = (ours_lon - theirs_lon + 180) % 360 - 180
    assert np.allclose(apart * np.cos(np.radians(theirs_lat)), 0, atol=1e-5)
    assert ((ours_lon >= -180) & (ours_lon < 180)).all()


def test_ground_track_starts_at_the_pad_and_comes_as_far_north_as_its_inclination():
    lat, lon = launch.launch_track(19.6, 110.9, 41.5, "northbound", np.linspace(0, 95, 2000))
    assert (lat[0], lon[0]) == (pytest.approx(19.6), pytest.approx(110.9))
    assert lat.max() == pytest.approx(41.5, abs=1e-3) and lat.min() == pytest.approx(-41.5, 1e-3)
    assert len(geometry.split_antimeridian(lat, lon)) >= 2


def test_ground_track_without_rotation_is_a_great_circle_that_closes():
    period = 2 * np.pi * np.sqrt((6378.137 + 200) ** 3 / 398600.4418) / 60
    lat, lon = launch.launch_track(28, 102, 60, "southbound", [0, period], rotating=False)
    assert lat == pytest.approx([28, 28]) and lon == pytest.approx([102, 102])


def test_ground_track_refuses_what_it_cannot_fly():
    with pytest.raises(InputError, match="direction"):
        launch.launch_track(28, 102, 60, "north")
    with pytest.raises(InputError, match="out of reach"):
        launch.launch_track(28, 102, 20)
    with pytest.raises(InputError, match="minutes"):
        launch.launch_track(28, 102, 60, minutes=[0, np.nan])
    with pytest.raises(InputError, match="first orbit"):
        launch.launch_track(28, 102, 60, height_km=50)


def test_plane_change_is_the_chord_of_the_angle():
    assert launch.plane_change_m_s(7784, 60) == pytest.approx(7784)
    assert launch.plane_change_m_s(7784, 180) == pytest.approx(2 * 7784)
    assert launch.plane_change_m_s(3075, 0) == 0
    before, after = np.array([3075.0, 0]), 3075 * np.array([np.cos(0.5), np.sin(0.5)])
    expected = np.linalg.norm(after - before)
    assert launch.plane_change_m_s(3075, np.degrees(0.5)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "inclination, textbook", [(0, 1478), (7, 1502), (28.5, 1837), (51.6, 2430)]
)
def test_apogee_burn_to_geo_is_the_textbooks_within_5_m_s(inclination, textbook):
    assert launch.geostationary_cost_m_s(inclination) == pytest.approx(textbook, abs=5)


def test_apogee_burn_agrees_with_vectors_in_space():
    radius = (launch.EQUATOR_KM + 200, launch.GEO_RADIUS_KM)
    slow = 1000 * np.sqrt(398600.4418 * (2 / radius[1] - 2 / sum(radius)))
    turned = Rotation.from_euler("x", 28.25, degrees=True).apply([0, slow, 0])
    geo = [0, 1000 * np.sqrt(398600.4418 / radius[1]), 0]
    theirs = np.linalg.norm(turned - geo)
    assert launch.geostationary_cost_m_s(28.25) == pytest.approx(theirs, abs=1e-6)
    assert pytest.approx(42164.2, abs=0.1) == radius[1]


@pytest.mark.parametrize("inclination", [0.0, 5.0, 28.5, 51.6, 90.0])
def test_best_split_agrees_with_scipys_minimum_to_1_cm_per_s(inclination):
    low, high, mu = 6578.137, launch.GEO_RADIUS_KM, 398600.4418e9

    def total(first):
        a = 500 * (low + high)
        speeds = [np.sqrt(mu * (2 / (1000 * r) - 1 / a)) for r in (low, high)]
        circles = [np.sqrt(mu / (1000 * r)) for r in (low, high)]
        turns = np.radians([first, inclination - first])
        return sum(
            np.sqrt(v**2 + c**2 - 2 * v * c * np.cos(t))
            for v, c, t in zip(speeds, circles, turns, strict=True)
        )

    found = minimize_scalar(total, bounds=(0, max(inclination, 1e-9)), method="bounded")
    ours, first = launch.best_split(inclination)
    assert ours == pytest.approx(min(found.fun, total(0)), abs=0.01)
    assert total(first) == pytest.approx(ours, abs=1e-6)


def test_best_split_of_cape_canaveral_turns_about_2_degrees_low():
    total, first = launch.best_split(28.5)
    assert total == pytest.approx(4267, abs=15) and first == pytest.approx(2.2, abs=0.1)
    with pytest.raises(InputError, match="above 90"):
        launch.best_split(98)


def test_mass_ratio_agrees_with_scipys_integration_of_a_burn():
    """Mass leaves at thrust / (Isp g0); velocity grows by thrust / mass."""
    isp, thrust, start = 315.0, 1000.0, 5500.0
    dv = 1658.8
    flow = thrust / (isp * 9.80665)

    def reached(t, y):
        return y[0] - dv

    reached.terminal = True
    burn = solve_ivp(
        lambda t, y: [thrust / (start - flow * t)], (0, 16000), [0.0], events=reached, rtol=1e-10
    )
    left = (start - flow * burn.t_events[0][0]) / start
    assert launch.mass_ratio(dv, isp) == pytest.approx(left, abs=1e-7)
    assert launch.mass_ratio(0, 300) == 1
    with pytest.raises(InputError, match="isp_s"):
        launch.mass_ratio(1500, 0)


@pytest.mark.parametrize("place", SITES)
def test_the_first_kilometres_are_equal_pieces_along_the_track(place):
    track = partial(launch.launch_track, *place, 60, "northbound")
    lat, lon = launch.first_kilometres(track, total_km=1000, steps=20)
    assert (lat[0], lon[0]) == pytest.approx((place[0], geometry_longitude(place[1])))
    far = geometry.great_circle_km(lat[0], lon[0], lat, lon) * launch.EQUATOR_KM
    assert far / geometry.EARTH_KM == pytest.approx(np.linspace(0, 1000, 21), abs=0.5)


def geometry_longitude(degrees):
    return (degrees + 180) % 360 - 180


@pytest.mark.parametrize("show", ["site", "outcome", "payload"])
def test_attempts_split_add_up_to_the_attempts(show):
    years = data.load("launches_by_year")
    parts = launch.attempts_by(years, show)
    assert (parts.sum(axis=1).to_numpy() == years["china_attempts"]).all()
    assert parts.index.tolist() == years["year"].tolist() and parts.any().all()


def test_attempts_of_a_year_not_split_stand_in_their_own_column():
    years = data.load("launches_by_year").tail(1)
    assert "not yet split by site" in launch.attempts_by(years, "site")
    assert launch.attempts_by(years, "payload").columns.tolist() == ["not counted"]
    with pytest.raises(InputError, match="split"):
        launch.attempts_by(years, "colour")


def test_success_rates_are_wilsons_and_the_surest_stands_first():
    table = launch.success_rates(data.load("launch_vehicles"), 0.9)
    assert table["from, %"].is_monotonic_decreasing
    row = table.iloc[0]
    low, high = stats.wilson(row["successes"], row["flights"], 0.9)
    assert (row["from, %"], row["to, %"]) == pytest.approx((100 * low, 100 * high), abs=0.051)
    assert isinstance(table, pd.DataFrame) and (table["successes"] <= table["flights"]).all()


def test_what_a_burn_leaves_is_said_and_drawn_for_every_place_of_the_slider():
    """Against the equation stepped in thrust: equal changes leave equal shares."""
    exhaust_m_s = burns.SATELLITE_ISP_S * 9.80665
    for change_m_s in range(0, burns.MOST_M_S + 1, 100):
        steps, mass_kg = 20_000, 100.0
        mass_kg *= (1 - change_m_s / steps / exhaust_m_s) ** steps
        chart, said = burns.burnt(change_m_s)
        kg = chart.table.set_index("part")["kg"]
        assert kg["arrives"] == pytest.approx(mass_kg, abs=0.06) and kg.sum() == pytest.approx(100)
        assert f"by {change_m_s:,} m/s burns {100 - mass_kg:.0f} of 100 kg" in said
        assert f"{mass_kg**2 / 100:.0f} kg." in said
