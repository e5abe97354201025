"""A made report as mail reads it: what its JSON says, and the files beside that."""

import json
from dataclasses import dataclass
from pathlib import Path

import nbformat
from pydantic import BaseModel, ConfigDict, ValidationError

from reportlib.publishing.mail.charts import Chart, mail_charts
from reportlib.publishing.mail.errors import MailError
from reportlib.publishing.page.process import PageProcess


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Finding(_Lenient):
    """One sentence the report stands by, as `presentation.findings.Finding`."""

    level: str = "note"
    text: str
    advice: str = ""


class Verdict(_Lenient):
    """A figure judged, as `presentation.findings.Verdict`."""

    level: str = "note"
    words: str


class Card(_Lenient):
    """One figure: numbers, or how they are written already; `share` as a number is a fraction."""

    label: str
    count: int | float | str | None = None
    share: float | str | None = None
    verdict: Verdict | None = None
    beside: str | None = None


class Table(_Lenient):
    """A table of plain texts."""

    caption: str = ""
    heads: list[str]
    rows: list[list[str | int | float | None]]


class Payload(_Lenient):
    """What a report's JSON says that mail has a use for."""

    notebook: str
    title: str
    subtitle: str = ""
    language: str = "en"
    data_as_of: str | None = None
    generated_at: str | None = None
    code_version: str = ""
    verdict: str | None = None
    findings: list[Finding] = []
    cards: list[Card] = []
    table: Table | None = None
    totals: dict | None = None


@dataclass(frozen=True)
class MadeReport:
    """A report of this edition: its name, and its files without their suffix."""

    name: str
    files: Path
    payload: Payload


def read_made(folder: Path, name: str) -> MadeReport:
    """The report NAME.json in the folder. Raises MailError where that is not a report that was made."""
    file = folder / f"{name}.json"
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
        if "failure" in about:
            raise MailError(f"{file} is of a report that could not be made: it is not mailed")
        return MadeReport(name, folder / name, Payload.model_validate(about))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise MailError(f"{file} cannot be mailed: {place}: {first['msg']}; make the report again") from None
    except (OSError, ValueError, TypeError) as error:
        raise MailError(f"{file} cannot be read as a report ({error}); make the report again") from None


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
    """Those of the report's files that exist, in the order in which they are given up last: PDF, then page."""
    files = [report.files.with_name(f"{report.name}.{kind}") for kind in ("pdf", "html") if kind in kinds]
    return [file for file in files if file.exists()]
