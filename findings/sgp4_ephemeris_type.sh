#!/usr/bin/env bash
# Question: what does sgp4 do with elements made for another theory (EPHEMERIS_TYPE 4, SGP4-XP)?
# Natural guess: it refuses them, or warns: they are mean elements of another model, and by plain SGP4
#   they give wrong places.
# Found, sgp4 2.25: the field is not looked at. Type 4 is read and propagated like type 0, to the same
#   place, with error code 0. The reader of elements has to refuse them.
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


plain, other = read(), read(EPHEMERIS_TYPE="4")
day = (plain.jdsatepoch, plain.jdsatepochF + 1)
print("type 0:", plain.sgp4(*day)[:2])
print("type 4:", other.sgp4(*day)[:2])
assert other.sgp4(*day) == plain.sgp4(*day) and other.sgp4(*day)[0] == 0
PY
