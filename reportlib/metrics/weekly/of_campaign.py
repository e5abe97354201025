"""Whether one campaign is usual for its account: the verdicts that the review of its week has, for its own review."""

import pandas as pd

from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.weekly.campaigns import campaigns_by_week, finished_campaigns_of
from reportlib.metrics.weekly.history import campaign_history
from reportlib.metrics.weekly.iso_week import parse_week
from reportlib.metrics.weekly.verdicts import VERDICTS, week_verdicts
from reportlib.warehouse import Warehouse

WEEKS = 26  # looked back, the campaign's own included: as a weekly review does, unless asked otherwise


def campaign_verdicts(warehouse: Warehouse, campaign) -> pd.DataFrame:
    """The campaign's rows of `week_verdicts` of the week in which its sending finished, and the same of `failed`.

    So a campaign's review and its week's never disagree: the family is the week's questions; those on `failed`, which
    a weekly review does not ask, are a family of their own.

    Returns
    -------
    DataFrame with the columns of `week_verdicts`; no rows while the campaign is sending, or where nothing says when it
    finished

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.campaign_verdicts(warehouse, "spring-sale")[["channel", "metric", "verdict"]].head(2)
      channel     metric             verdict
    0   email    clicked  too little history
    1   email  delivered  too little history
    """
    about = select_campaigns(warehouse, campaign).iloc[0]
    finished = finished_campaigns_of(warehouse, about["account_id"])
    week = finished.loc[finished["campaign_id"] == about["campaign_id"], "week"].dropna()
    if week.empty:
        return pd.DataFrame(columns=VERDICTS)
    reviewed = parse_week(week.iloc[0], warehouse.opened_ms, about["timezone"])
    history = campaign_history(warehouse, campaigns_by_week(warehouse, about["account_id"], reviewed, WEEKS))
    rows = pd.concat(
        [week_verdicts(history, reviewed), week_verdicts(history, reviewed, ("failed",))], ignore_index=True
    )
    return rows[rows["campaign_id"] == about["campaign_id"]].reset_index(drop=True)
