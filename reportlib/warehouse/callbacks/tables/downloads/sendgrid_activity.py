"""SendGrid's Email Activity: a row for each event."""

from reportlib.warehouse.callbacks.message_table.mapping import Mapping

TITLE = "SendGrid: Email Activity"
ROWS = "events"
HEADER = ("processed", "message_id", "event", "email")
SEEN = True


def adapt(row, cells):
    """The id as sending returns it, addresses in lower case, and a failure as the catalogue spells it."""
    for name, value in list(row.items()):
        if name == "provider_message_id":
            row[name] = value.partition(".")[0]
        elif name == "contact_id":
            row[name] = value.lower()
    if row.get("event") in ("dropped", "drop") and "failure_reason" in row:
        row["failure_code"] = f"dropped:{row['failure_reason']}"
    elif row.get("event") == "bounce" and cells.get("type") == "blocked":
        row["failure_code"] = "blocked"
    return row


MAPPING = Mapping(
    columns={
        "occurred_at": "processed",  # of each event its own time, whatever it is called
        "provider_message_id": "message_id",
        "event": "event",
        "contact_id": "email",
        "campaign_id": "marketing_campaign_id",
        "campaign": "marketing_campaign_name",
        "subject": "subject",
        "url": "url",
        "failure_reason": "reason",
    },
    fixed={"channel": "email", "provider": "sendgrid"},
    clock="UTC",
    events={
        **{"processed": "sent", "deferred": "deferred", "delivered": "delivered", "open": "opened", "click": "clicked"},
        **dict.fromkeys(("bounce", "dropped", "drop"), "failed"),
        **dict.fromkeys(("unsubscribe", "group_unsubscribe"), "unsubscribed"),
        **{"spamreport": "complained", "spam_report": "complained", "group_resubscribe": "subscribed"},
    },
    is_whole=True,
    adapt=adapt,
)
