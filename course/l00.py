"""Lesson 00, start here: the tables of its big map, its headlines, and its exercises.

Every table of the map has the columns `since` and `until`: a row is drawn at the end of a year
where since <= year < until. A row that has not ended has NEVER as its `until`.
"""

import pandas as pd

from course import signing
from course.drawn_answers import Drawing
from helpers import data, maps
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from silkroad import constellations, geometry, network, orbits

NEVER = 9999
LAST_YEAR = 2026  # the tables end in June of this year
STATIONS = {  # kind in the table of places: words
    "data_receiving": "receives images",
    "ttc": "tracks and commands",
    "control_centre": "control centre",
    "bds_centre": "BeiDou centre",
}

# --- the tables of the big map


def partners():
    """Return the countries that ever signed, with the year in which one withdrew as `left`."""
    signed = data.load("bri_countries")
    left = signed["withdrawn_date"].str[:4].astype(float)
    return signed.assign(since=signed["signed_year"], left=left.fillna(NEVER), until=NEVER)


def stations():
    """Return the ground stations and centres; their years are not in the table: drawn always."""
    places = data.load("places")
    kinds = places["kind"].map(STATIONS)
    return places.assign(kind=kinds, since=0, until=NEVER).dropna(subset="kind")


def partner_satellites(now):
    """Return the satellites built or launched with a partner country, placed at the time `now`.

    Some have no lat and lon, see `constellations.placed`: they are not drawn.
    """
    table = data.load("satellites")
    table = constellations.placed(table[table["partner_iso3"].notna()], now)
    # The first four digits of the international number are the year of the launch.
    year = table["launch_date"].dt.year.fillna(table["cospar_id"].str[:4].astype(float))
    # What is no longer listed ended on a day that is not known: it counts up to the year before.
    ends = table["end_date"].dt.year.fillna(NEVER).mask(table["status"] == "not_listed", LAST_YEAR)
    names = {f["properties"]["iso3"]: f["properties"]["name"] for f in data.shapes()["features"]}
    return table.assign(
        role=table["role"].str.replace("_", " "),
        partner=table["partner_iso3"].map(names),
        since=year.astype(int),
        until=ends.astype(int),
    )


def core_cables():
    """Return the core cables with their drawn `route`, see `network.drawn_paths`.

    The generic land links have no year and are drawn at the last one.
    """
    table = data.load("cables").query("core")
    routes = network.drawn_paths(data.load("cable_landings"))
    known = table[["rfs_year", "suppliers", "status"]].astype(object).fillna("not known")
    return table.assign(
        since=table["rfs_year"].fillna(LAST_YEAR).astype(int),
        until=NEVER,
        route=table["id"].map(routes),
        **{"in use since": known["rfs_year"], "suppliers": known["suppliers"]},
        status=known["status"],
    )


def beidou_in_orbit(now):
    """Return the BeiDou satellites that flew at the end of each year, placed at the time `now`.

    A row for each year of each satellite, see `constellations.beidou_on`; of the last year, those
    at the snapshot.
    """
    years = range(data.load("beidou_satellites")["launch_date"].min().year, LAST_YEAR + 1)
    fleets = [
        constellations.beidou_on(min(pd.Timestamp(f"{year}-12-31T00:00Z"), now)).assign(
            since=year, until=year + 1
        )
        for year in years
    ]
    table = pd.concat(fleets, ignore_index=True)
    once = table.drop_duplicates("norad_id")
    below = orbits.below(once, now).set_index("norad_id")
    return table.join(below[["lat", "lon", "height_km"]], on="norad_id")


def how_many(now):
    """Return {what is counted: number} of BeiDou satellites: each number is right for its words."""
    in_service, fleet = constellations.flying("BDS"), constellations.beidou_on(now)
    tracked = data.load("elements").query("group == 'beidou'")
    third = in_service[in_service["generation"] == "BDS-3"]
    return {
        "in the design of BeiDou-3": len(constellations.nominal("BDS-3")),
        "of BeiDou-3 in service: a fourth GEO satellite flies besides": len(third),
        "in service with two of BeiDou-2: the marks of the map above": len(in_service),
        "in orbit and not known as retired, spares and tests too": len(fleet),
        "tracked, retired ones too": len(tracked),
    }


def papers(rows, year):
    """Return what the map says of countries that signed, with their status at the end of a year.

    rows: as from `partners`. The index is iso3; the words are those of the table `kinds`.
    """
    kinds = data.load("kinds")  # a query of text would be the dearest line of a move
    words = kinds[kinds["column"] == "bri_countries.status"].set_index("value")["group"]
    status = rows["status"].replace("withdrawn", "member").mask(rows["left"] <= year, "withdrawn")
    when = [signing.when(row) for row in rows.to_dict("records")]
    said = rows.assign(signed=when, status=status.map(words))
    return said.set_index("iso3")[["signed", "status", "source_ids", "confidence"]]


# --- headlines


def clock(elements, minutes):
    """Return the headline of the first map: how many satellites, and how much later it is."""
    kinds = elements["orbit_class"].value_counts()
    count = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    later = f"{minutes // 60} h {minutes % 60:02d} min after the start" if minutes else "The start"
    return f"{later}: {len(elements)} BeiDou satellites in service ({count})."


def counts(then, year):
    """Return the headline of one year: how much of each table counts in it."""
    when = "By June 2026" if year == LAST_YEAR else f"By the end of {year}"
    signed = then["partners"]
    left = int((signed["left"] <= year).sum())
    aside = int(then["satellites"]["lat"].isna().sum())
    return (
        f"{when}, countries that have signed: {len(signed)} (withdrawn since: {left}). "
        f"Satellites with a partner: {len(then['satellites'])} (not drawn: {aside}). "
        f"Cables and land links: {len(then['cables'])}. BeiDou in orbit: {len(then['beidou'])}."
    )


# --- the computed claims

KINDS = {
    "communications": "communications",
    "earth_observation": "images of the Earth",
    "beidou": "navigation",
    "weather": "weather",
}


def of_each(rows, kinds):
    """Return (verdict, counts in words, counts) of satellites of some KINDS among rows of elements.

    Confirmed when there are some of each kind, disputed of some kinds, inaccurate of none.
    """
    groups = rows["group"].value_counts()
    counts = {KINDS[kind]: int(groups.get(kind, 0)) for kind in kinds}
    found = sum(number > 0 for number in counts.values())
    verdict = "confirmed" if found == len(counts) else "disputed" if found else "inaccurate"
    return verdict, ", ".join(f"{number} for {words}" for words, number in counts.items()), counts


@computes("C131")
def fields_of_use():
    """Confirmed when the table of elements has Chinese satellites for all three kinds of service:
    communications; images of the Earth, for surveying and mapping; weather. Disputed when for
    some, inaccurate when for none.
    """
    kinds = ["communications", "earth_observation", "weather"]
    verdict, said, counts = of_each(data.load("elements"), kinds)
    return verdict, f"Chinese satellites in our snapshot: {said}.", counts


@computes("C134")
def three_kinds_in_2015():
    """Confirmed when satellites of all three kinds of the sentence, launched before 2015, still
    have elements today: communications, images of the Earth, navigation. Disputed when of some,
    inaccurate when of none. What has come down since is missing, so each count is the least.
    """
    elements = data.load("elements")
    old = elements[elements["cospar_id"].str[:4].astype(int) < 2015]
    verdict, said, counts = of_each(old, ["communications", "earth_observation", "beidou"])
    return verdict, f"Launched before 2015 and still tracked: {said}.", counts


@computes("C135")
def services_for_partners():
    """Three services: satellites, launches, ground stations. Confirmed when the table of
    cooperation has each carried out, up to 2020 and not before the country's Belt and Road
    document; disputed when some, inaccurate when none.
    """
    events, kinds = data.load("cooperation"), data.load("kinds")
    group, outcome = (
        kinds[kinds["column"] == f"cooperation.{what}"].set_index("value")["group"]
        for what in ("kind", "status")
    )
    signed = events["iso3"].map(data.load("bri_countries").set_index("iso3")["signed_year"])
    done = (events["status"].map(outcome) == "carried out") & (events["form"] != "agreement")
    done &= events["year"].between(signed, 2020).fillna(False)
    names = ("satellites exported or built together", "launches for others")
    names += ("ground stations and centres",)
    counts = {name: int((group[events.loc[done, "kind"]] == name).sum()) for name in names}
    found = sum(number > 0 for number in counts.values())
    said = "; ".join(f"{name}: {number}" for name, number in counts.items())
    return (
        ("inaccurate", "disputed", "disputed", "confirmed")[found],
        f"For countries that had signed, up to 2020: {said}.",
        counts,
    )


# --- exercises


@exercise(
    "00-1",
    Number(),
    wrong=[
        (
            lambda: len(constellations.flying("BDS")),
            "That is the number of satellites. Count the kinds of orbits: the marks in the legend.",
        ),
        (2, "Look again at the legend of the map: one kind of mark is still missing."),
        (1, "All belong to one system, but they differ in mark and colour: see the legend."),
    ],
    hint="Count the different marks in the legend below the map.",
)
def kinds_of_orbits():
    """How many kinds of orbits do the BeiDou satellites use?"""
    return constellations.flying("BDS")["orbit_class"].nunique()


@exercise(
    "00-2",
    Number(unit="countries"),
    wrong=[
        (
            lambda: len(data.load("bri_countries")),
            "That is the last step of the slider, June 2026. Move it back to 2018.",
        ),
        (
            lambda: int((data.load("bri_countries")["signed_year"] < 2018).sum()),
            "That is the end of 2017. One step further.",
        ),
        (
            lambda: int((data.load("bri_countries")["signed_year"] == 2018).sum()),
            "Those signed in 2018 itself. The question asks for all who had signed by then.",
        ),
        (2018, "That is the year. The headline above the map gives the number for it."),
    ],
    hint="Set the year of the big map to 2018 and read the first number of the headline.",
)
def signatories_by_2018():
    """How many countries had signed a Belt and Road document by the end of 2018?"""
    return int((data.load("bri_countries")["signed_year"] <= 2018).sum())


@exercise(
    "00-3",
    Text(several=True),
    wrong=[
        (
            ["communications", "earth_observation", "navigation"],
            "Those are the three of the claim. The table holds more: print them all.",
        ),
        (
            lambda: _partner_roles(),
            "Those are the roles of the satellites with a partner. Use the whole table.",
        ),
    ],
    hint='Load the table "satellites" and take `.unique()` of its column "role".',
)
def roles():
    """Which roles stand in the table of satellites?"""
    return sorted(data.load("satellites")["role"].unique())


@exercise(
    "00-4",
    Number(unit="claims"),
    wrong=[
        (
            lambda: int((data.load("claims")["verdict_hint"] == "confirmed").sum()),
            'That counts opinions with good support as well. Use the column "verdict".',
        ),
        (
            lambda: len(data.load("claims")),
            'Those are all claims. Keep the rows whose "verdict" is "confirmed".',
        ),
        (
            lambda: int(_verdicts().isin(["confirmed", "prediction_met"]).sum()),
            'That includes the predictions that were met. Count "confirmed" alone.',
        ),
    ],
    hint='`(ledger["verdict"] == "confirmed").sum()` counts the rows where that is so.',
)
def confirmed_claims():
    """How many claims are marked confirmed, opinions left out?"""
    return int((_verdicts() == "confirmed").sum())


def _verdicts():
    ledger = data.load("claims")
    return ledger["verdict_hint"].mask(ledger["kind"] == "opinion", "opinion")


def _partner_roles():
    table = data.load("satellites")
    return sorted(table.loc[table["partner_iso3"].notna(), "role"].unique())


# A map of one's own: the countries, one of them in a colour of its own, and a mark in it.
NO_LAND = "There are no countries on the map yet: add them with folium.GeoJson(data.shapes())."
ONE_COLOUR = "All countries look the same. Let the style function give yours another colour."
NO_MARK = "A mark is missing: add a folium.CircleMarker([latitude, longitude]) to the map."
NO_WORDS = "The mark says nothing yet: give it a tooltip or a popup."
ELSEWHERE = "The mark lies outside the country you coloured. Latitude comes first, then longitude."
ONLINE = "This map needs a network. Make it with tiles=None and pass it through maps.offline."


def own_country(drawn):
    """Tell whether a country has a colour and a mark with words of its own, without a network."""
    land = drawn[drawn["kind"].isin(["GeoJson", "countries"])]
    marks = drawn[drawn["lat"].notna()]
    if land.empty:
        return NO_LAND
    count = land["color"].value_counts()
    if len(land) > 1 and len(count) < 2:
        return ONE_COLOUR
    if marks.empty:
        return NO_MARK
    if not marks["label"].fillna("").astype(bool).any():
        return NO_WORDS
    own = land if len(land) == 1 else land[land["color"] == count.idxmin()]
    codes = set(own["label"].dropna())
    if codes and not any(_near(*at, codes) for at in marks[["lat", "lon"]].to_numpy()):
        return ELSEWHERE
    return True if drawn["offline"].dropna().all() else ONLINE  # layers of ours need none


def _near(lat, lon, codes, margin_deg=1):
    """Tell whether a place lies in the frame around a part of some countries (iso3)."""
    place, shapes = (lon, lat), data.shapes()["features"]
    return any(
        (ring.min(axis=0) - margin_deg <= place).all()
        and (ring.max(axis=0) + margin_deg >= place).all()
        for feature in shapes
        if feature["properties"]["iso3"] in codes
        for ring in geometry.rings(feature, holes=False)
    )


def own_map(place=(-1.29, 36.82), tooltip="Nairobi", color="#D55E00", land=True, offline=True):
    """Return a folium map with Kenya in a colour of its own and a mark in Nairobi."""
    import folium  # slow to load: only this answer needs it

    made = folium.Map([0, 38], zoom_start=4, tiles=None)

    def look(country):
        own = country["properties"]["iso3"] == "KEN"
        return {"fillColor": color if own else "#E9E5DC"}

    if land:
        folium.GeoJson(data.shapes(), style_function=look).add_to(made)
    if place:
        folium.CircleMarker(place, tooltip=tooltip).add_to(made)
    return maps.offline(made, title="Kenya") if offline else made


@exercise(
    "00-5",
    Drawing(own_country),
    wrong=[
        (lambda: own_map(land=False), NO_LAND),
        (lambda: own_map(color="#E9E5DC"), ONE_COLOUR),
        (lambda: own_map(place=None), NO_MARK),
        (lambda: own_map(tooltip=None), NO_WORDS),
        (lambda: own_map(place=(36.82, -1.29)), ELSEWHERE),
        (lambda: own_map(offline=False), ONLINE),
    ],
    hint="Take the cells of the section on your own map, and change place, words and colour.",
)
def map_of_kenya():
    """A map with one country in a colour of its own and a mark in it: Kenya, as an example."""
    return own_map()
