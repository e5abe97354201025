"""What a comparison of two rates can find, and what it would take: two-sided, normal approximation.

Null variance from the pooled rate, alternative from the two rates: Fleiss, Levin and Paik (2003), Statistical Methods
for Rates and Proportions, 3rd ed., section 4.2, without continuity correction; R's power.prop.test. The difference is
taken towards one half, where it is hardest to see.
"""

import math

import scipy

POWER = 0.8
_TINY = 1e-9


def smallest_detectable(rate, base, other_base, alpha=0.05, power=POWER) -> float | None:
    """The difference, as a fraction, found with this power at this base rate; None where no difference would be.

    A rate of zero, which has no spread, is taken as one response in both arms together. As power_proportions_2indep of
    statsmodels, whose checks of what it is given take seven tenths of a comparison of thirty campaigns.
    """
    rate, ratio = max(_below_half(rate), 1 / (base + other_base)), other_base / base
    quantile = scipy.special.ndtri(1 - alpha / 2)

    def missing(difference):
        pooled = rate + difference / (1 + ratio)
        null = quantile * math.sqrt(_spread(pooled) + _spread(pooled) / ratio)
        alternative = math.sqrt(_spread(rate + difference) + _spread(rate) / ratio)
        apart = difference * math.sqrt(base)
        near, far = scipy.special.ndtr((apart - null) / alternative), scipy.special.ndtr((-apart - null) / alternative)
        return near + far - power

    largest = 1 - rate - _TINY
    return scipy.optimize.brentq(missing, _TINY, largest) if largest > _TINY and missing(largest) > 0 else None


def needed_per_arm(rate, difference, alpha=0.05, power=POWER) -> int:
    """People that each of two equal arms needs to find this difference (a fraction above zero) from this base rate.

    samplesize_proportions_2indep_onetail is one-tailed only in leaving out the far tail: it halves α by itself.
    """
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

    rate = _below_half(rate)
    difference = min(difference, 1 - rate - _TINY)
    return math.ceil(samplesize_proportions_2indep_onetail(difference, rate, power, alpha=alpha))


def with_spread(difference, spread, alpha=0.05, freedom=math.inf, power=POWER) -> float:
    """What becomes of the smallest detectable difference where two campaigns lie apart by chance of their own.

    `spread` is the standard deviation of their difference, a fraction; its quantile is Student's. Both parts of the
    margin and of the luck allowed for are squared and added, as in `contrasts`.
    """
    return math.hypot(difference, _reach(alpha, freedom, power) * spread)


def without_spread(difference, spread, alpha=0.05, freedom=math.inf, power=POWER) -> float | None:
    """The difference that chance alone may need to be found with, for `with_spread` of it to be this one; None where
    the spread alone is as large."""
    left = difference**2 - (_reach(alpha, freedom, power) * spread) ** 2
    return math.sqrt(left) if left > 0 else None


def _reach(alpha, freedom, power):
    quantile = (
        scipy.special.stdtrit(freedom, 1 - alpha / 2) if math.isfinite(freedom) else scipy.special.ndtri(1 - alpha / 2)
    )
    return quantile + scipy.special.ndtri(power)


def _spread(rate):
    return rate * (1 - rate)


def _below_half(rate):
    return min(rate, 1 - rate)
