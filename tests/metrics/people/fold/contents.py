"""What a fold is held against: the figures without it, and one that is made anew."""

from collections import Counter

import duckdb

from reportlib.metrics.conformance.questions import answers
from reportlib.metrics.conformance.sameness import first_difference
from reportlib.metrics.conformance.subject import subject_of
from reportlib.metrics.people.fold.reading import fits
from reportlib.metrics.people.folding.contacts import KEPT
from reportlib.metrics.people.folding.keeping import OF_CONTACTS, READ
from reportlib.warehouse import open_warehouse
from tests.metrics.people.fold.steps import address, change, copy


def figures_differ(file, names, opened_ms=None) -> str:
    """Where the figures of a file with a fold that fits are others than those of a copy without."""
    plain_file = file.with_name("plain.duckdb")
    copy(file, plain_file, with_time=False)
    change(plain_file, "DROP SCHEMA IF EXISTS reportlib CASCADE")
    kept, plain = (open_warehouse(address(one)) for one in (file, plain_file))
    kept.opened_ms = plain.opened_ms = opened_ms or plain.opened_ms
    try:
        if not fits(kept) or (subject := subject_of(plain)) is None:
            return ""
        asked = ((answers(kept, subject, name), answers(plain, subject, name), name) for name in names)
        return next((found for one, other, name in asked if (found := first_difference(one, other, where=name))), "")
    finally:
        kept.engine.dispose()
        plain.engine.dispose()


def has_tables(file) -> bool:
    """Whether all that a fold is made of is in tables, not in views."""
    with duckdb.connect(str(file), read_only=True) as database:
        tables = {tuple(row) for row in database.execute(_COLUMNS).fetchall()}
    return all((name, one) in tables for name, columns in (READ | OF_CONTACTS).items() for one in columns)


def differing(one, other):
    """By table the rows that are in one of them only."""
    apart = {
        name: (Counter(one[name]) - Counter(other[name]), Counter(other[name]) - Counter(one[name])) for name in one
    }
    return {name: [*map(list, rows)] for name, rows in apart.items() if any(rows)}


def contents_of_fold(file, since_ms) -> dict[str, list]:
    """The rows of its tables, with contacts instead of numbers and words instead of codes; reactions since then."""
    with duckdb.connect(str(file), read_only=True) as database:
        found = {}
        for name, columns in database.execute(_TABLES).fetchall():
            coded = CODED.get(name, ())
            told = [_told(one, one in coded) for one in columns if one != "block"]
            some = f"WHERE at_ms >= {since_ms}" if name == "fold_moments" else ""
            found[name] = database.execute(f"SELECT {', '.join(told)} FROM reportlib.{name} t {some}").fetchall()
        return found


def _told(column, is_coded):
    if column == "number":
        return "(SELECT contact_id FROM reportlib.fold_numbers n WHERE n.number = t.number)"
    return f"(SELECT word FROM reportlib.fold_words WHERE code = {column})" if is_coded else column


CODED = {name: coded for name, _, coded in KEPT.values()}
# Of campaigns that once were in fold_loose some are so still: the next time they are changed they are looked at.
_TABLES = """SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()
    WHERE schema_name = 'reportlib' AND table_name IN (SELECT table_name FROM duckdb_tables()) AND
    table_name NOT IN ('fold_state', 'fold_numbers', 'fold_words', 'fold_loose', 'fold_parts', 'fold_blocks')
    GROUP BY ALL"""
_COLUMNS = """SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_tables()
    USING (database_name, schema_name, table_name) WHERE schema_name = 'main'"""
