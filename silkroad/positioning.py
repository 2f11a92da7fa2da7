"""From pseudoranges to a position: least squares, error ellipse, residual test, Monte Carlo.

A pseudorange is the distance to a satellite plus the error of the receiver's clock, as a length:
P = |s - p| + c. Near a guess the equations are linear; least squares, weighted by what each range
is worth, mends the guess, and again, until nothing moves (Gauss and Newton; see Kaplan and
Hegarty, Understanding GPS/GNSS, chapter 11). Each system has a clock of its own.

Satellites and receivers are Earth-fixed at the instant of reception (the Earth's turn while the
signal travels is already taken out); positions in km as in `orbits`, ranges and errors in metres.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers import data
from helpers.inputs import InputError
from silkroad.orbits import earth_fixed, geodetic, zenith
from silkroad.values import latitude, longitude, number, numbers, paired, shown, table_with, whole
from silkroad.visibility import look_angles

XYZ_KM = ["x_km", "y_km", "z_km"]  # columns of a satellite's position in the table observations
STEPS = 25  # more never helped: seven lead from the wrong side of the Earth to a micrometre
_STILL_M = 1e-5
_SINGULAR = 3e-4  # a GDOP of over 3,000, as in `visibility`
SURFACE_KM = 50  # a receiver stands, sails or flies no farther than this from the ellipsoid
_HORIZON_DEG = -10  # and sees no satellite lower: from 50 km up the horizon lies 7 degrees down
_EARTH_KM = 6350  # what is nearer to the centre lies inside the Earth
_FAR_KM = 1e6  # beyond the Moon: no satellite of ours in km, each of them in metres
_NEAR_M = 1e5  # all pseudoranges below 100 km: those to the farthest satellites, in km
_BLOCK = 500  # epochs at a time, so that the work stays in the processor's cache
_ALIKE = 1 - 1e-9  # two normalised residuals so alike cannot be told apart

# Assumptions of the lesson, not measurements: what usually remains for a receiver with one
# frequency, after the corrections that the satellites broadcast, in years of a quiet Sun.
BUDGET_M = {"orbit": 0.6, "ionosphere": 1.0, "troposphere": 0.2, "multipath": 0.5, "noise": 0.3}
# 95 % of a normal error: of a circle, per HDOP (two equal sides), and of a line, per VDOP.
FACTOR_95 = {"horizontal": float(np.sqrt(-np.log(0.05))), "vertical": 1.96}
# Of a receiver that combines two frequencies: no ionosphere, but three times multipath and noise.
TWO_FREQUENCIES_M = {"ionosphere": 0, "multipath": 1.5, "noise": 0.9}


@dataclass(frozen=True)
class Fix:
    """A position with all that tells how good it is.

    position_km (3,), lat and lon in degrees, height_km; clock_m {system: receiver's clock error as
    a length}; covariance in m² of x, y, z and the clocks in that order; residuals_m, measured less
    computed, and their sigma_m, one per satellite; iterates_km (steps + 1, 3), the start first;
    dof, the ranges beyond those needed; geometry (satellites, unknowns), the linearised equations;
    other_km (3,), a second place that fits as well, or None.
    """

    position_km: np.ndarray
    lat: float
    lon: float
    height_km: float
    clock_m: dict
    covariance: np.ndarray
    residuals_m: np.ndarray
    sigma_m: np.ndarray
    iterates_km: np.ndarray
    dof: int
    geometry: np.ndarray = field(repr=False)
    other_km: np.ndarray | None = None

    @property
    def covariance_enu(self):
        """The covariance of east, north and up in m², (3, 3)."""
        turn = axes(self.lat, self.lon)
        return turn @ self.covariance[:3, :3] @ turn.T

    def away_m(self, position_km):
        """Return how far this fix lies east, north and up of `position_km`, in metres (3,)."""
        lat, lon, _ = geodetic(position_km)
        return axes(lat, lon) @ (self.position_km - np.asarray(position_km, float)) * 1000


@dataclass(frozen=True)
class Verdict:
    """What the residual test says: `suspect` (a row, or None), `detected`, and it in `words`.

    normalised are the residuals in units of their own standard deviation, NaN where a range is
    checked by no other; threshold is what none of them should pass.
    """

    suspect: int | None
    detected: bool
    normalised: np.ndarray
    threshold: float
    words: str


def solve(satellites_km, pseudoranges_m, systems=None, sigma_m=1.0, start_km=None):
    """Return the Fix by iterated, weighted least squares.

    satellites_km (n, 3); pseudoranges_m (n,), already corrected for the satellites' own clocks
    and the air; systems (n,) names, each with a clock (one for all if not given); sigma_m (n,)
    or one for all, whose inverse squares are the weights; start_km (3,), the Earth's centre if
    not given.

    Ranges may fit two places, the more so with none to spare (Bancroft 1985). The fix is one
    within SURFACE_KM of the Earth's surface whose satellites stand above its horizon. Where the
    start leads elsewhere, others all over the Earth are tried. Where two places are possible,
    start_km decides and the second is `other_km`; without it both are named in the refusal.

    InputError: fewer satellites than unknowns, an unknown satellite (0, 0, 0), a wrong unit,
    singular geometry, no convergence, no place near the Earth's surface, two places.
    """
    satellites = numbers(satellites_km, "satellites_km", missing=True)
    ranges = numbers(pseudoranges_m, "pseudoranges_m", missing=True)
    if satellites.ndim != 2 or satellites.shape != (ranges.size, 3) or ranges.ndim != 1:
        raise InputError(
            f"{satellites.shape} positions and {ranges.shape} pseudoranges do not pair: "
            "give (n, 3) and (n,)."
        )
    if not (np.isfinite(satellites).all() and np.isfinite(ranges).all()):
        raise InputError("A position or pseudorange is missing (NaN): drop that satellite.")
    sigma = _sigmas(sigma_m, ranges.shape)
    if not ((sigma > 0) & (sigma < 1e9)).all():
        raise InputError("A sigma_m is not a finite number above zero: drop that satellite.")
    names, clocks = _clocks(systems, len(ranges))
    unknowns = 3 + len(names)
    if len(ranges) < unknowns:
        word = "clock" if len(names) == 1 else "clocks"
        raise InputError(
            f"{len(ranges)} satellites, {len(names)} {word}: {unknowns} unknowns need "
            f"{unknowns} satellites at least."
        )
    _known(satellites)
    if (ranges == 0).any():
        raise InputError("A pseudorange is 0, the mark for a missing one: drop that satellite.")
    if (np.abs(ranges) < _NEAR_M).all():
        raise InputError("The pseudoranges are all below 100 km: give metres, not km.")

    start = np.zeros(3) if start_km is None else numbers(start_km, "start_km", -1e6, 1e6)
    if start.shape != (3,):
        raise InputError(f"start_km has shape {start.shape}: give x, y, z in km.")
    problem = satellites, ranges, clocks, sigma
    found, others = _near_earth(problem, start, spare=len(ranges) > unknowns)
    if others and start_km is None:
        raise InputError(
            f"Two places fit these ranges, {_place(found.iterates_km[-1])} and "
            f"{_place(others[0])}: add a satellite, or give start_km near the right one."
        )
    position = found.iterates_km[-1]
    lat, lon, height = geodetic(position)
    return Fix(
        position_km=position,
        lat=float(lat),
        lon=float(lon),
        height_km=float(height),
        clock_m=dict(zip(names, found.clock_m.tolist(), strict=True)),
        covariance=found.covariance,
        residuals_m=found.residuals_m,
        sigma_m=sigma,
        iterates_km=found.iterates_km,
        dof=len(ranges) - unknowns,
        geometry=found.geometry,
        other_km=others[0] if others else None,
    )


def sigma(elevation_deg, budget_m=None):
    """Return the standard deviation in metres of a range at an elevation (any shape).

    budget_m holds orbit (with the satellite's clock), ionosphere, troposphere, multipath and
    noise, in metres at the zenith; BUDGET_M where not given. Their squares add. The ionosphere
    grows by the slant through a layer 350 km up, troposphere and multipath about as 1 / sin
    (1.001 / sqrt(0.002001 + sin²), RTCA DO-229), orbit and noise do not grow.
    """
    if not isinstance(budget_m, dict | None):
        raise InputError(f"budget_m is {shown(budget_m)}: give {{part: metres}}.")
    budget = BUDGET_M | (budget_m or {})
    if odd := sorted(set(budget) - set(BUDGET_M)):
        raise InputError(f"The budget has no part {odd[0]!r}: name some of {', '.join(BUDGET_M)}.")
    for name, value in budget.items():
        try:
            number(value, name, 0)
        except InputError:
            raise InputError(
                f"The part {name} of the budget is {shown(value)}: give metres, 0 or more."
            ) from None
    return np.sqrt(
        budget["orbit"] ** 2
        + budget["noise"] ** 2
        + (budget["ionosphere"] * ionosphere_slant(elevation_deg)) ** 2
        + (budget["troposphere"] ** 2 + budget["multipath"] ** 2) * air_slant(elevation_deg) ** 2
    )


def uere_m(positions, lat, lon, budget_m=None, mask_deg=5.0):
    """Return the user equivalent range error in m: the root mean square of `sigma` at a place.

    Over all satellites of positions {system: DataArray of `orbits.positions`} and all their times,
    above mask_deg; budget_m as in `sigma`. InputError: no satellite ever stands there.
    """
    sigmas, mask_deg = [], number(mask_deg, "mask_deg", -90, 90)
    for path in _systems(positions).values():
        elevation = look_angles(path, lat, lon)["elevation_deg"].to_numpy()
        sigmas.append(sigma(elevation[elevation >= mask_deg], budget_m))
    if not any(each.size for each in sigmas):
        raise InputError(f"No satellite stands above {mask_deg:g}° there: lower the mask_deg.")
    return float(np.sqrt(np.mean(np.concatenate(sigmas) ** 2)))


def ionosphere_slant(elevation_deg):
    """Return how much longer the way through a thin layer 350 km up is than at the zenith."""
    down = 6371 / (6371 + 350) * np.cos(np.radians(_risen(elevation_deg)))
    return 1 / np.sqrt(1 - down**2)


def air_slant(elevation_deg):
    """Return how much longer the way through the air is than at the zenith (RTCA DO-229)."""
    return 1.001 / np.sqrt(0.002001 + np.sin(np.radians(_risen(elevation_deg))) ** 2)


def troposphere_m(elevation_deg, lat, height_km):
    """Return by how much the air delays a signal, in metres: Saastamoinen (1972).

    For a standard atmosphere with 15 °C, 1013.25 hPa and half the possible moisture at sea level;
    heights above 10 km count as 10.
    """
    slant, lat, height_km = paired(
        elevation_deg=air_slant(elevation_deg),
        lat=latitude(lat),
        height_km=numbers(height_km, "height_km", -SURFACE_KM, SURFACE_KM),
    )
    height_m = np.clip(height_km * 1000, 0, 10_000)
    pressure = 1013.25 * (1 - 2.2557e-5 * height_m) ** 5.2568
    kelvin = 288.15 - 6.5e-3 * height_m
    moisture = 6.108 * 0.5 * np.exp((17.15 * kelvin - 4684) / (kelvin - 38.45))
    gravity = 1 - 0.00266 * np.cos(2 * np.radians(lat)) - 2.8e-7 * height_m
    dry = 0.0022768 * pressure / gravity
    return (dry + 0.002277 * (1255 / kelvin + 0.05) * moisture) * slant


def ionosphere_free(first_m, second_m, first_mhz, second_mhz):
    """Return the combination of pseudoranges on two frequencies without the ionosphere's delay.

    To first order the delay goes as 1 / f²; the noise grows about threefold. In columns of a table
    what is missing stays missing. InputError: a range or frequency that is no number, or two
    frequencies that are one, so that nothing tells the delay.
    """
    first, second, high, low = paired(
        first_m=numbers(first_m, "first_m", missing=isinstance(first_m, pd.Series)),
        second_m=numbers(second_m, "second_m", missing=isinstance(second_m, pd.Series)),
        first_mhz=numbers(first_mhz, "first_mhz", above=0),
        second_mhz=numbers(second_mhz, "second_mhz", above=0),
    )
    ratio = (high / low) ** 2
    if (np.abs(ratio - 1) < 1e-6).any():
        raise InputError(
            f"Both frequencies are {high[np.abs(ratio - 1) < 1e-6].flat[0]:g} MHz: one cannot take "
            "out the ionosphere, so give two."
        )
    free = (ratio * first - second) / (ratio - 1)
    return pd.Series(free, first_m.index) if isinstance(first_m, pd.Series) else free


def error_ellipse(covariance_en, probability=0.95):
    """Return (semi-major m, semi-minor m, azimuth of the major axis in degrees, 0 to 180).

    covariance_en (2, 2) is of east and north in m²; the ellipse holds `probability` of a normal
    error. Azimuth runs clockwise from north.
    """
    try:
        probability = number(probability, "probability", 1e-9, 1 - 1e-9)
    except InputError:
        raise InputError(
            f"The probability is {shown(probability)}: give a number between 0 and 1."
        ) from None
    covariance = numbers(covariance_en, "covariance_en")
    if covariance.shape != (2, 2) or not np.allclose(covariance, covariance.T):
        raise InputError("covariance_en is no symmetric (2, 2) matrix: give that of east, north.")
    squares, directions = np.linalg.eigh(covariance)
    if squares[0] < -1e-12 * abs(squares[1]):
        raise InputError("covariance_en has a negative variance: it is none.")
    minor, major = np.sqrt(np.clip(squares, 0, None) * -2 * np.log(1 - probability))
    east, north = directions[:, 1]
    return float(major), float(minor), float(np.degrees(np.arctan2(east, north)) % 180)


def ellipse(major_m, minor_m, azimuth_deg, points=90):
    """Return the outline of an ellipse about (0, 0) as arrays east and north, in metres.

    As `error_ellipse` gives them: half axes, and the azimuth of the major one.
    """
    major_m, minor_m = number(major_m, "major_m", 0), number(minor_m, "minor_m", 0)
    turn = np.radians(number(azimuth_deg, "azimuth_deg", -360, 360))
    angle = np.linspace(0, 2 * np.pi, whole(points, "points", 3, 1e6))
    along, across = major_m * np.cos(angle), minor_m * np.sin(angle)
    east = along * np.sin(turn) + across * np.cos(turn)
    return east, along * np.cos(turn) - across * np.sin(turn)


def faulty(fix, names=None, false_alarm=0.01):
    """Return the Verdict of the residual test: does one range not fit the others?

    Each residual is divided by its own standard deviation. The largest of n good ones passes the
    threshold with probability `false_alarm` at most (normal quantile at false_alarm / 2n; Baarda
    1968). With no range to spare nothing can be tested; with one to spare all ranges disagree
    alike, so a fault is seen but not whose. `names` are for the words.
    """
    from statistics import NormalDist

    try:
        false_alarm = number(false_alarm, "false_alarm", 1e-12, 1 - 1e-12)
    except InputError:
        raise InputError(
            f"false_alarm is {shown(false_alarm)}: give a number between 0 and 1."
        ) from None
    if not isinstance(fix, Fix):
        raise InputError(f"{shown(fix)} is no fix: give what solve returns.")
    count = len(fix.residuals_m)
    names = [f"satellite {i + 1}" for i in range(count)] if names is None else names
    names = list(names) if np.iterable(names) else [names]
    if len(names) != count:
        raise InputError(f"{len(names)} names for {count} satellites: give one for each.")
    threshold = NormalDist().inv_cdf(1 - false_alarm / (2 * count))
    # The residuals' covariance: that of the ranges less what the fix has already followed.
    left = np.diag(fix.sigma_m**2) - fix.geometry @ fix.covariance @ fix.geometry.T
    spread = np.diag(left)
    checked = spread > 1e-6 * fix.sigma_m**2
    deviation = np.sqrt(np.where(checked, spread, np.nan))
    normalised = fix.residuals_m / deviation

    def verdict(suspect, detected, words):
        return Verdict(suspect, detected, normalised, float(threshold), words)

    if fix.dof == 0 or not checked.any():
        return verdict(None, False, "No range to spare: nothing can be tested.")
    worst = int(np.nanargmax(np.abs(normalised)))
    size = abs(normalised[worst])
    if size <= threshold:
        return verdict(None, False, "All ranges fit together.")
    alike = np.abs(left[worst] / deviation / deviation[worst]) > _ALIKE
    if alike.sum() > 1:
        which = ", ".join(names[i] for i in np.flatnonzero(alike))
        return verdict(None, True, f"One range is bad, and nobody can tell which: {which}.")
    return verdict(worst, True, f"{names[worst]} does not fit: {size:.1f} times its deviation.")


def monte_carlo(satellites_km, lat, lon, sigma_m, systems=None, errors_m=None, seed=0):
    """Return the errors of many fixes at one place at once: east, north, up in metres (epochs, 3).

    satellites_km (epochs, n, 3); sigma_m (epochs, n) or (n,), infinite for a satellite that is
    not used; errors_m (epochs, n) are the errors of the ranges, drawn from normal distributions
    of sigma_m if not given. One weighted least-squares step from the truth is exact to a
    micrometre for errors of some metres. Fixes with too few satellites or singular geometry are
    NaN. A system with none in view at an epoch needs no clock there.
    """
    satellites = numbers(satellites_km, "satellites_km", missing=True)
    if satellites.ndim != 3 or satellites.shape[2] != 3:
        raise InputError(f"satellites_km has shape {satellites.shape}: give (epochs, n, 3).")
    sigma = _sigmas(sigma_m, satellites.shape[:2])
    if not (sigma > 0).all():
        raise InputError("A sigma_m is missing or not above zero: give infinity to leave out.")
    used = np.isfinite(sigma)
    if errors_m is None:
        unit = np.random.default_rng(seed).standard_normal(sigma.shape)
        errors_m = unit * np.where(np.isfinite(sigma), sigma, 0)
    names, clocks = _clocks(systems, satellites.shape[1])
    scale = 1 / sigma
    errors_m = numbers(errors_m, "errors_m", missing=True)
    if errors_m.shape != sigma.shape:
        raise InputError(f"errors_m has shape {errors_m.shape}: give {sigma.shape}.")
    lat, lon = number(lat, "latitude", -90, 90), number(lon, "longitude", -360, 360)
    site, unknowns = earth_fixed(lat, lon), 3 + len(names)
    table = np.empty((unknowns, unknowns + 1, len(satellites)))
    # What lies between these distances from here is neither inside the Earth nor too far from it.
    near, far = _EARTH_KM + np.linalg.norm(site), _FAR_KM - np.linalg.norm(site)
    looked = False
    for begin in range(0, len(satellites), _BLOCK):
        part = slice(begin, begin + _BLOCK)
        # Epochs last, so that all of them are summed over the satellites at once.
        weight = scale[part].T.copy()
        rows = np.empty((unknowns + 1, *weight.shape))
        toward = np.subtract(site[:, None, None], satellites[part].T, out=rows[:3])
        away = np.sqrt(np.einsum("ise,ise->se", toward, toward))
        if not (looked or (near <= away.min(initial=far) and away.max(initial=near) <= far)):
            _known(satellites if used.all() else satellites[used])
            looked = True
        toward *= weight / away
        np.multiply(clocks.T[..., None], weight, out=rows[3:-1])
        np.multiply(errors_m[part].T, weight, out=rows[-1])
        for i in range(unknowns):
            np.einsum("se,jse->je", rows[i], rows[i:], out=table[i, i:, part])

    found, solvable = _eliminated(table)
    return (axes(lat, lon) @ np.where(solvable, found[:3], np.nan)).T


def simulate(positions, lat, lon, budget_m=None, mask_deg=5.0, zenith_delay_m=0.0, seed=0):
    """Return the errors east, north, up in metres (times, 3) of a receiver's fixes at a place.

    positions {system: DataArray of `orbits.positions`}, all at the same times; budget_m as in
    `sigma`. mask_deg hides what stands below it: a number, or a function of azimuths in degrees
    (see `street_mask`). zenith_delay_m is an ionosphere that all ranges share: it lengthens each
    by its slant, and the receiver does not know. Otherwise as `monte_carlo`.
    """
    positions = _systems(positions)
    lat, lon = number(lat, "latitude", -90, 90), number(lon, "longitude", -360, 360)
    zenith_delay_m = number(zenith_delay_m, "zenith_delay_m")
    mask_deg = mask_deg if callable(mask_deg) else number(mask_deg, "mask_deg", -90, 90)
    satellites, elevation, sigma_m, systems = [], [], [], []
    for system, path in positions.items():
        look = look_angles(path, lat, lon)
        risen = look["elevation_deg"].to_numpy()
        hidden = mask_deg(look["azimuth_deg"].to_numpy()) if callable(mask_deg) else mask_deg
        seen = risen >= hidden
        ever = seen.any(axis=1)
        satellites.append(path.transpose("satellite", "time", "axis").values[ever])
        elevation.append(risen[ever])
        sigma_m.append(np.where(seen, sigma(risen, budget_m), np.inf)[ever])
        systems += [system] * int(ever.sum())
    sigma_m = np.concatenate(sigma_m).T
    errors_m = np.random.default_rng(seed).standard_normal(sigma_m.shape)
    errors_m *= np.where(np.isfinite(sigma_m), sigma_m, 0)
    errors_m += zenith_delay_m * ionosphere_slant(np.concatenate(elevation).T)
    everyone = np.concatenate(satellites).swapaxes(0, 1)
    # Ranges without any error weigh alike: only the ratios of weights count.
    return monte_carlo(everyone, lat, lon, np.where(sigma_m == 0, 1, sigma_m), systems, errors_m)


def _systems(positions):
    """Return {system: positions}, or refuse what is none."""
    if not isinstance(positions, dict):
        raise InputError(f"{shown(positions)} is no {{system: positions}}: name each system.")
    if not positions:
        raise InputError("No system is selected: choose one at least.")
    return positions


def horizontal_95(errors_enu_m):
    """Return the radius in metres that holds 95 % of the fixes; a fix that failed is infinite."""
    return _quantile(np.hypot(*_enu(errors_enu_m)[:, :2].T))


def vertical_95(errors_enu_m):
    """Return the height error in metres that 95 % of the fixes do not pass, as above."""
    return _quantile(np.abs(_enu(errors_enu_m)[:, 2]))


def _enu(errors_enu_m):
    found = numbers(errors_enu_m, "errors_enu_m", missing=True)
    if found.ndim != 2 or found.shape[1] != 3:
        raise InputError(
            f"errors_enu_m has shape {found.shape}: give (fixes, 3) of east, north, up."
        )
    return found


SIZES_95 = {"horizontal": horizontal_95, "vertical": vertical_95}


def accuracies(places, positions, budget_m=None, zenith_delay_m=0.0):
    """Return the errors at 95 % in metres of fixes at places: DataFrame horizontal, vertical.

    places has lat and lon; the index is theirs. Under an open sky above 5 degrees, otherwise as
    `simulate`.
    """
    table_with(places, ("lat", "lon"), "places")
    rows = []
    for place in places.itertuples():
        errors = simulate(positions, place.lat, place.lon, budget_m, zenith_delay_m=zenith_delay_m)
        rows.append({kind: size(errors) for kind, size in SIZES_95.items()})
    return pd.DataFrame(rows, index=places.index)


def measured_errors(ranges, lat, lon):
    """Return the errors east, north, up in metres (times, 3) of fixes from measured range errors.

    ranges has a row for each range: time, satellite, system, elevation_deg, azimuth_deg, error_m
    (measured less what the known place would give, the receiver's clock aside) and sigma_m, whose
    inverse square is its weight, infinite for a range that is not used. As `monte_carlo`.
    """
    sky, sigma_m, errors_m, systems = _rectangle(ranges, lat, lon)
    return monte_carlo(earth_fixed(lat, lon) + sky, lat, lon, sigma_m, systems, errors_m)


def measured_dops(ranges, lat, lon):
    """Return DataFrame hdop, vdop of the same ranges, a row a time: all used ones count alike."""
    sky, sigma_m, _, systems = _rectangle(ranges, lat, lon)
    names, clocks = _clocks(systems, len(systems))
    used = np.isfinite(sigma_m)
    toward = (sky / _AWAY_KM) @ axes(lat, lon).T
    rows = np.concatenate([-toward, np.broadcast_to(clocks, (*used.shape, len(names)))], axis=2)
    rows = rows * used[..., None]
    spread = np.linalg.pinv(rows.swapaxes(1, 2) @ rows)[:, range(3), range(3)]
    return pd.DataFrame({"hdop": np.sqrt(spread[:, :2].sum(axis=1)), "vdop": np.sqrt(spread[:, 2])})


def measured_budget(elevation_deg, errors_m):
    """Return a budget for `sigma` fitted to range errors in metres at elevations, both (n,).

    Two parts, the likeliest for normal errors: `orbit`, which does not grow low in the sky, and
    `multipath`, which does; the others are 0.
    """
    squares = np.asarray(errors_m, float) ** 2
    growing = air_slant(elevation_deg) ** 2
    variance = np.full(len(squares), squares.mean())
    for _ in range(20):  # least squares, each square weighted by what it should be
        rows = np.stack([np.ones(len(squares)), growing], axis=1) / variance[:, None]
        parts = np.maximum(np.linalg.lstsq(rows, squares / variance)[0], 0)
        parts *= (squares / variance).sum() / (rows @ parts).sum()  # where one was held at 0
        variance = np.maximum(parts[0] + parts[1] * growing, 1e-12)
    level, rising = np.sqrt(parts).tolist()
    return dict.fromkeys(BUDGET_M, 0.0) | {"orbit": level, "multipath": rising}


def less_clock(ranges, column="error_m"):
    """Return a column of ranges less its mean of each time and system, weighted by sigma_m.

    That is what a receiver's clock takes at a known place. ranges as in `measured_errors`.
    """
    weight = ranges["sigma_m"] ** -2.0
    each = [ranges["time"], ranges["system"]]
    total = (ranges[column] * weight).groupby(each, observed=True).transform("sum")
    return ranges[column] - total / weight.groupby(each, observed=True).transform("sum")


def shared_delay_m(ranges):
    """Return by how much all ranges of a time were too long at the zenith, in metres (times,).

    What grows as `ionosphere_slant` in the errors of one time, fitted together with a clock for
    each system; ranges as in `measured_errors`.
    """
    used = ranges[np.isfinite(ranges["sigma_m"])]
    used = used.assign(slant=ionosphere_slant(used["elevation_deg"]))
    slant, weight = less_clock(used, "slant"), used["sigma_m"] ** -2.0
    sums = pd.DataFrame({"both": weight * slant * used["error_m"], "own": weight * slant**2})
    sums = sums.groupby(used["time"]).sum()
    return (sums["both"] / sums["own"]).to_numpy()


def street_mask(azimuth_deg, street_azimuth_deg, roofs_deg, open_deg=5.0):
    """Return the elevation in degrees that the houses of an endless street hide.

    Across the street the roofs stand at roofs_deg; along it one sees down to open_deg.
    """
    street = number(street_azimuth_deg, "street_azimuth_deg", -360, 360)
    across = np.abs(np.sin(np.radians(numbers(azimuth_deg, "azimuth_deg", -360, 360) - street)))
    roofs_deg = number(roofs_deg, "roofs_deg", 0, below=90)
    open_deg = number(open_deg, "open_deg", -90, 90)
    return np.maximum(np.degrees(np.arctan(np.tan(np.radians(roofs_deg)) * across)), open_deg)


def corrected(observations, lowest_deg=10):
    """Return rows of the table `observations` with ranges fit for `solve`, and their sigma.

    Columns added: range_m (two frequencies combined, less the satellite's clock error and the
    air), elevation_deg and sigma_m (by TWO_FREQUENCIES_M). Rows below lowest_deg are left out. The
    elevations come from a first, rough fix, not from the known position.
    """
    free = ionosphere_free(
        *(observations[name] for name in ("pseudorange_1_m", "pseudorange_2_m")),
        *(observations[name] for name in ("frequency_1_mhz", "frequency_2_mhz")),
    )
    table = observations.assign(range_m=free + observations["satellite_clock_m"])
    first = table[table["time"] == table["time"].min()]
    rough = solve(first[XYZ_KM], first["range_m"], first["system"])
    away = table[XYZ_KM].to_numpy() - rough.position_km
    rise = away @ zenith(rough.lat, rough.lon) / np.linalg.norm(away, axis=1)
    table["elevation_deg"] = np.degrees(np.arcsin(rise))
    table["range_m"] -= troposphere_m(table["elevation_deg"], rough.lat, rough.height_km)
    table["sigma_m"] = sigma(table["elevation_deg"], TWO_FREQUENCIES_M)
    return table[table["elevation_deg"] >= lowest_deg]


def fix_errors(rows, known_km):
    """Return the errors east, north, up in metres (times, 3) of a fix at each time of `rows`.

    rows as from `corrected`; known_km (3,) is where the receiver stood.
    """
    fixes = [
        solve(now[XYZ_KM], now["range_m"], now["system"], now["sigma_m"])
        for _, now in rows.groupby("time")
    ]
    return np.array([fix.away_m(known_km) for fix in fixes])


def receiver_km():
    """Return the known position of the receiver of the table `observations`, (3,) in km."""
    receiver = data.package()["observations"]["receiver"]
    return np.array([receiver[axis] for axis in XYZ_KM])


def axes(lat, lon):
    """Return the unit vectors east, north and up at a place as the rows of a (3, 3) matrix."""
    up, lam = zenith(number(lat, "lat", -90, 90), longitude(lon)), np.radians(number(lon, "lon"))
    sine, cosine = np.sin(lam), np.cos(lam)
    north = [-up[2] * cosine, -up[2] * sine, up[0] * cosine + up[1] * sine]
    return np.array([[-sine, cosine, 0.0], north, up])


@dataclass(frozen=True)
class _Descent:
    """Where the guesses led from one start; fields as in Fix."""

    iterates_km: np.ndarray
    clock_m: np.ndarray
    covariance: np.ndarray
    residuals_m: np.ndarray
    geometry: np.ndarray
    near: bool  # by the surface
    above: bool  # and no satellite below its horizon


def _near_earth(problem, start, spare):
    """Return the descent that ends by the Earth's surface, and the places of others as good.

    With ranges to spare the first that does is taken; else every start is tried, as two may.
    """
    ends, failure = [], None
    for guess in (start, *_STARTS_KM):
        try:
            ends.append(_descend(*problem, guess))
        except InputError as error:
            failure = failure or error
            continue
        if spare and ends[-1].near:
            return ends[-1], []
    if not ends:
        raise failure
    near = [end for end in ends if end.near]
    if not near:
        places = _distinct([end.iterates_km[-1] for end in ends])
        raise InputError(
            f"No place near the Earth's surface fits these ranges, only {_place(places[0])}"
            f"{f' and {_place(places[1])}' if len(places) > 1 else ''}: look for a wrong "
            "satellite or range."
        )
    near = [end for end in near if end.above] or near
    places = _distinct([end.iterates_km[-1] for end in near])
    return near[0], places[1:]


def _descend(satellites, ranges, clocks, sigma, start):
    """Return the _Descent of Gauss and Newton from one start, or refuse it."""
    position = start
    iterates = [position]
    for _ in range(STEPS):
        away = (satellites - position) * 1000
        distance = np.linalg.norm(away, axis=1)
        geometry = np.hstack([-away / np.maximum(distance, 1e-9)[:, None], clocks])
        weighted = geometry / sigma[:, None]
        _solvable(geometry)
        step = np.linalg.lstsq(weighted, (ranges - distance) / sigma, rcond=None)[0]
        position = position + step[:3] / 1000
        iterates.append(position)
        if np.linalg.norm(step[:3]) < _STILL_M:
            break
        if not np.linalg.norm(position) < 1e6:
            raise InputError(_LOST.format(steps=len(iterates) - 1))
    else:
        raise InputError(_LOST.format(steps=STEPS))
    lat, lon, height = geodetic(position)
    rise = -geometry[:, :3] @ zenith(lat, lon)
    residuals = ranges - np.linalg.norm(satellites - position, axis=1) * 1000 - clocks @ step[3:]
    near = bool(abs(height) <= SURFACE_KM)
    return _Descent(
        iterates_km=np.array(iterates),
        clock_m=step[3:],
        covariance=np.linalg.inv(weighted.T @ weighted),
        residuals_m=residuals,
        geometry=geometry,
        near=near,
        above=near and bool(rise.min() > np.sin(np.radians(_HORIZON_DEG))),
    )


def _distinct(places_km):
    """Return the places that are over a metre from those before them."""
    kept = []
    for place in places_km:
        if all(np.linalg.norm(place - other) > 1e-3 for other in kept):
            kept.append(place)
    return kept


def _place(position_km):
    """Return a place in words."""
    lat, lon, height = map(float, geodetic(position_km))
    return f"{lat:.2f}°, {lon:.2f}° at a height of {round(height):,} km"


def _known(satellites_km):
    """Refuse positions (..., 3) that are no satellite's in km."""
    x, y, z = np.moveaxis(satellites_km, -1, 0)
    square = x * x + y * y + z * z
    nearest = np.sqrt(np.fmin.reduce(square, axis=None, initial=np.inf))
    farthest = np.sqrt(np.fmax.reduce(square, axis=None, initial=0))
    if nearest == 0:
        raise InputError("A satellite is at (0, 0, 0), the mark for unknown: drop it.")
    if nearest < _EARTH_KM:
        raise InputError(
            f"A satellite is {nearest:,.0f} km from the Earth's centre, inside the Earth: give "
            "km, or drop it."
        )
    if farthest > _FAR_KM:
        raise InputError(
            f"A satellite is {farthest:,.0f} km from the Earth's centre: give km, not metres."
        )


# Twelve starts all over the Earth, the corners of an icosahedron.
_GOLDEN = (1 + 5**0.5) / 2
_STARTS_KM = [
    6371 / np.hypot(1, _GOLDEN) * np.roll([0, a, b * _GOLDEN], turn)
    for turn in range(3)
    for a in (-1, 1)
    for b in (-1, 1)
]


def _rectangle(ranges, lat, lon):
    """Return ranges as (times, satellites): ways km, sigmas and errors m; and the systems."""
    time, times = pd.factorize(ranges["time"], sort=True)
    satellite, names = pd.factorize(ranges["satellite"])
    shape = len(times), len(names)
    rise, turn = (np.radians(ranges[f"{name}_deg"].to_numpy()) for name in ("elevation", "azimuth"))
    toward = np.stack([np.cos(rise) * np.sin(turn), np.cos(rise) * np.cos(turn), np.sin(rise)], 1)
    sky, sigma, errors = np.full((*shape, 3), _AWAY_KM), np.full(shape, np.inf), np.zeros(shape)
    sky[time, satellite] = _AWAY_KM * toward @ axes(lat, lon)
    sigma[time, satellite] = ranges["sigma_m"]
    errors[time, satellite] = ranges["error_m"]
    systems = ranges.groupby(satellite)["system"].first()
    return sky, sigma, errors, systems.tolist()


_AWAY_KM = 25_000.0  # in one linear step the direction to a satellite matters, not its distance

_LOST = (
    "No position after {steps} steps (no convergence): the pseudoranges contradict each other, "
    "or the start is too far away; check them."
)


def _quantile(sizes):
    if not sizes.size:
        raise InputError("There is no fix: give one at least.")
    sizes = np.sort(np.where(np.isnan(sizes), np.inf, sizes))
    return float(sizes[int(np.ceil(0.95 * sizes.size)) - 1])


def _risen(elevation_deg):
    """Return elevations as an array, those below 2 degrees as 2, where the formulas end."""
    elevation = numbers(elevation_deg, "An elevation", missing=True)
    if not (np.abs(elevation) <= 90).all():
        raise InputError("An elevation is missing or not in -90 to 90 degrees: correct it.")
    return np.maximum(elevation, 2.0)


def _sigmas(sigma_m, shape):
    try:
        sigma = np.asarray(sigma_m, float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"sigma_m is {shown(sigma_m)}: give metres as numbers.") from None
    try:
        return np.broadcast_to(sigma, shape)
    except ValueError:
        raise InputError(f"sigma_m has shape {sigma.shape}: give one number or {shape}.") from None


def _clocks(systems, count):
    """Return the names of the clocks, in order of appearance, and who reads which, (n, clocks)."""
    if not np.iterable(systems if systems is not None else ()):
        raise InputError(f"systems is {shown(systems)}: give a name for each satellite.")
    systems = ["all"] * count if systems is None else [str(name) for name in systems]
    if len(systems) != count:
        raise InputError(f"{len(systems)} systems for {count} satellites: give one for each.")
    names = list(dict.fromkeys(systems))
    clocks = [[float(s == name) for name in names] for s in systems]
    return names, np.array(clocks).reshape(count, len(names))


def _eliminated(table):
    """Solve many small symmetric systems at once by elimination (L D L'), in `table` itself.

    table (k, k + 1, many) is the matrix and, as its last column, the right side; what lies below
    the diagonal is not looked at. Returns the solutions (k, many) and where the geometry was fit
    to be solved: no pivot below the square of `_SINGULAR` times what stood there before. An
    unknown in no equation (a clock without a satellite) is 0.
    """
    count = len(table)
    before = np.einsum("iie->ie", table[:, :count]).copy()
    solvable = (before[:3] > 0).all(axis=0)
    for i, row in enumerate(table):
        idle = before[i] == 0
        solvable &= idle | (row[i] > _SINGULAR**2 * before[i])
        row[i, idle | ~solvable] = 1.0
        unit = row[i + 1 :] / row[i]
        for j in range(i + 1, count):
            table[j, j:] -= row[j] * unit[j - i - 1 :]
        row[i + 1 :] = unit
    answer = table[:, count]
    for i in range(count - 2, -1, -1):
        answer[i] -= np.einsum("je,je->e", table[i, i + 1 : count], answer[i + 1 :])
    return answer, solvable


def _solvable(geometry):
    if np.linalg.svd(geometry, compute_uv=False)[-1] < _SINGULAR:
        raise InputError(
            "The satellites stand so that they do not fix a position (singular geometry, DOP over "
            "3,000): take others, or wait until they have moved."
        )
