#!/usr/bin/env bash
# Question: how many satellites does a GSV sentence of NMEA 4.10 or later hold, by two readers?
# Natural guess: as many as it says (here two); the field after the last satellite is the signal's id.
# Found: pynmeagps 1.1.8 reads two satellites and the signal id 1. pynmea2 1.19.0 takes that id for one
#   more satellite, number 1, without elevation, azimuth or strength, and raises nothing.
# A count of BeiDou satellites in view from a telephone's log comes out too high.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check pynmea2==1.19.0 pynmeagps==1.1.8
cd "$place"
"$place/env/bin/python" - <<'PY'
from functools import reduce

import pynmea2
from pynmeagps import NMEAReader

body = "GBGSV,1,1,02,08,60,120,40,13,45,200,38,1"
sentence = f"${body}*{reduce(lambda a, c: a ^ ord(c), body, 0):02X}"
ours, theirs = NMEAReader.parse(sentence), pynmea2.parse(sentence)
print("pynmeagps:", ours.svid_01, ours.svid_02, "signal", ours.signalID)
print("pynmea2:", theirs.sv_prn_num_1, theirs.sv_prn_num_2, theirs.sv_prn_num_3)
assert [int(n) for n in (ours.svid_01, ours.svid_02, ours.signalID)] == [8, 13, 1]
assert not hasattr(ours, "svid_03") and theirs.sv_prn_num_3 == "1"
PY
