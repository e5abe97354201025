"""The clicks that count: all of them, those of which nobody says who made them, and how soon they came."""

from sqlalchemy import and_, case, select

from reportlib.metrics.people.counted import arrived_ms, counts
from reportlib.metrics.people.fold.table import CLICKS
from reportlib.metrics.people.machines.link_patterns import ASIDE, HIDDEN, matches
from reportlib.metrics.people.machines.rules import BEFORE_MS, EDGES, MINUTE_MS, SECOND_MS
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import computed_once, sound_ms

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


def told_clicks(campaign_ids, opened_ms: int):
    """The `clicks`: campaign_id, channel, at_ms, bucket (of EDGES, LATER for all others), 0 or 1 for each of CLICKS: is
    it of those that nobody flagged, so and on a whole minute, so and of a link; is its link ASIDE, HIDDEN."""
    click = computed_once(clicks(campaign_ids, opened_ms).add_columns(is_unflagged().label("unflagged")), "all_clicks")
    url = click.c.url
    facts = (
        click.c.unflagged,
        and_(click.c.unflagged, click.c.at_ms % MINUTE_MS == 0),
        and_(click.c.unflagged, url.is_not(None)),
        *[and_(url.is_not(None), matches(url, pattern)) for pattern in (ASIDE, HIDDEN)],
    )
    told = [case((condition, 1), else_=0).label(name) for name, condition in zip(CLICKS, facts, strict=True)]
    bucket = bucket_of(click.c.after_ms).label("bucket")
    return select(click.c.campaign_id, click.c.channel, click.c.at_ms, bucket, *told).cte("told_clicks")


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
