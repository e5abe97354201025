"""What in the data cannot be right, and how fresh the data are."""

import pandas as pd
from sqlalchemy import String, and_, case, cast, false, func, literal, select

from reportlib.definitions import IMPLY_DELIVERY, definition
from reportlib.metrics.local_time import DAY_MS
from reportlib.metrics.memo import remembered
from reportlib.metrics.people import totals
from reportlib.metrics.people.counted import plausible
from reportlib.metrics.people.counts import people_by_channel
from reportlib.metrics.people.measured import of_these, told_by
from reportlib.metrics.people.outcomes import engagement_events, implied_deliveries
from reportlib.metrics.selection.campaigns import campaigns, select_campaigns
from reportlib.metrics.selection.known_totals import known_totals
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import events, messages, outcomes
from reportlib.warehouse.engines import in_byte_order, latest_ms, sound_ms

FINAL_WORD_MS = 3 * DAY_MS  # AWS and SendGrid stop trying after 72 hours
EXPLANATIONS = {
    "impossible event time": "Events dated before their message was handed over, or in the future; counted nowhere.",
    "engagement on a failed message": "Opens, clicks or replies to a message that is said to have failed; not counted.",
    "opened SMS": "An SMS cannot report being opened; not counted.",
    "no outcome after 72 hours": "Messages handed over more than 72 hours ago, still without delivery or failure; "
    "counted as pending, though their outcome may never be known.",
    "contradicting totals": "Totals of more people than there can be, as more opened than delivered; counted as "
    "many as there can be.",
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

    Example
    -------
    >>> metrics.data_problems(warehouse, "spring-sale")[["problem", "count"]]
                         problem  count
    0  no outcome after 72 hours    177
    """
    chosen = select_campaigns(warehouse, campaigns)
    ids = chosen["campaign_id"].tolist()
    counted = [warehouse.sql(problem(warehouse, ids)) for problem in (_event_problems, _without_final_word)]
    found = [*counted, _contradicting_totals(warehouse, ids), _larger_audiences(warehouse, chosen)]
    found = pd.concat(found, ignore_index=True)
    found = found.set_index("problem").reindex(EXPLANATIONS).reset_index()
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
    """The latest moment the data know of, UTC, never later than now: a time ahead ages nothing. NaT without data.

    Of campaigns known as totals only it is when those were the figures, and, where nothing says so, the end of sending.

    Example
    -------
    >>> metrics.data_as_of(warehouse)
    Timestamp('2026-11-15 18:00:00+0000', tz='UTC')
    """
    latest = _latest_moments(warehouse)["ms"].max()
    return pd.NaT if pd.isna(latest) else pd.Timestamp(int(latest), unit="ms", tz="UTC")


@remembered
def _latest_moments(warehouse):
    """The latest of each column of moments: ms : Int64."""
    of_messages = [messages.c[name] for name in ("queued_at", "sent_at", "delivered_at", "failed_at")]
    moments = [of_messages, [events.c.occurred_at]]  # by table
    if warehouse.has(outcomes):
        moments.append([outcomes.c.occurred_at])
    of_tables = [_latest(warehouse, columns) for columns in moments]
    return pd.concat([*of_tables, _of_totals(warehouse)]).to_frame("ms")


def _of_totals(warehouse):
    """Of campaigns known as totals only, the latest moments at which the totals were so, and at which sending ended."""
    told, known = known_totals(warehouse), campaigns(warehouse)
    known = known[known["campaign_id"].isin(told["campaign_id"])]
    ended = known["completed_at"].fillna(known["started_at"]).dropna().astype("int64")
    moments = pd.concat([told["as_of_ms"], ended.astype("Int64")])
    return pd.Series([moments[moments <= warehouse.opened_ms].max()], dtype="Int64")


def _latest(warehouse, moments):
    """The latest of each of these columns of a table, epoch milliseconds, but those in the future and what is no time.

    A second pass only where there are any: without a condition DuckDB need not even read the columns.
    """
    latest = _one_row(warehouse, [latest_ms(moment).label(moment.name) for moment in moments])
    if (latest > warehouse.opened_ms).fillna(True).any():
        possible = [case((sound_ms(moment) <= warehouse.opened_ms, sound_ms(moment))) for moment in moments]
        named = zip(possible, moments, strict=True)
        latest = _one_row(warehouse, [func.max(ms).label(moment.name) for ms, moment in named])
    return latest


def _one_row(warehouse, columns):
    return warehouse.sql(select(*columns)).astype("Int64").iloc[0]


def _event_problems(warehouse, ids):
    """A row per problem of events, told apart in one pass over them."""
    is_plausible, kind = plausible(warehouse.opened_ms), events.c.kind
    sms_open = and_(kind == "opened", messages.c.channel.not_in(definition("opened").channels))
    on_failed = and_(messages.c.status == "failed", kind.in_(IMPLY_DELIVERY))
    problem = case(
        (~is_plausible, "impossible event time"),
        (sms_open, "opened SMS"),
        (on_failed, "engagement on a failed message"),
    )
    odd = (
        select(problem.label("problem"), in_byte_order(cast(events.c.event_id, String)).label("id"))
        .join_from(events, messages, messages.c.message_id == events.c.message_id)
        .where(events.c.campaign_id.in_(ids), messages.c.campaign_id.in_(ids))
        .cte("odd")
    )
    return select(odd.c.problem, *_counted(odd.c.id)).where(odd.c.problem.is_not(None)).group_by(odd.c.problem)


def _without_final_word(warehouse, ids):
    """One row: messages handed over long ago, whose outcome nobody knows though their source tells of deliveries."""
    told = told_by(warehouse, select_campaigns(warehouse, ids))
    told = told[told["delivered"]]
    as_of = data_as_of(warehouse)
    long_ago = -1 if pd.isna(as_of) else int(as_of.timestamp() * 1000) - FINAL_WORD_MS
    engaged = implied_deliveries(engagement_events(ids, warehouse.opened_ms))
    of_message = in_byte_order(cast(messages.c.message_id, String))
    return (
        select(literal("no outcome after 72 hours").label("problem"), *_counted(of_message))
        .select_from(messages.outerjoin(engaged, engaged.c.message_id == messages.c.message_id))
        .where(
            messages.c.campaign_id.in_(ids),
            messages.c.status == "sent",
            sound_ms(messages.c.sent_at) < long_ago,
            engaged.c.message_id.is_(None),
            false() if told.empty else of_these(told),
        )
    )


def _counted(ids):
    """How many ids there are, and the least and the greatest of them."""
    return func.count().label("count"), func.min(ids).label("first"), func.max(ids).label("last")


def _larger_audiences(warehouse, chosen):
    """One row: how many people have a message beyond what their campaigns declared."""
    counted = people_by_channel(warehouse, chosen["campaign_id"].tolist())
    people = counted.loc[counted["channel"].isna(), ["campaign_id", "audience"]]
    people = people.astype({"campaign_id": chosen["campaign_id"].dtype})  # of no rows it would be text
    both = people.merge(chosen[["campaign_id", "audience_size"]], on="campaign_id").dropna(subset="audience_size")
    beyond = (both["audience"] - both["audience_size"]).astype("int64")
    concerned = both.loc[beyond > 0, "campaign_id"].astype(str)
    return _problem("larger audience than declared", int(beyond.clip(lower=0).sum()), concerned)


def _contradicting_totals(warehouse, ids):
    """One row: the totals that cannot be, and their campaigns."""
    concerned = pd.Series(totals.contradicting(warehouse, ids), dtype="object").astype(str)
    return _problem("contradicting totals", len(concerned), concerned)


def _problem(problem, count, campaign_ids):
    least, most = (campaign_ids.min(), campaign_ids.max()) if len(campaign_ids) else (None, None)
    return pd.DataFrame({"problem": [problem], "count": [count], "first": [least], "last": [most]})
