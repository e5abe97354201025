"""What the rows of a table tell of messages, whosever they are: events of them, and what people wrote."""

import hashlib

from reportlib.warehouse.callbacks.model import KINDS, Callback, Unusable, mailbox, phone, words
from reportlib.warehouse.callbacks.opt_outs import is_opt_out

PROVIDER = "table"  # what such rows are called in the ledger
INBOUND = "inbound"
_WORDS = {"clicked": "label"} | dict.fromkeys(("failed", "deferred", "unsubscribed", "complained"), "reason")


def message_of(row: dict) -> str:
    """The provider's id of the message that a row is about; without one, what tells it from the campaign's others."""
    given = row.get("provider_message_id") or row.get("message_id")
    return given or "/".join(row.get(name, "") for name in ("campaign_id", "contact_id", "channel"))


def pieces(payload):
    """The one thing that a row tells. Raises Unusable where the table's reader found something wrong with it."""
    if payload.get("problem"):
        raise Unusable(payload["problem"])
    return [payload]


def callbacks(piece):
    """Of one event of a message, or of one message that somebody wrote."""
    kind, at, channel, text = (piece.get(name) for name in ("kind", "at_ms", "channel", "text"))
    who = piece.get("recipient")
    recipient = mailbox(who) if channel == "email" else phone(who)
    if kind == INBOUND:
        kind, text = "unsubscribed" if is_opt_out(text) else "replied", words(text)
        digest = hashlib.blake2b(f"{text}".encode(), digest_size=8).hexdigest()
        key = piece.get("key") or f"{recipient}:{at}:{digest}"
        return [
            Callback(key, kind, None, recipient, at, reason=text if kind == "unsubscribed" else None, channel=channel)
        ]
    if kind not in KINDS:
        raise Unusable("tells nothing that is known")
    message, url = piece["message"], piece.get("url")
    key = ":".join(str(one) for one in (message, kind, recipient, at, url) if one is not None)
    is_machine = {"true": True, "1": True, "false": False, "0": False}.get((piece.get("is_machine") or "").lower())
    failed = kind in ("failed", "deferred")
    code, reason = words(piece.get("code")) if failed else None, words(piece.get(_WORDS.get(kind)))
    return [Callback(key, kind, message, recipient, at, code, reason, url, is_machine, channel)]
