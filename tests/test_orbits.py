"""Orbits against Skyfield (positions, sub-satellite points, passes) and against geometry."""

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skyfield.api import EarthSatellite, wgs84
from skyfield.api import load as skyfield_load
from skyfield.framelib import itrs

from course import usual
from helpers import data
from helpers.inputs import InputError
from silkroad import orbits
from silkroad.values import AgeWarning

ELEMENTS = data.load("elements")
NOW = data.snapshot()
TIMESCALE = skyfield_load.timescale(builtin=True)
OMM = {  # the keywords of an Orbit Mean-Elements Message and our columns
    "OBJECT_NAME": "name",
    "OBJECT_ID": "cospar_id",
    "NORAD_CAT_ID": "norad_id",
    "CLASSIFICATION_TYPE": "classification",
    "EPHEMERIS_TYPE": "ephemeris_type",
    "ELEMENT_SET_NO": "element_set_no",
    "REV_AT_EPOCH": "rev_at_epoch",
    "MEAN_MOTION": "mean_motion_rev_per_day",
    "ECCENTRICITY": "eccentricity",
    "INCLINATION": "inclination_deg",
    "RA_OF_ASC_NODE": "raan_deg",
    "ARG_OF_PERICENTER": "arg_perigee_deg",
    "MEAN_ANOMALY": "mean_anomaly_deg",
    "BSTAR": "bstar",
    "MEAN_MOTION_DOT": "mean_motion_dot",
    "MEAN_MOTION_DDOT": "mean_motion_ddot",
}


@cache
def skyfield_satellite(norad_id):
    row = ELEMENTS.set_index("norad_id", drop=False).loc[norad_id]
    fields = {keyword: str(row[column]) for keyword, column in OMM.items()}
    fields["EPOCH"] = row["epoch"].strftime("%Y-%m-%dT%H:%M:%S.%f")
    return EarthSatellite.from_omm(TIMESCALE, fields)


def skyfield_time(times):
    return TIMESCALE.from_datetimes(list(pd.DatetimeIndex(times).to_pydatetime()))


def quiet(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AgeWarning)
        return function(*args, **kwargs)


def named(name):
    return ELEMENTS[ELEMENTS["name"] == name]


STATION = named("CSS (TIANHE)")
PLACES = pd.DataFrame(
    {
        "name": ["Nairobi", "Kashgar", "Punta Arenas", "Svalbard", "Suva", "North Pole"],
        "lat": [-1.29, 39.5, -53.16, 78.23, -18.14, 90.0],
        "lon": [36.82, 75.93, -70.91, 15.39, 178.44, 0.0],
    }
)


# positions


def test_every_satellite_agrees_with_skyfield():
    times = NOW + pd.to_timedelta(np.arange(-84, 85, 8), unit="h")
    ours = quiet(orbits.positions, ELEMENTS, times)
    assert ours.dims == ("satellite", "time", "axis") and ours.attrs["units"] == "km"
    at = skyfield_time(times)
    below = orbits.subpoints_of(ours)
    for row, number in enumerate(ELEMENTS["norad_id"]):
        theirs = skyfield_satellite(number).at(at)
        apart_km = np.linalg.norm(ours.values[row] - theirs.frame_xyz(itrs).km.T, axis=1)
        assert apart_km.max() < 0.001, ELEMENTS["name"].iloc[row]
        point = wgs84.geographic_position_of(theirs)
        assert np.allclose(below["lat"][row], point.latitude.degrees, atol=1e-7)
        turn = (below["lon"][row].values - point.longitude.degrees + 180) % 360 - 180
        assert np.abs(turn).max() < 1e-6
        assert np.allclose(below["height_km"][row], point.elevation.km, atol=1e-5)


def test_leap_seconds_and_catalogue_numbers_above_99999():
    """The Earth turns 460 m in a second; a number beyond the TLE format changes nothing."""
    old = STATION.assign(epoch=pd.Timestamp("2016-12-31T12:00Z"), norad_id=339999)
    times = ["2016-12-31T23:59:30Z", "2017-01-01T00:00:30Z"]
    fields = {keyword: str(old[column].item()) for keyword, column in OMM.items()}
    fields["EPOCH"] = "2016-12-31T12:00:00.000000"
    theirs = EarthSatellite.from_omm(TIMESCALE, fields).at(skyfield_time(pd.to_datetime(times)))
    ours = orbits.positions(old, times)
    assert np.abs(ours.values[0] - theirs.frame_xyz(itrs).km.T).max() < 0.001
    assert ours["norad_id"].item() == 339999


def test_names_numbers_and_times_are_carried():
    field = orbits.positions(ELEMENTS.head(3), "2026-06-14T00:00Z")
    assert field.shape == (3, 1, 3)
    assert list(field["satellite"].values) == list(ELEMENTS["name"].head(3))
    assert list(field["norad_id"].values) == list(ELEMENTS["norad_id"].head(3))
    assert field["time"].dtype == "datetime64[ns]"


# age


def test_age_is_signed_and_in_days():
    ages = orbits.age_days(STATION, STATION["epoch"].item() + pd.Timedelta(days=3))
    assert ages.item() == pytest.approx(3)
    assert orbits.age_days(STATION, NOW - pd.Timedelta(days=300)).item() < -290


@pytest.mark.parametrize(("name", "limit"), [("CSS (TIANHE)", 7), ("BEIDOU-3 M1", 30)])
def test_warning_beyond_the_age_with_the_days(name, limit):
    rows = named(name)
    epoch = rows["epoch"].item()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        orbits.positions(rows, epoch + pd.Timedelta(days=limit - 0.1))
        orbits.positions(rows, epoch - pd.Timedelta(days=limit - 0.1))
    with pytest.warns(AgeWarning, match=rf"{limit + 5} days old") as caught:
        orbits.positions(rows, [epoch, epoch + pd.Timedelta(days=limit + 5)])
    assert len(caught) == 1 and name in str(caught[0].message)
    assert caught[0].filename == __file__
    with pytest.warns(AgeWarning, match=rf"{limit + 5} days too young"):
        orbits.positions(rows, epoch - pd.Timedelta(days=limit + 5))


def test_one_warning_names_the_worst():
    rows = pd.concat([named("BEIDOU-3 M1"), STATION])
    with pytest.warns(AgeWarning, match="TIANHE") as caught:
        orbits.positions(rows, NOW + pd.Timedelta(days=60))
    assert len(caught) == 1


# bad input


def one_sentence(error):
    text = str(error.value)
    assert "\n" not in text and text.endswith("."), text


@pytest.mark.parametrize(
    ("rows", "times", "said"),
    [
        (ELEMENTS.head(0), NOW, "No satellite"),
        (ELEMENTS.head(1), [], "No time"),
        (ELEMENTS.head(1), "2026-06-14T00:00", "no time zone"),
        (ELEMENTS.drop(columns="bstar"), NOW, "no column bstar"),
        (ELEMENTS.iloc[0], NOW, r"iloc\[\[0\]\]"),
        (STATION.assign(eccentricity=np.nan), NOW, "TIANHE.*eccentricity is missing"),
        (STATION.assign(epoch=pd.NaT), NOW, "TIANHE.*epoch is missing"),
        (STATION.assign(inclination_deg=200.0), NOW, "inclination_deg 200.0 is not in"),
        (STATION.assign(mean_motion_rev_per_day=0.0), NOW, "mean_motion_rev_per_day 0.0"),
        (STATION.assign(eccentricity=0.5), NOW, "perigee"),
        (STATION.assign(norad_id=10**9), NOW, "norad_id 1000000000 is not in 1 to 999999999"),
        (pd.concat([STATION, STATION]), NOW, r"TIANHE\) \(48274\) comes twice"),
        (STATION, np.array([[NOW.tz_convert(None)] * 2], "M8[ns]"), "times are a table"),
        (STATION, "06/07/2026 12:00Z", "year"),
        (STATION, 7, "bare number"),
        (list(STATION["name"]), NOW, "no column name"),
    ],
)
def test_bad_elements_and_times(rows, times, said):
    with pytest.raises(InputError, match=said) as error:
        orbits.positions(rows, times)
    one_sentence(error)


def test_a_decayed_satellite_is_named_with_date_and_remedy():
    rows = pd.concat([named("BEIDOU-3 M1"), STATION.assign(bstar=0.1)])
    with pytest.raises(InputError, match=r"TIANHE.* to 2026-\d\d-\d\d .*epoch 2026-06-13") as error:
        quiet(orbits.positions, rows, [NOW, NOW + pd.Timedelta(days=60)])
    one_sentence(error)
    assert "BEIDOU" not in str(error.value)


# geometry


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-5, 500_000))
def test_geodetic_undoes_earth_fixed(lat, lon, height_km):
    back = orbits.geodetic(orbits.earth_fixed(lat, lon, height_km))
    assert back[0] == pytest.approx(lat, abs=1e-8)
    assert back[2] == pytest.approx(height_km, abs=2e-6)
    if abs(lat) < 89.999:
        assert (back[1] - lon + 180) % 360 - 180 == pytest.approx(0, abs=1e-8)


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-0.4, 9000))
def test_earth_fixed_agrees_with_skyfield(lat, lon, height_km):
    theirs = wgs84.latlon(lat, lon, elevation_m=height_km * 1000).itrs_xyz.km
    assert np.allclose(orbits.earth_fixed(lat, lon, height_km), theirs, atol=1e-5)


def test_kepler_helpers_give_the_textbook_values():
    assert orbits.geostationary_height_km() == pytest.approx(35786, abs=1)
    assert orbits.period_hours(26_559.7) == pytest.approx(11 + 58 / 60, abs=0.01)
    assert orbits.semi_major_axis_km(24 / orbits.period_hours(7000.0)) == pytest.approx(7000)


def test_classes_are_those_of_the_list_of_satellites():
    rows = orbits.with_orbit_class(ELEMENTS)
    lists = [
        data.load("beidou_satellites").rename(columns={"orbit": "listed"}),
        data.load("satellites").rename(columns={"orbit_class": "listed"}),
    ]
    listed = pd.concat(part[["norad_id", "listed"]] for part in lists).drop_duplicates("norad_id")
    both = rows.merge(listed[listed["listed"].isin(usual.LOOKS["orbit_class"])], on="norad_id")
    assert len(both) >= 140
    odd = both[both["listed"] != both["orbit_class"]]
    assert odd.empty, odd[["name", "orbit_class", "listed"]]
    assert (rows["mean_height_km"] + orbits.EQUATOR_KM == rows["semi_major_axis_km"]).all()
    assert rows["period_hours"].to_numpy() == pytest.approx(
        orbits.period_hours(rows["semi_major_axis_km"])
    )


@pytest.mark.parametrize(
    ("height_km", "tilt", "orbit_class"),
    [(500, 42, "LEO"), (800, 98, "SSO"), (21_528, 55, "MEO"), (35_786, 55, "IGSO")],
)
def test_a_satellite_of_one_s_own(height_km, tilt, orbit_class):
    own = orbits.synthetic_elements(NOW, height_km, tilt)
    assert orbits.with_orbit_class(own)["orbit_class"].item() == orbit_class
    start = orbits.subpoints(own, NOW).squeeze()
    assert start["lon"].item() == pytest.approx(100, abs=0.2)
    assert start["lat"].item() == pytest.approx(0, abs=0.2)
    assert start["height_km"].item() == pytest.approx(height_km, abs=15)
    day = orbits.subpoints(own, pd.date_range(NOW, periods=24 * 60, freq="min"))
    assert float(abs(day["lat"]).max()) == pytest.approx(min(tilt, 180 - tilt), abs=0.2)
    turns = own["mean_motion_rev_per_day"].item()
    assert turns * orbits.period_hours(height_km + orbits.EQUATOR_KM) == pytest.approx(24)


def test_a_satellite_with_its_place():
    rows = ELEMENTS.head(3)
    positions = orbits.positions(rows, [NOW])
    below = orbits.subpoints_of(positions)
    table = orbits.with_subpoints(rows, positions)
    for name in ("lat", "lon", "height_km"):
        assert table[name].tolist() == below[name].values.ravel().tolist()
    assert orbits.with_subpoints(rows, positions.isel(time=0)).equals(table)
    assert orbits.below(rows, NOW).equals(table)
    with pytest.raises(InputError, match="2 times are given") as error:
        orbits.below(rows, [NOW, NOW])
    one_sentence(error)
    with pytest.raises(InputError, match="3 positions for 2 satellites") as error:
        orbits.with_subpoints(rows.head(2), positions)
    one_sentence(error)


def test_latitude_91_and_missing_heights_are_refused():
    with pytest.raises(InputError, match="91"):
        orbits.earth_fixed(91, 0)
    with pytest.raises(InputError, match="height_km"):
        orbits.earth_fixed(0, 0, np.nan)


@pytest.mark.parametrize("order", [("axis", "time", "satellite"), ("time", "axis", "satellite")])
def test_the_order_of_dimensions_never_matters(order):
    rows = ELEMENTS.head(4)
    field = orbits.positions(rows, [NOW, NOW + pd.Timedelta(hours=1), NOW + pd.Timedelta(hours=2)])
    plain = orbits.subpoints_of(field)
    assert orbits.subpoints_of(field.transpose(*order)).broadcast_equals(plain)
    assert orbits.subpoints_of(field.isel(axis=[2, 0, 1])).equals(plain)
    assert orbits.subpoints_of(field.isel(satellite=1)).equals(plain.isel(satellite=1))
    once = field.isel(time=[1]).transpose(*order)
    wanted = orbits.with_subpoints(rows, field.isel(time=1))
    assert orbits.with_subpoints(rows, once).equals(wanted)
    assert orbits.with_subpoints(rows, field.isel(time=1, axis=[1, 0, 2])).equals(wanted)
    one = orbits.with_subpoints(rows.iloc[[2]], field.isel(time=1, satellite=2))
    assert one.equals(wanted.iloc[[2]])


FIELD = orbits.positions(STATION, [NOW, NOW + pd.Timedelta(hours=1)])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: orbits.subpoints_of(FIELD.values), "no positions"),
        (lambda: orbits.subpoints_of(FIELD * 1000), "metres"),
        (lambda: orbits.subpoints_of(FIELD * 0), r"\(0, 0, 0\)"),
        (lambda: orbits.subpoints_of(FIELD * np.nan), "missing"),
        (lambda: orbits.subpoints_of(FIELD / 2), "inside it"),
        (lambda: orbits.with_subpoints(STATION, FIELD), "dimension time too many"),
        (lambda: orbits.with_subpoints(ELEMENTS.head(1), FIELD.isel(time=0)), "other satellites"),
        (
            lambda: orbits.with_subpoints(
                ELEMENTS.head(2)[::-1], orbits.positions(ELEMENTS.head(2), NOW)
            ),
            "other satellites than the elements, or in another order",
        ),
        (lambda: orbits.with_subpoints(STATION, 7), "no positions"),
        (lambda: orbits.geodetic([1, 2]), "no x, y, z"),
        (lambda: orbits.geodetic("here"), "'here'"),
        (lambda: orbits.geodetic([np.nan, 0, 0]), "nan"),
        (lambda: orbits.earth_fixed([1, 2], [1, 2, 3]), "lat, lon and height_km do not pair"),
        (lambda: orbits.earth_fixed(1, 2, "high"), "height_km is 'high'"),
        (lambda: orbits.zenith([1, 2], [1, 2, 3]), "lat and lon do not pair"),
        (lambda: orbits.ground_track(STATION, [NOW, NOW], 3), "start is 2 times"),
        (lambda: orbits.ground_track(STATION, NOW, [1, 2]), "hours is a list of 2"),
        (lambda: orbits.ground_track(STATION, NOW, "long"), "hours is 'long'"),
        (lambda: orbits.ground_track(STATION, NOW, 1e9), "hours is"),
        (lambda: orbits.ground_track(STATION, NOW, 3, 1e-300), "too many"),
        (lambda: orbits.age_days(STATION, [NOW, NOW]), "time is 2 times"),
        (lambda: orbits.age_days(STATION.drop(columns="epoch"), NOW), "no column epoch"),
        (lambda: orbits.age_days(STATION.assign(epoch="June"), NOW), "June"),
        (lambda: orbits.semi_major_axis_km("fast"), "mean_motion_rev_per_day is 'fast'"),
        (lambda: orbits.semi_major_axis_km(0), "mean_motion_rev_per_day is 0"),
        (lambda: orbits.semi_major_axis_km([1, np.nan]), "mean_motion_rev_per_day is nan"),
        (lambda: orbits.period_hours(-7000), "semi_major_axis_km is -7000"),
        (lambda: orbits.period_hours(np.inf), "semi_major_axis_km is inf"),
        (lambda: orbits.with_orbit_class(STATION[["name"]]), "no column mean_motion_rev_per_day"),
        (lambda: orbits.with_orbit_class(STATION.assign(inclination_deg="x")), "inclination_deg"),
        (lambda: orbits.synthetic_elements(NOW, 500, "steep"), "inclination_deg is 'steep'"),
        (lambda: orbits.synthetic_elements(NOW, 500, [42, 43]), "inclination_deg is a list of 2"),
        (lambda: orbits.synthetic_elements(NOW, 500, 420), "inclination_deg is 420: give 0 to 180"),
        (lambda: orbits.synthetic_elements(NOW, 500, 42, 1), "eccentricity is 1: give 0 to 0.99"),
        (lambda: orbits.synthetic_elements(NOW, 500, 42, lon=[1, 2]), "lon is a list of 2"),
        (lambda: orbits.synthetic_elements([NOW, NOW], 500, 42), "epoch is 2 times"),
        (lambda: orbits.gmst_rad("June"), "June"),
    ],
    ids=range(37),
)
def test_bad_input_gets_one_sentence(call, said):
    with pytest.raises(InputError, match=said) as error:
        call()
    one_sentence(error)


# ground tracks


def test_ground_tracks_of_a_day():
    rows = pd.concat([STATION, named("BEIDOU-3 G3"), named("GAOFEN-3")])
    tracks = orbits.ground_track(rows, NOW, hours=24, step_minutes=1)
    assert list(tracks) == list(rows["name"])
    assert len(tracks["BEIDOU-3 G3"]) == 1  # it stays over one place
    assert len(tracks["CSS (TIANHE)"]) > 10
    lat = np.concatenate(tracks["GAOFEN-3"])[:, 0]
    assert 81 < lat.max() < 82 and -82 < lat.min() < -81  # retrograde, 98.4 degrees
    for pieces in tracks.values():
        steps = np.concatenate([np.abs(np.diff(piece[:, 1])) for piece in pieces])
        assert steps.max() < 60
        for piece in pieces[:-1]:
            assert abs(piece[-1, 1]) == 180


def test_a_track_over_the_pole_is_finite():
    polar = STATION.assign(inclination_deg=90.0)
    (pieces,) = orbits.ground_track(polar, NOW, hours=3).values()
    points = np.concatenate(pieces)
    assert np.isfinite(points).all() and points[:, 0].max() > 88


@pytest.mark.parametrize(
    ("given_", "said"),
    [({"hours": 0}, "hours is 0"), ({"hours": 1, "step_minutes": -1}, "step_minutes is -1")],
)
def test_bad_tracks(given_, said):
    with pytest.raises(InputError, match=said) as error:
        orbits.ground_track(STATION, NOW, **given_)
    one_sentence(error)


# passes

END = NOW + pd.Timedelta(days=10)
LOW = ELEMENTS[ELEMENTS["mean_motion_rev_per_day"] > 11.25]
HIGH = ELEMENTS[ELEMENTS["mean_motion_rev_per_day"] <= 11.25]


@pytest.fixture(scope="module")
def ten_days():
    table = quiet(orbits.passes, ELEMENTS, PLACES, NOW, END)
    return dict(list(table.groupby(["norad_id", "place"])))


def test_low_satellites_rise_and_set_with_find_events(ten_days):
    """Every low satellite of the snapshot, each at two of the places, in turn."""
    start, end = skyfield_time([NOW])[0], skyfield_time([END])[0]
    compared = 0
    for row, number in enumerate(LOW["norad_id"]):
        for place in PLACES.iloc[[row % 6, (row + 2) % 6]].itertuples():
            ground = wgs84.latlon(place.lat, place.lon)
            when, what = skyfield_satellite(number).find_events(ground, start, end, 10.0)
            ours = ten_days.get((number, place.name), pd.DataFrame(columns=["rise_clipped"]))
            if not len(ours):
                assert len(when) == 0, (number, place.name)
                continue
            stamps = pd.DatetimeIndex(when.utc_datetime())
            for column, kind in (("rise", 0), ("set", 2), ("culmination", 1)):
                if column != "culmination":
                    mine = ours.loc[~ours[f"{column}_clipped"].astype(bool), column]
                else:
                    mine = ours.loc[~(ours["rise_clipped"] | ours["set_clipped"]), column]
                theirs = stamps[what == kind]
                if column == "culmination":  # a clipped pass may or may not hold one
                    nearest = theirs[theirs.get_indexer(mine, method="nearest")]
                    assert np.abs((nearest - pd.DatetimeIndex(mine)).total_seconds()).max() < 1
                    continue
                assert len(mine) == len(theirs), (number, place.name, column)
                late_s = (pd.DatetimeIndex(mine) - theirs).total_seconds()
                assert (np.abs(late_s) < 1).all(), (number, place.name, column)
                compared += len(mine)
    assert compared > 10_000


def test_every_satellite_stands_at_the_limit_when_it_rises_and_sets(ten_days):
    """Skyfield's own elevation at our instants: within what one second changes."""
    second = pd.Timedelta(seconds=1)
    spots = {p.name: wgs84.latlon(p.lat, p.lon) for p in PLACES.itertuples(index=False)}
    for (number, name), table in ten_days.items():
        rises, sets = (
            pd.DatetimeIndex(table.loc[~table[f"{column}_clipped"], column])[:4]
            for column in ("rise", "set")
        )
        stamps = rises.append(sets)
        if not len(stamps):
            continue
        at = skyfield_time(stamps.append([stamps - second, stamps + second]))
        line_of_sight = skyfield_satellite(number) - spots[name]
        here, before, after = np.split(line_of_sight.at(at).altaz()[0].degrees, 3)
        way = np.repeat([1, -1], [len(rises), len(sets)])
        assert (way * before < way * 10).all() and (way * after > way * 10).all(), (name, number)
        assert np.abs(here - 10).max() < 0.001


def test_high_satellites_against_a_dense_scan(ten_days):
    """MEO, IGSO and GEO, sampled: find_events merges slow passes, so scan every two minutes."""
    times = pd.date_range(NOW, END, freq="2min")
    at = skyfield_time(times)
    ever = never = 0
    for row, number in enumerate(HIGH["norad_id"].iloc[::23]):
        place = PLACES.iloc[row % 6]
        line_of_sight = skyfield_satellite(number) - wgs84.latlon(place["lat"], place["lon"])
        above = line_of_sight.at(at).altaz()[0].degrees >= 10
        ours = ten_days.get((number, place["name"]))
        if ours is None:
            never += 1
            assert not above.any()
            continue
        inside = np.zeros(len(times), bool)
        for one in ours.itertuples():
            inside |= (times >= one.rise) & (times <= one.set)
        assert (inside == above).all(), (number, place["name"])
        ever += above.all()
    assert ever and never


def test_always_and_never_in_view(ten_days):
    always = ten_days[named("BEIDOU-3 G1")["norad_id"].item(), "Suva"].iloc[0]
    assert always["rise_clipped"] and always["set_clipped"]
    assert always["rise"] == NOW and always["set"] == END
    assert (named("BEIDOU-3 G1")["norad_id"].item(), "Punta Arenas") not in ten_days
    nothing = orbits.passes(named("BEIDOU-3 G1"), PLACES.iloc[[2]], NOW, END)
    assert len(nothing) == 0
    assert str(nothing["rise"].dtype) == "datetime64[ns, UTC]"


def test_a_pass_under_way_is_clipped():
    whole = orbits.passes(STATION, PLACES.iloc[[1]], NOW, NOW + pd.Timedelta(days=2)).iloc[0]
    middle = whole["culmination"]
    cut = orbits.passes(STATION, PLACES.iloc[[1]], middle, NOW + pd.Timedelta(days=2)).iloc[0]
    assert cut["rise"] == middle and cut["rise_clipped"] and not cut["set_clipped"]
    assert abs((cut["set"] - whole["set"]).total_seconds()) < 0.05
    cut = orbits.passes(STATION, PLACES.iloc[[1]], NOW, middle).iloc[-1]
    assert cut["set"] == middle and cut["set_clipped"] and not cut["rise_clipped"]


def test_a_short_pass_between_two_nodes_is_found():
    """Above 88 degrees for some seconds only; the place is where the station passes overhead."""
    at = NOW + pd.Timedelta(hours=3, seconds=17)
    below = orbits.subpoints(STATION, at)
    place = pd.DataFrame(
        {"name": ["under"], "lat": below["lat"].values[0], "lon": below["lon"].values[0]}
    )
    table = orbits.passes(STATION, place, NOW, NOW + pd.Timedelta(hours=6), 88)
    assert len(table) == 1 and table["max_elevation_deg"].item() > 89.99
    assert abs((table["culmination"].item() - at).total_seconds()) < 0.1
    assert 1 < (table["set"] - table["rise"]).item().total_seconds() < 10


def test_an_eccentric_orbit():
    molniya = STATION.assign(
        mean_motion_rev_per_day=2.006, eccentricity=0.72, inclination_deg=63.4, bstar=0.0
    )
    table = quiet(orbits.passes, molniya, PLACES, NOW, NOW + pd.Timedelta(days=3), 20)
    times = pd.date_range(NOW, NOW + pd.Timedelta(days=3), freq="30s")
    track = quiet(orbits.positions, molniya, times).values[0]
    for place in PLACES.itertuples():
        away = track - orbits.earth_fixed(place.lat, place.lon)
        sine = away @ orbits.zenith(place.lat, place.lon) / np.linalg.norm(away, axis=1)
        inside = np.zeros(len(times), bool)
        for one in table[table["place"] == place.name].itertuples():
            inside |= (times >= one.rise) & (times <= one.set)
        assert (inside == (sine >= np.sin(np.radians(20)))).all()


@cache
def scan(start, hours, step):
    """Return (times, Skyfield's times), which keep how the Earth stood: most of the work."""
    times = pd.date_range(start, start + pd.Timedelta(hours=hours), freq=step)
    return times, skyfield_time(times)


def held_against_a_scan(rows, places, start, hours, mask_deg, step="1min"):
    """Passes against Skyfield's own elevations at every step; return the share in view."""
    times, at = scan(start, hours, step)
    fields = {keyword: str(rows[column].item()) for keyword, column in OMM.items()}
    fields["EPOCH"] = rows["epoch"].item().strftime("%Y-%m-%dT%H:%M:%S.%f")
    satellite = EarthSatellite.from_omm(TIMESCALE, fields)
    found = quiet(orbits.passes, rows, places, times[0], times[-1], mask_deg)
    seen = []
    for place in places.to_dict("records"):
        ground = wgs84.latlon(place["lat"], place["lon"], 1000 * place.get("height_km", 0))
        degrees = (satellite - ground).at(at).altaz()[0].degrees
        inside = np.zeros(len(times), bool)
        for one in found[found["place"] == place["name"]].itertuples():
            inside |= (times >= one.rise) & (times <= one.set)
        sure = np.abs(degrees - mask_deg) > 1e-3
        assert (inside == (degrees >= mask_deg))[sure].all(), (place["name"], mask_deg)
        seen.append(inside.mean())
    return np.mean(seen)


@pytest.mark.parametrize("mask_deg", [-89.0, -45.0, -5.0, 0.0, 10.0])
def test_masks_below_zero_and_places_on_mountains(mask_deg):
    high = PLACES.assign(height_km=[1.66, 1.29, 0.03, -0.4, 8.8, 2.8])
    shares = [
        held_against_a_scan(rows, places, NOW, 24, mask_deg)
        for rows in (STATION, named("BEIDOU-3 M1"), named("BEIDOU-3 IGSO-1"))
        for places in (high.iloc[:3], high.iloc[3:])
    ]
    assert 0 < np.mean(shares) <= 1


def test_a_mountain_sees_the_station_longer():
    plain = PLACES.iloc[[0]].drop(columns="lon").assign(lon=36.82)
    times = (NOW, NOW + pd.Timedelta(days=2))

    def minutes(places, mask):
        found = orbits.passes(STATION, places, *times, mask)
        return (found["set"] - found["rise"]).sum().total_seconds() / 60

    assert minutes(plain.assign(height_km=0), 0) == minutes(plain, 0)
    assert minutes(plain, -2) > minutes(plain, 0)


SLOW = [  # turns a day, eccentricity, inclination: like Chandra, IBEX and TESS
    (0.378, 0.80, 76.0),
    (0.11, 0.65, 12.0),
    (0.073, 0.55, 37.0),
]


@pytest.mark.parametrize(("turns", "oval", "tilt"), SLOW)
def test_orbits_slower_than_half_a_turn_a_day(turns, oval, tilt):
    rows = STATION.assign(
        mean_motion_rev_per_day=turns, eccentricity=oval, inclination_deg=tilt, bstar=0.0,
        mean_motion_dot=0.0, mean_anomaly_deg=300.0,
    )  # fmt: skip
    share = held_against_a_scan(rows, PLACES, NOW, 24 * 20, 10.0, "5min")
    assert 0 < share < 1
    assert orbits.with_orbit_class(rows)["orbit_class"].item() == "HEO"
    ours = quiet(orbits.positions, rows, [NOW + pd.Timedelta(days=3)])
    assert orbits.subpoints_of(ours)["height_km"].item() > 1000


def test_places_of_one_name_and_heights_in_metres_are_refused():
    twice = PLACES.assign(name="Georgetown")
    for places, said in (
        (twice, "place Georgetown comes twice"),
        (PLACES.assign(height_km=1661), "height_km is 1661: give -1 to 20"),
        (PLACES.assign(height_km=np.nan), "height_km is nan"),
        (PLACES.assign(lat="south"), "latitude"),
        (["Nairobi"], "no column name"),
    ):
        with pytest.raises(InputError, match=said) as error:
            quiet(orbits.passes, STATION, places, NOW, END)
        one_sentence(error)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"places": PLACES.head(0)}, "places are empty"),
        ({"places": PLACES.drop(columns="lat")}, "no column lat"),
        ({"places": PLACES.assign(lat=91.0)}, "latitude 91"),
        ({"places": PLACES.assign(lon=np.nan)}, "longitude is missing"),
        ({"elements": STATION.head(0)}, "No satellite"),
        ({"end": NOW - pd.Timedelta(days=1)}, "swap"),
        ({"end": END.tz_localize(None)}, "no time zone"),
        ({"min_elevation_deg": 90}, "min_elevation_deg is 90"),
        ({"min_elevation_deg": np.nan}, "min_elevation_deg is nan"),
        ({"min_elevation_deg": -91}, "min_elevation_deg is -91"),
        ({"min_elevation_deg": "ten"}, "min_elevation_deg is 'ten'"),
        ({"min_elevation_deg": [5, 10]}, "min_elevation_deg is a list of 2"),
        ({"start": [NOW, NOW]}, "start is 2 times"),
    ],
)
def test_bad_passes(changes, said):
    given_ = {"elements": STATION, "places": PLACES, "start": NOW, "end": END} | changes
    with pytest.raises(InputError, match=said) as error:
        quiet(orbits.passes, **given_)
    one_sentence(error)
