"""Frames as cards and tables: every percentage with its base, every rate with its interval, every name escaped."""

from html import escape

import pandas as pd

from reportlib.definitions import ENGAGEMENT
from reportlib.metrics import Rate, definition
from reportlib.presentation.look import cards, numbers
from reportlib.presentation.look.display import Display, name_html, one_below_the_other
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.table import (
    THIN_GROUP,
    definitions,
    dimension_name,
    facts,
    notes,
    rate_cell,
    shown_cards,
    table,
    words,
)

__all__ = ["breakdown", "definitions", "delivery_cards", "engagement", "facts", "notes", "table", "words"]


def delivery_cards(ledger: pd.DataFrame, status: str = "completed") -> Display:
    """Sent, Delivered, Failed and Pending of a one-row `delivery`: people, % of the audience, verdict."""
    return shown_cards(cards.delivery(ledger, status), cards.base(ledger))


def engagement(by_channel: pd.DataFrame) -> Display:
    """What people did, per channel, from `engagement(by="channel")`; what a channel cannot tell is said in words."""
    channels = by_channel.to_dict("records")
    rows = [
        ["Delivered", *[numbers.count(row["delivered"]) for row in channels]],
        *[[definition(metric).label, *[_engaged(row, metric) for row in channels]] for metric in ENGAGEMENT],
    ]
    heads = ["Of those delivered", *[CHANNEL_NAMES[row["channel"]] for row in channels]]
    limits = "".join(
        f"<li>{CHANNEL_NAMES[channel]}: {escape(definition('opened').limits[channel])}.</li>"
        for channel in by_channel["channel"]
    )
    told = table("People, of those delivered, with the 95 % interval", heads, rows)
    return Display(f'{told.html}<ul class="limits">{limits}</ul>', told.text)


def breakdown(frame: pd.DataFrame, top: int = 8) -> Display:
    """`breakdowns` as one table per dimension: delivery and clicks per group; beyond `top` the rest in one row."""
    parts = []
    for name, groups in frame.groupby("dimension", sort=False):
        rows, thin = [], False
        for group in _with_rest(groups, top):
            is_thin = group["delivered"] < THIN_GROUP
            thin |= is_thin
            rows.append(
                [
                    name_html(group["group"]) + (' <abbr title="fewer than 100 delivered">*</abbr>' if is_thin else ""),
                    numbers.count(group["audience"]),
                    rate_cell(Rate(group["delivered"], group["audience"], "audience")),
                    rate_cell(Rate(group["failed"], group["audience"], "audience")),
                    rate_cell(Rate(group["clicked"], group["delivered"], "delivered")),
                ]
            )
        note = " * Fewer than 100 delivered: too thin to compare." if thin else ""
        overlap = " People in several segments count in each." if name == "segment" else ""
        heads = [
            dimension_name(name),
            "Audience",
            "Delivered, of audience",
            "Failed, of audience",
            "Clicked, of delivered",
        ]
        parts.append(table(f"By {dimension_name(name).lower()}.{overlap}{note}", heads, rows))
    return one_below_the_other(parts)


def _engaged(row, metric):
    one = definition(metric)
    if not one.rate_allowed([row["channel"]]):
        return '<span class="unmeasured">not supported</span>'
    if pd.isna(row[one.numerator]):
        return '<span class="unmeasured">not measured</span>'
    base = one.bases[0]
    lower_bound = metric in ("opened", "opened_human") and row["channel"] == "whatsapp" and row[base]
    at_least = "at least " if lower_bound else ""
    cell = rate_cell(Rate(row[one.numerator], row[base], base.replace("_", " ")))
    return f"{at_least}{cell}"


def _with_rest(groups, top):
    yield from groups.head(top).to_dict("records")
    rest = groups.iloc[top:]
    if len(rest):
        summed = rest[["audience", "delivered", "failed", "clicked"]].sum()
        yield {"group": numbers.plural(len(rest), "other group"), **summed}


def __dir__():
    """What completion shows."""
    return __all__
