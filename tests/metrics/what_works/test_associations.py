"""Facts of campaigns, and what goes with them, against least squares of statsmodels and by construction."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from reportlib import metrics
from reportlib.metrics.statistics.within_groups import association, observations
from reportlib.metrics.what_works.associations import MORE, UNTOLD, associations
from reportlib.metrics.what_works.facts import facts, words
from reportlib.metrics.what_works.to_test import worth_testing
from tests.metrics.what_works import simulation
from tests.small_database import START, SmallDatabase, fill, in_memory_engine


@pytest.fixture(scope="module")
def accounts():
    return simulation.campaigns(np.random.default_rng(7), 60, np.log(1.6))


def test_facts_are_those_of_the_accounts_clock_and_of_what_was_said():
    database = SmallDatabase()
    database.account("acme", "America/Sao_Paulo")
    database.segment("s", name="Regulars")
    late = START + timedelta(hours=15)  # Monday 24 h in UTC, 21 h there
    database.campaign("a", start=late, completed_at=late, segment_id="s", template_id="t1")
    database.attribute(
        "a", subject="Was lesen Sie im Herbst? 📚", tags="Books, autumn ,", sender="Ana", planned_share="9"
    )
    database.attribute("a", question="Which?", decision="this one")
    engine = in_memory_engine()
    chosen = metrics.campaigns_by_week(fill(engine, database), "acme", metrics.Week(2026, 45), 12)
    warehouse = fill(engine, database)
    found = facts(warehouse, chosen, "America/Sao_Paulo")
    engine.dispose()
    told = found.groupby("fact")["value"].agg(set).to_dict()
    assert told == {
        "weekday": {"Monday"},
        "hour": {"after 18 h"},
        "audience": {"Regulars"},
        "template": {"t1"},
        "sender": {"Ana"},
        "tag": {"Books", "autumn"},
        "length of the subject": {"up to 30 characters"},
        "question in the subject": {"yes"},
        "number in the subject": {"no"},
        "picture in the subject": {"yes"},
        "word in the subject": {"lesen", "herbst"},
    }
    assert words("40 % auf ALLE Bücher_2") == {"alle", "bücher"}


def test_a_fact_is_a_regression_within_channels(accounts):
    told, of = accounts
    observed, shares = observations(told)
    holds = (of[of["fact"] == "fact 0"].set_index("campaign_id")["value"] == "yes").loc[observed.index].tolist()
    found = association(observed, shares, holds)
    design = np.column_stack([shares.to_numpy(), holds])
    weights = 1 / (observed["variance"] + found.spread**2)
    fitted = sm.WLS(observed["log_odds"], design, weights).fit()
    left = float((weights * fitted.resid**2).sum())
    assert left == pytest.approx(found.freedom)  # Paule and Mandel's: what is left is as much as chance would leave
    assert found.estimate == pytest.approx(fitted.params.iloc[-1]) and found.error == pytest.approx(fitted.bse.iloc[-1])
    assert found.p_value == pytest.approx(fitted.pvalues.iloc[-1])
    low, high = found.interval(found.p_value)
    assert min(abs(low), abs(high)) == pytest.approx(0, abs=1e-9)
    assert association(observed, shares, shares["sms"] > 0) is None  # the fact is the channel


def test_a_campaign_on_two_channels_is_one_observation():
    rows = {
        "campaign_id": [1, 1, 2],
        "channel": ["email", "sms", "sms"],
        "count": [50, 10, 10],
        "base": [1000, 500, 500],
    }
    observed, shares = observations(pd.DataFrame(rows))
    assert observed.index.tolist() == [1, 2] and shares.sum(axis=1).tolist() == pytest.approx([1, 1])
    assert 0 < shares.loc[1, "sms"] < shares.loc[1, "email"] and shares.loc[2].tolist() == [0, 1]
    assert observed.loc[1, "variance"] < observed.loc[2, "variance"]


def test_what_has_an_effect_is_told_apart_and_what_has_none_is_not(accounts):
    told, of = accounts
    found = associations(told, of)
    assert len(found) == 10 and (found["campaigns"] + found["others"]).eq(60).all()  # yes and no are one question
    first = found.iloc[0]
    assert (first["fact"], first["value"], first["word"]) == ("fact 0", "yes", MORE)
    assert 0 < first["drawn"] < first["lift"] and first["low"] > 0 and first["level"] == pytest.approx(0.005)
    assert found["word"].iloc[1:].eq(UNTOLD).all()
    asked = worth_testing(found, told)
    assert asked["fact"].iloc[0] == "fact 0" and len(asked) <= 3
    size = 2 * asked["per_arm"].iloc[0] / told["base"].median()
    assert asked["sends"].iloc[0] == pytest.approx(size)


def test_few_campaigns_and_none_are_asked_nothing(accounts):
    told, of = accounts
    assert associations(told, of, fewest=31).empty
    assert associations(told.head(4), of).empty
    assert worth_testing(associations(told.head(0), of.head(0)), told.head(0)).empty


@pytest.mark.slow
def test_where_nothing_has_an_effect_few_accounts_have_one_told_apart():
    false, _ = simulation.facts(20, 0.0, 40)
    assert false <= 0.1
