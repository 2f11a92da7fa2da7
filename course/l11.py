"""What lesson 11, money, has of its own: words of its views, computed claims, exercises."""

from itertools import pairwise

import pandas as pd

from course.drawn_answers import Drawing
from helpers import charts, data
from helpers.claims import computes
from helpers.exercises import Number, exercise
from helpers.words import counted, listed
from silkroad import money

OUTPUT = "china_satnav_lbs_output"
CONFIDENCE = ["high", "medium", "low"]

# --- the views: their words, and rows in words


def scope_line(rows, who):
    """Return who counted, the scope, and when it was published, in one line."""
    years = rows["published"].dropna()
    when = "year of publication not known"
    if len(years):
        when = f"published {years.min()}" + (f" to {years.max()}" if len(set(years)) > 1 else "")
    return f"{who}; {rows['scope'].iloc[0]}; {when}"


def exchange_words(yuan, chosen, printed):
    """Return what a yuan figure is at the rate of the chosen time, and which print it matches.

    chosen: (words for the time, its rate); printed: dollar figures as reported, rows of the table.
    """
    name, rate = chosen
    value = money.to_dollars(yuan, rate)
    match = []
    for row in printed.itertuples():
        low, _, high = money.rate_used(yuan, row.value)
        if low <= rate <= high:
            match.append(f"exactly what was printed in {row.published}: {row.value:g}")
    words = f"At the mean rate of {name}, {yuan:g} billion yuan are {value:.1f} billion dollars"
    others = listed(f"{value:g}" for value in printed["value"])
    return f"{words}, {match[0]}." if match else f"{words}; printed were {others}."


def growth_words(values):
    """Return the growth of a series by its two ends and by its trend, as a sentence."""
    first, last = values.index[0], values.index[-1]
    ends = money.growth(values.iloc[0], values.iloc[-1], int(last - first))
    low, middle, high = (100 * g for g in money.trend(values))
    return (
        f"{first} to {last}: {100 * ends[1]:.1f} % a year from end to end; the trend of all years "
        f"is {middle:.1f} %, and {low:.1f} to {high:.1f} % fit it at 95 %."
    )


def joined(rows, through_what_came):
    """Return the lines of the forecasts, from the latest figure known when made, as rows to draw.

    through_what_came: a line through the figures too, where their method has not changed.
    """
    came = rows[~rows["forecast"]].sort_values("year")[["said", "year", "value"]]
    parts = [came] if through_what_came else []
    return pd.concat([*parts, money.from_known_to_forecast(rows)], ignore_index=True)


def forecast_title(rows, year):
    """Return who counted and who forecast a series, its scope, and what was known when."""
    who = {
        word: listed(rows.loc[rows["forecast"] == ahead, "counted_by"].unique())
        for word, ahead in (("counted by", False), ("forecast by", True))
    }
    same = len(set(who.values())) == 1
    by = f"all by the {who['counted by']}" if same else ", ".join(map(" ".join, who.items()))
    return f"{by[0].upper()}{by[1:]}; {rows['scope'].iloc[0]}; published by {year}"


def unit_in_words(rows):
    """Return the unit of a series in words: "billion yuan"."""
    return rows["unit"].iloc[0].replace("CNY", "yuan").replace("EUR", "euros")


def forecast_words(rows, year):
    """Return how the forecasts of one series, known in a year, stand against what had come."""
    table = money.forecasts_against(rows[rows["forecast"]], rows[~rows["forecast"]], year)
    what, unit = rows["series"].iloc[0], unit_in_words(rows)
    start = f"{what[0].upper()}{what[1:]}, published by {year}"
    if table.empty:
        return f"{start}: our table has no forecast yet."
    words = [
        f"{row.forecast:g} forecast in {row.published} for {row.due}, {row.came:g} came"
        for row in table[table["state"] == "came"].itertuples()
    ]
    for state, means in (
        ("due, no figure", "no figure in our table for"),
        ("not due yet", "not due yet: forecasts for"),
    ):
        years = table.loc[table["state"] == state, "due"].sort_values().unique()
        if len(years):
            words.append(f"{means} {listed(years)}")
    return f"{start} ({unit}): {'; '.join(words)}."


def constant_price_words(nominal, inflation):
    """Return growth as printed and in constant prices, as a sentence."""
    years = int(nominal.index[-1] - nominal.index[0])
    real = money.real(nominal, inflation)
    rates = [100 * money.growth(s.iloc[0], s.iloc[-1], years)[1] for s in (nominal, real)]
    return (
        f"Assuming that prices change by {100 * inflation:+.1f} % a year: {rates[0]:.1f} % a year "
        f"as printed, {rates[1]:.1f} % in constant prices."
    )


def scope_lines(statements):
    """Return for each statement its sum and what is counted, and in a second line who and where."""
    lines = []
    for row in statements.to_dict("records"):
        when = "year of publication not in our table"
        if pd.notna(row["published"]):
            when = f"published {row['published']}"
        low = "; LOW confidence" if row["confidence"] == "low" else ""
        lines.append(
            f"{row['value']:g} {row['unit']}: {row['what is counted']}, {row['year']}\n"
            f"{row['scope']}; by {row['counted by']}; {when}{low}"
        )
    return lines


def size_words(pair):
    """Return whether the two statements of market size can be subtracted, and if not why."""
    one, other = pair.to_dict("records")
    apart = money.differences(one, other)
    if not apart and one["value"] == other["value"]:
        return "This is one statement twice: choose two."
    if not apart:
        return "They differ in nothing that matters: subtract."
    if apart == ["year"]:
        first, last = sorted((one, other), key=lambda row: row["year"])
        gap = last["value"] - first["value"]
        return (
            f"Only the year differs: the difference, {gap:.1f} {one['unit']}, is the growth "
            f"from {first['year']} to {last['year']}."
        )
    return f"Do not subtract: they differ in {listed(apart)}."


def by_partner(rows):
    """Return satellites with a price, added up by partner, with the weakest confidence of each."""
    by = rows.groupby(["iso3", "country", "lat", "lon"], sort=False, as_index=False)
    return by.agg(
        million_usd=("cost_usd_million", "sum"),
        satellites=("name", "; ".join),
        remark=("remark", " | ".join),
        source_ids=("source_ids", lambda keys: ";".join(dict.fromkeys(";".join(keys).split(";")))),
        confidence=("confidence", lambda words: max(words, key=CONFIDENCE.index)),
    )


def paid_words(rows, year):
    """Return how many satellites with a printed price flew up to a year, and their sum."""
    if rows.empty:
        return f"Up to {year}: no satellite with a printed price."
    return (
        f"Up to {year}: {counted(len(rows), 'satellite')} with a printed price, "
        f"{rows['cost_usd_million'].sum():,.0f} million dollars of their day."
    )


# --- the claims


@computes("C032")
def dependence_on_space():
    """Confirmed when the revenue that rests on satellite navigation grows in every step stated.

    The steps are the reports for 2019 and 2023 and the forecast for 2033. Disputed when one of
    them falls, inaccurate when all do. Revenue is a sign of dependence, not a measure of it.
    """
    market = data.load("gnss_market")
    came = money.figures(market, "gnss_downstream_revenue")["value"]
    ahead = money.figures(market, "forecast_gnss_downstream_revenue")["value"]
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

    A tenth more or less counts as met. Not opened while there is no such count: reports that could
    have one are public, and nobody here has read them.
    """
    market = data.load("gnss_market")
    forecast = float(data.load("claims").set_index("id").loc["C098", "value"])
    came = money.figures(market, "gnss_installed_base", "Asia-Pacific")["value"]
    growth = money.growth(came[2015], forecast, 10)[1]
    if 2025 in came.index:
        near = abs(came[2025] / forecast - 1) <= 0.1
        verdict = "prediction_met" if near else "prediction_missed"
        evidence = f"{came[2025]:g} billion devices were counted for 2025."
    else:
        verdict = "not_opened"
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
    yuan = money.figures(market, OUTPUT)["value"][2016]
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
    came = float(money.figures(market, OUTPUT)["value"][2020])
    in_yuan = float(money.figures(market, "forecast_or_target_china_satnav_output")["value"][2020])
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


# --- the exercises


def _rates():
    return money.exchange_rates(data.load("gnss_market"))


def _output(year):
    return float(money.figures(data.load("gnss_market"), OUTPUT)["value"][year])


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


def _yearly(rate_of=None):
    """Return the output by year: in dollars at the rate of each year, or of one year for all."""
    table = money.figures(data.load("gnss_market"), OUTPUT).reset_index()
    rates = _rates()
    when = table["year"].astype(str) if rate_of is None else pd.Series(rate_of, table.index)
    return table.assign(dollars=table["value"] / when.map(rates))


def _drawn(table, column):
    return charts.draw(charts.bars(table, x="year", y=column), name="Output")


def wants_dollars(drawn):
    """A bar, dot or point of a line for each year 2011 to 2024, in dollars at that year's rate."""
    marks = drawn[drawn["kind"].isin(["bars", "dots", "lines"])].reindex(columns=["x", "y"])
    marks = marks.apply(pd.to_numeric, errors="coerce").dropna()
    if marks.empty:
        return 'There is no mark for a year yet: charts.bars(table, x="year", y=...).'
    right, height = _yearly().set_index("year"), marks.set_index("x")["y"]
    missing = right.index.difference(height.index)
    if len(missing):
        return f"The year {missing[0]} has no mark: take all of `figures`."
    near = height[height.index.isin(right.index)]
    off = (near / right["dollars"].reindex(near.index) - 1).abs().to_numpy()
    if off.max() > 0.005:
        year, value = near.index[off.argmax()], near.iloc[off.argmax()]
        return f"In {year:.0f} {right['value'][year]:g} billion yuan were not {value:.4g} dollars."
    return True


@exercise(
    "11-4",
    Drawing(wants_dollars),
    wrong=[
        (lambda: _drawn(_yearly(), "value"), "Those are yuan. Divide each year by its rate."),
        (
            lambda: _drawn(_yearly("2016"), "dollars"),
            "That is one rate for all years. Each year has its own: rates[str(year)].",
        ),
        (
            lambda: _drawn(_yearly().query("year > 2015"), "dollars"),
            "Years are missing: take all of `figures`, from 2011 to 2024.",
        ),
    ],
    hint="A column of dollars first, year by year; then charts.bars over it.",
)
def output_in_dollars():
    """The output of each year in dollars of that year, as a chart (bars, dots or a line)."""
    return _drawn(_yearly(), "dollars")
