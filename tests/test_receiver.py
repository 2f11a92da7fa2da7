"""The command for a receiver's own file: what it tells, what it writes, what it refuses."""

import re
from dataclasses import replace
from functools import reduce
from pathlib import Path

import pandas as pd
import pytest

from course import receiver
from course.receiver import page

FOLDER = Path(__file__).parent / "data" / "receivers"
DAY, MESSAGES = FOLDER / "esbc_2020_177.crx.gz", FOLDER / "esbc_2020_177.nav.gz"
PHONE = FOLDER / "phone_2024_092.obs.gz"
AT = "3582104.922,532590.197,5232755.365"


@pytest.fixture(scope="module")
def day():
    return receiver.hear(DAY, MESSAGES, at=[float(part) for part in AT.split(",")])


def test_a_day_with_ephemerides_and_a_place(day):
    assert day.sentences[0].startswith("82 satellites heard, 29 of BeiDou (35 %)")
    assert "288 of 288 moments" in day.sentences[1]
    assert re.fullmatch(
        r"Error of 95 %: 1\.\d m horizontally, 1\.\d m in height\.", day.sentences[2]
    )
    assert day.accuracy["of_95_pct_within_m"].max() < 2
    assert set(day.by_system.index) == {"BeiDou", "GPS", "Galileo"}
    assert day.by_system["share, %"].sum() == pytest.approx(100, abs=2)
    assert len(day.sky) > 5000 and day.sky["elevation_deg"].between(0, 90).all()
    assert set(day.left_out["why"]) <= {"unhealthy", "no ephemeris"}


def test_a_telephone_without_ephemerides():
    report = receiver.hear(PHONE)
    assert report.sentences[0] == "33 satellites heard, 8 of BeiDou (24 %) on B1I."
    assert "No ephemerides are given, so there is no fix and no sky plot" in report.sentences[1]
    assert report.sky.empty and report.fixes.empty and len(report.over_time) == 60 * 4
    assert set(report.tables) == {"heard", "by_system", "over_time"}


def test_one_system_alone():
    report = receiver.hear(PHONE, systems=["BDS"])
    assert report.by_system.index.tolist() == ["BeiDou"]


def test_ephemerides_of_another_day_say_why_there_is_no_fix():
    report = receiver.hear(PHONE, MESSAGES)
    assert "There is no fix: The observations begin at 2024-04-01" in report.sentences[1]
    assert set(report.left_out["why"]) <= {"ephemerides are of another time", "no ephemeris"}
    assert len(report.heard) and "left_out" in report.tables


def test_a_place_that_is_another_s(day):
    report = receiver.hear(DAY, MESSAGES, ["GPS"], at=(3582104.922, 632590.197, 5222755.365))
    assert any("is it this receiver's?" in sentence for sentence in report.sentences)


def test_without_a_place_the_spread_is_told_and_the_header_s_place():
    report = receiver.hear(DAY, MESSAGES, ["GAL"])
    assert any("spread about the middle, not error" in s for s in report.sentences)
    assert any("from the place in the file's header" in s for s in report.sentences)
    assert report.accuracy["what"].tolist() == ["horizontal spread", "vertical spread"]


def sentence(body):
    return f"${body}*{reduce(lambda total, letter: total ^ ord(letter), body, 0):02X}\r\n"


def log(step_minutes):
    """Return an NMEA log of 50 seconds of a receiver that runs north."""
    lines = [sentence("GNRMC,083100.00,A,4852.0,N,00215.0,E,0.0,0.0,010424,,,A")]
    for i in range(50):
        north = 52 + i * step_minutes + 0.0002 * (-1) ** i
        lines.append(sentence("GBGSV,1,1,02,08,60,120,40,33,45,200,38,1"))
        lines.append(
            sentence(f"GNGGA,0831{i:02}.00,48{north:07.4f},N,00215.0,E,1,12,0.8,50.0,M,47.0,M,,")
        )
    return "".join(lines)


def test_an_nmea_log_and_a_receiver_that_moves(tmp_path):
    (tmp_path / "still.nmea").write_text(log(0), newline="")
    (tmp_path / "car.nmea").write_text("some logger\r\n" + log(0.01), newline="")
    still, car = (receiver.hear(tmp_path / f"{name}.nmea") for name in ("still", "car"))
    for report in (still, car):
        assert report.sentences[0] == "2 satellites heard, 2 of BeiDou (100 %) on B1I."
        assert "The receiver's own fixes: 50 of 50 moments" in report.sentences[1]
        assert len(report.fixes) == 50 and report.sky["satellite"].nunique() == 2
    assert "The receiver moved" in car.sentences[-1] and car.accuracy.empty
    assert not any("moved" in said for said in still.sentences)
    # 0.0002 minutes of arc are 0.37 m.
    assert still.accuracy["of_95_pct_within_m"][0] == pytest.approx(0.37, abs=0.02)


def test_the_page_and_the_files(day, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    place = receiver.save(day, tmp_path)
    html = (place / "index.html").read_text(encoding="utf-8")
    for key in day.tables:
        assert f'<section id="{key}">' in html
        table = pd.read_csv(place / f"{key}.csv")
        assert len(table) == len(day.tables[key])
    named = re.findall('<svg role="img" aria-label="[^"]+" [^>]* class="silkroad-(\\w+)"', html)
    assert sorted(named) == ["narrow"] * 4 + ["wide"] * 4 and html.count("<svg xmlns") == 0
    assert not re.search(r"(src|href)=\"?(https?:)?//", html) and "script" not in html.lower()
    assert (place / "mine.txt").read_text() == "mine"
    assert (place / "sky.png").read_bytes()[:4] == b"\x89PNG"
    receiver.save(receiver.hear(PHONE), tmp_path)  # what the new report has not, goes
    assert not (place / "sky.csv").exists() and (place / "mine.txt").exists()


def test_words_of_the_file_are_words_in_the_page(day):
    odd = replace(day, name="<b>x</b>", receiver='"><img>', notes=("<i>",))
    html = page.hearing_html(odd, {})
    assert "<b>" not in html and "<img>" not in html and "<i>" not in html
    assert "&lt;b&gt;x" in html


def test_the_command(tmp_path, capsys):
    out = tmp_path / "out"
    command = [str(DAY), str(MESSAGES), "--systems", "bds,gps", "--at", AT, "--out", str(out)]
    assert receiver.command(command) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("60 satellites heard, 29 of BeiDou") and "index.html" in said[-1]
    assert (out / "index.html").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["nowhere.obs"], "nowhere.obs cannot be read"),
        ([str(FOLDER / "README.md")], "README.md is not RINEX"),
        ([str(MESSAGES)], "NAVIGATION DATA"),
        ([str(DAY), str(PHONE)], "OBSERVATION DATA"),
        ([str(DAY), "--systems", "BEIDOU"], "There is no system 'BEIDOU': try "),
        ([str(DAY), "--at", "55.5,8.4"], "no place on Earth"),
        ([str(DAY), "--at", "55.5,8.4,60"], "no place on Earth"),
        ([str(PHONE), "--systems", "SBAS"], "nothing of SBAS"),
    ],
)
def test_what_the_command_refuses(command, words, tmp_path, capsys):
    assert receiver.command([*command, "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err.strip()
    assert words in said and "\n" not in said and not (tmp_path / "out").exists()


def test_the_bar_is_drawn_where_it_takes_long(capsys, monkeypatch):
    quick, slow = receiver._Bar(), receiver._Bar()
    for share in (0.5, 1.0):
        quick(share)
    assert capsys.readouterr().err == ""
    slow.begin -= 2
    for share in (0.5, 1.0):
        slow(share)
    said = capsys.readouterr().err
    assert " 50% read" in said and said.endswith("100% read\n")
