"""The lessons as a site that needs no kernel and no network: `make site` writes build/site.

Each lesson runs once. Its live views are then recorded in the kernel that ran it
(`tools.recording`), and Sphinx makes the pages, with the frames beside them. The lessons
themselves stay as they are. `references` makes links of the codes of sources and claims, `shelf`
the pages beside the lessons, `aloud` what voices need, `towns` the reader's own place.
"""

import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote

import nbformat
from nbclient.exceptions import CellExecutionError

from course import files
from helpers import maps
from helpers.inputs import InputError
from tools import packing, running
from tools.lessons import SOLUTION, is_solution
from tools.site import aloud, conf, references, shelf, towns

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOURCE = "https://github.com/space-silk-road/notebooks"
BINDER = "https://mybinder.org/v2/gh/space-silk-road/notebooks/HEAD?urlpath=lab/tree/notebooks/"
PLAYER = "_static/silkroad"
PAGE_MAX = 2_500_000  # bytes of a page with all it can load
WIDGET = "application/vnd.jupyter.widget-view+json"
RECORD = """from tools import recording
from IPython.display import display
made = recording.write({folder!r}, {lesson!r}, tried={tried!r})
display({{"application/json": made}}, raw=True)"""
NOTE = """```{{note}}
This page has no computer behind it. Its maps and charts answer to their controls from what was \
recorded when the page was made. To change code, to answer exercises, or to move a control \
further, [run this lesson on Binder]({binder}).
```"""
TOP = '<p class="silkroad-top"><a href="#">Top of this page</a></p>'
NEEDS = (
    '<p class="silkroad-note">This control needs a running lesson: '
    '<a href="{binder}">run it on Binder</a>.</p>'
)
VIEW = """<div class="silkroad-recorded" id="{id}" data-key="{key}" data-binder="{binder}"{still} \
style="min-height:{room}px">
<p class="silkroad-summary">{summary}</p>
<noscript><p>Without scripts the controls of this view cannot answer: here is how it stands at the \
start. <a href="{binder}">Run it on Binder</a>.</p>{stills}</noscript>
<details><summary data-rows="{rows}">{what} as tables</summary>{tables}</details>
</div>"""
STILL = '<img class="silkroad-still" src="../_static/silkroad/{file}" alt="{words}" loading="lazy">'
UNDRAWN = "<noscript><p>Without scripts this picture cannot be drawn: words follow.</p></noscript>"
CONTROLS_PX = 130  # of a view that has opened: controls, sentences, the line beneath
LIVE = re.compile(r"@live\(.*?\ndef (\w+)", re.S)


def without_assets(page):
    """Return a page with marks in the place of what all pages share; see `assets`.

    Also inside a page that holds the map in a frame of its own, where the markup stands escaped.
    """
    for name, markup in maps.assets().items():
        page = page.replace(markup, maps.MARK.format(name))
        page = page.replace(escape(markup), maps.MARK.format(f"{name} escaped"))
    return page


def tried(notebook):
    """Return {name of a view's function: states} that the cells of a lesson name to be tried."""
    return {
        LIVE.search(cell.source)[1]: cell.metadata["try"]
        for cell in notebook.cells
        if "try" in cell.metadata
    }


def run(path, folder):
    """Run a lesson, record its views into `folder`; return (notebook, {widget id: entry})."""
    path, folder = Path(path).resolve(), Path(folder).resolve()  # the kernel stands elsewhere
    notebook = nbformat.read(path, as_version=4)
    code = RECORD.format(folder=str(folder), lesson=path.stem, tried=tried(notebook))
    try:
        notebook = running.run(notebook, path.parent, [nbformat.v4.new_code_cell(code)])
    except CellExecutionError as problem:
        raise InputError(f"{path.name} does not run: {problem.ename}: {problem.evalue}") from None
    given = [output.get("data", {}) for output in notebook.cells.pop().outputs]
    (entries,) = [data["application/json"] for data in given if "application/json" in data]
    notebook.metadata.pop("widgets", None)
    return notebook, entries


def page(notebook, entries, binder, names, box=""):
    """Turn a notebook that ran into its page: recorded views for widgets, a note on top.

    box: HTML of what the page offers to take along.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = references.in_prose(_links(cell.source, names), "../")
            continue
        cell.source = cell.source.removeprefix("# NBVAL_CHECK_OUTPUT\n")  # meant for tests alone
        if is_solution(cell):
            cell.metadata["tags"] = [*cell.metadata["tags"], "hide-input"]
            what = " of ".join(["the solution", *SOLUTION.findall(cell.source)])
            words = {"code_prompt_show": f"Show {what}", "code_prompt_hide": f"Hide {what}"}
            cell.metadata["mystnb"] = words
        shown = [output for output in cell.outputs if not _stored(output)]
        cell.outputs = [_output(output, entries, binder) for output in shown]
        if towns.is_asked(cell):
            cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": towns.box()})]
    note = f"{NOTE.format(binder=binder)}\n\n{box}"
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell(note, id="site-note"))
    notebook.cells.append(nbformat.v4.new_markdown_cell(TOP, id="site-top"))
    return notebook


def _links(prose, names, home=ROOT / "notebooks", known=()):
    """Let links to the lessons `names` lead to their pages, other files into the repository.

    home: the folder from which the links lead; known: files that are pages of the site, too.
    """

    def lead(found):
        file, _, anchor = found[1].partition("#")
        path = (home / file).resolve()
        if found[1].startswith("#"):  # JupyterLab keeps capitals and signs in the names of headings
            words = re.sub(r"[^\w ]", "", unquote(found[1]).replace("-", " ").lower())
            return f"](#{words.strip().replace(' ', '-')})"
        ours = path in known or (path.name in names and path.parent == ROOT / "notebooks")
        # What is nowhere stays as it is, and Sphinx complains.
        if not file or ours or not path.exists():
            return found[0]
        return f"]({SOURCE}/blob/HEAD/{path.relative_to(ROOT)}{'#' + anchor if anchor else ''})"

    return re.sub(r"\]\(([^)\s]+)\)", lead, prose)


def _stored(output):
    """Tell whether an output is what a saved notebook has of a view: the page has the view."""
    return 'class="silkroad-stored"' in output.get("data", {}).get("text/html", "")


def _output(output, entries, binder):
    shown = output.get("data", {})
    if WIDGET not in shown:
        if "text/html" in shown:
            shown["text/html"] = references.in_html(_cards(_lighter(shown["text/html"])), "../")
        return output
    entry = entries.get(shown[WIDGET]["model_id"])
    html = NEEDS.format(binder=escape(binder))
    if entry:
        html = VIEW.format(
            key=escape(entry["key"]),
            id=escape(entry["id"]),
            binder=escape(binder),
            still=f' data-still="{entry["stills"][0][0]}"' if entry["height"] else "",
            room=entry["height"] + entry["charts_px"] + CONTROLS_PX,
            summary=references.in_html(escape(entry["summary"]), "../"),
            stills="".join(
                STILL.format(file=escape(file), words=escape(words))
                for file, words in entry["stills"]
            ),
            what="The map" if entry["height"] else "The chart",
            rows=entry["tables"].count("<tr") - entry["tables"].count("<thead"),
            tables=references.in_html(entry["tables"], "../"),
        )
    return nbformat.v4.new_output("display_data", {"text/html": html})


def _cards(html):
    """Let a ledger of claims become cards on a telephone: each of its cells says what it is."""
    if "<caption" not in html or 'class="mathjax_ignore"' not in html:
        return html
    names = re.findall(r"<th\b[^>]*>(.*?)</th>", html, re.S)
    cells = itertools.cycle(names)
    html = re.sub(r"<td\b", lambda _: f'<td data-label="{next(cells)}"', html)
    return html.replace('class="mathjax_ignore"', 'class="mathjax_ignore silkroad-cards"', 1)


def _lighter(html):
    """Pack framed pages, without what the player has for all of them: it opens them when near."""

    def page(found):
        kept = packing.packed(without_assets(unescape(found[2])))
        return f'{UNDRAWN}{found[1]} data-page="{kept}"'

    return re.sub(r'(<iframe\b[^>]*?) srcdoc="([^"]*)"', page, html)


def index(lessons):
    """Return the front page: our words, with the README's rows on `lessons` and its credits.

    Each row says how long the lesson takes.
    """
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- lessons.*?-->\n(.+?)<!-- /lessons -->", readme, re.S)[1]
    by_name = {path.name: path for path in lessons}
    rows = [
        "| no. | lesson | the question | minutes | verdicts on its claims |",
        "|---|---|---|---|---|",
    ]
    for row in table.strip().splitlines():
        if "](" in row and _file(row) in by_name:
            *cells, verdicts = row.strip("| ").split(" | ")
            rows.append(f"| {' | '.join([*cells, minutes(by_name[_file(row)]), verdicts])} |")
    credits = re.search(r"^Credits, .+?(?=^## )", readme, re.S | re.M)[0]
    text = (HERE / "index.txt").read_text(encoding="utf-8")
    return text.replace("(lessons)", "\n".join(rows)).replace("(credits)", credits.strip())


def minutes(path):
    """Return the minutes that a lesson's opening states, as text."""
    opening = nbformat.read(path, as_version=4).cells[0].source
    found = re.search(r"\*\*Time\.\*\* about (\d+)", opening)
    return found[1] if found else ""


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
        lessons = [Path(path).resolve() for path in lessons]
        names = [path.name for path in lessons]
        (source / "notebooks").mkdir()
        today = datetime.fromtimestamp(
            int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.now(UTC).timestamp()), UTC
        )
        with ThreadPoolExecutor(jobs) as pool:
            for path, (ran, entries) in zip(
                lessons, pool.map(lambda path: run(path, frames), lessons), strict=True
            ):
                place = source / "notebooks" / path.name
                box = shelf.tools(path, ran, today)
                nbformat.write(page(ran, entries, BINDER + path.name, names, box), place)
        _share(frames)
        _beside(source, lessons, today)
        shelf.write(source / "_static", lessons, conf.POLICY)
        _sphinx(source, made)
        for written in made.glob("**/*.html"):
            text = written.read_text(encoding="utf-8")
            written.write_text(aloud.page(text), encoding="utf-8")
        sizes = {path.name: _weight(made, path) for path in (made / "notebooks").glob("*.html")}
        for name, size in sizes.items():
            if size > PAGE_MAX:
                raise InputError(f"{name} weighs {size:,} bytes: record less of its views.")
        shutil.copytree(made, new, dirs_exist_ok=True)
    return sizes


def _beside(source, lessons, today):
    """Write the pages that stand beside the lessons, in Markdown, into the source of the site."""
    names, docs = [path.name for path in lessons], shelf.docs()
    for place, path in docs.items():
        text = _links(path.read_text(encoding="utf-8"), names, path.parent, docs.values())
        if path.parent.name == "teaching" and path.stem != "README":  # two pages, two titles
            text = text.replace("# ", "# Teaching notes: ", 1)
        (source / place).parent.mkdir(parents=True, exist_ok=True)
        up = "../" * place.count("/")
        (source / place).write_text(references.in_prose(text, up), encoding="utf-8")
    places = {path.name[:2]: (path.stem, f"notebooks/{path.stem}.html") for path in lessons}
    pages = {
        "index": _links(index(lessons), names, ROOT),
        "teachers": shelf.teachers_page(lessons),
        "data": shelf.data_page(),
        "sources": references.sources_page(),
        "claims": references.claims_page(places),
        "about": shelf.about_page(today),
    }
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")


def _share(frames):
    """Write what all pages share: the player and its widget, what maps are made of, the codes.

    Sphinx gives the addresses of the first a version; what the player fetches has it in its name.
    """
    parts = {"map": maps.assets(), "references": references.about()}
    named = [_versioned(frames, name, value) for name, value in parts.items()]
    for name, value in towns.parts():
        _versioned(frames, name, value)
    widget = (maps.STATIC / "widget.js").read_text(encoding="utf-8")
    plain = widget.replace("export default { render };", "return { render };")
    chinese = (maps.STATIC / "chinese.js").read_text(encoding="utf-8")  # what the widget calls
    # Pages opened from a disk may not load modules, so the widget becomes a plain script.
    place = (HERE / "place.js").read_text(encoding="utf-8")
    player = (HERE / "player.js").read_text(encoding="utf-8")
    player = player.replace('("map", "references")', '("{}", "{}")'.format(*named))
    text = f"{chinese}const silkroadWidget = (() => {{\n{plain}}})();\n{place}{player}"
    (frames / "player.js").write_text(text, encoding="utf-8")
    for name in (maps.STATIC / "widget.css", HERE / "site.css", HERE / "search.js"):
        shutil.copy(name, frames)


def _versioned(folder, name, value):
    """Write a value for the player, with the sum of it in the name; return that name."""
    key = packing.versioned(name, value)
    (folder / f"{key}.js").write_text(packing.script(key, value), encoding="utf-8")
    return key


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
    text = re.sub(r"<noscript>.*?</noscript>", "", path.read_text(encoding="utf-8"), flags=re.S)
    parts = {path} | {
        (path.parent / found.split("?")[0]).resolve()
        for found in re.findall(r'(?:src|href)="([^"#]+\.(?:js|css|svg|png)[^"#]*)"', text)
        if not found.startswith("http")
    }
    keys = re.findall(r'data-(?:key|cities|chooser)="([^"]+)"', text)
    parts |= {made / PLAYER / f"{key}.js" for key in keys}
    if keys or "data-page=" in text:
        parts |= {*(made / PLAYER).glob("map-*.js"), *(made / PLAYER).glob("references-*.js")}
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
