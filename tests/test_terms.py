"""Words that stop a beginner are explained where the course first uses them, with the Chinese."""

import re

import pytest
from test_repository import NOTEBOOKS

from helpers import data
from tools import lessons

# word in prose or in a column that is shown: (Chinese, what the explanation says)
TERMS = {
    r"\bGEO\b": ("地球静止轨道", "stand still"),
    r"\bIGSO\b": ("倾斜地球同步轨道", "figure of eight"),
    r"\bMEO\b": ("中圆地球轨道", "around the whole Earth"),
    r"elevation mask": ("高度截止角", "ignore what stands below"),
    r"[Aa]zimuth": ("方位角", "from north over east"),
    r"[Ss]idereal": ("恒星日", "23 hours 56 minutes"),
    r"\b[Ss]igma\b|σ": ("标准差", "root mean square"),
    r"[Cc]ovarian": ("协方差", "which go together"),
    r"[Zz]enith": ("天顶", "straight up"),
    r"[Ll]east[ -]squares": ("最小二乘法", "add to the least"),
}


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_explained_at_its_first_use(term):
    chinese, meaning = TERMS[term]
    for path in NOTEBOOKS:
        cells = [c.source for c in lessons.read(path).cells[1:] if c.cell_type == "markdown"]
        used = [source for source in cells if re.search(term, source)]
        if used:  # the opening only announces what the lesson will teach
            said = used[0]
            assert chinese in said and meaning in said, f"{path.stem}: {said[:200]}"
            return
    raise AssertionError(f"{term} is nowhere in the course")


@pytest.mark.parametrize("term", TERMS)
def test_the_glossary_has_it(term):
    glossary = data.load("glossary").set_index("term_zh")
    assert re.search(term, " ".join(glossary.loc[[TERMS[term][0]], "term_en"]))
