"""Postmark's webhooks: one record in each."""

from reportlib.warehouse.callbacks.model import (
    Callback,
    Unusable,
    brief,
    mailbox,
    message_id,
    moment,
    parts,
    required,
    words,
)

READS = "delivery, bounce, open, click, spam, subscription and inbound webhooks"
ALIASES = ()
ID_ENDS_AT = "@"  # as SMTP returns it: …@mtasv.net
CHANNEL = "email"
_NO_MESSAGE = "00000000-0000-0000-0000-000000000000"  # of a change that somebody made by hand
_BOUNCES = {  # what Postmark calls a bounce though nothing failed for good
    **dict.fromkeys(("Transient", "DnsError"), "deferred"),
    **dict.fromkeys(("AutoResponder", "AddressChange", "ChallengeVerification"), "autoresponded"),
    **{"Subscribe": "subscribed", "Unsubscribe": "unsubscribed", "SpamComplaint": "complained"},
}
_AUTOMATIC = ("bulk", "auto_reply", "junk")


def pieces(payload):
    """The records of a list; anything else is one piece."""
    return payload if isinstance(payload, list) else [payload]


def callbacks(piece):
    """Of one record."""
    said = words(piece.get("RecordType"))
    read = _RECORDS.get(said)
    if read is None and "FromFull" in piece:  # inbound mail has no type in Postmark's own examples
        read = _inbound
    if read is None:
        raise Unusable(f"the record {brief(said)} is not known")
    return [read(piece)]


def _callback(record, kind, time, apart="", **told):
    message, recipient = message_id(record.get("MessageID"), ID_ENDS_AT), _recipient(record)
    message = None if message == _NO_MESSAGE else message
    at = moment(record.get(time))
    key = f"{message}:{record.get('RecordType')}:{at}{apart}"
    return Callback(key, kind, message, recipient, at, channel=CHANNEL, **told)


def _recipient(record):
    return mailbox(record.get("Recipient")) or mailbox(record.get("Email"))


def _delivery(record):
    return _callback(record, "delivered", "DeliveredAt")


def _bounce(record):
    said = required(record, "Type")
    kind = _BOUNCES.get(said, "failed")
    reason = words(record.get("Details")) or words(record.get("Description"))
    code = {"code": said, "reason": reason} if kind in ("failed", "deferred") else {}
    found = _callback(record, kind, "BouncedAt", f":{said}", **code)
    identity = words(record.get("ID"))
    return found._replace(key=f"bounce:{identity}") if identity else found


def _open(record):
    return _callback(record, "opened", "ReceivedAt")


def _click(record):
    url = words(record.get("OriginalLink"))
    return _callback(record, "clicked", "ReceivedAt", f":{url}", url=url)


def _subscription(record):
    """Postmark stops sending to a person: on their wish, or because of what another record tells too."""
    if record.get("SuppressSending") in (None, False, "false", "False"):
        return _callback(record, "subscribed", "ChangedAt")
    why = words(record.get("SuppressionReason"))
    if why == "HardBounce":
        return _callback(record, "failed", "ChangedAt", code=why)
    why = {"kind": "complained"} if why == "SpamComplaint" else {"kind": "unsubscribed", "reason": why}
    return _callback(record, time="ChangedAt", **why)


def _inbound(record):
    """A mail that somebody wrote, or their machine: it answers the message that it names, else the last to them."""
    headers = {(words(one.get("Name")) or "").lower(): words(one.get("Value")) for one in parts(record, "Headers")}
    automatic = (
        (headers.get("auto-submitted") or "no").lower() != "no"
        or "x-autoreply" in headers
        or (headers.get("precedence") or "").lower() in _AUTOMATIC
    )
    about = message_id(headers.get("in-reply-to"), ID_ENDS_AT)
    at = moment(record.get("Date"))
    return Callback(
        f"inbound:{required(record, 'MessageID')}",
        "autoresponded" if automatic else "replied",
        about,
        mailbox(required(record, "From")),
        at,
        channel=CHANNEL,
    )


_RECORDS = {
    **{"Delivery": _delivery, "Bounce": _bounce, "SpamComplaint": _bounce, "Open": _open, "Click": _click},
    **{"SubscriptionChange": _subscription, "Inbound": _inbound},
}
