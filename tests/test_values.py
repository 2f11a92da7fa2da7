"""Names, times and coordinates: what is taken, and that the rest is refused in one sentence."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from helpers import inputs
from helpers.inputs import InputError
from silkroad.values import latitude, longitude, positive, utc

NOON = np.datetime64("2026-06-14T12:00:00", "ns")


def sentence(error):
    """One line that ends in a full stop and says what to do after a colon."""
    text = str(error.value)
    return "\n" not in text and text.endswith(".") and ":" in text


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 6, 14, 12, tzinfo=UTC),
        pd.Timestamp("2026-06-14T12:00Z"),
        "2026-06-14T12:00Z",
        "2026-06-14T12:00:00+00:00",
        np.datetime64("2026-06-14T12:00"),
    ],
)
def test_one_time_in_any_form_of_utc(value):
    stamp = utc(value)
    assert stamp.shape == () and stamp.dtype == "datetime64[ns]" and stamp == NOON


@pytest.mark.parametrize(
    "values",
    [
        pd.date_range("2026-06-14T12:00Z", periods=3, freq="h"),
        pd.Series(pd.date_range("2026-06-14T12:00Z", periods=3, freq="h")),
        ["2026-06-14T12:00Z", "2026-06-14T13:00Z", datetime(2026, 6, 14, 14, tzinfo=UTC)],
        NOON + np.arange(3) * np.timedelta64(1, "h"),
        xr.DataArray(NOON + np.arange(3) * np.timedelta64(1, "h"), dims="time"),
        pd.Series(["2026-06-14T12:00Z", "2026-06-14T13:00Z", "2026-06-14T14:00Z"]),
    ],
)
def test_many_times_in_any_form_of_utc(values):
    stamps = utc(values)
    assert stamps.dtype == "datetime64[ns]"
    assert list(stamps) == [NOON + np.timedelta64(i, "h") for i in range(3)]


def test_no_time_stays_no_time():
    for empty in ([], pd.DatetimeIndex([], tz="UTC"), np.array([], dtype="datetime64[ns]")):
        assert utc(empty).shape == (0,)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime(2026, 6, 14), "no time zone"),
        (pd.Timestamp("2026-06-14"), "no time zone"),
        (pd.date_range("2026-06-14", periods=2), "no time zone"),
        ("2026-06-14T12:00", "no time zone"),
        (date(2026, 6, 14), "no time zone"),
        (datetime(2026, 6, 14, tzinfo=timezone(timedelta(hours=8))), "not UTC"),
        (pd.date_range("2026-06-14", periods=2, tz="Asia/Shanghai"), "not UTC"),
        (pd.Series(pd.date_range("2026-06-14", periods=2, tz="Asia/Shanghai")), "not UTC"),
        ("2026-06-14T12:00+08:00", "not UTC"),
        (["2026-06-14T12:00Z", "2026-06-14T12:00"], "no time zone"),
        (pd.NaT, "NaT"),
        (None, "NaT"),
        (np.array(["2026-06-14", "NaT"], dtype="datetime64[s]"), "NaT"),
        ("tomorrow noon", "cannot be read"),
        (1.5e9, "bare number"),
        (np.datetime64("3026-06-14"), "3026"),
    ],
)
def test_other_times_are_refused(value, said):
    with pytest.raises(InputError, match=said) as error:
        utc(value)
    assert sentence(error)


@given(st.floats(-360, 360))
def test_longitude_is_wrapped_and_means_the_same(degrees):
    wrapped = float(longitude(degrees))
    assert -180 <= wrapped < 180
    turns = (degrees - wrapped) / 360
    assert abs(turns - round(turns)) < 1e-12


def test_longitudes_in_range_are_untouched():
    values = [-180.0, -0.1, 104.06, 179.99999999999997]
    assert longitude(values).tolist() == values
    assert longitude(180) == longitude(np.nextafter(-180, -181)) == -180


@pytest.mark.parametrize("value", [91, -90.01, [0, 91], float("inf"), [[0.0], [100.0]]])
def test_latitude_out_of_range(value):
    with pytest.raises(InputError, match="not in -90 to 90") as error:
        latitude(value)
    assert sentence(error)


@pytest.mark.parametrize("check", [latitude, longitude])
def test_missing_or_textual_coordinates(check):
    for value, said in [([0, np.nan], "is missing"), ("north", "not a number")]:
        with pytest.raises(InputError, match=said) as error:
            check(value)
        assert sentence(error)
    with pytest.raises(InputError, match="not in -360"):
        longitude(361)


def test_one_of_names_the_nearest():
    assert inputs.one_of("GPS", ["GPS", "Galileo"], "system") == "GPS"
    with pytest.raises(InputError, match="Galileo") as error:
        inputs.one_of("Gallileo", ["GPS", "Galileo"], "system")
    assert sentence(error)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "often", None])
def test_what_is_not_a_number_above_zero_is_refused(value):
    assert positive("2.5", "step_deg") == 2.5
    with pytest.raises(InputError, match=f"step_deg is {value!r}: give a number above") as error:
        positive(value, "step_deg")
    assert sentence(error)
