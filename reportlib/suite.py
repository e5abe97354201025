"""Where a suite is: the folder with the notebooks, the parameters and what is made of them."""

import os
from pathlib import Path

from reportlib.errors import NoSuite

NOTEBOOKS, PARAMETERS, OUTPUT = "notebooks", "parameters", "output"
SUITE_VARIABLE = "REPORTLIB_SUITE"
_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / "shipped"  # in an installed package; in a clone they stand beside the package


def suite_of(place: Path) -> Path | None:
    """The nearest folder upwards from a place that has notebooks/ and parameters/; None where there is none."""
    place = Path(os.path.abspath(place))  # noqa: PTH100  a link to a folder stays where it is
    return next((folder for folder in (place, *place.parents) if _is_suite(folder)), None)


def suite() -> Path:
    """The suite at hand: that of REPORTLIB_SUITE, else of the working folder, else the clone that this code stands in.

    Raises NoSuite where there is none.
    """
    if named := os.environ.get(SUITE_VARIABLE):
        return Path(named)
    found = suite_of(Path.cwd()) or (_PACKAGE.parent if _is_suite(_PACKAGE.parent) else None)
    if found is None:
        raise NoSuite(
            f"{Path.cwd()} is in no suite, a folder with {NOTEBOOKS}/ and {PARAMETERS}/: `reportlib init FOLDER` makes "
            "one; then work in it"
        )
    return found


def parameter_file(name: str) -> Path | None:
    """The file of this name beside the suite's parameters; None where there is none, or no suite."""
    try:
        file = suite() / PARAMETERS / name
    except NoSuite:
        return None
    return file if file.is_file() else None


def shipped(name: str) -> Path:
    """The notebooks or the parameters that come with the package."""
    return (_SHIPPED if _is_suite(_SHIPPED) else _PACKAGE.parent) / name


def _is_suite(folder) -> bool:
    return (folder / NOTEBOOKS).is_dir() and (folder / PARAMETERS).is_dir()
