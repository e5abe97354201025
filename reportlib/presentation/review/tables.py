"""Frames as cards and tables: every percentage with its base, every rate with its interval, every name escaped."""

from html import escape

import pandas as pd

from reportlib.definitions import ENGAGEMENT
from reportlib.metrics import Rate, definition
from reportlib.presentation.look import cards, numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.table import (
    definitions,
    facts,
    grid,
    notes,
    shown_cards,
    table,
    the_numbers,
    words,
)
from reportlib.presentation.review.breakdown import breakdown

__all__ = ["breakdown", "definitions", "delivery_cards", "engagement", "facts", "notes", "table", "words"]


def delivery_cards(ledger: pd.DataFrame, status: str = "completed") -> Display:
    """Sent, Delivered, Failed and Pending of a one-row `delivery`: people, % of the audience, verdict."""
    return shown_cards(cards.delivery(ledger, status), cards.base(ledger))


def engagement(by_channel: pd.DataFrame) -> Display:
    """What people did, per channel, from `engagement(by="channel")`; what a channel cannot tell is said in words."""
    channels = by_channel.to_dict("records")
    names = [CHANNEL_NAMES[row["channel"]] for row in channels]
    rows = [
        ["Delivered", *[numbers.count(row["delivered"]) for row in channels]],
        *[[definition(metric).label, *[_engaged(row, metric) for row in channels]] for metric in ENGAGEMENT],
    ]
    limits = "".join(
        f"<li>{name}: {escape(definition('opened').limits[row['channel']])}.</li>"
        for name, row in zip(names, channels, strict=True)
    )
    told = grid("People, of those delivered; click-to-open of those who opened or clicked", ["", *names], rows)
    behind = [
        [definition(metric).label, name, *_counted(row, metric)]
        for metric in ENGAGEMENT
        for name, row in zip(names, channels, strict=True)
    ]
    heads = ["Figure", "Channel", "People", "Of", "95 % interval"]
    html = f'{told.html}{the_numbers("engagement", heads, behind)}<ul class="limits">{limits}</ul>'
    return Display(html, "\n".join([told.text, *["  ".join(row) for row in behind]]))


def _engaged(row, metric):
    one, rate = definition(metric), _rate(row, metric)
    if rate is None:
        allowed = one.rate_allowed([row["channel"]])
        return f'<span class="unmeasured">{"not measured" if allowed else "not supported"}</span>'
    at_least = metric in ("opened", "opened_human") and row["channel"] == "whatsapp" and rate.base
    return f"{'≥ ' if at_least else ''}{numbers.percent(rate.estimate)}"


def _counted(row, metric):
    rate = _rate(row, metric)
    if rate is None or rate.estimate is None:
        return [numbers.NOTHING] * 3
    return [numbers.count(rate.count), numbers.count(rate.base), numbers.interval(rate.low, rate.high)]


def _rate(row, metric) -> Rate | None:
    """What one channel says of a metric; None where it cannot or does not."""
    one = definition(metric)
    if not one.rate_allowed([row["channel"]]) or pd.isna(row[one.numerator]):
        return None
    return Rate(row[one.numerator], row[one.bases[0]], one.bases[0].replace("_", " "))


def __dir__():
    """What completion shows."""
    return __all__
