"""Hour and weekday in the account's own time, by hand; every cell against zoneinfo is in test_against_oracle.py."""

from datetime import UTC, datetime

import pytest

from reportlib import metrics
from tests.small_database import campaign, fill, small_database


def cells(frame):
    return [tuple(row) for row in frame[["weekday", "hour", "events"]].itertuples(index=False)]


@pytest.mark.parametrize(
    ("timezone", "moment", "weekday", "hour"),
    [
        ("UTC", "2026-11-01T23:59:59", 7, 23),  # Sunday
        ("UTC", "2026-11-02T00:00:00", 1, 0),  # Monday
        ("Asia/Kathmandu", "2026-11-01T18:14:59", 7, 23),  # +5:45
        ("Asia/Kathmandu", "2026-11-01T18:15:00", 1, 0),
        ("Asia/Kolkata", "2026-11-01T18:30:00", 1, 0),  # +5:30
        ("America/Sao_Paulo", "2026-01-01T02:59:59", 3, 23),  # still Wednesday, and the old year
        ("America/Sao_Paulo", "2018-12-31T13:00:00", 1, 11),  # while Brazil still had summer time
        ("Europe/Berlin", "2026-03-29T00:59:59", 7, 1),  # before and after spring
        ("Europe/Berlin", "2026-03-29T01:00:00", 7, 3),
        ("Europe/Berlin", "2026-10-25T00:30:00", 7, 2),  # autumn repeats this hour
        ("Europe/Berlin", "2026-10-25T01:30:00", 7, 2),
        ("Australia/Lord_Howe", "2026-04-04T14:45:00", 7, 1),  # +11, then by half an hour back to +10:30
        ("Australia/Lord_Howe", "2026-04-04T15:15:00", 7, 1),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00", 7, 2),  # and forward, over half an hour that never was
        ("America/St_Johns", "2010-03-14T03:30:59", 7, 0),  # spring came there at one minute past midnight
        ("America/St_Johns", "2010-03-14T03:31:00", 7, 1),
        ("Pacific/Apia", "2026-11-01T11:00:00", 1, 0),  # across the date line
    ],
)
def test_account_time(engine, timezone, moment, weekday, hour):
    database = small_database(campaign("a").sent(1), timezone=timezone)
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    database.messages[0] |= {"queued_at": at, "sent_at": at}
    database.event(database.messages[0], "opened", occurred_at=at)
    frame = metrics.activity(fill(engine, database), "a")
    assert cells(frame) == [(weekday, hour, 1)]
    assert frame.attrs["timezone"] == timezone


def test_every_event_counts_in_its_own_account_zone(duckdb):
    database = small_database(campaign("a").sent(1, channel="whatsapp").delivered(1, opened=1), timezone="Asia/Kolkata")
    database.account("other", "America/Sao_Paulo")
    campaign("b", account="other").sent(1, channel="sms").delivered(1, clicked=1).add_to(database)
    warehouse = fill(duckdb, database)
    frame = metrics.activity(warehouse).set_index("kind")
    assert frame.hour.to_dict() == {"opened": 14, "clicked": 6}  # 09:10 UTC
    assert "account" in frame.attrs["timezone"]
    assert metrics.activity(warehouse, None, "UTC").hour.to_list() == [9, 9]


def test_machine_events_are_told_apart(duckdb):
    database = small_database(campaign("a").sent(1).delivered(1))
    for machine in (True, True, False, None):
        database.event(database.messages[0], "opened", machine=machine)
    frame = metrics.activity(fill(duckdb, database), "a")
    assert (frame.events.to_list(), frame.machine_events.to_list()) == ([4], [2])
