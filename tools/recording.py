"""What live views show, recorded, so that a page without a kernel can answer the same controls.

A `Recording` moves the controls of a `live.LiveView` through their stops and keeps what each state
shows: the start, what the lesson tells its reader to set and the ways there, then each control
alone, then two together, from the coarse to the fine, until the recording is as large as it may be;
of a view with few states, all.
Nothing is drawn here: `site/player.js` gives the frames to the very widget that shows them in a
notebook.

What the lesson tells its reader to set stands in the metadata of the view's cell, in the notation
of the site's addresses: `"try": ["date=2018-12-31&mask_deg=25"]`. A control that is not named stays
at its start.
"""

import base64
import functools
import hashlib
import io
import json
import math
import pickle
import re
from itertools import combinations, product
from pathlib import Path
from urllib.parse import parse_qsl

import ipywidgets as widgets
from PIL import Image

from course import stills
from helpers import live, maps
from helpers.inputs import InputError
from tools import moving, packing

PAGE_BYTES = 1_120_000  # all recordings of one page together
LONG_KEY = "-" * 60  # as long as a key may be
# Of one view, or as many as the lesson names: more would make the site slow to build, not better.
STATES = 600
STOPS = 40  # of one slider of numbers
WIDE_PX = 720  # of a chart in a page of the site, at most


def stops(control, named=()):
    """Return [(readout, trait, value)] over the range of a control, and the place it stands at.

    Sliders, menus, check boxes and lists of choices; ([], 0) for what takes free text or is only
    pressed. A slider of numbers gets at most STOPS stops, both ends and its present value included,
    and those `named`, see `place_of`.
    """
    more = [place_of(control, one) for one in named]
    if isinstance(control, widgets.SelectMultiple):
        every = tuple(range(len(control.options)))
        picks = [(), *((i,) for i in every), every, control.index, *more]
        names = control._options_labels
        found = [(", ".join(names[i] for i in pick) or "none", "index", pick) for pick in picks]
        at = control.index
    elif isinstance(control, widgets.SelectionRangeSlider):
        names, last = control._options_labels, len(control.options) - 1
        picks = [(0, last), (0, last // 2), (last // 2, last), control.index, *more]
        found = [(f"{names[a]} to {names[b]}", "index", (a, b)) for a, b in picks]
        at = control.index
    elif hasattr(control, "index") and hasattr(control, "options"):
        found = [(name, "index", i) for i, name in enumerate(control._options_labels)]
        # ipywidgets takes an option whose value is None for none at all.
        at = control._options_values.index(None) if control.index is None else control.index
    elif isinstance(control, widgets.Checkbox | widgets.ToggleButton):
        found, at = [("no", "value", False), ("yes", "value", True)], control.value
    elif isinstance(control, widgets.IntRangeSlider):
        ends = range(control.min, control.max + 1, control.step)
        ranges = [(control.min, end) for end in ends] + [(end, control.max) for end in ends]
        ranges = sorted({*ranges, control.value, *more})
        found = [(f"{low:g} to {high:g}", "value", (low, high)) for low, high in ranges]
        at = control.value
    elif isinstance(control, widgets.IntSlider | widgets.FloatSlider | widgets.FloatLogSlider):
        values = sorted({*_numbers(control), *more})
        found, at = [(f"{v:g}", "value", v) for v in values], control.value
    else:
        return [], 0
    found = list({value: stop for stop in found for value in stop[2:]}.values())
    return found, [value for _, _, value in found].index(at)


def place_of(control, named):
    """Return the trait value that a text names: an option by its words, "6", "2011 to 2016", "no".

    An option may be named by its first words, where no other begins so; several with ", " between.
    InputError, one sentence: an option or a number that the control does not have.
    """
    if isinstance(control, widgets.SelectMultiple):
        return tuple(_option(control, one) for one in named.split(", "))
    if isinstance(control, widgets.SelectionRangeSlider):
        return tuple(_option(control, end) for end in named.split(" to "))
    if hasattr(control, "options"):
        return _option(control, named)
    if isinstance(control, widgets.Checkbox | widgets.ToggleButton):
        return {"no": False, "yes": True}[named]
    ends = tuple(float(end) for end in named.split(" to "))
    if not all(control.min <= end <= control.max for end in ends):
        raise InputError(
            f"The control {control.description!r} goes from {control.min} to {control.max}, "
            f"not to {named}."
        )
    if isinstance(control, widgets.IntRangeSlider):
        return tuple(map(int, ends))
    exact = [v for v in (control.value, *_numbers(control)) if math.isclose(v, ends[0])]
    value = exact[0] if exact else ends[0]
    return int(value) if isinstance(control, widgets.IntSlider) else value


def _option(control, named):
    """Return the number of the option that is named."""
    words = list(control._options_labels)
    found = [i for i, word in enumerate(words) if word == named]
    found = found or [i for i, word in enumerate(words) if word.startswith(named)]
    if len(found) != 1:
        raise InputError(
            f"The control {control.description!r} has {'no' if not found else 'several'} "
            f"{named!r}: name one of {', '.join(words[:9])} ..."
        )
    return found[0]


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


def order(counts, starts, named=()):
    """Return states (a place on each control) from the start outwards, from the coarse to the fine.

    counts: how many stops each control has; starts: where they stand. First the states `named` and
    the ways there, control by control; then each control alone, taking turns; then the first two
    that move together, then the other pairs, taking turns; last, where all are at most STATES, all.
    """
    alone = [[_at(starts, {i: stop}) for stop in _coarse(n)] for i, n in enumerate(counts)]
    turns = _in_turns(alone)
    moving = [i for i, n in enumerate(counts) if n > 1]
    first, *others = [
        [_at(starts, {a: i, b: j}) for i, j in _coarse_pairs(counts[a], counts[b])]
        for a, b in combinations(moving, 2)
    ] or [[]]
    places = [range(max(1, n)) for n in counts]
    rest = product(*places) if math.prod(map(len, places)) <= STATES else ()
    found = [*asked(starts, named), *turns, *first, *_in_turns(others), *rest]
    return list(dict.fromkeys(found))


def asked(starts, named):
    """Return the start, the states `named` and the ways to each, control by control."""
    ways = [
        _at(starts, {i: state[i] for i in some})
        for state in named
        for moved in [[i for i, place in enumerate(state) if place != starts[i]]]
        for many in range(1, len(moved))
        for some in combinations(moved, many)
    ]
    return list(dict.fromkeys([tuple(starts), *named, *ways]))


def _in_turns(lines):
    """Return the first of each line, then the second of each, and so on."""
    longest = max(map(len, lines), default=0)
    return [line[k] for k in range(longest) for line in lines if k < len(line)]


def _coarse_pairs(one, other):
    """Return all pairs of range(one) and range(other), from the coarse to the fine."""
    ranks = [{place: rank for rank, place in enumerate(_coarse(n))} for n in (one, other)]
    return sorted(
        product(range(one), range(other)),
        key=lambda pair: (max(ranks[0][pair[0]], ranks[1][pair[1]]), pair),
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

    Attributes: `size` (the bytes of `file`), `states` {places: frame}, `named` (the places that the
    lesson names), `complete`.
    """

    def __init__(self, view, tried=()):
        """Prepare to move the controls of `view`; nothing is moved yet.

        tried: states that the lesson names, as "control=place&control=place". InputError: there is
        no such control, or it has no such place.
        """
        tried = [dict(parse_qsl(state, strict_parsing=True)) for state in tried]
        self.view, self.states, self.complete = view, {}, False
        self.controls = list(view.controls.items())
        for state in tried:
            if odd := sorted(set(state) - set(view.controls)):
                raise InputError(
                    f"{view.title!r} has no control {odd[0]!r}, which its cell names to be tried."
                )
        self.stops, self.starts = zip(
            *(
                stops(control, [state[name] for state in tried if name in state])
                for name, control in self.controls
            ),
            strict=True,
        )
        self.named = [self._places(state) for state in tried]
        most = max(STATES, len(asked(self.starts, self.named)))
        self._todo = order(list(map(len, self.stops)), self.starts, self.named)[:most]
        self._pool, self._roles, self._made = {}, [], {}
        self._shape = functools.cache(packing.shape)  # asked at every look at the size
        self.size = self._least = 0  # least: of the file with one state

    def _places(self, state):
        """Return the places of a state that the lesson names."""
        places = list(self.starts)
        for i, (name, control) in enumerate(self.controls):
            if name in state:
                values = [value for _, _, value in self.stops[i]]
                places[i] = values.index(place_of(control, state[name]))
        return tuple(places)

    def extend(self, limit_bytes):
        """Record the next states until the file would be larger than `limit_bytes`, or all are."""
        while self._todo and (more := self._fit(limit_bytes)) > 0:
            for places in self._todo[:more]:
                self.states[places] = self._frame(places)
            del self._todo[:more]
            self.size = len(self.file(LONG_KEY))
            self._least = self._least or self.size
        while len(self.states) > 1 and (less := -self._fit(limit_bytes)) > 0:
            for places in list(self.states)[-min(less, len(self.states) - 1) :][::-1]:
                del self.states[places]
                self._todo.insert(0, places)
            self.size = len(self.file(LONG_KEY))
        self.complete = not self._todo
        self._move(self.starts)

    def _fit(self, limit_bytes):
        """Return about how many states more fit, at most as many again; or how many less."""
        known, room = len(self.states), limit_bytes - self.size
        if known == 0 or (known == 1 and room > 0):
            return 1
        each = max(1, (self.size - self._least) / max(1, known - 1))
        return min(math.floor(room / each), known)

    def _frame(self, places):
        self._move(places)
        layers = [
            {
                key: self._put(self._small(key, value), f"{number} {key}")
                for key, value in layer.spec.items()
            }
            for number, layer in enumerate(self.view.layers)
        ]
        twins = [
            self._put(self._twin(layer), f"{n} twin") for n, layer in enumerate(self.view.layers)
        ]
        texts = [self._put(self.view.map.headline, "headline")]
        texts += [self._put(self.view.summary, "summary")]
        return [*texts, layers, twins]

    def _twin(self, layer):
        """Return `maps.twin` of a layer."""
        shown = layer.name, len(layer.table), layer.table.head(maps.TWIN_ROWS)
        return self._once("twin", shown, lambda: maps.twin(layer))

    def _small(self, key, value):
        """Return what a layer has under a key in less room, where that is known; else as it is."""
        if key in SMALLER:
            return self._once(key, value, lambda: SMALLER[key](value))
        return _picture(value)

    def _once(self, what, content, make):
        """Return `make()`, made once for equal content: many states share tables and tracks."""
        key = what, hashlib.sha256(pickle.dumps(content)).digest()
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def _move(self, places):
        """Set all controls, then show the result once. LiveError where the view fails."""
        view = self.view
        view.update = lambda *how: True  # all controls first, the computation after
        try:
            for (_, control), found, place in zip(self.controls, self.stops, places, strict=True):
                if found:
                    setattr(control, *found[place][1:])
        finally:
            del view.update
        if not view.update(fine=True):
            raise live.LiveError(view.map.error) from view.error

    def _put(self, value, role):
        """Return the number of a value in the pool, where equal values are kept once."""
        number = self._pool.setdefault(packing.as_json(value), len(self._pool))
        if number == len(self._roles):
            self._roles.append(role)
        return number

    def document(self):
        """Return what the page needs to answer the controls, as a value fit for JSON."""
        states = sorted(self.states.items())  # neighbours are alike
        used = dict.fromkeys(number for _, frame in states for number in _pooled(frame))
        used = sorted(used, key=lambda number: self._roles[number])
        values = list(self._pool)
        pool, order = packing.by_shape((values[number] for number in used), self._shape)
        new = {used[place]: number for number, place in enumerate(order)}
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
            "pool": pool,
            "states": {
                ",".join(map(str, places)): [
                    *(new[number] for number in texts),
                    [{key: new[number] for key, number in part.items()} for part in layers],
                    [new[number] for number in twins],
                ]
                for places, (*texts, layers, twins) in states
            },
        }

    def keyed(self, name):
        """Return (key, file): the key is the name with a version made of the content."""
        content = self.document()
        key = packing.versioned(name, content)
        return key, packing.script(key, content)

    def file(self, key):
        """Return the script that hands this recording to the player in the page."""
        return packing.script(key, self.document())


def write(folder, lesson, limit_bytes=PAGE_BYTES, tried=None):
    """Record all live views of this kernel into `folder`; return {their widget's id: entry}.

    tried: {name of a view's function: the states that the lesson names}.
    An entry has the `key` of the recording (its file is KEY.js), the `id` of the view's place in
    the page, `title`, `summary` and `tables` of the start as HTML, its `stills` as (file, words),
    the `height` of its map in pixels (0: charts only), how many `states` are recorded out of `all`,
    and whether those that the lesson names are among them (`tried`).
    InputError: `tried` names a view that is not there, or a place that a control does not have.
    """
    folder, tried = Path(folder), dict(tried or {})
    views = {re.sub(r"\W+", "_", n.rpartition(".")[2]): view for n, view in moving.views().items()}
    if odd := sorted(set(tried) - set(views)):
        raise InputError(f"Lesson {lesson} makes no view {odd[0]!r}, of which states are named.")
    recordings = {name: Recording(view, tried.get(name, ())) for name, view in views.items()}
    with moving.unheard():
        _share_out(list(recordings.values()), limit_bytes)
    entries = {}
    for name, recording in recordings.items():
        view = recording.view
        key, file = recording.keyed(f"{lesson}-{name}")
        (folder / f"{key}.js").write_text(file, encoding="utf-8")
        entries[view.box.model_id] = {
            "key": key,
            "id": f"view-{name}",
            "title": view.title,
            "summary": view.summary,
            "tables": "".join(map(maps.twin, view.layers)),
            "stills": _stills(view, folder, key),
            "height": view.map.height if view.map.page else 0,
            "charts_px": _charts_px(view),
            "states": len(recording.states),
            "all": math.prod(max(1, len(found)) for found in recording.stops),
            "tried": set(recording.named) <= set(recording.states),
        }
    return entries


def _share_out(recordings, limit_bytes):
    """Let the recordings of a page grow until all is recorded or there is no room."""
    for recording in recordings:
        moving.remember(recording.view)
        recording.extend(limit_bytes // len(recordings))
    for _ in recordings:  # what small views left over goes to large ones, in equal parts
        left = limit_bytes - sum(recording.size for recording in recordings)
        large = [recording for recording in recordings if not recording.complete]
        for recording in large if left > 0.02 * limit_bytes else ():
            recording.extend(recording.size + left // len(large))


def _charts_px(view):
    """Return about how high a view's charts stand in a page of WIDE_PX."""
    found = 0
    for layer in view.layers:
        if "src" in layer.spec:
            content = base64.b64decode(layer.spec["src"].partition(",")[2])
            wide, high = Image.open(io.BytesIO(content)).size
            found += round(high * min(1, WIDE_PX / wide))
        elif layer.spec["kind"] == "chart":
            size = re.search(r'viewBox="0 0 (\d+) (\d+)"', layer.spec["wide"])
            found += round(int(size[2]) / int(size[1]) * WIDE_PX)
    return found


def _stills(view, folder, key):
    """Write a view's map and charts, as they stand, as pictures; return [(file, words)]."""
    shown = [layer for layer in view.layers if layer.spec["kind"] == "chart"]
    if view.map.page:
        corners = json.loads(re.search(r'"bounds": ?(\[\[.+?\]\])', view.map.page)[1])
        drawn = [layer for layer in view.layers if layer.spec["kind"] != "chart"]
        shown = [stills.picture(drawn, title=view.title, bounds=corners), *shown]
    found = []
    for number, layer in enumerate(shown):
        if "src" in layer.spec:
            head, _, content = _picture(layer.spec["src"]).partition(",")
            kind, content = re.match(r"data:image/(\w+)", head)[1], base64.b64decode(content)
        else:
            kind, content = "svg", layer.spec["wide"].encode()
        name = f"{key}-{number}.{kind}"
        (folder / name).write_bytes(content)
        found.append((name, layer.spec["alt"]))
    return found


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
        "name": name,
        "label": label,
        "kind": kind if found else "none",
        "stops": [readout for readout, _, _ in found],
        "start": start,
        "all": _possible(control, found),
        "every_ms": played[0] if played else 0,
        **_where(control, found),
    }


def _where(control, found):
    """Return where the choices of a `place.menu` lie: [lat, lon] or a country's code, each."""
    if not hasattr(control, "where"):
        return {}
    lies = [control.where.get(readout) for readout, _, _ in found]
    return {"where": [at if isinstance(at, str) or at is None else _degrees(at) for at in lies]}


def _degrees(at):
    return [round(float(one), 2) for one in at]  # to a kilometre: enough to say which is nearest


def _possible(control, found):
    """Return how many places a control has in a running lesson."""
    if isinstance(control, widgets.IntSlider | widgets.FloatSlider | widgets.FloatLogSlider):
        return math.floor((control.max - control.min) / control.step + 1e-9) + 1
    return len(found)


def _pooled(frame):
    """Return the numbers in the pool of all that a frame shows."""
    *texts, layers, twins = frame
    return [*texts, *twins, *(number for part in layers for number in part.values())]


SMALLER = {"cells": packing.runs, "paths": packing.tracks}  # of a grid, of lines and areas


def _picture(value):
    """Return a chart's picture in a smaller form of the same pixels; anything else as it is."""
    head = "data:image/png;base64,"
    if not (isinstance(value, str) and value.startswith(head)):
        return value
    out = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(value[len(head) :]))).convert("RGB").save(
        out, format="webp", lossless=True, method=4
    )
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()
