"""The environment is the one in the lock: here, on Binder, and in what the notebooks import."""

import ast
import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import distribution, distributions, packages_distributions
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel
from jupyterlab_server.config import get_page_config
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = r"(?:\[.*?\])?"  # as a lock names them, behind a name
# Tools that come with Python itself, or with an environment, and are in no lock.
OWN = {"pip", "setuptools", "wheel", PROJECT["name"]}


def lines(name):
    """Return the lines of a requirements file, without comments, following its `-r` lines."""
    path = ROOT / name
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        line = re.sub(r"(^|\s)(#.*|--hash=\S+|\\$)", "", line).strip()
        if line.startswith("-r "):
            found += lines((path.parent / line[3:].strip()).resolve().relative_to(ROOT))
        elif line:
            found.append(line)
    return found


def lock(name):
    """Return the lock as {canonical name: Requirement}, for this Python and system."""
    wanted = map(Requirement, lines(name))
    return {canonicalize_name(r.name): r for r in wanted if not r.marker or r.marker.evaluate()}


def pin(requirement):
    """Return the one version that a line of a lock allows."""
    (specifier,) = requirement.specifier
    assert specifier.operator == "==" and "*" not in specifier.version, requirement
    return specifier.version


def choices(name):
    """Return the packages that a requirements*.in file itself names."""
    text = (ROOT / name).read_text(encoding="utf-8")
    chosen = [line.partition("#")[0].strip() for line in text.splitlines()]
    return [Requirement(line) for line in chosen if line and not line.startswith("-r ")]


LOCK, TEST_LOCK = lock("requirements.txt"), lock("requirements-test.txt")
DIRECT = {name: choices(name) for name in ("requirements.in", "requirements-test.in")}


def test_the_tests_run_in_the_locked_environment():
    installed = {canonicalize_name(d.name): d.version for d in distributions() if d.name}
    wanted = {name: pin(requirement) for name, requirement in TEST_LOCK.items()}
    different = {
        name: f"{installed.get(name, 'missing')} instead of {version}"
        for name, version in wanted.items()
        if installed.get(name) != version
    }
    assert not different, "run `make test`, which installs the lock"
    extra = set(installed) - set(wanted) - OWN
    assert not extra, "not in the lock; `make clean`, then `make test`"


def test_students_get_what_the_tests_used():
    assert {n: pin(r) for n, r in LOCK.items()} == {n: pin(TEST_LOCK[n]) for n in LOCK}


def test_a_lock_names_the_extras_that_its_packages_ask_for():
    """Of a line without them the pip that comes with Python 3.11 takes another version."""
    lacking = set()
    for name in TEST_LOCK:
        for asked in map(Requirement, distribution(name).requires or ()):
            locked = TEST_LOCK.get(canonicalize_name(asked.name))
            there = locked and (not asked.marker or asked.marker.evaluate({"extra": ""}))
            if there and not asked.extras <= locked.extras:
                lacking.add(f"{name}: {asked}")
    assert not lacking


def test_binder_resolves_to_the_same_lock():
    assert lines("binder/requirements.txt") == lines("requirements.txt")
    runtime = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    version = re.fullmatch(r"python-(3\.\d+)", runtime)[1]
    assert version in SpecifierSet(PROJECT["requires-python"])
    others = {path.name for path in (ROOT / "binder").iterdir()}
    assert others == {
        *("requirements.txt", "runtime.txt", "postBuild"),
        *("jupyterlab.json", "overrides.json", "ipython_kernel_config.py"),
    }


def test_this_python_is_supported():
    running = ".".join(map(str, sys.version_info[:3]))
    assert running in SpecifierSet(PROJECT["requires-python"])


@pytest.mark.parametrize("name", DIRECT)
def test_every_choice_gives_its_reason(name):
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith(("#", "-r ")):
            assert re.search(r"\S\s+# \w.{5,}", line), f"{name}: no reason given: {line}"


@pytest.mark.parametrize(
    ("name", "locked"), [("requirements.in", LOCK), ("requirements-test.in", TEST_LOCK)]
)
def test_the_lock_was_made_from_the_choices(name, locked):
    text = (ROOT / name.replace(".in", ".txt")).read_text(encoding="utf-8")
    assert "make lock" in text.splitlines()[1]
    for requirement in DIRECT[name]:
        chosen = locked[canonicalize_name(requirement.name)]
        assert pin(chosen) in requirement.specifier
        noted = re.search(rf"^{re.escape(chosen.name)}{EXTRAS}==.*\n((?:    .*\n)+)", text, re.M)
        assert f"-r {name}" in noted[1], f"{requirement.name} is in {name} but the lock is older"
    drawn = rf"^([^\s[]+){EXTRAS}==.*\n(?:    .*\n)*?    #.*-r {re.escape(name)}$"
    drawn = set(re.findall(drawn, text, re.M))
    assert drawn == {canonicalize_name(r.name) for r in DIRECT[name]}, "run `make lock`"


@pytest.mark.parametrize("locked", [LOCK, TEST_LOCK], ids=["lock", "test lock"])
def test_the_lock_holds_all_that_its_packages_need(locked):
    for name in locked:
        for line in distribution(name).requires or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                chosen = locked.get(canonicalize_name(needed.name))
                assert chosen, f"{name} needs {needed.name}, which is not in the lock"
                assert needed.specifier.contains(pin(chosen), prereleases=True), f"{name}: {line}"


@cache
def imported():
    """Return every module name imported by the project's Python files and notebooks."""
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("helpers", "silkroad", "course", "tools", "tests", "data", "notebooks")
        for path in (ROOT / folder).rglob("*.py")
    ]
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources += ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    names = set()
    for node in (node for source in sources for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "files":
            names |= {a.value for a in node.args if isinstance(a, ast.Constant)}  # resources.files
    return names


owned = cache(packages_distributions)


@pytest.mark.parametrize("name", [r.name for group in DIRECT.values() for r in group])
def test_every_choice_is_used(name):
    modules = [
        module
        for module, owners in owned().items()
        if canonicalize_name(name) in map(canonicalize_name, owners)
    ]
    if name.startswith("xstatic-"):  # all of them share the package xstatic.pkg
        modules = [f"xstatic.pkg.{name.removeprefix('xstatic-')}"]
    used = imported()
    found = any(m == module or m.startswith(f"{module}.") for module in modules for m in used)
    commands = {
        "jupyterlab": ("Makefile", "-m jupyterlab"),
        "nbval": ("pyproject.toml", "--nbval-lax"),
        "pytest-xdist": ("Makefile", "--dist loadfile"),
        "ruff": ("Makefile", "/ruff check"),
        "jupyterlab-slideshow": ("pyproject.toml", "jupyterlab-slideshow=="),
        "myst-nb": ("tools/site/conf.py", '"myst_nb"'),
        "furo": ("tools/site/conf.py", '"furo"'),
        "sphinx-copybutton": ("tools/site/conf.py", '"sphinx_copybutton"'),
        "accessible-pygments": ("tools/site/conf.py", '"a11y-'),
        "uv": ("Makefile", "/uv pip compile"),
        "jupyterhub": ("tools/classroom/hub.py", '"-m", "jupyterhub"'),
        "hatchling": ("pyproject.toml", '"hatchling.build"'),
        "editables": ("tools/ready.py", '"--editable"'),  # hatchling imports it for this
        "nbgitpuller": ("tools/classroom/links.py", "/git-pull?"),
    }
    if name in commands:
        file, text = commands[name]
        found = found or text in (ROOT / file).read_text(encoding="utf-8")
    assert found, f"{name} is chosen but neither imported nor called"


@pytest.mark.parametrize("name", ["helpers", "silkroad", "course"])
def test_the_packages_are_imported_from_this_folder(name):
    assert Path(importlib.import_module(name).__file__).resolve().parent == ROOT / name


def test_jupyterlab_asks_nothing_and_calls_nobody_at_its_start():
    off = get_page_config([], None)["disabledExtensions"]
    assert "@jupyterlab/apputils-extension:announcements" in off


def test_a_kernel_loads_no_debugger_and_writes_no_history(tmp_path):
    """And JupyterLab does not ask it for one; what a reader types works as ever."""
    assert "@jupyterlab/debugger-extension" in get_page_config([], None)["disabledExtensions"]
    env = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    manager, client = start_new_kernel(env=env)
    try:
        assert "debugger" not in client.kernel_info(reply=True)["content"]["supported_features"]
        said = []
        for cell in ("6 * 7", "_ + 1, In[1], Out[1]", "%history 1"):
            client.execute_interactive(cell, output_hook=said.append, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    said = [m["content"] for m in said]
    answers = [m["data"]["text/plain"] for m in said if "data" in m]
    assert answers == ["42", "(43, '6 * 7', 42)"]
    assert [m["text"] for m in said if "text" in m] == ["6 * 7\n"]
    assert not [*tmp_path.rglob("history*")]


# The thread that is asked to end prints its last words late, as on a busy machine; is it done when
# the main thread begins to stop the others?
LATE = """import sys, time
from pathlib import Path
def flush(soon=sys.stdout.flush, sleep=time.sleep):
    sleep(0.3)
    soon()
def begin(app=get_ipython().kernel.parent, told=Path({told!r})):
    told.write_text(str(app.control_thread.is_alive()))
sys.stdout.flush = flush
get_ipython().kernel.parent.reset_io = begin"""


@pytest.mark.parametrize("restart", [False, True])
def test_a_kernel_that_is_asked_to_end_ends_by_itself(restart, tmp_path):
    manager, client = start_new_kernel()
    process, told = manager.provisioner.process, tmp_path / "told"
    client.execute_interactive(LATE.format(told=str(told)), timeout=60)
    client.stop_channels()
    manager.shutdown_kernel(restart=restart)
    assert (told.read_text(), process.returncode) == ("False", 0)
    manager.cleanup_resources()


def test_a_server_starts_without_compiling_a_grammar():
    """Of its 1.2 s of processor time at the import, the check of web addresses took 0.8."""
    code = "import sys, jupyterlab.labapp; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert "jsonschema" in loaded and not {"lark", "rfc3987_syntax"} & set(loaded)


def test_actions_are_named_by_their_commit_and_keep_no_credentials():
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        used = re.findall(r"uses: (\S+)(.*)", text)
        assert used, path.name
        for action, note in used:
            assert re.search(r"@[0-9a-f]{40}$", action) and re.match(r" # v\d", note), action
        assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_servers_in_the_pages_answer_this_machine_alone():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tools").rglob("*.md")]
    lines = [line for page in pages for line in page.read_text(encoding="utf-8").splitlines()]
    served = [line for line in lines if "-m http.server" in line]
    assert served and all("--bind 127.0.0.1" in line for line in served), served
