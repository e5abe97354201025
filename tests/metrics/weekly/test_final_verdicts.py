"""An experiment is final in the week in which it reaches its final age."""

import pandas as pd

from reportlib import metrics
from reportlib.metrics.weekly.final_verdicts import final_week
from tests.small_database import START, campaign, followed, small_database

FINISHED = {"completed_at": START, "experiment_id": "x"}


def finished(duckdb, days):
    arms = [campaign(name, variant=name, **FINISHED).sent(40).delivered(40, clicked=9) for name in "ab"]
    return followed(duckdb, small_database(*arms), days)


def finals(warehouse, week):
    return metrics.final_verdicts(warehouse, "acme", metrics.parse_week(week, warehouse.opened_ms, "UTC"))


def test_it_is_told_once_in_the_week_after(duckdb):
    warehouse = finished(duckdb, days=14)
    assert finals(warehouse, "2026-W45").empty  # in which it finished
    told = finals(warehouse, "2026-W46")
    assert told[["experiment_id", "arm", "baseline"]].to_numpy().tolist() == [["x", "Campaign b", "Campaign a"]]
    assert told["word"].tolist() == ["not distinguishable"]
    assert finals(warehouse, "2026-W47").empty


def test_arms_of_other_sizes_are_as_planned_where_the_plan_is_known(duckdb):
    arms = [
        campaign(name, variant=name, **FINISHED).sent(n).delivered(n, clicked=9) for name, n in (("a", 180), ("b", 20))
    ]
    words = []
    for shares in ({}, {"a": 9, "b": 1}):
        database = small_database(*arms)
        for name, share in shares.items():
            database.attribute(name, planned_share=str(share))
        words += finals(followed(duckdb, database, 14), "2026-W46")["word"].tolist()
    assert words == ["stopped", "higher"]


def test_not_before_the_data_reach_so_far(duckdb):
    assert finals(finished(duckdb, days=5), "2026-W46").empty


def test_the_final_week_is_on_the_accounts_clock():
    arms = pd.DataFrame({"finished_at": pd.to_datetime(["2026-11-01T23:30Z", None], utc=True)})
    assert final_week(arms, "UTC", 24) == "2026-W45"
    assert final_week(arms, "America/Sao_Paulo", 2) == "2026-W44"
    assert final_week(arms.tail(1), "UTC") is None
