"""The claims that lesson 09, launch, can compute.

The exercises of lesson 09, launch.
"""

import numpy as np
import pandas as pd

from helpers import data
from helpers.claims import computes
from helpers.exercises import Names, Number, exercise
from silkroad import launch, stats

PRINTED = 2020  # the year of the article


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
    """An aim has two sides: it is followed, and it comes nearer.

    Followed: after 2019, the year of the claim, China launched a satellite sold or given to a
    partner who had none before. Nearer: the share of its launches with a foreign payload is higher
    in the years counted after 2019 than in equally many years up to 2019. Both make the
    prediction met, none missed, one of the two disputed.
    """
    events = data.load("cooperation")
    exports = events[(events["kind"] == "satellite_export") & (events["status"] != "not_realised")]
    year = pd.to_numeric(exports["date"].str[:4])
    before, after = exports[year <= 2019], exports[year > 2019]
    new = sorted(set(after["country"]) - set(before["country"]))
    table = data.load("launches_by_year").set_index("year")
    table = table.dropna(subset=["china_launches_with_foreign_payload"])
    late = table[table.index > 2019]
    early = table[table.index <= 2019].tail(len(late))

    def share(rows):
        foreign = rows["china_launches_with_foreign_payload"].sum()
        return 100 * float(foreign) / float(rows["china_attempts"].sum())

    parts = (len(new) > 0) + (share(late) > share(early))
    evidence = (
        f"{len(new)} new partners since 2019 ({', '.join(new) or 'none'}), while the share of "
        f"launches with a foreign payload went from {share(early):.1f} % to {share(late):.1f} %."
    )
    numbers = {
        f"satellites for partners launched {year.min()} to 2019": len(before),
        f"launched 2020 to {year.max()}, losses included": len(after),
        "new partners since": len(new),
        f"launches with a foreign payload {early.index[0]} to 2019, %": share(early),
        f"launches with a foreign payload 2020 to {late.index[-1]}, %": share(late),
    }
    return ("prediction_missed", "disputed", "prediction_met")[parts], evidence, numbers


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
            lambda: np.radians(launch.azimuth(41.5, _lat("wenchang"), rotating=False)[0]),
            "That is in radians: turn it into degrees with np.degrees.",
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
    Names(),
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
