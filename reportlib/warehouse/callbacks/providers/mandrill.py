"""Mandrill (Mailchimp Transactional): forms with one field, a JSON array of events."""

import orjson

from reportlib.warehouse.callbacks.model import Callback, Unusable, brief, mailbox, moment, part, required, words

READS = "webhooks, the form with mandrill_events in it or its array"
ALIASES = ("mailchimp", "mailchimp-transactional")
CHANNEL = "email"
_EVENTS = {
    **{"send": "sent", "deferral": "deferred", "delivered": "delivered", "open": "opened", "click": "clicked"},
    **dict.fromkeys(("hard_bounce", "soft_bounce", "reject"), "failed"),
    **{"spam": "complained", "unsub": "unsubscribed"},
}


def pieces(payload):
    """The events of a form or a list; anything else is one piece."""
    if isinstance(payload, dict) and isinstance(payload.get("mandrill_events"), str):
        try:
            payload = orjson.loads(payload["mandrill_events"])
        except orjson.JSONDecodeError:
            return [payload]
    return payload if isinstance(payload, list) and payload else [payload]


def callbacks(piece):
    """Of one event; those of the lists of rejected addresses, and inbound mail, are about no message."""
    said, told = required(piece, "event"), part(piece, "msg")
    kind = _EVENTS.get(said)
    if kind is None:
        raise Unusable(f"the event {brief(said)} is not known, or about no message")
    message, recipient = words(piece.get("_id")) or required(told, "_id"), mailbox(told.get("email"))
    at = moment(piece.get("ts"))
    code, reason = None, None
    if kind in ("failed", "deferred"):
        why = part(told, "reject") or part(piece, "reject")
        code, reason = (
            said,
            words(told.get("diag")) or words(why.get("reason")) or words(told.get("bounce_description")),
        )
    url = words(piece.get("url")) if kind == "clicked" else None
    key = ":".join(str(one) for one in (message, said, at, url) if one is not None)
    return [Callback(key, kind, message, recipient, at, code, reason, url, None, CHANNEL)]
