"""What a brief shows: the layers of its map, that map live and on paper, and its charts."""

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from course import stills
from course.brief import computed
from course.brief.tables import NO_IMAGE, text
from course.brief.world import GRID_DEG, MASKS_DEG, STATION, STREET_DEG, column, cut_to_tenth
from helpers import charts, data, maps, style
from helpers.words import counted, percent
from silkroad import constellations, geometry, network, orbits, visibility

REACH_DEG = 30  # parts of a country farther from its capital are left outside the first view
LEAST_DEG = (5, 8)  # half the height and width of the smallest view
LAND = "#A7CBE5"
NONE, NO_DATA = "none in 72 hours", "#C9C9C9"  # a class and its colour
SHARE_LEVELS = (50, 80, 95, 98, 99.95)
SHARE_WORDS = ("below 50 %", "50 to 80 %", "80 to 95 %", "95 to 98 %", "98 to 99.9 %", "always")
PLACES = {"capital": ("orange", "star"), "worst point for BeiDou": ("purple", "down")}
SIGNS = {"BeiDou alone": "blue", "all four": "orange"}
WAITS = {"median_wait_hours": "middle wait", "longest_wait_hours": "longest wait"}


# --- a measure of all countries


def five_classes(values):
    """Return a measure of all countries in five classes of equal count, and a colour for each.

    values: Series by ISO code, of which more is good unless its name begins with "hours"; `inf` is
    a class of its own, what is missing is left out.
    """
    known = values.dropna()
    finite = known[np.isfinite(known)]
    edges = np.unique(np.round(finite.quantile([0.2, 0.4, 0.6, 0.8]).to_numpy(), 1))
    names = [f"below {edges[0]:,.1f}"]
    names += [f"{low:,.1f} to {high:,.1f}" for low, high in pairwise(edges)]
    names += [f"{edges[-1]:,.1f} or more"]
    more_is_good = not str(values.name).startswith("hours")  # on every map light is good
    styles = dict(zip(names, style.sequential(len(names), more_is_good), strict=True))
    if len(finite) < len(known):
        styles[NONE] = NO_DATA
    found = pd.Series(np.array(names, object)[np.digitize(finite, edges)], finite.index)
    return pd.concat([found, pd.Series(NONE, known.index.difference(finite.index))]), styles


# --- the map


def layers(brief, system="BeiDou alone", mask_deg=STREET_DEG):
    """Return the layers of a brief: the country and all that has a place, from below to above."""
    popup = {brief.iso3: {fact: text(number) for fact, number in brief.numbers.items()}}
    look = {brief.country: LAND}
    shown = [maps.countries({brief.iso3: brief.country}, "Country", styles=look, popup=popup)]
    inside = brief.case.points[brief.case.points["capital"].isna()]
    if len(inside):
        shown.append(_within(inside, system, mask_deg))
    cables = _cables()
    cables = cables[[brief.iso3 in codes.split(";") for codes in cables["landing_iso3"]]]
    if len(cables):
        paths = dict(zip(cables["name"], cables["path"], strict=True))
        cited = {row.name: {"sources": row.source_ids} for row in cables.itertuples(index=False)}
        shown.append(maps.lines(paths, "Cables and land routes", color="grey", popup=cited))
    shown += _tracks(brief.case)
    satellites = _satellites(brief.now)
    satellites = satellites[satellites["partner_iso3"] == brief.iso3]
    popup, look = ["role", "orbit_class", "launch_date", "status"], {"s": ("green", "triangle")}
    if len(satellites):
        name = "Its satellites with China"
        shown.append(maps.points(satellites, name, styles=look, popup=popup))
    stations, look = _stations(brief), {"s": ("black", "square")}
    if len(stations):
        shown.append(maps.points(stations, "Ground stations", styles=look, popup=["why"]))
    spots, look = _spots(brief.case), {"category": "kind", "styles": PLACES, "popup": ["kind"]}
    if len(spots):
        shown.append(maps.points(spots, "Places", size=8, labels=True, **look))
    return shown


def bounds(case):
    """Return ((south, west), (north, east)) of the country's parts near its capital, in degrees."""
    parts = geometry.rings(_shapes()[case.iso3])
    home = _spots(case)[["lon", "lat"]].to_numpy(float)[:1]
    if not len(home):
        home = max(parts, key=len)[:1]
    near = [ring for ring in parts if np.abs(ring - home).max(axis=1).min() <= REACH_DEG]
    points = np.vstack([home, *near])
    low, high = points.min(axis=0), points.max(axis=0)
    half = np.maximum((high - low) / 2 * 1.15, LEAST_DEG[::-1])
    (west, south), (east, north) = (low + high) / 2 - half, (low + high) / 2 + half
    return (max(south, -90), max(west, -180)), (min(north, 90), min(east, 180))


def country_map(brief, height=520):
    """Return the map of a brief, framed on the country."""
    title = f"{brief.country}: what our tables and models have on it"
    return maps.world(layers(brief), title=title, bounds=bounds(brief.case), height=height)


def _within(inside, system, mask_deg):
    """Return the points inside a country as cells, with a table of these points alone."""
    from xarray import DataArray

    share = inside[column(system, mask_deg)]
    lat, lon = visibility.world_grid(GRID_DEG)
    cells = np.full((len(lat), len(lon)), np.nan)
    cells[np.searchsorted(lat, inside["lat"]), np.searchsorted(lon, inside["lon"])] = share
    field = DataArray(cells, {"lat": lat, "lon": lon})
    name = f"{system[0].upper() + system[1:]} above {mask_deg}°, share of the day"
    colors = style.sequential(len(SHARE_WORDS), reverse=True)
    look = {"levels": SHARE_LEVELS, "labels": SHARE_WORDS, "colors": colors, "opacity": 0.5}
    table = inside[["lat", "lon"]].assign(share_pct=cut_to_tenth(share)).reset_index(drop=True)
    least, most = (percent(end / 100) for end in table["share_pct"].agg(["min", "max"]))
    said = f"{name}: {counted(len(inside), 'point')}, from {least} to {most}."
    return replace(maps.grid(field, name, **look), summary=said, table=table)


def _tracks(case):
    """Return the path of the station about its highest pass of three days as a layer, if any."""
    if case.capital is None:
        return []
    found = computed.overhead(case, computed.listed_from(case))
    if found.empty:
        return []
    top = found.loc[found["max_elevation_deg"].idxmax(), "culmination"].floor("s")
    name = f"Station on {top:%Y-%m-%d, %H:%M} UTC"
    return [maps.lines({name: _pass(top)}, "Highest pass of the station")]


@lru_cache(maxsize=512)
def _pass(top):
    """Return the path of the station from seven minutes before a time, in pieces."""
    elements = data.load("elements")
    elements = elements[elements["norad_id"] == STATION]
    path = orbits.ground_track(elements, top - pd.Timedelta(minutes=7), 0.25)
    return next(iter(path.values()))


def _stations(brief):
    return brief["ground"].tables.get("Stations and centres", pd.DataFrame())


def _spots(case):
    """Return the capital and the worst point, those that there are, as rows with a name."""
    rows = []
    if case.capital is not None:
        rows.append(case.capital.to_dict() | {"name": case.capital["capital"], "kind": "capital"})
    if case.worst is not None and pd.isna(case.worst["capital"]):
        share = cut_to_tenth(case.worst[column("BeiDou alone", STREET_DEG)])
        name = {"name": f"worst: {percent(share / 100)}", "kind": "worst point for BeiDou"}
        rows.append(case.worst.to_dict() | name)
    return pd.DataFrame(rows, columns=["name", "kind", "lat", "lon"])


@lru_cache(maxsize=1)
def _cables():
    table = data.load("cables").query("core").dropna(subset="landing_iso3")
    paths = network.drawn_paths(data.load("cable_landings"))
    return table.assign(path=table["id"].map(paths)).dropna(subset="path")


@lru_cache(maxsize=2)
def _satellites(now):
    table = data.load("satellites").dropna(subset="partner_iso3")
    table = table.assign(role=table["role"].str.replace("_", " "))
    return constellations.placed(table, now).dropna(subset="lat")


@lru_cache(maxsize=1)
def _shapes():
    return {f["properties"]["iso3"]: f for f in data.shapes()["features"]}


# --- the charts


def charts_of(brief):
    """Return {name: chart}: the map for paper, and what the tables hold as bars."""
    spots = [f"{row.name} ({row.kind})" for row in _spots(brief.case).itertuples(index=False)]
    title = f"Map of {brief.country} with {', '.join(spots) or 'no place'}; "
    title += f"ground stations: {len(_stations(brief))}"
    found = {"map": stills.picture(layers(brief), title=title, bounds=bounds(brief.case))}
    for table in brief["beidou"].tables.values():
        found["availability"] = _availability(table, brief.country)
    for table in brief["image"].tables.values():
        found["waits"] = _waits(table, brief.case.capital["capital"])
    return found


def _availability(rows, country):
    """Return the share of the day with a usable fix as bars: by place, system and mask."""
    what = rows["system"] + " above " + rows["mask_deg"].astype(str) + "°"
    says = rows["available_pct"].div(100).map(percent)
    rows = rows.assign(what=what, says=says, bar=rows["place"] + ", " + what)
    hatch = dict(zip(MASKS_DEG, ("", "//"), strict=True))
    looks = {f"{s} above {m}°": (c, hatch[m]) for s, c in SIGNS.items() for m in MASKS_DEG}
    bars = charts.bars(rows, x="available_pct", y="bar", color="what", styles=looks, text="says")
    axis = {"x": "share of the day with PDOP at most 6, %", "xlim": (0, 100), "legend": ""}
    words = f"Share of the day with a usable fix in {country}, %"
    return charts.draw(bars, name="A usable fix", words=words, **axis)


def _waits(rows, place):
    """Return the waits for a picture as bars: the middle one and the longest."""
    rows = rows.rename(columns=WAITS).melt("satellites", list(WAITS.values()), "wait")
    hours = pd.to_numeric(rows["value"], errors="coerce")
    says = hours.map("{:.1f} h".format).where(hours.notna(), rows["value"])
    rows = rows.assign(hours=hours, says=says)
    look = {"color": "wait", "styles": dict(zip(WAITS.values(), ("blue", "sky"), strict=True))}
    bars = charts.bars(rows, x="hours", y="satellites", text="says", beside=True, **look)
    none = rows.loc[hours.isna(), ["satellites", "wait"]].agg(", ".join, axis=1)
    words = "; ".join([f"Wait for a picture of {place}", *(f"{what}: {NO_IMAGE}" for what in none)])
    return charts.draw(bars, name="Waits", words=words, x="hours", xlim=(0, 72))
