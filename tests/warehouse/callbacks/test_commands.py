"""`reportlib import`: what it says, following a file, and several programs at once."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reportlib.warehouse.callbacks import importing
from reportlib.warehouse.callbacks.importing import follow_callbacks
from tests import few
from tests.in_process import reportlib
from tests.warehouse.callbacks.imported import database_with, import_lines, rows, state, status


def test_a_file_is_followed_and_readers_get_in_between(duckdb_url, tmp_path, monkeypatch):
    url = database_with(duckdb_url, {}, {})
    path = tmp_path / "feed.jsonl"
    path.write_text(json.dumps(status("w1", "sent", 1)) + "\n" + json.dumps(status("w1", "delivered", 2))[:30])
    told, stop = [], threading.Event()

    class Stopped(Exception):
        pass

    def tell(summary):
        told.append((time.monotonic(), summary.imported))
        if stop.is_set():
            raise Stopped

    def follow():
        with pytest.raises(Stopped):
            follow_callbacks("whatsapp", str(path), url, tell)

    def until(count):
        deadline = time.monotonic() + 30
        while not told or told[-1][1] < count:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    follower = threading.Thread(target=follow)
    follower.start()
    until(1)
    with path.open("a") as feed:
        feed.write(json.dumps(status("w1", "delivered", 2))[30:] + "\n")
    until(2)
    path.rename(tmp_path / "feed.1")  # a log is rotated
    path.write_text(json.dumps(status("w2", "sent", 3)) + "\n")
    until(3)
    stop.set()
    with path.open("a") as feed:
        feed.write(json.dumps(status("w2", "delivered", 4)) + "\n")
    follower.join(30)
    assert not follower.is_alive()
    assert state(url, "m1")[0] == state(url, "m2")[0] == "delivered"


def test_a_batch_waits_for_programs_that_read(duckdb_url, tmp_path):
    url = database_with(duckdb_url, {})
    path = duckdb_url.removeprefix("duckdb:///")
    reader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb,sys,time; c=duckdb.connect(sys.argv[1], read_only=True); print('in', "
            "flush=True); time.sleep(1.5)",
            path,
        ],
        stdout=subprocess.PIPE,
    )
    assert reader.stdout.readline() == b"in\n"
    assert import_lines(url, "whatsapp", [status("w1", "sent", 1)], tmp_path).imported == 1
    reader.wait()


def test_the_command_counts_what_it_read(duckdb_url, tmp_path):
    url = database_with(duckdb_url, {})
    (tmp_path / "a.jsonl").write_text(json.dumps(status("w1", "sent", 1)) + "\nbroken\x1b[2J\n")
    done = reportlib("import", "whatsapp", tmp_path / "a.jsonl", database=url)
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()[1:5]] == [
        ["read", "2"],
        ["imported", "1"],
        ["duplicates", "0"],
        ["rejected", "1"],
    ]
    assert "Rejected: is not JSON" in done.stderr
    assert "reportlib import --retry" in done.stdout
    done = reportlib("import", "--retry", database=url)
    assert done.returncode == 0
    assert ["rejected", "1"] in [line.split() for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["watsapp", "x"], "did you mean 'whatsapp'"),
        ([], "name one of aws_sms, brevo"),
        (["whatsapp"], "name a file, a folder"),
        (["whatsapp", "--follow", "a", "b"], "name the one file"),
        (["whatsapp", "--retry"], "goes without PROVIDER"),
        (["whatsapp", "nowhere.jsonl"], "there is no file or folder 'nowhere.jsonl'"),
    ],
)
def test_the_command_says_what_is_wrong(duckdb_url, arguments, said):
    done = reportlib("import", *arguments, database=database_with(duckdb_url, {}))
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_batches_are_written_while_the_next_is_read(duckdb_url, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "FIRST_BATCH", 3)
    url = database_with(duckdb_url, *[{} for _ in range(20)])
    told = [status(f"w{n}", said, n) for n in range(1, 21) for said in ("sent", "delivered")]
    summary = import_lines(url, "whatsapp", [*told, *told[:5]], tmp_path)
    assert (summary.read, summary.imported, summary.duplicates) == (45, 40, 5)
    assert {state(url, f"m{n}")[0] for n in range(1, 21)} == {"delivered"}


@pytest.mark.parametrize(
    ("stop", "database_url"),
    few([(signal.SIGTERM, "duckdb"), (signal.SIGINT, "duckdb"), (signal.SIGINT, "sqlite")]),
    indirect=["database_url"],
)
def test_to_follow_is_ended_by_ctrl_c_and_by_a_service_manager(database_url, tmp_path, stop):
    url = database_with(database_url, {})
    feed = tmp_path / "feed.jsonl"
    feed.write_text(json.dumps(status("w1", "sent", 1)) + "\n")
    command = [Path(sys.executable).with_name("reportlib"), "import", "whatsapp", "--follow", feed, "--to", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr.readline() == "1 imported, 0 known, 0 rejected\n"
        with feed.open("a") as more:
            more.write(json.dumps(status("w1", "delivered", 2)) + "\n")
        assert child.stderr.readline() == "2 imported, 0 known, 0 rejected\n"
        child.send_signal(stop)
        told = child.communicate(timeout=30)[0]
    assert child.returncode == 0
    assert ["imported", "2"] in [line.split() for line in told.splitlines()]
    assert state(url)[0] == "delivered"


@pytest.mark.parametrize("database_url", ["postgresql", "sqlite"], indirect=True)
def test_two_imports_at_once_count_each_callback_once(database_url, tmp_path):
    url = database_with(database_url, *[{} for _ in range(300)])
    feed = tmp_path / "feed.jsonl"
    told = [status(f"w{n}", said, n % 9) for said in ("sent", "delivered") for n in range(1, 301)]
    feed.write_text("\n".join(map(json.dumps, told)))
    command = [Path(sys.executable).with_name("reportlib"), "import", "whatsapp", feed, "--to", url]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    counts = [dict(map(str.split, child.communicate(timeout=60)[0].splitlines()[1:5])) for child in both]
    assert [child.returncode for child in both] == [0, 0]
    assert sum(int(count["imported"]) for count in counts) == sum(int(count["duplicates"]) for count in counts) == 600
    assert len(rows(url, "provider_events", "event_key")) == 600
    assert {status for (status,) in rows(url, "messages", "status")} == {"delivered"}
