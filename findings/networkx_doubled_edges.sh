#!/usr/bin/env bash
# Question: two cables between the same two cities: do networkx's measures of robustness count both?
# Natural guess: a MultiGraph holds both edges, so all functions that take one see both.
# Found, networkx 3.6.1, on a - b - c with each link doubled: `bridges` sees them (no link is critical),
#   `edge_connectivity` and `edge_disjoint_paths` do not (one cut is enough, one path), and
#   `maximum_flow_value` refuses multigraphs. The two that disagree do so without a word.
# Whoever asks "does one cut split this network?" gets yes or no by the function chosen.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check networkx==3.6.1
cd "$place"
"$place/env/bin/python" - <<'PY'
import networkx as nx

cables = nx.MultiGraph([("a", "b"), ("a", "b"), ("b", "c"), ("b", "c")])
bridges = list(nx.bridges(cables))
cut = nx.edge_connectivity(cables)
paths = len(list(nx.edge_disjoint_paths(cables, "a", "c")))
print("bridges:", bridges, "| edge_connectivity:", cut, "| disjoint paths a to c:", paths)
assert bridges == [] and cut == 1 and paths == 1
try:
    nx.maximum_flow_value(cables, "a", "c")
except nx.NetworkXError as problem:
    print("maximum_flow_value:", problem)
else:
    raise SystemExit("maximum_flow_value took a multigraph")
PY
