"""What counts as engagement, on tables small enough to count by hand."""

from datetime import timedelta

import pandas as pd
import pytest

from reportlib import metrics
from tests.small_database import MINUTE, NOW, campaign, fill, small_database

SECOND, MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)


def engagement(engine, database, campaigns="a", by=()):
    return metrics.engagement(fill(engine, database), campaigns, by)


def test_people_and_events_are_counted_apart(engine):
    database = small_database(campaign("a").sent(3).delivered(3))
    ann, bob, _ = database.messages
    for after in (1, 2, 3):
        database.event(ann, "opened", after=after * MINUTE)
    database.event(ann, "clicked")
    database.event(bob, "clicked")
    row = engagement(engine, database).iloc[0]
    assert (row.opened, row.opened_total) == (1, 3)
    assert (row.clicked, row.clicked_total) == (2, 2)
    assert row.opened_or_clicked == 2


@pytest.mark.parametrize(("machine", "human"), [(True, 0), (False, 1), (None, 1)])
def test_machines_open_but_do_not_click_or_reply(duckdb, machine, human):
    database = small_database(campaign("a").sent(1, channel="whatsapp").delivered(1))
    for kind in ("opened", "clicked", "replied"):
        database.event(database.messages[0], kind, machine=machine)
    row = engagement(duckdb, database).iloc[0]
    assert (row.opened, row.opened_total) == (1, 1)
    assert (row.opened_human, row.opened_human_total) == (human, human)
    assert (row.clicked, row.clicked_total, row.replied, row.replied_total) == (human,) * 4
    assert row.opened_or_clicked == 1


def test_an_event_may_precede_its_message_by_a_minute_of_clock_skew(engine):
    """Each case is a campaign of one message."""
    counts = {60 * SECOND: 1, 60 * SECOND + MILLISECOND: 0, -MINUTE: 1, timedelta(hours=3): 0}
    cases = {f"{name} {before}": (name, before) for name in ("sent_at", "queued_at") for before in counts}
    database = small_database(*(campaign(case).sent(1).delivered(1) for case in cases))
    for message, (handed_over, before) in zip(database.messages, cases.values(), strict=True):
        if handed_over == "queued_at":
            message["sent_at"] = None
        else:
            message["queued_at"] -= timedelta(days=1)  # the hand-over decides, not the queue
        database.event(message, "opened", occurred_at=message[handed_over] - before)
    found = engagement(engine, database, None, "campaign_id").set_index("campaign_id").opened
    assert found.to_dict() == {case: counts[before] for case, (_, before) in cases.items()}


@pytest.mark.parametrize(("after", "counts"), [(timedelta(days=1), True), (timedelta(days=1) + MILLISECOND, False)])
def test_an_event_may_be_a_day_ahead(engine, after, counts):
    database = small_database(campaign("a").sent(1).delivered(1))
    database.event(database.messages[0], "clicked", occurred_at=NOW + after)
    assert engagement(engine, database).clicked.to_list() == [int(counts)]


def test_engagement_on_a_failed_message_is_not_counted(duckdb):
    database = small_database(campaign("a").sent(1, channel="whatsapp").failed(1))
    for kind in ("opened", "clicked", "replied", "unsubscribed", "complained"):
        database.event(database.messages[0], kind)
    row = engagement(duckdb, database).iloc[0]
    assert (row.opened, row.clicked, row.replied, row.unsubscribed, row.complained) == (0,) * 5


def test_an_sms_has_no_opens_and_a_group_with_another_channel_has_its(duckdb):
    database = small_database(
        campaign("a").sent(2, channel="sms").delivered(2, clicked=1).sent(2, channel="whatsapp").delivered(2, opened=1)
    )
    database.event(database.messages[0], "opened")  # an SMS cannot report this
    by_channel = engagement(duckdb, database, by="channel").set_index("channel")
    for column in ("opened", "opened_human", "opened_total", "opened_human_total", "opened_or_clicked"):
        assert by_channel.loc["sms", column] is pd.NA
        assert by_channel.loc["whatsapp", column] == 1
    assert by_channel.loc["sms", "clicked"] == 1
    whole = engagement(duckdb, database).iloc[0]
    assert (whole.channels, whole.opened, whole.opened_or_clicked) == ("sms+whatsapp", 1, 2)


def test_replies_by_email_are_missing_where_none_was_ever_captured(duckdb):
    database = small_database(
        campaign("a").sent(2).delivered(2), campaign("w").sent(1, channel="whatsapp").delivered(1, replied=1)
    )
    row = engagement(duckdb, database).iloc[0]
    assert row.replied is pd.NA
    assert row.replied_total is pd.NA
    both = engagement(duckdb, database, None).iloc[0]
    assert both.replied == 1
    assert both.replied_in_base is pd.NA  # WhatsApp's, but no rate may be made of it
    database.event(database.messages[0], "replied")
    row = engagement(duckdb, database).iloc[0]
    assert (row.replied, row.replied_in_base) == (1, 1)


def test_replies_captured_by_one_account_say_nothing_of_another(duckdb):
    database = small_database(campaign("a").sent(1).delivered(1))
    database.account("other")
    campaign("b", account="other").sent(1).delivered(1, replied=1).add_to(database)
    warehouse = fill(duckdb, database)
    by_campaign = metrics.engagement(warehouse, None, "campaign_id").set_index("campaign_id")
    assert by_campaign.replied["b"] == 1
    assert by_campaign.replied["a"] is pd.NA
    assert metrics.summary(warehouse).set_index(["campaign_id", "channel"]).replied["a", "email"] is pd.NA


def test_a_campaign_without_messages_has_zeros(duckdb):
    row = engagement(duckdb, small_database(campaign("a"))).iloc[0]
    assert (row.channels, row.delivered, row.clicked, row.clicked_total) == ("", 0, 0, 0)
