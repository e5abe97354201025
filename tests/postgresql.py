"""A PostgreSQL of the tests' own: made, started, stopped, and gone at the end."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

SERVER_USER, SERVER_PASSWORD = "analyst", "s3cret p@ss/word"  # a password that an address must escape
INSTALLED = Path("/usr/lib/postgresql")  # where Debian puts it
MISSING = f"PostgreSQL is not installed: no pg_ctl on the PATH or in {INSTALLED}/*/bin"


class Server:
    """A new server in `home`, an empty folder; none of it is left running after `stop`. It asks for a password."""

    def __init__(self, home: Path):
        self._home, self.port = home, free_port()
        secret = home / "password"
        secret.write_text(SERVER_PASSWORD)
        self._as_owner = _owner(home)
        initialise = ["-U", SERVER_USER, "--pwfile", secret, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C"]
        self._run("initdb", "--no-sync", *initialise)

    def address(self, database: str = "postgres") -> str:
        """Where a database of it is, for SQLAlchemy."""
        password = quote(SERVER_PASSWORD, safe="")
        return f"postgresql+psycopg://{SERVER_USER}:{password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres", **options) -> psycopg.Connection:
        """A connection of psycopg's own."""
        where = {"host": "127.0.0.1", "port": self.port, "user": SERVER_USER, "password": SERVER_PASSWORD}
        return psycopg.connect(dbname=database, **where, **options)

    def start(self):
        """Start it; it answers when this returns."""
        options = f"-F -p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._run("pg_ctl", "-l", self._home / "log", "-o", options, "-w", "start")

    def stop(self, mode: str = "fast"):
        """Stop it; it can be started again."""
        self._run("pg_ctl", "-m", mode, "-w", "stop")

    def _run(self, program, *arguments):
        command = [programs() / program, "-D", self._home / "cluster", *arguments]
        subprocess.run(command, check=True, cwd=self._home, stdout=subprocess.DEVNULL, **self._as_owner)


@contextmanager
def running_postgresql() -> Iterator[Server]:
    """A new server, deleted in the end."""
    with home_of("postgresql") as home:
        server = Server(home)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


@contextmanager
def home_of(server: str) -> Iterator[Path]:
    """A folder for a server of this process, gone at the end; and those go whose process was killed. What still runs in
    one of them ends when it misses its files."""
    place, named = Path(tempfile.gettempdir()), f"reportlib-{server}-"
    for left in place.glob(f"{named}*"):
        owner = re.match(r"(\d+)-", left.name.removeprefix(named))
        if owner and not psutil.pid_exists(int(owner[1])):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{named}{os.getpid()}-", ignore_cleanup_errors=True) as home:
        yield Path(home)


def programs() -> Path | None:
    """Where PostgreSQL's programs are, if they are installed."""
    on_path = shutil.which("pg_ctl")
    places = [Path(on_path).parent] if on_path else []
    places += sorted(INSTALLED.glob("*/bin"), key=lambda place: float(place.parent.name), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _owner(home: Path) -> dict:
    """How to run the server: PostgreSQL refuses to be root, so root hands it to the user postgres, or nobody."""
    if os.geteuid() != 0:
        return {}
    names = {user.pw_name for user in pwd.getpwall()}
    owner = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    for path in (home, *home.iterdir()):
        shutil.chown(path, owner.pw_uid, owner.pw_gid)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": ()}
