"""Move every control of a lesson, inside the kernel that ran it, and report what failed.

`sweep(path)` runs the notebook, then `in_kernel` beside the notebook's own variables: each control
alone through its whole range, then states of all controls together in which each of `MET` stops of
a control meets each of any other; play buttons, slow "fine" results and the text twins included.
SWEEP_STATES=500 adds so many seeded random states, and lets more stops meet. Also by hand:
`python -m tools.sweep notebooks/04-beidou.ipynb`.
"""

import asyncio
import functools
import json
import math
import os
import random
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

# Random states per lesson, shared out over its live views, for the run that may take its time.
STATES = int(os.environ.get("SWEEP_STATES", 0))
# Stops of a control that meet those of the others: both ends, others between them.
MET = 6 if STATES else 4
STEPS = 40  # a slider of numbers has at most so many stops, and a list that proposes what to write
FINE = 4  # slow results per control, and about as many in the states of a view
TEXTS = ("", "a", "<b>&'\"</b>", "北斗")


def sweep(path, states=STATES):
    """Run the notebook, move its controls, and return what `in_kernel` found.

    Raises nbclient's CellExecutionError where a cell fails before any control is moved.
    """
    import nbformat

    from tools import running

    path = Path(path)
    step = nbformat.v4.new_code_cell(code(path.stem, states))
    notebook = running.run(nbformat.read(path, as_version=4), path.parent, [step])
    found = [o["data"] for o in notebook.cells.pop().outputs if o["output_type"] == "display_data"]
    result = json.loads(json.dumps(found[-1]["application/json"]))
    result["failures"] += warned(notebook, path.stem)
    return result


def code(lesson, states=STATES):
    """Return the cell that moves every control of the kernel it is run in, see `in_kernel`."""
    here = str(Path(__file__).resolve().parents[1])
    return f"""import sys
sys.path.insert(0, {here!r})
from tools import sweep
from IPython.display import display
display({{"application/json": await sweep.in_kernel({lesson!r}, {states})}}, raw=True)"""


def warned(notebook, lesson):
    """Return what a reader should not see beneath the cells of a notebook that ran, as failures."""
    return [f"{lesson}: {words}" for cell in notebook.cells for words in _warned(cell)]


def _warned(cell):
    """Yield what a reader should not see beneath a cell: a warning in red, words of the machine."""
    for output in cell.get("outputs", ()):
        if output.get("name") == "stderr":
            yield f"cell {cell.id} warns: {output['text'].strip()[:300]}"
        shown = output.get("data", {})
        for text in (
            output.get("text", ""),
            shown.get("text/plain", ""),
            shown.get("text/html", ""),
        ):
            typed = "codes" in cell.metadata.get("tags", [])  # it lists what a reader is to type
            if (problem := _badly_said(text)) and not typed:
                yield f"cell {cell.id}: {problem}"


async def in_kernel(lesson, states=STATES):
    """Move every control of this kernel.

    Returns {views: {name: controls}, plain, pairs, states, moves, failures}: pairs and states are
    the numbers of states that were chosen for their pairs, and at random. Each failure names the
    lesson, the control and its value.
    """
    from tools import moving

    with moving.unheard():
        return await _moved(lesson, states)


async def _moved(lesson, states):
    from tools import moving

    caught = _catch_swallowed()
    random.seed(f"{lesson}: the same states every time")
    run = _Run(lesson, caught)
    views = moving.views()
    for view in views.values():
        view.map.show = functools.partial(_show, view.map)
    for view in views.values():
        for name, control in view.controls.items():
            await run.alone(view, name, control)
    for view in views.values():
        run.meet(view)
    # Small views first: what they have no room for goes to the others; the last repeats itself.
    ordered = sorted(views.values(), key=lambda view: math.prod(map(len, _ranges(view).values())))
    for number, view in enumerate(ordered):
        left = len(ordered) - number
        run.together(view, (states - run.states) // left, repeat=left == 1)
    plain = _plain_controls(views.values())
    for control in plain:
        await run.alone(None, control.description or type(control).__name__, control)
    return {
        "views": {name: list(view.controls) for name, view in views.items()},
        "plain": [control.description for control in plain],
        "pairs": run.pairs,
        "states": run.states,
        "moves": run.moves,
        "failures": run.failures,
    }


class _Run:
    def __init__(self, lesson, caught):
        self.lesson, self.caught = lesson, caught
        self.failures, self.moves, self.pairs, self.states = [], 0, 0, 0

    def attempt(self, view, what, action):
        """Do one thing; note what it raised, or left on the view, under the name `what`."""
        self.moves += 1
        problem = None
        try:
            action()
        except Exception as raised:
            problem = raised
        problem = problem or (view and view.error) or (self.caught and self.caught[-1])
        said = view and view.map.headline
        problem = problem or (said and (_badly_said(said) or _miscounted(said)))
        problem = problem or (view and _rounded(view.summary))
        self.caught.clear()
        if problem:
            where = f"{view.__name__}(): " if view else ""
            self.failures.append(
                f"{self.lesson}: {where}{what}: {type(problem).__name__}: {problem}"
            )

    async def alone(self, view, name, control):
        """One control through its range, from where the lesson left it and back again."""
        stops = _stops(control)
        if stops is None:
            self.failures.append(
                f"{self.lesson}: {name}: the sweep cannot move a {type(control).__name__}"
            )
            return
        begin = control.index if hasattr(control, "index") else getattr(control, "value", None)
        rest = {stops[round(i * (len(stops) - 1) / FINE)][0] for i in range(FINE + 1)}
        for label, move in stops:
            self.attempt(view, f"{name} = {label}", move)
            if view and label in rest:
                self.attempt(view, f"{name} = {label}, at rest", lambda: _rest(view))
        if begin is not None:
            key = "index" if hasattr(control, "index") else "value"
            self.attempt(view, f"{name} back", lambda: setattr(control, key, begin))
        if view and "fine" in _parameters(view):  # the result that comes by itself after a while
            while view.map.computing:
                await asyncio.sleep(0.05)
            self.attempt(view, f"{name} back, after a while", lambda: None)

    def meet(self, view):
        """States of one view in which each two stops of two controls meet."""
        ranges = _ranges(view)
        found = pairs({name: len(stops) for name, stops in ranges.items()})
        self._visit(view, [{name: ranges[name][i] for name, i in at.items()} for at in found])
        self.pairs += len(found)

    def together(self, view, share, repeat):
        """Random states of all controls of one view: `share` of them, or all there are."""
        ranges = _ranges(view)
        states = math.prod(map(len, ranges.values()))
        picked = random.sample(range(states), min(share, states))
        if repeat:
            picked += random.choices(range(states), k=share - len(picked))
        chosen = []
        for state in picked:
            chosen.append({})
            for name, stops in ranges.items():
                state, at = divmod(state, len(stops))
                chosen[-1][name] = stops[at]
        self._visit(view, chosen)
        self.states += len(chosen)

    def _visit(self, view, states):
        """Put all controls where each of the states has them, and compute once."""
        every = max(len(states) // FINE, 1)
        for number, chosen in enumerate(states):
            view.update = lambda *how: True  # all controls first, the computation after
            try:
                for _, move in chosen.values():
                    move()
            finally:
                del view.update
            words = ", ".join(f"{name} = {label}" for name, (label, _) in chosen.items())
            self.attempt(view, words, lambda: view.update(fine=False))
            if number % every == 0:
                self.attempt(view, f"{words}, at rest", lambda: _rest(view))


def pairs(counts):
    """Return states {name: stop} in which any two of the `MET` stops of two controls meet.

    counts: {name: how many stops a control has}. One control alone has nobody to meet.
    """
    from allpairspy import AllPairs

    some = {name: _some(count, MET) for name, count in counts.items()}
    if len(some) < 2:
        return []
    return [dict(zip(some, at, strict=True)) for at in AllPairs(list(some.values()))]


def _some(count, most):
    """Return up to `most` of `count` stops, evenly, with both ends."""
    return sorted({round(i * (count - 1) / (most - 1)) for i in range(most if count else 0)})


def _show(map, layers, **how):
    """Show layers as while a hand moves the controls: charts for telephones come at rest."""
    type(map).show(map, layers, whole=False)


def _rest(view):
    """What happens when the controls rest and the reader opens the text under the map."""
    if view.update(fine=True):
        type(view.map).show(view.map, view.layers)
        view.map.twin_open = True
        if ">infinite<" in view.map.twin:
            raise ValueError("a table says infinite: give it the headline's words for that")
        if problem := _badly_said(view.map.twin):
            raise problem
        view.map.twin_open = False


def _badly_said(text):
    """Return a ValueError where a text has a minus before nothing, or a verdict in code words."""
    if less := re.search(r"(?<![\w.,])-0(\.0+)?(?![\w.,]*\d)", text):
        return ValueError(f"it says {less[0]}: nothing has no sign, format it with z, as :z.1f")
    if code := re.search(r"\b(prediction_(met|missed)|not_(checkable|opened))\b", text):
        return ValueError(f"it says {code[0]}: say the words of claims.VERDICTS")
    return None


def _miscounted(headline):
    """Return a ValueError where a sentence has one of many; a legend's words stand as they are."""
    many = re.search(r"(?<![\w.,/-])1 (?!times|does)[a-z]{2,}[b-hj-rtv-z]s\b", headline)
    return many and ValueError(f"it says {many[0]}: helpers.words.counted knows one from many")


def _rounded(words):
    """Return a ValueError where a share may be said to be none, or all, because it was rounded."""
    share = re.search(r"(?<![\w.,+-])(0\.0+|100\.0+) %", words)
    return share and ValueError(f"it says {share[0]}: helpers.words.percent knows none from little")


def _parameters(view):
    import inspect

    return inspect.signature(view.function).parameters


def _ranges(view):
    """Return {control: stops} of those controls of a view that can be moved."""
    found = {name: _stops(control, played=False) for name, control in view.controls.items()}
    return {name: stops for name, stops in found.items() if stops}


def _stops(control, played=True):
    """Return [(readout, function that moves there)] over the control's range; None: unknown."""
    import ipywidgets as w

    from tools import recording

    def to(key, values, words=repr):
        return [(words(v), lambda v=v: setattr(control, key, v)) for v in values]

    found, _ = recording.stops(control)
    if found:
        every = [(words, lambda t=t, v=v: setattr(control, t, v)) for words, t, v in found]
        for button in getattr(control, "extras", ()) if played else ():
            # In a page the play button moves the slider; here nobody does it for us.
            for i in _steps(0, len(every) - 1, max(len(every) // 8, 1)):
                pressed = functools.partial(_play, button, i, every[i][1])
                every.append((f"{every[i][0]} (played)", pressed))
        return every
    if isinstance(control, w.FloatRangeSlider):
        low, high = control.min, control.max
        values = _steps(low, high, control.step)
        return to("value", [(low, v) for v in values] + [(v, high) for v in values])
    if all(hasattr(control, key) for key in ("value", "min", "max", "step")):
        if isinstance(control, w.DatePicker):
            return to(
                "value", [d for d in (None, control.min, control.max) if d or not control.min]
            )
        return to("value", _steps(control.min, control.max, control.step))
    if isinstance(control, w.Valid):
        return to("value", [not control.value, control.value])
    if isinstance(control, w.IntText | w.FloatText):
        return to("value", [-1, 0, 1, 10, 1000])
    if isinstance(control, w.Combobox):
        some = _some(len(control.options), STEPS)
        return to("value", [*(control.options[i] for i in some), *TEXTS])
    if isinstance(control, w.Text | w.Textarea):
        return to("value", TEXTS)
    if isinstance(control, w.FileUpload):  # what a page sends: small files of no use, then none
        given = {"type": "", "size": 1, "last_modified": datetime.now(UTC), "name": "a file.txt"}
        contents = [memoryview(text.encode()) for text in TEXTS]
        return to("value", [({**given, "content": content},) for content in contents] + [()])
    if isinstance(control, w.Button):
        return [("pressed", control.click)]
    return None


def _play(button, index, move):
    button.value = index
    move()


def _steps(low, high, step):
    """Return the values from low to high that the slider can take, both ends, at most STEPS."""
    count = int((high - low) / step + 1e-9) if step else 1
    kind = int if all(isinstance(v, int) for v in (low, high, step)) else float
    return [kind(min(low + i * step, high)) for i in _some(count + 1, STEPS)]


def _plain_controls(views):
    """Return the controls outside live views that have somebody listening to them."""
    import ipywidgets as w
    from ipywidgets.widgets.widget import _instances
    from traitlets import ObserveHandler

    ours = set()
    for view in views:
        for control in (*view.controls.values(), view.map, view.bar, view.box):
            ours |= {control, *getattr(control, "extras", ())}
    found = []
    for widget in list(_instances.values()):
        if widget in ours or not isinstance(widget, w.ValueWidget | w.Button | w.Play):
            continue
        heard = [
            listener
            for name in ("value", "index")
            for listener in widget._trait_notifiers.get(name, {}).get("change", [])
            if not isinstance(listener, ObserveHandler)
            and getattr(listener, "__self__", None) is not widget
        ]
        if heard or (isinstance(widget, w.Button) and widget._click_handlers.callbacks):
            found.append(widget)
    return found


def _catch_swallowed():
    """Return a list that gets the errors that `interact` and Output widgets show and swallow."""
    from IPython import get_ipython

    caught = []

    def note(exc_tuple=None, *args, **kwargs):
        caught.append((exc_tuple or sys.exc_info())[1])

    get_ipython().showtraceback = note
    return caught


if __name__ == "__main__":
    for name in sys.argv[1:]:
        report = sweep(name)
        print(name, f"{report['moves']} moves, {report['pairs']} states for their pairs")
        print(*report["failures"], sep="\n")
