"""What an edition file may say of mail: who gets which report, and when."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from reportlib.errors import InvalidParameters
from reportlib.publishing.mail.addresses import parse_address
from reportlib.publishing.mail.conditions import parse_condition

ALARMS = "alarms"  # what a mailing can be about besides the reports of a notebook


def _valid_address(text: str) -> str:
    parse_address(text)
    return text


def valid_condition(text: str) -> str:
    try:
        parse_condition(text)
    except InvalidParameters as error:
        raise ValueError(str(error)) from None
    return text


def valid_link(text: str) -> str:
    try:
        parts = urlsplit(text)
        plain = text.isprintable() and not set(text) & set(' <>"\\') and not parts.query and not parts.fragment
        if plain and parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc:
            return text
    except ValueError:  # a bracket or a port that is none
        pass
    raise ValueError("should be where the reports can be opened, like https://reports.example.com/campaigns")


MailAddress = Annotated[str, AfterValidator(_valid_address)]


class Mailing(BaseModel):
    """One mail: the reports of the notebook `about` (or ALARMS), to these people, `only_if` a condition holds."""

    model_config = ConfigDict(extra="forbid", strict=True)

    to: Annotated[list[MailAddress], Field(min_length=1)]
    about: str
    only_if: Annotated[str, AfterValidator(valid_condition)] | None = None
    attach: list[Literal["pdf", "html", "xlsx"]] = ["pdf", "html"]
    charts: Annotated[int, Field(ge=0, le=3)] = 2


class MailSettings(BaseModel):
    """The part `mail:` of an edition file. `on_failure` None: everybody who gets a report."""

    model_config = ConfigDict(extra="forbid", strict=True)

    mailings: Annotated[list[Mailing], Field(min_length=1)]
    on_failure: list[MailAddress] | None = None
    link_base_url: Annotated[str, AfterValidator(valid_link)] | None = None
    size_limit_kb: Annotated[int, Field(ge=1, le=25_000)] = 1_000  # Gmail and Outlook take 20 to 25 MB
    sender: MailAddress | None = None


def told_of_failures(settings: MailSettings) -> list[str]:
    """Who is told that a report could not be made."""
    if settings.on_failure is not None:
        return settings.on_failure
    return [recipient for mailing in settings.mailings if mailing.about != ALARMS for recipient in mailing.to]
