"""Everything a weekly review says, computed once."""

from dataclasses import dataclass

import pandas as pd

from reportlib.metrics.failures.by_reason import failures
from reportlib.metrics.failures.recoverable import recoverable
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.data_problems import data_as_of, data_problems
from reportlib.metrics.people.freshness import freshness
from reportlib.metrics.people.measured import measured
from reportlib.metrics.people.receipts import receipts
from reportlib.metrics.people.summary import summary
from reportlib.metrics.selection.accounts import select_account
from reportlib.metrics.weekly.campaigns import campaigns_by_week
from reportlib.metrics.weekly.final_verdicts import final_verdicts
from reportlib.metrics.weekly.history import campaign_history
from reportlib.metrics.weekly.iso_week import Week, parse_week
from reportlib.metrics.weekly.left import left_account
from reportlib.metrics.weekly.ongoing import ongoing
from reportlib.metrics.weekly.restatements import EarlierReview, require_earlier, snapshot, vanished
from reportlib.metrics.weekly.still_open import open_campaigns, ripe_experiments
from reportlib.metrics.weekly.trends import weekly_trends
from reportlib.metrics.weekly.verdicts import benchmarks, week_verdicts
from reportlib.warehouse import Warehouse


@dataclass(frozen=True)
class WeeklyFigures:
    """One account's week: the answers of the functions the fields are named for.

    `chosen` are the campaigns of all weeks looked at (`campaigns_by_week`), `campaigns` those of the week itself;
    all from `ledger` to `freshness` are of the latter, to date. `earlier` is the
    review that figures are held against, None without; `gone` its campaigns that the database no longer has.
    """

    account: pd.Series
    week: Week
    weeks: int
    opened_at: pd.Timestamp
    data_as_of: pd.Timestamp
    chosen: pd.DataFrame
    campaigns: pd.DataFrame
    ledger: pd.DataFrame
    by_channel: pd.DataFrame
    figures: pd.DataFrame
    failed: pd.DataFrame
    recoverable: pd.DataFrame
    problems: pd.DataFrame
    measured: pd.DataFrame
    receipts: pd.DataFrame
    freshness: pd.DataFrame
    history: pd.DataFrame
    trends: pd.DataFrame
    verdicts: pd.DataFrame
    benchmarks: pd.DataFrame
    snapshot: pd.DataFrame
    earlier: EarlierReview | None
    gone: pd.DataFrame
    open_campaigns: pd.DataFrame
    ripe_experiments: pd.DataFrame
    final_verdicts: pd.DataFrame
    ongoing: pd.DataFrame
    left_account: int

    @property
    def zone(self) -> str:
        return self.account["timezone"]

    @property
    def without_receipts(self) -> set[str]:
        """The week's campaigns of which receipts are missing."""
        return set(self.receipts.loc[self.receipts["missing"], "campaign_id"])


def weekly_figures(
    warehouse: Warehouse, account=None, week: str = "last", weeks: int = 26, earlier: EarlierReview | None = None
) -> WeeklyFigures:
    """The week of an account, and the weeks before it as far as trends and history go, `weeks` in all.

    `account` and `week` are as `select_account` and `parse_week` take them, `earlier` is what figures are held
    against to tell what was restated since: an `earlier_review` of the same account. Raises InvalidParameters (no such
    account or week, an `earlier` that is none), UnknownTimeZone.

    Example
    -------
    >>> weekly = metrics.weekly_figures(warehouse, "acai", "2026-W46")
    >>> "points-expiring" in set(weekly.campaigns["campaign_id"])
    True
    """
    about = select_account(warehouse, account)
    reviewed = parse_week(week, warehouse.opened_ms, about["timezone"])
    if earlier is not None:
        require_earlier(earlier, about["account_id"], reviewed)
    chosen = campaigns_by_week(warehouse, about["account_id"], reviewed, weeks)
    own = chosen[chosen["week"] == str(reviewed)].reset_index(drop=True)
    ids = own["campaign_id"].tolist()
    history = campaign_history(warehouse, chosen)
    return WeeklyFigures(
        account=about,
        week=reviewed,
        weeks=weeks,
        opened_at=pd.Timestamp(warehouse.opened_ms, unit="ms", tz="UTC"),
        data_as_of=data_as_of(warehouse),
        chosen=chosen,
        campaigns=own,
        ledger=breakdown(warehouse, ids),
        by_channel=breakdown(warehouse, ids, "channel"),
        figures=summary(warehouse, ids),
        failed=failures(warehouse, ids, "campaign_id"),
        recoverable=recoverable(warehouse, ids),
        problems=data_problems(warehouse, ids),
        measured=measured(warehouse, ids),
        receipts=receipts(warehouse, ids),
        freshness=freshness(warehouse, ids),
        history=history,
        trends=weekly_trends(history, reviewed, weeks),
        verdicts=week_verdicts(history, reviewed),
        benchmarks=benchmarks(history, reviewed),
        snapshot=snapshot(warehouse, chosen),
        earlier=earlier,
        gone=vanished(warehouse, earlier),
        open_campaigns=open_campaigns(warehouse, about["account_id"]),
        ripe_experiments=ripe_experiments(warehouse, chosen, reviewed),
        final_verdicts=final_verdicts(warehouse, about["account_id"], reviewed),
        ongoing=ongoing(warehouse, about["account_id"], reviewed),
        left_account=left_account(warehouse, about["account_id"], reviewed),
    )
