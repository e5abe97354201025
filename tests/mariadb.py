"""A MariaDB of the tests' own: made, started, stopped, and gone at the end."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pymysql

from tests.postgresql import free_port, home_of

OWNER, OWNER_PASSWORD = "owner", "s3cret p@ss/word"  # a password that an address must escape
MISSING = "MariaDB is not installed: no mariadbd on the PATH or in /usr/sbin"


class Server:
    """A new server in `home`, an empty folder; none of it is left running after `stop`."""

    def __init__(self, home: Path):
        self._home, self.port, self._process = home, free_port(), None
        self._as_owner = _owner(home)
        self._run("mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db")

    def address(self, database: str, user: str = OWNER, password: str = OWNER_PASSWORD) -> str:
        """Where a database of it is, for SQLAlchemy."""
        return f"mysql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str | None = None) -> pymysql.Connection:
        """A connection of the owner's, which keeps what it does."""
        where = {"host": "127.0.0.1", "port": self.port, "user": OWNER, "password": OWNER_PASSWORD}
        return pymysql.connect(database=database, autocommit=True, charset="utf8mb4", **where)

    def start(self):
        """Start it; it answers when this returns."""
        socket = self._home / "socket"
        options = [f"--datadir={self._home / 'data'}", f"--port={self.port}", f"--socket={socket}"]
        options += ["--bind-address=127.0.0.1", f"--pid-file={self._home / 'pid'}", "--skip-log-bin"]
        options += ["--innodb-flush-log-at-trx-commit=0", "--default-time-zone=+02:00"]
        log = (self._home / "log").open("wb")
        command = [_program("mariadbd"), "--no-defaults", *options]
        self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._home, **self._as_owner)
        log.close()
        give_up_at = time.monotonic() + 60
        while True:
            try:
                root = pymysql.connect(user="root", unix_socket=str(socket), autocommit=True)
                with root, root.cursor() as ask:
                    ask.execute(f"CREATE USER IF NOT EXISTS {OWNER}@'127.0.0.1' IDENTIFIED BY '{OWNER_PASSWORD}'")
                    ask.execute(f"GRANT ALL ON *.* TO {OWNER}@'127.0.0.1' WITH GRANT OPTION")
                return
            except pymysql.OperationalError:
                if time.monotonic() > give_up_at or self._process.poll() is not None:
                    raise RuntimeError((self._home / "log").read_text(errors="replace")[-2000:]) from None
                time.sleep(0.1)

    def stop(self):
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def _run(self, program, *arguments):
        command = [_program(program), "--no-defaults", f"--datadir={self._home / 'data'}", *arguments]
        subprocess.run(command, check=True, cwd=self._home, stdout=subprocess.DEVNULL, **self._as_owner)


@contextmanager
def running_mariadb() -> Iterator[Server]:
    """A new server, deleted in the end."""
    with home_of("mariadb") as home:
        server = Server(home)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def is_installed() -> bool:
    """Whether its programs are there."""
    return bool(_program("mariadbd") and _program("mariadb-install-db"))


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")


def _owner(home: Path) -> dict:
    """How to run the server: MariaDB refuses to be root, so root hands it to the user mysql, or nobody."""
    if os.geteuid() != 0:
        return {}
    names = {user.pw_name for user in pwd.getpwall()}
    owner = pwd.getpwnam("mysql" if "mysql" in names else "nobody")
    shutil.chown(home, owner.pw_uid, owner.pw_gid)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": ()}
