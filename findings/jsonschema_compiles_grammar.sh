#!/usr/bin/env bash
# Question: what does a Jupyter server spend most of the processor time of its import on?
# Natural guess: its handlers and extensions.
# Found, jsonschema 4.26.0 (from 4.25.0 on; 4.24.1 does not): on a grammar of web addresses.
#   jupyter-events asks for `jsonschema[format-nongpl]`, which brings rfc3987-syntax, and importing
#   jsonschema lets lark compile its grammar, whether or not anybody ever checks an address.
# Each server of a class of twenty paid some 0.8 s and 25 MB for it, two thirds of its start.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
for version in 4.24.1 4.26.0; do
    python3 -m venv "env-$version"
    "env-$version/bin/python" -m pip install --quiet --disable-pip-version-check \
        jupyter-events==0.12.0 "jsonschema==$version" rfc3987-syntax==1.1.0
    "env-$version/bin/python" - "$version" <<'PY'
import gc
import sys
import time

begin = time.process_time()
import jupyter_events  # nothing is checked

took, lark = time.process_time() - begin, sys.modules.get("lark")
grammars = sum(isinstance(one, lark.Lark) for one in gc.get_objects()) if lark else 0
print(f"jsonschema {sys.argv[1]}: {grammars} grammars compiled, {took:.2f} s")
assert bool(grammars) == (sys.argv[1] == "4.26.0")
PY
done
