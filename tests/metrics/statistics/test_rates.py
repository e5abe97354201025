"""Wilson's interval against published values, and how a rate prints."""

import numpy as np
import pytest
from hypothesis import example, given, strategies as st
from statsmodels.stats.proportion import proportion_confint

from reportlib.metrics import Rate, wilson


@pytest.mark.parametrize(
    ("count", "base", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(count, base, low, high):
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: the score method without continuity."""
    assert wilson(count, base) == pytest.approx((low, high), abs=0.00005)
    assert wilson(base - count, base) == pytest.approx((1 - high, 1 - low), abs=0.00005)


@given(st.integers(1, 10**7).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))))
@example((0, 1))
@example((1, 1))
@example((10**7, 10**7))
def test_the_interval_holds_the_estimate(counted):
    rate = Rate(*counted, "delivered")
    assert 0 <= rate.low <= rate.estimate <= rate.high <= 1
    assert rate.low < rate.high


@given(st.integers(1, 10**7).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))))
def test_wilson_as_statsmodels_has_it(counted):
    assert wilson(*counted) == pytest.approx(proportion_confint(*counted, method="wilson"), abs=1e-12)


def test_wilson_of_arrays():
    low, high = wilson([81, 0, 3], [263, 20, 0])
    assert low == pytest.approx([0.2553, 0, np.nan], abs=0.00005, nan_ok=True)
    assert high == pytest.approx([0.3662, 0.1611, np.nan], abs=0.00005, nan_ok=True)


def test_zero_over_zero_is_missing_not_zero():
    rate = Rate(0, 0, "delivered")
    assert (rate.estimate, rate.low, rate.high) == (None, None, None)
    assert str(rate) == "– of 0 delivered"
    assert np.isnan(wilson(0, 0)).all()


@pytest.mark.parametrize(
    ("rate", "printed"),
    [
        (Rate(1983, 4812, "delivered"), "41.2 % (39.8–42.6) of 4,812 delivered"),
        (Rate(0, 20, "delivered"), "0.0 % (0.0–16.1) of 20 delivered"),
        (Rate(20, 20, "audience"), "100.0 % (83.9–100.0) of 20 audience"),
        (Rate(81, 263, "sent"), "30.8 % (25.5–36.6) of 263 sent"),
    ],
)
def test_a_rate_prints_with_its_interval_and_base(rate, printed):
    assert str(rate) == printed
