"""What campaigns cost, by what a message's price depends on."""

import pandas as pd

from reportlib.errors import UnknownGrouping, nearest
from reportlib.metrics.costs.charged import ABOUT, DECIMALS, charged, priced
from reportlib.metrics.costs.rates import read_rates
from reportlib.metrics.memo import remembered
from reportlib.metrics.selection.campaigns import asked_in_portions, select_campaigns
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.warehouse import Warehouse

GROUPINGS = ("campaign_id", *ABOUT)
COUNTS = ("messages", "delivered", "told", "rated", "unpriced")
COSTS = ("cost", "failed_cost")


@remembered
def costs(warehouse: Warehouse, campaigns=None, by=(), rates: str | None = None) -> pd.DataFrame:
    """What the messages handed over cost: one row per group and currency, currencies never added.

    `by` is any of campaign_id, channel, provider, category, country. What a provider tells goes before the rate card:
    `rates`, a file as `read_rates` has it, else the suite's parameters/rates.yaml. A message that is not billable costs
    nothing.

    Returns
    -------
    DataFrame with the columns of `by`, then
        currency : str, NA for messages without a price
        messages, delivered : int64, messages handed over, and those of them with a receipt
        told, rated : int64, messages whose cost the provider tells, and whose cost is the card's
        unpriced : int64, messages that did not fail and have no price: then cost is not the whole
        cost : float64, in the currency; NA where none of the messages has a price
        failed_cost : float64, what of it was paid for messages that failed

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownGrouping, InvalidParameters (an unusable card)

    Example
    -------
    >>> metrics.costs(warehouse, "spring-sale", by="channel")[["channel", "currency", "messages", "cost"]]
        channel currency  messages      cost
    0     email      BRL      5248    20.544
    1       sms      BRL      3544   669.900
    2  whatsapp      BRL      8907  2671.250
    """
    names = (by,) if isinstance(by, str) else tuple(by)
    for name in names:
        if name not in GROUPINGS:
            raise UnknownGrouping(
                f"costs are not grouped by {name!r}{nearest(name, GROUPINGS)}; use {', '.join(GROUPINGS)}"
            )
    chosen = select_campaigns(warehouse, campaigns)
    ids, kind_of_id = chosen["campaign_id"].tolist(), chosen["campaign_id"].dtype
    card = read_rates(rates)
    found = priced(asked_in_portions(warehouse, ids, lambda part: charged(warehouse, part, card)), card)
    found = found.astype({"campaign_id": kind_of_id}).assign(  # of no rows it would be text
        delivered=found["messages"].where(found["status"] == "delivered", 0),
        failed_cost=found["cost"].where(found["status"] == "failed", 0.0).where(found["cost"].notna()),
    )
    return summed(found, names)


def summed(found: pd.DataFrame, names: tuple[str, ...], counts=COUNTS, amounts=COSTS) -> pd.DataFrame:
    """Priced counts added up by `names` and currency; an amount is missing where all are."""
    keys = [*names, "currency"]
    filled = found.assign(**{name: found[name].fillna(UNKNOWN) for name in names if name in ABOUT})
    each = filled.groupby(keys, dropna=False, sort=False)
    frame = each[[*counts]].sum().join(each[[*amounts]].sum(min_count=1).round(DECIMALS)).reset_index()
    frame = frame.astype(dict.fromkeys(counts, "int64") | dict.fromkeys(amounts, "float64") | {"currency": "str"})
    frame = frame.sort_values(keys, key=lambda column: column.astype("str"))
    return frame[[*keys, *counts, *amounts]].reset_index(drop=True)
