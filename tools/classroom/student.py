"""A scripted student: what a browser does in a class, without the browser.

Logs in through the hub's form, starts a server, opens a kernel, runs a lesson cell by cell over
the kernel's channels, and moves controls by the messages that JupyterLab sends for them.
"""

import asyncio
import json
import re
import time
import uuid
from dataclasses import dataclass, field

import aiohttp
import nbformat
from jupyter_server.services.kernels.connection.base import deserialize_binary_message

from tools.classroom.hub import START_S

CELL_S = 300  # a cell may take so long where twenty run on two cores
MOVES = 4  # of each control: three away, and back
PAUSE_S = 1.0  # between two moves of one hand
FINE_S = 1.0  # after so long, a slow view has begun its fine result


class LessonError(Exception):
    """A cell failed, a control stayed silent, or the hub refused."""


@dataclass
class Student:
    """One student; use as `async with Student(address, word, name) as student`."""

    address: str
    word: str
    name: str
    models: dict = field(default_factory=dict)  # the widgets' states by id, as a page keeps them
    printed: dict = field(default_factory=dict)  # what cells printed, by the cells' ids
    took: dict = field(default_factory=dict)  # seconds: login, server, map, lesson
    answers: list = field(default_factory=list)  # (view, seconds until its picture changed)
    silent: list = field(default_factory=list)  # moves after which the picture stayed as it was

    async def __aenter__(self):
        """Open the cookie jar; numbers as addresses keep cookies too."""
        jar = aiohttp.CookieJar(unsafe=True)
        limit = aiohttp.ClientTimeout(total=START_S)
        self.http = aiohttp.ClientSession(self.address, cookie_jar=jar, timeout=limit)
        self.channels = self.kernel = None
        return self

    async def __aexit__(self, *_):
        """Leave the kernel and the hub; the server is ended by the hub."""
        if self.channels:
            await self.channels.close()
        await self.http.close()

    # The hub

    async def login(self):
        """Fill in the hub's form."""
        begin = time.perf_counter()
        async with self.http.get("/hub/login") as page:
            form = {"username": self.name, "password": self.word, "_xsrf": self._xsrf("/hub/")}
            page.raise_for_status()
        async with self.http.post("/hub/login", data=form, allow_redirects=False) as answer:
            if answer.status != 302:
                raise LessonError(f"{self.name} was not let in: {answer.status}")
        self.took["login"] = time.perf_counter() - begin

    async def start(self):
        """Ask for a server and wait until JupyterLab's page comes, through the hub's own login."""
        begin = time.perf_counter()
        async with self.http.get("/hub/spawn") as page:  # leads to the page that waits
            page.raise_for_status()
        async with self.http.get(
            f"/hub/api/users/{self.name}/server/progress",
            params={"_xsrf": self._xsrf("/hub/")},
            headers={"Accept": "text/event-stream"},
        ) as events:
            events.raise_for_status()
            async for line in events.content:
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    if event.get("failed"):
                        raise LessonError(f"{self.name} got no server: {event}")
                    if event.get("ready"):
                        break
        async with self.http.get(f"/user/{self.name}/lab") as page:
            page.raise_for_status()
            if "jupyter-config-data" not in await page.text():
                raise LessonError(f"{self.name} asked for JupyterLab and came to {page.url}")
        self.took["server"] = time.perf_counter() - begin

    def _xsrf(self, path):
        """Return the token that forms and requests carry, as the page finds it in its cookies."""
        cookies = self.http.cookie_jar.filter_cookies(self.http._build_url(path))
        return cookies["_xsrf"].value

    async def ask(self, method, path, body=None):
        """Send a request to the student's own server; return the JSON, if any."""
        path = f"/user/{self.name}/{path}"
        headers = {"X-XSRFToken": self._xsrf(path)}
        async with self.http.request(method, path, json=body, headers=headers) as answer:
            if answer.status >= 400:
                raise LessonError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json() if answer.status != 204 else None

    # The kernel

    async def open(self, lesson):
        """Open a notebook with a kernel, as a click on its file does."""
        self.session, self.printed, self.clicked = uuid.uuid4().hex, {}, time.perf_counter()
        self.took.pop("map", None)
        wanted = {"name": lesson.name, "path": lesson.name, "type": "notebook"}
        found = await self.ask("POST", "api/sessions", {**wanted, "kernel": {"name": "python3"}})
        self.opened, self.kernel = found["id"], found["kernel"]["id"]
        await self.connect()

    async def connect(self):
        """Connect to the kernel's channels, once it is alive; leave those of a kernel before it."""
        if self.channels:
            self.ear.cancel()
            await self.channels.close()
        path = f"/user/{self.name}/api/kernels/{self.kernel}/channels"
        self.channels = await self.http.ws_connect(
            path, params={"session_id": self.session}, max_msg_size=0
        )
        self.models, self.heard = {}, asyncio.Queue()
        self.ear = asyncio.create_task(self._hear())
        await self._until_idle(await self._send("shell", "kernel_info_request", {}))

    async def leave(self):
        """Shut the notebook and its kernel."""
        self.ear.cancel()
        await self.channels.close()
        self.channels = None
        await self.ask("DELETE", f"api/sessions/{self.opened}")

    async def _send(self, channel, kind, content):
        head = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": self.session}
        head |= {"username": self.name, "version": "5.3"}
        message = {"header": head, "parent_header": {}, "metadata": {}, "content": content}
        await self.channels.send_json({**message, "channel": channel, "buffers": []})
        return head["msg_id"]

    async def _hear(self):
        """Take in all that the kernel says, as it comes; keep the widgets' states up to date."""
        torn = None
        async for frame in self.channels:
            if frame.type is aiohttp.WSMsgType.ERROR:
                torn = frame.data
                break
            binary = frame.type is aiohttp.WSMsgType.BINARY
            message = deserialize_binary_message(frame.data) if binary else json.loads(frame.data)
            content, kind = message["content"], message["header"]["msg_type"]
            if kind == "comm_open":
                self.models[content["comm_id"]] = dict(content["data"].get("state", {}))
            elif kind == "comm_msg" and content["data"].get("method") == "update":
                self.models.setdefault(content["comm_id"], {}).update(content["data"]["state"])
            elif kind == "status" and content["execution_state"] in ("restarting", "dead"):
                message = LessonError(f"{self.name}: the kernel is {content['execution_state']}")
            self.heard.put_nowait(message)
        why = f"code {self.channels.close_code}, {torn or self.channels.exception()!r}"
        closed = f"{self.name}: the kernel's channels were closed ({why})"
        self.heard.put_nowait(LessonError(closed))

    async def _next(self):
        """Return the next message, or raise what befell the kernel."""
        message = await asyncio.wait_for(self.heard.get(), CELL_S)
        if isinstance(message, LessonError):
            raise message
        return message

    async def _until_idle(self, request):
        """Return the messages that answer a request, up to the kernel's rest after it."""
        answers, rested, replied = [], False, False
        while not (rested and replied):
            message = await self._next()
            kind, content = message["header"]["msg_type"], message["content"]
            if message["parent_header"].get("msg_id") == request:
                answers.append(message)
                rested |= kind == "status" and content["execution_state"] == "idle"
                replied |= kind.endswith("_reply")
        return answers

    async def run(self, lesson, cells=None):
        """Run the lesson's code cells in their order, or the first few; stop at an error.

        `took` gets the seconds of them all, and those from the click on the lesson to the end of
        the cell with its first live view.
        """
        begin = time.perf_counter()
        code = [c for c in nbformat.read(lesson, as_version=4).cells if c.cell_type == "code"]
        for cell in code[:cells]:
            await self.execute(cell.source, cell.id)
            if "map" not in self.took and self.views():
                self.took["map"] = time.perf_counter() - self.clicked
        self.took["lesson"] = time.perf_counter() - begin

    async def execute(self, source, name=""):
        """Run one cell; what it printed is kept under its name."""
        content = {"code": source, "silent": False, "store_history": True}
        content |= {"user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        request = await self._send("shell", "execute_request", content)
        texts = []
        for message in await self._until_idle(request):
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "error":
                raise LessonError(f"{name}: {content['ename']}: {content['evalue']}")
            if kind == "stream":
                texts.append(content["text"])
        self.printed[name] = "".join(texts)

    # The controls

    def views(self):
        """Return [(map, [controls])] by ids, found as the page finds them: by what is in what."""
        found = []
        for state in list(self.models.values()):
            children = [_id(child) for child in state.get("children") or []]
            last = children[-1] if children else None
            if "layer_keys" in self.models.get(last, {}):
                row = self.models[children[0]]["children"]
                found.append((last, [_id(child) for child in row]))
        return found

    async def move_all(self, moves=MOVES, pause=PAUSE_S):
        """Move each control of each view, waiting for the picture and for a pause.

        `answers` gets the view and the seconds of each move; `silent` the moves that changed no
        picture, which is right where two positions look alike.
        """
        for picture, controls in self.views():
            for control in controls:
                for state in _steps(self.models[control], moves):
                    await self._move(control, state, picture)
                    await asyncio.sleep(pause)
        await asyncio.sleep(FINE_S)
        await self._until_idle(await self._send("shell", "kernel_info_request", {}))
        for model in self.models.values():
            if model.get("error"):
                raise LessonError(f"{model['title']}: {model['error']}")

    async def _move(self, control, state, picture):
        """Send a control's new value as the page does; wait for the changed picture."""
        begin = time.perf_counter()
        data = {"method": "update", "state": state, "buffer_paths": []}
        request = await self._send("shell", "comm_msg", {"comm_id": control, "data": data})
        changed = False
        while True:
            message = await self._next()
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "comm_msg" and content["comm_id"] == picture and not changed:
                took = time.perf_counter() - begin
                self.answers.append((self.models[picture]["title"], took))
                changed = True
            if kind == "status" and content["execution_state"] == "idle":
                break
        if not changed:
            self.silent.append((self.models[picture]["title"], state))


def _id(reference):
    return re.sub("^IPY_MODEL_", "", reference)


def _steps(state, moves):
    """Return the states to send, one for each move: away from where a control is, and back."""
    kind = state.get("_model_name", "")
    if kind in ("IntSliderModel", "FloatSliderModel"):
        key, low, high, step = "value", state["min"], state["max"], state["step"]
        stops = [low + i * step for i in range(int((high - low) / step + 1e-9) + 1)]
    elif kind == "CheckboxModel":
        key, stops = "value", [False, True]
    elif "_options_labels" in state and isinstance(state.get("index"), int):
        key, stops = "index", list(range(len(state["_options_labels"])))
    else:  # play buttons move their slider; texts and ranges are moved by other tests
        return []
    others = [stop for stop in stops if stop != state[key]]
    away = [others[round(i * (len(others) - 1) / max(1, moves - 2))] for i in range(moves - 1)]
    away = [stop for stop, before in zip(away, [None, *away], strict=False) if stop != before]
    return [{key: stop} for stop in [*away, state[key]]]
