"""Where Otter-Grader is, if anywhere."""

import os
import shutil
import sys
from pathlib import Path

MISSING = (
    "Otter-Grader was not found, so the masters for it were NOT run by its autograder. "
    "Install it beside the course as README.md says, or name it: OTTER=/path/to/otter make test"
)


def otter_path():
    """Return the command `otter` named by OTTER, or beside this Python, or on the path."""
    if named := os.environ.get("OTTER"):
        return str(Path(named).absolute())
    beside = Path(sys.executable).with_name("otter")
    return str(beside) if beside.exists() else shutil.which("otter")
