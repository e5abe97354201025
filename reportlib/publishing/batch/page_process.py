"""The process that makes pages: `python -P -m reportlib.publishing.batch.page_process`, asked through its input.

The engine that draws charts lets no other Python code of its process run meanwhile. Beside notebooks that run, each of
which waits for an answer to every cell, it would hold them all up.
"""

import gc
import os
import pickle
import subprocess
import sys
from contextlib import suppress
from threading import Lock

from nbformat import NotebookNode

from reportlib.publishing.batch.order import Making
from reportlib.publishing.batch.pages import draw_ahead, get_ready, pages_of
from reportlib.publishing.failure import Failure
from reportlib.publishing.kernel.fork_client import python

PAGES = "reportlib.publishing.batch.page_process"
_ROOM = 1 << 20  # bytes of charts that are drawn ahead; their notebooks do not wait for it
_DIED = Failure("PagesDied", "the process that draws pages has ended: there may be too little memory", "the page")


class PageProcess:
    """The process, as its owner has it; for use by several threads, one page at a time. It ends with its owner."""

    def __init__(self):
        self._lock = Lock()
        self._start()

    def pages_of(self, notebook: NotebookNode, how: Making) -> tuple[dict[str, bytes], Failure | None]:
        """What `pages.pages_of` makes of an executed notebook; a failure where the process dies of it."""
        with self._lock:
            try:
                self._ask((notebook, how))
                return pickle.load(self._process.stdout)
            except (EOFError, BrokenPipeError, pickle.UnpicklingError):
                self.close()
                self._start()
                return {}, _DIED

    def draw_ahead(self, spec: dict):
        """Have a chart drawn before its page is asked for, where the process has nothing else to do."""
        if self._lock.acquire(blocking=False):
            try:
                with suppress(BrokenPipeError):  # the page will tell
                    self._ask(spec)
            finally:
                self._lock.release()

    def close(self):
        """End it."""
        self._process.kill()
        with suppress(BrokenPipeError), self._process:  # which closes its pipes, and waits
            pass

    def _ask(self, what):
        pickle.dump(what, self._process.stdin)
        self._process.stdin.flush()

    def _start(self):
        pipe = subprocess.PIPE  # Ctrl-C is for the owner, which then ends this
        self._process = subprocess.Popen(python(PAGES), stdin=pipe, stdout=pipe, pipesize=_ROOM, start_new_session=True)


def main():
    """Make the pages of each executed notebook that comes, and draw each chart, until no more can come."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    gc.disable()  # what is imported is no garbage
    get_ready()
    gc.freeze()
    gc.enable()
    while True:
        try:
            asked = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        if isinstance(asked, tuple):
            pickle.dump(pages_of(*asked), answers)
            answers.flush()
        else:
            with suppress(Exception):  # the page will tell
                draw_ahead(asked)


if __name__ == "__main__":
    main()
