"""What became of each person: the one ladder on which the ledger, engagement and every breakdown stand.

messages and their events → per person → per group. A person is one contact of one campaign; of several messages to
them within a group the best outcome counts.
"""

from sqlalchemy import Integer, SmallInteger, and_, case, cast, false, func, literal, not_, or_, select

from reportlib.metrics.definitions import definition
from reportlib.metrics.local_time import DAY_MS, MINUTE_MS
from reportlib.warehouse.contract import CHANNELS, events, messages
from reportlib.warehouse.dialects import any_flags, computed_once, epoch_ms

NOT_SENT, FAILED, PENDING, DELIVERED = range(4)  # in the order in which outcomes beat each other
CLOCK_SKEW_MS = MINUTE_MS  # providers stamp whole seconds, platforms milliseconds
FUTURE_MS = DAY_MS

LEDGER = ("audience", "not_sent", "sent", "delivered", "delivered_implied", "failed", "pending")
ACTIONS = ("opened", "opened_human", "clicked", "replied", "unsubscribed", "complained")
PEOPLE = (*ACTIONS, "opened_or_clicked")
TOTALS = ("opened_total", "opened_human_total", "clicked_total", "replied_total")
FLAGS = {name: 1 << at for at, name in enumerate((*ACTIONS, "confirmed", *CHANNELS))}
IMPLY_DELIVERY = ("opened", "clicked", "replied")  # whoever did this has the message, whatever the callbacks say


def plausible(opened_ms: int):
    """The condition that an event came after its message was handed over, and not from the future."""
    occurred, sent = epoch_ms(events.c.occurred_at), handed_over_ms()
    return and_(or_(sent.is_(None), occurred >= sent - CLOCK_SKEW_MS), occurred <= opened_ms + FUTURE_MS)


def handed_over_ms():
    """When a message was handed over, epoch milliseconds; NULL where nothing says so."""
    return func.coalesce(epoch_ms(messages.c.sent_at), epoch_ms(messages.c.queued_at))


def measurable():
    """The condition that the channel can report this kind of event at all: an SMS cannot be opened."""
    return or_(events.c.kind != "opened", messages.c.channel.in_(definition("opened").channels))


def counts(opened_ms: int):
    """The condition that an event counts: plausible, measurable, and not on a message that failed."""
    return and_(messages.c.status != "failed", plausible(opened_ms), measurable())


def is_human():
    """The condition that the provider did not flag the event as a machine's."""
    return func.coalesce(events.c.is_machine, false()) == false()


def engagement_events(campaign_ids: list, opened_ms: int):
    """The events that count: kind, is_machine (bool or NULL), is_human (bool), occurred_ms; and of their message
    message_id, campaign_id, contact_id, channel, delivered_at, status, sent_ms (of the hand-over)."""
    return (
        select(
            events.c.message_id,
            messages.c.campaign_id,
            messages.c.contact_id,
            messages.c.channel,
            messages.c.delivered_at,
            messages.c.status,
            handed_over_ms().label("sent_ms"),
            events.c.kind,
            events.c.is_machine,
            is_human().label("is_human"),
            epoch_ms(events.c.occurred_at).label("occurred_ms"),
        )
        .join_from(events, messages, messages.c.message_id == events.c.message_id)
        .where(events.c.campaign_id.in_(campaign_ids), messages.c.campaign_id.in_(campaign_ids), counts(opened_ms))
        .cte("engagement_events")
    )


def implied_deliveries(event):
    """Messages of `engagement_events` to which someone reacted, though nothing says when or that they were delivered.

    Columns: message_id, engaged_ms (of the first reaction).
    """
    return (
        select(event.c.message_id, func.min(event.c.occurred_ms).label("engaged_ms"))
        .where(or_(event.c.delivered_at.is_(None), event.c.status != "delivered"), event.c.kind.in_(IMPLY_DELIVERY))
        .group_by(event.c.message_id)
        .cte("implied_deliveries")
    )


def outcome(engaged, status=messages.c.status):
    """The outcome of one message, given the condition that someone opened, clicked or replied to it."""
    return case(
        (status == "failed", FAILED),
        (or_(status == "delivered", engaged), DELIVERED),
        (status == "sent", PENDING),
        else_=NOT_SENT,
    )


def status_at(moment_ms):
    """The status a message had at an earlier moment, as far as its times tell."""
    return case(
        (handed_over_ms() > moment_ms, "queued"),
        (and_(messages.c.status == "delivered", epoch_ms(messages.c.delivered_at) > moment_ms), "sent"),
        (and_(messages.c.status == "failed", epoch_ms(messages.c.failed_at) > moment_ms), "sent"),
        else_=messages.c.status,
    )


def acted(kind, human) -> dict:
    """The condition of each of ACTIONS on the kind of an event, and on whether a person caused it."""
    return {
        "opened": kind == "opened",
        "opened_human": and_(kind == "opened", human),
        "clicked": and_(kind == "clicked", human),
        "replied": and_(kind == "replied", human),
        "unsubscribed": kind == "unsubscribed",
        "complained": kind == "complained",
    }


def person_outcomes(campaign_ids: list, within: tuple[str, ...], opened_ms: int, until: dict | None = None):
    """One row per campaign, contact and value of the message columns `within`.

    `until` has, by campaign id, the epoch milliseconds up to which things are counted; without it all are.
    Columns: campaign_id, contact_id, those of `within`, outcome, flags (the FLAGS that hold, as bits: the table is as
    long as the audience, so what is narrow is fast), the TOTALS.
    """
    key = list(dict.fromkeys(("campaign_id", "contact_id", *within)))
    of_message = and_(events.c.message_id == messages.c.message_id, events.c.campaign_id.in_(campaign_ids))
    status, counted = messages.c.status, counts(opened_ms)
    if until:
        moment_ms = case(*[(messages.c.campaign_id == campaign, literal(ms)) for campaign, ms in until.items()])
        status, counted = status_at(moment_ms), and_(counted, epoch_ms(events.c.occurred_at) <= moment_ms)
    touch = computed_once(
        select(
            *[messages.c[name] for name in dict.fromkeys((*key, "channel"))],
            status.label("status"),
            outcome(and_(events.c.kind.in_(IMPLY_DELIVERY), counted), status).label("outcome"),
            case((counted, events.c.kind)).label("did"),
            is_human().label("is_human"),
        )
        .select_from(messages.outerjoin(events, of_message))
        .where(messages.c.campaign_id.in_(campaign_ids)),
        "_".join(("touch", *within)),
    )
    holds = {
        **acted(touch.c.did, touch.c.is_human),
        "confirmed": touch.c.status == "delivered",
        **{channel: touch.c.channel == channel for channel in CHANNELS},
    }
    person = [touch.c[name] for name in key]
    return (
        select(
            *person,
            cast(func.max(touch.c.outcome), SmallInteger).label("outcome"),
            any_flags(*[holds[name] for name in FLAGS]).label("flags"),
            *[
                cast(func.count(case((holds[total.removesuffix("_total")], 1))), Integer).label(total)
                for total in TOTALS
            ],
        )
        .group_by(*person)
        .cte("_".join(("person_outcomes", *within)))
    )


def people_counts(person) -> list:
    """Columns that count the rows of `person_outcomes` in a group: LEDGER, PEOPLE, TOTALS, and 0/1 per channel."""

    def people(condition):
        return func.sum(case((condition, 1), else_=0))

    def has(flag):
        return person.c.flags.bitwise_and(FLAGS[flag]) != 0

    is_delivered = person.c.outcome == DELIVERED
    return [
        func.count().label("audience"),
        people(person.c.outcome == NOT_SENT).label("not_sent"),
        people(person.c.outcome != NOT_SENT).label("sent"),
        people(is_delivered).label("delivered"),
        people(and_(is_delivered, not_(has("confirmed")))).label("delivered_implied"),
        people(person.c.outcome == FAILED).label("failed"),
        people(person.c.outcome == PENDING).label("pending"),
        *[people(has(action)).label(action) for action in ACTIONS],
        people(or_(has("opened"), has("clicked"))).label("opened_or_clicked"),
        *[func.sum(person.c[total]).label(total) for total in TOTALS],
        *[func.max(case((has(channel), 1), else_=0)).label(channel) for channel in CHANNELS],
    ]
