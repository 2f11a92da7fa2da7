"""What receivers tell in lesson 05: satellites heard, BeiDou's share, errors of ranges, fixes.

Files come from upload controls. What cannot be read is said in a sentence, and an example of ours,
the telephone of `receiver_phone` or the station of `receiver_day`, stands in.
"""

import numpy as np
import pandas as pd

from helpers.inputs import InputError
from helpers.words import counted, listed
from silkroad import measured, receivers

NAMES = {"BDS": "BeiDou", "GPS": "GPS", "GAL": "Galileo", "GLO": "GLONASS", "QZS": "QZSS"}
LOOKS = {
    **{"BeiDou": ("orange", "circle"), "GPS": ("sky", "diamond"), "Galileo": ("green", "triangle")},
    **{"GLONASS": ("blue", "square"), "QZSS": ("purple", "cross")},
}
EXAMPLES = ["the telephone near Paris", "the station in Esbjerg"]
HEARABLE = (*NAMES, "SBAS", "NAVIC")


def named(rows):
    """Return rows with the systems' full names in place of those of the room `receivers`."""
    names = rows["system"].astype(str)
    return rows.assign(system=names.map(NAMES).fillna(names))


def example(choice):
    """Return (rows, words) of one of ours, by its name in `EXAMPLES`."""
    if choice == EXAMPLES[0]:
        return named(measured.telephone()), "A telephone near Paris, 1 April 2024."
    rows = named(measured.day_observations())
    rows.attrs["fixes"] = "Its fixes are those of the day above."
    return rows, "The station in Esbjerg, 25 June 2020, three systems of those that it hears."


def own_file(files, choice=EXAMPLES[0]):
    """Return (rows of `receivers.observations`, words) of the file of an upload control.

    files is the control's value. The example `choice` where there is none or where it cannot be
    read; the words then say so.
    """
    if not files:
        return example(choice)
    name, content = files[0]["name"], bytes(files[0]["content"])
    try:
        if content.lstrip()[:1] == b"$":
            found = receivers.nmea(content, name=name)
        else:
            found = receivers.recording(content, HEARABLE, name=name)
    except InputError as error:
        return example(choice)[0], f"{error} Shown is {choice}."
    return named(found.observations), " ".join([f"{name}.", *found.notes])


def heard_table(rows):
    """Return by system how many satellites were heard, their share, signals and strength."""
    table = (
        receivers.heard(rows)
        .groupby("system", sort=False)
        .agg(
            satellites=("satellite", "nunique"),
            signals=("signal", lambda names: listed(sorted(set(names)))),
            strength=("snr_dbhz", "median"),
        )
    )
    table.insert(1, "share, %", (100 * table["satellites"] / table["satellites"].sum()).round())
    return table.rename(columns={"strength": "median strength, dB-Hz"}).round(1)


def left_words(rows, table):
    """Return how large the errors of ranges are as a sentence: of `measured.left`, `left_table`."""
    sizes = table["range error, m"]
    low = rows["elevation_deg"] < 20
    parts = [np.sqrt(np.mean(part["left_m"] ** 2)) for part in (rows[low], rows[~low])]
    *each, below, above = [
        f"{size:.1f} m" if size < 1000 else f"{size / 1000:,.0f} km" for size in (*sizes, *parts)
    ]
    named = listed(f"{size} for {name}" for size, name in zip(each, sizes.index, strict=True))
    return f"Range error (root mean square): {named}. Below 20° {below}, above {above}."


def left_table(rows):
    """Return number and root mean square in m of what is left of ranges, by system."""
    groups = named(rows).assign(square=rows["left_m"] ** 2).groupby("system")
    table = pd.DataFrame(
        {"ranges": groups.size(), "range error, m": groups["square"].mean() ** 0.5}
    )
    return table.round(2)


def heard_words(table):
    """Return how many satellites were heard and BeiDou's share, as a sentence."""
    total = int(table["satellites"].sum())
    if "BeiDou" not in table.index:
        return f"{counted(total, 'satellite')} heard, none of BeiDou."
    row = table.loc["BeiDou"]
    return (
        f"{counted(total, 'satellite')} heard, {row['satellites']} of BeiDou "
        f"({row['share, %']:.0f} %) on {row['signals'] or 'signals not told'}."
    )


def fix_words(rows, files):
    """Return what fixes the ephemerides of an upload control give, or why there are none."""
    if not files:
        return rows.attrs.get("fixes", "No ephemerides are given, so there is no fix.")
    if "pseudorange_m" not in rows or rows["pseudorange_m"].isna().all():
        return "There are no pseudoranges, so there is no fix."
    name, content = files[0]["name"], bytes(files[0]["content"])
    try:
        messages = receivers.ephemerides(content, name=name)
        ionosphere = receivers.klobuchar(content, name=name) or None
        codes = rows["system"].map({name: code for code, name in NAMES.items()})
        fixes = receivers.fixes(rows.assign(system=codes), messages, ionosphere=ionosphere).dropna(
            subset="lat"
        )
    except InputError as error:
        return str(error)
    if fixes.empty:
        return "No moment has enough satellites for a fix."
    at = fixes[["lat", "lon", "height_m"]].median()
    return (
        f"{counted(len(fixes), 'fix', 'fixes')}, in the middle {at['lat']:.5f}°, "
        f"{at['lon']:.5f}°, height {at['height_m']:.0f} m."
    )
