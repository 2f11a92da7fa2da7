"""Measured round trips beside the cable network's: how much longer, how sure, and which way round.

A measured round trip is what packets took from server to server and back. Beside it stand two
computed ones: light in glass along the great circle, which nothing in a cable can beat, and the
quickest route of the network of `network` on the day of the measurement.

Two servers that measure each other should find the same, as each packet goes there and back.
Where they do not, by more than AGREE_PCT of the quicker and AGREE_MS, the pair is flagged; a
pair's round trip is always the quicker of the two.

A measurement cannot tell a longer cable from slower glass: only their product is seen. So
`lower_edge` fits one while the other is as assumed.
"""

import numpy as np
import pandas as pd

from helpers import data
from helpers.inputs import InputError, one_of
from silkroad import network, resilience
from silkroad.geometry import great_circle, great_circle_km, split_antimeridian
from silkroad.values import number

NEAR_KM = 80  # a server so near a place of the network stands for it
AGREE_PCT, AGREE_MS = 2, 1  # directions that differ by more than both do not agree
EDGE = 0.02  # share of pairs that lie below the lower edge
POSITION = ["lat", "lon"]


def as_of(day):
    """Return the network of our tables on a day, "2020-07-19": cables in service and not cut.

    `network.cables_in_service` says which cables are, `resilience.open_faults` what is cut.
    """
    cables = network.cables_in_service(data.load("cables"), day)
    net = network.graph(data.load("cable_landings"), cables, data.load("assumed_links"))
    faults = resilience.open_faults(data.load("cable_faults"), day)
    return resilience.cut(net, segments=set().union(*resilience.fault_segments(net, faults)))


def glass_ms(km):
    """Return the round trip of light in straight glass over a great circle of `km`, in ms."""
    return 2 * np.asarray(km) / network.FIBRE_KM_PER_MS


def pairs(trips, servers):
    """Return the pairs of `round_trips` with what distance alone says: one row a pair, as there.

    great_km between the servers; glass_ms, light in glass along it; measured_ms, the quicker
    direction; slower_ms, the other; agree (bool); stretch = measured_ms / glass_ms; from_place,
    to_place, keys of the network, missing where no place is near; sources and confidence, if any.
    The columns `from` and `to` are names of `ping_servers`; InputError: a name that is not there.
    """
    at = servers.set_index("city")
    cities = list(at.index)
    for end in ("from", "to"):
        for city in trips[end].unique():
            one_of(city, cities, "server")
    first, last = (at.loc[trips[end]] for end in ("from", "to"))
    both = trips[["min_out_ms", "min_back_ms"]].to_numpy()
    cited = [column for column in ("source_ids", "confidence") if column in trips]
    table = trips[["from", "to", *cited]].assign(
        great_km=great_circle_km(*(end[c].to_numpy() for end in (first, last) for c in POSITION)),
        measured_ms=both.min(axis=1),
        slower_ms=both.max(axis=1),
        from_place=first["place_key"].to_numpy(),
        to_place=last["place_key"].to_numpy(),
    )
    table["agree"] = directions_agree(table["measured_ms"], table["slower_ms"])
    table["glass_ms"] = glass_ms(table["great_km"])
    table["stretch"] = table["measured_ms"] / table["glass_ms"]
    return table


def directions_agree(one_ms, other_ms):
    """Tell whether a pair's two round trips are the same: within AGREE_MS, or AGREE_PCT of one."""
    quick, slow = np.minimum(one_ms, other_ms), np.maximum(one_ms, other_ms)
    return (slow - quick <= AGREE_MS) | (slow - quick <= AGREE_PCT / 100 * quick)


def measured():
    """Return the `pairs` of our tables: those of 19 and 20 July 2020."""
    return pairs(data.load("round_trips"), data.load("ping_servers"))


def seen_from(pairs, servers, city):
    """Return the pairs of one city, as seen from there; the index is the other end.

    Added are lat and lon of that end, and `path`, the great circle as a map draws it.
    """
    here = pairs["from"] == one_of(city, list(servers["city"]), "server")
    table = pairs[here | (pairs["to"] == city)].copy()
    table.index = table["to"].where(here, table["from"]).rename("city")
    at = servers.set_index("city")[POSITION]
    ways = [great_circle(*at.loc[city], *at.loc[other], points=24) for other in table.index]
    return at.join(table.assign(path=[split_antimeridian(*way) for way in ways]), how="right")


def modelled(pairs, net):
    """Return the pairs that the network joins, with model_ms and factor = measured / modelled.

    Left out are pairs with a server near no place, with both at one place, and those between
    whose places no cable leads. The way from a server to its place is not counted.
    """
    import networkx as nx

    ways = {
        place: nx.single_source_dijkstra_path_length(net, place, weight="delay_ms")
        for place in pairs["from_place"].dropna().unique()
        if place in net
    }
    ends = zip(pairs["from_place"], pairs["to_place"], strict=True)
    delay = [ways.get(start, {}).get(end, np.nan) for start, end in ends]
    table = pairs.assign(model_ms=2 * np.array(delay, dtype=float))
    table = table[table["model_ms"] > 0]
    return table.assign(factor=table["measured_ms"] / table["model_ms"])


def lower_edge(values, share=EDGE):
    """Return what a share of the values lies below: the lower edge of a cloud of points.

    Of factors measured / modelled, times the group index assumed, it is the group index that the
    edge asks for, if the lengths are right; of stretches, measured / straight glass, it is the
    surplus of length over the great circle, if the group index is. InputError: no values.
    """
    values = np.asarray(values, dtype=float)
    if not values.size or np.isnan(values).any():
        raise InputError("The edge needs numbers, none of them missing: drop pairs without one.")
    return float(np.quantile(values, number(share, "share", 0, 1)))


def matrix(pairs):
    """Return the round trips in ms as a square table of cities; NaN where none was measured."""
    cities = sorted({*pairs["from"], *pairs["to"]})
    table = pd.DataFrame(np.nan, index=cities, columns=cities)
    row, column = (table.index.get_indexer(pairs[end]) for end in ("from", "to"))
    trips = table.to_numpy(copy=True)
    trips[row, column] = trips[column, row] = pairs["measured_ms"]
    return pd.DataFrame(trips, index=cities, columns=cities)


def detours(trips, start, end):
    """Return the ways over a third city, the quickest first; the index is that city.

    trips: a `matrix`. first_ms and second_ms are the two measured legs, via_ms their sum, and
    share = via_ms / the direct round trip: below 1 the detour was quicker, near 1 the direct way
    may have led through there. InputError: an unknown city, the same twice, or no direct one.
    """
    for city in (start, end):
        one_of(city, list(trips.index), "city")
    if start == end:
        raise InputError(f"Both ends are {start}: give two cities.")
    direct = trips.loc[start, end]
    if np.isnan(direct):
        raise InputError(f"{start} and {end} were not measured: choose another pair.")
    legs = pd.DataFrame({"first_ms": trips[start], "second_ms": trips[end]})
    legs = legs.drop(index=[start, end]).dropna()
    legs["via_ms"] = legs["first_ms"] + legs["second_ms"]
    legs["share"] = legs["via_ms"] / direct
    return legs.sort_values("via_ms", kind="stable").rename_axis("city")


def quickest_detours(trips):
    """Return the quickest way over a third city of each pair in ms, a table as square as `trips`.

    Infinite where no third city was measured from both; never over one of the two themselves.
    """
    times = trips.fillna(np.inf).to_numpy()
    ways = [np.min(row[:, None] + times, axis=0) for row in times]
    return pd.DataFrame(ways, index=trips.index, columns=trips.columns)


def hub_cities(servers, hubs):
    """Return {place key of a hub: its server}, the nearest one within NEAR_KM of each hub.

    hubs: a table by place key with lat and lon, as of `network.located`.
    """
    found = {}
    for hub in hubs.itertuples():
        away = great_circle_km(
            hub.lat, hub.lon, servers["lat"].to_numpy(), servers["lon"].to_numpy()
        )
        if away.min() <= NEAR_KM:
            found[hub.Index] = servers["city"].iloc[int(away.argmin())]
    return found


def to_hubs(pairs, cities, hubs):
    """Return the pairs from any of `cities` to any of `hubs`, both names of servers.

    A pair counts once, whichever way round; two of the same list are no pair unless each is in
    the other.
    """
    out = pairs["from"].isin(cities) & pairs["to"].isin(hubs)
    back = pairs["to"].isin(cities) & pairs["from"].isin(hubs)
    return pairs[out | back]
