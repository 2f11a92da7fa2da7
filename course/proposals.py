"""A claim of your own, held to the rules of the ledger: `read` checks a sheet, `save` writes it.

A sheet is a DataFrame or a CSV file with the columns of the table `claims`; `guide` lists them.
"""

import csv
import difflib
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

import course
from helpers import claims, data
from helpers.inputs import InputError


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
    does not need may be missing. sources: the same for new rows of the table `sources`.
    An opinion has no verdict. InputError names the row (the first below the header is 1), the
    column and the remedy. Nothing is written; `save` does that.
    """
    ledger = data.load("claims")
    free = f"C{ledger['id'].str[1:].astype(int).max() + 1:03d}"
    new = _typed("sources", sources, {}) if sources is not None else None
    remedies = {
        "id": f"the next free id is {free}",
        "source_ids": "name a source, such as S267, or hand a new one over as sources=",
        "verdict_hint": "choose one of the verdicts",
        "claim_date": "write YYYY, YYYY-MM or YYYY-MM-DD",
    }
    rows = _typed("claims", sheet, remedies)
    known = set(data.load("sources")["source_id"])
    if new is not None and (taken := known.intersection(new["source_id"])):
        raise InputError(
            f"The new source {min(taken)} has a key that is taken: give it one that is not."
        )
    known |= set() if new is None else set(new["source_id"])
    for number, row in enumerate(rows.to_dict("records"), 1):
        for column, problem in _problems(row, ledger, free, known):
            raise InputError(f"Row {number} ({row['id']}), column {column}: {problem}.")
    return claims.ruled(claims.texts(rows), "Claims proposed", new)


def save(proposed, path):
    """Write the claims that `read` returned to a CSV file, in one step; return its path.

    New sources go beside it first, as NAME-sources.csv, so that no claim stands without them.
    InputError: the folder cannot be written to; then a file that was there is as before.
    """
    from course.files import replace

    path = Path(path)
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent.name!r}: make it, or name another.")
    if proposed.sources is not None:
        beside = path.with_name(f"{path.stem}-sources.csv")
        replace(beside, proposed.sources.to_csv(index=False, lineterminator="\n").encode())
    replace(path, proposed.rows.to_csv(index=False, lineterminator="\n").encode())
    return path


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
    if row["confidence"] == "high" and set(keys) <= {"S417", "S418"}:
        yield "confidence", "general knowledge alone is never high; name a source or put medium"


def _typed(name, sheet, remedies):
    """Return a sheet as a DataFrame like the table `name`; InputError names row and column."""
    records, found = _records(sheet)
    columns = _columns(name)
    names = [column["name"] for column in columns]
    for column in found:
        if column not in names:
            near = difflib.get_close_matches(str(column), names, n=1, cutoff=0.5)
            like = f"did you mean {near[0]!r}" if near else "drop it"
            raise InputError(f"The sheet has a column {column!r} that {name} do not have: {like}.")
    for column in columns:
        if column["name"] not in found and column.get("constraints", {}).get("required"):
            remedy = remedies.get(column["name"], column["description"].rstrip(".").lower())
            raise InputError(f"The sheet has no column {column['name']!r}: add it; {remedy}.")
    if not records:
        raise InputError(f"The sheet has no row: write at least one of {name}.")
    if name == "claims":
        for record in records:  # the ledger's word for what nobody can rule on
            if record.get("kind") == "opinion":
                record["verdict_hint"] = record.get("verdict_hint") or "not_checkable"

    def refuse(row, what):
        column = what.removeprefix("column ").partition(":")[0]
        key = records[row].get(names[0])
        raise InputError(
            f"Row {row + 1}{f' ({key})' if key else ''}, {what}; "
            f"{remedies.get(column, 'fill it in or correct it')}."
        )

    return data.typed(name, [[r.get(column, "") for column in names] for r in records], refuse)


def _records(sheet):
    """Return a DataFrame or CSV file as ([{column: text}], columns)."""
    if isinstance(sheet, pd.DataFrame):
        twice = sheet.columns[sheet.columns.duplicated()]
        if len(twice):
            raise InputError(f"The sheet has two columns {twice[0]!r}: drop one of them.")
        rows = sheet.to_dict("records")
        return [{k: _text(v) for k, v in row.items()} for row in rows], list(sheet.columns)
    if not isinstance(sheet, str | Path):
        raise InputError(
            f"A {type(sheet).__name__} is not a sheet: give a DataFrame or the path of a CSV file."
        )
    path = Path(sheet)
    try:
        text = path.read_text(encoding="utf-8-sig")  # as spreadsheets write it
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"{path.name} cannot be read ({why}): correct the path.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text: save it as CSV in UTF-8.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header, *lines = [line for line in reader if line] or [[]]
    except csv.Error as error:
        raise InputError(
            f"{path.name}, line {reader.line_num}: {error}; correct the quotes."
        ) from None
    for number, line in enumerate(lines, 1):
        if len(line) != len(header):
            raise InputError(
                f"{path.name}, row {number} has {len(line)} values for {len(header)} columns: "
                "put text with commas into double quotes."
            )
    return [{k: v.strip() for k, v in zip(header, line, strict=True)} for line in lines], header


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
