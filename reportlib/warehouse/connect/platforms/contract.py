"""A server that has the contract's tables or views already: copied, because reports are faster from a file.

There are no times of change there: messages and events are compared campaign by campaign, all else is read again.
"""

from reportlib.warehouse.connect.platform import Extract, Platform
from reportlib.warehouse.contract.tables import TABLES

_OF_EVENTS = """SELECT contact_id FROM source.messages WHERE message_id IN (SELECT message_id FROM changed_rows)"""

PLATFORM = Platform(
    name="contract",
    title="the source contract",
    versions="the contract of docs/source_contract.md",
    extracts=(
        Extract("accounts", "account_id name timezone", "account_id"),
        Extract("segments", "segment_id account_id name", "segment_id"),
        Extract("campaigns", "campaign_id account_id name status template_id? segment_id? experiment_id? variant? "
                "scheduled_at?:time started_at?:time completed_at?:time audience_size?:int", "campaign_id"),
        Extract("campaign_attributes", "campaign_id attribute value", "campaign_id attribute", optional=True),
        Extract("assignments", "experiment_id contact_id variant campaign_id assigned_at?:time",
                "experiment_id contact_id variant", optional=True),
        Extract("outcomes", "outcome_id contact_id kind occurred_at:time value?:number currency? campaign_id? "
                "message_id?", "outcome_id", optional=True),
        Extract("measured", "account_id campaign_id channel what is_measured:bool",
                "account_id campaign_id channel what", optional=True),
        Extract("campaign_totals", "campaign_id channel what people?:int total?:int as_of?:time",
                "campaign_id channel what", optional=True),
        Extract("contacts", "contact_id account_id country? language? carrier? email_domain? timezone? "
                "created_at?:time", "contact_id", person="contact_id"),
        Extract("contact_attributes", "contact_id attribute value", "contact_id attribute", person="contact_id"),
        Extract("segment_members", "segment_id contact_id", "segment_id contact_id", person="contact_id"),
        Extract("messages", "message_id campaign_id contact_id channel provider? provider_message_id? status "
                "queued_at?:time sent_at?:time delivered_at?:time failed_at?:time failure_code? failure_reason? "
                "cost?:number currency? category? billable?:bool parts?:int", "message_id", person="contact_id",
                compared_by="campaign_id"),
        Extract("events", "event_id message_id campaign_id kind occurred_at:time is_machine?:bool url? label? "
                "reason?", "event_id",
                compared_by="campaign_id", reaches=_OF_EVENTS),
    ),
    tables={
        **{name: f"SELECT * FROM source.{name}" for name in TABLES},
        "events": "SELECT e.* FROM source.events e WHERE message_id IN (SELECT message_id FROM source.messages)",
    },
    timezone="SELECT min(timezone) FROM source.accounts",
    tells={
        channel: ("delivered", "opened", "clicked", "links", "replied", "unsubscribed", "complained", "machines",
            "cost")
        for channel in ("whatsapp", "sms", "email")
    },
    not_told=("what the server's own tables do not tell",),
)  # fmt: skip
