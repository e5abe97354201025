"""Where a platform's tables are in its database, and whether they are as they are read."""

from dataclasses import dataclass

from sqlalchemy import Connection, inspect
from sqlalchemy.types import LargeBinary, TypeEngine

from reportlib.errors import WarehouseError
from reportlib.warehouse.connect.platform import Extract, Platform
from reportlib.warehouse.connection import shown

_SYSTEM = ("information_schema", "pg_catalog", "pg_toast", "performance_schema", "mysql", "sys")


@dataclass(frozen=True)
class Place:
    """Where the tables are: their schema (None: the usual one), what their names begin with, and their columns."""

    schema: str | None
    prefix: str
    columns: dict[str, dict[str, TypeEngine]]

    def has(self, extract: Extract) -> bool:
        """Whether the table is there."""
        return extract.name in self.columns

    def has_zone(self, extract: Extract, name: str) -> bool:
        """Whether a time is stored with its zone."""
        return bool(getattr(self.columns[extract.name][name], "timezone", False))

    def is_binary(self, extract: Extract, name: str) -> bool:
        """Whether a text is stored as bytes."""
        return isinstance(self.columns[extract.name][name], LargeBinary)


def find(connection: Connection, platform: Platform, schema: str | None, prefix: str | None) -> Place:
    """Where the platform's tables are, looked for by their names.

    Raises WarehouseError where they are not, are there twice, or lack columns.
    """
    inspector, where = inspect(connection), shown(connection.engine.url)
    schemas: list[str | None] = [schema or None]
    if not schema and platform.schemas:
        usual = inspector.default_schema_name
        schemas += [name for name in inspector.get_schema_names() if name not in (*_SYSTEM, usual)]
    all_tables = {extract.table for extract in platform.extracts}
    needed = {extract.table for extract in platform.extracts if not extract.optional}
    found, nearest = {}, needed or all_tables
    for place in schemas:
        try:
            present = {*inspector.get_table_names(place), *inspector.get_view_names(place)}
        except (ValueError, RuntimeError):  # a name that no schema of this engine can have
            present = set()
        for start in _prefixes(present, needed or all_tables) if prefix is None else [prefix]:
            missing = {table for table in needed or all_tables if start + table not in present}
            if not needed and len(missing) < len(all_tables):
                missing = set()  # any of them will do
            nearest = min(nearest, missing, key=len)
            if not missing:
                found[place, start] = (place, start, present)
    if not found:
        lacking = ", ".join(sorted(nearest)[:4]) + (" …" if len(nearest) > 4 else "")
        raise WarehouseError(
            f"there is no {platform.title} at {where}: it lacks {lacking}; is it the right database, and may this user "
            "read these tables?"
        )
    if len(found) > 1:
        choices = sorted(f"--schema {place}" if place else f"--prefix {start!r}" for place, start, _ in found.values())
        raise WarehouseError(f"{platform.title} is at {where} more than once: say which, {' or '.join(choices)}")
    ((place, start, present),) = found.values()
    columns = {
        extract.name: {column["name"]: column["type"] for column in inspector.get_columns(start + extract.table, place)}
        for extract in platform.extracts
        if start + extract.table in present
    }
    for extract in platform.extracts:
        if extract.name in columns and (absent := sorted(extract.required - columns[extract.name].keys())):
            raise WarehouseError(
                f"{platform.title} at {where} has no column {extract.table}.{absent[0]}: {platform.versions} is read; "
                "if yours is later, this has to be mended (docs/connecting.md says how)"
            )
    return Place(place, start, columns)


def _prefixes(present: set[str], needed: set[str]) -> list[str]:
    """What may stand before the tables' names: what stands before the longest that is there."""
    for longest in sorted(needed, key=len, reverse=True):
        if starts := {name.removesuffix(longest) for name in present if name.endswith(longest)}:
            return sorted(starts)
    return []
