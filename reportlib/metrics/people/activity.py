"""When people acted: engagement by hour and weekday of the account's time zone."""

import pandas as pd
from sqlalchemy import SelectBase, case, literal, null, select, union_all

from reportlib.metrics.local_time import with_weekday_and_hour
from reportlib.metrics.people.fold.reading import kept_by
from reportlib.metrics.people.fold.table import PART_MS, parts
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.machines.rules import HUMAN
from reportlib.metrics.people.outcomes import engagement_events
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.selection.clocks import Clock, clock_name, clocks
from reportlib.warehouse import Warehouse

COLUMNS = dict.fromkeys(("kind", "channel"), "str") | dict.fromkeys(
    ("weekday", "hour", "events", "machine_events"), "int64"
)
CELL = list(COLUMNS)[:4]


@of_people
def activity(
    warehouse: Warehouse, campaigns=None, timezone: str | None = None, channel: str | None = None
) -> pd.DataFrame:
    """Engagement events by hour and ISO weekday, in each account's own time zone; of one channel where it is named.

    Or in `timezone` for all: an IANA zone, or "recipient" for each contact's own, the account's where it is not known.
    The hour that autumn repeats falls into one cell. Events without a time are in none.

    Returns
    -------
    DataFrame, one row per cell that saw an event, with the columns
        kind : str, opened, clicked, replied, unsubscribed or complained
        channel : str
        weekday : int64, 1 Monday to 7 Sunday
        hour : int64, 0 to 23
        events : int64, all events; sums to `opened_total` of `engagement` but for those without a time
        machine_events : int64, those of them that do not count as people's: a machine's, unsure, or clicks on links
            that are no content (docs/machine_clicks.md)
    and attrs: timezone, as `clock_name` says it

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownTimeZone

    Example
    -------
    >>> metrics.activity(warehouse, "spring-sale")[["kind", "channel", "weekday", "hour", "events"]].head(2)
          kind channel  weekday  hour  events
    0  clicked   email        2     9      73
    1  clicked   email        2    10     100
    """
    chosen = select_campaigns(warehouse, campaigns)
    frames = [_by_clock(warehouse, clock) for clock in clocks(warehouse, chosen, timezone)]
    cells = pd.concat([pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS), *frames])
    cells = cells[cells["channel"] == channel] if channel else cells
    summed = cells.groupby(CELL, as_index=False)[["events", "machine_events"]].sum()
    summed.attrs["timezone"] = clock_name(chosen, timezone)
    return summed


def _by_clock(warehouse, clock: Clock):
    ids = clock.campaign_ids
    kept = kept_by(warehouse) if clock.is_set_between(PART_MS) else None
    event = engagement_events(ids, warehouse.opened_ms, judge_of(warehouse, ids))
    machine = case((event.c.verdict == HUMAN, 0), else_=1).label("machine_events")
    timed: SelectBase = select(
        event.c.contact_id, event.c.kind, event.c.channel, event.c.occurred_ms, literal(1).label("events"), machine
    ).where(event.c.occurred_ms.is_not(None))
    if kept:
        columns = (parts.c.kind, parts.c.channel, parts.c.part_ms, parts.c.events, parts.c.machine_events)
        timed = union_all(timed, select(null(), *columns).where(parts.c.campaign_id.in_(ids)))
    row = timed.cte("timed")
    counts = {name: row.c[name] for name in ("events", "machine_events")}
    frame = (kept or warehouse).sql(clock.per_hour(row, "occurred_ms", ("kind", "channel"), **counts))
    return with_weekday_and_hour(frame)[list(COLUMNS)].astype(COLUMNS)
