"""The engine under `charts`: where everything stands, computed in inches, then written as SVG.

No layout is searched for, which would double the time: margins come from the widths of the words,
and words at marks are put where nothing stands yet. The SVG counts thousandths of an inch from its
upper left corner; `course.stills` makes a picture of the same text.
"""

import marshal
import re
import unicodedata
import zlib
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api import types

from helpers import style
from helpers.kept import kept

SIZE, SMALL = 9, 8  # points: words at the axes; words at marks and in the legend
ROW = 0.155  # height of a line of words, in inches as all lengths here
NARROW = 3.7  # inches: a drawing for a telephone; panels stand below each other
SPOTS = 300  # of a mark with more rows than these the page does not read out each
GREY = style.color("grey")
# After a piece a line may end: a word with the space behind it, a single Chinese character.
_PIECES = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+")
_NARROW, _WIDE = set(" .,:;|!'`ijlIftr()[]/\\-\""), set("mwMW@%—…→")


def are_words(values):
    """Return whether a column holds words, not numbers or times."""
    if types.is_numeric_dtype(values) or types.is_datetime64_any_dtype(values):
        return types.is_bool_dtype(values)
    return any(isinstance(value, str) for value in values)


def plain(value):
    """Return a value as short text: 2016, 12,500, 3.142, 2019-12-16."""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d" if value == value.normalize() else "%Y-%m-%d %H:%M")
    if isinstance(value, bool | np.bool_ | str) or not np.isscalar(value):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:z.4g}"


def figure(panels, options, *, height, width, widths, legend):
    """Return lists of marks as (SVG, [(box, words) of each row]); arguments as of `charts.draw`.

    Panels stand side by side; in a narrow drawing each below the one before, and words are rows.
    """
    narrow, top = width <= NARROW, 0.0
    share = width if narrow else width / len(panels)
    drawn = [_Panel(marks, given, share) for marks, given in zip(panels, options, strict=True)]
    for row in [[panel] for panel in drawn] if narrow else [drawn]:
        above, tall, under = _settle(row, height, width, widths or [1] * len(row))
        for panel in row:
            panel.top = top + above
        top += above + tall + under
    entries, rows = flow(_entries(drawn, width) if legend else [], width - 0.4)
    tall = top + (rows + 0.1 if entries else 0)
    text = svg(drawn, entries, below=top, name=("wide", "narrow")[narrow], width=width, height=tall)
    text = text.replace("NAME-", f"hatch-{zlib.crc32(text.encode()):x}-")  # its own in a page
    return text, [spot for panel in drawn for spot in panel.spots(words=not narrow)]


def _settle(row, height, width, widths):
    """Settle where everything stands in panels side by side; return heights above, of, below."""
    for first, other in pairwise(row):
        other.bare = other.y.names is not None and other.y.names == first.y.names
    tall = height or max(panel.wanted_height() for panel in row)
    tall = min(tall, width) if any(panel.equal for panel in row) else tall
    for panel in row:
        panel.fit("y", tall)
    free, left = width - sum(sum(panel.sides()) for panel in row), 0.0
    for panel, part in zip(row, widths, strict=False):
        panel.fit("x", max(free * part / sum(widths[: len(row)]), 0.6))
        if panel.equal:
            panel.equalise()
        panel.left = left + panel.sides()[0]
        left = panel.left + panel.x.length + panel.sides()[1]
        panel.place_words()
    return max(panel.above() for panel in row), tall, max(panel.under() for panel in row)


# --- words and their sizes


@cache
def inches(text, size=SMALL):
    """Return the width of the longest line of a text; a Chinese character is as wide as high."""
    wide = unicodedata.east_asian_width
    ems = [
        [1.0 if c in _WIDE or wide(c) in "WF" else 0.42 if c in _NARROW else 0.65 for c in line]
        + [0.13 for c in line if c.isupper()]
        for line in text.split("\n")
    ]
    return max(map(sum, ems)) * size / 72


@cache
def wrapped(text, most, size=SMALL, lines=4):
    """Return a text in lines of at most `most` inches, cut after so many lines."""
    out = [""]
    for piece in _PIECES.findall(text):
        if inches((out[-1] + piece).rstrip(), size) > most:
            out.append("")
        for c in piece:  # by letters, for one word that is wider than all
            if c == "\n" or (out[-1] and inches((out[-1] + c).rstrip(), size) > most):
                out.append("")
            out[-1] += c.strip("\n")
    out = [line.strip() for line in out if line.strip()]
    if len(out) > lines:
        out = out[:lines]
        while out[-1] and inches(out[-1] + "…", size) > most:
            out[-1] = out[-1][:-1]
        out[-1] += "…"
    return "\n".join(out)


def _is_free(box, taken):
    """Return whether a box (left, bottom, right, top) touches none of the others (n, 4)."""
    (left, low, right, top), (lefts, lows, rights, tops) = box, taken.T
    return not ((left < rights) & (lefts < right) & (low < tops) & (lows < top)).any()


def _box(x, y, text, align):
    """Return (left, bottom, right, top) of a text."""
    left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[align] * inches(text)
    return left, y - high(text) / 2, left + inches(text), y + high(text) / 2


def high(text):
    """Return the height of a text."""
    return ROW * (1 + text.count("\n")) if text else 0.0


# --- axes


class _Axis:
    """One axis: what stands on it, from where to where, and its ticks with their words."""

    def __init__(self, side, marks, given):
        self.side, self.log, self.length = side, side in given["log"], 1.0
        self.ends, self.given_ticks = given[f"{side}lim"], given[f"{side}ticks"]
        columns = [
            mark.data[role]
            for mark in marks
            for role in (side, "low", "high", "base")
            if role in mark.columns and (role == side or mark.along == side)
        ]
        named = [column.astype(object) for column in columns if are_words(column)]
        self.names = list(dict.fromkeys(map(_name, pd.concat(named)))) if named else None
        self.times = any(types.is_datetime64_any_dtype(column) for column in columns)
        heads = [m.columns[side] for m in marks if side in m.columns and m.kind != "rules"]
        usual = str(heads[0]).replace("_", " ") if heads and not named else ""
        self.label = usual if given[side] is None else given[side]
        self.ticks, self.words, self.low, self.high = [], [], float(self.log), 10.0

    def numbers(self, values):
        """Return values as floats along the axis; NaN where they have no place on it."""
        if self.names is not None:
            place = {name: i for i, name in enumerate(self.names)}
            return np.array([place.get(_name(value), np.nan) for value in values], float)
        if self.times:
            since = pd.to_datetime(pd.Series(values), utc=True) - pd.Timestamp(0, tz="UTC")
            return (since / pd.Timedelta("1D")).to_numpy(float)
        values = pd.Series(values, dtype=float) if isinstance(values, list) else values
        if not types.is_float_dtype(values):
            values = pd.to_numeric(values, errors="coerce")
        out = values.to_numpy(float, na_value=np.nan)
        return np.where(np.isfinite(out) & ((out > 0) | (not self.log)), out, np.nan)

    def fit(self, values, length, zero, rooms):
        """Set ends and ticks for the values; `rooms`: (value, inches that words need beyond)."""
        self.length = length
        if self.names is not None:
            ends = (-0.5, len(self.names) - 0.5)
            self.low, self.high = ends if self.side == "x" else ends[::-1]  # first lane at the top
        elif len(values):
            low, high = values.min(), values.max()
            if self.log:
                pad = (high / low) ** 0.06 if high > low else 1.5
                self.low, self.high = low / pad, high * pad
            else:
                pad = 0.05 * (high - low) or max(abs(high) / 10, 0.5)
                self.low = low - pad * (low != 0 or not zero)
                self.high = high + pad * (high != 0 or low == 0 or not zero)
                most = max(((v - self.low) / max(1 - r / length, 0.2) for v, r in rooms), default=0)
                self.high = max(self.high, self.low + most)
        if self.ends and self.names is None:  # None at one end leaves it as it is
            low, high = self.numbers(list(self.ends))
            self.low = self.low if self.ends[0] is None else low
            self.high = self.high if self.ends[1] is None else high
        self.tick(values)

    def tick(self, values):
        """Set the ticks and their words: as given, or round numbers; only so many as fit."""
        if self.names is not None:
            self.ticks, self.words = list(range(len(self.names))), self.names
            return
        given, wide = self.given_ticks, self.side == "x"
        if given is None:
            pairs = self._round_ticks(values, self.length / (0.75 if wide else 0.4))
        else:
            given = given if isinstance(given, dict) else {value: plain(value) for value in given}
            pairs = list(zip(self.numbers(list(given)), map(str, given.values()), strict=True))
        pairs = [(v, w) for v, w in pairs if self.holds(v)]
        size = {w: inches(w, SIZE) + 0.08 if wide else ROW for _, w in pairs}
        while any(
            abs(self.at(a) - self.at(b)) < (size[v] + size[w]) / 2
            for (a, v), (b, w) in pairwise(pairs)
        ):
            pairs = pairs[::2]
        self.ticks, self.words = [v for v, _ in pairs], [w for _, w in pairs]

    def _round_ticks(self, values, most):
        ends = sorted((self.low, self.high))
        if self.times:
            from matplotlib import dates

            locator = dates.AutoDateLocator(minticks=2, maxticks=max(int(most), 3))
            found = locator.tick_values(*map(dates.num2date, ends))
            words = dates.ConciseDateFormatter(locator).format_ticks(found)
            return list(zip(found, words, strict=True))
        if self.log:
            powers = range(*np.add(np.floor(np.log10(ends)), (0, 1)).astype(int))
            parts = (1, 2, 5) if ends[1] < 1e5 * ends[0] else (1,)
            return [(v, plain(v)) for v in (part * 10.0**k for k in powers for part in parts)]
        whole = len(values) > 0 and bool(np.all(values == np.round(values)))
        count = min(max(int(most), 2), 9)
        for integer in (whole, True):  # whole numbers only, where words such as years would repeat
            found = _round_steps(*ends, count, integer)
            words = [plain(round(v, 10) + 0.0) for v in found]
            if len(set(words)) == len(words):
                break
        return list(zip(found, words, strict=True))

    def holds(self, values):
        """Return which values lie between the ends, these included."""
        share = self.at(values) / self.length
        return (share > -1e-6) & (share < 1 + 1e-6)

    def at(self, value):
        """Return where a value stands on the axis, in inches from its beginning."""
        low, high, value = self.low, self.high, np.asarray(value, float)
        if self.log:
            low, high = np.log10(low), np.log10(high)
            value = np.log10(np.where(value > 0, value, np.nan))
        return self.length * (value - low) / (high - low)


def _round_steps(low, high, count, whole):
    """Return two or more multiples of 1, 2 or 5 times a power of ten, else at most `count`."""
    least = (high - low) / count
    steps = [part * 10.0 ** np.floor(np.log10(least)) for part in (10, 5, 2, 1, 0.5, 0.2, 0.1)]
    for step in steps[sum(step >= least for step in steps) - 1 :]:
        if whole and np.floor(high) - np.ceil(low) >= 1:
            step = max(step, 1)
        found = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
        if len(found) > 1:
            break
    return [v for v in found if not whole or v == round(v)]


def _name(value):
    return "not known" if pd.isna(value) else str(value)


# --- panels


class _Panel:
    """One pair of axes: its marks as shapes, its margins, and the words that stand in it."""

    def __init__(self, marks, given, share):
        self.title, self.share, self.equal = given["title"], share, given["equal"]
        self.left, self.top, self.bare, self.taken, self.words = 0.0, 0.0, False, {}, []
        self.bare_axes = given["xticks"] == given["yticks"] == ()  # a drawing that measures nothing
        self.x, self.y = (_Axis(side, marks, given) for side in "xy")
        self.shapes = [_Shape(mark, self) for mark in marks]
        self.empty = not any(shape.drawn for shape in self.shapes)

    def wanted_height(self):
        """Return the height of the axes: of the lanes that hold words, or the usual one."""
        if self.y.names is None or self.empty:
            return 2.4
        words = max(high(name) + high(more) for name, more in self.lanes())
        lane = max(words + 0.06, 0.27, *(0.16 * shape.beside + 0.1 for shape in self.shapes))
        return max(len(self.y.names) * lane, 0.82)  # lower shows nothing to the back row

    def lanes(self):
        """Return (name, grey words below) of each lane: what stands before a newline, and after."""
        most = self.share * 0.42
        parts = [name.partition("\n") for name in self.y.names or self.y.words]
        return [(wrapped(a, most, SIZE), wrapped(b, most)) for a, _, b in parts]

    def fit(self, side, length):
        """Fit an axis to the marks, with room for the words beyond them."""
        rooms, values, zero = [], [np.array([])], False
        for shape in self.shapes:
            values += shape.values(side)
            zero |= shape.mark.kind == "bars" and shape.mark.along == side
            if shape.mark.along == side and shape.beyond_end:
                size = inches if side == "x" else high
                ends = zip(shape.beyond, shape.texts, strict=True)
                rooms += [(end, size(text) + 0.1) for end, text in ends if text and end == end]
        values = np.concatenate(values)
        axis = self.x if side == "x" else self.y
        kept = np.isfinite(values) & ((values > 0) | (not axis.log))
        axis.fit(values[kept], length, zero, rooms)

    def equalise(self):
        """Give both axes one scale, the coarser of the two."""
        scale = max((axis.high - axis.low) / axis.length for axis in (self.x, self.y))
        for axis in (self.x, self.y):
            middle, half = (axis.low + axis.high) / 2, scale * axis.length / 2
            axis.low, axis.high = middle - half, middle + half
            axis.tick(np.array([]))

    def at_right(self):
        """Return (height, text, colour) of the words in the margin at the right."""
        rows = [(shape, row) for shape in self.shapes for row in shape.aside if shape.texts[row]]
        places = [self.y.at((s.at if s.column else s.end)[row]) for s, row in rows]
        texts = [wrapped(shape.texts[row], self.share * 0.3) for shape, row in rows]
        colors = [s.looks[row][2] if s.mark.kind == "lines" else "ink" for s, row in rows]
        every = zip(places, texts, colors, strict=True)
        return [one for one in every if -0.1 < one[0] < self.y.length + 0.1]  # neither NaN

    def sides(self):
        """Return the margins at the left and at the right."""
        left = [inches(word, SIZE) for word in self.y.words if self.y.names is None]
        if self.y.names and not self.bare:
            left += [max(inches(name, SIZE), inches(more)) for name, more in self.lanes()]
        right = max([inches(text) + 0.15 for _, text, _ in self.at_right()], default=0.0)
        return max([0.08, *left]) + 0.17, max(right, 0.28)

    def above(self):
        """Return the margin above: title, word of the vertical axis, words of rules."""
        wide = sum(self.sides()) + self.x.length - 0.15
        self.title, self.y.label = wrapped(self.title, wide, SIZE), wrapped(self.y.label, wide)
        self.over = max([0.05, *(_box(*word[:4])[3] - self.y.length for word in self.words)])
        return 0.07 + 1.1 * high(self.title) + high(self.y.label) + self.over

    def under(self):
        """Return the margin beneath, and settle whether the words at the ticks are turned."""
        self.turned, names = False, self.x.names
        if names and not self.empty:
            slot = self.x.length / len(names)
            self.x.words = [wrapped(name, slot - 0.06, lines=3) for name in names]
            pieces = [piece.strip() for name in names for piece in _PIECES.findall(name)]
            cut = any(name.endswith("…") for name in self.x.words)
            self.turned = cut or max(map(inches, pieces)) > slot - 0.06
            if self.turned:
                step, lines = int(np.ceil(ROW / slot)), max(int(slot / ROW), 1)
                kept = {name: wrapped(name, 1.6, lines=lines) for name in names[::step]}
                self.x.words = [kept.get(name, "") for name in names]  # too many: every second, …
        deep = max(map(inches if self.turned else high, self.x.words or [""]))
        self.x.label = wrapped(self.x.label, self.x.length + 2 * min(self.sides()) - 0.2, SIZE)
        self.deep = deep + 0.09 if deep else 0.03
        return self.deep + 1.1 * high(self.x.label) + 0.06

    # --- words at marks

    def place_words(self):
        """Find a place for every word at a mark; what finds none is left to the table."""
        left, self.beyond = self.sides()
        if self.empty:
            return
        for way in (True, False):  # what words should not cover, and what they never cover
            found = [s.obstacles(self) for s in self.shapes if s.is_thin == way]
            self.taken[way] = np.concatenate([np.empty((0, 4)), *found])
        for place, text, color in self.at_right():
            ys = [float(place) + step * ROW / 2 for n in range(40) for step in (n, -n)]
            low, top = high(text) / 2 - 0.1, self.y.length + 0.1 - high(text) / 2
            spots = [(self.x.length + 0.1, y, "left") for y in ys if low <= y <= top]
            self.put_first(spots, text, color)
        right, low = self.beyond, self.y.length + 0.08
        for shape in self.shapes:
            if shape.mark.kind == "rules" and shape.mark.along == "x":
                for value, text in sorted(zip(shape.end, shape.texts, strict=True)):
                    if text and self.x.holds(value):
                        text = wrapped(text, left + self.x.length + right - 0.1)
                        half = inches(text) / 2
                        ends = half - left + 0.03, self.x.length + right - half - 0.03
                        middle = float(np.clip(self.x.at(value), *ends))
                        ys = [low + ROW * row + high(text) / 2 for row in range(30)]
                        self.put_first([(middle, y, "center") for y in ys], text)
        for shape in self.shapes:
            if shape.stacked or shape.beyond_end:
                for row, text in enumerate(shape.texts):
                    if text and np.isfinite(shape.at[row]):
                        self._at_mark(shape, row, text)

    def _at_mark(self, shape, row, text):
        """Put the words of one row at its mark, at the first place that is free."""
        lies, tall = shape.mark.along == "x", high(text)
        along, across = (self.x, self.y) if lies else (self.y, self.x)
        place = float(across.at(shape.at[row] + shape.shift[row]))
        if shape.stacked:
            ends = along.at([shape.start[row], shape.end[row]])
            thick = shape.thick * across.length / abs(across.high - across.low)
            long, deep = (inches(text), tall) if lies else (tall, inches(text))
            if long < abs(ends[1] - ends[0]) + 0.02 and deep < thick + 0.04:
                middle = float(ends.mean())
                spot = (middle, place) if lies else (place, middle)
                self.put_first([(*spot, "center")], text, inside=True)
            return
        end = shape.beyond[row] if np.isfinite(shape.beyond[row]) else shape.zero
        x, y = (float(along.at(end)), place) if lies else (place, float(along.at(end)))
        if shape.mark.kind == "dots":
            gap = 0.05 + shape.mark.looks["size"] / 144
            up = gap + tall / 2
            spots = [(x + gap, y, "left"), (x, y + up, "center"), (x, y - up, "center")]
            spots += [(x - gap, y, "right"), (x, y + up + tall, "center")]
            spots = spots if shape.mark.looks["size"] else [(x, y, "center")]
        elif lies:
            spots = [(x + 0.05, y, "left")]
        else:
            spots = [(x, y + 0.04 + tall * (0.5 + up), "center") for up in range(4)]
        self.put_first(spots, text, inside=True)

    def put_first(self, spots, text, color="ink", *, inside=False):
        """Put a text at the first of the spots (x, y, align) where it touches no other.

        Clear of lines too, if it can be. `inside`: not beyond the axes and their right margin.
        """
        right, top = self.x.length + self.beyond, self.y.length + 0.1
        for taken in (np.concatenate([*self.taken.values()]), self.taken[False]):
            for spot in spots:
                box = _box(*spot[:2], text, spot[2])
                within = min(box[:2]) > -0.05 and box[2] < right and box[3] < top
                if (within or not inside) and _is_free(box, taken):
                    self.taken[False] = np.concatenate([self.taken[False], [box]])
                    self.words.append((*spot[:2], text, spot[2], color))
                    return

    def on_page(self, x, y):
        """Return values of both axes as points (x, y) of the page."""
        down = self.top + self.y.length - self.y.at(y)
        return np.column_stack([self.left + self.x.at(x), down])

    def marks(self):
        """Return what `_Shape.parts` yields of all, from what lies below to what lies above."""
        parts = [part for shape in self.shapes for part in shape.parts(self)]
        return sorted(parts, key=lambda part: part[0])

    def spots(self, *, words):
        """Yield (box, words or row) of what is drawn: what the page says where a pointer comes."""
        for shape in [] if self.empty else self.shapes:
            mark, boxes = shape.mark, shape.boxes(self)
            if mark.looks["show"] is not None and len(boxes) <= SPOTS:
                ends = self.on_page((self.x.low, self.x.high), (self.y.low, self.y.high))
                low, high = np.sort(ends, axis=0) + np.array([[-1e-6], [1e-6]])
                rows = np.flatnonzero(((boxes[:, 2:] >= low) & (boxes[:, :2] <= high)).all(axis=1))
                yield from zip(_mils(boxes[rows]), mark.said(rows) if words else rows, strict=True)


class _Shape:
    """One mark in numbers: `at` its places, `start` and `end` along the other axis, its looks."""

    def __init__(self, mark, panel):
        self.mark, columns, count = mark, mark.columns, len(mark.frame)
        along, across = (panel.x, panel.y) if mark.along == "x" else (panel.y, panel.x)

        def numbers(role, axis, missing=np.nan):
            return axis.numbers(mark.data[role]) if role in columns else np.full(count, missing)

        self.at = numbers(mark.place, across)
        self.low, self.high = numbers("low", along), numbers("high", along)
        self.zero = np.nan if along.log else 0.0
        self.start, self.end = numbers("base", along, self.zero), numbers(mark.along, along)
        if mark.kind in ("spans", "band") and "low" in columns:
            self.start, self.end = self.low, self.high
        self.is_bar, self.is_thin = mark.kind in ("bars", "spans"), mark.kind in ("lines", "band")
        self.groups = mark.groups
        self.texts, self.beside, self.stacked = mark.texts("text"), 1, False
        self.drawn = mark.kind != "rules" and bool(np.isfinite(self.end + self.at).any())
        if mark.kind == "bars":
            self._stack("base" in columns)
            if "text" not in columns:
                self.texts = ["not known" if np.isnan(end) else "" for end in self.end]
        places, self.wide = np.unique(self.at[np.isfinite(self.at)]), across.names is None
        self.thick = 0.74 * (np.diff(places).min() if len(places) > 1 and self.wide else 1.0)
        group = np.zeros(count, int)
        for number, (_, rows, *_) in enumerate(self.groups):
            group[rows] = number
        self.looks = [self.groups[number] for number in group.tolist()]
        self.shift = self.thick * ((group + 0.5) / self.beside - 0.5) * (self.beside > 1)
        self.beyond = np.fmax(np.fmax(self.end, self.high), self.start if self.is_bar else self.end)
        self._where_words_stand(panel)

    def _where_words_stand(self, panel):
        """Settle where the words of the rows stand: `aside`, at the right, or at their marks."""
        kind, rows = self.mark.kind, range(len(self.at))
        at_marks = kind in ("bars", "spans", "dots") and not self.stacked
        lanes = at_marks and self.mark.along == "x" and len(set(self.at)) == len(self.at)
        self.column = lanes and kind == "dots"
        if lanes and panel.x.ends and kind != "dots":  # is there room behind the bars?
            low, high = panel.x.numbers(list(panel.x.ends))
            self.column = np.nanmax((self.beyond - low) / (high - low), initial=0) >= 0.85
        self.aside = rows if self.column or (kind == "rules" and self.mark.along == "y") else []
        if kind == "lines":  # the last row of each
            good = np.isfinite(self.end)
            self.aside = [row for _, some, *_ in self.groups for row in some[good[some]][-1:]]
        self.beyond_end = at_marks and not self.column

    def _stack(self, based):
        """Set bars of several colours at one place side by side, or stack them."""
        if "color" in self.mark.columns and self.mark.looks["beside"]:
            self.beside = len(self.groups)
        elif "color" in self.mark.columns and not based and len(set(self.at)) < len(self.at):
            self.stacked = True
            order = np.concatenate([rows for _, rows, *_ in self.groups])
            long = np.nan_to_num(self.end)
            piled = pd.Series(long[order]).groupby(self.at[order]).cumsum()
            self.end = np.empty(len(order))
            self.end[order] = piled
            self.start = self.end - long

    def values(self, side):
        """Return the arrays of numbers on one axis, which decide its ends."""
        if side == self.mark.along:
            starts = self.is_bar or self.mark.kind == "band"
            return [self.end, self.low, self.high] + ([self.start] if starts else [])
        alone = len(np.unique(self.at)) == 1  # a single bar keeps the usual width
        half = (4 if alone else self.thick / 2) if self.is_bar and self.wide else 0
        return [self.at - half, self.at + half]

    def obstacles(self, panel):
        """Return boxes around dots, along lines and in bars, which words should not cover."""
        if self.mark.kind == "rules" or not self.mark.looks.get("size", 3):
            return np.empty((0, 4))
        x, y = self.points()
        x, y = panel.x.at(x), panel.y.at(y)
        if self.mark.kind in ("lines", "band") and len(x) > 1:
            steps = np.linspace(0, len(x) - 1, max(60, len(x)))
            x, y = (np.interp(steps, range(len(x)), v) for v in (x, y))
        half = self.mark.looks.get("size", 3) / 144
        boxes = np.column_stack([x - half, y - half, x + half, y + half])
        return boxes[np.isfinite(boxes).all(axis=1)][:600]

    def points(self):
        """Return the rows as x and y."""
        at = self.at + self.shift
        return (self.end, at) if self.mark.along == "x" else (at, self.end)

    def boxes(self, panel):
        """Return (left, top, right, bottom) of each row on the page; NaN for what is not there."""
        lies, half = self.mark.along == "x", self.thick / self.beside / 2 * self.is_bar
        along, across = (panel.x, panel.y) if lies else (panel.y, panel.x)
        first, last = self.start, self.end
        if not self.is_bar and self.mark.kind != "band":
            first, last = (self.low, self.high) if "low" in self.mark.columns else (last, last)
        if self.is_bar and along.log:
            first = np.where(np.isnan(first), along.low, first)
        lanes = self.at + self.shift - half, self.at + self.shift + half
        if self.mark.kind == "rules":
            lanes = np.full_like(last, across.low), np.full_like(last, across.high)
        elif first is not last:  # a bar is cut at the end of the axis; a dot beyond it is not drawn
            first, last = (np.clip(end, *sorted((along.low, along.high))) for end in (first, last))
        corners = zip((first, last), lanes, strict=True)
        corners = [panel.on_page(*(pair if lies else pair[::-1])) for pair in corners]
        return np.column_stack([np.minimum(*corners), np.maximum(*corners)])

    def parts(self, panel):
        """Yield (height, window, kind, looks) of what is drawn; a window cuts what lies beyond."""
        kind, (x, y), hollow = self.mark.kind, self.points(), self.mark.low
        boxes, size = self.boxes(panel), self.mark.looks.get("size", 0)
        known = np.isfinite(boxes).all(axis=1)
        window = _mils([panel.left, panel.top, panel.x.length, panel.y.length])
        thin = known.any() and (boxes[known, 2:] - boxes[known, :2]).min(axis=1).max() < 0.04
        for _, rows, color, sign in self.groups:
            there = boxes[rows[known[rows]]].reshape(-1, 2, 2)  # (corner, corner) of each
            line = {"stroke": color, "dash": sign, "width": self.mark.looks.get("width", 1.1)}
            through = panel.on_page(x[rows], y[rows])
            if kind == "band":
                edge = [*there[:, 0], *there[::-1, 1]] if "low" in self.mark.columns else through
                yield 1, window, "path", {"d": outline([edge], "z"), "fill": color, "opacity": 0.4}
            elif kind == "rules":
                yield 2, window, "path", line | {"d": outline(there)}
            elif kind == "lines":  # as high as dots: what comes later covers
                yield 3, window, "path", line | {"d": outline([through])}
            elif kind == "dots" and "low" in self.mark.columns:
                line |= {"d": outline(there), "dash": "", "width": 4, "opacity": 0.4}
                yield 2, (), "path", line
            for low in sorted(set(hollow[rows])):
                some, look = rows[hollow[rows] == low], {"color": color, "sign": sign, "low": low}
                if self.is_bar:
                    there = {"boxes": boxes[some[known[some]]], "edge": 0.5 * (not thin)}
                    yield 1, (), "bars", look | there
                elif size and (kind == "dots" or low or self.mark.looks["marks"]):
                    # A dot at the end of an axis is drawn whole; one beyond it not at all.
                    some = some[panel.x.holds(x[some]) & panel.y.holds(y[some])]
                    points = panel.on_page(x[some], y[some])
                    yield 3, (), "dots", look | {"points": points, "size": size}


# --- the legend


def _entries(panels, width):
    """Return (text, look) for the legend, each text once; a look is (kind, colour, sign, low)."""
    out, low = {}, {}
    for shape in (s for panel in panels for s in panel.shapes if s.drawn):
        kind = "bars" if shape.is_bar else shape.mark.kind
        for text, rows, color, sign in shape.groups:
            if len(rows) and text:
                out.setdefault(wrapped(text, min(3.6, width - 0.9)), (kind, color, sign, False))
        if shape.mark.low.any() and kind != "band":
            words, kind = ("hatched", "bars") if shape.is_bar else ("hollow", "dots")
            low.setdefault(f"{words}: low confidence", (kind, GREY, "circle", True))
    return [*out.items(), *low.items()]


def flow(entries, width):
    """Return (text, look, x, y) of entries side by side, y down from the top, and the height."""
    out, x, y, deep = [], 0.0, 0.0, 0.0
    for text, look in entries:
        wide = inches(text) * (1 if look else 1.12) + (0.45 if look else 0.1)
        if x and x + wide + (0 if look else 1.2) > width:
            x, y, deep = 0.0, y + deep, 0.0
        out.append((text, look, x, y))
        x, deep = x + wide, max(deep, high(text) + 0.04)
    return out, y + deep


# --- SVG


@cache
def _template():
    from jinja2 import Environment, Template, compiler
    from jinja2.bccache import bc_magic

    page = Environment(autoescape=True)
    page.filters |= {"at": _mils, "pt": lambda points: _mils(points / 72)}
    page.globals.update(outline=outline, starts=starts, high=high, ROW=ROW, SIZE=SIZE, SMALL=SMALL)
    file = Path(__file__).parent / "static" / "chart.svg"

    def compiled():
        return marshal.dumps(page.compile(file.read_text("utf-8"), filename=file.name))

    code = marshal.loads(kept("chart", compiled, [file, Path(compiler.__file__)], bc_magic))
    return Template.from_code(page, code, page.globals)


def svg(panels=(), entries=(), left=0.2, below=0.0, **size):
    """Return panels and the entries of a legend as SVG: a whole one with width and height."""
    return _template().render(panels=panels, entries=entries, left=left, below=below, **size)


def _mils(inches):
    if np.isscalar(inches):
        return round(1000 * inches)
    return np.round(np.multiply(inches, 1000)).astype(int).tolist()


def outline(pieces, end=""):
    """Return lines through points (x, y) as a path of SVG, with gaps where numbers are missing."""
    d = ""
    for piece in pieces:
        piece = np.asarray(piece, float).reshape(-1, 2)
        known = np.isfinite(piece).all(axis=1)
        for part in np.split(piece, np.flatnonzero(~known)):
            points = np.rint(1000 * part[np.isfinite(part).all(axis=1)]).astype(int)
            if len(points) > 1:
                steps = " ".join(f"{x} {y}" for x, y in np.diff(points, axis=0).tolist())
                d += f"M{points[0][0]} {points[0][1]}l{steps.replace(' -', '-')}{end}"
    return d


def starts(points, rest):
    """Return a path of SVG that begins at each point and goes on as `rest` says."""
    return "".join(f"M{x} {y}{rest}" for x, y in _mils(points))


def markup(spec, also=""):
    """Return a chart as HTML that needs no script: the drawing that fits the page, or a picture."""
    alt = escape(spec["alt"] + also)
    if "src" in spec:
        return f'<img src="{spec["src"]}" alt="{alt}" style="max-width:100%;height:auto">'
    both = f'<div class="silkroad-both">{spec["wide"]}{spec["narrow"]}</div>'
    return both.replace("<svg xmlns", f'<svg role="img" aria-label="{alt}" xmlns')
