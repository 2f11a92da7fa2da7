"""The bench against an older state: what it compares, without measuring it."""

import nbformat
import nbformat.v4 as v4
import pytest

from tools.bench import __main__ as bench
from tools.bench import before
from tools.browser import NOTEBOOKS, ROOT


def test_imports_of_a_lesson_are_those_of_ours(tmp_path):
    path = tmp_path / "x.ipynb"
    cells = [
        v4.new_markdown_cell("from helpers import nothing"),
        v4.new_code_cell("import pandas as pd\nfrom helpers import maps, data"),
        v4.new_code_cell("from course import l08\nfrom pathlib import Path\nl08.draw()"),
    ]
    nbformat.write(v4.new_notebook(cells=cells), path)
    assert before.named(path) == ["from course import l08", "from helpers import maps, data"]


def test_lessons_that_both_states_have_are_compared(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / NOTEBOOKS[3].name).touch()
    (tmp_path / "notebooks" / "99-gone.ipynb").touch()
    assert before.names(tmp_path) == [NOTEBOOKS[3].name]
    assert before.names(ROOT) == [path.name for path in NOTEBOOKS]


def test_a_target_is_met_or_missed():
    assert before._row("x", 110, 100, 1.1, "")["met"]
    assert not before._row("x", 111, 100, 1.1, "")["met"]


def test_a_folder_without_notebooks_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        bench.main(["--before", str(tmp_path)])
    assert "holds no notebooks: name a folder with the project as it was" in capsys.readouterr().err


def test_what_was_measured_once_stays_on_the_page():
    page = bench.PAGE.read_text(encoding="utf-8")
    kept = bench._kept(page)
    assert kept.startswith(f"\n{bench.KEPT}") and "## Pages of the site, before and after" in kept
    assert bench._kept(bench._page({}) + kept) == kept
    assert bench._kept("# Nothing kept\n") == ""
