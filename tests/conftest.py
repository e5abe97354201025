"""What several rooms meet: a PostgreSQL server, databases to read and write, the demo, and the command."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from reportlib.warehouse.demo import make_demo
from tests import spark_cluster

SERVER_USER, SERVER_PASSWORD = "analyst", "s3cret p@ss/word"  # a password that an address must escape
INSTALLED = Path("/usr/lib/postgresql")  # where Debian puts it

# A background job of a shell ignores Ctrl-C, and would hand that on to the commands whose end by it is tested.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same random examples each time, so that a change is judged by what it changed; `make explore` looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", derandomize=False, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_terminal_summary(terminalreporter):
    """Tests that are not even collected are told of."""
    if why := spark_cluster.missing():
        terminalreporter.line(f"Spark was not tested: {why}")


def reportlib(*arguments, database, **environment):
    """Run the command as a user does; the finished process."""
    return subprocess.run(
        [Path(sys.executable).with_name("reportlib"), *map(str, arguments)],
        env={**os.environ, "CAMPAIGN_DATABASE_URL": database, **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory):
    """The address of a demo of its usual size, to be read only."""
    address = f"duckdb:///{tmp_path_factory.mktemp('demo') / 'demo.duckdb'}"
    make_demo(address)
    return address


@pytest.fixture(scope="session")
def postgresql_server():
    """The port of a throw-away PostgreSQL that asks for a password; stopped and deleted when the tests are over."""
    if not (programs := _programs()):
        pytest.skip(f"PostgreSQL is not installed: no pg_ctl on the PATH or in {INSTALLED}/*/bin")
    with postgresql_started(programs) as port:
        yield port


@contextmanager
def postgresql_started(programs: Path):
    """The port of a new PostgreSQL whose programs are there; stopped and deleted in the end."""
    with tempfile.TemporaryDirectory(prefix="reportlib-postgresql-", ignore_cleanup_errors=True) as home:
        cluster, secret, port = Path(home) / "cluster", Path(home) / "password", _free_port()
        secret.write_text(SERVER_PASSWORD)
        as_owner = _owner(Path(home))
        run = {"check": True, "cwd": home, "stdout": subprocess.DEVNULL, **as_owner}
        initialise = ["-U", SERVER_USER, "--pwfile", secret, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C"]
        subprocess.run([programs / "initdb", "-D", cluster, "--no-sync", *initialise], **run)
        options = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        subprocess.run([programs / "pg_ctl", "-D", cluster, "-l", cluster / "log", "-o", options, "-w", "start"], **run)
        try:
            yield port
        finally:
            subprocess.run([programs / "pg_ctl", "-D", cluster, "-m", "immediate", "-w", "stop"], **run)


@pytest.fixture
def postgresql_url(postgresql_server, _numbers=count()):  # noqa: B008  one counter for all
    """The address of an empty PostgreSQL database of this test's own."""
    name = f"test_{next(_numbers)}"
    server = {"host": "127.0.0.1", "port": postgresql_server, "user": SERVER_USER, "password": SERVER_PASSWORD}
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"postgresql+psycopg://{SERVER_USER}:s3cret%20p%40ss%2Fword@127.0.0.1:{postgresql_server}/{name}"
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def duckdb_url(tmp_path):
    """The address of a DuckDB file that does not exist yet."""
    return f"duckdb:///{tmp_path / 'campaigns.duckdb'}"


@pytest.fixture
def sqlite_url(tmp_path):
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'campaigns.db'}"


@pytest.fixture(params=["duckdb", "postgresql", "sqlite"])
def database_url(request):
    """The address of an empty database, on each engine in turn."""
    return request.getfixturevalue(f"{request.param}_url")


def _programs() -> Path | None:
    on_path = shutil.which("pg_ctl")
    places = [Path(on_path).parent] if on_path else []
    places += sorted(INSTALLED.glob("*/bin"), key=lambda place: float(place.parent.name), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def _owner(home: Path) -> dict:
    """How to run the server: PostgreSQL refuses to be root, so root hands it to the user postgres, or nobody."""
    if os.geteuid() != 0:
        return {}
    names = {user.pw_name for user in pwd.getpwall()}
    owner = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    for path in (home, *home.iterdir()):
        shutil.chown(path, owner.pw_uid, owner.pw_gid)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": ()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
