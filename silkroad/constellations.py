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
from silkroad.orbits import MU_KM3_S2, SIDEREAL_DAY_S, gmst_rad, subpoints, with_orbit_class
from silkroad.values import distinct, instant, shown, table_with, utc

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
    slots = _untracked(data.snapshot())
    slots = slots[slots["norad_id"].isin(there["norad_id"])]
    tables = [part for part in (_with_elements(there), slots) if len(part)]
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
    where = {"lat": [], "lon": []}
    if len(tracked):
        below = subpoints(tracked, now).squeeze("time")
        where = {"lat": below["lat"].to_numpy(), "lon": below["lon"].to_numpy()}
    table = satellites.join(
        pd.DataFrame(where, index=tracked["norad_id"].to_numpy(), dtype=float), on="norad_id"
    )
    slot = table["lat"].isna() & table["geo_longitude_deg"].notna()
    table.loc[slot, "lat"], table.loc[slot, "lon"] = 0.0, table.loc[slot, "geo_longitude_deg"]
    return table


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
        node = _first_node(design, planes) + 360 / planes * plane
        along = 360 / total * (planes * slot + shift * plane)
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
        for number in range(count):
            names.append(f"{longitude:g}E" + (f" {number + 1}" if count > 1 else ""))
            node.append(first + 360 / planes * number)
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
        lon = subpoints(table[held], times)["lon"].values
        drift = (lon[:, 1] - lon[:, 0] + 180) % 360 - 180
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
