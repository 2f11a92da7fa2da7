"""The cable network: how long light takes between two cities, and what a cut does to it.

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
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, pairwise

import networkx as nx
import numpy as np
import pandas as pd

from helpers import data
from helpers.inputs import InputError, latitude, longitude, one_of, positive
from silkroad import satcom, visibility
from silkroad.geometry import EARTH_KM, great_circle_km, off_great_circle_km, split_antimeridian

GROUP_INDEX = 1.468
FIBRE_KM_PER_MS = satcom.LIGHT_KM_S / GROUP_INDEX / 1e3
RATIOS = 1.0, 1.5
LAND_RATIO = 1.25
MASK_DEG = 10  # lowest elevation at which a satellite terminal is taken to work


def default_hubs():
    """Return {side: place keys}: where the network of our tables meets the rest of the world's.

    West and east, from the table `hubs`: exchange points, our own choice.
    """
    return data.load("hubs").groupby("side", sort=False)["place_key"].agg(tuple).to_dict()


def chokepoint_names():
    """Return {tag: name} of the narrow places that many cables pass, from `chokepoints`."""
    return data.load("chokepoints").set_index("tag")["name"].to_dict()


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


def graph(landings, cables, links=None):
    """Return the network as a networkx MultiGraph from `cable_landings`, `cables`, `assumed_links`.

    Cables that are not in `cables` are left out, so a filtered table gives the network of a year.
    Nodes: the table's place_key, at sea "place_key@cable"; name, iso3 (None at sea), lat, lon,
    kind (landing, waypoint, node). Edges: their key is the segment's id ("peace/main/5", "L01");
    cable, cable_name, km, delay_ms, medium, owners, builder, status, chokepoints (frozenset),
    assumed. InputError: a segment that starts where its cable has no point.
    """
    net = nx.MultiGraph()
    about = cables.set_index("id").to_dict("index")
    rows = landings[landings["cable_id"].isin(about)].to_dict("records")
    kinds = {(r["cable_id"], r["place_key"]): r["point_type"] for r in rows}

    def node(cable, key):
        return f"{key}@{cable}" if kinds.get((cable, key)) == "waypoint" else key

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
        cable = r["cable_id"]
        if not isinstance(r["from_key"], str):
            continue
        if (cable, r["from_key"]) not in kinds:
            raise InputError(
                f"A segment of {cable} starts at {r['from_key']!r}, which is not on it: add it."
            )
        owner = about[cable]
        ratio = owner["length_ratio"] if owner["length_ratio"] > 0 else LAND_RATIO
        _add(
            net,
            *(node(cable, r["from_key"]), node(cable, r["place_key"])),
            key=f"{cable}/{r['branch_id']}/{r['seq']}",
            ratio=ratio,
            tags=r["chokepoints"],
            cable=cable,
            cable_name=owner["name"],
            medium=r["segment_medium"],
            owners=owner["owners"],
            builder=owner["suppliers"],
            status=owner["status"],
            assumed=owner["status"] == "assumed",
        )
    for r in [] if links is None else links.to_dict("records"):
        for end in ("from", "to"):
            place = {field: r[f"{end}_{field}"] for field in ("iso3", "lat", "lon")}
            if r[f"{end}_key"] not in net:
                net.add_node(r[f"{end}_key"], name=r[f"{end}_place"], kind="node", **place)
        _add(
            net,
            *(r["from_key"], r["to_key"]),
            key=r["link_id"],
            ratio=LAND_RATIO,
            tags=r["chokepoints"],
            cable=r["link_id"],
            cable_name="Assumed land link",
            medium=r["medium"],
            owners="not known",
            builder="not known",
            status="assumed",
            assumed=True,
        )
    return net


def drawn_paths(landings):
    """Return {cable id: [array (n, 2) of lat, lon, ...]} of `cable_landings`, as a map draws it.

    A branch is one piece; a new one begins where a point comes from another than the one before,
    and at 180 degrees. Schematic: straight on the map between points, not on the sea floor.
    """
    where, pieces = {}, {}
    for r in landings.itertuples():
        where.setdefault((r.cable_id, r.place_key), (r.lat, r.lon))
    for (cable, _), branch in landings.groupby(["cable_id", "branch_id"], sort=False):
        chains, end = [], None
        for r in branch.sort_values("seq").itertuples():
            if (cable, r.from_key) not in where:
                continue
            if r.from_key != end:
                chains.append([where[cable, r.from_key]])
            chains[-1].append((r.lat, r.lon))
            end = r.place_key
        cut = [piece for chain in chains for piece in split_antimeridian(*zip(*chain, strict=True))]
        pieces.setdefault(cable, []).extend(cut)
    return pieces


def places(net):
    """Return {name: node} of the places on land, in order of their names."""
    return {d["name"]: n for n, d in sorted(net.nodes(data=True), key=_name) if d["iso3"]}


def node_of(net, place):
    """Return the node of a city or landing by its name or key; InputError names the nearest."""
    if place in net:
        return place
    names = places(net)
    return names[one_of(place, names, "place in the cable network")]


def apart_km(net, a, b):
    """Return the great circle between two places of the network, by name or key, in km."""
    a, b = (_at(net, node_of(net, place)) for place in (a, b))
    return float(great_circle_km(*a, *b))


def route(net, a, b):
    """Return the `Route` of the shortest delay between two places, by name or key (Dijkstra).

    InputError: a place not in the network, the same place twice, or no way between them.
    """
    a, b = _ends(net, a, b)
    try:
        _, nodes = nx.bidirectional_dijkstra(net, a, b, weight="delay_ms")
    except nx.NetworkXNoPath:
        raise InputError(
            f"No cable route is left between {net.nodes[a]['name']} and {net.nodes[b]['name']}: "
            "cut less, or go by satellite."
        ) from None
    return _route(net, nodes, [_quickest(net, u, v) for u, v in pairwise(nodes)])


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
    ways = {
        u: [(v, key, e["delay_ms"]) for _, v, key, e in net.edges(u, keys=True, data=True)]
        for u in net
    }
    used, potential = {}, dict.fromkeys(net, 0.0)  # used: {segment: the node it is left from}
    for _ in range(k):
        reached, last = _residual(ways, used, potential, a)
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
    leaving = defaultdict(list)
    for key, start in used.items():
        leaving[start].append(key)
    end = {key: {u: v, v: u} for u, v, key in net.edges(keys=True) if key in used}
    found = []
    while leaving[a]:
        nodes, keys = [a], []
        while nodes[-1] != b:
            keys.append(leaving[nodes[-1]].pop())
            nodes.append(end[keys[-1]][nodes[-1]])
        found.append(_route(net, nodes, keys))
    return sorted(found, key=lambda r: r.delay_ms)


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
            (off_great_circle_km(lat, lon, *_at(net, u), *_at(net, v)), key)
            for u, v, key, e in net.edges(keys=True, data=True)
            if e["cable"] == cable
        ]
        if away:
            distance, key = min(away)
            rows.append({"segment": key, "cable": cable, "distance_km": distance})
    return pd.DataFrame(rows, columns=["segment", "cable", "distance_km"])


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
    ways = defaultdict(list)
    for u, v, key in net.edges(keys=True):
        u, v = ("*" if node in hubs else node for node in (u, v))
        if u != v:
            ways[u].append((v, key))
            ways[v].append((u, key))
    above = _bridges_above(ways, "*")
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
    groups = {"span": _spans, "cable": _by_cable, "chokepoint": _by_chokepoint}
    groups = groups[one_of(kind, groups, "kind of cut")](net)
    home = {n for n, d in net.nodes(data=True) if d["iso3"] == iso3}
    if not home:
        known = {d["iso3"] for _, d in net.nodes(data=True) if d["iso3"]}
        one_of(iso3, sorted(known), "country in the cable network")
    lost_ms = geo_fallback_ms() if fallback_ms is None else positive(fallback_ms, "fallback_ms")
    sides = _sides(net, hubs)

    def round_trips(delay):
        nearest = {s: min((delay.get(h, np.inf) for h in sides[s]), default=np.inf) for s in sides}
        return {side: 2 * ms for side, ms in nearest.items()}

    delay, paths = nx.multi_source_dijkstra(net, home, weight="delay_ms")
    first = round_trips(delay)
    before = {side: ms for side, ms in first.items() if ms < np.inf}
    # A cut matters only where a shortest path lies.
    tree = set()
    for side in before:
        nodes = paths[min(sides[side].intersection(delay), key=delay.get)]
        tree.update(_quickest(net, u, v) for u, v in pairwise(nodes))
    ends = {key: (u, v, key, e) for u, v, key, e in net.edges(keys=True, data=True)}
    trial, rows = net.copy(), []
    for name, keys in groups.items():
        if not tree.intersection(keys):
            continue
        trial.remove_edges_from([ends[key][:3] for key in keys])
        after = round_trips(nx.multi_source_dijkstra_path_length(trial, home, weight="delay_ms"))
        trial.add_edges_from([ends[key] for key in keys])
        added = [max(min(after[side], lost_ms) - before[side], 0) for side in before]
        lost = sum(after[side] == np.inf for side in before)
        row = {"cut": name, "segments": tuple(keys), "harm_ms": float(np.mean(added))}
        for side in sides:
            row |= {"lost": lost, f"{side}_before": first[side], f"{side}_after": after[side]}
        rows.append(row)
    trips = [f"{side}_{when}" for side in sides for when in ("before", "after")]
    table = pd.DataFrame(rows, columns=["cut", "segments", "harm_ms", "lost", *trips])
    table["harm_ms"] = table["harm_ms"].astype(float).round(6)  # so that equal cuts stay equal
    table = table[table["harm_ms"] > 0]
    return table.sort_values(["harm_ms", "cut"], ascending=[False, True], ignore_index=True)


def geo_rtt_ms(a, b, gateways=()):
    """Return (round trip in ms, hops) over geostationary satellites between (lat, lon) places.

    One satellite where both see the same one MASK_DEG high or more, at the best longitude on a
    grid of 2.5°; otherwise two, by the best of the `gateways` [(lat, lon), ...] on the ground.
    InputError where neither works. Light in vacuum, geometry of `satcom` and `visibility`.
    """
    points = np.array([a, b, *gateways], float)
    slots = pd.DataFrame({"name": "slot", "longitude_deg": np.arange(-180, 180, 2.5)})
    look = visibility.look_angles(satcom.positions(slots), points[:, 0], points[:, 1])
    seen = look["elevation_deg"].values[:, 0] >= MASK_DEG
    reach = np.where(seen, look["range_km"].values[:, 0], np.inf)  # satellite, place
    direct = (reach[:, 0] + reach[:, 1]).min()
    relayed = (reach[:, [0]] + reach[:, 2:]).min(0) + (reach[:, [1]] + reach[:, 2:]).min(0)
    best = min(direct, relayed.min(initial=np.inf))
    if not np.isfinite(best):
        raise InputError(
            f"No geostationary satellite, and no pair with a gateway between, is seen {MASK_DEG}° "
            "high from both places: take places nearer to the equator, or name gateways."
        )
    hops = 1 if best == direct else 2
    return float(best / satcom.LIGHT_KM_S * 2e3), hops


def geo_fallback_ms():
    """Return the round trip in ms over a geostationary satellite seen 45° high from both ends."""
    ratio = 1 + satcom.geostationary_height_km() / satcom.EQUATOR_KM
    up = np.sqrt(ratio**2 - 0.5) - np.sqrt(0.5)  # slant range in Earth radii, law of cosines
    return float(4e3 * up * satcom.EQUATOR_KM / satcom.LIGHT_KM_S)


def relay_rtt_ms(distance_km, height_km, mask_deg=MASK_DEG):
    """Return the round trip in ms over ideal satellites at one height, for a great circle in km.

    Ideal: a satellite stands wherever it is wanted above the great circle. Places that see one
    satellite `mask_deg` high use it half-way; others each use one at that elevation, towards
    each other, and light runs between them at the height of the satellites. Real constellations
    have a satellite less well placed, and queues: they are slower. Spherical Earth, vacuum.
    """
    height_km = positive(height_km, "height_km")
    distance_km = positive(distance_km, "distance_km")
    if distance_km > np.pi * EARTH_KM + 1:
        raise InputError(f"distance_km is {distance_km:g}: give at most half round the Earth.")
    if not 0 <= mask_deg < 90:
        raise InputError(f"mask_deg is {mask_deg}: give 0 to below 90 degrees.")
    radius = EARTH_KM + height_km
    mask = np.radians(mask_deg)
    widest = np.arccos(EARTH_KM / radius * np.cos(mask)) - mask  # angle from place to satellite
    angle = distance_km / EARTH_KM
    aside = min(widest, angle / 2)
    slant = np.sqrt(EARTH_KM**2 + radius**2 - 2 * EARTH_KM * radius * np.cos(aside))
    path_km = 2 * slant + radius * (angle - 2 * aside)
    return float(2e3 * path_km / satcom.LIGHT_KM_S)


def _at(net, node):
    return net.nodes[node]["lat"], net.nodes[node]["lon"]


def _add(net, u, v, *, key, ratio, tags, **about):
    """Add one segment with its length, delay and chokepoints."""
    km = float(great_circle_km(*_at(net, u), *_at(net, v))) * np.clip(ratio, *RATIOS)
    tags = frozenset(tags.split(";")) if isinstance(tags, str) else frozenset()
    net.add_edge(u, v, key, km=km, delay_ms=km / FIBRE_KM_PER_MS, chokepoints=tags, **about)


def _ends(net, a, b):
    first, second = node_of(net, a), node_of(net, b)
    if first == second:
        raise InputError(f"Both ends are {net.nodes[first]['name']}: give two places.")
    return first, second


def _quickest(net, u, v):
    """Return the segment of least delay among those that join two neighbours."""
    return min(net[u][v], key=lambda key: net[u][v][key]["delay_ms"])


def _sides(net, chosen):
    """Return {side: set of hub nodes}: by default the table's, as far as the network has them."""
    if chosen is None:
        return {side: {hub for hub in keys if hub in net} for side, keys in default_hubs().items()}
    if not isinstance(chosen, dict):
        raise InputError("hubs must be {side: places}: give at least one side.")
    return {side: {node_of(net, hub) for hub in names} for side, names in chosen.items()}


def _name(item):
    return item[1]["name"]


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


def _bridges_above(ways, root):
    """Return {node: frozenset of bridges between it and the root} of what the root reaches.

    Depth first; `low` is the earliest node that the part below a node reaches by other ways.
    """
    order, low, parent = {root: 0}, {root: 0}, {root: (None, None)}
    stack = [(root, iter(ways[root]))]
    while stack:
        u, rest = stack[-1]
        for v, key in rest:
            if v not in order:
                order[v] = low[v] = len(order)
                parent[v] = u, key
                stack.append((v, iter(ways[v])))
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


def _residual(ways, used, potential, start):
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
        for v, key, delay in ways[u]:
            if used.get(key) == u:
                continue
            step = (-delay if key in used else delay) + potential[u] - potential[v]
            total = cost + max(step, 0.0)  # below zero by rounding only
            if v not in done and total < reached.get(v, np.inf):
                reached[v], last[v] = total, (u, key)
                heappush(queue, (total, next(order), v))
    return reached, last


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
