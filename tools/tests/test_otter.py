"""The masters for Otter-Grader, and the real Otter on them where it is installed.

Otter lives in an environment of its own (README.md, Editions). OTTER=/path/to/otter names it.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

from tools import autograder, editions, lessons
from tools.otter_place import MISSING, otter_path

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_master_marks_every_exercise_once_and_loses_no_cell(path):
    lesson = lessons.read(path)
    made = editions.make(lesson, "otter")
    nbformat.validate(made)
    found = [cell for cell in made.cells if "added" not in cell.metadata.get("tags", [])]
    assert [cell.id for cell in found] == [cell.id for cell in lesson.cells]
    for cell, wanted in zip(found, lesson.cells, strict=True):
        assert set(wanted.source.splitlines()) <= set(cell.source.splitlines())
    marks = [cell.source.splitlines() for cell in made.cells if cell.cell_type == "raw"]
    assert marks[0][0] == "# ASSIGNMENT CONFIG"
    ids = [id for cell in lesson.cells for id in lessons.asked(cell)]
    names = [line[1][6:] for line in marks[1:] if line[0] == "# BEGIN QUESTION"]
    assert names == [autograder.question(id) for id in ids]
    parts = ("QUESTION", "PROMPT", "SOLUTION", "TESTS")
    once = ["BEGIN QUESTION", *(f"{end} {p}" for p in parts[1:] for end in ("BEGIN", "END"))]
    assert [line[0][2:] for line in marks[1:]] == [*once, "END QUESTION"] * len(ids)


def otter(*arguments, cwd):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    env["PATH"] = f"{Path(otter_path()).parent}{os.pathsep}{env['PATH']}"
    run = subprocess.run(
        [otter_path(), *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.skipif(not otter_path(), reason=MISSING)
def test_otter_gives_the_point_for_the_solution_and_none_for_a_wrong_answer(tmp_path):
    name = "04-beidou.ipynb"
    master = editions.make(lessons.read(ROOT / "notebooks" / name), "otter")
    nbformat.write(master, tmp_path / name)
    otter("assign", "--no-pdfs", name, "dist", cwd=tmp_path)  # runs the tests on the solutions
    (archive,) = (tmp_path / "dist" / "autograder").glob("*.zip")
    student = (tmp_path / "dist" / "student" / name).read_text(encoding="utf-8")
    assert "solution(" not in student and "launch_date" not in student

    def points(answers):
        """Return the points of a student's notebook that holds these answers."""
        notebook = nbformat.read(tmp_path / "dist" / "student" / name, as_version=4)
        for cell in notebook.cells:
            for id in lessons.asked(cell):
                cell.source = cell.source.replace("...", repr(answers.get(id, ...)), 1)
                cell.source = cell.source.replace("Ellipsis", "...")
        (tmp_path / "submission").mkdir()
        nbformat.write(notebook, tmp_path / "submission" / name)
        otter("run", "--no-logo", "-a", archive, f"submission/{name}", cwd=tmp_path)
        shutil.rmtree(tmp_path / "submission")
        results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["tests"]
        return {
            test["name"]: test["score"] for test in results if re.match(r"q\d\d_\d", test["name"])
        }

    right = {"04-1": 19, "04-2": 3, "04-3": "Asia and the Pacific", "04-4": "GEO"}
    assert points(right) == {autograder.question(id): 1 for id in right}
    wrong = {**right, "04-2": 4.5}
    del wrong["04-4"]  # not answered
    assert points(wrong) == {"q04_1": 1, "q04_2": 0, "q04_3": 1, "q04_4": 0}
