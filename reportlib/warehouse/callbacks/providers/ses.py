"""Amazon SES: event publishing and feedback notifications, bare, as a line of Firehose, or in an envelope of SNS."""

from reportlib.warehouse.callbacks.amazon import unwrapped
from reportlib.warehouse.callbacks.model import (
    Callback,
    Unusable,
    brief,
    mailbox,
    message_id,
    moment,
    part,
    parts,
    required,
    with_status,
    words,
)

READS = (
    "event publishing and feedback notifications, bare or in the envelopes of SNS, SQS, Lambda, EventBridge, Kinesis, "
    "Firehose"
)
ALIASES = ("amazon-ses", "aws-ses")
ID_ENDS_AT = "@"  # as SMTP returns it: …@email.amazonses.com
CHANNEL = "email"


def pieces(payload):
    """The events, each without its envelopes."""
    return unwrapped(payload)


def callbacks(piece):
    """Of one event, a callback for each of its recipients; who of several opened or clicked, SES does not say."""
    said = words(piece.get("eventType")) or words(piece.get("notificationType"))
    read = _EVENTS.get((said or "").replace(" ", ""))
    if read is None:
        raise Unusable(f"not about a message: {brief(said or piece.get('Type'))}")
    mail = part(piece, "mail")
    message = message_id(required(mail, "messageId"), ID_ENDS_AT)
    return [
        Callback(
            ":".join(
                [message, said.replace(" ", ""), *[str(one) for one in (*apart, recipient, at) if one is not None]]
            ),
            kind,
            message,
            recipient,
            at,
            code,
            reason,
            url,
            None,
            CHANNEL,
        )
        for apart, kind, recipient, at, code, reason, url in read(piece, mail)
    ]


def _of_each(kind, recipients, at, apart=(), code=None, reason=None, url=None):
    """One row for each address: what tells its key apart, and the fields of a callback."""
    if not recipients:
        raise Unusable("names no recipient")
    return [(apart, kind, recipient, at, code, reason, url) for recipient in recipients]


def _addresses(mail):
    destination = mail.get("destination")
    found = [mailbox(one) for one in destination] if isinstance(destination, list) else []
    return [address for address in found if address]


def _send(_, mail):
    return _of_each("sent", _addresses(mail), moment(mail.get("timestamp")))


def _delivery(piece, mail):
    delivery = part(piece, "delivery")
    named = [mailbox(one) for one in delivery.get("recipients") or ()]
    return _of_each("delivered", [one for one in named if one] or _addresses(mail), moment(delivery.get("timestamp")))


def _bounce(piece, mail):
    bounce = part(piece, "bounce")
    why = words(bounce.get("bounceSubType")) or "General"
    verdict = f"{required(bounce, 'bounceType')}/{why}"
    return _failures(bounce, "bouncedRecipients", "failed", verdict, why in ("General", "Undetermined"))


def _delay(piece, mail):
    delay = part(piece, "deliveryDelay")
    verdict = f"DeliveryDelay/{words(delay.get('delayType')) or 'Undetermined'}"
    return _failures(delay, "delayedRecipients", "deferred", verdict, False)


def _failures(event, names, kind, verdict, is_bare):
    """A row for each recipient; where the verdict is bare, the status of each says why."""
    at, apart = moment(event.get("timestamp")), (words(event.get("feedbackId")),)
    rows = []
    for one in parts(event, names):
        address = mailbox(one.get("emailAddress"))
        code = with_status(verdict, words(one.get("status"))) if is_bare else verdict
        rows += _of_each(kind, [address] if address else [], at, apart, code, words(one.get("diagnosticCode")))
    if not rows:
        raise Unusable("names no recipient")
    return rows


def _complaint(piece, mail):
    complaint = part(piece, "complaint")
    at, apart = moment(complaint.get("timestamp")), (words(complaint.get("feedbackId")),)
    people = [mailbox(one.get("emailAddress")) for one in parts(complaint, "complainedRecipients")]
    people = [one for one in people if one] or _addresses(mail)
    if words(complaint.get("complaintFeedbackType")) == "not-spam":
        raise Unusable("somebody said that it is no spam: no complaint")
    subtype = words(complaint.get("complaintSubType"))
    if subtype == "OnAccountSuppressionList":  # nobody complained: SES did not send
        return _of_each("failed", people, at, apart, f"Complaint/{subtype}")
    return _of_each("complained", people, at, apart, reason=words(complaint.get("complaintFeedbackType")))


def _reject(piece, mail):
    reason = words(part(piece, "reject").get("reason"))
    return _of_each("failed", _addresses(mail), moment(mail.get("timestamp")), (), f"Reject/{reason}", reason)


def _rendering(piece, mail):
    reason = words(part(piece, "failure").get("errorMessage"))
    return _of_each("failed", _addresses(mail), moment(mail.get("timestamp")), (), "RenderingFailure", reason)


def _open(piece, mail):
    return _of_each("opened", _only(mail), moment(part(piece, "open").get("timestamp")))


def _click(piece, mail):
    click = part(piece, "click")
    url = words(click.get("link"))
    return _of_each("clicked", _only(mail), moment(click.get("timestamp")), (url,), url=url)


def _only(mail):
    people = _addresses(mail)
    return people if len(people) == 1 else [None]


def _subscription(piece, mail):
    subscription = part(piece, "subscription")
    new = part(subscription, "newTopicPreferences")
    left = new.get("unsubscribeAll") is True or any(
        one.get("subscriptionStatus") == "OptOut" for one in parts(new, "topicSubscriptionStatus")
    )
    kind, why = ("unsubscribed", words(subscription.get("source"))) if left else ("subscribed", None)
    return _of_each(kind, _addresses(mail), moment(subscription.get("timestamp")), reason=why)


_EVENTS = {
    **{"Send": _send, "Delivery": _delivery, "Bounce": _bounce, "DeliveryDelay": _delay, "Complaint": _complaint},
    **{"Reject": _reject, "RenderingFailure": _rendering, "Open": _open, "Click": _click},
    "Subscription": _subscription,
}
