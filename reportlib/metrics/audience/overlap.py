"""Overlap: which campaigns of a week went to the same people."""

import pandas as pd

from reportlib.metrics.audience.account import audience, of_account
from reportlib.metrics.comparison.age.equal_age import labels, overlap
from reportlib.metrics.frames import framed
from reportlib.metrics.local_time import WEEK_MS
from reportlib.metrics.memo import remembered
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.warehouse import Warehouse

COLUMNS = {"campaign_a": "str", "campaign_b": "str", "label_a": "str", "label_b": "str"}
COLUMNS |= {"shared": "int64", "of_smaller": "float64"}


@of_account
@remembered
def audience_overlap(warehouse: Warehouse, account=None) -> pd.DataFrame:
    """The people whom campaigns of an account have in common, of those that sent in the seven days up to its latest
    hand-over.

    Returns
    -------
    DataFrame, one row per pair of campaigns that share anybody, the most people first, with the columns
        campaign_a, campaign_b : str, ids; label_a, label_b : str, their names, with the id where two share one
        shared : int64, people with a message of both
        of_smaller : float64, as a share of the people of the one that has fewer

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> metrics.audience_overlap(warehouse, "buecher")[["campaign_a", "campaign_b", "shared"]]
      campaign_a    campaign_b  shared
    0  st-martin  storytelling    1373
    """
    about = audience(warehouse, account)
    ids = [] if about is None else about.ids_since(max(about.last_ms.values()) - WEEK_MS)
    if len(ids) < 2:
        return framed(COLUMNS)
    chosen = select_campaigns(warehouse, ids)
    names = dict(zip(chosen["campaign_id"], labels(chosen), strict=True))
    pairs = overlap(warehouse, ids)
    pairs = pairs.assign(label_a=pairs["campaign_a"].map(names), label_b=pairs["campaign_b"].map(names))
    order = ["shared", "campaign_a", "campaign_b"]
    return pairs.sort_values(order, ascending=[False, True, True], ignore_index=True)[[*COLUMNS]].astype(COLUMNS)
