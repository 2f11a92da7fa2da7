"""How sure a count or a fit is: an interval for a rate, two rates compared, t for few points.

Formulas: Wilson, J. Am. Stat. Assoc. 22, 209 (1927); Barnard, Nature 156, 177 (1945); Student,
Biometrika 6, 1 (1908).
"""

import math

import numpy as np

from helpers.inputs import InputError
from silkroad.values import number, numbers, paired, shown

MOST_TRIALS = 2000  # of each count in `same_rate`, which looks at every pair of outcomes


def wilson(successes, trials, level=0.95):
    """Return (low, high), Wilson's interval for the chance of success behind a count.

    successes, trials: whole numbers or arrays of them. `level` is the confidence, 0.95 for 95 %.
    InputError: no trials, more successes than trials, a fraction of one, what is no number or
    does not pair, or a level not between 0 and 1.
    """
    from statistics import NormalDist

    k, n = _counts(successes, trials)
    z2 = NormalDist().inv_cdf((1 + _level(level)) / 2) ** 2
    middle = (k + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * k * (n - k) / n + z2**2 / 4) / (n + z2)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def same_rate(successes, trials):
    """Return how often, at most, two counts with one rate differ as much as these two: Barnard's p.

    successes, trials: two whole numbers each, in order, at most 2,000 trials. The difference is
    measured by the score z of two proportions, with the rate of both together. At each rate (999
    of them) the chances of all outcomes with a z at least as large add up; the largest sum is p.
    So p holds for few trials too. It is no chance that the rates are equal.
    InputError: what `wilson` refuses, not two counts, or more trials.
    """
    k, n = _counts(successes, trials)
    if k.shape != (2,) or n.max() > MOST_TRIALS:
        raise InputError(
            f"{k.size} counts of up to {n.max():g} trials: give two, such as same_rate([30, 40], "
            f"[50, 50]), of at most {MOST_TRIALS:,} trials each."
        )
    first, second = (np.arange(trials + 1) for trials in n)
    score = _score(first[:, None], second, *n)
    extreme = score >= score[int(k[0]), int(k[1])] - 1e-9
    rates = np.linspace(0, 1, 1001)[1:-1, None]
    chances = _binomial(first, rates) @ extreme * _binomial(second, rates)
    return min(float(chances.sum(axis=1).max()), 1.0)


def _score(i, j, n, m):
    """Return z squared of i of n against j of m: 0 where all or none succeed."""
    both = (i + j) / (n + m)
    spread = both * (1 - both) * (1 / n + 1 / m)
    return np.divide((i / n - j / m) ** 2, spread, out=np.zeros(spread.shape), where=spread > 0)


def _binomial(successes, rates):
    """Return the chance of each number of successes, 0 to all, a row for each rate."""
    n = successes[-1]
    logs = np.cumsum(np.log(np.maximum(successes, 1)))  # of the factorials
    ways = logs[-1] - logs - logs[::-1]
    return np.exp(ways + successes * np.log(rates) + (n - successes) * np.log1p(-rates))


def _counts(successes, trials):
    successes = numbers(successes, "successes", missing=True)
    k, n = paired(successes=successes, trials=numbers(trials, "trials", missing=True))
    bad = ~((n >= 1) & (k >= 0) & (k <= n) & (k % 1 == 0) & (n % 1 == 0))
    if bad.any():
        raise InputError(
            f"{k[bad].flat[0]:g} successes of {n[bad].flat[0]:g} make no rate: give whole "
            "numbers, at least one trial and not more successes than trials."
        )
    return k, n


def student_t(level, freedom):
    """Return the t that holds `level` of Student's distribution between -t and t.

    freedom: degrees of freedom, 1 or more. With t = sqrt(freedom) tan(angle) the density becomes
    cos(angle) ** (freedom - 1), which is summed numerically over the angles; right to six digits.
    InputError: a level not between 0 and 1, or less than one degree of freedom.
    """
    freedom = min(number(freedom, "freedom", 1), 1e8)  # more change no digit
    # Past forty deviations nothing is left to sum, and the angles lie closer for it.
    angle = np.linspace(0, min(np.pi / 2, 40 / math.sqrt(freedom)), 100_001)
    density = np.cos(angle) ** (freedom - 1)
    inside = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return math.sqrt(freedom) * math.tan(np.interp(_level(level), inside / inside[-1], angle))


def _level(level):
    try:
        return number(level, "level", 1e-9, 1 - 1e-9)
    except InputError:
        raise InputError(
            f"The level {shown(level)} is not between 0 and 1: give 0.95 for 95 %."
        ) from None
