"""Making reports on a Dask cluster: the workers make them, this process places what they made."""

import asyncio
import logging
import os
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

from reportlib.code_version import code_fingerprint
from reportlib.errors import ClusterError, ReportError
from reportlib.publishing.batch.dask_worker import Publisher, make_report_here, require_same
from reportlib.publishing.batch.local import as_they_come
from reportlib.publishing.batch.order import Made, Making, Order
from reportlib.publishing.batch.report import not_made
from reportlib.publishing.failure import Failure
from reportlib.warehouse.connection import ADDRESS_VARIABLE

REACHED_S = 10  # by when the scheduler must answer
WORKER_S = 120  # by when there must be a worker, which may have to be started


def made_on_cluster(
    orders: dict[Hashable, Order], how: Making, tell: Callable[[str], None]
) -> Iterator[tuple[Hashable, Made]]:
    """Each order's key with what a worker made of it, as they come; how many at once the workers' threads say.

    A report whose worker died, and those that Dask tried after it too, is not made. The end of the iteration, or an
    error that concerns all, ends those under way. Raises ClusterError where the scheduler cannot be reached or is lost,
    and where a worker is unlike this process in what reports depend on.
    """
    with _connected(how.scheduler) as (distributed, client):
        publisher = Publisher(code_fingerprint(), bool(os.environ.get(ADDRESS_VARIABLE)), how.pdf)
        _require_same(distributed, client, publisher, tell)
        pool = client.get_executor(pure=False)  # as each report is made now, whatever was made before
        try:
            for key, future in as_they_come(pool, orders, make_report_here, publisher):
                try:
                    yield key, future.result()
                except distributed.KilledWorker as error:
                    yield key, not_made(orders[key], _worker_died(error), 0)
                except ImportError as error:
                    raise ClusterError(f"a worker cannot make reports: {error}") from None
                except CancelledError:
                    raise ClusterError(f"the scheduler {how.scheduler} was lost, or gave the reports up") from None
        finally:
            pool.shutdown(wait=False)  # cancels what is not done


@contextmanager
def _connected(scheduler):
    try:
        import distributed
    except ImportError as error:
        raise ClusterError(f"--scheduler needs Dask ({error}): pip install 'reportlib[dask]'") from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what it knows, errors here say in a line
    try:
        asyncio.run(_reach(distributed, scheduler))
        client = distributed.Client(scheduler, timeout=REACHED_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:  # TypeError: of TLS that is not configured
        raise ClusterError(f"the scheduler {scheduler} cannot be reached: {error}") from None
    with client:
        yield distributed, client


async def _reach(distributed, scheduler):
    """Raise what is wrong with the address, which a client of Dask's does too, but then does not end."""
    security = distributed.Security().get_connection_args("client")
    (await distributed.core.connect(scheduler, timeout=REACHED_S, **security)).abort()


def _require_same(distributed, client, publisher, tell):
    """Ask every worker that there is; one that comes later is asked with its first report."""
    try:
        if not client.nthreads():
            tell(f"the cluster has no worker yet; it is waited for, {WORKER_S} s at most")
            client.submit(require_same, publisher, pure=False).result(timeout=WORKER_S)
        client.run(require_same, publisher)
    except (TimeoutError, distributed.TimeoutError):
        raise ClusterError(f"the cluster had no worker within {WORKER_S} s") from None
    except ReportError:
        raise
    except Exception as error:  # where a worker has no reportlib Dask says so in a plain Exception
        raise ClusterError(f"a worker cannot make reports: {error}") from None


def _worker_died(error) -> Failure:
    return Failure(
        "WorkerDied",
        "the worker that made it has died, and so did those that tried again, perhaps for want of memory; the "
        "workers' logs may say more",
        details=str(error),
    )
