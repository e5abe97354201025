"""What stands beside a verdict on clicks: the past of the same people in an experiment, and those in both campaigns."""

from datetime import timedelta

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from reportlib import metrics
from reportlib.metrics.comparison.design import same_people
from reportlib.metrics.statistics import two_means
from reportlib.metrics.statistics.two_means import Amounts
from tests.metrics.comparison import past_clicks_calibration as calibration
from tests.small_database import START, followed, small_database

DAY = timedelta(days=1)


def clicked(database, campaign, contact, at):
    return database.event(database.message(campaign, contact, at=at), "clicked")


def experiment(duckdb, experiment_id="x"):
    """Two arms of 200; before them a campaign that every fourth clicked, who click again; one after, that all click."""
    database = small_database()
    database.campaign("earlier", start=START - 9 * DAY)
    for number, (name, clicks) in enumerate((("a", 40), ("b", 80))):
        start = START + timedelta(minutes=number)
        database.campaign(name, start=start, completed_at=start, experiment_id=experiment_id, variant=name)
        for person in range(200):
            contact = f"{name}{person:03}"
            database.contact(contact)
            before = database.message("earlier", contact, at=START - 9 * DAY)
            if person % 4 == 0:
                database.event(before, "clicked")
            message = database.message(name, contact, at=start)
            if person % 4 in (0, 1) and person < 2 * clicks:
                database.event(message, "clicked")
    database.campaign("afterwards", start=START + 9 * DAY)
    for person in range(200):
        clicked(database, "afterwards", f"a{person:03}", START + 9 * DAY)
    return followed(duckdb, database, 14)


@pytest.mark.slow
def test_past_clicks_are_those_before_and_the_verdict_stays_the_plain_one(duckdb):
    warehouse = experiment(duckdb)
    compared = metrics.comparable(warehouse, ["a", "b"])
    past = same_people.past_clicks(warehouse, compared)
    assert past.groupby("campaign_id")["people"].sum().to_dict() == {"a": 200, "b": 200}
    did = past[past["did"] == 1].groupby("campaign_id")["people"].sum()
    assert did.tolist() == compared["clicked"].tolist()
    assert past[past["before"] == 1].groupby("campaign_id")["people"].sum().tolist() == [50, 50]
    (verdict,) = metrics.compare_campaigns(compared, metrics.design(warehouse, compared))
    (said,) = [reason.text for reason in verdict.reasons if reason.guard == "past clicks"]
    assert "the difference is +" in said and "The plain difference decides." in said
    assert (verdict.count, verdict.base) == (int(compared["clicked"].iloc[1]), 200)


def test_it_is_the_regression_of_the_outcome_on_arm_and_past():
    """By least squares person by person, where both arms have the same past on average."""
    did, before = np.array([0.0, 1, 0, 1]), np.array([0.0, 0, 1, 1])
    arms = [Amounts(did, np.array(people), 1_000, before) for people in ([700, 40, 200, 60], [705, 35, 215, 45])]
    outcome, arm, before = (
        np.concatenate([np.repeat(part, one.people) for one, part in zip(arms, parts, strict=True)])
        for parts in ([one.values for one in arms], [np.ones(4), np.zeros(4)], [one.before for one in arms])
    )
    fitted = OLS(outcome, np.column_stack([np.ones(len(outcome)), arm, before])).fit()
    estimate, low, high, _ = two_means.adjusted(*arms)
    assert estimate == pytest.approx(fitted.params[1], abs=1e-4)
    assert (high - low) / 2 == pytest.approx(1.96 * fitted.bse[1], rel=0.01)


@pytest.mark.parametrize("lift", [0.0, 0.1])
def test_it_holds_the_truth_and_is_narrower_as_the_correlation_says(lift):
    found = calibration.row(np.random.default_rng(1), 0.2, 2, 10, lift, runs=400)
    assert 0.91 <= found["adjusted"][0] <= 0.985
    assert found["narrower"] == pytest.approx(found["expected"], abs=0.01) and found["expected"] > 0.05


def test_two_campaigns_to_the_same_people_have_mcnemars_beside_them(duckdb):
    database = small_database()
    for name, start in (("first", START), ("second", START + timedelta(days=1))):
        database.campaign(name, start=start, completed_at=start)
    for person in range(200):
        database.contact(f"p{person}")
        for name, clickers in (("first", range(60)), ("second", range(40, 70))):
            message = database.message(name, f"p{person}", at=START + DAY * (name == "second"))
            if person in clickers:
                database.event(message, "clicked")
    for person in range(30):
        database.contact(f"q{person}")
        clicked(database, "second", f"q{person}", START + DAY)
        database.message(
            "first", f"q{person}", "failed", at=START
        )  # refused, and sent to again: they could not click it
    warehouse = followed(duckdb, database, 14)
    compared = metrics.comparable(warehouse, ["first", "second"])
    twice = same_people.clicked_twice(warehouse, compared)
    assert {(row.did_a, row.did_b): row.people for row in twice.itertuples()} == {
        (1, 1): 20, (1, 0): 40, (0, 1): 10, (0, 0): 130,
    }  # fmt: skip
    (verdict,) = metrics.compare_campaigns(compared, metrics.design(warehouse, compared))
    (said,) = [reason.text for reason in verdict.reasons if reason.guard == "same people"]
    assert "Of 200 people whom both reached, 10 clicked only the one and 40 only the other" in said
    assert "−15.00 points" in said and "McNemar p < 0.0001" in said
    assert verdict.arm == "Campaign second"
    assert same_people.of_both(twice[twice["did_a"] == 9], "first", "second", 200, 0.95) is None
