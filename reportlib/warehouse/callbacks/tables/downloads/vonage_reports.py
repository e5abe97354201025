"""Vonage's Reports of SMS."""

from reportlib.warehouse.callbacks.message_table.mapping import Mapping

TITLE = "Vonage: Reports"
ROWS = "messages"
HEADER = ("message_id", "to", "status", "date_received", "date_finalized", "error_code", "total_price")
SEEN = False
_FINAL = {"delivered": "delivered_at", "failed": "failed_at"}


def adapt(row, _):
    """date_finalized is when the status was reached; codes are those of delivery receipts."""
    code, when = row.pop("failure_code", "0"), row.pop("occurred_at", None)
    if row.get("status") == "failed" and code != "0":
        row["failure_code"] = f"dlr/{code}"
    return {**row, _FINAL[row["status"]]: when} if when and row.get("status") in _FINAL else row


MAPPING = Mapping(
    columns={
        "contact_id": "to",
        "provider_message_id": "message_id",
        "status": "status",
        "sent_at": "date_received",  # by Vonage
        "occurred_at": "date_finalized",
        "failure_code": "error_code",
        "cost": "total_price",
        "currency": "currency",
    },
    fixed={"channel": "sms", "provider": "vonage"},
    statuses={
        **dict.fromkeys(("accepted", "buffered", "submitted"), "sent"),
        **dict.fromkeys(("failed", "rejected", "expired"), "failed"),
        **{"delivered": "delivered", "sent": "sent"},
    },
    clock="UTC",
    is_whole=True,
    adapt=adapt,
)
