"""Gupshup's webhooks, version 2 and 3, as its partner documentation has them."""

import pytest
from hypothesis import given

from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.providers import gupshup
from tests.warehouse.callbacks.test_whatsapp import check_any, mutated, webhook

GS_ID, META_ID = "ee4a68a0-1203-4c85-8dc3-49d0b3226a35", "gBEGkYiEB1VXAglK1ZEqA1YKPrU"
TO, AT_MS = "918598621345", 1784038800000


def event(said, detail=None, **more):
    told = {"id": META_ID, "gsId": GS_ID, "type": said, "destination": TO, "payload": detail or {"ts": AT_MS // 1000}}
    return {
        "app": "Demo",
        "timestamp": AT_MS + 5_000,
        "version": 2,
        "type": "message-event",
        "payload": {**told, **more},
    }


def message(kind, **payload):
    told = {"id": "ABEG", "source": TO, "type": kind, "payload": payload, "sender": {"phone": TO, "country_code": "91"}}
    told["context"] = {"id": META_ID, "gsId": GS_ID}
    return {"app": "Demo", "timestamp": AT_MS, "version": 2, "type": "message", "payload": told}


FAILED = event("failed", {"code": 1008, "reason": "User is not opted in and an Inactive User"})
OPTED_OUT = {"type": "user-event", "timestamp": AT_MS, "payload": {"phone": TO, "type": "opted-out"}}
OF_META = {"gs_id": GS_ID, "id": "wamid.x", "recipient_id": TO, "status": "delivered", "timestamp": str(AT_MS)}
VERSION_3 = {"gs_app_id": "a", **webhook(statuses=[OF_META])}
ENQUEUED = {"gs_app_id": "a", **webhook(statuses=[{**OF_META, "status": "enqueued"}])}
SMS = {"externalId": GS_ID, "eventType": "DELIVERED", "eventTs": AT_MS, "destAddr": TO, "errCode": "000"}
DOCUMENTED = [
    *(event("enqueued", {"whatsappMessageId": META_ID}), event("sent"), event("delivered"), event("read"), FAILED),
    *(message("text", text="Yes"), message("quick_reply", text="Yes"), message("button_reply", title="STOP", id="1")),
    *(OPTED_OUT, VERSION_3, ENQUEUED, [SMS, {**SMS, "eventType": "FAILED", "errCode": "003", "cause": "ABSENT"}]),
]


@pytest.mark.parametrize(
    ("payload", "kind", "told"),
    [
        (event("sent"), "sent", {}),
        (event("delivered"), "delivered", {}),
        (event("read"), "opened", {}),
        (event("enqueued", gsId=None, id=GS_ID), "queued", {}),
        (VERSION_3, "delivered", {"channel": None}),
        (ENQUEUED, "queued", {}),
        ([SMS], "delivered", {"channel": "sms"}),
    ],
)
def test_an_event(payload, kind, told):
    [piece] = gupshup.pieces(payload)
    [found] = gupshup.callbacks(piece)
    assert found == Callback(found.key, kind, GS_ID, TO, AT_MS, channel="whatsapp")._replace(**told)


def test_a_failure_has_its_code():
    [found] = gupshup.callbacks(FAILED)
    assert (found.kind, found.code, found.reason, found.at_ms) == (
        "failed",
        "1008",
        FAILED["payload"]["payload"]["reason"],
        AT_MS + 5_000,
    )


def test_replies_taps_and_opt_outs():
    kinds = {
        "replied": message("text", text="Yes"),
        "clicked": message("quick_reply", text="Yes"),
        "unsubscribed": message("text", text="Stop"),
    }
    for kind, payload in kinds.items():
        [found] = gupshup.callbacks(payload)
        assert (found.kind, found.message, found.recipient, found.at_ms) == (kind, GS_ID, TO, AT_MS)
    assert [found.kind for found in gupshup.callbacks(message("button_reply", title="STOP"))] == [
        "clicked",
        "unsubscribed",
    ]
    [left] = gupshup.callbacks(OPTED_OUT)
    assert (left.kind, left.message, left.recipient) == ("unsubscribed", None, TO)


@pytest.mark.parametrize("payload", [event("deleted"), {"type": "billing-event", "payload": {}}, message("typing")])
def test_what_is_about_no_message_is_refused(payload):
    with pytest.raises(Unusable):
        gupshup.callbacks(payload)


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(gupshup, payload)
