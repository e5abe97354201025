"""The process that makes pages: `python -P -m reportlib.publishing.page_process`, asked through its input.

The engine that draws charts lets no other Python code of its process run meanwhile. Beside notebooks that run, each of
which waits for an answer to every cell, it would hold them all up.
"""

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from threading import Lock

from reportlib.publishing.forked_kernels import python
from reportlib.publishing.making import Failure, Made, Order
from reportlib.publishing.one_report import Executed, get_ready, not_made, published

PAGES = "reportlib.publishing.page_process"
_DIED = Failure("PagesDied", "the process that draws pages has ended: there may be too little memory", "the page")


class PageProcess:
    """The process, as its owner has it; for use by several threads, one page at a time. It ends with its owner."""

    def __init__(self):
        self._lock = Lock()
        self._start()

    def published(self, order: Order, run: Executed) -> Made:
        """What `one_report.published` makes of an executed notebook; a failure where the process dies of it."""
        with self._lock:
            try:
                pickle.dump((order, run), self._process.stdin)
                self._process.stdin.flush()
                return pickle.load(self._process.stdout)
            except (EOFError, BrokenPipeError, pickle.UnpicklingError):
                self.close()
                self._start()
                return not_made(order, _DIED, run.seconds)

    def close(self):
        """End it."""
        self._process.kill()
        with suppress(BrokenPipeError), self._process:  # which closes its pipes, and waits
            pass

    def _start(self):
        pipe = subprocess.PIPE  # Ctrl-C is for the owner, which then ends this
        self._process = subprocess.Popen(python(PAGES), stdin=pipe, stdout=pipe, start_new_session=True)


def main():
    """Make the page of each executed notebook that comes, until no more can."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    get_ready()
    while True:
        try:
            order, run = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(published(order, run), answers)
        answers.flush()


if __name__ == "__main__":
    main()
