"""Broadcast messages: where satellites said they would be, from a navigation file in RINEX 3 or 4.

The format: RINEX 4.01, tables A5, A8, A14 and A24 (the records of version 3 are the same without
the line that names them). Read are LNAV of GPS, D1 and D2 of BeiDou, INAV and FNAV of Galileo;
the newer CNAV messages of version 4 are passed over.
"""

import numpy as np
import pandas as pd

from helpers.inputs import InputError
from silkroad.receivers import files
from silkroad.receivers.rinex import refuse

MESSAGES = {"G": ("LNAV",), "C": ("D1", "D2"), "E": ("INAV", "FNAV")}
WEEK_S = 604_800
# BeiDou time is GPS time less 14 s; weeks of both begin on Sunday (BDS-SIS-ICD-B1I-3.0, 3.3).
BDT_S = 14
# Satellites of BeiDou in geostationary orbit (BDS-SIS-ICD; numbers 1 to 5 and 59 to 63).
GEOSTATIONARY = (*range(1, 6), *range(59, 64))

# (line, field) of each value in a record, the same in all three systems.
_VALUES = {
    **{"clock_bias_s": (0, 1), "clock_drift_s_s": (0, 2), "clock_drift_rate_s_s2": (0, 3)},
    **{"crs_m": (1, 1), "delta_n_rad_s": (1, 2), "m0_rad": (1, 3)},
    **{"cuc_rad": (2, 0), "eccentricity": (2, 1), "cus_rad": (2, 2), "sqrt_a_sqrt_m": (2, 3)},
    **{"cic_rad": (3, 1), "omega0_rad": (3, 2), "cis_rad": (3, 3)},
    **{"i0_rad": (4, 0), "crc_m": (4, 1), "omega_rad": (4, 2), "omega_dot_rad_s": (4, 3)},
    **{"idot_rad_s": (5, 0), "group_delay_1_s": (6, 2), "accuracy_m": (6, 0)},
}
_ISSUE, _TOE, _SOURCE, _WEEK, _HEALTH, _SENT = (1, 0), (3, 0), (5, 1), (5, 2), (6, 1), (7, 0)
_SECOND_DELAY = (6, 3)
_ORBIT = [
    *("sqrt_a_sqrt_m", "eccentricity", "i0_rad", "omega0_rad", "omega_rad", "m0_rad"),
    *("delta_n_rad_s", "omega_dot_rad_s", "idot_rad_s", "cuc_rad", "cus_rad", "crc_m", "crs_m"),
    *("cic_rad", "cis_rad", "clock_bias_s", "clock_drift_s_s", "clock_drift_rate_s_s2"),
]
COLUMNS = [
    *("satellite", "message", "toc", "toe", "sent"),
    *_ORBIT,
    *("group_delay_1_s", "group_delay_2_s", "accuracy_m", "issue", "healthy"),
]


def ephemerides(source, name=None):
    """Return the broadcast messages of BeiDou, GPS and Galileo: DataFrame, a row for each.

    source is a path, or bytes with a `name`. Columns: satellite, message; toc, toe (what clock and
    orbit refer to) and sent, in GPS time, whatever the system's own; the elements and corrections
    as in the signal documents, units in their names; group_delay_1_s, group_delay_2_s (TGD; TGD1,
    TGD2; BGD E5a/E1, BGD E5b/E1); accuracy_m; issue (IODE, AODE, IODnav); healthy. A Galileo
    message with any flag of health, or without a prediction of its accuracy, is not healthy.
    InputError: not readable, not of this kind, no message in it.
    """
    what = files.called(source, name)
    text = b"".join(files.blocks(source, name))
    refuse(text, "N", what)
    at = text.find(b"END OF HEADER")
    body = text[text.index(b"\n", at) + 1 :] if at >= 0 else b""
    records, first, kinds = _records(body)
    if not len(records):
        raise InputError(
            f"{what} has no ephemerides of BeiDou, GPS or Galileo: give the navigation file of all "
            "systems of that day (its name ends in _MN.rnx)."
        )
    return _table(records, first, kinds)


def klobuchar(source, name=None):
    """Return {"GPS": (8,), "BDS": (8,)}: the ionosphere's parameters in a header, those it has.

    Alpha 0 to 3 and beta 0 to 3 of Klobuchar's model, GPS's own (IS-GPS-200, 20.3.3.5.2.5) and
    BeiDou's own (BDS-SIS-ICD-B1I-3.0, 5.2.4.7); in RINEX 4 the last of its messages.
    """
    text = b"".join(files.blocks(source, name))
    refuse(text, "N", files.called(source, name))
    found = {}
    end = max(text.find(b"END OF HEADER"), 0)
    lines = text[:end].decode("ascii", "replace").split("\n")
    for line in lines:
        if line[60:].strip() == "IONOSPHERIC CORR" and line[:4] in ("GPSA", "GPSB", "BDSA", "BDSB"):
            values = [_number(line[5 + 12 * i : 17 + 12 * i]) for i in range(4)]
            found.setdefault(line[:3], np.zeros(8))["AB".index(line[3]) * 4 :][:4] = values
    for system, label in (("GPS", b"\n> ION G"), ("BDS", b"\n> ION C")):
        for piece in text[end:].split(label)[1:]:
            rows = piece.split(b"\n", 4)
            if rows[0].split()[-1] in (b"LNAV", b"D1D2", b"D1", b"D2"):
                row = b"".join(r.ljust(80)[4 if i else 23 : 80] for i, r in enumerate(rows[1:4]))
                text_row = row.decode("ascii", "replace")
                values = [_number(text_row[19 * i : 19 * i + 19]) for i in range(8)]
                found[system] = np.array(values)
    return {system: tuple(values.tolist()) for system, values in found.items() if values.any()}


def _number(text):
    try:
        return float(text.replace("D", "E").replace("d", "e"))
    except ValueError:
        return 0.0


def _records(text):
    """Return (values (n, 8, 4), first lines (n, 80), kinds (n,)) of the records in a text."""
    raw, starts, lengths = files.lines(text)
    first = raw[starts]
    number = files.columns(raw, starts, lengths, 1, 2)
    named = ((number >= 48) & (number <= 57) | (number == 32)).all(axis=1) & (lengths > 60)
    begins = np.flatnonzero(np.isin(first, [ord(c) for c in MESSAGES]) & named)
    begins = begins[begins + 7 < len(starts)]
    follow = np.array([first[begins + i] == 32 for i in range(1, 8)]).all(axis=0)
    begins = begins[follow]
    kinds = np.full(len(begins), "", "U4")
    before = np.maximum(begins - 1, 0)
    headed = (first[before] == ord(">")) & (begins > 0)
    if headed.any():
        marks = files.columns(raw, starts[before], lengths[before], 0, 14)[headed]
        kinds[headed] = [bytes(mark[10:14]).decode("ascii", "replace").strip() for mark in marks]
    known = (kinds == "") | np.isin(kinds, sum(MESSAGES.values(), ()))
    begins, kinds = begins[known], kinds[known]
    rows = (begins[:, None] + np.arange(8)).ravel()
    chars = files.columns(raw, starts[rows], lengths[rows], 0, 80).reshape(-1, 8, 80)
    numbers = np.where(np.isin(chars, (68, 100)), 69, chars)  # D and d of Fortran: E
    fields = np.stack([numbers[:, :, 4 + 19 * i : 23 + 19 * i] for i in range(4)], axis=2)
    fields = np.ascontiguousarray(fields)
    blank = (fields == 32).all(axis=-1)
    fields[blank] = np.frombuffer(b"0".ljust(19), np.uint8)  # left blank: not told, so none
    for line, field in (_TOE, _SENT):
        fields[blank[:, line, field], line, field] = np.frombuffer(b"nan".ljust(19), np.uint8)
    fields[:, 0, 0] = np.frombuffer(b"nan".ljust(19), np.uint8)  # the date, read apart
    values = _floats(fields.view("S19")[..., 0])
    return values, chars[:, 0], kinds


def _floats(fields):
    try:
        return fields.astype(float)
    except ValueError:  # a damaged one among them

        def number(text):
            try:
                return float(text)
            except ValueError:
                return np.nan

        return np.vectorize(number, otypes=[float])(fields)


def _table(values, first, kinds):
    letter = first[:, 0].view("S1").astype("U1").ravel()
    number = files.integers(first[:, 1:3])

    def of(place):
        return values[:, place[0], place[1]]

    columns = {name: of(place) for name, place in _VALUES.items()}
    beidou, galileo = letter == "C", letter == "E"
    columns["group_delay_2_s"] = np.where(letter == "G", np.nan, of(_SECOND_DELAY))
    toc = _toc(first)
    shift = np.where(beidou, BDT_S, 0) * 10**9
    columns["toc"] = toc + shift
    columns["toe"] = _near(toc, of(_TOE)) + shift
    columns["sent"] = _near(toc, of(_SENT)) + shift
    columns["issue"] = of(_ISSUE)
    columns["healthy"] = (of(_HEALTH) == 0) & (columns["accuracy_m"] >= 0)
    source = np.nan_to_num(of(_SOURCE)).astype(np.int64)
    geo = np.isin(number, GEOSTATIONARY)
    message = np.where(galileo, np.where(source & 0b10, "FNAV", "INAV"), "LNAV")
    message = np.where(beidou, np.where(geo, "D2", "D1"), message)
    columns["message"] = np.where(kinds == "", message, kinds)
    columns["satellite"] = [f"{a}{n:02}" for a, n in zip(letter, number.tolist(), strict=True)]
    table = pd.DataFrame(columns)[COLUMNS]
    for name in ("toc", "toe", "sent"):
        table[name] = table[name].to_numpy().astype("datetime64[ns]")
    whole = np.isfinite(table[_ORBIT]).all(axis=1) & table["toe"].notna()
    whole &= (table["sqrt_a_sqrt_m"] > 0) & table["eccentricity"].between(0, 0.99)
    return table[whole].reset_index(drop=True)


def _toc(first):
    """Return the times in the first lines of records as nanoseconds since 1970, their own time."""
    year, month, day, hour, minute, second = (
        files.integers(first[:, a:b])
        for a, b in ((4, 8), (9, 11), (12, 14), (15, 17), (18, 20), (21, 23))
    )
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + day - 1
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 10**9


def _near(toc, second_of_week):
    """Return the second of a week that is nearest to toc, as nanoseconds; NaT where none is told.

    Weeks of GPS, Galileo and BeiDou all begin on a Sunday at 0 h of their own time, so the number
    of the week, which messages tell modulo something, is not needed.
    """
    told = np.isfinite(second_of_week) & (np.abs(second_of_week) < 2 * WEEK_S)
    sunday = 3 * 86_400  # 4 January 1970, in seconds
    of_week = (toc / 1e9 - sunday) % WEEK_S
    ahead = (np.where(told, second_of_week, 0) - of_week + WEEK_S / 2) % WEEK_S - WEEK_S / 2
    near = toc + np.round(ahead * 1e9).astype(np.int64)
    return np.where(told, near, np.iinfo(np.int64).min)
