"""How fast the batch of fixes is, as a ratio to a loop over numpy.linalg.lstsq."""

import numpy as np

from helpers import data
from silkroad import constellations, orbits, positioning
from silkroad.orbits import earth_fixed

EPOCHS, SATELLITES = 2000, 30
LAT, LON = 33.7, 73.1


def run(repeats=7):
    """Return one row as those of `models.run`: 2,000 epochs × 30 satellites, both from positions.

    Both take the same positions, sigmas and errors of the ranges, and return east, north, up.
    """
    from tools.bench.models import _in_turn, _row

    satellites = constellations.flying("BDS-3").iloc[:SATELLITES]
    times = data.snapshot() + np.arange(EPOCHS) * np.timedelta64(43, "s")
    path = orbits.positions(satellites, times).transpose("time", "satellite", "axis")
    satellites_km = np.ascontiguousarray(path.values)
    random = np.random.default_rng(5)
    sigma_m = random.uniform(1, 3, satellites_km.shape[:2])
    errors_m = random.standard_normal(sigma_m.shape) * sigma_m

    def ours():
        return positioning.monte_carlo(satellites_km, LAT, LON, sigma_m, errors_m=errors_m)

    def theirs():
        site = earth_fixed(LAT, LON)
        found = np.empty((EPOCHS, 3))
        for epoch, satellites in enumerate(satellites_km):
            away = site - satellites
            weight = 1 / sigma_m[epoch]
            equations = np.empty((SATELLITES, 4))
            equations[:, :3] = away * (weight / np.linalg.norm(away, axis=1))[:, None]
            equations[:, 3] = weight
            answer = np.linalg.lstsq(equations, errors_m[epoch] * weight, rcond=None)[0]
            found[epoch] = answer[:3]
        return found @ positioning.axes(LAT, LON).T

    assert np.abs(ours() - theirs()).max() < 1e-6
    took = _in_turn(ours, theirs, repeats)
    return [_row("fixes: 2,000 epochs × 30 satellites, loop over lstsq", *took, 30)]


if __name__ == "__main__":
    for row in run():
        print(row)
