"""Tables that an earlier version made, brought to what the contract says now."""

from sqlalchemy import Column, Connection, MetaData, inspect
from sqlalchemy.schema import CreateColumn

from reportlib.warehouse.engines.opening import loosen


def altered(connection: Connection, metadata: MetaData) -> list[Column]:
    """Give the tables that are there the columns they lack, and let those be empty that were `once_required`.

    Returns the columns that were added.
    """
    inspector, added = inspect(connection), []
    for table in metadata.sorted_tables:
        if not inspector.has_table(table.name):
            continue
        required = {column["name"]: not column["nullable"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in required and column.nullable:
                definition = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
                added.append(column)
            elif column.info.get("once_required") and required.get(column.name):
                loosen(connection, table, column.name)
    return added
