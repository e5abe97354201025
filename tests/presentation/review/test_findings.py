"""Sentences and caveats: the right one, and only where it applies."""

import math

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.presentation.review import caveats, findings
from tests.small_database import SmallDatabase, fill, in_memory_engine


def warehouse_of(messages, status="completed", audience=None, timezone="UTC"):
    """One campaign `a`, whose messages are (channel, status, kinds of events) times n."""
    database = SmallDatabase()
    database.account("acme", timezone)
    database.campaign("a", status=status, audience=audience)
    people = 0
    for n, channel, state, kinds in messages:
        for _ in range(n):
            people += 1
            database.contact(f"c{people}")
            message = database.message("a", f"c{people}", status=state, channel=channel)
            for kind in kinds:
                database.event(message, kind)
    return fill(in_memory_engine(), database)


def said(warehouse):
    about = metrics.select_campaigns(warehouse, "a").iloc[0]
    ledger = metrics.delivery(warehouse, "a")
    by_channel = metrics.breakdown(warehouse, "a", by="channel")
    found = findings.review(ledger, by_channel, metrics.failures(warehouse, "a"), about["status"])
    limits = caveats.review(ledger, by_channel, metrics.data_problems(warehouse, "a"), about)
    return " ".join(one.text for one in found), {one.topic for one in limits}


def test_no_audience():
    assert "no audience" in said(warehouse_of([]))[0]


def test_nothing_sent_yet():
    assert "Nothing was sent yet to the 3 people" in said(warehouse_of([(3, "sms", "queued", [])], "sending"))[0]


def test_nobody_reached():
    text, _ = said(warehouse_of([(4, "sms", "failed", [])]))
    assert "Nobody was reached: none of 4 people" in text
    assert "SMS:" not in text  # nothing to say of engagement


def test_sending_speaks_of_what_is_settled():
    text, limits = said(
        warehouse_of([(8, "sms", "delivered", []), (2, "sms", "failed", []), (9, "sms", "queued", [])], "sending")
    )
    assert "Still sending: 10 of 19 people are out; of those settled, 80.0" in text
    assert "sending" in limits


def test_finished_says_nothing_of_sending():
    assert "sending" not in said(warehouse_of([(8, "sms", "delivered", [])]))[1]


def test_whatsapp_reads_are_at_least_and_sms_has_none():
    text, limits = said(warehouse_of([(5, "whatsapp", "delivered", ["opened"]), (5, "sms", "delivered", [])]))
    assert "WhatsApp: at least 100.0" in text
    assert "SMS: nobody of 5 delivered clicked" in text
    assert {"whatsapp", "sms"} <= limits
    assert "email" not in limits


@pytest.mark.parametrize(("delivered", "small"), [(999, True), (1000, False)])
def test_small_samples_are_below_one_thousand_delivered(delivered, small):
    assert ("sample" in said(warehouse_of([(delivered, "sms", "delivered", [])]))[1]) is small


def test_a_late_callback_is_told_with_the_rule():
    _, limits = said(warehouse_of([(5, "sms", "sent", ["clicked"])]))
    assert "implied" in limits


def test_failures_say_what_to_do_by_permanence():
    text, _ = said(warehouse_of([(20, "sms", "delivered", []), (3, "sms", "failed", [])]))
    assert "Of 3 failures, 3 unknown" in text


def failed_people(transient=0, fixable=0, permanent=0):
    rows = [
        ("sms", "twilio", code, kind, "c", "Title", "Advice", people)
        for code, kind, people in (
            ("30003", "transient", transient),
            ("30034", "fixable", fixable),
            ("30005", "permanent", permanent),
        )
        if people
    ]
    columns = ["channel", "provider", "code", "permanence", "category", "title", "advice", "failed"]
    return pd.DataFrame(rows, columns=columns)


def to_have_back(*rows):
    columns = ["channel", "permanence", "failed", "tried", "reached", "expected", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def test_what_can_be_had_back_has_its_base_and_its_interval():
    back = to_have_back(
        ("sms", "transient", 68, 74, 62, 56.97, 47.0, 64.0), ("sms", "fixable", 20, 0, 0, *[math.nan] * 3)
    )
    one, other, *lists = findings.next_steps(failed_people(68, 20, 7), back, "it's on")
    assert one.text == (
        "SMS: 68 people failed for reasons that may pass: sent again, about 57 of them (47 to 64) would be reached; "
        "after such a failure the next message reached 83.8\u202f% (73.8–90.5) of 74."
    )
    assert other.text == (
        "SMS: 20 people failed for reasons that you can change; "
        "how many could be reached now is not known, from 0 cases."
    )
    assert [step.text for step in lists] == [
        "The 68 people to send to again, one per row: "
        "reportlib export detailed --campaign 'it'\"'\"'s on' --retryable --to people.csv",
        "The 7 people to take off the list, one per row: "
        "reportlib export detailed --campaign 'it'\"'\"'s on' --permanent --to people.csv",
    ]


def test_without_failures_there_is_nothing_to_do():
    assert findings.next_steps(failed_people(), to_have_back(), "a") == []
