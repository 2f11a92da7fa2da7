"""The house: which room may name which, how large each may be, and that few names are enough."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("helpers", "silkroad", "course", "tools")
# Who may import whom. Whatever is not named here is an arrow against the flow.
MAY = {
    "helpers": {"helpers"},
    "silkroad": {"silkroad", "helpers.data", "helpers.inputs"},
    "course": {"course", "silkroad", "helpers"},
    "tools": {"tools", "course", "silkroad", "helpers"},
}
SCREENS = {"folium", "branca", "ipywidgets", "anywidget", "matplotlib", "IPython"}
# Slow to load, so imported by the functions that need them, not when a lesson begins.
SLOW = {"xarray", "networkx", "matplotlib", "PIL", "scipy", "skyfield", "nbformat", "jsonschema"}
SLOW |= {"folium", "branca", "requests", "jinja2"}
HELPERS_LINES, ROOM_LINES, NAMES = 3000, 420, 35
ROOMS = sorted((ROOT / "course").glob("l[0-9][0-9].py"))


def imports(text):
    """Return the dotted names that Python code imports, with the names taken from a package."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def against_the_flow(package, names):
    """Return those of the imported names that the package may not import."""
    ours = [name for name in names if name.split(".")[0] in PACKAGES]
    return sorted(n for n in ours if not any(f"{n}.".startswith(f"{ok}.") for ok in MAY[package]))


def sources(package):
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_run_one_way(package):
    wrong = {
        path.relative_to(ROOT).as_posix(): found
        for path in sources(package)
        if (found := against_the_flow(package, imports(path.read_text(encoding="utf-8"))))
    }
    assert not wrong, f"{package} may import {sorted(MAY[package])} of ours"


def test_an_arrow_against_the_flow_is_found():
    assert against_the_flow("helpers", {"silkroad.orbits", "pandas"}) == ["silkroad.orbits"]
    assert against_the_flow("silkroad", imports("from helpers import maps, data")) == [
        "helpers.maps"
    ]
    assert against_the_flow("course", {"tools.lessons"}) == ["tools.lessons"]
    assert not against_the_flow("silkroad", {"helpers.data.load", "silkroad.sun", "numpy"})


def test_lessons_import_no_workshop():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        names = imports(code)
        assert not [name for name in names if name.startswith(("tools", "tests"))], path.name
        others = {n for n in names if re.fullmatch(r"course\.l\d\d(\..*)?", n)}
        assert others <= {f"course.l{path.name[:2]}"}, f"{path.name} has a room of its own"


def test_no_lesson_s_room_imports_another():
    for path in ROOMS:
        names = imports(path.read_text(encoding="utf-8"))
        others = {n for n in names if re.match(r"course\.l\d\d", n)}
        assert not others, f"{path.name}: what two lessons share stands in silkroad or helpers"
        brief = {n for n in names if n.startswith("course.brief")}
        assert not brief or path.stem == "l13", f"{path.name}: the brief is lesson 13's"


def test_models_know_no_screen():
    for path in sources("silkroad"):
        roots = {name.split(".")[0] for name in imports(path.read_text(encoding="utf-8"))}
        assert not roots & SCREENS, path.name


def module(path):
    """Return the dotted name by which a source of ours is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODELS = [module(path) for path in sources("silkroad")]


@pytest.fixture(scope="module")
def loaded_after():
    """Return {model: modules loaded after its import}: all in one Python, one after the other.

    Where none of them has loaded a screen at the end, none loads one alone.
    """
    code = f"import importlib, json, sys\nfound = {{}}\nfor name in {MODELS!r}:\n"
    code += "    importlib.import_module(name)\n    found[name] = list(sys.modules)\n"
    code += "print(json.dumps(found))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_loads_no_screen(name, loaded_after):
    assert name in loaded_after[name] and not SCREENS & set(loaded_after[name])


@pytest.mark.parametrize("name", sorted(SLOW))
def test_a_lesson_begins_without_what_is_slow_to_load(name, begun):
    assert name not in begun, "import it in the functions that need it"


@pytest.fixture(scope="module")
def begun():
    """Return the modules loaded once all that the lessons name of ours is imported."""
    named_by_lessons = set()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        code = code_of(path)
        nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
        named_by_lessons |= {
            ast.unparse(node) for node in nodes if node.module.split(".")[0] in PACKAGES
        }
    code = "\n".join([*sorted(named_by_lessons), "import sys; print(*sys.modules)"])
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert {"pandas", "helpers.live", "silkroad.orbits", "course.l13", "course.brief"} <= loaded
    return loaded


def test_what_a_lesson_has_loaded_is_not_looked_through_for_garbage_again():
    code = "import gc, pandas, course; print(gc.get_freeze_count())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) > 50_000, "pandas alone is as much"


def code_of(path):
    """Return the code of a notebook's cells."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_helpers_stay_small():
    sizes = {path.name: lines(path) for path in sources("helpers")}
    assert sum(sizes.values()) <= HELPERS_LINES, sizes


@pytest.mark.parametrize(
    "path", sorted((ROOT / "course").glob("l[0-9][0-9].py")), ids=lambda p: p.stem
)
def test_a_lesson_s_room_stays_small(path):
    assert lines(path) <= ROOM_LINES


# Names of helpers


def named(code):
    """Return the names of `helpers` that code uses, as {"maps.points", ...}."""
    rooms, found = {}, set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module == "helpers":
            rooms |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers."):
            room = node.module.removeprefix("helpers.")
            found |= {f"{room}.{alias.name}" for alias in node.names}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in rooms:
            found.add(f"{rooms[ast.unparse(node.value)]}.{node.attr}")
    return found


def used():
    """Return {name of helpers: lessons}, from each lesson's cells and its room."""
    found = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        code = code_of(path)
        room = (ROOT / "course" / f"l{path.name[:2]}.py").read_text(encoding="utf-8")
        for name in named(code) | named(room):
            found.setdefault(name, set()).add(path.name[:2])
    return found


def public():
    """Return the names in the `__all__` of every room of helpers."""
    found = set()
    for path in sources("helpers"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                found |= {f"{path.stem}.{name}" for name in ast.literal_eval(node.value)}
    return found


def test_few_names_are_all_a_learner_has_to_learn():
    assert len(public()) <= NAMES, sorted(public())


def test_every_public_name_serves_two_lessons_and_lessons_use_no_other():
    lessons, names = used(), public()
    assert not {n: lessons.get(n) for n in names if len(lessons.get(n, ())) < 2}
    assert not {n: who for n, who in lessons.items() if n not in names}


def test_names_are_counted_right():
    code = (
        "from helpers import maps as m, data\nfrom helpers.live import live\nm.points(data.load(1))"
    )
    assert named(code) == {"maps.points", "data.load", "live.live"}


# One name, one meaning

# These do the same to another thing, and their room says to which.
ALIKE = {"below", "lines", "positions", "ground_track", "elevation_grid", "save", "show"}


def test_a_name_means_one_thing():
    homes = {}
    for package in ("helpers", "silkroad", "course"):
        for path in sources(package):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_":
                    homes.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    twice = {name: rooms for name, rooms in homes.items() if len(rooms) > 1}
    assert set(twice) <= ALIKE, {n: rooms for n, rooms in twice.items() if n not in ALIKE}
    assert set(twice) == ALIKE, "take out what no longer stands twice"
