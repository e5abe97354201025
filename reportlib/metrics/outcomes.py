"""What became of each person: the one ladder on which the ledger, engagement and every breakdown stand.

events → per message → per person → per group. A person is one contact of one campaign; of several messages to them
within a group the best outcome counts.
"""

import pandas as pd
from sqlalchemy import and_, case, false, func, or_, select

from reportlib.metrics.definitions import definition
from reportlib.metrics.grouping import grouped
from reportlib.metrics.local_time import DAY_MS, MINUTE_MS
from reportlib.warehouse.contract import CHANNELS, events, messages
from reportlib.warehouse.dialects import epoch_ms

NOT_SENT, FAILED, PENDING, DELIVERED = range(4)  # in the order in which outcomes beat each other
CLOCK_SKEW_MS = MINUTE_MS  # providers stamp whole seconds, platforms milliseconds
FUTURE_MS = DAY_MS

LEDGER = ("audience", "not_sent", "sent", "delivered", "delivered_implied", "failed", "pending")
PEOPLE = ("opened", "opened_human", "clicked", "replied", "unsubscribed", "complained", "opened_or_clicked")
IMPLY_DELIVERY = ("opened", "clicked", "replied")  # whoever did this has the message, whatever the callbacks say
TOTALS = ("opened_total", "opened_human_total", "clicked_total", "replied_total")
_HANDED_OVER = func.coalesce(epoch_ms(messages.c.sent_at), epoch_ms(messages.c.queued_at))
_HUMAN = func.coalesce(events.c.is_machine, false()) == false()


def plausible(opened_ms: int):
    """The condition that an event came after its message was handed over, and not from the future."""
    occurred = epoch_ms(events.c.occurred_at)
    return and_(
        or_(_HANDED_OVER.is_(None), occurred >= _HANDED_OVER - CLOCK_SKEW_MS), occurred <= opened_ms + FUTURE_MS
    )


def measurable():
    """The condition that the channel can report this kind of event at all: an SMS cannot be opened."""
    return or_(events.c.kind != "opened", messages.c.channel.in_(definition("opened").channels))


def engagement_events(campaign_ids: list, opened_ms: int):
    """The events that count: plausible, measurable, and not on a message that failed.

    Columns: message_id, campaign_id, channel, kind, is_human (bool), occurred_ms.
    """
    return (
        select(
            events.c.message_id,
            messages.c.campaign_id,
            messages.c.channel,
            events.c.kind,
            _HUMAN.label("is_human"),
            epoch_ms(events.c.occurred_at).label("occurred_ms"),
        )
        .join_from(events, messages, messages.c.message_id == events.c.message_id)
        .where(
            events.c.campaign_id.in_(campaign_ids),
            messages.c.campaign_id.in_(campaign_ids),
            messages.c.status != "failed",
            plausible(opened_ms),
            measurable(),
        )
        .cte("engagement_events")
    )


def message_engagement(event):
    """What people did with each message that saw any engagement: 0/1 per kind, counts per kind, and the first time.

    `event` is `engagement_events`.
    """

    def of(kind, *human):
        return and_(event.c.kind == kind, *human)

    conditions = {
        "opened": of("opened"),
        "opened_human": of("opened", event.c.is_human),
        "clicked": of("clicked", event.c.is_human),
        "replied": of("replied", event.c.is_human),
        "unsubscribed": of("unsubscribed"),
        "complained": of("complained"),
    }
    implies_delivery = case((event.c.kind.in_(IMPLY_DELIVERY), event.c.occurred_ms))
    return (
        select(
            event.c.message_id,
            *[func.max(case((condition, 1), else_=0)).label(name) for name, condition in conditions.items()],
            *[func.sum(case((conditions[total.removesuffix("_total")], 1), else_=0)).label(total) for total in TOTALS],
            func.min(implies_delivery).label("engaged_ms"),
        )
        .group_by(event.c.message_id)
        .cte("message_engagement")
    )


def outcome(engaged):
    """The outcome of one message, given its row of `message_engagement` (or none)."""
    return case(
        (messages.c.status == "failed", FAILED),
        (or_(messages.c.status == "delivered", engaged.c.engaged_ms.is_not(None)), DELIVERED),
        (messages.c.status == "sent", PENDING),
        else_=NOT_SENT,
    )


def person_outcomes(campaign_ids: list, by: tuple[str, ...], opened_ms: int):
    """One row per campaign, contact and group: `outcome`, whether a provider `confirmed` delivery, and engagement."""
    engaged = message_engagement(engagement_events(campaign_ids, opened_ms))
    source = messages.outerjoin(engaged, engaged.c.message_id == messages.c.message_id)
    source, groups = grouped(source, tuple(name for name in by if name != "campaign_id"))
    engagement = [name for name in PEOPLE if name != "opened_or_clicked"]
    return (
        select(
            messages.c.campaign_id,
            messages.c.contact_id,
            *groups,
            func.max(outcome(engaged)).label("outcome"),
            func.max(case((messages.c.status == "delivered", 1), else_=0)).label("confirmed"),
            *[func.max(func.coalesce(engaged.c[name], 0)).label(name) for name in engagement],
            *[func.sum(func.coalesce(engaged.c[name], 0)).label(name) for name in TOTALS],
            *[func.max(case((messages.c.channel == channel, 1), else_=0)).label(channel) for channel in CHANNELS],
        )
        .select_from(source)
        .where(messages.c.campaign_id.in_(campaign_ids))
        .group_by(messages.c.campaign_id, messages.c.contact_id, *groups)
        .cte("person_outcomes")
    )


def group_outcomes(warehouse, campaign_ids: list, by: tuple[str, ...]) -> pd.DataFrame:
    """One row per campaign and group.

    Columns: campaign_id, those of `by`, the ledger, PEOPLE and TOTALS (all int64, people or events), and one column
    per channel (0/1: whether the group has messages on it).
    """
    person = person_outcomes(campaign_ids, by, warehouse.opened_ms)
    groups = [person.c[name] for name in dict.fromkeys(("campaign_id", *by))]

    def people(condition):
        return func.sum(case((condition, 1), else_=0))

    has = {name: person.c[name] == 1 for name in PEOPLE if name != "opened_or_clicked"}
    has["opened_or_clicked"] = or_(has["opened"], has["clicked"])
    is_delivered = person.c.outcome == DELIVERED
    frame = warehouse.sql(
        select(
            *groups,
            func.count().label("audience"),
            people(person.c.outcome == NOT_SENT).label("not_sent"),
            people(person.c.outcome != NOT_SENT).label("sent"),
            people(is_delivered).label("delivered"),
            people(and_(is_delivered, person.c.confirmed == 0)).label("delivered_implied"),
            people(person.c.outcome == FAILED).label("failed"),
            people(person.c.outcome == PENDING).label("pending"),
            *[people(condition).label(name) for name, condition in has.items()],
            *[func.sum(person.c[name]).label(name) for name in TOTALS],
            *[func.max(person.c[channel]).label(channel) for channel in CHANNELS],
        ).group_by(*groups)
    )
    counts = [*LEDGER, *PEOPLE, *TOTALS, *CHANNELS]
    return frame.astype(dict.fromkeys(counts, "int64"))
