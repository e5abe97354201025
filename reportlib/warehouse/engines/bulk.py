"""Many rows at once, into a database and out of it: what each engine's file has its quickest way for."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice, starmap
from pathlib import Path

import orjson
from sqlalchemy import Column, Connection, MetaData, Select, Table
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.types import TypeEngine

from reportlib.warehouse.engines.by_engine import by_engine

AT_ONCE = 10_000  # rows of a statement that goes through Python


def temporary(name: str, /, **columns: TypeEngine | type[TypeEngine]) -> Table:
    """A table of one connection's own, with columns of these types; `made_anew` makes it."""
    return Table(name, MetaData(), *starmap(Column, columns.items()), prefixes=["TEMPORARY"])


def made_anew(connection: Connection, *tables: Table):
    """Make these temporary tables, empty, whether they are there or not."""
    for table in tables:
        connection.execute(DropTable(table, if_exists=True))
        connection.execute(CreateTable(table))


def stage(connection: Connection, table: Table, parquet: Path, keys: Iterable[str]) -> Table:
    """The rows of a Parquet file as the temporary table staged_TABLE of this connection, to be looked up by `keys`.

    The file has the columns of `table` in their order, times as naive UTC.
    """
    staged = temporary(f"staged_{table.name}", **{column.name: column.type for column in table.columns})
    stage_parquet(connection, staged, parquet, keys)
    return staged


def as_lines(rows: list[tuple], begin: str) -> bytes:
    """Rows, at least one, as `stage_lines` reads them: JSON arrays without brackets, in a tenth of the time of CSV.

    Each ends with a text, and begins with one that begins with this word, ASCII. What so stands between two rows stands
    nowhere else: in a text a quote has a \\ before it, and behind one comes no letter.
    """
    between = f'"],["{begin}'.encode()
    return orjson.dumps(rows)[2:-2].replace(between, between.replace(b"],[", b"\n")) + b"\n"


def stage_lines(connection: Connection, staged: Table, lines: Path):
    """The rows of a file that `as_lines` wrote as this temporary table, made anew."""
    made_anew(connection, staged)
    insert_lines(connection, staged, lines)


def append(connection: Connection, table: Table, rows: list[tuple]):
    """Add rows, tuples in the order of the table's columns, in bulk."""
    if rows:
        insert_rows(connection, table, rows)


@by_engine
def stage_parquet(connection: Connection, staged: Table, parquet: Path, keys: Iterable[str]):
    """Make what `stage` gives; here and in the next two an engine that is written to has its own way."""
    raise NotImplementedError


@by_engine
def insert_lines(connection: Connection, table: Table, lines: Path):
    """Add the rows of a file to a temporary table, as `stage_lines` has it."""
    raise NotImplementedError


@by_engine
def insert_rows(connection: Connection, table: Table, rows: list[tuple]):
    """Add rows, at least one, as `append` has it."""
    raise NotImplementedError


def copy_out(connection: Connection, selects: Iterable[Select], text: Path):
    """The rows of these selects as a CSV file that `csv_rows` reads: numbers and texts, none of them empty."""
    with text.open("wb") as file:
        for select in selects:
            for chunk in csv_chunks(connection, select):
                file.write(chunk)


@by_engine
def csv_chunks(connection: Connection, select: Select) -> Iterator[bytes]:
    """The rows of a select as lines of CSV."""
    for rows in connection.execute(select).partitions(AT_ONCE):
        lines = _Lines()
        csv.writer(lines, quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
        yield "".join(lines).encode()


class _Lines(list):
    write = list.append


def names_of(table: Table) -> str:
    """The names of a table's columns, for a statement."""
    return ", ".join(column.name for column in table.columns)


def portions(rows: Iterator[tuple]) -> Iterator[list[tuple]]:
    """The rows, AT_ONCE at a time."""
    while some := list(islice(rows, AT_ONCE)):
        yield some
