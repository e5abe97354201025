"""McNemar's test and the interval of two rates of the same people: published values, statsmodels, and pairs of luck."""

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar

from reportlib.metrics.statistics.newcombe import newcombe
from reportlib.metrics.statistics.paired_rates import mcnemar_p, paired_interval


def test_the_mid_p_is_the_published_one():
    """Fagerland, Lydersen and Laake (2013), airway hyper-responsiveness: 1 and 7 discordant of 21: exact 0.070, mid-p
    0.039."""
    assert mcnemar_p(1, 7) == pytest.approx(0.039, abs=5e-4)
    assert mcnemar([[1, 1], [7, 12]], exact=True).pvalue == pytest.approx(0.070, abs=5e-4)
    assert mcnemar_p(0, 0) == 1.0 and mcnemar_p(5, 5) == 1.0
    assert mcnemar_p(7, 1) == mcnemar_p(1, 7)


@pytest.mark.parametrize(("one", "other"), [(3, 9), (40, 61), (400, 480)])
def test_the_mid_p_lies_between_statsmodels_exact_and_asymptotic_ones(one, other):
    table = [[10, one], [other, 1_000]]
    asymptotic = mcnemar(table, exact=False, correction=False).pvalue
    assert asymptotic * 0.9 <= mcnemar_p(one, other) <= mcnemar(table, exact=True).pvalue


def test_the_interval_by_hand():
    """Of 200, 40 did both, 30 only the one, 15 only the other, 115 neither: rates 35 and 27.5 %, difference 7.5 points.

    Wilson: 28.73 to 41.84 % and 21.78 to 34.06 %. φ = (40 · 115 − 30 · 15 − 100) ÷ √(70 · 130 · 55 · 145) = 0.4754.
    Low: √(6.27² − 2 φ 6.27 · 6.56 + 6.56²) = 6.57; high: √(6.84² − 2 φ 6.84 · 5.72 + 5.72²) = 6.52.
    """
    low, high = paired_interval(40, 30, 15, 115)
    assert (low, high) == pytest.approx((0.075 - 0.0657, 0.075 + 0.0652), abs=2e-4)


def test_people_who_answer_alike_make_it_narrower_and_strangers_as_wide_as_two_groups():
    independent = newcombe(70, 200, 55, 200)
    assert paired_interval(19, 51, 36, 94) == pytest.approx(independent, abs=3e-3)
    low, high = paired_interval(55, 15, 0, 130)
    assert high - low < 0.6 * (independent[1] - independent[0])
    assert paired_interval(0, 0, 0, 100) == pytest.approx((-0.037, 0.037), abs=1e-3)
    swapped = paired_interval(40, 15, 30, 115)
    assert paired_interval(40, 30, 15, 115) == pytest.approx((-swapped[1], -swapped[0]))


@pytest.mark.parametrize("cells", [(0.02, 0.02, 0.02, 0.94), (0.1, 0.05, 0.02, 0.83)])
def test_the_interval_holds_the_truth_and_agrees_with_the_test(cells):
    rng, held, agree, runs = np.random.default_rng(4), 0, 0, 300
    for both, one, other, neither in rng.multinomial(1_000, cells, runs).tolist():
        low, high = paired_interval(both, one, other, neither)
        held += low <= cells[1] - cells[2] <= high
        agree += (low > 0 or high < 0) == (mcnemar_p(one, other) <= 0.05)
    assert held / runs > 0.95 - 3 * np.sqrt(0.05 * 0.95 / runs) and agree / runs > 0.95
