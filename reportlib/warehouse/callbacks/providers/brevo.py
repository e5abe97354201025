"""Brevo's webhooks of transactional and campaign e-mail: one event in each."""

from reportlib.warehouse.callbacks.model import Callback, Unusable, brief, mailbox, message_id, moment, required, words

READS = "webhooks of e-mail, its machine opens told apart"
ALIASES = ("sendinblue",)
CHANNEL = "email"
_EVENTS = {
    **{"request": "queued", "sent": "queued", "delivered": "delivered", "deferred": "deferred", "click": "clicked"},
    **dict.fromkeys(("hard_bounce", "soft_bounce", "invalid_email", "blocked", "error"), "failed"),
    **dict.fromkeys(("opened", "unique_opened", "proxy_open", "unique_proxy_open"), "opened"),
    **dict.fromkeys(("spam", "complaint"), "complained"),
    **dict.fromkeys(("unsubscribe", "unsubscribed"), "unsubscribed"),
}
_BY_PROXY = ("proxy_open", "unique_proxy_open")


def pieces(payload):
    """The events of a list; anything else is one piece."""
    return payload if isinstance(payload, list) and payload else [payload]


def callbacks(piece):
    """Of one event. The first open is unique_opened, each further one opened: both are one."""
    said, recipient = required(piece, "event"), mailbox(piece.get("email"))
    kind, message = _EVENTS.get(said), message_id(piece.get("message-id"))
    if kind is None:
        raise Unusable(f"the event {brief(said)} is not known")
    at = moment(piece.get("ts_epoch") or piece.get("ts_event") or piece.get("ts"))  # the last two in whole seconds
    code, reason = (said, words(piece.get("reason"))) if kind in ("failed", "deferred") else (None, None)
    url = words(piece.get("link")) if kind == "clicked" else None
    is_machine = said in _BY_PROXY if kind == "opened" else None
    key = ":".join(str(one) for one in (message, said, recipient, at, url) if one is not None)
    return [Callback(key, kind, message, recipient, at, code, reason, url, is_machine, CHANNEL)]
