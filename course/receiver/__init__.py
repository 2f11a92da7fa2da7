"""A receiver's own file: what it heard, BeiDou's share, and where it was.

`hear(path)` collects a `Hearing`; `save` writes it as a folder of one HTML page, CSV tables and PNG
charts. From the command line, with a RINEX file (also compact or packed) or an NMEA log:

    python -m course.receiver OBS [NAV] [--systems BDS,GPS] [--at X,Y,Z] [--out DIR]

`page` draws and writes. Reading, satellites and fixes are the models' (`silkroad.receivers`).
"""

import argparse
import re
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from course import files, hearing
from course.receiver import page
from helpers.inputs import InputError, one_of
from helpers.words import counted
from silkroad import positioning, receivers
from silkroad.orbits import geodetic
from silkroad.receivers.signals import LETTERS, POSITIONED

MOMENTS = 300  # at most, in charts and tables over time
NEAR_M = 1000  # farther from the place that is given, fixes are of another place
MOVED_M, STEPS = 30, 5  # a receiver moved whose fixes spread so far, and so many of their steps
_NMEA = re.compile(rb"^[^\n]{0,40}\$(G[ABLNPQ]|BD)[A-Z]{3},", re.M)
_BAR_AFTER_S = 1.0


@dataclass(frozen=True)
class Hearing:
    """What a receiver's file tells.

    name, of the file; receiver, as its header says; heard, by satellite and signal; by_system, with
    shares; over_time, satellites by system at moments; sky, where satellites stood (empty without
    ephemerides); left_out, satellites without use for a fix; fixes; accuracy, numbers on them;
    sentences, to be read from above; notes, on the file.
    """

    name: str
    receiver: str
    heard: pd.DataFrame
    by_system: pd.DataFrame
    over_time: pd.DataFrame
    sky: pd.DataFrame
    left_out: pd.DataFrame
    fixes: pd.DataFrame
    accuracy: pd.DataFrame
    sentences: tuple
    notes: tuple = field(default=())

    @property
    def tables(self):
        """Return {name of a file: DataFrame} of all tables that hold something."""
        found = {
            **{"heard": self.heard, "by_system": self.by_system.reset_index()},
            **{"over_time": self.over_time, "sky": self.sky, "left_out": self.left_out},
            **{"fixes": self.fixes, "accuracy": self.accuracy},
        }
        return {name: table for name, table in found.items() if len(table)}


def hear(source, ephemerides=None, systems=None, at=None, progress=None):
    """Return the `Hearing` of a file, with ephemerides (a second file) where there are some.

    systems: names such as "BDS", or None for all that are heard; at: the known place (X, Y, Z) in
    metres, Earth-fixed. `progress` is called with the share that is read. InputError: a file that
    cannot be read, an unknown system, a place that is none.
    """
    wanted = tuple(LETTERS) if systems is None else tuple(systems)
    for system in wanted:
        one_of(system, LETTERS, "system")
    if _is_nmea(source):
        recording = receivers.nmea(source, progress=progress)
        rows = recording.observations
        recording = replace(recording, observations=rows[rows["system"].isin(wanted)])
    else:
        recording = receivers.recording(source, wanted, progress=progress)
    rows = recording.observations
    by_system = hearing.heard_table(hearing.named(rows))
    sentences = [hearing.heard_words(by_system)]
    parts = _positions(recording, ephemerides, wanted, at)
    sentences += parts.pop("sentences")
    return Hearing(
        name=Path(source).name,
        receiver=recording.header.get("receiver", ""),
        heard=receivers.heard(rows),
        by_system=by_system,
        over_time=_over_time(rows),
        sentences=tuple(sentences),
        notes=recording.notes,
        **parts,
    )


def save(hearing, target, told=print):
    """Write a hearing into the folder `target` and return its path; what is not its own stays.

    index.html stands alone; tables are CSV, charts PNG. InputError: it cannot be written.
    """
    with files.folder(target, by="receiver report", told=told) as new:
        for name, content in page.hearing_files(hearing):
            (new / name).write_bytes(content)
    return files.home(target)


def _is_nmea(source):
    try:
        with open(source, "rb") as file:
            return bool(_NMEA.search(file.read(4000)))
    except OSError:
        return False  # the reader of RINEX says what is wrong


def _over_time(rows):
    """Return how many satellites of each system were heard at moments: time, system, satellites."""
    times = np.sort(rows["time"].dropna().unique())
    chosen = times[:: -(-len(times) // MOMENTS) or 1]
    part = hearing.named(rows[rows["time"].isin(chosen)])
    count = part.groupby(["time", "system"], observed=True)["satellite"].nunique()
    return count.rename("satellites").reset_index()


# Fixes


def _positions(recording, ephemerides, wanted, at):
    """Return {sky, left_out, fixes, accuracy, sentences} of a recording."""
    empty = pd.DataFrame()
    parts = dict.fromkeys(("sky", "left_out", "fixes", "accuracy"), empty)
    rows = recording.observations
    if recording.fixes is not None:
        columns = ["time", "satellite", "elevation_deg", "azimuth_deg"]
        parts["sky"] = _thinned(hearing.named(rows.dropna(subset=columns[2:])))
        parts["fixes"] = recording.fixes
        return parts | _judged(recording.fixes, at, "The receiver's own fixes")
    if ephemerides is None:
        why = "No ephemerides are given, so there is no fix and no sky plot: give the navigation "
        why += "file of that day as the second file."
        return parts | {"sentences": [why]}
    systems = [s for s in POSITIONED if s in wanted and (rows["system"] == s).any()]
    if not systems:
        why = f"There is no fix: nothing of {', '.join(POSITIONED)} is chosen and heard."
        return parts | {"sentences": [why]}
    messages = receivers.ephemerides(ephemerides)
    settings = {"systems": systems, "ionosphere": receivers.klobuchar(ephemerides) or None}
    if settings["ionosphere"] and "GPS" not in settings["ionosphere"] and systems != ["BDS"]:
        settings["ionosphere"] = None
    parts["left_out"] = receivers.left_out(rows, messages, systems)
    try:
        fixes = receivers.fixes(rows, messages, at=at, **settings)
    except InputError as error:
        return parts | {"sentences": [f"There is no fix: {error}"]}
    parts["fixes"] = fixes
    few = _thinned(rows)
    seen = receivers.residuals(few, messages, **settings).dropna(subset="elevation_deg")
    columns = ["time", "system", "satellite", "elevation_deg", "azimuth_deg", "residual_m"]
    parts["sky"] = hearing.named(seen[seen["elevation_deg"] > 0])[columns]
    told = _judged(fixes, at, f"Fixes by {', '.join(hearing.NAMES[s] for s in systems)}")
    place = recording.header["position_m"]
    if at is None and place is not None and len(found := fixes.dropna(subset="x_m")):
        away = np.linalg.norm(found[["x_m", "y_m", "z_m"]].median() - place)
        told["sentences"].append(
            f"Their middle lies {_length(away)} from the place in the file's header, which may be "
            "rough, or of another frame."
        )
    return parts | told


def _thinned(rows):
    times = np.sort(rows["time"].dropna().unique())
    return rows[rows["time"].isin(times[:: -(-len(times) // MOMENTS) or 1])]


def _judged(fixes, at, what):
    """Return {accuracy, sentences}: how well fixes agree with a known place or with each other."""
    good = fixes.dropna(subset="lat")
    if good.empty:
        return {"sentences": [f"{what}: none; no moment has enough satellites for one."]}
    lat, lon, height_m = good[["lat", "lon", "height_m"]].median()
    said = [
        f"{what}: {len(good)} of {counted(len(fixes), 'moment')}, in the middle {lat:.5f}°, "
        f"{lon:.5f}°, height {height_m:.0f} m."
    ]
    if at is None:
        errors = _about((lat, lon, height_m), good)
        spread = positioning.horizontal_95(errors)
        step = np.median(np.hypot(*np.diff(errors[:, :2], axis=0).T)) if len(good) > 2 else np.inf
        if spread > MOVED_M and spread > STEPS * step:
            said.append(
                f"The receiver moved: its fixes spread over {_length(spread)} while one lies "
                f"{_length(step)} from the next, so the spread is no error."
            )
            return {"sentences": said}
        said.append("No place is given (--at X,Y,Z): this is spread about the middle, not error.")
    else:
        place_lat, place_lon, place_km = geodetic(np.asarray(at, float) / 1000)
        errors = _about((place_lat, place_lon, place_km * 1000), good)
        middle = np.hypot(*np.median(errors[:, :2], axis=0))
        if middle > NEAR_M:
            said.append(
                f"They lie {_length(middle)} from the place that is given: is it this receiver's?"
            )
    words = "error" if at is not None else "spread"
    sizes = {"horizontal": np.hypot(*errors[:, :2].T), "vertical": np.abs(errors[:, 2])}
    accuracy = pd.DataFrame(
        [(f"{side} {words}", *np.quantile(size, (0.5, 0.95))) for side, size in sizes.items()],
        columns=["what", "half_within_m", "of_95_pct_within_m"],
    ).round(2)
    side, height = (f"{positioning.SIZES_95[s](errors):.1f} m" for s in sizes)
    said.append(f"{words.capitalize()} of 95 %: {side} horizontally, {height} in height.")
    return {"accuracy": accuracy, "sentences": said}


def _about(place, fixes):
    """Return east, north, up in metres (n, 3) of fixes about (lat, lon, height_m), within km."""
    lat, lon, height_m = place
    east = np.radians((fixes["lon"] - lon + 180) % 360 - 180) * np.cos(np.radians(lat))
    north = np.radians(fixes["lat"] - lat)
    flat = 6_378_137.0 / np.sqrt(1 - 0.00669438 * np.sin(np.radians(lat)) ** 2)
    meridian = flat * (1 - 0.00669438) / (1 - 0.00669438 * np.sin(np.radians(lat)) ** 2)
    return np.stack([east * flat, north * meridian, fixes["height_m"] - height_m], axis=1)


def _length(metres):
    return f"{metres / 1000:,.1f} km" if metres >= 1000 else f"{metres:.1f} m"


# The command


def command(arguments=None):
    """Run the command; return 0, or 1 after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m course.receiver")
    parser.description = "Tell what a receiver heard and where it was: a page, tables and charts."
    parser.add_argument("obs", metavar="OBS", help="RINEX 3 or 4 observations, or an NMEA log")
    parser.add_argument("nav", metavar="NAV", nargs="?", help="broadcast ephemerides, for fixes")
    parser.add_argument("--systems", help="such as BDS,GPS (default: all that are heard)")
    parser.add_argument("--at", metavar="X,Y,Z", help="the known place in metres, Earth-fixed")
    parser.add_argument("--out", default="receiver", help="folder (default: receiver)")
    chosen = parser.parse_args(arguments)
    try:
        systems = chosen.systems.upper().split(",") if chosen.systems else None
        heard = hear(chosen.obs, chosen.nav, systems, _at(chosen.at), _Bar())
        place = save(heard, chosen.out, told=lambda said: print(said, file=sys.stderr))
    except InputError as error:
        print(f"\r{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; nothing was written.", file=sys.stderr)
        return 1
    for sentence in (*heard.sentences, *heard.notes):
        print(sentence)
    print(f"Open {place / 'index.html'}.")
    return 0


def _at(text):
    if text is None:
        return None
    try:
        place = tuple(float(part) for part in text.split(","))
    except ValueError:
        place = ()
    if len(place) != 3 or not 6.3e6 < np.linalg.norm(place) < 6.5e6:
        raise InputError(
            f"--at {text} is no place on Earth: give X,Y,Z in metres from its centre, such as "
            "--at 3582104.922,532590.197,5232755.365."
        )
    return place


class _Bar:
    """Draws how much is read on standard error, once it takes over a second."""

    def __init__(self):
        self.begin, self.drawn, self.done = time.monotonic(), False, False

    def __call__(self, share):
        """Draw the share, 0 to 1."""
        begun = self.drawn or (time.monotonic() - self.begin > _BAR_AFTER_S and share < 1)
        if begun and not self.done:
            self.drawn, self.done = True, share >= 1
            bar = "#" * int(30 * share) + "." * (30 - int(30 * share))
            end = "\n" if share >= 1 else ""
            print(f"\r[{bar}] {share:4.0%} read", end=end, file=sys.stderr, flush=True)
