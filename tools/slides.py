"""A lesson as slides: one idea and at most one live view on each, for JupyterLab's slideshow.

`cells` cuts the prose and marks how each cell joins the slide before it:

    slide      title and sections      subslide   what goes deeper: a live view, its prose, a task
    -          below what is there     skip       code that only loads or names things

A live view has its slide alone, without its code. A cell that brings its own `slideshow` metadata
keeps it.
"""

import ast
import json
from copy import deepcopy

from nbformat.v4 import new_markdown_cell

from tools.lessons import HEADING, WORDS_PER_PIECE, asked, is_live, is_solution, pieces

LINES_PER_SLIDE = 8  # of code; longer cells show only what they print or draw
START = """# {title}: start here

**Ctrl+Alt+P** runs the lesson and shows it from this slide (on a Mac, ⌘+Alt+P). \
Wait for the kernel first: until the circle at the top right is empty, nothing runs.

**Space** and **Shift+Space**: on and back. **→** next idea, **↓** deeper into this one. \
**Esc** ends it."""
# Type for the back row: prose of 14 pixels becomes 25, what views and outputs hold becomes 19.
PROSE, VIEW = 1.8, 1.35
ROWS = 8  # of a table that a cell shows
LONG = 12  # rows: a longer table in the prose is set smaller, as it cannot be cut
CLAIMS = {"claims.show": 6, "claims.verdicts": 2}  # how many of them fit on one slide
FONTS = "@deathbeds/jupyterlab-fonts"  # reads the styles; it comes with the slideshow
_SHOWN = "body[data-jp-deck-mode='presenting'] &"
# {selector: rules while presenting}
STYLES = {
    ".jp-Cell.jp-deck-mod-onscreen": {"zoom": PROSE, "background": "transparent !important"},
    ".jp-Cell.jp-deck-mod-onscreen.jp-CodeCell": {"zoom": VIEW},
    # What is only for editing gives its room away.
    ".jp-Placeholder, .jp-Collapser": {"display": "none !important"},
    # A view takes the height of the window, and its map or chart what the words leave.
    ".silkroad-view": {"height": f"calc(95vh / {VIEW})", "overflow": "hidden"},
    ".silkroad-view > .silkroad": {
        "display": "flex",
        "flex-direction": "column",
        "flex": "1 1 0",
        "min-height": "0",
    },
    ".silkroad-frame": {"flex": "1 1 0", "height": "auto !important", "min-height": "0"},
    ".silkroad-charts": {"flex": "0 1 auto", "min-height": "0", "display": "flex"},
    # Charts beside a map leave it more than half of what is left for both.
    ".silkroad-frame ~ .silkroad-charts:not(:empty)": {"flex": "0 1 45%"},
    ".silkroad-chart": {"flex": "1 1 0", "min-width": "0", "max-width": "none"},
    ".silkroad-picture": {"height": "100%"},
    # A drawing keeps its shape in whatever room there is; a picture is told to.
    ".silkroad-picture > *": {"height": "100% !important", "object-fit": "contain"},
    # A small chart, as of the sky, has the right half, and others below it; the map has the left.
    ".silkroad-view > .silkroad.silkroad-pair": {
        "display": "grid",
        "grid-template-columns": "minmax(0, 1fr) minmax(0, 1fr)",
        "grid-template-rows": "auto minmax(0, 1fr)",
    },
    ".silkroad.silkroad-pair > *": {"grid-column": "1 / -1"},
    ".silkroad.silkroad-pair > .silkroad-frame": {
        "grid-column": "1",
        "width": "100%",
        "height": "100% !important",
    },
    ".silkroad.silkroad-pair > .silkroad-charts": {
        "grid-column": "2",
        "display": "flex",
        "flex-direction": "column",
    },
    ".silkroad.silkroad-pair .silkroad-chart": {"flex": "1 1 0", "min-height": "0"},
    ".silkroad.silkroad-pair .silkroad-beside": {"flex": "3 1 0"},
    ".silkroad-headline": {"font-size": "17px"},
    f".jp-RenderedMarkdown table:has(tbody tr:nth-child({LONG}))": {"zoom": "0.75"},
    ".silkroad-hand": {"display": "grid", "grid-template-columns": "1fr 1fr"},
    ".silkroad-hand > *": {"margin-bottom": "0 !important"},
    ".silkroad-hand .widget-inline-hbox": {"margin-top": "0", "margin-bottom": "0"},
    # What a cell prints or draws fits below its code; of a long table the first rows are shown.
    ".jp-OutputArea-output :is(img:not(.silkroad-picture > img), .silkroad-both > svg)": {
        "max-height": f"calc(42vh / {VIEW})"
    },
    ".jp-OutputArea-output iframe:not(.silkroad-frame)": {
        "max-height": f"calc(80vh / {VIEW}) !important"
    },
    # A still map below its code, with a line of print above it and of words beneath.
    ".jp-CodeCell:not(:has(.jp-InputPlaceholder)) iframe:not(.silkroad-frame)": {
        "max-height": f"calc(52vh / {VIEW}) !important"
    },
    f".jp-OutputArea-output tbody tr:nth-child(n+{ROWS + 1})": {"display": "none"},
    f".jp-OutputArea-output table:has(tr:nth-child({ROWS + 1}))::after": {
        "content": "'… more rows in the lesson'",
        "font-style": "italic",
    },
}


def styles():
    """Return the styles as the metadata of a notebook that jupyterlab-fonts reads."""
    return {"styles": {selector: {_SHOWN: rules} for selector, rules in STYLES.items()}}


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
        elif parts := _claims(cell):
            made += [_slide(_hide(part), "subslide") for part in parts]
            room = 0
        else:
            lines = cell.source.strip().splitlines()
            if len(lines) > LINES_PER_SLIDE or lines[0].startswith("claims."):
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


def _claims(cell):
    """Return a cell that shows claims as several cells of a few claims; [] for any other cell."""
    body = ast.parse(cell.source).body
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    name = ast.unparse(call.func) if isinstance(call, ast.Call) else None
    if name not in CLAIMS or not all(isinstance(arg, ast.Constant) for arg in call.args):
        return []
    ids, most, parts = [arg.value for arg in call.args], CLAIMS[name], []
    for start in range(0, len(ids), most):
        part = deepcopy(cell)
        part.source = f"{name}({', '.join(json.dumps(id) for id in ids[start : start + most])})"
        if start:
            part.id = f"{cell.id}-part{start // most + 1}"
        parts.append(part)
    return parts


def _only_plumbs(source):
    """Tell whether a slide has nothing of a cell: it imports, loads, names, or lists sources."""
    nodes = list(ast.walk(ast.parse(source)))
    if not nodes[0].body or "data.bibliography(" in source:
        return True
    calls = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    model = any(isinstance(node, ast.BinOp) for node in nodes)
    return "print" not in calls and not model and not isinstance(nodes[0].body[-1], ast.Expr)
