"""What a receiver sees, against Skyfield's elevations and np.linalg.inv on the explicit matrix."""

import os
import platform
import subprocess
import sys
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from skyfield.api import EarthSatellite, wgs84
from skyfield.api import load as skyfield_load

from helpers import data
from helpers.inputs import InputError
from silkroad import constellations, orbits, values, visibility

ELEMENTS = data.load("elements")
NOW = data.snapshot()
BEIDOU = ELEMENTS[ELEMENTS["name"].str.startswith("BEIDOU-3 ")]
DAY = orbits.positions(
    BEIDOU[BEIDOU["name"] != "BEIDOU-3 IGSO-3"],
    NOW + pd.to_timedelta(np.arange(0, 24, 6), unit="h"),
)
PLACES = np.array(
    [[0, 0], [39.9, 116.4], [-33.9, 18.4], [90, 0], [-90, 77], [12, 180], [12, -180], [78.2, 15.4]]
).T


def as_positions(xyz_km):
    """Positions (satellite, axis) at one time in the form of `orbits.positions`."""
    xyz_km = np.asarray(xyz_km, float)[:, None]
    coords = {"time": [np.datetime64("2026-06-14", "ns")], "axis": ["x", "y", "z"]}
    return xr.DataArray(xyz_km, coords, ("satellite", "time", "axis"))


def explicit(xyz_km, lat, lon, mask_deg, clocks=None):
    """The textbook: directions, normal matrix, np.linalg.inv, rotation into east, north, up.

    A column of ones for each clock that has a satellite in view.
    """
    phi, lam = np.radians([lat, lon])
    east = [-np.sin(lam), np.cos(lam), 0]
    north = [-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)]
    up = [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)]
    away = xyz_km - wgs84.latlon(lat, lon).itrs_xyz.km
    unit = away / np.linalg.norm(away, axis=1)[:, None] @ np.array([east, north, up]).T
    seen = np.degrees(np.arcsin(unit[:, 2])) >= mask_deg
    unit, clocks = unit[seen], np.array(["one"] * len(unit) if clocks is None else clocks)[seen]
    design = np.column_stack([unit, *[clocks == name for name in np.unique(clocks)]])
    if len(unit) < max(4, design.shape[1]):
        return len(unit), *[np.inf] * 5
    q = np.diag(np.linalg.inv(design.T @ design))
    return len(unit), *np.sqrt([q.sum(), q[:3].sum(), q[:2].sum(), q[2], q[3:].sum()])


def one_sentence(error):
    text = str(error.value)
    assert "\n" not in text and text.endswith("."), text


# look angles


def test_look_angles_agree_with_skyfield():
    timescale = skyfield_load.timescale(builtin=True)
    times = pd.DatetimeIndex(DAY["time"].values, tz="UTC")
    at = timescale.from_datetimes(list(times.to_pydatetime()))
    ours = visibility.look_angles(DAY, *PLACES)
    assert ours["elevation_deg"].dims == ("satellite", "time", "place")
    for row in BEIDOU.iloc[[0, 20, 27]].itertuples():
        # the same elements through the reader that Skyfield has for OMM
        fields = {
            "CLASSIFICATION_TYPE": "U",
            "OBJECT_ID": row.cospar_id,
            "EPHEMERIS_TYPE": 0,
            "ELEMENT_SET_NO": 999,
            "REV_AT_EPOCH": row.rev_at_epoch,
            "EPOCH": row.epoch.strftime("%Y-%m-%dT%H:%M:%S.%f"),
            "ARG_OF_PERICENTER": row.arg_perigee_deg,
            "BSTAR": row.bstar,
            "ECCENTRICITY": row.eccentricity,
            "INCLINATION": row.inclination_deg,
            "MEAN_ANOMALY": row.mean_anomaly_deg,
            "MEAN_MOTION_DDOT": row.mean_motion_ddot,
            "MEAN_MOTION_DOT": row.mean_motion_dot,
            "MEAN_MOTION": row.mean_motion_rev_per_day,
            "RA_OF_ASC_NODE": row.raan_deg,
            "NORAD_CAT_ID": row.norad_id,
        }
        satellite = EarthSatellite.from_omm(timescale, fields)
        for place, (lat, lon) in enumerate(PLACES.T):
            altitude, azimuth, distance = (satellite - wgs84.latlon(lat, lon)).at(at).altaz()
            mine = ours.sel(satellite=row.name).isel(place=place)
            assert np.allclose(mine["elevation_deg"], altitude.degrees, atol=1e-4)
            turn = (mine["azimuth_deg"] - azimuth.degrees + 180) % 360 - 180
            assert (np.abs(turn) * np.cos(altitude.radians)).max() < 1e-4
            assert np.allclose(mine["range_km"], distance.km, atol=0.05)


def test_overhead_at_the_sub_satellite_point():
    below = orbits.subpoints_of(DAY)
    for row in range(0, DAY.sizes["satellite"], 5):
        point = below.isel(satellite=row, time=1)
        seen = visibility.look_angles(DAY[[row], [1]], point["lat"].item(), point["lon"].item())
        assert seen["elevation_deg"].dims == ("satellite", "time")
        assert seen["elevation_deg"].item() == pytest.approx(90, abs=1e-6)
        assert seen["range_km"].item() == pytest.approx(point["height_km"].item(), abs=1e-6)


def test_azimuth_runs_from_north_over_east():
    north, east = orbits.earth_fixed([30, 0], [0, 30], 20_000)
    seen = visibility.look_angles(as_positions([north, east]), 0, 0)
    assert seen["azimuth_deg"].values.ravel() == pytest.approx([0, 90], abs=1e-9)


# DOP


@pytest.mark.parametrize("mask_deg", [-90, 0, 5, 30, 50])
def test_agrees_with_the_inverse_of_the_explicit_matrix(mask_deg):
    ours = visibility.dop(DAY, *PLACES, mask_deg=mask_deg, grid=False)
    assert ours["pdop"].dims == ("time", "place")
    finite = 0
    for epoch in range(DAY.sizes["time"]):
        for place, (lat, lon) in enumerate(PLACES.T):
            theirs = explicit(DAY.values[:, epoch], lat, lon, mask_deg)
            mine = [ours[name].values[epoch, place] for name in visibility.QUANTITIES]
            assert mine == pytest.approx(theirs, rel=1e-6)
            finite += np.isfinite(theirs[2])
    assert finite or mask_deg == 50


FOUR = {name: constellations.flying(name) for name in ("BDS-3", "GPS", "GLONASS", "Galileo")}


def all_four(times):
    """Positions of four systems, shuffled, and the system of each satellite."""
    fleet = pd.concat(FOUR.values(), ignore_index=True).sample(frac=1, random_state=0)
    return orbits.positions(fleet, times), fleet["system"].tolist()


@pytest.mark.parametrize("mask_deg", [-90, 5, 30, 45, 55])
def test_each_system_has_its_clock_as_in_the_explicit_matrix(mask_deg):
    path, clocks = all_four(DAY["time"].values)
    ours = visibility.dop(path, *PLACES, mask_deg=mask_deg, grid=False, clocks=clocks)
    few = 0
    for epoch in range(path.sizes["time"]):
        for place, (lat, lon) in enumerate(PLACES.T):
            theirs = explicit(path.values[:, epoch], lat, lon, mask_deg, clocks)
            mine = [ours[name].values[epoch, place] for name in visibility.QUANTITIES]
            assert mine == pytest.approx(theirs, rel=1e-6)
            few += theirs[0] >= 4 and np.isinf(theirs[1])
    assert few or mask_deg < 45  # some have four or more in view, and fewer than unknowns


def test_one_name_for_all_clocks_changes_nothing_and_own_clocks_never_help():
    path, clocks = all_four(DAY["time"].values[:2])
    lat, lon = visibility.world_grid(15)
    one = visibility.dop(path, lat, lon, 30)
    assert visibility.dop(path, lat, lon, 30, clocks=["one"] * len(clocks)).equals(one)
    four = visibility.dop(path, lat, lon, 30, clocks=clocks)
    assert (four["in_view"] == one["in_view"]).all()
    assert (four["pdop"] >= one["pdop"] * (1 - 1e-9)).all()
    assert (four["pdop"] > one["pdop"] * 1.01).any()


def test_in_a_street_canyon_of_nairobi_four_clocks_leave_a_quarter_of_the_day():
    day = pd.date_range("2026-06-14T00:00Z", periods=96, freq="15min")
    path, clocks = all_four(day)
    nairobi = {"lat": [-1.29], "lon": [36.82], "mask_deg": 45, "grid": False, "want": ["pdop"]}
    share = [
        float(visibility.availability(visibility.dop(path, **nairobi, clocks=each)["pdop"])[0])
        for each in (None, clocks)
    ]
    assert share == pytest.approx([0.65, 0.25], abs=0.03)


@pytest.mark.parametrize(
    "clocks, says", [(["GPS"], "1 clocks for"), (7, "give a list"), ([], "0 clocks for")]
)
def test_clocks_pair_with_satellites(clocks, says):
    with pytest.raises(InputError, match=says) as error:
        visibility.dop(DAY, 0, 0, clocks=clocks)
    one_sentence(error)


def test_a_grid_holds_its_points():
    lat, lon = visibility.world_grid(30)
    ours = visibility.dop(DAY, lat, lon)
    assert ours["pdop"].dims == ("time", "lat", "lon")
    assert ours["pdop"].shape == (4, 7, 12)
    assert ours["lat"].attrs["units"] == "degrees_north" and ours["pdop"].attrs["units"] == "1"
    assert ours["time"].dtype == "datetime64[ns]"
    for at in [(0, 0), (6, 11), (3, 4)]:
        theirs = explicit(DAY.values[:, 2], lat[at[0]], lon[at[1]], 5)
        mine = [ours[name].values[2, *at] for name in visibility.QUANTITIES]
        assert mine == pytest.approx(theirs, rel=1e-6)
    # a pole is one place, whatever its longitude; 180 is -180
    assert np.ptp(ours["pdop"].values[:, 0], axis=1).max() < 1e-6
    edge = visibility.dop(DAY, [12, 12], [180, -180], grid=False)["gdop"]
    assert np.array_equal(edge[:, 0], edge[:, 1])


def test_more_points_than_a_block_and_low_satellites():
    lat, lon = visibility.world_grid(4)
    low = orbits.positions(
        ELEMENTS[ELEMENTS["mean_motion_rev_per_day"] > 14], NOW + pd.to_timedelta([0], unit="h")
    )
    ours = visibility.dop(low, lat, lon, mask_deg=-5)
    assert lat.size * lon.size > 2 * visibility._TILE_POINTS
    finite = np.argwhere(np.isfinite(ours["pdop"].values[0]))
    assert len(finite) > 100
    for i, j in finite[:: len(finite) // 60]:
        theirs = explicit(low.values[:, 0], lat[i], lon[j], -5)
        mine = [ours[name].values[0, i, j] for name in visibility.QUANTITIES]
        assert mine == pytest.approx(theirs, rel=1e-6)


FAULTS = """import resource
import pandas as pd
from helpers import data
from silkroad import constellations, orbits, visibility
path = orbits.positions(constellations.nominal("BDS-3"), pd.date_range(data.snapshot(), periods=96,
    freq="15min"))
visibility._processors_are_free = lambda: False
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
sky = visibility.dop(path, *visibility.world_grid(2), want=["pdop"])
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / (sky.nbytes / 4096))"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep memory")
def test_the_memory_of_a_tile_is_asked_of_the_system_once():
    """Pages that the system handed out, for each page of the result: else some forty."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    run = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True, env=usual
    )
    assert float(run.stdout) < 4


@pytest.mark.parametrize("mask_deg", [-30, 0, 5, 40])
def test_tiles_and_groups_of_epochs_leave_no_satellite_out(mask_deg):
    """Against one place and one epoch at a time, where nothing is put together or left out."""
    rows = ELEMENTS[ELEMENTS["group"] == "beidou"]
    low = ELEMENTS[ELEMENTS["mean_motion_rev_per_day"] > 14].iloc[::3]
    hours = np.arange(visibility._TOGETHER + 3) * 1.7
    sky = orbits.positions(pd.concat([rows, low]), NOW + pd.to_timedelta(hours, unit="h"))
    clocks = ["a"] * len(rows) + ["b"] * len(low)
    lat, lon = visibility.world_grid(10)
    ours = visibility.dop(sky, lat, lon, mask_deg, clocks=clocks)
    look = visibility.look_angles(sky, *(axis.ravel() for axis in np.meshgrid(lat, lon)))
    seen = (look["elevation_deg"] >= mask_deg).sum("satellite").values
    seen = seen.reshape(len(hours), lon.size, lat.size).transpose(0, 2, 1)
    assert np.array_equal(ours["in_view"].values, seen)
    second = visibility._TOGETHER
    for epoch, i, j in [(0, 0, 0), (3, 9, 17), (second, 18, 5), (second + 2, 4, 30), (-1, 13, 35)]:
        alone = visibility.dop(sky.isel(time=[epoch]), lat[[i]], lon[[j]], mask_deg, clocks=clocks)
        for name in visibility.QUANTITIES:
            one, many = alone[name].values.item(), ours[name].values[epoch, i, j]
            assert many == pytest.approx(one, rel=1e-9), name


def test_threads_change_nothing_and_leave_none_to_the_library_of_products(monkeypatch):
    """On a busy machine a map of four systems took seconds instead of a tenth."""
    rows = pd.concat([constellations.flying(name) for name in ("BDS", "GPS", "Galileo", "GLONASS")])
    sky = orbits.positions(rows, NOW + pd.to_timedelta([0, 1], unit="h"))
    lat, lon = visibility.world_grid(2)
    products, sizes = visibility._products, []

    def counted(left, right):
        sizes.append(left.shape[1] * left.shape[2] * right.shape[2])
        return products(left, right)

    shared = visibility.dop(sky, lat, lon)
    monkeypatch.setattr(visibility, "_each", map)
    monkeypatch.setattr(visibility, "_products", counted)
    alone = visibility.dop(sky, lat, lon)
    for name in visibility.QUANTITIES:
        assert np.array_equal(shared[name], alone[name]), name
    assert len(rows) > 100 and 50_000 < max(sizes) <= values.SMALL_PRODUCT


def circle(elevation_deg, count):
    """Directions at one elevation seen from (0, 0), as positions 20,000 km away."""
    azimuth = np.linspace(0, 2 * np.pi, count, endpoint=False)
    rise = np.radians(elevation_deg)
    out = np.full(count, np.sin(rise))
    unit = np.column_stack([out, np.cos(rise) * np.sin(azimuth), np.cos(rise) * np.cos(azimuth)])
    return orbits.earth_fixed(0, 0) + 20_000 * unit


FLAT = orbits.earth_fixed([0] * 6, np.linspace(-60, 60, 6), 35_786)  # with (0, 0) in one plane


@pytest.mark.parametrize(
    ("xyz_km", "count"),
    [
        (circle(30, 3), 3),
        (np.repeat(circle(30, 1), 6, axis=0), 6),  # all in one direction
        (np.repeat(circle(30, 2), 3, axis=0), 6),  # in two directions
        (np.repeat(circle(30, 3), 3, axis=0), 9),  # in three directions
        (circle(30, 8), 8),  # a cone round the zenith: height and clock are one
        (FLAT, 6),
        (-circle(30, 8), 0),  # under the horizon
    ],
)
def test_singular_geometries_are_infinite(xyz_km, count):
    found = visibility.dop(as_positions(xyz_km), 0, 0, grid=False)
    assert found["in_view"].item() == count
    for name in visibility.QUANTITIES[1:]:
        assert found[name].item() == np.inf


def test_nearly_singular_geometries_keep_six_digits_or_are_infinite():
    shares = []
    for spread_deg in 10.0 ** np.arange(-5, 1.5, 0.1):
        xyz_km = np.vstack([circle(30, 6), circle(30 + spread_deg, 1)])
        found = visibility.dop(as_positions(xyz_km), 0, 0, grid=False)
        mine = [found[name].item() for name in visibility.QUANTITIES]
        shares.append(np.isfinite(mine[2]))
        if shares[-1]:
            assert mine == pytest.approx(explicit(xyz_km, 0, 0, 5), rel=1e-6)
        else:
            assert explicit(xyz_km, 0, 0, 5)[2] > 3000
    assert any(shares) and not all(shares) and shares == sorted(shares)


skies = st.integers(4, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0, 360), min_size=n, max_size=n),
        st.lists(st.floats(-1, 1), min_size=n, max_size=n),
        st.lists(st.floats(7_000, 45_000), min_size=n, max_size=n),
    )
)


def around_the_earth(sky):
    lam, sine, radius = np.radians(sky[0]), np.array(sky[1]), np.array(sky[2])
    across = np.sqrt(1 - sine**2)
    return radius[:, None] * np.column_stack([across * np.cos(lam), across * np.sin(lam), sine])


@settings(max_examples=60, deadline=None)
@given(skies, st.floats(-90, 90), st.floats(-180, 180), st.floats(-180, 180))
def test_turning_everything_about_the_axis_changes_nothing(sky, lat, lon, turn):
    xyz_km = around_the_earth(sky)
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    turned = xyz_km @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    elevation = visibility.look_angles(as_positions(xyz_km), lat, lon)["elevation_deg"]
    assume((np.abs(elevation) > 1e-6).all())
    here = visibility.dop(as_positions(xyz_km), lat, lon, 0, grid=False)
    there = visibility.dop(
        as_positions(turned),
        lat,
        lon + turn if abs(lon + turn) <= 360 else lon + turn - 360,
        0,
        grid=False,
    )
    assert here["in_view"].item() == there["in_view"].item()
    assume(here["gdop"].item() < 1000)
    for name in visibility.QUANTITIES[1:]:
        assert here[name].item() == pytest.approx(there[name].item(), rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(skies, st.floats(-90, 90), st.floats(-180, 180))
def test_another_satellite_never_hurts(sky, lat, lon):
    xyz_km = around_the_earth(sky)
    more = visibility.dop(as_positions(xyz_km), lat, lon, 0, grid=False)
    fewer = visibility.dop(as_positions(xyz_km[1:]), lat, lon, 0, grid=False)
    for name in visibility.QUANTITIES[1:]:
        assert more[name].item() <= fewer[name].item() * (1 + 1e-6)


@settings(max_examples=60, deadline=None)
@given(skies, st.floats(-90, 90), st.floats(-180, 180))
def test_the_parts_add_up(sky, lat, lon):
    d = visibility.dop(as_positions(around_the_earth(sky)), lat, lon, -90, grid=False)
    assume(np.isfinite(d["gdop"].item()))
    assert d["gdop"].item() ** 2 == pytest.approx(d["pdop"].item() ** 2 + d["tdop"].item() ** 2)
    assert d["pdop"].item() ** 2 == pytest.approx(d["hdop"].item() ** 2 + d["vdop"].item() ** 2)


def test_a_higher_mask_never_shows_more():
    lat, lon = visibility.world_grid(20)
    seen = [visibility.dop(DAY, lat, lon, mask)["in_view"] for mask in (0, 10, 30)]
    assert (
        (seen[0] >= seen[1]).all() and (seen[1] >= seen[2]).all() and seen[0].sum() > seen[2].sum()
    )


def test_only_what_is_wanted_in_bounded_memory():
    lat, lon = visibility.world_grid(4)
    times = NOW + pd.to_timedelta(np.arange(48) / 2, unit="h")
    track = orbits.positions(BEIDOU.iloc[:24], times)
    epochs = []

    def progress(steps):
        for step in steps:
            epochs.append(step)
            yield step

    tracemalloc.start()
    field = visibility.dop(track, lat, lon, want=["pdop"], progress=progress)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert list(field.data_vars) == ["pdop"] and epochs == list(range(48))
    assert peak < field["pdop"].nbytes + 6_000_000
    everything = visibility.dop(track[:, :2], lat, lon)
    assert np.array_equal(everything["pdop"], field["pdop"][:2])
    for name in visibility.QUANTITIES:
        alone = visibility.dop(track[:, :1], lat, lon, want=[name])[name]
        assert np.array_equal(alone, everything[name][:1])


# over the world


def test_the_grid_has_both_poles_and_no_meridian_twice():
    lat, lon = visibility.world_grid(2)
    assert (lat[0], lat[-1], lon[0], lon[-1]) == (-90, 90, -180, 178)
    assert len(lat) * len(lon) == 16_380


@given(st.integers(1, 60))
def test_area_weights_are_shares(rows):
    lat = visibility.world_grid(180 / rows)[0]
    weights = visibility.area_weights(lat)
    assert weights.sum().item() == pytest.approx(1)
    assert np.allclose(weights, visibility.area_weights(lat[::-1])[::-1])


def test_area_weights_of_a_coarse_grid():
    # caps above 45 degrees hold (1 - sin 45) / 2 of the sphere each
    cap = (1 - np.sin(np.pi / 4)) / 2
    assert visibility.area_weights([-90, 0, 90]).values == pytest.approx([cap, 1 - 2 * cap, cap])


def test_area_weights_of_a_zone_stay_inside_it():
    # from 55 S to 55 N nothing reaches on to the poles
    lat = np.arange(-54, 55, 2.0)
    expected = np.cos(np.radians(lat)) / np.cos(np.radians(lat)).sum()
    assert visibility.area_weights(lat).values == pytest.approx(expected, rel=1e-12)


def test_world_mean_and_availability():
    lat, lon = visibility.world_grid(10)
    pdop = visibility.dop(DAY, lat, lon, want=["pdop"])["pdop"]
    share = visibility.availability(pdop, 2.0)
    assert share.dims == ("lat", "lon")
    assert np.array_equal(share, (pdop.values <= 2.0).mean(axis=0))
    weights = np.cos(np.radians(lat))[:, None] * np.ones(len(lon))
    assert visibility.world_mean(share).item() == pytest.approx(
        np.average(share, weights=weights), abs=0.01
    )
    assert visibility.world_mean(xr.ones_like(pdop)).values == pytest.approx(1)
    assert visibility.availability(xr.full_like(pdop, np.inf)).max() == 0


# bad input


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: visibility.dop(DAY[:0], 0, 0), "no satellite or no time"),
        (lambda: visibility.dop(DAY[:, :0], 0, 0), "no satellite or no time"),
        (lambda: visibility.dop(DAY.values, 0, 0), "no positions"),
        (lambda: visibility.dop(DAY * np.nan, 0, 0), "NaN"),
        (lambda: visibility.dop(DAY, 91, 0), "latitude 91"),
        (lambda: visibility.dop(DAY, [0, np.nan], 0), "latitude is missing"),
        (lambda: visibility.dop(DAY, [], []), "two axes"),
        (lambda: visibility.dop(DAY, [], [], grid=False), "No place"),
        (lambda: visibility.dop(DAY, [1, 2], [1, 2, 3], grid=False), "do not pair"),
        (lambda: visibility.dop(DAY, 0, 0, mask_deg=91), "mask_deg is 91"),
        (lambda: visibility.dop(DAY, 0, 0, mask_deg=np.nan), "mask_deg is nan"),
        (lambda: visibility.dop(DAY, 0, 0, want=["pdob"]), "pdop"),
        (lambda: visibility.dop(DAY, 0, 0, want=[]), "want is empty"),
        (lambda: visibility.look_angles(DAY, [0, 1], [0, 1, 2]), "do not pair"),
        (lambda: visibility.look_angles(DAY, 0, 400), "longitude 400"),
        (lambda: visibility.world_grid(0), "step_deg is 0"),
        (lambda: visibility.world_grid(7), "step_deg is 7"),
        (lambda: visibility.availability(xr.DataArray([1.0], dims="lat")), "over time"),
        (lambda: visibility.availability(xr.DataArray([1.0], dims="time"), np.nan), "limit is nan"),
        (lambda: visibility.area_weights([0, 1, 0]), "not an axis"),
        (lambda: visibility.world_mean(xr.DataArray([1.0], dims="lat")), "grid=True"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises(InputError, match=said) as error:
        call()
    one_sentence(error)


@pytest.mark.parametrize("step_deg", [2, 3])
def test_threads_change_no_value_and_are_taken_for_large_grids_on_a_free_machine(
    monkeypatch, step_deg
):
    sky = orbits.positions(constellations.flying("BDS-3"), pd.date_range(NOW, periods=8, freq="h"))
    spread, took = visibility._each, []
    monkeypatch.setattr(visibility, "_each", lambda *given: took.append(1) or spread(*given))
    found = []
    for free in (False, True):
        monkeypatch.setattr(visibility, "_processors_are_free", lambda free=free: free)
        found.append(visibility.dop(sky, *visibility.world_grid(step_deg), 15))
    xr.testing.assert_identical(*found)
    assert len(took) == (step_deg == 2)


@pytest.mark.parametrize(("load", "free"), [(0.2, True), (2.9, True), (3.0, False), (9, False)])
def test_processors_are_free_while_a_quarter_of_them_rests(monkeypatch, load, free):
    monkeypatch.setattr(visibility.os, "cpu_count", lambda: 4)
    monkeypatch.setattr(visibility.os, "getloadavg", lambda: (load, 9, 9), raising=False)
    assert visibility._processors_are_free() is free


def test_where_no_load_is_known_processors_count_as_free(monkeypatch):
    monkeypatch.delattr(visibility.os, "getloadavg", raising=False)
    assert visibility._processors_are_free()
