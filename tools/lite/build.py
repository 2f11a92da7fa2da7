"""Write the site of `make lite`: JupyterLab, the lessons and what they import, as plain files.

`jupyter lite build` does the work. Added here: the file names of the wheels, which hold versions,
a first page that opens lesson 00, and `arrives.js`: a sentence where Python does not come.
It runs in JupyterLite's own environment, so nothing of the course is imported but what needs only
Python.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from course import files
from helpers.inputs import InputError

HERE = Path(__file__).resolve().parent
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
TO_WHEELS = "../../../../pypi"  # in the site, from the folder of the kernel's worker


def found(folder):
    """Return the wheels of wheels.in in `folder`; InputError: one is missing or there twice."""
    lines = (HERE / "wheels.in").read_text(encoding="utf-8").splitlines()
    wanted = [line.split()[0].replace("-", "_") for line in lines if re.match(r"\w", line)]
    for name in wanted:
        if len(list(Path(folder).glob(f"{name}-*.whl"))) != 1:
            raise InputError(f"{folder} does not hold one wheel of {name}: run `make lite`.")
    return sorted(path for name in wanted for path in Path(folder).glob(f"{name}-*.whl"))


def settings(wheels):
    """Return jupyter-lite.json as a dict, with `wheels` (paths) to load when the kernel starts."""
    settings = json.loads((HERE / "jupyter-lite.json").read_text(encoding="utf-8"))
    options = settings["jupyter-config-data"]["litePluginSettings"][KERNEL]["loadPyodideOptions"]
    options["packages"] += [f"{TO_WHEELS}/{wheel.name}" for wheel in wheels]
    return settings


def build(target, wheels, extra=()):
    """Write the site to the folder `target`, whole or not at all; what else lies there stays.

    wheels: the folder with the wheels of wheels.in; extra: options for `jupyter lite build`.
    InputError: a wheel is missing, `target` holds something else, or JupyterLite fails.
    """
    wheels = Path(wheels).resolve()
    text = json.dumps(settings(found(wheels)), indent=2)
    if files.foreign(target):
        raise InputError(
            f"{target} holds something else than a site made here: move it, or name another folder."
        )
    with (
        tempfile.TemporaryDirectory() as making,
        files.folder(target, by="site for the browser") as made,
    ):
        Path(making, "jupyter-lite.json").write_text(text, encoding="utf-8")
        lite = [sys.executable, "-m", "jupyterlite_core"]
        options = [
            *(f"--config={HERE / 'jupyter_lite_config.json'}", f"--contents={HERE.parents[1]}"),
            *(f"--piplite-wheels={wheels}", f"--lite-dir={making}", f"--output-dir={made}"),
        ]
        for command in ("build", "check"):
            run = subprocess.run(
                [*lite, command, *options, *extra], cwd=making, capture_output=True, text=True
            )
            if run.returncode:
                raise InputError(f"JupyterLite failed at `{command}`:\n{run.stdout}{run.stderr}")
        shutil.copy(HERE / "index.html", made)
        shutil.copy(HERE / "arrives.js", made)
        page = made / "lab" / "index.html"
        text = page.read_text(encoding="utf-8")
        if "</head>" not in text:
            raise InputError(f"JupyterLite's {page.name} has no head any more: mend tools/lite.")
        script = '<script src="../arrives.js"></script></head>'
        page.write_text(text.replace("</head>", script, 1), encoding="utf-8")


def main(arguments=None):
    """Build the site named on the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.lite.build", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("folder", help="where to write, such as build/lite")
    parser.add_argument("wheels", help="the folder with the wheels of tools/lite/wheels.txt")
    chosen, extra = parser.parse_known_args(arguments)
    try:
        build(chosen.folder, chosen.wheels, extra)
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in Path(chosen.folder).rglob("*") if path.is_file())
    print(f"{chosen.folder}: {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
