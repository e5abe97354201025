"""Whole files."""

import errno
import os

import pytest

from reportlib.errors import OutputError
from reportlib.publishing.store.files import require_folder, write_whole


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "new" / "report.html"
    write_whole(path, "old")
    write_whole(path, "new é")
    assert path.read_text(encoding="utf-8") == "new é"
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


@pytest.mark.parametrize("interruption", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_full_disk_or_ctrl_c_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, interruption):
    path = write_whole(tmp_path / "report.html", "old")

    def fail(_):
        raise interruption

    monkeypatch.setattr(os, "fsync", fail)
    expected = OutputError if isinstance(interruption, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as raised:
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    assert expected is KeyboardInterrupt or "No space left" in str(raised.value)


def test_a_folder_that_is_a_file_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written to"):
        require_folder(tmp_path / "file")
