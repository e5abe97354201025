"""What events say of their messages, and what they say together: the first tables of the making."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    SmallInteger,
    Table,
    and_,
    case,
    cast,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.sql import visitors

from reportlib.metrics.people.bits import holds, of_event
from reportlib.metrics.people.counted import arrived_ms, counts
from reportlib.metrics.people.fold.table import (
    BY_PEOPLE,
    FIRST,
    KINDS,
    LEAVING,
    loose,
    of_messages,
    whole_numbers,
)
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.people.machines.clicks import bucket_of, is_unflagged
from reportlib.metrics.people.machines.judge import Judge
from reportlib.metrics.people.machines.rules import LATEST, LONGEST_SCAN_MS, SECOND_MS, WINDOWS
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import any_bits, sound_ms

# What an event says of the message in this row; what they say together, of what people did, and `besides`.
making = MetaData()
ROW: ColumnElement = cast(literal_column("messages.rowid"), Integer)
EVENT_ROW: ColumnElement = cast(literal_column("events.rowid"), Integer)
at_event = Table(
    "fold_events", making, *whole_numbers("at_row", "event_row"), Column("at_ms", BigInteger),
    *of_messages("campaign_id", "channel"), *whole_numbers("met", "did", "bucket"),
    *[Column(name, Boolean) for name in ("counts", "is_machine", "is_open", "is_loose")],
)  # fmt: skip
told = Table(
    "fold_told", making, *whole_numbers("at_row", "did", *[f"{name}_total" for name in BY_PEOPLE]),
    *whole_numbers("reacted_ms", *[f"{name}_ms" for name in BY_PEOPLE], kind=BigInteger),
)  # fmt: skip
besides = Table(
    "fold_besides", making, *whole_numbers("at_row", "met", "did", "opened_total"),
    *whole_numbers("engaged_ms", "opened_ms", *FIRST, kind=BigInteger),
)  # fmt: skip
these = Table("changed_campaigns", making, *of_messages("campaign_id"))

JUDGED = ("opened", "clicked")  # what rules have a say in, where its source says nothing
# So long after its arrival no rule about a message's times has a say: of an e-mail also what gateways do.
QUIET_MS = {"email": WINDOWS[-1] * SECOND_MS + LONGEST_SCAN_MS}
USUALLY_QUIET_MS = LATEST * SECOND_MS
END_MS = 4_102_444_800_000  # 2100: no sound time is later


def told_by_events(now_ms: int, of: bool) -> Select:
    """The rows of `at_event`, of all events or of those of `these` campaigns and the loose ones; at_row is NULL where
    the message is not there. What is later than now is open until it is not; so is what has no time, of a message that
    has no hand-over, and a complaint that does not count."""
    e, m = events.c, messages.c
    at, verdicts = sound_ms(e.occurred_at), Judge(END_MS).verdicts()
    timed = case((e.occurred_at.is_(None), handed_over_ms().is_not(None)), else_=at <= now_ms)
    row = _each_with_message(at, of)
    settled = and_(_is_sure(e, at), timed)
    sure = case((row.c.counts, settled), (not_(row.c.counts), e.kind != "complained"))
    is_open = or_(row.c.is_loose, not_(func.coalesce(sure, False)))
    is_click = and_(row.c.counts, e.kind == "clicked", is_unflagged())
    told_of_it = {
        "campaign_id": m.campaign_id,
        "channel": m.channel,
        "met": cast(case(KINDS, value=e.kind, else_=0), SmallInteger),
        "did": cast(of_event(row.c.counts, e.kind, verdicts), SmallInteger),
        "bucket": cast(case((is_click, bucket_of(at - arrived_ms()))), SmallInteger),
        "is_machine": func.coalesce(e.is_machine, False),
        "is_open": is_open,
        "counts": func.coalesce(row.c.counts, False),
    }
    same = {at: row.c.at_ms, arrived_ms(): row.c.arrived_ms, handed_over_ms(): row.c.handed_over_ms}
    same |= {e[name]: row.c[name] for name in ("occurred_at", "kind", "is_machine", "url")}
    same |= {m[name]: row.c[name] for name in ("campaign_id", "channel")}
    computed = [_with(how, same).label(name) for name, how in told_of_it.items()]
    return select(row.c.at_row, row.c.event_row, row.c.at_ms, row.c.is_loose, *computed)


def _each_with_message(at, of):
    """Events and their messages, with what more than one thing is told by: DuckDB computes anew in each branch of each
    CASE what it might have done once, and of a message for each of its events."""
    e, m = events.c, messages.c
    moments_of = {"arrived_ms": arrived_ms(), "handed_over_ms": handed_over_ms()}
    message = select(
        ROW.label("at_row"), m.message_id, m.campaign_id, m.channel, m.status,
        *[one.label(name) for name, one in moments_of.items()],
    )  # fmt: skip
    event = select(
        EVENT_ROW.label("event_row"), at.label("at_ms"), e.message_id, e.campaign_id,
        *(e.occurred_at, e.kind, e.is_machine, e.url),
    )  # fmt: skip
    if of:
        ours = select(these.c.campaign_id)
        message = message.where(m.campaign_id.in_(ours))
        event = event.where(e.campaign_id.in_(ours.union(select(loose.c.campaign_id))))
    message, event = message.subquery("of_message"), event.subquery("of_event")
    same = {at: event.c.at_ms, **{one: message.c[name] for name, one in moments_of.items()}}
    same |= {e[column.name]: column for column in event.c if column.name in e}
    same |= {m[column.name]: column for column in message.c if column.name in m}
    return (
        select(
            *(event.c.event_row, event.c.at_ms, event.c.occurred_at, event.c.kind, event.c.is_machine, event.c.url),
            *(message.c.at_row, message.c.campaign_id, message.c.channel),
            *[message.c[name] for name in moments_of],
            _with(counts(END_MS), same).label("counts"),
            func.coalesce(event.c.campaign_id != message.c.campaign_id, True).label("is_loose"),
        )
        .select_from(event.outerjoin(message, message.c.message_id == event.c.message_id))
        .subquery("of_both")
    )


def _with(expression, same: dict):
    """The expression with other columns in the stead of what they say the same as."""
    found = list(same.items())

    def instead(element, **_):
        return next((column for one, column in found if element is one or element.compare(one)), None)

    return visitors.replacement_traverse(expression, {}, instead)


def told_of_people() -> Select:
    """The rows of `told`. Whose events are of another campaign is open, and counted from its events."""
    e = at_event.c
    did = {name: holds(e.did, name) for name in BY_PEOPLE}
    return (
        select(
            e.at_row,
            any_bits(e.did).label("did"),
            *[cast(func.count(case((one, 1))), Integer).label(f"{name}_total") for name, one in did.items()],
            *[func.min(case((one, e.at_ms))).label(f"{name}_ms") for name, one in did.items()],
            func.max(case((holds(e.did, *BY_PEOPLE), e.at_ms))).label("reacted_ms"),
        )
        .where(e.at_row.is_not(None), not_(e.is_loose), holds(e.did, *BY_PEOPLE, *LEAVING))
        .group_by(e.at_row)
    )


def told_besides() -> Select:
    """The rows of `besides`."""
    e = at_event.c
    opened = holds(e.did, "opened")
    return (
        select(
            e.at_row,
            any_bits(e.met).label("met"),
            any_bits(e.did).label("did"),
            cast(func.count(case((opened, 1))), Integer).label("opened_total"),
            func.min(case((holds(e.did, "engaged"), e.at_ms))).label("engaged_ms"),
            func.min(case((opened, e.at_ms))).label("opened_ms"),
            *[func.min(case((e.met == KINDS[kind], e.at_ms))).label(column) for column, kind in FIRST.items()],
        )
        .where(e.at_row.is_not(None), not_(e.is_loose), not_(holds(e.did, *BY_PEOPLE, *LEAVING)))
        .group_by(e.at_row)
    )


def _is_sure(e, at):
    """The condition that what an event is, is said by its source or its kind, or that it is late and of no link."""
    by_source = and_(e.is_machine.is_not(None), or_(e.kind == "opened", e.url.is_(None)))
    quiet = case(QUIET_MS, value=messages.c.channel, else_=USUALLY_QUIET_MS)
    late = and_(e.url.is_(None), at > arrived_ms() + quiet)
    return or_(e.kind.not_in(JUDGED), by_source, late)
