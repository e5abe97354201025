"""What the messages of a trial's arms cost."""

import pandas as pd
from sqlalchemy import func, select

from reportlib.metrics.impact.trial import Trial
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages


def trial_costs(warehouse: Warehouse, trial: Trial | None) -> pd.DataFrame:
    """What each arm's messages cost: columns variant, currency : str; cost : float64. No rows where nobody says it.

    Example
    -------
    >>> trial = metrics.trial(warehouse, "coupon")
    >>> metrics.trial_costs(warehouse, trial)
      variant currency      cost
    0       A      BRL  3170.625
    1       B      BRL  3183.125
    """
    if trial is None:
        return pd.DataFrame({"variant": [], "currency": [], "cost": []})
    m = messages.c
    rows = select(m.campaign_id, m.currency, func.sum(m.cost).label("cost")).where(
        m.campaign_id.in_(trial.campaign_ids), m.cost.is_not(None), m.currency.is_not(None)
    )
    found = warehouse.sql(rows.group_by(m.campaign_id, m.currency))
    arm = {one: row.variant for row in trial.arms.itertuples() for one in row.campaign_ids}
    found = found.assign(variant=found["campaign_id"].map(arm).astype("str"))
    summed = found.groupby(["variant", "currency"], as_index=False)["cost"].sum()
    return summed[summed["cost"] > 0].astype({"cost": "float64"}).reset_index(drop=True)
