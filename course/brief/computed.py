"""The sections of a brief that models compute, each with what it assumes.

Each function takes a `world.Case` and returns a `Section`. Rows have the confidence "model" and
cite the data that the model ran on. Without a capital there is none, and the sentence says so.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from course import place as my
from course.brief import world
from course.brief.tables import NO_IMAGE, Section, position, slim, together
from course.brief.world import MASKS_DEG, STREET_DEG, SYSTEMS, column, cut_to_tenth
from helpers import data
from helpers.words import counted, percent
from silkroad import geometry, imaging, latency, network, resilience, satcom, station

PASS_DAYS = 3
FRESH_DAYS = 7  # so long elements of a low orbit are good for, see `orbits`
HIGH_DEG = 20  # a phone's satellite so high is rarely hidden
CUTS = {  # kinds of cut: what one is, its measure, and the caption of its table
    "chokepoint": (
        "closure of a strait or crossing",
        "worst chokepoint, ms",
        "The worst chokepoints",
    ),
    "span": ("cut in one place", "worst single cut, ms", "The most harmful single cuts"),
}
LONGER = "a longer way"  # what a cut leaves where no side is lost
STATION_KM = 385  # the height for which "never above the horizon" is said


def beidou(case):
    """Return availability on the day of the snapshot, at the capital and at the worst point."""
    title = f"BeiDou on {case.world.now:%Y-%m-%d}"
    if case.worst is None:
        return _without("beidou", title, case, "no point of our grid lies in it, either")
    at_home = pd.notna(case.worst["capital"])
    spots = {} if case.capital is None else {case.capital["capital"]: case.capital}
    if not at_home:
        spots["worst point"] = case.worst
    spot, row = next(iter(spots.items()))
    share = {name: _share(row, name) for name in SYSTEMS}
    worst = _share(case.worst, "BeiDou alone")
    words = f"With everything below {STREET_DEG}° hidden, as in a street, {spot} had a usable fix "
    alone, four = (percent(share[name] / 100) for name in ("BeiDou alone", "all four"))
    words += f"(PDOP at most 6) for {alone} of the day from BeiDou alone, "
    words += f"and for {four} from BeiDou, GPS, GLONASS and Galileo together. "
    inside = len(case.points) - (case.capital is not None)
    step = f"of our grid of {world.GRID_DEG}°"
    points = f"{counted(inside, 'point')} {step}"
    if not inside:
        words += f"No point {step} lies inside the country, so the capital stands for all of it."
    elif at_home:
        words += f"Of {points} inside the country none is worse with BeiDou alone."
    else:
        words += f"The worst of {points} inside the country has {percent(worst / 100)} with "
        words += "BeiDou alone."
    numbers = {f"{name} at {STREET_DEG}°, % of the day": value for name, value in share.items()}
    numbers[f"BeiDou at the worst point, {STREET_DEG}°, % of the day"] = worst
    table = {"Share of the day with PDOP at most 6": _availability(case, spots)}
    return Section("beidou", title, words, table, numbers)


def _availability(case, spots):
    """Return a row for each spot, system and mask."""
    fleet = ";".join(case.world.fleets["all four"]["source_ids"])
    rows = [
        {
            "place": spot,
            "position": position(row),
            "system": system,
            "mask_deg": mask_deg,
            "available_pct": _share(row, system, mask_deg),
            "in_view_mean": round(row[column(system, mask_deg, "in_view")], 1),
            "pdop_median": _finite(row[column(system, mask_deg, "pdop")], "no fix"),
            "source_ids": together(fleet, row["source_ids"]),
            "confidence": "model",
        }
        for spot, row in spots.items()
        for system in SYSTEMS
        for mask_deg in MASKS_DEG
    ]
    return pd.DataFrame(rows)


def station_overhead(case):
    """Return when the Chinese station is next over the capital, or that elements are too old.

    Passes are listed from this hour on. Of old elements only the count is told, as an example.
    """
    title = "The Chinese station overhead"
    if case.capital is None:
        return _without("passes", title, case)
    tianhe, city = _tianhe().iloc[0], case.capital["capital"]
    start = listed_from(case)
    found = overhead(case, start)
    seen = int((found["seen_seconds"] > 0).sum())
    numbers = {
        f"station passes in {PASS_DAYS} days": len(found),
        f"passes seen by eye in {PASS_DAYS} days": seen,
    }
    if found.empty:
        return Section("passes", title, _no_pass(case, tianhe["inclination_deg"]), {}, numbers)
    often = f"above {station.LOWEST_DEG}° at {city} {_times(len(found))}, and an eye can see it "
    often += f"{_times(seen) if seen else 'not once'}"
    days = f"In the {PASS_DAYS} days after {start:%Y-%m-%d %H:%M} UTC the station rises {often}"
    if _too_old(case):
        old = case.hour - tianhe["epoch"]
        words = "When it is next overhead cannot be said: the elements are of "
        words += f"{tianhe['epoch']:%Y-%m-%d}, {old.days} days old, and those of a low orbit are "
        words += f"good for about {FRESH_DAYS} (lesson 03). New ones come first (“make elements”). "
        return Section(
            "passes", title, f"{words}How often it comes: {days[0].lower()}{days[1:]}.", {}, numbers
        )
    first = found.iloc[0]
    there = my.local(first["rise"], case.capital)
    words = f"Next overhead: {first['rise']:%Y-%m-%d %H:%M} UTC, {there}, up to "
    words += f"{first['max_elevation_deg']:.0f}° high ({first['reason']}). {days}. Computed from "
    words += f"elements of {tianhe['epoch']:%Y-%m-%d %H:%M} UTC; some seconds off after days."
    table = pd.DataFrame(
        {
            "date": found["rise"].dt.strftime("%Y-%m-%d"),
            "rise_utc": found["rise"].dt.strftime("%H:%M:%S"),
            "highest_utc": found["culmination"].dt.strftime("%H:%M:%S"),
            "set_utc": found["set"].dt.strftime("%H:%M:%S"),
            "highest_deg": found["max_elevation_deg"].round(),
            "for_the_eye": found["reason"],
            "source_ids": together(tianhe["source_ids"], case.capital["source_ids"]),
            "confidence": "model",
        }
    )
    return Section("passes", title, words, {"Passes": table}, numbers)


@lru_cache(maxsize=4)  # the section, the map and its picture ask for the same passes
def overhead(case, start):
    """Return the passes of the station over the capital in the days after `start`: a DataFrame.

    All calls for one case and start share one table: do not write into it.
    """
    place = case.capital.rename(None)[["capital", "lat", "lon"]].rename({"capital": "name"})
    return station.sightings(_tianhe(), place, start, start + pd.Timedelta(days=PASS_DAYS))


def listed_from(case):
    """Return the moment from which passes are told: this hour, or the snapshot of old elements."""
    return case.world.now if _too_old(case) else max(case.hour, case.world.now)


def _too_old(case):
    """Say whether the elements are not good to the last of the days to be listed."""
    last = case.hour + pd.Timedelta(days=PASS_DAYS)
    return last - _tianhe()["epoch"].iloc[0] > pd.Timedelta(days=FRESH_DAYS)


def _tianhe():
    elements = data.load("elements")
    return elements[elements["norad_id"] == world.STATION]


def _no_pass(case, tilt_deg):
    """Return why the station does not come: its orbit is not tilted enough, or these days lack."""
    city = case.capital["capital"]
    best = float(station.highest_elevation_deg(case.capital["lat"], tilt_deg, STATION_KM))
    if best > station.LOWEST_DEG:
        start = f"{listed_from(case):%Y-%m-%d}"
        after = f"No pass in the {PASS_DAYS} days after {start} rises above"
        return f"{after} {station.LOWEST_DEG}° at {city}."
    ever = f"at most {best:.0f}° high" if best > 0 else "never above the horizon"
    words = f"No pass: the orbit of the station is tilted by {tilt_deg:.1f}°, and "
    return f"{words}from {city} it is {ever}; we count passes above {station.LOWEST_DEG}°."


def image(case):
    """Return how long the capital waits for a picture, with its own and with shared satellites."""
    title = "Time to the first image"
    if case.capital is None:
        return _without("image", title, case)
    cameras, rows, numbers = case.world.cameras, [], {}
    own = cameras[cameras["owner"] == case.iso3]  # what stands behind "none", where none looks
    known, shared = case.iso3 in case.world.owners, []
    for whose in imaging.WHOSE if known else imaging.WHOSE[1:]:
        hours = case.world.waits[whose].loc[case.iso3]
        mine = case.world.looks[whose]
        mine = mine[mine["place"] == case.iso3]
        first = imaging.first_image(mine, case.world.now)
        used = cameras[cameras["satellite"].isin(mine["satellite"])]
        if whose == imaging.WHOSE[1]:
            shared = sorted(set(used["satellite"]) - set(own["satellite"]))
        cited = (used if len(used) else own)["source_ids"]
        rows.append(
            {
                "satellites": whose if known else whose.removeprefix("its own and "),
                "that_look_within_5_days": mine["satellite"].nunique(),
                "median_wait_hours": _finite(hours["median"], NO_IMAGE),
                "longest_wait_hours": _finite(hours["worst"], NO_IMAGE),
                "first_after_the_snapshot": first["satellite"].iloc[0] if len(first) else "none",
                "source_ids": together(*cited, case.capital["source_ids"]),
                "confidence": "model",
            }
        )
        numbers[f"hours to a picture, {whose}"] = float(hours["median"])
    waits = {w: f"{h:.1f} hours" if np.isfinite(h) else NO_IMAGE for w, h in numbers.items()}
    alone, given, _ = ("", *waits.values())[-3:]
    words = f"Wait for a chance of a picture of {case.capital['capital']}, the middle of "
    words += f"{world.NEED_HOURS} hourly starts: "
    words += f"with those of its own that our tables hold {alone}, " if known else ""
    words += f"with what China shares {given}"
    words += f" ({', '.join(shared)})" if shared else ""
    words += ". Our tables hold China's satellites and those that "
    words += "others have from or with China; "
    words += "others of its own" if known else "what the country has of its own"
    words += " could shorten the wait. Geometry and light only, a roll up to "
    words += f"{world.ROLL_DEG}°: no clouds, orders or permissions."
    return Section("image", title, words, {"Waits": pd.DataFrame(rows)}, numbers)


def phone(case):
    """Return where the three Tiantong satellites stand in the sky of the capital."""
    title = "Satellite phone"
    if case.capital is None:
        return _without("phone", title, case)
    look, satellites = case.world.sky.sel(place=case.iso3), case.world.tiantong
    high, up = look["elevation_deg"].values, look["elevation_deg"].values >= 0
    delays = satcom.delay_ms(look["range_km"].values).round(0)
    table = satellites[["name", "longitude_deg"]].rename(columns={"name": "satellite"})
    table = table.assign(
        elevation=[f"{h:.0f}°" if h >= 0 else "below the horizon" for h in high],
        direction=_if_seen(up, map(geometry.compass, look["azimuth_deg"].values)),
        one_way_delay_ms=_if_seen(up, delays.tolist()),
        source_ids=[together(s, case.capital["source_ids"]) for s in satellites["source_ids"]],
        confidence="model",
    )
    best, city = float(high.max()), case.capital["capital"]
    words = f"The best of the three Tiantong stands {best:.0f}° high at {city}"
    if best < 0:
        words = f"All three Tiantong are below the horizon of {city}"
    elif best < HIGH_DEG:
        words += ", so low that a house or hill hides it"
    areas = data.load("regions")
    area = areas.loc[(areas["region_id"] == "tiantong") & (areas["iso3"] == case.iso3), "region"]
    where = f"in the reported service area ({area.iloc[0]})" if len(area) else ""
    words += ". In our reading the country is "
    words += f"{where or 'outside the reported service area'}; the reports differ (lesson 06)."
    numbers = {"best Tiantong, degrees high": round(best, 1)}
    return Section("phone", title, words, {"Tiantong": table}, numbers)


def _if_seen(up, values):
    return [value if seen else "not seen" for seen, value in zip(up, values, strict=True)]


def data_cables(case):
    """Return the cables that land in the country, the single cuts that harm it most, and how long
    packets took from a server there in July 2020. Without a server nothing is said of packets.
    """
    part, trips = _landings_and_cuts(case), _trips_to_hubs(case)
    if trips.empty:
        return part
    far, city = float(np.median(trips["times"])), trips["from"].iloc[0]
    words = f" In July 2020 round trips from {city} to {counted(len(trips), 'exchange point')} of "
    words += f"our network took {far:.1f} times as long as light in straight glass (median)."
    tables = {"Round trips to exchange points, 19 and 20 July 2020": trips}
    numbers = {"round trips to exchange points in July 2020, times light in glass": round(far, 2)}
    return replace(
        part,
        sentence=part.sentence + words,
        tables=part.tables | tables,
        numbers=part.numbers | numbers,
    )


def _trips_to_hubs(case):
    """Return the fastest round trips from the country's server to those of the hubs, measured.

    Of several servers in a country the one near the capital stands for it, else the first.
    """
    servers, hubs, pairs = _measured(case.world.net)
    mine = servers.loc[servers["iso3"] == case.iso3, "city"].head(1)
    pairs = latency.to_hubs(pairs, list(mine), list(hubs - set(mine)))
    home = pairs["from"].isin(mine)
    return pd.DataFrame(
        {
            "from": pairs["from"].where(home, pairs["to"]),
            "to": pairs["to"].where(home, pairs["from"]),
            "measured_ms": pairs["measured_ms"].round(1),
            "light_in_glass_ms": pairs["glass_ms"].round(1),
            "times": pairs["stretch"].round(1),
            "source_ids": "S440;S441",
            "confidence": np.where(pairs["agree"], "medium", "low"),
        }
    ).sort_values("times", ignore_index=True)


@lru_cache(maxsize=2)  # of a world, as the world itself
def _measured(net):
    """Return the servers, those near a capital first, the cities of hubs, and all pairs."""
    servers = data.load("ping_servers").sort_values("capital", kind="stable")
    hubs = network.located(net, data.load("hubs")["place_key"])
    return servers, set(latency.hub_cities(servers, hubs).values()), latency.measured()


def _landings_and_cuts(case):
    title, landing = "Data cables", _landing(case.iso3)
    tables, status = {}, landing["status"].value_counts()
    numbers = {"cables in service that land": int(status.get("active", 0))}
    words = (
        f"Cables and land routes in service that come to {case.the} in our tables, which do not "
    )
    words += f"hold all: {status.get('active', 0) or 'none'}."
    if others := [f"{kind} {status[kind]}" for kind in status.index if kind != "active"]:
        words += f" Not counted there: {', '.join(sorted(others))}."
    if len(landing):
        shown = landing.rename(columns={"rfs_year": "since", "suppliers": "built_by"})
        kept = ["name", "kind", "since", "status", "built_by", "owners", "source_ids", "confidence"]
        tables["Cables and land routes, with their status"] = slim(shown[kept])
    if case.iso3 not in case.world.routes.index:
        words += " The network of our model holds no path to the country, so no cut is computed; "
        words += "cables that our tables lack, or a neighbour's, may serve it."
    elif case.about["cables_partial"]:
        words += " Our network is known to lack cables that land there"
        words += f"{_widely_known(case)}, so no cut is computed."
    elif not numbers["cables in service that land"]:
        words += " Our network reaches it only over routes that we assumed, so no cut is computed."
    else:
        ways = ("no way", "one way", "two ways or more")[case.world.routes.loc[case.iso3, "routes"]]
        words += f" In the schematic network of our model it has {ways} to the exchange points of "
        words += "the world. Below only cables that we know are cut, not links that we assumed."
        for kind in CUTS:
            found = _cuts(case, kind)
            words += found.sentence
            tables, numbers = tables | found.tables, numbers | found.numbers
    return Section("cables", title, words, tables, numbers)


def cables_open(case, parts):
    """Return what the section of cables leaves open, as (about, question, sources)."""
    landing, points = _landing(case.iso3), data.load("cable_landings")
    landing = landing[landing["status"] == "active"]
    drawn = points.loc[points["iso3"] == case.iso3, "cable_id"]
    count = f"{int(landing['id'].isin(drawn).sum())} of {len(landing)} cables in service"
    cited = together(*landing["source_ids"], "S417" if landing.empty else None)
    if case.about["cables_partial"]:
        words = f"Our table is known to be partial here{_widely_known(case)}: "
        named = f"{count} that it names" if len(landing) else "none, as it names none in service"
        words += f"the network draws {named}, "
        yield (
            "Data cables",
            f"{words}and cables that land here are missing. What does a cut do?",
            cited,
        )
    elif any(measure in part.numbers for _, measure, _ in CUTS.values() for part in parts):
        words = f"The network draws {count} that our table names here, and the table may lack "
        yield "Data cables", f"{words}others. How much would they change what a cut does?", cited


def _widely_known(case):
    """Return, in words, whether it rests on general knowledge that cables are lacking here."""
    noted = "S417: cables_partial" in str(case.about["source_note"])
    return ", as is widely known (general knowledge, S417)" if noted else ""


def _landing(iso3):
    """Return the rows of `cables` that name a country among their landings, those in use first."""
    table = data.load("cables")
    mine = table[[iso3 in codes.split(";") for codes in table["landing_iso3"].fillna("")]]
    return mine.sort_values("status", kind="stable")


def _cuts(case, kind):
    """Return sentence, table and number of the cuts of a kind that harm the country most.

    Links and routes that we assumed are never cut: where they run is no finding.
    """
    what, measure, caption = CUTS[kind]
    every = resilience.most_harmful_cut(case.world.net, case.iso3, kind)
    known = _known_segments(case.world.net)
    cuts = every[[not known.isdisjoint(segments) for segments in every["segments"]]]
    if cuts.empty:
        words = f" No {what} harms it there"
        here = (data.load("hubs")["iso3"] == case.iso3).any()
        words += ": an exchange point of the model stands in the country." if here else "."
        return Section(kind, "", words, {}, {measure: 0.0} if every.empty else {})
    printed = cuts["harm_ms"].round(1)
    equal = int((printed == printed.max()).sum())
    cuts = cuts.head(max(equal, 3)).reset_index(drop=True)
    worst, harm = cuts.iloc[0], cuts["harm_ms"].iloc[0]
    table = pd.DataFrame(
        {
            "cut": cuts["cut"],
            "added_round_trip_ms": cuts["harm_ms"].round(1),
            "left": [_left(row) for _, row in cuts.iterrows()],
            "source_ids": _cited(case.world.net, cuts["segments"]),
            "confidence": "model",
        }
    )
    words = f" The worst {what} ({worst['cut']}"
    words += f", or {counted(equal - 1, 'other')} with the same harm" if equal > 1 else ""
    harm_ms = f"adds {harm:.1f} ms to the round trip to the nearest hubs west and east, on average"
    words += f") leaves {_left(worst)}; a satellite in its place " if worst["lost"] else ") "
    words += harm_ms
    return Section(kind, "", f"{words}.", {caption: table}, {measure: float(harm)})


@lru_cache(maxsize=2)  # of a world, as the world itself
def _known_segments(net):
    """Return the segments of all cables that are not only assumed."""
    table = data.load("cables")
    assumed = set(table.loc[table["status"] == "assumed", "id"])
    assumed |= set(data.load("assumed_links")["link_id"])
    edges = net.edges(keys=True, data=True)
    return {key for *_, key, edge in edges if edge["cable"] not in assumed}


def _left(cut):
    """Return what a cut leaves of the ways that there were: a side never reached is not lost."""
    sides = [name.removesuffix("_before") for name in cut.index if name.endswith("_before")]
    reached = [side for side in sides if np.isfinite(cut[f"{side}_before"])]
    lost = [side for side in reached if np.isinf(cut[f"{side}_after"])]
    if lost == reached:
        return "no way at all"
    return f"no way {' or '.join(lost)}" if lost else LONGER


def _cited(net, cuts):
    """Return the sources of the cables and links that the segments of each cut belong to."""
    links = data.load("assumed_links").rename(columns={"link_id": "id"})
    keys = pd.concat([data.load("cables"), links]).set_index("id")["source_ids"]
    owner = {key: edge["cable"] for *_, key, edge in net.edges(keys=True, data=True)}
    return [together(*keys[[owner[key] for key in segments]]) for segments in cuts]


def _without(key, title, case, also=""):
    words = f"The table of capitals has no row for {case.the}, so the model is not run"
    return Section(key, title, f"{words}{'; ' + also if also else ''}.")


def _share(row, system, mask_deg=STREET_DEG):
    return float(cut_to_tenth(row[column(system, mask_deg)]))


def _finite(value, otherwise):
    return round(float(value), 1) if np.isfinite(value) else otherwise


def _times(number):
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
