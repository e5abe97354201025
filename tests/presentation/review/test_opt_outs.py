"""Opt-outs told: against what is usual, with reasons that are markup, and nothing said of what nobody tells."""

import pytest

from reportlib import metrics
from reportlib.presentation.review.opt_outs import opt_outs
from tests.presentation.conftest import HOSTILE
from tests.small_database import fill, in_memory_engine, small_database


@pytest.fixture(scope="module")
def warehouse():
    database = small_database()
    for name in ("a", "b"):
        database.campaign(name)
    for number in range(10):
        database.contact(f"c{number}", email_domain="gmail.com" if number < 5 else HOSTILE)
        message = database.message("a", f"c{number}")
        if number == 0:
            database.event(message, "clicked", machine=False, label=HOSTILE)
        if number < 3:
            database.event(message, "unsubscribed", 20 * (message["delivered_at"] - message["sent_at"]), reason=HOSTILE)
        if number == 4:
            database.event(message, "complained", reason="abuse")
    database.message("b", "c0", channel="sms")
    return fill(in_memory_engine(), database)


def shown(warehouse, campaign):
    reasons, mailboxes = metrics.opt_outs(warehouse, campaign), metrics.complaints_by_mailbox(warehouse, campaign)
    return opt_outs(metrics.opt_out_rates(warehouse, campaign), reasons, mailboxes, top=2)


def test_what_is_told(warehouse):
    told = shown(warehouse, "a")
    assert "<script" not in told.html
    assert "3 of 10  300.0  not known yet" in told.text
    assert "(no click before)  2" in told.text
    assert "Google  1 of 5  200.0" in told.text
    assert "others  0 of 5  0.0" in told.text


def test_what_nobody_tells_is_not_zero(warehouse):
    assert shown(warehouse, "b").text == "No source tells who left or complained."
