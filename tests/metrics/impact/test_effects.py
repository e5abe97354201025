"""What an experiment caused, on small databases whose answer can be counted, and what is refused in a sentence."""

import numpy as np
import pytest
from sqlalchemy import create_engine
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from reportlib import metrics
from reportlib.errors import InvalidParameters
from reportlib.metrics.statistics import two_means
from reportlib.metrics.statistics.two_means import Amounts
from tests.metrics.impact.trials import DAY, LATER, experiment, orders
from tests.small_database import START, fill, in_memory_engine


@pytest.fixture
def asked():
    """What `metrics.trial` and `metrics.effects` say of a database."""
    engine = in_memory_engine()

    def ask(database, **options):
        warehouse = fill(engine, database)
        trial = metrics.trial(warehouse, "x", **options)
        return trial, {
            (one.variant, one.outcome, one.measure, one.currency): one for one in metrics.effects(warehouse, trial)
        }

    yield ask
    engine.dispose()


def test_the_held_out_have_outcomes_and_no_messages(asked):
    database = experiment({"A": 400}, held_out=200)
    orders(database, "a", 60)
    orders(database, "h", 10)
    orders(database, "h", 40, after=8 * DAY)  # after the window
    orders(database, "a", 40, after=-DAY)  # before it, as many of each hundred
    orders(database, "h", 20, after=-DAY)
    trial, found = asked(database)
    people, money = found["A", "order", "people", None], found["A", "order", "value", "EUR"]
    assert (trial.versus, trial.has_holdout, trial.is_final, trial.reasons) == ("held out", True, True, ())
    assert (people.assigned, people.assigned_versus, people.mean, people.mean_versus) == (400, 200, 0.15, 0.05)
    assert people.word == "higher" and people.difference == pytest.approx(0.10) and people.total == pytest.approx(40)
    assert (money.mean, money.mean_versus, money.word) == (3.0, 1.0, "not comparable")
    assert money.low is None and "60 people of A and 10 of held out brought money: below 20" in str(money)
    assert people.adjusted[0] == pytest.approx(people.difference, abs=0.02)
    assert str(people).startswith("Order, people assigned: A is higher than held out by +10.0 points (95 % interval ")


def test_every_engine_counts_the_same(database_url):
    database = experiment({"A": 30}, held_out=30, start=START - 45 * DAY)
    orders(database, "a", 24, value=10.5, after=-44 * DAY)
    orders(database, "h", 21, value=10.5, after=-44 * DAY)
    orders(database, "h", 3, value=-2.0, after=-43 * DAY)
    orders(database, "a", 5, after=-60 * DAY)
    orders(database, "a", 9)  # in November
    database.outcome("a29", kind="visit", at=START - 44 * DAY)
    database.message("x-a", "h0", at=START)
    engine = create_engine(database_url)
    warehouse = fill(engine, database)
    trial = metrics.trial(warehouse, "x")
    found = metrics.effects(warehouse, trial)
    assert "1 of 30 held-out people (3.3 %)" in trial.reasons[0].text
    assert [(one.outcome, one.measure, one.people, one.people_versus) for one in found] == [
        ("order", "people", 24, 21),
        ("order", "value", 24, 21),
        ("visit", "people", 1, 0),
    ]
    assert (found[1].mean, found[1].mean_versus) == pytest.approx((8.4, 7.15))
    assert list(metrics.effects_by_month(warehouse, trial)) == []  # nothing was done in October
    engine.dispose()


def test_two_arms_are_each_held_against_the_held_out_with_correction(asked):
    database = experiment({"A": 300, "B": 300}, held_out=300)
    orders(database, "a", 60)
    orders(database, "b", 27)
    orders(database, "h", 24)
    _, found = asked(database)
    assert set(found) == {(arm, "order", *rest) for arm in "AB" for rest in (("people", None), ("value", "EUR"))}
    assert [found[arm, "order", "people", None].word for arm in "AB"] == ["higher", "not distinguishable"]
    assert [one.level for one in found.values()] == pytest.approx([0.975, 0.95] * 2)
    assert {one.versus for one in found.values()} == {"held out"}
    assert {one.versus for one in asked(database, baseline="A")[1].values()} == {"A"}


def test_money_of_two_currencies_is_never_added(asked):
    database = experiment({"A": 100}, held_out=100)
    orders(database, "a", 30, value=10.0)
    orders(database, "a", 30, value=7.0, currency="BRL")
    orders(database, "h", 30, value=10.0)
    database.outcome("a0", value=1_000.0, currency=None, at=START + DAY)
    database.outcome("a0", value=float("inf"), at=START + DAY)
    database.outcome("a0", value=-4.0, at=START + DAY)  # given back
    _, found = asked(database)
    assert found["A", "order", "value", "EUR"].mean == pytest.approx(2.96)
    assert found["A", "order", "value", "BRL"].mean == pytest.approx(2.1)
    assert found["A", "order", "people", None].mean == 0.3


def test_who_is_in_two_arms_is_left_out_and_too_many_stop_it(asked):
    database = experiment({"A": 100}, held_out=100)
    orders(database, "a", 40)
    database.assigned("x", "held out", None, ["a0", "a1"])
    trial, found = asked(database)
    assert trial.shared == 2 and trial.arms["assigned"].tolist() == [100, 98]
    assert found["A", "order", "people", None].mean == pytest.approx(38 / 98)
    database.assigned("x", "held out", None, [f"a{number}" for number in range(2, 20)])
    _, found = asked(database)
    assert {one.word for one in found.values()} == {"stopped"}
    assert "20 people (10.0 % of those assigned) are in more than one arm" in str(found["A", "order", "people", None])


def test_people_in_another_experiment_too_count_here_as_they_are(asked):
    database = experiment({"A": 100}, held_out=100)
    orders(database, "a", 40)
    before = asked(database)[1]["A", "order", "people", None]
    database.assigned("y", "B", None, [f"a{number}" for number in range(50)])
    after = asked(database)[1]["A", "order", "people", None]
    assert (after.mean, after.low, after.high) == (before.mean, before.low, before.high)


def test_an_outcome_counts_whichever_campaign_it_is_credited_to(asked):
    database = experiment({"A": 100}, held_out=100)
    orders(database, "a", 20)
    orders(database, "h", 10, campaign_id="x-a")  # of those held out, by another's word
    for number in range(20, 30):
        database.outcome(f"a{number}", at=START + DAY, campaign_id="x-a" if number < 25 else None)
    found = asked(database)[1]["A", "order", "people", None]
    assert (found.mean, found.mean_versus) == (0.3, 0.1)


def test_held_out_people_who_got_it_stay_where_they_were_assigned(asked):
    database = experiment({"A": 200}, held_out=200)
    orders(database, "a", 60)
    orders(database, "h", 20)
    for number in range(20):
        database.message("x-a", f"h{number}", at=START)
    trial, found = asked(database)
    (reason,) = trial.reasons
    assert reason.text.startswith("20 of 200 held-out people (10.0 %) got a message") and "1.1 times" in reason.text
    assert (
        found["A", "order", "people", None].word == "higher" and found["A", "order", "people", None].mean_versus == 0.1
    )


def test_nothing_done_and_one_buyer_of_a_million(asked):
    database = experiment({"A": 50}, held_out=50)
    assert asked(database)[1] == {}
    database.outcome("a0", value=1_000_000.0, at=START + DAY)
    _, found = asked(database)
    assert found["A", "order", "people", None].word == "not distinguishable"
    money = found["A", "order", "value", "EUR"]
    assert money.word == "not comparable" and money.low is None
    assert "1 people of A and 0 of held out brought money: below 20 in an arm" in str(money)
    orders(database, "a", 25, value=10.0)
    orders(database, "h", 25, value=10.0)
    money = asked(database)[1]["A", "order", "value", "EUR"]
    assert money.word != "higher" and money.cap == 1_000_010.0  # one of 50: not above the 99th percentile
    assert not money.is_shown


def test_a_window_that_is_not_over_is_watched(asked):
    database = experiment({"A": 400}, held_out=400)
    orders(database, "a", 60)
    orders(database, "h", 20)
    database.assigned("x", "held out", None, ["clock"], at=LATER - 2 * DAY)
    trial, found = asked(database)
    assert not trial.is_final and trial.arms["counted"].tolist() == [400, 400]
    final = asked(experiment({"A": 400}, held_out=400))[0]
    assert final.is_final
    one = found["A", "order", "value", "EUR"]
    assert (
        one.level == 0.99
        and one.method.startswith("asymptotic confidence sequence")
        and "watched" in {reason.guard for reason in one.reasons}
    )


def test_arms_of_unplanned_sizes_stop_it_unless_they_were_planned(asked):
    database = experiment({"A": 300, "B": 100})
    orders(database, "a", 60)
    trial, found = asked(database)
    assert [reason.guard for reason in trial.stops] == ["sample ratio"] and trial.versus == "A"
    assert {one.word for one in found.values()} == {"stopped"}
    assert asked(database, split={"A": 3, "B": 1})[0].stops == ()
    with pytest.raises(InvalidParameters, match="a share above zero for each of A and B"):
        asked(database, split={"A": 3})


def test_a_database_without_outcomes_or_without_assignments():
    database = experiment({"A": 30, "B": 30})
    database.assignments.clear()
    engine = in_memory_engine()
    warehouse = fill(engine, database)
    trial = metrics.trial(warehouse, "x")
    assert trial.arms["assigned"].tolist() == [30, 30] and not trial.recorded
    with pytest.raises(InvalidParameters, match="there is no experiment 'y'; there are: x"):
        metrics.trial(warehouse, "y")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE outcomes")
    warehouse = type(warehouse)(engine)
    trial = metrics.trial(warehouse, "x")
    assert metrics.effects(warehouse, trial) == [] and metrics.attribution(warehouse).empty
    engine.dispose()


def test_a_holdout_that_is_kept_is_told_month_by_month():
    database = experiment({"A": 300}, held_out=300, start=START - 60 * DAY)
    for month, many in enumerate((30, 45)):  # September's and October's
        moment = START.replace(month=9 + month + 0, day=15)
        for number in range(many):
            database.outcome(f"a{number}", at=moment)
        for number in range(10):
            database.outcome(f"h{number}", at=moment)
    engine = in_memory_engine()
    warehouse = fill(engine, database)
    found = metrics.effects_by_month(warehouse, metrics.trial(warehouse, "x"))
    engine.dispose()
    assert {name: round(of_month[0].mean * 300) for name, of_month in found.items()} == {"2026-10": 45}


def test_money_of_arms_of_one_size_has_welchs_interval_and_the_bootstrap_agrees(asked):
    database = experiment({"A": 300}, held_out=300)
    orders(database, "a", 75)
    orders(database, "h", 24)
    money = asked(database)[1]["A", "order", "value", "EUR"]
    means = CompareMeans(*(DescrStatsW([20.0] * did + [0.0] * (300 - did)) for did in (75, 24)))
    assert (money.low, money.high) == pytest.approx(means.tconfint_diff(usevar="unequal"))
    assert money.p_value == pytest.approx(means.ttest_ind(usevar="unequal")[1])
    assert (money.checked_low, money.checked_high) == pytest.approx((money.low, money.high), abs=0.15)
    assert money.word == "higher" and money.lift == pytest.approx(75 / 24 - 1)


def test_of_unequal_arms_the_variance_is_halfway_between_its_own_and_one_for_both():
    one, other = Amounts(np.array([20.0]), np.array([60.0]), 400), Amounts(np.array([20.0]), np.array([30.0]), 100)
    means = CompareMeans(*(DescrStatsW([20.0] * did + [0.0] * rest) for did, rest in ((60, 340), (30, 70))))
    between = (means.std_meandiff_separatevar**2 + means.std_meandiff_pooledvar**2) / 2
    assert two_means.smallest_detectable(one, other) / 2.80158 == pytest.approx(between**0.5, rel=1e-5)
    low, high = two_means.interval(one, other)
    assert (low + high) / 2 == pytest.approx(-3.0) and not two_means.few_payers(60, 30)


def test_amounts_are_capped_at_the_99th_percentile_of_those_above_zero():
    assert two_means.cap_of([0.0, 5.0, 10.0, 1e6], [900, 98, 1, 1]) == 10.0
    assert two_means.cap_of([-5.0], [3]) == float("inf")
