"""Putting callbacks into the ledger, and what people did into the contract's events."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    Table,
    Text,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
    update,
)

from reportlib.definitions import EVENT_KINDS
from reportlib.warehouse.callbacks.batch import Batch
from reportlib.warehouse.callbacks.ledger import provider_events, rejected_events, unfolded_messages
from reportlib.warehouse.callbacks.merging.matching import (
    match,
    matched,
    remember_addresses,
    staged,
    unmatched_callbacks,
)
from reportlib.warehouse.contract.tables import PRICED, Identifier, events
from reportlib.warehouse.engines import append, at_epoch_ms, made_anew, stage_lines, temporary

_KEPT = {column.name: column.type for column in provider_events.columns}
arrived = temporary("arrived_callbacks", **_KEPT, campaign_id=Identifier, is_known=Integer)
crowded = temporary("crowded_keys", event_key=Text)
named = temporary("named_rejections", event_key=Text)
_CONTENT = ("occurred_at", "code", "reason", "url", "is_machine", *PRICED, "message_id")


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
    stage_lines(connection, staged, batch.file)
    found = match(connection, batch)
    remember_addresses(connection)
    made_anew(connection, crowded, arrived)
    connection.execute(insert(crowded).from_select(["event_key"], _crowded()))
    connection.execute(insert(arrived).from_select(list(arrived.columns.keys()), _arrivals(provider)))
    known = func.coalesce(func.sum(arrived.c.is_known), 0)
    arrivals, known = connection.execute(select(func.count(), known).select_from(arrived)).one()
    _forget(connection, known)
    _remember(connection)
    touched = select(arrived.c.message_id).distinct()
    connection.execute(insert(unfolded_messages).from_select(["message_id"], touched))
    imported = arrivals - int(known)
    unmatched = [] if found == batch.staged else unmatched_callbacks(connection)
    return Merged(imported, found - imported, unmatched)


def reject(connection: Connection, rejections: list[tuple]):
    """Keep what cannot be used, tuples as `rejected_events` has its columns.

    Of several with one key that with the least payload is kept, so that the order in which they come does not matter.
    """
    if not rejections:
        return
    is_named = _named(connection, [key for key, *_ in rejections])
    kept = connection.execute(select(rejected_events).where(is_named)).all()
    least = {row[0]: row for row in sorted((*map(tuple, kept), *rejections), key=_payload, reverse=True)}
    connection.execute(delete(rejected_events).where(is_named))
    append(connection, rejected_events, list(least.values()))


def forget_rejections(connection: Connection, keys: Collection[str]):
    """Take these keys out of `rejected_events`."""
    if keys:
        connection.execute(delete(rejected_events).where(_named(connection, keys)))


def _named(connection, keys):
    """The condition that a rejection has one of these keys, which a temporary table holds until the next are asked."""
    made_anew(connection, named)
    append(connection, named, [(key,) for key in keys])
    return rejected_events.c.event_key.in_(select(named.c.event_key))


def _payload(rejection):
    return rejection[3]


def some_rejections(provider: str, after: str, count: int) -> Select:
    """event_key and raw of the next rejections of a provider, by their keys."""
    columns, by_key = (rejected_events.c.event_key, rejected_events.c.raw), rejected_events.c.event_key
    of_provider = select(*columns).where(rejected_events.c.provider == provider, by_key > after)
    return of_provider.order_by(by_key).limit(count)


def _crowded():
    """The keys that more than one callback has, of the batch and the ledger together."""
    twice = select(staged.c.event_key).group_by(staged.c.event_key).having(func.count() > 1)
    known = select(provider_events.c.event_key).where(provider_events.c.event_key.in_(select(staged.c.event_key)))
    return twice.union(known)


def _arrivals(provider):
    """Of each matched callback the row that the ledger should have, where it has it not.

    Of several with one key, and of these and the ledger's own, the least by content is kept, so that the order in
    which they come does not matter.
    """
    new, keys = _new(provider), select(crowded.c.event_key)
    alone = select(new).where(new.c.event_key.not_in(keys))
    known = select(*provider_events.columns, null().label("campaign_id"), literal(1)).where(
        provider_events.c.event_key.in_(keys)
    )
    both = union_all(select(new).where(new.c.event_key.in_(keys)), known).cte("both_of_them")
    content = [both.c[name].asc().nulls_last() for name in _CONTENT]
    ranked = select(
        *both.columns,
        func.row_number().over(partition_by=both.c.event_key, order_by=(*content, both.c.is_known.desc())).label("nth"),
        func.max(both.c.is_known).over(partition_by=both.c.event_key).label("was_known"),
    ).cte("ranked")
    columns = [ranked.c[column.name] for column in provider_events.columns]
    least = select(*columns, ranked.c.campaign_id, ranked.c.was_known).where(ranked.c.nth == 1, ranked.c.is_known == 0)
    return union_all(alone, least)


def _new(provider):
    """The matched callbacks as rows of the ledger, with campaign_id and is_known, 0."""
    return (
        select(
            staged.c.event_key,
            literal(provider).label("provider"),
            matched.c.message_id,
            staged.c.kind,
            at_epoch_ms(staged.c.at_ms).label("occurred_at"),
            *[staged.c[name] for name in ("code", "reason", "url", "is_machine", *PRICED)],
            matched.c.campaign_id,
            literal(0).label("is_known"),
        )
        .join_from(staged, matched, staged.c.row == matched.c.row)
        .cte("new")
    )


def _forget(connection, known):
    """Take out what the arrivals stand for now: rejections of the same callbacks, and known rows with more content."""
    of_matched = select(staged.c.event_key).join_from(staged, matched, staged.c.row == matched.c.row)
    connection.execute(delete(rejected_events).where(rejected_events.c.event_key.in_(of_matched)))
    if known:
        again = select(arrived.c.event_key).where(arrived.c.is_known == 1)
        connection.execute(delete(provider_events).where(provider_events.c.event_key.in_(again)))
        connection.execute(delete(events).where(events.c.event_id.in_(again)))


def told_words(ledger: Table) -> list:
    """The label of what was tapped, and why somebody left or complained: both are the reason in the ledger."""
    kind, reason = ledger.c.kind, ledger.c.reason
    of_leaving = kind.in_(("unsubscribed", "complained"))
    return [case((kind == "clicked", reason)).label("label"), case((of_leaving, reason)).label("reason")]


def tell_words(connection: Connection):
    """Fill the labels and reasons of events that were imported when the contract had no column for them."""
    of_ledger = events.c.event_id == provider_events.c.event_key
    label, reason = told_words(provider_events)
    told = provider_events.c.reason.is_not(None)
    connection.execute(update(events).where(of_ledger, told).values(label=label.element, reason=reason.element))


def _remember(connection):
    ledger = [column.name for column in provider_events.columns]
    connection.execute(insert(provider_events).from_select(ledger, select(*[arrived.c[name] for name in ledger])))
    engaged = select(
        *[arrived.c[name] for name in ("event_key", "message_id", "campaign_id", "kind", "occurred_at")],
        arrived.c.is_machine,
        arrived.c.url,
        *told_words(arrived),
    ).where(arrived.c.kind.in_(EVENT_KINDS))
    connection.execute(insert(events).from_select([column.name for column in events.columns], engaged))
