"""The short path of each lesson runs by itself, in a fresh kernel: in the lesson, in each edition.

Cells tagged `short` are shown, those tagged `short-run` only run. A reader follows the links of the
opening instead: what these sections hold runs by itself too.
"""

import symtable

import pytest
from test_repository import NOTEBOOKS

from tools import editions, lessons

EVERY = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def names(source):
    """Return (names that a cell needs from cells before it or from Python, names that it makes)."""
    scopes, needed, made = [symtable.symtable(source, "cell", "exec")], set(), set()
    for symbol in scopes[0].get_symbols():
        if symbol.is_assigned() or symbol.is_imported():
            made.add(symbol.get_name())
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        for symbol in scope.get_symbols():
            here = scope.get_type() == "module" or symbol.is_global()
            if here and symbol.is_referenced():
                needed.add(symbol.get_name())
    return needed, made


def undefined(cells):
    """Return {cell id: names} that no cell before has made, nor Python, nor the cell itself."""
    known, found = (
        set(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__),
        {},
    )
    for cell in cells:
        needed, made = names(cell.source)
        if missing := needed - made - known:
            found[cell.id] = missing
        known |= made
    return found


def code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


def tagged(notebook):
    return code(cell for cell in notebook.cells if cell.id in lessons.short_run(notebook))


def linked(notebook):
    """Return the code cells above the first section, and of those that the opening links to."""
    wanted, section, found = [None, *lessons.short_sections(notebook)], None, []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            section = [section, *lessons.sections(cell.source)][-1]
        elif section in wanted and not lessons.is_solution(cell):
            found.append(cell)
    return found


def test_a_name_that_is_missing_is_found():
    notebook = lessons.read(NOTEBOOKS[0])
    cells = [cell for cell in tagged(notebook) if cell.id != "ledger"]
    assert {"ledger"} in undefined(cells).values()
    needed, made = names("def f(a):\n    b = a + c\n    return [b for d in b]\ne = f(g)")
    assert needed - made == {"c", "g"} and made == {"f", "e"}


@EVERY
def test_the_cells_of_the_short_path_run_in_a_fresh_kernel(path):
    room = {"__name__": "__main__"}
    for cell in tagged(lessons.read(path)):
        exec(compile(cell.source, f"{path.name} {cell.id}", "exec"), room)


@EVERY
def test_so_do_the_sections_that_the_opening_links_to(path):
    assert not undefined(linked(lessons.read(path)))


@EVERY
@pytest.mark.parametrize("edition", editions.EDITIONS)
def test_an_edition_has_all_cells_that_the_short_path_runs(path, edition):
    lesson = lessons.read(path)
    made = editions.make(lesson, edition)
    here = [cell for cell in made.cells if set(cell.metadata.get("tags", [])) & lessons.SHORT]
    assert not undefined(code(here))
    told = [cell.source for cell in code(here) if not cell.source.startswith("claims.")]
    wanted = [cell.source for cell in tagged(lesson) if not cell.source.startswith("claims.")]
    assert told == wanted


@EVERY
def test_no_cell_runs_on_the_short_path_for_nothing(path):
    """A cell that is only run makes what a later one needs."""
    cells = tagged(lessons.read(path))
    for at, cell in enumerate(cells):
        if lessons.RUN in cell.metadata.get("tags", []):
            _, made = names(cell.source)
            assert any(made & names(later.source)[0] for later in cells[at + 1 :]), cell.id
