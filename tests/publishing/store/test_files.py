"""Whole files, and names for them."""

import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportlib.errors import OutputError
from reportlib.publishing.store.files import file_name, require_folder, write_whole


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


@given(st.one_of(st.text(), st.integers()))
def test_any_id_becomes_a_harmless_name(campaign):
    name = file_name(campaign)
    assert name
    assert len(name) < 100
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(), st.text())
def test_two_ids_have_two_names(one, other):
    assert one == other or file_name(one) != file_name(other)


@pytest.mark.parametrize("plain", ["spring-sale", "2026_w47", "7"])
def test_a_plain_id_is_its_own_name(plain):
    assert file_name(plain) == plain


@pytest.mark.parametrize("awkward", ["../../etc/passwd", "con", "Spring", "a/b", "ação", "", "x" * 300])
def test_an_awkward_id_is_told_apart_by_a_hash(awkward):
    assert file_name(awkward) != awkward
