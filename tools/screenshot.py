"""Draw docs/live-map.png: the first live map of lesson 04, as the browser tests see it."""

import sys

from course import files
from tools.browser import ROOT, Lesson, chromium, chromium_path, lab

PICTURE = ROOT / "docs" / "live-map.png"


def main():
    """Open the lesson, set the mask to a street's, and save controls and map as one picture."""
    if not chromium_path():
        sys.exit("No Chromium or Chrome was found: install one, or name it in CHROMIUM.")
    lesson = ROOT / "notebooks" / "04-beidou.ipynb"
    with lab([lesson]) as server, chromium() as context:
        opened = Lesson(context, server, lesson.name)
        if problems := opened.run_all():
            sys.exit(f"The lesson failed, so there is no picture: {problems[0]}")
        page = opened.page
        page.set_viewport_size({"width": 1280, "height": 1000})
        box = page.locator(".jp-OutputArea-output .widget-vbox:has(> .silkroad)").first
        box.scroll_into_view_if_needed()
        handle = box.locator(".noUi-handle").nth(1)  # the elevation mask
        handle.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        page.wait_for_timeout(2000)
        files.replace(PICTURE, box.screenshot())
        page.close()
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1000} KB")


if __name__ == "__main__":
    main()
