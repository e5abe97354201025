"""What in a database is asked about, chosen by what is there."""

from dataclasses import dataclass

import pandas as pd

from reportlib import metrics
from reportlib.errors import ReportError
from reportlib.metrics.selection.grouping import ATTRIBUTE
from reportlib.metrics.weekly.iso_week import Week, week_of
from reportlib.warehouse import Warehouse

ATTRIBUTES = 2  # of those a database has


@dataclass(frozen=True)
class Subject:
    """What is asked about, on every engine alike."""

    campaigns: list  # ids of those that have analytics
    accounts: list
    attributes: tuple[str, ...]  # groupings: "attribute:plan"
    week: Week
    opened_ms: int

    @property
    def scopes(self):
        """All campaigns, one, the others, none."""
        return None, self.campaigns[0], self.campaigns[1:], []


def subject_of(warehouse: Warehouse) -> Subject | None:
    """What can be asked about in this database; None where no campaign has analytics."""
    ids, accounts = metrics.select_campaigns(warehouse)["campaign_id"].tolist(), metrics.accounts(warehouse)
    if not ids:
        return None
    attributes = metrics.attributes(warehouse)[:ATTRIBUTES] or ["plan"]
    week = week_of(pd.Timestamp(warehouse.opened_ms, unit="ms", tz="UTC"), accounts["timezone"].iloc[0])
    named = tuple(f"{ATTRIBUTE}{name}" for name in attributes)
    return Subject(ids, accounts["account_id"].tolist(), named, week, warehouse.opened_ms)


@dataclass(frozen=True)
class Asked:
    """A warehouse, and what it is asked about."""

    warehouse: Warehouse
    subject: Subject

    def __call__(self, name: str, *arguments, **options):
        """What a metric answers, or the refusal."""
        try:
            return getattr(metrics, name)(self.warehouse, *arguments, **options)
        except ReportError as refusal:
            return refusal

    def compared(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """All campaigns as they are compared, and what they share."""
        started = self._started()
        compared = metrics.comparable(self.warehouse, started)
        return compared, metrics.design(self.warehouse, compared)

    def _started(self):
        """The campaigns that have a start; two at least, or the comparison refuses on every engine."""
        known = metrics.campaigns(self.warehouse)
        has_start = known["started_at"].notna() & known["campaign_id"].isin(self.subject.campaigns)
        started = known.loc[has_start, "campaign_id"].tolist()
        return started if len(started) > 1 else self.subject.campaigns

    def history(self) -> pd.DataFrame:
        return metrics.campaign_history(self.warehouse, self.chosen())

    def chosen(self, weeks=26) -> pd.DataFrame:
        return metrics.campaigns_by_week(self.warehouse, self.subject.accounts[0], self.subject.week, weeks)
