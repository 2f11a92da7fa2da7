"""Cuts of the cable network against maximum flows, Bellman-Ford and every segment tried."""

import networkx as nx
import numpy as np
import pytest
from test_network import CABLES, LANDINGS, LINKS, NET, most_routes, random_net, small

from helpers import data
from helpers.inputs import InputError
from silkroad import geometry, network, resilience, satcom

# Cuts


def test_cuts_take_away_what_they_name_and_nothing_else():
    net = small()
    left = {key for *_, key in resilience.cut(net, chokepoints=["RED_SEA"]).edges(keys=True)}
    assert left == {"one/main/2", "one/main/3", "three/main/2"}
    assert len(resilience.cut(net, ["one"], ["SICILY"], ["three/main/2"]).edges) == 1
    assert len(resilience.cut(net).edges) == len(net.edges) == 5  # and the first graph is whole
    assert set(resilience.cut(net, cables=["one", "two"])) == set(net)


@pytest.mark.parametrize("tag", sorted(network.chokepoint_names()))
def test_every_chokepoint_of_the_tables_has_a_name_and_segments(tag):
    written, linked = (
        table["chokepoints"].dropna().str.split(";").explode() for table in (LANDINGS, LINKS)
    )
    assert set(written) | set(linked) == set(network.chokepoint_names())
    gone = set(NET.edges(keys=True)) - set(resilience.cut(NET, chokepoints=[tag]).edges(keys=True))
    assert len(gone) == (written == tag).sum() + (linked == tag).sum()


@pytest.mark.parametrize("tag", [None, *sorted(network.chokepoint_names())])
def test_routes_left_agree_with_the_maximum_flow_for_every_country(tag):
    net = resilience.cut(NET, chokepoints=[tag] if tag else [])
    hubs = sorted(set().union(*network.default_hubs().values()))
    table = resilience.routes_left(net)
    for iso3, row in table.iterrows():
        home = [n for n, d in net.nodes(data=True) if d["iso3"] == iso3]
        if set(home) & set(hubs):
            assert row["routes"] == 2
            continue
        assert row["routes"] == min(most_routes(net, home, hubs), 2), iso3
        if row["routes"] == 1:
            cut_off = resilience.cut(net, segments=[row["only"]])
            assert most_routes(cut_off, home, hubs) == 0


@pytest.mark.parametrize("seed", range(12))
def test_routes_left_agree_with_the_maximum_flow_on_random_networks(seed):
    net = random_net(seed, nodes=8, edges=9)
    table = resilience.routes_left(net, {"side": ["n0", "n5"]})  # both of the country C0
    for iso3 in ("C1", "C2", "C3", "C4"):
        home = [n for n, d in net.nodes(data=True) if d["iso3"] == iso3]
        assert table.loc[iso3, "routes"] == min(most_routes(net, home, ["n0", "n5"]), 2)


def test_the_red_sea_leaves_those_without_a_route_who_have_no_other_shore():
    now, closed = NET, resilience.cut(NET, chokepoints=["RED_SEA"])
    lost = resilience.left_without(resilience.routes_left(now), resilience.routes_left(closed))
    assert lost.loc["SDN"].tolist() == [2, 0]
    assert "EGY" not in lost.index and "KEN" not in lost.index
    assert resilience.left_without(resilience.routes_left(now), resilience.routes_left(now)).empty


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

    before, after = trips(net), trips(resilience.cut(net, segments=segments))
    sides = [side for side in before if before[side] < np.inf]
    return np.mean([max(min(after[s], lost_ms) - before[s], 0) for s in sides])


@pytest.mark.parametrize(("iso3", "lost_ms"), [("PAK", 500), ("YEM", 120), ("TON", 500)])
def test_the_most_harmful_cut_agrees_with_every_segment_tried(iso3, lost_ms):
    table = resilience.most_harmful_cut(NET, iso3, "span", fallback_ms=lost_ms)
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
    table = resilience.most_harmful_cut(NET, "EGY", kind, fallback_ms=450)
    names = {**network.chokepoint_names(), **CABLES.set_index("id")["name"]}
    ids = {name: id for id, name in names.items()}
    assert table["harm_ms"].is_monotonic_decreasing
    for row in table.head(3).itertuples():
        if row.cut in ids:
            gone = set(NET.edges) - set(resilience.cut(NET, **{field: [ids[row.cut]]}).edges)
            assert {key for *_, key in gone} == set(row.segments)
        assert slow_harm(NET, "EGY", row.segments, 450) == pytest.approx(row.harm_ms, abs=1e-5)


def test_a_country_that_no_cut_can_harm_gets_an_empty_table():
    table = resilience.most_harmful_cut(NET, "FJI")  # a hub, and out of reach of the other side
    assert table.empty and "harm_ms" in table


def test_a_fault_cuts_the_nearest_segment_of_each_cable_as_tried_point_by_point():
    faults = data.load("cable_faults").dropna(subset=["cable_ids"])
    checked = 0
    for fault in faults.itertuples():
        found = resilience.broken(NET, fault.lat, fault.lon, fault.cable_ids.split(";"))
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
    assert resilience.broken(NET, 21.8, 120.55, ["apcn2"]).empty  # no path in the tables


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


def test_the_fallback_is_a_geostationary_satellite_at_45_degrees():
    ours = resilience.most_harmful_cut(NET, "TON")["harm_ms"].iloc[0]
    trip = network.route(NET, "Suva", "nukualofa").rtt_ms
    up_km = (ours + trip) / 4e3 * satcom.LIGHT_KM_S
    elevation = np.arcsin((42164.17**2 - 6378.137**2 - up_km**2) / (2 * 6378.137 * up_km))
    assert np.degrees(elevation) == pytest.approx(45, abs=0.01)


# Bad input


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: resilience.cut(NET, cables=["peas"]), "no cable 'peas': try .*peace"),
        (lambda: resilience.cut(NET, chokepoints=["SUEZ"]), "no chokepoint 'SUEZ'"),
        (lambda: resilience.cut(NET, chokepoints="RED_SEA"), r"give a list, as \['RED_SEA'\]"),
        (lambda: resilience.cut(NET, segments=["peace/main/99"]), "no segment"),
        (lambda: resilience.most_harmful_cut(NET, "CHE"), "no country in the cable network 'CHE'"),
        (lambda: resilience.most_harmful_cut(NET, "PAK", "town"), "no kind of cut 'town'"),
        (lambda: resilience.most_harmful_cut(NET, "PAK", fallback_ms=0), "fallback_ms is 0"),
        (lambda: resilience.routes_left(NET, {"west": ["Berlin"]}), "no place in the cable net"),
        (lambda: resilience.routes_left(NET, ["marseille"]), "hubs must be"),
        (lambda: resilience.broken(NET, 95, 0, ["peace"]), "latitude 95"),
    ],
)
def test_bad_input_gets_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        call()
    assert str(error.value).count(". ") == 0 and "\n" not in str(error.value)


def test_a_cut_that_separates_says_so_and_leaves_no_route():
    after = resilience.cut(NET, chokepoints=["RED_SEA"])
    with pytest.raises(InputError, match="Port Sudan and Marseille: cut less, or go by satellite"):
        network.route(after, "Port Sudan", "Marseille")
    assert network.disjoint_routes(after, "Port Sudan", "Marseille", 3) == []
    nothing = resilience.cut(NET, cables=sorted({e["cable"] for *_, e in NET.edges(data=True)}))
    table = resilience.routes_left(nothing)
    hubs = {NET.nodes[h]["iso3"] for side in network.default_hubs().values() for h in side}
    assert (table.loc[~table.index.isin(hubs), "routes"] == 0).all()


def test_the_network_of_a_year_needs_no_more_than_a_filter():
    early = CABLES[~(CABLES["rfs_year"] > 2012)]
    net = network.graph(LANDINGS, early, LINKS)
    assert "peace/main/5" not in {key for *_, key in net.edges(keys=True)}
    assert len(resilience.routes_left(net)) < len(resilience.routes_left(NET))
