"""Checks of the claims of lesson 05.

The exercises of lesson 05, positioning.
"""

import numpy as np
import pandas as pd

from course.scenes import fixes
from helpers import data
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from helpers.inputs import InputError
from silkroad import constellations, orbits, positioning, visibility


@computes("C093")
def an_end_of_reliance():
    """Two halves: can BeiDou stand alone, and does it in use?

    It can, if fixes with BeiDou-3 alone meet 9 m and 10 m at 95 % in every partner capital, over
    a day, in the open, with the error budget of lesson 05. It does, if terminals made for BeiDou
    are half or more of the devices that can use it (table gnss_market, latest year with both);
    that is a most generous count, as such a terminal may use other systems too. Both halves:
    confirmed. It can but does not: disputed. It cannot: inaccurate.
    """
    times = pd.date_range(data.snapshot().floor("D"), periods=288, freq="5min")
    alone = {"BDS-3": orbits.positions(constellations.flying("BDS-3"), times)}
    sizes = fixes.accuracies(fixes.partner_capitals(), alone)
    met = int((sizes <= list(fixes.limits_m().values())).all(axis=1).sum())
    can = met == len(sizes)

    market = data.load("gnss_market").pivot_table(values="value", index="year", columns="metric")
    counted = market[["china_beidou_terminals_in_use", "china_bds_compatible_devices"]].dropna()
    terminals, devices = counted.iloc[-1]
    does = terminals / devices >= 0.5

    verdict = ("confirmed" if does else "disputed") if can else "inaccurate"
    evidence = (
        f"BeiDou-3 alone meets its standard in {met} of {len(sizes)} partner capitals (a model), "
        f"but of the devices in China that could use it in {counted.index[-1]} only "
        f"{100 * terminals / devices:.0f} % were terminals made for it."
    )
    if can == does:
        evidence = evidence.replace(", but of", ", and of").replace("only ", "")
    return (
        verdict,
        evidence,
        {
            "capitals": len(sizes),
            "capitals where 9 m and 10 m are met": met,
            "worst horizontal error at 95 %, m": float(sizes["horizontal"].max()),
            "worst vertical error at 95 %, m": float(sizes["vertical"].max()),
            "terminals made for BeiDou, billion": float(terminals),
            "devices that can use BeiDou, billion": float(devices),
        },
    )


def _in_view(systems):
    """Return (positions km, systems) in view of Islamabad, one of each system in turn."""
    islamabad = data.load("capitals").set_index("iso3").loc["PAK"]
    rows = []
    for number, system in enumerate(systems):
        path = orbits.positions(constellations.flying(system), [data.snapshot()])
        look = visibility.look_angles(path, islamabad.lat, islamabad.lon).isel(time=0)
        seen = np.flatnonzero(look["elevation_deg"] > 5)
        rows += [(turn, number, system, path.values[i, 0]) for turn, i in enumerate(seen)]
    rows.sort(key=lambda row: row[:2])
    here = orbits.earth_fixed(islamabad.lat, islamabad.lon)
    satellites = np.array([row[3] for row in rows])
    return satellites, [row[2] for row in rows], np.linalg.norm(satellites - here, axis=1) * 1000


@exercise(
    "05-1",
    Number(unit="satellites"),
    wrong=[
        (4, "4 is right with one clock. Here each of the three systems has its own."),
        (5, "Count the unknowns: three for the place, and one for each of the three systems."),
        (12, "Not four of each system: all of them share the three unknowns of the place."),
    ],
    hint="As many satellites as unknowns: the place, and one clock for each system.",
)
def satellites_for_three_systems():
    """How many satellites at least give a fix with three systems, each with its own clock?"""
    satellites, systems, ranges = _in_view(["BDS-3", "GPS", "Galileo"])
    for count in range(1, len(systems)):
        try:
            positioning.solve(satellites[:count], ranges[:count], systems[:count])
        except InputError:
            continue
        return count
    raise InputError("No number of satellites gave a fix: check the elements.")


@exercise(
    "05-2",
    Text(options=("along the street", "across the street", "the same in both")),
    wrong=[
        ("along the street", "Along the street the sky is open. Look at the two streets again."),
        ("the same in both", "That is the open sky. Between houses, turn the street and compare."),
    ],
    hint="Choose all four systems, then each street, and compare the cloud's two widths.",
)
def longer_side_of_the_cloud():
    """In which direction is the cloud of fixes wider between houses, with four systems?"""
    times = pd.date_range(data.snapshot().floor("D"), periods=1000, freq="86400ms")
    paths = {
        system: orbits.positions(constellations.flying(system), times)
        for system in ("BDS-3", "GPS", "GLONASS", "Galileo")
    }
    islamabad = data.load("capitals").set_index("iso3").loc["PAK"]
    wide = {}
    for sky in ("street, north-south", "street, east-west"):
        errors = positioning.simulate(paths, islamabad.lat, islamabad.lon, None, fixes.hidden(sky))
        wide[sky] = np.nanstd(errors[:, :2], axis=0)
    (across, along), (along_too, across_too) = wide.values()
    return "across the street" if across + across_too > along + along_too else "along the street"


@exercise(
    "05-3",
    Number(unit="satellites"),
    wrong=[
        (4, "With 4 the equations fit exactly, whatever the ranges are: nothing is left over."),
        (5, "With 5 the test sees that something is wrong. Can it say which satellite?"),
    ],
    hint="Move the number of satellites in the last view but one, with a large bias.",
)
def satellites_to_name_the_bad_one():
    """How many satellites of one system does the residual test need to name the bad one?"""
    satellites, systems, ranges = _in_view(["BDS-3"])
    ranges[1] += 5000
    for count in range(4, len(systems)):
        fix = positioning.solve(satellites[:count], ranges[:count], sigma_m=2)
        if positioning.faulty(fix).suspect == 1:
            return count
    raise InputError("The bad satellite was never named: check the elements.")


def _mean_fix():
    table = fixes.corrected(data.load("observations"))
    return fixes.real_fixes(table[table["system"].isin(["GPS", "Galileo"])]).mean(axis=0)


@exercise(
    "05-4",
    Number(unit="m", tolerance=0.03),
    wrong=[
        (
            lambda: float(np.hypot(*_mean_fix()[:2])),
            "That is the plane alone. The height counts too.",
        ),
        (
            lambda: float(np.abs(_mean_fix()).sum()),
            "You added the three sizes. A distance is the root of the sum of their squares.",
        ),
        (
            lambda: float(_mean_fix()[2]),
            "That is the height alone. East and north count too.",
        ),
    ],
    hint='Take errors = real["GPS + Galileo"], then errors.mean(axis=0), then the length of it.',
)
def mean_of_the_real_fixes():
    """How far is the mean of the fixes with GPS and Galileo from the known place, in space?"""
    return float(np.linalg.norm(_mean_fix()))
