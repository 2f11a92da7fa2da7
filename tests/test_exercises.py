"""Exercises: the judge itself, then every exercise that any lesson declares, then the notebooks."""

import ast
import json
import re
from pathlib import Path

import folium
import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

import course
from course import errors, l00
from course.drawn_answers import Drawing
from helpers import charts, exercises, live, maps, style
from helpers.exercises import Number, Text, Unusable, check
from helpers.inputs import InputError
from tools import editions, lessons
from tools.editions import EDITIONS

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))

course.rooms()
DECLARED = list(exercises.DECLARED.values())

TABLE = pd.DataFrame({"name": ["Nairobi", "Quito"], "lat": [-1.3, -0.2], "lon": [36.8, -78.5]})
TABLE = TABLE.assign(kind=["b", "a"], km=[2.0, 3.5], confidence=["low", "high"])
RING = np.array([[0, 0], [9, 0], [9, 9]])


def own_map(*elements):
    """Return a plain folium map with these elements on it."""
    made = folium.Map(tiles=None)
    for element in elements:
        element.add_to(made)
    return made


def marked(drawn):
    """What the sample of a drawing wants: a mark in Kenya with a card, however it was drawn."""
    marks = drawn[drawn["lat"].notna()]
    if marks.empty:
        return "Nothing on the map has a position."
    if not marks["lat"].between(-5, 5).any():
        return f"{marks['lat'].iloc[0]:.0f}° is not near the equator."
    return bool(marks["popup"].str.len().gt(0).any())


# A lesson of our own, so that the judge is tested whatever lessons exist.
SAMPLES = {
    "99-1": (
        Number("km", tolerance=50),
        lambda: 35786,
        [(42164, "From the centre."), (lambda: 35786 / 1.609, "Miles?")],
    ),
    "99-2": (
        Text(("MEO", "GEO", "IGSO")),
        lambda: "IGSO",
        [("GEO", "It moves."), ("meo", "Higher.")],
    ),
    "99-3": (
        Text(several=True),
        lambda: ["Laos", "Pakistan"],
        [(["Laos"], "One more."), (["China"], "A partner.")],
    ),
    "99-6": (
        Drawing(marked),
        lambda: own_map(folium.CircleMarker([-1.3, 36.8], popup="Nairobi")),
        [
            (lambda: folium.Map(tiles=None), "Add a mark to the map."),
            (lambda: own_map(folium.CircleMarker([-1.3, 36.8])), "Give it a popup."),
        ],
    ),
}
PLACEHOLDERS = (..., None, "", " ", "...", [...], (..., ...), {...})
ODD = (
    "thirty",
    float("nan"),
    float("inf"),
    True,
    [],
    [1, 2],
    {"a": 1},
    object(),
    np.array([1.0, 2.0]),
    np.array(["a", "b"]),
    pd.DataFrame({"a": [1, 2]}),
    pd.Series(dtype=float),
    pd.NA,
    pd.NaT,
    10**400,
    10**5000,
    1j,
    len,
    "<b>x</b>" * 30,
    [3],
    ["a", ["b"]],
    pd.DataFrame({"layers": [1]}),
    folium.CircleMarker([1, 2]),
    folium.Map(),
    own_map(folium.GeoJson({"type": "FeatureCollection", "features": []})),
    own_map(folium.FeatureGroup(), folium.Popup("<b>x</b>"), folium.LayerControl()),
    maps.world(title="Nothing"),
    maps.points(TABLE.iloc[:0], "Empty"),
    charts.draw(charts.rules(x=3, text="three"), name="A line"),
)


@pytest.fixture
def samples(monkeypatch):
    monkeypatch.setattr(exercises, "DECLARED", dict(exercises.DECLARED))
    for id, (kind, solution, wrong) in SAMPLES.items():
        exercises.exercise(id, kind, wrong=wrong, hint="Think.")(solution)


def assert_sound(task):
    """What must hold for every exercise: the solution passes, each usual mistake gets its hint."""
    assert check(task.id, task.solution()).status == "right"
    if isinstance(task.kind, Drawing):
        assert task.kind.judged(task.kind.read(task.solution())) is True
    assert task.hint, "a general hint for all other wrong answers"
    wrong = task.wrong_answers()
    assert len(wrong) >= 2, "at least two typical wrong answers"
    for answer, hint in wrong:
        result = check(task.id, answer)
        assert (result.status, result.hint) == ("wrong", hint), answer
        assert hint != task.hint
    for answer in PLACEHOLDERS:
        assert check(task.id, answer).status == "unanswered", answer
    for answer in ODD:
        result = check(task.id, answer)
        assert result.status in ("right", "wrong", "unanswered")
        assert result.status != "wrong" or result.hint
        assert repr(result) and "<b>x" not in result._repr_html_()


@pytest.mark.parametrize("id", SAMPLES)
def test_judge(samples, id):
    assert_sound(exercises.find(id))


def test_judge_finds_fault_with_a_careless_declaration(samples):
    exercises.exercise("99-5", Number(), wrong=[(1, "No."), (2, "No.")], hint="?")(lambda: 2)
    with pytest.raises(AssertionError):
        assert_sound(exercises.find("99-5"))


@pytest.mark.parametrize(
    "answer", [35786, 35800.0, np.int64(35786), np.float32(35786), np.array(35786), [35786][0]]
)
def test_numbers_of_every_make_count(samples, answer):
    assert check("99-1", answer).status == "right"


def test_one_element_of_a_table_counts(samples):
    assert check("99-1", pd.Series([35786])).status == "right"
    assert check("99-3", pd.Series(["pakistan", " LAOS "])).status == "right"
    assert check("99-2", " igso ").status == "right"


def test_relative_tolerance_and_exactness():
    assert Number(relative=0.01).same(101, 100) and not Number(relative=0.01).same(102, 100)
    assert Number().same(0.1 + 0.2, 0.3) and not Number().same(3.01, 3)


@pytest.mark.parametrize(
    ("kind", "bad", "says"),
    [
        (Number("km"), "far", "Give a number in km; 'far' is not one."),
        (Number(), True, "Give a number; True is not one."),
        (Number("m"), "4,5", "Give a number in m, with a point: Python reads 4,5 as two things."),
        (Number(), (4, 5), "Give a number, with a point: Python reads 4,5 as two things."),
        (Text(("A", "B")), "C", "'C' is not among the choices. One of: A, B."),
        (Text(), 3, "Give text in quotes"),
        (Text(several=True), "Laos", "Give a list of names"),
        (Text(several=True), ["Laos", 3], "Every name in the list must be text; 3 is not."),
        (Text(several=True), ["Laos", " LAOS"], "'laos' stands there more than once: give each"),
        (Text(several=True, also=lambda: {"LAO": "Laos"}), ["LAO", "Laos"], "'laos' stands there"),
    ],
)
def test_the_wrong_kind_of_answer_is_told_in_a_sentence(kind, bad, says):
    with pytest.raises(Unusable) as told:
        kind.read(bad)
    assert str(told.value).startswith(says)


def test_result_says_it_without_colour_and_escapes(samples):
    for answer, word in ((35786, "Right"), (1, "Not yet"), (..., "Not answered yet")):
        result = check("99-1", answer)
        assert word in repr(result) and word in result._repr_html_()
    assert "&lt;i&gt;" in exercises.Result("99-1", "wrong", "<i>")._repr_html_()


def test_a_lesson_s_own_solution_must_pass(samples):
    assert exercises.solution("99-2", "IGSO").status == "solution"
    for bad in ("GEO", ..., 3):
        with pytest.raises(InputError, match="99-2"):
            exercises.solution("99-2", bad)


# Drawings


def read(answer):
    return Drawing(bool).read(answer)


def test_layers_are_read_as_rows():
    marks = maps.points(TABLE, "Cities", category="kind", popup=["km"])
    drawn = read(marks)
    assert list(drawn["label"]) == ["Nairobi", "Quito"] and set(drawn["kind"]) == {"points"}
    assert list(drawn["group"]) == ["b", "a"] and drawn["color"].is_unique
    assert drawn.loc[0, ["lat", "lon", "popup"]].tolist() == [-1.3, 36.8, ["2", "low"]]
    drawn = read(
        [maps.lines({"x": [RING]}, "A", color="sky", fill=0.2), maps.lines({"y": [RING]}, "L"), "!"]
    )
    assert list(drawn["kind"]) == ["areas", "lines"] and list(drawn["label"]) == ["x", "y"]
    assert drawn["paths"][1] == [RING.tolist()] and drawn["color"][0] == style.COLORS["sky"]
    states = maps.countries(pd.Series({"KEN": "in"}), "C", styles={"in": "blue", "out": "grey"})
    assert read(states)[["layer", "label", "group"]].to_numpy().tolist() == [["C", "KEN", "in"]]


def test_marks_of_a_chart_are_read_by_their_arguments():
    drawn = read(
        charts.draw(
            charts.bars(TABLE, x="km", y="name", color="kind", text="km"),
            charts.rules(x=3, text="three"),
            name="Chart",
        )
    )
    assert list(drawn["kind"]) == ["bars", "bars", "rules"]
    assert list(drawn["label"]) == ["Nairobi", "Quito", "three"] and list(drawn["x"]) == [2, 3.5, 3]
    assert list(drawn["group"][:2]) == ["b", "a"] and drawn["color"][:2].is_unique


def test_a_folium_map_is_read_by_its_own_names():
    land = {"type": "Feature", "properties": {"iso3": "KEN", "name": "Kenya"}, "geometry": None}
    land["geometry"] = {"type": "Polygon", "coordinates": [RING.tolist()]}
    group = folium.FeatureGroup()
    folium.CircleMarker([1, 2], popup=folium.Popup("<b>A</b>"), tooltip="B", fill=True).add_to(
        group
    )
    parts = (
        group,
        folium.PolyLine([[0, 0], [1, 1]], color="red", dash_array="5"),
        folium.GeoJson(land, style_function=lambda f: {"fillColor": f["properties"]["name"]}),
        folium.Marker([3, 4], icon=folium.DivIcon("<i>here</i>")),
    )
    for made in (own_map(*parts), maps.offline(own_map(*parts), title="Mine")):
        drawn = read(made).set_index("kind")
        assert drawn.loc["CircleMarker", ["lat", "lon", "popup"]].tolist() == [1, 2, "A B"]
        assert drawn.loc["PolyLine", ["color", "dash", "paths"]].tolist() == [
            *("red", "5"),
            [[[0, 0], [1, 1]]],
        ]
        assert drawn.loc["GeoJson", ["label", "color"]].tolist() == ["KEN", "Kenya"]
        assert drawn.loc["Marker", "popup"] == "here" and drawn.loc["Popup", "popup"] == "A"
    (broken,) = read(own_map(folium.PolyLine([RING, RING + 20])))["paths"]
    assert [len(piece) for piece in broken] == [3, 3] and broken[1][0] == [20, 20]
    ours = maps.world([maps.points(TABLE, "Cities")], title="Ours")
    folium.Circle([0, 0], radius=1e6).add_to(ours)
    assert list(read(ours)["kind"]) == ["points", "points", "Circle"]


def test_a_live_view_is_read_as_it_stands(capsys):
    @live.live("Cities", upto=(1, 2))
    def cities(upto=1):
        return maps.points(TABLE[:upto], "Cities"), "words"

    assert len(read(cities)) == 1
    cities.controls["upto"].value = 2
    assert len(read(cities)) == 2
    cities.close()


def test_what_is_missing_in_a_drawing_is_said(samples):
    far = check("99-6", own_map(folium.Circle([50, 8], popup="x")))
    assert far.hint == "50° is not near the equator."
    assert check("99-6", [maps.points(TABLE, "Cities")]).status == "right"
    bare = check("99-6", own_map(folium.Circle([2, 8]), folium.PolyLine([[0, 0], [1, 1]])))
    assert bare.hint == "Give it a popup.", "it lacks the same as the declared wrong drawing"


def test_a_drawing_that_fails_to_draw_is_told_in_a_sentence(samples):
    land = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Point", "coordinates": [1, 2]},
    }
    bad = folium.GeoJson(land)
    bad.style, bad.style_function = True, lambda feature: feature["properties"]["name"]
    assert check("99-6", own_map(bad)).hint == "It cannot be read: KeyError: 'name'."


def test_a_rule_that_fails_is_told_in_a_sentence(samples):
    kind = Drawing(lambda drawn: len(drawn) == 0 or drawn["x"].iloc[7])
    exercises.exercise("99-5", kind, wrong=[], hint="Think.")(own_map)
    assert check("99-5", own_map()).status == "right"
    assert check("99-5", maps.points(TABLE, "Cities")).hint.startswith("It cannot be read: Index")


@pytest.mark.parametrize("id", ["99-9", "99", "", "nonsense", "../x-1"])
def test_an_unknown_exercise_names_the_nearest(samples, id):
    with pytest.raises(InputError, match=r"^There is no exercise .*\d\d-\d.*\.$"):
        check(id, 1)


def test_an_exercise_is_named_by_text():
    with pytest.raises(InputError, match="04-2"):
        check(4.2, 1)


@pytest.mark.parametrize(
    "task", [t for t in DECLARED if isinstance(t.kind, Drawing)], ids=lambda task: task.id
)
def test_what_a_drawing_wants_is_said_of_any_drawing(task):
    """`check` would hide a rule that fails; here it may not."""
    for answer in ODD:
        try:
            said = task.kind.wants(task.kind.read(answer))
        except Unusable:
            continue
        assert isinstance(said, str | bool | np.bool_), answer


@pytest.mark.parametrize("task", DECLARED, ids=lambda task: task.id)
def test_declared(task):
    module = task.solution.__module__
    assert module == f"course.l{task.id[:2]}", "declared in another lesson's file"
    assert_sound(task)


def calls(path, function, solved):
    """Return the ids given to `check` or `solution` in a notebook's cells."""
    found = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        tagged = "solution" in cell["metadata"].get("tags", [])
        if cell["cell_type"] == "code" and tagged == solved:
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function:
                    found.append(ast.literal_eval(node.args[0]))
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_and_declarations_agree(path):
    lesson = path.name[:2]
    declared = [f"{lesson}-{i + 1}" for i in range(sum(t.id[:2] == lesson for t in DECLARED))]
    assert calls(path, "check", False) == declared, "each exercise is asked once, in order"
    assert calls(path, "solution", True) == declared, "each solution cell ends in solution(...)"
    assert not calls(path, "check", True) and not calls(path, "solution", False)
    assert 3 <= len(declared) <= 7


def test_every_lesson_with_declarations_has_a_notebook():
    assert {task.id[:2] for task in DECLARED} <= {path.name[:2] for path in NOTEBOOKS} | {"99"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_first_line_of_a_hidden_cell_gives_nothing_away(path):
    """JupyterLab shows the first line of a collapsed cell."""
    lesson = lessons.read(path)
    for made in (lesson, *(editions.make(lesson, edition) for edition in EDITIONS)):
        for cell in made.cells:
            hidden = made is lesson and cell.metadata.get("jupyter", {}).get("source_hidden")
            if lessons.is_solution(cell) or hidden:
                first = cell.source.splitlines()[0]
                assert re.fullmatch(r"# [a-zA-Z ]+ of \d\d-\d: [a-z ;]+\.?", first), (
                    cell.id,
                    first,
                )


# What all numeric exercises tell, from one place

NUMERIC = [task for task in DECLARED if isinstance(task.kind, Number)]
OF_NUMBERS = pytest.mark.parametrize("task", NUMERIC, ids=lambda task: task.id)


def told(task, answer):
    """Return the hint for an answer, which is not the one for anything wrong."""
    result = check(task.id, answer)
    assert result.status == "wrong" and result.hint != task.hint, answer
    return result.hint


@OF_NUMBERS
def test_an_answer_of_another_make_has_its_own_sentence(task):
    right = task.kind.read(task.solution())
    table = pd.DataFrame({"a": [right, right]})
    said = {
        told(task, [right]),
        told(task, table["a"]),
        told(task, table),
        told(task, table.query("a == a")[["a"]].assign(b=1)),
        told(task, {"a": right}),
        told(task, np.array([right, right])),
        told(task, {right}),
        told(task, lambda: right),
    }
    assert len(said) == 7, "the two tables are one kind"
    assert all("yours is" in words for words in said)


@OF_NUMBERS
@pytest.mark.parametrize("factor", list(map(float, exercises.HINTS["off"])))
def test_a_wrong_unit_has_its_own_sentence(task, factor):
    if right := task.kind.read(task.solution()):
        usual = {hint for _, hint in task.wrong}
        assert told(task, right * factor) in {*usual, *exercises.HINTS["off"].values()}


@OF_NUMBERS
def test_rounded_numbers_are_said_to_be_rounded(task):
    right, kind = task.kind.read(task.solution()), task.kind
    beside = right + 1.5 * max(kind.tolerance, kind.relative * abs(right))
    usual = {hint for _, hint in task.wrong}
    if kind.tolerance or kind.relative:
        assert told(task, beside) in {*usual, exercises.HINTS["rounded"]}
    else:
        assert check(task.id, right + 1).hint != exercises.HINTS["rounded"], "it is counted"


@OF_NUMBERS
def test_typed_digits_are_read_with_a_word_on_it(task):
    right = task.kind.read(task.solution())
    for typed in (f"{right!r}", f" {right!r} {task.kind.unit}", f"{right!r} %"):
        result = check(task.id, typed)
        assert result.status == "right" and result.hint.startswith("Read as"), typed


@pytest.mark.parametrize(
    "typed",
    ["35,786", "35 786", "35786", "35 786 km", "35\u202f786", "35'786", (35, 786), "35,786.03"],
)
def test_thousands_are_read_however_they_are_set_apart(samples, typed):
    result = check("99-1", typed)
    assert result.status == "right" and "35,786" in result.hint


def test_a_comma_that_is_no_thousands_is_a_decimal_comma(samples):
    for typed in ("35,7", (35, 7), (35, 78), "4,5", "1,23456"):
        result = check("99-1", typed)
        assert result.status == "wrong" and "with a point" in result.hint, typed
    meant = check("99-1", "35786,000")
    assert meant.status == "wrong" and exercises.HINTS["off"]["1000"] in meant.hint


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("01-3", "SASAC"),
        ("01-3", "国务院国有资产监督管理委员会"),
        ("02-2", ["ITA", "PAN"]),
        ("08-2", ["DJI", "SDN", "YEM"]),
        ("09-2", ["Wenchang", "Hainan commercial", "Kourou", "Sriharikota"]),
        ("00-3", [role.replace("_", " ") for role in exercises.find("00-3").solution()]),
    ],
)
def test_a_right_answer_in_another_form_is_right(id, answer):
    assert check(id, answer).status == "right"


@pytest.mark.parametrize(
    "task", [t for t in DECLARED if getattr(t.kind, "several", False)], ids=lambda task: task.id
)
def test_names_are_given_once(task):
    right = list(task.solution())
    for repeated in (right + right[:1], pd.Series(right * 3), tuple(right * 2)):
        result = check(task.id, repeated)
        assert result.status == "wrong" and "more than once" in result.hint
    assert check(task.id, pd.Series(right * 3).unique()).status == "right", "the remedy works"


def test_degrees_and_radians_are_told_apart():
    turned = check("09-1", np.radians(exercises.find("09-1").solution()))
    assert "np.degrees" in turned.hint
    straight = np.arccos(6378 / 7527 * np.cos(25)) - 25
    assert "np.radians(25)" in check("06-6", 2 / (1 - np.cos(straight))).hint


def test_a_map_that_needs_a_network_is_told_and_the_remedy_works():
    mine = l00.own_map(offline=False)
    assert check("00-5", mine).hint == l00.ONLINE
    assert check("00-5", maps.offline(mine, title="Mine")).status == "right"
    tiled = folium.Map()
    for layer in l00.own_map(offline=False)._children.values():
        layer.add_to(tiled)
    assert check("00-5", tiled).hint == l00.ONLINE
    looks = {"own": "blue", "other": "grey"}
    land = maps.countries(
        pd.Series({"KEN": "own", "UGA": "other", "TZA": "other"}), "Land", styles=looks
    )
    parts = land, maps.points(TABLE[:1], "Town")
    assert check("00-5", maps.world(parts, title="Mine")).status == "right"
    assert check("00-5", maps.world(parts, title="Mine", online_tiles=True)).hint == l00.ONLINE


def test_an_error_ends_in_a_sentence():
    cell = "answer = table['nothing']\ncheck('03-1', answer)"
    table = pd.DataFrame({"a": [1]})
    for raising, words in (
        (lambda: table["nothing"], "no column or row"),
        (lambda: table.query("nothing == 1"), "Inside .query()"),
        (lambda: table["a"].nothing, "before the point"),
        (lambda: table.iloc[3], "fewer values"),
        (lambda: table["a"] + object(), "do not fit"),
        (lambda: bool(table), "one value is asked"),
        (lambda: nothing, "Run the cells above first"),  # noqa: F821
    ):
        with pytest.raises(Exception) as raised:
            raising()
        assert words in errors.advice(raised.value, cell)
    assert errors.advice(NameError("tables"), "tables['x']") == errors.EARLY
    assert errors.advice(KeyError("x"), "tables['x']") == ""
    assert errors.advice(InputError("It says it itself."), cell) == ""


def test_a_cell_that_runs_too_early_says_what_to_do():
    sources = ["from course import l03", "tables['x']", "1 / 0"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    where = {"metadata": {"path": ROOT / "notebooks"}}
    NotebookClient(notebook, kernel_name="python3", allow_errors=True, resources=where).execute()
    said = [
        [output.get("text", output.get("ename")) for output in c.outputs] for c in notebook.cells
    ]
    assert said == [[], ["NameError", f"{errors.EARLY}\n"], ["ZeroDivisionError"]]
