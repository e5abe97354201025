"""The source contract: the tables that reports are made from; those that are OPTIONAL may be missing when read, as may
columns that say so.

A database that looks different offers views with these names and columns. Every timestamp is UTC. Ids are strings or
integers, whatever the source uses; nothing parses them. One message is one attempt to reach one contact on one
channel.
"""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Double, MetaData, Table, Text
from sqlalchemy.types import TypeEngine, UserDefinedType

from reportlib.definitions import CHANNELS, EVENT_KINDS

CAMPAIGN_STATUSES = ("draft", "scheduled", "sending", "sent", "completed", "cancelled", "ongoing")
REPORTABLE_STATUSES = ("sending", "sent", "completed", "ongoing")  # and cancelled, once anything was sent
FINISHED_STATUSES = ("sent", "completed", "cancelled")
NOTHING = ("null", r"\n", "nan", "none")  # what programs write for a value that there is not, in lower case
LARGEST_VALUE = 1e15  # of an outcome, either way; beyond it stand infinity and, in every engine's order, NaN
MESSAGE_STATUSES = ("queued", "sent", "delivered", "failed")
TOTALLED = ("audience", "sent", "delivered", "failed", *EVENT_KINDS)  # of what a campaign's totals may be known


class Identifier(UserDefinedType):
    """An id as the source has it, text or integer: values are bound as they are, without a cast."""

    cache_ok = True

    def get_col_spec(self, **_):
        return "VARCHAR"

    def literal_processor(self, dialect):
        as_text = Text().literal_processor(dialect)
        return lambda value: str(value) if isinstance(value, int) else as_text(value)


def _key(name):
    return Column(name, Identifier, nullable=False, info={"key": True})


def _reference(name, table, nullable=True):
    return Column(name, Identifier, nullable=nullable, info={"references": f"{table}.{name}"})


def _vocabulary(name, words, **info):
    return Column(name, Text, nullable=False, info={"one_of": words, **info})


def timestamp(name, required=False, **info):
    kind = DateTime().with_variant(DateTime(timezone=True), "postgresql")
    return Column(name, kind, nullable=not required, info=info)


metadata = MetaData()
_OPTIONAL = {"optional": True}

accounts = Table(
    "accounts",
    metadata,
    _key("account_id"),
    Column("name", Text, nullable=False),
    Column("timezone", Text, nullable=False, info={"timezone": True}),
)
segments = Table(
    "segments",
    metadata,
    _key("segment_id"),
    _reference("account_id", "accounts", nullable=False),
    Column("name", Text, nullable=False),
)
campaigns = Table(
    "campaigns",
    metadata,
    _key("campaign_id"),
    _reference("account_id", "accounts", nullable=False),
    Column("name", Text, nullable=False),
    _vocabulary("status", CAMPAIGN_STATUSES),
    Column("template_id", Identifier),
    _reference("segment_id", "segments"),
    Column("experiment_id", Identifier),
    Column("variant", Text),
    timestamp("scheduled_at"),
    timestamp("started_at"),
    timestamp("completed_at"),
    Column("audience_size", BigInteger),
)
contacts = Table(
    "contacts",
    metadata,
    _key("contact_id"),
    _reference("account_id", "accounts", nullable=False),
    Column("country", Text),
    Column("language", Text),
    Column("carrier", Text),
    Column("email_domain", Text),
    Column("timezone", Text, info={"timezone": True}),
    timestamp("created_at"),
)
contact_attributes = Table(
    "contact_attributes",
    metadata,
    Column("contact_id", Identifier, nullable=False, info={"key": True, "references": "contacts.contact_id"}),
    Column("attribute", Text, nullable=False, info={"key": True}),
    Column("value", Text),
)
segment_members = Table(
    "segment_members",
    metadata,
    Column("segment_id", Identifier, nullable=False, info={"key": True, "references": "segments.segment_id"}),
    Column("contact_id", Identifier, nullable=False, info={"key": True, "references": "contacts.contact_id"}),
)
messages = Table(
    "messages",
    metadata,
    _key("message_id"),
    _reference("campaign_id", "campaigns", nullable=False),
    _reference("contact_id", "contacts", nullable=False),
    _vocabulary("channel", CHANNELS),
    Column("provider", Text),
    Column("provider_message_id", Identifier),
    _vocabulary("status", MESSAGE_STATUSES),
    timestamp("queued_at"),
    timestamp("sent_at"),
    timestamp("delivered_at"),
    timestamp("failed_at"),
    Column("failure_code", Identifier),
    Column("failure_reason", Text),
    Column("cost", Double),
    Column("currency", Text),
    Column("category", Text, info=_OPTIONAL),
    Column("billable", Boolean, info=_OPTIONAL),
    Column("parts", BigInteger, info=_OPTIONAL),
)
events = Table(
    "events",
    metadata,
    _key("event_id"),
    _reference("message_id", "messages", nullable=False),
    _reference("campaign_id", "campaigns", nullable=False),
    _vocabulary("kind", EVENT_KINDS),
    timestamp("occurred_at", once_required=True),
    Column("is_machine", Boolean),
    Column("url", Text),
    Column("label", Text, info=_OPTIONAL),
    Column("reason", Text, info=_OPTIONAL),
)

campaign_attributes = Table(
    "campaign_attributes",
    metadata,
    Column("campaign_id", Identifier, nullable=False, info={"key": True, "references": "campaigns.campaign_id"}),
    Column("attribute", Text, nullable=False, info={"key": True}),
    Column("value", Text),
    info=_OPTIONAL,
)
assignments = Table(
    "assignments",
    metadata,
    _key("experiment_id"),
    Column("contact_id", Identifier, nullable=False, info={"key": True, "references": "contacts.contact_id"}),
    Column("variant", Text, nullable=False, info={"key": True}),
    _reference("campaign_id", "campaigns"),
    timestamp("assigned_at"),
    info=_OPTIONAL,
)

outcomes = Table(
    "outcomes",
    metadata,
    _key("outcome_id"),
    _reference("contact_id", "contacts", nullable=False),
    Column("kind", Text, nullable=False),
    timestamp("occurred_at", required=True),
    Column("value", Double),
    Column("currency", Text),
    _reference("campaign_id", "campaigns"),
    _reference("message_id", "messages"),
    info=_OPTIONAL,
)

measured = Table(
    "measured",
    metadata,
    Column("account_id", Identifier, nullable=False, info={"key": True, "references": "accounts.account_id"}),
    Column("campaign_id", Identifier, info={"key": True, "references": "campaigns.campaign_id"}),  # empty: of them all
    _vocabulary("channel", CHANNELS, key=True),
    _vocabulary("what", ("delivered", "failed", *EVENT_KINDS), key=True),
    Column("is_measured", Boolean, nullable=False),
    info=_OPTIONAL,
)

campaign_totals = Table(
    "campaign_totals",
    metadata,
    Column("campaign_id", Identifier, nullable=False, info={"key": True, "references": "campaigns.campaign_id"}),
    _vocabulary("channel", CHANNELS, key=True),
    _vocabulary("what", TOTALLED, key=True),
    Column("people", BigInteger),
    Column("total", BigInteger),
    timestamp("as_of"),
    info=_OPTIONAL,
)

TABLES = {table.name: table for table in metadata.sorted_tables}
OPTIONAL = tuple(name for name, table in TABLES.items() if table.info.get("optional"))
PRICED = ("cost", "currency", "category", "billable", "parts")  # what a message cost, and what it is charged for


def with_id_types(types: dict[str, TypeEngine]) -> MetaData:
    """The contract's tables for a database of our own: each id has the type that its name has here, or is a text."""
    typed = MetaData()
    for table in TABLES.values():
        for column in table.to_metadata(typed).columns:
            if isinstance(column.type, Identifier):
                column.type = types.get(column.name, Text())
    return typed


def key_columns(table: Table) -> list[Column]:
    """The columns that together name one row of the table."""
    return [column for column in table.columns if column.info.get("key")]
