"""One run at a time in a folder: two would write over each other's reports and mail them twice."""

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path

from reportlib.errors import FolderInUse
from reportlib.publishing.store.files import require_folder
from reportlib.publishing.store.lease import leased
from reportlib.publishing.store.object_store import is_store

LOCK = ".lock"


@contextmanager
def alone_in(folder: Path):
    """The folder, made where it is missing, is this run's until the context ends; the end of the process ends it too.

    Raises FolderInUse where another run has it, OutputError where it cannot be written to.
    """
    with leased(folder) if is_store(folder) else _locked(folder):
        yield folder


@contextmanager
def _locked(folder):
    descriptor = os.open(require_folder(folder) / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = os.read(descriptor, 100).decode(errors="replace").strip() or "?"
            raise FolderInUse(
                f"another run (process {who}) is making reports in {folder}; this one leaves it to that"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)
