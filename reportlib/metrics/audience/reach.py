"""Reach: who can be reached by which channels, and who only by one."""

import pandas as pd

from reportlib.definitions import CHANNELS
from reportlib.metrics.audience.account import of_account
from reportlib.metrics.audience.cells import cells
from reportlib.metrics.audience.people import ALL_CHANNELS
from reportlib.warehouse import Warehouse

COLUMNS = {"channels": "str", "number": "int64", "people": "int64"}


@of_account
def reach(warehouse: Warehouse, account=None) -> pd.DataFrame:
    """By which channels the people of an account that were ever written to can be reached.

    Returns
    -------
    DataFrame, one row per set of channels, the most people first, with the columns
        channels : str, "email+sms"; "" for those who can be reached by none any more
        number : int64, of channels; people : int64

    Raises
    ------
    InvalidParameters (no such account), UnknownTimeZone

    Example
    -------
    >>> metrics.reach(warehouse, "acai").head(3)
                 channels  number  people
    0  email+sms+whatsapp       3    8531
    1      email+whatsapp       2    8505
    2        sms+whatsapp       2    5938
    """
    found = cells(warehouse, account)
    found = found[found["channel"] == ALL_CHANNELS]
    counted = found.groupby("ways")["people"].sum()
    ways = [[name for place, name in enumerate(CHANNELS) if way >> place & 1] for way in counted.index]
    frame = pd.DataFrame(
        {"channels": ["+".join(sorted(names)) for names in ways], "number": list(map(len, ways)), "people": counted}
    )
    return frame.sort_values(["people", "channels"], ascending=[False, True], ignore_index=True).astype(COLUMNS)
