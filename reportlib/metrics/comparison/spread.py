"""How far an account's campaigns ordinarily lie apart: what a difference that was not randomised is held against."""

import pandas as pd

from reportlib.definitions import definition
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.statistics.expectation import expectation
from reportlib.metrics.statistics.spread import ENOUGH, Spread
from reportlib.metrics.weekly.campaigns import finished_campaigns_of
from reportlib.metrics.weekly.history import campaign_history
from reportlib.warehouse import Warehouse

WEEKS = 26


def histories(warehouse: Warehouse, compared: pd.DataFrame) -> dict:
    """Per account of `comparable` its other campaigns of the last WEEKS before and all after, as `campaign_history`."""
    since = compared["started_at"].max() - pd.Timedelta(weeks=WEEKS)
    found = {}
    for account in compared["account_id"].unique():
        finished = finished_campaigns_of(warehouse, account)
        others = finished[(finished["finished_at"] >= since) & ~finished["campaign_id"].isin(compared["campaign_id"])]
        found[account] = campaign_history(warehouse, others) if len(others) else None
    return found


def spread(history: pd.DataFrame | None, channels: str, metric: str) -> Spread:
    """The ordinary spread of a metric between campaigns on one channel; of several together where `channels` has more.

    `channels` as in `comparable`, "email+sms".
    """
    if history is None:
        return Spread(0)
    one = definition(metric)
    count, base = one.numerator, one.bases[0]
    rows = history[(history["channel"] == (ALL_CHANNELS if "+" in channels else channels)) & history["old_enough"]]
    rows = rows[(rows["delivered"] > 0) & (rows[base] > 0) & rows[count].notna()]
    if len(rows) < ENOUGH:
        return Spread(len(rows))
    counts, bases = rows[count].astype("int64"), rows[base].astype("int64")
    return Spread(len(rows), expectation(counts.clip(upper=bases).tolist(), bases.tolist()).spread)
