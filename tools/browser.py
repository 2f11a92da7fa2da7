"""A real JupyterLab in a real Chromium, with every name but this machine's own unresolvable.

Used by the browser tests, the benchmarks and `make screenshot`. The server takes a free port with
no fall-back, a token, and folders of its own, and is ended by its own process.
"""

import contextlib
import functools
import http.server
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
ARTEFACTS = ROOT / "tests" / "artefacts"
LAPTOP = {"width": 1280, "height": 800}  # a 13-inch laptop
POLLING_MS = 100  # in long waits: to be asked at every frame, a page draws every frame
# What anywidget says of a view whose code took more than two seconds to come, as on a busy machine.
# That such a view answers all the same, see helpers/static/loader.js, test_other_browsers.py tests.
LATE = "[anywidget] Failed to initialize model."
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def chromium_path():
    """Return the path of an installed Chromium or Chrome, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def free_port():
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def lab(notebooks=NOTEBOOKS, tree=None):
    """Serve copies of the notebooks, so that nothing a test does reaches the originals.

    Yields (address, token). tree: a folder with another state of the project, for its notebooks.
    """
    port = free_port()
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "notebooks")
        root.mkdir()
        for path in notebooks:
            shutil.copy(path, root)
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        env = {**os.environ, **{name: str(Path(folder, sub)) for name, sub in places.items()}}
        if tree:
            env["PYTHONPATH"] = str(tree)
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"),
            *("--expose-app-in-browser",),
        ]
        log = Path(folder, "server.log")
        with log.open("w") as out:
            server = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/api/status?token={token}", server, log)
            yield address, token
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def bring(server, path):
    """Put a notebook where a running server finds it, by its own interface for files."""
    address, token = server
    model = {"type": "notebook", "content": json.loads(Path(path).read_text(encoding="utf-8"))}
    request = urllib.request.Request(
        f"{address}/api/contents/{urllib.parse.quote(Path(path).name)}",
        data=json.dumps(model).encode(),
        headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=30).close()


def _wait_for(url, server, log, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab stopped at its start:\n{log.read_text()[-3000:]}")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not answer within {seconds} s:\n{log.read_text()[-3000:]}")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/favicon.ico":  # which browsers ask for by themselves
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()


@contextlib.contextmanager
def served(folder):
    """Serve a folder on this machine; yields the address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def chromium(viewport=LAPTOP):
    """Yield a Playwright browser context in which nothing but this machine can be reached."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            yield browser.new_context(viewport=viewport)
        finally:
            browser.close()


# The notebook of a page, wherever the focus is.
NOTEBOOK = "[...window.jupyterapp.shell.widgets('main')].find(w => w.sessionContext)"
OPEN = "path => void window.jupyterapp.commands.execute('docmanager:open', {path})"
READY = """name => { const w = window.jupyterapp?.shell.currentWidget;
    const k = w?.sessionContext?.session?.kernel;
    return k && w.context.path === name && k.status === 'idle' && w.content.widgets.length > 1; }"""
PUT_AWAY = f"""async () => {{
    const open = {NOTEBOOK};
    await open.sessionContext.shutdown();
    open.context.model.dirty = false;  // else JupyterLab asks whether to save
    open.dispose(); }}"""


@contextlib.contextmanager
def desk(context, server):
    """Yield a function of a notebook's name: a context in which its `Lesson` is open.

    One JupyterLab for all of them, one after another, as a reader has it: to start it costs more
    than most lessons do. Where something went wrong with a lesson, the next has a new one.
    """
    pages = []

    @contextlib.contextmanager
    def opened(name):
        lesson = Lesson(context, server, name, pages.pop() if pages else None)
        try:
            yield lesson
        except BaseException:
            lesson.close()
            raise
        lesson.put_away()
        pages.append(lesson.page)

    yield opened
    for page in pages:
        page.close()


class Lesson:
    """One notebook open in JupyterLab, with everything the page said and asked for."""

    def __init__(self, context, server, name, page=None):
        """Open the notebook and wait until its kernel is ready.

        page: a JupyterLab of this server that is open already, and has no notebook in it.
        """
        self.address, token = server
        self.page = page or context.new_page()
        self.console, self.requests = [], []
        self.late = 0  # how often a view came late, and asked the kernel once more for all it has
        self.received = 0  # bytes of what the kernel sent, before any compression on the way
        self._hears = {
            "console": lambda m: self._said(m.type, m.text, m.location),
            "pageerror": lambda e: self._said("pageerror", str(e), {}),
            "request": lambda r: self.requests.append(r.url),
            "websocket": lambda s: s.on("framereceived", self._count),
        }
        for event, hear in self._hears.items():
            self.page.on(event, hear)
        if page:
            page.evaluate(OPEN, name)
        else:
            self.page.goto(f"{self.address}/lab/tree/{name}?token={token}&reset")
        self.page.wait_for_function(READY, arg=name, timeout=90_000, polling=POLLING_MS)

    def _said(self, kind, text, where):
        if LATE in text:
            self.late += 1
        else:
            self.console.append((kind, text, where))

    def _count(self, frame):
        self.received += len(frame if isinstance(frame, bytes) else frame.encode())

    def run_all(self, timeout_s=180):
        """Run all cells and wait for the last one; return the error outputs."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(
            """() => { const w = window.jupyterapp.shell.currentWidget;
                       const code = w.content.widgets.filter(c => c.model.type === 'code');
                       const failed = c => c.model.outputs.toJSON()
                         .some(o => o.output_type === 'error');
                       const done = c => c.model.executionCount || failed(c)
                         || !c.model.sharedModel.source.trim();
                       return w.sessionContext.session.kernel.status === 'idle'
                         && (code.every(done) || code.some(failed)); }""",
            timeout=timeout_s * 1000,
            polling=POLLING_MS,
        )
        return self.errors()

    def errors(self):
        """Return the error outputs of all cells."""
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets
                 .filter(c => c.model.type === 'code')
                 .flatMap(c => c.model.outputs.toJSON().filter(o => o.output_type === 'error')
                   .map(o => o.ename + ': ' + o.evalue))"""
        )

    def close(self):
        """End the kernel, which would stay as long as the server, and close the page."""
        self.page.evaluate(f"() => {NOTEBOOK}.sessionContext.shutdown()")
        self.page.close()

    def put_away(self):
        """End the kernel and close the notebook, and leave the page for the next one."""
        self.page.evaluate(PUT_AWAY)
        for event, hear in self._hears.items():
            self.page.remove_listener(event, hear)

    def away(self):
        """Return the requests that left the machine."""
        local = (self.address, self.address.replace("http", "ws"), "data:", "blob:", "about:")
        return [url for url in self.requests if not url.startswith(local)]
