#!/usr/bin/env bash
# Question: does Skyfield's `find_events` find every pass of a satellite in an inclined geosynchronous orbit?
# Natural guess: yes; a slow satellite should be the easy case.
# Found, Skyfield 1.55: over three days, for one of twelve orbits of 1.0027 turns a day seen from 30 N,
#   the altitude sampled each minute rises above 10 degrees three times; `find_events` reports two rises,
#   five culminations and two settings: a set and the rise after it are missing, so two passes read as
#   one. Nothing warns. (For low satellites the two agree.) BeiDou has such orbits.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check skyfield==1.55 sgp4==2.25
cd "$place"
"$place/env/bin/python" - <<'PY'
import numpy as np
from skyfield.api import EarthSatellite, load, wgs84

time = load.timescale(builtin=True)
fields = {
    "OBJECT_NAME": "IGSO", "OBJECT_ID": "2018-001A", "EPOCH": "2026-06-14T12:00:00.000000",
    "MEAN_MOTION": "1.0027", "ECCENTRICITY": ".0007", "INCLINATION": "55",
    "RA_OF_ASC_NODE": "30", "ARG_OF_PERICENTER": "20", "MEAN_ANOMALY": "30",
    "EPHEMERIS_TYPE": "0", "CLASSIFICATION_TYPE": "U", "NORAD_CAT_ID": "43001",
    "ELEMENT_SET_NO": "999", "REV_AT_EPOCH": "1", "BSTAR": "0",
    "MEAN_MOTION_DOT": "0", "MEAN_MOTION_DDOT": "0",
}
satellite, place = EarthSatellite.from_omm(time, fields), wgs84.latlon(30, 37)
minutes = time.utc(2026, 6, 14, 0, np.arange(0, 3 * 1440))
up = (satellite - place).at(minutes).altaz()[0].degrees > 10
rises = int((~up[:-1] & up[1:]).sum())
_, events = satellite.find_events(
    place, time.utc(2026, 6, 14), time.utc(2026, 6, 17), altitude_degrees=10
)
found = [int((events == kind).sum()) for kind in (0, 1, 2)]
print("rises, minute by minute:", rises, "| find_events (rise, culminate, set):", found)
assert rises == 3 and found == [2, 5, 2]
PY
