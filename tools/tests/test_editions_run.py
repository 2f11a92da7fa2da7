"""The editions run: the students' of every lesson, the instructor's of two, to spare minutes.

The slides of every lesson run in test_slides.py.
"""

import json
from pathlib import Path

import pytest

from tools import editions, lessons, running
from tools.notebook_outputs import KEEP

LESSONS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
TWO = [path for path in LESSONS if path.name[:2] in ("00", "04")]


def run(path, edition, folder):
    """Return the lesson and its edition, run where nothing else lies."""
    lesson = lessons.read(path)
    return lesson, running.run(editions.make(lesson, edition), folder)


def printed(cell):
    return "".join(out.text for out in cell.outputs if out.output_type == "stream")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_the_students_edition_runs_to_its_end(path, tmp_path):
    lesson, made = run(path, "student", tmp_path)
    recorded = {cell.id: cell for cell in lesson.cells}
    for cell in made.cells:
        if lessons.asked(cell):
            assert "Not answered yet" in json.dumps(cell.outputs), cell.id
        elif cell.cell_type == "code" and KEEP in cell.source:
            # Nothing later hangs on what only a solution computed.
            assert printed(cell) == printed(recorded[cell.id]), cell.id


@pytest.mark.parametrize("path", TWO, ids=lambda path: path.name)
def test_the_instructors_edition_runs_to_its_end(path, tmp_path):
    _, made = run(path, "instructor", tmp_path)
    solved = [cell for cell in made.cells if lessons.is_solution(cell)]
    assert solved
    for cell in solved:
        assert "A solution stands here" in json.dumps(cell.outputs)
