#!/usr/bin/env bash
# Question: does a student's server on JupyterHub load a library for databases?
# Natural guess: no; the hub keeps the database, and a student's server asks it by HTTP.
# Found, jupyterhub 6.1.1: yes. The import of `jupyterhub.singleuser` loads SQLAlchemy and Alembic:
#   its log names one of the hub's pages, its login the scopes, and both come with the hub's tables.
#   A sixth of all modules that a server has then loaded are of these two, and loaded alone they take
#   more than 20 MB, which every student of a class has. JUPYTERHUB_SINGLEUSER_EXTENSION, which chooses
#   how the server is built, changes nothing in it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check \
  jupyterhub==6.1.1 jupyter_server==2.21.1
export HOME="$place"
for way in 1 0; do
  JUPYTERHUB_SINGLEUSER_EXTENSION=$way "$place/env/bin/python" - <<'PY'
import os
import sys
from collections import Counter

import jupyterhub.singleuser  # what the command jupyterhub-singleuser begins with

loaded = Counter(name.split(".")[0] for name in sys.modules)
some = {name: loaded[name] for name in ("sqlalchemy", "alembic")}
way = os.environ["JUPYTERHUB_SINGLEUSER_EXTENSION"]
print(f"JUPYTERHUB_SINGLEUSER_EXTENSION={way}: {some} of {len(sys.modules)} modules")
assert some["sqlalchemy"] > 80 and some["alembic"] > 20, some
PY
done
"$place/env/bin/python" - <<'PY'
import resource


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kB on Linux


before = peak_mb()
import alembic.command
import sqlalchemy.orm

print(f"the two alone: {peak_mb() - before:.0f} MB")
assert peak_mb() - before > 20
PY
