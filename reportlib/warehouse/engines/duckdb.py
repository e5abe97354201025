"""DuckDB: a file with one writer at a time, or tables in memory; it works within this process."""

import os
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine, event

from reportlib.machine import MEMORY_VARIABLE, THREADS_VARIABLE, memory_each
from reportlib.scratch import spill_folder
from reportlib.warehouse.engines.bulk import insert_lines, insert_rows, names_of, stage_parquet
from reportlib.warehouse.engines.constructs import SOUND, at_epoch_ms, epoch_ms, narrowed, row_hash, sound_ms, spelt
from reportlib.warehouse.engines.opening import (
    arrays_of,
    beside,
    companions,
    compares_across_kinds,
    database_file,
    file_of,
    gather_statistics,
    is_in_process,
    keeps_fold,
    keeps_indexes,
    memory_options,
    place_to_keep,
    prepared,
    read_only_options,
    shuts_readers_out,
)

database_file.on("duckdb")(file_of)


@companions.on("duckdb")
def _companions(url):
    return beside(url, ".wal")


@memory_options.on("duckdb")
def bounded(name: str) -> dict:
    """What does not fit goes to a folder of this process's own: two in one would write over each other's files."""
    config = {
        "memory_limit": os.environ.get(MEMORY_VARIABLE) or memory_each(),
        "temp_directory": str(spill_folder()),
    }
    if threads := os.environ.get(THREADS_VARIABLE):
        config["threads"] = threads
    return {"connect_args": {"config": config}}


def frugal(name: str) -> dict:
    """`bounded`, and freed memory goes back at once: a report asks a dozen large questions in turn and should peak with
    one."""
    config = bounded(name)["connect_args"]["config"]
    at_once = {"allocator_flush_threshold": "8MB", "allocator_bulk_deallocation_flush_threshold": "8MB"}
    return {"connect_args": {"config": {**config, **at_once}}, "execution_options": {"read_only": True}}


@read_only_options.on("duckdb")
def _read_only_options(name):
    options = frugal(name)
    options["connect_args"]["read_only"] = True
    return options


@prepared.on("duckdb")
def _prepared(engine: Engine):
    event.listen(engine, "connect", _without_widgets)
    return engine


def _without_widgets(connection, _):
    """In a notebook it shows a question of two seconds as a widget, which stays in what is saved."""
    connection.cursor().execute("SET enable_progress_bar = false")


@is_in_process.on("duckdb")
@shuts_readers_out.on("duckdb")
@compares_across_kinds.on("duckdb")
@keeps_fold.on("duckdb")
def _yes(_):
    return True


@keeps_indexes.on("duckdb")
def _keeps_indexes(dialect):
    """It joins by hash, and reads a column faster than it keeps an index."""
    return False


@arrays_of.on("duckdb")
def _arrays_of(engine, cursor):
    return cursor.fetchnumpy()


@place_to_keep.on("duckdb")
@place_to_keep.on("parquet")
def _place_to_keep(engine):
    """Beside the file, which is only read. All connections to it see the tables, and its bound on memory holds."""
    with engine.connect() as connection:
        connection.exec_driver_sql("ATTACH IF NOT EXISTS ':memory:' AS kept (READ_WRITE)")
        connection.commit()
    return "kept"


@gather_statistics.on("duckdb")
def _gather_statistics(connection, tables):
    """It knows."""


@stage_parquet.on("duckdb")
def _stage_parquet(connection, staged, parquet, keys):
    connection.exec_driver_sql(f"CREATE TEMP VIEW {staged.name} AS FROM read_parquet('{parquet}')")


@insert_lines.on("duckdb")
def _insert_lines(connection, table, lines):
    columns = {column.name: column.type.compile(connection.dialect) for column in table.columns}
    as_json = "escape = '\\', nullstr = 'null', allow_quoted_nulls = false"
    connection.exec_driver_sql(f"INSERT INTO {table.name} {_read(lines, columns, as_json)}")


def csv_rows(text: Path, columns: dict[str, str]) -> str:
    """The SQL that has DuckDB read a CSV file without a header: the types of its columns by their names."""
    return _read(text, columns, "escape = '\"', nullstr = ''")


def _read(text, columns, spelling):
    return (
        f"FROM read_csv('{text}', columns = {columns}, auto_detect = false, delim = ',', header = false, "
        f"quote = '\"', {spelling}, parallel = false)"  # parallel, it gets lost in quoted line breaks
    )


@insert_rows.on("duckdb")
def _insert_rows(connection, table, rows):
    names, columns = names_of(table), zip(table.columns.keys(), zip(*rows, strict=True), strict=True)
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns})
    database = connection.connection.driver_connection
    database.register("appended", frame)
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM appended")
    database.unregister("appended")


spelt(epoch_ms, "epoch_ms({})", "duckdb")
spelt(sound_ms, f"epoch_ms({SOUND})", "duckdb")
spelt(at_epoch_ms, "make_timestamp({} * 1000)", "duckdb")
# Hashed twice: DuckDB joins the last value to the others by exclusive or, and as of two rows that have swapped it, or
# of two that share it, what is added up by exclusive or would not change.
spelt(row_hash, "hash(hash({}))", "duckdb")
# A review of half a million messages takes 6.6 processor seconds, 7.5 without; one of a million 12.6, 13.8.
spelt(narrowed, "{}", "duckdb")
