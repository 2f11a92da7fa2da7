"""Money across borders and years: exchange rates, rounding, growth, and what inflation takes.

A printed figure stands for every value that rounds to it: 31 for 30.5 to 31.5. What is computed
from printed figures is therefore an interval, and intervals are carried through as (low, middle,
high). Exchange rates are yuan per US dollar. Growth rates and inflation are shares: 0.07 is 7 %.
"""

import math

import numpy as np
import pandas as pd

from helpers.inputs import InputError, one_of, positive

MONTHS = {"may": "May", "november": "November"}


def exchange_rates(market):
    """Return yuan per dollar as a Series by the words for its time: "2016", "May 2018".

    `market` is the table `gnss_market`. Annual averages come first, then single months.
    """
    rates = market[market["metric"].str.startswith("cny_per_usd")]
    part = rates["metric"].str.removeprefix("cny_per_usd_").str.removesuffix("_average")
    names = [
        str(year) if when == "annual" else f"{MONTHS[when]} {year}"
        for when, year in zip(part, rates["year"], strict=True)
    ]
    return pd.Series(rates["value"].to_numpy(float), index=names, name="yuan per dollar")


def rate_of(rates, when):
    """Return the rate of a year or month in `exchange_rates`.

    InputError: a time that is not listed; the sentence names the nearest and the years there are.
    """
    name = str(when)
    years = [int(known) for known in rates.index if known.isdigit()]
    if name not in rates.index and name.isdigit():
        raise InputError(
            f"There is no exchange rate of {name}: the table has the years {min(years)} to "
            f"{max(years)}; choose one of them, or add a row with its source."
        )
    return float(rates[one_of(name, list(rates.index), "exchange rate")])


def printed(value, decimals=None):
    """Return (low, middle, high): all values that are printed as `value`.

    Half a unit of the last digit to either side. `decimals` is the number of digits after the
    point; without it they are counted in the number, where 62 has none and 33.24 two.
    """
    value = float(value)
    if not math.isfinite(value):
        raise InputError("A printed figure is missing: give a number.")
    if decimals is None:
        text = f"{value:.10g}"
        decimals = len(text.partition(".")[2])
    half = 0.5 * 10.0**-decimals
    return value - half, value, value + half


def implied_rate(yuan, dollars):
    """Return (low, middle, high) of the rate that turns one printed figure into the other."""
    y, d = printed(positive(yuan, "yuan")), printed(positive(dollars, "dollars"))
    return y[0] / d[2], y[1] / d[1], y[2] / d[0]


def fitting(rates, low, high):
    """Return the rates from `low` to `high`, both ends included."""
    return rates[(rates >= low) & (rates <= high)]


def growth(first, last, years):
    """Return (low, middle, high) of the yearly growth from one printed figure to another.

    The compound annual growth rate: (last / first) ** (1 / years) - 1.
    """
    years = positive(years, "years")
    a, b = printed(positive(first, "first")), printed(positive(last, "last"))
    if a[0] <= 0:
        raise InputError(f"The figure {first} may be rounded from zero: give it more exactly.")
    return tuple((y / x) ** (1 / years) - 1 for x, y in zip(a[::-1], b, strict=True))


def trend(series, level=0.95):
    """Return (low, middle, high) of the yearly growth of a whole series {year: value}.

    A straight line through the logarithms by least squares; the interval is that of its slope by
    Student's t, as if the years scattered independently about the line. InputError: fewer than
    three years, or a value not above zero.
    """
    series = pd.Series(series, dtype=float).dropna()
    if len(series) < 3:
        raise InputError(f"A trend of {len(series)} years has no uncertainty: give three or more.")
    if (series <= 0).any():
        raise InputError(f"The value {series.min():g} is not above zero: it has no growth rate.")
    if not 0 < level < 1:
        raise InputError(f"The level {level!r} is not between 0 and 1: give 0.95 for 95 %.")
    years, logs = series.index.to_numpy(float), np.log(series.to_numpy())
    away = years - years.mean()
    slope = float(away @ logs / (away @ away))
    rest = logs - logs.mean() - slope * away
    spread = math.sqrt(rest @ rest / (len(series) - 2) / (away @ away))
    half = student_t(level, len(series) - 2) * spread
    return tuple(math.exp(slope + part) - 1 for part in (-half, 0.0, half))


def student_t(level, freedom):
    """Return the t that holds `level` of Student's distribution between -t and t.

    With t = sqrt(freedom) tan(angle) the density becomes cos(angle) ** (freedom - 1), which is
    summed numerically over the angles; right to six digits.
    """
    angle = np.linspace(0, np.pi / 2, 100_001)
    density = np.cos(angle) ** (freedom - 1)
    inside = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return math.sqrt(freedom) * math.tan(np.interp(level, inside / inside[-1], angle))


def real(series, inflation, base_year=None):
    """Return a series {year: value} in the prices of `base_year` (default: its first).

    `inflation` is one constant yearly share, 0.03 for 3 %: an assumption of whoever calls.
    """
    series = pd.Series(series, dtype=float)
    inflation = float(inflation)
    if not -0.5 < inflation < 1:
        raise InputError(
            f"An inflation of {inflation:g} a year is none we know: give 0.03 for 3 %."
        )
    base_year = series.index[0] if base_year is None else base_year
    return series / (1 + inflation) ** (series.index.to_numpy(float) - base_year)
