"""Tables that an earlier version made, brought to what the contract says now."""

from sqlalchemy import Column, Connection, MetaData, inspect
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.schema import CreateColumn

from reportlib.warehouse.engines.opening import loosen


def altered(connection: Connection, metadata: MetaData) -> list[Column]:
    """Give the tables that are there the columns they lack, and let those be empty that were `once_required`.

    Returns the columns that were added.
    """
    named, added = {table.name: table for table in metadata.sorted_tables}, []
    # All at once: DuckDB takes 5 ms for each question, most of what a small import takes.
    known = inspect(connection).get_multi_columns(filter_names=[*named], kind=ObjectKind.ANY)
    for (_, name), columns in known.items():
        table, required = named[name], {column["name"]: not column["nullable"] for column in columns}
        for column in table.columns:
            if column.name not in required and column.nullable:
                definition = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
                added.append(column)
            elif column.info.get("once_required") and required.get(column.name):
                loosen(connection, table, column.name)
    return added
