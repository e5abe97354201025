"""Downloads that are recognised by their header, one module each: to add one is to add its module and a test of it.

A module has, and no more:

- `TITLE`: what the download is called where it comes from.
- `ROWS`: what its rows are, in a few words, for the documentation.
- `HEADER`: the columns by which it is known; all of them are there.
- `SEEN`: whether a real header was seen; else it is written down from memory, which the documentation says.
- `MAPPING`: what its columns are to us, `is_whole`. A column that is not in HEADER may be missing.

Of two downloads that fit a file, it is the one that asks for more columns.
"""

from importlib import import_module
from pkgutil import iter_modules

DOWNLOADS = {found.name: import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)}


def recognised(names: list[str]) -> str | None:
    """Which download has a header of these columns; None where none has."""
    there = set(names)
    fitting = [name for name, module in DOWNLOADS.items() if there.issuperset(module.HEADER)]
    return max(fitting, key=lambda name: len(DOWNLOADS[name].HEADER), default=None)


def listing() -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and rows of the list of downloads: title, rows, the columns it is known by, whether they were seen."""
    rows: list[tuple[str, ...]] = [
        (one.TITLE, one.ROWS, " ".join(f"`{name}`" for name in one.HEADER), "seen" if one.SEEN else "from memory")
        for one in DOWNLOADS.values()
    ]
    return ("download", "rows are", "known by the columns", "header"), rows
