"""The cable network against brute force, other algorithms of networkx, and figures by hand."""

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from helpers import data
from helpers.inputs import InputError
from silkroad import geometry, network, satcom

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
    flow = nx.DiGraph()
    for u, v in net.edges():
        for x, y in ((u, v), (v, u)):
            flow.add_edge(x, y, capacity=flow.get_edge_data(x, y, {"capacity": 0})["capacity"] + 1)
    for node in starts:
        flow.add_edge("from", node)  # no capacity: without limit
    for node in ends:
        flow.add_edge(node, "to")
    if "from" not in flow or "to" not in flow:
        return 0
    return nx.maximum_flow_value(flow, "from", "to")


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


# Cuts


def test_cuts_take_away_what_they_name_and_nothing_else():
    net = small()
    left = {key for *_, key in network.cut(net, chokepoints=["RED_SEA"]).edges(keys=True)}
    assert left == {"one/main/2", "one/main/3", "three/main/2"}
    assert len(network.cut(net, ["one"], ["SICILY"], ["three/main/2"]).edges) == 1
    assert len(network.cut(net).edges) == len(net.edges) == 5  # and the first graph is whole
    assert set(network.cut(net, cables=["one", "two"])) == set(net)


@pytest.mark.parametrize("tag", sorted(network.chokepoint_names()))
def test_every_chokepoint_of_the_tables_has_a_name_and_segments(tag):
    written, linked = (
        table["chokepoints"].dropna().str.split(";").explode() for table in (LANDINGS, LINKS)
    )
    assert set(written) | set(linked) == set(network.chokepoint_names())
    gone = set(NET.edges(keys=True)) - set(network.cut(NET, chokepoints=[tag]).edges(keys=True))
    assert len(gone) == (written == tag).sum() + (linked == tag).sum()


@pytest.mark.parametrize("tag", [None, *sorted(network.chokepoint_names())])
def test_routes_left_agree_with_the_maximum_flow_for_every_country(tag):
    net = network.cut(NET, chokepoints=[tag] if tag else [])
    hubs = sorted(set().union(*network.default_hubs().values()))
    table = network.routes_left(net)
    for iso3, row in table.iterrows():
        home = [n for n, d in net.nodes(data=True) if d["iso3"] == iso3]
        if set(home) & set(hubs):
            assert row["routes"] == 2
            continue
        assert row["routes"] == min(most_routes(net, home, hubs), 2), iso3
        if row["routes"] == 1:
            cut_off = network.cut(net, segments=[row["only"]])
            assert most_routes(cut_off, home, hubs) == 0


@pytest.mark.parametrize("seed", range(12))
def test_routes_left_agree_with_the_maximum_flow_on_random_networks(seed):
    net = random_net(seed, nodes=8, edges=9)
    table = network.routes_left(net, {"side": ["n0", "n5"]})  # both of the country C0
    for iso3 in ("C1", "C2", "C3", "C4"):
        home = [n for n, d in net.nodes(data=True) if d["iso3"] == iso3]
        assert table.loc[iso3, "routes"] == min(most_routes(net, home, ["n0", "n5"]), 2)


def test_the_red_sea_leaves_those_without_a_route_who_have_no_other_shore():
    now, closed = NET, network.cut(NET, chokepoints=["RED_SEA"])
    lost = network.left_without(network.routes_left(now), network.routes_left(closed))
    assert lost.loc["SDN"].tolist() == [2, 0]
    assert "EGY" not in lost.index and "KEN" not in lost.index
    assert network.left_without(network.routes_left(now), network.routes_left(now)).empty


def slow_harm(net, iso3, segments, lost_ms):
    """Return the harm of a cut by Bellman-Ford from each place of the country, one by one."""

    def trips(net):
        found = {}
        for side, hubs in network.default_hubs().items():
            found[side] = np.inf
            for n, d in net.nodes(data=True):
                if d["iso3"] == iso3:
                    delay = nx.single_source_bellman_ford_path_length(net, n, weight="delay_ms")
                    found[side] = min([found[side], *(2 * delay.get(h, np.inf) for h in hubs)])
        return found

    before, after = trips(net), trips(network.cut(net, segments=segments))
    sides = [side for side in before if before[side] < np.inf]
    return np.mean([max(min(after[s], lost_ms) - before[s], 0) for s in sides])


@pytest.mark.parametrize(("iso3", "lost_ms"), [("PAK", 500), ("YEM", 120), ("TON", 500)])
def test_the_most_harmful_cut_agrees_with_every_segment_tried(iso3, lost_ms):
    table = network.most_harmful_cut(NET, iso3, "span", fallback_ms=lost_ms)
    worst = table.iloc[0]
    for segment in worst["segments"]:  # a span is cut anywhere along it with the same effect
        assert slow_harm(NET, iso3, [segment], lost_ms) == pytest.approx(worst["harm_ms"], abs=1e-5)
    random = np.random.default_rng(4)
    keys = sorted(key for *_, key in NET.edges(keys=True))
    for key in random.choice(keys, 10, replace=False):
        harm = slow_harm(NET, iso3, [str(key)], lost_ms)
        assert harm <= worst["harm_ms"] + 1e-5
        listed = table[[str(key) in keys for keys in table["segments"]]]["harm_ms"]
        assert harm == pytest.approx(listed.item() if len(listed) else 0, abs=1e-5), key


@pytest.mark.parametrize(("kind", "field"), [("cable", "cables"), ("chokepoint", "chokepoints")])
def test_larger_cuts_agree_with_cutting_them(kind, field):
    table = network.most_harmful_cut(NET, "EGY", kind, fallback_ms=450)
    names = {**network.chokepoint_names(), **CABLES.set_index("id")["name"]}
    ids = {name: id for id, name in names.items()}
    assert table["harm_ms"].is_monotonic_decreasing
    for row in table.head(3).itertuples():
        if row.cut in ids:
            gone = set(NET.edges) - set(network.cut(NET, **{field: [ids[row.cut]]}).edges)
            assert {key for *_, key in gone} == set(row.segments)
        assert slow_harm(NET, "EGY", row.segments, 450) == pytest.approx(row.harm_ms, abs=1e-5)


def test_a_country_that_no_cut_can_harm_gets_an_empty_table():
    table = network.most_harmful_cut(NET, "FJI")  # a hub, and out of reach of the other side
    assert table.empty and "harm_ms" in table


def test_a_fault_cuts_the_nearest_segment_of_each_cable_as_tried_point_by_point():
    faults = data.load("cable_faults").dropna(subset=["cable_ids"])
    checked = 0
    for fault in faults.itertuples():
        found = network.broken(NET, fault.lat, fault.lon, fault.cable_ids.split(";"))
        for row in found.itertuples():
            best = np.inf
            for u, v, _, e in NET.edges(keys=True, data=True):
                if e["cable"] == row.cable:
                    a, b = NET.nodes[u], NET.nodes[v]
                    km = to_points(fault.lat, fault.lon, a, b).min()
                    best = min(best, km)
            assert row.distance_km == pytest.approx(best, abs=1.5)
            assert row.distance_km < 100, "a fault lies far from its cable's drawn line"
            checked += 1
    assert checked >= 15
    assert network.broken(NET, 21.8, 120.55, ["apcn2"]).empty  # no path in the tables


def to_points(lat, lon, a, b, steps=4001):
    """Return the distances in km from a place to points along a great circle (slerp)."""
    p, q = (
        np.array([np.cos(f) * np.cos(m), np.cos(f) * np.sin(m), np.sin(f)])
        for f, m in np.radians([(a["lat"], a["lon"]), (b["lat"], b["lon"])])
    )
    angle, t = np.arccos(p @ q), np.linspace(0, 1, steps)[:, None]
    x = (np.sin((1 - t) * angle) * p + np.sin(t * angle) * q) / np.sin(angle)
    along = np.degrees(np.arcsin(x[:, 2])), np.degrees(np.arctan2(x[:, 1], x[:, 0]))
    return geometry.great_circle_km(lat, lon, *along)


# Satellites


@pytest.mark.parametrize(
    ("a", "b"), [((24.9, 67.0), (43.3, 5.4)), ((-21.1, -175.2), (-18.1, 178.4)), ((0, 0), (0, 1))]
)
def test_geostationary_round_trips_agree_with_a_search_by_hand_to_a_millisecond(a, b):
    slots = np.radians(np.arange(-180, 180, 0.1))
    total = np.zeros(len(slots))
    for lat, lon in (a, b):  # law of cosines on a sphere
        cosine = np.cos(np.radians(lat)) * np.cos(slots - np.radians(lon))
        total += np.sqrt(6378.137**2 + 42164.17**2 - 2 * 6378.137 * 42164.17 * cosine)
    rtt_ms, hops = network.geo_rtt_ms(a, b)
    assert hops == 1
    assert rtt_ms == pytest.approx(2e3 * total.min() / 299792.458, abs=1)


def test_far_places_take_two_satellites_or_get_a_sentence():
    a, b = (22.3, 114.2), (-3.7, -38.5)  # Hong Kong and Fortaleza
    one, _ = network.geo_rtt_ms(a, (24.9, 67.0))
    rtt_ms, hops = network.geo_rtt_ms(a, b, [(24.9, 67.0), (43.3, 5.4)])
    assert hops == 2 and rtt_ms > 1.8 * one
    with pytest.raises(InputError, match="No geostationary satellite"):
        network.geo_rtt_ms(a, b)
    with pytest.raises(InputError, match="No geostationary satellite"):
        network.geo_rtt_ms((85, 0), (0, 0), [(43.3, 5.4)])


@pytest.mark.parametrize("height_km", [550, 1200, 8062])
def test_relays_agree_with_a_bent_pipe_by_hand_and_are_bound_by_light(height_km):
    near_km = 500.0
    half = near_km / geometry.EARTH_KM / 2
    radius = geometry.EARTH_KM + height_km
    slant = np.hypot(radius * np.sin(half), radius * np.cos(half) - geometry.EARTH_KM)
    assert network.relay_rtt_ms(near_km, height_km, 0) == pytest.approx(
        4e3 * slant / satcom.LIGHT_KM_S
    )
    trips = [network.relay_rtt_ms(km, height_km) for km in np.linspace(1, 20015, 200)]
    assert (np.diff(trips) > 0).all()
    # The way at the height of the satellites is longer than the ground below it; no jump at
    # the distance where two satellites take over from one.
    assert (np.diff(trips) < 2e3 * 102 * radius / geometry.EARTH_KM / satcom.LIGHT_KM_S).all()
    assert trips[-1] > 2e3 * 20015 / satcom.LIGHT_KM_S


def test_the_fallback_is_a_geostationary_satellite_at_45_degrees():
    ours = network.most_harmful_cut(NET, "TON")["harm_ms"].iloc[0]
    trip = network.route(NET, "Suva", "nukualofa").rtt_ms
    up_km = (ours + trip) / 4e3 * satcom.LIGHT_KM_S
    elevation = np.arcsin((42164.17**2 - 6378.137**2 - up_km**2) / (2 * 6378.137 * up_km))
    assert np.degrees(elevation) == pytest.approx(45, abs=0.01)


# Bad input


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: network.route(NET, "Karachy", "Marseille"), "'Karachy': try Karachi"),
        (lambda: network.route(NET, "Karachi", "karachi"), "Both ends are Karachi"),
        (lambda: network.route(NET, "Suva", "Marseille"), "No cable route is left between Suva"),
        (lambda: network.disjoint_routes(NET, "Suva", "Tuas", 0), "try|k is 0"),
        (lambda: network.disjoint_routes(NET, "Karachi", "Marseille", 0), "k is 0"),
        (lambda: network.cut(NET, cables=["peas"]), "no cable 'peas': try .*peace"),
        (lambda: network.cut(NET, chokepoints=["SUEZ"]), "no chokepoint 'SUEZ'"),
        (lambda: network.cut(NET, chokepoints="RED_SEA"), r"give a list, as \['RED_SEA'\]"),
        (lambda: network.cut(NET, segments=["peace/main/99"]), "no segment"),
        (lambda: network.most_harmful_cut(NET, "CHE"), "no country in the cable network 'CHE'"),
        (lambda: network.most_harmful_cut(NET, "PAK", "town"), "no kind of cut 'town'"),
        (lambda: network.most_harmful_cut(NET, "PAK", fallback_ms=0), "fallback_ms is 0"),
        (lambda: network.routes_left(NET, {"west": ["Berlin"]}), "no place in the cable network"),
        (lambda: network.routes_left(NET, ["marseille"]), "hubs must be"),
        (lambda: network.relay_rtt_ms(0, 550), "distance_km is 0"),
        (lambda: network.relay_rtt_ms(30000, 550), "at most half round the Earth"),
        (lambda: network.relay_rtt_ms(1000, -5), "height_km is -5"),
        (lambda: network.relay_rtt_ms(1000, 550, 90), "mask_deg is 90"),
        (lambda: network.broken(NET, 95, 0, ["peace"]), "latitude 95"),
        (lambda: network.geo_rtt_ms((95, 0), (0, 0)), "latitude"),
        (lambda: network.graph(LANDINGS.query("seq > 1"), CABLES), "is not on it"),
    ],
)
def test_bad_input_gets_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        call()
    assert str(error.value).count(". ") == 0 and "\n" not in str(error.value)


def test_a_cut_that_separates_says_so_and_leaves_no_route():
    after = network.cut(NET, chokepoints=["RED_SEA"])
    with pytest.raises(InputError, match="Port Sudan and Marseille: cut less, or go by satellite"):
        network.route(after, "Port Sudan", "Marseille")
    assert network.disjoint_routes(after, "Port Sudan", "Marseille", 3) == []
    nothing = network.cut(NET, cables=sorted({e["cable"] for *_, e in NET.edges(data=True)}))
    table = network.routes_left(nothing)
    hubs = {NET.nodes[h]["iso3"] for side in network.default_hubs().values() for h in side}
    assert (table.loc[~table.index.isin(hubs), "routes"] == 0).all()


def test_the_network_of_a_year_needs_no_more_than_a_filter():
    early = CABLES[~(CABLES["rfs_year"] > 2012)]
    net = network.graph(LANDINGS, early, LINKS)
    assert "peace/main/5" not in {key for *_, key in net.edges(keys=True)}
    assert len(network.routes_left(net)) < len(network.routes_left(NET))


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
