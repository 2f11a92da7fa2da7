#!/usr/bin/env bash
# Question: a menu offers "all countries" with the value None before two countries. What does it
#   show once a reader who had Peru chooses that entry again?
# Natural guess: "all countries", and the value is None.
# Found, ipywidgets 8.1.9: the value is None, but index and label are None, too: the menu has no
#   entry chosen, and stands empty. It makes no difference whether the page, the program by index or
#   label, or the program by value chose it; nor is it chosen when the menu is made. Dropdown,
#   ToggleButtons and RadioButtons do the same; a SelectionSlider refuses to be made.
# "No restriction" needs a value of its own there, as "" or "all".
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check ipywidgets==8.1.9
cd "$place"
"$place/env/bin/python" - <<'PY'
import ipywidgets

OPTIONS = [("all countries", None), ("Laos", "LAO"), ("Peru", "PER")]
ways = {
    "page": lambda menu: menu.set_state({"index": 0}),  # what the page sends
    "index": lambda menu: setattr(menu, "index", 0),
    "label": lambda menu: setattr(menu, "label", "all countries"),
    "value": lambda menu: setattr(menu, "value", None),
}
for kind in (ipywidgets.Dropdown, ipywidgets.ToggleButtons, ipywidgets.RadioButtons):
    for way, choose in ways.items():
        menu = kind(options=OPTIONS)
        assert menu.index is None
        menu.value = "PER"
        assert (menu.index, menu.label) == (2, "Peru")
        choose(menu)
        print(kind.__name__, "by", way, "→", menu.index, menu.label, menu.value)
        assert (menu.index, menu.label, menu.value) == (None, None, None)
try:
    slider = ipywidgets.SelectionSlider(options=OPTIONS)
    raise SystemExit(f"a slider was made: {slider.index}")
except Exception as problem:
    print("SelectionSlider:", type(problem).__name__, problem)
PY
