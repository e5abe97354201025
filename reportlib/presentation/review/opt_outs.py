"""Where opt-outs and complaints come from, as tables."""

import pandas as pd

from reportlib.presentation.look import numbers
from reportlib.presentation.look.display import Display, name_html, one_below_the_other
from reportlib.presentation.look.finding import CHANNEL_NAMES
from reportlib.presentation.look.table import grid

TOP = 8
KINDS = {"unsubscribed": "Unsubscribed", "complained": "Complained"}


def opt_outs(rates: pd.DataFrame, reasons: pd.DataFrame, mailboxes: pd.DataFrame, top: int = TOP) -> Display:
    """`metrics.opt_out_rates` against what is usual, then `opt_outs` by reason and last click, and
    `complaints_by_mailbox` where anybody complained."""
    if rates.empty:
        said = "No source tells who left or complained."
        return Display(f'<p class="empty">{said}</p>', said)
    parts = [_rates(rates)]
    parts += [_reasons(reasons, top)] if len(reasons) else []
    parts += [_mailboxes(mailboxes, top)] if mailboxes["complained"].fillna(0).sum() else []
    return one_below_the_other(parts)


def _rates(rates):
    rows = [
        [
            f"{CHANNEL_NAMES[row.channel]}<small>{KINDS[row.kind].lower()}</small>",
            f"{numbers.count(row.people)} of {numbers.count(row.base)}",
            _per_1000(row.per_1000),
            f"{_per_1000(row.usual)}, at most {_per_1000(row.usual_most)}"
            if row.usual == row.usual
            else "not known yet",
        ]
        for row in rates.itertuples(index=False)
    ]
    caption = "Per 1,000; usual: the median of the account's earlier campaigns, nine of ten have at most the other"
    return grid(caption, ["", "People", "Per 1,000", "Usual"], rows)


def _reasons(reasons, top):
    each = reasons.groupby(["kind", "channel", "reason", "link"], sort=False)["people"].sum()
    ordered = each.reset_index().sort_values("people", ascending=False, kind="stable")
    rows = [
        [
            f"{name_html(row.reason)}<small>{KINDS[row.kind]}, {CHANNEL_NAMES[row.channel]}</small>",
            name_html(row.link),
            numbers.count(row.people),
        ]
        for row in ordered.head(top).itertuples(index=False)
    ]
    if len(ordered) > top:
        rows.append(["others", "", numbers.count(ordered["people"].iloc[top:].sum())])
    return grid("Why, and what they had clicked on last", ["", "Last click", "People"], rows)


def _mailboxes(mailboxes, top):
    rows = [
        [
            name_html(row.provider),
            f"{numbers.count(row.complained)} of {numbers.count(row.base)}",
            _per_1000(1000 * row.complained / row.base if row.base else float("nan")),
        ]
        for row in mailboxes.head(top).itertuples(index=False)
    ]
    return grid("Complaints by who runs the mailbox", ["", "People", "Per 1,000"], rows)


def _per_1000(number):
    return numbers.decimal(number, 1)
