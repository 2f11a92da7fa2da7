"""What live views show, recorded, so that a page without a kernel can answer the same controls.

`record(view, limit_bytes)` moves the controls of a `live.LiveView` through their stops and keeps
what each state shows: the start, then each control alone, then the first two together, from the
coarse to the fine, until the recording is as large as it may be. Nothing is drawn here:
`site/player.js` gives the frames to the very widget that shows them in a notebook.
"""

import base64
import gzip
import io
import json
import math
import re
import zlib
from itertools import product
from pathlib import Path

import ipywidgets as widgets
from PIL import Image

from helpers import live, maps
from helpers.maps import with_base64

PAGE_BYTES = 1_400_000  # all recordings of one page together, by estimate; 1.5 MB is promised
STATES = 150  # of one view: more would make the site slow to build, not better to read
STOPS = 40  # of one slider of numbers


def stops(control):
    """Return [(readout, trait, value)] over the range of a control, and the place it stands at.

    Sliders, menus, check boxes and lists of choices; ([], 0) for what takes free text or is only
    pressed. A slider of numbers gets at most STOPS stops, both ends and its present value included.
    """
    if isinstance(control, widgets.SelectMultiple):
        every = tuple(range(len(control.options)))
        picks = [(), *((i,) for i in every), every, control.index]
        names = control._options_labels
        found = [(", ".join(names[i] for i in pick) or "none", "index", pick) for pick in picks]
        at = control.index
    elif isinstance(control, widgets.SelectionRangeSlider):
        names, last = control._options_labels, len(control.options) - 1
        picks = [(0, last), (0, last // 2), (last // 2, last), control.index]
        found = [(f"{names[a]} to {names[b]}", "index", (a, b)) for a, b in picks]
        at = control.index
    elif hasattr(control, "index") and hasattr(control, "options"):
        found = [(name, "index", i) for i, name in enumerate(control._options_labels)]
        at = control.index
    elif isinstance(control, widgets.Checkbox | widgets.ToggleButton):
        found, at = [("no", "value", False), ("yes", "value", True)], control.value
    elif isinstance(control, widgets.IntRangeSlider):
        ends = range(control.min, control.max + 1, control.step)
        ranges = [(control.min, end) for end in ends] + [(end, control.max) for end in ends]
        ranges = sorted({*ranges, control.value})
        found = [(f"{low:g} to {high:g}", "value", (low, high)) for low, high in ranges]
        at = control.value
    elif isinstance(control, widgets.IntSlider | widgets.FloatSlider | widgets.FloatLogSlider):
        found, at = [(f"{v:g}", "value", v) for v in _numbers(control)], control.value
    else:
        return [], 0
    found = list({value: stop for stop in found for value in stop[2:]}.values())
    return found, [value for _, _, value in found].index(at)


def _numbers(control):
    """Return the values of a slider of numbers: at most STOPS, evenly, and where it stands."""
    low, high, step = control.min, control.max, control.step
    count = max(1, math.floor((high - low) / step + 1e-9))
    places = {round(i * count / min(count, STOPS - 1)) for i in range(min(count, STOPS - 1) + 1)}
    values = {low + place * step for place in places}
    if isinstance(control, widgets.FloatLogSlider):
        values = {control.base**value for value in values}
    kind = int if isinstance(control, widgets.IntSlider) else float
    near = [v for v in values if math.isclose(v, control.value, rel_tol=1e-9, abs_tol=1e-9)]
    return sorted({kind(value) for value in values - set(near)} | {control.value})


def order(counts, starts):
    """Return states (a place on each control) from the start outwards, from the coarse to the fine.

    counts: how many stops each control has; starts: where they stand. First each control alone,
    taking turns, then the first two that move together.
    """
    alone = [[_at(starts, {i: stop}) for stop in _coarse(n)] for i, n in enumerate(counts)]
    turns = [line[k] for k in range(max(counts, default=0)) for line in alone if k < len(line)]
    moving = [i for i, n in enumerate(counts) if n > 1][:2]
    pairs = []
    if len(moving) == 2:
        a, b = moving
        ranks = [dict(map(reversed, enumerate(_coarse(counts[i])))) for i in moving]
        pairs = sorted(
            product(range(counts[a]), range(counts[b])),
            key=lambda pair: (max(ranks[0][pair[0]], ranks[1][pair[1]]), pair),
        )
    return list(
        dict.fromkeys([tuple(starts), *turns, *(_at(starts, {a: i, b: j}) for i, j in pairs)])
    )


def _at(starts, moved):
    return tuple(moved.get(i, start) for i, start in enumerate(starts))


def _coarse(count):
    """Return range(count) in another order: the ends, the middle, the quarters ..."""
    found, step = [], max(1, count - 1)
    while True:
        found += [place for place in range(0, count, step) if place not in found]
        if step == 1:
            return found
        step = (step + 1) // 2


class Recording:
    """The frames of one live view; `extend` adds states while there is room.

    Attributes: `size` (about the bytes of `file`), `states` {places: frame}, `complete`.
    """

    def __init__(self, view):
        """Prepare to move the controls of `view`; nothing is moved yet."""
        self.view, self.states, self.complete = view, {}, False
        self.controls = list(view.controls.items())
        self.stops, self.starts = zip(
            *(stops(control) for _, control in self.controls), strict=True
        )
        self._todo = order(list(map(len, self.stops)), self.starts)[:STATES]
        self._pool, self._packed, self.size = {}, zlib.compressobj(9), 0

    def extend(self, limit_bytes):
        """Record the next states until the file would be larger than `limit_bytes`, or all are."""
        before = {name: getattr(control, "value", None) for name, control in self.controls}
        while self._todo and (self.size < limit_bytes or not self.states):
            known = len(self._pool)
            frame = self._frame(self._todo[0])
            fresh = list(self._pool)[known:]
            packed = self._packed.copy()
            text = _json([*fresh, frame]).encode()
            grown = len(packed.compress(text)) + len(packed.flush(zlib.Z_SYNC_FLUSH))
            grown = grown * 4 // 3  # as base64
            if self.states and self.size + grown > limit_bytes:
                for value in fresh:
                    del self._pool[value]
                break
            self.size, self._packed = self.size + grown, packed
            self.states[self._todo.pop(0)] = frame
        self.complete = not self._todo
        self._move({name: ("value", value) for name, value in before.items() if value is not None})

    def _frame(self, places):
        moves = {
            name: found[place][1:]
            for (name, _), found, place in zip(self.controls, self.stops, places, strict=True)
            if found
        }
        self._move(moves)
        layers = [
            {key: self._put(_small(value)) for key, value in with_base64(layer.spec).items()}
            for layer in self.view.layers
        ]
        twins = [self._put(maps.twin(layer)) for layer in self.view.layers]
        texts = [self._put(self.view.map.headline), self._put(self.view.summary)]
        return [*texts, layers, twins]

    def _move(self, moves):
        """Set several controls, then show the result once. LiveError where the view fails."""
        view = self.view
        view.update = lambda fine=True: True  # all controls first, the computation after
        try:
            for name, (trait, value) in moves.items():
                setattr(view.controls[name], trait, value)
        finally:
            del view.update
        if not view.update(fine=True):
            raise live.LiveError(view.map.error) from view.error

    def _put(self, value):
        """Return the number of a value in the pool, where equal values are kept once."""
        return self._pool.setdefault(_json(value), len(self._pool))

    def document(self):
        """Return what the page needs to answer the controls, as a value fit for JSON."""
        return {
            "title": self.view.title,
            "page": self.view.map.page,
            "source": self.view.map.source,
            "height": self.view.map.height,
            "slots": live.SLOTS,
            "controls": [
                _described(name, control, found, start)
                for (name, control), found, start in zip(
                    self.controls, self.stops, self.starts, strict=True
                )
            ],
            "pool": [json.loads(value) for value in self._pool],
            "states": {",".join(map(str, places)): frame for places, frame in self.states.items()},
        }

    def file(self, key):
        """Return the script that hands this recording to the player in the page."""
        packed = base64.b64encode(gzip.compress(_json(self.document()).encode(), 9, mtime=0))
        return f'silkroad.recorded({json.dumps(key)}, "{packed.decode()}");\n'


def write(folder, lesson, limit_bytes=PAGE_BYTES):
    """Record all live views of this kernel into `folder`; return {their widget's id: entry}.

    An entry has the `key` of the recording (its file is KEY.js), `title`, `summary` and `tables` of
    the start as HTML, the `height` of its map in pixels (0: charts only), and how many `states` are
    recorded out of `all`.
    """
    folder, views = Path(folder), live.views()
    recordings = {name: Recording(view) for name, view in views.items()}
    for recording in recordings.values():
        recording.extend(limit_bytes // len(recordings))
    for recording in recordings.values():  # what small views left over goes to large ones
        if not recording.complete:
            left = limit_bytes - sum(other.size for other in recordings.values())
            recording.extend(recording.size + left)
    entries = {}
    for name, recording in recordings.items():
        view, key = recording.view, f"{lesson}-" + re.sub(r"\W+", "_", name.rpartition(".")[2])
        (folder / f"{key}.js").write_text(recording.file(key), encoding="utf-8")
        entries[view.box.model_id] = {
            "key": key,
            "title": view.title,
            "summary": view.summary,
            "tables": "".join(map(maps.twin, view.layers)),
            "height": view.map.height if view.map.page else 0,
            "states": len(recording.states),
            "all": math.prod(max(1, len(found)) for found in recording.stops),
        }
    return entries


def _described(name, control, found, start):
    """Return a control as the page builds it anew."""
    slides = isinstance(
        control,
        widgets.SelectionSlider | widgets.IntSlider | widgets.FloatSlider | widgets.FloatLogSlider,
    )
    kind = "slider" if slides else "check" if isinstance(control, widgets.Checkbox) else "menu"
    label = control.description or name
    extras = getattr(control, "extras", ())
    played = [extra.interval for extra in extras if isinstance(extra, widgets.Play)]
    return {
        "label": label,
        "kind": kind if found else "none",
        "stops": [readout for readout, _, _ in found],
        "start": start,
        "every_ms": played[0] if played else 0,
    }


def _small(value):
    """Return a chart's picture in a smaller form of the same pixels; anything else as it is."""
    head = "data:image/png;base64,"
    if not (isinstance(value, str) and value.startswith(head)):
        return value
    out = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(value[len(head) :]))).convert("RGB").save(
        out, format="webp", lossless=True, method=4
    )
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()


def _json(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
