"""The record of a report: the JSON beside its page, as publishing writes it and index, mail, restatements and the next
run read it."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reportlib.errors import InvalidRecord
from reportlib.presentation.look.cards import Card
from reportlib.presentation.look.finding import Finding
from reportlib.presentation.look.first_screen import Action
from reportlib.presentation.look.listing import Listing
from reportlib.reports.first_records import as_second

VERSION = 2


class Table(BaseModel):
    """A table of plain texts."""

    caption: str = ""
    heads: list[str]
    rows: list[list[str | int | float | None]]


class Failed(BaseModel):
    """Why a report could not be made."""

    name: str
    message: str


class Record(BaseModel):
    """What is known of a report. The figures a report has beside these are kept under names of its own.

    Of the run that made it: notebook, subject, parameters, made_from, code_version, generated_at, duration_s, kind,
    failure. Of the notebook's head (a `headline`): all else; a notebook without one leaves it out. Moments are ISO
    8601, in UTC.
    """

    model_config = ConfigDict(extra="allow")

    version: int = VERSION
    notebook: str = Field(description="the notebook's name, without its suffix")
    kind: str = Field("", description="the notebook's first heading")
    subject: str = Field(description="what the report is about, short: a campaign's id, an account and a week")
    parameters: dict[str, Any] = Field({}, description="each of the notebook's, as the report has it")
    made_from: dict[str, str] | None = Field(None, description="fingerprints of notebook, code, parameters and data")
    code_version: str = ""
    generated_at: str | None = None
    duration_s: float | None = Field(None, description="seconds it took")
    failure: Failed | None = Field(None, description="only where it could not be made")

    title: str = Field("", description="plain text, as the page has it above all")
    subtitle: str = ""
    language: str = Field("en", description="of the page, BCP 47")
    started_at: str | None = Field(None, description="what the report is about began; lists have the latest first")
    data_as_of: str | None = Field(None, description="up to when there are data")
    verdict: str | None = Field(None, description="the whole in a few words, as a mail's subject has it")
    level: str | None = Field(None, description="how good or bad the worst of it is, a key of look.finding.SYMBOLS")
    findings: list[Finding] = Field([], description="the verdict, with its cause as advice; what else is to be said")
    actions: list[Action] = Field([], description="what to do, what gains most first")
    believe: str = Field("", description="what of it to believe, and what not")
    cards: list[Card] = []
    table: Table | None = None
    listing: Listing | None = Field(None, description="the report's row in an index, where it wants one of its own")
    totals: dict[str, Any] | None = Field(None, description="numbers of the report, on which mails are conditional")

    account_id: str | None = None
    week: str | None = Field(None, description="the ISO week it is about: 2026-W46")
    campaign_ids: list[str] | None = Field(None, description="the campaigns it is about")
    snapshot: list[dict[str, Any]] | None = Field(None, description="rows of `metrics.snapshot`, to be restated")

    @property
    def name(self) -> str:
        """What to call it in a list: its title, or where it says none what it is about."""
        return self.title or self.subject

    @property
    def sentence(self) -> str:
        """The whole in a sentence, or ""."""
        return self.verdict or next((finding.text for finding in self.findings), "")


def written(record: Record) -> bytes:
    """The record as its file holds it: what was said of the report, and nothing that was not."""
    said = record.model_copy(update={"version": VERSION})
    return said.model_dump_json(exclude_unset=True, indent=1).encode()


def read_record(file: Path) -> Record:
    """The record in a file, of whichever version. Raises InvalidRecord where there is none, or it is not whole."""
    try:
        if isinstance(file, Path) and file.exists() and not file.is_file():  # a pipe would be waited for
            raise InvalidRecord(f"{file} cannot be read (it is no regular file)")
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidRecord(f"{file} cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise InvalidRecord(f"{file} is no JSON: it is not UTF-8 text") from None
    try:
        return record_of(as_second(json.loads(text)))
    except (ValueError, RecursionError):  # of lists in lists, a thousand deep
        raise InvalidRecord(f"{file} is no JSON") from None
    except InvalidRecord as error:
        raise InvalidRecord(f"{file} is no record of a report, or not whole: {error}") from None


def record_of(about: dict) -> Record:
    """The record that says this. Raises InvalidRecord, with the first thing that is wrong."""
    try:
        return Record.model_validate(about)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidRecord(f"{'.'.join(map(str, first['loc'])) or 'all of it'}: {first['msg']}") from None


def read_if_whole(file: Path) -> Record | None:
    """The record in a file; None where there is none that can be read."""
    try:
        return read_record(file)
    except InvalidRecord:
        return None
