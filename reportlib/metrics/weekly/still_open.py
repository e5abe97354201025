"""What of an account is not over yet: campaigns still sending or waiting, experiments that can now be compared."""

import pandas as pd

from reportlib.metrics.comparison.age.equal_age import labels
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.selection.campaigns import campaigns
from reportlib.metrics.weekly.iso_week import Week
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import FINISHED_STATUSES

OPEN_STATUSES = ("sending", "scheduled")
COUNTS = ["audience", "not_sent", "pending"]
OPEN = ["campaign_id", "label", "status", "scheduled_at", "started_at", *COUNTS]


def open_campaigns(warehouse: Warehouse, account) -> pd.DataFrame:
    """The account's campaigns that are sending or scheduled, the earliest first; `account` as in `select_account`.

    Returns
    -------
    DataFrame with the columns
        campaign_id, label, status : str
        scheduled_at, started_at : datetime64[ms, UTC]
        audience, not_sent, pending : Int64, people; of a scheduled campaign audience is what it declared, the others NA

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> metrics.open_campaigns(warehouse, "acai")[["campaign_id", "status", "not_sent"]].head(2)
                campaign_id     status  not_sent
    0  black-friday-preview    sending      4463
    1          black-friday  scheduled      <NA>
    """
    about = select_account(warehouse, account)
    known = campaigns(warehouse)
    ours = known["account_id"].astype(str) == str(about["account_id"])
    waiting = known[ours & known["status"].isin(OPEN_STATUSES)]
    sending = waiting.loc[waiting["status"] == "sending", "campaign_id"].tolist()
    counts = breakdown(warehouse, sending, "campaign_id").set_index("campaign_id")[COUNTS]
    frame = waiting.assign(label=labels(waiting), start=waiting["started_at"].fillna(waiting["scheduled_at"]))
    frame = frame.join(counts, on="campaign_id").astype(dict.fromkeys(COUNTS, "Int64"))
    frame["audience"] = frame["audience"].fillna(frame["audience_size"])
    return frame.sort_values(["start", "campaign_id"], ignore_index=True)[OPEN]


def ripe_experiments(warehouse: Warehouse, chosen: pd.DataFrame, week: Week) -> pd.DataFrame:
    """The campaigns of experiments whose last one finished in the week, all of them being finished.

    `chosen` are those of `campaigns_by_week`. Columns experiment_id, campaign_id, label : str, in the order of both.

    Example
    -------
    >>> week = metrics.Week(2026, 46)
    >>> chosen = metrics.campaigns_by_week(warehouse, "acai", week, 26)
    >>> len(metrics.ripe_experiments(warehouse, chosen, week))
    0
    """
    known = campaigns(warehouse)
    known = known[known["experiment_id"].notna() & known["account_id"].isin(chosen["account_id"])]
    known = known.assign(label=labels(known), over=known["status"].isin(FINISHED_STATUSES))
    this_week = set(chosen.loc[chosen["week"] == str(week), "experiment_id"].dropna())
    elsewhere = set(known["campaign_id"]) - set(chosen["campaign_id"])  # finished later than the week
    ripe = [
        experiment
        for experiment, arms in known.groupby("experiment_id")
        if experiment in this_week and len(arms) > 1 and arms["over"].all() and not elsewhere & set(arms["campaign_id"])
    ]
    frame = known[known["experiment_id"].isin(ripe)]
    columns = ["experiment_id", "campaign_id", "label"]
    return frame.sort_values(columns[:2], ignore_index=True)[columns]
