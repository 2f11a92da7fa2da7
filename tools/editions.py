"""The lessons for three uses, from one source: `python -m tools.editions build/editions`.

    student      solutions emptied to a marked place, no outputs
    instructor   solutions open, teaching notes, timings, the usual wrong answers and what to say
    slides       one idea and at most one live view per slide, for JupyterLab's slideshow
    otter        only when asked for: masters for `otter assign`

The lessons in `notebooks/` are the source and stay as they are. Each of their cells keeps its id;
what an edition adds is a cell of its own, tagged `added`. The same source gives the same bytes.
"""

import argparse
import json
import re
import sys
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

import course
from course import files
from course.drawn_answers import Drawing
from helpers import exercises
from helpers.inputs import InputError, one_of
from tools import autograder, slides
from tools.lessons import (
    PLACE,
    SOLUTION,
    asked,
    is_live,
    is_solution,
    minutes,
    pieces,
    read,
    sections,
)

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "notebooks"
NOTES = ROOT / "docs" / "teaching"
EDITIONS = ("student", "instructor", "slides")
KNOWN = (*EDITIONS, "otter")


def make(notebook, edition, notes=""):
    """Return a new notebook, the `edition` of a lesson as `read` returned it.

    `notes` is the text of its teaching notes, for instructors. InputError: no such edition.
    """
    one_of(edition, KNOWN, "edition")
    made = deepcopy(notebook)
    # Widgets' states and the like hold outputs: only what opens the notebook stays.
    keep = {
        name: made.metadata[name]
        for name in ("kernelspec", "language_info")
        if name in made.metadata
    }
    made.metadata = nbformat.from_dict({**keep, "edition": edition})
    for cell in made.cells:
        cell.metadata.pop("try", None)  # what the site is to record
    if edition == "student":
        made.cells = _student(made.cells)
    elif edition == "instructor":
        made.cells = _instructor(made.cells, notes)
    elif edition == "otter":
        made.cells = autograder.cells(made.cells)
    else:
        made.cells = slides.cells(made.cells)
        made.metadata[slides.FONTS] = nbformat.from_dict(slides.styles())
    nbformat.validate(made)
    return made


def _added(id, text):
    return new_markdown_cell(text, id=f"edition-{id}", metadata={"tags": ["added"]})


def _student(cells):
    """Empty the solutions and all outputs."""
    made = []
    for cell in cells:
        if is_solution(cell):
            place = PLACE.format(id=SOLUTION.search(cell.source)[1])
            cell = new_code_cell(place, id=cell.id, metadata={"tags": ["your-solution"]})
        elif cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        made.append(cell)
    return made


def _instructor(cells, notes):
    """Open the solutions; add notes at the start and beside each exercise."""
    first, *rest = cells
    made = [first, _plan(cells)]
    if notes.strip():
        made.append(_folded("notes", "Teaching notes", _inside(notes)))
    for cell in rest:
        made += [_open(cell)] + [_usual_answers(id) for id in asked(cell)]
    return made


def _open(cell):
    """Show a collapsed cell's source."""
    jupyter = cell.metadata.get("jupyter", {})
    jupyter.pop("source_hidden", None)
    if not jupyter:
        cell.metadata.pop("jupyter", None)
    return cell


def _folded(id, title, text):
    """Return a cell that stays closed on the projector until the instructor opens it."""
    return _added(id, f"<details><summary><b>{title}</b></summary>\n\n{text}\n\n</details>")


def _plan(cells):
    """Return the plan of the lesson: minutes, live views and exercises of each section."""
    rows = {"Opening": [0, 0, ""]}
    section = "Opening"
    for cell in cells:
        if "added" in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "markdown":
            for piece in pieces(cell.source):
                section = (sections(piece) or [section])[-1]
                rows.setdefault(section, [0, 0, ""])[0] += len(piece.split()) / 150
            continue
        row = rows[section]
        row[0] += minutes(cell)
        row[1] += is_live(cell)
        row[2] = ", ".join(filter(None, (row[2], *asked(cell))))
    text = [
        "Measured as the opening's time is: 150 words a minute, half a minute for each code cell, "
        "three for each live view and each exercise.\n",
        "| section | minutes | live views | exercises |",
        "|---|---|---|---|",
    ]
    for name, (time, views, ids) in rows.items():
        text.append(f"| {_plain(name)} | {max(1, round(time))} | {views or ''} | {ids} |")
    total = sum(time for time, _, _ in rows.values())
    text.append(f"| **all** | **{round(total)}** | | |")
    return _folded("plan", "For the instructor: the time of each section", "\n".join(text))


def _inside(notes):
    """Return teaching notes fit to stand in a lesson: lower headings, links that still lead."""
    text = re.sub(r"\A\s*# .+\n", "", notes)
    text = re.sub(r"^(#{2,4}) ", r"##\1 ", text, flags=re.M)

    def link(found):
        words, target = found.groups()
        if target.startswith(("https://", "#")):
            return found[0]
        lesson = re.search(r"(?:^|/)notebooks/([^/]+\.ipynb.*)$", target)
        return f"[{words}]({lesson[1]})" if lesson else words

    return re.sub(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)", link, text).strip()


def _usual_answers(id):
    """Return the note beside an exercise: the answer, the usual wrong ones, what to say."""
    course.rooms()
    task = exercises.find(id)
    lines = [f"Right: **{_shown(task.solution(), task.kind)}**. About 3 minutes.\n"]
    lines += ["| the usual wrong answer | what to say |", "|---|---|"]
    for answer, hint in task.wrong_answers():
        lines.append(f"| {_shown(answer, task.kind)} | {_plain(hint)} |")
    lines.append(f"| any other | {_plain(task.hint)} |")
    return _folded(f"answers-{id}", f"For the instructor: {id}", "\n".join(lines))


def _shown(answer, kind):
    """Return an answer as it is read aloud: six digits at most, the unit, names in order."""
    if isinstance(kind, exercises.Number):
        number = kind.read(answer)
        text = f"{round(number):,}" if number == round(number) else f"{number:,.6g}"
        return _plain(f"{text} {kind.unit}".strip())
    if getattr(kind, "several", False):
        return _plain(", ".join(sorted(answer)))
    if isinstance(kind, Drawing):
        drawn = kind.read(answer)["kind"].value_counts(sort=False)
        return "a drawing: " + (", ".join(f"{n} {what}" for what, n in drawn.items()) or "empty")
    return _plain(answer)


def _plain(text):
    """Return text that Markdown shows as it is, in a table too."""
    return re.sub(r"([\\`*_\[\]<>|$~])", r"\\\1", " ".join(str(text).split()))


# Writing


def write(folder, editions=EDITIONS, lessons=LESSONS, notes=NOTES):
    """Write the editions of all lessons to `folder`/EDITION, all of them or none.

    InputError, one sentence: no such edition, an unfit lesson, a folder that cannot be written,
    or one where something was changed since it was made. What stood there then still stands.
    """
    folder, lessons, notes = files.home(folder), Path(lessons), Path(notes)
    editions = [one_of(edition, KNOWN, "edition") for edition in dict.fromkeys(editions)]
    paths = sorted(lessons.glob("*.ipynb"))
    if not paths:
        raise InputError(f"There are no lessons in {lessons}: name the folder that holds them.")
    sources = {path.stem: read(path) for path in paths}
    with ExitStack() as all_of_them:
        for edition in editions:
            made = files.folder(folder / edition, by=f"{edition} edition", others=False)
            _write_one(all_of_them.enter_context(made), edition, sources, notes)
    return [folder / edition for edition in editions]


def _write_one(place, edition, sources, notes):
    for name, notebook in sources.items():
        page = notes / f"{name}.md"
        try:
            text = page.read_text(encoding="utf-8") if page.exists() else ""
        except UnicodeDecodeError:
            raise InputError(f"{page.name} is not UTF-8: save it as such.") from None
        made = make(notebook, edition, text)
        text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
        (place / f"{name}.ipynb").write_text(text, encoding="utf-8", newline="\n")


def main(arguments=None):
    """Write the editions named on the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.editions", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", help="where to write, such as build/editions")
    parser.add_argument("edition", nargs="*", help=f"{', '.join(KNOWN)} (default: the first three)")
    chosen = parser.parse_args(arguments)
    try:
        for place in write(chosen.folder, chosen.edition or EDITIONS):
            print(f"{place}: {len(list(place.glob('*.ipynb')))} lessons")
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
