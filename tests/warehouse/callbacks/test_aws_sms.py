"""AWS End User Messaging: events as its user guide has them, in each envelope."""

import base64
import json

import pytest
from hypothesis import given

from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.providers import aws_sms
from tests.warehouse.callbacks.test_whatsapp import SENT, check_any, mutated

ID, TO, AT_MS = "862a8790-60c5-4430-9bb2-ac9e0e6e9a48", "12065550152", 1686975103470


def event(said, **more):
    """docs.aws.amazon.com/sms-voice: an event of a text message."""
    return {
        **{"eventType": said, "eventVersion": "1.0", "eventTimestamp": AT_MS, "isFinal": True, "messageId": ID},
        **{"originationPhoneNumber": "+12065550100", "destinationPhoneNumber": f"+{TO}", "isoCountryCode": "US"},
        **{"messageStatus": said, "messageStatusDescription": "told", "totalMessagePrice": 0.00581},
        **{"totalMessageParts": 1, "totalCarrierFee": 0.003, "context": {"campaign": "spring"}},
        **more,
    }


def by_sns(one):
    return {"Type": "Notification", "MessageId": "s", "Message": json.dumps(one), "Timestamp": "2023-06-17T04:11:43Z"}


INBOUND = {
    **{"originationNumber": f"+{TO}", "destinationNumber": "+12065550100", "messageKeyword": "KEYWORD_1"},
    **{"messageBody": "Yes", "inboundMessageId": "cae173d2", "previousPublishedMessageId": ID},
}
PACKED = base64.b64encode(json.dumps(INBOUND).encode()).decode()
PINPOINT = {
    **{"event_type": "_SMS.FAILURE", "event_timestamp": AT_MS, "application": {"app_id": "a"}},
    "attributes": {"message_id": ID, "record_status": "UNREACHABLE", "destination_phone_number": f"+{TO}"},
}
WHATSAPP = {"context": {"MetaWabaIds": []}, "whatsAppWebhookEntry": json.dumps(SENT["entry"][0]), "message_id": "x"}
DOCUMENTED = [
    *(event(f"TEXT_{said}") for said in ("QUEUED", "SENT", "DELIVERED", "SUCCESSFUL", "UNREACHABLE", "SPAM")),
    *(by_sns(event("TEXT_DELIVERED")), by_sns(WHATSAPP), WHATSAPP, INBOUND, PINPOINT),
    {"version": "0", "detail-type": "Text Message Delivery Status Updated", "detail": event("TEXT_BLOCKED")},
]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        *(
            ("TEXT_QUEUED", "queued"),
            ("TEXT_SENT", "sent"),
            ("TEXT_SUCCESSFUL", "sent"),
            ("TEXT_DELIVERED", "delivered"),
        ),
        *(("TEXT_CARRIER_BLOCKED", "failed"), ("TEXT_TTL_EXPIRED", "failed"), ("MEDIA_DELIVERED", "delivered")),
    ],
)
@pytest.mark.parametrize(
    "wrapped",
    [
        lambda one: one,
        by_sns,
        lambda one: by_sns(by_sns(one)),
        lambda one: {"Records": [{"body": json.dumps(by_sns(one))}]},
        lambda one: {"Records": [{"EventSource": "aws:sns", "Sns": by_sns(one)}]},
        lambda one: {"detail-type": "x", "detail": one},
    ],
    ids=["bare", "SNS", "SNS in SNS", "SQS", "Lambda", "EventBridge"],
)
def test_an_event_in_each_envelope(wrapped, said, kind):
    [piece] = aws_sms.pieces(wrapped(event(said)))
    [found] = aws_sms.callbacks(piece)
    told = {"code": said, "reason": "told"} if kind == "failed" else {}
    told |= {"cost": 0.00581 + 0.003, "currency": "USD", "parts": 1}  # with the carrier's fee
    assert found == Callback(f"{ID}:{said}:{AT_MS}", kind, ID, TO, AT_MS, channel="sms")._replace(**told)


def test_two_way_pinpoint_and_whatsapp():
    [reply] = aws_sms.callbacks(INBOUND)
    assert (reply.kind, reply.message, reply.recipient) == ("replied", ID, TO)
    assert aws_sms.callbacks({**INBOUND, "messageBody": "STOP"})[0].kind == "unsubscribed"
    [failed] = aws_sms.callbacks(PINPOINT)
    assert (failed.kind, failed.code, failed.at_ms) == ("failed", "TEXT_UNREACHABLE", AT_MS)
    [piece] = aws_sms.pieces(by_sns(WHATSAPP))
    assert aws_sms.callbacks(piece)[0].kind == "sent"


@pytest.mark.parametrize(
    ("envelope", "at_ms"),
    [
        (by_sns(INBOUND), 1686975103000),
        (
            {"received_at": "2026-11-02T10:00:00Z", **by_sns(INBOUND)},
            1686975103000,
        ),  # as SNS has it
        ({"received_at": "2026-11-02T10:00:00Z", "Records": [{"body": json.dumps(INBOUND)}]}, 1793613600000),
        ({"detail-type": "x", "time": "2026-11-02T10:00:00Z", "detail": INBOUND}, 1793613600000),
        ({"Records": [{"kinesis": {"approximateArrivalTimestamp": 1793613600.5, "data": PACKED}}]}, 1793613600500),
        ({"records": [{"recordId": "1", "approximateArrivalTimestamp": 1793613600500, "data": PACKED}]}, 1793613600500),
    ],
)
def test_a_two_way_message_is_of_the_time_its_envelope_tells(envelope, at_ms):
    [piece] = aws_sms.pieces(envelope)
    assert aws_sms.callbacks(piece)[0].at_ms == at_ms


@pytest.mark.parametrize("payload", [event("TEXT_NEWS"), {"Type": "SubscriptionConfirmation", "Message": "You have"}])
def test_what_is_not_known_is_refused(payload):
    with pytest.raises(Unusable):
        aws_sms.callbacks(aws_sms.pieces(payload)[0])


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(aws_sms, payload)
