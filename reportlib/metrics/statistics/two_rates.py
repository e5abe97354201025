"""Two independent rates: the score test, Newcombe's interval, and what belongs to them. Numbers or arrays of counts.

Every function takes `count, base, other_count, other_base` and looks at the first rate minus, or relative to, the
other; results are fractions. Bases must be positive: zero over zero is refused before it comes here (guards.py).

What the review of a campaign needs is written out and tested against scipy's and statsmodels' statistics, which take
half a second to import: a fifth of the time of a first report. The rest is theirs: scipy loads its parts when they are
used, and functions import statsmodels, here and in the modules beside it.
Pitfalls, each pinned by a test:
- statsmodels has no test that belongs to Newcombe's interval; the score test is nearly that, not exactly. The interval
  decides the words, so corrections for many comparisons run on `p_value`: the level at which the interval reaches zero.
- Its log interval of a ratio divides by zero where a count is zero: `lift` does not.
- The score test's p value is NaN where nobody responded, or everybody did: nothing differs, p = 1.
- Newcombe's interval excludes zero too easily for a small arm beside a large one with few responders, the more so at
  corrected levels, and for two small arms of one size near a rate of one half, whose differences are few and far apart
  (docs/calibration.md): `interval` lets an exact test confirm there, Fisher's and an unconditional one.
"""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from reportlib.metrics.statistics.rates import wilson

# Cochran (1954), Biometrics 10, asks for 5 expected per cell; twice that, since corrected levels reach into the tails.
FEW_EXPECTED = 10
SMALL_ARM = 1_000  # people: two arms that are no larger are enumerated
_ALIKE = 1e-7  # tables whose probabilities differ by less, relative to them, differ by rounding alone
log_gamma = np.vectorize(math.lgamma, otypes=[float])
_normal_quantile = np.vectorize(NormalDist().inv_cdf, otypes=[float])
_outside = np.vectorize(lambda z: math.erfc(z / math.sqrt(2)), otypes=[float])  # of ± z standard errors
_STEPS = 60  # halvings of 0 … 37 standard errors: beyond the last bit of a float
_RATES = np.linspace(0, 1, 257)[1:-1]  # at which two small arms are enumerated; a rate and its complement both


def score_p(count, base, other_count, other_base):
    """Two-sided p value of the score test for equal rates (Pearson's χ² without Yates' correction)."""
    from statsmodels.stats.proportion import test_proportions_2indep

    # It also works out ratios and odds that nobody asked for, dividing by zero; and where nothing varies, z = 0 ÷ 0.
    with np.errstate(divide="ignore", invalid="ignore"):
        _, p = test_proportions_2indep(
            *_floats(count, base, other_count, other_base),
            method="score", compare="diff", correction=False, return_results=False,
        )  # fmt: skip
    return np.where(np.isnan(p), 1.0, p)[()]


def newcombe(count, base, other_count, other_base, alpha=0.05) -> tuple:
    """Interval of the difference: Wilson limits, squared and added. Newcombe (1998), Stat Med 17:873, method 10."""
    return _newcombe(_floats(count, base, other_count, other_base), _quantile(alpha))


def _newcombe(counts, z):
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
    return _outside(_reaching(_floats(count, base, other_count, other_base)))[()]


def _reaching(counts):
    """How many standard errors wide Newcombe's interval is where it just does not reach zero."""
    inside, outside = np.zeros_like(counts[0]), np.full_like(counts[0], 37.0)
    for _ in range(_STEPS):
        z = (inside + outside) / 2
        excluded = excludes_zero(*_newcombe(counts, z))
        inside, outside = np.where(excluded, z, inside), np.where(excluded, outside, z)
    return inside


def fisher_p(count, base, other_count, other_base):
    """Two-sided p value of Fisher's exact test (1935).

    Chosen over Barnard's and Boschloo's: exact whatever the rate, by the random assignment alone, and fast at any base
    (three unsubscribes of 50,000), where theirs need every table. It pays with power, where there is little to have.
    """
    tables = np.broadcast_arrays(count, base, other_count, other_base)
    values = [_fisher(*map(int, table)) for table in zip(*map(np.ravel, tables), strict=True)]
    return np.reshape(values, tables[0].shape)[()]


def _fisher(count, base, other_count, other_base):
    """The probability of all tables with these sums that are as likely as this one, or less."""
    total, people = count + other_count, base + other_base
    possible = np.arange(max(0, total - other_base), min(base, total) + 1)
    logs = _log_choose(base, possible) + _log_choose(other_base, total - possible) - _log_choose(people, total)
    likely = np.exp(logs)
    return min(1.0, float(likely[likely <= likely[count - possible[0]] * (1 + _ALIKE)].sum()))


def unconditional_p(count, base, other_count, other_base):
    """The chance that equal rates give counts that Newcombe's interval tells apart as far as these, or farther.

    At the rate at which it is greatest, so that whatever the rate, p ≤ α is met in at most α of comparisons: the exact
    test of Suissa and Shuster (1985, JRSS A 148:317), ordered as our intervals are.
    """
    counts = _floats(count, base, other_count, other_base)
    reaching = _reaching(counts) * (1 - _ALIKE)
    tables = zip(*map(np.ravel, (counts[1], counts[3], reaching)), strict=True)
    return np.reshape([_farther(int(base), int(other), float(z)) for base, other, z in tables], reaching.shape)[()]


@lru_cache(maxsize=10_000)
def _farther(base, other_base, z):
    """The greatest chance that two equal rates are told apart by Newcombe's interval of z standard errors."""
    counts = np.arange(base + 1)
    # Per count the other arm's least that is told apart from it, by halving: more of it lie farther apart.
    inside, outside = np.full(base + 1, -1), np.full(base + 1, other_base + 1)
    for _ in range(other_base.bit_length() + 1):
        middle = (inside + outside) // 2
        _, high = _newcombe(_floats(counts, base, middle.clip(0, other_base), other_base), z)
        apart = (high < 0) & (middle > inside)
        inside, outside = np.where(apart, inside, np.minimum(middle, outside - 1)), np.where(apart, middle, outside)
    more = np.cumsum(_chances(other_base)[:, ::-1], axis=1)[:, ::-1]
    more = np.column_stack([more, np.zeros(len(_RATES))])[:, outside]
    farther = (_chances(base) * more).sum(axis=1)
    return min(1.0, float((farther + farther[::-1]).max()))  # a rate's complement tells of the other direction


@lru_cache(maxsize=20)
def _chances(base):
    """The probability of each count of this base, a row for each of _RATES."""
    counts, rates = np.arange(base + 1), _RATES[:, None]
    return np.exp(_log_choose(base, counts) + counts * np.log(rates) + (base - counts) * np.log1p(-rates))


def _log_choose(n, k):
    return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1)


def few_expected(count, base, other_count, other_base):
    """Whether a cell of the two-by-two table expects fewer than FEW_EXPECTED people if the rates are equal."""
    count, base, other_count, other_base = _floats(count, base, other_count, other_base)
    pooled = (count + other_count) / (base + other_base)
    return np.minimum(base, other_base) * np.minimum(pooled, 1 - pooled) < FEW_EXPECTED


def interval(count, base, other_count, other_base, alpha=0.05) -> tuple:
    """Newcombe's interval; where few are expected, or both arms are small, and an exact test does not reject at α,
    extended to reach zero.

    The extension adds a value that an exact test did not reject, so it can only raise coverage: with small counts a
    difference is claimed where both agree, hence at most as often as the exact test errs.
    """
    counts = _floats(count, base, other_count, other_base)
    low, high = newcombe(*counts, alpha=alpha)
    different = np.asarray(excludes_zero(low, high))
    return reach_zero(low, high, _exact_p(counts, different) > alpha)


def p_value(count, base, other_count, other_base):
    """The level at which `interval` just reaches zero: p ≤ α exactly where it excludes zero at α."""
    counts = _floats(count, base, other_count, other_base)
    return np.maximum(newcombe_p(*counts), _exact_p(counts, np.ones(counts[0].shape, dtype=bool)))[()]


def _exact_p(counts, asked):
    """The p value of the exact test that has to confirm these counts, 0 where none has to, or none is asked."""
    p, few = np.zeros(counts[0].shape), few_expected(*counts)
    small = ~few & (np.maximum(counts[1], counts[3]) <= SMALL_ARM)
    for test, where in ((fisher_p, few & asked), (unconditional_p, small & asked)):
        if where.any():
            p[where] = test(*(part[where] for part in counts))
    return p


def lift(count, base, other_count, other_base, alpha=0.05) -> tuple:
    """Interval of the relative lift, rate ÷ other rate − 1, from the same Wilson limits as Newcombe's difference.

    MOVER-R: Donner and Zou (2012), Stat Methods Med Res 21:347; Newcombe (2016), 25:1774. Chosen over the log and the
    Koopman interval since it excludes zero exactly where Newcombe's does.
    """
    count, base, other_count, other_base = _floats(count, base, other_count, other_base)
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


def _floats(count, base, other_count, other_base) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The counts as arrays of one shape; copies, since a broadcast view must not be written to."""
    alike = np.broadcast_arrays(count, base, other_count, other_base)
    one, two, three, four = (np.array(part, dtype=float) for part in alike)
    return one, two, three, four
