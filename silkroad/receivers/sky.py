"""The sky of all epochs: which ranges can be used, with satellites, clocks and group delays.

Rows are put into a rectangle of epochs and satellites, where what is missing has no weight.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.inputs import InputError
from silkroad.receivers import satellites
from silkroad.receivers.satellites import LIGHT_M_S
from silkroad.receivers.signals import POSITIONED, SIGNALS, SYSTEMS

_RANGES_M = (1e7, 6e7)  # telephones write ranges of no meaning, too, before their clock is set
# GPS and BeiDou tell an accuracy as an index; RINEX has the value it is called by, and the largest
# that it stands for is 1.2 times that (IS-GPS-200, 20.3.3.3.1.3). Galileo tells metres.
_BOUND = {"G": 1.2, "C": 1.2, "E": 1.0}


@dataclass
class Sky:
    """Rectangles (epochs, satellites) of where satellites were and what was measured.

    row is the row of the table, -1 where there is none; worth, in metres, are the corrections that
    do not depend on the place; range_m has those of them that the settings switch on.
    """

    table: pd.DataFrame
    systems: tuple
    times: np.ndarray
    row: np.ndarray
    place: np.ndarray
    range_m: np.ndarray
    system: np.ndarray
    frequency_mhz: np.ndarray
    accuracy_m: np.ndarray
    worth: dict
    settings: dict


def sky_of(observations, ephemerides, chosen, settings):
    """Return the Sky of chosen signals {system: signal}; InputError where nothing can be used."""
    table = _one_range_each(observations, chosen)
    row = _messages(table, ephemerides, chosen)
    usable = row >= 0
    usable[usable] = ephemerides["healthy"].to_numpy(bool)[row[usable]]
    if not usable.any():
        raise InputError(_unusable(table, ephemerides))
    table, row = table[usable], row[usable]
    times_ns = satellites.nanoseconds(table["time"])
    range_m = table["pseudorange_m"].to_numpy(float)
    elements = satellites.Elements(ephemerides)
    place, clock_s, relativity_s, _ = satellites.carried(
        elements, row, times_ns, range_m / LIGHT_M_S
    )
    letters, _ = _lettered(table)
    system = _numbered(letters, chosen)
    worth = {
        "clock": LIGHT_M_S * (clock_s - relativity_s),
        "relativity": LIGHT_M_S * relativity_s,
        "group_delay": -LIGHT_M_S * _group_delays_s(elements, row, system, chosen),
    }
    on = [metres for name, metres in worth.items() if settings[name]]
    frequencies = np.array([SIGNALS[name].frequency_mhz for name in chosen.values()])
    bound = np.select([letters == a for a in _BOUND], list(_BOUND.values()))
    every = np.unique(satellites.nanoseconds(observations["time"].drop_duplicates()))
    rectangle = _rectangle(np.searchsorted(every, times_ns), len(every))
    return Sky(
        table=table,
        systems=tuple(chosen),
        times=every.astype("datetime64[ns]"),
        row=rectangle(np.arange(len(table)), -1),
        place=rectangle(place, 1e7),
        range_m=rectangle(sum(on, range_m), 0.0),
        system=rectangle(system, -1),
        frequency_mhz=rectangle(frequencies[system], 1.0),
        accuracy_m=rectangle(bound * elements["accuracy_m"][row], 1.0),
        worth={name: rectangle(metres, 0.0) for name, metres in worth.items()},
        settings=settings,
    )


def _lettered(table):
    """Return (the letter of each row's system, {"names": known, "codes": of each row})."""
    names = table["satellite"].astype("category").cat.remove_unused_categories()
    known = names.cat.categories.astype(str).to_numpy("U3")
    codes = names.cat.codes.to_numpy(np.int64)
    letters = np.array([name[0] for name in known], "U1")
    return letters[codes], {"names": known, "codes": codes}


def _numbered(letters, chosen):
    """Return the number of each row's system among those chosen."""
    numbers = [list(chosen).index(SYSTEMS[a]) if SYSTEMS[a] in chosen else -1 for a in SYSTEMS]
    return np.select([letters == a for a in SYSTEMS], numbers)


def _messages(table, ephemerides, chosen):
    """Return for each range the row of its message among those that serve its signal, or -1."""
    letters, satellite = _lettered(table)
    system, times_ns = _numbered(letters, chosen), satellites.nanoseconds(table["time"])
    row = np.full(len(table), -1)
    for i, name in enumerate(chosen.values()):
        served = np.flatnonzero(ephemerides["message"].isin(SIGNALS[name].messages))
        mine = np.flatnonzero(system == i)
        found = satellites.chosen(
            ephemerides.iloc[served], satellite["names"], satellite["codes"][mine], times_ns[mine]
        )
        row[mine[found >= 0]] = served[found[found >= 0]]
    return row


def _group_delays_s(elements, row, system, chosen):
    delay = np.zeros(len(row))
    for i, name in enumerate(chosen.values()):
        mine = system == i
        for column, factor in SIGNALS[name].delay.items():
            delay[mine] = factor * np.nan_to_num(elements[column][row[mine]])
    return delay


def _rectangle(epoch, count):
    """Return a function that puts rows, sorted by epoch, into (count, most in one epoch, ...)."""
    rank = np.arange(len(epoch)) - np.searchsorted(epoch, epoch)
    shape = (count, int(rank.max()) + 1)

    def put(values, empty):
        full = np.full(shape + values.shape[1:], empty, values.dtype)
        full[epoch, rank] = values
        return full

    return put


def _one_range_each(observations, chosen):
    """Return the rows of the chosen signals with a range, one for each satellite and time."""
    wanted = observations["signal"].isin(list(chosen.values()))
    wanted &= observations["system"].isin(list(chosen))
    wanted &= observations["pseudorange_m"].between(*_RANGES_M)
    table = observations[wanted]
    if table.empty:
        names = ", ".join(f"{s} {n}" for s, n in chosen.items())
        raise InputError(f"There is no pseudorange of {names}: choose other systems or signals.")
    if not table["time"].is_monotonic_increasing:
        table = table.sort_values(["time", "satellite"])
    if table["code"].nunique() > table["system"].nunique():  # by two codes: the first of the list
        rank = {c: i for name in chosen.values() for i, c in enumerate(SIGNALS[name].codes)}
        order = table["code"].astype(str).str[1:].map(rank).fillna(99)
        table = table.assign(_rank=order).sort_values(["time", "satellite", "_rank"])
        table = table.drop_duplicates(["time", "satellite"]).drop(columns="_rank")
    return table


def _unusable(table, ephemerides):
    """Return the sentence that says why no range can be used."""
    why = left_out(table, ephemerides)
    reasons = set(why["why"])
    if reasons == {"unhealthy"}:
        return (
            "All satellites heard say of themselves that they are unhealthy: there is no fix; take "
            "another time."
        )
    if "ephemerides are of another time" in reasons:
        first, last = ephemerides["toe"].min(), ephemerides["toe"].max()
        return (
            f"The observations begin at {str(table['time'].iloc[0])[:16]} and the ephemerides are "
            f"for {str(first)[:16]} to {str(last)[:16]}: give those of the same day."
        )
    return (
        "No satellite heard has ephemerides in the file: give the navigation file of all systems "
        "of that day."
    )


def left_out(observations, ephemerides, systems=POSITIONED):
    """Return the satellites heard that no fix can use: DataFrame satellite, why.

    Why: "no ephemeris" at all, "ephemerides are of another time", "unhealthy" by its own word. A
    satellite that some of its time is usable is not named.
    """
    heard = observations[observations["system"].isin(systems)]
    pairs = heard[["satellite", "time"]].drop_duplicates()
    found = satellites.states(ephemerides, pairs["satellite"], pairs["time"])
    told = set(ephemerides["satellite"])
    row, healthy = found["row"].to_numpy() >= 0, found["healthy"].to_numpy(bool)
    names = pairs["satellite"].astype(str).to_numpy()
    rows = []
    for name in np.unique(names):
        mine = names == name
        if name not in told:
            rows.append((name, "no ephemeris"))
        elif not row[mine].any():
            rows.append((name, "ephemerides are of another time"))
        elif not healthy[mine].any():
            rows.append((name, "unhealthy"))
    return pd.DataFrame(rows, columns=["satellite", "why"])
