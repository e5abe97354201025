"""The database that a platform is copied into: its rows as they were read (the schema `source`), and the contract's.

The contract's rows of a person are made anew when a row about that person was read; what is about nobody in particular
(campaigns, segments, accounts) is made anew at every call.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection

from reportlib.warehouse.connect.platform import EVERYONE, Extract, Platform
from reportlib.warehouse.contract.tables import TABLES, with_id_types
from reportlib.warehouse.engines import altered, csv_rows

# In this order: of persons, the contract's tables whose rows go and come with them.
OF_PERSONS = ("contacts", "contact_attributes", "segment_members", "messages", "events")
UNNAMED = "deleted/"  # what the contact_id of a person begins with whom the platform has deleted
_OF_PERSON = "WHERE contact_id IN (FROM touched)"
_OF_TOUCHED = dict.fromkeys(OF_PERSONS, _OF_PERSON) | {
    "events": f"WHERE message_id IN (SELECT message_id FROM messages {_OF_PERSON})"
}
# What rows refer to, of what came with them: whose rows came, all their rows came.
_BELONGS = {
    "contact_attributes": "contact_id IN (SELECT contact_id FROM {contacts})",
    "segment_members": "contact_id IN (SELECT contact_id FROM {contacts}) "
    "AND segment_id IN (SELECT segment_id FROM segments)",
    "events": "message_id IN (SELECT message_id FROM {messages})",
}
_NO_CAMPAIGN = "campaign_id NOT IN (SELECT campaign_id FROM campaigns)"
_BARE_CONTACTS = """INSERT INTO contacts BY NAME
    SELECT m.contact_id, any_value(c.account_id) AS account_id
    FROM ({anew}) m JOIN campaigns c USING (campaign_id)
    ANTI JOIN contacts k ON k.contact_id = m.contact_id GROUP BY m.contact_id"""
_NO_ZONES = "UPDATE contacts SET timezone = NULL WHERE timezone NOT IN (SELECT name FROM pg_timezone_names())"
_SOURCE = re.compile(r"\bsource\.(\w+)")


def make_tables(connection: Connection):
    """The contract's tables and the schema `source`, where they are not there."""
    typed = with_id_types({})
    typed.create_all(connection)
    altered(connection, typed)
    run(connection, "CREATE SCHEMA IF NOT EXISTS source")


def take_all(connection: Connection, extract: Extract, file: Path | None):
    """The rows of an extract, in the stead of those there are; None where the platform has no such table."""
    run(connection, f"CREATE OR REPLACE TABLE source.{extract.name} AS {_typed(extract, file)}")


def take_changed(connection: Connection, extract: Extract, file: Path, values: set | None = None):
    """The rows of an extract that were read again, in the stead of those of the same key; all, where all were read.

    Of those that are `compared_by` a column, in the stead of all that have one of the `values`; None: all were read.
    Those that differ are in the temporary table changed_NAME, as they were and as they are.
    """
    arrived, before, changed = (f"{word}_{extract.name}" for word in ("arrived", "before", "changed"))
    kept, keys = f"source.{extract.name}", ", ".join(f'"{name}"' for name in extract.key.split())
    run(connection, f"CREATE TEMP TABLE {arrived} AS {_typed(extract, file)}")
    same = f"WHERE ({keys}) IN (SELECT ({keys}) FROM {arrived})" if extract.changed else ""
    if values is not None:
        connection.exec_driver_sql("CREATE OR REPLACE TEMP TABLE read_again AS SELECT unnest(?) AS value", ([*values],))
        same = f"WHERE EXISTS (FROM read_again WHERE value IS NOT DISTINCT FROM {extract.compared_by})"
    run(connection, f"CREATE TEMP TABLE {before} AS FROM {kept} {same}")
    differing = f"(FROM {arrived} EXCEPT FROM {before}) UNION ALL (FROM {before} EXCEPT FROM {arrived})"
    run(connection, f"CREATE TEMP TABLE {changed} AS {differing}")
    if one(connection, f"SELECT count(*) FROM {changed}"):
        run(connection, f"DELETE FROM {kept} {same}")
        run(connection, f"INSERT INTO {kept} FROM {arrived}")
    run(connection, f"DROP TABLE {arrived}")
    run(connection, f"DROP TABLE {before}")


def find_touched(connection: Connection, extracts: Iterable[Extract]) -> bool:
    """Make the table `touched` of the persons whom the changed rows are about; whether that is everyone."""
    run(connection, "CREATE TEMP TABLE touched (person VARCHAR)")
    everyone = False
    for extract in extracts:
        rows = f"changed_{extract.name}"
        if extract.person:
            run(connection, f"INSERT INTO touched SELECT DISTINCT CAST({extract.person} AS VARCHAR) FROM {rows}")
        if extract.reaches and one(connection, f"SELECT count(*) FROM {rows}"):
            if extract.reaches == EVERYONE:
                everyone = True
            else:
                run(connection, f"INSERT INTO touched {extract.reaches.replace('changed_rows', rows)}")
    return everyone


def _typed(extract: Extract, file: Path | None) -> str:
    """The SELECT of a file's rows as they are kept; a value that is not of its type is none."""
    typed = ", ".join(f'try_cast("{name}" AS {kind}) AS "{name}"' for name, kind in extract.types.items())
    columns = dict.fromkeys(extract.types, "VARCHAR")
    if file is None:
        rows = "SELECT " + ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in extract.types.items())
        rows += " WHERE false"
    else:
        rows = f"SELECT {typed} {csv_rows(file, columns)}"
    kept = ", ".join(f'{extract.kept.get(name, _quoted(name))} AS "{name}"' for name in extract.types)
    return f"SELECT {kept} FROM ({rows})"


def _quoted(name: str) -> str:
    return f'"{name}"'


def build(connection: Connection, platform: Platform, timezone: str, everyone: bool) -> tuple[dict[str, int], dict]:
    """The contract's rows from the platform's, those of persons for all or for the `touched`.

    Returns the rows that came by table, and by sentence how many were left out or set right.
    """
    told, unnamed = {}, 0
    shadows = {} if everyone else _shadows(connection, platform)
    tables = {"measured": platform.measured, **platform.tables}
    sql = {name: _said(text, timezone, shadows if name in OF_PERSONS else {}) for name, text in tables.items()}
    came = dict.fromkeys(TABLES, 0)
    for name in ("accounts", "segments"):
        came[name] = _replace(connection, name, sql.get(name))
    for name in reversed(OF_PERSONS):
        run(connection, f"DELETE FROM {name} " + ("" if everyone else _OF_TOUCHED[name]))
    for name in OF_PERSONS:
        if name in sql:
            came[name], left_out = _insert(connection, name, sql[name], everyone)
            told[f"{name} of something that is not there"] = left_out
    if platform.unnamed:
        for name in ("messages", "contacts"):
            run(connection, f"DELETE FROM {name} WHERE contact_id LIKE '{UNNAMED}%'")
        said = _said(platform.unnamed, timezone, {})
        unnamed = run(connection, f"INSERT INTO messages BY NAME {said}")
        told["people who are deleted on the platform, counted without their names"] = unnamed
    came["campaigns"] = _replace(connection, "campaigns", sql["campaigns"])
    orphans = run(connection, f"DELETE FROM messages WHERE {_NO_CAMPAIGN}")
    if orphans:
        run(connection, f"DELETE FROM events WHERE {_NO_CAMPAIGN}")
    told["messages of campaigns that the platform no longer has"] = orphans
    anew = f"FROM new_messages UNION ALL FROM messages WHERE contact_id LIKE '{UNNAMED}%'"
    bare = run(connection, _BARE_CONTACTS.format(anew="FROM messages" if everyone else anew))
    told["people who are deleted on the platform, but have messages: kept"] = bare - unnamed
    if "timezone" in platform.tables["contacts"]:
        told["time zones that are none: left out"] = run(connection, _NO_ZONES)
    for name in sql.keys() & TABLES.keys() - {"accounts", "segments", "campaigns", *OF_PERSONS}:
        came[name] = _replace(connection, name, sql[name])
    return came, told


def _shadows(connection: Connection, platform: Platform) -> dict[str, str]:
    """Of each extract about persons, the rows about those touched: a temporary table's name by its own."""
    shadows = {}
    for extract in platform.extracts:
        if extract.person:
            shadows[extract.name] = f"touched_{extract.name}"
            about = f"CAST({extract.person} AS VARCHAR) IN (FROM touched)"
            if extract.types.get(extract.person) == "BIGINT":  # compared as it is, a third of the time
                about = f"{extract.person} IN (SELECT try_cast(person AS BIGINT) FROM touched)"
            run(connection, f"CREATE TEMP TABLE {shadows[extract.name]} AS FROM source.{extract.name} WHERE {about}")
    return shadows


def _said(sql: str, timezone: str, shadows: dict[str, str]) -> str:
    """A platform's SQL with the account's zone in it, and with the shadows in the stead of what they shadow."""
    sql = sql.replace(":timezone", "'" + timezone.replace("'", "''") + "'")
    return _SOURCE.sub(lambda found: shadows.get(found[1], found[0]), sql)


def _replace(connection: Connection, name: str, sql: str | None) -> int:
    run(connection, f"DELETE FROM {name}")
    return run(connection, f"INSERT INTO {name} BY NAME {sql}") if sql else 0


def _insert(connection: Connection, name: str, sql: str, everyone: bool) -> tuple[int, int]:
    """Rows added, and rows left out because they refer to something unknown. Some people's are new_NAME, too."""
    order = "ORDER BY campaign_id" if name in ("messages", "events") else ""  # or reports on one would read all
    if everyone and name not in _BELONGS:
        return run(connection, f"INSERT INTO {name} BY NAME SELECT * FROM ({sql}) {order}"), 0
    run(connection, f"CREATE TEMP TABLE new_{name} AS FROM {name} LIMIT 0")
    came = run(connection, f"INSERT INTO new_{name} BY NAME {sql}")
    referred = {table: table if everyone else f"new_{table}" for table in ("contacts", "messages")}
    known = _BELONGS.get(name, "true").format(**referred)
    added = run(connection, f"INSERT INTO {name} FROM new_{name} WHERE {known} {order}")
    return added, came - added


def run(connection: Connection, sql: str) -> int:
    """Run a statement; the rows it touched."""
    return connection.exec_driver_sql(sql).rowcount


def one(connection: Connection, sql: str):
    """The one value that a SELECT has."""
    return connection.exec_driver_sql(sql).scalar()


def keeps(connection: Connection, table: str) -> bool:
    """Whether the schema `source` has this table."""
    there = f"SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'source' AND table_name = '{table}'"
    return one(connection, there) > 0
