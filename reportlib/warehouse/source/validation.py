"""What the source contract asks of each cell: rules in DuckDB's SQL over the text that `source_files` read.

`rules` and `typed_columns` are made from the contract's tables, so that a column is described once.
"""

from dataclasses import dataclass
from zoneinfo import available_timezones

import duckdb
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Double, Table

from reportlib.errors import nearest
from reportlib.warehouse.contract.tables import key_columns
from reportlib.warehouse.source.csv_files import PROBLEMS_SHOWN
from reportlib.warehouse.source.files import Problem, SourceFile, places

LONGEST_VALUE = 40  # characters of a bad value that are shown

# Timestamps: ISO 8601, with an offset or in UTC; DuckDB asks for seconds, ISO 8601 does not. Whole numbers: DuckDB
# rounds 12.7 to 13 without a word, so the same text is read as a real number too.
MACROS = r"""
CREATE MACRO moment(cell) AS coalesce(
    try_cast(cell AS TIMESTAMPTZ),
    try_cast(regexp_replace(cell, '^(\S{10}[T ]\d\d:\d\d)($|Z|[+-])', '\1:00\2') AS TIMESTAMPTZ)
);
CREATE MACRO as_timestamp(cell) AS CASE
    WHEN moment(cell) BETWEEN TIMESTAMPTZ '0001-01-02 00:00:00Z' AND TIMESTAMPTZ '9999-12-31 00:00:00Z'
    THEN make_timestamp(epoch_us(moment(cell)))  -- seven times as fast as a cast
END;
CREATE MACRO as_whole_number(cell) AS
    CASE WHEN try_cast(cell AS BIGINT) = try_cast(cell AS DOUBLE) THEN try_cast(cell AS BIGINT) END;
CREATE MACRO as_number(cell) AS
    CASE WHEN isfinite(try_cast(cell AS DOUBLE)) THEN try_cast(cell AS DOUBLE) END;
CREATE MACRO as_boolean(cell) AS try_cast(cell AS BOOLEAN);
"""
CASTS = {
    DateTime: ("as_timestamp", "TIMESTAMP", "is not a time as ISO 8601 has it (2026-11-23T09:30:00Z)"),
    BigInteger: ("as_whole_number", "BIGINT", "is not a whole number"),
    Double: ("as_number", "DOUBLE", "is not a number"),
    Boolean: ("as_boolean", "BOOLEAN", "is neither true nor false"),
}


@dataclass(frozen=True)
class Rule:
    """A condition under which a cell is bad, and why; `words` are what might have been meant."""

    column: str
    bad: str
    reason: str
    words: tuple[str, ...] = ()


def prepare(database: duckdb.DuckDBPyConnection):
    """Give this DuckDB what the rules and casts use."""
    database.execute("SET TimeZone = 'UTC'")  # a time without an offset is taken as UTC
    database.execute(MACROS)
    database.execute("CREATE TABLE time_zones AS SELECT unnest(?) AS name", [sorted(available_timezones())])


def typed_columns(file: SourceFile) -> str:
    """The select list that gives every column of the contract its type; NULL where the file has no such column."""
    return ", ".join(_typed(column, column.name in file.columns) for column in file.table.columns)


def validate(database: duckdb.DuckDBPyConnection, file: SourceFile) -> tuple[int, list[Problem]]:
    """How many cells of raw_TABLE break a rule, and the first of them."""
    raw = f"raw_{file.table.name}"
    checked = rules(file.table, file.columns)
    counts = ", ".join(f"count(*) FILTER (WHERE {rule.bad})" for rule in checked)
    broken = [
        (rule, count)
        for rule, count in zip(checked, database.execute(f"SELECT {counts} FROM {raw}").fetchone() or (), strict=True)
        if count
    ]
    cells = []
    for rule, _ in broken:
        rows = database.execute(
            f"SELECT rowid, {rule.column} FROM {raw} WHERE {rule.bad} ORDER BY rowid LIMIT {PROBLEMS_SHOWN}"
        ).fetchall()
        cells += [(row, rule, value) for row, value in rows]
    first = sorted(cells, key=lambda cell: cell[0])[:PROBLEMS_SHOWN]
    where = places(file, {row for row, _, _ in first})
    problems = [Problem(file, _reason(rule, value), f"{where[row]}, {rule.column}") for row, rule, value in first]
    return sum(count for _, count in broken), problems


def rules(table: Table, present) -> list[Rule]:
    """Every rule of the contract for the columns of this table that are present."""
    return [rule for column in table.columns if column.name in present for rule in _column_rules(column)] + [
        _unique(table)
    ]


def _column_rules(column: Column):
    name = column.name
    if not column.nullable:
        yield Rule(name, f"{name} IS NULL", "a value is required")
    if cast := _cast(column):
        function, _, reason = cast
        yield Rule(name, f"{name} IS NOT NULL AND {function}({name}) IS NULL", reason)
    else:
        yield Rule(name, f"contains({name}, chr(0))", "has a NUL character, which PostgreSQL cannot store")
    if words := column.info.get("one_of"):
        listed = ", ".join(f"'{word}'" for word in words)
        yield Rule(name, f"{name} NOT IN ({listed})", f"is not one of {', '.join(words)}", words)
    if column.info.get("timezone"):
        zones = tuple(sorted(available_timezones()))
        yield Rule(name, f"{name} NOT IN (FROM time_zones)", "is not an IANA time zone", zones)


def _unique(table: Table) -> Rule:
    keys = ", ".join(column.name for column in key_columns(table))
    shared = f"SELECT {keys} FROM raw_{table.name} GROUP BY {keys} HAVING count(*) > 1"
    return Rule(key_columns(table)[-1].name, f"({keys}) IN ({shared})", f"another row has the same {keys}")


def _cast(column: Column):
    return next((cast for kind, cast in CASTS.items() if isinstance(column.type, kind)), None)


def _typed(column: Column, present: bool) -> str:
    function, kind, _ = _cast(column) or ("", "VARCHAR", "")
    return f"{function}({column.name}) AS {column.name}" if present else f"NULL::{kind} AS {column.name}"


def _reason(rule: Rule, value: str | None) -> str:
    if value is None:
        return rule.reason
    shown = value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
    return f"{shown!r} {rule.reason}{nearest(value.lower(), rule.words) or nearest(value, rule.words)}"
