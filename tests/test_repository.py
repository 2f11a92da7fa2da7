"""What keeps the repository fit for years: clean notebooks, one skeleton, links that resolve."""

import ast
import csv
import fnmatch
import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from tools import notebook_outputs

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BINARY = {".png", ".ico", ".woff2", ".gz"}
SOURCES = {
    row["source_id"]: row
    for row in csv.DictReader((ROOT / "data" / "sources.csv").open(encoding="utf-8"))
}
# The fixed parts of a lesson, in this order; CONTRIBUTING.md explains them.
OPENING = (
    r"# {number} \S.*",
    r"\*\*Question\.\*\* .+\?",
    r"\*\*You will\*\* .+",
    r"\*\*You learn\*\* .+",
    r"\*\*You need\*\* .+",
    r"\*\*Time\.\*\* about \d+ minutes.*",
    r"\*\*Short path\.\*\* 20 minutes: .+",  # test_editions holds it against the tags
)
SECTIONS = ("The claims", "Exercises", "What we found", "Sources")


def tracked():
    """Return the files under version control that exist, or all files if git cannot tell."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = listed.stdout.split("\0") if listed.returncode == 0 else []
    paths = [ROOT / name for name in names if name] or unpacked(ROOT)
    return [path for path in paths if path.is_file()]


def unpacked(root):
    """Return the files of a copy without git, as from a ZIP: all but what .gitignore leaves out."""
    lines = (root / ".gitignore").read_text(encoding="utf-8").split()
    folders = {line.rstrip("/") for line in lines if line.endswith("/")} | {".git"}
    files = {line for line in lines if not line.endswith("/")}
    found = []
    for place, inner, names in os.walk(root):
        here = Path(place).relative_to(root)
        inner[:] = [
            name
            for name in inner
            if not {name, f"/{name}" if here == Path() else "", (here / name).as_posix()} & folders
            and not any(fnmatch.fnmatch(name, pattern) for pattern in folders)
        ]
        kept = [name for name in names if not any(fnmatch.fnmatch(name, own) for own in files)]
        found += [root / here / name for name in kept]
    return found


FILES = tracked()
TEXTS = [path for path in FILES if path.suffix not in BINARY]
PAGES = [path for path in FILES if path.suffix == ".md"]


def test_a_copy_without_git_has_the_same_files():
    found = set(unpacked(ROOT))
    assert set(FILES) <= found
    assert not {".git", ".venv", "build", "node_modules"} & {
        path.relative_to(ROOT).parts[0] for path in found
    }
    assert not [path for path in found if "__pycache__" in path.parts]


def named(paths):
    return {"argvalues": paths, "ids": [path.relative_to(ROOT).as_posix() for path in paths]}


def cells(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def prose(path):
    """Return the Markdown of a page or notebook, without code in it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n\n".join(map(source, cells(path, "markdown")))
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)


def statements(cell):
    """Return the lines of a cell that are code: neither empty nor a comment."""
    lines = (line.strip() for line in source(cell).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def calls(path, name):
    """Return the constant arguments of every call of `name`, such as `claims.show`."""
    found = []
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
                found.append([a.value for a in node.args if isinstance(a, ast.Constant)])
    return found


def minutes(path):
    """Return the time a lesson takes, by the measure CONTRIBUTING.md gives."""
    code = [c for c in cells(path, "code") if "solution" not in c["metadata"].get("tags", [])]
    words = sum(len(source(cell).split()) for cell in cells(path, "markdown"))
    moves = sum(source(cell).count("@live(") for cell in code)
    tasks = len(calls(path, "check"))
    return words / 150 + len(code) / 2 + 3 * moves + 3 * tasks


# Notebooks


@pytest.mark.parametrize("path", **named(NOTEBOOKS))
def test_the_stated_minutes_are_the_measured_ones(path):
    stated = int(re.search(r"\*\*Time\.\*\* about (\d+)", prose(path))[1])
    assert abs(stated - minutes(path)) <= 5, f"measured: {minutes(path):.0f} minutes"


@pytest.mark.parametrize("path", **named(NOTEBOOKS))
def test_notebook_opens_without_a_dialog(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor >= 5) == (4, True)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.kernelspec.language == "python"
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert re.fullmatch(r"\d\d-[a-z0-9-]+\.ipynb", path.name)


@pytest.mark.parametrize("path", **named(NOTEBOOKS))
def test_notebook_holds_no_outputs_but_those_compared(path):
    text = path.read_text(encoding="utf-8")
    assert notebook_outputs.cleaned(text) == text, "run `make format`"
    for cell in cells(path, "code"):
        if notebook_outputs.KEEP in source(cell):
            assert cell["outputs"] and cell["execution_count"], "run this cell and save it"
            assert not any(output["output_type"] == "error" for output in cell["outputs"])


@pytest.mark.parametrize("path", **named(NOTEBOOKS))
def test_cells_are_short_and_plain(path):
    lengths = [len(statements(cell)) for cell in cells(path, "code")]
    assert statistics.median(lengths) <= 5, lengths
    assert max(lengths) <= 16, lengths
    for cell in cells(path, "code"):
        assert not re.search(r"^\s*[%!]|sys\.path|\bpip\b|chdir", source(cell), re.M), source(cell)


@pytest.mark.parametrize("path", **named(NOTEBOOKS))
def test_lesson_follows_the_skeleton(path):
    number, texts = path.name[:2], list(map(source, cells(path, "markdown")))
    first = [line for line in texts[0].splitlines() if line.strip()]
    assert json.loads(path.read_text(encoding="utf-8"))["cells"][0]["cell_type"] == "markdown"
    for wanted, line in zip(OPENING, first, strict=False):
        assert re.fullmatch(wanted.format(number=number), line), f"{line!r} is not like {wanted}"
    assert len(first) >= len(OPENING)

    headings = re.findall(r"^## (.+)$", prose(path), re.M)
    places = [headings.index(section) for section in SECTIONS]
    assert places == sorted(places) and places[0] == 0 and places[-1] == len(headings) - 1
    assert places[1] >= 3, "two sections of body at least, between the claims and the exercises"
    assert re.search(r"^\*\*Next:\*\* .+", texts[-1], re.M)
    titles = [line for text in texts for line in re.findall(r"^# .+$", text, re.M)]
    assert len(titles) == 1, "one title only"


@pytest.mark.parametrize("path", **named(NOTEBOOKS))
def test_lesson_ends_with_verdicts_on_the_claims_it_opened_with(path):
    (opened,), (closed,) = calls(path, "claims.show"), calls(path, "claims.verdicts")
    assert opened and closed == opened
    assert len(calls(path, "data.bibliography")) == 1


@pytest.mark.parametrize("path", **named(NOTEBOOKS))
def test_what_a_section_announces_stands_in_it(path):
    for cell in cells(path, "markdown"):
        assert not re.search(r":\n+#+ ", source(cell)), f"a heading cuts off {source(cell)[:60]!r}"
    every = json.loads(path.read_text(encoding="utf-8"))["cells"]
    exercises = re.split(r"^## ", "\n".join(map(source, every)), flags=re.M)[-4:]
    (exercises,) = (text for text in exercises if text.startswith("Exercises"))
    assert "claims.settle(" not in exercises, "a claim is settled before the exercises"


@pytest.mark.parametrize("path", **named(NOTEBOOKS))
def test_solutions_are_collapsed_and_follow_their_exercise(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))["cells"]
    asked = re.findall(r"^### (\d\d-\d) \S.*$", prose(path), re.M)
    tagged = [i for i, c in enumerate(notebook) if "solution" in c["metadata"].get("tags", [])]
    assert len(tagged) == len(asked) and asked
    for index, id in zip(tagged, asked, strict=True):
        assert notebook[index]["cell_type"] == "code"
        assert notebook[index]["metadata"].get("jupyter", {}).get("source_hidden") is True
        assert f'solution("{id}"' in source(notebook[index])
        assert f'check("{id}"' in source(notebook[index - 1])
        assert "..." in source(notebook[index - 1]), "the student's cell holds a placeholder"


# Prose


def anchors(path):
    """Return the anchors of a page: JupyterLab's (words joined by -) and GitHub's (lower case)."""
    headings = re.findall(r"^#+ +(.+?) *$", prose(path), re.M)
    lab = {heading.replace(" ", "-") for heading in headings}
    hub = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return lab | hub


@pytest.mark.parametrize("path", **named(PAGES + NOTEBOOKS))
def test_links_resolve(path):
    targets = re.findall(r"\]\(<?([^)\s>]+)>?[^)]*\)", prose(path))
    targets += re.findall(r"""(?:src|href)=["']([^"']+)["']""", prose(path))
    for target in targets:
        if target.startswith("https://"):
            continue
        file, _, anchor = unquote(target).partition("#")
        assert ":" not in file, f"{target}: neither https nor a file of the project"
        place = (path.parent / file).resolve() if file else path
        assert place.exists() and place.is_relative_to(ROOT), f"{target} leads nowhere"
        if anchor and place.suffix in (".md", ".ipynb"):
            assert anchor in anchors(place), f"{target}: no such heading"


@pytest.mark.parametrize("path", **named(PAGES + NOTEBOOKS))
def test_images_have_alt_text(path):
    text = prose(path)
    assert not re.search(r"!\[\s*\]\(", text), "write what the picture shows between the brackets"
    for image in re.findall(r"<img\b[^>]*>", text):
        assert re.search(r"""alt=["'][^"']{4,}""", image), image


@pytest.mark.parametrize("path", **named(PAGES + NOTEBOOKS))
def test_source_keys_resolve(path):
    unknown = set(re.findall(r"\[(S\d+)\]", prose(path))) - set(SOURCES)
    assert not unknown


def test_the_readme_lists_every_lesson():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d\d) \|", text, re.M)
    assert rows == [path.name[:2] for path in NOTEBOOKS]
    for path in NOTEBOOKS:
        assert f"(notebooks/{path.name})" in text


def test_the_readme_credits_whom_the_data_asks_to_credit():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    credits = {row["credit"] for row in SOURCES.values() if row["credit"]}
    assert credits and not {line for line in credits if f"- {line}\n" not in text}


# Every tracked file

# The one home that all images of Jupyter share is no machine's.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~$}*-])/(?:home|Users|root|work|private)/(?!jovyan\b)\w|\b[A-Z]:\\+Users\\"
)
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted|registry\.npmjs|^\s*--?(?:i|f|index-url|extra-index-url|find-links)\b",
    re.M,
)


@pytest.mark.parametrize("path", **named(TEXTS))
def test_file_is_of_no_particular_machine(path):
    if path == Path(__file__).resolve():
        return  # it holds the patterns
    text = path.read_text(encoding="utf-8")
    assert b"\r" not in path.read_bytes(), "lines end in LF here"
    for pattern in (MACHINE_PATH, REGISTRY):
        found = pattern.search(text)
        assert not found, f"{found[0]!r} in {path.name}"


def test_patterns_find_what_they_are_for():
    for bad in ("see /home/ann/x", '"/root/x"', "file:///Users/ann", r"C:\Users\ann"):
        assert MACHINE_PATH.search(bad.replace("file://", "")), bad
    for good in ("https://a.example/home/ann", "helpers/work/x", "~/work/x"):
        assert not MACHINE_PATH.search(good), good
    for bad in ("https://pypi.org/simple", "--index-url x", "-i https://a.example"):
        assert REGISTRY.search(bad), bad


def test_ruff_finds_nothing():
    names = [str(path) for path in FILES if path.suffix in (".py", ".ipynb")]
    for command in (["check"], ["format", "--check"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--force-exclude", *names],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr


def test_pre_commit_uses_the_locked_ruff():
    locked = re.search(r"^ruff==(\S+)", (ROOT / "requirements-test.txt").read_text(), re.M)[1]
    assert f"rev: v{locked} " in (ROOT / ".pre-commit-config.yaml").read_text()


# The checks above, proved able to fail on a made-up notebook


def made_up(path, **changes):
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "1 + 1",
        "outputs": [],
        "execution_count": None,
    }
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    notebook = {"cells": [{**cell, **changes}], "metadata": metadata}
    path.write_text(json.dumps({**notebook, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n")
    return path


OUTPUT = {"output_type": "stream", "name": "stdout", "text": "2"}


def test_the_notebook_checks_can_fail(tmp_path):
    good = made_up(tmp_path / "99-good.ipynb")
    test_notebook_opens_without_a_dialog(good)
    test_notebook_holds_no_outputs_but_those_compared(good)
    test_cells_are_short_and_plain(good)
    bad = made_up(tmp_path / "99-bad.ipynb", outputs=[OUTPUT], source="import sys\nsys.path")
    for check in (
        test_notebook_holds_no_outputs_but_those_compared,
        test_cells_are_short_and_plain,
    ):
        with pytest.raises(AssertionError):
            check(bad)
    with pytest.raises((AssertionError, IndexError, ValueError)):
        test_lesson_follows_the_skeleton(good)


def test_outputs_are_removed_except_those_compared(tmp_path):
    loud = made_up(tmp_path / "loud.ipynb", outputs=[OUTPUT], execution_count=3)
    kept = made_up(
        tmp_path / "kept.ipynb",
        outputs=[OUTPUT],
        execution_count=3,
        source="# NBVAL_CHECK_OUTPUT\nprint(2)",
    )
    before = kept.read_bytes()
    assert notebook_outputs.main(["--check", str(loud)]) == 1
    assert "stdout" in loud.read_text()
    assert notebook_outputs.main([str(loud), str(kept)]) == 1
    assert "stdout" not in loud.read_text() and kept.read_bytes() == before
    assert notebook_outputs.main(["--check", str(loud), str(kept)]) == 0
