"""Pictures from orbit against SGP4, Skyfield, rays in space and the distance of everything."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path
from sgp4.api import WGS72, Satrec
from skyfield.api import EarthSatellite, wgs84
from skyfield.api import load as skyfield_load

from course import l07, passing
from helpers import charts, data
from helpers.inputs import InputError
from silkroad import imaging, orbits, sun

ELEMENTS = data.load("elements")
NOW = data.snapshot()
IMAGERS = ["GAOFEN-1", "GAOFEN-6", "CBERS 4", "CBERS 4A", "PRSS-1", "VRSS-1"]


def named(*names):
    return ELEMENTS[ELEMENTS["name"].isin(names)]


def satrec(row):
    satellite = Satrec()
    epoch = (row.epoch - pd.Timestamp("1949-12-31", tz="UTC")) / pd.Timedelta(days=1)
    turns = row.mean_motion_rev_per_day * 2 * np.pi / 1440
    angles = np.radians(
        [row.arg_perigee_deg, row.inclination_deg, row.mean_anomaly_deg, row.raan_deg]
    )
    perigee, inclination, anomaly, node = angles
    numbers = (row.eccentricity, perigee, inclination, anomaly, turns, node)
    satellite.sgp4init(WGS72, "i", row.norad_id, epoch, row.bstar, 0, 0, *numbers)
    return satellite


def track(lat, lon, minutes=1.0, start="2026-06-14T00:00"):
    """Points below made-up satellites: arrays (satellite, time) of degrees."""
    lat, lon = np.atleast_2d(lat), np.atleast_2d(lon)
    times = np.datetime64(start, "ns") + np.rint(np.arange(lat.shape[1]) * minutes * 60e9).astype(
        "m8[ns]"
    )
    dims = ("satellite", "time")
    fields = {
        "lat": (dims, lat),
        "lon": (dims, lon),
        "height_km": (dims, np.full(lat.shape, 650.0)),
    }
    names = [f"S{i}" for i in range(len(lat))]
    coords = {"satellite": names, "norad_id": ("satellite", range(len(lat))), "time": times}
    return xr.Dataset(fields, coords)


def by_dot_products(below, reach_deg, lat, lon, usable=None):
    """Visits and gap by the distance of every point below a satellite to every cell."""

    def unit(lat, lon):
        lat, lon = np.radians(lat), np.radians(lon)
        return np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])

    cells = unit(*(axis.ravel() for axis in np.meshgrid(lat, lon, indexing="ij")))
    hours = (below["time"].values - below["time"].values[0]) / np.timedelta64(1, "h")
    reached = np.zeros((cells.shape[1], len(hours)), bool)
    reach_deg = np.broadcast_to(reach_deg, below.sizes["satellite"])
    for one, limit in enumerate(np.cos(np.radians(reach_deg))):
        near = cells.T @ unit(below["lat"].values[one], below["lon"].values[one]) >= limit
        reached |= near if usable is None else near & usable[one]
    counts, gaps = [], []
    for row in reached:
        visits = gap = 0
        last = None
        for step, seen in enumerate(row):
            if seen and (last is None or last < step - 1):
                visits += 1
                gap = max(gap, hours[step] - (0 if last is None else hours[last]))
            last = step if seen else last
        gaps.append(hours[-1] if last is None else max(gap, hours[-1] - hours[last]))
        counts.append(visits)
    shape = (len(lat), len(lon))
    return np.reshape(counts, shape), np.reshape(gaps, shape)


def one_sentence(error):
    text = str(error.value)
    assert "\n" not in text and text.endswith("."), text


# sun-synchronous orbits


def test_turning_of_every_low_orbit_agrees_with_sgp4_to_half_a_percent():
    """SGP4 has J4 and drag besides; and `node_rate` takes the height of the mean motion."""
    low = ELEMENTS[
        (ELEMENTS["mean_motion_rev_per_day"] > 11.25) & (ELEMENTS["eccentricity"] < 0.05)
    ]
    assert len(low) > 60
    for row in low.itertuples():
        height_km = orbits.semi_major_axis_km(row.mean_motion_rev_per_day) - orbits.EQUATOR_KM
        ours = imaging.node_rate(height_km, row.inclination_deg, row.eccentricity)
        assert ours == pytest.approx(np.degrees(satrec(row).nodedot) * 1440, rel=0.005), row.name


@pytest.mark.parametrize(
    ("turns_a_day", "inclination_deg"),
    [(15, 97.7), (14, 99.0), (13, 100.7), (12, 103.0), (11, 105.9), (10, 110.1), (7, 142.1)],
)
def test_inclination_agrees_with_the_published_table_to_a_tenth(turns_a_day, inclination_deg):
    """Whole numbers of turns in 24 hours of the Sun."""
    height_km = orbits.semi_major_axis_km(turns_a_day) - orbits.EQUATOR_KM
    ours = imaging.sun_synchronous_inclination(height_km)
    assert ours == pytest.approx(inclination_deg, abs=0.1)


def test_half_of_the_imagers_fly_within_a_tenth_of_a_degree_of_the_computed_inclination():
    """Without fuel the pull of the Sun tilts an orbit by some 0.05 degrees a year."""
    rows = ELEMENTS[ELEMENTS["group"].isin(["earth_observation", "weather"])]
    rows = rows[rows["inclination_deg"].between(97, 99.5)]
    height_km = orbits.semi_major_axis_km(rows["mean_motion_rev_per_day"]) - orbits.EQUATOR_KM
    wanted = imaging.sun_synchronous_inclination(height_km, rows["eccentricity"].to_numpy())
    off = np.abs(rows["inclination_deg"] - wanted)
    assert len(rows) > 45 and off.median() < 0.1 and off.max() < 0.6


@given(st.floats(200, 5000), st.floats(0, 0.3))
def test_inclination_is_the_inverse_of_the_turning(height_km, eccentricity):
    inclination = imaging.sun_synchronous_inclination(height_km, eccentricity)
    year = imaging.node_rate(height_km, inclination, eccentricity) * imaging.TROPICAL_YEAR_DAYS
    assert year == pytest.approx(360)


@pytest.mark.parametrize(
    ("height_km", "eccentricity", "names"),
    [(6000, 0, "6000 km"), (-5, 0, "-5"), (np.nan, 0, "nan"), (700, 1, "eccentricity is 1")],
)
def test_an_impossible_orbit_is_one_sentence(height_km, eccentricity, names):
    with pytest.raises(InputError, match=names) as error:
        imaging.sun_synchronous_inclination(height_km, eccentricity)
    one_sentence(error)


# reach


@given(st.floats(300, 2000), st.floats(0.1, 60))
def test_reach_agrees_with_a_ray_cut_with_the_sphere(height_km, look_deg):
    radius, look = imaging.EARTH_KM, np.radians(look_deg)
    eye, ray = np.array([0, radius + height_km]), np.array([np.sin(look), -np.cos(look)])
    distances = np.roots([1, 2 * eye @ ray, eye @ eye - radius**2])
    if np.iscomplex(distances).any():
        with pytest.raises(InputError, match="past the Earth") as error:
            imaging.ground_angle(height_km, look_deg)
        one_sentence(error)
        return
    x, y = eye + distances.min() * ray
    angle = imaging.ground_angle(height_km, look_deg)
    assert angle == pytest.approx(np.degrees(np.arctan2(x, y)), abs=1e-6)
    assert imaging.ground_angle(height_km, -look_deg) == -angle
    assert imaging.look_angle(height_km, angle) == pytest.approx(look_deg, abs=1e-6)


def test_a_swath_without_roll_reaches_half_its_width():
    angle = imaging.half_swath_angle(645, 800)
    assert angle * np.pi / 180 * imaging.EARTH_KM == pytest.approx(400)
    assert imaging.half_swath_angle(645, 60, 25) > imaging.half_swath_angle(645, 0, 25)
    assert imaging.half_swath_angle(645) == 0


@pytest.mark.parametrize(
    ("swath_km", "roll_deg", "names"), [(60, 80, "past the Earth"), (6000, 0, "behind the horizon")]
)
def test_looking_past_the_earth_is_one_sentence(swath_km, roll_deg, names):
    with pytest.raises(InputError, match=names) as error:
        imaging.half_swath_angle(645, swath_km, roll_deg)
    one_sentence(error)


def test_beside_stands_at_right_angles_to_the_track_and_on_its_side():
    equator = track(np.zeros(5), np.linspace(170, 190, 5) % 360 - 360 * (np.arange(5) > 1))
    assert np.allclose(imaging.beside(equator, 10)["lat"], -10)  # eastward: right is south
    assert np.allclose(imaging.beside(equator, -10)["lat"], 10)
    below = orbits.subpoints(named("GAOFEN-1"), pd.date_range(NOW, periods=200, freq="30s"))
    off = imaging.beside(below, 3.6)
    apart = distance_deg(below["lat"], below["lon"], off["lat"], off["lon"])
    assert np.allclose(apart, 3.6)
    ahead = distance_deg(
        below["lat"][:, 2:], below["lon"][:, 2:], off["lat"][:, 1:-1], off["lon"][:, 1:-1]
    )
    behind = distance_deg(
        below["lat"][:, :-2], below["lon"][:, :-2], off["lat"][:, 1:-1], off["lon"][:, 1:-1]
    )
    assert np.allclose(ahead, behind, atol=0.01)


def distance_deg(lat1, lon1, lat2, lon2):
    """Haversine, in degrees."""
    lat1, lon1, lat2, lon2 = (np.radians(np.asarray(x, float)) for x in (lat1, lon1, lat2, lon2))
    square = np.sin((lat2 - lat1) / 2) ** 2
    square += np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(square)))


# visits


@pytest.mark.parametrize("reach_deg", [1.5, 3.6, 11, 40])
def test_visits_and_gaps_agree_cell_by_cell_with_dot_products(reach_deg):
    times = pd.date_range(NOW, periods=2400, freq="30s")
    below = orbits.subpoints(named(*IMAGERS[:3]), times)
    lat, lon = np.arange(-90, 91, 5.0), np.arange(-180, 180, 6.0)
    ours = imaging.visits(below, reach_deg, lat, lon)
    count, gap = by_dot_products(below, reach_deg, lat, lon)
    assert (ours["visits"].values == count).all() and count.max() > 1
    assert np.allclose(ours["largest_gap_hours"], gap, atol=1e-9)
    assert ours["visits"].dims == ("lat", "lon")


def test_each_satellite_has_its_reach_and_its_usable_steps():
    times = pd.date_range(NOW, periods=900, freq="30s")
    below = orbits.subpoints(named(*IMAGERS), times)
    usable = np.random.default_rng(7).random((6, 900)) < 0.6
    reach = np.linspace(1.5, 9, 6)
    lat, lon = (
        np.array([-90.0, -80, -3.3, 0.1, 45, 89.9, 90]),
        np.array([-179.9, -3, 0.2, 77, 179.8]),
    )
    ours = imaging.visits(below, reach, lat, lon, usable)
    count, gap = by_dot_products(below, reach, lat, lon, usable)
    assert (ours["visits"].values == count).all()
    assert np.allclose(ours["largest_gap_hours"], gap, atol=1e-9)


@given(st.integers(0, 2**32 - 1), st.floats(2, 80))
def test_random_walks_over_poles_and_antimeridian_agree_with_dot_products(seed, reach_deg):
    random = np.random.default_rng(seed)
    step = np.linspace(0, 360, 120)
    tilt, node = np.radians(random.uniform(0, 180)), random.uniform(-180, 180)
    lat = np.degrees(np.arcsin(np.sin(tilt) * np.sin(np.radians(step))))
    lon = node + np.degrees(
        np.arctan2(np.cos(tilt) * np.sin(np.radians(step)), np.cos(np.radians(step)))
    )
    below = track(lat, (lon + 180) % 360 - 180)
    lat, lon = np.sort(random.uniform(-90, 90, 9)), np.sort(random.uniform(-180, 180, 11))
    lat = np.concatenate([[-90], lat, [90]])
    ours = imaging.visits(below, reach_deg, lat, lon)
    count, gap = by_dot_products(below, reach_deg, lat, lon)
    assert (ours["visits"].values == count).all()
    assert np.allclose(ours["largest_gap_hours"], gap, atol=1e-9)


def test_many_blocks_give_what_one_gives(monkeypatch):
    below = orbits.subpoints(named("GAOFEN-1"), pd.date_range(NOW, periods=1200, freq="30s"))
    lat, lon = np.arange(-90, 91, 2.0), np.arange(-180, 180, 2.0)
    whole, seen = imaging.visits(below, 4, lat, lon), []
    monkeypatch.setattr(imaging, "_PAIRS", 900)

    def progress(steps):
        seen.extend(steps)
        return steps

    assert imaging.visits(below, 4, lat, lon, progress=progress).equals(whole)
    assert len(seen) > 10


def test_the_rule_at_the_windows_ends():
    """Reached at minutes 3, 4 and 8 of 0 to 10: two visits; waits of 3, 4 and 2 minutes."""
    lon = np.array([40, 30, 20, 0.5, -0.5, 20, 30, 20, 0, 20, 30.0])
    result = imaging.visits(track(np.zeros(11), lon), 15, [0], [0, 90])
    assert result["visits"].values.tolist() == [[2, 0]]
    assert np.allclose(result["largest_gap_hours"] * 60, [[4, 10]])
    assert imaging.visits(track([0], [0]), 1, [0], [0])["visits"].item() == 1


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"half_angle_deg": 0}, "half_angle_deg is 0"),
        ({"half_angle_deg": np.nan}, "half_angle_deg is nan"),
        ({"half_angle_deg": 0.2}, "take steps of at most"),
        ({"lat": [10, 0]}, "rising"),
        ({"lon": []}, "rising"),
        ({"lat": [0, 91]}, "91"),
        ({"below": None}, "subpoints"),
    ],
)
def test_bad_input_to_visits_is_one_sentence(change, names):
    given = {"below": track(np.zeros(5), np.arange(5)), "half_angle_deg": 2, "lat": [0], "lon": [0]}
    with pytest.raises(InputError, match=names) as error:
        imaging.visits(**given | change)
    one_sentence(error)


# looks


PLACES = pd.DataFrame(
    {
        "name": ["Quito", "Islamabad", "Suva", "Tromso", "South Pole"],
        "lat": [-0.2, 33.7, -18.1, 69.6, -90.0],
        "lon": [-78.5, 73.0, 178.4, 18.9, 0.0],
    }
)


def test_looks_agree_with_skyfield_at_every_second_to_a_second_and_a_kilometre():
    rows = named("GAOFEN-1", "PRSC-S1")
    times = pd.date_range(NOW, periods=1441, freq="60s")
    table = imaging.looks(orbits.subpoints(rows, times), PLACES, 8)
    timescale = skyfield_load.timescale(builtin=True)
    seconds = np.arange(60, 1439 * 60)
    at = timescale.utc(NOW.year, NOW.month, NOW.day, NOW.hour, NOW.minute, NOW.second + seconds)
    total = 0
    for row in rows.itertuples():
        one = EarthSatellite.from_satrec(satrec(row), timescale)
        point = wgs84.geographic_position_of(one.at(at))
        for place in PLACES.itertuples():
            away = distance_deg(
                point.latitude.degrees, point.longitude.degrees, place.lat, place.lon
            )
            low = 1 + np.flatnonzero((away[1:-1] < away[:-2]) & (away[1:-1] <= away[2:]))
            low = low[away[low] < 8]
            ours = table[(table["satellite"] == row.name) & (table["place"] == place.name)]
            assert len(ours) == len(low), (row.name, place.name)
            moments = (ours["time"] - NOW) / pd.Timedelta(seconds=1)
            # Near a pole, many seconds are equally close: the distance is what counts.
            exact = place.name != "South Pole"
            assert np.allclose(moments, seconds[low], atol=1.5 if exact else 30)
            assert np.allclose(ours["distance_deg"], away[low], atol=0.01)
            total += len(low)
    assert total > 20


def test_look_angle_distance_and_order_of_looks_fit_together():
    below = orbits.subpoints(named(*IMAGERS), pd.date_range(NOW, periods=1441, freq="60s"))
    table = imaging.looks(below, PLACES, 6)
    height_km = below["height_km"].mean("time").to_series()[table["satellite"]].to_numpy()
    wanted = imaging.look_angle(height_km, table["distance_deg"])
    assert np.allclose(table["look_deg"], wanted, atol=1)
    assert table["time"].is_monotonic_increasing and len(table) > 30


def test_light_is_that_of_the_place_and_the_season():
    below = orbits.subpoints(named("GAOFEN-1"), pd.date_range(NOW, periods=1441, freq="60s"))
    here = PLACES[PLACES["name"] == "Tromso"]
    summer = imaging.looks(below, here, 6)
    winter = imaging.looks(below, here, 6, sun_shift=pd.Timedelta(days=183))
    assert (summer["sun_deg"] > 0).all() and (winter["sun_deg"] < 0).all()
    assert summer["time"].equals(winter["time"])
    assert len(imaging.by_light(winter.assign(radar=False))) == 0
    assert len(imaging.by_light(winter.assign(radar=True))) == len(winter)


def test_first_image_and_waiting_by_hand():
    hours = pd.to_datetime(["2026-06-14T03:00Z", "2026-06-14T05:00Z", "2026-06-15T01:00Z"])
    table = pd.DataFrame({"satellite": ["A", "B", "A"], "place": ["P", "P", "Q"], "time": hours})
    first = imaging.first_image(table, "2026-06-14T03:30Z")
    assert first["satellite"].tolist() == ["B", "A"] and first["hours"].tolist() == [1.5, 21.5]
    assert imaging.first_image(table, hours[0])["hours"].iloc[0] == 0
    assert imaging.first_image(table, "2026-06-16T00:00Z").empty
    starts = pd.to_datetime(["2026-06-14T00:00Z", "2026-06-14T04:00Z", "2026-06-14T06:00Z"])
    waits = imaging.waiting_hours(table, ["P", "Q", "R"], starts)
    assert waits.to_numpy().tolist() == [[3, 1, np.inf], [25, 21, 19], [np.inf] * 3]
    assert imaging.waiting_hours(table.iloc[:0], ["P"], starts).iloc[0, 0] == np.inf


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda below: imaging.looks(below, PLACES.drop(columns="lat"), 5), "no column lat"),
        (lambda below: imaging.looks(below, PLACES.iloc[:0], 5), "empty"),
        (lambda below: imaging.looks(below, PLACES, 0), "within_deg is 0"),
        (lambda below: imaging.looks(below.isel(time=slice(None, None, 3)), PLACES, 5), "60 s"),
        (lambda below: imaging.by_light(imaging.looks(below, PLACES, 5)), "no column radar"),
        (lambda below: imaging.first_image(imaging.looks(below, PLACES, 5), "today"), "time"),
        (lambda below: imaging.beside(below.isel(time=[0]), 3), "two times"),
        (lambda below: imaging.beside(below["lat"], 3), "subpoints"),
    ],
)
def test_bad_input_to_looks_is_one_sentence(call, names):
    below = orbits.subpoints(named("GAOFEN-1"), pd.date_range(NOW, periods=60, freq="60s"))
    with pytest.raises(InputError, match=names) as error:
        call(below)
    one_sentence(error)


# Cameras, strips, whose they are


CAMERAS = imaging.cameras()
START = NOW.floor("h")
PATH = orbits.subpoints(imaging.carriers(CAMERAS), pd.date_range(START, periods=1440, freq="min"))


def test_each_camera_is_one_of_a_satellite_with_elements_and_has_a_swath():
    assert CAMERAS["norad_id"].isin(ELEMENTS["norad_id"]).all()
    assert (CAMERAS["swath_km"] > 0).all() and CAMERAS["owner"].str.fullmatch("[A-Z]{3}").all()
    assert not CAMERAS.duplicated(["satellite", "sensor"]).any()
    assert set(CAMERAS.loc[CAMERAS["shared"], "satellite"]) == {
        *("Gaofen-1", "Gaofen-6", "CBERS-4", "CBERS-4A")
    }
    assert "CFOSAT" not in set(CAMERAS["satellite"])
    everything = imaging.cameras(ocean=True)
    assert set(data.load("fleets")["norad_id"]) <= set(everything["norad_id"])
    assert imaging.carriers(CAMERAS)["norad_id"].is_unique


KNOWN = CAMERAS[CAMERAS["swath_known"]].to_dict("records")


@pytest.mark.parametrize("camera", KNOWN, ids=lambda c: f"{c['satellite']} {c['sensor']}")
def test_a_strip_stays_on_the_map_and_holds_the_points_it_sees(camera):
    for minute in range(110, 1440, 97):
        roll_deg = ((minute % 17) * 5 - 40) * camera["rolls"]
        until = START + pd.Timedelta(minutes=minute)
        turn = imaging.last_turn(PATH, camera["satellite"], until)
        edges = imaging.strip_edges(camera["height_km"], camera["swath_km"], roll_deg)
        assert edges[0] < edges[1] and turn.sizes == {"satellite": 1, "time": 106}
        rings = imaging.strip(turn, *edges)
        points = np.concatenate(rings)
        assert np.abs(points[:, 1]).max() <= 180 and np.abs(points[:, 0]).max() <= 90
        # No ring runs across the whole map, as it would where 180 degrees is not cut.
        assert all(np.ptp(ring[:, 1]) < 179 for ring in rings)
        # Where no pole is near, the middle of the strip lies in one of its rings.
        middle = imaging.beside(turn, sum(edges) / 2).isel(satellite=0)
        for lat, lon in zip(middle["lat"].values[5::30], middle["lon"].values[5::30], strict=True):
            if abs(lat) < 60:
                assert any(Path(ring).contains_point((lat, lon), radius=1e-3) for ring in rings)


def test_a_strip_in_pieces_by_light_is_the_strip():
    turn = imaging.last_turn(PATH, "PRSS-1", START + pd.Timedelta(minutes=300))
    lit = imaging.lit(turn)[0]
    assert 20 < lit.sum() < lit.size - 20
    parts, whole = imaging.strips(turn, -2, 2, lit), imaging.strip(turn, -2, 2)

    def area(rings):  # on the map, in square degrees: nothing is lost and nothing comes twice
        turned = (np.roll(ring, -1, axis=0) for ring in rings)
        pairs = zip(rings, turned, strict=True)
        return sum(abs((a[:, 1] * b[:, 0] - a[:, 0] * b[:, 1]).sum()) / 2 for a, b in pairs)

    assert set(parts) == {True, False}
    assert area(parts[True]) + area(parts[False]) == pytest.approx(area(whole), rel=1e-9)
    places = zip(turn["lat"].values[0], turn["lon"].values[0], strict=True)
    inside = [
        {
            kind
            for kind in parts
            if any(Path(r).contains_point(at, radius=1e-3) for r in parts[kind])
        }
        for at in places
    ]
    far = [
        i
        for i in range(2, lit.size - 2)
        if lit[i - 2 : i + 3].all() or not lit[i - 2 : i + 3].any()
    ]
    sure = [i for i in far if abs(turn["lat"].values[0, i]) < 60]  # strips meet near the poles
    assert len(sure) > 40 and all(lit[i] in inside[i] for i in sure)
    assert sum(len(inside[i]) == 1 for i in sure) > 0.9 * len(sure)


def test_flags_of_a_strip_are_one_for_each_time_or_one_for_all():
    turn = imaging.last_turn(PATH, "PRSS-1", START + pd.Timedelta(minutes=300))
    everywhere = imaging.strips(turn, -2, 2, True)
    assert not everywhere[False] and len(everywhere[True]) == len(imaging.strip(turn, -2, 2))
    with pytest.raises(InputError, match=r"shape \(3,\) for 106 times: give one for each"):
        imaging.strips(turn, -2, 2, [True, False, True])


def test_a_strip_is_as_wide_as_its_swath_and_lies_where_the_roll_points():
    left, right = imaging.strip_edges(640, 800)
    assert np.radians(right - left) * imaging.EARTH_KM == pytest.approx(800)
    left, right = imaging.strip_edges(640, 60, 30)
    assert right == pytest.approx(float(imaging.half_swath_angle(640, 60, 30))) and left > 0
    assert imaging.strip_edges(640, 60, -30) == pytest.approx((-right, -left))


def test_the_hour_of_the_crossing_by_day_is_that_of_the_mean_sun():
    """Gaofen-1 and -6 were announced for 10:30, going south; who never crosses has no hour."""
    for satellite in ("Gaofen-1", "Gaofen-6"):
        hour, heading = imaging.crossing_by_day(
            imaging.last_turn(PATH, satellite, START + pd.Timedelta(hours=12))
        )
        assert heading == "south" and abs(hour - 10.5) < 1
    still = PATH.isel(satellite=[0], time=slice(0, 5)).assign(
        lat=(("satellite", "time"), [[1.0] * 5])
    )
    assert imaging.crossing_by_day(still) is None


def test_more_satellites_never_make_a_place_wait_longer():
    places = data.load("capitals").query("iso3 in ['PAK', 'BRA', 'LAO']")
    looks = imaging.looks(PATH, places.assign(name=places["iso3"]), 9)
    before = set()
    for whose in imaging.WHOSE:
        for roll_deg in (0, 20, 45):
            seen = imaging.in_reach(looks, CAMERAS, whose, roll_deg)
            found = set(zip(seen["satellite"], seen["time"], strict=True))
            assert found >= (before if roll_deg else set())
            before = found
    without = imaging.in_reach(looks, CAMERAS, whose, 45, radar=False)
    assert len(without) < len(seen) and not without["radar"].any()
    own = imaging.in_reach(looks, CAMERAS, imaging.WHOSE[0], 45)
    assert set(own["place"]) <= {"PAK", "BRA"}
    with pytest.raises(InputError, match="no choice of satellites 'mine'"):
        imaging.in_reach(looks, CAMERAS, "mine", 30)


def test_a_look_is_in_reach_as_half_the_swath_and_the_roll_say():
    """Each row by itself, from the definitions."""
    places = data.load("capitals").query("iso3 in ['PAK', 'VEN', 'KEN']")
    looks = imaging.looks(PATH, places.assign(name=places["iso3"]), 9)
    seen = imaging.in_reach(looks, CAMERAS, imaging.WHOSE[1], 20)
    assert len(seen) > 5
    for number, look in looks.iterrows():
        mine = CAMERAS[CAMERAS["satellite"] == look["satellite"]]
        mine = mine[mine["shared"] | (mine["owner"] == look["place"])]
        aside = [
            np.degrees(np.arctan(c.swath_km / 2 / c.height_km)) + 20 * c.rolls
            for c in mine.itertuples()
        ]
        limit = max(aside, default=-1)  # of a flat Earth: right to a degree
        if abs(look["look_deg"] - limit) > 2:
            assert (number in seen.index) == (look["look_deg"] < limit)


def test_waits_beyond_three_days_are_none():
    waiting = pd.DataFrame([[1.0, 5.0, 80.0], [70.0, 90.0, 100.0]], index=["KEN", "PAK"])
    found = imaging.median_and_worst(waiting)
    assert found.loc["KEN"].tolist() == [5, np.inf] and np.isinf(found.loc["PAK"]).all()


def test_the_light_below_a_satellite_is_that_of_the_sun():
    part = PATH.isel(satellite=slice(0, 3), time=slice(0, None, 60))
    high = sun.elevation_deg(part["lat"].values, part["lon"].values, part["time"].values)
    assert (imaging.lit(part) == (high >= imaging.LOWEST_SUN_DEG)).all()


def test_a_fleet_keeps_its_dash_when_another_is_chosen(monkeypatch):
    """In the chart of gaps by latitude of lesson 07; the chosen one is blue and drawn last."""
    lat, lon, drawn = [-10.0, 0.0, 10.0], [0.0, 90.0], []
    monkeypatch.setattr(charts, "draw", lambda mark, **looks: drawn.append((mark, looks)))
    hours = {name: 10.0 * n for n, name in enumerate(("one", "two", "three", "new"), start=1)}
    grids = {
        name: xr.Dataset({"largest_gap_hours": (("lat", "lon"), np.full((3, 2), gap))})
        for name, gap in hours.items()
    }
    grids = {name: grid.assign_coords(lat=lat, lon=lon) for name, grid in grids.items()}
    dashes = {}
    for chosen in hours:
        given = {name: grids[name] for name in dict.fromkeys(["one", "two", "three", chosen])}
        passing.gaps_by_latitude(given, chosen, "words")
        mark, looks = drawn[-1]
        assert mark.frame["fleet"].iloc[-1] == chosen and looks["ylim"] == (0, 135)
        assert looks["table"].set_index("latitude").eq(pd.Series(hours)[list(given)]).all(axis=None)
        for name, look in mark.looks["styles"].items():
            assert look == ("blue", "") if name == chosen else look[0] == "grey"
            if name != chosen:
                assert dashes.setdefault(name, look) == look
    assert len(set(dashes.values())) == 3


def test_each_satellite_counted_has_a_field_and_some_have_two():
    said = l07.land_ocean_air_and_environment()[1]
    names = data.load("elements").query("group in ['earth_observation', 'weather']")["name"]
    fields = sum(names.str.contains(pattern).astype(int) for pattern in l07.FIELDS.values())
    assert fields.between(1, 2).all()
    assert said.startswith(f"{len(names)} Chinese satellites")
    assert f"({(fields == 2).sum()} of them two of these)" in said
