"""Ties to the Chinese station and the Moon, and the two papers on the Moon: rows with words.

For lesson 10, and for the briefs.
"""

import numpy as np
import pandas as pd

from helpers import data

TRAINED = "trained but not flown"
STANDINGS = ("done", "agreed or planned", "both", TRAINED, "fell through or unclear")
PAPERS = ("Artemis Accords", "ILRS, a state", "ILRS, an institution", "both papers")
NO_STATES = ("INT", "ARB", "AFR", "EUR", "LAC")  # partners that are no country


def ties(cooperation):
    """Return what ties partners to the station and the Moon, with `year` and `standing`.

    Done is what flew; joint training that took place is no flight. A signature is an agreement,
    however complete; what is selected, planned or joined has not flown. Rows of China are left
    out, and so is Hong Kong: its astronaut flew in China's own crew.
    """
    kinds = ["human_spaceflight", "css_experiment", "lunar_payload", "ilrs_member"]
    rows = cooperation[cooperation["kind"].isin([*kinds, "ilrs_institution"])]
    rows = rows[~rows["iso3"].isin(["CHN", "HKG"])]
    done = rows["status"].eq("completed") & rows["form"].ne("agreement")
    lost = rows["status"].isin(["not_realised", "unclear", "failed"])
    cases = [done & rows["form"].eq("training"), done, lost]
    names = [TRAINED, "done", "fell through or unclear"]
    standing = np.select(cases, names, "agreed or planned")
    return rows.assign(year=rows["year"].astype(int), standing=standing)


def standings(ties):
    """Return {iso3: one of STANDINGS} of rows of `ties`: what a country did, and what is agreed."""

    def together(kinds):
        if {"done", "agreed or planned"} <= set(kinds):
            return "both"
        return next(name for name in STANDINGS if name in set(kinds))

    return ties.groupby("iso3")["standing"].agg(together)


def experiments(cooperation):
    """Return the rows of the station's experiments with `project` and `conditional`."""
    rows = cooperation[cooperation["kind"] == "css_experiment"]
    conditional = rows["name"].str.contains("(conditional)", regex=False)
    project = rows["name"].str.replace(" (conditional)", "", regex=False)
    return rows.assign(project=project, conditional=conditional)


def moon_papers():
    """Return every signature under the two papers on the Moon, by year: DataFrame.

    paper: one of PAPERS but the last; iso3, country; date as its source has it; said: that date in
    words; year: of it, or, where no day is known, of the first list with the country. The Artemis
    Accords are principles of the United States (2020); ILRS is the station of China and Russia.
    """
    accords = data.load("artemis_accords")
    day = accords["signed_date"].fillna("by " + accords["listed_date"])
    accords = accords.assign(paper=PAPERS[0], said=day, name="Artemis Accords")
    ilrs = data.load("cooperation").query("kind in ['ilrs_member', 'ilrs_institution']")
    ilrs = ilrs[ilrs["status"].eq("partner") & ~ilrs["iso3"].isin(NO_STATES)]
    kind = ilrs["kind"].map({"ilrs_member": PAPERS[1], "ilrs_institution": PAPERS[2]})
    ilrs = ilrs.assign(paper=kind, said=ilrs["date"].fillna("by " + ilrs["year"].astype("string")))
    kept = ["paper", "iso3", "country", "name", "said", "source_ids", "confidence"]
    rows = pd.concat([accords[kept], ilrs[kept]], ignore_index=True)
    year = rows["said"].str.extract(r"(\d{4})")[0].astype(int)
    return rows.assign(year=year).sort_values(["year", "said", "country"], ignore_index=True)


def sides(papers):
    """Return {iso3: one of PAPERS} of rows of `moon_papers`; a state with both has the last.

    An institution, as a university, binds no state: beside the Accords it does not count.
    """
    found = papers.groupby("iso3")["paper"].agg(set)
    both = found.map(set(PAPERS[:2]).issubset)
    first = found.map(lambda kinds: next(name for name in PAPERS if name in kinds))
    return first.mask(both, PAPERS[3])
