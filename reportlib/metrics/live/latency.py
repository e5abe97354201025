"""How long a campaign's messages were under way, from the hand-over to the delivery."""

import numpy as np
import pandas as pd
from sqlalchemy import func, select

from reportlib.metrics.live.outcomes import campaign_row
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import sound_ms

COLUMNS = {"channel": "str", "within_s": "int64", "delivered": "int64"}


def live_latency(warehouse: Warehouse, campaign) -> pd.DataFrame:
    """Delivered messages of one campaign by how long their delivery took, of those with both times.

    Returns
    -------
    DataFrame, one row per channel and second that holds any, with the columns
        channel : str
        within_s : int64, seconds, rounded up; 1 at least
        delivered : int64, messages

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.live_latency(warehouse, "black-friday-preview").head(2)
      channel  within_s  delivered
    0   email         1         72
    1   email         2        106
    """
    return latency_of(warehouse, campaign_row(warehouse, campaign))


def latency_of(warehouse: Warehouse, about: pd.Series) -> pd.DataFrame:
    """`live_latency` of the campaign with this row of `campaigns`."""
    m = messages.c
    above = sound_ms(m.delivered_at) - sound_ms(m.sent_at) + 999
    keys = (m.channel, (above - above % 1000).label("within_ms"))
    counted = (
        select(*keys, func.count().label("delivered"))
        .where(m.campaign_id == about["campaign_id"], m.status == "delivered")
        .group_by(*keys)
    )
    frame = warehouse.sql(counted).dropna(subset="within_ms")
    frame["within_s"] = (frame["within_ms"] // 1000).clip(lower=1)
    frame = frame.astype(COLUMNS).groupby(list(COLUMNS)[:2], as_index=False)["delivered"].sum()
    return frame.astype(COLUMNS)


def seconds_for(latency: pd.DataFrame, share: float) -> int | None:
    """Within how many whole seconds this share of the deliveries came; None without any."""
    summed = latency.groupby("within_s")["delivered"].sum()
    if summed.empty:
        return None
    reached = summed.cumsum().to_numpy() >= share * summed.sum()
    return int(summed.index[np.argmax(reached)])
