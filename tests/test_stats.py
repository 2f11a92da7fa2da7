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


@pytest.mark.parametrize(
    ("k", "n"),
    [
        ((30, 40), (50, 50)),
        ((3, 0), (3, 6)),
        ((8, 98), (9, 100)),
        ((5, 2), (7, 9)),
        ((0, 1), (4, 2)),
    ],
)
def test_two_rates_are_compared_as_scipy_s_barnard_does_to_1e_3(k, n):
    table = [k, np.subtract(n, k)]
    assert stats.same_rate(k, n) == pytest.approx(scipy.stats.barnard_exact(table).pvalue, abs=1e-3)
    assert stats.same_rate(k[::-1], n[::-1]) == pytest.approx(stats.same_rate(k, n), abs=1e-9)


def test_many_trials_come_near_the_test_of_two_proportions_by_the_normal_curve():
    table = [[300, 340], [200, 160]]
    normal = scipy.stats.chi2_contingency(table, correction=False).pvalue
    assert stats.same_rate([300, 340], [500, 500]) == pytest.approx(normal, rel=0.1)


def test_intervals_may_overlap_where_rates_differ():
    low, high = stats.wilson([30, 40], 50)
    assert high[0] > low[1] and 0.02 < stats.same_rate([30, 40], [50, 50]) < 0.05
    assert stats.same_rate([3, 5], [3, 5]) == stats.same_rate([1, 2], [2, 4]) == 1


@pytest.mark.parametrize("k, n", [(3, 5), ([1, 2, 3], 5), ([1, 2], [5, 2001])])
def test_what_are_not_two_counts_is_refused(k, n):
    with pytest.raises(InputError, match="give two"):
        stats.same_rate(k, n)


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
