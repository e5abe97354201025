"""Mandrill's webhooks: a form with JSON in it."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given

from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.payloads import decode
from reportlib.warehouse.callbacks.providers import mandrill
from tests.warehouse.callbacks.test_whatsapp import check_any, mutated

ID, TO, AT = "7761629", "recipient@example.com", 1384954004


def event(said, msg=(), **more):
    """mailchimp.com/developer/transactional/docs/webhooks: what all of them have."""
    told = {"ts": AT - 60, "_id": ID, "email": TO, "sender": "sender@example.com", "state": "sent", **dict(msg)}
    return {"event": said, "_id": ID, "ts": AT, "msg": told, **more}


BOUNCE = {"bounce_description": "bad_mailbox", "diag": "smtp;550 5.1.1 no such user", "bgtools_code": 10}
DOCUMENTED = [
    [event("send"), event("delivered"), event("deferral", {"diag": "451 4.7.1 greylisted"})],
    [
        event("hard_bounce", BOUNCE),
        event("soft_bounce", BOUNCE),
        event("reject", {"reject": {"reason": "hard-bounce"}}),
    ],
    [event("open", ip="127.0.0.1", user_agent="Mozilla/5.0"), event("click", url="http://mandrill.com"), event("spam")],
    event("unsub"),
    {"mandrill_events": json.dumps([event("send"), event("open")])},
]


@pytest.mark.parametrize(
    ("payload", "kind", "told"),
    [
        (event("send"), "sent", {}),
        (event("delivered"), "delivered", {}),
        (event("deferral", {"diag": "451"}), "deferred", {"code": "deferral", "reason": "451"}),
        (event("hard_bounce", BOUNCE), "failed", {"code": "hard_bounce", "reason": BOUNCE["diag"]}),
        (event("reject", {"reject": {"reason": "spam"}}), "failed", {"code": "reject", "reason": "spam"}),
        (event("open"), "opened", {}),
        (event("click", url="http://mandrill.com"), "clicked", {"url": "http://mandrill.com"}),
        (event("spam"), "complained", {}),
        (event("unsub"), "unsubscribed", {}),
    ],
)
def test_an_event(payload, kind, told):
    [found] = mandrill.callbacks(payload)
    assert found == Callback(found.key, kind, ID, TO, AT * 1000, channel="email")._replace(**told)


def test_a_form_is_taken_apart():
    line = urlencode({"mandrill_events": json.dumps([event("send"), event("open")])}).encode()
    kinds = [callback.kind for piece in mandrill.pieces(decode(line)) for callback in mandrill.callbacks(piece)]
    assert kinds == ["sent", "opened"]


@pytest.mark.parametrize(
    "payload", [{"type": "blacklist", "action": "add"}, event("inbound"), {"mandrill_events": "["}]
)
def test_what_is_about_no_message_is_refused(payload):
    with pytest.raises(Unusable):
        mandrill.callbacks(mandrill.pieces(payload)[0])


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(mandrill, payload)
