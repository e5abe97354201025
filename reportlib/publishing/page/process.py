"""The process that draws pages and mailed charts: `python -P -m reportlib.publishing.page.process`, asked through
its input.

The engine that draws charts lets no other Python code of its process run meanwhile: beside notebooks that run, each of
which waits for an answer to every cell, it would hold them all up. Nor can it be interrupted, and there are charts that
it dies of. In a process of its own it can be ended.
"""

import ctypes
import gc
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from threading import Lock, Timer

from nbformat import NotebookNode

from reportlib.publishing.failure import Failure
from reportlib.publishing.kernel.fork_client import python
from reportlib.publishing.page.pages import draw_ahead, get_ready, pages_of

PAGES = "reportlib.publishing.page.process"
PAGE_LIMIT_S = 120  # of a page, which takes a second or two, PDF and all
_ROOM = 1 << 20  # bytes of charts that wait to be drawn ahead; their notebooks do not wait for it
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
_DIED = Failure(
    "PagesDied",
    "the process that draws pages ended twice while it drew this one: a chart of it may be more than the drawing "
    "bears, or there is too little memory",
    "the page",
)
_LATE = "the page was not drawn within {:g} s, so it was stopped: a chart of it may have too much or too long text"


class NotDrawn(Exception):
    """What was asked for was not made, also not alone in a new process; its failure says why."""

    def __init__(self, failure: Failure):
        super().__init__(failure.message)
        self.failure = failure


class PageProcess:
    """The process, as its owner has it; for use by several threads, one page at a time. It ends with its owner."""

    def __init__(self):
        self._lock = Lock()
        self._process, self._is_ready, self._ahead, self._is_closed = None, False, 0, False

    def start(self) -> "PageProcess":
        """Start it before it is asked for something, since it has much to import."""
        pipe = subprocess.PIPE  # Ctrl-C is for the owner, which then ends this
        self._process = subprocess.Popen(python(PAGES), stdin=pipe, stdout=pipe, pipesize=_ROOM, start_new_session=True)
        self._is_ready, self._ahead = False, 0
        if self._is_closed:  # meanwhile
            self._process.kill()
        return self

    def pages_of(self, notebook: NotebookNode, how) -> tuple[dict[str, bytes], Failure | None]:
        """What `pages.pages_of` makes of an executed notebook; a failure where it cannot be drawn, or
        not within `how.limit_s`."""
        try:
            return self.ask(pages_of, notebook, how, limit_s=min(how.limit_s, PAGE_LIMIT_S))
        except NotDrawn as error:
            return {}, error.failure

    def ask(self, make: Callable, *arguments, limit_s: float = PAGE_LIMIT_S):
        """What a function of this package makes of its arguments there, within so many seconds once the process is up.

        Where the process dies, or the time is over, it is tried once more, alone in a new process: a chart drawn ahead
        for another page may be to blame. Raises NotDrawn, what the function raises, and CancelledError once the process
        was closed.
        """
        with self._lock:
            for _ in range(2):
                began = time.monotonic()
                try:
                    self._get_ready()
                    began, late = time.monotonic(), Timer(limit_s, self._process.kill)
                    late.start()
                    try:
                        _say((make, arguments), self._process.stdin)
                        made, error = pickle.load(self._process.stdout)
                    finally:
                        late.cancel()
                        self._ahead = 0
                    if error:
                        raise error
                    return made
                except (EOFError, BrokenPipeError, pickle.UnpicklingError):
                    self._end()
            is_late = time.monotonic() - began >= limit_s
            raise NotDrawn(Failure("TimeLimit", _LATE.format(limit_s), "the page") if is_late else _DIED)

    def _get_ready(self):
        if self._is_closed:
            raise CancelledError
        if self._process is None:
            self.start()
        if not self._is_ready:
            self._is_ready = pickle.load(self._process.stdout)

    def draw_ahead(self, spec: dict):
        """Have a chart drawn before its page is asked for, where the process has nothing else to do."""
        if self._lock.acquire(blocking=False):
            try:
                self._ahead += len(pickle.dumps(spec))
                if self._process and self._ahead < _ROOM // 2:  # with more its pipe might be full
                    with suppress(BrokenPipeError):  # the page will tell
                        _say((draw_ahead, (spec,)), self._process.stdin)
            finally:
                self._lock.release()

    def close(self):
        """End it, whatever it is at; who waits for a page has CancelledError."""
        self._is_closed = True
        if process := self._process:
            process.kill()
            with self._lock:
                self._end()

    def _end(self):
        process, self._process = self._process, None
        if process:
            process.kill()
            with suppress(BrokenPipeError), process:  # which closes its pipes, and waits
                pass


def main():
    """Make what each function and its arguments that come ask for, until no more can come."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)  # in the midst of a drawing it would see no end
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    gc.disable()  # what is imported is no garbage
    get_ready()
    gc.freeze()
    gc.enable()
    _say(True, answers)
    while True:
        try:
            make, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        if make is draw_ahead:
            with suppress(Exception):  # the page will tell
                draw_ahead(*arguments)
        else:
            _say(_made(make, arguments), answers)


def _made(make, arguments):
    """What was made, and the error if there was one."""
    try:
        return make(*arguments), None
    except Exception as error:
        return None, error


def _say(what, answers):
    pickle.dump(what, answers)
    answers.flush()


if __name__ == "__main__":
    main()
