"""The database that is imported into: opened with patience, and written one transaction at a time."""

import time
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError, OperationalError

from reportlib.errors import WarehouseError
from reportlib.warehouse.callbacks import ledger
from reportlib.warehouse.callbacks.merging.merging import tell_words
from reportlib.warehouse.connection import connect, explain, shown, url_of
from reportlib.warehouse.contract import tables
from reportlib.warehouse.contract.tables import contact_attributes, events, messages
from reportlib.warehouse.engines import (
    altered,
    database_file,
    index_lookups,
    keep_other_writers_out,
    memory_options,
    objects_to_statement,
)

PATIENCE_S = 60  # with other programs that have the database open


def connected(engine: Engine) -> Connection:
    """A connection, once other programs that have the DuckDB file open have let go of it."""
    give_up_at = time.monotonic() + PATIENCE_S
    while True:
        try:
            return engine.connect()
        except OperationalError as error:
            if "lock" not in str(error.orig).lower() or time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)


@contextmanager
def transaction(engine: Engine):
    """A connection whose changes are kept together, or not at all; nobody else imports meanwhile.

    Raises WarehouseError where the database refuses.
    """
    try:
        with connected(engine) as connection, connection.begin():
            keep_other_writers_out(connection, ledger.provider_events)  # two imports at once would both add a key
            yield connection
    except DBAPIError as error:
        raise _refused(error, engine.url) from None


def open_target(address: str, anew: bool) -> Engine:
    """The database, with the ledger in it; `anew`, with the contract's tables too, where they are not there.

    Raises WarehouseError where there is nothing to import into.
    """
    engine = connect(address, memory_options)
    path = database_file(url_of(address))
    if path and not path.exists() and not anew:
        raise _lacking(address)
    try:
        with connected(engine) as connection, connection.begin():
            if anew:
                tables.metadata.create_all(connection)
            needed = inspect(connection).has_multi_table([messages.name, events.name, contact_attributes.name])
            if not all(needed.values()):
                raise _lacking(address)
            keep_other_writers_out(connection, messages)  # or two imports at once would both make the tables
            added = altered(connection, tables.metadata)
            ledger.metadata.create_all(connection)
            added += altered(connection, ledger.metadata)
            if ledger.loaded_messages.c.cost in added:
                connection.execute(ledger.remember_loaded())
            if events.c.label in added:
                tell_words(connection)
            index_lookups(connection)
    except DBAPIError as error:
        raise explain(error, address) from None
    return engine


def _lacking(address: str) -> WarehouseError:
    return WarehouseError(
        f"{shown(address)} has no campaigns to import callbacks of: `reportlib load` its campaigns and messages first"
    )


def _refused(error: DBAPIError, address: URL) -> WarehouseError:
    if not objects_to_statement(address, error):
        return explain(error, address)
    reason = str(error.orig).strip().splitlines()[0]
    return WarehouseError(
        f"{shown(address)} refuses the callbacks ({reason}); import into a database that `reportlib load` made"
    )
