"""The cable network against brute force, other algorithms, and figures by hand."""

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from helpers import data
from helpers.inputs import InputError
from silkroad import geometry, network

LANDINGS, CABLES, LINKS = map(data.load, ("cable_landings", "cables", "assumed_links"))
NET = network.graph(LANDINGS, CABLES, LINKS)
DEGREE_KM = 2 * np.pi * geometry.EARTH_KM / 360  # one degree of the equator


def tables(paths, ratios=None):
    """Return (landings, cables) of made-up cables {cable: [(key, lat, lon, kind, tags), ...]}."""
    rows = []
    for cable, path in paths.items():
        before = None
        for seq, (key, lat, lon, kind, tags) in enumerate(path, 1):
            rows.append(
                {
                    **{"cable_id": cable, "branch_id": "main", "seq": seq, "from_key": before},
                    **{"place_key": key, "place": key.upper(), "lat": lat, "lon": lon},
                    **{"iso3": None if kind == "waypoint" else key.upper(), "point_type": kind},
                    **{"segment_medium": "submarine", "chokepoints": tags},
                }
            )
            before = key
    ratios = ratios or {}
    about = [
        {
            **{"id": cable, "name": cable, "length_ratio": ratios.get(cable, 1.0), "owners": "x"},
            **{"suppliers": "y", "status": "active"},
        }
        for cable in paths
    ]
    return pd.DataFrame(rows), pd.DataFrame(about)


def small(ratios=None):
    """Return two cables from A to C: over B on land, and over a point W that a third passes."""
    paths = {
        "one": [
            *(("a", 0, 0, "landing", None), ("b", 0, 10, "landing", "MALACCA")),
            ("c", 0, 20, "landing", None),
        ],
        "two": [
            *(("a", 0, 0, "landing", None), ("w", 5, 10, "waypoint", "RED_SEA;SICILY")),
            ("c", 0, 20, "landing", "RED_SEA"),
        ],
        "three": [("w", 5, 10, "waypoint", None), ("d", 9, 10, "landing", None)],
    }
    return network.graph(*tables(paths, ratios))


def random_net(seed, nodes=7, edges=11):
    """Return a small random multigraph in the form of `network.graph`, parallel edges included."""
    random = np.random.default_rng(seed)
    net = nx.MultiGraph()
    for node in range(nodes):
        lat, lon = random.uniform(-60, 60), random.uniform(-180, 180)
        net.add_node(
            f"n{node}", name=f"N{node}", iso3=f"C{node % 5}", lat=lat, lon=lon, kind="landing"
        )
    for edge in range(edges):
        u, v = random.choice(nodes, 2, replace=False)
        delay = float(random.uniform(1, 30))
        net.add_edge(
            *(f"n{u}", f"n{v}", f"e{edge}"),
            **{"cable": f"c{edge % 4}", "cable_name": f"Cable {edge % 4}", "assumed": False},
            **{"km": delay * 200, "delay_ms": delay, "chokepoints": frozenset()},
        )
    return net


def all_paths(net, a, b):
    """Return {frozenset of segments: delay} of every simple path, one by one."""
    return {
        frozenset(key for *_, key in path): sum(net.edges[edge]["delay_ms"] for edge in path)
        for path in nx.all_simple_edge_paths(net, a, b)
    }


def most_routes(net, starts, ends):
    """Return the maximum flow between two sets of places, one unit per segment."""
    number = {node: i for i, node in enumerate([*net, "from", "to"])}
    ways = [way for u, v in net.edges() for way in ((u, v), (v, u))]
    ways += [("from", node) for node in starts] + [(node, "to") for node in ends]
    most = [1] * (2 * net.number_of_edges()) + [10_000] * (len(starts) + len(ends))  # no limit
    rows, columns = zip(*((number[u], number[v]) for u, v in ways), strict=True)
    room = csr_array((np.array(most, np.int32), (rows, columns)), shape=[len(number)] * 2)
    return maximum_flow(room, number["from"], number["to"]).flow_value


# The graph


def test_lengths_and_delays_agree_with_sums_by_hand():
    net = small({"one": 1.2})
    direct = network.route(net, "A", "B")
    assert direct.km == pytest.approx(12 * DEGREE_KM, rel=1e-12)
    assert direct.detour == pytest.approx(1.2)
    assert direct.rtt_ms == pytest.approx(2 * direct.km * 1.468 / 299792.458 * 1e3)
    assert direct.rtt_ms == pytest.approx(13.067, abs=1e-3)


@pytest.mark.parametrize(("given", "used"), [(0.97, 1), (1.1, 1.1), (9, 1.5), (np.nan, 1.25)])
def test_length_ratios_are_kept_within_their_limits(given, used):
    net = small({"one": given})
    assert net.edges["a", "b", "one/main/2"]["km"] == pytest.approx(10 * used * DEGREE_KM)


def test_cables_change_hands_on_land_only():
    net = small()
    assert {"w@two", "w@three"} <= set(net) and "w" not in net
    with pytest.raises(InputError, match=r"No cable route is left between A and D: .*satellite"):
        network.route(net, "a", "d")
    for node, about in NET.nodes(data=True):
        if about["kind"] == "waypoint":
            assert len({e["cable"] for *_, e in NET.edges(node, data=True)}) == 1, node


def test_places_are_found_by_name_and_no_name_stands_for_two():
    land = [n for n, d in NET.nodes(data=True) if d["iso3"]]
    assert len(land) > 150
    for name, node in network.places(NET).items():
        assert network.node_of(NET, name) == network.node_of(NET, node) == node
    assert sorted(network.places(NET).values()) == sorted(land)


def test_great_circles_agree_with_the_table_to_1_km():
    for row in LANDINGS.dropna(subset=["from_key"]).itertuples():
        key = f"{row.cable_id}/{row.branch_id}/{row.seq}"
        (edge,) = [e for *_, k, e in NET.edges(keys=True, data=True) if k == key]
        ratio = CABLES.set_index("id").loc[row.cable_id, "length_ratio"]
        assert edge["km"] / np.clip(ratio, 1, 1.5) == pytest.approx(row.segment_km, abs=1)
    for row in LINKS.itertuples():
        km = NET.edges[row.from_key, row.to_key, row.link_id]["km"]
        assert km / network.LAND_RATIO == pytest.approx(row.segment_km, abs=1)


def test_cables_are_as_long_as_published_to_2_percent():
    drawn = {}
    for *_, e in NET.edges(data=True):
        drawn[e["cable"]] = drawn.get(e["cable"], 0) + e["km"]
    published = CABLES[CABLES["core"] & CABLES["length_ratio"].between(1, 1.5)]
    assert len(published) >= 26
    for row in published.itertuples():
        assert drawn[row.id] == pytest.approx(row.length_km, rel=0.02), row.name


# Routes


@pytest.mark.parametrize("seed", range(12))
def test_routes_agree_with_every_simple_path_tried(seed):
    net = random_net(seed)
    tried = all_paths(net, "n0", "n6")
    if not tried:
        with pytest.raises(InputError, match="No cable route is left"):
            network.route(net, "n0", "n6")
        assert network.disjoint_routes(net, "n0", "n6", 2) == []
        return
    best = network.route(net, "n0", "n6")
    assert best.delay_ms == pytest.approx(min(tried.values()))
    assert tried[frozenset(best.segments)] == pytest.approx(best.delay_ms)
    for k in (1, 2, 3):
        sums = [
            sum(tried[path] for path in some)
            for some in combinations(tried, k)
            if len(frozenset().union(*some)) == sum(map(len, some))
        ]
        found = network.disjoint_routes(net, "n0", "n6", k)
        if sums:
            assert len(found) == k
            assert sum(r.delay_ms for r in found) == pytest.approx(min(sums))
        else:
            assert len(found) < k
        together = [key for r in found for key in r.segments]
        assert len(together) == len(set(together))
        assert [r.delay_ms for r in found] == sorted(r.delay_ms for r in found)


PAIRS = [("karachi", "marseille"), ("mombasa", "hk"), ("melkbos", "tuas"), ("djibouti", "bude")]


@pytest.mark.parametrize(("a", "b"), [*PAIRS, ("suva", "nukualofa"), ("suva", "sydney")])
def test_as_many_disjoint_routes_as_the_maximum_flow(a, b):
    found = network.disjoint_routes(NET, a, b, 40)
    assert len(found) == most_routes(NET, [a], [b])
    for r in found:
        steps = zip(pairwise(r.nodes), r.segments, strict=True)
        assert all(NET.has_edge(*ends, key) for ends, key in steps)
        assert len(set(r.nodes)) == len(r.nodes)
        assert (r.nodes[0], r.nodes[-1]) == (a, b)


@pytest.mark.parametrize(("a", "b"), PAIRS)
@pytest.mark.parametrize("k", [2, 4])
def test_total_delay_of_disjoint_routes_agrees_with_the_network_simplex_method(a, b, k):
    flow = nx.MultiDiGraph()
    flow.add_nodes_from(NET)
    for u, v, e in NET.edges(data=True):
        for x, y in ((u, v), (v, u)):
            flow.add_edge(x, y, weight=round(e["delay_ms"] * 1e6), capacity=1)
    found = network.disjoint_routes(NET, a, b, k)
    flow.nodes[a]["demand"], flow.nodes[b]["demand"] = -len(found), len(found)
    least, _ = nx.network_simplex(flow)
    ours = sum(r.delay_ms for r in found)
    assert found and ours == pytest.approx(least / 1e6, abs=1e-3)


@pytest.mark.parametrize("a", ["karachi", "mombasa", "fortaleza", "chikura", "sydney"])
def test_routes_agree_with_bellman_ford_and_none_beats_the_great_circle(a):
    quickest = nx.single_source_bellman_ford_path_length(NET, a, weight="delay_ms")
    for b in network.places(NET).values():
        if b in quickest and b != a:
            r = network.route(NET, a, b)
            assert r.delay_ms == pytest.approx(quickest[b])
            assert r.detour >= 1
            assert r.rtt_ms >= 2 * network.apart_km(NET, a, b) / network.FIBRE_KM_PER_MS


# Drawing


def test_the_table_of_segments_holds_the_graph_in_its_order():
    table = network.segments(NET)
    assert list(table.index) == [key for *_, key in NET.edges(keys=True)]
    for u, v, key, about in NET.edges(keys=True, data=True):
        row = table.loc[key]
        assert all(row[name] == about[name] for name in table.columns.drop("path"))
        ends = row["path"][0][0], row["path"][-1][-1]
        for node, end in zip((u, v), ends, strict=True):
            if NET.nodes[node]["iso3"]:
                assert tuple(end) == network.node_position(NET, node)
    crossing = table[table["path"].map(len) > 1]["path"]
    assert len(crossing) and all(abs(piece[:, 1]).max() == 180 for p in crossing for piece in p)


def test_cables_that_share_a_point_at_sea_are_drawn_side_by_side():
    path = network.segments(small())["path"]
    two, three = path["two/main/2"][0][1], path["three/main/2"][0][0]
    assert np.hypot(*(two - three)) == pytest.approx(network.LANE_DEG)
    assert (two + three) / 2 == pytest.approx([5, 10])
    at_w = [tuple(end) for end in path["two/main/3"][0]]
    assert tuple(two) in at_w, "a cable stays in its lane"


def test_places_are_located_in_the_order_asked_for():
    table = network.located(NET, ["Marseille", "karachi"])
    assert table["name"].tolist() == ["Marseille", "Karachi"]
    assert table[["lat", "lon"]].iloc[1].tolist() == list(network.node_position(NET, "karachi"))


def test_drawn_paths_hold_every_segment_of_the_tables_and_never_cross_180_degrees():
    landings = data.load("cable_landings")
    paths, known = network.drawn_paths(landings), {}
    for r in landings.itertuples():
        known.setdefault((r.cable_id, r.place_key), (r.lat, r.lon))
    for r in landings.dropna(subset="from_key").itertuples():
        start, end = known[r.cable_id, r.from_key], (r.lat, r.lon)
        steps = {(tuple(a), tuple(b)) for p in paths[r.cable_id] for a, b in pairwise(p.tolist())}
        if abs(start[1] - end[1]) <= 180:
            assert (start, end) in steps, (r.cable_id, r.place_key)
    jumps = [np.abs(np.diff(piece[:, 1])).max() for cable in paths.values() for piece in cable]
    assert max(jumps) <= 180


# Bad input


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: network.route(NET, "Karachy", "Marseille"), "'Karachy': try Karachi"),
        (lambda: network.route(NET, "Karachi", "karachi"), "Both ends are Karachi"),
        (lambda: network.route(NET, "Suva", "Marseille"), "No cable route is left between Suva"),
        (lambda: network.disjoint_routes(NET, "Suva", "Tuas", 0), "try|k is 0"),
        (lambda: network.disjoint_routes(NET, "Karachi", "Marseille", 0), "k is 0"),
        (lambda: network.graph(LANDINGS.query("seq > 1"), CABLES), "is not on it"),
    ],
)
def test_bad_input_gets_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        call()
    assert str(error.value).count(". ") == 0 and "\n" not in str(error.value)


# In words


def test_a_route_in_words_names_its_cables_once_and_no_link():
    pieces = network.segments(NET)
    way = network.route(NET, "Karachi", "Marseille")
    assert network.cable_names(pieces, way) == "PEACE + SEA-ME-WE 5 + TE North"
    assert network.short_name("PEACE (Pakistan & East Africa)") == "PEACE"
    assert network.short_name("TE North / TGN-Eurasia") == "TE North"
    (link,) = network.quickest(NET, "Singapore (Tuas)", "Singapore (Changi)")
    assert network.cable_names(pieces, link) == "links on land only"
    table = network.itinerary(pieces, [way], "Route")
    assert table.loc["Route", "round_trip_ms"] == round(way.rtt_ms, 1)
    assert "Bab el-Mandeb" in table.loc["Route", "passes"]
    assert list(network.itinerary(pieces, [way, way], "Route").index) == ["Route 1", "Route 2"]


def test_the_quickest_route_is_a_list_of_one_or_of_none():
    net = small()
    assert network.quickest(net, "a", "c") == [network.route(net, "a", "c")]
    assert network.quickest(net, "a", "a") == network.quickest(net, "a", "d") == []


def test_a_country_is_marked_at_its_northernmost_place():
    shores = network.shores(NET)
    assert set(shores.index) == {d["iso3"] for _, d in NET.nodes(data=True) if d["iso3"]}
    for iso3, row in shores.iterrows():
        lats = [d["lat"] for _, d in NET.nodes(data=True) if d["iso3"] == iso3]
        assert row["lat"] == max(lats) and network.countries_in(NET)[row["name"]] == iso3
