"""Removes what running leaves in a notebook; outputs that nbval compares stay.

    python -m tools.notebook_outputs [--check] [notebook ...]

With --check nothing is written and notebooks that would change are named. Needs only Python, so
that a pre-commit hook can call it anywhere.
"""

import json
import sys
from pathlib import Path

from course import files

LESSONS = Path(__file__).resolve().parents[1] / "notebooks"
KEEP = "NBVAL_CHECK_OUTPUT"
LEFTOVERS = ("execution", "ExecuteTime", "collapsed", "scrolled")


def cleaned(text):
    """Return the notebook's JSON text without outputs, counts and traces of execution."""
    notebook = json.loads(text)
    notebook["metadata"].pop("widgets", None)
    # The version of the last Python that saved it is nobody's business.
    notebook["metadata"]["language_info"] = {"name": "python"}
    for cell in notebook["cells"]:
        for key in LEFTOVERS:
            cell["metadata"].pop(key, None)
        if cell["cell_type"] == "code" and KEEP not in "".join(cell["source"]):
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def main(arguments):
    """Clean or check the named notebooks, or all lessons; return the exit code."""
    check = "--check" in arguments
    paths = [Path(a) for a in arguments if a != "--check"] or sorted(LESSONS.glob("*.ipynb"))
    touched = 0
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if cleaned(text) != text:
            touched += 1
            print(f"{path}: {'holds outputs; run `make format`' if check else 'outputs removed'}")
            if not check:
                files.replace(path, cleaned(text).encode())  # the reader's work: never half of it
    return 1 if touched else 0  # a pre-commit hook that changed a file must fail


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
