"""When a campaign's messages were handed over and when they got their final word, in buckets that fit its age."""

import numpy as np
import pandas as pd
from sqlalchemy import case, func, select

from reportlib.metrics.live.outcomes import OUTCOMES, campaign_row
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import bucket_start, epoch_ms, sound

BUCKET_SECONDS = (5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400)
MOST_BUCKETS = 180  # of a campaign's age
RECENT_SECONDS, RECENT_BUCKETS = 60, 5  # what "recent" is at least
FLOWS = ["sent", "delivered", "failed"]


def live_flow(warehouse: Warehouse, campaign, until_ms: int | None = None) -> pd.DataFrame:
    """The messages of one campaign that were handed over, by when that was and when they got their final word.

    Buckets fit the time from the campaign's start until `until_ms`, the latest moment that matters; without it, now.

    As in `delivery_timeline`, a message refused at once was handed over when it failed, and a final word stamped
    before the hand-over counts with it.

    Returns
    -------
    DataFrame with the columns
        outcome : str, "pending", "delivered" or "failed"
        handed_over, settled : Int64, the start of the bucket, epoch milliseconds; NA where there is no time
        messages : int64
    and attrs: bucket_s, the length of a bucket in seconds: MOST_BUCKETS hold that time

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.live_flow(warehouse, "black-friday-preview").head(2)
         outcome    handed_over        settled  messages
    0  delivered  1794758400000  1794758400000      4134
    1     failed  1794758400000  1794758400000       156
    """
    return flow_of(warehouse, campaign_row(warehouse, campaign), until_ms)


def flow_of(warehouse: Warehouse, about: pd.Series, until_ms: int | None) -> pd.DataFrame:
    """`live_flow` of the campaign with this row of `campaigns`."""
    size = bucket_seconds(about["started_at"], until_ms or warehouse.opened_ms)
    m = messages.c
    sent, delivered, failed = sound(m.sent_at), sound(m.delivered_at), sound(m.failed_at)
    final = case((m.status == "delivered", delivered), (m.status == "failed", failed))
    step = (
        select(
            m.status,
            bucket_start(func.coalesce(sent, delivered, failed), size).label("handed_over"),
            bucket_start(final, size).label("settled"),
        )
        .where(m.campaign_id == about["campaign_id"], m.status != "queued")
        .subquery()
    )
    counted = select(*step.c, func.count().label("messages")).group_by(*step.c).subquery()
    moments = [epoch_ms(counted.c[name]).label(name) for name in ("handed_over", "settled")]
    flow = warehouse.sql(select(counted.c.status, *moments, counted.c.messages))
    flow = flow.astype({"handed_over": "Int64", "settled": "Int64", "messages": "int64"})
    before = flow["settled"] < flow["handed_over"]
    flow["settled"] = flow["settled"].mask(before.fillna(False), flow["handed_over"])
    flow.insert(0, "outcome", flow.pop("status").map(OUTCOMES).astype("str"))
    keys = ["outcome", "handed_over", "settled"]
    flow = flow.groupby(keys, dropna=False, as_index=False)["messages"].sum()
    flow.attrs["bucket_s"] = size
    return flow


def bucket_seconds(started_at, until_ms: int) -> int:
    """The smallest bucket of which MOST_BUCKETS reach from the start until then; of an unknown start, a minute."""
    if pd.isna(started_at):
        return 60
    age_s = until_ms / 1000 - started_at.timestamp()
    return next((size for size in BUCKET_SECONDS if age_s <= size * MOST_BUCKETS), BUCKET_SECONDS[-1])


def recent_seconds(bucket_s: int) -> int:
    """How long "recent" is where things are counted in such buckets."""
    return max(RECENT_SECONDS, RECENT_BUCKETS * bucket_s)


def by_bucket(flow: pd.DataFrame) -> pd.DataFrame:
    """`live_flow` as a timeline, one row per bucket from the first to the last in which something happened.

    Columns bucket_ms, sent, delivered, failed, settled (either) : int64, messages in it; sent_cumulative,
    delivered_cumulative, failed_cumulative, pending : int64, at its end. attrs: bucket_s, and untimed, outcomes without
    a time, in no row.
    """
    size = 1000 * flow.attrs["bucket_s"]
    sent = flow.groupby("handed_over")["messages"].sum()
    final = {name: flow[flow["outcome"] == name].groupby("settled")["messages"].sum() for name in FLOWS[1:]}
    counted = {"sent": sent, **final}
    starts = np.unique(np.concatenate([part.index.to_numpy(dtype="int64") for part in counted.values()]))
    if len(starts) and (starts[-1] - starts[0]) // size < 10 * MOST_BUCKETS:  # or clocks are wrong by years
        starts = np.arange(starts[0], starts[-1] + 1, size)
    frame = pd.DataFrame({"bucket_ms": starts.astype("int64")})
    for name, part in counted.items():
        frame[name] = part.reindex(starts, fill_value=0).to_numpy(dtype="int64")
    frame["settled"] = frame["delivered"] + frame["failed"]
    for name in FLOWS:
        frame[f"{name}_cumulative"] = frame[name].cumsum()
    frame["pending"] = frame["sent_cumulative"] - frame["delivered_cumulative"] - frame["failed_cumulative"]
    settled = flow["outcome"] != "pending"
    untimed = int(flow.loc[flow["handed_over"].isna(), "messages"].sum())
    untimed += int(flow.loc[settled & flow["settled"].isna(), "messages"].sum())
    frame.attrs = {"bucket_s": flow.attrs["bucket_s"], "untimed": untimed}
    return frame
