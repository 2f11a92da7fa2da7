"""The exercises of lesson 11, money."""

from helpers import data, money
from helpers.exercises import Number, exercise
from helpers.scenes import markets


def _rates():
    return money.exchange_rates(data.load("gnss_market"))


def _output(year):
    return float(markets.series(data.load("gnss_market"), markets.OUTPUT)[year])


@exercise(
    "11-1",
    Number(unit="yuan per dollar", tolerance=0.005),
    wrong=[
        (48.58 / 345, "That is dollars per yuan. Turn the division round."),
        (
            lambda: money.to_dollars(_output(2019), money.exchange_rate(_rates(), 2019)),
            "Those are dollars, at the mean of 2019. The question asks for a rate.",
        ),
        (lambda: _rates()["2019"], "That is the mean of 2019. Which rate did the newspaper use?"),
    ],
    hint="Rate used = yuan / dollars.",
)
def rate_of_the_newspaper():
    """Which rate turns 345 billion yuan into 48.58 billion dollars?"""
    return money.rate_used(_output(2019), 48.58)[1]


@exercise(
    "11-2",
    Number(unit="%", tolerance=0.1),
    wrong=[
        (
            lambda: 100 * (1000 / _output(2020) - 1) / 5,
            "That shares the growth out evenly. Growth builds on growth: take the fifth root.",
        ),
        (
            lambda: 100 * ((1000 / _output(2020)) ** (1 / 4) - 1),
            "From 2020 to 2025 are five years, not four.",
        ),
        (
            lambda: (1000 / _output(2020)) ** (1 / 5),
            "That is the factor of one year. Take 1 away, and times 100.",
        ),
    ],
    hint="(last / first) ** (1 / years) - 1, in per cent.",
)
def growth_that_was_needed():
    """Which yearly growth leads from the output of 2020 to 1,000 billion in 2025?"""
    return 100 * money.growth(_output(2020), 1000, 5)[1]


@exercise(
    "11-3",
    Number(unit="years"),
    wrong=[
        (10, "Ten would be half of 100 % in steps of 5 %, but each step is 5 % of what is left."),
        (14, "After 14 years it is still a little more than half."),
        (20, "20 times 5 % would be everything. Prices build on prices: use 1.05 ** n."),
    ],
    hint="Find the first n for which 1 / 1.05 ** n is below 0.5.",
)
def half_gone():
    """After how many years of 5 % does money buy less than half?"""
    return next(n for n in range(100) if 1 / 1.05**n < 0.5)
