"""What a cut does to the cable network: who keeps a route, and which single cut harms most.

A cut is a copy of the graph of `network` without some segments. Two questions are asked of it.
How many routes lead from a country to the hubs, where our network meets the rest of the world's:
none, one, or two that share no segment. And by how many milliseconds a round trip grows.

Capacity is in neither: delays hold for an empty network.
"""

from collections import Counter, defaultdict

import numpy as np
import pandas as pd

from helpers.inputs import InputError, one_of
from silkroad import satcom
from silkroad.dates import end, middle
from silkroad.geometry import off_great_circle_km
from silkroad.network import (
    chokepoint_names,
    default_hubs,
    node_of,
    node_position,
    quickest_segments,
)
from silkroad.values import latitude, longitude, positive

REPAIR_DAYS = 60  # of faults whose repair has no date
LOST_SIDE_DEG = 45  # a side that is lost counts as a geostationary satellite at this elevation


# Cuts


def cut(net, cables=(), chokepoints=(), segments=()):
    """Return a copy of the network without these cables, chokepoints and segments, by their ids.

    A cable is cut in its whole length, a chokepoint in all segments that carry its tag. Places
    stay, so a cut may separate the network. InputError: an id that the network does not have.
    """
    edges = list(net.edges(keys=True, data=True))
    known = {
        "cable": {e["cable"] for *_, e in edges},
        "chokepoint": set(chokepoint_names()).union(*(e["chokepoints"] for *_, e in edges)),
        "segment": {key for *_, key, _ in edges},
    }
    for what, ids in (("cable", cables), ("chokepoint", chokepoints), ("segment", segments)):
        if isinstance(ids, str):
            raise InputError(f"{ids!r} is one {what}: give a list, as [{ids!r}].")
        for id in ids:
            one_of(id, sorted(known[what]), what)
    gone = [
        (u, v, key)
        for u, v, key, e in edges
        if key in segments or e["cable"] in cables or e["chokepoints"].intersection(chokepoints)
    ]
    after = net.copy()
    after.remove_edges_from(gone)
    return after


def broken(net, lat, lon, cables):
    """Return the segments a fault at this place cuts: of each cable in the network the nearest.

    `cables` are ids; those without a path are passed over. A DataFrame: segment, cable,
    distance_km from the place of the fault to the drawn line, which is schematic.
    """
    lat, lon, rows = float(latitude(lat)), float(longitude(lon)), []
    for cable in cables:
        away = [
            (off_great_circle_km(lat, lon, *node_position(net, u), *node_position(net, v)), key)
            for u, v, key, e in net.edges(keys=True, data=True)
            if e["cable"] == cable
        ]
        if away:
            distance, key = min(away)
            rows.append({"segment": key, "cable": cable, "distance_km": distance})
    return pd.DataFrame(rows, columns=["segment", "cable", "distance_km"])


def fault_segments(net, faults):
    """Return what each row of the table `cable_faults` cuts in the network: lists of segments."""
    return [
        broken(net, row.lat, row.lon, row.cable_ids.split(";"))["segment"].tolist()
        if isinstance(row.cable_ids, str)
        else []
        for row in faults.itertuples()
    ]


def open_faults(faults, day):
    """Return the rows of `cable_faults` whose damage was open on a day, "2020-07-19".

    From the day of the fault to that of the repair. A repair without a date is taken to last
    REPAIR_DAYS, longer than each that the table dates; one known to the month ends with it.
    InputError: what is no date.
    """
    year = middle([str(day)[:10]]).iloc[0]
    begun = middle(faults["date"].dt.strftime("%Y-%m-%d"))
    over = end(faults["repaired_date"]).fillna(begun + REPAIR_DAYS / 365.25)
    return faults[(begun <= year) & (year < over)]


def lost_segments(before, after):
    """Return the ids of the segments that a network has no more after a cut, as a set."""
    return set.difference(*({key for *_, key in net.edges(keys=True)} for net in (before, after)))


# Who keeps a route


def routes_left(net, hubs=None):
    """Return how many routes lead from each country to any of the hubs: 0, 1, or 2 for more.

    Routes that share no segment are counted, from all places of a country together, as if its
    own network linked them; a country with a hub has 2. A DataFrame by iso3: routes, and `only`,
    a segment that all routes of a country with one share (else None).

    hubs: {side: places}, by default `default_hubs`; they are taken as one node. A country has one
    route where a bridge, an edge whose removal separates (Tarjan 1974), lies between all of its
    places and the hubs; otherwise it has two, by Menger's theorem.
    """
    hubs = set().union(*_sides(net, hubs).values())
    neighbours = defaultdict(list)
    for u, v, key in net.edges(keys=True):
        u, v = ("*" if node in hubs else node for node in (u, v))
        if u != v:
            neighbours[u].append((v, key))
            neighbours[v].append((u, key))
    above = _bridges_above(neighbours, "*")
    lands = defaultdict(list)
    for node, about in net.nodes(data=True):
        if about["iso3"]:
            lands[about["iso3"]].append(node)
    rows = {}
    for iso3, nodes in sorted(lands.items()):
        paths = [above[node] for node in nodes if node in above]
        shared = frozenset.intersection(*paths) if paths else frozenset()
        routes = 0 if not paths else 1 if shared else 2
        if hubs.intersection(nodes):
            routes = 2
        rows[iso3] = {"routes": routes, "only": min(shared) if routes == 1 else None}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["routes", "only"])


def left_without(before, after):
    """Return the countries that a cut leaves with fewer routes: DataFrame by iso3: before, after.

    `before` and `after` are tables of `routes_left`, where 2 stands for two or more: only the
    countries that fall to one route or to none are here.
    """
    table = pd.DataFrame({"before": before["routes"], "after": after["routes"]})
    return table[table["after"] < table["before"]]


def _sides(net, chosen):
    """Return {side: set of hub nodes}: by default the table's, as far as the network has them."""
    if chosen is None:
        return {side: {hub for hub in keys if hub in net} for side, keys in default_hubs().items()}
    if not isinstance(chosen, dict):
        raise InputError("hubs must be {side: places}: give at least one side.")
    return {side: {node_of(net, hub) for hub in names} for side, names in chosen.items()}


def _bridges_above(neighbours, root):
    """Return {node: frozenset of bridges between it and the root} of what the root reaches.

    Depth first; `low` is the earliest node that the part below a node reaches by other ways.
    """
    order, low, parent = {root: 0}, {root: 0}, {root: (None, None)}
    stack = [(root, iter(neighbours[root]))]
    while stack:
        u, rest = stack[-1]
        for v, key in rest:
            if v not in order:
                order[v] = low[v] = len(order)
                parent[v] = u, key
                stack.append((v, iter(neighbours[v])))
                break
            if key != parent[u][1]:
                low[u] = min(low[u], order[v])
        else:
            stack.pop()
            if stack:
                low[stack[-1][0]] = min(low[stack[-1][0]], low[u])
    above = {root: frozenset()}
    for v in list(order)[1:]:  # in the order of discovery, parents first
        u, key = parent[v]
        above[v] = above[u] | {key} if low[v] > order[u] else above[u]
    return above


# The most harmful cut


def most_harmful_cut(net, iso3, kind="span", hubs=None, fallback_ms=None):
    """Return the single cuts that harm a country, the worst first, as a DataFrame.

    Harm is in ms: the round trip from the country to the nearest western and to the nearest
    eastern hub, and by how much a cut lengthens it, as the mean of the two. A side cut off costs
    `fallback_ms`, by default a round trip over a geostationary satellite seen 45° high, so delay
    and loss are on one scale. A side that was out of reach before does not count.
    kind: "span" cuts one cable in one place (anywhere between two stations or branches), "cable"
    one cable in its whole length, "chokepoint" all cables in one strait or land crossing.
    Columns: cut (its name), segments (tuple of ids), harm_ms, lost (sides cut off), and the round
    trip in ms to each side, as west_before, west_after (infinite where there is no way). Only cuts
    with harm are listed; equal ones by name.
    """
    import networkx as nx

    groups = {"span": _spans, "cable": _by_cable, "chokepoint": _by_chokepoint}
    groups = groups[one_of(kind, groups, "kind of cut")](net)
    home, sides = _home(net, iso3), _sides(net, hubs)
    fallback_ms = lost_side_ms() if fallback_ms is None else positive(fallback_ms, "fallback_ms")
    before, on_the_way = _shortest(net, home, sides)
    ends = {key: (u, v, key, e) for u, v, key, e in net.edges(keys=True, data=True)}
    trial, rows = net.copy(), []
    for name, keys in groups.items():
        if not on_the_way.intersection(keys):
            continue
        trial.remove_edges_from([ends[key][:3] for key in keys])
        delay = nx.multi_source_dijkstra_path_length(trial, home, weight="delay_ms")
        trial.add_edges_from([ends[key] for key in keys])
        rows.append({"cut": name, "segments": tuple(keys)})
        rows[-1] |= _harm(before, _round_trips(delay, sides), fallback_ms)
    trips = [f"{side}_{when}" for side in sides for when in ("before", "after")]
    table = pd.DataFrame(rows, columns=["cut", "segments", "harm_ms", "lost", *trips])
    table["harm_ms"] = table["harm_ms"].astype(float).round(6)  # so that equal cuts stay equal
    table = table[table["harm_ms"] > 0]
    return table.sort_values(["harm_ms", "cut"], ascending=[False, True], ignore_index=True)


def lost_side_ms():
    """Return what a lost side costs in ms: a round trip over a satellite LOST_SIDE_DEG high."""
    return satcom.delay_ms(satcom.slant_range_km(LOST_SIDE_DEG), there_and_back=True)


def _home(net, iso3):
    """Return the nodes of a country; InputError where it has none."""
    codes = {node: about["iso3"] for node, about in net.nodes(data=True) if about["iso3"]}
    iso3 = one_of(iso3, sorted(set(codes.values())), "country in the cable network")
    return {node for node, code in codes.items() if code == iso3}


def _shortest(net, home, sides):
    """Return the round trips {side: ms} from a country, and the segments on the way there.

    A cut matters only where one of these shortest paths lies.
    """
    import networkx as nx

    delay, paths = nx.multi_source_dijkstra(net, home, weight="delay_ms")
    trips, on_the_way = _round_trips(delay, sides), set()
    for side, hubs in sides.items():
        if trips[side] < np.inf:
            nearest = min(hubs.intersection(delay), key=delay.get)
            on_the_way.update(quickest_segments(net, paths[nearest]))
    return trips, on_the_way


def _round_trips(delay, sides):
    """Return {side: ms} there and back to its nearest hub, infinite where none is reached."""
    return {
        side: 2 * min((delay.get(hub, np.inf) for hub in hubs), default=np.inf)
        for side, hubs in sides.items()
    }


def _harm(before, after, fallback_ms):
    """Return the harm of a cut, how many sides it cuts off, and the round trips, for the table."""
    reached = [side for side, ms in before.items() if ms < np.inf]
    added = [max(min(after[side], fallback_ms) - before[side], 0) for side in reached]
    row = {"harm_ms": float(np.mean(added)), "lost": sum(after[s] == np.inf for s in reached)}
    for side in before:
        row |= {f"{side}_before": before[side], f"{side}_after": after[side]}
    return row


def _spans(net):
    """Return {name: segments}, where segments that meet only each other at sea are one span."""
    span = {key: [key] for *_, key in net.edges(keys=True)}
    for node, about in net.nodes(data=True):
        meeting = [key for *_, key in net.edges(node, keys=True)]
        if (
            about["kind"] == "waypoint"
            and len(meeting) == 2
            and span[meeting[0]] is not span[meeting[1]]
        ):
            joined = span[meeting[0]] + span[meeting[1]]
            for key in joined:
                span[key] = joined
    edges = {key: (u, v, e["cable_name"]) for u, v, key, e in net.edges(keys=True, data=True)}
    groups = {}
    for keys in {id(keys): keys for keys in span.values()}.values():
        name = edges[keys[0]][2]
        groups[f"{name}: {_ends_of(net, [edges[key][:2] for key in keys])}"] = keys
    return groups


def _ends_of(net, edges):
    """Return "A to B", the two places where a chain of edges ends."""
    met = Counter(node for edge in edges for node in edge)
    return " to ".join(sorted(net.nodes[node]["name"] for node in met if met[node] == 1))


def _by_cable(net):
    groups = defaultdict(list)
    for u, v, key, e in net.edges(keys=True, data=True):
        link = f"{e['cable_name']}: {_ends_of(net, [(u, v)])}"
        groups[link if key == e["cable"] else e["cable_name"]].append(key)
    return groups


def _by_chokepoint(net):
    groups, names = defaultdict(list), chokepoint_names()
    for *_, key, e in net.edges(keys=True, data=True):
        for tag in e["chokepoints"]:
            groups[names.get(tag, tag)].append(key)
    return groups
