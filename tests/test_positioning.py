"""Fixes against an independent solver, the geometry of `visibility`, brute force, statistics."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares
from scipy.stats import chi2

from course import l05
from helpers import data
from helpers.inputs import InputError
from silkroad import constellations, measured, orbits, positioning, visibility

NOW = data.snapshot()
PLACES = [(0, 0), (33.7, 73.1), (-54.8, -68.3), (89.99, 10), (-90, 0), (5, 179.999), (5, -180)]


def sky(lat, lon, systems=("BDS-3",), mask_deg=5, height_km=0.0):
    """Satellites in view at the snapshot: positions km, system names, elevations."""
    found, names, elevations = [], [], []
    for system in systems:
        path = orbits.positions(constellations.flying(system), [NOW])
        look = visibility.look_angles(path, lat, lon, height_km).isel(time=0)
        seen = (look["elevation_deg"] > mask_deg).to_numpy()
        found.append(path.values[seen, 0])
        names += [system] * int(seen.sum())
        elevations.append(look["elevation_deg"].to_numpy()[seen])
    return np.vstack(found), names, np.concatenate(elevations)


def ranges(satellites, place, clock_m=0.0):
    return np.linalg.norm(satellites - place, axis=1) * 1000 + clock_m


def independent(satellites, measured, names, sigma):
    """Return position and covariance by scipy's trust region method, with numerical derivatives."""
    systems = sorted(set(names))
    which = np.array([systems.index(n) for n in names])
    centre = orbits.earth_fixed(*orbits.geodetic(satellites.mean(axis=0))[:2])

    unit = 1e8  # metres: scipy then differentiates over 600 m, where rounding and bend are small

    def misfit(x):
        distance = np.sqrt(((satellites * 1000 - unit * x[:3]) ** 2).sum(axis=1))
        return (distance + unit * x[3 + which] - measured) / sigma

    start = np.concatenate([centre * 1000, np.zeros(len(systems))]) / unit
    tight = {"jac": "3-point", "xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}
    end = least_squares(misfit, least_squares(misfit, start, **tight).x, **tight)
    return end.x * unit, np.linalg.inv(end.jac.T @ end.jac) * unit**2


@pytest.mark.parametrize("lat, lon", PLACES)
@pytest.mark.parametrize("systems", [("BDS-3",), ("BDS-3", "GPS", "GLONASS", "Galileo")])
def test_solve_agrees_with_scipy_to_1_mm_and_its_covariance_to_1e6(lat, lon, systems):
    satellites, names, elevation = sky(lat, lon, systems)
    sigma = positioning.sigma(elevation)
    random = np.random.default_rng(3)
    place = orbits.earth_fixed(lat, lon, 0.3)
    clocks = {s: random.uniform(-3e5, 3e5) for s in systems}
    measured = ranges(satellites, place, [clocks[n] for n in names])
    measured = measured + random.normal(0, sigma)
    fix = positioning.solve(satellites, measured, names, sigma)
    other, covariance = independent(satellites, measured, names, sigma)
    assert np.abs(fix.position_km * 1000 - other[:3]).max() < 1e-3
    order = [0, 1, 2, *(3 + sorted(systems).index(s) for s in fix.clock_m)]
    expected = covariance[np.ix_(order, order)]
    deviation = np.sqrt(np.diag(expected))
    assert np.abs((fix.covariance - expected) / np.outer(deviation, deviation)).max() < 1e-6
    assert np.abs(np.array(list(fix.clock_m.values())) - other[order[3:]]).max() < 1e-3
    assert fix.dof == len(names) - 3 - len(systems)
    assert np.allclose(
        fix.residuals_m,
        measured - ranges(satellites, fix.position_km, [fix.clock_m[n] for n in names]),
        atol=1e-6,
    )


@pytest.mark.parametrize("lat, lon", PLACES)
@pytest.mark.parametrize("start", [None, (0, 0), (-40, 120), (90, 0), (20, -179)])
def test_from_any_start_exact_ranges_give_the_true_place_to_a_micrometre(lat, lon, start):
    satellites, _, _ = sky(lat, lon)
    place = orbits.earth_fixed(lat, lon, 1.2)
    start = None if start is None else orbits.earth_fixed(*start)
    fix = positioning.solve(satellites, ranges(satellites, place, 9876.5), start_km=start)
    assert np.abs(fix.position_km - place).max() * 1000 < 1e-5
    assert fix.clock_m == pytest.approx({"all": 9876.5}, abs=1e-5)
    assert np.abs(fix.away_m(place)).max() < 1e-5
    assert (fix.iterates_km[0] == (np.zeros(3) if start is None else start)).all()
    assert fix.lat == pytest.approx(lat, abs=1e-9) and fix.height_km == pytest.approx(1.2)


def test_covariance_with_equal_sigmas_is_dop_of_the_room_visibility():
    satellites, _, _ = sky(33.7, 73.1)
    fix = positioning.solve(
        satellites, ranges(satellites, orbits.earth_fixed(33.7, 73.1)), sigma_m=2.0
    )
    path = orbits.positions(constellations.flying("BDS-3"), [NOW])
    dop = visibility.dop(path, [33.7], [73.1], 5, grid=False).squeeze()
    east, north, up = np.diag(fix.covariance_enu)
    assert np.sqrt(east + north) == pytest.approx(2 * float(dop["hdop"]), rel=1e-9)
    assert np.sqrt(up) == pytest.approx(2 * float(dop["vdop"]), rel=1e-9)


def test_covariance_with_a_clock_for_each_system_is_dop_with_these_clocks():
    fleet = pd.concat([constellations.flying(name) for name in ("BDS-3", "GPS", "GLONASS")])
    path = orbits.positions(fleet, [NOW])
    dop = visibility.dop(path, [33.7], [73.1], 25, grid=False, clocks=fleet["system"]).squeeze()
    seen = visibility.look_angles(path, 33.7, 73.1)["elevation_deg"].squeeze().values >= 25
    satellites, systems = path.values[seen, 0], fleet["system"][seen]
    there = ranges(satellites, orbits.earth_fixed(33.7, 73.1))
    fix = positioning.solve(satellites, there, systems, sigma_m=2.0)
    assert len(fix.clock_m) == 3 and int(dop["in_view"]) == seen.sum()
    east, north, up = np.diag(fix.covariance_enu)
    assert np.sqrt(east + north) == pytest.approx(2 * float(dop["hdop"]), rel=1e-9)
    assert np.sqrt(up) == pytest.approx(2 * float(dop["vdop"]), rel=1e-9)
    clocks = np.diag(fix.covariance)[3:].sum()
    assert np.sqrt(clocks) == pytest.approx(2 * float(dop["tdop"]), rel=1e-9)


@given(
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    clock=st.floats(-3e5, 3e5),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_fixes_near_the_truth_behave_as_their_covariance_says(lat, lon, clock, seed):
    satellites, _, elevation = sky(lat, lon)
    sigma = positioning.sigma(elevation)
    place = orbits.earth_fixed(lat, lon)
    noise = np.random.default_rng(seed).normal(0, sigma)
    fix = positioning.solve(satellites, ranges(satellites, place, clock) + noise, sigma_m=sigma)
    away = fix.away_m(place)
    assert away @ np.linalg.solve(fix.covariance_enu, away) < chi2.ppf(1 - 1e-9, 3)


# --- what cannot be solved


def test_too_few_satellites_are_named():
    satellites, _, _ = sky(33.7, 73.1)
    with pytest.raises(InputError, match="3 satellites, 1 clock: 4 unknowns need 4 satellites"):
        positioning.solve(satellites[:3], np.full(3, 2e7))
    with pytest.raises(InputError, match="5 satellites, 3 clocks: 6 unknowns need 6"):
        positioning.solve(satellites[:5], np.full(5, 2e7), ["a", "a", "b", "b", "c"])
    with pytest.raises(InputError, match="0 satellites"):
        positioning.solve(np.empty((0, 3)), [])


def test_singular_geometry_is_named():
    place = orbits.earth_fixed(10, 20)
    ring = np.radians(np.arange(0, 360, 60))
    frame = positioning.axes(10, 20)
    # All at one elevation: the height and the clock cannot be told apart.
    cone = np.c_[np.sin(ring), np.cos(ring), np.ones(6)] @ frame * 20000 + place
    with pytest.raises(InputError, match="singular geometry"):
        positioning.solve(cone, ranges(cone, place), start_km=place)
    one = np.repeat(cone[:1], 5, axis=0)
    with pytest.raises(InputError, match="singular geometry"):
        positioning.solve(one, ranges(one, place))


def test_ranges_that_contradict_each_other_do_not_converge():
    satellites, _, _ = sky(33.7, 73.1)
    with pytest.raises(InputError, match=r"no convergence|singular"):
        positioning.solve(satellites[:4], [2e7, 9e7, -4e7, 6e7])


@pytest.mark.parametrize(
    "satellites, measured, extra, words",
    [
        (np.ones((4, 2)), np.ones(4), {}, "do not pair"),
        (np.ones((4, 3)), np.ones(5), {}, "do not pair"),
        (np.full((4, 3), np.nan), np.ones(4), {}, "missing"),
        (np.ones((4, 3)), [1, 2, np.nan, 4], {}, "missing"),
        (np.ones((4, 3)), np.ones(4), {"sigma_m": 0}, "sigma_m"),
        (np.ones((4, 3)), np.ones(4), {"sigma_m": np.inf}, "sigma_m"),
        (np.ones((4, 3)), np.ones(4), {"sigma_m": [1, 2]}, "sigma_m has shape"),
        (np.ones((4, 3)), np.ones(4), {"systems": ["GPS"]}, "1 systems for 4 satellites"),
    ],
)
def test_bad_input_gets_a_sentence(satellites, measured, extra, words):
    with pytest.raises(InputError, match=words):
        positioning.solve(satellites, measured, **extra)


# --- two places that fit


def bancroft(satellites, measured):
    """Both places of four pseudoranges, in closed form (Bancroft 1985), (0 or 2, 3) in km."""
    rows, lorentz = np.c_[satellites * 1000, measured], np.diag([1, 1, 1, -1.0])
    half = np.einsum("ij,jk,ik->i", rows, lorentz, rows) / 2
    u, v = np.linalg.solve(rows, np.ones(4)), np.linalg.solve(rows, half)
    e, f, g = u @ lorentz @ u, u @ lorentz @ v - 1, v @ lorentz @ v
    if f * f < e * g:
        return np.empty((0, 3))
    roots = (-f + np.array([1, -1]) * np.sqrt(f * f - e * g)) / e
    return np.array([(lorentz @ (v + root * u))[:3] / 1000 for root in roots])


def possible(place, satellites):
    lat, lon, height_km = orbits.geodetic(place)
    away = satellites - place
    rise = away @ orbits.zenith(lat, lon) / np.linalg.norm(away, axis=1)
    return abs(height_km) < 50 and rise.min() > np.sin(np.radians(-10))


def islamabad():
    """Islamabad, and where all BeiDou rows of the elements stand at the snapshot."""
    capital = data.load("capitals").set_index("iso3").loc["PAK"]
    rows = data.load("elements").query("group == 'beidou'")
    sky = orbits.positions(rows, [NOW])
    elevation = visibility.look_angles(sky, capital.lat, capital.lon)["elevation_deg"]
    everyone = sky.to_numpy()[:, 0]
    return orbits.earth_fixed(capital.lat, capital.lon), everyone, elevation.to_numpy()[:, 0]


def test_no_set_of_four_lands_on_the_mirror_of_its_place():
    """2,401 sets in view of Islamabad: 2 in 100 were thousands of km off, without a word."""
    place, everyone, elevation = islamabad()
    seen = everyone[elevation > 5]
    sets = list(itertools.combinations(range(len(seen)), 4))
    chosen = np.random.default_rng(0).choice(len(sets), 2401, replace=False)
    fixed = 0
    for number in chosen:
        satellites = seen[list(sets[number])]
        measured = ranges(satellites, place, 30_000)
        try:
            fix = positioning.solve(satellites, measured)
        except InputError:
            continue
        fixed += 1
        assert np.linalg.norm(fix.position_km - place) < 1e-2, sets[number]
        assert fix.other_km is None
        assert sum(possible(end, satellites) for end in bancroft(satellites, measured)) == 1
    assert fixed >= 2380  # the others' geometry is singular


def test_the_named_set_of_four_is_solved():
    place, everyone, _ = islamabad()
    satellites = everyone[[0, 28, 30, 41]]
    fix = positioning.solve(satellites, ranges(satellites, place))
    assert np.linalg.norm(fix.position_km - place) < 1e-3


def sky_of_two(one, other, share):
    """Four satellites, each farther from the one place than from the other by one length.

    So both places fit the same ranges. share is that length as a part of the places' distance.
    """
    line = one - other
    apart = np.linalg.norm(line)
    along, longer = line / apart, share * apart
    up = one - along * (one @ along)
    up /= np.linalg.norm(up)
    turn, far = np.radians([-60, -20, 25, 65]), np.array([21e3, 36e3, 23e3, 38e3])
    cosine = (-longer - (apart**2 - longer**2) / (2 * far)) / apart
    across = np.cos(turn)[:, None] * up + np.sin(turn)[:, None] * np.cross(along, up)
    return one + far[:, None] * (cosine[:, None] * along + np.sqrt(1 - cosine**2)[:, None] * across)


@pytest.mark.parametrize("share", [-0.6, -0.3, 0.2, 0.4])
def test_two_possible_places_are_both_named_and_a_start_or_a_satellite_decides(share):
    one, other = orbits.earth_fixed(20, 100), orbits.earth_fixed(5, 110)
    satellites = sky_of_two(one, other, share)
    measured = ranges(satellites, one, 500)
    assert possible(one, satellites) and possible(other, satellites)
    with pytest.raises(InputError, match="Two places fit") as refusal:
        positioning.solve(satellites, measured)
    for words in ("20.00°, 100.00° at a height of 0 km", "5.00°, 110.00° at a height of 0 km"):
        assert words in str(refusal.value)
    for right, wrong in ((one, other), (other, one)):
        fix = positioning.solve(satellites, measured, start_km=right * 1.05)
        assert fix.position_km == pytest.approx(right, abs=1e-5)
        assert fix.other_km == pytest.approx(wrong, abs=1e-5)
    fifth = np.vstack([satellites, one * 4])
    fix = positioning.solve(fifth, ranges(fifth, one, 500))
    assert fix.position_km == pytest.approx(one, abs=1e-5) and fix.other_km is None


@pytest.mark.parametrize("count", [4, 5, 9])
def test_a_receiver_in_space_is_refused(count):
    satellites, _, _ = sky(33.7, 73.1)
    place = orbits.earth_fixed(33.7, 73.1, 400)
    with pytest.raises(InputError, match=r"No place near the Earth's surface.*a height of 400 km"):
        positioning.solve(satellites[:count], ranges(satellites[:count], place))
    balloon = orbits.earth_fixed(33.7, 73.1, 40)
    fix = positioning.solve(satellites[:count], ranges(satellites[:count], balloon))
    assert fix.height_km == pytest.approx(40)


def test_a_start_that_leads_astray_is_left_for_another():
    """With few satellites the Earth's centre may lead nowhere: the iterates tell what led here."""
    place, everyone, elevation = islamabad()
    seen = everyone[elevation > 5]
    sets = list(itertools.combinations(range(len(seen)), 4))
    chosen = np.random.default_rng(0).choice(len(sets), 600, replace=False)
    led = 0
    for number in chosen:
        satellites = seen[list(sets[number])]
        try:
            fix = positioning.solve(satellites, ranges(satellites, place))
        except InputError:
            continue
        led += bool(fix.iterates_km[0].any())
        assert fix.iterates_km[-1] == pytest.approx(fix.position_km)
    assert led > 0


@pytest.mark.parametrize("what", ["unknown", "metres", "inside"])
def test_satellites_that_are_none_are_refused_by_fixes_and_by_simulations(what):
    satellites, _, _ = sky(33.7, 73.1)
    measured = ranges(satellites, orbits.earth_fixed(33.7, 73.1))
    wrong = satellites.copy()
    if what == "unknown":
        wrong[2] = 0
    elif what == "metres":
        wrong *= 1000
    else:
        wrong[2] /= 1000
    words = {"unknown": r"\(0, 0, 0\), the mark for unknown", "metres": "give km, not metres"}
    with pytest.raises(InputError, match=words.get(what, "inside the Earth")):
        positioning.solve(wrong, measured)
    with pytest.raises(InputError, match=words.get(what, "inside the Earth")):
        positioning.monte_carlo(wrong[None], 33.7, 73.1, 1.0)
    if what == "unknown":  # the remedies, followed
        rest = np.arange(len(wrong)) != 2
        positioning.solve(wrong[rest], measured[rest])
        unused = np.where(rest, 1.0, np.inf)
        assert np.isfinite(positioning.monte_carlo(wrong[None], 33.7, 73.1, unused)).all()


def test_pseudoranges_that_are_none_are_refused():
    satellites, _, _ = sky(33.7, 73.1)
    measured = ranges(satellites, orbits.earth_fixed(33.7, 73.1))
    with pytest.raises(InputError, match="give metres, not km"):
        positioning.solve(satellites, measured / 1000)
    measured[1] = 0
    with pytest.raises(InputError, match="pseudorange is 0, the mark for a missing one"):
        positioning.solve(satellites, measured)


# --- the error budget


def test_sigma_is_the_root_of_squares_at_the_zenith_and_grows_downwards():
    budget = {"orbit": 3, "ionosphere": 4, "troposphere": 0, "multipath": 0, "noise": 0}
    assert positioning.sigma(90, budget) == pytest.approx(5)
    assert positioning.sigma([5, 30], budget | {"ionosphere": 0}) == pytest.approx([3, 3])
    falling = positioning.sigma(np.arange(2, 91))
    assert (np.diff(falling) < 0).all()
    assert positioning.sigma(-3) == positioning.sigma(2)
    # The layer of 350 km is never passed more than about three times as slant as upright.
    assert 2.5 < positioning.ionosphere_slant(2) < 3.5
    assert positioning.air_slant(30) == pytest.approx(2, rel=0.01)
    with pytest.raises(InputError, match="no part 'ionosfere'"):
        positioning.sigma(30, {"ionosfere": 1})
    with pytest.raises(InputError, match="noise of the budget is -1"):
        positioning.sigma(30, {"noise": -1})
    with pytest.raises(InputError, match="elevation"):
        positioning.sigma(np.nan)


def test_troposphere_and_ionosphere_free():
    # Known sizes: 2.3 m dry and up to 0.2 m moist at the zenith at sea level.
    assert 2.35 < positioning.troposphere_m(90, 45, 0) < 2.50
    assert positioning.troposphere_m(90, 45, 5) < 0.6 * positioning.troposphere_m(90, 45, 0)
    delay = 40.3e16 / np.array([1575.42e6, 1207.14e6]) ** 2 * 20
    free = positioning.ionosphere_free(2e7 + delay[0], 2e7 + delay[1], 1575.42, 1207.14)
    assert free == pytest.approx(2e7, abs=1e-6)


def test_street_mask_is_the_roof_across_and_open_along():
    found = positioning.street_mask([0, 180, 90, 270, 30], 0, 60)
    assert found == pytest.approx([5, 5, 60, 60, np.degrees(np.arctan(np.sqrt(3) / 2))])
    assert positioning.street_mask(123, 45, 0) == 5
    with pytest.raises(InputError, match="roofs_deg"):
        positioning.street_mask(0, 0, 90)


# --- ellipse


@pytest.mark.parametrize("azimuth", [0, 30, 90, 135, 179])
def test_ellipse_holds_its_share_of_a_million_fixes(azimuth):
    turn = np.radians(azimuth)
    major = np.array([np.sin(turn), np.cos(turn)])
    minor = np.array([-major[1], major[0]])
    covariance = 9 * np.outer(major, major) + np.outer(minor, minor)
    a, b, direction = positioning.error_ellipse(covariance, 0.95)
    assert (a, b) == pytest.approx((3 * 2.4477, 2.4477), rel=1e-4)
    assert min(abs(direction - azimuth), 180 - abs(direction - azimuth)) < 1e-6
    points = np.random.default_rng(0).multivariate_normal([0, 0], covariance, 200_000)
    inside = (points @ major / a) ** 2 + (points @ minor / b) ** 2 < 1
    assert inside.mean() == pytest.approx(0.95, abs=0.003)


def test_an_ellipse_of_no_covariance_is_refused():
    for bad in (np.diag([1, -1]), np.ones((3, 3)), [[1, 2], [0, 1]]):
        with pytest.raises(InputError, match="covariance_en"):
            positioning.error_ellipse(bad)
    with pytest.raises(InputError, match="probability"):
        positioning.error_ellipse(np.eye(2), 1)


# --- the residual test


def fix_with_bias(bias_m, bad=3, keep=None, seed=1, systems=("BDS-3",)):
    satellites, names, elevation = sky(33.7, 73.1, systems)
    satellites, names = satellites[:keep], names[:keep]
    sigma = positioning.sigma(elevation[:keep])
    measured = ranges(satellites, orbits.earth_fixed(33.7, 73.1), 100.0)
    measured += np.random.default_rng(seed).normal(0, sigma)
    measured[bad] += bias_m
    return positioning.solve(satellites, measured, names, sigma)


@pytest.mark.parametrize("bad", range(5))
def test_one_bad_satellite_is_found_and_named(bad):
    names = [f"C{i:02}" for i in range(40)]
    fix = fix_with_bias(80.0, bad)
    verdict = positioning.faulty(fix, names[: len(fix.residuals_m)])
    assert verdict.detected and verdict.suspect == bad
    assert names[bad] in verdict.words


def test_normalised_residuals_are_those_of_leaving_each_satellite_out():
    """By the other definition: the misfit of a range to the fix without it, by its deviation."""
    satellites, _, elevation = sky(33.7, 73.1)
    sigma = positioning.sigma(elevation)
    measured = ranges(satellites, orbits.earth_fixed(33.7, 73.1))
    measured += np.random.default_rng(8).normal(0, sigma)
    fix = positioning.solve(satellites, measured, sigma_m=sigma)
    expected = []
    for i in range(len(sigma)):
        rest = np.arange(len(sigma)) != i
        other = positioning.solve(satellites[rest], measured[rest], sigma_m=sigma[rest])
        miss = measured[i] - ranges(satellites[[i]], other.position_km, other.clock_m["all"])[0]
        row = fix.geometry[i]
        expected.append(miss / np.sqrt(sigma[i] ** 2 + row @ other.covariance @ row))
    assert positioning.faulty(fix).normalised == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_false_alarms_stay_below_the_level():
    satellites, _, elevation = sky(33.7, 73.1)
    sigma = positioning.sigma(elevation)
    measured = ranges(satellites, orbits.earth_fixed(33.7, 73.1))
    random = np.random.default_rng(2)
    fixes = [
        positioning.solve(satellites, measured + random.normal(0, sigma), sigma_m=sigma)
        for _ in range(300)
    ]
    alarms = sum(positioning.faulty(fix, false_alarm=0.05).detected for fix in fixes)
    assert 2 <= alarms <= 27  # 15 expected at most; beyond 27 with a probability of 0.2 %


def test_without_a_range_to_spare_nothing_is_said():
    verdict = positioning.faulty(fix_with_bias(80.0, keep=4))
    assert (verdict.suspect, verdict.detected) == (None, False)
    assert "nothing can be tested" in verdict.words and np.isnan(verdict.normalised).all()


def test_with_one_range_to_spare_a_fault_is_seen_but_not_whose():
    verdict = positioning.faulty(fix_with_bias(500.0, keep=5))
    assert verdict.suspect is None and verdict.detected
    assert "nobody can tell which" in verdict.words
    sizes = np.abs(verdict.normalised)
    assert sizes == pytest.approx(np.full(5, sizes[0]), rel=1e-5)


def test_the_only_satellite_of_a_system_is_checked_by_no_other():
    satellites, _, _ = sky(33.7, 73.1)
    names = ["BDS-3"] * (len(satellites) - 1) + ["GPS"]
    measured = ranges(satellites, orbits.earth_fixed(33.7, 73.1))
    measured[-1] += 1000
    fix = positioning.solve(satellites, measured, names)
    verdict = positioning.faulty(fix)
    assert np.isnan(verdict.normalised[-1]) and not verdict.detected
    assert fix.clock_m["GPS"] == pytest.approx(1000, abs=1e-3)


def test_a_level_that_is_no_probability_is_refused():
    with pytest.raises(InputError, match="false_alarm"):
        positioning.faulty(fix_with_bias(0), false_alarm=0)


# --- Monte Carlo


def days(systems=("BDS-3",), epochs=300):
    times = NOW + np.arange(epochs) * np.timedelta64(288, "s")
    path = [orbits.positions(constellations.flying(s), times) for s in systems]
    names = [s for s, p in zip(systems, path, strict=True) for _ in range(p.sizes["satellite"])]
    return np.concatenate([p.values for p in path]).swapaxes(0, 1), names


def test_monte_carlo_agrees_with_a_loop_over_numpy_lstsq_to_1e8():
    satellites, names = days(("BDS-3", "Galileo"))
    random = np.random.default_rng(4)
    sigma = random.uniform(1, 3, satellites.shape[:2])
    sigma[random.random(sigma.shape) < 0.6] = np.inf
    errors = random.normal(0, 5, sigma.shape)
    found = positioning.monte_carlo(satellites, -20, 130, sigma, names, errors)
    clocks = np.c_[np.array(names) == "BDS-3", np.array(names) == "Galileo"]
    site = orbits.earth_fixed(-20, 130)
    for epoch in range(len(satellites)):
        used = np.isfinite(sigma[epoch])
        away = satellites[epoch, used] - site
        rows = np.c_[-away / np.linalg.norm(away, axis=1)[:, None], clocks[used]]
        weight = 1 / sigma[epoch, used]
        answer = np.linalg.lstsq(rows * weight[:, None], errors[epoch, used] * weight)[0]
        assert np.abs(positioning.axes(-20, 130) @ answer[:3] - found[epoch]).max() < 1e-8


def test_one_linear_step_agrees_with_the_iterated_fix_to_a_micrometre():
    satellites, names, elevation = sky(33.7, 73.1, ("BDS-3", "GPS"))
    sigma = positioning.sigma(elevation)
    errors = np.random.default_rng(6).normal(0, sigma)
    place = orbits.earth_fixed(33.7, 73.1)
    fix = positioning.solve(satellites, ranges(satellites, place) + errors, names, sigma)
    found = positioning.monte_carlo(satellites[None], 33.7, 73.1, sigma, names, errors[None])
    assert np.abs(found[0] - fix.away_m(place)).max() < 1e-4  # 5 m squared over 20,000 km, and DOP


def test_fixes_that_cannot_be_are_nan_and_the_others_untouched():
    satellites, names = days(("BDS-3", "GPS"), epochs=6)
    sigma = np.ones(satellites.shape[:2])
    first = np.array(names) == "BDS-3"
    sigma[0, first] = np.inf  # GPS alone: its clock alone
    sigma[1, 3:] = np.inf  # three satellites
    sigma[2] = np.inf  # none
    sigma[3, 4:] = np.inf
    sigma[3, 3], satellites[3, 1] = 1, satellites[3, 0]  # four, two of them at one place
    sigma[4, :] = np.inf
    sigma[4, [0, 1, 2, 40]] = 1  # four satellites, two clocks
    found = positioning.monte_carlo(satellites, 10, 20, sigma, names)
    assert np.isfinite(found).all(axis=1).tolist() == [True, False, False, False, False, True]
    alone = positioning.monte_carlo(
        satellites[:1, ~first],
        10,
        20,
        sigma[:1, ~first],
        errors_m=np.random.default_rng(0).standard_normal(sigma.shape)[:1, ~first],
    )
    assert found[0] == pytest.approx(alone[0])


def test_the_spread_of_many_fixes_is_dop_times_sigma():
    satellites, _, _ = sky(33.7, 73.1)
    many = np.repeat(satellites[None], 4000, axis=0)
    found = positioning.monte_carlo(many, 33.7, 73.1, 2.0)
    fix = positioning.solve(
        satellites, ranges(satellites, orbits.earth_fixed(33.7, 73.1)), sigma_m=2.0
    )
    assert np.cov(found.T) == pytest.approx(fix.covariance_enu, rel=0.08, abs=0.15)
    assert positioning.vertical_95(found) == pytest.approx(
        1.96 * np.sqrt(fix.covariance_enu[2, 2]), rel=0.04
    )


def test_the_95_percent_figures_are_those_of_counting():
    errors = np.zeros((100, 3))
    errors[:, 0], errors[:, 2] = np.arange(1, 101), -np.arange(1, 101)
    assert positioning.horizontal_95(errors) == 95 == positioning.vertical_95(errors)
    errors[:6] = np.nan
    assert positioning.horizontal_95(errors) == np.inf
    with pytest.raises(InputError, match="no fix"):
        positioning.horizontal_95(np.empty((0, 3)))


@pytest.mark.parametrize("bad", [0, -1, np.nan])
def test_monte_carlo_refuses_sigmas_that_are_none(bad):
    satellites, _ = days(epochs=2)
    with pytest.raises(InputError, match="sigma_m"):
        positioning.monte_carlo(satellites, 0, 0, bad)
    with pytest.raises(InputError, match="shape"):
        positioning.monte_carlo(satellites[0], 0, 0, 1.0)


def test_accuracies_are_those_of_each_place_alone():
    times = pd.date_range(NOW, periods=40, freq="30min")
    paths = {"BDS-3": orbits.positions(constellations.flying("BDS-3"), times)}
    places = pd.DataFrame({"lat": [0.0, 70], "lon": [100.0, -30]}, index=["one", "other"])
    table = positioning.accuracies(places, paths, {"ionosphere": 3.0})
    assert list(table.index) == ["one", "other"] and list(table) == ["horizontal", "vertical"]
    errors = positioning.simulate(paths, 70, -30, {"ionosphere": 3.0})
    assert table.loc["other", "horizontal"] == positioning.horizontal_95(errors)
    assert table.loc["other", "vertical"] == positioning.vertical_95(errors)


def test_the_uere_is_the_mean_square_of_what_each_range_is_worth():
    times = pd.date_range(NOW, periods=5, freq="3h")
    paths = {s: orbits.positions(constellations.flying(s), times) for s in ("BDS-3", "GPS")}
    squares = []
    for path in paths.values():
        for elevation in visibility.look_angles(path, 33.7, 73.1)["elevation_deg"].values.ravel():
            if elevation >= 15:
                squares.append(float(positioning.sigma(elevation)) ** 2)
    mean = np.sqrt(sum(squares) / len(squares))
    assert positioning.uere_m(paths, 33.7, 73.1, mask_deg=15) == pytest.approx(mean, rel=1e-12)
    flat = dict.fromkeys(positioning.BUDGET_M, 0.0) | {"orbit": 1.5}
    assert positioning.uere_m(paths, 33.7, 73.1, flat) == pytest.approx(1.5)


def test_factors_of_95_percent_are_those_of_normal_errors():
    random = np.random.default_rng(8).standard_normal((400_000, 3))
    flat = positioning.horizontal_95(random) / np.sqrt(2)  # HDOP of two equal sides of 1
    assert positioning.FACTOR_95["horizontal"] == pytest.approx(flat, rel=0.005)
    assert positioning.FACTOR_95["vertical"] == pytest.approx(
        positioning.vertical_95(random), rel=0.005
    )


def test_the_outline_has_the_half_axes_and_the_azimuth_asked_for():
    east, north = positioning.ellipse(5, 2, 30, points=361)
    far = np.hypot(east, north)
    assert (far.max(), far.min()) == pytest.approx((5, 2), rel=1e-3)
    assert np.degrees(np.arctan2(east[0], north[0])) == pytest.approx(30)
    assert (east[0], north[0]) == pytest.approx((east[-1], north[-1]))


def test_simulate_is_monte_carlo_with_elevations_and_masks_of_visibility():
    times = NOW + np.arange(40) * np.timedelta64(1800, "s")
    paths = {s: orbits.positions(constellations.flying(s), times) for s in ("BDS-3", "GPS")}
    open_sky = positioning.simulate(paths, 33.7, 73.1)
    assert open_sky.shape == (40, 3) and np.isfinite(open_sky).all()
    assert (open_sky == positioning.simulate(paths, 33.7, 73.1)).all()
    in_view = visibility.dop(paths["BDS-3"], [33.7], [73.1], 40, grid=False)["in_view"].squeeze()
    alone = positioning.simulate({"BDS-3": paths["BDS-3"]}, 33.7, 73.1, mask_deg=40)
    assert (np.isnan(alone[:, 0]) == (in_view < 4)).all()

    def walls(azimuth_deg):
        return positioning.street_mask(azimuth_deg, 0, 45)

    street = positioning.simulate(paths, 33.7, 73.1, mask_deg=walls)
    assert np.nanstd(street) > 1.3 * open_sky.std()
    none = positioning.simulate({"BDS-3": paths["BDS-3"]}, 33.7, 73.1, mask_deg=89.9)
    assert np.isnan(none).all() and positioning.horizontal_95(none) == np.inf
    with pytest.raises(InputError, match="No system"):
        positioning.simulate({}, 33.7, 73.1)


def test_an_ionosphere_that_all_share_lifts_the_fix_and_hardly_shifts_it():
    times = NOW + np.arange(40) * np.timedelta64(1800, "s")
    paths = {"BDS-3": orbits.positions(constellations.flying("BDS-3"), times)}
    still = dict.fromkeys(positioning.BUDGET_M, 1e-6)
    away = positioning.simulate(paths, 33.7, 73.1, still | {"noise": 1.0}, zenith_delay_m=5)
    bare = positioning.simulate(paths, 33.7, 73.1, still | {"noise": 1.0})
    perfect = positioning.simulate(paths, 33.7, 73.1, dict.fromkeys(still, 0.0))
    assert np.isfinite(perfect).all() and np.abs(perfect).max() < 1e-9, "no error, no error"
    east, north, up = (away - bare).mean(axis=0)
    assert abs(east) < 2 and abs(north) < 2 and up > 5


# --- a real receiver, against cssrlib 1.2.1 (run once, apart; it needs more packages than we have)

# Earth-fixed places in m at transmission (not yet turned with the Earth) and clock corrections in
# m at 2021-03-19 12:00:00 GPS time, by cssrlib.ephemeris.satposs.
CSSRLIB_SATELLITES = {
    "G01": ((-20645132.397, -12022117.699, 11721762.867), 221134.319),
    "G03": ((-15006440.505, -2250125.867, 21711428.143), -33684.885),
    "G06": ((82701.777, 18954248.274, 18645595.364), 502.528),
    "G17": ((-15975881.972, 13495206.037, 16799742.377), 123587.635),
    "G28": ((-12613397.205, 23223775.907, -2962853.871), 179852.169),
    "E01": ((12402137.239, 16340379.2, 21337964.98), -320407.282),
    "E08": ((-28001744.718, 7648851.542, 5768389.467), 1808006.082),
    "E13": ((-9826275.305, 12800900.954, 24823308.558), 124046.14),
}
# Its fix in m with GPS at that instant (cssrlib.pntpos.stdpos, ionosphere-free, above 10 degrees,
# without G01, whose second signal is below its limit of 25 dB-Hz).
CSSRLIB_FIX = (-3962109.384871, 3381309.093346, 3668679.839256)


def first_epoch():
    table = data.load("observations")
    table = table[table["time"] == table["time"].min()]
    receiver = data.package()["observations"]["receiver"]
    return table, np.array([receiver[axis] for axis in ("x_km", "y_km", "z_km")])


def test_satellites_of_the_observations_agree_with_cssrlib_to_3_mm():
    table, receiver = first_epoch()
    table = table.set_index("prn")
    for prn, (sent, clock_m) in CSSRLIB_SATELLITES.items():
        place = table.loc[prn, ["x_km", "y_km", "z_km"]].to_numpy(float) * 1000
        angle = 7.2921151467e-5 * np.linalg.norm(place - receiver * 1000) / 299_792_458
        back = [
            place[0] * np.cos(angle) - place[1] * np.sin(angle),
            place[0] * np.sin(angle) + place[1] * np.cos(angle),
            place[2],
        ]
        assert np.abs(np.subtract(back, sent)).max() < 3e-3, prn
        assert table.loc[prn, "satellite_clock_m"] == pytest.approx(clock_m, abs=2e-3)


def test_a_real_fix_agrees_with_cssrlib_to_20_cm():
    """With its weights; the two models of the air differ by some centimetres."""
    table, receiver = first_epoch()
    table = table[(table["system"] == "GPS") & (table["prn"] != "G01")]
    lat, lon, height_km = orbits.geodetic(receiver)
    satellites = table[["x_km", "y_km", "z_km"]].to_numpy()
    away = satellites - receiver
    rise = away @ orbits.zenith(lat, lon) / np.linalg.norm(away, axis=1)
    elevation = np.degrees(np.arcsin(rise))
    free = positioning.ionosphere_free(
        table["pseudorange_1_m"],
        table["pseudorange_2_m"],
        table["frequency_1_mhz"],
        table["frequency_2_mhz"],
    )
    measured = free + table["satellite_clock_m"]
    measured = measured - positioning.troposphere_m(elevation, lat, height_km)
    sigma = np.hypot(0.5, 0.25 / rise)
    used = elevation >= 10
    fix = positioning.solve(satellites[used], measured[used], sigma_m=sigma[used])
    assert np.linalg.norm(fix.position_km * 1000 - CSSRLIB_FIX) < 0.2
    assert np.linalg.norm(fix.away_m(receiver)) < 2.5


def test_corrected_ranges_are_the_textbook_s_and_the_fixes_those_of_solve():
    observed = data.load("observations")
    clean, known = positioning.corrected(observed), positioning.receiver_km()
    high = positioning.corrected(observed, lowest_deg=30)
    assert high.equals(clean[clean["elevation_deg"] >= 30]) and 0 < len(high) < len(clean)
    row = clean.iloc[7]
    one, two = row["pseudorange_1_m"], row["pseudorange_2_m"]
    f1, f2 = row["frequency_1_mhz"] ** 2, row["frequency_2_mhz"] ** 2
    lat, lon, height_km = orbits.geodetic(known)
    xyz_km = row[["x_km", "y_km", "z_km"]].to_numpy(float)
    away = xyz_km - known
    rise = np.degrees(np.arcsin(away @ orbits.zenith(lat, lon) / np.linalg.norm(away)))
    air = positioning.troposphere_m(rise, lat, height_km)
    plain = (f1 * one - f2 * two) / (f1 - f2) + row["satellite_clock_m"] - air
    assert row["range_m"] == pytest.approx(plain, abs=0.02)
    gps = clean[clean["system"] == "GPS"]
    errors = positioning.fix_errors(gps, known)
    assert errors.shape == (30, 3) and np.abs(errors).max() < 3
    first = gps[gps["time"] == gps["time"].min()]
    fix = positioning.solve(
        first[["x_km", "y_km", "z_km"]].to_numpy(), first["range_m"], sigma_m=first["sigma_m"]
    )
    assert np.linalg.norm(fix.position_km - known) * 1000 == pytest.approx(
        np.linalg.norm(errors[0]), abs=1e-6
    )


# --- the words of the lesson, where they are at their ends


def test_a_cloud_without_fixes_is_said():
    for errors in (np.full((5, 3), np.nan), np.vstack([np.zeros((1, 3)), np.full((4, 3), np.nan)])):
        words, table = l05.cloud_words(errors), l05.cloud_table(errors)
        assert "horizontal not reached" in words and "of 5 moments" in words
        assert (table["fixes"] + table["without_fix"] == 5).all()
        assert (table["95 % are within, m"].iloc[:2] == "not reached").all()
    assert "No fix" not in l05.cloud_words(np.zeros((5, 3)))


def test_steps_beyond_the_last_stand_still():
    satellites, _, _ = sky(33.7, 73.1)
    place = orbits.earth_fixed(33.7, 73.1)
    fix = positioning.solve(satellites, ranges(satellites, place))
    headlines = [l05.step_words(step, fix, place) for step in range(12)]
    assert headlines[0].startswith("The first guess is 6,3")
    assert "After 1 step the" in headlines[1]
    assert headlines[11] == headlines[10].replace("10", "11")
    assert "After 11 steps the guess is less than a millimetre" in headlines[11]


def test_axes_end_at_round_numbers_that_hold_nearly_all():
    assert [l05.axis_end(errors) for errors in ([], [1.0, -2], [-13.0], [1e6])] == [12, 12, 20, 320]
    assert l05.axis_end([0.5], least=3) == 3


def test_the_verdict_on_c093_follows_its_two_halves(monkeypatch):
    assert l05.an_end_of_reliance()[0] == "disputed"
    market = data.load("gnss_market")
    more = market["metric"] == "china_beidou_terminals_in_use"
    changed = market.assign(value=market["value"].mask(more, 0.5))
    load = data.load
    monkeypatch.setattr(data, "load", lambda name: changed if name == "gnss_market" else load(name))
    assert l05.an_end_of_reliance()[0] == "confirmed"
    # Each of the three tests of the first half can fail it: globe, day, capitals.
    with monkeypatch.context() as worse:
        worse.setattr(l05, "published_95", lambda: {"horizontal": 2.0, "vertical": 10.1})
        assert l05.an_end_of_reliance()[0] == "inaccurate"
    with monkeypatch.context() as worse:
        worse.setattr(measured, "errors", lambda systems: np.full((288, 3), 7.0))
        assert l05.an_end_of_reliance()[0] == "inaccurate"
    with monkeypatch.context() as worse:
        worse.setattr(measured, "budget", lambda systems: ({"ionosphere": 5.0}, 0.0))
        assert l05.an_end_of_reliance()[0] == "inaccurate"
