"""Money across borders and years: exchange rates, rounding, growth, forecasts, inflation.

A printed figure stands for every value that rounds to it: 31 for 30.5 to 31.5. What is computed
from printed figures is therefore an interval, and intervals are carried through as (low, middle,
high). Exchange rates are yuan per US dollar. Growth rates and inflation are shares: 0.07 is 7 %.

Formulas: Draper and Smith, *Applied Regression Analysis* (1998), chapter 1; interval arithmetic
after Moore, *Interval Analysis* (1966).
"""

import math
import re
from decimal import Decimal

import numpy as np
import pandas as pd

from helpers.inputs import InputError, one_of
from silkroad.stats import student_t
from silkroad.values import (
    distinct,
    flags,
    number,
    numbers,
    positive,
    shown,
    table_with,
    whole,
)

MONTHS = ["", *(pd.Timestamp(2000, month, 1).month_name() for month in range(1, 13))]
BAND = ("low", "trend", "high")
SAME = ("what is counted", "scope", "year", "currency")  # what two figures must share
_DATED = ["year", "published", "value"]
_YEAR_FIRST = re.compile(r"\d{4}-\d{1,2}(-\d{1,2})?([T ].*)?")


def figures(market, metric, scope=None):
    """Return the rows of one metric of `gnss_market` by year; of several statements the latest.

    `scope` chooses where there is more than one, as "World". Columns as in the table. InputError:
    a metric or scope that is not there, or several scopes and none chosen.
    """
    market = table_with(market, ["metric", "scope"], "figures", numeric=["year", "published"])
    metric = one_of(metric, list(market["metric"].unique()), "metric")
    rows = market[market["metric"] == metric]
    scopes = list(rows["scope"].unique())
    if scope is None and len(scopes) > 1:
        raise InputError(f"{metric} is counted for {' and '.join(scopes)}: choose a scope.")
    rows = rows if scope is None else rows[rows["scope"] == one_of(scope, scopes, "scope")]
    latest = rows.sort_values("published", na_position="first").drop_duplicates("year", keep="last")
    return latest.sort_values("year").set_index("year")


def exchange_rates(market):
    """Return yuan per dollar as a Series by the words for its time, "2016" or "May 2018".

    `market` is the table `gnss_market`. In the order of time; an annual average stands in the
    middle of its year. InputError: a time comes twice, or is no month.
    """
    table_with(market, ["metric"], "figures", numeric=["year", "value"])
    rows = market[market["metric"].str.startswith("cny_per_usd", na=False)]
    part = rows["metric"].str.removeprefix("cny_per_usd_").str.removesuffix("_average")
    for name in part:
        one_of(name, ["annual", *(month.lower() for month in MONTHS[1:])], "time of a rate")
    month = [0 if name == "annual" else MONTHS.index(name.capitalize()) for name in part]
    when = pd.DataFrame({"year": rows["year"].to_numpy(), "month": month})
    names = [f"{MONTHS[m]} {y}".strip() for y, m in when.itertuples(index=False)]
    distinct(names, "exchange rate of", "keep one row of each time")
    order = np.argsort(when["year"] + when["month"].where(when["month"] > 0, 6.5) / 13)
    return pd.Series(rows["value"].to_numpy(float), names, name="yuan per dollar").iloc[order]


def exchange_rate(rates, when):
    """Return the rate of a year (2016), a month ("May 2018", "2018-05") or a day of that month.

    A day or month is never served with the average of its year, nor a date that has its month
    nowhere for sure, as 06/07/2018. InputError: a time that is not listed; the sentence names the
    years and months there are.
    """
    rates, name = _rates(rates), str(when)
    named = any(month[:3].lower() in name.lower() for month in MONTHS[1:])
    try:
        stamp = pd.Timestamp(name) if named or _YEAR_FIRST.fullmatch(name) else None
    except ValueError:
        stamp = None
    if name not in rates.index and stamp is not None and not pd.isna(stamp):
        name = f"{MONTHS[stamp.month]} {stamp.year}"
    if name in rates.index:
        return float(rates[name])
    years = [int(known) for known in rates.index if known.isdigit()]
    months = ", ".join(known for known in rates.index if not known.isdigit())
    known = [f"the years {min(years)} to {max(years)}"] if years else []
    known += [f"the months {months}"] if months else []
    raise InputError(
        f"There is no exchange rate of {shown(when)}: the table has {' and '.join(known)}; "
        "choose one of them, or add a row with its source."
    )


def to_dollars(yuan, rate):
    """Return yuan in dollars, or billions in billions; `rate` is yuan per dollar."""
    rate, amount = positive(rate, "rate"), numbers(yuan, "yuan")
    return yuan / rate if isinstance(yuan, pd.Series) else amount / rate


def printed(value, decimals=None):
    """Return (low, middle, high): all values that are printed as `value`.

    Half a unit of the last digit to either side. `decimals` is the number of digits after the
    point, -2 for full hundreds; without it they are counted in the number, where 62 has none and
    33.24 two. InputError: not a finite number.
    """
    if pd.api.types.is_scalar(value) and pd.isna(value):
        raise InputError("A printed figure is missing: give a number.")
    value = number(value, "A printed figure")
    if decimals is None:
        decimals = max(0, -Decimal(repr(value)).normalize().as_tuple().exponent)
    else:
        decimals = whole(decimals, "decimals", -15, 15)
    half = 0.5 * 10.0**-decimals
    return value - half, value, value + half


def rate_used(yuan, dollars):
    """Return (low, middle, high) of the rate that turns one printed figure into the other."""
    y, d = printed(positive(yuan, "yuan")), printed(positive(dollars, "dollars"))
    return y[0] / d[2], y[1] / d[1], y[2] / d[0]


def fitting_dates(rates, low, high):
    """Return the listed times, as a list, whose rates lie from `low` to `high`, ends included."""
    rates, low, high = _rates(rates), positive(low, "low"), positive(high, "high")
    if low > high:
        raise InputError(f"The rates from {low:g} to {high:g} are none: swap them.")
    return list(rates.index[(rates >= low) & (rates <= high)])


def growth(first, last, years):
    """Return (low, middle, high) of the yearly growth from one printed figure to another.

    The compound annual growth rate, (last / first) ** (1 / years) - 1. The interval is that of
    rounding alone. InputError: a figure or `years` not above zero, or so few that a year's growth
    is no number.
    """
    years = positive(years, "years")
    a, b = printed(positive(first, "first")), printed(positive(last, "last"))
    try:
        return tuple((y / x) ** (1 / years) - 1 for x, y in zip(a[::-1], b, strict=True))
    except OverflowError:
        raise InputError(f"years is {years:g}: too few for a growth, so give more.") from None


def trend(series, level=0.95):
    """Return (low, middle, high) of the yearly growth of a whole series {year: value}.

    A straight line through the logarithms by least squares; the interval is that of its slope by
    Student's t, as if the years scattered independently about the line. They do not quite: good
    years follow good ones, so the true interval is wider. InputError: fewer than three years, one
    year twice, or a value not above zero. Missing values are left out.
    """
    series = _by_year(series).dropna()
    if len(series) < 3:
        raise InputError(f"A trend of {len(series)} years has no uncertainty: give three or more.")
    if (series <= 0).any():
        raise InputError(f"The value {series.min():g} is not above zero: it has no growth rate.")
    years, logs = series.index.to_numpy(float), np.log(series.to_numpy())
    away = years - years.mean()
    slope = float(away @ logs / (away @ away))
    rest = logs - logs.mean() - slope * away
    spread = math.sqrt(rest @ rest / (len(series) - 2) / (away @ away))
    half = student_t(level, len(series) - 2) * spread
    try:
        return tuple(math.exp(slope + part) - 1 for part in (-half, 0.0, half))
    except OverflowError:
        raise InputError(
            f"{len(series)} years so uneven have no trend at the level {level:g}: give more years "
            "or a lower level."
        ) from None


def trend_band(series, level=0.95, steps=40):
    """Return the curves of `trend` over the years of a series: year, low, trend, high.

    A DataFrame of `steps` moments. All three curves meet in the middle of the years, at the mean
    of the logarithms, where the line by least squares passes. InputError as for `trend`.
    """
    series = _by_year(series).dropna()
    rates = trend(series, level)
    year = np.linspace(series.index.min(), series.index.max(), whole(steps, "steps", 2, 1e5))
    away, middle = year - series.index.to_numpy(float).mean(), np.exp(np.log(series).mean())
    curves = {name: middle * (1 + r) ** away for name, r in zip(BAND, rates, strict=True)}
    return pd.DataFrame({"year": year, **curves})


def real(series, inflation, base_year=None):
    """Return a series {year: value} in the prices of `base_year` (default: its earliest).

    `inflation` is one constant yearly share, 0.03 for 3 %: an assumption of whoever calls, as no
    table of the course holds a price index.
    """
    series, inflation = _by_year(series), number(inflation, "inflation")
    if not -0.5 < inflation < 1:
        raise InputError(
            f"An inflation of {inflation:g} a year is none we know: give 0.03 for 3 %."
        )
    if not len(series):
        raise InputError("The series is empty: give a value for one year or more.")
    base_year = series.index.min() if base_year is None else base_year
    base_year = number(base_year, "base_year", series.index.min() - 200, series.index.max() + 200)
    return series / (1 + inflation) ** (series.index.to_numpy(float) - base_year)


def known_in(rows, year):
    """Return the rows of `gnss_market` that were published by the end of `year`.

    Rows whose year of publication is not known are left out: nobody can say when they were known.
    """
    rows = table_with(rows, (), "figures", numeric=["published"], empty=True)
    year = number(year, "year")
    return rows[rows["published"].notna() & (rows["published"].fillna(9999) <= year)]


def from_known_to_forecast(rows):
    """Return for each forecast two rows to join: the latest figure known when made, and itself.

    rows: of `gnss_market`, of one series, forecasts and figures. Columns: said (the words of the
    forecast's column `said`), year, value. One row where nothing was known before.
    """
    rows = table_with(rows, ["forecast", "said"], "figures", numeric=_DATED, empty=True)
    numbers(rows["year"], "A year of the figures")
    ahead = flags(rows["forecast"], "forecast")
    came, out = rows[~ahead].sort_values(["year", "published"]), []
    for row in rows[ahead].itertuples():
        known = came.iloc[:0] if pd.isna(row.published) else known_in(came, row.published)
        before = known.tail(1)[["year", "value"]].to_numpy()
        out += [(row.said, *point) for point in (*before, (row.year, row.value))]
    return pd.DataFrame(out, columns=["said", "year", "value"]).astype({"year": int})


def forecasts_against(ahead, came, year):
    """Return forecasts as made, with what came, as one knew it at the end of `year`.

    ahead, came: rows of `gnss_market` of one scope and unit. Columns: published, due (the year
    forecast), forecast, came and state: "came", "not due yet" or "due, no figure". Where several
    figures of one year were published the latest counts; `came` is missing where none was.
    """
    ahead = table_with(ahead, (), "forecasts", numeric=_DATED, empty=True)
    came = table_with(came, (), "figures", numeric=_DATED, empty=True)
    numbers(ahead["year"], "A year of the forecasts")
    ahead = known_in(ahead, year).sort_values(["published", "year"])
    latest = known_in(came, year).sort_values("published").drop_duplicates("year", keep="last")
    values = latest.set_index("year")["value"].astype(float)
    table = pd.DataFrame(
        {
            "published": ahead["published"].astype(int).to_numpy(),
            "due": ahead["year"].astype(int).to_numpy(),
            "forecast": ahead["value"].astype(float).to_numpy(),
            "came": values.reindex(ahead["year"]).to_numpy(),
        }
    )
    open_ = np.where(table["due"] > year, "not due yet", "due, no figure")
    return table.assign(state=np.where(table["came"].notna(), "came", open_))


def differences(one, other):
    """Return in which of SAME two figures differ; only the empty list allows to subtract them.

    one, other: mappings with those keys. Figures that differ in the year alone give growth.
    """
    for figure in (one, other):
        missing = [key for key in SAME if not hasattr(figure, "keys") or key not in figure]
        if missing:
            raise InputError(f"A figure does not say its {missing[0]}: give {', '.join(SAME)}.")
    return [key for key in SAME if one[key] != other[key]]


def _rates(rates):
    """Return rates as a Series of floats by the words for their times, each once."""
    if not isinstance(rates, pd.Series) or rates.empty:
        raise InputError(f"{shown(rates)} are no rates: give exchange_rates(market).")
    distinct(rates.index, "exchange rate of", "keep one of each time")
    return pd.Series(numbers(rates, "A rate", above=0), rates.index.astype(str))


def _by_year(series):
    """Return {year: value} as a Series of floats by year, missing where they were."""
    try:
        series = pd.Series(series)
    except (TypeError, ValueError):
        raise InputError(f"{shown(series)} is no series: give {{year: value}}.") from None
    distinct(series.index, "year", "keep one value of each")
    values, years = numbers(series, "A value", missing=True), numbers(series.index, "A year")
    if (years % 1 == 0).all():
        years = years.astype(int)
    return pd.Series(values, pd.Index(years, name=series.index.name), name=series.name)
