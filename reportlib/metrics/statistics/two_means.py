"""Two means of amounts of which most are zero and a few very large: Welch's interval, a bootstrap, and looks.

Amounts are capped at a high percentile of those above zero before their means are compared: a mean that hangs on one
person has no interval that can be trusted. What is estimated then is the difference of the capped means.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from reportlib.metrics.statistics import sequential
from reportlib.metrics.statistics.newcombe import lift_from_limits

CAP_AT = 0.99  # of the amounts above zero, both arms together
FEWEST_PAYERS = 20  # in each arm
RESAMPLES = 1_000
MOST_VALUES = 2_000  # different ones in a resample; more are taken together in that many steps
_HALVINGS = 60


@dataclass(frozen=True)
class Amounts:
    """What `size` people brought, as values and how many brought each; the rest brought nothing.

    `before` is what the same people brought earlier, row by row; who brought nothing in either time is in none.
    """

    values: np.ndarray
    people: np.ndarray
    size: int
    before: np.ndarray | None = None

    @property
    def mean(self) -> float:
        return float((self.values * self.people).sum() / self.size)

    @property
    def variance(self) -> float:
        """Of one person's amount, unbiased."""
        squares = (self.values**2 * self.people).sum() - self.size * self.mean**2
        return float(max(squares, 0) / max(self.size - 1, 1))

    @property
    def payers(self) -> int:
        """People who brought more than nothing."""
        return int(self.people[self.values > 0].sum())


def cap_of(values, people, at=CAP_AT) -> float:
    """The percentile of the amounts above zero; infinite where there are none."""
    values, people = np.asarray(values, dtype=float), np.asarray(people)
    above = values > 0
    if not above.any():
        return np.inf
    order = np.argsort(values[above])
    upto = np.cumsum(people[above][order])
    return float(values[above][order][np.searchsorted(upto, at * upto[-1])])


def capped(amounts: Amounts, cap: float) -> Amounts:
    """The same, no amount above the cap, nor as far below zero."""
    before = None if amounts.before is None else np.clip(amounts.before, -cap, cap)
    return Amounts(np.clip(amounts.values, -cap, cap), amounts.people, amounts.size, before)


def few_payers(one: int, other: int) -> bool:
    """Whether so few brought anything in an arm that no interval of the means can be trusted."""
    return min(one, other) < FEWEST_PAYERS


def interval(one: Amounts, other: Amounts, alpha=0.05) -> tuple[float, float]:
    """Welch's (1947, Biometrika 34:28) interval of the difference of the means, with the variance of `_error`."""
    error, freedom = _error(one, other)
    reach = -scipy.special.stdtrit(freedom, alpha / 2) * error
    return one.mean - other.mean - reach, one.mean - other.mean + reach


def p_value(one: Amounts, other: Amounts) -> float:
    """The level at which `interval` just reaches zero."""
    error, freedom = _error(one, other)
    if error == 0:
        return 1.0
    return float(2 * scipy.special.stdtr(freedom, -abs(one.mean - other.mean) / error))


def bootstrap(one: Amounts, other: Amounts, alpha=0.05, seed=1, resamples=RESAMPLES) -> tuple[float, float]:
    """The percentile interval of the difference over resamples of each arm (Efron 1979), always the same ones."""
    draws = np.random.default_rng(seed)
    differences = _resampled(one, draws, resamples) - _resampled(other, draws, resamples)
    low, high = np.quantile(differences, [alpha / 2, 1 - alpha / 2])
    return float(low), float(high)


def watched_interval(one: Amounts, other: Amounts, alpha=0.05) -> tuple[float, float]:
    """An interval that holds at all looks together: that of `sequential`, in units of what one payer brings."""
    variance, accumulated = _watched(one, other)
    reach = sequential.radius(accumulated, alpha) * np.sqrt(variance)
    return one.mean - other.mean - float(reach), one.mean - other.mean + float(reach)


def watched_p_value(one: Amounts, other: Amounts) -> float:
    """The level at which `watched_interval` just reaches zero."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        limits = watched_interval(one, other, middle) if middle > 0 else (-np.inf, np.inf)
        low, high = (middle, high) if limits[0] <= 0 <= limits[1] else (low, middle)
    return high


def lift(one: Amounts, other: Amounts, alpha=0.05) -> tuple[float, float]:
    """Interval of mean ÷ other mean − 1, from the limits of each (MOVER-R, as of two rates)."""
    low, high = lift_from_limits(_limits(one, alpha), _limits(other, alpha))
    return float(low), float(high)


def smallest_detectable(one: Amounts, other: Amounts, alpha=0.05, power=0.8) -> float:
    """The difference found with this power at these sizes and this spread."""
    return float((scipy.special.ndtri(1 - alpha / 2) + scipy.special.ndtri(power)) * _error(one, other)[0])


def adjusted(one: Amounts, other: Amounts, alpha=0.05) -> tuple[float, float, float, float] | None:
    """The difference less what the same people brought before explains, with its interval, and by how much that is
    narrower (a share); None where nobody brought anything before.

    Deng, Xu, Kohavi and Walker (2013, WSDM): y − θ(x − mean of x), θ of both arms together.
    """
    if one.before is None or other.before is None:
        return None
    arms = ((one, one.before), (other, other.before))
    size = one.size + other.size
    mean_x = sum((before * arm.people).sum() for arm, before in arms) / size
    mean_y = sum((arm.values * arm.people).sum() for arm, _ in arms) / size
    xx = sum((before**2 * arm.people).sum() for arm, before in arms) / size - mean_x**2
    xy = sum((before * arm.values * arm.people).sum() for arm, before in arms) / size - mean_x * mean_y
    if xx <= 0:
        return None
    theta = xy / xx
    means, variances = [], []
    for arm, before in arms:
        residual = Amounts(arm.values - theta * before, arm.people, arm.size)
        means.append(residual.mean)
        variances.append(residual.variance / arm.size)
    error, reach = np.sqrt(sum(variances)), -scipy.special.ndtri(alpha / 2)
    difference = means[0] - means[1]
    plain = _error(one, other)[0]
    return (
        float(difference),
        float(difference - reach * error),
        float(difference + reach * error),
        float(1 - error / plain) if plain else 0.0,
    )


def _error(one, other):
    """Standard error of the difference, and Welch's and Satterthwaite's degrees of freedom.

    The variance is halfway between Welch's, of each arm by itself, and that of one spread for both, which for arms of
    one size are the same. In a small arm beside a large one the mean and the spread of a heavy tail are low together:
    Welch's alone holds the truth in 87 % there, the other in 98 % once there is an effect (docs/impact_calibration.md).
    """
    parts = np.array([one.variance / one.size, other.variance / other.size])
    if parts.sum() == 0:
        return 0.0, np.inf
    sizes = np.array([max(one.size - 1, 1), max(other.size - 1, 1)])
    common = (sizes * (one.variance, other.variance)).sum() / sizes.sum() * (1 / one.size + 1 / other.size)
    return float(np.sqrt((parts.sum() + common) / 2)), float(parts.sum() ** 2 / (parts**2 / sizes).sum())


def _limits(arm, alpha):
    reach = -scipy.special.ndtri(alpha / 2) * np.sqrt(arm.variance / arm.size)
    return arm.mean, arm.mean - reach, arm.mean + reach


def _watched(one, other):
    payers = one.payers + other.payers
    squares = sum((arm.values**2 * arm.people).sum() for arm in (one, other))
    unit = squares / payers if payers else 1.0
    variance = _error(one, other)[0] ** 2
    size = one.size * other.size / (one.size + other.size)
    return variance, max(size**2 * variance / unit, 1e-12)


def _resampled(arm, draws, resamples):
    values, people = arm.values, arm.people
    if len(values) > MOST_VALUES:
        order = np.argsort(values)
        steps = np.array_split(order, MOST_VALUES)
        values = np.array([np.average(arm.values[step], weights=arm.people[step]) for step in steps])
        people = np.array([arm.people[step].sum() for step in steps])
    chances = np.append(people, arm.size - people.sum()) / arm.size
    return draws.multinomial(arm.size, chances, resamples)[:, :-1] @ values / arm.size
