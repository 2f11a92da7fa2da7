"""A small class on a real JupyterHub, and what is handed to those who run a large one."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import nbformat
import pytest
from browser import NOTEBOOKS
from notebook_outputs import KEEP

sys.path.insert(0, str(Path(__file__).with_name("classroom")))
from hub import hub
from student import LessonError, Student

BEIDOU = next(path for path in NOTEBOOKS if path.stem == "04-beidou")
posix = pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub does not run on Windows")


# A class of two


def stored(lesson):
    """Return what the cells print whose output is stored, by their ids."""
    cells = nbformat.read(lesson, as_version=4).cells
    return {c.id: "".join(o.text for o in c.outputs) for c in cells if KEEP in c.source}


async def arrive(student):
    await student.login()
    await student.start()
    await student.open(BEIDOU)


async def diligent(student):
    """Run the lesson, then move every control."""
    async with student:
        await arrive(student)
        await student.run(BEIDOU)
        await student.move_all(moves=2, pause=0)
    return student


async def unlucky(student):
    """Lose the kernel in mid-lesson; when it is back, run the lesson from the beginning."""
    async with student:
        await arrive(student)
        await student.run(BEIDOU, cells=8)
        await student.execute("import os; print(os.getpid())", "pid")
        os.kill(int(student.printed["pid"]), signal.SIGKILL)
        with pytest.raises(LessonError, match="restarting"):
            await student.execute("print('gone')")
        await student.connect()
        with pytest.raises(LessonError, match="NameError"):
            await student.execute("beidou", "what the first kernel knew")
        await student.run(BEIDOU)
        await student.move_all(moves=2, pause=0)
    return student


@posix
def test_students_on_a_hub_run_a_lesson_and_move_its_controls_and_survive_a_killed_kernel():
    async def both(address, word):
        first, second = (Student(address, word, name) for name in ("diligent", "unlucky"))
        return await asyncio.gather(diligent(first), unlucky(second))

    with hub(["diligent", "unlucky"], [BEIDOU]) as (address, word):
        first, second = asyncio.run(both(address, word))
    wanted = stored(BEIDOU)
    assert wanted and all(s.printed.items() >= wanted.items() for s in (first, second))
    titles = {first.models[picture]["title"] for picture, _ in first.views()}
    assert {"PDOP at any hour", "The Asian bonus"} <= titles and len(titles) == 5
    assert all(len(s.answers) == 2 * 13 and not s.silent for s in (first, second))


@posix
def test_nobody_comes_in_without_the_word():
    async def stranger(address):
        async with Student(address, "guessed", "stranger") as student:
            await student.login()

    refused = pytest.raises(LessonError, match="was not let in")
    with hub(["stranger"], [BEIDOU]) as (address, _), refused:
        asyncio.run(stranger(address))
