"""Satellites that pass, in lesson 07: the rows and layers of its longer views."""

import pandas as pd

from course import l07
from helpers import charts, maps
from silkroad import imaging, orbits

KINDS = {
    "earth_observation": "Chinese Earth observation",
    "weather": "Chinese weather",
    "partner": "partners' satellites",
}
GREYS = [("grey", "6 4"), ("grey", "2 4"), ("grey", "10 4 2 4")]


def low_orbits(elements):
    """Return the watching satellites of `elements` in low orbits: height, whose, drift a day."""
    axis_km = orbits.semi_major_axis_km(elements["mean_motion_rev_per_day"])
    kept = elements.assign(height_km=axis_km - orbits.EQUATOR_KM)
    kept["whose"] = kept["group"].map(KINDS)
    kept = kept[kept["mean_motion_rev_per_day"].between(12.5, 15.6)].dropna(subset="whose")
    rate = imaging.node_rate(kept["height_km"], kept["inclination_deg"])
    kept = kept.assign(turns_deg_per_day=rate)
    return kept.round(dict.fromkeys(kept.select_dtypes("number"), 3))


def followed(names, times):
    """Return (tracks, widest) of the satellites named: where each is and whether it sees there.

    tracks: a Dataset of lat, lon, sees (satellite, time). A radar sees always, a camera in light.
    widest: a row for each satellite, as `l07.widest`.
    """
    every = imaging.cameras(ocean=True)
    involved = every[every["satellite"].isin(names)]
    tracks = orbits.subpoints(imaging.carriers(involved), times)
    widest = l07.widest(involved).loc[tracks["satellite"].values]
    sees = imaging.lit(tracks) | widest[["radar"]].to_numpy()
    return tracks.assign(sees=(("satellite", "time"), sees)), widest


def reach_deg(widest, width_km):
    """Return how far satellites reach to a side, in degrees: their own strips, or imagined ones."""
    if width_km == l07.AS_PUBLISHED:
        return widest["half_deg"].to_numpy()
    return imaging.half_swath_angle(640, width_km)


def gaps_by_latitude(results, name, words):
    """Return a chart of the middle largest gap of each latitude, one line for each of `results`.

    results: {name: what `imaging.visits` returned}; the line of `name` is blue, the others grey.
    """
    rows = []
    for each in [*(other for other in results if other != name), name]:
        gaps = results[each]["largest_gap_hours"].median("lon")
        rows.append(pd.DataFrame({"latitude": gaps["lat"], "hours": gaps.round(1), "fleet": each}))
    lines = pd.concat(rows)
    dashes = dict(zip(results, GREYS, strict=False))  # each keeps its own, whatever is blue
    looks = {"color": "fleet", "styles": dashes | {name: ("blue", "")}}
    return charts.draw(
        charts.lines(lines, x="latitude", y="hours", **looks),
        name="Largest gap by latitude",
        x="latitude, degrees north",
        xlim=(-90, 90),
        xticks=range(-90, 91, 30),
        y="largest gap, hours",
        ylim=(0, 135),
        words=words,
        table=lines.pivot(index="latitude", columns="fleet", values="hours").reset_index(),
    )


def last_minutes(ways, looks):
    """Return a layer for each kind of the ways that `l07.approach` found; looks {kind: look}."""
    return [
        maps.lines(way, f"Last 14 minutes, {kind}", color=looks[kind][0], weight=2.2)
        for kind, way in ways.items()
    ]


def cards(capitals, hours):
    """Return {iso3: what a click on a country shows}: its capital, and its hours of waiting."""
    told = hours.map("{:.1f}".format).replace("inf", "none")
    rows = capitals[["country", "capital"]].assign(hours=told, sources=capitals["source_ids"])
    return rows.to_dict("index")
