"""What runs in this process fork their kernels from and draw their pages in, kept from one test to the next: to start
both takes longer than most of the reports that tests make."""

import atexit
from contextlib import contextmanager
from threading import Lock

import pytest

from reportlib.publishing.batch import in_kernel, local
from reportlib.publishing.kernel.fork_client import Template
from reportlib.publishing.mail import send
from reportlib.publishing.page.process import PageProcess
from reportlib.publishing.weekly import run as weekly_run


class Kept:
    """A template and processes that draw pages, each started when first needed, and anew where a test has ended it."""

    def __init__(self):
        self._template, self._drawers = None, []

    @contextmanager
    def forking(self, tell, cold=False):
        """As `in_kernel.forking`; the template is left for the next."""
        if cold:
            yield None
            return
        if self._template is None or self._template._process.poll() is not None:
            self._template = Template(in_kernel.__name__, tell)
        self._template._tell, self._template._told = tell, Lock()
        yield self._template

    def page_process(self) -> PageProcess:
        """A PageProcess; one that has nothing to do when it is closed is left for the next."""
        return _Lent(self._drawers)

    def close(self):
        """End them all."""
        if self._template:
            self._template.close()
        for process, *_ in self._drawers:
            with process:
                process.kill()


class _Lent(PageProcess):
    def __init__(self, drawers):
        super().__init__()
        self._drawers = drawers

    def start(self):
        while self._drawers:
            self._process, self._is_ready, self._ahead = self._drawers.pop()
            if self._process.poll() is None:
                return self
        return super().start()

    def close(self):
        if self._process and self._lock.acquire(blocking=False):
            self._is_closed = True
            self._drawers.append((self._process, self._is_ready, self._ahead))
            self._process = None
            self._lock.release()
        else:
            super().close()


_KEPT = Kept()
atexit.register(_KEPT.close)


@contextmanager
def lent():
    """All that makes reports in this process uses them meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (in_kernel, local):
            patch.setattr(module, "forking", _KEPT.forking)
        for module in (local, send, weekly_run):
            patch.setattr(module, "PageProcess", _KEPT.page_process)
        yield
