"""wolkvox's report of a WhatsApp campaign: each message with its latest state, and when that came."""

from reportlib.warehouse.callbacks.message_table.mapping import Mapping

TITLE = "wolkvox: WhatsApp campaigns (report 9)"
ROWS = "messages, with the time of their latest state alone"
HEADER = ("CAMPAIGN_ID", "TELEPHONE", "RESULT", "ERROR", "DATE", "LAST_UPDATE")
SEEN = True
_SINCE = {"delivered": "delivered_at", "failed": "failed_at", "read": "opened_at"}


def adapt(row, cells):
    """LAST_UPDATE is when the state was reached that RESULT tells."""
    when, name = row.pop("occurred_at", None), _SINCE.get(cells["RESULT"].strip().lower())
    return {**row, name: when} if when and name else row


MAPPING = Mapping(
    columns={
        "campaign_id": "CAMPAIGN_ID",
        "contact_id": "TELEPHONE",
        "status": "RESULT",
        "failure_reason": "ERROR",
        "sent_at": "DATE",
        "occurred_at": "LAST_UPDATE",
    },
    fixed={"channel": "whatsapp", "provider": "wolkvox"},
    statuses={
        "Accepted": "queued",
        "Submitted": "sent",
        "Delivered": "delivered",
        "Failed": "failed",
        "Read": "opened",
    },
    is_whole=True,
    adapt=adapt,
)
