"""What lesson 02 draws: who signed, what followed, and the counts that were published."""

import numpy as np
import pandas as pd

from helpers import data, maps, style

LAST_YEAR = 2026  # the tables end in June of this year
STATES = {  # state of a document: (words, colour)
    "member": ("signed", "blue"),
    "unconfirmed": ("signed according to China, unconfirmed", "yellow"),
    "withdrawn": ("signed, later withdrawn", "purple"),
}
GROUPS = {
    "agreements and memberships": (
        "beidou_agreement",
        "apsco_member",
        "ilrs_member",
        "ilrs_institution",
    ),
    "meetings and training": ("beidou_forum", "forum", "training", "training_centre"),
    "ground stations and centres": ("ground_station", "beidou_centre"),
    "satellites exported or built together": ("satellite_export", "satellite_joint"),
    "launches for others": ("launch_service",),
    "space station and Moon": (
        "human_spaceflight",
        "css_experiment",
        "lunar_payload",
        "sample_loan",
    ),
    "shared data": ("data_sharing",),
    "other": ("other",),
}
OUTCOMES = {  # outcome: (colour, shape)
    "agreement or membership": ("black", "square"),
    "carried out": ("blue", "circle"),
    "planned or selected": ("sky", "triangle"),
    "failed or not realised": ("orange", "cross"),
    "not verified": ("purple", "diamond"),
}
STATUSES = {
    "carried out": ("completed", "active", "ended"),
    "planned or selected": ("planned", "selected"),
    "failed or not realised": ("failed", "failed_in_orbit", "partial_failure", "not_realised"),
    "not verified": ("not_verified", "unclear"),
}
PAPER = ("agreement", "membership")  # forms of rows that are paper


def when(year):
    """Return the year of a slider as the day it stands for, in words."""
    return "By June 2026" if year == LAST_YEAR else f"End of {year}"


def official_counts():
    """Return what China's planning commission published: one count per row, with its source."""
    table = data.load("agreement_counts").query("counted_by == 'NDRC'")
    names = ["date", "countries", "organisations", "documents", "source_ids"]
    return table.assign(date=table["date"].dt.strftime("%Y-%m-%d"))[names]


def documents(then, year, capitals):
    """Return the map layers of one year, the countries and three kinds of marks at capitals.

    then: rows of `bri_countries` signed by that year, with a column `state` (a key of STATES).
    """
    then = then.merge(capitals[["iso3", "capital", "lat", "lon"]], on="iso3")
    then = then.assign(state_in_words=then["state"].map(lambda key: STATES[key][0]))
    fields = ["state_in_words", "signed_year", "withdrawn_date", "note", "source_ids", "confidence"]
    heads = [field.replace("_", " ").replace("source ids", "sources") for field in fields]
    rows = then[fields].astype(object).where(then[fields].notna(), None).to_numpy()
    popup = {
        iso3: {head: value for head, value in zip(heads, row, strict=True) if value is not None}
        for iso3, row in zip(then["iso3"], rows, strict=True)
    }
    colours = maps.countries(
        then.set_index("iso3")["state_in_words"],
        "Cooperation document",
        styles=dict(STATES.values()),
        popup=popup,
    )
    marks = {
        "New in this year": (then["signed_year"] == year, ("black", "triangle")),
        "Unconfirmed": (then["state"] == "unconfirmed", ("black", "diamond")),
        "Withdrawn": (then["state"] == "withdrawn", ("black", "cross")),
    }
    shown = ["capital", "state_in_words", "signed_year", "withdrawn_date"]
    return [
        colours,
        *(
            maps.points(then[rows], name, label="country", styles={name: look}, popup=shown, size=5)
            for name, (rows, look) in marks.items()
        ),
    ]


def sentence(then, year):
    """Return the headline of one year: how many signed, and how the documents stand."""
    if then.empty:
        return f"{when(year)}: no country had signed yet."
    count = then["state"].value_counts()
    new = then.loc[then["signed_year"] == year, "country"]
    names = f" ({', '.join(new)})" if 0 < len(new) <= 4 else ""
    return (
        f"{when(year)}, signed so far: {len(then)}. Of these unconfirmed: "
        f"{count.get('unconfirmed', 0)}, withdrawn: {count.get('withdrawn', 0)}. "
        f"New in {year}: {len(new)}{names}."
    )


def count_chart(ours, official, rule):
    """Return our yearly counts (Series by year) and the published counts as one chart."""
    figure, axes = style.chart(7.2, 3.2)
    ends = ours.index.to_numpy() + 1.0
    axes.plot(ends, ours, color=style.color("blue"), marker="o", ms=4, label="our table, year ends")
    days = pd.to_datetime(official["date"])
    at = days.dt.year + (days.dt.dayofyear - 1) / 365
    axes.plot(
        at,
        official["countries"],
        "D",
        color=style.color("orange"),
        ms=7,
        label="published by the NDRC",
    )
    for x, count in zip(at, official["countries"], strict=True):
        axes.annotate(str(count), (x, count), (-6, 7), textcoords="offset points", ha="right")
    axes.set(ylabel="countries", ylim=(0, 175), title=rule)
    axes.set_xticks(ends[::2], [f"end {year}" for year in ours.index[::2]])
    axes.legend(loc="lower right", frameon=False)
    table = pd.DataFrame({"end of year": ours.index, "countries": ours.to_numpy()})
    words = f"Countries by the rule “{rule}”: {ours[2018]} at the end of 2018, {ours[2019]} of 2019"
    alt = f"{words}, {ours.iloc[-1]} by June 2026; published: 125, 137 and 147."
    return maps.chart(figure, "Countries counted", alt=alt, table=table)


def outcome(events):
    """Return for each row of `cooperation` what came of it: a key of OUTCOMES.

    Paper is told from deeds by the form of the row (PAPER): it is never carried out. What failed
    or is not verified stays so.
    """
    words = {status: key for key, statuses in STATUSES.items() for status in statuses}
    found = events["status"].map(words).fillna("agreement or membership")
    paper = events["form"].isin(PAPER)
    return found.mask(paper & (found == "carried out"), "agreement or membership")


def placed(events, capitals, shapes):
    """Return the events with the columns group, outcome, lat and lon.

    A country's events stand fanned out around its capital, so that none hides another; where
    `capitals` has no row, around the middle of its largest piece in `shapes` (GeoJSON). Partners
    that are no country, such as the Arab League, have no position.
    """
    group = {kind: name for name, kinds in GROUPS.items() for kind in kinds}
    at = {row.iso3: (row.lat, row.lon) for row in capitals.itertuples()}
    for feature in shapes["features"]:
        at.setdefault(feature["properties"]["iso3"], _middle(feature["geometry"]))
    home = [at.get(iso3, (np.nan, np.nan)) for iso3 in events["iso3"]]
    lat, lon = np.array(home, float).reshape(-1, 2).T
    turn = events.groupby("iso3").cumcount().to_numpy()
    radius_deg, angle = 0.9 * np.sqrt(turn), turn * np.pi * (3 - np.sqrt(5))  # a sunflower
    east = radius_deg * np.cos(angle) / np.cos(np.radians(np.clip(lat, -75, 75)))
    return events.assign(
        group=events["kind"].map(group),
        outcome=outcome(events),
        lat=np.clip(lat + radius_deg * np.sin(angle), -85, 85).round(2),
        lon=((lon + east + 180) % 360 - 180).round(2),
    )


def event_layers(events):
    """Return one layer of points for each outcome; events without a position are left out."""
    events = events[events["lat"].notna()]
    shown = ["country", "date", "kind", "status", "description"]
    return [
        maps.points(
            events[events["outcome"] == name],
            name.capitalize(),
            styles={name: look},
            popup=shown,
            size=5,
        )
        for name, look in OUTCOMES.items()
    ]


def events_sentence(events, year):
    """Return the headline of the events shown: how many, and what came of them."""
    if events.empty:
        return f"{when(year)}: no such event is in the table."
    count = events["outcome"].value_counts()
    parts = ", ".join(f"{name} {count[name]}" for name in OUTCOMES if name in count)
    aside = int(events["lat"].isna().sum())
    unmapped = f" Not on the map, because the partner is no country: {aside}." if aside else ""
    return f"{when(year)}, rows in the table: {len(events)} ({parts}).{unmapped}"


def of_arab_states(events):
    """Return the events of the Arab League and of its member states that have a year."""
    members = data.load("groups").query("group_id == 'las'")["iso3"]
    ours = events["iso3"].isin([*members, "ARB"])
    return events[ours & events["year"].notna()]


def _middle(geometry):
    """Return (lat, lon) of the centroid of the largest outer ring of a GeoJSON geometry."""
    parts = geometry["coordinates"]
    parts = [parts] if geometry["type"] == "Polygon" else parts
    best, largest = (np.nan, np.nan), 0.0
    for part in parts:
        x, y = np.array(part[0], float).T
        cross = x[:-1] * y[1:] - x[1:] * y[:-1]
        area = cross.sum() / 2
        if abs(area) > largest:
            largest = abs(area)
            best = (
                float(((y[:-1] + y[1:]) * cross).sum() / (6 * area)),
                float(((x[:-1] + x[1:]) * cross).sum() / (6 * area)),
            )
    return best
