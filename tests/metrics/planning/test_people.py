"""How many people a test takes: against published values, statsmodels, and an account worked out by hand."""

import math
from datetime import timedelta

import pytest
from statsmodels.stats.proportion import power_proportions_2indep

from reportlib import metrics
from reportlib.errors import InvalidParameters
from reportlib.metrics.planning import people
from reportlib.metrics.statistics import power
from reportlib.metrics.statistics.spread import Spread
from tests.in_process import reportlib
from tests.small_database import START, campaign, followed, small_database


@pytest.mark.parametrize(
    ("rate", "lift", "per_arm"),
    [
        (0.20, 0.25, 1_094),  # R's power.prop.test(p1 = .20, p2 = .25, power = .80): n = 1093.739
        (0.10, 0.50, 686),  # Fleiss, Levin and Paik (2003), 4.2: 0.10 and 0.15, n' = 685.6 uncorrected
        (0.15, -1 / 3, 686),  # the same two rates
        (0.85, 0.05 / 0.85, 686),  # and their complements
    ],
)
def test_people_per_arm_are_the_published_ones(rate, lift, per_arm):
    assert metrics.plan_test(rate=rate, lift=lift)["people_per_arm"].tolist() == [per_arm]


@pytest.mark.parametrize(("rate", "lift", "arms"), [(0.04, 0.1, 2), (0.04, -0.1, 2), (0.3, 0.05, 3), (0.9, 0.03, 4)])
def test_so_many_find_it_four_times_in_five_by_statsmodels(rate, lift, arms):
    plan = metrics.plan_test(rate=rate, lift=lift, arms=arms, people=50_000).iloc[0]
    alpha = 0.05 / math.comb(arms, 2)
    low, high = sorted((rate, rate * (1 + lift)))
    low, high = (low, high) if low + high <= 1 else (1 - high, 1 - low)

    def found(difference, each):
        return power_proportions_2indep(difference, low, each, alpha=alpha, return_results=False)

    assert found(high - low, plan["people_per_arm"] - 1) < power.POWER <= found(high - low, plan["people_per_arm"])
    assert (plan["people"], plan["level"]) == (arms * plan["people_per_arm"], pytest.approx(1 - alpha))
    of_fewer = min(rate, 1 - rate)
    told = power_proportions_2indep(plan["finds"], of_fewer, 50_000 // arms, alpha=alpha, return_results=False)
    assert told == pytest.approx(power.POWER, abs=1e-3)


def test_an_account_is_planned_from_what_its_campaigns_of_that_channel_did(duckdb):
    """Eight of 400 people with 40 clicks each, one that reached nobody, and one that is too young."""
    ran = [campaign(f"c{n}", completed_at=START).sent(400).delivered(400, clicked=40) for n in range(8)]
    broken = campaign("broken", completed_at=START).sent(400).failed(400)
    young = campaign("young", completed_at=START + timedelta(days=10), started_at=START + timedelta(days=10))
    warehouse = followed(duckdb, small_database(*ran, broken, young.sent(900).delivered(900, clicked=800)), 14)
    plan = metrics.plan_test(warehouse, "acme")
    assert plan[["channel", "campaigns", "usual_people"]].to_numpy().tolist() == [["email", 8, 400]]
    assert plan["rate"].iloc[0] == pytest.approx(0.1, abs=1e-3)
    assert plan["people_per_arm"].iloc[0] == metrics.plan_test(rate=plan["rate"].iloc[0])["people_per_arm"].iloc[0]
    given = metrics.plan_test(warehouse, "acme", rate=0.2)
    assert given[["channel", "campaigns", "usual_people"]].to_numpy().tolist() == [["given", 8, 400]]
    assert metrics.plan_test(warehouse, "acme", metric="unsubscribed").empty
    given = metrics.plan_test(warehouse, "acme", rate=0.2, metric="unsubscribed")
    assert given[["channel", "campaigns"]].to_numpy().tolist() == [["given", 0]]


def test_campaigns_that_lie_apart_find_less_and_at_last_nothing(monkeypatch):
    usual = {"channel": "email", "campaigns": 30, "rate": 0.04, "usual": 20_000}
    needed = []
    for spread in (0.0, 0.01, 0.02, 0.1):
        own = [usual | {"spread": Spread(30, spread)}]
        monkeypatch.setattr(people, "_own_rates", lambda *_, own=own: own)
        needed.append(metrics.plan_test("a warehouse", "ours", lift=0.2).iloc[0])
    assert needed[0]["not_split"] == needed[0]["people_per_arm"] < needed[1]["not_split"] < needed[2]["not_split"]
    assert needed[3].isna()["not_split"]
    assert {one["people_per_arm"] for one in needed} == {needed[0]["people_per_arm"]}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "give a rate"),
        ({"rate": 0}, "between 0 and 1"),
        ({"rate": 4}, "between 0 and 1"),
        ({"rate": math.nan}, "between 0 and 1"),
        ({"rate": 0.9, "lift": 0.2}, "cannot rise"),
        ({"rate": 0.1, "lift": 0}, "the lift is 0"),
        ({"rate": 0.1, "lift": math.nan}, "the lift is nan"),
        ({"rate": 0.1, "lift": -1}, "the lift is -1"),
        ({"rate": 0.1, "arms": 1}, "2 to 20 arms"),
        ({"rate": 0.1, "people": 3}, "too few"),
        ({"rate": 0.1, "metric": "klicked"}, "clicked"),
    ],
)
def test_what_cannot_be_planned_is_said(asked, said):
    with pytest.raises(InvalidParameters, match=said):
        metrics.plan_test(**asked)


def test_the_command_needs_no_database_for_a_rate():
    told = reportlib("plan-test", "--rate", "0.04", "--lift", "0.1", "--arms", "3", database=None)
    assert told.returncode == 0, told.stderr
    assert "4.00 %" in told.stdout
    assert f"{metrics.plan_test(rate=0.04, arms=3)['people_per_arm'].iloc[0]:,}" in told.stdout
    assert "cannot rise" in reportlib("plan-test", "--rate", "0.9", "--lift", "0.5", database=None).stderr
