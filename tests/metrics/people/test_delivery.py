"""The delivery ledger on tables small enough to count by hand."""

from datetime import timedelta

import pandas as pd
import pytest

from reportlib import metrics
from tests.small_database import MINUTE, START, campaign, fill, small_database


def ledger(frame, row=0):
    return frame.drop(columns=["audience_declared", "channels"]).iloc[row].to_dict()


def test_each_person_is_in_exactly_one_place(engine):
    database = small_database(
        campaign("a", audience=12).sent(9).delivered(6).failed(2).queued(1),
    )
    frame = metrics.delivery(fill(engine, database), "a")
    assert ledger(frame) == {
        "audience": 12,  # 10 written to, 2 declared beyond
        "not_sent": 3,
        "sent": 9,
        "delivered": 6,
        "delivered_implied": 0,
        "failed": 2,
        "pending": 1,
        "delivery_measured": True,
        "failed_measured": True,
        "by_person": True,
    }
    assert (frame.audience_declared.to_list(), frame.channels.to_list()) == ([12], ["email"])


def test_an_audience_declared_too_small_does_not_take_people_away(duckdb):
    frame = metrics.delivery(fill(duckdb, small_database(campaign("a", audience=2).sent(5).delivered(5))), "a")
    assert frame.audience.to_list() == [5]
    assert frame.not_sent.to_list() == [0]
    assert frame.audience_declared.to_list() == [2]


@pytest.mark.parametrize(
    ("statuses", "best"),
    [
        (("failed", "delivered"), "delivered"),
        (("sent", "delivered"), "delivered"),
        (("failed", "sent"), "pending"),
        (("failed", "queued"), "failed"),
        (("queued", "sent"), "pending"),
        (("failed", "failed"), "failed"),
    ],
)
def test_the_best_outcome_of_several_messages_counts(duckdb, statuses, best):
    for order in (statuses, statuses[::-1]):
        database = small_database(campaign("a"))
        database.contact("ann")
        for channel, status in zip(("whatsapp", "sms"), order, strict=True):
            database.message("a", "ann", status, channel)
        warehouse = fill(duckdb, database)
        whole = metrics.delivery(warehouse, "a").iloc[0]
        assert (whole.audience, whole[best]) == (1, 1)
        assert whole.delivered + whole.failed + whole.pending == 1
        by_channel = metrics.delivery(warehouse, "a", "channel")
        assert by_channel.audience.to_list() == [1, 1]  # each channel tells its own outcome


def test_the_same_contact_in_two_campaigns_is_two_people(duckdb):
    database = small_database(campaign("a"), campaign("b"))
    database.contact("ann", country="BR")
    database.message("a", "ann")
    database.message("b", "ann", "failed")
    warehouse = fill(duckdb, database)
    whole = metrics.delivery(warehouse).iloc[0]
    assert (whole.audience, whole.delivered, whole.failed) == (2, 1, 1)
    assert metrics.delivery(warehouse, by="country").audience.to_list() == [2]


@pytest.mark.parametrize("kind", ["opened", "clicked", "replied"])
def test_engagement_implies_delivery_while_the_callback_is_late(duckdb, kind):
    database = small_database(campaign("a").sent(2))
    database.event(database.messages[0], kind)
    frame = metrics.delivery(fill(duckdb, database), "a")
    assert (frame.delivered[0], frame.delivered_implied[0], frame.pending[0]) == (1, 1, 1)


def test_a_delivery_that_another_message_confirms_is_not_implied(duckdb):
    database = small_database(campaign("a"))
    database.contact("ann")
    database.event(database.message("a", "ann", "sent", "whatsapp"), "opened")
    database.message("a", "ann", "delivered", "sms")
    frame = metrics.delivery(fill(duckdb, database), "a")
    assert (frame.delivered[0], frame.delivered_implied[0]) == (1, 0)


def test_an_unsubscription_does_not_imply_delivery(duckdb):
    database = small_database(campaign("a").sent(1))
    database.event(database.messages[0], "unsubscribed")
    assert metrics.delivery(fill(duckdb, database), "a").pending.to_list() == [1]


def test_engagement_does_not_revive_a_failed_message(duckdb):
    database = small_database(campaign("a").sent(1).failed(1))
    database.event(database.messages[0], "clicked", after=5 * MINUTE)
    frame = metrics.delivery(fill(duckdb, database), "a")
    assert (frame.failed[0], frame.delivered[0]) == (1, 0)


def test_all_failed(duckdb):
    frame = metrics.breakdown(fill(duckdb, small_database(campaign("a").sent(4).failed(4, code="30005"))), "a")
    assert (frame.failed[0], frame.delivered[0], frame.sent[0]) == (4, 0, 4)
    assert frame.delivery_measured[0]  # nobody waits for a receipt
    assert frame.opened[0] is pd.NA


def test_refused_before_dispatch_is_sent_and_failed(duckdb):
    database = small_database(campaign("a").sent(1).failed(1, sent_at=None))
    frame = metrics.delivery(fill(duckdb, database), "a")
    assert (frame.sent[0], frame.failed[0], frame.not_sent[0]) == (1, 1, 0)


def test_a_campaign_without_messages_has_its_declared_audience(duckdb):
    warehouse = fill(duckdb, small_database(campaign("a", audience=7), campaign("b").sent(1)))
    assert ledger(metrics.delivery(warehouse, "a")) == {
        **dict.fromkeys(("sent", "delivered", "delivered_implied", "failed", "pending"), 0),
        "audience": 7,
        "not_sent": 7,
        "delivery_measured": True,
        "failed_measured": True,
        "by_person": True,
    }
    by_campaign = metrics.delivery(warehouse, by="campaign_id")
    assert dict(zip(by_campaign.campaign_id, by_campaign.audience, strict=True)) == {"a": 7, "b": 1}
    assert metrics.delivery(warehouse, "a", by="channel").empty


def test_people_whose_contact_is_missing_are_counted_as_unknown(duckdb):
    database = small_database(campaign("a").sent(2, country="BR"))
    database.message("a", "nobody knows")
    frame = metrics.delivery(fill(duckdb, database), "a", "country")
    assert dict(zip(frame.country, frame.audience, strict=True)) == {"BR": 2, "(unknown)": 1}


def test_a_contact_in_two_segments_counts_in_both(duckdb):
    database = small_database(campaign("a"))
    for name in ("loyal", "new"):
        database.segment(name)
    for contact, segments in {"ann": ["loyal", "new"], "bob": ["new"], "eve": []}.items():
        database.contact(contact, segments=segments)
        database.message("a", contact)
    frame = metrics.delivery(fill(duckdb, database), "a", "segment")
    found = dict(zip(frame.segment, frame.audience, strict=True))
    assert found == {"Segment loyal": 1, "Segment new": 2, "(no segment)": 1}


def test_an_attribute_with_a_quote_and_missing_values(duckdb):
    database = small_database(campaign("a"))
    for contact, attributes in {"ann": {"it's": "x"}, "bob": {"it's": None}, "eve": {"its": "y"}}.items():
        database.contact(contact, attributes=attributes)
        database.message("a", contact)
    warehouse = fill(duckdb, database)
    frame = metrics.delivery(warehouse, "a", "attribute:it's")
    assert dict(zip(frame["attribute:it's"], frame.audience, strict=True)) == {"x": 1, "(unknown)": 2}
    assert metrics.attributes(warehouse, "a") == ["it's", "its"]


def test_attributes_are_those_of_the_people_written_to(duckdb):
    database = small_database(campaign("a"), campaign("b"))
    database.contact("ann", attributes={"plan": "gold"})
    database.contact("bob", attributes={"age": "40"})
    database.contact("eve", attributes={"city": "Ulm"})
    database.message("a", "ann")
    database.message("b", "bob")
    warehouse = fill(duckdb, database)
    assert metrics.attributes(warehouse, "a") == ["plan"]
    assert metrics.attributes(warehouse) == ["age", "plan"]


def test_breakdowns_of_campaigns_count_the_declared_audience_as_breakdown_does(duckdb):
    warehouse = fill(duckdb, small_database(campaign("a", audience=10, variant="A").sent(3), campaign("b").sent(1)))
    several = metrics.breakdowns(warehouse, None, ("campaign_id", "variant"))
    for name in ("campaign_id", "variant"):
        one = metrics.breakdown(warehouse, None, name)
        part = several[several.dimension == name]
        assert dict(zip(part.group, part.audience, strict=True)) == dict(zip(one[name], one.audience, strict=True))


def test_breakdowns_name_what_is_missing_as_breakdown_does(duckdb):
    warehouse = fill(duckdb, small_database(campaign("a").sent(2).sent(1, provider="ses", country="BR")))
    names = ("provider", "country", "carrier", "attribute:plan", "segment", "channel")
    several = metrics.breakdowns(warehouse, None, names)
    for name in names:
        one = metrics.breakdown(warehouse, None, name)
        assert several.group[several.dimension == name].to_list() == one[name].to_list()


@pytest.mark.parametrize("status", ["sent", "queued"])
def test_every_metric_agrees_on_who_was_reached_while_the_status_lags_behind(duckdb, status):
    """The delivery has its time and the receiver clicked, but the status was not updated."""
    database = small_database(campaign("a"))
    database.contact("ann")
    message = database.message("a", "ann", status, "whatsapp", sent_at=START, delivered_at=START + MINUTE)
    database.event(message, "clicked")
    database.message("a", "ann", "failed", "sms")
    database.message("a", "ann", "failed", "email", at=START + timedelta(days=9))
    warehouse = fill(duckdb, database)
    ledger = metrics.delivery(warehouse, "a").iloc[0]
    assert (ledger.delivered, ledger.failed) == (1, 0)
    assert metrics.failures(warehouse, "a").empty
    assert metrics.delivery_timeline(warehouse, "a").delivered.sum() == 1
    assert metrics.data_problems(warehouse, "a").empty
