"""Which message each callback is about: the one it names, or the last one to the person it names."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    case,
    func,
    insert,
    or_,
    select,
)

from reportlib.warehouse.callbacks.batch import Batch
from reportlib.warehouse.contract.tables import Identifier, campaigns, contact_attributes, messages
from reportlib.warehouse.engines import epoch_ms, made_anew

REPLY_WINDOW_MS = 7 * 86_400_000  # a reply that points at no message answers the last one of these days
ADDRESSES = ("phone", "whatsapp", "email")  # the contact attributes that hold an address; a contact_id may be one too

_temporary = MetaData()
staged = Table(
    "staged_callbacks",
    _temporary,
    Column("row", BigInteger, nullable=False),
    Column("event_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("message", Text),
    Column("recipient", Text),
    Column("at_ms", BigInteger),
    Column("code", Text),
    Column("reason", Text),
    Column("url", Text),
    Column("is_machine", Boolean),
    Column("channel", Text),
    prefixes=["TEMPORARY"],
)
matched = Table(
    "matched_callbacks",
    _temporary,
    Column("row", BigInteger, nullable=False),
    Column("message_id", Identifier, nullable=False),
    Column("campaign_id", Identifier, nullable=False),
    prefixes=["TEMPORARY"],
)


def match(connection: Connection, batch: Batch) -> int:
    """Fill `matched` from `staged`; how many callbacks have a message."""
    made_anew(connection, matched)
    found = _add(connection, _by_message_id(batch.provider))
    if found < batch.staged:
        found = _add(connection, _by_recipient(batch.provider))
    if not batch.names_messages:
        found = _add(connection, _by_contact(batch.provider))
    return found


def unmatched_callbacks(connection: Connection) -> list[tuple]:
    """Row, event_key and message of the callbacks that have none."""
    lost = staged.outerjoin(matched, staged.c.row == matched.c.row)
    told = select(staged.c.row, staged.c.event_key, staged.c.message).select_from(lost).where(matched.c.row.is_(None))
    return [tuple(row) for row in connection.execute(told)]


def _add(connection, found) -> int:
    connection.execute(insert(matched).from_select(list(matched.columns.keys()), found))
    return connection.scalar(select(func.count()).select_from(matched))


def _by_message_id(provider):
    """The one message that a callback names."""
    named = _named(provider)
    return (
        select(named.c.row, func.min(named.c.message_id), func.min(named.c.campaign_id))
        .group_by(named.c.row)
        .having(func.count() == 1)
    )


def _by_recipient(provider):
    """Of several messages with the id that a callback names, one mail to many people, that of its recipient."""
    named = _named(provider)
    addresses = _addresses(select(named.c.contact_id).distinct())
    return (
        select(named.c.row, func.min(named.c.message_id), func.min(named.c.campaign_id))
        .join_from(named, addresses, addresses.c.contact_id == named.c.contact_id)
        .where(addresses.c.address == _normal(named.c.recipient), named.c.row.not_in(select(matched.c.row)))
        .group_by(named.c.row)
    )


def _named(provider):
    """row, recipient, message_id, campaign_id and contact_id of callbacks and the messages they name."""
    return (
        select(staged.c.row, staged.c.recipient, messages.c.message_id, messages.c.campaign_id, messages.c.contact_id)
        .join_from(staged, messages, messages.c.provider_message_id == staged.c.message)
        .where(or_(messages.c.provider.is_(None), func.lower(messages.c.provider) == provider))
        .cte("named")
    )


def _by_contact(provider):
    """The last message that its sender had been sent, of a callback that names none.

    Goes by when messages were queued, else by when their campaign started: what no callback changes.
    """
    addresses = _addresses(None)
    sent_ms = func.coalesce(epoch_ms(messages.c.queued_at), epoch_ms(campaigns.c.started_at))
    candidates = (
        select(
            staged.c.row,
            messages.c.message_id,
            messages.c.campaign_id,
            func.row_number()
            .over(partition_by=staged.c.row, order_by=(sent_ms.desc(), messages.c.message_id.desc()))
            .label("nth"),
        )
        .join_from(staged, addresses, addresses.c.address == _normal(staged.c.recipient))
        .join(messages, messages.c.contact_id == addresses.c.contact_id)
        .join(campaigns, campaigns.c.campaign_id == messages.c.campaign_id)
        .where(
            staged.c.message.is_(None),
            or_(messages.c.provider.is_(None), func.lower(messages.c.provider) == provider),
            or_(staged.c.channel.is_(None), staged.c.channel == messages.c.channel),
            sent_ms <= staged.c.at_ms,
            sent_ms > staged.c.at_ms - REPLY_WINDOW_MS,
        )
        .cte("candidates")
    )
    return select(candidates.c.row, candidates.c.message_id, candidates.c.campaign_id).where(candidates.c.nth == 1)


def _addresses(contacts):
    """contact_id and address of these contacts, or of all: their attributes ADDRESSES, and the id itself."""
    attribute, itself = contact_attributes, messages.alias("addressed")
    of_attribute = select(attribute.c.contact_id, _normal(attribute.c.value).label("address")).where(
        attribute.c.attribute.in_(ADDRESSES)
    )
    of_id = select(itself.c.contact_id, _normal(itself.c.contact_id).label("address")).distinct()
    if contacts is not None:
        of_attribute = of_attribute.where(attribute.c.contact_id.in_(contacts))
        of_id = of_id.where(itself.c.contact_id.in_(contacts))
    return of_attribute.union(of_id).cte("addresses")


def _normal(address):
    """An address as it is compared: e-mail in lower case, of a phone number the digits alone."""
    number = address
    for letter in "+ -":
        number = func.replace(number, letter, "")
    return case((address.contains("@"), func.lower(address)), else_=number)
