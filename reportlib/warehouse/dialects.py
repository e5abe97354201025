"""Everything the engines spell differently, and nothing else: one construct, one compilation per engine."""

import os
import tempfile
from pathlib import Path

import duckdb
from sqlalchemy import URL, BigInteger, Column, Connection, MetaData, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from reportlib.errors import WarehouseError

MEMORY_VARIABLE = "REPORTLIB_MEMORY"  # how much DuckDB may take of it, e.g. 2GB
ENGINES = ("duckdb", "postgresql")


class epoch_ms(FunctionElement):  # noqa: N801  reads as the SQL function it is
    """Milliseconds since 1970-01-01 UTC of a timestamp column, BIGINT; written `epoch_ms(…)` where nobody runs it."""

    type = BigInteger()
    inherit_cache = True
    name = "epoch_ms"


@compiles(epoch_ms, "duckdb")
def _epoch_ms_duckdb(element, compiler, **kw):
    return f"epoch_ms({compiler.process(element.clauses, **kw)})"


@compiles(epoch_ms, "postgresql")
def _epoch_ms_postgresql(element, compiler, **kw):
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **kw)}) * 1000) AS BIGINT)"


def read_only_options(engine_name: str) -> dict:
    """Arguments of `create_engine` that make a connection unable to write."""
    if engine_name == "duckdb":
        # Freed memory goes back at once: a report asks a dozen large questions in turn and should peak with one. What
        # does not fit goes to a folder of this process's own: two in one would write over each other's files.
        frugal = {
            "allocator_flush_threshold": "1MB",
            "allocator_bulk_deallocation_flush_threshold": "1MB",
            "memory_limit": os.environ.get(MEMORY_VARIABLE, "600MB"),
            "temp_directory": str(Path(tempfile.gettempdir()) / f"reportlib-{os.getpid()}"),
        }
        return {"connect_args": {"read_only": True, "config": frugal}}
    if engine_name == "postgresql":
        return {"connect_args": {"options": "-c default_transaction_read_only=on -c timezone=UTC"}}
    return {}


def database_file(url: URL) -> Path | None:
    """The file that is the database, or None where a server keeps it. Raises WarehouseError where it is in memory."""
    if url.get_backend_name() != "duckdb":
        return None
    if not url.database or url.database.startswith(":"):
        raise WarehouseError(f"{url} has no file: what is written there is gone at once; use duckdb:////path/to/file")
    return Path(url.database)


def keep_other_writers_out(connection: Connection, table: Table):
    """Until the transaction ends nobody else writes this table; who reads it is not kept waiting."""
    if connection.dialect.name == "postgresql":  # a DuckDB file has one writer anyway
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")


def stage(connection: Connection, table: Table, parquet: Path) -> Table:
    """The rows of a Parquet file as the temporary table staged_TABLE of this connection.

    The file has the columns of `table` in their order, times as naive UTC.
    """
    columns = [Column(column.name, column.type) for column in table.columns]
    staged = Table(f"staged_{table.name}", MetaData(), *columns, prefixes=["TEMPORARY"])
    if connection.dialect.name == "duckdb":
        connection.exec_driver_sql(f"CREATE TEMP VIEW {staged.name} AS FROM read_parquet('{parquet}')")
    else:
        _copy_to_postgresql(connection, staged, parquet)
    return staged


def _copy_to_postgresql(connection: Connection, staged: Table, parquet: Path):
    text = parquet.with_suffix(".copy")
    # every value is quoted and NULL is not, so that '' and NULL stay two things
    with duckdb.connect() as database:
        database.execute(f"COPY (FROM read_parquet('{parquet}')) TO '{text}' (FORMAT csv, HEADER false, FORCE_QUOTE *)")
    connection.exec_driver_sql("SET LOCAL timezone TO 'UTC'")
    staged.create(connection)
    with (
        text.open("rb") as rows,
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {staged.name} FROM STDIN (FORMAT csv, ENCODING 'UTF8')") as copy,
    ):
        while chunk := rows.read(1 << 20):
            copy.write(chunk)
    text.unlink()
    connection.exec_driver_sql(f"ANALYZE {staged.name}")  # or the planner takes it for a small table


def compares_across_kinds(engine_name: str) -> bool:
    """Whether the engine compares an enumeration with text, and 0 and 1 with false and true, without a cast."""
    return engine_name == "duckdb"
