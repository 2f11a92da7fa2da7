"""The facts of a country's brief: what its sections take from tables, and all of them together.

Each function takes a `world.Case` and returns a `Section`. A section whose tables are empty has
none, and its sentence says why. Every row carries source_ids and confidence.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from course import signing
from course.brief import computed, world
from course.brief.tables import Section, position, slim, text
from helpers import data
from helpers.inputs import one_of

STATIONS = {  # places that count as stations, and what they do
    "data_receiving": "receives images",
    "ttc": "tracks and commands",
    "control_centre": "control centre",
    "bds_centre": "BeiDou centre",
}
INDICATORS = {  # column: its name, unit, year or column of it, and its own sources
    "population": ("Population", "people", "population_year", "S067"),
    "internet_users_pct": ("Internet users", "% of people", "internet_year", "S050"),
    "internet_users_pct_2015": ("Internet users in 2015", "% of people", 2015, "S050"),
    "mobile_subs_per_100": ("Mobile subscriptions", "per 100 people", "mobile_year", "S050"),
    "fixed_broadband_per_100": ("Fixed broadband", "per 100 people", "broadband_year", "S050"),
    "gdp_current_usd_bn": ("Economic output (GDP)", "billion US dollars", "gdp_year", "S066"),
    "gdp_per_capita_usd": ("Economic output per person", "US dollars", "gdp_year", "S066;S067"),
}
ARAB = "Agreements, memberships and meetings of Arab bodies with China"
CITED = ["source_ids", "confidence"]
# Groups of the table `kinds` that have a section of their own.
BUILT = ["launches for others", "satellites exported or built together"]
GROUND = ["ground stations and centres"]


@dataclass(frozen=True)
class Brief:
    """A country, the instant `now` of its models, its `case` and its `sections` in order."""

    now: pd.Timestamp
    case: world.Case
    sections: tuple

    @property
    def iso3(self):
        """The ISO code of the country."""
        return self.case.iso3

    @property
    def country(self):
        """The name of the country."""
        return self.case.name

    def __getitem__(self, key):
        """Return a section by its key, such as "beidou"; InputError names the nearest."""
        found = {section.key: section for section in self.sections}
        return found[one_of(key, found, "section")]

    @property
    def numbers(self):
        """All figures of the sections, as {measure with its unit: value}."""
        return {k: value for section in self.sections for k, value in section.numbers.items()}

    @property
    def tables(self):
        """All tables as {file name without ending: DataFrame}, in order."""
        return {
            f"{number:02}-{section.key}-{_slug(caption)}": table
            for number, section in enumerate(self.sections, 1)
            for caption, table in section.tables.items()
        }

    @property
    def bibliography(self):
        """Every source that a row of this brief cites, as a list to show."""
        return data.bibliography(*self.tables.values())

    def headline(self, beidou=True):
        """Return the brief in a few words: only what it has a number for, BeiDou if wanted."""
        numbers, high = self.numbers, world.STREET_DEG
        document = self["signed"].tables.get("Belt and Road document")
        parts = ["no Belt and Road document in our table"]
        for row in [] if document is None else document.fillna("").to_dict("records"):
            ends = {"unconfirmed": ", as China says", "withdrawn": " and withdrew"}
            parts = [f"signed in {row['signed_year']}{ends.get(row['status'], '')}"]
        parts.append(f"satellites with China: {numbers['satellites with China']}")
        share = numbers.get(f"BeiDou alone at {high}°, % of the day")
        if beidou and share is not None:
            both = numbers[f"all four at {high}°, % of the day"]
            alone = f"in a street ({high}°) BeiDou alone {share:.1f} % of the day"
            parts.append(f"{alone}, all four {both:.1f} %")
        wait = numbers.get("hours to a picture, its own and what China shares")
        if wait is not None and np.isfinite(wait):
            parts.append(f"first image with what China shares: {wait:.1f} hours")
        if cut := self._worst_cut():
            parts.append(cut)
        return f"{self.country}: {'; '.join(parts)}."

    def figures(self):
        """Return up to five figures that matter first, as (what, value in words, what it means)."""
        numbers, high = self.numbers, world.STREET_DEG
        count = str(numbers["satellites with China"])
        rows = [
            ("Satellites with China", count, "built, sold or launched with China, of our tables")
        ]
        if (share := numbers.get(f"BeiDou alone at {high}°, % of the day")) is not None:
            both = numbers[f"all four at {high}°, % of the day"]
            value = f"{share:.1f} % of the day; all four systems {both:.1f} %"
            meaning = f"how long a street with {high}° hidden has a fix: nobody must use one system"
            rows.append(("BeiDou alone in a street", value, meaning))
        if (wait := numbers.get("hours to a picture, its own and what China shares")) is not None:
            meaning = "half of the starts wait less; a chance by geometry and light, without clouds"
            value = text(wait) if np.isinf(wait) else f"{wait:.1f} hours"
            rows.append(("First image with what China shares", value, meaning))
        if cut := self._worst_cut():
            meaning = "in a schematic network; cables that our tables lack would make it milder"
            rows.append(("Cables", cut, meaning))
        if (users := numbers.get("Internet users, % of people")) is not None:
            rows.append(("Internet users", f"{users:.1f} % of people", "of the latest year known"))
        return rows

    def _worst_cut(self):
        """Return the worst cut in a few words, of chokepoints and single places; else None."""
        shown = self["cables"].tables
        captions = [caption for *_, caption in computed.CUTS.values() if caption in shown]
        if not captions:
            return None
        rows = [shown[caption].iloc[0] for caption in captions]
        worst = max(rows, key=lambda row: row["added_round_trip_ms"])
        harm = f"{worst['added_round_trip_ms']:.1f} ms more"
        if worst["left"] != computed.LONGER:
            harm = f"{worst['left']} in our network"
        return f"worst cut of cables ({worst['cut']}): {harm}"

    def _repr_html_(self):
        return "".join(section._repr_html_() for section in self.sections)


@lru_cache(maxsize=200)
def collect(iso3, now):
    """Return the `Brief` of the country with this code, at the snapshot `now`."""
    case = world.case(iso3, now)
    parts = [where, signed, satellites_with_china, ground, people]
    parts += [computed.beidou, computed.station_overhead, computed.image]
    parts += [computed.phone, computed.data_cables, indicators]
    parts = [part(case) for part in parts]
    return Brief(now, case, (*parts, questions(case, parts)))


def where(case):
    """Return names, region and capital."""
    rows = [("Name", case.name, case.about), ("Region", case.about["region"], case.about)]
    for _, row in _rows("bri_countries", case.iso3).iterrows():
        rows.insert(1, ("Name in Chinese", row["country_zh"], row))
    words = f"{case.name} lies in the region {case.about['region']}."
    if case.capital is None:
        words += " The table of capitals has no row for it, so no model can be run for a capital."
    else:
        city = case.capital["capital"]
        words += f" The models below are run for its capital, {city}, unless they say otherwise."
        rows += [("Capital", city, case.capital)]
        rows += [("Position of the capital", position(case.capital), case.capital)]
    facts = [{"fact": what, "value": value, **row[CITED]} for what, value, row in rows]
    return Section("where", "Where it is", words, {"The country": pd.DataFrame(facts)})


def signed(case):
    """Return the Belt and Road document, groups, and what is words on paper."""
    events, tables, numbers = _on_paper(case.iso3), {}, {}
    document = _rows("bri_countries", case.iso3)
    words = f"{case.name} is not in the list of countries with a Belt and Road document."
    for _, row in document.iterrows():
        end = {
            "unconfirmed": ", as China says; the Green BRI Center found no proof of a full one",
            "withdrawn": f" and withdrew ({row['withdrawn_date']})",
        }
        on = "on" if len(str(row["signed_date"])) == len("2018-11-20") else "in"
        words = f"{case.name} signed a Belt and Road document {on} {signing.when(row)}"
        words += f"{end.get(row['status'], '')}."
        kept = ["signed_year", "signed_date", "signed_basis", "other_year", "status"]
        kept += ["withdrawn_date", "note"]
        tables["Belt and Road document"] = slim(document[kept + CITED])
        numbers["signed in the year"] = row["signed_year"]
    groups = _rows("groups", case.iso3)
    if len(groups):
        tables["Groups of states"] = slim(groups[["group", "note", *CITED]])
        tables[ARAB] = _shown(_on_paper("ARB"))
        words += (
            " It is a member of the League of Arab States, whose bodies have papers of their own."
        )
    if len(events):
        tables["Agreements, memberships and meetings"] = _shown(events)
    numbers["agreements, memberships and meetings"] = len(events)
    words += " Agreements, memberships and meetings on space with China in our table: "
    words += f"{len(events) or 'none'}."
    return Section("signed", "What it signed, and when", words, tables, numbers)


def satellites_with_china(case):
    """Return satellites made or launched with China, and launches, sales and joint projects."""
    table, china = data.load("satellites"), case.iso3 == "CHN"
    mine = table[table["partner_iso3"].isna() if china else table["partner_iso3"] == case.iso3]
    plain = {name: mine[name].str.replace("_", " ") for name in ("status", "role")}
    over = [f"{e:.1f}°E" if e == e else "moves" for e in mine["geo_longitude_deg"]]
    mine = mine.assign(**plain, stands_over=over)
    built = _deeds(case.iso3).query("group in @BUILT")
    kept = ["name", "role", "orbit_class", "stands_over", "launch_date", "operator"]
    tables = {}
    if len(mine):
        tables["Satellites"] = slim(mine[[*kept, "status", *CITED]])
    if len(built):
        tables["Launched, sold or built together"] = _shown(built)
    which = "without a partner" if china else f"with {case.name} as the partner"
    words = f"Chinese satellites {which} in our table: {len(mine)}, of them in orbit "
    words += f"{int((mine['status'] == 'in orbit').sum())}. Launches, sales and joint projects: "
    words += f"{len(built)}."
    if not tables:
        words = f"Our tables have no Chinese satellite with {case.name} as the partner, and no "
        words += "launch, sale or joint project; there may be some that they lack."
    numbers = {"satellites with China": len(mine)}
    return Section("satellites", "Satellites", words, tables, numbers)


def ground(case):
    """Return ground stations and centres in the country, and projects about them."""
    places = _rows("places", case.iso3)
    places = places[places["kind"].isin(STATIONS)]
    events = _deeds(case.iso3).query("group in @GROUND")
    tables = {}
    if len(places):
        kept = ["name", "kind", "lat", "lon", "why", *CITED]
        places = places.assign(kind=places["kind"].map(STATIONS))[kept]
        tables["Stations and centres"] = places
    if len(events):
        tables["Projects on the ground"] = _shown(events)
    words = f"Stations and centres in {case.name} in our table: {len(places) or 'none'}. "
    words += f"Projects on the ground: {len(events) or 'none'}."
    if not tables:
        words = f"Our tables have no ground station, centre or project of China's in {case.name}."
    numbers = {"ground stations and centres": len(places)}
    return Section("ground", "Ground stations", words, tables, numbers)


def people(case):
    """Return every other deed: payloads, flights, training, data, loans, use."""
    rest = _deeds(case.iso3).query("group not in @BUILT and group not in @GROUND")
    title, numbers = "Payloads, people and use", {"payloads, people and use": len(rest)}
    if rest.empty:
        words = f"Our table has no payload, flight, training or use of data of {case.name} "
        return Section("people", title, f"{words}together with China.", {}, numbers)
    kinds = rest["kind"].str.replace("_", " ").value_counts()
    counts = ", ".join(f"{kind} {number}" for kind, number in kinds.items())
    words = f"Rows of our table by kind: {counts}. The column status says what came of them."
    return Section("people", title, words, {title: _shown(rest)}, numbers)


def indicators(case):
    """Return population, use of the internet and of phones, and economic output."""
    title, rows, numbers = "The country in numbers", [], {}
    for name, (words, unit, year, cited) in INDICATORS.items():
        if pd.notna(case.about[name]):
            when = year if isinstance(year, int) else int(case.about[year])
            row = {"indicator": words, "value": case.about[name], "unit": unit, "year": when}
            rows.append({**row, "source_ids": cited, "confidence": case.about["confidence"]})
            numbers[f"{words}, {unit}"] = float(case.about[name])
    lost = len(INDICATORS) - len(rows)
    words = f"Figures of {case.name}, each of the latest year the table has."
    words += f" Not in the table: {lost} of {len(INDICATORS)}." if lost else ""
    if not rows:
        words = f"The series our table is taken from have no values for {case.name}."
        return Section("indicators", title, words)
    return Section("indicators", title, words, {"Indicators": pd.DataFrame(rows)}, numbers)


def questions(case, parts):
    """Return what the other sections leave open: doubts, silence, and what is missing."""
    title = "Open questions"
    left_open = data.load("kinds").dropna(subset="leaves_open").set_index("value")["leaves_open"]
    asked = [
        question
        for part in parts
        for caption, table in part.tables.items()
        for row in table.to_dict("records")
        for question in _doubts(row, caption, left_open, case.world.now)
    ]
    if empty := [part.title for part in parts if not part.tables]:
        words = f"Our tables have nothing on: {'; '.join(empty)}."
        asked.append(("Empty sections", words, None))
    if case.capital is None:
        asked.append(("Capital", "The table of capitals has no row for this country.", None))
    asked += computed.cables_open(case, parts)
    if missing := [INDICATORS[name][0] for name in INDICATORS if pd.isna(case.about[name])]:
        asked.append(("Indicators", f"No value for: {', '.join(missing)}.", None))
    if not asked:
        words = "No row above has a low confidence or an open status, and no section is empty."
        return Section("questions", title, words)
    words = f"What the rows above leave open or doubtful: {len(asked)} points."
    table = pd.DataFrame(asked, columns=["about", "question", "source_ids"])
    return Section("questions", title, words, {"Open": table.assign(confidence="open")})


def _doubts(row, caption, left_open, now):
    """Yield (about, question, sources) of what a row of a section leaves open at this moment."""
    what = next((row[c] for c in ("name", "indicator", "fact") if c in row), caption)
    status = str(row.get("status", "")).replace(" ", "_")
    if status in left_open:
        date = str(row.get("date", ""))
        past = (
            status == "planned"
            and bool(re.match(r"\d{4}", date))
            and date < f"{now:%Y-%m-%d}"[: len(date)]
        )
        passed = f" The date of the row, {date}, has passed." if past else ""
        yield what, left_open[status] + passed, row["source_ids"]
    if row["confidence"] == "low":
        yield what, "Our confidence in this row is low.", row["source_ids"]
    if status == "withdrawn":
        yield what, "What goes on after the withdrawal?", row["source_ids"]
    if row.get("signed_basis") in left_open:
        yield what, left_open[row["signed_basis"]], row["source_ids"]
    if "signed_year" in row and not isinstance(row.get("signed_date"), str):
        when = "On which day was it signed? The table has the year."
        yield what, when, row["source_ids"]


def _slug(text):
    """Return a text as a name for files: lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _rows(name, iso3):
    table = data.load(name)
    return table[table["iso3"] == iso3]


def _events(iso3):
    """Return the rows of `cooperation` by year, with on_paper and group, of the table `kinds`."""
    kinds = data.load("kinds").set_index(["column", "value"])
    events = _rows("cooperation", iso3).sort_values("year", kind="stable")
    return events.assign(
        on_paper=events["form"].map(kinds.loc["cooperation.form", "on_paper"]),
        group=events["kind"].map(kinds.loc["cooperation.kind", "group"]),
    )


def _on_paper(iso3):
    return _events(iso3).query("on_paper")


def _deeds(iso3):
    return _events(iso3).query("not on_paper")


def _shown(events):
    """Return rows of `cooperation` as a short table: when, what, of which kind, what came of it."""
    when = events["date"].fillna(events["year"].astype("str"))
    words = {c: events[c].str.replace("_", " ") for c in ("kind", "status")}
    events = events.assign(date=when.where(when != "<NA>"), **words)
    return slim(events[["date", "name", "form", "kind", "status", "description", *CITED]])
