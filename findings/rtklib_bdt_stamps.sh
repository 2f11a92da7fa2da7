#!/usr/bin/env bash
# Question: are observations that a receiver of BeiDou stamps in BeiDou time ("BDT" in TIME OF FIRST
#   OBS, as RINEX allows) used at the moments they were made?
# Natural guess: yes, 14 s are added, and fixes are those of the same file stamped in GPS time.
# Found: rnx2rtkp 2.4.3 (Debian's rtklib) takes the stamps for GPS time, without a word. Satellites
#   are then computed 14 s early, the ranges fit no place, and there is no fix. With the label alone
#   changed, which moves every moment by 14 s, it gives the same fixes as before.
# Needs rnx2rtkp: sudo apt install rtklib
set -euo pipefail
data=$(cd "$(dirname "$0")/../tests/data/receivers" && pwd)
command -v rnx2rtkp >/dev/null || { echo "rnx2rtkp is not here: sudo apt install rtklib" >&2; exit 1; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check hatanaka==2.8.1
cd "$place"
gzip -dc "$data/esbc_2020_177.nav.gz" > day.nav
"$place/env/bin/python" - "$data" <<'PY'
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import hatanaka

compact = Path(sys.argv[1], "esbc_2020_177.crx.gz").read_bytes()
text = hatanaka.decompress(compact).decode()


def earlier(match):
    time = datetime.strptime(match[1], "%Y %m %d %H %M %S") - timedelta(seconds=14)
    return f"> {time:%Y %m %d %H %M %S}"


moved = re.sub(r"^> (\d{4}(?: \d\d){5})", earlier, text, flags=re.M)
moved = moved.replace("     GPS         TIME OF", "     BDT         TIME OF")
Path("gps.obs").write_text(text)
Path("bdt.obs").write_text(moved)
label = text.replace("     GPS         TIME OF", "     BDT         TIME OF")
Path("label.obs").write_text(label)
fixes = {}
for name in ("gps", "bdt", "label"):
    run = ["rnx2rtkp", "-p", "0", "-m", "10", "-sys", "C", "-e", "-o", f"{name}.pos"]
    subprocess.run([*run, f"{name}.obs", "day.nav"], check=True, capture_output=True)
    rows = [r.split() for r in Path(f"{name}.pos").read_text().splitlines() if r[:1] not in "%"]
    fixes[name] = [row[2:5] for row in rows]
    print(f"{name}.obs: {len(rows)} fixes")
assert label != text and len(fixes["gps"]) == 288
assert fixes["bdt"] == [] and fixes["label"] == fixes["gps"]
PY
