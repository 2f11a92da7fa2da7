#!/usr/bin/env bash
# Question: what does `import folium` cost a kernel that has pandas already?
# Natural guess: next to nothing; folium fills small templates when a map is drawn.
# Found, folium 0.20.0: more than half of what pandas with NumPy costs, for a map that may show one
#   point. Nearly half of it are the templates: each kind of thing that folium can draw has its own, more than
#   forty, compiled by Jinja while the module is loaded, whether anything is drawn or not. A fifth of
#   pandas' time goes into requests and what that needs, for GeoJSON which is given by its address, and
#   xyzservices reads its list of some nine hundred providers of tiles.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check \
  folium==0.20.0 branca==0.8.2 xyzservices==2026.9.1 requests==2.34.2 jinja2==3.1.6 \
  numpy==2.4.6 pandas==3.1.1
cat > "$place/took.py" <<'PY'
import json
import time

took, templates = {}, []


def timed(name):
    begun = time.process_time()
    __import__(name)
    took[name] = time.process_time() - begun


for name in ("pandas", "requests", "xyzservices", "jinja2"):
    timed(name)
import jinja2

plain = jinja2.Environment.compile


def compile(*given, **more):
    begun = time.process_time()
    found = plain(*given, **more)
    templates.append(time.process_time() - begun)
    return found


jinja2.Environment.compile = compile
timed("folium")
import xyzservices.providers

print(json.dumps([took, templates, len(xyzservices.providers.flatten())]))
PY
"$place/env/bin/python" "$place/took.py" > /dev/null  # compiles what is new
for run in 1 2 3 4 5; do "$place/env/bin/python" "$place/took.py"; done > "$place/runs"
"$place/env/bin/python" - "$place/runs" <<'PY'
import json
import statistics
import sys

runs = [json.loads(line) for line in open(sys.argv[1])]
took = {name: statistics.median(run[0][name] for run in runs) for name in runs[0][0]}
took["its templates"] = statistics.median(sum(run[1]) for run in runs)
share = {name: round(seconds / took["pandas"], 2) for name, seconds in took.items()}
made, tiles = len(runs[0][1]), runs[0][2]
print(f"in times of pandas: {share}; {made} templates compiled, {tiles} providers of tiles")
all_of_it = sum(share[name] for name in ("requests", "xyzservices", "jinja2", "folium"))
assert all_of_it > 0.5 and share["its templates"] > 0.5 * share["folium"], share
assert made > 30 and tiles > 900, (made, tiles)
PY
