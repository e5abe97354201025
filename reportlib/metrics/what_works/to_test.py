"""Which questions are most worth an experiment, and how large it has to be."""

import math

import numpy as np
import pandas as pd

from reportlib.metrics.statistics import power

MOST, WORTH = 3, 0.02  # questions; the smallest lift for which one is asked
NOT_BY_CHANCE = ("audience",)  # facts of the people, which nobody can give out by lot
COLUMNS = {"fact": "str", "value": "str", "campaigns": "int64", "usual": "float64", "lift": "float64",
           "per_arm": "int64", "sends": "float64"}  # fmt: skip


def worth_testing(found: pd.DataFrame, told: pd.DataFrame, most: int = MOST) -> pd.DataFrame:
    """The facts of `associations` with the largest drawn lift, one value of each, and the test that would settle it.

    `told` are `responses`: what campaigns usually reach.

    Returns
    -------
    DataFrame with the columns
        fact, value : str; campaigns : int64, in how many it was seen; usual : float64; lift : float64, the drawn one
        per_arm : int64, people that each of two arms needs to find that lift four times in five
        sends : float64, how many campaigns of the usual (median) size that takes
    """
    strong = found.assign(lift=found["drawn"])[(found["drawn"].abs() >= WORTH) & ~found["fact"].isin(NOT_BY_CHANCE)]
    rows = strong.drop_duplicates("fact").head(most)
    size = told.groupby("campaign_id")["base"].sum().median() if len(told) else math.nan
    per_arm = [people_per_arm(row.usual, row.lift) for row in rows.itertuples()]
    sends = [np.nan if not size else 2 * many / size for many in per_arm]
    return rows.assign(per_arm=per_arm, sends=sends)[list(COLUMNS)].astype(COLUMNS).reset_index(drop=True)


def people_per_arm(rate: float, lift: float) -> int:
    """What each of two equal arms needs to find this lift over this rate four times in five.

    Example
    -------
    >>> from reportlib.metrics.what_works.to_test import people_per_arm
    >>> people_per_arm(0.04, 0.2)
    10317
    """
    return power.needed_per_arm(rate, abs(rate * lift))
