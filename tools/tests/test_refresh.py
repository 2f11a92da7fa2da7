"""The refresh of the elements, against a server on this machine; data/ itself is never touched."""

import json
import os
import shutil
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse
from urllib.request import Request

import pandas as pd
import pytest
from sgp4 import omm
from sgp4.api import Satrec

from helpers import data
from helpers.inputs import InputError
from tools import elements as room

# Some days after the fetch of the elements that are there.
NOW = data.snapshot().to_pydatetime() + timedelta(days=6)
OMM = {f["omm"]: f["name"] for f in data.package()["elements"]["schema"]["fields"] if "omm" in f}


def read(path):
    return path.read_text(encoding="utf-8")


def write(path, text):
    path.write_bytes(text.encode("utf-8"))


def messages(elements, days=5):
    """The elements as CelesTrak would send them, some days later."""
    rows = []
    for row in elements.to_dict("records"):
        message = {key: row[name] for key, name in OMM.items()}
        epoch = row["epoch"] + pd.Timedelta(days=days)
        message["EPOCH"] = epoch.strftime("%Y-%m-%dT%H:%M:%S.%f")
        rows.append(message)
    return rows


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(data.FOLDER, copy, ignore=shutil.ignore_patterns("build", ".*"))
    return copy


@pytest.fixture
def celestrak():
    """A server whose `answer(query)` gives the body, or (status, body), or acts by itself."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            query = {key: value[0] for key, value in parse_qs(urlparse(self.path).query).items()}
            server.asked.append(query)
            reply = server.answer(query, self)
            if reply is None:
                return
            status, body = reply if isinstance(reply, tuple) else (200, reply)
            body = body if isinstance(body, bytes) else body.encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body.decode())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.asked = []
    server.url = f"http://127.0.0.1:{server.server_port}/gp.php"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def serve(server, rows, gps=()):
    """Answer the two groups and single satellites from lists of messages."""

    def answer(query, _):
        if "CATNR" in query:
            one = [row for row in rows if row["NORAD_CAT_ID"] == int(query["CATNR"])]
            return json.dumps(one) if one else "No GP data found"
        return json.dumps(rows if query["GROUP"] == "active" else list(gps))

    server.answer = answer


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def refused(folder, server, match, **options):
    """Refresh must fail with one sentence and leave every file of data/ as it was."""
    before = contents(folder)
    options = {"timeout_s": 5, "now": NOW} | options
    with pytest.raises(InputError, match=match) as failure:
        room.refresh(folder, server.url, **options)
    assert "\n" not in str(failure.value)
    assert len(str(failure.value)) < 400
    after = contents(folder)
    for name in (room.LAST_FETCH, room.RECORDED):
        after.pop(name, None)
        before.pop(name, None)
    assert after == before, "a failed refresh changed or left a file"


@pytest.fixture
def elements():
    return data.load("elements")


def test_good_data_replace_the_elements_and_their_description(folder, celestrak, elements):
    serve(celestrak, messages(elements))
    summary = room.refresh(folder, celestrak.url, now=NOW)
    assert "303 of 303" in summary
    new = data.load("elements", folder)
    assert list(new["norad_id"]) == list(elements["norad_id"])
    assert list(new["name"]) == list(elements["name"])
    assert ((new["epoch"] - elements["epoch"]) == pd.Timedelta(days=5)).all()
    assert set(new["fetched"]) == {pd.Timestamp(NOW)}
    kept = ["group", "prn", "source_ids", "confidence", "inclination_deg", "bstar"]
    pd.testing.assert_frame_equal(new[kept], elements[kept])
    assert celestrak.asked == [
        {"GROUP": group, "FORMAT": "JSON"} for group in ("active", "gps-ops")
    ]
    package = json.loads(read(folder / "datapackage.json"))
    assert package["snapshot"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    before = json.dumps(package)
    room.describe(package, "elements", (folder / "elements.csv").read_bytes())
    assert json.dumps(package) == before
    assert data.snapshot() != pd.Timestamp(NOW), "the elements of the project stay"


def test_the_newest_of_two_groups_counts_and_single_satellites_are_asked_for(
    folder, celestrak, elements
):
    rows = messages(elements)
    last = rows.pop()
    newer = messages(elements.head(1), days=5.5)

    def answer(query, _):
        if "CATNR" in query:
            return json.dumps([last])
        return json.dumps(rows if query["GROUP"] == "active" else newer)

    celestrak.answer = answer
    room.refresh(folder, celestrak.url, now=NOW)
    new = data.load("elements", folder)
    assert new["epoch"][0] - elements["epoch"][0] == pd.Timedelta(days=5.5)
    assert new["epoch"].iloc[-1] > elements["epoch"].iloc[-1]
    assert celestrak.asked[-1]["CATNR"] == str(last["NORAD_CAT_ID"])


def test_a_satellite_without_news_keeps_its_old_row_and_is_named(folder, celestrak, elements):
    serve(celestrak, messages(elements.iloc[2:]) + messages(elements.iloc[1:2], days=-1))
    summary = room.refresh(folder, celestrak.url, now=NOW)
    new = data.load("elements", folder)
    pd.testing.assert_frame_equal(new.head(2), elements.head(2))
    assert f"{elements['name'][0]} is not in the answer" in summary
    assert f"{elements['name'][1]} has no newer elements" in summary
    assert "301 of 303" in summary


def test_other_satellites_of_the_answer_are_left_out(folder, celestrak, elements):
    stranger = messages(elements.head(1))[0] | {"NORAD_CAT_ID": 339999}
    serve(celestrak, [*messages(elements), stranger])
    room.refresh(folder, celestrak.url, now=NOW)
    assert len(data.load("elements", folder)) == len(elements)


@pytest.mark.parametrize("number", [100000, 123456, 339999])
def test_catalogue_numbers_above_99999_live(folder, celestrak, elements, number):
    path = folder / "elements.csv"
    old = str(elements["norad_id"][0])
    write(path, read(path).replace(f",{old},", f",{number},"))
    elements.loc[0, "norad_id"] = number
    serve(celestrak, messages(elements))
    room.refresh(folder, celestrak.url, now=NOW)
    new = data.load("elements", folder)
    assert new["norad_id"][0] == number
    assert new["fetched"][0] == pd.Timestamp(NOW)
    satellite = Satrec()
    omm.initialize(satellite, {k: str(v) for k, v in messages(new.head(1))[0].items()})
    assert satellite.satnum == number
    assert satellite.sgp4(satellite.jdsatepoch, satellite.jdsatepochF)[0] == 0


def test_a_web_page_instead_of_data(folder, celestrak):
    celestrak.answer = lambda *_: "<!DOCTYPE html><html><body>Sign in to this network</body></html>"
    refused(folder, celestrak, "GROUP=active is no orbital data, it says: <!DOCTYPE html>")


def test_truncated_json(folder, celestrak, elements):
    celestrak.answer = lambda *_: json.dumps(messages(elements))[:-100]
    refused(folder, celestrak, "cut off or damaged")


def test_a_connection_that_breaks_off(folder, celestrak, elements):
    def answer(_, handler):
        body = json.dumps(messages(elements)).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:1000])

    celestrak.answer = answer
    refused(folder, celestrak, "cut off")


@pytest.mark.parametrize("body", ["{}", '"text"', "[1, 2]", '[{"NORAD": 1}]', "null", "[]", "3"])
def test_json_of_another_form(folder, celestrak, body):
    celestrak.answer = lambda *_: body
    refused(folder, celestrak, "no list of orbit messages|holds 0 of our 303")


def test_a_huge_body_is_not_read_to_its_end(folder, celestrak):
    sent = []

    def answer(_, handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(200):
                handler.wfile.write(b"[" * 1_000_000)
                sent.append(1)
        except OSError:
            pass

    celestrak.answer = answer
    refused(folder, celestrak, "larger than 2 MB", limit_bytes=2_000_000)
    assert len(sent) < 200


def test_a_server_that_hangs(folder, celestrak):
    wait = threading.Event()

    def answer(*_):
        wait.wait(20)

    celestrak.answer = answer
    refused(folder, celestrak, "did not answer in time", timeout_s=0.3)
    wait.set()


def test_a_server_that_trickles(folder, celestrak):
    done = threading.Event()

    def answer(_, handler):
        handler.send_response(200)
        handler.end_headers()
        while not done.wait(0.05):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                break

    celestrak.answer = answer
    refused(folder, celestrak, "did not answer in time", timeout_s=0.5)
    done.set()


def test_no_server_at_all(folder, celestrak):
    celestrak.url = "http://127.0.0.1:9/gp.php"
    refused(folder, celestrak, "cannot be reached")
    celestrak.url = "nowhere"
    refused(folder, celestrak, "cannot be reached")


def test_a_refusal_is_quoted(folder, celestrak):
    celestrak.answer = lambda *_: (403, "GP data has not updated since your last download")
    refused(folder, celestrak, r"refuses with 403 \(GP data has not updated")


MINUTES = 2 * 3.141592653589793 / 1440


@pytest.mark.parametrize(
    ("key", "change", "match"),
    [
        ("MEAN_MOTION", lambda n: n * MINUTES, "mean_motion_rev_per_day: 0.004.* is not in 0.05"),
        ("MEAN_MOTION", lambda n: 42164.2 / n, "mean_motion_rev_per_day: 42.* is not in 0.05"),
        ("INCLINATION", lambda i: i * 3.14159 / 180, "jump, first .* as if units were wrong"),
        ("ECCENTRICITY", lambda e: e * 1e7, "eccentricity: .* is not in"),
        ("ECCENTRICITY", lambda e: 1.2, "eccentricity: 1.2 is not in"),
        ("MEAN_MOTION", lambda n: -n, "mean_motion_rev_per_day: -1.* is not in 0.05"),
        ("MEAN_MOTION", lambda n: None, "mean_motion_rev_per_day: the value is missing"),
        ("MEAN_MOTION", lambda n: float("nan"), "mean_motion_rev_per_day: 'nan' is not of"),
        ("MEAN_MOTION", lambda n: [n], "mean_motion_rev_per_day: the value is missing"),
        ("MEAN_MOTION", lambda n: True, "mean_motion_rev_per_day: the value is missing"),
        ("MEAN_MOTION", lambda n: "fast", "mean_motion_rev_per_day: 'fast' is not of the type"),
        ("MEAN_MOTION", lambda n: 16.9 if n > 3 else n, "perigee less than 80 km"),
        ("EPOCH", lambda t: "14 June", "epoch: '14 JuneZ' is not of the type UTC instant"),
        ("EPOCH", lambda t: "2099-01-01T00:00:00", "epoch 2099-01-01.*lies after the fetch"),
    ],
)
def test_wrong_units_and_absurd_values(folder, celestrak, elements, key, change, match):
    rows = messages(elements)
    for row in rows:
        row[key] = change(row[key])
    serve(celestrak, rows)
    refused(folder, celestrak, match)


def test_one_absurd_row_is_enough(folder, celestrak, elements):
    rows = messages(elements)
    rows[100]["ECCENTRICITY"] = 1.0
    serve(celestrak, rows)
    refused(folder, celestrak, f"{elements['norad_id'][100]}.*eccentricity: 1.0 is not in")


def test_a_missing_field(folder, celestrak, elements):
    rows = messages(elements)
    del rows[7]["BSTAR"]
    serve(celestrak, rows)
    refused(folder, celestrak, f"{elements['norad_id'][7]}.*bstar: the value is missing")


def test_one_satellite_that_jumps_keeps_its_old_row(folder, celestrak, elements):
    rows = messages(elements)
    rows[0]["INCLINATION"] = 60.0
    serve(celestrak, rows)
    summary = room.refresh(folder, celestrak.url, now=NOW)
    assert f"{elements['name'][0]} goes from inclination_deg" in summary
    new = data.load("elements", folder)
    pd.testing.assert_frame_equal(new.head(1), elements.head(1))
    assert new["fetched"][1] == pd.Timestamp(NOW)


def test_duplicate_ids(folder, celestrak, elements):
    rows = messages(elements)
    serve(celestrak, [*rows, rows[3]])
    refused(folder, celestrak, f"satellite {elements['norad_id'][3]} twice")


def test_an_answer_with_few_of_our_satellites(folder, celestrak, elements):
    serve(celestrak, messages(elements.head(50)))
    refused(folder, celestrak, "holds 50 of our 303")


def test_an_answer_with_nothing_newer(folder, celestrak, elements):
    serve(celestrak, messages(elements, days=-1))
    refused(folder, celestrak, "No satellite has newer elements")


def test_twice_within_two_hours(folder, celestrak, elements):
    serve(celestrak, messages(elements))
    room.refresh(folder, celestrak.url, now=NOW)
    asked = len(celestrak.asked)
    refused(
        folder,
        celestrak,
        f"two hours between fetches: try again after {NOW + room.PAUSE:%Y-%m-%d %H:%M} UTC",
        now=NOW + timedelta(minutes=119),
    )
    assert len(celestrak.asked) == asked, "the server was asked all the same"
    serve(celestrak, messages(elements, days=5.2))
    room.refresh(folder, celestrak.url, now=NOW + timedelta(hours=2))


def test_an_answer_of_no_use_counts_as_a_fetch(folder, celestrak, elements):
    serve(celestrak, messages(elements, days=-1))
    refused(folder, celestrak, "No satellite has newer")
    refused(folder, celestrak, "two hours between fetches", now=NOW + timedelta(minutes=1))


def test_a_folder_that_cannot_be_written_is_noticed_before_asking(folder, celestrak, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    if os.name == "posix" and os.geteuid() != 0:
        folder.chmod(0o555)
    else:  # root may write everywhere
        monkeypatch.setattr(tempfile, "NamedTemporaryFile", denied)
    refused(folder, celestrak, r"folder data/ cannot be written \(Permission denied\)")
    assert not celestrak.asked
    folder.chmod(0o755)


def test_a_file_that_cannot_be_replaced_stays(folder, celestrak, elements, monkeypatch):
    def denied(*_):
        raise PermissionError(13, "Permission denied")

    real = os.replace
    serve(celestrak, messages(elements))
    monkeypatch.setattr(os, "replace", denied)
    refused(folder, celestrak, r"in data/ cannot be replaced \(Permission denied\)")

    def only_elements(scratch, path):
        return denied() if str(path).endswith("elements.csv") else real(scratch, path)

    monkeypatch.setattr(os, "replace", only_elements)
    match = r"elements.csv in data/ cannot be replaced \(Permission denied\)"
    refused(folder, celestrak, match, now=NOW + timedelta(hours=3))


def test_a_stop_between_the_two_files_leaves_good_data_and_is_put_right(
    folder, celestrak, elements, monkeypatch
):
    serve(celestrak, messages(elements))
    real = os.replace

    def stopped(scratch, path):
        if str(path).endswith("datapackage.json"):
            raise KeyboardInterrupt
        real(scratch, path)

    monkeypatch.setattr(os, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        room.refresh(folder, celestrak.url, now=NOW)
    monkeypatch.undo()
    assert not list(folder.glob(".new-*"))
    assert data.load("elements", folder)["fetched"].max() == pd.Timestamp(NOW)
    assert (
        json.loads(read(folder / "datapackage.json"))["snapshot"]
        == f"{data.snapshot():%Y-%m-%dT%H:%M:%SZ}"
    )
    serve(celestrak, messages(elements, days=5.2))
    summary = room.refresh(folder, celestrak.url, now=NOW + timedelta(hours=3))
    assert "is corrected" in summary and "somebody" not in summary
    assert not (folder / "elements.kept.csv").exists(), "they were ours"
    last = f"{NOW + timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"
    assert json.loads(read(folder / "datapackage.json"))["snapshot"] == last


def test_damaged_old_elements_are_named_and_kept(folder, celestrak):
    path = folder / "elements.csv"
    write(path, read(path)[:5000])
    refused(folder, celestrak, "elements.csv, line ")
    assert not celestrak.asked


def test_the_mode_of_the_file_is_kept(folder, celestrak, elements):
    (folder / "elements.csv").chmod(0o640)
    serve(celestrak, messages(elements))
    room.refresh(folder, celestrak.url, now=NOW)
    if os.name == "posix":
        assert (folder / "elements.csv").stat().st_mode & 0o777 == 0o640


# What came with the course, and what is somebody's own


def test_the_recorded_elements_come_back_by_the_advice_given(folder, celestrak, elements, capsys):
    shipped = {name: (folder / name).read_bytes() for name in ("elements.csv", "datapackage.json")}
    for later in (0, 3, 6):
        serve(celestrak, messages(elements, days=5 + later / 24))
        summary = room.refresh(folder, celestrak.url, now=NOW + timedelta(hours=later))
    assert (folder / "elements.csv").read_bytes() != shipped["elements.csv"]
    assert summary.endswith("ELEMENTS_ARGS=--recorded")
    makefile = read(data.FOLDER.parent / "Makefile")
    assert "tools.elements $(ELEMENTS_ARGS)" in makefile, "the advice runs that command"
    assert room.main(["--data", str(folder), summary.rpartition("=")[2]]) == 0
    assert capsys.readouterr().out == "The recorded elements are back.\n"
    assert {name: (folder / name).read_bytes() for name in shipped} == shipped


def test_damaged_elements_come_back_too(folder, celestrak, elements):
    shipped = read(folder / "elements.csv")
    serve(celestrak, messages(elements))
    room.refresh(folder, celestrak.url, now=NOW)
    path = folder / "elements.csv"
    damaged = read(path)[:5000]
    write(path, damaged)
    refused(folder, celestrak, r"line \d+.*; make elements ELEMENTS_ARGS=--recorded brings")
    assert "kept as elements.kept.csv" in room.restore(folder)
    assert read(path) == shipped and read(folder / "elements.kept.csv") == damaged


def test_without_a_copy_one_sentence(folder, capsys):
    before = contents(folder)
    assert room.main(["--data", str(folder), "--recorded"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and "no copy of them" in err
    assert contents(folder) == before


def test_new_recorded_elements_take_the_place_of_the_old_copy(folder, celestrak, elements):
    """As when the course brings a new snapshot: the copy is of that, not of the first."""
    (folder / room.RECORDED).write_text("older")
    shipped = (folder / "elements.csv").read_bytes()
    serve(celestrak, messages(elements))
    room.refresh(folder, celestrak.url, now=NOW)
    assert (folder / room.RECORDED).read_bytes() == shipped


def test_two_at_once_keep_the_copy_of_what_came_with_the_course(folder, celestrak, elements):
    shipped = (folder / "elements.csv").read_bytes()
    serve(celestrak, messages(elements))
    whole, runs = celestrak.answer, []

    def answer(query, handler):
        if not runs:  # another run comes and goes while this one waits
            runs.append(1)
            room.refresh(folder, celestrak.url, now=NOW)
        return whole(query, handler)

    celestrak.answer = answer
    room.refresh(folder, celestrak.url, now=NOW + timedelta(seconds=1))
    assert (folder / room.RECORDED).read_bytes() == shipped
    assert data.load("elements", folder)["fetched"].min() >= pd.Timestamp(NOW)


def test_what_somebody_wrote_into_the_elements_is_kept(folder, celestrak, elements):
    path = folder / "elements.csv"
    own = read(path).replace(",high", ",medium", 1)
    write(path, own)
    refused_once = read(folder / "datapackage.json")
    celestrak.answer = lambda *_: (403, "not now")
    with pytest.raises(InputError, match="403"):
        room.refresh(folder, celestrak.url, now=NOW)
    assert read(path) == own and read(folder / "datapackage.json") != refused_once
    serve(celestrak, messages(elements))
    room.refresh(folder, celestrak.url, now=NOW)
    assert read(folder / "elements.kept.csv") == own
    assert data.load("elements", folder)["confidence"][0] == "medium"


# Groups


def test_a_second_group_that_is_refused_leaves_the_first_and_may_be_asked_for_at_once(
    folder, celestrak, elements
):
    serve(celestrak, messages(elements))
    whole = celestrak.answer

    def answer(query, handler):
        if query.get("GROUP") == "gps-ops":
            return 403, "GP data has not updated since your last download"
        return whole(query, handler)

    celestrak.answer = answer
    summary = room.refresh(folder, celestrak.url, now=NOW)
    assert "Fresh elements for 303 of 303" in summary
    assert "Not all could be asked for: " in summary and "refuses with 403 (GP data" in summary
    celestrak.asked.clear()
    soon = NOW + timedelta(minutes=5)
    celestrak.answer = lambda *_: (403, "still not")
    refused(folder, celestrak, "refuses with 403 .still not", now=soon)
    celestrak.asked.clear()
    serve(celestrak, messages(elements), gps=messages(elements.tail(30), days=5.1))
    summary = room.refresh(folder, celestrak.url, now=soon)
    assert celestrak.asked == [{"GROUP": "gps-ops", "FORMAT": "JSON"}], "the other one waits"
    assert "Fresh elements for 30 of 303" in summary and "and 263 more" in summary
    assert len(summary) < 1500
    refused(folder, celestrak, "two hours between fetches: try again after .*06:13", now=soon)


def test_a_second_group_alone_that_holds_none_of_ours(folder, celestrak, elements):
    note = {"active": NOW.isoformat()}
    (folder / room.LAST_FETCH).write_text(json.dumps(note))
    serve(celestrak, messages(elements))
    refused(folder, celestrak, "holds 0 of our 303 satellites")
    assert celestrak.asked == [{"GROUP": "gps-ops", "FORMAT": "JSON"}]


def test_a_first_group_that_is_refused_locks_nothing(folder, celestrak, elements):
    celestrak.answer = lambda *_: (500, "busy")
    refused(folder, celestrak, r"refuses with 500 \(busy\)")
    serve(celestrak, messages(elements))
    assert "303 of 303" in room.refresh(folder, celestrak.url, now=NOW)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "nonsense",
        "2026-06-20T04:00:00",  # without a zone, as notes had it once
        '{"active": "2026-06-20T04:00:00", "gps-ops": "2026-06-20T04:00:00+00:00"}',
        '{"active": 7, "gps-ops": null}',
        '["active"]',
        "2099-01-01T00:00:00+00:00",
        "[" * 30 + "]" * 30,
    ],
    ids=range(8),
)
def test_a_note_of_any_kind(folder, celestrak, elements, note):
    (folder / room.LAST_FETCH).write_text(note)
    serve(celestrak, messages(elements))
    if "04:00" in note:
        refused(folder, celestrak, "try again after 2026-06-20 06:00 UTC")
        (folder / room.LAST_FETCH).write_text(note.replace("04:00", "02:00"))
    assert "303 of 303" in room.refresh(folder, celestrak.url, now=NOW)


def test_a_full_disk_at_the_note(folder, celestrak, elements, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    serve(celestrak, messages(elements))
    monkeypatch.setattr(os, "fsync", full)
    refused(folder, celestrak, r"cannot be replaced \(No space left on device\)")


@pytest.mark.parametrize("cut", [lambda t: t[:3000], lambda t: "[]", lambda t: "{}", lambda t: ""])
def test_a_description_that_is_cut(folder, celestrak, cut):
    path = folder / "datapackage.json"
    write(path, cut(read(path)))
    refused(folder, celestrak, "datapackage.json in data/ is cut off or damaged .*fresh copy")
    assert not celestrak.asked
    path.unlink()
    refused(folder, celestrak, "datapackage.json in data/ is cut off or damaged .No such file")


# Answers of other kinds


def test_json_nested_deeper_than_any_message(folder, celestrak):
    celestrak.answer = lambda *_: "[" * 21 + "]" * 21
    refused(folder, celestrak, "GROUP=active is no orbital data.*nested more than 20 deep")


@pytest.mark.parametrize("value", ["1e999", "-1e999", "NaN", "9" * 5000, "[[]]", '"x"', "true"])
def test_numbers_that_are_none(folder, celestrak, elements, value):
    rows = messages(elements)
    rows[0]["BSTAR"] = "HERE"
    celestrak.answer = lambda *_: json.dumps(rows).replace('"HERE"', value)
    refused(folder, celestrak, "bstar: ('.{1,5}' is not of the type number|the value is missing)")
    rows[0]["NORAD_CAT_ID"] = "HERE"
    celestrak.answer = lambda *_: json.dumps(rows).replace('"HERE"', value)
    if value != "true":  # which Python takes for 1, a satellite that is not ours
        later = NOW + timedelta(hours=3)
        refused(folder, celestrak, "no list of orbit messages with NORAD_CAT_ID", now=later)


def test_elements_of_another_theory_are_left_out(folder, celestrak, elements):
    rows = messages(elements)
    rows[0]["EPHEMERIS_TYPE"] = 4
    serve(celestrak, rows)
    summary = room.refresh(folder, celestrak.url, now=NOW)
    assert f"{elements['name'][0]} comes as ephemeris_type 4" in summary
    pd.testing.assert_frame_equal(data.load("elements", folder).head(1), elements.head(1))


@pytest.mark.parametrize("end", ["stalls", "trickles"])
def test_a_refusal_whose_words_never_end(folder, celestrak, end):
    done = threading.Event()

    def answer(_, handler):
        handler.send_response(403)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        while not done.wait(20 if end == "stalls" else 0.05):
            try:
                handler.wfile.write(b".")
                handler.wfile.flush()
            except OSError:
                break

    celestrak.answer = answer
    begun = time.monotonic()
    refused(folder, celestrak, r"refuses with 403 \(nothing\)", timeout_s=0.5)
    assert time.monotonic() - begun < 10
    done.set()


def test_a_head_that_trickles(folder, celestrak):
    done = threading.Event()

    def answer(_, handler):
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n")
        number = 0
        while not done.wait(0.05):
            number += 1
            try:
                handler.wfile.write(f"X-{number}: 1\r\n".encode())
                handler.wfile.flush()
            except OSError:
                break

    celestrak.answer = answer
    begun = time.monotonic()
    refused(folder, celestrak, "did not answer in time", timeout_s=0.5)
    assert time.monotonic() - begun < 3, "before its hundred heads are full"
    done.set()


@pytest.mark.parametrize(
    "address",
    ["http://other.example/gp.php", "http://user:word@other.example/", "https://localhost/gp.php"],
)
def test_a_server_that_sends_elsewhere(folder, celestrak, address):
    celestrak.answer = lambda *_: (302, address)
    refused(folder, celestrak, "127.0.0.1 sends on to http.*, another place.*give that address")


def test_a_server_that_sends_on_within_itself(folder, celestrak, elements):
    serve(celestrak, messages(elements))
    whole = celestrak.answer

    def answer(query, handler):
        if "/new" not in handler.path:
            return 302, celestrak.url.replace("gp.php", "new.php?") + handler.path.partition("?")[2]
        return whole(query, handler)

    celestrak.answer = answer
    assert "303 of 303" in room.refresh(folder, celestrak.url, now=NOW)


def test_nobody_is_sent_from_https_to_http():
    handler = room._SamePlace()
    request = Request("https://celestrak.org/gp.php")
    with pytest.raises(InputError, match=r"sends on to http://celestrak\.org/gp\.php"):
        handler.redirect_request(request, None, 302, "", {}, "http://celestrak.org/gp.php?a=1")
    on = handler.redirect_request(request, None, 302, "", {}, "https://celestrak.org/new")
    assert on.full_url == "https://celestrak.org/new"


def test_the_command(folder, celestrak, elements, capsys, monkeypatch):
    # Messages of now, because the command takes the clock of the machine.
    age = datetime.now(UTC) - elements["epoch"].max().to_pydatetime()
    serve(celestrak, messages(elements, days=max(age.days, 0)))
    options = ["--url", celestrak.url, "--data", str(folder), "--timeout", "5"]
    with monkeypatch.context() as patch:  # the elements that are there may be of this hour
        patch.setattr(room, "PAUSE", timedelta(0))
        status = room.main(options)
    out, err = capsys.readouterr()
    assert (status, err) == (0, ""), err
    assert "303 of 303" in out
    assert room.main(options) == 1
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and "two hours" in err
    assert room.main(["--url", celestrak.url, "--data", str(folder / "nowhere")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
