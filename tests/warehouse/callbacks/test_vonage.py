"""Vonage's webhooks, of the SMS API and the Messages API, as Vonage documents them."""

import pytest
from hypothesis import given

from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.providers import vonage
from tests.warehouse.callbacks.test_whatsapp import check_any, mutated

# https://developer.vonage.com/messaging/sms/guides/delivery-receipts
RECEIPT = {
    "err-code": "0",
    "message-timestamp": "2018-10-25 12:10:29",
    "messageId": "0B00000127FDBC63",
    "msisdn": "447547232824",
    "network-code": "23410",
    "price": "0.03330000",
    "scts": "1810251310",
    "status": "delivered",
    "to": "Nexmo CLI",
}
RECEIPT_ID, RECEIPT_MS = "0B00000127FDBC63", 1540469429000

# https://github.com/Nexmo/api-specification/blob/main/definitions/sms.yml, InboundMessage
SMS = {
    "api-key": "abcd1234",
    "msisdn": "447700900001",
    "to": "447700900000",
    "messageId": "0A0000000123ABCD1",
    "text": "Hello world",
    "type": "text",
    "keyword": "HELLO",
    "message-timestamp": "2020-01-01 12:00:00",
    "timestamp": "1578787200",
}
SMS_MS = 1577880000000
PART = {**SMS, "concat": "true", "concat-ref": "1", "concat-total": "3", "concat-part": "2"}

# https://developer.vonage.com/en/messages/concepts/messages-status-callbacks
STATUS = {
    "message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
    "to": "447700900000",
    "from": "447700900001",
    "timestamp": "2020-01-01T14:00:00.000Z",
    "status": "submitted",
    "usage": {"currency": "EUR", "price": "0.0333"},
    "channel": "sms",
}
PRICE = {"cost": 0.0333, "currency": "EUR"}  # of both
UUID, STATUS_MS = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", 1577887200000

# https://github.com/Vonage/vonage-java-sdk/blob/main/src/test/java/com/vonage/client/messages/MessageStatusTest.java
ERROR = {
    "type": "https://developer.nexmo.com/api-errors/messages-olympus#1000",
    "title": 1000,
    "detail": "Throttled - You have exceeded the submission capacity allowed on this account.",
    "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf",
}
REJECTED = {**STATUS, "status": "rejected", "error": ERROR}

# https://github.com/Vonage/vonage-java-sdk/blob/main/src/test/java/com/vonage/client/messages/InboundMessageTest.java
INBOUND = {
    "message_uuid": UUID,
    "to": "447700900000",
    "from": "447700900001",
    "timestamp": "2020-01-01T14:00:00.000Z",
    "channel": "sms",
    "message_type": "text",
    "text": "Hello, world!",
    "sms": {"num_messages": "2", "keyword": "HELLO"},
}

# https://developer.vonage.com/messages/concepts/working-with-whatsapp-interactive-messages
TAP = {
    **{name: INBOUND[name] for name in ("message_uuid", "to", "from", "timestamp")},
    "channel": "whatsapp",
    "message_type": "reply",
    "reply": {"id": "slot-1", "title": "9:15am", "description": "A time"},
    "context": {"message_uuid": "3b5b2d1c-0000-4000-8000-000000000000", "message_from": "447700900000"},
}

# https://github.com/Nexmo/api-specification/blob/main/definitions/messages-olympus.yml, MessageStatus: version 0.1
OLD_STATUS = {
    "message_uuid": UUID,
    "to": {"type": "whatsapp", "number": "447700900000"},
    "from": {"type": "whatsapp", "number": "447700900001"},
    "timestamp": "2020-01-01T14:00:00.000Z",
    "status": "rejected",
    "error": {"code": 1300, "reason": "Not part of the provider network"},
}
OLD_INBOUND = {
    **{name: OLD_STATUS[name] for name in ("message_uuid", "to", "from", "timestamp")},
    "message": {"content": {"type": "text", "text": "stop"}},
}
DOCUMENTED = [RECEIPT, SMS, PART, STATUS, REJECTED, INBOUND, TAP, OLD_STATUS, OLD_INBOUND, [RECEIPT, STATUS]]


def read(payload):
    return [callback for piece in vonage.pieces(payload) for callback in vonage.callbacks(piece)]


@pytest.mark.parametrize(("said", "kind"), [("delivered", "delivered"), ("accepted", "sent"), ("buffered", "sent")])
def test_a_receipt_is_of_msisdn_because_to_is_the_sender(said, kind):
    assert read({**RECEIPT, "status": said}) == [
        Callback(f"{RECEIPT_ID}:{said}", kind, RECEIPT_ID, "447547232824", RECEIPT_MS, channel="sms", **PRICE)
    ]


@pytest.mark.parametrize("said", ["expired", "failed", "rejected"])
@pytest.mark.parametrize(("number", "code"), [("6", "dlr/6"), (6, "dlr/6"), ("06", "dlr/6"), ("0", None), ("", None)])
def test_the_code_of_a_failed_receipt_names_its_space(said, number, code):
    assert read({**RECEIPT, "status": said, "err-code": number}) == [
        Callback(
            f"{RECEIPT_ID}:{said}",
            "failed",
            RECEIPT_ID,
            "447547232824",
            RECEIPT_MS,
            code or f"status/{said}",
            channel="sms",
            **PRICE,
        )
    ]


def test_a_receipt_without_its_time_has_that_of_its_arrival_and_not_the_carriers():
    payload = {name: value for name, value in RECEIPT.items() if name != "message-timestamp"}

    assert read(payload)[0].at_ms is None
    assert read({**payload, "received_at": "2018-10-25T12:10:29Z"})[0].at_ms == RECEIPT_MS


def test_an_inbound_sms_is_of_msisdn_and_of_no_message_in_particular():
    assert read(SMS) == [Callback("0A0000000123ABCD1", "replied", None, "447700900001", SMS_MS, channel="sms")]


def test_a_written_stop_unsubscribes_and_is_no_reply():
    assert read({**SMS, "text": "Stop", "keyword": "STOP"}) == [
        Callback("0A0000000123ABCD1", "unsubscribed", None, "447700900001", SMS_MS, reason="Stop", channel="sms")
    ]


def test_the_parts_of_a_long_sms_have_one_key():
    key = "447700900001:447700900000:1:3:18262"
    last = {**PART, "messageId": "0A0000000123ABCD2", "concat-part": "3", "message-timestamp": "2020-01-01 12:00:01"}

    assert read(PART) == [Callback(key, "replied", None, "447700900001", SMS_MS, channel="sms")]
    assert read(last) == [Callback(key, "replied", None, "447700900001", SMS_MS + 1000, channel="sms")]


@pytest.mark.parametrize(
    "more",
    [
        {"concat-ref": "2"},
        {"concat-total": "2"},
        {"msisdn": "447700900002"},
        {"to": "447700900003"},
        {"message-timestamp": "2020-01-02 12:00:00"},
    ],
)
def test_the_parts_of_another_sms_have_another_key(more):
    assert read({**PART, **more})[0].key != read(PART)[0].key


def test_the_end_of_a_long_sms_is_no_opt_out():
    assert [callback.kind for callback in read({**PART, "text": "end"})] == ["replied"]


@pytest.mark.parametrize(("said", "kind"), [("submitted", "sent"), ("delivered", "delivered"), ("read", "opened")])
def test_a_status_is_of_to(said, kind):
    assert read({**STATUS, "status": said}) == [
        Callback(f"{UUID}:{said}", kind, UUID, "447700900000", STATUS_MS, channel="sms", **PRICE)
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({}, "messages/1000"),
        ({"title": "1000"}, "messages/1000"),
        ({"title": "Throttled", "type": "https://developer.vonage.com/api-errors/messages#1010"}, "messages/1010"),
        ({"title": "Throttled", "type": "https://developer.vonage.com/api-errors"}, "messages_status/rejected"),
    ],
)
def test_the_code_of_a_rejection_is_the_number_in_its_error(error, code):
    assert read({**STATUS, "status": "rejected", "error": {**ERROR, **error}}) == [
        Callback(
            *(f"{UUID}:rejected", "failed", UUID, "447700900000", STATUS_MS, code, ERROR["detail"]),
            channel="sms",
            **PRICE,
        )
    ]


def test_a_failure_without_an_error_has_its_status_for_a_code():
    code = "messages_status/undeliverable"

    assert read({**STATUS, "status": "undeliverable", "channel": "mms"}) == [
        Callback(f"{UUID}:undeliverable", "failed", UUID, "447700900000", STATUS_MS, code, **PRICE)
    ]


def test_the_first_version_of_the_messages_api_is_read_too():
    failed = {"code": "messages/1300", "reason": "Not part of the provider network", "channel": "whatsapp"}

    assert read(OLD_STATUS) == [Callback(f"{UUID}:rejected", "failed", UUID, "447700900000", STATUS_MS, **failed)]
    assert read(OLD_INBOUND) == [
        Callback(UUID, "unsubscribed", None, "447700900001", STATUS_MS, reason="stop", channel="whatsapp")
    ]


@pytest.mark.parametrize(
    ("channel", "kept"), [("sms", "sms"), ("whatsapp", "whatsapp"), ("mms", None), ("rcs", None), ("messenger", None)]
)
def test_an_inbound_message_is_a_reply_on_any_channel(channel, kept):
    assert read({**INBOUND, "channel": channel}) == [
        Callback(UUID, "replied", None, "447700900001", STATUS_MS, channel=kept)
    ]


def test_a_tap_points_at_the_message_and_has_its_label():
    about = TAP["context"]["message_uuid"]

    assert read(TAP) == [
        Callback(UUID, "clicked", about, "447700900001", STATUS_MS, reason="9:15am", channel="whatsapp")
    ]


def test_a_tapped_opt_out_is_a_click_and_an_opt_out():
    button = {"payload": "Unsubscribe", "text": "Unsubscribe"}
    payload = {**INBOUND, "channel": "whatsapp", "message_type": "button", "button": button}
    tap = {"reason": "Unsubscribe", "channel": "whatsapp"}

    assert read(payload) == [
        Callback(UUID, "clicked", None, "447700900001", STATUS_MS, **tap),
        Callback(f"{UUID}:unsubscribed", "unsubscribed", None, "447700900001", STATUS_MS, **tap),
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({**RECEIPT, "status": "unknown"}, "the status 'unknown' is not known"),
        ({**STATUS, "status": "expiryttd"}, "the status 'expiryttd' is not known"),
        ({**STATUS, "timestamp": "2020-01-01T14:00:00"}, "has no zone"),
        ({**RECEIPT, "messageId": ""}, "has no messageId"),
        ({**SMS, "msisdn": ""}, "has no msisdn"),
        ({**INBOUND, "message_type": "unsupported"}, "'unsupported'"),
        ({"message-count": "1", "messages": [{"status": "2"}]}, "nothing about a message"),
    ],
)
def test_what_is_about_no_message_or_unknown_is_refused(payload, reason):
    with pytest.raises(Unusable, match=reason):
        read(payload)


def test_webhooks_come_in_lists_and_each_can_be_read_again():
    assert read([RECEIPT, STATUS]) == read(RECEIPT) + read(STATUS)
    assert [vonage.pieces(piece) for piece in vonage.pieces([RECEIPT, STATUS])] == [[RECEIPT], [STATUS]]


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(vonage, payload)
