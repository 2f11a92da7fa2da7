"""Speed of reading a receiver's day: a whole process, in CPU time, beside RTKLIB and georinex.

The day is the station ESBC's of 25 June 2020, 2,880 epochs, which is too large for the project:
RECEIVERS_DATA=FOLDER names where its two files are. GEORINEX=PYTHON names a Python that has the
library georinex, which reads the expanded file and is stopped after a minute. What is missing is
not measured.
"""

import gzip
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tools.browser import ROOT

RUNS = 5
STOP_S = 60  # of CPU time: georinex would take minutes
GEORINEX = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({STOP_S}, {STOP_S + 5}))
import georinex
georinex.load(sys.argv[1])
"""
MOST_MB = 600
CODE = """
import sys
from silkroad import receivers
signals = ["B1I", "L1 C/A", "E1"]
observations = receivers.observations(sys.argv[1], signals=signals)
messages, ionosphere = receivers.ephemerides(sys.argv[2]), receivers.klobuchar(sys.argv[2])
fixes = receivers.fixes(observations, messages, ionosphere=ionosphere)
assert fixes["x_m"].notna().sum() == 2880
"""
# Linux alone tells the most memory a process ever took, in kB.
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
SETTINGS = """pos1-posmode=single
pos1-frequency=l1
pos1-elmask=10
pos1-ionoopt=brdc
pos1-tropopt=saas
pos1-navsys=41
out-solformat=xyz
"""


def run():
    """Yield the rows; none where the day is not here."""
    folder = os.environ.get("RECEIVERS_DATA")
    if not folder:
        print("RECEIVERS_DATA names no folder: receivers are not measured.", file=sys.stderr)
        return
    compact, messages = (next(Path(folder).glob(f"ESBC*_{kind}.*")) for kind in ("MO", "MN"))
    with tempfile.TemporaryDirectory() as scratch:
        plain, settings = Path(scratch, "day.obs"), Path(scratch, "single.conf")
        navigation = Path(scratch, "day.nav")
        navigation.write_bytes(gzip.decompress(messages.read_bytes()))
        settings.write_text(SETTINGS, encoding="utf-8")
        _expand(compact, plain)
        ours = [sys.executable, "-c", CODE, compact, messages]
        rtklib = [shutil.which("rnx2rtkp"), "-k", settings, plain, navigation]
        what = (
            "2,880 fixes with BeiDou, GPS and Galileo, from compact RINEX, whole process, CPU time"
        )
        if rtklib[0]:
            took = [(cpu_ms(ours), cpu_ms(rtklib)) for _ in range(RUNS)]
            mine, other = (median(times) for times in zip(*took, strict=True))
            yield _row(what, mine, other, 1, f"rnx2rtkp on the expanded file; {_peak(ours)}")
        if python := os.environ.get("GEORINEX"):
            theirs = [python, "-W", "ignore", "-c", GEORINEX, plain]
            note = f"georinex, reading the expanded file alone, stopped after {STOP_S} s at most"
            yield _row(what, cpu_ms(ours), cpu_ms(theirs), 20, note)


def _row(what, mine, other, target, note):
    ratio = other / mine
    return {
        **{"what": what, "ours_ms": mine, "theirs_ms": other, "ratio": ratio},
        **{"target": target, "met": ratio >= target, "note": note},
    }


def _expand(compact, plain):
    import hatanaka

    plain.write_bytes(hatanaka.decompress(compact.read_bytes()))


def cpu_ms(command):
    """Return the CPU time of a command and all that it starts, in ms, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(list(map(str, command)), capture_output=True, cwd=ROOT)
    if run.returncode not in (0, -signal.SIGXCPU):
        raise RuntimeError(run.stderr.decode())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return spent * 1e3


def _peak(ours):
    code = [*ours[:2], ours[2] + PEAK, *ours[3:]]
    run = subprocess.run(list(map(str, code)), check=True, capture_output=True, cwd=ROOT, text=True)
    megabytes = int(run.stdout.split()[-1]) / 1000
    return f"ours takes {megabytes:.0f} MB at most, of {MOST_MB} allowed"


if __name__ == "__main__":
    for row in run():
        print(row)
