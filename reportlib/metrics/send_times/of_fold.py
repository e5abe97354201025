"""The slots of messages and their answers from a fold, counted in arrays: one pass over the messages for all zones.

DuckDB would join the messages of all campaigns with the first answer of each of their contacts.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, case, func, literal, select, true

from reportlib.definitions import definition
from reportlib.metrics.local_time import MINUTE_MS, hours_of_week, with_weekday_and_hour
from reportlib.metrics.people.bits import holds
from reportlib.metrics.people.fold.known import most_numbers, numbered
from reportlib.metrics.people.fold.table import fold, numbers
from reportlib.metrics.people.fold.tally import FAR, rows_of, tallied
from reportlib.metrics.people.measured import in_base, of_these, told_by
from reportlib.metrics.selection.campaigns import portions, select_campaigns
from reportlib.metrics.send_times.responses import answers, delivered_messages
from reportlib.warehouse import Warehouse

KINDS = np.arange(8)  # of messages: 1 that are mature, 2 of them responded to, 4 to somebody who had answered before
COUNTED = {
    "delivered": KINDS >= 0,
    "mature": KINDS & 1 > 0,
    "responded": KINDS & 2 > 0,
    "answered_before": KINDS & 4 > 0,
}
NEVER_MS = literal(FAR, BigInteger)


def settled_slots(
    warehouse: Warehouse, kept: Warehouse, zones: dict, told: pd.DataFrame, metric: str, window_ms: int, latest_ms: int
) -> Iterator[pd.DataFrame]:
    """Frames of `send_slots`, of the campaigns of `zones`, each on the clock of its own."""
    parts = portions(warehouse, [*zones])
    first_ms = _first_answers(kept, parts, metric)
    for part in parts:
        own = told[told["campaign_id"].isin(part)]
        if own.empty:
            continue
        channels = own["channel"].unique().tolist()
        rows = rows_of(kept, *_delivered(warehouse, own, part, channels, metric))
        sent_ms, minute = rows["sent_ms"], rows["sent_ms"] // MINUTE_MS
        is_mature = sent_ms <= latest_ms - window_ms
        has_responded = rows["answered_ms"] <= sent_ms + window_ms
        before = first_ms[rows["number"]] < sent_ms
        kind = is_mature * (1 + 2 * has_responded.astype(np.int8) + 4 * before.astype(np.int8))
        start = int(minute.min(initial=FAR))
        group = (minute - start) * len(channels) + rows["channel"]
        campaign, group, sums = tallied(rows["campaign"], group, kind, COUNTED)
        channel = np.array(channels, dtype=object)[group % len(channels)]
        yield _in_slots(part, zones, campaign, channel, (group // len(channels) + start) * MINUTE_MS, sums)


def _in_slots(ids, zones, campaign, channel, utc_ms, sums):
    ids, zone = np.array(ids, dtype=object)[campaign], np.array([zones[one] for one in ids], dtype=object)[campaign]
    told = {"campaign_id": ids, "channel": channel, "hour_ms": hours_of_week(utc_ms, zone)}
    summed = pd.DataFrame(told | sums).groupby(["campaign_id", "channel", "hour_ms"], as_index=False).sum()
    return with_weekday_and_hour(summed).assign(zoned=0)


def _delivered(warehouse, told, campaign_ids, channels, metric):
    """The `delivered_messages`: campaign and channel, their places among these; number, the contact's, 0 without one;
    sent_ms; answered_ms, FAR without an answer."""
    among = told_by(warehouse, select_campaigns(warehouse, campaign_ids))
    place, code = numbered(campaign_ids, fold.c.campaign_id.type), {one: at for at, one in enumerate(channels)}
    f, message = fold.c, delivered_messages(warehouse, told, metric)
    confirmed, pending = (holds(f.flags, name) for name in ("confirmed", "pending"))
    of_channel = true() if len(told) == len(among) else of_these(told, fold, among)
    settled = (
        select(
            *(place.c.place.label("campaign"), case(code, value=f.channel).label("channel")),
            func.coalesce(f.number, 0).label("number"),
            *(f.sent_ms, func.coalesce(f[f"{metric}_ms"], NEVER_MS).label("answered_ms")),
        )
        .join_from(fold, place, place.c.id == f.campaign_id)
        .where(of_channel, in_base(told, fold, confirmed, pending, among), f.sent_ms.is_not(None))
    )
    answered_ms = func.coalesce(message.c.answered_ms, NEVER_MS)
    still_open = select(
        *(place.c.place.label("campaign"), case(code, value=message.c.channel).label("channel")),
        func.coalesce(numbers.c.number, 0).label("number"),
        *(message.c.sent_ms, answered_ms.label("answered_ms")),
    ).select_from(
        message.join(place, place.c.id == message.c.campaign_id).outerjoin(
            numbers, numbers.c.contact_id == message.c.contact_id
        )
    )
    return settled, still_open


def _first_answers(kept, parts, metric):
    """By the number of each contact when they first did it, whether a machine or not; FAR where never."""
    first_ms = np.full(most_numbers(kept) + 1, FAR)
    for part in parts:
        rows = rows_of(kept, *_answers(part, metric))
        np.minimum.at(first_ms, rows["number"], rows["first_ms"])
    return first_ms


def _answers(campaign_ids, metric):
    place, first = numbered(campaign_ids, fold.c.campaign_id.type), fold.c[f"first_{definition(metric).event}_ms"]
    settled = select(fold.c.number, first.label("first_ms")).join_from(fold, place, place.c.id == fold.c.campaign_id)
    told = answers(campaign_ids, metric).subquery("answers")
    still_open = select(numbers.c.number, told.c.first_ms).join_from(
        told, numbers, numbers.c.contact_id == told.c.contact_id
    )
    of_numbers = settled.where(first.is_not(None), fold.c.number.is_not(None))
    return of_numbers, still_open.where(told.c.first_ms.is_not(None))
