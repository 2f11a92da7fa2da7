"""Measure everything the project promises about speed and size; print it and write docs/bench.md.

`make bench`, or `python -m tools.bench`. Speeds are ratios taken in one run on one machine.
With `--before DIR`, the project as it was, also what each lesson costs here and there, in turn.
"""

import argparse
import compileall
import datetime
import json
import os
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

from course import files
from tools.bench import before, imaging, lessons, models, pages, positioning, receivers, site_pages
from tools.browser import NOTEBOOKS, ROOT

PAGE = ROOT / "docs" / "bench.md"
KB = 1000
OURS = 1.0  # the import of all of ours: folium is loaded where a map stands still
KEPT = "<!-- Measured once, not by `make bench`, which leaves what follows. -->"


def main(arguments=None):
    """Run all measurements, print them, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--before", type=Path, metavar="DIR", help="an older state to compare with")
    old = parser.parse_args(arguments).before
    if old and not (old / "notebooks").is_dir():
        parser.error(f"{old} holds no notebooks: name a folder with the project as it was.")
    # As on a reader's machine, where Python keeps what it compiled; pip compiled the packages.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for tree in filter(None, (ROOT, old)):
        for package in before.OURS:
            compileall.compile_dir(tree / package, quiet=2)
    rooms = (models, positioning, imaging, receivers)
    tables = {
        "Models against other ways of computing the same": (
            "How many times faster than the other way; the target is the least that is promised.",
            [_model(row) for room in rooms for row in room.run()],
        ),
        "From the key that moves a slider to the changed picture": (
            f"In JupyterLab and Chromium, medians of {pages.MOVES} moves, in one page.",
            _pages(pages),
        ),
        "Every live map and chart, from the key to the changed picture": (
            f"Medians of up to {lessons.MOVES} moves of its first slider; where a view shows a "
            "coarse preview while it moves, that is what is measured. "
            "4 times a bare slider is 120 ms where that takes 30, twice is 60.",
            _pages(lessons),
        ),
        "Pages of the site, from opening to the first view that answers": (
            f"From the disk, medians of {site_pages.OPENINGS} openings; sizes with all they load.",
            _site(),
        ),
        "Start, sizes, lessons": ("", [_imports(), *_sizes(), *map(_lesson, NOTEBOOKS)]),
    }
    if old:
        tables |= _before(old.resolve())
    text = _page(tables)
    print(text)
    files.replace(PAGE, (text + _kept(PAGE.read_text(encoding="utf-8"))).encode())


def _kept(page):
    """Return the part of the page as it was that no run writes: its mark and what follows."""
    _, mark, rest = page.partition(f"\n{KEPT}")
    return mark + rest


def _row(what, ours, other, ratio, target, met, note=""):
    word = {True: "met", False: "**missed**", None: ""}[met]
    return [what, ours, other, ratio, target, word, note]


def _ms(value):
    return "" if value is None else f"{value:.3g} ms" if value < 1000 else f"{value / 1000:.3g} s"


def _three(number):
    """Return three digits of a number, without an exponent."""
    return f"{float(f'{number:.3g}'):,}".removesuffix(".0")


def _model(row):
    least = f"≥ {_three(row['target'])}"
    ratio = "" if row["ratio"] is None else _three(row["ratio"])
    met = None if row["met"] is None else bool(row["met"])
    ours, theirs = _ms(row["ours_ms"]), _ms(row["theirs_ms"])
    return _row(row["what"], ours, theirs, ratio, least, met, row["note"])


def _pages(room):
    if not pages.browser.chromium_path():
        print("No Chromium here: the live maps are not measured.", file=sys.stderr)
        return []
    return map(_move, room.rows())


def _move(row):
    ours, theirs = _ms(row["ours_ms"]), _ms(row["theirs_ms"])
    note = f"against {row['note']}"
    return _row(row["what"], ours, theirs, _three(row["ratio"]), row["target"], row["met"], note)


def _site():
    if not pages.browser.chromium_path():
        return []
    target = f"≤ {_ms(site_pages.MOST_MS)}"
    return [
        _row(name, _ms(first), "", "", target, first <= site_pages.MOST_MS, f"{size / 1e6:.2f} MB")
        for name, _, first, size in site_pages.run()
    ]


def _before(old):
    """Return the tables of what lessons cost in this tree and in an older one."""
    seen = before.views(old) if pages.browser.chromium_path() else []
    return {
        "Every live view, here and before": (
            "From the key that moves its first control to the changed picture: the same view in "
            "both states, moved in turn; medians.",
            [_row(r["what"], *map(_ms, r["took"]), *_verdict(r)) for r in seen],
        ),
        "Import of all that a lesson names of ours": (
            f"Against `{before.BASE}`, in fresh processes, in turn.",
            [_row(r["what"], *map(_ms, r["took"]), *_verdict(r)) for r in before.imports(old)],
        ),
        "Memory of a lesson's kernel, here and before": (
            "After its last cell.",
            [
                _row(r["what"], *(f"{size / 1e6:.0f} MB" for size in r["took"]), *_verdict(r))
                for r in before.memory(old)
            ],
        ),
    }


def _verdict(row):
    return _three(row["ratio"]), row["target"], row["met"], row["note"]


def _imports(repeats=7):
    """Import all of ours that lessons name, and what it stands on, in fresh processes, in turn."""
    ours = sorted(set().union(*map(before.named, NOTEBOOKS)))
    code = {"ours": "\n".join(ours), "base": before.BASE}
    took = {name: [] for name in code}
    for _ in range(repeats):
        for name, line in code.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", line], check=True, cwd=ROOT)
            took[name].append((time.perf_counter() - begin) * 1e3)
    ours, base = median(took["ours"]), median(took["base"])
    return _row(
        "import of all of ours that the lessons name, together",
        *(_ms(ours), _ms(base), f"{ours / base:.3g}", f"≤ {OURS}"),
        *(ours / base <= OURS, f"against `{before.BASE}`; fresh processes"),
    )


def _sizes():
    from helpers import data, maps
    from silkroad import constellations, orbits, visibility

    place = maps.points(data.load("places"), "Places", category="kind", popup=["why"])
    still = len(maps.world([place], title="Places")._repr_html_().encode())
    track = orbits.positions(constellations.flying("BDS-3"), [data.snapshot()])
    pdop = visibility.dop(track, *visibility.world_grid(2), 15, want=["pdop"])["pdop"]
    spec = maps.grid(pdop.isel(time=0), "PDOP", levels=[2, 3, 4, 6]).spec
    cells = spec.pop("cells")
    message = len(cells) + len(json.dumps(spec).encode())
    for what, size, most in (
        ("a map that stands still, with 85 places", still, 700),
        ("message of a 2° grid", message, 60),
    ):
        yield _row(what, f"{size / KB:.0f} KB", "", "", f"≤ {most} KB", size <= most * KB)


def _lesson(path):
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    begin = time.perf_counter()
    NotebookClient(notebook, kernel_name="python3", resources=resources).execute()
    seconds = time.perf_counter() - begin
    what = f"lesson {path.stem}, all cells, kernel start included"
    return _row(what, f"{seconds:.1f} s", "", "", "≤ 15 s", seconds <= 15)


def _page(tables):
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("jupyterlab", "folium", "anywidget")
    )
    lines = [
        "# How fast it is",
        "",
        "Written by `make bench`. Absolute times are of this machine; the ratios carry over.",
        "",
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {models.machine()}, {versions}.",
    ]
    for title, (note, rows) in tables.items():
        lines += ["", f"## {title}", ""]
        lines += [note, ""] if note else []
        lines += [
            "| what | ours | the other | ratio | target | | |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
