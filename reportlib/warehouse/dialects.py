"""Everything the engines spell differently, and nothing else: one construct, one compilation per engine."""

import os
import tempfile
from pathlib import Path

import duckdb
import pandas as pd
from sqlalchemy import URL, BigInteger, Column, Connection, DateTime, MetaData, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateTable, DropTable
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


class at_epoch_ms(FunctionElement):  # noqa: N801
    """The timestamp of a BIGINT of milliseconds since 1970-01-01 UTC: `epoch_ms` the other way round."""

    type = DateTime()
    inherit_cache = True
    name = "at_epoch_ms"


@compiles(at_epoch_ms, "duckdb")
def _at_epoch_ms_duckdb(element, compiler, **kw):
    return f"make_timestamp({compiler.process(element.clauses, **kw)} * 1000)"


@compiles(at_epoch_ms, "postgresql")
def _at_epoch_ms_postgresql(element, compiler, **kw):
    return f"(TIMESTAMPTZ 'epoch' + {compiler.process(element.clauses, **kw)} * INTERVAL '1 millisecond')"


def read_only_options(engine_name: str) -> dict:
    """Arguments of `create_engine` that make a connection unable to write."""
    if engine_name == "duckdb":
        # Freed memory goes back at once: a report asks a dozen large questions in turn and should peak with one.
        frugal = {"allocator_flush_threshold": "1MB", "allocator_bulk_deallocation_flush_threshold": "1MB"}
        config = memory_options(engine_name)["connect_args"]["config"]
        return {"connect_args": {"read_only": True, "config": {**config, **frugal}}}
    if engine_name == "postgresql":
        return {"connect_args": {"options": "-c default_transaction_read_only=on -c timezone=UTC"}}
    return {}


def memory_options(engine_name: str) -> dict:
    """Arguments of `create_engine` that keep DuckDB to the memory it may take."""
    if engine_name != "duckdb":
        return {}
    # What does not fit goes to a folder of this process's own: two in one would write over each other's files.
    config = {
        "memory_limit": os.environ.get(MEMORY_VARIABLE, "600MB"),
        "temp_directory": str(Path(tempfile.gettempdir()) / f"reportlib-{os.getpid()}"),
    }
    return {"connect_args": {"config": config}}


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
        return staged
    text = parquet.with_suffix(".copy")
    # every value is quoted and NULL is not, so that '' and NULL stay two things
    with duckdb.connect() as database:
        database.execute(f"COPY (FROM read_parquet('{parquet}')) TO '{text}' (FORMAT csv, HEADER false, FORCE_QUOTE *)")
    connection.exec_driver_sql("SET LOCAL timezone TO 'UTC'")
    stage_csv(connection, staged, text)
    text.unlink()
    return staged


def made_anew(connection: Connection, *tables: Table):
    """Make these temporary tables, empty, whether they are there or not."""
    for table in tables:
        connection.execute(DropTable(table, if_exists=True))
        connection.execute(CreateTable(table))


def stage_csv(connection: Connection, staged: Table, text: Path):
    """The rows of a CSV file without a header as this temporary table, made anew; an unquoted empty cell is NULL."""
    made_anew(connection, staged)
    if connection.dialect.name == "duckdb":
        columns = {column.name: column.type.compile(connection.dialect) for column in staged.columns}
        connection.exec_driver_sql(f"INSERT INTO {staged.name} {csv_rows(text, columns)}")
        return
    with (
        text.open("rb") as rows,
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {staged.name} FROM STDIN (FORMAT csv, ENCODING 'UTF8')") as copy,
    ):
        while chunk := rows.read(1 << 20):
            copy.write(chunk)
    connection.exec_driver_sql(f"ANALYZE {staged.name}")  # or the planner takes it for a small table


def csv_rows(text: Path, columns: dict[str, str]) -> str:
    """The SQL that has DuckDB read a CSV file without a header: the types of its columns by their names."""
    return (
        f"FROM read_csv('{text}', columns = {columns}, auto_detect = false, delim = ',', header = false, "
        "quote = '\"', escape = '\"', nullstr = '', parallel = false)"  # parallel, it gets lost in quoted line breaks
    )


def append(connection: Connection, table: Table, rows: list[tuple]):
    """Add rows, tuples in the order of the table's columns, in bulk."""
    if not rows:
        return
    names = ", ".join(column.name for column in table.columns)
    if connection.dialect.name == "duckdb":
        columns = zip(table.columns.keys(), zip(*rows, strict=True), strict=True)
        frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns})
        database = connection.connection.driver_connection
        database.register("appended", frame)
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM appended")
        database.unregister("appended")
        return
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def compares_across_kinds(engine_name: str) -> bool:
    """Whether the engine compares an enumeration with text, and 0 and 1 with false and true, without a cast."""
    return engine_name == "duckdb"
