"""What a class costs: one student through each lesson, and many students at once.

Memory is the resident set of a process at its peak, as Linux keeps it (VmHWM); processor time is
what the process used, whatever else ran. Linux only.
"""

import asyncio
import re
from pathlib import Path

import psutil

from tools.classroom.hub import ROOT, hub
from tools.classroom.student import LessonError, Student

PID = "import os; print(os.getpid())"
MB = 2**20


def costs(lessons):
    """Send one student through each lesson with a kernel of its own, controls and all.

    Returns (rows, server): for each lesson {lesson, memory, processor, run, answers, moves}, and
    for the student's server {memory, processor}. MB and seconds.
    """
    return asyncio.run(_costs(lessons))


async def _costs(lessons):
    rows = []
    with hub(["student"], lessons) as (address, word):
        async with Student(address, word, "student") as student:
            await student.login()
            await student.start()
            for lesson in lessons:
                kernel, row = await _cost(student, lesson)
                rows.append(row)
            server = psutil.Process(kernel).parent()
            await student.leave()
            return rows, {"memory": _peak(server), "processor": _processor(server)}


async def _cost(student, lesson):
    if student.kernel:
        await student.leave()
    await student.open(lesson)
    await student.run(lesson)
    student.answers, student.silent = [], []
    await student.move_all(pause=0.2)
    await student.execute(PID, "pid")
    kernel = int(student.printed["pid"])
    tree = [psutil.Process(kernel), *psutil.Process(kernel).children(recursive=True)]
    return kernel, {
        "lesson": lesson.stem,
        "memory": sum(map(_peak, tree)),
        "processor": sum(map(_processor, tree)),
        "run": student.took["lesson"],
        "answers": student.answers,
        "moves": len(student.answers) + len(student.silent),
    }


def crowd(lesson, count, root=ROOT):
    """Send `count` students through one lesson at once; each does all that a student does.

    `root` is the project whose lesson and code it is.

    Returns {students, problems, memory}: the students with what they took, what went wrong with
    whom, and the memory of hub, proxy, servers and kernels together at the end (shared pages
    counted once), in MB.
    """
    return asyncio.run(_crowd(lesson, count, root))


async def _crowd(lesson, count, root):
    names = [f"student-{number:02}" for number in range(1, count + 1)]
    done, leave = [], asyncio.Event()
    with hub(names, [lesson], root) as (address, word):
        tasks = [
            asyncio.create_task(_attend(Student(address, word, name), lesson, done, leave))
            for name in names
        ]
        while len(done) < count:
            await asyncio.sleep(0.5)
        memory = sum(_share(p) for p in psutil.Process().children(recursive=True))
        leave.set()
        students = await asyncio.gather(*tasks)
    problems = {student.name: repr(problem) for student, problem in done if problem}
    return {"students": students, "problems": problems, "memory": memory}


async def _attend(student, lesson, done, leave):
    """One student of many, who stays until all are done."""
    problem = None
    async with student:
        try:
            await student.login()
            await student.start()
            await student.open(lesson)
            await student.run(lesson)
            await student.move_all()
            if student.silent:
                raise LessonError(f"no answer to {student.silent}")
        except Exception as raised:  # noted, so that one failure does not hide the others
            problem = raised
        done.append((student, problem))
        await leave.wait()
    return student


def _peak(process):
    status = Path("/proc", str(process.pid), "status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 / MB


def _processor(process):
    used = process.cpu_times()
    return used.user + used.system


def _share(process):
    """Return the memory of a process with shared pages divided among those who share them."""
    try:
        return process.memory_full_info().pss / MB
    except psutil.NoSuchProcess:
        return 0
