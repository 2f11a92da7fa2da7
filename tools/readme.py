"""Write what is known elsewhere into tables of three pages: `make readme` writes, tests compare.

README.md: behind each lesson how its claims ended, as the ledger has it. docs/teaching/README.md:
the minutes that each lesson states. A lesson without a row gets one, from its first cell; what
stands in the other columns of a row is the author's. CONTRIBUTING.md: which rows of the tables
rest on general knowledge alone.
"""

import json
import re
import sys
from pathlib import Path

from course import files
from helpers import claims, data

ROOT = Path(__file__).resolve().parents[1]
README, TEACHING = ROOT / "README.md", ROOT / "docs" / "teaching" / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- lessons: the last column is written by `make readme` -->", "<!-- /lessons -->"
KNOWLEDGE = "<!-- general knowledge: written by `make readme` -->", "<!-- /general knowledge -->"
GENERAL = {"S417", "S418"}  # the sources that stand for "widely known, not looked up"
MINUTES = "<!-- minutes: written by `make readme` -->", "<!-- /minutes -->"


def opening(path):
    """Return what a lesson's first cell says: number, name, question, needs, minutes, as text."""
    cell = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    text = "".join(cell["source"])
    needs = re.search(r"\*\*You need\*\* (.+)", text)[1]
    return {
        "number": path.name[:2],
        "stem": path.stem,
        "name": re.search(r"^# \d\d (.+)$", text, re.M)[1],
        "question": re.search(r"\*\*Question\.\*\* (.+)", text)[1],
        "minutes": re.search(r"\*\*Time\.\*\* about (\d+)", text)[1],
        "needs": ", ".join(re.findall(r"\b\d\d\b", needs.partition(".")[0])) or "nothing",
    }


def lessons():
    """Return the openings of all lessons, in order."""
    return [opening(path) for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))]


def between(text, begin, end, row):
    """Return the text with `row(old)` for each lesson's row between two marks, new ones added.

    `row(cells)` takes the cells of the old row, a list of text, and returns those of the new one.
    """
    before, mark, rest = text.partition(begin)
    table, close, after = rest.partition(end)
    if not (mark and close):
        raise SystemExit(f"A page has lost its marks: put {begin} and {end} round the table.")
    head = [line for line in table.splitlines() if line.startswith("|")][:2]
    rows = re.findall(r"^\| (?:\[)?(\d\d) .*$", table, re.M)
    lines = [line for line in table.splitlines() if re.match(r"\| \[?\d\d ", line)]
    old = {n: line.strip("| ").split(" | ") for n, line in zip(rows, lines, strict=True)}
    made = [row(lesson, old.get(lesson["number"])) for lesson in lessons()]
    body = "\n".join([*head, *("| " + " | ".join(cells) + " |" for cells in made)])
    return f"{before}{mark}\n\n{body}\n\n{close}{after}"


def updated(text, ledger):
    """Return the README's text with the verdicts of the table `claims` in its table of lessons."""
    groups = claims.texts(ledger.copy()).groupby("notebook")
    ends = {number: claims.ruled(rows, "Verdicts").in_words() for number, rows in groups}

    def row(lesson, old):
        link = f"[{lesson['name']}](notebooks/{lesson['stem']}.ipynb)"
        kept = old[:3] if old else [lesson["number"], link, lesson["question"]]
        return [*kept, ends.get(lesson["number"], "no claim")]

    return between(text, BEGIN, END, row)


def timed(text):
    """Return the index of the teaching notes with the minutes that the lessons state."""

    def row(lesson, old):
        link = f"[{lesson['number']} {lesson['name']}]({lesson['stem']}.md)"
        name, needs = (old[0], old[2]) if old else (link, lesson["needs"])
        return [name, lesson["minutes"], needs]

    return between(text, *MINUTES, row)


def general():
    """Return {table: its rows whose only source is general knowledge}, largest first."""
    found = {}
    for name, resource in data.package().items():
        if any(f["name"] == "source_ids" for f in resource.get("schema", {}).get("fields", [])):
            table = data.load(name)
            alone = table["source_ids"].map(lambda keys: set(keys.split(";")) <= GENERAL)
            found[name] = table[alone]
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def knowledge():
    """Return, as a Markdown table, how many rows of each table rest on general knowledge alone."""
    lines, total = ["| table | rows | of | which |", "|---|---|---|---|"], 0
    for name, rows in general().items():
        if len(rows):
            key = data.package()[name]["schema"].get("primaryKey", rows.columns[0])
            counts = rows[key if isinstance(key, str) else key[0]].value_counts(sort=False)
            which = (f"{one} ({n})" if n > 1 else f"{one}" for one, n in counts.items())
            lines.append(f"| {name} | {len(rows)} | {len(data.load(name))} | {', '.join(which)} |")
            total += len(rows)
    return "\n".join([*lines, f"| all | {total} | | |"])


def listed(text):
    """Return the text of CONTRIBUTING.md with the rows that rest on general knowledge alone."""
    before, begin, rest = text.partition(KNOWLEDGE[0])
    _, end, after = rest.partition(KNOWLEDGE[1])
    if not (begin and end):
        raise SystemExit(f"CONTRIBUTING.md has lost its marks: put {KNOWLEDGE[0]} back.")
    return f"{before}{begin}\n\n{knowledge()}\n\n{end}{after}"


def main():
    """Write the pages where they are not as lessons, ledger and tables have it."""
    pages = {
        README: lambda text: updated(text, data.load("claims")),
        TEACHING: timed,
        CONTRIBUTING: listed,
    }
    for path, update in pages.items():
        text = path.read_text(encoding="utf-8")
        new = update(text)
        if new != text:
            files.replace(path, new.encode())
        name = path.relative_to(ROOT).as_posix()
        sys.stdout.write(f"{name} {'was as the lessons' if new == text else 'is new'}\n")


if __name__ == "__main__":
    main()
