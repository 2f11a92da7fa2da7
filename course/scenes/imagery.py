"""What the lesson on pictures from orbit draws: cameras, swaths, visits, who comes first."""

import numpy as np
import pandas as pd

from helpers import maps, style
from helpers.inputs import one_of
from silkroad import imaging, orbits, sun, visibility
from silkroad.orbits import EQUATOR_KM, semi_major_axis_km

cameras, fleet, in_reach, lit = imaging.cameras, imaging.carriers, imaging.in_reach, imaging.lit
WHOSE = imaging.WHOSE

VISIT_LEVELS = (1, 3, 5, 8, 12, 20)
GAP_LEVELS = (12, 24, 36, 48, 72, 96)
GAP_WORDS = (
    *("up to 12 h", "12 to 24 h", "1 to 1.5 days", "1.5 to 2 days"),
    *("2 to 3 days", "3 to 4 days", "over 4 days"),
)
WAIT_CLASSES = (
    ("up to 3 h", 3),
    ("3 to 6 h", 6),
    ("6 to 12 h", 12),
    ("12 to 24 h", 24),
    ("24 to 72 h", 72),
)
NO_SATELLITE = f"none within {imaging.LONGEST_WAIT_HOURS} h"
FLEETS = {
    "Gaofen-1": ["Gaofen-1"],
    "Gaofen-1 and Gaofen-6": ["Gaofen-1", "Gaofen-6"],
    "CBERS-4 and CBERS-4A": ["CBERS-4", "CBERS-4A"],
    "six wide cameras": [
        *("Gaofen-1", "Gaofen-6", "Huanjing-2A", "Huanjing-2B"),
        *("CBERS-4", "CBERS-4A"),
    ],
    "three Gaofen-3 radars": ["Gaofen-3", "Gaofen-3 02", "Gaofen-3 03"],
    "CFOSAT, waves and wind": ["CFOSAT"],
    "Pakistan's PRSC-S1 and PRSC-EO3": ["PRSC-S1", "PRSC-EO3"],
}
BODIES = {"radar": ("purple", "diamond"), "camera, by day": ("orange", "circle")}


def named(fleets):
    """Return the satellites that occur in {name: [satellite, ...]}."""
    return {satellite for names in fleets.values() for satellite in names}


def choices(cameras):
    """Return {satellite and sensor: its row} of the cameras whose swath is known."""
    known = cameras[cameras["swath_known"]]
    return {f"{row['satellite']} {row['sensor']}": row for _, row in known.iterrows()}


def camera_table(cameras):
    """Return cameras as a table to read: whose, how wide, how sharp, on what source.

    One row for each kind: sisters with the same camera are left out.
    """
    cameras = cameras.drop_duplicates(["sensor", "swath_km", "resolution_m"])
    shown = cameras.assign(
        swath_km=cameras["swath_km"].where(cameras["swath_known"]),
        kind=cameras["radar"].map({True: "radar", False: "camera"}),
    )
    columns = ["satellite", "sensor", "kind", "swath_km", "resolution_m", "operator"]
    columns += ["source_ids", "confidence"]
    return shown[columns].reset_index(drop=True)


# --- one swath


def swath(below, at, camera, roll_deg, minutes=105):
    """Return the layers of one camera's strip in the `minutes` up to `at`, and words.

    below: points below the satellites each minute. camera: a row of `cameras` (a Series). Only a
    narrow camera rolls; a wide one looks straight down, and the words say so.
    """
    roll_deg, asked_deg = (roll_deg if camera["rolls"] else 0), roll_deg
    begin = np.datetime64((at - pd.Timedelta(minutes=minutes)).tz_localize(None))
    end = np.datetime64(at.tz_localize(None))
    part = below.sel(satellite=[camera["satellite"]], time=slice(begin, end))
    height_km = camera["height_km"]
    half = imaging.look_angle(height_km, _degrees(camera["swath_km"] / 2))
    left, right = (imaging.ground_angle(height_km, roll_deg + side * half) for side in (-1, 1))
    rings = _rings(*(imaging.beside(part, angle).isel(satellite=0) for angle in (left, right)))
    track = orbits.split_antimeridian(part["lat"].values[0], part["lon"].values[0])
    now = part.isel(satellite=0, time=-1)
    here = pd.DataFrame(
        [camera[["satellite", "sensor", "operator", "swath_km", "source_ids", "confidence"]]]
    )
    here = here.assign(lat=now["lat"].item(), lon=now["lon"].item(), time=at)
    words = f"{at:%d %B, %H:%M} UTC: a strip {_km(right - left):,.0f} km wide"
    side = "right" if roll_deg > 0 else "left"
    if roll_deg:
        words += f", its middle {abs(_km(left + right)) / 2:,.0f} km to the {side}"
    elif asked_deg:
        words += " (a wide camera is not rolled: it looks straight down)"
    popup = ["sensor", "operator", "swath_km", "time"]
    marks = {"s": ("orange", "down")}
    return (
        night(at),
        maps.areas({"strip": rings}, "Strip within sight", color="orange", opacity=0.35),
        maps.lines({"track": track}, "Track of the last turn", color="blue", weight=1.4),
        maps.points(here, "Satellite", label="satellite", styles=marks, popup=popup, size=8),
        f"{words}. {local_time(part)}",
    )


def _degrees(km):
    return np.degrees(km / imaging.EARTH_KM)


def _km(degrees):
    return np.radians(degrees) * imaging.EARTH_KM


def local_time(below):
    """Return in words the hour by the Sun at which a track last crosses the equator by day.

    By day is between 6 and 18 o'clock by the mean Sun; below is one satellite over 100 minutes or
    more, long enough for one crossing on each side.
    """
    lat, lon = below["lat"].values[0], below["lon"].values[0]
    times = pd.DatetimeIndex(below["time"].values)
    over = np.flatnonzero((lat[:-1] < 0) != (lat[1:] < 0))
    hours = (times[over].hour + times[over].minute / 60 + lon[over] / 15) % 24
    by_day = np.flatnonzero((hours >= 6) & (hours < 18))
    if not by_day.size:
        return "On this way it crosses the equator by night only."
    last = by_day[-1]
    way = "north" if lat[over[last] + 1] > 0 else "south"
    clock = f"{int(hours[last]):02d}:{int(hours[last] % 1 * 60):02d}"
    return f"By day it crosses the equator going {way}, at {clock} by the mean Sun there."


def night(time):
    """Return the part of the Earth where the Sun is down, as an areas layer."""
    lon = np.linspace(-180, 180, 73)
    x, y, z = sun.direction(time)
    # On each meridian the light ends where the zenith is at right angles to the Sun.
    across = x * np.cos(np.radians(lon)) + y * np.sin(np.radians(lon))
    border = np.degrees(np.arctan2(-across * np.sign(z), abs(z)))
    pole = -90.0 if z > 0 else 90.0
    ring = np.vstack([np.column_stack([border, lon]), [[pole, 180.0], [pole, -180.0]]])
    return maps.areas({"night": [ring]}, "Night", color="grey", opacity=0.3)


def _rings(left, right):
    """Return the area between two edges as rings that end at 180 degrees."""
    turned = [np.unwrap(edge["lon"].values, period=360) for edge in (left, right)]
    turned[1] += 360 * np.round((turned[0][0] - turned[1][0]) / 360)
    rings = []
    for begin in range(0, len(turned[0]) - 1, 10):  # short pieces: few of them need cutting
        cut = slice(begin, begin + 11)
        lat = np.concatenate([left["lat"].values[cut], right["lat"].values[cut][::-1]])
        lon = np.concatenate([turned[0][cut], turned[1][cut][::-1]])
        low, high = np.floor((lon.min() + 180) / 360), np.floor((lon.max() + 180) / 360)
        for turn in np.arange(low, high + 1):
            ring = _clipped(np.column_stack([lat, lon - 360 * turn]))
            if len(ring) > 2:
                rings.append(ring)
    return rings


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


# --- why 97 to 98 degrees


def drift_chart(elements, height_km, inclination_deg):
    """Return the chart of height against inclination, with real satellites as marks, and words."""
    low = elements[elements["mean_motion_rev_per_day"].between(12.5, 15.6)].assign(
        height_km=lambda rows: semi_major_axis_km(rows["mean_motion_rev_per_day"]) - EQUATOR_KM
    )
    heights = np.linspace(300, 1500, 60)
    curve = imaging.sun_synchronous_inclination(heights)
    figure, axes = style.chart(7.2, 3.4, left=0.1, right=0.97, top=0.97, bottom=0.15)
    axes.plot(curve, heights, color=style.color("orange"), lw=2, label="turns with the Sun")
    groups = {"earth_observation": ("blue", "o", "Chinese Earth observation")}
    groups["weather"] = ("sky", "s", "Chinese weather")
    groups["partner"] = ("green", "^", "partners' satellites")
    for group, (color, marker, label) in groups.items():
        rows = low[low["group"] == group]
        axes.plot(
            rows["inclination_deg"],
            rows["height_km"],
            marker,
            color=style.color(color),
            ms=5,
            mec="white",
            mew=0.5,
            label=label,
        )
    axes.plot([inclination_deg], [height_km], "*", color=style.color("black"), ms=14, label="yours")
    axes.set(xlim=(94, 103), ylim=(300, 1500), xlabel="inclination, degrees", ylabel="height, km")
    if inclination_deg < 94:
        axes.set_xlim(min(inclination_deg, 94) - 1, 103)
    axes.legend(loc="upper left", fontsize=8, frameon=False)
    rate = float(imaging.node_rate(height_km, inclination_deg))
    minutes = (rate - 360 / imaging.TROPICAL_YEAR_DAYS) * 4 * 30
    wanted = float(imaging.sun_synchronous_inclination(height_km))
    words = f"At {height_km} km and {inclination_deg}° the orbit turns {rate:+.2f}° a day; the Sun "
    words += f"moves {360 / imaging.TROPICAL_YEAR_DAYS:+.2f}°. After 30 days the satellite passes "
    words += f"{abs(minutes):.0f} min {'later' if minutes > 0 else 'earlier'} by the Sun. "
    words += f"To keep its hour it needs {wanted:.2f}°."
    table = low[low["group"].isin(groups)][["name", "group", "height_km", "inclination_deg"]]
    table = table.assign(
        turns_deg_per_day=imaging.node_rate(table["height_km"], table["inclination_deg"])
    ).round(3)
    alt = f"Height against inclination of {len(table)} satellites; most lie on the curve of orbits "
    alt += f"that turn with the Sun. {words}"
    chart = maps.chart(figure, "Height and inclination", alt=alt, table=table)
    return chart, words


# --- visits


def with_light(below):
    """Return `below` with the variable lit: whether the Sun stands high enough for a camera."""
    return below.assign(lit=(("satellite", "time"), lit(below)))


def visit_layer(result, show):
    """Return visits or the largest gap on a grid (from `imaging.visits`) as a layer."""
    if show == "visits":
        words = ["none", "1 or 2", "3 or 4", "5 to 7", "8 to 11", "12 to 19", "20 or more"]
        field = result["visits"].astype(float)
        return maps.grid(field, "Visits in five days", levels=VISIT_LEVELS, labels=words)
    return maps.grid(
        result["largest_gap_hours"], "Largest gap", levels=GAP_LEVELS, labels=GAP_WORDS
    )


def visit_words(result):
    """Return in words what share of the Earth is reached, and the gap at the equator."""
    share = float(visibility.world_mean(result["visits"] > 0))
    near = result.sel(lat=slice(-10, 10))
    share_words = "all" if share >= 1 else f"{np.floor(1000 * share) / 10:.1f} %"
    words = (
        f"Reached in five days: {share_words} of the Earth. Near the equator (10°S to 10°N) the "
    )
    words += f"middle number of visits is {near['visits'].median().item():.0f}, the middle largest "
    return words + f"gap {near['largest_gap_hours'].median().item():.0f} hours."


def revisit_chart(result, name, others):
    """Return the largest gap by latitude as a chart, and words: `name` in colour, others in grey.

    result and the values of `others` {name: …} come from `imaging.visits` on one grid.
    """
    figure, axes = style.chart(7.2, 3.2, left=0.1, right=0.97, top=0.97, bottom=0.16)
    table = pd.DataFrame({"latitude": result["lat"].values})
    dashes = iter(("--", ":", "-."))
    for one, field in {**others, name: result}.items():
        gap = field["largest_gap_hours"].median("lon").values
        table[one] = gap.round(1)
        own = {"color": style.color("blue"), "lw": 2.6}
        grey = {"color": style.color("grey"), "lw": 1.2, "ls": next(dashes, "-")}
        axes.plot(table["latitude"], gap, label=one, **(own if one == name else grey))
    axes.set(xlabel="latitude, degrees north", ylabel="largest gap, hours", xlim=(-90, 90))
    axes.set_xticks(range(-90, 91, 30))
    axes.set_ylim(0, 135)
    axes.legend(fontsize=8, frameon=False, loc="upper center", ncols=2)
    gap = table.set_index("latitude")[name]
    words = f"{name}: the longest wait in five days is {gap.loc[0]:.0f} hours at the equator, "
    words += f"{gap.loc[45]:.0f} at 45°N and {gap.loc[75]:.0f} at 75°N (the middle cell of each)."
    chart = maps.chart(figure, "Largest gap by latitude", alt=words, table=table)
    return chart, words


# --- who comes first


def moved(event, start, later_hours=0):
    """Return (begin, shift): the event's hour on the first day of the window, and the Sun's shift.

    event is a row of `events`. begin is the first time at or after `start` with the hour of the
    event, plus `later_hours`; begin + shift is the real time, for the Sun of the real season.
    """
    real = event["start"]
    begin = start.floor("D") + (real - real.floor("D"))
    if begin < start:
        begin += pd.Timedelta(days=1)
    return begin + pd.Timedelta(hours=later_hours), real - begin


def event_layers(event, first, below, cameras, minutes=14, shown=5):
    """Return the map layers of a disaster: the place, the first satellites and their way there.

    first: rows from `imaging.first_image`. below: points below all satellites each minute. The
    marks stand on the lines, each a little nearer than the one before, so that names stay apart.
    """
    rows = first.head(shown).reset_index(drop=True)
    known = cameras.drop_duplicates("satellite").set_index("satellite")
    names, at, ways = [], [], {kind: {} for kind in BODIES}
    times = pd.DatetimeIndex(below["time"].values, tz="UTC")
    for row in rows.itertuples():
        end = times.searchsorted(row.time)
        way = below.sel(satellite=row.satellite).isel(time=slice(max(end - minutes, 0), end + 1))
        lat, lon = way["lat"].values, way["lon"].values
        names.append(f"{row.Index + 1}. {row.satellite}")
        ways[_kind(row.radar)][names[-1]] = orbits.split_antimeridian(lat, lon)
        place = min(2 * row.Index, len(lat) - 1)
        at.append((lat[place], lon[place]))
    table = rows.assign(
        name=names,
        kind=rows["radar"].map(_kind),
        hours=rows["hours"].round(2),
        looks_aside_deg=rows["look_deg"].round(1),
        sun_deg=rows["sun_deg"].round(),
        operator=known["operator"].reindex(rows["satellite"]).to_numpy(),
        source_ids=known["source_ids"].reindex(rows["satellite"]).to_numpy(),
        confidence=known["confidence"].reindex(rows["satellite"]).to_numpy(),
        lat=[lat for lat, _ in at],
        lon=[lon for _, lon in at],
    )
    popup = ["operator", "hours", "time", "looks_aside_deg", "sun_deg"]
    first = {"category": "kind", "styles": BODIES, "popup": popup, "size": 7, "labels": True}
    place = pd.DataFrame([event])
    popup = ["kind", "start", "start_known_to", "note"]
    lines = [
        maps.lines(paths, f"Last {minutes} minutes, {kind}", color=BODIES[kind][0], weight=2.2)
        for kind, paths in ways.items()
    ]
    return (
        *lines,
        maps.points(table, "First satellites", **first),
        maps.points(
            *(place, "Event"), styles={"e": ("black", "star")}, popup=popup, size=9, labels=True
        ),
    )


def _means(roll_deg, radar):
    return f"{'cameras and radar' if radar else 'cameras only'}, roll up to {roll_deg}°"


def _kind(radar):
    return "radar" if radar else "camera, by day"


def first_words(event, first, begin, roll_deg, radar):
    """Return in words who is first, and how many follow."""
    start = f"{event['name']} at {begin:%H:%M} UTC, {_means(roll_deg, radar)}. "
    if first.empty:
        return start + "None of these satellites comes by in the time we compute."
    row = first.iloc[0]
    kind = "radar" if row["radar"] else f"camera, Sun {row['sun_deg']:.0f}° high"
    words = f"{start}First chance: {row['satellite']} ({kind}) after {row['hours']:.1f} hours"
    others = first.iloc[1:4]
    then = ", ".join(f"{r.satellite} {r.hours:.1f} h" for r in others.itertuples())
    return words + (f"; then {then}." if then else "; no other follows.")


# --- what sharing buys


def waits_of(waiting, how):
    """Return the hours of each place over all starts: their "median" or the "worst" of them.

    waiting comes from `imaging.waiting_hours`. Above 72 hours it is inf: not within three days.
    """
    one_of(how, ("median", "worst"), "figure")
    return imaging.median_and_worst(waiting)[how]


def waits_layer(hours, names):
    """Return hours by country (Series by ISO code, inf for none) as a layer of countries.

    names: capitals, indexed by ISO code.
    """
    words = pd.Series(NO_SATELLITE, index=hours.index)
    for text, limit in reversed(WAIT_CLASSES):
        words[hours <= limit] = text
    shades = style.sequential(len(WAIT_CLASSES))
    styles = {text: shade for (text, _), shade in zip(WAIT_CLASSES, shades, strict=True)}
    styles[NO_SATELLITE] = style.NO_DATA
    popup = {
        iso3: {
            "country": names.loc[iso3, "country"],
            "capital": names.loc[iso3, "capital"],
            "hours": "none" if np.isinf(value) else f"{value:.1f}",
            "sources": names.loc[iso3, "source_ids"],
        }
        for iso3, value in hours.items()
    }
    return maps.countries(words, "Hours to the first image", styles=styles, popup=popup)


def waits_words(hours, whose, start, roll_deg, radar):
    """Return in words how many capitals are served, and how long they wait."""
    served = hours[np.isfinite(hours)]
    words = f"Each country with {whose}, {_means(roll_deg, radar)}: a chance of a picture within "
    words += f"three days, on the {start} start, for {len(served)} of {len(hours)} capitals"
    if served.empty:
        return words + "."
    if len(served) == 1:
        return f"{words}, after {served.iloc[0]:.1f} hours."
    words += f", after {served.min():.1f} to {served.max():.1f} hours"
    return f"{words} ({served.median():.1f} in the middle one of these)."
