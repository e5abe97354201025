"""Tables that an earlier version made, brought to what the contract says now."""

import re

from sqlalchemy import Connection, MetaData, Table, inspect
from sqlalchemy.schema import CreateColumn


def altered(connection: Connection, metadata: MetaData):
    """Give the tables that are there the columns they lack, and let those be empty that were `once_required`."""
    inspector = inspect(connection)
    for table in metadata.sorted_tables:
        if not inspector.has_table(table.name):
            continue
        required = {column["name"]: not column["nullable"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in required and column.nullable:
                definition = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
            elif column.info.get("once_required") and required.get(column.name):
                if connection.dialect.name == "sqlite":
                    _made_again(connection, table, column.name)
                else:
                    connection.exec_driver_sql(f"ALTER TABLE {table.name} ALTER COLUMN {column.name} DROP NOT NULL")


def _made_again(connection: Connection, table: Table, name: str):
    """SQLite cannot loosen a column: the table is made anew as it was but for that, with its rows; its indexes go."""
    made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table.name,))
    loosened = re.sub(rf"(\b{name}\b[^,]*?)\s+NOT\s+NULL", r"\1", made.scalar_one(), count=1, flags=re.IGNORECASE)
    old = f"{table.name}_before"
    for index in inspect(connection).get_indexes(table.name):
        connection.exec_driver_sql(f'DROP INDEX "{index["name"]}"')
    connection.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {old}")
    connection.exec_driver_sql(loosened)
    connection.exec_driver_sql(f"INSERT INTO {table.name} SELECT * FROM {old}")
    connection.exec_driver_sql(f"DROP TABLE {old}")
