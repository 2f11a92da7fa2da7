"""Lesson 00's last cell: it says that all works only where it does, and else what to do."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import Future
from functools import cache

import numpy as np
import pytest
from sgp4.api import Satrec
from skyfield.api import EarthSatellite, load
from skyfield.framelib import itrs

from course import environment, stills
from helpers import data, live, page
from silkroad import orbits

LOCK = environment.ROOT / "requirements.txt"
# Satellite 5 as published with SGP4, and its published position at the epoch (TEME, km).
LINES = (
    "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753",
    "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667",
)
PUBLISHED_KM = (7022.46529266, -1400.08296755, 0.03995155)


OURS = '{"every_table": [null], "small_chart": []}'  # asked of another Python, of our own tables
in_other_python = environment._other_python


@cache
def ours():
    return in_other_python(OURS)


@pytest.fixture(autouse=True)
def once(monkeypatch):
    """Another Python tries our own tables once, and answers all that ask the same."""

    def answer(trials):
        return ours() if trials == OURS else in_other_python(trials)

    monkeypatch.setattr(environment, "_other_python", answer)


def altered(tmp_path, change):
    lock = tmp_path / "requirements.txt"
    lock.write_text(change(LOCK.read_text(encoding="utf-8")), encoding="utf-8")
    return lock


def only_problem(report):
    assert not report.works and "works" not in repr(report)
    assert environment.REMEDY in repr(report) and "make lab" in report._repr_html_()
    (problem,) = report.problems
    return problem


def test_this_environment_works():
    report = environment.report()
    assert report.works, report
    assert repr(report).startswith("✔ Your environment works.")
    assert "Your environment works." in report._repr_html_()
    assert len(report.passed) == 8 and environment.REMEDY not in repr(report)


def test_an_older_python_is_named():
    with pytest.raises(environment.Problem, match=r"Python 3\.10\.2, .* 3\.11 or newer"):
        environment.python((3, 10, 2))
    assert "3.13.0" in environment.python((3, 13, 0))


def test_another_version_is_named_with_both_numbers(tmp_path):
    lock = altered(tmp_path, lambda text: re.sub(r"(?m)^anywidget==.*$", "anywidget==0.0.1", text))
    problem = only_problem(environment.report(lock=lock))
    assert re.search(r"anywidget is \d[\d.]+ instead of 0\.0\.1\.", problem)


def test_a_missing_package_is_named(tmp_path):
    lock = altered(tmp_path, lambda text: text + "no-such-package-here==1.0\n")
    assert "no-such-package-here is missing" in only_problem(environment.report(lock=lock))


def test_many_differences_are_counted_not_listed(tmp_path):
    lock = altered(tmp_path, lambda text: re.sub(r"(?m)^(\w[\w.-]*)==[^ \n]+", r"\1==0.0.0", text))
    problem = only_problem(environment.report(lock=lock))
    assert problem.count("instead of") == environment.SHOWN
    assert re.search(r"and \d+ more\.$", problem)


def test_a_package_for_other_systems_is_not_missed(tmp_path):
    other = "win32" if sys.platform != "win32" else "linux"
    line = f"no-such-package-here==1.0 ; sys_platform == '{other}'\n"
    assert environment.report(lock=altered(tmp_path, lambda text: text + line)).works


def test_in_the_browser_its_own_versions_are_no_problem(tmp_path, monkeypatch):
    """Simulated here; tests/test_lite.py runs it there."""
    monkeypatch.setattr(environment, "IN_BROWSER", True)
    lock = altered(tmp_path, lambda text: text + "no-such-package-here==1.0\nxarray==0.1\n")
    report = environment.report(lock=lock)
    assert report.works, report
    (said,) = (line for line in report.passed if "runs in the browser" in line)
    assert re.search(r"1 of them in the browser's own versions: xarray \d[\d.]+\.$", said)
    report = environment.report(lock=lock, folder=tmp_path)
    assert environment.BROWSER_REMEDY in repr(report) and "make lab" not in repr(report)


def test_a_lock_that_is_gone_or_empty(tmp_path):
    assert "cannot be read" in only_problem(environment.report(lock=tmp_path / "requirements.txt"))
    lock = altered(tmp_path, lambda text: "# nothing\n")
    assert "is empty" in only_problem(environment.report(lock=lock))


def test_a_lock_that_makes_no_sense_is_a_sentence_too(tmp_path):
    lock = altered(tmp_path, lambda text: "pandas, any version will do\n")
    assert only_problem(environment.report(lock=lock)).startswith("The packages failed")


@pytest.fixture
def copied(tmp_path):
    for name in data.tables():
        shutil.copy(data.FOLDER / f"{name}.csv", tmp_path)
    return tmp_path


def test_a_damaged_table_is_named_with_its_remedy(copied):
    assert environment.report(folder=copied).works
    path = copied / "places.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: len(text) // 2].rpartition(",")[0] + "\n", encoding="utf-8")
    problem = only_problem(environment.report(folder=copied))
    assert f"{path}, line" in problem and f"mend {path}" in problem


def test_a_missing_table_is_named(copied):
    (copied / "cables.csv").unlink()
    assert f"{copied / 'cables.csv'}" in only_problem(environment.report(folder=copied))


def test_the_known_position_is_the_published_one():
    satellite = EarthSatellite(*LINES, "test", load.timescale(builtin=True))
    error, teme_km, _ = Satrec.twoline2rv(*LINES).sgp4(
        satellite.model.jdsatepoch, satellite.model.jdsatepochF
    )
    assert error == 0 and np.allclose(teme_km, PUBLISHED_KM, atol=1e-6)
    fixed_km = satellite.at(satellite.epoch).frame_xyz(itrs).km
    assert np.allclose(fixed_km, environment.PROBE_KM, atol=0.01)


def test_a_wrong_position_is_noticed(monkeypatch):
    right = orbits._propagated
    monkeypatch.setattr(orbits, "_propagated", lambda *a: (right(*a)[0] + 2.0, None))
    problem = only_problem(environment.report())
    assert "3.5 km from where it should be" in problem
    monkeypatch.setattr(orbits, "_propagated", lambda *a: (right(*a)[0] * np.nan, None))
    assert "The computation of a position failed" in only_problem(environment.report())


def test_a_map_without_its_script_is_noticed(monkeypatch):
    monkeypatch.setattr(page.OfflineMap, "page", lambda self: "<html></html>")
    assert "the part that draws it is missing" in only_problem(environment.report())


def test_widgets_that_cannot_be_made_are_a_sentence(monkeypatch):
    def broken(**traits):
        raise RuntimeError("no <widgets> here")

    monkeypatch.setattr(live, "LiveMap", broken)
    report = environment.report()
    assert only_problem(report).startswith("The making of a slider failed: RuntimeError")
    assert "&lt;widgets&gt;" in report._repr_html_()


def ended(lines, words):
    """Return another Python that printed so many lines and ended with these words."""
    done = Future()
    answer = "".join(f'["trial {n}", "", ""]\n' for n in range(lines))
    done.set_result(subprocess.CompletedProcess([], -11, answer, words))
    return done


def test_a_python_that_ends_in_the_middle_loses_only_what_it_had_not_said():
    done = ended(1, "Traceback\nSegmentation fault\n")
    assert environment._said(done, 0) == "trial 0"
    with pytest.raises(RuntimeError, match=r"^Segmentation fault$"):
        environment._said(done, 1)
    with pytest.raises(RuntimeError, match="without a word"):
        environment._said(ended(0, ""), 0)


def test_a_trial_that_fails_leaves_the_next_one_its_turn():
    apart = environment._apart({"no_such_trial": [], "every_table": [None]})
    with pytest.raises(RuntimeError, match="KeyError: 'no_such_trial'"):
        apart["no_such_trial"]()
    assert "tables can be read" in apart["every_table"]()


ASK = "from course import environment; print(environment.report())"
# What another Python says does not hang on the folder where this one starts: it starts in ROOT.
TOLD = "from subprocess import CompletedProcess\nfrom course import environment\n"
TOLD += "environment._other_python = lambda trials: {}\nprint(environment.report())"


def asked(folder, code=ASK, **variables):
    """Return what a fresh Python says that starts in `folder`, as a lesson's kernel would."""
    variables = {**os.environ, "PYTHONPATH": str(environment.ROOT), **variables}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("name", ["helpers.py", "silkroad.py", "helpers/__init__.py"])
def test_another_file_of_our_name_is_found_and_named(tmp_path, name):
    other = tmp_path / name
    other.parent.mkdir(exist_ok=True)
    other.write_text("")
    said = asked(tmp_path, TOLD.format(ours()))
    assert f"imported as {other.parts[len(tmp_path.parts)].removesuffix('.py')}: {other}." in said
    assert "Give it another name" in said


@pytest.mark.parametrize("name", ["mine.py", "mine/mine.py"])
def test_the_same_file_under_another_name_is_no_problem(tmp_path, name):
    other = tmp_path / name
    other.parent.mkdir(exist_ok=True)
    other.write_text("")
    assert "Your environment works." in asked(tmp_path, TOLD.format(ours()))


def test_a_copy_that_runs_with_the_originals_code_is_told(tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "environment.py").touch()
    (tmp_path / "notebooks").mkdir()
    with pytest.raises(environment.Problem) as problem:
        environment.own_code(tmp_path / "notebooks")
    assert f"runs with the code and the data of {environment.ROOT}" in str(problem.value)
    assert f"`make lab` in {tmp_path}" in str(problem.value)
    assert "this folder" in environment.own_code(environment.ROOT / "notebooks")


def test_a_backend_that_matplotlib_does_not_know_is_named(tmp_path):
    said = asked(tmp_path, MPLBACKEND="nonsense")
    assert "MPLBACKEND is 'nonsense'" in said and "unset MPLBACKEND" in said
    # The lessons draw without it, so a backend whose module is missing does not stop them.
    assert "Your environment works." in asked(tmp_path, MPLBACKEND="module://not.there")


def test_a_missing_font_is_told_apart_from_missing_chinese(monkeypatch):
    monkeypatch.setattr(stills, "fonts", lambda: ["No Such Font"])
    with pytest.raises(environment.Problem, match="font of the charts, No Such Font"):
        environment.small_chart()
    monkeypatch.setattr(stills, "fonts", lambda: ["DejaVu Sans"])
    assert "leave Chinese names out" in environment.small_chart()
    monkeypatch.setattr(stills, "fonts", lambda: ["DejaVu Sans", "Noto Sans CJK SC"])
    assert "Chinese names too" in environment.small_chart()
