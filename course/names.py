"""One door for the names of countries: English or Chinese, usual, official or old, or a code."""

import difflib
import re
import unicodedata
from functools import lru_cache

from helpers import data
from helpers.inputs import InputError


def iso3_of(country):
    """Return the ISO code of a country that is asked for by a name or code.

    The table `country_names` holds the names; capitals, accents, dots and "the" do not matter.
    InputError: a name of two countries, or one that no country has; then it says what is near.
    """
    known, shown = _known(), " ".join(str(country).split())[:60]
    found = known.get(_plain(country), {})
    if len(found) == 1:
        return next(iter(found))
    if found:
        names = " or ".join(sorted(found.values()))
        raise InputError(f"{shown!r} is a name of {len(found)} countries: say {names}.")
    near = list(dict.fromkeys(name for key in _near(shown) for name in known[key].values()))
    tried = f"try {', '.join(near[:3])}" if near else "give its English or Chinese name"
    raise InputError(f"There is no country {shown!r}: {tried}.")


def name_of(iso3):
    """Return the name under which our tables have a country, by its ISO code."""
    return next(found[iso3] for found in _known().values() if iso3 in found)


def _near(asked):
    """Return the names that hold what is asked for as a word of theirs, then the alike ones."""
    word = _plain(asked)
    whole = [name for name in _known() if len(word) > 2 and f" {word}" in f" {name}"]
    return whole + difflib.get_close_matches(word, _known(), n=3, cutoff=0.6)


@lru_cache(maxsize=1)
def _known():
    """Return {plain name or code: {ISO code: its name in our tables}}."""
    table, known = data.load("country_names"), {}
    ours = table.drop_duplicates("iso3").set_index("iso3")["name"].to_dict()
    for iso3, name in [
        *zip(table["iso3"], table["name"], strict=True),
        *zip(ours, ours, strict=True),
    ]:
        known.setdefault(_plain(name), {})[iso3] = ours[iso3]
    return known


def _plain(name):
    """Return a name without capitals, accents, signs, and a leading "the"."""
    text = unicodedata.normalize("NFKD", str(name)).casefold().replace("&", " and ")
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    text = re.sub(r"[.'’]", "", text)
    text = " ".join(re.sub(r"[^\w]+", " ", text).split())
    return text.removeprefix("the ")
