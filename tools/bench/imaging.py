"""How fast the model of pictures from orbit is, as a ratio to measuring every distance."""

from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd

from helpers import data
from silkroad import imaging, orbits, visibility


def run(repeats=5):
    """Return the results as dicts, in the form of `models.run`."""
    return [_visits(repeats)]


def _visits(repeats):
    """Visits and largest gap in five days, 800 km swath, 1° grid, a step every 30 seconds."""
    elements = data.load("elements").query("name == 'GAOFEN-1'")
    times = pd.date_range(data.snapshot(), periods=5 * 2880, freq="30s")
    below = orbits.subpoints(elements, times)
    reach_deg = imaging.half_swath_angle(645, 800)
    lat, lon = visibility.world_grid(1)
    hours = np.arange(len(times)) / 120

    def unit(lat, lon):
        phi, lam = np.radians(lat), np.radians(lon)
        return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], -1)

    cells = unit(*(axis.ravel() for axis in np.meshgrid(lat, lon, indexing="ij")))
    path = unit(below["lat"].values[0], below["lon"].values[0]).T.copy()

    def ours():
        return imaging.visits(below, reach_deg, lat, lon)

    def theirs():
        """Every point below the satellite against every cell; runs by differences along time."""
        count, gap = np.empty(len(cells), int), np.empty(len(cells))
        for begin in range(0, len(cells), 512):
            reached = cells[begin : begin + 512] @ path >= np.cos(np.radians(reach_deg))
            change = np.diff(reached.astype(np.int8), axis=1, prepend=0, append=0)
            for row, edges in enumerate(change, begin):
                rise, fall = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
                waits = hours[np.append(rise, -1)] - hours[np.append(0, fall)]
                if rise.size:
                    waits[0] = hours[rise[0]]
                count[row], gap[row] = rise.size, waits.max()
        return count, gap

    count, gap = theirs()
    result = ours()
    assert (result["visits"].values.ravel() == count).all()
    assert np.allclose(result["largest_gap_hours"].values.ravel(), gap)
    took = [], []
    for _ in range(repeats):
        for function, list_ in zip((ours, theirs), took, strict=True):
            start = perf_counter()
            function()
            list_.append((perf_counter() - start) * 1e3)
    ours_ms, theirs_ms = map(median, took)
    return {
        "what": "visits in five days, 800 km swath, 1° grid: every distance",
        "ours_ms": round(ours_ms, 2),
        "theirs_ms": round(theirs_ms, 2),
        "ratio": float(f"{theirs_ms / ours_ms:.3g}"),
        "target": 30,
        "met": theirs_ms / ours_ms >= 30,
        "note": "",
    }


if __name__ == "__main__":
    print(pd.DataFrame(run(3)).to_string(index=False))
