"""What the orbit lessons draw: orbit classes, ground tracks, the period against the axis."""

import numpy as np
import pandas as pd

from helpers import data, maps, style
from silkroad import orbits

SIDEREAL_DAY_HOURS = 23.9345
LABEL_OFFSETS = {  # points; kinds of one height would print over each other
    "LEO": (-4, -16),
    "SSO": (-4, 10),
    "MEO": (10, -6),
    "IGSO": (-34, -2),
    "GEO": (-6, -18),
}
GROUPS = {
    "beidou": "BeiDou",
    "space_station": "Chinese space station",
    "earth_observation": "Earth observation",
    "communications": "communications",
    "partner": "satellites of partners",
    "weather": "weather",
    "science": "science",
    "gps": "GPS",
    "glonass": "GLONASS",
    "galileo": "Galileo",
    "qzss": "QZSS (Japan)",
    "navic": "NavIC (India)",
}


def with_class(elements):
    """Return the elements with axis_km, height_km (mean), period_hours and orbit_class.

    Classes by period, height and inclination: a turn a day is GEO below 10° of inclination, else
    IGSO; above 10,000 km it is MEO; below 2,000 km SSO for 96° to 100°, else LEO.
    """
    axis = orbits.semi_major_axis_km(elements["mean_motion_rev_per_day"])
    table = elements.assign(axis_km=axis, height_km=axis - orbits.EQUATOR_KM)
    table["period_hours"] = 24 / table["mean_motion_rev_per_day"]
    daily = (table["period_hours"] - SIDEREAL_DAY_HOURS).abs() < 0.5
    slanted = table["inclination_deg"] >= 10
    table["orbit_class"] = np.select(
        [
            daily & ~slanted,
            daily,
            table["height_km"] > 10_000,
            table["inclination_deg"].between(96, 100),
        ],
        ["GEO", "IGSO", "MEO", "SSO"],
        "LEO",
    )
    return table


def points(table, below, name):
    """Return the sub-satellite points `below` (Dataset at one time) of the satellites `table`."""
    frame = table.assign(
        lat=below["lat"].to_numpy(),
        lon=below["lon"].to_numpy(),
        height_now_km=below["height_km"].to_numpy().round(),
    )
    return maps.points(
        frame,
        name,
        category="orbit_class",
        styles=style.ORBIT_STYLES,
        popup=["orbit_class", "height_now_km", "period_hours", "inclination_deg", "epoch"],
        size=5,
    )


def track(elements, start, hours, step_minutes=2):
    """Return the ground track of one satellite from `start` on as a layer of its own."""
    paths = orbits.ground_track(elements, start, hours=hours, step_minutes=step_minutes)
    return maps.lines(paths, "Ground track", color="black", dash="", weight=1.8)


def invented(height_km, inclination_deg, eccentricity, epoch):
    """Return elements of a satellite that does not exist, over 100°E at `epoch`.

    height_km is the mean height over the equator's radius; the axis and Kepler's third law give
    the mean motion. Drag is none. The source is the reader's own choice.
    """
    template = data.load("elements").head(1)
    axis = height_km + orbits.EQUATOR_KM
    turns = 24 / orbits.period_hours(axis)
    sidereal = float(np.degrees(orbits.gmst_rad(np.atleast_1d(epoch.to_datetime64())))[0])
    return template.assign(
        name="your satellite",
        norad_id=0,
        epoch=epoch,
        inclination_deg=float(inclination_deg),
        raan_deg=(sidereal + 100) % 360,
        eccentricity=float(eccentricity),
        arg_perigee_deg=0.0,
        mean_anomaly_deg=0.0,
        mean_motion_rev_per_day=turns,
        bstar=0.0,
        mean_motion_dot=0.0,
        mean_motion_ddot=0.0,
    )


def kepler_chart(table, group):
    """Return period against semi-major axis of all satellites, one group marked, as a chart."""
    figure, axes = style.chart(7.2, 3.4)
    for orbit_class, (color, _) in style.ORBIT_STYLES.items():
        part = table[table["orbit_class"] == orbit_class]
        axes.loglog(
            part["axis_km"], part["period_hours"], "o", ms=4, alpha=0.35, color=style.color(color)
        )
        if len(part):
            axes.annotate(
                orbit_class,
                (part["axis_km"].median(), part["period_hours"].median()),
                xytext=LABEL_OFFSETS[orbit_class],
                textcoords="offset points",
                fontsize=9,
            )
    marked = table[table["group"] == group]
    axes.loglog(
        marked["axis_km"],
        marked["period_hours"],
        "s",
        ms=7,
        mfc="none",
        color=style.color("black"),
        label=GROUPS[group],
    )
    axes.set_xticks([7000, 10_000, 20_000, 42_164], ["7,000", "10,000", "20,000", "42,164"])
    axes.set_yticks([1.5, 3, 6, 12, 24], ["1.5", "3", "6", "12", "24"])
    axes.minorticks_off()
    axes.margins(x=0.1, y=0.12)
    axes.set_xlabel("semi-major axis, km (log scale)")
    axes.set_ylabel("period, hours (log scale)")
    axes.legend(frameon=False)
    low, high = marked["period_hours"].min(), marked["period_hours"].max()
    alt = (
        f"Period against semi-major axis of {len(table)} satellites on logarithmic scales: all "
        f"lie on one straight line. {GROUPS[group]}: {low:.1f} to {high:.1f} hours."
    )
    columns = ["name", "orbit_class", "axis_km", "period_hours"]
    return maps.chart(figure, "Kepler's third law", alt=alt, table=marked[columns].round(2))


def class_table(table):
    """Return one row for each orbit class: how many, height, period and inclination (medians)."""
    order = [
        name for name in ("LEO", "SSO", "MEO", "IGSO", "GEO") if name in set(table.orbit_class)
    ]
    grouped = table.groupby("orbit_class")[["height_km", "period_hours", "inclination_deg"]]
    medians = grouped.median().round(1).loc[order]
    return pd.concat([grouped.size().rename("satellites").loc[order], medians], axis=1)


def reach(line, turns_per_day):
    """Return the headline of a ground track: its highest latitude and the turns per day."""
    highest = max(abs(lat) for path in line.spec["paths"] for piece in path for lat, _ in piece)
    return f"It reaches {highest:.0f}° of latitude and makes {turns_per_day:.2f} turns a day."
