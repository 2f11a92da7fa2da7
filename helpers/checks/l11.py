"""The computed claims of lesson 11, money."""

from itertools import pairwise

from helpers import data, money
from helpers.claims import computes
from helpers.scenes import markets


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
