"""The selects that make the fold, of what is told `by_event`, and the other tables that are there meanwhile."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    SmallInteger,
    Table,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)

from reportlib.definitions import ACTED, EVENT_KINDS, IMPLY_DELIVERY, TOTALS
from reportlib.metrics.local_time import MINUTE_MS
from reportlib.metrics.people.bits import holds, of_message
from reportlib.metrics.people.fold.table import (
    ANSWERED,
    BY_PEOPLE,
    CLICKS,
    FIRST,
    KINDS,
    LEAVING,
    PART_MS,
    clicks,
    fold,
    loose,
    minutes,
    moments,
    numbers,
    of_messages,
    parts,
    whole_numbers,
)
from reportlib.metrics.people.folding.by_event import EVENT_ROW, ROW, at_event, besides, making, these, told
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.people.minutes import per_minute, steps
from reportlib.warehouse.contract.tables import CHANNELS, MESSAGE_STATUSES, events, messages
from reportlib.warehouse.engines import sound_ms

# The messages; the people of whom there are several, or something is open, and the rows of their messages.
made = Table(
    "fold_made", making, *[Column(column.name, column.type) for column in fold.columns if column.name != "is_alone"],
    *whole_numbers("at_row", "met", "outcome"), *whole_numbers("sent", "delivered", "failed", kind=BigInteger),
    Column("is_open", Boolean),
)  # fmt: skip
people = Table("fold_people", making, *of_messages("campaign_id"), *whole_numbers("number"), Column("is_open", Boolean))
apart = Table("fold_apart", making, *whole_numbers("at_row"), Column("is_open", Boolean))

DONE = {name: kind for name in (*BY_PEOPLE, *LEAVING) for kind in EVENT_KINDS if ACTED[name].event == kind}


def rows(of: bool) -> Select:
    """The rows of `made`, of all messages, or of those of `these` campaigns. A message is open with an event that is,
    where it failed, where its words are not the contract's, where nothing says when it was sent but a failure that its
    status denies, and where a reaction came before it was sent."""
    m, handed_over = messages.c, handed_over_ms()
    by_people, others = func.coalesce(told.c.did, 0), func.coalesce(besides.c.did, 0)
    did = by_people.bitwise_or(others)
    met = sum(case((holds(by_people, name), KINDS[kind]), else_=0) for name, kind in DONE.items())
    times = {name: told.c[f"{name}_ms"] for name in BY_PEOPLE}
    numbers_of: dict[str, ColumnElement] = {
        f"{name}_total": func.coalesce(told.c[f"{name}_total"], 0) for name in BY_PEOPLE
    }
    first = {f"first_{DONE[name]}_ms": at for name, at in times.items()}
    first = {name: func.least(first[name], besides.c[name]) for name in FIRST}
    times["opened"] = func.least(times["opened_human"], besides.c.opened_ms)
    numbers_of["opened_total"] = numbers_of["opened_human_total"] + func.coalesce(besides.c.opened_total, 0)
    untold = or_(m.delivered_at.is_(None), m.status != "delivered")
    engaged_ms = case((untold, func.least(*times.values(), besides.c.engaged_ms)))
    sent, reacted = func.coalesce(handed_over, sound_ms(m.delivered_at)), told.c.reacted_ms
    usual = and_(
        *(m.status.in_(MESSAGE_STATUSES), m.status != "failed", m.channel.in_(CHANNELS)),
        or_(sent.is_not(None), sound_ms(m.failed_at).is_(None)),
        func.coalesce(reacted >= handed_over, True),
        ROW.not_in(select(at_event.c.at_row).where(at_event.c.is_open, at_event.c.at_row.is_not(None))),
    )
    source = messages.outerjoin(told, told.c.at_row == ROW).outerjoin(besides, besides.c.at_row == ROW)
    question = select(
        *(m.campaign_id, m.channel, m.provider, numbers.c.number),
        cast(of_message(m.status, m.channel) + did, Integer).label("flags"),
        *[numbers_of[name].label(name) for name in TOTALS],
        sent.label("sent_ms"),
        *[times[name].label(column) for column, name in ANSWERED.items()],
        *[at.label(name) for name, at in first.items()],
        func.coalesce(reacted, case((holds(did, *BY_PEOPLE), handed_over))).label("reacted_ms"),
        handed_over.is_not(None).label("is_handed_over"),
        holds(others, "engaged").label("by_machine"),
        ROW.label("at_row"),
        cast(func.coalesce(besides.c.met, 0).bitwise_or(met), SmallInteger).label("met"),
        *steps(holds(did, "engaged"), engaged_ms),
        not_(func.coalesce(usual, False)).label("is_open"),
    ).select_from(source.outerjoin(numbers, numbers.c.contact_id == m.contact_id))
    return question.where(m.campaign_id.in_(select(these.c.campaign_id))) if of else question


def not_alone() -> Select:
    """The rows of `people`: those with several messages of a campaign, or one that is open; NULL, who is nobody, is."""
    r = made.c
    is_open = or_(func.bool_or(r.is_open), r.number.is_(None))
    found = select(r.campaign_id, r.number, is_open.label("is_open")).group_by(r.campaign_id, r.number)
    return found.having(or_(func.count() > 1, is_open))


def set_apart() -> Select:
    """The rows of `apart`."""
    same = and_(people.c.campaign_id == made.c.campaign_id, people.c.number.is_not_distinct_from(made.c.number))
    return select(made.c.at_row, people.c.is_open).join_from(made, people, same)


def open_rows() -> Select:
    """The rows of messages, at_row, to people of whom something is open."""
    return select(apart.c.at_row).where(apart.c.is_open)


def settled(in_order: bool, since_ms: int) -> dict[Table, CompoundSelect | Select]:
    """What is kept of `made` and `at_event`, by the table that it goes to; `moments` has reactions since then."""
    e, r = at_event.c, made.c
    columns = [r[column.name] for column in fold.columns if column.name != "is_alone"]
    of_settled = select(made).where(r.at_row.not_in(open_rows()))
    rest = select(*columns, apart.c.at_row.is_(None).label("is_alone"))
    rest = rest.select_from(made.outerjoin(apart, apart.c.at_row == r.at_row))
    rest = rest.where(func.coalesce(apart.c.is_open, False) == false())
    settled_events = and_(e.counts, e.at_row.not_in(open_rows()), e.at_ms.is_not(None))
    part = (e.at_ms - e.at_ms % PART_MS).label("part_ms")
    kind = case({code: name for name, code in KINDS.items()}, value=e.met).label("kind")
    # what counts, and no person can have done, a machine has
    no_person = and_(e.met.in_([KINDS[kind] for kind in IMPLY_DELIVERY]), not_(holds(e.did, *BY_PEOPLE)))
    by_machine = and_(e.met != 0, or_(e.is_machine, no_person))
    numbers_of = func.count().label("events"), func.count(case((by_machine, 1))).label("machine_events")
    per_part = select(e.campaign_id, e.channel, kind, part, *numbers_of).where(settled_events)
    on_minutes = func.count(case((e.at_ms % MINUTE_MS == 0, 1))).label("on_minutes")
    no_links = [literal(0).label(name) for name in CLICKS[2:]]  # what has a link is open
    per_bucket = select(
        *(e.campaign_id, e.channel, e.bucket, func.count().label("clicks"), on_minutes, *no_links),
        cast(null(), BigInteger).label("late_ms"),
    )
    return {
        fold: rest if in_order else rest.order_by(r.campaign_id),
        moments: _moments(since_ms),
        minutes: per_minute(of_settled.cte("made"), "campaign_id"),
        parts: per_part.group_by(e.campaign_id, e.channel, e.met, part),
        clicks: per_bucket.where(e.bucket.is_not(None), settled_events).group_by(e.campaign_id, e.channel, e.bucket),
        loose: select(events.c.campaign_id, events.c.kind)
        .where(EVENT_ROW.in_(select(e.event_row).where(e.is_loose)))
        .distinct(),
    }


def _moments(since_ms):
    e, r = at_event.c, made.c
    at = func.coalesce(e.at_ms, r.sent_ms).label("at_ms")  # who has no time did it when it was handed over
    each = select(r.campaign_id, r.channel, r.number, e.did, at).join_from(at_event, made, r.at_row == e.at_row)
    each = each.where(e.at_row.not_in(open_rows()), holds(r.flags, "confirmed", "pending"))
    return union_all(
        each.where(holds(e.did, *LEAVING)),
        each.where(holds(e.did, *BY_PEOPLE), r.reacted_ms > since_ms, at < r.reacted_ms),
    )
