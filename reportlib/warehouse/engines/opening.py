"""How a database is opened, locked and counted, as far as nothing else is said in the file of its engine."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Dialect, Engine, Table
from sqlalchemy.exc import DBAPIError, OperationalError

from reportlib.errors import WarehouseError
from reportlib.warehouse.engines.by_engine import by_engine


@by_engine
def only_read(url: URL) -> str:
    """What an engine is that is never written to, for people to read; empty for the others."""
    return ""


@by_engine
def shares_out(engine: Engine) -> bool:
    """Whether what is asked is shared out among workers, whose memory has bounds of its own."""
    return False


@by_engine
def read_only_options(name: str) -> dict:
    """Arguments of `create_engine` that make a connection, once the engine is `prepared`, unable to write."""
    return {"execution_options": {"read_only": True}}


@by_engine
def memory_options(name: str | URL) -> dict:
    """Arguments of `create_engine` that keep an engine within this process to the memory and threads it may take."""
    return {}


@by_engine
def prepared(engine: Engine) -> Engine:
    """The engine itself, its connections set up as they are made; the execution option read_only says what for."""
    return engine


@by_engine
def database_file(url: URL) -> Path | None:
    """The file that is the database, or None where a server keeps it. Raises WarehouseError where it is in memory."""
    return None


def file_of(url: URL) -> Path:
    """`database_file` of engines whose databases are files."""
    if not url.database or url.database.startswith(":"):
        name = url.get_backend_name()
        raise WarehouseError(f"{url} has no file: what is written there is gone at once; use {name}:////path/to/file")
    return Path(url.database)


@by_engine
def is_in_process(url: URL) -> bool:
    """Whether the engine works within this process, on files."""
    return False


@by_engine
def companions(url: URL) -> list[Path]:
    """The files that the engine may have beside the database's own."""
    return []


def has_companions(url: URL) -> bool:
    """Whether there is something in one of the `companions`."""
    return any(one.exists() and one.stat().st_size for one in companions(url))


def beside(url: URL, *endings: str) -> list[Path]:
    """The files named as the database's own, and these endings."""
    path = file_of(url)
    return [path.with_name(path.name + ending) for ending in endings]


@by_engine
def shuts_readers_out(url: URL) -> bool:
    """Whether nobody can read a database while another program writes it."""
    return False


@by_engine
def keep_other_writers_out(connection: Connection, table: Table):
    """Until the transaction ends nobody else writes this table; who reads it is not kept waiting.

    A file has one writer anyway.
    """


@by_engine
def keeps_indexes(dialect: Dialect) -> bool:
    """Whether rows are looked up by indexes."""
    return True


@by_engine
def keeps_fold(engine: str | URL | Engine | Connection) -> bool:
    """Whether what happened to each message is kept beside the tables (`metrics.people.fold`)."""
    return False


@by_engine
def arrays_of(engine: Engine, cursor) -> dict:
    """The columns of what was answered, by name, as numpy's arrays. Of engines that have none to hand over: not."""
    raise NotImplementedError(f"{engine.name} hands over no arrays")


@by_engine
def place_to_keep(engine: Engine) -> str | None:
    """The schema, made where it is missing, of tables in this process's own memory; None: the engine has none."""
    return None


@by_engine
def index_lookups(connection: Connection):
    """Make the indexes on the contract's tables that the engine wants, where they are not there."""


@by_engine
def gather_statistics(connection: Connection, tables: Iterable[Table]):
    """Tell the planner how large these tables are."""
    for table in tables:
        connection.exec_driver_sql(f"ANALYZE {table.name}")


@by_engine
def loosen(connection: Connection, table: Table, name: str):
    """Let a column of a table be empty that must not be."""
    connection.exec_driver_sql(f"ALTER TABLE {table.name} ALTER COLUMN {name} DROP NOT NULL")


@by_engine
def as_stored(engine: Engine, moment: datetime) -> datetime:
    """What is put into a column of timestamps: naive, UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None)


@by_engine
def compares_across_kinds(name: str) -> bool:
    """Whether the engine compares an enumeration with text, and 0 and 1 with false and true, without a cast."""
    return False


@by_engine
def types_columns(name: str) -> bool:
    """Whether a column holds values of its own type only."""
    return True


@by_engine
def objects_to_statement(url: URL | Engine, error: DBAPIError) -> bool:
    """Whether the engine refuses what was asked, a table that is other than expected, and not to be asked at all."""
    return not isinstance(error, OperationalError)


@by_engine
def is_stopped(url: URL, error: DBAPIError) -> bool:
    """Whether the server stopped what was asked, because it took too long or because somebody there said so."""
    return False


@by_engine
def is_about_tls(url: URL, error: DBAPIError) -> bool:
    """Whether there is no connection because of a certificate, a key, or a server without TLS."""
    return False
