"""What lesson 00 draws: one map of partners, ground stations, satellites and cables, by year.

Every table prepared here has the columns `since` and `until`: a row is drawn at the end of a year
where since <= year < until. A row that has not ended has NEVER as its `until`.
"""

import numpy as np
import pandas as pd

from helpers import data, maps, style
from silkroad import constellations, network, orbits

NEVER = 9999
LAST_YEAR = 2026  # the tables end in June of this year
PARTNERS = {  # light, so that marks stand out on them
    "signed": "#A7CBE5",
    "signed according to China, unconfirmed": "#F2DFA0",
    "signed, later withdrawn": "#E9B08F",
}
STATIONS = {
    "data_receiving": ("receives images", "green", "square"),
    "ttc": ("tracks and commands", "black", "diamond"),
    "control_centre": ("control centre", "orange", "star"),
    "bds_centre": ("BeiDou centre", "purple", "cross"),
}
ROLES = {
    "communications": ("orange", "square"),
    "earth observation": ("green", "triangle"),
    "science": ("purple", "star"),
}
PATHS = "Path of one day, inclined orbits"


def day_paths(elements, start):
    """Return the paths over the ground of one day, as a layer, for the IGSO among `elements`."""
    some = elements[elements["orbit_class"] == "IGSO"]
    tracks = orbits.ground_track(some, start, 24, 10)
    return maps.lines(tracks, PATHS, color="purple", weight=1)


def moved(elements, minutes):
    """Return the headline of the first map: how many satellites, and how much later it is."""
    kinds = elements["orbit_class"].value_counts()
    count = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    later = f"{minutes // 60} h {minutes % 60:02d} min after the start" if minutes else "The start"
    return f"{later}: {len(elements)} BeiDou satellites in service ({count})."


def partners():
    """Return the countries that ever signed, with since and the year in which one withdrew."""
    signed = data.load("bri_countries")
    left = signed["withdrawn_date"].str[:4].astype(float)
    return signed.assign(since=signed["signed_year"], left=left.fillna(NEVER), until=NEVER)


def stations():
    """Return the ground stations and centres; their years are not in the table: drawn always."""
    places = data.load("places")
    places = places[places["kind"].isin(STATIONS)]
    kinds = places["kind"].map({key: words for key, (words, *_) in STATIONS.items()})
    return places.assign(kind=kinds, since=0, until=NEVER)


def partner_satellites(now):
    """Return the satellites built or launched with a partner country, placed at the time `now`.

    Tracked ones stand below their computed position, ended geostationary ones at their longitude
    on the equator. The two with neither have no lat and lon: they are not drawn.
    """
    table = data.load("satellites")
    table = constellations.placed(table[table["partner_iso3"].notna()], now)
    # The first four digits of the international number are the year of the launch.
    year = table["launch_date"].dt.year.fillna(table["cospar_id"].str[:4].astype(float))
    names = {f["properties"]["iso3"]: f["properties"]["name"] for f in data.countries()["features"]}
    return table.assign(
        role=table["role"].str.replace("_", " "),
        partner=table["partner_iso3"].map(names),
        since=year.astype(int),
        until=table["end_date"].dt.year.fillna(NEVER).astype(int),
    )


def cables():
    """Return the core cables, one row each, with their routes as pieces of lines.

    A piece joins a point to the one it comes from (`from_key`); routes are schematic. The generic
    land links have no year and are drawn at the last one.
    """
    table = data.load("cables")
    table = table[table["core"]]
    points = data.load("cable_landings")
    routes = network.drawn_paths(points[points["cable_id"].isin(table["id"])])
    return table.assign(
        route=table["id"].map(routes),
        since=table["rfs_year"].fillna(LAST_YEAR).astype(int),
        until=NEVER,
    )


def beidou(flying, now):
    """Return the BeiDou satellites of `flying` placed at the time `now`, with since and until."""
    below = orbits.subpoints(flying, now).squeeze("time")
    return flying.assign(
        lat=below["lat"].to_numpy(),
        lon=below["lon"].to_numpy(),
        since=flying["launch_date"].dt.year,
        until=NEVER,
    )


def draw(then, year):
    """Return the layers of one year; `then` holds the rows of each table that count in it."""
    return [
        _partners(then["partners"], year),
        _cables(then["cables"]),
        maps.points(
            then["stations"],
            "Ground stations",
            category="kind",
            styles={words: (color, shape) for words, color, shape in STATIONS.values()},
            popup=["why"],
            size=5,
        ),
        maps.points(
            then["satellites"].dropna(subset="lat"),
            "Satellites with a partner",
            category="role",
            styles=ROLES,
            popup=["partner", "orbit_class", "launch_date", "status", "notes"],
        ),
        maps.points(
            then["beidou"],
            "BeiDou in service now",
            styles={"BeiDou": ("blue", "circle")},
            popup=["orbit_class", "launch_date", "epoch"],
            size=5,
            visible=False,
        ),
    ]


def sentence(then, year):
    """Return the headline of one year: how much of each table counts in it."""
    when = "By June 2026" if year == LAST_YEAR else f"By the end of {year}"
    signed = then["partners"]
    left = int((signed["left"] <= year).sum())
    aside = int(then["satellites"]["lat"].isna().sum())
    return (
        f"{when}, countries that have signed: {len(signed)} (withdrawn since: {left}). "
        f"Satellites with a partner: {len(then['satellites'])} (not drawn: {aside}). "
        f"Cables and land links: {len(then['cables'])}. BeiDou satellites: {len(then['beidou'])}."
    )


def _partners(rows, year):
    words = list(PARTNERS)
    state = np.select(
        [rows["left"] <= year, rows["status"] == "unconfirmed"], [words[2], words[1]], words[0]
    )
    popup = {
        row.iso3: {
            "signed": row.signed_year,
            "status": text,
            "sources": row.source_ids,
            "confidence": row.confidence,
        }
        for row, text in zip(rows.itertuples(), state, strict=True)
    }
    values = pd.Series(state, index=rows["iso3"], dtype=object)
    return maps.countries(values, "Belt and Road document", styles=PARTNERS, popup=popup)


def _cables(rows):
    popup = {
        row.name: {
            "in use since": row.rfs_year,
            "suppliers": row.suppliers,
            "status": row.status,
            "sources": row.source_ids,
            "confidence": row.confidence,
        }
        for row in rows.itertuples(index=False)
    }
    paths = dict(zip(rows["name"], rows["route"], strict=True))
    return maps.lines(
        paths, "Data cables", color=style.COLORS["grey"], weight=1.4, popup=popup, visible=False
    )
