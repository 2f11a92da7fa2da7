"""Input of a slightly other form: each public function of the models answers, or says a sentence.

`CALLS` holds one good call of every public function. Each argument of each call is then replaced,
one at a time, by what people give by mistake: text, nothing, a list where one is meant, a table, a
number too large. The answer is as finite as the good one, or an InputError of one sentence.
"""

import inspect
import warnings
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import data
from helpers.inputs import InputError
from silkroad import (
    constellations,
    dates,
    geometry,
    imaging,
    launch,
    money,
    network,
    orbits,
    positioning,
    satcom,
    station,
    stats,
    sun,
    values,
    visibility,
)

NOW = pd.Timestamp("2026-06-14T00:00Z")
TIMES = pd.date_range(NOW, periods=8, freq="60s")
ELEMENTS = data.load("elements")
GPS = constellations.nominal("GPS").iloc[::4]
EYE = ELEMENTS[ELEMENTS["name"].str.startswith("GAOFEN-1")].iloc[[0]]
SKY = orbits.positions(GPS, TIMES[:2])
BELOW = orbits.subpoints(EYE, TIMES)
PDOP = visibility.dop(SKY, [0, 30], [0, 90], want=["pdop"])["pdop"].fillna(99)
FIELD = xr.DataArray(np.ones((3, 4)), {"lat": [-60, 0, 60], "lon": [-180, -90, 0, 90]})
PLACES = pd.DataFrame({"name": ["Quito", "Suva"], "lat": [-0.2, -18.1], "lon": [-78.5, 178.4]})
FROM_TO = {"lat1": 1.0, "lon1": 2.0, "lat2": 3.0, "lon2": 4.0}
RING = [0, 0, 10, 10], [170, -170, -170, 170]
SHAPES = data.shapes()
BORDERS = geometry.borders({"features": SHAPES["features"][:5]})
BORDER = next(iter(BORDERS.values()))
MARKET = data.load("gnss_market")
RATES = money.exchange_rates(MARKET)
CAME = MARKET[(MARKET["metric"] == "gnss_installed_base") & (MARKET["scope"] == "World")]
AHEAD = MARKET[MARKET["forecast"] & MARKET["published"].notna()].iloc[:2]
FIGURE = dict.fromkeys(money.SAME, "x")
FLEET = pd.DataFrame({"name": ["A", "B"], "longitude_deg": [100.0, 120.0], "inclination_deg": 3.0})
HIGH = satcom.positions(FLEET, [0, 3])
LINK = {"eirp_dbw": 5.0, "range_km": 39000.0, "frequency_ghz": 2.0, "g_t_db_k": 12.0}
LINK |= {"bit_rate_kbps": 4.0, "ebn0_db": 3.0}
YEARLY = MARKET[MARKET["metric"].eq("cny_per_usd_annual_average")].set_index("year")["value"]
CSS = ELEMENTS[ELEMENTS["name"].str.contains("TIANHE")].iloc[[0]]
HOME = {"name": "Islamabad", "lat": 33.7, "lon": 73.1}
CAMERAS = imaging.cameras()
HOURS = pd.date_range(NOW, periods=200, freq="60s")
NEAR = imaging.looks(orbits.subpoints(imaging.carriers(CAMERAS[:6]), HOURS), PLACES, 20)
SEEN = imaging.in_reach(NEAR, CAMERAS, imaging.WHOSE[2], 45)
WAITS = pd.DataFrame([[1.0, 2.0]], index=["Quito"])
TRACK = {"latitude_deg": 28.0, "longitude_deg": 102.0, "inclination_deg": 60.0}
PASSES = orbits.passes(CSS, PLACES, NOW, NOW + pd.Timedelta("1D"))
CABLES, LANDINGS = data.load("cables"), data.load("cable_landings")
FULL = orbits.positions(constellations.nominal("GPS"), NOW)
RISEN = visibility.look_angles(FULL, HOME["lat"], HOME["lon"])["elevation_deg"].values[:, 0] > 10
SEEN_KM = FULL.values[RISEN, 0]
HOME_KM = orbits.earth_fixed(HOME["lat"], HOME["lon"])
RANGES = {"satellites_km": SEEN_KM, "sigma_m": 1.0}
RANGES["pseudoranges_m"] = 1000 * np.linalg.norm(SEEN_KM - HOME_KM, axis=1)
ONE_NAME = LANDINGS.assign(place="A")
YEARS = data.load("launches_by_year")

SHELLS = pd.DataFrame({"satellites": [9, 8], "height_km": [1145.0, 508.0]})
SHELLS["inclination_deg"] = [86.5, 50.0]
PATTERN = {"satellites": 24, "planes": 3, "shift": 1, "inclination_deg": 55.0, "height_km": 1145.0}
CALLS = {
    "constellations.nominal": {"system": "GPS", "orbit_classes": ["MEO"], "date": NOW},
    "constellations.flying": {"system": "BDS-3"},
    "constellations.beidou_on": {"date": NOW},
    "constellations.placed": {"satellites": data.load("satellites"), "now": NOW},
    "constellations.walker": PATTERN,
    "constellations.one_plane_each": {"groups": SHELLS},
    "constellations.mean_in_view": {"shells": SHELLS, "lat_deg": 30.0, "mask_deg": 25.0},
    "constellations.covered": {"orbits": constellations.walker(**PATTERN), "lat_deg": 30.0},
    "dates.middle": {"dates": ["2016", "2016-11-30"]},
    "dates.end": {"dates": ["2016", "2016-11-30"]},
    "geometry.great_circle_km": {"lat1": 1.0, "lon1": 2.0, "lat2": [3.0, 4.0], "lon2": 5.0},
    "geometry.great_circle": FROM_TO | {"points": 9},
    "geometry.off_great_circle_km": {"lat": 1.0, "lon": 2.0} | FROM_TO,
    "geometry.destination": {"lat": 1.0, "lon": 2.0, "bearing_deg": 30.0, "arc_deg": [1.0, 2.0]},
    "geometry.bearing_deg": FROM_TO,
    "geometry.compass": {"bearing_deg": 45.0},
    "geometry.split_antimeridian": {"lat": [0.0, 1.0], "lon": [170.0, -170.0]},
    "geometry.split_ring": {"lat": RING[0], "lon": RING[1]},
    "geometry.rings": {"feature": SHAPES["features"][0]},
    "geometry.borders": {"shapes": {"features": SHAPES["features"][:3]}, "key": "iso3"},
    "geometry.inside": {
        "lat": [0.0, 30.0],
        "lon": [0.0, 70.0],
        "border": BORDER,
    },
    "geometry.country_at": {"lat": [0.0, 30.0], "lon": [0.0, 70.0], "borders": BORDERS},
    "imaging.node_rate": {"height_km": 645.0, "inclination_deg": 98.0, "eccentricity": 0.1},
    "imaging.sun_synchronous_inclination": {"height_km": 645.0, "eccentricity": 0.1},
    "imaging.cameras": {},
    "imaging.carriers": {"cameras": CAMERAS},
    "imaging.half_swath_angle": {"height_km": 645.0, "swath_km": 60.0, "roll_deg": 10.0},
    "imaging.look_angle": {"height_km": 645.0, "angle_deg": 3.0},
    "imaging.ground_angle": {"height_km": 645.0, "look_deg": 30.0},
    "imaging.beside": {"below": BELOW, "angle_deg": 3.0},
    "imaging.last_turn": {
        "below": BELOW,
        "satellite": EYE["name"].item(),
        "until": TIMES[-1],
        "minutes": 5,
    },
    "imaging.strip_edges": {"height_km": 645.0, "swath_km": 60.0, "roll_deg": 10.0},
    "imaging.strip": {"below": BELOW, "left_deg": -3.0, "right_deg": 3.0},
    "imaging.strips": {"below": BELOW, "left_deg": -3.0, "right_deg": 3.0, "lit": True},
    "imaging.crossing_by_day": {"below": BELOW},
    "imaging.visits": {
        "below": BELOW,
        "half_angle_deg": 5.0,
        "lat": [0.0, 10.0],
        "lon": [0.0, 10.0],
        "usable": np.ones((1, 8), bool),
    },
    "imaging.looks": {
        "below": BELOW,
        "places": PLACES,
        "within_deg": 40.0,
        "sun_shift": pd.Timedelta("9D"),
    },
    "imaging.farthest_look_deg": {"cameras": CAMERAS, "roll_deg": 30.0},
    "imaging.in_reach": {
        "looks": NEAR,
        "cameras": CAMERAS,
        "whose": imaging.WHOSE[2],
        "roll_deg": 45.0,
    },
    "imaging.lit": {"below": BELOW, "lowest_sun_deg": 10.0},
    "imaging.by_light": {"looks": SEEN, "lowest_sun_deg": 10.0},
    "imaging.first_image": {"looks": NEAR, "when": NOW},
    "imaging.waiting_hours": {"looks": NEAR, "places": ["Quito"], "starts": TIMES[:1]},
    "imaging.median_and_worst": {"waiting": WAITS},
    "launch.eastward_speed_m_s": {"latitude_deg": 19.6},
    "launch.orbital_speed_m_s": {"height_km": 200.0},
    "launch.minimum_inclination": {"latitude_deg": 19.6},
    "launch.reachable": {"inclination_deg": 60.0, "latitude_deg": 19.6},
    "launch.azimuth": {"inclination_deg": 60.0, "latitude_deg": 19.6, "height_km": 200.0},
    "launch.needed_speed_m_s": {"inclination_deg": 60.0, "latitude_deg": 19.6, "height_km": 200.0},
    "launch.launch_track": TRACK | {"direction": "northbound", "minutes": 9.0, "height_km": 200.0},
    "launch.first_kilometres": {
        "track": lambda minutes: launch.launch_track(**TRACK, minutes=minutes),
        "total_km": 1000.0,
        "steps": 10,
    },
    "launch.plane_change_m_s": {"speed_m_s": 7800.0, "angle_deg": 20.0},
    "launch.geostationary_cost_m_s": {"inclination_deg": 20.0, "perigee_km": 200.0},
    "launch.best_split": {"inclination_deg": 20.0, "perigee_km": 200.0},
    "launch.mass_ratio": {"delta_v_m_s": 1500.0, "isp_s": 320.0},
    "launch.attempts_by": {"years": YEARS, "show": "outcome"},
    "launch.success_rates": {"vehicles": data.load("launch_vehicles"), "level": 0.9},
    "money.figures": {"market": MARKET, "metric": "gnss_installed_base", "scope": "World"},
    "money.exchange_rates": {"market": MARKET},
    "money.exchange_rate": {"rates": RATES, "when": 2016},
    "money.to_dollars": {"yuan": 211.8, "rate": 6.64},
    "money.printed": {"value": 33.24, "decimals": 2},
    "money.rate_used": {"yuan": 211.8, "dollars": 33.24},
    "money.fitting_dates": {"rates": RATES, "low": 6.0, "high": 7.0},
    "money.growth": {"first": 70.0, "last": 575.8, "years": 13.0},
    "money.trend": {"series": {2011: 1.0, 2012: 2.0, 2014: 3.0}, "level": 0.95},
    "money.trend_band": {"series": {2011: 1.0, 2012: 2.0, 2014: 3.0}, "level": 0.9, "steps": 9},
    "money.real": {"series": {2011: 1.0, 2012: 2.0}, "inflation": 0.03, "base_year": 2011},
    "money.known_in": {"rows": MARKET, "year": 2020},
    "money.from_known_to_forecast": {"rows": MARKET.assign(said="x")},
    "money.forecasts_against": {"ahead": AHEAD, "came": CAME, "year": 2024},
    "money.differences": {"one": FIGURE, "other": FIGURE},
    "network.graph": {"landings": LANDINGS, "cables": CABLES, "links": data.load("assumed_links")},
    "orbits.positions": {"elements": CSS, "times": TIMES},
    "orbits.subpoints": {"elements": CSS, "times": TIMES},
    "orbits.subpoints_of": {"positions": SKY},
    "orbits.below": {"elements": GPS, "time": NOW},
    "orbits.with_subpoints": {"elements": GPS, "positions": SKY.isel(time=0)},
    "orbits.geodetic": {"xyz_km": [7000.0, 0.0, 0.0]},
    "orbits.earth_fixed": {"lat": 1.0, "lon": 2.0, "height_km": 0.1},
    "orbits.zenith": {"lat": 1.0, "lon": 2.0},
    "orbits.ground_track": {"elements": CSS, "start": NOW, "hours": 1.0, "step_minutes": 5.0},
    "orbits.passes": {
        "elements": CSS,
        "places": PLACES,
        "start": NOW,
        "end": NOW + pd.Timedelta("6h"),
        "min_elevation_deg": 10.0,
    },
    "orbits.age_days": {"elements": CSS, "time": NOW},
    "orbits.semi_major_axis_km": {"mean_motion_rev_per_day": 15.0},
    "orbits.period_hours": {"semi_major_axis_km": 7000.0},
    "orbits.geostationary_height_km": {},
    "orbits.with_orbit_class": {"elements": CSS},
    "orbits.synthetic_elements": {
        "epoch": NOW,
        "height_km": 500.0,
        "inclination_deg": 50.0,
        "eccentricity": 0.01,
        "lon": 100.0,
    },
    "orbits.gmst_rad": {"times": TIMES},
    "positioning.solve": RANGES | {"systems": ["GPS"] * len(SEEN_KM), "start_km": HOME_KM},
    "positioning.sigma": {"elevation_deg": 45.0, "budget_m": {"noise": 1.0}},
    "positioning.uere_m": {"positions": {"GPS": FULL}, "lat": 1.0, "lon": 2.0, "mask_deg": 5.0},
    "positioning.ionosphere_slant": {"elevation_deg": 4.0},
    "positioning.air_slant": {"elevation_deg": 4.0},
    "positioning.troposphere_m": {"elevation_deg": 4.0, "lat": 1.0, "height_km": 0.1},
    "positioning.ionosphere_free": {
        "first_m": 1.0,
        "second_m": 2.0,
        "first_mhz": 1575.42,
        "second_mhz": 1227.6,
    },
    "positioning.error_ellipse": {"covariance_en": [[1, 0], [0, 2]], "probability": 0.9},
    "positioning.ellipse": {"major_m": 2.0, "minor_m": 1.0, "azimuth_deg": 4.0, "points": 9},
    "positioning.faulty": {
        "fix": positioning.solve(**RANGES),
        "names": list("abcdefghijkl")[: len(SEEN_KM)],
        "false_alarm": 0.01,
    },
    "positioning.monte_carlo": {
        "satellites_km": SEEN_KM[None],
        "lat": 33.7,
        "lon": 73.1,
        "sigma_m": np.ones((1, len(SEEN_KM))),
        "systems": ["GPS"] * len(SEEN_KM),
        "errors_m": np.ones((1, len(SEEN_KM))),
    },
    "positioning.simulate": {
        "positions": {"GPS": FULL},
        "lat": 1.0,
        "lon": 2.0,
        "budget_m": {"noise": 1.0},
        "mask_deg": 5.0,
        "zenith_delay_m": 1.0,
    },
    "positioning.horizontal_95": {"errors_enu_m": [[1.0, 2.0, 3.0]]},
    "positioning.vertical_95": {"errors_enu_m": [[1.0, 2.0, 3.0]]},
    "positioning.accuracies": {"places": PLACES, "positions": {"GPS": FULL}},
    "positioning.street_mask": {
        "azimuth_deg": 3.0,
        "street_azimuth_deg": 3.0,
        "roofs_deg": 40.0,
        "open_deg": 5.0,
    },
    "positioning.axes": {"lat": 1.0, "lon": 2.0},
    "satcom.tiantong": {"satellites": data.load("satellites")},
    "satcom.over_equator": {"longitudes_deg": [100.0, 120.0]},
    "satcom.positions": {"satellites": FLEET, "hours": 3.0},
    "satcom.elevations": {"satellites": FLEET, "places": PLACES},
    "satcom.elevation_grid": {"positions": HIGH, "lat": [0.0, 10.0], "lon": [0.0, 10.0]},
    "satcom.share_of_earth": {"satellites": FLEET, "mask_deg": 10.0, "step_deg": 30.0},
    "satcom.best_longitudes": {"places": PLACES, "mask_deg": 20.0, "step_deg": 30.0},
    "satcom.footprint": {"position_km": [42164.0, 0.0, 0.0], "elevation_deg": 5.0, "points": 20},
    "satcom.footprints": {"satellites": FLEET, "elevation_deg": 5.0},
    "satcom.ground_track": {"satellites": FLEET},
    "satcom.below": {"satellites": FLEET, "hour": 3.0},
    "satcom.delay_ms": {"user_km": 39000.0, "gateway_km": 37000.0},
    "satcom.slant_range_km": {"elevation_deg": 45.0},
    "satcom.geo_rtt_ms": {"a": (33.7, 73.1), "b": (-0.2, -78.5), "gateways": [(50.0, 8.0)]},
    "satcom.relay_rtt_ms": {"distance_km": 9000.0, "height_km": 550.0, "mask_deg": 25.0},
    "satcom.free_space_loss_db": {"range_km": 39000.0, "frequency_ghz": 2.0},
    "satcom.margin_db": LINK | {"rain_db": 1.0},
    "satcom.link_budget": LINK | {"rain_db": 1.0},
    "satcom.in_yuan": {"amount": 2.0, "unit": "USD/min", "year": 2016, "rates": YEARLY},
    "satcom.minute_prices": {"prices": data.load("satcom_prices"), "rates": YEARLY},
    "satcom.plan_costs": {
        "plans": data.load("satcom_plans"),
        "minutes_a_year": 100.0,
        "rate_of": dict.fromkeys(range(2000, 2031), 7.0),
    },
    "station.highest_elevation_deg": {"lat": 50.0, "inclination_deg": 41.5, "height_km": 390.0},
    "station.sky": {"elements": CSS, "place": HOME, "times": TIMES},
    "station.sightings": {
        "elements": CSS,
        "place": HOME,
        "start": NOW,
        "end": NOW + pd.Timedelta("1D"),
        "lowest_deg": 10.0,
    },
    "station.apart": {"newer": CSS, "older": CSS, "times": TIMES},
    "station.first_seconds": {"found": PASSES, "newer": CSS, "older": CSS, "place": HOME},
    "stats.wilson": {"successes": 3, "trials": 5, "level": 0.9},
    "stats.same_rate": {"successes": [3, 4], "trials": [5, 6]},
    "stats.student_t": {"level": 0.9, "freedom": 5},
    "sun.direction": {"times": TIMES},
    "sun.elevation_deg": {"lat": 33.7, "lon": 73.1, "times": TIMES},
    "sun.elevation_grid": {"time": NOW, "step_deg": 30.0},
    "sun.night_ring": {"time": NOW},
    "sun.sunlit": {"positions": SKY},
    "visibility.world_grid": {"step_deg": 30.0},
    "visibility.look_angles": {"positions": SKY, "lat": 33.7, "lon": 73.1, "height_km": 0.5},
    "visibility.dop": {
        "positions": SKY,
        "lat": [0.0, 10.0],
        "lon": [0.0, 10.0],
        "mask_deg": 5.0,
        "want": ["pdop"],
    },
    "visibility.availability": {"pdop": PDOP, "limit": 6.0},
    "visibility.area_weights": {"lat": [0.0, 10.0]},
    "visibility.world_mean": {"field": FIELD},
}

# What is given by mistake. Whatever it is, nobody is left with a traceback or with no number.
WRONG = {
    "text": "abc",
    "no text": "",
    "nothing": None,
    "missing": float("nan"),
    "missing in pandas": pd.NA,
    "infinite": float("inf"),
    "too large": 1e300,
    "far too large": 10**400,
    "below zero": -1e9,
    "no list": [],
    "a list": [1, 2, 3],
    "a list with a gap": [1.0, None],
    "a list of texts": ["a", "b"],
    "a table of numbers": [[1, 2], [3, 4]],
    "a ragged list": [[1], [2, 3]],
    "a mapping": {"a": 1},
    "a series": pd.Series([1.0, 2.0], index=[5, 5]),
    "an empty frame": pd.DataFrame(),
    "a frame": pd.DataFrame({"a": [1, 2]}),
    "an array": xr.DataArray([1.0, 2.0], dims="x"),
    "a date of two meanings": "06/07/2026",
    "a time": np.datetime64("2026-06-14"),
    "true": True,
}
# Missing dates and prices stay missing there; no picture is waited for, no fix is off, without end.
KEEP = {"dates.middle", "dates.end", "imaging.waiting_hours", "satcom.plan_costs", "visibility.dop"}
KEEP |= {"positioning.horizontal_95", "positioning.monte_carlo"}
FLAGS = {"there_and_back", "rotating", "grid", "holes", "ocean", "radar"}  # any value is one
ROOMS = [constellations, dates, geometry, imaging, launch, money, orbits, satcom, station, stats]
ROOMS += [sun, visibility]


def function(name):
    room, called = name.split(".")
    return getattr(import_module(f"silkroad.{room}"), called)


def unknown(result):
    """Return how many numbers of a result, of any make, are missing or infinite."""
    if isinstance(result, dict):
        return sum(map(unknown, result.values()))
    if isinstance(result, pd.DataFrame):
        return sum(unknown(result[column]) for column in result)
    if isinstance(result, xr.Dataset):
        return sum(unknown(result[name].values) for name in result.data_vars)
    if isinstance(result, list | tuple):
        return sum(map(unknown, result))
    found = np.asarray(result.values if hasattr(result, "dims") else result)
    return int((~np.isfinite(found)).sum()) if found.dtype.kind == "f" else 0


def one_sentence(error):
    text = str(error)
    return "\n" not in text and text.endswith(".") and len(text) < 700


def test_every_public_function_is_called():
    public = {
        f"{room.__name__.removeprefix('silkroad.')}.{name}"
        for room in ROOMS
        for name, kind in vars(room).items()
        if inspect.isfunction(kind) and kind.__module__ == room.__name__ and name[0] != "_"
    }
    assert public - {"geometry.loose_ends"} <= set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_what_is_given_by_mistake_is_answered_or_refused_in_a_sentence(name):
    call, good = function(name), CALLS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        at_best = unknown(call(**good))
    wrong = []
    for argument in good.keys() - FLAGS:
        for kind, value in WRONG.items():
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", values.AgeWarning)
                    warnings.simplefilter("error", RuntimeWarning)
                    left = unknown(call(**good | {argument: value}))
                if left > at_best and name not in KEEP:
                    wrong.append(f"{argument}={kind}: {left} numbers missing or infinite")
            except InputError as error:
                if not one_sentence(error):
                    wrong.append(f"{argument}={kind}: no sentence: {error}")
            except Exception as error:
                wrong.append(f"{argument}={kind}: {type(error).__name__}: {error}")
    assert not wrong, "\n" + "\n".join(wrong)


def damaged(table):
    """Yield (what was done, the table) for each column: gone, with a text, a gap, a huge number."""
    for at, column in enumerate(table.columns):
        yield f"without {column}", table.drop(columns=column)
        for value in ("abc", float("nan"), 1e300):
            other = table.astype({column: object})
            other.iloc[0, at] = value
            yield f"{column} {value}", other
    yield "twice", pd.concat([table, table])
    yield "no rows", table.iloc[:0]
    yield "one label for all rows", table.set_axis([7] * len(table))


@pytest.mark.parametrize(
    ("name", "argument"),
    [(n, a) for n, call in CALLS.items() for a, v in call.items() if isinstance(v, pd.DataFrame)],
)
def test_a_damaged_table_is_answered_or_refused_in_a_sentence(name, argument):
    for what, table in damaged(CALLS[name][argument]):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                function(name)(**CALLS[name] | {argument: table})
        except InputError as error:
            assert one_sentence(error), f"{what}: {error}"
        except Exception as error:
            pytest.fail(f"{what}: {type(error).__name__}: {error}")


# The order of dimensions never matters

DAY = orbits.positions(GPS, pd.date_range(NOW, periods=5, freq="h"))
TRACKS = orbits.subpoints(imaging.carriers(CAMERAS[:6]), pd.date_range(NOW, periods=20, freq="60s"))
LIT = TRACKS["lat"].copy(data=imaging.lit(TRACKS))
OVER_TIME = {  # what is computed of positions or points, {name: (function, its input)}
    "look_angles": (lambda p: visibility.look_angles(p, [0, 30], [0, 70]), DAY),
    "dop": (lambda p: visibility.dop(p, [0, 30], [0, 70, 140]), DAY),
    "sunlit": (lambda p: sun.sunlit(p).transpose("satellite", "time"), DAY),
    "subpoints_of": (lambda p: orbits.subpoints_of(p).transpose("satellite", "time"), DAY),
    "elevation_grid": (lambda p: satcom.elevation_grid(p, [0, 30], [0, 70]), HIGH),
    "lit": (imaging.lit, TRACKS),
    "beside": (lambda b: imaging.beside(b, 3), TRACKS),
    "visits": (lambda b: imaging.visits(b, 8, [0, 30], [0, 70], imaging.lit(b)), TRACKS),
    "visits, usable by name": (lambda b: imaging.visits(b, 8, [0, 30], [0, 70], LIT.T), TRACKS),
    "looks": (lambda b: imaging.looks(b, PLACES, 30), TRACKS),
    "strip": (lambda b: imaging.strip(b.isel(satellite=[2]), -3, 3), TRACKS),
    "strips": (
        lambda b: imaging.strips(b.isel(satellite=[2]), -3, 3, b.time > b.time[2])[True],
        TRACKS,
    ),
    "strip of one": (lambda b: imaging.strip(b.isel(satellite=2), -3, 3), TRACKS),
    "crossing_by_day": (lambda b: imaging.crossing_by_day(b.isel(satellite=[2])), TRACKS),
    "simulate": (lambda p: positioning.simulate({"GPS": p}, 0, 0), DAY),
    "uere_m": (lambda p: positioning.uere_m({"GPS": p}, 0, 0), DAY),
    "last_turn": (
        lambda b: imaging.last_turn(b, b["satellite"].values[2], TRACKS["time"].values[-1], 9),
        TRACKS,
    ),
}


def same(one, other):
    """Return whether two results of any make are equal, to rounding."""
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, pd.DataFrame):
        return one.equals(other)
    if hasattr(one, "dims"):
        xr.testing.assert_allclose(one, other)
        return True
    if isinstance(one, np.ndarray | float):
        return np.allclose(one, other, equal_nan=True)
    return one == other


@settings(max_examples=12)  # of 12 orders at most, and six of the axes
@given(st.data())
@pytest.mark.parametrize("name", OVER_TIME)
def test_the_order_of_dimensions_and_axes_never_matters(name, data):
    compute, given_ = OVER_TIME[name]
    other = given_.transpose(*data.draw(st.permutations(list(given_.dims)), "dims"))
    if "axis" in other.dims:
        other = other.sel(axis=data.draw(st.permutations(["x", "y", "z"]), "axes"))
    assert same(compute(given_), compute(other))


ALONE = ["look_angles", "dop", "sunlit", "subpoints_of", "elevation_grid", "lit"]


@pytest.mark.parametrize("name", ALONE)
def test_a_time_or_satellite_selected_alone_counts_as_one(name):
    compute, given_ = OVER_TIME[name]

    def values_of(result):
        fields = result.to_dataarray() if isinstance(result, xr.Dataset) else result
        return np.squeeze(np.asarray(fields, float))

    for dim in ("time", "satellite"):
        if name in ("sunlit", "subpoints_of"):  # which keep the dimensions they are given
            compute = getattr(sun if name == "sunlit" else orbits, name)
        one, alone = compute(given_.isel({dim: [-1]})), compute(given_.isel({dim: -1}))
        assert np.array_equal(values_of(one), values_of(alone), equal_nan=True)


# What is counted is counted once, and steps that are missing are missed


@settings(max_examples=30)
@given(st.integers(0, 9999), st.floats(0, 1))
def test_usable_may_be_ones_and_zeros_and_leaves_out_what_is_zero(seed, share):
    usable = np.random.default_rng(seed).random(LIT.shape) < share
    axes = [-30, 0, 30], [0, 70, 140]
    told = imaging.visits(TRACKS, 8, *axes, usable)
    for form in (usable.astype(int), usable.astype(float), usable.tolist(), LIT.copy(data=usable)):
        assert told.equals(imaging.visits(TRACKS, 8, *axes, form))
    assert (told["visits"] <= 20).all() and (told["largest_gap_hours"] >= 0).all()


@settings(max_examples=30)
@given(st.permutations(range(20)))
def test_steps_in_another_order_are_refused_or_change_nothing(order):
    shuffled = TRACKS.isel(time=list(order))
    for compute in (
        lambda b: imaging.visits(b, 8, [0, 30], [0, 70]),
        lambda b: imaging.looks(b, PLACES, 30),
    ):
        try:
            assert same(compute(TRACKS), compute(shuffled))
        except InputError as error:
            assert "sortby('time')" in str(error)
            assert same(compute(TRACKS), compute(shuffled.sortby("time").drop_duplicates("time")))


@given(st.integers(1, 17))
def test_steps_that_are_missing_are_refused(at):
    for first, last in ((at, at + 1), (at, at + 2)):
        gap = TRACKS.isel(time=[n for n in range(20) if not first <= n < last])
        for compute in (
            lambda b: imaging.looks(b, PLACES, 30),
            lambda b: imaging.visits(b, 20, [0], [0]),
        ):
            with pytest.raises(InputError, match="uneven") as error:
                compute(gap)
            assert one_sentence(error.value)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=9))
def test_a_satellite_counts_once(rows):
    some = GPS.iloc[rows].assign(norad_id=np.array(rows) + 1)
    twice = len(set(rows)) < len(rows)
    path = xr.concat([DAY.isel(satellite=[n]) for n in rows], "satellite")
    numbered = path.assign_coords(norad_id=("satellite", some["norad_id"].to_numpy()))
    renamed = numbered.assign_coords(satellite=[f"name {n}" for n in range(len(rows))])
    for sky in (path, numbered, renamed):
        if not twice:
            found = visibility.dop(sky, 0, [0, 90], want=["in_view", "pdop"])
            order = visibility.dop(sky.isel(satellite=slice(None, None, -1)), 0, [0, 90])
            assert same(found["in_view"], order["in_view"]) and same(found["pdop"], order["pdop"])
            continue
        with pytest.raises(InputError, match="comes twice") as error:
            visibility.dop(sky, 0, 0)
        assert one_sentence(error.value)


def test_the_remedy_for_a_satellite_that_comes_twice_works():
    twice = xr.concat([DAY, DAY.isel(satellite=[0])], "satellite")
    once = visibility.dop(twice.drop_duplicates("satellite"), 0, 0)
    assert same(once, visibility.dop(DAY, 0, 0))


def test_docked_modules_are_several_satellites():
    css = ELEMENTS[ELEMENTS["name"].str.startswith("CSS")]
    sky = orbits.positions(css, NOW)
    assert len(css) > 1 and visibility.dop(sky, 0, 0).attrs["satellites"] == len(css)


# Twenty calls by kind: what is asked, and the words of the refusal

STILL = (
    TRACKS.isel(satellite=[0], time=slice(0, 3))
    .map(np.zeros_like)
    .assign_coords(time=TRACKS["time"][:3])
)
METRES = DAY * 1000
UNKNOWN = DAY.where(DAY["satellite"] != DAY["satellite"][1], 0.0)
CODES = PLACES.assign(name=["QTO", "QTO"])
NOWHERE = PLACES.assign(lat=np.nan)
ONE_YEAR = pd.Series([1.0, 2.0, 3.0], [2011] * 3)
ROUND, UNEVEN = (FIELD.assign_coords(lon=x) for x in ([-180, -60, 60, 180], [0, 1, 50, 90]))
PAUSE = visibility.dop(DAY.isel(time=[0, 1, 4]), 0, 0, want=["pdop"])["pdop"]
BACK = TRACKS.isel(time=slice(None, None, -1))
ABROAD = {"lat": 116.4, "lon": 39.9}  # Beijing, swapped
KINDS = [
    ("text for a number", lambda: launch.mass_ratio("much", 320), "delta_v_m_s is 'much'"),
    ("a number that is text", lambda: visibility.dop(DAY, 0, 0, mask_deg="ten"), "mask_deg is"),
    ("two of one length", lambda: geometry.great_circle_km([1, 2], 0, [1, 2, 3], 0), "do not pair"),
    ("half angles for other satellites", lambda: imaging.visits(TRACKS, [1, 2], [0], [0]), "for 4"),
    ("an array where one is meant", lambda: geometry.compass([1, 2]), "a list of 2: give a single"),
    ("several places for one", lambda: geometry.great_circle([1, 2], 0, 0, 0), "2 latitudes"),
    ("several times for one", lambda: sun.night_ring(TIMES), "8 times: give a single"),
    ("06/07/2026", lambda: sun.night_ring("06/07/2026 12:00Z"), "no year, month, day at first"),
    ("a rate on 06/07/2018", lambda: money.exchange_rate(RATES, "05/06/2018"), "no exchange rate"),
    ("a month 13", lambda: dates.middle(["2026-13"]), "'2026-13' is no date"),
    ("30 February", lambda: dates.end(["2026-02-30"]), "'2026-02-30' is no date"),
    ("the year that is wrong", lambda: values.utc([NOW, "3026-01-01T00:00Z"]), "The year 3026 is"),
    ("too large a number", lambda: satcom.delay_ms(1e300), "user_km is 1e+300"),
    ("no growth in no time", lambda: money.growth(1, 1e9, 1e-5), "too few for a growth"),
    ("one frequency for two", lambda: positioning.ionosphere_free(1, 2, 1575, 1575), "give two"),
    ("no range", lambda: positioning.ionosphere_free(np.nan, 2, 1575, 1227), "first_m is nan"),
    ("an error of two parts", lambda: positioning.horizontal_95([[1, 2]]), "has shape (1, 2)"),
    ("a budget in words", lambda: positioning.sigma(45, {"noise": "low"}), "noise of the budget"),
    ("a trend over one year", lambda: money.trend(ONE_YEAR), "2011 comes twice"),
    ("a mass ratio of NaN", lambda: launch.mass_ratio(np.nan, 320), "delta_v_m_s is nan"),
    ("a burn backwards", lambda: launch.mass_ratio(-100, 320), "give 0 or more"),
    ("metres", lambda: visibility.look_angles(METRES, 0, 0), "is in metres: divide it by 1000"),
    ("metres, for light", lambda: sun.sunlit(METRES), "is in metres"),
    ("metres, below", lambda: orbits.subpoints_of(METRES), "is in metres"),
    ("height in metres", lambda: visibility.look_angles(DAY, 29, 91, 3650), "height_km is 3650"),
    ("(0, 0, 0)", lambda: visibility.dop(UNKNOWN, 0, 0), "the mark of one that is unknown"),
    ("(0, 0, 0) lit", lambda: sun.sunlit(UNKNOWN), "the mark of one that is unknown"),
    ("(0, 0, 0) below", lambda: orbits.subpoints_of(UNKNOWN), "the mark of one that is unknown"),
    ("inside the Earth", lambda: visibility.dop(DAY / 10, 0, 0), "lies inside it"),
    ("latitude 116", lambda: station.sky(CSS, ABROAD, TIMES), "latitude comes before longitude"),
    ("a place that is none", lambda: imaging.looks(TRACKS, NOWHERE, 9), "is missing"),
    ("places of one name", lambda: imaging.looks(TRACKS, CODES, 9), "The place QTO comes twice"),
    ("a place twice", lambda: satcom.best_longitudes(PLACES.iloc[[0, 1, 0]]), "comes twice"),
    ("a place asked twice", lambda: imaging.waiting_hours(NEAR, ["A", "A"], NOW), "comes twice"),
    ("satellites of one name", lambda: satcom.footprints(FLEET.assign(name="A")), "A comes twice"),
    ("tracks of one name", lambda: satcom.ground_track(FLEET.assign(name="A")), "A comes twice"),
    ("a cable twice", lambda: network.graph(LANDINGS, pd.concat([CABLES, CABLES])), "comes twice"),
    ("a segment twice", lambda: network.graph(LANDINGS.iloc[[0, 1, 1]], CABLES), "comes twice"),
    ("towns of one name", lambda: network.graph(ONE_NAME, CABLES), "The place A comes twice"),
    ("a year twice", lambda: launch.attempts_by(pd.concat([YEARS, YEARS]), "site"), "comes twice"),
    ("a rate twice", lambda: money.exchange_rate(pd.concat([RATES, RATES]), 2016), "comes twice"),
    ("-180 and 180", lambda: visibility.world_mean(ROUND), "comes twice"),
    ("an uneven axis", lambda: visibility.world_mean(UNEVEN), "uneven"),
    ("times at uneven steps", lambda: visibility.availability(PAUSE), "uneven"),
    ("a time twice", lambda: visibility.availability(PDOP.isel(time=[0, 0])), "comes twice"),
    ("times backwards", lambda: imaging.visits(BACK, 8, [0], [0]), "do not rise"),
    ("several scopes", lambda: money.figures(MARKET, "gnss_installed_base"), "choose a scope"),
    ("an unknown metric", lambda: money.figures(MARKET, "gnss_bases"), "gnss_installed_base"),
    ("a share for a count", lambda: stats.wilson(0.6, 5), "whole numbers"),
    ("several satellites for one", lambda: imaging.strip(TRACKS, -3, 3), "4 satellites were given"),
    ("a season in numbers", lambda: imaging.looks(TRACKS, PLACES, 9, 180), "pandas.Timedelta"),
    ("a satellite that stands still", lambda: imaging.beside(STILL, 3), "does not move"),
    ("a sensor of 2", lambda: imaging.by_light(SEEN.assign(radar=2)), "give True and False"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "said"), [k[1:] for k in KINDS], ids=[k[0] for k in KINDS])
def test_twenty_calls_by_kind(call, said):
    with pytest.raises(InputError) as error:
        call()
    assert said in str(error.value) and one_sentence(error.value)


# And what a slightly other form means, rightly


def test_right_answers_to_other_forms():
    look = visibility.look_angles(DAY, 29.7, 91.1, 3.65)
    assert same(look, visibility.look_angles(DAY, "29.7", [91.1][0], 3.65))
    assert money.exchange_rate(RATES, "31 May 2018") == money.exchange_rate(RATES, "2018-05")
    trend = {2013: 3.0, 2011: 1.0, 2012: 2.0}
    assert money.trend(trend) == pytest.approx(money.trend(dict(sorted(trend.items()))))
    assert same(money.trend_band(trend), money.trend_band(dict(sorted(trend.items()))))
    assert money.real(trend, 0.1)[2011] == 1.0
    row = pd.DataFrame([HOME])
    for place in (row, row.iloc[0], HOME):
        assert same(station.sky(CSS, place, TIMES), station.sky(CSS, HOME, TIMES))
    high = station.sky(CSS, HOME | {"height_km": 5.0}, TIMES)
    assert (high["elevation_deg"] != station.sky(CSS, HOME, TIMES)["elevation_deg"]).all()
    east, west = (geometry.split_antimeridian([0, 0], lon) for lon in ([170, 190], [170, -170]))
    assert same(east, west) and len(east) == 2
    slots = data.load("satellites").query("geo_longitude_deg.notna() and not in_gp_snapshot")
    assert constellations.placed(slots, NOW)["lat"].eq(0).all()


@given(st.floats(-80, 80), st.floats(-180, 179))
def test_a_ring_round_a_pole_keeps_its_area(lat, start):
    """On a map of degrees the cap from a latitude to its pole is a rectangle 360 degrees wide."""
    lon = start + np.arange(0, 360, 15)
    rings = geometry.split_ring(np.full(24, lat), (lon + 180) % 360 - 180)
    area = sum(
        abs(np.sum(r[:, 1] * np.roll(r[:, 0], -1) - np.roll(r[:, 1], -1) * r[:, 0])) / 2
        for r in rings
    )
    assert area == pytest.approx(360 * (90 - abs(lat)))
    assert all(np.abs(r[:, 1]).max() <= 180 + 1e-9 for r in rings)
