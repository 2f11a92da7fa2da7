#!/usr/bin/env bash
# Question: what does a debugger cost the kernel of somebody who never opens it?
# Natural guess: nothing; it is loaded when a front end first asks for it (JupyterLab does so when the
#   bug in a notebook's toolbar is pressed).
# Found, ipykernel 7.4.0 with debugpy 1.8.22: each kernel loads it at its start, some 140 modules and
#   7 MB or more. No setting of ipykernel's spares it: `debugger_class` may name another class, but the
#   module that looks for debugpy is imported in any case. A file `ipython_kernel_config.py` that sets
#   `sys.modules["debugpy"]` to None does: the kernel then counts it as not installed, and does not
#   name "debugger" among its features. JupyterLab still shows the bug, because it goes by the
#   kernel's description on the disk, which promises a debugger in any case.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check \
  ipykernel==7.4.0 debugpy==1.8.22 jupyter_client==8.10.0 psutil==7.2.2
export HOME="$place"
mkdir -p "$place/without/profile_default"
cat > "$place/without/profile_default/ipython_kernel_config.py" <<'PY'
import sys

sys.modules["debugpy"] = None
PY
PLACE="$place" "$place/env/bin/python" - <<'PY'
import json
import os
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

LOOK = """
import json, psutil, sys
own = psutil.Process().memory_full_info().uss / 2**20
names = [n for n in sys.modules if n.split(".")[0] in ("debugpy", "pydevd", "_pydevd_bundle")]
print(json.dumps([len(sys.modules), own, bool(sys.modules.get("debugpy")), len(names)]))
"""


def kernel(folder):
    env = {**os.environ, "IPYTHONDIR": str(Path(os.environ["PLACE"], folder))}
    manager, client = start_new_kernel(env=env)
    try:
        features = client.kernel_info(reply=True)["content"]["supported_features"]
        said = []
        client.execute_interactive(LOOK, output_hook=lambda m: said.append(m["content"]))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    modules, own_mb, loaded, of_it = json.loads(next(c["text"] for c in said if "text" in c))
    print(f"{folder}: {modules} modules, {own_mb:.0f} MB, debugger loaded: {loaded} ({of_it}), {features}")
    return modules, own_mb, loaded, "debugger" in features


as_installed, without = kernel("as_installed"), kernel("without")
assert as_installed[2:] == (True, True) and without[2:] == (False, False)
assert as_installed[0] - without[0] > 100 and as_installed[1] - without[1] > 5
assert KernelSpecManager().get_kernel_spec("python3").metadata["debugger"] is True
PY
