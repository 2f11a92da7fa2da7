"""What lesson 08 draws: the cables, the routes on them, cuts and who they leave, and delays."""

import re
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers import data, maps, style
from helpers.inputs import InputError
from silkroad import network, orbits

ROAD = ((-38, -25), (62, 155))  # corners of a map from Lisbon to Tokyo
RED_SEA = ((-38, -20), (60, 112))
LANE_DEG = 0.35  # cables through one point at sea are drawn side by side, this far apart
TOWN_KM = 100  # stops of a road nearer than this to both neighbours are no choices in a menu
LEO_KM, MEO_KM = 550, 8062  # heights of today's broadband satellites: assumptions of the lesson
LEFT = {  # state of a country after a cut: (colour on the map, shape of its mark)
    "no route left": ("orange", "cross"),
    "one route left": ("yellow", "triangle"),
    "one route, as before the cut": ("#B9A7D6", "circle"),
    "two routes or more": ("#A9CDE6", "circle"),
}
RANKS = (("blue", ""), ("green", "6 4"), ("purple", "2 4"), ("orange", "10 4 2 4"))
BUILDERS = {
    "HMN Tech (Huawei Marine)": ("orange", "10 4 2 4"),
    "Huawei itself, on land": ("yellow", "6 4"),
    "other builders": ("blue", ""),
    "builder not known": ("grey", "2 4"),
}
OWNERS = {
    "consortium, three owners or more": ("blue", ""),
    "state-owned, wholly or in part": ("purple", "6 4"),
    "one or two companies": ("orange", "10 4 2 4"),
    "not known": ("grey", "2 4"),
}
CHINESE = {
    "a Chinese company among several owners": ("purple", "6 4"),
    "a Chinese company alone, or with one partner": ("orange", "10 4 2 4"),
    "no Chinese owner named": ("blue", ""),
    "owners not known": ("grey", "2 4"),
}
# Owners in the table that a state controls or shares in: our reading, general knowledge [S417].
_STATE = (
    "Camtel|PNG DataCo|Solomon Island Submarine|Tonga Cable|Special Communications|Telecom Egypt"
    "|Angola Cables|TEAMS|Government|ADIE|GITGE|Djibouti Telecom|Tunisie Telecom|Telkom Indonesia"
    "|Unitel|China Mobile|China Unicom|China Telecom"
)
_CHINESE = "China Mobile|China Telecom|China Unicom|Hengtong"


# Places and lines


def cities(net):
    """Return the names of places to choose from, without the many stops of a mountain road."""
    chosen = []
    for name, node in network.places(net).items():
        longest = max(e["km"] for *_, e in net.edges(node, data=True))
        if net.nodes[node]["kind"] == "landing" or longest > TOWN_KM:
            chosen.append(name)
    return chosen


def countries(net):
    """Return {name: iso3} of the countries in the network, in order of their names."""
    names = {f["properties"]["iso3"]: f["properties"]["name"] for f in data.countries()["features"]}
    names["REU"] = "Reunion (France)"
    codes = {d["iso3"] for _, d in net.nodes(data=True) if d["iso3"]}
    return {names[iso3]: iso3 for iso3 in sorted(codes, key=names.get)}


def drawn_places(net):
    """Return {node: (lat, lon)} for drawing: cables that share a point at sea stand side by side.

    The order of the cables is the same everywhere, so that they run in parallel like the lines
    on a map of an underground railway. On land every place stays where it is.
    """
    place = {node: (d["lat"], d["lon"]) for node, d in net.nodes(data=True)}
    shared = defaultdict(list)
    for node, about in net.nodes(data=True):
        if about["kind"] == "waypoint":
            shared[node.partition("@")[0]].append(node)
    drawn = dict(place)
    for nodes in shared.values():
        if len(nodes) < 2:
            continue
        along = np.zeros(2)
        for node in nodes:
            for near in net[node]:
                step = np.subtract(place[near], place[node])
                step /= np.linalg.norm(step) or 1
                along += step if step[1] > 0 else -step  # always eastwards
        across = np.array([along[1], -along[0]]) / (np.linalg.norm(along) or 1)
        for lane, node in enumerate(sorted(nodes)):
            drawn[node] = tuple(place[node] + across * LANE_DEG * (lane - (len(nodes) - 1) / 2))
    return drawn


class Chart:
    """The network as drawn: holds where its nodes stand and the layers that never change.

    `base` is the layers of all sea cables and of all land links, thin and grey.
    """

    def __init__(self, net, cables):
        """Take the graph of `network.graph` and the table `cables`."""
        self.net, self.place = net, drawn_places(net)
        self.about = cables.set_index("id")
        self.country = {iso3: name for name, iso3 in countries(net).items()}
        shapes = data.countries()["features"]
        self.areas = {f["properties"]["iso3"] for f in shapes} & set(self.country)
        self.edges = {key: (u, v, e) for u, v, key, e in net.edges(keys=True, data=True)}
        sea, land = defaultdict(list), defaultdict(list)
        for key, (_, _, e) in self.edges.items():
            group = sea if e["medium"] == "submarine" else land
            group["assumed land links" if key == e["cable"] else e["cable_name"]].append(key)
        popup = {row["name"]: _popup(row) for row in cables.to_dict("records")}
        self.base = (
            self.lines(sea, "Sea cables (schematic)", color="#8A94A3", weight=1, popup=popup),
            self.lines(land, "On land (schematic)", color="#B08D57", dash="3 4", popup=popup),
        )

    def pieces(self, segments):
        """Return the segments as pieces of lines, cut at 180 degrees."""
        found = []
        for key in segments:
            ends = np.array([self.place[node] for node in self.edges[key][:2]])
            if abs(ends[1, 1] - ends[0, 1]) > 180:
                found += orbits.split_antimeridian(ends[:, 0], ends[:, 1])
            else:
                found.append(ends)
        return found

    def lines(self, groups, name, **looks):
        """Return {label: segments} as a layer of lines."""
        drawn = {label: self.pieces(segments) for label, segments in groups.items()}
        layer = maps.lines(drawn, name, **looks)
        km = {label: sum(self.edges[k][2]["km"] for k in groups[label]) for label in groups}
        table = pd.DataFrame({"name": list(km), "length_km": np.round(list(km.values()))})
        return replace(layer, table=table)

    def routes(self, routes, name="Routes", weight=4, looks=RANKS):
        """Return routes as a layer, the quickest first; its table lists delay, length, straits."""
        ranks = [f"{name} {i}" if len(routes) > 1 else name for i in range(1, len(routes) + 1)]
        groups = {rank: r.segments for rank, r in zip(ranks, routes, strict=True)}
        styles = dict(zip(ranks, looks, strict=False)) if routes else None
        layer = self.lines(groups, name, styles=styles, weight=weight)
        table = pd.DataFrame(
            {
                "route": ranks,
                "round_trip_ms": [round(r.rtt_ms, 1) for r in routes],
                "length_km": [round(r.km) for r in routes],
                "detour": [round(r.detour, 2) for r in routes],
                "cables": [self.cables(r) for r in routes],
                "passes": [straits(r) for r in routes],
            }
        )
        return replace(layer, table=table)

    def cables(self, route):
        """Return the names of a route's cables in words; links between stations are not named."""
        named = [self.about.loc[c, "name"] for c in route.cables if c in self.about.index]
        short = [re.split(r" \(| / ", name)[0] for name in named]
        if len(short) > 5:
            short[4:] = [f"{len(short) - 4} more"]
        return " + ".join(short) or "links on land only"

    def straight(self, a, b, points=60):
        """Return the great circle between two places as a layer of one dashed line."""
        ends = [self.net.nodes[network.node_of(self.net, place)] for place in (a, b)]
        p, q = (
            np.array([np.cos(f) * np.cos(m), np.cos(f) * np.sin(m), np.sin(f)])
            for f, m in np.radians([(end["lat"], end["lon"]) for end in ends])
        )
        angle = np.arccos(np.clip(p @ q, -1, 1))
        paths = {}
        if 1e-9 < angle < np.pi - 1e-9:
            t = np.linspace(0, 1, points)[:, None]
            x = (np.sin((1 - t) * angle) * p + np.sin(t * angle) * q) / np.sin(angle)
            lat, lon = np.degrees(np.arcsin(x[:, 2])), np.degrees(np.arctan2(x[:, 1], x[:, 0]))
            paths["great circle"] = orbits.split_antimeridian(lat, lon)
        return maps.lines(paths, "Great circle", color="black", dash="2 6", weight=1.5)

    def ends(self, *names):
        """Return places as a layer of labelled points."""
        rows = [{"name": name, **self.net.nodes[network.node_of(self.net, name)]} for name in names]
        frame = pd.DataFrame(rows).drop_duplicates("name")
        return maps.points(frame, "Places", labels=True, styles={"Places": ("black", "square")})

    def gone(self, before, after):
        """Return the segments that a network has no more after a cut, in order."""
        had, kept = ({key for *_, key in net.edges(keys=True)} for net in (before, after))
        return [key for key in self.edges if key in had and key not in kept]

    def cut_lines(self, segments, name="Cut"):
        """Return cut segments as one layer, by cable."""
        groups = defaultdict(list)
        for key in segments:
            groups[self.edges[key][2]["cable_name"]].append(key)
        return self.lines(groups, name, color="orange", dash="2 5", weight=3)

    def cut_layers(self, gone, a, b, trips):
        """Return a cut as layers: what is cut, the route before and after, and its two ends."""
        before, rest = trips
        return (
            self.cut_lines(gone),
            self.routes(before, "Before", looks=(("sky", ""),), weight=6),
            self.routes(rest, "After", looks=(("blue", ""),), weight=3),
            self.ends(a, b),
        )

    def left_layers(self, before, after):
        """Return the countries after a cut as two layers: coloured areas, marks on those hurt.

        `before` and `after` are tables of `network.routes_left`.
        """
        none, one, same, more = LEFT
        fell = after["routes"] < before["routes"]
        words = after["routes"].map({0: none, 1: one, 2: more}).astype(object)
        words[(after["routes"] == 1) & ~fell] = same
        words = words[(after["routes"] > 0) | fell]  # some reach no hub, cut or not
        area = maps.countries(
            words[words.index.isin(self.areas)],
            "Routes to the hubs, in our tables",
            styles={word: colour for word, (colour, _) in LEFT.items()},
        )
        area = replace(area, table=area.table.assign(country=area.table["iso3"].map(self.country)))
        rows = []
        for iso3 in after.index[fell]:
            own = [d for _, d in self.net.nodes(data=True) if d["iso3"] == iso3]
            north = max(own, key=lambda d: d["lat"])  # where labels of neighbours seldom meet
            where = {"lat": north["lat"], "lon": north["lon"]}
            rows.append({"name": self.country[iso3], "left": words[iso3], **where})
        frame = pd.DataFrame(rows, columns=["name", "left", "lat", "lon"])
        looks = {word: LEFT[word] for word in (none, one)}
        marks = maps.points(frame, "Hurt by the cut", category="left", styles=looks, labels=True)
        return area, marks


def quickest(net, a, b):
    """Return the route of least delay in a list, which is empty where none is or a equals b."""
    try:
        return [network.route(net, a, b)]
    except InputError:  # the headline says so
        return []


def disjoint(net, a, b, k):
    """Return `network.disjoint_routes`, or an empty list where both ends are the same."""
    return network.disjoint_routes(net, a, b, k) if a != b else []


def _popup(row):
    return {
        "built by": row["suppliers"],
        "owned by": row["owners"],
        "ready": row["rfs_year"],
        "length km": row["length_km"],
        "state": row["status"],
        "sources": row["source_ids"],
        "confidence": row["confidence"],
    }


def straits(route):
    """Return the chokepoints that a route passes, in words."""
    names = network.chokepoint_names()
    return ", ".join(names[tag] for tag in sorted(route.chokepoints)) or "none"


# Headlines


def journey_words(chart, a, b, routes):
    """Return the quickest of some routes in words, beside light on the great circle and GEO."""
    if a == b:
        return f"Both ends are {a}: choose two places."
    sky_ms, hops = _geo(chart.net, a, b)
    sky = f"Over {'one' if hops == 1 else 'two'} geostationary satellite{'s' * (hops > 1)}: "
    sky += f"{sky_ms:.0f} ms."
    if not routes:
        return f"No cable of our tables leads from {a} to {b}. {sky}"
    best = routes[0]
    glass_ms = 2 * best.direct_km / network.FIBRE_KM_PER_MS
    count = "" if len(routes) == 1 else f" {len(routes)} routes share no segment; the slowest "
    count += "" if len(routes) == 1 else f"takes {routes[-1].rtt_ms:.0f} ms."
    return (
        f"{a} to {b}, there and back: {best.rtt_ms:.0f} ms over {best.km:,.0f} km "
        f"({chart.cables(best)}). Light in a straight fibre: {glass_ms:.0f} ms. {sky}{count}"
    )


def cut_words(chart, gone, a, b, trips, lost, close, fault):
    """Return what a cut does to one route and to the countries, in sentences.

    `gone` are the segments cut, `trips` the routes before and after (lists of one or none),
    `lost` is the table of `network.left_without`, `close` and `fault` are the words of the menus.
    """
    what = " and ".join(w for w in (close, fault) if w not in ("nothing", "no fault"))
    cut = list(dict.fromkeys(chart.edges[key][2]["cable"] for key in gone))
    head = f"{what}: none of its cables has a path in our tables." if what else "Nothing is cut."
    if gone:
        room = chart.about["design_capacity_tbps"].reindex(cut)
        head = f"{what}: {_many(len(gone), 'segment')} cut, of "
        head += f"{_many(len(cut), 'cable or link', 'cables and links')}"
        head += f", designed for {room.sum():g} Tbit/s where stated." if room.any() else "."
    before, rest = trips
    if a == b:
        trip = f"Both ends are {a}: choose two places."
    elif not before:
        trip = f"No cable of our tables leads from {a} to {b}, cut or not."
    elif not rest:
        trip = f"{a} to {b}: {before[0].rtt_ms:.0f} ms before, no route after."
    elif rest[0].segments == before[0].segments:
        trip = f"{a} to {b}: {before[0].rtt_ms:.0f} ms, as before."
    else:
        added = rest[0].rtt_ms - before[0].rtt_ms
        trip = f"{a} to {b}: {before[0].rtt_ms:.0f} ms before, {rest[0].rtt_ms:.0f} ms after "
        more = f"+{added:.0f} ms" if added >= 1 else "less than 1 ms more"
        trip += f"({more}, by {chart.cables(rest[0])})."
    parts = [head, trip]
    for routes, words in ((0, "Without any route in our tables"), (1, "Left with one route there")):
        here = [chart.country[iso3] for iso3 in lost.index[lost["after"] == routes]]
        if here:
            parts.append(f"{words}: {', '.join(here)}.")
    if gone and lost.empty:
        parts.append("No country falls to one route or to none.")
    return " ".join(parts)


def _many(number, one, many=None):
    return f"{number} {one if number == 1 else many or one + 's'}"


def _geo(net, a, b):
    """Return `network.geo_rtt_ms` between two places of the network, with the hubs as gateways."""
    hubs = [h for side in network.default_hubs().values() for h in side if h in net]
    about = [net.nodes[network.node_of(net, place)] for place in (a, b, *hubs)]
    start, end, *gateways = [(d["lat"], d["lon"]) for d in about]
    return network.geo_rtt_ms(start, end, gateways)


# Cuts


def faults(table, net):
    """Return real faults by words for a menu, the latest first; the first row is "no fault".

    A copy of the rows of `cable_faults` with `segments`, what each cuts in our network.
    """
    table = table.sort_values("date", ascending=False)
    words = [f"{row.date:%Y-%m-%d} {row.place}" for row in table.itertuples()]
    cut = [
        network.broken(net, row.lat, row.lon, row.cable_ids.split(";"))["segment"].tolist()
        if isinstance(row.cable_ids, str)
        else []
        for row in table.itertuples()
    ]
    table = table.assign(segments=cut).set_axis(words)
    return pd.concat([pd.DataFrame({"segments": [[]]}, index=["no fault"]), table])


def fault_mark(faults, fault):
    """Return the place of a fault as a layer of one mark; a click shows what was reported."""
    row = faults.loc[[fault]].dropna(subset="lat")
    fields = ["date", "cables", "effect", "cause", "repaired_date", "repaired_note"]
    row = row.assign(date=row["date"].map("{:%Y-%m-%d}".format))
    return maps.points(
        row, "The real fault", label="place", popup=fields, styles={"": ("black", "star")}, size=8
    )


def closures():
    """Return {words: [tag]} of the chokepoints to close, for a menu; the last closes none."""
    return {words: [tag] for tag, words in network.chokepoint_names().items()} | {"nothing": []}


# The most harmful cut


def harm_layers(chart, iso3, table):
    """Return the worst cut of `network.most_harmful_cut` as layers; the table twin lists ten."""
    worst = table.iloc[0]["segments"] if len(table) else ()
    line = chart.cut_lines(worst, "The most harmful cut")
    if len(table):
        shown = table.head(10).drop(columns="segments").round(1)
        line = replace(line, table=shown.replace(np.inf, np.nan))
    home = maps.countries(
        pd.Series({iso3: "chosen country"}),
        "Country",
        styles={"chosen country": "sky"},
    )
    hubs = [
        {"name": d["name"], "side": side, "lat": d["lat"], "lon": d["lon"]}
        for side, nodes in network.default_hubs().items()
        for d in (chart.net.nodes[n] for n in nodes if n in chart.net)
    ]
    looks = {"west": ("blue", "square"), "east": ("green", "diamond")}
    marks = maps.points(
        pd.DataFrame(hubs), "Hubs", category="side", styles=looks, size=5, labels=False
    )
    return home, line, marks


def harm_words(name, table):
    """Return the worst cut in a sentence, with what is equally bad."""
    if table.empty:
        return f"{name}: no single cut of this kind lengthens its way to a hub in our tables."
    worst = table.iloc[0]
    equal = table["cut"][table["harm_ms"] == worst["harm_ms"]].tolist()
    words = f"{name}: the most harmful is {equal[0]}"
    if len(equal) > 1:
        words += f" ({_many(len(equal) - 1, 'other is', 'others are')} as bad)"
    words += f", +{worst['harm_ms']:.1f} ms on average."
    for side in network.default_hubs():
        before, after = worst[f"{side}_before"], worst[f"{side}_after"]
        if np.isfinite(before):
            then = f"{before:.0f} ms before, "
            then += f"{after:.0f} ms after" if np.isfinite(after) else "no cable after"
            then = then if after > before else f"{before:.0f} ms, as before"
            words += f" To the nearest hub in the {side}: {then}."
    return words


# Who built, who owns


def kinds(cables):
    """Return the table `cables` with three columns in words: built, owned, chinese.

    `owned` and `chinese` are our reading of the owners' names as the table has them; a name that
    ends in "..." or "incl." stands for more owners than it lists.
    """
    owners, known = cables["owners"].fillna(""), cables["owners"].fillna("").ne("")
    assumed = cables["status"] == "assumed"
    count = owners.str.count(r"[;,]") + 1
    many = owners.str.contains("onsortium|carriers|via|others") | (count >= 3)
    many &= ~owners.str.startswith(("PEACE", "PNG DataCo"))  # owners of branches, a funder
    state = owners.str.contains(_STATE)
    chinese = owners.str.contains(_CHINESE)
    built = np.select(
        [cables["hmn_built"], cables["suppliers"].fillna("").str.contains("Huawei Technologies")],
        list(BUILDERS)[:2],
        np.where(cables["suppliers"].isna() | assumed, list(BUILDERS)[3], list(BUILDERS)[2]),
    )
    owned = np.select(
        [assumed | ~known, many, state], [list(OWNERS)[i] for i in (3, 0, 1)], list(OWNERS)[2]
    )
    who = np.select(
        [assumed | ~known, chinese & many, chinese],
        [list(CHINESE)[i] for i in (3, 0, 1)],
        list(CHINESE)[2],
    )
    return cables.assign(built=built, owned=owned, chinese=who)


QUESTIONS = {
    "who built it": ("built", BUILDERS),
    "who owns it": ("owned", OWNERS),
    "is a Chinese company among the owners": ("chinese", CHINESE),
}


def coloured(chart, table, question):
    """Return the cables with a path as layers, one per answer to a key of QUESTIONS; and words."""
    column, looks = QUESTIONS[question]
    answers = table.set_index("id")[column]
    groups = {answer: defaultdict(list) for answer in looks}
    km = Counter()
    for key, (_, _, e) in chart.edges.items():
        if key != e["cable"]:
            groups[answers[e["cable"]]][e["cable_name"]].append(key)
            km[answers[e["cable"]]] += e["km"]
    drawn = [
        chart.lines(lines, answer, color=looks[answer][0], dash=looks[answer][1], weight=2.4)
        for answer, lines in sorted(groups.items(), key=lambda item: -len(item[1]))
        if lines
    ]
    total = sum(km.values())
    shares = [
        f"{_many(len(groups[a]), 'system')}, {100 * km[a] / total:.0f} % of the length: {a}"
        for a in looks
        if groups[a]
    ]
    return drawn, f"{question[0].upper()}{question[1:]}? " + "; ".join(shares) + "."


# Delay and capacity


def satellites(table):
    """Return the satellites whose capacity the table `satellites` states, as name, tbps, sources.

    The figure stands in the notes as "... Gbit/s", from the sources of the row.
    """
    named = table["notes"].str.extract(r"(\d+) Gbit/s")[0].astype(float)
    kept = table.assign(tbps=named / 1e3)[named.notna()]
    return kept[["name", "tbps", "source_ids", "confidence"]].reset_index(drop=True)


def delays(net, a, b):
    """Return the round trips between two places in ms, by way, as a Series (NaN: no cable)."""
    km = network.apart_km(net, a, b)
    routes = quickest(net, a, b)
    return pd.Series(
        {
            "light, great circle": 2e3 * km / network.satcom.LIGHT_KM_S,
            f"LEO, {LEO_KM} km": network.relay_rtt_ms(km, LEO_KM),
            "straight fibre": 2 * km / network.FIBRE_KM_PER_MS,
            "cables": routes[0].rtt_ms if routes else np.nan,
            f"MEO, {MEO_KM:,} km": network.relay_rtt_ms(km, MEO_KM),
            "GEO, 35,786 km": _geo(net, a, b)[0],
        }
    )


def capacities(chart, a, b, sky):
    """Return design capacities in Tbit/s: cables of the quickest route, and satellites."""
    routes = quickest(chart.net, a, b)
    used = [c for r in routes for c in r.cables if c in chart.about.index]
    rows = chart.about.loc[used, ["name", "design_capacity_tbps", "source_ids"]]
    rows = rows.set_axis(["name", "tbps", "source_ids"], axis=1)
    rows["name"] = rows["name"].str.split(r" \(| / ", regex=True).str[0]
    return pd.concat([rows.dropna(subset="tbps"), sky[rows.columns]], ignore_index=True)


def _barh(axes, names, values, looks, words, title):
    """Draw horizontal bars with their values in words; no axis, which would cost time."""
    drawn = axes.barh(names, values, color=[style.color(look) for look in looks])
    axes.bar_label(drawn, words, padding=3, fontsize=9)
    axes.set_title(title, fontsize=9.5, loc="left", x=-0.15)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_xticks([])
    axes.margins(x=0.18)
    axes.invert_yaxis()
    axes.tick_params(labelsize=9, length=0)


def bars(chart, a, b, sky):
    """Return delays and capacities between two places as one chart, and a headline."""
    if a == b:
        return [], f"Both ends are {a}: choose two places."
    from matplotlib.figure import Figure

    trip, room = delays(chart.net, a, b), capacities(chart, a, b, sky)
    figure = Figure(figsize=(8.4, 2.7))
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.14, right=0.98, top=0.9, bottom=0.03, wspace=0.55)
    looks = ("black", "green", "grey", "blue", "purple", "orange")
    words = ["no cable" if np.isnan(ms) else f"{ms:.0f}" for ms in trip]
    _barh(left, list(trip.index), trip.fillna(0), looks, words, "Round trip, ms")
    cable = ~room["name"].isin(sky["name"])
    steps = np.log10(room["tbps"] / 0.01)  # bars from 10 Gbit/s, each step of the same length ×10
    looks = ["blue" if wired else "orange" for wired in cable]
    words = [f"{tbps:g}" for tbps in room["tbps"]]
    title = "Design capacity, Tbit/s (logarithmic bars)"
    _barh(right, list(room["name"]), steps, looks, words, title)
    words = ["none" if np.isnan(ms) else f"{ms:.0f} ms" for ms in trip]
    alt = f"{a} to {b}, round trip: "
    alt += ", ".join(f"{way} {word}" for way, word in zip(trip.index, words, strict=True))
    alt += ". Capacity in Tbit/s: " + ", ".join(
        f"{r.name} {r.tbps:g}" for r in room.itertuples(index=False)
    )
    table = pd.concat(
        [
            pd.DataFrame({"what": trip.index, "round_trip_ms": trip.round(1).to_numpy()}),
            room.rename(columns={"name": "what", "tbps": "capacity_tbps"}),
        ]
    )
    wire, air = trip["cables"], trip["GEO, 35,786 km"]
    head = f"{a} to {b}: no cable in our tables; GEO {air:.0f} ms."
    if not np.isnan(wire):
        head = f"{a} to {b}: GEO takes {air / wire:.1f} times as long as the cables."
    if cable.any() and len(sky):
        widest, most = room[cable]["tbps"].max(), sky["tbps"].max()
        head += f" The widest cable on the way was designed for {widest:g} Tbit/s: as much as "
        head += f"{widest / most:,.0f} of the largest satellite in our table."
    return [maps.chart(figure, "Delay and capacity", alt=alt + ".", table=table)], head
