"""How fast the models are, as ratios to other ways of computing the same, in one run.

`python -m tools.bench.models` prints the table; `run()` returns its rows. Medians of several
runs, ours and theirs in turn, so that a busy machine slows both. Long comparisons are measured on
a sample and scaled, and say so. Each comparison first checks that both give the same answer.
"""

import ctypes
import os
import platform
import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from skyfield.api import EarthSatellite, wgs84
from skyfield.api import load as skyfield_load
from skyfield.framelib import itrs

from helpers import data
from silkroad import constellations, orbits, visibility
from silkroad.values import AgeWarning

MASK_DEG = 5
C_LOOP = 1 / 2  # of its speed is promised


def run(repeats=7):
    """Return the results as dicts: what, ours_ms, theirs_ms, ratio, target, met, note.

    A ratio is theirs / ours: how many times faster the models are. `ratio` is None where a
    comparison could not be run; `note` then says why.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AgeWarning)
        return [*_pdop(repeats), _positions(repeats), _passes(3)]


def machine():
    """Return the processor, its cores and the versions that matter, as a sentence."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        name = models[0].split(":", 1)[1].strip() if models else name
    cores = os.cpu_count()
    return f"{name}, {cores} cores, Python {platform.python_version()}, NumPy {np.__version__}"


def _in_turn(ours, theirs, repeats):
    """Return the median milliseconds of both, called alternately after one call to warm up."""
    took = [], []
    for function in (ours, theirs):
        function()
    for _ in range(repeats):
        for function, list_ in zip((ours, theirs), took, strict=True):
            start = time.perf_counter()
            function()
            list_.append((time.perf_counter() - start) * 1e3)
    return median(took[0]), median(took[1])


def _row(what, ours_ms, theirs_ms, target, note="", scale=1):
    ratio = theirs_ms * scale / ours_ms
    return {
        "what": what,
        "ours_ms": round(ours_ms, 2),
        "theirs_ms": round(theirs_ms * scale, 2),
        "ratio": float(f"{ratio:.3g}"),
        "target": target,
        "met": ratio >= target,
        "note": note,
    }


def _pdop(repeats):
    """PDOP of BDS-3 on the 2° grid at 24 epochs, against three ways of writing it."""
    now = data.snapshot()
    rows = constellations.flying("BDS-3")
    times = now + pd.to_timedelta(np.arange(24), unit="h")
    track = orbits.positions(rows, times)
    lat, lon = visibility.world_grid(2)
    sky = np.ascontiguousarray(track.values.transpose(1, 0, 2))
    at = [axis.ravel() for axis in np.meshgrid(lat, lon, indexing="ij")]
    site, up = orbits.earth_fixed(*at), orbits.zenith(*at)
    lowest = np.sin(np.radians(MASK_DEG))

    def ours():
        return visibility.dop(track, lat, lon, MASK_DEG, want=["pdop"])["pdop"].values

    expected = ours().reshape(24, -1)

    def broadcast():
        result = np.empty((24, len(site)))
        for epoch, s in enumerate(sky):
            away = s - site[:, None]
            away /= np.linalg.norm(away, axis=2, keepdims=True)
            seen = np.einsum("psi,pi->ps", away, up) >= lowest
            design = np.concatenate([away, np.ones((*away.shape[:2], 1))], axis=2) * seen[..., None]
            inverse = np.linalg.inv(design.transpose(0, 2, 1) @ design)
            result[epoch] = np.sqrt(np.trace(inverse[:, :3, :3], axis1=1, axis2=2))
        return result

    timescale = skyfield_load.timescale(builtin=True)
    moments = timescale.from_datetimes(list(times.to_pydatetime()))
    satellites = [_skyfield(row, timescale) for row in rows.itertuples()]
    sample = np.linspace(0, len(site) - 1, 6).astype(int)

    def altaz():
        result = []
        for point in sample:
            place = wgs84.latlon(at[0][point], at[1][point])
            sight = [(satellite - place).at(moments).altaz() for satellite in satellites]
            rise = np.array([altitude.radians for altitude, _, _ in sight])
            turn = np.array([azimuth.radians for _, azimuth, _ in sight])
            row = []
            for e, a in zip(rise.T, turn.T, strict=True):
                e, a = e[np.sin(e) >= lowest], a[np.sin(e) >= lowest]
                flat = np.cos(e)
                design = np.column_stack([flat * np.sin(a), flat * np.cos(a), np.sin(e), e * 0 + 1])
                row.append(np.sqrt(np.trace(np.linalg.inv(design.T @ design)[:3, :3])))
            result.append(row)
        return np.array(result).T

    assert np.allclose(expected, broadcast(), rtol=1e-6)
    assert np.allclose(expected[:, sample], altaz(), rtol=1e-4)
    what = "PDOP, BDS-3, 2° grid, 24 epochs: {}"
    slow = _in_turn(ours, altaz, 3)
    note = f"measured at {len(sample)} points, scaled to {len(site)}"
    yield _row(what.format("Skyfield altaz loop"), *slow, 1000, note, len(site) / len(sample))
    yield _row(what.format("batched inverses"), *_in_turn(ours, broadcast, repeats), 10)
    yield _compiled(what.format("two-thread C loop"), ours, expected, sky, site, up, repeats)


def _compiled(what, ours, expected, sky, site, up, repeats):
    """Compare with dop_loop.c: here the target is to be at most twice as slow."""
    row = {"what": what, "ours_ms": None, "theirs_ms": None, "ratio": None, "target": C_LOOP}
    if not shutil.which("gcc"):
        return row | {"met": None, "note": "skipped: there is no gcc on this machine"}
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "dop_loop.so"
        source = Path(__file__).with_name("dop_loop.c")
        flags = ["-O3", "-march=native", "-fopenmp", "-shared", "-fPIC"]
        built = subprocess.run(
            ["gcc", *flags, source, "-o", library, "-lm"], capture_output=True, text=True
        )
        if built.returncode:
            note = f"skipped: gcc cannot build it ({built.stderr.strip().splitlines()[-1]})"
            return row | {"met": None, "note": note}
        loop = ctypes.CDLL(str(library)).pdop_loop
        array = np.ctypeslib.ndpointer(float, flags="C_CONTIGUOUS")
        number, real = ctypes.c_int, ctypes.c_double
        loop.argtypes = [array, number, number, array, array, number, real, array]
        loop.restype = None
        result = np.empty_like(expected)

        def theirs():
            lowest = np.sin(np.radians(MASK_DEG))
            loop(sky, len(sky), sky.shape[1], site, up, len(site), lowest, result)

        theirs()
        assert np.allclose(expected, result, rtol=1e-6)
        return _row(what, *_in_turn(ours, theirs, repeats), C_LOOP)


def _positions(repeats):
    """Earth-fixed positions of 120 satellites over 24 h at 60 s."""
    rows = data.load("elements").iloc[:120]
    now = data.snapshot()
    times = now + pd.to_timedelta(np.arange(1440), unit="min")
    timescale = skyfield_load.timescale(builtin=True)
    satellites = [_skyfield(row, timescale) for row in rows.itertuples()]

    def theirs():
        # The best loop: one time vector, so that its rotations are computed once.
        minutes = now.minute + np.arange(1440)
        stamps = timescale.utc(now.year, now.month, now.day, now.hour, minutes, now.second)
        return np.stack([one.at(stamps).frame_xyz(itrs).km.T for one in satellites])

    def ours():
        return orbits.positions(rows, times).values

    assert np.abs(ours() - theirs()).max() < 0.01
    took = _in_turn(ours, theirs, repeats)
    return _row("positions, 120 satellites, 24 h at 60 s: Skyfield loop", *took, 1)


def _passes(repeats):
    """Passes above 10° at 50 places over 10 days, satellites of all orbits."""
    elements = data.load("elements")
    low = elements[elements["mean_motion_rev_per_day"] > 11.25].iloc[::9]
    high = elements[elements["mean_motion_rev_per_day"] <= 11.25].iloc[::20]
    rows = pd.concat([low, high])
    places = data.load("places").iloc[:50]
    start, end = data.snapshot(), data.snapshot() + pd.Timedelta(days=10)
    timescale = skyfield_load.timescale(builtin=True)
    between = [timescale.from_datetime(time.to_pydatetime()) for time in (start, end)]
    satellites = [_skyfield(row, timescale) for row in rows.itertuples()]
    sample = places.iloc[::25]

    def ours():
        return orbits.passes(rows, places, start, end)

    def theirs():
        return [
            one.find_events(wgs84.latlon(place.lat, place.lon), *between, 10.0)
            for place in sample.itertuples()
            for one in satellites
        ]

    took = _in_turn(ours, theirs, repeats)
    what = f"passes, {len(rows)} satellites, {len(places)} places, 10 days: find_events"
    note = f"find_events at {len(sample)} places, scaled to {len(places)}"
    return _row(what, *took, 20, note, len(places) / len(sample))


def _skyfield(row, timescale):
    fields = {
        "OBJECT_NAME": row.name,
        "OBJECT_ID": row.cospar_id,
        "NORAD_CAT_ID": row.norad_id,
        "CLASSIFICATION_TYPE": row.classification,
        "EPHEMERIS_TYPE": row.ephemeris_type,
        "ELEMENT_SET_NO": row.element_set_no,
        "REV_AT_EPOCH": row.rev_at_epoch,
        "EPOCH": row.epoch.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "MEAN_MOTION": row.mean_motion_rev_per_day,
        "ECCENTRICITY": row.eccentricity,
        "INCLINATION": row.inclination_deg,
        "RA_OF_ASC_NODE": row.raan_deg,
        "ARG_OF_PERICENTER": row.arg_perigee_deg,
        "MEAN_ANOMALY": row.mean_anomaly_deg,
        "BSTAR": row.bstar,
        "MEAN_MOTION_DOT": row.mean_motion_dot,
        "MEAN_MOTION_DDOT": row.mean_motion_ddot,
    }
    return EarthSatellite.from_omm(timescale, fields)


if __name__ == "__main__":
    table = pd.DataFrame(run())
    print(machine())
    print(table.to_string(index=False))
