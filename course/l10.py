"""What lesson 10, station and Moon, has of its own: words of views, computed claims, exercises."""

import numpy as np
import pandas as pd

from course import place as my
from course.drawn_answers import Drawing
from course.moon import NO_STATES, PAPERS, STANDINGS, experiments, sides, standings, ties
from helpers import data, maps
from helpers.claims import computes
from helpers.exercises import Number, exercise
from helpers.words import counted
from silkroad import geometry, station

RECORD_ANNOUNCED = "Yutu-2 record announced"
LAST_LIST = 2026  # the year of the last list of those who signed the Artemis Accords

# --- the views: their words, and rows in words


def sky_words(seen, place):
    """Return one row of `station.sky` and the place, a row with name, lat, lon, as a sentence."""
    city, noon = place["name"], pd.Timedelta(hours=place["lon"] / 15)
    lit = "in the Sun" if seen["sunlit"] else "in the Earth's shadow"
    high, way = seen["elevation_deg"], geometry.compass(seen["azimuth_deg"])
    if high < 0:
        there = f"below the horizon of {city}"
    elif seen["reason"] == station.REASONS[0] and high < station.LOWEST_DEG:
        there = f"{high:.0f}° high in the {way} from {city}, too low to be sure of"
    else:
        there = f"{high:.0f}° high in the {way} from {city}, {seen['reason']}"
    clocks = f"{seen.name:%Y-%m-%d %H:%M} UTC, {my.local(seen.name, place)}, "
    clocks += f"{seen.name + noon:%H:%M} by the Sun there"
    return f"{clocks}: the station is {lit}, {there}."


def passes_table(found, place, band_s):
    """Return passes as a short table: rise, top, set, elevation, whether seen, and the band.

    Hours are UTC, but for that of the rise by the clocks of the place, a row with name, lat, lon.
    """
    clock = {c: found[c].dt.strftime("%H:%M:%S") for c in ("rise", "culmination", "set")}
    return pd.DataFrame(
        {
            "rise": clock["rise"],
            "top": clock["culmination"],
            "set": clock["set"],
            "rise_there": [my.hour_there(rise, place) for rise in found["rise"]],
            "elevation_deg": found["max_elevation_deg"].round(1),
            "reason": found["reason"],
            "seen_seconds": found["seen_seconds"],
            "plus_minus_s": round(band_s, 1),
        }
    )


def pass_words(found, place, day):
    """Return the passes of one day over a place, a row with name, lat and lon, as a sentence."""
    city = place["name"]
    if found.empty:
        return f"{day:%Y-%m-%d}: no pass above 10° over {city}."
    seen = int((found["seen_seconds"] > 0).sum())
    passes = "one pass" if len(found) == 1 else f"{len(found)} passes"
    eye = {0: "none of them can be seen by eye", len(found): "all can be seen by eye"}
    if len(found) == 1:
        eye = {0: "it cannot be seen by eye", 1: "it can be seen by eye"}
    ends = eye.get(seen, f"{seen} can be seen by eye")
    eyes = found[found["seen_seconds"] > 0]["rise"]
    kind, when = ("first to be seen", eyes) if len(eyes) else ("first", found["rise"])
    rises = f"the {kind} rises at {when.iloc[0]:%H:%M} UTC, {my.local(when.iloc[0], place)}"
    return f"{day:%Y-%m-%d}: {passes} above 10° over {city}; {ends}; {rises}."


def standing_words(ties, what, year):
    """Return in how many countries something was done or is only agreed, as a sentence."""
    countries = ties[~ties["iso3"].isin(NO_STATES)]
    kinds = standings(countries).value_counts()
    what = what[0].upper() + what[1:]
    if kinds.empty:
        return f"{what}, up to {year}: no country yet."
    parts = ", ".join(f"{kinds[name]} {name}" for name in STANDINGS if name in kinds)
    return f"{what}, up to {year}: {counted(kinds.sum(), 'country', 'countries')} ({parts})."


def paper_words(papers, year):
    """Return how many states signed which paper on the Moon up to a year, and who both."""
    if papers.empty:
        return f"Up to {year}: no signature yet."
    whose = sides(papers)
    states = papers[papers["paper"].isin(PAPERS[:2])].groupby("paper")["iso3"].nunique()
    both = papers[papers["iso3"].isin(whose.index[whose == PAPERS[3]])]["country"].unique()
    least = "at least " if year < LAST_LIST else ""  # a state may have signed before its list
    counts = [f"{PAPERS[0]} {least}{counted(states.get(PAPERS[0], 0), 'state')}"]
    counts.append(f"ILRS {counted(states.get(PAPERS[1], 0), 'state')}")
    return f"Up to {year}: {', '.join(counts)}; both: {', '.join(sorted(both)) or 'none'}."


# --- the claims


@computes("C003")
def longest_working_rover():
    """Confirmed when the landing plus the older record lies before the month of the announcement.

    Inaccurate when the record was announced before the older one was passed.
    """
    passed = _date("Chang'e-4 landing") + pd.Timedelta(days=_value("C003"))
    announced = _last_day(RECORD_ANNOUNCED)
    return (
        "confirmed" if passed <= announced else "inaccurate",
        f"The record of {_value('C003'):.0f} days was passed on {passed:%Y-%m-%d}; "
        f"the announcement is of {announced:%Y-%m}.",
        {"record to beat, days": _value("C003"), "passed on": f"{passed:%Y-%m-%d}"},
    )


@computes("C027")
def invited_to_change_6():
    """Confirmed when foreign payloads flew on Chang'e-6, as an invitation would lead to.

    Disputed when some were agreed and none flew, inaccurate when there are none at all.
    """
    rows = data.load("cooperation")
    rows = rows[(rows["kind"] == "lunar_payload") & rows["name"].str.contains("Chang'e-6")]
    flown = rows[rows["status"] == "completed"]
    verdict = "confirmed" if len(flown) else "disputed" if len(rows) else "inaccurate"
    return (
        verdict,
        f"On Chang'e-6 flew {len(flown)} foreign payloads: {', '.join(flown['country'])}.",
        {"foreign payloads that flew": len(flown), "countries": flown["iso3"].nunique()},
    )


@computes("C071")
def station_in_april_2020():
    """Confirmed when the first module of the station flew in April 2020 or within a month after.

    Inaccurate otherwise: then something else was planned for that month.
    """
    late = (_date("Tianhe core module") - _april_2020()).days
    verdict = "confirmed" if late <= 31 else "inaccurate"
    return (
        verdict,
        f"The first module was launched {late} days after the end of April 2020.",
        {"days from the end of April 2020 to Tianhe": late},
    )


@computes("C072")
def test_flight_in_april_2020():
    """Met when the flight that prepared the station took place by the end of April 2020.

    Missed when it came later.
    """
    late = (_date("Long March 5B first flight") - _april_2020()).days
    verdict = "prediction_met" if late <= 0 else "prediction_missed"
    return (
        verdict,
        f"The first Long March 5B flew {late} days after the end of April 2020.",
        {"days from the end of April 2020 to the flight": late},
    )


@computes("C074")
def tiangong_1_came_down():
    """Confirmed when the calendar years differ by seven or the time is seven years to half a year.

    Inaccurate otherwise.
    """
    first = data.load("satellites").set_index("name").loc["Tiangong-1"]
    years = (first["end_date"] - first["launch_date"]).days / 365.25
    calendar = first["end_date"].year - first["launch_date"].year
    verdict = "confirmed" if calendar == 7 or abs(years - 7) <= 0.5 else "inaccurate"
    return (
        verdict,
        f"From {first['launch_date']:%Y-%m-%d} to {first['end_date']:%Y-%m-%d} are "
        f"{years:.1f} years; the calendar years differ by {calendar}.",
        {"years by date": round(years, 2), "years by calendar": calendar},
    )


@computes("C076")
def days_on_tiangong_2():
    """Confirmed when the stay on board lasted the days claimed, to the day.

    Inaccurate when only the whole flight, or not even that, comes to that number.
    """
    claimed = _value("C076")
    landing = data.load("timeline").set_index("title").loc["Shenzhou-11 lands"]
    # Docked and undocked, as the row of the landing tells: 18 October to 17 November.
    days = pd.Series(landing["description"]).str.extract(r"from (\d+) (\w+) to (\d+) (\w+)").iloc[0]
    year = str(landing["date"])[:4]
    docked = pd.to_datetime(f"{days[2]} {days[3]} {year}") - pd.to_datetime(
        f"{days[0]} {days[1]} {year}"
    )
    flight = (_date("Shenzhou-11 lands") - _date("Shenzhou-11")).days
    verdict = "confirmed" if abs(docked.days - claimed) < 1 else "inaccurate"
    return (
        verdict,
        f"The crew was docked for about {docked.days} days; launch and landing are {flight} "
        "calendar days apart.",
        {"claimed, days": claimed, "docked, days": docked.days, "launch to landing, days": flight},
    )


@computes("C077")
def record_of_33_days():
    """Outdated when a later crew stayed longer, confirmed when none did."""
    claimed = _value("C077")
    later = (_date("Shenzhou-12 returns") - _date("Shenzhou-12")).days
    return (
        "outdated" if later > claimed else "confirmed",
        f"Shenzhou-12 flew for {later} days in 2021.",
        {"record claimed, days": claimed, "Shenzhou-12, days": later},
    )


@computes("C081")
def six_and_three():
    """Confirmed when the table holds six experiments accepted outright and three conditional."""
    rows = experiments(data.load("cooperation"))
    outright = rows.loc[~rows["conditional"], "project"].nunique()
    conditional = rows.loc[rows["conditional"], "project"].nunique()
    return (
        "confirmed" if (outright, conditional) == (6, 3) else "inaccurate",
        f"{outright} experiments were accepted outright and {conditional} conditionally.",
        {"accepted outright": outright, "conditional": conditional},
    )


@computes("C082")
def seventeen_countries():
    """Confirmed when the six accepted outright come from the number of countries claimed.

    Inaccurate when they do not; the numbers say whether all nine do.
    """
    claimed = _value("C082")
    rows = experiments(data.load("cooperation"))
    outright, every = rows.loc[~rows["conditional"], "iso3"].nunique(), rows["iso3"].nunique()
    return (
        "confirmed" if outright == claimed else "inaccurate",
        f"The six accepted outright involve {outright} countries, all nine {every}.",
        {"claimed": claimed, "countries of the six": outright, "countries of all nine": every},
    )


def _value(id):
    return float(data.load("claims").set_index("id").loc[id, "value"])


def _date(title):
    return pd.Timestamp(data.load("timeline").set_index("title").loc[title, "date"])


def _last_day(title):
    month = data.load("timeline").set_index("title").loc[title, "date"]
    return pd.Period(month, freq="M").end_time


def _april_2020():
    return pd.Period(data.load("claims").set_index("id").loc["C071", "value_text"], "M").end_time


# --- the exercises


def _partners():
    capitals = data.load("capitals")
    return capitals[capitals["iso3"].isin(data.load("bri_countries")["iso3"])]


def _below(limit_deg, tilt_deg=28.5):
    return int((station.highest_elevation_deg(_partners()["lat"], tilt_deg, 390) < limit_deg).sum())


@exercise(
    "10-1",
    Number(unit="capitals"),
    wrong=[
        (
            lambda: int((_partners()["lat"].abs() > 28.5).sum()),
            "Those lie beyond the path, but "
            "many still see the station low in the sky. Ask for the highest elevation.",
        ),
        (lambda: _below(0), "0° is the horizon. The question asks for 10°."),
        (lambda: _below(10, 41.5), "That is for a tilt of 41.5°. Take 28.5°."),
        (lambda: len(_partners()) - _below(10), "Those are the ones that do see it."),
    ],
    hint="Count where highest_elevation_deg(partners['lat'], 28.5, 390) is below 10.",
)
def never_above_ten():
    """In how many partner capitals would a station at 28.5° never rise above 10°?"""
    return _below(10)


def _turns():
    elements = data.load("elements").set_index("norad_id")
    return float(elements.loc[48274, "mean_motion_rev_per_day"])


@exercise(
    "10-2",
    Number(unit="minutes", tolerance=0.5),
    wrong=[
        (lambda: 24 / _turns(), "That is in hours. A day has 24 × 60 minutes."),
        (lambda: _turns() * 60 / 24, "You divided turns by the day. Divide the day by the turns."),
    ],
    hint="The minutes of a day, divided by the turns in a day.",
)
def minutes_of_a_turn():
    """How many minutes does one turn of the station take?"""
    return 24 * 60 / _turns()


@exercise(
    "10-3",
    Number(unit="days", tolerance=0.06),
    wrong=[
        (33, "33 counts each day of the calendar that was touched. Take the times as well."),
        (30, "30 days is the time docked to Tiangong-2. The question asks for the flight."),
        (31, "October has 31 days: mind the month, and take the hours as well."),
    ],
    hint="Subtract two pd.Timestamp, then divide by pd.Timedelta(days=1).",
)
def days_of_shenzhou_11():
    """How many days was the crew of Shenzhou-11 in flight?"""
    flight = pd.Timestamp("2016-11-18T05:59Z") - pd.Timestamp("2016-10-16T23:30Z")
    return flight / pd.Timedelta(days=1)


@exercise(
    "10-4",
    Number(unit="countries"),
    wrong=[
        (
            lambda: int(_payloads("done")["name"].nunique()),
            "Those are payloads. One country can have several: count iso3 once.",
        ),
        (
            lambda: int(
                ties(data.load("cooperation")).query("kind == 'lunar_payload'")["iso3"].nunique()
            ),
            "That counts the planned ones as well. Keep the standing done.",
        ),
        (0, "No row has `done` there: what came of each stands in the column `standing`."),
    ],
    hint="Keep kind lunar_payload and standing done, then take iso3.nunique().",
)
def countries_with_payloads():
    """From how many countries do the lunar payloads come that flew?"""
    return _payloads("done")["iso3"].nunique()


def _payloads(standing):
    rows = ties(data.load("cooperation"))
    return rows[(rows["kind"] == "lunar_payload") & (rows["standing"] == standing)]


def _wants_turning_points(drawn):
    """Lines right round the Earth at 51.6° north and 51.6° south."""
    wide = {}
    for piece in (np.array(piece, float) for pieces in drawn["paths"].dropna() for piece in pieces):
        if np.ptp(piece[:, 0]) < 0.05:
            lat = round(piece[0, 0], 1)
            wide[lat] = wide.get(lat, 0) + np.ptp(piece[:, 1])
    round_the_earth = {lat for lat, degrees in wide.items() if degrees > 350}
    if not round_the_earth:
        return "There is no line along a parallel, from -180 to 180 degrees, yet."
    if not {51.6, -51.6} & round_the_earth:
        return "No line lies at 51.6 degrees: a station turns round where its tilt says."
    return {51.6, -51.6} <= round_the_earth or (
        "One line is missing: it turns round in the south, too."
    )


def _parallels(*lats):
    lines = [[(lat, -180), (lat, 180)] for lat in lats]
    return maps.lines({"turning points": lines}, "Turning points")


@exercise(
    "10-5",
    Drawing(_wants_turning_points),
    wrong=[
        (lambda: _parallels(51.6), "One line is missing: it turns round in the south, too."),
        (
            lambda: _parallels(41.5, -41.5),
            "No line lies at 51.6 degrees: a station turns round where its tilt says.",
        ),
        (
            lambda: maps.lines({"a point": [[(51.6, 0), (-51.6, 0)]]}, "Turning points"),
            "There is no line along a parallel, from -180 to 180 degrees, yet.",
        ),
    ],
    hint="Two lines, at 51.6 and -51.6 degrees, each from longitude -180 to 180.",
)
def where_the_other_station_turns():
    """The turning points of the International Space Station, as lines on a map."""
    return _parallels(51.6, -51.6)
