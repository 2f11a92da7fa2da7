"""One country in one place: what the tables and the models of this course say of it.

`of("PAK")` collects a `Brief`: sections with tables, each row with its sources. `save` writes it
as a folder of one HTML page, CSV tables and PNG charts. From the command line:

    python -m course.brief PAK --out briefs
    python -m course.brief --all --out briefs

What all countries share comes from `everywhere`, the sections from `dossier`, the page from
`scenes.briefs`. What is modelled holds at the snapshot of the elements.
"""

import argparse
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from course.brief import briefs, dossier
from helpers import data
from helpers.inputs import InputError, one_of

COMPARED = " (to compare)"  # after the names of countries that have signed nothing


@dataclass(frozen=True)
class Brief:
    """A country, the instant `now` of its models, its `case` and its `sections` in order."""

    now: pd.Timestamp
    case: dossier.Case
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
            f"{number:02}-{section.key}-{briefs.slug(caption)}": table
            for number, section in enumerate(self.sections, 1)
            for caption, table in section.tables.items()
        }

    @property
    def bibliography(self):
        """Every source that a row of this brief cites, as a list to show."""
        return data.bibliography(*self.tables.values())

    def _repr_html_(self):
        return "".join(briefs.cell(section) for section in self.sections)


def choices():
    """Return {name: ISO code} of the countries with a brief, in order of names."""
    table = data.load("country_indicators").sort_values("country")
    signed = table["group"].str.startswith("bri_")
    names = table["country"].where(signed, table["country"] + COMPARED)
    return dict(zip(names, table["iso3"], strict=True))


def of(country):
    """Return the `Brief` of a country, by ISO code or name; InputError names the nearest."""
    return _collected(code(country), data.snapshot())


def code(country):
    """Return the ISO code of a country given by code or name; InputError names the nearest."""
    names = {name.removesuffix(COMPARED): iso3 for name, iso3 in choices().items()}
    known = {name.casefold(): iso3 for name, iso3 in names.items()}
    known |= {iso3.casefold(): iso3 for iso3 in names.values()}
    asked = str(country).strip().removesuffix(COMPARED)
    if asked.casefold() not in known:
        one_of(asked, [*names, *names.values()], "country")
    return known[asked.casefold()]


def compare(*countries):
    """Return the numbers of briefs side by side: DataFrame of measures by countries.

    What a country does not have is missing; `inf` is a picture that does not come in 72 hours.
    """
    found = [of(country) for country in countries]
    measures = list(dict.fromkeys(measure for brief in found for measure in brief.numbers))
    table = {brief.country: pd.Series(brief.numbers, dtype=float) for brief in found}
    return pd.DataFrame(table).reindex(measures)


def save(country, folder="briefs"):
    """Write the brief into `folder`/ISO code and return that path.

    index.html stands alone; tables are CSV, charts PNG. All is written beside its place and then
    renamed, so that what stands there is the old brief or the new one, whole. InputError: an
    unknown country, or a folder that cannot be written; what was there stays.
    """
    brief, folder = of(country), Path(folder)
    target, work = folder / brief.iso3, None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{brief.iso3}-", dir=folder))
        fresh, aside = work / "new", work / "old"
        fresh.mkdir()
        for name, content in briefs.files(brief):
            (fresh / name).write_bytes(content)
        if target.exists():
            target.rename(aside)
        try:
            fresh.rename(target)
        except BaseException:
            with suppress(OSError):
                aside.rename(target)
            raise
    except OSError as error:
        raise InputError(
            f"The brief of {brief.country} cannot be written to {folder} "
            f"({error.strerror or error}): choose a folder in which you may write."
        ) from None
    finally:
        if work:
            shutil.rmtree(work, ignore_errors=True)
    return target


@lru_cache(maxsize=200)
def _collected(iso3, now):
    """Return the brief of the country with this code, at the snapshot `now`."""
    case = dossier.case(iso3, now)
    return Brief(now, case, dossier.sections(case))


def main(arguments=None):
    """Run the command; return 0, or 1 after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m course.brief", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
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
            save(iso3, chosen.out)
        _bar(len(codes), len(codes), "done\n")
    except InputError as error:
        print(f"\n{error}" if done else error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped after {done} of {len(wanted)}: these are whole.", file=sys.stderr)
        return 1
    print(f"{len(wanted)} in {chosen.out}: open index.html of a country.")
    return 0


def _bar(done, total, what):
    """Draw the progress on standard error, over the line before."""
    filled = 30 * done // total
    bar = "#" * filled + "." * (30 - filled)
    print(f"\r[{bar}] {done}/{total} {what:<12}", end="", file=sys.stderr, flush=True)
