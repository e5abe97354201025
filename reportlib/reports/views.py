"""A notebook's present choices as a file of parameters."""

import os
from pathlib import Path
from typing import Any

import yaml

from reportlib.errors import InvalidParameters, OutputError
from reportlib.reports.naming import file_name
from reportlib.suite import PARAMETERS, suite

NOTEBOOK = "JPY_SESSION_NAME"  # set by Jupyter's server: the path of the notebook whose kernel this is


def save_view(name: str, values: dict[str, Any]) -> str:
    """Write parameters/NOTEBOOK/NAME.yaml with these values, and hand back the command that makes that report.

    Raises InvalidParameters for a name that is empty or taken, or where no notebook is known; NoSuite, OutputError.
    """
    notebook = Path(os.environ.get(NOTEBOOK, "")).stem
    if not notebook:
        raise InvalidParameters("Jupyter does not tell which notebook this is: write the file of parameters yourself")
    if not name.strip():
        raise InvalidParameters("the view needs a name: it will be the name of its file")
    file = suite() / PARAMETERS / notebook / f"{file_name(name.strip())}.yaml"
    text = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10_000)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(f"# A view of {notebook}, saved in JupyterLab.\n{text}")
    except FileExistsError:
        raise InvalidParameters(f"there is a view {file.stem!r} already: choose another name") from None
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror or error}") from None
    return f"reportlib run {file.relative_to(suite())}"
