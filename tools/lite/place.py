"""Where JupyterLite is, and Python for the browser (Pyodide), if anywhere.

`make lite` installs the first in `.venv-lite`; `make pyodide` fetches the second by npm and pip:
the interpreter, and of its packages those that are plain Python. The compiled ones (numpy, pandas,
matplotlib) are not to be had there, so no test here runs a whole lesson in the browser.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from course import files

ROOT = Path(__file__).resolve().parents[2]
PYODIDE = ROOT / "build" / "pyodide"
PARTS = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
# What the kernel needs beside itself. With it comes what jupyter-lite.json names.
FOR_THE_KERNEL = ("micropip", "ipython", "jedi")
NO_LITE = (
    "JupyterLite was not found, so the lessons for the browser were NOT built. "
    "`make lite` installs it in an environment of its own."
)
NO_PYODIDE = (
    "Python for the browser was not found, so NOTHING was computed in it. "
    "`make pyodide` fetches it; it needs Node.js and npm."
)


def lite_python():
    """Return the Python of JupyterLite's environment, named by LITE or in .venv-lite, or None."""
    folder = Path(os.environ.get("LITE") or ROOT / ".venv-lite").absolute()
    names = (folder / "bin" / "python", folder / "Scripts" / "python.exe")
    return next((name for name in names if name.exists()), None) if wheels(folder) else None


def wheels(folder=None):
    """Return the folder with the wheels of tools/lite/wheels.in, or None where it is missing."""
    folder = Path(folder or os.environ.get("LITE") or ROOT / ".venv-lite").absolute() / "wheels"
    return folder if folder.is_dir() else None


def pyodide_path():
    """Return the folder with Python for the browser, or None without it or without Node.js."""
    found = Path(os.environ.get("PYODIDE") or PYODIDE).absolute() / "pyodide"
    return found if shutil.which("node") and (found / PARTS[0]).exists() else None


def version():
    """Return the version of Pyodide that the kernel was made for."""
    code = "from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION as v; print(v)"
    return subprocess.check_output([lite_python(), "-c", code], text=True).strip()


def settings(path=ROOT / "tools" / "lite" / "jupyter-lite.json"):
    """Return what a jupyter-lite.json says to the kernel."""
    everything = json.loads(path.read_text(encoding="utf-8"))
    return everything["jupyter-config-data"]["litePluginSettings"][KERNEL]


def plain(name):
    """Return the name of a package as packages are compared by name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(lock):
    """Return the entries of Pyodide's lock that the kernel and the lessons need, by name."""
    known = {plain(name): name for name in lock["packages"]}
    found, waiting = {}, [*FOR_THE_KERNEL, *settings()["loadPyodideOptions"]["packages"]]
    while waiting:
        name = known.get(plain(waiting.pop()))
        if name and name not in found:
            found[name] = lock["packages"][name]
            waiting += found[name]["depends"]
    return found


def fetch():
    """Fetch the interpreter by npm and its plain packages by pip; put them where tests look."""
    python = lite_python()
    if not python or not shutil.which("npm"):
        return NO_LITE if not python else NO_PYODIDE
    with (
        tempfile.TemporaryDirectory() as work,
        files.folder(PYODIDE, by="Python for the browser") as new,
    ):
        target = new / "pyodide"
        target.mkdir()
        command = [shutil.which("npm"), "pack", "--silent", f"pyodide@{version()}"]
        name = subprocess.check_output(command, cwd=work, text=True).split()[-1]
        with tarfile.open(Path(work, name)) as archive:
            for part in PARTS:
                (target / part).write_bytes(archive.extractfile(f"package/{part}").read())
            lock = json.load(archive.extractfile("package/pyodide-lock.json"))
        pure = [p for p in needed(lock).values() if p["file_name"].endswith("-none-any.whl")]
        tag = f"pyemscripten_{lock['info']['abi_version']}_wasm32"
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
        pip += ["--no-deps", "--only-binary=:all:", f"--platform={tag}", f"--dest={target}"]
        pip += ["--python-version", ".".join(lock["info"]["python"].split(".")[:2])]
        subprocess.run([*pip, *(f"{p['name']}=={p['version']}" for p in pure)], check=True)
        for package in pure:  # the same versions, but Pyodide packs them anew
            wheel = (target / package["file_name"]).read_bytes()
            package["sha256"] = hashlib.sha256(wheel).hexdigest()
        (target / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(fetch())
