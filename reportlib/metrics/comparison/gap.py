"""The gap between two campaigns of a comparison, split over the groups of one dimension."""

import pandas as pd

from reportlib.definitions import definition
from reportlib.metrics.comparison.equal_age import age_of, splittable
from reportlib.metrics.comparison.mix import group_rates, rate_gap
from reportlib.metrics.people.breakdown import alike
from reportlib.warehouse import Warehouse


def rate_gap_by(warehouse: Warehouse, compared: pd.DataFrame, campaign, baseline, metric: str, by: str) -> pd.DataFrame:
    """`rate_gap` between two campaigns of `comparable` over the groups of one dimension, at the age compared.

    By channel a person counts once in each.

    Returns
    -------
    DataFrame, the largest contribution first; no rows where a group's metric is not measured; with the columns
        group : str
        count, base, baseline_count, baseline_base : int64, people who did it, and of how many, in both campaigns
        composition, behaviour, total : float64, percentage points
    and attrs: gap, the sum of `total`

    Raises InvalidParameters for `segment`: people are in several, so their parts do not add up to the gap.
    """
    splittable(by)
    one = definition(metric)
    both = compared[compared["campaign_id"].isin([campaign, baseline])]
    counts = alike(warehouse, both["campaign_id"].tolist(), ("campaign_id", by), until=age_of(warehouse, both))
    untold = metric == "delivered" and not counts["delivery_measured"].all()
    if untold or counts[one.numerator].isna().any():
        return rate_gap({}, {})
    audience = both.set_index("campaign_id")["audience"]
    counts = counts.rename(columns={by: "group"})
    sides = [(counts[counts["campaign_id"] == side], audience[side]) for side in (campaign, baseline)]
    return rate_gap(*[group_rates(groups, one, one.bases[0], people) for groups, people in sides])
