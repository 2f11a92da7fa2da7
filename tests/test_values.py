"""Names, times and coordinates: what is taken, and that the rest is refused in one sentence."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from helpers import inputs
from helpers.inputs import InputError
from silkroad import values
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


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e31, -1.0, 5.0])
def test_one_bad_number_among_many_is_refused(bad):
    many = np.ones(5000)
    assert values.numbers(many, "size", 0, below=5) is many
    many[2500] = bad
    with pytest.raises(InputError, match=re.escape(f"size is {bad:g}: give 0 to below 5.")):
        values.numbers(many, "size", 0, below=5)


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=9))
def test_numbers_are_taken_in_any_form(given_):
    for form in (given_, tuple(given_), np.array(given_), pd.Series(given_), pd.Index(given_)):
        assert values.numbers(form, "x").tolist() == given_
    assert values.numbers([repr(number) for number in given_], "x").tolist() == given_
    assert values.number(given_[:1], "x") == values.number(given_[0], "x") == given_[0]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: values.numbers([1, 5], "x", 0, 4), "x is 5: give 0 to 4"),
        (lambda: values.numbers(90, "x", 0, below=90), "x is 90: give 0 to below 90"),
        (lambda: values.numbers(-1, "x", 0), "x is -1: give 0 or more"),
        (lambda: values.numbers([1, None], "x"), "x is nan"),
        (lambda: values.numbers(pd.Series([1, pd.NA], dtype="Int64"), "x"), "x is nan"),
        (lambda: values.numbers(1e31, "x"), "give a number up to 1e\\+30"),
        (lambda: values.numbers(10**400, "x"), "x is 1000"),
        (lambda: values.numbers([[1], [1, 2]], "x"), "x is "),
        (lambda: values.numbers(np.datetime64("2026-06-14"), "x"), "x is np.datetime64"),
        (lambda: values.number([1, 2], "x"), "a list of 2: give a single"),
        (lambda: values.whole(2.5, "x"), "x is 2.5: give a whole number"),
        (lambda: values.flags([0, 2], "x"), "give True and False"),
        (lambda: values.flags([True, None], "x"), "give True and False"),
        (lambda: values.paired(lat=[1, 2], lon=[1, 2, 3]), "lat and lon do not pair"),
        (lambda: values.instant([NOON, NOON]), "2 times: give a single"),
        (lambda: values.utc("06/07/2026 12:00Z"), "no year, month, day at first"),
        (lambda: values.utc("14.6.2026 12:00Z"), "no year, month, day at first"),
        (lambda: values.utc(["2026-06-14T00:00Z", "1800-01-01T00:00Z"]), "The year 1800 is"),
        (lambda: values.even_steps(np.array([0, 1, 3])), "uneven, 1 to 2"),
        (lambda: values.even_steps(np.array([0, 2, 1])), "do not rise"),
        (lambda: values.even_steps(np.array([0, 1, 1])), "one comes twice"),
        (lambda: values.fixed_km([0, 0, 0]), "unknown"),
        (lambda: values.fixed_km([np.nan, 0, 0]), "missing"),
        (lambda: values.fixed_km([4.2e7, 0, 0]), "divide it by 1000"),
        (lambda: values.fixed_km([42.164, 0, 0]), "lies inside it"),
        (lambda: values.fixed_km([7000.0, 0]), "three numbers"),
        (lambda: values.distinct(["a", "b", "a"], "place", "keep one"), "The place a comes twice"),
        (lambda: values.distinct(["a", None], "place", "keep one"), "A place is missing"),
        (lambda: values.table_with(None, ["a"], "rows"), "The rows have no column a"),
        (lambda: values.table_with(pd.DataFrame({"a": []}), ["a"], "rows"), "The rows are empty"),
        (
            lambda: values.table_with(pd.DataFrame({"a": ["x"]}), [], "rows", numeric=["a"]),
            "A a of the rows is",
        ),
    ],
)
def test_each_kind_of_mistake_has_its_sentence(call, said):
    with pytest.raises(InputError, match=said) as error:
        call()
    assert sentence(error)


@pytest.mark.parametrize(
    "text", ["2026-06-14T12:00Z", "2026/06/14 12:00Z", "20260614T1200Z", "2026-6-14 12:00Z"]
)
def test_a_time_with_its_year_first_is_read(text):
    assert values.utc(text) == values.instant([text]) == NOON


@given(st.permutations(["satellite", "time", "axis"]), st.permutations(["x", "y", "z"]))
def test_dimensions_and_axes_come_in_their_order(dims, axes):
    xyz = xr.DataArray(
        np.arange(2 * 3 * 3).reshape(2, 3, 3) + 7000.0,
        {"satellite": ["a", "b"], "time": [1, 2, 3], "axis": ["x", "y", "z"]},
        ("satellite", "time", "axis"),
    )
    other = xyz.transpose(*dims).sel(axis=axes)
    assert values.xyz_last(values.with_dims(other, xyz.dims, "positions")).equals(xyz)
    alone = values.with_dims(other.isel(time=0), xyz.dims, "positions")
    assert values.xyz_last(alone).equals(xyz.isel(time=[0]))
    with pytest.raises(InputError, match="a dimension time too many"):
        values.with_dims(other, ("satellite", "axis"), "positions")


def test_a_column_of_numbers_read_as_text_becomes_numbers():
    table = pd.DataFrame({"a": ["1.5", None], "b": ["x", "y"]})
    found = values.table_with(table, ["b"], "rows", numeric=["a"])
    assert found["a"].dtype == float and found["a"][0] == 1.5 and found["b"].equals(table["b"])
    assert table["a"][0] == "1.5"


@pytest.mark.parametrize("shape", [(50, 3, 13_500), (1, 1, 300_000), (0, 3, 5), (4, 3, 0)])
def test_a_product_is_taken_in_small_pieces(shape, monkeypatch):
    random, (rows, inner, columns) = np.random.default_rng(8), shape
    left, right = random.normal(size=(rows, inner)), random.normal(size=(columns, inner)).T
    whole, multiply, sizes = left @ right, np.matmul, []

    def counted(a, b, **given):
        sizes.append(a.size * b.shape[1])
        return multiply(a, b, **given)

    monkeypatch.setattr(np, "matmul", counted)
    assert np.allclose(values.product(left, right), whole, rtol=1e-14, atol=0)
    assert max(sizes, default=0) <= values.SMALL_PRODUCT
    assert sum(sizes) == rows * inner * columns
