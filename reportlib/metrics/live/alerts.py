"""Alerts that somebody asks for: a metric above or below a line, surely, however often one looks."""

import math
from dataclasses import dataclass

import pandas as pd

from reportlib.definitions import definition
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.rates import rate_of
from reportlib.metrics.statistics.evidence import above
from reportlib.metrics.statistics.rates import Rate
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import FINISHED_STATUSES

ALPHA = 0.01  # chance of a false alarm of one alert in one campaign, however often it is looked at
_GROWING = ("sent", "delivered", "pending", "not_sent")  # on their way while a campaign is sending


@dataclass(frozen=True)
class Alert:
    """A metric whose rate is to be `is_above` (or else below) a `line`, 0 to 1, surely; of an account, a channel, a
    campaign, or of each where these are None."""

    name: str
    metric: str
    is_above: bool
    line: float
    account: str | None = None
    channel: str | None = None
    campaign: str | None = None
    advice: str = ""

    @property
    def label(self) -> str:
        """What its metric is called."""
        return definition(self.metric).label


@dataclass(frozen=True)
class AlertHit:
    """An alert that holds, and the rate it holds of."""

    alert: Alert
    rate: Rate


def alerted(alerts: list[Alert], warehouse: Warehouse, about: pd.Series) -> list[AlertHit]:
    """The alerts that hold of the campaign with this row of `campaigns`. What is not measured holds of none.

    While the campaign is sending, only what lies above a line is judged, and nothing that is still on its way: failures
    are of the messages with an outcome, and have to lie above it also if all that is pending were delivered.
    """
    sending = about["status"] not in FINISHED_STATUSES
    due = [one for one in alerts if _is_about(one, about) and not (sending and _is_early(one))]
    if not due:
        return []
    ids = [about["campaign_id"]]
    rows = {None: breakdown(warehouse, ids).iloc[0]}
    if any(one.channel for one in due):
        rows |= {row["channel"]: row for _, row in breakdown(warehouse, ids, by="channel").iterrows()}
    rates = [(one, _rate(rows[one.channel], one.metric, sending)) for one in due if one.channel in rows]
    return [
        AlertHit(one, rate)
        for one, (rate, waiting) in rates
        if rate and holds_surely(rate.count, rate.base, waiting, one)
    ]


def holds_surely(count, base, waiting, alert: Alert):
    """Whether `count` of `base` lies beyond an alert's line, beyond luck at all looks together (statistics.evidence),
    and also if all who wait for an outcome were to speak against it. Takes numbers or arrays."""
    told, line = (count, alert.line) if alert.is_above else (base - count, 1 - alert.line)
    return (told > line * (base + waiting)) & (above(told, base, line) >= math.log(1 / ALPHA))


def _is_about(alert: Alert, about) -> bool:
    wanted = ((alert.account, "account_id"), (alert.campaign, "campaign_id"))
    return all(one is None or one == str(about[column]) for one, column in wanted)


def _is_early(alert: Alert) -> bool:
    return not alert.is_above or alert.metric in _GROWING


def _rate(row, metric, sending) -> tuple[Rate | None, int]:
    """The rate, and how many are still to be reckoned with."""
    rate = rate_of(row, metric)
    if rate is None or not sending or metric != "failed":
        return rate, 0
    if not row["delivery_measured"]:
        return rate, 0
    settled = int(row["delivered"] + row["failed"])
    return Rate(int(row["failed"]), settled, "with an outcome"), int(row["pending"])
