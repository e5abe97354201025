"""When messages were sent, delivered and failed: local buckets, and an end that agrees with the ledger."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given

from reportlib import metrics
from tests.metrics.test_against_oracle import BRIEF
from tests.random_database import databases
from tests.small_database import MINUTE, START, campaign, fill, small_database


def one_message_per_person(database):
    """The same database with only the first message to each person, whose times are in order."""
    first = {(row["campaign_id"], row["contact_id"]): row for row in reversed(database.messages)}
    database.messages = list(first.values())
    kept = {row["message_id"] for row in database.messages}
    database.events = [row for row in database.events if row["message_id"] in kept]
    return database


@BRIEF
@given(databases())
def test_the_end_is_the_ledger(duckdb, database):
    warehouse = fill(duckdb, one_message_per_person(database))
    frame, ledger = metrics.delivery_timeline(warehouse), metrics.delivery(warehouse).iloc[0]
    shown = frame[["sent", "delivered", "failed"]].sum()
    assert shown.sum() + frame.attrs["untimed"] == ledger.sent + ledger.delivered + ledger.failed
    if frame.attrs["untimed"] == 0 and len(frame):
        last = frame.iloc[-1]
        assert last[["sent_cumulative", "delivered_cumulative", "failed_cumulative", "pending"]].to_list() == [
            ledger.sent,
            ledger.delivered,
            ledger.failed,
            ledger.pending,
        ]


def test_pending_is_never_negative_where_times_are_in_order(engine):
    database = small_database(campaign("a").sent(40).delivered(30).failed(5))
    frame = metrics.delivery_timeline(fill(engine, database), "a")
    assert frame.pending.min() >= 0
    assert frame.pending.max() > 0
    assert frame.pending.iloc[-1] == 5


def test_a_delivery_stamped_before_its_sending_leaves_nothing_below_zero(duckdb):
    """Two clocks: the provider's delivery may come a few seconds before our own record of the hand-over."""
    database = small_database(campaign("a").sent(1).delivered(1, delivered_at=START - timedelta(seconds=2)))
    assert metrics.delivery_timeline(fill(duckdb, database), "a").pending.min() >= 0


def test_each_time_is_in_its_local_bucket(engine):
    """Kathmandu is 5 h 45 min ahead: 18:14:59 UTC is the last second of its day."""
    at = datetime(2026, 11, 1, 18, 14, 59, tzinfo=UTC)
    database = small_database(campaign("a"), timezone="Asia/Kathmandu")
    database.contact("ann")
    database.message("a", "ann", at=at, delivered_at=at + timedelta(seconds=1))
    frame = metrics.delivery_timeline(fill(engine, database), "a")
    assert frame.attrs["timezone"] == "Asia/Kathmandu"
    assert frame.bucket.to_list() == [pd.Timestamp("2026-11-01 23:59"), pd.Timestamp("2026-11-02 00:00")]
    assert (frame.sent.to_list(), frame.delivered.to_list()) == ([1, 0], [0, 1])
    in_utc = metrics.delivery_timeline(fill(engine, database), "a", "UTC")
    assert in_utc.bucket.to_list() == [pd.Timestamp("2026-11-01 18:14"), pd.Timestamp("2026-11-01 18:15")]


def test_the_hour_that_autumn_repeats_is_one_bucket(duckdb):
    database = small_database(campaign("a"), timezone="Europe/Berlin")
    for contact, hour in (("ann", 0), ("bob", 1)):  # 02:30 summer time, 02:30 winter time
        database.contact(contact)
        database.message("a", contact, "sent", at=datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
    frame = metrics.delivery_timeline(fill(duckdb, database), "a")
    assert frame.bucket.to_list() == [pd.Timestamp("2026-10-25 02:30")]
    assert frame.sent.to_list() == [2]


@pytest.mark.parametrize(
    ("length", "at_most"),
    [(5 * MINUTE, 30), (timedelta(hours=2), 150), (timedelta(days=1), 150), (timedelta(days=20), 150)],
)
def test_the_bucket_fits_the_length_of_the_campaign(duckdb, length, at_most):
    database = small_database(campaign("a"))
    for number in range(50):
        database.contact(number)
        database.message("a", number, "sent", at=START + length * number / 49)
    frame = metrics.delivery_timeline(fill(duckdb, database), "a")
    minutes = frame.attrs["bucket_minutes"]
    assert 5 <= len(frame) <= at_most
    assert 60 % minutes == 0 or minutes % 60 == 0
    assert frame.sent.sum() == 50
    assert set(frame.bucket.diff().dropna()) == {pd.Timedelta(minutes=minutes)}


def test_years_have_weeks_and_months_and_no_more_rows(duckdb):
    """Messages of 2001 and of 2090 are stragglers; 16 years of messages are 3 times 28 days to a bucket."""
    database = small_database(campaign("a"))
    for number in range(1000):
        database.message("a", number, "sent", at=START - timedelta(days=5940) * number / 999)
    frame = metrics.delivery_timeline(fill(duckdb, database), "a")
    assert len(frame) <= 98
    assert frame.attrs["bucket_minutes"] == 3 * 28 * 1440
    for number, year in enumerate((2001, 2002, 2090)):
        database.message("a", -number, "sent", at=datetime(year, 1, 5, tzinfo=UTC))
    far = metrics.delivery_timeline(fill(duckdb, database), "a")
    assert far.attrs["bucket_minutes"] == 3 * 28 * 1440
    assert len(far) <= 98 + 3
    assert far.sent.sum() == 1003


@pytest.mark.slow
def test_stragglers_have_a_bounded_number_of_rows(duckdb):
    database = small_database(campaign("a"))
    for number in range(40_000):
        day = number - 200 if number < 400 and number != 200 else 0
        database.message("a", number, "sent", at=START + timedelta(days=2 * day))
    frame = metrics.delivery_timeline(fill(duckdb, database), "a")
    assert frame.sent.sum() == 40_000
    assert len(frame) <= 3 * 97


def test_weeks_begin_on_monday(duckdb):
    database = small_database(campaign("a"))
    for number in range(50):
        database.message("a", number, "sent", at=START + timedelta(days=4 * number))
    frame = metrics.delivery_timeline(fill(duckdb, database), "a")
    assert frame.attrs["bucket_minutes"] == 7 * 1440
    assert set(frame.bucket.dt.day_of_week) == {0}


def test_outcomes_without_a_time_are_counted_and_not_drawn(duckdb):
    database = small_database(campaign("a").sent(2).delivered(2), campaign("b").sent(3).delivered(3))
    database.messages[0]["delivered_at"] = None
    database.messages[1] |= {"sent_at": None, "delivered_at": None}
    frame = metrics.delivery_timeline(fill(duckdb, database), "a")
    assert (frame.sent.sum(), frame.delivered.sum(), frame.attrs["untimed"]) == (1, 0, 3)


def test_a_late_callback_is_drawn_when_the_receiver_first_acted(duckdb):
    database = small_database(campaign("a").sent(1))
    for after in (20, 5):
        database.event(database.messages[0], "clicked", after=after * MINUTE)
    frame = metrics.delivery_timeline(fill(duckdb, database), "a").set_index("bucket")
    assert frame.delivered[frame.delivered > 0].index.to_list() == [pd.Timestamp("2026-11-02 09:05")]


def test_queued_messages_are_not_drawn(duckdb):
    frame = metrics.delivery_timeline(fill(duckdb, small_database(campaign("a").queued(3).sent(1))), "a")
    assert frame.sent.sum() == 1


def test_accounts_of_several_zones_are_drawn_in_utc(duckdb):
    database = small_database(campaign("a").sent(1), timezone="Europe/Berlin")
    database.account("other", "Asia/Kolkata")
    campaign("b", account="other").sent(1).add_to(database)
    warehouse = fill(duckdb, database)
    assert metrics.delivery_timeline(warehouse).attrs["timezone"] == "UTC"
    assert metrics.delivery_timeline(warehouse, "b").attrs["timezone"] == "Asia/Kolkata"


def test_a_refusal_at_once_was_sent_when_it_failed(duckdb):
    database = small_database(campaign("a").sent(1).failed(1, sent_at=None))
    frame = metrics.delivery_timeline(fill(duckdb, database), "a")
    assert (frame.sent.to_list(), frame.failed.to_list(), frame.attrs["untimed"]) == ([1], [1], 0)
