#!/usr/bin/env bash
# Question: does a JupyterLab server grow when `rich`, which it does not need, is installed beside it?
# Natural guess: no; what nobody imports takes room on the disk only.
# Found, jupyterlab 4.6.6 with httpx 0.28.1: yes. JupyterLab's manager of extensions imports httpx, httpx
#   tries to import its own command line, and where rich and click are installed that succeeds: every
#   server then loads both and, with them, Pygments' highlighters. In a class each student's server
#   does. An environment that holds the lessons' packages alone has no such server; one that also
#   holds the tests' packages, or one of many tools that bring rich, has.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
pip() { "$place/env/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
cat > "$place/look.py" <<'PY'
import resource
import sys


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kB on Linux


import IPython  # loaded by the server in any case
import jupyter_server.serverapp

before = peak_mb()
import jupyterlab.labapp

wanted = sys.argv[1] == "rich"
loaded = sorted({name.split(".")[0] for name in sys.modules} & {"rich", "click"})
print(f"{sys.argv[1]}: {loaded or 'neither rich nor click'} loaded, {peak_mb() - before:.1f} MB more")
assert bool(loaded) == wanted, loaded
PY
export HOME="$place"
pip jupyterlab==4.6.6 httpx==0.28.1
"$place/env/bin/python" "$place/look.py" without
pip rich==15.0.0 click==8.5.1
"$place/env/bin/python" "$place/look.py" rich
