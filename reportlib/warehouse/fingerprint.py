"""Whether the data of some campaigns are still the same: a short text that changes when a row of theirs does."""

import hashlib

from sqlalchemy import func, select

from reportlib.warehouse.connection import Warehouse
from reportlib.warehouse.contract.tables import TABLES, campaigns, messages
from reportlib.warehouse.engines import row_hash


def data_fingerprint(warehouse: Warehouse, campaign_ids: list) -> str:
    """Sixteen characters for all rows of these campaigns: their own, their messages, events and attributes, who was
    assigned to them, the people written to with their attributes and segments, and the accounts.

    Every column of every row counts, in whatever order the rows are stored: one pass over each table, in which the
    engine hashes each row and adds the hashes up by exclusive or. Another engine or version of it gives other texts.
    """
    account_ids = select(campaigns.c.account_id).where(campaigns.c.campaign_id.in_(campaign_ids))
    people = select(messages.c.contact_id).where(messages.c.campaign_id.in_(campaign_ids))
    present = [table for table in TABLES.values() if warehouse.has(table)]
    parts = [_table(warehouse, table, campaign_ids, account_ids, people) for table in present]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _table(warehouse, table, campaign_ids, account_ids, people):
    hashed = func.count().label("rows"), func.bit_xor(row_hash(*table.columns)).label("hash")
    if "campaign_id" in table.columns:
        # of every campaign, in one pass whose answer serves the other reports of an edition too
        each = warehouse.sql(select(table.c.campaign_id, *hashed).group_by(table.c.campaign_id))
        ours = each[each["campaign_id"].isin(campaign_ids)]
        return table.name, sorted(zip(*(ours[name].astype(str) for name in ours.columns), strict=True))
    ours = table.c.contact_id.in_(people) if "contact_id" in table.columns else table.c.account_id.in_(account_ids)
    (row,) = warehouse.sql(select(*hashed).select_from(table).where(ours)).itertuples()
    return table.name, row.rows, str(row.hash)
