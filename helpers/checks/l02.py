"""The computed claims of lesson 02: who signed, who belongs to APSCO, what came after Tunis."""

import pandas as pd

from helpers import data
from helpers.claims import computes
from helpers.scenes import partners

SAID = pd.Timestamp("2019-04-18", tz="UTC")  # the count of 173, 125 and 29
TUNIS = pd.Timestamp("2019-04-02", tz="UTC")  # last day of the second China-Arab BeiDou forum
NAMED = {"BGD", "IRN", "MNG", "PAK", "PER", "THA", "TUR"}  # the members that the article names


def _signed_by(year):
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
    before, after = _signed_by(2018), _signed_by(2019)
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
    before, after = _signed_by(2018), _signed_by(2019)
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
            "signatories by June 2026": _signed_by(partners.LAST_YEAR),
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


@computes("C108")
def more_cooperation_after_tunis():
    """Two equal spans, from the Tunis forum of April 2019 to our snapshot and as long before it:
    prediction met when both BeiDou forums and projects carried out with the Arab League and its
    members are more in the span after it, disputed when one is, missed when neither is.

    Recent events are easier to find than old ones, which favours the span after.
    """
    events = partners.of_arab_states(data.load("cooperation"))
    # A date known in part counts from its first day, as in 2019-04 for the forum's own trainings.
    parts = events["date"].fillna(events["year"].astype(str)).str.extract(r"^(\d{4})-?(\d*)-?(\d*)")
    days = pd.to_datetime(parts.replace("", "01").agg("-".join, axis=1), utc=True)
    span = data.snapshot() - TUNIS
    before, after = days.between(TUNIS - span, TUNIS), days.between(TUNIS, data.snapshot(), "right")
    rows = {
        "BeiDou forums": events["kind"] == "beidou_forum",
        "projects carried out": (events["form"] == "project")
        & (partners.outcome(events) == "carried out"),
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
