"""What failed, where, and what to do, as tables."""

from html import escape

import pandas as pd

from reportlib.metrics import Rate
from reportlib.presentation.look import numbers
from reportlib.presentation.look.cards import share
from reportlib.presentation.look.display import Display, name_html
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.table import dimension_name, rate_cell, table


def failures(frame: pd.DataFrame, top: int = 12) -> Display:
    """`failures` with what each means and what to do, the most frequent first."""
    total = int(frame["failed"].sum())
    if not total:
        return Display("", "")  # the chart above it says so
    rows = [
        [
            f'<span class="tag {row.permanence}">{row.permanence}</span>',
            f"{escape(row.title)}<small>{_provider_words(row)}</small>",
            f"{CHANNEL_NAMES[row.channel]}<small>{name_html(row.provider)}</small>",
            _of(row.failed, total, "failed"),
            escape(row.advice),
        ]
        for row in frame.head(top).itertuples(index=False)
    ]
    rest = frame.iloc[top:]
    if len(rest):
        rows.append(
            ["", f"{numbers.plural(len(rest), 'other code')}", "", _of(rest["failed"].sum(), total, "failed"), ""]
        )
    heads = ["Send again?", "What failed", "Channel", "People", "What to do"]
    return table(f"Why {numbers.plural(total, 'person was', 'people were')} not reached", heads, rows, texts=(1, 2, 4))


def failure_patterns(frame: pd.DataFrame, top: int = 10) -> Display:
    """The groups in which a failure of `metrics.failure_patterns` is concentrated, against all others."""
    found = frame[frame["concentrated"]]
    if found.empty:
        asked = f"None of the {numbers.plural(len(frame), 'group')} asked about" if len(frame) else "No group"
        said = f"{asked} has a failure more often than the others, beyond luck."
        return Display(f'<p class="empty">{said}</p>', said)
    rows = [
        [
            f"{escape(dimension_name(row.dimension))}: {name_html(row.group)}",
            f"{escape(row.title)}<small>{CHANNEL_NAMES[row.channel]}, {_code(row)}</small>",
            rate_cell(Rate(row.failed, row.sent, "sent")),
            rate_cell(Rate(row.rest_failed, row.rest_sent, "sent")),
            f"{numbers.points(100 * row.difference)} <small>({numbers.points(100 * row.low)} to "
            f"{numbers.points(100 * row.high)})</small>",
            numbers.count(round(row.excess)),
        ]
        for row in found.head(top).itertuples(index=False)
    ]
    if len(found) > top:
        rows.append([numbers.plural(len(found) - top, "more group"), *[""] * 5])
    heads = ["Where", "What failed", "Failed there, of sent", "Failed elsewhere, of sent", "Points more", "People more"]
    caption = (
        f"Where a failure is more frequent than among the others of its channel and provider; "
        f"{numbers.plural(len(frame), 'group')} asked about, at most 5\u202f% of those listed are luck, on average"
    )
    return table(caption, heads, rows, texts=(1,))


def _code(row):
    return "no code" if pd.isna(row.code) else f"code {name_html(row.code)}"


def _of(people, base, base_name):
    return f"{numbers.count(people)} <small>{share(people, base, base_name)}</small>"


def _provider_words(row):
    return _code(row) if pd.isna(row.reason) else f"{_code(row)}: {name_html(row.reason)}"
