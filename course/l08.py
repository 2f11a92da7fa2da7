"""Lesson 08, the Digital Silk Road: its routes and cuts in words, its claims and its exercises.

`segments` is the table of `network.segments`; some functions need the columns that the lesson
joins to it from the table `cables`. A trip is a list of one `Route`, or of none.
"""

from functools import lru_cache
from itertools import combinations

import numpy as np

from course.drawn_answers import Drawing
from helpers import data, maps
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from helpers.words import counted, percent
from silkroad import geometry, latency, network, resilience, satcom

TABLES = ("cable_landings", "cables", "assumed_links")
shores = lru_cache(maxsize=4)(network.shores)  # of each network of the lesson
LEFT = ("no route left", "one route left", "one route, as before the cut", "two routes or more")

# --- routes


@lru_cache(maxsize=256)
def geo_rtt(net, a, b):
    """Return (round trip in ms, number of satellites) over GEO, with the hubs as gateways."""
    ends = network.located(net, [a, b])[["lat", "lon"]].to_numpy()
    hubs = network.located(net, data.load("hubs")["place_key"])[["lat", "lon"]]
    return satcom.geo_rtt_ms(*ends, hubs.to_numpy())


def journey_words(net, segments, a, b, routes):
    """Return the quickest of some routes in words, beside light in a straight fibre and GEO."""
    if a == b:
        return f"Both ends are {a}: choose two places."
    sky_ms, hops = geo_rtt(net, a, b)
    sky = f"Over {'one' if hops == 1 else 'two'} geostationary satellite{'s' * (hops > 1)}: "
    sky += f"{sky_ms:.0f} ms."
    if not routes:
        return f"No cable of our tables leads from {a} to {b}. {sky}"
    best, glass_ms = routes[0], 2 * routes[0].direct_km / network.FIBRE_KM_PER_MS
    words = f"{a} to {b}, there and back: {best.rtt_ms:.0f} ms over {best.km:,.0f} km "
    words += f"({network.cable_names(segments, best)}). "
    words += f"Light in a straight fibre: {glass_ms:.0f} ms. {sky}"
    if len(routes) > 1:
        words += f" {len(routes)} routes share no piece of cable; the "
        words += f"slowest takes {routes[-1].rtt_ms:.0f} ms."
    return words


# --- cuts


def outcome(net, before, after):
    """Return the countries after a cut, by iso3: name, what is left in words, where to mark them.

    before, after: tables of `resilience.routes_left`. `fell` are those with fewer routes than
    before; countries that reach no hub, cut or not, are left out.
    """
    fell = after["routes"] < before["routes"]
    none, one, same, more = LEFT
    words = after["routes"].map({0: none, 1: one, 2: more})
    words = words.mask((after["routes"] == 1) & ~fell, same)
    table = shores(net).reindex(after.index).assign(left=words, fell=fell)
    return table[(after["routes"] > 0) | fell]


def cut_words(segments, gone, start, end, trips, table, close, fault):
    """Return what a cut does to one trip and to the countries, in sentences.

    gone: the segments cut; trips: before and after; table: the `outcome`; close, fault: the words
    of the menus.
    """
    words = f"{_what_is_cut(gone, close, fault)} {_detour(segments, start, end, *trips)}"
    fallen = table[table["fell"]].groupby("left")["name"].agg(", ".join)
    for left, said in zip(
        LEFT[:2], ("Without any route in our tables", "Left with one route there"), strict=True
    ):
        words += f" {said}: {fallen[left]}." if left in fallen else ""
    if len(gone) and fallen.empty:
        words += " No country falls to one route or to none."
    return words


def _what_is_cut(gone, close, fault):
    what = " and ".join(w for w in (close, fault) if w not in ("nothing", "no fault"))
    if not what:
        return "Nothing is cut."
    if gone.empty:
        return f"{what}: none of its cables has a path in our tables."
    cables = gone.drop_duplicates("cable")
    room = cables["design_capacity_tbps"]
    words = f"{what}: {counted(len(gone), 'piece')} cut, of "
    words += counted(len(cables), "cable or link", "cables and links")
    return words + (f", designed for {room.sum():g} Tbit/s where stated." if room.any() else ".")


def _detour(segments, a, b, before, after):
    if a == b:
        return f"Both ends are {a}: choose two places."
    if not before:
        return f"No cable of our tables leads from {a} to {b}, cut or not."
    words = f"{a} to {b}: {before[0].rtt_ms:.0f} ms"
    if not after:
        return f"{words} before, no route after."
    if after[0].segments == before[0].segments:
        return f"{words}, as before."
    added = after[0].rtt_ms - before[0].rtt_ms
    more = f"+{added:.0f} ms" if added >= 1 else "less than 1 ms more"
    words += f" before, {after[0].rtt_ms:.0f} ms after "
    return f"{words}({more}, by {network.cable_names(segments, after[0])})."


def harm_words(name, table):
    """Return the worst of `resilience.most_harmful_cut` in a sentence, with what is as bad."""
    if table.empty:
        return f"{name}: no single cut of this kind lengthens its way to a hub in our tables."
    worst = table.iloc[0]
    others = int((table["harm_ms"] == worst["harm_ms"]).sum()) - 1
    words = f"{name}: the most harmful is {worst['cut']}"
    words += f" ({counted(others, 'other is', 'others are')} as bad)" if others else ""
    words += f", +{worst['harm_ms']:.1f} ms on average."
    for side in network.default_hubs():
        before, after = worst[f"{side}_before"], worst[f"{side}_after"]
        if np.isfinite(before):
            then = f"{before:.0f} ms before, "
            then += f"{after:.0f} ms after" if np.isfinite(after) else "no cable after"
            then = then if after > before else f"{before:.0f} ms, as before"
            words += f" To the nearest hub in the {side}: {then}."
    return words


def fallback_words(a, b, trip, room):
    """Return how much slower GEO is than cables, and how much narrower a satellite is.

    trip: round trips in ms by way, with "cables" and "GEO, 35,786 km"; room: capacities in `tbps`,
    each of a cable or a satellite (`kind`).
    """
    wire, air = trip["cables"], trip["GEO, 35,786 km"]
    words = f"{a} to {b}: no cable in our tables; GEO {air:.0f} ms."
    if not np.isnan(wire):
        words = f"{a} to {b}: GEO takes {air / wire:.1f} times as long as the cables."
    widest = room.groupby("kind")["tbps"].max()
    if "cable" not in widest:
        return words
    times = widest["cable"] / widest["satellite"]
    return (
        f"{words} The widest cable on the way was designed for {widest['cable']:g} Tbit/s: as much "
        f"as {times:,.0f} of the largest satellite in our table."
    )


# --- claims


@computes("C055")
def peace_reaches_kenya_and_djibouti():
    """Two parts on the network of PEACE alone: it lands in Pakistan and Kenya, and in Pakistan and
    Djibouti.

    Prediction met when both hold, disputed when one does, prediction missed when none does.
    """
    cables = data.load("cables")
    peace = network.graph(data.load("cable_landings"), cables[cables["id"] == "peace"])
    landed = {d["iso3"] for _, d in peace.nodes(data=True) if d["iso3"]}
    reached = [iso3 for iso3 in ("KEN", "DJI") if {"PAK", iso3} <= landed]
    numbers = {"countries where PEACE lands": len(landed)}
    for iso3, name in (("KEN", "Kenya"), ("DJI", "Djibouti")):
        numbers[f"lands in {name}"] = "yes" if iso3 in reached else "no"
    evidence = f"PEACE lands in {len(landed)} countries; from Pakistan to Kenya it offers no way."
    if "KEN" in reached:
        route = network.route(peace, "Karachi", "Mombasa")
        numbers["Karachi to Mombasa, km"] = round(route.km)
        numbers["Karachi to Mombasa, round trip ms"] = round(route.rtt_ms, 1)
        evidence = f"From Karachi to Mombasa in Kenya PEACE takes {route.rtt_ms:.0f} ms there and "
        evidence += "back."
    evidence += f" It {'lands' if 'DJI' in reached else 'does not land'} in Djibouti."
    return ("prediction_missed", "disputed", "prediction_met")[len(reached)], evidence, numbers


@computes("C056")
def finished_in_indonesia_and_the_philippines():
    """Confirmed when the table of cables has systems built by Huawei Marine (now HMN Tech) that
    were ready before 2020, the year of the article, in both Indonesia and the Philippines. A
    landing that was ready later than the rest of its system counts from its own date.

    Disputed when in one of the two, inaccurate when in neither.
    """
    cables = data.load("cables")
    done = cables[cables["hmn_built"] & (cables["rfs_year"] < 2020)]
    later = done["later_landings"].fillna("")
    here = {
        name: done[
            done["landing_iso3"].str.contains(iso3, na=False)
            & ~later.str.contains(rf"{iso3}:20[2-9]")
        ]["name"].tolist()
        for iso3, name in (("IDN", "Indonesia"), ("PHL", "Philippines"))
    }
    parts = sum(bool(names) for names in here.values())
    return (
        ("inaccurate", "disputed", "confirmed")[parts],
        " ".join(
            f"{name}: {', '.join(names) or 'none in our table'}." for name, names in here.items()
        ),
        {f"ready before 2020, {name}": len(names) for name, names in here.items()},
    )


@computes("C126")
def cables_improve_connectivity():
    """Of the pairs that the cables of July 2020 join, at least 1,000 km apart, how many took at
    most 1.5 times the quickest route: confirmed from three in four, inaccurate up to one in four.

    Disputed between. Round trips only: capacity and price were not measured.
    """
    known = latency.modelled(latency.measured(), latency.as_of("2020-07-19")).query(
        "great_km >= 1000"
    )
    china = known[["from", "to"]].isin(["Shanghai", "Shenzhen"]).any(axis=1)
    near, home = ((part["factor"] <= 1.5).mean() for part in (known, known[china]))
    medians = {"all pairs": known, "pairs with Shanghai or Shenzhen": known[china]}
    return (
        "confirmed" if near >= 0.75 else "inaccurate" if near <= 0.25 else "disputed",
        f"{percent(near, 0)} of {len(known)} pairs took at most 1.5 times the quickest route; of "
        f"{china.sum()} pairs with Shanghai or Shenzhen, {percent(home, 0)}.",
        {
            f"median factor, {k}": round(float(part["factor"].median()), 2)
            for k, part in medians.items()
        },
    )


# --- exercises


@exercise(
    "08-1",
    Number(unit="ms", tolerance=0.06),
    wrong=[
        (lambda: 1000 / network.FIBRE_KM_PER_MS, "That is one way. The answer has to come back."),
        (2000 / 299.792458, "That is light in space. In glass it is slower by the group index."),
        (
            2000 / 299.792458 / 1.468,
            "You made light quicker in glass. A group index of 1.468 divides the speed, "
            "so it multiplies the time.",
        ),
    ],
    hint="Twice the length, divided by the speed 299,792.458 / 1.468 km/s, times 1000 for ms.",
)
def a_thousand_km():
    """How long does a round trip in 1,000 km of fibre take?"""
    return 2 * 1000 / network.FIBRE_KM_PER_MS


@exercise(
    "08-2",
    Text(several=True, also=lambda: dict(data.load("bri_countries")[["iso3", "country"]].values)),
    wrong=[
        (["Djibouti"], "That one has no route at all. Some others are left with one: add them."),
        (["Sudan", "Yemen"], "These have one route left. Who has none? Read the whole headline."),
        (["Saudi Arabia", "Sudan"], "That is the whole Red Sea. Close the Gulf of Aden alone."),
    ],
    hint="Set the first menu to Gulf of Aden and read both lists in the headline.",
)
def gulf_of_aden_closed():
    """Which countries fall to one route or none when the Gulf of Aden is closed, sea only?"""
    net = network.graph(*map(data.load, TABLES))
    before = resilience.cut(net, cables=["eurasia_land", "pcf", "pcf_ext", "pcf_south"])
    after = resilience.cut(before, chokepoints=["GULF_OF_ADEN"])
    lost = resilience.left_without(*map(resilience.routes_left, (before, after)))
    return [name for name, iso3 in network.countries_in(net).items() if iso3 in lost.index]


def _satellites(name):
    """Return how many of a satellite match the design of SEA-ME-WE 5."""
    wide = data.load("cables").set_index("id").loc["smw5", "design_capacity_tbps"]
    sky = data.load("satellites").set_index("name")["capacity_gbps"]
    return 1e3 * wide / sky[sky.index.str.startswith(name)].item()


@exercise(
    "08-3",
    Number(unit="satellites", relative=0.001),
    wrong=[
        (lambda: _satellites("ChinaSat-16"), "That is ChinaSat-16. ChinaSat-26 is wider."),
        (0.24, "Mind the units: 100 Gbit/s are 0.1 Tbit/s."),
        (24, "24 Tbit/s is the cable. Divide it by what one satellite carries."),
    ],
    hint="Divide the cable's 24 Tbit/s by the satellite's capacity in Tbit/s.",
)
def satellites_for_a_cable():
    """How many ChinaSat-26 carry as much as SEA-ME-WE 5 by design?"""
    return _satellites("ChinaSat-26")


def _built_by_hmn(path):
    """Return the cables that HMN built, those with a path or all that are in service."""
    table = data.load("cables")
    here = table["core"] if path else table["status"] == "active"
    return table[here & table["built"].str.startswith("HMN")]


def _without_chinese_owner(table):
    return int((table["chinese"] == "no Chinese owner named").sum())


@exercise(
    "08-4",
    Number(unit="cables"),
    wrong=[
        (lambda: len(_built_by_hmn(path=True)), "Those are all of that builder. Look at owners."),
        (
            lambda: len(_built_by_hmn(True)) - _without_chinese_owner(_built_by_hmn(True)),
            "Those have a Chinese owner. Count the others.",
        ),
        (
            lambda: _without_chinese_owner(_built_by_hmn(path=False)),
            "Those are all in service. Keep the rows where core is true.",
        ),
    ],
    hint="Keep the rows with a path, then that builder, then 'no Chinese owner named', and count.",
)
def built_not_owned():
    """How many cables with a path did HMN build that name no Chinese owner?"""
    return _without_chinese_owner(_built_by_hmn(path=True))


# Two ways of one's own: before and after a cut.
NO_LINE = "There is no line yet: maps.lines({'before': path}, ...), or folium.PolyLine on a map."
ONE_LINE = "There is one line. Cut something on the way, and draw the quickest way that is left."
ONE_COLOUR = "All lines have the same colour: give the way after the cut another."
ELSEWHERE = "The two lines do not have the same ends: draw two ways of one journey."
SAME_WAY = "Both lines take the same way: cut a place that the first one passes."


def _two_ways(drawn):
    """Tell whether lines of two colours lead between the same two places by different ways."""
    lines = drawn[drawn["kind"].isin(["lines", "PolyLine"])].dropna(subset="paths")
    ways = lines.explode("paths").groupby("color")["paths"].agg(list)
    if len(lines) < 2:
        return ONE_LINE if len(lines) else NO_LINE
    if len(ways) < 2:
        return ONE_COLOUR
    ends = geometry.loose_ends
    pairs = [pair for pair in combinations(ways, 2) if len(ends(pair[0])) == 2]
    pairs = [(one, other) for one, other in pairs if ends(one) == ends(other)]
    if not pairs:
        return ELSEWHERE
    return any(sorted(one) != sorted(other) for one, other in pairs) or SAME_WAY


def _journey(closed="RED_SEA", start="Mombasa", colours=("sky", "orange")):
    """Return the quickest ways from Mombasa to Marseille before and after a cut, as layers."""
    net = network.graph(*map(data.load, TABLES))
    path = network.segments(net)["path"]
    after = resilience.cut(net, chokepoints=[closed])
    routes = network.route(net, start, "Marseille"), network.route(after, "Mombasa", "Marseille")
    return [
        maps.lines({name: path[list(route.segments)].sum()}, name, color=colour)
        for name, route, colour in zip(("Before", "After"), routes, colours, strict=True)
    ]


@exercise(
    "08-5",
    Drawing(_two_ways),
    wrong=[
        (lambda: maps.lines({}, "Nothing yet"), NO_LINE),
        (lambda: _journey()[:1], ONE_LINE),
        (lambda: _journey(colours=("sky", "sky")), ONE_COLOUR),
        (lambda: _journey(start="Karachi"), ELSEWHERE),
        (lambda: _journey(closed="MALACCA"), SAME_WAY),
    ],
    hint="`.loc[list(route.segments), 'path'].sum()` of the table of segments is the line to draw.",
)
def before_and_after():
    """Draw the quickest route of a journey before and after a cut: Mombasa to Marseille, say."""
    return _journey()


def _stretch(city, ends=("from", "to")):
    """Return the stretches of the pairs with a city at one of these ends."""
    return latency.measured().loc[lambda rows: (rows[list(ends)] == city).any(axis=1), "stretch"]


@exercise(
    "08-6",
    Number(unit="times", tolerance=0.006),
    wrong=[
        (lambda: _stretch("Nairobi").mean(), "A few very long ways pull the mean up: the median."),
        (lambda: _stretch("Nairobi", ["from"]).median(), "Nairobi also stands in the column `to`."),
    ],
    hint="Keep the rows where `from` or `to` is Nairobi, and take the median of `stretch`.",
)
def far_from_nairobi():
    """How many times as long as light in glass do packets from Nairobi take, at the median?"""
    return float(_stretch("Nairobi").median())


def _ways():
    """Return the ways from Perth to Singapore over a third city, and the direct one in ms."""
    trips = latency.matrix(latency.measured())
    return latency.detours(trips, "Perth", "Singapore"), trips.loc["Perth", "Singapore"]


@exercise(
    "08-7",
    Number(unit="ms", tolerance=0.06),
    wrong=[
        (lambda: _ways()[0]["via_ms"].min(), "That is the detour. How much sooner is it there?"),
        (lambda: _ways()[1], "That is the direct way. Take the quickest detour from it."),
    ],
    hint="The direct round trip less the smallest `via_ms` of `latency.detours`.",
)
def sooner_by_a_detour():
    """How many ms sooner is the quickest detour from Perth to Singapore than the direct way?"""
    ways, direct = _ways()
    return float(direct - ways["via_ms"].min())
