"""Which events count at all, and when what they are about was handed over, and arrived."""

from sqlalchemy import and_, case, func, or_

from reportlib.definitions import definition
from reportlib.metrics.local_time import DAY_MS, MINUTE_MS
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import happened_by, sound_ms

CLOCK_SKEW_MS = MINUTE_MS  # providers stamp whole seconds, platforms milliseconds
FUTURE_MS = DAY_MS


def plausible(opened_ms: int):
    """The condition that an event came after its message was handed over, and not from the future, or has no time."""
    sent = func.coalesce(handed_over_ms(), 0)  # no sound time is as early
    not_before = sound_ms(events.c.occurred_at) >= sent - CLOCK_SKEW_MS
    in_time = and_(not_before, happened_by(events.c.occurred_at, opened_ms + FUTURE_MS))
    return or_(events.c.occurred_at.is_(None), in_time)


def measurable():
    """The condition that the channel can report this kind of event at all: an SMS cannot be opened."""
    return or_(events.c.kind != "opened", messages.c.channel.in_(definition("opened").channels))


def counts(opened_ms: int):
    """The condition that an event counts: plausible, measurable, and not on a message that failed."""
    return and_(messages.c.status != "failed", plausible(opened_ms), measurable())


def arrived_ms():
    """When a message arrived, as far as clicks are held against it: an e-mail when it was accepted, else its hand-over.

    Receipts of SMS come late; a hand-over is never later than the arrival. Epoch milliseconds, NULL where nothing says.
    """
    accepted = case((messages.c.channel == "email", sound_ms(messages.c.delivered_at)))
    return func.coalesce(accepted, handed_over_ms())
