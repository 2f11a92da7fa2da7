"""What lesson 13 compares: all countries by one measure, two side by side, one by its streets."""

from itertools import pairwise

import numpy as np
import pandas as pd

from course.brief.briefs import text
from course.scenes import navigation
from helpers import maps, style


def ranking(table, measure, countries):
    """Return all countries by one measure as bars, some of them named, as a chart and words.

    table: `everywhere.measures`; countries {name: ISO code} of those to be named.
    """
    values = table[measure].replace(np.inf, np.nan).dropna().sort_values()
    figure, axes = style.chart(8.4, 3, left=0.08, right=0.98, top=0.74, bottom=0.1)
    named = {iso3: name for name, iso3 in countries.items()}
    tones = [style.color("orange" if iso3 in named else "sky") for iso3 in values.index]
    axes.vlines(range(len(values)), 0, values, color=tones, lw=3)
    words = []
    top = max(values.max(), 1e-9)
    for step, (iso3, name) in enumerate(named.items()):
        if iso3 not in values.index:
            words.append(f"{name}: no value")
            continue
        at = values.index.get_loc(iso3)
        words.append(f"{name}: {values[iso3]:,.1f}, place {len(values) - at} of {len(values)}")
        axes.annotate(
            f"{name}\n{values[iso3]:,.1f}",
            (at, values[iso3]),
            (at, top * (1.02 + 0.16 * (step % 2))),
            ha="center",
            fontsize=9,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "lw": 0.8},
        )
    lacking = len(table) - len(values)
    tail = f" Countries without a value: {lacking}." if lacking else ""
    axes.set(xticks=[], xlabel=f"{len(values)} countries, from the lowest to the highest")
    axes.set_ylabel(measure if len(measure) < 36 else measure.split(",")[0], fontsize=8)
    axes.margins(x=0.01)
    alt = f"{measure}, {len(values)} countries in order. {'; '.join(words)}.{tail}"
    shown = values.rename(measure).rename_axis("iso3").reset_index()
    return (
        maps.chart(figure, "All countries in order", alt=alt, table=shown),
        f"{'; '.join(words)}.{tail}",
    )


def choropleth(values, measure, names):
    """Return a measure of all countries in five classes on the map, and words.

    values: Series by ISO code; `inf` is drawn as a class of its own. names: {name: ISO code}.
    """
    finite = values.replace(np.inf, np.nan).dropna()
    edges = np.unique(np.round(finite.quantile([0.2, 0.4, 0.6, 0.8]).to_numpy(), 1))
    step = np.digitize(finite, edges)
    limits = [f"below {edges[0]:,.1f}"]
    limits += [f"{a:,.1f} to {b:,.1f}" for a, b in pairwise(edges)]
    limits += [f"{edges[-1]:,.1f} or more"]
    words = pd.Series(np.array(limits, object)[step], index=finite.index)
    styles = dict(zip(limits, style.sequential(len(limits)), strict=True))
    if np.isinf(values).any():
        words = pd.concat([words, pd.Series("none in 72 hours", values.index[np.isinf(values)])])
        styles["none in 72 hours"] = style.NO_DATA
    by_code = {iso3: name for name, iso3 in names.items()}
    popup = {iso3: {measure: text(float(values[iso3]))} for iso3 in finite.index}
    shown = maps.countries(words, measure[0].upper() + measure[1:], styles=styles, popup=popup)
    low, high = finite.idxmin(), finite.idxmax()
    lowest, highest = (by_code.get(k, k).removesuffix(" (to compare)") for k in (low, high))
    said = f"{measure[0].upper() + measure[1:]}: from {finite[low]:,.1f} ({lowest}) to "
    said += f"{finite[high]:,.1f} ({highest}); the middle country has {finite.median():,.1f}."
    none = int(np.isinf(values).sum())
    return shown, said + (f" None in 72 hours: {none} countries." if none else "")


def side_by_side(table):
    """Return two countries' numbers as a chart, each measure scaled to its larger, and words.

    table: `brief.compare` of two countries. Measures that both lack, or zero in both, are left
    out; a picture that does not come in 72 hours has none, and says so.
    """
    table = table.drop(index="signed in the year", errors="ignore")
    table = table[table.fillna(0).ne(0).any(axis=1)]
    left, right = table.columns
    figure, axes = style.chart(8.4, 5.4, left=0.44, right=0.94, top=0.94, bottom=0.03)
    scale = table.replace(np.inf, np.nan).max(axis=1).replace(0, np.nan)
    for name, shift, color in ((left, -0.2, "blue"), (right, 0.2, "orange")):
        share = (table[name].replace(np.inf, np.nan) / scale).fillna(0)
        rows = np.arange(len(table)) + shift
        axes.barh(rows, share, 0.36, color=style.color(color), label=name)
        for row, long, value in zip(rows, share, table[name], strict=True):
            said = "none in 72 hours" if np.isinf(value) else "not known"
            said = text(round(value, 1)) if np.isfinite(value) else said
            axes.text(long + 0.01, row, said, va="center", fontsize=7.5)
    axes.set_yticks(range(len(table)), table.index, fontsize=8)
    axes.set(xlim=(0, 1.12), xticks=[])
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 0.99), ncols=2, frameon=False, fontsize=9)
    axes.invert_yaxis()
    axes.grid(False)
    both = table.dropna()
    more = int((both[left] > both[right]).sum())
    less = int((both[left] < both[right]).sum())
    words = f"Of {len(both)} measures that both have, {left} has the larger number in {more} and "
    words += f"{right} in {less}. Larger is not always better: waits and cuts are better small."
    shown = table.rename_axis("measure").reset_index()
    shown = shown.astype(object).where(~shown.isin([np.inf]), "none in 72 hours")
    alt = f"{left} and {right}, each measure scaled to the larger. {words}"
    return maps.chart(figure, "Side by side", alt=alt, table=shown), words


def street(shares, mask_deg, place):
    """Return the share of the day with a usable fix by mask as a chart, and words about one mask.

    shares: DataFrame of systems in %, by mask in degrees.
    """
    figure, axes = style.chart(8.2, 3, left=0.08, right=0.98, top=0.96, bottom=0.17)
    for system, color, dash in zip(shares, ("blue", "orange"), ("-", "--"), strict=True):
        axes.plot(
            shares.index,
            shares[system],
            dash,
            color=style.color(color),
            lw=2.2,
            marker="o",
            ms=5,
            label=system,
        )
    axes.legend(loc="lower left", frameon=False, fontsize=9)
    axes.axvline(mask_deg, color=style.color("black"), lw=1, ls=":")
    axes.set(ylim=(0, 108), xlim=(-1, shares.index[-1] + 1), ylabel="share of the day, %")
    axes.set_xlabel("hidden below this elevation, degrees: field, street, canyon")
    here = (f"{name} {navigation.percent(v / 100)}" for name, v in shares.loc[mask_deg].items())
    words = f"{place}, everything below {mask_deg}° hidden; share of the day with a usable fix: "
    words += f"{', '.join(here)}."
    table = shares.round(1).rename_axis("mask_deg").reset_index()
    return maps.chart(figure, "Share of the day with PDOP at most 6", alt=words, table=table), words
