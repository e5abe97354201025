"""Which platforms there are and what each can tell: for the command, and for the table in the docs."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from reportlib import extensions
from reportlib.errors import InvalidParameters, nearest
from reportlib.warehouse.connect import platforms
from reportlib.warehouse.connect.platform import TELLS, Platform


def names() -> list[str]:
    """The names of all platforms: the modules there are, and what packages add."""
    return sorted({*_modules(), *_added()})


def platform(name: str) -> Platform:
    """The platform of this name. Raises InvalidParameters, with the nearest name."""
    if name not in names():
        near = nearest(name, names())
        raise InvalidParameters(f"there is no platform {name!r}{near}; `reportlib connect` lists them")
    if name in _added():
        return _added()[name]
    return import_module(f"{platforms.__name__}.{name.replace('-', '_')}").PLATFORM


def listing() -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The heading, and a line per platform: its name, its channels, and per TELLS whether it can tell that."""
    return ("platform", "channels", *TELLS), [_line(platform(name)) for name in names()]


def _modules() -> set[str]:
    return {module.name.replace("_", "-") for module in iter_modules(platforms.__path__)}


@cache
def _added() -> dict[str, Platform]:
    return extensions.added(
        extensions.PLATFORMS, _modules(), lambda one: None if isinstance(one, Platform) else "it is no Platform"
    )


def _line(one: Platform) -> tuple[str, ...]:
    told = [_told(one, what) for what in TELLS]
    return (one.name, "+".join(one.tells), *told)


def _told(one: Platform, what: str) -> str:
    """ "yes", "–", or the channels that can where not all do."""
    able = [channel for channel, tells in one.tells.items() if what in tells]
    if not able:
        return "–"
    return "yes" if len(able) == len(one.tells) else "+".join(able)
