"""Reading the contract's tables from a folder of CSV and Parquet files: in bulk, by DuckDB, every cell as text.

What a cell means, and whether it may stand there, is for `validation` to say.
"""

import csv
import gzip
import os
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection, Error as DuckDBError
from sqlalchemy import Table

from reportlib.errors import InvalidData, nearest
from reportlib.warehouse.contract.tables import NOTHING, TABLES, Identifier
from reportlib.warehouse.source import csv_files

SUFFIXES = (".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True)
class SourceFile:
    """One file of the folder.

    `readable` has its content under a plain name (DuckDB reads names as patterns) and uncompressed; `header` has the
    names of its columns in lower case; `delimiter` is None for Parquet.
    """

    table: Table
    path: Path
    readable: Path
    header: tuple[str, ...]
    delimiter: str | None

    @property
    def columns(self) -> dict[str, int]:
        """Where the contract's columns stand in the file."""
        return {name: place for place, name in enumerate(self.header) if name in self.table.columns}


@dataclass(frozen=True)
class Problem:
    """Something that keeps a file from being loaded."""

    file: SourceFile
    reason: str
    place: str = ""

    def __str__(self):
        return f"{self.file.path.name}{self.place}: {self.reason}"


def find_files(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """The file of each table in the folder, and a note on each file that belongs to no table.

    Raises InvalidData when there is no folder, no table in it, or two files for one table.
    """
    if not os.path.isdir(folder):  # noqa: PTH112  which takes a name that is too long for one that is not there
        raise InvalidData(f"there is no folder {folder}")
    expected = {name + suffix: name for name in TABLES for suffix in SUFFIXES}
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    strangers = [
        f"{name}: not a table of the contract{nearest(name, expected)}" for name in names if name not in expected
    ]
    files: dict[str, Path] = {}
    for name in names:
        if table := expected.get(name):
            if table in files:
                raise InvalidData(
                    f"{folder} has two files for the table {table}, {files[table].name} and {name}: keep one"
                )
            files[table] = folder / name
    if not files:
        found = f"found {'; '.join(strangers[:5])}" if strangers else "it is empty"
        raise InvalidData(
            f"{folder} has no file to load: looked for {', '.join(TABLES)} as {' or '.join(SUFFIXES)}; {found}"
        )
    return files, strangers


def open_file(database: DuckDBPyConnection, table: Table, path: Path, scratch: Path) -> SourceFile:
    """The file made readable in the folder `scratch`, with the names of its columns. Raises InvalidData."""
    readable = scratch / f"{table.name}{'.parquet' if path.suffix == '.parquet' else '.csv'}"
    try:
        _make_readable(path, readable)
        if path.suffix == ".parquet":
            names, delimiter = [name for name, _ in _parquet_columns(database, readable)], None
        else:
            names, delimiter = csv_files.header(readable)
    except (OSError, EOFError, zlib.error) as error:  # the last two: a truncated or damaged .gz
        raise InvalidData(f"{path.name} cannot be read ({getattr(error, 'strerror', None) or error})") from None
    except csv.Error as error:
        raise InvalidData(f"{path.name} has no header that can be read ({error})") from None
    except UnicodeEncodeError:
        raise InvalidData(f"{path.name} is not UTF-8 text; save it as CSV with the encoding UTF-8") from None
    except DuckDBError as error:
        raise InvalidData(f"{path.name} is not a Parquet file ({_first_line(error)})") from None
    return SourceFile(table, path, readable, tuple(name.strip().lower() for name in names), delimiter)


def header_problems(file: SourceFile) -> list[Problem]:
    """What the header lacks, or has twice."""
    strangers = [name for name in file.header if name not in file.table.columns]
    lacking = [column.name for column in file.table.columns if not column.nullable and column.name not in file.header]
    reasons = [f"the required column {name!r} is missing{_there_instead(name, strangers)}" for name in lacking]
    reasons += [f"has the column {name!r} twice" for name in file.columns if file.header.count(name) > 1]
    return [Problem(file, reason) for reason in reasons]


def unknown_columns(file: SourceFile) -> list[str]:
    """A note on each column that the contract does not have; it is not loaded."""
    contract = [column.name for column in file.table.columns]
    return [
        f"{file.path.name}: column {name!r} is not in the contract{nearest(name, contract)}"
        for name in file.header
        if name not in contract
    ]


def read(database: DuckDBPyConnection, file: SourceFile) -> tuple[int, list[Problem]]:
    """Make the table raw_TABLE of the contract's columns in the file, all text, NULL where a cell is empty.

    Its rowid is the number of the row in the file, from 0. Returns how many lines could not be read, and the first.
    """
    try:
        if file.delimiter is None:
            _create(database, file, _parquet_select(database, file))
            return 0, []
        width = len(file.header)
        expected, total, lines = csv_files.structure(file.readable, file.delimiter, width)
        if total:
            return total, [Problem(file, reason, f" line {line}") for line, reason in lines]
        rows = _create(database, file, csv_files.select(file.readable, file.delimiter, width, file.columns))
    except DuckDBError as error:
        return 1, [_unreadable(file, error)]
    if rows != expected:
        reason = f"cannot be read reliably: {expected:,} rows in one way and {rows:,} in another; quote every cell"
        return 1, [Problem(file, reason)]
    return 0, []


def emptied(database: DuckDBPyConnection, file: SourceFile) -> list[str]:
    """Make cells of raw_TABLE that say there is no value, like `NULL`, NULL; a note on each column that had any.

    Of the columns that may be empty, and of ids, which would be one person's or message's for all of them. Not of a
    Parquet file, in which a missing value is one.
    """
    if file.delimiter is None:
        return []
    contract = file.table.columns
    names = [name for name in file.columns if contract[name].nullable or isinstance(contract[name].type, Identifier)]
    nothing = ", ".join(f"'{word}'" for word in NOTHING)
    words = {name: f"lower({name}) IN ({nothing})" for name in names}
    asked = ", ".join(f"count(*) FILTER (WHERE {says})" for says in words.values())
    counts = database.execute(f"SELECT {asked} FROM raw_{file.table.name}").fetchone() or ()
    notes = []
    for (name, says), count in zip(words.items(), counts, strict=True):
        if count:
            database.execute(f"UPDATE raw_{file.table.name} SET {name} = NULL WHERE {says}")
            notes.append(f"{file.path.name}: {count:,} words for nothing, like NULL, in the column {name!r}")
    return notes


def places(file: SourceFile, rows: set[int]) -> dict[int, str]:
    """Where rows stand, for a person with an editor: the line of a CSV file, the row of a Parquet file."""
    if file.delimiter is None:
        return {row: f" row {row + 1}" for row in rows}
    return {row: f" line {line}" for row, line in csv_files.lines(file.readable, file.delimiter, rows).items()}


def _make_readable(path: Path, readable: Path):
    if path.suffix == ".gz":  # DuckDB would read a truncated one to where it ends, without a word
        with gzip.open(path) as packed, readable.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
    else:
        path.open("rb").close()  # raises where that is not permitted
        readable.symlink_to(path.resolve())


def _create(database: DuckDBPyConnection, file: SourceFile, select: str) -> int:
    (rows,) = database.execute(f"CREATE TABLE raw_{file.table.name} AS {select}").fetchone() or (0,)
    return rows


def _parquet_columns(database: DuckDBPyConnection, path: Path) -> list[tuple[str, str]]:
    described = database.execute(f"DESCRIBE FROM read_parquet('{path}', binary_as_string = true)").fetchall()
    return [(name, kind) for name, kind, *_ in described]


def _parquet_select(database: DuckDBPyConnection, file: SourceFile) -> str:
    columns = _parquet_columns(database, file.readable)
    cells = [_parquet_cell(file.table.columns[name], *columns[place]) for name, place in file.columns.items()]
    return f"SELECT {', '.join(cells)} FROM read_parquet('{file.readable}', binary_as_string = true)"


def _parquet_cell(column, name: str, kind: str) -> str:
    cell = '"' + name.replace('"', '""') + '"'
    text = f"{cell}::VARCHAR"
    if isinstance(column.type, Identifier) and kind in ("DOUBLE", "FLOAT"):
        # pandas writes integer ids as 7.0 where one of them is missing
        text = f"CASE WHEN {cell} = trunc({cell}) THEN {cell}::BIGINT::VARCHAR ELSE {text} END"
    return f"{text} AS {column.name}"


def _unreadable(file: SourceFile, error: DuckDBError) -> Problem:
    if file.delimiter is not None and (line := csv_files.line_not_utf8(file.readable)):
        return Problem(file, "is not UTF-8 text", f" line {line}")
    hint = "does it mix line endings? " if "invalid state" in str(error) else ""
    return Problem(file, f"cannot be read: {hint}({_first_line(error)})")


def _there_instead(name: str, strangers: list[str]) -> str:
    near = nearest(name, strangers)
    return f"; the file has {near.removeprefix(', did you mean ').rstrip('?')}" if near else ""


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
