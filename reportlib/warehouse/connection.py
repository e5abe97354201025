"""Opening a campaign database for reading, and asking it for aggregates."""

import os
import re
import time
from pathlib import Path

import pandas as pd
from sqlalchemy import URL, Engine, String, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError

from reportlib.errors import DatabaseUnavailable, WarehouseError
from reportlib.warehouse.contract import Identifier
from reportlib.warehouse.dialects import ENGINES, MEMORY_VARIABLE, database_file, prepared, read_only_options

PROJECT = Path(__file__).resolve().parents[2]
DEMO_DATABASE = PROJECT / "output" / "demo.duckdb"
ADDRESS_VARIABLE = "CAMPAIGN_DATABASE_URL"
_NOT_PERMITTED = ("permission denied", "read-only file", "readonly database", "unable to open database file")
PASSWORD_OPTIONS = ("password", "sslpassword")  # where an address may hold one, besides before its @


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
        self._answers: dict[tuple, pd.DataFrame] = {}

    def sql(self, select) -> pd.DataFrame:
        """Run a SQLAlchemy select; one row per row of its result, one column per column, no index meaning.

        A column of texts is one also where the result holds none.
        """
        question = select.compile(self.engine)
        key = (question.string, repr(question.params))
        if key not in self._answers:
            try:
                with self.engine.connect() as connection:
                    rows = connection.execute(select)
                    frame = pd.DataFrame(rows.fetchall(), columns=list(rows.keys()))
            except DBAPIError as error:
                raise explain(error, self.engine.url) from None
            texts = [column.name for column in select.selected_columns if isinstance(column.type, (String, Identifier))]
            empty = [name for name in texts if frame[name].isna().all()]
            self._answers[key] = frame.astype(dict.fromkeys(empty, "str"))
        return self._answers[key].copy()

    def __repr__(self):
        return f"Warehouse({self.address!r})"


def open_warehouse(url: str | None = None) -> Warehouse:
    """Open a campaign database, read-only.

    `url` is a SQLAlchemy address; without one the environment variable CAMPAIGN_DATABASE_URL, and without that the
    demo that `reportlib demo` makes. Raises WarehouseError when nothing answers there.
    """
    engine = connect(url or os.environ.get(ADDRESS_VARIABLE) or demo_address(), read_only_options)
    warehouse = Warehouse(engine)
    try:
        engine.connect().close()
    except DBAPIError as error:
        raise explain(error, engine.url) from None
    return warehouse


def demo_address() -> str:
    """The address of the demo, wherever the command or the notebook runs."""
    return f"duckdb:///{DEMO_DATABASE}"


def connect(address: str, options=lambda engine_name: {}) -> Engine:
    """An engine for this address, its file checked to exist where it is only to be read."""
    try:
        url = make_url(address)
        if url.get_backend_name() not in ENGINES:
            raise ArgumentError(f"{url.get_backend_name()} is not one of {', '.join(ENGINES)}")
        arguments = options(url.get_backend_name())
        if arguments.get("execution_options", {}).get("read_only"):
            _require_file(url)
        return prepared(create_engine(url, **arguments))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        reason = _first_line(error, address)
    except ValueError:  # quotes what stands in the port's place, which may be a password with / or @ in it
        reason = "its port is not a number; in a password, write / as %2F and @ as %40"
    raise WarehouseError(
        f"--to or {ADDRESS_VARIABLE} is not a database address that can be used here ({reason}); "
        "it looks like duckdb:////path/to/file.duckdb, sqlite:////path/to/file.db or "
        "postgresql+psycopg://user@host/database"
    )


def shown(address: str | URL) -> str:
    """The address without its password, for people to read."""
    url = make_url(address)
    return url.difference_update_query(PASSWORD_OPTIONS).render_as_string(hide_password=True)


def explain(error: DBAPIError, address: str | URL) -> WarehouseError:
    """What a database error means for the person who asked, in one line, without the password.

    A DatabaseUnavailable where trying again a little later may help.
    """
    reason = _first_line(error.orig, address)
    address = shown(address)
    lowered, is_file = reason.lower(), address.startswith(("duckdb", "sqlite"))
    if "password" in lowered or "authentication" in lowered:
        return WarehouseError(f"{address} refuses this user or password; check {ADDRESS_VARIABLE} ({reason})")
    if isinstance(error, OperationalError) and "does not exist" in lowered:  # the database, or the user
        return WarehouseError(f"there is no database at {address}; check {ADDRESS_VARIABLE} ({reason})")
    if "does not exist" in lowered or "not found" in lowered or "no such" in lowered:
        return WarehouseError(
            f"{address} lacks something that the source contract asks for ({reason}); "
            "`reportlib check` lists what is missing"
        )
    if "out of memory" in lowered:
        allow = "its server is full"
        if is_file:
            allow = f"allow it more with {MEMORY_VARIABLE}=2GB" if address.startswith("duckdb") else "free some"
        return WarehouseError(f"there is too little memory for what was asked of {address}: {allow} ({reason})")
    if re.search(r"\block(ed)?\b", lowered):
        said = f"{address} is being written by another program; try again when it is done ({reason})"
        return DatabaseUnavailable(said)
    if "different configuration" in lowered:  # DuckDB, of a file that this process has open
        return WarehouseError(f"{address} is open in this very program, for reading or writing; restart it ({reason})")
    if "no space left" in lowered or "disk is full" in lowered:
        return WarehouseError(f"{address} has no room left on its disk ({reason})")
    if any(words in lowered for words in _NOT_PERMITTED):
        return WarehouseError(f"{address} may not be used by this user ({reason})")
    is_remote = isinstance(error, (OperationalError, InterfaceError)) and not is_file
    return (DatabaseUnavailable if is_remote else WarehouseError)(f"{address} does not answer ({reason})")


def _require_file(url):
    if not url.database or url.database.startswith(":"):
        return
    path = database_file(url)
    if path and not path.exists():
        how = "`reportlib demo` makes it" if path == DEMO_DATABASE else f"check {ADDRESS_VARIABLE}"
        raise WarehouseError(f"there is no database at {path}: {how}")


def _first_line(error, address: str | URL) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    for password in _passwords(address):
        text = text.replace(password, "***")
    return text


def _passwords(address: str | URL) -> list[str]:
    try:
        url = make_url(address)
    except ArgumentError:
        return []
    return [secret for secret in (url.password, *map(url.query.get, PASSWORD_OPTIONS)) if secret]
