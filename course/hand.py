"""A hand of claims to rule on before the evidence is shown: lesson 12 deals it."""

import html
from functools import cache

import ipywidgets as widgets
import numpy as np
import pandas as pd

import course
from helpers import claims
from helpers.inputs import one_of

OPEN = "not ruled yet"
# The rulings with the signs that the ledger prints: an equal sign says the same of a statement.
RULINGS = {
    "confirmed": "✔",
    "prediction met": "✔",
    "disputed": "◑",
    "outdated": "◷",
    "inaccurate": "✘",
    "prediction missed": "✘",
    "not checkable": "○",
    "not opened": "◌",
    "opinion": "❝",
}
SETTLES = {"looked_up": "a document settles it", "judged": "the reader weighs sources"}


def deal(table, topic, number, seed):
    """Return up to `number` claims of a topic ("all": any), the same for the same seed."""
    if topic != "all":
        table = table[table["topic"] == one_of(topic, sorted(table["topic"].unique()), "topic")]
    return table.sample(min(number, len(table)), random_state=seed)


def compare(rulings):
    """Compare a reader's rulings, {id: key of RULINGS}, with the ledger: (table, sentence).

    Two rulings agree when they say the same of the statement, so "confirmed" agrees with
    "prediction met". Opinions are set apart: there is nothing to agree on.
    """
    if not rulings:
        return pd.DataFrame(columns=["id", "you", "ledger", "result"]), "You have ruled on none."
    table = claims.verdicts(*rulings).table[["id", "verdict"]]
    table = table.assign(you=list(rulings.values()), ledger=table.pop("verdict").str[2:])
    agree = table["you"].map(RULINGS) == table["ledger"].map(RULINGS)
    table["result"] = np.where(agree, "the same", "different")
    table.loc[table["ledger"] == "opinion", "result"] = "opinion"
    return table, _score(table)


def _score(table):
    ruled = table[table["ledger"] != "opinion"]
    same = int((ruled["result"] == "the same").sum())
    parts = []
    if len(ruled) == 1:
        agree = "agree" if same else "differ"
        parts.append(f"On the statement that can be checked you and the ledger {agree}.")
    elif len(ruled):
        parts.append(f"Of {len(ruled)} statements of fact you and the ledger see {same} alike.")
    for row in ruled[ruled["result"] == "different"].itertuples():
        parts.append(f"{row.id}: you say {row.you}, the ledger {row.ledger}.")
    for row in table[table["ledger"] == "opinion"].itertuples():
        seen = "as you saw" if row.you == "opinion" else f"though you say {row.you}"
        parts.append(f"{row.id} is an opinion, {seen}: neither true nor false, not counted.")
    return " ".join(parts)


class Hand(widgets.VBox):
    """A hand of claims, each with a list of rulings; the evidence only when the reader asks.

    `rulings` holds what the reader chose, {id: key of RULINGS}, also of claims no longer shown.
    """

    def __init__(self, table, seed):
        """Take the table `claims` and the seed of the draw."""
        self.claims, self.seed, self.rulings = table, seed, {}
        self._row, self._computed = cache(self._row), cache(claims.settle)
        self.topic = widgets.Dropdown(
            options=["all", *sorted(table["topic"].unique())], description="topic"
        )
        self.number = widgets.Dropdown(options=[4, 8, 12], value=8, description="how many claims")
        self.reveal = widgets.Checkbox(description="show the evidence and compare", indent=False)
        for control in (self.topic, self.number):
            control.style.description_width = "initial"
            control.observe(self._dealt, "value")
        self.reveal.observe(self._compared, "value")
        self.rows, self.result = widgets.VBox(), widgets.HTML()
        self.rows.add_class("silkroad-hand")  # two columns on slides
        controls = widgets.HBox([self.topic, self.number])
        super().__init__([controls, self.rows, self.reveal, self.result])
        self._dealt()

    def rule(self, id, ruling):
        """Rule on a claim, as with its list: `ruling` is a key of RULINGS, or OPEN."""
        one_of(ruling, [OPEN, *RULINGS], "ruling")
        self._row(id).children[1].value = ruling

    def _dealt(self, change=None):
        dealt = deal(self.claims, self.topic.value, self.number.value, self.seed)
        self.ids = dealt["id"].tolist()
        self.rows.children = [self._row(id) for id in self.ids]
        self._compared()

    def _row(self, id):
        claim = claims.show(id).table.iloc[0]
        text = widgets.HTML(
            f'<div style="line-height:1.45"><b>{id}</b> {html.escape(claim["claim"])}<br>'
            f"<small>{html.escape(claim['said'])}</small></div>"
        )
        choice = widgets.Dropdown(options=[OPEN, *RULINGS], description=f"{id}: your ruling")
        choice.style.description_width = "initial"
        choice.observe(lambda change: self._ruled(id, change["new"]), "value")
        row = widgets.VBox([text, choice])
        row.layout.margin = "0 0 .6em 0"
        return row

    def _ruled(self, id, ruling):
        self.rulings.pop(id, None)
        if ruling != OPEN:
            self.rulings[id] = ruling
        self._compared()

    def _compared(self, change=None):
        ruled = {id: self.rulings[id] for id in self.ids if id in self.rulings}
        left = len(self.ids) - len(ruled)
        waits = (
            f"{left} of {len(self.ids)} claims {'waits' if left == 1 else 'wait'} for your ruling."
        )
        if not self.reveal.value:
            self.result.value = f'<p role="status">{waits if left else "All are ruled on."}</p>'
            return
        _, words = compare(ruled)
        self.result.value = (
            f'<div style="line-height:1.45"><p role="status"><b>{html.escape(words)}</b> '
            f"{waits if left else ''}</p>{evidence(ruled, self._computed)}</div>"
        )


def evidence(ids, check=claims.settle):
    """Return what speaks on claims as HTML: what was computed, then the rows of the others.

    Of those it says what settles them instead, and how the reader can look.
    """
    settled = [id for id in ids if id in course.computed_claims()]
    others = [id for id in ids if id not in settled]
    pages = [check(id)._repr_html_() for id in settled]
    if others:
        table = claims.verdicts(*others)
        steps = "".join(
            f"<li><b>{row.id}</b>: {SETTLES.get(row.check, 'not computed yet')}. "
            f"{html.escape(row.how_to_check)}</li>"
            for row in table.rows.itertuples()
        )
        pages += [table._repr_html_(), f"<p>What settles them:</p><ul>{steps}</ul>"]
    return "".join(pages)
