"""`make lab` and `make test` trust no stamp: a moved folder, another Python, a cut installation."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tools import ready

posix = pytest.mark.skipif(os.name == "nt", reason="an environment is moved with its links")
PROJECT = """
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"
[project]
name = "space-silk-road"
version = "0.1.0"
scripts = {which-course = "course:main"}
[tool.hatch.build.targets.wheel]
packages = ["course"]
"""


@pytest.fixture
def project(tmp_path):
    """A small project with an environment of its own, which borrows this one's packages."""
    root = tmp_path / "first place"
    for folder in ("course", "binder"):
        (root / folder).mkdir(parents=True)
    for name in ready.COPIED:
        (root / name).write_text(PROJECT if name == "pyproject.toml" else "{}")
    (root / "course" / "__init__.py").write_text("def main():\n    print(__file__)\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / ".venv"], check=True)
    borrow(root)
    return root


def borrow(root):
    (site,) = (root / ".venv").glob("lib/python3.*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))


def course_of(root):
    """Return where the environment of a folder finds the package `course`, by two ways."""
    command = [ready.program(root / ".venv"), "-I", "-c", "import course; course.main()"]
    told = [subprocess.check_output(command, text=True)]
    told.append(subprocess.check_output([root / ".venv" / "bin" / "which-course"], text=True))
    assert told[0] == told[1]
    return Path(told[0].strip()).parents[1]


@posix
def test_a_renamed_folder_and_a_copy_run_their_own_code(project):
    ready.link(project / ".venv", project)
    assert course_of(project) == project
    other = project.with_name("second place")
    shutil.copytree(project, other, symlinks=True)
    # As it is after `cp -r`, the copy runs the original: this is what has to be mended.
    assert course_of(other) == project
    ready.link(other / ".venv", other)
    assert (course_of(other), course_of(project)) == (other, project)
    activate = (other / ".venv" / "bin" / "activate").read_text()
    assert str(other) in activate and str(project / ".venv") not in activate
    moved = project.rename(project.with_name("third place"))
    ready.link(moved / ".venv", moved)
    assert course_of(moved) == moved


@posix
def test_a_linked_folder_is_left_alone_until_what_was_copied_changes(project, monkeypatch):
    ready.link(project / ".venv", project)
    calls = []
    monkeypatch.setattr(ready, "pip", lambda venv, *arguments: calls.append(arguments))
    ready.link(project / ".venv", project)
    assert not calls
    (project / "binder" / "jupyterlab.json").write_text('{"a": 1}')
    ready.link(project / ".venv", project)
    assert "--no-index" in calls[0] and "--editable" in calls[0]


def gone(venv):
    """Take the Python away that the environment was made from."""
    for link in (venv / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/no/such/python")


def upgraded(venv):
    """As after an upgrade in place: the same link leads to a Python that looks elsewhere."""
    (folder,) = (venv / "lib").glob("python3.*")
    folder.rename(folder.with_name("python3.9"))


@posix
@pytest.mark.parametrize("damage", [gone, upgraded])
def test_an_environment_whose_python_changed_is_made_anew(project, monkeypatch, capsys, damage):
    venv = project / ".venv"
    (venv / "old").touch()
    (project / "lock.txt").write_text("pip==1\n")
    assert ready.state(venv, [])["prefix"] == str(venv)
    damage(venv)
    assert ready.state(venv, []) is None
    with pytest.raises(ready.NotReady, match="pip said so: pip"):
        monkeypatch.setattr(ready, "pip", lambda *_: None)
        ready.install(venv, "lock.txt", project)
    assert not (venv / "old").exists() and ready.state(venv, []) is not None
    assert "making it anew" in capsys.readouterr().out


def test_what_is_no_environment_is_left_alone(tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "mine").touch()
    (tmp_path / "lock.txt").touch()
    with pytest.raises(ready.NotReady, match="is no Python environment, so it is left alone"):
        ready.install(tmp_path / ".venv", "lock.txt", tmp_path)
    assert (tmp_path / ".venv" / "mine").exists()


@posix
def test_what_is_missing_or_of_another_version_is_installed_by_its_hash(project, monkeypatch):
    calls = []
    monkeypatch.setattr(ready, "pip", lambda venv, *arguments: calls.append(arguments))
    monkeypatch.setattr(ready, "uv", lambda venv: None)
    (project / "lock.txt").write_text("# made\nPackaging==0.1 \\\n    --hash=sha256:00\n")
    with pytest.raises(ready.NotReady, match="packaging"):
        ready.install(project / ".venv", "lock.txt", project)
    options = ("--no-deps", "--no-compile", "--require-hashes")
    assert calls == [("install", *options, "-r", project / "lock.txt")]
    other = "packaging==0.1 ; sys_platform == 'nowhere' \\\n"
    (project / "lock.txt").write_text(other)
    ready.install(project / ".venv", "lock.txt", project)
    assert len(calls) == 1


@posix
@pytest.mark.parametrize("works", [True, False])
def test_uv_installs_by_hash_where_it_is_and_pip_where_it_fails(
    project, tmp_path, monkeypatch, works
):
    venv, calls = project / ".venv", []
    monkeypatch.setattr(ready, "pip", lambda venv, *arguments: calls.append(arguments))
    tool = venv / "bin" / "uv"
    tool.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/said"\nexit {0 if works else 2}\n')
    tool.chmod(0o755)
    ready.fetch(venv, project / "lock.txt")
    said = (tmp_path / "said").read_text().split(" --python ")
    assert said[0] == "pip install --quiet --no-deps --require-hashes"
    assert said[1] == f"{ready.program(venv)} -r {project / 'lock.txt'}\n"
    assert bool(calls) != works and all("--require-hashes" in call for call in calls)


@posix
def test_a_file_with_another_hash_is_not_installed_by_uv(project):
    """The real uv, from a folder instead of a network."""
    tool, wheel = ready.uv(Path(sys.prefix)), wheel_of(project)
    lock = project / "lock.txt"
    command = [tool, "pip", "install", "--no-index", "--find-links", wheel.parent, "--no-cache"]
    command += ["--no-deps", "--require-hashes", "--python", ready.program(project / ".venv")]
    for sum, code in ((hashlib.sha256(b"other").hexdigest(), False), (digest(wheel), True)):
        lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{sum}\n")
        done = subprocess.run([*command, "-r", lock], capture_output=True, text=True)
        assert (done.returncode == 0) == code, done.stderr


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wheel_of(folder):
    """Return a wheel of one empty module, written by hand."""
    path = folder / "wheels" / "tiny-1.0-py3-none-any.whl"
    path.parent.mkdir()
    about = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
    kind = "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("tiny.py", "")
        file.writestr("tiny-1.0.dist-info/METADATA", about)
        file.writestr("tiny-1.0.dist-info/WHEEL", kind)
        file.writestr("tiny-1.0.dist-info/RECORD", "")
    return path


def test_this_environment_is_ready():
    lines = ready.pins("requirements-test.txt")
    found = ready.state(Path(sys.prefix), lines)
    assert len(found["lines"]) > 150 and ready.missing(found) == []
    assert ready.missing({**found, "lines": ["ruff==0.0.1"]}) == ["ruff"]


@pytest.mark.parametrize(
    "lock", ["requirements.txt", "requirements-test.txt", ready.LITE_LOCK, ready.WHEELS_LOCK]
)
def test_every_package_of_a_lock_has_its_hashes(lock):
    text = (ready.ROOT / lock).read_text(encoding="utf-8")
    packages = [part for part in text.split("\n") if "==" in part and not part.startswith(" ")]
    assert len(packages) == len(ready.pins(lock)) > 10
    assert all(line.endswith("\\") for line in packages), "run `make lock`"
    assert text.count("--hash=sha256:") >= len(packages)


def test_the_proxys_tree_is_locked_by_hash_and_names_no_place():
    folder = ready.ROOT / "tools" / "classroom" / "proxy"
    text = (folder / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert packages[""]["dependencies"] == wanted
    assert all("integrity" in package for name, package in packages.items() if name)
    assert "http" not in text.replace("http-proxy", "").replace("https-proxy", "") or (
        "resolved" not in text
    )


def test_what_is_asked_for_is_known(capsys):
    assert ready.main(["lap"]) == 2 and ready.main([]) == 2
    assert "lab, test and lite" in capsys.readouterr().err


def test_a_failure_of_pip_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(ready, "missing", lambda found: ["folium"])
    monkeypatch.setattr(ready, "program", lambda venv: Path(sys.executable))
    monkeypatch.setattr(ready.subprocess, "run", failing(ready.subprocess.run))
    assert ready.main(["lab"]) == 1
    assert "run the same command again" in capsys.readouterr().err


def failing(run):
    """Return `subprocess.run` as it is, except that pip fails."""

    def tried(command, *arguments, **options):
        if "install" in command:
            return subprocess.CompletedProcess(command, 1)
        return run(command, *arguments, **options)

    return tried
