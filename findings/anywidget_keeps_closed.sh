#!/usr/bin/env bash
# Question: what stays of an anywidget that is closed and that nobody names any more?
# Natural guess: nothing, as of any ipywidget.
# Found, anywidget 0.11.0: where `_esm` or `_css` is a Path, each instance listens to changes of the
#   file (for reloading while one develops), and the listener, which lives as long as the class,
#   keeps the instance with all its traits for ever. Where `_esm` is the text of the file, it goes.
# A live cell that was run 31 times thus kept 31 maps.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check anywidget==0.11.0
cd "$place"
echo "export default { render() {} };" > widget.js
"$place/env/bin/python" - <<'PY'
import gc
import weakref
from pathlib import Path

import anywidget


class OfFile(anywidget.AnyWidget):
    _esm = Path("widget.js")


class OfText(anywidget.AnyWidget):
    _esm = Path("widget.js").read_text()


def left_of(kind):
    """Return how many of ten closed widgets are still there."""
    seen = []
    for _ in range(10):
        widget = kind()
        seen.append(weakref.ref(widget))
        widget.close()
        del widget
    gc.collect()
    return sum(ref() is not None for ref in seen)


print("of a file:", left_of(OfFile), "of its text:", left_of(OfText))
assert left_of(OfFile) == 10 and left_of(OfText) == 0
PY
