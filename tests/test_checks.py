"""Every computed claim: its check runs by its rule on real numbers, and the ledger agrees."""

import ast
import numbers
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import course
from helpers import claims, data
from helpers.inputs import InputError
from silkroad import constellations

LEDGER = data.load("claims").set_index("id")
COMPUTED = course.computed_claims()
FOLDER = Path(course.__file__).parent


@pytest.mark.parametrize("id", COMPUTED)
def test_the_ledger_agrees_with_what_is_computed(id):
    found = claims.settle(id)
    assert found.verdict == LEDGER.loc[id, "verdict_hint"], found
    assert found.rule.endswith(".") and found.evidence.endswith(".")
    assert found.numbers
    for what, value in found.numbers.items():
        assert not isinstance(value, numbers.Real) or value == value, f"{what} is NaN"


@pytest.mark.parametrize("id", COMPUTED)
def test_a_check_lives_in_the_file_of_its_lesson(id):
    lesson = int(LEDGER.loc[id, "notebook"])
    assert claims.COMPUTED[id].__module__ == f"course.l{lesson:02d}"
    assert LEDGER.loc[id, "check"] == "computed"


def declared():
    """Return (claim, file) of every function under @computes, read from the files themselves."""
    found = []
    for path in sorted(FOLDER.glob("l*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for mark in getattr(node, "decorator_list", []):
                if ast.unparse(getattr(mark, "func", mark)) == "computes":
                    found.append((mark.args[0].value, path.stem))
    return found


def test_at_least_forty_claims_are_computed():
    assert len(COMPUTED) >= 40


def test_at_least_six_of_the_statements_taken_in_later_are_computed():
    assert len([id for id in COMPUTED if id >= "C127"]) >= 6


def test_every_computed_claim_has_exactly_one_home():
    homes = declared()
    assert {id: n for id, n in Counter(id for id, _ in homes).items() if n > 1} == {}
    assert sorted(id for id, _ in homes) == COMPUTED
    written = {path.stem for path in FOLDER.glob("l*.py")}
    wanted = LEDGER[(LEDGER["check"] == "computed") & ("l" + LEDGER["notebook"]).isin(written)]
    missing = sorted(set(wanted.index) - set(COMPUTED))
    assert not missing, "the ledger calls them computed, and no function computes them"


def test_a_second_home_is_refused():
    def elsewhere():
        """A rule."""

    with pytest.raises(InputError, match=r"C092 is computed by course.l04.* already"):
        claims.computes("C092")(elsewhere)
    assert claims.COMPUTED["C092"].__module__ == "course.l04"


@pytest.mark.parametrize("id", ["C088", "C092", "C119", "C125"])
def test_a_picture_comes_small_and_with_its_twin(id):
    found = claims.settle(id)
    (picture,) = found.layers
    assert picture.summary in repr(found)
    page = found._repr_html_()
    # One picture: a still of a map, or a chart's two drawings, of which a page shows one.
    assert len(re.findall(r'<img [^>]*alt="[^"]|<svg role="img" aria-label="[^"]', page)) in (1, 2)
    assert page.count("<img ") + page.count('class="silkroad-wide"') == 1 and "<details>" in page
    assert len(page) < 150_000


def test_pictures_of_claims_load_no_matplotlib():
    code = (
        "import sys, course.l04, course.l06\n"
        "from helpers import claims\n"
        "pages = [claims.settle(id)._repr_html_() for id in ('C088', 'C092', 'C119')]\n"
        "sys.exit('matplotlib' in sys.modules or not all('<svg' in page for page in pages))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parent).returncode == 0


@pytest.mark.parametrize("id", [id for id in COMPUTED if LEDGER.loc[id, "kind"] == "opinion"])
def test_the_numbers_behind_an_opinion_come_without_a_verdict(id):
    found = claims.settle(id)
    sign, words, _ = claims.VERDICTS[found.verdict]
    assert "❝ opinion:" in repr(found) and f"{sign} {words}" not in repr(found)
    assert "❝ opinion</b>" in found._repr_html_()
    assert f"{sign} {words}" not in found._repr_html_()


def test_a_finding_shows_numbers_and_rule_safely():
    found = claims.Finding("C001", "<b>", "disputed", "Half.", {"share <": 0.5, "n": 12}, "A rule.")
    text, page = repr(found), found._repr_html_()
    for piece in ("C001", "disputed", "Half.", "0.5", "12", "A rule."):
        assert piece in text and piece in page
    assert "share &lt;" in page and "<b></b>" not in page


def test_a_claim_that_nothing_computes_says_what_settles_it():
    with pytest.raises(InputError, match="the reader weighs sources"):
        claims.settle("C025")
    with pytest.raises(InputError, match="a document settles it"):
        claims.settle("C001")
    with pytest.raises(InputError, match="no claim"):
        claims.settle("C84")


# The rules of the claims of November 2026: altered tables reach every verdict


def altered(monkeypatch, **tables):
    """Let `data.load` give other tables by name, until the test ends."""
    load = data.load
    other = {name: table.copy() for name, table in tables.items()}
    monkeypatch.setattr(data, "load", lambda name: other[name] if name in other else load(name))


def without(table, column, *values):
    return table[~table[column].isin(values)]


@pytest.mark.parametrize(
    ("missing", "verdict"),
    [
        ((), "confirmed"),
        (("weather",), "disputed"),
        (("weather", "communications"), "disputed"),
        (("weather", "communications", "earth_observation"), "inaccurate"),
    ],
)
def test_c131_follows_the_kinds_of_satellites(monkeypatch, missing, verdict):
    altered(monkeypatch, elements=without(data.load("elements"), "group", *missing))
    assert claims.settle("C131").verdict == verdict


def test_c134_counts_only_what_was_launched_before_2015(monkeypatch):
    elements = data.load("elements")
    navigation = elements["group"] == "beidou"
    for late, verdict in ((navigation, "disputed"), (elements["group"].notna(), "inaccurate")):
        later = elements.assign(cospar_id=elements["cospar_id"].mask(late, "2015-001A"))
        altered(monkeypatch, elements=later)
        assert claims.settle("C134").verdict == verdict


def test_c128_asks_with_whom(monkeypatch):
    events = data.load("cooperation")
    ours = events["kind"] == "beidou_augmentation"
    ours |= events["description"].str.contains("augmentation", na=False)
    assert {"RUS", "PAK"} <= set(events["iso3"][ours])
    for changed, verdict in (
        (events[events["iso3"] != "RUS"], "disputed"),
        (events.assign(year=events["year"].mask(ours, 2014)), "not_checkable"),
    ):
        altered(monkeypatch, cooperation=changed)
        assert claims.settle("C128").verdict == verdict


def test_c129_follows_number_and_height(monkeypatch):
    elements, fleet = data.load("elements"), data.load("beidou_satellites")
    new = fleet["launch_date"].dt.date.astype(str) == "2018-11-18"
    high = elements["norad_id"].isin(fleet.loc[new, "norad_id"])
    motion = elements["mean_motion_rev_per_day"].mask(high, 1.0)
    altered(monkeypatch, elements=elements.assign(mean_motion_rev_per_day=motion))
    assert claims.settle("C129").verdict == "inaccurate", "in the geostationary ring"
    altered(monkeypatch, elements=elements, beidou_satellites=fleet.drop(fleet.index[new][0]))
    assert claims.settle("C129").verdict == "inaccurate", "only one"


def test_c135_wants_each_service_done_and_after_the_signature(monkeypatch):
    events, signed = data.load("cooperation"), data.load("bri_countries")
    launches = events["kind"] == "launch_service"
    for changed, verdict in (
        ({"cooperation": events[~launches]}, "disputed"),
        ({"cooperation": events.assign(status="planned")}, "inaccurate"),
        ({"bri_countries": signed.assign(signed_year=2021)}, "inaccurate"),
    ):
        altered(monkeypatch, **{"cooperation": events, "bri_countries": signed} | changed)
        assert claims.settle("C135").verdict == verdict, changed.keys()


def test_c133_follows_promise_and_geometry(monkeypatch):
    table = data.load("constellations")
    places = ["horizontal_accuracy_m_95", "vertical_accuracy_m_95"]
    beidou = table["system"].isin(["BDS-2", "BDS-3"])
    same = table.assign(**{column: table[column].mask(beidou, 9.0) for column in places})
    nominal = constellations.nominal
    turned = {"BDS-2": "BDS-3", "BDS-3": "BDS-2"}
    altered(monkeypatch, constellations=same)
    assert claims.settle("C133").verdict == "disputed", "the geometry alone"
    monkeypatch.setattr(constellations, "nominal", lambda system: nominal(turned[system]))
    assert claims.settle("C133").verdict == "prediction_missed", "neither"
    altered(monkeypatch, constellations=table)
    assert claims.settle("C133").verdict == "disputed", "the promise alone"
