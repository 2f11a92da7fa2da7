#!/usr/bin/env bash
# Question: does the OMM reader of sgp4 take any element set that the OMM standard allows?
# Natural guess: yes; OMM was made so that catalogue numbers may grow, and its times are ISO 8601.
# Found, sgp4 2.25: a number above 339999 is refused, because its five-character form of TLE lines is made
#   anyway; an epoch without a fraction, with nanoseconds or with a Z is refused, because one strptime
#   pattern reads it. Propagation itself needs neither. Skyfield's `from_omm` inherits both.
# Catalogue numbers passed 99999 in July 2026, so the first limit will be met.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check sgp4==2.25
cd "$place"
"$place/env/bin/python" - <<'PY'
from sgp4 import omm
from sgp4.api import Satrec

FIELDS = {
    "OBJECT_NAME": "A", "OBJECT_ID": "2026-001A", "EPOCH": "2026-06-14T12:00:00.000000",
    "MEAN_MOTION": "15.5", "ECCENTRICITY": ".0007", "INCLINATION": "51.6",
    "RA_OF_ASC_NODE": "10", "ARG_OF_PERICENTER": "20", "MEAN_ANOMALY": "30",
    "EPHEMERIS_TYPE": "0", "CLASSIFICATION_TYPE": "U", "NORAD_CAT_ID": "48274",
    "ELEMENT_SET_NO": "999", "REV_AT_EPOCH": "1", "BSTAR": ".0001",
    "MEAN_MOTION_DOT": ".0001", "MEAN_MOTION_DDOT": "0",
}


def read(**changed):
    satellite = Satrec()
    omm.initialize(satellite, {**FIELDS, **changed})
    return satellite


def refused(**changed):
    try:
        read(**changed)
    except ValueError as problem:
        print(changed, "->", problem)
        return True
    return False


assert not refused() and not refused(NORAD_CAT_ID="339999")
assert refused(NORAD_CAT_ID="340000")
assert refused(EPOCH="2026-06-14T12:00:00")
assert refused(EPOCH="2026-06-14T12:00:00.000000000")
assert refused(EPOCH="2026-06-14T12:00:00.000000Z")
PY
