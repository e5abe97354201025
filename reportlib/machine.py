"""What databases that work within our processes may take of this machine."""

import os
from contextlib import suppress
from pathlib import Path

MEMORY_VARIABLE = "REPORTLIB_MEMORY"  # e.g. 2GB; without it a quarter of the machine's
THREADS_VARIABLE = "REPORTLIB_THREADS"  # one per core without it
LEAST_MEMORY, MOST_MEMORY = 600 * 10**6, 8 * 10**9  # bytes
LIMITS_OF_CONTAINERS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def share_of_machine(at_once: int) -> dict[str, str]:
    """The variables by which the databases of so many processes share its cores and memory."""
    threads = max(1, (os.cpu_count() or 1) // at_once)
    return {THREADS_VARIABLE: str(threads), MEMORY_VARIABLE: memory_each(at_once)}


def memory_each(at_once: int = 1) -> str:
    """For each of so many: a quarter of what the machine has, or its container may take, MOST_MEMORY at most in all,
    LEAST_MEMORY at least each."""
    has = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in map(Path, LIMITS_OF_CONTAINERS):
        with suppress(OSError, ValueError):  # another kind of container, or none; "max"
            has.append(int(limit.read_text()))
    whole = min(MOST_MEMORY, min(has) // 4)
    return f"{max(LEAST_MEMORY, whole // at_once) // 10**6}MB"
