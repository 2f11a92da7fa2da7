"""Does this computer have what the lessons need? `report()` tries it and says so in plain words.

Nothing heavy is imported before it is tried, so that a broken environment still gets its answer.
"""

import html
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout, suppress
from functools import partial
from importlib import metadata, util
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = ("helpers", "silkroad", "course")
REMEDY = (
    "To mend it: close JupyterLab, run `make lab` in the project's folder (without make: the "
    "lines under Start in README.md), then run this cell again."
)
BROWSER_REMEDY = (
    "To mend it: with a network, reload this page, which fetches the packages anew, then run this "
    "cell again. Where that does not help, the lessons need a computer or Binder."
)
IN_BROWSER = sys.platform == "emscripten"
SHOWN = 4  # packages named in one sentence

# Satellite 5 of the test set published with SGP4 (Vallado and others, AIAA 2006-6753), at its
# epoch. The paper gives x 7022.465, y -1400.083, z 0.040 km in the frame TEME; turned to the
# Earth's (by Skyfield, independently of silkroad.orbits) this is:
PROBE_KM = (-6198.504, 3585.219, 0.040)
PROBE = {
    "name": "test satellite",
    "norad_id": 5,
    "epoch": "2000-06-27T18:50:19.733568Z",
    "inclination_deg": 34.2682,
    "raan_deg": 348.7242,
    "eccentricity": 0.1859667,
    "arg_perigee_deg": 331.7664,
    "mean_anomaly_deg": 19.3264,
    "mean_motion_rev_per_day": 10.82419157,
    "bstar": 2.8098e-5,
    "mean_motion_dot": 2.3e-7,
    "mean_motion_ddot": 0.0,
}


class Report:
    """What `report` found: `works` (bool), `passed` and `problems` (sentences)."""

    def __init__(self, passed, problems):
        """Take two lists of sentences."""
        self.passed, self.problems = passed, problems
        self.works = not problems

    @property
    def _remedy(self):
        return BROWSER_REMEDY if IN_BROWSER else REMEDY

    @property
    def _headline(self):
        if self.works:
            return "Your environment works."
        count = len(self.problems)
        return f"Not yet: {count} thing{'s' if count > 1 else ''} to mend."

    def __repr__(self):
        """Show the report as text."""
        lines = [f"{'✔' if self.works else '✘'} {self._headline}"]
        lines += [f"  ✘ {text}" for text in self.problems]
        lines += [f"  ✔ {text}" for text in self.passed]
        return "\n".join([*lines, *([] if self.works else [self._remedy])])

    def _repr_html_(self):
        color, sign = ("#009E73", "✔") if self.works else ("#D55E00", "✘")
        items = [f"<li>✘ {html.escape(text)}</li>" for text in self.problems]
        items += [f"<li>✔ {html.escape(text)}</li>" for text in self.passed]
        remedy = "" if self.works else f"<p>{html.escape(self._remedy)}</p>"
        return (
            f'<div style="border-left:6px solid {color};padding:.3em .8em">'
            f'<p style="font-size:1.25em"><b>{sign} {self._headline}</b></p>'
            f'<ul style="list-style:none;padding:0">{"".join(items)}</ul>{remedy}</div>'
        )


def report(lock=None, folder=None):
    """Try Python, packages, data, a computation, a map and widgets; return a Report.

    lock: path of the list of packages (default: the project's requirements.txt). folder: where
    the tables are (default: the project's data/). Never raises: what fails becomes a sentence.
    """
    apart = _apart({"every_table": [folder and str(folder)], "small_chart": []})
    trials = {
        "Python": python,
        "The course's own code": own_code,
        "The packages": lambda: packages(lock or ROOT / "requirements.txt"),
        "The data": apart["every_table"],
        "The computation of a position": known_position,
        "The making of a map": page,
        "The drawing of a chart": apart["small_chart"],
        "The making of a slider": widgets,
    }
    passed, problems = [], []
    for what, trial in trials.items():
        try:
            passed.append(trial())
        except Problem as problem:
            problems.append(str(problem))
        except Exception as error:  # the reader gets a sentence, whatever broke
            problems.append(f"{what} failed: {type(error).__name__}: {error}")
    return Report(passed, problems)


class Problem(Exception):
    """Something does not work; the message is the sentence for the reader."""


def _apart(trials):
    """Begin trials of this page in a Python of its own: a kernel would keep all that they load.

    trials: {name of a function here: what it is given}. Returns {name: function that waits for what
    the trial says}; it raises what the trial raised.
    """
    if IN_BROWSER:  # which has no other
        return {name: partial(globals()[name], *given) for name, given in trials.items()}
    begun = ThreadPoolExecutor(1).submit(_other_python, json.dumps(trials))
    return {name: partial(_said, begun, place) for place, name in enumerate(trials)}


def _other_python(trials):
    code = "import sys; from course import environment; environment._answer(sys.argv[1])"
    command = [sys.executable, "-c", code, trials]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _answer(trials):
    """In the other Python: print what each trial says, a line each: [sentence, problem, error]."""
    for name, given in json.loads(trials).items():
        said = ["", "", ""]
        try:
            with redirect_stdout(sys.stderr):
                said[0] = globals()[name](*given)
        except Problem as problem:
            said[1] = str(problem)
        except Exception as error:
            said[2] = f"{type(error).__name__}: {error}"
        print(json.dumps(said), flush=True)


def _said(begun, place):
    done = begun.result()
    lines = done.stdout.splitlines()
    if place >= len(lines):
        raise RuntimeError(done.stderr.strip().rpartition("\n")[-1] or "it ended without a word")
    said, problem, error = json.loads(lines[place])
    if problem:
        raise Problem(problem)
    if error:
        raise RuntimeError(error)
    return said


def python(version=None):
    """Compare the running Python with the one pyproject.toml asks for."""
    version = version or sys.version_info[:3]
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    least = re.search(r'requires-python = ">=(\d+)\.(\d+)"', text).groups()
    running = ".".join(map(str, version))
    if tuple(version[:2]) < tuple(map(int, least)):
        raise Problem(
            f"This is Python {running}, the lessons need {'.'.join(least)} or newer: "
            "install one from python.org."
        )
    return f"Python {running} is new enough."


def own_code(folder=None):
    """Look whether lessons import this course's packages, and those of the folder they lie in.

    folder: where the lesson lies (default: the working folder, as Jupyter sets it).
    """
    for name in OWN:
        spec = util.find_spec(name)
        places = [
            Path(place).resolve() for place in (spec and spec.submodule_search_locations) or []
        ]
        if places[:1] != [ROOT / name]:
            other = spec and (spec.origin or places[0])
            remedy = "Give it another name, then restart the kernel."
            raise Problem(
                f"Another file is imported as {name}: {other}. {remedy}"
                if other
                else f"The folder {name} is missing in {ROOT}: take a whole copy of the course."
            )
    folder = Path(folder or Path.cwd()).resolve()
    for place in (folder, *folder.parents):
        if place != ROOT and (place / "course" / "environment.py").exists():
            raise Problem(
                f"This lesson lies in {place}, but runs with the code and the data of {ROOT}: "
                f"close JupyterLab, then run `make lab` in {place}."
            )
    return "The course's own code is the one of this folder."


def packages(lock):
    """Compare the installed packages with the lock, as far as it holds for this system."""
    from packaging.requirements import Requirement

    try:
        lines = Path(lock).read_text(encoding="utf-8").splitlines()
    except OSError:
        raise Problem(f"The list of packages, {Path(lock).name}, cannot be read.") from None
    # Each package stands on a line of its own; its hashes follow on indented ones.
    lines = [line.partition(" #")[0].removesuffix("\\").strip() for line in lines]
    pins = [Requirement(line) for line in lines if re.match(r"\w", line)]
    pins = [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]
    if not pins:
        raise Problem(f"The list of packages, {Path(lock).name}, is empty.")
    if IN_BROWSER:
        return _in_browser(pins)
    wrong = []
    for pin in pins:
        try:
            have = metadata.version(pin.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{pin.name} is missing")
            continue
        if not pin.specifier.contains(have, prereleases=True):
            wrong.append(f"{pin.name} is {have} instead of {str(pin.specifier).lstrip('=')}")
    if wrong:
        raise Problem(f"Packages differ from the list: {_some(wrong)}.")
    return f"All {len(pins)} packages have the versions these lessons were tested with."


def _in_browser(pins):
    """Say what differs: in the browser, Pyodide brings its own versions and no JupyterLab."""
    count, other = 0, []
    for pin in pins:
        with suppress(metadata.PackageNotFoundError):
            have = metadata.version(pin.name)
            count += 1
            if not pin.specifier.contains(have, prereleases=True):
                other.append(f"{pin.name} {have}")
    named = f": {_some(other)}" if other else ""
    return (
        f"Python runs in the browser, with {count} packages of the list, {len(other)} of them in "
        f"the browser's own versions{named}."
    )


def _some(names):
    """Return the first names as text, and how many more there are."""
    rest = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{rest}"


def every_table(folder=None):
    """Read every table and the countries of the map."""
    from helpers import data
    from helpers.inputs import InputError

    try:
        rows = sum(len(data.load(name, folder)) for name in data.tables())
        data.shapes()
    except InputError as damage:
        raise Problem(str(damage)) from None
    return f"All {len(data.tables())} tables can be read, {rows} rows in all."


def known_position():
    """Compute where a test satellite is, and compare with the published answer."""
    import numpy as np
    import pandas as pd

    from silkroad import orbits

    probe = pd.DataFrame([PROBE]).assign(epoch=pd.Timestamp(PROBE["epoch"]))
    below = orbits.below(probe, probe["epoch"][0])[["lat", "lon", "height_km"]]
    found_km = orbits.earth_fixed(*below.iloc[0])  # the same place by way of the map's
    off_km = float(np.linalg.norm(found_km - PROBE_KM))
    if not off_km < 1:
        raise Problem(f"A test satellite comes out {off_km:.1f} km from where it should be.")
    return f"A test satellite is where it should be, to {max(1, round(1000 * off_km))} m."


def page():
    """Make a map and look for what draws it."""
    from helpers import maps

    text = maps.world(title="A test").page()
    if "leaflet" not in text.lower() or "silkroad(" not in text:
        raise Problem("A map was made, but the part that draws it is missing.")
    return f"Maps can be drawn without a network ({len(text) // 1000} KB each)."


def small_chart():
    """Draw a small chart, with Chinese characters, as the lessons do."""
    backend = os.environ.get("MPLBACKEND")
    try:
        import matplotlib  # noqa: F401
    except ValueError:
        raise Problem(
            f"The variable MPLBACKEND is {backend!r}, which matplotlib does not know: remove it "
            "(in a terminal: unset MPLBACKEND), then start JupyterLab from there."
        ) from None
    import pandas as pd
    from matplotlib import font_manager

    from course import stills
    from helpers import charts

    try:
        font_manager.findfont(stills.fonts()[0], fallback_to_default=False)
    except ValueError:
        raise Problem(f"The font of the charts, {stills.fonts()[0]}, is missing.") from None
    rows = pd.DataFrame({"system": ["BeiDou 北斗", "GPS"], "satellites": [30, 31]})
    drawn = charts.draw(charts.bars(rows, x="satellites", y="system"), name="A test")
    if not stills.png(drawn).startswith(b"\x89PNG"):
        raise Problem("A chart was made, but there is no picture in it.")
    if len(stills.fonts()) == 1:
        return (
            "Charts can be drawn; files leave Chinese names out (no font here), tables keep them."
        )
    return "Charts can be drawn, Chinese names too."


def widgets():
    """Make a slider and a live map.

    They stay: taken away at once, they would be gone before the page asks for them, which it
    reports as an error.
    """
    import ipywidgets

    from helpers import live

    for widget in (ipywidgets.IntSlider(value=3), live.LiveMap(title="A test")):
        if not widget.get_state():
            raise Problem("A control was made, but it holds nothing.")
    return "Sliders and live maps can be made."
