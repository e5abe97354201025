"""The campaign summary: the figures that the export, the JSON beside a report and the index share."""

import numpy as np
import pandas as pd

from reportlib.definitions import ACTED, RESPONSES, definition
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.people.rates import is_told, rate_given
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.warehouse import Warehouse

ALL_CHANNELS = "all"
DECIMALS = 4  # of a percentage: finer than one person in a million
COUNTS = ("audience", "not_sent", "sent", "delivered", "failed", "pending")
RATES = {  # column: (metric, base)
    "sent_pct_of_audience": ("sent", "audience"),
    "delivered_pct_of_audience": ("delivered", "audience"),
    "failed_pct_of_audience": ("failed", "audience"),
    "pending_pct_of_audience": ("pending", "audience"),
    "delivered_pct_of_sent": ("delivered", "sent"),
    "failed_pct_of_sent": ("failed", "sent"),
    **{f"{name}_pct_of_delivered": (name, "engagement_base") for name in RESPONSES},
    "click_to_open_pct": ("click_to_open", "opened_or_clicked"),
}
LEDGER_RATES, ENGAGEMENT_RATES = list(RATES)[:6], list(RATES)[6:]
PEOPLE = tuple(ACTED)
TOTALS = tuple(f"{name}_total" for name, one in ACTED.items() if one.summed and one.columns)
BASE = ("delivered_implied", "engagement_base")
COLUMNS = (
    "campaign_id", "campaign_name", "status", "channel", *COUNTS, *LEDGER_RATES, *PEOPLE, *ENGAGEMENT_RATES, *TOTALS,
    "data_as_of", *BASE, "engagement_base_name",
)  # fmt: skip


def summary(warehouse: Warehouse, campaigns=None) -> pd.DataFrame:
    """The figures of each campaign: one row per channel it used, then one with the channel "all".

    Returns
    -------
    DataFrame with exactly the columns COLUMNS
        campaign_id, campaign_name, status, channel : str
        audience, not_sent, sent, delivered, failed, pending : Int64, people
            delivered and pending NA where a source does not tell of deliveries, failed and pending where not
            of failures
        sent_pct_of_audience, delivered_pct_of_audience, failed_pct_of_audience, pending_pct_of_audience,
        delivered_pct_of_sent, failed_pct_of_sent : Float64, 0 to 100 with four decimals
        opened, opened_human, clicked, replied, unsubscribed, complained : Int64, people
        opened_pct_of_delivered, opened_human_pct_of_delivered, clicked_pct_of_delivered, replied_pct_of_delivered,
        click_to_open_pct : Float64, 0 to 100; of engagement_base, the last of those who opened or clicked
        opened_total, clicked_total, replied_total : Int64, events
        data_as_of : str, ISO 8601, UTC
        delivered_implied, engagement_base : Int64, people; engagement_base_name : str, as in `engagement`
    NA where the base is zero, where a source does not tell the metric, and for opens where channels would have to be
    pooled.

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.summary(warehouse, "spring-sale")[["channel", "audience", "delivered", "clicked"]]
        channel  audience  delivered  clicked
    0     email      5248       5105      190
    1       sms      3544       3145      124
    2  whatsapp      8907       8447      691
    3       all     17699      16697     1005
    """
    chosen = select_campaigns(warehouse, campaigns)
    ids = chosen["campaign_id"].tolist()
    by_channel = breakdown(warehouse, ids, by=("campaign_id", "channel"))
    overall = breakdown(warehouse, ids, by="campaign_id").assign(channel=ALL_CHANNELS)
    order = {campaign: position for position, campaign in enumerate(ids)}
    frame = figures_of(pd.concat([by_channel, overall], ignore_index=True))
    frame = frame.assign(order=frame["campaign_id"].map(order), is_total=frame["channel"] == ALL_CHANNELS).sort_values(
        ["order", "is_total", "channel"], ignore_index=True
    )
    frame = frame.merge(
        chosen[["campaign_id", "name", "status"]].rename(columns={"name": "campaign_name"}), on="campaign_id"
    )
    as_of = data_as_of(warehouse)
    frame["data_as_of"] = None if pd.isna(as_of) else as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
    return frame[list(COLUMNS)].astype({"campaign_name": "str", "status": "str", "channel": "str"})


def figures_of(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of `breakdown` with the percentages RATES beside its counts, Float64, NA where none may be given.

    Its counts are Int64, as `known_counts` has them.
    """
    rates = {}
    for column, (metric, base) in RATES.items():
        count = definition(metric).numerator
        counts, bases = (frame[name].to_numpy("float64", na_value=np.nan) for name in (count, base))
        allowed = (bases > 0) & rate_given(frame, metric)
        percentages = np.divide(100 * counts, bases, out=np.full(len(frame), np.nan), where=allowed)
        rates[column] = pd.array(percentages.round(DECIMALS), dtype="Float64")
    return known_counts(frame.assign(**rates).astype(dict.fromkeys((*PEOPLE, *TOTALS, "engagement_base"), "Int64")))


def known_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of `breakdown` with COUNTS as Int64: who was delivered, failed, or is pending is NA where a source does
    not tell."""
    frame = frame.astype(dict.fromkeys((*COUNTS, "delivered_implied"), "Int64"))
    for metric in ("delivered", "pending", "failed"):
        counts = [metric, "delivered_implied"] if metric == "delivered" else [metric]
        frame.loc[~is_told(frame, metric), counts] = pd.NA
    return frame
