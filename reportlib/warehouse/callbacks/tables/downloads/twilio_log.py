"""Twilio's message log, as its console exports it."""

from reportlib.warehouse.callbacks.message_table.mapping import Mapping

TITLE = "Twilio: message log"
ROWS = "messages, and those that people wrote (`Direction` is `inbound`)"
HEADER = ("From", "To", "Body", "Status", "SentDate", "Sid", "Direction")
SEEN = True


def adapt(row, cells):
    """The channel from what stands before a number; no code of what did not fail."""
    for name in ("contact_id", "sender"):
        scheme, sign, number = row.get(name, "").rpartition(":")
        if sign:
            row |= {name: number, "channel": scheme}
    code = row.pop("failure_code", "0")
    if row.get("status") == "failed":
        row["failure_code"] = code if code != "0" else f"status/{cells['Status']}"
    return row


MAPPING = Mapping(
    columns={
        "contact_id": "To",
        "provider_message_id": "Sid",
        "status": "Status",
        "sent_at": "SentDate",
        "failure_code": "ErrorCode",
        "cost": "Price",
        "currency": "PriceUnit",
        "parts": "NumSegments",
        "sender": "From",
        "text": "Body",
    },
    fixed={"channel": "sms", "provider": "twilio"},
    statuses={
        **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), "queued"),
        **dict.fromkeys(("undelivered", "failed", "canceled"), "failed"),
        **{"sent": "sent", "delivered": "delivered", "read": "opened"},
    },
    inbound={"Direction": "inbound"},
    is_whole=True,
    adapt=adapt,
)
