"""Dates of which only the year or the month may be known, as numbers on an axis of years.

A date is text as our tables have it: "2016", "2016-11", "2016-11-30". A time after the day is
ignored. Missing dates stay missing. Whatever else, such as "06/07/2026" or "2016-13", is refused.
"""

import pandas as pd

from helpers.inputs import InputError
from silkroad.values import shown

# The year alone, also as a table with gaps has it (2016.0), or with month, or with month and day.
_DATE = r"^(\d{4})(?:\.0|-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:[T ]\d{2}(?!\d)[^/]*)?)?)?$"


def middle(dates):
    """Return where dates stand on an axis of years: a Series of floats, in the order given.

    A date without a day or a month stands at the middle of what is known of it: "2016" at 2016.5.
    InputError: what is no such date, also a day that its month has not.
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
    try:
        dates = pd.Series(dates, dtype=object)
    except (TypeError, ValueError):
        raise InputError(f"{shown(dates)} are no dates: give a list of texts.") from None
    text = dates.astype("string").str.strip()
    parts = text.str.extract(_DATE).astype(float)
    day = pd.to_datetime(text.where(parts[2].notna()).str[:10], errors="coerce")
    bad = dates.notna() & (parts[0].isna() | (parts[2].notna() & day.isna()))
    if bad.any():
        raise InputError(
            f"{shown(str(dates[bad].iloc[0]))} is no date: write YYYY, YYYY-MM or YYYY-MM-DD."
        )
    return parts[0], parts[1], parts[2]
