"""Rates, rounding, growth and deflation, against exact decimals and SciPy."""

from decimal import Decimal
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers import data, money
from helpers.inputs import InputError

MARKET = data.load("gnss_market")
RATES = money.exchange_rates(MARKET)
OUTPUT = MARKET[MARKET["metric"] == "china_satnav_lbs_output"].set_index("year")["value"]


def test_every_rate_of_the_table_has_its_words():
    assert len(RATES) == MARKET["metric"].str.startswith("cny_per_usd").sum()
    assert RATES["2016"] == 6.64 and RATES["May 2018"] == 6.3701
    assert RATES.index.is_unique


@pytest.mark.parametrize("when", [1999, "1999", "2030", "March 2018", "", None])
def test_an_unknown_rate_is_one_sentence(when):
    with pytest.raises(InputError, match="exchange rate") as caught:
        money.rate_of(RATES, when)
    assert str(caught.value).count(". ") == 0
    if str(when).isdigit():
        assert "2010 to 2025" in str(caught.value)


@pytest.mark.parametrize("text", ["62", "33.24", "211.8", "0.5", "403.3", "100"])
def test_a_printed_figure_agrees_with_decimals(text):
    half = Decimal(1).scaleb(Decimal(text).as_tuple().exponent) / 2
    low, middle, high = money.printed(float(text))
    assert low == pytest.approx(float(Decimal(text) - half), abs=1e-12)
    assert high == pytest.approx(float(Decimal(text) + half), abs=1e-12)
    assert middle == float(text)


def test_the_implied_rate_holds_every_pair_that_rounds_to_the_figures():
    low, middle, high = money.implied_rate(211.8, 33.24)
    yuan = np.linspace(211.75, 211.85, 21)
    dollars = np.linspace(33.235, 33.245, 21)
    every = [y / d for y, d in product(yuan, dollars)]
    assert low == pytest.approx(min(every)) and high == pytest.approx(max(every))
    assert middle == pytest.approx(211.8 / 33.24)
    assert list(money.fitting(RATES, low, high).index) == ["May 2018"]


def test_growth_leads_from_the_first_to_the_last():
    low, middle, high = money.growth(1.9, 4.3, 10)
    assert 1.9 * (1 + middle) ** 10 == pytest.approx(4.3)
    assert low < middle < high
    assert 1.95 * (1 + low) ** 10 == pytest.approx(4.25)
    assert 1.85 * (1 + high) ** 10 == pytest.approx(4.35)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.99])
@pytest.mark.parametrize("freedom", [1, 2, 5, 12, 40])
def test_student_t_agrees_with_scipy(level, freedom):
    assert money.student_t(level, freedom) == pytest.approx(
        stats.t.ppf((1 + level) / 2, freedom), rel=1e-6
    )


@pytest.mark.parametrize("years", [(2011, 2024), (2011, 2016), (2021, 2024)])
def test_the_trend_agrees_with_scipy_linregress(years):
    part = OUTPUT.loc[years[0] : years[1]]
    fit = stats.linregress(part.index.to_numpy(float), np.log(part))
    half = stats.t.ppf(0.975, len(part) - 2) * fit.stderr
    expected = [np.exp(fit.slope + x) - 1 for x in (-half, 0, half)]
    assert money.trend(part) == pytest.approx(expected, rel=1e-4)


def test_real_takes_inflation_away():
    nominal = pd.Series({2011: 100.0, 2012: 103.0, 2014: 100 * 1.03**3})
    assert money.real(nominal, 0.03).to_numpy() == pytest.approx(100)
    assert money.real(nominal, 0).equals(nominal)
    assert money.real(nominal, 0.03, 2014)[2014] == pytest.approx(nominal[2014])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: money.implied_rate(0, 1), "yuan"),
        (lambda: money.implied_rate(1, -1), "dollars"),
        (lambda: money.printed(float("nan")), "missing"),
        (lambda: money.growth(1, 2, 0), "years"),
        (lambda: money.growth(0.5, 2, 3), None),
        (lambda: money.trend({2011: 1, 2012: 2}), "three or more"),
        (lambda: money.trend({2011: 1, 2012: 2, 2013: 0}), "above zero"),
        (lambda: money.trend({2011: 1, 2012: 2, 2013: 3}, 95), "0.95"),
        (lambda: money.real({2011: 1}, 3), "0.03"),
    ],
)
def test_bad_input_is_one_sentence(call, words):
    if words is None:
        assert call()[0] < call()[1] < call()[2]
        return
    with pytest.raises(InputError, match=words):
        call()
