"""Intervals and quantiles, against SciPy."""

import numpy as np
import pytest
import scipy.stats

from helpers.inputs import InputError
from silkroad import stats


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("k, n", [(0, 1), (1, 1), (5, 5), (0, 9), (8, 9), (98, 100), (86, 86)])
def test_wilson_agrees_with_scipy_binomtest_to_1e_12(k, n, level):
    theirs = scipy.stats.binomtest(k, n).proportion_ci(confidence_level=level, method="wilson")
    assert stats.wilson(k, n, level) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_wilson_takes_arrays_and_never_leaves_0_to_1():
    n = np.repeat(np.arange(1, 40), 2)
    low, high = stats.wilson(np.where(np.arange(len(n)) % 2, n, 0), n)
    assert ((low >= 0) & (high <= 1) & (low < high)).all()


@pytest.mark.parametrize("k, n", [(0, 0), (6, 5), (-1, 5), (np.nan, 5)])
def test_wilson_refuses_what_is_no_rate(k, n):
    with pytest.raises(InputError, match="make no rate"):
        stats.wilson(k, n)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.99])
@pytest.mark.parametrize("freedom", [1, 2, 5, 12, 40])
def test_student_t_agrees_with_scipy(level, freedom):
    assert stats.student_t(level, freedom) == pytest.approx(
        scipy.stats.t.ppf((1 + level) / 2, freedom), rel=1e-6
    )


@pytest.mark.parametrize("level", [95, 0, 1, -0.5, np.nan])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(InputError, match="level"):
        stats.wilson(5, 5, level)
    with pytest.raises(InputError, match="level"):
        stats.student_t(level, 5)


@pytest.mark.parametrize("freedom", [0, -3, np.nan])
def test_a_fit_without_points_to_spare_has_no_t(freedom):
    with pytest.raises(InputError, match="give 1 or more"):
        stats.student_t(0.95, freedom)
