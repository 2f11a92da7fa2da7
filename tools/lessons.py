"""A lesson as a file: reading it, telling its cells apart, its minutes, its short path.

For those who make something of the lessons, such as `editions`; the lessons do not need it.
"""

import re
from pathlib import Path
from urllib.parse import quote

import nbformat

from helpers.inputs import InputError

PLACE = "# your solution of {id}: room for your steps; the answer goes into the cell above"
SHORT_MINUTES = 20
RUN = "short-run"  # the tag of a cell that the short path runs, but does not stop at
SHORT = {"short", RUN}
WORDS_PER_PIECE = 75  # about what the back row reads of a slide without scrolling
LAST_WORDS = 15  # so few do not get a slide of their own

CHECK = re.compile(r'(?<![.\w])check\("(\d\d-\d)"')
SOLUTION = re.compile(r'(?<![.\w])solution\("(\d\d-\d)"')
HEADING = re.compile(r"^(#{1,3}) +(.+?) *$", re.M)


def read(path):
    """Return the lesson at `path` as a notebook. InputError, one sentence: what makes it unfit."""
    path = Path(path)
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except OSError as problem:
        raise InputError(f"{path.name} cannot be read: {problem.strerror}.") from None
    except (ValueError, KeyError, AttributeError, nbformat.ValidationError) as problem:
        why = str(problem).splitlines()[0][:120].rstrip(".")
        raise InputError(
            f"{path.name} is not a notebook ({why}): put a sound copy there."
        ) from None
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        raise InputError(
            f"{path.name} does not name the kernel python3: open it in JupyterLab, "
            "choose Python 3 and save."
        )
    if notebook.nbformat_minor < 5:
        raise InputError(
            f"{path.name} has cells without ids: copy them into a new notebook of JupyterLab 4."
        )
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        raise InputError(f"{path.name} does not open with a title: make '# ...' its first cell.")
    for cell in notebook.cells:
        if is_solution(cell) != bool(cell.cell_type == "code" and SOLUTION.search(cell.source)):
            raise InputError(
                f"{path.name}: the cell {cell.id} has the tag 'solution' without a call of "
                "solution(...), or the call without the tag: mend it, or its answer reaches "
                "students."
            )
    return notebook


def is_solution(cell):
    """Tell whether a cell is tagged as an exercise's solution."""
    return "solution" in cell.metadata.get("tags", [])


def asked(cell):
    """Return the ids of the exercises a cell checks."""
    return CHECK.findall(cell.source) if cell.cell_type == "code" else []


def is_live(cell):
    """Tell whether a cell makes a view with controls."""
    return cell.cell_type == "code" and "@live(" in cell.source


def minutes(cell):
    """Return the minutes a cell takes, by the measure that CONTRIBUTING.md gives."""
    if cell.cell_type == "markdown":
        return len(cell.source.split()) / 150
    return 0 if is_solution(cell) else 0.5 + 3 * is_live(cell) + 3 * len(asked(cell))


def short_path(notebook):
    """Return the ids of the cells of the short path, those tagged `short`, in order."""
    return [cell.id for cell in notebook.cells if "short" in cell.metadata.get("tags", [])]


def short_run(notebook):
    """Return the ids of the cells that run on the short path, in order: shown, or only run."""
    return [cell.id for cell in notebook.cells if SHORT & set(cell.metadata.get("tags", []))]


def short_sections(notebook):
    """Return the headings of the sections that the short path goes through, in order."""
    ids, found, section = short_run(notebook), [], None
    for cell in notebook.cells:
        begun = sections(cell.source) if cell.cell_type == "markdown" else []
        opens = begun and cell.source.startswith("## ")
        # Prose that ends one section and begins another belongs to the first.
        here = begun[0] if opens else section if cell.cell_type == "code" else None
        if cell.id in ids and here and here not in found:
            found.append(here)
        section = begun[-1] if begun else section
    return found


def short_line(notebook):
    """Return the line of the opening that leads along the short path."""
    links = [f"[{name}](#{_anchor(name)})" for name in short_sections(notebook)]
    how = f"{SHORT_MINUTES} minutes: run all cells of these sections."
    return f"**Short path.** {how} {' · '.join(links)}"


def _anchor(heading):
    """Return the address of a heading as JupyterLab forms it."""
    return quote(heading.replace(" ", "-"), safe="-,:'")


def sections(markdown):
    """Return the headings of the sections that begin in a Markdown text."""
    return re.findall(r"^## +(.+?) *$", markdown, re.M)


def pieces(source):
    """Cut Markdown into pieces of about one slide, at headings and between paragraphs.

    No word is lost. A heading stays with what follows; a long list is cut between its items; a
    table, a code block or a long paragraph stays whole.
    """
    found, fenced = [], False
    for block in re.split(r"\n{2,}", source.strip("\n")):
        items = [block]
        if len(block.split()) > WORDS_PER_PIECE and re.match(r"(-|\d+\.) ", block):
            items = re.split(r"\n(?=(?:-|\d+\.) )", block)
        for number, item in enumerate(items):
            heading = HEADING.match(item)
            few = LAST_WORDS if len(item.split()) <= LAST_WORDS else 0
            fits = found and len(f"{found[-1]} {item}".split()) <= WORDS_PER_PIECE + few
            bare = found and HEADING.fullmatch(found[-1])
            if fenced or (found and not heading and (fits or bare)):
                found[-1] += ("\n" if number else "\n\n") + item
            else:
                found.append(item)
            fenced ^= item.count("```") % 2 == 1
    return found
