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

from helpers import data
from helpers.inputs import InputError
from silkroad import (
    constellations,
    dates,
    geometry,
    imaging,
    launch,
    money,
    orbits,
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
HIGH = satcom.positions(FLEET)
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
YEARS = data.load("launches_by_year")

CALLS = {
    "constellations.nominal": {"system": "GPS", "orbit_classes": ["MEO"], "date": NOW},
    "constellations.flying": {"system": "BDS-3"},
    "constellations.beidou_on": {"date": NOW},
    "constellations.placed": {"satellites": data.load("satellites"), "now": NOW},
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
FLAGS = {"there_and_back", "rotating", "grid", "holes", "ocean", "radar"}  # any value is one
ROOMS = [constellations, dates, geometry, imaging, launch, money, satcom, station, stats, sun]
ROOMS += [visibility]


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
