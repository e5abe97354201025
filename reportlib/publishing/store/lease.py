"""One run at a time in a folder of an object store, which knows no locks: each run writes that it is there, then looks
whether it is alone.

Whoever writes first and looks second cannot miss another who does the same, since stores list an object from the moment
it was put. Two that come at once may both see the other; they leave, and try again after different whiles. A run that
was killed is heard of no more, and after LEASE_S counts for nothing.
"""

import json
import os
import random
import secrets
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from reportlib.errors import FolderInUse, OutputError
from reportlib.publishing.store.object_store import is_of_store, put, remove

LEASE_S, RENEWED_EVERY_S = 600, 60
CLOCKS_DIFFER_S = 60  # at most, between the machines of two runs
TRIES = 3
_PREFIX = ".lock-"


@contextmanager
def leased(folder: Path) -> Iterator[Path]:
    """The folder is this run's until the context ends, or until LEASE_S after its process or machine ended.

    Raises FolderInUse where another run has it, or may have it because the store could not be reached for so long;
    OutputError where the store fails, also in what is done within the context.
    """
    try:
        with _renewed(_taken(folder), folder):
            yield folder
    except Exception as error:
        if is_of_store(error):
            raise OutputError(f"{folder} cannot be reached: {error}") from None
        raise


@contextmanager
def _renewed(lease, folder):
    over, lost = Event(), Event()
    renewing = Thread(target=_renew, args=(lease, over, lost), daemon=True)
    renewing.start()
    try:
        yield
    except KeyboardInterrupt:
        if lost.is_set():
            raise FolderInUse(f"{folder} was not reached for {LEASE_S} s: another run may have it now") from None
        raise
    finally:
        over.set()
        renewing.join()
        with suppress(OutputError):  # then it ends by itself
            remove(lease)


def _taken(folder) -> Path:
    for left in reversed(range(TRIES)):
        lease = folder / f"{_PREFIX}{secrets.token_hex(8)}"
        try:
            _write(lease)
            if not (others := _others(folder, lease)):
                return lease
        except BaseException:
            with suppress(OutputError):
                remove(lease)
            raise
        remove(lease)
        if left:
            time.sleep(random.uniform(0.1, 1))
    who, until = others[0]["who"], datetime.fromtimestamp(others[0]["until"] + CLOCKS_DIFFER_S, UTC)
    raise FolderInUse(
        f"another run ({who}) is making reports in {folder}; this one leaves it to that. Should it have been killed, "
        f"the folder is free again at {until:%H:%M} UTC"
    )


def _others(folder, lease) -> list[dict]:
    """The leases of other runs; those that ended without a word are removed."""
    held = []
    for other in folder.glob(f"{_PREFIX}*"):
        try:
            about = json.loads(other.read_bytes())
        except FileNotFoundError:
            continue
        if time.time() > about["until"] + CLOCKS_DIFFER_S:
            remove(other)
        elif other.name != lease.name:
            held.append(about)
    return held


def _write(lease) -> float:
    """Say until when the folder is this run's."""
    until = time.time() + LEASE_S
    who = f"process {os.getpid()} on {socket.gethostname()}"
    put(lease, json.dumps({"who": who, "until": until}).encode())
    return until


def _renew(lease, over: Event, lost: Event):
    until = time.time() + LEASE_S - RENEWED_EVERY_S  # it was written a moment ago
    while not over.wait(RENEWED_EVERY_S):
        if time.time() <= until:  # else another may have it, as after this machine slept
            with suppress(OutputError):  # it may be reached next time
                until = _write(lease)
        if time.time() > until:  # writing may have taken that long
            lost.set()
            _end_the_run()
            return


def _end_the_run():
    """A Ctrl-C, wherever the run is; the command takes SIGTERM for one too, also in the background, where shells have
    Ctrl-C ignored."""
    takes_sigterm = callable(signal.getsignal(signal.SIGTERM))
    os.kill(os.getpid(), signal.SIGTERM if takes_sigterm else signal.SIGINT)
