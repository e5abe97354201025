"""The figures of a review and of the send-time maps as reports ask for them, and what of them others are held to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pandas as pd

from reportlib import metrics
from reportlib.metrics.people import outcomes
from reportlib.warehouse import Warehouse, open_warehouse

OPENED = datetime(2026, 11, 23, 12, tzinfo=UTC)
DIMENSIONS = ("country", "carrier", "email_domain", "segment", "attribute:plan")
WINDOW_HOURS = 48
SLOTS = ["campaign_id", "channel", "weekday", "hour", "delivered", "mature", "responded"]  # what the others tell, too
LEDGER = [*outcomes.LEDGER, *outcomes.PEOPLE, *outcomes.TOTALS]
LEDGER.remove("opened_or_clicked")  # of SMS alone it is not measured


@contextmanager
def opened(address: str) -> Iterator[Warehouse]:
    warehouse = open_warehouse(address)
    warehouse.opened_ms = int(OPENED.timestamp() * 1000)
    yield warehouse
    warehouse.engine.dispose()


def review(address: str, campaign: str | None) -> dict[str, list]:
    """The figures of one campaign or, None, of all, that have a counterpart in SQL by hand and in data frames."""
    with opened(address) as warehouse:
        return _figures(warehouse, campaign)


def whole_review(address: str, campaign: str | None) -> dict[str, list]:
    """The same, before all else that the notebook asks."""
    with opened(address) as warehouse:
        figures = _figures(warehouse, campaign)
        metrics.failure_patterns(warehouse, campaign)
        metrics.recoverable(warehouse, campaign)
        metrics.data_problems(warehouse, campaign)
        metrics.rows_read(warehouse, campaign)
        return figures


def _figures(warehouse, campaign):
    dimensions = metrics.breakdowns(warehouse, campaign, DIMENSIONS)
    by_channel = metrics.breakdown(warehouse, campaign, "channel")
    ledger = pd.concat([by_channel, metrics.breakdown(warehouse, campaign).assign(channel="all")])
    timeline = metrics.delivery_timeline(warehouse, campaign)
    return {
        "ledger": rows(ledger, ["channel", *LEDGER]),
        "dimensions": rows(dimensions, ["dimension", "group", *LEDGER]),
        "failures": rows(metrics.failures(warehouse, campaign), ["channel", "provider", "code", "failed"]),
        "timeline": [(name, int(timeline[name].sum())) for name in ("sent", "delivered", "failed")],
        "activity": activity(warehouse, campaign),
    }


def send_times(address: str) -> dict[str, list]:
    """Rows of the maps over all campaigns."""
    with opened(address) as warehouse:
        slots = metrics.send_slots(warehouse, None, "clicked", WINDOW_HOURS)
        return {"activity": activity(warehouse, None), "slots": rows(slots, SLOTS)}


def activity(warehouse, campaign):
    frame = metrics.activity(warehouse, campaign)
    return rows(frame, list(frame.columns))


def rows(frame: pd.DataFrame, columns: list) -> list[tuple]:
    return list(frame[columns].itertuples(index=False, name=None))
