"""The reports that there are: the notebooks of a suite."""

from functools import lru_cache
from pathlib import Path

from reportlib.errors import InvalidParameters, nearest
from reportlib.reports.declaration import Declaration, read_declaration
from reportlib.suite import NOTEBOOKS, suite, suite_of

SUFFIX = ".ipynb"
WAY_IN = "START.ipynb"  # leads to the others
_LEFT_BY_JUPYTER = ".ipynb_checkpoints"


def notebooks(folder: Path) -> dict[str, list[Path]]:
    """The notebooks of a suite by name, wherever within notebooks/ they are."""
    found: dict[str, list[Path]] = {}
    for path in sorted((folder / NOTEBOOKS).rglob(f"*{SUFFIX}")):
        if _LEFT_BY_JUPYTER not in path.parts and path.name != WAY_IN:
            found.setdefault(path.stem, []).append(path)
    return found


def declared(name: str, near: Path | None = None) -> Declaration:
    """The report of this name, in the suite that `near` is in, else in the one at hand.

    Raises InvalidParameters where there is none, or several, or its notebook declares none; NoSuite.
    """
    folder = (suite_of(near) if near else None) or suite()
    known = notebooks(folder)
    if name not in known:
        raise InvalidParameters(
            f"there is no report {name!r}{nearest(name, known)}; {folder / NOTEBOOKS} has {', '.join(known) or 'none'}"
        )
    return declaration_of(known[name][0])


def declaration_of(notebook: Path) -> Declaration:
    """The report that a notebook declares, if it is the only one of its name in its suite. Raises InvalidParameters."""
    folder = suite_of(notebook)
    named = notebooks(folder) if folder else {}
    alike = [path for name, paths in named.items() if name.lower() == notebook.stem.lower() for path in paths]
    if folder and len(alike) > 1:
        listed = " and ".join(str(path.relative_to(folder)) for path in alike)
        raise InvalidParameters(f"two notebooks are called {notebook.stem}, {listed}: give one another name")
    try:
        changed = notebook.stat().st_mtime_ns
    except OSError as error:
        raise InvalidParameters(f"{notebook}: cannot be read ({error.strerror or error})") from None
    return _read_once(notebook, changed)


@lru_cache
def _read_once(notebook, changed) -> Declaration:
    return read_declaration(notebook)
