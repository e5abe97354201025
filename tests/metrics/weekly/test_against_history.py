"""Which rates of a family are called unusual; what is judged of a week is in test_week_verdicts."""

import pytest

from reportlib.metrics.weekly.against_history import decided


@pytest.mark.parametrize(
    ("p_values", "levels", "unusual"),
    [
        ([0.04, 0.01, 0.02, 0.9], [0.05 / 3, 0.05 / 4, 0.05 / 3, 0.05 / 3], [False, True, False, False]),
        ([0.012, 0.001], [0.05, 0.025], [True, True]),
        ([], [], []),
    ],
)
def test_levels_are_holms(p_values, levels, unusual):
    at, is_unusual = decided(p_values)
    assert at.tolist() == pytest.approx(levels)
    assert is_unusual.tolist() == unusual
