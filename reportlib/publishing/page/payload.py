"""What an executed notebook says of itself."""

import re

from nbformat import NotebookNode

from reportlib.presentation.look.display import REPORT_MIME
from reportlib.presentation.look.palette import CHART_MIME

TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)


def first_heading(notebook: NotebookNode) -> str:
    """What kind of report it says it is, "Post-campaign review"; "" where it has no heading."""
    found = (TITLE.search(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    return next((heading[1].strip() for heading in found if heading), "")


def report_payload(notebook: NotebookNode) -> dict:
    """The notebook's output of type REPORT_MIME, or {}."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if REPORT_MIME in output.get("data", {}):
                return output["data"][REPORT_MIME]
    return {}


def chart_specs(notebook: NotebookNode) -> list[dict]:
    """The specifications of an executed notebook's charts that show something; one that is a sentence, why there is
    nothing to draw, does not."""
    specs = [
        output["data"][CHART_MIME]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if CHART_MIME in output.get("data", {})
    ]
    return [spec for spec in specs if spec.get("usermeta", {}).get("reportlib", {}).get("rows", True)]
