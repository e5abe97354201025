"""Making the fold, and bringing it up to date: only for campaigns whose messages or events are others than before.

That is told by a hash of all their rows, whoever changed them. That nobody has changed any since is told by the time
of the file: it is set to one that the fold remembers, a whole second that is past, and whoever writes sets it to now.
DuckDB's list of its blocks (pragma_storage_info) would not do: after two changes of a value it may be as before.
"""

import os
import time
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Connection, Dialect, Engine, Select, column, func, select, table, text
from sqlalchemy.exc import DBAPIError

from reportlib.errors import WarehouseError
from reportlib.metrics.people.fold.table import SCHEMA, rows
from reportlib.warehouse.connection import connect
from reportlib.warehouse.engines import database_file, keeps_fold, memory_options

LEAST = 100_000  # messages; of fewer all is told as quickly without
HASHED = {
    "messages": (
        "message_id", "campaign_id", "contact_id", "channel", "provider", "status", "queued_at", "sent_at",
        "delivered_at",
    ),
    "events": ("message_id", "campaign_id", "kind", "occurred_at", "is_machine", "url"),
}  # fmt: skip
_TABLES = f"""SELECT c.table_name, c.column_name, c.data_type
    FROM duckdb_columns() c JOIN duckdb_tables() t USING (database_oid, schema_oid, table_name)
    WHERE t.schema_name = 'main' AND t.database_name = current_database() AND NOT t.temporary
    AND c.table_name IN {tuple(HASHED)} ORDER BY ALL"""
_PARTS = "CREATE OR REPLACE TEMP TABLE parts_now AS " + " UNION ALL ".join(
    f"SELECT '{name}' AS of_table, campaign_id, count(*) AS number, sum(hash(hash({', '.join(columns)}))) AS digest "
    f"FROM main.{name} GROUP BY campaign_id"
    for name, columns in HASHED.items()
)
_CHANGED = f"""CREATE OR REPLACE TEMP TABLE changed_campaigns AS
    WITH changed AS (SELECT DISTINCT campaign_id FROM ((FROM parts_now EXCEPT FROM {SCHEMA}.fold_parts)
        UNION ALL (FROM {SCHEMA}.fold_parts EXCEPT FROM parts_now)) WHERE campaign_id IS NOT NULL)
    FROM changed UNION SELECT m.campaign_id FROM main.events e JOIN main.messages m USING (message_id)
    WHERE e.campaign_id IN (FROM changed)"""
_UNTIL = """SELECT coalesce(max(epoch_ms(occurred_at)), 0) FROM main.events
    WHERE occurred_at >= TIMESTAMP '2000-01-01' AND occurred_at <= make_timestamp({} * 1000)"""


def keep_fold(address: str):
    """Make the fold in the database at this address, or bring it up to date, where its engine keeps one.

    Figures are the same without it: where it cannot be made, as for want of room, there is none until the next time.
    """
    with suppress(DBAPIError, OSError, WarehouseError):
        engine = connect(address, memory_options)
        path = file_of(engine) if keeps_fold(engine) else None
        try:
            if path and path.exists():
                with engine.begin() as connection:
                    stamp = _keep(connection)
                if stamp:
                    _seal(engine, path, stamp)
        finally:
            engine.dispose()


def file_of(engine: Engine) -> Path | None:
    """The database's file; None where it is in memory."""
    name = engine.url.database
    return database_file(engine.url) if name and not name.startswith(":") else None


def version(dialect: Dialect) -> str:
    """What a fold must have been made by to be read: what it is made with, and DuckDB, of whose releases each may hash
    in its own way."""
    return _version(type(dialect))  # type: ignore[arg-type]  # a class can be hashed


@cache
def _version(dialect) -> str:
    made_with = str(rows(0, _changed()).compile(dialect=dialect(), compile_kwargs={"literal_binds": True}))
    return sha256(f"{made_with} {HASHED} {duckdb.__version__}".encode()).hexdigest()[:16]


def _keep(connection: Connection) -> int | None:
    """Returns the time that the file is to have, nanoseconds; None where there is nothing that is worth it."""
    run = connection.exec_driver_sql
    found = [tuple(row) for row in run(_TABLES)]
    there = {(table_name, column_name) for table_name, column_name, _ in found}
    asked = {(name, one) for name, columns in HASHED.items() for one in columns}
    if not asked <= there or run("SELECT count(*) FROM main.messages").scalar_one() < LEAST:  # views change unseen
        run(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        return None
    shape, now_ms = repr(found), int(time.time() * 1000)
    made_by = version(connection.dialect)
    run(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    run(_PARTS)
    if _made_by(connection) == (made_by, shape):
        run(_CHANGED)
        if run("SELECT count(*) FROM changed_campaigns").scalar():
            run(f"DELETE FROM {SCHEMA}.fold WHERE campaign_id IN (FROM changed_campaigns)")
            _write(connection, f"INSERT INTO {SCHEMA}.fold", rows(now_ms, _changed()))
    else:
        _write(connection, f"CREATE OR REPLACE TABLE {SCHEMA}.fold AS", rows(now_ms))
    stamp = (now_ms // 1000 - 2) * 10**9
    until_ms = run(_UNTIL.format(now_ms)).scalar()
    run(f"CREATE OR REPLACE TABLE {SCHEMA}.fold_parts AS FROM parts_now")
    run(
        f"CREATE OR REPLACE TABLE {SCHEMA}.fold_state AS SELECT '{made_by}' AS made_by, ? AS shape, {stamp} AS stamp, "
        f"{until_ms} AS until_ms",
        (shape,),
    )
    return stamp


def _write(connection, into: str, question: Select):
    ordered = question.order_by(text("campaign_id"))  # or reports on one would read all
    compiled = ordered.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    connection.exec_driver_sql(f"{into} {compiled}")


def _changed() -> Select:
    return select(column("campaign_id")).select_from(table("changed_campaigns"))


def _made_by(connection) -> tuple | None:
    there = (
        select(func.count())
        .select_from(text("duckdb_tables()"))
        .where(text(f"schema_name = '{SCHEMA}' AND database_name = current_database()"))
    )
    if connection.scalar(there) < 3:
        return None
    return tuple(connection.exec_driver_sql(f"SELECT made_by, shape FROM {SCHEMA}.fold_state").one())


def _seal(engine: Engine, path: Path, stamp: int):
    """Set the time of the file while nobody else may write it: now the fold fits."""
    with engine.connect() as connection:
        database: Any = connection.connection.driver_connection
        database.execute("CHECKPOINT")
        os.utime(path, ns=(time.time_ns(), stamp))
