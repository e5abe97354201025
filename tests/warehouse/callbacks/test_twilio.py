"""Twilio's webhooks and events as Twilio documents them, and as others were seen to receive them."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given

from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.providers import twilio
from tests.warehouse.callbacks.test_whatsapp import check_any, mutated

RECEIVED_AT, AT_MS = "2025-01-01T00:00:00.000Z", 1735689600000
SID = "SMe287d7109a5a925f182f0e07fe5b223b"


def form(encoded, **more):
    return {**dict(parse_qsl(encoded, keep_blank_values=True)), **more}


# https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
# https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
DELIVERED = form(
    "SmsSid=SMe287d7109a5a925f182f0e07fe5b223b&SmsStatus=delivered&MessageStatus=delivered&To=%2B15558675310"
    "&MessageSid=SMe287d7109a5a925f182f0e07fe5b223b&AccountSid=AC0&From=%2B15017122661&ApiVersion=2010-04-01"
    "&RawDlrDoneDate=2501010000"
)

# the same pages, and https://support.huaweicloud.com/intl/es-us/api-cec/cec_07_0997.html, of WhatsApp
READ = form(
    "EventType=READ&SmsSid=SMe287d7109a5a925f182f0e07fe5b223b&SmsStatus=read&ChannelInstallSid=XE0&MessageStatus=read"
    "&To=whatsapp%3A%2B15558675310&MessageSid=SMe287d7109a5a925f182f0e07fe5b223b&From=whatsapp%3A%2B14155238886"
    "&ChannelToAddress=%2B15558675310&ChannelPrefix=whatsapp&AccountSid=AC0",
    received_at=RECEIVED_AT,
)

# https://github.com/nyaruka/courier/blob/main/handlers/twiml/handlers_test.go
FAILED = form("ErrorCode=21610&MessageSid=SMe287d7109a5a925f182f0e07fe5b223b&MessageStatus=failed&To=%2B12028831111")
UNDELIVERED = form(
    "MessageSid=SMe287d7109a5a925f182f0e07fe5b223b&MessageStatus=undelivered&To=whatsapp%3A%2B12028831111"
    "&ErrorCode=63018&ChannelStatusMessage=Too+many+requests"
)

# https://www.twilio.com/docs/messaging/guides/webhook-request, values as in courier's handlers_test.go
INBOUND = form(
    "ToCountry=US&SmsMessageSid=SMe287d7109a5a925f182f0e07fe5b223b&NumMedia=0&FromZip=01022&SmsStatus=received"
    "&SmsSid=SMe287d7109a5a925f182f0e07fe5b223b&FromState=MA&Body=Msg&FromCountry=US&To=%2B12028831111&NumSegments=1"
    "&MessageSid=SMe287d7109a5a925f182f0e07fe5b223b&AccountSid=acctid&From=%2B14133881111&ApiVersion=2010-04-01",
    received_at=RECEIVED_AT,
)

# the same page; the fields as a webhook logged in a public repository has them, its number replaced
TAP = form(
    "OriginalRepliedMessageSender=whatsapp%3A%2B14155238886&ExternalUserId=whatsapp%3AUS.13491208655302741918&NumMedia=0"
    "&SmsMessageSid=SM8824d91645395b17594d92659b878468&ProfileName=x&MessageType=interactive&WaId=15558675310"
    "&SmsSid=SM8824d91645395b17594d92659b878468&SmsStatus=received&Body=Konfirmasi&ButtonText=Konfirmasi"
    "&To=whatsapp%3A%2B14155238886&ButtonPayload=verify&MessageSid=SM8824d91645395b17594d92659b878468"
    "&OriginalRepliedMessageSid=MM5cc44eecf7dab0d48d4529d0fa4af44d&From=whatsapp%3A%2B15558675310",
    received_at=RECEIVED_AT,
)
TAP_SID, TAPPED_SID = "SM8824d91645395b17594d92659b878468", "MM5cc44eecf7dab0d48d4529d0fa4af44d"


def event(kind, **data):
    """https://www.twilio.com/docs/events/event-types/messaging/outbound-message: the envelope of all of them."""
    return {
        "specversion": "1.0",
        "type": f"com.twilio.{kind}",
        "source": "AB00000000000000000000000001",
        "id": "NO00000000000000000000000001",
        "dataschema": "https://events-schemas.twilio.com/Messaging.MessageStatus/8",
        "datacontenttype": "application/json",
        "time": "2025-01-01T00:00:01.000Z",
        "data": data,
    }


# https://www.twilio.com/docs/events/event-types/messaging/outbound-message
OUTBOUND = {
    "messageSid": SID,
    "timestamp": "2025-01-01T00:00:00.000Z",
    "accountSid": "AC0000000000000000000000000000001",
    "from": "+12345678901",
    "to": "+15558675310",
    "apiVersion": "2010-04-01",
}
EVENT = event("messaging.message.delivered", **OUTBOUND, messageStatus="DELIVERED", rawDlrDoneDate="2501010000")

# https://www.twilio.com/docs/events/event-types/messaging/inbound-message
INBOUND_EVENT = event(
    "messaging.inbound-message.received",
    **{"messageSid": SID, "timestamp": RECEIVED_AT, "from": "+14133881111", "to": "+12028831111", "body": "Ahoy!"},
)

# https://www.twilio.com/docs/events/event-types/link-shortening/link: the user agent is that of a preview
CLICK = event(
    "daptbt.link-shortening.link-clicked",
    **{
        "message_sid": "SM0000000000000000000000000000001",
        "to": "+11234567890",
        "from": "+12345678901",
        "link": "https://mycompany.com/my-very-long-endpoint?withSomeQuery=values",
        "shortened_link": "https://mycompany.com/0000000001",
        "link_create_time": "2025-01-01T00:00:00.000Z",
        "click_time": "2025-01-01T00:10:00.000Z",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/56.0.2924.87 Safari/537.36 Google-PageRenderer Google",
    },
)
DOCUMENTED = [DELIVERED, READ, FAILED, UNDELIVERED, INBOUND, TAP, EVENT, INBOUND_EVENT, CLICK, [EVENT, CLICK]]


def read(payload):
    return [callback for piece in twilio.pieces(payload) for callback in twilio.callbacks(piece)]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        *[(said, "queued") for said in ("accepted", "scheduled", "queued", "sending")],
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "opened"),
    ],
)
def test_a_status_has_the_time_of_its_arrival(said, kind):
    payload = {**DELIVERED, "MessageStatus": said, "received_at": RECEIVED_AT}

    assert read(payload) == [Callback(f"{SID}:{said}", kind, SID, "15558675310", AT_MS, channel="sms")]


def test_the_carriers_clock_without_a_zone_is_no_time():
    assert read(DELIVERED) == [Callback(f"{SID}:delivered", "delivered", SID, "15558675310", None, channel="sms")]


def test_a_status_of_whatsapp_says_so():
    assert read(READ) == [Callback(f"{SID}:read", "opened", SID, "15558675310", AT_MS, channel="whatsapp")]


def test_a_status_may_have_only_the_old_names():
    old = {"SmsSid": SID, "SmsStatus": "sent", "To": "+15558675310"}

    assert read(old) == [Callback(f"{SID}:sent", "sent", SID, "15558675310", None, channel="sms")]


def test_segments_and_prices_are_those_that_twilio_knows():
    # https://www.twilio.com/docs/events/event-types/messaging/outbound-message: segments in the streams since 2024
    data = {"messageSid": SID, "messageStatus": "DELIVERED", "to": "+15558675310", "numberOfSegments": 2}
    stream = {"type": "com.twilio.messaging.message.delivered", "time": RECEIVED_AT, "data": data}
    [found] = read(stream)
    assert (found.parts, found.cost, found.currency) == (2, None, None)
    # the resource, fetched after it was sent: a charge is negative, 0 segments are those of a service not yet chosen
    [found] = read({**DELIVERED, "NumSegments": "0", "Price": "-0.0750", "PriceUnit": "USD"})
    assert (found.parts, found.cost, found.currency) == (None, 0.075, "USD")


def test_a_failure_has_its_code_in_its_key_too():
    assert read(FAILED) == [Callback(f"{SID}:failed:21610", "failed", SID, "12028831111", None, "21610", channel="sms")]
    assert read({**FAILED, "ErrorMessage": "Unsubscribed"})[0].reason == "Unsubscribed"


def test_a_failure_on_whatsapp_has_the_words_of_the_channel():
    said = {"code": "63018", "reason": "Too many requests", "channel": "whatsapp"}

    assert read(UNDELIVERED) == [Callback(f"{SID}:undelivered:63018", "failed", SID, "12028831111", None, **said)]


@pytest.mark.parametrize("said", ["undelivered", "failed", "canceled"])
@pytest.mark.parametrize("error", [{}, {"ErrorCode": ""}, {"ErrorCode": "0"}])
def test_a_failure_without_a_code_has_its_status_for_one(said, error):
    payload = {**DELIVERED, "MessageStatus": said, **error}

    assert read(payload) == [
        Callback(f"{SID}:{said}", "failed", SID, "15558675310", None, f"status/{said}", channel="sms")
    ]


def test_an_inbound_message_is_a_reply_to_no_message_in_particular():
    assert read(INBOUND) == [Callback(SID, "replied", None, "14133881111", AT_MS, channel="sms")]
    assert read({name: value for name, value in INBOUND.items() if name != "SmsStatus"}) == read(INBOUND)


def test_a_tap_points_at_the_message_and_has_its_label():
    tap = {"reason": "Konfirmasi", "channel": "whatsapp"}

    assert read(TAP) == [Callback(TAP_SID, "clicked", TAPPED_SID, "15558675310", AT_MS, **tap)]


def test_a_tapped_opt_out_is_a_click_and_an_opt_out():
    payload = {**TAP, "ButtonText": "Unsubscribe", "Body": "Unsubscribe"}
    tap = {"reason": "Unsubscribe", "channel": "whatsapp"}

    assert read(payload) == [
        Callback(TAP_SID, "clicked", TAPPED_SID, "15558675310", AT_MS, **tap),
        Callback(f"{TAP_SID}:unsubscribed", "unsubscribed", TAPPED_SID, "15558675310", AT_MS, **tap),
    ]


@pytest.mark.parametrize(
    ("more", "kind", "reason"),
    [
        # https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out: an account's keywords are its own
        ({"Body": "Basta", "OptOutType": "STOP"}, "unsubscribed", "Basta"),
        ({"Body": "STOP"}, "unsubscribed", "STOP"),
        ({"Body": "START", "OptOutType": "START"}, "subscribed", None),
        ({"Body": "HELP", "OptOutType": "HELP"}, "replied", None),
        ({"Body": "cancel", "OptOutType": "HELP"}, "replied", None),
        ({"Body": "Please do not stop"}, "replied", None),
        # https://www.twilio.com/docs/api/errors/30039
        ({"ErrorCode": "30039"}, "autoresponded", None),
    ],
)
def test_what_an_inbound_message_asks_for_is_one_thing(more, kind, reason):
    assert read({**INBOUND, **more}) == [Callback(SID, kind, None, "14133881111", AT_MS, reason=reason, channel="sms")]


@pytest.mark.parametrize("sender", ["whatsapp:US.1234", ""])
def test_a_person_without_a_number_is_named_by_the_user_id(sender):
    # https://github.com/nyaruka/courier/blob/main/handlers/twiml/handlers_test.go, waReceiveFromBSUID
    payload = {**INBOUND, "From": sender, "ExternalUserId": "whatsapp:US.1234"}

    assert [(callback.recipient, callback.message) for callback in read(payload)] == [("US.1234", None)]


@pytest.mark.parametrize(
    ("sender", "channel"), [("rcs:brand_agent", None), ("messenger:123", None), ("whatsapp:+1", "whatsapp")]
)
def test_only_sms_and_whatsapp_are_channels(sender, channel):
    assert read({**INBOUND, "From": sender})[0].channel == channel


def test_an_event_has_a_time_of_its_own_and_the_key_of_the_callback():
    assert read(EVENT) == [Callback(f"{SID}:delivered", "delivered", SID, "15558675310", AT_MS, channel="sms")]
    assert read(EVENT)[0].key == read(DELIVERED)[0].key


def test_a_failed_event_has_its_code_as_a_number_and_the_key_of_the_callback():
    failed = event("messaging.message.undelivered", **OUTBOUND, messageStatus="UNDELIVERED", errorCode=30003)
    callback = {**DELIVERED, "MessageStatus": "undelivered", "ErrorCode": "30003"}
    key = f"{SID}:undelivered:30003"

    assert read(failed) == [Callback(key, "failed", SID, "15558675310", AT_MS, "30003", channel="sms")]
    assert read(callback)[0].key == key


def test_an_inbound_event_is_a_reply_with_the_key_of_the_webhook():
    assert read(INBOUND_EVENT) == read(INBOUND)


def test_a_click_of_a_preview_is_of_nobody_known():
    assert read(CLICK) == [
        Callback(
            "NO00000000000000000000000001",
            "clicked",
            "SM0000000000000000000000000000001",
            "11234567890",
            AT_MS + 600_000,
            url="https://mycompany.com/my-very-long-endpoint?withSomeQuery=values",
            channel="sms",
        )
    ]


def test_events_come_in_lists_and_each_can_be_read_again():
    assert read([EVENT, CLICK]) == read(EVENT) + read(CLICK)
    assert [twilio.pieces(piece) for piece in twilio.pieces([EVENT, CLICK])] == [[EVENT], [CLICK]]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({**DELIVERED, "MessageStatus": "huh"}, "the status 'huh' is not known"),  # as in courier's handlers_test.go
        (event("messaging.message.expired", **OUTBOUND), "the status 'expired' is not known"),
        (event("daptbt.link-shortening.link-shortened", message_sid=SID), "nothing about a message"),
        (event("error-logs.error.logged"), "nothing about a message"),
        ({"MessageStatus": "sent"}, "has no SmsSid"),
        ({**INBOUND, "From": ""}, "has no From"),
        ({**DELIVERED, "received_at": "2025-01-01T00:00:00"}, "has no zone"),
        ({}, "the status None is not known"),
    ],
)
def test_what_is_about_no_message_or_unknown_is_refused(payload, reason):
    with pytest.raises(Unusable, match=reason):
        read(payload)


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(twilio, payload)
