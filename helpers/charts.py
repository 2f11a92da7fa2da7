"""A grammar of charts: marks over a table, drawn beside a map or alone.

    charts.draw(
        charts.bars(table, x="launches", y="site", color="state"),
        charts.rules(x=30, text="one a month"),
        name="Launches by site",
    )

A mark is plain data: a kind, a frame, columns and looks. `draw` returns the layer that a live view
returns, with its words and its table made of the same rows. Rows whose `confidence` is low are
hollow or hatched. Arguments are named as in seaborn and plotly. Every mark also takes `label` (its
name in the legend), `styles` {category of `color`: colour, or (colour, shape, hatch or dash)},
`says` (a column with the words for a row), `show` (more columns for the table; None: no rows).
Lengths in this file are inches; where words stand is computed, so nothing is cut or overlaps.
"""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from helpers import maps, style
from helpers.figures import NARROW, are_words, figure, plain
from helpers.inputs import InputError, one_of

__all__ = ["band", "bars", "dots", "draw", "lines", "rules", "spans"]

HATCHES = ("", "//", "..", "xx", "\\\\", "--", "/")
SIGNS = {"dots": style.SHAPES, "lines": style.DASHES, "rules": style.DASHES}  # of others HATCHES


@dataclass(frozen=True)
class Mark:
    """What `draw` draws: a `kind`, its `frame`, `columns` {role: column} and `looks`."""

    kind: str
    frame: pd.DataFrame
    columns: dict
    looks: dict

    @cached_property
    def data(self):
        """The columns of the frame by their roles."""
        return {role: self.frame[column] for role, column in self.columns.items()}

    @cached_property
    def along(self):
        """The axis, "x" or "y", on which the numbers lie."""
        if self.kind == "rules":
            return "y" if "y" in self.columns else "x"
        if self.kind in ("spans", "band"):
            return "y" if "x" in self.columns else "x"
        return "x" if are_words(self.data["y"]) else "y"

    @property
    def place(self):
        """The other axis: where on it a row stands."""
        return "y" if self.along == "x" else "x"

    @property
    def low(self):
        """Which rows are of low confidence."""
        told = self.frame.get("confidence")
        return np.zeros(len(self.frame), bool) if told is None else (told == "low").to_numpy()

    def texts(self, role):
        """Return a column as text to print; a missing value prints nothing."""
        values = self.data.get(role, [""] * len(self.frame))
        return [v if type(v) is str else "" if pd.isna(v) else plain(v) for v in values]

    def said(self, rows):
        """Return rows, by number, in words, such as "2016: 3 (2 to 5) [a] (low confidence)"."""
        some, along, place = self.frame.iloc[rows], self.along, self.place
        if "says" in self.looks:
            return some[self.looks["says"]].tolist()
        columns = {role: list(map(plain, some[column])) for role, column in self.columns.items()}
        if self.kind == "rules":
            texts = [self.texts("text")[row] or along for row in rows]
            return [f"{text} at {at}" for text, at in zip(texts, columns[along], strict=True)]
        out = []
        for number, low in enumerate(self.low[rows]):
            row = {role: texts[number] for role, texts in columns.items()}
            pair = f"{row['low']} to {row['high']}" if "low" in row else ""
            words = [f"{row[place]}:" if place in row else "", row.get(along)]
            words += [f"({pair})" if pair and along in row else pair]
            words += [f"[{row['color']}]" if "color" in row else "", "(low confidence)" * int(low)]
            out.append(" ".join(filter(None, words)).replace("\n", "; "))
        return out

    @cached_property
    def groups(self):
        """A list of (category, row numbers, colour, sign), one a look: a shape, hatch or dash."""
        rows, signs = np.arange(len(self.frame)), SIGNS.get(self.kind, HATCHES)
        dash = self.looks.get("dash")
        usual = dash or signs[0]
        if "color" not in self.columns:
            return [(self.looks["label"], rows, style.color(self.looks["color"]), usual)]
        values = np.array(self.texts("color"), object)
        styles = {str(key): look for key, look in self.looks["styles"].items()}
        out = []
        for number, kind in enumerate(dict.fromkeys([*styles, *values])):
            color, sign = style.category_style(number, signs)
            sign = dash or sign
            if kind in styles:
                look = styles[kind]
                color, given = (look, usual) if isinstance(look, str) else look
                if (given in style.SHAPES) == (signs is style.SHAPES):
                    sign = given
                elif self.kind != "lines":  # a line told by the shape of its dots keeps a dash
                    sign = usual
            out.append((kind, rows[values == kind], style.color(color), sign))
        return [group for group in out if len(group[1])]


def bars(frame, *, x, y, color="blue", text=None, base=None, beside=False, **more):
    """Bars: lying where `y` holds words, else standing; from `base` (a column) or zero.

    Rows at one place with different `color` are stacked, or side by side with `beside=True`.
    `text` is printed at the end of a bar, inside where bars are stacked.
    """
    columns = {"x": x, "y": y, "base": base, "text": text}
    return _mark("bars", frame, columns, color, beside=beside, **more)


def dots(frame, *, x, y, color="blue", text=None, low=None, high=None, size=7, **more):
    """Dots, with an interval from `low` to `high` where given; of size 0 the `text` alone."""
    columns = {"x": x, "y": y, "low": low, "high": high, "text": text}
    return _mark("dots", frame, columns, color, size=size, **more)


def lines(frame, *, x, y, color="blue", text=None, dash="", marks=False, width=1.7, **more):
    """Lines through the rows in their order, one for each category of `color`.

    `dash` as on maps ("6 4") and `width` in points, for all of them; `marks=True` shows the rows as
    dots too; `text` is printed at the last row of each line.
    """
    looks = {"dash": dash, "marks": marks, "width": width, "size": 5}
    return _mark("lines", frame, {"x": x, "y": y, "text": text}, color, **looks, **more)


def spans(frame, *, low, high, x=None, y=None, color="blue", text=None, **more):
    """Bars from `low` to `high`, lying on the lanes of `y` or standing on those of `x`."""
    columns = {"x": x, "y": y, "low": low, "high": high, "text": text}
    return _mark("spans", frame, columns, color, **more)


def band(frame, *, low=None, high=None, x=None, y=None, color="sky", **more):
    """The area between `low` and `high` over `x`, or beside `y`; of `x` and `y` the one within."""
    return _mark("band", frame, {"x": x, "y": y, "low": low, "high": high}, color, **more)


def rules(frame=None, *, x=None, y=None, text=None, color="black", dash="6 4", **more):
    """Lines across the chart at the values of `x` or of `y`, with `text` at their ends.

    Without a frame these are the value and the words themselves: `rules(x=2020, text="today")`.
    """
    if frame is None:
        frame = pd.DataFrame({"x": [x], "y": [y], "text": [text or ""]})
        x, y, text = ("x", None, "text") if y is None else (None, "y", "text")
    return _mark("rules", frame, {"x": x, "y": y, "text": text}, color, dash=dash, **more)


def draw(
    *marks,
    name,
    title="",
    x=None,
    y=None,
    xlim=None,
    ylim=None,
    xticks=None,
    yticks=None,
    log="",
    height=None,
    width=8.6,
    widths=None,
    legend="below",
    equal=False,
    words="",
    table=None,
):
    """Draw marks on one pair of axes, or lists of marks as panels side by side; return a layer.

    x, y: words at the axes (the columns' names if None). title: a line above. xlim, ylim: (from,
    to). xticks, yticks: {value: words} or a tuple of values. log: "x", "y" or "xy". equal: one
    scale for both axes. All of these may be a list with one entry for each panel. height: of the
    axes, in inches; width: of all (up to 4: for a telephone, too). widths: shares of the panels.
    legend: "below", or "". words: a sentence before that of the data. table: a twin of its own.
    InputError: a column that the table does not have, marks and panels mixed.
    """
    if not marks:
        raise InputError("charts.draw needs at least one mark, such as charts.bars(...).")
    panels = list(marks) if all(isinstance(mark, list) for mark in marks) else [list(marks)]
    if not all(isinstance(mark, Mark) for group in panels for mark in group):
        raise InputError("charts.draw takes marks, or lists of marks for panels: do not mix them.")
    one_of(legend, ("below", ""), "place of the legend")
    options = {"title": title, "x": x, "y": y, "xlim": xlim, "ylim": ylim, "xticks": xticks}
    options |= {"yticks": yticks, "log": log, "equal": equal}
    each = [
        {key: value[i] if isinstance(value, list) else value for key, value in options.items()}
        for i in range(len(panels))
    ]
    pairs = [(mark, given) for group, given in zip(panels, each, strict=True) for mark in group]
    every = [mark for mark, _ in pairs]
    given = {"height": height, "widths": widths, "legend": legend}
    wide, spots = figure(panels, each, width=width, **given)
    drawn = {"wide": wide, "values": [words for _, words in spots]}
    drawn["boxes"] = [box for box, _ in spots]
    more = partial(_narrow, width > 4, panels, each, **given)
    said = [words or name, *(given["title"] for given in each)]
    said += [_says(mark, given) for mark, given in pairs]
    alt = " ".join(f"{part.rstrip('.')}." for part in said if part)
    twin = _twin(every) if table is None else table
    return maps.chart(drawn, name, alt=alt, table=twin, marks=every, more=more)


def _narrow(two, *panels, **given):
    text, spots = figure(*panels, width=NARROW, **given) if two else ("", [])
    return {"narrow": text, "narrow_boxes": [box for box, _ in spots]}


# --- marks: what they hold


def _mark(kind, frame, columns, color, *, styles=None, label="", show=(), **looks):
    """Return a mark, after looking whether the frame has all that is named."""
    frame = frame.to_frame() if isinstance(frame, pd.Series) else frame
    if not {None, *frame.columns} & {*frame.index.names}:
        frame = frame.reset_index()
    columns = {role: column for role, column in columns.items() if column is not None}
    have = ", ".join(map(str, frame.columns))
    for column in (*columns.values(), *(show or ())):
        if column not in frame.columns:
            raise InputError(f"charts.{kind} needs the column {column!r}; the table has: {have}.")
    if color in frame.columns:
        columns["color"] = color
    elif color not in style.COLORS and not str(color).startswith("#"):
        known = ", ".join(style.COLORS)
        raise InputError(f"charts.{kind}: {color!r} is no column ({have}) and no colour ({known}).")
    styles = styles or style.USUAL.get(color, {})
    looks |= {"color": color, "styles": styles, "label": label, "show": show}
    return Mark(kind, frame, columns, looks)


# --- twins


def _twin(marks):
    """Return the rows drawn as one table, with sources and confidence where the frame has them."""
    parts = []
    for mark in (mark for mark in marks if mark.looks["show"] is not None):
        order = [mark.place, mark.along, "base", "low", "high", "color", "text"]
        columns = [mark.columns[role] for role in order if role in mark.columns]
        columns += mark.looks["show"]
        columns += [column for column in ("source_ids", "confidence") if column in mark.frame]
        same = next((part for part in parts if part[0].equals(mark.frame)), None)
        if same:
            same[1].extend(columns)
        else:
            parts.append((mark.frame, columns, mark.looks["label"] or mark.kind))
    tables = [frame[list(dict.fromkeys(columns))] for frame, columns, _ in parts]
    if len(tables) == 1:
        return tables[0].reset_index(drop=True)
    for table, (_, _, what) in zip(tables, parts, strict=True):
        if "what" not in table:
            table.insert(0, "what", what)
    every = list(dict.fromkeys(column for table in tables for column in table))
    tables = [t.astype(object).reindex(columns=every, fill_value="") for t in tables if len(t)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=every)


def _says(mark, given):
    """Return a mark in words: all of a few rows, else their count, first, last and extremes."""
    columns, along, place = mark.columns, mark.along, mark.place
    if mark.looks["show"] is None or "says" in mark.looks:  # other rows or words tell it
        return mark.looks["label"]
    if mark.kind == "rules":
        return "Lines: " + "; ".join(mark.said(range(len(mark.frame))))
    value = columns.get(along)
    numbers = [value] if value else [columns["low"], columns["high"]]
    finite = mark.frame[numbers].replace([np.inf, -np.inf], np.nan).notna()
    rows = np.flatnonzero(finite.all(axis=1))
    shown = mark.frame.iloc[rows]
    what = given[along] or " to ".join(map(maps.heading, numbers))
    what += f" by {given[place] or maps.heading(columns[place])}" if place in columns else ""
    what = f"{mark.looks['label']}: {what}" if mark.looks["label"] else what
    if shown.empty:
        return f"{what}: nothing to draw"
    if len(shown) <= 12:
        return f"{what}: " + "; ".join(mark.said(rows))
    first, last = mark.said(rows[[0, -1]])
    words = [f"{what}, {len(shown)} rows", f"first {first}", f"last {last}"]
    if value and not are_words(shown[value]):
        values = shown[value].to_numpy()
        least, most = mark.said(rows[[values.argmin(), values.argmax()]])
        words += [f"lowest {least}", f"highest {most}"]
    if "color" in columns and shown[columns["color"]].nunique() <= 12:
        counts = shown[columns["color"]].value_counts(sort=False)
        words.append("rows: " + ", ".join(f"{kind} {count}" for kind, count in counts.items()))
    return "; ".join(words)
