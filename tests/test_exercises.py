"""Exercises: the judge itself, then every exercise that any lesson declares, then the notebooks."""

import ast
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import course
from helpers import exercises
from helpers.exercises import Names, Number, Text, Unusable, YesNo, check
from helpers.inputs import InputError

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))

course.rooms()
DECLARED = list(exercises.DECLARED.values())

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
        Names(),
        lambda: ["Laos", "Pakistan"],
        [(["Laos"], "One more."), (["China"], "A partner.")],
    ),
    "99-4": (YesNo(), lambda: True, [(False, "Look again."), ("no", "Look again.")]),
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
)


@pytest.fixture
def samples(monkeypatch):
    monkeypatch.setattr(exercises, "DECLARED", dict(exercises.DECLARED))
    for id, (kind, solution, wrong) in SAMPLES.items():
        exercises.exercise(id, kind, wrong=wrong, hint="Think.")(solution)


def assert_sound(task):
    """What must hold for every exercise: the solution passes, each usual mistake gets its hint."""
    assert check(task.id, task.solution()).status == "right"
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
    assert check("99-4", np.bool_(True)).status == "right"
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
        (Names(), "Laos", "Give a list of names"),
        (Names(), ["Laos", 3], "Every name in the list must be text; 3 is not."),
        (YesNo(), 1, "Answer with True or False; 1 is neither."),
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


@pytest.mark.parametrize("id", ["99-9", "99", "", "nonsense", "../x-1"])
def test_an_unknown_exercise_names_the_nearest(samples, id):
    with pytest.raises(InputError, match=r"^There is no exercise .*\d\d-\d.*\.$"):
        check(id, 1)


def test_an_exercise_is_named_by_text():
    with pytest.raises(InputError, match="04-2"):
        check(4.2, 1)


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
    assert 3 <= len(declared) <= 5


def test_every_lesson_with_declarations_has_a_notebook():
    assert {task.id[:2] for task in DECLARED} <= {path.name[:2] for path in NOTEBOOKS} | {"99"}
