"""What the navigation lessons draw: PDOP, satellites in view, availability, and comparisons."""

import numpy as np
import pandas as pd

from helpers import maps, style
from silkroad import orbits, visibility

PDOP_LEVELS = (2, 3, 4, 6)
PDOP_WORDS = ("below 2 (very good)", "2 to 3", "3 to 4", "4 to 6", "6 or more, or no fix")
VIEW_LEVELS = (4, 6, 8, 10, 14, 18)
SHARE_LEVELS = (50, 80, 95, 98, 99.95)
SHARE_WORDS = ("below 50 %", "50 to 80 %", "80 to 95 %", "95 to 98 %", "98 to 99.9 %", "always")


def pdop(field):
    """Return PDOP on a grid (DataArray lat, lon) as a layer: light is good, dark is bad."""
    return maps.grid(field, "PDOP", levels=PDOP_LEVELS, labels=PDOP_WORDS)


def in_view(field):
    """Return the number of satellites above the mask as a layer: dark is many."""
    words = [
        "fewer than 4: no fix",
        "4 or 5",
        "6 or 7",
        "8 or 9",
        "10 to 13",
        "14 to 17",
        "18 or more",
    ]
    return maps.grid(field.astype(float), "Satellites in view", levels=VIEW_LEVELS, labels=words)


def availability(share):
    """Return the share of the day (0 to 1) with PDOP ≤ 6 as a layer: light is always."""
    colors = style.sequential(len(SHARE_WORDS), reverse=True)
    return maps.grid(
        100 * share, "PDOP at most 6", levels=SHARE_LEVELS, labels=SHARE_WORDS, colors=colors
    )


def satellites(elements, positions, name="Satellites"):
    """Return the points below the satellites at the one time of `positions`, by kind of orbit."""
    below = orbits.subpoints_of(positions.squeeze("time"))
    frame = elements.assign(
        lat=below["lat"].to_numpy(),
        lon=below["lon"].to_numpy(),
        height_km=below["height_km"].to_numpy().round(),
    )
    popup = [c for c in ("orbit_class", "height_km", "launch_date", "epoch") if c in frame]
    return maps.points(
        frame, name, category="orbit_class", styles=style.ORBIT_STYLES, popup=popup, size=5
    )


def percent(share):
    """Return a share as text that never claims "100 %" for less than all."""
    value = np.floor(1000 * float(share)) / 10
    return "100 %" if float(share) >= 1 - 1e-12 else f"{value:.1f} %"


def good_area(pdop):
    """Return the share of the area of a grid with PDOP ≤ 6, as text."""
    return percent(visibility.world_mean((pdop <= 6).astype(float)))


def mean_and_worst(share):
    """Return availability on a grid in words: the mean by area and the worst point."""
    mean, worst = visibility.world_mean(share), share.min()
    return f"{percent(mean)} of the time on average, {percent(worst)} at the worst point"


def in_places(places, positions, masks_deg):
    """Return the share of time with PDOP ≤ 6, in %, as a table of places by system and mask.

    places: DataFrame with capital, lat, lon. positions: {system: DataArray over a day}.
    """
    columns = {}
    for system, path in positions.items():
        for mask_deg in masks_deg:
            sky = visibility.dop(path, places["lat"], places["lon"], mask_deg, grid=False)
            share = visibility.availability(sky["pdop"]).to_numpy()
            columns[system, f"mask {mask_deg}°"] = 100 * share
    return pd.DataFrame(columns, index=places["capital"]).round(1)


def compare(systems, positions, lat, lon, mask_deg):
    """Return a table of systems at one mask: satellites in view, median PDOP, availability.

    systems {name: elements}, positions {name: DataArray over a day}; the figures are taken over
    all times and all grid points, weighted by area where a mean is given.
    """
    rows = []
    for name, elements in systems.items():
        sky = visibility.dop(positions[name], lat, lon, mask_deg, want=["in_view", "pdop"])
        share = visibility.availability(sky["pdop"])
        rows.append(
            {
                "system": name,
                "satellites": len(elements),
                "in view, mean": float(visibility.world_mean(sky["in_view"].mean("time"))),
                "PDOP, median": float(sky["pdop"].median()),
                "PDOP ≤ 6, mean %": 100 * float(visibility.world_mean(share)),
                "PDOP ≤ 6, worst %": 100 * float(share.min()),
            }
        )
    return pd.DataFrame(rows).round(2)


def leaders(table):
    """Return the systems with the largest availability in a comparison; equals stand together."""
    share = table["PDOP ≤ 6, mean %"]
    return " and ".join(table.loc[share > share.max() - 0.05, "system"])


def bars(table, mask_deg):
    """Return the comparison as a chart: satellites in view and availability, side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 2.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, column, title in (
        (left, "in view, mean", f"Satellites above {mask_deg}°, mean"),
        (right, "PDOP ≤ 6, mean %", "Time with PDOP at most 6, %"),
    ):
        colors = [style.color(style.category_style(i)[0]) for i in range(len(table))]
        drawn = axes.barh(table["system"], table[column], color=colors)
        axes.bar_label(drawn, fmt="%.1f", padding=3, fontsize=9)
        axes.set_title(title, fontsize=10, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.15)
    left.invert_yaxis()
    words = "; ".join(
        f"{row['system']}: {row['in view, mean']:.1f} in view, "
        f"PDOP at most 6 for {row['PDOP ≤ 6, mean %']:.1f} % of the time"
        for row in table.to_dict("records")
    )
    return maps.chart(figure, "Systems side by side", alt=f"At {mask_deg}°. {words}.", table=table)
