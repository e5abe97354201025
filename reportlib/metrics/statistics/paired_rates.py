"""Two rates of the same people: McNemar's test, and the interval that belongs to pairs.

Only who did the one and not the other tells them apart; that the same people answer makes the difference surer than
that of two groups where those who answer once answer again.
"""

import math

import numpy as np
import scipy

from reportlib.metrics.statistics.rates import wilson


def mcnemar_p(only_one: int, only_other: int) -> float:
    """Two-sided mid-p value of McNemar's (1947) exact test, given how many did only the one and only the other.

    The mid-p, since the exact one is conservative and the asymptotic one errs with few (Fagerland, Lydersen and Laake
    2013, BMC Med Res Methodol 13:91).
    """
    fewer, pairs = min(only_one, only_other), only_one + only_other
    if not pairs:
        return 1.0
    below, at = scipy.stats.binom.cdf(fewer, pairs, 0.5), scipy.stats.binom.pmf(fewer, pairs, 0.5)
    return float(min(1.0, 2 * below - at))


def paired_interval(both: int, only_one: int, only_other: int, neither: int, alpha=0.05) -> tuple[float, float]:
    """Interval of the difference of two rates of the same people: Newcombe (1998), Stat Med 17:2635, method 10.

    Wilson limits of each rate, squared and added with their correlation φ, which is drawn towards zero by half a person
    where it is positive.
    """
    people = both + only_one + only_other + neither
    z = -scipy.special.ndtri(alpha / 2)
    one, other = (both + only_one) / people, (both + only_other) / people
    (low, high), (other_low, other_high) = (wilson(rate * people, people, z) for rate in (one, other))
    cross: float = both * neither - only_one * only_other
    if cross > 0:
        cross = max(cross - people / 2, 0.0)
    spread = math.prod((both + only_one, only_other + neither, both + only_other, only_one + neither))
    phi = cross / math.sqrt(spread) if spread else 0.0
    down = (one - low, other_high - other)
    up = (high - one, other - other_low)
    margins = [math.sqrt(max(a * a - 2 * phi * a * b + b * b, 0)) for a, b in (down, up)]
    return float(np.clip(one - other - margins[0], -1, 1)), float(np.clip(one - other + margins[1], -1, 1))
