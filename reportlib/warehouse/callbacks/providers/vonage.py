"""Vonage's SMS API (delivery receipts and inbound messages) and Messages API (statuses and inbound messages)."""

from reportlib.warehouse.callbacks.model import (
    Callback,
    Unusable,
    amount,
    brief,
    moment,
    moment_utc,
    number_of_parts,
    part,
    phone,
    required,
    words,
)
from reportlib.warehouse.callbacks.opt_outs import is_opt_out

READS = "SMS receipts and inbound SMS, Messages API"
ALIASES = ("nexmo",)
_RECEIPTS = {
    **{"delivered": "delivered", "accepted": "sent", "buffered": "sent"},
    **dict.fromkeys(("expired", "failed", "rejected"), "failed"),
}
_STATUSES = {
    **{"submitted": "sent", "delivered": "delivered", "read": "opened"},
    **dict.fromkeys(("rejected", "undeliverable"), "failed"),
}
_CHANNELS = {"sms": "sms", "whatsapp": "whatsapp"}
_DAY_MS = 86_400_000


def pieces(payload):
    """The webhooks of a list; anything else is one piece."""
    return payload if isinstance(payload, list) else [payload]


def callbacks(piece):
    """Of one receipt or status of a message sent, or of one inbound message or a part of one."""
    if "message_uuid" in piece:
        return _status(piece) if "status" in piece else _inbound(piece)
    if "msisdn" in piece:
        return _receipt(piece) if "status" in piece else _sms(piece)
    if "messageId" in piece and "status" in piece:  # a receipt that leaves out whose it is
        return _receipt(piece)
    raise Unusable("has neither msisdn nor message_uuid: nothing about a message")


def _receipt(receipt):
    said = receipt.get("status")
    kind, message = _known(_RECEIPTS, said), required(receipt, "messageId")
    # the person is msisdn: to is our own sender
    recipient, at, code = phone(receipt.get("msisdn")), _sms_time(receipt), None
    if kind == "failed":
        number = (words(receipt.get("err-code")) or "").lstrip("0")
        code = f"dlr/{number}" if number else f"status/{said}"
    cost = amount(receipt.get("price"))  # of the SMS API always in euros
    charge = {"cost": cost, "currency": None if cost is None else "EUR"}
    return [Callback(f"{message}:{said}", kind, message, recipient, at, code, channel="sms", **charge)]


def _sms(message):
    identity, who, at = required(message, "messageId"), _person(message, "msisdn"), _sms_time(message)
    common = {"message": None, "recipient": who, "at_ms": at, "channel": "sms"}
    reference, text = words(message.get("concat-ref")), words(message.get("text"))
    if reference:
        # phones count few references, from 0 again: only on one day do they name one message
        where = f"{who}:{words(message.get('to'))}:{reference}:{words(message.get('concat-total'))}"
        return [Callback(f"{where}:{'' if at is None else at // _DAY_MS}", "replied", **common)]
    return [_said(identity, text, common)]


def _status(status):
    said = status.get("status")
    kind, message = _known(_STATUSES, said), required(status, "message_uuid")
    at, code, reason = moment(status.get("timestamp") or status.get("received_at")), None, None
    if kind == "failed":
        error = part(status, "error")
        number = _number(error)
        code = f"messages/{number}" if number else f"messages_status/{said}"
        reason = words(error.get("detail")) or words(error.get("reason"))
    recipient, channel = phone(_address(status.get("to"))), _channel(status, "to")
    usage, sms = part(status, "usage"), part(status, "sms")
    cost = amount(usage.get("price"))
    charge = {"cost": cost, "currency": words(usage.get("currency")) if cost is not None else None}
    charge["parts"] = number_of_parts(sms.get("count_total"))
    return [Callback(f"{message}:{said}", kind, message, recipient, at, code, reason, channel=channel, **charge)]


def _inbound(message):
    identity, who = required(message, "message_uuid"), _person(message, "from")
    about, kind = words(part(message, "context").get("message_uuid")), words(message.get("message_type"))
    at = moment(message.get("timestamp") or message.get("received_at"))
    common = {"message": about, "recipient": who, "at_ms": at, "channel": _channel(message, "from")}
    if kind == "unsupported":
        raise Unusable("a message of the type 'unsupported': nobody knows what it is")
    button, reply = part(message, "button"), part(message, "reply")
    label = (
        words(button.get("text")) or words(button.get("payload")) or words(reply.get("title")) or words(reply.get("id"))
    )
    if label or kind in ("button", "reply"):
        tap = Callback(identity, "clicked", reason=label, **common)
        leaves = Callback(f"{identity}:unsubscribed", "unsubscribed", reason=label, **common)
        return [tap, leaves] if is_opt_out(label) else [tap]
    return [_said(identity, words(message.get("text")) or _old_text(message), common)]


def _said(identity, text, common):
    if is_opt_out(text):
        return Callback(identity, "unsubscribed", reason=text, **common)
    return Callback(identity, "replied", **common)


def _known(kinds, said):
    kind = kinds.get(said)
    if kind is None:
        raise Unusable(f"the status {brief(said)} is not known")
    return kind


def _sms_time(record):
    pushed = record.get("message-timestamp")
    return moment_utc(pushed) if pushed else moment(record.get("received_at"))


def _number(error):
    """The number of an error of the Messages API: its title, or what its type points to; version 0.1 had a code."""
    for found in (error.get("title"), (words(error.get("type")) or "").rpartition("#")[2], error.get("code")):
        number = words(found)
        if number and number.isdecimal():
            return number
    return None


def _person(record, name):
    who = phone(_address(record.get(name)))
    if who is None:
        raise Unusable(f"has no {name}")
    return who


def _address(value):
    """The number or the id; version 0.1 of the Messages API wraps it in an object with the channel."""
    return value.get("number") or value.get("id") if isinstance(value, dict) else value


def _channel(record, name):
    said, address = record.get("channel"), record.get(name)
    if said is None and isinstance(address, dict):
        said = address.get("type")
    return _CHANNELS.get(said)


def _old_text(message):
    return words(part(part(message, "message"), "content").get("text"))
