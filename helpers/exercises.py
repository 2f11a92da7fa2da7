"""Self-checking exercises: `check("04-2", answer)` says right, wrong with a hint, or not answered.

A lesson's exercises are declared in its room, `course/lNN.py`, each with the function that computes
the right answer and the wrong answers students typically give, each with its own hint.
"""

import html
import json
import numbers
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pandas as pd

from helpers import maps
from helpers.inputs import InputError, one_of

__all__ = ["Number", "Text", "check", "exercise", "solution"]

DECLARED: dict[str, "Exercise"] = {}
HINTS = json.loads((maps.STATIC / "hints.json").read_text("utf-8"))  # of all exercises
_LOOKS = HINTS["looks"]  # sign, word, colour; the first two say it without the colour


class Unusable(ValueError):
    """An answer of a kind that cannot be compared; the message tells the student what to give."""


@dataclass(frozen=True)
class Number:
    """A number, right within `tolerance` (absolute, in `unit`) or `relative` (a share of it)."""

    unit: str = ""
    tolerance: float = 0.0
    relative: float = 0.0

    def read(self, answer):
        """Return the answer as a float: a number, the one value of an array, or typed digits."""
        if getattr(answer, "size", None) == 1:
            answer = np.asarray(answer).item()
        wanted, answer = f"a number{f' in {self.unit}' if self.unit else ''}", self.typed(answer)
        if isinstance(answer, str) and re.fullmatch(r"[-+]?\d+,\d+", answer):
            raise Unusable(f"Give {wanted}, with a point: Python reads {answer} as two things.")
        if several := HINTS["kinds"].get(type(answer).__name__):
            raise Unusable(f"Give {wanted}; yours is {several}.")
        if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
            raise Unusable(f"Give {wanted}; {what(answer)} is not one.")
        if answer != answer:
            raise Unusable(f"Give {wanted}; NaN means that no number came out.")
        try:
            return float(answer)
        except OverflowError:
            raise Unusable(f"Give {wanted}; this is too large to calculate with.") from None

    def typed(self, answer):
        """Return typed digits, such as "35 786 km" or 35,786, as a number; else the answer."""
        whole = isinstance(answer, tuple) and set(map(type, answer)) == {int}
        text = ",".join(map(str, answer)) if whole else answer
        if not isinstance(text, str):
            return answer
        text = text.strip().removesuffix(self.unit or "%").removesuffix("%").strip()
        try:
            return float(re.sub(r"(?<=\d)[ ,'\xa0\u202f](?=\d{3}(?!\d))", "", text))
        except ValueError:
            return text if text.count(",") == 1 else answer

    def same(self, answer, right):
        """Tell whether the two readings agree within the tolerance."""
        return abs(answer - right) <= max(self.tolerance, self.relative * abs(right), 1e-9)

    def near(self, answer, right):
        """Return how a wrong answer probably came from the right one; "" where it did not."""
        for factor, words in HINTS["off"].items():
            if self.same(answer / float(factor), right):
                return words
        exact = not (self.tolerance or self.relative)  # a count is not rounded
        wide = 3 * max(self.tolerance, self.relative * abs(right), abs(right) / 300)
        return "" if exact or abs(answer - right) > wide else HINTS["rounded"]


@dataclass(frozen=True)
class Text:
    """A word or name; capitals and spaces do not matter. `options` lists the choices, if any.

    several: a list, set or table column of names, each once, in any order. `also` returns other
    right forms as {form: name}, such as codes, or the names of what the answer calls by codes.
    """

    options: tuple[str, ...] = ()
    several: bool = False
    also: Callable = dict

    def read(self, answer):
        """Return the answer in lower case with single spaces; of several names, as a set."""
        if not self.several:
            return self._one(answer, 'Give text in quotes, such as "abc"; {} is not.')
        names = answer.tolist() if hasattr(answer, "tolist") else answer
        if not isinstance(names, list | tuple | set | frozenset):
            raise Unusable(f'Give a list of names, such as ["A", "B"]; {what(answer)} is not one.')
        refused = "Every name in the list must be text; {} is not."
        read = pd.Series([self._one(name, refused) for name in names], dtype=object)
        if not read.is_unique:
            raise Unusable(HINTS["repeated"].format(read.mode()[0]))
        return set(read)

    def _one(self, name, refused):
        choices = f" One of: {', '.join(self.options)}." if self.options else ""
        if not isinstance(name, str):
            raise Unusable(refused.format(what(name)) + choices)
        if self.options and _plain(name) not in map(_plain, self.options):
            raise Unusable(f"{what(name)} is not among the choices.{choices}")
        forms = {_plain(form): _plain(wanted) for form, wanted in self.also().items()}
        return forms.get(_plain(name), _plain(name))

    def same(self, answer, right):
        """Tell whether the two readings are the same."""
        return answer == right

    def near(self, answer, right):
        """Return nothing: of a wrong word nobody can say how it came about."""
        return ""


@dataclass(frozen=True)
class Exercise:
    """One exercise: what an answer looks like, how to compute it, and how people go wrong."""

    id: str
    kind: Number | Text  # or what reads, compares and helps as they do: see `course.drawn_answers`
    solution: Callable
    wrong: tuple[tuple[object, str], ...]
    hint: str

    def wrong_answers(self):
        """Return (answer, hint) pairs; answers declared as functions are computed now."""
        return [(answer() if callable(answer) else answer, hint) for answer, hint in self.wrong]


@dataclass(frozen=True)
class Result:
    """What `check` found: `status` is a key of _LOOKS; `hint` helps on."""

    id: str
    status: str
    hint: str = field(default="")

    def __repr__(self):
        """Show the result as one line of text."""
        sign, word, _ = _LOOKS[self.status]
        return f"{sign} {self.id}: {word} {self.hint}".rstrip()

    def _repr_html_(self):
        sign, word, color = _LOOKS[self.status]
        return (
            '<div class="mathjax_ignore" '
            f'style="border-left:6px solid {color};padding:.3em .8em;margin:.3em 0">'
            f"<b>{sign} {html.escape(self.id)}: {word}</b> {html.escape(self.hint)}</div>"
        )


def exercise(id, kind, *, wrong, hint):
    """Declare an exercise; decorates the function that computes the right answer.

    `id` is "LL-N". `wrong` are two (answer, hint) pairs or more; an answer may be a function that
    computes it. `hint` serves every other wrong answer, unless kind or HINTS has words for it.
    """

    def declare(solution):
        # Computed once: a second try should not wait for the same map again.
        usual = tuple((cache(a) if callable(a) else a, text) for a, text in wrong)
        DECLARED[id] = Exercise(id, kind, cache(solution), usual, hint)
        return solution

    return declare


def check(id, answer=...):
    """Compare an answer with the right one and return a `Result`, which shows itself.

    It never raises, whatever the answer is. InputError: no such exercise; the nearest is named.
    """
    task = find(id)
    if _untouched(answer):
        return Result(task.id, "unanswered", "Replace the three dots by your answer and run again.")
    try:
        result = _judged(task, given := task.kind.read(answer))
        typed = isinstance(task.kind, Number) and isinstance(answer, str | tuple)
        said = f"{HINTS['typed'].format(given)} {result.hint}".strip() if typed else result.hint
        return replace(result, hint=said)
    except Unusable as problem:
        return Result(task.id, "wrong", str(problem))
    except Exception as odd:  # a style function of the student's own, say
        return Result(task.id, "wrong", f"It cannot be read: {type(odd).__name__}: {odd}.")


def _judged(task, given):
    right = task.kind.read(task.solution())
    if task.kind.same(given, right):
        return Result(task.id, "right")
    for typical, hint in task.wrong_answers():
        if task.kind.same(given, task.kind.read(typical)):
            return Result(task.id, "wrong", hint)
    return Result(task.id, "wrong", task.kind.near(given, right) or task.hint)


def solution(id, answer):
    """End a lesson's solution cell with a line. InputError: its answer is not right."""
    result = check(id, answer)
    if result.status != "right":
        raise InputError(f"The lesson's own solution does not pass: {result!r}")
    return Result(id, "solution", "If its cell is collapsed, open it to read.")


def find(id):
    """Return the declared Exercise. Raises InputError, naming what is missing or what is near."""
    if not isinstance(id, str):
        raise InputError(f'An exercise is named by text such as "04-2", not by {what(id)}.')
    lesson, _, number = id.partition("-")
    known = [other for other in DECLARED if other.startswith(f"{lesson}-")]
    if number and re.fullmatch(r"\d\d", lesson) and not known:
        raise InputError(f"No {id} yet: if the lesson exists, run `from course import l{lesson}`.")
    return DECLARED[one_of(id, sorted(known or DECLARED), "exercise")]


def _untouched(answer):
    if answer is None or isinstance(answer, str):
        return (answer or "").strip() in ("", "...", "…")
    # A placeholder inside the brackets of a list is a placeholder too.
    inside = answer if isinstance(answer, list | tuple | set) else [answer]
    return any(item is ... for item in inside)


def _plain(text):
    return " ".join(text.replace("_", " ").split()).casefold()


def what(answer):
    """Name an answer in a few words: short values themselves, long ones by their type."""
    try:
        text = repr(answer)
    except Exception:  # a student's object, or an integer too long to print
        return f"a {type(answer).__name__}"
    return text if len(text) <= 40 and "\n" not in text else f"a {type(answer).__name__}"
