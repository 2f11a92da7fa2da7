"""Firefox, and the engine of Safari: pages opened as a reader would, without a network.

Firefox is spoken to by WebDriver BiDi over a socket of its own, WebKitGTK by WebDriver over HTTP
and on a screen of its own (Xvfb). Both need nothing that JupyterLab does not bring. Used by
tests/test_other_browsers.py. What is asked of a page is a function's body in JavaScript.
"""

import contextlib
import itertools
import json
import os
import re
import shutil
import socketserver
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from tools.browser import LATE, free_port

NO_FIREFOX = "Firefox was not found, so NOTHING was opened in it: install firefox-esr."
NO_WEBKIT = (
    "WebKitGTK's driver or Xvfb was not found, so NOTHING was opened in the engine of Safari: "
    "install webkit2gtk-driver and xvfb."
)
WINDOW = (1366, 900)
# Without a graphics card, layers that are put together as by one take a third of all work.
PLAIN = {"WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
NOWHERE = "127.0.0.1", 9  # a port that answers nobody: only this machine can be reached
LOCAL = re.compile(r"(http|ws)://127\.0\.0\.1|(data|blob|about|file|chrome|resource|moz-[\w-]+):")
PREFERENCES = {
    "network.proxy.type": 1,
    "network.proxy.http": NOWHERE[0],
    "network.proxy.http_port": NOWHERE[1],
    "network.proxy.ssl": NOWHERE[0],
    "network.proxy.ssl_port": NOWHERE[1],
    "network.proxy.no_proxies_on": "127.0.0.1",
    "app.normandy.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.disable_beforeunload": True,
}
# What a page says wrong: WebKit's driver does not tell, so the page keeps it.
WATCH = """window.__faults = [];
const keep = (text) => __faults.push(String(text).slice(0, 600));
const { error } = console, whole = (one) => `${one} ${one?.cause ?? ''}`;
console.error = (...all) => { keep(all.map(whole).join(' ')); error.apply(console, all); };
addEventListener('error', (event) => keep(event.message));
addEventListener('unhandledrejection', (event) => keep(whole(event.reason)));"""
# No faults: that sizes are told in the next picture, and that a view came late.
NOTICE = re.compile(f"^ResizeObserver loop|{re.escape(LATE)}")


def firefox_path():
    """Return the path of an installed Firefox, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


def webkit_path():
    """Return the path of WebKit's driver, where its browser and Xvfb are installed too, or None."""
    return _minibrowser() and shutil.which("Xvfb") and shutil.which("WebKitWebDriver")


def _minibrowser():
    found = sorted(Path("/usr").glob("lib*/*/webkit2gtk-4.*/MiniBrowser"))
    return str(found[0]) if found else None


class Browser:
    """What both can do; `asked` is the addresses that pages asked for.

    `faults` is what they said wrong, `notices` what reads like it and is none.
    """

    def __init__(self):
        """Begin with nothing heard."""
        self.faults, self.notices, self.asked = [], [], []

    def fault(self, text):
        """Keep what a page said wrong."""
        (self.notices if NOTICE.search(text) else self.faults).append(text)

    def away(self):
        """Return the requests that left the machine."""
        return [url for url in self.asked if not LOCAL.match(url)]

    def js(self, body):
        """Run a function's body in the page and return its value."""
        raise NotImplementedError

    def until(self, body, seconds=90):
        """Wait until a function's body returns something true, and return that."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := self.js(body):
                return value
            time.sleep(0.2)
        raise AssertionError(f"waited {seconds} s in vain for: {body}")

    def press(self, key):
        """Press and release a key; its code as WebDriver has it."""
        actions = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.act({"type": "key", "id": "keys", "actions": actions})


class Firefox(Browser):
    """Firefox without a window, a profile of its own in `home`."""

    def __init__(self, home):
        """Start it, and listen to what its pages say and ask for."""
        import websocket  # it comes with JupyterLab

        super().__init__()
        lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items())
        Path(home, "user.js").write_text("\n".join(lines), encoding="utf-8")
        command = [firefox_path(), "--headless", "--no-remote", "--profile", home]
        self.process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "HOME": home},
        )
        told = (re.search(r"BiDi listening on (ws://\S+)", line) for line in self.process.stderr)
        address = next(filter(None, told))[1] + "/session"
        # What it says further must be read, else it would wait for a reader.
        threading.Thread(target=lambda: list(self.process.stderr), daemon=True).start()
        self.socket = websocket.create_connection(address, suppress_origin=True, timeout=120)
        self.numbers = itertools.count(1)
        self.send("session.new", capabilities={})
        # A window made by the driver has the focus; the first one never gets it.
        self.page = self.send("browsingContext.create", type="window")["context"]
        self.send("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        size = {"width": WINDOW[0], "height": WINDOW[1]}
        self.send("browsingContext.setViewport", context=self.page, viewport=size)

    def send(self, method, **params):
        """Send a command, hear what comes before its answer, and return the answer."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (heard := json.loads(self.socket.recv())).get("id") != number:
            told = heard.get("params", {})
            if heard.get("method") == "log.entryAdded" and told["level"] == "error":
                self.fault(str(told["text"])[:300])
            if heard.get("method") == "network.beforeRequestSent":
                self.asked.append(told["request"]["url"])
        if heard["type"] == "error":
            raise RuntimeError(heard["message"])
        return heard["result"]

    def hear(self):
        """Take in what the pages have said and asked for so far."""
        self.send("session.status")

    def goto(self, url):
        """Open an address and wait until it is loaded.

        Once more where the page there was, or the new one, just went elsewhere: as JupyterLab may
        after a reset.
        """
        where = {"context": self.page, "url": url, "wait": "complete"}
        try:
            self.send("browsingContext.navigate", **where)
        except RuntimeError as problem:
            if "NS_BINDING_ABORTED" not in str(problem):
                raise
            self.until("return document.readyState === 'complete'")
            self.send("browsingContext.navigate", **where)

    def _call(self, context, body):
        answer = self.send(
            "script.callFunction",
            functionDeclaration=f"() => {{ {body} }}",
            target={"context": context},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return answer["result"]

    def _value(self, context, body):
        text = self._call(context, f"return JSON.stringify((() => {{ {body} }})() ?? null)")
        return json.loads(text["value"])

    def js(self, body):
        """Run a function's body in the page and return its value."""
        return self._value(self.page, body)

    def within(self, frame, body):
        """Run a function's body in a frame, which is an expression in JavaScript."""
        context = self._call(self.page, f"return ({frame}).contentWindow")["value"]["context"]
        return self._value(context, body)

    def act(self, source):
        """Do what a keyboard or a mouse does."""
        self.send("input.performActions", context=self.page, actions=[source])

    def close(self):
        """End it, by its own process."""
        with contextlib.suppress(Exception):
            self.send("browser.close")
        self.socket.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Nowhere(socketserver.ThreadingTCPServer):
    """A proxy that writes down who was asked for, and answers nobody."""

    daemon_threads = True

    def __init__(self, asked):
        """Listen on a free port; `asked` is the list to write to."""
        super().__init__(("127.0.0.1", 0), _Refusal)
        self.asked = asked
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Refusal(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.asked.append(self.rfile.readline().decode("latin-1").strip())


class WebKit(Browser):
    """WebKitGTK's small browser on a screen that nobody sees."""

    def __init__(self, home):
        """Start a screen, the driver on a free port, and a window."""
        super().__init__()
        read, write = os.pipe()
        screen = [*("Xvfb", "-displayfd", str(write), "-nolisten", "tcp"), "-screen", "0"]
        self.screen = subprocess.Popen(
            [*screen, "1400x1000x24"], pass_fds=[write], stderr=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as told:
            display = ":" + told.readline().strip()
        port = free_port()
        self.address = f"http://127.0.0.1:{port}/session"
        self.process = subprocess.Popen(
            [webkit_path(), f"--port={port}"],
            env={**os.environ, **PLAIN, "HOME": home, "DISPLAY": display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.proxy = Nowhere(self.asked)
        size, proxy = "{}x{}".format(*WINDOW), f"http://127.0.0.1:{self.proxy.server_address[1]}"
        arguments = ["--automation", f"--geometry={size}", f"--proxy={proxy}"]
        options = {"args": [*arguments, "--ignore-host=127.0.0.1"], "binary": _minibrowser()}
        asked = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        for _ in range(100):  # until the driver answers
            with contextlib.suppress(urllib.error.URLError):
                self.address += "/" + self.call("", asked)["sessionId"]
                return
            time.sleep(0.2)
        raise RuntimeError("WebKit's driver did not answer")

    def call(self, path, body=None, method=None):
        """Send a command of WebDriver and return its value."""
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, data, kind, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as problem:
            raise RuntimeError(problem.read().decode()[:300]) from None

    def goto(self, url):
        """Open an address, having heard out the page before."""
        self.hear()
        self.call("/url", {"url": url})
        self.js(WATCH)

    def hear(self):
        """Keep what the page has said so far."""
        said = "const said = window.__faults || []; window.__faults = []; return said"
        for text in self.js(said):
            self.fault(text)

    def _value(self, body):
        script = f"return JSON.stringify((() => {{ {body} }})() ?? null)"
        return json.loads(self.call("/execute/sync", {"script": script, "args": []}))

    def js(self, body):
        """Run a function's body in the page and return its value."""
        return self._value(body)

    def within(self, frame, body):
        """Run a function's body in a frame, which is an expression in JavaScript."""
        found = self.call("/execute/sync", {"script": f"return {frame}", "args": []})
        self.call("/frame", {"id": found})
        try:
            return self._value(body)
        finally:  # the driver took the keyboard to the frame, and does not give it back
            self.call("/frame", {"id": None})
            self.js(
                "const had = document.activeElement; window.focus(); had.blur?.();"
                "had.focus?.({preventScroll: true})"
            )

    def act(self, source):
        """Do what a keyboard or a mouse does."""
        self.call("/actions", {"actions": [source]})

    def close(self):
        """End the window, the driver and the screen, each by its own process."""
        with contextlib.suppress(Exception):
            self.call("", method="DELETE")
        self.proxy.shutdown()
        self.proxy.server_close()
        for process in (self.process, self.screen):
            process.terminate()
            process.wait(20)


BROWSERS = {"firefox": (Firefox, firefox_path), "webkit": (WebKit, webkit_path)}
MISSING = {"firefox": NO_FIREFOX, "webkit": NO_WEBKIT}


@contextlib.contextmanager
def opened(kind):
    """Yield a browser with a home of its own, and end it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        browser = BROWSERS[kind][0](home)
        try:
            yield browser
        finally:
            browser.close()
