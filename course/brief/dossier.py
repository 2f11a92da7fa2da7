"""The sections of a country's brief: from tables and models to sentences and short tables.

Each function takes a `Case` and returns a `Section`. A section whose tables are empty has none, and
its sentence says why. Every row carries source_ids and confidence; what a model computed has the
confidence "model" and cites the data it ran on.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from course.brief import briefs, everywhere
from course.brief.everywhere import MASKS_DEG, SYSTEMS, World, column
from course.scenes import overview
from helpers import data
from silkroad import geometry, imaging, network, satcom, station

PASS_DAYS = 3
HIGH_DEG = 20  # a phone's satellite so high is rarely hidden
INDICATORS = {
    "population": ("Population", "people", "population_year"),
    "internet_users_pct": ("Internet users", "% of people", "internet_year"),
    "internet_users_pct_2015": ("Internet users in 2015", "% of people", 2015),
    "mobile_subs_per_100": ("Mobile subscriptions", "per 100 people", "mobile_year"),
    "fixed_broadband_per_100": ("Fixed broadband", "per 100 people", "broadband_year"),
    "gdp_current_usd_bn": ("Economic output (GDP)", "billion US dollars", "gdp_year"),
    "gdp_per_capita_usd": ("Economic output per person", "US dollars", "gdp_year"),
}
CITED = ["source_ids", "confidence"]
NO_IMAGE = briefs.NO_IMAGE


@dataclass(frozen=True)
class Case:
    """A country at hand. about: its row of `country_indicators`; points: its rows of the world's
    places, capital first; capital, worst: rows of them, or None. Worst is where BeiDou alone does
    worst at the highest mask.
    """

    world: World
    about: pd.Series
    points: pd.DataFrame
    capital: object
    worst: object

    @property
    def iso3(self):
        """The ISO code."""
        return self.about["iso3"]

    @property
    def name(self):
        """The name in English."""
        return self.about["country"]


@dataclass(frozen=True)
class Section:
    """One part of a brief: `sentence` says what it shows, or why it has no tables.

    tables: {caption: DataFrame}, each row with source_ids and confidence. numbers: {measure with
    its unit: value}, for comparison; `inf` is a picture that never comes in 72 hours.
    """

    key: str
    title: str
    sentence: str
    tables: dict = field(default_factory=dict)
    numbers: dict = field(default_factory=dict)

    def _repr_html_(self):
        return briefs.cell(self)


def case(iso3, now):
    """Return the `Case` of a country with this code at the snapshot `now`."""
    world = everywhere.at(now)
    about = data.load("country_indicators").set_index("iso3", drop=False).loc[iso3]
    points = world.places[world.places.index == iso3]
    has_capital = len(points) and pd.notna(points["capital"].iloc[0])
    order = [column("BeiDou alone", MASKS_DEG[-1]), column("all four", MASKS_DEG[-1])]
    worst = points.sort_values(order, kind="stable").iloc[0] if len(points) else None
    return Case(world, about, points, points.iloc[0] if has_capital else None, worst)


def sections(case):
    """Return all sections of a brief, in order."""
    parts = [where(case), signed(case), satellites(case), ground(case), people(case), beidou(case)]
    parts += [passes(case), image(case), phone(case), cables(case), indicators(case)]
    return (*parts, questions(case, parts))


def where(case):
    """Return names, region and capital."""
    rows = [("Name", case.name, case.about), ("Region", case.about["region"], case.about)]
    for _, row in _rows("bri_countries", case.iso3).iterrows():
        rows.insert(1, ("Name in Chinese", row["country_zh"], row))
    words = f"{case.name} lies in the region {case.about['region']}."
    if case.capital is None:
        words += " The table of capitals has no row for it, so no model can be run for a capital."
    else:
        city = case.capital["capital"]
        words += f" The models below are run for its capital, {city}, unless they say otherwise."
        rows += [("Capital", city, case.capital)]
        rows += [("Position of the capital", position(case.capital), case.capital)]
    facts = [{"fact": what, "value": value, **_cited(row)} for what, value, row in rows]
    return Section("where", "Where it is", words, {"The country": pd.DataFrame(facts)})


def signed(case):
    """Return the Belt and Road document, groups, and what is words on paper."""
    events = _events(case.iso3)
    events = events[events["form"].isin(on_paper())]
    tables, numbers = {}, {}
    document = _rows("bri_countries", case.iso3)
    words = f"{case.name} is not in the list of countries with a Belt and Road document."
    for _, row in document.iterrows():
        end = {
            "unconfirmed": ", as China says; no confirmation of a full one is known",
            "withdrawn": f" and withdrew ({row['withdrawn_date']})",
        }
        words = f"{case.name} signed a Belt and Road document in {row['signed_year']}"
        words += f"{end.get(row['status'], '')}."
        kept = ["signed_year", "signed_date", "status", "withdrawn_date", "note"]
        tables["Belt and Road document"] = _slim(document[kept + CITED])
        numbers["signed in the year"] = row["signed_year"]
    groups = _rows("groups", case.iso3)
    if len(groups):
        joint = _events("ARB")
        tables["Groups of states"] = _slim(groups[["group", "note", *CITED]])
        tables["Signed by the League of Arab States"] = _shown(
            joint[joint["form"].isin(on_paper())]
        )
        words += " It is a member of the League of Arab States, which has papers of its own."
    if len(events):
        tables["Agreements, memberships and meetings"] = _shown(events)
    numbers["agreements, memberships and meetings"] = len(events)
    words += " Agreements, memberships and meetings on space with China in our table: "
    words += f"{len(events) or 'none'}."
    return Section("signed", "What it signed, and when", words, tables, numbers)


def satellites(case):
    """Return satellites made or launched with China, and launches, sales and joint projects."""
    table, china = data.load("satellites"), case.iso3 == "CHN"
    mine = table["partner_iso3"].isna() if china else table["partner_iso3"] == case.iso3
    mine = table[mine].copy()
    for name in ("status", "role"):
        mine[name] = mine[name].str.replace("_", " ")
    over = mine["geo_longitude_deg"]
    mine["stands_over"] = [f"{e:.1f}°E" if e == e else "moves" for e in over]
    built = _events(case.iso3)
    built = built[built["kind"].isin(_built()) & ~built["form"].isin(on_paper())]
    kept = ["name", "role", "orbit_class", "stands_over", "launch_date", "operator"]
    tables = {}
    if len(mine):
        tables["Satellites"] = _slim(mine[[*kept, "status", *CITED]])
    if len(built):
        tables["Launched, sold or built together"] = _shown(built)
    which = "without a partner" if china else f"with {case.name} as the partner"
    words = f"Chinese satellites {which} in our table: {len(mine)}, of them in orbit "
    words += f"{int((mine['status'] == 'in orbit').sum())}. Launches, sales and joint projects: "
    words += f"{len(built)}."
    if not tables:
        words = f"Our tables have no Chinese satellite with {case.name} as the partner, and no "
        words += "launch, sale or joint project; there may be some that they lack."
    numbers = {"satellites with China": len(mine)}
    return Section("satellites", "Satellites", words, tables, numbers)


def ground(case):
    """Return ground stations and centres in the country, and projects about them."""
    places = _rows("places", case.iso3)
    places = places[places["kind"].isin(overview.STATIONS)]
    events = _events(case.iso3)
    events = events[events["kind"].isin(_ground()) & ~events["form"].isin(on_paper())]
    tables = {}
    if len(places):
        kinds = [overview.STATIONS[kind][0] for kind in places["kind"]]
        tables["Stations and centres"] = places.assign(kind=kinds)[
            ["name", "kind", "lat", "lon", "why", *CITED]
        ]
    if len(events):
        tables["Projects on the ground"] = _shown(events)
    words = f"Stations and centres in {case.name} in our table: {len(places) or 'none'}. "
    words += f"Projects on the ground: {len(events) or 'none'}."
    if not tables:
        words = f"Our tables have no ground station, centre or project of China's in {case.name}."
    numbers = {"ground stations and centres": len(places)}
    return Section("ground", "Ground stations", words, tables, numbers)


def people(case):
    """Return every other deed: payloads, flights, training, data, loans, use."""
    events = _events(case.iso3)
    rest = events[~events["form"].isin(on_paper()) & ~events["kind"].isin(_built() + _ground())]
    numbers = {"payloads, people and use": len(rest)}
    title = "Payloads, people and use"
    if rest.empty:
        words = f"Our table has no payload, flight, training or use of data of {case.name} "
        return Section("people", title, f"{words}together with China.", {}, numbers)
    kinds = rest["kind"].str.replace("_", " ").value_counts()
    counts = ", ".join(f"{kind} {number}" for kind, number in kinds.items())
    words = f"Rows of our table by kind: {counts}. The column status says what came of them."
    return Section("people", title, words, {"Payloads, people and use": _shown(rest)}, numbers)


def beidou(case):
    """Return availability on the day of the snapshot, at the capital and at the worst point."""
    title, high = "BeiDou today", MASKS_DEG[-1]
    if case.worst is None:
        return _without("beidou", title, case, "no point of our grid lies in it, either")
    at_home = pd.notna(case.worst["capital"])
    spots = {} if case.capital is None else {case.capital["capital"]: case.capital}
    if not at_home:
        spots["worst point"] = case.worst
    data_used = ";".join(case.world.fleets["all four"]["source_ids"])
    rows = [
        {
            "place": spot,
            "position": position(row),
            "system": system,
            "mask_deg": mask_deg,
            "available_pct": _floor(row[column(system, mask_deg)]),
            "in_view_mean": round(row[column(system, mask_deg, "in_view")], 1),
            "pdop_median": _finite(row[column(system, mask_deg, "pdop")], "no fix"),
            "source_ids": _together(data_used, row["source_ids"]),
            "confidence": "model",
        }
        for spot, row in spots.items()
        for system in SYSTEMS
        for mask_deg in MASKS_DEG
    ]
    spot, row = next(iter(spots.items()))
    share = {name: _floor(row[column(name, high)]) for name in SYSTEMS}
    worst = _floor(case.worst[column("BeiDou alone", high)])
    words = f"On {case.world.now:%Y-%m-%d}, {high}° up, as in a street: a usable fix (PDOP at most "
    words += f"6) at {spot} for {share['BeiDou alone']:.1f} % of the day from BeiDou alone, for "
    words += f"{share['all four']:.1f} % from all four systems. "
    inside = len(case.points) - (case.capital is not None)
    step = f"of our grid of {everywhere.GRID_DEG}°"
    if not inside:
        words += f"No point {step} lies inside the country, so the capital stands for all of it."
    elif at_home:
        words += f"Of {inside} points {step} inside the country none is worse with BeiDou alone."
    else:
        words += f"The worst of {inside} points {step} inside the country has {worst:.1f} % with "
        words += "BeiDou alone."
    numbers = {f"{name} at {high}°, % of the day": value for name, value in share.items()}
    numbers[f"BeiDou at the worst point, {high}°, % of the day"] = worst
    table = {"Share of the day with PDOP at most 6": pd.DataFrame(rows)}
    return Section("beidou", title, words, table, numbers)


def passes(case):
    """Return the passes of the Chinese station over the capital in the days after the snapshot."""
    title, now = "The Chinese station overhead", case.world.now
    if case.capital is None:
        return _without("passes", title, case)
    elements = data.load("elements")
    elements = elements[elements["norad_id"] == everywhere.STATION]
    tianhe, city = elements.iloc[0], case.capital["capital"]
    place = case.capital.rename(None)[["capital", "lat", "lon"]].rename({"capital": "name"})
    found = station.passes(elements, place, now, now + pd.Timedelta(days=PASS_DAYS))
    seen = int((found["seen_seconds"] > 0).sum())
    numbers = {
        f"station passes in {PASS_DAYS} days": len(found),
        f"passes seen by eye in {PASS_DAYS} days": seen,
    }
    age = (now - tianhe["epoch"]) / pd.Timedelta(hours=1)
    model = f" Computed from elements {age:.0f} hours old; some seconds off after days."
    if found.empty:
        best = float(
            station.highest_elevation_deg(case.capital["lat"], tianhe["inclination_deg"], 385)
        )
        ever = f"at most {best:.0f}° high" if best > 0 else "never above the horizon"
        words = (
            f"No pass: the orbit of the station is tilted by {tianhe['inclination_deg']:.1f}°, and "
        )
        words += f"from {city} it is {ever}; we count passes above {station.LOWEST_DEG}°."
        if best > station.LOWEST_DEG:
            words = (
                f"No pass in these {PASS_DAYS} days rises above {station.LOWEST_DEG}° at {city}."
            )
        return Section("passes", title, words, {}, numbers)
    words = f"In the {PASS_DAYS} days after {now:%Y-%m-%d %H:%M} UTC the station rises above "
    words += f"{station.LOWEST_DEG}° at {city} {_times(len(found))}; an eye can see it "
    words += f"{_times(seen) if seen else 'not once'}.{model}"
    table = pd.DataFrame(
        {
            "date": found["rise"].dt.strftime("%Y-%m-%d"),
            "rise_utc": found["rise"].dt.strftime("%H:%M:%S"),
            "highest_utc": found["culmination"].dt.strftime("%H:%M:%S"),
            "set_utc": found["set"].dt.strftime("%H:%M:%S"),
            "highest_deg": found["max_elevation_deg"].round(),
            "for_the_eye": found["reason"],
            "source_ids": _together(tianhe["source_ids"], case.capital["source_ids"]),
            "confidence": "model",
        }
    )
    return Section("passes", title, words, {"Passes": table}, numbers)


def image(case):
    """Return how long the capital waits for a picture, with its own and with shared satellites."""
    title = "Time to the first image"
    if case.capital is None:
        return _without("image", title, case)
    world, rows, numbers = case.world, [], {}
    cameras = world.cameras
    partners = cameras[cameras["owner"] != "CHN"]  # the list that a country without is not on
    for whose in imaging.WHOSE:
        hours = world.waits[whose].loc[case.iso3]
        mine = world.looks[whose]
        mine = mine[mine["place"] == case.iso3]
        first = imaging.first_image(mine, world.now)
        used = cameras[cameras["satellite"].isin(mine["satellite"])]
        rows.append(
            {
                "satellites": whose,
                "that_look_within_5_days": mine["satellite"].nunique(),
                "median_wait_hours": _finite(hours["median"], NO_IMAGE),
                "longest_wait_hours": _finite(hours["worst"], NO_IMAGE),
                "first_after_the_snapshot": first["satellite"].iloc[0] if len(first) else "none",
                "source_ids": _together(
                    *(used if len(used) else partners)["source_ids"], case.capital["source_ids"]
                ),
                "confidence": "model",
            }
        )
        numbers[f"hours to a picture, {whose}"] = float(hours["median"])
    own, shared, _ = numbers.values()
    city = case.capital["capital"]
    alone = f"{own:.1f} hours" if np.isfinite(own) else NO_IMAGE
    given = f"{shared:.1f} hours" if np.isfinite(shared) else NO_IMAGE
    words = (
        f"Wait for a chance of a picture of {city}, the middle of {everywhere.NEED_HOURS} hourly "
    )
    words += (
        f"starts: with its own satellites {alone}, with what China shares {given}. Geometry and "
    )
    words += f"light only, a roll up to {everywhere.ROLL_DEG}°: no clouds, orders or permissions."
    return Section("image", title, words, {"Waits": pd.DataFrame(rows)}, numbers)


def phone(case):
    """Return where the three Tiantong satellites stand in the sky of the capital."""
    title = "Satellite phone"
    if case.capital is None:
        return _without("phone", title, case)
    look = case.world.sky.sel(place=case.iso3)
    rows = []
    for number, row in case.world.tiantong.iterrows():
        high, azimuth = (float(look[f"{angle}_deg"][number]) for angle in ("elevation", "azimuth"))
        up = high >= 0
        rows.append(
            {
                "satellite": row["name"],
                "longitude_deg": row["longitude_deg"],
                "elevation": f"{high:.0f}°" if up else "below the horizon",
                "direction": geometry.compass(azimuth) if up else "not seen",
                "one_way_delay_ms": round(
                    float(satcom.delay_ms(float(look["range_km"][number]))), 0
                )
                if up
                else "not seen",
                "source_ids": _together(row["source_ids"], case.capital["source_ids"]),
                "confidence": "model",
            }
        )
    best = float(look["elevation_deg"].max())
    city = case.capital["capital"]
    words = f"The best of the three Tiantong stands {best:.0f}° high at {city}"
    if best < 0:
        words = f"All three Tiantong are below the horizon of {city}"
    elif best < HIGH_DEG:
        words += ", so low that a house or hill hides it"
    area = data.load("regions").query("region_id == 'tiantong'")
    region = area.loc[area["iso3"] == case.iso3, "region"].tolist()
    words += ". In our reading the country is "
    words += (
        f"in the reported service area ({region[0]})."
        if region
        else ("outside the reported service area.")
    )
    numbers = {"best Tiantong, degrees high": round(best, 1)}
    return Section("phone", title, words, {"Tiantong": pd.DataFrame(rows)}, numbers)


def cables(case):
    """Return the cables that land in the country, and the single cuts that harm it most."""
    table, net = data.load("cables"), case.world.net
    mine = table[[case.iso3 in codes.split(";") for codes in table["landing_iso3"].fillna("")]]
    tables, numbers = {}, {"cables that land": len(mine)}
    words = f"Cables and land routes of our tables that come to {case.name}: {len(mine) or 'none'}."
    if len(mine):
        names = {"rfs_year": "since", "suppliers": "built_by"}
        kept = ["name", "kind", "since", "status", "built_by", "owners"]
        tables["Cables that land here"] = _slim(mine.rename(columns=names)[kept + CITED])
    if case.iso3 not in case.world.routes.index:
        words += " The network of our model holds no path to the country, so no cut is computed; "
        words += "cables that our tables lack, or a neighbour's, may serve it."
        return Section("cables", "Data cables", words, tables, numbers)
    cuts = network.most_harmful_cut(net, case.iso3)
    equal = int((cuts["harm_ms"] > cuts["harm_ms"].max() - 0.05).sum())
    cuts = cuts.head(max(equal, 3))
    numbers["most harmful cut, ms"] = float(cuts["harm_ms"].max()) if len(cuts) else 0.0
    ways = ("no way", "one way", "two ways or more")[case.world.routes.loc[case.iso3, "routes"]]
    words += f" In the schematic network of our model it has {ways} to the exchange points of the "
    words += "world. "
    if cuts.empty:
        words += "No single cut harms it there."
        return Section("cables", "Data cables", words, tables, numbers)
    links = data.load("assumed_links").rename(columns={"link_id": "id"})
    cited = pd.concat([table, links]).set_index("id")["source_ids"]
    owner = {key: edge["cable"] for *_, key, edge in net.edges(keys=True, data=True)}
    sources = [_together(*cited[[owner[key] for key in keys]]) for keys in cuts["segments"]]
    tables["The most harmful single cuts"] = pd.DataFrame(
        {
            "cut": cuts["cut"],
            "added_round_trip_ms": cuts["harm_ms"].round(1),
            "sides_lost": cuts["lost"],
            "source_ids": sources,
            "confidence": "model",
        }
    )
    # Sides of the network, west and east, that are out of reach afterwards.
    ends = (".", ", and leaves no way to one side, west or east.", ", and leaves no way at all.")
    words += f"The most harmful single cut there ({cuts['cut'].iloc[0]}"
    words += f", or one of {equal - 1} more with the same harm" if equal > 1 else ""
    words += f") adds {cuts['harm_ms'].iloc[0]:.1f} ms to the round trip on average"
    words += ends[int(cuts["lost"].iloc[0])]
    return Section("cables", "Data cables", words, tables, numbers)


def indicators(case):
    """Return population, use of the internet and of phones, and economic output."""
    title, rows, numbers = "The country in numbers", [], {}
    for name, (words, unit, year) in INDICATORS.items():
        if pd.notna(case.about[name]):
            when = year if isinstance(year, int) else int(case.about[year])
            row = {"indicator": words, "value": case.about[name], "unit": unit, "year": when}
            rows.append(row | _cited(case.about))
            numbers[f"{words}, {unit}"] = float(case.about[name])
    lost = len(INDICATORS) - len(rows)
    words = f"Figures of {case.name}, each of the latest year the table has."
    words += f" Not in the table: {lost} of {len(INDICATORS)}." if lost else ""
    if not rows:
        words = f"The series our table is taken from have no values for {case.name}."
        return Section("indicators", title, words)
    return Section("indicators", title, words, {"Indicators": pd.DataFrame(rows)}, numbers)


def questions(case, parts):
    """Return what the other sections leave open: doubts, silence, and what is missing."""
    rows = []
    left_open = data.load("kinds").dropna(subset="leaves_open").set_index("value")["leaves_open"]

    def ask(about, why, sources):
        rows.append({"about": about, "question": why, "source_ids": sources, "confidence": "open"})

    for part in parts:
        for caption, table in part.tables.items():
            for row in table.to_dict("records"):
                status = str(row.get("status", "")).replace(" ", "_")
                what = next((row[c] for c in ("name", "indicator", "fact") if c in row), caption)
                if status in left_open:
                    ask(what, left_open[status], row["source_ids"])
                if row["confidence"] == "low":
                    ask(what, "Our confidence in this row is low.", row["source_ids"])
                if status == "withdrawn":
                    ask(what, "What goes on after the withdrawal?", row["source_ids"])
                if "signed_year" in row and not isinstance(row.get("signed_date"), str):
                    ask(
                        what,
                        "On which day was it signed? The table has the year.",
                        row["source_ids"],
                    )
    empty = [part.title for part in parts if not part.tables]
    if empty:
        ask("Empty sections", f"Our tables have nothing on: {'; '.join(empty)}.", _sources(case))
    if case.capital is None:
        ask("Capital", "The table of capitals has no row for this country.", _sources(case))
    missing = [INDICATORS[name][0] for name in INDICATORS if pd.isna(case.about[name])]
    if missing:
        ask("Indicators", f"No value for: {', '.join(missing)}.", _sources(case))
    words = f"What the rows above leave open or doubtful: {len(rows)} points."
    if not rows:
        words = "No row above has a low confidence or an open status, and no section is empty."
        return Section("questions", "Open questions", words)
    return Section("questions", "Open questions", words, {"Open": pd.DataFrame(rows)})


def position(row):
    """Return the position of a row with lat and lon as text, to a tenth of a degree."""
    north, east = row["lat"], row["lon"]
    return (
        f"{abs(north):.1f}°{'N' if north >= 0 else 'S'} {abs(east):.1f}°{'E' if east >= 0 else 'W'}"
    )


def on_paper():
    """Return the forms of cooperation that are words on paper, from the table `kinds`."""
    return data.load("kinds").query("on_paper")["value"].tolist()


def _built():
    return _kinds("launches for others", "satellites exported or built together")


def _ground():
    return _kinds("ground stations and centres")


def _kinds(*groups):
    """Return the kinds of cooperation that the table `kinds` puts into these groups."""
    table = data.load("kinds").query("column == 'cooperation.kind'")
    return table.loc[table["group"].isin(groups), "value"].tolist()


def _without(key, title, case, also=""):
    words = f"The table of capitals has no row for {case.name}, so the model is not run"
    return Section(key, title, f"{words}{'; ' + also if also else ''}.")


def _rows(name, iso3):
    table = data.load(name)
    return table[table["iso3"] == iso3]


def _events(iso3):
    return _rows("cooperation", iso3).sort_values("year", kind="stable")


def _shown(events):
    """Return rows of `cooperation` as a short table: when, what, of which kind, what came of it."""
    when = events["date"].fillna(events["year"].astype("str"))
    words = {c: events[c].str.replace("_", " ") for c in ("kind", "status")}
    return _slim(
        events.assign(date=when.where(when != "<NA>"), **words)[
            ["date", "name", "form", "kind", "status", "description", *CITED]
        ]
    )


def _slim(table):
    """Return a table without the columns that hold nothing."""
    return table.dropna(axis=1, how="all").reset_index(drop=True)


def _cited(row):
    return {name: row[name] for name in CITED}


def _sources(case):
    return case.about["source_ids"]


def _together(*keys):
    """Return lists of source keys as one list, each once."""
    known = ";".join(key for key in keys if isinstance(key, str))
    return ";".join(dict.fromkeys(known.split(";")))


def _finite(value, otherwise):
    return round(float(value), 1) if np.isfinite(value) else otherwise


def _floor(percent):
    return float(everywhere.floor(percent))


def _times(number):
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
