"""What lesson 11 draws: a figure under many rates, growth, forecasts, prices, market sizes.

Every picture names who counted, what, and when it was published; a figure of low confidence has a
hollow or hatched mark and the word "low". The tables beside the pictures hold the sources.
"""

import numpy as np
import pandas as pd

from helpers import maps, style
from silkroad import money

OUTPUT = "china_satnav_lbs_output"
GLAC, AGENCY = "GLAC", "EU agency (GSA, later EUSPA)"
LOW = "///"  # the hatch of low confidence
CONFIDENCE = ["high", "medium", "low"]
# Forecasts and what came, by what is counted: (forecast metric, actual metric, scope, unit, who).
FORECASTS = {
    "output in China": (
        "forecast_or_target_china_satnav_output",
        OUTPUT,
        "China, whole industry (GLAC definition)",
        "billion yuan",
        f"counted by {GLAC}, forecast by officials",
    ),
    "devices in the world": (
        "forecast_gnss_installed_base",
        "gnss_installed_base",
        "World",
        "billion devices",
        f"all by the {AGENCY}",
    ),
    "devices in Asia and the Pacific": (
        "forecast_gnss_installed_base",
        "gnss_installed_base",
        "Asia-Pacific",
        "billion devices",
        f"all by the {AGENCY}",
    ),
    "revenue in the world": (
        "forecast_gnss_downstream_revenue",
        "gnss_downstream_revenue",
        "World",
        "billion euros",
        f"all by the {AGENCY}",
    ),
}
# Statements of a "market size": (metric, year, who counted, what is counted).
SIZES = {
    "whole industry 2019": (OUTPUT, 2019, GLAC, "output of the whole industry"),
    "whole industry 2020": (OUTPUT, 2020, GLAC, "output of the whole industry"),
    "core industry 2019": ("china_satnav_core_output", 2019, GLAC, "output of the core industry"),
    "revenue in the world 2019": (
        "gnss_downstream_revenue",
        2019,
        AGENCY,
        "revenue from devices and services",
    ),
    "BeiDou services 2020, a forecast": (
        "forecast_bds_services_market",
        2020,
        "an official, quoted by the press",
        "forecast of a services market",
    ),
}
SHARED = ["published", "publisher", "scope", "note", "source_ids", "confidence"]


def with_publishers(rows, sources):
    """Return the rows with a column `publisher`: who printed the figure, by the table sources."""
    names = sources.set_index("source_id")["publisher"]
    keys = rows["source_ids"].str.split(";")
    return rows.assign(publisher=[" and ".join(dict.fromkeys(names[k])) for k in keys])


def figures(market, metric, scope=None):
    """Return one metric's rows by year; of several statements the latest counts."""
    rows = market[market["metric"] == metric]
    rows = rows if scope is None else rows[rows["scope"] == scope]
    latest = rows.sort_values("published", na_position="first").drop_duplicates("year", keep="last")
    return latest.sort_values("year").set_index("year")


def series(market, metric, scope=None):
    """Return one metric as a Series {year of the figure: value}; the latest statement counts."""
    return figures(market, metric, scope)["value"].astype(float)


def reported(market, year):
    """Return the dollar figures printed for a year's output, with where they stand."""
    rows = market[(market["metric"] == f"{OUTPUT}_usd_as_reported") & (market["year"] == year)]
    return rows.sort_values("published", ignore_index=True)


def five_rates(rates, year):
    """Return five rates that follow each other in time, from a year on if there are so many."""
    start = min(list(rates.index).index(str(year)), len(rates) - 5)
    return rates.iloc[start : start + 5]


def under_rates(yuan, year, rates, chosen, printed):
    """Return one yuan figure in dollars under several exchange rates, as a chart.

    rates: the times to compare, Series; chosen: (words for the reader's time, its rate); printed:
    dollar figures as reported (rows of `reported`).
    """
    bars = pd.Series({**rates, chosen[0]: chosen[1]})
    dollars = bars.map(lambda rate: money.to_dollars(yuan, rate))
    figure, axes = style.chart(8.8, 3.1, left=0.19, right=0.97, top=0.84, bottom=0.15)
    for row, (name, value) in enumerate(dollars.items()):
        yours = name == chosen[0]
        axes.barh(
            row,
            value,
            color=style.color("yellow" if yours else "sky"),
            edgecolor=style.color("black") if yours else "white",
            lw=1.5,
        )
        axes.annotate(
            f"{value:.1f}" + ("  your date" if yours else ""),
            (0, row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            fontweight="bold" if yours else None,
        )
    for place, row in enumerate(printed.itertuples()):
        axes.axvline(row.value, color=style.color("black"), ls="--", lw=1)
        axes.annotate(
            f"printed {row.published}: {row.value:g}",
            (row.value, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if place < len(printed) - 1 else 3, 4),
            textcoords="offset points",
            ha="right" if place < len(printed) - 1 else "left",
            fontsize=9,
        )
    names = [f"{name} ({rate:.2f})" for name, rate in bars.items()]
    axes.set_yticks(range(len(bars)), names, fontsize=9)
    axes.set(xlabel="billion dollars", ylim=(len(bars) - 0.4, -0.6))
    axes.set_xlim(0, 1.3 * max(dollars.max(), printed["value"].max()))
    axes.set_title(f"{yuan:g} billion yuan of {year}, {GLAC}", fontsize=9, loc="left", pad=18)
    axes.grid(axis="y", visible=False)
    computed = pd.DataFrame(
        {"rate of": bars.index, "yuan per dollar": bars.to_numpy(), "billion dollars": dollars}
    ).round(3)
    as_printed = printed[["value", *SHARED]].rename(columns={"value": "billion dollars"})
    as_printed.insert(0, "rate of", "as printed")
    words = "; ".join(f"rate of {name}: {value:.2f}" for name, value in dollars.items())
    alt = f"{yuan:g} billion yuan of {year} in billion dollars. {words}."
    table = pd.concat([computed, as_printed], ignore_index=True)
    return maps.chart(figure, "One figure under many rates", alt=alt, table=table)


def rate_words(yuan, chosen, printed):
    """Return what a yuan figure is at the rate of the chosen time, and which print it matches."""
    name, rate = chosen
    value = money.to_dollars(yuan, rate)
    match = []
    for row in printed.itertuples():
        low, _, high = money.rate_used(yuan, row.value)
        if low <= rate <= high:
            match.append(f"exactly what was printed in {row.published}: {row.value:g}")
    words = f"At the mean rate of {name}, {yuan:g} billion yuan are {value:.1f} billion dollars"
    others = " and ".join(f"{value:g}" for value in printed["value"])
    return f"{words}, {match[0]}." if match else f"{words}; printed were {others}."


def subtitle(rows, who):
    """Return who counted, the scope, and when it was published, in one line."""
    years = rows["published"].dropna()
    when = "year of publication not known"
    if len(years):
        when = f"published {years.min()}" + (f" to {years.max()}" if len(set(years)) > 1 else "")
    return f"{who}; {rows['scope'].iloc[0]}; {when}"


def _marks(axes, rows, label, color="black", shape="o"):
    """Draw figures as points: hollow where the confidence is low, and say so in the legend."""
    for low in (False, True):
        some = rows[(rows["confidence"] == "low") == low]
        if len(some):
            axes.plot(
                some["year"],
                some["value"],
                marker=shape,
                ls="",
                ms=8,
                color=style.color(color),
                mfc="white" if low else style.color(color),
                label=label + (" (hollow: low confidence)" if low else ""),
            )


def growth_chart(rows, level=0.95):
    """Return figures by year (rows of `figures`) with their trend and its band, as a chart."""
    values = rows["value"].astype(float)
    low, middle, high = money.trend(values, level)
    figure, axes = style.chart(8.4, 3.2, left=0.09, right=0.98, top=0.9, bottom=0.1)
    years = np.linspace(values.index[0], values.index[-1], 40)
    centre, at_centre = values.index.to_numpy(float).mean(), np.exp(np.log(values).mean())
    fan = [at_centre * (1 + rate) ** (years - centre) for rate in (low, middle, high)]
    band = f"{100 * low:.1f} to {100 * high:.1f} % a year also fit"
    axes.fill_between(years, fan[0], fan[2], color=style.color("sky"), alpha=0.45, lw=0, label=band)
    axes.plot(years, fan[1], color=style.color("blue"), label=f"trend: {100 * middle:.1f} % a year")
    _marks(axes, rows.reset_index(), "as published")
    axes.legend(fontsize=9, frameon=False, loc="upper left")
    axes.set(ylabel="billion yuan", ylim=(0, None))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_title(subtitle(rows, GLAC), fontsize=9, loc="left")
    table = rows[["value", *SHARED]].rename(columns={"value": "billion yuan"})
    table.insert(1, "against the year before, %", (100 * values.pct_change()).round(1))
    alt = (
        f"Output {values.index[0]} to {values.index[-1]}: {values.iloc[0]:g} to "
        f"{values.iloc[-1]:g} billion yuan, growing by {100 * middle:.1f} % a year "
        f"({100 * low:.1f} to {100 * high:.1f})."
    )
    return maps.chart(figure, "Growth", alt=alt, table=table.reset_index())


def growth_words(values):
    """Return the growth of a series by its two ends and by its trend, as a sentence."""
    first, last = values.index[0], values.index[-1]
    ends = money.growth(values.iloc[0], values.iloc[-1], int(last - first))
    low, middle, high = (100 * g for g in money.trend(values))
    return (
        f"{first} to {last}: {100 * ends[1]:.1f} % a year from end to end; the trend of all years "
        f"is {middle:.1f} %, and {low:.1f} to {high:.1f} % fit it at 95 %."
    )


def forecast_rows(market, what):
    """Return (forecasts, actuals) of one of FORECASTS as rows of the table."""
    ahead, came, scope, *_ = FORECASTS[what]
    kept = market[market["scope"] == scope]
    return kept[kept["metric"] == ahead], kept[kept["metric"] == came]


def forecast_chart(market, what, year):
    """Return forecasts as made and what came, as published by the end of `year`, as a chart.

    A dashed line leads from the latest figure known when a forecast was made to the forecast.
    """
    ahead, came = (money.known_in(rows, year) for rows in forecast_rows(market, what))
    came = came.sort_values(["year", "published"])
    figure, axes = style.chart(8.6, 3.3, left=0.09, right=0.98, top=0.9, bottom=0.1)
    if what == "output in China":  # the others revise their method: no line joins them
        axes.plot(came["year"], came["value"], color=style.color("black"))
    _marks(axes, came, "what came")
    for number, row in enumerate(ahead.sort_values("published").itertuples()):
        color, shape = style.category_style(number + 1)
        before = money.known_in(came, row.published)
        if len(before):
            start = before.iloc[-1]
            ends = [start["year"], row.year], [start["value"], row.value]
            axes.plot(*ends, ls="--", color=style.color(color))
        label = f"forecast of {row.published} for {row.year}"
        _marks(axes, ahead.loc[[row.Index]], label, color, style.MARKERS[shape])
    axes.set(xlim=(2010, 2034), ylabel=FORECASTS[what][3])
    top = max(rows["value"].max() for rows in forecast_rows(market, what))
    axes.set_ylim(0, 1.1 * top)
    if len(came) or len(ahead):
        axes.legend(fontsize=8, frameon=False, loc="lower right")
    scope, who = FORECASTS[what][2], FORECASTS[what][4]
    axes.set_title(f"{_upper(who)}; {scope}; published by {year}", fontsize=9, loc="left")
    columns = ["year", "metric", "value", "unit", *SHARED]
    table = pd.concat([ahead, came])[columns].reset_index(drop=True)
    words = "; ".join(f"in {r.published} for {r.year}: {r.value:g}" for r in ahead.itertuples())
    alt = f"{_upper(what)}, {FORECASTS[what][3]}. Forecasts said {words or 'nothing yet'}."
    return maps.chart(figure, "Forecasts and what came", alt=alt, table=table)


def forecast_words(market, what, year):
    """Return how the forecasts known in a year stand against what had come by then."""
    table = money.forecasts_against(*forecast_rows(market, what), year)
    start = f"{_upper(what)}, published by {year}"
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
        years = table.loc[table["state"] == state, "due"].sort_values().astype(str).unique()
        if len(years):
            words.append(f"{means} {_listed(list(years))}")
    return f"{start} ({FORECASTS[what][3]}): {'; '.join(words)}."


def real_chart(rows, inflation):
    """Return figures as printed and in the prices of their first year, as a chart."""
    nominal = rows["value"].astype(float)
    real = money.real(nominal, inflation)
    figure, axes = style.chart(8.4, 3.2, left=0.09, right=0.98, top=0.9, bottom=0.1)
    axes.fill_between(nominal.index, real, nominal, color=style.color("sky"), alpha=0.3, lw=0)
    axes.plot(nominal, "o-", color=style.color("black"), label="as printed (nominal)")
    words = f"in prices of {nominal.index[0]} (real), if your assumption holds"
    axes.plot(real, "s--", color=style.color("orange"), label=words)
    axes.legend(fontsize=9, frameon=False, loc="upper left")
    axes.set(ylabel="billion yuan", ylim=(0, 800))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_title(subtitle(rows, GLAC), fontsize=9, loc="left")
    table = pd.DataFrame({"nominal": nominal, "real, as assumed": real.round(1)})
    table = table.join(rows[["published", "publisher", "source_ids", "confidence"]])
    alt = f"Output as printed, and with an assumed {100 * inflation:g} % a year taken away."
    return maps.chart(figure, "Nominal and real", alt=alt, table=table.reset_index())


def real_words(nominal, inflation):
    """Return growth as printed and in constant prices, as a sentence."""
    years = int(nominal.index[-1] - nominal.index[0])
    real = money.real(nominal, inflation)
    rates = [100 * money.growth(s.iloc[0], s.iloc[-1], years)[1] for s in (nominal, real)]
    return (
        f"Assuming that prices change by {100 * inflation:+.1f} % a year: {rates[0]:.1f} % a year "
        f"as printed, {rates[1]:.1f} % in constant prices."
    )


def sizes(market):
    """Return the statements of SIZES as rows by name, with who counted and what is counted."""
    rows = []
    for name, (metric, year, who, what) in SIZES.items():
        row = figures(market, metric).loc[year]
        facts = {"counted by": who, "what is counted": what, "year": year}
        rows.append({"name": name, **facts, "currency": row["unit"].split()[1], **row.to_dict()})
    return pd.DataFrame(rows).set_index("name")


def size_chart(pair, yuan_per_dollar, euro_in_dollars):
    """Return two statements of market size with their scope in words, as a chart.

    pair: two rows of `sizes`; yuan_per_dollar: Series of `money.exchange_rates`, of which the mean
    of each figure's year is used; euro_in_dollars: the reader's assumption.
    """
    figure, axes = style.chart(8.8, 2.9, left=0.02, right=0.94, top=0.98, bottom=0.17)
    lines, shown = [], []
    for place, row in enumerate(pair.to_dict("records")):
        rate = yuan_per_dollar[str(row["year"])] if row["currency"] == "CNY" else None
        dollars = row["value"] / rate if rate else row["value"] * euro_in_dollars
        hatch = LOW if row["confidence"] == "low" else ""
        axes.barh(place, dollars, 0.34, color=style.color(["blue", "orange"][place]), hatch=hatch)
        axes.text(dollars, place, f" {dollars:.0f}", va="center", fontsize=11, fontweight="bold")
        low = "; LOW confidence" if row["confidence"] == "low" else ""
        when = "year of publication not in our table"
        if pd.notna(row["published"]):
            when = f"published {row['published']:.0f}"
        text = f"{row['value']:g} {row['unit']}: {row['what is counted']}, {row['year']}"
        axes.text(1, place - 0.33, text, fontsize=9, va="center")
        text = f"{row['scope']}; by {row['counted by']}; {when}{low}"
        axes.text(1, place + 0.31, text, fontsize=9, va="center", color=style.color("grey"))
        lines.append(f"{text}, about {dollars:.0f} billion dollars")
        shown.append(round(dollars, 1))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set(xlabel="billion dollars", ylim=(1.55, -0.55), xlim=(0, 320))
    table = pair.reset_index().assign(billion_usd=shown)
    names = ["what is counted", "counted by", "year", "value", "unit", "billion_usd", *SHARED]
    return maps.chart(figure, "Two market sizes", alt="; ".join(lines), table=table[names])


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
    return f"Do not subtract: they differ in {_listed(apart)}."


def paid(satellites, capitals):
    """Return partner satellites with a printed price, with year, remark and the capital's place."""
    rows = satellites[satellites["cost_usd_million"].notna() & satellites["partner_iso3"].notna()]
    rows = rows.merge(
        capitals[["iso3", "country", "lat", "lon"]], left_on="partner_iso3", right_on="iso3"
    )
    remark = [
        "; ".join(text for text in pair if isinstance(text, str)) or "no remark"
        for pair in rows[["cost_note", "contract"]].itertuples(index=False)
    ]
    rows = rows.assign(year=rows["launch_date"].dt.year, million_usd=rows["cost_usd_million"])
    return rows.assign(remark=remark).sort_values("launch_date", ignore_index=True)


def paid_map(rows):
    """Return the partners, coloured by what their satellites cost together, and the sums."""
    words = ("below 100 million dollars", "100 to 300 million", "more than 300 million")
    colors = dict(zip(words, style.sequential(3), strict=True))
    total = rows.groupby("partner_iso3")["million_usd"].sum()
    steps = np.digitize(total, (100, 300))
    values = pd.Series([words[i] for i in steps], index=total.index, dtype=object)
    by = rows.groupby(["partner_iso3", "country"], sort=False)
    sums = by.agg(
        lat=("lat", "first"),
        lon=("lon", "first"),
        million_usd=("million_usd", "sum"),
        satellites=("name", "; ".join),
        remark=("remark", " | ".join),
        source_ids=("source_ids", lambda keys: ";".join(dict.fromkeys(";".join(keys).split(";")))),
        confidence=("confidence", lambda words: max(words, key=CONFIDENCE.index)),
    ).reset_index()
    label = sums["country"] + " " + sums["million_usd"].map("{:,.0f}".format)
    shown = ["satellites", "million_usd", "remark"]
    return [
        maps.countries(values, "Price of satellites", styles=colors),
        maps.points(
            sums.assign(label=label),
            "Sum in million dollars",
            label="label",
            styles={"sum": ("black", "circle")},
            popup=shown,
            size=5,
            labels=True,
        ),
    ]


def paid_words(rows, year):
    """Return how many satellites with a printed price flew up to a year, and their sum."""
    if rows.empty:
        return f"Up to {year}: no satellite with a printed price."
    count = "one satellite" if len(rows) == 1 else f"{len(rows)} satellites"
    return (
        f"Up to {year}: {count} with a printed price, {rows['million_usd'].sum():,.0f} million "
        "dollars of their day."
    )


def _upper(words):
    return words[0].upper() + words[1:]


def _listed(words):
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
