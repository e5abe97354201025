"""Postmark's webhooks as Postmark documents them."""

import pytest
from hypothesis import given

from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.providers import postmark
from tests.warehouse.callbacks.test_whatsapp import check_any, mutated

ID, TO = "883953f4-6105-42a2-a16a-77a8eac79483", "john@example.com"


def record(kind, **more):
    return {"RecordType": kind, "ServerID": 23, "MessageStream": "outbound", "MessageID": ID, "Tag": "welcome", **more}


# https://postmarkapp.com/developer/webhooks/delivery-webhook
DELIVERY = record("Delivery", Recipient=TO, DeliveredAt="2019-11-05T16:33:54.9070259Z", Details="Test delivery")
# https://postmarkapp.com/developer/webhooks/bounce-webhook
BOUNCE = record(
    "Bounce",
    ID=4323372036854775807,
    Type="HardBounce",
    TypeCode=1,
    Name="Hard bounce",
    Description="The server was unable to deliver your message (ex: unknown user, mailbox not found).",
    Details="smtp;550 5.1.1 The email account that you tried to reach does not exist.",
    Email=TO,
    BouncedAt="2019-11-05T16:33:54.9070259Z",
    Inactive=True,
)
# https://postmarkapp.com/developer/webhooks/open-tracking-webhook
OPEN = record("Open", FirstOpen=True, ReceivedAt="2019-11-05T16:33:54.9070259Z", Recipient=TO, UserAgent="Mozilla/5.0")
# https://postmarkapp.com/developer/webhooks/click-webhook
CLICK = record("Click", OriginalLink="https://example.com", ReceivedAt="2017-10-25T15:21:11.9065619Z", Recipient=TO)
# https://postmarkapp.com/developer/webhooks/spam-complaint-webhook
SPAM = record("SpamComplaint", ID=42, Type="SpamComplaint", Email=TO, BouncedAt="2016-04-27T16:28:50.3963933-04:00")
# https://postmarkapp.com/developer/webhooks/subscription-change-webhook
CHANGE = record(
    "SubscriptionChange",
    ChangedAt="2020-02-01T10:53:34.416071Z",
    Recipient=TO,
    Origin="Recipient",
    SuppressSending=True,
    SuppressionReason="ManualSuppression",
)
# https://postmarkapp.com/developer/webhooks/inbound-webhook
INBOUND = {
    "FromName": "John Doe",
    "From": "John@example.com",
    "FromFull": {"Email": TO, "Name": "John Doe", "MailboxHash": ""},
    "To": "sender@example.org",
    "Subject": "Re: Spring sale",
    "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b",
    "Date": "Fri, 1 Aug 2014 16:45:32 -04:00",
    "TextBody": "Yes please",
    "Headers": [{"Name": "X-Spam-Status", "Value": "No"}, {"Name": "In-Reply-To", "Value": f"<{ID}@mtasv.net>"}],
}
DOCUMENTED = [DELIVERY, BOUNCE, OPEN, CLICK, SPAM, CHANGE, INBOUND, [DELIVERY, OPEN]]
AT_MS = 1572971634907


def read(payload):
    return [callback for piece in postmark.pieces(payload) for callback in postmark.callbacks(piece)]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (DELIVERY, Callback(f"{ID}:Delivery:{AT_MS}", "delivered", ID, TO, AT_MS, channel="email")),
        (
            BOUNCE,
            Callback(
                *("bounce:4323372036854775807", "failed", ID, TO, AT_MS, "HardBounce", BOUNCE["Details"]),
                channel="email",
            ),
        ),
        (OPEN, Callback(f"{ID}:Open:{AT_MS}", "opened", ID, TO, AT_MS, channel="email")),
        (
            CLICK,
            Callback(
                *(f"{ID}:Click:1508944871907:https://example.com", "clicked", ID, TO, 1508944871907),
                url="https://example.com",
                channel="email",
            ),
        ),
        (SPAM, Callback("bounce:42", "complained", ID, TO, 1461788930396, channel="email")),
        (
            CHANGE,
            Callback(
                *(f"{ID}:SubscriptionChange:1580554414416", "unsubscribed", ID, TO, 1580554414416),
                reason="ManualSuppression",
                channel="email",
            ),
        ),
        (
            INBOUND,
            Callback(f"inbound:{INBOUND['MessageID']}", "replied", ID, TO, 1406925932000, channel="email"),
        ),
    ],
)
def test_each_record(payload, expected):
    assert read(payload) == [expected]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        # https://postmarkapp.com/developer/api/bounce-api#bounce-types: not all of them are failures
        ("Transient", "deferred"),
        ("DnsError", "deferred"),
        ("AutoResponder", "autoresponded"),
        ("AddressChange", "autoresponded"),
        ("Subscribe", "subscribed"),
        ("Unsubscribe", "unsubscribed"),
        ("SoftBounce", "failed"),
        ("Blocked", "failed"),
    ],
)
def test_not_every_bounce_is_a_failure(kind, expected):
    [found] = read({**BOUNCE, "Type": kind})
    assert (found.kind, found.code) == (expected, kind if expected in ("failed", "deferred") else None)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"SuppressSending": False, "SuppressionReason": None}, "subscribed"),
        ({"SuppressionReason": "HardBounce"}, "failed"),
        ({"SuppressionReason": "SpamComplaint"}, "complained"),
    ],
)
def test_why_a_person_is_left_out(change, kind):
    assert read({**CHANGE, **change})[0].kind == kind


@pytest.mark.parametrize(
    "header", [("Auto-Submitted", "auto-replied"), ("X-Autoreply", "yes"), ("Precedence", "auto_reply")]
)
def test_a_machines_answer_is_no_reply(header):
    name, value = header
    [found] = read({**INBOUND, "Headers": [{"Name": name, "Value": value}]})
    assert (found.kind, found.message) == ("autoresponded", None)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (record("SMTPApiError"), "the record 'SMTPApiError' is not known"),
        ({**BOUNCE, "Type": None}, "has no Type"),
        ({}, "the record None is not known"),
    ],
)
def test_what_is_about_no_message_or_unknown_is_refused(payload, reason):
    with pytest.raises(Unusable, match=reason):
        read(payload)


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(postmark, payload)
