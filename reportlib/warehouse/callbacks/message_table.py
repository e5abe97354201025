"""Rows of per-contact tables into the database: campaigns, contacts, messages and engagement at once."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    MetaData,
    Table,
    Text,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from reportlib.errors import nearest
from reportlib.warehouse.callbacks.batch import Rejections
from reportlib.warehouse.callbacks.fold import refold_loaded
from reportlib.warehouse.callbacks.merging import Merged
from reportlib.warehouse.callbacks.model import Unusable, brief, moment
from reportlib.warehouse.callbacks.payloads import decode
from reportlib.warehouse.contract.tables import (
    CHANNELS,
    MESSAGE_STATUSES,
    accounts,
    campaigns,
    contacts,
    events,
    messages,
)
from reportlib.warehouse.engines import append, at_epoch_ms, made_anew
from reportlib.warehouse.source.message_columns import ENGAGEMENT, TEXTS, TIMES

PROVIDER = "detailed"
MOST = 10_000  # opens of one message; more is a column that holds something else
_temporary = MetaData()
staged = Table(
    "staged_detailed",
    _temporary,
    Column("row", BigInteger),
    *[Column(name, Text) for name in TEXTS],
    *[Column(name, BigInteger) for name in TIMES],
    Column("cost", Double),
    prefixes=["TEMPORARY"],
)
staged_engagement = Table(
    "staged_engagement",
    _temporary,
    Column("event_id", Text),
    Column("message_id", Text),
    Column("campaign_id", Text),
    Column("kind", Text),
    Column("at_ms", BigInteger),
    Column("is_machine", Boolean),
    prefixes=["TEMPORARY"],
)


class DetailedBatch(Rejections):
    """Rows of `staged` and of `staged_engagement`, ready to be merged."""

    def __init__(self):
        super().__init__(PROVIDER)
        self.staged = 0
        self.messages: list[tuple] = []
        self.engagement: list[tuple] = []

    def __len__(self):
        return self.staged + len(self.rejections)

    def finish(self):
        """Nothing comes any more."""

    def close(self):
        """It is in the database."""

    def add(self, payload: bytes):
        """One row, as JSON under our names."""
        try:
            message, engagement = parsed(decode(payload))
        except Unusable as unusable:
            self.refuse(payload, str(unusable))
            return
        self.messages.append((self.staged, *message))
        self.engagement += engagement
        self.staged += 1


def parsed(row) -> tuple[list, list[tuple]]:
    """A row of `staged`, without its number, and those of `staged_engagement`. Raises Unusable."""
    if isinstance(row, dict) and "problem" in row:
        raise Unusable(str(row["problem"]))
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        raise Unusable("is no row of a table")
    for name in ("campaign_id", "contact_id"):
        if not row.get(name):
            raise Unusable(f"has no {name}")
    row = {name: value.replace("\x00", "\ufffd") for name, value in row.items()}
    row.setdefault("status", _status(row))
    for name, words in (("channel", CHANNELS), ("status", MESSAGE_STATUSES)):
        if row.get(name) not in words:
            raise Unusable(f"{brief(row.get(name))} is no {name}{nearest(row.get(name) or '', words)}")
    row.setdefault("time_zone", "UTC")
    row.setdefault("account_id", "imported")
    row.setdefault("account", row["account_id"])
    row.setdefault("campaign", row["campaign_id"])
    row.setdefault("message_id", row.get("provider_message_id") or "/".join(_named(row)))
    zone = _zone(row["time_zone"])
    message = [row.get(name) for name in TEXTS] + [_moment(row.get(name), zone) for name in TIMES]
    return [*message, _number(row.get("cost"), float)], list(_engagement(row, zone))


def merge_detailed(connection: Connection, batch: DetailedBatch) -> Merged:
    """Put the rows into the contract's tables.

    A message that is there already is replaced, as by `reportlib load`; accounts, campaigns and contacts are left as
    they are. What was done with a message is left to its callbacks where there are any.
    """
    if not batch.staged:
        return Merged(0, 0, [])
    made_anew(connection, staged, staged_engagement)
    append(connection, staged, batch.messages)
    append(connection, staged_engagement, batch.engagement)
    last = select(func.max(staged.c.row)).group_by(staged.c.message_id)
    connection.execute(delete(staged).where(staged.c.row.not_in(last)))
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
    return Merged(imported, batch.staged - imported, [])


def _add(connection, table, key, **columns):
    """Rows of the table that are not there yet, with these columns."""
    known = select(table.c[key.name])
    new = select(key, *columns.values()).where(key.not_in(known)).group_by(key)
    connection.execute(insert(table).from_select([key.name, *columns], new))


def _replace_messages(connection):
    connection.execute(delete(messages).where(messages.c.message_id.in_(select(staged.c.message_id))))
    columns = [
        at_epoch_ms(staged.c[column.name]) if column.name in TIMES else staged.c[column.name]
        for column in messages.columns
    ]
    connection.execute(insert(messages).from_select([column.name for column in messages.columns], select(*columns)))
    refold_loaded(connection, staged)


def _replace_engagement(connection):
    """The events of these rows, in the stead of those of earlier imports of them."""
    ours = func.substr(events.c.event_id, 1, len(PROVIDER) + 1) == f"{PROVIDER}:"  # LIKE ignores case in SQLite
    of_these = events.c.message_id.in_(select(staged.c.message_id))
    connection.execute(delete(events).where(ours, of_these))
    e = staged_engagement.c
    told = exists().where(events.c.message_id == e.message_id, events.c.kind == e.kind)
    new = (
        select(
            e.event_id,
            func.min(e.message_id),
            func.min(e.campaign_id),
            func.min(e.kind),
            at_epoch_ms(func.min(e.at_ms)),
            func.min(case((e.is_machine, 1), (~e.is_machine, 0))) == 1,
            null(),
        )
        .where(~told)
        .group_by(e.event_id)
    )
    connection.execute(insert(events).from_select([column.name for column in events.columns], new))


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


def _named(row):
    return row["campaign_id"], row["contact_id"], row.get("channel") or ""


def _status(row) -> str:
    reached = (("failed_at", "failed"), ("delivered_at", "delivered"), ("opened_at", "delivered"), ("sent_at", "sent"))
    return next((status for name, status in reached if row.get(name)), "queued")


def _engagement(row, zone):
    for kind, (first, number, by_machines) in ENGAGEMENT.items():
        at = _moment(row.get(first), zone)
        times = _number(row.get(number), int)
        times = (1 if at is not None else 0) if times is None else times
        machines = _number(row.get(by_machines), int) if by_machines else None
        if not 0 <= times <= MOST or (times and at is None):
            raise Unusable(f"{times} {number}" + (f", but no {first}" if at is None else ""))
        for nth in range(1, times + 1):
            is_machine = None if machines is None else nth <= machines
            yield (
                f"{PROVIDER}:{row['message_id']}:{kind}:{nth}",
                row["message_id"],
                row["campaign_id"],
                kind,
                at,
                is_machine,
            )


def _number(text, kind):
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise Unusable(f"{brief(text)} is no number") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unusable(f"{brief(name)} is no time zone") from None


def _moment(text, zone) -> int | None:
    """Epoch milliseconds of a time; one without an offset is on the clock of its account."""
    if not text:
        return None
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        return moment(text)
    return moment((written if written.tzinfo else written.replace(tzinfo=zone)).isoformat())
