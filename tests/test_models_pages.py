"""The pages of docs/models: one for each room of silkroad, whole, in the index, and true.

Links, source keys and alt text of these pages are checked with all pages in test_repository.
"""

import ast
import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "models"
# A room is a module, or a package of some.
ROOMS = sorted(path for path in (ROOT / "silkroad").glob("*.py") if path.stem != "__init__")
ROOMS += sorted(path.parent for path in (ROOT / "silkroad").glob("*/__init__.py"))


@pytest.fixture(params=ROOMS, ids=lambda path: path.stem)
def room(request):
    return request.param


def page_of(room):
    page = PAGES / f"{room.stem}.md"
    assert page.exists(), f"write docs/models/{page.name}: docs/models/README.md says what it holds"
    return page.read_text(encoding="utf-8")


def public(room):
    """Return the names of the public functions and classes of a room."""
    tree = ast.parse((room / "__init__.py" if room.is_dir() else room).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    names = [node.name for node in tree.body if isinstance(node, kinds)]
    for node in tree.body:  # a package says what it gives
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names += ast.literal_eval(node.value)
    return [name for name in names if not name.startswith("_")]


def examples(text):
    """Return the fenced pycon blocks of a page, each line where it stands on the page."""
    inside, kept = False, []
    for line in text.splitlines():
        fence = line.startswith("```")
        inside = line == "```pycon" if fence else inside
        kept.append(line if inside and not fence else "")
    return "\n".join(kept) + "\n"


def failures(text, name):
    """Run the examples of a page as one session; return what doctest says of those that fail."""
    test = doctest.DocTestParser().get_doctest(examples(text), {}, name, name, 0)
    assert test.examples, f"{name} has no example: give one in a block that begins ```pycon"
    said = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=said.append)
    return "".join(said)


def test_the_page_opens_with_the_room_s_name_and_is_in_the_index(room):
    assert page_of(room).startswith(f"# silkroad.{room.stem}\n")
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    assert f"| [{room.stem}]({room.stem}.md) |" in index


def test_no_page_is_left_of_a_room_that_went():
    pages = {path.stem for path in PAGES.glob("*.md")} - {"README"}
    assert pages <= {path.stem for path in ROOMS}


def test_every_public_name_stands_on_the_page(room):
    named = set(re.findall(r"`(?:\w+\.)*(\w+)\b[^`\n]*`", page_of(room)))
    missing = [name for name in public(room) if name not in named]
    assert not missing, f"name in docs/models/{room.stem}.md, in backticks: {missing}"


def test_the_examples_are_true(room):
    text = page_of(room)
    assert re.search(rf"^>>> .*import .*\b{room.stem}\b", text, re.M), "import the room"
    wrong = failures(text, f"{room.stem}.md")
    assert not wrong, wrong


def test_the_index_has_true_examples_too():
    wrong = failures((PAGES / "README.md").read_text(encoding="utf-8"), "README.md")
    assert not wrong, wrong


def test_a_wrong_example_is_found_on_its_line():
    page = "# A page\n\n```pycon\n>>> a = 1\n>>> a + 1\n3\n```\n\n```python\n>>> not run\n```\n"
    said = failures(page, "page")
    assert "line 5" in said and "Got:\n    2" in said
    assert not failures(page.replace("3\n", "2\n"), "page")
    with pytest.raises(AssertionError, match="no example"):
        failures("# A page\n", "page")
