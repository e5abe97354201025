"""Importing files of totals: every row is used, or refused by its line; a total that is there already is replaced."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, insert, select

from reportlib.warehouse.callbacks.summary import ImportSummary
from reportlib.warehouse.callbacks.tables.total_table.reading import Total, TotalsRead
from reportlib.warehouse.callbacks.target import open_target, transaction
from reportlib.warehouse.connection import address_to, shown
from reportlib.warehouse.contract.tables import accounts, campaign_totals, campaigns
from reportlib.warehouse.engines import at_epoch_ms

ACCOUNT = "imported"


def import_totals(
    files: Sequence[TotalsRead], url: str | None = None, account: str | None = None, timezone: str | None = None
) -> ImportSummary:
    """Import what files of totals say into a database, or a new one; campaigns that it does not have are made.

    They are of the `account`, without one of the only account there is, else of one called ACCOUNT.
    Raises WarehouseError.
    """
    address = address_to("import into", url)
    summary, engine = ImportSummary(shown(address)), open_target(address, anew=True)
    try:
        for file in files:
            with transaction(engine) as connection:
                owner = _account(connection, account, timezone)
                new, there = _merge(connection, list(file.totals.values()), owner)
            summary.read += new + there + len(file.refused)
            summary.imported += new
            summary.duplicates += there
            summary.refuse(file.refused, file.path.name)
    finally:
        engine.dispose()
    return summary


def _account(connection: Connection, name, timezone) -> str:
    a = accounts.c
    known = connection.scalars(select(a.account_id)).all()
    owner = name or (known[0] if len(known) == 1 else ACCOUNT)
    if owner not in known:
        connection.execute(insert(accounts).values(account_id=owner, name=owner, timezone=timezone or "UTC"))
    return owner


def _merge(connection: Connection, totals: list[Total], account: str) -> tuple[int, int]:
    """How many totals are new, and how many were there."""
    c, t = campaigns.c, campaign_totals.c
    known = set(map(str, connection.scalars(select(c.campaign_id))))
    there = 0
    for one in totals:
        if one.campaign not in known:
            known.add(one.campaign)
            row = {"campaign_id": one.campaign, "account_id": account, "name": one.name, "status": "completed"}
            connection.execute(insert(campaigns).values(**row, started_at=_at(one.started_at)))
        same = and_(t.campaign_id == one.campaign, t.channel == one.channel, t.what == one.what)
        there += connection.execute(delete(campaign_totals).where(same)).rowcount
        key = {"campaign_id": one.campaign, "channel": one.channel, "what": one.what}
        counts = {"people": one.people, "total": one.times, "as_of": _at(one.as_of)}
        connection.execute(insert(campaign_totals).values(**key, **counts))
    return len(totals) - there, there


def _at(moment):
    return None if moment is None else at_epoch_ms(round(moment.timestamp() * 1000))
