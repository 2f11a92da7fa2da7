"""What the lesson on positioning draws: the steps of a fix, clouds of fixes, errors on the map."""

from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr

from helpers import data, maps, style
from silkroad import orbits, positioning, visibility

STREETS = {"open sky": None, "street, north-south": 0, "street, east-west": 90}
ROOFS_DEG = 45  # the roofs of a street as wide as its houses are high twice over, from its middle
# 95 % of a normal error: of a circle, per HDOP (two equal sides), and of a line, per VDOP.
FACTORS = {"horizontal": np.sqrt(-2 * np.log(0.05)) / np.sqrt(2), "vertical": 1.96}
_SYSTEM_LOOKS = {
    "GPS": style.SYSTEM_STYLES["GPS"],
    "Galileo": style.SYSTEM_STYLES["Galileo"],
    "QZSS": ("orange", "star"),
}


def limits_m():
    """Return what the published standard of BDS-3 promises at 95 %, in m: horizontal, vertical."""
    table = data.load("constellations")
    row = table[(table["system"] == "BDS-3") & (table["orbit_class"] == "MEO")].iloc[0]
    return {name: float(row[f"{name}_accuracy_m_95"]) for name in ("horizontal", "vertical")}


# --- the steps of one fix


def stepping(satellites_km, place_km, fix, step):
    """Return layers and a headline: the guess after `step` steps, and those before it.

    satellites_km {name: (3,)}; place_km (3,) is the truth. Steps beyond the last stand still.
    """
    done, step = step, min(step, len(fix.iterates_km) - 1)
    lat, lon, height_km = orbits.geodetic(fix.iterates_km[: step + 1])
    labels = [f"guess {i}" for i in range(step)] + [f"guess {step}, now"]
    guesses = pd.DataFrame(
        {"name": labels, "lat": lat, "lon": lon, "height_km": height_km.round(1)}
    )
    guesses["kind"] = ["earlier guess"] * step + ["guess now"]
    true = orbits.geodetic(place_km)
    truth = pd.DataFrame([{"name": "the true place", "lat": true[0], "lon": true[1]}])
    below = below_satellites(satellites_km)
    now = (lat[-1], lon[-1])
    sight = {row.name: way(now, (row.lat, row.lon)) for row in below.itertuples(index=False)}
    missing_m = np.linalg.norm(fix.iterates_km[step] - place_km) * 1000
    words = f"After {done} step{'s' * (done != 1)} the guess is" if done else "The first guess is"
    headline = f"{words} {distance(missing_m)} from the true place, straight through the Earth."
    if abs(height_km[-1]) >= 1:
        side = "above" if height_km[-1] > 0 else "below"
        headline += f" It lies {abs(height_km[-1]):,.0f} km {side} the ground."
    if missing_m < 1000:
        headline = headline.replace(", straight through the Earth", "")
    return (
        maps.lines(sight, "Directions to the satellites", color="grey", dash="2 4", weight=1.2),
        maps.points(below, "Points below the satellites", styles={"": ("blue", "circle")}),
        maps.points(truth, "True place", styles={"": ("green", "star")}, size=8),
        maps.points(
            guesses,
            "Guesses",
            category="kind",
            styles={"earlier guess": ("yellow", "diamond"), "guess now": ("orange", "cross")},
            popup=["height_km"],
            size=8,
        ),
        headline,
    )


def below_satellites(satellites_km):
    """Return name, lat, lon, height_km of the points below {name: position (3,)}."""
    lat, lon, height_km = orbits.geodetic(np.array(list(satellites_km.values())))
    columns = {"lat": lat, "lon": lon, "height_km": height_km.round()}
    return pd.DataFrame({"name": list(satellites_km), **columns})


def way(start, end, points=30):
    """Return the shortest way over the Earth between two (lat, lon), in pieces for a layer."""
    a, b = orbits.zenith(*map(np.array, zip(start, end, strict=True)))
    angle = np.arccos(np.clip(a @ b, -1, 1))
    if angle < 1e-6:
        return [np.array([start, end])]
    share = np.linspace(0, 1, points)[:, None]
    line = (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    # Directions, so the latitude is that of the vertical already.
    lat = np.degrees(np.arctan2(line[:, 2], np.hypot(line[:, 0], line[:, 1])))
    return orbits.split_antimeridian(lat, np.degrees(np.arctan2(line[:, 1], line[:, 0])))


def distance(metres):
    """Return a length in words, from thousands of kilometres to less than a millimetre."""
    if metres >= 1000:
        return f"{metres / 1000:,.0f} km"
    if metres >= 1:
        return f"{metres:.0f} m"
    return f"{metres * 1000:.0f} mm" if metres >= 0.001 else "less than a millimetre"


# --- clouds of fixes


def partner_capitals():
    """Return the capitals of the signatories of the Belt and Road counted as members."""
    members = data.load("bri_countries").query("status == 'member'")["iso3"]
    capitals = data.load("capitals")
    return capitals[capitals["iso3"].isin(members)].sort_values("country", ignore_index=True)


def hidden(sky):
    """Return what `positioning.simulate` takes as mask_deg for one of STREETS."""
    street_deg = STREETS[sky]
    if street_deg is None:
        return 5.0
    return lambda azimuth_deg: positioning.street_mask(azimuth_deg, street_deg, ROOFS_DEG)


def verdict(errors):
    """Return the 95 % figures of fixes east, north, up in m (n, 3), held against 9 and 10 m."""
    parts = []
    for name, limit in limits_m().items():
        size = _MEASURES[name](errors)
        if np.isinf(size):
            parts.append(f"{name} not reached, too many moments without a fix")
        else:
            met = "met" if size <= limit else "missed"
            parts.append(f"{name} {size:.1f} m (limit {limit:g} m: {met})")
    lost = int(np.isnan(errors[:, 0]).sum())
    gone = f" No fix at {lost} of {len(errors):,} moments." if lost else ""
    return f"95 % of the fixes: {'; '.join(parts)}.{gone}"


def cloud(errors):
    """Return the fixes (n, 3) as a chart: east and north with the 95 % ellipse, and the heights."""
    fixed = errors[~np.isnan(errors[:, 0])]
    figure, (plan, tall) = _two((7.6, 3.4), (1, 1.2))
    reach = _reach(np.abs(fixed[:, :2])) if len(fixed) else 20
    plan.plot(*fixed[:, :2].T, ".", ms=2, color=style.color("blue"), alpha=0.5, label="one fix")
    if len(fixed) > 2:
        major, minor, azimuth = positioning.error_ellipse(np.cov(fixed[:, :2].T))
        words = f"95 % ellipse, {major:.1f} × {minor:.1f} m"
        plan.plot(*_ellipse(major, minor, azimuth), color=style.color("black"), label=words)
    wide, high = limits_m().values()
    plan.plot(*_ellipse(wide, wide, 0), "--", color=style.color("orange"), label=f"{wide:g} m")
    plan.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    plan.set(xlabel="east, m", ylabel="north, m")
    figure.legend(loc="lower center", ncols=3, fontsize=8, frameon=False)
    edge = _reach(np.abs(fixed[:, 2])) if len(fixed) else 20
    heights = np.histogram(fixed[:, 2].clip(-edge, edge), np.linspace(-edge, edge, 41))
    tall.stairs(*heights, fill=True, color=style.color("sky"))
    for limit in (-high, high):
        tall.axvline(limit, ls="--", color=style.color("orange"))
    tall.set(xlabel=f"height error, m (dashed: {high:g} m)", ylabel="fixes")
    sizes = {name: measure(errors) for name, measure in _MEASURES.items()}
    if len(fixed):
        sizes |= dict(
            zip(("east", "north"), np.quantile(np.abs(fixed[:, :2]), 0.95, axis=0), strict=True)
        )
    table = pd.DataFrame({"error": list(sizes), "95 % are within, m": list(sizes.values())})
    table = table.round(2).assign(fixes=len(fixed), without_fix=len(errors) - len(fixed))
    return maps.chart(figure, "Cloud of fixes", alt=verdict(errors), table=table)


def capitals_table(capitals, positions, budgets_m):
    """Return, for each budget {label: budget_m}, how the capitals fare against 9 and 10 m."""
    rows = []
    for label, budget_m in budgets_m.items():
        sizes = accuracies(capitals, positions, budget_m)
        met = (sizes <= list(limits_m().values())).sum()
        rows.append(
            {
                "budget": label,
                "capitals": len(sizes),
                "horizontal met": met["horizontal"],
                "vertical met": met["vertical"],
                "worst horizontal, m": sizes["horizontal"].max(),
                "worst vertical, m": sizes["vertical"].max(),
            }
        )
    return pd.DataFrame(rows).set_index("budget").round(1)


def accuracies(capitals, positions, budget_m=None):
    """Return horizontal and vertical error at 95 % in m for each capital, open sky above 5°."""
    rows = []
    for place in capitals.itertuples():
        errors = positioning.simulate(positions, place.lat, place.lon, budget_m)
        rows.append({name: measure(errors) for name, measure in _MEASURES.items()})
    return pd.DataFrame(rows, index=capitals["capital"].to_numpy())


# --- DOP times range error


def range_error(paths, lat, lon, budget_m=None):
    """Return the UERE in m: the root mean square of sigma over all satellites above 5°."""
    sigmas = []
    for path in paths.values():
        elevation = visibility.look_angles(path, lat, lon)["elevation_deg"].to_numpy()
        sigmas.append(positioning.sigma(elevation[elevation >= 5], budget_m))
    return float(np.sqrt(np.mean(np.concatenate(sigmas) ** 2)))


def error_map(paths, mask_deg, range_error_m, kind, step_deg=4):
    """Return (layer, headline): the error at 95 % by factor × DOP × range error, on the Earth.

    DOP is the root mean square over the times of `paths`; a moment without a fix makes it
    infinite.
    """
    everyone = xr.concat(list(paths.values()), "satellite")
    name = {"horizontal": "hdop", "vertical": "vdop"}[kind]
    sky = visibility.dop(everyone, *visibility.world_grid(step_deg), mask_deg, want=[name])
    error = FACTORS[kind] * range_error_m * np.sqrt((sky[name] ** 2).mean("time"))
    limit = limits_m()[kind]
    levels = {"horizontal": [2, 3, 4, 6, limit, 20], "vertical": [4, 6, 8, limit, 20, 40]}[kind]
    inner = [f"{low:g} to {high:g} m" for low, high in pairwise(levels)]
    last = f"{levels[-1]} m or more, or at times no fix"
    labels = [f"below {levels[0]} m", *inner, last]
    good = float(visibility.world_mean((error < limit).astype(float)))
    good = f"{np.floor(1000 * good) / 10:g} %" if good < 1 - 1e-12 else "100 %"
    headline = f"The {kind} error at 95 % is below {limit:g} m on {good} of the Earth."
    return maps.grid(error, f"{kind} error".capitalize(), levels=levels, labels=labels), headline


def shortcut(paths, lat, lon):
    """Return a table: factor × DOP × UERE against counting simulated fixes, case by case.

    The cases: every range equally good; ranges better high up; the same and an ionosphere that
    all share; a street of four to eight satellites. DOP is the root mean square over the day of
    the moments with a fix.
    """
    plain = dict.fromkeys(positioning.BUDGET_M, 0.0) | {"orbit": 1.5}
    street = hidden("street, north-south")
    cases = {
        "all ranges equally good": (plain, 5.0, 0.0),
        "low satellites worse": (None, 5.0, 0.0),
        "the same, 3 m of ionosphere shared": (None, 5.0, 3.0),
        "all equally good, in a street": (plain, street, 0.0),
    }
    rows = []
    for case, (budget_m, mask, shared_m) in cases.items():
        errors = positioning.simulate(paths, lat, lon, budget_m, mask, shared_m)
        equal = positioning.simulate(paths, lat, lon, plain, mask, seed=1) / plain["orbit"]
        uere = range_error(paths, lat, lon, budget_m)
        dops = np.nanmean(equal**2, axis=0)
        dops = {"horizontal": np.sqrt(dops[0] + dops[1]), "vertical": np.sqrt(dops[2])}
        row = {"case": case}
        for kind, measure in _MEASURES.items():
            row[f"{kind}, DOP × UERE"] = FACTORS[kind] * dops[kind] * uere
            row[f"{kind}, counted"] = measure(errors)
        rows.append(row)
    return pd.DataFrame(rows).set_index("case").round(1)


# --- one bad satellite


def bad_satellite(fix, place_km, names, verdict):
    """Return a chart: where the fix went, and the normalised residual of each satellite."""
    figure, (plan, bars) = _two((7.6, 3.2), (1, 1.7))
    away = fix.away_m(place_km)
    reach = _reach(np.abs(away[:2]), least=20)
    ellipse = _ellipse(*positioning.error_ellipse(fix.covariance_enu[:2, :2]))
    plan.plot(*(ellipse + away[:2, None]), color=style.color("black"), label="95 % ellipse")
    plan.plot(*away[:2], "X", ms=9, color=style.color("orange"), label="fix")
    plan.plot(0, 0, "*", ms=11, color=style.color("green"), label="true place")
    plan.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    plan.set(xlabel="east, m", ylabel="north, m")
    figure.legend(loc="lower left", ncols=3, fontsize=8, frameon=False)
    sizes = np.abs(verdict.normalised)
    colors = [style.color("orange" if i == verdict.suspect else "sky") for i in range(len(names))]
    bars.bar(names, np.nan_to_num(sizes), color=colors)
    bars.axhline(verdict.threshold, ls="--", color=style.color("black"))
    bars.set_ylim(0, max(1.6 * verdict.threshold, 1.1 * np.nan_to_num(sizes).max()))
    bars.set_ylabel("residual ÷ its deviation")
    bars.tick_params(axis="x", labelsize=8, rotation=60)
    table = pd.DataFrame(
        {
            "satellite": names,
            "residual, m": fix.residuals_m.round(2),
            "residual ÷ deviation": verdict.normalised.round(2),
        }
    )
    alt = f"The fix is {np.linalg.norm(away[:2]):.1f} m off in the plane. {verdict.words}"
    return maps.chart(figure, "Fix and residuals", alt=alt, table=table)


# --- a real receiver


def receiver_km():
    """Return the known position of the receiver of the table observations, (3,)."""
    receiver = data.package()["observations"]["receiver"]
    return np.array([receiver[axis] for axis in ("x_km", "y_km", "z_km")])


def corrected(table):
    """Return observations with the ranges a fix needs, and their sigma, above 10° of elevation.

    Columns added: range_m (without ionosphere, the satellite's clock and the air), elevation_deg,
    sigma_m. The elevations come from a first, rough fix, not from the known position.
    """
    free = positioning.ionosphere_free(
        *(table[name] for name in ("pseudorange_1_m", "pseudorange_2_m")),
        *(table[name] for name in ("frequency_1_mhz", "frequency_2_mhz")),
    )
    table = table.assign(range_m=free + table["satellite_clock_m"])
    first = table[table["time"] == table["time"].min()]
    rough = positioning.solve(places_of(first), first["range_m"], first["system"])
    away = places_of(table) - rough.position_km
    rise = away @ orbits.zenith(rough.lat, rough.lon) / np.linalg.norm(away, axis=1)
    table["elevation_deg"] = np.degrees(np.arcsin(rise))
    table["range_m"] -= positioning.troposphere_m(
        table["elevation_deg"], rough.lat, rough.height_km
    )
    # Without ionosphere; the combination triples multipath and noise.
    budget_m = {"ionosphere": 0, "multipath": 1.5, "noise": 0.9}
    table["sigma_m"] = positioning.sigma(table["elevation_deg"], budget_m)
    return table[table["elevation_deg"] >= 10]


def places_of(table):
    """Return the satellites' positions in km of rows of observations, (n, 3)."""
    return table[["x_km", "y_km", "z_km"]].to_numpy()


def real_fixes(table):
    """Return the errors east, north, up in m of the fix at each instant of corrected rows."""
    known = receiver_km()
    return np.array(
        [
            positioning.solve(places_of(now), now["range_m"], now["system"], now["sigma_m"]).away_m(
                known
            )
            for _, now in table.groupby("time")
        ]
    )


def real(table, errors):
    """Return layers and a headline: the receiver, its satellites, and its fixes in metres."""
    lat, lon, _ = orbits.geodetic(receiver_km())
    place = pd.DataFrame([{"name": "receiver, Fujisawa", "lat": lat, "lon": float(lon)}])
    now = table[table["time"] == table["time"].min()]
    below = below_satellites(dict(zip(now["prn"], places_of(now), strict=True)))
    below["system"] = now["system"].to_numpy()
    below["elevation_deg"] = now["elevation_deg"].round(1).to_numpy()
    sight = {row.name: way((lat, lon), (row.lat, row.lon)) for row in below.itertuples(index=False)}
    east, north, up = errors.mean(axis=0)
    flat = np.hypot(east, north)
    headline = (
        f"With {' + '.join(below['system'].unique())}, {len(below)} satellites: the mean of "
        f"{len(errors)} fixes is {flat:.1f} m off in the plane and {up:+.1f} m in height."
    )
    return (
        maps.lines(sight, "Directions to the satellites", color="grey", dash="2 4", weight=1.2),
        maps.points(
            below,
            "Points below the satellites",
            category="system",
            styles=_SYSTEM_LOOKS,
            popup=["elevation_deg", "height_km"],
        ),
        maps.points(place, "Receiver", styles={"": ("green", "star")}, size=9),
        _real_chart(errors, headline),
        headline,
    )


def _real_chart(errors, words):
    figure, (plan, tall) = _two((7.6, 3.2), (1, 1.5))
    reach = _reach(np.abs(errors[:, :2]), least=3)
    plan.plot(*errors[:, :2].T, ".", color=style.color("blue"), label="one fix")
    plan.plot(0, 0, "*", ms=12, color=style.color("green"), label="known place")
    plan.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    plan.set(xlabel="east, m", ylabel="north, m")
    figure.legend(loc="lower left", ncols=2, fontsize=8, frameon=False)
    seconds = 2 * np.arange(len(errors))
    for column, (name, color) in enumerate([("east", "blue"), ("north", "orange"), ("up", "grey")]):
        marks = dict(marker="osv"[column], ms=3, color=style.color(color))
        tall.plot(seconds, errors[:, column], label=name, lw=1, **marks)
    tall.axhline(0, lw=0.8, color=style.color("black"))
    tall.set(xlabel="seconds", ylabel="error, m")
    lines = tall.get_legend_handles_labels()
    figure.legend(*lines, loc="lower right", ncols=3, fontsize=8, frameon=False)
    table = pd.DataFrame(errors.round(2), columns=["east, m", "north, m", "up, m"])
    return maps.chart(figure, "Fixes of the real receiver", alt=words, table=table)


# --- plumbing


_MEASURES = {"horizontal": positioning.horizontal_95, "vertical": positioning.vertical_95}


def _two(size, widths):
    """Return a figure and its two axes in the house style, without a costly layout engine."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size)
    axes = figure.subplots(1, 2, width_ratios=widths)
    figure.subplots_adjust(left=0.09, right=0.985, bottom=0.25, top=0.97, wspace=0.2)
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
        each.grid(alpha=0.25)
        each.set_axisbelow(True)
    return figure, axes


def _reach(sizes, least=12):
    """Return a round limit that shows nearly all, so that axes do not jump with every move."""
    wanted = max(float(np.quantile(sizes, 0.995)) if np.size(sizes) else 0, least)
    return next((limit for limit in (3, 6, 12, 20, 40, 80, 160) if limit >= wanted), 320)


def _ellipse(major, minor, azimuth_deg):
    """Return the outline of an ellipse, east and north (2, points)."""
    turn, angle = np.radians(azimuth_deg), np.linspace(0, 2 * np.pi, 90)
    along, across = major * np.cos(angle), minor * np.sin(angle)
    return np.stack(
        [
            along * np.sin(turn) + across * np.cos(turn),
            along * np.cos(turn) - across * np.sin(turn),
        ]
    )
