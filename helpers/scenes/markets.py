"""What lesson 11 draws: a figure under many rates, growth, forecasts, prices, market sizes."""

import numpy as np
import pandas as pd

from helpers import layers, money, style

OUTPUT = "china_satnav_lbs_output"
MARKED = {"high": ("", "high"), "medium": ("", "medium"), "low": ("///", "low")}
# Forecasts and what came, by what is counted: (forecast metric, actual metric, scope, unit).
FORECASTS = {
    "output in China": (
        "forecast_or_target_china_satnav_output",
        OUTPUT,
        "China, whole industry (GLAC definition)",
        "billion yuan",
    ),
    "devices in the world": (
        "forecast_gnss_installed_base",
        "gnss_installed_base",
        "World",
        "billion devices",
    ),
    "devices in Asia and the Pacific": (
        "forecast_gnss_installed_base",
        "gnss_installed_base",
        "Asia-Pacific",
        "billion devices",
    ),
    "revenue in the world": (
        "forecast_gnss_downstream_revenue",
        "gnss_downstream_revenue",
        "World",
        "billion euros",
    ),
}


def series(market, metric, scope=None):
    """Return one metric as a Series {year of the figure: value}; the latest statement counts."""
    rows = market[market["metric"] == metric]
    rows = rows if scope is None else rows[rows["scope"] == scope]
    latest = rows.sort_values("published", na_position="first").drop_duplicates("year", keep="last")
    return latest.set_index("year")["value"].astype(float).sort_index()


def reported(market, year):
    """Return the dollar figures printed for a year's output, with where they stand."""
    rows = market[(market["metric"] == f"{OUTPUT}_usd_as_reported") & (market["year"] == year)]
    return rows[["value", "published", "note", "source_ids", "confidence"]]


def under_rates(yuan, rates, chosen, printed):
    """Return one yuan figure in dollars over the exchange rate, as a chart.

    rates: those to mark, Series by the words for their time; chosen: the reader's rate; printed:
    dollar figures as reported (rows of `reported`).
    """
    figure, axes = style.chart(8.8, 3.7, left=0.08, right=0.98, top=0.97, bottom=0.14)
    low, high = 6.0, 7.4
    axis = np.linspace(low, high, 60)
    axes.plot(axis, yuan / axis, color=style.color("grey"), zorder=1)
    ordered = rates.sort_values()
    for number, (name, rate) in enumerate(ordered.items()):
        up = number % 2 == 0
        axes.plot(rate, yuan / rate, "o", color=style.color("blue"), ms=7, zorder=3)
        axes.annotate(
            name,
            (rate, yuan / rate),
            xytext=(8, 8) if up else (-8, -8),
            textcoords="offset points",
            ha="left" if up else "right",
            va="bottom" if up else "top",
            fontsize=9,
        )
    for row in printed.to_dict("records"):
        axes.axhline(row["value"], color=style.color("orange"), ls="--", lw=1)
        axes.text(
            high, row["value"], f"printed {row['published']}: {row['value']:g}", ha="right",
            va="bottom", fontsize=9, color=style.color("orange"),
        )  # fmt: skip
    axes.plot(chosen, yuan / chosen, marker="*", color=style.color("yellow"), ms=17, mec="#1F2933")
    axes.set(xlim=(low, high), xlabel="yuan per dollar", ylabel="billion dollars")
    table = pd.DataFrame(
        {
            "rate of": rates.index,
            "yuan per dollar": rates.to_numpy(),
            "billion dollars": yuan / rates,
        }
    ).round(3)
    words = "; ".join(
        f"{r['rate of']}: {r['billion dollars']:.2f}" for r in table.to_dict("records")
    )
    alt = f"{yuan:g} billion yuan in billion dollars by exchange rate. {words}."
    return layers.chart(figure, "One figure under many rates", alt=alt, table=table)


def rate_words(yuan, chosen, rates):
    """Return what a yuan figure is at the chosen rate, and which listed rates are near it."""
    near = rates[(rates - chosen).abs() <= 0.015]
    words = f"{yuan:g} billion yuan are {yuan / chosen:.2f} billion dollars at {chosen:.2f}. "
    if near.empty:
        return words + "No mean rate in our table is within 0.015 of it."
    return words + f"Within 0.015 of it: the mean of {' and of '.join(near.index)}."


def growth_chart(values, level=0.95):
    """Return a series with its trend and the band of the growth rate, as a chart."""
    low, middle, high = money.trend(values, level)
    figure, axes = style.chart(8.4, 3.4, left=0.09, right=0.98, top=0.97, bottom=0.09)
    years = values.index.to_numpy(float)
    centre = years.mean()
    at_centre = np.exp(np.log(values).mean())
    fan = [at_centre * (1 + g) ** (years - centre) for g in (low, middle, high)]
    axes.fill_between(years, fan[0], fan[2], color=style.color("sky"), alpha=0.45, linewidth=0)
    axes.plot(years, fan[1], color=style.color("blue"))
    axes.plot(years, values, "o", color=style.color("black"), ms=6)
    axes.set(ylabel="billion yuan", ylim=(0, None))
    axes.xaxis.get_major_locator().set_params(integer=True)
    table = values.rename("billion yuan").to_frame()
    table["against the year before, %"] = (100 * values.pct_change()).round(1)
    alt = (
        f"Output {years[0]:.0f} to {years[-1]:.0f}: {values.iloc[0]:g} to {values.iloc[-1]:g} "
        f"billion yuan, growing by {100 * middle:.1f} % a year ({100 * low:.1f} to "
        f"{100 * high:.1f})."
    )
    return layers.chart(figure, "Growth", alt=alt, table=table.reset_index())


def growth_words(values):
    """Return the growth of a series by its two ends and by its trend, as a sentence."""
    first, last = values.index[0], values.index[-1]
    ends = money.growth(values.iloc[0], values.iloc[-1], int(last - first))
    low, middle, high = (100 * g for g in money.trend(values))
    return (
        f"{first} to {last}: {100 * ends[1]:.1f} % a year from end to end; the trend of all years "
        f"is {middle:.1f} %, and {low:.1f} to {high:.1f} % fit it."
    )


def forecast_rows(market, what):
    """Return (forecasts, actuals) of one of FORECASTS as rows of the table."""
    ahead, came, scope, _ = FORECASTS[what]
    kept = market[market["scope"] == scope]
    ahead = kept[(kept["metric"] == ahead) & kept["published"].notna()]
    return ahead, kept[kept["metric"] == came]


def forecast_chart(market, what, known_in):
    """Return forecasts published up to a year, and the figures known by then, as a chart."""
    ahead, came = forecast_rows(market, what)
    ahead = ahead[ahead["published"].astype(int) <= known_in]
    told = came["published"].fillna(came["year"]).astype(int)
    came = came[told <= known_in].sort_values(["year", "published"])
    figure, axes = style.chart(8.6, 3.6, left=0.09, right=0.98, top=0.97, bottom=0.09)
    axes.plot(
        came["year"], came["value"], "o-", color=style.color("black"), ms=6, label="as reported"
    )
    for number, row in enumerate(ahead.sort_values("published").itertuples()):
        made = int(row.published)
        before = came[came["year"] <= made]
        start = before.iloc[-1] if len(before) else None
        color, shape = style.category_style(number + 1)
        xs = [start["year"], row.year] if start is not None else [row.year]
        ys = [start["value"], row.value] if start is not None else [row.value]
        axes.plot(xs, ys, ls="--", color=style.color(color))
        axes.plot(
            row.year,
            row.value,
            marker=style.MARKERS[shape],
            color=style.color(color),
            ms=9,
            ls="",
            label=f"forecast of {made} for {row.year}",
        )
    unit = FORECASTS[what][3]
    axes.set(xlim=(2010, 2034), ylabel=unit)
    axes.set_ylim(0, 1.08 * max([*came["value"], *ahead["value"], 1]))
    axes.legend(fontsize=8, frameon=False, loc="upper left")
    columns = ["year", "metric", "value", "unit", "published", "note", "source_ids", "confidence"]
    table = pd.concat([ahead, came])[columns].reset_index(drop=True)
    words = "; ".join(
        f"in {int(r.published)} for {r.year}: {r.value:g}" for r in ahead.itertuples()
    )
    alt = f"{_upper(what)}, {unit}. Forecasts: {words or 'none yet'}."
    return layers.chart(figure, "Forecasts and what came", alt=alt, table=table)


def forecast_words(market, what, known_in):
    """Return how the forecasts known in a year stand against what came by then."""
    ahead, came = forecast_rows(market, what)
    ahead = ahead[ahead["published"].astype(int) <= known_in]
    if ahead.empty:
        return f"{_upper(what)}: in {known_in} our table has no forecast yet."
    told = came["published"].fillna(came["year"]).astype(int)
    known = came[told <= known_in].sort_values("published").drop_duplicates("year", keep="last")
    known = known.set_index("year")["value"]
    due = ahead[ahead["year"].isin(known.index)]
    words = [
        f"for {row.year}: {row.value:g} forecast in {int(row.published)}, {known[row.year]:g} came"
        for row in due.itertuples()
    ]
    rest = len(ahead) - len(due)
    if rest:
        words.append(f"{rest} without a figure for its year yet" if rest == 1 else
                     f"{rest} without a figure for their years yet")  # fmt: skip
    return f"{_upper(what)}, as known in {known_in}: {'; '.join(words)}."


def real_chart(nominal, inflation):
    """Return a series as printed and in the prices of its first year, as a chart."""
    real = money.real(nominal, inflation)
    figure, axes = style.chart(8.4, 3.4, left=0.09, right=0.98, top=0.97, bottom=0.09)
    years = nominal.index.to_numpy(float)
    axes.bar(years - 0.2, nominal, 0.4, color=style.color("sky"), label="as printed (nominal)")
    axes.bar(
        years + 0.2,
        real,
        0.4,
        color=style.color("blue"),
        hatch="///",
        edgecolor="white",
        label=f"in prices of {nominal.index[0]} (real), if {100 * inflation:g} % a year",
    )
    axes.legend(fontsize=9, frameon=False, loc="upper left")
    axes.set_ylabel("billion yuan")
    axes.xaxis.get_major_locator().set_params(integer=True)
    table = pd.DataFrame({"year": nominal.index, "nominal": nominal, "real": real.round(1)})
    alt = f"Output as printed and with {100 * inflation:g} % of inflation a year taken away."
    return layers.chart(figure, "Nominal and real", alt=alt, table=table.reset_index(drop=True))


def real_words(nominal, inflation):
    """Return growth as printed and in constant prices, as a sentence."""
    years = int(nominal.index[-1] - nominal.index[0])
    real = money.real(nominal, inflation)
    rates = [100 * ((s.iloc[-1] / s.iloc[0]) ** (1 / years) - 1) for s in (nominal, real)]
    return (
        f"If prices rose by {100 * inflation:g} % a year: {rates[0]:.1f} % a year as printed, "
        f"{rates[1]:.1f} % in constant prices."
    )


def sizes(market, rates, euro_in_dollars):
    """Return statements of a "market size" of about 2019 to 2020, in billion dollars.

    Columns: who, year, scope, value, unit, billion_usd, source_ids, confidence. Yuan are turned
    at the mean rate of their year; euros at the reader's rate, as our table has none.
    """
    wanted = [
        ("GLAC, whole industry", OUTPUT, 2019),
        ("GLAC, core industry", "china_satnav_core_output", 2019),
        ("EU agency, revenue in the world", "gnss_downstream_revenue", 2019),
        ("GLAC official, BeiDou services", "forecast_bds_services_market", 2020),
        ("GLAC, whole industry, a year later", OUTPUT, 2020),
    ]
    rows = []
    for who, metric, year in wanted:
        row = market[(market["metric"] == metric) & (market["year"] == year)].iloc[0]
        rate = 1 / euro_in_dollars if "EUR" in row["unit"] else rates[str(year)]
        rows.append(
            {
                "who and what": who,
                "year": year,
                "scope": row["scope"],
                "value": row["value"],
                "unit": row["unit"],
                "billion_usd": round(row["value"] / rate, 1),
                "source_ids": row["source_ids"],
                "confidence": row["confidence"],
            }
        )
    return pd.DataFrame(rows)


def size_chart(table):
    """Return statements of market size side by side, as a chart."""
    figure, axes = style.chart(8.8, 2.9, left=0.3, right=0.93, top=0.98, bottom=0.16)
    for row, (size, confidence) in enumerate(
        zip(table["billion_usd"], table["confidence"], strict=True)
    ):
        axes.barh(row, size, color=style.color("blue"), hatch=MARKED[confidence][0])
        axes.text(size + 4, row, f"{size:.0f}", va="center", fontsize=9)
    axes.set_yticks(range(len(table)), table["who and what"], fontsize=9)
    axes.set(xlabel="billion dollars", ylim=(len(table) - 0.4, -0.6))
    words = "; ".join(
        f"{r['who and what']}: {r['billion_usd']:.0f}" for r in table.to_dict("records")
    )
    alt = f"Market sizes in billion dollars. {words}."
    return layers.chart(figure, "Market sizes", alt=alt, table=table)


def paid(satellites):
    """Return the partner satellites whose price was printed, with year and million dollars."""
    rows = satellites[satellites["cost_usd_million"].notna() & satellites["partner_iso3"].notna()]
    return rows.assign(year=rows["launch_date"].dt.year, million_usd=rows["cost_usd_million"])


def paid_map(rows):
    """Return the partners by what their satellites cost together, as a layer of countries."""
    total = rows.groupby("partner_iso3")["million_usd"].sum()
    words = ("below 100 million", "100 to 300 million", "more than 300 million")
    steps = np.digitize(total, (100, 300))
    values = pd.Series([words[i] for i in steps], index=total.index, dtype=object)
    popup = {
        iso3: {
            row.name: f"{row.million_usd:g} million dollars; "
            + (row.cost_note if isinstance(row.cost_note, str) else "no remark")
            for row in here[["name", "million_usd", "cost_note"]].itertuples(index=False)
        }
        for iso3, here in rows.groupby("partner_iso3")
    }
    colors = dict(zip(words, style.sequential(3), strict=True))
    return layers.countries(values, "Price of satellites", styles=colors, popup=popup)


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
