"""Opening a campaign database, for reading or for writing."""

import os
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from reportlib.errors import DatabaseUnavailable, WarehouseError
from reportlib.suite import OUTPUT, suite
from reportlib.warehouse.engines import ENGINES, database_file, is_in_process, only_read, prepared, read_only_options
from reportlib.warehouse.explain import ADDRESS_VARIABLE, explain, first_line, no_address, shown, url_of
from reportlib.warehouse.warehouse import Warehouse

DEMO_DATABASE = "demo.duckdb"


def open_warehouse(url: str | None = None) -> Warehouse:
    """Open a campaign database, read-only.

    `url` is a SQLAlchemy address; without one the environment variable CAMPAIGN_DATABASE_URL, and without that the
    demo that `reportlib demo` makes. Raises WarehouseError when nothing answers there.

    Example
    -------
    >>> open_warehouse().engine.dialect.name
    'duckdb'
    """
    engine = connect(url or os.environ.get(ADDRESS_VARIABLE) or demo_address(), read_only_options)
    warehouse = Warehouse(engine)
    try:
        engine.connect().close()
    except DBAPIError as error:
        raise explain(error, engine.url) from None
    except OSError as error:  # as of a host that nobody knows, where a driver does not wrap it
        raise DatabaseUnavailable(f"{warehouse.address} does not answer ({error.strerror or error})") from None
    return warehouse


def address_to(do: str, url: str | None) -> str:
    """The address, without one that in the environment. Raises WarehouseError where there is none to do this with."""
    if address := url or os.environ.get(ADDRESS_VARIABLE):
        return address
    raise WarehouseError(f"no database to {do}: give its address with --to, or set {ADDRESS_VARIABLE}")


def demo_address() -> str:
    """The address of the suite's demo, wherever in it the command or the notebook runs. Raises NoSuite."""
    return f"duckdb:///{suite() / OUTPUT / DEMO_DATABASE}"


def connect(address: str, options=lambda engine_name: {}) -> Engine:
    """An engine for this address, its file checked to exist where it is only to be read."""
    url = url_of(address)
    try:
        if url.get_backend_name() not in ENGINES:
            raise ArgumentError(f"{url.get_backend_name()} is not one of {', '.join(ENGINES)}")
        _require_regular(url)
        arguments = options(url.get_backend_name())
        reading = arguments.get("execution_options", {}).get("read_only")
        if reading:
            _require_file(url)
        engine = prepared(create_engine(url, **arguments))
        if not reading and (what := only_read(url)):
            raise WarehouseError(f"{shown(url)} is {what}, which is only read: write into another database")
        return engine
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise no_address(first_line(error, address)) from None


def _require_regular(url):
    """A pipe would be waited for, and a device be replaced by a database."""
    path = Path(url.database or "") if is_in_process(url) else None
    try:
        is_odd = path and path.exists() and not path.is_file() and not path.is_dir()
    except OSError as error:  # a name that is too long
        raise WarehouseError(f"there is no database at {str(path)[:100]}: {error.strerror}") from None
    if is_odd:
        raise WarehouseError(f"{path} is no file that a database could be in: name another")


def _require_file(url):
    if not url.database or url.database.startswith(":"):
        return
    path = database_file(url)
    if path and not path.exists():
        how = "`reportlib demo` makes it" if path.name == DEMO_DATABASE else f"check {ADDRESS_VARIABLE}"
        raise WarehouseError(f"there is no database at {path}: {how}")
