"""Every control of every lesson moves through its range without an error in any callback."""

import json
from pathlib import Path

import nbformat
import pytest
from browser import NOTEBOOKS, ROOT
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

SWEEP = """
import json, sys
sys.path.insert(0, {tests!r})
import sweep
from helpers import livemap
views = [name.rpartition(".")[2] for name in livemap.views()]
print("SWEPT", json.dumps([views, sweep.problems({lesson!r}, {states})]))
"""


def swept(path, states=500):
    """Execute a lesson, sweep it in its kernel; return (names of its views, sentences)."""
    notebook = nbformat.read(path, as_version=4)
    code = SWEEP.format(tests=str(ROOT / "tests"), lesson=Path(path).stem, states=states)
    notebook.cells.append(nbformat.v4.new_code_cell(code))
    folder = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(notebook, timeout=600, resources=folder).execute()
    printed = "".join(o.get("text", "") for o in notebook.cells[-1].outputs)
    line = next(line for line in printed.splitlines() if line.startswith("SWEPT"))
    views, sentences = json.loads(line.removeprefix("SWEPT"))
    return views, sentences


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_control_of_the_lesson(path):
    views, sentences = swept(path)
    assert len(views) == path.read_text(encoding="utf-8").count("@live("), "every view is swept"
    assert not sentences, "\n".join(sentences[:10])


def lesson(folder, body):
    """Write a lesson of one live view with the given body."""
    code = (
        "from helpers import layers\n"
        "from helpers.livemap import live\n"
        "import pandas as pd\n"
        "@live('Broken on purpose', year=(2013, 2026), kind=['a', 'b'])\n"
        "def view(year, kind):\n"
        f"    {body}\n"
        "    return f'{kind} {year}'\n"
    )
    path = folder / "77-broken.ipynb"
    cells = [nbformat.v4.new_code_cell(code)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_callback_that_breaks_at_one_value_is_found_and_named(tmp_path):
    path = lesson(tmp_path, "assert year != 2024, 'no such year'")
    views, sentences = swept(path, states=60)
    assert views == ["view"]
    assert any("77-broken: view.year = 2024 failed" in sentence for sentence in sentences)
    assert any("77-broken: view with year = 2024" in sentence for sentence in sentences)
    assert all("2024" in sentence for sentence in sentences)


def test_a_combination_that_breaks_is_found(tmp_path):
    path = lesson(tmp_path, "assert (year, kind) != (2014, 'b')")
    _, sentences = swept(path, states=400)
    assert sentences and all("2014" in s and "'b'" in s for s in sentences)


def test_a_view_that_breaks_at_its_first_call_fails_its_cell(tmp_path):
    path = lesson(tmp_path, "raise KeyError('capital')")
    with pytest.raises(CellExecutionError, match="failed: KeyError"):
        swept(path)


def test_a_plain_widget_with_a_broken_callback_is_found(tmp_path):
    code = (
        "import ipywidgets as widgets\n"
        "def react(change):\n"
        "    assert change['new'] != 3\n"
        "slider = widgets.IntSlider(min=0, max=5, description='days')\n"
        "slider.observe(react, 'value')\n"
    )
    path = tmp_path / "78-plain.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), path)
    _, sentences = swept(path, states=10)
    assert [s for s in sentences if "78-plain: days = 3 failed: AssertionError" in s]
