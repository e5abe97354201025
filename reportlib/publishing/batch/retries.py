"""Trying again what may go well a little later, and nothing else."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait

BACK_OFF_S = (2, 10, 30)


def with_retries(call: Callable, is_transient: Callable, stop: Future):
    """What `call` gives, called again after each of BACK_OFF_S seconds while `is_transient` says so of what it gave.

    Raises CancelledError once `stop` is done.
    """
    for seconds in BACK_OFF_S:
        given = call()
        if not is_transient(given):
            return given
        if wait([stop], timeout=seconds).done:
            raise CancelledError
    return call()
