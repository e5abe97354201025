"""When people acted: engagement by hour and weekday of the account's time zone."""

import pandas as pd
from sqlalchemy import case, func, select

from reportlib.metrics.campaigns import select_campaigns
from reportlib.metrics.local_time import HOUR_MS, check_zone, hour_of_week, local_ms
from reportlib.metrics.outcomes import engagement_events
from reportlib.warehouse import Warehouse

COLUMNS = dict.fromkeys(("kind", "channel"), "str") | dict.fromkeys(
    ("weekday", "hour", "events", "machine_events"), "int64"
)
CELL = list(COLUMNS)[:4]


def activity(warehouse: Warehouse, campaigns=None, timezone: str | None = None) -> pd.DataFrame:
    """Engagement events by hour and ISO weekday, in each account's own time zone (or in `timezone` for all).

    The hour that autumn repeats falls into one cell.

    Returns
    -------
    DataFrame, one row per cell that saw an event, with the columns
        kind : str, opened, clicked, replied, unsubscribed or complained
        channel : str
        weekday : int64, 1 Monday to 7 Sunday
        hour : int64, 0 to 23
        events : int64, all events; sums to `opened_total` of `engagement`
        machine_events : int64, those of them that the provider flagged as a machine's
    and attrs: timezone (its name, or "each account's own" for accounts of several)

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownTimeZone
    """
    chosen = select_campaigns(warehouse, campaigns)
    zones = chosen["timezone"].fillna("UTC") if timezone is None else pd.Series(timezone, index=chosen.index)
    frames = [_in_zone(warehouse, ids.tolist(), check_zone(zone)) for zone, ids in chosen["campaign_id"].groupby(zones)]
    cells = pd.concat([pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS), *frames])
    summed = cells.groupby(CELL, as_index=False)[["events", "machine_events"]].sum()
    summed.attrs["timezone"] = "each account's own" if zones.nunique() > 1 else next(iter(zones), timezone or "UTC")
    return summed


def _in_zone(warehouse, campaign_ids, zone):
    event = engagement_events(campaign_ids, warehouse.opened_ms)
    cell = select(
        event.c.kind,
        event.c.channel,
        hour_of_week(local_ms(event.c.occurred_ms, zone)).label("hour_ms"),
        event.c.is_human,
    ).cte("cell")
    keys = (cell.c.kind, cell.c.channel, cell.c.hour_ms)
    machine = func.sum(case((cell.c.is_human, 0), else_=1))
    frame = warehouse.sql(select(*keys, func.count().label("events"), machine.label("machine_events")).group_by(*keys))
    hours = frame.pop("hour_ms").astype("int64") // HOUR_MS
    return frame.assign(weekday=hours // 24 + 1, hour=hours % 24)[list(COLUMNS)].astype(COLUMNS)
