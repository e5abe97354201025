"""Exact tests of equal rates, to confirm what Newcombe's interval tells apart too easily (docs/calibration.md).

It does with a small arm beside a large one with few responders, the more so at corrected levels: Fisher's test is
asked there. And with arms of like sizes near a rate of one half, whose differences are few and far apart: an
unconditional one.
"""

import math
from bisect import bisect_left
from functools import lru_cache

import numpy as np

from reportlib.metrics.statistics.newcombe import floats, of_errors, reaching

_ALIKE = 1e-7  # tables whose probabilities differ by less, relative to them, differ by rounding alone
_NEAR = np.arange(-11, 12) / 2  # standard errors from the pooled rate: the rates at which two arms are enumerated
_FAR = 7  # standard deviations from what is expected: counts farther off are left out
log_gamma = np.vectorize(math.lgamma, otypes=[float])


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

    At the rate near the pooled one at which it is greatest, so that p ≤ α is met in at most α of comparisons: the exact
    test of Suissa and Shuster (1985, JRSS A 148:317), ordered as our intervals are, over the rates that the data leave
    possible (Berger and Boos, 1994, JASA 89:1012): within five standard errors, beyond which lies one in a million.
    """
    counts = floats(count, base, other_count, other_base)
    tables = zip(*map(np.ravel, _exact_key(counts)), strict=True)
    return np.reshape([_farther(*table) for table in tables], counts[0].shape)[()]


def refuted(counts, alpha):
    """Where the unconditional test does not reject at α.

    Its p falls as tables of one kind lie farther apart, so that of many halving finds the first that is rejected.
    """
    *kinds, z = _exact_key(counts)
    held = np.zeros(z.shape, dtype=bool)
    kinds, place = np.unique(np.column_stack([*kinds, alpha]), axis=0, return_inverse=True)
    for kind, (base, other_base, steps, level) in enumerate(kinds):
        here = np.flatnonzero(place.ravel() == kind)
        apart = np.unique(z[here])
        key = int(base), int(other_base), int(steps)
        first = bisect_left(apart, True, key=lambda each, key=key, level=level: _farther(*key, float(each)) <= level)
        held[here] = z[here] < (apart[first] if first < len(apart) else math.inf)
    return held


def _exact_key(counts):
    """What the unconditional test takes of each table: both bases, the pooled rate in steps, the standard errors."""
    count, base, other_count, other_base = counts
    angle = np.arcsin(np.sqrt((count + other_count) / (base + other_base))) - math.pi / 4
    steps = np.round(angle * 2 * np.sqrt(base + other_base))
    return base.astype(int), other_base.astype(int), steps.astype(int), reaching(counts) * (1 - _ALIKE)


@lru_cache(maxsize=10_000)
def _farther(base, other_base, steps, z):
    """The greatest chance that two equal rates are told apart by Newcombe's interval of z standard errors."""
    lower = _told_lower(base, other_base, steps, z) + _told_lower(other_base, base, steps, z)
    return min(1.0, float(lower.max()))


@lru_cache(maxsize=100)
def _told_lower(base, other_base, steps, z):
    """The chance at each rate that the first of two equal rates is told apart as the lower one."""
    (counts, chances), (others, other_chances) = (
        _chances(size, base + other_base, steps) for size in (base, other_base)
    )
    # Per count the other arm's least that is told apart from it, by halving: more of it lie farther apart.
    inside, outside = np.full(len(counts), others[0] - 1), np.full(len(counts), others[-1] + 1)
    for _ in range(len(others).bit_length() + 1):
        middle = (inside + outside) // 2
        _, high = of_errors(floats(counts, base, middle.clip(0, other_base), other_base), z)
        apart = (high < 0) & (middle > inside)
        inside, outside = np.where(apart, inside, np.minimum(middle, outside - 1)), np.where(apart, middle, outside)
    more = np.cumsum(other_chances[:, ::-1], axis=1)[:, ::-1]
    more = np.column_stack([more, np.zeros(len(more))])[:, outside - others[0]]
    return (chances * more).sum(axis=1)


@lru_cache(maxsize=20)
def _chances(base, people, steps):
    """The counts that can be met, and their probabilities: a row for each rate near that so many steps from one half.

    A step is the standard error of all people together, on the scale on which it is the same at every rate.
    """
    angles = math.pi / 4 + (steps + _NEAR) / (2 * math.sqrt(people))
    rates = np.sin(angles.clip(_ALIKE, math.pi / 2 - _ALIKE))[:, None] ** 2
    away = _FAR * np.sqrt(base * rates * (1 - rates)) + _FAR
    counts = np.arange(max(0, int((base * rates - away).min())), min(base, int((base * rates + away).max())) + 1)
    return counts, np.exp(_log_choose(base, counts) + counts * np.log(rates) + (base - counts) * np.log1p(-rates))


def _log_choose(n, k):
    return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1)
