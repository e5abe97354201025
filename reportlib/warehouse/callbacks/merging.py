"""Putting callbacks into the ledger, and what people did into the contract's events."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union_all,
)

from reportlib.warehouse.callbacks.batch import Batch
from reportlib.warehouse.callbacks.ledger import provider_events, rejected_events, unfolded_messages
from reportlib.warehouse.callbacks.model import ENGAGEMENT_KINDS
from reportlib.warehouse.contract import Identifier, campaigns, contact_attributes, events, messages
from reportlib.warehouse.dialects import append, at_epoch_ms, epoch_ms, made_anew, stage_csv

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
arrived = Table(
    "arrived_callbacks",
    _temporary,
    *[Column(column.name, column.type) for column in provider_events.columns],
    Column("campaign_id", Identifier),
    Column("is_known", Integer),
    prefixes=["TEMPORARY"],
)
forgotten = Table("forgotten_rejections", _temporary, Column("event_key", Text), prefixes=["TEMPORARY"])
_CONTENT = ("occurred_at", "code", "reason", "url", "is_machine", "message_id")


class Merged(NamedTuple):
    """What became of a batch: how many are new, how many were known, and the others, without a message.

    `unmatched` has their row, event_key and message, as `Batch.rejection` asks for.
    """

    imported: int
    duplicates: int
    unmatched: list[tuple]


def merge_callbacks(connection: Connection, batch: Batch) -> Merged:
    """Put the callbacks of a finished batch into the ledger and the events; their messages are to be folded."""
    if not batch.staged:
        return Merged(0, 0, [])
    provider = batch.provider
    made_anew(connection, matched, arrived)
    stage_csv(connection, staged, batch.file)
    found = _match(connection, _by_message_id(provider))
    if found < batch.staged:
        found = _match(connection, _by_recipient(provider))
    if not batch.names_messages:
        found = _match(connection, _by_contact(provider))
    connection.execute(insert(arrived).from_select(list(arrived.columns.keys()), _arrivals(provider)))
    known = func.coalesce(func.sum(arrived.c.is_known), 0)
    arrivals, known = connection.execute(select(func.count(), known).select_from(arrived)).one()
    _forget(connection, known)
    _remember(connection)
    touched = select(arrived.c.message_id).distinct()
    connection.execute(insert(unfolded_messages).from_select(["message_id"], touched))
    imported = arrivals - int(known)
    unmatched = [] if found == batch.staged else _unmatched(connection)
    return Merged(imported, found - imported, unmatched)


def _match(connection, found) -> int:
    connection.execute(insert(matched).from_select(list(matched.columns.keys()), found))
    return connection.scalar(select(func.count()).select_from(matched))


def reject(connection: Connection, rejections: list[tuple]):
    """Keep what cannot be used, tuples as `rejected_events` has its columns; once each."""
    last = {row[0]: row for row in rejections}
    forget_rejections(connection, last)
    append(connection, rejected_events, list(last.values()))


def forget_rejections(connection: Connection, keys: Collection[str]):
    """Take these keys out of `rejected_events`."""
    if not keys:
        return
    made_anew(connection, forgotten)
    append(connection, forgotten, [(key,) for key in keys])
    connection.execute(delete(rejected_events).where(rejected_events.c.event_key.in_(select(forgotten.c.event_key))))


def some_rejections(provider: str, after: str, count: int) -> Select:
    """event_key and raw of the next rejections of a provider, by their keys."""
    columns, by_key = (rejected_events.c.event_key, rejected_events.c.raw), rejected_events.c.event_key
    of_provider = select(*columns).where(rejected_events.c.provider == provider, by_key > after)
    return of_provider.order_by(by_key).limit(count)


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


def _arrivals(provider):
    """Of each matched callback the row that the ledger should have, where it has it not.

    Of several with one key, and of these and the ledger's own, the least by content is kept, so that the order in
    which they come does not matter.
    """
    new = (
        select(
            staged.c.event_key,
            literal(provider).label("provider"),
            matched.c.message_id,
            staged.c.kind,
            at_epoch_ms(staged.c.at_ms).label("occurred_at"),
            *[staged.c[name] for name in ("code", "reason", "url", "is_machine")],
            matched.c.campaign_id,
            literal(0).label("is_known"),
        )
        .join_from(staged, matched, staged.c.row == matched.c.row)
        .cte("new")
    )
    known = select(*provider_events.columns, null().label("campaign_id"), literal(1)).where(
        provider_events.c.event_key.in_(select(new.c.event_key))
    )
    both = union_all(select(new), known).cte("both_of_them")
    content = [both.c[name].asc().nulls_last() for name in _CONTENT]
    ranked = select(
        *both.columns,
        func.row_number().over(partition_by=both.c.event_key, order_by=(*content, both.c.is_known.desc())).label("nth"),
        func.max(both.c.is_known).over(partition_by=both.c.event_key).label("was_known"),
    ).cte("ranked")
    columns = [ranked.c[column.name] for column in provider_events.columns]
    return select(*columns, ranked.c.campaign_id, ranked.c.was_known).where(ranked.c.nth == 1, ranked.c.is_known == 0)


def _forget(connection, known):
    """Take out what the arrivals stand for now: rejections of the same callbacks, and known rows with more content."""
    of_matched = select(staged.c.event_key).join_from(staged, matched, staged.c.row == matched.c.row)
    connection.execute(delete(rejected_events).where(rejected_events.c.event_key.in_(of_matched)))
    if known:
        again = select(arrived.c.event_key).where(arrived.c.is_known == 1)
        connection.execute(delete(provider_events).where(provider_events.c.event_key.in_(again)))
        connection.execute(delete(events).where(events.c.event_id.in_(again)))


def _remember(connection):
    ledger = [column.name for column in provider_events.columns]
    connection.execute(insert(provider_events).from_select(ledger, select(*[arrived.c[name] for name in ledger])))
    engaged = select(
        *[arrived.c[name] for name in ("event_key", "message_id", "campaign_id", "kind", "occurred_at")],
        arrived.c.is_machine,
        arrived.c.url,
    ).where(arrived.c.kind.in_(ENGAGEMENT_KINDS))
    connection.execute(insert(events).from_select([column.name for column in events.columns], engaged))


def _unmatched(connection):
    lost = staged.outerjoin(matched, staged.c.row == matched.c.row)
    told = select(staged.c.row, staged.c.event_key, staged.c.message).select_from(lost).where(matched.c.row.is_(None))
    return [tuple(row) for row in connection.execute(told)]
