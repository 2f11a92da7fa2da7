#!/usr/bin/env bash
# Question: what does `import folium` cost a kernel that has pandas already?
# Natural guess: next to nothing; folium fills templates with the names of things to draw.
# Found, folium 0.20.0: about as much processor time as the import of pandas with NumPy. It loads
#   requests with urllib3, to be ready for GeoJSON that is given by its address, and xyzservices, which
#   builds the list of all known providers of tiles, more than a thousand, whichever map is drawn, and
#   compiles a template of Jinja for each kind of thing, some thirty of them, drawn or not.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check \
  folium==0.20.0 branca==0.8.2 xyzservices==2026.9.1 requests==2.34.2 jinja2==3.1.6 \
  numpy==2.4.6 pandas==3.1.1
cat > "$place/took.py" <<'PY'
import json
import sys
import time

took = {}
for name in ("pandas", "requests", "xyzservices", "folium"):
    begun = time.process_time()
    __import__(name)
    took[name] = time.process_time() - begun
made = sum(type(one).__name__ == "Template" for room in list(sys.modules.values())
           if (room.__name__ or "").startswith("folium")
           for kind in vars(room).values() if isinstance(kind, type) and kind.__module__ == room.__name__
           for one in [vars(kind).get("_template")])
import xyzservices.providers

print(json.dumps([took, made, len(xyzservices.providers.flatten())]))
PY
"$place/env/bin/python" "$place/took.py" > /dev/null  # compiles what is new
for run in 1 2 3 4 5; do "$place/env/bin/python" "$place/took.py"; done > "$place/runs"
"$place/env/bin/python" - "$place/runs" <<'PY'
import json
import statistics
import sys

runs = [json.loads(line) for line in open(sys.argv[1])]
took = {name: statistics.median(run[0][name] for run in runs) for name in runs[0][0]}
_, made, tiles = runs[0]
all_of_folium = sum(took[name] for name in ("requests", "xyzservices", "folium"))
share = {name: round(took[name] / took["pandas"], 2) for name in took}
print(f"in times of pandas: {share}; {made} templates, {tiles} providers of tiles")
assert all_of_folium > 0.5 * took["pandas"], share
assert made > 20 and tiles > 1000, (made, tiles)
PY
