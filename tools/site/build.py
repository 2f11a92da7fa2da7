"""The lessons as a site that needs no kernel and no network: `make site` writes build/site.

Each lesson runs once. Its live views are then recorded in the kernel that ran it
(`tools.recording`), and Sphinx makes the pages, with the frames beside them. The lessons
themselves stay as they are.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course import files
from helpers import maps
from helpers.inputs import InputError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOURCE = "https://github.com/space-silk-road/notebooks"
BINDER = "https://mybinder.org/v2/gh/space-silk-road/notebooks/HEAD?urlpath=lab/tree/notebooks/"
PLAYER = "_static/silkroad"
PAGE_MAX = 3_000_000  # bytes of a page with all it can load
WIDGET = "application/vnd.jupyter.widget-view+json"
RECORD = """from tools import recording
from IPython.display import display
display({{"application/json": recording.write({folder!r}, {lesson!r})}}, raw=True)"""
NOTE = """```{{note}}
This page has no computer behind it. Its maps and charts answer to their controls from what was \
recorded when the page was made. To change code, to answer exercises, or to move a control \
further, [run this lesson on Binder]({binder}).
```"""
NEEDS = (
    '<p class="silkroad-note">This control needs a running lesson: '
    '<a href="{binder}">run it on Binder</a>.</p>'
)
VIEW = """<div class="silkroad-recorded" data-key="{key}" data-binder="{binder}" \
style="min-height:{height}px">
<p class="silkroad-summary">{summary}</p>
<details><summary>{what} as tables</summary>{tables}</details>
</div>"""


def without_assets(page):
    """Return a page with marks in the place of what all pages share; see `assets`.

    Also inside a page that holds the map in a frame of its own, where the markup stands escaped.
    """
    for name, markup in maps.assets().items():
        page = page.replace(markup, maps.MARK.format(name))
        page = page.replace(escape(markup), maps.MARK.format(f"{name} escaped"))
    return page


def run(path, folder):
    """Run a lesson, record its views into `folder`; return (notebook, {widget id: entry})."""
    notebook = nbformat.read(path, as_version=4)
    code = RECORD.format(folder=str(folder), lesson=path.stem)
    notebook.cells.append(nbformat.v4.new_code_cell(code))
    where = {"metadata": {"path": str(path.parent)}}
    try:
        NotebookClient(notebook, timeout=900, kernel_name="python3", resources=where).execute()
    except CellExecutionError as problem:
        raise InputError(f"{path.name} does not run: {problem.ename}: {problem.evalue}") from None
    entries = notebook.cells.pop().outputs[-1]["data"]["application/json"]
    notebook.metadata.pop("widgets", None)
    return notebook, entries


def page(notebook, entries, binder, names):
    """Turn a notebook that ran into its page: recorded views for widgets, a note on top."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _links(cell.source, names)
            continue
        cell.source = cell.source.removeprefix("# NBVAL_CHECK_OUTPUT\n")  # meant for tests alone
        if "solution" in cell.metadata.get("tags", []):
            cell.metadata["tags"] = [*cell.metadata["tags"], "hide-input"]
        cell.outputs = [_output(output, entries, binder) for output in cell.outputs]
    note = nbformat.v4.new_markdown_cell(NOTE.format(binder=binder), id="site-note")
    notebook.cells.insert(1, note)
    return notebook


def _links(prose, names):
    """Let links to the lessons `names` lead to their pages, other files into the repository."""

    def lead(found):
        file = found[1].partition("#")[0]
        path = (ROOT / "notebooks" / file).resolve()
        if found[1].startswith("#"):  # JupyterLab keeps capitals and signs in the names of headings
            words = re.sub(r"[^\w ]", "", unquote(found[1]).replace("-", " ").lower())
            return f"](#{words.strip().replace(' ', '-')})"
        # What is nowhere stays as it is, and Sphinx complains.
        if file in ("", *names) or not path.exists():
            return found[0]
        return f"]({SOURCE}/blob/HEAD/{path.relative_to(ROOT)})"

    return re.sub(r"\]\(([^)\s]+)\)", lead, prose)


def _output(output, entries, binder):
    shown = output.get("data", {})
    if WIDGET not in shown:
        if "text/html" in shown:
            shown["text/html"] = _lighter(shown["text/html"])
        return output
    entry = entries.get(shown[WIDGET]["model_id"])
    html = NEEDS.format(binder=escape(binder))
    if entry:
        html = VIEW.format(
            key=escape(entry["key"]),
            binder=escape(binder),
            height=entry["height"],
            summary=escape(entry["summary"]),
            what="The map" if entry["height"] else "The chart",
            tables=entry["tables"],
        )
    return nbformat.v4.new_output("display_data", {"text/html": html})


def _lighter(html):
    """Take out of framed pages what the player has for all of them."""

    def page(found):
        light = without_assets(unescape(found[1]))
        return f'data-page="{escape(light)}"' if light != unescape(found[1]) else found[0]

    return re.sub(r'srcdoc="([^"]*)"', page, html)


def index(lessons):
    """Return the front page: our words, with the README's rows on `lessons` and its credits."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- lessons.*?-->\n(.+?)<!-- /lessons -->", readme, re.S)[1]
    names = {path.name for path in lessons}
    known = [row for row in table.strip().splitlines() if "](" not in row or _file(row) in names]
    credits = re.search(r"^Credits, .+?(?=^## )", readme, re.S | re.M)[0]
    text = (HERE / "index.md").read_text(encoding="utf-8")
    return text.replace("(lessons)", "\n".join(known)).replace("(credits)", credits.strip())


def _file(row):
    return re.search(r"\(notebooks/(.+?)\)", row)[1]


def build(target, lessons=LESSONS, jobs=2):
    """Write the site to `target`, whole or not at all; return its pages' sizes in bytes.

    What else lies there, such as .git and CNAME, stays. InputError, one sentence: a lesson that
    does not run, a page that Sphinx warns about or that is larger than PAGE_MAX, a folder that
    holds something else.
    """
    if files.foreign(target):
        raise InputError(
            f"{target} holds something else than a site made here: move it, or name another folder."
        )
    with (
        tempfile.TemporaryDirectory() as making,
        files.folder(target, by="site") as new,
    ):
        source, made = Path(making) / "source", Path(making) / "site"
        frames = source / PLAYER
        frames.mkdir(parents=True)
        names = [path.name for path in lessons]
        (source / "notebooks").mkdir()
        with ThreadPoolExecutor(jobs) as pool:
            for path, (ran, entries) in zip(
                lessons, pool.map(lambda path: run(path, frames), lessons), strict=True
            ):
                place = source / "notebooks" / path.name
                nbformat.write(page(ran, entries, BINDER + path.name, names), place)
        _share(frames)
        (source / "index.md").write_text(index(lessons), encoding="utf-8")
        _sphinx(source, made)
        sizes = {path.name: _weight(made, path) for path in made.glob("**/[0-9]*.html")}
        for name, size in sizes.items():
            if size > PAGE_MAX:
                raise InputError(f"{name} weighs {size:,} bytes: record less of its views.")
        shutil.copytree(made, new, dirs_exist_ok=True)
    return sizes


def _share(frames):
    """Write what all pages share: the player with its widget, and what maps are made of."""
    widget = (maps.STATIC / "widget.js").read_text(encoding="utf-8")
    plain = widget.replace("export default { render };", "return { render };")
    # Pages opened from a disk may not load modules, so the widget becomes a plain script.
    player = (HERE / "player.js").read_text(encoding="utf-8")
    (frames / "player.js").write_text(
        f"const silkroadWidget = (() => {{\n{plain}}})();\n{player}", encoding="utf-8"
    )
    shared = json.dumps(maps.assets(), ensure_ascii=False)
    (frames / "map.js").write_text(f"silkroad.assets({shared});\n", encoding="utf-8")
    for name in (maps.STATIC / "widget.css", HERE / "site.css"):
        shutil.copy(name, frames)


def _sphinx(source, made):
    """Let Sphinx make the pages, in a process of its own: a second run in one process warns."""
    told = source.parent / "warnings.txt"
    command = [
        *(sys.executable, "-m", "sphinx", "-q", "-b", "html", "-w", told, "-c", HERE),
        *("-d", source.parent / "doctrees", "-D", f"html_static_path={source / '_static'}"),
        *(source, made),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    text = told.read_text(encoding="utf-8") if told.exists() else ""
    if warning := (text or done.stderr if done.returncode else text).strip():
        first = warning.splitlines()[0].replace(f"{source}/", "")
        raise InputError(f"Sphinx says of the site: {first}")


def _weight(made, path):
    """Return the bytes of a page with everything it can load."""
    text = path.read_text(encoding="utf-8")
    parts = {path} | {
        (path.parent / found.split("?")[0]).resolve()
        for found in re.findall(r'(?:src|href)="([^"#]+\.(?:js|css|svg|png)[^"#]*)"', text)
        if not found.startswith("http")
    }
    keys = re.findall(r'data-key="([^"]+)"', text)
    parts |= {made / PLAYER / f"{key}.js" for key in keys}
    if keys or "data-page=" in text:
        parts.add(made / PLAYER / "map.js")
    return sum(part.stat().st_size for part in parts)


def main(arguments=None):
    """Build the site named on the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.site.build", description=__doc__)
    parser.add_argument("folder", help="where to write, such as build/site")
    parser.add_argument("lesson", nargs="*", type=Path, help="only these notebooks (default: all)")
    chosen = parser.parse_args(arguments)
    try:
        sizes = build(chosen.folder, chosen.lesson or LESSONS)
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 1
    largest = max(sizes, key=sizes.get)
    print(f"{chosen.folder}: {len(sizes)} lessons, the largest {largest}, {sizes[largest]:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
