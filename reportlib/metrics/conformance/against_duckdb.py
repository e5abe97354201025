"""Every metric asked of a database and of its copy in DuckDB."""

from collections.abc import Iterator
from dataclasses import dataclass

from reportlib.errors import WarehouseError
from reportlib.metrics.conformance.questions import QUESTIONS, answers
from reportlib.metrics.conformance.sameness import first_difference
from reportlib.metrics.conformance.subject import subject_of
from reportlib.warehouse import Warehouse

TOLERANCE = 1e-9  # of sums of costs, which are added up in no fixed order


@dataclass(frozen=True)
class Compared:
    """How a metric's answers compare: `difference` is the first one, "" where all are the same."""

    metric: str
    answers: int
    difference: str


def compare_with_copy(warehouse: Warehouse, copy: Warehouse) -> Iterator[Compared]:
    """One after the other, what each metric answers beside what it answers of the copy.

    Raises WarehouseError where no campaign has analytics, so that there is nothing to ask.
    """
    subject = subject_of(copy)
    if subject is None:
        raise WarehouseError(f"{warehouse.address} has no campaign that is sending, sent or completed")
    for name in QUESTIONS:
        expected = answers(copy, subject, name)
        yield Compared(
            name, len(expected), first_difference(answers(warehouse, subject, name), expected, TOLERANCE, name)
        )
