"""How commands end when they are stopped, killed, or nobody can read their answer: in a line, nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine

import reportlib
from reportlib.cli import main
from reportlib.scratch import scratch_folder, sweep
from tests.small_database import campaign, fill, small_database

COMMAND = [sys.executable, "-P", "-m", "reportlib"]


@pytest.fixture
def filled(tmp_path):
    """The address of a small database."""
    url = f"duckdb:///{tmp_path / 'campaigns.duckdb'}"
    engine = create_engine(url)
    fill(engine, small_database(campaign("spring", audience=4).sent(3).delivered(2)))
    engine.dispose()
    return url


def start(*arguments, database="", **options):
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": database, **options.pop("environment", {})}
    return subprocess.Popen([*COMMAND, *map(str, arguments)], env=environment, text=True, **options)


@pytest.mark.slow
def test_ctrl_c_while_python_imports_is_a_line(filled):
    """At any moment once our code runs; before that Python itself speaks."""
    ends = []
    for number in range(12):
        with start("campaigns", database=filled, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
            time.sleep(0.1 * number)
            run.send_signal(signal.SIGINT)
            ends.append((run.wait(30), run.stderr.read()))
    for code, said in ends:
        ours = "/reportlib/" in said
        assert not (ours and "Traceback" in said), said
        assert code in (0, 130) or not ours
    assert any(code == 130 for code, _ in ends)


def test_ctrl_c_where_no_error_comes_out_comes_again():
    """As within a `__del__`."""
    says = """
import os, signal, time
from reportlib.cli.stops import stopping
class Closing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
stopping()
try:
    Closing()
    time.sleep(60)
except KeyboardInterrupt:
    print("ended")
"""
    ended = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, timeout=50, check=True)
    assert (ended.stdout, ended.stderr) == ("ended\n", "")


@pytest.mark.parametrize("words", [["campaigns"], ["--help"], ["check", "--help"]])
def test_an_answer_that_cannot_be_written_is_told(filled, words):
    with Path("/dev/full").open("w") as full:
        run = start(*words, database=filled, stdout=full, stderr=subprocess.PIPE)
    assert run.communicate(timeout=60)[1] == "Error: the answer could not be written: No space left on device\n"
    assert run.returncode == 1


def test_a_reader_who_goes_is_no_fault(filled):
    with start("campaigns", database=filled, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        run.stdout.close()
        assert run.wait(60) in (0, 1)
        assert run.stderr.read() == ""


def test_without_stderr_a_mistake_is_still_exit_1(tmp_path):
    shell = f"exec {sys.executable} -P -m reportlib campaigns 2>&-"
    environment = {**os.environ, "CAMPAIGN_DATABASE_URL": f"duckdb:///{tmp_path}/none.duckdb"}
    assert subprocess.run(["sh", "-c", shell], env=environment, capture_output=True).returncode == 1


def test_a_working_folder_that_is_gone_is_told(tmp_path, filled):
    shell = f"mkdir {tmp_path}/gone; cd {tmp_path}/gone; rmdir {tmp_path}/gone; exec {sys.executable} -P -m reportlib"
    run = subprocess.run(["sh", "-c", f"{shell} campaigns"], capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr == "Error: the working folder was removed: change to one that is there\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["weekly", "x" * 300, "--plan"], "Error: x{100}…?: File name too long\n|x: File name too long"),
        (["weekly", "--plan", "--output", "x" * 300], "File name too long"),
        (["run", "circle"], "circle: Too many levels of symbolic links"),
        (["check"], "it is no UTF-8"),
    ],
)
def test_names_that_no_file_can_have_are_told(words, said, filled, tmp_path, monkeypatch):
    (tmp_path / "circle").symlink_to("circle")
    monkeypatch.chdir(tmp_path)
    address = filled if words != ["check"] else "duckdb:///a\udcffb"
    run = CliRunner().invoke(main, words, env={"CAMPAIGN_DATABASE_URL": address})
    assert run.exit_code == 1
    assert re.search(said, run.stderr), run.stderr


def test_a_name_that_is_no_text_is_written_to_and_told_as_its_escapes(filled, tmp_path):
    words = ["export", "summary", "--campaign", "spring", "--to", os.fsencode(tmp_path) + b"/a\xffb.csv"]
    run = start(*words[:-1], os.fsdecode(words[-1]), database=filled, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.communicate(timeout=60) == (f"2 rows in {tmp_path}/a\\udcffb.csv\n", "")
    assert Path(os.fsdecode(words[-1])).exists()


def test_whatever_the_umask_its_owner_can_read_what_was_written(filled, tmp_path):
    words = ["export", "detailed", "--campaign", "spring", "--to", tmp_path / "out" / "x.csv"]
    with start(*words, database=filled, umask=0o777, stdout=subprocess.DEVNULL) as run:
        assert run.wait(60) == 0
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "out", tmp_path / "out" / "x.csv")]
    assert modes == [0o700, 0o600]


CALLBACK = {"email": "ana@example.com", "timestamp": 1, "event": "delivered", "sg_event_id": "a", "sg_message_id": "b"}


@pytest.fixture
def importing(tmp_path, filled):
    """An import that follows a file of callbacks, and its folder for temporary files, in which it has written some."""
    callbacks, scratch = tmp_path / "callbacks.jsonl", tmp_path / "scratch"
    callbacks.write_text("".join(f"{json.dumps([{**CALLBACK, 'sg_event_id': str(n)}])}\n" for n in range(200)))
    scratch.mkdir()
    arguments = ["import", "sendgrid", callbacks, "--follow", "--to", filled]
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "environment": {"TMPDIR": str(scratch)}}
    with start(*arguments, **options) as run:
        until = time.monotonic() + 60
        while not list(scratch.glob("reportlib-import-*/*")) and time.monotonic() < until:
            time.sleep(0.05)
        assert list(scratch.glob("reportlib-import-*/*"))
        yield run, scratch
        run.kill()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_stop_leaves_no_personal_data(importing, stop):
    run, scratch = importing
    run.send_signal(stop)
    run.wait(60)
    assert not list(scratch.iterdir())


def test_what_a_kill_left_goes_with_the_next_command(importing, filled):
    run, scratch = importing
    run.send_signal(signal.SIGKILL)
    run.wait(60)
    assert list(scratch.iterdir())
    options = {"stdout": subprocess.DEVNULL, "environment": {"TMPDIR": str(scratch)}}
    with start("campaigns", database=filled, **options) as next_one:
        assert next_one.wait(60) == 0
    assert not list(scratch.iterdir())


def test_what_is_not_swept_is_not_personal():
    files = {file.name: file.read_text() for file in Path(reportlib.__file__).parent.rglob("*.py")}
    assert [name for name, code in files.items() if "TemporaryDirectory(" in code] == ["build.py"]  # of the demo


def test_only_what_nobody_holds_is_swept(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "reportlib-of-a-user").write_text("a file")
    (tmp_path / "victim").mkdir()
    (tmp_path / "reportlib-link").symlink_to("victim")
    (tmp_path / f"reportlib-{os.getpid()}").mkdir()  # DuckDB's of this process
    (tmp_path / "reportlib-4194999").mkdir()  # DuckDB's of a process that is no more: no id is so high
    (tmp_path / "reportlib-import-left").mkdir()
    with scratch_folder("import") as held:
        (held / "payload").write_text("personal")
        sweep()
        assert (held / "payload").exists()
        names = {file.name for file in tmp_path.iterdir()}
    assert names == {"reportlib-of-a-user", "victim", "reportlib-link", f"reportlib-{os.getpid()}", held.name}
    assert not held.exists()
