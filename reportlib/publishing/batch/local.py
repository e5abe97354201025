"""Making reports on this machine, or wherever an executor is: several at a time, as they come."""

from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import closing, nullcontext
from threading import Semaphore

from reportlib.publishing.batch.in_kernel import forking
from reportlib.publishing.batch.order import Made, Making, Order
from reportlib.publishing.batch.report import executed, published
from reportlib.publishing.kernel.fork_client import Template
from reportlib.publishing.page.process import PageProcess


def made_in_threads(
    orders: dict[Hashable, Order], how: Making, tell: Callable[[str], None], template: Template | None = None
) -> Iterator[tuple[Hashable, Made]]:
    """Each order's key with what was made of it, in `how.jobs` kernels at a time, forked from the template or one of
    its own; beside them one page is drawn.

    The end of the iteration, or an error that concerns all, ends those under way.
    """
    stop: Future = Future()
    kernels = Semaphore(how.jobs)
    forked = nullcontext(template) if template else forking(tell, how.cold)
    with forked as template, closing(PageProcess().start()) as pages, ThreadPoolExecutor(how.jobs + 1) as pool:
        try:
            for key, future in as_they_come(pool, orders, _made, kernels, stop, template, pages):
                yield key, future.result()
        except BaseException:
            stop.set_result(None)
            pages.close()  # or the threads that are waited for would wait for their pages
            pool.shutdown(cancel_futures=True)
            raise


def _made(order, kernels, stop, template, pages):
    with kernels:
        run = executed(order, stop, template, pages.draw_ahead)
    return published(order, run, pages.pages_of)


def as_they_come(
    pool: Executor, orders: dict[Hashable, Order], make: Callable, *arguments
) -> Iterator[tuple[Hashable, Future]]:
    """Each order's key with its future once that is done; nothing of it is kept here then, which may be megabytes."""
    making = {pool.submit(make, order, *arguments): key for key, order in orders.items()}
    for future in as_completed(making):
        yield making.pop(future), future
