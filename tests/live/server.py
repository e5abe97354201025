"""A PostgreSQL that a test can stop and start again."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import SERVER_PASSWORD, SERVER_USER, _free_port, _owner, _programs


@dataclass
class Server:
    """`home` is a folder of its own, which exists and is empty; None of it is left running after `stop`."""

    home: Path

    def __post_init__(self):
        self.port, secret = _free_port(), self.home / "password"
        secret.write_text(SERVER_PASSWORD)
        self._as_owner = _owner(self.home)
        initialise = ["-U", SERVER_USER, "--pwfile", secret, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C"]
        self._run("initdb", "--no-sync", *initialise)

    @property
    def address(self) -> str:
        return f"postgresql+psycopg://{SERVER_USER}:s3cret%20p%40ss%2Fword@127.0.0.1:{self.port}/postgres"

    def start(self):
        options = f"-F -p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._run("pg_ctl", "-l", self.home / "log", "-o", options, "-w", "start")

    def stop(self):
        self._run("pg_ctl", "-m", "fast", "-w", "stop")

    def _run(self, program, *arguments):
        command = [_programs() / program, "-D", self.home / "cluster", *arguments]
        subprocess.run(command, check=True, cwd=self.home, stdout=subprocess.DEVNULL, **self._as_owner)
