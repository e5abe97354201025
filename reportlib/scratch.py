"""Folders for what is needed while something runs, personal data most of it: gone with it, however it ends."""

import fcntl
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "reportlib-"
_OF_DUCKDB = re.compile(_PREFIX + r"(\d+)")  # which makes it when it needs it, and not with a lock


@contextmanager
def scratch_folder(what_for: str, place: str | Path | None = None) -> Iterator[Path]:
    """A folder of this process's own, in the usual place for temporary files or in another; gone at the end.

    It is locked, so that `sweep` can tell one whose process is alive; it has its name once it is.
    """
    unlocked = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=place))
    descriptor = os.open(unlocked, os.O_RDONLY)
    try:
        with suppress(OSError):  # where folders cannot be locked
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        folder = unlocked.rename(unlocked.with_name(f"{_PREFIX}{what_for}-{secrets.token_hex(4)}"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def spill_folder() -> Path:
    """Where DuckDB puts what does not fit into memory: of this process's own, or two would write over each other's."""
    return Path(tempfile.gettempdir()) / f"{_PREFIX}{os.getpid()}"


def sweep():
    """Remove the scratch folders of this user's processes that were killed."""
    for place in {tempfile.gettempdir(), "/tmp"}:
        for folder in Path(place).glob(f"{_PREFIX}*"):
            with suppress(OSError):
                if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid():
                    _remove_unless_held(folder)


def _remove_unless_held(folder):
    if found := _OF_DUCKDB.fullmatch(folder.name):
        if not _is_alive(int(found[1])):
            shutil.rmtree(folder, ignore_errors=True)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        pass
    return True
