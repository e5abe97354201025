"""The columns of the detailed table, one row per message, as it is exported and imported."""

from reportlib.definitions import EVENTS

TEXTS = (
    *("account_id", "account", "time_zone", "campaign_id", "campaign", "message_id", "contact_id", "channel"),
    *("provider", "provider_message_id", "status", "failure_code", "failure_reason", "currency", "category"),
)
TIMES = ("queued_at", "sent_at", "delivered_at", "failed_at")
ENGAGEMENT = {kind: one.columns for kind, one in EVENTS.items() if one.columns}
FIRST_TIMES = tuple(first for first, _, _ in ENGAGEMENT.values())
DERIVED = ("outcome", "failure_class", "failure_category", "failure_title", "advice")  # exported, and not read again
# Imported only: what else a table may say of a message's campaign and of its contact.
OF_CAMPAIGNS = ("experiment_id", "variant", "subject")
OF_CONTACTS = ("country", "email_domain", "segment")
NUMBERS = ("cost", "parts", "billable")  # the last 1, 0 or empty
COLUMNS = (*TEXTS, *TIMES, *NUMBERS, *(name for names in ENGAGEMENT.values() for name in names if name))
COLUMNS = (*COLUMNS, *OF_CAMPAIGNS, *OF_CONTACTS)
# Of rows that tell of one event each, and of those that people wrote: only where a mapping names them.
TOLD = ("event", "occurred_at", "url", "label", "sender", "text", "is_machine")
