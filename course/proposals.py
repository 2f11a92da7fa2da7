"""A claim of your own, held to the rules of the ledger: `read` checks a sheet, `save` writes it.

A sheet is a DataFrame or a CSV file with the columns of the table `claims`; `guide` lists them.
"""

import csv
import difflib
import html
import io
import re
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import ipywidgets as widgets
import pandas as pd
from IPython.display import display

import course
from course import files
from helpers import claims, data
from helpers.inputs import InputError

MARKS = {",": "comma", ";": "semicolon", "\t": "tab"}
NAMELESS = re.compile(r"|unnamed:_\d+")  # also as pandas calls a column without a name


def guide():
    """Return what a claim needs: column, whether it must be filled, what it is, and choices."""
    return pd.DataFrame(
        [
            {
                "column": column["name"],
                "needed": "yes" if column.get("constraints", {}).get("required") else "no",
                "what it is": column["description"],
                "choices": ", ".join(column.get("constraints", {}).get("enum", [])),
            }
            for column in _columns("claims")
        ]
    )


def read(sheet, sources=None):
    """Read claims of your own and return them as a `Ledger`, if they keep the ledger's rules.

    sheet: a DataFrame, or the path of a CSV file, with the columns that `guide` lists; those it
    does not need may be missing, and rows and columns without anything are passed over. Values may
    be parted by commas, semicolons or tabs. sources: the same for new rows of the table `sources`.
    An opinion has no verdict. InputError names the row (the first below the header is 1), the
    column and the remedy. Nothing is written; `save` does that.
    """
    ledger = data.load("claims")
    new = _typed("sources", _Sheet(sources), {}) if sources is not None else None
    sheet = _Sheet(sheet)
    free = _free_id(ledger, sheet)
    remedies = {
        "id": f"the next free id is {free}",
        "source_ids": "name a source, such as S267, or several as S005;S267, or hand a new one "
        "over as sources=",
        "verdict_hint": "choose one of the verdicts",
        "claim_date": "write YYYY, YYYY-MM or YYYY-MM-DD",
        "due_date": "write YYYY or YYYY-MM, or leave it empty",
        "value": "write digits and a point, such as 1.5, or leave it empty",
        "notebook": "write the number of a lesson, such as 04",
    }
    rows = _typed("claims", sheet, remedies)
    known = set(data.load("sources")["source_id"])
    if new is not None and (taken := known.intersection(new["source_id"])):
        raise InputError(
            f"The new source {min(taken)} has a key that is taken: give it one that is not."
        )
    known |= set() if new is None else set(new["source_id"])
    for number, row in zip(sheet.numbers, rows.to_dict("records"), strict=True):
        for column, problem in _problems(row, ledger, free, known):
            raise InputError(f"Row {number} ({row['id']}), column {column}: {problem}.")
    return claims.ruled(claims.texts(rows), "Claims proposed", new)


def save(proposed, path, told=print):
    """Write the claims that `read` returned to a CSV file, in one step; return its path.

    New sources go beside it first, as NAME-sources.csv, so that no claim stands without them. What
    those files held before is kept beside them, and `told` gets a sentence on it; `~` is home.
    InputError: the folder cannot be written to; then a file that was there is as before.
    """
    path = files.home(path)
    if proposed.sources is not None:
        beside = path.with_name(f"{path.stem}-sources.csv")
        files.save(beside, files.csv(proposed.sources), told)
    return files.save(path, files.csv(proposed.rows), told)


def save_with_button(proposed, path="my-claims.csv"):
    """Show a line for the path of a file and a button that saves the claims there."""
    where = widgets.Text(value=path, description="file")
    button = widgets.Button(description="Save the claims", icon="download")
    said = widgets.HTML()

    def pressed(_):
        told = []
        try:
            told.append(f"Saved: {save(proposed, where.value, told.append)}.")
        except InputError as problem:
            told.append(str(problem))
        said.value = "<br>".join(map(html.escape, told))

    button.on_click(pressed)
    display(widgets.VBox([widgets.HBox([where, button]), said]))
    return button


def _free_id(ledger, sheet):
    """Return the first id after the ledger's that no row of a sheet has taken."""
    taken = {row.get("id") for row in sheet.rows}
    after = ledger["id"].str[1:].astype(int).max() + 1
    return next(id for n in count(after) if (id := f"C{n:03d}") not in taken)


def _problems(row, ledger, free, known):
    """Yield (column, problem with its remedy) where a typed row breaks a rule of the ledger."""
    if row["id"] in set(ledger["id"]):
        yield "id", f"{row['id']} is taken; the next free id is {free}"
    if f"l{row['notebook']}" not in course.LESSONS:
        yield "notebook", f"there is no lesson {row['notebook']}; name one, from 00 on"
    same = ledger["claim"].str.casefold() == row["claim"].casefold()
    if same.any():
        yield "claim", f"{ledger.loc[same, 'id'].iloc[0]} says the same; see that claim"
    day = row["claim_date"]
    try:
        said = date.fromisoformat((day + "-01-01")[:10])
    except ValueError:
        yield "claim_date", f"'{day}' is not in the calendar; correct the date"
    else:
        if said > datetime.now(UTC).date():
            yield "claim_date", f"'{day}' has not come yet; correct the date"
    if row["kind"] == "opinion" and row["verdict_hint"] != "not_checkable":
        yield (
            "verdict_hint",
            f"an opinion is not '{row['verdict_hint']}'; leave the verdict empty, or choose "
            "another kind if the statement can be checked",
        )
    if row["check"] == "computed" and row["id"] not in course.computed_claims():
        yield (
            "check",
            f"no function computes {row['id']}; write one under @claims.computes, or put "
            "looked_up or judged",
        )
    keys = row["source_ids"].split(";")
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            like = f", such as {near[0]}" if near else ""
            yield (
                "source_ids",
                f"there is no source {key}; name one that is in data/sources.csv{like}, or hand "
                "the new one over as sources=",
            )
    if row["verdict_hint"] == "confirmed" and set(keys) <= {"S417", "S418"}:
        yield (
            "source_ids",
            "general knowledge alone confirms nothing; name a source, or choose not_checkable "
            "as the verdict",
        )
    if row["confidence"] == "high" and set(keys) <= {"S417", "S418"}:
        yield "confidence", "general knowledge alone is never high; name a source or put medium"


def _typed(name, sheet, remedies):
    """Return a sheet as a DataFrame like the table `name`; InputError names row and column."""
    columns = _columns(name)
    names = [column["name"] for column in columns]
    for column in sheet.columns:
        if column not in names:
            near = difflib.get_close_matches(column, names, n=1, cutoff=0.5)
            like = f"did you mean {near[0]!r}" if near else "drop it"
            raise InputError(f"The sheet has a column {column!r} that {name} do not have: {like}.")
    for column in columns:
        if column["name"] not in sheet.columns and column.get("constraints", {}).get("required"):
            remedy = remedies.get(column["name"], column["description"].rstrip(".").lower())
            raise InputError(f"The sheet has no column {column['name']!r}: add it; {remedy}.")
    if not sheet.rows:
        raise InputError(f"The sheet has no row: write at least one of {name}.")
    if name == "claims":
        for row in sheet.rows:
            if row.get("kind") == "opinion":  # the ledger's word for what nobody can rule on
                row["verdict_hint"] = row.get("verdict_hint") or "not_checkable"
            if number := re.fullmatch(r"(\d{1,2})(\.0)?", row.get("notebook", "")):
                row["notebook"] = number[1].zfill(2)  # a spreadsheet takes 04 for a number

    def refuse(index, what):
        column = what.removeprefix("column ").partition(":")[0]
        key = sheet.rows[index].get(names[0])
        raise InputError(
            f"Row {sheet.numbers[index]}{f' ({key})' if key else ''}, {what}; "
            f"{remedies.get(column, 'fill it in or correct it')}."
        )

    return data.typed(
        name, [[row.get(column, "") for column in names] for row in sheet.rows], refuse
    )


class _Sheet:
    """A sheet of the reader's as text: `columns`, `rows` [{column: text}], their `numbers`."""

    def __init__(self, sheet):
        """Take a DataFrame or the path of a CSV file; pass over rows and columns without text."""
        if isinstance(sheet, pd.DataFrame):
            names, lines = list(sheet), [[_text(v) for v in row] for row in sheet.to_numpy(object)]
        elif isinstance(sheet, str | Path):
            names, lines = _read(files.home(sheet))
        else:
            raise InputError(
                f"A {type(sheet).__name__} is not a sheet: give a DataFrame or the path of a CSV "
                "file."
            )
        names = ["_".join(str(name).casefold().split()) for name in names]
        filled = [n for n, name in enumerate(names) if any(line[n] for line in lines)]
        used = [n for n, name in enumerate(names) if n in filled or not NAMELESS.fullmatch(name)]
        self.columns = [names[n] for n in used]
        for n, name in zip(used, self.columns, strict=True):
            if NAMELESS.fullmatch(name):
                raise InputError(f"Column {n + 1} of the sheet has no name: name it, or drop it.")
            if self.columns.count(name) > 1:
                raise InputError(f"The sheet has two columns {name!r}: drop one of them.")
            if len(used) == 1 and re.search(r"\w[;\t]\w", name):
                raise InputError(
                    "The sheet has all its columns in one, as its values are not parted by "
                    "commas: give the path of the file instead of the DataFrame."
                )
        both = [(n, line) for n, line in enumerate(lines, 1) if any(line)]
        self.numbers = [n for n, _ in both]
        self.rows = [{names[n]: line[n] for n in used} for _, line in both]


def _read(path):
    """Return a CSV file as (header, rows of as many texts)."""
    try:
        content = path.read_bytes()
        # As spreadsheets write it: UTF-8 with or without its mark, or what Excel calls Unicode.
        marked = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"{path.name} cannot be read ({why}): correct the path.") from None
    except UnicodeDecodeError:
        if content[:4] in (b"PK\3\4", b"\xd0\xcf\x11\xe0"):
            raise InputError(
                f"{path.name} is a spreadsheet's own file, which is not read here: save it as CSV "
                "in UTF-8 and give the path of that."
            ) from None
        raise InputError(f"{path.name} is not UTF-8 text: save it as CSV in UTF-8.") from None
    hint, _, rest = text.partition("\n")
    text = rest if re.fullmatch(r"sep=.\r?", hint) else text  # a note that Excel understands
    first = text.lstrip().partition("\n")[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        lines = [[files.unguarded(cell.strip()) for cell in line] for line in reader]
    except csv.Error as error:
        raise InputError(
            f"{path.name}, line {reader.line_num}: {error}; correct the quotes."
        ) from None
    while lines and not any(lines[0]):
        del lines[0]
    header, *lines = lines or [[]]
    width = len(header)
    for number, line in enumerate(lines, 1):
        if any(line[width:]):
            raise InputError(
                f"{path.name}, row {number} has {len(line)} values for {width} columns: put text "
                f"that holds a {MARKS[mark]} into double quotes."
            )
    return header, [line[:width] + [""] * (width - len(line)) for line in lines]


def _text(value):
    """Return a cell of a DataFrame as the text that a CSV file would hold."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if isinstance(value, pd.Timestamp | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a column of whole numbers with a gap comes as floats
    return str(value).strip()


def _columns(name):
    return data.package()[name]["schema"]["fields"]
