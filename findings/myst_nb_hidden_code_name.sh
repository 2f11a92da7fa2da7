#!/usr/bin/env bash
# Question: what is the button called that shows a cell's hidden code on a page made by MyST-NB?
# Natural guess: what stands on it, so what `code_prompt_show` says is for eyes and ears.
# Found, MyST-NB 1.4.0 with Sphinx 8.2.3: it shows those words, and its name is another, the same
#   for every cell: `aria-label="Toggle hidden content"`. A name takes the place of the words: a
#   screen reader hears all of them alike, and who says aloud what a button shows finds none of
#   that name (WCAG 2.5.3, level A, "label in name").
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check \
  myst-nb==1.4.0 sphinx==8.2.3 nbformat==5.10.4
mkdir "$place/source"
cat > "$place/source/conf.py" <<'PY'
extensions = ["myst_nb"]
nb_execution_mode = "off"
PY
PLACE="$place" "$place/env/bin/python" - <<'PY'
import os
import re
import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

WORDS = ["Show how the map is drawn", "Show how the chart is drawn"]
place = os.environ["PLACE"]
cells = [new_markdown_cell("# A lesson")]
for words in WORDS:
    about = {"tags": ["hide-input"], "mystnb": {"code_prompt_show": words}}
    cells.append(new_code_cell("1 + 1", metadata=about))
nbformat.write(new_notebook(cells=cells), f"{place}/source/index.ipynb")
command = [sys.executable, "-m", "sphinx", "-q", f"{place}/source", f"{place}/made"]
subprocess.run(command, check=True)
with open(f"{place}/made/index.html", encoding="utf-8") as page:
    buttons = re.findall(r"(?s)<summary([^>]*)>(.*?)</summary>", page.read())
names = [re.findall('aria-label="([^"]*)"', attributes) for attributes, _ in buttons]
for words, name in zip(WORDS, names, strict=True):
    print(f"shows {words!r}, is called {name}")
assert all(words in inside for words, (_, inside) in zip(WORDS, buttons, strict=True))
assert names == [["Toggle hidden content"]] * 2
PY
