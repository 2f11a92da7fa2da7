"""Dates of which only the year or the month may be known, as numbers on an axis of years.

A date is text as our tables have it: "2016", "2016-11", "2016-11-30". What follows the day, such as
a time, is ignored. Missing dates stay missing.
"""

import pandas as pd

from helpers.inputs import InputError


def middle(dates):
    """Return where dates stand on an axis of years: a Series of floats, in the order given.

    A date without a day or a month stands at the middle of what is known of it: "2016" at 2016.5.
    InputError: a text that does not begin with a year.
    """
    year, month, day = _parts(dates)
    within = (month - 1 + (day - 0.5).fillna(15) / 30.5) / 12  # of the year; a month has 30.5 days
    return year + within.fillna(0.5)


def end(dates):
    """Return the end of the year, the month or the day that is known, as `middle` does.

    "2016" ends at 2017.0, "2016-04" at 2016 + 4 / 12. InputError as of `middle`.
    """
    year, month, day = _parts(dates)
    within = (month - 1 + (day / 30.5).fillna(1).clip(upper=1)) / 12
    return year + within.fillna(1.0)


def _parts(dates):
    """Return year, month and day as three Series of floats, NaN where not known."""
    dates = pd.Series(dates, dtype=object)
    parts = dates.astype("string").str.extract(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?").astype(float)
    bad = dates.notna() & parts[0].isna()
    if bad.any():
        raise InputError(f"'{dates[bad].iloc[0]}' is no date: write YYYY, YYYY-MM or YYYY-MM-DD.")
    return parts[0], parts[1], parts[2]
