"""Loading a folder of CSV or Parquet files into a campaign database: all of it, or nothing."""

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlalchemy import URL, Connection, Table, and_, delete, exists, func, insert, select
from sqlalchemy.exc import DBAPIError

from reportlib.errors import InvalidData, WarehouseError
from reportlib.scratch import scratch_folder
from reportlib.warehouse.callbacks.fold import refold_loaded
from reportlib.warehouse.connection import address_to, connect, explain, shown
from reportlib.warehouse.contract.tables import TABLES, events, key_columns, messages, metadata
from reportlib.warehouse.engines import (
    altered,
    companions,
    database_file,
    gather_statistics,
    index_lookups,
    keep_other_writers_out,
    objects_to_statement,
    stage,
)
from reportlib.warehouse.source import files as source_files, validation
from reportlib.warehouse.source.csv_files import PROBLEMS_SHOWN
from reportlib.warehouse.source.files import Problem, SourceFile
from reportlib.warehouse.written import seal, tell, tell_of


@dataclass(frozen=True)
class LoadedTable:
    """What happened to one table, in rows."""

    name: str
    file: str
    added: int
    replaced: int

    @property
    def rows(self) -> int:
        return self.added + self.replaced


@dataclass(frozen=True)
class LoadSummary:
    """What a load did; `ignored` names the files and columns that the contract does not have, `emptied` the columns
    with words for a missing value."""

    address: str
    tables: tuple[LoadedTable, ...]
    ignored: tuple[str, ...]
    emptied: tuple[str, ...] = ()


def load_folder(folder, url: str | None = None) -> LoadSummary:
    """Load the contract's tables found in a folder into the database at `url`, or else CAMPAIGN_DATABASE_URL.

    The folder holds any of the tables as TABLE.csv, TABLE.csv.gz or TABLE.parquet. Cells are typed by the contract:
    ids stay the text they are, an empty CSV cell is NULL, times are ISO 8601 and taken as UTC where they have no
    offset. A row whose key is in the database replaces the row there as a whole; others are added. The tables, and a
    DuckDB or SQLite file, are made where missing.

    Raises
    ------
    InvalidData
        Something in the folder breaks the contract: names the first cells by file, line, column, value and reason.
    WarehouseError
        There is no database to load into, or it refuses. In either case the database is left as it was.
    """
    address = address_to("load into", url)
    files, ignored = source_files.find_files(Path(folder))
    try:
        with scratch_folder("load") as scratch:
            sources, staged, emptied = _stage_files(files, scratch)
            tables = _write(address, staged)
    except (OSError, duckdb.Error) as error:  # those of the files and of the target have their own messages
        reason = str(error).splitlines()[0]
        raise WarehouseError(f"nothing was loaded: no room to work in {tempfile.gettempdir()}? ({reason})") from None
    for source in sources:
        ignored += source_files.unknown_columns(source)
    loaded = [LoadedTable(source.table.name, source.path.name, *tables[source.table]) for source in sources]
    return LoadSummary(shown(address), tuple(loaded), tuple(ignored), tuple(emptied))


def _stage_files(files: dict[str, Path], scratch: Path) -> tuple[list[SourceFile], dict[Table, Path], list[str]]:
    """The files, each as Parquet, valid and typed by the contract, and notes on words for a missing value. Raises
    InvalidData with the problems of all."""
    total, problems, sources, staged = 0, [], [], {}
    emptied: list[str] = []
    with duckdb.connect(config={"temp_directory": str(scratch)}) as database:
        validation.prepare(database)
        for table in [TABLES[name] for name in TABLES if name in files]:
            source = source_files.open_file(database, table, files[table.name], scratch)
            count, first = _problems(database, source, emptied)
            total += count
            problems += first
            if not total:
                staged[table] = scratch / f"staged_{table.name}.parquet"
                rows = f"SELECT {validation.typed_columns(source)} FROM raw_{table.name}"
                database.execute(f"COPY ({rows}) TO '{staged[table]}' (FORMAT parquet)")
            database.execute(f"DROP TABLE IF EXISTS raw_{table.name}")
            sources.append(source)
    if total:
        raise InvalidData(_report(total, problems))
    return sources, staged, emptied


def _problems(database, source: SourceFile, emptied: list[str]) -> tuple[int, list[Problem]]:
    """Of the header, else of the lines, else of the cells: a later one would only repeat an earlier one."""
    if header := source_files.header_problems(source):
        return len(header), header
    count, lines = source_files.read(database, source)
    if count:
        return count, lines
    emptied += source_files.emptied(database, source)
    return validation.validate(database, source)


def _report(total: int, problems: list[Problem]) -> str:
    shown = problems[:PROBLEMS_SHOWN]
    if total == 1:
        return f"nothing was loaded: {shown[0]}"
    counted = f"{total:,} problems" + (f", the first {len(shown)}" if total > len(shown) else "")
    return "\n  ".join([f"nothing was loaded: {counted}:", *map(str, shown)])


def _write(address: str, staged: dict[Table, Path]) -> dict[Table, tuple[int, int]]:
    """Rows added and replaced per table, in one transaction."""
    engine = connect(address)
    try:
        with _no_file_left_by_a_failure(engine.url), engine.begin() as connection:
            stamp = tell(connection)
            metadata.create_all(connection)
            altered(connection, metadata)
            tables = {table: _merge(connection, table, path, stamp) for table, path in staged.items()}
            index_lookups(connection)
            gather_statistics(connection, staged)
        if stamp:
            seal(engine, stamp)
        return tables
    except DBAPIError as error:
        if not objects_to_statement(engine, error):
            raise explain(error, address) from None
        reason = str(error.orig).strip().splitlines()[0]
        raise WarehouseError(
            f"nothing was loaded: {shown(address)} has tables that differ from "
            f"those `reportlib load` makes ({reason}); load into a database of its own"
        ) from None
    finally:
        engine.dispose()


def _merge(connection: Connection, table: Table, path: Path, stamp: int | None) -> tuple[int, int]:
    """Put the staged rows in the stead of those with the same keys."""
    staged = stage(connection, table, path, [column.name for column in key_columns(table)])
    keep_other_writers_out(connection, table)
    same = and_(*[_same(column, staged.c[column.name]) for column in key_columns(table)])
    known = exists(select(1).select_from(staged).where(same))
    if stamp and table in (messages, events):
        tell_of(connection, stamp, select(staged.c.campaign_id), select(table.c.campaign_id).where(known))
    replaced = connection.execute(delete(table).where(known)).rowcount
    columns = [column.name for column in table.columns]
    # Campaign by campaign, so that reports on one of many need not read the others.
    ordered = select(staged).order_by(*[staged.c[name] for name in columns if name == "campaign_id"])
    connection.execute(insert(table).from_select(columns, ordered))
    if table is messages:
        refold_loaded(connection, staged)
    return connection.scalars(select(func.count()).select_from(staged)).one() - replaced, replaced


def _same(column, staged):
    return column.is_not_distinct_from(staged) if column.nullable else column == staged


@contextmanager
def _no_file_left_by_a_failure(url: URL):
    """A load that fails does not leave a new, empty database behind."""
    path = database_file(url)
    is_new = path is not None and not path.exists()
    if path and is_new and not path.parent.is_dir():
        raise WarehouseError(f"cannot make the database {path}: there is no folder {path.parent}")
    try:
        yield
    except BaseException:
        if path and is_new:
            path.unlink(missing_ok=True)
            for companion in companions(url):
                companion.unlink(missing_ok=True)
        raise
