"""The Sun against the astronomers' library ERFA, the shadow against a walk along rays."""

import erfa
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from helpers import data
from helpers.inputs import InputError
from silkroad import orbits, sun, visibility

TIMES = pd.date_range("1990-01-01", "2040-01-01", periods=400, tz="UTC")


def by_erfa(times):
    """Return unit vectors to the Sun in the Earth-fixed frame, from VSOP87 and IAU 2006/2000A."""
    seconds = (times - pd.Timestamp("2000-01-01T12:00Z")).total_seconds().to_numpy()
    jd1, jd2 = 2451545.0, seconds / 86400
    # TT - UTC of 64 s and UT1 - UTC of 0 s are wrong by seconds at most: 0.004 degrees.
    terrestrial = jd2 + 64 / 86400
    earth, _ = erfa.epv00(jd1, terrestrial)
    towards = -earth["p"]
    turned = np.einsum("nij,nj->ni", erfa.c2t06a(jd1, terrestrial, jd1, jd2, 0, 0), towards)
    return turned / np.linalg.norm(turned, axis=1, keepdims=True)


def test_direction_agrees_with_erfa_to_a_fiftieth_of_a_degree():
    off = np.linalg.norm(sun.direction(TIMES) - by_erfa(TIMES), axis=1)
    assert np.degrees(off.max()) < 0.02


def test_elevation_agrees_with_erfa_at_random_places():
    rng = np.random.default_rng(1)
    lat, lon = np.degrees(np.arcsin(rng.uniform(-1, 1, 400))), rng.uniform(-180, 180, 400)
    phi, lam = np.radians(lat), np.radians(lon)
    up = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)
    other = 90 - np.degrees(np.arccos(np.sum(up * by_erfa(TIMES), axis=1)))
    assert np.abs(sun.elevation_deg(lat, lon, TIMES) - other).max() < 0.02


def test_midsummer_and_the_poles():
    june, december = "2026-06-21T12:00Z", "2026-12-21T12:00Z"
    assert sun.elevation_deg(90, 0, june) == pytest.approx(23.44, abs=0.02)
    assert sun.elevation_deg([90, -90], 0, december) == pytest.approx([-23.44, 23.44], abs=0.02)
    noon = sun.elevation_deg(23.44, np.arange(-180, 180), june)
    assert noon.max() == pytest.approx(90, abs=0.6)


def test_places_and_times_broadcast():
    day = pd.date_range("2026-06-14", periods=24, freq="h", tz="UTC")
    assert sun.elevation_deg(0, 0, day).shape == (24,)
    assert sun.elevation_deg([[0], [10]], [[0], [20]], day).shape == (2, 24)
    assert sun.elevation_deg([0, 10, 20], [0, 0, 0], day[0]).shape == (3,)


def test_on_the_grid_it_is_day_on_half_the_earth():
    high = sun.elevation_grid("2026-06-14T12:00Z", step_deg=4)
    day = float(visibility.world_mean((high > 0).astype(float)))
    assert day == pytest.approx(0.5, abs=0.01)
    assert high.sel(lat=46, lon=-100) == sun.elevation_deg(46, -100, "2026-06-14T12:00Z")


def walked(xyz_km, towards):
    """Tell by walking 60,000 km towards the Sun whether the way leads through the Earth."""
    steps = np.arange(0, 60_000, 2.0)[:, None]
    return not (orbits.geodetic(xyz_km + steps * towards)[2] < 0).any()


def test_sunlit_agrees_with_a_walk_along_the_ray():
    elements = data.load("elements")
    chosen = elements.iloc[[0, 60, 150, 220, 300]]
    times = pd.date_range(data.snapshot(), periods=41, freq="7min")
    where = orbits.positions(chosen, times)
    lit = sun.sunlit(where)
    assert lit.dims == ("satellite", "time") and int((~lit).sum()) > 0
    towards = by_erfa(times)
    wrong = 0
    for satellite in range(len(chosen)):
        for step in range(len(times)):
            seen = walked(where.values[satellite, step], towards[step])
            wrong += seen != bool(lit.values[satellite, step])
    assert wrong <= 1  # at the very edge of the shadow 0.01 degrees may decide


def test_one_time_without_a_dimension_of_its_own():
    where = orbits.positions(data.load("elements").iloc[:3], [data.snapshot()])
    assert sun.sunlit(where.isel(time=0)).equals(sun.sunlit(where).isel(time=0))


@given(st.datetimes(pd.Timestamp("2015-01-01"), pd.Timestamp("2030-01-01")))
def test_the_night_is_where_the_sun_is_down(moment):
    time = pd.Timestamp(moment, tz="UTC")
    ring = sun.night_ring(time)
    border, pole = ring[:-2], ring[-1][0]
    assert np.abs(sun.elevation_deg(border[:, 0], border[:, 1], time)).max() < 0.02
    assert sun.elevation_deg(pole, 0, time) < 0.02


def test_bad_input_is_one_sentence():
    with pytest.raises(InputError, match="UTC"):
        sun.elevation_deg(0, 0, "2026-06-14 12:00")
    with pytest.raises(InputError, match="latitude"):
        sun.elevation_deg(91, 0, "2026-06-14T12:00Z")
    with pytest.raises(InputError, match=r"orbits\.positions"):
        sun.sunlit(np.zeros((2, 3)))
    with pytest.raises(InputError, match="no times"):
        sun.sunlit(xr.DataArray(np.zeros((2, 3)), dims=("satellite", "axis")))
