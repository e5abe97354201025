"""The columns of the detailed table, one row per message, as it is exported and imported."""

TEXTS = (
    *("account_id", "account", "time_zone", "campaign_id", "campaign", "message_id", "contact_id", "channel"),
    *("provider", "provider_message_id", "status", "failure_code", "failure_reason", "currency"),
)
TIMES = ("queued_at", "sent_at", "delivered_at", "failed_at")
ENGAGEMENT = {  # the columns of each kind: of the first, of their number, of the machines among them
    "opened": ("opened_at", "opens", "opens_by_machines"),
    "clicked": ("clicked_at", "clicks", "clicks_by_machines"),
    "replied": ("replied_at", "replies", None),
    "unsubscribed": ("unsubscribed_at", "unsubscribes", None),
    "complained": ("complained_at", "complaints", None),
}
FIRST_TIMES = tuple(first for first, _, _ in ENGAGEMENT.values())
COLUMNS = (*TEXTS, *TIMES, "cost", *(name for names in ENGAGEMENT.values() for name in names if name))
