"""Sums of rates: against Newcombe's and the sequential intervals, a published example, and their error rates."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from reportlib.metrics.comparison.factors import contrasts
from reportlib.metrics.statistics import sequential
from reportlib.metrics.statistics.contrasts import Contrast, together
from reportlib.metrics.statistics.newcombe import excludes_zero, lift, newcombe, newcombe_p
from reportlib.metrics.statistics.spread import ASSUMED, Spread


@pytest.mark.parametrize("table", [(60, 1_000, 40, 900), (3, 300, 11, 300), (0, 50, 7, 80)])
@pytest.mark.parametrize("alpha", [0.05, 0.05 / 28])
def test_of_two_rates_it_is_newcombes(table, alpha):
    contrast = Contrast([1, -1], [table[0], table[2]], [table[1], table[3]])
    assert contrast.interval(alpha) == pytest.approx(newcombe(*table, alpha=alpha))
    assert contrast.lift(alpha) == pytest.approx(lift(*table, alpha=alpha))
    assert contrast.p_value == pytest.approx(newcombe_p(*table), abs=1e-9)


def test_watched_it_is_the_confidence_sequence():
    table = 160, 2_000, 100, 1_800
    contrast = Contrast([1, -1], [table[0], table[2]], [table[1], table[3]], watched=True)
    assert contrast.interval(0.05) == pytest.approx(sequential.interval(*table))
    assert contrast.p_value == pytest.approx(sequential.p_value(*table))


def test_newcombes_own_example():
    """56 of 70 against 48 of 80: 0.0524 to 0.3339 by method 10 (Newcombe 1998, table II)."""
    assert Contrast([1, -1], [56, 48], [70, 80]).interval() == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_of_four_rates_their_distances_are_squared_and_added():
    """Against statsmodels' limits of each rate."""
    counts, bases, weights = np.array([21, 27, 14, 20]), np.array([30, 40, 35, 45]), np.array([0.5, 0.5, -0.5, -0.5])
    low, high = proportion_confint(counts, bases, method="wilson")
    below = np.where(weights > 0, low, high) - counts / bases
    above = np.where(weights > 0, high, low) - counts / bases
    estimate = weights @ (counts / bases)
    expected = estimate - np.sqrt(((weights * below) ** 2).sum()), estimate + np.sqrt(((weights * above) ** 2).sum())
    contrast = Contrast(weights, counts, bases)
    assert contrast.estimate == pytest.approx(estimate)
    assert contrast.interval() == pytest.approx(expected)


def test_several_together_are_each_by_itself():
    each = [Contrast([1, -1], [20 + n, 30], [400, 500], 0.1 * n, 0.2, freedom=7.0) for n in range(5)]
    assert together(each).p_value.tolist() == pytest.approx([float(one.p_value) for one in each])


def test_the_ordinary_spread_widens_what_chance_allows():
    narrow, wide = (Contrast([1, -1], [900, 800], [20_000, 20_000], spread, spread) for spread in (0, 0.15))
    assert excludes_zero(*narrow.interval()) and not excludes_zero(*wide.interval())
    own = np.array([0.045 * 0.955, 0.04 * 0.96]) * 0.15
    assert (wide.interval()[1] - wide.estimate) ** 2 == pytest.approx(
        (narrow.interval()[1] - narrow.estimate) ** 2 + 1.96**2 * (own**2).sum(), rel=1e-3
    )


def test_campaigns_that_ordinarily_differ_are_hardly_ever_called_different():
    generator, runs = np.random.default_rng(3), 4_000
    rates = 0.04 * np.exp(generator.normal(0, ASSUMED, (2, runs)))
    counts = generator.binomial(20_000, rates)
    spread = Spread(0).at(0.04)
    differ = excludes_zero(*Contrast([1, -1], counts, np.full_like(counts, 20_000), spread, spread).interval())
    by_chance = excludes_zero(*newcombe(counts[0], 20_000, counts[1], 20_000))
    assert differ.mean() < 0.06
    assert by_chance.mean() > 0.35


def test_contrasts_of_two_factors():
    levels = {"sender": dict(zip("abcd", "xxyy", strict=True)), "subject": dict(zip("abcd", "1212", strict=True))}
    found = {key: each.tolist() for key, each in contrasts(levels, "abcd").items()}
    assert found[("sender",), "y", "x"] == pytest.approx([-0.5, -0.5, 0.5, 0.5])
    assert found[("subject",), "2", "1"] == pytest.approx([-0.5, 0.5, -0.5, 0.5])
    assert found[("sender", "subject"), "2", "1"] == pytest.approx([1, -1, -1, 1])


def test_without_all_combinations_there_are_main_effects_only():
    levels = {"sender": dict(zip("abc", "xxy", strict=True)), "subject": dict(zip("abc", "121", strict=True))}
    found = {key: each.tolist() for key, each in contrasts(levels, "abc").items()}
    assert [*found] == [(("sender",), "y", "x"), (("subject",), "2", "1")]
    assert found[("sender",), "y", "x"] == pytest.approx([-1, 0, 1])
