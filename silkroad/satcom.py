"""Satellite telephony: where a geosynchronous satellite stands in the sky, and what gets through.

Geometry is on the WGS 84 ellipsoid and without refraction, as in `visibility`, which gives the
look angles of one place; here they are taken for whole maps, and turned round into footprints.
Satellites are ideal: circular orbits of one sidereal day, from a longitude and an inclination.

Decibels: gains and losses become sums. Losses are given as positive numbers of dB. `dBW` is power
against 1 W, and EIRP the power that an antenna which radiates evenly would need. G/T is the gain
of a receiving antenna against its noise temperature, in dB/K. Formulas: ITU-R P.525 (free space),
and the usual equation of a link, C/N0 = EIRP - losses + G/T - k, all in dB.
"""

from functools import cache

import numpy as np
import pandas as pd

from helpers.inputs import InputError
from silkroad.geometry import EARTH_KM, split_antimeridian
from silkroad.orbits import (
    EQUATOR_KM,
    earth_fixed,
    geodetic,
    geostationary_height_km,
    subpoints_of,
    zenith,
)
from silkroad.values import (
    distinct,
    fixed_km,
    longitude,
    number,
    numbers,
    paired,
    positive,
    shown,
    table_with,
    whole,
)
from silkroad.visibility import look_angles, world_grid, world_mean

LIGHT_KM_S = 299792.458
BOLTZMANN_DBW = -228.5992  # 10 log10 of 1.380649e-23 J/K, for 1 Hz and 1 K
SIDEREAL_HOURS = 23.9344696
MAX_INCLINATION_DEG = 8  # beyond 8.7 degrees the horizon ring closes round a pole
MASK_DEG = 10  # lowest elevation at which a terminal of `geo_rtt_ms`, `relay_rtt_ms` works
LOSSES = ("pointing_db", "body_db", "atmosphere_db", "rain_db", "foliage_db", "building_db")


def tiantong(satellites):
    """Return the rows of the table `satellites` named Tiantong, as `positions` takes them."""
    keep = ["name", "longitude_deg", "inclination_deg", "launch_date", "source_ids", "confidence"]
    table_with(satellites, [*keep[:1], "geo_longitude_deg", *keep[2:]], "satellites")
    rows = satellites[satellites["name"].str.startswith("Tiantong", na=False)]
    rows = rows.rename(columns={"geo_longitude_deg": "longitude_deg"})
    return rows[keep].reset_index(drop=True)


def over_equator(longitudes_deg):
    """Return ideal satellites over the equator, one for each longitude, as `positions` takes."""
    lon = np.atleast_1d(numbers(longitudes_deg, "longitudes_deg", -360, 360))
    if lon.ndim > 1:
        raise InputError("longitudes_deg is a table: give one list of degrees.")
    distinct(lon, "longitude", "give each once")
    names = [f"{abs(x):g}°{'E' if x >= 0 else 'W'}" for x in lon]
    return pd.DataFrame({"name": names, "longitude_deg": lon})


def positions(satellites, hours=0.0):
    """Return Earth-fixed positions in km as a DataArray (satellite, time, axis).

    `satellites` is a DataFrame with name, longitude_deg and, if wanted, inclination_deg (0 to 8)
    and phase_deg, the angle from the ascending node at hour 0 (0: on the equator, going north).
    `hours` counts from there; `time` holds it. An inclined satellite draws a figure of eight
    about its longitude in 23.93 hours. `visibility.look_angles` takes what this returns.
    InputError: a column or value is missing, or out of reach.
    """
    import xarray as xr

    table_with(satellites, ["name", "longitude_deg"], "satellites")
    crossing = np.radians(longitude(satellites["longitude_deg"]))[:, None]
    tilt = np.radians(_column(satellites, "inclination_deg", 0, MAX_INCLINATION_DEG))
    hours = np.atleast_1d(numbers(hours, "hours", -1e6, 1e6))
    if hours.ndim > 1:
        raise InputError("hours is a table: give one list of them.")
    phase = np.radians(_column(satellites, "phase_deg", -360, 360))
    along = phase + 2 * np.pi * hours / SIDEREAL_HOURS
    east = np.arctan2(np.cos(tilt) * np.sin(along), np.cos(along)) - along + crossing
    north = np.arcsin(np.sin(tilt) * np.sin(along))
    radius = EQUATOR_KM + geostationary_height_km()
    place = np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])
    return xr.DataArray(
        radius * np.moveaxis(place, 0, -1),
        dims=("satellite", "time", "axis"),
        coords={
            "satellite": satellites["name"].to_numpy(object),
            "time": ("time", hours, {"units": "hours"}),
            "axis": ["x", "y", "z"],
        },
        attrs={"units": "km", "frame": "Earth-fixed, ideal circular orbit"},
    )


def elevations(satellites, places):
    """Return the elevation in degrees of each satellite at each place, array (satellite, place).

    `satellites` as in `positions`, `places` with lat, lon.
    """
    table_with(places, ["lat", "lon"], "places")
    look = look_angles(positions(satellites), places["lat"], places["lon"])
    return look["elevation_deg"].values[:, 0]


def elevation_grid(positions, lat, lon):
    """Return elevations in degrees as a DataArray (satellite, time, lat, lon) over two axes.

    Below the horizon they are negative. The best satellite of a place is `.max("satellite")`,
    the worst hour `.min("time")`. `positions` may have their dimensions in any order.
    """
    import xarray as xr

    lat = np.atleast_1d(numbers(lat, "lat", -90, 90))
    lon = np.atleast_1d(numbers(lon, "lon", -360, 360))
    if lat.ndim > 1 or lon.ndim > 1:
        raise InputError("A grid needs two axes: give one list of lat and one of lon.")
    rows, columns = np.meshgrid(lat, lon, indexing="ij")
    look = look_angles(positions, rows.ravel(), columns.ravel())["elevation_deg"]
    return xr.DataArray(
        look.values.reshape(*look.shape[:2], len(lat), len(lon)),
        dims=("satellite", "time", "lat", "lon"),
        coords={"satellite": look["satellite"], "time": look["time"], "lat": lat, "lon": lon},
        attrs={"units": "degrees"},
    )


def share_of_earth(satellites, mask_deg, step_deg=3):
    """Return the share of the Earth's surface that sees a satellite above `mask_deg`, 0 to 1."""
    mask_deg = number(mask_deg, "mask_deg", -90, 90)
    if not len(table_with(satellites, ["name", "longitude_deg"], "satellites", empty=True)):
        return 0.0
    field = elevation_grid(positions(satellites), *world_grid(step_deg)).isel(time=0)
    return float(world_mean((field.max("satellite") >= mask_deg).astype(float)))


def best_longitudes(places, mask_deg=20, step_deg=2):
    """Return where 1, 2 and 3 satellites over the equator see most places, as a DataFrame.

    All sets of longitudes in steps of `step_deg` are tried. The number that a pair or a triple
    misses is a product of matrices: what each satellite misses, multiplied and summed over places.
    InputError: a place comes twice (it would count twice), or steps above 90 or below 1 degree.
    """
    table_with(places, ["lat", "lon"], "places")
    distinct(places[["lat", "lon"]], "place at", "give each once")
    mask_deg = number(mask_deg, "mask_deg", -90, 90)
    slots = np.arange(-180, 180, number(step_deg, "step_deg", 1, 90))
    missed = (elevations(over_equator(slots), places) < mask_deg).astype(np.float32)
    pairs = missed @ missed.T
    first, second = np.triu_indices(len(slots), 1)
    triples = (missed[first] * missed[second]) @ missed.T
    pair, third = np.unravel_index(np.argmin(triples), triples.shape)
    best = [
        (np.argmin(missed.sum(axis=1)),),
        np.unravel_index(np.argmin(pairs), pairs.shape),
        (first[pair], second[pair], third),
    ]
    seen = [int((missed[list(x)].prod(axis=0) == 0).sum()) for x in best]
    return pd.DataFrame(
        {
            "satellites": [1, 2, 3],
            "longitudes": [", ".join(over_equator(sorted(slots[list(x)]))["name"]) for x in best],
            "places above the mask": seen,
            "of": len(places),
        }
    )


def footprint(position_km, elevation_deg=0.0, points=121):
    """Return the closed line (points, 2) of lat, lon where a satellite stands `elevation_deg` high.

    `position_km` is one Earth-fixed position (3,). The ring starts and ends in the north of the
    point below the satellite. Elevations are those of `look_angles`, to 1e-6 degrees. To draw it,
    take `footprints`, cut at 180 degrees. InputError: an elevation outside 0 to below 90, fewer
    than 8 points, a satellite in the ground, a ring that holds a pole.

    The ring is found from the point below along each bearing, with the angle between the
    verticals as unknown: Newton's method with the slope of the sphere, which is nearly that of
    the ellipsoid.
    """
    position_km = fixed_km(position_km, "The position")
    if position_km.size != 3:
        raise InputError("A footprint needs one position of three numbers in km.")
    position_km = position_km.reshape(3)
    elevation_deg = number(elevation_deg, "elevation_deg", 0, below=90)
    points = whole(points, "points", 8, 1e6)
    distance = np.linalg.norm(position_km)
    if distance < EQUATOR_KM + 100:
        raise InputError(f"The position is {distance:.0f} km from the centre: too low to orbit.")
    lat0, lon0, _ = geodetic(position_km)
    up = zenith(lat0, lon0)
    east = np.array([-np.sin(np.radians(lon0)), np.cos(np.radians(lon0)), 0])
    north = np.cross(up, east)
    bearing = np.linspace(0, 2 * np.pi, points)[:, None]
    ahead = np.cos(bearing) * north + np.sin(bearing) * east
    ratio = EQUATOR_KM / distance
    wanted = np.radians(elevation_deg)
    angle = np.full((points, 1), np.arccos(ratio * np.cos(wanted)) - wanted)
    for _ in range(6):
        local = np.cos(angle) * up + np.sin(angle) * ahead
        lat = np.degrees(np.arcsin(np.clip(local[:, 2], -1, 1)))
        lon = longitude(np.degrees(np.arctan2(local[:, 1], local[:, 0])))
        away = position_km - earth_fixed(lat, lon)
        high = np.einsum("ij,ij->i", away, local)[:, None]
        flat = np.linalg.norm(away - high * local, axis=1, keepdims=True)
        slope = (1 - ratio * np.cos(angle)) / (1 - 2 * ratio * np.cos(angle) + ratio**2)
        angle = np.maximum(angle + (np.arctan2(high, flat) - wanted) / slope, 0)
    ring = np.column_stack([lat, lon])
    ring[-1] = ring[0]
    if abs(lat0) + np.degrees(angle.max()) >= 90:
        raise InputError("The ring holds a pole: take a larger elevation_deg.")
    return ring


def footprints(satellites, elevation_deg=0.0):
    """Return {name: lines} of the rings inside which satellites stand above `elevation_deg`.

    `satellites` as in `positions`, at hour 0. Lines are arrays (n, 2) of lat, lon, cut at 180
    degrees. InputError as in `footprint`, or two satellites of one name.
    """
    table_with(satellites, ["name", "longitude_deg"], "satellites")
    distinct(satellites["name"], "satellite", "give each a name of its own")
    where = zip(satellites["name"], positions(satellites).values[:, 0], strict=True)
    return {name: split_antimeridian(*footprint(xyz, elevation_deg).T) for name, xyz in where}


def ground_track(satellites, widen=1):
    """Return {name: lines} of the points below satellites in a day, as `footprints` does.

    The figure of eight of an inclined satellite is some forty times as high as wide: `widen`
    draws it so many times as wide, about the longitude of its satellite.
    """
    table_with(satellites, ["name", "longitude_deg"], "satellites")
    distinct(satellites["name"], "satellite", "give each a name of its own")
    lat, lon = _below(satellites, np.arange(49) / 2, widen)
    tracks = zip(satellites["name"], lat, lon, strict=True)
    return {name: split_antimeridian(*track) for name, *track in tracks}


def below(satellites, hour=0.0, widen=1):
    """Return satellites with lat, lon, in degrees, of the points below them at one hour.

    `widen` as for `ground_track`, so that the points lie on what it returns.
    """
    lat, lon = _below(satellites, number(hour, "hour", -1e6, 1e6), widen)
    return satellites.assign(lat=lat[:, 0], lon=lon[:, 0])


def _below(satellites, hours, widen):
    points = subpoints_of(positions(satellites, hours))
    middle = satellites["longitude_deg"].to_numpy(float)[:, None]
    aside = (points["lon"].values - middle + 180) % 360 - 180
    return points["lat"].values, longitude(middle + aside * positive(widen, "widen"))


def delay_ms(user_km, gateway_km=None, there_and_back=False):
    """Return how long a signal takes, in ms, from user up to the satellite and down to a gateway.

    Without `gateway_km` the gateway is as far as the user. `there_and_back` is the wait for an
    answer: the same way again. Light in vacuum; what equipment and networks add is not in it.
    Arrays broadcast.
    """
    user = _above_zero(user_km, "user_km")
    gateway = user if gateway_km is None else _above_zero(gateway_km, "gateway_km")
    user, gateway = paired(user_km=user, gateway_km=gateway)
    return (user + gateway) / LIGHT_KM_S * 1e3 * (2 if there_and_back else 1)


def slant_range_km(elevation_deg, height_km=None):
    """Return the distance in km of a satellite at an elevation, on a sphere.

    Elevations from -90, through the Earth, to 90 degrees; `height_km` above the equator, the
    geostationary one where it is not given. Arrays broadcast.
    """
    height_km = geostationary_height_km() if height_km is None else height_km
    up, height_km = paired(
        elevation_deg=np.sin(np.radians(numbers(elevation_deg, "elevation_deg", -90, 90))),
        height_km=_above_zero(height_km, "height_km"),
    )
    orbit = EQUATOR_KM + height_km
    return np.sqrt(orbit**2 - EQUATOR_KM**2 * (1 - up**2)) - EQUATOR_KM * up


def geo_rtt_ms(a, b, gateways=()):
    """Return (round trip in ms, hops) over geostationary satellites between (lat, lon) places.

    One satellite where both see the same one MASK_DEG high or more, at the best longitude on a
    grid of 2.5°; otherwise two, by the best of the `gateways` [(lat, lon), ...] on the ground.
    InputError where neither works, or a place is no (lat, lon). Light in vacuum.
    """
    places = [a, b, *(gateways if np.iterable(gateways) else [gateways])]
    points = [numbers(place, "A place", -360, 360) for place in places]
    for place, given in zip(points, places, strict=True):
        if place.shape != (2,):
            raise InputError(f"The place {shown(given)} is no pair: give (lat, lon) in degrees.")
    points = np.array(points)
    look = look_angles(_slots(), points[:, 0], points[:, 1])
    seen = look["elevation_deg"].values[:, 0] >= MASK_DEG
    reach = np.where(seen, look["range_km"].values[:, 0], np.inf)  # satellite, place
    direct = (reach[:, 0] + reach[:, 1]).min()
    relayed = (reach[:, [0]] + reach[:, 2:]).min(0) + (reach[:, [1]] + reach[:, 2:]).min(0)
    best = min(direct, relayed.min(initial=np.inf))
    if not np.isfinite(best):
        raise InputError(
            f"No geostationary satellite, and no pair with a gateway between, is seen {MASK_DEG}° "
            "high from both places: take places nearer to the equator, or name gateways."
        )
    hops = 1 if best == direct else 2
    return float(best / LIGHT_KM_S * 2e3), hops


@cache
def _slots():
    """Return the positions of a geostationary satellite every 2.5°, which are always the same."""
    return positions(pd.DataFrame({"name": "slot", "longitude_deg": np.arange(-180, 180, 2.5)}))


def relay_rtt_ms(distance_km, height_km, mask_deg=MASK_DEG):
    """Return the round trip in ms over ideal satellites at one height, for a great circle in km.

    Ideal: a satellite stands wherever it is wanted above the great circle. Places that see one
    satellite `mask_deg` high use it half-way; others each use one at that elevation, towards
    each other, and light runs between them at the height of the satellites. Real constellations
    have a satellite less well placed, and queues: they are slower. Spherical Earth, vacuum.
    """
    height_km = positive(height_km, "height_km")
    distance_km = positive(distance_km, "distance_km")
    if distance_km > np.pi * EARTH_KM + 1:
        raise InputError(f"distance_km is {distance_km:g}: give at most half round the Earth.")
    mask_deg = number(mask_deg, "mask_deg", 0, below=90)
    radius = EARTH_KM + height_km
    mask = np.radians(mask_deg)
    widest = np.arccos(EARTH_KM / radius * np.cos(mask)) - mask  # angle from place to satellite
    angle = distance_km / EARTH_KM
    aside = min(widest, angle / 2)
    slant = np.sqrt(EARTH_KM**2 + radius**2 - 2 * EARTH_KM * radius * np.cos(aside))
    path_km = 2 * slant + radius * (angle - 2 * aside)
    return float(2e3 * path_km / LIGHT_KM_S)


def free_space_loss_db(range_km, frequency_ghz):
    """Return the free-space loss in dB, 20 log10(4 pi d f / c) (ITU-R P.525). Arrays broadcast."""
    far, often = paired(
        range_km=_above_zero(range_km, "range_km"),
        frequency_ghz=_above_zero(frequency_ghz, "frequency_ghz"),
    )
    turns = far * often * 1e9
    return 20 * np.log10(4 * np.pi * turns / LIGHT_KM_S)


def margin_db(eirp_dbw, range_km, frequency_ghz, g_t_db_k, bit_rate_kbps, ebn0_db, **losses_db):
    """Return the margin of a link in dB: what is left above the Eb/N0 it needs. Arrays broadcast.

    Eb/N0 is the energy of a bit against the noise in 1 Hz: EIRP - free-space loss - other losses
    + G/T - Boltzmann - 10 log10(bit rate). `losses_db` are some of LOSSES; rain, foliage and
    building are allowances to be stated, not models. Below 0 dB the link does not work.
    """
    unknown = sorted(set(losses_db) - set(LOSSES))
    if unknown:
        raise InputError(f"There is no loss {unknown[0]!r}: give some of {', '.join(LOSSES)}.")
    for name, value in losses_db.items():
        try:
            numbers(value, name, 0)
        except InputError:
            raise InputError(f"{name} is {shown(value)}: give a loss as zero or more dB.") from None
    terms = {"eirp_dbw": eirp_dbw, "g_t_db_k": g_t_db_k, "ebn0_db": ebn0_db}
    terms = {name: numbers(value, name) for name, value in terms.items()}
    rate = 10 * np.log10(_above_zero(bit_rate_kbps, "bit_rate_kbps") * 1e3)
    lost = {name: numbers(value, name) for name, value in losses_db.items()}
    way = free_space_loss_db(range_km, frequency_ghz)
    eirp, g_t, ebn0, rate, way, *lost = paired(**terms, bit_rate_kbps=rate, range_km=way, **lost)
    return eirp + g_t - BOLTZMANN_DBW - rate - (way + sum(lost, np.zeros(())) + ebn0)


def link_budget(eirp_dbw, range_km, frequency_ghz, g_t_db_k, bit_rate_kbps, ebn0_db, **losses_db):
    """Return one link as a DataFrame: term, db (signed: gains +, losses -), sum_db so far.

    The last row is the margin and `sum_db` ends there. Terms and errors as in `margin_db`,
    numbers only; losses not given are 0.
    """
    terms = (eirp_dbw, range_km, frequency_ghz, g_t_db_k, bit_rate_kbps, ebn0_db)
    margin = margin_db(*terms, **losses_db)
    if margin.ndim:
        raise InputError("A link budget is of one link: give numbers; arrays go to margin_db.")
    lost = {name: 0.0 - float(losses_db.get(name, 0)) for name in LOSSES}
    rows = {
        "EIRP of the sender": float(eirp_dbw),
        "pointing": lost["pointing_db"],
        "head and hand": lost["body_db"],
        "free space": -float(free_space_loss_db(range_km, frequency_ghz)),
        "air": lost["atmosphere_db"],
        "rain": lost["rain_db"],
        "leaves": lost["foliage_db"],
        "walls": lost["building_db"],
        "G/T of the receiver": float(g_t_db_k),
        "Boltzmann's constant": -BOLTZMANN_DBW,
        "bit rate": -10 * float(np.log10(bit_rate_kbps * 1e3)),
        "Eb/N0 needed": -float(ebn0_db),
    }
    table = pd.DataFrame({"term": list(rows), "db": list(rows.values())})
    table["sum_db"] = table["db"].cumsum()
    table.loc[len(table)] = ["margin", float(margin), float(margin)]
    return table


def in_yuan(amount, unit, year, rates):
    """Return (amount in yuan, year of the rate): `unit` begins with CNY or USD.

    `rates` is a Series of yuan per US dollar by year; where the year is not in it the nearest is.
    InputError: no such unit, no rate, an amount or year that is no number, a year twice.
    """
    amount = number(amount, "amount")
    if str(unit).startswith("CNY"):
        return amount, whole(year, "year")
    if not str(unit).startswith("USD"):
        raise InputError(
            f"The unit {shown(unit)} is no price: give one that begins with CNY or USD."
        )
    unknown = pd.api.types.is_scalar(year) and pd.isna(year)
    if not isinstance(rates, pd.Series) or not len(rates) or unknown:
        raise InputError("There is no rate for this price: give its year and yearly rates.")
    year, known = number(year, "year"), numbers(rates.index, "A year of the rates")
    distinct(rates.index, "rate of the year", "keep one of each year")
    nearest = np.argmin(np.abs(known - year))
    return amount * number(rates.iloc[nearest], "rate", above=0), int(known[nearest])


def minute_prices(prices, rates):
    """Return what a minute of talk costs, from the rows of `satcom_prices`, as a DataFrame.

    Columns: system, item, year, minutes, usd_or_cny, unit, cny_per_min, rate_year, and
    source_ids, confidence. Rates per minute are taken as they stand; bundles are divided by the
    minutes their text names, as if all were used. Left out: handsets, data, messages, plans of
    systems never flown, and what has no year or no minutes.
    """
    said = ["category", "system", "item", "unit", "source_ids", "confidence"]
    prices = table_with(prices, said, "prices", numeric=["year", "value"])
    voice = prices[(prices["category"] == "price") & prices["year"].notna()]
    voice = voice[~voice["system"].str.contains("never flown", na=False)]
    named = voice["item"].str.extract(r"(\d+)(?:-minute| (?:voice )?minutes| units)")[0]
    single = voice["unit"].str.endswith("/min", na=False)
    voice = voice.assign(
        minutes=named.astype(float).mask(single, 1.0), year=voice["year"].astype(int)
    )
    voice = voice[voice["minutes"].notna()]
    paid = [
        in_yuan(*row, rates)
        for row in voice[["value", "unit", "year"]].itertuples(index=False, name=None)
    ]
    table = voice.assign(
        cny_per_min=[yuan for yuan, _ in paid] / voice["minutes"].to_numpy(),
        rate_year=[year for _, year in paid],
    )
    columns = ["system", "item", "year", "value", "unit", "minutes", "cny_per_min", "rate_year"]
    return table[[*columns, "source_ids", "confidence"]].reset_index(drop=True)


def plan_costs(plans, minutes_a_year, rate_of):
    """Return the plans with yuan_per_min for `minutes_a_year` of talk; missing where not known.

    `plans` are rows of the table `satcom_plans`: a fee per year, month or pack, the minutes in it,
    and the price of a minute beyond. A pack is bought again when it is used up, a monthly fee paid
    for twelve months. `rate_of` {year: yuan per dollar of that tariff year}.
    """
    talk = positive(minutes_a_year, "minutes_a_year")
    amounts = ["fee", "minutes", "beyond", "year"]
    plans = table_with(plans, ["per", "currency"], "plans", numeric=amounts)
    if not isinstance(rate_of, dict | pd.Series):
        raise InputError(f"rate_of is {shown(rate_of)}: give {{year: yuan per dollar}}.")
    rate_of = pd.Series(rate_of, dtype=object)
    distinct(rate_of.index, "rate of the year", "keep one of each year")
    pack = plans["per"] == "pack"
    packs = np.ceil(talk / plans["minutes"].where(plans["minutes"] > 0))
    times = np.select([pack, plans["per"] == "month"], [packs, 12], 1)
    over = np.where(pack, 0, np.maximum(talk - plans["minutes"] * times, 0))
    beyond = np.where(over > 0, over * plans["beyond"], 0)
    rate = np.where(plans["currency"] == "CNY", 1.0, plans["year"].map(rate_of))
    return plans.assign(yuan_per_min=(plans["fee"] * times + beyond) / talk * rate)


def _column(satellites, name, low, high):
    given = satellites[name] if name in satellites else np.zeros(len(satellites))
    return numbers(given, name, low, high)[:, None]


def _above_zero(value, name):
    return numbers(value, name, above=0)
