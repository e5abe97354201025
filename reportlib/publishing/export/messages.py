"""The detailed export: one row per message, streamed from the database into one file."""

import hashlib
import os
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError

from reportlib.errors import InvalidParameters, OutputError
from reportlib.metrics.campaigns import select_campaigns
from reportlib.metrics.failures.catalogue import meaning, meaning_of_code, read_catalogue
from reportlib.metrics.messages import detailed, failed_messages
from reportlib.publishing.store.files import without_unfinished, written_whole
from reportlib.scratch import scratch_folder
from reportlib.warehouse import Warehouse
from reportlib.warehouse.connection import explain
from reportlib.warehouse.engines import copy_out, csv_rows, memory_options
from reportlib.warehouse.source import spreadsheets
from reportlib.warehouse.source.message_columns import ENGAGEMENT, TEXTS, TIMES

KEY_VARIABLE = "REPORTLIB_ANONYMISE_KEY"
FORMATS = {
    ".csv": "FORMAT csv, HEADER true, USE_TMP_FILE false",  # it is one already
    ".csv.gz": "FORMAT csv, HEADER true, COMPRESSION gzip, USE_TMP_FILE false",
    ".parquet": "FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false",
}
WHICH = {  # rows by name, as conditions on `rows`
    "all": "true",
    "failed": "status = 'failed'",
    "retryable": "failed_last = 1 AND permanence = 'transient'",
    "permanent": "failed_last = 1 AND permanence = 'permanent'",
    "fixable": "failed_last = 1 AND permanence = 'fixable'",
}
_MACROS = (
    f"""CREATE TEMP MACRO harmless(value) AS
        CASE WHEN regexp_matches(value, '{spreadsheets.PATTERN}') THEN '''' || value ELSE value END""",
    """CREATE TEMP MACRO iso(ms, clock) AS strftime(make_timestamp((ms + clock) * 1000), '%Y-%m-%dT%H:%M:%S.%g')
        || if(clock < 0, '-', '+') || printf('%02d:%02d', abs(clock) // 3600000, abs(clock) // 60000 % 60)""",
    """CREATE TEMP MACRO failure_key(channel, provider, code, reason) AS
        concat_ws(chr(31), channel, coalesce(provider, ''), coalesce(code, ''), coalesce(reason, ''))""",
    # A code that has a meaning of its own has it whatever the reason.
    """CREATE TEMP MACRO meaning_key(channel, provider, code, reason) AS
        if(failure_key(channel, provider, code, NULL) IN (SELECT key FROM telling_codes),
        failure_key(channel, provider, code, NULL), failure_key(channel, provider, code, reason) || chr(31))""",
)


def write_detailed(
    warehouse: Warehouse,
    campaigns,
    path: Path,
    which: str = "all",
    anonymise: bool = False,
    tell: Callable[[float], None] | None = None,
) -> int:
    """Write one row per message of these campaigns to FILE.csv, .csv.gz or .parquet; the number of rows.

    The columns are those of `metrics.detailed`: times as ISO 8601 with the account's offset, failures with what they
    mean, cells of a CSV file harmless in a spreadsheet. `which`, one of WHICH: every message, the failed, those worth
    sending again, or those that it would be wrong to send again. `anonymise` replaces the ids of contacts and messages
    by HMAC-SHA256 with the key in REPORTLIB_ANONYMISE_KEY, and leaves out what a provider says and calls them. `tell`
    hears how much is done, as a percentage.

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, InvalidParameters (a name of another format, no key), OutputError
    """
    suffix = next((suffix for suffix in FORMATS if path.name.endswith(suffix)), None)
    if suffix is None:
        raise InvalidParameters(f"{path.name} ends in none of {', '.join(FORMATS)}: name a file that does")
    pseudonym = _pseudonym() if anonymise else None
    chosen = select_campaigns(warehouse, campaigns)
    rows = detailed(warehouse, chosen, which != "all")
    views = {"rows": rows, "failed_messages": [failed_messages(chosen)]}
    without_unfinished(path.resolve().parent, path.resolve().name)
    with _views(warehouse, views) as database, written_whole(path) as temporary:
        database.execute("SET preserve_insertion_order = false")  # or rows wait in memory for those before them
        database.execute("CREATE TEMP TABLE telling_codes (key VARCHAR)")
        for macro in _MACROS:
            database.execute(macro)
        _explain_failures(database)
        cells = ", ".join(f"{cell} AS {name}" for name, cell in _cells(suffix, pseudonym).items())
        statement = (
            f"COPY (SELECT {cells} FROM rows LEFT JOIN failure_meanings ON failure_meanings.key = CASE WHEN "
            f"status = 'failed' THEN meaning_key(channel, provider, failure_code, failure_reason) END "
            f"WHERE {WHICH[which]}) TO '{str(temporary).replace(chr(39), chr(39) * 2)}' ({FORMATS[suffix]})"
        )
        with _telling(database, tell):
            try:
                return database.execute(statement).fetchone()[0]
            except duckdb.IOException as error:
                what = f"{path} cannot be written" if temporary.name in str(error) else f"{path} was not written"
                raise OutputError(f"{what}: {str(error).splitlines()[0]}") from None


def _cells(suffix: str, pseudonym: Callable[[str], str] | None) -> dict[str, str]:
    """The columns of the file in their order, and the SQL of each."""
    cells = {name: name for name in (*TEXTS[: TEXTS.index("status") + 1], "outcome")}
    cells |= {name: f"iso({name}, {name}_offset)" for name in TIMES}
    cells |= {"failure_class": "permanence", "failure_category": "failure_meanings.category"}
    cells |= {name: name for name in ("failure_code", "failure_reason", "failure_title", "advice")}
    texts = [name for name in cells if name not in TIMES] + ["currency", "category"]
    cells |= {"cost": "cost", "currency": "currency"}
    for first, number, by_machines in ENGAGEMENT.values():
        cells |= {first: f"iso({first}, {first}_offset)", number: f"coalesce({number}, 0)"}
        cells |= {by_machines: by_machines} if by_machines else {}
    cells |= {"category": "rows.category", "parts": "parts", "billable": "billable"}
    if pseudonym:
        cells |= {name: pseudonym(name) for name in ("message_id", "contact_id")}
        cells |= {name: "NULL::VARCHAR" for name in ("provider_message_id", "failure_reason")}
    if suffix != ".parquet":
        cells |= {name: f"harmless({cells[name]})" for name in texts}
    return cells


def _explain_failures(database):
    """The table failure_meanings: what each failure of `failed_messages` means, by `meaning_key`."""
    catalogue, columns = read_catalogue(), "channel, provider, failure_code"
    codes = database.execute(f"SELECT DISTINCT {columns}, failure_key({columns}, NULL) FROM failed_messages").fetchall()
    telling = [(key,) for *code, key in codes if meaning_of_code(catalogue, *code)]
    if telling:
        database.executemany("INSERT INTO telling_codes VALUES (?)", telling)
    failures = database.execute(
        f"SELECT {columns}, any_value(failure_reason), meaning_key({columns}, failure_reason) AS key "
        f"FROM failed_messages GROUP BY {columns}, key"
    ).fetchall()
    meanings = {key: meaning(catalogue, *failure) for *failure, key in failures}
    parts = {"permanence": "permanence", "category": "category", "failure_title": "title", "advice": "advice"}
    columns = {"key": list(meanings)}
    columns |= {name: [getattr(found, part) for found in meanings.values()] for name, part in parts.items()}
    database.register("explained", pd.DataFrame(columns, dtype="object"))  # one INSERT each takes half a millisecond
    texts = ", ".join(f"{name}::VARCHAR AS {name}" for name in columns)
    database.execute(f"CREATE TEMP TABLE failure_meanings AS SELECT {texts} FROM explained")
    database.unregister("explained")


@contextmanager
def _views(warehouse: Warehouse, views: dict[str, list[Select]]):
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
                kinds = {column.name: _kind(column.name) for column in selects[0].selected_columns}
                _view(database, name, [csv_rows(copy, kinds)])
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


def _kind(name: str) -> str:
    return "VARCHAR" if name in (*TEXTS, "outcome") else "DOUBLE" if name == "cost" else "BIGINT"


def _pseudonym() -> Callable[[str], str]:
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
