"""Delivered messages, with when they went out and when they were first answered."""

import pandas as pd
from sqlalchemy import Select, false, func, select

from reportlib.definitions import RESPONSES, definition
from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.measured import in_base, of_these, told_by
from reportlib.metrics.people.outcomes import acted, engagement_events, handed_over_ms
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import CHANNELS, events, messages
from reportlib.warehouse.engines import computed_once, sound_ms


def delivered_messages(warehouse: Warehouse, told: pd.DataFrame, metric: str):
    """The messages that responses are of, those that have a time: of these rows of `told_by`, each with a receipt, or,
    where nobody tells of deliveries, handed over and not failed. None is among them because it was answered.

    Columns: campaign_id, contact_id, channel, sent_ms (of the hand-over, else of the delivery), answered_ms (of the
    first response as `metric` counts it, NULL without one).
    """
    ids = told["campaign_id"].drop_duplicates().tolist()
    judge, m = judge_of(warehouse, ids), messages.c
    event = engagement_events(ids, warehouse.opened_ms, judge)
    reaction = (
        select(event.c.message_id, func.min(event.c.occurred_ms).label("answered_ms"))
        .where(acted(metric, event))
        .group_by(event.c.message_id)
        .cte("reactions")
    )
    sent = func.coalesce(handed_over_ms(), sound_ms(m.delivered_at))
    found = (
        select(m.campaign_id, m.contact_id, m.channel, sent.label("sent_ms"), reaction.c.answered_ms)
        .select_from(messages.outerjoin(reaction, reaction.c.message_id == m.message_id))
        .where(false() if told.empty else of_these(told), in_base(told), sent.is_not(None))
    )
    return computed_once(found, "delivered_messages")


def first_answers(chosen: pd.DataFrame, metric: str) -> Select:
    """When each contact first did it, by whatever was told of any message of these campaigns: no machine is set apart.

    Columns: contact_id, first_ms; those who never did are not among them.
    """
    row = answers(chosen["campaign_id"].tolist(), metric).subquery("answers")
    return select(row.c.contact_id, func.min(row.c.first_ms).label("first_ms")).group_by(row.c.contact_id)


def answers(campaign_ids: list, metric: str) -> Select:
    """Each time that somebody did it, whether a machine or not: contact_id, first_ms."""
    event, m, kind = events.c, messages.c, definition(metric).event
    return (
        select(m.contact_id, sound_ms(event.occurred_at).label("first_ms"))
        .join_from(events, messages, m.message_id == event.message_id)
        .where(event.campaign_id.in_(campaign_ids), m.campaign_id.in_(campaign_ids), event.kind == kind)
    )


def followed_until_ms(warehouse: Warehouse) -> int:
    """Until when responses are known: `data_as_of` in epoch milliseconds, 0 without any data."""
    as_of = data_as_of(warehouse)
    return 0 if pd.isna(as_of) else as_of.value // 1_000_000


def told_of(warehouse: Warehouse, chosen: pd.DataFrame, metric: str, channel: str | None = None) -> pd.DataFrame:
    """The rows of `told_by` that tell the metric of each person, of one channel if named.

    Raises InvalidParameters where there is no such channel, or where channels may not be pooled.
    """
    if metric not in RESPONSES:
        raise InvalidParameters(f"{metric!r} is no response{nearest(metric, RESPONSES)}; use {', '.join(RESPONSES)}")
    if channel is not None and channel not in CHANNELS:
        raise InvalidParameters(f"{channel!r} is no channel{nearest(channel, CHANNELS)}; use {', '.join(CHANNELS)}")
    one = definition(metric)
    if channel is not None and channel not in one.channels:
        raise InvalidParameters(f"{one.label} cannot be reported by {channel}: take clicked or replied")
    told = told_by(warehouse, chosen)
    told = told[told["by_person"]]
    used = [name for name in one.channels if name in set(told["channel"]) and channel in (None, name)]
    if len(used) > 1 and not one.pooled:
        raise InvalidParameters(f"{one.label} is never pooled over channels: name one with channel: {used[0]}")
    return told[told["channel"].isin(used) & told[one.event]]
