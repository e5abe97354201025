"""A sum of independent rates, each times a coefficient: a difference, one standardised to a mix, an effect of a factor.

The interval is MOVER's: each rate's own limits, the distances times the coefficients squared and added (Zou, Huang and
Zhang 2009, Comput Stat Data Anal 53:1080; with coefficients 1 and −1 and Wilson's limits it is Newcombe's). Watched
while it grows, the limits are those of `sequential` with the contrast's own variance and size, 1 ÷ Σ(c² ÷ n).

Where campaigns ordinarily differ by more than chance, each side has a deviation of its own besides: `spread`, a
standard deviation of log odds, becomes one of the rate (times p(1 − p), the delta method) and is squared and added too.
It is estimated from few campaigns: its quantile is Student's with `freedom` degrees of freedom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from reportlib.metrics.statistics import sequential
from reportlib.metrics.statistics.newcombe import excludes_zero, lift_from_limits
from reportlib.metrics.statistics.rates import wilson

_STEPS, _FARTHEST = 50, 12.0  # halvings of 0 … 12 standard errors


@dataclass(frozen=True)
class Contrast:
    """Σ coefficient · count ÷ base; rates stand along the first axis, further axes are further such sums.

    `spread` and `other_spread` are those of the side with positive and of the side with negative coefficients, None
    where there is none; `freedom` that of each. `watched` says whether it is looked at again and again.
    """

    coefficients: np.ndarray
    counts: np.ndarray
    bases: np.ndarray
    spread: float = 0.0
    other_spread: float = 0.0
    freedom: float = np.inf
    watched: bool = False

    @property
    def estimate(self):
        return self._side(1) - self._side(-1)

    def interval(self, alpha=0.05) -> tuple:
        """Limits of the sum, as fractions."""
        (p, p_low, p_high), (q, q_low, q_high) = self.limits(alpha)
        return p - q - np.hypot(p - p_low, q_high - q), p - q + np.hypot(p_high - p, q - q_low)

    def lift(self, alpha=0.05) -> tuple:
        """Limits of the positive side ÷ the negative side − 1 (MOVER-R); excludes zero where `interval` does."""
        return lift_from_limits(*self.limits(alpha))

    def limits(self, alpha) -> tuple:
        """(estimate, low, high) of the side with positive coefficients, and of the other."""
        return tuple(self._limits(sign, alpha) for sign in (1, -1))

    @cached_property
    def p_value(self):
        """The level at which the interval just reaches zero: p ≤ α exactly where it excludes zero at α."""
        inside, outside = np.zeros(np.shape(self.estimate)), np.full(np.shape(self.estimate), _FARTHEST)
        for _ in range(_STEPS):
            z = (inside + outside) / 2
            excluded = excludes_zero(*self.interval(2 * scipy.special.ndtr(-z)))
            inside, outside = np.where(excluded, z, inside), np.where(excluded, outside, z)
        return (2 * scipy.special.ndtr(-inside))[()]

    def spread_of(self, rates) -> float:
        """Standard deviation of the sum that the ordinary spread gives to sides with these rates, a fraction."""
        sides = zip(rates, (self.spread, self.other_spread), strict=True)
        return float(np.hypot(*[spread * rate * (1 - rate) for rate, spread in sides]))

    def _side(self, sign):
        weights = np.maximum(sign * self._column(self.coefficients), 0)
        return (weights * self.counts / self.bases).sum(axis=0)

    def _limits(self, sign, alpha):
        weights = np.maximum(sign * self._column(self.coefficients), 0)
        rates = np.asarray(self.counts, dtype=float) / self.bases
        estimate = (weights * rates).sum(axis=0)
        if self.watched:
            below = above = self._radius(alpha) * np.sqrt((weights**2 * self._variances).sum(axis=0))
        else:
            low, high = wilson(self.counts, self.bases, -scipy.special.ndtri(np.asarray(alpha) / 2))
            below, above = (np.sqrt((weights**2 * (rates - limit) ** 2).sum(axis=0)) for limit in (low, high))
        spread = self.spread if sign > 0 else self.other_spread
        many = np.minimum(self.freedom, 1e9)  # Student's is the normal distribution then
        wider = -scipy.special.stdtrit(many, np.asarray(alpha) / 2) * spread * estimate * (1 - estimate)
        return estimate, estimate - np.hypot(below, wider), estimate + np.hypot(above, wider)

    @cached_property
    def _variances(self):
        rates = np.asarray(self.counts, dtype=float) / self.bases
        return np.maximum(rates * (1 - rates), 1e-12) / self.bases

    def _radius(self, alpha):
        squared = self._column(self.coefficients) ** 2
        size = 1 / (squared / self.bases).sum(axis=0)
        return sequential.radius(size**2 * (squared * self._variances).sum(axis=0), alpha)

    def _column(self, values):
        values = np.asarray(values, dtype=float)
        return values.reshape(values.shape + (1,) * (np.ndim(self.counts) - values.ndim))


def together(contrasts: Sequence[Contrast]) -> Contrast:
    """Several contrasts with the same number of rates as one, along the second axis; all watched, or none."""

    def stacked(name):
        return np.stack([np.asarray(getattr(each, name), dtype=float) for each in contrasts], axis=-1)

    names = ("coefficients", "counts", "bases", "spread", "other_spread", "freedom")
    return Contrast(**{name: stacked(name) for name in names}, watched=contrasts[0].watched)
