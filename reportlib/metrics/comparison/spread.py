"""How far an account's campaigns ordinarily lie apart: what a difference that was not randomised is held against."""

import pandas as pd

from reportlib.definitions import definition
from reportlib.metrics.comparison.age.equal_age import age_of
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.summary import ALL_CHANNELS
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.statistics.outliers import ordinary_expectation
from reportlib.metrics.statistics.spread import ENOUGH, Spread
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import FINISHED_STATUSES

WEEKS = 26


def histories(warehouse: Warehouse, compared: pd.DataFrame) -> dict:
    """Per account of `comparable` the counts of its other campaigns at the age compared.

    Those that finished in the WEEKS before the latest start or since, per campaign and channel, and with the channel
    "all" per campaign; None where there are none.
    """
    known = select_campaigns(warehouse)
    finished_at = known["completed_at"].fillna(known["started_at"]).fillna(known["scheduled_at"])
    recent = finished_at >= compared["started_at"].max() - pd.Timedelta(weeks=WEEKS)
    wanted = recent & known["status"].isin(FINISHED_STATUSES) & ~known["campaign_id"].isin(compared["campaign_id"])
    age = age_of(warehouse, compared)
    found: dict[object, pd.DataFrame | None] = {}
    for account in compared["account_id"].unique():
        ids = known.loc[wanted & (known["account_id"] == account), "campaign_id"].tolist()
        found[account] = None
        if ids:
            by_channel = breakdown(warehouse, ids, ("campaign_id", "channel"), until=age)
            whole = breakdown(warehouse, ids, "campaign_id", until=age).assign(channel=ALL_CHANNELS)
            found[account] = pd.concat([by_channel, whole], ignore_index=True)
    return found


def spread(history: pd.DataFrame | None, channels: str, metric: str) -> Spread:
    """The ordinary spread of a metric between campaigns on one channel; of several together where `channels` has more.

    `channels` as in `comparable`, "email+sms".
    """
    if history is None:
        return Spread(0)
    one = definition(metric)
    count, base = one.numerator, one.bases[0]
    rows = history[history["channel"] == (ALL_CHANNELS if "+" in channels else channels)]
    rows = rows[(rows["engagement_base"] > 0) & (rows[base] > 0) & rows[count].notna()]
    if len(rows) < ENOUGH:
        return Spread(len(rows))
    counts, bases = rows[count].astype("int64"), rows[base].astype("int64")
    known = ordinary_expectation(counts.clip(upper=bases).tolist(), bases.tolist())
    return Spread(known.history, known.spread) if known else Spread(len(rows))
