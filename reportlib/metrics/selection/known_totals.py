"""The table `campaign_totals`, as far as nothing better is known."""

import pandas as pd
from sqlalchemy import null, select

from reportlib.metrics.memo import remembered
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import CHANNELS, TOTALLED, campaign_totals, messages
from reportlib.warehouse.engines import epoch_ms

COUNTS = {"people": "Int64", "total": "Int64", "as_of_ms": "Int64"}


@remembered
def known_totals(warehouse: Warehouse) -> pd.DataFrame:
    """The rows of `campaign_totals` of campaigns without a message; none where there is no such table.

    Returns
    -------
    DataFrame with the columns
        campaign_id, channel, what : str
        people, total : Int64, people, and times; as_of_ms : Int64, epoch milliseconds
    """
    t, m = campaign_totals.c, messages.c
    names = [t.campaign_id, t.channel, t.what]
    if not warehouse.has(campaign_totals):
        return pd.DataFrame({column.name: pd.Series(dtype="str") for column in names}).assign(
            **{name: pd.Series(dtype=kind) for name, kind in COUNTS.items()}
        )
    as_of = epoch_ms(t.as_of) if t.as_of.name in warehouse.columns(campaign_totals.name) else null()
    known = t.channel.in_(CHANNELS), t.what.in_(TOTALLED)
    frame = warehouse.sql(select(*names, t.people, t.total, as_of.label("as_of_ms")).where(*known))
    ids = frame["campaign_id"].unique().tolist()
    if ids:
        written = warehouse.sql(select(m.campaign_id).where(m.campaign_id.in_(ids)).distinct())
        frame = frame[~frame["campaign_id"].isin(written["campaign_id"])]
    return frame.astype(COUNTS).reset_index(drop=True)
