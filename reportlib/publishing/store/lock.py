"""One run at a time in a folder: two would write over each other's reports and mail them twice."""

import errno
import fcntl
import os
import time
from contextlib import contextmanager
from pathlib import Path

from reportlib.errors import FolderInUse, OutputError
from reportlib.publishing.store.files import require_folder, require_regular
from reportlib.publishing.store.lease import leased
from reportlib.publishing.store.object_store import is_store

LOCK = ".lock"
_LOOK_AGAIN_S = 0.1  # at a lock that another run has


@contextmanager
def alone_in(folder: Path, lock: str = LOCK, wait_s: float = 0.0):
    """The folder, made where it is missing, is this run's until the context ends; the end of the process ends it too.
    Of a folder on a disk, only what this `lock` stands for.

    Raises FolderInUse where another run has it, and still has it after `wait_s`; OutputError where it cannot be written
    to.
    """
    with leased(folder) if is_store(folder) else _locked(folder, lock, wait_s):
        yield folder


@contextmanager
def _locked(folder, lock, wait_s):
    descriptor, until = _opened(require_folder(folder) / lock), time.monotonic() + wait_s
    try:
        while not _taken(descriptor, folder / lock):
            if time.monotonic() >= until:
                who = _who(descriptor) or "?"
                raise FolderInUse(f"another run (process {who}) is at work in {folder}; this one leaves it to that")
            time.sleep(_LOOK_AGAIN_S)
        if (who := _who(descriptor)).strip("0123456789"):
            raise OutputError(
                f"{folder / lock} is not ours: {who[:20]!r} stands in it; move it, or name another folder"
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor, lock) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    except OSError as error:
        raise OutputError(f"{lock} cannot be locked ({error.strerror}): name a folder on a disk") from None


def _who(descriptor) -> str:
    return os.pread(descriptor, 100, 0).decode(errors="replace").strip()


def _opened(lock: Path) -> int:
    """The lock as a descriptor. Raises OutputError for a link, which could lead to any file, and for what is none."""
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(lock, flags, 0o644)
    except OSError as error:
        why = "it is a link" if error.errno == errno.ELOOP else error.strerror
        raise OutputError(f"{lock} cannot be opened ({why}): move it away, or name another folder") from None
    try:
        require_regular(os.fstat(descriptor), lock)
        return descriptor
    except OutputError:
        os.close(descriptor)
        raise
