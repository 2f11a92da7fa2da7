#!/usr/bin/env bash
# Question: does it depend on what a program freed long ago how fast NumPy computes with arrays?
# Natural guess: no; the same sums of the same arrays cost the same.
# Found, numpy 2.4.6 with the C library of Linux (glibc): it does where a few results of some hundred
#   kilobytes live at a time. Memory that is free goes back to the system as soon as there is more of
#   it than twice the largest array that was freed so far, and each result is then handed out anew,
#   page by page, with a fault and zeros for each. Once a larger array was freed the memory stays. An
#   array above 32 MB does not count. A day of PDOP, made of results of 0.7 MB each and stored in an
#   array of 38 MB, took 1.3 s in a fresh process, and 0.5 s after one array of 4 MB was made and
#   dropped.
# Counted here: the faults of a hundred rounds with four results of 0.8 MB (200 pages) each, in a
#   fresh process, after an array of 40 MB was freed, and after one of 4 MB was.
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
        total = one + other
        twice = total * 2
        product = total * twice
        difference = product - twice
        del total, twice, product, difference
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


fresh = faults()
np.empty(40_000_000, np.uint8)
after_40 = faults()
np.empty(4_000_000, np.uint8)
after_4 = faults()
print(f"faults: {fresh} in a fresh process, {after_40} after 40 MB, {after_4} after 4 MB freed")
assert fresh > 50_000 and after_40 > 50_000, "the memory of results is kept from the first"
assert after_4 < 2_000, "it is given back although a larger array was freed"
PY
