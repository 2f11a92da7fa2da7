"""The sections of a brief that models compute, each with what it assumes.

Each function takes a `world.Case` and returns a `Section`. Rows have the confidence "model" and
cite the data that the model ran on. Without a capital there is none, and the sentence says so.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from course.brief import world
from course.brief.tables import NO_IMAGE, Section, position, slim, together
from course.brief.world import MASKS_DEG, STREET_DEG, SYSTEMS, column, cut_to_tenth
from helpers import data
from helpers.words import counted
from silkroad import geometry, imaging, latency, network, resilience, satcom, station

PASS_DAYS = 3
HIGH_DEG = 20  # a phone's satellite so high is rarely hidden
STATION_KM = 385  # the height for which "never above the horizon" is said


def beidou(case):
    """Return availability on the day of the snapshot, at the capital and at the worst point."""
    title = "BeiDou today"
    if case.worst is None:
        return _without("beidou", title, case, "no point of our grid lies in it, either")
    at_home = pd.notna(case.worst["capital"])
    spots = {} if case.capital is None else {case.capital["capital"]: case.capital}
    if not at_home:
        spots["worst point"] = case.worst
    spot, row = next(iter(spots.items()))
    share = {name: _share(row, name) for name in SYSTEMS}
    worst = _share(case.worst, "BeiDou alone")
    words = f"On {case.world.now:%Y-%m-%d}, {STREET_DEG}° up, as in a street: a usable fix "
    words += f"(PDOP at most 6) at {spot} for {share['BeiDou alone']:.1f} % of the day from "
    words += f"BeiDou alone, for {share['all four']:.1f} % from all four systems. "
    inside = len(case.points) - (case.capital is not None)
    step = f"of our grid of {world.GRID_DEG}°"
    if not inside:
        words += f"No point {step} lies inside the country, so the capital stands for all of it."
    elif at_home:
        words += f"Of {inside} points {step} inside the country none is worse with BeiDou alone."
    else:
        words += f"The worst of {inside} points {step} inside the country has {worst:.1f} % with "
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
    """Return the passes of the Chinese station over the capital in the days after the snapshot."""
    title, now = "The Chinese station overhead", case.world.now
    if case.capital is None:
        return _without("passes", title, case)
    elements = data.load("elements")
    elements = elements[elements["norad_id"] == world.STATION]
    tianhe, city = elements.iloc[0], case.capital["capital"]
    place = case.capital.rename(None)[["capital", "lat", "lon"]].rename({"capital": "name"})
    found = station.sightings(elements, place, now, now + pd.Timedelta(days=PASS_DAYS))
    seen = int((found["seen_seconds"] > 0).sum())
    numbers = {
        f"station passes in {PASS_DAYS} days": len(found),
        f"passes seen by eye in {PASS_DAYS} days": seen,
    }
    if found.empty:
        return Section("passes", title, _no_pass(case, tianhe["inclination_deg"]), {}, numbers)
    age = (now - tianhe["epoch"]) / pd.Timedelta(hours=1)
    words = f"In the {PASS_DAYS} days after {now:%Y-%m-%d %H:%M} UTC the station rises above "
    words += f"{station.LOWEST_DEG}° at {city} {_times(len(found))}; an eye can see it "
    words += f"{_times(seen) if seen else 'not once'}. "
    words += f"Computed from elements {age:.0f} hours old; some seconds off after days."
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


def _no_pass(case, tilt_deg):
    """Return why the station does not come: its orbit is not tilted enough, or these days lack."""
    city = case.capital["capital"]
    best = float(station.highest_elevation_deg(case.capital["lat"], tilt_deg, STATION_KM))
    if best > station.LOWEST_DEG:
        return f"No pass in these {PASS_DAYS} days rises above {station.LOWEST_DEG}° at {city}."
    ever = f"at most {best:.0f}° high" if best > 0 else "never above the horizon"
    words = f"No pass: the orbit of the station is tilted by {tilt_deg:.1f}°, and "
    return f"{words}from {city} it is {ever}; we count passes above {station.LOWEST_DEG}°."


def image(case):
    """Return how long the capital waits for a picture, with its own and with shared satellites."""
    title = "Time to the first image"
    if case.capital is None:
        return _without("image", title, case)
    cameras, rows, numbers = case.world.cameras, [], {}
    partners = cameras[cameras["owner"] != "CHN"]
    known = case.iso3 in case.world.owners
    for whose in imaging.WHOSE if known else imaging.WHOSE[1:]:
        hours = case.world.waits[whose].loc[case.iso3]
        mine = case.world.looks[whose].query("place == @case.iso3")
        first = imaging.first_image(mine, case.world.now)
        used = cameras[cameras["satellite"].isin(mine["satellite"])]
        cited = (used if len(used) else partners)["source_ids"]
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
    words += f"with what China shares {given}. Our tables hold China's satellites and those that "
    words += "others have from or with China; "
    words += "others of its own" if known else "what the country has of its own"
    words += " would shorten the wait. Geometry and light only, a roll up to "
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
    area = data.load("regions").query("region_id == 'tiantong' and iso3 == @case.iso3")["region"]
    where = f"in the reported service area ({area.iloc[0]})" if len(area) else ""
    words += ". In our reading the country is "
    words += f"{where or 'outside the reported service area'}."
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
    servers = data.load("ping_servers").sort_values("capital", kind="stable")
    hubs = network.located(case.world.net, data.load("hubs")["place_key"])
    hubs = set(latency.hub_cities(servers, hubs).values())
    mine = servers.loc[servers["iso3"] == case.iso3, "city"].head(1)
    pairs = latency.pairs(data.load("round_trips"), servers)
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


def _landings_and_cuts(case):
    title, table = "Data cables", data.load("cables")
    mine = table[[case.iso3 in codes.split(";") for codes in table["landing_iso3"].fillna("")]]
    tables, numbers = {}, {"cables that land": len(mine)}
    words = f"Cables and land routes of our tables that come to {case.name}: {len(mine) or 'none'}."
    if len(mine):
        mine = mine.rename(columns={"rfs_year": "since", "suppliers": "built_by"})
        kept = ["name", "kind", "since", "status", "built_by", "owners", "source_ids", "confidence"]
        tables["Cables that land here"] = slim(mine[kept])
    if case.iso3 not in case.world.routes.index:
        words += " The network of our model holds no path to the country, so no cut is computed; "
        words += "cables that our tables lack, or a neighbour's, may serve it."
        return Section("cables", title, words, tables, numbers)
    cuts = resilience.most_harmful_cut(case.world.net, case.iso3)
    numbers["most harmful cut, ms"] = float(cuts["harm_ms"].max()) if len(cuts) else 0.0
    ways = ("no way", "one way", "two ways or more")[case.world.routes.loc[case.iso3, "routes"]]
    words += f" In the schematic network of our model it has {ways} to the exchange points of the "
    words += "world. "
    if cuts.empty:
        words += "No single cut harms it there."
        return Section("cables", title, words, tables, numbers)
    equal = int((cuts["harm_ms"] > cuts["harm_ms"].max() - 0.05).sum())
    cuts = cuts.head(max(equal, 3))
    tables["The most harmful single cuts"] = pd.DataFrame(
        {
            "cut": cuts["cut"],
            "added_round_trip_ms": cuts["harm_ms"].round(1),
            "sides_lost": cuts["lost"],
            "source_ids": _cited(case.world.net, cuts["segments"]),
            "confidence": "model",
        }
    )
    # Sides of the network, west and east, that are out of reach afterwards.
    ends = (".", ", and leaves no way to one side, west or east.", ", and leaves no way at all.")
    words += f"The most harmful single cut there ({cuts['cut'].iloc[0]}"
    words += f", or one of {equal - 1} more with the same harm" if equal > 1 else ""
    words += f") adds {cuts['harm_ms'].iloc[0]:.1f} ms to the round trip on average"
    words += ends[int(cuts["lost"].iloc[0])]
    return Section("cables", title, words, tables, numbers)


def _cited(net, cuts):
    """Return the sources of the cables and links that the segments of each cut belong to."""
    links = data.load("assumed_links").rename(columns={"link_id": "id"})
    keys = pd.concat([data.load("cables"), links]).set_index("id")["source_ids"]
    owner = {key: edge["cable"] for *_, key, edge in net.edges(keys=True, data=True)}
    return [together(*keys[[owner[key] for key in segments]]) for segments in cuts]


def _without(key, title, case, also=""):
    words = f"The table of capitals has no row for {case.name}, so the model is not run"
    return Section(key, title, f"{words}{'; ' + also if also else ''}.")


def _share(row, system, mask_deg=STREET_DEG):
    return float(cut_to_tenth(row[column(system, mask_deg)]))


def _finite(value, otherwise):
    return round(float(value), 1) if np.isfinite(value) else otherwise


def _times(number):
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
