"""NMEA logs: what a receiver said it saw and where it said it was, through pynmeagps.

NMEA 0183 gives no pseudoranges: satellites in view (GSV) with elevation, azimuth and signal
strength, and the receiver's own fixes (GGA, RMC for the date).
"""

import numpy as np
import pandas as pd

from helpers.inputs import InputError
from silkroad.receivers import files
from silkroad.receivers.rinex import Recording

# Talkers of NMEA 4.11; BD is what older receivers of BeiDou say.
TALKERS = {"GB": "BDS", "BD": "BDS", "GP": "GPS", "GA": "GAL"}
# The signal ids of NMEA 4.11, table 20, by system.
_IDS = {
    "BDS": {1: "B1I", 2: "B1I", 3: "B1C", 5: "B2a", 6: "B2b", 8: "B3I", 11: "B2I"},
    "GPS": {1: "L1 C/A", 2: "L1 P(Y)", 5: "L2C", 6: "L2C", 7: "L5", 8: "L5"},
    "GAL": {1: "E5a", 2: "E5b", 3: "E5", 5: "E6", 6: "E1", 7: "E1"},
}
# Numbers that older receivers give satellites of BeiDou, and what is to be taken off.
_OFFSETS = {"BDS": (400, 200, 100), "GPS": (), "GAL": (300,)}


def nmea(source, name=None, progress=None):
    """Return the Recording of an NMEA log, a path or its bytes with a `name`.

    observations: time, system, satellite, signal ("" where the log does not tell), elevation_deg,
    azimuth_deg, snr_dbhz. fixes: time, lat, lon, height_m above the ellipsoid, as the receiver
    recorded them. Times are GPS-like stamps in UTC, as NMEA has them. InputError: no sentence of
    NMEA in it, or the library pynmeagps is not here.
    """
    what = files.name_of(source, name)
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
            if begin < 0 or line[begin + 3 : begin + 6] not in (b"GSV", b"GGA", b"RMC"):
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
    """Collects sentences between two times."""

    def __init__(self):
        self.date, self.time, self.count = None, None, 0
        self.seen, self.fixed, self.waiting = [], [], []

    def take(self, message):
        self.count += 1
        if message.msgID == "RMC":
            if message.date:
                self.date = message.date
            self._at(message.time)
        elif message.msgID == "GGA":
            self._at(message.time)
            if message.quality and message.lat != "":
                self.fixed.append((self.time, message.lat, message.lon, _height(message)))
        elif message.talker in TALKERS:
            self._satellites(message)

    def _at(self, clock):
        if clock:
            date = self.date or pd.Timestamp("1980-01-06").date()
            self.time = np.datetime64(f"{date}T{clock}", "ns")

    def _satellites(self, message):
        system = TALKERS[message.talker]
        number_of = getattr(message, "signalID", 0)
        signal = _IDS[system].get(int(number_of or 0), "")
        for i in range(1, 5):
            number = getattr(message, f"svid_{i:02}", "")
            if number == "" or not int(number):
                continue
            parts = (getattr(message, f"{n}_{i:02}", "") for n in ("elv", "az", "cno"))
            self.seen.append((self.time, system, _named(system, int(number)), signal, *parts))

    def recording(self, damaged):
        columns = ["time", "system", "satellite", "signal", "elevation_deg", "azimuth_deg"]
        table = pd.DataFrame(self.seen, columns=[*columns, "snr_dbhz"])
        for name in ("elevation_deg", "azimuth_deg", "snr_dbhz"):
            table[name] = pd.to_numeric(table[name], errors="coerce")
        fixes = pd.DataFrame(self.fixed, columns=["time", "lat", "lon", "height_m"])
        for frame in (table, fixes):
            frame["time"] = pd.to_datetime(frame["time"]).astype("datetime64[ns]")
        notes = [] if self.date else ["The log names no date: the days are not known."]
        if damaged:
            notes.append(f"{damaged} sentences are damaged and are left out.")
        return Recording(table, {"version": "NMEA", "position_m": None}, tuple(notes), fixes)


def _named(system, number):
    for offset in _OFFSETS[system]:
        if number > offset:
            number -= offset
            break
    return f"{dict(BDS='C', GPS='G', GAL='E')[system]}{number:02}"


def _height(message):
    parts = [message.alt, message.sep]
    return float(sum(float(part) for part in parts if part != ""))
