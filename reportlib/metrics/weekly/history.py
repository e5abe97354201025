"""An account's campaigns of some weeks, each as it stood at the same age: what trends and judgments stand on."""

import math

import pandas as pd

from reportlib.metrics.comparison.age.equal_age import LONGEST_HOURS
from reportlib.metrics.local_time import HOUR_MS
from reportlib.metrics.people.breakdown import alike, breakdown
from reportlib.metrics.people.data_problems import data_as_of
from reportlib.metrics.people.receipts import receipts
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.warehouse import Warehouse

YOUNGEST_HOURS = 24  # a campaign that stopped sending a shorter while ago is not judged
ABOUT = ["campaign_id", "label", "week", "finished_at", "age_hours", "compared_hours", "old_enough"]
BASE = ["engagement_base", "engagement_base_name", "delivery_measured", "failed_measured", "by_person"]
BASE += ["opened_in_base", "clicked_in_base", "receipts_missing"]
HISTORY = [*ABOUT, "channel", "audience", "sent", "delivered", "failed", "opened", "clicked", *BASE]


def campaign_history(warehouse: Warehouse, chosen: pd.DataFrame) -> pd.DataFrame:
    """The campaigns of `campaigns_by_week`, per channel, as each stood at the same age after its sending had finished.

    That age is the one of the youngest that is at least YOUNGEST_HOURS old at `data_as_of`, in whole hours, and never
    more than LONGEST_HOURS. Younger ones are there, but not old enough to be judged.

    Returns
    -------
    DataFrame, one row per campaign and channel it used, then one with the channel "all"; the latest campaign first;
    with the columns
        campaign_id, label, week, channel : str; week as "2026-W46"
        finished_at : datetime64[ms, UTC]
        age_hours : float64, the campaign's own age; compared_hours : int64, the one at which all are counted
        old_enough : bool, whether it has reached that age
        audience, sent, delivered, failed : int64, people; opened, clicked : Int64, people, NA as in `engagement`;
            engagement_base, engagement_base_name, delivery_measured, failed_measured, by_person, opened_in_base,
            clicked_in_base : as there, of those not failed for all campaigns where their bases would differ;
            delivery_measured is false, too, where receipts are missing
        receipts_missing : bool, as `receipts` has it: how many were delivered is then no measure
    Campaigns known as totals only are counted as they stand.

    Example
    -------
    >>> week = metrics.Week(2026, 46)
    >>> chosen = metrics.campaigns_by_week(warehouse, "acai", week, 26)
    >>> history = metrics.campaign_history(warehouse, chosen)
    >>> history.set_index("campaign_id").loc["sms-flash", ["channel", "week", "delivered"]]
                channel      week  delivered
    campaign_id
    sms-flash       sms  2026-W45       4674
    sms-flash       all  2026-W45       4674
    """
    ages = ((data_as_of(warehouse) - chosen["finished_at"]).dt.total_seconds() / 3600).clip(lower=0).fillna(0)
    old = ages[ages >= YOUNGEST_HOURS]
    compared = min(math.floor(old.min()), LONGEST_HOURS) if len(old) else YOUNGEST_HOURS
    until = chosen["finished_at"].astype("datetime64[ms, UTC]").astype("int64") + compared * HOUR_MS
    moments = dict(zip(chosen["campaign_id"].tolist(), until.tolist(), strict=True))
    place = range(len(chosen))
    about = chosen.assign(age_hours=ages, compared_hours=compared, old_enough=ages >= compared, place=place)
    counts = counts_by_channel(warehouse, chosen["campaign_id"].tolist(), moments)
    frame = about[[*ABOUT, "place"]].merge(_but_for_missing(warehouse, counts), on="campaign_id")
    ordered = frame.assign(is_total=frame["channel"] == ALL_CHANNELS).sort_values(["place", "is_total", "channel"])
    return ordered[HISTORY].astype({"compared_hours": "int64"}).reset_index(drop=True)


def _but_for_missing(warehouse, counts):
    """The counts with receipts_missing: those that there are then say nothing of how many were delivered."""
    found = receipts(warehouse, counts["campaign_id"].drop_duplicates().tolist())
    lost = found.loc[found["missing"], ["campaign_id", "channel"]]
    lost = {*zip(lost["campaign_id"], lost["channel"], strict=True)}
    lost |= {(campaign, ALL_CHANNELS) for campaign, _ in lost}
    of = zip(counts["campaign_id"].astype("str"), counts["channel"], strict=True)
    missing = pd.Series([one in lost for one in of], counts.index, "bool")
    return counts.assign(delivery_measured=counts["delivery_measured"] & ~missing, receipts_missing=missing)


def counts_by_channel(warehouse: Warehouse, campaign_ids: list, until: dict | None = None) -> pd.DataFrame:
    """`breakdown` per campaign and channel, and per campaign with the channel "all"; `until` as there."""
    by_channel = alike(warehouse, campaign_ids, ("campaign_id", "channel"), until)
    whole = breakdown(warehouse, campaign_ids, "campaign_id", until).assign(channel=ALL_CHANNELS)
    return pd.concat([by_channel, whole], ignore_index=True)
