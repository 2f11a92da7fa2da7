#!/usr/bin/env bash
# Question: may the times asked of `interp` be in another unit than the times of the array?
# Natural guess: yes. numpy, pandas and xarray's own `sel` compare datetime64[us] with datetime64[ns] by
#   the instant they mean, and pandas 3 gives microseconds where older code writes nanoseconds.
# Found, xarray 2026.9.0 with pandas 3.1.1: no error and no warning. Each side is turned into numbers by
#   its own unit, so the instants asked for lie far outside, and the answer is NaN. With one unit: 1.5.
# Orbits as arrays over time meet this when one side comes from a file and the other from pandas.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check xarray==2026.9.0 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1
cd "$place"
"$place/env/bin/python" - <<'PY'
import numpy as np
import pandas as pd
import xarray as xr

times = pd.date_range("2026-06-14", periods=5, freq="h")
height = xr.DataArray(np.arange(5.0), coords={"time": times.as_unit("us")}, dims="time")
asked = np.array(["2026-06-14T01:30"], dtype="datetime64[ns]")
mixed = float(height.interp(time=asked)[0])
same = float(height.interp(time=asked.astype("datetime64[us]"))[0])
print("array in us, asked in ns:", mixed, "| both in us:", same)
print("sel by ns finds:", float(height.sel(time=np.datetime64("2026-06-14T01:00", "ns"))))
assert np.isnan(mixed) and same == 1.5
assert float(height.sel(time=np.datetime64("2026-06-14T01:00", "ns"))) == 1.0
PY
