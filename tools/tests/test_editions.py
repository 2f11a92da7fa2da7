"""The editions: made of the lessons alone, whole, and the students' without a solution.

`test_editions_run.py` runs them.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
import test_repository as repository

from course import files
from helpers import exercises
from helpers.inputs import InputError
from tools import editions, lessons, slides

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [path.name for path in LESSONS]
EVERY = pytest.mark.parametrize("name", NAMES)
OF_EACH = pytest.mark.parametrize("edition", editions.EDITIONS)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The editions as `make editions` writes them."""
    folder = tmp_path_factory.mktemp("build") / "editions"
    assert editions.main([str(folder)]) == 0
    return folder


def opened(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def source(name):
    return opened(ROOT / "notebooks" / name)


def tags(cell):
    return cell.metadata.get("tags", [])


def words(text):
    """Return the words of a cell; of a list of claims, which slides cut in pieces, their ids."""
    listed = text.strip().startswith(("claims.show(", "claims.verdicts("))
    return re.findall(r"C\d{3}", text) if listed else text.split()


def originals(notebook):
    """Return the cells that come from the lesson, by id, the parts of a cut one joined."""
    cells = {}
    for cell in notebook.cells:
        if "added" not in tags(cell):
            cells.setdefault(re.sub(r"-part\d+$", "", cell.id), []).append(cell.source)
    return cells


# What is written


@OF_EACH
@EVERY
def test_edition_is_a_valid_notebook_of_the_lesson_s_cells(built, name, edition):
    made = opened(built / edition / name)
    nbformat.validate(made)
    assert made.metadata.kernelspec.name == "python3"
    assert made.metadata.edition == edition
    ids = [cell.id for cell in made.cells]
    assert len(set(ids)) == len(ids)
    # In their order; prose may be cut for slides, but no word is lost.
    wanted = {cell.id: cell for cell in source(name).cells}
    found = originals(made)
    assert list(found) == list(wanted)
    for id, cell in wanted.items():
        if not (edition == "student" and "solution" in tags(cell)):
            assert words(" ".join(found[id])) == words(cell.source), id


@EVERY
def test_students_cells_and_the_solutions_make_the_lesson_again(built, name):
    lesson = source(name)
    solutions = {cell.id: cell.source for cell in lesson.cells if "solution" in tags(cell)}
    student = [c for c in opened(built / "student" / name).cells if "added" not in tags(c)]
    again = [(c.id, c.cell_type, solutions.get(c.id, c.source)) for c in student]
    assert again == [(c.id, c.cell_type, c.source) for c in lesson.cells]
    places = [c.id for c in student if c.source.startswith("# your solution")]
    assert places == list(solutions)


def test_an_edition_has_every_lesson_and_nothing_else(built):
    assert sorted(path.name for path in built.iterdir()) == sorted(editions.EDITIONS)
    for edition in editions.EDITIONS:
        names = {path.name for path in (built / edition).iterdir()}
        assert names == {*NAMES, files.SUMS}


@OF_EACH
@EVERY
def test_exercises_are_the_same_in_every_edition(built, name, edition):
    asked = repository.calls(built / edition / name, "check")
    assert asked == repository.calls(ROOT / "notebooks" / name, "check") and asked


@OF_EACH
@EVERY
def test_links_lead_to_lessons_and_headings_of_the_edition(built, name, edition):
    place = built / edition / name
    for target in re.findall(r"\]\(<?([^)\s>]+)>?\)", repository.prose(place)):
        if not target.startswith("https://"):
            file, _, anchor = unquote(target).partition("#")
            assert not file or (place.parent / file).exists(), target
            assert not anchor or anchor in repository.anchors(place), target


def test_a_second_making_gives_the_same_bytes(built, tmp_path):
    command = [sys.executable, "-m", "tools.editions", str(tmp_path)]
    # Another process, another order of sets.
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    for path in sorted(built.rglob("*.*")):
        if path.is_file():
            assert (tmp_path / path.relative_to(built)).read_bytes() == path.read_bytes(), path


# The students' edition


def leaks(student, lesson):
    """Return what of a lesson's solutions stands in the text of a students' notebook."""
    elsewhere = "\n".join(c.source for c in lesson.cells if "solution" not in tags(c))
    added = "\n".join(c.source for c in student.cells if "added" in tags(c))
    secrets = set()
    for cell in lesson.cells:
        if "solution" in tags(cell):
            secrets |= {line.strip() for line in cell.source.splitlines()}
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Constant) and len(str(node.value)) > 1:
                    secrets.add(ast.get_source_segment(cell.source, node))
    # What the lesson says elsewhere, such as the choices of a question, is no secret; a place for
    # a solution and what an edition adds must hold none at all.
    text = json.dumps(student, ensure_ascii=False)
    places = [
        json.dumps(c, ensure_ascii=False) for c in student.cells if "your-solution" in tags(c)
    ]
    found = {secret for secret in secrets if secret not in elsewhere and as_json(secret) in text}
    lines = {s for s in secrets if len(s) > 3 and not re.fullmatch(r'"\d\d-\d"', s)}
    found |= {s for s in lines for place in [*places, added] if as_json(s) in place or s in added}
    return found


def as_json(text):
    return json.dumps(text, ensure_ascii=False)[1:-1]


@EVERY
def test_the_students_edition_holds_no_solution(built, name):
    student, lesson = opened(built / "student" / name), source(name)
    assert not leaks(student, lesson)
    assert all(not c.outputs and c.execution_count is None for c in student.cells if "outputs" in c)
    assert not repository.calls(built / "student" / name, "solution")
    assert set(student.metadata) <= {"kernelspec", "language_info", "edition"}
    for cell in student.cells:
        assert set(cell.metadata) <= {"tags"} and not set(tags(cell)) & {"solution"}


@pytest.mark.parametrize("place", ["source", "metadata", "outputs"])
def test_a_leak_would_be_found(built, place):
    lesson = source("04-beidou.ipynb")
    student = opened(built / "student" / "04-beidou.ipynb")
    secret = next(c for c in lesson.cells if c.id == "s1").source
    cell = next(c for c in student.cells if c.id == "s1")
    if place == "metadata":
        cell.metadata["was"] = secret
    elif place == "outputs":
        cell.outputs = [nbformat.v4.new_output("stream", text=secret)]
    else:
        cell.source += "\n" + secret
    assert leaks(student, lesson)


# The other editions


@EVERY
def test_the_instructors_edition_shows_solutions_answers_and_minutes(built, name):
    cells = opened(built / "instructor" / name).cells
    for place, cell in enumerate(cells):
        if "solution" in tags(cell):
            assert "source_hidden" not in cell.metadata.get("jupyter", {})
        for id in lessons.asked(cell):
            note, task = cells[place + 1].source, exercises.find(id)
            assert id in note
            for said in (task.hint, *(hint for _, hint in task.wrong)):
                assert editions._plain(said) in note
    plan = next(cell.source for cell in cells if cell.id == "edition-plan")
    measured = repository.minutes(ROOT / "notebooks" / name)
    assert abs(int(re.search(r"\*\*all\*\* \| \*\*(\d+)\*\*", plan)[1]) - measured) <= 0.51


def test_teaching_notes_stand_after_the_title_of_the_instructors_edition_only(tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "04-beidou.md").write_text(
        "# Teaching 04\n\n## Aim\n\nSee [05](../../notebooks/05-positioning.ipynb), "
        "[data](../../data/sources.csv).\n\n## Discussion\n\nWho decides?\n",
        encoding="utf-8",
    )
    editions.write(tmp_path / "out", notes=notes)
    cells = opened(tmp_path / "out" / "instructor" / "04-beidou.ipynb").cells
    (note,) = [cell for cell in cells if cell.id == "edition-notes"]
    assert cells.index(note) < 4
    assert "#### Aim" in note.source and "Who decides?" in note.source
    assert "[05](05-positioning.ipynb)" in note.source and "See" in note.source
    assert "sources.csv" not in note.source and ", data." in note.source
    for path in (tmp_path / "out").glob("*/*.ipynb"):
        if path.parts[-2:] != ("instructor", "04-beidou.ipynb"):
            assert "Who decides?" not in path.read_text(encoding="utf-8")


@EVERY
def test_a_slide_holds_one_idea_and_at_most_one_live_view(built, name):
    cells = opened(built / "slides" / name).cells
    assert cells[0].id == "edition-start-here"
    stacks = []
    for cell in cells:
        kind = cell.metadata.slideshow.slide_type
        hidden = cell.metadata.get("jupyter", {}).get("source_hidden")
        if kind == "skip":
            assert cell.cell_type == "code" and slides._only_plumbs(cell.source)
            continue
        if kind in ("slide", "subslide"):
            stacks.append([])
        stacks[-1].append(cell)
        if cell.cell_type == "code" and not hidden:
            assert len(cell.source.splitlines()) <= slides.LINES_PER_SLIDE or "solution" in tags(
                cell
            )
    for stack in stacks:
        live = [cell for cell in stack if lessons.is_live(cell)]
        assert not live or (len(stack) == 1 and stack[0].metadata.jupyter.source_hidden)
        assert sum(cell.cell_type == "code" for cell in stack) <= 1
        words = sum(len(c.source.split()) for c in stack if c.cell_type == "markdown")
        several = sum(c.source.count("\n\n") + 1 for c in stack if c.cell_type == "markdown") > 2
        assert words <= lessons.WORDS_PER_PIECE + lessons.LAST_WORDS or not several
        headings = [h for c in stack for h in re.findall(r"^#{1,3} .+", c.source, re.M)]
        assert len([h for h in headings if stack[0].cell_type == "markdown"]) <= 2
    starts = [s[0].source for s in stacks if s[0].metadata.slideshow.slide_type == "slide"]
    sections = [h for c in source(name).cells for h in lessons.sections(c.source)]
    assert len(starts) == len(sections) + 2, "the start, the title and each section"


def test_a_lesson_s_own_slides_and_short_path_are_kept():
    lesson = lessons.read(LESSONS[4])
    for cell in lesson.cells:
        cell.metadata.pop("tags", None)
    chosen = next(cell for cell in lesson.cells if cell.id == "dop-hand")
    chosen.metadata = nbformat.from_dict(
        {"tags": ["short"], "slideshow": {"slide_type": "fragment"}}
    )
    assert lessons.short_path(lesson) == ["dop-hand"]
    made = editions.make(lesson, "slides")
    (kept,) = [cell for cell in made.cells if cell.id == "dop-hand"]
    assert kept.metadata.slideshow.slide_type == "fragment"
    assert lessons.short_sections(lesson) == ["What a receiver needs"]


@EVERY
def test_the_short_path_takes_twenty_minutes_at_most(built, name):
    lesson = lessons.read(ROOT / "notebooks" / name)
    ids = lessons.short_path(lesson)
    path = [cell for cell in lesson.cells if cell.id in ids]
    assert sum(map(lessons.minutes, path)) <= lessons.SHORT_MINUTES
    assert lessons.short_line(lesson) in lesson.cells[0].source.splitlines()
    assert path[0].id == lesson.cells[0].id and any(map(lessons.is_live, path))
    assert any("claims.verdicts(" in cell.source for cell in path)
    made = opened(built / "student" / name)
    assert [cell.id for cell in made.cells if "short" in tags(cell)] == ids


def test_prose_is_cut_between_paragraphs_and_items_but_not_in_code():
    long = "word " * 70
    assert lessons.pieces(f"# A\n\n{long}\n\nLast.") == [f"# A\n\n{long}\n\nLast."]
    assert len(lessons.pieces(f"{long}\n\n{long}")) == 2
    assert len(lessons.pieces(f"- {long}\n- {long}\n- b")) == 2
    fence = f"```\n{long}\n\n# no heading\n\n{long}\n```"
    assert lessons.pieces(fence) == [fence]
    assert lessons.pieces("A.\n\n## B\n\nC.") == ["A.", "## B\n\nC."]


# Bad input


def copied(tmp_path, change):
    """Return a folder with one lesson, changed as JSON."""
    folder = tmp_path / "lessons"
    folder.mkdir()
    notebook = json.loads(LESSONS[4].read_text(encoding="utf-8"))
    change(notebook)
    (folder / LESSONS[4].name).write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def untagged(notebook):
    for cell in notebook["cells"]:
        cell["metadata"].pop("tags", None)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda n: n["metadata"].pop("kernelspec"), r"does not name the kernel python3: open it"),
        (lambda n: n.pop("cells"), r"is not a notebook \(.+\): put a sound copy there"),
        (
            lambda n: n["cells"][0].pop("source"),
            r"is not a notebook \(.+\): put a sound copy there",
        ),
        (lambda n: n["cells"].pop(0), r"does not open with a title"),
        (lambda n: n.update(nbformat_minor=4), r"cells without ids|is not a notebook"),
        (untagged, r"the cell s1 has .+ reaches students"),
    ],
)
def test_an_unfit_lesson_gets_one_sentence_and_nothing_is_written(tmp_path, change, says):
    folder = copied(tmp_path, change)
    with pytest.raises(InputError, match=says) as told:
        editions.write(tmp_path / "out", lessons=folder)
    assert "04-beidou.ipynb" in str(told.value) and "\n" not in str(told.value)
    assert not (tmp_path / "out").exists()


def test_what_is_not_json_gets_one_sentence(tmp_path):
    folder = copied(tmp_path, lambda n: None)
    (folder / "05-x.ipynb").write_text("nonsense")
    with pytest.raises(
        InputError, match=r"^05-x.ipynb is not a notebook \(.+\): put a sound copy there\.$"
    ):
        editions.write(tmp_path / "out", lessons=folder)


def test_unknown_editions_and_empty_folders_get_one_sentence(tmp_path, capsys):
    assert editions.main([str(tmp_path / "out"), "studnet"]) == 1
    assert capsys.readouterr().err == "There is no edition 'studnet': try student.\n"
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError, match="There are no lessons in"):
        editions.write(tmp_path / "out", lessons=tmp_path)
    with pytest.raises(InputError, match="There is no edition"):
        editions.make(lessons.read(LESSONS[0]), "teachers")


def test_a_folder_that_cannot_be_written_gets_one_sentence(tmp_path):
    few = copied(tmp_path, lambda n: None)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match=r"edition cannot be written to .*file/student"):
        editions.write(tmp_path / "file", lessons=few)
    with pytest.raises(InputError, match="cannot be written to"):
        editions.write("/dev/null/x", lessons=few)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "slides").write_text("mine")
    with pytest.raises(InputError, match="slides is a file"):
        editions.write(tmp_path / "out", lessons=few)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["slides"]


def test_nothing_is_lost_or_half_written(tmp_path, monkeypatch):
    few, out = copied(tmp_path, lambda n: None), tmp_path / "out"
    editions.write(out, ["student"], lessons=few)
    editions.write(out, ["student"], lessons=few)  # untouched, it is made anew
    before = (out / "student" / "04-beidou.ipynb").read_bytes()

    with monkeypatch.context() as patch:
        patch.setattr(slides, "cells", lambda cells: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            editions.write(out, lessons=few)
    assert [path.name for path in out.iterdir()] == ["student"]
    assert (out / "student" / "04-beidou.ipynb").read_bytes() == before

    with monkeypatch.context() as patch:

        def full(*_):
            raise OSError(28, "No space left on device")

        patch.setattr(files, "_swap", full)
        with pytest.raises(InputError, match="No space left"):
            editions.write(out, ["student"], lessons=few)
    assert (out / "student" / "04-beidou.ipynb").read_bytes() == before
    assert [path.name for path in out.iterdir()] == ["student"]

    (out / "student" / "mine.txt").write_text("notes")
    with pytest.raises(InputError, match=r"mine.txt was changed or put there"):
        editions.write(out, lessons=few)
    assert [path.name for path in out.iterdir()] == ["student"]


def test_a_changed_edition_is_not_overwritten(tmp_path):
    few, out = copied(tmp_path, lambda n: None), tmp_path / "out"
    editions.write(out, ["student"], lessons=few)
    place = out / "student" / "04-beidou.ipynb"
    place.write_bytes(place.read_bytes() + b"\n")
    with pytest.raises(InputError, match=r"04-beidou.ipynb was changed .+ move it elsewhere"):
        editions.write(out, ["student"], lessons=few)
