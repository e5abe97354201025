"""Amazon SES events as AWS documents them, bare and in an envelope of SNS."""

import json

import pytest
from hypothesis import given

from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.providers import ses
from tests.warehouse.callbacks.test_whatsapp import check_any, mutated

ID = "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000"
TO = "recipient@example.com"


def event(said, mail=None, **more):
    # the mail object of every example at
    # https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
    usual = {
        "timestamp": "2017-08-05T00:40:02.012Z",
        "source": "Sender Name <sender@example.com>",
        "sendingAccountId": "123456789012",
        "messageId": ID,
        "destination": [TO],
        "headersTruncated": False,
        "headers": [{"name": "From", "value": "Sender Name <sender@example.com>"}],
        "tags": {"ses:configuration-set": ["ConfigSet"]},
    }
    return {"eventType": said, "mail": {**usual, **(mail or {})}, **more}


# each at https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
BOUNCED = {"emailAddress": TO, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
BOUNCE = event(
    "Bounce",
    bounce={
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [BOUNCED],
        "timestamp": "2017-08-05T00:41:02.669Z",
        "feedbackId": "01000157c44f053b-61b59c11",
        "reportingMTA": "dsn; mta.example.com",
    },
)
COMPLAINT = event(
    "Complaint",
    complaint={
        "complainedRecipients": [{"emailAddress": TO}],
        "timestamp": "2017-08-05T00:41:02.669Z",
        "feedbackId": "01000157c44f053b-61b59c11",
        "userAgent": "Mozilla/5.0",
        "complaintFeedbackType": "abuse",
        "arrivalDate": "2017-08-05T00:41:02.669Z",
    },
)
DELIVERY = event(
    "Delivery",
    delivery={
        "timestamp": "2016-10-19T23:21:04.133Z",
        "processingTimeMillis": 11893,
        "recipients": [TO],
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": "mta.example.com",
    },
)
SEND = event("Send", send={})
REJECT = event("Reject", reject={"reason": "Bad content"})
OPEN = event(
    "Open", open={"ipAddress": "192.0.2.1", "timestamp": "2017-08-09T22:00:19.652Z", "userAgent": "Mozilla/5.0"}
)
CLICK = event(
    "Click",
    click={
        "ipAddress": "192.0.2.1",
        "link": "http://docs.aws.amazon.com/ses/latest/DeveloperGuide/send-email-smtp.html",
        "linkTags": {"samplekey0": ["samplevalue0"]},
        "timestamp": "2017-08-09T23:51:25.570Z",
        "userAgent": "Mozilla/5.0",
    },
)
RENDERING = event(
    "Rendering Failure",
    failure={"errorMessage": "Attribute 'attributeName' is not present.", "templateName": "MyTemplate"},
)
DELAY = event(
    "DeliveryDelay",
    deliveryDelay={
        "timestamp": "2020-06-16T00:25:40.095Z",
        "delayType": "TransientCommunicationFailure",
        "expirationTime": "2020-06-16T00:25:40.914Z",
        "delayedRecipients": [
            {
                "emailAddress": TO,
                "status": "4.4.1",
                "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host",
            }
        ],
    },
)
SUBSCRIPTION = event(
    "Subscription",
    subscription={
        "contactList": "ContactListName",
        "timestamp": "2022-01-12T01:00:17.910Z",
        "source": "UnsubscribeHeader",
        "newTopicPreferences": {
            "unsubscribeAll": True,
            "topicSubscriptionStatus": [{"topicName": "ExampleTopicName", "subscriptionStatus": "OptOut"}],
        },
        "oldTopicPreferences": {"unsubscribeAll": False},
    },
)
# https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
IN_SNS = {
    "Type": "Notification",
    "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic",
    "Message": json.dumps(DELIVERY),
    "Timestamp": "2026-05-02T00:54:06.655Z",
}
EACH = [BOUNCE, COMPLAINT, DELIVERY, SEND, REJECT, OPEN, CLICK, RENDERING, DELAY, SUBSCRIPTION]
DOCUMENTED = [*EACH, IN_SNS, [SEND, IN_SNS]]


def read(payload):
    return [callback for piece in ses.pieces(payload) for callback in ses.callbacks(piece)]


@pytest.mark.parametrize(
    ("payload", "kind", "at_ms", "told"),
    [
        (BOUNCE, "failed", 1501893662669, {"code": "Permanent/General/5.1.1", "reason": BOUNCED["diagnosticCode"]}),
        (COMPLAINT, "complained", 1501893662669, {"reason": "abuse"}),
        (DELIVERY, "delivered", 1476919264133, {}),
        (SEND, "sent", 1501893602012, {}),
        (REJECT, "failed", 1501893602012, {"code": "Reject/Bad content", "reason": "Bad content"}),
        (OPEN, "opened", 1502316019652, {}),
        (CLICK, "clicked", 1502322685570, {"url": CLICK["click"]["link"]}),
        (
            RENDERING,
            "failed",
            1501893602012,
            {"code": "RenderingFailure", "reason": "Attribute 'attributeName' is not present."},
        ),
        (
            DELAY,
            "deferred",
            1592267140095,
            {
                "code": "DeliveryDelay/TransientCommunicationFailure",
                "reason": "smtp; 421 4.4.1 Unable to connect to remote host",
            },
        ),
        (SUBSCRIPTION, "unsubscribed", 1641949217910, {"reason": "UnsubscribeHeader"}),
    ],
)
def test_each_event_has_the_time_of_its_own_object(payload, kind, at_ms, told):
    [found] = read(payload)
    assert found == Callback(found.key, kind, ID, TO, at_ms, channel="email", **told)


def test_in_an_envelope_an_event_is_what_it_is_without():
    assert read(IN_SNS) == read(DELIVERY)
    assert read([IN_SNS, SEND]) == [*read(DELIVERY), *read(SEND)]


def test_feedback_notifications_have_another_name_for_their_type():
    # https://docs.aws.amazon.com/ses/latest/dg/notification-examples.html
    notification = {name: value for name, value in BOUNCE.items() if name != "eventType"} | {
        "notificationType": "Bounce"
    }
    assert read(notification) == read(BOUNCE)


def test_one_event_tells_of_several_people():
    other = {**BOUNCED, "emailAddress": "Other@Example.com", "status": "5.2.2", "diagnosticCode": "mailbox full"}
    payload = event("Bounce", bounce={**BOUNCE["bounce"], "bouncedRecipients": [BOUNCED, other]})
    one, two = read(payload)
    assert (one.recipient, two.recipient) == (TO, "other@example.com")
    assert (two.code, two.reason) == ("Permanent/General/5.2.2", "mailbox full")
    assert one.key != two.key
    assert [found.recipient for found in read(event("Send", mail={"destination": [TO, "b@c.example"]}))] == [
        TO,
        "b@c.example",
    ]


def test_who_of_several_opened_is_not_known():
    [found] = read(event("Open", mail={"destination": [TO, "b@c.example"]}, open=OPEN["open"]))
    assert (found.message, found.recipient) == (ID, None)


def test_the_suppression_list_is_nobodys_complaint():
    # https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html, complaintSubType
    [found] = read(
        event("Complaint", complaint={**COMPLAINT["complaint"], "complaintSubType": "OnAccountSuppressionList"})
    )
    assert (found.kind, found.code) == ("failed", "Complaint/OnAccountSuppressionList")


def test_a_person_may_come_back():
    back = {"unsubscribeAll": False, "topicSubscriptionStatus": [{"topicName": "T", "subscriptionStatus": "OptIn"}]}
    [found] = read(event("Subscription", subscription={**SUBSCRIPTION["subscription"], "newTopicPreferences": back}))
    assert found.kind == "subscribed"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe"}, "'SubscriptionConfirmation'"),
        (event("Teleported"), "not about a message: 'Teleported'"),
        (event("Bounce", bounce={**BOUNCE["bounce"], "bouncedRecipients": []}), "names no recipient"),
        ({"eventType": "Send", "mail": {}}, "has no messageId"),
        ({**IN_SNS, "Message": "{broken"}, "not about a message"),
    ],
)
def test_what_is_about_no_message_or_unknown_is_refused(payload, reason):
    with pytest.raises(Unusable, match=reason):
        read(payload)


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(ses, payload)
