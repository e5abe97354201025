"""Customer.io's deliveries: a column of times for each state."""

from reportlib.warehouse.callbacks.message_table.mapping import Mapping

TITLE = "Customer.io: deliveries"
ROWS = "messages, a column of times for each state"
HEADER = ("customer_id", "recipient", "sent", "opened", "clicked", "bounced")
SEEN = False


def adapt(row, cells):
    """A recipient without an @ was written to by SMS."""
    return row if "@" in cells["recipient"] else {**row, "channel": "sms"}


MAPPING = Mapping(
    columns={
        "contact_id": ("customer_id", "recipient"),
        "provider_message_id": ("delivery_id", "id"),
        "campaign_id": ("campaign_id", "newsletter_id"),
        "subject": "subject",
        "queued_at": "created",
        "sent_at": "sent",
        "delivered_at": "delivered",
        "failed_at": ("bounced", "dropped", "failed"),
        "opened_at": "opened",
        "clicked_at": "clicked",
        "unsubscribed_at": "unsubscribed",
        "complained_at": "spammed",
    },
    fixed={"channel": "email", "provider": "customer.io"},
    clock="UTC",
    is_whole=True,
    adapt=adapt,
)
