"""One country in one place: what the tables and the models of this course say of it.

`of("PAK")` collects a `Brief`: sections with tables, each row with its sources. `save` writes it
as a folder of one HTML page, CSV tables and PNG charts. From the command line:

    python -m course.brief PAK --out briefs
    python -m course.brief --all --out briefs

The way of a brief goes through these rooms, and never back:

    world     what models compute once for all countries, and one country's `Case` of it
    computed  the sections that models compute
    facts     the sections that tables hold, open questions, and the whole `Brief`
    pictures  its map, live and on paper, and its charts
    page      its page, and its files

What a section is and how its tables look stands in `tables`. What is modelled holds at the
snapshot of the elements.
"""

import argparse
import sys
from functools import cache

import pandas as pd

from course import files, moon, names
from course.brief import facts, page, world
from helpers import data
from helpers.inputs import InputError
from helpers.words import counted

# What stands after the names of countries that have signed no document, by their group.
ASIDE = {"comparison": " (to compare)", "china": " (to compare)", "partner": " (signed none)"}


def choices():
    """Return {name: ISO code} of the countries with a brief, in order of names."""
    return dict(_choices())


@cache
def _choices():
    table = data.load("country_indicators").sort_values("country")
    shown = table["country"] + table["group"].map(ASIDE).fillna("")
    return dict(zip(shown, table["iso3"], strict=True))


def unmarked(name):
    """Return a name of `choices` without what stands after it."""
    for aside in ASIDE.values():
        name = name.removesuffix(aside)
    return name


def code(country):
    """Return the ISO code of a country given by code or any usual name, see `names.iso3_of`.

    InputError: a name that no country has, or a country without a brief, and what our tables have.
    """
    iso3 = names.iso3_of(unmarked(str(country).strip()))
    if iso3 not in choices().values():
        rows = int((data.load("cooperation")["iso3"] == iso3).sum())
        some = f"{counted(rows, 'row')} of the table cooperation on it" if rows else "nothing else"
        papers = moon.moon_papers()
        signed = papers.loc[papers["iso3"] == iso3, "name"]
        but = "".join(f" but the {name}" for name in signed)
        raise InputError(
            f"{names.name_of(iso3)} has signed nothing that our tables know{but}; they have "
            f"{some}, so it has no brief: choose a country of brief.choices(), as Pakistan."
        )
    return iso3


def of(country):
    """Return the `Brief` of a country, by ISO code or name; InputError names the nearest."""
    return facts.collect(code(country), data.snapshot(), world.hour())


def side_by_side(*countries):
    """Return the numbers of briefs side by side: DataFrame of measures by countries.

    What a country does not have is missing; `inf` is a picture that does not come in 72 hours.
    """
    found = [of(country) for country in countries]
    measures = list(dict.fromkeys(measure for brief in found for measure in brief.numbers))
    table = {brief.country: pd.Series(brief.numbers, dtype=float) for brief in found}
    return pd.DataFrame(table).reindex(measures)


def save(country, folder="briefs", told=print):
    """Write the brief into `folder`/ISO code and return that path; `~` is the home folder.

    index.html stands alone; tables are CSV, charts PNG. What stands there is the old brief or the
    new one, whole. What is not the brief's stays, and a page that was changed since it was written
    is kept under another name, of which `told` gets a sentence. InputError: an unknown country, or
    a folder that cannot be written; what was there stays.
    """
    brief = of(country)
    target = files.home(folder) / brief.iso3
    with files.folder(target, by=f"brief of {brief.country}", told=told) as new:
        for name, content in page.files(brief):
            (new / name).write_bytes(content)
    return target


def main(arguments=None):
    """Run the command; return 0, or 1 after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m course.brief")
    parser.description = "Write the briefs of countries: a page, tables (CSV) and charts (PNG)."
    parser.add_argument("country", nargs="*", help="ISO codes or names")
    parser.add_argument("--all", action="store_true", help="all countries")
    parser.add_argument("--out", default="briefs", help="folder to write to (default: briefs)")
    chosen = parser.parse_args(arguments)
    if bool(chosen.country) == chosen.all:
        parser.error("name countries, as PAK, or give --all")
    wanted = list(choices().values()) if chosen.all else chosen.country
    done = 0
    try:
        codes = [code(country) for country in wanted]  # all of them, before anything is written
        for done, iso3 in enumerate(codes):
            _bar(done, len(codes), iso3)
            save(iso3, chosen.out, told=_aside)
        _bar(len(codes), len(codes), "done\n")
    except InputError as error:
        print(f"\n{error}" if done else error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped after {done} of {len(wanted)}: these are whole.", file=sys.stderr)
        return 1
    print(f"{len(wanted)} in {chosen.out}: open index.html of a country.")
    return 0


def _aside(sentence):
    """Say something on standard error without a mark on the bar."""
    print(f"\n{sentence}", file=sys.stderr)


def _bar(done, total, what):
    """Draw the progress on standard error, over the line before."""
    filled = 30 * done // total
    bar = "#" * filled + "." * (30 - filled)
    print(f"\r[{bar}] {done}/{total} {what:<12}", end="", file=sys.stderr, flush=True)
