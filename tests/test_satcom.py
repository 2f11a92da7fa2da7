"""Satellite telephony against Skyfield, SGP4, the ITU's formula, published figures and by hand."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from skyfield.api import wgs84
from skyfield.positionlib import ICRF

from course import calls, l06
from helpers import charts, data
from helpers.inputs import InputError
from silkroad import geometry, orbits, satcom, visibility

PLACES = [(0.0, 101.4), (39.9, 116.4), (-33.9, 18.4), (78.2, 15.6), (-80.0, -179.5), (90.0, 0.0)]


def one(longitude_deg, inclination_deg=0.0, phase_deg=0.0):
    """Return a table of one satellite."""
    return pd.DataFrame(
        {
            "name": ["S"],
            "longitude_deg": [longitude_deg],
            "inclination_deg": [inclination_deg],
            "phase_deg": [phase_deg],
        }
    )


def place_of(*args):
    return satcom.positions(one(*args)).values[0, 0]


def altitude_by_skyfield(xyz_km, lat, lon):
    """Return elevation, azimuth and range as Skyfield has them, from its Earth-fixed vectors."""
    from skyfield.api import load
    from skyfield.framelib import itrs

    t = load.timescale(builtin=True).utc(2026, 6, 14)
    turn = itrs.rotation_at(t)
    au = 149597870.7
    site = wgs84.latlon(lat, lon)
    satellite = ICRF(turn.T @ np.asarray(xyz_km) / au, np.zeros(3), t=t, center=399)
    alt, az, distance = (satellite - site.at(t)).altaz()
    return alt.degrees, az.degrees, distance.km


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("satellite", [(101.4,), (-179.9, 6.0, 90.0), (24.9, 3.0, 200.0)])
def test_look_angles_to_a_geosynchronous_satellite_agree_with_skyfield_to_1e_4_degrees(
    place, satellite
):
    where = satcom.positions(one(*satellite))
    look = visibility.look_angles(where, *place).squeeze()
    alt, az, km = altitude_by_skyfield(where.values[0, 0], *place)
    assert float(look["elevation_deg"]) == pytest.approx(alt, abs=1e-4)
    assert float(look["range_km"]) == pytest.approx(km, abs=1e-2)
    if abs(place[0]) < 90:
        turn = (float(look["azimuth_deg"]) - az + 180) % 360 - 180
        assert turn * np.cos(np.radians(alt)) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("elevation_deg", [0, 5, 20, 60, 89])
@pytest.mark.parametrize("satellite", [(81.5,), (179.0, 6.0, 90.0), (-180.0,), (101.4, 8.0, 270.0)])
def test_footprint_agrees_with_skyfield_to_1e_4_degrees(satellite, elevation_deg):
    xyz_km = place_of(*satellite)
    ring = satcom.footprint(xyz_km, elevation_deg, 17)
    assert (ring[0] == ring[-1]).all()
    for lat, lon in ring[:-1:4]:
        assert altitude_by_skyfield(xyz_km, lat, lon)[0] == pytest.approx(elevation_deg, abs=1e-4)


@pytest.mark.parametrize("elevation_deg", [0, 10, 45, 89.9])
def test_footprint_agrees_with_look_angles_to_1e_6_degrees(elevation_deg):
    where = satcom.positions(one(-170, 8, 90))
    ring = satcom.footprint(where.values[0, 0], elevation_deg, 361)
    look = visibility.look_angles(where, ring[:, 0], ring[:, 1])
    assert np.abs(look["elevation_deg"].values - elevation_deg).max() < 1e-6


def test_footprint_agrees_with_published_reach_of_a_geostationary_satellite():
    """81.3 degrees of arc at the horizon and 76.3 at 5 degrees, on a sphere; 71.4 at 10."""
    for elevation_deg, reach_deg in ((0, 81.3), (5, 76.3), (10, 71.4)):
        ring = satcom.footprint(place_of(0), elevation_deg, 361)
        assert ring[:, 1].max() == pytest.approx(reach_deg, abs=0.1)
        assert ring[:, 0].max() == pytest.approx(reach_deg, abs=0.3)  # flattening


def test_footprints_agree_with_a_grid_of_elevations():
    """A cell lies inside the ring exactly where its elevation is at least the limit."""
    from matplotlib.path import Path

    lat, lon = visibility.world_grid(3)
    for satellite in ((81.5,), (179.0, 6.0, 90.0), (-100.0,)):
        where = satcom.positions(one(*satellite))
        high = satcom.elevation_grid(where, lat, lon).squeeze()
        ring = satcom.footprint(where.values[0, 0], 20, 721)
        ring[:, 1] = np.degrees(np.unwrap(np.radians(ring[:, 1])))
        at = np.array([(a, o) for a in lat for o in lon])
        turns = [Path(ring).contains_points(at + np.array([0, turn])) for turn in (-360, 0, 360)]
        inside = np.any(turns, axis=0).reshape(high.shape)
        clear = (abs(high - 20) > 0.1).values & (lon > -180)
        assert (inside == (high > 20).values)[clear].all()


def test_elevation_grid_equals_look_angles_place_by_place():
    where = satcom.positions(pd.concat([one(81.5, 2), one(124.9, 1)]), [0, 5])
    grid = satcom.elevation_grid(where, [-40, 0, 55], [-10, 80, 179])
    assert grid.dims == ("satellite", "time", "lat", "lon")
    look = visibility.look_angles(where, 55, 80)["elevation_deg"]
    np.testing.assert_allclose(grid.sel(lat=55, lon=80).values, look.values, atol=1e-12)


def test_figure_of_eight_agrees_with_sgp4_to_a_fifth_of_a_degree():
    """SGP4 knows the flattening, the Sun and the Moon; the ideal orbit does not."""
    start = np.datetime64("2026-06-14T00:00", "ns")
    elements = pd.DataFrame(
        {
            "name": ["S"],
            "norad_id": [0],
            "epoch": [pd.Timestamp(start, tz="UTC")],
            "inclination_deg": [6.0],
            "raan_deg": [np.degrees(orbits.gmst_rad(start)) + 100],
            "eccentricity": [1e-6],
            "arg_perigee_deg": [0.0],
            "mean_anomaly_deg": [0.0],
            "mean_motion_rev_per_day": [24 / satcom.SIDEREAL_HOURS],
            "bstar": [0.0],
            "mean_motion_dot": [0.0],
            "mean_motion_ddot": [0.0],
        }
    ).assign(raan_deg=lambda t: t["raan_deg"] % 360)
    hours = np.arange(24)
    real = orbits.subpoints(elements, start + hours * np.timedelta64(3_600_000_000_000, "ns"))
    ideal = orbits.subpoints_of(satcom.positions(one(100, 6), hours))
    for axis in ("lat", "lon"):
        assert np.abs(real[axis].values - ideal[axis].values).max() < 0.2
    assert ideal["lat"].max() == pytest.approx(6, abs=0.05)
    assert np.abs(ideal["lon"] - 100).max() < 0.2


def test_a_satellite_without_inclination_stands_still():
    path = satcom.positions(one(-75.5), [0, 7, 100]).values
    assert np.ptp(path, axis=1).max() < 1e-6


@pytest.mark.parametrize("longitude_deg", [100, 99.5, -100, 179, -180, 0, 81.5])
def test_pieces_of_a_footprint_stay_on_the_map_and_lose_nothing(longitude_deg):
    ring = satcom.footprint(place_of(longitude_deg), 0)
    (lines,) = satcom.footprints(one(longitude_deg)).values()
    assert len(lines) == (3 if abs(longitude_deg) > 98.7 else 1)
    assert all((np.abs(line[:, 1]) <= 180).all() for line in lines)
    assert all(np.abs(np.diff(line[:, 1])).max() < 180 for line in lines if len(line) > 1)
    assert sum(map(len, lines)) == len(ring) + 2 * (len(lines) - 1)


def test_free_space_loss_agrees_with_the_formula_of_the_itu_to_0_01_db():
    """ITU-R P.525: 32.4 + 20 log f (MHz) + 20 log d (km), here with two more digits."""
    for mhz, km in ((1995, 39000), (2185, 39000), (1643.5, 38500), (1621, 780), (12000, 35786)):
        itu = 32.4478 + 20 * np.log10(mhz) + 20 * np.log10(km)
        assert satcom.free_space_loss_db(km, mhz / 1e3) == pytest.approx(itu, abs=0.01)


def test_slant_range_and_delay_agree_with_textbook_values():
    """35,786 km overhead, 41,679 km on the horizon of a sphere; 238.7 ms up and down overhead."""
    where = satcom.positions(one(0))
    overhead = visibility.look_angles(where, 0, 0)["range_km"].item()
    horizon = visibility.look_angles(where, 0, 81.30)["range_km"].item()
    assert overhead == pytest.approx(35786, abs=1)
    assert horizon == pytest.approx(41679, abs=10)
    assert satcom.delay_ms(overhead) == pytest.approx(238.7, abs=0.1)
    assert satcom.delay_ms(39000, 39000, there_and_back=True) == pytest.approx(520.4, abs=0.1)
    assert satcom.delay_ms(780) == pytest.approx(5.2, abs=0.05)


@pytest.mark.parametrize(
    ("a", "b"), [((24.9, 67.0), (43.3, 5.4)), ((-21.1, -175.2), (-18.1, 178.4)), ((0, 0), (0, 1))]
)
def test_geostationary_round_trips_agree_with_a_search_by_hand_to_a_millisecond(a, b):
    slots = np.radians(np.arange(-180, 180, 0.1))
    total = np.zeros(len(slots))
    for lat, lon in (a, b):  # law of cosines on a sphere
        cosine = np.cos(np.radians(lat)) * np.cos(slots - np.radians(lon))
        total += np.sqrt(6378.137**2 + 42164.17**2 - 2 * 6378.137 * 42164.17 * cosine)
    rtt_ms, hops = satcom.geo_rtt_ms(a, b)
    assert hops == 1
    assert rtt_ms == pytest.approx(2e3 * total.min() / 299792.458, abs=1)


def test_far_places_take_two_satellites_or_get_a_sentence():
    a, b = (22.3, 114.2), (-3.7, -38.5)  # Hong Kong and Fortaleza
    one, _ = satcom.geo_rtt_ms(a, (24.9, 67.0))
    rtt_ms, hops = satcom.geo_rtt_ms(a, b, [(24.9, 67.0), (43.3, 5.4)])
    assert hops == 2 and rtt_ms > 1.8 * one
    with pytest.raises(InputError, match="No geostationary satellite"):
        satcom.geo_rtt_ms(a, b)
    with pytest.raises(InputError, match="No geostationary satellite"):
        satcom.geo_rtt_ms((85, 0), (0, 0), [(43.3, 5.4)])


@pytest.mark.parametrize("height_km", [550, 1200, 8062])
def test_relays_agree_with_a_bent_pipe_by_hand_and_are_bound_by_light(height_km):
    near_km = 500.0
    half = near_km / geometry.EARTH_KM / 2
    radius = geometry.EARTH_KM + height_km
    slant = np.hypot(radius * np.sin(half), radius * np.cos(half) - geometry.EARTH_KM)
    assert satcom.relay_rtt_ms(near_km, height_km, 0) == pytest.approx(
        4e3 * slant / satcom.LIGHT_KM_S
    )
    trips = [satcom.relay_rtt_ms(km, height_km) for km in np.linspace(1, 20015, 200)]
    assert (np.diff(trips) > 0).all()
    # The way at the height of the satellites is longer than the ground below it; no jump at
    # the distance where two satellites take over from one.
    assert (np.diff(trips) < 2e3 * 102 * radius / geometry.EARTH_KM / satcom.LIGHT_KM_S).all()
    assert trips[-1] > 2e3 * 20015 / satcom.LIGHT_KM_S


def test_link_budget_agrees_with_a_link_computed_in_watts():
    """The same link without decibels: power, spreading over a sphere, aperture, noise."""
    k, c = 1.380649e-23, 299792458.0
    power_w, gain, noise_k, bits, needed = 2.0, 40.0, 290.0, 4000.0, 2.0
    d, f, loss = 39e6, 1.995e9, 2.5
    received_w = power_w / loss / (4 * np.pi * d**2) * gain * (c / f) ** 2 / (4 * np.pi)
    margin = 10 * np.log10(received_w / bits / (k * noise_k) / needed)

    def db(x):
        return 10 * np.log10(x)

    terms = (db(power_w), d / 1e3, f / 1e9, db(gain / noise_k), bits / 1e3, db(needed))
    table = satcom.link_budget(*terms, foliage_db=db(loss))
    assert table["db"].iloc[-1] == pytest.approx(margin, abs=1e-3)
    assert table["db"].iloc[:-1].sum() == pytest.approx(margin, abs=1e-3)
    assert table["sum_db"].iloc[-2] == pytest.approx(table["sum_db"].iloc[-1])
    assert satcom.margin_db(*terms, foliage_db=db(loss)) == pytest.approx(margin, abs=1e-3)


def test_a_loss_has_one_word_on_its_slider_and_in_the_chart():
    terms = set(satcom.link_budget(5, 4e4, 2, 12, 4, 3)["term"])
    said = [control.description for control in calls.link_controls().values()]
    losses = {words.removesuffix(" (dB)") for words in said if words.endswith(" (dB)")}
    assert len(losses) == 1 + len(satcom.LOSSES) and losses <= terms


def test_margins_broadcast_and_fall_by_3_db_for_twice_the_rate_and_6_for_twice_the_way():
    km = np.array([[20000.0], [40000.0]])
    margin = satcom.margin_db(5, km, 2.0, 12, np.array([4, 8]), 3, rain_db=[0.5, 0.5])
    assert margin.shape == (2, 2)
    np.testing.assert_allclose(margin[0] - margin[1], 6.02, atol=0.01)
    np.testing.assert_allclose(margin[:, 0] - margin[:, 1], 3.01, atol=0.01)


RATES = pd.Series({2010: 6.0, 2020: 7.0})


def tariffs(rows):
    columns = ["system", "category", "item", "year", "value", "unit"]
    return pd.DataFrame(rows, columns=columns).assign(source_ids="S001", confidence="high")


def test_minute_prices_equal_those_by_hand():
    table = satcom.minute_prices(
        tariffs(
            [
                ("A", "price", "annual plan with 720 voice minutes", 2020, 1440, "CNY/year"),
                ("B", "price", "prepaid voice, 25-minute card", 2010, 0.8, "USD/min"),
                ("B", "price", "100-minute monthly plan", 2019, 50, "USD/month"),
                ("B", "price", "prepaid, 160 units", 2008, 160, "USD"),
                ("A", "price", "handset", 2020, 5999, "CNY"),
                ("A", "price", "data beyond bundle", 2020, 16, "CNY/MB"),
                ("B", "price", "prepaid unit", np.nan, 1, "USD/unit"),
                ("C (never flown)", "price", "planned", 2000, 0.5, "USD/min"),
                ("A", "orbit", "GEO longitude", 2020, 100, "deg E"),
            ]
        ),
        RATES,
    )
    assert table["cny_per_min"].tolist() == pytest.approx([2.0, 4.8, 3.5, 6.0])
    assert table["rate_year"].tolist() == [2020, 2010, 2020, 2010]
    assert table["minutes"].tolist() == [720, 1, 100, 160]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: satcom.positions(pd.DataFrame({"name": []})), "longitude_deg"),
        (lambda: satcom.positions(one(100).iloc[:0]), "are empty"),
        (lambda: satcom.positions(one(100, 9)), "inclination_deg is 9"),
        (lambda: satcom.positions(one(100, np.nan)), "inclination_deg"),
        (lambda: satcom.positions(one(500)), "longitude 500"),
        (lambda: satcom.positions(one(100), [np.inf]), "hour"),
        (lambda: satcom.footprint(place_of(0), 90), "elevation_deg is 90"),
        (lambda: satcom.footprint(place_of(0), -1), "elevation_deg is -1"),
        (lambda: satcom.footprint(place_of(0), np.nan), "elevation_deg is nan"),
        (lambda: satcom.footprint(place_of(0), 5, points=3), "points is 3: give 8"),
        (lambda: satcom.footprint([1.0, 2.0, 3.0]), "inside"),
        (lambda: satcom.footprint([0.0, 0.0, 0.0]), "unknown"),
        (lambda: satcom.footprint([6400.0, 0.0, 0.0]), "too low"),
        (lambda: satcom.footprint([4.2e7, 0.0, 0.0]), "divide it by 1000"),
        (lambda: satcom.footprint([1.0, 2.0]), "three numbers"),
        (lambda: satcom.footprint([[4e4, 0.0, 0.0], [4e4, 0.0, 0.0]]), "three numbers"),
        (lambda: satcom.footprint([3e4, 0, 3e4]), "holds a pole"),
        (lambda: satcom.delay_ms(0), "user_km is 0"),
        (lambda: satcom.delay_ms([1.0, -1.0]), "user_km"),
        (lambda: satcom.relay_rtt_ms(0, 550), "distance_km is 0"),
        (lambda: satcom.relay_rtt_ms(30000, 550), "at most half round the Earth"),
        (lambda: satcom.relay_rtt_ms(1000, -5), "height_km is -5"),
        (lambda: satcom.relay_rtt_ms(1000, 550, 90), "mask_deg is 90"),
        (lambda: satcom.geo_rtt_ms((95, 0), (0, 0)), "latitude"),
        (lambda: satcom.free_space_loss_db(39000, 0), "frequency_ghz is 0"),
        (lambda: satcom.margin_db(5, 39000, 2, 12, 0, 3), "bit_rate_kbps is 0"),
        (lambda: satcom.margin_db(np.nan, 39000, 2, 12, 4, 3), "eirp_dbw is nan"),
        (lambda: satcom.margin_db(5, 39000, 2, 12, 4, 3, rain_db=-1), "rain_db is -1"),
        (lambda: satcom.margin_db(5, 39000, 2, 12, 4, 3, snow_db=1), "no loss 'snow_db'"),
        (lambda: satcom.link_budget(5, [39000, 40000], 2, 12, 4, 3), "one link"),
        (lambda: satcom.in_yuan(1, "EUR/min", 2020, RATES), "EUR/min"),
        (lambda: satcom.in_yuan(1, "USD/min", np.nan, RATES), "no rate"),
        (lambda: satcom.in_yuan(1, "USD/min", 2020, RATES.iloc[:0]), "no rate"),
    ],
)
def test_bad_input_gets_one_sentence(call, words):
    with pytest.raises(InputError) as caught:
        call()
    text = str(caught.value)
    assert words in text
    assert "\n" not in text and text.endswith(".")


# Tables in, tables out


def test_tiantong_are_three_with_longitudes_and_dates():
    fleet = satcom.tiantong(data.load("satellites"))
    assert list(fleet["name"]) == [f"Tiantong-1 0{number}" for number in (1, 2, 3)]
    assert fleet["longitude_deg"].notna().all() and fleet["launch_date"].is_monotonic_increasing
    assert satcom.positions(fleet).shape == (3, 1, 3)


def test_a_day_s_track_is_a_figure_of_eight_about_the_longitude():
    """Its half-width is that of the known formula, its height the inclination (geodetic)."""
    (pieces,) = satcom.ground_track(one(-30, 6)).values()
    (lat, lon) = pieces[0].T
    assert len(lat) == 49 and lat.max() == pytest.approx(6, abs=0.05)
    half = np.degrees(np.arcsin(np.tan(np.radians(3)) ** 2))
    assert np.abs(lon + 30).max() == pytest.approx(half, abs=0.01)
    (pieces,) = satcom.ground_track(one(180, 6)).values()
    assert len(pieces) > 1 and all(np.ptp(piece[:, 1]) < 180 for piece in pieces)


def test_places_seen_by_the_best_satellites_are_counted_as_by_trying_all():
    places = data.load("capitals").iloc[::9]
    best = satcom.best_longitudes(places, mask_deg=20, step_deg=30)
    slots = range(-180, 180, 30)
    for count, row in zip((1, 2, 3), best.itertuples(), strict=True):
        seen = [
            (satcom.elevations(satcom.over_equator(chosen), places).max(axis=0) >= 20).sum()
            for chosen in combinations(slots, count)
        ]
        assert row[3] == max(seen) and row[4] == len(places)
        chosen = [float(x[:-2]) * (1 if x[-1] == "E" else -1) for x in row[2].split(", ")]
        high = satcom.elevations(satcom.over_equator(chosen), places).max(axis=0) >= 20
        assert high.sum() == row[3]


def test_the_share_of_the_earth_is_that_of_a_cap():
    """On a sphere a satellite is above the mask inside a cap, whose area has a closed form."""
    for mask_deg in (0, 20, 40):
        ratio = orbits.EQUATOR_KM / (orbits.EQUATOR_KM + orbits.geostationary_height_km())
        angle = np.degrees(np.arccos(ratio * np.cos(np.radians(mask_deg)))) - mask_deg
        share = satcom.share_of_earth(satcom.over_equator([30]), mask_deg, step_deg=1)
        assert share == pytest.approx((1 - np.cos(np.radians(angle))) / 2, abs=0.003)
    assert satcom.share_of_earth(satcom.over_equator([]), 5) == 0


def test_the_range_at_an_elevation_is_that_of_the_look_angles():
    places = pd.DataFrame({"lat": 0.0, "lon": np.linspace(0, 80, 9)})
    look = visibility.look_angles(satcom.positions(one(0)), places["lat"], places["lon"])
    km = satcom.slant_range_km(look["elevation_deg"].values.ravel())
    assert km == pytest.approx(look["range_km"].values.ravel(), abs=1e-3)


PLANS = pd.DataFrame(
    [  # fee, per, minutes, beyond, currency; what 150 minutes cost in yuan, by hand
        (100.0, "year", 120.0, 2.0, "CNY", 100 + 30 * 2),
        (10.0, "month", 10.0, 1.5, "USD", (120 + 30 * 1.5) * 7),
        (20.0, "pack", 60.0, np.nan, "USD", 3 * 20 * 7),
        (0.0, "year", 0.0, 1.0, "CNY", 150),
        (0.0, "year", 100.0, np.nan, "CNY", np.nan),
    ],
    columns=["fee", "per", "minutes", "beyond", "currency", "paid"],
).assign(year=2020)


def test_what_a_plan_costs_agrees_with_a_sum_by_hand():
    costs = satcom.plan_costs(PLANS, 150, {2020: 7.0})["yuan_per_min"]
    assert costs.to_numpy() == pytest.approx(PLANS["paid"] / 150, nan_ok=True)
    assert satcom.plan_costs(PLANS, 100, {2020: 7.0})["yuan_per_min"].iloc[4] == 0
    with pytest.raises(InputError, match="minutes_a_year is 0"):
        satcom.plan_costs(PLANS, 0, {2020: 7.0})


# what lesson 06 says


def test_the_figure_of_eight_is_as_narrow_as_lesson_06_says_and_drawn_as_one():
    tilted = one(101, 6)
    (path,) = satcom.ground_track(tilted)["S"]
    assert np.abs(path[:, 0]).max() == pytest.approx(6, abs=0.1)
    half = np.abs(path[:, 1] - 101).max()
    assert half == pytest.approx(0.16, abs=0.005)
    (wide,) = satcom.ground_track(tilted, 20)["S"]
    assert wide[:, 0] == pytest.approx(path[:, 0])
    assert wide[:, 1] - 101 == pytest.approx(20 * (path[:, 1] - 101))
    assert np.ptp(wide[:, 1]) > np.ptp(wide[:, 0]) / 2  # an eight, no bar
    for hour in (0, 3, 15.5):  # the satellite rides on its path
        spot = satcom.below(tilted, hour, 20).iloc[0]
        ahead = satcom.below(tilted, hour, 1).iloc[0]
        assert spot["lat"] == ahead["lat"]
        assert spot["lon"] - 101 == pytest.approx(20 * (ahead["lon"] - 101))
    over = satcom.ground_track(one(179.5, 6), 20)["S"]
    assert len(over) > 1 and np.abs(np.vstack(over)[:, 1]).max() <= 180
    with pytest.raises(InputError, match="widen"):
        satcom.below(tilted, 0, 0)


def test_a_low_satellite_is_as_far_as_a_triangle_says():
    overhead = satcom.slant_range_km(90, 1149)
    assert overhead == pytest.approx(1149)
    far = satcom.slant_range_km(25, 1149)
    side = 6378.137**2 + far**2 + 2 * 6378.137 * far * np.sin(np.radians(25))
    assert side == pytest.approx((6378.137 + 1149) ** 2)
    assert satcom.slant_range_km([25, 25], [508, 1149]).shape == (2,)
    assert round(float(satcom.delay_ms(far, there_and_back=True))) == 28
    with pytest.raises(InputError, match="height_km"):
        satcom.slant_range_km(20, -5)


def test_a_call_needs_both_directions():
    up, down = calls.margins("under a tree", "voice, 4 kbit/s")
    assert up == pytest.approx(3.2, abs=0.05) and down == pytest.approx(-4.8, abs=0.05)
    assert "it fails" in calls.sentence("under a tree", up, down)
    assert min(calls.margins("in the open", "voice, 4 kbit/s")) > 0
    assert max(calls.margins("indoors", "voice, 4 kbit/s")) < 0
    assert max(calls.margins("in the open", "data, 384 kbit/s")) < 0
    assert "the phone 1 part in 3 of what it needs" in calls.sentence("under a tree", up, down)
    _, _, numbers = l06.global_voice_video_data()
    eirp = [5, 70 - 10 * np.log10(5000)]
    both = satcom.margin_db(eirp, 40000, 1.995, [12, -24], 4, 3, body_db=3)
    assert numbers["margin of voice, weaker direction, dB"] == pytest.approx(both.min(), abs=0.05)


def test_a_margin_in_words_is_the_factor_behind_its_decibels():
    assert [calls.how_much(db) for db in (0, 3, 13.2)] == [f"{n} times what" for n in (1, 2, 21)]
    assert calls.how_much(-4.8) == "1 part in 3 of what"
    assert calls.how_much(-34.7) == "1 part in 3,000 of what"


def test_losses_multiply_as_shares_and_add_as_decibels():
    chart, said = calls.losses(("the hand", 3), ("a tree", 10))
    table = chart.table
    assert table["lost_db"].tolist() == [0, 3, 13]
    left = 100 * np.cumprod([1, 10**-0.3, 0.1])
    assert table["left_percent"].to_numpy() == pytest.approx(left, abs=1e-4)
    assert "0.0501 of the power" in said and "13 dB" in said


def test_the_axis_of_prices_stays_and_holds_every_price(monkeypatch):
    plans, drawn = data.load("satcom_plans").assign(plan=lambda rows: rows["item"]), []
    monkeypatch.setattr(charts, "draw", lambda mark, **looks: drawn.append((mark.frame, looks)))
    for year in [0, *l06._rates().index]:  # each in its own year, then all at one rate
        rates = {y: satcom.in_yuan(1, "USD", year or y, l06._rates())[0] for y in plans["year"]}
        for minutes in range(60, 1501, 60):
            calls.minute_costs(satcom.plan_costs(plans, minutes, rates), "words")
    assert len({str(looks["xlim"]) for _, looks in drawn}) == 1
    low, high = drawn[0][1]["xlim"]
    prices = pd.concat([frame["yuan_per_min"] for frame, _ in drawn]).astype(float)
    assert low < prices.min() < 2 * low and high / 2 < prices.max() < high
    unknown = [frame["says"][frame["yuan_per_min"].isna()].unique().tolist() for frame, _ in drawn]
    assert ["beyond the bundle: no price known"] in unknown


def test_one_price_has_one_number():
    _, evidence, numbers = l06.a_tenth_of_inmarsat()
    assert numbers["yuan a minute, cheapest Inmarsat at 720 minutes"] == 5.45
    assert "gives 0.25 at 720 minutes" in evidence
    assert l06._ratio() == pytest.approx(0.25, abs=0.005)
    prices = satcom.minute_prices(data.load("satcom_prices"), l06._rates()).set_index("item")
    plans = data.load("satcom_plans")
    rate = {y: satcom.in_yuan(1, "USD", y, l06._rates())[0] for y in plans["year"]}
    at_720 = satcom.plan_costs(plans, 720, rate).set_index("item")["yuan_per_min"]
    told = {"100-minute monthly plan": (6.06, 10.09)}
    told["prepaid voice, 25-minute card for 20 dollars"] = (5.42, 5.45)
    for item, (used_up, at) in told.items():
        assert prices.loc[item, "cny_per_min"] == pytest.approx(used_up, abs=0.005)
        assert at_720[item] == pytest.approx(at, abs=0.005)
