"""What stands on the site beside the lessons: for teachers, tables, how to cite, the licence."""

import re
import shutil
from html import escape
from pathlib import Path

import nbformat
import yaml

from helpers import data
from tools import editions, handouts, lessons

ROOT = Path(__file__).resolve().parents[2]
# Pages of docs/ that become pages of the site.
DOCS = ("teaching", "classroom", "accessibility.md", "pilot-feedback.md")
EDITIONS = ("student", "instructor", "slides")
POLICY = '<meta http-equiv="Content-Security-Policy" content="{}">'


def cited():
    """Return what CITATION.cff says, as a dict."""
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def citation(year, page=""):
    """Return how to cite the site or one of its pages, in a line of plain text."""
    cff = cited()
    who = ", ".join(author["name"] for author in cff["authors"])
    what = f"{page}. In: {cff['title']}" if page else cff["title"]
    return f"{who} ({year}): {what}, version {cff['version']}. {cff['repository-code']}"


def docs():
    """Return {path in the site: path in the project} of the pages of docs/ that teachers need."""
    found = {}
    for name in DOCS:
        place = ROOT / "docs" / name
        pages = sorted(place.glob("*.md")) if place.is_dir() else [place]
        found |= {path.relative_to(ROOT).as_posix(): path for path in pages}
    return found


def tables_of(notebook, room=""):
    """Return the names of the tables that a lesson's cells and its room load, in order."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    named = re.findall(r'\bload\(\s*"(\w+)"', f"{code}\n{room}")
    if "claims." in code:
        named.append("claims")
    return [name for name in dict.fromkeys([*named, "sources"]) if name in data.package()]


def tools(path, notebook, today):
    """Return the box of a lesson's page: what can be taken along, and how to cite it."""
    room = ROOT / "course" / f"l{path.name[:2]}.py"
    code = room.read_text(encoding="utf-8") if room.exists() else ""
    title = re.search(r"^# (.+)$", notebook.cells[0].source, re.M)[1]
    tables = "".join(
        f'<li><a href="../_static/tables/{data.package()[name]["path"]}" download>'
        f"{escape(data.package()[name]['title'])}</a></li>"
        for name in tables_of(notebook, code)
    )
    return (
        '<div class="silkroad-tools">'
        f'<a href="../_static/notebooks/{path.name}" download>Download the notebook</a>'
        '<button type="button" class="silkroad-code-switch" aria-pressed="false" hidden>'
        "Hide code</button>"
        '<button type="button" class="silkroad-print" hidden>Print this page</button>'
        f"<details><summary>Tables as CSV</summary><ul>{tables}</ul></details>"
        "<details><summary>Cite, date and version</summary>"
        f"<p>{escape(citation(today.year, f'Lesson {title}'))}</p>"
        f"<p>Version {cited()['version']}, made on {_day(today)}. Data: snapshot of "
        f"{_day(data.snapshot())}.</p></details></div>"
    )


def data_page():
    """Return the page of all tables, in Markdown."""
    parts = [
        "# Data\n\nEvery table of the course as CSV (UTF-8). Each row names its sources and its "
        "confidence; [the list of sources](sources.md) says what the keys stand for. The "
        '<a href="_static/tables/datapackage.json" download>data package</a> describes type, unit '
        "and limits of every column.\n"
    ]
    for resource in data.package().values():
        licences = ", ".join(licence["title"] for licence in resource.get("licenses", []))
        rows = f"{resource['rows']} rows. " if "rows" in resource else ""
        file = resource["path"]
        parts.append(
            f"## {resource['title']}\n\n{escape(resource['description'])} {rows}"
            f"Licence: {licences or 'CC BY 4.0'}. "
            f'<a href="_static/tables/{file}" download>{file}</a>\n'
        )
    return "\n".join(parts)


def _day(day):
    return f"{day.day} {day:%B %Y}"


def about_page(today):
    """Return the page on citing and licences, in Markdown."""
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    return (
        f"# Cite and licence\n\n## How to cite\n\n{citation(today.year)}\n\nVersion "
        f'{cited()["version"]}, made on {_day(today)}. <a href="_static/CITATION.cff" download>'
        f"CITATION.cff</a> says the same to programs.\n\n## Licence\n\n```text\n{licence}```\n"
    )


def _asks(notebook):
    """Tell whether a notebook opens with a question, as a lesson does: others have no hand-out."""
    return "**Question.**" in notebook.cells[0].source


def teachers_page(paths):
    """Return the page for teachers, in Markdown; paths: the lessons of the site."""
    rows = []
    for path in paths:
        notebook = lessons.read(path)
        title = re.search(r"^# (.+)$", notebook.cells[0].source, re.M)[1]
        minutes = re.search(r"\*\*Time\.\*\* about (\d+)", notebook.cells[0].source)
        notes = f"docs/teaching/{path.stem}.md"
        hand = f'<a href="_static/handouts/{path.stem}.html">hand-out</a>'
        made = " · ".join(
            f'<a href="_static/editions/{edition}/{path.name}" download>{edition}</a>'
            for edition in EDITIONS
        )
        rows.append(
            f"| [{title}](notebooks/{path.name}) | {minutes[1] if minutes else ''} | "
            f"{f'[notes]({notes})' if (ROOT / notes).exists() else ''} | "
            f"{hand if _asks(notebook) else ''} | {made} |"
        )
    text = (Path(__file__).parent / "teachers.txt").read_text(encoding="utf-8")
    return text.replace("(lessons)", "\n".join(rows))


def write(static, paths, policy):
    """Write the files to take along: notebooks, tables, editions, hand-outs, CITATION.cff."""
    for name in ("notebooks", "tables", "handouts"):
        (static / name).mkdir(parents=True, exist_ok=True)
    for path in paths:
        shutil.copy(path, static / "notebooks")
        lesson = lessons.read(path)
        if _asks(lesson):
            page = handouts.page(lesson)
            page = page.replace("<head>", f"<head>{POLICY.format(policy)}", 1)
            (static / "handouts" / f"{path.stem}.html").write_text(page, encoding="utf-8")
        notes = ROOT / "docs" / "teaching" / f"{path.stem}.md"
        text = notes.read_text(encoding="utf-8") if notes.exists() else ""
        for edition in EDITIONS:
            place = static / "editions" / edition
            place.mkdir(parents=True, exist_ok=True)
            nbformat.write(editions.make(lesson, edition, text), place / path.name)
    for file in sorted((ROOT / "data").glob("*.*")):
        shutil.copy(file, static / "tables")
    shutil.copy(ROOT / "CITATION.cff", static)
