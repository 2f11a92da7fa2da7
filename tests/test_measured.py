"""The measured day: its tables, against receivers' own fixes, statistics and brute force."""

import numpy as np
import pandas as pd
import pytest

from course import hearing, l05
from helpers import data, maps
from helpers.inputs import InputError
from silkroad import measured, orbits, positioning, receivers

ALONE = [("BDS",), ("GPS",), ("GAL",)]
ALL = ("BDS", "GPS", "GAL")


def fixed(systems, **settings):
    settings = {"ionosphere": measured.day_klobuchar(), "at": measured.antenna_m()} | settings
    table = receivers.fixes(
        measured.day_observations(), measured.day_messages(), systems, **settings
    )
    return table[["east_m", "north_m", "up_m"]].to_numpy()


# --- the tables


def test_the_tables_hold_the_day_within_a_megabyte():
    day, messages = data.load("receiver_day"), data.load("receiver_ephemerides")
    assert sorted(day["second_gps"].unique()) == list(range(0, 86_400, 300))
    counts = day.groupby(day["satellite"].str[0])["satellite"].nunique()
    assert counts["C"] == 29 and counts["G"] >= 30 and counts["E"] >= 22
    assert set(day["satellite"]) <= set(messages["satellite"]) | {"E14", "E18"}
    assert day["pseudorange_1_m"].notna().all() and 0.7 < day["pseudorange_2_m"].notna().mean() < 1
    assert messages["healthy"].all()
    names = ("receiver_day", "receiver_ephemerides", "receiver_phone", "gnss_accuracy")
    assert sum((data.FOLDER / f"{name}.csv").stat().st_size for name in names) <= 1_000_000


def test_the_station_and_the_makers_are_credited():
    credits = data.bibliography(data.load("receiver_day")).credits
    assert any("International GNSS Service" in c and "Danish Agency" in c for c in credits)


def test_the_header_s_place_is_076_m_beside_the_antenna():
    east, north, up = measured.frame_shift_m()
    assert (east, north) == pytest.approx((0.52, 0.56), abs=0.01)
    assert np.hypot(east, north) == pytest.approx(0.76, abs=0.005) and 0.216 < up < 0.35
    # The European plate there moves by 2.4 cm a year to the north-east.
    assert l05.speed_of_the_plate() == pytest.approx(2.4, abs=0.05)


# --- the fixes


@pytest.mark.parametrize("systems", [*ALONE, ALL])
def test_one_linear_step_is_the_iterated_fix_to_a_centimetre(systems):
    assert np.abs(measured.errors(systems) - fixed(systems)).max() < 0.011


@pytest.mark.parametrize("systems", [*ALONE, ALL])
@pytest.mark.parametrize("without", ["relativity", "group_delay", "earth_turn", "troposphere"])
def test_a_correction_left_out_is_one_switched_off_in_the_receiver(systems, without):
    off = fixed(systems, **{without: False})
    assert np.nanmax(np.abs(measured.errors(systems, without=without) - off)) < 0.15


# Horizontal and vertical 95 % in metres of RTKLIB 2.4.3 (rnx2rtkp, single point, 10 degrees,
# broadcast ionosphere, Saastamoinen) with the whole files, 2,880 epochs; Galileo without F/NAV.
RTKLIB_95 = {
    ("BDS",): (1.816, 2.925),
    ("GPS",): (2.236, 3.247),
    ("GAL",): (0.880, 2.003),
    ALL: (1.114, 1.464),
}


@pytest.mark.parametrize("systems", RTKLIB_95)
def test_the_thinned_day_has_rtklib_s_errors_within_02_m(systems):
    errors = measured.errors(systems)
    for size, theirs in zip(positioning.SIZES_95.values(), RTKLIB_95[systems], strict=True):
        assert size(errors) == pytest.approx(theirs, abs=0.2)


def test_each_correction_is_worth_what_the_lesson_says():
    sizes = {
        without: [
            size(measured.errors(("BDS",), without=without))
            for size in positioning.SIZES_95.values()
        ]
        for without in measured.WITHOUT
    }
    assert sizes[""] == pytest.approx([1.86, 2.83], abs=0.01)
    assert np.isinf(sizes["clock"]).all()
    assert sizes["earth_turn"][0] > 20 and sizes["troposphere"][1] > 15
    assert sizes["ionosphere"][1] > 2 * sizes[""][1] and sizes["group_delay"][1] > 10
    east = measured.errors(("BDS",), without="earth_turn")[:, 0].mean()
    assert 20 < east < 30
    alone = [positioning.vertical_95(measured.errors(s, without="free")) for s in ALONE[1:]]
    model = [positioning.vertical_95(measured.errors(s)) for s in ALONE[1:]]
    assert alone[0] > model[0] and alone[1] < model[1]  # two frequencies help Galileo's height


def test_a_mask_takes_ranges_away_and_moments_with_too_few():
    few = measured.errors(("BDS",), 40)
    used = measured.used(("BDS",), 40)
    count = np.isfinite(used["sigma_m"]).groupby(used["time"]).sum().to_numpy()
    assert np.isnan(few[count < 4, 0]).all() and (count < 4).any()
    assert np.isfinite(few[count >= 6, 0]).all()


def test_unknown_systems_and_corrections_are_refused():
    with pytest.raises(InputError, match="correction"):
        measured.used(("BDS",), without="weather")
    with pytest.raises(InputError, match="system"):
        measured.used(("GLO",))


# --- range errors


def test_dop_is_that_of_brute_force_and_of_the_receiver():
    ranges = measured.used(ALL)
    lat, lon, _ = orbits.geodetic(measured.antenna_m() / 1000)
    dops = positioning.measured_dops(ranges, lat, lon)
    first = ranges[(ranges["time"] == ranges["time"].min()) & np.isfinite(ranges["sigma_m"])]
    rise, turn = np.radians(first["elevation_deg"]), np.radians(first["azimuth_deg"])
    sky = [np.cos(rise) * np.sin(turn), np.cos(rise) * np.cos(turn), np.sin(rise)]
    clocks = [first["system"] == system for system in ALL]
    geometry = np.stack([*sky, *clocks], axis=1).astype(float)
    spread = np.diag(np.linalg.inv(geometry.T @ geometry))
    assert dops.loc[0, "hdop"] == pytest.approx(np.sqrt(spread[:2].sum()), rel=1e-9)
    assert dops.loc[0, "vdop"] == pytest.approx(np.sqrt(spread[2]), rel=1e-9)


def test_a_fitted_budget_finds_what_was_put_in():
    random = np.random.default_rng(7)
    elevation = random.uniform(10, 90, 60_000)
    true = positioning.BUDGET_M | {"ionosphere": 0, "troposphere": 0, "noise": 0}
    true |= {"orbit": 0.7, "multipath": 0.4}
    found = positioning.measured_budget(
        elevation, random.normal(0, positioning.sigma(elevation, true))
    )
    assert found == pytest.approx(true, abs=0.02)
    flat = positioning.measured_budget(elevation, random.normal(0, 2, elevation.size))
    assert flat["orbit"] == pytest.approx(2, abs=0.03) and flat["multipath"] < 0.3


def test_a_shared_delay_is_found_whatever_the_clocks():
    random = np.random.default_rng(8)
    ranges = measured.used(ALL)
    slant = positioning.ionosphere_slant(ranges["elevation_deg"])
    clocks = ranges["system"].astype(str).map({"BDS": 500.0, "GPS": -20.0, "GAL": 3.0})
    noise = random.normal(0, 0.01, len(ranges))
    made = ranges.assign(error_m=2.5 * slant + clocks + noise)
    assert positioning.shared_delay_m(made) == pytest.approx(np.full(288, 2.5), abs=0.05)
    left = positioning.less_clock(made[np.isfinite(made["sigma_m"])])
    assert np.abs(left).max() < 2.5 * (slant.max() - slant.min())


def test_the_measured_range_error_is_less_than_half_of_what_was_assumed():
    found = measured.range_error(("BDS",))
    assert found["error"] == pytest.approx(0.90, abs=0.01)
    assert found["assumed"] == pytest.approx(2.60, abs=0.01)
    for kind in positioning.SIZES_95:
        short_way, came = found[kind]
        assert 0.66 < short_way / came < 1.34
    budget, shared_m = measured.budget(("BDS",))
    low, high = positioning.sigma([12, 60], budget)
    assert low > 2.5 * high and 0.4 < shared_m < 0.7


# --- the words and points of the lesson


def test_points_of_the_day_stand_where_their_errors_say():
    errors = measured.errors(("BDS",))[:20]
    points = l05.day_points(errors)
    assert list(points["name"][:2]) == ["00:00", "00:05"] and len(points) == 20
    home = orbits.geodetic(measured.antenna_m() / 1000)
    place = orbits.earth_fixed(points["lat"].to_numpy(), points["lon"].to_numpy(), home[2])
    away = (place - measured.antenna_m() / 1000) @ positioning.axes(*home[:2]).T * 1000
    assert np.abs(away[:, :2] - errors[:, :2]).max() < 0.01


def test_moments_without_a_fix_have_no_point():
    for errors in (measured.errors(("BDS",), 40), np.full((12, 3), np.nan)):
        points = l05.day_points(errors)
        assert len(points) == np.isfinite(errors[:, 0]).sum()
        assert points[["lat", "lon"]].notna().all().all()


def test_the_headline_says_what_a_correction_is_worth_and_when_there_are_none():
    plain = measured.errors(("BDS",))
    assert "With all" not in l05.day_words(plain, plain)
    words = l05.day_words(measured.errors(("BDS",), without="troposphere"), plain)
    assert "vertical 17.9 m (limit 10 m: missed)" in words
    assert "With all corrections: 1.9 m and 2.8 m, so +1.7 m in the plane and +15.0 m" in words
    lost = l05.day_words(measured.errors(("BDS",), without="clock"), plain)
    assert "not reached" in lost and "No fix at" in lost and "nan" not in lost


# --- the telephone, and files of readers


def test_a_quarter_of_what_the_telephone_hears_is_beidou():
    station, words = hearing.own_file((), hearing.EXAMPLES[1])
    assert "Esbjerg" in words and hearing.fix_words(station, ()).startswith("Its fixes are those")
    heard = hearing.heard_table(station)
    assert (
        heard.loc["BeiDou", "satellites"] == 29 and heard.loc["BeiDou", "signals"] == "B1I and B3I"
    )
    table = hearing.heard_table(hearing.own_file(())[0])
    assert table["satellites"].to_dict() == {"BeiDou": 8, "Galileo": 10, "GLONASS": 7, "GPS": 8}
    assert table.loc["BeiDou", "signals"] == "B1I" and table.loc["BeiDou", "share, %"] == 24


def uploaded(text, name="mine.obs"):
    return ({"name": name, "content": memoryview(text.encode())},)


RINEX = """\
     3.05           OBSERVATION DATA    M: Mixed            RINEX VERSION / TYPE
G    2 C1C S1C                                              SYS / # / OBS TYPES
R    2 C1C S1C                                              SYS / # / OBS TYPES
C    2 C2I S2I                                              SYS / # / OBS TYPES
  2020     6    25     0     0    0.0000000     GPS         TIME OF FIRST OBS
                                                            END OF HEADER
> 2020 06 25 00 00  0.0000000  0  3
C27  26787295.653          38.000
G05  22787295.653          44.000
R01  21787295.653          40.000
"""


def test_a_reader_s_own_file_is_told_with_its_share_of_beidou():
    rows, words = hearing.own_file(uploaded(RINEX))
    assert words.startswith("mine.obs.")
    table = hearing.heard_table(rows)
    assert table["satellites"].to_dict() == {"BeiDou": 1, "GLONASS": 1, "GPS": 1}
    assert "3 satellites heard, 1 of BeiDou (33 %) on B1I." in hearing.heard_words(table)
    assert "No ephemerides are given" in hearing.fix_words(rows, ())
    only = hearing.heard_table(hearing.own_file(uploaded(RINEX.replace("C27", "G27")))[0])
    assert hearing.heard_words(only) == "3 satellites heard, none of BeiDou."


@pytest.mark.parametrize("text", ["", "hello", "<b>&'\"</b>", "北斗", RINEX[:300], "$GPGGA,1*00"])
def test_a_file_that_cannot_be_read_gets_a_sentence_and_the_telephone_stands_in(text):
    rows, words = hearing.own_file(uploaded(text, "odd.txt"))
    assert words.endswith("Shown is the telephone near Paris.") and "odd.txt" in words
    assert set(rows["system"]) == {"BeiDou", "GPS", "Galileo", "GLONASS"}
    assert hearing.fix_words(rows, uploaded(text, "nav.rnx")).count("\n") == 0


# --- the claim


def test_published_figures_at_95_percent_are_rms_times_the_factors():
    found = l05.published_95()
    assert found == pytest.approx({"horizontal": 1.3 * 1.7308, "vertical": 2.71 * 1.96}, rel=1e-4)


def test_the_table_beside_the_published_figures():
    table = l05.beside_published()
    assert table.loc["BDS-3", "vertical, published 2022"] == 2.7
    assert table.loc["BDS-3", "vertical, here 2020"] == pytest.approx(1.4, abs=0.05)
    assert isinstance(table, pd.DataFrame) and table.notna().all().all()


def test_a_map_metres_wide_keeps_its_metres_and_its_circles():
    points = l05.day_points(measured.errors(("BDS",))[:12])
    layer = maps.points(points, "Fixes")
    metre = 1 / 111_000  # of latitude, in degrees
    assert np.abs(np.array(layer.spec["lat"]) - points["lat"]).max() < metre / 100
    line = np.stack([points["lat"], points["lon"]], axis=1)
    drawn = np.array(maps.lines({"way": [line]}, "Way").spec["paths"][0][0])
    assert np.abs(drawn - line).max() < metre / 100
    close = maps.world([layer], title="Close", bounds=((55.4935, 8.456), (55.4937, 8.457)))
    assert close.crs == "EPSG3857" and maps.world([], title="World").crs == "EPSG4326"
