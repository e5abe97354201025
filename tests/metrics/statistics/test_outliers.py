"""Which of the earlier rates are set aside, and that those which are not change nothing."""

import numpy as np
import pytest

from reportlib.metrics.statistics.expectation import MIN_HISTORY, expectation
from reportlib.metrics.statistics.outliers import ordinary_expectation
from tests.metrics.weekly import broken_weeks

USUAL = [40, 52, 61, 35, 44, 50, 47, 58, 39, 55, 48, 42, 51, 45, 60]
BASE = 1_000


def limits(counts, bases=None):
    return ordinary_expectation(counts, bases or [BASE] * len(counts)).limits(BASE)


@pytest.mark.parametrize("odd", [[1_000], [990, 1_000], [0, 900, 400], [1_000, 1_000, 1_000]])
def test_what_broke_down_makes_nothing_usual_wherever_it_stands(odd):
    for counts in (USUAL + odd, odd + USUAL, [*USUAL[:7], *odd, *USUAL[7:]]):
        assert limits(counts) == expectation(USUAL, [BASE] * len(USUAL)).limits(BASE)
    assert expectation(USUAL + odd, [BASE] * (len(USUAL) + len(odd))).limits(BASE)[1] > 1.5 * limits(USUAL + odd)[1]


def test_what_is_not_far_outside_stays():
    for counts in (USUAL, [*USUAL, 80], [30, 60, 90, 120, 150, 180]):
        assert limits(counts) == expectation(counts, [BASE] * len(counts)).limits(BASE)
    few = [2, *USUAL], [3, *[BASE] * len(USUAL)]  # two of three are 67 %, and nothing
    assert ordinary_expectation(*few).history == len(USUAL) + 1


def test_so_many_that_they_are_a_kind_of_their_own_stay():
    two_kinds = [*USUAL[:6], 500, 510, 490, 505]
    assert ordinary_expectation(two_kinds, [BASE] * 10).history == 10


def test_of_too_few_none_is_set_aside():
    assert ordinary_expectation([*USUAL[: MIN_HISTORY - 1], 1_000], [BASE] * MIN_HISTORY).history == MIN_HISTORY
    assert ordinary_expectation(USUAL[:4], [BASE] * 4) is None
    assert ordinary_expectation([*USUAL[:5], 0], [*[BASE] * 5, 0]).history == 5


def test_one_broken_campaign_hides_no_failure_rate_of_a_fifth_and_raises_no_alarms():
    alarms, found, before = broken_weeks.weeks(np.random.default_rng(5), 0.04, 0.3, "normal", 15, 1, runs=25)
    assert alarms <= 0.2 and found >= 0.8 > before
