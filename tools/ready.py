"""Make the environments that `make` runs in, or mend them: `python tools/ready.py lab test lite`.

No stamp is trusted. Each time the environment's own Python is asked what it has, and that is held
against the locks and against this folder. So a folder that was renamed or copied, a Python that was
upgraded or taken away, and an installation that was cut short are found, and mended where possible.
Standard library only, for any Python from 3.11 on: it runs where nothing is installed yet.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WANTED = {"lab": "requirements.txt", "test": "requirements-test.txt"}
LITE_LOCK, WHEELS_LOCK = "tools/lite/requirements.txt", "tools/lite/wheels.txt"
# What the editable installation puts elsewhere than into this folder.
COPIED = (
    "pyproject.toml",
    "binder/jupyterlab.json",
    "binder/overrides.json",
    "binder/ipython_kernel_config.py",
)
NO_VENV = (
    "Python could not make an environment. On Debian and Ubuntu: sudo apt install python3-venv"
)
NO_PACKAGES = (
    "The packages could not be installed, see the lines above. With a network, run the same "
    "command again; what is there already is kept."
)
# Asked in the environment itself: its version, its packages, and where the project lies.
PROBE = """
import json, sys
from importlib.metadata import distributions
from pip._vendor.packaging.requirements import Requirement
def holds(line):
    marker = Requirement(line).marker
    return marker is None or marker.evaluate()
origin, have = None, {}
for found in distributions():
    name = (found.name or "").lower().replace("_", "-").replace(".", "-")
    if name in have:
        continue  # the first on the path is the one that is imported
    have[name] = found.version
    if name == "space-silk-road":
        origin = json.loads(found.read_text("direct_url.json") or "{}").get("url")
lines = json.load(sys.stdin)
print(json.dumps({
    "version": sys.version.split()[0], "prefix": sys.prefix, "have": have, "origin": origin,
    "lines": [line for line in lines if holds(line)],
}))
"""
# Run in the environment itself: its commands are written anew, as pip writes them.
COMMANDS = """
import sys
from importlib.metadata import entry_points
from pip._vendor.distlib.scripts import ScriptMaker
maker = ScriptMaker(None, sys.argv[1])
maker.clobber, maker.set_mode, maker.variants = True, True, {""}
for group in ("console_scripts", "gui_scripts"):
    for point in entry_points(group=group):
        maker.make(f"{point.name} = {point.value}", {"gui": group == "gui_scripts"})
"""


class NotReady(Exception):
    """The environment cannot be made or mended; the message is the sentence for the reader."""


def pins(lock, root=ROOT):
    """Return the lines `name==version ; marker` of a lock, without hashes and comments."""
    text = (root / lock).read_text(encoding="utf-8")
    return [line.removesuffix("\\").strip() for line in text.splitlines() if re.match(r"\w", line)]


def program(venv):
    """Return the path of an environment's Python."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def state(venv, lines):
    """Ask the environment what it has; None where it does not run or has no pip.

    lines: pins, of which those that hold for this Python and system are given back.
    """
    command = [program(venv), "-I", "-c", PROBE]
    try:
        done = subprocess.run(command, input=json.dumps(lines), capture_output=True, text=True)
    except OSError:
        return None
    return json.loads(done.stdout) if done.returncode == 0 else None


def missing(found):
    """Return the pins that the environment does not have, as names."""
    pin = re.compile(r"([\w.-]+)(?:\[.*?\])?==([^\s;]+)")  # name, extras, version
    split = (pin.match(line).groups() for line in found["lines"])
    plain = ((re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in split)
    return [name for name, version in plain if found["have"].get(name) != version]


def make(venv):
    """Make an empty environment, in place of one that does not run."""
    if venv.exists():
        if not (venv / "pyvenv.cfg").exists():
            raise NotReady(f"{venv} is no Python environment, so it is left alone: move it away.")
        print(f"{venv.name} does not run any more (its Python has changed or gone): making it anew")
        shutil.rmtree(venv)
    print(f"Making {venv.name} with Python {sys.version.split()[0]} ...", flush=True)
    base = getattr(sys, "_base_executable", None) or sys.executable
    if subprocess.run([base, "-m", "venv", venv]).returncode:
        shutil.rmtree(venv, ignore_errors=True)
        raise NotReady(NO_VENV)


def pip(venv, *arguments):
    """Run the environment's pip; NotReady where it fails."""
    command = [program(venv), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    if subprocess.run([str(part) for part in command], cwd=ROOT).returncode:
        raise NotReady(NO_PACKAGES)


def uv(venv):
    """Return the path of uv, from the environment or the machine; None where there is none."""
    names = (program(venv).with_name(name) for name in ("uv", "uv.exe"))
    return next(filter(Path.exists, names), None) or shutil.which("uv")


def fetch(venv, lock):
    """Install what a lock names, each file held against its hash: by uv, which is faster, or pip.

    The lock is whole, a test sees to that, so neither looks for what its packages need. What is
    fetched becomes bytecode when it is first imported; most of it never is.
    """
    if found := uv(venv):
        options = ["--quiet", "--no-deps", "--require-hashes", "--python", program(venv)]
        command = [found, "pip", "install", *options, "-r", lock]
        done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True)
        if done.returncode == 0:
            return  # else: pip has settings of its own, such as a mirror, that uv does not read
    pip(venv, "install", "--no-deps", "--no-compile", "--require-hashes", "-r", lock)


def install(venv, lock, root=ROOT):
    """Bring the packages of a lock into an environment, each file held against its hash."""
    found = state(venv, pins(lock, root))
    if found is None:
        make(venv)
        found = state(venv, pins(lock, root))
        if found is None:
            raise NotReady(NO_VENV)
    if missing(found):
        print(f"Installing {lock} in {venv.name} (once; a minute or two) ...", flush=True)
        fetch(venv, root / lock)
        left = missing(state(venv, pins(lock, root)))
        if left:
            raise NotReady(f"Not installed, although pip said so: {', '.join(left)}. {NO_PACKAGES}")


def fingerprint(root=ROOT):
    """Return what the copied files hold, as one short text."""
    parts = [(root / name).read_bytes() for name in COPIED]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def link(venv, root=ROOT):
    """Let the environment import the packages of this folder, and of no other.

    Nothing is fetched: what builds the link is in the lock.
    """
    mark = venv / ".copied"
    known = mark.read_text(encoding="utf-8") if mark.exists() else ""
    if state(venv, [])["origin"] == root.as_uri() and known == fingerprint(root):
        return
    pip(venv, "install", "--no-index", "--no-deps", "--no-build-isolation", "--editable", root)
    readdress(venv)
    mark.write_text(fingerprint(root), encoding="utf-8")


def readdress(venv):
    """Let the environment's commands start its own Python, also after a move of the folder."""
    python = program(venv)
    subprocess.run([python, "-m", "venv", "--without-pip", venv], check=True)
    subprocess.run([python, "-I", "-c", COMMANDS, python.parent], check=True)


def lite(root=ROOT):
    """Make the environment of `make lite`: its tools, and the wheels that go into its site."""
    venv = root / ".venv-lite"
    install(venv, LITE_LOCK, root)
    folder = venv / "wheels"
    names = (line.partition(" ")[0] for line in pins(WHEELS_LOCK, root))
    wanted = {name.replace("-", "_").replace("==", "-") for name in names}
    have = {"-".join(path.name.split("-")[:2]) for path in folder.glob("*.whl")}
    if wanted != have:
        shutil.rmtree(folder, ignore_errors=True)
        pure = ["--no-deps", "--only-binary=:all:", "--platform=any", "--python-version=3.14"]
        pip(venv, "download", *pure, "--require-hashes", "-r", root / WHEELS_LOCK, "-d", folder)


def main(asked):
    """Make ready what is asked for (`lab`, `test`, `lite`); return the exit code."""
    unknown = set(asked) - {*WANTED, "lite"}
    if unknown or not asked:
        print(f"Say which of lab, test and lite to make ready, not {asked}.", file=sys.stderr)
        return 2
    try:
        for name in ("lab", "test"):
            if name in asked:
                install(ROOT / ".venv", WANTED[name])
                link(ROOT / ".venv")
        if "lite" in asked:
            lite()
    except NotReady as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
