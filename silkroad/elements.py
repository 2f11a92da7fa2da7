"""Orbital elements as people bring them: OMM as CSV, JSON, XML or KVN, and TLE text.

An Orbit Mean-Elements Message (CCSDS 502.0-B) has the same keywords in all its forms; a TLE says
less of the same on two lines of 69 signs. Both hold mean elements of SGP4 in its frame TEME, with
times in UTC, and become rows with the columns of the table `elements`. CSV, JSON and XML are
Python's own readers, TLE lines are read by `sgp4.io`, which checks every column (the faster
`Satrec.twoline2rv` takes a line that is cut); KVN is a keyword and a value on each line.
"""

import csv
import json
import math
import os
import re
import warnings
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from helpers import data
from helpers.inputs import InputError
from silkroad.values import shown, utc

LARGEST_BYTES = 50_000_000  # all that are published today make 15 MB of JSON
DEPTH = 20  # of brackets; an OMM in JSON has two
FARTHEST_PERIGEE_KM = 200_000  # half way to the Moon: beyond, the Earth is no longer alone
GEOSTATIONARY_KM = 42_241  # semi-major axis of one turn a day, by Kepler's third law
FORMS = "OMM as CSV, JSON, XML or KVN, or TLE lines"

_NEEDED = ("name", "norad_id", "epoch")
_NUMBERS = (
    *("inclination_deg", "raan_deg", "eccentricity", "arg_perigee_deg", "mean_anomaly_deg"),
    *("mean_motion_rev_per_day", "bstar", "mean_motion_dot", "mean_motion_ddot"),
)
_ZERO = ("mean_motion_dot", "mean_motion_ddot")  # SGP4 does not use them, so they may be missing
_TURNS = ("raan_deg", "arg_perigee_deg", "mean_anomaly_deg")
_COUNTS = ("element_set_no", "rev_at_epoch")  # told, not computed with
_EXPECTED = {  # what an OMM says of itself where plain SGP4 is the right theory
    "CENTER_NAME": ("EARTH",),
    "REF_FRAME": ("TEME",),
    "TIME_SYSTEM": ("UTC",),
    "MEAN_ELEMENT_THEORY": ("SGP4", "SGP/SGP4"),
}
_EPOCH = re.compile(
    r"(\d{4})-(?:(\d\d-\d\d)|(\d{3}))[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)?"
)


def read_elements(source):
    """Return the satellites of a file or a text, one a row, as a DataFrame.

    `source` is a path, the text itself, or its bytes: OMM as CSV, JSON, XML or KVN, or TLE lines
    with or without names. Columns: those of the table `elements` that an OMM has; without a
    catalogue number `norad_id` is 0. Fields in any order, more than are needed, numbers as text,
    epochs with or without a zone (UTC) and a fraction are all taken; angles are turned into 0 to
    360. Of a satellite that comes twice the newest row is kept, with a warning.

    InputError: no such file or form, something missing or absurd, another frame, time system or
    theory than TEME, UTC and SGP4.
    """
    text = _text(source).strip().lstrip("\ufeff")
    messages = _messages(text) if text else []
    if not messages:
        what = "holds no satellite" if text else "is empty"
        raise InputError(f"The text {what}: give {FORMS}.")
    rows = [_row(number, message) for number, message in enumerate(messages, 1)]
    frame = pd.DataFrame(rows, columns=list(_fields().values()))
    return checked_elements(_newest(frame.astype(dict.fromkeys(_COUNTS, "Int64"))))


def omm_text(elements, brief=False):
    """Return rows of elements as OMM text in KVN, one message after the other.

    Keywords of CCSDS 502.0-B; what the rows do not tell is left out, with `brief` also all that
    plain SGP4 does not need.
    """
    texts = []
    for row in checked_elements(elements).to_dict("records"):
        told = {key: row.get(name) for key, name in _fields().items()}
        told = {key: value for key, value in told.items() if not pd.isna(value) and value != ""}
        told["EPOCH"] = row["epoch"].tz_convert(None).isoformat()
        if not row["norad_id"]:
            del told["NORAD_CAT_ID"]
        names = {key: told.pop(key) for key in ("OBJECT_NAME", "OBJECT_ID") if key in told}
        about = {key: allowed[0] for key, allowed in _EXPECTED.items()}
        lines = {"CCSDS_OMM_VERS": "3.0", **names, **about, **told}
        if brief:
            needed = {*_NEEDED, *_NUMBERS, "ephemeris_type"} - {*_ZERO}
            lines = {key: value for key, value in lines.items() if _fields().get(key) in needed}
        texts.append("".join(f"{key} = {value}\n" for key, value in lines.items()))
    return "\n".join(texts)


def checked_elements(elements):
    """Return elements fit for SGP4, their numbers as floats and their epochs in UTC.

    InputError, with satellite, value and remedy: no rows, a column that is missing, text for a
    number, a value that is missing or absurd, a satellite that comes twice (by its catalogue
    number; without one, by its name), elements of another theory than SGP4.
    """
    missing = [c for c in (*_NEEDED, *_NUMBERS) if c not in getattr(elements, "columns", ())]
    if missing:
        raise InputError(
            f"The elements have no column {missing[0]}: give rows of the table elements, "
            "a single one as elements.iloc[[0]]."
        )
    if not len(elements):
        raise InputError("No satellite is selected: choose at least one row of the elements.")
    texts = [c for c in ("norad_id", *_NUMBERS) if not is_numeric_dtype(elements[c])]
    if texts:
        elements = elements.assign(**{column: _floats(elements, column) for column in texts})
    _check_limits(elements)
    _check_theory(elements)
    _check_twice(elements)
    if str(getattr(elements["epoch"].dtype, "tz", None)) != "UTC":
        elements = elements.assign(epoch=pd.DatetimeIndex(utc(elements["epoch"]), tz="UTC"))
    return elements


def json_value(text):
    """Return what JSON text says; ValueError: it is no JSON, or nested deeper than DEPTH."""
    depth = 0
    for sign in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(sign[0], 0)
        if depth > DEPTH:
            raise ValueError(f"nested more than {DEPTH} deep")
    # A number of a thousand digits is none of ours; as a float it is infinite, and refused later.
    return json.loads(text, parse_int=lambda text: int(text) if len(text) < 20 else float(text))


# From a source to messages: dicts by keyword


def _text(source):
    """Return the text of a path, of bytes, or of text itself."""
    if isinstance(source, bytes | bytearray | memoryview):
        content, whose = bytes(source), "The text"
    elif isinstance(source, os.PathLike) or (isinstance(source, str) and _names_a_file(source)):
        path = Path(source.strip() if isinstance(source, str) else source).expanduser()
        content, whose = _content(path), f"The file {path.name}"
    elif isinstance(source, str):
        return source
    else:
        raise InputError(f"{shown(source)} is no text: give the path of a file, or its text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{whose} is not UTF-8 text: give {FORMS}, saved as UTF-8.") from None


def _names_a_file(text):
    return bool(text.strip()) and "\n" not in text.strip() and text.strip()[0] not in "<{["


def _content(path):
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(
                f"The file {path.name} is larger than {LARGEST_BYTES / 1e6:g} MB: cut it to the "
                "satellites you need."
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        why = getattr(error, "strerror", None) or error
        raise InputError(
            f"The file {shown(str(path))} cannot be read ({why}): give the path of a file with "
            f"{FORMS}, or its text, of two lines or more."
        ) from None


def _messages(text):
    """Return the messages of a text, whatever its form."""
    if text[:1] == "<":
        return _xml(text)
    if text[:1] in ("[", "{"):
        return _json(text)
    if re.search(r"^\s*1 .*\n\s*2 ", text, re.MULTILINE):
        return _tle(text)
    if re.search(r"^\s*(CCSDS_OMM_VERS|OBJECT_NAME|EPOCH)\s*=", text, re.MULTILINE):
        return _kvn(text)
    return _csv(text)


def _json(text):
    try:
        found = json_value(text)
    except ValueError as error:
        raise InputError(
            f"The JSON cannot be read ({error}): give a list of orbit messages, copied whole."
        ) from None
    found = found if isinstance(found, list) else [found]
    odd = [one for one in found if not isinstance(one, dict)]
    if odd:
        raise InputError(
            f"The JSON holds {shown(odd[0])} where a satellite is meant: give a list of orbit "
            "messages, each with its keywords."
        )
    return found


def _xml(text):
    from xml.etree import ElementTree

    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError("The XML declares a document type, which no OMM does: take that line out.")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise InputError(f"The XML is cut off or damaged ({error}): copy it whole.") from None
    # sgp4.omm.parse_xml finds nothing behind a namespace and fails where a part is missing.
    return [
        {leaf.tag.rpartition("}")[2]: leaf.text for leaf in segment.iter() if not len(leaf)}
        for segment in root.findall(".//{*}segment")
    ]


def _kvn(text):
    found = [{}]
    for line in text.splitlines():
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals or key.startswith("COMMENT"):
            continue
        if key in found[-1]:  # said again, so it is the next satellite's
            found.append({})
        found[-1][key] = re.sub(r"^([-+.\dEe]+)\s*\[.*\]$", r"\1", value)  # without its unit
    return found


def _csv(text):
    lines = text.splitlines()
    head = lines[0] if lines else ""
    reader = csv.DictReader(lines, delimiter=max(",;\t", key=head.count), skipinitialspace=True)
    names = _keys().keys() & {str(name).strip().upper() for name in reader.fieldnames or ()}
    if len(names) < 3:
        raise InputError(f"The text begins {shown(head)}, which is none of these: {FORMS}.")
    try:
        rows = [row for row in reader if any(value for value in row.values())]
    except csv.Error as error:
        raise InputError(f"The CSV is damaged ({error}): copy it whole.") from None
    for row in rows:
        if None in row:
            name = next(iter(row.values()))
            raise InputError(f"The row of {shown(name)} has more values than the CSV has columns.")
    return rows


def _tle(text):
    found, name, first = [], "", None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if first is None and not re.match("[12] ", line):
            name = line.removeprefix("0 ") or name
        elif first is None and line.startswith("1 "):
            first = line
        elif first and line.startswith("2 "):
            found.append(_of_lines(name, first, line, number))
            name, first = "", None
        elif line:
            raise InputError(
                f"Line {number} of the TLE is {shown(line)}: give line 1 and line 2 of each "
                "satellite, before them its name if you like."
            )
    if first:
        raise InputError("The TLE ends after a line 1: give its line 2, too.")
    return found


def _of_lines(name, first, second, number):
    """Return the elements on two lines of TLE as a message; `number` is that of the second."""
    from sgp4 import earth_gravity
    from sgp4 import io as lines

    try:
        lines.verify_checksum(first, second)
        satellite = lines.twoline2rv(first, second, earth_gravity.wgs72)
    except ValueError as error:
        why = str(error).partition("\n")[0].rstrip(":")
        raise InputError(
            f"Lines {number - 1} and {number} are no TLE ({why}): copy both as they are published."
        ) from None
    turns_a_day = 1440 / (2 * math.pi)
    epoch = np.datetime64(f"{satellite.epochyr}-01-01", "ns")
    epoch += np.timedelta64(round((satellite.epochdays - 1) * 86400e9), "ns")
    launch = satellite.intldesg
    century = "19" if launch[:2] >= "57" else "20"
    return {
        "OBJECT_NAME": name,
        "NORAD_CAT_ID": satellite.satnum,
        "OBJECT_ID": f"{century}{launch[:2]}-{launch[2:]}" if launch else "",
        "EPOCH": str(epoch),
        "INCLINATION": math.degrees(satellite.inclo),
        "RA_OF_ASC_NODE": math.degrees(satellite.nodeo),
        "ECCENTRICITY": satellite.ecco,
        "ARG_OF_PERICENTER": math.degrees(satellite.argpo),
        "MEAN_ANOMALY": math.degrees(satellite.mo),
        "MEAN_MOTION": float(second[52:63]),
        "BSTAR": satellite.bstar,
        "MEAN_MOTION_DOT": satellite.ndot * turns_a_day * 1440,
        "MEAN_MOTION_DDOT": satellite.nddot * turns_a_day * 1440**2,
        "ELEMENT_SET_NO": satellite.elnum,
        "REV_AT_EPOCH": satellite.revnum,
        "CLASSIFICATION_TYPE": satellite.classification,
        "EPHEMERIS_TYPE": satellite.ephtype,
    }


# From a message to a row


@cache
def _fields():
    """Return {keyword of an OMM: column of the table `elements`}."""
    fields = data.package()["elements"]["schema"]["fields"]
    return {field["omm"]: field["name"] for field in fields if "omm" in field}


@cache
def _keys():
    """Return the same by any name a message may use, in capitals: ours as well."""
    return {name.upper(): column for key, column in _fields().items() for name in (key, column)}


def _row(number, message):
    """Return one message as a row, every value of the type its column has."""
    told = {str(key).strip().upper(): _plain(value) for key, value in message.items()}
    known = {_keys()[key]: value for key, value in told.items() if key in _keys() and value}
    who = known.get("name") or f"satellite {number} of the text"
    for key, allowed in _EXPECTED.items():
        if told.get(key) and told[key].upper() not in allowed:
            raise InputError(
                f"{who} has {key} {shown(told[key])}, and plain SGP4 is right for {allowed[0]} "
                "only: find elements made for it, or leave that satellite out."
            )
    row = dict.fromkeys(_fields().values())
    row |= {column: known.get(column, "") for column in ("cospar_id", "classification")}
    row["norad_id"] = _catalogue_number(known.get("norad_id"), who)
    row["name"] = known.get("name") or (
        f"NORAD {row['norad_id']}" if row["norad_id"] else f"satellite {number}"
    )
    row["epoch"] = _epoch(known.get("epoch"), who)
    row |= {column: _number(column, known.get(column), who) for column in _NUMBERS}
    row |= {column: row[column] % 360 for column in _TURNS if -360 <= row[column] <= 360}
    row |= {column: _count(known.get(column)) for column in _COUNTS}
    row["ephemeris_type"] = _count(known.get("ephemeris_type", "0"), known.get("ephemeris_type"))
    return row


def _plain(value):
    """Return a value as text without blanks around it; "" for what is none or missing."""
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value).strip() if plain else ""


def _number(column, text, who):
    if text is None and column in _ZERO:
        return 0.0
    key = next(key for key, name in _fields().items() if name == column)
    if text is None:
        raise InputError(f"{who} has no {key}: add it, or leave that satellite out.")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"{who} has {key} {shown(text)}: give a number, with a point for its decimals."
        )
    return value


def _count(text, other=pd.NA):
    """Return a count that nothing is computed from as an int; `other` where it is none."""
    return int(float(text)) if re.fullmatch(r"\d{1,9}(\.0*)?", text or "") else other


def _catalogue_number(text, who):
    """Return a catalogue number; five signs with a letter count on from 100000 (Alpha-5)."""
    if text is None:
        return 0
    if re.fullmatch(r"\d{1,18}(\.0*)?", text):
        return int(text.partition(".")[0])
    if re.fullmatch("[A-HJ-NP-Z][0-9]{4}", text):
        from sgp4.alpha5 import from_alpha5

        return from_alpha5(text)
    raise InputError(f"{who} has NORAD_CAT_ID {shown(text)}: give digits, or leave it empty.")


def _epoch(text, who):
    """Return an instant of ISO 8601, with the day of the month or of the year; no zone is UTC."""
    found = _EPOCH.fullmatch(text or "")
    try:
        if not found:
            raise ValueError
        year, month, day, clock, zone = found.groups()
        start = f"{year}-{month or '01-01'}T{clock[:18]}"  # to the nanosecond
        stamp = pd.Timestamp(f"{start}{zone or 'Z'}").tz_convert("UTC")
        if day:
            stamp += pd.Timedelta(days=int(day) - 1)
        if day and not (int(day) >= 1 and stamp.year == int(year)):
            raise ValueError
        return stamp
    except ValueError:
        raise InputError(
            f"{who} has {f'EPOCH {shown(text)}' if text else 'no EPOCH'}: give the time of its "
            "elements as 2026-06-14T12:00:00.000000."
        ) from None


def _newest(frame):
    """Return the newest row of each satellite that has a catalogue number, in the same order."""
    order = frame.sort_values("epoch", ascending=False, kind="stable")
    older = order[order["norad_id"].gt(0) & order["norad_id"].duplicated()]
    if len(older):
        warnings.warn(
            f"{older['name'].iloc[0]} ({older['norad_id'].iloc[0]}) comes more than once: of each "
            "satellite the newest elements are kept.",
            stacklevel=3,  # who called read_elements
        )
    return frame.drop(index=older.index).reset_index(drop=True)


# What SGP4 can use


def _floats(elements, column):
    """Return a column of text as floats, or refuse the first that is no number."""
    values = pd.to_numeric(elements[column], errors="coerce")
    bad = values.isna() & elements[column].notna()
    if bad.any():
        row = elements[bad].iloc[0]
        raise InputError(
            f"Elements of {row['name']}: {column} is {shown(row[column])}, which is no number; "
            "correct or drop that row."
        )
    return values.astype(float)


def check_elements(elements, remedy="correct or drop that row"):
    """Refuse orbital elements of which each value is possible, but not all; return them unchanged.

    `elements` is a DataFrame with the columns of the table `elements` or some of them. The perigee
    must clear the ground; the epoch may not lie in the future of the fetch. InputError names both.
    `data.load` passes its table through here.
    """

    def refuse(bad, column, why):
        if bad.any():
            row = elements[bad].iloc[0]
            whose = f"{row.get('name', 'a satellite')} ({row.get('norad_id', 'no number')})"
            raise InputError(f"Elements of {whose}: {column} {row[column]} {why}; {remedy}.")

    if {"mean_motion_rev_per_day", "eccentricity"} <= set(elements.columns):
        why = "with this mean motion puts the perigee less than 80 km above the ground"
        refuse(_too_low(elements), "eccentricity", why)
    if {"epoch", "fetched"} <= set(elements.columns):
        late = elements["epoch"] > elements["fetched"] + pd.Timedelta(days=2)
        refuse(late, "epoch", "lies after the fetch")
    return elements


data.CHECKS["elements"] = check_elements


def _too_low(elements):
    """Return which perigees lie less than 80 km above the ground."""
    # Kepler's third law with the gravity constant of WGS 72, which SGP4 uses.
    rate_rad_s = elements["mean_motion_rev_per_day"].to_numpy() * 2 * math.pi / 86400
    perigee_km = (398600.8 / rate_rad_s**2) ** (1 / 3) * (1 - elements["eccentricity"].array)
    return perigee_km < 6378 + 80


def _check_limits(elements):
    number = elements["norad_id"].to_numpy(float, na_value=np.nan)
    bad = ~np.isfinite(number) | (number < 0) | (number != np.floor(number))
    if bad.any():
        row = elements[bad].iloc[0]
        raise InputError(
            f"The catalogue number of {row['name']} is {row['norad_id']}: give its number, or 0 "
            "for a satellite without one."
        )
    design = number == 0
    for part, names in ((~design, _NEEDED), (design, ("name", "epoch"))):
        if part.any():
            rows = elements if part.all() else elements[part]
            _check_values(rows, frozenset({*names, *_NUMBERS}))
            if _too_low(rows).any():
                check_elements(rows[[*names, *_NUMBERS]])
    axis_km = GEOSTATIONARY_KM / elements["mean_motion_rev_per_day"].to_numpy() ** (2 / 3)
    far = axis_km * (1 - elements["eccentricity"].to_numpy()) > FARTHEST_PERIGEE_KM
    if far.any():
        row = elements[far].iloc[0]
        raise InputError(
            f"Elements of {row['name']}: mean_motion_rev_per_day {row['mean_motion_rev_per_day']:g}"
            f" puts the perigee beyond {FARTHEST_PERIGEE_KM:,} km; give turns a day (not radians a "
            "minute), or leave that satellite out."
        )


def _check_values(elements, columns):
    """Refuse a value that is missing, or beyond the limits of `data/datapackage.json`."""
    fields, limits = _required(columns)
    # All at once first: each move of a control asks, and nearly always all is right.
    low, high = np.array(list(limits.values())).T[..., None]
    values = np.array([elements[name].to_numpy(float, na_value=np.nan) for name in limits])
    if ((low <= values) & (values <= high)).all():
        fields = {name: field for name, field in fields.items() if name not in limits}
    for column, field in fields.items():
        bad, why = elements[column].array.isna(), "is missing"
        if not bad.any() and column in limits:
            (low, high), values = limits[column], elements[column].to_numpy()
            bad = ~((low <= values) & (values <= high))
            unit = field.get("unit", "").removesuffix("1")
            why = f"{values[bad.argmax()]} is not in {low} to {high} {unit}"
        if bad.any():
            row = elements[bad].iloc[0]
            raise InputError(
                f"Elements of {row['name']} ({row.get('norad_id', 'no number')}): {column} {why}; "
                "correct or drop that row."
            )


@lru_cache(maxsize=2)  # with a catalogue number and without
def _required(columns):
    """Return the fields of these columns that need a value, by name, and the limits of some."""
    fields = {
        field["name"]: field
        for field in data.package()["elements"]["schema"]["fields"]
        if field["name"] in columns and field.get("constraints", {}).get("required")
    }
    limits = {
        name: (field["constraints"]["minimum"], field["constraints"]["maximum"])
        for name, field in fields.items()
        if "minimum" in field["constraints"]
    }
    return fields, limits


def _check_theory(elements):
    if "ephemeris_type" not in elements:
        return
    kind = elements["ephemeris_type"]
    if kind.dtype.kind in "iu" and (kind.to_numpy() == 0).all():
        return  # so it is, nearly always
    other = kind.notna() & (pd.to_numeric(kind, errors="coerce").astype(float) != 0)
    if other.any():
        row = elements[other].iloc[0]
        raise InputError(
            f"{row['name']} has EPHEMERIS_TYPE {row['ephemeris_type']}, elements of another model "
            "(4 is SGP4-XP), for which plain SGP4 is wrong: find elements of type 0, or leave "
            "that satellite out."
        )


def _check_twice(elements):
    number = elements["norad_id"].to_numpy()
    if (number > 0).all() and len(set(number)) == len(number):
        return  # so it is, nearly always
    numbered = elements["norad_id"] > 0
    keys = elements["norad_id"].where(numbered, elements["name"])
    twice = keys.duplicated()
    if twice.any():
        row = elements[twice].iloc[0]
        key, column = (row["norad_id"], "norad_id") if row["norad_id"] else (row["name"], "name")
        raise InputError(
            f"The satellite {row['name']} ({key}) comes twice and would count twice: keep one, as "
            f"with .drop_duplicates('{column}')."
        )
