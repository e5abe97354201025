"""What stopped telling before the rest of the data, in words."""

import pandas as pd

from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.presentation.look import numbers
from reportlib.presentation.look.finding import CHANNEL_NAMES


def ended(freshness: pd.DataFrame, zone: str) -> str:
    """A sentence for each feed of `metrics.freshness` that stopped; empty where none did."""
    return " ".join(_ended(row, zone) for row in freshness[freshness["stopped"]].itertuples(index=False))


def _ended(row, zone):
    provider = "" if row.provider in (UNKNOWN, row.channel) else f" by {row.provider}"
    end = f"{CHANNEL_NAMES[row.channel]} {row.feed}{provider} end at {numbers.moment(row.last, zone)}"
    return f"{end}, other data go on: {numbers.count(row.expected)} more were to be expected at least."
