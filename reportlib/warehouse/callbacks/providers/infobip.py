"""Infobip's reports of SMS, WhatsApp and e-mail, and inbound messages: one shape, a list of results."""

from reportlib.warehouse.callbacks.model import (
    Callback,
    Unusable,
    amount,
    brief,
    mailbox,
    moment,
    number_of_parts,
    part,
    phone,
    required,
    words,
)
from reportlib.warehouse.callbacks.opt_outs import is_opt_out

READS = "delivery and seen reports of SMS, WhatsApp and e-mail, inbound messages"
ALIASES = ()
_GROUPS = {
    **{"ACCEPTED": "queued", "PENDING": "sent", "DELIVERED": "delivered"},
    **dict.fromkeys(("UNDELIVERABLE", "EXPIRED", "REJECTED"), "failed"),
}
_TAPS = ("BUTTON", "INTERACTIVE_BUTTON_REPLY", "INTERACTIVE_LIST_REPLY")


def pieces(payload):
    """The results; anything else is one piece."""
    if isinstance(payload, dict) and isinstance(payload.get("results"), list) and payload["results"]:
        return payload["results"]
    return payload if isinstance(payload, list) and payload else [payload]


def callbacks(piece):
    """Of one report, or one inbound message."""
    if "receivedAt" in piece:
        return _inbound(piece)
    message, to = required(piece, "messageId"), words(piece.get("to"))
    recipient = mailbox(to) if to and "@" in to else phone(to)
    if piece.get("seenAt"):
        return [Callback(f"{message}:seen", "opened", message, recipient, moment(piece["seenAt"]))]
    status, error = part(piece, "status"), part(piece, "error")
    kind = _GROUPS.get(words(status.get("groupName")))
    if kind is None:
        raise Unusable(f"the status {brief(status.get('groupName'))} is not known")
    at = moment(piece.get("sentAt") if kind in ("queued", "sent") else piece.get("doneAt") or piece.get("sentAt"))
    code, reason = None, None
    if kind == "failed":
        error = {} if error.get("id") == 0 else error  # NO_ERROR: the status says why
        code = words(error.get("id")) or words(error.get("name")) or words(status.get("name"))
        reason = words(error.get("description")) or words(status.get("description"))
        if error.get("permanent") in (True, False):
            reason = f"{'permanent' if error['permanent'] else 'transient'}: {reason or code}"
    key = f"{message}:{words(status.get('name')) or kind}"
    price = part(piece, "price")
    cost, sms = amount(price.get("pricePerMessage")), piece.get("smsCount") or piece.get("messageCount")
    parts = number_of_parts(sms)
    cost = cost * (parts or 1) if cost is not None else None  # pricePerMessage is that of one part
    charge = {"cost": cost, "currency": words(price.get("currency")) if cost is not None else None, "parts": parts}
    return [Callback(key, kind, message, recipient, at, code, reason, **charge)]


def _inbound(inbound):
    identity, who = required(inbound, "messageId"), phone(inbound.get("from")) or phone(inbound.get("sender"))
    about, at = words(inbound.get("pairedMessageId")), moment(inbound["receivedAt"])
    told = inbound.get("message") if isinstance(inbound.get("message"), dict) else {}
    is_whatsapp = words(inbound.get("integrationType")) == "WHATSAPP"
    about = about or words(part(told, "context").get("id"))
    common = {"message": about, "recipient": who, "at_ms": at, "channel": "whatsapp" if is_whatsapp else "sms"}
    text = words(inbound.get("cleanText")) or words(inbound.get("text")) or words(told.get("text"))
    leaves = is_opt_out(text) or is_opt_out(told.get("payload"))
    if words(told.get("type")) in _TAPS:
        label = text or words(told.get("title")) or words(told.get("payload"))
        tap = Callback(identity, "clicked", reason=label, **common)
        left = Callback(f"{identity}:unsubscribed", "unsubscribed", reason=label, **common)
        return [tap, left] if leaves or is_opt_out(label) else [tap]
    if leaves:
        return [Callback(identity, "unsubscribed", reason=text, **common)]
    return [Callback(identity, "replied", **common)]
