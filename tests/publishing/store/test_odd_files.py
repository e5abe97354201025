"""What is in the way of a file: links, devices, pipes, folders, files of others; each told in a line, or followed."""

import os
import signal
import subprocess
import sys
import time

import pytest

from reportlib.errors import FolderInUse, OutputError
from reportlib.publishing.page.index import write_index
from reportlib.publishing.store.files import (
    append_lines,
    read_lines,
    require_folder,
    without_unfinished,
    write_whole,
    written_whole,
)
from reportlib.publishing.store.lock import LOCK, alone_in


def test_a_link_leads_to_the_file_it_names(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    victim = tmp_path / "elsewhere" / "figures.csv"
    for name, target in {"first.csv": victim, "second.csv": tmp_path / "first.csv"}.items():
        (tmp_path / name).symlink_to(target)
    for content in ("new", "newer"):  # to a file that is not there yet, and to one that is
        write_whole(tmp_path / "second.csv", content)
        assert victim.read_text() == content
    assert (tmp_path / "second.csv").is_symlink()
    assert [file.name for file in victim.parent.iterdir()] == ["figures.csv"]
    append_lines(tmp_path / "second.csv", [{"a": 1}])
    assert read_lines(tmp_path / "second.csv") == [{"a": 1}]


def test_a_file_that_is_there_keeps_its_mode(tmp_path):
    path = tmp_path / "figures.csv"
    for mode in (0o600, 0o640, 0o444, 0o777):
        write_whole(path, "x")
        path.chmod(mode)
        write_whole(path, "y")
        assert path.stat().st_mode & 0o7777 == mode


@pytest.mark.parametrize("write", [write_whole, lambda path, _: append_lines(path, [{}])])
def test_what_is_no_regular_file_is_refused_and_stays(tmp_path, write):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to-pipe").symlink_to("pipe")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "file").write_text("x")
    os.mknod(tmp_path / "socket", 0o140600)
    odd = {"pipe": "is a named pipe", "to-pipe": "is a named pipe", "socket": "is a socket", ".": "is a folder"}
    odd |= {"/": "is a folder", "": "is a folder", "/dev/full": "is a device", "/dev/null": "is a device"}
    odd |= {"circle": "cannot be written", "file/x.csv": "cannot be written", "x" * 300: "File name too long"}
    before = sorted((file.name, file.lstat().st_mode) for file in tmp_path.iterdir())
    for name, why in odd.items():
        with pytest.raises(OutputError, match=why):
            write(tmp_path / name, "x")
    assert sorted((file.name, file.lstat().st_mode) for file in tmp_path.iterdir()) == before


def test_an_error_names_the_file_that_it_is_about(tmp_path):
    path = tmp_path / "figures.csv"
    missing = r"figures.csv cannot be written: .*missing.csv: No such file"
    with pytest.raises(OutputError, match=missing), written_whole(path):
        (tmp_path / "missing.csv").read_bytes()
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"x.csv cannot be written: Not a directory"):
        write_whole(tmp_path / "file" / "deeper" / "x.csv", "x")
    with pytest.raises(OutputError, match=r"cannot be written to: .*Not a directory"):
        require_folder(tmp_path / "file" / "out")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("odd", ["link", "loop", "folder", "pipe", "foreign", "hard link"])
def test_a_lock_that_is_none_is_told_and_left_alone(tmp_path, odd):
    out, victim = tmp_path / "out", tmp_path / "victim"
    out.mkdir()
    victim.write_text("precious")
    make = {
        "link": lambda lock: lock.symlink_to(victim),
        "loop": lambda lock: lock.symlink_to(lock),
        "folder": lambda lock: lock.mkdir(),
        "pipe": lambda lock: os.mkfifo(lock),
        "foreign": lambda lock: lock.write_text("my own notes"),
        "hard link": lambda lock: lock.hardlink_to(victim),
    }
    make[odd](out / LOCK)
    before = (out / LOCK).lstat()
    with pytest.raises(OutputError, match=r"out/\.lock .*"), alone_in(out):
        pass
    assert (out / LOCK).lstat().st_mode == before.st_mode
    assert victim.read_text() == "precious"
    assert odd != "foreign" or (out / LOCK).read_text() == "my own notes"


def test_a_lock_of_a_run_that_was_killed_is_taken(tmp_path):
    (tmp_path / LOCK).write_text("4711")
    with alone_in(tmp_path):
        assert (tmp_path / LOCK).read_text() == str(os.getpid())
        with pytest.raises(FolderInUse, match=f"process {os.getpid()}"), alone_in(tmp_path):
            pass


def test_pipes_among_reports_are_counted_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "review.json")
    assert "1 file here could not be read as a report" in write_index(tmp_path).read_text()
    os.mkfifo(tmp_path / "runs.jsonl")
    with pytest.raises(OutputError, match="no regular file"):
        read_lines(tmp_path / "runs.jsonl")


WRITES = """
import sys, time
from pathlib import Path
from reportlib.publishing.store.files import written_whole
with written_whole(Path(sys.argv[1])) as temporary:
    temporary.write_text("personal")
    print(temporary, flush=True)
    time.sleep(60)
"""


def test_what_a_killed_process_was_writing_goes_with_the_next_and_what_is_being_written_stays(tmp_path):
    path = tmp_path / "detailed.csv"
    command = [sys.executable, "-c", WRITES, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
        temporary = writing.stdout.readline().strip()
        without_unfinished(tmp_path, path.name)
        assert [str(file) for file in tmp_path.iterdir()] == [temporary]
        writing.send_signal(signal.SIGKILL)
    time.sleep(0.1)
    without_unfinished(tmp_path, "other.csv")
    assert [str(file) for file in tmp_path.iterdir()] == [temporary]
    without_unfinished(tmp_path, path.name)
    assert not list(tmp_path.iterdir())
