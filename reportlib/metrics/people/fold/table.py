"""The table of the fold, and the select that makes it."""

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    case,
    cast,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from reportlib.definitions import ACTED
from reportlib.metrics.people.bits import holds, of_event, of_message
from reportlib.metrics.people.counted import arrived_ms, counts
from reportlib.metrics.people.machines.judge import Judge
from reportlib.metrics.people.machines.rules import LATEST, LONGEST_SCAN_MS, SECOND_MS, WINDOWS
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import any_bits, sound_ms

SCHEMA = "reportlib"  # of our own, which whoever likes may drop
OF_MESSAGE = ("message_id", "campaign_id", "contact_id", "channel", "provider")
TOTALS = tuple(f"{name}_total" for name, one in ACTED.items() if one.summed)
fold = Table(
    "fold",
    MetaData(schema=SCHEMA),
    *[Column(name, messages.c[name].type) for name in OF_MESSAGE],
    Column("flags", Integer),  # those of `bits` that hold, but `assumed`, which the account has a say in
    *[Column(name, Integer) for name in TOTALS],
    Column("is_open", Boolean),
    Column("is_alone", Boolean),  # the only message of the campaign to its contact
)
JUDGED = ("opened", "clicked")  # what rules have a say in, where its source says nothing
# So long after its arrival no rule about a message's times has a say: of an e-mail also what gateways do.
QUIET_MS = {"email": WINDOWS[-1] * SECOND_MS + LONGEST_SCAN_MS}
USUALLY_QUIET_MS = LATEST * SECOND_MS
END_MS = 4_102_444_800_000  # 2100: no sound time is later
ROW: ColumnElement = literal_column("messages.rowid")


def rows(now_ms: int, of: Select | None = None) -> Select:
    """The rows of the fold of all messages, or of those of these campaigns.

    An event that is later than now is left for when it is not.
    """
    e, m = events.c, messages.c
    at, counted, judge = sound_ms(e.occurred_at), counts(END_MS), Judge(END_MS)
    did = cast(of_event(counted, e.kind, judge.verdicts()), Integer).label("flags")
    settled = and_(_is_sure(e, at), or_(e.occurred_at.is_(None), at <= now_ms), e.campaign_id == m.campaign_id)
    unsettled = case((and_(counted, not_(func.coalesce(settled, false()))), 1), else_=0).label("unsettled")
    joined = select(ROW.label("at_row"), m.message_id, did, unsettled).select_from(
        events.join(messages, m.message_id == e.message_id)
    )
    event = _within(joined, of).cte("event")
    numbers = [func.count(case((holds(event.c.flags, name.removesuffix("_total")), 1))).label(name) for name in TOTALS]
    did_with = select(event.c.at_row, any_bits(event.c.flags).label("flags"), *numbers).group_by(event.c.at_row)
    told = did_with.cte("told")
    open_ids = select(event.c.message_id).where(event.c.unsettled == 1)
    pairs = _within(select(m.campaign_id, m.contact_id), of).group_by(m.campaign_id, m.contact_id)
    several = pairs.having(func.count() > 1).cte("several")
    same = and_(several.c.campaign_id == m.campaign_id, several.c.contact_id == m.contact_id)
    kept = select(
        *[m[name] for name in OF_MESSAGE],
        cast(of_message(m.status, m.channel) + func.coalesce(told.c.flags, 0), Integer).label("flags"),
        *[cast(func.coalesce(told.c[name], 0), Integer).label(name) for name in TOTALS],
        m.message_id.in_(open_ids).label("is_open"),
        and_(m.contact_id.is_not(None), several.c.contact_id.is_(None)).label("is_alone"),
    )
    return _within(kept.select_from(messages.outerjoin(told, told.c.at_row == ROW).outerjoin(several, same)), of)


def _within(question, of):
    return question if of is None else question.where(messages.c.campaign_id.in_(of))


def _is_sure(e, at):
    """The condition that what an event is, is said by its source or its kind, or that it is late and of no link."""
    by_source = and_(e.is_machine.is_not(None), or_(e.kind == "opened", e.url.is_(None)))
    quiet = case(QUIET_MS, value=messages.c.channel, else_=USUALLY_QUIET_MS)
    late = and_(e.url.is_(None), at > arrived_ms() + quiet)
    return or_(e.kind.not_in(JUDGED), by_source, late)
