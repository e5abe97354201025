"""Every callback that was imported, once each, and those that could not be: what makes importing repeatable.

Callbacks come more than once and in any order. What the contract's tables say of a message follows from the ledger,
not from the order in which it was filled. The tables are made by the first import; reports do not read them.
"""

from sqlalchemy import Boolean, Column, Index, MetaData, Table, Text, Update, update

from reportlib.warehouse.contract.tables import PRICED, Identifier, messages, timestamp
from reportlib.warehouse.engines import keeps_indexes

metadata = MetaData()

provider_events = Table(
    "provider_events",
    metadata,
    Column("event_key", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("message_id", Identifier, nullable=False),
    Column("kind", Text, nullable=False),
    timestamp("occurred_at"),
    Column("code", Text),
    Column("reason", Text),
    Column("url", Text),
    Column("is_machine", Boolean),
    *[Column(name, messages.c[name].type) for name in PRICED],
)
# What the platform itself had said of a message before its first callback.
loaded_messages = Table(
    "loaded_messages",
    metadata,
    *[Column(name, messages.c[name].type) for name in ("message_id", "channel", "status", "sent_at", "delivered_at")],
    *[Column(name, messages.c[name].type) for name in ("failed_at", "failure_code", "failure_reason", *PRICED)],
)
# Messages with callbacks that do not show in their row yet: what a long import, or one that was killed, has to do.
unfolded_messages = Table("unfolded_messages", metadata, Column("message_id", Identifier, nullable=False))
# The address by which a provider calls a contact, as its callbacks of messages tell it: how replies find their sender.
known_addresses = Table(
    "known_addresses",
    metadata,
    Column("address", Text, nullable=False),
    Column("contact_id", Identifier, nullable=False),
)
rejected_events = Table(
    "rejected_events",
    metadata,
    Column("event_key", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", Text, nullable=False),
)


def _where_kept(*_, dialect, **__):
    return keeps_indexes(dialect)


for _column in (provider_events.c.event_key, rejected_events.c.event_key):
    Index(f"{_column.table.name}_key", _column, unique=True).ddl_if(callable_=_where_kept)
Index("known_addresses_address", known_addresses.c.address).ddl_if(callable_=_where_kept)
Index("provider_events_message", provider_events.c.message_id).ddl_if(callable_=_where_kept)
Index("loaded_messages_message", loaded_messages.c.message_id, unique=True).ddl_if(callable_=_where_kept)


def remember_loaded() -> Update:
    """Keeps what loaded messages cost, of those that were kept before that was."""
    priced = {name: messages.c[name] for name in PRICED}
    return update(loaded_messages).where(loaded_messages.c.message_id == messages.c.message_id).values(priced)
