"""Write links that bring a lesson into a student's own folder on a JupyterHub, by nbgitpuller.

    .venv/bin/python tools/classroom/links.py https://class.example.org

A click logs in, starts the server, copies the repository or brings it up to date without writing
over what the student changed, and opens the lesson in JupyterLab.
"""

import argparse
import sys
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from helpers.inputs import InputError

ROOT = Path(__file__).resolve().parents[2]
LESSONS = [path.name for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))]
REPOSITORY = "https://github.com/space-silk-road/notebooks"
FOLDER = "space-silk-road"  # in the student's home


def link(hub, lesson, repository=REPOSITORY, branch="main"):
    """Return the link that opens one lesson (its file name) on the hub at this address.

    Raises InputError where the hub's address is none, or there is no such lesson.
    """
    address = urlsplit(hub)
    if address.scheme not in ("http", "https") or not address.netloc or address.query:
        raise InputError(
            f"{hub!r} is not the address of a hub; give one like https://class.example.org"
        )
    if lesson not in LESSONS:
        raise InputError(f"There is no lesson {lesson!r}; the first is {LESSONS[0]!r}.")
    asked = {"repo": repository, "branch": branch, "targetpath": FOLDER}
    asked["urlpath"] = f"lab/tree/{FOLDER}/notebooks/{lesson}"
    base = hub.rstrip("/").removesuffix("/hub")
    return f"{base}/hub/user-redirect/git-pull?{urlencode(asked, quote_via=quote, safe='')}"


def main(arguments=None):
    """Print a Markdown list with a link for each lesson; return 1 where that cannot be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("hub", help="the hub's address, such as https://class.example.org")
    parser.add_argument("--repository", default=REPOSITORY, help="where the lessons come from")
    parser.add_argument("--branch", default="main", help="the branch to bring")
    options = parser.parse_args(arguments)
    try:
        for lesson in LESSONS:
            target = link(options.hub, lesson, options.repository, options.branch)
            print(f"- [{Path(lesson).stem}]({target})")
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
