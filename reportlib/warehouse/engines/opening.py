"""How each engine is opened, locked and kept to its memory; which file a database is."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, Table, event, inspect
from sqlalchemy.dialects import registry
from sqlalchemy.exc import DBAPIError, OperationalError

from reportlib.errors import WarehouseError
from reportlib.scratch import spill_folder
from reportlib.warehouse.engines import postgresql

MEMORY_VARIABLE = "REPORTLIB_MEMORY"  # how much DuckDB may take of it, e.g. 2GB
THREADS_VARIABLE = "REPORTLIB_THREADS"  # how many it may work with; one per core without it
ENGINES = ("duckdb", "postgresql", "sqlite", "parquet", "hive")
ONLY_READ = {"parquet": "a folder of Parquet files", "hive": "Spark"}
SHARE_OUT = ("hive",)  # what is asked among workers, whose memory has bounds of its own
_COMPANIONS = {  # of a database file, or folder, by their endings
    "duckdb": (".wal",),
    "sqlite": ("-wal", "-shm", "-journal"),
    "parquet": (),
}
_PATIENCE_S = 60  # with another program that holds a lock on a SQLite file
_CACHE_KB = 64_000  # of a SQLite file, per connection; what it sorts goes to temporary files
# What joins and callbacks look up; the others have hash joins, and do without.
_INDEXED = {
    "messages": ("message_id", "campaign_id", "contact_id", "provider_message_id"),
    "events": ("event_id", "message_id", "campaign_id"),
    "contacts": ("contact_id",),
    "contact_attributes": ("contact_id",),
    "segment_members": ("contact_id",),
}

registry.register("parquet", "reportlib.warehouse.engines.parquet", "ParquetDialect")
registry.register("hive", "reportlib.warehouse.engines.spark", "SparkDialect")  # in the stead of PyHive's own


def read_only_options(engine_name: str) -> dict:
    """Arguments of `create_engine` that make a connection, once the engine is `prepared`, unable to write."""
    marked = {"execution_options": {"read_only": True}}
    if engine_name in ("duckdb", "parquet"):
        # Freed memory goes back at once: a report asks a dozen large questions in turn and should peak with one.
        frugal = {"allocator_flush_threshold": "8MB", "allocator_bulk_deallocation_flush_threshold": "8MB"}
        config = memory_options(engine_name)["connect_args"]["config"]
        locked = {"read_only": True} if engine_name == "duckdb" else {}
        return {"connect_args": {**locked, "config": {**config, **frugal}}, **marked}
    return marked


def memory_options(engine_name: str) -> dict:
    """Arguments of `create_engine` that keep DuckDB to the memory and the threads it may take."""
    if engine_name not in ("duckdb", "parquet"):
        return {}
    config = {
        "memory_limit": os.environ.get(MEMORY_VARIABLE, "600MB"),
        "temp_directory": str(spill_folder()),
    }
    if threads := os.environ.get(THREADS_VARIABLE):
        config["threads"] = threads
    return {"connect_args": {"config": config}}


def prepared(engine: Engine) -> Engine:
    """The engine itself, its connections set up as they are made.

    A SQLite file is written ahead (WAL), so that who reads and who writes do not wait for each other, and whole
    transactions are SQLite's own: Python's driver would begin them late, and not for DDL.
    """
    if engine.dialect.name == "postgresql":
        return postgresql.prepared(engine)
    if engine.dialect.name == "duckdb":
        event.listen(engine, "connect", _without_widgets)
    if engine.dialect.name != "sqlite":
        return engine
    reading = engine.get_execution_options().get("read_only", False)
    begin = "BEGIN" if reading else "BEGIN IMMEDIATE"  # one that reads first could not write once others have

    def connected(connection, _):
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {1000 * _PATIENCE_S}")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        connection.execute("PRAGMA query_only = ON" if reading else "PRAGMA journal_mode = WAL")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # what is no database says so here
        connection.create_function("row_hash", -1, _row_hash, deterministic=True)
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.create_aggregate("bit_xor", 1, _ExclusiveOr)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _without_widgets(connection, _):
    """In a notebook DuckDB shows a question of two seconds as a widget, which stays in what is saved."""
    connection.cursor().execute("SET enable_progress_bar = false")


def database_file(url: URL) -> Path | None:
    """The file that is the database, or None where a server keeps it. Raises WarehouseError where it is in memory."""
    name = url.get_backend_name()
    if name not in _COMPANIONS:
        return None
    if not url.database or url.database.startswith(":"):
        raise WarehouseError(f"{url} has no file: what is written there is gone at once; use {name}:////path/to/file")
    return Path(url.database)


def companions(url: URL) -> list[Path]:
    """The files that the engine may have beside the database's own."""
    path = database_file(url)
    return [path.with_name(path.name + ending) for ending in _COMPANIONS[url.get_backend_name()]] if path else []


def keep_other_writers_out(connection: Connection, table: Table):
    """Until the transaction ends nobody else writes this table; who reads it is not kept waiting."""
    if connection.dialect.name == "postgresql":  # a DuckDB or SQLite file has one writer anyway
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")


def index_lookups(connection: Connection):
    """Make the indexes on the contract's tables that SQLite wants, where they are not there."""
    if connection.dialect.name == "sqlite":
        for table in inspect(connection).get_table_names():
            for column in _INDEXED.get(table, ()):
                connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {table}_{column} ON {table} ({column})")


def gather_statistics(connection: Connection, tables: Iterable[Table]):
    """Tell the planner how large these tables are: PostgreSQL would find out within a minute, SQLite never."""
    if connection.dialect.name != "duckdb":
        for table in tables:
            connection.exec_driver_sql(f"ANALYZE {table.name}")


def compares_across_kinds(engine_name: str) -> bool:
    """Whether the engine compares an enumeration with text, and 0 and 1 with false and true, without a cast."""
    return engine_name in ("duckdb", "sqlite")


def types_columns(engine_name: str) -> bool:
    """Whether a column holds values of its own type only; SQLite types each value, and a view's columns not at all."""
    return engine_name != "sqlite"


def objects_to_statement(error: DBAPIError) -> bool:
    """Whether the engine refuses what was asked, a table that is other than expected, and not to be asked at all."""
    about_sql = getattr(error.orig, "sqlite_errorname", None) == "SQLITE_ERROR"  # it calls that operational too
    return about_sql or not isinstance(error, OperationalError)


def _row_hash(*values) -> int:
    return int.from_bytes(hashlib.blake2b(repr(values).encode(), digest_size=8).digest(), signed=True)


def _lower(value):
    """SQLite's own knows the letters of ASCII only."""
    return value if value is None else str(value).lower()


class _ExclusiveOr:
    """The aggregate bit_xor, which the others have: NULL of nothing."""

    def __init__(self):
        self.value = None

    def step(self, value):
        if value is not None:
            self.value = value if self.value is None else self.value ^ value

    def finalize(self):
        return self.value
