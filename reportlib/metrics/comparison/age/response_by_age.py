"""How the campaigns of a comparison were answered, hour by hour after the hand-over."""

import math

import pandas as pd
from sqlalchemy import and_, case, func, select

from reportlib.definitions import ACTED, definition
from reportlib.metrics.comparison.age.equal_age import age_of
from reportlib.metrics.local_time import HOUR_MS
from reportlib.metrics.people.age import first_hand_overs
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.outcomes import acted, engagement_events
from reportlib.warehouse import Warehouse


def response_by_age(warehouse: Warehouse, compared: pd.DataFrame, metric: str) -> pd.DataFrame:
    """How many people had responded by each hour after their first hand-over, in the campaigns of `comparable`.

    Returns
    -------
    DataFrame, one row per campaign and whole hour up to the age compared, with the columns
        campaign_id : str
        age_hours : int64, 0 to compared_hours, rounded up where that is less than one
        people : int64, who had responded by then; the last equals `metric` of `comparable`
        audience : int64, people, whatever became of the message
        No rows for a metric that is no response (delivered, failed), and none for campaigns that cannot measure it, or
        are known as totals only.

    Example
    -------
    >>> compared = metrics.comparable(warehouse, ["coupon-a", "coupon-b"])
    >>> metrics.response_by_age(warehouse, compared, "clicked").head(2)
      campaign_id  age_hours  people  audience
    0    coupon-a          0       0     10619
    1    coupon-a          1     111     10619
    """
    told = [metric, definition(metric).numerator] if metric in ACTED else []
    measured = compared[compared[told].notna().all(axis=1) & compared["by_person"]] if told else compared.head(0)
    hours = math.ceil(compared["compared_hours"].iloc[0])
    found = _first_responses(warehouse, measured, metric) if len(measured) else {}
    rows = []
    for row in measured.itertuples(index=False):
        people = found.get(row.campaign_id, {})
        total = 0
        for hour in range(hours + 1):
            total += people.get(hour, 0)
            rows.append((row.campaign_id, hour, total, row.audience))
    frame = pd.DataFrame(rows, columns=["campaign_id", "age_hours", "people", "audience"])
    return frame.astype(dict.fromkeys(("age_hours", "people", "audience"), "int64"))


def _first_responses(warehouse, compared, metric):
    """campaign_id → hours after the hand-over by which it had happened → people whose first response it was."""
    ids, age = compared["campaign_id"].tolist(), age_of(warehouse, compared)
    event = engagement_events(ids, warehouse.opened_ms, judge_of(warehouse, ids))
    sent = first_hand_overs(ids, age.assigned)
    same = and_(sent.c.campaign_id == event.c.campaign_id, sent.c.contact_id == event.c.contact_id)
    after_ms = event.c.occurred_ms - sent.c.first_ms
    in_time = and_(after_ms <= age.ms, sent.c.first_ms + age.ms <= age.as_of_ms)
    first = (
        select(event.c.campaign_id, func.min(after_ms).label("after_ms"))
        .select_from(event.join(sent, same))
        .where(acted(metric, event), in_time)
        .group_by(event.c.campaign_id, event.c.contact_id)
        .cte("first_responses")
    )
    before_ms = first.c.after_ms - 1  # what happens on the hour belongs to the hour that ends then
    ended = case((first.c.after_ms <= 0, 0), else_=before_ms - before_ms % HOUR_MS + HOUR_MS)
    per_hour = select(first.c.campaign_id, ended.label("ended_ms")).cte("per_hour")
    keys = (per_hour.c.campaign_id, per_hour.c.ended_ms)
    counted = warehouse.sql(select(*keys, func.count().label("people")).group_by(*keys))
    found = {}
    for row in counted.itertuples(index=False):
        found.setdefault(row.campaign_id, {})[int(row.ended_ms) // HOUR_MS] = int(row.people)
    return found
