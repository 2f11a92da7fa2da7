"""How soon a page of the site can be used: from its opening to the first view that answers."""

import tempfile
from pathlib import Path
from statistics import median

from tools.browser import NOTEBOOKS, chromium
from tools.site import build

MOST_MS = 2000
OPENINGS = 5
LESSONS = [path for path in NOTEBOOKS if path.name[:2] in ("04", "06", "12")]
INTERACTIVE = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
# The first view, scrolled to at once: fetched, unpacked, drawn, its controls ready.
FIRST = """async () => {
    const place = document.querySelector('.silkroad-recorded');
    place.scrollIntoView();
    while (place.dataset.state !== 'ready') await new Promise(done => setTimeout(done, 5));
    return performance.now(); }"""


def run(lessons=LESSONS):
    """Return [(lesson, milliseconds to the page, milliseconds to its first view, bytes)]."""
    found = []
    with tempfile.TemporaryDirectory() as folder, chromium() as context:
        site = Path(folder, "site")
        sizes = build.build(site, lessons)
        for path in lessons:
            page, took = context.new_page(), []
            for _ in range(OPENINGS):
                page.goto((site / "notebooks" / f"{path.stem}.html").as_uri())
                took.append((page.evaluate(INTERACTIVE), page.evaluate(FIRST)))
            page.close()
            ready, first = (median(column) for column in zip(*took, strict=True))
            found.append((path.stem, ready, first, sizes[f"{path.stem}.html"]))
    return found


if __name__ == "__main__":
    for row in run():
        print(row)
