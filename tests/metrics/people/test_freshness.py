"""A feed that ended before the rest of the data is told, and no silence that there is by itself."""

from datetime import UTC, datetime, timedelta

import numpy as np

from reportlib import metrics
from reportlib.presentation.look import feeds
from reportlib.presentation.look.head import provenance
from tests.metrics.people.silent_feeds import shares
from tests.small_database import NOW, SmallDatabase, fill

PEOPLE = 240
MONDAY, THURSDAY, FRIDAY = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (16, 19, 20))
HOURS = 0.7 * ((np.arange(PEOPLE) + 0.5) / PEOPLE) ** -1.25 - 0.7  # from a message to its click: most soon, some late
PROVIDERS = {"email": "ses", "whatsapp": "whatsapp"}
UNTIL = FRIDAY + timedelta(hours=6)
BREAKS_OFF = THURSDAY + timedelta(hours=1)


def sent(database, channel, at, until=UNTIL, account="acme"):
    """A campaign everybody clicks, but for what comes later than `until`, as the database has it."""
    name = f"{channel} {at:%d}"
    database.campaign(name, account, start=at)
    for number, hours in enumerate(HOURS):
        contact, clicked_at = f"{account} {number}", at + timedelta(hours=float(hours))
        database.contact(contact, account)
        received = {"status": "sent"} if at > until else {}
        row = database.message(name, contact, channel=channel, provider=PROVIDERS[channel], at=at, **received)
        if clicked_at < until:
            database.event(row, "clicked", occurred_at=clicked_at)


def two_channels(email_until=UNTIL, until=UNTIL):
    database = SmallDatabase(opened_at=NOW)
    database.account("acme")
    for at in (MONDAY, THURSDAY):
        sent(database, "whatsapp", at, until)
        sent(database, "email", at, email_until)
    return database


def stopped(warehouse, campaigns=None):
    frame = metrics.freshness(warehouse, campaigns)
    return [(row.channel, row.feed) for row in frame[frame["stopped"]].itertuples()]


def test_events_and_receipts_that_end_are_told_on_every_engine(engine):
    database = two_channels(BREAKS_OFF)
    sent(database, "email", FRIDAY, BREAKS_OFF)
    warehouse = fill(engine, database)
    frame = metrics.freshness(warehouse)
    assert frame[["channel", "provider", "feed", "stopped"]].to_numpy().tolist() == [
        ["email", "ses", "events", True],
        ["email", "ses", "receipts", True],
        ["whatsapp", "whatsapp", "events", False],
        ["whatsapp", "whatsapp", "receipts", False],
    ]
    assert frame.loc[1, ["last", "expected"]].tolist() == [THURSDAY + timedelta(minutes=1), PEOPLE]
    clicks = [row["occurred_at"] for row in database.events if row["campaign_id"].startswith("email")]
    assert abs(frame.loc[0, "last"] - max(clicks)) < timedelta(milliseconds=1)
    said = "E-mail receipts by ses end at Thu 19 Nov 2026, 09:01, other data go on: 240 more were to be expected"
    assert said in feeds.ended(frame, "UTC")
    assert said in provenance(warehouse, "email 19", "x.yaml").text
    assert stopped(warehouse, "whatsapp 19") == []  # whose page is not about e-mails


def test_what_goes_on_has_not_ended(duckdb):
    assert stopped(fill(duckdb, two_channels())) == []


def test_an_hour_may_be_quiet(duckdb):
    for minutes, ended in ((40, []), (300, [("email", "events")])):
        database = two_channels(BREAKS_OFF, BREAKS_OFF + timedelta(minutes=minutes))
        assert stopped(fill(duckdb, database)) == ended


def test_a_channel_that_is_no_longer_used_has_not_ended(duckdb):
    database = SmallDatabase(opened_at=NOW)
    database.account("acme")
    sent(database, "email", MONDAY - timedelta(days=14))
    sent(database, "whatsapp", THURSDAY)
    assert stopped(fill(duckdb, database)) == []


def test_a_source_whose_receipts_never_come_has_none_that_end(duckdb):
    database = two_channels()
    for row in database.messages:
        if row["channel"] == "email":
            row |= {"status": "sent", "delivered_at": None}
    frame = metrics.freshness(fill(duckdb, database))
    assert frame[["channel", "feed"]].to_numpy().tolist() == [
        ["email", "events"],
        ["whatsapp", "events"],
        ["whatsapp", "receipts"],
    ]


def test_without_data_nothing_has_ended(duckdb):
    assert metrics.freshness(fill(duckdb, SmallDatabase())).empty


def test_nights_and_weekends_are_no_evidence():
    wrong, *found = shares("log-normal, sigma 1.5", "sleep", 0.05, times=40)
    assert wrong == 0 and min(found) > 0.3
