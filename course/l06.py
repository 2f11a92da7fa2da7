"""The computed claims of lesson 06: Tiantong's reach, its link, its prices, its promises.

The exercises of lesson 06, satellite phone.
"""

import numpy as np
import pandas as pd

from course.scenes import ledger, phones
from helpers import data
from helpers.claims import computes
from helpers.exercises import Number, exercise
from silkroad import satcom, visibility

CHINESE_OPERATORS = "China|APT"
SMALL_VIDEO_KBPS = 300  # our assumption for a small moving picture
CODED_VOICE_KBPS = 4  # the upper end of the table's 2.4 to 4.0 kbit/s


def _yearly_rates():
    market = data.load("gnss_market")
    return market[market["metric"] == "cny_per_usd_annual_average"].set_index("year")["value"]


def _share_percent(satellites, mask_deg):
    """Return the percentage of the Earth's surface that sees one above the mask."""
    return round(100 * satcom.share_of_earth(satellites, mask_deg), 1) if len(satellites) else 0.0


def _tiantong_on(date):
    fleet = satcom.tiantong(data.load("satellites"))
    return fleet[fleet["launch_date"] <= pd.Timestamp(date, tz="UTC")]


def _satcom_value(system, item):
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
    chinese = table["operator"].str.contains(CHINESE_OPERATORS, na=False) | (
        table["operator"].str.contains("CNSA|CRESDA", na=False)
    )
    talk = table[chinese & table["role"].eq("communications") & table["orbit_class"].eq("GEO")]
    talk = talk.rename(columns={"geo_longitude_deg": "longitude_deg"})
    seen = _share_percent(talk[["name", "longitude_deg"]], 5)
    look = table[chinese & table["role"].eq("earth_observation") & table["orbit_class"].eq("SSO")]
    half_swath_deg = look[["swath_1_km", "swath_2_km"]].max(axis=1).fillna(0) / 2 / 111.2
    reach = (180 - look["inclination_deg"] + half_swath_deg).clip(upper=90).max()
    imaged = round(100 * float(np.sin(np.radians(reach))), 1) if len(look) else 0.0
    parts = (seen >= 99) + (imaged >= 99)
    verdict = {2: "confirmed", 1: "disputed", 0: "inaccurate"}[parts]
    evidence = (
        f"The tracks of {len(look)} imagers lay over {imaged} % of the Earth; "
        f"{len(talk)} communications satellites stood above 5° on {seen} % of it."
    )
    return (
        verdict,
        evidence,
        {
            "Chinese communications satellites in the table": len(talk),
            "share of the Earth that sees one above 5°, %": seen,
            "Chinese polar imagers in the table": len(look),
            "highest latitude imaged, degrees": float(reach),
            "share of the Earth imaged, %": imaged,
        },
    )


@computes("C041")
def global_voice_video_data():
    """Three parts: global (99 % of the Earth above 10° of elevation from the satellites of today),
    voice (a 4 kbit/s link from phone to satellite closes in the open), video (the listed maximum
    rate closes too and carries 2 Mbit/s, our assumption for high-rate video).

    Confirmed when all three hold, inaccurate when none does, disputed otherwise. The link takes
    the low-confidence figures of the table, 40,000 km, 3 dB lost in the hand, 3 dB of Eb/N0.
    """
    share = _share_percent(satcom.tiantong(data.load("satellites")), 10)
    rate = _satcom_value("Tiantong-1", "maximum user data rate")
    eirp = _satcom_value("GMR-type handheld", "maximum EIRP")
    g_t = _satcom_value("Tiantong-1", "G/T")
    voice, video = satcom.margin_db(eirp, 40000, 1.995, g_t, [CODED_VOICE_KBPS, rate], 3, body_db=3)
    parts = (share >= 99) + (voice >= 0) + (video >= 0 and rate >= 2000)
    verdict = "confirmed" if parts == 3 else "inaccurate" if parts == 0 else "disputed"
    evidence = (
        f"The three satellites stand above 10° on {share} % of the Earth; voice has "
        f"{voice:+.1f} dB to spare, {rate:g} kbit/s {video:+.1f} dB."
    )
    return (
        verdict,
        evidence,
        {
            "share of the Earth above 10°, %": share,
            "margin of voice, phone to satellite, dB": round(float(voice), 1),
            f"margin of {rate:g} kbit/s, phone to satellite, dB": round(float(video), 1),
            "listed maximum rate, kbit/s": int(rate),
        },
    )


@computes("C112")
def more_satellites():
    """Prediction met when the table has a Tiantong satellite launched after August 2016."""
    fleet = satcom.tiantong(data.load("satellites"))
    later = fleet[fleet["launch_date"] >= pd.Timestamp("2016-09-01", tz="UTC")]
    listed = "; ".join(f"{r.name_} on {r.day}" for r in _named(later)) or "none"
    return (
        "prediction_met" if len(later) else "prediction_missed",
        f"Launched after August 2016: {listed}.",
        {"Tiantong satellites launched later": len(later)},
    )


def _named(fleet):
    days = fleet["launch_date"].dt.strftime("%Y-%m-%d")
    return pd.DataFrame({"name_": fleet["name"], "day": days}).itertuples()


@computes("C113")
def china_middle_east_africa():
    """Capitals of China, the Middle East and Africa that see one of the satellites above 20° of
    elevation, the height we ask for a phone in the hand.

    Confirmed when all do, inaccurate when Africa or the Middle East has none that does, disputed
    when part of them does. The beams decide inside what geometry allows, and are not public.
    """
    fleet, capitals = satcom.tiantong(data.load("satellites")), data.load("capitals")
    numbers, shares = {}, {}
    for region, codes in (
        ("China", "CHN"),
        ("the Middle East", phones.SERVICE_AREA["Middle East"]),
        ("Africa", phones.AFRICA),
    ):
        rows = capitals[capitals["iso3"].isin(codes.split())]
        high = satcom.elevations(fleet, rows).max(axis=0) >= 20
        shares[region] = high.mean()
        numbers[f"capitals of {region} above 20°"] = f"{high.sum()} of {len(rows)}"
    if min(shares.values()) == 1:
        verdict = "confirmed"
    else:
        verdict = "disputed" if min(shares.values()) > 0 else "inaccurate"
    words = ", ".join(
        f"{region} {count}" for region, count in zip(shares, numbers.values(), strict=True)
    )
    return verdict, f"Capitals that see a satellite above 20°: {words}.", numbers


@computes("C118")
def china_and_the_south_china_sea():
    """Confirmed when Tiantong-1 01, at its longitude, stands 20° or higher over all of China and
    of the South China Sea (the box 0 to 23° N, 105 to 121° E); inaccurate when it is below the
    horizon somewhere there; disputed between. China is the box of its land, 18 to 54° N and 73
    to 135° E, which holds more than China. Geometry only: where the beams point is not public.
    """
    first = satcom.tiantong(data.load("satellites")).iloc[[0]]
    where = satcom.positions(first)
    lowest = {
        name: float(satcom.elevation_grid(where, np.arange(*lat), np.arange(*lon)).min())
        for name, lat, lon in (
            ("China", (18, 55, 1), (73, 136, 1)),
            ("South China Sea", (0, 24, 1), (105, 122, 1)),
        )
    }
    worst = min(lowest.values())
    verdict = "confirmed" if worst >= 20 else "inaccurate" if worst < 0 else "disputed"
    words = ", ".join(f"{name} {value:.0f}°" for name, value in lowest.items())
    numbers = {f"lowest elevation, {name}, degrees": value for name, value in lowest.items()}
    return verdict, f"The lowest elevations of the satellite are: {words}.", numbers


@computes("C119")
def whole_world_in_five_years():
    """Prediction met when the Tiantong satellites launched up to November 2021 stand above 5° of
    elevation on 95 % of the Earth, as three evenly spaced ones would; else missed.
    """
    fleet = _tiantong_on("2021-11-30")
    share = _share_percent(fleet, 5)
    even = _share_percent(satcom.over_equator([-120, 0, 120]), 5)
    verdict = "prediction_met" if share >= 95 else "prediction_missed"
    evidence = f"Five years on, {len(fleet)} satellites stood above 5° on {share} % of the Earth."
    return (
        verdict,
        evidence,
        {
            "Tiantong satellites by November 2021": len(fleet),
            "share of the Earth above 5°, %": share,
            "share if they were spaced evenly, %": even,
        },
        *_seen_from_the_ground(fleet),
    )


def _seen_from_the_ground(fleet):
    """Return a picture of the highest elevation of any of the satellites; none of no satellite."""
    if fleet.empty:
        return ()
    grid = satcom.elevation_grid(satcom.positions(fleet), *visibility.world_grid(5))
    return (
        ledger.world_picture(
            grid.isel(time=0).max("satellite"),
            "Elevation of the highest Tiantong satellite",
            levels=[5, 20],
            labels=["under 5°: no service", "5 to 20°", "20° or more"],
            what="World map, November 2021",
        ),
    )


@computes("C120")
def on_sale_in_months():
    """Months from November 2016 to the timeline's opening of the service to the public. Met when
    at most 3 (the forecast was two to three), else missed.
    """
    events = data.load("timeline")
    opened = events[events["title"].str.contains("Tiantong service opens", na=False)]["date"].iloc[
        0
    ]
    year, month = (int(part) for part in str(opened)[:7].split("-"))
    months = 12 * (year - 2016) + month - 11
    return (
        "prediction_met" if months <= 3 else "prediction_missed",
        f"The service opened to all in {year}-{month:02d}, {months} months after the report.",
        {"months from November 2016": months},
    )


@computes("C121")
def ten_thousand_yuan():
    """Two questions: does the forecast lie within the prices at the first public sale (2020), and
    is a later phone of the table cheaper by a quarter or more?

    Confirmed when it lies within and no later phone is so much cheaper; outdated when it lies
    within and one is; inaccurate when it lies outside.
    """
    table = data.load("satcom_prices")
    prices = table[table["category"].eq("price") & table["unit"].eq("CNY")]
    told = prices[prices["year"] == 2016].iloc[0]
    sold = prices[prices["year"] == 2020].iloc[0]
    later = prices[prices["year"] > 2020]
    within = sold["value"] <= told["value"] <= sold["value_max"]
    cheaper = bool((later["value"] <= 0.75 * told["value"]).any())
    verdict = "inaccurate" if not within else "outdated" if cheaper else "confirmed"
    rate = data.load("gnss_market").query("metric == 'cny_per_usd_november_average'")["value"]
    evidence = (
        f"Forecast {told['value']:g} yuan; sold in 2020 for {sold['value']:g} to "
        f"{sold['value_max']:g}; an ordinary phone later for {later['value'].min():g}."
    )
    return (
        verdict,
        evidence,
        {
            "forecast, yuan": int(told["value"]),
            "lowest price in 2020, yuan": int(sold["value"]),
            "highest price in 2020, yuan": int(sold["value_max"]),
            "later phone, yuan": int(later["value"].min()),
            "yuan per dollar in the article": round(told["value"] / 1480, 3),
            "yuan per dollar, mean of November 2016": float(rate.iloc[0]),
        },
    )


@computes("C122")
def a_tenth_of_inmarsat():
    """Ratios of each Tiantong minute in the table to each Inmarsat minute, in yuan at the mean
    rate of the tariff's own year; bundles are divided by their minutes, as if all were used.

    Confirmed when all ratios lie between a fifteenth and a seventh; inaccurate when a tenth lies
    outside their whole range; disputed when it lies within but other tariffs say otherwise.
    """
    minutes = satcom.minute_prices(data.load("satcom_prices"), _yearly_rates())
    ours = minutes[minutes["system"] == "Tiantong-1"]["cny_per_min"].to_numpy()
    theirs = minutes[minutes["system"] == "Inmarsat"]["cny_per_min"].to_numpy()
    ratios = ours[:, None] / theirs
    if ((ratios >= 1 / 15) & (ratios <= 1 / 7)).all():
        verdict = "confirmed"
    else:
        verdict = "disputed" if ratios.min() <= 0.1 <= ratios.max() else "inaccurate"
    plan = minutes[minutes["item"].str.contains("annual plan")]["cny_per_min"].iloc[0]
    usual = plan / theirs.min()
    evidence = (
        f"The ratios run from {ratios.min():.2f} to {ratios.max():.2f}; the plan that was sold, "
        f"against the cheapest Inmarsat minute, gives {usual:.2f}."
    )
    return (
        verdict,
        evidence,
        {
            "lowest ratio": round(float(ratios.min()), 3),
            "highest ratio": round(float(ratios.max()), 3),
            "plan of 2020 against the cheapest Inmarsat minute": round(float(usual), 3),
            "yuan a minute, plan of 2020": round(float(plan), 3),
            "yuan a minute, cheapest Inmarsat": round(float(theirs.min()), 2),
        },
    )


@computes("C124")
def what_384_kbit_s_carries():
    """The listed maximum rate against what each service needs: voice 4 kbit/s (the table's codec),
    a small moving picture 300 kbit/s (our assumption). Confirmed when it carries both, inaccurate
    when not even voice, disputed between. 3G and 4G come from networks on the ground.
    """
    rate = _satcom_value("Tiantong-1", "maximum user data rate")
    verdict = (
        "confirmed"
        if rate >= SMALL_VIDEO_KBPS
        else "disputed"
        if rate >= CODED_VOICE_KBPS
        else "inaccurate"
    )
    wait_s = 60 * 2000 / rate
    return (
        verdict,
        f"At {rate:g} kbit/s at most, a minute of small video takes "
        f"{60 * SMALL_VIDEO_KBPS / rate:.0f} s to send, one of 2 Mbit/s {wait_s:.0f} s.",
        {
            "maximum rate over the satellite, kbit/s": int(rate),
            "seconds to send one minute of 0.3 Mbit/s video": 60 * SMALL_VIDEO_KBPS / rate,
            "seconds to send one minute of 2 Mbit/s video": wait_s,
        },
    )


RANGE_KM = 39000


def _addis_and_third():
    capitals, fleet = data.load("capitals"), satcom.tiantong(data.load("satellites"))
    return capitals[capitals["iso3"] == "ETH"], fleet[fleet["name"] == "Tiantong-1 03"]


def _angle_between():
    """Return the angle at the Earth's centre, which students take for the elevation."""
    addis, third = _addis_and_third()
    lat, lon = np.radians(
        [addis["lat"].item(), addis["lon"].item() - third["longitude_deg"].item()]
    )
    return float(np.degrees(np.arccos(np.cos(lat) * np.cos(lon))))


def _ratio(rate_year=2020, exchange=True):
    """Return the plan of 2020 against the prepaid Inmarsat minute at the rate of a year."""
    market, prices = data.load("gnss_market"), data.load("satcom_prices")
    rates = market[market["metric"] == "cny_per_usd_annual_average"].set_index("year")["value"]
    plan = prices[prices["item"].str.contains("720 voice minutes")]["value"].iloc[0] / 720
    card = prices[prices["item"].str.contains("25-minute card")]["value"].iloc[0]
    return float(plan / card / (rates[rate_year] if exchange else 1))


@exercise(
    "06-1",
    Number(unit="degrees", tolerance=0.5),
    wrong=[
        (_angle_between, "That is the angle at the Earth's centre. Apply the second formula too."),
        (
            lambda: 90 - _angle_between(),
            "90 minus the angle would be right for a star. The satellite is near: it stands lower.",
        ),
        (
            lambda: float(
                satcom.elevations(
                    satcom.tiantong(data.load("satellites")).iloc[[0]], _addis_and_third()[0]
                )[0, 0]
            ),
            "That is Tiantong-1 01. The question is about 03, at 81.5° E.",
        ),
    ],
    hint="satcom.elevations(satellites, places) takes tables: keep the rows of both you need.",
)
def elevation_in_addis_ababa():
    """How high does Tiantong-1 03 stand in Addis Ababa?"""
    addis, third = _addis_and_third()
    return float(satcom.elevations(third, addis)[0, 0])


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
