"""What installed packages add: providers, platforms and kinds of parameters, by entry points (docs/extending.md)."""

import warnings
from collections.abc import Callable, Collection
from importlib.metadata import entry_points
from typing import Any

PROVIDERS, PLATFORMS, KINDS = GROUPS = ("reportlib.providers", "reportlib.platforms", "reportlib.kinds")


def added(group: str, own: Collection[str], lacks: Callable[[Any], str | None]) -> dict[str, Any]:
    """What installed packages add to one of GROUPS, by name.

    One of the names in `own`, one that cannot be loaded, and one of which `lacks` says what it is without are left out
    with a warning that names the package: somebody else's mistake stops none of our commands. Raises ValueError for
    another group.
    """
    if group not in GROUPS:
        raise ValueError(f"there is no group {group!r} of extensions")
    found = {}
    for point in entry_points(group=group):
        problem = "its name is taken" if point.name in own or point.name in found else None
        try:
            loaded = None if problem else point.load()
            problem = problem or lacks(loaded)
        except Exception as error:  # whatever somebody else's code raises
            problem = f"{type(error).__name__}: {error}"
        if problem:
            package = point.dist.name if point.dist else point.value
            warnings.warn(f"{group}: {point.name!r} of the package {package} is left out: {problem}", stacklevel=2)
        else:
            found[point.name] = loaded
    return found
