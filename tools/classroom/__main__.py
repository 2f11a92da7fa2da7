"""Measure a class on this machine and write docs/classroom/measured.md.

`make classroom`, or `python -m tools.classroom --students 20`. Takes some minutes; Linux only.
With `--before DIR` the same class is held with an older state of the project, too, in the same run
(`git worktree add DIR COMMIT`), TURNS times each in turn: a machine that others use is quicker in
one minute than in the next. The older state runs in its own `.venv`, where it has one.
"""

import argparse
import datetime
import math
import os
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from course import files
from tools.classroom.hub import ROOT
from tools.classroom.measure import costs, crowd
from tools.classroom.places import NO_PROXY, proxy_path, proxy_version
from tools.classroom.student import MOVES, PAUSE_S

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
PAGE = ROOT / "docs" / "classroom" / "measured.md"
MARGIN = 1.25  # on measured memory
OPEN = {"guarantee": 2, "limit": 4}  # lessons open at once, each with its kernel
TURNS = 2  # classes of each state, where two are held against each other
STEP = 64  # memory is asked for in multiples of so many MB
STEPS = {
    "login": "log in",
    "server": "a server",
    "map": "lesson 04, to its first map",
    "lesson": "lesson 04, all cells",
}


def main(arguments=None):
    """Measure, print, write; return 1 where a student failed: then nothing is written, but what
    the others took is printed.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.classroom", description=__doc__)
    parser.add_argument("--students", type=int, default=20, help="how many at once")
    parser.add_argument("--before", type=Path, help="folder of an older state of the project")
    parser.add_argument("--page", type=Path, default=PAGE, help="where to write")
    options = parser.parse_args(arguments)
    if not proxy_path():
        print(NO_PROXY, file=sys.stderr)
        return 1
    lesson = next(path for path in NOTEBOOKS if path.stem.startswith("04"))
    load = os.getloadavg()[0]
    rows, server = costs(NOTEBOOKS)
    older = options.before and options.before.resolve()
    same = older and older / "notebooks" / lesson.name
    alone, now, before = together([crowd(lesson, 1)]), [], []
    if older:
        crowd(same, 1, older)  # alone first, as now: what is new there is compiled by then
    for _ in range(TURNS if older else 1):
        now.append(crowd(lesson, options.students))
        if older:
            before.append(crowd(same, options.students, older))
    many, was = together(now), together(before) if before else None
    held = {"alone": alone, "now": many} | ({"before": was} if was else {})
    for when, classes in held.items():
        for name, problem in classes["problems"].items():
            print(f"{when}, {name}: {problem}", file=sys.stderr)
    if any(len(classes["problems"]) == len(classes["students"]) for classes in held.values()):
        return 1  # nobody came to the end
    text = page(rows, server, many, alone, load, was)
    print(text)
    if many["problems"]:
        return 1
    write = files.replace if options.page == PAGE else files.save  # ours, or the reader's
    write(options.page, text.encode())
    return 0


def together(classes):
    """Return classes of one state as one: their students, and the median of their memory."""
    problems = {
        f"class {number}, {name}": problem
        for number, held in enumerate(classes, start=1)
        for name, problem in held["problems"].items()
    }
    students = [student for held in classes for student in held["students"]]
    memory = median(held["memory"] for held in classes)
    return {"students": students, "problems": problems, "memory": memory, "classes": len(classes)}


def sizes(rows, server):
    """Return {guarantee, limit} of memory for one student in MB, from what was measured."""
    largest = max(row["memory"] for row in rows)
    need = {name: (server["memory"] + count * largest) * MARGIN for name, count in OPEN.items()}
    return {name: math.ceil(value / STEP) * STEP for name, value in need.items()}


def page(rows, server, many, alone, load, was=None):
    """Return the page as text, from classes taken together: `alone` is one student who does what
    the many do, `was` classes of an older state.
    """
    students, one = many["students"], alone["students"][0]
    count = _size(many)
    answers = [answer for student in students for answer in student.answers]
    size, largest = sizes(rows, server), max(rows, key=lambda row: row["memory"])
    took = {words: ([one.took[k]], _each(many, k)) for k, words in STEPS.items()}
    took["a control's answer"] = _seconds(one.answers), _seconds(answers)
    for view in dict(answers):
        took[f"… in *{view}*"] = _seconds(one.answers, view), _seconds(answers, view)
    tools = [f"{tool} {version(tool)}" for tool in ("jupyterhub", "jupyterlab")]
    tools.append(f"configurable-http-proxy {proxy_version()}")
    return (
        (Path(__file__).parent / "page.txt")
        .read_text()
        .format(
            date=f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
            processor=re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())[
                1
            ].strip(),
            cores=os.cpu_count(),
            memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
            system=platform.system(),
            python=platform.python_version(),
            versions=", ".join(tools),
            load=load,
            count=count,
            classes=many["classes"],
            moves=MOVES,
            pause=PAUSE_S,
            failed=len(many["problems"]),
            all=len(students),
            answered=len(answers),
            silent=sum(len(student.silent) for student in students) or "none",
            crowd=_table(
                (what, *(_s(of(s)) for s in both for of in (median, max)))
                for what, both in took.items()
            ),
            most_answers=_s(_most(many)),
            before=compared(many, was) if was else "",
            all_memory=many["memory"] / 1024,
            each_memory=many["memory"] / count,
            share=os.cpu_count() / count,
            lessons=_table(map(_lesson, rows)),
            server_memory=server["memory"],
            server_processor=server["processor"],
            largest=largest["lesson"],
            margin=(MARGIN - 1) * 100,
            step=STEP,
            **{f"open_{name}": count for name, count in OPEN.items()},
            **size,
        )
    )


def compared(many, was):
    """Return the section that holds a class against one of an older state."""
    figures = {
        f"{STEPS[step]}, median": lambda held, step=step: median(_each(held, step))
        for step in ("server", "map", "lesson")
    } | {
        "a control's answer, median": lambda held: median(_answers(held)),
        "95 of 100 answers within": _most,
        "the slowest answer": lambda held: max(_answers(held)),
    }
    rows = [(what, find(was), find(many)) for what, find in figures.items()]
    rows = [(what, _s(a), _s(b), f"{b / a:.2g}") for what, a, b in rows]
    a, b = (held["memory"] / _size(held) for held in (was, many))
    rows.append(("memory for each student", f"{a:.0f} MB", f"{b:.0f} MB", f"{b / a:.2g}"))
    failed = (str(len(held["problems"])) for held in (was, many))
    rows.append(("students who did not come to the end", *failed, ""))
    return (
        "## Against the state before\n\nThe same students, classes of both states in turn, "
        f"{was['classes']} of each. The click on the lesson begins its way to the first map, so "
        "that has the kernel's start in it. Memory is the median of the classes.\n\n"
        f"| | before | now | now / before |\n|---|---|---|---|\n{_table(rows)}\n\n"
    )


def _size(held):
    """Return how many sat in one class."""
    return len(held["students"]) // held["classes"]


def _answers(held):
    return [seconds for student in held["students"] for _, seconds in student.answers]


def _each(held, step):
    """Return the seconds of each who came so far."""
    return [student.took[step] for student in held["students"] if step in student.took]


def _most(held):
    return quantiles(_answers(held), n=20)[-1]


def _lesson(row):
    numbers = [f"{row['memory']:.0f}", *(f"{row[key]:.1f}" for key in ("processor", "run"))]
    return row["lesson"], *numbers, str(row["moves"]), _s(median(_seconds(row["answers"])))


def _table(rows):
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _seconds(answers, view=None):
    return [seconds for title, seconds in answers if view in (None, title)]


def _s(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
