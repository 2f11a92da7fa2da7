"""Every source that a lesson cites stands in its bibliography.

The bibliography is made as the lesson makes it: its cell runs after those that it needs.
"""

import re
from functools import cache

import pytest
from test_repository import NOTEBOOKS
from test_short import names

from helpers import data
from tools import lessons


def needed(cells, at):
    """Return the cells that cell number `at` needs, itself the last, in order."""
    found, waiting = set(), {at}
    while waiting:
        found.add(now := waiting.pop())
        for name in names(cells[now].source)[0]:
            for earlier in range(now - 1, -1, -1):
                uses, made = names(cells[earlier].source)
                if name in made:
                    waiting |= {earlier} - found
                    if name not in uses:
                        break
    return [cells[number] for number in sorted(found)]


@cache
def bibliography(path):
    """Return the keys of the sources that a lesson lists."""
    notebook = lessons.read(path)
    cells = [c for c in notebook.cells if c.cell_type == "code" and not lessons.is_solution(c)]
    (at,) = [number for number, cell in enumerate(cells) if "data.bibliography(" in cell.source]
    room = {"__name__": "__main__"}
    for cell in needed(cells, at):
        source = cell.source
        if cell is cells[at]:
            source = source.replace("data.bibliography(", "listed = data.sources(")
        exec(compile(source, cell.id, "exec"), room)
    return set(room["listed"]["source_id"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_lesson_cites_stands_in_its_bibliography(path):
    notebook = lessons.read(path)
    cited = set()
    for cell in notebook.cells:
        cited |= set(re.findall(r"\bS\d{3}\b", cell.source))
    assert cited <= bibliography(path), sorted(cited - bibliography(path))
    assert cited <= set(data.load("sources")["source_id"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_the_claims_of_a_lesson_rest_on_stands_in_its_bibliography(path):
    notebook = lessons.read(path)
    code = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
    shown = re.findall(r"claims\.(?:show|verdicts)\(([^)]*)\)", code)
    ids = set(re.findall(r"C\d{3}", " ".join(shown)))
    rows = data.load("claims").query("id in @ids")
    assert len(rows) == len(ids) > 0
    missing = set(data.sources(rows)["source_id"]) - bibliography(path)
    assert not missing, sorted(missing)
