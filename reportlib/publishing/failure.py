"""Why a report was not made."""

from dataclasses import dataclass

TIME_LIMIT_S = 600  # after which one is stopped


@dataclass(frozen=True)
class Failure:
    """Why a report was not made, as its page tells it.

    `name` is the kind of error, `place` where it happened ("cell 5") and `code` what stands there; `details` is what
    Python said. Each is empty where there is none: a ReportError is a message to a user and has no details.
    """

    name: str
    message: str
    place: str = ""
    code: str = ""
    details: str = ""

    @property
    def sentence(self) -> str:
        """What went wrong, in a line; a fault that is no message to a user goes by its name: "KeyError: 'fax'"."""
        return f"{self.name}: {self.message}" if self.details else self.message
