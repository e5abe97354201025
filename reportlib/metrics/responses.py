"""Delivered messages, with when they went out and when they were first answered."""

import pandas as pd
from sqlalchemy import and_, false, func, or_, select

from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.breakdown import accounts_with_email_replies
from reportlib.metrics.data_problems import data_as_of
from reportlib.metrics.definitions import definition
from reportlib.metrics.outcomes import DELIVERED, acted, engagement_events, handed_over_ms, implied_deliveries, outcome
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract import CHANNELS, messages
from reportlib.warehouse.dialects import epoch_ms

RESPONSES = ("clicked", "replied", "opened", "opened_human")


def delivered_messages(campaign_ids: list, measured: dict[str, list], opened_ms: int):
    """The delivered messages of these campaigns, where they are among the `measured`, that have a time.

    Columns: campaign_id, contact_id, channel, sent_ms (of the hand-over, else of the delivery).
    """
    engaged, m = implied_deliveries(engagement_events(campaign_ids, opened_ms)), messages.c
    sent = func.coalesce(handed_over_ms(), epoch_ms(m.delivered_at))
    return (
        select(m.campaign_id, m.contact_id, m.channel, sent.label("sent_ms"))
        .select_from(messages.outerjoin(engaged, engaged.c.message_id == m.message_id))
        .where(
            _among(messages, campaign_ids, measured),
            outcome(engaged.c.engaged_ms.is_not(None)) == DELIVERED,
            sent.is_not(None),
        )
        .cte("delivered_messages")
    )


def first_responses(campaign_ids: list, measured: dict[str, list], metric: str, opened_ms: int):
    """Those of `delivered_messages` that were answered, as `metric` counts it.

    Columns: those of `delivered_messages`, and answered_ms, of the first response.
    """
    event = engagement_events(campaign_ids, opened_ms)
    sent = func.coalesce(event.c.sent_ms, epoch_ms(event.c.delivered_at))
    of_message = {"campaign_id": event.c.campaign_id, "contact_id": event.c.contact_id, "channel": event.c.channel}
    return (
        select(
            # one message has one of each; to group by them too would be slower
            *[func.min(column).label(name) for name, column in of_message.items()],
            func.min(sent).label("sent_ms"),
            func.min(event.c.occurred_ms).label("answered_ms"),
        )
        .where(_among(event, campaign_ids, measured), acted(event.c.kind, event.c.is_human)[metric], sent.is_not(None))
        .group_by(event.c.message_id)
        .cte("first_responses")
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
        captured = chosen["account_id"].isin(accounts_with_email_replies(warehouse, chosen["account_id"].unique()))
        measured["email"] = chosen.loc[captured, "campaign_id"].tolist()
    return measured
