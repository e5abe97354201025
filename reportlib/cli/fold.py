"""After a command that writes, and before many reports: what reports read first is brought up to date."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def keep_fold_of(url: str | None):
    """Keep the fold of this database, or of CAMPAIGN_DATABASE_URL, where it is a DuckDB file."""
    if address := _address(url):
        from reportlib.metrics.people.folding.keeping import keep_fold

        keep_fold(address)


@contextmanager
def fold_kept(url: str | None) -> Iterator[None]:
    """Keep the fold once what is done in it is done, whatever the exit code; not where it is stopped or refuses."""
    try:
        yield
    except SystemExit:
        keep_fold_of(url)
        raise
    keep_fold_of(url)


def renew_fold():
    """Bring the fold of CAMPAIGN_DATABASE_URL up to date, where it has one that does not fit."""
    if not _address(None):
        return
    from sqlalchemy.exc import DBAPIError

    from reportlib.errors import WarehouseError
    from reportlib.metrics.people.fold.reading import fits, is_there
    from reportlib.warehouse import open_warehouse

    with suppress(DBAPIError, WarehouseError):  # which the reports will tell
        warehouse = open_warehouse()
        try:
            is_old = is_there(warehouse) and not fits(warehouse)
        finally:
            warehouse.engine.dispose()
        if is_old:
            keep_fold_of(None)


def _address(url) -> str | None:
    from reportlib.warehouse.connection import ADDRESS_VARIABLE

    address = url or os.environ.get(ADDRESS_VARIABLE) or ""
    return address if address.startswith("duckdb:") else None
