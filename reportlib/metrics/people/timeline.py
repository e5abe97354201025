"""How a campaign went out: messages sent, delivered and failed over time."""

import numpy as np
import pandas as pd
from sqlalchemy import func, select, union_all

from reportlib.metrics.local_time import DAY_MS, MINUTE_MS, at_local, check_zone
from reportlib.metrics.people.fold.reading import asked
from reportlib.metrics.people.fold.table import minutes
from reportlib.metrics.people.measured import told_by
from reportlib.metrics.people.minutes import per_minute, steps
from reportlib.metrics.people.outcomes import engagement_events, implied_deliveries
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages

WEEK_MINUTES = 7 * 1440
# And multiples of the last.
BUCKET_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, WEEK_MINUTES, 4 * WEEK_MINUTES)
MOST_BUCKETS = 96  # of the main part, and of the stragglers before it and after it
MONDAY_MS = 3 * DAY_MS  # from a Monday to the 1st of January 1970
STATUSES = ("sent", "delivered", "failed")
EDGE = 0.01  # the bucket fits the time between; stragglers of days earlier or later would blur it


@of_people
def delivery_timeline(warehouse: Warehouse, campaigns=None, timezone: str | None = None) -> pd.DataFrame:
    """Messages by the time at which they were sent, delivered and failed, in buckets that fit the campaign's length.

    Sent is the hand-over; a message refused at once has none and counts when it failed. A message known to be
    delivered only because its receiver opened, clicked or replied counts at that time. A final word stamped before
    the hand-over, by a clock that is slow or cuts seconds off, counts with it.

    Returns
    -------
    DataFrame, one row per bucket, with the columns
        bucket : datetime64[ms], local time of `timezone` (the account's without one, UTC for several accounts)
        sent, delivered, failed : int64, messages
        sent_cumulative, delivered_cumulative, failed_cumulative, pending : int64, messages at the bucket's end;
            pending = sent - delivered - failed
    and attrs: bucket_minutes; timezone; measured, those of "delivered", "failed" and "pending" that all sources tell;
    untimed, outcomes without a time, in no row; shown_from, shown_until, the
    bucket from which on, and the local time by which, all but 1 % had happened (None when nothing has): between them
    empty buckets have rows too, elsewhere only others do, MOST_BUCKETS at most, the last of which has the rest

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownTimeZone

    Example
    -------
    >>> timeline = metrics.delivery_timeline(warehouse, "spring-sale")
    >>> timeline[["bucket", "sent", "delivered", "failed", "pending"]].head(2)
                   bucket  sent  delivered  failed  pending
    0 2026-09-22 09:00:00   188        153       8       27
    1 2026-09-22 09:02:00   223        178      13       59
    """
    chosen = select_campaigns(warehouse, campaigns)
    zone = check_zone(timezone or common_zone(chosen))
    counted = _by_minute(warehouse, chosen["campaign_id"].tolist(), zone)
    untimed = int(counted.loc[counted["minute_ms"].isna(), "messages"].sum())
    timed = counted.dropna(subset="minute_ms").astype({"minute_ms": "int64"})
    size, start, end = _bucket_minutes(timed)
    frame = _in_buckets(timed, size * MINUTE_MS, start, end)
    for status in STATUSES:
        frame[f"{status}_cumulative"] = frame[status].cumsum()
    frame["pending"] = frame["sent_cumulative"] - frame["delivered_cumulative"] - frame["failed_cumulative"]
    shown = {"shown_from": None, "shown_until": None}
    if end is not None:
        shown = {"shown_from": _local(_bucket_of(start, size * MINUTE_MS)), "shown_until": _local(end)}
    told = told_by(warehouse, chosen)
    measured = [status for status in ("delivered", "failed") if told.loc[told["by_person"], status].all()]
    measured += ["pending"] if len(measured) == 2 else []
    frame.attrs = {"bucket_minutes": size, "timezone": zone, "measured": measured, "untimed": untimed, **shown}
    return frame


def common_zone(chosen: pd.DataFrame) -> str:
    """The account time zone that all these campaigns share, else UTC."""
    zones = chosen["timezone"].dropna().unique()
    return zones[0] if len(zones) == 1 else "UTC"


def _by_minute(warehouse, campaign_ids, zone):
    """Messages per status and local minute: status, minute_ms (NA where there is no time), messages."""
    counted = asked(warehouse, campaign_ids, lambda part, kept: _per_minute(part, warehouse.opened_ms, kept))
    summed = counted.groupby(["status", "minute_ms"], dropna=False, as_index=False, sort=False)["messages"].sum()
    minute_ms = summed["minute_ms"].astype("Int64")
    return summed.assign(minute_ms=at_local(minute_ms, zone))  # clocks change on the minute


def _per_minute(campaign_ids, opened_ms, kept):
    engaged = implied_deliveries(engagement_events(campaign_ids, opened_ms))
    rows = (
        select(*steps(engaged.c.message_id.is_not(None), engaged.c.engaged_ms))
        .select_from(messages.outerjoin(engaged, engaged.c.message_id == messages.c.message_id))
        .where(messages.c.campaign_id.in_(campaign_ids))
        .cte("steps")
    )
    counted = per_minute(rows)
    if not kept:
        return counted
    settled = select(minutes.c.status, minutes.c.minute_ms, func.sum(minutes.c.messages).label("messages"))
    settled = settled.where(minutes.c.campaign_id.in_(campaign_ids))
    return union_all(settled.group_by(minutes.c.status, minutes.c.minute_ms), counted)


def _bucket_minutes(minutes):
    """The smallest bucket that shows the main part in MOST_BUCKETS, and the local ms at which that begins and ends."""
    if minutes.empty:
        return BUCKET_MINUTES[0], None, None
    in_order = minutes.sort_values("minute_ms")
    done, all_of_it = in_order["messages"].cumsum(), in_order["messages"].sum()
    start, end = (int(in_order.loc[done >= share * all_of_it, "minute_ms"].iloc[0]) for share in (EDGE, 1 - EDGE))
    span, longest = (end - start) / MINUTE_MS + 1, BUCKET_MINUTES[-1] * MOST_BUCKETS
    beyond = BUCKET_MINUTES[-1] * -(-span // longest)
    return next((size for size in BUCKET_MINUTES if span <= size * MOST_BUCKETS), int(beyond)), start, end


def _bucket_of(ms, size_ms):
    """The start of the bucket that these local milliseconds are in; weeks begin on Monday."""
    return ms - (ms + MONDAY_MS) % size_ms


def _local(ms):
    return pd.Timestamp(ms, unit="ms")


def _in_buckets(minutes, size_ms, main_start, main_end):
    """Counts per bucket and status: bucket, sent, delivered, failed."""
    starts = _bucket_of(minutes["minute_ms"], size_ms)
    if main_end is not None:
        first, last = (_bucket_of(ms, size_ms) for ms in (main_start, main_end))
        before, after = np.unique(starts[starts < first]), np.unique(starts[starts > last])
        lowest, highest = before[-MOST_BUCKETS:][:1], after[:MOST_BUCKETS][-1:]
        starts = starts.clip(*(limit[0] if len(limit) else None for limit in (lowest, highest)))
    wide = minutes.assign(bucket_ms=starts).pivot_table(
        index="bucket_ms", columns="status", values="messages", aggfunc="sum", fill_value=0
    )
    if main_end is not None:
        dense = np.arange(first, main_end + 1, size_ms)
        wide = wide.reindex(np.union1d(dense, wide.index), fill_value=0)
    wide = wide.reindex(columns=list(STATUSES), fill_value=0).astype("int64")
    frame = wide.rename_axis(columns=None).reset_index(names="bucket_ms")
    frame.insert(
        0, "bucket", pd.to_datetime(frame.pop("bucket_ms").astype("int64"), unit="ms").astype("datetime64[ms]")
    )
    return frame
