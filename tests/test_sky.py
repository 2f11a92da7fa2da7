"""My sky: directions, rise and set against Skyfield, PDOP against the model, and what is drawn."""

import pickle
import re
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from skyfield.api import EarthSatellite, wgs84
from skyfield.api import load as skyfield_load

from course import hearing, place, sky, stills, usual
from helpers import data
from helpers.inputs import InputError
from silkroad import (
    constellations,
    geometry,
    measured,
    orbits,
    positioning,
    station,
    visibility,
)

NOW = data.snapshot()
BEIDOU = constellations.flying("BDS-3")
TIMES = sky.times(NOW)
DAY = sky.Day(BEIDOU, orbits.positions(BEIDOU, TIMES))
NOON = NOW.floor("D") + pd.Timedelta("12h")
TIMESCALE = skyfield_load.timescale(builtin=True)
# From pole to pole, both sides of 180 degrees, the equator and capitals on the road.
PLACES = [
    *[(33.69, 73.06), (-1.29, 36.82), (39.9, 116.4), (-33.45, -70.67), (64.15, -21.94)],
    *[(90, 0), (-90, 0), (0, 110.5), (-17.8, 177.97), (51.17, -179.9)],
]


def theirs(row):
    """Return one row of the elements as Skyfield's satellite."""
    fields = {
        **{"EPOCH": f"{row.epoch:%Y-%m-%dT%H:%M:%S.%f}", "OBJECT_NAME": row.name_},
        **{"MEAN_MOTION": row.mean_motion_rev_per_day, "ECCENTRICITY": row.eccentricity},
        **{"INCLINATION": row.inclination_deg, "RA_OF_ASC_NODE": row.raan_deg},
        **{"ARG_OF_PERICENTER": row.arg_perigee_deg, "MEAN_ANOMALY": row.mean_anomaly_deg},
        **{"BSTAR": row.bstar, "MEAN_MOTION_DOT": 0, "MEAN_MOTION_DDOT": 0},
        **{"NORAD_CAT_ID": row.norad_id, "OBJECT_ID": "2020-001A", "EPHEMERIS_TYPE": 0},
        **{"CLASSIFICATION_TYPE": "U", "ELEMENT_SET_NO": 1, "REV_AT_EPOCH": 1},
    }
    return EarthSatellite.from_omm(TIMESCALE, fields)


THEIRS = [theirs(row) for row in BEIDOU.rename(columns={"name": "name_"}).itertuples()]


@pytest.mark.parametrize("where", PLACES)
def test_directions_of_a_day_are_those_of_skyfield(where):
    over = DAY.over(*where)
    here, at = wgs84.latlon(*where), TIMESCALE.from_datetimes(list(TIMES[::6].to_pydatetime()))
    for number, satellite in enumerate(THEIRS):
        altitude, azimuth, _ = (satellite - here).at(at).altaz()
        assert np.allclose(over.elevation_deg[number, ::6], altitude.degrees, atol=2e-4)
        turn = (over.azimuth_deg[number, ::6] - azimuth.degrees + 180) % 360 - 180
        assert (np.abs(turn) * np.cos(altitude.radians)).max() < 2e-4


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("mask_deg", [5, 25])
def test_rise_and_set_at_the_mask_are_those_of_skyfield(where, mask_deg):
    """At our times its satellite stands at the mask, and goes through it the way we say.

    (Its own search for events merges those of slow satellites, so it is no judge of them.)
    """
    over, here = DAY.over(*where, mask_deg), wgs84.latlon(*where)
    assert len(over.changes) > 20 or abs(where[0]) == 90
    for number, satellite in enumerate(THEIRS):
        ours = over.changes.query(f"satellite == {number}")
        above = over.elevation_deg[number, 1:-1] >= mask_deg
        assert len(ours) == (above[1:] != above[:-1]).sum()
        for one in ours.itertuples():
            around = one.time + pd.to_timedelta([-20, 0, 20], unit="s")
            at = TIMESCALE.from_datetimes(list(around.to_pydatetime()))
            before, now, after = (satellite - here).at(at).altaz()[0].degrees
            assert now == pytest.approx(mask_deg, abs=0.02), (BEIDOU["name"].iloc[number], one.time)
            assert (after > before) == one.comes


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("mask_deg", [0, 5, 30, 60])
def test_the_curves_are_those_of_the_model(where, mask_deg):
    over = DAY.over(*where, mask_deg)
    wants = ["pdop", "in_view"]
    model = visibility.dop(DAY.positions, [where[0]], [where[1]], mask_deg, False, want=wants)
    assert np.array_equal((over.above >= 0).sum(axis=0), model["in_view"].values[:, 0])
    theirs, good = model["pdop"].values[:, 0], over.pdop < 1000
    assert np.array_equal(np.isfinite(over.pdop) & good, np.isfinite(theirs) & (theirs < 1000))
    assert np.allclose(over.pdop[good], theirs[good], rtol=1e-6)


def test_north_is_up_and_east_at_the_right():
    x, y = sky.on_plot([0, 90, 180, 270, 45], [0, 0, 0, 0, 45])
    assert np.allclose(x, [0, 1, 0, -1, np.sqrt(0.125)], atol=1e-12)
    assert np.allclose(y, [1, 0, -1, 0, np.sqrt(0.125)], atol=1e-12)
    assert np.allclose(sky.on_plot([0, 123, 360], 90), 0), "the zenith is the middle"
    letters = words_at(sky.plot(DAY.over(*PLACES[0]), NOON))
    assert letters["N"][1] < letters["W"][1] < letters["S"][1], "down the page"
    assert letters["W"][0] < letters["N"][0] < letters["E"][0]
    assert letters["E"][0] - letters["W"][0] == pytest.approx(
        letters["S"][1] - letters["N"][1], abs=9
    )


def words_at(layer):
    """Return {word: (x, y)} of a drawing."""
    found = re.findall(r'<text x="(-?\d+)" y="(-?\d+)"[^>]*>([^<]*)<', layer.spec["wide"])
    return {word: (int(x), int(y)) for x, y, word in found}


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize(("mask_deg", "street"), [(0, None), (5, 0), (60, None), (30, 90), (5, 33)])
def test_marks_lie_inside_the_circle_and_words_on_the_page(where, mask_deg, street):
    over = DAY.over(*where, mask_deg, street)
    for time in (TIMES[8], NOON, TIMES[-9]):
        layer, rows = sky.plot(over, time), over.at(time)
        assert (np.hypot(rows["x"], rows["y"]) <= 1 + 1e-9).all()
        assert len(layer.spec["values"]) == len(layer.spec["boxes"]) == len(rows)
        wide, tall = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', layer.spec["wide"]).groups())
        for box in layer.spec["boxes"]:
            assert 0 < box[0] < box[2] + 1 <= wide + 1 and 0 < box[1] < tall
        for x, y in words_at(layer).values():
            assert 0 < x < wide and 0 < y < tall
        hidden = over.hidden_below(rows["azimuth_deg"])
        assert (rows["in_view"] == (rows["elevation_deg"] >= hidden)).all()
        assert set(rows["kind"]) <= {*usual.LOOKS["orbit_class"], sky.HIDDEN}
        assert layer.table["in_view"].tolist() == rows["in_view"].tolist()
        for mark in sky._tracks(over, time):
            ways = mark.frame[["x", "y"]].dropna()
            assert (np.hypot(ways["x"], ways["y"]) <= 1.06).all()


def test_words_of_satellites_do_not_lie_upon_each_other():
    for where in PLACES:
        boxes = []
        for x, y, anchor, word in re.findall(
            r'<text x="(-?\d+)" y="(-?\d+)"(?: font-size="\d+")?(?: text-anchor="(\w+)")?'
            r"[^>]*>([^<]*)<",
            sky.plot(DAY.over(*where), NOON).spec["wide"],
        ):
            wide = 1000 * len(word) * 0.055  # less than the letters take
            left = int(x) - {"middle": wide / 2, "end": wide}.get(anchor, 0)
            box = (left, int(y) - 70, left + wide, int(y))
            for other in boxes:
                apart = box[0] >= other[2] or other[0] >= box[2]
                assert apart or box[1] >= other[3] or other[1] >= box[3], (where, word)
            boxes.append(box)


def test_a_street_hides_what_its_houses_hide():
    over = DAY.over(*PLACES[0], 5, 0)  # north to south
    assert over.hidden_below([0, 180]) == pytest.approx(5)
    assert over.hidden_below([90, 270]) == pytest.approx(sky.ROOFS_DEG)
    open_country = DAY.over(*PLACES[0], 5)
    assert (over.above <= open_country.above + 1e-9).all()
    assert "houses" in sky.plot(over, NOON).spec["wide"]
    assert "houses" not in sky.plot(open_country, NOON).spec["wide"]
    islamabad = place.towns().loc["Islamabad"]
    assert "and the roofs" in sky.words(over, NOON, islamabad)


def test_a_sky_without_a_satellite_says_so():
    few = BEIDOU[BEIDOU["name"] == "BEIDOU-3 G1"]  # over 140 degrees east
    over = sky.Day(few, orbits.positions(few, TIMES)).over(-33.45, -70.67)
    santiago = place.towns().loc["Santiago"]
    assert "no satellite is in view above 5°" in sky.words(over, NOON, santiago)
    layer = sky.plot(over, NOON)
    assert "no satellite above the horizon" in layer.spec["wide"]
    assert layer.spec["values"] == [] and layer.table.empty
    assert "0 satellites in view" in layer.summary
    curves = sky.curves(over, NOON)
    assert "no fix" in curves.spec["values"][0] and set(curves.table["PDOP"]) == {"no fix"}


def test_a_sentence_begins_with_the_name_that_the_map_has():
    over = DAY.over(*PLACES[0])
    rows = over.at(NOON)
    for row, said in zip(rows.itertuples(), sky.plot(over, NOON).spec["values"], strict=True):
        assert said.startswith(f"{row.name}: {row.orbit_class}, azimuth {row.azimuth_deg:.0f}°")
        assert ("in view" in said) == row.in_view
    geo = next(s for s in sky.plot(over, NOON).spec["values"] if "GEO" in s)
    assert geo.endswith("in view to the end of the day")
    until = rows["until"].dropna()
    assert (until > NOON).all() and len(until) > 5


def test_the_arrow_points_where_the_satellite_goes():
    x = np.array([[0.0, 0.1, 0.2]])
    heads = sky._arrows(x, 0 * x)
    assert heads[0][0, 1] == pytest.approx(0.2), "the tip is the end of the way"
    assert (heads[0][0, [0, 2]] < 0.2).all()
    assert np.isnan(sky._arrows(np.full((1, 3), 0.5), np.full((1, 3), 0.5))).all(), "it stands"


def test_a_still_of_it_is_drawn():
    picture = stills.png(sky.plot(DAY.over(*PLACES[0], 30, 0), NOON))
    assert picture.startswith(b"\x89PNG") and len(picture) > 10_000


def test_what_is_no_sky_is_refused():
    with pytest.raises(InputError, match="mask_deg is 95"):
        DAY.over(0, 0, 95)
    with pytest.raises(InputError, match="no time of this sky"):
        DAY.over(0, 0).at(NOON + pd.Timedelta("1min"))
    with pytest.raises(InputError, match="lat"):
        DAY.over(95, 0)


STATION = data.load("elements").query("norad_id == 48274")
WAYS = {
    "seen by eye": ("yellow", "star"),
    "in the Earth's shadow": ("black", "down"),
    "sky too bright": ("sky", "circle"),
}


@pytest.mark.parametrize("city", ["Santiago", "Islamabad", "Nairobi"])
def test_the_ways_of_a_day_are_those_of_skyfield_in_local_time(city):
    row, start = place.towns().loc[city], NOW.floor("D")
    found = station.sightings(STATION, row, start, start + pd.Timedelta("1D"))
    found = found[~found["rise_clipped"] & ~found["set_clipped"]]
    layer = sky.ways(found, STATION, row, WAYS)
    assert len(layer.table) == len(found) == len(layer.spec["values"]) > 2
    satellite = theirs(next(STATION.rename(columns={"name": "name_"}).itertuples()))
    for one, told in zip(found.itertuples(), layer.table.to_dict("records"), strict=True):
        at = TIMESCALE.from_datetimes([t.to_pydatetime() for t in (one.rise, one.set)])
        here = wgs84.latlon(row["lat"], row["lon"])
        altitude, azimuth, _ = (satellite - here).at(at).altaz()
        assert altitude.degrees == pytest.approx([10, 10], abs=0.05)
        assert [told["from"], told["to"]] == [geometry.compass(a) for a in azimuth.degrees]
        there = one.culmination.tz_convert(place.zone(row))
        assert told["top"] == f"{there:%H:%M}" and told["reason"] == one.reason


def test_the_rise_of_each_pass_stands_where_its_way_begins():
    """The tops of a day lie close together, and six hours of 389 found no room there."""
    letters = [(0, 1.07), (1.07, 0), (0, -1.07), (-1.07, 0)]
    for city, day in product(["Santiago", "Islamabad", "Nairobi"], range(11)):
        row, start = place.towns().loc[city], NOW.floor("D") + pd.Timedelta(days=day)
        found = station.sightings(STATION, row, start, start + pd.Timedelta("1D"))
        found = found[~found["rise_clipped"]]  # its way begins high in the sky
        layer = sky.ways(found, STATION, row, WAYS)
        hours = re.findall(r">(\d\d:\d\d)</text>", layer.spec["wide"])
        assert sorted(hours) == sorted(layer.table["rise"])
        moved = sky._apart(begins := np.arange(200, 200 + 4 * len(found), 4))
        assert (np.abs(moved - begins) < 60).all() and (np.diff(moved) > 0).all()
        every = [*zip(*sky.on_plot(moved, sky.RIM_DEG), strict=True), *letters]
        for (x, y), (a, b) in combinations(every, 2):
            assert abs(x - a) >= sky.HOUR_WIDE or abs(y - b) >= sky.HOUR_HIGH


def test_a_day_without_a_pass_says_so():
    moscow = place.towns().loc["Moscow"]
    none = station.sightings(STATION, moscow, NOW, NOW + pd.Timedelta("1D"))
    layer = sky.ways(none, STATION, moscow, WAYS)
    assert none.empty and "no pass on that day" in layer.spec["wide"] and "no pass" in layer.summary


def test_where_to_point_is_said_of_each():
    three = data.load("elements").query("name.str.startswith('TIANTONG')").assign(orbit_class="GEO")
    moment = NOW.floor("15min")
    over = sky.Day(three, orbits.positions(three, sky.times(moment))).over(-1.29, 36.82, 20)
    said = sky.pointing(over, moment, "Nairobi")
    assert said.startswith("Nairobi. TIANTONG-1 3: east (")
    assert "TIANTONG-1 1: east" in said and "too low" in said
    assert said.endswith("TIANTONG-1 2: below the horizon.")


def test_the_receivers_sky_is_what_it_heard_and_its_ellipse_that_of_the_fixes():
    rows = hearing.named(measured.used(("BDS",)))
    rows = rows[rows["time"] < rows["time"].min() + pd.Timedelta("6h")]
    errors = measured.errors(("BDS",))[:72]
    layer = sky.received(rows, errors, hearing.LOOKS, mask_deg=10)
    now = rows[rows["time"] == rows["time"].max()]
    assert set(layer.table["satellite"]) == set(now["satellite"])
    assert len(layer.spec["values"]) == len(now) == len(layer.table)
    fixed = errors[~np.isnan(errors[:, 0]), :2]
    major, minor, azimuth = positioning.error_ellipse(np.cov(fixed.T))
    assert f"{major:.1f} × {minor:.1f} m" in layer.summary
    [drawn] = sky._ellipse(errors)
    far = drawn.frame.loc[np.hypot(drawn.frame["x"], drawn.frame["y"]).idxmax()]
    long_way = np.degrees(np.arctan2(far["x"], far["y"])) % 180
    assert abs((long_way - azimuth + 90) % 180 - 90) < 3, "its long axis points as the fixes spread"
    assert sky._ellipse(np.full((9, 3), np.nan)) == []


def test_the_line_of_the_hour_stands_where_the_axis_has_that_hour():
    over = DAY.over(*PLACES[0])
    packed = pickle.loads(pickle.dumps(sky.curves(over, NOON)))  # as a recording keeps it
    assert packed.spec == sky.curves(over, NOON).spec
    assert sky.curves(over, NOON).spec["boxes"] == sky.curves(over, TIMES[8]).spec["boxes"]
    for hour in (0, 6, 12.25, 24):
        layer = sky.curves(over, NOW.floor("D") + pd.Timedelta(hours=hour))
        for way in ("wide", "narrow"):
            orange = re.findall(r'd="M(\d+) \d+l0 ?-?\d+"[^>]*stroke="#D55E00"', layer.spec[way])
            ticks = re.findall(
                r'<text x="(\d+)"[^>]*text-anchor="middle"[^>]*>(\d+)<', layer.spec[way]
            )
            zero, full = ([int(x) for x, word in ticks if word == end] for end in ("0", "24"))
            assert len(orange) == 2 and len(zero) >= len(full) == 2
            for line, left, right in zip(map(int, orange), zero, full, strict=False):
                assert line == pytest.approx(left + hour / 24 * (right - left), abs=2)
