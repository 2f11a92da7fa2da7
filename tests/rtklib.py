"""RTKLIB's program rnx2rtkp, the independent check of silkroad.receivers: run, and read."""

import re
import shutil
import subprocess

import pandas as pd

MISSING = (
    "RTKLIB's rnx2rtkp was not found, so fixes were NOT held against an independent program. "
    "Install it: sudo apt install rtklib"
)
NAVSYS = {"G": 1, "E": 8, "C": 32}
FIRST = {"G": 1, "E": 60, "C": 106}  # numbers of the first satellites in RTKLIB's own count


def path():
    """Return where rnx2rtkp is, or None."""
    return shutil.which("rnx2rtkp")


def run(folder, observations, ephemerides, letters, *options):
    """Run single-point positioning as the issue names it; return the path of its output."""
    settings = folder / f"{letters}.conf"
    lines = [
        *("pos1-posmode=single", "pos1-frequency=l1", "pos1-elmask=10", "pos1-ionoopt=brdc"),
        *("pos1-tropopt=saas", "out-solformat=xyz", "out-outstat=residual", "out-timesys=gpst"),
        *("out-timeform=hms", f"pos1-navsys={sum(NAVSYS[letter] for letter in letters)}"),
    ]
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = folder / f"{letters}.pos"
    command = [path(), *options, "-k", settings, "-o", out, observations, ephemerides]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    return out


def fixes(out):
    """Return DataFrame time, x_m, y_m, z_m, satellites of an output."""
    table = pd.read_csv(out, sep=r"\s+", comment="%", header=None, usecols=range(7))
    table.columns = ["day", "clock", "x_m", "y_m", "z_m", "quality", "satellites"]
    table["time"] = pd.to_datetime(table["day"] + " " + table["clock"]).astype("datetime64[ns]")
    return table[["time", "x_m", "y_m", "z_m", "satellites"]]


def residuals(out):
    """Return DataFrame time, satellite, azimuth_deg, elevation_deg, residual_m of an output."""
    rows = []
    for line in out.with_name(out.name + ".stat").read_text(encoding="utf-8").splitlines():
        part = line.split(",")
        if part[0] == "$SAT":
            second = int(part[1]) * 604_800 + round(float(part[2]), 1)
            rows.append((second, part[3], *map(float, part[5:8])))
    names = ["time", "satellite", "azimuth_deg", "elevation_deg", "residual_m"]
    table = pd.DataFrame(rows, columns=names)
    start = pd.Timestamp("1980-01-06")
    table["time"] = (start + pd.to_timedelta(table["time"], unit="s")).astype("datetime64[ns]")
    return table


STATE = re.compile(r"4 (\S+ \S+) sat= *(\d+) rs=(.{13})(.{14})(.{14}) dts=(.{12})")


def states(out):
    """Return DataFrame time (of transmission), satellite, x_m, y_m, z_m, clock_s of a trace."""
    rows = []
    trace = out.with_name(out.name + ".trace")
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := STATE.match(line):
            number = int(match[2])
            letter = max((n, a) for a, n in FIRST.items() if n <= number)[1]
            name = f"{letter}{number - FIRST[letter] + 1:02}"
            rows.append((match[1], name, *(float(match[i]) for i in (3, 4, 5, 6))))
    table = pd.DataFrame(rows, columns=["time", "satellite", "x_m", "y_m", "z_m", "clock_s"])
    table["time"] = pd.to_datetime(table["time"]).astype("datetime64[ns]")
    table["clock_s"] *= 1e-9
    return table
