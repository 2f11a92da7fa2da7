"""Receivers: reading, satellites, corrections and fixes, against RTKLIB and plain readings.

RTKLIB (rnx2rtkp) computes from the same files; without it those tests are skipped, loudly.
"""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import hatanaka
import numpy as np
import pandas as pd
import pytest
import rtklib

from helpers.inputs import InputError
from silkroad import receivers
from silkroad.orbits import geodetic
from silkroad.positioning import axes, horizontal_95, vertical_95
from silkroad.receivers import air, files, satellites, signals

FOLDER = Path(__file__).parent / "data" / "receivers"
DAY, MESSAGES = FOLDER / "esbc_2020_177.crx.gz", FOLDER / "esbc_2020_177.nav.gz"
PHONE = FOLDER / "phone_2024_092.obs.gz"
# The antenna of ESBC from phases (static PPP with final orbits), ITRF2014 at 2020.48.
PLACE_M = np.array([3582104.922, 532590.197, 5232755.365])
LETTER = {"BDS": "C", "GPS": "G", "GAL": "E"}
ALONE = [("BDS",), ("GPS",), ("GAL",)]
TOGETHER = ("BDS", "GPS", "GAL")


@pytest.fixture(scope="session")
def day():
    return receivers.observations(DAY)


@pytest.fixture(scope="session")
def sky():
    return receivers.ephemerides(MESSAGES)


@pytest.fixture(scope="session")
def ionosphere():
    return receivers.klobuchar(MESSAGES)


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    """The day and its messages as RTKLIB takes them, in a folder of their own.

    RTKLIB takes Galileo's group delays from the first message of a satellite in the file, whichever
    kind that is (see findings/), so the messages F/NAV, which do not serve E1, are left out.
    """
    folder = tmp_path_factory.mktemp("rtklib")
    (folder / "day.obs").write_bytes(hatanaka.decompress(DAY.read_bytes()))
    (folder / "all.nav").write_bytes(gzip.decompress(MESSAGES.read_bytes()))
    (folder / "day.nav").write_text(without_fnav((folder / "all.nav").read_text()))
    return folder


def records(text):
    """Return (header, [lines of a message]) of a navigation file."""
    header, _, body = text.partition("END OF HEADER")
    line, _, body = body.partition("\n")
    found = []
    for row in body.splitlines():
        if row[:1] != " ":
            found.append([])
        found[-1].append(row)
    return header + "END OF HEADER" + line + "\n", found


def number(text):
    return float(text.replace("D", "E"))


def without_fnav(text):
    header, found = records(text)
    kept = [r for r in found if not (r[0][0] == "E" and int(number(r[5][23:42])) & 2)]
    return header + "\n".join("\n".join(r) for r in kept) + "\n"


@pytest.fixture(scope="session")
def theirs(plain, needs_rtklib):
    """A function: the path of RTKLIB's output for the letters of systems, run once."""
    done = {}

    def run(letters, *options):
        if (letters, options) not in done:
            folder = plain / (letters + "".join(options).replace("-", "_"))
            folder.mkdir()
            done[letters, options] = rtklib.run(
                folder, plain / "day.obs", plain / "day.nav", letters, *options
            )
        return done[letters, options]

    return run


def letters_of(systems):
    return "".join(LETTER[system] for system in systems)


def errors_enu(table):
    lat, lon, _ = geodetic(PLACE_M / 1000)
    return (table[["x_m", "y_m", "z_m"]].to_numpy() - PLACE_M) @ axes(lat, lon).T


# --- reading


def by_hand(text):
    """Read a RINEX file of observations line by line: {(time, satellite, code): value}."""
    found, types, time, letter, inside = {}, {}, None, "", False
    for line in text.splitlines():
        if line[60:].strip() == "SYS / # / OBS TYPES":
            letter = line[0].strip() or letter
            types.setdefault(letter, []).extend(line[6:60].split())
        elif line[60:].strip() == "END OF HEADER":
            inside = True
        elif inside and line[0] == ">":
            year, month, date, hour, minute, second = line[1:29].split()
            time = pd.Timestamp(int(year), int(month), int(date), int(hour), int(minute))
            time += pd.Timedelta(seconds=float(second))
        elif inside and line[0] in types:
            for i, code in enumerate(types[line[0]]):
                field = line[3 + 16 * i : 17 + 16 * i].strip()
                if field:
                    found[time, line[:3], code] = float(field)
    return found


def test_every_number_is_read_as_a_plain_reading_finds_it(day):
    values = by_hand(hatanaka.decompress(DAY.read_bytes()).decode())
    expected = {key: v for key, v in values.items() if key[2][0] == "C" and v}
    got = dict(
        zip(
            zip(day["time"], day["satellite"], day["code"], strict=True),
            day["pseudorange_m"],
            strict=True,
        )
    )
    assert {key: v for key, v in got.items() if v == v} == expected
    strength = {
        (t, s, "S" + c[1:]): v
        for t, s, c, v in zip(
            *(day[n] for n in ("time", "satellite", "code", "snr_dbhz")), strict=True
        )
        if v == v
    }
    assert strength.items() <= values.items() and len(strength) > 10_000


def test_the_form_of_the_file_changes_nothing(day, plain, tmp_path):
    text = (plain / "day.obs").read_bytes()
    forms = {
        "plain.obs": text,
        "crlf.rnx": text.replace(b"\n", b"\r\n"),
        "mixed.rnx": text.replace(b"\n", b"\r\n", 5000),
        "old_mac.rnx": text.replace(b"\n", b"\r"),
        "packed.rnx.gz": gzip.compress(text),
        "compact.crx": hatanaka.rnx2crx(text),
    }
    for name, content in forms.items():
        (tmp_path / name).write_bytes(content)
        pd.testing.assert_frame_equal(receivers.observations(tmp_path / name), day)
        pd.testing.assert_frame_equal(receivers.recording(content, name=name).observations, day)


def test_pieces_of_any_size_give_the_same(day, plain, monkeypatch):
    for size in (1000, 77_777):
        monkeypatch.setattr(files, "BLOCK", size)
        pd.testing.assert_frame_equal(receivers.observations(plain / "day.obs"), day)


@pytest.mark.skipif(sys.platform != "linux", reason="the high-water mark of memory is Linux's")
def test_a_day_of_a_whole_station_takes_little_memory(plain, tmp_path):
    """Of 33 MB of text, as a day of 30 seconds has, at most 600 MB in the whole process."""
    header, _, body = (plain / "day.obs").read_text().partition("END OF HEADER\n")
    with open(tmp_path / "long.obs", "w") as file:
        file.write(f"{header}END OF HEADER\n")
        for number in range(60):
            file.write(
                body.replace("> 2020 06 25", f"> 20{20 + number // 12} {number % 12 + 1:02} 25")
            )
    # Not ru_maxrss: a process begins there with what the one that started it holds.
    code = "from silkroad import receivers; import re, sys\n"
    code += "assert len(receivers.observations(sys.argv[1])) > 10**6\n"
    code += "print(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1])"
    command = [sys.executable, "-c", code, str(tmp_path / "long.obs")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(run.stdout) < 600_000  # kB


def test_progress_runs_from_a_little_to_all(plain, monkeypatch):
    monkeypatch.setattr(files, "BLOCK", 50_000)
    shares = []
    receivers.recording(plain / "day.obs", progress=shares.append)
    assert shares == sorted(shares) and len(shares) > 5 and shares[-1] == 1


def test_the_header_is_told():
    header = receivers.recording(DAY).header
    assert header["receiver"] == "SEPT POLARX5 5.2.0" and header["marker"] == "ESBC00DNK"
    assert header["version"] == 3.05 and header["stamps"] == "GPS"
    away = header["position_m"] - PLACE_M
    lat, lon, _ = geodetic(PLACE_M / 1000)
    # Another frame: 31 years of plate motion, as the station's own description says.
    assert np.allclose(axes(lat, lon) @ away, [-0.516, -0.557, -0.286], atol=0.01)


def test_a_telephone_is_read_too():
    everyone = tuple(signals.SYSTEMS.values())
    recording = receivers.recording(PHONE, systems=everyone)
    table = receivers.heard(recording.observations)
    heard = table.groupby("system")["satellite"].nunique()
    assert recording.header["receiver"] == "Xiaomi M2007J17G"
    assert heard.to_dict() == {"BDS": 8, "GAL": 10, "GPS": 8, "GLO": 7}
    assert set(table.loc[table["system"] == "BDS", "signal"]) == {"B1I"}
    assert recording.observations["time"].nunique() == 60


@pytest.mark.parametrize(
    ("version", "code", "signal"),
    [
        (3.01, "C2I", "B1I"),
        (3.02, "C1I", "B1I"),
        (3.02, "C1X", "B1I"),
        (3.03, "C2I", "B1I"),
        (3.03, "C1I", "B1I"),
        (3.05, "C2X", "B1I"),
        (3.04, "C1X", "B1C"),
        (3.05, "C1P", "B1C"),
        (3.05, "C5P", "B2a"),
        (3.05, "C5X", "B2a"),
        (4.01, "C7D", "B2b"),
        (4.01, "C7I", "B2I"),
        (4.01, "C6I", "B3I"),
        (4.01, "C9Z", ""),
    ],
)
def test_codes_of_beidou_by_version(version, code, signal):
    assert signals.signal_of("BDS", code, version) == signal


def test_version_3_02_names_b1i_otherwise(day, plain, needs_rtklib, tmp_path):
    text = (plain / "day.obs").read_text()
    old = text.replace("     3.05 ", "     3.02 ", 1).replace("C2I", "C1I", 1)
    (tmp_path / "old.obs").write_text(old.replace("S2I", "S1I", 1))
    table = receivers.observations(tmp_path / "old.obs")
    assert (table["code"] == "C1I").any()
    drop = ["code"]
    pd.testing.assert_frame_equal(table.drop(columns=drop), day.drop(columns=drop))
    out = rtklib.run(tmp_path, tmp_path / "old.obs", plain / "day.nav", "C")
    assert len(rtklib.fixes(out)) == 288  # RTKLIB reads that file so, too


def test_a_changed_list_of_observations_in_the_middle_is_followed(plain, day):
    text = (plain / "day.obs").read_text()
    lines = text.splitlines()
    at = [i for i, line in enumerate(lines) if line[:1] == ">"][100]
    event = "> 2020 06 25 08 20 00.0000000  4  1"
    types = f"{'G    3 C2W C1C S1C':60}SYS / # / OBS TYPES"
    swapped = []
    for line in lines[at:]:
        if line[0] == "G":
            body = line[3:].ljust(48)
            line = line[:3] + (body[16:32] + body[:16] + body[32:]).rstrip()
        swapped.append(line)
    new = "\n".join([*lines[:at], event, types, *swapped]) + "\n"
    table = receivers.observations(new.encode())
    columns = ["time", "satellite", "signal"]
    pd.testing.assert_frame_equal(
        table.sort_values(columns, ignore_index=True), day.sort_values(columns, ignore_index=True)
    )


def test_a_scale_factor_is_taken_out(plain, day):
    text = (plain / "day.obs").read_text()
    line = f"{'C   10  1 C6I':60}SYS / SCALE FACTOR\n"
    end = text.index("                                                            END OF H")
    table = receivers.observations((text[:end] + line + text[end:]).encode())
    there = day["code"] == "C6I"
    expected = day["pseudorange_m"].where(~there, day["pseudorange_m"] / 10)
    assert np.allclose(table["pseudorange_m"], expected, equal_nan=True)


def test_stamps_in_beidou_time_become_gps_time(plain, day):
    text = (plain / "day.obs").read_text().replace("     GPS     ", "     BDT     ", 1)
    table = receivers.observations(text.encode())
    assert (table["time"] - day["time"] == pd.Timedelta(seconds=14)).all()


# --- messages


def test_every_message_is_read_and_times_are_gps_time(sky, plain):
    """BeiDou's weeks count from 1 January 2006 in its own time, 14 s behind GPS time."""
    _, found = records((plain / "all.nav").read_text())
    assert len(found) == len(sky)
    since = {"C": pd.Timestamp("2006-01-01 00:00:14"), "G": pd.Timestamp("1980-01-06")}
    since["E"] = since["G"]  # weeks in RINEX are GPS's
    for rows, message in zip(found, sky.itertuples(), strict=True):
        begin, week = since[rows[0][0]], number(rows[5][42:61])
        toe = begin + pd.Timedelta(weeks=week) + pd.Timedelta(seconds=number(rows[3][4:23]))
        shift = 14 if rows[0][0] == "C" else 0
        toc = pd.to_datetime(rows[0][4:23], format="%Y %m %d %H %M %S")
        assert message.satellite == rows[0][:3] and message.toe == toe
        assert message.toc == toc + pd.Timedelta(seconds=shift)
        assert message.clock_bias_s == number(rows[0][23:42])
        assert message.sqrt_a_sqrt_m == number(rows[2][61:80])
        assert message.idot_rad_s == number(rows[5][4:23])
        assert message.healthy == (number(rows[6][23:42]) == 0)
        assert message.group_delay_1_s == number(rows[6][42:61])


def test_messages_are_named(sky):
    kinds = sky.groupby(sky["satellite"].str[0])["message"].unique().map(set).to_dict()
    assert kinds == {"C": {"D1", "D2"}, "E": {"INAV", "FNAV"}, "G": {"LNAV"}}
    assert set(sky.loc[sky["message"] == "D2", "satellite"]) == {"C05"}
    assert (sky.loc[sky["message"] == "FNAV", "group_delay_2_s"] == 0).all()


def test_version_4_is_the_same_with_names(sky, plain):
    header, found = records((plain / "all.nav").read_text())
    header = header.replace("     3.05 ", "     4.01 ", 1)
    out = [header]
    for rows, kind in zip(found, sky["message"], strict=True):
        out.append(f"> EPH {rows[0][:3]} {kind}\n" + "\n".join(rows) + "\n")
    newer = "\n".join(found[0])  # a message we do not read, under the same satellite's name
    out.append(f"> EPH {found[0][0][:3]} CNV1\n{newer}\n    1.0\n    2.0\n")
    alpha = [f"{v:19.12E}" for v in (1e-8, 2e-8, -6e-8, -1e-7, 9e4, 1e5, -7e4, -5e5)]
    out.append(f"> ION C01 D1D2\n    2020 06 25 00 00 00{''.join(alpha[:3])}\n")
    out.append(f"    {''.join(alpha[3:7])}\n    {alpha[7]}\n")
    text = "".join(out).encode()
    pd.testing.assert_frame_equal(receivers.ephemerides(text), sky)
    own = (1e-8, 2e-8, -6e-8, -1e-7, 9e4, 1e5, -7e4, -5e5)
    assert receivers.klobuchar(text)["BDS"] == own


def test_the_header_s_ionosphere(ionosphere):
    assert ionosphere == {
        "GPS": (4.6566e-9, 1.4901e-8, -5.9605e-8, -1.1921e-7, 81920.0, 98304.0, -65536.0, -524290.0)
    }


def test_a_table_of_messages_gives_the_same_states(sky, day, tmp_path):
    sky.to_csv(tmp_path / "table.csv", index=False)
    back = pd.read_csv(tmp_path / "table.csv", parse_dates=["toc", "toe", "sent"])
    first = day[day["time"] == day["time"].min()]
    asked = (first["satellite"], first["time"], first["pseudorange_m"])
    pd.testing.assert_frame_equal(receivers.states(back, *asked), receivers.states(sky, *asked))


# --- satellites and clocks, against RTKLIB


@pytest.mark.parametrize("letter", ["C", "G", "E"])
def test_satellites_and_clocks_are_rtklib_s(day, theirs, plain, letter):
    """Positions to a centimetre, clocks to 3 cm; RTKLIB prints millimetres and microseconds."""
    told = rtklib.states(theirs(letter, "-x", "4"))
    told["time"] = told["time"].dt.ceil("5min")  # of transmission there, of the stamp here
    first = day[day["signal"].isin(signals.USUAL.values())]
    first = first.assign(satellite=first["satellite"].astype(str))
    told = told.merge(first, on=["time", "satellite"])
    sky = receivers.ephemerides(plain / "day.nav")
    ours = receivers.states(sky, told["satellite"], told["time"], told["pseudorange_m"])
    # RTKLIB takes no Galileo message whose time of reference is just now; ours does.
    same = ~((letter == "E") & (ours["age_s"].abs() < 1))
    away = np.linalg.norm(ours[["x_m", "y_m", "z_m"]] - told[["x_m", "y_m", "z_m"]], axis=1)
    late = (ours["clock_s"] - told["clock_s"]).abs() * satellites.LIGHT_M_S
    assert same.sum() > 1400 and (ours.loc[same, "row"] >= 0).all()
    assert away[same].max() < 0.01 and late[same].max() < 0.03
    if letter == "C":
        assert (told["satellite"] == "C05").sum() > 100  # in geostationary orbit


def test_a_geostationary_satellite_stands_still(sky):
    """Turned back out of its inclined frame, C05 stays at 58.75° E; unturned it would run."""
    times = pd.date_range("2020-06-25", periods=24, freq="1h")
    table = receivers.states(sky, ["C05"] * 24, times).dropna()
    lat, lon, height_km = geodetic(table[["x_m", "y_m", "z_m"]].to_numpy() / 1000)
    assert len(table) > 20 and np.abs(lat).max() < 2.5
    assert np.abs(lon - 58.75).max() < 0.3 and np.abs(height_km - 35_786).max() < 60


@pytest.mark.parametrize(("name", "least_m", "most_m"), [("E08", 0.3, 3), ("C20", 15e3, 30e3)])
def test_each_system_has_its_own_constants_and_time(sky, name, least_m, most_m):
    """Taken for one of GPS: a metre for gravity's sake, 20 km for 14 s of the Earth's turning."""
    first = sky[sky["satellite"] == name].iloc[[4]]
    time = first["toe"] + pd.Timedelta(hours=1)
    right, as_gps = (
        receivers.states(first.assign(satellite=n), [n], time)[["x_m", "y_m", "z_m"]].to_numpy()
        for n in (name, "G20")
    )
    assert least_m < np.linalg.norm(as_gps - right) < most_m


def test_kepler_is_solved_to_the_end():
    mean = np.linspace(-10, 10, 2001)
    for eccentricity in (0.0, 0.02, 0.16, 0.7):
        found = satellites.kepler(mean, np.full(mean.shape, eccentricity))
        left = found - eccentricity * np.sin(found) - mean
        assert np.abs((left + np.pi) % (2 * np.pi) - np.pi).max() < 1e-13


def test_relativity_of_a_clock_is_what_its_orbit_says(sky):
    """-2 r·v / c², from the path itself (IS-GPS-200, 20.3.3.3.3.1), to 3 cm."""
    rows = sky[sky["satellite"].isin(["G02", "E14", "C10"])].groupby("satellite").head(1)
    for message in rows.itertuples():
        one = sky.loc[[message.Index]]
        time = message.toe + pd.Timedelta(minutes=20)
        at = [time + pd.Timedelta(seconds=s) for s in (-0.5, 0, 0.5)]
        table = receivers.states(one, [message.satellite] * 3, at)
        place = table[["x_m", "y_m", "z_m"]].to_numpy()
        speed = place[2] - place[0] + np.cross([0, 0, 7.2921151e-5], place[1])
        metres = -2 * place[1] @ speed / satellites.LIGHT_M_S
        assert metres == pytest.approx(table["relativity_s"][1] * satellites.LIGHT_M_S, abs=0.03)


def test_the_nearest_message_is_taken_and_of_galileo_a_past_one(sky):
    times = pd.date_range("2020-06-25T00:03", "2020-06-25T23:57", freq="7min")
    for name, kinds in (("C20", ("D1",)), ("G13", ("LNAV",)), ("E08", ("INAV",))):
        got = receivers.states(sky, [name] * len(times), times, messages=kinds)
        mine = sky[(sky["satellite"] == name) & sky["message"].isin(kinds)]
        for time, row, age in zip(times, got["row"], got["age_s"], strict=True):
            ages = (time - mine["toe"]).dt.total_seconds()
            if name[0] == "E":
                ages = ages[ages >= 0]
            ages = ages[ages.abs() <= satellites.REACH_S[name[0]] + 1]
            if ages.empty:
                assert row == -1
            else:
                assert age == pytest.approx(ages.loc[ages.abs() == ages.abs().min()].iloc[-1])
                assert sky.loc[row, "satellite"] == name and sky.loc[row, "message"] in kinds


def test_of_two_messages_for_one_time_the_one_sent_last_counts(sky):
    one = sky[sky["satellite"] == "C20"].iloc[[0]]
    later = one.assign(sent=one["sent"] + pd.Timedelta(minutes=1), clock_bias_s=1.0)
    for both in (pd.concat([one, later]), pd.concat([later, one])):
        both = both.reset_index(drop=True)
        assert receivers.states(both, ["C20"], one["toe"])["clock_s"][0] == pytest.approx(
            1, abs=1e-6
        )


# --- fixes, against RTKLIB


@pytest.mark.parametrize("systems", [*ALONE, TOGETHER], ids="-".join)
def test_the_day_is_rtklib_s(day, sky, ionosphere, theirs, systems):
    ours = receivers.fixes(day, sky, systems, ionosphere=ionosphere, at=PLACE_M)
    told = rtklib.fixes(theirs(letters_of(systems)))
    assert (ours["time"] == told["time"]).all() and len(ours) == 288
    assert (ours["satellites"] == told["satellites"]).all()
    away = np.linalg.norm(ours[["x_m", "y_m", "z_m"]] - told[["x_m", "y_m", "z_m"]], axis=1)
    assert away.max() < 0.5
    mine, other = ours[["east_m", "north_m", "up_m"]].to_numpy(), errors_enu(told)
    assert np.allclose(mine, errors_enu(ours), atol=1e-6)
    for size in (horizontal_95, vertical_95):
        assert abs(size(mine) - size(other)) < 0.3
    # What the day measured, so that no change goes by unseen.
    assert horizontal_95(mine) < 3 and vertical_95(mine) < 4


@pytest.mark.skipif("RECEIVERS_DATA" not in os.environ, reason="RECEIVERS_DATA names no folder")
@pytest.mark.parametrize("systems", [*ALONE, TOGETHER], ids="-".join)
def test_the_whole_day_is_rtklib_s(needs_rtklib, tmp_path, systems):
    folder = Path(os.environ["RECEIVERS_DATA"])
    observed, messages = sorted(folder.glob("ESBC*_MO.*")) + sorted(folder.glob("ESBC*_MN.*"))
    (tmp_path / "day.obs").write_bytes(hatanaka.decompress(observed.read_bytes()))
    text = gzip.decompress(messages.read_bytes()).decode()
    (tmp_path / "day.nav").write_text(without_fnav(text))
    out = rtklib.run(tmp_path, tmp_path / "day.obs", tmp_path / "day.nav", letters_of(systems))
    told = rtklib.fixes(out)
    ours = receivers.fixes(
        receivers.observations(observed),
        receivers.ephemerides(messages),
        systems,
        ionosphere=receivers.klobuchar(messages),
        at=PLACE_M,
    )
    assert len(ours) == len(told) == 2880 and (ours["satellites"] == told["satellites"]).all()
    away = np.linalg.norm(ours[["x_m", "y_m", "z_m"]] - told[["x_m", "y_m", "z_m"]], axis=1)
    assert away.max() < 0.5
    for size in (horizontal_95, vertical_95):
        mine = size(ours[["east_m", "north_m", "up_m"]].to_numpy())
        assert abs(mine - size(errors_enu(told))) < 0.3


@pytest.mark.parametrize("systems", ALONE, ids="-".join)
def test_each_range_is_left_as_rtklib_leaves_it(day, sky, ionosphere, theirs, systems):
    ours = receivers.residuals(day, sky, systems, ionosphere=ionosphere)
    ours = ours[ours["used"]].assign(satellite=ours["satellite"].astype(str))
    told = rtklib.residuals(theirs(letters_of(systems)))
    both = ours.merge(told, on=["time", "satellite"], suffixes=("", "_told"))
    assert len(both) == len(told) == len(ours)
    turn = (both["azimuth_deg"] - both["azimuth_deg_told"] + 180) % 360 - 180
    assert turn.abs().max() < 0.06
    assert (both["elevation_deg"] - both["elevation_deg_told"]).abs().max() < 0.06
    assert (both["residual_m"] - both["residual_m_told"]).abs().max() < 0.5
    assert (both["residual_m"] - both["residual_m_told"]).abs().median() < 0.05


def test_galileo_with_both_kinds_of_message_takes_the_right_group_delay(day, sky, plain):
    """As with I/NAV alone: what RTKLIB gets wrong changes nothing here."""
    alone = receivers.ephemerides(plain / "day.nav")
    assert (alone["message"] != "FNAV").all()
    pd.testing.assert_frame_equal(
        receivers.fixes(day, sky, ("GAL",)), receivers.fixes(day, alone, ("GAL",))
    )


# --- corrections, one at a time


def mean_error(day, sky, ionosphere, **switch):
    settings = {"ionosphere": ionosphere, "at": PLACE_M} | switch
    table = receivers.fixes(day, sky, ("GPS", "BDS", "GAL"), **settings)
    return table[["east_m", "north_m", "up_m"]].mean().to_numpy(), table


def test_what_each_correction_is_worth(day, sky, ionosphere):
    """Switched off one at a time: each moves the fix as physics says."""
    right, _ = mean_error(day, sky, ionosphere)
    lat = np.radians(geodetic(PLACE_M / 1000)[0])

    turned, _ = mean_error(day, sky, ionosphere, earth_turn=False)
    # While signals travel some 80 ms the antenna runs east with the Earth, by about 21 m.
    east_m = 7.2921151e-5 * 6378e3 * np.cos(lat) * 0.08
    assert (turned - right)[0] == pytest.approx(east_m, rel=0.2)

    dry, _ = mean_error(day, sky, ionosphere, troposphere=False)
    assert 5 < (dry - right)[2] < 40 or -40 < (dry - right)[2] < -5
    thin, _ = mean_error(day, sky, None)
    assert 1 < abs((thin - right)[2]) < 15
    for name, least in (("group_delay", 0.3), ("relativity", 1.0)):
        spread = mean_error(day, sky, ionosphere, **{name: False})[1]
        assert horizontal_95(spread[["east_m", "north_m", "up_m"]].to_numpy()) > 1.1 + least
    lost = mean_error(day, sky, ionosphere, clock=False)[1]
    gone = lost["x_m"].isna().mean()
    away = np.nanmedian(np.hypot(lost["east_m"], lost["north_m"])) if gone < 1 else np.inf
    assert away > 10_000  # satellites' clocks are wrong by up to a millisecond


def test_what_is_told_of_corrections_is_what_they_move(day, sky, ionosphere):
    """At the known place the residuals with and without one differ by its column."""
    settings = {"systems": ("BDS",), "at": PLACE_M, "ionosphere": ionosphere}
    full = receivers.residuals(day, sky, **settings)
    parts = ["clock", "relativity", "group_delay", "earth_turn", "troposphere", "ionosphere"]
    for name in parts:
        off = None if name == "ionosphere" else False
        less = receivers.residuals(day, sky, **settings | {name: off})
        moved = full["residual_m"] - less["residual_m"] - full[f"{name}_m"]
        # One clock takes up what all share.
        for _, one in moved[full["used"]].groupby(full["time"]):
            assert one.max() - one.min() < 1e-6, name


@pytest.mark.parametrize(
    ("signal", "letter", "message", "column", "factor"),
    [
        ("B1I", "C", "D1", "group_delay_1_s", 1),
        ("B2I", "C", "D1", "group_delay_2_s", 1),
        ("B3I", "C", "D1", None, 0),
        ("L1 C/A", "G", "LNAV", "group_delay_1_s", 1),
        ("L2 P(Y)", "G", "LNAV", "group_delay_1_s", (154 / 120) ** 2),
        ("E1", "E", "INAV", "group_delay_2_s", 1),
        ("E5b", "E", "INAV", "group_delay_2_s", (154 / 118) ** 2),
        ("E5a", "E", "FNAV", "group_delay_1_s", (154 / 115) ** 2),
    ],
)
def test_the_group_delay_is_that_of_the_signal(day, sky, signal, letter, message, column, factor):
    """TGD1 of B1I, TGD2 of B2I, none of B3I; TGD; BGD of the pair that the message names.

    Frequencies are multiples of 10.23 MHz: L1 and E1 154, L2 120, E5b 118, E5a 115.
    """
    system = signals.SYSTEMS[letter]
    table = receivers.residuals(day, sky, (system,), {system: signal}, at=PLACE_M)
    for name in list(table["satellite"].unique())[:5]:
        mine = sky[(sky["satellite"] == name) & (sky["message"].isin([message, "D2"]))]
        told = {0.0} if column is None else set(-factor * satellites.LIGHT_M_S * mine[column])
        got = table.loc[table["satellite"] == name, "group_delay_m"].unique()
        assert all(np.isclose(list(told), one, atol=1e-6).any() for one in got)


@pytest.mark.parametrize("signal", ["B1I", "B2I", "B3I", "L1 C/A", "L2 P(Y)", "E1", "E5a", "E5b"])
def test_ranges_of_each_signal_fit_the_known_place(day, sky, ionosphere, signal):
    """To 2 m in the mean square; with group delays of the opposite sign they fit less well."""
    system = signals.SIGNALS[signal].system
    settings = {"ionosphere": ionosphere, "at": PLACE_M}
    turned = sky.assign(**{n: -sky[n] for n in ("group_delay_1_s", "group_delay_2_s")})
    left = []
    for messages in (sky, turned):
        table = receivers.residuals(day, messages, (system,), {system: signal}, **settings)
        left.append(np.sqrt((table.loc[table["used"], "residual_m"] ** 2).mean()))
    assert left[0] < 2
    assert left[0] < 0.8 * left[1] or signal == "B3I"  # which has none


def test_one_clock_for_each_system(day, sky, ionosphere):
    """Systems keep times of their own: in this receiver they lie metres apart, steadily."""
    table = receivers.fixes(day, sky, ionosphere=ionosphere)
    apart = table["clock_m_BDS"] - table["clock_m_GPS"]
    assert 0.5 < apart.mean() < 20 and apart.std() < 3
    shifted = day["pseudorange_m"] + np.where(day["system"] == "BDS", 1000.0, 0.0)
    other = receivers.fixes(day.assign(pseudorange_m=shifted), sky, ionosphere=ionosphere)
    columns = ["x_m", "y_m", "z_m"]
    # 1,000 m are 3 microseconds, in which a satellite moves a centimetre.
    assert np.abs(other[columns] - table[columns]).max().max() < 0.05
    assert np.allclose(other["clock_m_BDS"] - table["clock_m_BDS"], 1000, atol=0.1)


def test_klobuchar_at_the_worked_points():
    """At the zenith at night five nanoseconds; at the peak the sum; 1 / f² between signals."""
    parameters = (1e-8, 0, 0, 0, 72_000, 0, 0, 0)
    for model, mhz, night in ((air.klobuchar_m, 1575.42, 0), (air.klobuchar_beidou_m, 1561.098, 0)):
        at_night = model(parameters, 0.0, 0.0, 0.0, 90.0, night, mhz)
        at_peak = model(parameters, 0.0, 0.0, 0.0, 90.0, 50_400, mhz)
        assert at_night == pytest.approx(5e-9 * satellites.LIGHT_M_S, rel=1e-3)
        assert at_peak == pytest.approx(15e-9 * satellites.LIGHT_M_S, rel=1e-3)
        b3i = model(parameters, 0.0, 0.0, 0.0, 90.0, 50_400, 1268.52)
        assert b3i / at_peak == pytest.approx((mhz / 1268.52) ** 2)


def test_beidou_s_own_model_is_taken_where_it_is_told(day, sky, ionosphere):
    own = ionosphere | {"BDS": (2e-8, 0, 0, 0, 100_000, 0, 0, 0)}
    plainly = receivers.residuals(day, sky, at=PLACE_M, ionosphere=ionosphere)
    table = receivers.residuals(day, sky, at=PLACE_M, ionosphere=own)
    beidou = (table["system"] == "BDS").to_numpy()
    assert (table["ionosphere_m"] == plainly["ionosphere_m"])[~beidou].all()
    second = table["time"].dt.hour * 3600 + table["time"].dt.minute * 60 - 14
    lat, lon, _ = geodetic(PLACE_M / 1000)
    angles = (table["azimuth_deg"], table["elevation_deg"].clip(lower=2))
    expected = -air.klobuchar_beidou_m(own["BDS"], lat, lon, *angles, second % 86_400, 1561.098)
    assert np.allclose(table["ionosphere_m"][beidou], expected[beidou], atol=1e-6)
    # The thin shell by hand: 375 km up, seen at this elevation.
    row = table[beidou].iloc[0]
    down = 6378 / 6753 * np.cos(np.radians(row["elevation_deg"]))
    assert -row["ionosphere_m"] >= 5e-9 * satellites.LIGHT_M_S / np.sqrt(1 - down**2) - 1e-6


def test_the_troposphere_is_saastamoinen_s():
    """2.3 m of dry air at the zenith, and RTKLIB's value at sea level with 70 % moisture."""
    assert air.saastamoinen_m(90.0, 45.0, 0.0) == pytest.approx(2.43, abs=0.03)
    assert air.saastamoinen_m(30.0, 45.0, 0.0) == pytest.approx(2 * air.saastamoinen_m(90, 45, 0))
    assert air.saastamoinen_m(90.0, 45.0, 5.0) < 1.4


def test_a_mask_leaves_out_what_is_low(day, sky):
    for mask in (5, 25):
        table = receivers.residuals(day, sky, mask_deg=mask)
        assert (table["used"] == (table["elevation_deg"] >= mask)).all()
    fewer = receivers.fixes(day, sky, mask_deg=40)["satellites"]
    assert (fewer <= receivers.fixes(day, sky, mask_deg=10)["satellites"]).all()


def test_a_signal_by_two_codes_counts_once(day, sky):
    """E1 as C1C and as C1B, as telephones write it: one range each, C1C before C1B."""
    other = day[day["signal"] == "E1"].assign(code="C1B")
    other["pseudorange_m"] += 50
    both = pd.concat([other, day.astype({"code": str})]).sort_values("time", kind="stable")
    table = receivers.fixes(both[both["system"] == "GAL"], sky, ("GAL", "GPS"))
    plainly = receivers.fixes(day[day["system"] == "GAL"], sky, ("GAL", "GPS"))
    pd.testing.assert_frame_equal(table, plainly)
    alone = receivers.fixes(both[both["code"] == "C1B"], sky, ("GAL",))
    assert (alone["satellites"] == plainly["satellites"]).all()


def test_too_few_satellites_are_no_fix(day, sky):
    names = sorted(day.loc[day["system"] == "BDS", "satellite"].unique())[-6:]
    few = day[day["satellite"].isin(names)]
    table = receivers.fixes(few, sky, ("BDS",))
    assert table["x_m"].isna().any()
    found = table.dropna(subset="x_m")
    assert (found["satellites"] >= 4).all()
    assert table.loc[table["x_m"].isna(), ["lat", "pdop"]].isna().all().all()
    assert (geodetic(found[["x_m", "y_m", "z_m"]].to_numpy() / 1000)[2] > -20).all()


def test_a_moving_receiver_is_followed(day, sky):
    """Ranges as a receiver has them that runs 500 m/s: its fixes run with it."""
    ours = day[(day["signal"] == "L1 C/A") & day["pseudorange_m"].notna()]
    still = receivers.fixes(ours, sky, ("GPS",))
    seconds = (ours["time"] - ours["time"].min()).dt.total_seconds().to_numpy()
    run = np.array([300.0, -400.0, 0.0]) * (seconds % 600)[:, None]
    asked = (ours["satellite"], ours["time"], ours["pseudorange_m"])
    place = receivers.states(sky, *asked)[["x_m", "y_m", "z_m"]].to_numpy()
    longer = [np.linalg.norm(place - PLACE_M - moved, axis=1) for moved in (run, 0 * run)]
    moved = ours.assign(pseudorange_m=ours["pseudorange_m"] + longer[0] - longer[1])
    moving = receivers.fixes(moved.dropna(), sky, ("GPS",), mask_deg=12)
    seconds = (still["time"] - still["time"].min()).dt.total_seconds() % 600
    away = moving["x_m"] - still["x_m"]
    assert away[seconds == 300].median() == pytest.approx(300 * 300, abs=20)
    assert abs(away[seconds == 0].median()) < 5


def test_strings_zones_and_categories_make_no_difference(day, sky, ionosphere):
    words = day.astype({n: str for n in ("system", "satellite", "signal", "code")})
    words["time"] = words["time"].dt.tz_localize("UTC")
    a = receivers.fixes(day, sky, ionosphere=ionosphere)
    b = receivers.fixes(words, sky, ionosphere=ionosphere)
    pd.testing.assert_frame_equal(a, b)
    shuffled = day.sample(frac=1, random_state=1)
    c = receivers.fixes(shuffled, sky, ionosphere=ionosphere)
    assert np.abs(a[["x_m", "y_m", "z_m"]] - c[["x_m", "y_m", "z_m"]]).max().max() < 1e-4


# --- what goes wrong, one sentence each


def said(call, *words):
    with pytest.raises(InputError) as problem:
        call()
    text = str(problem.value)
    assert "\n" not in text and text.endswith("."), text
    for word in words:
        assert word in text, text
    return text


def head(**changes):
    """Return a small header of RINEX; a name in capitals replaces the line with that label."""
    lines = {
        "RINEX VERSION / TYPE": "     3.04           OBSERVATION DATA    M (MIXED)",
        "MARKER NAME": "TEST",
        "REC # / TYPE / VERS": "1                   MAKER MODEL         1.0",
        "APPROX POSITION XYZ": "  3582105.2910   532589.7313  5232754.8054",
        "SYS / # / OBS TYPES": "C    2 C2I S2I",
        "TIME OF FIRST OBS": "  2020     6    25     0     0    0.0000000     GPS",
    } | changes
    text = "".join(f"{line:60}{label}\n" for label, line in lines.items() if line is not None)
    return text + " " * 60 + "END OF HEADER\n"


def epoch(clock, *rows, count=None):
    return f"> 2020 06 25 {clock}  0{len(rows) if count is None else count:3d}\n" + "".join(
        f"{name}{metres:14.3f}  {40:14.3f}\n" for name, metres in rows
    )


ONE = epoch("00 00 00.0000000", ("C20", 2.2e7), ("C35", 2.3e7))


def test_not_rinex():
    said(lambda: receivers.observations(b"hello\nworld\n"), "the file is not RINEX", "give")
    said(lambda: receivers.observations(b""), "not RINEX")
    said(lambda: receivers.ephemerides(b"\x00\xff" * 500), "not RINEX")
    said(lambda: receivers.observations(b"PK\x03\x04zip"), "ZIP archive", "unpack")
    said(lambda: receivers.observations(Path("nowhere.obs")), "nowhere.obs cannot be read")


def test_a_telephone_s_own_log_names_the_way():
    log = b"# \n# Header Description:\n# \n# Raw,utcTimeMillis,TimeNanos\nRaw,1,2\n"
    said(lambda: receivers.observations(log), "GnssLogger", "RINEX or NMEA")


def test_the_other_kind_of_file():
    said(lambda: receivers.observations(MESSAGES), "of the type 'NAVIGATION DATA'", "observations")
    said(lambda: receivers.ephemerides(PHONE), "OBSERVATION DATA", "ephemerides")


def test_version_2_and_its_remedy(plain, tmp_path):
    old = head(**{"RINEX VERSION / TYPE": "     2.11           OBSERVATION DATA    M (MIXED)"})
    said(lambda: receivers.observations(old.encode()), "RINEX 2.11", "convbin -r rinex -v 3.04")


def test_the_remedy_for_version_2_works(plain, needs_rtklib, tmp_path):
    """Make a file of version 2 with RTKLIB, then follow the sentence."""
    old, new = tmp_path / "old.20o", tmp_path / "new.obs"
    make = ["convbin", "-r", "rinex", "-v", "2.11", "-od", "-os", "-o", old, plain / "day.obs"]
    subprocess.run(list(map(str, make)), check=True, capture_output=True)
    said(lambda: receivers.observations(old), "convbin -r rinex -v 3.04 FILE")
    follow = ["convbin", "-r", "rinex", "-v", "3.04", str(old), "-o", str(new)]
    subprocess.run(follow, check=True, capture_output=True)
    table = receivers.observations(new)
    assert (table["signal"] == "L1 C/A").any()


def test_an_unknown_version():
    text = head(**{"RINEX VERSION / TYPE": "     3.x            OBSERVATION DATA    M (MIXED)"})
    said(lambda: receivers.observations(text.encode()), "'3.x'")


def test_cut_in_its_header_or_without_an_epoch():
    said(lambda: receivers.observations(head().encode()[:300]), "ends within its header")
    said(lambda: receivers.observations(head().encode()), "no epoch")


def test_cut_in_the_middle_of_an_epoch():
    second = epoch("00 00 30.0000000", ("C20", 2.2e7), ("C35", 2.3e7))
    whole = receivers.recording((head() + ONE).encode())
    for end in (10, 40, 60, len(second) - 42):
        cut = receivers.recording((head() + ONE + second[:end]).encode())
        pd.testing.assert_frame_equal(cut.observations, whole.observations)
    assert any("middle of the epoch 2020-06-25 00:00:30" in note for note in cut.notes)


def test_a_damaged_epoch_is_left_out_and_told():
    damaged = epoch("00 99 00.0000000", ("C20", 2.2e7))
    last = epoch("00 02 00.0000000", ("C20", 2.2e7))
    table = receivers.recording((head() + ONE + damaged + last).encode())
    assert table.observations["time"].nunique() == 2
    assert any("1 epochs are damaged" in note for note in table.notes)


def test_numbers_that_cannot_be_read_are_told(plain):
    text = (plain / "day.obs").read_text().replace("  22145206.876", "**************")
    recording = receivers.recording(text.encode())
    assert "1 numbers cannot be read and are left out." in recording.notes
    first = recording.observations[recording.observations["satellite"] == "C20"].iloc[0]
    assert np.isnan(first["pseudorange_m"]) and first["snr_dbhz"] == 52.75


def test_a_header_that_declares_nothing():
    text = head(**{"SYS / # / OBS TYPES": None}) + ONE
    said(lambda: receivers.observations(text.encode()), "does not declare", "SYS / # / OBS TYPES")


@pytest.mark.parametrize("factor", ["   x", "   0", "    "])
def test_a_scale_factor_that_is_none_changes_nothing(factor):
    line = f"{'C ' + factor + '  1 C2I':60}SYS / SCALE FACTOR\n"
    text = head().replace("TIME OF FIRST OBS\n", "TIME OF FIRST OBS\n" + line)
    assert receivers.observations((text + ONE).encode())["pseudorange_m"].tolist() == [2.2e7, 2.3e7]


def test_a_mark_of_utf_8_before_the_file_is_passed_over(sky):
    text = b"\xef\xbb\xbf" + gzip.decompress(MESSAGES.read_bytes())
    pd.testing.assert_frame_equal(receivers.ephemerides(text), sky)


def test_messages_with_blanks_for_zeros_and_damaged_ones(sky, plain):
    text = (plain / "all.nav").read_text()
    blank = text.replace(" 0.000000000000e+00", " " * 19)
    pd.testing.assert_frame_equal(receivers.ephemerides(blank.encode()), sky)
    damaged = text.replace("6.493378950119e+03", "6.4933789x0119e+03")
    assert len(receivers.ephemerides(damaged.encode())) == len(sky) - 1
    cut = receivers.ephemerides(text[: len(text) // 2].encode())
    pd.testing.assert_frame_equal(cut, sky.iloc[: len(cut)])


def test_a_gap_of_hours_is_told():
    later = epoch("05 30 00.0000000", ("C20", 2.2e7))
    notes = receivers.recording((head() + ONE + later).encode()).notes
    assert any("5.5 hours after 2020-06-25 00:00:00: a gap" in note for note in notes)


def test_messages_of_another_day(day, sky):
    other = sky.assign(**{n: sky[n] - pd.Timedelta(days=3) for n in ("toe", "toc", "sent")})
    text = said(lambda: receivers.fixes(day, other), "2020-06-25", "2020-06-23", "same day")
    assert text.startswith("The observations begin")
    assert set(receivers.left_out(day, other)["why"]) == {"ephemerides are of another time"}


def test_a_satellite_without_a_message_is_left_out_and_named(day, sky):
    without = sky[sky["satellite"] != "C20"].reset_index(drop=True)
    table = receivers.left_out(day, without)
    assert dict(zip(table["satellite"], table["why"], strict=True))["C20"] == "no ephemeris"
    assert "C20" not in set(receivers.residuals(day, without)["satellite"])
    assert "C20" not in set(receivers.left_out(day, sky)["satellite"])
    none = sky[sky["satellite"] == "G99"]
    said(lambda: receivers.fixes(day, none), "No satellite heard has ephemerides", "that day")


def test_all_satellites_unhealthy(day, sky):
    said(lambda: receivers.fixes(day, sky.assign(healthy=False)), "unhealthy", "another time")
    assert set(receivers.left_out(day, sky.assign(healthy=False))["why"]) == {"unhealthy"}


def test_an_unhealthy_satellite_is_not_used(day, sky):
    sick = sky.assign(healthy=sky["healthy"] & (sky["satellite"] != "C20"))
    assert "C20" not in set(receivers.residuals(day, sick)["satellite"])


def test_no_beidou_in_the_file(day, sky):
    gps = head(**{"SYS / # / OBS TYPES": "G    2 C1C S1C"}) + ONE.replace("C20", "G20").replace(
        "C35", "G05"
    )
    notes = receivers.recording(gps.encode()).notes
    assert "There is no satellite of BDS in the file." in notes
    said(lambda: receivers.observations(gps.encode(), systems=("BDS",)), "nothing of BDS", "G")
    rest = day[day["system"] != "BDS"]
    said(lambda: receivers.fixes(rest, sky, ("BDS",)), "no pseudorange of BDS B1I")


def test_a_receiver_that_knows_only_the_older_satellites():
    rows = [(f"C{n:02}", 2.2e7) for n in (6, 12, 23, 30)]
    recording = receivers.recording((head() + epoch("00 00 00.0000000", *rows)).encode())
    assert any("above C30" in note and "older receivers" in note for note in recording.notes)
    assert not any("above C30" in note for note in receivers.recording(DAY).notes)


@pytest.mark.parametrize("line", [None, " " * 42, f"{0:14.4f}" * 3, "   nonsense"])
def test_a_header_without_a_place(line):
    recording = receivers.recording((head(**{"APPROX POSITION XYZ": line}) + ONE).encode())
    assert recording.header["position_m"] is None
    assert any("no place of the antenna" in note for note in recording.notes)


def test_a_damaged_archive(tmp_path):
    packed = DAY.read_bytes()
    said(lambda: receivers.observations(packed[: len(packed) // 2]), "damaged archive", "again")
    compact = gzip.decompress(packed)
    broken = compact[:3000] + b"@@@@\n" + compact[3300:]
    said(lambda: receivers.observations(broken), "does not expand")


def test_compact_files_too_large_to_expand_name_the_way(monkeypatch):
    monkeypatch.setattr(files, "COMPACT_MOST", 1000)
    said(lambda: receivers.observations(DAY), "over 0 MB", "crx2rnx")


def test_without_the_library_for_compact_files(monkeypatch):
    monkeypatch.setitem(sys.modules, "hatanaka", None)
    said(lambda: receivers.observations(DAY), "hatanaka", "crx2rnx")


def test_odd_arguments(day, sky):
    said(lambda: receivers.observations(DAY, systems=("Beidou",)), "BDS")
    said(lambda: receivers.observations(DAY, signals=["B1X"]), "B1I")
    said(lambda: receivers.fixes(day, sky, mask=5), "'mask'", "mask_deg")
    said(lambda: receivers.fixes(day, sky, at=(1, 2, 3)), "not near the Earth's surface")
    said(lambda: receivers.fixes(day, sky, ("BDS",), {"BDS": "B1C"}), "B1I")
    said(lambda: receivers.fixes(day, sky, ("GPS",), ionosphere={"BDS": (0,) * 8}), "GPS")


# --- NMEA


def sentence(body):
    total = 0
    for letter in body:
        total ^= ord(letter)
    return f"${body}*{total:02X}\r\n"


LOG = "".join(
    [
        sentence("GNRMC,083116.00,A,4852.0,N,00215.0,E,0.0,0.0,010424,,,A"),
        sentence("GNGGA,083116.00,4852.00,N,00215.00,E,1,12,0.8,50.0,M,47.0,M,,"),
        sentence("GBGSV,1,1,02,08,60,120,40,33,45,200,38,1"),
        sentence("GPGSV,1,1,01,13,30,090,35,1"),
        sentence("GLGSV,1,1,02,70,30,090,35,71,10,090,,1"),
        sentence("GPGSV,1,1,01,46,30,190,33,1"),
        sentence("QZGSV,1,1,01,194,30,190,31,1"),
        sentence("GNGGA,083117.00,4852.00,N,00215.00,E,1,12,0.8,51.0,M,47.0,M,,"),
        "$GBGSV,garbage*00\r\n",
    ]
)


def test_an_nmea_log(tmp_path):
    (tmp_path / "log.nmea").write_text(LOG, newline="")
    recording = receivers.nmea(tmp_path / "log.nmea")
    table = recording.observations
    # R07 is in view and not heard; number 46 of GPS is SBAS's 133, in RINEX S33.
    assert table["satellite"].tolist() == ["C08", "C33", "G13", "R06", "S33", "J02"]
    assert table["system"].tolist() == ["BDS", "BDS", "GPS", "GLO", "SBAS", "QZS"]
    assert table["signal"].tolist() == ["B1I", "B1I", "L1 C/A", "G1", "L1", "L1"]
    assert (
        table["snr_dbhz"].tolist() == [40, 38, 35, 35, 33, 31] and table["elevation_deg"][0] == 60
    )
    fixes = recording.fixes
    assert fixes["time"].astype(str).tolist() == ["2024-04-01 08:31:16", "2024-04-01 08:31:17"]
    assert np.allclose(fixes["lat"], 48 + 52 / 60) and fixes["height_m"].tolist() == [97, 98]
    assert recording.notes == ("1 sentences are damaged and are left out.",)


def test_the_dates_of_an_nmea_log():
    """Before the first date it is that one; past midnight the next, before a sentence says so."""
    place = "4852.00,N,00215.00,E,1,12,0.8,50.0,M,47.0,M,,"
    log = [
        sentence(f"GNGGA,235958.00,{place}"),
        sentence("GNRMC,235959.00,A,4852.0,N,00215.0,E,0.0,0.0,310324,,,A"),
        sentence(f"GNGGA,000000.00,{place}"),
        sentence("GNZDA,000000.00,01,04,2024,00,00"),
        sentence(f"GNGGA,000001.00,{place}"),
    ]
    times = receivers.nmea("".join(log).encode()).fixes["time"].astype(str).tolist()
    assert times == ["2024-03-31 23:59:58", "2024-04-01 00:00:00", "2024-04-01 00:00:01"]
    undated = receivers.nmea(log[0].encode())
    assert undated.notes == ("The log names no date, so it stands as 1 January 1970.",)


def test_no_nmea_in_it():
    said(lambda: receivers.nmea(b"hello\n"), "no sentence of NMEA", "GSV")


def test_without_the_library_for_nmea(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynmeagps", None)
    said(lambda: receivers.nmea(LOG.encode()), "pynmeagps")
