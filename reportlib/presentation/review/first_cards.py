"""The cards of a first screen: reached, clicked, failed, and who can be won back."""

import pandas as pd

from reportlib.metrics import Rate, pooled
from reportlib.presentation.look import numbers
from reportlib.presentation.look.brand.brand import brand
from reportlib.presentation.look.cards import NO_FAILURE_YET, NO_RECEIPT_YET, Card, unmeasured_since
from reportlib.presentation.look.finding import AT_LEAST, clicked_verdict, failed_verdict, reached_verdict
from reportlib.presentation.look.usual import gauge_of, usual_for_you
from reportlib.presentation.review.actions import won_back
from reportlib.presentation.review.clicks import click_range


def first_cards(
    ledger: pd.DataFrame, by_channel: pd.DataFrame, back, usual, status: str, receipts: pd.DataFrame
) -> list[Card]:
    """The cards of one campaign; while sending nothing is judged, and what is not measured never is."""
    row = ledger.iloc[0]
    if status == "sending":
        to_win = Card("Can be won back", numbers.NOTHING, "known when sending is over")
        return [_reached_so_far(row), clicked(by_channel, usual, False), _failed_so_far(row), to_win]
    return [reached(row, usual, receipts), clicked(by_channel, usual), failed(row, usual), _to_win(row, back)]


def reached(row, usual: pd.DataFrame, receipts: pd.DataFrame) -> Card:
    """How many of a ledger's row have the message, against the goal: at least, where receipts are missing."""
    if not row["delivery_measured"]:
        return Card("Reached", numbers.NOTHING, numbers.UNMEASURED, unmeasured_since(row))
    rate = Rate(int(row["delivered"]), int(row["audience"]), "audience")
    goal = brand().goals(row["channels"]).delivered
    judged = reached_verdict(rate, receipts["missing"].any(), row["channels"])
    estimate = numbers.percent(rate.estimate, goal)
    if judged is AT_LEAST:
        return Card("Reached, at least", estimate, f"of {numbers.count(rate.base)}", "receipts are missing")
    return Card(
        "Reached",
        estimate,
        f"of {numbers.count(rate.base)}",
        verdict=judged,
        usual=usual_for_you(usual, "delivered"),
        gauge=gauge_of(usual, "delivered", rate.estimate, goal),
    )


def clicked(by_channel: pd.DataFrame, usual: pd.DataFrame, is_over: bool = True) -> Card:
    """How many clicked, of those whom the rates of all channels are of; once sending is over, against the goal."""
    rate = pooled(by_channel, "clicked")
    if rate is None:
        return Card("Clicked", numbers.NOTHING, numbers.UNMEASURED)
    doubt, channels = click_range(by_channel), "+".join(by_channel["channel"])
    goal = brand().goals(channels).clicked if is_over else None
    return Card(
        f"Clicked, of {rate.base_name}",
        numbers.percent(rate.estimate, goal),
        f"of {numbers.count(rate.base)}",
        f"up to {numbers.percent(doubt[1].estimate)}: some may be machines'" if doubt else "",
        verdict=clicked_verdict(rate, channels) if is_over else None,
        usual=usual_for_you(usual, "clicked"),
        gauge=gauge_of(usual, "clicked", rate.estimate, goal),
    )


def failed(row, usual: pd.DataFrame) -> Card:
    """How many of a ledger's row failed, against the limit; not judged where a source tells of none."""
    if not row["failed_measured"]:
        return Card("Failed", numbers.NOTHING, numbers.UNMEASURED, unmeasured_since(row, "failed"))
    rate = Rate(int(row["failed"]), int(row["audience"]), "audience")
    verdict, seen = failed_verdict(rate, row["channels"]), usual_for_you(usual, "failed")
    return Card("Failed", numbers.count(rate.count), _of_audience(rate, row["channels"]), "", verdict, seen)


def with_outcome(row) -> Rate:
    """Those with a receipt, of those whose outcome their provider told."""
    confirmed = int(row["delivered"] - row["delivered_implied"])
    return Rate(confirmed, confirmed + int(row["failed"]), "with an outcome")


def _reached_so_far(row):
    if not row["delivery_measured"]:
        return Card("Reached, so far", numbers.NOTHING, NO_RECEIPT_YET)
    settled = with_outcome(row)
    if not row["failed_measured"]:
        return Card("Reached, so far", numbers.count(settled.count), NO_FAILURE_YET)
    return Card(
        "Reached, so far", numbers.percent(settled.estimate), f"of {numbers.count(settled.base)} with an outcome"
    )


def _failed_so_far(row):
    if not row["failed_measured"]:
        return Card("Failed, so far", numbers.NOTHING, NO_FAILURE_YET)
    rate = Rate(int(row["failed"]), int(row["audience"]), "audience")
    return Card("Failed, so far", numbers.count(rate.count), _of_audience(rate, row["channels"]))


def _of_audience(rate, channels):
    return f"{numbers.percent(rate.estimate, brand().goals(channels).failed)} of {numbers.count(rate.base)}"


def _to_win(row, back):
    gain, of = won_back(back), f"of {numbers.count(row['failed'])}"
    if not row["by_person"]:
        return Card("Can be won back", numbers.NOTHING, "known as totals only")
    if not row["failed"]:
        if not row["failed_measured"]:
            return Card("Can be won back", numbers.NOTHING, "no failure is known")
        return Card("Can be won back", "0", "nobody failed")
    if back.empty:
        return Card("Can be won back", "0", of, "no failure that passes or that you can change")
    if pd.isna(gain):
        return Card("Can be won back", numbers.NOTHING, of, "not known yet: too few cases to go by")
    return Card("Can be won back", f"≈ {numbers.count(round(gain))}", of)
