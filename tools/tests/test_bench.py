"""The bench against an older state: what it compares, without measuring it."""

import nbformat
import nbformat.v4 as v4
import pytest

from tools.bench import __main__ as bench
from tools.bench import before, lessons
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


@pytest.mark.parametrize(
    ("number", "text"), [(1014, "1,010"), (0.4876, "0.488"), (2.0, "2"), (24.83, "24.8")]
)
def test_a_ratio_has_three_digits_and_no_exponent(number, text):
    assert bench._three(number) == text


class Slider:
    """A control with so many stops, and the page that it stands in."""

    def __init__(self, stops, at):
        self.stops, self.at, self.waited = stops, at, []

    def evaluate(self, _):
        return str(self.at)

    def wait_for_timeout(self, ms):
        self.waited.append(ms)

    def step(self, *how):
        """Go on, or back from an end, as `lessons.move` does; return what is no 0."""
        forth = how[-1]
        if not 0 <= self.at + (1 if forth else -1) < self.stops:
            forth = not forth
        self.at += 1 if forth else -1
        return f"at {self.at}"


@pytest.mark.parametrize(("stops", "at"), [(9, 4), (9, 0), (9, 8), (2, 0)])
def test_a_walk_goes_to_every_place_and_ends_there(monkeypatch, stops, at):
    slider = Slider(stops, at)
    monkeypatch.setattr(lessons, "move", slider.step)
    monkeypatch.setattr(lessons, "WARM", 0)
    found = list(lessons.walk(slider, slider, slider, "", None, 700))
    assert sorted(found) == [f"at {place}" for place in range(stops) if place != at]
    assert slider.waited.count(700) == stops - 1
    assert len(slider.waited) <= 2 * stops, "no way over places that are known"
