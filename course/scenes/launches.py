"""What the launch lesson draws: pads, flights, what lies below, reach, the price of GEO, rates."""

import numpy as np
import pandas as pd

from helpers import maps, style
from silkroad import geometry, launch, stats

FIRST_KM = 2000  # how much of a flight is looked at for what lies below
KIND_STYLES = {
    "inland": ("orange", "square"),
    "coastal": ("blue", "circle"),
    "sea": ("green", "triangle"),
}
FLIGHT_STYLES = {
    "over land": ("orange", ""),
    "over sea": ("blue", "6 4"),
    "rest of the first 90 minutes": ("grey", "2 4"),
}
SITE_COLUMNS = {
    "jiuquan": "Jiuquan",
    "taiyuan": "Taiyuan",
    "xichang": "Xichang",
    "wenchang": "Wenchang",
    "hainan_commercial": "Hainan commercial",
    "sea": "at sea",
}
SHORT = {  # where the first word of the name is not enough
    "hainan_cls": "Hainan commercial",
    "yellow_sea": "Yellow Sea (ship)",
    "yangjiang": "South China Sea (ship)",
    "kourou": "Kourou",
    "cape": "Cape Canaveral",
    "sriharikota": "Sriharikota",
}
PART_STYLES = {  # what a stacked chart shows: colour and hatch
    "Jiuquan": ("orange", ""),
    "Taiyuan": ("yellow", "//"),
    "Xichang": ("purple", ".."),
    "Wenchang": ("blue", ""),
    "Hainan commercial": ("sky", "\\\\"),
    "at sea": ("green", "xx"),
    "not yet split by site": (style.NO_DATA, ""),
    "orbit reached": ("sky", ""),
    "failure: wrong orbit": ("yellow", "//"),
    "failure: no orbit": ("orange", ""),
    "with a foreign payload": ("blue", ""),
    "without": ("sky", "//"),
    "not counted": (style.NO_DATA, ""),
}


def short_names(sites):
    """Return `launch_sites` indexed by short names that fit a chart, also in a column `short`."""
    words = sites["name"].str.split(" ").str[0].where(~sites["id"].isin(SHORT), sites["id"])
    return sites.assign(short=words.replace(SHORT)).set_index("short", drop=False)


def pads(sites, chosen=None):
    """Return launch sites as points by kind; the chosen one (a short name) has its label."""
    shown = sites if chosen is None else sites[sites["short"] != chosen]
    popup = ["country", "min_inclination_direct_deg", "first_orbital_launch", "vehicles", "note"]
    drawn = [
        maps.points(shown, "Launch sites", category="kind", styles=KIND_STYLES, popup=popup, size=5)
    ]
    if chosen is not None:
        here = sites.loc[[chosen]]
        mark = {"pad": ("black", "star")}
        drawn.append(
            maps.points(
                here, "Launch from", label="short", styles=mark, popup=popup, size=9, labels=True
            )
        )
    return drawn


def first_kilometres(track, total_km=FIRST_KM, steps=100):
    """Return (lat, lon) of `steps` equal pieces of the first `total_km` above the ground.

    track: a function of minutes that gives (lat, lon), such as `launch.launch_track` with all
    else filled in.
    """
    minutes = np.linspace(0, total_km / 400, 60)  # 6.7 km/s is slower than any first orbit
    lat, lon = np.radians(track(minutes))
    cosine = np.sin(lat[0]) * np.sin(lat) + np.cos(lat[0]) * np.cos(lat) * np.cos(lon - lon[0])
    far_km = launch.EQUATOR_KM * np.arccos(np.clip(cosine, -1, 1))
    return track(np.interp(np.linspace(0, total_km, steps + 1), far_km, minutes))


def flight(lat, lon, below, ahead):
    """Return a flight as lines: over land, over sea, and the rest of it.

    lat, lon: the first kilometres; below: the country at each of their points, "" for the sea;
    ahead: (lat, lon) of the whole flight in steps of half a minute.
    """
    pieces, start = {name: [] for name in FLIGHT_STYLES}, 0
    land = [bool(name) for name in below]
    for end in range(1, len(lat)):
        if end == len(lat) - 1 or land[end] != land[start]:
            where = "over land" if land[start] else "over sea"
            pieces[where] += geometry.split_antimeridian(lat[start : end + 1], lon[start : end + 1])
            start = end
    # The rest begins where the first kilometres end, not again at the pad.
    passed = np.argmin(np.hypot(ahead[0][:20] - lat[-1], ahead[1][:20] - lon[-1])) + 1
    rest = [np.r_[end, way[passed:]] for end, way in zip((lat[-1], lon[-1]), ahead, strict=True)]
    pieces["rest of the first 90 minutes"] = geometry.split_antimeridian(*rest)
    return maps.lines(pieces, "Flight", styles=FLIGHT_STYLES, weight=3)


def below_words(below, total_km=FIRST_KM):
    """Return what lies under a flight in words, countries and sea in the order of crossing."""
    steps = pd.Series(below[:-1]).replace("", "sea")
    km = steps.value_counts()[steps.unique()] * total_km / len(steps)
    parts = ", ".join(f"{name} {value:,.0f} km" for name, value in km.items())
    return f"Below the first {total_km:,} km: {parts}."


def heading_words(azimuth_deg):
    """Return an azimuth with the name of the wind, such as "47° (north-east)"."""
    return f"{azimuth_deg:.1f}° ({geometry.compass(azimuth_deg)})"


def flight_words(pad, inclination_deg, direction, turning, below):
    """Return the headline of a flight: azimuth, what the pad gives, what lies below."""
    both = launch.azimuth(inclination_deg, pad["lat"], rotating=turning)
    heading = heading_words(both[launch.DIRECTIONS.index(direction)])
    add, gift = launch.orbital_speed_m_s(), 0.0
    if turning:
        add = launch.needed_speed_m_s(inclination_deg, pad["lat"])
        gift = launch.eastward_speed_m_s(pad["lat"])
    return (
        f"{pad['short']} to {inclination_deg}°: azimuth {heading}. The pad moves east with "
        f"{gift:.0f} m/s, the rocket must add {add:,.0f} m/s. {below_words(below)}"
    )


def out_of_reach(pad, inclination_deg):
    """Return in a sentence why an orbit is out of reach from a pad."""
    low = float(launch.minimum_inclination(pad["lat"]))
    return (
        f"No flight: {inclination_deg}° is out of reach from {pad['short']}. Every orbit that "
        f"passes over the pad at {low:.1f}° of latitude comes at least to {low:.1f}°."
    )


def reach(sites, inclination_deg):
    """Return (chart, words): which sites reach an inclination directly, and what it costs there."""
    low = launch.minimum_inclination(sites["lat"])
    order = np.argsort(low, kind="stable")
    ok = launch.reachable(inclination_deg, sites["lat"])
    need = [
        float(launch.needed_speed_m_s(inclination_deg, lat)) if can else np.nan
        for lat, can in zip(sites["lat"], ok, strict=True)
    ]
    table = pd.DataFrame(
        {
            "site": sites["short"].to_numpy(),
            "lowest inclination, °": low.round(1),
            "eastward speed of the pad, m/s": launch.eastward_speed_m_s(sites["lat"]).round(),
            "reached directly": np.where(ok, "yes", "no"),
            "speed to add, m/s": np.round(need),
        }
    ).iloc[order]
    figure, axes = style.chart(8, 3.9, left=0.2, right=0.88, top=0.98, bottom=0.13)
    can = ok[order]
    lowest, rows = table["lowest inclination, °"].to_numpy(), np.arange(len(table))
    for some, look in (
        (can, {"color": style.color("blue")}),
        (~can, {"color": style.NO_DATA, "hatch": "///"}),
    ):
        start = lowest[some]
        axes.barh(rows[some], 115 - start, left=start, edgecolor="white", **look)
    for row, speed in enumerate(table["speed to add, m/s"]):
        text = f"add {speed:,.0f} m/s" if can[row] else "out of reach"
        axes.text(lowest[row] - 1, row, f"{lowest[row]:.1f}°", ha="right", va="center", fontsize=8)
        axes.text(116, row, text, va="center", fontsize=8)
    axes.axvline(inclination_deg, color=style.color("orange"), lw=2)
    axes.set_yticks(range(len(table)), table["site"], fontsize=9)
    axes.set(xlim=(-6, 115), ylim=(len(table) - 0.4, -0.6), xlabel="inclination, degrees")
    axes.grid(axis="y", visible=False)
    who = ", ".join(table.loc[can, "site"])
    verb = "reaches" if can.sum() == 1 else "reach"
    words = f"{inclination_deg}°: {can.sum()} of {len(table)} sites {verb} it directly"
    words += f" ({who})." if 0 < can.sum() <= 5 else "."
    return maps.chart(figure, "Reach", alt=words, table=table), words


def to_geo(places, mass_kg, isp_s):
    """Return a table: for each place the price of GEO from its GTO and what arrives there.

    places: Series {name: latitude in degrees}. The transfer orbit has the place's latitude as its
    inclination and carries `mass_kg`; the satellite's engine has the specific impulse `isp_s`.
    """
    cost = launch.geostationary_cost_m_s(np.abs(places.to_numpy()))
    left = launch.mass_ratio(cost, isp_s)
    return pd.DataFrame(
        {
            "from": places.index,
            "inclination of GTO, °": np.abs(places.to_numpy()).round(1),
            "burn at apogee, m/s": np.round(cost),
            "mass in GEO, kg": np.round(mass_kg * left),
            "share, %": (100 * left).round(1),
        }
    )


def geo_chart(table, isp_s):
    """Return the price of GEO over latitude and the mass that arrives, as one chart."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 3.1))
    edges = {"left": 0.06, "right": 0.99, "bottom": 0.16, "top": 0.9, "wspace": 0.6}
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.35), gridspec_kw=edges)
    lat = np.linspace(0, 50, 101)
    left.plot(lat, launch.geostationary_cost_m_s(lat), color=style.color("blue"))
    left.plot(
        table["inclination of GTO, °"],
        table["burn at apogee, m/s"],
        "o",
        color=style.color("orange"),
        ms=5,
    )
    left.set_title("Burn at apogee, m/s", fontsize=10, loc="left")
    left.set(xlabel="latitude of the launch, degrees", xlim=(-1, 50), ylim=(1400, 2450))
    bars = right.barh(table["from"], table["mass in GEO, kg"], color=style.color("blue"))
    labels = [
        f"{kg:,.0f} kg ({share:.1f} %)"
        for kg, share in zip(table["mass in GEO, kg"], table["share, %"], strict=True)
    ]
    right.bar_label(bars, labels, padding=3, fontsize=8)
    right.set_title(f"Mass that arrives in GEO (Isp {isp_s} s)", fontsize=10, loc="left")
    right.invert_yaxis()
    right.margins(x=0.45)
    right.set_xticks([])
    right.spines["bottom"].set_visible(False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    words = "; ".join(
        f"{row['from']}: {row['burn at apogee, m/s']:,.0f} m/s, {row['mass in GEO, kg']:,.0f} kg"
        for row in table.to_dict("records")
    )
    return maps.chart(figure, "The price of GEO", alt=f"{words}.", table=table)


def per_year(years, show):
    """Return the columns to stack, one row a year: `show` is "site", "outcome" or "payload".

    years: rows of `launches_by_year`. What the table does not split stands in a column of its
    own, so that every row adds up to the attempts. "payload" ends with the last year counted.
    """
    attempts = years["china_attempts"]
    if show == "site":
        parts = years[list(SITE_COLUMNS)].rename(columns=SITE_COLUMNS)
        parts = parts.assign(**{"not yet split by site": attempts - parts.sum(axis=1)})
    elif show == "outcome":
        lost = years["china_failures_no_orbit"]
        parts = pd.DataFrame(
            {
                "orbit reached": attempts - years["china_failures"],
                "failure: wrong orbit": years["china_failures"] - lost,
                "failure: no orbit": lost,
            }
        )
    else:
        abroad = years["china_launches_with_foreign_payload"]
        known = abroad.notna()
        parts = pd.DataFrame(
            {
                "with a foreign payload": abroad,
                "without": attempts.where(known) - abroad,
                "not counted": attempts.mask(known),
            }
        )
    parts = parts.fillna(0).astype(int).set_axis(years["year"].to_numpy())
    return parts.loc[:, parts.any()]


def year_chart(parts, title):
    """Return the columns of `per_year` as stacked bars with numbers in the twin table."""
    figure, axes = style.chart(8.6, 3, left=0.05, right=0.8, top=0.9, bottom=0.1)
    bottom = np.zeros(len(parts))
    for name in parts:
        colour, hatch = PART_STYLES[name]
        look = {"color": style.color(colour), "hatch": hatch, "edgecolor": "white", "lw": 0.5}
        axes.bar(parts.index, parts[name], bottom=bottom, label=name, **look)
        bottom += parts[name].to_numpy()
    axes.set_title(title, fontsize=10, loc="left")
    first, last = parts.index[[0, -1]]
    half = max((last - first) / 2 + 0.8, 4)  # few years keep bars of the usual width
    axes.set(xlim=((first + last) / 2 - half, (first + last) / 2 + half))
    axes.set(ylim=(0, bottom.max() * 1.08))
    axes.set_xticks(parts.index[:: 1 + len(parts) // 14])
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles[::-1],
        labels[::-1],
        fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1, 1),
        frameon=False,
    )
    totals = ", ".join(f"{parts[name].sum()} {name}" for name in parts)
    return maps.chart(
        figure,
        title,
        alt=f"{title}, {first} to {last}: {totals}.",
        table=parts.rename_axis("year").reset_index(),
    )


def year_words(years, show, level=0.95):
    """Return the headline of the years chosen: attempts, failures with interval, or payloads."""
    first, last = years["year"].iloc[[0, -1]]
    span = f"{first}" if first == last else f"{first} to {last}"
    attempts, failures = int(years["china_attempts"].sum()), int(years["china_failures"].sum())
    words = f"{span}: {attempts} attempts"
    if show == "outcome":
        low, high = stats.wilson(failures, attempts, level)
        return (
            f"{words}, {failures} of them failures: {failures / attempts:.1%} "
            f"(interval {low:.1%} to {high:.1%})."
        )
    if show == "payload":
        known = years.dropna(subset=["china_launches_with_foreign_payload"])
        if known.empty:
            return f"{words}. Foreign payloads are not counted for these years."
        abroad = int(known["china_launches_with_foreign_payload"].sum())
        base, end = int(known["china_attempts"].sum()), known["year"].iloc[-1]
        note = "" if end == last else f" (counted to {end})"
        return f"{words}. With a foreign payload: {abroad} of {base}, {abroad / base:.1%}{note}."
    parts = per_year(years, "site").sum()
    most = parts.idxmax()
    return f"{words}, the most from {most} ({parts[most]})."


def success_rates(vehicles, level=0.95):
    """Return vehicles with flights, successes, rate and Wilson's interval, surest first."""
    flights = vehicles["flights_to_2025_11_30"].to_numpy()
    good = flights - vehicles["failures_to_2025_11_30"].to_numpy()
    low, high = stats.wilson(good, flights, level)
    table = pd.DataFrame(
        {
            "vehicle": vehicles["name"].str.split(" (", regex=False).str[0],
            "flights": flights,
            "successes": good,
            "degraded": vehicles["degraded_to_2025_11_30"].to_numpy(),
            "rate, %": (100 * good / flights).round(1),
            "from, %": (100 * low).round(1),
            "to, %": (100 * high).round(1),
        }
    )
    return table.sort_values("from, %", ascending=False, kind="stable").reset_index(drop=True)


def rate_chart(table, level=0.95):
    """Return `success_rates` as points with intervals, each with successes of flights."""
    height = 1.1 + 0.2 * max(len(table), 4)
    edges = {"top": 1 - 0.3 / height, "bottom": 0.35 / height}
    figure, axes = style.chart(8, height, left=0.21, right=0.98, **edges)
    rows = np.arange(len(table))
    rate = table["rate, %"]
    axes.hlines(rows, table["from, %"], table["to, %"], color=style.color("sky"), lw=5, alpha=0.8)
    axes.plot(rate, rows, "o", color=style.color("black"), ms=4)
    for row, line in enumerate(table.itertuples()):
        text = f"{line.successes} of {line.flights}"
        text += f" ({line.degraded} degraded)" if line.degraded else ""
        axes.text(101.5, row, text, va="center", fontsize=8)
    axes.set_yticks(rows, table["vehicle"], fontsize=8)
    axes.set(ylim=(len(table) - 0.4, -0.6), xlim=(20, 122))
    axes.set_xticks(range(20, 101, 10))
    axes.set_title(
        f"Successes, % of flights (dot) and {level:.0%} interval (bar)", fontsize=10, loc="left"
    )
    axes.grid(axis="y", visible=False)
    words = "; ".join(
        f"{row['vehicle']}: {row['successes']} of {row['flights']}, "
        f"{row['from, %']:.0f} to {row['to, %']:.0f} %"
        for row in table.to_dict("records")
    )
    return maps.chart(figure, "Success rates", alt=f"{words}.", table=table)


def rate_words(table):
    """Return what the intervals allow to say, in a sentence that holds for one vehicle too."""
    spotless = table[table["successes"] == table["flights"]]
    words = (
        f"{len(table)} vehicle{'s' if len(table) != 1 else ''}, {len(spotless)} without failure."
    )
    if len(spotless):
        least = spotless.loc[spotless["flights"].idxmin()]
        words += (
            f" {least['vehicle']}: {least['successes']} of {least['flights']}, "
            f"which fits any chance from {least['from, %']:.0f} % up."
        )
    return words


def sites_in(year_row, sites):
    """Return China's sites as points by the launches of one year of `launches_by_year`.

    Sea launches are one number in the table and stand at the Yellow Sea point; the commercial
    pads, 3 km from Wenchang's, are counted with them, and the label says so.
    """
    home = {
        "jiuquan": ["jiuquan"],
        "taiyuan": ["taiyuan"],
        "xichang": ["xichang"],
        "wenchang": ["wenchang", "hainan_commercial"],
        "yellow_sea": ["sea"],
    }
    frame = sites[sites["id"].isin(home)].copy()
    counts = [[int(year_row[column]) for column in home[id]] for id in frame["id"]]
    frame["launches"] = [sum(count) for count in counts]
    frame["label"] = [
        f"{SITE_COLUMNS[home[id][0]]}: {count[0]}"
        + (f" + {count[1]} commercial" if sum(count[1:]) else "")
        for id, count in zip(frame["id"], counts, strict=True)
    ]
    drawn = []
    for name, low, high, size, look in (
        ("no launch", 0, 0, 4, ("grey", "cross")),
        ("1 to 4 launches", 1, 4, 7, ("sky", "circle")),
        ("5 to 14 launches", 5, 14, 9, ("blue", "square")),
        ("15 or more launches", 15, 999, 12, ("purple", "diamond")),
    ):
        some = frame[frame["launches"].between(low, high)]
        shown = {"styles": {name: look}, "popup": ["name", "launches"], "size": size}
        drawn.append(maps.points(some, name, label="label", labels=high > 0, **shown))
    return drawn
