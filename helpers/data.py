"""The tables of `data/` as typed DataFrames, each row with its sources and its confidence.

`data/datapackage.json` is the one description of every table: columns, types, units, limits.
What it says is what `load` returns and refuses; `_TYPES` below is how each type is read.
"""

import csv
import html
import io
import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

from helpers.inputs import InputError, one_of

__all__ = ["bibliography", "load", "shapes", "snapshot"]

FOLDER = Path(__file__).resolve().parent.parent / "data"
CHECKS = {}  # {table: function(frame, remedy) that returns it or refuses}; silkroad adds its own
TERMS = "copyright of the publisher; single facts cited"  # the usual ones, said once in a list

BORDER_POLICY = (
    "Borders are drawn as Natural Earth draws them at 1:50m, by control on the ground, "
    "also where they are contested. Borders and names imply no opinion on any territory."
)


def load(name, folder=None):
    """Return the table `name` as a DataFrame of your own, `attrs["table"]` holding its name.

    The columns, their units and their limits are those of `data/datapackage.json`. A file is
    parsed once and again only when it changes. InputError: no such table (with the nearest
    names), or a file that is missing or damaged (with file, line, column and remedy).
    `folder` is another place of the files than `data/`.
    """
    one_of(name, tables(), "table")
    path = Path(folder or FOLDER).expanduser() / f"{name}.csv"
    frame = _parsed(name, path, _stamp(path), _stamp(FOLDER / "datapackage.json")).copy()
    frame.attrs["table"] = name
    return frame


def tables():
    """Return the names of all tables, in the order of `data/datapackage.json`."""
    return [name for name, table in package().items() if "schema" in table]


def package():
    """Return the resources of `data/datapackage.json` by name: schema, units, sources, licences."""
    path = FOLDER / "datapackage.json"
    return {one["name"]: one for one in _json(path, "resources", _stamp(path))["resources"]}


def snapshot():
    """Return the instant of the latest fetch of orbital elements: the lessons' "now", in UTC."""
    return load("elements")["fetched"].max()


@cache
def publishers(keys):
    """Return who stands behind sources: "CelesTrak [S049]; INPE [S034]" of "S049;S034"."""
    known = load("sources").set_index("source_id")["publisher"]
    return "; ".join(f"{known.get(key, 'not known')} [{key}]" for key in keys.split(";"))


def sources(*frames):
    """Return the rows of `sources` that frames or texts of keys as "S267;S423", cite, each once."""
    known = load("sources").set_index("source_id", drop=False)
    cited = {}
    for frame in frames:
        if isinstance(frame, str):
            frame = pd.DataFrame({"source_ids": [frame]})
        if "source_ids" not in frame:
            raise InputError(
                f"A table with the columns {', '.join(map(str, frame.columns))} cites nothing: "
                "keep its column source_ids."
            )
        # Some tables cite a single figure besides, as china_active_source_ids does.
        for column in (name for name in frame if str(name).endswith("source_ids")):
            for keys in frame[column].dropna():
                cited.update(dict.fromkeys(keys.split(";")))
    keys = list(known.index)
    for key in cited:
        one_of(key, keys, "source")
    return known.loc[list(cited)].reset_index(drop=True)


@dataclass(repr=False)
class Bibliography:
    """Rows of the table `sources` as a list to show: HTML in a notebook, text in print."""

    rows: pd.DataFrame

    @property
    def credits(self):
        """The credit lines that a page with these rows must carry, the usual terms first."""
        return [f"Where no licence is named: {TERMS}.", *self.rows["credit"].dropna().unique()]

    def _entries(self):
        parts = ["publisher", "title", "date", "licence_or_terms", "url_or_repository"]
        for key, *texts in self.rows[["source_id", *parts]].fillna("").itertuples(index=False):
            yield key, ". ".join(text for text in texts if text not in ("", TERMS))

    def __str__(self):
        """Return the list as plain text."""
        lines = [f"[{key}] {entry}" for key, entry in self._entries()]
        return "\n".join([*lines, *self.credits])

    def __repr__(self):
        """Return how many there are: a notebook shows the list as HTML, `print` as text."""
        return f"{len(self.rows)} sources; print() lists them."

    def _repr_html_(self):
        def linked(text):
            return re.sub(r"https://[^\s;,]+", r'<a href="\g<0>">\g<0></a>', html.escape(text))

        entries = "".join(f"<li>[{linked(k)}] {linked(text)}</li>" for k, text in self._entries())
        credit = "<br>".join(map(linked, self.credits))
        return f'<div class="mathjax_ignore"><ul>{entries}</ul><p>{credit}</p></div>'


def bibliography(*frames):
    """Return the sources of the rows of `frames`, with their credit lines, as a list to show."""
    return Bibliography(sources(*frames))


def shapes():
    """Return the countries as a GeoJSON dict of your own; properties `iso3` (or None), `name`.

    Natural Earth 1:50m, simplified, cut at 180 degrees. Print BORDER_POLICY under the map.
    """
    path = FOLDER / "countries.geojson"
    land = _json(path, "features", _stamp(path))  # whose long lists are shared
    own = [{**one, "properties": {**one["properties"]}} for one in land["features"]]
    return {**land, "features": own}


def _shown(path):
    return f"data/{path.name}" if path.parent == FOLDER else str(path)


def _remedy(path):
    if path.parent == FOLDER:
        return f"put {_shown(path)} of a fresh copy of the course in its place"
    return f"mend {path}, or leave out folder= to load ours"


def _text(path):
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"{_shown(path)} cannot be read ({why}); {_remedy(path)}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{_shown(path)} is not UTF-8 text; {_remedy(path)}.") from None


def _stamp(path):
    """Return what changes when the file does, so that a refreshed file is read anew."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=4)
def _json(path, key, stamp):
    """Return the dict in a JSON file, which has something under `key`."""
    try:
        found = json.loads(_text(path))
        if not found[key]:
            raise ValueError(f"no {key}")
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{_shown(path)} is damaged ({error}); {_remedy(path)}.") from None
    return found


@lru_cache(maxsize=64)
def _parsed(name, path, stamp, package_stamp):
    columns = [field["name"] for field in package()[name]["schema"]["fields"]]

    def damaged(line, what):
        return InputError(f"{_shown(path)}, line {line}: {what}; {_remedy(path)}.")

    # As a file: a line separator or a form feed inside a value ends no line.
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    rows, lines = [], []
    try:
        header = next(reader, [])
        if header != columns:
            odd = [c for c in columns if c not in header] or [c for c in header if c not in columns]
            what = f"the column {odd[0]} is missing or not known" if odd else "columns out of order"
            raise damaged(1, what)
        for row in reader:
            if len(row) != len(columns):
                what = f"it has {len(row)} values instead of {len(columns)}"
                raise damaged(reader.line_num, what)
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise damaged(reader.line_num, str(error)) from None
    if not rows:
        raise damaged(1, "it has no rows")

    def refuse(row, what):
        raise damaged(lines[row], what)

    return CHECKS.get(name, lambda frame, remedy: frame)(typed(name, rows, refuse), _remedy(path))


def typed(name, rows, refuse):
    """Return rows of text, in the column order of the table `name`, as a typed DataFrame.

    Each value must have the type and keep the limits of `data/datapackage.json`. The first that
    does not is given to `refuse(row, what)`, a function that raises; `row` counts from 0.
    """
    columns = zip(package()[name]["schema"]["fields"], zip(*rows, strict=True), strict=True)
    return pd.DataFrame({field["name"]: _column(field, texts, refuse) for field, texts in columns})


def _number(text):
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


def _date(text):
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _instant(text):
    if not text.endswith("Z"):
        raise ValueError
    return datetime.fromisoformat(text)


_TYPES = {  # how a text is read, what it should have been, dtype, dtype where values are missing
    "string": (str, "string", "str", "str"),
    "integer": (int, "integer", "int64", "Int64"),
    "number": (_number, "number", "float64", "float64"),
    "boolean": ({"true": True, "false": False}.__getitem__, "true/false", "bool", "boolean"),
    "date": (_date, "date YYYY-MM-DD", *["datetime64[ns, UTC]"] * 2),
    "datetime": (_instant, "UTC instant ending in Z", *["datetime64[ns, UTC]"] * 2),
}


def _column(field, texts, refuse):
    """Return the texts of one column as a typed Series; the first bad one goes to `refuse`."""
    limits, values = field.get("constraints", {}), []
    read, wanted, dtype, with_gaps = _TYPES[field["type"]]
    ends = [limits.get(end, "anything") for end in ("minimum", "maximum")]
    low, high = (None if end == "anything" else read(str(end)) for end in ends)
    enum, pattern = limits.get("enum"), limits.get("pattern")
    fits, what = re.compile(pattern or "").fullmatch, field["description"].partition(". ")[0]

    def bad(row, why):
        refuse(row, f"column {field['name']}: {why}")

    for row, text in enumerate(texts):
        if text == "":
            if limits.get("required"):
                bad(row, "the value is missing")
            values.append(None)
            continue
        try:
            value = read(text)
        except (ValueError, KeyError):
            bad(row, f"'{text}' is not of the type {wanted}")
        if (low is not None and value < low) or (high is not None and value > high):
            bad(row, f"{text} is not in {ends[0]} to {ends[1]}")
        if enum and text not in enum:
            bad(row, f"'{text}' is none of {', '.join(enum)}")
        if pattern and not fits(text):
            bad(row, f"'{text}' is not of its form ({what.rstrip('.')})")
        values.append(value)
    column = pd.Series(values, dtype=with_gaps if None in values else dtype)
    if limits.get("unique") and column.duplicated().any():
        row = int(column.duplicated().argmax())
        bad(row, f"'{texts[row]}' stands twice")
    return column
