"""Dates of which only a part is known: the middle and the end of what is known."""

import pandas as pd
import pytest

from helpers import data
from helpers.inputs import InputError
from silkroad import dates


def test_a_date_stands_in_the_middle_of_what_is_known_of_it():
    found = dates.middle(pd.Series(["2016", "2016-11", "2016-01-01", "2016-12-31 10:00", None]))
    assert found[:2].tolist() == [2016.5, pytest.approx(2016 + 10.5 / 12, abs=0.01)]
    assert 2016 <= found[2] < 2016.01 and 2016.99 < found[3] < 2017.01
    assert pd.isna(found[4])


def test_an_end_is_that_of_the_year_of_the_month_of_the_day():
    found = dates.end(pd.Series(["2020", "2020-04", "2020-12", "2020-12-31", None]))
    assert found[:4].tolist() == pytest.approx([2021, 2020 + 4 / 12, 2021, 2021])
    assert pd.isna(found[4])


def test_full_dates_lie_within_two_days_and_a_half_of_the_calendar():
    days = data.load("timeline").query("date.str.len() == 10")["date"]
    calendar = pd.to_datetime(days)
    share = (calendar.dt.day_of_year - 0.5) / (365 + calendar.dt.is_leap_year)
    apart = (dates.middle(days) - calendar.dt.year - share).abs()
    assert (365 * apart).max() < 2.5
    assert (dates.end(days) >= dates.middle(days)).all()


def test_the_index_is_kept_and_bad_dates_are_refused_in_a_sentence():
    assert dates.middle(pd.Series(["2016"], index=[7])).index.tolist() == [7]
    for bad in ("soon", "16-11-30"):
        with pytest.raises(InputError, match=f"'{bad}' is no date: write YYYY"):
            dates.middle(pd.Series(["2016", bad]))
