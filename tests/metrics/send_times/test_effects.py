"""Which slots are answered better: the model against statsmodels, a made-up world, and what may not be concluded."""

import numpy as np
import pytest
import statsmodels.api as sm

from reportlib import metrics
from reportlib.metrics.statistics import slot_model
from tests.metrics.send_times import read_weekly
from tests.metrics.send_times.read_weekly import BEST, World
from tests.metrics.send_times.simulation import frame_of, shares, world


def slots(*rows, before=0.3):
    """campaign, weekday, hour, messages, responses; of the receivers the share `before` had answered before"""
    return frame_of(
        [(name, "email", *slot, size, size, found, int(before * size)) for name, *slot, size, found in rows]
    )


def at(effects, weekday, hour):
    return effects[(effects["weekday"] == weekday) & (effects["hour"] == hour)].iloc[0]


def cells(seed=3, extra=0.0):
    rng = np.random.default_rng(seed)
    slot, stratum = map(np.ravel, np.meshgrid(range(5), range(12)))
    messages = rng.integers(200, 4_000, len(slot)).astype(float)
    rate = 0.05 * np.exp(rng.normal(0, 0.5, 12)[stratum] + np.linspace(-0.2, 0.2, 5)[slot] + rng.normal(0, extra, 60))
    return slot, stratum, messages, rng.poisson(messages * rate).astype(float)


@pytest.mark.parametrize("extra", [0.0, 0.3])
def test_the_fit_is_that_of_statsmodels(extra):
    slot, stratum, messages, responded = cells(extra=extra)
    model = slot_model.fit(slot, stratum, stratum, messages, responded)
    design = np.column_stack([slot == one for one in range(1, 5)] + [stratum == one for one in range(12)]).astype(float)
    family = sm.families.NegativeBinomial(alpha=model.extra) if model.extra else sm.families.Poisson()
    reference = sm.GLM(responded, design, family=family, exposure=messages).fit(tol=1e-12)
    assert model.effects[1:] - model.effects[0] == pytest.approx(reference.params[:4], abs=1e-5)
    covariance, first = model.covariance, model.covariance[0, 0]
    variance = np.diag(covariance)[1:] + first - 2 * covariance[0, 1:]
    assert np.sqrt(variance) == pytest.approx(reference.bse[:4], rel=1e-3)
    weighted = np.average(model.effects, weights=np.bincount(slot, messages))
    assert weighted == pytest.approx(0, abs=1e-9)
    if extra:
        assert model.extra == pytest.approx(extra**2, rel=0.5)
        assert reference.pearson_chi2 == pytest.approx(model.freedom, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("extra", [0.0, 0.2])
def test_with_no_better_hour_one_is_recommended_in_at_most_one_run_in_twenty(extra):
    assert shares(runs=200, effect=0.0, extra=extra)["any slot"] <= 0.05


@pytest.mark.slow
def test_the_count_map_follows_the_schedule_and_the_index_finds_the_best_hour():
    found = shares(runs=100, effect=0.3)
    assert found["count of responses"] <= 0.05
    assert found["rate by slot"] <= 0.7  # better campaigns go out at nine
    assert found["within-campaign index"] >= 0.95
    assert found["recommended"] >= 0.9
    with_few = shares(runs=100, effect=0.3, campaigns=4, messages=2_000)
    assert with_few["any slot"] <= 0.2  # too little data: restraint


def test_a_recommendation_beats_the_usual_slot_by_its_lower_bound():
    effects = metrics.slot_effects(world(np.random.default_rng(5), effect=0.6))
    best = at(effects, *effects.attrs["best"])
    assert best["better"]
    assert 0 < best["lift_low"] < best["lift"] < 0.9
    usual = at(effects, *effects.attrs["usual"])
    assert usual["lift"] == 0
    assert not usual["better"]


def test_a_slot_of_one_campaign_is_not_identified():
    effects = metrics.slot_effects(
        slots(
            ("a", 2, 10, 5_000, 200),
            ("a", 2, 15, 5_000, 210),
            ("b", 2, 10, 5_000, 90),
            ("b", 2, 15, 5_000, 100),
            ("c", 3, 18, 5_000, 900),
            ("a", 4, 9, 5_000, 900),
        )
    )
    assert set(map(tuple, effects.loc[effects["identified"], ["weekday", "hour"]].to_numpy())) == {(2, 10), (2, 15)}
    lonely = at(effects, 3, 18)
    assert lonely["support"] == "supported"
    assert np.isnan(lonely["effect"])
    assert not lonely["better"]


def test_the_index_is_the_ratio_within_campaigns():
    """Two campaigns of very different rates, each half as good again at 15 h: pooled, the slots look alike."""
    effects = metrics.slot_effects(
        slots(
            ("good", 2, 10, 9_000, 900),
            ("good", 2, 15, 1_000, 150),
            ("bad", 2, 10, 1_000, 10),
            ("bad", 2, 15, 9_000, 135),
        )
    )
    ten, fifteen = at(effects, 2, 10), at(effects, 2, 15)
    assert ten["rate"] > 3 * fifteen["rate"]
    assert fifteen["effect"] / ten["effect"] == pytest.approx(1.5)
    assert fifteen["lift"] == pytest.approx(0.5)


def test_thin_slots_are_never_recommended():
    rows = [(f"c{n}", 2, hour, size, responses) for n in range(9) for hour, size, responses in
            ((10, 20_000, 400), (18, 100, 30))]  # fmt: skip
    effects = metrics.slot_effects(slots(*rows))
    thin = at(effects, 2, 18)
    assert thin["support"] == "thin"
    assert thin["lift_low"] > 1
    assert not thin["better"]
    assert effects.attrs["best"] is None


@pytest.mark.parametrize("assigned", ["keenest first", "best customers at 19 h"])
def test_a_slot_that_went_to_readier_people_is_never_recommended(assigned):
    """Read each week for half a year; no hour does anything."""
    rng, withheld = np.random.default_rng(5), []
    for slots_so_far in [*read_weekly.weeks(rng, World(assigned, people=6_000))][1::6]:
        effects = metrics.slot_effects(slots_so_far)
        assert effects.attrs["best"] is None
        withheld.append(effects["withheld"].any())
    assert withheld[-1]
    row = effects[effects["withheld"]].iloc[0]
    assert row["others"]
    assert row["readier"] > 0.2
    assert row["lift_low"] > 0


def test_an_hour_that_is_better_is_found_where_people_are_drawn_at_random():
    *_, half_a_year = read_weekly.weeks(np.random.default_rng(6), World(effect=0.3, people=6_000, day_shock=0.1))
    assert metrics.slot_effects(half_a_year).attrs["best"] == BEST


def test_days_that_differ_widen_what_is_said_of_other_days_only():
    rng = np.random.default_rng(8)
    stratum, weekday, hour = (axis.ravel() for axis in np.meshgrid(range(200), range(2), range(2), indexing="ij"))
    slot, day = 2 * weekday + hour, 2 * stratum + weekday
    rate = 0.1 * np.exp(rng.normal(0, 0.3, 400)[day] + rng.normal(0, 0.1, 800))
    model = slot_model.fit(slot, stratum, day, np.full(800, 5_000.0), rng.poisson(5_000 * rate).astype(float))
    assert np.sqrt(model.extra) == pytest.approx(0.1, rel=0.15)
    _, variance, freedom = model.against(0)
    assert variance[1] == pytest.approx(2 * (0.1**2 + 1 / 500) / 200, rel=0.2)
    assert variance[2:] == pytest.approx(2 * (0.3**2 + 0.1**2 + 1 / 500) / 200, rel=0.2)
    assert (freedom[2:] < freedom[1]).all()


def test_a_slot_with_little_data_is_drawn_towards_the_average():
    rows = [(f"c{n}", 2, hour, size, responses) for n in range(6) for hour, size, responses in
            ((9, 9_000, 450), (10, 9_000, 450), (14, 9_000, 450), (19, 40, 4))]  # fmt: skip
    effects = metrics.slot_effects(slots(*rows))
    few, many = at(effects, 2, 19), at(effects, 2, 9)
    assert few["effect"] == pytest.approx(2, abs=0.1)
    assert 1 <= few["shrunk"] < 1.5
    assert many["shrunk"] == pytest.approx(many["effect"], abs=0.02)


def test_the_usual_slot_is_never_one_to_try():
    effects = metrics.slot_effects(slots(("a", 2, 17, 5_000, 4_000)))
    plan = metrics.slots_to_try(effects)
    assert (2, 17) not in set(zip(plan["weekday"], plan["hour"], strict=True))
    assert len(plan) == 3
    assert plan["hoped"].isna().all()
    assert (plan["needed"] == 1_000).all()  # fewer would find it, but leave the slot thin


def test_nothing_delivered_and_nothing_old_enough():
    nothing = metrics.slot_effects(slots().astype({"mature": "int64", "responded": "int64", "delivered": "int64"}))
    assert len(nothing) == 168
    assert (nothing["support"] == "untested").all()
    assert nothing.attrs["usual"] is None
    assert metrics.slots_to_try(nothing).empty
    young = slots(("a", 2, 10, 0, 0)).assign(delivered=50)
    assert metrics.slot_effects(young).attrs["usual"] is None


def test_nobody_responded():
    effects = metrics.slot_effects(slots(*[(name, 2, hour, 3_000, 0) for name in "ab" for hour in (10, 11)]))
    assert not effects["identified"].any()
    assert effects.attrs["usual"] == (2, 10)
    assert metrics.slots_to_try(effects)["needed"].min() > 10_000


def test_the_test_plan_spreads_over_days_and_waking_hours_and_leaves_out_what_is_known():
    effects = metrics.slot_effects(world(np.random.default_rng(1)))
    plan = metrics.slots_to_try(effects)
    assert len(plan) == 3
    assert plan["weekday"].is_unique
    assert plan["hour"].between(8, 20).all()
    known = effects[effects["identified"] & (effects["support"] == "supported")]
    assert not set(zip(plan["weekday"], plan["hour"], strict=True)) & set(
        zip(known["weekday"], known["hour"], strict=True)
    )
    usual = at(effects, *effects.attrs["usual"])
    assert metrics.slots_to_try(effects)["needed"].iloc[0] == pytest.approx(
        2 * (1.96 + 0.84) ** 2 * (1.1 * usual["rate"]) * (1 - 1.1 * usual["rate"]) / (0.2 * usual["rate"]) ** 2,
        rel=0.03,
    )
