"""The next answer of a view, computed before it is asked for.

Who moves a slider step by step, or plays it, will most likely take the same step again. After two
that are alike the kernel, which has nothing to do while the reader looks, computes the next; when
it is asked for, only the picture takes time. Jumps and single steps cost nothing.
"""

import asyncio
import time
import weakref
from contextlib import suppress
from functools import partial

REST_S = 0.03  # the page draws first
MOST_S = 0.2  # of a view that computed longer, nothing is: a move would have to wait for it


def watch(view):
    """Have a live view's next answer ready where one of its controls goes on as before."""
    ahead = _Ahead(view)
    for name, control in view.controls.items():
        control.observe(partial(ahead.moved, name), "value")


class _Ahead:
    """What one view computes ahead: `last` is the control moved last, and its step."""

    def __init__(self, view):
        self.view, self.last = weakref.ref(view), (None, None)  # a control may outlive its view
        self.slow, self.due = False, None

    def moved(self, name, change):
        """After a move: look whether it is the one before once more, and plan the next."""
        step, value = _further(change["owner"], change["old"], change["new"])
        again, self.last = step is not None and (name, step) == self.last, (name, step)
        if self.due:
            self.due.cancel()
        if again and value is not None and not self.slow:
            with suppress(RuntimeError):  # no event loop, as in a plain test
                loop = asyncio.get_running_loop()
                self.due = loop.call_later(REST_S, self.compute, {name: value})

    def compute(self, next_values):
        """Let the view compute, and keep, what it will show."""
        view = self.view()
        if view is None or view.box.comm is None or view.slow:  # closed, or at work already
            return
        begin = time.perf_counter()
        with suppress(Exception, KeyboardInterrupt):  # said when the reader gets there
            view.answer(view.values() | next_values, not view.has_fine)
        self.slow = time.perf_counter() - begin > MOST_S


def _further(control, old, new):
    """Return the step from one value of a control to another, and its value a step further on.

    (None, None) for a control without steps, as of words; no value where its range ends.
    """
    options = [value for _, value in getattr(control, "_options_full", ())]  # of a menu, a choice
    if options:
        places = [next((i for i, one in enumerate(options) if one is v), None) for v in (old, new)]
        if None in places:
            return None, None
        step = places[1] - places[0]
        return step, dict(enumerate(options)).get(places[1] + step)
    if not hasattr(control, "step") or not isinstance(new, int | float):
        return None, None
    step = round(new - old, 10)  # a tenth and a tenth are not quite two
    further = round(new + step, 10)
    return step, further if control.min <= further <= control.max else None
