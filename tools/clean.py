"""Remove what was built: `make clean` calls `python -m tools.clean build`. Needs only Python.

What was put beside it, or changed since, is not ours: it stays, and is named.
"""

import sys
from collections import Counter
from pathlib import Path

from course import files


def main(arguments):
    """Clean the folders named on the command line and say what stays; return the exit code."""
    for folder in map(files.home, arguments):
        stays = Counter(path.relative_to(folder).parts[0] for path in files.clean(folder))
        for name, count in sorted(stays.items()):
            what = "1 file" if count == 1 else f"{count} files"
            print(f"{Path(folder.name, name)} stays: {what} changed or put there, or built before.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
