"""The ledger of the article's claims: shown bare at a lesson's opening, with verdicts at its end.

An opinion is never true or false here: it is shown as one, with what speaks against it. `settle`
computes: a function in the lesson's room lets a stated rule decide, and the ledger must agree.
"""

import html
import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from helpers import data, figures
from helpers.inputs import InputError, one_of
from helpers.maps import STATIC, Layer, twins

__all__ = ["computes", "settle", "show", "verdicts"]

COMPUTED: dict[str, Callable] = {}

# {verdict: (sign, words, colour)}: sign and words say it without the colour.
VERDICTS = json.loads((STATIC / "verdicts.json").read_text("utf-8"))

# What settles a claim that no function computes, by the column `check`.
_SETTLES = {"looked_up": "a document settles it", "judged": "the reader weighs sources"}


@dataclass(repr=False, eq=False)
class Ledger:
    """Some claims to show: HTML in a notebook, text in print, `.table` as a DataFrame."""

    title: str
    table: pd.DataFrame
    rows: pd.DataFrame  # of `claims`, from which the table was made
    sources: pd.DataFrame | None = None  # rows of `sources` that only these claims have

    def __repr__(self):
        """Return the claims as plain text, one paragraph each."""
        paragraphs = [self.title]
        for row in self.table.to_dict("records"):
            id, claim = row.pop("id"), row.pop("claim")
            rest = "".join(f"\n  {name}: {text}" for name, text in row.items() if text)
            paragraphs.append(f"{id} {claim}{rest}")
        return "\n\n".join(paragraphs)

    def in_words(self):
        """Return how many of the claims have which verdict: "6 confirmed, 3 inaccurate"."""
        counts = _rulings(self.rows).value_counts().reindex(VERDICTS).dropna().astype(int)
        parts = []
        for key, number in counts.items():
            noun = VERDICTS[key][1]
            many = re.sub("prediction|opinion", r"\g<0>s", noun)
            parts.append(f"{number} {noun if number == 1 else many}")
        return ", ".join(parts)

    def _repr_html_(self):
        left = 'scope="col" style="text-align:left"'
        heads = "".join(f"<th {left}>{html.escape(name)}</th>" for name in self.table)
        body = "".join(
            "<tr>" + "".join(self._cell(name, row) for name in self.table) + "</tr>"
            for row in self.table.to_dict("records")
        )
        # Narrow columns wrap; JupyterLab would right-align, cut, and take dollars for formulas.
        return (
            '<table class="mathjax_ignore" style="text-align:left;white-space:normal">'
            f'<caption style="text-align:left;font-weight:bold">{html.escape(self.title)}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        )

    @staticmethod
    def _cell(name, row):
        style = "text-align:left;vertical-align:top"
        if name == "verdict":
            colors = {f"{sign} {words}": color for sign, words, color in VERDICTS.values()}
            style += f";border-left:6px solid {colors[row[name]]};font-weight:bold"
        said = html.escape(row[name])
        if name == "sources":  # who stands behind a key, when one points at it
            told = '<abbr title="{}">{}</abbr>'.format
            said = re.sub(r"S\d{3}", lambda k: told(html.escape(data.publishers(k[0])), k[0]), said)
        return f'<td style="{style}">{said}</td>'


def show(*ids):
    """Return the claims a lesson tests, with speaker and date, but without their verdicts."""
    rows = _rows(ids)
    return Ledger("Claims to test", rows[["id", "claim"]].assign(said=_said(rows)), rows)


def verdicts(*ids):
    """Return the claims with verdict, what is right, why, sources and confidence.

    `.table` has these columns as text; `.rows` are the rows of the table `claims`, for
    `data.bibliography`. Raises InputError for an unknown claim, naming the nearest.
    """
    return ruled(_rows(ids), "Verdicts")


def _rulings(rows):
    """Return the verdict of each row of `claims`, a key of VERDICTS; of an opinion, "opinion"."""
    return rows["verdict_hint"].mask(rows["kind"] == "opinion", "opinion")


def ruled(rows, title, sources=None):
    """Return a `Ledger` of rows of `claims` (see `texts`) with their verdicts."""
    opinion = rows["kind"] == "opinion"
    words = _rulings(rows).map(VERDICTS)
    table = rows[["id", "claim"]].assign(
        said=_said(rows),
        verdict=[f"{sign} {text}" for sign, text, _ in words],
        right=rows["correct_value"].mask(opinion, ""),
        why=rows["explanation"].mask(
            opinion & rows["correct_value"].ne(""),
            rows["explanation"] + " Evidence: " + rows["correct_value"] + ".",
        ),
        sources=["[" + "] [".join(keys.split(";")) + "]" for keys in rows["source_ids"]],
        confidence=rows["confidence"],
    )
    return Ledger(title, table.rename(columns={"right": "what is right"}), rows, sources)


@dataclass(frozen=True)
class Finding:
    """What a check found: the verdict that follows from `numbers` by the stated `rule`.

    `evidence` says it in a sentence, `layers` in pictures. An `opinion` has numbers, no verdict.
    """

    id: str
    claim: str
    verdict: str
    evidence: str
    numbers: Mapping[str, object]
    rule: str
    layers: tuple[Layer, ...] = field(default=(), repr=False)
    opinion: bool = False

    def __repr__(self):
        """Show the finding as plain text."""
        sign, words, _ = VERDICTS["opinion" if self.opinion else self.verdict]
        lines = [f"{self.id} {self.claim}", f"{sign} {words}: {self.evidence}"]
        lines += [f"  {what}: {_number(value)}" for what, value in self.numbers.items()]
        lines += [f"  {layer.summary}" for layer in self.layers]
        return "\n".join([*lines, f"  Rule: {self.rule}"])

    def _repr_html_(self):
        sign, words, color = VERDICTS["opinion" if self.opinion else self.verdict]
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(what)}</th>'
            f'<td style="text-align:right">{html.escape(_number(value))}</td></tr>'
            for what, value in self.numbers.items()
        )
        return (
            '<div class="mathjax_ignore" '
            f'style="border-left:6px solid {color};padding:.3em .8em;margin:.3em 0">'
            f"<b>{html.escape(self.id)}</b> {html.escape(self.claim)}<br>"
            f"<b>{sign} {words}</b>: {html.escape(self.evidence)}"
            f'<table style="margin:.4em 0">{rows}</table>{self._pictures()}'
            f"<small>Rule: {html.escape(self.rule)}</small></div>"
        )

    def _pictures(self):
        if not self.layers:
            return ""
        images = "".join(figures.markup(layer.spec) for layer in self.layers)
        twin = twins(self.layers, " ".join(layer.summary for layer in self.layers))
        return f"{images}<details><summary>The chart as text and a table</summary>{twin}</details>"


def computes(id):
    """Declare the check of a claim: decorates a function in the lesson's room.

    The function takes nothing and returns (verdict, evidence, numbers): a key of VERDICTS, one
    sentence, and a dict of what was computed; then charts (or stills of maps), if a picture helps.
    Its docstring is the rule, and is shown. InputError: the claim has a check elsewhere already.
    """

    def declare(function):
        home = COMPUTED.get(id, function)
        if home.__module__ != function.__module__ or home.__name__ != function.__name__:
            raise InputError(
                f"{id} is computed by {home.__module__}.{home.__name__}() already: "
                "change that one, or take the id of another claim."
            )
        COMPUTED[id] = function
        return function

    return declare


def settle(id):
    """Compute a claim and return its `Finding`. InputError: no such claim, or none computed."""
    row = _rows([id]).iloc[0]
    if id not in COMPUTED and row["check"] == "computed":
        room = f"l{int(row['notebook']):02d}"
        raise InputError(f"The check of {id} is not here yet: run `from course import {room}`.")
    if id not in COMPUTED:
        raise InputError(
            f'{id} is not computed: {_SETTLES[row["check"]]}. See claims.verdicts("{id}").'
        )
    verdict, evidence, numbers, *layers = COMPUTED[id]()
    one_of(verdict, VERDICTS, "verdict")
    rule = inspect.getdoc(COMPUTED[id])
    opinion = row["kind"] == "opinion"
    return Finding(id, row["claim"], verdict, evidence, numbers, rule, tuple(layers), opinion)


def _number(value):
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _rows(ids):
    if not ids:
        raise InputError('No claim was named: give ids such as "C084".')
    table = data.load("claims").set_index("id", drop=False)
    known = list(table.index)
    for id in ids:
        one_of(id, known, "claim")
    rows = texts(table.loc[list(dict.fromkeys(ids))].reset_index(drop=True))
    rows.attrs["table"] = "claims"
    return rows


def texts(rows):
    """Return rows of `claims` whose text columns hold "" where nothing is known."""
    text = rows.select_dtypes(exclude=["number", "bool"]).columns
    rows[text] = rows[text].astype(object).fillna("")
    return rows


def _said(rows):
    note = rows["claim_date_note"].map(lambda text: text and f" ({text})")
    return rows["who_said"] + ", " + rows["claim_date"] + note
