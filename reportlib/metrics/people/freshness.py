"""Up to when each source tells: its receipts and its events, and whether they ended before the rest of the data.

Silence is evidence only where something was to be expected, and a little silence is none. Receipts are expected of what
was handed over since the last one: as many within an hour as before. Events are expected of campaigns that have had
some: as many as came just before the last one, in a stretch as long as the silence. Its length is not that in hours: a
half hour counts by what people had received and how long ago, its weight falling with the cube of the age, faster than
any response does, and by how many events came at its time of day at all. So quiet nights and weekends, the end of a
campaign and a channel that is no longer used are none. docs/definitions.md has how often that is wrong.
"""

import numpy as np
import pandas as pd
from sqlalchemy import and_, case, func, literal, select

from reportlib.metrics.local_time import DAY_MS, HOUR_MS
from reportlib.metrics.memo import remembered
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.people.hand_over import handed_over_ms
from reportlib.metrics.people.measured import told_by
from reportlib.metrics.people.seen import seen
from reportlib.metrics.selection.campaigns import asked_in_portions, campaigns as all_campaigns, select_campaigns
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import events, messages
from reportlib.warehouse.engines import sound_ms

SOURCE = ["account_id", "channel", "provider"]
RECEIPTS, EVENTS = "receipts", "events"
LOOKED_AT_MS, BIN_MS = 28 * DAY_MS, HOUR_MS // 2
BINS, BINS_OF_DAY = LOOKED_AT_MS // BIN_MS, DAY_MS // BIN_MS
EXPECTED = 50  # of which none came
LONGER_THAN = 2  # times any silence before
COLUMNS = dict.fromkeys((*SOURCE, "feed"), "str") | {"expected": "int64", "stopped": "bool"}


def freshness(warehouse: Warehouse, campaigns=None) -> pd.DataFrame:
    """Up to when the sources of these campaigns tell of receipts and of events, as the last four weeks show it.

    Returns
    -------
    DataFrame, one row per account, channel, provider and feed that told anything in the four weeks, with the columns
        account_id, channel, provider : str
        feed : str, "receipts" or "events"
        last : datetime64[ms, UTC], the latest of them
        expected : int64, how many were to be expected since, at least
        stopped : bool, whether the feed stopped: it has been silent for an hour, and `expected` is EXPECTED at least

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.freshness(warehouse, "spring-sale")[["channel", "provider", "feed", "stopped"]].head(2)
      channel provider      feed  stopped
    0   email  mailgun    events    False
    1   email  mailgun  receipts    False
    """
    chosen = select_campaigns(warehouse, campaigns)
    used = told_by(warehouse, chosen)[SOURCE].astype("str").drop_duplicates()
    found = _of_accounts(warehouse, chosen["account_id"].dropna().unique().tolist())
    return found.merge(used, on=SOURCE).sort_values([*SOURCE, "feed"], ignore_index=True)


@remembered
def _of_accounts(warehouse, account_ids):
    as_of, rows = data_as_of(warehouse), []
    if not pd.isna(as_of):
        end_ms = int(as_of.timestamp() * 1000)
        start_ms = end_ms - end_ms % BIN_MS - LOOKED_AT_MS + BIN_MS
        rows = [
            (*source, feed, last_ms, expected, expected >= EXPECTED and end_ms - last_ms >= HOUR_MS)
            for source, told, happened in _sources(warehouse, account_ids, start_ms, end_ms)
            for feed, last_ms, expected in _feeds(told, happened, start_ms, end_ms)
        ]
    frame = pd.DataFrame(rows, columns=[*SOURCE, "feed", "last_ms", "expected", "stopped"]).astype(COLUMNS)
    last = pd.to_datetime(frame.pop("last_ms").astype("int64"), unit="ms", utc=True)
    frame.insert(len(SOURCE) + 1, "last", last.astype("datetime64[ms, UTC]"))
    return frame


def _sources(warehouse, account_ids, start_ms, end_ms):
    """Of each source what was handed over, and what happened, by campaign and half hour."""
    known = all_campaigns(warehouse)
    recent = ~(known["started_at"] < pd.Timestamp(start_ms, unit="ms", tz="UTC")) | (known["status"] == "ongoing")
    ids = set(known.loc[recent & known["account_id"].isin(account_ids), "campaign_id"])
    shown = seen(warehouse, account_ids)
    shown = shown[shown["campaign_id"].isin(ids) & shown["sent"]]
    if shown.empty:
        return
    several = shown.loc[shown["campaign_id"].duplicated(), "campaign_id"].unique().tolist()
    alone = shown[~shown["campaign_id"].isin(several)]
    within = start_ms, end_ms
    ids = shown["campaign_id"].unique().tolist()
    told = asked_in_portions(warehouse, ids, lambda part: _handed_over(part, *within)).fillna({"provider": UNKNOWN})
    happened = warehouse.sql(_happened(alone["campaign_id"].tolist(), *within))
    happened = happened.merge(alone[["campaign_id", "channel", "provider"]], on="campaign_id")
    if several:
        apart = asked_in_portions(warehouse, several, lambda part: _happened(part, *within, True))
        happened = pd.concat([happened, apart.fillna({"provider": UNKNOWN})], ignore_index=True)
    account = shown.drop_duplicates("campaign_id").set_index("campaign_id")["account_id"]
    told, happened = (
        dict(list(frame.assign(account_id=frame["campaign_id"].map(account)).groupby(SOURCE)))
        for frame in (told, happened)
    )
    for source, rows in told.items():
        yield source, rows, happened.get(source)


def _feeds(told, happened, start_ms, end_ms):
    if told["last_ms"].notna().any():
        last_ms = int(told["last_ms"].max())
        yield RECEIPTS, last_ms, _receipts_expected(told, last_ms, end_ms)
    if happened is not None:
        last_ms = int(happened["last_ms"].max())
        own = told[told["campaign_id"].isin(happened["campaign_id"])]
        handed_over, came = (_binned(frame, start_ms) for frame in (own, happened))
        yield EVENTS, last_ms, _events_expected(handed_over, came, start_ms)


def _receipts_expected(told, last_ms, end_ms):
    """Of what was handed over after the last receipt and an hour ago, as many as had theirs within an hour before."""
    before = told[told["bin_ms"] + BIN_MS <= last_ms - HOUR_MS]
    since = told[(told["bin_ms"] > last_ms) & (told["bin_ms"] + BIN_MS <= end_ms - HOUR_MS)]
    asked = before["waiting"].sum() + before["received"].sum()
    return int(since["waiting"].sum() * before["soon"].sum() / asked) if asked else 0


def _events_expected(handed_over, came, start_ms):
    """How many events came in the stretch before the last that is as long as the silence since, by what was to be
    expected; 0 where a silence before that was half as long.
    """
    hours = (np.arange(BINS) + 0.5) * BIN_MS / HOUR_MS
    expected = np.convolve(handed_over, (1 + hours) ** -3)[:BINS]
    last = np.flatnonzero(came)[-1]
    days = (start_ms // BIN_MS + np.arange(BINS)) // BINS_OF_DAY
    weekday = np.maximum((days + 3) % 7 - 4, 0)  # 0 Monday to Friday, 1 Saturday, 2 Sunday
    hour = weekday * BINS_OF_DAY + (start_ms // BIN_MS + np.arange(BINS)) % BINS_OF_DAY
    heard = slice(last + 1)
    of_hour = [np.bincount(hour[heard], part[heard], 3 * BINS_OF_DAY) for part in (came, expected)]
    usual = came[heard].sum() / max(expected[heard].sum(), np.finfo(float).tiny)
    with np.errstate(divide="ignore", invalid="ignore"):
        wakeful = np.nan_to_num(np.clip(of_hour[0] / of_hour[1] / usual, 0, 1))
    expected = expected * wakeful[hour]
    seen_at = np.flatnonzero(came)
    silences = np.diff(np.append(0, expected.cumsum())[np.append(seen_at, BINS)]) - expected[seen_at]
    silence, backwards = expected[last + 1 :].sum(), expected[heard][::-1].cumsum()
    if not silence or silence < LONGER_THAN * silences[:-1].max(initial=0):
        return 0
    return int(came[heard][::-1][: np.searchsorted(backwards, silence) + 1].sum())


def _binned(frame, start_ms):
    at = (frame["bin_ms"].astype("int64").to_numpy() - start_ms) // BIN_MS
    return np.bincount(at, frame["number"].astype("float64").to_numpy(), BINS)


def _handed_over(ids, start_ms, end_ms):
    m, at, received_ms = messages.c, handed_over_ms(), sound_ms(messages.c.delivered_at)
    received = m.status == "delivered"
    step = (
        select(
            m.campaign_id,
            m.channel,
            m.provider,
            (at - at % BIN_MS).label("bin_ms"),
            case((m.status == "sent", 1), else_=0).label("waiting"),
            case((received, 1), else_=0).label("received"),
            case((and_(received, received_ms <= at + HOUR_MS), 1), else_=0).label("soon"),
            case((and_(received, received_ms <= end_ms), received_ms)).label("last_ms"),
        )
        .where(m.campaign_id.in_(ids), m.status != "queued", at >= start_ms, at <= end_ms)
        .subquery()
    )
    return _summed(step, ("campaign_id", "channel", "provider", "bin_ms"), ("waiting", "received", "soon"))


def _happened(ids, start_ms, end_ms, apart=False):
    e, m, at = events.c, messages.c, sound_ms(events.c.occurred_at)
    keys = (e.campaign_id, m.channel, m.provider) if apart else (e.campaign_id,)
    step = select(*keys, (at - at % BIN_MS).label("bin_ms"), at.label("last_ms")).where(
        e.campaign_id.in_(ids), at >= start_ms, at <= end_ms
    )
    if apart:
        step = step.join_from(events, messages, m.message_id == e.message_id).where(m.campaign_id.in_(ids))
    step = step.subquery()
    return _summed(step, (*(key.name for key in keys), "bin_ms"), ())


def _summed(step, keys, counted):
    """By `keys` the number of rows, the sums of the columns `counted`, and the latest time."""
    groups = [step.c[key] for key in keys]
    sums = [func.sum(step.c[name]).label(name) for name in counted]
    number, last = func.sum(literal(1)).label("number"), func.max(step.c.last_ms).label("last_ms")
    return select(*groups, number, *sums, last).group_by(*groups)
