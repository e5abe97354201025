"""Mailgun's webhooks, new and old, and its Events API."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given

from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.providers import mailgun
from tests.warehouse.callbacks.test_whatsapp import check_any, mutated

TO, ID, AT = "recipient@example.com", "20180812211713.1.DF5966851B4BAA99@example.org", 1534108637.153125
AT_MS, DAY = 1534108637153, 17755


def event(said, **more):
    # https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure; values as in
    # https://github.com/anymail/django-anymail/blob/main/tests/test_mailgun_webhooks.py
    message = {"headers": {"to": TO, "message-id": ID, "from": "test@example.org"}, "attachments": [], "size": 809}
    usual = {"id": "hTWCTD81RtiDN", "event": said, "timestamp": AT, "recipient": TO, "message": message, "tags": []}
    signature = {"timestamp": "1534108637", "token": "651869375b9df3c98fc15c4889b10", "signature": "..."}
    return {"signature": signature, "event-data": {**usual, **more}}


STATUS = {
    "tls": True,
    "mx-host": "smtp-in.example.com",
    "attempt-no": 1,
    "description": "",
    "code": 250,
    "message": "OK",
}
DELIVERED = event("delivered", **{"delivery-status": STATUS})
BOUNCED = {**STATUS, "code": 550, "message": "5.1.1 The email account that you tried to reach does not exist."}
PERMANENT = event("failed", severity="permanent", reason="bounce", **{"delivery-status": BOUNCED})
NO_MX = {
    "attempt-no": 3,
    "description": "No MX for nomx.example.com",
    "code": 498,
    "message": "No MX for nomx.example.com",
}
TEMPORARY = event("failed", severity="temporary", reason="generic", **{"delivery-status": NO_MX})
PERSON = {
    "client-type": "browser",
    "client-os": "Linux",
    "device-type": "desktop",
    "client-name": "Chromium",
    "bot": "",
}
OPENED = event("opened", **{"client-info": PERSON, "ip": "50.56.129.169"})
CLICKED = event("clicked", url="https://example.com/test", **{"client-info": {**PERSON, "bot": "gmail"}})
UNSUBSCRIBED, COMPLAINED = event("unsubscribed"), event("complained")
REJECTED = event("rejected", reject={"reason": "Sandbox subdomains are for test purposes only.", "description": ""})
# https://github.com/anymail/django-anymail/blob/main/tests/test_mailgun_webhooks.py, the legacy webhooks
OLD = dict(
    parse_qsl(
        "event=bounced&recipient=recipient%40example.com&domain=example.com&code=550&timestamp=1461261330"
        "&error=5.1.1+The+email+account+does+not+exist&Message-Id=%3C20160421165529.13778%40example.com%3E"
        "&token=06c96bafc3f42a66b9edd546347a2fe18dc23461fe80dc52f0&signature=abc"
    )
)
EACH = [DELIVERED, PERMANENT, TEMPORARY, OPENED, CLICKED, UNSUBSCRIBED, COMPLAINED, REJECTED]
DOCUMENTED = [*EACH, OLD, {"items": [one["event-data"] for one in EACH], "paging": {}}]


def read(payload):
    return [callback for piece in mailgun.pieces(payload) for callback in mailgun.callbacks(piece)]


@pytest.mark.parametrize(
    ("payload", "kind", "told"),
    [
        (DELIVERED, "delivered", {}),
        (PERMANENT, "failed", {"code": "reason:bounce", "reason": BOUNCED["message"]}),
        (TEMPORARY, "deferred", {"code": "failed/temporary", "reason": "No MX for nomx.example.com"}),
        (OPENED, "opened", {"is_machine": False}),
        (CLICKED, "clicked", {"url": "https://example.com/test", "is_machine": True}),
        (UNSUBSCRIBED, "unsubscribed", {}),
        (COMPLAINED, "complained", {}),
        (REJECTED, "failed", {"code": "rejected", "reason": "Sandbox subdomains are for test purposes only."}),
    ],
)
def test_each_event(payload, kind, told):
    expected = Callback(f"hTWCTD81RtiDN:{DAY}", kind, ID, TO, AT_MS, channel="email", **told)
    assert read(payload) == [expected]
    assert read(payload["event-data"]) == [expected]


def test_a_page_of_the_events_api_holds_many():
    assert [found.kind for found in read(DOCUMENTED[-1])] == [found.kind for one in EACH for found in read(one)]


def test_an_id_names_an_event_within_its_day():
    one, other = read([event("delivered"), event("delivered", timestamp=AT + 86400)])
    assert one.key != other.key


@pytest.mark.parametrize(
    ("severity", "reason", "status", "code"),
    [
        ("permanent", "suppress-bounce", {"code": 605}, "code:605"),
        ("permanent", "old", {"code": 602}, "reason:old"),
        ("permanent", "generic", {"code": 550}, "failed/permanent"),
        ("temporary", "bounce", {"code": 450}, "failed/temporary"),  # the severity is the verdict
        ("temporary", "greylisted", {"code": 450}, "reason:greylisted"),
    ],
)
def test_the_code_says_no_more_than_the_severity(severity, reason, status, code):
    payload = event("failed", severity=severity, reason=reason, **{"delivery-status": status})
    [found] = read(payload)
    assert (found.code, found.kind) == (code, "failed" if severity == "permanent" else "deferred")


def test_the_enhanced_code_stands_behind_the_verdict():
    status = {"code": 550, "enhanced-code": "5.2.2", "message": "mailbox full"}
    [found] = read(event("failed", severity="permanent", reason="generic", **{"delivery-status": status}))
    assert (found.code, found.reason) == ("failed/permanent/5.2.2", "mailbox full")


@pytest.mark.parametrize(("info", "is_machine"), [({}, None), ({"bot": "apple"}, True), ({"bot": ""}, False)])
def test_a_machine_is_one_where_mailgun_says_so(info, is_machine):
    # https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/track-opens: client-info.bot
    assert read(event("opened", **{"client-info": info}))[0].is_machine is is_machine


def test_the_forms_of_old_webhooks():
    assert read(OLD) == [
        Callback(
            *(OLD["token"], "failed", "20160421165529.13778@example.com", TO, 1461261330000, "failed/permanent"),
            reason="5.1.1 The email account does not exist",
            channel="email",
        )
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (event("stored"), "the event 'stored' is not known"),
        (event("failed"), "has no severity"),
        ({}, "has no event"),
    ],
)
def test_what_is_about_no_message_or_unknown_is_refused(payload, reason):
    with pytest.raises(Unusable, match=reason):
        read(payload)


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(mailgun, payload)
