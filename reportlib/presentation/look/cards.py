"""The cards of a report, as data: pages, mails and notebooks show the same ones."""

from dataclasses import asdict, dataclass

import pandas as pd

from reportlib.metrics import Rate
from reportlib.presentation.look import numbers
from reportlib.presentation.look.finding import Verdict, failed_verdict, reached_verdict

NEVER_REPORTED, NOT_YET = "the provider never reported an outcome", "no outcome yet"
NO_RECEIPT_YET, NO_FAILURE_YET = "no receipt was seen yet", "no failure was seen yet"


@dataclass(frozen=True)
class Gauge:
    """Where a rate lies: fractions, the ends of what is usual and the goal where they are known."""

    value: float
    low: float | None = None
    high: float | None = None
    goal: float | None = None


@dataclass(frozen=True)
class Card:
    """One figure at a glance, in plain text: "5,012", "94.4 % of audience", a verdict, whether it is usual, and what
    stands beside it.

    Example
    -------
    >>> Card("Clicked", 124).count
    124
    """

    label: str
    count: str
    share: str = ""
    beside: str = ""
    verdict: Verdict | None = None
    usual: Verdict | None = None
    gauge: Gauge | None = None


def delivery(ledger: pd.DataFrame, status: str = "completed", receipts_missing: bool = False) -> list[Card]:
    """Sent, Delivered, Failed and Pending of a one-row `delivery`; while sending nothing is judged, and what is not
    measured, or not whole since receipts are missing, never is."""
    row = ledger.iloc[0]
    over = status != "sending"
    lost = Rate(row["failed"], row["audience"], "audience")
    return [
        _of_audience("Sent", row, f"{numbers.count(row['not_sent'])} not sent"),
        _delivered(row, over, receipts_missing),
        _of_audience(
            "Failed",
            row,
            share(row["failed"], row["sent"], "sent"),
            failed_verdict(lost, row["channels"]) if over else None,
        )
        if row["failed_measured"]
        else _unmeasured("Failed", row),
        _of_audience("Pending", row, NEVER_REPORTED if over else NOT_YET)
        if row["delivery_measured"] and row["failed_measured"]
        else _unmeasured("Pending", row),
    ]


def _delivered(row, over, receipts_missing):
    if not row["delivery_measured"]:
        return _unmeasured("Delivered", row)
    if over:
        reached = Rate(row["delivered"], row["audience"], "audience")
        judged = reached_verdict(reached, receipts_missing, row["channels"])
        return _of_audience("Delivered", row, share(row["delivered"], row["sent"], "sent"), judged)
    confirmed = row["delivered"] - row["delivered_implied"]
    settled = Rate(confirmed, confirmed + row["failed"], "settled")
    return _of_audience("Delivered", row, numbers.rate(settled) if row["failed_measured"] else NO_FAILURE_YET)


def _unmeasured(label, row):
    return Card(label, numbers.NOTHING, numbers.UNMEASURED, unmeasured_since(row, label.lower()))


def unmeasured_since(row, metric: str = "delivered") -> str:
    """Why a row of `delivery` does not tell what was delivered, failed or is pending."""
    if not row["by_person"]:
        return "the totals do not say"
    if metric == "failed" or (metric == "pending" and row["delivery_measured"]):
        some = f", but for {numbers.count(row['failed'])}" if row["failed"] else ""
        return f"no failures have come in{some}"
    return "no receipts have come in"


def base(ledger: pd.DataFrame) -> str:
    """What the cards' shares are of, with what the campaign declared where more people have a message."""
    row = ledger.iloc[0]
    declared, residual = row["audience_declared"], ""
    if not pd.isna(declared) and row["audience"] > declared:
        more = numbers.count(row["audience"] - declared)
        residual = f" The campaign declared {numbers.count(declared)}: {more} more have a message."
    return f"Audience: {numbers.count(row['audience'])} people.{residual}"


def records(cards: list[Card]) -> list[dict]:
    """The cards as JSON has them."""
    return [asdict(card) for card in cards]


def share(people, base, base_name: str) -> str:
    """ "12.3 % of failed"; "–" of nothing."""
    return f"{numbers.percent(people / base if base else None)} of {base_name}"


def _of_audience(label, row, beside, verdict=None):
    people = row[label.lower()]
    return Card(label, numbers.count(people), share(people, row["audience"], "audience"), beside, verdict)
