"""Whether receipts went missing: fewer than the provider usually brings, or many responders without one."""

import numpy as np
import pandas as pd

from reportlib.metrics.memo import remembered
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.seen import seen
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.statistics.rates import wilson
from reportlib.warehouse import Warehouse

KEY = ["campaign_id", "channel"]
SOURCE = ["account_id", "channel", "provider"]
RESPONSES = ("opened", "clicked", "replied")  # each proves that the message arrived
UNUSUAL, TIMES = 0.05, 1.5  # of those sent to, beyond the usual share; and how many times that share
FEW, MANY = 10, 0.1  # responders without a receipt, and their share of all responders
STILL_SENDING = ("sending", "ongoing")


def receipts(warehouse: Warehouse, campaigns=None) -> pd.DataFrame:
    """Of how many people nothing final is known, by campaign and channel, where deliveries are measured.

    Returns
    -------
    DataFrame with the columns
        campaign_id, channel, provider : str, the provider "twilio+vonage" where there are several
        sent, without : int64, people sent to, and those of them of whom no receipt and no failure is known
        usual : float64, that share of the messages of the account's other campaigns on the channel and provider; NaN
            where there are none whose sending is over
        response : str, "opened", "clicked" or "replied", whatever most people did
        responded, responded_without : int64, people who did it, and those of them without a receipt
        missing : bool, whether receipts are missing: sending is over, and many more people than usual are without one,
            or many of those who responded

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.receipts(warehouse, "spring-sale")[["channel", "sent", "without", "missing"]].head(2)
      channel  sent  without  missing
    0   email  5248       31    False
    1     sms  3544       45    False
    """
    chosen = select_campaigns(warehouse, campaigns)
    counts = breakdown(warehouse, chosen["campaign_id"].tolist(), by=KEY)
    counts = counts[counts["delivery_measured"] & (counts["sent"] > 0)]
    known, keys = _sources(warehouse, chosen), dict.fromkeys(KEY, "str")
    frame = counts.astype(keys).merge(known.astype(keys), on=KEY)
    frame = frame.assign(without=frame["sent"] - frame["failed"] - frame["engagement_base"], **_responded(frame))
    missing = frame["over"] & (_more_than_usual(frame) | _many_responders(frame))
    columns = {"provider": "str", "sent": "int64", "without": "int64", "usual": "float64", "response": "str"}
    columns |= {"responded": "int64", "responded_without": "int64", "missing": "bool"}
    return frame.assign(missing=missing)[[*KEY, *columns]].astype(columns).sort_values(KEY, ignore_index=True)


def _responded(frame):
    """Of each row the response that most people gave, who gave it, and who of them has no receipt."""
    people, within = (
        frame[[f"{name}{of}" for name in RESPONSES]].astype("float64").fillna(0).to_numpy() for of in ("", "_in_base")
    )
    at = np.arange(len(frame)), people.argmax(axis=1)
    names = np.array(RESPONSES, object)[at[1]]
    return {"response": names, "responded": people[at], "responded_without": people[at] - within[at]}


def _more_than_usual(frame):
    low, _ = wilson(frame["without"].to_numpy(), frame["sent"].to_numpy())
    return low > np.maximum(TIMES * frame["usual"], frame["usual"] + UNUSUAL)


def _many_responders(frame):
    return (frame["responded_without"] >= FEW) & (frame["responded_without"] >= MANY * frame["responded"])


def _sources(warehouse, chosen):
    """The channels of these campaigns: KEY, provider, over (bool, the sending), usual (of the account's others)."""
    found = _of_accounts(warehouse, chosen["account_id"].dropna().unique().tolist())
    return found[found["campaign_id"].isin(chosen["campaign_id"])]


@remembered
def _of_accounts(warehouse, account_ids):
    shown = seen(warehouse, account_ids)
    sums = {"waiting": ("waiting_messages", "sum"), "sent": ("sent_messages", "sum")}
    grouped = shown.sort_values("provider").groupby(["account_id", *KEY], as_index=False)
    each = grouped.agg(provider=("provider", "+".join), received=("received_messages", "sum"), **sums)
    statuses = select_campaigns(warehouse).set_index("campaign_id")["status"]
    over = each["campaign_id"].isin(statuses.index) & ~each["campaign_id"].map(statuses).isin(STILL_SENDING)
    counted = over & (each["received"] > 0)
    own = each[["waiting", "sent"]].where(counted, 0)
    others = own.groupby([each[name] for name in SOURCE]).transform("sum") - own
    found = each.assign(over=over, usual=others["waiting"] / others["sent"].where(others["sent"] > 0))
    return found[[*KEY, "provider", "over", "usual"]]
