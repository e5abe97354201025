"""AWS End User Messaging: events of SMS (and of Pinpoint, which was before it), two-way SMS, and its WhatsApp."""

import orjson

from reportlib.warehouse.callbacks.amazon import unwrapped
from reportlib.warehouse.callbacks.model import (
    Callback,
    Unusable,
    amount,
    brief,
    moment,
    number_of_parts,
    part,
    phone,
    required,
    words,
)
from reportlib.warehouse.callbacks.opt_outs import is_opt_out
from reportlib.warehouse.callbacks.providers import whatsapp

READS = (
    "events of SMS and MMS, two-way SMS, Pinpoint's SMS, WhatsApp; bare or from SNS, SQS, Lambda, EventBridge, Kinesis "
    "or Firehose"
)
ALIASES = ("aws-sms", "pinpoint", "sns")
_WHATSAPP = "whatsAppWebhookEntry"
_EVENTS = {
    **dict.fromkeys(("QUEUED", "PENDING"), "queued"),
    **dict.fromkeys(("SENT", "SUCCESSFUL"), "sent"),  # accepted by the carrier, where there are no receipts
    "DELIVERED": "delivered",
    **dict.fromkeys(("INVALID", "UNREACHABLE", "BLOCKED", "CARRIER_BLOCKED", "CARRIER_UNREACHABLE", "SPAM"), "failed"),
    **dict.fromkeys(("TTL_EXPIRED", "UNKNOWN", "INVALID_MESSAGE", "PROTECT_BLOCKED"), "failed"),
}
_PINPOINT = {"_SMS.BUFFERED": "sent", "_SMS.SUCCESS": "delivered", "_SMS.FAILURE": "failed"}


def pieces(payload):
    """The events, each without its envelopes; of WhatsApp those that Meta's webhook holds."""
    return [piece for event in unwrapped(payload) for piece in _of_event(event)]


def _of_event(event):
    if not isinstance(event, dict) or _WHATSAPP not in event:
        return [event]
    entry = event[_WHATSAPP]
    try:
        return whatsapp.pieces({"entry": [orjson.loads(entry) if isinstance(entry, str) else entry]})
    except orjson.JSONDecodeError:
        return [event]


def callbacks(piece):
    """Of one event, one inbound message, or one thing in Meta's webhook."""
    if any(name in piece for name in ("statuses", "messages", "user_preferences", "errors")):
        return whatsapp.callbacks(piece)
    if "originationNumber" in piece and "messageBody" in piece:
        return [_inbound(piece)]
    if "event_type" in piece:
        return [_pinpoint(piece)]
    said, message = required(piece, "eventType"), required(piece, "messageId")
    kind = _EVENTS.get(said.partition("_")[2])
    if kind is None:
        raise Unusable(f"the event {brief(said)} is not known")
    at = moment(piece.get("eventTimestamp"))
    code, reason = (said, words(piece.get("messageStatusDescription"))) if kind == "failed" else (None, None)
    recipient, price = phone(piece.get("destinationPhoneNumber")), amount(piece.get("totalMessagePrice"))
    charge = {"parts": number_of_parts(piece.get("totalMessageParts"))}
    if price is not None:  # in dollars, the carrier's fee beside it
        charge |= {"cost": price + (amount(piece.get("totalCarrierFee")) or 0), "currency": "USD"}
    return [Callback(f"{message}:{said}:{at}", kind, message, recipient, at, code, reason, channel="sms", **charge)]


def _inbound(inbound):
    identity, who = required(inbound, "inboundMessageId"), phone(inbound["originationNumber"])
    about, text = words(inbound.get("previousPublishedMessageId")), words(inbound["messageBody"])
    common = {"message": about, "recipient": who, "at_ms": moment(inbound.get("received_at")), "channel": "sms"}
    if is_opt_out(text):
        return Callback(identity, "unsubscribed", reason=text, **common)
    return Callback(identity, "replied", **common)


def _pinpoint(event):
    said, told = required(event, "event_type"), part(event, "attributes")
    kind, message = _PINPOINT.get(said), required(told, "message_id")
    if kind is None:
        raise Unusable(f"the event {brief(said)} is not known")
    at, status = moment(event.get("event_timestamp")), words(told.get("record_status"))
    code = f"TEXT_{status}" if kind == "failed" and status else None
    recipient = phone(told.get("destination_phone_number"))
    return Callback(f"{message}:{said}:{at}", kind, message, recipient, at, code, channel="sms")
