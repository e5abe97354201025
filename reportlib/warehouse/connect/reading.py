"""What is read of a platform: one plain SELECT per table, streamed into a file, all of one moment."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Select, String, and_, cast, column, func, null, or_, select, table

from reportlib.warehouse.connect.layout import Place
from reportlib.warehouse.connect.platform import Extract
from reportlib.warehouse.engines import csv_chunks

_PROGRESS_AT = 10_000  # lines


def statement(extract: Extract, place: Place, since: datetime | None = None, values: list | None = None) -> Select:
    """The SELECT of an extract's rows: all, or those that changed from `since` (as the table's clock has it) on, or
    those that have one of these values of what they are `compared_by`."""
    selected = [_read(extract, place, name) for name in extract.types]
    rows = select(*selected).select_from(table(place.prefix + extract.table, schema=place.schema))
    for name, only in extract.only.items():
        rows = rows.where(column(name).in_(only))
    if values is not None:
        compared: ColumnElement = column(extract.compared_by)
        known = compared.in_([value for value in values if value is not None])
        return rows.where(or_(known, compared.is_(None)) if None in values else known)
    if since is None or not extract.changed:
        return rows
    moved = [name for name in extract.changed.split() if name in place.columns[extract.name]]
    at = {name: since.replace(tzinfo=UTC) if place.has_zone(extract, name) else since for name in moved}
    unknown = and_(*[column(name).is_(None) for name in moved])
    return rows.where(or_(unknown, *[column(name) >= at[name] for name in moved]))


def read(connection: Connection, rows: Select, file: Path, progress: Callable[[int], None]):
    """The rows of a SELECT as a CSV file without a header; `progress` is told how many lines came, now and then."""
    came = 0
    with file.open("wb") as lines:
        for chunk in csv_chunks(connection, rows):
            lines.write(chunk)
            came += bytes(chunk).count(b"\n")
            if came >= _PROGRESS_AT:
                progress(came)
                came = 0
    progress(came)


def _read(extract: Extract, place: Place, name: str):
    """A column as text or number; what this version lacks is empty, a time with a zone is UTC's."""
    if name not in place.columns[extract.name]:
        return null().label(name)
    if extract.types[name] == "TIMESTAMP" and place.has_zone(extract, name):
        return func.timezone("UTC", column(name)).label(name)
    if place.is_binary(extract, name):
        return cast(column(name), String).label(name)
    return column(name)
