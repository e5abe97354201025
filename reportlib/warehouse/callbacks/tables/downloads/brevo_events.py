"""Brevo's raw events, of campaigns and of transactional mail: a row for each event."""

from reportlib.warehouse.callbacks.message_table.mapping import Mapping

TITLE = "Brevo: events"
ROWS = "events; who got a campaign is who has one"
HEADER = ("event", "email", "ts", "campaignId")
SEEN = False
_BY_PROXY = ("loadedbyproxy", "proxy_open", "unique_proxy_open")


def adapt(row, _):
    """Addresses in lower case; what a mail program's proxy loads is no person's open."""
    word = row.get("event", "").lower()
    if MAPPING.events.get(word) == "opened":
        row["is_machine"] = "true" if word in _BY_PROXY else "false"
    return {**row, "contact_id": row["contact_id"].lower()} if "contact_id" in row else row


MAPPING = Mapping(
    columns={
        "event": "event",
        "contact_id": "email",
        "campaign_id": "campaignId",
        "occurred_at": ("ts_epoch", "ts"),
        "url": "link",
        "failure_reason": "reason",
    },
    fixed={"channel": "email", "provider": "brevo"},
    clock="UTC",
    events={
        **{"request": "sent", "sent": "sent", "delivered": "delivered", "deferred": "deferred", "click": "clicked"},
        **dict.fromkeys(("hard_bounce", "soft_bounce", "invalid_email", "blocked", "error"), "failed"),
        **dict.fromkeys(("opened", "unique_opened", *_BY_PROXY), "opened"),
        **dict.fromkeys(("spam", "complaint"), "complained"),
        **dict.fromkeys(("unsubscribe", "unsubscribed"), "unsubscribed"),
    },
    is_whole=True,
    adapt=adapt,
)
