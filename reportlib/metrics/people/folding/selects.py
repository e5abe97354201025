"""The selects that make the fold, and the tables that are there while it is made."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    CompoundSelect,
    Integer,
    MetaData,
    Select,
    SmallInteger,
    Table,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    union_all,
)

from reportlib.definitions import TOTALS
from reportlib.metrics.local_time import MINUTE_MS
from reportlib.metrics.people.bits import holds, of_event, of_message
from reportlib.metrics.people.counted import arrived_ms, counts
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
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.people.machines.clicks import bucket_of, is_unflagged
from reportlib.metrics.people.machines.judge import Judge, word_of
from reportlib.metrics.people.machines.rules import HUMAN, LATEST, LONGEST_SCAN_MS, SECOND_MS, WINDOWS
from reportlib.metrics.people.minutes import per_minute, steps
from reportlib.warehouse.contract.tables import CHANNELS, MESSAGE_STATUSES, events, messages
from reportlib.warehouse.engines import any_bits, sound_ms

# While it is made: what an event says of the message in this row, what they say together, the messages, and of whom
# there are several, or something is open.
_making = MetaData()
ROW: ColumnElement = literal_column("messages.rowid")
at_event = Table(
    "fold_events", _making, *whole_numbers("at_row", "event_row", "at_ms", kind=BigInteger),
    *of_messages("campaign_id", "channel"), *whole_numbers("met", "did", "bucket"),
    *[Column(name, Boolean) for name in ("counts", "is_machine", "is_unflagged", "is_open", "is_loose")],
)  # fmt: skip
told = Table(
    "fold_told", _making, *whole_numbers("at_row", "engaged_ms", *ANSWERED, *FIRST, "reacted_ms", kind=BigInteger),
    *whole_numbers("met", "did", *TOTALS), *[Column(name, Boolean) for name in ("by_machine", "is_open")],
)  # fmt: skip
made = Table(
    "fold_made", _making, *[Column(column.name, column.type) for column in fold.columns if column.name != "is_alone"],
    *whole_numbers("at_row", "met", "outcome", "sent", "delivered", "failed", kind=BigInteger),
    Column("is_open", Boolean),
)  # fmt: skip
people = Table(
    "fold_people", _making, *of_messages("campaign_id"), *whole_numbers("number", "several"), Column("is_open", Boolean)
)
these = Table("changed_campaigns", _making, *of_messages("campaign_id"))

JUDGED = ("opened", "clicked")  # what rules have a say in, where its source says nothing
# So long after its arrival no rule about a message's times has a say: of an e-mail also what gateways do.
QUIET_MS = {"email": WINDOWS[-1] * SECOND_MS + LONGEST_SCAN_MS}
USUALLY_QUIET_MS = LATEST * SECOND_MS
END_MS = 4_102_444_800_000  # 2100: no sound time is later


def told_by_events(now_ms: int, of: bool) -> Select:
    """The rows of `at_event`, of all events or of those of `these` campaigns and the loose ones; at_row is NULL where
    the message is not there. What is later than now is open until it is not; so is what has no time, of a message that
    has no hand-over, and a complaint that does not count."""
    e, m, judge = events.c, messages.c, Judge(END_MS)
    at, counted, verdicts = sound_ms(e.occurred_at), counts(END_MS), judge.verdicts()
    timed = case((e.occurred_at.is_(None), handed_over_ms().is_not(None)), else_=at <= now_ms)
    settled = and_(_is_sure(e, at), timed)
    is_loose = func.coalesce(e.campaign_id != m.campaign_id, True)
    sure = case((counted, settled), (not_(counted), e.kind != "complained"))
    is_open = or_(is_loose, not_(func.coalesce(sure, False)))
    ours, joined = select(these.c.campaign_id), m.message_id == e.message_id
    question = select(
        ROW.label("at_row"),
        literal_column("events.rowid").label("event_row"),
        at.label("at_ms"),
        *(m.campaign_id, m.channel),
        cast(case(KINDS, value=e.kind, else_=0), SmallInteger).label("met"),
        cast(of_event(counted, e.kind, verdicts), Integer).label("did"),
        cast(bucket_of(at - arrived_ms()), SmallInteger).label("bucket"),
        func.coalesce(counted, False).label("counts"),
        (word_of(verdicts, e.kind) != HUMAN).label("is_machine"),
        is_unflagged().label("is_unflagged"),
        func.coalesce(is_open, True).label("is_open"),
        is_loose.label("is_loose"),
    ).select_from(events.outerjoin(messages, and_(joined, m.campaign_id.in_(ours)) if of else joined))
    return question.where(e.campaign_id.in_(ours.union(select(loose.c.campaign_id)))) if of else question


def told_together() -> Select:
    """The rows of `told`."""
    e = at_event.c
    did = {total: holds(e.did, total.removesuffix("_total")) for total in TOTALS}
    return (
        select(
            e.at_row,
            func.min(case((holds(e.did, "engaged"), e.at_ms))).label("engaged_ms"),
            *[func.min(case((holds(e.did, name), e.at_ms))).label(column) for column, name in ANSWERED.items()],
            *[func.min(case((e.met == KINDS[kind], e.at_ms))).label(column) for column, kind in FIRST.items()],
            func.max(case((holds(e.did, *BY_PEOPLE), e.at_ms))).label("reacted_ms"),
            any_bits(case((e.is_loose, 0), else_=e.met)).label("met"),
            any_bits(e.did).label("did"),
            *[cast(func.count(case((condition, 1))), Integer).label(total) for total, condition in did.items()],
            func.bool_or(and_(holds(e.did, "engaged"), not_(holds(e.did, *BY_PEOPLE)))).label("by_machine"),
            func.bool_or(e.is_open).label("is_open"),
        )
        .where(e.at_row.is_not(None))
        .group_by(e.at_row)
    )


def rows(of: bool) -> Select:
    """The rows of `made`, of all messages, or of those of `these` campaigns. A message is open with an event that is,
    where it failed, where its words are not the contract's, where nothing says when it was sent but a failure that its
    status denies, and where a reaction came before it was sent."""
    m, handed_over = messages.c, handed_over_ms()
    untold = or_(m.delivered_at.is_(None), m.status != "delivered")
    did, engaged_ms = func.coalesce(told.c.did, 0), case((untold, told.c.engaged_ms))
    sent, reacted = func.coalesce(handed_over, sound_ms(m.delivered_at)), told.c.reacted_ms
    usual = and_(
        *(m.status.in_(MESSAGE_STATUSES), m.status != "failed", m.channel.in_(CHANNELS)),
        or_(sent.is_not(None), sound_ms(m.failed_at).is_(None)),
        func.coalesce(reacted >= handed_over, True),
    )
    source = messages.outerjoin(told, told.c.at_row == ROW)
    question = select(
        *(m.campaign_id, m.channel, m.provider, numbers.c.number),
        cast(of_message(m.status, m.channel) + did, Integer).label("flags"),
        *[func.coalesce(told.c[name], 0).label(name) for name in TOTALS],
        sent.label("sent_ms"),
        *[told.c[name] for name in (*ANSWERED, *FIRST)],
        func.coalesce(reacted, case((holds(did, *BY_PEOPLE), handed_over))).label("reacted_ms"),
        handed_over.is_not(None).label("is_handed_over"),
        func.coalesce(told.c.by_machine, False).label("by_machine"),
        ROW.label("at_row"),
        func.coalesce(told.c.met, 0).label("met"),
        *steps(holds(did, "engaged"), engaged_ms),
        or_(not_(func.coalesce(usual, False)), func.coalesce(told.c.is_open, False)).label("is_open"),
    ).select_from(source.outerjoin(numbers, numbers.c.contact_id == m.contact_id))
    return question.where(m.campaign_id.in_(select(these.c.campaign_id))) if of else question


def not_alone() -> Select:
    """The rows of `people`: those with several messages of a campaign, or one that is open; NULL, who is nobody, is."""
    r, several = made.c, func.count() > 1
    is_open = or_(func.bool_or(r.is_open), r.number.is_(None))
    found = select(r.campaign_id, r.number, several.label("several"), is_open.label("is_open"))
    return found.group_by(r.campaign_id, r.number).having(or_(several, is_open))


def is_open_row() -> Select:
    """The rows of messages, at_row, to people of whom something is open."""
    return select(made.c.at_row).select_from(_with_people()).where(people.c.is_open)


def settled(in_order: bool, since_ms: int) -> dict[Table, CompoundSelect | Select]:
    """What is kept of `made` and `at_event`, by the table that it goes to; `moments` has reactions since then."""
    e, r = at_event.c, made.c
    columns = [r[column.name] for column in fold.columns if column.name != "is_alone"]
    is_alone = people.c.campaign_id.is_(None).label("is_alone")
    of_settled = select(made).select_from(_with_people()).where(func.coalesce(people.c.is_open, False) == false())
    rest = of_settled.with_only_columns(*columns, is_alone)
    settled_events = and_(e.counts, e.at_row.not_in(is_open_row()), e.at_ms.is_not(None))
    part = (e.at_ms - e.at_ms % PART_MS).label("part_ms")
    kind = case({code: name for name, code in KINDS.items()}, value=e.met).label("kind")
    numbers_of = func.count().label("events"), func.count(case((e.is_machine, 1))).label("machine_events")
    per_part = select(e.campaign_id, e.channel, kind, part, *numbers_of).where(settled_events)
    on_minutes = func.count(case((e.at_ms % MINUTE_MS == 0, 1))).label("on_minutes")
    no_links = [literal(0).label(name) for name in CLICKS[2:]]  # what has a link is open
    per_bucket = select(
        *(e.campaign_id, e.channel, e.bucket, func.count().label("clicks"), on_minutes, *no_links),
        cast(null(), BigInteger).label("late_ms"),
    )
    is_click = and_(e.met == KINDS["clicked"], e.is_unflagged)
    return {
        fold: rest if in_order else rest.order_by(r.campaign_id),
        moments: _moments(since_ms),
        minutes: per_minute(of_settled.cte("made"), "campaign_id"),
        parts: per_part.group_by(e.campaign_id, e.channel, e.met, part),
        clicks: per_bucket.where(is_click, settled_events).group_by(e.campaign_id, e.channel, e.bucket),
        loose: select(events.c.campaign_id, events.c.kind)
        .where(literal_column("events.rowid").in_(select(e.event_row).where(e.is_loose)))
        .distinct(),
    }


def _moments(since_ms):
    e, r = at_event.c, made.c
    at = func.coalesce(e.at_ms, r.sent_ms).label("at_ms")  # who has no time did it when it was handed over
    each = select(r.campaign_id, r.channel, r.number, e.did, at).join_from(at_event, made, r.at_row == e.at_row)
    each = each.where(e.at_row.not_in(is_open_row()), holds(r.flags, "confirmed", "pending"))
    return union_all(
        each.where(holds(e.did, *LEAVING)),
        each.where(holds(e.did, *BY_PEOPLE), r.reacted_ms > since_ms, at < r.reacted_ms),
    )


def _with_people():
    r = made.c
    same = and_(people.c.campaign_id == r.campaign_id, people.c.number.is_not_distinct_from(r.number))
    return made.outerjoin(people, same)


def _is_sure(e, at):
    """The condition that what an event is, is said by its source or its kind, or that it is late and of no link."""
    by_source = and_(e.is_machine.is_not(None), or_(e.kind == "opened", e.url.is_(None)))
    quiet = case(QUIET_MS, value=messages.c.channel, else_=USUALLY_QUIET_MS)
    late = and_(e.url.is_(None), at > arrived_ms() + quiet)
    return or_(e.kind.not_in(JUDGED), by_source, late)
