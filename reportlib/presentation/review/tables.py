"""Frames as cards and tables: every percentage with its base, every rate with its interval, every name escaped."""

from html import escape

import pandas as pd

from reportlib.definitions import ENGAGEMENT
from reportlib.metrics import base_words, definition, rate_of
from reportlib.presentation.look import cards, numbers
from reportlib.presentation.look.display import Display
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.folds import the_numbers
from reportlib.presentation.look.table import UNMEASURED, definitions, facts, grid, notes, shown_cards, table, words
from reportlib.presentation.review.breakdown import breakdown
from reportlib.presentation.review.clicks import MATTERS, machine_clicks

UNSUPPORTED = '<span class="unmeasured">not supported</span>'

__all__ = [
    "breakdown",
    "definitions",
    "delivery_cards",
    "engagement",
    "facts",
    "machine_clicks",
    "notes",
    "table",
    "words",
]


def delivery_cards(ledger: pd.DataFrame, status: str = "completed", receipts: pd.DataFrame | None = None) -> Display:
    """Sent, Delivered, Failed and Pending of a one-row `delivery`: people, % of the audience, verdict; "at least" where
    `receipts` are missing.

    Example
    -------
    >>> print(tables.delivery_cards(metrics.delivery(warehouse, "spring-sale")).text)
    Audience: 17,699 people.
    Sent: 17,699 (100.0 % of audience); 0 not sent
    Delivered: 16,697 (94.3 % of audience; below 95 % goal); 94.3 % of sent
    Failed: 825 (4.7 % of audience; within 5 % limit); 4.7 % of sent
    Pending: 177 (1.0 % of audience); the provider never reported an outcome
    """
    return shown_cards(
        cards.delivery(ledger, status, receipts is not None and receipts["missing"].any()), cards.base(ledger)
    )


def engagement(by_channel: pd.DataFrame) -> Display:
    """What people did, per channel, from `breakdown(by="channel")`; what a source cannot tell is said in words.

    Example
    -------
    >>> by_channel = metrics.breakdown(warehouse, "spring-sale", by="channel")
    >>> print(tables.engagement(by_channel).text)
    People, of those delivered; click-to-open of those who opened or clicked
    Delivered  8,447  5,105  3,145
    Opened  ≥ 61.2 %  52.1 %  not supported
    ...
    """
    channels = by_channel.to_dict("records")
    names = [CHANNEL_NAMES[row["channel"]] for row in channels]
    rows = [
        [
            "Delivered",
            *[numbers.count(row["delivered"]) if row["delivery_measured"] else UNMEASURED for row in channels],
        ],
        *[[definition(metric).label, *[_engaged(row, metric) for row in channels]] for metric in ENGAGEMENT],
    ]
    limits = "".join(
        f"<li>{name}: {escape(definition('opened').limits[row['channel']])}.</li>"
        for name, row in zip(names, channels, strict=True)
    )
    told = grid(
        f"People, of those {base_words(by_channel)}; click-to-open of those who opened or clicked", ["", *names], rows
    )
    behind = [
        [definition(metric).label, name, *_counted(row, metric)]
        for metric in ENGAGEMENT
        for name, row in zip(names, channels, strict=True)
    ]
    heads = ["Figure", "Channel", "People", "Of", "95 % interval"]
    html = f'{told.html}{the_numbers("engagement", heads, behind)}<ul class="limits">{limits}</ul>'
    return Display(html, "\n".join([told.text, *["  ".join(row) for row in behind]]))


def _engaged(row, metric):
    rate = rate_of(row, metric)
    if rate is None:
        times = row.get(f"{metric}_total", pd.NA)  # known where people are not, from totals only
        beside = "" if pd.isna(times) else f" <small>{numbers.plural(times, 'time')}</small>"
        return UNMEASURED + beside if definition(metric).rate_allowed([row["channel"]]) else UNSUPPORTED
    at_least = metric in ("opened", "opened_human") and row["channel"] == "whatsapp" and rate.base
    beyond = int(row[metric] - row[f"{metric}_in_base"]) if f"{metric}_in_base" in row else 0
    beside = f" <small>and {numbers.count(beyond)} without a receipt</small>" if beyond else ""
    return f"{'≥ ' if at_least else ''}{numbers.percent(rate.estimate)}{_in_doubt(row, metric, rate)}{beside}"


def _in_doubt(row, metric, rate):
    """Up to which rate it may be, where what is unsure matters."""
    most = row.get("clicked_at_most_in_base")
    if metric != "clicked" or not rate.base or pd.isna(most) or most - rate.count <= MATTERS * rate.count:
        return ""
    return f" <small>to {numbers.percent(most / rate.base)}: some may be machines'</small>"


def _counted(row, metric):
    rate = rate_of(row, metric)
    if rate is None or rate.estimate is None:
        return [numbers.NOTHING] * 3
    return [numbers.count(rate.count), numbers.count(rate.base), numbers.interval(rate.low, rate.high)]
