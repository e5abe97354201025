"""Connections to PostgreSQL: named for who asks, given up when nothing comes back, and unable to write where they read.

What an address says itself (`?connect_timeout=30&sslmode=verify-full`) goes before what is set here.
"""

import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from reportlib.errors import WarehouseError

TIMEOUT_VARIABLE = "REPORTLIB_STATEMENT_TIMEOUT"  # how long a question may take, e.g. 30min
NOTEBOOK_VARIABLE = "JPY_SESSION_NAME"  # where Jupyter tells a kernel which notebook it runs
# A network that swallows everything is noticed within a minute; the system alone would wait for hours.
_NETWORK = {
    "connect_timeout": 10,  # seconds, as the others but the last
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
# Where neither the variable, the address, the role nor the server sets any. Ten minutes is what a report may take.
_LIMITS = "('statement_timeout', '10min'), ('lock_timeout', '30s')"
_ABOUT_TLS = re.compile(r"certificate|private key|not support SSL|sslmode|SSL error: .*alert")  # libpq's words
# Compiling a question of some hundred expressions takes PostgreSQL ten times as long as answering it uncompiled.
_READING = ("default_transaction_read_only=on", "timezone=UTC", "jit=off")


def prepared(engine: Engine) -> Engine:
    """The engine itself, its connections set up as they are made; the execution option read_only says what for.

    Raises WarehouseError where REPORTLIB_STATEMENT_TIMEOUT is no duration.
    """
    reading = engine.get_execution_options().get("read_only", False)
    settings = [*_READING, *_limit()] if reading else []

    def connect(_dialect, _record, _arguments, options):
        for name, value in {**_NETWORK, "fallback_application_name": _asking()}.items():
            options.setdefault(name, value)
        asked = options.get("options", os.environ.get("PGOPTIONS", ""))
        options["options"] = " ".join([asked, *(f"-c {setting}" for setting in settings)]).strip()

    def connected(connection, _record):
        connection.autocommit = True  # what is set in a transaction would go with it
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT set_config(name, value, false) FROM (VALUES {_LIMITS}) AS ours (name, value) "
                "JOIN pg_settings USING (name) WHERE source = 'default'"
            )
        connection.autocommit = False

    event.listen(engine, "do_connect", connect)
    if reading:
        event.listen(engine, "connect", connected)
    return engine


@contextmanager
def beside_sqlalchemy(connection: Connection):
    """Within this context the driver itself is asked: its errors are SQLAlchemy's, a connection it lost is let go."""
    driver = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        lost = connection.dialect.is_disconnect(error, connection.connection.driver_connection, None)
        if lost:
            connection.invalidate()
        raise DBAPIError.instance(None, None, error, driver.Error, connection_invalidated=lost) from None


def is_stopped(error: DBAPIError) -> bool:
    """Whether the server stopped what was asked, because it took too long or because somebody there said so."""
    return getattr(error.orig, "sqlstate", None) == "57014"


def is_about_tls(error: DBAPIError) -> bool:
    """Whether there is no connection because of a certificate, a key, or a server without TLS."""
    return isinstance(error, OperationalError) and bool(_ABOUT_TLS.search(str(error.orig)))


def _limit() -> list[str]:
    asked = os.environ.get(TIMEOUT_VARIABLE, "").replace(" ", "")
    if asked and not re.fullmatch(r"0|\d+(ms|s|min|h)", asked):
        raise WarehouseError(f"{TIMEOUT_VARIABLE} is {asked!r}, which is no duration: 90s, 30min and 2h are")
    return [f"statement_timeout={asked}"] if asked else []


def _asking() -> str:
    """ "reportlib weekly_review" or "reportlib check": the notebook or command, for who looks at pg_stat_activity."""
    program, *words = sys.argv
    if notebook := os.environ.get(NOTEBOOK_VARIABLE):
        return f"reportlib {Path(notebook).stem}"
    program = Path(program).stem
    return " ".join(["reportlib", *words[:1]] if program == "reportlib" else ["reportlib", program])
