"""Signals of BeiDou, GPS and Galileo: what a code of RINEX names, its frequency, its group delay.

Codes: RINEX 4.01, tables 11, 13 and 16. Frequencies: the open-service signal documents
(BDS-SIS-ICD-B1I-3.0, -B3I-1.0, -B1C-1.0, -B2a-1.0, -B2b-1.0; IS-GPS-200 and -705; Galileo OS SIS
ICD 2.1).
"""

from dataclasses import dataclass

from helpers.inputs import one_of

SYSTEMS = {
    **{"C": "BDS", "G": "GPS", "E": "GAL"},
    **{"R": "GLO", "J": "QZS", "S": "SBAS", "I": "NAVIC"},
}
LETTERS = {name: letter for letter, name in SYSTEMS.items()}
POSITIONED = ("BDS", "GPS", "GAL")  # those a fix can be had with; the others are only counted


@dataclass(frozen=True)
class Signal:
    """A signal of one system: frequency, codes of RINEX (band and attribute) in order of choice.

    messages are the broadcast messages whose clock serves it; delay gives the group delay that is
    taken off that clock, as {column of the ephemerides: factor}; None where these messages carry
    no delay for it, so that no fix can be had with it.
    """

    system: str
    frequency_mhz: float
    codes: tuple
    messages: tuple = ()
    delay: dict | None = None


_L1, _L2, _L5, _E5B = 1575.42, 1227.60, 1176.45, 1207.14
_D = ("D1", "D2")
_FIRST, _SECOND = "group_delay_1_s", "group_delay_2_s"

# BeiDou's clocks refer to B3I (BDS-SIS-ICD-B1I-3.0, 5.2.4.10: TGD1 for B1I, TGD2 for B2I), those
# of GPS to the pair L1 P(Y) and L2 P(Y) (IS-GPS-200, 20.3.3.3.3.2), those of Galileo to E1 with
# E5a in the message F/NAV, to E1 with E5b in I/NAV (OS SIS ICD, 5.1.5).
SIGNALS = {
    "B1I": Signal("BDS", 1561.098, ("2I", "2X", "2Q", "1I"), _D, {_FIRST: 1.0}),
    "B3I": Signal("BDS", 1268.52, ("6I", "6X", "6Q"), _D, {}),
    "B2I": Signal("BDS", _E5B, ("7I", "7X", "7Q"), _D, {_SECOND: 1.0}),
    "B1C": Signal("BDS", _L1, ("1P", "1X", "1D")),
    "B2a": Signal("BDS", _L5, ("5P", "5X", "5D")),
    "B2b": Signal("BDS", _E5B, ("7D", "7Z", "7P")),
    "B2": Signal("BDS", 1191.795, ("8X", "8P", "8D")),
    "L1 C/A": Signal("GPS", _L1, ("1C",), ("LNAV",), {_FIRST: 1.0}),
    "L1 P(Y)": Signal("GPS", _L1, ("1W", "1P", "1Y"), ("LNAV",), {_FIRST: 1.0}),
    "L1C": Signal("GPS", _L1, ("1X", "1L", "1S")),
    "L2 P(Y)": Signal("GPS", _L2, ("2W", "2P", "2Y"), ("LNAV",), {_FIRST: (_L1 / _L2) ** 2}),
    "L2C": Signal("GPS", _L2, ("2X", "2L", "2S")),
    "L5": Signal("GPS", _L5, ("5X", "5Q", "5I")),
    "E1": Signal("GAL", _L1, ("1C", "1X", "1B", "1Z", "1A"), ("INAV",), {_SECOND: 1.0}),
    "E5a": Signal("GAL", _L5, ("5Q", "5X", "5I"), ("FNAV",), {_FIRST: (_L1 / _L5) ** 2}),
    "E5b": Signal("GAL", _E5B, ("7Q", "7X", "7I"), ("INAV",), {_SECOND: (_L1 / _E5B) ** 2}),
    "E5": Signal("GAL", 1191.795, ("8Q", "8X", "8I")),
    "E6": Signal("GAL", 1278.75, ("6C", "6X", "6B", "6Z", "6A")),
}
# Of the other systems only the band is named.
_BANDS = {
    "GLO": {"1": "G1", "2": "G2", "3": "G3", "4": "G1a", "6": "G2a"},
    "QZS": {"1": "L1", "2": "L2", "5": "L5", "6": "L6"},
    "SBAS": {"1": "L1", "5": "L5"},
    "NAVIC": {"1": "L1", "5": "L5", "9": "S"},
}
USUAL = {"BDS": "B1I", "GPS": "L1 C/A", "GAL": "E1"}


def signal_of(system, code, version):
    """Return the name of the signal that a code such as "C2I" of a RINEX version stands for, or "".

    BeiDou's B1I is band 2 in RINEX 3.00, 3.01 and again from 3.03 on, band 1 in 3.02 alone. There
    1X means B1I with both its parts; from 3.04 on 1X is B1C (RINEX 3.05, table 9, and 8.3).
    """
    band = code[1:]
    if system in _BANDS:
        return _BANDS[system].get(band[:1], "")
    if system == "BDS" and version < 3.03 and band in ("1I", "1Q", "1X"):
        return "B1I"
    for name, signal in SIGNALS.items():
        if signal.system == system and band in signal.codes:
            return name
    return ""


def choice(systems, signals=None):
    """Return {system: signal for a fix}, the usual open one where `signals` names none.

    InputError: an unknown system or signal, or one for which no message carries a group delay.
    """
    asked = dict(signals or {})
    chosen = {}
    for system in systems:
        one_of(system, USUAL, "system")
        name = asked.get(system, USUAL[system])
        ready = [n for n, s in SIGNALS.items() if s.system == system and s.delay is not None]
        chosen[system] = one_of(name, ready, f"signal of {system} with a clock for a fix,")
    return chosen
