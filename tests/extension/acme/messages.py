"""The provider: {"id": "…", "state": "delivered", "at": 1790000000} of each message."""

from reportlib.warehouse.callbacks.model import Callback, Unusable, moment, required

READS = "receipts"
ALIASES = ("acme-sms",)


def pieces(payload):
    return [payload]


def callbacks(piece):
    state, message = required(piece, "state"), required(piece, "id")
    if state not in ("delivered", "failed"):
        raise Unusable(f"the state {state} is not known")
    return [Callback(f"{message}:{state}", state, message, None, moment(piece.get("at")))]
