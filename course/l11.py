"""The computed claims of lesson 11, money.

The exercises of lesson 11, money.
"""

from itertools import pairwise

from course.scenes import markets
from helpers import data
from helpers.claims import computes
from helpers.exercises import Number, exercise
from silkroad import money


@computes("C032")
def dependence_on_space():
    """Confirmed when the revenue that rests on satellite navigation grows in every step stated.

    The steps are the reports for 2019 and 2023 and the forecast for 2033. Disputed when one of
    them falls, inaccurate when all do. Revenue is a sign of dependence, not a measure of it.
    """
    market = data.load("gnss_market")
    came = markets.series(market, "gnss_downstream_revenue")
    ahead = markets.series(market, "forecast_gnss_downstream_revenue")
    values = [came[2019], came[2023], ahead[2033]]
    grows = [b > a for a, b in pairwise(values)]
    verdict = "confirmed" if all(grows) else "disputed" if any(grows) else "inaccurate"
    return (
        verdict,
        f"Revenue in the world: {values[0]:g} billion euros in 2019, {values[1]:g} in 2023, and "
        f"{values[2]:g} forecast for 2033.",
        {"2019, billion euros": values[0], "2023": values[1], "2033, forecast": values[2]},
    )


@computes("C098")
def devices_in_asia():
    """Met or missed when the table has a count of devices in Asia-Pacific for the year forecast.

    A tenth more or less counts as met. Not checkable while there is no such count.
    """
    market = data.load("gnss_market")
    forecast = float(data.load("claims").set_index("id").loc["C098", "value"])
    came = markets.series(market, "gnss_installed_base", "Asia-Pacific")
    growth = money.growth(came[2015], forecast, 10)[1]
    if 2025 in came.index:
        near = abs(came[2025] / forecast - 1) <= 0.1
        verdict = "prediction_met" if near else "prediction_missed"
        evidence = f"{came[2025]:g} billion devices were counted for 2025."
    else:
        verdict = "not_checkable"
        evidence = (
            f"The forecast means {100 * growth:.1f} % a year from {came[2015]:g} billion in 2015; "
            f"the latest count of the region in our table is of {came.index.max()}."
        )
    return (
        verdict,
        evidence,
        {
            "forecast for 2025, billion devices": forecast,
            "growth it needs, % a year": 100 * growth,
            "latest year counted": int(came.index.max()),
        },
    )


@computes("C100")
def dollars_of_2016():
    """Confirmed when the rate that turns the yuan figure into the claimed dollars is one of 2016.

    That is: within the lowest and highest mean of 2016 in our table, or within one per cent of
    its average. Inaccurate otherwise.
    """
    market = data.load("gnss_market")
    rates = money.exchange_rates(market)
    yuan = markets.series(market, markets.OUTPUT)[2016]
    claimed = float(data.load("claims").set_index("id").loc["C100", "value"])
    low, middle, high = money.rate_used(yuan, claimed)
    of_2016 = rates[[name for name in rates.index if name.endswith("2016")]]
    inside = of_2016.min() <= high and low <= of_2016.max()
    near = abs(middle / rates["2016"] - 1) <= 0.01
    fitting = money.fitting_dates(rates, low, high)
    found = " and ".join(fitting) if fitting else "no time in our table"
    return (
        "confirmed" if inside or near else "inaccurate",
        f"The claim uses {middle:.2f} yuan per dollar, the mean of {found}; in 2016 it was "
        f"{rates['2016']:.2f} on average, which gives {yuan / rates['2016']:.1f} billion dollars.",
        {
            "output of 2016, billion yuan": float(yuan),
            "rate used, yuan per dollar": float(middle),
            "mean rate of 2016": float(rates["2016"]),
            "billion dollars at that rate": float(yuan / rates["2016"]),
        },
    )


@computes("C101")
def forecast_for_2020():
    """Met when the output of 2020 reaches the forecast in yuan, the currency it was made in.

    The forecast in yuan is that of the table for 2020. Otherwise met only when the dollars at the
    mean rate of 2020 come within five per cent of the claim, else missed.
    """
    market = data.load("gnss_market")
    rates = money.exchange_rates(market)
    came = float(markets.series(market, markets.OUTPUT)[2020])
    in_yuan = float(markets.series(market, "forecast_or_target_china_satnav_output")[2020])
    claimed = float(data.load("claims").set_index("id").loc["C101", "value"])
    dollars = came / rates["2020"]
    met = came >= in_yuan or dollars >= 0.95 * claimed
    return (
        "prediction_met" if met else "prediction_missed",
        f"{came:g} billion yuan came, {in_yuan:g} were forecast; in dollars that is "
        f"{dollars:.1f} at the mean rate of 2020 and {came / rates['2021']:.1f} at that of 2021, "
        f"against {claimed:g}.",
        {
            "output of 2020, billion yuan": came,
            "forecast, billion yuan": in_yuan,
            "at the mean rate of 2020, billion dollars": float(dollars),
            "claimed, billion dollars": claimed,
        },
    )


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
