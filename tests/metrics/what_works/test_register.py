"""The register of experiments on small databases whose answer can be counted, and what cannot be judged."""

import math
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import scipy

from reportlib import metrics
from reportlib.metrics.statistics.drawn_to_zero import SHARES, SPREADS, drawn_to_zero, log_ratio
from tests.metrics.what_works import simulation
from tests.metrics.what_works.experiments import ran
from tests.small_database import START, SmallDatabase, fill, in_memory_engine

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def known():
    """Six experiments of one account and one of another, nine days before the data end."""
    database = SmallDatabase()
    database.account("acme")
    database.account("other")
    early = START - 9 * DAY
    ran(database, "won", {"A": (120, 12), "B": (120, 36)}, early, question="Blue?", decision="blue")
    ran(database, "lost", {"A": (120, 36), "B": (120, 12)}, early - DAY)
    ran(database, "equal", {"A": (120, 12), "B": (120, 12)}, early - 2 * DAY)
    ran(database, "uneven", {"A": (120, 12), "B": (50, 12)}, early - 3 * DAY)
    ran(database, "alone", {"A": (20, 5)}, early - 4 * DAY)
    ran(database, "held", {"A": (100, 10)}, early - 5 * DAY)
    database.assigned("held", "A", "held-a", [f"heldA{number}" for number in range(100)], at=early - 5 * DAY)
    people = [f"nobody{number}" for number in range(100)]
    for number, name in enumerate(people):
        database.contact(name)
        for contact, did in ((name, 10), (f"heldA{number}", 40)):
            if number < did:
                database.outcome(contact, value=10.0, at=early - 4 * DAY)
    database.assigned("held", "held out", None, people, at=early - 5 * DAY)
    database.campaign("x-a", account="other", experiment_id="x", variant="A")
    database.campaign("x-b", account="other", experiment_id="x", variant="B")
    database.outcome("nobody0", kind="visit", at=START)
    engine = in_memory_engine()
    yield fill(engine, database)
    engine.dispose()


@pytest.fixture(scope="module")
def entries(known):
    return metrics.register(known, "acme")


def test_every_experiment_of_the_account_is_there_once_with_its_verdict(entries):
    found = entries.set_index("experiment_id")
    assert found.index.tolist() == ["won", "lost", "equal", "uneven", "alone", "held"]  # the latest first
    assert found["word"].tolist()[:4] == ["higher", "lower", "not distinguishable", "stopped"]
    assert found["counts"].tolist() == [True, True, True, False, False, True]
    won = found.loc["won"]
    assert won[["people", "people_versus", "did", "did_versus"]].tolist() == [120, 120, 36, 12]
    assert (won["question"], won["decision"], won["grade"]) == ("Blue?", "blue", "A")
    assert won["difference"] == pytest.approx(0.2) and won["low"] > 0
    assert won["ratio"] == pytest.approx(math.log(36.5 / 12.5))
    assert found.loc["equal", "question"] == "Campaign equal-a or Campaign equal-b?"
    assert "do not have the planned sizes" in found.loc["uneven", "sentence"]
    assert "one arm of people only" in found.loc["alone", "sentence"] and found.loc["alone", "measure"] == ""
    held = found.loc["held"]
    assert (held["measure"], held["arm"], held["versus"], held["did"]) == ("order", "A", "held out", 40)


def test_what_counts_is_won_lost_and_drawn_together(entries):
    clicks, orders = metrics.learned(entries)
    assert (clicks.measure, clicks.won.count, clicks.won.base, clicks.lost) == ("clicked", 1, 3, 1)
    drawn = drawn_to_zero(clicks.entries["ratio"], clicks.entries["error"])
    assert clicks.raw_sum == pytest.approx(36.5 / 12.5 - 1)
    assert 0 < clicks.drawn_sum[0] < clicks.raw_sum
    assert clicks.entries["drawn"].tolist() == pytest.approx(np.expm1(drawn.each[:, 0]).tolist())
    assert clicks.typical > 0 and clicks.next_per_arm > 0
    assert (orders.won.count, orders.drawn_sum, orders.next_per_arm) == (1, None, None)  # alone: nothing to draw it by


def test_arms_held_against_the_same_people_are_added_up_once():
    columns = {"experiment_id": ["x", "x", "y"], "measure": "order", "word": "higher", "counts": True,
               "ratio": [0.2, 0.3, 0.1], "error": 0.05, "did_versus": 40, "people_versus": 1000}  # fmt: skip
    (found,) = metrics.learned(pd.DataFrame(columns))
    assert (found.won.count, found.won.base) == (2, 2) and found.raw_sum == pytest.approx(math.expm1(0.4))
    columns["measure"] = "unsubscribed"  # of which fewer are better
    (found,) = metrics.learned(pd.DataFrame(columns))
    assert (found.won.count, found.lost, found.raw_sum) == (0, 2, None)


def test_turning_an_experiment_round_turns_what_is_left_of_it():
    one, other = drawn_to_zero([0.3, 0.1, -0.2], [0.1, 0.1, 0.2]), drawn_to_zero([-0.3, 0.1, -0.2], [0.1, 0.1, 0.2])
    assert one.each[0] == pytest.approx(-other.each[0][[0, 2, 1]]) and one.each[1] == pytest.approx(other.each[1])
    assert one.sum_of([0, 1])[0] == pytest.approx(one.each[0][0] + one.each[1][0])
    assert drawn_to_zero([0.3], [0.1]) is None
    assert np.isfinite(log_ratio(0, 100, 0, 100)).all()


def test_exact_estimates_stay_and_pure_chance_goes():
    sure = drawn_to_zero([0.3, -0.2, 0.4], [1e-4] * 3)
    assert sure.each[:, 0] == pytest.approx([0.3, -0.2, 0.4], rel=1e-3)
    luck = drawn_to_zero(np.random.default_rng(1).normal(0, 0.1, 40), [0.1] * 40)
    assert np.abs(luck.each[:, 0]).max() < 0.1 and luck.spread < 0.1


def test_where_most_changes_do_nothing_a_large_effect_is_kept_and_the_small_ones_go():
    """As a mixture of two normal distributions has it, by Bayes' rule written out."""
    estimates, errors = np.array([0.8, *np.tile([0.05, -0.08, 0.1, -0.02], 10)]), np.full(41, 0.08)
    found = drawn_to_zero(estimates, errors)
    assert found.each[0, 0] > 0.7 and np.abs(found.each[1:, 0]).max() < 0.02
    means = np.zeros((len(SHARES), len(SPREADS)))
    for row, share in enumerate(SHARES.ravel()):
        for column, spread in enumerate(SPREADS):
            some = share * scipy.stats.norm.pdf(0.1, 0, np.hypot(spread, 0.08))
            none = (1 - share) * scipy.stats.norm.pdf(0.1, 0, 0.08)
            means[row, column] = some / (some + none) * 0.1 * spread**2 / (spread**2 + 0.08**2)
    assert found.each[3, 0] == pytest.approx((found.chances * means).sum())


def test_in_simulation_the_sum_that_allows_for_luck_is_right_where_that_of_the_winners_is_too_large():
    raw, left, held, _ = simulation.registers("normal, 5 % apart", 60, 60)
    assert raw > 2 and 0.7 < left < 1.3 and held > 0.85
    _, left, held, _ = simulation.registers("nine of ten none, the tenth 30 % apart", 60, 40)
    assert 0.8 < left < 1.2 and held > 0.85
