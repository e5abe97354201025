"""Newcombe's interval of a difference of two rates, the level at which it reaches zero, and the lift that goes with it.

Every function takes `count, base, other_count, other_base`, numbers or arrays, as two_rates.py does.
Pitfalls, each pinned by a test:
- statsmodels has no test that belongs to Newcombe's interval; the score test is nearly that, not exactly. The interval
  decides the words, so corrections for many comparisons run on the level at which the interval reaches zero.
- Its log interval of a ratio divides by zero where a count is zero: `lift` does not.
"""

import math
from statistics import NormalDist

import numpy as np

from reportlib.metrics.statistics.rates import wilson

_normal_quantile = np.vectorize(NormalDist().inv_cdf, otypes=[float])
_outside = np.vectorize(lambda z: math.erfc(z / math.sqrt(2)), otypes=[float])  # of ± z standard errors
_STEPS = 60  # halvings of 0 … 37 standard errors: beyond the last bit of a float


def newcombe(count, base, other_count, other_base, alpha=0.05) -> tuple:
    """Interval of the difference: Wilson limits, squared and added. Newcombe (1998), Stat Med 17:873, method 10."""
    return of_errors(floats(count, base, other_count, other_base), _quantile(alpha))


def of_errors(counts, z):
    """The interval of so many standard errors, `counts` as `floats` returns them."""
    count, base, other_count, other_base = counts
    (p, low, high), (q, other_low, other_high) = _limits(count, base, z), _limits(other_count, other_base, z)
    return p - q - np.hypot(p - low, other_high - q), p - q + np.hypot(high - p, q - other_low)


def _limits(count, base, z):
    return count / base, *wilson(count, base, z)


def _quantile(alpha):
    return -_normal_quantile(np.asarray(alpha) / 2)


def newcombe_p(count, base, other_count, other_base):
    """The two-sided level at which Newcombe's interval just reaches zero: p ≤ α exactly where it excludes zero at α.

    The intervals are nested in α, so halving finds the level.
    """
    return _outside(reaching(floats(count, base, other_count, other_base)))[()]


def reaching(counts):
    """How many standard errors wide Newcombe's interval is where it just does not reach zero."""
    inside, outside = np.zeros_like(counts[0]), np.full_like(counts[0], 37.0)
    for _ in range(_STEPS):
        z = (inside + outside) / 2
        excluded = excludes_zero(*of_errors(counts, z))
        inside, outside = np.where(excluded, z, inside), np.where(excluded, outside, z)
    return inside


def lift(count, base, other_count, other_base, alpha=0.05) -> tuple:
    """Interval of the relative lift, rate ÷ other rate − 1, from the same Wilson limits as Newcombe's difference.

    MOVER-R: Donner and Zou (2012), Stat Methods Med Res 21:347; Newcombe (2016), 25:1774. Chosen over the log and the
    Koopman interval since it excludes zero exactly where Newcombe's does.
    """
    count, base, other_count, other_base = floats(count, base, other_count, other_base)
    z = _quantile(alpha)
    return lift_from_limits(_limits(count, base, z), _limits(other_count, other_base, z))


def lift_from_limits(rate, other) -> tuple:
    """MOVER-R of two (estimate, low, high), less one: the ratios r where the interval of rate − r · other meets zero.

    Upper limit infinite where `other` may be zero; lower −1 where `rate` may be.
    """
    (p, p_low, p_high), (q, q_low, q_high) = rate, other
    with np.errstate(divide="ignore", invalid="ignore"):
        a, c = q_high * (2 * q - q_high), p_low * (2 * p - p_low)
        low = np.where(c > 0, c / (p * q + np.sqrt(np.maximum((p * q) ** 2 - a * c, 0))), 0.0)
        a, c = q_low * (2 * q - q_low), p_high * (2 * p - p_high)
        bounded = (q > 0) & (q_low > 0) & (a > 0)
        high = np.where(bounded, (p * q + np.sqrt(np.maximum((p * q) ** 2 - a * c, 0))) / a, np.inf)
    return low - 1, high - 1


def excludes_zero(low, high):
    """Whether zero lies outside the closed interval: the one test by which two rates are called different."""
    return (np.asarray(low) > 0) | (np.asarray(high) < 0)


def reach_zero(low, high, where=True) -> tuple:
    """The interval, made to hold zero `where` a further test did not reject it."""
    return np.where(where, np.minimum(low, 0), low)[()], np.where(where, np.maximum(high, 0), high)[()]


def floats(count, base, other_count, other_base) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The counts as arrays of one shape; copies, since a broadcast view must not be written to."""
    alike = np.broadcast_arrays(count, base, other_count, other_base)
    one, two, three, four = (np.array(part, dtype=float) for part in alike)
    return one, two, three, four
