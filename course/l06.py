"""Lesson 06, satellite phone: its computed claims, its exercises."""

import numpy as np
import pandas as pd

from course import calls
from course.drawn_answers import Drawing
from helpers import data, maps
from helpers.claims import computes
from helpers.exercises import Number, exercise
from silkroad import satcom

SMALL_VIDEO_KBPS = 300  # our assumption for a small moving picture
CODED_VOICE_KBPS = 4  # the upper end of the table's 2.4 to 4.0 kbit/s
RANGE_KM = 39000


def _tiantong(until="2100-01-01"):
    fleet = satcom.tiantong(data.load("satellites"))
    return fleet[fleet["launch_date"] <= pd.Timestamp(until, tz="UTC")]


def _rates():
    """Return yuan per dollar by year."""
    market = data.load("gnss_market").query("metric == 'cny_per_usd_annual_average'")
    return market.set_index("year")["value"]


def _share_percent(satellites, mask_deg):
    """Return the percentage of the Earth's surface that sees one above the mask."""
    return round(100 * satcom.share_of_earth(satellites, mask_deg), 1)


def _by_parts(*hold):
    """Return the verdict on a claim of several parts."""
    return "confirmed" if all(hold) else "disputed" if any(hold) else "inaccurate"


def _figure(system, item):
    table = data.load("satcom_prices")
    return table[(table["system"] == system) & (table["item"] == item)]["value"].iloc[0]


@computes("C013")
def global_in_2015():
    """Two parts, each against 99 % of the Earth's surface, with what had flown by 1 April 2015.

    Communications: the union of the areas above 5° of elevation of the geostationary satellites
    of Chinese operators in our table. Imaging: the latitudes that the ground tracks of Chinese
    polar imagers and half their widest swath reach. Confirmed when both parts hold, inaccurate
    when neither does, disputed when one does. Our table is a selection of satellites.
    """
    table = data.load("satellites")
    table = table[table["launch_date"] <= pd.Timestamp("2015-04-01", tz="UTC")]
    chinese = table["operator"].str.contains("China|APT|CNSA|CRESDA", na=False)
    talk = table[chinese & table["role"].eq("communications") & table["orbit_class"].eq("GEO")]
    seen = _share_percent(satcom.over_equator(talk["geo_longitude_deg"]), 5)
    look = table[chinese & table["role"].eq("earth_observation") & table["orbit_class"].eq("SSO")]
    half_swath_deg = look[["swath_1_km", "swath_2_km"]].max(axis=1).fillna(0) / 2 / 111.2
    reach = (180 - look["inclination_deg"] + half_swath_deg).clip(upper=90).max()
    imaged = round(100 * float(np.sin(np.radians(reach))), 1) if len(look) else 0.0
    evidence = (
        f"The tracks of {len(look)} imagers lay over {imaged} % of the Earth; "
        f"{len(talk)} communications satellites stood above 5° on {seen} % of it."
    )
    numbers = {
        "Chinese communications satellites in the table": len(talk),
        "share of the Earth that sees one above 5°, %": seen,
        "Chinese polar imagers in the table": len(look),
        "highest latitude imaged, degrees": float(reach),
        "share of the Earth imaged, %": imaged,
    }
    return _by_parts(seen >= 99, imaged >= 99), evidence, numbers


@computes("C112")
def more_satellites():
    """Prediction met when the table has a Tiantong satellite launched after August 2016."""
    fleet = _tiantong()
    later = fleet[fleet["launch_date"] >= pd.Timestamp("2016-09-01", tz="UTC")]
    listed = "; ".join(later["name"] + " on " + later["launch_date"].dt.strftime("%Y-%m-%d"))
    verdict = "prediction_met" if len(later) else "prediction_missed"
    evidence = f"Launched after August 2016: {listed or 'none'}."
    return verdict, evidence, {"Tiantong satellites launched later": len(later)}


@computes("C113")
def china_middle_east_africa():
    """Capitals of China, the Middle East and Africa that see one of the satellites above 20° of
    elevation, the height we ask for a phone in the hand.

    Confirmed when all do, inaccurate when Africa or the Middle East has none that does, disputed
    when part of them does. The beams decide inside what geometry allows, and are not public.
    """
    fleet, capitals = _tiantong(), data.load("capitals")
    regions = data.load("regions").groupby("region")["iso3"].agg(list)
    regions["China"], regions["the Middle East"] = ["CHN"], regions["Middle East"]
    numbers, said, shares = {}, [], []
    for region in ("China", "the Middle East", "Africa"):
        rows = capitals[capitals["iso3"].isin(regions[region])]
        high = satcom.elevations(fleet, rows).max(axis=0) >= 20
        shares.append(high.mean())
        numbers[f"capitals of {region} above 20°"] = f"{high.sum()} of {len(rows)}"
        said.append(f"{region} {high.sum()} of {len(rows)}")
    verdict = _by_parts(min(shares) > 0, min(shares) == 1)
    return verdict, f"Capitals that see a satellite above 20°: {', '.join(said)}.", numbers


@computes("C118")
def china_and_the_south_china_sea():
    """Confirmed when Tiantong-1 01, at its longitude, stands 20° or higher over all of China and
    of the South China Sea (the box 0 to 23° N, 105 to 121° E); inaccurate when it is below the
    horizon somewhere there; disputed between. China is the box of its land, 18 to 54° N and 73
    to 135° E, which holds more than China. Geometry only: where the beams point is not public.
    """
    where = satcom.positions(_tiantong().iloc[[0]])
    boxes = {"China": ((18, 55), (73, 136)), "South China Sea": ((0, 24), (105, 122))}
    lowest = {
        name: float(satcom.elevation_grid(where, np.arange(*lat), np.arange(*lon)).min())
        for name, (lat, lon) in boxes.items()
    }
    verdict = _by_parts(min(lowest.values()) >= 0, min(lowest.values()) >= 20)
    words = ", ".join(f"{name} {value:.0f}°" for name, value in lowest.items())
    numbers = {f"lowest elevation, {name}, degrees": value for name, value in lowest.items()}
    return verdict, f"The lowest elevations of the satellite are: {words}.", numbers


@computes("C119")
def whole_world_in_five_years():
    """Prediction met when the Tiantong satellites launched up to November 2021 stand above 5° of
    elevation on 95 % of the Earth, as three evenly spaced ones would; else missed.
    """
    fleet = _tiantong("2021-11-30")
    spaced = satcom.over_equator([-120, 0, 120])
    share, even = (_share_percent(satellites, 5) for satellites in (fleet, spaced))
    verdict = "prediction_met" if share >= 95 else "prediction_missed"
    evidence = f"Five years on, {len(fleet)} satellites stood above 5° on {share} % of the Earth."
    numbers = {
        "Tiantong satellites by November 2021": len(fleet),
        "share of the Earth above 5°, %": share,
        "share if they were spaced evenly, %": even,
    }
    groups = {"Tiantong, November 2021": fleet, "three evenly spaced": spaced}
    return verdict, evidence, numbers, calls.along_the_equator(groups)


def _over_addis(number):
    """Return how high a Tiantong stands in Addis Ababa, and the angle at the Earth's centre."""
    it, addis = _tiantong().iloc[[number - 1]], data.load("capitals").query("iso3 == 'ETH'")
    lat, lon = np.radians([addis["lat"].item(), addis["lon"].item() - it["longitude_deg"].item()])
    return satcom.elevations(it, addis).item(), np.degrees(np.arccos(np.cos(lat) * np.cos(lon)))


@exercise(
    "06-1",
    Number(unit="degrees", tolerance=0.5),
    wrong=[
        (
            lambda: _over_addis(3)[1],
            "That is the angle at the Earth's centre. Apply the second formula too.",
        ),
        (
            lambda: 90 - _over_addis(3)[1],
            "90 minus the angle would be right for a star. The satellite is near: it stands lower.",
        ),
        (lambda: _over_addis(1)[0], "That is Tiantong-1 01. The question is about 03, at 81.5° E."),
    ],
    hint="By hand, numpy takes angles in radians; satcom.elevations takes one row of each table.",
)
def elevation_in_addis_ababa():
    """How high does Tiantong-1 03 stand in Addis Ababa?"""
    return _over_addis(3)[0]


@computes("C041")
def global_voice_video_data():
    """Three parts: global (99 % of the Earth above 10° of elevation from the satellites of today),
    voice (a 4 kbit/s link closes in the open, in both directions), video (the listed maximum rate
    closes both ways too and carries 2 Mbit/s, our assumption for high-rate video).

    Confirmed when all three hold, inaccurate when none does, disputed otherwise. The link takes
    the low-confidence figures of the table, 40,000 km, 3 dB lost in the hand, 3 dB of Eb/N0.
    """
    share = _share_percent(_tiantong(), 10)
    rate = _figure("Tiantong-1", "maximum user data rate")
    calls = _figure("Tiantong-1", "simultaneous voice calls per satellite")
    phone, satellite = "GMR-type handheld", "Tiantong-1"
    per_call_dbw = _figure(satellite, "EIRP") - 10 * np.log10(calls)
    link = 40000, 1.995, [[_figure(satellite, "G/T")], [_figure(phone, "G/T")]]
    eirp = [[_figure(phone, "maximum EIRP")], [per_call_dbw]]
    voice, video = satcom.margin_db(eirp, *link, [CODED_VOICE_KBPS, rate], 3, body_db=3).min(axis=0)
    parts = [share >= 99, voice >= 0, video >= 0 and rate >= 2000]
    evidence = (
        f"The three satellites stand above 10° on {share} % of the Earth; in its weaker direction "
        f"voice has {voice:+.1f} dB to spare, {rate:g} kbit/s {video:+.1f} dB."
    )
    numbers = {
        "share of the Earth above 10°, %": share,
        "margin of voice, weaker direction, dB": round(float(voice), 1),
        f"margin of {rate:g} kbit/s, weaker direction, dB": round(float(video), 1),
        "listed maximum rate, kbit/s": int(rate),
    }
    return _by_parts(*parts), evidence, numbers


@computes("C124")
def what_384_kbit_s_carries():
    """The listed maximum rate against what each service needs: voice 4 kbit/s (the table's codec),
    a small moving picture 300 kbit/s (our assumption). Confirmed when it carries both, inaccurate
    when not even voice, disputed between. 3G and 4G come from networks on the ground.
    """
    rate = _figure("Tiantong-1", "maximum user data rate")
    small_s, large_s = 60 * SMALL_VIDEO_KBPS / rate, 60 * 2000 / rate
    evidence = (
        f"At {rate:g} kbit/s at most, a minute of small video takes {small_s:.0f} s to send, "
        f"one of 2 Mbit/s {large_s:.0f} s."
    )
    numbers = {
        "maximum rate over the satellite, kbit/s": int(rate),
        "seconds to send one minute of 0.3 Mbit/s video": small_s,
        "seconds to send one minute of 2 Mbit/s video": large_s,
    }
    return _by_parts(rate >= CODED_VOICE_KBPS, rate >= SMALL_VIDEO_KBPS), evidence, numbers


@exercise(
    "06-2",
    Number(unit="ms", tolerance=5),
    wrong=[
        (lambda: float(satcom.delay_ms(RANGE_KM)), "That is one way. The answer has to come back."),
        (
            lambda: float(satcom.delay_ms(RANGE_KM)) / 2,
            "That is only the way up. There are four legs: up, down, up, down.",
        ),
        (0.52, "Right in seconds. Give milliseconds."),
    ],
    hint="Four legs of 39,000 km at 299,792 km/s; or satcom.delay_ms with there_and_back=True.",
)
def wait_for_an_answer():
    """How long is the wait between question and answer, with legs of 39,000 km?"""
    return float(satcom.delay_ms(RANGE_KM, there_and_back=True))


@exercise(
    "06-3",
    Number(unit="dB", tolerance=0.2),
    wrong=[
        (96, "96 is how many times more bits. Decibels are 10 times the logarithm of that."),
        (380, "You subtracted the rates. Decibels count ratios: divide."),
        (lambda: 20 * float(np.log10(384 / 4)), "20 is for distances. For power it is 10."),
    ],
    hint="10 * np.log10(384 / 4)",
)
def what_the_rate_costs():
    """By how many dB is the margin smaller at 384 kbit/s than at 4 kbit/s?"""
    slow, fast = satcom.margin_db(5, RANGE_KM, 1.995, 12, [4, 384], 3)
    return float(slow - fast)


@computes("C120")
def on_sale_in_months():
    """Months from November 2016 to the timeline's opening of the service to the public. Met when
    at most 3 (the forecast was two to three), else missed.
    """
    events = data.load("timeline")
    opened = events.loc[events["title"].str.contains("Tiantong service opens", na=False), "date"]
    year, month = (int(part) for part in str(opened.iloc[0])[:7].split("-"))
    months = 12 * (year - 2016) + month - 11
    verdict = "prediction_met" if months <= 3 else "prediction_missed"
    evidence = f"The service opened to all in {year}-{month:02d}, {months} months after the report."
    return verdict, evidence, {"months from November 2016": months}


@computes("C121")
def ten_thousand_yuan():
    """Confirmed when the lowest price at the first public sale (2020) lies within a quarter of the
    forecast, inaccurate when it does not: "from" names the lowest price.
    """
    table = data.load("satcom_prices")
    prices = table[table["category"].eq("price") & table["unit"].eq("CNY")]
    told = prices[prices["year"] == 2016].iloc[0]
    sold = prices[prices["year"] == 2020].iloc[0]
    later = prices[prices["year"] > 2020]["value"]
    off = sold["value"] / told["value"] - 1
    verdict = "confirmed" if abs(off) <= 0.25 else "inaccurate"
    rate = data.load("gnss_market").query("metric == 'cny_per_usd_november_average'")["value"]
    evidence = (
        f"Forecast from {told['value']:g} yuan; sold in 2020 from {sold['value']:g} "
        f"({100 * off:+.0f} %) to {sold['value_max']:g}; an ordinary phone later for "
        f"{later.min():g}."
    )
    numbers = {
        "forecast, yuan": int(told["value"]),
        "lowest price in 2020, yuan": int(sold["value"]),
        "highest price in 2020, yuan": int(sold["value_max"]),
        "later phone, yuan": int(later.min()),
        "yuan per dollar in the article": round(told["value"] / 1480, 3),
        "yuan per dollar, mean of November 2016": float(rate.iloc[0]),
    }
    return verdict, evidence, numbers


@computes("C122")
def a_tenth_of_inmarsat():
    """Ratios of each Tiantong minute in the table to each Inmarsat minute, in yuan at the mean
    rate of the tariff's own year; bundles are divided by their minutes, as if all were used.

    Confirmed when all ratios lie between a fifteenth and a seventh; inaccurate when a tenth lies
    outside their whole range; disputed when it lies within but other tariffs say otherwise. The
    plan that was sold is held against what Inmarsat costs who talks as long: 720 minutes a year.
    """
    minutes = satcom.minute_prices(data.load("satcom_prices"), _rates())
    costs = minutes.groupby("system")["cny_per_min"].agg(np.array)
    ours, theirs = costs["Tiantong-1"], costs["Inmarsat"]
    ratios = ours[:, None] / theirs
    clear = ((ratios >= 1 / 15) & (ratios <= 1 / 7)).all()
    within = clear or ratios.min() <= 0.1 <= ratios.max()
    plans = data.load("satcom_plans")
    rate = {year: satcom.in_yuan(1, "USD", year, _rates())[0] for year in plans["year"]}
    bought = satcom.plan_costs(plans, 720, rate)
    plan = bought[bought["item"].str.contains("annual plan")]["yuan_per_min"].iloc[0]
    card = bought[bought["system"] == "Inmarsat"]["yuan_per_min"].min()
    evidence = (
        f"The ratios run from {ratios.min():.2f} to {ratios.max():.2f}; the plan that was sold, "
        f"against the cheapest Inmarsat minute, gives {plan / card:.2f} at 720 minutes a year."
    )
    numbers = {
        "lowest ratio": round(float(ratios.min()), 3),
        "highest ratio": round(float(ratios.max()), 3),
        "plan of 2020 against the cheapest Inmarsat minute": round(float(plan / card), 3),
        "yuan a minute, plan of 2020": round(float(plan), 3),
        "yuan a minute, cheapest Inmarsat at 720 minutes": round(float(card), 2),
    }
    return _by_parts(within, clear), evidence, numbers


def _ratio(rate_year=2020, exchange=True):
    """Return the plan of 2020 against the prepaid Inmarsat minute at the rate of a year."""
    prices = data.load("satcom_prices").set_index("item")["value"]
    plan = prices[prices.index.str.contains("720 voice minutes")].iloc[0] / 720
    card = prices[prices.index.str.contains("25-minute card")].iloc[0]
    return float(plan / card / (_rates()[rate_year] if exchange else 1))


@exercise(
    "06-4",
    Number(unit="", tolerance=0.003),
    wrong=[
        (0.1, "That is the claim. Compute it from the two tariffs."),
        (lambda: _ratio(exchange=False), "One price is in yuan, the other in dollars. Exchange."),
        (lambda: 1 / _ratio(), "Upside down: Tiantong's price goes on top."),
        (lambda: _ratio(2010), "That is at the rate of 2010. The question asks for 2020."),
    ],
    hint="(1000 / 720) / (0.8 * rates[2020])",
)
def plan_against_card():
    """Which part of the Inmarsat card's minute does the plan's minute cost, at the rate of 2020?"""
    return _ratio()


def _own_ring(drawn):
    """A capital is marked, and on a line a satellite at its longitude stands 20° high."""
    marks = drawn[["lat", "lon"]].astype(float).round(1).dropna().drop_duplicates()
    marked = data.load("capitals").round({"lat": 1, "lon": 1}).merge(marks)
    if marked.empty:
        return "No capital is marked yet: give the row of your country to maps.points."
    own, lines = satcom.over_equator(marked["lon"]), drawn["paths"].dropna()
    places = [pd.DataFrame(np.vstack(pieces), columns=["lat", "lon"]) for pieces in lines]
    high = [satcom.elevations(own, place) for place in places]  # (capital, point of the line)
    if any((np.abs(each - 20) < 0.5).all(axis=1).any() for each in high):
        return True
    if any((np.ptp(each, axis=1) < 1).any() for each in high):
        return "Your ring is of another height: 20° was asked."
    return "No ring lies about the longitude of the capital: put a satellite there."


def _kenya(lon=36.82, elevation_deg=20):
    """Return Nairobi, and the ring of a satellite at some longitude, as layers."""
    nairobi = data.load("capitals").query("iso3 == 'KEN'")
    rings = satcom.footprints(satcom.over_equator([lon]), elevation_deg)
    return maps.points(nairobi, "Capital", label="capital"), maps.lines(rings, "Ring")


@exercise(
    "06-5",
    Drawing(_own_ring),
    wrong=[
        (lambda: _kenya(81.5), "No ring of your own yet: its longitude is that of your capital."),
        (lambda: _kenya(elevation_deg=0), "That ring is the horizon, or near it: 20° was asked."),
        (lambda: _kenya()[1], "Mark your capital too, with maps.points and its row of capitals."),
    ],
    hint="satcom.footprints(satcom.over_equator([lon]), 20), with lon of your capital.",
)
def own_satellite():
    """A satellite over the longitude of Nairobi: its ring of 20°, and the city."""
    return _kenya()


def _caps(mask_deg=25, of_a_ball=2, to_numpy=np.radians):
    """Return how many caps seen above a mask from 1,149 km make the area of the Earth."""
    mask = to_numpy(mask_deg)
    angle = np.arccos(6378 / (6378 + 1149) * np.cos(mask)) - mask
    return of_a_ball / (1 - np.cos(angle))


@exercise(
    "06-6",
    Number(unit="satellites", tolerance=1),
    wrong=[
        (lambda: _caps(of_a_ball=1), "That is half the Earth: a cap has (1 - cos) / 2 of a ball."),
        (lambda: _caps(0), "That is down to the horizon. The satellite is to stand 25° high."),
        (lambda: _caps(to_numpy=float), "numpy takes and gives radians: write np.radians(25)."),
    ],
    hint="The angle is arccos(6378 / 7527 × cos 25°) - 25°, each part of it in radians for numpy, "
    "as np.radians(25); a cap has the part (1 - cos angle) / 2.",
)
def caps_of_the_earth():
    """How many caps of 25° of satellites 1,149 km up have together the area of the Earth?"""
    return _caps()
