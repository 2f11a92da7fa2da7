"""Write into README.md, behind each lesson, how its claims ended, as the ledger has it.

`make readme` writes; a test compares. Only the last column of the table between the two marks
changes: number, link and question of a row are the author's.
"""

import re
import sys
from pathlib import Path

from helpers import claims, data

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- lessons: the last column is written by `make readme` -->", "<!-- /lessons -->"
ROW = re.compile(r"^(\| (\d\d) \|[^|\n]+\|[^|\n]+\|)[^\n]*$", re.M)


def updated(text, ledger):
    """Return the README's text with the verdicts of the table `claims` in its table of lessons."""
    before, mark, rest = text.partition(BEGIN)
    table, end, after = rest.partition(END)
    if not (mark and end):
        raise SystemExit(f"README.md has lost its marks: put {BEGIN} and {END} round the table.")
    ends = {number: claims.in_words(rows) for number, rows in ledger.groupby("notebook")}
    table = ROW.sub(lambda row: f"{row[1]} {ends.get(row[2], 'no claim')} |", table)
    return before + mark + table + end + after


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    new = updated(text, data.load("claims"))
    if new != text:
        README.write_text(new, encoding="utf-8")
    sys.stdout.write(f"README.md {'was as the ledger' if new == text else 'follows the ledger'}\n")
