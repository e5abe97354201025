"""The rate of a metric in a row of counts: of its base, or none where it is not measured."""

import numpy as np
import pandas as pd

from reportlib.definitions import base_word, definition
from reportlib.metrics.people.measured import EITHER, NOT_FAILED, RECEIPT
from reportlib.metrics.statistics.rates import Rate

BASE_WORDS = {RECEIPT: "delivered", NOT_FAILED: "not failed", EITHER: "delivered or not failed"}

SETTLED = {  # the flags of `breakdown` without which these are not told
    "delivered": ("delivery_measured",),
    "failed": ("failed_measured",),
    "pending": ("delivery_measured", "failed_measured"),
}


def rate_of(row, metric: str) -> Rate | None:
    """The headline rate of a metric in a row of `breakdown` (a dict, or a Series); None where there is none to give.

    That is: a source of the group does not tell it, or its channels may not be taken together.

    Example
    -------
    >>> metrics.rate_of(metrics.breakdown(warehouse, "spring-sale").iloc[0], "clicked")
    Rate(count=1005, base=16697, base_name='delivered')
    """
    if not rate_given(row, metric):
        return None
    one = definition(metric)
    return Rate(int(row[one.numerator]), int(row[one.bases[0]]), base_name(row, metric))


def pooled(by_channel: pd.DataFrame, metric: str) -> Rate | None:
    """The rate of an engagement metric over all channels, each person of a channel's base once for it; None where a
    channel that reached anybody does not tell it.

    Example
    -------
    >>> metrics.pooled(metrics.breakdown(warehouse, "spring-sale", by="channel"), "clicked")
    Rate(count=1005, base=16697, base_name='delivered')
    """
    used = by_channel[by_channel["engagement_base"] > 0]
    counts = used[definition(metric).numerator]
    if counts.isna().any():
        return None
    return Rate(int(counts.sum()), int(used["engagement_base"].sum()), base_words(used))


def base_name(row, metric: str) -> str:
    """What the people are whom the metric's headline rate is of, in a row with engagement_base_name."""
    base = definition(metric).bases[0]
    return BASE_WORDS[row["engagement_base_name"]] if base == "engagement_base" else base_word(base)


def base_words(frame: pd.DataFrame) -> str:
    """What the people are whom the engagement rates of these rows of `breakdown` are of, in words.

    Example
    -------
    >>> metrics.base_words(metrics.engagement(warehouse, "spring-sale"))
    'delivered'
    """
    names = frame["engagement_base_name"].unique()
    return BASE_WORDS[names[0] if len(names) == 1 else RECEIPT if not len(names) else EITHER]


def rate_given(rows, metric: str) -> np.ndarray:
    """For each row of `breakdown`, or for one as a dict or Series, whether the metric's rate may be given, whatever its
    base counts."""
    one, told = definition(metric), is_told(rows, metric)
    if not (one.event or metric == "click_to_open"):
        return told
    allowed = np.vectorize(lambda used: one.rate_allowed(used.split("+") if used else ()), otypes=[bool])
    return told & allowed(rows["channels"])


def is_told(rows, metric: str) -> np.ndarray:
    """For each row of `breakdown`, or for one as a dict or Series, whether its sources tell the metric, whatever its
    channels."""
    one, told = definition(metric), np.ones(len(rows) if isinstance(rows, pd.DataFrame) else (), bool)
    for flag in SETTLED.get(metric, ()):
        told &= np.asarray(rows[flag], bool)
    needed: tuple[str, ...] = (metric, one.numerator) if one.event else ()
    if metric == "click_to_open":
        needed = ("opened_in_base", "clicked_in_base", *one.bases)
    for name in needed:
        if name in rows:
            told &= np.asarray(pd.notna(rows[name]))
    return told
