"""Each lesson run once in a run of the tests, for all that only look at what it showed.

One kernel runs a lesson, gives the picture of its hand-out, records its views for the site, and
moves every control. The first test that asks for a lesson has it run, on whichever process; the
others wait for it and read. What is about running itself (nbval, editions, browsers) runs alone.
"""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tools import printing, running, sweep
from tools.site import build

fcntl = None
with suppress(ImportError):  # on Windows each process runs the lessons for itself
    import fcntl

STEPS = ("hand-out", "recording", "sweep")  # in this order: before the first, nothing has moved
# The run on Mondays records all that `make site` does; this one all of a lesson (one of its views
# has more states than are recorded), and of the others what they name and the first that follow:
# the sweep moves each control through its whole range all the same.
FULL, PART = "02-partners", 20  # states of a view


@dataclass
class Lesson:
    """What a lesson showed: its notebook with outputs, and what each of the STEPS gave."""

    notebook: nbformat.NotebookNode
    steps: dict  # {one of the STEPS: its cell}
    folder: Path  # with the files of its recording

    def gave(self, step):
        """Return what a step gave. AssertionError with its words where it failed."""
        outputs = self.steps[step].outputs
        failed = [output for output in outputs if output.output_type == "error"]
        assert not failed, f"{step}: {failed[0].ename}: {failed[0].evalue}"
        return [o.data for o in outputs if o.output_type == "display_data"][-1]["application/json"]

    def recorded(self, folder):
        """Do as `build.run` does: put the recording into `folder`, return (notebook, entries)."""
        entries = self.gave("recording")
        for entry in entries.values():
            for file in self.folder.glob(f"{entry['key']}*"):
                shutil.copy(file, folder)
        self.notebook.metadata.pop("widgets", None)
        return self.notebook, entries


def lesson(path, folder, steps=STEPS):
    """Return the Lesson at `path`: run now, or before by whoever named the same `folder`.

    CellExecutionError where a cell of the lesson fails, for each who asks.
    """
    place = Path(folder, path.stem)
    place.mkdir(parents=True, exist_ok=True)
    done = place / "ran.ipynb"
    with Path(place, "lock").open("w") as alone:
        if fcntl:
            fcntl.flock(alone, fcntl.LOCK_EX)
        if not done.exists():
            nbformat.write(_run(path, place, steps), place / "half.ipynb")
            (place / "half.ipynb").rename(done)
    notebook = nbformat.read(done, as_version=4)
    cells = [notebook.cells.pop() for _ in steps]
    return Lesson(notebook, dict(zip(steps, cells[::-1], strict=True)), place)


def _run(path, place, steps):
    notebook = nbformat.read(path, as_version=4)
    tried = build.tried(notebook)
    record = build.RECORD.format(folder=str(place), lesson=path.stem, tried=tried)
    if path.stem != FULL and not sweep.STATES:
        record = f"from tools import recording\nrecording.STATES = {PART}\n{record}"
    apart = "exec({!r}, {{}})"  # a step takes no name away from the next
    code = {
        "hand-out": apart.format(printing.FIRST),
        "recording": apart.format(record),
        "sweep": sweep.code(path.stem),
    }
    tags = {"tags": ["raises-exception"]}  # nor does one that fails stop it
    cells = [nbformat.v4.new_code_cell(code[step], metadata=tags) for step in steps]
    return running.run(notebook, path.parent, cells)
