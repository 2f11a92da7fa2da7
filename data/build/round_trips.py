"""Make data/round_trips.csv and data/ping_servers.csv from WonderProxy's two files.

    make data DATA_ARGS="--no-map --round-trips FOLDER"

The files stand in the repository sm86/geo-latency-data on GitHub, which took them from WonderProxy
("A day in the life of the Internet", 2020): download them into FOLDER. Without `--round-trips` the
tables stay as they are. Each of 246 servers measured the round trip to each other one every hour
of 19 and 20 July 2020, 30 packets a time; the repository grouped the hours. It does not say how.
The last digits, which are those of a half in half of all figures and never another fraction, are
those of a median over an even or odd number of hours.

Kept are servers near a place of our cable network, the nearest to each capital of the table
`capitals` in its country, and those at CROSSROADS. Near is `latency.NEAR_KM`. Left out are those
that stand elsewhere: where the file itself names another city (ELSEWHERE), and where round trips,
both ways, are quicker than light in glass over the distance that the file gives. Of two servers
whose distance is wrong, the one with more such pairs goes first; where they are equal, both go.
"""

import csv
import hashlib
import io
from pathlib import Path

import numpy as np
import pandas as pd

from course.files import replace
from helpers import data
from silkroad import latency, network
from silkroad.geometry import great_circle_km

SHA256 = {
    "servers-2020-07-19.csv": "1a4a41c08efec94b3ee49093a03bf08d9814376b8a2d19d16a56623a1b436b19",
    "pings-2020-07-19-2020-07-20-grouped.csv": (
        "67ffee9718013a434d386562196ce1f932dab9159d617744280e7e0e1d4a67a4"
    ),
}
DAY = "2020-07-19"  # the first of the two
SOURCES = "S440;S441"
CROSSROADS = ["Amsterdam", "Dubai", "Los Angeles", "New York", "Seattle"]  # our choice
ELSEWHERE = {"Kiev"}  # the file says Kharkiv, 410 km away
NAMES = {"Malaysia": "Kuala Lumpur", "Koto": "Tokyo (Koto)"}
# As our tables spell them.
COUNTRIES = {"Hong Kong": "Hong Kong (China)", "Turkey": "Türkiye", "Czech Republic": "Czechia"}


def made(folder):
    """Write both tables from the files in a folder, once they are known to be the right ones."""
    servers, trips = recorded(Path(folder))
    trips = both_ways(trips, servers.set_index("id"))
    kept = near(servers.set_index("id").drop(index=elsewhere(trips)))
    save("ping_servers", kept)
    save("round_trips", trips_between(trips, kept))


def recorded(folder):
    """Return the two files as tables, found by their hashes; stop where one is not there."""
    contents = [path.read_bytes() for path in sorted(folder.glob("*.csv"))]
    found = {hashlib.sha256(content).hexdigest(): content for content in contents}
    for name, sha256 in SHA256.items():
        if sha256 not in found:
            raise SystemExit(
                f"No file in {folder} is the recorded {name}: download it from GitHub "
                f"sm86/geo-latency-data; its sha256 is {sha256}."
            )
    return [pd.read_csv(io.BytesIO(found[sha256])) for sha256 in SHA256.values()]


def both_ways(trips, servers):
    """Return one row for each pair that was measured both ways, and what light in glass needs."""
    known = trips["source"].isin(servers.index) & trips["destination"].isin(servers.index)
    trips = trips[known & (trips["source"] != trips["destination"])]
    ends = {"left_on": ["source", "destination"], "right_on": ["destination", "source"]}
    pairs = trips.merge(trips, **ends, suffixes=("_out", "_back"))
    pairs = pairs.rename(columns={"source_out": "from", "destination_out": "to"})
    pairs = pairs[pairs["from"] < pairs["to"]].reset_index(drop=True)
    at = [servers.loc[pairs[end], ["latitude", "longitude"]].to_numpy() for end in ("from", "to")]
    pairs["glass_ms"] = latency.glass_ms(great_circle_km(*at[0].T, *at[1].T))
    return pairs


def elsewhere(pairs):
    """Return the servers that cannot stand where the file says: the fewest that explain it."""
    quick = (pairs[["min_out", "min_back"]].lt(pairs["glass_ms"], axis=0)).all(axis=1)
    left, gone = pairs.loc[quick, ["from", "to"]], set()
    while len(left):
        count = left.stack().value_counts()
        gone |= set(count.index[count == count.max()])
        left = left[~left.isin(gone).any(axis=1)]
    return sorted(gone)


def near(servers):
    """Return the servers that are kept, as rows of `ping_servers`, in the order of their names."""
    net = network.graph(*map(data.load, ("cable_landings", "cables", "assumed_links")))
    places = network.located(net, list(network.places(net)))
    codes = {about["name"]: about["iso3"] for about in properties()}
    named = servers["country"].replace(COUNTRIES)
    servers = servers.assign(country=named, iso3=named.map(codes))
    capitals = nearest_to_capitals(servers)
    rows = []
    for id, row in servers.iterrows():
        place, place_km = nearest(row, places)
        reasons = {
            "place": place is not None,
            "capital": id in capitals,
            "crossroads": row["title"] in CROSSROADS,
        }
        kept_for = [reason for reason, holds in reasons.items() if holds]
        if kept_for and row["title"] not in ELSEWHERE:
            rows.append(server(id, row, kept_for, capitals.get(id), place, place_km))
    return sorted(rows, key=lambda row: row["city"])


def server(id, row, kept_for, capital, place, place_km):
    """Return one row of `ping_servers`."""
    city = NAMES.get(row["title"], row["title"])
    stands_in = "" if row["location"] in (row["title"], city) else row["location"]
    return {
        "city": city,
        "server_id": id,
        "iso3": row["iso3"],
        "country": row["country"],
        "lat": round(row["latitude"], 4),
        "lon": round(row["longitude"], 4),
        "stands_in": stands_in,
        "kept_for": ";".join(kept_for),
        "capital": capital,
        "place_key": place,
        "place_km": None if place is None else round(place_km),
        "source_ids": SOURCES + (";S419" if kept_for == ["crossroads"] else ""),
        "source_note": f"S440: the server stands in {stands_in}" if stands_in else "",
        "confidence": "medium",
    }


def properties():
    return [shape["properties"] for shape in data.shapes()["features"]]


def nearest_to_capitals(servers):
    """Return {server: capital}: of each country the server nearest to its capital, if near."""
    found = {}
    for row in data.load("capitals").itertuples():
        home = servers[servers["iso3"] == row.iso3]
        home = home.rename(columns={"latitude": "lat", "longitude": "lon"})
        id, _ = nearest({"latitude": row.lat, "longitude": row.lon}, home)
        if id is not None:
            found[id] = row.capital
    return found


def nearest(spot, places):
    """Return (index, km) of the nearest of some places, or (None, None) where none is near."""
    if places.empty:
        return None, None
    away = great_circle_km(
        spot["latitude"], spot["longitude"], places["lat"].to_numpy(), places["lon"].to_numpy()
    )
    first = int(np.argmin(away))
    if away[first] > latency.NEAR_KM:
        return None, None
    return places.index[first], float(away[first])


def trips_between(pairs, kept):
    """Return the rows of `round_trips`: pairs of kept servers, fastest and average, both ways.

    A pair of which one direction alone is quicker than light in glass was not measured right and
    is left out. One whose directions do not agree says so, and has low confidence.
    """
    order = {row["server_id"]: row["city"] for row in kept}
    known = pairs["from"].isin(order) & pairs["to"].isin(order)
    slow = pairs[["min_out", "min_back"]].min(axis=1) >= pairs["glass_ms"]
    rows = []
    for row in pairs[known & slow].to_dict("records"):
        out, back = "out", "back"
        ends = [order[row["from"]], order[row["to"]]]
        if ends != sorted(ends):
            ends, out, back = ends[::-1], "back", "out"
        agree = latency.directions_agree(row["min_out"], row["min_back"])
        rows.append(
            {
                "from": ends[0],
                "to": ends[1],
                "min_out_ms": round(row[f"min_{out}"], 3),
                "avg_out_ms": round(row[f"avg_{out}"], 3),
                "min_back_ms": round(row[f"min_{back}"], 3),
                "avg_back_ms": round(row[f"avg_{back}"], 3),
                "date": DAY,
                "source_ids": SOURCES,
                "source_note": "" if agree else "S440: the two ends do not agree",
                "confidence": "medium" if agree else "low",
            }
        )
    return sorted(rows, key=lambda row: (row["from"], row["to"]))


def save(name, rows):
    """Write rows as a table of the folder data, in the order of its fields."""
    columns = [field["name"] for field in data.package()[name]["schema"]["fields"]]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    replace(data.FOLDER / f"{name}.csv", text.getvalue().encode("utf-8"))
