"""Campaigns of some weeks at the same age after their sending: against the oracle, and which age that is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from reportlib import metrics
from reportlib.metrics import Week
from reportlib.metrics.weekly.iso_week import week_of_day
from reportlib.warehouse.contract.tables import FINISHED_STATUSES
from tests import examples, oracle
from tests.metrics.against_oracle import plain
from tests.metrics.test_against_oracle import BRIEF
from tests.random_database import databases
from tests.small_database import SmallDatabase, fill

COUNTS = ("audience", "sent", "delivered", "failed", "opened", "clicked")
HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 15, 18, tzinfo=UTC)


def finished_at(row):
    return row.get("completed_at") or row["started_at"] or row.get("scheduled_at")


def age_compared(database, rows):
    """Whole hours: the age of the youngest that is a day old, a week at most; a day where none is."""
    now = oracle.data_as_of(database)
    ages = [max(now - finished_at(row), timedelta(0)) for row in rows] if now else []
    return min([168, *(age // HOUR for age in ages if age >= 24 * HOUR)]) if any(
        age >= 24 * HOUR for age in ages
    ) else 24  # fmt: skip


@settings(BRIEF, max_examples=examples(3))
@given(databases(), st.integers(0, 200), st.sampled_from((1, 2)))
def test_counts_are_those_of_the_same_age_after_sending(duckdb, database, hours, which):
    for row, later in zip(database.campaigns, (0, hours, 2 * hours, hours // 2, 0), strict=True):
        row["completed_at"] = row["started_at"] and row["started_at"] + later * HOUR
    account = database.accounts[which - 1]["account_id"]
    rows = [r for r in database.campaigns if r["account_id"] == account and r["status"] in FINISHED_STATUSES]
    rows = [row for row in rows if finished_at(row) and oracle.is_reportable(database, row)]
    last = max((week_of_day(finished_at(row).date()) for row in rows), default=Week(2026, 1)).previous(-1)
    warehouse = fill(duckdb, database)
    chosen = metrics.campaigns_by_week(warehouse, account, last, 104)
    frame = metrics.campaign_history(warehouse, chosen)
    hours_compared = age_compared(database, rows)
    until = {row["campaign_id"]: finished_at(row) + hours_compared * HOUR for row in rows}
    then, ids = (
        oracle.as_it_stood(database, lambda message: until.get(message["campaign_id"])),
        [row["campaign_id"] for row in rows],
    )
    expected = {}
    for by in (("campaign_id",), ("campaign_id", "channel")):
        did = oracle.engagement(then, ids, by)
        for group, ledger in oracle.delivery(then, ids, by).items():
            key = (group[0], group[1] if len(by) == 2 else "all")
            expected[key] = {name: {**ledger, **did[group]}[name] for name in COUNTS}
    found = {
        (str(row["campaign_id"]), row["channel"]): {name: plain(row[name]) for name in COUNTS}
        for row in frame.to_dict("records")
    }
    assert found == expected
    assert set(frame["compared_hours"]) <= {hours_compared}
    now = oracle.data_as_of(database)
    old = {str(row["campaign_id"]): now and now - finished_at(row) >= hours_compared * HOUR for row in rows}
    assert all(row.old_enough == bool(old[str(row.campaign_id)]) for row in frame.itertuples())


@pytest.mark.parametrize(
    ("ages", "compared", "old_enough"),
    [
        ([30, 400], 30, [True, True]),
        ([30.9, 400], 30, [True, True]),
        ([2, 30, 400], 30, [False, True, True]),  # not judged, and it does not make the others young
        ([400, 500], 168, [True, True]),
        ([2, 3], 24, [False, False]),
        ([24], 24, [True]),
    ],
)
def test_the_age_is_the_one_of_the_youngest_that_is_a_day_old(duckdb, ages, compared, old_enough):
    database = SmallDatabase(opened_at=NOW)
    database.account("acme")
    for number, age in enumerate(ages):
        database.campaign(f"c{number}", start=NOW - age * HOUR - HOUR, completed_at=NOW - age * HOUR)
    database.contact("ann")
    database.event(database.message("c0", "ann", at=NOW - 2 * HOUR), occurred_at=NOW)
    warehouse = fill(duckdb, database)
    frame = metrics.campaign_history(warehouse, metrics.campaigns_by_week(warehouse, "acme", Week(2026, 46), 12))
    whole = frame[frame["channel"] == "all"]
    assert set(whole["compared_hours"]) == {compared}
    assert whole["old_enough"].tolist() == old_enough


def test_lost_receipts_are_no_measure_of_what_is_usual(duckdb):
    database, weeks = SmallDatabase(opened_at=NOW), 8
    database.account("acme")
    for week in range(weeks):
        at = NOW - timedelta(weeks=weeks - week)
        database.campaign(f"w{week}", start=at, completed_at=at)
        for number in range(200):
            became = "failed" if number < 4 else "sent" if number < (100 if week == 5 else 10) else "delivered"
            database.contact(f"p{number}")
            database.message(f"w{week}", f"p{number}", became, "sms", at=at, provider="twilio")
    database.outcome("p0", at=NOW)  # so that the last is a week old
    warehouse, last = fill(duckdb, database), week_of_day((NOW - timedelta(weeks=1)).date())
    frame = metrics.campaign_history(warehouse, metrics.campaigns_by_week(warehouse, "acme", last, weeks))
    lost = frame[frame["receipts_missing"]]
    assert set(zip(lost["campaign_id"], lost["channel"], strict=True)) == {("w5", "sms"), ("w5", "all")}
    asked = metrics.week_verdicts(frame, last, ("delivered", "failed")).set_index("metric")
    assert asked["history"].to_dict() == {"delivered": weeks - 2, "failed": weeks - 1}
    assert asked.loc["delivered", ["verdict", "expected"]].tolist() == ["as usual", pytest.approx(0.95, abs=0.01)]
    its_own = metrics.week_verdicts(frame, last.previous(2), ("delivered", "failed"))
    assert its_own["metric"].tolist() == ["failed"]
    trend = metrics.weekly_trends(frame, last, weeks)
    assert trend.loc[trend["metric"] == "delivered", "history"].unique().tolist() == [weeks - 2]
