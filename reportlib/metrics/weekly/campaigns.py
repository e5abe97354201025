"""Which campaigns are a week's: those whose sending finished in it, on their account's clock."""

import pandas as pd

from reportlib.metrics.comparison.age.equal_age import labels
from reportlib.metrics.memo import remembered
from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.weekly.iso_week import Week, week_of
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import FINISHED_STATUSES


def campaigns_by_week(warehouse: Warehouse, account, last_week: Week, weeks: int) -> pd.DataFrame:
    """The account's campaigns that finished sending in these weeks, of which `last_week` is the last; the latest first.

    `account` is as `select_account` takes it. A campaign finished when it was completed; where no moment is known for
    that, when it started; else when it was to start.

    Returns
    -------
    DataFrame with the columns of `campaigns`,
        campaign_id, name, account_id, account, timezone, status, template_id, segment_id, experiment_id, variant : str
        scheduled_at, started_at, completed_at : datetime64[ms, UTC]
        audience_size : Int64, contacts, as declared
    then
        label : str, the name as it may stand in a sentence, with the id where two of the account's share one
        finished_at : datetime64[ms, UTC]
        week : str, "2026-W46", on the account's clock

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> found = metrics.campaigns_by_week(warehouse, "acai", metrics.Week(2026, 46), 26)
    >>> found.set_index("campaign_id").loc["spring-sale", "week"]
    '2026-W39'
    """
    frame = finished_campaigns_of(warehouse, account)
    wanted = {str(last_week.previous(n)) for n in range(weeks)}
    return frame[frame["week"].isin(wanted)].reset_index(drop=True)


def finished_campaigns_of(warehouse: Warehouse, account) -> pd.DataFrame:
    """All finished campaigns of the account, as `campaigns_by_week` has them, the latest first.

    `week` is NA, and `finished_at` NaT, where nothing says when; those come last.
    """
    about = select_account(warehouse, account)
    known = _finished(warehouse)
    own = known.index.slice_indexer(about["account_id"], about["account_id"])
    frame = known.iloc[own].reset_index(drop=True)
    zone = about["timezone"]
    weeks = [pd.NA if pd.isna(moment) else str(week_of(moment, zone)) for moment in frame["finished_at"]]
    return frame.assign(week=pd.Series(weeks, dtype="str"))


@remembered
def _finished(warehouse):
    """The finished campaigns by account, with label and finished_at, each account's latest first."""
    known = select_campaigns(warehouse)
    frame = known[known["status"].isin(FINISHED_STATUSES)]
    finished = frame["completed_at"].fillna(frame["started_at"]).fillna(frame["scheduled_at"])
    ordered = ["account_id", "finished_at", "campaign_id"]
    label = pd.Series(labels(frame, ("account_id",)), frame.index, "str")
    told = frame.assign(label=label, finished_at=finished)
    latest_first = told.sort_values(ordered, ascending=[True, False, True])
    return latest_first.set_index("account_id", drop=False)
