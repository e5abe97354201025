"""The clicks that count: all of them, those of which nobody says who made them, and how soon they came."""

from sqlalchemy import and_, case, select

from reportlib.metrics.people.counted import arrived_ms, counts
from reportlib.metrics.people.machines.rules import BEFORE_MS, EDGES, SECOND_MS
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import sound_ms

LATER = len(EDGES)


def clicks(campaign_ids, opened_ms: int):
    """The clicks that count: message_id, campaign_id, contact_id, channel, at_ms, after_ms (after arrival), url."""
    m, e = messages.c, events.c
    at = sound_ms(e.occurred_at)
    return (
        select(
            *(m.message_id, m.campaign_id, m.contact_id, m.channel),
            *(at.label("at_ms"), (at - arrived_ms()).label("after_ms"), e.url),
        )
        .join_from(events, messages, m.message_id == e.message_id)
        .where(e.campaign_id.in_(campaign_ids), m.campaign_id.in_(campaign_ids), e.kind == "clicked")
        .where(counts(opened_ms))
    )


def bucket_of(after_ms):
    """Which of EDGES a click came within, so long after its message arrived: its number, else LATER."""
    within = [(after_ms <= edge * SECOND_MS, at) for at, edge in enumerate(EDGES)]
    return case((after_ms < -BEFORE_MS, LATER), *within, else_=LATER)


def unflagged_clicks(campaign_ids, opened_ms: int):
    """Those of the `clicks` that have a time, and of which their source does not say who made them."""
    return clicks(campaign_ids, opened_ms).where(is_unflagged())


def is_unflagged():
    """The condition that an event has a time, and that its source does not say who caused it."""
    return and_(events.c.is_machine.is_(None), events.c.occurred_at.is_not(None))
