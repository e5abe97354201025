"""SendGrid's Event Webhook: posts that are arrays of events."""

from reportlib.warehouse.callbacks.model import (
    Callback,
    Unusable,
    brief,
    mailbox,
    message_id,
    moment,
    required,
    with_status,
    words,
)

READS = "Event Webhook posts"
ALIASES = ("twilio-sendgrid",)
ID_ENDS_AT = "."  # what follows, sg_message_id has for itself
CHANNEL = "email"
_EVENTS = {
    **{"processed": "queued", "deferred": "deferred", "delivered": "delivered", "bounce": "failed"},
    **{"dropped": "failed", "open": "opened", "click": "clicked", "spamreport": "complained"},
    **dict.fromkeys(("unsubscribe", "group_unsubscribe"), "unsubscribed"),
    "group_resubscribe": "subscribed",
}
_DROPPED = {  # as the failure catalogue spells SendGrid's reasons
    reason.casefold(): reason
    for reason in (
        *("Invalid SMTPAPI header", "Spam Content", "Unsubscribed Address", "Bounced Address"),
        *("Spam Reporting Address", "Invalid", "Recipient List over Package Quota"),
    )
}


def pieces(payload):
    """The events of a post; anything else is one piece."""
    return payload if isinstance(payload, list) else [payload]


def callbacks(piece):
    """Of one event. An asynchronous bounce names no message, only its recipient."""
    said, recipient = required(piece, "event"), mailbox(piece.get("email"))
    kind = _EVENTS.get(said)
    if kind is None:
        raise Unusable(f"the event {brief(said)} is not known")
    message = message_id(piece.get("sg_message_id"), ID_ENDS_AT)
    at, identity = moment(piece.get("timestamp")), words(piece.get("sg_event_id"))
    # seen in public: one id for different events
    key = f"{identity}:{said}" if identity else f"{message}:{said}:{recipient}:{at}"
    code, reason = _failure(piece, said) if kind in ("failed", "deferred") else (None, None)
    url = words(piece.get("url")) if kind == "clicked" else None
    flag = piece.get("sg_machine_open") if kind == "opened" else None
    if said == "group_unsubscribe" and (group := words(piece.get("asm_group_id"))):
        reason = f"group {group}"
    return [
        Callback(key, kind, message, recipient, at, code, reason, url, flag if flag in (True, False) else None, CHANNEL)
    ]


def _failure(event, said):
    """The code, a verdict with the enhanced status that says why, and the reason."""
    reason, status = words(event.get("reason")) or words(event.get("response")), words(event.get("status"))
    if said == "dropped":
        return f"dropped:{_DROPPED.get((reason or '').casefold(), reason)}" if reason else "dropped", reason
    verdict = "blocked" if said == "bounce" and event.get("type") == "blocked" else said
    return with_status(verdict, status), reason
