"""When people acted: engagement by hour and weekday of the account's time zone."""

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, case, cast, func, literal, select, union_all

from reportlib.definitions import CHANNELS, EVENT_KINDS
from reportlib.metrics.local_time import hours_of_week, with_weekday_and_hour
from reportlib.metrics.people.fold.known import numbered
from reportlib.metrics.people.fold.reading import kept_by
from reportlib.metrics.people.fold.table import PART_MS, parts
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.machines.rules import HUMAN
from reportlib.metrics.people.outcomes import engagement_events
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import portions, select_campaigns
from reportlib.metrics.selection.clocks import Clock, clock_name, clocks, zones_of
from reportlib.warehouse import Warehouse
from reportlib.warehouse.engines import computed_once

COLUMNS = dict.fromkeys(("kind", "channel"), "str") | dict.fromkeys(
    ("weekday", "hour", "events", "machine_events"), "int64"
)
CELL = list(COLUMNS)[:4]
CODES = {"kind": EVENT_KINDS, "channel": CHANNELS}
COUNTS = ("events", "machine_events")


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
    found, kept, frames = clocks(warehouse, chosen, timezone), kept_by(warehouse), None
    if kept and all(clock.is_set_between(PART_MS) for clock in found):
        frames = _of_fold(warehouse, kept, zones_of(found))
    if frames is None:
        frames = [_by_clock(warehouse, clock) for clock in found]
    cells = pd.concat([pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS), *frames])
    cells = cells[cells["channel"] == channel] if channel else cells
    summed = cells.groupby(CELL, as_index=False)[["events", "machine_events"]].sum()
    summed.attrs["timezone"] = clock_name(chosen, timezone)
    return summed


def _by_clock(warehouse, clock: Clock):
    row = computed_once(_timed(warehouse, clock.campaign_ids), "timed")
    frame = warehouse.sql(clock.per_hour(row, "occurred_ms", tuple(CODES), **{name: row.c[name] for name in COUNTS}))
    return with_weekday_and_hour(frame)[list(COLUMNS)].astype(COLUMNS)


def _timed(warehouse, campaign_ids):
    event = engagement_events(campaign_ids, warehouse.opened_ms, judge_of(warehouse, campaign_ids))
    machine = case((event.c.verdict == HUMAN, 0), else_=1).label("machine_events")
    columns = [event.c[name] for name in ("campaign_id", "contact_id", *CODES, "occurred_ms")]
    return select(*columns, literal(1).label("events"), machine).where(event.c.occurred_ms.is_not(None))


def _of_fold(warehouse, kept, zones: dict) -> list[pd.DataFrame] | None:
    """The cells on the clocks of all these campaigns; None where a kind or a channel is not one of the contract's."""
    names, found = [*dict.fromkeys(zones.values())], []
    for ids in portions(warehouse, [*zones]):
        zone = numbered(ids, parts.c.campaign_id.type, [names.index(zones[one]) for one in ids])
        told = pd.DataFrame(kept.arrays(_per_part(_timed(warehouse, ids).subquery("timed"), zone)))
        if (told[[*CODES]] < 0).any(axis=None):
            return None
        told["hour_ms"] = hours_of_week(told["part_ms"].to_numpy(), np.array(names, dtype=object)[told["zone"]])
        summed = told.groupby([*CODES, "hour_ms"], as_index=False)[[*COUNTS]].sum()
        words = {name: summed[name].map(dict(enumerate(code))) for name, code in CODES.items()}
        found.append(with_weekday_and_hour(summed.assign(**words))[list(COLUMNS)].astype(COLUMNS))
    return found


def _per_part(event, zone):
    """Events by zone, kind and channel, -1 for others than in CODES, and part of an hour: of those that are open, and
    of the fold."""
    part_ms = (event.c.occurred_ms - event.c.occurred_ms % PART_MS).label("part_ms")
    row = union_all(
        select(event.c.campaign_id, *[event.c[name] for name in CODES], part_ms, *[event.c[name] for name in COUNTS]),
        select(parts.c.campaign_id, *[parts.c[name] for name in (*CODES, "part_ms", *COUNTS)]),
    ).subquery("parts")
    codes = [
        case({word: at for at, word in enumerate(code)}, value=row.c[name], else_=-1).label(name)
        for name, code in CODES.items()
    ]
    counts = [cast(row.c[name], BigInteger).label(name) for name in COUNTS]
    each = select(zone.c.place.label("zone"), *codes, row.c.part_ms, *counts)
    each = each.join_from(row, zone, zone.c.id == row.c.campaign_id).subquery("each")
    keys = [each.c[name] for name in ("zone", *CODES, "part_ms")]
    return select(*keys, *[cast(func.sum(each.c[name]), BigInteger).label(name) for name in COUNTS]).group_by(*keys)
