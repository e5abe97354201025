"""What in the data cannot be right, and how fresh the data are."""

import pandas as pd
from sqlalchemy import String, and_, cast, func, literal, select, union_all

from reportlib.metrics.campaigns import select_campaigns
from reportlib.metrics.definitions import definition
from reportlib.metrics.local_time import DAY_MS
from reportlib.metrics.outcomes import FUTURE_MS, IMPLY_DELIVERY, engagement_events, plausible
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract import events, messages
from reportlib.warehouse.dialects import epoch_ms, in_byte_order

FINAL_WORD_MS = 3 * DAY_MS  # AWS and SendGrid stop trying after 72 hours
EXPLANATIONS = {
    "impossible event time": "Events dated before their message was handed over, or in the future; counted nowhere.",
    "engagement on a failed message": "Opens, clicks or replies to a message that is said to have failed; not counted.",
    "opened SMS": "An SMS cannot report being opened; not counted.",
    "no final word after 72 hours": "Messages handed over more than 72 hours ago, still without delivery or failure; "
    "counted as pending, though their outcome may never be known.",
    "larger audience than declared": "More people have a message than the campaign declared; all of them count.",
}


def data_problems(warehouse: Warehouse, campaigns=None) -> pd.DataFrame:
    """What in the data of these campaigns is odd, one row per problem that occurs.

    Returns
    -------
    DataFrame with the columns
        problem : str, a key of EXPLANATIONS
        count : int64, events, messages or people, as the explanation says
        examples : str, the first and the last of their ids; empty where there are none
        explanation : str, what it is and how it was counted
    """
    chosen = select_campaigns(warehouse, campaigns)
    # One after the other: each is a join as long as the campaign.
    of_messages = [warehouse.sql(problem) for problem in _message_problems(warehouse, chosen["campaign_id"].tolist())]
    found = pd.concat([*of_messages, _larger_audiences(warehouse, chosen)], ignore_index=True)
    occurring = found[found["count"] > 0].astype({"problem": "str", "count": "int64"}).reset_index(drop=True)
    return pd.DataFrame(
        {
            "problem": occurring["problem"],
            "count": occurring["count"],
            "examples": [
                ", ".join(dict.fromkeys((first, last)))
                for first, last in zip(occurring["first"], occurring["last"], strict=True)
            ],
            "explanation": occurring["problem"].map(EXPLANATIONS),
        }
    ).astype({"examples": "str", "explanation": "str"})


def data_as_of(warehouse: Warehouse) -> pd.Timestamp:
    """The latest moment the data know of, UTC; times in the future are left out. NaT for an empty warehouse."""
    moments = [messages.c[name] for name in ("queued_at", "sent_at", "delivered_at", "failed_at")]
    moments.append(events.c.occurred_at)
    latest_possible = warehouse.opened_ms + FUTURE_MS
    latest = union_all(
        *[
            select(func.max(epoch_ms(moment)).label("ms")).where(epoch_ms(moment) <= latest_possible)
            for moment in moments
        ]
    ).subquery()
    milliseconds = warehouse.sql(select(func.max(latest.c.ms).label("ms")))["ms"].iloc[0]
    return pd.NaT if pd.isna(milliseconds) else pd.Timestamp(int(milliseconds), unit="ms", tz="UTC")


def _message_problems(warehouse, ids):
    joined = events.join(messages, messages.c.message_id == events.c.message_id)
    ours = and_(events.c.campaign_id.in_(ids), messages.c.campaign_id.in_(ids))
    as_of = data_as_of(warehouse)
    long_ago = -1 if pd.isna(as_of) else int(as_of.timestamp() * 1000) - FINAL_WORD_MS
    no_word = and_(
        messages.c.campaign_id.in_(ids),
        messages.c.status == "sent",
        epoch_ms(messages.c.sent_at) < long_ago,
    )
    event = engagement_events(ids, warehouse.opened_ms)
    reached = select(event.c.message_id).where(event.c.kind.in_(IMPLY_DELIVERY))
    engaging = events.c.kind.in_(IMPLY_DELIVERY)
    sms_open = and_(events.c.kind == "opened", messages.c.channel.not_in(definition("opened").channels))
    return (
        _counted("impossible event time", events.c.event_id, joined, and_(ours, ~plausible(warehouse.opened_ms))),
        _counted(
            "engagement on a failed message",
            events.c.event_id,
            joined,
            and_(ours, plausible(warehouse.opened_ms), messages.c.status == "failed", engaging, ~sms_open),
        ),
        _counted("opened SMS", events.c.event_id, joined, and_(ours, plausible(warehouse.opened_ms), sms_open)),
        _counted(
            "no final word after 72 hours",
            messages.c.message_id,
            messages,
            and_(no_word, messages.c.message_id.not_in(reached)),
        ),
    )


def _counted(problem, identifier, source, condition):
    """One row: the problem, how many ids fit the condition, and the least and greatest of them."""
    ids = in_byte_order(cast(identifier, String))
    return (
        select(
            literal(problem).label("problem"),
            func.count().label("count"),
            func.min(ids).label("first"),
            func.max(ids).label("last"),
        )
        .select_from(source)
        .where(condition)
    )


def _larger_audiences(warehouse, chosen):
    """One row: how many people have a message beyond what their campaigns declared."""
    people = func.count(messages.c.contact_id.distinct()).label("people")
    counted = warehouse.sql(
        select(messages.c.campaign_id, people)
        .where(messages.c.campaign_id.in_(chosen["campaign_id"].tolist()))
        .group_by(messages.c.campaign_id)
    ).astype({"campaign_id": chosen["campaign_id"].dtype})  # of no rows it would be text
    both = counted.merge(chosen[["campaign_id", "audience_size"]], on="campaign_id").dropna(subset="audience_size")
    beyond = (both["people"] - both["audience_size"]).astype("int64")
    concerned = both.loc[beyond > 0, "campaign_id"].astype(str)
    return pd.DataFrame(
        {
            "problem": ["larger audience than declared"],
            "count": [int(beyond.clip(lower=0).sum())],
            "first": [concerned.min() if len(concerned) else None],
            "last": [concerned.max() if len(concerned) else None],
        }
    )
