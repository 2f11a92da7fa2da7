"""A lesson as slides: one idea and at most one live view on each, for JupyterLab's slideshow.

`cells` cuts the prose and marks how each cell joins the slide before it:

    slide      title and sections      subslide   what goes deeper: a live view, its prose, a task
    -          below what is there     skip       code that only loads or names things

A live view has its slide alone, without its code. A cell that brings its own `slideshow` metadata
keeps it.
"""

import ast
from copy import deepcopy

from nbformat.v4 import new_markdown_cell

from helpers.lessons import HEADING, WORDS_PER_PIECE, asked, is_live, is_solution, pieces

LINES_PER_SLIDE = 8  # of code; longer cells show only what they print or draw
START = """# {title}: start here

Once: menu *Run*, *Run All Cells*. Then *Start Deck*: the last button of the \
notebook's toolbar, or by name in the command palette.

Space and Shift+Space: on and back. → next idea, ↓ deeper into this one."""


def cells(lesson):
    """Cut the prose into slides and say of each cell how it joins the slide before."""
    title = HEADING.search(lesson[0].source)[2]
    start = new_markdown_cell(
        START.format(title=title), id="edition-start-here", metadata={"tags": ["added"]}
    )
    made, room = [_slide(start, "slide")], 0
    for cell in lesson:
        if "slideshow" in cell.metadata:  # the lesson's author knows better
            made.append(cell)
            room = 0
        elif cell.cell_type == "markdown":
            for number, piece in enumerate(pieces(cell.source)):
                part = deepcopy(cell)
                part.source = piece
                if number:
                    part.id = f"{cell.id}-part{number + 1}"
                words, heading = len(piece.split()), HEADING.match(piece)
                new = "slide" if heading and len(heading[1]) < 3 else "subslide"
                stacks = not heading and words <= room
                made.append(_slide(part, "-" if stacks else new))
                room = (room if stacks else WORDS_PER_PIECE) - words
        elif is_solution(cell):
            made.append(_slide(_hide(cell, False), "subslide"))
            room = 0
        elif is_live(cell):
            made.append(_slide(_hide(cell), "subslide"))
            room = 0
        elif _only_plumbs(cell.source):
            made.append(_slide(cell, "skip"))
        else:
            lines = cell.source.strip().splitlines()
            if len(lines) > LINES_PER_SLIDE or lines[0].startswith(("claims.", "data.bib")):
                _hide(cell)
            # What a cell shows is as high as half a slide; the place for an answer is low.
            stacks = room >= (0 if asked(cell) else WORDS_PER_PIECE / 2)
            made.append(_slide(cell, "-" if stacks else "subslide"))
            room = 0
    return made


def _slide(cell, kind):
    cell.metadata["slideshow"] = {"slide_type": kind}
    return cell


def _hide(cell, hidden=True):
    cell.metadata["jupyter"] = {**cell.metadata.get("jupyter", {}), "source_hidden": hidden}
    return cell


def _only_plumbs(source):
    """Tell whether a cell shows nothing and computes nothing: it imports, loads, names things."""
    nodes = list(ast.walk(ast.parse(source)))
    if not nodes[0].body:
        return True
    calls = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    model = any(isinstance(node, ast.BinOp) for node in nodes)
    return "print" not in calls and not model and not isinstance(nodes[0].body[-1], ast.Expr)
