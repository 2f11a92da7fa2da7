"""Small words: shares that do not exaggerate, lists, and how many of what."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.words import counted, listed, percent


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (1, 1, "100 %"),
        (1 - 1e-13, 1, "100 %"),
        (1 - 1e-11, 1, "99.9 %"),
        (0.99999, 1, "99.9 %"),
        (0.97, 1, "97.0 %"),
        (0.57, 1, "57.0 %"),
        (0.1234, 0, "12 %"),
        (0.9999, 0, "99 %"),
        (0.0004, 1, "under 0.1 %"),
        (0.004, 0, "under 1 %"),
        (0, 1, "0 %"),
        (1.25, 1, "125.0 %"),
        (np.float32(0.5), 1, "50.0 %"),
        (float("nan"), 1, "not known"),
    ],
)
def test_a_share_is_cut_and_never_exaggerates(share, digits, text):
    assert percent(share, digits) == text


@given(st.floats(1e-9, 1 - 1e-9), st.integers(0, 4))
def test_only_all_is_100_and_only_none_is_0(share, digits):
    text = percent(share, digits)
    assert text.endswith(" %") and text != "100 %" and not text.startswith(("100", "0 %"))
    assert text.startswith("under") or float(text[:-2]) <= 100 * share + 1e-8


def test_lists_read_as_a_sentence():
    assert listed(["a"]) == "a" and listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", 3]) == "a, b and 3"
    assert listed(iter("ab"), last="or") == "a or b" and listed([]) == ""


def test_one_is_singular_and_all_others_plural():
    assert counted(1, "satellite") == "1 satellite"
    assert counted(0, "country", "countries") == "0 countries"
    assert counted(12_345, "row") == "12,345 rows"
    assert counted(np.int64(2), "other is", "others are") == "2 others are"
