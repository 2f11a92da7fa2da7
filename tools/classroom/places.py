"""Where JupyterHub's proxy is, and the chart of Zero to JupyterHub, if anywhere.

`make test` fetches the proxy by npm. The one in Python, on PyPI, answers ten requests at a time: of
20 students who wait for their servers, half are turned away.
"""

import os
import shutil
import subprocess
from pathlib import Path

PROXY = Path(__file__).resolve().parents[2] / "build" / "proxy" / "node_modules" / ".bin"
NO_PROXY = (
    "JupyterHub's proxy was not found, so NO class was held on a hub. "
    "`make proxy` fetches it; it needs Node.js and npm."
)
NO_CHART = (
    "The chart of Zero to JupyterHub was not found, so docs/classroom/values.yaml was NOT held "
    "against its schema. docs/classroom/zero-to-jupyterhub.md says how: CHART=... make test"
)


def proxy_path():
    """Return the command configurable-http-proxy that `make proxy` fetched, or None."""
    command = PROXY / "configurable-http-proxy"
    return str(command) if shutil.which("node") and command.exists() else None


def proxy_version():
    """Return the version of the proxy, as it says."""
    return subprocess.check_output([proxy_path(), "--version"], text=True).strip()


def chart_path():
    """Return the folder of the unpacked chart, named by CHART, or None."""
    folder = Path(os.environ.get("CHART", "")).absolute()
    return folder if (folder / "values.schema.json").exists() else None
