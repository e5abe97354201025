"""Making the fold, and bringing it up to date: only what stands on rows that are others than before.

That is told by a hash of all rows of a campaign, or of a block of contacts, whoever changed them. That nobody has
changed any since is told by the time of the file: it is set to one that the fold remembers, a whole second that is
past, and whoever writes sets it to now. DuckDB's list of its blocks (pragma_storage_info) would not do: after two
changes of a value it may be as before.
"""

import time
from contextlib import suppress

import duckdb
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from reportlib.errors import WarehouseError
from reportlib.metrics.people.fold.reading import file_of, version
from reportlib.metrics.people.fold.table import SCHEMA, SINCE_MS
from reportlib.metrics.people.folding import contacts
from reportlib.metrics.people.folding.making import READ, make
from reportlib.warehouse.connection import connect
from reportlib.warehouse.engines import keeps_fold, memory_options
from reportlib.warehouse.written import is_told, past_second, seal, written

LEAST = 100_000  # messages; of fewer all is told as quickly without
OF_CONTACTS = {name: ("contact_id", *columns) for name, (_, columns, _) in contacts.KEPT.items()}
SEEN_THROUGH = ("accounts", "campaigns", "segments", *contacts.KEPT)  # tables that have a view beside the fold's
_TABLES = f"""SELECT c.table_name, c.column_name, c.data_type
    FROM duckdb_columns() c JOIN duckdb_tables() t USING (database_oid, schema_oid, table_name)
    WHERE t.schema_name = 'main' AND t.database_name = current_database() AND NOT t.temporary
    AND c.table_name IN {(*READ, *SEEN_THROUGH)} ORDER BY ALL"""
# Whether the schema has something that is not ours, or is no fold's.
_OF_OTHERS = f"""SELECT count(*) > 0 AND (NOT bool_or(name = 'fold_state') OR
    bool_or(name NOT LIKE 'fold%' AND name NOT IN {(*READ, *SEEN_THROUGH)})) FROM (
        SELECT database_name, schema_name, table_name AS name FROM duckdb_tables()
        UNION ALL SELECT database_name, schema_name, view_name FROM duckdb_views())
    WHERE schema_name = '{SCHEMA}' AND database_name = current_database()"""


def _digests(name, tables, key, part, which=""):
    return f"CREATE OR REPLACE TEMP TABLE {name} AS " + " UNION ALL ".join(
        f"SELECT '{table}' AS of_table, {part} AS {key}, count(*) AS number, sum(hash(hash({', '.join(columns)}))) "
        f"AS digest FROM main.{table} {which} GROUP BY ALL"
        for table, columns in tables.items()
    )


def _others(name, key):
    """What is in one of two tables only."""
    return (
        f"SELECT DISTINCT {key} FROM ((FROM {name}_now EXCEPT FROM {SCHEMA}.fold_{name}) UNION ALL "
        f"(FROM {SCHEMA}.fold_{name} EXCEPT FROM {name}_now)) WHERE {key.split()[-1]} IS NOT NULL"
    )


_PARTS = _digests("parts_now", READ, "campaign_id", "campaign_id")
_TOLD_PARTS = _digests("parts_now", READ, "campaign_id", "campaign_id", "WHERE campaign_id IN (FROM changed_parts)")
_BLOCKS = _digests("blocks_now", OF_CONTACTS, "block", contacts.BLOCK)
_CHANGED_BLOCKS = f"CREATE OR REPLACE TEMP TABLE changed_blocks AS {_others('blocks', 'of_table, block')}"
_CHANGED_PARTS = f"CREATE OR REPLACE TEMP TABLE changed_parts AS {_others('parts', 'campaign_id')}"
_TOLD = f"""CREATE OR REPLACE TEMP TABLE changed_parts AS
    SELECT DISTINCT campaign_id FROM {written} WHERE campaign_id IS NOT NULL"""
_OTHER_PARTS = f"UNION ALL FROM {SCHEMA}.fold_parts WHERE (campaign_id IN (FROM changed_parts)) IS NOT TRUE"
# An event may be of another campaign than its message; so may one have been that the fold still has.
_CHANGED = f"""CREATE OR REPLACE TEMP TABLE changed_campaigns AS WITH
    apart AS (SELECT message_id FROM main.events WHERE campaign_id IN (FROM changed_parts) AND message_id NOT IN
        (SELECT message_id FROM main.messages WHERE campaign_id IN (FROM changed_parts)))
    FROM changed_parts UNION SELECT campaign_id FROM main.messages WHERE message_id IN (FROM apart)
    UNION SELECT m.campaign_id FROM {SCHEMA}.messages m JOIN {SCHEMA}.events e USING (message_id)
    WHERE e.campaign_id IN (FROM changed_parts)"""
_ALL = "CREATE OR REPLACE TEMP TABLE changed_campaigns AS SELECT DISTINCT campaign_id FROM parts_now"
_UNTIL = """SELECT coalesce(max(epoch_ms(occurred_at)), 0) FROM main.events
    WHERE occurred_at >= TIMESTAMP '2000-01-01' AND occurred_at <= make_timestamp({} * 1000)"""


def keep_fold(address: str):
    """Make the fold in the database at this address, or bring it up to date, where its engine keeps one.

    Figures are the same without it: where it cannot be made, as for want of room, there is none until the next time.
    """
    with suppress(duckdb.Error, DBAPIError, OSError, WarehouseError):
        engine = connect(address, memory_options)
        path = file_of(engine) if keeps_fold(engine) else None
        try:
            if path and path.exists():
                with engine.begin() as connection:
                    stamp = _keep(connection)
                if stamp:
                    seal(engine, stamp)
        finally:
            engine.dispose()


def _keep(connection: Connection) -> int | None:
    """Returns the time that the file is to have, nanoseconds; None where there is nothing that is worth it."""
    run = connection.exec_driver_sql
    if run(_OF_OTHERS).scalar():
        return None
    found = [tuple(row) for row in run(_TABLES)]
    there = {(table_name, column_name) for table_name, column_name, _ in found}
    asked = {(name, one) for name, columns in (READ | OF_CONTACTS).items() for one in columns}
    asked |= {(name, f"{name[:-1]}_id") for name in ("accounts", "campaigns", "segments")}
    if not asked <= there or run("SELECT count(*) FROM main.messages").scalar_one() < LEAST:  # views change unseen
        run(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        return None
    shape, now_ms = repr(found), int(time.time() * 1000)
    made_by, kept = version(), _kept(connection)
    of_all = kept[:2] != (made_by, shape) or kept[3] > now_ms  # made by a clock that was ahead
    until_ms = run(_UNTIL.format(now_ms)).scalar_one()
    since_ms = until_ms - SINCE_MS
    told = is_told(connection) and not of_all
    for statement in ([_TOLD, _TOLD_PARTS] if told else [_PARTS]) + [_BLOCKS]:
        run(statement)
    if of_all:
        for statement in (
            f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE",
            f"CREATE SCHEMA {SCHEMA}",
            *contacts.empty_tables(),
        ):
            run(statement)
        for name in ("parts", "blocks"):
            run(f"CREATE TABLE {SCHEMA}.fold_{name} AS FROM {name}_now LIMIT 0")
    run(_CHANGED_BLOCKS)
    if not told:
        run(_CHANGED_PARTS)
    run(_ALL if of_all else _CHANGED)
    campaigns, blocks = (run(f"SELECT count(*) FROM changed_{name}").scalar() for name in ("campaigns", "blocks"))
    for statement in contacts.of_blocks() if blocks else ():
        run(statement)
    if of_all or campaigns:
        for statement in contacts.of_campaigns():
            run(statement)
        make(connection, now_ms, since_ms, of_all)
    stamp = past_second()
    run(f"CREATE OR REPLACE TABLE {SCHEMA}.fold_parts AS FROM parts_now {_OTHER_PARTS if told else ''}")
    run(f"CREATE OR REPLACE TABLE {SCHEMA}.fold_blocks AS FROM blocks_now")
    run(f"CREATE OR REPLACE TABLE {written} AS SELECT {stamp} AS stamp, campaign_id FROM main.messages LIMIT 0")
    for name in SEEN_THROUGH:
        run(f"CREATE OR REPLACE VIEW {SCHEMA}.{name} AS FROM main.{name}")
    run(
        f"CREATE OR REPLACE TABLE {SCHEMA}.fold_state AS SELECT '{made_by}' AS made_by, ? AS shape, {stamp} AS stamp, "
        f"{until_ms} AS until_ms, {since_ms if of_all else max(since_ms, kept[-1])} AS since_ms",
        (shape,),
    )
    return stamp


def _kept(connection) -> tuple:
    """By what, and of tables of which shape, the fold is that is there, and since when it has the `moments`."""
    there = (
        select(func.count())
        .select_from(text("duckdb_tables()"))
        .where(text(f"schema_name = '{SCHEMA}' AND database_name = current_database() AND table_name = 'fold_state'"))
    )
    if not connection.scalar(there):
        return ()
    return tuple(connection.exec_driver_sql(f"SELECT * FROM {SCHEMA}.fold_state").one())
