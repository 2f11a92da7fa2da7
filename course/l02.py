"""Lesson 02, the partners: headlines, places of marks, computed claims, exercises."""

import numpy as np
import pandas as pd

from course import names
from helpers import data
from helpers.claims import computes
from helpers.exercises import Number, Text, exercise
from helpers.inputs import InputError
from silkroad import geometry

SAID = pd.Timestamp("2019-04-18", tz="UTC")  # the count of 173, 125 and 29
TUNIS = pd.Timestamp("2019-04-02", tz="UTC")  # last day of the second China-Arab BeiDou forum
NAMED = {"BGD", "IRN", "MNG", "PAK", "PER", "THA", "TUR"}  # the members that the article names
LAST_YEAR = 2026  # the tables end in June of this year

# --- the maps


def signatures(then, year):
    """Return the headline of one year: how many signed, and how the documents stand."""
    if then.empty:
        return f"{_when(year)}: no country had signed yet."
    count = then["state"].value_counts()
    new = then.loc[then["signed_year"] == year, "country"]
    names = f" ({', '.join(new)})" if 0 < len(new) <= 4 else ""
    return (
        f"{_when(year)}, signed so far: {len(then)}. Of these unconfirmed: "
        f"{count.get('unconfirmed', 0)}, withdrawn: {count.get('withdrawn', 0)}. "
        f"New in {year}: {len(new)}{names}."
    )


def rows_shown(events, year, outcomes):
    """Return the headline of the events shown: how many, and what came of them, in this order."""
    if events.empty:
        return f"{_when(year)}: no such event is in the table."
    count = events["outcome"].value_counts()
    parts = ", ".join(f"{name} {count[name]}" for name in outcomes if name in count)
    aside = int(events["lat"].isna().sum())
    unmapped = f" Not on the map, because the partner is no country: {aside}." if aside else ""
    return f"{_when(year)}, rows in the table: {len(events)} ({parts}).{unmapped}"


def _when(year):
    return "By June 2026" if year == LAST_YEAR else f"End of {year}"


def fanned_out(events, capitals):
    """Return the events with lat and lon, degrees.

    A country's events stand fanned out around its capital, so that none hides another; where
    `capitals` has no row, around the middle of its largest piece. Partners that are no country,
    such as the Arab League, have no position.
    """
    home = {row.iso3: (row.lat, row.lon) for row in capitals.itertuples()}
    for feature in data.shapes()["features"]:
        home.setdefault(feature["properties"]["iso3"], _middle(feature))
    places = [home.get(iso3, (np.nan, np.nan)) for iso3 in events["iso3"]]
    lat, lon = np.array(places, float).reshape(-1, 2).T
    turn = events.groupby("iso3").cumcount().to_numpy()
    radius_deg, angle = 0.9 * np.sqrt(turn), turn * np.pi * (3 - np.sqrt(5))  # a sunflower
    east = radius_deg * np.cos(angle) / np.cos(np.radians(np.clip(lat, -75, 75)))
    return events.assign(
        lat=np.clip(lat + radius_deg * np.sin(angle), -85, 85).round(2),
        lon=((lon + east + 180) % 360 - 180).round(2),
    )


def _middle(feature):
    """Return (lat, lon) of the centroid of the largest outer ring of a GeoJSON feature."""
    best, largest = (np.nan, np.nan), 0.0
    for ring in geometry.rings(feature, holes=False):
        x, y = ring.T
        cross = x[:-1] * y[1:] - x[1:] * y[:-1]
        area = cross.sum() / 2
        if abs(area) > largest:
            largest = abs(area)
            best = (
                float(((y[:-1] + y[1:]) * cross).sum() / (6 * area)),
                float(((x[:-1] + x[1:]) * cross).sum() / (6 * area)),
            )
    return best


def of_arab_states(events):
    """Return the events of the Arab League and of its member states that have a year."""
    members = data.load("groups").query("group_id == 'las'")["iso3"]
    ours = events["iso3"].isin([*members, "ARB"])
    return events[ours & events["year"].notna()]


def of_countries(events, asked):
    """Return (events, lines): those of countries asked for by any name or code, and what failed.

    A line says which name no country has and what is near, or that a country has no row.
    """
    codes, lines = [], []
    for name in asked:
        try:
            codes.append(names.iso3_of(name))
        except InputError as problem:
            lines.append(str(problem))
            continue
        if codes[-1] not in set(events["iso3"]):
            lines.append(f"{names.name_of(codes[-1])}: no row in the table.")
    return events[events["iso3"].isin(codes)], lines


# --- the computed claims


def signed_by(year):
    """Return how many countries had signed by the end of a year, whatever came later."""
    return int((data.load("bri_countries")["signed_year"] <= year).sum())


def _apsco(**wanted):
    rows = data.load("cooperation").query("kind == 'apsco_member'")
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return set(rows["iso3"])


@computes("C019")
def deals_countries_organisations():
    """Inaccurate when no published count of 18 April 2019 has the three numbers, or 125 lies
    outside our counts of signatories at the end of 2018 and of 2019.

    Otherwise outdated when a later published count is larger, confirmed when none is.
    """
    counts = data.load("agreement_counts").sort_values("date")
    that_day = counts[counts["date"] == SAID]
    same = that_day.query("documents == '173' and countries == 125 and organisations == 29")
    before, after = signed_by(2018), signed_by(2019)
    later = counts[counts["date"] > SAID]
    if same.empty or not before <= 125 <= after:
        verdict = "inaccurate"
    else:
        verdict = "outdated" if (later["countries"] > 125).any() else "confirmed"
    return (
        verdict,
        f"125 lies between {before} signatories at the end of 2018 and {after} at the end of 2019. "
        f"Counts published later: {', '.join(map(str, later['countries'])) or 'none'}.",
        {
            "published counts with these three numbers on that day": len(same),
            "signatories in our table at the end of 2018": before,
            "signatories in our table at the end of 2019": after,
            "last published count of countries": int(counts["countries"].iloc[-1]),
            "last published count of documents": counts["documents"].iloc[-1],
        },
    )


@computes("C020")
def countries_at_the_time_of_writing():
    """The article is of 2020, the number of April 2019. Inaccurate when 125 lies outside our
    counts of signatories at the end of 2018 and of 2019.

    Otherwise outdated when more had signed by the end of 2019, confirmed when still 125 had.
    """
    before, after = signed_by(2018), signed_by(2019)
    if not before <= 125 <= after:
        verdict = "inaccurate"
    else:
        verdict = "outdated" if after > 125 else "confirmed"
    return (
        verdict,
        f"Signed by the end of 2018: {before}, of 2019: {after}. So 125 can hold for a day in "
        "2019, and says nothing of the day of writing.",
        {
            "signatories at the end of 2018": before,
            "signatories at the end of 2019": after,
            "signatories by June 2026": signed_by(LAST_YEAR),
        },
    )


@computes("C059")
def founded_by_china_in_2008():
    """Two parts: the first signatures of the convention are of 2008, and China signed alone.

    Confirmed when both hold, disputed when one does, inaccurate when neither does.
    """
    rows = data.load("cooperation").query("kind == 'apsco_member'").dropna(subset="date")
    first = rows["date"].min()
    signed = rows[rows["date"] == first]
    parts = first.startswith("2008") + (set(signed["iso3"]) == {"CHN"})
    return (
        ("inaccurate", "disputed", "confirmed")[parts],
        f"The first to sign the convention, on {first}: {', '.join(signed['country'])}.",
        {"date of the first signatures": first, "states that signed that day": len(signed)},
    )


@computes("C060")
def members_of_apsco():
    """Confirmed when all seven states that the article names are full members (status active).

    Inaccurate when none is, disputed when only some are. The article says that the members
    "include" these seven, so others may be missing.
    """
    full = _apsco(status="active")
    share = len(NAMED & full) / len(NAMED)
    return (
        "confirmed" if share == 1 else "disputed" if share else "inaccurate",
        f"Of the seven states named, {len(NAMED & full)} are full members; full members that the "
        f"article does not name: {', '.join(sorted(full - NAMED)) or 'none'}.",
        {
            "states named": len(NAMED),
            "of them full members": len(NAMED & full),
            "full members in all": len(full),
        },
    )


@computes("C061")
def primary_vehicle():
    """Disputed when China's space agency counts agreements with more countries than APSCO has full
    members beside China: most of its cooperation then passes APSCO by. Confirmed when not.

    A count cannot say which vehicle is the "primary" one, so it can never refute the sentence.
    The 37 countries are those of the whole world; our sources do not list them.
    """
    members = _apsco(status="active") - {"CHN"}
    names = data.load("cooperation").query("form == 'agreement'")["name"]
    counted = names.str.extract(r"(\d+) agreements with (\d+) countries").dropna().astype(int)
    agreements, countries = counted.max()
    return (
        "disputed" if countries > len(members) else "confirmed",
        f"China's space agency counted {agreements} agreements with {countries} countries; APSCO "
        f"has {len(members)} full members beside China.",
        {
            "full members of APSCO beside China": len(members),
            "countries with agreements": int(countries),
            "agreements": int(agreements),
        },
    )


@computes("C128")
def augmentation_with_others():
    """Prediction met when the table of cooperation has augmentation, by kind or in words, after the
    claim, with an owner of another global system (United States, Russia, Europe); disputed when
    with other countries only; not checkable when with nobody.
    """
    events = data.load("cooperation").query("year >= 2015")
    told = events["description"].str.contains("augmentation", na=False)
    events = events[told | (events["kind"] == "beidou_augmentation")]
    partners = sorted(set(events["country"].dropna()))
    owners = set(events["iso3"]) & {"USA", "RUS", "EUR"}
    alone = "disputed" if partners else "not_checkable"
    return (
        "prediction_met" if owners else alone,
        f"Augmentation since April 2015: with {', '.join(partners) or 'nobody'}.",
        {"events": len(events), "with owners of another global system": len(owners)},
    )


@computes("C108")
def more_cooperation_after_tunis():
    """Two equal spans, from the Tunis forum of April 2019 to our snapshot and as long before it:
    prediction met when both BeiDou forums and projects carried out with the Arab League and its
    members are more in the span after it, disputed when one is, missed when neither is.

    Recent events are easier to find than old ones, which favours the span after.
    """
    events = of_arab_states(data.load("cooperation"))
    # A date known in part counts from its first day, as in 2019-04 for the forum's own trainings.
    parts = events["date"].fillna(events["year"].astype(str)).str.extract(r"^(\d{4})-?(\d*)-?(\d*)")
    days = pd.to_datetime(parts.replace("", "01").agg("-".join, axis=1), utc=True)
    span = data.snapshot() - TUNIS
    before, after = days.between(TUNIS - span, TUNIS), days.between(TUNIS, data.snapshot(), "right")
    kinds = data.load("kinds").query("column == 'cooperation.status'")
    done = kinds.loc[kinds["group"] == "carried out", "value"]
    rows = {
        "BeiDou forums": events["kind"] == "beidou_forum",
        "projects carried out": (events["form"] == "project") & events["status"].isin(done),
    }
    found = {
        what: (int((mask & before).sum()), int((mask & after).sum())) for what, mask in rows.items()
    }
    more = sum(then > once for once, then in found.values())
    words = "; ".join(
        f"{what}: {once} before, {then} after" for what, (once, then) in found.items()
    )
    return (
        ("prediction_missed", "disputed", "prediction_met")[more],
        f"In {span.days / 365.25:.1f} years each, {words}.",
        {f"{what}, before and after": f"{once}, {then}" for what, (once, then) in found.items()},
    )


# --- the exercises


@exercise(
    "02-1",
    Number(unit="countries"),
    wrong=[
        (lambda: signed_by(2019), "That is the end of 2019. The question stops a year earlier."),
        (
            lambda: signed_by(2018) - signed_by(2017),
            "Those signed in 2018 alone. Count the earlier years too: use <=, not ==.",
        ),
        (
            lambda: signed_by(2017),
            "That is the end of 2017. With < the year 2018 itself falls out: use <=.",
        ),
        (125, "125 is the published number of April 2019. Count the rows of our table."),
    ],
    hint='Keep the rows whose "signed_year" is 2018 or less, then count them with len().',
)
def signed_by_the_end_of_2018():
    """How many countries had signed by the end of 2018?"""
    return signed_by(2018)


@exercise(
    "02-2",
    Text(several=True, also=lambda: dict(data.load("bri_countries")[["iso3", "country"]].values)),
    wrong=[
        (["Italy"], "Italy is one. Move the year of the first map to its end: is there another?"),
        (["Panama"], "Panama is one. Stop the first map at the end of 2023: who left before?"),
        (
            lambda: list(data.load("bri_countries").query("status == 'unconfirmed'")["country"]),
            "Those are the unconfirmed ones. Nobody says that they left.",
        ),
    ],
    hint='Keep the rows whose "status" is "withdrawn" and take the column "country".',
)
def who_withdrew():
    """Which countries withdrew?"""
    table = data.load("bri_countries")
    return list(table.loc[table["status"] == "withdrawn", "country"])


def apsco(*statuses):
    """Return how many rows of APSCO membership have one of these statuses, or any."""
    rows = data.load("cooperation").query("kind == 'apsco_member'")
    return len(rows[rows["status"].isin(statuses)] if statuses else rows)


@exercise(
    "02-3",
    Number(unit="members"),
    wrong=[
        (apsco, "Those are all rows: a signatory, an associate and an observer are among them."),
        (
            lambda: apsco("active", "signatory"),
            "One of them signed the convention but never became a full member.",
        ),
        (lambda: apsco("active") - 1, "The article names so many. Who is missing? The host."),
    ],
    hint='Keep the rows of the kind "apsco_member" whose status is "active", then count.',
)
def full_members_of_apsco():
    """How many full members does APSCO have, China included?"""
    return apsco("active")


def exports_lost(statuses, never=("not_realised",)):
    """Return the share, in %, of exports with these statuses, leaving out those in `never`."""
    rows = data.load("cooperation").query("kind == 'satellite_export'")
    rows = rows[~rows["status"].isin(never)]
    return 100 * float(rows["status"].isin(statuses).mean())


@exercise(
    "02-4",
    Number(unit="%", tolerance=0.1),
    wrong=[
        (
            lambda: exports_lost(["failed_in_orbit"], never=()),
            "You divided by all rows. Leave out the contracts that were never realised.",
        ),
        (
            lambda: exports_lost(["failed_in_orbit", "failed"]),
            "One of these was lost with its rocket. It never reached an orbit to fail in.",
        ),
        (
            lambda: exports_lost(["failed_in_orbit"]) / 100,
            "That is the share as a fraction. The question asks for per cent.",
        ),
        (2, "That is the number of satellites. Divide by the number launched, times 100."),
    ],
    hint="Divide the rows with status failed_in_orbit by the rows that were launched, times 100.",
)
def share_failed_in_orbit():
    """Which share of the exported satellites that were launched failed in orbit?"""
    return exports_lost(["failed_in_orbit"])


@exercise(
    "02-5",
    Text(options=("agreement", "project", "use")),
    wrong=[
        ("project", "Look at every row of Brunei: is there a station, a satellite, a test?"),
        ("use", "A signature does not show that anybody uses it. What do the rows say?"),
    ],
    hint='Keep the rows whose "iso3" is "BRN" and read their kinds.',
)
def how_far_brunei_got():
    """How far does the evidence for Brunei reach?"""
    kinds = set(data.load("cooperation").query("iso3 == 'BRN'")["kind"])
    return "agreement" if kinds == {"beidou_agreement"} else "project"
