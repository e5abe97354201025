"""Gupshup's WhatsApp, version 2 of its webhooks and 3 (which is Meta's), and the receipts of its SMS."""

from reportlib.warehouse.callbacks.model import Callback, Unusable, brief, moment, part, phone, required, words
from reportlib.warehouse.callbacks.opt_outs import is_opt_out
from reportlib.warehouse.callbacks.providers import whatsapp

READS = "WhatsApp webhooks of version 2 and 3, opt-outs, receipts of Enterprise SMS"
ALIASES = ()
CHANNEL = "whatsapp"
_EVENTS = {"enqueued": "queued", "sent": "sent", "delivered": "delivered", "read": "opened", "failed": "failed"}
_SMS = {"DELIVERED": "delivered", "SUCCESS": "delivered", "SENT": "sent", "SUBMITTED": "sent", "FAILED": "failed"}
_TAPS = ("button_reply", "list_reply", "quick_reply", "button")
_REPLIES = ("text", "image", "audio", "video", "file", "document", "sticker", "location", "contact", "order")


def pieces(payload):
    """The things in Meta's webhook, or in a list; anything else is one piece."""
    if isinstance(payload, dict) and "entry" in payload:
        return whatsapp.pieces(payload)
    return payload if isinstance(payload, list) and payload else [payload]


def callbacks(piece):
    """Of one event, one message, one receipt, or one thing in Meta's webhook."""
    if any(name in piece for name in ("statuses", "messages", "user_preferences", "errors")):
        return _of_meta(piece)
    if "externalId" in piece:
        return [_receipt(piece)]
    said, told = required(piece, "type"), part(piece, "payload")
    if said == "message-event":
        return [_event(told, piece)]
    if said == "message":
        return _message(told, piece)
    if said == "user-event" and told.get("type") in ("opted-out", "opted-in"):
        who, at = phone(told.get("phone")), moment(piece.get("timestamp"))
        if who is None:
            raise Unusable("has no phone")
        kind = "unsubscribed" if told["type"] == "opted-out" else "subscribed"
        return [Callback(f"{who}:{told['type']}:{at}", kind, None, who, at, channel=CHANNEL)]
    raise Unusable(f"of the type {brief(said)}: nothing about a message")


def _of_meta(piece):
    """Sending returned Gupshup's own id, which stands beside Meta's."""
    if statuses := piece.get("statuses"):
        status = {**statuses[0], "id": words(statuses[0].get("gs_id")) or statuses[0].get("id")}
        if status.get("status") == "enqueued":
            message, recipient = required(status, "id"), phone(status.get("recipient_id"))
            at = moment(status.get("timestamp"))
            return [Callback(f"{message}:enqueued", "queued", message, recipient, at, channel=CHANNEL)]
        return whatsapp.callbacks({"statuses": [status]})
    if messages := piece.get("messages"):
        context = part(messages[0], "context")
        answered = {**context, "id": words(context.get("gs_id")) or context.get("id")} if context else None
        return whatsapp.callbacks({"messages": [{**messages[0], "context": answered}]})
    return whatsapp.callbacks(piece)


def _event(told, event):
    said, detail = required(told, "type"), part(told, "payload")
    kind, message = _EVENTS.get(said), words(told.get("gsId")) or required(told, "id")
    if kind is None:
        raise Unusable(f"the event {brief(said)} is not known, or nothing for a report")
    at = moment(detail.get("ts") or event.get("timestamp"))
    code, reason = (words(detail.get("code")), words(detail.get("reason"))) if kind == "failed" else (None, None)
    key = f"{message}:{said}:{code}" if code else f"{message}:{said}"
    return Callback(key, kind, message, phone(told.get("destination")), at, code, reason, channel=CHANNEL)


def _message(told, event):
    identity, who, kind = required(told, "id"), phone(told.get("source")), words(told.get("type"))
    if who is None:
        raise Unusable("has no source")
    said, context = part(told, "payload"), part(told, "context")
    about, at = words(context.get("gsId")) or words(context.get("id")), moment(event.get("timestamp"))
    common = {"message": about, "recipient": who, "at_ms": at, "channel": CHANNEL}
    label = words(said.get("title")) or words(said.get("text")) or words(said.get("postbackText"))
    leaves = is_opt_out(label) or is_opt_out(said.get("postbackText")) or is_opt_out(said.get("id"))
    if kind in _TAPS:
        tap = Callback(identity, "clicked", reason=label, **common)
        left = Callback(f"{identity}:unsubscribed", "unsubscribed", reason=label, **common)
        return [tap, left] if leaves else [tap]
    if kind not in (*_REPLIES, "reaction"):
        raise Unusable(f"a message of the type {brief(kind)}: no reply")
    if leaves:
        return [Callback(identity, "unsubscribed", reason=label, **common)]
    return [Callback(identity, "replied", **common)]


def _receipt(receipt):
    message = required(receipt, "externalId")
    said = (words(receipt.get("eventType")) or words(receipt.get("status")) or "").upper()
    kind = _SMS.get(said)
    if kind is None:
        raise Unusable(f"the status {brief(said)} is not known")
    recipient = phone(receipt.get("destAddr")) or phone(receipt.get("phoneNo"))
    at = moment(receipt.get("eventTs") or receipt.get("deliveredTS"))
    code, reason = None, None
    if kind == "failed":
        code, reason = words(receipt.get("errCode")) or words(receipt.get("cause")), words(receipt.get("cause"))
    return Callback(f"{message}:{said}", kind, message, recipient, at, code, reason, channel="sms")
