"""Make the tables of two real receivers from their files; run it by hand.

    python data/build/receivers.py FOLDER && python data/build/build.py --no-map

FOLDER holds the three files named below, as the repository nav-solutions/data on GitHub (MPL-2.0)
carries them. They are too large for the project; their checksums tell that they are the known ones.

- `receiver_day.csv`: what the station ESBC measured on 25 June 2020, every fifth minute, with one
  signal on each of two frequencies of BeiDou, GPS and Galileo;
- `receiver_ephemerides.csv`: the broadcast messages of that day, each hour's nearest;
- `receiver_phone.csv`: what a telephone near Paris heard on 1 April 2024, every half minute.
"""

import argparse
import csv
import gzip
import hashlib
import io
from pathlib import Path

import numpy as np
import pandas as pd

from course.files import replace
from helpers.data import FOLDER, package
from silkroad import receivers

DAY = "ESBC00DNK_R_20201770000_01D_30S_MO.crx.gz"
MESSAGES = "ESBC00DNK_R_20201770000_01D_MN.rnx.gz"
PHONE = "phone_2024092_0831_10min_1Hz.obs.gz"
SHA256 = {
    DAY: "f1b689715e2b5e71b42196a9c8941d5a8826a161dca6c6e8fc509979268df382",
    MESSAGES: "3b930e79ec15c384622425a61f21f1f13f5980b9025f0a788de2882cf8898274",
    PHONE: "7c265e96a5132863052fb85faf733fc8b06c3d8177f77e26b1cec8421e026b44",
}
MIDNIGHT = np.datetime64("2020-06-25T00:00:00", "ns")  # of GPS time, where the seconds begin
EVERY_S, PHONE_EVERY_S = 300, 30
SIGNALS = {"BDS": ("B1I", "B3I"), "GPS": ("L1 C/A", "L2 P(Y)"), "GAL": ("E1", "E5b")}
USED = ("LNAV", "D1", "D2", "INAV")  # the messages whose clocks serve these signals
PHONE_SYSTEMS = {"C": "BDS", "G": "GPS", "E": "GAL", "R": "GLO", "J": "QZS"}
PHONE_BEGIN = (8 * 60 + 31) * 60  # seconds of the day, GPS time
FIELD = 16  # characters of a value in a line of observations


def known(folder, name):
    """Return the path of a file, after checking that it is the known one."""
    path = Path(folder) / name
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256[name]:
        raise SystemExit(f"{name} is not the known one: look at it, then change SHA256.")
    return path


def write(name, frame, source):
    """Write a table in the order of its schema; columns are texts already."""
    frame = frame.assign(source_ids=source, source_note="", confidence="high")
    columns = [field["name"] for field in package()[name]["schema"]["fields"]]
    text = io.StringIO(newline="")
    frame[columns].to_csv(text, index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    replace(FOLDER / f"{name}.csv", text.getvalue().encode("utf-8"))
    print(f"{name}: {len(frame)} rows, {len(text.getvalue())} bytes")


def since_midnight(times):
    """Return whole seconds of the day."""
    return ((times - MIDNIGHT) / np.timedelta64(1, "s")).round().astype(int)


def day(path):
    """Return the ranges of every fifth minute, one row a satellite, in centimetres."""
    signals = [name for pair in SIGNALS.values() for name in pair]
    long = receivers.observations(path, signals=signals)
    long = long.assign(second_gps=since_midnight(long["time"]))
    long = long[long["second_gps"] % EVERY_S == 0].astype({"satellite": str, "signal": str})
    first = {pair[0] for pair in SIGNALS.values()}
    rank = np.where(long["signal"].isin(first), 1, 2)
    wide = long.assign(rank=rank).pivot_table(
        index=["second_gps", "satellite"], columns="rank", values=["pseudorange_m", "snr_dbhz"]
    )
    out = pd.DataFrame(index=wide.index)
    for number in (1, 2):
        column = wide["pseudorange_m", number]
        out[f"pseudorange_{number}_m"] = column.map("{:.2f}".format).where(column.notna(), "")
    snr = wide["snr_dbhz", 1]
    out["snr_dbhz"] = snr.map("{:.1f}".format).where(snr.notna(), "")
    return out[out["pseudorange_1_m"] != ""].reset_index()


def messages(path, heard):
    """Return, of each satellite heard, the healthy messages that are nearest to some full hour."""
    table = receivers.ephemerides(path)
    table = table[table["satellite"].isin(heard) & table["message"].isin(USED)]
    table = table.drop_duplicates(["satellite", "message", "toe"], keep="last")
    kept = set()
    for hour in range(25):
        age = (table["toe"] - (MIDNIGHT + np.timedelta64(hour, "h"))).abs()
        nearest = age.groupby(table["satellite"]).idxmin()
        kept.update(nearest[age[nearest].to_numpy() <= np.timedelta64(2, "h")])
    table = table.loc[sorted(kept)].sort_values(["satellite", "toe"])
    for name in ("toc", "toe", "sent"):
        table[f"{name}_second_gps"] = since_midnight(table[name])
    table["healthy"] = np.where(table["healthy"], "true", "false")
    table["issue"] = table["issue"].astype(int)
    return table


def phone(path):
    """Return what the telephone heard, all systems: satellite, code, signal strength."""
    header, body = gzip.decompress(path.read_bytes()).decode("ascii").split("END OF HEADER")
    codes = {
        line[0]: line[6:60].split()
        for line in header.splitlines()
        if line[60:] == "SYS / # / OBS TYPES"
    }
    rows, second = [], None
    for line in body.splitlines()[1:]:
        if line.startswith(">"):
            hour, minute, exact = line[13:29].split()
            second = round(int(hour) * 3600 + int(minute) * 60 + float(exact)) - PHONE_BEGIN
        elif line[0] in PHONE_SYSTEMS:
            many = range(len(codes[line[0]]))
            texts = [line[3 + FIELD * i : 17 + FIELD * i].strip() for i in many]
            rows += [
                (second, PHONE_SYSTEMS[line[0]], line[:3], code[1:], f"{float(text):.1f}")
                for code, text in zip(codes[line[0]], texts, strict=True)
                if code[0] == "S" and text
            ]
    columns = ["second_gps", "system", "satellite", "code", "snr_dbhz"]
    table = pd.DataFrame(rows, columns=columns).drop_duplicates(columns[:4])
    begin = table["second_gps"].min()
    return table[(table["second_gps"] - begin) % PHONE_EVERY_S == 0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="where the three files lie")
    folder = parser.parse_args().folder
    measured = day(known(folder, DAY))
    write("receiver_day", measured, "S870")
    write("receiver_ephemerides", messages(known(folder, MESSAGES), measured["satellite"]), "S870")
    write("receiver_phone", phone(known(folder, PHONE)), "S871")


if __name__ == "__main__":
    main()
