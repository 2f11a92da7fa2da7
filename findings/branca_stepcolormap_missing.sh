#!/usr/bin/env bash
# Question: which colour does a colour map for folium give a country whose value is missing (NaN)?
# Natural guess: an error, or a neutral colour, as folium's own Choropleth has `nan_fill_color`.
# Found, branca 0.8.2: StepColormap answers with the colour of the HIGHEST class, in silence. Comparisons
#   with NaN are all false, so it falls through to the last. LinearColormap, with the same value,
#   raises "Thresholds are not sorted", which says nothing of the missing value.
# A country without data is thus painted as the best (or worst) of all on a GeoJson map.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check branca==0.8.2
cd "$place"
"$place/env/bin/python" - <<'PY'
from branca.colormap import LinearColormap, StepColormap

missing = float("nan")
step = StepColormap(["#000000", "#ff0000"], index=[0, 1, 2], vmin=0, vmax=2)
print("low", step(0.5), "high", step(1.5), "missing", step(missing))
assert step(missing) == step(1.5) != step(0.5)
try:
    LinearColormap(["#000000", "#ff0000"], vmin=0, vmax=2)(missing)
except ValueError as problem:
    print("linear:", problem)
    assert "not sorted" in str(problem)
else:
    raise SystemExit("LinearColormap took NaN")
PY
