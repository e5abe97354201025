"""SendGrid's Event Webhook as Twilio documents it, and as others were seen to receive it."""

import pytest
from hypothesis import given

from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.providers import sendgrid
from tests.warehouse.callbacks.test_whatsapp import check_any, mutated

ADDRESS, AT_MS = "example@test.com", 1513299569000
MESSAGE = "14c5d75ce93-dfd-64b469"


def event(said, **more):
    # https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event: the example of each type; the ids as
    # they look when they are not the names of their fields
    usual = {"email": ADDRESS, "timestamp": 1513299569, "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>", "event": said}
    ids = {
        "category": "cat facts",
        "sg_event_id": f"id-of-{said}",
        "sg_message_id": f"{MESSAGE}.filter0001.16648.5515E",
    }
    return {**usual, **ids, **more}


PROCESSED = event("processed")
DEFERRED = event("deferred", response="400 try again later", attempt="5")
DELIVERED = event("delivered", response="250 OK")
OPEN = event("open", useragent="Mozilla/4.0 (compatible)", ip="255.255.255.255", sg_machine_open=False)
CLICK = event("click", useragent="Mozilla/4.0 (compatible)", ip="255.255.255.255", url="http://www.sendgrid.com/")
BOUNCE = event("bounce", reason="500 unknown recipient", status="5.0.0", type="bounce")
DROPPED = event("dropped", reason="Bounced Address", status="5.0.0")
SPAM = event("spamreport")
UNSUBSCRIBE = event("unsubscribe")
GROUP = event("group_unsubscribe", url="http://www.sendgrid.com/", asm_group_id=10)
RESUBSCRIBE = event("group_resubscribe", url="http://www.sendgrid.com/", asm_group_id=10)
EACH = [PROCESSED, DEFERRED, DELIVERED, OPEN, CLICK, BOUNCE, DROPPED, SPAM, UNSUBSCRIBE, GROUP, RESUBSCRIBE]
DOCUMENTED = [*EACH, EACH]


def read(payload):
    return [callback for piece in sendgrid.pieces(payload) for callback in sendgrid.callbacks(piece)]


def callback(said, kind, **more):
    return Callback(f"id-of-{said}:{said}", kind, MESSAGE, ADDRESS, AT_MS, channel="email", **more)


def test_a_post_holds_an_event_of_each_type():
    assert read(EACH) == [
        callback("processed", "queued"),
        callback("deferred", "deferred", code="deferred", reason="400 try again later"),
        callback("delivered", "delivered"),
        callback("open", "opened", is_machine=False),
        callback("click", "clicked", url="http://www.sendgrid.com/"),
        callback("bounce", "failed", code="bounce/5.0.0", reason="500 unknown recipient"),
        callback("dropped", "failed", code="dropped:Bounced Address", reason="Bounced Address"),
        callback("spamreport", "complained"),
        callback("unsubscribe", "unsubscribed"),
        callback("group_unsubscribe", "unsubscribed", reason="group 10"),
        callback("group_resubscribe", "subscribed"),
    ]


def test_a_blocked_mail_is_no_hard_bounce():
    # the same page, under Bounce: type is bounce or blocked
    [found] = read(event("bounce", type="blocked", status="4.7.1", reason="452 4.7.1 try again later"))
    assert (found.kind, found.code, found.reason) == ("failed", "blocked/4.7.1", "452 4.7.1 try again later")


@pytest.mark.parametrize(("flag", "is_machine"), [({"sg_machine_open": True}, True), ({}, None)])
def test_apples_prefetch_is_flagged_and_nothing_is_guessed(flag, is_machine):
    # https://www.twilio.com/docs/sendgrid/ui/analytics-and-reporting/apple-mail-privacy-protection: sg_machine_open
    payload = {name: value for name, value in OPEN.items() if name != "sg_machine_open"} | flag
    assert read(payload)[0].is_machine is is_machine


@pytest.mark.parametrize("seconds", [1513299569, "1513299569", 1513299569000])
def test_a_timestamp_may_be_text_or_milliseconds(seconds):
    # seen in two public examples (providers.md, 3.1)
    assert read(event("delivered", timestamp=seconds))[0].at_ms == AT_MS


def test_one_id_for_two_events_is_two_callbacks():
    one, other = read([event("open", sg_event_id="x"), event("click", sg_event_id="x", url="http://a")])
    assert one.key != other.key


def test_an_asynchronous_bounce_names_only_its_recipient():
    payload = {name: value for name, value in BOUNCE.items() if name != "sg_message_id"}
    [found] = read(payload)
    assert (found.message, found.recipient, found.channel) == (None, ADDRESS, "email")


def test_a_reason_in_another_case_is_spelled_as_the_catalogue_has_it():
    assert read(event("dropped", reason="unsubscribed address"))[0].code == "dropped:Unsubscribed Address"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (event("account_status_change", type="compliance_suspend"), "the event 'account_status_change' is not known"),
        (event("delivered", timestamp="yesterday"), "is no time"),
        ({}, "has no event"),
    ],
)
def test_what_is_about_no_message_or_unknown_is_refused(payload, reason):
    with pytest.raises(Unusable, match=reason):
        read(payload)


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(sendgrid, payload)
