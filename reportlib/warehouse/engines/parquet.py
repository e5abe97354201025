"""A folder of Parquet files as a database: `parquet:////path/to/folder`.

DuckDB in memory has a view for each table of the contract whose files are there: TABLE.parquet, or every .parquet
file in the folder TABLE (or TABLE.parquet), in folders COLUMN=VALUE too, as Hive and Spark lay them out. Which files
there are is looked up once, when the database is opened.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import duckdb
from duckdb_sqlalchemy import Dialect

from reportlib.warehouse.contract.tables import TABLES, Identifier
from reportlib.warehouse.engines.duckdb import bounded, frugal
from reportlib.warehouse.engines.opening import (
    database_file,
    file_of,
    is_in_process,
    memory_options,
    only_read,
    read_only_options,
)

ENDING = ".parquet"
_PARTITION = re.compile(r"([A-Za-z_]\w*)=(.*)")
_WHOLE_NUMBER = re.compile(r"0|-?[1-9]\d{0,17}")
_MISSING = "__HIVE_DEFAULT_PARTITION__"  # what Hive calls the folder of NULL

database_file.on("parquet")(file_of)
memory_options.on("parquet")(bounded)
read_only_options.on("parquet")(frugal)


@only_read.on("parquet")
def _only_read(url):
    return "a folder of Parquet files"


@is_in_process.on("parquet")
def _is_in_process(url):
    return True


class ParquetDialect(Dialect):
    """DuckDB's, of a database in memory that has views of a folder's files."""

    supports_statement_cache = True
    _views: list[str] | None = None

    def create_connect_args(self, url):
        return (), {"database": ":memory:", "folder": Path(url.database or "."), "url_config": {}}

    def connect(self, *arguments, folder: Path, **options):
        connection = super().connect(*arguments, **options)
        cursor = connection.cursor()
        if self._views is None:
            self._views = [*_views(cursor, folder)]
        for view in self._views:
            cursor.execute(view)
        return connection


def _views(cursor, folder: Path) -> Iterable[str]:
    """What makes the views of the tables whose files are there."""
    files = {name: found for name in TABLES if (found := _files(folder, name))}
    stored = {name: _columns(cursor, paths) for name, paths in files.items()}
    for name, paths in files.items():
        values = _partitions(folder, paths)
        kinds = {column: _kind(column, values[column], stored) for column in values}
        typed = ", ".join(f'"{column}": {kind}' for column, kind in kinds.items())
        partitioned = f"true, hive_types = {{{typed}}}" if kinds else "false"
        yield f"CREATE VIEW {name} AS FROM {_read(paths, partitioned)}"


def _files(folder: Path, name: str) -> list[Path]:
    """The files of a table; those that a writer is not done with begin with _ or . somewhere, as Spark has it."""
    places = [place for place in (folder / name, folder / (name + ENDING)) if place.exists()]
    if len(places) > 1:
        raise duckdb.IOException(f"{places[0]} and {places[1]} are both there: which of them is the table?")
    if not places or places[0].is_file():
        return places
    below = ((path, path.relative_to(places[0]).parts) for path in places[0].rglob(f"*{ENDING}"))
    return sorted(path for path, parts in below if path.is_file() and not any(part[0] in "_." for part in parts))


def _columns(cursor, paths) -> dict[str, str]:
    """The types of the columns that are in the files themselves."""
    cursor.execute(f"DESCRIBE FROM {_read(paths, 'false')}")
    return {name: kind for name, kind, *_ in cursor.fetchall()}


def _partitions(folder: Path, paths) -> dict[str, set[str]]:
    """The values of each column that folders are named for."""
    values: dict[str, set[str]] = {}
    for path in paths:
        for part in path.parent.relative_to(folder).parts:
            if found := _PARTITION.fullmatch(part):
                values.setdefault(found[1], set()).add(found[2])
    return values


def _kind(column: str, values: set[str], stored: dict[str, dict[str, str]]) -> str:
    """The type of a column that folders are named for; a text never becomes a number, or "007" would be 7.

    An id is what it is in the files of another table; in none of them, a number where all are.
    """
    if elsewhere := next((columns[column] for columns in stored.values() if column in columns), None):
        return elsewhere
    declared = next((table.c[column].type for table in TABLES.values() if column in table.c), None)
    if isinstance(declared, Identifier):
        known = values - {_MISSING}
        return "BIGINT" if known and all(map(_WHOLE_NUMBER.fullmatch, known)) else "VARCHAR"
    return declared.compile(Dialect()) if declared is not None else "VARCHAR"


def _read(paths: list[Path], partitioned: str) -> str:
    """A call that reads exactly these files, whatever their names mean to a shell."""
    exactly = ["'" + re.sub(r"([*?[])", r"[\1]", str(path)).replace("'", "''") + "'" for path in paths]
    return f"read_parquet([{', '.join(exactly)}], hive_partitioning = {partitioned})"
