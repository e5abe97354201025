"""Two rates watched while they grow: intervals that hold at every look at once.

Asymptotic confidence sequence: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Time-uniform central limit
theory and asymptotic confidence sequences, Annals of Statistics 52:2613, Gaussian mixture boundary. With the estimated
difference D, its variance V, t = n·m ÷ (n + m) for bases n and m, and time measured as accumulated variance v = t²·V,

    D ± √( V · (1 + ρ²v) ÷ (ρ²v) · ln((1 + ρ²v) ÷ α²) )

which for two arms that grow in step is the paper's √( 2(tσ²ρ²+1) ÷ (t²ρ²) · ln(√(tσ²ρ²+1) ÷ α) ). Measured in variance,
time also runs while everything is sent and only responses still come in.

ρ is fixed before any data: the interval is tightest, relative to an ordinary one, at v = TIGHTEST_AT: two equal arms
with about 200 responses between them. At a tenth of that it is a quarter wider, at ten times that a fourteenth.
One ρ serves every level, so that intervals are nested in α.

The guarantee is asymptotic: no interval before BURN_IN responses in both arms together. It is proven for outcomes that
arrive independently. With late responses the error of the difference is not exactly a martingale (Lindon and Kallus
2026, arXiv 2603.25971); docs/calibration.md shows what that does here.
"""

import math

import numpy as np
import scipy

from reportlib.metrics.statistics.newcombe import lift_from_limits
from reportlib.metrics.statistics.power import POWER

BURN_IN = 20
TIGHTEST_AT = 50
# It minimises the width at α = .05: −1 − W₋₁(−α² ÷ e), with Lambert's W, which takes a quarter of a second to import.
RHO_SQUARED = 8.211968062068253 / TIGHTEST_AT
_SPECK = 1e-12
_TINY = 1e-9


def interval(count, base, other_count, other_base, alpha=0.05) -> tuple:
    """Limits of the difference of two rates, as fractions, that hold at all looks together with probability 1 − α."""
    rates, variances, grown = _state(count, base, other_count, other_base)
    difference, margin = rates[0] - rates[1], _radius(grown, alpha) * np.sqrt(variances[0] + variances[1])
    return np.maximum(difference - margin, -1.0), np.minimum(difference + margin, 1.0)


def p_value(count, base, other_count, other_base):
    """The anytime-valid p value: p ≤ α exactly where the interval at α excludes zero, at whatever look."""
    rates, variances, grown = _state(count, base, other_count, other_base)
    squared = (rates[0] - rates[1]) ** 2 / (variances[0] + variances[1])
    return np.minimum(np.sqrt(1 + grown) * np.exp(-squared * grown / (1 + grown) / 2), 1.0)[()]


def lift(count, base, other_count, other_base, alpha=0.05) -> tuple:
    """Interval of the relative lift (Fieller's, same radius): excludes zero exactly where `interval` does."""
    rates, variances, grown = _state(count, base, other_count, other_base)
    margins = [_radius(grown, alpha) * np.sqrt(variance) for variance in variances]
    limits = [(rate, rate - margin, rate + margin) for rate, margin in zip(rates, margins, strict=True)]
    return lift_from_limits(*limits)


def radius(accumulated, alpha=0.05):
    """Half the width of an interval, in standard errors, once so much variance v = t²·V has accumulated."""
    return _radius(RHO_SQUARED * accumulated, alpha)


def smallest_detectable(rate, base, other_base, alpha=0.05, power=POWER) -> float | None:
    """The difference, as a fraction, found with this power by a look at these sizes; None where no difference would be.

    power.py's question for this interval: a difference as long as its margin and the luck allowed for.
    """
    rate = min(rate, 1 - rate)

    def missing(difference):
        return difference - _margin_and_luck(rate, difference, base, other_base, alpha, power)

    largest = 1 - rate - _TINY
    return scipy.optimize.brentq(missing, _TINY, largest) if missing(largest) > 0 else None


def needed_per_arm(rate, difference, alpha=0.05, power=POWER) -> int:
    """People that each of two equal arms needs for a look that finds this difference from this base rate."""
    rate = min(rate, 1 - rate)
    difference = min(difference, 1 - rate - _TINY)

    def missing(digits):
        return difference - _margin_and_luck(rate, difference, 10**digits, 10**digits, alpha, power)

    return math.ceil(10 ** scipy.optimize.brentq(missing, 0, 15))


def _margin_and_luck(rate, difference, base, other_base, alpha, power):
    _, variances, grown = _state(base * (rate + difference), base, other_base * rate, other_base)
    return (_radius(grown, alpha) + scipy.special.ndtri(power)) * np.sqrt(variances[0] + variances[1])


def _state(count, base, other_count, other_base):
    """Both rates, the variance of each, and the accumulated variance in units of ρ⁻²."""
    base, other_base = np.asarray(base, dtype=float), np.asarray(other_base, dtype=float)
    rates = np.asarray(count) / base, np.asarray(other_count) / other_base
    # With no variance at all (nobody responded, or all of one arm and none of the other) the formula is 0 × ∞; with a
    # speck of it, its limit: a width of 2·√ln(α⁻²) ÷ (ρ·t).
    variances = [
        np.maximum(rate * (1 - rate), _SPECK) / size for rate, size in zip(rates, (base, other_base), strict=True)
    ]
    grown = RHO_SQUARED * (base * other_base / (base + other_base)) ** 2 * (variances[0] + variances[1])
    return rates, variances, grown


def _radius(grown, alpha):
    """Half the width of the interval, in standard errors."""
    return np.sqrt((1 + grown) / grown * np.log((1 + grown) / alpha**2))
