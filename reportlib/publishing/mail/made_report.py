"""A made report as mail reads it: its record, and the files beside that."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from reportlib.errors import InvalidRecord
from reportlib.publishing.mail.charts import Chart, mail_charts
from reportlib.publishing.mail.errors import MailError
from reportlib.publishing.page.process import PageProcess
from reportlib.reports.record import Record, read_record


@dataclass(frozen=True)
class MadeReport:
    """A report of this edition: its name, and its files without their suffix."""

    name: str
    files: Path
    record: Record


def read_made(folder: Path, name: str) -> MadeReport:
    """The report NAME.json in the folder. Raises MailError where that is not a report that was made."""
    file = folder / f"{name}.json"
    try:
        record = read_record(file)
    except InvalidRecord as error:
        raise MailError(f"{error}; make the report again") from None
    if record.failure:
        raise MailError(f"{file} is of a report that could not be made: it is not mailed")
    return MadeReport(name, folder / name, record)


def charts_of(report: MadeReport, number: int, pages: PageProcess) -> list[Chart | None]:
    """The report's first charts, from its notebook; None for one that cannot be drawn. Raises MailError."""
    if not number:
        return []
    file = report.files.with_name(f"{report.name}.ipynb")
    try:
        return mail_charts(nbformat.reads(file.read_text(encoding="utf-8"), as_version=4), number, pages)
    except (OSError, ValueError, LookupError, AttributeError) as error:
        raise MailError(f"{file} cannot be read as a notebook ({error}); make the report again") from None


def attachments_of(report: MadeReport, kinds: list[str]) -> list[Path]:
    """Those of the report's files that exist, in the order in which they are given up last: PDF, workbook, page."""
    files = [report.files.with_name(f"{report.name}.{kind}") for kind in ("pdf", "xlsx", "html") if kind in kinds]
    return [file for file in files if file.exists()]


def readable(folder: Path, names: Iterable[str], counts: Counter, tell: Callable, unheard: str) -> Iterator[MadeReport]:
    """Those of these reports that can be read; of each other one is told, with who does not hear of it."""
    for name in names:
        try:
            yield read_made(folder, name)
        except MailError as error:
            counts["not_made"] += 1
            tell(f"{name}: {unheard}: {error}")
