"""A campaign database that is asked for aggregates, each question once."""

import time
from collections import deque
from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sqlalchemy import (
    Column,
    ColumnElement,
    CreateTableAs,
    Engine,
    FromClause,
    Select,
    String,
    Table,
    TextClause,
    cast,
    inspect,
    null,
)
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope
from sqlalchemy.exc import DBAPIError, NoSuchTableError
from sqlalchemy.types import TypeEngine

from reportlib.errors import InvalidQuery
from reportlib.warehouse.asked import Asked, log
from reportlib.warehouse.contract.tables import TABLES, Identifier
from reportlib.warehouse.engines import arrays_of, computed_once, objects_to_statement, place_to_keep
from reportlib.warehouse.explain import about_tables, explain, first_line, shown
from reportlib.warehouse.typed_sql import one_select

Answer = TypeVar("Answer")
KEPT = 1_000  # of what was asked last
_NUMBERS = count()  # of tables kept: several warehouses of a process may share a database


class Warehouse:
    """A campaign database opened for reading.

    It answers the same question with its first answer, so that the figures of one report agree even while a campaign
    is sending; for later data open it anew.

    Attributes
    ----------
    engine : sqlalchemy.Engine
    address : str
        Where the data is, without its password.
    opened_ms : int
        When it was opened, epoch milliseconds: the "now" against which times are called impossible, so that every
        figure of one report means the same moment.
    """

    def __init__(self, engine: Engine):
        self.engine = engine
        self.address = shown(engine.url)
        self.opened_ms = int(time.time() * 1000)
        self._asked: deque[Asked] = deque(maxlen=KEPT)
        self._answers: dict[Hashable, Any] = {}
        self._columns: dict[str, dict[str, TypeEngine]] = {}
        self._tables: dict[Hashable, Table] = {}
        self._seen_from: dict[str, Warehouse] = {}
        self._schemas = engine.get_execution_options().get("schema_translate_map")

    def seen_from(self, schema: str) -> "Warehouse":
        """The same database, with the tables of this schema in the stead of the contract's."""
        if schema not in self._seen_from:
            other = Warehouse(self.engine.execution_options(schema_translate_map={None: schema}))
            other._asked = self._asked
            self._seen_from[schema] = other
        self._seen_from[schema].opened_ms = self.opened_ms
        return self._seen_from[schema]

    def sql(self, select: Select | str) -> pd.DataFrame:
        """Run a SQLAlchemy select; one row per row of its result, one column per column, no index meaning.

        A column of texts is one also where the result holds none. One SELECT as text, `sql("select …")`, is asked in
        the engine's own words and has the types of its driver. Raises InvalidQuery (a text that is no SELECT, or that
        the database cannot make sense of), WarehouseError.
        """
        if isinstance(select, str):
            return self.remembered(select, lambda: self._answer(one_select(select))[0])
        question = _question(select)
        if question is None:
            return self._typed_answer(select)
        return self.remembered(question, lambda: self._typed_answer(select))

    def arrays(self, select: Select) -> dict[str, np.ndarray]:
        """The columns of a select's rows as arrays, of an engine that hands them over so (`arrays_of`): of numbers and
        truths, none missing. A million rows take milliseconds; they are not remembered."""
        return self._ask(select, self._as_arrays)

    def kept(self, rows: Select, name: str) -> FromClause:
        """The rows on which several questions stand: a table made once, in this process's own memory, where the engine
        has a place for it, else a CTE of each question."""
        schema, question = place_to_keep(self.engine), _question(rows)
        if schema is None or question is None:
            return computed_once(rows, name)
        if question not in self._tables:
            into = rows.into(f"{name}_{next(_NUMBERS)}", schema=schema)
            self._answer(into)
            self._tables[question] = into.table
        return self._tables[question]

    def remembers(self, question: Hashable) -> bool:
        """Whether this question has been put before."""
        return question in self._answers

    def remembered(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The first answer to this question, which `ask` finds where it has not been put before."""
        if question not in self._answers:
            self._answers[question] = ask()
        found = self._answers[question]  # what is no frame nobody can write to
        return found.copy(deep=False) if isinstance(found, pd.DataFrame) else found  # copied once it is written to

    @property
    def asked(self) -> list[Asked]:
        """What the database was asked, the latest last, each with its `statement`, `seconds` and `rows`.

        The SQL behind a figure: `metrics.delivery(warehouse, "spring-sale")`, then `warehouse.asked[-1]`. What was
        answered from memory is not there again. REPORTLIB_LOG=sql prints each to stderr as it is answered.
        """
        return [*self._asked]

    def has(self, table: Table) -> bool:
        """Whether the database has this table of the contract: those that are OPTIONAL may be missing."""
        return bool(self.columns(table.name))

    def present(self, table: Table) -> list[Column]:
        """The contract's columns of a table that the database has: those that are optional may be missing."""
        return [column for column in table.columns if column.name in self.columns(table.name)]

    def told(self, column: Column) -> ColumnElement:
        """A column of the contract that is optional, by its name; where the database lacks it, nothing in each row."""
        is_there = column.name in self.columns(column.table.name)
        return (column if is_there else cast(null(), column.type)).label(column.name)

    def columns(self, name: str) -> dict[str, TypeEngine]:
        """The columns of a table or view with their types; none where there is no such table."""
        if name not in self._columns:
            try:
                described = _described(self.engine, name)
            except DBAPIError as error:
                raise explain(error, self.engine.url) from None
            for table, columns in described.items():
                self._columns[table] = {column["name"]: column["type"] for column in columns}
        return self._columns[name]

    def _typed_answer(self, select) -> pd.DataFrame:
        frame, rows = self._answer(select)
        for column in select.selected_columns:
            name = column.name
            if not isinstance(column.type, (String, Identifier)):
                continue
            if frame[name].isna().all():
                frame[name] = frame[name].astype("str")
            elif frame[name].dtype == float:  # whole numbers, and some missing
                frame[name] = pd.array([row[frame.columns.get_loc(name)] for row in rows], dtype="Int64")
        return frame

    def _answer(self, select) -> tuple[pd.DataFrame, list[tuple]]:
        """What the database answers, as pandas takes it and as it is."""
        return self._ask(select, _as_rows)

    def _as_arrays(self, found):
        arrays = arrays_of(self.engine, found.cursor)
        return arrays, len(next(iter(arrays.values())))

    def _ask(self, select, taken: Callable, again: bool = True):
        """The answer as `taken` has it of a result, with how many rows it has; asked once more where the connection was
        lost, as by a server started anew."""
        began = time.perf_counter()
        try:
            with self.engine.connect() as connection:
                answer, rows = taken(connection.execute(select))
                if isinstance(select, CreateTableAs):
                    connection.commit()
                self._asked.append(Asked(time.perf_counter() - began, rows, select, connection.dialect, self._schemas))
                log(self._asked[-1])
                return answer
        except DBAPIError as error:
            if again and error.connection_invalidated:
                return self._ask(select, taken, again=False)
            if isinstance(select, TextClause) and objects_to_statement(self.engine, error):
                reason = first_line(error.orig, self.engine.url)
                raise InvalidQuery(f"the database cannot answer this: {reason}") from None
            raise explain(error, self.engine.url, about_tables(select)) from None

    def __repr__(self):
        return f"Warehouse({self.address!r})"


def _as_rows(found):
    rows = [tuple(row) for row in found] if found.returns_rows else []
    return (pd.DataFrame(rows, columns=[*map(str, found.keys())]), rows), len(rows)


def _described(engine, name) -> dict[str, list]:
    """The columns of this table, and of all of the contract's where the engine tells of several in one answer."""
    inspector, at_once = inspect(engine), type(engine.dialect).get_multi_columns
    if name in TABLES and at_once is not DefaultDialect.get_multi_columns:
        found = inspector.get_multi_columns(filter_names=[*TABLES], kind=ObjectKind.ANY, scope=ObjectScope.ANY)
        return {table: found.get((None, table), []) for table in TABLES}
    try:
        return {name: inspector.get_columns(name)}
    except NoSuchTableError:
        return {name: []}


def _question(select) -> Hashable:
    """What tells a select from others, with its values; None where SQLAlchemy has no such key."""
    found = select._generate_cache_key()  # a fifth of what compiling it takes
    return found and (found.key, repr([parameter.effective_value for parameter in found.bindparams]))
