"""Rules on what the values of a row, and rows of several tables, say together."""

from sqlalchemy import and_, func, not_, or_, select

from reportlib.warehouse.check.rule import BREAKS, NOTE, Rule
from reportlib.warehouse.contract.tables import (
    LARGEST_VALUE,
    REPORTABLE_STATUSES,
    assignments,
    campaigns,
    events,
    messages,
    outcomes,
)
from reportlib.warehouse.engines import epoch_ms, misfits

MINUTE_MS = 60_000  # clocks of platform and provider differ, and many providers stamp whole seconds
DAY_MS = 86_400_000


def rules_of_rows(opened_ms: int) -> list[Rule]:
    """Every rule on more than one value; times are held against that of opening."""
    return [*_amounts(), *_times(opened_ms), *_statuses(), *_events(opened_ms), *_outcomes(), _ledger()]


def _amounts():
    less = "Nobody can be addressed less than not at all: leave it empty where it is not known."
    yield Rule("campaigns", "audience_size is below 0", BREAKS, campaigns, campaigns.c.audience_size < 0, less)
    m, unpriced = messages.c, "Reports count it as told; leave empty what is not known."
    yield Rule("messages", "cost is below 0", NOTE, messages, m.cost < 0, unpriced)
    yield Rule("messages", "parts is below 0", NOTE, messages, m.parts < 0, unpriced)
    lone = "An amount without a currency is in no sum: fill currency."
    yield Rule(
        "messages",
        "cost without a currency",
        NOTE,
        messages,
        and_(not_(misfits(m.cost)), m.cost > 0, m.currency.is_(None)),
        lone,
    )


def _times(opened_ms: int):
    m, c = messages.c, campaigns.c
    for table, earlier, later in (
        (messages, m.queued_at, m.sent_at),
        (messages, m.sent_at, m.delivered_at),
        (messages, m.sent_at, m.failed_at),
        (campaigns, c.started_at, c.completed_at),
    ):
        problem = f"{later.name} is before {earlier.name}"
        condition = epoch_ms(later) < epoch_ms(earlier) - MINUTE_MS
        yield Rule(table.name, problem, NOTE, table, condition, "By more than a minute: are all times UTC?")
    of_people = assignments.c.assigned_at, outcomes.c.occurred_at
    for column in (m.queued_at, m.sent_at, m.delivered_at, m.failed_at, c.started_at, c.completed_at, *of_people):
        yield _future(column, opened_ms)


def _statuses():
    m, c = messages.c, campaigns.c
    timed = or_(m.sent_at.is_not(None), m.delivered_at.is_not(None), m.failed_at.is_not(None))
    settled = or_(m.delivered_at.is_not(None), m.failed_at.is_not(None))
    untimed = "Counted by their status, but absent from the delivery timeline."
    by_status = "The status counts, not the time; was it updated?"
    for table, problem, condition, explanation in (
        (messages, "delivered without delivered_at", and_(m.status == "delivered", m.delivered_at.is_(None)), untimed),
        (messages, "failed without failed_at", and_(m.status == "failed", m.failed_at.is_(None)), untimed),
        (messages, "sent without sent_at", and_(m.status.in_(("sent", "delivered")), m.sent_at.is_(None)), untimed),
        (messages, "queued, but with a later time", and_(m.status == "queued", timed), by_status),
        (messages, "sent, but with a final time", and_(m.status == "sent", settled), by_status),
        (messages, "failed, but with delivered_at", and_(m.status == "failed", m.delivered_at.is_not(None)), by_status),
        (
            campaigns,
            "started without started_at",
            and_(c.status.in_(REPORTABLE_STATUSES), c.started_at.is_(None)),
            "Lists and trends put it last.",
        ),
    ):
        yield Rule(table.name, problem, NOTE, table, condition, explanation)


def _events(opened_ms: int):
    m, e = messages.c, events.c
    of_messages = events.join(messages, e.message_id == m.message_id)
    before = epoch_ms(e.occurred_at) < func.coalesce(epoch_ms(m.sent_at), epoch_ms(m.queued_at)) - MINUTE_MS
    uncounted = "By more than a minute: reports leave these events out."
    other = "An event belongs to the campaign of its message; reports leave the others out."
    yield Rule("events", "occurred before the message was sent", NOTE, of_messages, before, uncounted)
    yield Rule(
        "events", "campaign differs from the message's", BREAKS, of_messages, e.campaign_id != m.campaign_id, other
    )
    yield _future(e.occurred_at, opened_ms)


def _outcomes():
    o = outcomes.c
    of_messages = outcomes.join(messages, o.message_id == messages.c.message_id)
    for problem, severity, source, condition, explanation in (
        (
            "value is no amount",
            BREAKS,
            outcomes,
            or_(o.value > LARGEST_VALUE, o.value < -LARGEST_VALUE),
            "NaN, infinite, or beyond any money: its person counts, its value does not.",
        ),
        (
            "value without currency",
            NOTE,
            outcomes,
            and_(o.value.is_not(None), o.currency.is_(None)),
            "Money of no currency is added to none: its person counts, its value does not.",
        ),
        (
            "value is below 0",
            NOTE,
            outcomes,
            and_(o.value < 0, o.value >= -LARGEST_VALUE),
            "Taken as money given back: it is subtracted from what the person brought.",
        ),
        (
            "message is of another person",
            NOTE,
            of_messages,
            o.contact_id != messages.c.contact_id,
            "The outcome counts for its own contact.",
        ),
    ):
        yield Rule("outcomes", problem, severity, source, condition, explanation)


def _future(column, opened_ms: int) -> Rule:
    return Rule(
        column.table.name,
        f"{column.name} is in the future",
        NOTE,
        column.table,
        epoch_ms(column) > opened_ms + DAY_MS,
        "By more than a day: are all times UTC, and in the right unit?",
    )


def _ledger() -> Rule:
    people = (
        select(messages.c.campaign_id, func.count(messages.c.contact_id.distinct()).label("people"))
        .group_by(messages.c.campaign_id)
        .subquery()
    )
    return Rule(
        "campaigns",
        "more people than audience_size",
        NOTE,
        campaigns.join(people, people.c.campaign_id == campaigns.c.campaign_id),
        people.c.people > campaigns.c.audience_size,
        "The ledger does not close: more contacts have a message than were declared. All of them count.",
    )
