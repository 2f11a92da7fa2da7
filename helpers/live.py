"""The map that answers to controls: decorate a function of the controls, return layers.

    @live("Satellites in view", hour=play(range(24), "hour"), mask_deg=(0, 30, 5))
    def sky(hour, mask_deg):
        return maps.grid(...), f"At {hour}:00 UTC ..."

The map is drawn once; each move of a control sends only the layers that changed. The function stays
an ordinary one: `sky(3, 15)` returns its layers. A text among what it returns is the headline.
"""

import asyncio
import contextlib
import contextvars
import ctypes
import functools
import gzip
import inspect
import itertools
import json
import logging
import signal
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import anywidget
import ipywidgets as widgets
import traitlets
from IPython import get_ipython
from IPython.display import display

from helpers import NEW_VIEW, SHOW_SOURCE, maps
from helpers.inputs import InputError
from helpers.kept import kept

__all__ = ["live", "play", "progress"]

SLOTS = 12  # layers one map can change
FINE_AFTER_S = 0.35  # a control that rests so long gets the fine result
BAR_AFTER_S, BAR_STEP = 1.0, 0.1  # longer computations show a bar, which moves by such steps
STORE_AFTER_S = 1.5  # what is shown so long is stored as text, for a page without this kernel
REMEMBERED = 24  # answers that a view keeps, for when its controls stand so again
STOPPED = "Stopped: controls and picture are as they were before. Move a control to go on."

_views = weakref.WeakValueDictionary()  # the open ones by their `id`, in the order of their making
_running = []  # the views now computing, innermost last
# Computes fine results while controls are heard; there are no threads in a browser.
_aside = ThreadPoolExecutor(1) if sys.platform != "emscripten" else None


class LiveError(InputError):
    """A view's function failed; shown in a notebook as one sentence, and a failure to tests."""


class MapParts(widgets.Widget):
    """What all live maps share, their code and more: sent once, packed, unpacked by loader.js.

    Each view names it, none closes it, so it is there for a second view and a page opened again.
    """

    code = "".join((maps.STATIC / n).read_text("utf-8") for n in ("chinese.js", "widget.js"))
    style = (maps.STATIC / "widget.css").read_text("utf-8")
    packed = traitlets.Bytes().tag(sync=True)
    _of_this_kernel = None

    @classmethod
    def of_this_kernel(cls):
        """Return the one of this kernel; a new one where somebody closed all widgets."""
        if cls._of_this_kernel is None or cls._of_this_kernel.comm is None:
            cls._of_this_kernel = cls(packed=kept("parts", cls._pack, maps.origins()))
        return cls._of_this_kernel

    @classmethod
    def _pack(cls):
        shared = {**maps.assets(), "widget": cls.code, "style": cls.style}
        return gzip.compress(json.dumps(shared).encode(), 5, mtime=0)


class LiveMap(anywidget.AnyWidget):
    """The widget: a frame with an offline map, a headline, and the twins beneath.

    Each layer travels in a trait of its own (`layer_0` …); a page opened again finds them all.
    """

    _esm = (maps.STATIC / "loader.js").read_text("utf-8")  # a file would be watched and so kept
    key = traitlets.Unicode().tag(sync=True)  # of what is stored: a widget of the view
    page = traitlets.Unicode().tag(sync=True)
    parts = traitlets.Instance(MapParts, allow_none=True).tag(
        sync=True, **widgets.widget_serialization
    )
    source = traitlets.Dict().tag(sync=True)  # {file: code} of what draws outside the lesson
    title = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(520).tag(sync=True)
    headline = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    computing = traitlets.Bool(False).tag(sync=True)  # the fine result is on its way
    twin = traitlets.Unicode().tag(sync=True)
    twin_open = traitlets.Bool(False).tag(sync=True)
    narrow = traitlets.Bool(False).tag(sync=True)  # a page shows its charts as on a telephone
    layer_keys = traitlets.List([f"layer_{i}" for i in range(SLOTS)]).tag(sync=True)
    for _i in range(SLOTS):
        locals()[f"layer_{_i}"] = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)

    def __repr__(self):
        return f"{self.title}. {self.headline}".strip()

    def show(self, layers, whole=True):
        """Send layers that changed, take missing ones away; `whole`: charts for telephones, too."""
        maps.once([layer.name for layer in layers], f"the layers of {self.title!r}")
        if len(layers) > SLOTS:
            most = f"a live map takes up to {SLOTS}"
            raise InputError(f"{self.title!r} has {len(layers)} layers; {most}.")
        with self.hold_sync():
            for key, layer in itertools.zip_longest(self.layer_keys, layers):
                now, spec = getattr(self, key) or {}, layer and layer.drawn
                if layer and (whole or self.narrow or spec.get("wide", 0) == now.get("wide")):
                    spec = layer.spec
                setattr(self, key, spec)


class LiveView:
    """A function with its controls and its map. Made by `live`; call it like the function itself.

    Attributes: `controls` {name: widget}, `map`, `error` (or None), and what is shown: `layers`.
    """

    def __init__(self, function, title, controls, bounds, height, with_map):
        """Build the controls and the empty map; `live` then moves it for the first time."""
        functools.update_wrapper(self, function)
        self.function, self.title = function, title
        parameters = inspect.signature(function).parameters
        self.has_fine = "fine" in parameters
        wanted = [name for name in parameters if name != "fine"]
        if odd := sorted(set(wanted) ^ set(controls)):
            pair = f"{function.__name__}() and its controls"
            raise InputError(f"{pair} do not match: {odd[0]!r} is only in one.")
        self.controls = {n: _control(n, controls[n], parameters[n].default) for n in wanted}
        page = maps.live_page(title, bounds) if with_map else ""
        drawn = {"page": page, "parts": MapParts.of_this_kernel()}
        drawn["source"] = dict(item for find in SHOW_SOURCE for item in find(function).items())
        self.bar = widgets.FloatProgress(max=1, layout={"width": "60%", "display": "none"})
        self.map = LiveMap(title=title, height=height, key=self.bar.model_id, **drawn)
        self.layers, self.error, self.dropped = [], None, False
        self._later = self.slow = None  # the fine result: the timer before it, the thread's answer
        self._resting, self._stored = None, False  # the timer of what is stored; whether some is
        self._shown = {}  # where the controls stood when what is shown was computed
        self._known = {}  # what `answer` remembers
        self.cell, self.run = _cell(function)
        parts = [w for one in self.controls.values() for w in (one, *getattr(one, "extras", ()))]
        look = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "2px 14px"}
        row = widgets.HBox(parts, layout=look)
        row.add_class("silkroad-controls")  # the page finds the controls by it, to name them
        self.box = widgets.VBox([row, self.bar, self.map])
        self.box.add_class("silkroad-view")
        for control in self.controls.values():
            control.observe(self._moved, "value")
        self.map.observe(self._twin_opened, "twin_open")
        self.parts = {p.model_id for p in _within(self.box) if not isinstance(p, widgets.Button)}

    def __call__(self, *args, **kwargs):
        """Call the function itself and return what it returns."""
        return self.function(*args, **kwargs)

    def values(self):
        """Return where the controls stand, as {name: value}."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def summary(self):
        """What is shown now, in words."""
        title = self.title if self.title.endswith("?") else f"{self.title}."
        words = [title, self.map.headline, *(layer.summary for layer in self.layers)]
        return " ".join(filter(None, words))

    def update(self, fine=True, found=None):
        """Show what the function returns for the controls' values, or `found()`; return success."""
        said = self.map.headline
        self.drop()
        self.thread = threading.get_ident()
        _hear_stop()
        try:
            layers, headline = found() if found else self._found(self.values(), fine)
            with self.map.hold_sync():  # one message, one picture
                self.map.show(layers, whole=not found)
                self.map.headline, self.map.error = headline, ""
                self.map.computing = self.has_fine and not fine
        except Exception as problem:
            # A control is never silent: the reader gets a sentence, tests get the error.
            self.error, self.map.computing = problem, False
            self.map.error = _sentence(problem, self.function.__name__, self.values())
            return False
        except KeyboardInterrupt:
            self._put_back(said)
            if _asked().get("msg_type") != "comm_msg":  # a cell is stopped as a whole
                raise
            return False
        self.layers, self.error, self._shown = layers, None, self.values()
        self._twin_opened()
        if self._resting:
            self._resting.cancel()
        with contextlib.suppress(RuntimeError):  # no event loop, as in a plain test: no page
            self._resting = asyncio.get_running_loop().call_later(STORE_AFTER_S, self._store)
        return True

    def answer(self, values, fine=True):
        """Return (layers, headline) for values of the controls, from memory if they are there."""
        known, key = self._known, self._key(values, fine)
        if not (found := known.get(key)):
            found = known[key] = self._found(values, fine)
            if len(known) > REMEMBERED:
                del known[next(iter(known))]
        return found

    def _key(self, values, fine):
        key = fine, *values.values()
        with contextlib.suppress(TypeError):  # a list has no hash: it is like none before
            return hash(key), key
        return object()

    def _found(self, values, fine):
        extra, self.computes = {"fine": fine} if self.has_fine else {}, threading.get_ident()
        _running.append(self)
        try:
            return _sort(self.function(**values, **extra), self.function.__name__)
        finally:
            _running.remove(self)
            self.bar.layout.display = "none"

    def _put_back(self, headline):
        """After Stop in the middle of a move: controls, picture and headline as before it."""
        shown, self._shown = self._shown, None  # the controls are not answered now
        for name, value in shown.items():
            self.controls[name].value = value
        self._shown = shown
        self.map.show(self.layers)
        self.map.headline, self.map.error, self.map.computing = headline, STOPPED, False

    def _moved(self, change):
        if self._shown is None:
            return
        values, by_hand = self.values(), _asked().get("msg_type") == "comm_msg"
        fine = not self.has_fine or self._key(values, True) in self._known
        # A cell may just have changed what the function reads.
        self.update(fine, functools.partial(self.answer, values, fine) if by_hand else None)
        if not fine and self.map.error != STOPPED:  # which a finer picture would wipe away
            try:
                loop = asyncio.get_running_loop()
                then = (self._at_rest, loop) if _aside else (self.update,)
                self._later = loop.call_later(FINE_AFTER_S, *then)
            except RuntimeError:  # no event loop, as in a plain test: there is no "later"
                self.update()

    def _at_rest(self, loop):
        self._later = None
        _hear_stop()
        told = contextvars.copy_context()  # what it sends says what it answers
        self.slow = _aside.submit(told.run, self.answer, self.values())
        tell = functools.partial(loop.call_soon_threadsafe, self._arrived, context=told)
        self.slow.add_done_callback(tell)

    def _arrived(self, slow):
        if self.slow is slow:  # nothing newer was asked
            self.slow = None
            with contextlib.suppress(KeyboardInterrupt):
                self.update(found=slow.result)

    def drop(self):
        """Give up the fine result that is due or under way, and wait for the end of its step."""
        later, slow, self._later, self.slow = self._later, self.slow, None, None
        if later:
            later.cancel()
        if slow and not slow.cancel() and self.computes != threading.get_ident():
            self.dropped = True
            if isinstance(problem := slow.exception(), Exception):
                said = _sentence(problem, self.function.__name__, self._shown or {})
                logging.getLogger(__name__).error(said, exc_info=problem)
            self.dropped = False

    def _twin_opened(self, change=None):
        if self.map.twin_open:  # closed, the tables cost nothing
            self.map.twin = maps.twins(self.layers, self.summary)

    def _store(self):
        """Lay what is shown beneath the view as text: all that a page without this kernel has."""
        self._resting.cancel()
        self.map.show(self.layers)
        text = maps.stored(self.layers, self.summary, self.map.key)
        display(text, raw=True, display_id=self.map.key, update=self._stored)
        self._resting, self._stored = None, True

    def close(self):
        """Take the widgets away, but for controls that another view has too; answer to nothing."""
        if self.box.comm is None:  # closed before
            return
        self.drop()
        if self._resting:
            self._resting.cancel()
        for control in self.controls.values():
            control.unobserve(self._moved, "value")
        _views.pop(id(self), None)
        kept = {part for view in _views.values() for part in _within(view.box)}
        for part in [part for part in _within(self.box) if part not in kept]:
            part.close()

    def _repr_mimebundle_(self, **kwargs):
        # In words the same in every run; a widget's own would name its parts.
        words = {"text/plain": repr(self.map), "text/html": "<!-- as text: beneath -->"}
        return {**self.box._repr_mimebundle_(**kwargs), **words}


def live(title, *, bounds=maps.WORLD, height=520, map=True, **controls):
    """Decorate a function of the controls that returns layers; shows controls and map at once.

    title: what the map shows. bounds, height: as in `maps.world`. map=False: charts only.
    controls: one per parameter: a widget, or a shorthand as for ipywidgets' `interact`
    ((min, max), (min, max, step), a list or dict of choices, True or False), or `play(...)`.
    A default in the function's signature is where the control starts. A parameter called `fine`
    gets False while a control moves, for a coarse preview, and True once it rests.
    A cell that runs again replaces its own views and nobody else's, whatever they are called.
    Raises LiveError where the first call fails, so that a broken cell fails its test.
    """

    def decorate(function):
        view = LiveView(function, title, controls, bounds, height, map)
        old = [v for v in _views.values() if v.cell == view.cell and v.run != view.run]
        _views[id(view)] = view
        for one in old:
            one.close()
        for told in NEW_VIEW:
            told(view)
        if shell := get_ipython():
            shell.events.register("post_run_cell", _settle)  # once, however often it is said
            shell.events.register("pre_execute", _forget)
        display(view)
        if not view.update():
            raise LiveError(view.map.error) from view.error
        return view

    return decorate


def play(choices, label="", *, value=None, every_ms=400, form=str):
    """A slider over `choices` with a play button; `form` turns a choice into its readout."""
    options = [(form(choice), choice) for choice in choices]
    slider = widgets.SelectionSlider(options=options, value=choices[0] if value is None else value)
    button = widgets.Play(min=0, max=len(options) - 1, value=slider.index, interval=every_ms)
    button.tooltip = f"Play {label}".strip()
    # Linked in the page: playing needs no round trip of its own. When a hand moves the slider, the
    # page tells the button's place first, and the answer begins with that.
    slider.link = widgets.jslink((button, "value"), (slider, "index"))
    button.observe(lambda change: slider.set_state({"index": change["new"]}), "value")
    slider.description, slider.extras = label, (button,)
    return slider


def progress(steps, total=None):
    """Pass `steps` on, best below 50 ms each: a fine result is dropped before the next of them.

    Where they take more than a second, the running view shows a bar.
    """
    total = total or len(steps)
    mine = [view for view in _running if view.computes == threading.get_ident()]
    view, due = mine[-1] if mine else None, time.monotonic() + BAR_AFTER_S
    for done, step in enumerate(steps):
        if view and view.dropped:
            raise KeyboardInterrupt  # as by Stop
        yield step
        share = (done + 1) / total
        if view and time.monotonic() > due and not 0 <= share - view.bar.value < BAR_STEP:
            view.bar.layout.display, view.bar.value = "", share


def _asked():
    """Return the message that the kernel answers now, {} outside of a notebook."""
    return getattr(get_ipython(), "parent_header", None) or {}


def _cell(function):
    """Return (cell, run) of a new view; where no id of the cell is sent, its name and text."""
    asked, shell = _asked(), get_ipython()
    text = shell.user_ns.get("In", [""])[-1] if shell else ""
    named = (function.__module__, function.__qualname__, text)
    return asked.get("metadata", {}).get("cellId", named), asked.get("msg_id", object())


def _forget():
    """At each message: what is not for a view, or for a button, may change what the view reads."""
    to = _asked().get("content", {}).get("comm_id")
    for view in [view for view in _views.values() if to not in view.parts]:
        view._known = {}


def _settle(*result):
    """At a cell's end show fine results that are due, and store them: no preview is saved."""
    _forget()
    for view in [view for view in _views.values() if view.thread == threading.get_ident()]:
        if view._later or view.slow:
            with contextlib.suppress(KeyboardInterrupt):
                view.update()
        if view._resting:
            view._store()


def _hear_stop():
    """Have Stop heard between messages, too, where a kernel takes no notice of it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        listen = functools.partial(signal.signal, signal.SIGINT, _stop)
        # JupyterLab lets a thread of its own answer the controls; signals are the main thread's.
        main = threading.current_thread() is threading.main_thread()
        listen() if main else get_ipython().kernel.io_loop.add_callback(listen)


def _stop(*signal):
    """Pass Stop, which reaches the main thread alone, on to the threads that compute views."""
    for view in list(_running):
        if view.computes == threading.main_thread().ident:
            raise KeyboardInterrupt
        raising = ctypes.c_ulong(view.computes), ctypes.py_object(KeyboardInterrupt)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(*raising)


def _control(name, given, start):
    control = widgets.interactive.widget_from_abbrev(given, start)
    if control is None:
        what = f"control {name!r}: {given!r} makes no control"
        raise InputError(f"{what}; give a widget, a range or a list.")
    if not control.description:
        control.description = name.replace("_deg", " (°)").replace("_", " ")
    if isinstance(control, widgets.Checkbox):
        control.indent = False
    if isinstance(control, widgets.SelectionSlider | widgets.IntSlider | widgets.FloatSlider):
        control.layout.width = "360px"
    return control


def _within(widget):
    """Yield a widget with all that it holds; what of it stayed would spoil a page opened again."""
    yield widget
    parts = [getattr(widget, name, None) for name in ("layout", "style", "link")]
    for part in (*getattr(widget, "children", ()), *filter(None, parts)):
        yield from _within(part)


def _sort(result, name):
    """Return (layers, headline) from whatever the function returned."""
    items = result if isinstance(result, tuple | list) else (result,)
    for item in items:
        if not isinstance(item, maps.Layer | str):
            what = f"{name}() returned a {type(item).__name__}"
            raise InputError(f"{what}; return layers and at most a text.")
    words = " ".join(item for item in items if isinstance(item, str))
    return [item for item in items if isinstance(item, maps.Layer)], words


def _sentence(problem, name, values):
    if isinstance(problem, InputError):
        return str(problem)
    at = ", ".join(f"{k}={v!r}" for k, v in values.items())
    return f"{name}({at}) failed: {type(problem).__name__}: {problem}"
