"""What goes wrong in a class: a killed kernel, a full disk, another time zone, decimal commas."""

import os
import signal
import subprocess
import sys
import textwrap

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from tools import running
from tools.browser import NOTEBOOKS, ROOT
from tools.notebook_outputs import KEEP

ORBITS, STATION = NOTEBOOKS[3], NOTEBOOKS[10]  # these print most times and positions


def client(path, folder):
    lesson = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(folder)}}
    return lesson, NotebookClient(lesson, timeout=120, kernel_name="python3", resources=where)


def printed(lesson):
    """Return what the cells print whose output is stored, by their ids."""
    return {
        cell.id: "".join(out.text for out in cell.outputs if out.output_type == "stream")
        for cell in lesson.cells
        if cell.cell_type == "code" and KEEP in cell.source
    }


def test_a_kernel_killed_in_mid_lesson_starts_anew_and_the_lesson_runs_to_its_end(tmp_path):
    lesson, runner = client(ORBITS, tmp_path)
    code = [(i, cell) for i, cell in enumerate(lesson.cells) if cell.cell_type == "code"]
    half = len(code) // 2
    with runner.setup_kernel():
        for index, cell in code[:half]:
            runner.execute_cell(cell, index)
        os.kill(runner.km.provisioner.process.pid, signal.SIGKILL)
        with pytest.raises(DeadKernelError):
            runner.execute_cell(code[half][1], code[half][0])
    again, runner = client(ORBITS, tmp_path)
    runner.execute()
    assert printed(again) == printed(nbformat.read(ORBITS, as_version=4))
    assert list(tmp_path.iterdir()) == [], "nothing half-written lies about"


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati"])
@pytest.mark.parametrize("path", [ORBITS, STATION], ids=lambda path: path.stem)
def test_the_clock_s_time_zone_changes_nothing(path, zone, tmp_path):
    lesson = nbformat.read(path, as_version=4)
    ran = running.run(lesson, tmp_path, env={**os.environ, "TZ": zone})
    assert printed(ran) == printed(lesson) != {}


def python(code, **env):
    """Run code in a Python of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


SLOW = """from helpers.live import live
@live("Slow", map=False, step=(0, 9))
def slow(step=0, fine=True):
    return f"{step} {'fine' if fine else 'coarse'}" """


def test_a_control_set_by_code_is_saved_as_it_ends_and_not_as_its_preview(tmp_path):
    cells = [nbformat.v4.new_code_cell(code) for code in (SLOW, "slow.controls['step'].value = 7")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook = running.run(notebook, tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
    saved = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    said = [part["state"]["headline"] for part in saved.values() if "headline" in part["state"]]
    assert said == ["7 fine"]


# To a writer, a limit on the size of files is what a full disk is: an OSError while it writes.
FULL = """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    from pathlib import Path
    from helpers.inputs import InputError
    folder = Path({folder!r})
    def full(bytes_left):
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, resource.RLIM_INFINITY))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are a matter of Unix")
def test_a_full_disk_leaves_the_old_brief(tmp_path):
    said = python(
        FULL.format(folder=str(tmp_path))
        + """
    from course import brief
    place = brief.save("PAK", folder)
    before = {p.name: p.read_bytes() for p in place.iterdir()}
    full(50_000)
    try:
        brief.save("PAK", folder)
    except InputError as problem:
        print(problem)
    assert {p.name: p.read_bytes() for p in place.iterdir()} == before
    assert [p.name for p in folder.iterdir()] == ["PAK"]
    """
    )
    assert said.startswith("The brief of Pakistan cannot be written") and said.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are a matter of Unix")
def test_a_full_disk_leaves_the_old_editions(tmp_path):
    said = python(
        FULL.format(folder=str(tmp_path / "editions"))
        + """
    from tools import editions
    editions.write(folder, ["student"])
    before = {p.name: p.read_bytes() for p in (folder / "student").iterdir()}
    full(10_000)
    try:
        editions.write(folder, ["student"])
    except InputError as problem:
        print(problem)
    assert {p.name: p.read_bytes() for p in (folder / "student").iterdir()} == before
    assert [p.name for p in folder.iterdir()] == ["student"]
    """
    )
    assert said.startswith("The student edition cannot be written") and said.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are a matter of Unix")
def test_a_full_disk_leaves_the_old_sheet_of_claims(tmp_path):
    said = python(
        FULL.format(folder=str(tmp_path))
        + """
    from course import files
    sheet = folder / "sheet.csv"
    files.replace(sheet, b"old")
    full(1000)
    try:
        files.replace(sheet, b"new" * 1000)
    except (InputError, OSError) as problem:
        print(type(problem).__name__, problem)
    assert sheet.read_bytes() == b"old"
    assert [p.name for p in folder.iterdir()] == ["sheet.csv"]
    """
    )
    assert said.startswith("InputError") and said.count("\n") == 1


def test_a_locale_with_decimal_commas_changes_no_number(tmp_path):
    """No such locale need be installed: every call that obeys one is made to write commas."""
    said = python(
        """
    import locale, matplotlib
    comma = {**locale.localeconv(), "decimal_point": ",", "thousands_sep": "."}
    locale.localeconv = lambda: comma
    locale.format_string = lambda form, value, *a, **k: (form % value).replace(".", ",")
    from course import l04
    from helpers import data
    from silkroad import satcom
    from helpers.exercises import check
    print(f"{1234.5:,.1f}", data.load("capitals")["lat"].dtype, check("04-2", 3.0).status)
    print(check("04-2", (3, 0)).hint)
    """,
        LC_ALL="de_DE.UTF-8",
        LANG="de_DE.UTF-8",
    )
    first, hint = said.splitlines()
    assert first == "1,234.5 float64 right"
    assert "with a point" in hint and "3,0" in hint
