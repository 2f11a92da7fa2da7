"""Who sees a station: against walks round the orbit, Skyfield's angles and ERFA's Sun."""

import erfa
import numpy as np
import pandas as pd
import pytest
from skyfield.api import EarthSatellite, load, wgs84

from helpers import data
from helpers.inputs import InputError
from silkroad import orbits, station

ELEMENTS = data.load("elements").set_index("norad_id", drop=False)
TIANHE, WENTIAN = ELEMENTS.loc[[48274]], ELEMENTS.loc[[53239]]
NOW = data.snapshot()
CAPITALS = data.load("capitals").rename(columns={"capital": "name"}).set_index("iso3")


@pytest.mark.parametrize("inclination", [0, 28.0, 41.5, 51.6, 90, 97.8, 138.5])
@pytest.mark.parametrize("lat", [-90, -60, -41.6, 0, 35, 45, 55.75, 64.1, 90])
def test_highest_elevation_agrees_with_a_walk_round_all_orbits(lat, inclination):
    along = np.linspace(0, 2 * np.pi, 721)
    turn = np.radians(np.arange(0, 360, 0.5))[:, None]
    tilt, radius = np.radians(inclination), orbits.EQUATOR_KM + 390
    x, y, z = np.cos(along), np.sin(along) * np.cos(tilt), np.sin(along) * np.sin(tilt)
    xyz = radius * np.stack(
        [
            x * np.cos(turn) - y * np.sin(turn),
            x * np.sin(turn) + y * np.cos(turn),
            np.broadcast_to(z, (len(turn), len(z))),
        ],
        axis=-1,
    )
    up = orbits.zenith(lat, 0)
    away = xyz - orbits.earth_fixed(lat, 0)
    walked = np.degrees(np.arcsin((away @ up / np.linalg.norm(away, axis=-1)).max()))
    found = float(station.highest_elevation_deg(lat, inclination, 390))
    # Where it passes overhead the walk only comes near the zenith.
    assert found == pytest.approx(walked, abs=4.5 if found == 90 else 0.03)


def test_real_passes_never_exceed_the_highest_elevation():
    places = CAPITALS.reset_index(drop=True)
    found = orbits.passes(TIANHE, places, NOW, NOW + pd.Timedelta(days=6), 0)
    top = found.groupby("place")["max_elevation_deg"].max()
    # The orbit is not quite a circle: 400 km is above its highest point.
    limit = pd.Series(station.highest_elevation_deg(places["lat"], 41.5, 400), places["name"]).loc[
        top.index
    ]
    assert (top.to_numpy() <= limit.to_numpy() + 0.05).all()
    low = set(places["name"][station.highest_elevation_deg(places["lat"], 41.5, 400) < 9.9])
    above = set(found.loc[found["max_elevation_deg"] >= 10, "place"])
    assert {"Tallinn", "Riga", "Moscow"} <= low and not low & above


def test_the_sky_agrees_with_skyfield_and_erfa():
    times = pd.date_range(NOW, periods=300, freq="90s")
    place = CAPITALS.loc["PAK"]
    ours = station.sky(TIANHE, place, times)
    scale = load.timescale(builtin=True)
    row = TIANHE.iloc[0]
    omm = {
        "OBJECT_NAME": row["name"],
        "OBJECT_ID": row["cospar_id"],
        "EPOCH": row["epoch"].strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "MEAN_MOTION": row["mean_motion_rev_per_day"],
        "ECCENTRICITY": row["eccentricity"],
        "INCLINATION": row["inclination_deg"],
        "RA_OF_ASC_NODE": row["raan_deg"],
        "ARG_OF_PERICENTER": row["arg_perigee_deg"],
        "MEAN_ANOMALY": row["mean_anomaly_deg"],
        "EPHEMERIS_TYPE": 0,
        "CLASSIFICATION_TYPE": "U",
        "NORAD_CAT_ID": row["norad_id"],
        "ELEMENT_SET_NO": 999,
        "REV_AT_EPOCH": 1,
        "BSTAR": row["bstar"],
        "MEAN_MOTION_DOT": row["mean_motion_dot"],
        "MEAN_MOTION_DDOT": row["mean_motion_ddot"],
    }
    satellite = EarthSatellite.from_omm(scale, omm)
    at = scale.from_datetimes(times.to_pydatetime())
    topos = wgs84.latlon(place["lat"], place["lon"])
    elevation = (satellite - topos).at(at).altaz()[0].degrees
    assert np.abs(ours["elevation_deg"] - elevation).max() < 0.01

    jd2 = at.tt - 2451545.0
    earth, _ = erfa.epv00(2451545.0, jd2)
    towards = -earth["p"] / np.linalg.norm(earth["p"], axis=1, keepdims=True)
    here = topos.at(at).position.km.T
    here = here / np.linalg.norm(here, axis=1, keepdims=True)
    up = np.degrees(np.arcsin(np.sum(towards * here, axis=1)))
    # Skyfield's vector points from the centre: geocentric up differs by 0.2 degrees at most.
    assert np.abs(ours["sun_deg"] - up).max() < 0.25

    # Lit or not, by the angle at the satellite between the Earth and the Sun.
    seen = satellite.at(at).position.km.T
    distance = np.linalg.norm(seen, axis=1)
    angle = np.arccos(-np.sum(seen * towards, axis=1) / distance)
    hidden = angle < np.arcsin(6371 / distance)
    assert (hidden == ~ours["sunlit"]).mean() > 0.98 and hidden.any() and not hidden.all()


def test_reasons_follow_from_sun_and_shadow():
    table = station.sky(TIANHE, CAPITALS.loc["PAK"], pd.date_range(NOW, periods=1440, freq="60s"))
    by = table.groupby("reason")
    assert set(by.groups) == set(station.REASONS)
    assert (by["sun_deg"].min()["sky too bright"]) >= -6
    seen, shadow = (by.get_group(name) for name in station.REASONS[:2])
    assert seen["sunlit"].all() and (seen["sun_deg"] < -6).all()
    assert not shadow["sunlit"].any() and (shadow["sun_deg"] < -6).all()


def test_a_pass_is_seen_only_where_a_second_of_it_is():
    found = station.sightings(TIANHE, CAPITALS.loc["KEN"], NOW, NOW + pd.Timedelta(days=6))
    assert ((found["reason"] == "seen by eye") == (found["seen_seconds"] > 0)).all()
    assert 0 < (found["seen_seconds"] > 0).sum() < len(found)
    length = (found["set"] - found["rise"]).dt.total_seconds()
    assert (found["seen_seconds"] <= length + 10).all()
    for row in found.itertuples():  # one by one, second by second
        alone = station.sky(TIANHE, CAPITALS.loc["KEN"], pd.date_range(row.rise, row.set, freq="s"))
        assert abs((alone["reason"] == "seen by eye").sum() - row.seen_seconds) <= 10


def test_a_place_without_a_pass_has_an_empty_table():
    found = station.sightings(TIANHE, CAPITALS.loc["RUS"], NOW, NOW + pd.Timedelta(days=2))
    assert found.empty and {"reason", "seen_seconds"} <= set(found)


def test_two_sets_of_one_object_come_apart_with_age():
    times = pd.date_range(NOW, periods=7, freq="D")
    table = station.apart(TIANHE, WENTIAN, times)
    assert table["km"].is_monotonic_increasing
    assert table["km"].iloc[-1] > 10 * table["km"].iloc[0]
    assert table["ahead_km"].abs().le(table["km"] + 1e-9).all()
    assert np.allclose(table["seconds"].abs() * 7.4, table["ahead_km"].abs(), rtol=0.06)
    back = station.apart(WENTIAN, TIANHE, times)
    assert np.sign(back["ahead_km"].iloc[-1]) == -np.sign(table["ahead_km"].iloc[-1])
    assert not station.apart(TIANHE, TIANHE, times)["km"].any()


def test_the_highest_pass_rises_as_the_sky_says_within_the_band_of_two_sets():
    place, start = CAPITALS.loc["KEN"], NOW + pd.Timedelta(days=3)
    found = station.sightings(TIANHE, place, start, start + pd.Timedelta(days=1))
    table, band_s = station.first_seconds(found, TIANHE, WENTIAN, place)
    top = found.sort_values("max_elevation_deg").iloc[-1]
    times = top["rise"] + pd.to_timedelta(table["seconds"], unit="s")
    again = station.sky(TIANHE, place, times)["elevation_deg"].to_numpy()
    assert np.allclose(table["elevation_deg"], again) and again[0] == pytest.approx(10, abs=0.01)
    assert np.allclose(table["latest"] - table["earliest"], 2 * band_s)
    assert band_s == abs(station.apart(TIANHE, WENTIAN, [top["rise"]])["seconds"].item()) > 1
    nothing, none_s = station.first_seconds(found.iloc[:0], TIANHE, WENTIAN, place)
    assert nothing.empty and list(nothing) == list(table) and none_s == 0


def test_bad_input_is_one_sentence():
    place, times = CAPITALS.loc["PAK"], [NOW]
    with pytest.raises(InputError, match="one row"):
        station.sky(ELEMENTS.iloc[:2], place, times)
    with pytest.raises(InputError, match="one row"):
        station.apart(ELEMENTS.iloc[:2], TIANHE, times)
    with pytest.raises(InputError, match="0 to 180"):
        station.highest_elevation_deg(0, 181, 390)
    with pytest.raises(InputError, match="height_km"):
        station.highest_elevation_deg(0, 41.5, -1)
