"""This tree against an older one, `make bench BENCH_ARGS="--before DIR"`: in turn, in one run.

DIR holds the project as it was (`git worktree add DIR COMMIT`); both run in this environment, each
with its own notebooks. `python -m tools.bench.before DIR [notebook name ...]` prints the rows.
"""

import ast
import os
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from statistics import median

import nbformat
from nbclient import NotebookClient

from helpers.words import counted
from tools.bench import lessons, pages
from tools.browser import NOTEBOOKS, ROOT, Lesson, chromium, lab

SLOWER, LARGER = 1.1, 1.02  # at most: picture and memory against before
IMPORT = 1.4  # times `BASE`
BASE = "import pandas, folium, ipywidgets"
OURS = ("helpers", "silkroad", "course")
REPEATS = 5
REST_MS = (350, 3000)  # one tree rests while the other moves
MEMORY = "import gc, psutil; gc.collect(); print(psutil.Process().memory_info().rss)"


def names(before):
    """Return the names of the notebooks that both trees have."""
    return [path.name for path in NOTEBOOKS if (Path(before) / "notebooks" / path.name).exists()]


def views(before, chosen=None):
    """Yield rows: each live view, from the key to its picture, here and before."""
    for name in chosen or names(before):
        old = Path(before) / "notebooks" / name
        with (
            lab([ROOT / "notebooks" / name]) as here,
            lab([old], before) as there,
            chromium(lessons.WINDOW) as context,
        ):
            # A window each: a page behind another is throttled.
            other = context.browser.new_context(viewport=lessons.WINDOW)
            opened = [Lesson(context, here, name), Lesson(other, there, name)]
            for lesson, place in zip(opened, ("here", before), strict=True):
                if errors := lesson.run_all():
                    raise RuntimeError(f"{name} of {place}: {errors[0]}")
                lesson.page.evaluate(pages.CLOCK)
            yield from _lesson(name, [lesson.page for lesson in opened])


def _lesson(name, both):
    places = [
        {title: (index, fine) for index, title, fine in page.evaluate(lessons.VIEWS)}
        for page in both
    ]
    for title, (index, fine) in places[0].items():
        if title in places[1]:
            spots = lessons.spot_of(both[0], index), lessons.spot_of(both[1], places[1][title][0])
            took = _in_turn(both, spots, REST_MS[fine]) if all(spots) else ([], [])
            if all(took):
                ours, theirs = map(median, took)
                yield _row(
                    f"{name[:2]}: {title}", ours, theirs, SLOWER, counted(len(took[0]), "move")
                )


def _in_turn(both, spots, rest_ms):
    here, there = (lessons.walk(p, *at, rest_ms) for p, at in zip(both, spots, strict=True))
    pairs = list(islice(zip(here, there, strict=False), lessons.MOVES))
    return list(zip(*pairs, strict=True)) or ([], [])


def imports(before, chosen=None):
    """Yield rows: the import of all that each lesson names of ours, and of all lessons together."""
    lines = {"base": (ROOT, BASE)}
    for tree in (ROOT, Path(before)):
        every = {name: named(tree / "notebooks" / name) for name in chosen or names(before)}
        every["all lessons"] = sorted(set().union(*every.values()))
        lines |= {(tree, name): (tree, "\n".join(code)) for name, code in every.items()}
    took = {key: [] for key in lines}
    for _ in range(REPEATS):
        for key, (tree, code) in lines.items():
            env = {**os.environ, "PYTHONPATH": str(tree)}
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, cwd=tree, env=env)
            took[key].append((time.perf_counter() - begin) * 1e3)
    took = {key: median(times) for key, times in took.items()}
    for name in every:
        ours, was = (took[tree, name] for tree in (ROOT, Path(before)))
        note = f"before {was / took['base']:.3g}"
        yield _row(name.removesuffix(".ipynb"), ours, took["base"], IMPORT, note)


def named(path):
    """Return the lines of a notebook that import something of ours."""
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
    return sorted({ast.unparse(n) for n in nodes if n.module.split(".")[0] in OURS})


def memory(before, chosen=None):
    """Yield rows: bytes of a lesson's kernel after its last cell, here and before."""
    for name in chosen or names(before):
        ours, theirs = (_kernel(tree, name) for tree in (ROOT, Path(before)))
        yield _row(name.removesuffix(".ipynb"), ours, theirs, LARGER, "")


def _kernel(tree, name):
    """Return the bytes that the kernel of a lesson holds after its last cell."""
    notebook = nbformat.read(tree / "notebooks" / name, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(MEMORY))
    where = {"metadata": {"path": str(tree / "notebooks")}}
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where)
    client.execute(env={**os.environ, "PYTHONPATH": str(tree)})
    return int(notebook.cells[-1].outputs[0]["text"])


def _row(what, ours, theirs, most, note):
    """Return what was measured here and there, and whether it is within the target."""
    return {
        "what": what,
        "took": (ours, theirs),
        "ratio": ours / theirs,
        "target": f"≤ {most}",
        "met": ours <= most * theirs,
        "note": note,
    }


if __name__ == "__main__":
    folder, chosen = Path(sys.argv[1]).resolve(), sys.argv[2:] or None
    for rows in (imports, memory, views):
        for row in rows(folder, chosen):
            print(row, flush=True)
