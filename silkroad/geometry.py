"""Lines and areas on the globe: great circles, bearings, cuts at 180 degrees, countries.

The Earth is a sphere here; geodetic latitude stands for geocentric (at most 0.2° apart, so that a
distance is right to about 0.5 %). Degrees, latitude before longitude, east positive; GeoJSON alone
has longitude first. Bearings are clockwise from north. Arrays broadcast.

Formulas: Sinnott, "Virtues of the haversine", Sky & Telescope 68, 159 (1984); Snyder, *Map
Projections* (USGS 1395, 1987), chapter 5; Sutherland and Hodgman, Comm. ACM 17, 32 (1974).
"""

from collections import Counter
from typing import NamedTuple

import numpy as np

from helpers.inputs import InputError
from silkroad.values import latitude, longitude, number, numbers, paired, shown, whole

EARTH_KM = 6371.0088  # mean radius of the Earth (IUGG)
_COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west")
_COMPASS += ("north-west",)


# Great circles


def great_circle_km(lat1, lon1, lat2, lon2):
    """Return the length of the shortest way between places, in km (haversine)."""
    lat1, lat2, turn = _between(lat1, lon1, lat2, lon2)
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin(turn / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def great_circle(lat1, lon1, lat2, lon2, points=60):
    """Return (lat, lon), arrays (points,), of the shortest way between two places, evenly spaced.

    Two places in one, or opposite each other, have no single shortest way: then the two ends.
    """
    points = whole(points, "points", 2, 1e6)
    start, end = _direction(lat1, lon1), _direction(lat2, lon2)
    angle = np.arccos(np.clip(start @ end, -1, 1))
    if not 1e-9 < angle < np.pi - 1e-9:
        return _place(np.array([start, end]))
    share = np.linspace(0, 1, points)[:, None]
    line = np.sin((1 - share) * angle) * start + np.sin(share * angle) * end
    return _place(line / np.sin(angle))


def off_great_circle_km(lat, lon, lat1, lon1, lat2, lon2):
    """Return how far one place lies from the shortest way between two others, in km."""
    place, start, end = _direction(lat, lon), _direction(lat1, lon1), _direction(lat2, lon2)
    pole = np.cross(start, end)
    size = np.linalg.norm(pole)
    beside = (
        size > 1e-12 and np.cross(pole, start) @ place >= 0 and np.cross(end, pole) @ place >= 0
    )
    if beside:
        return float(EARTH_KM * np.arcsin(min(abs(place @ pole) / size, 1)))
    return float(EARTH_KM * np.arccos(np.clip(max(place @ start, place @ end), -1, 1)))


def destination(lat, lon, bearing_deg, arc_deg):
    """Return (lat, lon) after going `arc_deg` along the great circle with a first bearing.

    Bearings from -360 to 360, arcs up to 1e7 degrees, more turns than any orbit of ours makes.
    """
    lat, lon, heading, arc = paired(
        lat=np.radians(latitude(lat)),
        lon=longitude(lon),
        bearing_deg=np.radians(numbers(bearing_deg, "bearing_deg", -360, 360)),
        arc_deg=np.radians(numbers(arc_deg, "arc_deg", -1e7, 1e7)),
    )
    up = np.sin(lat) * np.cos(arc) + np.cos(lat) * np.sin(arc) * np.cos(heading)
    turned = np.arctan2(np.sin(heading) * np.sin(arc) * np.cos(lat), np.cos(arc) - np.sin(lat) * up)
    return np.degrees(np.arcsin(np.clip(up, -1, 1))), longitude((lon + np.degrees(turned)) % 360)


def bearing_deg(lat1, lon1, lat2, lon2):
    """Return the bearing in which the shortest way from the first place leaves, 0 to 360."""
    lat1, lat2, turn = _between(lat1, lon1, lat2, lon2)
    east = np.sin(turn) * np.cos(lat2)
    north = np.cos(lat1) * np.sin(lat2) - np.sin(lat1) * np.cos(lat2) * np.cos(turn)
    return np.degrees(np.arctan2(east, north)) % 360 % 360  # the first may round up to 360


def compass(bearing_deg):
    """Return a bearing as the nearest of eight winds, such as "north-east"."""
    return _COMPASS[round(number(bearing_deg, "bearing_deg", -360, 360) / 45) % 8]


# Cuts at 180 degrees


def split_antimeridian(lat, lon):
    """Return a line as pieces, arrays (n, 2) of lat, lon, that never cross 180 degrees.

    Where neighbours lie more than 180 degrees apart the line went the short way round: the
    crossing is interpolated and both pieces reach it, one at 180 and one at -180 degrees.
    """
    lat, lon = latitude(lat), longitude(lon)
    if lat.ndim != 1 or lat.shape != lon.shape or not lat.size:
        raise InputError("A line needs as many latitudes as longitudes: give two equal lists.")
    jumps = np.flatnonzero(np.abs(np.diff(lon)) > 180)
    edge = np.where(lon[jumps] > 0, 180.0, -180.0)  # the side on which the piece before ends
    short_way = lon[jumps + 1] - lon[jumps] + 2 * edge
    share = np.divide(edge - lon[jumps], short_way, out=np.zeros_like(edge), where=short_way != 0)
    crossing = lat[jumps] + share * (lat[jumps + 1] - lat[jumps])
    line = np.column_stack([lat, lon])
    pieces = []
    begin, lead = 0, np.empty((0, 2))
    for jump, at, side in zip(jumps, crossing, edge, strict=True):
        pieces.append(np.vstack([lead, line[begin : jump + 1], [[at, side]]]))
        begin, lead = jump + 1, np.array([[at, -side]])
    return [*pieces, np.vstack([lead, line[begin:]])]


def loose_ends(pieces, digits=1):
    """Return the places where pieces of a line end that no other piece goes on from: a set.

    pieces: lists of (lat, lon). A place is (lat, lon), rounded to `digits`, with the longitude
    from 0 to 360, so that a line cut at 180 degrees is whole.
    """
    met = Counter(
        (round(lat, digits), round(lon % 360, digits))
        for piece in pieces
        for lat, lon in (*piece[:1], *piece[-1:])
    )
    return {place for place, times in met.items() if times % 2}


def split_ring(lat, lon):
    """Return the border of an area as rings, arrays (n, 2) of lat, lon, within ±180 degrees.

    Neighbours follow each other the short way round, also across 180 degrees. What lies beyond one
    edge of the map comes in at the other. A ring that goes round the globe holds a pole, that of
    its own half: it runs along the upper or lower edge of the map, too.
    """
    lat, lon = latitude(lat), longitude(lon)
    if lat.ndim != 1 or lat.shape != lon.shape or lat.size < 3:
        raise InputError("A ring needs three places or more: give two equal lists of lat and lon.")
    lon = np.unwrap(np.append(lon, lon[0]), period=360)
    lon, start, end = lon[:-1], lon[0], lon[-1]
    if abs(end - start) > 180:
        pole = np.copysign(90, lat.mean())
        lat, lon = np.append(lat, [lat[0], pole, pole]), np.append(lon, [end, end, start])
    low, high = np.floor((lon.min() + 180) / 360), np.floor((lon.max() + 180) / 360)
    turned = (np.column_stack([lat, lon - 360 * turn]) for turn in np.arange(low, high + 1))
    return [ring for ring in map(_clipped, turned) if len(ring) > 2]


def _clipped(ring):
    """Return the part of a ring between -180 and 180 degrees (Sutherland and Hodgman)."""
    for side in (1, -1):
        inside, out = side * ring[:, 1] <= 180, []
        for here in range(len(ring)):
            before, after = ring[here - 1], ring[here]
            if inside[here - 1] != inside[here]:
                share = (side * 180 - before[1]) / (after[1] - before[1])
                out.append([before[0] + share * (after[0] - before[0]), side * 180])
            if inside[here]:
                out.append(after)
        ring = np.array(out).reshape(-1, 2)
        if not len(ring):
            break
    return ring


# Countries


def rings(feature, holes=True):
    """Return the rings of a GeoJSON feature, arrays (n, 2) of lon, lat; outer ones first of each
    polygon, without the others if `holes` is False. InputError: a feature that is no area.
    """
    shape = (feature.get("geometry") if isinstance(feature, dict) else None) or {}
    if shape.get("type") not in ("Polygon", "MultiPolygon"):
        raise InputError(f"{shown(feature)} is no area: give a GeoJSON (Multi)Polygon feature.")
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    kept = slice(None) if holes else slice(1)
    return [np.asarray(ring, float)[:, :2] for polygon in polygons for ring in polygon[kept]]


class Border(NamedTuple):
    """The border of a country: `edges`, array (n, 4) of lon, lat, lon, lat; `box` around them."""

    edges: np.ndarray
    box: tuple  # west, south, east, north


def borders(shapes, key="iso3"):
    """Return {key: Border} of a GeoJSON of countries.

    key: the property that names a country; a feature without it is left out. Features of one name
    are one country. InputError: none has it.
    """
    if not isinstance(key, str):
        raise InputError(f"key is {shown(key)}: give the name of a property, as 'iso3'.")
    found = {}
    for feature in shapes["features"] if isinstance(shapes, dict) and "features" in shapes else ():
        if name := (feature.get("properties") or {}).get(key):
            found.setdefault(name, []).extend(rings(feature))
    if not found:
        raise InputError(f"No shape has a name in {key!r}: give a GeoJSON of countries that have.")
    return {name: _border(parts) for name, parts in found.items()}


def _border(parts):
    points = np.vstack(parts)
    edges = np.vstack([np.hstack([ring[:-1], ring[1:]]) for ring in parts])
    return Border(edges, (*points.min(axis=0).tolist(), *points.max(axis=0).tolist()))


def inside(lat, lon, border):
    """Return for places, arrays (n,), whether they lie inside a `Border`, array (n,) of bool.

    A place is inside where a line from it due east meets the border, holes included, an odd
    number of times.
    """
    if not isinstance(border, Border):
        raise InputError(f"{shown(border)} is no border: take one of borders(shapes).")
    lat, lon = _list_of_places(lat, lon)
    west, south, east, north = border.box
    near = np.flatnonzero((lat >= south) & (lat <= north) & (lon >= west) & (lon <= east))
    x0, y0, x1, y1 = border.edges.T
    place, edge = np.nonzero((y0 > lat[near, None]) != (y1 > lat[near, None]))
    y, x = lat[near[place]], lon[near[place]]
    share = (y - y0[edge]) / (y1[edge] - y0[edge])
    crossed = x < x0[edge] + share * (x1[edge] - x0[edge])
    times = np.bincount(place[crossed], minlength=len(near))
    found = np.zeros(len(lat), bool)
    found[near[times % 2 == 1]] = True
    return found


def country_at(lat, lon, borders):
    """Return the key of the country at each place, array (n,) of str, "" where there is none.

    borders: {key: Border}. Where simplified borders overlap, the first of them has the place.
    """
    lat, lon = _list_of_places(lat, lon)
    found = np.full(lat.shape, "", dtype=object)
    if not isinstance(borders, dict) or not all(isinstance(b, Border) for b in borders.values()):
        raise InputError(f"{shown(borders)} are no borders: give borders(shapes).")
    if not lat.size:
        return found
    bottom, top, left, right = lat.min(), lat.max(), lon.min(), lon.max()
    for key, border in borders.items():
        west, south, east, north = border.box
        if south <= top and north >= bottom and west <= right and east >= left:
            found[inside(lat, lon, border) & (found == "")] = key
    return found


def _between(lat1, lon1, lat2, lon2):
    """Return both latitudes and the turn from the one longitude to the other, in radians."""
    lat1, lon1, lat2, lon2 = paired(
        lat1=latitude(lat1), lon1=longitude(lon1), lat2=latitude(lat2), lon2=longitude(lon2)
    )
    return np.radians(lat1), np.radians(lat2), np.radians(lon2 - lon1)


def _list_of_places(lat, lon):
    """Return lat and lon as arrays (n,)."""
    lat, lon = paired(lat=np.atleast_1d(latitude(lat)), lon=np.atleast_1d(longitude(lon)))
    if lat.ndim > 1:
        raise InputError("lat and lon are tables: give one list of each.")
    return lat, lon


def _direction(lat, lon):
    """Return the unit vector (3,) from the middle of the Earth to one place."""
    lat, lon = latitude(lat), longitude(lon)
    if lat.size != 1 or lon.size != 1:
        raise InputError(
            f"One place has {lat.size} latitudes and {lon.size} longitudes: give one of each."
        )
    lat, lon = np.radians(lat.reshape(())), np.radians(lon.reshape(()))
    return np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _place(directions):
    """Return (lat, lon) of vectors (n, 3) from the middle of the Earth."""
    x, y, z = directions.T
    return np.degrees(np.arctan2(z, np.hypot(x, y))), longitude(np.degrees(np.arctan2(y, x)))
