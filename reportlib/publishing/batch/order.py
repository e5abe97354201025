"""How reports are asked to be made, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reportlib.machine import share_of_machine
from reportlib.publishing.failure import TIME_LIMIT_S, Failure

if TYPE_CHECKING:  # which imports pandas and SQLAlchemy: what draws pages needs neither
    from reportlib.reports.parameters import Report


@dataclass(frozen=True)
class Making:
    """How reports are made: charts that can be explored, a PDF beside the page, how many at once, the seconds after
    which one is stopped, whether each has a Python started for it instead of a forked one, and the address of the
    scheduler whose workers make them, where this machine does not; a picture of one screen beside
    the page."""

    interactive: bool = False
    pdf: bool = False
    jobs: int = 1
    limit_s: float = TIME_LIMIT_S
    cold: bool = False
    scheduler: str | None = None
    png: bool = False

    @property
    def sharing(self) -> dict[str, str]:
        """The variables of a report's database by which those made at once share this machine; none elsewhere."""
        return {} if self.scheduler else share_of_machine(self.jobs)


@dataclass(frozen=True)
class Order:
    """A report to be made, with all that takes wherever that is: its notebook, and the files its parameters name."""

    report: Report
    how: Making
    notebook: bytes
    files: dict[str, bytes]


@dataclass(frozen=True)
class Made:
    """What was made of an order and is to be written: the contents of its files by suffix, in that order; how long it
    took, and why there is no page if there is none."""

    files: dict[str, bytes]
    seconds: float
    failure: Failure | None = None


@dataclass(frozen=True)
class Result:
    """What became of one report: its page, how long it took, and why it failed if it did."""

    report: Report
    page: Path
    seconds: float
    failure: Failure | None = None


def last_good_of(page: Path) -> Path:
    """Where the last good page is kept while the report at this page fails."""
    return page.with_suffix(".last-good.html")
