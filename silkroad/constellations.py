"""Navigation constellations as elements: as designed, as flying, and BeiDou as it grew.

Every function returns rows that `orbits` takes like rows of the table `elements`, with the columns
system and orbit_class added; `attrs["note"]` says in a sentence what the rows are.
"""

import re
from functools import cache

import numpy as np
import pandas as pd

from helpers import data
from helpers.inputs import InputError, one_of
from silkroad.orbits import (
    EQUATOR_KM,
    MU_KM3_S2,
    SIDEREAL_DAY_S,
    below,
    gmst_rad,
    with_orbit_class,
)
from silkroad.values import distinct, instant, number, numbers, shown, table_with, utc, whole

_GROUPS = {
    "GPS": "gps",
    "GLONASS": "glonass",
    "Galileo": "galileo",
    "QZSS": "qzss",
    "NavIC": "navic",
}
_BEIDOU = {
    "BDS-1": ["BDS-1"],
    "BDS-2": ["BDS-2"],
    "BDS-3": ["BDS-3"],
    "BDS": ["BDS-1", "BDS-2", "BDS-3"],
}
SYSTEMS = (*_BEIDOU, *_GROUPS)

# Arguments of latitude of the 24 slots, A1 to F4, of the GPS baseline at 1993-07-01 00:00 UTC,
# when the node of plane A stood at 272.847 degrees and Greenwich at 18 h 36 min 14.4 s; the other
# planes follow at 60 degrees (GPS SPS Performance Standard, 2001: table 3-1, 2008: table 3.2-1).
_GPS_SLOTS_DEG = [
    [268.126, 161.786, 11.676, 41.806],
    [80.956, 173.336, 309.976, 204.376],
    [111.876, 11.796, 339.666, 241.556],
    [135.226, 265.446, 35.156, 167.356],
    [197.046, 302.596, 66.066, 333.686],
    [238.886, 345.226, 105.206, 135.346],
]
_GPS_NODE_FROM_GREENWICH_DEG = 272.847 - 15 * (18 + 36 / 60 + 14.4 / 3600)

# The four BDS-2 MEO hold phases 7 and 8 of plane A and 3 and 4 of plane B of the 24/3/1 pattern
# (BDS Open Service Performance Standard 1.0, 2013).
_BDS2_MEO_SLOTS = ["A7", "A8", "B3", "B4"]

MOST_PLANES = 30  # of a pattern that `fewest` tries


def nominal(system, orbit_classes=None, date=None):
    """Return the satellites of `system` as its design places them, at the epoch `date`.

    `system` is one of SYSTEMS, `orbit_classes` some of "MEO", "IGSO", "GEO" (all if not given),
    `date` a time in UTC (the snapshot if not given). "BDS" is BDS-2 with BDS-3: BDS-1 measured
    by another principle. Counts, axes, inclinations and longitudes are those of the table
    `constellations`; norad_id is 0.

    Where the standards leave the phase open it is fixed here, and DOP of few satellites depends
    on it: Walker patterns t/p/f have their nodes where the planes flew at the snapshot, satellite
    1 of plane A at its node, each next plane ahead by f × 360/t degrees. The GPS slots stand over
    the Earth as at their own epoch in 1993. Inclined geosynchronous satellites that share a
    crossing longitude follow each other on one ground track by equal times, planes evenly spaced
    from the flying ones; those of QZSS have their apogee in the north. GEO stand at their slots.

    SGP4 then moves them, without air drag. The mean motion of geosynchronous satellites is tuned
    to it so that the ground track closes; other orbits take it from their axis.
    """
    one_of(system, SYSTEMS, "system")
    designs = data.load("constellations")
    designs = designs[designs["system"].isin(["BDS-2", "BDS-3"] if system == "BDS" else [system])]
    for orbit_class in _listed(orbit_classes):
        one_of(orbit_class, sorted(designs["orbit_class"].unique()), f"orbit class of {system}")
    if orbit_classes is not None:
        designs = designs[designs["orbit_class"].isin(_listed(orbit_classes))]
    epoch = _instant(date)
    tables = [_design(design, epoch) for _, design in designs.iterrows()]
    if not tables:
        raise InputError(f"No orbit class of {system} is selected: choose at least one.")
    return _closed(_noted(tables, f"{system} as designed, phases as the course fixes them"))


def flying(system):
    """Return the satellites of `system` in service at the snapshot, from the table `elements`.

    BeiDou: those whose status in `beidou_satellites` is operational, with the columns generation
    and launch_date. For BDS-3 that leaves out M25 to M28, whose service no source confirms. Of
    BDS-2 two remain: 13 lost their PRN in April 2026, no source says what that means for
    service, and a satellite without a PRN is one no receiver can use, so they are not counted;
    for the BDS-2 that was, take `nominal("BDS-2")`. BDS-1 has ended. Others: all tracked
    satellites with a PRN (GLONASS: in one of the 24 slots); their health is not in the data.
    """
    one_of(system, SYSTEMS, "system")
    if system in _BEIDOU:
        fleet = data.load("beidou_satellites")
        in_service = fleet["generation"].isin(_BEIDOU[system]) & (fleet["status"] == "operational")
        table = _with_elements(fleet[in_service])
    else:
        table = data.load("elements")
        table = table[(table["group"] == _GROUPS[system]) & table["prn"].notna()]
        if system == "GLONASS":
            table = table[table["prn"] <= "R24"]
        table = table.assign(system=system, orbit_class=with_orbit_class(table)["orbit_class"])
    if not len(table):
        raise InputError(f"No satellite of {system} is in service: take nominal({system!r}).")
    return _noted([table], f"{system} in service at the snapshot")


def beidou_on(date):
    """Return the BeiDou satellites that were in orbit and not known retired on `date`.

    A model of growth, not of history: a satellite still tracked stands in with its orbit of
    today, also where it has been moved since; one no longer tracked takes its slot, or, in MEO,
    the next of the slots of the BDS-2 design. All epochs are near the snapshot: compute positions
    there, whatever `date` is. A satellite counts from the day of its launch, some weeks before it
    served. Service ends on the table's `end_date`, where one is known. BDS-1D and BDS-2 G2 are
    missing, as no slot of theirs is known. Columns added: system, generation, orbit_class, orbit,
    launch_date. InputError: before the first launch.
    """
    day = _instant(date)
    fleet = data.load("beidou_satellites")
    gone = fleet["end_date"] <= day
    there = fleet[(fleet["launch_date"] <= day) & ~gone]
    if not len(there):
        first = fleet["launch_date"].min()
        raise InputError(
            f"No BeiDou satellite was in orbit on {day:%Y-%m-%d}: choose {first:%Y-%m-%d} or later."
        )
    now = data.snapshot()
    every = (_tracked(now), _untracked(now))
    tables = [part[part["norad_id"].isin(there["norad_id"])] for part in every]
    tables = [part for part in tables if len(part)]
    note = f"BeiDou satellites launched by {day:%Y-%m-%d}, in the orbits of today or their slots"
    return _noted(tables, note).sort_values("launch_date", ignore_index=True)


def placed(satellites, now):
    """Return rows of the table `satellites` with lat and lon, in degrees, at the time `now`.

    Tracked ones stand below their computed position, others at their longitude on the equator.
    What has neither has no lat and lon. InputError: a satellite comes twice, several times.
    """
    satellites = table_with(
        satellites, (), "satellites", numeric=["norad_id", "geo_longitude_deg"], empty=True
    )
    known = satellites["norad_id"].dropna()
    distinct(known[known > 0], "satellite with the number", "give each once")
    elements, now = data.load("elements").drop_duplicates("norad_id"), instant(now, "now")
    tracked = elements[elements["norad_id"].isin(known)]
    where = pd.DataFrame({"lat": [], "lon": []}, dtype=float)
    if len(tracked):
        where = below(tracked, now).set_index("norad_id")[["lat", "lon"]]
    table = satellites.join(where, on="norad_id")
    slot = table["lat"].isna() & table["geo_longitude_deg"].notna()
    table.loc[slot, "lat"], table.loc[slot, "lon"] = 0.0, table.loc[slot, "geo_longitude_deg"]
    return table


def walker(satellites, planes, shift, inclination_deg, height_km):
    """Return the circular orbits of a Walker pattern as a DataFrame, a row for each satellite.

    The pattern t/p/f: `satellites` in evenly spaced `planes`, evenly spaced in each; each next
    plane is ahead by `shift` × 360/`satellites` degrees. Columns: raan_deg, along_deg (the
    argument of latitude at the start), inclination_deg, height_km, above the equator.
    InputError: planes that do not hold equally many, a value out of reach.
    """
    satellites, planes = whole(satellites, "satellites", 1, 50000), whole(planes, "planes", 1, 1e4)
    if satellites % planes:
        raise InputError(
            f"{satellites} satellites do not fill {planes} planes evenly: give a multiple of it."
        )
    node, along = _pattern(satellites, planes, whole(shift, "shift", 0, planes - 1))
    tilt, height = _shell(inclination_deg, height_km)
    orbits = pd.DataFrame({"raan_deg": node % 360, "along_deg": along % 360})
    return orbits.assign(inclination_deg=tilt, height_km=height)


def one_plane_each(groups):
    """Return orbits of groups of satellites, each one plane: where is assumed, how many is not.

    `groups` is a DataFrame with satellites, height_km, inclination_deg, a row for each launch.
    The planes of one height and inclination are spread evenly, and the satellites of each, a
    third of their distance ahead of the plane before. Columns as of `walker`.
    """
    columns = ["satellites", "height_km", "inclination_deg"]
    groups = table_with(groups, columns, "groups", numeric=columns)
    if not groups["satellites"].between(1, 50000).all():
        raise InputError("A group has no number of satellites, or an absurd one: give 1 to 50,000.")
    parts = []
    for (height, tilt), rows in groups.groupby(columns[1:], sort=False):
        for plane, each in enumerate(rows["satellites"].astype(int)):
            along = (np.arange(each) + plane / 3) * 360 / each
            node = 360 * plane / len(rows)
            parts.append(pd.DataFrame({"raan_deg": node, "along_deg": along % 360}))
            parts[-1] = parts[-1].assign(inclination_deg=tilt, height_km=height)
    return pd.concat(parts, ignore_index=True)


def mean_in_view(shells, lat_deg, mask_deg=25):
    """Return how many satellites stand above `mask_deg` at latitudes, on the mean over a long time.

    `shells` is a DataFrame with satellites, height_km, inclination_deg; `lat_deg` degrees, of any
    shape. It does not depend on how satellites are spread over planes: each spends equal times at
    equal steps along its orbit, over all longitudes alike. Circular orbits, spherical Earth, no
    refraction. Below 1 there are gaps for certain; above 1 there may be.
    """
    columns = ["satellites", "height_km", "inclination_deg"]
    shells = table_with(shells, columns, "shells", numeric=columns, empty=True)
    lat = np.radians(numbers(lat_deg, "lat_deg", -90, 90))
    along = np.radians(np.arange(0.05, 360, 0.1))
    mean = np.zeros(lat.shape)
    for satellites, height_km, tilt in shells[columns].itertuples(index=False, name=None):
        north = np.arcsin(np.sin(np.radians(tilt)) * np.sin(along))
        half = _half_arc(lat[..., None], north, _reach(height_km, mask_deg))
        mean += satellites * half.mean(axis=-1) / np.pi
    return mean


def covered(orbits, lat_deg, mask_deg=25, hours=24, instants=240):
    """Return the share of the time, 0 to 1, that one of `orbits` stands above `mask_deg`.

    `orbits` as `walker` returns them, several patterns one below the other if wanted. The mean
    over all longitudes of one latitude, at evenly spaced instants of `hours`: at each, the arcs
    of longitude that satellites serve are laid together. The Earth turns below without changing
    that mean. Circular orbits, spherical Earth; nodes keep their distances.
    """
    columns = ["raan_deg", "along_deg", "inclination_deg", "height_km"]
    orbits = table_with(orbits, columns, "orbits", numeric=columns)
    lat, mask_deg = number(lat_deg, "lat_deg", -90, 90), number(mask_deg, "mask_deg", 0, below=90)
    seconds = np.linspace(0, number(hours, "hours", above=0) * 3600, instants, endpoint=False)
    speed = np.sqrt(MU_KM3_S2 / (EQUATOR_KM + orbits["height_km"].to_numpy()) ** 3)
    along = np.radians(orbits["along_deg"].to_numpy()) + speed * seconds[:, None]
    node, tilt = (np.radians(orbits[name].to_numpy()) for name in columns[::2])
    reach = _reach(orbits["height_km"].to_numpy(), mask_deg)
    return float(1 - _gaps(np.radians(lat), node, along, tilt, reach).mean())


@cache
def fewest(inclination_deg, height_km, lat_deg, mask_deg=25):
    """Return (satellites, planes, shift) of the smallest Walker pattern without a gap.

    One satellite at least stands above `mask_deg` at all times and longitudes of `lat_deg`. For
    each number of planes, up to MOST_PLANES, satellites are added until one of the shifts leaves
    no gap; the smallest total is the answer. No proof that no other kind of pattern does with
    fewer. InputError: satellites of this inclination never stand so high there, or three times
    as many as a mean of one in view takes are not enough.
    """
    tilt, height = _shell(inclination_deg, height_km)
    lat, reach = np.radians(number(lat_deg, "lat_deg", -90, 90)), _reach(height, mask_deg)
    one = {"satellites": 1, "height_km": height, "inclination_deg": tilt}
    share = mean_in_view(pd.DataFrame([one]), lat_deg, mask_deg)
    if share == 0:
        raise InputError(
            f"No satellite of {tilt:g}° stands {mask_deg:g}° high at latitude {lat_deg:g}°: "
            "take a larger inclination or a lower mask."
        )
    least = int(np.ceil(1 / share))
    best = 3 * least + 1, 0, 0
    for planes in range(MOST_PLANES, 0, -1):
        for each in range(-(-least // planes), -(-best[0] // planes)):
            shift = _shift_without_gap(planes, each, lat, np.radians(tilt), reach)
            if shift is not None:
                best = planes * each, planes, shift
                break
    if not best[1]:
        raise InputError(
            f"No pattern of up to {3 * least} satellites in up to {MOST_PLANES} planes leaves no "
            f"gap at latitude {lat_deg:g}°: take a lower mask_deg or a greater height_km."
        )
    return best


def _shift_without_gap(planes, each, lat, tilt, reach):
    """Return a shift with which so many planes of so many satellites leave no gap, or None.

    After the way from one satellite to the next in its plane, a pattern is as it was: so instants
    between are enough. Most shifts fail at the first, so these are few before they are many; many
    are asked of one shift after the other, which takes a tenth of the memory.
    """
    node, along = _pattern(planes * each, planes, np.arange(planes)[:, None])
    node, along = np.radians(node), np.radians(along)

    def fits(shifts, instants):
        steps = np.radians(np.arange(instants)[:, None] / instants * 360 / each)
        gaps = _gaps(lat, node, along[shifts, None] + steps, tilt, reach)
        return shifts[(gaps == 0).all(axis=1)]  # of shift, instant, satellite

    left = np.arange(planes)
    for instants in (1, 4, 24):
        left = fits(left, instants)
    return next((int(shift) for shift in left if len(fits(np.array([shift]), 600))), None)


def _pattern(satellites, planes, shift):
    """Return nodes and arguments of latitude in degrees of a Walker pattern; `shift` broadcasts."""
    plane, slot = np.divmod(np.arange(satellites), satellites // planes)
    return 360 / planes * plane, 360 / satellites * (planes * slot + shift * plane)


def _shell(inclination_deg, height_km):
    tilt = number(inclination_deg, "inclination_deg", 0, 180)
    return tilt, number(height_km, "height_km", 100, 1e6)


def _reach(height_km, mask_deg):
    """Return the angle at the Earth's centre, in radians, to where a satellite stands so high."""
    mask = np.radians(number(mask_deg, "mask_deg", 0, below=90))
    return np.arccos(EQUATOR_KM / (EQUATOR_KM + height_km) * np.cos(mask)) - mask


def _half_arc(lat, north, reach):
    """Return half the arc of longitude at `lat` from which a satellite over `north` is served."""
    level = np.cos(lat) * np.cos(north)
    turn = (np.cos(reach) - np.sin(lat) * np.sin(north)) / np.maximum(level, 1e-12)
    return np.arccos(np.clip(turn, -1, 1))


def _gaps(lat, node, along, tilt, reach):
    """Return the share of a circle of latitude that no satellite serves, for each row of `along`.

    All in radians. The arcs are sorted by their western ends; what lies between one and the
    farthest end of those before is a gap.
    """
    north = np.arcsin(np.sin(tilt) * np.sin(along))
    half = _half_arc(lat, north, reach)
    east = node + np.arctan2(np.cos(tilt) * np.sin(along), np.cos(along))
    west = (east - half) % (2 * np.pi)
    order = np.argsort(west, axis=-1)
    west = np.take_along_axis(west, order, -1)
    end = np.maximum.accumulate(west + 2 * np.take_along_axis(half, order, -1), axis=-1)
    over = np.maximum(end[..., -1:] - 2 * np.pi, 0)  # what goes on at longitude 0
    before = np.maximum(np.concatenate([over, end[..., :-1]], axis=-1), over)
    gaps = np.maximum(west - before, 0).sum(-1) + np.maximum(2 * np.pi - end[..., -1], 0)
    return np.where(gaps < 1e-9, 0, gaps) / (2 * np.pi)


def _listed(value):
    if value is None or isinstance(value, str):
        return [value] if value else []
    if not np.iterable(value):
        raise InputError(f"orbit_classes is {shown(value)}: give a list, as ['MEO'].")
    return list(value)


def _instant(date):
    stamp = utc(data.snapshot() if date is None else date)
    if stamp.ndim:
        raise InputError("The date must be one time: give a single one.")
    return pd.Timestamp(stamp.item(), tz="UTC")


def _noted(tables, note):
    table = pd.concat(tables, ignore_index=True)
    table.attrs = {"note": f"{note}."}
    return table


def _design(design, epoch):
    """Return the satellites of one row of the table `constellations`."""
    system, orbit_class = design["system"], design["orbit_class"]
    axis_km = design["semi_major_axis_km"]
    eccentricity = np.nan_to_num(design["eccentricity_nominal"])
    if orbit_class in ("GEO", "IGSO"):
        names, node, along = _over_longitudes(design, epoch)
    elif system == "GPS":
        greenwich = np.degrees(gmst_rad(utc(epoch)))
        names = [f"{plane}{slot}" for plane in "ABCDEF" for slot in (1, 2, 3, 4)]
        node = np.repeat(greenwich + _GPS_NODE_FROM_GREENWICH_DEG + 60 * np.arange(6), 4)
        along = np.ravel(_GPS_SLOTS_DEG)
    else:
        pattern = design["walker_notation"]
        total, planes, shift = map(int, (pattern if pattern == pattern else "24/3/1").split("/"))
        plane, slot = np.divmod(np.arange(total), total // planes)
        names = [f"{'ABCDEF'[p]}{s + 1}" for p, s in zip(plane, slot, strict=True)]
        node, along = _pattern(total, planes, shift)
        node += _first_node(design, planes)
        if system == "BDS-2":
            held = [names.index(name) for name in _BDS2_MEO_SLOTS]
            names, node, along = _BDS2_MEO_SLOTS, node[held], along[held]
    # At 270 degrees the perigee lies in the south: eccentric orbits dwell in the north.
    perigee = 270.0 if eccentricity else 0.0
    return pd.DataFrame(
        {
            "name": [f"{system} {orbit_class} {name}" for name in names],
            "norad_id": 0,
            "system": system,
            "orbit_class": orbit_class,
            "epoch": epoch,
            "inclination_deg": design["inclination_deg"],
            "raan_deg": node % 360,
            "eccentricity": eccentricity,
            "arg_perigee_deg": perigee,
            "mean_anomaly_deg": (along - perigee) % 360,
            "mean_motion_rev_per_day": np.sqrt(MU_KM3_S2 / axis_km**3) * 86400 / (2 * np.pi),
            "bstar": 0.0,
            "mean_motion_dot": 0.0,
            "mean_motion_ddot": 0.0,
            "source_ids": design["source_ids"],
            "confidence": design["confidence"],
        }
    )


def _over_longitudes(design, epoch):
    """Return names, nodes and arguments of latitude that hold satellites at longitudes.

    Longitude of the node at its crossing, or of the track's axis: node + argument of latitude
    less the sidereal angle, all in mean motion.
    """
    text = design["slots_or_longitudes"]
    found = re.findall(
        r"(?:(\d) (?:satellites crossing the equator )?at )?([\d.]+)E(?: \((\d)\))?", text
    )
    counts = [int(before or after or 1) for before, _, after in found]
    longitudes = [float(longitude) for _, longitude, _ in found]
    if len(found) == 1:
        counts = [design["satellites_nominal"]]
    names, node, over = [], [], []
    planes = design["planes"] if pd.notna(design["planes"]) else max(counts)
    first = _first_node(design, planes) if design["orbit_class"] == "IGSO" else 0.0
    for longitude, count in zip(longitudes, counts, strict=True):
        for which in range(count):
            names.append(f"{longitude:g}E" + (f" {which + 1}" if count > 1 else ""))
            node.append(first + 360 / planes * which)
            over.append(longitude)
    node = np.array(node)
    return names, node, np.array(over) + np.degrees(gmst_rad(utc(epoch))) - node


def _first_node(design, planes):
    """Return the node of plane A in degrees: the mean of the flying ones, planes laid together."""
    fleet = with_orbit_class(data.load("elements"))
    group = _GROUPS.get(design["system"], "beidou")
    alike = (fleet["group"] == group) & (fleet["orbit_class"] == design["orbit_class"])
    if group == "beidou":
        known = data.load("beidou_satellites")
        known = known[(known["generation"] == design["system"])]
        alike &= fleet["norad_id"].isin(known["norad_id"])
    turns = np.exp(1j * planes * np.radians(fleet.loc[alike, "raan_deg"].to_numpy()))
    return np.degrees(np.angle(turns.mean())) / planes % (360 / planes)


def _closed(table):
    """Tune geosynchronous mean motions until a satellite is where it was a sidereal day before."""
    held = table["orbit_class"].isin(["GEO", "IGSO"])
    if not held.any():
        return table
    times = utc(table["epoch"].iloc[0]) + np.array([0, SIDEREAL_DAY_S * 1e9]).astype(
        "timedelta64[ns]"
    )
    for _ in range(2):
        first, after = (below(table[held], time)["lon"].to_numpy() for time in times)
        drift = (after - first + 180) % 360 - 180
        table.loc[held, "mean_motion_rev_per_day"] -= drift / 360
    return table


def _with_elements(fleet):
    """Return the tracked satellites of `fleet` as elements, citing both tables."""
    added = fleet[["norad_id", "generation", "orbit", "launch_date", "source_ids", "confidence"]]
    table = data.load("elements").merge(added, on="norad_id", suffixes=("", "_fleet"))
    table["source_ids"] = _cited(table["source_ids"], table["source_ids_fleet"])
    table["confidence"] = table["confidence_fleet"]
    table = table.drop(columns=["source_ids_fleet", "confidence_fleet"])
    return table.assign(system=table["generation"], orbit_class=table["orbit"])


@cache
def _tracked(now):
    """Return the BeiDou satellites that have elements at the snapshot `now`."""
    return _with_elements(data.load("beidou_satellites"))


@cache
def _untracked(now):
    """Return the BeiDou satellites without elements at their slots at `now`, if those are known."""
    fleet = data.load("beidou_satellites")
    lost = fleet[~fleet["in_gp_snapshot"]]
    geo = lost[(lost["orbit"] == "GEO") & lost["nominal_slot_deg"].notna()]
    meo = lost[lost["orbit"] == "MEO"]
    designs = data.load("constellations").set_index(["system", "orbit_class"], drop=False)
    longitudes = "; ".join(f"{slot}E" for slot in geo["nominal_slot_deg"])
    over = designs.loc[("BDS-1", "GEO")].copy()
    over["slots_or_longitudes"] = longitudes
    slots = _design(designs.loc[("BDS-2", "MEO")], now).iloc[: len(meo)]
    table = _closed(pd.concat([_design(over, now), slots], ignore_index=True))
    known = pd.concat([geo, meo], ignore_index=True)
    table["source_ids"] = _cited(known["source_ids"], table["source_ids"])
    kept = ["name", "norad_id", "cospar_id", "generation", "orbit", "launch_date", "confidence"]
    table[kept] = known[kept]
    return table.assign(system=table["generation"], orbit_class=table["orbit"])


def _cited(first, second):
    both = zip(first, second, strict=True)
    return [";".join(dict.fromkeys(f"{a};{b}".split(";"))) for a, b in both]
