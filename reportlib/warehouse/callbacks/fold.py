"""What has become of a message, from everything that was said of it: the same, in whatever order it was said.

What the platform had loaded of a message is kept as it was before the first callback, and counts as said too.
"""

from sqlalchemy import (
    Boolean,
    Connection,
    Table,
    and_,
    case,
    delete,
    false,
    func,
    insert,
    inspect,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)

from reportlib.definitions import IMPLY_DELIVERY
from reportlib.warehouse.callbacks.ledger import loaded_messages, provider_events, unfolded_messages
from reportlib.warehouse.contract.tables import PRICED, Identifier, messages
from reportlib.warehouse.engines import made_anew, temporary

READ = "read"  # a WhatsApp message opened; who opens an e-mail may be a machine, or another person
HAS_LEFT = ("sent", "deferred", "delivered", READ, *IMPLY_DELIVERY, "failed", "complained")


touched = temporary("touched_messages", message_id=Identifier)
_FOLDED = {column.name: column.type for column in loaded_messages.columns if column.name != "channel"}
folded = temporary("folded_messages", **_FOLDED)  # by itself: as part of the UPDATE, DuckDB takes five times as long


def refold(connection: Connection, of: Table):
    """Bring the messages whose ids are in this table to what the ledger and their loaded rows say of them.

    The latest word wins between delivery and failure: a bounce after a delivery, a retry that succeeds after a failure.
    At the same moment failure wins, but not over a WhatsApp message that was read. A read WhatsApp message clears a
    failure like a delivery, and is otherwise left for the metrics to count as delivered. A mail that is opened does not
    clear its failure. What it cost, and what it is charged as, is what callbacks tell of it, else what was loaded.
    """
    names = list(loaded_messages.columns.keys())
    unfolded = (
        select(*[messages.c[name] for name in names])
        .join_from(messages, of, of.c.message_id == messages.c.message_id)
        .outerjoin(loaded_messages, loaded_messages.c.message_id == of.c.message_id)
        .where(loaded_messages.c.message_id.is_(None))
    )
    connection.execute(insert(loaded_messages).from_select(names, unfolded))
    made_anew(connection, folded)
    connection.execute(insert(folded).from_select(list(folded.columns.keys()), _folded(of)))
    new = {column.name: column for column in folded.columns if column.name != "message_id"}
    connection.execute(update(messages).where(messages.c.message_id == folded.c.message_id).values(new))


def fold_some(connection: Connection, most: int) -> bool:
    """Bring so many of the unfolded messages up to date; whether there may be more."""
    made_anew(connection, touched)
    some = select(unfolded_messages.c.message_id).distinct().limit(most)
    connection.execute(insert(touched).from_select(["message_id"], some))
    found = connection.scalar(select(func.count()).select_from(touched))
    if found:
        refold(connection, touched)
        done = select(touched.c.message_id)
        connection.execute(delete(unfolded_messages).where(unfolded_messages.c.message_id.in_(done)))
    return found == most


def refold_loaded(connection: Connection, staged: Table):
    """After messages were loaded anew over imported ones: their new rows, and the callbacks there are of them."""
    if not inspect(connection).has_table(provider_events.name):
        return
    replaced = select(staged.c.message_id)
    connection.execute(delete(loaded_messages).where(loaded_messages.c.message_id.in_(replaced)))
    made_anew(connection, touched)
    known = select(provider_events.c.message_id).where(provider_events.c.message_id.in_(replaced)).distinct()
    connection.execute(insert(touched).from_select(["message_id"], known))
    refold(connection, touched)


def _folded(of):
    said = _said(of)
    failure = _last_failure(said)
    whole = (
        select(
            said.c.message_id,
            func.min(case((said.c.kind == "sent", said.c.at))).label("sent_at"),
            func.min(case((said.c.kind == "delivered", said.c.at))).label("delivered_at"),
            func.max(case((said.c.kind.in_(("delivered", READ)), said.c.at))).label("last_delivery"),
            func.max(case((said.c.kind == "delivered", 1), else_=0)).label("is_delivered"),
            func.max(case((said.c.kind.in_(HAS_LEFT), 1), else_=0)).label("has_left"),
            *[func.max(said.c[name]).label(name) for name in PRICED],
        )
        .group_by(said.c.message_id)
        .cte("whole")
    )
    later = or_(
        failure.c.at.is_(None),
        whole.c.last_delivery > failure.c.at,
        and_(whole.c.last_delivery == failure.c.at, loaded_messages.c.channel == "whatsapp"),
    )
    cleared = and_(whole.c.last_delivery.is_not(None), later)
    has_failed = and_(failure.c.message_id.is_not(None), ~cleared)
    is_delivered = and_(~has_failed, whole.c.is_delivered == 1)
    return (
        select(
            whole.c.message_id,
            case(
                (has_failed, "failed"),
                (is_delivered, "delivered"),
                (or_(whole.c.has_left == 1, loaded_messages.c.status != "queued"), "sent"),
                else_="queued",
            ).label("status"),
            func.coalesce(loaded_messages.c.sent_at, whole.c.sent_at).label("sent_at"),
            case((is_delivered, whole.c.delivered_at)).label("delivered_at"),
            case((has_failed, failure.c.at)).label("failed_at"),
            case((has_failed, failure.c.code)).label("failure_code"),
            case((has_failed, failure.c.reason)).label("failure_reason"),
            *[func.coalesce(_as_kept(whole.c[name]), loaded_messages.c[name]).label(name) for name in PRICED],
        )
        .join_from(whole, loaded_messages, loaded_messages.c.message_id == whole.c.message_id)
        .outerjoin(failure, and_(failure.c.message_id == whole.c.message_id, failure.c.nth == 1))
    )


def _comparable(column):
    """Of what is true or false a number, of which there is a greatest."""
    return case((column, 1), (~column, 0)) if isinstance(column.type, Boolean) else column


def _as_kept(column):
    return case((column == 1, true()), (column == 0, false())) if column.name == "billable" else column


def _said(of):
    """message_id, kind, at, code, reason, event_key, PRICED of every word on these messages, also the platform's."""
    event = provider_events.c
    loaded = (
        select(*loaded_messages.columns)
        .join_from(loaded_messages, of, of.c.message_id == loaded_messages.c.message_id)
        .cte("loaded")
    )
    kind = case((and_(event.kind == "opened", loaded.c.channel == "whatsapp"), READ), else_=event.kind).label("kind")
    priced = [_comparable(event[name]).label(name) for name in PRICED]
    by_provider = select(
        event.message_id, kind, event.occurred_at.label("at"), event.code, event.reason, event.event_key, *priced
    ).join_from(provider_events, loaded, loaded.c.message_id == event.message_id)

    def by_platform(kind, condition, at, code=None, reason=None):
        told = (at, null() if code is None else code, null() if reason is None else reason, literal(""))
        return select(loaded.c.message_id, literal(kind), *told, *[null() for _ in PRICED]).where(condition)

    failure = (loaded.c.failed_at, loaded.c.failure_code, loaded.c.failure_reason)
    return union_all(
        by_provider,
        by_platform("delivered", loaded.c.status == "delivered", loaded.c.delivered_at),
        by_platform("failed", loaded.c.status == "failed", *failure),
    ).cte("said")


def _last_failure(said):
    latest_first = (said.c.at.desc().nulls_last(), said.c.code.asc().nulls_last(), said.c.event_key)
    return (
        select(
            said.c.message_id,
            said.c.at,
            said.c.code,
            said.c.reason,
            func.row_number().over(partition_by=said.c.message_id, order_by=latest_first).label("nth"),
        )
        .where(said.c.kind == "failed")
        .cte("failure")
    )
