"""What lesson 05, positioning, has of its own: words of its views, computed claims, exercises."""

from functools import partial

import numpy as np
import pandas as pd

from helpers import data
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from helpers.inputs import InputError
from silkroad import constellations, measured, orbits, positioning, visibility

# What hides satellites: an elevation in degrees, or a function of azimuths. Roofs at 45 degrees
# are those of a street as wide as its houses are high twice over, seen from its middle.
SKIES = {
    "open sky": 5.0,
    "street, north-south": partial(positioning.street_mask, street_azimuth_deg=0, roofs_deg=45),
    "street, east-west": partial(positioning.street_mask, street_azimuth_deg=90, roofs_deg=45),
}

# The measured day: which systems, and what is left out of their ranges.
SYSTEMS = {
    **{"BeiDou alone": ("BDS",), "GPS alone": ("GPS",), "Galileo alone": ("GAL",)},
    "all three": ("BDS", "GPS", "GAL"),
}
CORRECTIONS = {
    **{"nothing": "", "clock of the satellite": "clock", "relativity of its clock": "relativity"},
    **{"group delay": "group_delay", "turning of the Earth": "earth_turn"},
    **{"ionosphere": "ionosphere", "troposphere": "troposphere"},
    "the model: two frequencies instead": "free",
}
HEIGHTS = {"height within 10 m": ("blue", "circle"), "height off by more": ("orange", "cross")}


def limits_m(system="BDS-3"):
    """Return what a system's published standard promises at 95 %, in m: horizontal, vertical."""
    table = data.load("constellations")
    row = table[(table["system"] == system) & (table["orbit_class"] == "MEO")].iloc[0]
    return {kind: float(row[f"{kind}_accuracy_m_95"]) for kind in ("horizontal", "vertical")}


def partner_capitals():
    """Return the capitals of the signatories of the Belt and Road counted as members."""
    members = data.load("bri_countries").query("status == 'member'")["iso3"]
    capitals = data.load("capitals")
    return capitals[capitals["iso3"].isin(members)].sort_values("country", ignore_index=True)


# --- the views: their words, and rows in words


def step_words(step, fix, place_km):
    """Return how far the guess after `step` steps is from the true place (3,), as a sentence.

    Steps beyond the last stand still.
    """
    guess_km = fix.iterates_km[: step + 1][-1]
    missing_m = np.linalg.norm(guess_km - place_km) * 1000
    words = f"After {step} step{'s' * (step != 1)} the guess is" if step else "The first guess is"
    through = ", straight through the Earth" if missing_m >= 1000 else ""
    headline = f"{words} {distance_words(missing_m)} from the true place{through}."
    height_km = float(orbits.geodetic(guess_km)[2])
    if abs(height_km) >= 1:
        side = "above" if height_km > 0 else "below"
        headline += f" It lies {abs(height_km):,.0f} km {side} the ground."
    return headline


def distance_words(metres):
    """Return a length in words, from thousands of kilometres to less than a millimetre."""
    if metres >= 1000:
        return f"{metres / 1000:,.0f} km"
    if metres >= 1:
        return f"{metres:.0f} m"
    return f"{metres * 1000:.0f} mm" if metres >= 0.001 else "less than a millimetre"


def cloud_words(errors):
    """Return the 95 % figures of fixes east, north, up in m (n, 3), held against 9 and 10 m."""
    parts = []
    for kind, limit in limits_m().items():
        size = positioning.SIZES_95[kind](errors)
        if np.isinf(size):
            parts.append(f"{kind} not reached, too many moments without a fix")
        else:
            met = "met" if size <= limit else "missed"
            parts.append(f"{kind} {size:.1f} m (limit {limit:g} m: {met})")
    lost = int(np.isnan(errors[:, 0]).sum())
    gone = f" No fix at {lost} of {len(errors):,} moments." if lost else ""
    return f"95 % of the fixes: {'; '.join(parts)}.{gone}"


def cloud_table(errors):
    """Return within how many metres 95 % of the fixes (n, 3) lie: plane, height, east, north."""
    fixed = errors[~np.isnan(errors[:, 0])]
    sizes = {kind: size(errors) for kind, size in positioning.SIZES_95.items()}
    if len(fixed):
        east, north = np.quantile(np.abs(fixed[:, :2]), 0.95, axis=0)
        sizes |= {"east": east, "north": north}
    table = pd.DataFrame({"error": list(sizes), "95 % are within, m": list(sizes.values())})
    table = table.round(2).replace(np.inf, "not reached")
    return table.assign(fixes=len(fixed), without_fix=len(errors) - len(fixed))


def axis_end(errors, least=12):
    """Return a round number that nearly all errors keep, so that axes seldom change with a move."""
    sizes = np.abs(np.asarray(errors, float))
    wanted = max(float(np.quantile(sizes, 0.995)) if sizes.size else 0, least)
    return next((end for end in (3, 6, 12, 20, 40, 80, 160) if end >= wanted), 320)


def day_points(errors):
    """Return the fixes of the day so far as rows for a map; errors (n, 3) from midnight on."""
    minutes = 5 * np.arange(len(errors))
    table = pd.DataFrame(errors.round(2), columns=["east_m", "north_m", "up_m"])
    table["name"] = [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes]
    table = table[~np.isnan(errors[:, 0])]
    lat, lon = measured.day_places(errors[table.index])
    high = table["up_m"].abs() > limits_m()["vertical"]
    return table.assign(lat=lat, lon=lon, height=np.choose(high, list(HEIGHTS)))


def day_words(errors, plain):
    """Return the 95 % figures of the day's fixes, and how much worse they are than `plain`.

    errors and plain (n, 3): the fixes shown, and the same with all corrections.
    """
    sizes = [[size(each) for each in (plain, errors)] for size in positioning.SIZES_95.values()]
    more = [after - before for before, after in sizes]
    if errors is plain or not np.isfinite(more).all():
        return cloud_words(errors)
    return (
        f"{cloud_words(errors)} With all corrections: {sizes[0][0]:.1f} m and {sizes[1][0]:.1f} m, "
        f"so {more[0]:+.1f} m in the plane and {more[1]:+.1f} m in height."
    )


def range_errors():
    """Return what the range error was, by system, and DOP × error against what came: a table."""
    rows = {}
    for name, systems in SYSTEMS.items():
        found = measured.range_error(systems)
        row = {f"{part}, m": found[part] for part in ("error", "assumed", "shared")}
        for kind in positioning.SIZES_95:
            row[f"{kind}, DOP × error"], row[f"{kind}, came"] = found[kind]
        rows[name] = {"ranges": str(found["ranges"])} | {
            part: f"{metres:.2f}" for part, metres in row.items()
        }
    return pd.DataFrame(rows)


def beside_published():
    """Return root mean square errors in m, as measured that day and as published: a table."""
    table = data.load("gnss_accuracy").query("statistic == 'median of station RMS'")
    published = table.pivot(index="system", columns="component", values="value")
    rows = {}
    for system, ours in (("BDS-3", "BDS"), ("GPS", "GPS"), ("Galileo", "GAL")):
        east, north, up = np.mean(measured.errors((ours,)) ** 2, axis=0)
        there = {"horizontal": np.sqrt(east + north), "vertical": np.sqrt(up)}
        for kind, here in there.items():
            rows.setdefault(f"{kind}, here 2020", {})[system] = here
            rows.setdefault(f"{kind}, published 2022", {})[system] = published.loc[system, kind]
    return pd.DataFrame(rows).round(1)


def short_way_cases(positions, lat, lon):
    """Return a table: factor × DOP × UERE against counting simulated fixes, case by case.

    The cases: every range equally good; ranges better high up; the same and an ionosphere that
    all share; a street of four to eight satellites. DOP is the root mean square over the day of
    the moments with a fix.
    """
    plain = dict.fromkeys(positioning.BUDGET_M, 0.0) | {"orbit": 1.5}
    street = SKIES["street, north-south"]
    cases = {
        "all ranges equally good": (plain, 5.0, 0.0),
        "low satellites worse": (None, 5.0, 0.0),
        "the same, 3 m of ionosphere shared": (None, 5.0, 3.0),
        "all equally good, in a street": (plain, street, 0.0),
    }
    rows = []
    for case, (budget_m, mask, shared_m) in cases.items():
        errors = positioning.simulate(positions, lat, lon, budget_m, mask, shared_m)
        equal = positioning.simulate(positions, lat, lon, plain, mask, seed=1) / plain["orbit"]
        uere = positioning.uere_m(positions, lat, lon, budget_m)
        east, north, up = np.nanmean(equal**2, axis=0)
        dops = {"horizontal": np.sqrt(east + north), "vertical": np.sqrt(up)}
        row = {"case": case}
        for kind, size in positioning.SIZES_95.items():
            row[f"{kind}, DOP × UERE"] = positioning.FACTOR_95[kind] * dops[kind] * uere
            row[f"{kind}, counted"] = size(errors)
        rows.append(row)
    return pd.DataFrame(rows).set_index("case").round(1)


# --- the claims


def published_95():
    """Return BeiDou-3's published global errors at 95 % in m, from the median of station RMS."""
    table = data.load("gnss_accuracy").query(
        "system == 'BDS-3' and statistic == 'median of station RMS'"
    )
    rms = table.set_index("component")["value"]
    return {kind: float(rms[kind]) * positioning.FACTOR_95[kind] for kind in limits_m()}


@computes("C093")
def an_end_of_reliance():
    """Two halves: can BeiDou stand alone, and does it in use?

    It can, if fixes with BeiDou alone keep 9 m and 10 m at 95 % three times: on the measured day;
    by the latest figures for the globe (table gnss_accuracy, root mean squares times the factors
    of normal errors); by the model in every partner capital, with the measured range error. It
    does, if terminals made for BeiDou are half or more of the devices that can use it (table
    gnss_market), a generous count. Both halves: confirmed. It can but does not: disputed. It
    cannot: inaccurate.
    """
    limits = limits_m()
    day = {k: size(measured.errors(("BDS",))) for k, size in positioning.SIZES_95.items()}
    globe = published_95()
    times = pd.date_range(data.snapshot().floor("D"), periods=288, freq="5min")
    alone = {"BDS-3": orbits.positions(constellations.flying("BDS-3"), times)}
    sizes = positioning.accuracies(partner_capitals(), alone, *measured.budget(("BDS",)))
    met = int((sizes <= limits).all(axis=1).sum())
    can = met == len(sizes) and all(max(day[k], globe[k]) <= limits[k] for k in limits)

    market = data.load("gnss_market").pivot_table(values="value", index="year", columns="metric")
    counted = market[["china_beidou_terminals_in_use", "china_bds_compatible_devices"]].dropna()
    terminals, devices = counted.iloc[-1]
    does = terminals / devices >= 0.5

    verdict = ("confirmed" if does else "disputed") if can else "inaccurate"
    evidence = (
        f"BeiDou alone keeps {day['horizontal']:.1f} m and {day['vertical']:.1f} m on a measured "
        f"day, {globe['horizontal']:.1f} m and {globe['vertical']:.1f} m by published figures, and "
        f"its promise in {met} of {len(sizes)} partner capitals (a model). Of the devices in China "
        f"that could use it in {counted.index[-1]}, {100 * terminals / devices:.0f} % were "
        "terminals made for it."
    )
    numbers = {"capitals": len(sizes), "capitals where 9 m and 10 m are met": met}
    found = {"measured day": day, "published": globe, "worst of the capitals": sizes.max()}
    for what, error in found.items():
        numbers |= {f"{kind} error at 95 %, {what}, m": float(error[kind]) for kind in limits}
    numbers |= {"terminals made for BeiDou, billion": float(terminals)}
    return verdict, evidence, numbers | {"devices that can use BeiDou, billion": float(devices)}


@computes("C133")
def more_accurate_than_in_2015():
    """BDS-2, which served in 2015, against BDS-3, both as designed. Two tests: does the published
    standard promise fewer metres, and is the DOP of the plane (median of a day) smaller in more
    than half of the partner capitals? Both: prediction met. One: disputed. Neither: missed.
    """
    old, new = limits_m("BDS-2"), limits_m("BDS-3")
    promised = old != new and all(new[kind] <= old[kind] for kind in new)
    day = pd.date_range(data.snapshot().floor("D"), periods=48, freq="30min")
    capitals, hdop = partner_capitals(), {}
    for system in ("BDS-2", "BDS-3"):
        path = orbits.positions(constellations.nominal(system), day)
        where = path, capitals["lat"], capitals["lon"], 5, False
        hdop[system] = visibility.dop(*where, want=["hdop"])["hdop"].median("time").to_numpy()
    better = int((hdop["BDS-3"] < hdop["BDS-2"]).sum())
    met = promised + (better > len(capitals) / 2)
    return (
        ("prediction_missed", "disputed", "prediction_met")[met],
        f"The geometry is better in {better} of {len(capitals)} partner capitals. The standards "
        f"promise {old['horizontal']:g} m in the plane for BDS-2, in Asia and the Pacific alone, "
        f"and {new['horizontal']:g} m for BDS-3.",
        {
            "capitals": len(capitals),
            "capitals with a smaller DOP": better,
            "BDS-2: in these, no fix at half of all times": int(np.isinf(hdop["BDS-2"]).sum()),
            "promised in the plane, BDS-2, m": old["horizontal"],
            "promised in the plane, BDS-3, m": new["horizontal"],
        },
    )


# --- the exercises


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
        errors = positioning.simulate(paths, islamabad.lat, islamabad.lon, None, SKIES[sky])
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
    table = positioning.corrected(data.load("observations"))
    both = table[table["system"].isin(["GPS", "Galileo"])]
    return positioning.fix_errors(both, positioning.receiver_km()).mean(axis=0)


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
        (1.307, "That is the mean of the distances. Take the mean of the errors, then its length."),
    ],
    hint='Take errors = real["GPS + Galileo"], then errors.mean(axis=0), then the length of it.',
)
def mean_of_the_real_fixes():
    """How far is the mean of the fixes with GPS and Galileo from the known place, in space?"""
    return float(np.linalg.norm(_mean_fix()))


@exercise(
    "05-5",
    Number(unit="cm a year", tolerance=0.1),
    wrong=[
        (
            lambda: 100 * float(np.hypot(*measured.frame_shift_m()[:2])),
            "That is the whole way, in cm. Divide by the years that it took.",
        ),
        (
            lambda: 100 * float(np.linalg.norm(measured.frame_shift_m())) / 31.5,
            "The height has another reason. Take east and north alone.",
        ),
    ],
    hint="np.hypot of east and north, in cm, divided by the years from 1989.0 to 2020.5.",
)
def speed_of_the_plate():
    """How fast must the European plate move to explain the header's place, in cm a year?"""
    return 100 * float(np.hypot(*measured.frame_shift_m()[:2])) / 31.5
