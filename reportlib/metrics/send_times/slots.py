"""When messages went out, and how each hour of the week was answered: the counts that send-time advice stands on."""

import pandas as pd
from sqlalchemy import and_, case, literal, select

from reportlib.errors import InvalidParameters
from reportlib.metrics.local_time import HOUR_MS, WEEK_MS, with_weekday_and_hour
from reportlib.metrics.people.fold.reading import kept_by
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.selection.clocks import RECIPIENT, Clock, clock_name, clocks, zones_of
from reportlib.metrics.send_times.of_fold import settled_slots
from reportlib.metrics.send_times.responses import delivered_messages, first_answers, followed_until_ms, told_of
from reportlib.warehouse import Warehouse

COLUMNS = {"campaign_id": "object", "channel": "str"} | dict.fromkeys(
    ("weekday", "hour", "delivered", "mature", "responded", "answered_before"), "int64"
)


@of_people
def send_slots(
    warehouse: Warehouse,
    campaigns=None,
    metric: str = "clicked",
    window_hours: float = 48,
    timezone: str | None = None,
    channel: str | None = None,
) -> pd.DataFrame:
    """Delivered messages by the hour and ISO weekday at which they were handed over, and how many were answered.

    `timezone` as in `activity`; `channel` leaves the others out, which opens need: they are never pooled. Sources that
    cannot tell the metric are left out.

    Returns
    -------
    DataFrame, one row per campaign, channel and slot that had a delivered message, with the columns
        campaign_id, channel : str
        weekday, hour : int64, 1 Monday to 7 Sunday; 0 to 23
        delivered : int64, messages with a receipt; where delivery is not measured, those handed over that did not fail
        mature : int64, those of them handed over at least `window_hours` before `data_as_of`
        responded : int64, mature messages whose receiver did it within the window
        answered_before : int64, mature messages whose receiver, machines included, had done it by then with one of
            these campaigns: who was more ready to answer, whatever the hour
    and attrs: metric; window_hours; weeks, from the first campaign's start to `data_as_of`; timezone, as `clock_name`
    says it; zone_known, the share of the delivered messages whose receiver's own zone is known (None unless asked for)

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownTimeZone, InvalidParameters (a metric that is no response, opens of
    several channels, a window that is not above zero)

    Example
    -------
    >>> slots = metrics.send_slots(warehouse, ["evening-test", "spring-sale"])
    >>> slots[["campaign_id", "channel", "weekday", "hour", "mature", "responded"]].head(2)
        campaign_id   channel  weekday  hour  mature  responded
    0  evening-test  whatsapp        2    19    5028        487
    1   spring-sale     email        2     9    1813         62
    """
    chosen = select_campaigns(warehouse, campaigns)
    told = told_of(warehouse, chosen, metric, channel)
    if window_hours <= 0:
        raise InvalidParameters(f"the window is {window_hours} hours: not above zero")
    latest_ms, found = followed_until_ms(warehouse), clocks(warehouse, chosen, timezone)
    window_ms = int(window_hours * HOUR_MS)
    kept = None if timezone == RECIPIENT else kept_by(warehouse)
    if kept:
        frames = [*settled_slots(warehouse, kept, zones_of(found), told, metric, window_ms, latest_ms)]
    else:
        frames = [_by_clock(warehouse, clock, metric, chosen, told, window_ms, latest_ms) for clock in found]
    frame = pd.concat([pd.DataFrame(columns=[*COLUMNS, "zoned"]).astype(COLUMNS | {"zoned": "int64"}), *frames])
    delivered, zoned = int(frame["delivered"].sum()), int(frame.pop("zoned").sum())
    ordered = frame.sort_values(["campaign_id", "channel", "weekday", "hour"], ignore_index=True)
    ordered.attrs = {
        "metric": metric,
        "window_hours": window_hours,
        "weeks": _weeks(chosen, latest_ms),
        "timezone": clock_name(chosen, timezone),
        "zone_known": zoned / delivered if timezone == RECIPIENT and delivered else None,
    }
    return ordered


def _by_clock(warehouse, clock: Clock, metric, chosen, told, window_ms, latest_ms):
    own = told[told["campaign_id"].isin(clock.campaign_ids)]
    message = delivered_messages(warehouse, own, metric)
    first = warehouse.kept(first_answers(chosen, metric), "first_answers")
    row = select(message, first.c.first_ms).join_from(
        message, first, first.c.contact_id == message.c.contact_id, isouter=True
    )
    message = row.cte("message_and_before")
    mature = message.c.sent_ms <= latest_ms - window_ms
    counted = clock.per_hour(
        message,
        "sent_ms",
        ("campaign_id", "channel"),
        delivered=literal(1),
        mature=_one_if(mature),
        responded=_one_if(and_(mature, message.c.answered_ms <= message.c.sent_ms + window_ms)),
        answered_before=_one_if(and_(mature, message.c.first_ms < message.c.sent_ms)),
        zoned=_one_if(clock.zone_is_known()) if clock.own_zones else literal(0),
    )
    return with_weekday_and_hour(warehouse.sql(counted)).astype(COLUMNS | {"zoned": "int64"})


def _weeks(chosen, latest_ms):
    started = chosen["started_at"].dropna()
    return max(latest_ms - started.min().value // 1_000_000, 0) / WEEK_MS if len(started) else 0.0


def _one_if(condition):
    return case((condition, 1), else_=0)
