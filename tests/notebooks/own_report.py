"""A report of one's own as a new user begins it: exploring.ipynb under another name, some cells changed."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

CHANGED = {  # cells by their ids
    "kinds": """from reportlib import Between, Campaign, Choice, Finding, headline, pick

Order = Choice["failed", "code"]""",
    "parameters": """campaign: Campaign = "spring-sale"  # which
top_codes: Between[1, 50] = 5  # failures shown
order: Order = "failed"  # of the failures""",
    "failures": """failures = metrics.failures(warehouse, campaign)
failures.sort_values([order, "code"])[["channel", "code", "failed"]].head(top_codes)""",
}
SAID = """headline("Mine: " + campaign, [Finding("all", "good", "All is well: " + campaign)], verdict="all is well")"""


def copy_changed(notebooks: Path, name: str, until: str = "sql"):
    """Write the copy into the folder of the notebooks, its cells up to the one of this id."""
    book = nbformat.read(notebooks / "exploring.ipynb", as_version=4)
    ids = [cell.id for cell in book.cells]
    book.cells = book.cells[: ids.index(until) + 1]
    for cell in book.cells:
        cell.source = CHANGED.get(cell.id, cell.source)
    book.cells.insert(ids.index("open") + 1, new_code_cell(SAID))
    nbformat.write(book, notebooks / f"{name}.ipynb")
