"""Rows for a platform's tables, on either driver."""

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.warehouse.connect.population import ZONE

SCHEMAS = Path(__file__).with_name("schemas")


def make_schema(cursor, name: str):
    """The platform's tables, empty."""
    for statement in (SCHEMAS / f"{name}.sql").read_text().split(";\n"):
        if statement.strip():
            cursor.execute(statement)


def insert(cursor, table: str, columns: str, rows):
    """Rows, tuples in the order of the columns."""
    rows = list(rows)
    if rows:
        places = ", ".join(["%s"] * len(columns.split(", ")))
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)


def utc(moment):
    """Without its zone, as a column of UTC has it; None stays."""
    return moment and moment.astimezone(UTC).replace(tzinfo=None)


def by_the_clock(moment):
    """As the account's clock showed it; None stays."""
    return moment and moment.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
