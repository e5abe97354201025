"""Rules that follow from what a column is: required, of a kind, of a vocabulary, a reference, a text, a time."""

from sqlalchemy import BigInteger, Boolean, DateTime, Double, Text, and_, cast, func, or_

from reportlib.warehouse.check.controls import has_controls
from reportlib.warehouse.check.rule import BREAKS, NOTE, Rule
from reportlib.warehouse.contract.tables import NOTHING, TABLES, Identifier
from reportlib.warehouse.engines import epoch_ms, misfits

EARLIEST_MS, LATEST_MS = 946_684_800_000, 4_102_444_800_000  # 2000-01-01 and 2100-01-01
_KINDS = {  # of values where the engine lets a column hold any: what is wrong, and what is right
    DateTime: ("no time", "a time: ISO 8601 in UTC, or seconds since 1970"),
    Boolean: ("neither true nor false", "1, 0 or NULL"),
    BigInteger: ("no whole number", "a whole number or NULL"),
    Double: ("no number", "a number or NULL"),
}


def rules_of_columns() -> list[Rule]:
    """Every rule on a column alone but that on time zones, which needs to know what zones there are."""
    return [
        *_required(),
        *_misfits(),
        *_vocabularies(),
        *_orphans(),
        *_controls(),
        *_words_for_nothing(),
        *_spans(),
    ]


def zone_rule(column, unknown: list[str]) -> Rule:
    """The rule that a column has none of these zones."""
    return Rule(
        column.table.name,
        f"{column.name} is no IANA time zone",
        NOTE if column.nullable else BREAKS,
        column.table,
        column.in_(unknown),
        f"Names look like America/Sao_Paulo; found {', '.join(map(repr, unknown[:5]))}.",
    )


def references() -> list[tuple]:
    """Every column that refers to another table, with the column it refers to."""
    return [
        (column, TABLES[column.info["references"].split(".")[0]].c[column.info["references"].split(".")[1]])
        for table in TABLES.values()
        for column in table.columns
        if "references" in column.info
    ]


def _required():
    for table in TABLES.values():
        for column in table.columns:
            if not column.nullable:
                problem = f"{column.name} is missing"
                yield Rule(table.name, problem, BREAKS, table, column.is_(None), "Every row must have one.")


def _vocabularies():
    for table in TABLES.values():
        for column in table.columns:
            if words := column.info.get("one_of"):
                problem = f"{column.name} is outside its vocabulary"
                known = f"Reports know {', '.join(words)}, in lower case."
                yield Rule(table.name, problem, BREAKS, table, column.not_in(words), known)


def _misfits():
    for table in TABLES.values():
        for column in table.columns:
            if kind := next((kind for type_, kind in _KINDS.items() if isinstance(column.type, type_)), None):
                problem, what = f"{column.name} is {kind[0]}", f"Reports read it as {kind[1]}."
                yield Rule(table.name, problem, BREAKS, table, misfits(column), what)


def _orphans():
    for column, referred in references():
        yield Rule(
            column.table.name,
            f"{column.name} is not in {referred.table.name}",
            BREAKS,
            column.table.outerjoin(referred.table, column == referred),
            and_(column.is_not(None), referred.is_(None)),
            f"Rows that refer to something unknown are left out or shown as unknown; add it to {referred.table.name}.",
        )


def _controls():
    for table in TABLES.values():
        for column in table.columns:
            if _is_free_text(column):
                problem, what = f"{column.name} has control characters", "Charts and terminals leave them out."
                yield Rule(table.name, problem, NOTE, table, has_controls(column), what)


def _is_free_text(column) -> bool:
    return isinstance(column.type, Text) and not column.info.keys() - {"optional"}


def _words_for_nothing():
    for table in TABLES.values():
        for column in table.columns:
            is_id = isinstance(column.type, Identifier)
            if is_id or (_is_free_text(column) and column.nullable):
                problem = f"{column.name} is a word for nothing"
                what = "NULL, \\N, nan or None as a text: leave it empty."
                says = func.lower(cast(column, Text)).in_(NOTHING)
                yield Rule(table.name, problem, NOTE, table, says, what)


def _spans():
    for table in TABLES.values():
        for column in table.columns:
            if isinstance(column.type, DateTime):
                at, problem = epoch_ms(column), f"{column.name} is not between 2000 and 2100"
                what = "Seconds, milliseconds and day numbers are easily taken for one another: load it anew."
                beyond = and_(column.is_not(None), at.is_(None), ~misfits(column))  # infinity
                yield Rule(table.name, problem, NOTE, table, or_(at < EARLIEST_MS, at >= LATEST_MS, beyond), what)
