"""Kaleyra's tabular report of WhatsApp messages."""

from reportlib.warehouse.callbacks.message_table.mapping import Mapping

TITLE = "Kaleyra: WhatsApp report"
ROWS = "messages, and those that people wrote (`MESSAGE_DIRECTION` is `true`)"
HEADER = ("WHATSAPP_ID", "FROM", "TO", "MESSAGE_DIRECTION", "TEMPLATE_NAME", "CREATED_AT", "SENT_AT", "DELIVERED_AT")
SEEN = True
MAPPING = Mapping(
    columns={
        "contact_id": "TO",
        "provider_message_id": "WHATSAPP_ID",
        "queued_at": "CREATED_AT",
        "sent_at": "SENT_AT",
        "delivered_at": "DELIVERED_AT",
        "failed_at": "FAILED_AT",
        "failure_reason": "REASON_FOR_FAILURE",
        "opened_at": "SEEN_AT",
        "sender": "FROM",
        "text": "MESSAGE",
    },
    fixed={"channel": "whatsapp", "provider": "kaleyra"},
    clock="UTC",
    inbound={"MESSAGE_DIRECTION": "true"},
    is_whole=True,
)
