"""What is usual after rates of which a few broke down: a campaign of which all failed makes nothing usual.

Rosner (1983, Technometrics 25:165): the rates farthest out are set aside one after the other, and each is tested
against what remains without it; outlying are all up to the last that fails. So two that broke down do not hide each
other. The test is that of a new rate (`expectation`), corrected for its having been chosen among all.
"""

import numpy as np

from reportlib.metrics.statistics.expectation import MIN_HISTORY, Expectation, expectation

LEVEL = 0.05  # the chance that a rate is set aside in a history that has none to be
MOST = 3  # rates that are set aside, a fifth of all at most; one of five to nine


def ordinary_expectation(counts, bases, offsets=0.0) -> Expectation | None:
    """What to expect after these rates but for the outlying; None with fewer than MIN_HISTORY that have a base.

    `offsets` as in `expectation`.

    Example
    -------
    >>> usual, broken = ([40, 50, 60, 45, 55], [1000] * 5), ([40, 50, 60, 45, 55, 1000], [1000] * 6)
    >>> ordinary_expectation(*broken).limits(1000) == expectation(*usual).limits(1000)
    True
    """
    rates = np.array(np.broadcast_arrays(counts, bases, offsets))
    rates = rates[:, rates[1] > 0]
    left = np.arange(rates.shape[1])
    usual = known = expectation(*rates)
    for _ in range(min(MOST, max(1, len(left) // 5), len(left) - MIN_HISTORY)):
        assert known is not None  # MIN_HISTORY are left
        farthest, tests = left[np.argmin(known.p_value(*rates[:, left]))], len(left)
        left = left[left != farthest]
        known = expectation(*rates[:, left])
        if known and tests * known.p_value(*rates[:, farthest]) <= LEVEL:
            usual = known
    return usual
