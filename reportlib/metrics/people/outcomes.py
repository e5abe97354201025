"""What became of each person: the one ladder on which the ledger, engagement and every breakdown stand.

messages and their events → per person → per group. A person is one contact of one campaign; of several messages to
them within a group the best outcome counts.
"""

from sqlalchemy import FromClause, Integer, and_, case, cast, func, literal, not_, or_, select

from reportlib.definitions import ACTED, IMPLY_DELIVERY, TOTALS
from reportlib.metrics.people.age import Age, first_hand_overs
from reportlib.metrics.people.bits import holds, packed
from reportlib.metrics.people.counted import counts
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.people.machines.judge import Judge, judged_events
from reportlib.metrics.people.machines.rules import HUMAN
from reportlib.metrics.people.minutes import DELIVERED, FAILED, NOT_SENT, PENDING
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import any_bits, computed_once, sound_ms, tenfold

LEDGER = ("audience", "not_sent", "sent", "delivered", "delivered_implied", "failed", "pending")
PEOPLE = (*ACTED, "opened_or_clicked")
# who clicked were every unsure click a person's; and were none told apart; who clicked nothing but links of no content
CLICKS = ("clicked_at_most", "clicked_by_any", "clicked_aside")
IN_BASE = tuple(f"{name}_in_base" for name in (*ACTED, *CLICKS))  # those of them whom the engagement rates are of


def engagement_events(campaign_ids: list, opened_ms: int, judge: Judge | None = None):
    """The events that count: kind, is_machine (bool or NULL, as the source has it), occurred_ms; and of their message
    message_id, campaign_id, contact_id, channel, delivered_at, status, sent_ms (of the hand-over).

    With a `judge` verdict too: HUMAN, of content; MACHINE, UNSURE or ASIDE.
    """
    source, told = events.join(messages, messages.c.message_id == events.c.message_id), []
    if judge:
        source, word = judged_events(judge)
        told = [word.label("verdict")]
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
            sound_ms(events.c.occurred_at).label("occurred_ms"),
            *told,
        )
        .select_from(source)
        .where(events.c.campaign_id.in_(campaign_ids), messages.c.campaign_id.in_(campaign_ids), counts(opened_ms))
        .cte("engagement_events")
    )


def implied_deliveries(event):
    """Messages of `engagement_events` to which someone reacted, though nothing says when or that they were delivered.

    Columns: message_id, engaged_ms (of the first reaction; NULL where no reaction has a time).
    """
    return (
        select(event.c.message_id, func.min(event.c.occurred_ms).label("engaged_ms"))
        .where(or_(event.c.delivered_at.is_(None), event.c.status != "delivered"), event.c.kind.in_(IMPLY_DELIVERY))
        .group_by(event.c.message_id)
        .cte("implied_deliveries")
    )


def status_at(moment_ms):
    """The status a message had at an earlier moment, as far as its times tell."""
    return case(
        (handed_over_ms() > moment_ms, "queued"),
        (and_(messages.c.status == "delivered", sound_ms(messages.c.delivered_at) > moment_ms), "sent"),
        (and_(messages.c.status == "failed", sound_ms(messages.c.failed_at) > moment_ms), "sent"),
        else_=messages.c.status,
    )


def acted(name, event):
    """The condition that an event of `engagement_events`, with its verdict, is one that the metric counts."""
    is_kind = event.c.kind == ACTED[name].event
    return and_(is_kind, event.c.verdict == HUMAN) if ACTED[name].people_only else is_kind


def person_outcomes(
    campaign_ids: list, within: tuple[str, ...], judge: Judge, until: dict | Age | None = None, untold=None
):
    """One row per campaign, contact and value of the message columns `within`.

    `until` has, by campaign id, the epoch milliseconds up to which things are counted, or is the Age of each person up
    to which they are; without it all are. `untold` is as for `bits.packed`.
    Columns: campaign_id, contact_id, those of `within`, flags (those of `bits` that hold), the TOTALS.
    """
    key = list(dict.fromkeys(("campaign_id", "contact_id", *within)))
    of_message = and_(events.c.message_id == messages.c.message_id, events.c.campaign_id.in_(campaign_ids))
    status, counted = messages.c.status, counts(judge.opened_ms)
    source: FromClause = messages
    chosen = [messages.c.campaign_id.in_(campaign_ids)]
    if isinstance(until, Age):
        first = first_hand_overs(campaign_ids, until.assigned)
        same = and_(first.c.campaign_id == messages.c.campaign_id, first.c.contact_id == messages.c.contact_id)
        source, moment_ms = messages.join(first, same), first.c.first_ms + until.ms
        chosen.append(or_(first.c.first_ms.is_(None), moment_ms <= until.as_of_ms))
    elif until:
        moment_ms = case(*[(messages.c.campaign_id == campaign, literal(ms)) for campaign, ms in until.items()])
    if until:
        status, counted = status_at(moment_ms), and_(counted, sound_ms(events.c.occurred_at) <= moment_ms)
    scans = judge.scans()
    flags = packed(status, messages.c.channel, counted, events.c.kind, judge.verdicts(scans), untold)
    source = source.outerjoin(events, of_message)
    source = source if scans is None else source.outerjoin(scans, scans.c.message_id == messages.c.message_id)
    touch = computed_once(
        select(*[messages.c[name] for name in key], flags.label("flags")).select_from(source).where(*chosen),
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


def outcome_of(flags):
    """The best outcome of the messages whose `flags` these are."""
    return case(
        (holds(flags, "confirmed", "engaged"), DELIVERED),
        (holds(flags, "pending"), PENDING),
        (holds(flags, "failed"), FAILED),
        else_=NOT_SENT,
    )


def clicks_of(flags) -> dict:
    """By each of CLICKS the condition that a person with these `flags` is one of them."""
    return {
        "clicked_at_most": holds(flags, "clicked", "clicked_unsure"),
        "clicked_by_any": holds(flags, "clicked", "clicked_unsure", "clicked_machine"),
        "clicked_aside": and_(holds(flags, "clicked_aside"), not_(holds(flags, "clicked"))),
    }
