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

    A rate of zero, which has no spread, is taken as one response in both arms together.
    """
    from statsmodels.stats.proportion import power_proportions_2indep

    rate, ratio = max(_below_half(rate), 1 / (base + other_base)), other_base / base

    def missing(difference):
        found = power_proportions_2indep(difference, rate, base, ratio=ratio, alpha=alpha, return_results=False)
        return found - power

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


def _below_half(rate):
    return min(rate, 1 - rate)
