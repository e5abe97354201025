"""A question that is read again each week while its data grow: levels that hold for half a year of readings.

O'Brien and Fleming's boundary (1979, Biometrics 35:549): an estimate at the part t of the half-year is beyond luck when
it is c ÷ √t standard errors from zero, so that early readings have to be much surer than the last, which is left nearly
all of its power. However often one reads, luck is found at most TWICE as often as by the last reading alone: the
reflection principle of Brownian motion, exact as readings become continuous (tests/metrics/statistics/test_reread.py).
"""

import math

import numpy as np
import scipy

WEEKS = 26  # half a year; what has been read for longer has twice the time from then on, and so on
TWICE = 2


def part_of(weeks: float) -> float:
    """The part t of its half-year, year, two years … that data of so many weeks have come through."""
    return weeks / (WEEKS * 2 ** max(0, math.ceil(math.log2(weeks / WEEKS)))) if weeks > 0 else 1 / (7 * WEEKS)


def p_value(deviate, part):
    """One-sided, for an estimate so many standard errors above zero: ≤ α exactly where `radius` at α is no longer."""
    return np.minimum(TWICE * scipy.special.ndtr(-np.asarray(deviate) * part**0.5), 1.0)


def radius(alpha, part):
    """How many standard errors below its estimate the lower bound lies that holds at every reading together."""
    return -scipy.special.ndtri(alpha / TWICE) / part**0.5
