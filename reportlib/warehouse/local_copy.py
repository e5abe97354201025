"""A copy of a campaign database in a DuckDB file: what another engine's figures can be held against."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import BigInteger, Column, Connection, DateTime, Table, Text, Uuid, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from reportlib.errors import WarehouseError
from reportlib.warehouse.connection import connect, explain, open_warehouse
from reportlib.warehouse.contract.tables import TABLES, Identifier, messages, with_id_types
from reportlib.warehouse.engines import append, at_epoch_ms, epoch_ms, made_anew, temporary
from reportlib.warehouse.warehouse import Warehouse

_AT_ONCE = 10_000  # rows
_ID_TYPES: dict[type, TypeEngine] = {int: BigInteger(), UUID: Uuid()}  # others are texts


def copy_to_duckdb(warehouse: Warehouse, path: Path, most_messages: int) -> Warehouse:
    """The database's tables of the contract in a new DuckDB file, opened at the same moment; times to the millisecond.

    Raises WarehouseError where it has more than `most_messages`, or does not answer.
    """
    count = int(warehouse.sql(select(func.count().label("messages")).select_from(messages))["messages"].iloc[0])
    if count > most_messages:
        raise WarehouseError(
            f"{warehouse.address} has {count:,} messages, and at most {most_messages:,} would be copied: allow more "
            "with --messages, or name a database with views of some of its campaigns"
        )
    address = f"duckdb:///{path}"
    target = connect(address)
    try:
        with warehouse.engine.connect() as source, target.begin() as connection:
            present = [table for table in TABLES.values() if warehouse.has(table)]
            typed = with_id_types(_id_types(source, present))
            typed.create_all(connection)
            for table in present:
                _copy(source, connection, warehouse.present(table), typed.tables[table.name])
    except DBAPIError as error:
        raise explain(error, warehouse.engine.url) from None
    finally:
        target.dispose()
    copy = open_warehouse(address)
    copy.opened_ms = warehouse.opened_ms
    return copy


def _id_types(source: Connection, present: list[Table]) -> dict[str, TypeEngine]:
    """The type of each kind of id, by the first of its values."""
    types: dict[str, TypeEngine] = {}
    for table in present:
        for column in table.columns:
            if isinstance(column.type, Identifier) and column.name not in types:
                value = source.scalar(select(column).where(column.is_not(None)).limit(1))
                if value is not None:
                    types[column.name] = _ID_TYPES.get(type(value), Text())
    return types


def _copy(source: Connection, target: Connection, present: list[Column], copied: Table):
    """All rows of these columns, a portion at a time; their times travel as numbers, which every engine has alike."""
    times = {column.name for column in present if isinstance(column.type, DateTime)}
    names = [column.name for column in present]
    types = {name: BigInteger if name in times else copied.c[name].type for name in names}
    arrived = temporary(f"arrived_{copied.name}", **types)
    made_anew(target, arrived)
    sent = [epoch_ms(column).label(column.name) if column.name in times else column for column in present]
    for rows in source.execution_options(yield_per=_AT_ONCE).execute(select(*sent)).partitions():
        append(target, arrived, [tuple(row) for row in rows])
    values = [at_epoch_ms(column) if column.name in times else column for column in arrived.columns]
    target.execute(insert(copied).from_select(names, select(*values)))
