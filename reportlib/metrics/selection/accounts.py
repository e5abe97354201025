"""Which accounts there are, and which of them a question is about."""

import pandas as pd
from sqlalchemy import String, cast, select

from reportlib import scope
from reportlib.errors import InvalidParameters, nearest
from reportlib.metrics.local_time import check_zone
from reportlib.metrics.memo import remembered
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import accounts as accounts_table
from reportlib.warehouse.engines import in_byte_order

MOST_LISTED = 10


@remembered
def accounts(warehouse: Warehouse) -> pd.DataFrame:
    """Every account of the warehouse, by id: columns account_id, account (its name), timezone : str.

    Example
    -------
    >>> metrics.accounts(warehouse).set_index("account_id").loc["acai", "timezone"]
    'America/Sao_Paulo'
    """
    a = accounts_table.c
    return warehouse.sql(
        select(a.account_id, a.name.label("account"), a.timezone).order_by(in_byte_order(cast(a.account_id, String)))
    ).astype({"account": "str", "timezone": "str"})


def select_account(warehouse: Warehouse, wanted=None) -> pd.Series:
    """The row of `accounts` with this id, compared as text; without one, that of the only account.

    Raises InvalidParameters (no such account, or several to choose from), UnknownTimeZone (its own is none).

    Example
    -------
    >>> metrics.select_account(warehouse, "acai")["timezone"]
    'America/Sao_Paulo'
    """
    known = _by_text(warehouse)
    ids = known.index
    if wanted is None and len(known) != 1:
        listed = ", ".join(ids[:MOST_LISTED]) + (", …" if len(ids) > MOST_LISTED else "")
        raise InvalidParameters(
            f"there are {len(known)} accounts, say which: {listed}" if len(known) else "there is no account"
        )
    if wanted is not None and str(wanted) not in ids:
        raise InvalidParameters(f"there is no account {str(wanted)!r}{nearest(wanted, ids)}")
    found = known.iloc[0 if wanted is None else ids.get_loc(str(wanted))]
    check_zone(found["timezone"])
    scope.asked_of([found["account_id"]])
    return found


@remembered
def _by_text(warehouse):
    """The rows of `accounts` by their ids as text, of plain Python's values: drivers bind no numbers of numpy."""
    known = accounts(warehouse).astype(object)
    return known.set_index(known["account_id"].astype(str))
