"""What became of each person: the one ladder on which the ledger, engagement and every breakdown stand.

messages and their events → per person → per group. A person is one contact of one campaign; of several messages to
them within a group the best outcome counts.
"""

from sqlalchemy import Integer, SmallInteger, and_, case, cast, false, func, literal, or_, select

from reportlib.metrics.definitions import definition
from reportlib.metrics.local_time import DAY_MS, MINUTE_MS
from reportlib.warehouse.contract.tables import CHANNELS, EVENT_KINDS, events, messages
from reportlib.warehouse.engines import any_bits, computed_once, epoch_ms, tenfold

NOT_SENT, FAILED, PENDING, DELIVERED = range(4)  # in the order in which outcomes beat each other
CLOCK_SKEW_MS = MINUTE_MS  # providers stamp whole seconds, platforms milliseconds
FUTURE_MS = DAY_MS

LEDGER = ("audience", "not_sent", "sent", "delivered", "delivered_implied", "failed", "pending")
ACTED = {  # what people do: the kind of event, and whether one that the provider flags as a machine's is left out
    "opened": ("opened", False),
    "opened_human": ("opened", True),
    "clicked": ("clicked", True),
    "replied": ("replied", True),
    "unsubscribed": ("unsubscribed", False),
    "complained": ("complained", False),
}
ACTIONS = tuple(ACTED)
PEOPLE = (*ACTIONS, "opened_or_clicked")
TOTALS = ("opened_total", "opened_human_total", "clicked_total", "replied_total")
IMPLY_DELIVERY = ("opened", "clicked", "replied")  # whoever did this has the message, whatever the callbacks say
FLAGS = {name: 1 << at for at, name in enumerate((*ACTIONS, "engaged", "confirmed", "pending", "failed", *CHANNELS))}
_STATUS_FLAGS = {"delivered": FLAGS["confirmed"], "sent": FLAGS["pending"], "failed": FLAGS["failed"]}


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
        action: and_(kind == needed, human) if people_only else kind == needed
        for action, (needed, people_only) in ACTED.items()
    }


def _event_flags(kind, human):
    """The FLAGS of an event: what was done, and whether the message must have been delivered."""

    def flags(done, by_machine):
        told = [
            FLAGS[action]
            for action, (needed, people_only) in ACTED.items()
            if needed == done and not (people_only and by_machine)
        ]
        return sum(told) + (FLAGS["engaged"] if done in IMPLY_DELIVERY else 0)

    by_kind = [(kind == done, case((human, flags(done, False)), else_=flags(done, True))) for done in EVENT_KINDS]
    return case(*by_kind, else_=0)


def person_outcomes(campaign_ids: list, within: tuple[str, ...], opened_ms: int, until: dict | None = None):
    """One row per campaign, contact and value of the message columns `within`.

    `until` has, by campaign id, the epoch milliseconds up to which things are counted; without it all are.
    Columns: campaign_id, contact_id, those of `within`, flags (the FLAGS that hold, as bits of one number: the table is
    as long as the audience, so what is narrow is fast), the TOTALS.
    """
    key = list(dict.fromkeys(("campaign_id", "contact_id", *within)))
    of_message = and_(events.c.message_id == messages.c.message_id, events.c.campaign_id.in_(campaign_ids))
    status, counted = messages.c.status, counts(opened_ms)
    if until:
        moment_ms = case(*[(messages.c.campaign_id == campaign, literal(ms)) for campaign, ms in until.items()])
        status, counted = status_at(moment_ms), and_(counted, epoch_ms(events.c.occurred_at) <= moment_ms)
    flags = (
        case((counted, _event_flags(events.c.kind, is_human())), else_=0)
        + case(_STATUS_FLAGS, value=status, else_=0)
        + case({channel: FLAGS[channel] for channel in CHANNELS}, value=messages.c.channel, else_=0)
    )
    touch = computed_once(
        select(*[messages.c[name] for name in key], cast(flags, SmallInteger).label("flags"))
        .select_from(messages.outerjoin(events, of_message))
        .where(messages.c.campaign_id.in_(campaign_ids)),
        "_".join(("touch", *within)),
    )
    person = [touch.c[name] for name in key]
    did = {total: holds(touch.c.flags, total.removesuffix("_total")) for total in TOTALS}
    return (
        select(
            *person,
            any_bits(touch.c.flags).label("flags"),
            *[cast(func.count(case((condition, 1))), Integer).label(total) for total, condition in did.items()],
        )
        .group_by(*person)
        .cte("_".join(("person_outcomes", *within)))
    )


def once_per_person(person):
    """The rows of `person_outcomes` within something, those of one campaign and contact as one."""
    key = (person.c.campaign_id, person.c.contact_id)
    totals = [cast(func.sum(person.c[total]), Integer).label(total) for total in TOTALS]
    of_each = (any_bits(person.c.flags).label("flags"), *totals, tenfold().label("expected"))
    return select(*key, *of_each).group_by(*key).cte("once_per_person")


def holds(flags, *names):
    """The condition that one of these FLAGS is set."""
    return flags.bitwise_and(sum(FLAGS[name] for name in names)) != 0


def outcome_of(flags):
    """The best outcome of the messages whose `flags` these are."""
    return case(
        (holds(flags, "confirmed", "engaged"), DELIVERED),
        (holds(flags, "pending"), PENDING),
        (holds(flags, "failed"), FAILED),
        else_=NOT_SENT,
    )
