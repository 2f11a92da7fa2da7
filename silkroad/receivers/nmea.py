"""NMEA logs: what a receiver said it saw and where it said it was, through pynmeagps.

NMEA 0183 gives no pseudoranges: satellites in view (GSV) with elevation, azimuth and signal
strength, and the receiver's own fixes (GGA, RMC for the date).
"""

import numpy as np
import pandas as pd

from helpers.inputs import InputError
from silkroad.receivers import files
from silkroad.receivers.rinex import Recording
from silkroad.receivers.signals import LETTERS

# Talkers of NMEA 4.11; BD and QZ are what older receivers say.
TALKERS = {
    **{"GB": "BDS", "BD": "BDS", "GP": "GPS", "GA": "GAL", "GL": "GLO"},
    **{"GQ": "QZS", "QZ": "QZS", "GI": "NAVIC"},
}
# The signal ids of NMEA 4.11, table 20, by system.
_IDS = {
    "BDS": {1: "B1I", 2: "B1I", 3: "B1C", 5: "B2a", 6: "B2b", 8: "B3I", 11: "B2I"},
    "GPS": {1: "L1 C/A", 2: "L1 P(Y)", 5: "L2C", 6: "L2C", 7: "L5", 8: "L5"},
    "GAL": {1: "E5a", 2: "E5b", 3: "E5", 5: "E6", 6: "E1", 7: "E1"},
    "GLO": {1: "G1", 2: "G1", 3: "G2", 4: "G2"},
    "QZS": {1: "L1", 5: "L2", 6: "L2", 7: "L5", 8: "L5"},
}
# Numbers that receivers give beside a system's own, and what is to be taken off; those of GPS from
# 33 to 64 are SBAS (NMEA 4.11, GSV).
_OFFSETS = {"BDS": (400, 200, 100), "GAL": (300,), "GLO": (64,), "QZS": (192,)}
_SBAS = range(33, 65)
_UNDATED = "1970-01-01"
_SENTENCES = (b"GSV", b"GGA", b"RMC", b"ZDA")


def nmea(source, name=None, progress=None):
    """Return the Recording of an NMEA log, a path or its bytes with a `name`.

    observations: time, system, satellite, signal ("" where the log does not tell), elevation_deg,
    azimuth_deg, snr_dbhz; satellites in view without a strength were not heard and are left out.
    fixes: time, lat, lon, height_m above the ellipsoid, as the receiver recorded them. Times are
    UTC, as NMEA has them. InputError: no sentence of
    NMEA in it, or the library pynmeagps is not here.
    """
    what = files.called(source, name)
    try:
        from pynmeagps import NMEAReader
    except ImportError:
        raise InputError(
            f"{what} is a log in NMEA, and the library pynmeagps, which reads it, is not here: "
            "install it with `pip install pynmeagps`, or give a RINEX file."
        ) from None
    log, damaged = _Log(), 0
    for text in files.blocks(source, name, progress):
        for line in text.split(b"\n"):
            begin = line.find(b"$")
            if begin < 0 or line[begin + 3 : begin + 6] not in _SENTENCES:
                continue
            try:
                message = NMEAReader.parse(line[begin:].strip() + b"\r\n")
                log.take(message)
            except Exception:  # the library raises several of its own; one line is lost
                damaged += 1
    if not log.count:
        raise InputError(
            f"{what} holds no sentence of NMEA that tells satellites or fixes (GSV, GGA, RMC): "
            "switch them on in the logger, or give a RINEX file."
        )
    return log.recording(damaged)


class _Log:
    """Collects sentences; those before the first date get it at the end."""

    def __init__(self):
        self.dates, self.date, self.clock, self.count = [], np.datetime64(_UNDATED), None, 0
        self.seen, self.fixed = [], []

    def take(self, message):
        self.count += 1
        if message.msgID == "RMC":
            self._at(message.time, message.date)
        elif message.msgID == "ZDA":
            day = (getattr(message, name, "") for name in ("year", "month", "day"))
            date = "-".join(f"{int(part):02}" for part in day if part != "")
            self._at(message.time, date if date.count("-") == 2 else None)
        elif message.msgID == "GGA":
            self._at(message.time)
            if message.quality and message.lat != "":
                self.fixed.append((self.time, message.lat, message.lon, _height(message)))
        elif message.talker in TALKERS:
            self._satellites(message)

    @property
    def time(self):
        if self.clock is None:
            return np.datetime64("NaT", "ns")
        return np.datetime64(f"{self.date}T{self.clock}", "ns")

    def _at(self, clock, date=None):
        if not clock:
            return
        if date:
            self.date = np.datetime64(str(date), "D")
            self.dates.append(self.date)
        elif self.clock is not None and clock < self.clock:  # past midnight, before a date says so
            self.date += np.timedelta64(1, "D")
        self.clock = clock

    def _satellites(self, message):
        system = TALKERS[message.talker]
        told = getattr(message, "signalID", "") or 0
        signal = _IDS.get(system, {}).get(int(str(told), 16), "")
        for i in range(1, 5):
            number = getattr(message, f"svid_{i:02}", "")
            if number == "" or not int(number):
                continue
            parts = (getattr(message, f"{n}_{i:02}", "") for n in ("elv", "az", "cno"))
            of, name = _named(system, int(number))
            band = signal[:2] if of == "SBAS" else signal
            self.seen.append((self.time, of, name, band, *parts))

    def recording(self, damaged):
        columns = ["time", "system", "satellite", "signal", "elevation_deg", "azimuth_deg"]
        table = pd.DataFrame(self.seen, columns=[*columns, "snr_dbhz"])
        for name in ("elevation_deg", "azimuth_deg", "snr_dbhz"):
            table[name] = pd.to_numeric(table[name], errors="coerce")
        if table["snr_dbhz"].notna().any():
            table = table.dropna(subset="snr_dbhz", ignore_index=True)
        fixes = pd.DataFrame(self.fixed, columns=["time", "lat", "lon", "height_m"])
        for frame in (table, fixes):
            times = pd.to_datetime(frame["time"]).astype("datetime64[ns]")
            if self.dates:
                early = times < pd.Timestamp("1980-01-06")
                times[early] += self.dates[0] - np.datetime64(_UNDATED)
            frame["time"] = times
        notes = [] if self.dates else ["The log names no date, so it stands as 1 January 1970."]
        if damaged:
            notes.append(f"{damaged} sentences are damaged and are left out.")
        return Recording(table, {"version": "NMEA", "position_m": None}, tuple(notes), fixes)


def _named(system, number):
    """Return (system, name of a satellite) by the number that a sentence gives."""
    if system == "GPS" and number in _SBAS:
        return "SBAS", f"S{number - 13:02}"
    for offset in _OFFSETS.get(system, ()):
        if number > offset:
            number -= offset
            break
    return system, f"{LETTERS[system]}{number:02}"


def _height(message):
    parts = [message.alt, message.sep]
    return float(sum(float(part) for part in parts if part != ""))
