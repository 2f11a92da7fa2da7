"""What lesson 10 draws: the station over the night, its passes, and who flies with whom."""

import numpy as np
import pandas as pd

from helpers import maps, style
from silkroad import orbits, satcom, station, sun

NIGHT = ("night", "twilight", "day")
VIEWS = {  # what a capital gets at best
    "never rises": ("black", "cross"),
    "never above 10°": ("orange", "down"),
    "low (10° to 60°)": ("yellow", "triangle"),
    "high (above 60°)": ("sky", "square"),
    "overhead": ("blue", "circle"),
}
LOOKS = {
    station.REASONS[0]: ("yellow", "star"),
    station.REASONS[1]: ("black", "down"),
    station.REASONS[2]: ("sky", "circle"),
}
STANDINGS = {
    "done": "blue",
    "agreed or planned": "yellow",
    "both": "green",
    "fell through or unclear": "orange",
}
EXPERIMENTS = ("accepted outright", "conditional", "all nine")


def darkness(time):
    """Return night, twilight and day on the whole Earth as a layer."""
    colors = ["#1F2933", "#56708A", "#FFFFFF"]
    return maps.grid(
        station.night(time),
        "Day and night",
        levels=(sun.CIVIL_DUSK_DEG, 0),
        labels=NIGHT,
        colors=colors,
        opacity=0.45,
    )


def where_now(position, name="Station"):
    """Return the point below the station and the ring from which it is on the horizon."""
    below = orbits.subpoints_of(position)
    frame = pd.DataFrame(
        {
            "name": [name],
            "lat": below["lat"].values.ravel(),
            "lon": below["lon"].values.ravel(),
            "height_km": below["height_km"].values.ravel().round(),
        }
    )
    ring = satcom.footprint(position.values.ravel(), 0)
    return (
        maps.points(frame, name, popup=["height_km"], size=9, styles={name: ("orange", "star")}),
        maps.lines({"horizon": satcom.pieces(ring)}, "Sees it on the horizon"),
    )


def tracks(pieces, name):
    """Return a ground track, pieces of (n, 2) lat and lon, as a layer."""
    return maps.lines({name: pieces}, name)


def town(place):
    """Return the chosen city as a layer."""
    frame = place.to_frame().T[["name", "lat", "lon"]].astype({"lat": float, "lon": float})
    return maps.points(frame, "You", size=7, labels=True, styles={"You": ("purple", "diamond")})


def over(seen, city):
    """Return one row of `station.sky` and the name of the place as a sentence."""
    lit = "in the Sun" if seen["sunlit"] else "in the Earth's shadow"
    high = seen["elevation_deg"]
    if high < 0:
        there = f"below the horizon of {city}"
    elif seen["reason"] == station.REASONS[0] and high < station.LOWEST_DEG:
        there = f"{high:.0f}° high in {city}, too low to be sure of"
    else:
        there = f"{high:.0f}° high in {city}, {seen['reason']}"
    return f"{seen.name:%Y-%m-%d %H:%M} UTC: the station is {lit}, {there}."


def rising_on(found, day):
    """Return the passes of `found` that rise on `day`: whole ones, also over midnight."""
    today = (found["rise"] >= day) & (found["rise"] < day + pd.Timedelta(days=1))
    return found[today & ~found["rise_clipped"]].reset_index(drop=True)


def pass_chart(found, elements, other, place, day):
    """Return the passes of one day and, beside them, the rise of the highest, as a chart.

    found: `station.passes` of `elements`; other: a second set of elements of the same object. The
    band is how many seconds the two sets are apart when the highest pass rises; over one day it
    changes by little.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.2, 3.1))
    figure.subplots_adjust(left=0.17, right=0.98, top=0.86, bottom=0.16, wspace=0.2)
    left, right = figure.subplots(1, 2)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    left.set(xlim=(0, 92), ylim=(len(found) - 0.4, -0.6), xlabel="highest elevation, °")
    left.set_ylabel("rise (UTC)")
    left.set_xticks(range(0, 91, 30))
    right.set(xlabel="seconds from the rise", ylabel="elevation, °", xlim=(-25, 50))
    right.set_xticks(range(-20, 51, 20))
    band_s = 0.0
    if len(found):
        best = found.loc[found["max_elevation_deg"].idxmax(), "rise"]
        band_s = abs(station.apart(elements, other, [best])["seconds"].item())
        curve = station.sky(elements, place, pd.date_range(best, periods=11, freq="5s"))
        high, seconds = curve["elevation_deg"], np.arange(0, 51, 5)
        color = style.color("sky")
        right.fill_betweenx(high, seconds - band_s, seconds + band_s, color=color, alpha=0.6)
        right.plot(seconds, high, color=style.color("blue"))
        right.set(ylim=(high.min(), high.max()))
        right.set_title(f"the highest rises at {best:%H:%M:%S} ± {band_s:.1f} s", fontsize=10)
    else:
        right.set_yticks([])
        left.text(46, -0.5, "no pass", ha="center", va="center")
    for row, shown in found.iterrows():
        left.plot([0, shown["max_elevation_deg"]], [row, row], color=style.color("grey"), lw=1)
    for reason, (color, shape) in LOOKS.items():
        here = found[found["reason"] == reason]
        left.scatter(
            here["max_elevation_deg"],
            here.index,
            marker=style.MARKERS[shape],
            color=style.color(color),
            edgecolor=style.color("black"),
            linewidth=0.6,
            s=70,
            label=reason,
            zorder=3,
        )
    left.set_yticks(
        range(len(found)), [f"{rise:%H:%M:%S} ± {band_s:.0f} s" for rise in found["rise"]]
    )
    left.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.42, 1.2), ncols=3, frameon=False)
    table = passes_table(found, band_s)
    words = "; ".join(
        f"{row['top']} {row['elevation_deg']:.0f}° ({row['reason']})"
        for row in table.to_dict("records")
    )
    alt = f"Passes on {day:%Y-%m-%d} with the time of the top: {words or 'none'}."
    return maps.chart(figure, "Passes of one day", alt=alt, table=table)


def passes_table(found, band_s):
    """Return passes as a short table: rise, top, set, elevation, whether seen, and the band."""
    clock = {c: found[c].dt.strftime("%H:%M:%S") for c in ("rise", "culmination", "set")}
    return pd.DataFrame(
        {
            "rise": clock["rise"],
            "top": clock["culmination"],
            "set": clock["set"],
            "elevation_deg": found["max_elevation_deg"].round(1),
            "reason": found["reason"],
            "seen_seconds": found["seen_seconds"],
            "plus_minus_s": round(band_s, 1),
        }
    )


def pass_words(found, city, day):
    """Return the passes of one day as a sentence."""
    if found.empty:
        return f"{day:%Y-%m-%d}: no pass above 10° over {city}."
    seen = int((found["seen_seconds"] > 0).sum())
    passes = "one pass" if len(found) == 1 else f"{len(found)} passes"
    eye = {0: "none of them can be seen by eye", len(found): "all can be seen by eye"}
    if len(found) == 1:
        eye = {0: "it cannot be seen by eye", 1: "it can be seen by eye"}
    ends = eye.get(seen, f"{seen} can be seen by eye")
    return f"{day:%Y-%m-%d}: {passes} above 10° over {city}; {ends}."


def at_best(capitals, inclination_deg, height_km):
    """Return capitals with the column `at_best`, a key of VIEWS."""
    top = station.highest_elevation_deg(capitals["lat"], inclination_deg, height_km)
    steps = np.digitize(top, (0, 10, 60, 89.999))
    return capitals.assign(
        at_best=np.array(list(VIEWS), object)[steps], highest_deg=np.round(top, 1)
    )


def reached(capitals, inclination_deg):
    """Return the capitals by what they get at best, and the two limits of the orbit, as layers."""
    limit = min(inclination_deg, 180 - inclination_deg)
    longitudes = np.linspace(-180, 179.9, 60)
    edges = [np.column_stack([np.full(60, lat), longitudes]) for lat in (limit, -limit)]
    return (
        maps.lines({"limit": edges}, "Turning points of the orbit"),
        maps.points(
            capitals,
            "Capitals",
            category="at_best",
            styles=VIEWS,
            popup=["country", "highest_deg"],
            size=4,
        ),
    )


def tally(capitals):
    """Return how many capitals get what, as words."""
    counts = capitals["at_best"].value_counts()
    return ", ".join(f"{counts[view]} {view}" for view in reversed(VIEWS) if view in counts)


def experiments(cooperation):
    """Return the rows of the station's experiments with `project` and `conditional`."""
    rows = cooperation[cooperation["kind"] == "css_experiment"]
    conditional = rows["name"].str.contains("(conditional)", regex=False)
    project = rows["name"].str.replace(" (conditional)", "", regex=False)
    return rows.assign(project=project, conditional=conditional)


def some_experiments(rows, which):
    """Return the experiments accepted outright, the conditional ones, or all nine."""
    if which == EXPERIMENTS[2]:
        return rows
    return rows[rows["conditional"] == (which == EXPERIMENTS[1])]


def experiment_map(rows):
    """Return the countries of experiments by how many each takes part in, as a layer."""
    counts = rows.groupby("iso3")["project"].nunique()
    words = counts.map(lambda n: "one experiment" if n == 1 else "two or more")
    popup = {
        iso3: {"experiments": "; ".join(sorted(here["project"].unique()))}
        for iso3, here in rows.groupby("iso3")
    }
    colors = dict(zip(("one experiment", "two or more"), ("sky", "blue"), strict=True))
    return maps.countries(words, "Experiments", styles=colors, popup=popup)


def flights(cooperation):
    """Return what ties partners to the station and the Moon, with `year` and `standing`.

    Done is what flew and joint training that took place. A signature is an agreement, however
    complete; what is selected, planned or joined has not flown. Rows of China are left out, and
    so is Hong Kong: its astronaut flew in China's own crew.
    """
    kinds = ["human_spaceflight", "css_experiment", "lunar_payload", "ilrs_member"]
    rows = cooperation[cooperation["kind"].isin([*kinds, "ilrs_institution"])]
    rows = rows[~rows["iso3"].isin(["CHN", "HKG"])]
    done = rows["status"].eq("completed") & rows["form"].ne("agreement")
    lost = rows["status"].isin(["not_realised", "unclear", "failed"])
    standing = np.where(
        done, "done", np.where(lost, "fell through or unclear", "agreed or planned")
    )
    return rows.assign(year=rows["year"].astype(int), standing=standing)


def standing_map(rows):
    """Return countries by what they have done with China so far, and what is only agreed."""
    kinds = rows.groupby("iso3")["standing"].agg(set)
    words = kinds.map(_standing)
    popup = {
        iso3: {
            f"{row.year}": f"{row.name} ({row.status.replace('_', ' ')})"
            for row in here[["year", "name", "status"]].itertuples(index=False, name="Row")
        }
        for iso3, here in rows.groupby("iso3")
    }
    return maps.countries(words, "Partners", styles=STANDINGS, popup=popup)


def standing_words(rows, what, year):
    """Return in how many countries something was done or is only agreed, as a sentence."""
    real = rows[~rows["iso3"].isin(["INT", "ARB", "EUR"])]
    kinds = real.groupby("iso3")["standing"].agg(set).map(_standing).value_counts()
    what = what[0].upper() + what[1:]
    if kinds.empty:
        return f"{what}, up to {year}: no country yet."
    parts = ", ".join(f"{kinds[name]} {name}" for name in STANDINGS if name in kinds)
    total = kinds.sum()
    return f"{what}, up to {year}: {total} {'country' if total == 1 else 'countries'} ({parts})."


def _standing(kinds):
    if {"done", "agreed or planned"} <= kinds:
        return "both"
    return next(name for name in ("done", "agreed or planned", *STANDINGS) if name in kinds)
