"""The cable network: a graph of landing stations and segments, and the quickest routes through it.

The graph is schematic. Its nodes are landing stations and cities, shared by all cables that come
ashore there, and points at sea, of which each cable has its own: cables that lie side by side do
not exchange traffic under water. Its edges are segments between two such points.

The length of a segment is its great circle times the ratio of the cable's published length to the
length of its path in our tables, kept within RATIOS: no cable is shorter than the great circle,
and more than half as long again has no example in the tables. Links without a published length
take LAND_RATIO, as the generic land routes in the table `cables` do.

Delay is length over the speed of light in glass. The group index 1.468 is the usual value of
single-mode fibre at 1550 nm (general knowledge, an assumption here). Amplifiers, routers and
queues add to it, so a measured round trip is longer than every delay of this model.

What a cut does to the network is computed in `resilience`.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from heapq import heappop, heappush
from itertools import count, pairwise
from operator import attrgetter

import numpy as np
import pandas as pd

from helpers import data
from helpers.inputs import InputError, one_of
from silkroad.dates import middle
from silkroad.geometry import great_circle_km, split_antimeridian
from silkroad.satcom import LIGHT_KM_S
from silkroad.values import distinct, table_with

GROUP_INDEX = 1.468
FIBRE_KM_PER_MS = LIGHT_KM_S / GROUP_INDEX / 1e3
RATIOS = 1.0, 1.5
LAND_RATIO = 1.25
TOWN_KM = 100  # places whose links are all shorter are stops, not cities
LANE_DEG = 0.35  # cables through one point at sea are drawn side by side, this far apart
_CABLE = ["id", "name", "status"]
_LANDING = ["cable_id", "branch_id", "seq", "from_key", "place_key", "place", "iso3", "point_type"]
_LANDING += ["segment_medium", "chokepoints"]
_LINK = ["link_id", "medium", "chokepoints"]
_LINK += [f"{end}_{field}" for end in ("from", "to") for field in ("key", "place", "iso3")]
_LINK_ENDS = [f"{end}_{axis}" for end in ("from", "to") for axis in ("lat", "lon")]


# The graph


def graph(landings, cables, links=None):
    """Return the network as a networkx MultiGraph from `cable_landings`, `cables`, `assumed_links`.

    Cables that are not in `cables` are left out, so a filtered table gives the network of a year.
    Nodes: the table's place_key, at sea "place_key@cable"; name, iso3 (None at sea), lat, lon,
    kind (landing, waypoint, node). Edges: their key is the segment's id ("peace/main/5", "L01");
    cable, cable_name, km, delay_ms, medium, chokepoints (frozenset), assumed (no published owner
    or length). InputError: a segment that starts where its cable has no point; a column missing;
    a cable, segment, link or name of a place that comes twice, of which only one would be kept.
    """
    import networkx as nx

    cables = table_with(cables, _CABLE, "cables", numeric=["length_ratio"], empty=True)
    distinct(cables["id"], "cable", "keep one row of each")
    landings = table_with(landings, _LANDING, "landings", numeric=["lat", "lon"])
    distinct(landings[["cable_id", "branch_id", "seq"]], "segment", "keep one row of each")
    net = nx.MultiGraph()
    _add_cables(net, landings, cables.set_index("id").to_dict("index"))
    if links is not None:
        links = table_with(links, _LINK, "links", numeric=_LINK_ENDS, empty=True)
        distinct(links["link_id"], "link", "keep one row of each")
        _add_links(net, links)
    names = [about["name"] for _, about in net.nodes(data=True) if about["iso3"]]
    distinct(names, "place", "give each a name of its own")
    return net


def _add_cables(net, landings, about):
    """Add the points of the cables {id: row} and the segments between them."""
    rows = landings[landings["cable_id"].isin(about)].to_dict("records")
    kinds = {(r["cable_id"], r["place_key"]): r["point_type"] for r in rows}

    def node(cable, key):
        return f"{key}@{cable}" if kinds[cable, key] == "waypoint" else key

    for r in rows:
        net.add_node(
            node(r["cable_id"], r["place_key"]),
            name=r["place"],
            iso3=r["iso3"] if isinstance(r["iso3"], str) else None,
            lat=r["lat"],
            lon=r["lon"],
            kind=r["point_type"],
        )
    for r in rows:
        cable, start = r["cable_id"], r["from_key"]
        if not isinstance(start, str):
            continue
        if (cable, start) not in kinds:
            raise InputError(
                f"A segment of {cable} starts at {start!r}, which is not on it: add it."
            )
        ratio = about[cable]["length_ratio"]
        _add_segment(
            net,
            *(node(cable, start), node(cable, r["place_key"])),
            key=f"{cable}/{r['branch_id']}/{r['seq']}",
            ratio=ratio if ratio > 0 else LAND_RATIO,
            tags=r["chokepoints"],
            cable=cable,
            cable_name=about[cable]["name"],
            medium=r["segment_medium"],
            assumed=about[cable]["status"] == "assumed",
        )


def _add_links(net, links):
    """Add the links on land whose owners and lengths are not published."""
    for r in links.to_dict("records"):
        for end in ("from", "to"):
            place = {field: r[f"{end}_{field}"] for field in ("iso3", "lat", "lon")}
            if r[f"{end}_key"] not in net:
                net.add_node(r[f"{end}_key"], name=r[f"{end}_place"], kind="node", **place)
        _add_segment(
            net,
            *(r["from_key"], r["to_key"]),
            key=r["link_id"],
            ratio=LAND_RATIO,
            tags=r["chokepoints"],
            cable=r["link_id"],
            cable_name="Assumed land link",
            medium=r["medium"],
            assumed=True,
        )


def _add_segment(net, u, v, *, key, ratio, tags, **about):
    """Add one segment with its length, delay and chokepoints."""
    apart = great_circle_km(*node_position(net, u), *node_position(net, v))
    km = float(apart * np.clip(ratio, *RATIOS))
    tags = frozenset(tags.split(";")) if isinstance(tags, str) else frozenset()
    net.add_edge(u, v, key, km=km, delay_ms=km / FIBRE_KM_PER_MS, chokepoints=tags, **about)


def cables_in_service(cables, day):
    """Return the rows of `cables` that were in service on a day, "2020-07-19".

    A cable known to the month or the year only counts from its first day, so that the network is
    too quick rather than too slow. Assumed links always count, planned and cancelled cables
    never, retired ones until `retired_date`. InputError: what is no date.
    """
    day = str(day)[:10]
    middle([day])  # refuses what is no date
    since = cables["rfs_date"].fillna(cables["rfs_year"].astype("string"))
    begun = (since <= day).fillna(False) | (cables["status"] == "assumed")
    return cables[begun & ~(cables["retired_date"] <= day).fillna(False)]


def default_hubs():
    """Return {side: place keys}: where the network of our tables meets the rest of the world's.

    West and east, from the table `hubs`: exchange points, our own choice.
    """
    return data.load("hubs").groupby("side", sort=False)["place_key"].agg(tuple).to_dict()


def chokepoint_names():
    """Return {tag: name} of the narrow places that many cables pass, from `chokepoints`."""
    return data.load("chokepoints").set_index("tag")["name"].to_dict()


# Places


def places(net):
    """Return {name: node} of the places on land, in order of their names."""
    land = [(about["name"], node) for node, about in net.nodes(data=True) if about["iso3"]]
    return dict(sorted(land))


def countries_in(net):
    """Return {name: iso3} of the countries in the network, in order of their names."""
    names, codes = _country_names(), {d["iso3"] for _, d in net.nodes(data=True) if d["iso3"]}
    return {names[iso3]: iso3 for iso3 in sorted(codes, key=names.get)}


def shores(net):
    """Return lat and lon of the northernmost place of each country, and its name; by iso3.

    There the labels of neighbours seldom meet.
    """
    table = pd.DataFrame([about for _, about in net.nodes(data=True)]).dropna(subset="iso3")
    table = table.sort_values("lat", ascending=False, kind="stable").drop_duplicates("iso3")
    names = {iso3: name for name, iso3 in countries_in(net).items()}
    return table.set_index("iso3")[["lat", "lon"]].assign(name=table["iso3"].map(names).array)


@cache
def _country_names():
    """Return {iso3: name}; kept, since the file of shapes is long."""
    properties = [shape["properties"] for shape in data.shapes()["features"]]
    names = {about["iso3"]: about["name"] for about in properties}
    return names | {"REU": "Reunion (France)"}  # has no shape of its own


def cities(net):
    """Return the names of places, without the many stops of a mountain road.

    These are the places at the sea, and those with a link longer than TOWN_KM.
    """
    chosen = []
    for name, node in places(net).items():
        longest = max((e["km"] for *_, e in net.edges(node, data=True)), default=0)
        if net.nodes[node]["kind"] == "landing" or longest > TOWN_KM:
            chosen.append(name)
    return chosen


def node_of(net, place):
    """Return the node of a city or landing by its name or key; InputError names the nearest."""
    if place in net:
        return place
    names = places(net)
    return names[one_of(place, names, "place in the cable network")]


def node_position(net, node):
    """Return (lat, lon) of a node."""
    return net.nodes[node]["lat"], net.nodes[node]["lon"]


def located(net, names):
    """Return places, by name or key, as a table: name, lat, lon, iso3, kind; the index is nodes."""
    nodes = [node_of(net, name) for name in names]
    columns = ["name", "lat", "lon", "iso3", "kind"]
    return pd.DataFrame([net.nodes[node] for node in nodes], index=nodes, columns=columns)


def apart_km(net, a, b):
    """Return the great circle between two places of the network, by name or key, in km."""
    a, b = (node_position(net, node_of(net, place)) for place in (a, b))
    return float(great_circle_km(*a, *b))


# Segments, and how a map draws them


def segments(net):
    """Return the segments of the network as a table, one row each; the index is their ids.

    cable (its id), cable_name, medium, km, delay_ms, chokepoints (frozenset), assumed, and path:
    the line that a map draws, a list of arrays (n, 2) of lat, lon that end at 180 degrees. Paths
    are straight on the map, and cables that share a point at sea run side by side.
    """
    drawn, rows = _side_by_side(net), {}
    for u, v, key, about in net.edges(keys=True, data=True):
        ends = np.array([drawn[u], drawn[v]])
        far = abs(ends[1, 1] - ends[0, 1]) > 180
        rows[key] = {**about, "path": split_antimeridian(*ends.T) if far else [ends]}
    columns = ["cable", "cable_name", "medium", "km", "delay_ms", "chokepoints", "assumed", "path"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _side_by_side(net):
    """Return {node: (lat, lon)} for drawing: cables that share a point at sea stand side by side.

    The order of the cables is the same everywhere, so that they run in parallel like the lines
    on a map of an underground railway. On land every place stays where it is.
    """
    place = {node: node_position(net, node) for node in net}
    shared, drawn = defaultdict(list), dict(place)
    for node, about in net.nodes(data=True):
        if about["kind"] == "waypoint":
            shared[node.partition("@")[0]].append(node)
    for nodes in shared.values():
        steps = [np.subtract(place[near], place[node]) for node in nodes for near in net[node]]
        along = _mean_direction(steps)
        across = np.array([along[1], -along[0]])
        for lane, node in enumerate(sorted(nodes)):
            drawn[node] = tuple(place[node] + across * LANE_DEG * (lane - (len(nodes) - 1) / 2))
    return drawn


def _mean_direction(steps):
    """Return the unit vector of the mean direction of steps (lat, lon), all taken eastwards."""
    along = np.zeros(2)
    for step in steps:
        step = step / (np.linalg.norm(step) or 1)
        along += step if step[1] > 0 else -step
    return along / (np.linalg.norm(along) or 1)


def cable_names(segments, route):
    """Return the cables of a route in words; links between stations are not named.

    segments: the table of `segments`.
    """
    used = segments.loc[list(route.segments)]
    names = used.loc[used["cable"] != used.index, "cable_name"].unique()
    names = [short_name(name) for name in names]
    if len(names) > 5:
        names[4:] = [f"{len(names) - 4} more"]
    return " + ".join(names) or "links on land only"


def short_name(cable):
    """Return the name of a cable without its other names."""
    return re.split(r" \(| / ", cable)[0]


def drawn_paths(landings):
    """Return {cable id: [array (n, 2) of lat, lon, ...]} of `cable_landings`, as a map draws it.

    A branch is one piece; a new one begins where a point comes from another than the one before,
    and at 180 degrees. Schematic: straight on the map between points, not on the sea floor.
    """
    where, branches, pieces = {}, {}, {}
    for r in landings.itertuples():
        where.setdefault((r.cable_id, r.place_key), (r.lat, r.lon))
        branches.setdefault((r.cable_id, r.branch_id), []).append(r)
    for (cable, _), branch in branches.items():
        chains, end = [], None
        for r in sorted(branch, key=attrgetter("seq")):
            if (cable, r.from_key) not in where:
                continue
            if r.from_key != end:
                chains.append([where[cable, r.from_key]])
            chains[-1].append((r.lat, r.lon))
            end = r.place_key
        cut = [piece for chain in chains for piece in split_antimeridian(*zip(*chain, strict=True))]
        pieces.setdefault(cable, []).extend(cut)
    return pieces


# Routes


@dataclass(frozen=True)
class Route:
    """A way through the network: `nodes` and `segments` in order, with length and delay.

    `delay_ms` is one way, `rtt_ms` there and back (round-trip time). `detour` is the length over
    the great circle between the ends.
    """

    nodes: tuple
    segments: tuple
    cables: tuple
    chokepoints: frozenset
    km: float
    delay_ms: float
    direct_km: float

    @property
    def rtt_ms(self):
        """The round-trip time in ms."""
        return 2 * self.delay_ms

    @property
    def detour(self):
        """How many times longer than the great circle."""
        return self.km / self.direct_km


def route(net, a, b):
    """Return the `Route` of the shortest delay between two places, by name or key (Dijkstra).

    InputError: a place not in the network, the same place twice, or no way between them.
    """
    import networkx as nx

    a, b = _ends(net, a, b)
    try:
        _, nodes = nx.bidirectional_dijkstra(net, a, b, weight="delay_ms")
    except nx.NetworkXNoPath:
        raise InputError(
            f"No cable route is left between {net.nodes[a]['name']} and {net.nodes[b]['name']}: "
            "cut less, or go by satellite."
        ) from None
    return _route(net, nodes, quickest_segments(net, nodes))


def quickest(net, a, b):
    """Return the route of least delay in a list, which is empty where none is or a equals b."""
    try:
        return [route(net, a, b)]
    except InputError:
        return []


def disjoint_routes(net, a, b, k=2):
    """Return up to `k` routes that share no segment, quickest first; their total delay is least.

    Fewer come back where no more exist, none where the places are separate. What must differ is
    the segment: two routes may use the same cable in different places, meet in a city, or lie
    side by side in one strait. Successive shortest paths (Bhandari; Suurballe's potentials) find
    the minimum of the sum, so the quickest of k routes can be slower than the one of `route`.
    """
    a, b = _ends(net, a, b)
    if int(k) != k or k < 1:
        raise InputError(f"k is {k}: give how many routes, 1 or more.")
    used = _least_total(net, a, b, k)
    found = [_route(net, nodes, keys) for nodes, keys in _followed(net, used, a, b)]
    return sorted(found, key=lambda r: r.delay_ms)


def quickest_segments(net, nodes):
    """Return the segment of least delay between each node of a path and the next."""
    pairs = [net[u][v] for u, v in pairwise(nodes)]
    return [min(between, key=lambda key: between[key]["delay_ms"]) for between in pairs]


def itinerary(segments, routes, name):
    """Return routes as a table, in their order: delay, length, cables, straits, `path` to draw.

    segments: the table of `segments`. The index is `name`, numbered where there are several.
    """
    names = [f"{name} {i}" if len(routes) > 1 else name for i, _ in enumerate(routes, 1)]
    straits, passed = chokepoint_names(), [sorted(r.chokepoints) for r in routes]
    return pd.DataFrame(
        {
            "round_trip_ms": [round(route.rtt_ms, 1) for route in routes],
            "length_km": [round(route.km) for route in routes],
            "detour": [round(route.detour, 2) for route in routes],
            "cables": [cable_names(segments, route) for route in routes],
            "passes": [", ".join(straits[tag] for tag in tags) or "none" for tags in passed],
            "path": [segments.loc[list(route.segments), "path"].sum() for route in routes],
        },
        index=pd.Index(names, name="route"),
    )


def _ends(net, a, b):
    first, second = node_of(net, a), node_of(net, b)
    if first == second:
        raise InputError(f"Both ends are {net.nodes[first]['name']}: give two places.")
    return first, second


def _route(net, nodes, keys):
    edges = [net[u][v][key] for (u, v), key in zip(pairwise(nodes), keys, strict=True)]
    return Route(
        nodes=tuple(nodes),
        segments=tuple(keys),
        cables=tuple(dict.fromkeys(e["cable"] for e in edges)),
        chokepoints=frozenset().union(*(e["chokepoints"] for e in edges)),
        km=sum(e["km"] for e in edges),
        delay_ms=sum(e["delay_ms"] for e in edges),
        direct_km=apart_km(net, nodes[0], nodes[-1]),
    )


def _least_total(net, a, b, k):
    """Return {segment: the node it is left from} of up to k disjoint routes of least total delay.

    Each round adds the shortest path in what is left. Potentials, the distances of the rounds
    before, keep every reduced delay at zero or more, as Dijkstra's method needs.
    """
    neighbours = {
        u: [(v, key, e["delay_ms"]) for _, v, key, e in net.edges(u, keys=True, data=True)]
        for u in net
    }
    used, potential = {}, dict.fromkeys(net, 0.0)
    for _ in range(k):
        reached, last = _residual(neighbours, used, potential, a)
        if b not in reached:
            break
        farthest = max(reached.values())
        for node in potential:
            potential[node] += reached.get(node, farthest)
        node = b
        while node != a:
            node, key = last[node]
            if key in used:
                del used[key]  # taken back: two routes exchange their tails here
            else:
                used[key] = node
    return used


def _residual(neighbours, used, potential, start):
    """Return ({node: reduced cost}, {node: (node before, segment)}) of Dijkstra with routes used.

    A used segment cannot be used again; against its direction it gives its delay back.
    """
    reached, last, done, order = {start: 0.0}, {}, set(), count()
    queue = [(0.0, next(order), start)]
    while queue:
        cost, _, u = heappop(queue)
        if u in done:
            continue
        done.add(u)
        for v, key, delay in neighbours[u]:
            if used.get(key) == u:
                continue
            step = (-delay if key in used else delay) + potential[u] - potential[v]
            total = cost + max(step, 0.0)  # below zero by rounding only
            if v not in done and total < reached.get(v, np.inf):
                reached[v], last[v] = total, (u, key)
                heappush(queue, (total, next(order), v))
    return reached, last


def _followed(net, used, a, b):
    """Yield (nodes, segments) of each route from a to b that the used segments make up."""
    leaving = defaultdict(list)
    for key, start in used.items():
        leaving[start].append(key)
    end = {key: {u: v, v: u} for u, v, key in net.edges(keys=True) if key in used}
    while leaving[a]:
        nodes, keys = [a], []
        while nodes[-1] != b:
            keys.append(leaving[nodes[-1]].pop())
            nodes.append(end[keys[-1]][nodes[-1]])
        yield nodes, keys
