"""Rows of per-contact tables into the database: campaigns, contacts, messages and engagement at once."""

from sqlalchemy import (
    Connection,
    Text,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union,
    update,
)

from reportlib.warehouse.callbacks.fold import refold_loaded
from reportlib.warehouse.callbacks.merging.merging import Merged
from reportlib.warehouse.callbacks.message_table import PROVIDER
from reportlib.warehouse.callbacks.message_table.owners import add_owners, date_campaigns
from reportlib.warehouse.callbacks.message_table.staging import (
    DetailedBatch,
    kept_ids,
    refused,
    staged,
    staged_attributes,
    staged_engagement,
)
from reportlib.warehouse.callbacks.message_table.times import EARLIEST_MS, LATEST_MS
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import append, at_epoch_ms, epoch_ms, made_anew
from reportlib.warehouse.source.message_columns import TIMES


def merge_detailed(connection: Connection, batch: DetailedBatch) -> Merged:
    """Put the rows into the contract's tables.

    A message that is there already is replaced, as by `reportlib load`; accounts, campaigns and contacts are left as
    they are. What was done with a message is left to its callbacks where there are any. A row whose message_id is that
    of another person or campaign is not taken.
    """
    if not batch.staged:
        return Merged(0, 0, [])
    made_anew(connection, staged, staged_engagement, staged_attributes, refused, kept_ids)
    append(connection, staged, batch.messages)
    append(connection, staged_engagement, batch.engagement)
    append(connection, staged_attributes, batch.attributes)
    connection.execute(insert(refused).from_select(["row"], _of_others()))
    others = [tuple(row) for row in connection.execute(select(refused.c.row).order_by(refused.c.row))]
    connection.execute(delete(staged).where(staged.c.row.in_(select(refused.c.row))))
    last = select(func.max(staged.c.row)).group_by(staged.c.message_id)
    connection.execute(delete(staged).where(staged.c.row.not_in(last)))
    _keep_ids(connection)
    _drop_known(connection, batch)
    add_owners(connection)
    s = staged.c
    there = exists().where(messages.c.message_id == s.message_id)
    imported = connection.scalars(select(func.count()).select_from(staged).where(~there)).one()
    _replace_messages(connection)
    _replace_engagement(connection)
    date_campaigns(connection)
    return Merged(imported, batch.staged - len(others) - imported, others)


def _drop_known(connection, batch):
    """Of rows that tell no more than that there is a message, keep those whose message is not there.

    It is there under its own id, or under its provider's: that of the same person, or of one whom the platform itself
    calls otherwise.
    """
    s, m = staged.c, messages.c
    ours = s.provider + "/" + s.provider_message_id
    same = and_(
        m.provider_message_id == s.provider_message_id,
        or_(m.contact_id == s.contact_id, func.substr(m.message_id, 1, func.length(ours)) != ours),
    )
    known = select(s.row).join_from(staged, messages, or_(m.message_id == s.message_id, same)).where(s.known_stays)
    if any(is_known_stays for *_, is_known_stays in batch.messages):
        connection.execute(delete(staged).where(s.row.in_(known)))


def _of_others():
    """The rows whose message_id the database, or an earlier row, has for another person or campaign."""
    s, m, first = staged.c, messages.c, staged.alias("first")
    of_database = select(s.row).join_from(staged, messages, m.message_id == s.message_id)
    least = (
        select(s.message_id, func.min(s.row).label("row")).group_by(s.message_id).having(func.count() > 1).cte("least")
    )
    of_rows = (
        select(s.row)
        .join_from(staged, least, least.c.message_id == s.message_id)
        .join(first, first.c.row == least.c.row)
        .where(or_(first.c.contact_id != s.contact_id, first.c.campaign_id != s.campaign_id))
    )
    return union(of_database.where(or_(m.contact_id != s.contact_id, m.campaign_id != s.campaign_id)), of_rows)


def _keep_ids(connection):
    """Rows without an id of their own keep that under which their message is in the database, whoever gave it.

    It is their message where campaign, person, channel and provider's id agree, and the time, where both have one
    that can be: earlier versions misread some.
    """
    s, m, known, there = staged.c, messages.c, staged.alias("known"), messages.alias("there")
    since = func.coalesce(epoch_ms(m.queued_at), epoch_ms(m.sent_at))
    ours = func.coalesce(s.queued_at, s.sent_at)
    pairs = (
        select(s.row, m.message_id, case((since == ours, 0), else_=1).label("apart"))
        .join_from(
            staged,
            messages,
            and_(
                m.campaign_id == s.campaign_id,
                m.contact_id == s.contact_id,
                m.channel == s.channel,
                m.provider_message_id.is_not_distinct_from(s.provider_message_id),
            ),
        )
        .where(
            ~s.has_own_id,
            ~exists().where(there.c.message_id == s.message_id),
            m.message_id.not_in(select(known.c.message_id)),
            or_(since.is_(None), ours.is_(None), since == ours, ~since.between(EARLIEST_MS, LATEST_MS)),
        )
        .cte("pairs")
    )
    p = pairs.c
    of_row = func.row_number().over(partition_by=p.row, order_by=(p.apart, p.message_id)).label("of_row")
    of_message = func.row_number().over(partition_by=p.message_id, order_by=(p.apart, p.row)).label("of_message")
    best = select(p.row, p.message_id, of_row, of_message).cte("best")
    chosen = select(best.c.row, best.c.message_id).where(best.c.of_row == 1, best.c.of_message == 1)
    connection.execute(insert(kept_ids).from_select(["row", "message_id"], chosen))
    connection.execute(update(staged).where(s.row == kept_ids.c.row).values(message_id=kept_ids.c.message_id))


def _replace_messages(connection):
    connection.execute(delete(messages).where(messages.c.message_id.in_(select(staged.c.message_id))))
    names = [column.name for column in messages.columns if column.name in staged.columns]
    columns = [at_epoch_ms(staged.c[name]) if name in TIMES else staged.c[name] for name in names]
    connection.execute(insert(messages).from_select(names, select(*columns)))
    refold_loaded(connection, staged)


def _replace_engagement(connection):
    """The events of these rows, in the stead of those of earlier imports of them."""
    ours = func.substr(events.c.event_id, 1, len(PROVIDER) + 1) == f"{PROVIDER}:"  # LIKE ignores case in SQLite
    of_these = events.c.message_id.in_(select(staged.c.message_id))
    connection.execute(delete(events).where(ours, of_these))
    s, e = staged.c, staged_engagement.c
    told = exists().where(events.c.message_id == s.message_id, events.c.kind == e.kind)
    new = (
        select(
            literal(f"{PROVIDER}:") + s.message_id + ":" + e.kind + ":" + cast(e.nth, Text),
            s.message_id,
            s.campaign_id,
            e.kind,
            at_epoch_ms(e.at_ms),
            e.is_machine,
            null(),
        )
        .join_from(staged_engagement, staged, s.row == e.row)
        .where(~told)
    )
    names = ("event_id", "message_id", "campaign_id", "kind", "occurred_at", "is_machine", "url")
    connection.execute(insert(events).from_select(names, new))
