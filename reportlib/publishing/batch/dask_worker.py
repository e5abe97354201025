"""Making reports as a worker of a Dask cluster: what runs there, and what it must have in common with the publisher."""

import logging
import os
import socket
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from threading import Event, Lock, Thread, Timer

from reportlib.code_version import code_fingerprint
from reportlib.errors import ClusterError
from reportlib.publishing.batch.in_kernel import forking
from reportlib.publishing.batch.order import Made, Order
from reportlib.publishing.batch.report import make_report
from reportlib.publishing.kernel.fork_client import Template
from reportlib.publishing.page.pdf import pdf_library
from reportlib.publishing.page.process import PageProcess
from reportlib.warehouse.connection import ADDRESS_VARIABLE

IDLE_S = 30  # after which a worker's template goes, which takes memory
LOOKED_EVERY_S = 0.5


@dataclass(frozen=True)
class Publisher:
    """What reports depend on besides their order: the code, whether a database is named, and whether PDFs are asked."""

    code: str
    names_database: bool
    pdf: bool


def require_same(publisher: Publisher):
    """Raise ClusterError where reports made here would not be what they are at the publisher; OutputError where no PDF
    can be made.

    The database's address itself is not compared, nor does it travel: each machine may know it by another name.
    """
    here = f"the worker on {socket.gethostname()}, process {os.getpid()},"
    if {code_fingerprint(), code_fingerprint.__wrapped__()} != {publisher.code}:  # as loaded, and as kernels would load
        raise ClusterError(
            f"{here} has another version of reportlib or of its libraries: install the same there, and start it anew"
        )
    if bool(os.environ.get(ADDRESS_VARIABLE)) != publisher.names_database:
        what = "has no" if publisher.names_database else "is not to have a"  # else it would report on the demo
        raise ClusterError(f"{here} {what} {ADDRESS_VARIABLE} in its environment: it must be set there as it is here")
    if publisher.pdf:
        pdf_library()


def make_report_here(order: Order, publisher: Publisher) -> Made:
    """`make_report` as a task of Dask's, until nobody wants it any more."""
    require_same(publisher)
    with _until_unwanted() as stop, _TOOLS.lent() as (pages, template):
        return make_report(order, stop, pages.pages_of, None if order.how.cold else template)


@contextmanager
def _until_unwanted() -> Iterator[Future]:
    """What is done as soon as the task is cancelled, or its publisher gone; Dask only forgets it then."""
    from distributed import get_worker

    worker, over = get_worker(), Event()
    stop: Future = Future()
    key = worker.get_current_task()

    def watch():
        while not over.wait(LOOKED_EVERY_S):
            task = worker.state.tasks.get(key)
            if task is None or task.state != "executing":
                stop.set_result(None)
                return

    watching = Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield stop
    finally:
        over.set()
        watching.join()


class _KeptTools:
    """The process that draws pages and the template of this process's kernels, which stay from one report to the next
    until none has come for IDLE_S: to start them takes longer than a short report, and a worker is not told when a
    batch is over."""

    def __init__(self):
        self._lock, self._users = Lock(), 0
        self._held, self._tools, self._going = ExitStack(), None, None

    @contextmanager
    def lent(self) -> Iterator[tuple[PageProcess, Template | None]]:
        """Both, started where they are not there; no template where kernels cannot be forked."""
        with self._lock:
            if not self._tools:
                template = self._held.enter_context(forking(logging.getLogger(__name__).warning))
                self._tools = self._held.enter_context(closing(PageProcess().start())), template
            self._users += 1
            if self._going:
                self._going.cancel()
        try:
            yield self._tools
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._going = Timer(IDLE_S, self._go)
                    self._going.daemon = True
                    self._going.start()

    def _go(self):
        with self._lock:
            if not self._users:
                self._held.close()
                self._tools = None


_TOOLS = _KeptTools()
