"""A question that is read again each week while its data grow: levels that hold for half a year of readings.

Wang and Tsiatis (1987, Biometrics 43:193), boundaries of the power family with Δ = ¼: an estimate at the part t of the
half-year is beyond luck when it is c ÷ t^¼ standard errors from zero, so that early readings have to be surer than the
last. Luck is found MORE_OFTEN by all daily readings than by the last one at its level, at any level from 10 to 0.1 %;
2.2 times as often where it is read weekly (tests/metrics/statistics/test_reread.py).
"""

import math

import numpy as np
import scipy

WEEKS = 26  # half a year; what has been read for longer has twice the time from then on, and so on
MORE_OFTEN = 2.6


def part_of(weeks: float) -> float:
    """The part t of its half-year, year, two years … that data of so many weeks have come through."""
    return weeks / (WEEKS * 2 ** max(0, math.ceil(math.log2(weeks / WEEKS)))) if weeks > 0 else 1 / (7 * WEEKS)


def p_value(deviate, part):
    """One-sided, for an estimate so many standard errors above zero: ≤ α exactly where `radius` at α is no longer."""
    return np.minimum(MORE_OFTEN * scipy.special.ndtr(-np.asarray(deviate) * part**0.25), 1.0)


def radius(alpha, part):
    """How many standard errors below its estimate the lower bound lies that holds at every reading together."""
    return -scipy.special.ndtri(alpha / MORE_OFTEN) / part**0.25
