"""What the models say of all capitals at once, and of points inside each country.

Computed once for a snapshot of the elements, so that the page of one country, or a map of all,
costs next to nothing afterwards: one propagation of each constellation and of the imaging
satellites, one matrix product of PDOP over all places, one search for looks.
"""

from dataclasses import dataclass
from functools import lru_cache

import networkx as nx
import numpy as np
import pandas as pd
import xarray as xr

from helpers import data
from silkroad import constellations, geometry, imaging, network, orbits, satcom, visibility

STATION = 48274  # catalogue number of the station's core module, Tianhe
GRID_DEG = 2.5  # between the points inside countries
STEP_MINUTES = 15  # of the day over which availability is taken
MASKS_DEG = (5, 30)  # an open field; a street or a valley
SYSTEMS = {"BeiDou alone": ("BDS-3",), "all four": ("BDS-3", "GPS", "GLONASS", "Galileo")}
ROLL_DEG = 30  # how far aside satellites are taken to look
NEAR_DEG = 9  # how far from a place they can be then, as an angle at the Earth's centre
NEED_HOURS = 48  # hourly moments at which a picture is wanted
OVER_DAYS = 5  # for how long looks are sought
IN_USE = ("active", "assumed")  # cables that carry traffic; planned and retired ones do not


@dataclass(frozen=True)
class World:
    """What `at` returns; tables are indexed by ISO code and hold `share(...)` columns in %.

    places: capitals and points inside countries, with capital (None for a point), lat, lon, and
    for each system and mask the columns of `column`. fleets {system: elements}. looks {whose:
    usable looks, of imaging.WHOSE}; waits {whose: DataFrame median, worst in hours, `inf` for
    none}. cameras: what looks. tiantong: satellites; sky: their look angles (satellite, place)
    from the capitals. net: the cable network; routes: `network.routes_left`.
    """

    now: pd.Timestamp
    places: pd.DataFrame
    fleets: dict
    cameras: pd.DataFrame
    looks: dict
    waits: dict
    tiantong: pd.DataFrame
    sky: xr.Dataset
    net: nx.MultiGraph
    routes: pd.DataFrame

    @property
    def capitals(self):
        """The rows of `places` that are capitals."""
        return self.places[self.places["capital"].notna()]


def column(system, mask_deg, what="available_pct"):
    """Return the name of a column of `World.places`: available_pct, in_view or pdop."""
    return f"{system}, {mask_deg}°, {what}"


@lru_cache(maxsize=2)
def at(now):
    """Return the `World` at the snapshot `now`; availability is of that whole day in UTC."""
    capitals = data.load("capitals").set_index("iso3", drop=False)
    points = inside(data.countries())
    places = pd.concat([capitals, points[points["iso3"].isin(_codes())].set_index("iso3")])
    places = places.drop(columns=["iso3"])
    fleets = {
        name: pd.concat([constellations.flying(system) for system in systems], ignore_index=True)
        for name, systems in SYSTEMS.items()
    }
    times = pd.date_range(
        now.floor("D"), periods=24 * 60 // STEP_MINUTES, freq=f"{STEP_MINUTES}min"
    )
    for name, fleet in fleets.items():
        path = orbits.positions(fleet, times)
        for mask_deg in MASKS_DEG:
            sky = visibility.dop(
                *(path, places["lat"], places["lon"], mask_deg),
                grid=False,
                want=["pdop", "in_view"],
            )
            share = 100 * visibility.availability(sky["pdop"]).values
            places[column(name, mask_deg)] = share
            places[column(name, mask_deg, "in_view")] = sky["in_view"].mean("time").values
            places[column(name, mask_deg, "pdop")] = sky["pdop"].median("time").values

    start, cameras = now.floor("h"), imaging.cameras()
    minutes = pd.date_range(start, start + pd.Timedelta(days=OVER_DAYS), freq="min")
    below = orbits.subpoints(imaging.carriers(cameras), minutes)
    seen = imaging.looks(below, capitals.assign(name=capitals["iso3"]), NEAR_DEG)
    hours = pd.date_range(start, periods=NEED_HOURS, freq="h")
    looks, waits = {}, {}
    for whose in imaging.WHOSE:
        looks[whose] = imaging.by_light(imaging.in_reach(seen, cameras, whose, ROLL_DEG))
        waiting = imaging.waiting_hours(looks[whose], capitals["iso3"], hours)
        waits[whose] = imaging.median_and_worst(waiting)

    tiantong = satcom.tiantong(data.load("satellites"))
    sky = visibility.look_angles(satcom.positions(tiantong), capitals["lat"], capitals["lon"])
    sky = sky.isel(time=0).assign_coords(place=capitals["iso3"].to_numpy())
    cables = data.load("cables").query("status in @IN_USE")
    net = network.graph(data.load("cable_landings"), cables, data.load("assumed_links"))
    return World(
        *(now, places, fleets, cameras, looks, waits, tiantong, sky),
        *(net, network.routes_left(net)),
    )


def floor(percent):
    """Return shares in % cut to a tenth: never 100 for less than all."""
    return np.floor(10 * percent + 1e-9) / 10


def inside(shapes, step_deg=GRID_DEG):
    """Return the points of a world grid that lie inside countries: DataFrame iso3, lat, lon.

    shapes: GeoJSON as from `data.countries`.
    """
    lat, lon = visibility.world_grid(step_deg)
    lat, lon = (axis.ravel() for axis in np.meshgrid(lat, lon, indexing="ij"))
    found = []
    for iso3, border in geometry.borders(shapes).items():
        here = geometry.inside(lat, lon, border)
        found.append(pd.DataFrame({"iso3": iso3, "lat": lat[here], "lon": lon[here]}))
    return pd.concat(found, ignore_index=True)


def _codes():
    return set(data.load("country_indicators")["iso3"])


@lru_cache(maxsize=2)
def measures(now):
    """Return what can be compared between all capitals: DataFrame by ISO code.

    Waits are in hours, `inf` for none within 72; the other columns say their unit. Every call
    shares one table: do not write into it.
    """
    world, high = at(now), MASKS_DEG[-1]
    capitals = world.places[world.places["capital"].notna()]
    table = pd.DataFrame(index=capitals.index)
    for system in SYSTEMS:
        table[f"{system} at {high}°, % of the day"] = floor(capitals[column(system, high)])
    for whose in imaging.WHOSE:
        table[f"hours to a picture, {whose}"] = world.waits[whose]["median"]
    table["best Tiantong, degrees high"] = world.sky["elevation_deg"].max("satellite").values
    table["Internet users, % of people"] = data.load("country_indicators").set_index("iso3")[
        "internet_users_pct"
    ]
    return table
