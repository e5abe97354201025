"""Infobip's reports, as its API documentation has them."""

import pytest
from hypothesis import given

from reportlib.metrics.failures.catalogue import meaning, read_catalogue
from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.providers import infobip
from tests.warehouse.callbacks.test_whatsapp import check_any, mutated

ID, TO = "12db39c3-7822-4e72-a3ec-c87442c0ffc5", "41793026834"
SENT_MS, DONE_MS = 1573315200000, 1573315260000
NO_ERROR = {"groupId": 0, "groupName": "OK", "id": 0, "name": "NO_ERROR", "permanent": False}


def result(group, name, error=None, **more):
    """www.infobip.com/docs/api/channels/sms: a result of an outbound report."""
    return {
        **{"bulkId": "BULK-1", "messageId": ID, "to": TO, "sentAt": "2019-11-09T16:00:00.000+0000"},
        **{
            "doneAt": "2019-11-09T17:01:00.000+0100",
            "smsCount": 1,
            "price": {"pricePerMessage": 0.01, "currency": "EUR"},
        },
        **{"status": {"groupId": 3, "groupName": group, "id": 5, "name": name, "description": "told"}},
        **{"error": error or NO_ERROR},
        **more,
    }


ABSENT = {"groupId": 1, "id": 27, "name": "EC_ABSENT_SUBSCRIBER", "description": "Absent", "permanent": False}
SEEN = {"messageId": ID, "from": "447860099299", "to": TO, "sentAt": "2019-11-09T16:00:00.000+0000"}
SEEN = {**SEEN, "seenAt": "2019-11-09T16:01:00.000+0000"}
INBOUND = {"messageId": "817", "from": TO, "to": "38640", "text": "QUIZ Yes", "cleanText": "Yes", "keyword": "QUIZ"}
INBOUND = {**INBOUND, "receivedAt": "2019-11-09T16:01:00.000+0000", "smsCount": 1}
TAP = {"from": TO, "to": "447", "integrationType": "WHATSAPP", "receivedAt": "2019-11-09T16:01:00.000+0000"}
TAP = {
    **TAP,
    "messageId": "818",
    "pairedMessageId": ID,
    "message": {"type": "BUTTON", "text": "Parar", "payload": "STOP"},
}
DOCUMENTED = [
    {"results": [result("PENDING", "PENDING_ENROUTE"), result("DELIVERED", "DELIVERED_TO_HANDSET")]},
    {"results": [result("UNDELIVERABLE", "UNDELIVERABLE_NOT_DELIVERED", ABSENT), SEEN]},
    {"results": [INBOUND, TAP], "messageCount": 2, "pendingMessageCount": 0},
]


@pytest.mark.parametrize(
    ("payload", "kind", "at_ms", "told"),
    [
        (result("PENDING", "PENDING_ENROUTE"), "sent", SENT_MS, {}),
        (result("DELIVERED", "DELIVERED_TO_HANDSET"), "delivered", DONE_MS, {}),
        (
            result("EXPIRED", "EXPIRED_EXPIRED", ABSENT),
            "failed",
            DONE_MS,
            {"code": "27", "reason": "transient: Absent"},
        ),
        (result("REJECTED", "REJECTED_X", NO_ERROR), "failed", DONE_MS, {"code": "REJECTED_X", "reason": "told"}),
        (SEEN, "opened", DONE_MS, {}),
    ],
)
def test_a_report(payload, kind, at_ms, told):
    [piece] = infobip.pieces({"results": [payload]})
    [found] = infobip.callbacks(piece)
    told |= {} if kind == "opened" else {"cost": 0.01, "currency": "EUR", "parts": 1}
    assert found == Callback(found.key, kind, ID, TO, at_ms)._replace(**told)


def test_a_price_is_that_of_each_part():
    [found] = infobip.callbacks(
        {**result("DELIVERED", "D"), "price": {"pricePerMessage": 0.01, "currency": "EUR"}, "smsCount": 3}
    )
    assert (found.cost, found.currency, found.parts) == (0.03, "EUR", 3)
    [found] = infobip.callbacks({**result("DELIVERED", "D"), "price": {"pricePerMessage": None}})
    assert (found.cost, found.currency) == (None, None)


@pytest.mark.parametrize(("permanent", "meant"), [(True, "permanent"), (False, "transient"), (None, "unknown")])
def test_of_a_code_that_nobody_knows_infobip_says_whether_it_passes(permanent, meant):
    [found] = infobip.callbacks(result("REJECTED", "X", {"id": 987, "description": "New", "permanent": permanent}))
    assert meaning(read_catalogue(), "sms", "infobip", found.code, found.reason).permanence == meant


def test_a_mails_person_is_an_address():
    assert infobip.callbacks(result("DELIVERED", "D", to="Ann@Example.com"))[0].recipient == "ann@example.com"


def test_inbound():
    [reply] = infobip.callbacks(INBOUND)
    assert (reply.kind, reply.message, reply.recipient, reply.channel) == ("replied", None, TO, "sms")
    tap, left = infobip.callbacks(TAP)
    assert (tap.kind, tap.message, tap.reason, tap.channel) == ("clicked", ID, "Parar", "whatsapp")
    assert left.kind == "unsubscribed"
    assert infobip.callbacks({**INBOUND, "cleanText": "stop"})[0].kind == "unsubscribed"


@pytest.mark.parametrize("payload", [{"results": []}, {"messageId": ID, "deletedAt": "2019-11-09T16:00:00Z"}])
def test_what_is_no_report_is_refused(payload):
    with pytest.raises(Unusable):
        infobip.callbacks(infobip.pieces(payload)[0])


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(infobip, payload)
