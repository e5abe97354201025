"""Many rows at once, into a database and out of it, the way each engine is quickest."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import duckdb
import pandas as pd
from sqlalchemy import Boolean, Column, Connection, DateTime, MetaData, Select, Table
from sqlalchemy.schema import CreateTable, DropTable

from reportlib.warehouse.engines.postgresql import beside_sqlalchemy

_AT_ONCE = 10_000  # rows of a statement that goes through Python


def stage(connection: Connection, table: Table, parquet: Path, keys: Iterable[str]) -> Table:
    """The rows of a Parquet file as the temporary table staged_TABLE of this connection, to be looked up by `keys`.

    The file has the columns of `table` in their order, times as naive UTC.
    """
    columns = [Column(column.name, column.type) for column in table.columns]
    staged = Table(f"staged_{table.name}", MetaData(), *columns, prefixes=["TEMPORARY"])
    if connection.dialect.name == "duckdb":
        connection.exec_driver_sql(f"CREATE TEMP VIEW {staged.name} AS FROM read_parquet('{parquet}')")
    elif connection.dialect.name == "sqlite":
        _stage_through_python(connection, staged, parquet, keys)
    else:
        _stage_through_csv(connection, staged, parquet)
    return staged


def _stage_through_python(connection, staged, parquet, keys):
    made_anew(connection, staged)
    cells = [
        f"strftime({column.name}, '%Y-%m-%d %H:%M:%S.%f')" if isinstance(column.type, DateTime) else column.name
        for column in staged.columns
    ]
    with duckdb.connect() as database:
        found = database.execute(f"SELECT {', '.join(cells)} FROM read_parquet('{parquet}')")
        while rows := found.fetchmany(_AT_ONCE):
            append(connection, staged, rows)
    connection.exec_driver_sql(f"CREATE INDEX temp.{staged.name}_key ON {staged.name} ({', '.join(keys)})")


def _stage_through_csv(connection, staged, parquet):
    text = parquet.with_suffix(".copy")
    # every value is quoted and NULL is not, so that '' and NULL stay two things
    with duckdb.connect() as database:
        database.execute(f"COPY (FROM read_parquet('{parquet}')) TO '{text}' (FORMAT csv, HEADER false, FORCE_QUOTE *)")
    connection.exec_driver_sql("SET LOCAL timezone TO 'UTC'")
    stage_csv(connection, staged, text)
    text.unlink()


def made_anew(connection: Connection, *tables: Table):
    """Make these temporary tables, empty, whether they are there or not."""
    for table in tables:
        connection.execute(DropTable(table, if_exists=True))
        connection.execute(CreateTable(table))


def stage_csv(connection: Connection, staged: Table, text: Path):
    """The rows of a CSV file without a header as this temporary table, made anew; an empty cell is NULL.

    In PostgreSQL one that is not quoted, so that '' can be told there.
    """
    made_anew(connection, staged)
    if connection.dialect.name == "duckdb":
        columns = {column.name: column.type.compile(connection.dialect) for column in staged.columns}
        connection.exec_driver_sql(f"INSERT INTO {staged.name} {csv_rows(text, columns)}")
        return
    if connection.dialect.name == "sqlite":
        truth = {True: "nullif(?, '') = 'True'", False: "nullif(?, '')"}
        cells = ", ".join(truth[isinstance(column.type, Boolean)] for column in staged.columns)
        with text.open(encoding="utf-8", newline="") as lines:
            for rows in _portions(map(tuple, csv.reader(lines))):
                connection.exec_driver_sql(f"INSERT INTO {staged.name} VALUES ({cells})", rows)
        return
    with (
        text.open("rb") as rows,
        beside_sqlalchemy(connection),
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


def copy_out(connection: Connection, selects: Iterable[Select], text: Path):
    """The rows of these selects as a CSV file that `csv_rows` reads: numbers and texts, none of them empty."""
    with text.open("wb") as file:
        for select in selects:
            for chunk in csv_chunks(connection, select):
                file.write(chunk)


def csv_chunks(connection: Connection, select: Select) -> Iterator[bytes]:
    """The rows of a select as the lines of a CSV file, a portion at a time."""
    if connection.dialect.name == "postgresql":
        compiled = select.compile(connection, compile_kwargs={"render_postcompile": True})
        statement = f"COPY ({compiled.string}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"
        with (
            beside_sqlalchemy(connection),
            connection.connection.cursor() as cursor,
            cursor.copy(statement, compiled.params) as rows,
        ):
            yield from rows
        return
    for rows in connection.execute(select).partitions(_AT_ONCE):
        lines = _Lines()
        csv.writer(lines, quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
        yield "".join(lines).encode()


class _Lines(list):
    write = list.append


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
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(table.columns))
        for some in _portions(iter(rows)):
            connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({places})", some)
        return
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _portions(rows: Iterator[tuple]) -> Iterator[list[tuple]]:
    while some := list(islice(rows, _AT_ONCE)):
        yield some
