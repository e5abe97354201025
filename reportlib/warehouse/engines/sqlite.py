"""SQLite: a file that is read while it is written. It types each value, not each column."""

import hashlib
import re

import duckdb
import orjson
from sqlalchemy import BigInteger, Boolean, DateTime, Double, event, inspect
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.compiler import compiles

from reportlib.warehouse.engines import sqlite_times  # noqa: F401  says how times are compiled
from reportlib.warehouse.engines.bulk import (
    AT_ONCE,
    append,
    insert_lines,
    insert_rows,
    made_anew,
    names_of,
    portions,
    stage_parquet,
)
from reportlib.warehouse.engines.constructs import BITS, any_bits, epoch_ms, misfits, position_of, row_hash, spelt
from reportlib.warehouse.engines.opening import (
    beside,
    companions,
    compares_across_kinds,
    database_file,
    file_of,
    index_lookups,
    is_in_process,
    loosen,
    objects_to_statement,
    prepared,
    types_columns,
)

_PATIENCE_S = 60  # with another program that holds a lock
_CACHE_KB = 64_000  # per connection; what it sorts goes to temporary files
# What joins and callbacks look up; the others have hash joins, and do without.
_INDEXED = {
    "messages": ("message_id", "campaign_id", "contact_id", "provider_message_id"),
    "events": ("event_id", "message_id", "campaign_id"),
    "contacts": ("contact_id",),
    "contact_attributes": ("contact_id",),
    "segment_members": ("contact_id",),
}

database_file.on("sqlite")(file_of)


@companions.on("sqlite")
def _companions(url):
    return beside(url, "-wal", "-shm", "-journal")


@prepared.on("sqlite")
def _prepared(engine):
    """It is written ahead (WAL), so that who reads and who writes do not wait for each other; whole transactions are
    SQLite's own: Python's driver would begin them late, and not for DDL."""
    reading = engine.get_execution_options().get("read_only", False)
    begin = "BEGIN" if reading else "BEGIN IMMEDIATE"  # one that reads first could not write once others have

    def connected(connection, _):
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {1000 * _PATIENCE_S}")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        connection.execute("PRAGMA query_only = ON" if reading else "PRAGMA journal_mode = WAL")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # what is no database says so here
        connection.create_function("row_hash", -1, _hash, deterministic=True)
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.create_aggregate("bit_xor", 1, _ExclusiveOr)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _hash(*values) -> int:
    return int.from_bytes(hashlib.blake2b(repr(values).encode(), digest_size=8).digest(), signed=True)


def _lower(value):
    """Its own knows the letters of ASCII only."""
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


@is_in_process.on("sqlite")
@compares_across_kinds.on("sqlite")
def _yes(_):
    return True


@types_columns.on("sqlite")
def _types_columns(name):
    """It types each value, and a view's columns not at all."""
    return False


@objects_to_statement.on("sqlite")
def _objects_to_statement(url, error):
    """It calls that operational too."""
    return getattr(error.orig, "sqlite_errorname", None) == "SQLITE_ERROR" or not isinstance(error, OperationalError)


@index_lookups.on("sqlite")
def _index_lookups(connection):
    for table in inspect(connection).get_table_names():
        for column in _INDEXED.get(table, ()):
            connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {table}_{column} ON {table} ({column})")


@loosen.on("sqlite")
def _loosen(connection, table, name):
    """It cannot: the table is made anew as it was but for that, with its rows; its indexes go."""
    made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table.name,))
    loosened = re.sub(rf"(\b{name}\b[^,]*?)\s+NOT\s+NULL", r"\1", made.scalar_one(), count=1, flags=re.IGNORECASE)
    old = f"{table.name}_before"
    for index in inspect(connection).get_indexes(table.name):
        connection.exec_driver_sql(f'DROP INDEX "{index["name"]}"')
    connection.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {old}")
    connection.exec_driver_sql(loosened)
    connection.exec_driver_sql(f"INSERT INTO {table.name} SELECT * FROM {old}")
    connection.exec_driver_sql(f"DROP TABLE {old}")


@stage_parquet.on("sqlite")
def _stage_parquet(connection, staged, parquet, keys):
    made_anew(connection, staged)
    cells = [
        f"strftime({column.name}, '%Y-%m-%d %H:%M:%S.%f')" if isinstance(column.type, DateTime) else column.name
        for column in staged.columns
    ]
    with duckdb.connect() as database:
        found = database.execute(f"SELECT {', '.join(cells)} FROM read_parquet('{parquet}')")
        while rows := found.fetchmany(AT_ONCE):
            append(connection, staged, rows)
    connection.exec_driver_sql(f"CREATE INDEX temp.{staged.name}_key ON {staged.name} ({', '.join(keys)})")


@insert_lines.on("sqlite")
def _insert_lines(connection, table, lines):
    with lines.open("rb") as rows:
        for some in portions(tuple(orjson.loads(b"[%s]" % row)) for row in rows):
            append(connection, table, some)


@insert_rows.on("sqlite")
def _insert_rows(connection, table, rows):
    places = ", ".join("?" * len(table.columns))
    for some in portions(iter(rows)):
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names_of(table)}) VALUES ({places})", some)


@compiles(any_bits, "sqlite")
def _any_bits(element, compiler, **kw):
    """It has no bit_or; one in Python takes twice as long as the greatest of each bit."""
    number = compiler.process(element.clauses, **kw)
    return f"({' + '.join(f'max({number} & {1 << bit})' for bit in range(BITS))})"


spelt(row_hash, "row_hash({})", "sqlite")


@compiles(position_of, "sqlite")
def _position_of(element, compiler, **kw):
    text, part = element.clauses
    return f"instr({compiler.process(text, **kw)}, {compiler.process(part, **kw)})"


@compiles(misfits, "sqlite")
def _misfits(element, compiler, **kw):
    (column,) = element.clauses
    name = compiler.process(column, **kw)
    if isinstance(column.type, DateTime):
        return f"({name} IS NOT NULL AND {compiler.process(epoch_ms(column), **kw)} IS NULL)"
    if isinstance(column.type, Boolean):
        return f"({name} NOT IN (0, 1))"
    kinds = {BigInteger: "'integer', 'null'", Double: "'integer', 'real', 'null'"}
    return f"(typeof({name}) NOT IN ({next(found for kind, found in kinds.items() if isinstance(column.type, kind))}))"
