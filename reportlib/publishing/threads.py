"""Making reports on this machine, or wherever an executor is: several at a time, as they come."""

from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed

from reportlib.publishing.forked_kernels import forking
from reportlib.publishing.making import Made, Making, Order
from reportlib.publishing.one_report import make_report


def made_in_threads(
    orders: dict[Hashable, Order], how: Making, tell: Callable[[str], None]
) -> Iterator[tuple[Hashable, Made]]:
    """Each order's key with what was made of it, `how.jobs` at a time, in kernels forked from one template.

    The end of the iteration, or an error that concerns all, ends those under way.
    """
    stop = Future()
    with forking(tell, how.cold) as template, ThreadPoolExecutor(how.jobs) as pool:
        try:
            for key, future in as_they_come(pool, orders, make_report, stop, template):
                yield key, future.result()
        except BaseException:
            stop.set_result(None)
            pool.shutdown(cancel_futures=True)
            raise


def as_they_come(
    pool: Executor, orders: dict[Hashable, Order], make: Callable, *arguments
) -> Iterator[tuple[Hashable, Future]]:
    """Each order's key with its future once that is done; nothing of it is kept here then, which may be megabytes."""
    making = {pool.submit(make, order, *arguments): key for key, order in orders.items()}
    for future in as_completed(making):
        yield making.pop(future), future
