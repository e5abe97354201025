"""The summary with what it cost, for spreadsheets."""

import pandas as pd

from reportlib.metrics.costs.charged import DECIMALS
from reportlib.metrics.costs.costs import costs
from reportlib.metrics.people.summary import ALL_CHANNELS, summary
from reportlib.warehouse import Warehouse

KEYS = ["campaign_id", "channel"]


def priced_summary(warehouse: Warehouse, campaigns=None, rates: str | None = None) -> pd.DataFrame:
    """`summary`, behind its columns what messages cost.

    Returns
    -------
    DataFrame with the columns of `summary`, then
        cost : Float64; currency : str
        cost_per_delivered, cost_per_click : Float64, of people delivered, and of people who clicked
    NA where the group has several currencies, or messages without a price, and where nobody was.

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, InvalidParameters (an unusable card)

    Example
    -------
    >>> metrics.priced_summary(warehouse, "spring-sale")[["channel", "cost", "currency", "cost_per_click"]]
        channel      cost currency  cost_per_click
    0     email    20.544      BRL        0.108126
    1       sms     669.9      BRL        5.402419
    2  whatsapp   2671.25      BRL        3.865774
    3       all  3361.694      BRL        3.344969
    """
    frame = summary(warehouse, campaigns)
    each = [
        costs(warehouse, campaigns, tuple(KEYS), rates),
        costs(warehouse, campaigns, "campaign_id", rates).assign(channel=ALL_CHANNELS),
    ]
    found = pd.concat(each, ignore_index=True).groupby(KEYS)
    whole = found.agg(currencies=("currency", "nunique"), unpriced=("unpriced", "sum"), cost=("cost", "sum"))
    whole["currency"] = found["currency"].first()
    is_one = (whole["currencies"] == 1) & (whole["unpriced"] == 0)
    told = frame[KEYS].merge(whole[is_one][["cost", "currency"]].reset_index(), on=KEYS, how="left")
    cost = told["cost"].astype("Float64")
    counts = {"cost_per_delivered": frame["delivered"], "cost_per_click": frame["clicked"]}
    per = {name: (cost / people.where(people > 0).astype("Float64")).round(DECIMALS) for name, people in counts.items()}
    return frame.assign(cost=cost, currency=told["currency"].astype("str"), **per)
