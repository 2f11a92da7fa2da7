"""Observations: what a receiver measured, from a file in RINEX 3.00 to 4.0x.

The format: RINEX 3.05 and 4.01 (IGS and RTCM-SC104), chapter 6 and table A2. Fields stand in fixed
columns, so whole columns of bytes become numbers at once.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.inputs import InputError, one_of
from silkroad.receivers import files
from silkroad.receivers.signals import LETTERS, POSITIONED, SIGNALS, SYSTEMS, signal_of

# What the clock of the stamps is ahead of GPS time less, in seconds (BDS-SIS-ICD, 3.3: BDT began
# with UTC of 1 January 2006, when GPS time was 14 s ahead of it).
STAMPS_S = {"": 0, "GPS": 0, "GAL": 0, "QZS": 0, "BDT": 14}
GAP_S = 3600
_FIELD, _LABEL = 16, 60
_OLDER = (1, 30)  # numbers of the satellites an older receiver of BeiDou knows, at most


@dataclass(frozen=True)
class Recording:
    """What a receiver's file holds.

    observations: a DataFrame, see `observations`. header: version, marker, receiver, antenna,
    position_m (3,) or None, stamps. notes: sentences on what was left out and what is odd.
    """

    observations: pd.DataFrame
    header: dict
    notes: tuple
    fixes: pd.DataFrame | None = field(default=None, repr=False)


def observations(source, systems=POSITIONED, signals=None):
    """Return what a receiver measured: DataFrame, a row for each satellite, signal and time.

    Columns: time (GPS time as stamped, datetime64[ns] without zone; files stamped in BeiDou time
    are moved by 14 s), system, satellite ("C05"), signal ("B1I"), code ("C2I"), pseudorange_m and
    snr_dbhz (NaN where the file has none). Otherwise as `recording`.
    """
    return recording(source, systems, signals).observations


def recording(source, systems=POSITIONED, signals=None, name=None, progress=None):
    """Return the Recording of a file of RINEX 3.00 to 4.0x: a path, or its bytes with a `name`.

    Plain, gzip, or compact (CRINEX, through the library hatanaka). systems among BDS, GPS, GAL,
    and GLO, QZS, SBAS, NAVIC, whose signals are named by their band alone; signals, a list of
    names, or None for all. `progress` is called with the share read, 0 to
    1. InputError: not readable, not observations, RINEX 2, nothing of these systems.
    """
    what = files.called(source, name)
    for system in systems:
        one_of(system, LETTERS, "system")
    pieces = files.blocks(source, name, progress)
    header, text = _headed(pieces, what)
    if not header["codes"]:
        raise InputError(
            f"The header of {what} does not declare what was observed (SYS / # / OBS TYPES): "
            "write or download the file again."
        )
    reader = _Reader(header, [LETTERS[s] for s in systems], signals)
    reader.take(text)
    for more in pieces:
        reader.take(more)
    reader.end()
    table = reader.table()
    if not reader.epochs:
        raise InputError(f"{what} has a header and no epoch: give a file with observations.")
    if table.empty:
        heard = ", ".join(sorted(reader.heard)) or "none"
        raise InputError(
            f"{what} has nothing of {', '.join(systems)}: its satellites begin with {heard}; ask "
            "for another system, or give a file of a receiver that hears one of these."
        )
    return Recording(table, header, tuple(reader.notes + _oddities(table, header, systems)))


def heard(observations):
    """Return a row for each satellite and signal of observations: DataFrame.

    Columns: system, satellite, signal, first and last time, epochs, snr_dbhz (the median).
    """
    groups = observations.groupby(["system", "satellite", "signal"], observed=True, sort=True)
    table = groups.agg(
        first=("time", "min"),
        last=("time", "max"),
        epochs=("time", "nunique"),
        snr_dbhz=("snr_dbhz", "median"),
    ).reset_index()
    for name in ("system", "satellite", "signal"):
        table[name] = table[name].astype(str)
    return table


# The header


def _headed(pieces, what):
    """Return (header, the text behind it) from the first pieces of a file."""
    text = next(pieces, b"")
    refuse(text, "O", what)
    while (cut := text.find(b"END OF HEADER")) < 0 and (more := next(pieces, b"")):
        text += more
    if cut < 0:
        raise InputError(f"{what} ends within its header: copy or download it again.")
    end = text.index(b"\n", cut) + 1
    return _header(text[:end].decode("ascii", "replace").split("\n"), what), text[end:]


def refuse(text, kind, what):
    """Raise InputError where a text is no RINEX 3 or 4 of a kind: O (observations) or N."""
    first = text[:81].split(b"\n")[0].decode("ascii", "replace")
    remedy = {
        "O": "a RINEX file of observations, or a log in NMEA",
        "N": "a RINEX file of broadcast ephemerides",
    }[kind]
    if b"\n# Raw," in text[:20_000]:
        raise InputError(
            f"{what} is the own log of the telephone's program GnssLogger: switch RINEX or NMEA on "
            "in its settings, record again, and give that file."
        )
    if first[_LABEL:].strip() != "RINEX VERSION / TYPE":
        raise InputError(f"{what} is not RINEX (its first line has no such label): give {remedy}.")
    try:
        version = float(first[:9])
    except ValueError:
        raise InputError(f"{what} names the RINEX version {first[:9].strip()!r}: none.") from None
    if not 3 <= version < 5:
        raise InputError(
            f"{what} is RINEX {version:.2f}, and versions 3.00 to 4.0x are read: convert it, "
            "for example with RTKLIB's `convbin -r rinex -v 3.04 FILE`."
        )
    if first[20:21].upper() != kind:
        raise InputError(f"{what} is RINEX of the type {first[20:40].strip()!r}: give {remedy}.")


def _header(lines, what):
    header = {
        **{"version": float(lines[0][:9]), "marker": "", "receiver": "", "antenna": ""},
        **{"position_m": None, "stamps": "", "codes": {}, "factors": {}},
    }
    for line in lines:
        label = line[_LABEL:].strip()
        if label == "MARKER NAME":
            header["marker"] = line[:_LABEL].strip()
        elif label == "REC # / TYPE / VERS":
            header["receiver"] = " ".join(line[20:_LABEL].split())
        elif label == "ANT # / TYPE":
            header["antenna"] = " ".join(line[20:40].split())
        elif label == "APPROX POSITION XYZ":
            header["position_m"] = _position(line)
        elif label == "TIME OF FIRST OBS":
            header["stamps"] = line[48:51].strip()
    _declared(lines, header)
    if header["stamps"] not in STAMPS_S:
        raise InputError(
            f"{what} is stamped in {header['stamps']} time: convert it to GPS or BDT stamps."
        )
    return header


def _position(line):
    """Return the header's place in metres, or None where it is missing, zero or not on Earth."""
    try:
        place = np.array([float(line[i : i + 14]) for i in (0, 14, 28)])
    except ValueError:
        return None
    return place if 6.3e6 < np.linalg.norm(place) < 6.5e6 else None


def _declared(lines, header):
    """Write the types of observations that lines declare, and their factors, into the header."""
    letter = factor_of = ""
    for line in lines:
        label = line[_LABEL:].strip()
        if label == "SYS / # / OBS TYPES":
            if line[0] != " ":
                letter = line[0]
                header["codes"][letter] = []
            header["codes"].setdefault(letter, []).extend(line[6:_LABEL].split())
        elif label == "SYS / SCALE FACTOR":
            if line[0] != " ":
                number = line[2:6].strip()
                factor_of = (line[0], float(number) if number.isdigit() and int(number) else 1.0)
            for code in line[10:_LABEL].split() or header["codes"].get(factor_of[0], []):
                header["factors"][factor_of[0], code] = factor_of[1]


# The epochs


class _Reader:
    """Takes a file piece by piece; keeps arrays of what is asked for, and notes."""

    def __init__(self, header, letters, signals):
        self.header, self.letters = header, letters
        self.signals = signals
        for signal in signals or ():
            one_of(signal, SIGNALS, "signal")
        self.left, self.parts, self.notes = b"", [], []
        self.heard, self.epochs, self.behind = set(), 0, None
        self.odd = self.unread = 0

    def take(self, text):
        """Read all epochs of the text but the last, which may go on in the next piece."""
        text = self.left + text
        cut = text.rfind(b"\n>") + 1
        self.left = text[cut:]
        self._read(text[:cut])

    def end(self):
        self._read(self.left)
        self.left = b""
        if self.behind is not None:
            self.notes.append(
                f"The file ends in the middle of the epoch {_clock(self.behind)}, which is left "
                "out."
            )
        if self.odd:
            self.notes.append(f"{self.odd} epochs are damaged and are left out.")
        if self.unread:
            self.notes.append(f"{self.unread} numbers cannot be read and are left out.")

    def _read(self, text):
        if not text.strip():
            return
        raw, starts, lengths = files.lines(text)
        marks = np.flatnonzero(raw[starts] == ord(">"))
        head = files.columns(raw, starts[marks], lengths[marks], 0, 35)
        flag, count = files.integers(head[:, 31:32]), files.integers(head[:, 32:35])
        held = np.diff(np.r_[marks, len(starts)]) - 1
        new = [i for i in np.flatnonzero(flag == 4) if self._declares(text, starts, marks, i)]
        if new:  # other types from here on: what stands before and behind is read apart
            cut, end = starts[marks[new[0]]], self._behind(starts, marks, new[0], text)
            self._read(text[:cut])
            self._declare(text[cut:end])
            self._read(text[end:])
            return
        times = _times(head)
        measured = (flag == 0) | (flag == 1)
        # Blank lines at the end belong to no epoch.
        held -= np.add.reduceat(lengths == 0, marks) if len(marks) else 0
        good = measured & (held == count) & ~np.isnat(times)
        wrong = (measured | (flag < 0)) & ~good
        self.behind = None
        if len(marks) and measured[-1] and held[-1] < count[-1]:
            self.behind, wrong[-1] = times[-1], False
        self.odd += int(wrong.sum())
        self.epochs += int(good.sum())
        self._measured(raw, starts, lengths, marks, good, times)

    def _declares(self, text, starts, marks, i):
        begin, end = starts[marks[i]], self._behind(starts, marks, i, text)
        return b"SYS / # / OBS TYPES" in text[begin:end]

    def _behind(self, starts, marks, i, text):
        return starts[marks[i + 1]] if i + 1 < len(marks) else len(text)

    def _declare(self, text):
        lines = text.decode("ascii", "replace").split("\n")[1:]
        self.header["codes"] = dict(self.header["codes"])
        _declared(lines, self.header)

    def _measured(self, raw, starts, lengths, marks, good, times):
        """Keep what the lines of good epochs say of the systems and signals asked for."""
        epoch = np.zeros(len(starts), np.int32)
        epoch[marks] = 1
        epoch = np.cumsum(epoch) - 1
        usable = (epoch >= 0) & good[epoch] if len(marks) else np.zeros(len(starts), bool)
        usable[marks] = False
        usable &= lengths > 0
        first = raw[starts]
        self.heard |= {chr(c) for c in np.unique(first[usable])}
        for letter in self.letters:
            rows = np.flatnonzero(usable & (first == ord(letter)))
            number = files.integers(files.columns(raw, starts[rows], lengths[rows], 1, 2))
            for code in self.header["codes"].get(letter, []):
                signal = signal_of(SYSTEMS[letter], code, self.header["version"])
                asked = signal != "" and (self.signals is None or signal in self.signals)
                if code[0] != "C" or not asked:
                    continue
                self._keep(letter, signal, code, times[epoch[rows]], number, *(
                    self._column(raw, starts[rows], lengths[rows], letter, wanted)
                    for wanted in (code, "S" + code[1:])
                ))  # fmt: skip

    def _column(self, raw, starts, lengths, letter, code):
        codes = self.header["codes"][letter]
        if code not in codes:
            return np.full(len(starts), np.nan)
        first = 3 + _FIELD * codes.index(code)
        chars = files.columns(raw, starts, lengths, first, 14)
        value = files.fixed(chars, 3)
        self.unread += int((np.isnan(value) & (chars != 32).any(axis=1)).sum())
        value[value == 0] = np.nan  # a missing one, as some write it
        return value / self.header["factors"].get((letter, code), 1.0)

    def _keep(self, letter, signal, code, times, number, pseudorange_m, snr_dbhz):
        there = ~(np.isnan(pseudorange_m) & np.isnan(snr_dbhz)) & (number > 0)
        if there.any():
            kept = (a[there] for a in (times, number, pseudorange_m, snr_dbhz))
            self.parts.append((letter, signal, code, *kept))

    def table(self):
        """Return the DataFrame of all that was kept, in the order of time and satellite."""
        if not self.parts:
            return pd.DataFrame()
        size = [len(part[3]) for part in self.parts]
        time, number, pseudorange_m, snr_dbhz = (
            np.concatenate([part[i] for part in self.parts]) for i in (3, 4, 5, 6)
        )
        names = [[part[0], part[1], part[2]] for part in self.parts]
        letter = np.repeat([ord(n[0]) for n in names], size)
        order = np.lexsort((letter * 100 + number, time))
        satellite = (letter * 100 + number)[order]
        known = np.unique(satellite)
        stamps = STAMPS_S[self.header["stamps"]] * 10**9
        return pd.DataFrame(
            {
                "time": (time[order].astype(np.int64) + stamps).astype("datetime64[ns]"),
                "system": _category([SYSTEMS[n[0]] for n in names], size, order),
                "satellite": pd.Categorical.from_codes(
                    np.searchsorted(known, satellite),
                    [f"{chr(k // 100)}{k % 100:02}" for k in known.tolist()],
                ),
                "signal": _category([n[1] for n in names], size, order),
                "code": _category([n[2] for n in names], size, order),
                "pseudorange_m": pseudorange_m[order],
                "snr_dbhz": snr_dbhz[order],
            }
        )


def _category(names, size, order):
    """Return a column of names, each for so many rows, put into an order."""
    known = sorted(set(names))
    codes = np.repeat(np.array([known.index(n) for n in names], np.int8), size)
    return pd.Categorical.from_codes(codes[order], known)


def _times(head):
    """Return the times (n,) of epoch lines as datetime64[ns], NaT where they name none."""
    year, month, day, hour, minute, second = (
        files.integers(head[:, a:b])
        for a, b in ((2, 6), (7, 9), (10, 12), (13, 15), (16, 18), (18, 21))
    )
    part = files.integers(head[:, 22:29])
    parts = np.stack([year, month, day, hour, minute, second, part])
    low = np.array([1980, 1, 1, 0, 0, 0, 0])[:, None]
    high = np.array([2200, 12, 31, 23, 59, 60, 10**7 - 1])[:, None]
    good = ((parts >= low) & (parts <= high)).all(axis=0)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + day - 1
    ns = ((days * 24 + hour) * 60 + minute) * 60 + second
    times = (ns * 10**9 + part * 100).astype("datetime64[ns]")
    return np.where(good, times, np.datetime64("NaT", "ns"))


# What is odd


def _oddities(table, header, systems):
    """Return sentences on what a reader should know of a recording."""
    notes = []
    times = table["time"].drop_duplicates().to_numpy()
    steps = np.diff(times) / np.timedelta64(1, "s")
    if len(steps) and steps.max() > GAP_S:
        at = int(steps.argmax())
        notes.append(
            f"Nothing was written for {steps[at] / 3600:.1f} hours after {_clock(times[at])}: a "
            "gap."
        )
    heard = set(table["system"].unique())
    for system in systems:
        if system in POSITIONED and system not in heard:
            notes.append(f"There is no satellite of {system} in the file.")
    beidou = [int(name[1:]) for name in table["satellite"].unique() if name[0] == "C"]
    if beidou and max(beidou) <= _OLDER[1]:
        notes.append(
            f"No satellite of BeiDou above C{_OLDER[1]} was ever heard: older receivers know none "
            "of them, and this may be one, so its share of BeiDou is low for that reason."
        )
    if header["position_m"] is None:
        notes.append("The header names no place of the antenna on Earth.")
    return notes


def _clock(time):
    return "" if np.isnat(time) else str(np.datetime64(time, "s")).replace("T", " ")
