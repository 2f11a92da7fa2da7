"""Rates, rounding, growth and deflation, against exact decimals and SciPy."""

from decimal import Decimal
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers import data
from helpers.inputs import InputError
from silkroad import money

MARKET = data.load("gnss_market")
RATES = money.exchange_rates(MARKET)
OUTPUT = MARKET[MARKET["metric"] == "china_satnav_lbs_output"].set_index("year")["value"]


def test_every_rate_of_the_table_has_its_words():
    assert len(RATES) == MARKET["metric"].str.startswith("cny_per_usd").sum()
    assert RATES["2016"] == 6.64 and RATES["May 2018"] == 6.3701
    assert RATES.index.is_unique


def test_rates_stand_in_the_order_of_time():
    assert list(RATES["2016":"2018"].index) == ["2016", "November 2016", "2017", "May 2018", "2018"]
    mixed = money.exchange_rates(MARKET.sample(frac=1, random_state=1))
    assert mixed.equals(RATES)


@pytest.mark.parametrize("when", [2016, "2016", np.int64(2016)])
def test_a_year_may_be_a_number_or_text(when):
    assert money.exchange_rate(RATES, when) == 6.64


@pytest.mark.parametrize("when", ["May 2018", "2018-05", "2018-05-31", pd.Timestamp("2018-05-01")])
def test_a_month_may_be_written_in_several_ways(when):
    assert money.exchange_rate(RATES, when) == 6.3701


@pytest.mark.parametrize(
    "when",
    [1999, "1999", "2030", "March 2018", "2016-03-10", "", None, "x", 2016.5, True, pd.NaT, "NaT"],
)
def test_an_unknown_rate_date_is_one_sentence_with_the_range_there_is(when):
    with pytest.raises(InputError, match=r"^There is no exchange rate of ") as caught:
        money.exchange_rate(RATES, when)
    text = str(caught.value)
    assert "2010 to 2025" in text and "May 2018" in text and text.count(". ") == 0


@pytest.mark.parametrize("text", ["62", "33.24", "211.8", "0.5", "403.3", "100", "0.0000007"])
def test_a_printed_figure_agrees_with_decimals(text):
    half = Decimal(1).scaleb(Decimal(text).as_tuple().exponent) / 2
    low, middle, high = money.printed(float(text))
    assert low == pytest.approx(float(Decimal(text) - half), abs=1e-12)
    assert high == pytest.approx(float(Decimal(text) + half), abs=1e-12)
    assert middle == float(text)


def test_a_target_in_full_hundreds_stands_for_more():
    assert money.printed(400, decimals=-2) == (350, 400, 450)


@pytest.mark.parametrize("yuan", ["211.8", "403.3", "345"])
@pytest.mark.parametrize("rate", ["6.64", "6.3701", "7.1957"])
def test_dollars_agree_with_decimals(yuan, rate):
    exact = Decimal(yuan) / Decimal(rate)
    assert money.to_dollars(float(yuan), float(rate)) == pytest.approx(float(exact), rel=1e-14)


def test_the_rate_used_holds_every_pair_that_rounds_to_the_figures():
    low, middle, high = money.rate_used(211.8, 33.24)
    yuan = np.linspace(211.75, 211.85, 21)
    dollars = np.linspace(33.235, 33.245, 21)
    every = [y / d for y, d in product(yuan, dollars)]
    assert low == pytest.approx(min(every)) and high == pytest.approx(max(every))
    assert middle == pytest.approx(float(Decimal("211.8") / Decimal("33.24")))
    assert money.fitting_dates(RATES, low, high) == ["May 2018"]


@pytest.mark.parametrize("when", RATES.index)
@pytest.mark.parametrize("yuan", [70, 211.8, 575.8])
def test_the_rate_of_every_listed_time_is_found_again_from_printed_dollars(when, yuan):
    dollars = round(money.to_dollars(yuan, RATES[when]), 2)
    low, _, high = money.rate_used(yuan, dollars)
    assert when in money.fitting_dates(RATES, low, high)


def test_rough_dollars_fit_several_times_and_odd_ones_none():
    assert len(money.fitting_dates(RATES, *money.rate_used(211.8, 33)[::2])) > 1
    assert money.fitting_dates(RATES, *money.rate_used(211.8, 20.0)[::2]) == []


def test_growth_leads_from_the_first_to_the_last():
    low, middle, high = money.growth(1.9, 4.3, 10)
    assert 1.9 * (1 + middle) ** 10 == pytest.approx(4.3)
    assert low < middle < high
    assert 1.95 * (1 + low) ** 10 == pytest.approx(4.25)
    assert 1.85 * (1 + high) ** 10 == pytest.approx(4.35)


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
        (lambda: money.rate_used(0, 1), "yuan"),
        (lambda: money.rate_used(1, -1), "dollars"),
        (lambda: money.to_dollars(1, 0), "rate"),
        (lambda: money.to_dollars(1, float("nan")), "rate"),
        (lambda: money.printed(float("nan")), "missing"),
        (lambda: money.growth(1, 2, 0), "years"),
        (lambda: money.growth(0, 2, 3), "first"),
        (lambda: money.trend({2011: 1, 2012: 2}), "three or more"),
        (lambda: money.trend({2011: 1, 2012: 2, 2013: 0}), "above zero"),
        (lambda: money.trend({2011: 1, 2012: 2, 2013: 3}, 95), "0.95"),
        (lambda: money.real({2011: 1}, 3), "0.03"),
    ],
)
def test_bad_input_is_one_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()


# Forecasts, and what may be subtracted


def rows(*triples):
    table = pd.DataFrame(triples, columns=["year", "value", "published"])
    return table.astype({"published": "Int64"})


AHEAD = rows((2020, 400.0, 2013), (2025, 1000.0, 2021), (2020, 62.0, None))
CAME = rows((2019, 345.0, 2020), (2020, 400.1, 2021), (2020, 403.3, 2022), (2025, 1.0, None))


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2012, []),
        (2013, [(2020, "not due yet", None)]),
        (2020, [(2020, "due, no figure", None)]),
        (2021, [(2020, "came", 400.1), (2025, "not due yet", None)]),
        (2025, [(2020, "came", 403.3), (2025, "due, no figure", None)]),
    ],
)
def test_a_forecast_is_judged_by_what_was_known(year, expected):
    table = money.forecasts_against(AHEAD, CAME, year)
    found = [
        (row.due, row.state, None if np.isnan(row.came) else row.came) for row in table.itertuples()
    ]
    assert found == expected
    assert (table["published"] <= year).all()


def test_what_has_no_year_of_publication_is_known_in_no_year():
    assert len(money.known_in(AHEAD, 2100)) == 2


def test_forecasts_of_the_table_are_all_judged_once_they_are_due():
    ahead = MARKET[MARKET["metric"] == "forecast_or_target_china_satnav_output"]
    came = MARKET[MARKET["metric"] == "china_satnav_lbs_output"]
    table = money.forecasts_against(ahead, came, 2024).set_index("due")
    assert table.loc[2020, "came"] == OUTPUT[2020]
    assert table.loc[2025, "state"] == "not due yet"


def test_only_figures_alike_in_all_four_respects_can_be_subtracted():
    one = dict.fromkeys(money.SAME, "x")
    assert money.differences(one, dict(one, note="y")) == []
    for key in money.SAME:
        assert money.differences(one, {**one, key: "y"}) == [key]


def test_figures_are_the_latest_statement_of_each_year():
    rows = money.figures(MARKET, "china_satnav_lbs_output")
    assert rows["value"].equals(OUTPUT) and rows.index.is_monotonic_increasing
    world = money.figures(MARKET, "gnss_installed_base", "World")
    assert world["value"].to_dict() == {2014: 3.6, 2017: 5.8, 2019: 6.4, 2021: 6.5, 2023: 5.6}
    twice = pd.concat([MARKET, MARKET[MARKET["year"] == 2020].assign(published=2099, value=1.0)])
    assert money.figures(twice, "china_satnav_lbs_output").loc[2020, "value"] == 1


def test_the_band_holds_the_trend_and_meets_it_in_the_middle():
    band = money.trend_band(OUTPUT, steps=27)
    low, middle, high = money.trend(OUTPUT)
    for name, rate in (("low", low), ("trend", middle), ("high", high)):
        steps = np.diff(np.log(band[name])) / np.diff(band["year"])
        assert steps == pytest.approx(np.log(1 + rate))
    centre = band.iloc[13]
    assert centre["low"] == pytest.approx(centre["high"]) == pytest.approx(stats.gmean(OUTPUT))
    assert (band["low"].iloc[14:] < band["high"].iloc[14:]).all()
    assert (band["low"].iloc[:13] > band["high"].iloc[:13]).all()


def test_a_forecast_is_joined_to_what_was_known_when_it_was_made():
    rows = MARKET[MARKET["series"] == "output in China"].assign(
        said=lambda t: t["year"].astype(str)
    )
    joined = money.from_known_to_forecast(rows)
    assert joined.to_numpy().tolist() == [
        *(["2020", 2011, 70.0], ["2020", 2020, 400.0]),
        *(["2025", 2020, 403.3], ["2025", 2025, 1000.0]),
    ]
    alone = money.from_known_to_forecast(rows[rows["forecast"]])
    assert alone["value"].tolist() == [400, 1000]
