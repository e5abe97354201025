"""Delivered messages, with when they went out and when they were first answered."""

import pandas as pd
from sqlalchemy import and_, case, false, func, or_, select

from reportlib.definitions import IMPLY_DELIVERY, RESPONSES, definition
from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.people.measured import accounts_with_email_replies
from reportlib.metrics.people.outcomes import (
    DELIVERED,
    acted,
    engagement_events,
    handed_over_ms,
    outcome,
)
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import CHANNELS, messages
from reportlib.warehouse.engines import computed_once, epoch_ms


def delivered_messages(campaign_ids: list, measured: dict[str, list], metric: str, opened_ms: int):
    """The delivered messages of these campaigns, where they are among the `measured`, that have a time.

    Columns: campaign_id, contact_id, channel, sent_ms (of the hand-over, else of the delivery), answered_ms (of the
    first response as `metric` counts it, NULL without one).
    """
    event, m = engagement_events(campaign_ids, opened_ms), messages.c
    answers = acted(metric, event.c.kind, event.c.is_human)
    reaction = (
        select(event.c.message_id, func.min(case((answers, event.c.occurred_ms))).label("answered_ms"))
        .where(event.c.kind.in_(IMPLY_DELIVERY), or_(answers, event.c.status != "delivered"))
        .group_by(event.c.message_id)
        .cte("reactions")
    )
    sent = func.coalesce(handed_over_ms(), epoch_ms(m.delivered_at))
    return computed_once(
        select(m.campaign_id, m.contact_id, m.channel, sent.label("sent_ms"), reaction.c.answered_ms)
        .select_from(messages.outerjoin(reaction, reaction.c.message_id == m.message_id))
        .where(
            _among(messages, campaign_ids, measured),
            outcome(reaction.c.message_id.is_not(None)) == DELIVERED,
            sent.is_not(None),
        ),
        "delivered_messages",
    )


def _among(rows, campaign_ids, measured):
    """The condition that a row's campaign is asked about, and its channel measured for it."""
    channels = [and_(rows.c.channel == channel, rows.c.campaign_id.in_(ids)) for channel, ids in measured.items()]
    return and_(rows.c.campaign_id.in_(campaign_ids), or_(false(), *channels))


def followed_until_ms(warehouse: Warehouse) -> int:
    """Until when responses are known: `data_as_of` in epoch milliseconds, 0 without any data."""
    as_of = data_as_of(warehouse)
    return 0 if pd.isna(as_of) else as_of.value // 1_000_000


def measured_channels(
    warehouse: Warehouse, chosen: pd.DataFrame, metric: str, channel: str | None = None
) -> dict[str, list]:
    """The channels that report the metric, with those of the campaigns for which they do; `channel` alone if named.

    Raises InvalidParameters where there is no such channel, or where channels may not be pooled.
    """
    if metric not in RESPONSES:
        raise InvalidParameters(f"{metric!r} is no response{nearest(metric, RESPONSES)}; use {', '.join(RESPONSES)}")
    if channel is not None and channel not in CHANNELS:
        raise InvalidParameters(f"{channel!r} is no channel{nearest(channel, CHANNELS)}; use {', '.join(CHANNELS)}")
    one, ids = definition(metric), chosen["campaign_id"].tolist()
    found = warehouse.sql(select(messages.c.channel).where(messages.c.campaign_id.in_(ids)).distinct())["channel"]
    used = [name for name in one.channels if name in set(found) and channel in (None, name)]
    if channel is not None and channel not in one.channels:
        raise InvalidParameters(f"{one.label} cannot be reported by {channel}: take clicked or replied")
    if len(used) > 1 and not one.pooled:
        raise InvalidParameters(f"{one.label} is never pooled over channels: name one with channel: {used[0]}")
    measured = {name: ids for name in used}
    if metric == "replied" and "email" in measured:
        captured = chosen["account_id"].isin(accounts_with_email_replies(warehouse, chosen))
        measured["email"] = chosen.loc[captured, "campaign_id"].tolist()
    return measured
