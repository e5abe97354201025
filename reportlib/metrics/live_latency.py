"""How long a campaign's messages were under way, from the hand-over to the delivery."""

import numpy as np
import pandas as pd
from sqlalchemy import case, func, literal, select

from reportlib.metrics.live_outcomes import campaign_row
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract import messages
from reportlib.warehouse.dialects import epoch_ms

STEPS_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400)
LONGER = 10 * STEPS_SECONDS[-1]
COLUMNS = {"channel": "str", "within_s": "int64", "delivered": "int64"}


def live_latency(warehouse: Warehouse, campaign) -> pd.DataFrame:
    """Delivered messages of one campaign by how long their delivery took, of those with both times.

    Returns
    -------
    DataFrame, one row per channel and step that holds any, with the columns
        channel : str
        within_s : int64, seconds, the upper end of the step; LONGER beyond the last
        delivered : int64, messages

    Raises
    ------
    UnknownCampaign, CampaignNotStarted
    """
    return latency_of(warehouse, campaign_row(warehouse, campaign))


def latency_of(warehouse: Warehouse, about: pd.Series) -> pd.DataFrame:
    """`live_latency` of the campaign with this row of `campaigns`."""
    m = messages.c
    took = epoch_ms(m.delivered_at) - epoch_ms(m.sent_at)
    steps = [(took <= 1000 * step, literal(step)) for step in STEPS_SECONDS]
    step = (
        select(m.channel, case((took.is_(None), None), *steps, else_=literal(LONGER)).label("within_s"))
        .where(m.campaign_id == about["campaign_id"], m.status == "delivered")
        .subquery()
    )
    keys = (step.c.channel, step.c.within_s)
    counted = select(*keys, func.count().label("delivered")).where(step.c.within_s.is_not(None)).group_by(*keys)
    frame = warehouse.sql(counted).astype(COLUMNS)
    return frame.sort_values(["channel", "within_s"], ignore_index=True)


def seconds_for(latency: pd.DataFrame, share: float) -> int | None:
    """Within how many seconds this share of the deliveries came, rounded up to a step; None without any."""
    summed = latency.groupby("within_s")["delivered"].sum()
    if summed.empty:
        return None
    reached = summed.cumsum().to_numpy() >= share * summed.sum()
    return int(summed.index[np.argmax(reached)])
