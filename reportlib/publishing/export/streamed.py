"""Tables too long for memory: streamed by DuckDB from what selects find, on whatever engine, into one file."""

import hashlib
import os
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError

from reportlib.errors import InvalidParameters, OutputError
from reportlib.publishing.store.files import without_unfinished, written_whole
from reportlib.scratch import scratch_folder
from reportlib.warehouse import Warehouse
from reportlib.warehouse.connection import explain
from reportlib.warehouse.engines import copy_out, csv_rows, memory_options
from reportlib.warehouse.source import spreadsheets

BYTE_ORDER_MARK = "\ufeff"  # by which Excel knows UTF-8
KEY_VARIABLE = "REPORTLIB_ANONYMISE_KEY"
FORMATS = {
    ".csv": "FORMAT csv, HEADER true, USE_TMP_FILE false",  # it is one already
    ".csv.gz": "FORMAT csv, HEADER true, COMPRESSION gzip, USE_TMP_FILE false",
    ".parquet": "FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false",
}
MACROS = (
    f"""CREATE TEMP MACRO harmless(value) AS
        CASE WHEN regexp_matches(value, '{spreadsheets.PATTERN}') THEN '''' || value ELSE value END""",
    """CREATE TEMP MACRO iso(ms, clock) AS strftime(make_timestamp((ms + clock) * 1000), '%Y-%m-%dT%H:%M:%S.%g')
        || if(clock < 0, '-', '+') || printf('%02d:%02d', abs(clock) // 3600000, abs(clock) // 60000 % 60)""",
)


def suffix_of(path: Path) -> str:
    """The ending of a file's name that says its format, one of FORMATS. Raises InvalidParameters."""
    suffix = next((suffix for suffix in FORMATS if path.name.endswith(suffix)), None)
    if suffix is None:
        raise InvalidParameters(f"{path.name} ends in none of {', '.join(FORMATS)}: name a file that does")
    return suffix


def named(cells: dict[str, str], path: Path, for_excel: bool) -> str:
    """The columns of a file as SQL, from their names and what is in them; `for_excel` the first name begins with a byte
    order mark, and so does the file. Raises InvalidParameters for a file that is no CSV."""
    if for_excel and suffix_of(path) == ".parquet":
        raise InvalidParameters(f"--excel is for CSV, and {path.name} is none")
    names = [f'"{BYTE_ORDER_MARK if for_excel and not at else ""}{name}"' for at, name in enumerate(cells)]
    return ", ".join(f"{cell} AS {name}" for name, cell in zip(names, cells.values(), strict=True))


@contextmanager
def opened(warehouse: Warehouse, views: dict[str, list[Select]], kinds: Callable[[str], str], path: Path):
    """A DuckDB that has what these selects find, under these names, and MACROS; and the file to write in the stead of
    `path`, which is there only when all is written. `kinds` tells DuckDB's type of a column by its name."""
    without_unfinished(path.resolve().parent, path.resolve().name)
    with _views(warehouse, views, kinds) as database, written_whole(path) as temporary:
        database.execute("SET preserve_insertion_order = false")  # or rows wait in memory for those before them
        for macro in MACROS:
            database.execute(macro)
        yield database, temporary


def copied(database, query: str, path: Path, temporary: Path, tell: Callable[[float], None] | None = None) -> int:
    """Write what the query finds to the file that stands for `path`; the number of rows. Raises OutputError."""
    target = str(temporary).replace(chr(39), chr(39) * 2)
    with _telling(database, tell):
        try:
            return database.execute(f"COPY ({query}) TO '{target}' ({FORMATS[suffix_of(path)]})").fetchone()[0]
        except duckdb.IOException as error:
            what = f"{path} cannot be written" if temporary.name in str(error) else f"{path} was not written"
            raise OutputError(f"{what}: {str(error).splitlines()[0]}") from None


@contextmanager
def _views(warehouse: Warehouse, views: dict[str, list[Select]], kinds: Callable[[str], str]):
    """A DuckDB that has what these selects find, under these names: the warehouse's own, or one with a copy."""
    engine = warehouse.engine
    try:
        if engine.dialect.name == "duckdb":
            with engine.connect() as connection:
                database: Any = connection.connection.driver_connection
                for setting in ("allocator_flush_threshold", "allocator_bulk_deallocation_flush_threshold"):
                    database.execute(f"SET {setting} = '128MB'")  # one long question: what it frees it needs again
                for name, selects in views.items():
                    _view(database, name, [_literally(select, engine) for select in selects])
                yield database
            return
        with (
            scratch_folder("export") as folder,
            duckdb.connect(config=memory_options("duckdb")["connect_args"]["config"]) as database,
        ):
            for name, selects in views.items():
                copy = folder / f"{name}.csv"
                with engine.connect() as connection:  # no longer: no transaction waits while the file is written
                    copy_out(connection, selects, copy)
                types = {column.name: kinds(column.name) for column in selects[0].selected_columns}
                _view(database, name, [csv_rows(copy, types)])
            yield database
    except DBAPIError as error:
        raise explain(error, engine.url) from None


def _view(database, name: str, parts: list[str]):
    """A view of several parts, each of which names its own tables."""
    for number, part in enumerate(parts):
        database.execute(f"CREATE TEMP VIEW {name}_{number} AS {part}")
    database.execute(
        f"CREATE TEMP VIEW {name} AS " + " UNION ALL ".join(f"FROM {name}_{number}" for number in range(len(parts)))
    )


def _literally(select: Select, engine) -> str:
    return select.compile(engine, compile_kwargs={"literal_binds": True}).string


def pseudonym() -> Callable[[str], str]:
    """SQL that makes of a column's value its HMAC-SHA256 (RFC 2104) under the key of the environment."""
    key = os.environ.get(KEY_VARIABLE, "").encode()
    if not key:
        raise InvalidParameters(
            f"anonymising needs a secret key: set {KEY_VARIABLE}, to the same one for the same names"
        )
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block).hex() for pad in (0x36, 0x5C))
    return lambda column: f"sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode({column}))))"


@contextmanager
def _telling(database, tell):
    """While a query runs, how much of it is done, about once a second."""
    if tell is None:
        yield
        return
    over = threading.Event()

    def poll():
        while not over.wait(1):
            if (percent := database.query_progress()) >= 0:
                tell(percent)

    watcher = threading.Thread(target=poll, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
