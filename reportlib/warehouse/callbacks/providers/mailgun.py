"""Mailgun: webhooks, the polled Events API, and the form-encoded webhooks of old."""

from reportlib.warehouse.callbacks.model import (
    Callback,
    Unusable,
    brief,
    mailbox,
    message_id,
    moment,
    part,
    required,
    with_status,
    words,
)

READS = "webhooks, Events API pages, the form-encoded webhooks of old"
ALIASES = ()
CHANNEL = "email"
_EVENTS = {
    **{"accepted": "queued", "delivered": "delivered", "rejected": "failed", "opened": "opened", "clicked": "clicked"},
    **{"unsubscribed": "unsubscribed", "complained": "complained"},
    **{"bounced": "failed", "dropped": "failed"},  # the old ones
}
_CODES = ("499", "605", "606", "607")  # of Mailgun's own, that say more than hard or soft
_BARE = ("bounce", "hardfail")  # reasons that say no more than that it is hard
_HARD = (*_BARE, "suppress-bounce", "suppress-unsubscribe", "suppress-complaint")
_REASONS = (*_HARD, "greylisted", "old")
_DAY_MS = 86_400_000


def pieces(payload):
    """The events of a list or of a page of the Events API."""
    if isinstance(payload, list) and payload:
        return [event for one in payload for event in _events(one)]
    return _events(payload)


def _events(payload):
    is_page = isinstance(payload, dict) and isinstance(payload.get("items"), list) and payload["items"]
    return payload["items"] if is_page else [payload]


def callbacks(piece):
    """Of one event; a temporary failure is tried again by Mailgun."""
    if "event-data" in piece:
        piece = part(piece, "event-data")
    if "message-headers" in piece or "Message-Id" in piece or "token" in piece:
        return _old(piece)
    said = required(piece, "event")
    at = moment(piece.get("timestamp"))
    headers = part(part(piece, "message"), "headers")
    message, recipient = message_id(headers.get("message-id")), mailbox(piece.get("recipient"))
    kind, code, reason, is_machine = _EVENTS.get(said), None, None, None
    if said == "failed":
        severity = required(piece, "severity")
        kind = "failed" if severity == "permanent" else "deferred"
        code, reason = _failure(piece, severity)
    elif said == "rejected":
        code, reason = "rejected", words(part(piece, "reject").get("reason"))
    elif kind in ("opened", "clicked") and "bot" in part(piece, "client-info"):
        is_machine = bool(piece["client-info"]["bot"])
    if kind is None:
        raise Unusable(f"the event {brief(said)} is not known")
    identity = words(piece.get("id"))
    # Mailgun's ids are unique within a day only
    key = f"{identity}:{'' if at is None else at // _DAY_MS}" if identity else f"{message}:{said}:{recipient}:{at}"
    url = words(piece.get("url")) if kind == "clicked" else None
    return [Callback(key, kind, message, recipient, at, code, reason, url, is_machine, CHANNEL)]


def _failure(event, severity):
    """The code and the reason. The severity is Mailgun's verdict: a reason that says something else is not taken."""
    status = part(event, "delivery-status")
    reason = words(status.get("message")) or words(status.get("description"))
    code, why, enhanced = words(status.get("code")), words(event.get("reason")), words(status.get("enhanced-code"))
    if code in _CODES:
        return f"code:{code}", reason
    if why in _REASONS and (severity == "permanent" or why not in _HARD):
        return with_status(f"reason:{why}", enhanced if why in _BARE else None), reason
    return with_status(f"failed/{severity}", enhanced), reason


def _old(form):
    said = required(form, "event")
    kind = _EVENTS.get(said)
    if kind is None:
        raise Unusable(f"the event {brief(said)} is not known")
    message = message_id(form.get("Message-Id") or form.get("message-id"))
    recipient, at, code = mailbox(required(form, "recipient")), moment(form.get("timestamp")), None
    if kind == "failed":
        code = f"reason:{form['reason']}" if form.get("reason") in _REASONS else "failed/permanent"
        number = words(form.get("code"))
        code = f"code:{number}" if number in _CODES else code
    reason = words(form.get("error")) or words(form.get("description")) if kind == "failed" else None
    url = words(form.get("url")) if kind == "clicked" else None
    return [Callback(required(form, "token"), kind, message, recipient, at, code, reason, url, None, CHANNEL)]
