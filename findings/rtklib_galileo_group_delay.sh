#!/usr/bin/env bash
# Question: which group delay does RTKLIB's single point positioning take for Galileo's E1 where a
#   navigation file holds both kinds of messages, F/NAV and I/NAV, as those of stations do?
# Natural guess: that of the I/NAV message whose clock it uses, BGD E5b/E1.
# Found: rnx2rtkp 2.4.3 (Debian's rtklib) takes that field from the satellite's first message in the
#   file. If that is F/NAV the field is zero there: E11's ranges are then 5 m too long, and fixes
#   are up to 9 m off. With the F/NAV messages taken out of the same file they are right.
# Needs rnx2rtkp: sudo apt install rtklib
set -euo pipefail
data=$(cd "$(dirname "$0")/../tests/data/receivers" && pwd)
command -v rnx2rtkp >/dev/null || { echo "rnx2rtkp is not here: sudo apt install rtklib" >&2; exit 1; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check hatanaka==2.8.1
cd "$place"
gzip -dc "$data/esbc_2020_177.nav.gz" > both.nav
cat > single.conf <<'CONF'
pos1-posmode=single
pos1-frequency=l1
pos1-elmask=10
pos1-ionoopt=brdc
pos1-tropopt=saas
pos1-navsys=8
out-solformat=xyz
CONF
"$place/env/bin/python" - "$data" <<'PY'
import subprocess
import sys
from math import dist
from pathlib import Path

import hatanaka

compact = Path(sys.argv[1], "esbc_2020_177.crx.gz").read_bytes()
Path("day.obs").write_bytes(hatanaka.decompress(compact))
lines = Path("both.nav").read_text().splitlines()
end = next(i for i, line in enumerate(lines) if "END OF HEADER" in line)
kept, i = lines[: end + 1], end + 1
while i < len(lines):
    step = 8  # lines of a message of BeiDou, Galileo or GPS; bit 1 of the source field is F/NAV
    if lines[i][0] != "E" or not int(float(lines[i + 5][23:42])) & 2:
        kept += lines[i : i + step]
    i += step
Path("inav.nav").write_text("\n".join(kept) + "\n")
true = 3582104.922, 532590.197, 5232755.365  # from phases, to a centimetre
worst = {}
for name in ("both", "inav"):
    run = ["rnx2rtkp", "-k", "single.conf", "-o", f"{name}.pos", "day.obs", f"{name}.nav"]
    subprocess.run(run, check=True, capture_output=True)
    rows = [r.split() for r in Path(f"{name}.pos").read_text().splitlines() if r[0] != "%"]
    away = sorted(dist(true, map(float, row[2:5])) for row in rows)
    worst[name] = away[int(0.95 * len(away))]
    print(f"{name}.nav: {len(rows)} fixes, 95 % within {worst[name]:.1f} m, all within {away[-1]:.1f} m")
assert worst["both"] > 2 * worst["inav"]
PY
