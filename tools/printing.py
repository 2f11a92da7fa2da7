"""Print a hand-out of each lesson: `make handouts` writes build/handouts/NN-name.pdf and .html.

Each lesson runs once, for the picture of its first map (or chart); Chromium draws and prints it.
"""

import argparse
import base64
import json
import sys
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError

from course import files
from helpers import maps
from helpers.inputs import InputError
from tools import handouts, lessons, running
from tools.browser import NOTEBOOKS, chromium, chromium_path

PICTURE = {"width": 640, "height": 400}  # small, so that the legend can be read on paper
PIXELS = 3  # printed for each of those: sharp on paper
FIRST = """from IPython.display import display
from tools import moving, printing
views = list(moving.views().values())
view = next((view for view in views if view.map.page), views[0])
page = printing.still(view.map.page, view.layers) if view.map.page else ""
charts = [printing.address(layer) for layer in view.layers if layer.drawn["kind"] == "chart"]
words = f"{view.title.removesuffix('?')}: {view.map.headline}"
shown = {"page": page, "charts": charts, "words": words}
display({"application/json": shown}, raw=True)"""


def still(page, layers):
    """Return the page of a live map as one that stands still and alone, with `layers` drawn."""
    drawn = maps.embedded(
        [maps.with_base64(layer.drawn) for layer in layers if layer.drawn["kind"] != "chart"]
    )
    page = page.replace('"live":true,"layers":[]', f'"live":false,"layers":{drawn}')
    for name, markup in maps.assets().items():
        page = page.replace(maps.MARK.format(name), markup)
    return page


def address(layer):
    """Return a chart as the address of an image that holds it."""
    drawn = base64.b64encode(layer.drawn.get("wide", "").encode()).decode()
    return layer.drawn.get("src") or f"data:image/svg+xml;base64,{drawn}"


def shown(path):
    """Run a lesson and return what its first map (or else its first view) shows."""
    step = nbformat.v4.new_code_cell(FIRST)
    try:
        notebook = running.run(nbformat.read(path, as_version=4), path.parent, [step])
    except CellExecutionError as problem:
        raise InputError(f"{path.name} does not run: {problem.ename}: {problem.evalue}") from None
    return notebook.cells[-1].outputs[-1]["data"]["application/json"]


def picture(page, found):
    """Return (data URI, words) of what a lesson shows, drawn in `page` where it is a map."""
    if not found["page"]:
        return found["charts"][0], found["words"]
    page.goto("about:blank")  # nothing of the map before is left
    page.set_content(found["page"])
    page.wait_for_function("() => document.body.dataset.updates > 0")
    page.wait_for_timeout(300)
    image = base64.b64encode(page.screenshot()).decode()
    return f"data:image/png;base64,{image}", found["words"]


def write(folder, notebooks=NOTEBOOKS):
    """Write hand-outs as HTML and PDF to `folder`, all or none; return {lesson: points}.

    Those of other lessons, and whatever else lies there, stay.
    """
    points = {}
    with files.folder(folder, by="hand-outs", whole=False) as new, chromium() as context:
        page = context.new_page()
        drawing = context.browser.new_page(viewport=PICTURE, device_scale_factor=PIXELS)
        for one in (page, drawing):
            one.emulate_media(media="print")  # a map without its buttons
        for path in notebooks:
            text = handouts.page(lessons.read(path), picture(drawing, shown(path)))
            place = new / f"{path.stem}.html"
            place.write_text(text, encoding="utf-8")
            page.goto(place.as_uri())
            page.wait_for_function("() => document.body.dataset.points")
            points[path.stem] = float(page.evaluate("() => document.body.dataset.points"))
            if points[path.stem] < handouts.SMALLEST_PT:
                raise InputError(
                    f"{path.stem} fits on one page only at {points[path.stem]} pt, and less than "
                    f"{handouts.SMALLEST_PT} pt is not readable: give it fewer claims."
                )
            options = {"prefer_css_page_size": True, "print_background": True}
            page.pdf(path=place.with_suffix(".pdf"), **options)
    return points


def main(arguments=None):
    """Write the hand-outs to the folder named on the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.printing", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("lesson", nargs="*", type=Path)
    chosen = parser.parse_args(arguments)
    if not chromium_path():
        print(
            "No Chromium or Chrome was found: install one, or name it in CHROMIUM.",
            file=sys.stderr,
        )
        return 1
    try:
        points = write(chosen.folder, chosen.lesson or NOTEBOOKS)
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{chosen.folder}: {len(points)} hand-outs; type in points: {json.dumps(points)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
