"""Attribution by every rule, counted by hand; and what a next experiment would find."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from reportlib import metrics
from reportlib.metrics.statistics import power
from tests.metrics.impact.trials import DAY, experiment, orders
from tests.small_database import START, fill, in_memory_engine

HOUR = timedelta(hours=1)


@pytest.fixture
def credit(database_url):
    """(rule, machines, days) → (people, money) of orders after these campaigns, alike on every engine."""
    engine = create_engine(database_url)

    def ask(database, campaigns):
        found = metrics.attribution(fill(engine, database), campaigns)
        found = found[(found["kind"] == "order") & (found["currency"] == "EUR")]
        return {(row.rule, row.machines, row.window_days): (row.people, row.value) for row in found.itertuples()}

    yield ask
    engine.dispose()


def test_each_rule_and_window_counts_what_it_says(credit):
    database = experiment({"A": 4})
    by_name = {message["contact_id"]: message for message in database.messages}
    database.event(by_name["a0"], "opened", after=HOUR)
    database.event(by_name["a0"], "clicked", after=2 * HOUR)
    database.event(by_name["a1"], "clicked", after=HOUR, machine=True)
    database.campaign("later", start=START + 2 * DAY)
    database.message("later", "a2", at=START + 2 * DAY)
    database.outcome("a0", value=10.0, at=START + 2 * HOUR + 4 * DAY)
    database.outcome("a1", value=5.0, at=START + HOUR + 12 * HOUR)
    database.outcome("a1", value=-5.0, at=START + HOUR + 2 * DAY)
    database.outcome("a2", value=7.0, at=START + 3 * DAY - HOUR)  # after the later campaign's message
    database.outcome("a3", value=1.0, at=START - HOUR)  # before any
    found = credit(database, ["x-a"])
    assert [found["clicked", "in", days] for days in (1, 3, 5, 7)] == [(1, 5.0), (1, 0.0), (2, 10.0), (2, 10.0)]
    assert [found["clicked", "out", days] for days in (1, 3, 5, 7)] == [(0, 0.0), (0, 0.0), (1, 10.0), (1, 10.0)]
    assert [found["opened", "out", days] for days in (3, 5)] == [(0, 0.0), (1, 10.0)]
    assert [found["last touch", "out", days] for days in (1, 3, 5)] == [(1, 5.0), (1, 0.0), (2, 10.0)]
    assert credit(database, ["later"])["last touch", "in", 1] == (1, 7.0)


def test_a_plan_says_what_is_found_and_what_it_costs():
    database = experiment({"A": 400}, held_out=200)
    orders(database, "a", 60)
    orders(database, "h", 10)
    engine = in_memory_engine()
    warehouse = fill(engine, database)
    trial = metrics.trial(warehouse, "x")
    found = metrics.effects(warehouse, trial)
    plan = metrics.holdout_plan(found, shares=(0.1, 0.5), times=(1, 4))
    costs = metrics.trial_costs(warehouse, trial)
    engine.dispose()
    assert plan["people"].unique().tolist() == [600] and plan["held_out"].tolist() == [60, 60, 300, 300]
    assert plan["detectable"].iloc[3] == pytest.approx(power.smallest_detectable(0.05, 1_200, 1_200))
    assert plan["foregone"].iloc[0] == pytest.approx(60 * 0.10)
    assert costs.to_dict("records") == [{"variant": "A", "currency": "EUR", "cost": pytest.approx(40.0)}]
    assert metrics.holdout_plan([]).empty
