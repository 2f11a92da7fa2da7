"""What lesson 09, launch, has of its own: words of its views, computed claims, exercises."""

import numpy as np
import pandas as pd

from course.drawn_answers import Drawing
from helpers import data, maps
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from helpers.words import counted
from silkroad import geometry, launch, stats

PRINTED = 2020  # the year of the article
SHORT = {  # names that fit a chart, where the first word is not enough
    "hainan_cls": "Hainan commercial",
    "yellow_sea": "Yellow Sea (ship)",
    "yangjiang": "South China Sea (ship)",
    "kourou": "Kourou",
    "cape": "Cape Canaveral",
    "sriharikota": "Sriharikota",
}

# --- the views: their words, and rows to draw


def sites_by_short_name(sites):
    """Return `launch_sites` indexed by short names that fit a chart, also in a column `short`."""
    words = sites["name"].str.split(" ").str[0].where(~sites["id"].isin(SHORT), sites["id"])
    return sites.assign(short=words.replace(SHORT)).set_index("short", drop=False)


def flight(first, below, ahead):
    """Return a flight in pieces to draw: over land, over sea, and the rest of it.

    first: (lat, lon) of the first kilometres; below: the country at each of their points, "" for
    the sea; ahead: (lat, lon) of the whole flight in steps of half a minute.
    """
    (lat, lon), rest = first, "rest of the first 90 minutes"
    pieces, start, land = {"over land": [], "over sea": [], rest: []}, 0, [bool(n) for n in below]
    for end in range(1, len(lat)):
        if end == len(lat) - 1 or land[end] != land[start]:
            where = "over land" if land[start] else "over sea"
            pieces[where] += geometry.split_antimeridian(lat[start : end + 1], lon[start : end + 1])
            start = end
    # The rest begins where the first kilometres end, not again at the pad.
    passed = np.argmin(np.hypot(ahead[0][:20] - lat[-1], ahead[1][:20] - lon[-1])) + 1
    after = [np.r_[end, way[passed:]] for end, way in zip((lat[-1], lon[-1]), ahead, strict=True)]
    return pieces | {rest: geometry.split_antimeridian(*after)}


def flight_words(pad, inclination_deg, direction, turning, below):
    """Return the headline of a flight: azimuth, what the pad gives, what lies below."""
    both = launch.azimuth(inclination_deg, pad["lat"], rotating=turning)
    heading = both[launch.DIRECTIONS.index(direction)]
    add, gift = launch.orbital_speed_m_s(), 0.0
    if turning:
        add = launch.needed_speed_m_s(inclination_deg, pad["lat"])
        gift = launch.eastward_speed_m_s(pad["lat"])
    steps = pd.Series(below[:-1]).replace("", "sea")
    km = steps.value_counts()[steps.unique()] * 2000 / len(steps)
    parts = ", ".join(f"{name} {value:,.0f} km" for name, value in km.items())
    return (
        f"{pad['short']} to {inclination_deg}°: azimuth {heading:.1f}° "
        f"({geometry.compass(heading)}). The pad moves east with {gift:.0f} m/s, the rocket must "
        f"add {add:,.0f} m/s. Below the first 2,000 km: {parts}."
    )


def out_of_reach(pad, inclination_deg):
    """Return in a sentence why an orbit is out of reach from a pad."""
    low = float(launch.minimum_inclination(pad["lat"]))
    return (
        f"No flight: {inclination_deg}° is out of reach from {pad['short']}. Every orbit that "
        f"passes over the pad at {low:.2f}° of latitude comes at least to {low:.2f}°."
    )


def reach_words(inclination_deg, reached):
    """Return how many sites reach an inclination; reached: a bool for each, by its short name."""
    count, names = int(reached.sum()), ", ".join(reached.index[reached])
    verb = "reaches" if count == 1 else "reach"
    words = f"{inclination_deg}°: {count} of {len(reached)} sites {verb} it directly"
    return words + (f" ({names})." if 0 < count <= 5 else ".")


def price_words(kg_in_geo):
    """Return what more arrives in GEO than from Xichang; kg_in_geo: a Series by place."""
    more = kg_in_geo - kg_in_geo["Xichang"]
    return (
        f"Against Xichang, Wenchang brings {more['Wenchang']:.0f} kg more to GEO, "
        f"a ship at the equator {more['ship at the equator']:.0f} kg."
    )


def year_words(years, show, level=0.95):
    """Return the headline of the years chosen: attempts, failures with interval, or payloads."""
    first, last = years["year"].iloc[[0, -1]]
    span = f"{first}" if first == last else f"{first} to {last}"
    attempts, failures = int(years["china_attempts"].sum()), int(years["china_failures"].sum())
    words = f"{span}: {counted(attempts, 'attempt')}"
    if show == "outcome":
        low, high = stats.wilson(failures, attempts, level)
        return (
            f"{words}, {counted(failures, 'failure')}: {failures / attempts:.1%} "
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
    parts = launch.attempts_by(years, "site").sum()
    most = parts.idxmax()
    return f"{words}, the most from {most} ({parts[most]})."


def launched_from(year_row, sites):
    """Return China's sites with the `launches` of one year of `launches_by_year` and a `label`.

    Sea launches are one number in the table and stand at the Yellow Sea point; the commercial
    pads, 3 km from Wenchang's, are counted with them, and the label says so.
    """
    home = dict(jiuquan="jiuquan", taiyuan="taiyuan", xichang="xichang", wenchang="wenchang")
    home |= {"yellow_sea": "sea"}
    there = sites[sites["id"].isin(home)].copy()
    own = [int(year_row[home[id]]) for id in there["id"]]
    more = np.where(there["id"] == "wenchang", int(year_row["hainan_commercial"]), 0)
    names = [launch.SITE_COLUMNS[home[id]] for id in there["id"]]
    extra = [f" + {count} commercial" if count else "" for count in more]
    labels = [f"{name}: {n}{also}" for name, n, also in zip(names, own, extra, strict=True)]
    return there.assign(launches=own + more, label=labels)


def not_at_a_mark(count):
    """Return what the map of sites leaves out: launches whose site the table does not hold."""
    return f" {count} of December stand at no mark: their sites are not split." if count else ""


def success_words(table):
    """Return what the intervals allow to say, in a sentence that holds for one vehicle too."""
    spotless = table[table["successes"] == table["flights"]]
    words = f"{counted(len(table), 'vehicle')}, {len(spotless)} without failure."
    if len(spotless):
        least = spotless.loc[spotless["flights"].idxmin()]
        words += (
            f" {least['vehicle']}: {least['successes']} of {least['flights']}, "
            f"which fits any chance from {least['from, %']:.0f} % up."
        )
    return words


# --- the claims


@computes("C004")
def largest_and_flown():
    """Two parts: the heaviest at lift-off of the vehicles flown by then; a flight in late 2019.

    Confirmed when `launch_vehicles` has Long March 5 as the heaviest of those first flown before
    the claim, and `timeline` a flight of it from October to December 2019. One part alone makes
    it disputed, none inaccurate.
    """
    vehicles, events = data.load("launch_vehicles"), data.load("timeline")
    flown = vehicles[vehicles["first_flight"] < "2020-01-01"].sort_values("liftoff_mass_t")
    heaviest = flown.iloc[-1]
    named = events["title"].str.contains(r"Long March 5(?!B)") & events["track"].eq("launch")
    flights = events[named & events["date"].between("2019-10", "2019-12-31")]
    parts = (heaviest["id"] == "lm5") + (len(flights) > 0)
    when = f"flew on {flights['date'].iloc[0]}" if len(flights) else "did not fly in late 2019"
    evidence = f"{heaviest['name'].split(' (')[0]} was the heaviest; Long March 5 {when}."
    numbers = {
        "heaviest flown before 2020, t": int(heaviest["liftoff_mass_t"]),
        "next heaviest, t": int(flown["liftoff_mass_t"].iloc[-2]),
        "flights of Long March 5 in late 2019": len(flights),
        "its failures to November 2025": int(
            vehicles.set_index("id").loc["lm5", "failures_to_2025_11_30"]
        ),
    }
    return ("inaccurate", "disputed", "confirmed")[parts], evidence, numbers


@computes("C005")
def launched_at_sea():
    """Confirmed when `launches_by_year` has a launch from the sea up to 2019, else inaccurate."""
    years = data.load("launches_by_year").set_index("year")["sea"]
    at_sea = years[years > 0]
    if at_sea.empty:
        return "inaccurate", "The table has no launch from the sea.", {"launches at sea": 0}
    first = int(at_sea.index[0])
    numbers = {
        "first year with a launch at sea": first,
        "launches at sea to 2019": int(years[years.index <= 2019].sum()),
        "launches at sea in all years of the table": int(years.sum()),
    }
    verdict = "confirmed" if first < PRINTED else "inaccurate"
    return verdict, f"The first launch from the sea was in {first}.", numbers


@computes("C012")
def satellites_in_orbit():
    """ "More than N" is compared with the count of active satellites nearest to three dates.

    Inaccurate when the count nearest to the claim's own date is not above N. Confirmed when that
    count is above N and the one at printing (2020) is less than twice N; outdated when it is twice
    N or more, so that the figure misled its readers.
    """
    claim = data.load("claims").set_index("id").loc["C012"]
    counted = data.load("launches_by_year").dropna(subset=["china_active_satellites"])
    counts = counted.set_index("year")["china_active_satellites"].astype(int)

    def near(year):
        return counts.index[abs(counts.index - year).argmin()]

    said, printed, now = near(int(claim["claim_date"][:4])), near(PRINTED), counts.index[-1]
    figure = float(claim["value"])
    if counts[said] <= figure:
        verdict = "inaccurate"
    else:
        verdict = "outdated" if counts[printed] >= 2 * figure else "confirmed"
    evidence = (
        f"{counts[said]} in {said}, {counts[printed]} in {printed}: "
        f"{counts[printed] / figure:.1f} times the figure when it was printed."
    )
    numbers = {f"active satellites in {year}": int(counts[year]) for year in (said, printed, now)}
    return verdict, evidence, {"the claim's figure": int(figure), **numbers}


@computes("C037")
def leading_by_exports():
    """An aim is judged by what is done and said, not by what comes of it.

    Done: after 2019, the year of the claim, China launched a satellite for a partner who had none
    before (one lost at launch does not count). Said: a leading position is the commission's word,
    for which our tables have no Chinese document. Done but not said makes it disputed; neither,
    not checkable. The share of launches with a foreign payload is shown, and decides nothing.
    """
    events = data.load("cooperation")
    exports = events[(events["kind"] == "satellite_export") & (events["status"] != "not_realised")]
    year = pd.to_numeric(exports["date"].str[:4])
    before, after = exports[year <= 2019], exports[year > 2019]
    new = sorted(set(after.loc[after["status"] != "failed", "country"]) - set(before["country"]))
    table = data.load("launches_by_year").set_index("year")
    table = table.dropna(subset=["china_launches_with_foreign_payload"])
    late = table[table.index > 2019]
    early = table[table.index <= 2019].tail(len(late))

    def share(rows):
        foreign = rows["china_launches_with_foreign_payload"].sum()
        return 100 * float(foreign) / float(rows["china_attempts"].sum())

    evidence = (
        f"{len(new)} new partners since 2019 ({', '.join(new) or 'none'}): partners are sought. "
        "Beside it, and no test of an aim, the share of launches with a foreign payload went from "
        f"{share(early):.1f} % to {share(late):.1f} %."
    )
    numbers = {
        f"satellites for partners launched {year.min()} to 2019": len(before),
        f"launched 2020 to {year.max()}, losses included": len(after),
        "new partners since": len(new),
        f"launches with a foreign payload {early.index[0]} to 2019, %": share(early),
        f"launches with a foreign payload 2020 to {late.index[-1]}, %": share(late),
    }
    return "disputed" if new else "not_checkable", evidence, numbers


# --- the exercises


def _lat(site):
    return float(data.load("launch_sites").set_index("id").loc[site, "lat"])


@exercise(
    "09-1",
    Number(unit="degrees", tolerance=0.15),
    wrong=[
        (
            lambda: launch.azimuth(41.5, _lat("wenchang"))[0],
            "That is with the Earth's turning. The question asks for an Earth at rest.",
        ),
        (
            lambda: launch.azimuth(41.5, _lat("wenchang"), rotating=False)[1],
            "That is the way to the south-east. The question asks for the northbound one.",
        ),
        (
            lambda: 90 - launch.azimuth(41.5, _lat("wenchang"), rotating=False)[0],
            "That is counted from the east. An azimuth counts from north: take arcsin.",
        ),
        (90 - 41.5, "The latitude of the pad matters too: divide by its cosine."),
    ],
    hint="sin(azimuth) = cos(inclination) / cos(latitude), with angles in radians for numpy.",
)
def to_the_station():
    """Which inertial azimuth leads northbound from Wenchang to the station's 41.5°?"""
    return float(launch.azimuth(41.5, _lat("wenchang"), rotating=False)[0])


@exercise(
    "09-2",
    Text(several=True, also=lambda: sites_by_short_name(data.load("launch_sites"))["id"].to_dict()),
    wrong=[
        (
            lambda: data.load("launch_sites").query("lat > 20")["id"].tolist(),
            "You took the sites further from the equator than 20°. Turn the comparison round.",
        ),
        (
            lambda: data.load("launch_sites").query("lat < 20 and iso3 == 'CHN'")["id"].tolist(),
            "Those are right, but not all: the table holds sites of other countries too.",
        ),
        (
            lambda: data.load("launch_sites").query("lat < 22")["id"].tolist(),
            "One site lies a little too far north. Compare each latitude with 20.",
        ),
    ],
    hint="Directly reached means: the inclination is at least the latitude.",
)
def reach_20():
    """From which sites is an inclination of 20° reached directly?"""
    sites = data.load("launch_sites")
    return sites.loc[launch.reachable(20, sites["lat"]), "id"].tolist()


def _arriving(site, mass_kg=5500, isp_s=315):
    return mass_kg * launch.mass_ratio(launch.geostationary_cost_m_s(_lat(site)), isp_s)


@exercise(
    "09-3",
    Number(unit="kg", relative=0.005),
    wrong=[
        (
            lambda: 5500 - _arriving("xichang"),
            "That is the propellant. What is left is the satellite.",
        ),
        (
            lambda: 5500 * launch.mass_ratio(launch.geostationary_cost_m_s(0), 315),
            "That is without a plane change, as from the equator. Put in Xichang's latitude.",
        ),
        (lambda: _arriving("wenchang"), "That is from Wenchang. Take the latitude of Xichang."),
    ],
    hint="mass_kg * launch.mass_ratio(launch.geostationary_cost_m_s(latitude), isp_s).",
)
def arriving_from_xichang():
    """How much of 5,500 kg in GTO from Xichang arrives in GEO with an Isp of 315 s?"""
    return float(_arriving("xichang"))


@exercise(
    "09-4",
    Number(unit="%", tolerance=0.4),
    wrong=[
        (100, "100 % is the share that was seen. How low may the chance be that lies behind it?"),
        (
            lambda: 100 * stats.wilson(5, 5, 0.99)[0],
            "That is the 99 % interval. The question asks for 95 %.",
        ),
        (
            lambda: stats.wilson(5, 5)[0],
            "The number is right as a share. Multiply by 100 for per cent.",
        ),
        (0, "Zero cannot be: a rocket that always fails would not have flown five times."),
    ],
    hint="stats.wilson(successes, trials) returns the low and the high end, as shares.",
)
def five_of_five():
    """What is the low end of the 95 % Wilson interval for 5 successes of 5, in %?"""
    return float(100 * stats.wilson(5, 5)[0])


def _ways(site="wenchang", inclination_deg=41.5, ways=launch.DIRECTIONS):
    pad = data.load("launch_sites").set_index("id").loc[site]
    here, minutes = (pad["lat"], pad["lon"], inclination_deg), np.arange(0, 90.5, 0.5)
    tracks = {way: launch.launch_track(*here, way, minutes) for way in ways}
    return maps.lines({w: geometry.split_antimeridian(*t) for w, t in tracks.items()}, "Two ways")


def wants_two_ways(drawn):
    """Two lines that begin at Wenchang and reach 41.5° and no further, one of them north first."""
    lines = [np.concatenate(paths) for paths in drawn["paths"].dropna() if len(paths)]
    if not lines:
        return "There is no line yet: maps.lines({name: pieces}, title)."
    pad = data.load("launch_sites").set_index("id").loc["wenchang", ["lat", "lon"]].to_numpy(float)
    lines = [line for line in lines if np.abs(line[0] - pad).max() < 0.5 and len(line) > 2]
    if not lines:
        return "No line begins at Wenchang: take its lat and lon from `sites`."
    if any(abs(np.abs(line[:, 0]).max() - 41.5) > 0.6 for line in lines):
        return "A line must reach 41.5° of latitude and no more: the inclination is 41.5."
    if len({line[1][0] > line[0][0] for line in lines}) < 2:
        return "That is one way only. The other goes in the other of launch.DIRECTIONS."
    return True


@exercise(
    "09-5",
    Drawing(wants_two_ways),
    wrong=[
        (
            lambda: _ways(ways=["northbound"]),
            "That is one way only. The other goes in the other of launch.DIRECTIONS.",
        ),
        (
            lambda: _ways("xichang"),
            "No line begins at Wenchang: take its lat and lon from `sites`.",
        ),
        (
            lambda: _ways(inclination_deg=55),
            "A line must reach 41.5° of latitude and no more: the inclination is 41.5.",
        ),
    ],
    hint="launch.launch_track(lat, lon, 41.5, way, minutes) gives (lat, lon); split it, draw it.",
)
def two_ways_to_the_station():
    """The two ways from Wenchang to the station's orbit, as lines on a map."""
    return _ways()
