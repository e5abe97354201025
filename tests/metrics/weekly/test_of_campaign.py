"""One campaign against its account's history: as the review of its week has it."""

import pandas as pd

from reportlib import metrics
from tests.presentation.weekly.test_weekly import MONDAY, WEEK, database_of
from tests.small_database import fill, in_memory_engine

SAME = ["campaign_id", "channel", "metric", "count", "base", "rate", "low", "high", "verdict"]


def test_a_campaign_has_the_verdicts_of_its_week_and_one_on_failures():
    warehouse = fill(in_memory_engine(), database_of())
    found = metrics.campaign_verdicts(warehouse, "new")
    of_week = metrics.weekly_figures(warehouse, "acme", "2026-W46").verdicts
    pd.testing.assert_frame_equal(found[found["metric"] != "failed"][SAME], of_week[SAME])
    (failed,) = found[found["metric"] == "failed"].itertuples(index=False)
    assert (failed.count, failed.base, failed.verdict) == (2, 42, "as usual")


def test_later_campaigns_are_no_history_of_an_earlier_one():
    found = metrics.campaign_verdicts(fill(in_memory_engine(), database_of()), "week-6")
    assert set(found["history"]) == {0}
    assert set(found["verdict"]) == {"too little history"}


def test_of_a_campaign_that_is_sending_nothing_is_said():
    database = database_of()
    database.campaign("now", status="sending", start=MONDAY + WEEK)
    assert metrics.campaign_verdicts(fill(in_memory_engine(), database), "now").empty
