#!/usr/bin/env bash
# Question: does it depend on what a program freed long ago how fast NumPy adds two arrays?
# Natural guess: no; the same arrays of the same size cost the same.
# Found, numpy 2.4.6 with the C library of Linux (glibc): for results of 128 KB to 32 MB it does, until
#   the first array that is larger than these has been freed. Up to then each result is a mapping of
#   its own: the system hands it out page by page, with a fault and zeros for each, and takes it back
#   when it is freed. From then on results as large are kept, and used again. An array freed above
#   32 MB changes nothing. A day of PDOP, made of results of 0.7 MB each and stored in an array of
#   38 MB, took 1.3 s in a fresh process, and 0.5 s after one array of 4 MB was made and dropped.
# Counted here: the faults of a hundred sums of 0.8 MB (200 pages) in a fresh process, after an array
#   of 40 MB was freed, and after one of 4 MB was.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo "This is about Linux."; exit 1; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6
env -u MALLOC_MMAP_THRESHOLD_ -u MALLOC_TRIM_THRESHOLD_ -u GLIBC_TUNABLES \
  "$place/env/bin/python" - <<'PY'
import resource

import numpy as np

one, other = np.ones((2, 100_000))


def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        one + other
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


fresh = faults()
np.empty(40_000_000, np.uint8)
after_40 = faults()
np.empty(4_000_000, np.uint8)
after_4 = faults()
print(f"faults: {fresh} in a fresh process, {after_40} after 40 MB, {after_4} after 4 MB freed")
assert fresh > 10_000 and after_40 > 10_000, "results are kept from the first"
assert after_4 < 1_000, "results are given back although a larger array was freed"
PY
