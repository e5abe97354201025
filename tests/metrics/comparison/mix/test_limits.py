"""The intervals of a split gap: as often right as they say, and none wider than what is uncertain."""

import numpy as np
import pytest

from reportlib.metrics import Rate
from reportlib.metrics.comparison.mix.limits import PARTS, part_limits, with_limits
from reportlib.metrics.comparison.mix.rate_gap import rate_gap
from reportlib.metrics.statistics.newcombe import newcombe

SIZES = {"x": (400, 1_200), "y": (1_600, 500), "z": (300, 0)}
RATES = {"x": (0.10, 0.08), "y": (0.05, 0.04), "z": (0.2, 0.2)}


def split(counts):
    """The gap of two campaigns of these SIZES, with so many responses by group."""
    sides = [
        {name: Rate(int(counts[name][side]), sizes[side], "delivered") for name, sizes in SIZES.items() if sizes[side]}
        for side in (0, 1)
    ]
    return rate_gap(*sides)


@pytest.mark.slow
def test_each_part_is_within_its_interval_as_often_as_that_says():
    generator, rounds = np.random.default_rng(1), 300
    truth = split({name: np.multiply(RATES[name], SIZES[name]) for name in SIZES}).set_index("group")
    held = dict.fromkeys(PARTS, 0)
    for _ in range(rounds):
        drawn = split({name: generator.binomial(SIZES[name], RATES[name]) for name in SIZES})
        y = drawn.index[drawn["group"] == "y"][0]
        for part, (low, high) in part_limits(drawn, [y]).items():
            held[part] += low <= truth.loc["y", part] <= high
    assert all(0.92 <= held[part] / rounds <= 0.98 for part in PARTS)


def test_the_interval_of_all_together_is_that_of_the_difference():
    gap = split({"x": (40, 96), "y": (80, 20), "z": (60, 0)})
    low, high = part_limits(gap, range(len(gap)))["total"]
    assert (low, high) == pytest.approx([100 * limit for limit in newcombe(180, 2_300, 116, 1_700)], abs=0.15)


def test_nobody_at_all_has_no_rows_and_all_columns():
    assert list(with_limits(rate_gap({}, {})).columns[-2:]) == ["total_low", "total_high"]
