"""Write the site of `make lite`: JupyterLab, the lessons and what they import, as plain files.

`jupyter lite build` does the work. Added here: the wheels' names, which hold versions.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
TO_WHEELS = "../../../../pypi"  # from where the kernel's worker lies in the site


def settings(wheels):
    """Return jupyter-lite.json as a dict, with `wheels` (paths) to load at the kernel's start."""
    found = json.loads((HERE / "jupyter-lite.json").read_text(encoding="utf-8"))
    options = found["jupyter-config-data"]["litePluginSettings"][KERNEL]["loadPyodideOptions"]
    options["packages"] += [f"{TO_WHEELS}/{wheel.name}" for wheel in wheels]
    return found


def build(target, wheels, extra=()):
    """Build the site into the folder `target`, which is replaced when all has gone well.

    wheels: the folder of the wheels in wheels.txt; extra: options for `jupyter lite build`.
    CalledProcessError: JupyterLite could not build; its output says why.
    """
    target = Path(target).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".lite-") as work:
        site = Path(work, "site")
        text = json.dumps(settings(sorted(Path(wheels).glob("*.whl"))), indent=2)
        Path(work, "jupyter-lite.json").write_text(text, encoding="utf-8")
        subprocess.run(
            [
                *(sys.executable, "-m", "jupyterlite_core", "build", f"--lite-dir={work}"),
                *(f"--config={HERE / 'jupyter_lite_config.json'}", f"--contents={HERE.parent}"),
                *(f"--piplite-wheels={Path(wheels).resolve()}", f"--output-dir={site}", *extra),
            ],
            check=True,
            cwd=work,  # where its notes go
        )
        shutil.rmtree(target, ignore_errors=True)
        site.rename(target)


def main(arguments=None):
    """Run from the command line; what is not known here goes to `jupyter lite build`."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("target", help="the folder to write, as build/lite")
    parser.add_argument("wheels", help="the folder with the wheels of lite/wheels.txt")
    options, extra = parser.parse_known_args(arguments)
    build(options.target, options.wheels, extra)


if __name__ == "__main__":
    main()
