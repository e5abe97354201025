"""Levels that hold for half a year of readings, in a random walk that is read weekly, and daily."""

import numpy as np
import pytest
import scipy

from reportlib.metrics.statistics import reread


@pytest.mark.parametrize("readings", [26, 182])
@pytest.mark.parametrize("alpha", [0.1, 0.05, 0.01])
def test_luck_is_found_at_most_at_its_level_by_all_readings_together(readings, alpha):
    """As long as some way is gone between two readings the walk may cross in between, unseen: Chernoff's correction for
    it, 0.583 of a step (Siegmund 1985, Sequential Analysis)."""
    rng, parts = np.random.default_rng(readings), np.arange(1, readings + 1) / readings
    walks = rng.standard_normal((20_000, readings)).cumsum(axis=1) / np.sqrt(np.arange(1, readings + 1))
    found = (walks > reread.radius(alpha, parts)).any(axis=1).mean()
    expected = 2 * scipy.special.ndtr(-(reread.radius(alpha, 1.0) + 0.583 / np.sqrt(readings)))
    assert found <= alpha + 0.004
    assert found == pytest.approx(expected, rel=0.1, abs=0.003)


@pytest.mark.parametrize(("power", "boundary"), [(0.0, 2.040), (0.5, 2.413)])
def test_the_walks_of_this_test_give_the_published_ends_of_the_family(power, boundary):
    """O'Brien and Fleming's, Pocock's, of five looks, two-sided 5 %: Jennison and Turnbull (2000), tables 2.1, 2.3."""
    parts = np.arange(1, 6) / 5
    walks = np.random.default_rng(1).standard_normal((200_000, 5)).cumsum(axis=1) / np.sqrt(np.arange(1, 6))
    highest = np.abs(walks * parts ** (0.5 - power)).max(axis=1)
    assert np.quantile(highest, 0.95) == pytest.approx(boundary, abs=0.015)


def test_p_values_and_bounds_agree():
    for part in (0.1, 0.5, 1.0):
        for alpha in (0.1, 0.01, 0.001):
            assert reread.p_value(reread.radius(alpha, part), part) == pytest.approx(alpha)
    assert reread.p_value(-1.0, 1.0) == 1.0


def test_the_time_doubles_when_it_is_over():
    assert [reread.part_of(weeks) for weeks in (13, 26, 39, 52, 104, 106.6)] == [0.5, 1, 0.75, 1, 1, 0.5125]
    assert 0 < reread.part_of(0) < 0.01
