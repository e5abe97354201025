"""What an edition file may say of chats: which one hears of which report, and when."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from reportlib.errors import ReportError
from reportlib.publishing.mail.settings import valid_condition, valid_link

FAILURES = "failures"  # what a chat can hear of besides reports and alarms: reports that could not be made
NAMES = {
    "slack": "Slack",
    "teams": "Teams",
    "google_chat": "Google Chat",
    "mattermost": "Mattermost",
    "webhook": "the webhook",
}
_FORM = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", re.ASCII)


class ChatError(ReportError):
    """A chat's address is missing, or is none."""


def valid_url(text: str) -> str:
    """The text, where it names an environment variable as ${NAME}; ValueError for all else, and for an address."""
    if not _FORM.fullmatch(text):
        raise ValueError("should be ${NAME}, an environment variable that holds the address: whoever has that can post")
    return text


class Chat(BaseModel):
    """A chat that hears of the reports of the notebook `about` (or of ALARMS or FAILURES), `only_if` a condition holds.

    `url` is ${NAME}, where the environment has the address of its incoming webhook.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    to: Literal[tuple(NAMES)]  # type: ignore[valid-type]
    url: Annotated[str, AfterValidator(valid_url)]
    about: str
    only_if: Annotated[str, AfterValidator(valid_condition)] | None = None

    @property
    def variable(self) -> str:
        """The environment variable that holds the address."""
        return self.url[2:-1]

    @property
    def recipient(self) -> str:
        """What the ledger calls it."""
        return f"{self.to}:{self.variable}"

    def __str__(self):
        return f"{NAMES[self.to]} ({self.variable})"


class NotifySettings(BaseModel):
    """The part `notify:` of an edition file. `link_base_url` is as in `mail:`, and that of it where there is none here;
    `picture_base_url` is where the chats' own servers can fetch what is in the output folder, without a login."""

    model_config = ConfigDict(extra="forbid", strict=True)

    chats: Annotated[list[Chat], Field(min_length=1)]
    link_base_url: Annotated[str, AfterValidator(valid_link)] | None = None
    picture_base_url: Annotated[str, AfterValidator(valid_link)] | None = None
