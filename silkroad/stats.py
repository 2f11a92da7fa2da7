"""How sure a count or a fit is: Wilson's interval for a rate, Student's t for few points.

Formulas: Wilson, J. Am. Stat. Assoc. 22, 209 (1927); Student, Biometrika 6, 1 (1908).
"""

import math

import numpy as np

from helpers.inputs import InputError
from silkroad.values import number, numbers, paired, shown


def wilson(successes, trials, level=0.95):
    """Return (low, high), Wilson's interval for the chance of success behind a count.

    successes, trials: whole numbers or arrays of them. `level` is the confidence, 0.95 for 95 %.
    InputError: no trials, more successes than trials, a fraction of one, what is no number or
    does not pair, or a level not between 0 and 1.
    """
    from statistics import NormalDist

    successes = numbers(successes, "successes", missing=True)
    k, n = paired(successes=successes, trials=numbers(trials, "trials", missing=True))
    bad = ~((n >= 1) & (k >= 0) & (k <= n) & (k % 1 == 0) & (n % 1 == 0))
    if bad.any():
        raise InputError(
            f"{k[bad].flat[0]:g} successes of {n[bad].flat[0]:g} make no rate: give whole "
            "numbers, at least one trial and not more successes than trials."
        )
    z2 = NormalDist().inv_cdf((1 + _level(level)) / 2) ** 2
    middle = (k + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * k * (n - k) / n + z2**2 / 4) / (n + z2)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


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
