"""The facts of a country's brief: what its sections take from tables, and all of them together.

Each function takes a `world.Case` and returns a `Section`. A section whose tables are empty has
none, and its sentence says why. Every row carries source_ids and confidence.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from course import moon, signing
from course.brief import computed, world
from course.brief.tables import Section, position, slim, text
from helpers import data
from helpers.inputs import one_of
from helpers.words import counted, percent

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
NO_PAPER = "has signed no Belt and Road document that our tables know"
OTHER_SIDE = "is the other side of each Belt and Road document"  # China
ARAB = "Agreements, memberships and meetings of Arab bodies with China"
ARAB_FORUM = (
    "China-Arab States BDS Forum"  # a forum that a member held stands among that member's rows
)
KINDS = {  # kinds whose names need words
    "apsco_member": "member of APSCO (Asia-Pacific space cooperation)",
    "css_experiment": "experiment for the Chinese station",
    "ilrs_member": "lunar station ILRS, a state",
    "ilrs_institution": "lunar station ILRS, an institution",
    "leo_agreement": "internet from low orbits, agreement",
    "leo_licence": "internet from low orbits, licence",
    "beidou_agreement": "agreement on BeiDou",
    "beidou_augmentation": "augmentation of BeiDou",
    "beidou_centre": "BeiDou centre",
    "beidou_forum": "forum on BeiDou",
}
BASIS = {"checked": "a source that was read", "as_source": "its source, not checked again"}
BASIS |= {"conflict": "sources that disagree"}
ENDED = ["ended", "not_realised"]
CITED = ["source_ids", "confidence"]
PLAN = re.compile(r"planned for (?:the )?([\w -]{0,20}?)(\d{4})")
PARTS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
QUARTERS = ("first", "second", "third", "fourth")
FOR_ITSELF = ("besides", "passes", "questions")  # whose sentence says why they have no table
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
        parts = [OTHER_SIDE if self.iso3 == "CHN" else NO_PAPER]
        for row in [] if document is None else document.fillna("").to_dict("records"):
            ends = {"unconfirmed": ", as China says", "withdrawn": " and withdrew"}
            parts = [f"signed in {row['signed_year']}{ends.get(row['status'], '')}"]
        parts.append(self._with_china())
        share = numbers.get(f"BeiDou alone at {high}°, % of the day")
        if beidou and share is not None:
            both = numbers[f"all four at {high}°, % of the day"]
            alone = f"in a street ({high}°) BeiDou alone {percent(share / 100)} of the day"
            parts.append(f"{alone}, all four {percent(both / 100)}")
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
        deeds = numbers.get("launches, sales and joint projects")
        meaning = f"of our table of satellites; launches, sales and joint projects: {deeds}"
        meaning = "its own, of our table of satellites" if deeds is None else meaning
        rows = [("Satellites with China", count, meaning)]
        if (share := numbers.get(f"BeiDou alone at {high}°, % of the day")) is not None:
            both = numbers[f"all four at {high}°, % of the day"]
            value = f"{percent(share / 100)} of the day; all four systems {percent(both / 100)}"
            meaning = f"how long a street with {high}° hidden has a fix: nobody must use one system"
            rows.append(("BeiDou alone in a street", value, meaning))
        if (wait := numbers.get("hours to a picture, its own and what China shares")) is not None:
            meaning = "half of the starts wait less; a chance by geometry and light, without clouds"
            value = text(wait) if np.isinf(wait) else f"{wait:.1f} hours"
            rows.append(("First image with what China shares", value, meaning))
        if cut := self._worst_cut():
            meaning = "round trip to the nearest hubs west and east, on average, in a schematic "
            meaning += "network; cables that our tables lack would change it"
            rows.append(("Cables", cut, meaning))
        if (users := numbers.get("Internet users, % of people")) is not None:
            year = f"{int(self.case.about['internet_year'])}, the latest year of our table"
            rows.append(("Internet users", f"{users:.1f} % of people", year))
        return rows

    def _with_china(self):
        """Return what was made, sold or launched with China, in a few words: both counts."""
        count = self.numbers["satellites with China"]
        deeds = self.numbers.get("launches, sales and joint projects")
        if deeds is None:
            return f"satellites of its own in our table: {count}"
        return f"satellites with China: {count}; launches, sales and joint projects: {deeds}"

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
def collect(iso3, now, hour):
    """Return the `Brief` of the country with this code, at the snapshot `now`, made at `hour`."""
    case = world.case(iso3, now, hour)
    parts = [where, signed, satellites_with_china, ground, people, besides]
    parts += [computed.beidou, computed.station_overhead, computed.image]
    parts += [computed.phone, computed.data_cables, indicators]
    parts = [part(case) for part in parts]
    return Brief(now, case, (*parts, questions(case, parts)))


def where(case):
    """Return names, region and capital."""
    rows = [("Name", case.name, case.about), ("Region", case.about["region"], case.about)]
    for _, row in _rows("bri_countries", case.iso3).iterrows():
        rows.insert(1, ("Name in Chinese", row["country_zh"], row))
    words = f"{case.opening} lies in the region {case.about['region']}."
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
    words = f"{case.opening} {OTHER_SIDE if case.iso3 == 'CHN' else NO_PAPER}."
    for _, row in document.iterrows():
        end = {
            "unconfirmed": ", as China says; the Green BRI Center found no proof of a full one",
            "withdrawn": f" and withdrew ({row['withdrawn_date']})",
        }
        on = "on" if len(str(row["signed_date"])) == len("2018-11-20") else "in"
        words = f"{case.opening} signed a Belt and Road document {on} {signing.when(row)}"
        words += f"{end.get(row['status'], '')}."
        kept = ["signed_year", "signed_date", "signed_basis", "other_year", "status"]
        kept += ["withdrawn_date", "note"]
        shown = document.assign(signed_basis=document["signed_basis"].map(BASIS))
        tables["Belt and Road document"] = slim(shown[kept + CITED])
        numbers["signed in the year"] = row["signed_year"]
    groups = _rows("groups", case.iso3)
    if len(groups):
        tables["Groups of states"] = slim(groups[["group", "note", *CITED]])
        tables[ARAB] = _shown(_arab(case.iso3))
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
    built = _deeds(case.iso3, BUILT)
    kept = ["name", "role", "orbit_class", "stands_over", "launch_date", "operator"]
    tables = {}
    if len(mine):
        tables["Satellites"] = slim(mine[[*kept, "status", *CITED]])
    if len(built):
        tables["Launched, sold or built together"] = _shown(built)
    which = "of its own" if china else f"made, sold or launched with China for {case.the}"
    words = f"Satellites {which} in our table: {len(mine) or 'none'}"
    flying = int((mine["status"] == "in orbit").sum())
    tracked = int(mine["norad_id"].isin(data.load("elements")["norad_id"]).sum())
    words += f", of them in orbit {flying}; our elements hold {tracked}" if len(mine) else ""
    numbers = {"satellites with China": len(mine)}
    if china:
        words += ". Launches, sales and joint projects stand in the briefs of its partners."
    else:
        numbers["launches, sales and joint projects"] = len(built)
        words += f". Launches, sales and joint projects: {len(built) or 'none'}"
        words += ", also of satellites that the table of satellites lacks." if len(built) else "."
    if not tables:
        words = f"Our tables have no satellite made, sold or launched with China for {case.the}, "
        words += "and no joint project; there may be some that they lack."
    return Section("satellites", "Satellites", words, tables, numbers)


def ground(case):
    """Return ground stations and centres in the country, and projects about them."""
    places = _rows("places", case.iso3)
    places = places[places["kind"].isin(STATIONS)]
    events = _deeds(case.iso3, GROUND)
    tables = {}
    if len(places):
        kept = ["name", "kind", "lat", "lon", "why", *CITED]
        places = places.assign(kind=places["kind"].map(STATIONS))[kept]
        tables["Stations and centres"] = places
    if len(events):
        tables["Projects on the ground"] = _shown(events)
    words = f"Stations and centres in {case.the} in our table: {len(places) or 'none'}. "
    words += f"Projects on the ground: {len(events) or 'none'}."
    if not tables:
        words = f"Our tables have no ground station, centre or project of China's in {case.the}."
    numbers = {"ground stations and centres": len(places)}
    return Section("ground", "Ground stations", words, tables, numbers)


def people(case):
    """Return every other deed: payloads, flights, training, data, loans, use."""
    rest = _deeds(case.iso3)
    rest = rest[~rest["group"].isin(BUILT + GROUND)]
    title, numbers = "Payloads, people and use", {"payloads, people and use": len(rest)}
    if rest.empty:
        words = f"Our table has no payload, flight, training or use of data of {case.the} "
        return Section("people", title, f"{words}together with China.", {}, numbers)
    kinds = rest["kind"].replace(KINDS).str.replace("_", " ").value_counts()
    counts = ", ".join(f"{kind} {number}" for kind, number in kinds.items())
    words = f"Rows of our table by kind: {counts}. The column status says what came of them."
    return Section("people", title, words, {title: _shown(rest)}, numbers)


def besides(case):
    """Return what is asked besides, each with its date: low orbits, the Moon, and what ended."""
    title = "What else is asked"
    if case.iso3 == "CHN":
        words = "China is the other side of what is asked here: it stands in its partners' briefs."
        return Section("besides", title, words)
    sought = {
        "internet from low orbits": _low_orbits(case.iso3),
        "the papers on the Moon": _moon(case.iso3),
        "augmentation of BeiDou": _picked(case.iso3, "kind", ["beidou_augmentation"]),
        "a newest satellite": _newest(case.iso3),
        "what ended or was withdrawn": _ended(case.iso3),
    }
    rows = [row for found in sought.values() for row in found]
    none = [what for what, found in sought.items() if not found]
    some = [what for what, found in sought.items() if found]
    words = f"Our tables have rows on: {'; '.join(some)}. " if some else ""
    words += f"They have none on: {'; '.join(none)}. " if none else ""
    words = words if some else words.replace("They have none", "Our tables have nothing")
    words += "They do not follow sanctions and controls of exports."
    return Section("besides", title, words, {title: pd.DataFrame(rows)} if rows else {})


def _low_orbits(iso3):
    """Return what a country has agreed with a Chinese operator of low orbits, and with Starlink."""
    found = []
    for _, row in _rows("leo_presence", iso3).fillna("").iterrows():
        for who, side in ((row["chinese_operator"], "chinese"), ("Starlink", "starlink")):
            said = [row[f"{side}_step"], row[f"{side}_note"]]
            if said[0]:
                said = "; ".join(filter(None, said))
                found.append(_answer(f"Low orbits: {who}", said, row[f"{side}_date"], row))
    return found


def _moon(iso3):
    """Return the signatures under the Artemis Accords, and under the lunar station (ILRS)."""
    papers = _moon_papers()
    rows = papers[papers["iso3"] == iso3]
    about = {moon.PAPERS[0]: "Artemis Accords of the United States"}
    other, names = "Lunar station of China and Russia (ILRS)", {moon.PAPERS[0]: "signed"}
    return [
        _answer(
            about.get(row["paper"], other), names.get(row["paper"], row["name"]), row["said"], row
        )
        for _, row in rows.iterrows()
    ]


@lru_cache(maxsize=1)
def _moon_papers():
    return moon.moon_papers()


def _newest(iso3):
    """Return the satellite with China that was launched last."""
    mine = _rows_of("satellites", "partner_iso3", iso3).sort_values("launch_date").tail(1)
    return [
        _answer("Newest satellite with China", row["name"], f"{row['launch_date']:%Y-%m-%d}", row)
        for _, row in mine.iterrows()
    ]


def _ended(iso3):
    """Return a withdrawal from the Belt and Road, and projects that ended or never came."""
    left = _rows("bri_countries", iso3)
    left = left[left["status"] == "withdrawn"]
    words = "withdrew from the Belt and Road document"
    found = [_answer("Withdrawn", words, row["withdrawn_date"], row) for _, row in left.iterrows()]
    return found + _picked(iso3, "status", ENDED)


def _picked(iso3, column, values):
    """Return the rows of `cooperation` with one of these values of a column, as answers."""
    rows = _rows("cooperation", iso3)
    return [
        _answer(
            KINDS.get(row[column], row[column]).replace("_", " "),
            f"{row['name']}: {row['description']}",
            row["date"] if isinstance(row["date"], str) else "not known",
            row,
        )
        for _, row in rows[rows[column].isin(values)].iterrows()
    ]


def _answer(about, answer, date, row):
    return {"about": about[0].upper() + about[1:], "answer": answer, "date": date, **row[CITED]}


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
    words = f"Figures of {case.the}, each of the latest year the table has."
    words += f" Not in the table: {lost} of {len(INDICATORS)}." if lost else ""
    if not rows:
        words = f"Our table has no values for {case.the}."
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
        for question in _doubts(row, caption, left_open, case.hour)
    ]
    if empty := empty_of(parts):
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
    asked = _once(dict.fromkeys(asked))  # what many rows of a table ask is asked once
    words = f"What the rows above leave open or doubtful: {counted(len(asked), 'point')}."
    table = pd.DataFrame(asked, columns=["about", "question", "source_ids"])
    return Section("questions", title, words, {"Open": table.assign(confidence="open")})


def _once(asked):
    """Return the questions; a plan that rows of two tables tell from one source is asked once."""
    kept = []
    for about, question, sources in asked:
        keys = set(str(sources).split(";"))
        told = [keys & set(str(known).split(";")) for _, same, known in kept if same == question]
        if not (question.startswith("The row says") and any(told)):
            kept.append((about, question, sources))
    return kept


def empty_of(parts):
    """Return the titles of sections on which our tables have nothing; a pass is of no table."""
    return [part.title for part in parts if not part.tables and part.key not in FOR_ITSELF]


def _doubts(row, caption, left_open, now):
    """Yield (about, question, sources) of what a row of a section leaves open at this moment."""
    what = next((row[c] for c in ("name", "indicator", "fact", "about") if c in row), caption)
    status = str(row.get("status", "")).replace(" ", "_")
    if status in left_open:
        date = str(row.get("date", ""))
        past = (
            status == "planned"
            and bool(re.match(r"\d{4}", date))
            and date < f"{now:%Y-%m-%d}"[: len(date)]
        )
        passed = f" The date of the row, {date}, has passed." if past else ""
        asked = left_open[status] + passed
        if status == "not_verified" and ";" in row["source_ids"]:
            asked = "More than one source tells of it; none that we read shows that it was done."
        yield what, asked, row["source_ids"]
    for plan in _passed(f"{row.get('description', '')} {row.get('answer', '')}", now):
        yield what, f"The row says “{plan}”, which has passed: what came of it?", row["source_ids"]
    if row["confidence"] == "low":
        yield what, "Our confidence in this row is low.", row["source_ids"]
    if status == "withdrawn":
        yield what, "What goes on after the withdrawal?", row["source_ids"]
    if row.get("signed_basis") in left_open:
        yield what, left_open[row["signed_basis"]], row["source_ids"]
    if "signed_year" in row and not isinstance(row.get("signed_date"), str):
        when = "On which day was it signed? The table has the year."
        yield what, when, row["source_ids"]


def _passed(words, now):
    """Yield what a text says is planned for a month, quarter or year that has ended."""
    for found in PLAN.finditer(words):
        part, year = found[1].lower(), int(found[2])
        months = [number for number, name in enumerate(PARTS, 1) if name in part]
        months += [3 * number for number, name in enumerate(QUARTERS, 1) if name in part]
        if (year, max(months, default=12)) < (now.year, now.month):
            yield found[0]


def _slug(text):
    """Return a text as a name for files: lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _rows(name, iso3):
    return _rows_of(name, "iso3", iso3)


def _rows_of(name, column, iso3):
    table = data.load(name)
    return table[table[column] == iso3]


def _arab(iso3):
    """Return what Arab bodies have on paper with China, and the forums that other members held."""
    table = data.load("cooperation")
    hosts = set(table.loc[table["name"].str.contains(ARAB_FORUM), "iso3"]) - {"ARB", iso3}
    rows = pd.concat([_on_paper(code) for code in ("ARB", *sorted(hosts))])
    kept = rows["iso3"].eq("ARB") | rows["name"].str.contains(ARAB_FORUM)
    return rows[kept].sort_values("year", kind="stable")


def _events(iso3):
    """Return the rows of `cooperation` by year, with on_paper and group, of the table `kinds`."""
    events = _all_events()
    return events[events["iso3"] == iso3]


@lru_cache(maxsize=1)
def _all_events():
    kinds = data.load("kinds").set_index(["column", "value"])
    events = data.load("cooperation").sort_values("year", kind="stable")
    return events.assign(
        on_paper=events["form"].map(kinds.loc["cooperation.form", "on_paper"]),
        group=events["kind"].map(kinds.loc["cooperation.kind", "group"]),
    )


def _on_paper(iso3):
    events = _events(iso3)
    return events[events["on_paper"]]


def _deeds(iso3, groups=None):
    """Return what is more than paper, of some groups or of all."""
    events = _events(iso3)
    events = events[~events["on_paper"]]
    return events if groups is None else events[events["group"].isin(groups)]


def _shown(events):
    """Return rows of `cooperation` as a short table: when, what, of which kind, what came of it."""
    when = events["date"].fillna(events["year"].astype("str"))
    words = {c: events[c].replace(KINDS).str.replace("_", " ") for c in ("kind", "status")}
    events = events.assign(date=when.where(when != "<NA>"), **words)
    return slim(events[["date", "name", "form", "kind", "status", "description", *CITED]])
