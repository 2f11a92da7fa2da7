#!/usr/bin/env bash
# Question: is a RINEX 3 file with SYS / SCALE FACTOR (RINEX 3.05, table A2: "divide stored
#   observations by it before use") read as the same file without?
# Natural guess: yes, with the values divided by the factor.
# Found: georinex 1.16.2 gives pseudoranges ten times too long for the factor 10; rnx2rtkp 2.4.3
#   (Debian's rtklib, where it is installed) finds no position. Neither says a word.
set -euo pipefail
data=$(cd "$(dirname "$0")/../tests/data/receivers" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check \
  hatanaka==2.8.1 georinex==1.16.2
cd "$place"
gzip -dc "$data/esbc_2020_177.nav.gz" > day.nav
"$place/env/bin/python" -W ignore - "$data" <<'PY'
import shutil
import subprocess
import sys
from pathlib import Path

import georinex
import hatanaka

compact = Path(sys.argv[1], "esbc_2020_177.crx.gz").read_bytes()
text = hatanaka.decompress(compact).decode()
Path("plain.obs").write_text(text)
end = text.index(" " * 60 + "END OF HEADER")
header, body = text[:end] + f"{'G   10  1 C1C':60}SYS / SCALE FACTOR\n", text[end:]
tenfold = [
    f"{row[:3]}{float(row[3:17]) * 10:14.3f}{row[17:]}" if row[:1] == "G" and row[3:17].strip() else row
    for row in body.split("\n")
]
Path("scaled.obs").write_text(header + "\n".join(tenfold))
hour, metres = ["2020-06-25T00:00", "2020-06-25T00:05"], {}
for name in ("plain", "scaled"):
    read = georinex.load(f"{name}.obs", use="G", meas=["C1C"], tlim=hour)
    metres[name] = float(read["C1C"].sel(sv="G05")[0])
    print(f"georinex, {name}: {metres[name]:.3f} m")
    if shutil.which("rnx2rtkp"):
        run = ["rnx2rtkp", "-p", "0", "-sys", "G", "-o", f"{name}.pos", f"{name}.obs", "day.nav"]
        subprocess.run(run, check=True, capture_output=True)
        rows = [r for r in Path(f"{name}.pos").read_text().splitlines() if r[:1] != "%"]
        print(f"rnx2rtkp, {name}: {len(rows)} fixes")
        assert len(rows) == (288 if name == "plain" else 0)
assert abs(metres["scaled"] / metres["plain"] - 10) < 1e-6
PY
