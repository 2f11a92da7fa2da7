"""What the models say of all capitals at once, and of points inside each country.

Computed once for a snapshot of the elements, so that the page of one country, or a map of all,
costs next to nothing afterwards: one propagation of each constellation and of the imaging
satellites, one matrix product of PDOP over all places, one search for looks.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers import data
from silkroad import (
    constellations,
    geometry,
    imaging,
    network,
    orbits,
    resilience,
    satcom,
    visibility,
)

if TYPE_CHECKING:  # slow to load: see `silkroad`
    import networkx as nx
    import xarray as xr

STATION = 48274  # catalogue number of the station's core module, Tianhe
GRID_DEG = 2.5  # between the points inside countries
STEP_MINUTES = 15  # of the day over which availability is taken
MASKS_DEG = OPEN_DEG, STREET_DEG = (5, 30)  # an open field; a street or a valley
SYSTEMS = {"BeiDou alone": ("BDS-3",), "all four": ("BDS-3", "GPS", "GLONASS", "Galileo")}
ROLL_DEG = 30  # how far aside satellites are taken to look
NEAR_DEG = 9  # how far from a place they can be then, as an angle at the Earth's centre
NEED_HOURS = 48  # hourly moments at which a picture is wanted
OVER_DAYS = 5  # for how long looks are sought
IN_USE = ("active", "assumed")  # cables that carry traffic; planned and retired ones do not
# Names that English puts "the" before.
THE = re.compile("United .+|.+ Islands|.+ Republic|Comoros|Gambia|Maldives|Netherlands|Philippines")


@dataclass(frozen=True, eq=False)  # each is itself alone, so that it can be the key of a cache
class World:
    """What `computed` returns; tables are indexed by ISO code.

    places: capitals and points inside countries, with capital (None for a point), lat, lon, and
    for each system and mask the columns of `column`. fleets {system: elements}. looks {whose:
    usable looks, of imaging.WHOSE}; waits {whose: DataFrame median, worst in hours, `inf` for
    none}. cameras: what looks. tiantong: satellites; sky: their look angles (satellite, place)
    from the capitals. net: the cable network; routes: `resilience.routes_left`.
    """

    now: pd.Timestamp
    places: pd.DataFrame
    fleets: dict
    cameras: pd.DataFrame
    looks: dict
    waits: dict
    tiantong: pd.DataFrame
    sky: "xr.Dataset"
    net: "nx.MultiGraph"
    routes: pd.DataFrame

    @property
    def capitals(self):
        """The rows of `places` that are capitals."""
        return self.places[self.places["capital"].notna()]

    @property
    def owners(self):
        """The ISO codes of the countries of which our tables hold a camera of their own."""
        return set(self.cameras["owner"])


@dataclass(frozen=True, eq=False)
class Case:
    """A country at hand. hour: when it is asked about, in UTC, from which is told what is past;
    about: its row of `country_indicators`; points: its rows of the world's places, capital first;
    capital, worst: rows of them, or None. Worst is where BeiDou alone does worst in a street.
    """

    world: World
    hour: pd.Timestamp
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

    @property
    def the(self):
        """The name within a sentence, as "the Philippines"."""
        return f"the {self.name}" if THE.fullmatch(self.name) else self.name

    @property
    def opening(self):
        """The name as the first words of a sentence."""
        return f"The {self.name}" if THE.fullmatch(self.name) else self.name


def column(system, mask_deg, what="available_pct"):
    """Return the name of a column of `World.places`: available_pct, in_view or pdop."""
    return f"{system}, {mask_deg}°, {what}"


def hour():
    """Return the hour that it is, in UTC."""
    return pd.Timestamp.now("UTC").floor("h")


def case(iso3, now, hour):
    """Return the `Case` of a country with this code at the snapshot `now`, asked for at `hour`."""
    world = computed(now)
    about = data.load("country_indicators").set_index("iso3", drop=False).loc[iso3]
    points = world.places[world.places.index == iso3]
    has_capital = len(points) and pd.notna(points["capital"].iloc[0])
    order = [column("BeiDou alone", STREET_DEG), column("all four", STREET_DEG)]
    worst = points.sort_values(order, kind="stable").iloc[0] if len(points) else None
    return Case(world, hour, about, points, points.iloc[0] if has_capital else None, worst)


@lru_cache(maxsize=2)
def computed(now):
    """Return the `World` at the snapshot `now`; availability is of that whole day in UTC."""
    capitals = data.load("capitals").set_index("iso3", drop=False)
    fleets = {
        name: pd.concat([constellations.flying(system) for system in systems], ignore_index=True)
        for name, systems in SYSTEMS.items()
    }
    tiantong = satcom.tiantong(data.load("satellites"))
    sky = visibility.look_angles(satcom.positions(tiantong), capitals["lat"], capitals["lon"])
    sky = sky.isel(time=0).assign_coords(place=capitals["iso3"].to_numpy())
    cables = data.load("cables").query("status in @IN_USE")
    net = network.graph(data.load("cable_landings"), cables, data.load("assumed_links"))
    places = _available(_places(capitals), fleets, now)
    pictures = _pictures(capitals, now)
    return World(now, places, fleets, *pictures, tiantong, sky, net, resilience.routes_left(net))


def _places(capitals):
    """Return capitals, then the points of the grid inside each country that has a brief."""
    points = points_inside(data.shapes())
    points = points[points["iso3"].isin(set(data.load("country_indicators")["iso3"]))]
    return pd.concat([capitals, points.set_index("iso3")]).drop(columns=["iso3"])


def points_inside(shapes, step_deg=GRID_DEG):
    """Return the points of a world grid that lie inside countries: DataFrame iso3, lat, lon.

    shapes: GeoJSON as from `data.shapes`.
    """
    lat, lon = visibility.world_grid(step_deg)
    lat, lon = (axis.ravel() for axis in np.meshgrid(lat, lon, indexing="ij"))
    found = []
    for iso3, border in geometry.borders(shapes).items():
        here = geometry.inside(lat, lon, border)
        found.append(pd.DataFrame({"iso3": iso3, "lat": lat[here], "lon": lon[here]}))
    return pd.concat(found, ignore_index=True)


def _available(places, fleets, now):
    """Return the places with the columns of `column` for each system and mask."""
    day = {"periods": 24 * 60 // STEP_MINUTES, "freq": f"{STEP_MINUTES}min"}
    times, wanted = pd.date_range(now.floor("D"), **day), ["pdop", "in_view"]
    for name, fleet in fleets.items():
        path, clocks = orbits.positions(fleet, times), fleet["system"]
        for mask in MASKS_DEG:
            where = places["lat"], places["lon"], mask, False
            sky = visibility.dop(path, *where, want=wanted, clocks=clocks)
            places[column(name, mask)] = 100 * visibility.availability(sky["pdop"]).values
            places[column(name, mask, "in_view")] = sky["in_view"].mean("time").values
            places[column(name, mask, "pdop")] = sky["pdop"].median("time").values
    return places


def _pictures(capitals, now):
    """Return cameras, looks and waits, as `World` has them."""
    start, cameras = now.floor("h"), imaging.cameras()
    minutes = pd.date_range(start, start + pd.Timedelta(days=OVER_DAYS), freq="min")
    below = orbits.subpoints(imaging.carriers(cameras), minutes)
    seen = imaging.looks(below, capitals.assign(name=capitals["iso3"]), NEAR_DEG)
    hours, looks, waits = pd.date_range(start, periods=NEED_HOURS, freq="h"), {}, {}
    for whose in imaging.WHOSE:
        looks[whose] = imaging.by_light(imaging.in_reach(seen, cameras, whose, ROLL_DEG))
        waiting = imaging.waiting_hours(looks[whose], capitals["iso3"], hours)
        waits[whose] = imaging.median_and_worst(waiting)
    return cameras, looks, waits


def cut_to_tenth(percent):
    """Return shares in % cut to a tenth: never 100 for less than all."""
    return np.floor(10 * percent + 1e-9) / 10


@lru_cache(maxsize=2)
def measures(now):
    """Return what can be compared between all capitals: DataFrame by ISO code.

    Waits are in hours, `inf` for none within 72; the other columns say their unit. Every call
    shares one table: do not write into it.
    """
    world = computed(now)
    table = pd.DataFrame(index=world.capitals.index)
    for system in SYSTEMS:
        share = cut_to_tenth(world.capitals[column(system, STREET_DEG)])
        table[f"{system} at {STREET_DEG}°, % of the day"] = share
    for whose in imaging.WHOSE:
        table[f"hours to a picture, {whose}"] = world.waits[whose]["median"]
    # Without a satellite in our tables a country may well have some: that is no answer.
    alone = f"hours to a picture, {imaging.WHOSE[0]}"
    table[alone] = table[alone].where(table.index.isin(world.owners))
    table["best Tiantong, degrees high"] = world.sky["elevation_deg"].max("satellite").values
    indicators = data.load("country_indicators").set_index("iso3")
    return table.assign(**{"Internet users, % of people": indicators["internet_users_pct"]})
