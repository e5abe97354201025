"""Which campaigns are a week's, which accounts there are, and what is open."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.errors import InvalidParameters, UnknownTimeZone
from reportlib.metrics import Week
from tests.small_database import SmallDatabase, fill

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def database_of(zone="UTC", **campaigns):
    """An account "acme" in the zone, with campaigns of the columns given."""
    database = SmallDatabase()
    database.account("acme", zone)
    for campaign_id, columns in campaigns.items():
        database.campaign(campaign_id, **columns)
    return database


def weeks_of(warehouse, weeks=26):
    frame = metrics.campaigns_by_week(warehouse, "acme", Week(2026, 46), weeks)
    return dict(zip(frame["campaign_id"], frame["week"], strict=True))


def test_a_campaign_is_of_the_week_in_which_its_sending_finished(engine):
    database = database_of(
        over_the_weekend={"start": MONDAY - 2 * HOUR, "completed_at": MONDAY + HOUR},
        before={"start": MONDAY - DAY, "completed_at": MONDAY - timedelta(milliseconds=1)},
        started_only={"start": MONDAY + DAY},
        scheduled_only={"start": None, "scheduled_at": MONDAY + 2 * DAY, "status": "sent"},
        later={"start": MONDAY, "completed_at": MONDAY + 7 * DAY},
        long_ago={"start": MONDAY - 700 * DAY},
        never={"start": None},
        running={"start": MONDAY, "status": "sending"},
        waiting={"start": None, "status": "scheduled", "scheduled_at": MONDAY},
    )
    warehouse = fill(engine, database)
    this, last = "2026-W46", "2026-W45"
    assert weeks_of(warehouse) == {
        "scheduled_only": this,
        "started_only": this,
        "over_the_weekend": this,
        "before": last,
    }
    assert set(weeks_of(warehouse, 1)) == {"scheduled_only", "started_only", "over_the_weekend"}


def test_a_campaign_cancelled_half_way_is_of_its_week_and_one_before_it_began_of_none(engine):
    cancelled = {"start": MONDAY, "status": "cancelled"}
    database = database_of(midway=cancelled, before=cancelled)
    for contact, status in (("ann", "failed"), ("bob", "delivered"), ("eve", "queued")):
        database.contact(contact)
        database.message("midway", contact, status=status)
    assert weeks_of(fill(engine, database)) == {"midway": "2026-W46"}


@pytest.mark.parametrize(("zone", "week"), [("UTC", "2026-W46"), ("America/Sao_Paulo", "2026-W45")])
def test_the_week_is_that_of_the_accounts_clock(duckdb, zone, week):
    warehouse = fill(duckdb, database_of(zone, a={"start": MONDAY, "completed_at": MONDAY + 2 * HOUR}))
    assert weeks_of(warehouse) == {"a": week}


def test_another_accounts_campaigns_are_not_its_own(duckdb):
    database = database_of(a={"start": MONDAY})
    database.account("other")
    database.campaign("b", account="other", start=MONDAY)
    assert weeks_of(fill(duckdb, database)) == {"a": "2026-W46"}


def test_two_campaigns_of_one_name_are_told_apart_and_marks_that_turn_text_are_left_out(duckdb):
    database = database_of(a={"start": MONDAY}, b={"start": MONDAY}, c={"start": MONDAY})
    for row, name in zip(database.campaigns, ("Sale", "Sale", "\u202elive"), strict=True):
        row["name"] = name
    frame = metrics.campaigns_by_week(fill(duckdb, database), "acme", Week(2026, 46), 1)
    assert frame["label"].tolist() == ["Sale (a)", "Sale (b)", "live"]
    assert (str(frame["week"].dtype), str(frame["finished_at"].dtype)) == ("str", "datetime64[ms, UTC]")


def test_the_only_account_needs_no_name(duckdb):
    database = database_of()
    assert metrics.select_account(fill(duckdb, database))["account_id"] == "acme"
    database.account("zenith")
    warehouse = fill(duckdb, database)
    with pytest.raises(InvalidParameters, match="there are 2 accounts, say which: acme, zenith"):
        metrics.select_account(warehouse)
    with pytest.raises(InvalidParameters, match="no account 'acne', did you mean 'acme'"):
        metrics.select_account(warehouse, "acne")
    with pytest.raises(InvalidParameters, match="there is no account"):
        metrics.select_account(fill(duckdb, SmallDatabase()))


def test_ids_of_accounts_are_compared_as_text(duckdb):
    database = SmallDatabase()
    database.account(7)
    database.campaign(1, account=7, start=MONDAY)
    warehouse = fill(duckdb, database)
    assert metrics.select_account(warehouse, "7")["account"] == "Account 7"
    assert len(metrics.campaigns_by_week(warehouse, "7", Week(2026, 46), 1)) == 1


def test_an_account_in_no_zone_is_an_error(duckdb):
    with pytest.raises(UnknownTimeZone, match="Mars"):
        metrics.select_account(fill(duckdb, database_of("Mars/Olympus")), "acme")


def test_open_campaigns_are_those_sending_and_scheduled(duckdb):
    database = database_of(
        running={"start": MONDAY, "status": "sending", "audience": 5},
        waiting={"start": None, "status": "scheduled", "scheduled_at": MONDAY + DAY, "audience": 9},
        over={"start": MONDAY},
        idea={"start": None, "status": "draft"},
    )
    for contact, status in enumerate(("queued", "sent", "delivered")):
        database.contact(contact := f"c{contact}")
        database.message("running", contact, status, at=MONDAY)
    frame = metrics.open_campaigns(fill(duckdb, database), "acme")
    rows = frame[["campaign_id", "audience", "not_sent", "pending"]].astype(object).where(frame.notna(), None)
    assert rows.to_numpy().tolist() == [["running", 5, 3, 1], ["waiting", 9, None, None]]


def test_an_experiment_is_ripe_in_the_week_in_which_its_last_campaign_finished(duckdb):
    def ripe(**changes):
        arms = {name: {"start": MONDAY - DAY, "experiment_id": "x", "variant": name} for name in "ab"}
        arms["a"] |= {"completed_at": MONDAY + HOUR} | changes
        alone = {"start": MONDAY, "experiment_id": "y"}
        warehouse = fill(duckdb, database_of(**arms, alone=alone))
        chosen = metrics.campaigns_by_week(warehouse, "acme", Week(2026, 46), 12)
        return metrics.ripe_experiments(warehouse, chosen, Week(2026, 46))["campaign_id"].tolist()

    assert ripe() == ["a", "b"]
    assert ripe(completed_at=MONDAY - HOUR) == []  # it was over the week before
    assert ripe(completed_at=MONDAY + 8 * DAY) == []
    assert ripe(status="sending") == []


def test_nothing_of_nobody(duckdb):
    warehouse = fill(duckdb, database_of())
    assert weeks_of(warehouse) == {}
    assert metrics.open_campaigns(warehouse, "acme").empty
    figures = metrics.weekly_figures(warehouse, "acme", "2026-W46")
    assert figures.ledger["audience"].tolist() == [0]
    assert pd.isna(figures.data_as_of)
