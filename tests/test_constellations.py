"""Designs against their figures, fleets against the tables, the growth of BeiDou by date."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest

from helpers import data
from helpers.inputs import InputError
from silkroad import constellations, orbits
from silkroad.values import AgeWarning
from tools import lessons

NOW = data.snapshot()
DESIGNS = data.load("constellations")
FLEET = data.load("beidou_satellites")
DAY = NOW + pd.to_timedelta(np.arange(0, 24.01, 0.25), unit="h")


def designed(system, orbit_class):
    rows = (DESIGNS["system"] == system) & (DESIGNS["orbit_class"] == orbit_class)
    return DESIGNS[rows].iloc[0]


@pytest.mark.parametrize("system", DESIGNS["system"].unique())
def test_counts_inclination_and_axis_are_those_of_the_design(system):
    rows = constellations.nominal(system)
    for orbit_class, group in rows.groupby("orbit_class"):
        design = designed(system, orbit_class)
        assert len(group) == design["satellites_nominal"], orbit_class
        assert (group["inclination_deg"] == design["inclination_deg"]).all()
        assert (group["bstar"] == 0).all()
        track = orbits.positions(group, DAY).values
        radius = np.linalg.norm(track, axis=2)
        swing_km = np.nan_to_num(design["eccentricity_nominal"]) * design["semi_major_axis_km"]
        assert np.abs(radius - design["semi_major_axis_km"]).max() < swing_km * 1.02 + 20
        highest = np.abs(orbits.subpoints(group, DAY)["lat"].values).max()
        assert highest == pytest.approx(design["inclination_deg"], abs=0.6)
    assert rows["name"].is_unique and rows.attrs["note"]
    assert set(data.sources(rows)["source_id"])  # the rows can be cited


@pytest.mark.parametrize("system", ["BDS-3", "GLONASS", "Galileo"])
def test_walker_pattern(system):
    """Nodes evenly spaced, satellites evenly spaced, next plane ahead by f * 360 / t."""
    total, planes, shift = map(int, designed(system, "MEO")["walker_notation"].split("/"))
    rows = constellations.nominal(system, "MEO")
    node = rows["raan_deg"].to_numpy().reshape(planes, -1)
    along = (rows["mean_anomaly_deg"] + rows["arg_perigee_deg"]).to_numpy().reshape(planes, -1)
    assert np.ptp(node, axis=1).max() < 1e-9
    assert np.allclose(np.diff(node[:, 0]) % 360, 360 / planes)
    assert np.allclose(np.diff(along, axis=1) % 360, 360 * planes / total)
    assert np.allclose(np.diff(along[:, 0]) % 360, shift * 360 / total)
    # the planes are where satellites of the system really fly
    nodes = constellations.flying(system)
    nodes = nodes.loc[nodes["orbit_class"] == "MEO", "raan_deg"].to_numpy()
    apart = np.abs((nodes[:, None] - node[:, 0] + 180) % 360 - 180).min(axis=1)
    assert np.median(apart) < 2


def test_gps_slots_stand_over_the_earth_as_in_the_standard():
    rows = constellations.nominal("GPS", date="1993-07-01T00:00Z")
    assert len(rows) == 24
    node = rows["raan_deg"].to_numpy().reshape(6, 4)[:, 0]
    assert node == pytest.approx((272.847 + 60 * np.arange(6)) % 360, abs=0.01)
    assert rows["mean_anomaly_deg"].iloc[[0, 23]].tolist() == [268.126, 135.346]
    greenwich = np.degrees(orbits.gmst_rad(NOW))
    later = constellations.nominal("GPS")["raan_deg"].iloc[0]
    assert (later - greenwich) % 360 == pytest.approx(272.847 - 279.06 + 360, abs=0.01)


@pytest.mark.parametrize("date", [None, "2012-12-27T06:00Z"])
def test_geostationary_satellites_keep_their_slots_for_a_day(date):
    start = NOW if date is None else pd.Timestamp(date)
    for system in ("BDS-1", "BDS-2", "BDS-3", "QZSS"):
        rows = constellations.nominal(system, ["GEO"], date)
        below = orbits.subpoints(rows, start + pd.to_timedelta(np.arange(25), unit="h"))
        slots = rows["name"].str.extract(r"([\d.]+)E$")[0].astype(float).to_numpy()
        assert np.abs(below["lon"].values - slots[:, None]).max() < 0.1
        assert np.abs(below["lat"].values).max() < 0.1


@pytest.mark.parametrize(
    ("system", "longitude", "count"),
    [("BDS-3", 118, 3), ("BDS-2", 118, 3), ("BDS-2", 95, 2), ("NavIC", 55, 2)],
)
def test_inclined_satellites_share_a_track_over_the_slot(system, longitude, count):
    rows = constellations.nominal(system, "IGSO")
    rows = rows[rows["name"].str.contains(f" {longitude}E")]
    assert len(rows) == count
    times = NOW + pd.to_timedelta(np.arange(0, 24, 1 / 60), unit="h")
    below = orbits.subpoints(rows, times)
    for lat, lon in zip(below["lat"].values, below["lon"].values, strict=True):
        at = np.flatnonzero((lat[:-1] < 0) != (lat[1:] < 0))
        assert len(at) == 2
        assert lon[at] == pytest.approx(longitude, abs=0.5)
    # They follow each other: the argument of latitude differs as the nodes do, the other way.
    along = rows["mean_anomaly_deg"] + rows["arg_perigee_deg"]
    assert np.allclose(np.diff(along + rows["raan_deg"]) % 360, 0)
    apart = np.sort(np.diff(np.sort(rows["raan_deg"])))
    assert apart == pytest.approx((180 if system == "NavIC" else 120), abs=1e-6) or (
        count == 2 and apart == pytest.approx(240, abs=1e-6)
    )


def test_quasi_zenith_satellites_dwell_in_the_north():
    below = orbits.subpoints(constellations.nominal("QZSS", "IGSO"), DAY)
    share = 0.5 + 2 * 0.075 / np.pi  # of time beyond the nodes of an orbit of eccentricity 0.075
    assert (below["lat"] > 0).mean().item() == pytest.approx(share, abs=0.01)
    high = below["height_km"].where(below["lat"] > 35).mean()
    assert high > below["height_km"].where(below["lat"] < -35).mean() + 4000
    assert (below["lon"].min("time") + below["lon"].max("time")).values / 2 == pytest.approx(
        135, abs=1
    )


def test_bds_2_meo_hold_four_slots_of_the_pattern():
    four = constellations.nominal("BDS-2", "MEO")
    full = constellations.nominal("BDS-3", "MEO").set_index("name")
    assert [name.split()[-1] for name in four["name"]] == ["A7", "A8", "B3", "B4"]
    like = full.loc[[f"BDS-3 MEO {name.split()[-1]}" for name in four["name"]]]
    assert np.allclose(four["mean_anomaly_deg"], like["mean_anomaly_deg"])


def test_bds_is_both_global_and_regional_design():
    assert len(constellations.nominal("BDS")) == 30 + 14
    assert len(constellations.nominal("BDS-3")) == 30


def test_no_warning_at_the_date_of_a_design():
    with warnings.catch_warnings():
        warnings.simplefilter("error", AgeWarning)
        orbits.positions(
            constellations.nominal("BDS-3", date="2035-01-01T00:00Z"), "2035-01-02T00:00Z"
        )


# as flying


def test_bds_3_flies_as_the_status_says():
    rows = constellations.flying("BDS-3")
    assert rows.groupby("orbit_class").size().to_dict() == {"GEO": 4, "IGSO": 3, "MEO": 24}
    known = FLEET.set_index("norad_id").loc[rows["norad_id"]]
    assert (known["status"] == "operational").all() and (known["generation"] == "BDS-3").all()
    assert (rows["launch_date"].to_numpy() == known["launch_date"].to_numpy()).all()
    assert set(rows["source_ids"].iloc[0].split(";")) > {"S049"}
    assert orbits.positions(rows, NOW).shape == (31, 1, 3)


def test_what_flies_of_each_system():
    counts = {name: len(constellations.flying(name)) for name in constellations.SYSTEMS[1:]}
    assert counts == {
        "BDS-2": 2,
        "BDS-3": 31,
        "BDS": 33,
        "GPS": 32,
        "GLONASS": 24,
        "Galileo": 32,
        "QZSS": 5,
        "NavIC": 8,
    }
    assert constellations.flying("GLONASS")["prn"].is_unique
    assert set(constellations.flying("NavIC")["orbit_class"]) == {"GEO", "IGSO"}
    assert set(constellations.flying("GPS")["orbit_class"]) == {"MEO"}


# as it grew


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2000-10-30", {"BDS-1": 1}),
        ("2003-06-01", {"BDS-1": 3}),
        ("2007-04-14", {"BDS-1": 3, "BDS-2": 1}),
        ("2012-12-26", {"BDS-1": 3, "BDS-2": 14}),
        ("2012-12-28", {"BDS-2": 14}),  # the 14 satellites of the declared regional service
        ("2020-06-24", {"BDS-2": 15, "BDS-3": 30, "BDS-3S": 5}),  # 30 at completion
        ("2026-06-14", {"BDS-2": 2, "BDS-3": 35, "BDS-3S": 5}),
    ],
)
def test_beidou_grows_and_retires(date, expected):
    rows = constellations.beidou_on(f"{date}T00:00Z")
    assert rows.groupby("generation").size().to_dict() == expected
    assert rows["launch_date"].is_monotonic_increasing
    assert {"generation", "orbit", "launch_date", "system", "orbit_class"} <= set(rows)
    assert rows["norad_id"].isin(FLEET["norad_id"]).all() and rows["norad_id"].is_unique
    assert np.isfinite(orbits.positions(rows, NOW)).all()
    data.sources(rows)


def test_first_satellites_stand_in_their_slots():
    rows = constellations.beidou_on("2003-06-01T00:00Z")
    below = orbits.subpoints(rows, NOW)
    slots = FLEET.set_index("norad_id").loc[rows["norad_id"], "nominal_slot_deg"]
    assert below["lon"].values.ravel() == pytest.approx(slots.to_numpy(), abs=0.1)


def test_ends_of_service_follow_the_notes():
    for row in FLEET[FLEET["end_date"].notna()].itertuples():
        if row.generation == "BDS-1":
            assert "superseded by BDS-2 in 2012" in row.notes
        elif row.status == "prn_withdrawn":
            assert "withdrawn in April 2026" in row.notes
        else:
            assert f"{row.end_date:%Y-%m-%d}" in row.notes
    assert (FLEET["end_date"].notna().sum(), (FLEET["end_date"] <= FLEET["launch_date"]).sum()) == (
        21,
        0,
    )
    assert re.search("2012-12-27", designed("BDS-2", "GEO")["declared_service_dates"])


# bad input


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: constellations.nominal("Gallileo"), "Galileo"),
        (lambda: constellations.flying("BDS3"), "BDS-3"),
        (lambda: constellations.nominal("GPS", ["GEO"]), "orbit class of GPS 'GEO'"),
        (lambda: constellations.nominal("BDS-3", []), "No orbit class of BDS-3"),
        (lambda: constellations.nominal("BDS-3", date="2026-06-14"), "no time zone"),
        (lambda: constellations.nominal("GPS", date=["2026-06-14T00:00Z"]), "one time"),
        (lambda: constellations.flying("BDS-1"), "nominal"),
        (lambda: constellations.beidou_on("2000-10-29T00:00Z"), "2000-10-30 or later"),
        (lambda: constellations.beidou_on("2010-10-29"), "no time zone"),
        (lambda: constellations.beidou_on(["2010-10-29T00:00Z"]), "one time"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises(InputError, match=said) as error:
        call()
    assert "\n" not in str(error.value) and str(error.value).endswith(".")


def test_satellites_of_the_table_are_placed_where_they_fly_or_at_their_longitude():
    now, table = data.snapshot(), data.load("satellites")
    placed = constellations.placed(table, now)
    assert placed[table.columns].equals(table)
    tracked = placed["norad_id"].isin(data.load("elements")["norad_id"])
    stands = ~tracked & placed["geo_longitude_deg"].notna()
    assert stands.any() and (placed.loc[stands, "lat"] == 0).all()
    assert (placed.loc[stands, "lon"] == placed.loc[stands, "geo_longitude_deg"]).all()
    assert placed["lat"].notna().equals(tracked | stands)
    geo = placed[tracked & (placed["orbit_class"] == "GEO") & (placed["status"] == "in_orbit")]
    away = (geo["lon"] - geo["geo_longitude_deg"] + 180) % 360 - 180
    assert away.abs().median() < 1 and geo["lat"].abs().max() < 16


# low satellites by the hundred: the model's arcs against a simulation of its own


def in_view(orbits_of, lat_deg, lons_deg, seconds, mask_deg=25):
    """Return how many satellites stand above the mask, as an array (time, place).

    Nothing of the model: circles in space, the Earth turned below them, and for each satellite,
    instant and place the elevation from two vectors, over a ball of the equator's radius.
    """
    radius = 6378.137 + orbits_of["height_km"].to_numpy()
    tilt, node = (
        np.radians(orbits_of[name].to_numpy()) for name in ("inclination_deg", "raan_deg")
    )
    along = np.radians(orbits_of["along_deg"].to_numpy())
    along = along + np.outer(seconds, np.sqrt(398600.4418 / radius**3))
    node = node - 7.2921159e-5 * np.asarray(seconds)[:, None]
    where = np.stack(
        [
            np.cos(node) * np.cos(along) - np.sin(node) * np.sin(along) * np.cos(tilt),
            np.sin(node) * np.cos(along) + np.cos(node) * np.sin(along) * np.cos(tilt),
            np.sin(along) * np.sin(tilt),
        ],
        axis=-1,
    )
    counts = []
    for lat, lon in np.radians([(lat_deg, lon) for lon in lons_deg]):
        up = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        away = radius[:, None] * where - 6378.137 * up
        high = np.degrees(np.arcsin(away @ up / np.linalg.norm(away, axis=-1)))
        counts.append((high >= mask_deg).sum(axis=1))
    return np.array(counts).T


DAY_S = np.arange(0, 86400, 40.0)
LONS = np.arange(-180, 180, 31.0)
SHELLS = data.load("leo_shells").set_index("shell")


@pytest.mark.parametrize(
    ("shell", "lat"), [("GW-2.3", 0), ("GW-2.3", 40), ("GW-A59.3", 0), ("first phase", 55)]
)
def test_the_fewest_satellites_leave_no_gap_in_a_simulation_and_fewer_leave_one(shell, lat):
    tilt, height = SHELLS.loc[shell, ["inclination_deg", "height_km"]].astype(float)
    total, planes, shift = constellations.fewest(tilt, height, lat)
    pattern = constellations.walker(total, planes, shift, tilt, height)
    assert in_view(pattern, lat, LONS, DAY_S, 24.99).min() >= 1
    assert constellations.covered(pattern, lat) == 1
    for fewer in range(planes):  # each shift of one satellite less in each plane
        less = constellations.walker(total - planes, planes, fewer, tilt, height)
        assert constellations.covered(less, lat) < 1
    share = pd.DataFrame([{"satellites": 1, "height_km": height, "inclination_deg": tilt}])
    assert total >= 1 / constellations.mean_in_view(share, lat)


@pytest.mark.parametrize("lat", [0, 30, 62])
def test_means_and_shares_of_what_flew_are_those_of_a_simulation(lat):
    flown = SHELLS[SHELLS["basis"] == "flown"][["constellation", "inclination_deg", "height_km"]]
    groups = data.load("leo_launches").merge(flown, on=["constellation", "inclination_deg"])
    assert len(groups) == 42
    early = groups[groups["launched"] < "2025-11-01"]
    orbits_of = constellations.one_plane_each(early)
    assert len(orbits_of) == early["satellites"].sum()
    seen = in_view(orbits_of, lat, LONS, DAY_S)
    mean = float(constellations.mean_in_view(early, lat))
    assert seen.mean() == pytest.approx(mean, rel=0.03)
    covered = constellations.covered(orbits_of, lat)
    assert (seen > 0).mean() == pytest.approx(covered, abs=0.02)
    assert 0.3 < covered < 1


def test_the_mean_is_the_share_of_the_earth_that_a_satellite_serves():
    one = pd.DataFrame([{"satellites": 1, "height_km": 1149.0, "inclination_deg": 50.0}])
    lat = np.arange(-89.75, 90, 0.5)
    weights = np.cos(np.radians(lat))
    mask = np.radians(25)
    cap = np.arccos(6378.137 / (6378.137 + 1149) * np.cos(mask)) - mask
    mean = constellations.mean_in_view(one, lat)
    assert (mean * weights).sum() / weights.sum() == pytest.approx((1 - np.cos(cap)) / 2, rel=1e-3)
    assert mean[np.abs(lat) > 50 + np.degrees(cap) + 0.5].max() == 0
    assert constellations.mean_in_view(one, 90) == 0
    polar = one.assign(inclination_deg=90.0)
    assert constellations.mean_in_view(polar, 90) == pytest.approx(np.degrees(cap) / 180, rel=3e-3)
    assert constellations.mean_in_view(one.iloc[:0], [0, 45]).tolist() == [0, 0]


def test_a_pattern_is_that_of_the_navigation_systems():
    rows = constellations.nominal("BDS-3", "MEO")
    pattern = constellations.walker(24, 3, 1, 55, 21528)
    nodes = (rows["raan_deg"] - rows["raan_deg"].iloc[0]) % 360
    assert nodes.to_numpy() == pytest.approx(pattern["raan_deg"].to_numpy())
    assert rows["mean_anomaly_deg"].to_numpy() == pytest.approx(pattern["along_deg"].to_numpy())


def test_filed_shells_are_what_the_filing_adds_to_and_launches_what_flew():
    filed = SHELLS[SHELLS["basis"] == "filed"]
    systems = data.load("leo_constellations").set_index("constellation")
    assert filed["satellites"].sum() == systems.loc["Guowang", "planned"] == 12992
    assert (filed["planes"] * filed["satellites_per_plane"] == filed["satellites"]).all()
    assert (filed["other_planes"] * filed["other_per_plane"] == filed["satellites"]).all()
    launched = data.load("leo_launches").groupby(["constellation", "inclination_deg"])["satellites"]
    flown = SHELLS[SHELLS["basis"] == "flown"].set_index(["constellation", "inclination_deg"])
    assert launched.sum().to_dict() == flown["satellites"].to_dict()
    total = data.load("leo_launches").groupby("constellation")["satellites"].sum()
    assert (total <= systems["launched"].reindex(total.index)).all()
    assert not filed["inclination_deg"].isin([86.5]).any()  # of no shell filed


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: constellations.walker(10, 3, 0, 50, 1000), "multiple"),
        (lambda: constellations.walker(9, 3, 3, 50, 1000), "shift"),
        (lambda: constellations.walker(9, 3, 0, 50, 10), "height_km"),
        (lambda: constellations.fewest(30, 1145, 55), "larger inclination"),
        (lambda: constellations.fewest(50, 1145, 91), "lat_deg"),
        (lambda: constellations.covered(pd.DataFrame(), 0), "orbits"),
        (lambda: constellations.mean_in_view(pd.DataFrame({"satellites": [1]}), 0), "height_km"),
        (lambda: constellations.one_plane_each(pd.DataFrame({"satellites": [1]})), "height_km"),
    ],
)
def test_bad_patterns(call, said):
    with pytest.raises(InputError, match=said) as error:
        call()
    assert "\n" not in str(error.value) and str(error.value).endswith(".")


def test_lesson_06_says_how_many_leave_no_gap():
    notebook = lessons.read(data.FOLDER.parent / "notebooks" / "06-satellite-phone.ipynb")
    words = next(cell.source for cell in notebook.cells if cell.id == "low-md-2")
    low, high = (SHELLS.loc[name] for name in ("GW-A59.3", "GW-2.3"))
    counts = [constellations.fewest(s.inclination_deg, s.height_km, 0)[0] for s in (low, high)]
    assert f"takes {counts[0]} satellites, at 1,149 km {counts[1]};" in words
    ratios = [s["satellites"] / count for s, count in zip((low, high), counts, strict=True)]
    assert min(ratios) > 10 and max(ratios) < 20 and "ten to twenty times" in words
