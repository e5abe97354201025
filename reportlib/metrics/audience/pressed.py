"""Messages, with how many others their people had had in the days before, and what people did about them."""

from sqlalchemy import Integer, and_, case, cast, false, func, or_, select, union_all

from reportlib.metrics.audience.account import Audience
from reportlib.metrics.local_time import DAY_MS, WEEK_MS
from reportlib.metrics.people.bits import STATUSES, holds
from reportlib.metrics.people.fold.table import LEAVING, fold
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.measured import of_these, told_by
from reportlib.metrics.people.outcomes import acted, engagement_events
from reportlib.metrics.people.settled import with_numbers
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.warehouse.contract.tables import messages

LEVELS = (0, 1, 2, 3)  # messages in the days before; the last and more
LAST_WEEK, WEEK_BEFORE = "days 1 to 7", "days 8 to 14"
WINDOWS = {LAST_WEEK: (1, 7), WEEK_BEFORE: (8, 14)}
LEVEL_OF = {LAST_WEEK: "level", WEEK_BEFORE: "level_before"}  # the columns
WEEKS, RIPE_DAYS = 26, 3  # how far back, and how old a message is by when it has been answered
HANDED_OVER = ("sent", "delivered")  # and not failed


def pressed(about: Audience):
    """Messages of the account that did not fail: contact_id (as in `people.by_channel`), channel, campaign_id, at_ms;
    level and level_before, each one of LEVELS; settled, whether it is later than a week after the person's first, 1 or
    0; clicked and left (unsubscribed or complained), 1 or 0, NULL where nobody would tell. None where nobody tells
    either of any.

    Of WEEKS, which `of_weeks` chooses, and of the two before these, of which the levels are not whole.
    """
    ids = about.ids_since(_start_ms(about) - 14 * DAY_MS)
    told = told_by(about.warehouse, select_campaigns(about.warehouse, ids))
    told = told[told["by_person"]]
    tells = {"clicked": told[told["clicked"]], "left": told[told[[*LEAVING]].any(axis=1)]}
    if all(some.empty for some in tells.values()):
        return None
    found = [_of_messages(about, ids, tells, told), *([_of_fold(about, ids, tells, told)] if about.kept else [])]
    mine = union_all(*found).cte("sent_lately")
    before = [_before(mine.c, *days).label(LEVEL_OF[window]) for window, days in WINDOWS.items()]
    first = func.min(mine.c.at_ms).over(partition_by=mine.c.contact_id, order_by=mine.c.at_ms)
    counted = select(*mine.c, *before, first.label("first_ms")).cte("with_before")
    c = counted.c
    rows = select(
        *(c.contact_id, c.channel, c.campaign_id, c.at_ms, c.clicked, c.left),
        *[case((c[name] >= LEVELS[-1], LEVELS[-1]), else_=c[name]).label(name) for name in LEVEL_OF.values()],
        case((c.at_ms > c.first_ms + WEEK_MS, 1), else_=0).label("settled"),
    )
    return about.seen.kept(rows, "messages_under_pressure")


def of_weeks(about: Audience, sent):
    """The condition that a row of `pressed` is of the last WEEKS, and ripe."""
    return and_(sent.c.at_ms >= _start_ms(about), sent.c.at_ms <= about.as_of_ms - RIPE_DAYS * DAY_MS)


def whole_numbers(frame):
    """The frame of counts with whole numbers, also where it has no row."""
    return frame.astype({name: "int64" for name in frame.columns if name not in ("channel", "campaign_id")})


def _start_ms(about):
    return about.as_of_ms - WEEKS * 7 * DAY_MS


def _before(sent, first_day, last_day):
    """How many messages of whatever channel came so many days before a message."""
    range_ = (-last_day * DAY_MS, -1 if first_day == 1 else -((first_day - 1) * DAY_MS + 1))
    return cast(func.count().over(partition_by=sent.contact_id, order_by=sent.at_ms, range_=range_), Integer)


def _of_messages(about, ids, tells, told):
    m, did = messages.c, _did(about, ids)
    source = messages.outerjoin(did, did.c.message_id == m.message_id)
    source, contact_id = with_numbers(source, m.contact_id, bool(about.kept))
    answered = _answered(messages, tells, told, {name: did.c[name] == 1 for name in tells})
    return _lately(about, ids, messages, contact_id, answered).select_from(source).where(m.status.in_(HANDED_OVER))


def _of_fold(about, ids, tells, told):
    flags = fold.c.flags
    did = {"clicked": holds(flags, "clicked"), "left": holds(flags, *LEAVING)}
    found = _lately(about, ids, fold, fold.c.number, _answered(fold, tells, told, did))
    return found.where(holds(flags, *[STATUSES[status] for status in HANDED_OVER]))


def _lately(about, ids, rows, contact_id, answered):
    at = about.at_ms(rows)
    found = select(contact_id.label("contact_id"), rows.c.channel, rows.c.campaign_id, at.label("at_ms"), *answered)
    return found.where(rows.c.campaign_id.in_(ids), at >= _start_ms(about) - 14 * DAY_MS)


def _answered(rows, tells, told, did):
    """Whether somebody did it, by its name in `tells`, which has the sources that tell it: 1 or 0, NULL of others."""
    for name, some in tells.items():
        asked = false() if some.empty else of_these(some, rows, told)
        yield case((and_(asked, did[name]), 1), (asked, 0)).label(name)


def _did(about, ids):
    """The messages that a person clicked, or left by."""
    event = engagement_events(ids, about.warehouse.opened_ms, judge_of(about.warehouse, ids))
    found = {"clicked": acted("clicked", event), "left": or_(*(acted(kind, event) for kind in LEAVING))}
    return (
        select(event.c.message_id, *[func.max(case((holds, 1), else_=0)).label(name) for name, holds in found.items()])
        .where(event.c.kind.in_(("clicked", *LEAVING)))
        .group_by(event.c.message_id)
        .cte("did_about_it")
    )
