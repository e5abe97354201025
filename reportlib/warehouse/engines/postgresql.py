"""PostgreSQL: connections are named for who asks, given up when nothing comes back, and only read where they may.

What an address says itself (`?connect_timeout=30&sslmode=verify-full`) goes before what is set here.
"""

import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path

import duckdb
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.compiler import compiles

from reportlib.errors import WarehouseError
from reportlib.warehouse.engines.bulk import csv_chunks, insert_lines, insert_rows, made_anew, names_of, stage_parquet
from reportlib.warehouse.engines.constructs import (
    at_epoch_ms,
    bucket_start,
    epoch_ms,
    happened_by,
    in_byte_order,
    kept_apart,
    row_hash,
    sound,
    sound_ms,
    spelt,
    tenfold,
)
from reportlib.warehouse.engines.opening import as_stored, is_about_tls, is_stopped, keep_other_writers_out, prepared

TIMEOUT_VARIABLE = "REPORTLIB_STATEMENT_TIMEOUT"  # how long a question may take, e.g. 30min
NOTEBOOK_VARIABLE = "JPY_SESSION_NAME"  # where Jupyter tells a kernel which notebook it runs
# A network that swallows everything is noticed within a minute; the system alone would wait for hours.
_NETWORK = {
    "connect_timeout": 10,  # seconds, as the others but the last
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
# Where neither the variable, the address, the role nor the server sets any. Ten minutes is what a report may take; the
# server's own 4 MB for a join or a sort send what is asked of millions of messages through temporary files.
_LIMITS = "('statement_timeout', '10min'), ('lock_timeout', '30s'), ('work_mem', '64MB')"
_ABOUT_TLS = re.compile(r"certificate|private key|not support SSL|sslmode|SSL error: .*alert")  # libpq's words
# Compiling a question of some hundred expressions takes PostgreSQL ten times as long as answering it uncompiled:
# with it a review of 500,000 messages takes 32 processor seconds, 23 without.
_READING = ("default_transaction_read_only=on", "timezone=UTC", "jit=off")


@prepared.on("postgresql")
def _prepared(engine):
    """Raises WarehouseError where REPORTLIB_STATEMENT_TIMEOUT is no duration."""
    reading = engine.get_execution_options().get("read_only", False)
    settings = [*_READING, *_limit()] if reading else []

    def connect(_dialect, _record, _arguments, options):
        for name, value in {**_NETWORK, "fallback_application_name": _asking()}.items():
            options.setdefault(name, value)
        asked = options.get("options", os.environ.get("PGOPTIONS", ""))
        options["options"] = " ".join([asked, *(f"-c {setting}" for setting in settings)]).strip()

    def connected(connection, _record):
        connection.autocommit = True  # what is set in a transaction would go with it
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT set_config(name, value, false) FROM (VALUES {_LIMITS}) AS ours (name, value) "
                "JOIN pg_settings USING (name) WHERE source = 'default'"
            )
        connection.autocommit = False

    event.listen(engine, "do_connect", connect)
    if reading:
        event.listen(engine, "connect", connected)
    return engine


@keep_other_writers_out.on("postgresql")
def _keep_other_writers_out(connection, table):
    name = connection.dialect.identifier_preparer.format_table(table)
    connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")


@as_stored.on("postgresql")
def _as_stored(engine, moment):
    """It stores moments."""
    return moment


@contextmanager
def _beside_sqlalchemy(connection: Connection):
    """Within this context the driver itself is asked: its errors are SQLAlchemy's, a connection it lost is let go."""
    driver = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        lost = connection.dialect.is_disconnect(error, connection.connection.driver_connection, None)
        if lost:
            connection.invalidate()
        raise DBAPIError.instance(None, None, error, driver.Error, connection_invalidated=lost) from None


@is_stopped.on("postgresql")
def _is_stopped(url, error):
    return getattr(error.orig, "sqlstate", None) == "57014"


@is_about_tls.on("postgresql")
def _is_about_tls(url, error):
    return isinstance(error, OperationalError) and bool(_ABOUT_TLS.search(str(error.orig)))


def _limit() -> list[str]:
    asked = os.environ.get(TIMEOUT_VARIABLE, "").replace(" ", "")
    if asked and not re.fullmatch(r"0|\d+(ms|s|min|h)", asked):
        raise WarehouseError(f"{TIMEOUT_VARIABLE} is {asked!r}, which is no duration: 90s, 30min and 2h are")
    return [f"statement_timeout={asked}"] if asked else []


def _asking() -> str:
    """ "reportlib weekly_review" or "reportlib check": the notebook or command, for who looks at pg_stat_activity."""
    program, *words = sys.argv
    if notebook := os.environ.get(NOTEBOOK_VARIABLE):
        return f"reportlib {Path(notebook).stem}"
    program = Path(program).stem
    return " ".join(["reportlib", *words[:1]] if program == "reportlib" else ["reportlib", program])


@stage_parquet.on("postgresql")
def _stage_parquet(connection, staged, parquet, keys):
    text = parquet.with_suffix(".copy")
    # every value is quoted and NULL is not, so that '' and NULL stay two things
    with duckdb.connect() as database:
        database.execute(f"COPY (FROM read_parquet('{parquet}')) TO '{text}' (FORMAT csv, HEADER false, FORCE_QUOTE *)")
    connection.exec_driver_sql("SET LOCAL timezone TO 'UTC'")
    made_anew(connection, staged)
    _copy_in(connection, staged, text)
    text.unlink()


@insert_lines.on("postgresql")
def _insert_lines(connection, table, lines):
    _copy_in(connection, table, lines, r", ESCAPE '\', NULL 'null'")


def _copy_in(connection, table, text, spelling=""):
    with (
        text.open("rb") as rows,
        _beside_sqlalchemy(connection),
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table.name} FROM STDIN (FORMAT csv, ENCODING 'UTF8'{spelling})") as copy,
    ):
        while chunk := rows.read(1 << 20):
            copy.write(chunk)
    connection.exec_driver_sql(f"ANALYZE {table.name}")  # or the planner takes it for a small table


@insert_rows.on("postgresql")
def _insert_rows(connection, table, rows):
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({names_of(table)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


@csv_chunks.on("postgresql")
def _csv_chunks(connection, select):
    compiled = select.compile(connection, compile_kwargs={"render_postcompile": True})
    statement = f"COPY ({compiled.string}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"
    with (
        _beside_sqlalchemy(connection),
        connection.connection.cursor() as cursor,
        cursor.copy(statement, compiled.params) as rows,
    ):
        yield from rows


# By way of a double, which knows microseconds until 2255: `extract` makes a numeric, three times as slow.
_MILLISECONDS = "CAST(floor(round(date_part('epoch', {}) * 1e6) / 1000) AS BIGINT)"
_IS_SOUND = "{} >= TIMESTAMPTZ '2000-01-01Z' AND {} < TIMESTAMPTZ '2100-01-01Z'"

spelt(epoch_ms, f"CASE WHEN isfinite({{}}) THEN {_MILLISECONDS} END", "postgresql")
spelt(sound_ms, f"CASE WHEN {_IS_SOUND} THEN {_MILLISECONDS} END", "postgresql")
spelt(sound, f"CASE WHEN {_IS_SOUND} THEN {{}} END", "postgresql")
spelt(at_epoch_ms, "(TIMESTAMPTZ 'epoch' + {} * INTERVAL '1 millisecond')", "postgresql")
spelt(in_byte_order, '({} COLLATE "C")', "postgresql")
spelt(row_hash, "hashtextextended(CAST(ROW({}) AS TEXT), 0)", "postgresql")
# A review of 100,000 of a million messages takes 5.6 processor seconds, 7.2 without; of more of them the same.
spelt(tenfold, "unnest(ARRAY(SELECT 1))", "postgresql")
# It does not look into a select that has an OFFSET, and may still share the work among processes, which it may not
# where a CTE is MATERIALIZED. A review of 500,000 messages takes 23 processor seconds, 36 without. Written '0' it is
# known not to skip rows before anything is planned, so that processes count what they find before they hand it over.
spelt(kept_apart, "OFFSET '0'", "postgresql")


@compiles(happened_by, "postgresql")
def _happened_by(element, compiler, **kw):
    """Of the column itself, of which it knows how often that holds; of anything made of it, it expects a third."""
    at, ms = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({_IS_SOUND.replace('{}', at)} AND {at} < to_timestamp(({ms} + 1) / 1000.0))"


@compiles(bucket_start, "postgresql")
def _bucket_start(element, compiler, **kw):
    """Five times as fast as by way of the epoch, which comes as a numeric."""
    at, size = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"date_bin({size} * INTERVAL '1 millisecond', {at}, TIMESTAMPTZ 'epoch')"
