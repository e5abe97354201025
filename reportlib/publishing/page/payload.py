"""What an executed notebook says of itself."""

from nbformat import NotebookNode

from reportlib.presentation.look.display import REPORT_MIME


def report_payload(notebook: NotebookNode) -> dict:
    """The notebook's output of type REPORT_MIME, or {}."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if REPORT_MIME in output.get("data", {}):
                return output["data"][REPORT_MIME]
    return {}
