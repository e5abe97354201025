"""What may happen to a DuckDB file that has a fold: commands, kills of them, other programs, clocks and copies."""

import csv
import json
import multiprocessing
import os
import shutil
import signal
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from types import SimpleNamespace

import duckdb
import pytest
from sqlalchemy import Connection

from reportlib.cli.fold import renew_fold
from reportlib.metrics.people.fold.reading import fits
from reportlib.metrics.people.folding import keeping, making
from reportlib.warehouse import open_warehouse, written
from reportlib.warehouse.connection import ADDRESS_VARIABLE
from tests.in_process import reportlib
from tests.small_database import SmallDatabase

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__, "reportlib.warehouse.load", "reportlib.warehouse.connect.run"])
_A = "(SELECT {0}(campaign_id) FROM campaigns)"
FIRST, LAST = _A.format("min"), _A.format("max")
_MESSAGE = "message_id = (SELECT {0}(message_id) FROM messages)"
# By other programs: of rows, and of tables, which may not be there to be reshaped so.
FOREIGN = (
    f"UPDATE messages SET status = 'failed' WHERE {_MESSAGE.format('min')}",
    "UPDATE messages SET contact_id = (SELECT max(contact_id) FROM contacts)",
    "UPDATE messages SET sent_at = sent_at + INTERVAL 2 HOURS",
    "UPDATE messages SET provider = 'another'",
    f"UPDATE messages SET campaign_id = {LAST} WHERE {_MESSAGE.format('min')}",
    f"UPDATE messages SET campaign_id = {FIRST} WHERE {_MESSAGE.format('min')}",
    f"UPDATE messages SET campaign_id = {FIRST} WHERE {_MESSAGE.format('max')}",
    "UPDATE messages SET contact_id = NULL WHERE status = 'delivered'",
    "UPDATE messages SET delivered_at = NULL, status = 'sent'",
    "UPDATE messages SET status = 'delivered', failed_at = NULL",
    f"DELETE FROM messages WHERE {_MESSAGE.format('max')}",
    "DELETE FROM messages",
    "INSERT INTO messages FROM messages LIMIT 2",
    "UPDATE events SET kind = 'clicked'",
    "UPDATE events SET is_machine = NOT is_machine",
    "UPDATE events SET is_machine = NULL, url = NULL",
    "UPDATE events SET occurred_at = occurred_at + INTERVAL 3 DAYS",
    f"UPDATE events SET campaign_id = {LAST}",
    f"UPDATE events SET campaign_id = {FIRST} WHERE kind = 'opened'",
    "UPDATE events SET campaign_id = (SELECT min(campaign_id) FROM messages m WHERE m.message_id = events.message_id)",
    f"UPDATE events SET {_MESSAGE.format('min')} WHERE kind = 'clicked'",
    f"UPDATE events SET {_MESSAGE.format('max')}",
    "UPDATE events SET message_id = (SELECT min(message_id) FROM messages m WHERE m.campaign_id = events.campaign_id)",
    "DELETE FROM events WHERE event_id = (SELECT min(event_id) FROM events)",
    "DELETE FROM events",
    "INSERT INTO events FROM events LIMIT 2",
    "ALTER TABLE events ALTER COLUMN url TYPE VARCHAR USING coalesce(url, 'https://shop.example/a')",
    "UPDATE contacts SET country = 'XX', email_domain = NULL WHERE contact_id = (SELECT min(contact_id) FROM contacts)",
    "DELETE FROM contacts WHERE contact_id = (SELECT min(contact_id) FROM contacts)",
    "DELETE FROM contacts",
    "INSERT INTO contacts FROM contacts LIMIT 1",
    "UPDATE contact_attributes SET value = 'another'",
    "INSERT INTO contact_attributes FROM contact_attributes LIMIT 1",
    "DELETE FROM segment_members",
    "INSERT INTO segment_members SELECT DISTINCT segment_id, contact_id FROM segments, contacts",
    "UPDATE segments SET name = 'one name'",
    "UPDATE accounts SET timezone = 'Asia/Kathmandu'",
    "UPDATE accounts SET timezone = 'America/St_Johns'",
    "UPDATE campaigns SET status = 'draft' WHERE status = 'completed'",
    "UPDATE campaigns SET status = 'sent' WHERE status = 'draft'",
    "UPDATE campaigns SET account_id = (SELECT max(account_id) FROM accounts)",
    f"DELETE FROM campaigns WHERE campaign_id = {LAST}",
)  # fmt: skip
RESHAPED = (
    "ALTER TABLE messages ADD COLUMN note VARCHAR DEFAULT 'new'",
    "CREATE TABLE IF NOT EXISTS notes AS SELECT 1 AS note",
    "ALTER TABLE events RENAME TO held; CREATE VIEW events AS FROM held",
    "DROP VIEW events; ALTER TABLE held RENAME TO events",
    "ALTER TABLE messages RENAME TO old; CREATE TABLE messages AS FROM old ORDER BY hash(message_id); DROP TABLE old",
    "ALTER TABLE contacts RENAME TO old; CREATE TABLE contacts AS FROM old ORDER BY hash(contact_id); DROP TABLE old",
    "DROP SCHEMA reportlib CASCADE",
    "UPDATE reportlib.fold_state SET made_by = 'another version'",
)  # fmt: skip


def address(file: Path) -> str:
    return f"duckdb:///{file}"


def wal_of(file: Path) -> Path:
    return file.with_name(file.name + ".wal")


def change(file: Path, statement: str, is_checkpointed=True):
    """As another program would, which may leave its changes in the file beside the database."""
    with duckdb.connect(str(file)) as database:
        if not is_checkpointed:
            database.execute("PRAGMA disable_checkpoint_on_shutdown")
        database.execute(statement)


def is_fitting(file: Path) -> bool:
    warehouse = open_warehouse(address(file))
    try:
        return fits(warehouse)
    finally:
        warehouse.engine.dispose()


def copy(file: Path, to: Path, with_time: bool):
    """The file and its .wal as `cp` copies them, with -p or without."""
    copied = shutil.copy2 if with_time else shutil.copy
    for one, other in ((file, to), (wal_of(file), wal_of(to))):
        other.unlink(missing_ok=True)
        if one.exists():
            copied(one, other)


def write_folder(folder: Path, database: SmallDatabase) -> Path:
    """The tables of a database as `reportlib load` reads them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, rows in database.rows().items():
        if rows:
            columns = dict.fromkeys(column for row in rows for column in row)
            with (folder / f"{name}.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return folder


def _cell(value):
    value = None if value == "Mars/Olympus" else value  # which is refused
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def write_lines(file: Path, payloads) -> Path:
    file.write_text("\n".join(map(json.dumps, payloads)) + "\n")
    return file


class Clock:
    """The time that commands go by; seconds."""

    def __init__(self, now: float):
        self.now = now

    def __enter__(self):
        self._patch = pytest.MonkeyPatch()
        clock = SimpleNamespace(time=lambda: self.now, time_ns=lambda: int(self.now * 10**9))
        self._patch.setattr(keeping, "time", clock)
        self._patch.setattr(keeping, "LEAST", 0)
        self._patch.setattr(making, "PORTION", 2)  # many parts
        self._patch.setattr(written, "time", clock)
        return self

    def __exit__(self, *_):
        self._patch.undo()


def command(file: Path, clock: Clock, arguments: tuple, killed: tuple[int, float] | None = None):
    """Run a command on the file, what it ended with; killed some milliseconds after so many statements, where said."""
    if not killed:
        return _run(file, clock.now, arguments).returncode
    child = _PROCESSES.Process(target=_until_killed, args=(file, clock.now, arguments, *killed))
    child.start()
    child.join()
    return child.exitcode


def _run(file, now, arguments):
    with Clock(now):
        if arguments != ("renew",):
            return reportlib(*arguments, database=address(file))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(ADDRESS_VARIABLE, address(file))
            renew_fold()
        return SimpleNamespace(returncode=0)


def _until_killed(file, now, arguments, statements, after_ms):
    done, ask = 0, Connection._execute_context

    def counted(*asked, **options):
        nonlocal done
        done += 1
        if done == statements:
            if not after_ms:
                os.kill(os.getpid(), signal.SIGKILL)
            Timer(after_ms / 1000, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return ask(*asked, **options)

    Connection._execute_context = counted
    _run(file, now, arguments)
    os.kill(os.getpid(), signal.SIGKILL)  # nothing of a shutdown is waited for
