"""How many to hold out to find what, and what not writing to them costs."""

import math
from collections.abc import Sequence

import pandas as pd

from reportlib.metrics.frames import framed
from reportlib.metrics.impact.effect import Effect
from reportlib.metrics.statistics import power

SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
TIMES = (1, 4, 12)  # how often the same is done
COLUMNS = {"share": "float64", "held_out": "int64", "times": "int64", "people": "int64", "detectable": "float64",
           "lift": "float64", "foregone": "float64"}  # fmt: skip


def holdout_plan(
    found: Sequence[Effect], people: int | None = None, shares: Sequence[float] = SHARES, times: Sequence[int] = TIMES
) -> pd.DataFrame:
    """What a next experiment with so many people would find, from the rate of those held against in `found`; without
    `people`, as many as there were.

    Returns
    -------
    DataFrame with the columns
        share : float64, held out, of all; held_out : int64, people; times : int64, campaigns one after the other
        people : int64, in each; detectable : float64, the difference of shares of people found four times in five, a
            fraction, missing where none would be; lift : float64, that relative to the rate
        foregone : float64, outcomes that not writing to the held out costs in all, by the largest effect in `found`
            that is shown; missing where none is
    The kind is the first of `found` about people; without one there are no rows.

    Example
    -------
    >>> trial = metrics.trial(warehouse, "coupon")
    >>> plan = metrics.holdout_plan(metrics.effects(warehouse, trial), shares=[0.1], times=[1, 4])
    >>> plan[["share", "held_out", "times", "detectable"]].round(4)
       share  held_out  times  detectable
    0    0.1      2336      1      0.0125
    1    0.1      2336      4      0.0060
    """
    first = next((one for one in found if one.measure == "people" and one.mean_versus is not None), None)
    alike = [one for one in found if first and (one.outcome, one.measure) == (first.outcome, "people")]
    if first and people is None:
        people = first.assigned_versus + sum(one.assigned for one in alike)
    rate = first and first.mean_versus
    if rate is None or people is None or people < 2:
        return framed(COLUMNS)
    shown = [one.difference for one in alike if one.is_shown and one.difference is not None]
    caused = max((difference for difference in shown if difference > 0), default=None)
    rows = []
    for share in shares:
        held_out = max(1, round(share * people))
        for often in times:
            least = power.smallest_detectable(rate, (people - held_out) * often, held_out * often)
            rows.append(
                {
                    "share": share,
                    "held_out": held_out,
                    "times": often,
                    "people": people,
                    "detectable": math.nan if least is None else least,
                    "lift": least / rate if least and rate else math.nan,
                    "foregone": math.nan if caused is None else caused * held_out * often,
                }
            )
    return pd.DataFrame(rows).astype(COLUMNS)
