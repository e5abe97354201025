"""The platform's database: opened to be read and nothing else, its errors said in one line without the password."""

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from reportlib.errors import DatabaseUnavailable, WarehouseError
from reportlib.warehouse.connection import first_line, shown
from reportlib.warehouse.engines import database_file, is_about_tls, is_stopped, prepared, read_only_options

SOURCE_VARIABLE = "CAMPAIGN_SOURCE_URL"
_LIMIT_S = 600  # what one statement may take, as on PostgreSQL
_MYSQL = {"connect_timeout": 10, "read_timeout": _LIMIT_S + 60, "write_timeout": 60, "charset": "utf8mb4"}
_DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql", "postgresql": "postgresql+psycopg"}
# What the servers say, PostgreSQL's words and MySQL's numbers: what it means, and what to do.
_MEANINGS = (
    (("password authentication failed", "no pg_hba.conf entry", "no password supplied", "(1045", "(1698"),
     "{address} refuses this user or password: check them in --from"),
    (("permission denied", "(1142", "(1143", "(1044"),
     "this user may not read all of {title} at {address}: grant it SELECT, as docs/connecting.md says"),
    (("(1049", 'database "'), "there is no such database at {address}: check its name in --from"),
    (('role "',), "{address} does not know this user: check it in --from"),
    (("(1969", "(3024"), "{address} stopped a statement that took too long: try again when it has less to do"),
    (("lock timeout", "(1205"), "something holds a lock on a table of {address}: try again when it is done"),
    (("does not exist", "(1146", "(1054", "no such table", "no such column", "does not have"),
     "a table or column of {title} at {address} went while it was read: call again"),
    (("lock on file", "database is locked"), "{address} is being written by another program: call again later"),
    (("not a database", "not a valid duckdb"), "{address} is no database of this kind: check --from"),
)  # fmt: skip


def open_source(address: str) -> Engine:
    """The platform's database, its connections unable to write. Raises WarehouseError where the address is none."""
    try:
        url = make_url(address)
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        kind = url.get_backend_name()
        if kind in ("mysql", "mariadb"):
            return _mysql(url)
        if kind == "parquet":
            return _folder(Path(url.database or "."))
        if kind not in ("postgresql", "sqlite", "duckdb"):
            raise ArgumentError(f"{kind} is not one of postgresql, mysql, mariadb, sqlite, duckdb, parquet")
        path = database_file(url)
        if path and not path.exists():
            raise WarehouseError(f"there is no database at {path}: check --from")
        return prepared(create_engine(url, **read_only_options(kind)))
    except ModuleNotFoundError as error:
        if error.name == "pymysql":
            raise WarehouseError("MySQL and MariaDB need PyMySQL: pip install 'reportlib[mysql]'") from None
        reason = first_line(error, address)
    except (ArgumentError, NoSuchModuleError) as error:
        reason = first_line(error, address)
    except DBAPIError as error:
        raise WarehouseError(f"a file of {shown(url)} cannot be read ({first_line(error.orig, url)})") from None
    except ValueError:
        reason = "its port is not a number; in a password, write / as %2F and @ as %40"
    raise WarehouseError(
        f"--from is not an address that can be read ({reason}); it looks like postgresql://reader@host/database, "
        "mysql://reader@host/database, sqlite:////path/to/file.db or parquet:////path/to/folder"
    )


@contextmanager
def reading(engine: Engine, title: str):
    """A connection to which nothing changes while it is read, where the engine has such.

    Raises WarehouseError, DatabaseUnavailable.
    """
    try:
        with engine.connect() as connection:
            options: dict[str, Any] = {"stream_results": True, "max_row_buffer": 10_000}
            if engine.dialect.name == "postgresql":
                options["isolation_level"] = "REPEATABLE READ"
            yield connection.execution_options(**options)
    except DBAPIError as error:
        raise explain(error, engine.url, title) from None


def explain(error: DBAPIError, address: str | URL, title: str) -> WarehouseError:
    """What an error of the platform's database means, in one line, without the password."""
    url, reason, where = make_url(address), first_line(error.orig, address), shown(address)
    words_of_it = str(error.orig).lower()
    if is_stopped(url, error):
        return WarehouseError(f"{where} stopped a statement: allow it more with REPORTLIB_STATEMENT_TIMEOUT ({reason})")
    if is_about_tls(url, error):
        return WarehouseError(f"no safe connection to {where}: check sslmode and sslrootcert in --from ({reason})")
    for words, meaning in _MEANINGS:
        if any(word in words_of_it for word in words):
            return WarehouseError(f"{meaning.format(address=where, title=title)} ({reason})")
    return DatabaseUnavailable(f"{where} does not answer: check host and port in --from, and the network ({reason})")


def _mysql(url: URL) -> Engine:
    """A server that is told not to write, to speak UTC, and to give up what takes too long."""
    arguments = dict(_MYSQL)
    if not url.password and (password := os.environ.get("MYSQL_PWD")):
        arguments["password"] = password
    engine = create_engine(url, connect_args=arguments, isolation_level="REPEATABLE READ")

    def connected(connection, _record):
        maria = "mariadb" in connection.get_server_info().lower()
        limit = f"max_statement_time = {_LIMIT_S}" if maria else f"max_execution_time = {1000 * _LIMIT_S}"
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute(f"SET time_zone = '+00:00', lock_wait_timeout = 30, net_write_timeout = {_LIMIT_S}, {limit}")

    event.listen(engine, "connect", connected)
    return engine


def _folder(folder: Path) -> Engine:
    """A folder as DuckDB's views: NAME.parquet, or the .parquet files anywhere below a folder NAME.

    As a connector stores a table, and Braze an event.
    """
    if not folder.is_dir():
        raise WarehouseError(f"there is no folder {folder}: check --from")
    engine = create_engine("duckdb:///:memory:", poolclass=StaticPool)
    with engine.begin() as connection:
        for place in sorted(folder.resolve().iterdir()):  # a relative name may look like the scheme of a URL
            files = place.rglob("*.parquet") if place.is_dir() else [place] * (place.suffix == ".parquet")
            if read := [str(file).replace("'", "''") for file in sorted(files) if not file.name.startswith((".", "_"))]:
                name = place.name.removesuffix(".parquet").replace('"', "")
                listed = ", ".join(f"'{file}'" for file in read)
                connection.exec_driver_sql(
                    f'CREATE VIEW "{name}" AS FROM read_parquet([{listed}], union_by_name = true)'
                )
    return engine
