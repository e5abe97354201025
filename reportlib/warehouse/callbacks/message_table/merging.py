"""Rows of per-contact tables into the database: campaigns, contacts, messages and engagement at once."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    Integer,
    MetaData,
    Table,
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

from reportlib.warehouse.callbacks.batch import Rejections
from reportlib.warehouse.callbacks.fold import refold_loaded
from reportlib.warehouse.callbacks.merging import Merged
from reportlib.warehouse.callbacks.message_table import PROVIDER
from reportlib.warehouse.callbacks.message_table.row import PLACE, parsed
from reportlib.warehouse.callbacks.message_table.survey import OF_SEVERAL
from reportlib.warehouse.callbacks.message_table.times import EARLIEST_MS, LATEST_MS
from reportlib.warehouse.callbacks.model import Unusable
from reportlib.warehouse.callbacks.payloads import decode
from reportlib.warehouse.contract.tables import accounts, campaigns, contacts, events, messages
from reportlib.warehouse.engines import append, at_epoch_ms, epoch_ms, made_anew
from reportlib.warehouse.source.message_columns import TEXTS, TIMES

_temporary = MetaData()
staged = Table(
    "staged_detailed",
    _temporary,
    Column("row", BigInteger),
    *[Column(name, Text) for name in TEXTS],
    *[Column(name, BigInteger) for name in TIMES],
    Column("cost", Double),
    Column("has_own_id", Boolean),
    prefixes=["TEMPORARY"],
)
staged_engagement = Table(
    "staged_engagement",
    _temporary,
    Column("row", BigInteger),
    Column("kind", Text),
    Column("nth", Integer),
    Column("at_ms", BigInteger),
    Column("is_machine", Boolean),
    prefixes=["TEMPORARY"],
)
refused = Table("refused_rows", _temporary, Column("row", BigInteger), prefixes=["TEMPORARY"])
kept_ids = Table("kept_ids", _temporary, Column("row", BigInteger), Column("message_id", Text), prefixes=["TEMPORARY"])


class DetailedBatch(Rejections):
    """Rows of `staged` and of `staged_engagement`, ready to be merged."""

    largest = 100_000  # rows: they are in memory

    def __init__(self):
        super().__init__(PROVIDER)
        self.staged = 0
        self.messages: list[tuple] = []
        self.engagement: list[tuple] = []
        self._payloads: list[bytes] = []

    def __len__(self):
        return self.staged + len(self.rejections)

    def finish(self):
        """Nothing comes any more."""

    def close(self):
        """It is in the database."""

    def add(self, payload: bytes):
        """One row, as JSON under our names."""
        row = None
        try:
            row = decode(payload)
            place = row.pop(PLACE, None) if isinstance(row, dict) else None
            message = parsed(row)
        except Unusable as unusable:
            self.refuse(payload, str(unusable), place if row is not None else None)
            return
        self.messages.append((self.staged, *message.texts, *message.times, message.cost, message.has_own_id))
        self.engagement += [(self.staged, *event) for event in message.engagement]
        self._payloads.append(payload)
        self.kept_bytes += len(payload)
        self.staged += 1

    def rejection(self, row: int) -> tuple:
        """The row of rejected_events for one whose id is another's."""
        payload = self._payloads[row]
        return self.refusal(payload, OF_SEVERAL, decode(payload).get(PLACE))


def merge_detailed(connection: Connection, batch: DetailedBatch) -> Merged:
    """Put the rows into the contract's tables.

    A message that is there already is replaced, as by `reportlib load`; accounts, campaigns and contacts are left as
    they are. What was done with a message is left to its callbacks where there are any. A row whose message_id is that
    of another person or campaign is not taken.
    """
    if not batch.staged:
        return Merged(0, 0, [])
    made_anew(connection, staged, staged_engagement, refused, kept_ids)
    append(connection, staged, batch.messages)
    append(connection, staged_engagement, batch.engagement)
    connection.execute(insert(refused).from_select(["row"], _of_others()))
    others = [tuple(row) for row in connection.execute(select(refused.c.row).order_by(refused.c.row))]
    connection.execute(delete(staged).where(staged.c.row.in_(select(refused.c.row))))
    last = select(func.max(staged.c.row)).group_by(staged.c.message_id)
    connection.execute(delete(staged).where(staged.c.row.not_in(last)))
    _keep_ids(connection)
    s = staged.c
    _add(connection, accounts, s.account_id, name=func.min(s.account), timezone=func.min(s.time_zone))
    named = {"account_id": func.min(s.account_id), "name": func.min(s.campaign), "status": literal("completed")}
    _add(connection, campaigns, s.campaign_id, **named)
    _add(connection, contacts, s.contact_id, account_id=func.min(s.account_id))
    there = exists().where(messages.c.message_id == s.message_id)
    imported = connection.scalar(select(func.count()).select_from(staged).where(~there))
    _replace_messages(connection)
    _replace_engagement(connection)
    _date_campaigns(connection)
    return Merged(imported, batch.staged - len(others) - imported, others)


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


def _add(connection, table, key, **columns):
    """Rows of the table that are not there yet, with these columns."""
    known = select(table.c[key.name])
    new = select(key, *columns.values()).where(key.not_in(known)).group_by(key)
    connection.execute(insert(table).from_select([key.name, *columns], new))


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


def _date_campaigns(connection):
    """A campaign that only such rows told of starts with the first of its messages."""
    first = (
        select(messages.c.campaign_id, func.min(func.coalesce(messages.c.queued_at, messages.c.sent_at)).label("at"))
        .where(messages.c.campaign_id.in_(select(staged.c.campaign_id)))
        .group_by(messages.c.campaign_id)
        .cte("first")
    )
    planned = or_(campaigns.c.scheduled_at.is_not(None), campaigns.c.completed_at.is_not(None))
    unknown = or_(campaigns.c.started_at.is_(None), and_(~planned, campaigns.c.started_at > first.c.at))
    same = campaigns.c.campaign_id == first.c.campaign_id
    connection.execute(update(campaigns).where(same, unknown).values(started_at=first.c.at))
