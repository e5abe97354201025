"""One platform, copied in one call: read as it was at one moment, written in one transaction."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from zoneinfo import available_timezones

import duckdb
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from reportlib.errors import UnknownTimeZone, WarehouseError, nearest
from reportlib.scratch import scratch_folder
from reportlib.warehouse.connect import calls, digests, layout, local, opening, reading
from reportlib.warehouse.connect.calls import Call
from reportlib.warehouse.connect.digests import Digests
from reportlib.warehouse.connect.listing import platform
from reportlib.warehouse.connect.platform import Platform
from reportlib.warehouse.connect.told import Silent, Summary
from reportlib.warehouse.connection import connect, explain, shown
from reportlib.warehouse.contract.tables import REPORTABLE_STATUSES, TABLES
from reportlib.warehouse.engines import companions, database_file, memory_options, read_only_options

USUAL_TARGET = "duckdb:///campaigns.duckdb"
_NO_ZONE = "UTC"


@dataclass(frozen=True)
class Read:
    """The rows of an extract that were read: a file of them; of those that are compared by a column, the digests of all
    there are, and the values whose rows these are (None: all)."""

    file: Path
    digests: Digests | None = None
    values: set[str | None] | None = None


def connect_platform(
    name: str,
    source: str | None = None,
    to: str = USUAL_TARGET,
    *,
    full: bool = False,
    timezone: str = "",
    schema: str | None = None,
    prefix: str | None = None,
    progress: Silent | None = None,
) -> Summary:
    """Copy what the platform at `source`, or else at CAMPAIGN_SOURCE_URL, holds into the DuckDB file `to`.

    The first call reads all; a later one what has changed since, and with `full` all again, so that what was deleted
    goes too. Times of day are those of `timezone`, which later calls remember.

    Raises
    ------
    InvalidParameters, UnknownTimeZone
        There is no such platform, or no such zone.
    WarehouseError
        One of the two databases is not as it must be. In each case `to` is left as it was.
    """
    began, chosen, progress = time.monotonic(), platform(name), progress or Silent()
    source = source or os.environ.get(opening.SOURCE_VARIABLE)
    if not source:
        raise WarehouseError(f"name the database of {chosen.title} with --from, or in {opening.SOURCE_VARIABLE}")
    if timezone and timezone not in available_timezones():
        raise UnknownTimeZone(f"{timezone!r} is no time zone{nearest(timezone, available_timezones())}")
    engine = opening.open_source(source)
    try:
        earlier, since = _earlier(to, chosen)
        call = Call(
            chosen.name,
            shown(engine.url),
            timezone or (earlier.asked_timezone if earlier else ""),
            "",
            calls.declared(chosen),
            datetime.now(UTC).replace(tzinfo=None),
        )
        if earlier and (earlier.platform, earlier.address) != (call.platform, call.address) and not full:
            raise WarehouseError(
                f"{to} holds {earlier.platform} from {earlier.address}: name another file with --to, or, where the "
                "platform has only moved, call with --full"
            )
        if full or earlier is None or earlier.declared != call.declared:
            since = {}
        with scratch_folder("connect") as scratch:
            came = _read(engine, chosen, since, (schema, prefix), scratch, progress)
            with _written(to) as connection:
                return _write(connection, chosen, earlier, call, came, bool(since), (to, began))
    except (OSError, duckdb.Error) as error:
        reason = str(error).splitlines()[0]
        raise WarehouseError(f"nothing was changed: no room to work in {tempfile.gettempdir()}? ({reason})") from None
    finally:
        engine.dispose()


def _file(target: URL) -> Path:
    return cast(Path, database_file(target))  # a DuckDB file, as `_earlier` has seen to


def _earlier(to: str, platform: Platform) -> tuple[Call | None, dict[str, datetime | Digests]]:
    """The call before, if there was one, and from where on the next reads. Raises WarehouseError for no target."""
    try:
        url = make_url(to)
    except (ArgumentError, ValueError):  # ValueError: its port
        url = make_url("none://")
    if url.get_backend_name() != "duckdb":
        raise WarehouseError(f"--to names a DuckDB file, as {USUAL_TARGET} does: it is where reports are fastest from")
    if not _file(url).exists():
        return None, {}
    engine = connect(to, read_only_options)
    try:
        with engine.connect() as connection:
            call = calls.latest_call(connection)
            if not call and local.one(connection, _TABLES_OF_OTHERS):
                raise WarehouseError(f"{to} has tables that did not come from here: name another file with --to")
            same = call is not None and call.platform == platform.name and call.declared == calls.declared(platform)
            return call, calls.read_up_to(connection, platform, call) if call and same else {}
    except DBAPIError as error:
        raise explain(error, to) from None
    finally:
        engine.dispose()


_TABLES_OF_OTHERS = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main'"


def _read(engine: Engine, platform: Platform, since, where, scratch: Path, progress: Silent) -> dict[str, Read]:
    """What was read of each extract that is there, by its name."""
    came = {}
    with opening.reading(engine, platform.title) as connection:
        place = layout.find(connection, platform, *where)
        there = [extract for extract in platform.extracts if place.has(extract)]
        for number, extract in enumerate(there, start=1):
            progress.begins(extract.table, number, len(there))
            file, known = scratch / f"{extract.name}.csv", since.get(extract.name)
            if extract.compared_by:
                now, values = digests.asked(connection, extract, place)
                changed = None if known is None else digests.differing(known, now)
                again = None if changed is None else [values[text] for text in changed if text in values]
                rows = reading.statement(extract, place, values=again)
                came[extract.name] = Read(file, now, changed)
            else:
                rows = reading.statement(extract, place, known)
                came[extract.name] = Read(file)
            reading.read(connection, rows, file, progress.rows)
        progress.ends()
    return came


@contextmanager
def _written(to: str) -> Iterator[Connection]:
    """A transaction in the database; a file that is not there yet is made under another name first."""
    path = _file(make_url(to))
    if not path.parent.is_dir():
        raise WarehouseError(f"cannot make the database {path}: there is no folder {path.parent}")
    new = None if path.exists() else path.with_name(f".{path.name}.{os.getpid()}")
    engine = connect(f"duckdb:///{new or path}", memory_options)
    try:
        with engine.begin() as connection:
            yield connection
        engine.dispose()
        if new:
            new.replace(path)
    except DBAPIError as error:
        raise explain(error, to) from None
    finally:
        engine.dispose()
        if new:
            for left in (new, *companions(engine.url)):
                left.unlink(missing_ok=True)


def _write(connection: Connection, platform: Platform, earlier, call: Call, read, changes_only, told) -> Summary:
    """Take in what was read, and make the contract's rows of it. Raises WarehouseError where nothing was sent."""
    to, began = told
    if calls.latest_call(connection) != earlier:
        raise WarehouseError(f"another call has written {to} meanwhile: call again")
    local.make_tables(connection)
    again = [extract for extract in platform.extracts if changes_only and extract.name in read]
    for extract in platform.extracts:
        if extract in again:
            local.take_changed(connection, extract, read[extract.name].file, read[extract.name].values)
        else:
            local.take_all(connection, extract, read[extract.name].file if extract.name in read else None)
    digests.remember(connection, {name: one.digests for name, one in read.items() if one.digests is not None})
    everyone = local.find_touched(connection, again) or not changes_only
    zone = call.asked_timezone or _zone_of(connection, platform)
    everyone |= earlier is None or (zone or _NO_ZONE) != earlier.timezone
    came, notes = local.build(connection, platform, zone or _NO_ZONE, everyone)
    reportable = ", ".join(f"'{status}'" for status in REPORTABLE_STATUSES)
    if not local.one(connection, f"SELECT count(*) FROM campaigns WHERE status IN ({reportable})"):
        raise WarehouseError(
            f"{platform.title} at {call.address} has sent no campaign yet: nothing was changed; call again once it has"
        )
    calls.remember(connection, Call(**{**vars(call), "timezone": zone or _NO_ZONE}))
    notes |= {sentence: local.one(connection, sql) for sentence, sql in platform.notes.items()}
    return Summary(
        platform.title,
        call.address,
        to,
        everyone,
        came,
        {name: local.one(connection, f"SELECT count(*) FROM {name}") for name in TABLES},
        {sentence: local.one(connection, sql) for sentence, sql in platform.no_place.items()},
        notes,
        platform.not_told,
        zone,
        time.monotonic() - began,
    )


def _zone_of(connection: Connection, platform: Platform) -> str:
    """The account's time zone as the platform knows it; "" where it does not, or what it has is none."""
    zone = local.one(connection, platform.timezone) if platform.timezone else None
    return zone if zone in available_timezones() else ""
