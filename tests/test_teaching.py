"""The teaching notes keep to their form and to the lessons they are about.

Links, source keys and alt text of these pages are checked with all pages in test_repository.
"""

import json
import re

import pytest
from test_repository import NOTEBOOKS, PAGES, ROOT, SOURCES, cells, named, prose, source

import course
from helpers import data
from helpers.exercises import find
from tools import lessons

course.rooms()  # so that all exercises are declared

NOTES = ROOT / "docs" / "teaching"
INDEX = NOTES / "README.md"
FORM = [
    "Aim",
    "Prerequisites",
    "Timing",
    "Where students get stuck",
    "Discussion",
    "Contested matters",
]
SHORT_MINUTES = 20
OPENING = "Opening"  # the lesson's first cell, which has no heading of the second level
ID = re.compile(r"(?<![\w-])\d\d-\d(?![\w-])")


def page_of(lesson):
    return NOTES / f"{lesson.stem}.md"


def part(page, heading):
    """Return the text of a page below a heading of the second level."""
    return re.split(
        r"^## ", page.read_text(encoding="utf-8").split(f"## {heading}\n")[1], flags=re.M
    )[0]


def tables(text):
    """Return the tables of a text: lists of rows, each a list of cells without bold; no header."""
    found = re.findall(r"^\|[ \-|]+\|\n((?:\|.*\n?)+)", text, re.M)
    return [
        [[cell.strip().strip("*") for cell in row.strip()[1:-1].split("|")] for row in rows]
        for rows in (table.strip().splitlines() for table in found)
    ]


def stated(lesson):
    return int(re.search(r"\*\*Time\.\*\* about (\d+)", prose(lesson))[1])


def title(lesson):
    return re.search(r"^# .+$", prose(lesson), re.M)[0]


def sections(lesson):
    return re.findall(r"^## (.+)$", prose(lesson), re.M)


def measured(lesson):
    """Return {section: minutes}, by the measure CONTRIBUTING.md gives for whole lessons."""
    spent, section = {OPENING: 0.0}, OPENING
    for cell in json.loads(lesson.read_text(encoding="utf-8"))["cells"]:
        text = source(cell)
        if cell["cell_type"] == "markdown":
            for line in text.splitlines():
                if line.startswith("## "):
                    section = line.removeprefix("## ")
                spent[section] = spent.get(section, 0) + len(line.split()) / 150
        elif "solution" not in cell["metadata"].get("tags", []):
            tasks = len(re.findall(r"(?<![.\w])check\(", text))
            spent[section] += 0.5 + 3 * text.count("@live(") + 3 * tasks
    return spent


def summed(rows, column=1):
    """Return the sum of a column and the total that the last row, "all", states."""
    *parts, last = rows
    assert "all" in last, last
    return sum(int(row[column]) for row in parts), int(last[column])


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def lesson(request):
    return request.param


def test_every_lesson_has_its_page_and_no_page_is_without_a_lesson():
    assert {path.stem for path in NOTEBOOKS} == {path.stem for path in NOTES.glob("[0-9]*.md")}
    for page in (INDEX, *map(page_of, NOTEBOOKS)):
        assert page in PAGES, f"{page.name} is not tracked, so its links go unchecked"


def test_a_page_has_the_form(lesson):
    text = page_of(lesson).read_text(encoding="utf-8")
    assert text.splitlines()[0] == title(lesson)
    assert re.findall(r"^#+ (.+)$", text, re.M)[1:] == FORM
    assert f"(../../notebooks/{lesson.name})" in text
    assert part(page_of(lesson), "Aim").count("\n- ") == 3
    assert 3 <= part(page_of(lesson), "Discussion").count("\n- ") <= 5
    assert all("?" in line for line in part(page_of(lesson), "Discussion").split("\n- ")[1:])
    for wanted in ("**Keep it fair:**", "**Do not claim**"):
        assert wanted in part(page_of(lesson), "Contested matters"), wanted


def test_the_timing_is_that_of_the_lesson(lesson):
    whole, _ = tables(part(page_of(lesson), "Timing"))
    total, said = summed(whole)
    assert total == said and abs(total - stated(lesson)) <= 5
    assert [row[0] for row in whole[:-1]] == [OPENING, *sections(lesson)], "parts, in their order"
    spent = measured(lesson)
    far = {row[0]: spent[row[0]] for row in whole[:-1] if abs(int(row[1]) - spent[row[0]]) > 2}
    assert not far, f"measured otherwise: {far}"


def test_the_short_path_takes_twenty_minutes_on_parts_of_the_lesson(lesson):
    short = tables(part(page_of(lesson), "Timing"))[1]
    assert summed(short) == (SHORT_MINUTES, SHORT_MINUTES)
    assert [row[0] for row in short[:-1]] == lessons.short_sections(lessons.read(lesson))


def test_exercises_that_are_named_exist_and_each_has_its_advice(lesson):
    number, text = lesson.name[:2], page_of(lesson).read_text(encoding="utf-8")
    asked = re.findall(r"^### (\d\d-\d)", prose(lesson), re.M)
    for id in set(ID.findall(text)):
        assert find(id).id == id and id[:2] == number, id
    advised = ID.findall(part(page_of(lesson), "Where students get stuck"))
    assert sorted(set(advised)) == sorted(asked)


def test_claims_that_are_named_are_those_of_the_lesson(lesson):
    home = data.load("claims").set_index("id")["notebook"]
    known = " ".join(source(cell) for cell in cells(lesson, "code"))
    for id in set(re.findall(r"\bC\d{3}\b", page_of(lesson).read_text(encoding="utf-8"))):
        assert home[id] == lesson.name[:2] or f'"{id}"' in known, id


@pytest.mark.parametrize("path", **named([INDEX, *map(page_of, NOTEBOOKS)]))
def test_sources_of_the_notes_are_in_the_table(path):
    assert set(re.findall(r"\bS\d{3}\b", path.read_text(encoding="utf-8"))) <= set(SOURCES)


def test_sections_that_are_quoted_exist(lesson):
    """A heading in quotes after `under` or before nothing else is one of the lesson's own."""
    headings = set(re.findall(r"^#{2,3} (.+)$", prose(lesson), re.M))
    quoted = re.findall(r'\bunder "(.+?)"', page_of(lesson).read_text(encoding="utf-8"))
    assert {heading.rstrip(".") for heading in quoted} <= headings


def test_the_index_names_all_lessons_with_their_minutes():
    rows = tables(part(INDEX, "The pages"))[0]
    found = {re.search(r"\((.+)\.md\)", row[0])[1]: int(row[1]) for row in rows}
    assert found == {path.stem: stated(path) for path in NOTEBOOKS}


@pytest.mark.parametrize(
    ("heading", "column", "totals"),
    [
        ("One lesson in 45, 90 or 180 minutes", 1, [45, 90, 180]),
        ("Six weeks", 2, [540]),
        ("One day", 2, [440]),
    ],
)
def test_the_plans_add_up(heading, column, totals):
    plans = []
    for rows in tables(part(INDEX, heading)):
        parts = [row for row in rows if "all" not in row]
        last = next(row for row in rows if "all" in row)
        plans.append(int(last[column]))
        assert sum(int(row[column]) for row in parts) == plans[-1]
    assert plans == totals


def test_the_plans_take_whole_lessons_at_their_stated_minutes():
    time = {path.name[:2]: stated(path) for path in NOTEBOOKS}
    text = part(INDEX, "Six weeks")
    said = re.findall(r"(\d\d) whole \((\d+)\)", text)
    assert said and all(time[number] == int(minutes) for number, minutes in said)
    assert set(re.findall(r"short path \((\d+)\)", text)) == {str(SHORT_MINUTES)}
    day = tables(part(INDEX, "One day"))[0]
    whole = [row for row in day if re.fullmatch(r"\d\d whole", row[1])]
    assert whole and all(time[row[1][:2]] == int(row[2]) for row in whole)


def test_commands_of_the_notes_exist():
    text = INDEX.read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.M)
    assert set(re.findall(r"\bmake (\w+)", text)) & set(targets) >= {"lab", "elements"}
    for line in re.findall(r"`make (\w+)", text) + re.findall(r"^    make (\w+)", text, re.M):
        assert line in targets, line
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    windows = r"^    ((?:py |\.venv\\).*)$"
    assert re.findall(windows, text, re.M) == re.findall(windows, readme, re.M) != []
    assert "(docs/teaching/README.md)" in readme
