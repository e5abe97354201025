"""Twilio's status callbacks, inbound messages and Event Streams (CloudEvents), of SMS and of WhatsApp."""

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

READS = "status callbacks and inbound messages (forms or JSON), Event Streams, link-shortening clicks"
ALIASES = ()
_STATUSES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), "queued"),
    **dict.fromkeys(("undelivered", "failed", "canceled"), "failed"),
    **{"sent": "sent", "delivered": "delivered", "read": "opened"},
}
_INBOUND = ("receiving", "received")
_CHANNELS = {"": "sms", "whatsapp": "whatsapp"}  # by what stands before a number; rcs: and messenger: are neither
_WRITTEN_BY_A_MACHINE = "30039"
_STATUS_EVENT = "com.twilio.messaging.message."
_INBOUND_EVENT = "com.twilio.messaging.inbound-message.received"
_CLICK_EVENT = "com.twilio.daptbt.link-shortening.link-clicked"


def pieces(payload):
    """The events of a list, as Event Streams sends them; anything else is one piece."""
    return payload if isinstance(payload, list) else [payload]


def callbacks(piece):
    """Of one status callback, one inbound message, or one event."""
    if "type" in piece:
        return _event(piece)
    said = piece.get("MessageStatus") or piece.get("SmsStatus")
    if said in _INBOUND or (not said and "Body" in piece):
        return _inbound(piece, moment(piece.get("received_at")))
    # the body has no time but RawDlrDoneDate, of an unknown zone
    return _status(piece, said, moment(piece.get("received_at")))


def _event(event):
    said, data = required(event, "type"), part(event, "data")
    if said == _CLICK_EVENT:
        return _click(event, data)
    at = moment(data.get("timestamp") or data.get("eventTimestamp") or event.get("time"))
    form = {name[:1].upper() + name[1:]: value for name, value in data.items()}  # messageSid is MessageSid there
    if said == _INBOUND_EVENT:
        return _inbound(form, at)
    if said.startswith(_STATUS_EVENT):
        return _status(form, said.removeprefix(_STATUS_EVENT), at)
    raise Unusable(f"an event of the type {brief(said)}: nothing about a message")


def _status(form, said, at):
    kind = _STATUSES.get(said)
    if kind is None:
        raise Unusable(f"the status {brief(said)} is not known")
    message, to = _sid(form), form.get("To")
    recipient, channel = phone(to) or phone(form.get("ExternalUserId")), _channel(to)
    if kind != "failed":
        return [Callback(f"{message}:{said}", kind, message, recipient, at, channel=channel, **_charge(form))]
    code = _code(form)
    key = f"{message}:{said}:{code}" if code else f"{message}:{said}"
    reason = words(form.get("ErrorMessage")) or words(form.get("ChannelStatusMessage"))
    return [
        Callback(key, kind, message, recipient, at, code or f"status/{said}", reason, channel=channel, **_charge(form))
    ]


def _charge(form):
    """Segments of an SMS, in the streams since 2024; the price where a message is sent on as it was fetched."""
    cost, parts = amount(form.get("Price")), form.get("NumberOfSegments") or form.get("NumSegments")
    currency = words(form.get("PriceUnit")) if cost is not None else None
    return {"cost": cost, "currency": currency, "parts": number_of_parts(parts)}


def _inbound(form, at):
    identity, who = _sid(form), phone(form.get("From")) or phone(form.get("ExternalUserId"))
    if who is None:
        raise Unusable("has no From")
    about, asked = words(form.get("OriginalRepliedMessageSid")), words(form.get("OptOutType"))
    label = words(form.get("ButtonText")) or words(form.get("ButtonPayload"))
    said = label or words(form.get("Body"))
    common = {"message": about, "recipient": who, "at_ms": at, "channel": _channel(form.get("From"))}
    if _code(form) == _WRITTEN_BY_A_MACHINE:
        return [Callback(identity, "autoresponded", **common)]
    if asked == "START":
        return [Callback(identity, "subscribed", **common)]
    # the keywords are the account's own: where Twilio says what they ask for, nobody else need guess
    leaves = asked == "STOP" if asked else is_opt_out(said)
    if label:
        tap = Callback(identity, "clicked", reason=label, **common)
        return [tap, Callback(f"{identity}:unsubscribed", "unsubscribed", reason=label, **common)] if leaves else [tap]
    return [
        Callback(identity, "unsubscribed", reason=said, **common) if leaves else Callback(identity, "replied", **common)
    ]


def _click(event, data):
    # of the machine, only a user agent is said, and previews of links carry that of browsers too: unknown
    message, to = required(data, "message_sid"), data.get("to")
    at, url = moment(data.get("click_time") or event.get("time")), words(data.get("link"))
    return [Callback(required(event, "id"), "clicked", message, phone(to), at, url=url, channel=_channel(to))]


def _sid(form):
    return words(form.get("MessageSid")) or required(form, "SmsSid")


def _code(form):
    code = words(form.get("ErrorCode"))
    return None if code == "0" else code


def _channel(address):
    return _CHANNELS.get(address.rpartition(":")[0]) if isinstance(address, str) else None
