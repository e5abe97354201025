"""Kitagawa's split against exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, strategies as st

from reportlib.metrics.comparison.mix.rate_gap import COLUMNS, rate_gap
from reportlib.metrics.statistics.rates import Rate

rates = st.integers(0, 500).flatmap(
    lambda base: st.builds(Rate, st.integers(0, base), st.just(base), st.just("delivered"))
)
sides = st.dictionaries(st.sampled_from(["ar", "de", "en", "fr", "(unknown)"]), rates, min_size=1)


def delivered(**groups):
    return {group: Rate(*counts, "delivered") for group, counts in groups.items()}


def oracle(campaign, baseline):
    """Kitagawa (1955): Σ (w − W)(r + R)/2 and Σ (r − R)(w + W)/2, a missing rate taken from the other side."""
    sizes = [sum(rate.base for rate in side.values()) for side in (campaign, baseline)]
    composition = behaviour = Fraction(0)
    for group in {*campaign, *baseline}:
        pair = [side.get(group, Rate(0, 0, "delivered")) for side in (campaign, baseline)]
        found = [Fraction(rate.count, rate.base) if rate.base else None for rate in pair]
        if found == [None, None]:
            continue
        r, s = (one if one is not None else other for one, other in zip(found, found[::-1], strict=True))
        w, v = (Fraction(rate.base, size) for rate, size in zip(pair, sizes, strict=True))
        composition += (w - v) * (r + s) / 2
        behaviour += (r - s) * (w + v) / 2
    return composition, behaviour


@given(sides, sides)
def test_parts_add_up_and_are_kitagawas(campaign, baseline):
    sizes = [sum(rate.base for rate in side.values()) for side in (campaign, baseline)]
    assume(all(sizes))
    frame = rate_gap(campaign, baseline)
    composition, behaviour = oracle(campaign, baseline)
    overall = [sum(rate.count for rate in side.values()) for side in (campaign, baseline)]
    gap = Fraction(overall[0], sizes[0]) - Fraction(overall[1], sizes[1])
    assert composition + behaviour == gap
    assert frame.composition.sum() == pytest.approx(float(100 * composition), abs=1e-10)
    assert frame.behaviour.sum() == pytest.approx(float(100 * behaviour), abs=1e-10)
    assert (
        frame.total.sum() == pytest.approx(frame.attrs["gap"], abs=1e-10) == pytest.approx(float(100 * gap), abs=1e-10)
    )
    assert (frame.total == frame.composition + frame.behaviour).all()
    assert frame.total.abs().is_monotonic_decreasing


@given(sides, sides)
def test_the_other_way_round_is_the_negative(campaign, baseline):
    there, back = (rate_gap(*pair).set_index("group") for pair in ((campaign, baseline), (baseline, campaign)))
    assert back.total.to_dict() == pytest.approx((-there.total).to_dict(), abs=1e-10)


def test_kidney_stones():
    """Charig et al. (1986), BMJ 292:879: open surgery does better with small and large stones, and worse in all.

    Open 81 of 87 and 192 of 263, puncture 234 of 270 and 55 of 80. Behaviour is +5.37 points, composition −9.94.
    """
    opened, puncture = delivered(small=(81, 87), large=(192, 263)), delivered(small=(234, 270), large=(55, 80))
    frame = rate_gap(opened, puncture)
    assert frame.attrs["gap"] == pytest.approx(100 * (273 - 289) / 350)
    assert frame.behaviour.sum() == pytest.approx(
        100 * ((81 / 87 - 234 / 270) * (87 + 270) / 700 + (192 / 263 - 55 / 80) * (263 + 80) / 700)
    )
    assert (round(frame.behaviour.sum(), 2), round(frame.composition.sum(), 2)) == (5.37, -9.94)


def test_only_behaviour():
    frame = rate_gap(delivered(de=(30, 100), en=(10, 100)), delivered(de=(20, 100), en=(10, 100)))
    assert frame.composition.tolist() == [0, 0]
    assert frame.set_index("group").behaviour.to_dict() == pytest.approx({"de": 5.0, "en": 0.0})


def test_only_composition_and_it_is_the_better_group_that_pulls_up():
    frame = rate_gap(delivered(de=(60, 300), en=(10, 100)), delivered(de=(20, 100), en=(30, 300))).set_index("group")
    assert frame.behaviour.to_list() == pytest.approx([0, 0])
    assert frame.composition.to_dict() == pytest.approx({"de": 2.5, "en": 2.5})


def test_a_group_that_is_new_or_gone_is_composition():
    frame = rate_gap(delivered(de=(20, 100), fr=(50, 100)), delivered(de=(20, 100), en=(5, 100))).set_index("group")
    assert frame.behaviour.to_dict() == {"fr": 0.0, "en": 0.0, "de": 0.0}
    assert frame.composition["fr"] > 0
    assert frame.composition["en"] > 0


def test_nobody_on_one_side_or_in_a_group():
    for frame in (rate_gap({}, delivered(de=(1, 2))), rate_gap(delivered(de=(0, 0)), delivered(de=(1, 2)))):
        assert frame.empty
        assert list(frame.columns) == list(COLUMNS)
        assert frame.attrs["gap"] is None
    frame = rate_gap(delivered(de=(1, 2), en=(0, 0)), delivered(de=(1, 4)))
    assert frame.group.to_list() == ["de"]
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == dict(
        zip(COLUMNS, ["str", *["int64"] * 4, *["float64"] * 3], strict=True)
    )


def test_who_responds_without_a_base_still_adds_up():
    """Two unsubscribed in a group of which no delivery is known."""
    frame = rate_gap(delivered(de=(10, 100), br=(2, 0)), delivered(de=(5, 100)))
    assert frame.set_index("group").total.to_dict() == pytest.approx({"de": 5, "br": 2})
    assert frame.attrs["gap"] == pytest.approx(7)
    assert rate_gap(delivered(de=(5, 100)), delivered(de=(10, 100), br=(2, 0))).total.sum() == pytest.approx(-7)
    both = rate_gap(delivered(de=(5, 100), br=(1, 0)), delivered(de=(5, 100), br=(2, 0)))
    assert both.total.sum() == pytest.approx(both.attrs["gap"]) == pytest.approx(-1)
