"""The map that answers to controls: decorate a function of the controls, return layers.

    @live("Satellites in view", hour=play(range(24), "hour"), mask_deg=(0, 30, 5))
    def sky(hour, mask_deg):
        return maps.grid(...), f"At {hour}:00 UTC ..."

The map is drawn once; each move of a control sends only the layers that changed, so the reader's
view stays and nothing flickers. The function stays an ordinary function: `sky(3, 15)` returns its
layers, which is how the tests call it. A text among what it returns is the headline, a matplotlib
chart comes from `maps.chart`.
"""

import contextlib
import ctypes
import functools
import gzip
import inspect
import itertools
import json
import signal
import threading
import time
import weakref

import anywidget
import ipywidgets as widgets
import traitlets
from IPython import get_ipython
from IPython.display import display

from helpers import SHOW_SOURCE, maps
from helpers.inputs import InputError
from helpers.maps import Layer

__all__ = ["live", "play", "progress"]

SLOTS = 12  # layers one map can change
FINE_AFTER_S = 0.35  # a control that rests so long gets the fine result
BAR_AFTER_S = 1.0  # computations longer than this show a progress bar
STOPPED = "Stopped: controls and picture are as they were before. Move a control to go on."

_views = weakref.WeakValueDictionary()  # the open ones by their `id`, in the order of their making
_running = []  # the views now computing, innermost last


class LiveError(RuntimeError):
    """A view's function failed; shown in a notebook as one sentence, and a failure to tests."""

    def _render_traceback_(self):
        return [str(self)]


class MapParts(widgets.Widget):
    """What the pages of all live maps share: sent once, packed, put in its place by widget.js.

    Each view names it, none closes it, so it is there for a second view and a page opened again.
    """

    packed = traitlets.Bytes().tag(sync=True)
    _of_this_kernel = None

    @classmethod
    def of_this_kernel(cls):
        """Return the one of this kernel; a new one where somebody closed all widgets."""
        if cls._of_this_kernel is None or cls._of_this_kernel.comm is None:
            cls._of_this_kernel = cls(packed=gzip.compress(json.dumps(maps.assets()).encode(), 6))
        return cls._of_this_kernel


class LiveMap(anywidget.AnyWidget):
    """The widget: a frame with an offline map, a headline, and the twins beneath.

    Each layer travels in a trait of its own (`layer_0` …), so only changed ones are sent, and a
    second view or a reloaded page finds all of them in the widget's state.
    """

    # As text: anywidget watches files, and what watches would keep each map that was replaced.
    _esm = "".join((maps.STATIC / n).read_text("utf-8") for n in ("chinese.js", "widget.js"))
    _css = (maps.STATIC / "widget.css").read_text("utf-8")
    page = traitlets.Unicode().tag(sync=True)
    parts = traitlets.Instance(MapParts, allow_none=True).tag(
        sync=True, **widgets.widget_serialization
    )
    source = traitlets.Dict().tag(sync=True)  # {file: code} of what draws outside the lesson
    title = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(520).tag(sync=True)
    headline = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    twin = traitlets.Unicode().tag(sync=True)
    twin_open = traitlets.Bool(False).tag(sync=True)
    layer_keys = traitlets.List([f"layer_{i}" for i in range(SLOTS)]).tag(sync=True)
    for _i in range(SLOTS):
        locals()[f"layer_{_i}"] = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    del _i

    def __repr__(self):
        return f"{self.title}. {self.headline}".strip()

    def show(self, layers):
        """Put these layers on the map: changed ones are sent, missing ones taken away."""
        maps.once([layer.name for layer in layers], f"the layers of {self.title!r}")
        if len(layers) > SLOTS:
            most = f"a live map takes up to {SLOTS}"
            raise InputError(f"{self.title!r} has {len(layers)} layers; {most}.")
        with self.hold_sync():
            for key, layer in zip(
                self.layer_keys, [*layers, *[None] * (SLOTS - len(layers))], strict=True
            ):
                setattr(self, key, layer.spec if layer else None)


class LiveView:
    """A function with its controls and its map. Made by `live`; call it like the function itself.

    Attributes: `controls` {name: widget}, `map` (a LiveMap), `error` (the last exception or None),
    `layers`, `summary` and `tables` of what is shown now.
    """

    def __init__(self, function, title, controls, bounds, height, with_map):
        """Build the controls and the empty map; `live` then moves it for the first time."""
        functools.update_wrapper(self, function)
        self.function = function
        self.title = title
        parameters = inspect.signature(function).parameters
        names = list(parameters)
        self._has_fine = "fine" in names
        wanted = [n for n in names if n != "fine"]
        if set(wanted) != set(controls):
            odd = sorted(set(wanted) ^ set(controls))[0]
            raise InputError(
                f"{function.__name__}() and its controls do not match: {odd!r} is only in one."
            )
        self.controls = {
            name: _control(name, controls[name], parameters[name].default) for name in wanted
        }
        page = maps.OfflineMap(title=title, bounds=bounds, height=height, live=True).page
        self.map = LiveMap(
            page=page() if with_map else "",
            parts=MapParts.of_this_kernel() if with_map else None,
            title=title,
            height=height,
            source=dict(item for find in SHOW_SOURCE for item in find(function).items()),
        )
        self.bar = widgets.FloatProgress(max=1, layout={"width": "60%", "display": "none"})
        self.layers, self.error, self._later = [], None, None
        self._shown = {}  # where the controls stood when what is shown was computed
        self.cell, self.run = _cell(function)
        parts = [(one, *getattr(one, "extras", ())) for one in self.controls.values()]
        look = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "2px 14px"}
        row = widgets.HBox(list(itertools.chain(*parts)), layout=look)
        row.add_class("silkroad-controls")  # the page finds the controls by it, to name them
        self.box = widgets.VBox([row, self.bar, self.map])
        self.box.add_class("silkroad-view")
        for control in self.controls.values():
            control.observe(self._moved, "value")
        self.map.observe(self._twin_opened, "twin_open")

    def __call__(self, *args, **kwargs):
        """Call the function itself and return what it returns."""
        return self.function(*args, **kwargs)

    def values(self):
        """Return where the controls stand, as {name: value}."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def summary(self):
        """What is shown now, in words."""
        words = [f"{self.title}.", self.map.headline, *(layer.summary for layer in self.layers)]
        return " ".join(filter(None, words))

    @property
    def tables(self):
        """What is shown now, as DataFrames by layer name."""
        return {layer.name: layer.table for layer in self.layers}

    def update(self, fine=True):
        """Call the function with the controls' values and show the result; return success."""
        extra, said = {"fine": fine} if self._has_fine else {}, self.map.headline
        self.thread = threading.get_ident()
        _running.append(self)
        _hear_stop()
        try:
            layers, headline = _sort(
                self.function(**self.values(), **extra), self.function.__name__
            )
            self.map.show(layers)
            self.map.headline, self.map.error = headline, ""
        except Exception as problem:
            # A control is never silent: the reader gets a sentence, tests get the error.
            self.error = problem
            self.map.error = _sentence(problem, self.function.__name__, self.values())
            return False
        except KeyboardInterrupt:
            self._put_back(said)
            if _asked().get("msg_type") != "comm_msg":  # a cell is stopped as a whole
                raise
            return False
        finally:
            _running.remove(self)
            self.bar.layout.display = "none"
        self.layers, self.error, self._shown = layers, None, self.values()
        self._twin_opened()
        return True

    def _put_back(self, headline):
        """After Stop in the middle of a move: controls, picture and headline as before it."""
        shown, self._shown = self._shown, None  # the controls are not answered now
        for name, value in shown.items():
            self.controls[name].value = value
        self._shown = shown
        self.map.show(self.layers)
        self.map.headline, self.map.error = headline, STOPPED

    def _moved(self, change):
        import asyncio  # every kernel has it; elsewhere it would be loaded for nothing

        if self._shown is None:
            return
        if self._later:
            self._later.cancel()
        self.update(fine=not self._has_fine)
        if not self._has_fine:
            return
        try:
            self._later = asyncio.get_running_loop().call_later(FINE_AFTER_S, self._at_rest)
        except RuntimeError:  # no event loop, as in a plain test: there is no "later"
            self.update()

    def _at_rest(self):
        self._later, later = None, self._later
        later.cancel()  # where the end of a cell came first
        with contextlib.suppress(KeyboardInterrupt):
            self.update()

    def _twin_opened(self, change=None):
        if self.map.twin_open:  # closed, the tables cost nothing
            self.map.twin = maps.twins(self.layers, self.summary)

    def close(self):
        """Take the widgets away, but for controls that another view has too; answer to nothing."""
        if self.box.comm is None:  # closed before
            return
        if self._later:
            self._later.cancel()
        for control in self.controls.values():
            control.unobserve(self._moved, "value")
        _views.pop(id(self), None)
        kept = {part for view in _views.values() for part in _within(view.box)}
        for part in [part for part in _within(self.box) if part not in kept]:
            part.close()

    def _repr_mimebundle_(self, **kwargs):
        # In words the same in every run; a widget's own would name its parts.
        return {**self.box._repr_mimebundle_(**kwargs), "text/plain": repr(self.map)}


def live(title, *, bounds=maps.WORLD, height=520, map=True, **controls):
    """Decorate a function of the controls that returns layers; shows controls and map at once.

    title: what the map shows. bounds, height: as in `maps.world`. map=False: charts only.
    controls: one per parameter: a widget, or a shorthand as for ipywidgets' `interact`
    ((min, max), (min, max, step), a list or dict of choices, True or False), or `play(...)`.
    A default in the function's signature is where the control starts.
    A parameter called `fine` gets False while a control moves and True once it rests: return a
    coarse preview first and the slow, fine result after.
    A cell that runs again replaces its own views and nobody else's, whatever they are called.
    Raises LiveError where the first call fails, so that a broken cell fails its test.
    """

    def decorate(function):
        view = LiveView(function, title, controls, bounds, height, map)
        old = [v for v in _views.values() if v.cell == view.cell and v.run != view.run]
        _views[id(view)] = view
        for one in old:
            one.close()
        if shell := get_ipython():
            shell.events.register("post_run_cell", _settle)  # once, however often it is said
        display(view)
        if not view.update():
            raise LiveError(view.map.error) from view.error
        return view

    return decorate


def views():
    """Return the live views of this kernel by function name; one more of a name has a number."""
    found = {}
    for view in _views.values():
        name = f"{view.function.__module__}.{view.function.__qualname__}"
        found[f"{name} {len(found) + 1}" if name in found else name] = view
    return found


def play(choices, label="", *, value=None, every_ms=400, form=str):
    """A slider over `choices` with a play button; `form` turns a choice into its readout."""
    options = [(form(choice), choice) for choice in choices]
    slider = widgets.SelectionSlider(options=options, value=choices[0] if value is None else value)
    button = widgets.Play(min=0, max=len(options) - 1, value=slider.index, interval=every_ms)
    button.tooltip = f"Play {label}".strip()
    # Linked in the page, so that playing needs no round trip of its own.
    slider.link = widgets.jslink((button, "value"), (slider, "index"))
    slider.description = label
    slider.extras = (button,)
    return slider


def progress(steps, total=None):
    """Pass `steps` through; where they take more than a second, the running view shows a bar."""
    total = total or len(steps)
    mine = [view for view in _running if view.thread == threading.get_ident()]
    view, begun = (mine[-1] if mine else None), time.monotonic()
    for done, step in enumerate(steps):
        yield step
        if view and time.monotonic() - begun > BAR_AFTER_S:
            view.bar.layout.display = ""
            view.bar.value = (done + 1) / total


def _asked():
    """Return the message that the kernel answers now, {} outside of a notebook."""
    return getattr(get_ipython(), "parent_header", None) or {}


def _cell(function):
    """Return (cell, run) of a new view; where no id of the cell is sent, its name and text."""
    asked, shell = _asked(), get_ipython()
    text = shell.user_ns.get("In", [""])[-1] if shell else ""
    named = (function.__module__, function.__qualname__, text)
    return asked.get("metadata", {}).get("cellId", named), asked.get("msg_id", object())


def _settle(*result):
    """At a cell's end show the fine results that are due: what is saved then has no preview."""
    for view in list(_views.values()):
        if view._later and view.thread == threading.get_ident():
            view._at_rest()


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
        if view.thread == threading.main_thread().ident:
            raise KeyboardInterrupt
        raising = ctypes.c_ulong(view.thread), ctypes.py_object(KeyboardInterrupt)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(*raising)


def _control(name, given, start):
    control = widgets.interactive.widget_from_abbrev(given, start)
    if control is None:
        raise InputError(
            f"control {name!r}: {given!r} makes no control; give a widget, a range or a list."
        )
    if not control.description:
        control.description = name.replace("_deg", " (°)").replace("_", " ")
    control.style.description_width = "initial"
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
        if not isinstance(item, Layer | str):
            what = type(item).__name__
            raise InputError(f"{name}() returned a {what}; return layers and at most a text.")
    words = " ".join(item for item in items if isinstance(item, str))
    return [item for item in items if isinstance(item, Layer)], words


def _sentence(problem, name, values):
    if isinstance(problem, InputError):
        return str(problem)
    at = ", ".join(f"{k}={v!r}" for k, v in values.items())
    return f"{name}({at}) failed: {type(problem).__name__}: {problem}"
