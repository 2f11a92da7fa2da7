"""Write links that bring a lesson into a student's own folder on a JupyterHub, by nbgitpuller.

    .venv/bin/python tools/classroom/links.py https://class.example.org

A click logs in, starts the server, copies the repository or brings it up to date without writing
over what the student changed, and opens the lesson in JupyterLab.
"""

import argparse
import re
import sys
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from helpers.inputs import InputError

ROOT = Path(__file__).resolve().parents[2]
LESSONS = [path.name for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))]
REPOSITORY = "https://github.com/space-silk-road/notebooks"
FOLDER = "space-silk-road"  # in the student's home


def hub_of(address):
    """Return where a hub is, from its address or from that of a page on it.

    What a browser shows there (/hub/home, /user/ann/lab?, #...) is left out. InputError: it is no
    address, or it holds a name and a password.
    """
    problem = f"{address!r} is not the address of a hub; give one like https://class.example.org"
    try:
        parts = urlsplit(address.strip())
        host, _ = parts.hostname, parts.port  # the port may be no number
    except ValueError:
        raise InputError(problem) from None
    if "@" in parts.netloc:
        raise InputError(
            "The address holds a name or a password, which every student would read: leave the "
            f"part before @ out, as in {parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        )
    page = re.search(r"/(hub|user)(/|$)", parts.path)
    path = parts.path[: page.start()] if page else parts.path
    more = not page and (parts.query or parts.fragment)
    spaces = re.search(r"\s", parts.netloc + path)
    if parts.scheme not in ("http", "https") or not host or more or spaces:
        raise InputError(problem)
    return f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}"


def link(hub, lesson, repository=REPOSITORY, branch="main"):
    """Return the link that opens one lesson (its file name) on the hub at this address.

    Raises InputError where the hub's address is none, or there is no such lesson.
    """
    base = hub_of(hub)
    if lesson not in LESSONS:
        raise InputError(f"There is no lesson {lesson!r}; the first is {LESSONS[0]!r}.")
    asked = {"repo": repository, "branch": branch, "targetpath": FOLDER}
    asked["urlpath"] = f"lab/tree/{FOLDER}/notebooks/{lesson}"
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
