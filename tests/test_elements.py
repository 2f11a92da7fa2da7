"""Elements as people bring them: every form gives the places that Skyfield gives, or a sentence."""

import csv
import io
import json
import warnings
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgp4 import exporter
from sgp4.api import WGS72, Satrec
from skyfield.api import EarthSatellite, wgs84
from skyfield.api import load as skyfield_load
from skyfield.framelib import itrs

from course import l03
from helpers import data
from helpers.inputs import InputError
from silkroad import elements as room
from silkroad import orbits
from silkroad.elements import read_elements

ELEMENTS = data.load("elements")
STATION = ELEMENTS[ELEMENTS["name"] == "CSS (TIANHE)"]
SOME = pd.concat([STATION, ELEMENTS.iloc[[0, 40, 120, 200, -1]]], ignore_index=True)
TIMESCALE = skyfield_load.timescale(builtin=True)
KEYS = {f["omm"]: f["name"] for f in data.package()["elements"]["schema"]["fields"] if "omm" in f}
HEAD = {  # what CelesTrak and Space-Track write before the elements, and after them
    "CCSDS_OMM_VERS": "3.0",
    "COMMENT": "GENERATED VIA SPACE-TRACK.ORG API",
    "CREATION_DATE": "2026-06-14T04:13:23",
    "ORIGINATOR": "18 SPCS",
    "CENTER_NAME": "EARTH",
    "REF_FRAME": "TEME",
    "TIME_SYSTEM": "UTC",
    "MEAN_ELEMENT_THEORY": "SGP4",
}
MORE = {"SEMIMAJOR_AXIS": "6761.2", "OBJECT_TYPE": "PAYLOAD", "GP_ID": "301234567"}


def messages(rows):
    """The rows as orbit messages: dicts of text, as Space-Track sends them."""
    found = []
    for row in rows.to_dict("records"):
        told = {key: str(row[name]) for key, name in KEYS.items()}
        told["EPOCH"] = row["epoch"].strftime("%Y-%m-%dT%H:%M:%S.%f")
        found.append({**HEAD, **told, **MORE})
    return found


def as_json(told):
    return json.dumps(told)


def as_numbers(told):
    """JSON as CelesTrak sends it: numbers are numbers."""

    def plain(text):
        try:
            return json.loads(text)
        except ValueError:
            return text

    return json.dumps([{key: plain(value) for key, value in one.items()} for one in told], indent=1)


def as_csv(told, delimiter=","):
    file = io.StringIO()
    writer = csv.DictWriter(file, list(told[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(told)
    return file.getvalue()


def as_kvn(told):
    def line(key, value):
        if key == "COMMENT":
            return f"COMMENT {value}"
        unit = {"INCLINATION": " [deg]", "MEAN_MOTION": " [rev/day]"}.get(key, "")
        return f"{key:<20} = {value}{unit}"

    return "\n\n".join("\n".join(line(*pair) for pair in one.items()) for one in told)


def as_xml(told):
    elements = [key for key in KEYS if key not in ("OBJECT_NAME", "OBJECT_ID")]
    parts = []
    for one in told:
        metadata = [*list(HEAD)[4:], "OBJECT_NAME", "OBJECT_ID"]

        def leaves(keys, one=one):
            return "".join(f"<{key}>{escape(one[key])}</{key}>" for key in keys if key in one)

        about = leaves([key for key in ("EPOCH", "MEAN_MOTION", *elements) if "BSTAR" not in key])
        parts.append(
            f'<omm id="CCSDS_OMM_VERS" version="3.0"><header><ORIGINATOR/></header><body><segment>'
            f"<metadata>{leaves(metadata)}</metadata><data><meanElements>{about}</meanElements>"
            f"<tleParameters>{leaves(['BSTAR'])}</tleParameters>"
            f'<userDefinedParameters><USER_DEFINED parameter="A">1</USER_DEFINED>'
            f"</userDefinedParameters></data></segment></body></omm>"
        )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ndm>{"".join(parts)}</ndm>'


FORMS = {
    "JSON of text": as_json,
    "JSON of numbers": as_numbers,
    "CSV": as_csv,
    "CSV with semicolons": lambda told: as_csv(told, ";"),
    "CSV with tabs": lambda told: as_csv(told, "\t"),
    "KVN": as_kvn,
    "XML": as_xml,
    "XML in a namespace": lambda told: as_xml(told).replace("<ndm>", '<ndm xmlns="urn:ccsds:ndm">'),
}


def skyfield_km(satellite, times):
    at = TIMESCALE.from_datetimes(list(pd.DatetimeIndex(times).to_pydatetime()))
    return satellite.at(at).frame_xyz(itrs).km.T


def hours_after(rows):
    return rows["epoch"].max() + pd.to_timedelta(np.arange(0, 48, 6), unit="h")


# every form


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_places_that_skyfield_gives(form):
    told = messages(SOME)
    rows = read_elements(FORMS[form](told))
    assert list(rows.columns) == list(KEYS.values())
    assert rows["norad_id"].tolist() == SOME["norad_id"].tolist()
    assert rows["name"].tolist() == SOME["name"].tolist()
    assert (rows["epoch"] == SOME["epoch"]).all()
    times = hours_after(SOME)
    ours = orbits.positions(rows, times).values
    for place, one in zip(ours, told, strict=True):
        theirs = skyfield_km(EarthSatellite.from_omm(TIMESCALE, one), times)
        assert np.abs(place - theirs).max() < 0.001


def tle(row):
    satellite = Satrec()
    epoch = (row["epoch"] - pd.Timestamp("1949-12-31", tz="UTC")) / pd.Timedelta(days=1)
    satellite.sgp4init(
        *(WGS72, "i", min(row["norad_id"], 339999), epoch, row["bstar"]),
        *(row["mean_motion_dot"] / (1440**2 / (2 * np.pi)), 0.0, row["eccentricity"]),
        *(np.radians(row[c]) for c in ("arg_perigee_deg", "inclination_deg", "mean_anomaly_deg")),
        row["mean_motion_rev_per_day"] * 2 * np.pi / 1440,
        np.radians(row["raan_deg"]),
    )
    satellite.intldesg, satellite.classification = row["cospar_id"][2:].replace("-", ""), "U"
    return exporter.export_tle(satellite)


@pytest.mark.parametrize("names", ["{name}\n", "0 {name}\n", "", "  {name}  \r\n\r\n"])
def test_lines_of_tle_give_the_places_that_skyfield_gives(names):
    pairs = [tle(row) for row in SOME.to_dict("records")]
    text = "\n".join(
        names.format(name=name) + "\n".join(pair)
        for name, pair in zip(SOME["name"], pairs, strict=True)
    )
    rows = read_elements(text)
    assert rows["norad_id"].tolist() == SOME["norad_id"].tolist()
    assert rows["cospar_id"].tolist() == SOME["cospar_id"].tolist()
    if names:
        assert rows["name"].tolist() == SOME["name"].tolist()
    else:
        assert rows["name"][0] == f"NORAD {SOME['norad_id'][0]}"
    times = hours_after(SOME)
    for place, pair in zip(orbits.positions(rows, times).values, pairs, strict=True):
        theirs = skyfield_km(EarthSatellite(*pair, ts=TIMESCALE), times)
        assert np.abs(place - theirs).max() < 0.001


def test_five_signs_with_a_letter():
    first, second = tle({**SOME.iloc[0], "norad_id": 270001})
    assert first.startswith("1 T0001")
    assert read_elements(f"{first}\n{second}")["norad_id"].item() == 270001
    told = {**messages(STATION)[0], "NORAD_CAT_ID": "T0001"}
    assert read_elements(json.dumps(told))["norad_id"].item() == 270001


def test_a_file_of_bytes_or_by_its_path(tmp_path, monkeypatch):
    text = as_csv(messages(SOME))
    path = tmp_path / "北斗 mine.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    wanted = read_elements(text)
    sources = (path, str(path), f"~/{path.name}", path.read_bytes(), memoryview(text.encode()))
    for source in sources:
        pd.testing.assert_frame_equal(read_elements(source), wanted)


def test_the_table_of_the_course_itself_is_read():
    rows = read_elements(data.FOLDER / "elements.csv")
    for column in rows.columns.drop(["element_set_no", "rev_at_epoch"]):
        assert rows[column].tolist() == ELEMENTS[column].tolist(), column


def test_what_is_written_is_read_back():
    back = read_elements(room.omm_text(ELEMENTS))
    for column in back.columns:
        assert back[column].tolist() == ELEMENTS[column].tolist(), column
    brief = room.omm_text(STATION, brief=True)
    assert len(brief.splitlines()) == 11 and "REV_AT_EPOCH" not in brief
    times = hours_after(STATION)
    places = orbits.positions(read_elements(brief), times).values
    assert (places == orbits.positions(STATION, times).values).all()
    own = orbits.synthetic_elements("2026-06-14T00:00Z", 500, 42)
    text = room.omm_text(own)
    assert "NORAD_CAT_ID" not in text and "nan" not in text.lower()
    again = read_elements(text)
    assert again["norad_id"].item() == 0 and again["name"].item() == "your satellite"
    assert (again[own.columns] == own).all(axis=None)


# of any other look the same


WRITTEN = {  # one instant in the forms that people write
    "2026-06-14T12:00:00",
    "2026-06-14T12:00:00Z",
    "2026-06-14T12:00:00.0",
    "2026-06-14T12:00:00.000000",
    "2026-06-14T12:00:00.000000000",
    "2026-06-14T12:00:00.000000000000Z",
    "2026-06-14 12:00:00+00:00",
    "2026-06-14T20:00:00+08:00",
    "2026-165T12:00:00",
    "2026-165T12:00:00.000Z",
}


@given(st.data())
def test_order_extra_fields_text_and_case_change_nothing(draw):
    told = {**messages(STATION)[0], "EPOCH": draw.draw(st.sampled_from(sorted(WRITTEN)))}
    number = told["NORAD_CAT_ID"]
    told["NORAD_CAT_ID"] = draw.draw(
        st.sampled_from([number, f"0000{number}", f"{number}.0", int(number)])
    )
    for key in draw.draw(st.sets(st.sampled_from(sorted(KEYS))), label="as numbers"):
        with_number = str(told[key]).replace(".", "", 1).replace("-", "", 1).isdigit()
        told[key] = float(told[key]) if with_number and key != "NORAD_CAT_ID" else told[key]
    for key in draw.draw(st.sets(st.sampled_from(sorted({*HEAD, *MORE, "REV_AT_EPOCH"})))):
        del told[key]
    low = draw.draw(st.booleans())
    order = draw.draw(st.permutations(sorted(told)))
    one = {key.lower() if low else key: told[key] for key in order}
    form = draw.draw(
        st.sampled_from([json.dumps, lambda one: as_csv([one]), lambda one: as_kvn([one])])
    )
    if form is not json.dumps and low:
        one = {key.upper(): value for key, value in one.items()}
    row = read_elements(form(one)).iloc[0]
    assert row["epoch"] == pd.Timestamp("2026-06-14T12:00Z")
    assert row["norad_id"] == STATION["norad_id"].item()
    for column in orbits._ELEMENTS[1:]:
        assert row[column] == STATION[column].item()


@settings(max_examples=30)
@given(st.permutations(range(len(SOME))), st.sampled_from(sorted(FORMS)))
def test_rows_come_in_their_own_order(order, form):
    rows = read_elements(FORMS[form](messages(SOME.iloc[order])))
    assert rows["norad_id"].tolist() == SOME["norad_id"].iloc[order].tolist()


@pytest.mark.parametrize("number", [339999, 340000, 799999999, 999999999])
def test_the_catalogue_number_is_not_needed_to_propagate(number):
    told = {**messages(STATION)[0], "NORAD_CAT_ID": str(number)}
    rows = read_elements(json.dumps(told))
    times = hours_after(STATION)
    ours = orbits.positions(rows, times)
    assert ours["norad_id"].item() == number
    assert (ours.values == orbits.positions(STATION, times).values).all()
    place = pd.DataFrame({"name": ["Nairobi"], "lat": [-1.29], "lon": [36.82]})
    assert set(orbits.passes(rows, place, times[0], times[-1])["norad_id"]) == {number}


def test_nanoseconds_count():
    told = {**messages(STATION)[0], "EPOCH": "2026-06-14T12:00:00.123456789"}
    assert read_elements(json.dumps(told))["epoch"].item() == pd.Timestamp(
        "2026-06-14T12:00:00.123456789Z"
    )


def test_angles_below_zero_are_turned():
    told = {**messages(STATION)[0], "RA_OF_ASC_NODE": "-10", "MEAN_ANOMALY": "360"}
    row = read_elements(json.dumps(told)).iloc[0]
    assert (row["raan_deg"], row["mean_anomaly_deg"]) == (350, 0)


@pytest.mark.parametrize(
    "key", ["MEAN_MOTION_DOT", "MEAN_MOTION_DDOT", "NORAD_CAT_ID", "OBJECT_ID"]
)
def test_what_sgp4_does_not_need_may_be_missing(key):
    told = messages(STATION)[0]
    del told[key]
    rows = read_elements(json.dumps([told]))
    times = hours_after(STATION)
    assert (orbits.positions(rows, times).values == orbits.positions(STATION, times).values).all()


def test_of_a_satellite_that_comes_twice_the_newest_elements_are_kept():
    older = STATION.assign(epoch=STATION["epoch"] - pd.Timedelta(days=2))
    text = as_json(messages(pd.concat([older, SOME, older])))
    with pytest.warns(UserWarning, match=r"TIANHE\) \(48274\) comes more than once") as caught:
        rows = read_elements(text)
    assert caught[0].filename == __file__
    assert rows["norad_id"].tolist() == SOME["norad_id"].tolist()
    assert rows["epoch"].tolist() == SOME["epoch"].tolist()


def test_satellites_of_one_name_stay_two():
    told = [{**one, "OBJECT_NAME": "TBA"} for one in messages(SOME.head(2))]
    rows = read_elements(json.dumps(told))
    tracks = orbits.ground_track(rows, SOME["epoch"].max(), hours=2)
    assert list(tracks) == [f"TBA ({number})" for number in SOME["norad_id"].head(2)]


# refused


def changed(**changes):
    told = {**messages(STATION)[0], **changes}
    return json.dumps({key: value for key, value in told.items() if value is not ...})


FIRST, SECOND = tle(STATION.iloc[0])
REFUSED = [
    ("", "The text is empty"),
    ("  \n ", "The text is empty"),
    ("nowhere.csv", "'nowhere.csv' cannot be read .*No such file"),
    ("\x00", "cannot be read"),
    ("No GP data found\n", "The file 'No GP data found' cannot be read"),
    ("No GP data found\nat all", "begins 'No GP data found', which is none of these"),
    ("a,b,c\n1,2,3", "none of these: OMM as CSV"),
    (b"\xff\xfe<\x00", "not UTF-8"),
    (7, "7 is no text"),
    ("[]", "holds no satellite"),
    ("[1]", "holds 1 where a satellite is meant"),
    ("[3", "cannot be read"),
    ("[" * 21 + "]" * 21, "nested more than 20 deep"),
    ("<omm>", "XML is cut off or damaged"),
    ("<ndm></ndm>", "holds no satellite"),
    ('<!DOCTYPE ndm SYSTEM "ndm.dtd">\n<ndm></ndm>', "declares a document type"),
    (changed(EPHEMERIS_TYPE="4"), "TIANHE.*EPHEMERIS_TYPE 4.*SGP4-XP"),
    (changed(EPHEMERIS_TYPE="SGP4-XP"), "TIANHE.*EPHEMERIS_TYPE SGP4-XP"),
    (changed(MEAN_ELEMENT_THEORY="SGP4-XP"), "TIANHE.*MEAN_ELEMENT_THEORY 'SGP4-XP'.*SGP4 only"),
    (changed(REF_FRAME="GCRF"), "TIANHE.*REF_FRAME 'GCRF'.*TEME only"),
    (changed(TIME_SYSTEM="GPS"), "TIANHE.*TIME_SYSTEM 'GPS'.*UTC only"),
    (changed(CENTER_NAME="MARS"), "TIANHE.*CENTER_NAME 'MARS'.*EARTH only"),
    (changed(EPOCH=...), "TIANHE.* no EPOCH"),
    (changed(EPOCH="06/07/2026 12:00:00"), "EPOCH '06/07/2026 12:00:00'.*2026-06-14T12"),
    (changed(EPOCH="2026-06-14"), "EPOCH '2026-06-14'"),
    (changed(EPOCH="2026-13-14T12:00:00"), "EPOCH '2026-13-14"),
    (changed(EPOCH="2026-366T12:00:00"), "EPOCH '2026-366"),
    (changed(EPOCH="2026-000T12:00:00"), "EPOCH '2026-000"),
    (changed(INCLINATION=None), "TIANHE.*has no INCLINATION"),
    (changed(INCLINATION=[51]), "TIANHE.*has no INCLINATION"),
    (changed(INCLINATION=True), "TIANHE.*has no INCLINATION"),
    (changed(INCLINATION="steep"), "INCLINATION 'steep'"),
    (changed(ECCENTRICITY="0,0007"), "ECCENTRICITY '0,0007'.*point for its decimals"),
    (changed(BSTAR=float("nan")), "BSTAR 'nan'"),
    (changed(BSTAR=float("inf")), "BSTAR 'inf'"),
    (changed(INCLINATION="200"), "inclination_deg 200.0 is not in 0 to 180"),
    (changed(ECCENTRICITY="7000"), "eccentricity 7000.0 is not in"),
    (changed(MEAN_MOTION="0.068"), "turns a day .not radians a minute"),
    (changed(NORAD_CAT_ID="x"), "NORAD_CAT_ID 'x'"),
    (changed(NORAD_CAT_ID="-5"), "NORAD_CAT_ID '-5'"),
    (changed(NORAD_CAT_ID="1.5"), "NORAD_CAT_ID '1.5'"),
    (changed(NORAD_CAT_ID="10000000000"), "norad_id 10000000000"),
    (changed().replace("15.", "1" + "9" * 30 + "."), "is not in|give a number"),
    (f"{FIRST[:40]}\n{SECOND}", "Lines 1 and 2 are no TLE"),
    (f"{FIRST}\n{SECOND[:50]}", "Lines 1 and 2 are no TLE"),
    (f"{FIRST}\n{SECOND.replace('48274', '48275')}", "no TLE .*(checksum|do not match)"),
    (f"{FIRST}\n{SECOND.replace('41.', '42.')}", "no TLE .*checksum"),
    (f"{FIRST}\n{SECOND}\n{FIRST}", "ends after a line 1"),
    (f"{FIRST}\n{SECOND}\n{SECOND}", "Line 3 of the TLE"),
    (f"{FIRST}\n{SECOND}\n{FIRST}\n{FIRST}\n{SECOND}", "Line 4 of the TLE"),
]


@pytest.mark.parametrize(("source", "said"), REFUSED, ids=range(len(REFUSED)))
def test_refused_in_one_sentence(source, said):
    with pytest.raises(InputError, match=said) as error:
        read_elements(source)
    text = str(error.value)
    assert "\n" not in text and text.endswith(".") and len(text) < 300, text


def test_a_row_that_is_too_long_or_too_short():
    head, *rows = as_csv(messages(SOME)).splitlines()
    with pytest.raises(InputError, match="more values than the CSV has columns"):
        read_elements("\n".join([head, rows[0] + ",1"]))
    with pytest.raises(InputError, match="has no "):
        read_elements("\n".join([head, ",".join(rows[0].split(",")[:12])]))


def test_a_file_that_is_too_large(tmp_path, monkeypatch):
    path = tmp_path / "all.json"
    path.write_text("[1, 2, 3]")
    monkeypatch.setattr(room, "LARGEST_BYTES", 5)
    with pytest.raises(InputError, match=r"all\.json is larger than"):
        read_elements(path)


# elements in a DataFrame of one's own


def test_columns_of_text_are_numbers():
    text = STATION.astype({name: str for name in orbits._ELEMENTS[1:]} | {"norad_id": str})
    at = STATION["epoch"].item()
    assert (orbits.positions(text, at).values == orbits.positions(STATION, at).values).all()
    times = STATION.assign(epoch=[at.isoformat()])
    assert (orbits.positions(times, at).values == orbits.positions(STATION, at).values).all()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (STATION.assign(inclination_deg="steep"), "TIANHE.*inclination_deg is 'steep'"),
        (STATION.assign(epoch="06/07/2026"), "'06/07/2026'"),
        (STATION.assign(norad_id=-1), "catalogue number of CSS .TIANHE. is -1"),
        (STATION.assign(norad_id=np.nan), "catalogue number of CSS .TIANHE. is nan"),
        (STATION.assign(ephemeris_type=4), "EPHEMERIS_TYPE 4"),
        (STATION.assign(inclination_deg=200.0), r"TIANHE\) \(48274\): inclination_deg 200"),
        (STATION.assign(mean_motion_rev_per_day=0.068), "not radians a minute"),
        (pd.concat([STATION, STATION]), r"TIANHE\) \(48274\) comes twice.*drop_duplicates"),
        (
            pd.concat([STATION, STATION]).assign(norad_id=0),
            r"comes twice.*drop_duplicates\('name'\)",
        ),
    ],
    ids=range(9),
)
def test_rows_that_cannot_be_used(rows, said):
    for use in (
        room.checked_elements,
        lambda rows: orbits.positions(rows, STATION["epoch"].item()),
    ):
        with pytest.raises(InputError, match=said) as error:
            use(rows)
        assert "\n" not in str(error.value) and str(error.value).endswith(".")


def test_the_advice_on_a_satellite_that_comes_twice_works():
    twice = pd.concat([STATION, STATION])
    assert len(room.checked_elements(twice.drop_duplicates("norad_id"))) == 1
    own = twice.assign(norad_id=0)
    assert len(room.checked_elements(own.drop_duplicates("name"))) == 1


def test_a_missing_type_is_that_of_sgp4():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for told in (pd.NA, pd.array([pd.NA], "Int64"), float("nan")):
            room.checked_elements(STATION.assign(ephemeris_type=told))
        room.checked_elements(STATION.drop(columns="ephemeris_type"))


# the box of lesson 03

NAIROBI = pd.DataFrame({"name": ["Nairobi"], "lat": [-1.29], "lon": [36.82]})


@pytest.mark.parametrize("form", ["JSON of numbers", "CSV", "XML"])
def test_lesson_03_flies_what_is_brought(form):
    """Its passes are those that Skyfield finds in the same message."""
    told = messages(STATION)
    track, seen, words = l03.flown(FORMS[form](told), NAIROBI)
    assert list(track) == ["CSS (TIANHE)"] and "24 hours from 13 June 2026" in words
    start = STATION["epoch"].item()
    ends = TIMESCALE.from_datetimes([start, start + pd.Timedelta(days=1)])
    satellite = EarthSatellite.from_omm(TIMESCALE, told[0])
    when, what = satellite.find_events(wgs84.latlon(-1.29, 36.82), *ends, l03.ELEVATION_DEG)
    rises = [f"{time:%H:%M}" for time in when[what == 0].utc_datetime()]
    assert len(rises) == len(seen) and all(f"{rise} to " in words for rise in rises)


@pytest.mark.parametrize(
    ("name", "said"), [("TIANTONG-1 1", "all the time, up to 17°"), ("BEIDOU-2 G1", "never")]
)
def test_lesson_03_tells_what_never_sets_and_never_rises(name, said):
    text = room.omm_text(ELEMENTS[ELEMENTS["name"] == name])
    _, seen, words = l03.flown(text, NAIROBI)
    assert words.endswith(f"{said}.") and bool(seen) == (said != "never")


def test_lesson_03_says_why_a_text_is_of_no_use():
    for text, said in (("", "is empty"), ("nowhere.csv", "cannot be read")):
        track, seen, words = l03.flown(text, NAIROBI)
        assert track == seen == {} and said in words and words.endswith(".")


def test_a_file_goes_into_the_box_of_lesson_03():
    box = l03.box_of_elements("first")
    [button] = box.extras

    def load(content, name="mine.csv"):
        told = {"type": "text/csv", "size": len(content), "last_modified": pd.Timestamp(0)}
        button.value = ({"name": name, "content": memoryview(content), **told},)

    load(b"\xef\xbb\xbf" + as_csv(messages(SOME)).encode())
    assert read_elements(box.value)["norad_id"].tolist() == SOME["norad_id"].tolist()
    load(b"x" * (l03.MOST_BYTES + 1), "all.json")
    assert box.value == "all.json holds 200 kB.\nLoad up to 200 kB, or write its path here."
    button.value = ()
    assert box.value.startswith("all.json"), "nothing chosen, nothing changed"


@pytest.mark.parametrize("inclination_deg", [0, 28, 60, 90, 97])
@pytest.mark.parametrize("height_km", [500, 21_528])
def test_how_far_north_a_satellite_comes(height_km, inclination_deg):
    satellite = orbits.synthetic_elements(data.snapshot(), height_km, inclination_deg)
    turn = 24 / satellite["mean_motion_rev_per_day"].item()
    pieces = next(iter(orbits.ground_track(satellite, data.snapshot(), turn, turn / 24).values()))
    flown = max(np.abs(piece[:, 0]).max() for piece in pieces)
    assert l03.highest_deg(satellite) == pytest.approx(flown, abs=0.1)
