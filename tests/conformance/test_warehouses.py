"""BigQuery, Snowflake and Trino: the statements of every metric compile, and mean what they mean in DuckDB; of every
sixth metric each is put to one of them, in turn, and `make conformance` puts all to all.

There is no such server here. sqlglot reads each statement as the warehouse's own SQL and writes it as DuckDB's, which
runs it: what it then finds must be what DuckDB's own statement found.
"""

import pytest
import sqlglot
from sqlalchemy import CreateTableAs
from sqlalchemy.dialects import registry

from reportlib.metrics.conformance.questions import QUESTIONS, answers
from reportlib.warehouse import Warehouse
from reportlib.warehouse.engines import compiled_only  # noqa: F401  its compilations
from tests.conformance.conftest import ALL, kind_of

WAREHOUSES = ("bigquery", "snowflake", "trino")
EACH = 1 if ALL else 6  # how many metrics for one that is asked


@pytest.fixture(scope="module")
def asked(everywhere):
    """Every statement that the metrics ask of a database, with what DuckDB finds."""
    (one,) = (one for one in everywhere if kind_of(one.database) == "integers")
    recording = Recording(one.reference.engine)
    recording.opened_ms = one.reference.opened_ms
    for name in [*QUESTIONS][::EACH]:
        answers(recording, one.subject, name)
    with one.reference.engine.connect() as connection:
        yield connection, recording.found


class Recording(Warehouse):
    """One that remembers the statements it asks, each once, and what is found."""

    def __init__(self, engine):
        super().__init__(engine)
        self.found = []

    def _answer(self, select):
        frame, rows = super()._answer(select)
        if not isinstance(select, CreateTableAs):
            self.found.append((select, rows_of(rows)))
        return frame, rows


@pytest.mark.parametrize("name", WAREHOUSES)
def test_every_statement_compiles_and_means_the_same(asked, name):
    connection, statements = asked
    assert len(statements) > 50 / EACH
    if not ALL:
        statements = statements[WAREHOUSES.index(name) :: len(WAREHOUSES)]
    dialect = registry.load(name)()
    for select, expected in statements:
        theirs = select.compile(dialect=dialect, compile_kwargs={"literal_binds": True}).string.replace("%%", "%")
        in_duckdb = sqlglot.transpile(theirs, read=name, write="duckdb")[0]
        assert rows_of(connection.exec_driver_sql(in_duckdb)) == expected, theirs


def rows_of(result) -> list:
    """In whatever order: not every statement asks for one."""
    return sorted(map(repr, map(tuple, result)))
