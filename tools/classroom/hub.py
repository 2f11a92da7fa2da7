"""A real JupyterHub on this machine, in folders of its own, for as long as a test or a measurement.

Anybody who reaches this machine's own address and knows the word may log in (`dummy`), and all
servers run as one user (`simple`): right for scripted students here, wrong for a class.
"""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import yaml

from tools.classroom.places import proxy_path

ROOT, BIN = Path(__file__).resolve().parents[2], Path(sys.executable).parent
NEEDED = ("sh", "bash", "env", "git", "ls", "cat", "uname")  # of what an image has beside Python
START_S = 300  # a server may take so long where twenty start on two cores

CONFIG = """
import json, os
c = get_config()  # noqa: F821
own = json.loads(os.environ["CLASSROOM"])
c.JupyterHub.bind_url = own["address"]
c.JupyterHub.hub_bind_url = own["hub"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = own["word"]
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = own["homes"] + "/{username}"
c.Spawner.cmd = [own["server"]]
c.Spawner.args = ["--allow-root", "--ServerApp.log_level=WARN"]
c.Spawner.environment = {**own["environment"], "PYTHONPATH": own["root"]}
c.Spawner.env_keep = [name for name in os.environ if name not in ("CLASSROOM",)]
c.Spawner.start_timeout = c.Spawner.http_timeout = own["start_s"]
c.ConfigurableHTTPProxy.command = own["proxy"]
c.ConfigurableHTTPProxy.api_url = own["api"]
"""


@contextlib.contextmanager
def hub(names, lessons, root=ROOT):
    """Run a hub with a home for each student that holds copies of the lessons.

    `root` is the folder whose code they run, with the variables that its values give, and with the
    packages of its own `.venv` where another folder has one. Yields (address, word): where it is,
    and what every student types to log in.
    """
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        folder = Path(folder)
        for name in names:
            home = folder / "homes" / name
            home.mkdir(parents=True)
            for lesson in lessons:
                shutil.copy(lesson, home)
        address, inner, api = (f"http://127.0.0.1:{port}" for port in _ports(3))
        word = secrets.token_hex(16)
        own = {"address": address, "hub": inner, "api": api, "word": word, "root": str(root)}
        own |= {"homes": str(folder / "homes"), "start_s": START_S}
        server = Path(root, ".venv", "bin", "jupyterhub-singleuser")
        there = root != ROOT and server.exists()
        own |= {"environment": environment(root), "server": str(server) if there else server.name}
        own["environment"] |= path(root, server.parent if there else BIN, folder / "programs")
        own["proxy"] = [proxy_path()]
        config, log = folder / "jupyterhub_config.py", folder / "hub.log"
        config.write_text(CONFIG)
        env = {**os.environ, "CLASSROOM": json.dumps(own), "JUPYTER_RUNTIME_DIR": str(folder)}
        # The hub finds `jupyterhub-singleuser` on the path; a proxy it did not start is not its.
        env["PATH"] = f"{BIN}{os.pathsep}{env['PATH']}"
        command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
        with log.open("w") as out:
            running = subprocess.Popen(
                command, cwd=folder, env=env, stdout=out, stderr=subprocess.STDOUT
            )
        try:
            _wait_for(f"{address}/hub/health", running, log)
            yield address, word
        except BaseException as problem:
            problem.add_note(f"The hub said last:\n{log.read_text()[-3000:]}")
            raise
        finally:
            _end(running)


def environment(root=ROOT):
    """Return the variables that docs/classroom/values.yaml gives to each student's server."""
    values = Path(root, "docs", "classroom", "values.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(values)["singleuser"].get("extraEnv", {})


def path(root, programs, folder):
    """Return {"PATH": …} of a student's server where the image of `root` has Node.js taken away.

    There it is in a folder of its own, here perhaps beside all else: `folder` gets links to NEEDED.
    """
    if "bin/node" not in Path(root, "binder", "postBuild").read_text(encoding="utf-8"):
        return {}
    folder.mkdir()
    for name in NEEDED:
        if there := shutil.which(name):
            (folder / name).symlink_to(there)
    return {"PATH": f"{programs}{os.pathsep}{folder}"}


def _end(running):
    """End the hub, which ends the students' servers and the proxy, and what it leaves of them.

    It leaves a server that is still on its way, and all where it is slow to end itself.
    """
    began = []
    with contextlib.suppress(psutil.NoSuchProcess):
        began = psutil.Process(running.pid).children(recursive=True)
    running.terminate()
    try:
        running.wait(60)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
    for end in (psutil.Process.terminate, psutil.Process.kill):
        for process in began:
            with contextlib.suppress(psutil.NoSuchProcess):
                end(process)
        _, began = psutil.wait_procs(began, timeout=10)


def _ports(count):
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _wait_for(url, running, log, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if running.poll() is not None:
            raise RuntimeError(f"JupyterHub stopped at its start, see below ({url}).")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterHub did not answer at {url} within {seconds} s, see below.")
